/*
 * trace.c: see trace.h.
 */
#include "gateway/trace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "gateway/io.h"
#include "gateway/listener.h"
#include "gateway/log.h"
#include "gateway/pcap.h"

struct trace {
    bool on;
    char link[PEER_LINK_BYTES];
    uint64_t until_ms;
    uint64_t pdus;
    struct pcap *pcap;
};

struct traces {
    struct io *io;
    struct trace list[TRACES_MAX];
    uint8_t copy[PDU_BYTES_MAX];    /* of a PDU that goes into a file, without its password */
};

const char *
trace_err_name(enum trace_err err)
{
    static const char *const names[] = {"ok", "no_link", "too_many", "no_folder", "no_file"};

    return (unsigned)err < sizeof(names) / sizeof(names[0]) ? names[err] : "?";
}

const char *
trace_way_name(enum trace_way way)
{
    static const char *const names[] = {"in", "out"};

    return (unsigned)way < sizeof(names) / sizeof(names[0]) ? names[way] : "?";
}

/* --- which peer is in which trace --- */

static struct trace *
trace_of(struct traces *traces, struct slice link)
{
    for (uint32_t i = 0; i < TRACES_MAX; i++) {
        if (traces->list[i].on && slice_eq(slice_str(traces->list[i].link), link))
            return &traces->list[i];
    }
    return NULL;
}

void
trace_choose(struct peer *p)
{
    const char *name = p->link[0] ? p->link : peer_listener_id(p);

    p->trace = trace_of(p->io->traces, slice_str(name));
    p->traced = p->trace || log_on(LOG_LEVEL_DEBUG);
}

void
traces_review(struct traces *traces)
{
    const struct io *io = traces->io;

    for (uint32_t i = 0; i < io->peers_used; i++) {
        if (io->peers[i])
            trace_choose(io->peers[i]);
    }
}

void
trace_bind(struct peer *p, const struct pdu *bind, struct slice octets)
{
    struct trace *trace = trace_of(p->io->traces, bind->body.bind.system_id);

    if (!trace || p->trace)
        return;
    p->trace = trace;
    p->traced = true;
    trace_pdu(p, TRACE_IN, octets);
}

/* --- PDUs --- */

static void
file_ends(struct trace *trace, const char *why)
{
    enum log_level level = trace->pcap ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG;

    if (!trace->pcap)
        return;
    log_line(level, "trace file", "link=%s file=\"%s\" octets=%llu ended=\"%s\"", trace->link,
             pcap_path(trace->pcap), (unsigned long long)pcap_bytes(trace->pcap), why);
    if (!pcap_close(trace->pcap))
        log_line(LOG_LEVEL_WARN, "trace file", "link=%s reason=\"%s\"", trace->link,
                 strerrordesc_np(errno));
    trace->pcap = NULL;
}

static void
file_result(struct trace *trace, enum pcap_result result)
{
    switch (result) {
    case PCAP_OK:
        return;
    case PCAP_FULL:
        file_ends(trace, "it is as large as trace.file_max lets it be");
        return;
    case PCAP_FAILED:
        log_line(LOG_LEVEL_WARN, "trace file", "link=%s file=\"%s\" reason=\"%s\"", trace->link,
                 pcap_path(trace->pcap), strerrordesc_np(errno));
        file_ends(trace, "it cannot be written");
        return;
    }
}

static void
to_file(struct peer *p, enum trace_way way, struct slice octets)
{
    struct traces *traces = p->io->traces;
    struct address ours = {.length = sizeof(ours.sa)};

    if (octets.n > sizeof(traces->copy))
        return; /* no PDU is so long */
    if (getsockname(p->conn.transport.fd, (struct sockaddr *)&ours.sa, &ours.length) != 0)
        ours.sa.ss_family = AF_UNSPEC;
    memcpy(traces->copy, octets.p, octets.n);
    pdu_hide_secrets(traces->copy, octets.n);
    file_result(p->trace, pcap_write(p->trace->pcap, way == TRACE_IN ? &p->conn.address : &ours,
                                     way == TRACE_IN ? &ours : &p->conn.address,
                                     slice_of(traces->copy, octets.n)));
}

static void
to_log(const struct peer *p, enum trace_way way, struct slice octets)
{
    enum pdu_mode mode = way == TRACE_IN ? p->mode : PDU_LENIENT;
    enum log_level level = p->trace ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG;
    char dump[LOG_LINE_BYTES - 400];
    enum smpp_status status;
    struct pdu pdu;
    size_t n;

    status = pdu_decode(octets, mode, &pdu);
    /* X6: only who asks for a trace of this link gets to see what people write. */
    n = p->trace ? pdu_dump(&pdu, dump, sizeof(dump)) : pdu_dump_masked(&pdu, dump, sizeof(dump));
    log_every(level, way == TRACE_IN ? "pdu in" : "pdu out",
              "link=%s session=%u.%u peer=%s octets=%zu %s%s%s%s", p->link[0] ? p->link : "-",
              p->name.slot, p->name.generation, p->conn.peer, octets.n, dump,
              n + 1 >= sizeof(dump) ? "... cut" : "",
              status == SMPP_ROK ? "" : " undecodable=", status == SMPP_ROK
                                                            ? "" : smpp_status_name(status));
}

void
trace_pdu(struct peer *p, enum trace_way way, struct slice octets)
{
    to_log(p, way, octets);
    if (!p->trace)
        return;
    p->trace->pdus++;
    if (p->trace->pcap)
        to_file(p, way, octets);
}

/* --- on and off --- */

static bool
link_is_known(const struct io *io, const char *link)
{
    for (uint32_t i = 0; i < io->conf->carrier_count; i++) {
        if (strcmp(io->conf->carriers[i].id, link) == 0)
            return true;
    }
    for (uint32_t i = 0; i < io->conf->listener_count; i++) {
        if (strcmp(io->conf->listeners[i].id, link) == 0)
            return true;
    }
    return auth_find(&io->auth, slice_str(link)) != NULL;
}

static struct trace *
trace_free_place(struct traces *traces)
{
    for (uint32_t i = 0; i < TRACES_MAX; i++) {
        if (!traces->list[i].on)
            return &traces->list[i];
    }
    return NULL;
}

static enum trace_err
file_begins(struct traces *traces, const char *link, struct pcap **out, char *why,
            size_t why_bytes)
{
    const struct conf *conf = traces->io->conf;

    if (!conf->trace_dir || !*conf->trace_dir)
        return TRACE_NO_FOLDER;
    *out = pcap_open(conf->trace_dir, link, conf->trace_bytes_max, why, why_bytes);
    return *out ? TRACE_OK : TRACE_NO_FILE;
}

enum trace_err
trace_start(struct traces *traces, const char *link, uint64_t for_ms, bool file, char *why,
            size_t why_bytes)
{
    struct trace *trace = trace_of(traces, slice_str(link));
    enum trace_err err;

    if (!trace && !link_is_known(traces->io, link))
        return TRACE_NO_LINK;
    if (!trace)
        trace = trace_free_place(traces);
    if (!trace)
        return TRACE_TOO_MANY;
    if (file && !trace->pcap) {
        err = file_begins(traces, link, &trace->pcap, why, why_bytes);
        if (err != TRACE_OK)
            return err;
    }
    if (!trace->on)
        trace->pdus = 0;
    trace->on = true;
    trace->until_ms = traces->io->now_ms + for_ms;
    snprintf(trace->link, sizeof(trace->link), "%s", link);
    log_line(LOG_LEVEL_INFO, "trace on", "link=%s seconds=%llu file=\"%s\"", link,
             (unsigned long long)for_ms / 1000, trace->pcap ? pcap_path(trace->pcap) : "");
    traces_review(traces);
    io_sweep_by(traces->io, trace->until_ms);
    return TRACE_OK;
}

static void
trace_ends(struct traces *traces, struct trace *trace, const char *why)
{
    file_ends(trace, why);
    trace->on = false;
    log_line(LOG_LEVEL_INFO, "trace off", "link=%s pdus=%llu reason=\"%s\"", trace->link,
             (unsigned long long)trace->pdus, why);
    traces_review(traces);
}

bool
trace_stop(struct traces *traces, const char *link)
{
    struct trace *trace = trace_of(traces, slice_str(link));

    if (!trace)
        return false;
    trace_ends(traces, trace, "switched off");
    return true;
}

bool
traces_next(const struct traces *traces, uint32_t *at, struct trace_state *out)
{
    uint64_t now = traces->io->now_ms;

    while (*at < TRACES_MAX) {
        const struct trace *trace = &traces->list[(*at)++];

        if (!trace->on)
            continue;
        *out = (struct trace_state){
            .link = trace->link,
            .left_ms = trace->until_ms > now ? trace->until_ms - now : 0,
            .pdus = trace->pdus,
            .file = trace->pcap ? pcap_path(trace->pcap) : NULL,
            .file_bytes = trace->pcap ? pcap_bytes(trace->pcap) : 0,
        };
        return true;
    }
    return false;
}

uint64_t
traces_tick(struct traces *traces)
{
    uint64_t next = UINT64_MAX;

    for (uint32_t i = 0; i < TRACES_MAX; i++) {
        struct trace *trace = &traces->list[i];

        if (trace->on && trace->until_ms <= traces->io->now_ms)
            trace_ends(traces, trace, "its time is over");
        if (trace->on && trace->pcap)
            file_result(trace, pcap_flush(trace->pcap));
        if (trace->on && trace->until_ms < next)
            next = trace->until_ms;
    }
    return next;
}

struct traces *
traces_new(struct io *io)
{
    struct traces *traces = calloc(1, sizeof(*traces));

    if (traces)
        traces->io = io;
    return traces;
}

void
traces_free(struct traces *traces)
{
    if (!traces)
        return;
    for (uint32_t i = 0; i < TRACES_MAX; i++)
        file_ends(&traces->list[i], "stopping");
    free(traces);
}

/*
 * control.c: see control.h.
 */
#include "gateway/control.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>

#include "conf/conf_tls.h"
#include "gateway/admin.h"
#include "gateway/carrier.h"
#include "gateway/clock.h"
#include "gateway/listener.h"
#include "gateway/log.h"
#include "gateway/trace.h"

struct control {
    struct io *io;
    const char *conf_path;
    struct watch *watches[4];
    bool stop, reload, metrics;     /* asked for */
    enum control_stage stage;
    uint64_t until_ms;              /* the stage ends at the latest */
    uint64_t expiry_due_ms;         /* the next look at the ends of certificates */
    int64_t expiry_seen_s;          /* Unix time of the last */
    bool tell_conf, tell_stop;      /* events that no batch had room for yet */
    struct conf *retired;               /* the relay may still use it */
};

const char *
control_stage_name(enum control_stage stage)
{
    static const char *const names[] = {"running", "draining", "unbinding", "done"};

    return (unsigned)stage < sizeof(names) / sizeof(names[0]) ? names[stage] : "?";
}

/* --- certificates --- */

static void
expiry_changed(const struct conf_tls *tls, const char *kind, const char *id, int64_t before_s,
               int64_t now_s)
{
    enum conf_expiry expiry = conf_expiry_of(tls->expires_s, now_s);

    /* An old one is told of every day, the rest once for each step. */
    if (expiry == EXPIRY_FAR ||
        (expiry != EXPIRY_PAST && expiry == conf_expiry_of(tls->expires_s, before_s)))
        return;
    log_line(expiry == EXPIRY_PAST ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN, "certificate expires",
             "%s=%s within=%s file=\"%s\"", kind, id, conf_expiry_name(expiry), tls->certificate);
}

/* What is so at a load, the configuration's warnings say. */
static void
expiry_note(struct control *ctl)
{
    ctl->expiry_seen_s = (int64_t)(clock_wall_ms() / 1000);
    ctl->expiry_due_ms = ctl->io->now_ms + EXPIRY_CHECK_MS;
}

static void
expiry_check(struct control *ctl)
{
    const struct conf *conf = ctl->io->conf;
    int64_t now_s = (int64_t)(clock_wall_ms() / 1000);

    for (uint32_t i = 0; i < conf->listener_count; i++)
        expiry_changed(&conf->listeners[i].tls, "listener", conf->listeners[i].id,
                       ctl->expiry_seen_s, now_s);
    for (uint32_t i = 0; i < conf->carrier_count; i++)
        expiry_changed(&conf->carriers[i].tls, "link", conf->carriers[i].id, ctl->expiry_seen_s,
                       now_s);
    expiry_note(ctl);
}

/* --- signals --- */

static void
on_stop(void *context, unsigned signo)
{
    struct control *ctl = context;

    (void)signo;
    ctl->stop = true;
}

static void
on_reload(void *context, unsigned signo)
{
    struct control *ctl = context;

    (void)signo;
    ctl->reload = true;
}

static void
on_metrics(void *context, unsigned signo)
{
    struct control *ctl = context;

    (void)signo;
    ctl->metrics = true;
}

struct control *
control_new(struct io *io, const char *conf_path)
{
    struct control *ctl = calloc(1, sizeof(*ctl));

    if (!ctl)
        return NULL;
    ctl->io = io;
    ctl->conf_path = conf_path;
    expiry_note(ctl);
    ctl->watches[0] = loop_signal(io->loop, SIGTERM, on_stop, ctl);
    ctl->watches[1] = loop_signal(io->loop, SIGINT, on_stop, ctl);
    ctl->watches[2] = loop_signal(io->loop, SIGHUP, on_reload, ctl);
    ctl->watches[3] = loop_signal(io->loop, SIGUSR1, on_metrics, ctl);
    for (size_t i = 0; i < 4; i++) {
        if (!ctl->watches[i]) {
            control_free(ctl);
            return NULL;
        }
    }
    return ctl;
}

void
control_free(struct control *ctl)
{
    if (!ctl)
        return;
    for (size_t i = 0; i < 4; i++)
        watch_free(ctl->watches[i]);
    conf_free(ctl->retired);
    free(ctl);
}

/* --- metrics --- */

static void
metrics(struct control *ctl)
{
    char line[LOG_LINE_BYTES];
    struct io_counters io = io_counters_now(ctl->io);
    struct published relay;
    size_t n = 0;

    mailbox_published(ctl->io->box, &relay);
    line[0] = '\0';
    n = metrics_append(line, sizeof(line), n, driver_counter_defs, driver_counter_def_count,
                       &relay.driver);
    n = metrics_append(line, sizeof(line), n, relay_counter_defs, relay_counter_def_count,
                       &relay.relay);
    metrics_append(line, sizeof(line), n, io_counter_defs, io_counter_def_count, &io);
    log_line(LOG_LEVEL_INFO, "metrics", "outstanding=%u%s", relay.outstanding, line);
}

/* --- reload --- */

/* Lines of warnings say so in front; in the log the level does. */
static void
log_problem(const char *line)
{
    static const char warning[] = "warning: ";
    bool warns = strncmp(line, warning, sizeof(warning) - 1) == 0;

    log_line(warns ? LOG_LEVEL_WARN : LOG_LEVEL_ERROR, "configuration", "problem=\"%s\"",
             warns ? line + sizeof(warning) - 1 : line);
}

struct conf *
control_load(const char *conf_path, int *status)
{
    struct conf_problems problems = {0};
    struct conf *conf = conf_load(conf_path, &problems);

    for (size_t i = 0; i < problems.count; i++)
        log_problem(problems.lines[i]);
    *status = problems.exit_status;
    conf_problems_free(&problems);
    return conf;
}

/* What only a start can change. */
static void
warn_of_fixed(const struct conf *before, const struct conf *now)
{
    if (strcmp(before->store_dir, now->store_dir) != 0 ||
        before->store_max_bytes != now->store_max_bytes ||
        before->store_refuse_percent != now->store_refuse_percent ||
        before->store_reserve_bytes != now->store_reserve_bytes)
        log_line(LOG_LEVEL_WARN, "store unchanged", "reason=\"its options need a restart\"");
}

static void
take_conf(struct control *ctl, struct conf *conf, const struct auth *auth)
{
    struct io *io = ctl->io;
    struct auth before = io->auth;
    uint64_t until = io->now_ms + conf->drain_ms;
    enum log_level level;
    bool ok;

    warn_of_fixed(io->conf, conf);
    io->auth = *auth;
    auth_inherit(&io->auth, &before);
    if (log_level_by_name(conf->log_level, &level))
        log_set_level(level);
    traces_review(io->traces);
    ctl->retired = io->conf;
    io->conf = conf;
    ctl->tell_conf = true;
    ok = listeners_reload(io->listeners, &before, until);
    ok = carriers_reload(io->carriers, until) && ok;
    ok = admin_reload(io->admin) && ok;
    auth_release(&before);
    expiry_note(ctl);
    io->counters.reloads++;
    log_line(ok ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR, "reloaded", "complete=%s reloads=%llu",
             ok ? "yes" : "no", (unsigned long long)io->counters.reloads);
}

/* A file with any problem changes nothing (faults.md row 29). */
static void
reload(struct control *ctl)
{
    int status;
    struct conf *conf = control_load(ctl->conf_path, &status);
    struct auth auth;

    if (conf && !auth_init(&auth, conf)) {
        conf_free(conf);
        conf = NULL;
    }
    if (!conf) {
        ctl->io->counters.reloads_refused++;
        log_line(LOG_LEVEL_ERROR, "reload refused", "reason=\"nothing was changed\"");
        return;
    }
    take_conf(ctl, conf, &auth);
}

/* The relay thread has taken the new configuration, so nobody uses the old one. */
static void
free_retired(struct control *ctl)
{
    struct published published;

    mailbox_published(ctl->io->box, &published);
    if (published.conf != ctl->io->conf)
        return;
    conf_free(ctl->retired);
    ctl->retired = NULL;
}

static void
tell(struct control *ctl)
{
    static const struct session_name nobody;

    if (ctl->tell_conf && io_batch(ctl->io)) {
        io_event(ctl->io, EV_CONF, nobody, 0)->u.conf = ctl->io->conf;
        ctl->tell_conf = false;
    }
    if (ctl->tell_stop && io_batch(ctl->io)) {
        io_event(ctl->io, EV_STOP, nobody, 0);
        ctl->tell_stop = false;
    }
}

/* --- stop --- */

static void
stage_set(struct control *ctl, enum control_stage stage, uint64_t until_ms)
{
    assert(stage > ctl->stage);
    ctl->stage = stage;
    ctl->until_ms = until_ms;
    log_line(LOG_LEVEL_INFO, "stopping", "stage=%s", control_stage_name(stage));
    io_sweep_by(ctl->io, ctl->io->now_ms + SWEEP_MIN_MS);
}

static void
begin_stop(struct control *ctl)
{
    struct io *io = ctl->io;

    io->refusing = true;
    listeners_stop(io->listeners);
    carriers_stop(io->carriers);
    ctl->tell_stop = true;
    stage_set(ctl, CONTROL_DRAINING, io->now_ms + io->conf->drain_ms);
}

/* Nothing on the wire without a durable outcome, and no request without its response. */
static bool
drained(const struct control *ctl)
{
    const struct io *io = ctl->io;
    struct published published;

    mailbox_published(io->box, &published);
    if (published.stops == 0 || published.outstanding > 0)
        return false;
    for (uint32_t i = 0; i < io->peers_used; i++) {
        if (io->peers[i] && io->peers[i]->unanswered > 0)
            return false;
    }
    return true;
}

static void
begin_unbind(struct control *ctl)
{
    struct io *io = ctl->io;

    for (uint32_t i = 0; i < io->peers_used; i++) {
        if (io->peers[i])
            peer_unbind(io->peers[i]);
    }
    stage_set(ctl, CONTROL_UNBINDING, io->now_ms + UNBIND_MS + LINGER_MS);
}

static bool
peers_gone(struct io *io, bool force)
{
    bool gone = true;

    for (uint32_t i = 0; i < io->peers_used; i++) {
        if (!io->peers[i])
            continue;
        gone = false;
        if (force)
            io_dead(io->peers[i]);
    }
    return gone;
}

static void
stop_step(struct control *ctl)
{
    bool late = ctl->io->now_ms >= ctl->until_ms;

    switch (ctl->stage) {
    case CONTROL_RUNNING:
    case CONTROL_DONE:
        return;
    case CONTROL_DRAINING:
        if (late || drained(ctl))
            begin_unbind(ctl);
        else
            io_sweep_by(ctl->io, ctl->io->now_ms + SWEEP_MIN_MS);
        return;
    case CONTROL_UNBINDING:
        if (peers_gone(ctl->io, late))
            stage_set(ctl, CONTROL_DONE, 0);
        else
            io_sweep_by(ctl->io, ctl->io->now_ms + SWEEP_MIN_MS);
        return;
    }
}

void
control_work(struct control *ctl)
{
    if (ctl->metrics)
        metrics(ctl);
    ctl->metrics = false;
    if (ctl->io->now_ms >= ctl->expiry_due_ms)
        expiry_check(ctl);
    if (ctl->retired && !ctl->tell_conf)
        free_retired(ctl);
    if (ctl->reload && !ctl->retired && ctl->stage == CONTROL_RUNNING) {
        ctl->reload = false;
        reload(ctl);
    }
    if (ctl->stop && ctl->stage == CONTROL_RUNNING)
        begin_stop(ctl);
    else if (ctl->stop)
        ctl->until_ms = ctl->io->now_ms; /* asked again: do not wait any longer */
    ctl->stop = false;
    tell(ctl);
    stop_step(ctl);
}

bool
control_done(const struct control *ctl)
{
    return ctl->stage == CONTROL_DONE;
}

enum control_stage
control_stage_of(const struct control *ctl)
{
    return ctl->stage;
}

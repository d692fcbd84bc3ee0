/*
 * smpp-source.c: the load. Sends messages over n binds with a window each and measures the time to
 * each response. It is an app (connects, binds, sends submit_sm) or, with --listen, a carrier that
 * waits for the gateway's binds and sends it deliver_sm.
 *
 * Every message has a number of its own at the beginning of its text, so that the sink can tell
 * what was lost and what came twice. Destinations go through a permutation of a million numbers.
 * With --stamp 1 the time when it was due follows, so that the sink can tell how long it was on its
 * way. With --rate, the clock of a message starts when it was due, not when the window let it out.
 */
#include <stdio.h>
#include <stdlib.h>

#include "protocol/pdu.h"
#include "tests/bench/bench_hist.h"
#include "tests/bench/bench_smpp.h"

#define WINDOW_MAX 32768u
#define PENDING (WINDOW_MAX * 2)
#define DIGITS 10u                  /* of a message's number */
#define DEST_DIGITS 6u
#define DEST_STEP 618033u           /* coprime to a million */
#define OUT_BYTES_MAX (1024u * 1024u)
#define STALL_NS 5000000000u

struct options {
    uint64_t port, listen, binds, window, seconds, count, rate, receipts, dests, text, first, stamp;
    uint64_t silent;                /* seconds that the binds are only kept open */
    const char *system_id, *password, *from, *bind;
};

struct pending {
    uint64_t *sent_ns;              /* by sequence number; 0: nothing outstanding */
    uint32_t outstanding;
};

struct source {
    struct options o;
    struct bench_loop loop;
    uint8_t message[512];           /* the template */
    size_t message_n, dest_at, text_at;
    bool sending;
    uint32_t bound, turn;
    uint64_t sent, ok, failed, receipts;
    uint64_t start_ns, last_ns, last_receipt_ns;
    uint32_t first_error;
    struct bench_hist hist;
};

static struct source *
source_of(struct bench_loop *loop)
{
    return loop->user;
}

/* One message with everything that stays the same; what differs is patched in by send_one(). */
static void
make_template(struct source *s)
{
    static uint8_t text[160];
    struct pdu pdu = {.command_id = s->o.listen ? SMPP_DELIVER_SM : SMPP_SUBMIT_SM};
    struct pdu_sm *sm = &pdu.body.sm;

    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (uint8_t)("the quick brown fox jumps over it "[i % 34]);
    sm->source = (struct pdu_address){1, 1, slice_str(s->o.from)};
    sm->dest = (struct pdu_address){1, 1, SLICE_LIT("13035000000")};
    sm->registered_delivery = s->o.receipts ? SMPP_REGISTERED_FINAL : SMPP_REGISTERED_NONE;
    memset(text, '0', DIGITS);
    sm->short_message = slice_of(text, s->o.text);
    s->message_n = pdu_encode(&pdu, s->message, sizeof(s->message));
    if (s->message_n == 0)
        bench_die("the message's fields are too long");
    s->text_at = s->message_n - s->o.text;
    s->dest_at = PDU_HEADER_BYTES + 1 + 2 + strlen(s->o.from) + 1 + 2 + 5;
}

static void
send_one(struct source *s, struct bench_peer *peer, uint64_t due_ns)
{
    struct pending *pending = peer->user;
    uint64_t number = s->o.first + s->sent;
    uint32_t sequence = ++peer->sequence;
    uint8_t *p = bench_put(&s->loop, peer, s->message_n);

    memcpy(p, s->message, s->message_n);
    bench_set_u32(p + 12, sequence);
    bench_set_digits(p + s->dest_at, DEST_DIGITS, number % s->o.dests * DEST_STEP % 1000000);
    bench_set_digits(p + s->text_at, DIGITS, number);
    if (s->o.stamp)
        bench_set_digits(p + s->text_at + BENCH_STAMP_AT, BENCH_STAMP_DIGITS, due_ns);
    pending->sent_ns[sequence % PENDING] = due_ns;
    pending->outstanding++;
    s->sent++;
}

static uint64_t
due_ns(const struct source *s)
{
    return s->o.rate ? s->start_ns + s->sent * 1000000000u / s->o.rate : s->loop.now_ns;
}

/* When the next message is due; 0 for none now. */
static uint64_t
next_due(const struct source *s)
{
    uint64_t due = due_ns(s);

    if (s->o.count && s->sent >= s->o.count)
        return 0;
    return due <= s->loop.now_ns ? due : 0;
}

/* How long the loop may sleep: until the next is due, or until a window opens. */
static uint64_t
idle_ns(const struct source *s)
{
    uint64_t now = bench_now_ns(), due = due_ns(s);

    if (s->sent == 0)
        return 0;
    return s->o.rate && due > now && due - now < 10000000u ? due - now : 10000000u;
}

static bool
may_send(const struct source *s, const struct bench_peer *peer)
{
    const struct pending *pending = peer->user;

    return peer->fd >= 0 && peer->bound && pending && pending->outstanding < s->o.window &&
           peer->out_n < OUT_BYTES_MAX &&
           pending->sent_ns[(peer->sequence + 1) % PENDING] == 0;
}

/* Fills the windows, one message per bind in turn, so that a rate is spread over all of them. */
static void
fill_windows(struct bench_loop *loop)
{
    struct source *s = source_of(loop);
    uint32_t idle = 0;
    uint64_t due;

    while (s->sending && idle < loop->peers_n && (due = next_due(s)) != 0) {
        struct bench_peer *peer = loop->peers[s->turn++ % loop->peers_n];

        if (may_send(s, peer)) {
            send_one(s, peer, due);
            idle = 0;
        } else {
            idle++;
        }
    }
}

static void
take_response(struct source *s, struct bench_peer *peer, struct slice pdu)
{
    struct pending *pending = peer->user;
    uint64_t *sent_ns = &pending->sent_ns[bench_sequence(pdu) % PENDING];

    if (*sent_ns == 0)
        return;
    if (bench_status(pdu) == SMPP_ROK) {
        s->ok++;
        bench_hist_add(&s->hist, s->loop.now_ns - *sent_ns);
    } else {
        s->failed++;
        if (!s->first_error)
            s->first_error = bench_status(pdu);
    }
    *sent_ns = 0;
    pending->outstanding--;
    s->last_ns = s->loop.now_ns;
}

static void
take_bind(struct source *s, struct bench_peer *peer)
{
    struct pending *pending = calloc(1, sizeof(*pending));

    if (!pending || !(pending->sent_ns = calloc(PENDING, sizeof(uint64_t))))
        bench_die("memory");
    peer->user = pending;
    peer->bound = true;
    s->bound++;
}

static void
on_pdu(struct bench_loop *loop, struct bench_peer *peer, struct slice pdu)
{
    struct source *s = source_of(loop);
    uint32_t command = bench_command(pdu);

    if (command == SMPP_SUBMIT_SM_RESP || command == SMPP_DELIVER_SM_RESP) {
        if (peer->user)
            take_response(s, peer, pdu);
    } else if (command == SMPP_DELIVER_SM) {
        bench_put_response(loop, peer, pdu, SLICE_NONE);
        s->receipts++;
        s->last_receipt_ns = loop->now_ns;
    } else if (command == SMPP_SUBMIT_SM) {
        bench_put_response(loop, peer, pdu, SLICE_LIT("0"));
    } else if (smpp_is_response(command) && smpp_is_bind(command & ~BENCH_RESPONSE)) {
        if (bench_status(pdu) != SMPP_ROK) {
            fprintf(stderr, "bind refused with status %u\n", bench_status(pdu));
            exit(1);
        }
        take_bind(s, peer);
    } else if (bench_housekeeping(loop, peer, pdu) && smpp_is_bind(command)) {
        take_bind(s, peer);
    }
}

static void
on_close(struct bench_loop *loop, struct bench_peer *peer)
{
    struct source *s = source_of(loop);
    struct pending *pending = peer->user;

    if (pending) {
        fprintf(stderr, "bind %u closed, %u outstanding\n", peer->index, pending->outstanding);
        s->failed += pending->outstanding;
        pending->outstanding = 0;
        s->bound--;
    }
}

static void
open_binds(struct source *s)
{
    uint64_t until = s->loop.now_ns + 20000000000u;
    uint32_t command = strcmp(s->o.bind, "transmitter") == 0 ? SMPP_BIND_TRANSMITTER
                                                             : SMPP_BIND_TRANSCEIVER;

    if (s->o.listen) {
        printf("port %u\n", bench_listen(&s->loop, (uint16_t)s->o.port));
        fflush(stdout);
    }
    for (uint64_t i = 0; !s->o.listen && i < s->o.binds; i++)
        bench_put_bind(&s->loop, bench_connect(&s->loop, (uint16_t)s->o.port), command,
                       s->o.system_id, s->o.password);
    while (s->bound < s->o.binds) {
        bench_turn(&s->loop, 10000000);
        if (s->loop.now_ns > until)
            bench_die("not all binds came up in 20 s");
    }
    printf("bound %u\n", s->bound);
    fflush(stdout);
}

static void
send_all(struct source *s)
{
    uint64_t until;

    s->start_ns = bench_now_ns();
    until = s->start_ns + s->o.seconds * 1000000000u;
    s->sending = true;
    while ((!s->o.seconds || s->loop.now_ns < until) && (!s->o.count || s->sent < s->o.count) &&
           s->bound > 0)
        bench_turn(&s->loop, idle_ns(s));
    s->sending = false;
}

/* What is still under way comes home; ends when nothing has come for a while. */
static void
drain(struct source *s)
{
    uint64_t seen = 0, since = bench_now_ns();

    while (s->ok + s->failed < s->sent || (s->o.receipts && s->receipts < s->ok)) {
        bench_turn(&s->loop, 1000000);
        if (s->ok + s->failed + s->receipts != seen) {
            seen = s->ok + s->failed + s->receipts;
            since = s->loop.now_ns;
        } else if (s->loop.now_ns - since > STALL_NS) {
            break;
        }
    }
}

static void
report(const struct source *s)
{
    double elapsed = (double)(s->last_ns - s->start_ns) / 1e9;
    double receipts = (double)(s->last_receipt_ns - s->start_ns) / 1e9;
    uint64_t messages = s->sent ? s->sent : 1;

    printf("{\"sent\": %lu, \"ok\": %lu, \"failed\": %lu, \"first_error\": %u, \"receipts\": %lu, ",
           s->sent, s->ok, s->failed, s->first_error, s->receipts);
    printf("\"start_ns\": %lu, \"seconds\": %.4f, \"per_s\": %.0f, \"receipts_per_s\": %.0f, ",
           s->start_ns, elapsed, elapsed > 0 ? (double)s->ok / elapsed : 0,
           s->receipts ? (double)s->receipts / receipts : 0);
    printf("\"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, \"max_us\": %.1f, ",
           bench_hist_us(&s->hist, 0.5), bench_hist_us(&s->hist, 0.99),
           bench_hist_us(&s->hist, 0.999), bench_hist_us(&s->hist, 1));
    printf("\"cpu_us_per_message\": %.3f}\n", bench_cpu_us() / (double)messages);
    fflush(stdout);
}

static void
unbind_all(struct source *s)
{
    uint64_t until = s->loop.now_ns + 500000000u;

    for (uint32_t i = 0; i < s->loop.peers_n; i++)
        if (s->loop.peers[i]->fd >= 0)
            bench_put_header(&s->loop, s->loop.peers[i], SMPP_UNBIND, SMPP_ROK,
                             ++s->loop.peers[i]->sequence);
    while (s->bound > 0 && s->loop.now_ns < until)
        bench_turn(&s->loop, 10000000);
}

static bool
set_number(struct options *o, const char *name, const char *value)
{
    const struct {
        const char *name;
        uint64_t *number;
    } numbers[] = {
        {"port", &o->port},     {"listen", &o->listen},     {"binds", &o->binds},
        {"window", &o->window}, {"seconds", &o->seconds},   {"count", &o->count},
        {"rate", &o->rate},     {"receipts", &o->receipts}, {"dests", &o->dests},
        {"text", &o->text},     {"first", &o->first},       {"stamp", &o->stamp},
        {"silent", &o->silent},
    };

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (strcmp(numbers[i].name, name) == 0) {
            *numbers[i].number = bench_number(name, value);
            return true;
        }
    }
    return false;
}

static void
parse(struct options *o, int argc, char **argv)
{
    const char *name, *value;

    while (bench_option(&argc, &argv, &name, &value)) {
        if (set_number(o, name, value))
            continue;
        if (strcmp(name, "system-id") == 0)
            o->system_id = value;
        else if (strcmp(name, "password") == 0)
            o->password = value;
        else if (strcmp(name, "from") == 0)
            o->from = value;
        else if (strcmp(name, "bind") == 0)
            o->bind = value;
        else
            bench_die(name);
    }
    if (o->window == 0 || o->window > WINDOW_MAX || o->text < DIGITS || o->text > 160 ||
        o->dests == 0 || (o->stamp && o->text < BENCH_STAMP_AT + BENCH_STAMP_DIGITS) ||
        (!o->seconds && !o->count)) {
        fprintf(stderr, "window 1..32768, text 10..160, and --seconds or --count\n");
        exit(2);
    }
}

int
main(int argc, char **argv)
{
    static const struct bench_handlers handlers = {
        .on_pdu = on_pdu, .on_close = on_close, .before_write = fill_windows};
    static struct source s = {.o = {.binds = 1, .window = 10, .dests = 1000000, .text = 100,
                                    .system_id = "crm", .password = "secret",
                                    .from = "12025550170", .bind = "transceiver"}};

    parse(&s.o, argc, argv);
    make_template(&s);
    bench_loop_init(&s.loop, &handlers);
    s.loop.user = &s;
    open_binds(&s);
    for (uint64_t until = s.loop.now_ns + s.o.silent * 1000000000u; s.loop.now_ns < until;)
        bench_turn(&s.loop, 100000000);
    send_all(&s);
    drain(&s);
    report(&s);
    unbind_all(&s);
    return 0;
}

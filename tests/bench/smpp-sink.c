/*
 * smpp-sink.c: the carrier of the benchmarks. Accepts every bind, answers submit_sm with a message
 * id, at once or after a latency, and can send a delivery receipt for each. It counts each message
 * by the number in its text: what came twice and what never came is part of the result.
 *
 * Messages with numbers from --stamped-from on say when they were due; how long each of them took,
 * up to our response, is reported too.
 *
 * Prints "port N" when it listens, and a line of JSON at SIGUSR1 and at SIGTERM, which ends it.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "protocol/pdu.h"
#include "tests/bench/bench_hist.h"
#include "tests/bench/bench_smpp.h"

#define NUMBER_DIGITS 10u
#define ID_DIGITS 10u
#define NUMBERS_MAX (1u << 28)      /* messages that the map of numbers seen has room for */
#define ADDRESS_MAX 21u

/* A response or a receipt that waits for its time or for room in the window. */
struct waiting {
    uint64_t due_ns;
    uint64_t id;
    uint32_t peer;
    uint32_t sequence;
    char source[ADDRESS_MAX], dest[ADDRESS_MAX];
    bool receipt;                   /* is wanted */
};

/* A queue in a ring that grows. */
struct ring {
    struct waiting *items;
    size_t head, count, cap;
};

struct sink {
    uint64_t port, latency_us, window, stamped_from;
    bool receipts;
    struct bench_loop loop;
    struct ring responses, receipts_due;
    uint8_t *seen;
    uint64_t received, distinct, duplicates, unnumbered, receipts_sent, receipts_acked;
    uint64_t first_ns, last_ns;
    struct bench_hist stamped;
};

static volatile sig_atomic_t stop_wanted, report_wanted;

static void
on_signal(int signal_number)
{
    if (signal_number == SIGUSR1)
        report_wanted = 1;
    else
        stop_wanted = 1;
}

static struct waiting *
ring_push(struct ring *ring)
{
    if (ring->count == ring->cap) {
        size_t cap = ring->cap ? ring->cap * 2 : 1024;
        struct waiting *items = malloc(cap * sizeof(*items));

        if (!items)
            bench_die("memory");
        for (size_t i = 0; i < ring->count; i++)
            items[i] = ring->items[(ring->head + i) % ring->cap];
        free(ring->items);
        ring->items = items;
        ring->head = 0;
        ring->cap = cap;
    }
    return &ring->items[(ring->head + ring->count++) % ring->cap];
}

static void
ring_pop(struct ring *ring)
{
    ring->head = (ring->head + 1) % ring->cap;
    ring->count--;
}

static bool
number_at(struct slice text, size_t at, size_t digits, uint64_t *out)
{
    *out = 0;
    for (size_t i = at; i < at + digits; i++) {
        if (i >= text.n || text.p[i] < '0' || text.p[i] > '9')
            return false;
        *out = *out * 10 + (uint64_t)(text.p[i] - '0');
    }
    return true;
}

static void
count_message(struct sink *s, struct slice text)
{
    uint64_t number, due_ns;

    s->received++;
    s->last_ns = s->loop.now_ns;
    if (!s->first_ns)
        s->first_ns = s->loop.now_ns;
    if (!number_at(text, 0, NUMBER_DIGITS, &number)) {
        s->unnumbered++;
        return;
    }
    if (s->stamped_from && number >= s->stamped_from &&
        number_at(text, BENCH_STAMP_AT, BENCH_STAMP_DIGITS, &due_ns))
        bench_hist_add(&s->stamped, s->loop.now_ns - due_ns + s->latency_us * 1000);
    number %= NUMBERS_MAX;
    if (s->seen[number / 8] & 1u << number % 8)
        s->duplicates++;
    else
        s->distinct++;
    s->seen[number / 8] = (uint8_t)(s->seen[number / 8] | 1u << number % 8);
}

static void
answer(struct sink *s, struct bench_peer *peer, uint32_t sequence, uint64_t id)
{
    size_t n = PDU_HEADER_BYTES + ID_DIGITS + 1;
    uint8_t *p = bench_put(&s->loop, peer, n);

    bench_set_u32(p, (uint32_t)n);
    bench_set_u32(p + 4, SMPP_SUBMIT_SM_RESP);
    bench_set_u32(p + 8, SMPP_ROK);
    bench_set_u32(p + 12, sequence);
    bench_set_digits(p + PDU_HEADER_BYTES, ID_DIGITS, id);
    p[n - 1] = 0;
}

static void
copy_address(char to[ADDRESS_MAX], struct slice from)
{
    memcpy(to, from.p, from.n);
    to[from.n] = '\0';
}

static void
wait_with(struct ring *ring, struct bench_peer *peer, struct slice pdu, uint64_t due_ns,
          const struct bench_sm *sm, uint64_t id)
{
    struct waiting *w = ring_push(ring);

    *w = (struct waiting){.due_ns = due_ns, .id = id, .peer = peer->index,
                          .sequence = bench_sequence(pdu),
                          .receipt = sm->registered_delivery & SMPP_REGISTERED_FINAL};
    copy_address(w->source, sm->source);
    copy_address(w->dest, sm->dest);
}

static void
take_message(struct sink *s, struct bench_peer *peer, struct slice pdu)
{
    struct bench_sm sm = {.text = SLICE_NONE};
    uint64_t id;

    if (!bench_sm(pdu, &sm))
        fprintf(stderr, "a message that cannot be read\n");
    count_message(s, sm.text);
    id = s->received;
    if (s->latency_us) {
        wait_with(&s->responses, peer, pdu, s->loop.now_ns + s->latency_us * 1000, &sm, id);
        return;
    }
    answer(s, peer, bench_sequence(pdu), id);
    if (s->receipts && sm.registered_delivery & SMPP_REGISTERED_FINAL)
        wait_with(&s->receipts_due, peer, pdu, 0, &sm, id);
}

static void
send_receipt(struct sink *s, struct bench_peer *peer, const struct waiting *w)
{
    struct pdu pdu = {.command_id = SMPP_DELIVER_SM, .sequence_number = ++peer->sequence};
    struct pdu_sm *sm = &pdu.body.sm;
    char text[160], id[ID_DIGITS + 1] = {0};
    uint8_t state = 2, tlvs[64], buf[512];
    size_t tlvs_n = 0, n;

    bench_set_digits((uint8_t *)id, ID_DIGITS, w->id);
    snprintf(text, sizeof(text), "id:%s sub:001 dlvrd:001 submit date:2401010000 "
             "done date:2401010000 stat:DELIVRD err:000 text:", id);
    sm->source = (struct pdu_address){1, 1, slice_str(w->dest)};
    sm->dest = (struct pdu_address){1, 1, slice_str(w->source)};
    sm->esm_class = SMPP_ESM_RECEIPT;
    sm->short_message = slice_str(text);
    tlv_put(tlvs, sizeof(tlvs), &tlvs_n, SMPP_TAG_RECEIPTED_MESSAGE_ID,
            slice_of(id, sizeof(id)));
    tlv_put(tlvs, sizeof(tlvs), &tlvs_n, SMPP_TAG_MESSAGE_STATE, slice_of(&state, 1));
    pdu.tlvs = slice_of(tlvs, tlvs_n);
    n = pdu_encode(&pdu, buf, sizeof(buf));
    memcpy(bench_put(&s->loop, peer, n), buf, n);
    s->receipts_sent++;
}

/* Responses whose time has come, and receipts for which there is room in the window. */
static void
send_due(struct bench_loop *loop)
{
    struct sink *s = loop->user;

    while (s->responses.count) {
        struct waiting *w = &s->responses.items[s->responses.head];

        if (w->due_ns > loop->now_ns)
            break;
        if (loop->peers[w->peer]->fd >= 0) {
            answer(s, loop->peers[w->peer], w->sequence, w->id);
            if (s->receipts && w->receipt)
                *ring_push(&s->receipts_due) = *w;
        }
        ring_pop(&s->responses);
    }
    while (s->receipts_due.count && s->receipts_sent - s->receipts_acked < s->window) {
        struct waiting *w = &s->receipts_due.items[s->receipts_due.head];

        if (loop->peers[w->peer]->fd >= 0)
            send_receipt(s, loop->peers[w->peer], w);
        ring_pop(&s->receipts_due);
    }
}

static void
on_pdu(struct bench_loop *loop, struct bench_peer *peer, struct slice pdu)
{
    struct sink *s = loop->user;

    if (bench_command(pdu) == SMPP_SUBMIT_SM)
        take_message(s, peer, pdu);
    else if (bench_command(pdu) == SMPP_DELIVER_SM_RESP)
        s->receipts_acked++;
    else
        bench_housekeeping(loop, peer, pdu);
}

static uint32_t
binds(const struct bench_loop *loop)
{
    uint32_t bound = 0;

    for (uint32_t i = 0; i < loop->peers_n; i++)
        bound += loop->peers[i]->bound;
    return bound;
}

static void
report(const struct sink *s)
{
    printf("{\"binds\": %u, ", binds(&s->loop));
    printf("\"received\": %lu, \"distinct\": %lu, \"duplicates\": %lu, \"unnumbered\": %lu, ",
           s->received, s->distinct, s->duplicates, s->unnumbered);
    printf("\"receipts_sent\": %lu, \"receipts_acked\": %lu, ", s->receipts_sent,
           s->receipts_acked);
    printf("\"stamped\": %lu, \"stamped_p50_us\": %.1f, \"stamped_p99_us\": %.1f, ",
           s->stamped.count, bench_hist_us(&s->stamped, 0.5), bench_hist_us(&s->stamped, 0.99));
    printf("\"first_ns\": %lu, \"last_ns\": %lu, \"cpu_us_per_message\": %.3f}\n", s->first_ns,
           s->last_ns, s->received ? bench_cpu_us() / (double)s->received : 0);
    fflush(stdout);
}

static void
parse(struct sink *s, int argc, char **argv)
{
    const char *name, *value;

    while (bench_option(&argc, &argv, &name, &value)) {
        if (strcmp(name, "port") == 0)
            s->port = bench_number(name, value);
        else if (strcmp(name, "latency-us") == 0)
            s->latency_us = bench_number(name, value);
        else if (strcmp(name, "window") == 0)
            s->window = bench_number(name, value);
        else if (strcmp(name, "stamped-from") == 0)
            s->stamped_from = bench_number(name, value);
        else if (strcmp(name, "receipts") == 0)
            s->receipts = bench_number(name, value) != 0;
        else
            bench_die(name);
    }
}

/* How long the loop may sleep: until the next response is due. */
static uint64_t
idle_ns(const struct sink *s)
{
    uint64_t now = bench_now_ns(), due;

    if (s->responses.count == 0)
        return 100000000;
    due = s->responses.items[s->responses.head].due_ns;
    return due > now ? due - now : 0;
}

int
main(int argc, char **argv)
{
    static const struct bench_handlers handlers = {.on_pdu = on_pdu, .before_write = send_due};
    static struct sink s = {.window = 400};
    struct sigaction action = {.sa_handler = on_signal};

    parse(&s, argc, argv);
    s.seen = calloc(NUMBERS_MAX / 8, 1);
    if (!s.seen)
        bench_die("memory");
    sigaction(SIGUSR1, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    bench_loop_init(&s.loop, &handlers);
    s.loop.user = &s;
    printf("port %u\n", bench_listen(&s.loop, (uint16_t)s.port));
    fflush(stdout);
    while (!stop_wanted) {
        bench_turn(&s.loop, idle_ns(&s));
        if (report_wanted) {
            report_wanted = 0;
            report(&s);
        }
    }
    report(&s);
    return 0;
}

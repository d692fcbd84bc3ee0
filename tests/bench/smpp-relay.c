/*
 * smpp-relay.c: the yardsticks. Each bind of an app gets a connection of its own to the carrier,
 * and messages are passed on with new sequence numbers.
 *
 * Without --durable it is the bare relay: responses come back from the other side; the most that
 * two hops of SMPP can do here. With --durable FILE it is the durable relay: the messages of a turn
 * are appended to one file and fdatasync'ed, and only then passed on and acknowledged by the relay
 * itself: the most that any gateway can do that keeps what it has acknowledged.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "protocol/pdu.h"
#include "tests/bench/bench_smpp.h"

#define SEQUENCES 65536u
#define LOG_BYTES (64u * 1024u * 1024u)

/* One side of a pair; what it sent is answered under the other side's number. */
struct side {
    struct bench_peer *peer, *other;
    uint32_t theirs[SEQUENCES];     /* by our sequence number: the one it came with */
};

struct relay {
    struct bench_loop loop;
    uint16_t upstream;
    int log_fd;                     /* -1: bare */
    uint8_t *log;
    size_t log_n;
    uint64_t messages, commits;
};

static volatile sig_atomic_t stop_wanted;

static void
on_signal(int signal_number)
{
    (void)signal_number;
    stop_wanted = 1;
}

static struct side *
side_new(struct bench_peer *peer)
{
    struct side *side = calloc(1, sizeof(*side));

    if (!side)
        bench_die("memory");
    side->peer = peer;
    peer->user = side;
    return side;
}

static void
on_open(struct bench_loop *loop, struct bench_peer *peer)
{
    struct relay *r = loop->user;
    struct side *near_side, *far_side;

    if (!peer->accepted)
        return;
    near_side = side_new(peer);
    far_side = side_new(bench_connect(loop, r->upstream));
    near_side->other = far_side->peer;
    far_side->other = peer;
}

static void
on_close(struct bench_loop *loop, struct bench_peer *peer)
{
    struct side *side = peer->user;

    if (side && side->other)
        bench_close(loop, side->other);
}

/* Everything else waits for the turn's one commit: what was put for writing leaves after it. */
static void
keep(struct relay *r, struct slice pdu)
{
    if (r->log_n + pdu.n > LOG_BYTES)
        bench_die("a turn is larger than its log");
    memcpy(r->log + r->log_n, pdu.p, pdu.n);
    r->log_n += pdu.n;
    r->messages++;
}

static void
commit(struct bench_loop *loop)
{
    struct relay *r = loop->user;

    if (r->log_n == 0)
        return;
    if (write(r->log_fd, r->log, r->log_n) != (ssize_t)r->log_n || fdatasync(r->log_fd) != 0)
        bench_die("the log");
    r->log_n = 0;
    r->commits++;
}

static void
pass_on(struct bench_loop *loop, struct side *from, struct slice pdu, bool response)
{
    struct side *to = from->other->user;
    uint32_t sequence;
    uint8_t *p;

    if (from->other->fd < 0)
        return;
    if (response) {
        sequence = from->theirs[bench_sequence(pdu) % SEQUENCES];
    } else {
        sequence = ++to->peer->sequence;
        to->theirs[sequence % SEQUENCES] = bench_sequence(pdu);
    }
    p = bench_put(loop, to->peer, pdu.n);
    memcpy(p, pdu.p, pdu.n);
    bench_set_u32(p + 12, sequence);
}

static void
acknowledge(struct relay *r, struct bench_peer *peer, struct slice pdu)
{
    uint8_t id[10];

    bench_set_digits(id, sizeof(id), r->messages);
    bench_put_response(&r->loop, peer, pdu,
                       bench_command(pdu) == SMPP_SUBMIT_SM ? slice_of(id, sizeof(id))
                                                            : SLICE_NONE);
}

static void
on_pdu(struct bench_loop *loop, struct bench_peer *peer, struct slice pdu)
{
    struct relay *r = loop->user;
    uint32_t command = bench_command(pdu);
    bool message = command == SMPP_SUBMIT_SM || command == SMPP_DELIVER_SM;
    bool response = smpp_is_response(command);

    if (command == SMPP_ENQUIRE_LINK) {
        bench_housekeeping(loop, peer, pdu);
    } else if (r->log_fd < 0 || (!message && command != SMPP_SUBMIT_SM_RESP &&
                                 command != SMPP_DELIVER_SM_RESP)) {
        pass_on(loop, peer->user, pdu, response);
    } else if (message) {
        keep(r, pdu);
        acknowledge(r, peer, pdu);
        pass_on(loop, peer->user, pdu, false);
    }
}

int
main(int argc, char **argv)
{
    static struct bench_handlers handlers = {.on_open = on_open, .on_pdu = on_pdu,
                                             .on_close = on_close};
    static struct relay r = {.log_fd = -1};
    struct sigaction action = {.sa_handler = on_signal};
    const char *name, *value;
    uint64_t port = 0;

    while (bench_option(&argc, &argv, &name, &value)) {
        if (strcmp(name, "port") == 0)
            port = bench_number(name, value);
        else if (strcmp(name, "upstream") == 0)
            r.upstream = (uint16_t)bench_number(name, value);
        else if (strcmp(name, "durable") == 0)
            r.log_fd = open(value, O_WRONLY | O_CREAT | O_APPEND | O_TRUNC | O_CLOEXEC, 0600);
        else
            bench_die(name);
        if (strcmp(name, "durable") == 0 && r.log_fd < 0)
            bench_die(value);
    }
    if (r.log_fd >= 0) {
        handlers.before_write = commit;
        r.log = malloc(LOG_BYTES);
    }
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    bench_loop_init(&r.loop, &handlers);
    r.loop.user = &r;
    printf("port %u\n", bench_listen(&r.loop, (uint16_t)port));
    fflush(stdout);
    while (!stop_wanted)
        bench_turn(&r.loop, 100000000);
    printf("{\"messages\": %lu, \"commits\": %lu}\n", r.messages, r.commits);
    return 0;
}

/*
 * smpp-phones.c: a carrier with phones, for TXT Relay. Contacts text business numbers; agents read
 * the conversation ID in the text that is forwarded to their phone and answer with it; when the
 * answer reaches the contact's phone, one round trip is done, and the contact texts again.
 *
 * First every contact opens its conversation, which is not measured. Then --open contacts at a time
 * are kept busy for --seconds. Contact c texts business number c % agents, whose agent answers it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "protocol/pdu.h"
#include "tests/bench/bench_hist.h"
#include "tests/bench/bench_smpp.h"

/* Prefixes of the four kinds of number; the rest is the index in decimal. scripts/bench writes the
 * directory file with the same ones. */
#define CONTACT "1303"
#define CONTACT_DIGITS 7u
#define AGENT "1206555"
#define RELAY "1207555"
#define BUSINESS "1208555"
#define AGENT_DIGITS 4u
#define FIRST_CONTACT 5000000u
#define NUMBER_CHARS 12u
#define ID_CHARS_MAX 24u
#define STALL_NS 5000000000u

/* An agent's answer that waits for room in a window. */
struct answer {
    uint32_t agent;
    uint8_t id_n;
    char id[ID_CHARS_MAX];
};

struct phones {
    uint64_t port, binds, window, contacts, agents, open, seconds;
    struct bench_loop loop;
    uint64_t *begun_ns;             /* by contact; 0: idle */
    struct answer *answers;         /* a ring with room for one per contact */
    uint64_t answers_head, answers_count;
    uint32_t next_contact, turn, in_flight, bound;
    uint64_t texts, opened, done, refused, odd;
    bool opening, sending;
    uint64_t start_ns, last_ns;
    struct bench_hist hist;
};

static struct bench_peer *
free_bind(struct phones *s)
{
    for (uint32_t i = 0; i < s->loop.peers_n; i++) {
        struct bench_peer *peer = s->loop.peers[s->turn++ % s->loop.peers_n];

        if (peer->fd >= 0 && peer->bound && (uintptr_t)peer->user < s->window)
            return peer;
    }
    return NULL;
}

static void
number_of(char out[NUMBER_CHARS], const char *prefix, size_t digits, uint64_t index)
{
    size_t n = strlen(prefix);

    memcpy(out, prefix, n);
    bench_set_digits((uint8_t *)out + n, digits, index);
    out[n + digits] = '\0';
}

static void
deliver(struct phones *s, struct bench_peer *peer, const char *from, const char *to,
        struct slice text)
{
    struct pdu pdu = {.command_id = SMPP_DELIVER_SM, .sequence_number = ++peer->sequence};
    struct pdu_sm *sm = &pdu.body.sm;
    uint8_t buf[512];
    size_t n;

    sm->source = (struct pdu_address){1, 1, slice_str(from)};
    sm->dest = (struct pdu_address){1, 1, slice_str(to)};
    sm->short_message = text;
    n = pdu_encode(&pdu, buf, sizeof(buf));
    memcpy(bench_put(&s->loop, peer, n), buf, n);
    peer->user = (void *)((uintptr_t)peer->user + 1);
    s->texts++;
}

static void
contact_texts(struct phones *s, struct bench_peer *peer, uint32_t contact)
{
    char from[NUMBER_CHARS], to[NUMBER_CHARS], text[100];
    int n = snprintf(text, sizeof(text), "hello, is my order ready to be picked up today? %lu",
                     s->texts);

    number_of(from, CONTACT, CONTACT_DIGITS, FIRST_CONTACT + contact);
    number_of(to, BUSINESS, AGENT_DIGITS, contact % s->agents);
    s->begun_ns[contact] = s->loop.now_ns;
    s->in_flight++;
    deliver(s, peer, from, to, slice_of(text, (size_t)n));
}

static void
agent_answers(struct phones *s, struct bench_peer *peer, const struct answer *answer)
{
    char from[NUMBER_CHARS], to[NUMBER_CHARS], text[100];
    int n = snprintf(text, sizeof(text), "%.*s it is, and it waits for you at the desk %lu",
                     (int)answer->id_n, answer->id, s->texts);

    number_of(from, AGENT, AGENT_DIGITS, answer->agent);
    number_of(to, RELAY, AGENT_DIGITS, answer->agent);
    deliver(s, peer, from, to, slice_of(text, (size_t)n));
}

/* Answers go before new questions, so that what has begun ends. */
static void
send_texts(struct bench_loop *loop)
{
    struct phones *s = loop->user;
    struct bench_peer *peer;

    while (s->answers_count > 0 && (peer = free_bind(s)) != NULL) {
        agent_answers(s, peer, &s->answers[s->answers_head]);
        s->answers_head = (s->answers_head + 1) % s->contacts;
        s->answers_count--;
    }
    while (s->sending && s->in_flight < s->open) {
        uint32_t contact = s->next_contact;

        if (s->opening && s->opened == s->contacts)
            break;
        if (s->begun_ns[contact] != 0 || (peer = free_bind(s)) == NULL)
            break;
        contact_texts(s, peer, contact);
        s->opened += s->opening;
        s->next_contact = (uint32_t)((contact + 1) % s->contacts);
    }
}

static bool
index_after(struct slice number, const char *prefix, size_t digits, uint64_t *out)
{
    size_t n = strlen(prefix);

    if (number.n != n + digits || memcmp(number.p, prefix, n) != 0)
        return false;
    *out = 0;
    for (size_t i = n; i < number.n; i++)
        *out = *out * 10 + (uint64_t)(number.p[i] - '0');
    return true;
}

static void
agent_reads(struct phones *s, uint64_t agent, struct slice text)
{
    struct answer *answer;
    size_t n = 0;

    while (n < text.n && text.p[n] >= '0' && text.p[n] <= '9')
        n++;
    if (n == 0 || n > ID_CHARS_MAX || n == text.n || text.p[n] != ' ' ||
        s->answers_count == s->contacts) {
        s->odd++;
        return;
    }
    answer = &s->answers[(s->answers_head + s->answers_count++) % s->contacts];
    answer->agent = (uint32_t)agent;
    answer->id_n = (uint8_t)n;
    memcpy(answer->id, text.p, n);
}

static void
contact_reads(struct phones *s, uint64_t contact)
{
    if (contact >= s->contacts || s->begun_ns[contact] == 0) {
        s->odd++;
        return;
    }
    if (!s->opening) {
        bench_hist_add(&s->hist, s->loop.now_ns - s->begun_ns[contact]);
        s->done++;
        s->last_ns = s->loop.now_ns;
    }
    s->begun_ns[contact] = 0;
    s->in_flight--;
}

static void
take_text(struct phones *s, struct bench_peer *peer, struct slice pdu)
{
    struct bench_sm sm;
    uint64_t index;
    uint8_t id[10];

    bench_set_digits(id, sizeof(id), s->loop.now_ns / 100 + peer->index);
    bench_put_response(&s->loop, peer, pdu, slice_of(id, sizeof(id)));
    if (!bench_sm(pdu, &sm))
        s->odd++;
    else if (index_after(sm.dest, AGENT, AGENT_DIGITS, &index))
        agent_reads(s, index, sm.text);
    else if (index_after(sm.dest, CONTACT, CONTACT_DIGITS, &index))
        contact_reads(s, index - FIRST_CONTACT);
    else
        s->odd++;
}

static void
on_pdu(struct bench_loop *loop, struct bench_peer *peer, struct slice pdu)
{
    struct phones *s = loop->user;
    uint32_t command = bench_command(pdu);

    if (command == SMPP_SUBMIT_SM) {
        take_text(s, peer, pdu);
    } else if (command == SMPP_DELIVER_SM_RESP) {
        peer->user = (void *)((uintptr_t)peer->user - 1);
        s->refused += bench_status(pdu) != SMPP_ROK;
    } else if (bench_housekeeping(loop, peer, pdu) && smpp_is_bind(command)) {
        s->bound++;
    }
}

static void
report(const struct phones *s)
{
    double seconds = (double)(s->last_ns - s->start_ns) / 1e9;

    printf("{\"round_trips\": %lu, \"seconds\": %.4f, \"per_s\": %.0f, ", s->done, seconds,
           s->done ? (double)s->done / seconds : 0);
    printf("\"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, ", bench_hist_us(&s->hist, 0.5),
           bench_hist_us(&s->hist, 0.99), bench_hist_us(&s->hist, 0.999));
    printf("\"opened\": %lu, \"refused\": %lu, \"odd\": %lu, \"unanswered\": %u, ", s->opened,
           s->refused, s->odd, s->in_flight);
    printf("\"start_ns\": %lu, \"cpu_us_per_message\": %.3f}\n", s->start_ns,
           s->texts ? bench_cpu_us() / (double)s->texts : 0);
    fflush(stdout);
}

/* Until nothing is in flight, or until nothing has changed for a while. */
static void
settle(struct phones *s, bool all)
{
    uint64_t seen = 0, since = bench_now_ns();

    while (s->in_flight > 0 || (all && s->opened < s->contacts)) {
        bench_turn(&s->loop, 1000000);
        if (s->texts + s->done + s->in_flight != seen) {
            seen = s->texts + s->done + s->in_flight;
            since = s->loop.now_ns;
        } else if (s->loop.now_ns - since > STALL_NS) {
            break;
        }
    }
}

static void
play(struct phones *s)
{
    uint64_t until;

    s->sending = s->opening = true;
    settle(s, true);
    printf("opened %lu\n", s->opened - s->in_flight);
    fflush(stdout);
    /* Whoever measures looks at the gateway now, and then says go. */
    if (getchar() == EOF)
        exit(1);
    s->opening = false;
    s->start_ns = bench_now_ns();
    until = s->start_ns + s->seconds * 1000000000u;
    while (s->loop.now_ns < until)
        bench_turn(&s->loop, 1000000);
    s->sending = false;
    settle(s, false);
}

static void
parse(struct phones *s, int argc, char **argv)
{
    const struct {
        const char *name;
        uint64_t *number;
    } numbers[] = {
        {"port", &s->port},         {"binds", &s->binds},   {"window", &s->window},
        {"contacts", &s->contacts}, {"agents", &s->agents}, {"open", &s->open},
        {"seconds", &s->seconds},
    };
    const size_t count = sizeof(numbers) / sizeof(numbers[0]);
    const char *name, *value;

    while (bench_option(&argc, &argv, &name, &value)) {
        size_t i = 0;

        while (i < count && strcmp(numbers[i].name, name) != 0)
            i++;
        if (i == count)
            bench_die(name);
        *numbers[i].number = bench_number(name, value);
    }
}

int
main(int argc, char **argv)
{
    static const struct bench_handlers handlers = {.on_pdu = on_pdu, .before_write = send_texts};
    static struct phones s = {.binds = 4, .window = 100, .contacts = 10000, .agents = 100,
                              .open = 400, .seconds = 5};

    parse(&s, argc, argv);
    s.begun_ns = calloc(s.contacts, sizeof(*s.begun_ns));
    s.answers = calloc(s.contacts, sizeof(*s.answers));
    if (!s.begun_ns || !s.answers)
        bench_die("memory");
    bench_loop_init(&s.loop, &handlers);
    s.loop.user = &s;
    printf("port %u\n", bench_listen(&s.loop, (uint16_t)s.port));
    fflush(stdout);
    while (s.bound < s.binds)
        bench_turn(&s.loop, 10000000);
    play(&s);
    report(&s);
    return 0;
}

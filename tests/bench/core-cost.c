/*
 * core-cost.c: what a message costs the core and the store, counted: rows written and read, octets
 * of changeset, pages, system calls, instructions. No sockets and no other thread, so the counts
 * are the same on a busy machine; only the times are not.
 *
 *     core-cost --conf tandem.yaml [--accounts N] [--contacts N] [--entries N]
 *               [--leases N] [--load app|receipts|txt|proxy|backlog] [--messages N]
 *               [--turn MESSAGES]
 *
 * Opens the store of the configuration, applies the directory, adds contacts with an open
 * conversation of so many entries each, and leases that have ended; then plays carrier, phones and
 * app around the core, with so many messages on the way. Prints a line of JSON for each of these
 * steps. The directory must be one of scripts/bench, whose numbers begin as below.
 */
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "gateway/relay/contact.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/lease.h"
#include "protocol/wire.h"

/* Prefixes of numbers; the rest is an index of seven digits. */
#define BUSINESS "1212"
#define USER "1213"
#define PHONE "1304"
#define LOST_PHONE "1305"           /* contacts of leases that have ended */
#define APP_NUMBER "12025550170"
#define BUSINESS_PER_ACCOUNT 90u
#define DIGITS_MAX 16u
#define TURN_MAX 4096u
#define CARRIER_SLOT 0u
#define APP_SLOT 1u
#define WINDOW 1000000u
#define TURN_MS 5u                  /* between two turns */

/* A request of the core's that is on the wire. */
struct wire {
    struct session_name session;
    struct session_token token;
    char from[DIGITS_MAX], to[DIGITS_MAX];
    char text[24];                  /* its beginning */
    bool receipt;                   /* asked for */
    uint64_t id;                    /* that the carrier gives */
};

struct counts {
    uint64_t puts[STORE_TABLES], dels[STORE_TABLES], octets[STORE_TABLES];
    uint64_t reads, commits;
    uint64_t instructions, kernel_instructions;
    uint64_t write_calls, write_octets;
    double wall_s, user_s, kernel_s;
};

struct cost {
    char *conf_path, *load;
    uint64_t accounts, contacts, entries, leases, messages, turn;
    struct conf *conf;
    struct store *store;
    struct relay *relay;
    struct store_txn *txn;
    struct effects fx;
    uint64_t now_ms;
    struct counts counts;
    int instructions_fd, kernel_fd;
    struct wire wire[2][4 * TURN_MAX]; /* of the last turn, and of this one */
    uint32_t wire_n[2], side;
    uint64_t inbound;               /* the last that was answered */
    uint64_t begun, done, ids, random;
};

static void
fail(const char *what)
{
    fprintf(stderr, "core-cost: %s\n", what);
    exit(1);
}

/* ---- counting */

static int
counter_open(bool kernel)
{
    struct perf_event_attr attr = {.type = PERF_TYPE_HARDWARE,
                                   .size = sizeof(attr),
                                   .config = PERF_COUNT_HW_INSTRUCTIONS,
                                   .exclude_kernel = !kernel,
                                   .exclude_user = kernel,
                                   .exclude_hv = 1};

    return (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

/* 0 where the machine does not let us count. */
static uint64_t
counter_now(int fd)
{
    uint64_t value = 0;

    return fd >= 0 && read(fd, &value, sizeof(value)) == sizeof(value) ? value : 0;
}

static double
seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static void
io_now(struct counts *counts)
{
    FILE *file = fopen("/proc/thread-self/io", "r");
    char name[32];
    uint64_t value;

    while (file && fscanf(file, "%31s %" SCNu64, name, &value) == 2) {
        if (strcmp(name, "wchar:") == 0)
            counts->write_octets = value;
        else if (strcmp(name, "syscw:") == 0)
            counts->write_calls = value;
    }
    if (file)
        fclose(file);
}

/* What has been counted so far. */
static struct counts
counts_now(struct cost *c)
{
    struct counts counts = c->counts;
    struct store_stats stats;
    struct rusage used;
    struct timespec t;

    store_stats_get(c->store, &stats);
    counts.reads = stats.reads;
    counts.commits = stats.commits;
    counts.instructions = counter_now(c->instructions_fd);
    counts.kernel_instructions = counter_now(c->kernel_fd);
    io_now(&counts);
    getrusage(RUSAGE_SELF, &used);
    counts.user_s = seconds(used.ru_utime);
    counts.kernel_s = seconds(used.ru_stime);
    clock_gettime(CLOCK_MONOTONIC, &t);
    counts.wall_s = (double)t.tv_sec + (double)t.tv_nsec / 1e9;
    return counts;
}

static void
note_changeset(void *context, struct slice changeset)
{
    struct cost *c = context;
    const uint8_t *p = changeset.p + 16, *end = changeset.p + changeset.n;

    while (p < end) {
        size_t octets = 8 + wire_load(p + 2, 2) + wire_load(p + 4, 4);

        if (p[1] == 1)
            c->counts.puts[p[0]]++;
        else
            c->counts.dels[p[0]]++;
        c->counts.octets[p[0]] += octets;
        p += octets;
    }
}

static double
rss_mb(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    unsigned long all = 0, resident = 0, shared = 0;

    if (!file || fscanf(file, "%lu %lu %lu", &all, &resident, &shared) != 3)
        fail("statm");
    fclose(file);
    return (double)(resident - shared) * (double)sysconf(_SC_PAGESIZE) / 1e6;
}

static void
print_tables(const struct counts *a, const struct counts *b, double per)
{
    const char *comma = "";

    printf(", \"tables\": {");
    for (uint32_t i = 0; i < STORE_TABLES; i++) {
        uint64_t puts = b->puts[i] - a->puts[i], dels = b->dels[i] - a->dels[i];

        if ((double)(puts + dels) / per < 0.0005)
            continue;
        printf("%s\"%s\": [%.3f, %.3f, %.1f]", comma, store_table_name((enum store_table)i),
               (double)puts / per, (double)dels / per,
               (double)(b->octets[i] - a->octets[i]) / per);
        comma = ", ";
    }
    printf("}");
}

/* What it took between a and b, by message. */
static void
print_counts(struct cost *c, const char *step, const struct counts *a, uint64_t messages)
{
    struct counts b = counts_now(c);
    double per = messages ? (double)messages : 1, puts = 0, dels = 0, octets = 0;
    struct store_stats stats;

    store_stats_get(c->store, &stats);
    for (uint32_t i = 0; i < STORE_TABLES; i++) {
        puts += (double)(b.puts[i] - a->puts[i]);
        dels += (double)(b.dels[i] - a->dels[i]);
        octets += (double)(b.octets[i] - a->octets[i]);
    }
    printf("{\"step\": \"%s\", \"messages\": %" PRIu64 ", \"seconds\": %.3f, \"rss_mb\": %.1f, "
           "\"store_mb\": %.1f, \"commits\": %" PRIu64,
           step, messages, b.wall_s - a->wall_s, rss_mb(), (double)stats.map_bytes_used / 1e6,
           b.commits - a->commits);
    printf(", \"puts\": %.3f, \"dels\": %.3f, \"reads\": %.3f, \"changeset_octets\": %.1f",
           puts / per, dels / per, (double)(b.reads - a->reads) / per, octets / per);
    printf(", \"pages_written\": %.3f, \"write_calls\": %.3f",
           (double)(b.write_octets - a->write_octets) / 4096 / per,
           (double)(b.write_calls - a->write_calls) / per);
    printf(", \"instructions\": %.0f, \"kernel_instructions\": %.0f",
           (double)(b.instructions - a->instructions) / per,
           (double)(b.kernel_instructions - a->kernel_instructions) / per);
    printf(", \"user_us\": %.2f, \"kernel_us\": %.2f, \"wall_us\": %.2f",
           1e6 * (b.user_s - a->user_s) / per, 1e6 * (b.kernel_s - a->kernel_s) / per,
           1e6 * (b.wall_s - a->wall_s) / per);
    print_tables(a, &b, per);
    printf("}\n");
    fflush(stdout);
}

/* ---- turns */

static void
turn_begin(struct cost *c)
{
    c->now_ms += TURN_MS;
    (void)store_headroom(c->store, c->now_ms);
    c->txn = store_begin(c->store);
}

static void
step(struct cost *c, const struct event *event)
{
    relay_step(c->relay, c->txn, c->now_ms, event, &c->fx);
}

static void
copy_text(char *out, size_t room, struct slice text)
{
    size_t n = text.n < room - 1 ? text.n : room - 1;

    memcpy(out, text.p, n);
    out[n] = '\0';
}

static void
note_send(struct cost *c, const struct effect *effect)
{
    struct wire *wire = &c->wire[c->side][c->wire_n[c->side]++];
    struct pdu pdu;

    if (c->wire_n[c->side] > 4 * TURN_MAX || pdu_decode(effect->octets, PDU_LENIENT, &pdu) != 0)
        fail("what is this?");
    *wire = (struct wire){.session = effect->session, .token = effect->token, .id = ++c->ids};
    copy_text(wire->from, sizeof(wire->from), pdu.body.sm.source.digits);
    copy_text(wire->to, sizeof(wire->to), pdu.body.sm.dest.digits);
    copy_text(wire->text, sizeof(wire->text), pdu.body.sm.short_message);
    wire->receipt = pdu.body.sm.registered_delivery != 0;
}

static void
turn_end(struct cost *c)
{
    struct effect effect;
    size_t at = 0;

    relay_finish(c->relay, c->txn, c->now_ms, &c->fx);
    if (store_commit(c->txn, c->now_ms) != STORE_DURABLE)
        fail("commit");
    while (effects_next(&c->fx, &at, &effect)) {
        if (effect.kind == FX_SEND)
            note_send(c, &effect);
        else if (effect.kind == FX_REPLY && effect.inbound > c->inbound)
            c->inbound = effect.inbound;
    }
    effects_clear(&c->fx);
}

static struct step
core_step(struct cost *c)
{
    return (struct step){c->relay, c->txn, c->now_ms, &c->fx};
}

static void
bind_as(struct cost *c, uint32_t slot, enum link_kind kind, const char *name)
{
    struct event up = {.kind = EV_BIND_UP,
                       .session = {slot, 1},
                       .u.up = {kind, slice_str(name), true, WINDOW, 0x34}};

    turn_begin(c);
    step(c, &up);
    turn_end(c);
}

/* ---- start */

static void
open_all(struct cost *c)
{
    struct conf_problems problems;
    struct store_options options;
    struct store_meta meta;
    char why[200];

    c->conf = conf_load(c->conf_path, &problems);
    for (size_t i = 0; !c->conf && i < problems.count; i++)
        fprintf(stderr, "%s\n", problems.lines[i]);
    if (!c->conf)
        exit(1);
    conf_problems_free(&problems);
    options = (struct store_options){.dir = c->conf->store_dir,
                                     .map_bytes = c->conf->store_max_bytes,
                                     .unsafe_fs = c->conf->store_unsafe_fs};
    if (store_open(&options, &c->store, why, sizeof(why)) != STORE_OK)
        fail(why);
    store_meta_get(c->store, &meta);
    c->now_ms = meta.turn_ms > 1767225600000ull ? meta.turn_ms : 1767225600000ull;
    store_record(c->store, note_changeset, c);
    c->relay = relay_new(c->conf);
}

static void
start(struct cost *c)
{
    struct event event = {.kind = EV_CONF, .u.conf = c->conf};
    struct counts before = counts_now(c);

    turn_begin(c);
    relay_recover(c->relay, c->txn, c->now_ms);
    step(c, &event);
    turn_end(c);
    while (relay_applying(c->relay)) {
        turn_begin(c);
        turn_end(c);
    }
    print_counts(c, "start", &before, 0);
    bind_as(c, CARRIER_SLOT, LINK_CARRIER, "sim");
    bind_as(c, APP_SLOT, LINK_APP, "crm");
}

/* ---- filling */

static struct addr
number_of(const char *prefix, uint64_t index)
{
    struct addr addr = {.kind = ADDR_E164};

    addr.n = (uint8_t)snprintf(addr.text, sizeof(addr.text), "%s%07" PRIu64, prefix,
                               index % 10000000);
    return addr;
}

/* Conversation k is on this number. */
static struct addr
business_of(const struct cost *c, uint64_t k)
{
    uint64_t account = k % c->accounts, number = k / c->accounts % BUSINESS_PER_ACCOUNT;

    return number_of(BUSINESS, account * BUSINESS_PER_ACCOUNT + number);
}

static void
entry_add(struct step *s, struct conv *conv, uint64_t i)
{
    struct rec_entry entry = {.kind = i % 2 ? ENTRY_OUT : ENTRY_IN,
                              .state = i % 2 ? MSG_DELIVERED : 0,
                              .at_ms = s->now_ms,
                              .text = SLICE_LIT("hello, is my order ready to be picked up today? "
                                                "It was said to be there this week.")};

    conv_entry(s, conv, &entry);
}

/* The first time around a contact and a conversation, then another entry each time. */
static void
fill_conv(struct cost *c, uint64_t k, uint64_t round)
{
    struct step s = core_step(c);
    struct addr business = business_of(c, k), phone = number_of(PHONE, k);
    struct rec_number number;
    struct conv conv;

    if (!number_get(&s, &business, &number))
        fail("the directory lacks a business number");
    if (round == 0) {
        struct rec_contact rec = {.first = SLICE_LIT("Robin"), .last = SLICE_LIT("Example")};
        uint32_t contact = contact_new(&s, number.account, &rec);

        (void)contact_phone_set(&s, number.account, contact, &phone, true);
        (void)conv_of_pair(&s, number.account, &business, &phone, number.assign_id, &conv);
        conv.rec.contact_id = contact;
        contact_spoke(&s, number.account, contact, &conv);
    } else if (!conv_open_of(&s, number.account, &business, &phone, &conv)) {
        fail("where is the conversation?");
    }
    entry_add(&s, &conv, round);
    conv_put(&s, &conv);
}

static void
fill(struct cost *c)
{
    struct counts before = counts_now(c);

    for (uint64_t round = 0; round < c->entries; round++)
        for (uint64_t k = 0; k < c->contacts;) {
            turn_begin(c);
            while (k < c->contacts && store_changeset_bytes(c->txn) < 8 * STORE_TURN_BYTES)
                fill_conv(c, k++, round);
            turn_end(c);
        }
    print_counts(c, "fill", &before, c->contacts * c->entries);
}

static void
fill_lease(struct cost *c, uint64_t k, uint32_t account)
{
    struct step s = core_step(c);
    struct addr phone = number_of(LOST_PHONE, k);
    struct lease lease, recycled;

    if (!lease_start(&s, account, (uint32_t)(k % 100) + 1, &phone, &lease, &recycled))
        fail("no contact number");
    lease_end(&s, &lease, LEASE_NO_NUMBER);
}

static void
fill_leases(struct cost *c)
{
    struct counts before = counts_now(c);
    uint32_t account = 0;

    for (uint64_t k = 0; k < c->leases;) {
        turn_begin(c);
        if (account == 0) {
            struct step s = core_step(c);

            account = account_named(&s, SLICE_LIT("acme"));
        }
        while (k < c->leases && store_changeset_bytes(c->txn) < 8 * STORE_TURN_BYTES)
            fill_lease(c, k++, account);
        turn_end(c);
    }
    print_counts(c, "leases", &before, c->leases);
}

/* ---- load */

static void
request(struct cost *c, uint32_t slot, uint32_t command_id, const char *from, const char *to,
        const char *text, uint8_t registered)
{
    struct pdu pdu = {.command_id = command_id, .sequence_number = 1};
    struct event event = {.kind = EV_PDU, .session = {slot, 1}, .u.pdu = &pdu};

    pdu.body.sm.source = (struct pdu_address){1, 1, slice_str(from)};
    pdu.body.sm.dest = (struct pdu_address){1, 1, slice_str(to)};
    pdu.body.sm.short_message = slice_str(text);
    pdu.body.sm.registered_delivery = registered;
    step(c, &event);
}

static void
answered(struct cost *c, const struct wire *wire)
{
    char id[24];
    struct event event = {.kind = EV_RESULT, .session = wire->session};

    snprintf(id, sizeof(id), "%" PRIx64, wire->id + 0x10000000);
    event.u.result = (struct event_result){.token = wire->token, .message_id = slice_str(id)};
    if (wire->session.slot == APP_SLOT)
        event.u.result.message_id = SLICE_NONE;
    step(c, &event);
}

static void
receipt(struct cost *c, const struct wire *wire)
{
    char text[160];

    snprintf(text, sizeof(text),
             "id:%" PRIx64 " sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 "
             "stat:DELIVRD err:000 text:",
             wire->id + 0x10000000);
    struct pdu pdu = {.command_id = SMPP_DELIVER_SM, .sequence_number = 1};
    struct event event = {.kind = EV_PDU, .session = {CARRIER_SLOT, 1}, .u.pdu = &pdu};

    pdu.body.sm.esm_class = SMPP_ESM_RECEIPT;
    pdu.body.sm.source = (struct pdu_address){1, 1, slice_str(wire->to)};
    pdu.body.sm.dest = (struct pdu_address){1, 1, slice_str(wire->from)};
    pdu.body.sm.short_message = slice_str(text);
    step(c, &event);
}

static uint64_t
draw(struct cost *c)
{
    c->random = c->random * 6364136223846793005u + 1442695040888963407u;
    return c->random >> 33;
}

/* A new message comes in. */
static void
begin_app(struct cost *c, uint8_t registered)
{
    struct addr phone = number_of(PHONE, c->begun * 314159);

    request(c, APP_SLOT, SMPP_SUBMIT_SM, APP_NUMBER, phone.text,
            "0000000000 a text of one hundred characters, which is what people write to each other "
            "when they are br", registered);
}

static void
begin_txt(struct cost *c)
{
    uint64_t k = draw(c) % (c->contacts ? c->contacts : 10000);
    struct addr business = business_of(c, k), phone = number_of(PHONE, k);

    request(c, CARRIER_SLOT, SMPP_DELIVER_SM, phone.text, business.text,
            "hello, is my order ready to be picked up today? 1234567", 0);
}

static void
begin_proxy(struct cost *c)
{
    struct addr user = number_of(USER, draw(c) % 100), phone = number_of(PHONE, draw(c) % 100000);

    request(c, CARRIER_SLOT, SMPP_DELIVER_SM, phone.text, user.text,
            "hello, is my order ready to be picked up today? 1234567", 0);
}

static void
begin(struct cost *c)
{
    if (strcmp(c->load, "txt") == 0)
        begin_txt(c);
    else if (strcmp(c->load, "proxy") == 0)
        begin_proxy(c);
    else
        begin_app(c, strcmp(c->load, "receipts") == 0);
    c->begun++;
}

/* What a message of ours leads to. */
static void
follow(struct cost *c, const struct wire *wire)
{
    char text[100];

    answered(c, wire);
    c->done += wire->session.slot == CARRIER_SLOT;
    if (wire->session.slot == CARRIER_SLOT && wire->receipt && strcmp(c->load, "receipts") == 0) {
        receipt(c, wire);
        return;
    }
    if (strncmp(wire->to, PHONE, 4) == 0 || wire->session.slot == APP_SLOT)
        return;
    /* To an agent, who answers. */
    if (strcmp(c->load, "txt") == 0)
        snprintf(text, sizeof(text), "%.*s it is, and it waits for you at the desk",
                 (int)strcspn(wire->text, " "), wire->text);
    else
        snprintf(text, sizeof(text), "it is, and it waits for you at the desk");
    request(c, CARRIER_SLOT, SMPP_DELIVER_SM, wire->to, wire->from, text, 0);
}

/* Carriers' messages that one of these comes to, and events that each of them is. */
static uint64_t
messages_each(const struct cost *c)
{
    return strcmp(c->load, "txt") == 0 || strcmp(c->load, "proxy") == 0 ? 2 : 1;
}

/* Not inlined: callgrind --toggle-collect takes it by its name. */
__attribute__((noinline)) static void
run_turn(struct cost *c, bool more)
{
    uint32_t last = c->side;
    struct event confirmed = {.kind = EV_CONFIRMED, .session = {CARRIER_SLOT, 1}};
    uint64_t each = messages_each(c);

    c->side = 1 - last;
    c->wire_n[c->side] = 0;
    turn_begin(c);
    confirmed.u.confirmed.inbound = c->inbound;
    if (c->inbound)
        step(c, &confirmed);
    for (uint32_t i = 0; i < c->wire_n[last]; i++)
        follow(c, &c->wire[last][i]);
    while (more && c->begun * each < c->done + c->turn)
        begin(c);
    turn_end(c);
}

static void
load(struct cost *c)
{
    struct counts before;
    uint64_t done, warm = c->messages / 5;

    while (c->done < warm)
        run_turn(c, true);
    before = counts_now(c);
    done = c->done;
    while (c->done - done < c->messages)
        run_turn(c, true);
    print_counts(c, c->load, &before, c->done - done);
    while (c->wire_n[c->side] > 0)
        run_turn(c, false);
}

/* Everything waits for the carrier first, then leaves through a window of one turn's messages. */
static void
load_backlog(struct cost *c)
{
    struct event down = {.kind = EV_BIND_DOWN, .session = {CARRIER_SLOT, 1}};
    struct event up = {.kind = EV_BIND_UP,
                       .session = {CARRIER_SLOT, 1},
                       .u.up = {LINK_CARRIER, SLICE_LIT("sim"), true, 0, 0x34}};
    struct counts before;

    up.u.up.window = (uint32_t)c->turn;
    turn_begin(c);
    step(c, &down);
    turn_end(c);
    before = counts_now(c);
    while (c->begun < c->messages) {
        turn_begin(c);
        for (uint64_t i = 0; i < c->turn; i++)
            begin(c);
        turn_end(c);
    }
    print_counts(c, "backlog waits", &before, c->begun);
    before = counts_now(c);
    turn_begin(c);
    step(c, &up);
    c->side = 1 - c->side;
    c->wire_n[c->side] = 0;
    turn_end(c);
    while (c->done < c->begun)
        run_turn(c, false);
    print_counts(c, "backlog leaves", &before, c->done);
}

static void
options(struct cost *c, int argc, char **argv)
{
    const struct {
        const char *name;
        uint64_t *number;
    } numbers[] = {{"--accounts", &c->accounts}, {"--contacts", &c->contacts},
                   {"--entries", &c->entries},   {"--leases", &c->leases},
                   {"--messages", &c->messages}, {"--turn", &c->turn}};

    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--conf") == 0)
            c->conf_path = argv[i + 1];
        else if (strcmp(argv[i], "--load") == 0)
            c->load = argv[i + 1];
        for (size_t k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++)
            if (strcmp(argv[i], numbers[k].name) == 0)
                *numbers[k].number = strtoull(argv[i + 1], NULL, 10);
    }
    if (!c->conf_path || c->turn > TURN_MAX || c->accounts == 0)
        fail("usage: see the top of core-cost.c");
}

int
main(int argc, char **argv)
{
    static struct cost c = {.accounts = 1, .entries = 1, .messages = 100000, .turn = 512,
                            .random = 1};

    options(&c, argc, argv);
    c.instructions_fd = counter_open(false);
    c.kernel_fd = counter_open(true);
    open_all(&c);
    effects_init(&c.fx);
    start(&c);
    if (c.contacts && c.entries)
        fill(&c);
    if (c.leases)
        fill_leases(&c);
    if (c.load && strcmp(c.load, "backlog") == 0)
        load_backlog(&c);
    else if (c.load)
        load(&c);
    relay_free(c.relay);
    store_close(c.store);
    effects_release(&c.fx);
    conf_free(c.conf);
    return 0;
}

/*
 * relay_world.c: see relay_world.h.
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gateway/relay/conv.h"
#include "gateway/relay/conv_state.h"
#include "gateway/relay/core.h"
#include "gateway/relay/number.h"
#include "store/key.h"
#include "tests/unit/check.h"
#include "tests/unit/temp_store.h"

#define START_MS 1767225600000ull /* 2026-01-01 */
#define TURNS_MAX 100000u

static const char directory_default[] =
    "accounts:\n"
    "  - id: acme\n"
    "    name: Acme\n"
    "    country: US\n"
    "%s"
    "    groups:\n"
    "      - {id: front, name: Front desk}\n"
    "      - {id: back, name: Back office}\n"
    "    agents:\n"
    "      - {id: ann, name: Ann, mobile: +12025550111, relay_number: +12025550180, relay: true, "
    "groups: [front]}\n"
    "      - {id: ben, name: Ben, mobile: +12025550112, relay_number: +12025550181, relay: true, "
    "groups: [front]}\n"
    "      - {id: dan, name: Dan, mobile: +12025550114, relay_number: +12025550183, relay: true}\n"
    "      - {id: eve, name: Eve, mobile: +12025550115, relay: true}\n"
    "    apps:\n"
    "      - system_id: crm\n"
    "        password: secret\n"
    "%s"
    "    numbers:\n"
    "      - {number: +12025550150, role: business, carrier: sim, assign_agent: ann}\n"
    "      - {number: +12025550151, role: business, carrier: sim, assign_group: front}\n"
    "      - {number: +12025550152, role: business, carrier: sim}\n"
    "      - {number: +12025550153, role: business, carrier: sim, assign_agent: eve}\n"
    "      - {number: +12025550170, role: app, carrier: sim, app: crm}\n"
    "      - {number: +12025550180, role: relay, carrier: sim, agent: ann}\n"
    "      - {number: +12025550181, role: relay, carrier: sim, agent: ben}\n"
    "      - {number: +12025550183, role: relay, carrier: sim, agent: dan}\n"
    "      - {number: +447700900001, role: business, carrier: sim}\n"
    "  - id: zeta\n"
    "    name: Zeta\n"
    "    agents:\n"
    "      - {id: cid, name: Cid, mobile: +12025550113, relay_number: +12025550182, relay: true}\n"
    "    apps:\n"
    "      - {system_id: zapp, password: secret}\n"
    "    numbers:\n"
    "      - {number: +12025550160, role: business, carrier: sim, assign_agent: cid}\n"
    "      - {number: +12025550182, role: relay, carrier: sim, agent: cid}\n";

static const char gateway_default[] = "store: {dir: /tmp/unused}\n"
                                      "directory: directory.yaml\n"
                                      "listeners:\n"
                                      "  - id: apps\n"
                                      "carriers:\n"
                                      "  - id: other\n"
                                      "    host: 127.0.0.1\n"
                                      "    port: 2777\n"
                                      "    system_id: tandem\n"
                                      "    password: secret\n"
                                      "  - id: sim\n"
                                      "    host: 127.0.0.1\n"
                                      "    port: 2776\n"
                                      "    system_id: tandem\n"
                                      "    password: secret\n"
                                      "%s";

static const char *
or_empty(const char *text)
{
    return text ? text : "";
}

struct conf *
world_conf(const struct world_options *options)
{
    static char gateway[8000], directory[8000];
    struct conf_problems problems;
    struct conf *conf;
    size_t n;

    n = (size_t)snprintf(gateway, sizeof(gateway), gateway_default, or_empty(options->carrier));
    if (options->relay)
        n += (size_t)snprintf(gateway + n, sizeof(gateway) - n, "relay:\n%s", options->relay);
    if (options->messages)
        n += (size_t)snprintf(gateway + n, sizeof(gateway) - n, "messages:\n%s", options->messages);
    if (options->gateway)
        n += (size_t)snprintf(gateway + n, sizeof(gateway) - n, "%s", options->gateway);
    check(n < sizeof(gateway));
    if (!options->directory)
        snprintf(directory, sizeof(directory), directory_default, or_empty(options->account),
                 or_empty(options->app));
    conf = conf_parse(slice_str(gateway),
                      slice_str(options->directory ? options->directory : directory), &problems);
    for (size_t i = 0; !conf && i < problems.count; i++)
        printf("    %s\n", problems.lines[i]);
    check(conf != NULL);
    conf_problems_free(&problems);
    return conf;
}

static void *
grow(void *p, size_t bytes)
{
    p = realloc(p, bytes);
    check(p != NULL);
    return p;
}

static void
record(void *context, struct slice changeset)
{
    struct world *w = context;
    uint32_t n = w->changeset_count++;

    w->changesets = grow(w->changesets, w->changeset_count * sizeof(*w->changesets));
    w->changeset_bytes = grow(w->changeset_bytes, w->changeset_count * sizeof(*w->changeset_bytes));
    w->changesets[n] = grow(NULL, changeset.n);
    w->changeset_bytes[n] = changeset.n;
    memcpy(w->changesets[n], changeset.p, changeset.n);
}

/* ---- turns */

static void
collect_reply(struct world *w, const struct effect *effect)
{
    struct pdu pdu;

    check(pdu_decode(effect->octets, PDU_LENIENT, &pdu) == SMPP_ROK);
    w->replies++;
    w->status = pdu.command_status;
    w->inbound = effect->inbound;
    w->message_id[0] = '\0';
    if (pdu.command_status == 0 && pdu.body.message_id.n < sizeof(w->message_id)) {
        if (pdu.body.message_id.n > 0)
            memcpy(w->message_id, pdu.body.message_id.p, pdu.body.message_id.n);
        w->message_id[pdu.body.message_id.n] = '\0';
    }
}

static void
collect_send(struct world *w, const struct effect *effect)
{
    struct sent *sent = grow(NULL, sizeof(*sent));
    enum smpp_status status;

    *sent = (struct sent){.session = effect->session, .token = effect->token};
    sent->bytes = grow(NULL, effect->octets.n);
    memcpy(sent->bytes, effect->octets.p, effect->octets.n);
    /* What we send must pass the checks that we make ourselves. A strict data_sm is an app's: no
     * receipt. */
    status = pdu_decode(slice_of(sent->bytes, effect->octets.n),
                        effect->command_id == SMPP_DATA_SM ? PDU_LENIENT : PDU_STRICT, &sent->pdu);
    check_number(status, SMPP_ROK);
    check_number(sent->pdu.command_id, effect->command_id);
    check(effect->session.slot < BINDS_MAX &&
          w->generation[effect->session.slot] == effect->session.generation);
    *w->last = sent;
    w->last = &sent->next;
}

static void
collect(struct world *w)
{
    struct effect effect;
    size_t at = 0;

    while (effects_next(&w->fx, &at, &effect))
        switch ((enum effect_kind)effect.kind) {
        case FX_REPLY:
            collect_reply(w, &effect);
            break;
        case FX_SEND:
            collect_send(w, &effect);
            break;
        case FX_LOG:
            check(effect.octets.n < sizeof(w->log));
            memcpy(w->log, effect.octets.p, effect.octets.n);
            w->log[effect.octets.n] = '\0';
            w->logs++;
            break;
        case FX_ANSWER:
            break; /* the test that asked looks for itself */
        }
    effects_clear(&w->fx);
}

void
world_begin(struct world *w)
{
    check(!w->txn);
    w->txn = store_begin(w->store);
}

void
world_step(struct world *w, const struct event *event)
{
    relay_step(w->relay, w->txn, w->now_ms, event, &w->fx);
}

void
world_end(struct world *w)
{
    relay_finish(w->relay, w->txn, w->now_ms, &w->fx);
    check(store_commit(w->txn, w->now_ms) == STORE_DURABLE);
    w->txn = NULL;
    collect(w);
}

static void
tick(struct world *w)
{
    struct event event = {.kind = EV_TICK};

    world_begin(w);
    world_step(w, &event);
    world_end(w);
}

static void
ticks(struct world *w)
{
    for (uint32_t turns = 0; relay_next_ms(w->relay, w->now_ms) <= w->now_ms; turns++) {
        check(turns < TURNS_MAX);
        tick(w);
    }
}

void
world_event(struct world *w, const struct event *event)
{
    world_begin(w);
    world_step(w, event);
    world_end(w);
    ticks(w);
}

void
world_stop(struct world *w)
{
    struct event event = {.kind = EV_STOP};

    world_event(w, &event);
}

void
world_pass(struct world *w, uint64_t ms)
{
    uint64_t until = w->now_ms + ms;

    for (uint32_t turns = 0;; turns++) {
        uint64_t next = relay_next_ms(w->relay, w->now_ms);

        check(turns < TURNS_MAX);
        if (next > until)
            break;
        if (next > w->now_ms)
            w->now_ms = next;
        tick(w);
    }
    w->now_ms = until;
}

void
world_jump(struct world *w, uint64_t ms)
{
    w->now_ms += ms;
    ticks(w);
}

/* ---- life of the process */

static void
forget_sent(struct world *w, int slot)
{
    struct sent **at = &w->first;

    while (*at) {
        struct sent *sent = *at;

        if (slot >= 0 && sent->session.slot != (uint32_t)slot) {
            at = &sent->next;
            continue;
        }
        *at = sent->next;
        free(sent->bytes);
        free(sent);
    }
    w->last = at;
}

static void
process_starts(struct world *w)
{
    struct event event = {.kind = EV_CONF, .u.conf = w->conf};

    w->relay = relay_new(w->conf);
    check(w->relay != NULL);
    memset(w->up, 0, sizeof(w->up));
    world_begin(w);
    relay_recover(w->relay, w->txn, w->now_ms);
    world_step(w, &event);
    world_end(w);
    ticks(w);
    check(!relay_applying(w->relay));
}

static void
process_dies(struct world *w)
{
    relay_free(w->relay);
    w->relay = NULL;
    effects_clear(&w->fx);
    forget_sent(w, -1);
    store_close(w->store);
    w->store = temp_store(w->dir);
    store_record(w->store, record, w);
}

void
world_crash(struct world *w)
{
    process_dies(w);
    process_starts(w);
}

static void
take_conf(struct world *w, const struct world_options *options)
{
    check(w->old_confs < 16);
    w->old_conf[w->old_confs++] = w->conf;
    w->conf = world_conf(options);
}

void
world_crash_into(struct world *w, const struct world_options *options)
{
    process_dies(w);
    take_conf(w, options);
    process_starts(w);
}

void
world_crash_in_turn(struct world *w)
{
    check(w->txn != NULL);
    store_abort(w->txn);
    w->txn = NULL;
    world_crash(w);
}

struct world *
world_new(const struct world_options *options)
{
    static const struct world_options none;
    static struct world world;
    struct world *w = &world;

    if (!getenv("TMPDIR") && access("/dev/shm", W_OK) == 0)
        setenv("TMPDIR", "/dev/shm", 1);
    memset(w, 0, sizeof(*w));
    w->now_ms = START_MS;
    w->last = &w->first;
    w->dir = temp_dir();
    w->store = temp_store(w->dir);
    w->conf = world_conf(options ? options : &none);
    effects_init(&w->fx);
    store_record(w->store, record, w);
    process_starts(w);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    return w;
}

void
world_reload(struct world *w, const struct world_options *options)
{
    struct event event = {.kind = EV_CONF};

    take_conf(w, options);
    event.u.conf = w->conf;
    world_event(w, &event);
    check(!relay_applying(w->relay));
}

void
world_end_test(struct world *w)
{
    struct store *replica = temp_store(temp_dir());

    for (uint32_t i = 0; i < w->changeset_count; i++)
        check(store_apply(replica, slice_of(w->changesets[i], w->changeset_bytes[i])));
    temp_same(w->store, replica);
    store_close(replica);
    relay_free(w->relay);
    store_close(w->store);
    forget_sent(w, -1);
    effects_release(&w->fx);
    conf_free(w->conf);
    for (uint32_t i = 0; i < w->old_confs; i++)
        conf_free(w->old_conf[i]);
    for (uint32_t i = 0; i < w->changeset_count; i++)
        free(w->changesets[i]);
    free(w->changesets);
    free(w->changeset_bytes);
}

/* ---- binds */

struct session_name
session_of(const struct world *w, uint32_t slot)
{
    return (struct session_name){slot, w->generation[slot]};
}

void
world_bind(struct world *w, uint32_t slot, enum link_kind kind, const char *name, uint32_t window)
{
    struct event event = {.kind = EV_BIND_UP};

    check(slot < BINDS_MAX && !w->up[slot]);
    w->generation[slot]++;
    w->up[slot] = true;
    event.session = session_of(w, slot);
    event.u.up = (struct event_up){.link = kind,
                                   .name = slice_str(name),
                                   .can_send = true,
                                   .window = window,
                                   .peer_version =
                                       w->peer_version ? w->peer_version : SMPP_VERSION_34};
    world_event(w, &event);
}

void
world_unbind(struct world *w, uint32_t slot, uint64_t inbound)
{
    struct event event = {.kind = EV_BIND_DOWN, .session = session_of(w, slot)};

    check(w->up[slot]);
    w->up[slot] = false;
    event.u.confirmed.inbound = inbound;
    forget_sent(w, (int)slot);
    world_event(w, &event);
}

/* ---- what the store says */

/* Slices of a record die with the transaction; these live until the next look. */
static void
keep_slices(const struct record_def *def, void *rec)
{
    static uint8_t kept[200000];
    size_t used = 0;

    for (uint32_t i = 0; i < def->field_count; i++) {
        const struct record_field *field = &def->fields[i];
        struct slice *slice = (struct slice *)(void *)((char *)rec + field->offset);

        if ((field->kind != FIELD_BYTES && field->kind != FIELD_TEXT) || slice->n == 0)
            continue;
        check(used + slice->n <= sizeof(kept));
        memcpy(kept + used, slice->p, slice->n);
        slice->p = kept + used;
        used += slice->n;
    }
}

bool
store_says(struct world *w, enum store_table table, const struct record_def *def, struct slice key,
           void *rec)
{
    struct store_txn *txn = store_begin(w->store);
    bool found = record_get(txn, table, key, def, rec);

    if (found)
        keep_slices(def, rec);
    store_abort(txn);
    return found;
}

struct rec_conv
conv_record(struct world *w, uint32_t account, uint64_t id)
{
    struct rec_conv conv;
    struct key key;

    key_init(&key);
    key_u32(&key, account);
    key_u64(&key, id);
    check(store_says(w, TABLE_CONV, &rec_conv_def, key_slice(&key), &conv));
    return conv;
}

struct rec_entry
entry_record(struct world *w, uint32_t account, uint64_t id, uint32_t n)
{
    struct store_txn *txn = store_begin(w->store);
    struct step s = {w->relay, txn, w->now_ms, NULL};
    struct rec_entry entry;
    struct conv conv;

    check(conv_get(&s, account, id, &conv) && conv_entry_get(&s, &conv, n, &entry));
    check_number(entry.conv, id);
    check_number(entry.n, n);
    keep_slices(&rec_entry_def, &entry);
    store_abort(txn);
    return entry;
}

struct rec_msg
message_record(struct world *w, uint64_t message)
{
    struct rec_msg msg;
    struct key key;

    key_init(&key);
    key_u64(&key, message);
    check(store_says(w, TABLE_MESSAGE, &rec_msg_def, key_slice(&key), &msg));
    return msg;
}

uint64_t
last_message(struct world *w)
{
    struct store_txn *txn = store_begin(w->store);
    struct slice key;
    uint64_t message = 0;

    check(store_last(txn, TABLE_MESSAGE, SLICE_NONE, &key, NULL) && key_take_u64(&key, &message));
    store_abort(txn);
    return message;
}

void
conv_close_directly(struct world *w, uint32_t account, uint64_t id)
{
    struct step s = {.relay = w->relay, .now_ms = w->now_ms, .fx = &w->fx};
    struct conv conv;

    world_begin(w);
    s.txn = w->txn;
    check(conv_get(&s, account, id, &conv));
    conv_close(&s, &conv, (struct owner){.kind = OWNER_NOBODY});
    conv_put(&s, &conv);
    world_end(w);
}

uint32_t
timer_rows(struct world *w, uint8_t kind)
{
    struct store_txn *txn = store_begin(w->store);
    struct slice from = SLICE_NONE, key;
    uint32_t rows = 0;

    while (store_seek(txn, TABLE_TIMER, from, SLICE_NONE, &key, NULL)) {
        uint8_t *next = store_scratch(txn, key.n + 1);

        rows += key.n > 8 && key.p[8] == kind;
        memcpy(next, key.p, key.n);
        next[key.n] = 0;
        from = slice_of(next, key.n + 1);
    }
    store_abort(txn);
    return rows;
}

uint32_t
table_rows(struct world *w, enum store_table table)
{
    struct store_txn *txn = store_begin(w->store);
    uint8_t from[STORE_KEY_BYTES_MAX + 1];
    struct slice start = SLICE_NONE, key;
    uint32_t n = 0;

    while (store_seek(txn, table, start, SLICE_NONE, &key, NULL)) {
        n++;
        memcpy(from, key.p, key.n);
        from[key.n] = 0;
        start = slice_of(from, key.n + 1);
    }
    store_abort(txn);
    return n;
}

struct addr
addr_of(const char *digits)
{
    struct pdu_address wire = {.ton = 1, .npi = 1, .digits = slice_str(digits)};
    struct addr addr;

    check(addr_from_wire(&wire, NULL, &addr) == ADDR_OK);
    return addr;
}

bool
opted_out(struct world *w, uint32_t account, const char *phone)
{
    struct addr addr = addr_of(phone);
    struct rec_optout rec;
    struct key key;

    key_init(&key);
    key_u32(&key, account);
    key_addr(&key, &addr);
    return store_says(w, TABLE_OPTOUT, &rec_optout_def, key_slice(&key), &rec) && rec.out;
}

const struct relay_counters *
counters(const struct world *w)
{
    return relay_counters(w->relay);
}

/*
 * conv.c: conversations (R-conv): which one a message belongs to, whose it is, and its history.
 */
#include "gateway/relay/conv.h"

#include <assert.h>

#include "gateway/relay/auto.h"
#include "gateway/relay/broadcast.h"
#include "gateway/relay/contact.h"
#include "gateway/relay/conv_state.h"
#include "gateway/relay/core.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/match.h"
#include "gateway/relay/message.h"
#include "gateway/relay/number.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/roam.h"
#include "gateway/relay/stop.h"
#include "gateway/relay/text.h"
#include "gateway/relay/txt.h"
#include "gateway/relay/view.h"
#include "gateway/relay/waiting.h"
#include "protocol/wire.h"

/* The first conversation of an account: with its check digit it has six digits (R-conv-2). */
#define CONV_COUNTER_BASE 9999u
/* records.h: an entry's text. Only a text of more than 214 parts can be longer in UTF-8. */
#define ENTRY_TEXT_BYTES_MAX 65535u

/* The quasigroup of order 10 that H. M. Damm found: it detects every single wrong digit and every
 * swap of neighbours. */
static uint8_t
damm(uint8_t interim, uint8_t digit)
{
    static const uint8_t table[10][10] = {
        {0, 3, 1, 7, 5, 9, 8, 6, 4, 2}, {7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
        {4, 2, 0, 6, 8, 7, 1, 3, 5, 9}, {1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
        {6, 1, 2, 3, 0, 4, 5, 9, 7, 8}, {3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
        {5, 8, 6, 9, 7, 2, 0, 1, 3, 4}, {8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
        {9, 4, 3, 8, 6, 1, 7, 2, 0, 5}, {2, 5, 8, 1, 4, 3, 6, 7, 9, 0},
    };

    return table[interim][digit];
}

static uint8_t
check_digit(uint64_t number)
{
    uint8_t digits[20], interim = 0;
    size_t n = 0;

    do
        digits[n++] = (uint8_t)(number % 10);
    while ((number /= 10) != 0);
    while (n > 0)
        interim = damm(interim, digits[--n]);
    return interim;
}

uint64_t
conv_id_make(uint64_t counter)
{
    uint64_t number = CONV_COUNTER_BASE + counter;

    return number * 10 + check_digit(number);
}

bool
conv_id_valid(uint64_t id)
{
    return id / 10 > CONV_COUNTER_BASE && check_digit(id) == 0;
}

/* ---- rows */

static void
conv_key(struct key *key, uint32_t account, uint64_t id)
{
    key_init(key);
    key_u32(key, account);
    key_u64(key, id);
}

static void
open_key(struct key *key, uint32_t account, const struct addr *number, const struct addr *contact)
{
    key_init(key);
    key_u32(key, account);
    key_addr(key, number);
    key_addr(key, contact);
}

bool
conv_get(struct step *s, uint32_t account, uint64_t id, struct conv *out)
{
    struct key key;

    bool there;

    conv_key(&key, account, id);
    out->id = id;
    out->account = account;
    out->ahead = 0;
    there = record_get(s->txn, TABLE_CONV, key_slice(&key), &rec_conv_def, &out->rec);
    out->place = view_place(&out->rec);
    return there;
}

void
conv_put(struct step *s, struct conv *conv)
{
    struct key key;

    conv_key(&key, conv->account, conv->id);
    record_put(s->txn, TABLE_CONV, key_slice(&key), &rec_conv_def, &conv->rec);
    view_follow(s, conv);
}

void
conv_not_open(struct step *s, const struct conv *conv)
{
    struct slice value;
    struct key key;
    uint64_t id;

    open_key(&key, conv->account, &conv->rec.number, &conv->rec.contact);
    if (store_get(s->txn, TABLE_CONV_OPEN, key_slice(&key), &value) &&
        key_take_u64(&value, &id) && id == conv->id)
        (void)store_del(s->txn, TABLE_CONV_OPEN, key_slice(&key));
}

bool
conv_open_of(struct step *s, uint32_t account, const struct addr *number,
             const struct addr *contact, struct conv *out)
{
    struct key key;
    struct slice value;
    uint64_t id;

    open_key(&key, account, number, contact);
    return store_get(s->txn, TABLE_CONV_OPEN, key_slice(&key), &value) &&
           key_take_u64(&value, &id) && conv_get(s, account, id, out) &&
           (out->rec.status == CONV_OPEN || PLANTED(CLOSED_GOES_ON));
}

/* ---- history
 *
 * Entries stand in the order in which they came, of all conversations of an account together: what
 * is written in a turn is in one place, and not in as many as there are conversations. The record
 * of a conversation has the numbers of its last entries, and rows of TABLE_HISTORY_OF those of the
 * earlier ones, ENTRIES_PER_ROW each. */
#define ENTRY_NUMBER_BYTES 8u

static void
entry_key(struct key *key, uint32_t account, uint64_t number)
{
    key_init(key);
    key_u32(key, account);
    key_u64(key, number);
}

static void
entries_key(struct key *key, const struct conv *conv, uint32_t first)
{
    conv_key(key, conv->account, conv->id);
    key_u32(key, first);
}

/* Entry n is the conversation's last one, and has this number. */
static void
entry_note(struct step *s, struct conv *conv, uint32_t n, uint64_t number)
{
    size_t before = conv->rec.recent.n;
    uint8_t *recent = store_scratch(s->txn, before + ENTRY_NUMBER_BYTES);
    struct key key;

    if (before > 0)
        memcpy(recent, conv->rec.recent.p, before);
    wire_store(recent + before, ENTRY_NUMBER_BYTES, number);
    conv->rec.recent = slice_of(recent, before + ENTRY_NUMBER_BYTES);
    if (n % ENTRIES_PER_ROW != 0)
        return;
    entries_key(&key, conv, n - ENTRIES_PER_ROW + 1);
    store_put(s->txn, TABLE_HISTORY_OF, key_slice(&key), conv->rec.recent);
    conv->rec.recent = SLICE_NONE;
}

/* 0: there is no such entry. */
static uint64_t
entry_number(struct step *s, const struct conv *conv, uint32_t n)
{
    uint32_t first = (n - 1) / ENTRIES_PER_ROW * ENTRIES_PER_ROW + 1;
    struct slice numbers = conv->rec.recent;
    size_t at = (size_t)(n - first) * ENTRY_NUMBER_BYTES;
    struct key key;

    if (n == 0 || n > conv->rec.entries)
        return 0;
    entries_key(&key, conv, first);
    if (first + ENTRIES_PER_ROW - 1 <= conv->rec.entries &&
        !store_get(s->txn, TABLE_HISTORY_OF, key_slice(&key), &numbers))
        return 0;
    return at < numbers.n ? wire_load(numbers.p + at, ENTRY_NUMBER_BYTES) : 0;
}

/* A text as long as an entry can hold, cut between two characters. */
static struct slice
entry_text(const struct rec_entry *entry)
{
    struct slice text = entry->text;

    if (text.n <= ENTRY_TEXT_BYTES_MAX)
        return text;
    text.n = ENTRY_TEXT_BYTES_MAX;
    while (entry->alphabet != TEXT_BINARY && (text.p[text.n] & 0xC0u) == 0x80)
        text.n--;
    return text;
}

static uint64_t
entry_new(struct step *s, const struct conv *conv)
{
    return store_counter_next(s->txn, "entry", conv->account);
}

void
conv_entry_ahead(struct step *s, struct conv *conv, struct rec_msg *msg)
{
    if (conv->ahead == 0)
        conv->ahead = entry_new(s, conv);
    msg->conv = conv->id;
    msg->entry = conv->rec.entries + 1;
    msg->history = conv->ahead;
}

void
conv_entry(struct step *s, struct conv *conv, const struct rec_entry *entry)
{
    struct rec_entry rec = *entry;
    uint64_t number = conv->ahead ? conv->ahead : entry_new(s, conv);
    struct key key;

    conv->ahead = 0;
    conv->rec.entries++;
    rec.text = entry_text(entry);
    rec.conv = conv->id;
    rec.n = conv->rec.entries;
    entry_note(s, conv, rec.n, number);
    entry_key(&key, conv->account, number);
    record_put(s->txn, TABLE_HISTORY, key_slice(&key), &rec_entry_def, &rec);
}

bool
conv_entry_get(struct step *s, const struct conv *conv, uint32_t n, struct rec_entry *out)
{
    uint64_t number = entry_number(s, conv, n);
    struct key key;

    entry_key(&key, conv->account, number);
    return number != 0 &&
           record_get(s->txn, TABLE_HISTORY, key_slice(&key), &rec_entry_def, out);
}

void
conv_entry_drop(struct step *s, const struct conv *conv, uint32_t n)
{
    uint64_t number = entry_number(s, conv, n);
    struct key key;

    entry_key(&key, conv->account, number);
    if (number != 0)
        (void)store_del(s->txn, TABLE_HISTORY, key_slice(&key));
}

/* The entry that shows this message. */
static bool
entry_of(struct step *s, const struct rec_msg *msg, struct key *key, struct rec_entry *out)
{
    entry_key(key, msg->account, msg->history);
    return msg->history != 0 &&
           record_get(s->txn, TABLE_HISTORY, key_slice(key), &rec_entry_def, out);
}

void
conv_entry_state(struct step *s, const struct rec_msg *msg, enum msg_state state)
{
    struct rec_entry rec;
    struct key key;

    if (!entry_of(s, msg, &key, &rec))
        return;
    rec.state = (uint8_t)state;
    record_put(s->txn, TABLE_HISTORY, key_slice(&key), &rec_entry_def, &rec);
}

void
conv_entry_text(struct step *s, const struct rec_msg *msg, struct slice text)
{
    struct rec_entry rec;
    struct key key;

    if (text.n == 0 || !entry_of(s, msg, &key, &rec))
        return;
    rec.text = text;
    record_put(s->txn, TABLE_HISTORY, key_slice(&key), &rec_entry_def, &rec);
}

static void
forwarded_key(struct key *key, const struct conv *conv, uint32_t agent)
{
    conv_key(key, conv->account, conv->id);
    key_u32(key, agent);
}

bool
conv_was_forwarded(struct step *s, const struct conv *conv, uint32_t agent)
{
    struct key key;
    struct slice value;

    if (conv->rec.forwarded == agent)
        return true;
    forwarded_key(&key, conv, agent);
    return store_get(s->txn, TABLE_FORWARDED, key_slice(&key), &value);
}

void
conv_forwarded(struct step *s, struct conv *conv, uint32_t agent)
{
    struct key key;

    if (conv_was_forwarded(s, conv, agent))
        return;
    forwarded_key(&key, conv, agent);
    if (conv->rec.forwarded == 0)
        conv->rec.forwarded = agent; /* there is hardly ever another one */
    else
        store_put(s->txn, TABLE_FORWARDED, key_slice(&key), SLICE_LIT("\1"));
}

/* ---- a contact writes */

static void
conv_open_as(struct step *s, uint32_t account, const struct addr *number,
             const struct addr *contact, struct owner owner, struct conv *conv)
{
    struct rec_entry entry = {.kind = ENTRY_OPENED, .at_ms = s->now_ms};
    struct key key, id;

    conv->place = (struct conv_place){0};
    conv->account = account;
    conv->ahead = 0;
    conv->id = conv_id_make(store_counter_next(s->txn, "conversation", account));
    conv->rec = (struct rec_conv){
        .number = *number,
        .contact = *contact,
        .status = CONV_OPEN,
        .owner_kind = owner.kind,
        .owner = owner.id,
        .opened_ms = s->now_ms,
    };
    key_init(&id);
    key_u64(&id, conv->id);
    open_key(&key, conv->account, number, contact);
    store_put(s->txn, TABLE_CONV_OPEN, key_slice(&key), key_slice(&id));
    key_init(&key);
    key_u32(&key, conv->account);
    key_addr(&key, contact);
    key_u64(&key, conv->id);
    store_put(s->txn, TABLE_THREAD, key_slice(&key), SLICE_LIT("\1"));
    conv_entry(s, conv, &entry);
    s->relay->count.conversations_opened++;
}

static void
conv_open(struct step *s, struct inbound *in, struct conv *conv)
{
    struct conv fresh = {0};
    struct owner owner = {0};
    bool bot = number_bot(s, &fresh, &in->settings) != 0;

    /* What a bot answers is nobody's until somebody takes it. */
    if (!bot)
        owner = number_owner(s, &in->number, &in->owner, &in->settings);
    conv_open_as(s, in->owner.account, &in->number, &in->phone, owner, conv);
    if (!bot && owner.kind == OWNER_NOBODY)
        conv->rec.inboxes = in->settings.inboxes;
}

struct rec_entry
conv_entry_of(const struct step *s, const struct inbound *in, enum entry_kind kind)
{
    struct rec_entry entry = {.kind = (uint8_t)kind, .at_ms = s->now_ms, .text = in->text};

    if (in->binary) {
        entry.alphabet = TEXT_BINARY;
        entry.text = in->octets;
    }
    return entry;
}

void
conv_said(struct step *s, struct conv *conv, const struct inbound *in)
{
    struct rec_entry entry = conv_entry_of(s, in, ENTRY_IN);

    conv_entry(s, conv, &entry);
    stop_entry(s, conv, (enum stop_change)in->stop);
    if (in->stop == STOP_NEARLY) /* R-stop-3 */
        conv_follow_up(s, conv, true, (struct owner){.kind = OWNER_NOBODY});
    conv_asked(s, conv);
}

bool
conv_of_pair(struct step *s, uint32_t account, const struct addr *number,
             const struct addr *contact, uint32_t agent, struct conv *out)
{
    struct owner owner = {agent ? OWNER_AGENT : OWNER_NOBODY, agent};

    if (conv_open_of(s, account, number, contact, out))
        return false;
    conv_open_as(s, account, number, contact, owner, out);
    return true;
}

/* R-list-5: an answer to a broadcast is whose the broadcast says, if that opens a conversation. */
static void
conv_open_answering(struct step *s, struct inbound *in, struct owner owner, struct conv *conv)
{
    if (owner.kind != OWNER_NOBODY) {
        in->settings.assign = owner;
        in->settings.round_robin = false;
        in->settings.response = RESPONSE_AGENT;
    }
    conv_open(s, in, conv);
    if (owner.kind != OWNER_NOBODY)
        conv->rec.answerer = ANSWERER_AGENTS;
}

void
conv_inbound(struct step *s, struct inbound *in)
{
    struct owner owner = {0};
    uint32_t broadcast;
    struct conv conv;
    bool opened;

    if (in->octets.n == 0)
        return; /* G19: nothing was said */
    broadcast = broadcast_reply(s, in, &owner);
    opened = !conv_open_of(s, in->owner.account, &in->number, &in->phone, &conv);
    if (opened)
        conv_open_answering(s, in, owner, &conv);
    match_conv(s, in, &conv, opened);
    if (broadcast != 0)
        broadcast_memo(s, &conv, broadcast);
    conv_said(s, &conv, in);
    if (!conv_to_bot(s, &conv, in)) {
        auto_reply(s, in, &conv, opened);
        txt_forward(s, &conv, in);
    }
    stop_notice(s, &conv, (enum stop_change)in->stop);
    conv_put(s, &conv);
}

/* ---- somebody of ours writes first */

/* Of a text from the command line; an account's limits are for what apps send. */
#define WRITE_UNLIMITED true

void
conv_begin(struct step *s, struct rec_number *number, const struct conv_text *text,
           struct owner owner, struct conv *out)
{
    struct inbound in = {.number = text->from, .phone = text->to, .owner = *number};

    if (conv_open_of(s, number->account, &text->from, &text->to, out))
        return;
    number_settings(s, &in.number, &in.owner, &in.settings);
    if (owner.kind != OWNER_NOBODY) {
        in.settings.assign = owner;
        in.settings.round_robin = false;
    }
    conv_open(s, &in, out);
}

void
conv_wrote(struct step *s, struct conv *conv, const struct conv_text *text, uint64_t message)
{
    struct rec_entry entry = {.kind = ENTRY_OUT,
                              .state = MSG_QUEUED,
                              .by_kind = text->by ? OWNER_AGENT : OWNER_NOBODY,
                              .by = text->by,
                              .at_ms = s->now_ms,
                              .message = message,
                              .text = text->text};

    conv_entry(s, conv, &entry);
    conv_answered(s, conv, text->by);
    if (text->contact != 0) {
        conv->rec.contact_id = text->contact;
        contact_spoke(s, conv->account, text->contact, conv);
    }
    conv_put(s, conv);
}

/* Says it in this conversation. */
static enum compose_err
say(struct step *s, struct conv *conv, uint32_t carrier, const struct conv_words *words)
{
    struct rec_entry entry = {.kind = ENTRY_OUT,
                              .state = MSG_QUEUED,
                              .by_kind = words->by ? OWNER_AGENT : OWNER_NOBODY,
                              .by = words->by,
                              .at_ms = s->now_ms,
                              .text = words->text};
    struct rec_msg msg = {.op = OP_SUBMIT,
                          .class = CLASS_CHAT,
                          .account = conv->account,
                          .source = conv->rec.number,
                          .dest = conv->rec.contact,
                          .wants_receipt = 1};
    enum compose_err err;

    conv_entry_ahead(s, conv, &msg);
    if (!roam_route(s, &msg, carrier))
        entry.state = MSG_REFUSED;
    err = compose(s, &msg, words->text, words->unlimited, &entry.message);
    if (err == COMPOSE_OK) {
        conv_entry(s, conv, &entry);
        conv_answered(s, conv, words->by);
    }
    return err;
}

bool
conv_write(struct step *s, struct rec_number *number, const struct conv_text *text,
           struct conv *out)
{
    struct owner writer = {text->by ? OWNER_AGENT : OWNER_NOBODY, text->by};
    struct conv_words words = {text->to, text->text, text->by, WRITE_UNLIMITED};

    conv_begin(s, number, text, writer, out);
    if (say(s, out, number->carrier, &words) != COMPOSE_OK)
        return false;
    if (text->contact != 0) {
        out->rec.contact_id = text->contact;
        contact_spoke(s, out->account, text->contact, out);
    }
    conv_put(s, out);
    return true;
}

/* ---- somebody of ours goes on */

/* The conversation with another number of the same contact, as this one's owner has it. */
static void
beside(struct step *s, const struct conv *conv, const struct addr *to, struct conv *out)
{
    struct owner owner = {conv->rec.owner_kind, conv->rec.owner};

    if (conv_open_of(s, conv->account, &conv->rec.number, to, out))
        return;
    conv_open_as(s, conv->account, &conv->rec.number, to, owner, out);
    out->rec.contact_id = conv->rec.contact_id;
    out->rec.answerer = conv->rec.answerer;
    contact_spoke(s, out->account, out->rec.contact_id, out);
}

/* R-multi-1: the history of the first one says where its answer went. */
static void
answered_beside(struct step *s, struct conv *conv, const struct conv *said, uint32_t by)
{
    struct rec_entry entry = {.kind = ENTRY_ELSEWHERE,
                              .by_kind = by ? OWNER_AGENT : OWNER_NOBODY,
                              .by = by,
                              .at_ms = s->now_ms};
    struct line line = {.n = 0};
    char id[24];

    line_text(&line, said->rec.contact.text);
    line_key(&line, "conversation", (message_id_text(said->id, id), id));
    entry.text = slice_of(line.p, line.n);
    conv_entry(s, conv, &entry);
    conv_answered(s, conv, by);
}

enum compose_err
conv_reply(struct step *s, struct conv *conv, const struct rec_number *number,
           const struct conv_words *words, struct conv *said)
{
    bool same = addr_eq(&words->to, &conv->rec.contact);
    enum compose_err err;

    if (same)
        *said = *conv;
    else
        beside(s, conv, &words->to, said);
    err = say(s, said, number->carrier, words);
    if (!same && err == COMPOSE_OK)
        answered_beside(s, conv, said, words->by);
    conv_put(s, said);
    if (same)
        *conv = *said;
    else
        conv_put(s, conv);
    return err;
}

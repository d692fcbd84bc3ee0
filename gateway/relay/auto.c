/*
 * auto.c: automatic replies (R-auto): which rule answers a contact's text, and when none does, so
 * that two machines never talk for ever.
 *
 * The rules stand in the configuration. What must be remembered is in TABLE_AUTO_SENT, by kind:
 *   RATE (phone, rule)          when it was answered, in the last hour: milliseconds, one by one
 *   TEXT (digest)               when this text was last sent: whoever writes it is a machine
 *   ONCE (conversation, rule)   it answered there already
 * Rows of the first two go a day after their last change (TIMER_AUTO), those of the third when the
 * conversation is closed.
 */
#include "gateway/relay/auto.h"

#include <stdlib.h>

#include "conf/conf_pattern.h"
#include "conf/zone.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/conv_state.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/list.h"
#include "gateway/relay/number.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/roam.h"
#include "gateway/relay/stop.h"
#include "gateway/relay/text.h"
#include "gateway/relay/timer.h"

#define HOUR_MS 3600000u
#define DAY_MS 86400000u
/* More texts than PAIR_TEXTS_MAX from one phone to one number within PAIR_WINDOW_MS: nothing
 * answers them until it has been less for as long. */
#define PAIR_TEXTS_MAX 20u
#define PAIR_WINDOW_MS 60000u
/* Pairs that are counted at a time; more are not. Only those whose account has rules are. */
#define PAIRS_MAX 65536u

enum auto_row { ROW_RATE = 1, ROW_TEXT, ROW_ONCE };

/* ---- rows */

static void
sent_key(struct key *key, uint32_t account, enum auto_row kind)
{
    key_init(key);
    key_u32(key, account);
    key_u8(key, (uint8_t)kind);
}

static void
rate_key(struct key *key, uint32_t account, const struct addr *phone, const struct dir_auto *rule)
{
    sent_key(key, account, ROW_RATE);
    key_addr(key, phone);
    key_bytes(key, slice_str(rule->id));
}

/* Texts that differ in what stands around them are the same. */
static void
text_key(struct key *key, uint32_t account, struct slice text)
{
    text = conf_keyword_trim(text);
    sent_key(key, account, ROW_TEXT);
    for (uint64_t half = 1; half <= 2; half++)
        key_u64(key, hash_bytes(half, text.p, text.n));
}

static void
once_key(struct key *key, const struct conv *conv, const struct dir_auto *rule)
{
    sent_key(key, conv->account, ROW_ONCE);
    key_u64(key, conv->id);
    key_bytes(key, slice_str(rule->id));
}

/* The time that the value begins with, and the rest. */
static uint64_t
take_ms(struct slice *value)
{
    uint64_t ms;

    return key_take_u64(value, &ms) ? ms : 0;
}

/* The last time in a value; the times stand in order. */
static uint64_t
last_ms(struct slice value)
{
    uint64_t last = 0;

    while (value.n > 0) {
        uint64_t ms = take_ms(&value);

        if (ms == 0)
            break;
        last = ms;
    }
    return last;
}

/* A row goes a day after it changed for the last time. */
static void
put_for_a_day(struct step *s, const struct key *key, struct slice value, bool is_new)
{
    store_put(s->txn, TABLE_AUTO_SENT, key_slice(key), value);
    if (is_new)
        timer_set(s, s->now_ms + DAY_MS, TIMER_AUTO, key_slice(key));
}

void
auto_expire(struct step *s, struct slice payload)
{
    struct slice value;
    uint64_t last;

    if (!store_get(s->txn, TABLE_AUTO_SENT, payload, &value))
        return;
    last = last_ms(value);
    if (last + DAY_MS <= s->now_ms)
        store_del(s->txn, TABLE_AUTO_SENT, payload);
    else
        timer_set(s, last + DAY_MS, TIMER_AUTO, payload);
}

void
auto_forget(struct step *s, uint32_t account, const struct addr *phone)
{
    struct key prefix;
    struct slice key;

    sent_key(&prefix, account, ROW_RATE);
    key_addr(&prefix, phone);
    while (store_seek(s->txn, TABLE_AUTO_SENT, key_slice(&prefix), key_slice(&prefix), &key, NULL))
        store_del(s->txn, TABLE_AUTO_SENT, key);
}

void
auto_conv_closed(struct step *s, uint32_t account, uint64_t conv)
{
    struct key prefix;
    struct slice key;

    sent_key(&prefix, account, ROW_ONCE);
    key_u64(&prefix, conv);
    while (store_seek(s->txn, TABLE_AUTO_SENT, key_slice(&prefix), key_slice(&prefix), &key, NULL))
        store_del(s->txn, TABLE_AUTO_SENT, key);
}

/* ---- on and off */

static void
auto_key(struct key *key, uint32_t account, const struct dir_auto *rule)
{
    key_init(key);
    key_u32(key, account);
    key_bytes(key, slice_str(rule->id));
}

bool
auto_is_on(struct step *s, uint32_t account, const struct dir_auto *rule, struct rec_auto *rec)
{
    struct rec_auto found;
    struct key key;

    auto_key(&key, account, rule);
    if (!record_get(s->txn, TABLE_AUTO, key_slice(&key), &rec_auto_def, &found) ||
        (found.file_on != 0) != rule->on)
        found = (struct rec_auto){.on = rule->on, .file_on = rule->on};
    if (rec)
        *rec = found;
    return found.on;
}

void
auto_set(struct step *s, uint32_t account, const struct dir_auto *rule, const struct rec_auto *rec)
{
    struct key key;

    auto_key(&key, account, rule);
    record_put(s->txn, TABLE_AUTO, key_slice(&key), &rec_auto_def, rec);
}

/* ---- which rule */

static bool
is_text_based(const struct dir_auto *rule)
{
    return rule->words || rule->compiled;
}

/* Rules of one number stand in a row; those without a number first. */
static const struct dir_auto *const *
rules_of(const struct dir_account *dir, const struct addr *number, uint32_t *count)
{
    uint32_t low = 0, high = dir->auto_reply_count, end;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (memcmp(&dir->autos[middle]->number, number, sizeof(*number)) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (end = low; end < dir->auto_reply_count && addr_eq(&dir->autos[end]->number, number);)
        end++;
    *count = end - low;
    return dir->autos + low;
}

static bool
text_matches(const struct dir_auto *rule, struct slice text)
{
    return (rule->words && conf_pattern_match(rule->words, conf_keyword_trim(text))) ||
           (rule->compiled && conf_pattern_match(rule->compiled, text));
}

/* R-auto-1: on the days named its time begins; behind midnight it is still that day's. */
static bool
time_matches(const struct dir_auto *rule, uint64_t now_ms)
{
    struct zone_time t;
    uint32_t from = rule->from_min * 60u, to = rule->to_min * 60u;
    bool today, yesterday;

    if (!rule->zone)
        return true;
    t = zone_local(rule->zone, now_ms);
    today = rule->day_mask >> t.day & 1;
    yesterday = rule->day_mask >> (t.day + 6) % 7 & 1;
    if (to > from)
        return today && t.second >= from && t.second < to;
    return (today && t.second >= from) || (yesterday && t.second < to);
}

static bool
rule_matches(const struct step *s, const struct dir_auto *rule, const struct inbound *in)
{
    return is_text_based(rule) ? text_matches(rule, in->text) : time_matches(rule, s->now_ms);
}

/* The first rule of this kind that is on and matches. *own says whether there is one that is on at
 * all. */
static const struct dir_auto *
rule_among(struct step *s, const struct inbound *in, const struct addr *number, bool text,
           bool *own)
{
    const struct dir_account *dir = account_of(s->relay, in->owner.account)->dir;
    const struct dir_auto *const *rules;
    const struct dir_auto *found = NULL;
    uint32_t count;

    *own = false;
    rules = rules_of(dir, number, &count);
    for (uint32_t i = 0; i < count && !found; i++) {
        if (is_text_based(rules[i]) != text || (text && !text_matches(rules[i], in->text)) ||
            !auto_is_on(s, in->owner.account, rules[i], NULL))
            continue;
        *own = true;
        if (rule_matches(s, rules[i], in))
            found = rules[i];
    }
    return found;
}

/* Who asks for something by its word gets that; only others are told what time it is. */
static const struct dir_auto *
rule_for(struct step *s, const struct inbound *in)
{
    static const struct addr none;
    const struct dir_auto *rule = NULL;

    for (int time = 0; time < 2 && !rule; time++) {
        bool own, any;

        rule = rule_among(s, in, &in->number, !time, &own);
        if (!rule && (!own || PLANTED(AUTO_GLOBAL_FIRST)))
            rule = rule_among(s, in, &none, !time, &any);
    }
    return rule;
}

/* ---- machines */

struct pair {
    struct hash_node node; /* in relay->pairs */
    struct addr number, phone;
    uint64_t at_ms[PAIR_TEXTS_MAX]; /* of the last texts, in a ring */
    uint32_t texts; /* so far */
    uint64_t last_ms;
    uint64_t paused_ms; /* until then */
};

static void
pairs_clear(struct relay *relay, uint64_t now_ms)
{
    for (size_t i = 0; relay->pairs.buckets && i <= relay->pairs.mask; i++)
        for (struct hash_node *node = relay->pairs.buckets[i], *next; node; node = next) {
            struct pair *pair = HASH_OBJECT(node, struct pair, node);

            next = node->next;
            if (pair->last_ms + PAIR_WINDOW_MS > now_ms || pair->paused_ms > now_ms)
                continue;
            hash_remove(&relay->pairs, node);
            relay->pair_count--;
            free(pair);
        }
}

void
auto_free(struct relay *relay)
{
    pairs_clear(relay, UINT64_MAX);
    hash_release(&relay->pairs);
}

static struct pair *
pair_of(struct relay *relay, const struct inbound *in)
{
    uint64_t hash = hash_addr(hash_addr(0, &in->number), &in->phone);
    struct pair *pair;

    for (struct hash_node *node = hash_chain(&relay->pairs, hash); node; node = node->next) {
        pair = HASH_OBJECT(node, struct pair, node);
        if (node->hash == hash && addr_eq(&pair->number, &in->number) &&
            addr_eq(&pair->phone, &in->phone))
            return pair;
    }
    if (relay->pair_count == PAIRS_MAX)
        return NULL;
    pair = core_alloc(sizeof(*pair));
    pair->number = in->number;
    pair->phone = in->phone;
    hash_insert(&relay->pairs, &pair->node, hash);
    relay->pair_count++;
    return pair;
}

static void
pair_pause(struct step *s, const struct inbound *in, struct pair *pair)
{
    struct line line = {.n = 0};

    if (pair->paused_ms <= s->now_ms) {
        s->relay->count.pairs_paused++;
        line_text(&line, "automatic replies paused");
        line_addr(&line, "from", &in->phone);
        line_addr(&line, "to", &in->number);
        line_key(&line, "reason", "more than 20 texts in a minute");
        line_log(s, LOG_LEVEL_WARN, &line);
    }
    pair->paused_ms = s->now_ms + PAIR_WINDOW_MS;
}

/* Counts this text. In memory: a restart begins to count again, which costs a machine's partner
 * no more than auto.max_per_hour allows anyway. */
static bool
pair_is_paused(struct step *s, const struct inbound *in)
{
    struct relay *relay = s->relay;
    struct pair *pair;
    uint64_t *slot;

    if (s->now_ms >= relay->pairs_ms + PAIR_WINDOW_MS) {
        pairs_clear(relay, s->now_ms);
        relay->pairs_ms = s->now_ms;
    }
    pair = pair_of(relay, in);
    if (!pair)
        return false;
    slot = &pair->at_ms[pair->texts++ % PAIR_TEXTS_MAX];
    if (pair->texts > PAIR_TEXTS_MAX && *slot + PAIR_WINDOW_MS > s->now_ms)
        pair_pause(s, in, pair);
    *slot = pair->last_ms = s->now_ms;
    return pair->paused_ms > s->now_ms;
}

/* R-auto-3 and bad-input.md section 5: whom nothing is sent to, whatever the rules say. */
static bool
is_machine(struct step *s, const struct inbound *in)
{
    struct rec_number ours;
    struct slice value;
    struct key key;

    if (in->phone.kind != ADDR_E164 || (in->esm_class & SMPP_ESM_TYPE_MASK) != 0 ||
        number_get(s, &in->phone, &ours))
        return true;
    text_key(&key, in->owner.account, in->text);
    return store_get(s->txn, TABLE_AUTO_SENT, key_slice(&key), &value) &&
           last_ms(value) + DAY_MS > s->now_ms;
}

/* At most so many of one rule to one phone within an hour: notes this one if it may go. */
static bool
rate_take(struct step *s, const struct inbound *in, const struct dir_auto *rule)
{
    struct slice value, recent;
    struct key key, now;
    uint8_t *times;
    bool there;

    rate_key(&key, in->owner.account, &in->phone, rule);
    there = store_get(s->txn, TABLE_AUTO_SENT, key_slice(&key), &value);
    recent = there ? value : SLICE_NONE;
    for (struct slice rest = recent; rest.n >= 8 && take_ms(&rest) + HOUR_MS <= s->now_ms;)
        recent = rest;
    if (recent.n / sizeof(uint64_t) >= s->relay->conf->auto_per_hour && !PLANTED(AUTO_UNLIMITED))
        return false;
    key_init(&now);
    key_u64(&now, s->now_ms);
    times = store_scratch(s->txn, recent.n + now.n);
    if (recent.n > 0)
        memcpy(times, recent.p, recent.n);
    memcpy(times + recent.n, now.b, now.n);
    put_for_a_day(s, &key, slice_of(times, recent.n + now.n), !there);
    return true;
}

/* Has the rule answered in this conversation, and may not do so twice? */
static bool
once_was(struct step *s, const struct conv *conv, const struct dir_auto *rule)
{
    struct key key;
    struct slice value;

    once_key(&key, conv, rule);
    return rule->once && !PLANTED(AUTO_TWICE) &&
           store_get(s->txn, TABLE_AUTO_SENT, key_slice(&key), &value);
}

static void
once_note(struct step *s, const struct conv *conv, const struct dir_auto *rule)
{
    struct key key, at;

    if (!rule->once)
        return;
    once_key(&key, conv, rule);
    key_init(&at);
    key_u64(&at, s->now_ms);
    store_put(s->txn, TABLE_AUTO_SENT, key_slice(&key), key_slice(&at));
}

static void
note_text(struct step *s, uint32_t account, struct slice text)
{
    struct key key, at;
    struct slice value;

    text_key(&key, account, text);
    key_init(&at);
    key_u64(&at, s->now_ms);
    put_for_a_day(s, &key, key_slice(&at),
                  !store_get(s->txn, TABLE_AUTO_SENT, key_slice(&key), &value));
}

/* ---- what it does */

/* R-auto-2: a new conversation, or one that is nobody's. */
static void
assign(struct step *s, struct conv *conv, const struct dir_auto *rule, bool opened)
{
    struct slice name = slice_str(rule->assign);
    struct owner to = {.kind = (uint8_t)rule->assign_kind}, nobody = {.kind = OWNER_NOBODY};

    if (rule->assign_kind == OWNER_NOBODY || (conv->rec.owner_kind != OWNER_NOBODY && !opened))
        return;
    to.id = rule->assign_kind == OWNER_AGENT ? agent_named(s, conv->account, name)
                                             : group_named(s, conv->account, name);
    if (to.id != 0)
        conv_transfer(s, conv, to, nobody);
}

/* The opt-out box: the rule's text is the confirmation (R-stop-6). */
static bool
opt_out(struct step *s, const struct inbound *in, struct conv *conv, const struct dir_auto *rule)
{
    struct stop_order order = {.account = conv->account,
                               .phone = in->phone,
                               .out = true,
                               .by_kind = OPTOUT_BY_RULE,
                               .by = slice_str(rule->id),
                               .number = in->number,
                               .text = in->text};

    if (PLANTED(AUTO_OPT_OUT_LOST))
        return true;
    if (!stop_change(s, &order))
        return false;
    stop_entry(s, conv, STOP_OUT);
    stop_notice(s, conv, STOP_OUT);
    return true;
}

static void
answer(struct step *s, const struct inbound *in, struct conv *conv, const struct dir_auto *rule)
{
    const struct account *account = account_of(s->relay, conv->account);
    struct template_value name = {"name", slice_str(account->name)};
    size_t room = strlen(rule->text) + TEMPLATE_USES_MAX * name.value.n;
    uint8_t *out = store_scratch(s->txn, room);
    struct slice text = slice_of(out, conf_template_expand(rule->text, &name, 1, out, room));
    struct rec_entry entry = {
        .kind = ENTRY_AUTO, .state = MSG_QUEUED, .at_ms = s->now_ms, .text = text};
    struct rec_msg msg = {.op = OP_SUBMIT,
                          .class = is_text_based(rule) ? CLASS_BULK : CLASS_CHAT,
                          .flags = rule->opt_out ? MSGF_CONFIRMATION : 0,
                          .account = conv->account,
                          .source = in->number,
                          .dest = in->phone,
                          .wants_receipt = 1};

    conv_entry_ahead(s, conv, &msg);
    note_text(s, conv->account, text);
    (void)roam_route(s, &msg, in->owner.carrier);
    (void)compose(s, &msg, text, true, &entry.message);
    conv_entry(s, conv, &entry);
    s->relay->count.auto_replies++;
}

void
auto_reply(struct step *s, const struct inbound *in, struct conv *conv, bool opened)
{
    const struct dir_account *dir = account_of(s->relay, conv->account)->dir;
    const struct dir_auto *rule;
    bool paused;

    if (!dir || dir->auto_reply_count == 0)
        return;
    paused = pair_is_paused(s, in);
    /* What opts out or in has its own answer. */
    if (in->binary || (in->stop != STOP_NOTHING && in->stop != STOP_NEARLY))
        return;
    rule = rule_for(s, in);
    if (!rule)
        return;
    assign(s, conv, rule, opened);
    if (rule->opt_out && !opt_out(s, in, conv, rule))
        return;
    /* What answered once here does not count for the hour again. */
    if (once_was(s, conv, rule))
        return;
    if (!list_keyword(s, in, slice_str(rule->join_list), slice_str(rule->leave_list)) || paused ||
        is_machine(s, in) ||
        (!rule->opt_out && stop_is_out(s, conv->account, &in->phone)) ||
        !rate_take(s, in, rule)) {
        s->relay->count.auto_held++;
        return;
    }
    once_note(s, conv, rule);
    answer(s, in, conv, rule);
}

/*
 * records.c: see records.h.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/agent.h"
#include "gateway/relay/campaign.h"
#include "gateway/relay/contact.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/link.h"
#include "gateway/relay/message.h"
#include "gateway/relay/number.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/view.h"

enum command_result
refuse(struct command *command, enum command_result result, const char *why)
{
    answer_why(command->answer, why);
    return result;
}

enum command_result
refuse_listed(struct command *command)
{
    return refuse(command, COMMAND_WRONG_STATE,
                  "the directory file lists it: change it there and reload");
}

enum command_result
refuse_choices(struct command *command, const struct contact_choices *choices)
{
    struct line why = {.n = 0};

    line_text(&why, "several numbers are selected, say which with --to:");
    for (uint32_t i = 0; i < choices->count; i++) {
        line_text(&why, " ");
        line_text(&why, choices->number[i].text);
    }
    return refuse(command, COMMAND_WRONG_STATE, why.p);
}

uint32_t
record_account(struct command *command)
{
    uint32_t account = account_named(command->step, command->args[0].text);

    if (account == 0 || account_of(command->step->relay, account)->removed) {
        answer_why(command->answer, "there is no such account");
        return 0;
    }
    return account;
}

static bool
next_behind(struct command *command, enum store_table table, const struct key *prefix,
            struct slice *key)
{
    struct command_progress *progress = command->progress;
    struct slice from =
        progress->key_n ? slice_of(progress->key, progress->key_n) : key_slice(prefix);

    if (!store_seek(command->step->txn, table, from, key_slice(prefix), key, NULL) ||
        key->n + 1 > sizeof(progress->key))
        return false;
    memcpy(progress->key, key->p, key->n);
    progress->key[key->n] = 0;
    progress->key_n = (uint16_t)(key->n + 1);
    *key = slice_of(key->p + prefix->n, key->n - prefix->n);
    return true;
}

bool
record_next(struct command *command, enum store_table table, uint32_t account, struct slice *key)
{
    struct key prefix;

    key_init(&prefix);
    key_u32(&prefix, account);
    return next_behind(command, table, &prefix, key);
}

bool
record_next_of(struct command *command, enum store_table table, uint32_t account, uint32_t second,
               struct slice *key)
{
    struct key prefix;

    key_init(&prefix);
    key_u32(&prefix, account);
    key_u32(&prefix, second);
    return next_behind(command, table, &prefix, key);
}

enum command_result
record_walk(struct command *command, enum store_table table, uint32_t account,
            void (*show)(struct command *command, uint32_t account, struct slice key))
{
    struct slice key;

    for (uint32_t rows = 0;
         rows < COMMAND_ROWS_MAX && command->answer->rows < COMMAND_ANSWERS_MAX; rows++) {
        if (!record_next(command, table, account, &key))
            return COMMAND_DONE;
        show(command, account, key);
    }
    return COMMAND_MORE;
}

bool
record_phone(struct command *command, uint32_t account, struct slice text, struct addr *out)
{
    if (addr_from_text(text, account_of(command->step->relay, account)->plan, out) == ADDR_OK &&
        (out->kind == ADDR_E164 || out->kind == ADDR_SHORT))
        return true;
    answer_why(command->answer, "that is not a phone number");
    return false;
}

void
answer_addr(struct answer *answer, const char *name, const struct addr *addr)
{
    if (addr->kind == ADDR_NONE)
        answer_none(answer, name);
    else
        answer_text(answer, name, slice_of(addr->text, addr->n));
}

static uint8_t
lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

bool
text_holds(struct slice text, struct slice part)
{
    for (size_t at = 0; at + part.n <= text.n; at++) {
        size_t n = 0;

        while (n < part.n && lower(text.p[at + n]) == lower(part.p[n]))
            n++;
        if (n == part.n)
            return true;
    }
    return false;
}

void
answer_account(struct command *command, uint32_t account)
{
    struct rec_account rec;
    struct key key;

    key_init(&key);
    key_u32(&key, account);
    if (account && record_get(command->step->txn, TABLE_ACCOUNT, key_slice(&key), &rec_account_def,
                              &rec))
        answer_text(command->answer, "account", rec.id);
    else
        answer_none(command->answer, "account");
}
/* ---- ids */

bool
record_id(struct command *command, struct slice id)
{
    for (size_t i = 0; i < id.n; i++) {
        uint8_t c = id.p[i];

        if (!((c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '.' ||
              c == '_' || c == '-'))
            id.n = 0;
    }
    if (id.n == 0)
        answer_why(command->answer, "an id has letters, digits, . _ and -");
    return id.n > 0;
}

struct slice
record_agent_id(struct command *command, uint32_t account, uint32_t agent)
{
    struct rec_agent rec;

    return agent && agent_get(command->step, account, agent, &rec) ? rec.id : SLICE_NONE;
}

struct slice
record_group_id(struct command *command, uint32_t account, uint32_t group)
{
    struct rec_group rec;

    return group && group_get(command->step, account, group, &rec) ? rec.id : SLICE_NONE;
}

enum command_result
record_agent(struct command *command, uint32_t account, struct slice id, uint32_t *agent)
{
    struct rec_agent rec;

    *agent = agent_named(command->step, account, id);
    return id.n == 0 || (*agent != 0 && agent_get(command->step, account, *agent, &rec))
               ? COMMAND_DONE
               : refuse(command, COMMAND_NOT_FOUND, "there is no such agent");
}

enum command_result
record_group(struct command *command, uint32_t account, struct slice id, uint32_t *group)
{
    struct rec_group rec;

    *group = group_named(command->step, account, id);
    return id.n == 0 || (*group != 0 && group_get(command->step, account, *group, &rec))
               ? COMMAND_DONE
               : refuse(command, COMMAND_NOT_FOUND, "there is no such group");
}

enum command_result
record_app(struct command *command, uint32_t account, struct slice id, uint32_t *app)
{
    const struct link *link = id.n ? link_named(command->step->relay, LINK_APP, id) : NULL;

    *app = link ? link->id : 0;
    return id.n == 0 || (link && link->app && link->account == account)
               ? COMMAND_DONE
               : refuse(command, COMMAND_NOT_FOUND, "there is no such app");
}

/* The next id of a list; false at its end. */
static bool
next_id(struct slice *list, struct slice *id)
{
    size_t n = 0;

    while (list->n > 0 && (list->p[0] == ',' || list->p[0] == ' '))
        *list = slice_of(list->p + 1, list->n - 1);
    while (n < list->n && list->p[n] != ',' && list->p[n] != ' ')
        n++;
    *id = slice_of(list->p, n);
    *list = slice_of(list->p + n, list->n - n);
    return n > 0;
}

struct inboxes {
    uint8_t *octets;
    size_t n;
};

static enum command_result
add_inboxes(struct command *command, uint32_t account, struct slice list, struct inboxes *out,
            enum owner_kind kind)
{
    struct slice id;

    while (next_id(&list, &id)) {
        uint32_t owner;
        enum command_result result = kind == OWNER_AGENT
                                         ? record_agent(command, account, id, &owner)
                                         : record_group(command, account, id, &owner);

        if (result != COMMAND_DONE)
            return result;
        if (out->n == INBOXES_MAX * INBOX_BYTES)
            return refuse(command, COMMAND_BAD_ARGUMENT, "there are too many inboxes");
        out->octets[out->n++] = (uint8_t)kind;
        for (uint32_t i = 0; i < 4; i++)
            out->octets[out->n++] = (uint8_t)(owner >> (24 - 8 * i));
    }
    return COMMAND_DONE;
}

/* Those of a kind that is not given stay. */
static enum command_result
keep_inboxes(struct command *command, struct slice old, struct inboxes *out, enum owner_kind kind)
{
    for (uint32_t i = 0; i < inbox_count(old); i++) {
        if (inbox_of(old, i).kind != kind)
            continue;
        if (out->n == INBOXES_MAX * INBOX_BYTES)
            return refuse(command, COMMAND_BAD_ARGUMENT, "there are too many inboxes");
        memcpy(out->octets + out->n, old.p + (size_t)i * INBOX_BYTES, INBOX_BYTES);
        out->n += INBOX_BYTES;
    }
    return COMMAND_DONE;
}

enum command_result
record_inboxes(struct command *command, uint32_t account, const struct command_value *agents,
               const struct command_value *groups, struct slice *inboxes)
{
    struct inboxes out = {store_scratch(command->step->txn, INBOXES_MAX * INBOX_BYTES), 0};
    enum command_result result;

    if (!agents->given && !groups->given)
        return COMMAND_DONE;
    result = agents->given ? add_inboxes(command, account, agents->text, &out, OWNER_AGENT)
                           : keep_inboxes(command, *inboxes, &out, OWNER_AGENT);
    if (result == COMMAND_DONE)
        result = groups->given ? add_inboxes(command, account, groups->text, &out, OWNER_GROUP)
                               : keep_inboxes(command, *inboxes, &out, OWNER_GROUP);
    if (result == COMMAND_DONE)
        *inboxes = slice_of(out.octets, out.n);
    return result;
}

enum command_result
record_number(struct command *command, uint32_t *account, struct addr *addr,
              struct rec_number *rec)
{
    *account = record_account(command);
    if (*account == 0)
        return COMMAND_NOT_FOUND;
    if (addr_from_text(command->args[1].text, account_of(command->step->relay, *account)->plan,
                       addr) != ADDR_OK)
        return refuse(command, COMMAND_BAD_ARGUMENT, "that is no number");
    if (!number_get(command->step, addr, rec) || rec->account != *account)
        return refuse(command, COMMAND_NOT_FOUND, "that is no number of the account");
    return COMMAND_DONE;
}

/* ---- who names an agent or a group */

enum { PHASE_NUMBERS, PHASE_CAMPAIGNS, PHASE_CONVERSATIONS, PHASE_MEMBERS, PHASE_UNUSED };

static bool
is_owner(struct owner owner, uint8_t kind, uint32_t id)
{
    return owner.kind == kind && owner.id == id;
}

static bool
in_inboxes(struct slice inboxes, struct owner owner)
{
    for (uint32_t i = 0; i < inbox_count(inboxes); i++) {
        struct owner inbox = inbox_of(inboxes, i);

        if (is_owner(owner, inbox.kind, inbox.id))
            return true;
    }
    return false;
}

/* One row; why is said if it names the owner. */
static bool
number_names(struct command *command, uint32_t account, struct slice key, struct owner owner)
{
    struct rec_number rec;
    struct addr addr;
    struct line why = {.n = 0};

    if (!record_get(command->step->txn, TABLE_NUMBER, key, &rec_number_def, &rec) ||
        rec.account != account || rec.removed || !key_take_addr(&key, &addr) ||
        !(is_owner(owner, OWNER_GROUP, rec.office) ||
          is_owner(owner, OWNER_AGENT, rec.primary_agent) ||
          is_owner(owner, rec.assign_kind, rec.assign_id) || in_inboxes(rec.inboxes, owner)))
        return false;
    line_text(&why, "number ");
    line_text(&why, addr.text);
    line_text(&why, " names it");
    answer_why(command->answer, why.p);
    return true;
}

static bool
campaign_names(struct command *command, uint32_t account, struct slice key, struct owner owner)
{
    struct rec_campaign rec;
    char id[CONF_ID_BYTES_MAX + 1] = "";
    struct line why = {.n = 0};
    uint32_t campaign;

    if (!key_take_u32(&key, &campaign) ||
        !campaign_get(command->step, account, campaign, &rec) || rec.state == CAMPAIGN_ENDED ||
        !(is_owner(owner, OWNER_GROUP, rec.office) || in_inboxes(rec.inboxes, owner)))
        return false;
    if (rec.id.n <= CONF_ID_BYTES_MAX)
        memcpy(id, rec.id.p, rec.id.n);
    line_text(&why, "campaign ");
    line_text(&why, id);
    line_text(&why, " names it");
    answer_why(command->answer, why.p);
    return true;
}

static bool
owns_conversation(struct command *command, uint32_t account, struct owner owner)
{
    struct line why = {.n = 0};
    struct key prefix;
    struct slice key;
    uint64_t conv;
    char digits[24];

    view_owner_key(&prefix, account, VIEW_OPEN, owner);
    if (!store_seek(command->step->txn, TABLE_VIEW, key_slice(&prefix), key_slice(&prefix), &key,
                    NULL))
        return false;
    key = slice_of(key.p + prefix.n, key.n - prefix.n);
    line_text(&why, "it owns open conversation ");
    if (key_take_u64(&key, &conv))
        line_text(&why, (message_id_text(conv, digits), digits));
    answer_why(command->answer, why.p);
    return true;
}

static void
leave(struct command *command, uint32_t account, struct slice key, struct owner owner)
{
    uint32_t other;

    if (key_take_u32(&key, &other))
        (void)member_set(command->step, account, owner.kind == OWNER_GROUP ? owner.id : other,
                         owner.kind == OWNER_GROUP ? other : owner.id, false);
}

/* One row of the phase that the walk is in; false: that phase is through. */
static bool
look_at_one(struct command *command, uint32_t account, struct owner owner, bool *named)
{
    struct key all;
    struct slice key;

    switch (command->progress->number[0]) {
    case PHASE_NUMBERS: /* of all accounts, by number */
        key_init(&all);
        if (!next_behind(command, TABLE_NUMBER, &all, &key))
            return false;
        *named = number_names(command, account, key, owner);
        return true;
    case PHASE_CAMPAIGNS:
        if (!record_next(command, TABLE_CAMPAIGN, account, &key))
            return false;
        *named = campaign_names(command, account, key, owner);
        return true;
    case PHASE_CONVERSATIONS:
        *named = owns_conversation(command, account, owner);
        return false;
    case PHASE_MEMBERS:
        if (owner.kind == OWNER_GROUP
                ? !record_next_of(command, TABLE_MEMBER, account, owner.id, &key)
                : !record_next(command, TABLE_GROUP, account, &key))
            return false;
        leave(command, account, key, owner);
        return true;
    default:
        return false;
    }
}

enum command_result
record_unused(struct command *command, uint32_t account, struct owner owner)
{
    struct command_progress *progress = command->progress;
    bool named = false;

    for (uint32_t rows = 0; progress->number[0] < PHASE_UNUSED; rows++) {
        if (rows == COMMAND_ROWS_MAX || turn_is_full(command->step))
            return COMMAND_MORE;
        if (!look_at_one(command, account, owner, &named)) {
            progress->number[0]++;
            progress->key_n = 0;
        }
        if (named)
            return COMMAND_WRONG_STATE;
    }
    return COMMAND_DONE;
}

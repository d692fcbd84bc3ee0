/*
 * conversation.c: commands that look at conversations: the views of the shared inbox with their
 * filters (R-conv-8), and what was said (R-conv-9).
 *
 * A view is one range of rows or several, one after the other (struct walk). Each has just the
 * conversations that it shows, so a view of ten costs ten looks among a million.
 */
#include "gateway/relay/commands/conversation.h"

#include "gateway/relay/agent.h"
#include "gateway/relay/contact.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/conv_state.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/number.h"
#include "gateway/relay/view.h"

/* R-conv-8. */
#define CLOSED_MAX 150u

/* ---- which */

enum { ARG_ACCOUNT, ARG_VIEW, ARG_BY, ARG_AGENT, ARG_GROUP, ARG_OURS, ARG_REPLIED, ARG_LAST,
       ARG_STATUS, ARG_CONTACT, ARG_TEXT_IN, ARG_ID, ARG_LIMIT };
#define VIEW_WORDS "open|mine|my-groups|unassigned|waiting|follow-up|closed|all"
enum { SHOW_OPEN, SHOW_MINE, SHOW_MY_GROUPS, SHOW_UNASSIGNED, SHOW_WAITING, SHOW_FOLLOW_UP,
       SHOW_CLOSED, SHOW_ALL };
enum { LAST_CONTACT, LAST_US };

struct listing {
    struct command *command;
    struct step *step;
    uint32_t account;
    uint64_t view;
    uint32_t me; /* whose view it is, 0: nobody's */
    uint32_t agent, group, replied;
    struct addr number, phone; /* ADDR_NONE: any */
    uint32_t budget;           /* rows that may still be looked at */
};

/* Where it was: command_progress.number. The key is that of the last row of the walk. */
enum { AT_WALK, AT_GROUP, AT_SHOWN, AT_ENTRY };

static uint64_t *
at(struct listing *l, unsigned which)
{
    return &l->command->progress->number[which];
}

static const struct command_value *
arg(const struct listing *l, unsigned which)
{
    return &l->command->args[which];
}

/* ---- what a view walks over */

struct walk {
    enum store_table table;
    struct key prefix;
    uint32_t inbox_group; /* VIEW_INBOX of a group: whose others come first */
};

static void
walk_owner(const struct listing *l, struct walk *walk, enum view view, uint8_t kind, uint32_t id)
{
    walk->table = TABLE_VIEW;
    view_owner_key(&walk->prefix, l->account, view, (struct owner){kind, id});
    if (view == VIEW_INBOX && kind == OWNER_GROUP)
        walk->inbox_group = id;
}

/* The group of mine that is next, from *at(AT_GROUP) on; 0: none. */
static uint32_t
my_group(struct listing *l)
{
    struct key prefix, from;
    struct slice key, rest;
    uint32_t group = 0;

    key_init(&prefix);
    key_u32(&prefix, l->account);
    for (; l->budget > 0; l->budget--) {
        from = prefix;
        key_u32(&from, (uint32_t)*at(l, AT_GROUP));
        if (!store_seek(l->step->txn, TABLE_GROUP, key_slice(&from), key_slice(&prefix), &key,
                        NULL))
            return 0;
        rest = slice_of(key.p + prefix.n, key.n - prefix.n);
        if (!key_take_u32(&rest, &group) || group_has(l->step, l->account, group, l->me))
            return group;
        *at(l, AT_GROUP) = (uint64_t)group + 1;
    }
    return 0;
}

/* Walk number *at(AT_WALK) of my groups: each has two, for what it owns and for its inbox. */
static bool
walk_groups(struct listing *l, struct walk *walk)
{
    uint32_t group = my_group(l);

    if (group == 0)
        return false;
    *at(l, AT_GROUP) = group;
    walk_owner(l, walk, *at(l, AT_WALK) % 2 == 0 ? VIEW_OPEN : VIEW_INBOX, OWNER_GROUP, group);
    return true;
}

static void
walk_open(struct listing *l, struct walk *walk)
{
    view_key(&walk->prefix, l->account, VIEW_OPEN);
    if (l->agent != 0) {
        walk_owner(l, walk, VIEW_OPEN, OWNER_AGENT, l->agent);
    } else if (l->group != 0) {
        walk_owner(l, walk, VIEW_OPEN, OWNER_GROUP, l->group);
    } else if (l->number.kind != ADDR_NONE) {
        walk->table = TABLE_CONV_OPEN;
        key_init(&walk->prefix);
        key_u32(&walk->prefix, l->account);
        key_addr(&walk->prefix, &l->number);
    }
}

static void
walk_all(struct listing *l, struct walk *walk)
{
    walk->table = l->phone.kind != ADDR_NONE ? TABLE_THREAD : TABLE_CONV;
    key_init(&walk->prefix);
    key_u32(&walk->prefix, l->account);
    if (l->phone.kind != ADDR_NONE)
        key_addr(&walk->prefix, &l->phone);
}

/* False: the view has no more of them. */
static bool
walk_of(struct listing *l, struct walk *walk)
{
    uint64_t n = *at(l, AT_WALK);

    *walk = (struct walk){.table = TABLE_VIEW};
    switch (l->view) {
    case SHOW_MINE:
        walk_owner(l, walk, n == 0 ? VIEW_OPEN : VIEW_INBOX, OWNER_AGENT, l->me);
        return n < 2;
    case SHOW_MY_GROUPS:
        return walk_groups(l, walk);
    case SHOW_UNASSIGNED:
        walk_owner(l, walk, VIEW_OPEN, OWNER_NOBODY, 0);
        break;
    case SHOW_WAITING:
        view_key(&walk->prefix, l->account, VIEW_WAITING);
        break;
    case SHOW_FOLLOW_UP:
        view_key(&walk->prefix, l->account, VIEW_FOLLOW_UP);
        break;
    case SHOW_CLOSED:
        view_key(&walk->prefix, l->account, VIEW_CLOSED);
        break;
    case SHOW_ALL:
        walk_all(l, walk);
        break;
    default:
        walk_open(l, walk);
        break;
    }
    return n == 0;
}

static void
walk_ended(struct listing *l)
{
    ++*at(l, AT_WALK);
    if (l->view == SHOW_MY_GROUPS && *at(l, AT_WALK) % 2 == 0)
        ++*at(l, AT_GROUP);
    l->command->progress->key_n = 0;
}

/* The next row's conversation; false at the end of the walk. */
static bool
walk_next(struct listing *l, const struct walk *walk, struct slice *key, uint64_t *id)
{
    const struct command_progress *progress = l->command->progress;
    struct slice from = progress->key_n ? slice_of(progress->key, progress->key_n)
                                        : key_slice(&walk->prefix);
    struct slice value, tail;

    if (!store_seek(l->step->txn, walk->table, from, key_slice(&walk->prefix), key, &value) ||
        key->n < sizeof(*id) || key->n + 1 > sizeof(progress->key))
        return false;
    tail = walk->table == TABLE_CONV_OPEN ? value
                                          : slice_of(key->p + key->n - sizeof(*id), sizeof(*id));
    return key_take_u64(&tail, id);
}

static void
walk_took(struct listing *l, struct slice key)
{
    struct command_progress *progress = l->command->progress;

    memcpy(progress->key, key.p, key.n);
    progress->key[key.n] = 0; /* the smallest key behind it */
    progress->key_n = (uint16_t)(key.n + 1);
    *at(l, AT_ENTRY) = 0;
}

/* In the inboxes of several of my groups it is shown for the first of them. */
static bool
shown_before(struct listing *l, const struct walk *walk, const struct conv *conv)
{
    for (uint32_t i = 0; walk->inbox_group && i < inbox_count(conv->rec.inboxes); i++) {
        struct owner inbox = inbox_of(conv->rec.inboxes, i);

        if (inbox.kind == OWNER_GROUP && inbox.id < walk->inbox_group &&
            group_has(l->step, l->account, inbox.id, l->me))
            return true;
    }
    return false;
}

/* ---- filters */

static bool
contact_fits(struct listing *l, const struct conv *conv)
{
    const struct command_value *wanted = arg(l, ARG_CONTACT);
    struct rec_contact contact;

    if (!wanted->given || addr_eq(&l->phone, &conv->rec.contact) ||
        text_holds(slice_str(conv->rec.contact.text), wanted->text))
        return true;
    return conv->rec.contact_id != 0 &&
           contact_get(l->step, l->account, conv->rec.contact_id, &contact) &&
           (text_holds(contact.id, wanted->text) || text_holds(contact.first, wanted->text) ||
            text_holds(contact.last, wanted->text) || text_holds(contact.company, wanted->text));
}

static bool
fits(struct listing *l, const struct conv *conv)
{
    const struct rec_conv *rec = &conv->rec;
    const struct command_value *last = arg(l, ARG_LAST), *status = arg(l, ARG_STATUS);

    return (l->agent == 0 || (rec->owner_kind == OWNER_AGENT && rec->owner == l->agent)) &&
           (l->group == 0 || (rec->owner_kind == OWNER_GROUP && rec->owner == l->group)) &&
           (l->number.kind == ADDR_NONE || addr_eq(&l->number, &rec->number)) &&
           (l->replied == 0 || rec->replied_by == l->replied) &&
           (!last->given || conv_last_is_contacts(rec) == (last->number == LAST_CONTACT)) &&
           (!status->given || rec->status == status->number + CONV_OPEN) &&
           (!arg(l, ARG_ID)->given || conv->id == arg(l, ARG_ID)->number) && contact_fits(l, conv);
}

/* Looks for the text from entry *at(AT_ENTRY) on, as far as the budget goes. */
static bool
said(struct listing *l, const struct conv *conv)
{
    struct slice part = arg(l, ARG_TEXT_IN)->text;
    uint64_t *n = at(l, AT_ENTRY);

    while (*n < conv->rec.entries && l->budget > 0) {
        struct rec_entry entry;

        l->budget--;
        ++*n;
        if (conv_entry_get(l->step, conv, (uint32_t)*n, &entry) &&
            entry.alphabet != TEXT_BINARY && text_holds(entry.text, part))
            return true;
    }
    return false;
}

/* ---- the list */

void
conversation_show(struct command *command, const struct conv *conv)
{
    struct answer *answer = command->answer;
    const struct rec_conv *rec = &conv->rec;
    struct owner owner = {rec->owner_kind, rec->owner}, replied = {OWNER_AGENT, rec->replied_by};

    answer_open(answer);
    answer_number(answer, "id", conv->id);
    answer_word(answer, "status", conv_status_name(rec->status));
    answer_addr(answer, "number", &rec->number);
    answer_addr(answer, "contact", &rec->contact);
    answer_text(answer, "name", contact_name(command->step, conv->account, rec->contact_id));
    answer_word(answer, "owner", rec->bot && !rec->owner_kind ? "bot"
                                                              : owner_kind_name(rec->owner_kind));
    answer_text(answer, "whose", owner_id(command->step, conv->account, owner));
    answer_flag(answer, "waiting", rec->waiting);
    answer_flag(answer, "follow_up", rec->follow_up);
    answer_word(answer, "last", !rec->last_in_ms && !rec->last_out_ms ? ""
                                : conv_last_is_contacts(rec)          ? "contact"
                                                                      : "us");
    answer_text(answer, "replied", owner_id(command->step, conv->account, replied));
    answer_time(answer, "opened", rec->opened_ms);
    answer_time(answer, "last_in", rec->last_in_ms);
    answer_time(answer, "last_out", rec->last_out_ms);
    answer_time(answer, "closed", rec->closed_ms);
    answer_close(answer);
}

/* Shows it if it is wanted. False: there is more of it to look at than this call may. */
static bool
consider(struct listing *l, const struct walk *walk, uint64_t id)
{
    struct conv conv;

    if (l->budget > 0)
        l->budget--;
    if (!conv_get(l->step, l->account, id, &conv) || !fits(l, &conv) ||
        shown_before(l, walk, &conv))
        return true;
    if (arg(l, ARG_TEXT_IN)->given && !said(l, &conv))
        return *at(l, AT_ENTRY) >= conv.rec.entries;
    conversation_show(l->command, &conv);
    return true;
}

/* Of the closed ones so many are looked at, of others so many shown. */
static bool
enough(struct listing *l)
{
    return (l->view == SHOW_CLOSED && *at(l, AT_SHOWN) == CLOSED_MAX) ||
           (arg(l, ARG_LIMIT)->given && l->view != SHOW_CLOSED &&
            *at(l, AT_SHOWN) >= arg(l, ARG_LIMIT)->number);
}

static enum command_result
listing_run(struct listing *l)
{
    struct answer *answer = l->command->answer;
    struct walk walk;

    while (l->budget > 0 && answer->rows < COMMAND_ANSWERS_MAX) {
        uint32_t before = answer->rows;
        struct slice key;
        uint64_t id;

        if (enough(l))
            return COMMAND_DONE;
        if (!walk_of(l, &walk))
            return l->budget > 0 ? COMMAND_DONE : COMMAND_MORE;
        if (!walk_next(l, &walk, &key, &id)) {
            walk_ended(l);
            continue;
        }
        if (!consider(l, &walk, id))
            return COMMAND_MORE;
        walk_took(l, key);
        *at(l, AT_SHOWN) += l->view == SHOW_CLOSED ? 1 : answer->rows - before;
    }
    return COMMAND_MORE;
}

/* ---- what was asked for */

static bool
take_number(struct listing *l)
{
    const struct command_value *number = arg(l, ARG_OURS), *contact = arg(l, ARG_CONTACT);
    struct addr phone;

    if (number->given && !record_phone(l->command, l->account, number->text, &l->number))
        return false;
    /* A whole number, or a part of a name or of a number. */
    if (contact->given &&
        addr_from_text(contact->text, account_of(l->step->relay, l->account)->plan, &phone) ==
            ADDR_OK && phone.kind == ADDR_E164)
        l->phone = phone;
    return true;
}

static enum command_result
list(struct command *command)
{
    struct listing l = {.command = command,
                        .step = command->step,
                        .account = record_account(command),
                        .view = command->args[ARG_VIEW].number,
                        .budget = COMMAND_ROWS_MAX};

    if (l.account == 0)
        return COMMAND_NOT_FOUND;
    if (!conversation_agent(command, l.account, ARG_BY, &l.me) ||
        !conversation_agent(command, l.account, ARG_AGENT, &l.agent) ||
        !conversation_group(command, l.account, ARG_GROUP, &l.group) ||
        !conversation_agent(command, l.account, ARG_REPLIED, &l.replied))
        return COMMAND_NOT_FOUND;
    if (!take_number(&l))
        return COMMAND_BAD_ARGUMENT;
    if (l.me == 0 && (l.view == SHOW_MINE || l.view == SHOW_MY_GROUPS))
        return refuse(command, COMMAND_BAD_ARGUMENT, "say whose view with --by");
    return listing_run(&l);
}

#define OPTION(what, kind_of, most, say)                                                           \
    {.name = what, .kind = kind_of, .option = true, .max = (most), .help = say}

const struct command_def command_conversation = {
    .name = "conversation",
    .help = "list conversations by view; those that are open, without one",
    .right = COMMAND_REVEALS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = list,
    .args = {ARG_ACCOUNT_DEF,
             {.name = "view", .kind = ARG_WORD, .words = VIEW_WORDS,
              .help = "which of them; closed: the 150 that were closed last"},
             OPTION("by", ARG_TEXT, CONF_ID_BYTES_MAX, "agent whose view mine and my-groups are"),
             OPTION("agent", ARG_TEXT, CONF_ID_BYTES_MAX, "only those that this agent owns"),
             OPTION("group", ARG_TEXT, CONF_ID_BYTES_MAX, "only those that this group owns"),
             OPTION("number", ARG_TEXT, 40, "only those with this number of the account"),
             OPTION("replied", ARG_TEXT, CONF_ID_BYTES_MAX,
                    "only those in which this agent wrote our last message"),
             {.name = "last", .kind = ARG_WORD, .option = true, .words = "contact|us",
              .help = "only those whose last message is the contact's, or ours"},
             {.name = "status", .kind = ARG_WORD, .option = true, .words = "open|closed",
              .help = "of view all: only these"},
             OPTION("contact", ARG_TEXT, 100, "only those with this in contact or name"),
             OPTION("text", ARG_TEXT, 200, "only those in which this was said"),
             OPTION("id", ARG_NUMBER, 0, "only this one"),
             OPTION("limit", ARG_NUMBER, 1000000, "so many at most")},
};

/* ---- what was said */

enum { ARG_CONV = 1, ARG_THREAD };
/* command_progress.number: the conversation, and its last entry that was shown. */
enum { AT_CONV, AT_N };

static void
show_entry(struct command *command, const struct conv *conv, uint32_t n,
           const struct rec_entry *entry)
{
    struct answer *answer = command->answer;
    struct owner by = {entry->by_kind, entry->by};
    bool binary = entry->alphabet == TEXT_BINARY;

    answer_open(answer);
    answer_number(answer, "conversation", conv->id);
    answer_number(answer, "n", n);
    answer_time(answer, "at", entry->at_ms);
    answer_word(answer, "what", entry_kind_name(entry->kind));
    if (entry->kind == ENTRY_IN)
        answer_addr(answer, "by", &conv->rec.contact);
    else
        answer_text(answer, "by", owner_id(command->step, conv->account, by));
    answer_word(answer, "state", entry->state ? msg_state_name(entry->state) : "");
    answer_text(answer, "text", binary ? SLICE_LIT("[binary message]") : entry->text);
    answer_close(answer);
}

/* The thread's next conversation behind this one. */
static bool
thread_next(struct command *command, const struct conv *first, uint64_t *id)
{
    struct key prefix, from;
    struct slice key, rest;

    key_init(&prefix);
    key_u32(&prefix, first->account);
    key_addr(&prefix, &first->rec.contact);
    from = prefix;
    key_u64(&from, *id + 1);
    if (!store_seek(command->step->txn, TABLE_THREAD, key_slice(&from), key_slice(&prefix), &key,
                    NULL))
        return false;
    rest = slice_of(key.p + prefix.n, key.n - prefix.n);
    return key_take_u64(&rest, id);
}

static enum command_result
show(struct command *command)
{
    uint64_t *id = &command->progress->number[AT_CONV], *n = &command->progress->number[AT_N];
    struct step *s = command->step;
    struct conv first, conv;
    enum command_result result = conversation_find(command, &first);

    if (result != COMMAND_DONE)
        return result;
    if (*id == 0 && command->args[ARG_THREAD].number && !thread_next(command, &first, id))
        return COMMAND_DONE;
    if (*id == 0)
        *id = first.id;
    for (uint32_t rows = 0;
         rows < COMMAND_ROWS_MAX && command->answer->rows < COMMAND_ANSWERS_MAX; rows++) {
        struct rec_entry entry;

        if (conv_get(s, first.account, *id, &conv) && *n < conv.rec.entries) {
            ++*n;
            if (conv_entry_get(s, &conv, (uint32_t)*n, &entry))
                show_entry(command, &conv, (uint32_t)*n, &entry);
            continue;
        }
        *n = 0;
        if (!command->args[ARG_THREAD].number || !thread_next(command, &first, id))
            return COMMAND_DONE;
    }
    return COMMAND_MORE;
}

const struct command_def command_conversation_show = {
    .name = "conversation show",
    .help = "show what was said and done in a conversation",
    .right = COMMAND_REVEALS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = show,
    .args = {ARG_ACCOUNT_DEF, CONVERSATION_ARG,
             {.name = "thread", .kind = ARG_FLAG, .option = true,
              .help = "in all conversations with the same phone"}},
};

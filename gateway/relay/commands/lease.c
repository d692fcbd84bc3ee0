/*
 * lease.c: contact numbers and whom they stand for (R-proxy): listing leases, starting a
 * conversation on an agent's phone, ending one.
 */
#include "gateway/relay/command.h"

#include "gateway/relay/agent.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/lease.h"
#include "gateway/relay/proxy.h"
#include "gateway/relay/reply.h"

#define LIMIT_DEFAULT 1000u

enum { LIST_AGENT, LIST_CONTACT, LIST_NUMBER, LIST_ALL, LIST_AFTER, LIST_LIMIT, LIST_ACCOUNT };

struct filter {
    struct slice agent;
    struct slice contact, number; /* as they were written */
    bool all;
    uint64_t after;
    uint64_t limit;
    uint32_t account; /* 0: all */
};

/* An agent sees the own phone, an admin those of the account. */
static bool
may_see(const struct actor *as, uint32_t account, uint32_t agent)
{
    return as->agent == 0 || (as->account == account && (as->admin || as->agent == agent));
}

/* Numbers are compared as the account writes them. */
static bool
is_number(struct step *s, uint32_t account, struct slice text, const struct addr *addr)
{
    struct addr wanted;

    return text.n == 0 ||
           (addr_from_text(text, account_of(s->relay, account)->plan, &wanted) == ADDR_OK &&
            addr_eq(&wanted, addr));
}

static bool
wanted(struct step *s, const struct filter *filter, const struct lease *lease,
       const struct rec_agent *agent)
{
    return (filter->all || lease_is_live(lease)) && lease->id > filter->after &&
           (filter->account == 0 || filter->account == lease->account) &&
           (filter->agent.n == 0 || slice_eq(filter->agent, agent->id)) &&
           is_number(s, lease->account, filter->contact, &lease->rec.contact) &&
           is_number(s, lease->account, filter->number, &lease->rec.number);
}

static void
show(struct command *command, const struct lease *lease, const struct rec_agent *agent)
{
    struct answer *answer = command->answer;

    answer_open(answer);
    answer_number(answer, "id", lease->id);
    answer_word(answer, "account", account_of(command->step->relay, lease->account)->name);
    answer_text(answer, "agent", agent->id);
    answer_masked(answer, "contact", &lease->rec.contact);
    answer_word(answer, "number", lease->rec.number.text);
    answer_word(answer, "state", lease_cause_name(lease->rec.cause));
    answer_time(answer, "started", lease->rec.started_ms);
    answer_time(answer, "last", lease->rec.last_ms);
    answer_time(answer, "ended", lease->rec.ended_ms);
    answer_close(answer);
}

/* The row behind the last one. */
static bool
next_lease(struct command *command, struct lease *lease)
{
    struct command_progress *progress = command->progress;
    struct slice key, rest;
    uint32_t account;
    uint64_t id;
    struct key from;

    key_init(&from);
    key_bytes(&from, slice_of(progress->key, progress->key_n));
    if (progress->key_n > 0)
        key_u8(&from, 0); /* the smallest key behind it */
    if (!store_seek(command->step->txn, TABLE_LEASE, key_slice(&from), SLICE_NONE, &key, NULL))
        return false;
    rest = key;
    if (!key_take_u32(&rest, &account) || !key_take_u64(&rest, &id))
        return false;
    memcpy(progress->key, key.p, key.n);
    progress->key_n = (uint16_t)key.n;
    if (!lease_get(command->step, account, id, lease))
        lease->id = 0; /* damaged: it is not shown */
    return true;
}

/* progress: the key of the last row, and in number[0] how many were shown. */
static enum command_result
list(struct command *command)
{
    const struct command_value *args = command->args;
    struct filter filter = {.agent = args[LIST_AGENT].text,
                            .contact = args[LIST_CONTACT].text,
                            .number = args[LIST_NUMBER].text,
                            .all = args[LIST_ALL].number,
                            .after = args[LIST_AFTER].number,
                            .limit = LIMIT_DEFAULT};
    uint64_t *shown = &command->progress->number[0];

    if (args[LIST_LIMIT].given)
        filter.limit = args[LIST_LIMIT].number;
    if (args[LIST_ACCOUNT].given) {
        filter.account = account_named(command->step, args[LIST_ACCOUNT].text);
        if (filter.account == 0) {
            answer_why(command->answer, "there is no such account");
            return COMMAND_NOT_FOUND;
        }
    }
    for (uint32_t rows = 0; rows < COMMAND_ROWS_MAX && *shown < filter.limit; rows++) {
        struct rec_agent agent;
        struct lease lease;

        if (!next_lease(command, &lease))
            return COMMAND_DONE;
        if (!lease.id || !may_see(&command->as, lease.account, lease.rec.agent))
            continue;
        /* Also of an agent who has left; one without a record has no name. */
        if (!agent_get(command->step, lease.account, lease.rec.agent, &agent) && filter.agent.n > 0)
            continue;
        if (!wanted(command->step, &filter, &lease, &agent))
            continue;
        show(command, &lease, &agent);
        ++*shown;
        if (command->answer->rows == COMMAND_ANSWERS_MAX)
            break;
    }
    return *shown < filter.limit ? COMMAND_MORE : COMMAND_DONE;
}

const struct command_def command_lease = {
    .name = "lease",
    .help = "list for whom contact numbers stand",
    .right = COMMAND_LOOKS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = list,
    .args = {[LIST_AGENT] = {.name = "agent", .kind = ARG_TEXT, .option = true, .max = 64,
                             .help = "only on this agent's phone"},
             [LIST_CONTACT] = {.name = "contact", .kind = ARG_TEXT, .option = true, .max = 64,
                               .help = "only of the contact with this number"},
             [LIST_NUMBER] = {.name = "number", .kind = ARG_TEXT, .option = true, .max = 64,
                              .help = "only with this contact number"},
             [LIST_ALL] = {.name = "all", .kind = ARG_FLAG, .option = true,
                           .help = "also those that have ended"},
             [LIST_AFTER] = {.name = "after", .kind = ARG_NUMBER, .option = true,
                             .help = "only those with a higher id"},
             [LIST_LIMIT] = {.name = "limit", .kind = ARG_NUMBER, .option = true, .max = 1000000,
                             .help = "so many at most (1000)"},
             [LIST_ACCOUNT] = {.name = "account", .kind = ARG_TEXT, .option = true,
                               .max = CONF_ID_BYTES_MAX, .help = "only of this account"}},
};

/* ---- starting */

enum { START_AGENT, START_NUMBER, START_ACCOUNT };

/* The ID that a name has; 0: none. */
static uint32_t
id_of(struct step *s, enum name_kind kind, uint32_t account, struct slice name)
{
    struct key key;
    struct slice value;
    uint32_t id;

    key_init(&key);
    if (name.n > KEY_BYTES_MAX / 2)
        return 0;
    key_u8(&key, (uint8_t)kind);
    key_u32(&key, account);
    key_bytes(&key, name);
    return store_get(s->txn, TABLE_NAME, key_slice(&key), &value) && key_take_u32(&value, &id) ? id
                                                                                             : 0;
}

/* The agent with this id: of the account that was named, or of the only one that has such an agent.
 */
static enum command_result
find_agent(struct command *command, uint32_t *account, uint32_t *agent)
{
    struct step *s = command->step;
    const struct command_value *args = command->args;
    uint32_t only = 0, found = 0;
    struct rec_agent rec;

    if (args[START_ACCOUNT].given) {
        only = id_of(s, NAME_ACCOUNT, 0, args[START_ACCOUNT].text);
        if (!only) {
            answer_why(command->answer, "there is no such account");
            return COMMAND_NOT_FOUND;
        }
    }
    for (uint32_t i = only ? only : 1; i < s->relay->account_cap && (!only || i == only); i++) {
        uint32_t id = id_of(s, NAME_AGENT, i, args[START_AGENT].text);

        if (!id || !agent_get(s, i, id, &rec))
            continue;
        *account = i;
        *agent = id;
        found++;
    }
    if (found == 1)
        return COMMAND_DONE;
    answer_why(command->answer, found ? "several accounts have such an agent: name one with account"
                                      : "there is no such agent");
    return found ? COMMAND_BAD_ARGUMENT : COMMAND_NOT_FOUND;
}

static void
log_lease(struct step *s, const char *what, const struct lease *lease)
{
    struct line line = {.n = 0};

    line_text(&line, what);
    line_number(&line, "id", lease->id);
    line_number(&line, "account", lease->account);
    line_number(&line, "agent", lease->rec.agent);
    line_addr(&line, "contact", &lease->rec.contact);
    line_addr(&line, "number", &lease->rec.number);
    line_log(s, LOG_LEVEL_INFO, &line);
}

static enum command_result
start(struct command *command)
{
    struct step *s = command->step;
    uint32_t account = 0, agent = 0;
    enum command_result result = find_agent(command, &account, &agent);
    enum proxy_start how;
    struct rec_agent rec;
    struct addr contact;
    struct lease lease;

    if (result == COMMAND_DONE && !may_see(&command->as, account, agent)) {
        answer_why(command->answer, "that is another agent's phone");
        return COMMAND_NOT_ALLOWED;
    }
    if (result != COMMAND_DONE)
        return result;
    if (addr_from_text(command->args[START_NUMBER].text, account_of(s->relay, account)->plan,
                       &contact) != ADDR_OK ||
        contact.kind != ADDR_E164) {
        answer_why(command->answer, "this is not a phone number with its country code");
        return COMMAND_BAD_ARGUMENT;
    }
    how = proxy_start(s, account, agent, &contact, &lease);
    if (how != PROXY_STARTED && how != PROXY_GOING_ON) {
        answer_why(command->answer, proxy_start_name(how));
        return how == PROXY_BAD_CONTACT ? COMMAND_BAD_ARGUMENT : COMMAND_WRONG_STATE;
    }
    log_lease(s, "conversation started by command", &lease);
    if (agent_get(s, account, agent, &rec))
        show(command, &lease, &rec);
    return COMMAND_DONE;
}

const struct command_def command_lease_start = {
    .name = "lease start",
    .help = "start a conversation on an agent's phone, as the agent does with Convo",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .one_row = true,
    .run = start,
    .args = {[START_AGENT] = {.name = "agent", .kind = ARG_TEXT, .required = true, .max = 32,
                              .help = "the agent's id in the directory"},
             [START_NUMBER] = {.name = "number", .kind = ARG_TEXT, .required = true, .max = 64,
                               .help = "the contact's number"},
             [START_ACCOUNT] = {.name = "account", .kind = ARG_TEXT, .option = true, .max = 32,
                                .help = "the account's id, if several have such an agent"}},
};

/* ---- ending */

enum { END_ID, END_ACCOUNT };

static enum command_result
end(struct command *command)
{
    struct step *s = command->step;
    const struct command_value *of = &command->args[END_ACCOUNT];
    uint32_t only = of->given ? account_named(s, of->text) : 0;
    struct lease lease = {.id = 0};

    for (uint32_t account = 1; account < s->relay->account_cap && !lease.id; account++)
        (void)lease_get(s, account, command->args[END_ID].number, &lease);
    if (!lease.id || (of->given && lease.account != only) ||
        !may_see(&command->as, lease.account, lease.rec.agent)) {
        answer_why(command->answer, "there is no such lease");
        return COMMAND_NOT_FOUND;
    }
    if (!lease_is_live(&lease)) {
        answer_why(command->answer, "it has ended already");
        return COMMAND_WRONG_STATE;
    }
    lease_end(s, &lease, LEASE_BY_HAND);
    log_lease(s, "lease ended by command", &lease);
    return COMMAND_DONE;
}

const struct command_def command_lease_end = {
    .name = "lease end",
    .help = "let a contact number stand for nobody any more; it rests for proxy.quarantine",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = end,
    .args = {[END_ID] = {.name = "id", .kind = ARG_NUMBER, .required = true,
                         .help = "of the lease, as lease lists it"},
             [END_ACCOUNT] = {.name = "account", .kind = ARG_TEXT, .option = true,
                              .max = CONF_ID_BYTES_MAX, .help = "only if it is this account's"}},
};

/*
 * agent.c: commands about agents: list, show, make, change, delete, relay on and off, and who is
 * present (R-txt-1, R-txt-2). Those that the directory file lists can be changed there only, but
 * for relay.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/agent.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/number.h"
#include "gateway/relay/presence.h"
#include "gateway/relay/proxy.h"
#include "gateway/relay/reply.h"

#define AGENT_ARG                                                                                  \
    {.name = "agent", .kind = ARG_TEXT, .required = true, .max = CONF_ID_BYTES_MAX,                \
     .help = "its id, as agent lists it"}
#define TEXT_OPTION(what, most, say)                                                               \
    {.name = what, .kind = ARG_TEXT, .option = true, .max = (most), .help = say}

/* ---- looking */

enum { ARG_ACCOUNT, ARG_FIND, ARG_GROUP, ARG_ROLE, ARG_ONLINE };

/* An agent's own phone and mail are for the agent and for admins (R-proxy-1). */
static bool
may_see_all(const struct command *command, uint32_t agent)
{
    return command->as.agent == 0 || command->as.admin || command->as.agent == agent;
}

static void
show(struct command *command, uint32_t account, uint32_t agent, const struct rec_agent *rec)
{
    struct answer *answer = command->answer;
    bool all = may_see_all(command, agent);
    struct presence_now now;

    answer_open(answer);
    answer_text(answer, "id", rec->id);
    answer_text(answer, "name", rec->name);
    answer_word(answer, "role", agent_role_name(rec->role));
    answer_flag(answer, "primary_admin", rec->primary_admin);
    if (all)
        answer_addr(answer, "mobile", &rec->mobile);
    else
        answer_masked(answer, "mobile", &rec->mobile);
    answer_addr(answer, "relay_number", &rec->relay_number);
    answer_addr(answer, "user_number", &rec->user_number);
    answer_word(answer, "relay", rec->relay ? "on" : "off");
    answer_word(answer, "online",
                presence_get(command->step->relay, account, agent, &now) ? "yes" : "no");
    answer_time(answer, "since", now.since_ms);
    answer_text(answer, "email", all ? rec->email : SLICE_NONE);
    answer_text(answer, "time_zone", rec->time_zone);
    answer_word(answer, "from", rec->by_command ? "command" : "file");
}

static bool
fits(struct command *command, uint32_t account, uint32_t agent, const struct rec_agent *rec)
{
    const struct command_value *args = command->args;
    struct slice part = args[ARG_FIND].text;
    struct presence_now now;

    return (!args[ARG_FIND].given || text_holds(rec->id, part) || text_holds(rec->name, part)) &&
           (!args[ARG_ROLE].given || rec->role == args[ARG_ROLE].number) &&
           (!args[ARG_GROUP].given ||
            group_has(command->step, account,
                      group_named(command->step, account, args[ARG_GROUP].text), agent)) &&
           (!args[ARG_ONLINE].number ||
            presence_get(command->step->relay, account, agent, &now));
}

static void
show_row(struct command *command, uint32_t account, struct slice key)
{
    struct rec_agent rec;
    uint32_t agent;

    if (!key_take_u32(&key, &agent) || !agent_get(command->step, account, agent, &rec) ||
        !fits(command, account, agent, &rec))
        return;
    show(command, account, agent, &rec);
    answer_close(command->answer);
}

static enum command_result
list(struct command *command)
{
    uint32_t account = record_account(command);

    return account ? record_walk(command, TABLE_AGENT, account, show_row) : COMMAND_NOT_FOUND;
}

const struct command_def command_agent = {
    .name = "agent",
    .help = "list the agents of an account; online: on the message-centre page",
    .right = COMMAND_REVEALS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = list,
    .args = {ARG_ACCOUNT_DEF,
             TEXT_OPTION("find", 100, "only those with this in id or name"),
             TEXT_OPTION("group", CONF_ID_BYTES_MAX, "only members of this group"),
             {.name = "role", .kind = ARG_WORD, .option = true, .words = "agent|admin",
              .help = "only those with this role"},
             {.name = "online", .kind = ARG_FLAG, .option = true,
              .help = "only those who are online"}},
};

enum { ARG_AGENT = 1 };

static enum command_result
find(struct command *command, uint32_t *account, uint32_t *agent, struct rec_agent *rec)
{
    *account = record_account(command);
    if (*account == 0)
        return COMMAND_NOT_FOUND;
    *agent = agent_named(command->step, *account, command->args[ARG_AGENT].text);
    if (*agent == 0 || !agent_get(command->step, *account, *agent, rec))
        return refuse(command, COMMAND_NOT_FOUND, "there is no such agent");
    return COMMAND_DONE;
}

/* The ids of the agent's groups, as many as fit a line. */
static void
answer_groups(struct command *command, uint32_t account, uint32_t agent)
{
    struct step *s = command->step;
    struct line line = {.n = 0};
    struct key prefix, from;
    struct slice key;
    uint32_t group;

    key_init(&prefix);
    key_u32(&prefix, account);
    from = prefix;
    for (uint32_t rows = 0; rows < COMMAND_ROWS_MAX; rows++) {
        struct rec_group rec;
        struct slice rest;
        char id[CONF_ID_BYTES_MAX + 1] = "";

        if (!store_seek(s->txn, TABLE_GROUP, key_slice(&from), key_slice(&prefix), &key, NULL))
            break;
        rest = slice_of(key.p + prefix.n, key.n - prefix.n);
        if (key_take_u32(&rest, &group) && group_get(s, account, group, &rec) &&
            group_has(s, account, group, agent) && rec.id.n <= CONF_ID_BYTES_MAX) {
            memcpy(id, rec.id.p, rec.id.n);
            line_text(&line, line.n ? " " : "");
            line_text(&line, id);
        }
        key_init(&from);
        key_bytes(&from, key);
        key_u8(&from, 0);
    }
    answer_text(command->answer, "groups", slice_of(line.p, line.n));
}

static enum command_result
show_one(struct command *command)
{
    uint32_t account, agent;
    struct rec_agent rec;
    enum command_result result = find(command, &account, &agent, &rec);

    if (result != COMMAND_DONE)
        return result;
    show(command, account, agent, &rec);
    answer_groups(command, account, agent);
    answer_close(command->answer);
    return COMMAND_DONE;
}

const struct command_def command_agent_show = {
    .name = "agent show",
    .help = "show one agent, with groups",
    .right = COMMAND_REVEALS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .one_row = true,
    .run = show_one,
    .args = {ARG_ACCOUNT_DEF, AGENT_ARG},
};

/* ---- making and changing */

enum { ARG_MOBILE = 2, ARG_NAME, ARG_RELAY_NUMBER, ARG_USER_NUMBER, ARG_RELAY, ARG_EMAIL, ARG_ZONE,
       ARG_NEW_ROLE, ARG_PRIMARY };

/* What stays the same for all agents, whatever is edited. */
struct edited {
    uint32_t account;
    uint32_t agent; /* 0: it is new */
    struct rec_agent rec;
};

/* A reply is known by its phone: it cannot be a number of ours, and of those with user numbers only
 * one can have it. */
static enum command_result
take_mobile(struct command *command, struct edited *e)
{
    const struct command_value *arg = &command->args[ARG_MOBILE];
    struct rec_number number;
    struct addr addr;

    if (!arg->given)
        return COMMAND_DONE;
    if (!record_phone(command, e->account, arg->text, &addr))
        return COMMAND_BAD_ARGUMENT;
    if (addr.kind != ADDR_E164)
        return refuse(command, COMMAND_BAD_ARGUMENT,
                      "mobile needs the country code, or the account a country");
    if (number_get(command->step, &addr, &number))
        return refuse(command, COMMAND_WRONG_STATE, "mobile is a number of the gateway");
    e->rec.mobile = addr;
    return COMMAND_DONE;
}

static enum command_result
take_texts(struct command *command, struct edited *e)
{
    const struct command_value *args = command->args;

    if (args[ARG_NAME].given)
        e->rec.name = args[ARG_NAME].text.n > 0 ? args[ARG_NAME].text : e->rec.id;
    if (args[ARG_EMAIL].given && args[ARG_EMAIL].text.n > 0 &&
        !conf_is_email(args[ARG_EMAIL].text))
        return refuse(command, COMMAND_BAD_ARGUMENT, "that is no e-mail address");
    if (args[ARG_EMAIL].given)
        e->rec.email = args[ARG_EMAIL].text;
    if (args[ARG_ZONE].given && !conf_is_zone_name(args[ARG_ZONE].text))
        return refuse(command, COMMAND_BAD_ARGUMENT,
                      "that is no name of a time zone, as in America/Chicago");
    if (args[ARG_ZONE].given)
        e->rec.time_zone = args[ARG_ZONE].text;
    if (args[ARG_RELAY].given)
        e->rec.relay = args[ARG_RELAY].number == 0;
    return COMMAND_DONE;
}

/* R-match-4: one primary admin at most. */
static enum command_result
take_role(struct command *command, struct edited *e)
{
    const struct command_value *args = command->args;
    struct rec_agent admin;
    uint32_t primary;

    if (args[ARG_NEW_ROLE].given)
        e->rec.role = (uint8_t)args[ARG_NEW_ROLE].number;
    if (args[ARG_PRIMARY].given)
        e->rec.primary_admin = args[ARG_PRIMARY].number == 0;
    if (!e->rec.primary_admin)
        return COMMAND_DONE;
    if (e->rec.role != AGENT_ADMIN)
        return refuse(command, COMMAND_BAD_ARGUMENT, "primary-admin is only for role admin");
    primary = account_admin(command->step, e->account, &admin);
    if (primary != 0 && primary != e->agent && admin.primary_admin)
        return refuse(command, COMMAND_WRONG_STATE, "another agent is the primary admin");
    return COMMAND_DONE;
}

/* The number that an agent has for a role, as the text names it ("" is none). */
static enum command_result
look_number(struct command *command, const struct edited *e, struct slice text,
            enum number_role role, struct addr *out)
{
    struct rec_number number;

    *out = (struct addr){0};
    if (text.n == 0)
        return COMMAND_DONE;
    if (!record_phone(command, e->account, text, out))
        return COMMAND_BAD_ARGUMENT;
    if (!number_get(command->step, out, &number) || number.account != e->account ||
        number.role != role)
        return refuse(command, COMMAND_NOT_FOUND,
                      role == ROLE_USER ? "that is no user number of the account"
                                        : "that is no relay number of the account");
    if (!number.by_command)
        return refuse_listed(command);
    if (number.agent != 0 && number.agent != e->agent)
        return refuse(command, COMMAND_WRONG_STATE, "the number is another agent's");
    return COMMAND_DONE;
}

static enum command_result
look_numbers(struct command *command, struct edited *e, struct addr *relay, struct addr *user)
{
    const struct command_value *args = command->args;
    enum command_result result = COMMAND_DONE;
    uint32_t twin;

    *relay = e->rec.relay_number;
    *user = e->rec.user_number;
    if (args[ARG_RELAY_NUMBER].given)
        result = look_number(command, e, args[ARG_RELAY_NUMBER].text, ROLE_RELAY, relay);
    if (result == COMMAND_DONE && args[ARG_USER_NUMBER].given)
        result = look_number(command, e, args[ARG_USER_NUMBER].text, ROLE_USER, user);
    if (result != COMMAND_DONE || user->kind == ADDR_NONE)
        return result;
    twin = proxy_agent_of_mobile(command->step, e->account, &e->rec.mobile);
    if (twin != 0 && twin != e->agent)
        return refuse(command, COMMAND_WRONG_STATE,
                      "another agent has the same mobile, and both would have a user number");
    return COMMAND_DONE;
}

static enum command_result
take_all(struct command *command, struct edited *e, struct addr *relay, struct addr *user)
{
    enum command_result result = take_mobile(command, e);

    if (result == COMMAND_DONE)
        result = take_texts(command, e);
    if (result == COMMAND_DONE)
        result = take_role(command, e);
    return result == COMMAND_DONE ? look_numbers(command, e, relay, user) : result;
}

/* The record, and on the side of the numbers whose they are. */
static void
put_all(struct command *command, struct edited *e, const struct addr *relay,
        const struct addr *user)
{
    struct step *s = command->step;

    agent_put(s, e->account, e->agent, &e->rec);
    number_give(s, e->account, e->agent, ROLE_RELAY, relay);
    number_give(s, e->account, e->agent, ROLE_USER, user);
}

static enum command_result
add(struct command *command)
{
    struct slice id = command->args[ARG_AGENT].text;
    struct edited e = {.account = record_account(command),
                       .rec = {.id = id, .name = id, .by_command = 1}};
    struct addr relay, user;
    struct rec_agent old;
    enum command_result result;

    if (e.account == 0)
        return COMMAND_NOT_FOUND;
    if (!record_id(command, id))
        return COMMAND_BAD_ARGUMENT;
    e.agent = agent_named(command->step, e.account, id);
    if (e.agent != 0 && agent_get(command->step, e.account, e.agent, &old))
        return refuse(command, COMMAND_WRONG_STATE, "there is an agent of that id");
    result = take_all(command, &e, &relay, &user);
    if (result != COMMAND_DONE)
        return result;
    e.agent = agent_new(command->step, e.account, id);
    put_all(command, &e, &relay, &user);
    return COMMAND_DONE;
}

#define AGENT_OPTIONS                                                                              \
    TEXT_OPTION("name", 4 * CONF_NAME_CHARS_MAX, "screen name"),                                   \
        TEXT_OPTION("relay-number", 40, "of role relay: what is forwarded comes from it"),         \
        TEXT_OPTION("user-number", 40, "of role user: what the world knows the agent by"),         \
        {.name = "relay", .kind = ARG_WORD, .option = true, .words = "on|off",                     \
         .help = "are messages forwarded to the phone"},                                           \
        TEXT_OPTION("email", CONF_EMAIL_CHARS_MAX, "e-mail address"),                              \
        {.name = "time-zone", .kind = ARG_TIME_ZONE, .option = true,                               \
         .max = CONF_TIME_ZONE_CHARS_MAX, .help = "as in America/Chicago"},                        \
        {.name = "role", .kind = ARG_WORD, .option = true, .words = "agent|admin",                 \
         .help = "what the agent may do"},                                                         \
    {                                                                                              \
        .name = "primary-admin", .kind = ARG_WORD, .option = true, .words = "on|off",              \
        .help = "of several admins the one who is told"                                            \
    }

const struct command_def command_agent_add = {
    .name = "agent add",
    .help = "make an agent; group member says where the agent belongs",
    .right = COMMAND_CHANGES,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = add,
    .args = {ARG_ACCOUNT_DEF,
             {.name = "agent", .kind = ARG_TEXT, .required = true, .max = CONF_ID_BYTES_MAX,
              .help = "a new id"},
             {.name = "mobile", .kind = ARG_TEXT, .required = true, .max = 40,
              .help = "the agent's own phone, with country code"},
             AGENT_OPTIONS},
};

static enum command_result
edit(struct command *command)
{
    struct edited e;
    struct addr relay, user;
    enum command_result result = find(command, &e.account, &e.agent, &e.rec);

    if (result == COMMAND_DONE && !e.rec.by_command)
        return refuse_listed(command);
    if (result == COMMAND_DONE)
        result = take_all(command, &e, &relay, &user);
    if (result == COMMAND_DONE)
        put_all(command, &e, &relay, &user);
    return result;
}

const struct command_def command_agent_edit = {
    .name = "agent edit",
    .help = "change an agent; an empty text takes away what it had",
    .right = COMMAND_CHANGES,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = edit,
    .args = {ARG_ACCOUNT_DEF, AGENT_ARG, TEXT_OPTION("mobile", 40, "the agent's own phone"),
             AGENT_OPTIONS},
};

/* ---- deleting */

static enum command_result
delete_one(struct command *command)
{
    uint32_t account, agent;
    struct rec_agent rec;
    enum command_result result = find(command, &account, &agent, &rec);
    struct owner owner;

    if (result == COMMAND_DONE && !rec.by_command)
        return refuse_listed(command);
    owner = (struct owner){OWNER_AGENT, agent};
    if (result == COMMAND_DONE)
        result = record_unused(command, account, owner);
    if (result != COMMAND_DONE)
        return result;
    number_give(command->step, account, agent, ROLE_RELAY, &(struct addr){0});
    number_give(command->step, account, agent, ROLE_USER, &(struct addr){0});
    (void)agent_get(command->step, account, agent, &rec);
    rec.removed = 1; /* messages and conversations go on naming it */
    agent_put(command->step, account, agent, &rec);
    return COMMAND_DONE;
}

const struct command_def command_agent_delete = {
    .name = "agent delete",
    .help = "take an agent away who owns no open conversation and whom no number or campaign names",
    .right = COMMAND_CHANGES,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = delete_one,
    .args = {ARG_ACCOUNT_DEF, AGENT_ARG},
};

/* ---- relay, presence */

enum { ARG_SET = 2 };

static enum command_result
relay(struct command *command)
{
    uint32_t account, agent;
    struct rec_agent rec;
    enum command_result result = find(command, &account, &agent, &rec);

    if (result == COMMAND_DONE && !may_see_all(command, agent))
        return refuse(command, COMMAND_NOT_ALLOWED, "that is another agent");
    if (result == COMMAND_DONE)
        agent_relay_set(command->step, account, agent, command->args[ARG_SET].number == 0);
    return result;
}

const struct command_def command_agent_relay = {
    .name = "agent relay",
    .help = "switch relay in an agent's profile, until `relay` changes in the directory file",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = relay,
    .args = {ARG_ACCOUNT_DEF, AGENT_ARG,
             {.name = "set", .kind = ARG_WORD, .required = true, .words = "on|off",
              .help = "are messages forwarded to the phone"}},
};

enum { ARG_HOLD = 2, ARG_RELEASE };

/* R-txt-2: nobody but the agent is on the page; a program that speaks for agents may be the
 * operator's. */
static enum command_result
presence(struct command *command)
{
    uint32_t account, agent;
    struct rec_agent rec;
    struct presence_now now;
    enum command_result result = find(command, &account, &agent, &rec);

    if (result != COMMAND_DONE)
        return result;
    if ((command->args[ARG_HOLD].number || command->args[ARG_RELEASE].number) &&
        command->as.agent != 0 && command->as.agent != agent)
        return refuse(command, COMMAND_NOT_ALLOWED, "that is another agent");
    if (command->args[ARG_RELEASE].number)
        presence_release(command->step, account, agent, command->asker);
    else if (command->args[ARG_HOLD].number &&
             !presence_hold(command->step, account, agent, command->asker))
        return refuse(command, COMMAND_WRONG_STATE, "too many agents are present");
    answer_open(command->answer);
    answer_text(command->answer, "id", rec.id);
    answer_word(command->answer, "online",
                presence_get(command->step->relay, account, agent, &now) ? "yes" : "no");
    answer_time(command->answer, "since", now.since_ms);
    answer_number(command->answer, "holders", now.holders);
    answer_close(command->answer);
    return COMMAND_DONE;
}

const struct command_def command_agent_presence = {
    .name = "agent presence",
    .help = "show whether an agent is online, or hold it so as long as the connection lasts",
    .right = COMMAND_LOOKS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .one_row = true,
    .holds = true,
    .run = presence,
    .args = {ARG_ACCOUNT_DEF, AGENT_ARG,
             {.name = "hold", .kind = ARG_FLAG, .option = true,
              .help = "the agent is online until this connection ends"},
             {.name = "release", .kind = ARG_FLAG, .option = true,
              .help = "this connection holds it no longer"}},
};

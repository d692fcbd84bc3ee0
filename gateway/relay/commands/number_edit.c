/*
 * number_edit.c: making and changing a number: every setting that the directory file has for one,
 * under the same rules. Those that the file lists are changed there.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/agent.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/link.h"
#include "gateway/relay/number.h"
#include "gateway/relay/proxy.h"

/* Arguments of both commands, in this order. */
enum { ARG_ACCOUNT, ARG_OF, ARG_CARRIER, ARG_ROLE, ARG_AGENT, ARG_APP, ARG_NAME,
       ARG_DESCRIPTION, ARG_OFFICE, ARG_PRIMARY, ARG_RESPONSE, ARG_KIND, ARG_INBOX_AGENTS,
       ARG_INBOX_GROUPS, ARG_ASSIGN_AGENT, ARG_ASSIGN_GROUP, ARG_ROUND_ROBIN, ARG_THROUGHPUT };

struct edited {
    uint32_t account;
    struct addr addr;
    struct rec_number rec;
    uint32_t agent; /* whose relay or user number it shall be */
};

/* ---- references: an empty text takes away what there was */

static enum command_result
take_group(struct command *command, const struct edited *e, size_t arg, uint32_t *group)
{
    struct slice id = command->args[arg].text;

    if (!command->args[arg].given)
        return COMMAND_DONE;
    return record_group(command, e->account, id, group);
}

static enum command_result
take_agent(struct command *command, const struct edited *e, size_t arg, uint32_t *agent)
{
    struct slice id = command->args[arg].text;

    if (!command->args[arg].given)
        return COMMAND_DONE;
    return record_agent(command, e->account, id, agent);
}

/* Only the operator knows what carriers there are, and how fast they take what. */
static enum command_result
take_carrier(struct command *command, struct edited *e)
{
    const struct command_value *arg = &command->args[ARG_CARRIER];
    const struct link *carrier;

    if (!arg->given && !command->args[ARG_THROUGHPUT].given)
        return COMMAND_DONE;
    if (command->as.agent != 0)
        return refuse(command, COMMAND_NOT_ALLOWED,
                      "only the operator may choose the carrier and its throughput");
    if (command->args[ARG_THROUGHPUT].given)
        e->rec.throughput = (uint32_t)command->args[ARG_THROUGHPUT].number;
    if (!arg->given)
        return COMMAND_DONE;
    carrier = link_named(command->step->relay, LINK_CARRIER, arg->text);
    if (!carrier || !carrier->carrier)
        return refuse(command, COMMAND_NOT_FOUND, "there is no such carrier");
    if (carrier->carrier->bind == BIND_RECEIVER)
        return refuse(command, COMMAND_WRONG_STATE, "nothing can go out by that carrier");
    e->rec.carrier = carrier->id;
    return COMMAND_DONE;
}

static enum command_result
take_owner(struct command *command, struct edited *e)
{
    const struct command_value *args = command->args;
    enum command_result result;
    uint32_t id = 0;

    if (args[ARG_ASSIGN_AGENT].given + args[ARG_ASSIGN_GROUP].given + args[ARG_ROUND_ROBIN].given >
        1)
        return refuse(command, COMMAND_BAD_ARGUMENT,
                      "only one of assign-agent, assign-group and assign-round-robin is possible");
    if (args[ARG_ASSIGN_AGENT].given) {
        result = take_agent(command, e, ARG_ASSIGN_AGENT, &id);
        e->rec.assign_kind = id ? OWNER_AGENT : OWNER_NOBODY;
    } else if (args[ARG_ASSIGN_GROUP].given || args[ARG_ROUND_ROBIN].given) {
        result = take_group(command, e,
                            args[ARG_ROUND_ROBIN].given ? ARG_ROUND_ROBIN : ARG_ASSIGN_GROUP, &id);
        e->rec.assign_kind = id ? OWNER_GROUP : OWNER_NOBODY;
    } else {
        return COMMAND_DONE;
    }
    e->rec.assign_id = id;
    e->rec.round_robin = id && args[ARG_ROUND_ROBIN].given;
    return result;
}

static void
take_plain(const struct command_value *args, struct rec_number *rec)
{
    if (args[ARG_ROLE].given)
        rec->role = (uint8_t)(ROLE_BUSINESS + args[ARG_ROLE].number);
    if (args[ARG_NAME].given)
        rec->name = args[ARG_NAME].text;
    if (args[ARG_DESCRIPTION].given)
        rec->description = args[ARG_DESCRIPTION].text;
    if (args[ARG_RESPONSE].given)
        rec->response = (uint8_t)args[ARG_RESPONSE].number;
    if (args[ARG_KIND].given)
        rec->kind = (uint8_t)args[ARG_KIND].number;
}

static enum command_result
take_references(struct command *command, struct edited *e)
{
    const struct command_value *args = command->args;
    enum command_result result = take_carrier(command, e);

    if (result == COMMAND_DONE && args[ARG_APP].given)
        result = record_app(command, e->account, args[ARG_APP].text, &e->rec.app);
    if (result == COMMAND_DONE)
        result = take_group(command, e, ARG_OFFICE, &e->rec.office);
    if (result == COMMAND_DONE)
        result = take_agent(command, e, ARG_PRIMARY, &e->rec.primary_agent);
    if (result == COMMAND_DONE)
        result = take_agent(command, e, ARG_AGENT, &e->agent);
    if (result == COMMAND_DONE)
        result = take_owner(command, e);
    if (result == COMMAND_DONE)
        result = record_inboxes(command, e->account, &args[ARG_INBOX_AGENTS],
                                &args[ARG_INBOX_GROUPS], &e->rec.inboxes);
    return result;
}

/* ---- rules between settings: those of the directory file (conf_finish_number()) */

static const char *
wrong_with(const struct edited *e)
{
    const struct rec_number *rec = &e->rec;
    bool business = rec->role == ROLE_BUSINESS, bot = business && rec->response == RESPONSE_BOT;

    if (e->addr.kind == ADDR_ALPHA && rec->role != ROLE_APP)
        return "a sender name is only possible for a number of role app";
    if (!business && (rec->assign_kind != OWNER_NOBODY || rec->office || rec->primary_agent ||
                      rec->inboxes.n > 0 || rec->response != RESPONSE_AGENT ||
                      rec->kind != REUSABLE))
        return "owner, office, primary-agent, inboxes, response and kind are only for a number of "
               "role business";
    if (rec->app && !bot && rec->role != ROLE_APP)
        return "app is only for a number of role app, or with response bot";
    if (!rec->app && (bot || rec->role == ROLE_APP))
        return "app is required for a number of role app, and with response bot";
    if (e->agent && rec->role != ROLE_RELAY && rec->role != ROLE_USER)
        return "agent is only for a number of role relay or user";
    return NULL;
}

/* The agent's record must be one that commands may change, for it names the number too. */
static enum command_result
look_at_agent(struct command *command, const struct edited *e)
{
    struct rec_agent rec;
    uint32_t twin;

    if (e->agent == 0 || e->agent == e->rec.agent)
        return COMMAND_DONE;
    if (e->rec.agent != 0)
        return refuse(command, COMMAND_WRONG_STATE, "the number is another agent's");
    if (!agent_get(command->step, e->account, e->agent, &rec) || !rec.by_command)
        return refuse(command, COMMAND_WRONG_STATE,
                      "the directory file lists the agent: give the number there");
    twin = e->rec.role == ROLE_USER
               ? proxy_agent_of_mobile(command->step, e->account, &rec.mobile)
               : 0;
    if (twin != 0 && twin != e->agent)
        return refuse(command, COMMAND_WRONG_STATE,
                      "another agent has the same mobile, and both would have a user number");
    return COMMAND_DONE;
}

static enum command_result
take_all(struct command *command, struct edited *e)
{
    enum command_result result;
    const char *why;

    e->agent = e->rec.agent;
    take_plain(command->args, &e->rec);
    result = take_references(command, e);
    if (result != COMMAND_DONE)
        return result;
    why = wrong_with(e);
    return why ? refuse(command, COMMAND_BAD_ARGUMENT, why) : look_at_agent(command, e);
}

/* Both sides say whose it is. */
static void
put_all(struct command *command, const struct edited *e)
{
    struct step *s = command->step;
    enum number_role role = (enum number_role)e->rec.role;

    number_put(s, &e->addr, &e->rec);
    if (e->agent != 0)
        number_give(s, e->account, e->agent, role, &e->addr);
    else if (e->rec.agent != 0)
        number_give(s, e->account, e->rec.agent, role, &(struct addr){0});
}

/* ---- making */

static enum command_result
add(struct command *command)
{
    struct edited e = {.account = record_account(command),
                       .rec = {.role = ROLE_BUSINESS, .by_command = 1}};
    struct step *s = command->step;
    struct rec_number old;
    enum command_result result;

    if (e.account == 0)
        return COMMAND_NOT_FOUND;
    e.rec.account = e.account;
    if (addr_from_text(command->args[ARG_OF].text, account_of(s->relay, e.account)->plan,
                       &e.addr) != ADDR_OK ||
        e.addr.kind == ADDR_NONE)
        return refuse(command, COMMAND_BAD_ARGUMENT, "that is no number");
    /* Of another account it says no more: accounts are walls. */
    if (number_get(s, &e.addr, &old))
        return refuse(command, COMMAND_WRONG_STATE, "the number is in use");
    result = take_all(command, &e);
    if (result == COMMAND_DONE)
        put_all(command, &e);
    return result;
}

#define TEXT_OPTION(what, most, say)                                                               \
    {.name = what, .kind = ARG_TEXT, .option = true, .max = (most), .help = say}
#define NUMBER_ARG                                                                                 \
    {.name = "number", .kind = ARG_TEXT, .required = true, .max = 40, .help = "with country code"}
#define LIST_BYTES_MAX (INBOXES_MAX * (CONF_ID_BYTES_MAX + 1))
#define NUMBER_OPTIONS                                                                             \
    {.name = "role", .kind = ARG_WORD, .option = true,                                             \
     .words = "business|relay|user|contact|app", .help = "what it is for (business)"},             \
        TEXT_OPTION("agent", CONF_ID_BYTES_MAX, "role relay, user: whose"),                        \
        TEXT_OPTION("app", CONF_SYSTEM_ID_MAX, "role app, response bot: who gets its messages"),   \
        TEXT_OPTION("name", 4 * CONF_NAME_CHARS_MAX, "what people call it"),                       \
        TEXT_OPTION("description", 4 * CONF_DESCRIPTION_CHARS_MAX, "what it is for"),              \
        TEXT_OPTION("office", CONF_ID_BYTES_MAX, "group that may start texts from it"),            \
        TEXT_OPTION("primary-agent", CONF_ID_BYTES_MAX, "agent who looks after it"),               \
        {.name = "response", .kind = ARG_WORD, .option = true, .words = "agent|bot",               \
         .help = "who answers what is unsolicited"},                                               \
        {.name = "kind", .kind = ARG_WORD, .option = true, .words = "reusable|single-use",         \
         .help = "single-use: it leaves with its campaign"},                                       \
        TEXT_OPTION("inbox-agents", LIST_BYTES_MAX, "who gets what is unsolicited: ids, commas"),  \
        TEXT_OPTION("inbox-groups", LIST_BYTES_MAX, "groups that get it"),                         \
        TEXT_OPTION("assign-agent", CONF_ID_BYTES_MAX, "agent who owns what comes in"),            \
        TEXT_OPTION("assign-group", CONF_ID_BYTES_MAX, "group that owns what comes in"),           \
        TEXT_OPTION("assign-round-robin", CONF_ID_BYTES_MAX, "group whose agents take turns"),     \
    {                                                                                              \
        .name = "throughput", .kind = ARG_NUMBER, .option = true, .max = CONF_THROUGHPUT_MAX,      \
        .help = "segments a second; 0: what its carrier says"                                      \
    }

const struct command_def command_number_add = {
    .name = "number add",
    .help = "give an account a number",
    .right = COMMAND_CHANGES,
    .where = COMMAND_IN_RELAY,
    .run = add,
    .args = {ARG_ACCOUNT_DEF, NUMBER_ARG,
             {.name = "carrier", .kind = ARG_TEXT, .required = true, .max = CONF_ID_BYTES_MAX,
              .help = "that its messages go out by"},
             NUMBER_OPTIONS},
};

/* ---- changing */

/* What is begun on a number goes by its role. */
static enum command_result
look_at_role(struct command *command, const struct edited *e)
{
    struct number_uses uses;

    if (!command->args[ARG_ROLE].given ||
        command->args[ARG_ROLE].number + ROLE_BUSINESS == e->rec.role)
        return COMMAND_DONE;
    if (e->rec.agent != 0)
        return refuse(command, COMMAND_WRONG_STATE, "the number is an agent's");
    number_uses(command->step, &e->addr, &e->rec, &uses);
    return uses.campaign.state != 0 || uses.conv_open || uses.lease
               ? refuse(command, COMMAND_WRONG_STATE,
                        "the number is in use, and its role stays with what uses it")
               : COMMAND_DONE;
}

static enum command_result
edit(struct command *command)
{
    struct edited e;
    enum command_result result = record_number(command, &e.account, &e.addr, &e.rec);

    if (result == COMMAND_DONE && !e.rec.by_command)
        return refuse_listed(command);
    if (result == COMMAND_DONE)
        result = look_at_role(command, &e);
    if (result == COMMAND_DONE)
        result = take_all(command, &e);
    if (result == COMMAND_DONE)
        put_all(command, &e);
    return result;
}

const struct command_def command_number_edit = {
    .name = "number edit",
    .help = "change a number's settings; an empty text takes away what it had",
    .right = COMMAND_CHANGES,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = edit,
    .args = {ARG_ACCOUNT_DEF, NUMBER_ARG,
             TEXT_OPTION("carrier", CONF_ID_BYTES_MAX, "that its messages go out by"),
             NUMBER_OPTIONS},
};

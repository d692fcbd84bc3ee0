/*
 * group.c: commands about groups of agents: list, show the members, make, change, delete, let an
 * agent in or out. Groups that the directory file lists are named and deleted there; who is in them
 * by the file leaves there only, others come and go by command.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/agent.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/number.h"
#include "gateway/relay/presence.h"

#define GROUP_ARG                                                                                  \
    {.name = "group", .kind = ARG_TEXT, .required = true, .max = CONF_ID_BYTES_MAX,                \
     .help = "its id, as group lists it"}
#define NAME_ARG                                                                                   \
    {.name = "name", .kind = ARG_TEXT, .option = true, .max = 4 * CONF_NAME_CHARS_MAX,             \
     .help = "what people call it"}

/* ---- looking */

enum { ARG_ACCOUNT, ARG_GROUP, ARG_AGENT, ARG_SET };

static void
show_row(struct command *command, uint32_t account, struct slice key)
{
    struct answer *answer = command->answer;
    struct rec_group rec;
    uint32_t group;

    if (!key_take_u32(&key, &group) || !group_get(command->step, account, group, &rec))
        return;
    answer_open(answer);
    answer_text(answer, "id", rec.id);
    answer_text(answer, "name", rec.name);
    answer_word(answer, "from", rec.by_command ? "command" : "file");
    answer_close(answer);
}

static enum command_result
list(struct command *command)
{
    uint32_t account = record_account(command);

    return account ? record_walk(command, TABLE_GROUP, account, show_row) : COMMAND_NOT_FOUND;
}

const struct command_def command_group = {
    .name = "group",
    .help = "list the groups of an account",
    .right = COMMAND_REVEALS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = list,
    .args = {ARG_ACCOUNT_DEF},
};

static enum command_result
find(struct command *command, uint32_t *account, uint32_t *group, struct rec_group *rec)
{
    *account = record_account(command);
    if (*account == 0)
        return COMMAND_NOT_FOUND;
    *group = group_named(command->step, *account, command->args[ARG_GROUP].text);
    if (*group == 0 || !group_get(command->step, *account, *group, rec))
        return refuse(command, COMMAND_NOT_FOUND, "there is no such group");
    return COMMAND_DONE;
}

static void
show_member(struct command *command, uint32_t account, uint32_t agent, bool listed)
{
    struct answer *answer = command->answer;
    struct presence_now now;
    struct rec_agent rec;

    if (!agent_get(command->step, account, agent, &rec))
        return;
    answer_open(answer);
    answer_text(answer, "agent", rec.id);
    answer_text(answer, "name", rec.name);
    answer_word(answer, "online",
                presence_get(command->step->relay, account, agent, &now) ? "yes" : "no");
    answer_word(answer, "relay", rec.relay ? "on" : "off");
    answer_word(answer, "from", listed ? "file" : "command");
    answer_close(answer);
}

static enum command_result
show_members(struct command *command)
{
    struct command_progress *progress = command->progress;
    uint32_t account, group, agent;
    struct rec_group rec;
    enum command_result result = find(command, &account, &group, &rec);

    if (result != COMMAND_DONE)
        return result;
    for (uint32_t rows = 0;
         rows < COMMAND_ROWS_MAX && command->answer->rows < COMMAND_ANSWERS_MAX; rows++) {
        struct slice key, whole;

        if (!record_next_of(command, TABLE_MEMBER, account, group, &key))
            return COMMAND_DONE;
        whole = slice_of(progress->key, progress->key_n - 1u);
        if (key_take_u32(&key, &agent))
            show_member(command, account, agent, member_is_listed(command->step, whole));
    }
    return COMMAND_MORE;
}

const struct command_def command_group_show = {
    .name = "group show",
    .help = "list the members of a group, and who of them is online",
    .right = COMMAND_REVEALS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = show_members,
    .args = {ARG_ACCOUNT_DEF, GROUP_ARG},
};

/* ---- changing */

enum { ARG_NAME = 2 };

static enum command_result
add(struct command *command)
{
    const struct command_value *args = command->args;
    struct slice id = args[ARG_GROUP].text;
    uint32_t account = record_account(command), group;
    struct rec_group rec = {
        .id = id, .name = args[ARG_NAME].text.n > 0 ? args[ARG_NAME].text : id, .by_command = 1};
    struct rec_group old;

    if (account == 0)
        return COMMAND_NOT_FOUND;
    if (!record_id(command, id))
        return COMMAND_BAD_ARGUMENT;
    group = group_named(command->step, account, id);
    if (group != 0 && group_get(command->step, account, group, &old))
        return refuse(command, COMMAND_WRONG_STATE, "there is a group of that id");
    group_put(command->step, account, group_new(command->step, account, id), &rec);
    return COMMAND_DONE;
}

const struct command_def command_group_add = {
    .name = "group add",
    .help = "make a group",
    .right = COMMAND_CHANGES,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = add,
    .args = {ARG_ACCOUNT_DEF,
             {.name = "group", .kind = ARG_TEXT, .required = true, .max = CONF_ID_BYTES_MAX,
              .help = "a new id"},
             NAME_ARG},
};

static enum command_result
edit(struct command *command)
{
    struct slice name = command->args[ARG_NAME].text;
    uint32_t account, group;
    struct rec_group rec;
    enum command_result result = find(command, &account, &group, &rec);

    if (result == COMMAND_DONE && !rec.by_command)
        return refuse_listed(command);
    if (result != COMMAND_DONE)
        return result;
    rec.name = name.n > 0 ? name : rec.id;
    group_put(command->step, account, group, &rec);
    return COMMAND_DONE;
}

const struct command_def command_group_edit = {
    .name = "group edit",
    .help = "change what a group is called",
    .right = COMMAND_CHANGES,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = edit,
    .args = {ARG_ACCOUNT_DEF, GROUP_ARG, NAME_ARG},
};

static enum command_result
delete_one(struct command *command)
{
    uint32_t account, group;
    struct rec_group rec;
    enum command_result result = find(command, &account, &group, &rec);

    if (result == COMMAND_DONE && !rec.by_command)
        return refuse_listed(command);
    if (result == COMMAND_DONE)
        result = record_unused(command, account, (struct owner){OWNER_GROUP, group});
    if (result != COMMAND_DONE)
        return result;
    rec.removed = 1; /* conversations go on naming it */
    group_put(command->step, account, group, &rec);
    return COMMAND_DONE;
}

const struct command_def command_group_delete = {
    .name = "group delete",
    .help = "take a group away that owns no open conversation and that no number or campaign names",
    .right = COMMAND_CHANGES,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = delete_one,
    .args = {ARG_ACCOUNT_DEF, GROUP_ARG},
};

static enum command_result
member(struct command *command)
{
    uint32_t account, group, agent;
    struct rec_group rec;
    struct rec_agent who;
    enum command_result result = find(command, &account, &group, &rec);

    if (result != COMMAND_DONE)
        return result;
    agent = agent_named(command->step, account, command->args[ARG_AGENT].text);
    if (agent == 0 || !agent_get(command->step, account, agent, &who))
        return refuse(command, COMMAND_NOT_FOUND, "there is no such agent");
    if (member_set(command->step, account, group, agent, command->args[ARG_SET].number == 0) ==
        MEMBER_LISTED)
        return refuse_listed(command);
    return COMMAND_DONE;
}

const struct command_def command_group_member = {
    .name = "group member",
    .help = "let an agent into a group, or out of it",
    .right = COMMAND_CHANGES,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = member,
    .args = {ARG_ACCOUNT_DEF, GROUP_ARG,
             {.name = "agent", .kind = ARG_TEXT, .required = true, .max = CONF_ID_BYTES_MAX,
              .help = "its id, as agent lists it"},
             {.name = "set", .kind = ARG_WORD, .required = true, .words = "in|out",
              .help = "what becomes of it"}},
};

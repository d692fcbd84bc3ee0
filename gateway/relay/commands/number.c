/*
 * number.c: commands about numbers (R-num-5, R-num-6): list, delete, drain. Those that the
 * directory file lists can be deleted there only, but drained here.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/agent.h"
#include "gateway/relay/campaign.h"
#include "gateway/relay/core.h"
#include "gateway/relay/message.h"
#include "gateway/relay/number.h"
#include "gateway/relay/reply.h"

/* ---- listing */

enum { ARG_ACCOUNT, ARG_FIND, ARG_OFFICE, ARG_TYPE, ARG_KIND, ARG_AGENT };

/* What the list shows of one. */
struct shown {
    struct addr addr;
    struct rec_number rec;
    struct rec_campaign campaign;
    struct slice agent, office;
};

static bool
fits(const struct command_value *args, const struct shown *n)
{
    struct slice part = args[ARG_FIND].text;

    if (args[ARG_FIND].given && !text_holds(slice_str(n->addr.text), part) &&
        !text_holds(n->rec.name, part) && !text_holds(n->campaign.name, part))
        return false;
    return (!args[ARG_OFFICE].given || slice_eq(n->office, args[ARG_OFFICE].text)) &&
           (!args[ARG_AGENT].given || slice_eq(n->agent, args[ARG_AGENT].text)) &&
           (!args[ARG_TYPE].given || n->rec.response == args[ARG_TYPE].number) &&
           (!args[ARG_KIND].given || n->rec.kind == args[ARG_KIND].number);
}

static void
show(struct command *command, const struct shown *n)
{
    struct answer *answer = command->answer;
    const struct rec_number *rec = &n->rec;
    uint64_t archive = rec->archived_ms ? rec->archived_ms : n->campaign.archive_ms;

    answer_open(answer);
    answer_addr(answer, "number", &n->addr);
    answer_text(answer, "name", rec->name);
    answer_text(answer, "description", rec->description);
    answer_text(answer, "agent", n->agent);
    answer_text(answer, "office", n->office);
    answer_word(answer, "role", number_role_name(rec->role));
    answer_word(answer, "type", response_type_name(rec->response));
    answer_text(answer, "campaign", n->campaign.name);
    answer_time(answer, "archive", archive);
    answer_word(answer, "kind", reuse_kind_name(rec->kind));
    answer_word(answer, "from", rec->by_command ? "command" : "file");
    answer_flag(answer, "draining", rec->draining);
    answer_close(answer);
}

/* The table is of all accounts, by number: rows of others are passed over. */
static bool
next(struct command *command, struct shown *n)
{
    struct command_progress *progress = command->progress;
    struct slice key;

    if (!store_seek(command->step->txn, TABLE_NUMBER, slice_of(progress->key, progress->key_n),
                    SLICE_NONE, &key, NULL))
        return false;
    memcpy(progress->key, key.p, key.n);
    progress->key[key.n] = 0;
    progress->key_n = (uint16_t)(key.n + 1);
    if (!record_get(command->step->txn, TABLE_NUMBER, key, &rec_number_def, &n->rec) ||
        !key_take_addr(&key, &n->addr))
        n->rec.account = 0;
    return true;
}

static enum command_result
list(struct command *command)
{
    uint32_t account = record_account(command);
    struct step *s = command->step;
    struct shown n;

    if (account == 0)
        return COMMAND_NOT_FOUND;
    for (uint32_t rows = 0;
         rows < COMMAND_ROWS_MAX && command->answer->rows < COMMAND_ANSWERS_MAX; rows++) {
        n = (struct shown){0};
        if (!next(command, &n))
            return COMMAND_DONE;
        /* One that left with its campaign is still shown. */
        if (n.rec.account != account || (n.rec.removed && !n.rec.archived_ms))
            continue;
        if (n.rec.campaign != 0)
            (void)campaign_get(s, account, n.rec.campaign, &n.campaign);
        n.office = record_group_id(command, account, n.rec.office);
        n.agent = record_agent_id(command, account,
                                  n.rec.primary_agent ? n.rec.primary_agent : n.rec.agent);
        if (fits(command->args, &n))
            show(command, &n);
    }
    return COMMAND_MORE;
}

#define TEXT_OPTION(what, most, say)                                                               \
    {.name = what, .kind = ARG_TEXT, .option = true, .max = (most), .help = say}

const struct command_def command_number = {
    .name = "number",
    .help = "list the numbers of an account",
    .right = COMMAND_REVEALS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = list,
    .args = {ARG_ACCOUNT_DEF,
             TEXT_OPTION("find", 100, "only those with this in number, name or active campaign"),
             TEXT_OPTION("office", CONF_ID_BYTES_MAX, "only those of this group"),
             {.name = "type", .kind = ARG_WORD, .option = true, .words = "agent|bot",
              .help = "only those that are answered so"},
             {.name = "kind", .kind = ARG_WORD, .option = true, .words = "reusable|single-use",
              .help = "only those of this kind"},
             TEXT_OPTION("agent", CONF_ID_BYTES_MAX, "only those of this agent")},
};

#define NUMBER_ARG                                                                                 \
    {.name = "number", .kind = ARG_TEXT, .required = true, .max = 40, .help = "with country code"}

/* ---- deleting (R-num-5) */

static enum command_result
refuse_used(struct command *command, const struct number_uses *uses)
{
    char digits[24] = "", id[CONF_ID_BYTES_MAX + 1] = "";
    struct line why = {.n = 0};

    line_text(&why, "the number is in use:");
    if (uses->campaign.state != 0) {
        if (uses->campaign.id.n <= CONF_ID_BYTES_MAX)
            memcpy(id, uses->campaign.id.p, uses->campaign.id.n);
        line_text(&why, uses->campaign.state == CAMPAIGN_ACTIVE ? " active campaign "
                                                                : " scheduled campaign ");
        line_text(&why, id);
    }
    if (uses->conv_open) {
        line_text(&why, " open conversation ");
        (void)message_id_text(uses->conv, digits);
        line_text(&why, digits);
    }
    if (uses->lease)
        line_text(&why, " a live lease");
    return refuse(command, COMMAND_WRONG_STATE, why.p);
}

static enum command_result
delete_one(struct command *command)
{
    struct number_uses uses;
    struct rec_number rec;
    struct addr addr;
    uint32_t account;
    enum command_result result = record_number(command, &account, &addr, &rec);

    if (result == COMMAND_DONE && !rec.by_command)
        return refuse_listed(command);
    if (result != COMMAND_DONE)
        return result;
    number_uses(command->step, &addr, &rec, &uses);
    if (uses.campaign.state != 0 || uses.conv_open || uses.lease)
        return refuse_used(command, &uses);
    if (rec.agent != 0)
        number_give(command->step, account, rec.agent, (enum number_role)rec.role,
                    &(struct addr){0});
    rec.agent = 0;
    rec.removed = 1; /* messages go on naming it */
    number_put(command->step, &addr, &rec);
    return COMMAND_DONE;
}

const struct command_def command_number_delete = {
    .name = "number delete",
    .help = "take a number away, unless something uses it",
    .right = COMMAND_CHANGES,
    .where = COMMAND_IN_RELAY,
    .run = delete_one,
    .args = {ARG_ACCOUNT_DEF, NUMBER_ARG},
};

enum { ARG_OFF = 2 };

static enum command_result
drain(struct command *command)
{
    struct rec_number rec;
    struct addr addr;
    uint32_t account;
    enum command_result result = record_number(command, &account, &addr, &rec);

    if (result != COMMAND_DONE)
        return result;
    rec.draining = !command->args[ARG_OFF].number;
    number_put(command->step, &addr, &rec);
    return COMMAND_DONE;
}

const struct command_def command_number_drain = {
    .name = "number drain",
    .help = "begin nothing new on a number: no campaign, no lease; what there is goes on",
    .right = COMMAND_CHANGES,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = drain,
    .args = {ARG_ACCOUNT_DEF, NUMBER_ARG,
             {.name = "off", .kind = ARG_FLAG, .option = true, .help = "it is used again"}},
};

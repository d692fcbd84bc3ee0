/*
 * account.c: commands about accounts, which the directory file alone makes and changes: list, and
 * show one with its settings.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/agent.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"

static bool
account_record(struct step *s, uint32_t account, struct rec_account *rec)
{
    struct key key;

    key_init(&key);
    key_u32(&key, account);
    return record_get(s->txn, TABLE_ACCOUNT, key_slice(&key), &rec_account_def, rec) &&
           !rec->removed;
}

static void
show(struct command *command, const struct rec_account *rec)
{
    struct answer *answer = command->answer;

    answer_open(answer);
    answer_text(answer, "id", rec->id);
    answer_text(answer, "name", rec->name);
    answer_text(answer, "country", rec->country);
    answer_word(answer, "long_messages", long_messages_name(rec->long_messages));
    answer_number(answer, "max_parts", rec->max_parts);
    answer_flag(answer, "transliterate", rec->transliterate);
}

/* progress: the last one shown. An agent's own is the only one there is. */
static enum command_result
list(struct command *command)
{
    const struct relay *relay = command->step->relay;
    uint64_t *at = &command->progress->number[0];
    struct rec_account rec;

    if (command->args[0].given) {
        uint32_t account = record_account(command);

        if (account == 0 || !account_record(command->step, account, &rec))
            return COMMAND_NOT_FOUND;
        show(command, &rec);
        answer_close(command->answer);
        return COMMAND_DONE;
    }
    for (uint32_t rows = 0; ++*at < relay->account_cap; rows++) {
        if (rows == COMMAND_ROWS_MAX || command->answer->rows == COMMAND_ANSWERS_MAX) {
            --*at;
            return COMMAND_MORE;
        }
        if (!account_record(command->step, (uint32_t)*at, &rec))
            continue;
        show(command, &rec);
        answer_close(command->answer);
    }
    return COMMAND_DONE;
}

const struct command_def command_account = {
    .name = "account",
    .help = "list the accounts",
    .right = COMMAND_LOOKS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = list,
    .args = {{.name = "account", .kind = ARG_TEXT, .max = CONF_ID_BYTES_MAX,
              .help = "only this one"}},
};

/* What the directory file lists; what commands made besides is in agent, number and so on. */
static void
show_file(struct answer *answer, const struct dir_account *dir)
{
    answer_word(answer, "pool_scope", conf_pool_scope_name(dir->proxy.pool_scope));
    answer_number(answer, "min_idle", dir->proxy.min_idle_ms / 1000);
    answer_number(answer, "quarantine", dir->proxy.quarantine_ms / 1000);
    answer_flag(answer, "create_unknown", dir->create_unknown);
    answer_word(answer, "opt_in", dir->opt_in.mode == OPT_IN_MANUAL ? "manual" : "automatic");
    answer_number(answer, "file_groups", dir->group_count);
    answer_number(answer, "file_agents", dir->agent_count);
    answer_number(answer, "file_apps", dir->app_count);
    answer_number(answer, "file_numbers", dir->number_count);
    answer_number(answer, "file_campaigns", dir->campaign_count);
    answer_number(answer, "file_contacts", dir->contact_count);
    answer_number(answer, "file_auto_replies", dir->auto_reply_count);
}

static enum command_result
show_one(struct command *command)
{
    uint32_t account = record_account(command);
    const struct dir_account *dir;
    struct rec_account rec;
    struct rec_agent admin;

    if (account == 0 || !account_record(command->step, account, &rec))
        return COMMAND_NOT_FOUND;
    show(command, &rec);
    if (account_admin(command->step, account, &admin))
        answer_text(command->answer, "admin", admin.id);
    else
        answer_none(command->answer, "admin");
    dir = account_of(command->step->relay, account)->dir;
    if (dir)
        show_file(command->answer, dir);
    answer_close(command->answer);
    return COMMAND_DONE;
}

const struct command_def command_account_show = {
    .name = "account show",
    .help = "show one account: its settings, its admin, and how much the directory file lists",
    .right = COMMAND_LOOKS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .one_row = true,
    .run = show_one,
    .args = {ARG_ACCOUNT_DEF},
};

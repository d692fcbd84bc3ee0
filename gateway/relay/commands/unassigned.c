/*
 * unassigned.c: commands about senders who match no contact, or several (R-match): list them, and
 * say whose they are.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/agent.h"
#include "gateway/relay/contact.h"
#include "gateway/relay/core.h"
#include "gateway/relay/match.h"

enum { ARG_ACCOUNT, ARG_PHONE, ARG_CONTACT };

static void
show_row(struct command *command, uint32_t account, struct slice key)
{
    struct answer *answer = command->answer;
    struct rec_unassigned rec;
    struct rec_agent agent;
    struct addr phone;
    struct key row;

    key_init(&row);
    key_u32(&row, account);
    key_bytes(&row, key);
    if (!key_take_addr(&key, &phone) ||
        !record_get(command->step->txn, TABLE_UNASSIGNED, key_slice(&row), &rec_unassigned_def,
                    &rec))
        return;
    answer_open(answer);
    answer_addr(answer, "phone", &phone);
    answer_time(answer, "since", rec.at_ms);
    answer_number(answer, "conversation", rec.conv);
    answer_number(answer, "candidates", rec.candidates);
    if (rec.notified && agent_get(command->step, account, rec.notified, &agent))
        answer_text(answer, "told", agent.id);
    else
        answer_none(answer, "told");
    answer_close(answer);
}

static enum command_result
list(struct command *command)
{
    uint32_t account = record_account(command);

    return account ? record_walk(command, TABLE_UNASSIGNED, account, show_row)
                   : COMMAND_NOT_FOUND;
}

const struct command_def command_unassigned = {
    .name = "unassigned",
    .help = "list senders who match no contact, or several",
    .right = COMMAND_REVEALS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = list,
    .args = {ARG_ACCOUNT_DEF},
};

static enum command_result
assign(struct command *command)
{
    const struct command_value *args = command->args;
    struct step *s = command->step;
    uint32_t account = record_account(command), contact;
    struct rec_contact rec = {0};
    struct addr phone;
    enum contact_err err;

    if (account == 0)
        return COMMAND_NOT_FOUND;
    if (!record_phone(command, account, args[ARG_PHONE].text, &phone))
        return COMMAND_BAD_ARGUMENT;
    if (!args[ARG_CONTACT].given) {
        contact = contact_new(s, account, &rec);
    } else {
        contact = contact_named(s, account, args[ARG_CONTACT].text);
        if (contact == 0 || !contact_get(s, account, contact, &rec))
            return refuse(command, COMMAND_NOT_FOUND, "there is no such contact");
        if (!rec.by_command && !contact_has_phone(s, account, contact, &phone))
            return refuse(command, COMMAND_WRONG_STATE,
                          "the directory file lists the contact: give it the number there");
    }
    err = unassigned_assign(s, account, &phone, contact);
    if (err != CONTACT_OK)
        return refuse(command, COMMAND_WRONG_STATE, contact_err_name(err));
    answer_open(command->answer);
    answer_text(command->answer, "contact", rec.id);
    answer_close(command->answer);
    return COMMAND_DONE;
}

const struct command_def command_unassigned_assign = {
    .name = "unassigned assign",
    .help = "say whose a sender's messages are: a contact's, or a new one's",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .one_row = true,
    .run = assign,
    .args = {ARG_ACCOUNT_DEF,
             {.name = "phone", .kind = ARG_TEXT, .required = true, .max = 40,
              .help = "the sender, as unassigned lists it"},
             {.name = "contact", .kind = ARG_TEXT, .option = true, .max = CONF_ID_BYTES_MAX,
              .help = "id of a contact; without it a new one is made"}},
};

/*
 * erase.c: commands about data that goes for good: erasing what is known of a contact or a phone,
 * and the list of what was erased, on request or by retention.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/contact.h"
#include "gateway/relay/erase.h"
#include "gateway/relay/history.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/reply.h"

#define WHO_BYTES_MAX 64u
#define WHY_BYTES_MAX 200u

enum { ARG_ACCOUNT, ARG_CONTACT, ARG_PHONE, ARG_WHO, ARG_WHY };

/* It would come back with the next reload. */
static bool
is_listed(struct command *command, uint32_t account, const struct addr *phone)
{
    uint32_t contacts[CONF_PHONE_CONTACTS_MAX];
    uint32_t n = contacts_of_phone(command->step, account, phone, contacts);
    struct rec_contact rec;

    for (uint32_t i = 0; i < n; i++)
        if (contact_get(command->step, account, contacts[i], &rec) && !rec.by_command)
            return true;
    return false;
}

/* An agent's phone and our own numbers are no data of a contact. */
static bool
is_ours(struct command *command, const struct addr *phone)
{
    struct rec_number number;

    return number_get(command->step, phone, &number);
}

static enum command_result
erase_by_phone(struct command *command, uint32_t account, struct rec_erasure *rec,
               uint64_t *erasure)
{
    struct addr phone;

    if (!record_phone(command, account, command->args[ARG_PHONE].text, &phone))
        return COMMAND_BAD_ARGUMENT;
    if (is_ours(command, &phone))
        return refuse(command, COMMAND_WRONG_STATE, "that is a number of ours");
    if (is_listed(command, account, &phone))
        return refuse(command, COMMAND_WRONG_STATE,
                      "the directory file lists a contact with this phone: take it out there and "
                      "reload first");
    *erasure = erase_phone(command->step, account, &phone, rec);
    return COMMAND_DONE;
}

static enum command_result
erase_by_contact(struct command *command, uint32_t account, struct rec_erasure *rec,
                 uint64_t *erasure)
{
    uint32_t contact = contact_named(command->step, account, command->args[ARG_CONTACT].text);
    struct rec_contact found;

    if (contact == 0)
        return refuse(command, COMMAND_NOT_FOUND, "there is no such contact");
    /* One that left the directory file still has its names. */
    if (contact_get(command->step, account, contact, &found) && !found.by_command)
        return refuse_listed(command);
    *erasure = erase_contact(command->step, account, contact, rec);
    return COMMAND_DONE;
}

static enum command_result
erase(struct command *command)
{
    const struct command_value *args = command->args;
    uint32_t account = record_account(command);
    struct rec_erasure rec = {.by = args[ARG_WHO].text, .why = args[ARG_WHY].text};
    struct line line = {.n = 0};
    enum command_result result;
    uint64_t erasure = 0;

    if (account == 0)
        return COMMAND_NOT_FOUND;
    if (args[ARG_WHO].text.n == 0)
        return refuse(command, COMMAND_BAD_ARGUMENT, "who must not be empty");
    if (args[ARG_CONTACT].given == args[ARG_PHONE].given)
        return refuse(command, COMMAND_BAD_ARGUMENT, "either a contact or a phone");
    result = args[ARG_PHONE].given ? erase_by_phone(command, account, &rec, &erasure)
                                   : erase_by_contact(command, account, &rec, &erasure);
    if (result != COMMAND_DONE)
        return result;
    line_text(&line, "erasure asked for");
    line_number(&line, "account", account);
    line_number(&line, "erasure", erasure);
    line_log(command->step, LOG_LEVEL_INFO, &line);
    answer_open(command->answer);
    answer_number(command->answer, "erasure", erasure);
    answer_number(command->answer, "contacts", rec.contacts);
    answer_number(command->answer, "phones", rec.pending);
    answer_close(command->answer);
    return COMMAND_DONE;
}

const struct command_def command_contact_erase = {
    .name = "contact erase",
    .help = "delete for good what is known of a contact or a phone: what was said, what waits, the "
            "record; an opt-out stays",
    .right = COMMAND_CHANGES,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .one_row = true,
    .run = erase,
    .args = {[ARG_ACCOUNT] = ARG_ACCOUNT_DEF,
             [ARG_CONTACT] = {.name = "contact", .kind = ARG_TEXT, .option = true,
                              .max = CONF_ID_BYTES_MAX, .help = "its id"},
             [ARG_PHONE] = {.name = "phone", .kind = ARG_TEXT, .option = true, .max = 40,
                            .help = "or a phone, whoever's it is"},
             [ARG_WHO] = {.name = "who", .kind = ARG_TEXT, .required = true, .option = true,
                          .max = WHO_BYTES_MAX, .help = "who decided it: kept"},
             [ARG_WHY] = {.name = "why", .kind = ARG_TEXT, .option = true, .max = WHY_BYTES_MAX,
                          .help = "and why; no name or number of the contact"}},
};

/* ---- what was erased */

static void
show(struct command *command, uint32_t account, struct slice key)
{
    struct answer *answer = command->answer;
    struct rec_erasure rec;
    uint64_t erasure;

    if (!key_take_u64(&key, &erasure) || !erasure_get(command->step, account, erasure, &rec))
        return;
    answer_open(answer);
    answer_number(answer, "erasure", erasure);
    answer_word(answer, "kind", erasure_kind_name(rec.kind));
    answer_word(answer, "state", rec.done_ms ? "done" : "running");
    answer_time(answer, "asked", rec.asked_ms);
    answer_time(answer, "done", rec.done_ms);
    answer_time(answer, "before", rec.before_ms);
    answer_text(answer, "who", rec.by);
    answer_text(answer, "why", rec.why);
    answer_number(answer, "contacts", rec.contacts);
    answer_number(answer, "conversations", rec.conversations);
    answer_number(answer, "entries", rec.entries);
    answer_number(answer, "messages", rec.messages);
    answer_number(answer, "leases", rec.leases);
    answer_close(answer);
}

static enum command_result
list(struct command *command)
{
    uint32_t account = record_account(command);

    return account ? record_walk(command, TABLE_ERASURE, account, show) : COMMAND_NOT_FOUND;
}

const struct command_def command_erasure = {
    .name = "erasure",
    .help = "list what was deleted for good, by contact erase and by keep_history_days: when, by "
            "whom and how much",
    .right = COMMAND_LOOKS,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = list,
    .args = {ARG_ACCOUNT_DEF},
};

/*
 * contact.c: commands about contacts: list, show, make, change, delete, and write to one (R-multi).
 * Those that the directory file lists can be changed there only.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/contact.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/number.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/stop.h"

#define NAME_ARG(what, say)                                                                        \
    {.name = what, .kind = ARG_TEXT, .option = true, .max = 4 * CONF_NAME_CHARS_MAX, .help = say}
#define CONTACT_ARG                                                                                \
    {.name = "contact", .kind = ARG_TEXT, .required = true, .max = CONF_ID_BYTES_MAX,              \
     .help = "its id, as contact lists it"}

/* ---- listing */

enum { ARG_ACCOUNT, ARG_FIND };

static void
answer_phones(struct command *command, uint32_t account, uint32_t contact)
{
    struct contact_phone phones[CONF_CONTACT_PHONES_MAX];
    uint32_t n = contact_phones(command->step, account, contact, phones);
    struct line line = {.n = 0};

    for (uint32_t i = 0; i < n; i++) {
        line_text(&line, i ? " " : "");
        line_text(&line, phones[i].number.text);
        line_text(&line, phones[i].rec.selected ? "*" : "");
    }
    answer_text(command->answer, "phones", slice_of(line.p, line.n));
}

static void
show(struct command *command, uint32_t account, uint32_t contact, const struct rec_contact *rec)
{
    struct answer *answer = command->answer;

    answer_open(answer);
    answer_text(answer, "id", rec->id);
    answer_text(answer, "first", rec->first);
    answer_text(answer, "last", rec->last);
    answer_text(answer, "company", rec->company);
    answer_phones(command, account, contact);
    answer_word(answer, "from", rec->by_command ? "command" : "file");
    answer_time(answer, "created", rec->created_ms);
    answer_time(answer, "spoke", contact_spoke_ms(command->step, account, contact));
    answer_close(answer);
}

/* By a part of a name, of the company or of a number. */
static bool
fits(struct command *command, uint32_t account, uint32_t contact, const struct rec_contact *rec)
{
    struct slice part = command->args[ARG_FIND].text;
    struct contact_phone phones[CONF_CONTACT_PHONES_MAX];
    uint32_t n;

    if (text_holds(rec->id, part) || text_holds(rec->first, part) || text_holds(rec->last, part) ||
        text_holds(rec->company, part))
        return true;
    n = contact_phones(command->step, account, contact, phones);
    for (uint32_t i = 0; i < n; i++)
        if (text_holds(slice_str(phones[i].number.text), part))
            return true;
    return false;
}

static void
show_row(struct command *command, uint32_t account, struct slice key)
{
    struct rec_contact rec;
    uint32_t contact;

    if (key_take_u32(&key, &contact) && contact_get(command->step, account, contact, &rec) &&
        (!command->args[ARG_FIND].given || fits(command, account, contact, &rec)))
        show(command, account, contact, &rec);
}

static enum command_result
list(struct command *command)
{
    uint32_t account = record_account(command);

    return account ? record_walk(command, TABLE_CONTACT, account, show_row) : COMMAND_NOT_FOUND;
}

const struct command_def command_contact = {
    .name = "contact",
    .help = "list contacts; a number with * is selected for sending",
    .right = COMMAND_REVEALS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = list,
    .args = {ARG_ACCOUNT_DEF,
             {.name = "find", .kind = ARG_TEXT, .option = true, .max = 100,
              .help = "only those with this in name, company or number"}},
};

/* ---- one of them */

enum { ARG_CONTACT = 1 };

static enum command_result
find(struct command *command, uint32_t *account, uint32_t *contact, struct rec_contact *rec)
{
    *account = record_account(command);
    if (*account == 0)
        return COMMAND_NOT_FOUND;
    *contact = contact_named(command->step, *account, command->args[ARG_CONTACT].text);
    if (*contact == 0 || !contact_get(command->step, *account, *contact, rec))
        return refuse(command, COMMAND_NOT_FOUND, "there is no such contact");
    return COMMAND_DONE;
}

static enum command_result
find_own(struct command *command, uint32_t *account, uint32_t *contact, struct rec_contact *rec)
{
    enum command_result result = find(command, account, contact, rec);

    return result == COMMAND_DONE && !rec->by_command ? refuse_listed(command) : result;
}

static enum command_result
show_one(struct command *command)
{
    uint32_t account, contact;
    struct rec_contact rec;
    enum command_result result = find(command, &account, &contact, &rec);

    if (result == COMMAND_DONE)
        show(command, account, contact, &rec);
    return result;
}

const struct command_def command_contact_show = {
    .name = "contact show",
    .help = "show one contact",
    .right = COMMAND_REVEALS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .one_row = true,
    .run = show_one,
    .args = {ARG_ACCOUNT_DEF, CONTACT_ARG},
};

/* ---- making */

enum { ARG_FIRST = 1, ARG_LAST, ARG_COMPANY, ARG_PHONE, ARG_ID };

static enum command_result
add(struct command *command)
{
    const struct command_value *args = command->args;
    uint32_t account = record_account(command), contact;
    struct rec_contact old;
    struct rec_contact rec = {.id = args[ARG_ID].text,
                              .first = args[ARG_FIRST].text,
                              .last = args[ARG_LAST].text,
                              .company = args[ARG_COMPANY].text};
    struct addr phone = {0};
    enum contact_err err = CONTACT_OK;

    if (account == 0)
        return COMMAND_NOT_FOUND;
    if (args[ARG_PHONE].given && !record_phone(command, account, args[ARG_PHONE].text, &phone))
        return COMMAND_BAD_ARGUMENT;
    if (args[ARG_ID].given && !record_id(command, rec.id))
        return COMMAND_BAD_ARGUMENT;
    contact = args[ARG_ID].given ? contact_named(command->step, account, rec.id) : 0;
    if (contact != 0 && contact_get(command->step, account, contact, &old))
        return refuse(command, COMMAND_WRONG_STATE, "there is a contact of that id");
    contact = contact_new(command->step, account, &rec);
    if (args[ARG_PHONE].given)
        err = contact_phone_set(command->step, account, contact, &phone, true);
    if (err != CONTACT_OK) {
        contact_remove(command->step, account, contact);
        return refuse(command, COMMAND_WRONG_STATE, contact_err_name(err));
    }
    show(command, account, contact, &rec);
    return COMMAND_DONE;
}

const struct command_def command_contact_add = {
    .name = "contact add",
    .help = "make a contact; its number is selected for sending",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .one_row = true,
    .run = add,
    .args = {ARG_ACCOUNT_DEF, NAME_ARG("first", "first name"), NAME_ARG("last", "last name"),
             NAME_ARG("company", "company"), NAME_ARG("phone", "number, with country code"),
             {.name = "id", .kind = ARG_TEXT, .option = true, .max = CONF_ID_BYTES_MAX,
              .help = "what to call it; otherwise it gets one"}},
};

/* ---- changing */

enum { ARG_NEW_FIRST = 2, ARG_NEW_LAST, ARG_NEW_COMPANY };

static enum command_result
edit(struct command *command)
{
    const struct command_value *args = command->args;
    uint32_t account, contact;
    struct rec_contact rec;
    enum command_result result = find_own(command, &account, &contact, &rec);

    if (result != COMMAND_DONE)
        return result;
    if (args[ARG_NEW_FIRST].given)
        rec.first = args[ARG_NEW_FIRST].text;
    if (args[ARG_NEW_LAST].given)
        rec.last = args[ARG_NEW_LAST].text;
    if (args[ARG_NEW_COMPANY].given)
        rec.company = args[ARG_NEW_COMPANY].text;
    contact_put(command->step, account, contact, &rec);
    return COMMAND_DONE;
}

const struct command_def command_contact_edit = {
    .name = "contact edit",
    .help = "change a contact's names",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = edit,
    .args = {ARG_ACCOUNT_DEF, CONTACT_ARG, NAME_ARG("first", "first name"),
             NAME_ARG("last", "last name"), NAME_ARG("company", "company")},
};

enum { ARG_NUMBER_OF = 2, ARG_SET };
enum { SET_SELECTED, SET_UNSELECTED, SET_REMOVED };

static enum command_result
change_phone(struct command *command)
{
    const struct command_value *args = command->args;
    uint32_t account, contact;
    struct rec_contact rec;
    struct addr phone;
    enum contact_err err;
    enum command_result result = find_own(command, &account, &contact, &rec);

    if (result != COMMAND_DONE)
        return result;
    if (!record_phone(command, account, args[ARG_NUMBER_OF].text, &phone))
        return COMMAND_BAD_ARGUMENT;
    if (args[ARG_SET].number == SET_REMOVED) {
        contact_phone_drop(command->step, account, contact, &phone);
        return COMMAND_DONE;
    }
    err = contact_phone_set(command->step, account, contact, &phone,
                            args[ARG_SET].number == SET_SELECTED);
    return err == CONTACT_OK ? COMMAND_DONE
                             : refuse(command, COMMAND_WRONG_STATE, contact_err_name(err));
}

const struct command_def command_contact_phone = {
    .name = "contact phone",
    .help = "give a contact a number, select it for sending or not, or take it away",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = change_phone,
    .args = {ARG_ACCOUNT_DEF, CONTACT_ARG,
             {.name = "phone", .kind = ARG_TEXT, .required = true, .max = 40,
              .help = "number, with country code"},
             {.name = "set", .kind = ARG_WORD, .required = true,
              .words = "selected|unselected|removed", .help = "what becomes of it"}},
};

static enum command_result
delete_one(struct command *command)
{
    uint32_t account, contact;
    struct rec_contact rec;
    enum command_result result = find_own(command, &account, &contact, &rec);

    if (result == COMMAND_DONE)
        contact_remove(command->step, account, contact);
    return result;
}

const struct command_def command_contact_delete = {
    .name = "contact delete",
    .help = "delete a contact; its conversations stay",
    .right = COMMAND_CHANGES,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = delete_one,
    .args = {ARG_ACCOUNT_DEF, CONTACT_ARG},
};

/* ---- writing to one (R-multi) */

enum { ARG_FROM = 2, ARG_TEXT_OUT, ARG_TO, ARG_BY };

/* Which number of the contact's? */
static enum command_result
send_target(struct command *command, uint32_t account, uint32_t contact, struct addr *out)
{
    struct contact_choices choices;

    if (command->args[ARG_TO].given) {
        if (!record_phone(command, account, command->args[ARG_TO].text, out))
            return COMMAND_BAD_ARGUMENT;
        return contact_has_phone(command->step, account, contact, out)
                   ? COMMAND_DONE
                   : refuse(command, COMMAND_NOT_FOUND, "the contact does not have that number");
    }
    switch (contact_send_target(command->step, account, contact, &choices)) {
    case TARGET_ONE:
        *out = choices.number[0];
        return COMMAND_DONE;
    case TARGET_NONE:
        return refuse(command, COMMAND_WRONG_STATE,
                      "none of the contact's numbers is selected for sending");
    case TARGET_CHOICES:
        break;
    }
    return refuse_choices(command, &choices);
}

/* R-num-4: who may start texts from it. */
static enum command_result
send_source(struct command *command, uint32_t account, struct rec_number *number, struct addr *from)
{
    const struct command_value *by = &command->args[ARG_BY];

    if (!record_phone(command, account, command->args[ARG_FROM].text, from))
        return COMMAND_BAD_ARGUMENT;
    if (!number_get(command->step, from, number) || number->account != account ||
        number->role != ROLE_BUSINESS)
        return refuse(command, COMMAND_NOT_FOUND, "that is no business number of the account");
    if (by->given &&
        !number_may_start(command->step, number, agent_named(command->step, account, by->text)))
        return refuse(command, COMMAND_NOT_ALLOWED,
                      "only members of the number's office may start texts from it");
    return COMMAND_DONE;
}

static enum command_result
send_text(struct command *command)
{
    const struct command_value *args = command->args;
    uint32_t account, contact;
    struct rec_contact rec;
    struct rec_number number;
    struct conv conv;
    struct addr from, to;
    enum command_result result = find(command, &account, &contact, &rec);

    if (result == COMMAND_DONE)
        result = send_source(command, account, &number, &from);
    if (result == COMMAND_DONE)
        result = send_target(command, account, contact, &to);
    if (result != COMMAND_DONE)
        return result;
    if (stop_is_out(command->step, account, &to))
        return refuse(command, COMMAND_WRONG_STATE, "the contact has opted out of texts");
    if (!conv_write(command->step, &number,
                    &(struct conv_text){
                        .from = from,
                        .to = to,
                        .text = args[ARG_TEXT_OUT].text,
                        .contact = contact,
                        .by = args[ARG_BY].given
                                  ? agent_named(command->step, account, args[ARG_BY].text)
                                  : 0},
                    &conv))
        return refuse(command, COMMAND_BAD_ARGUMENT, "the text is too long");
    answer_open(command->answer);
    answer_number(command->answer, "conversation", conv.id);
    answer_addr(command->answer, "to", &to);
    answer_close(command->answer);
    return COMMAND_DONE;
}

const struct command_def command_contact_send = {
    .name = "contact send",
    .help = "write to a contact from a business number",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .one_row = true,
    .run = send_text,
    .args = {ARG_ACCOUNT_DEF, CONTACT_ARG,
             {.name = "from", .kind = ARG_TEXT, .required = true, .max = 40,
              .help = "business number of the account"},
             {.name = "text", .kind = ARG_TEXT, .required = true, .max = 4000, .help = "the text"},
             {.name = "to", .kind = ARG_TEXT, .option = true, .max = 40,
              .help = "which of the contact's numbers, if several are selected"},
             {.name = "by", .kind = ARG_TEXT, .option = true, .max = CONF_ID_BYTES_MAX,
              .help = "agent who writes and must be of the number's office"}},
};

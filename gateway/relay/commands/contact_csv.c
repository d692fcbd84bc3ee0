/*
 * contact_csv.c: contacts as a table: writing all of them out, and reading a table in. An import is
 * read twice: first every line is checked, and unless --skip-bad is given nothing is changed when
 * one is bad. Both times it goes piece by piece, so that no turn grows with the file.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/contact.h"
#include "gateway/relay/core.h"
#include "gateway/relay/txt.h"
#include "protocol/csv.h"

/* Between two phones in a cell. */
#define PHONES_BETWEEN ';'
/* Records of one call: each may be a dozen puts. */
#define IMPORT_RECORDS_MAX 100u
#define NAME_OCTETS_MAX 255u

enum column { COLUMN_ID, COLUMN_FIRST, COLUMN_LAST, COLUMN_COMPANY, COLUMN_PHONES, COLUMN_OTHERS,
              COLUMNS };

static const char *const column_names[COLUMNS] = {
    "id", "first", "last", "company", "phones", "other_phones"};

/* ---- out */

static void
answer_phones(struct command *command, const char *name, const struct contact_phone *phones,
              uint32_t n, bool selected)
{
    char *text = store_scratch(command->step->txn, n * (ADDR_CHARS_MAX + 1u) + 1);
    size_t at = 0;

    for (uint32_t i = 0; i < n; i++) {
        if ((phones[i].rec.selected != 0) != selected)
            continue;
        if (at > 0)
            text[at++] = PHONES_BETWEEN;
        memcpy(text + at, phones[i].number.text, phones[i].number.n);
        at += phones[i].number.n;
    }
    answer_text(command->answer, name, slice_of(text, at));
}

static void
show(struct command *command, uint32_t account, struct slice key)
{
    struct contact_phone phones[CONF_CONTACT_PHONES_MAX];
    struct answer *answer = command->answer;
    struct rec_contact rec;
    uint32_t contact, n;

    if (!key_take_u32(&key, &contact) || !contact_get(command->step, account, contact, &rec))
        return;
    n = contact_phones(command->step, account, contact, phones);
    answer_open(answer);
    answer_text(answer, column_names[COLUMN_ID], rec.id);
    answer_text(answer, column_names[COLUMN_FIRST], rec.first);
    answer_text(answer, column_names[COLUMN_LAST], rec.last);
    answer_text(answer, column_names[COLUMN_COMPANY], rec.company);
    answer_phones(command, column_names[COLUMN_PHONES], phones, n, true);
    answer_phones(command, column_names[COLUMN_OTHERS], phones, n, false);
    answer_close(answer);
}

static enum command_result
export(struct command *command)
{
    uint32_t account = record_account(command);

    return account ? record_walk(command, TABLE_CONTACT, account, show) : COMMAND_NOT_FOUND;
}

const struct command_def command_contact_export = {
    .name = "contact export",
    .help = "write out all contacts; --csv makes a file that contact import reads",
    .right = COMMAND_REVEALS,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = export,
    .args = {ARG_ACCOUNT_DEF},
};

/* ---- in: one line */

enum { ARG_ACCOUNT, ARG_FILE_IN, ARG_SKIP, ARG_CHECK };

/* progress->number; the key has the column of each cell. */
enum { AT_PHASE, AT_LINE, AT_ADDED, AT_CHANGED, AT_SAME, AT_BAD };
enum { PHASE_CHECK, PHASE_APPLY };

struct import {
    struct command *command;
    uint32_t account;
    uint8_t column[CSV_CELLS_MAX]; /* what a cell is */
    uint32_t columns;
};

/* What a line says. */
struct line_in {
    bool has[COLUMNS];
    struct slice cell[COLUMNS];
    struct contact_phone phones[CONF_CONTACT_PHONES_MAX];
    uint32_t phone_count;
};

static bool
is_id(struct slice id)
{
    for (size_t i = 0; i < id.n; i++) {
        uint8_t c = id.p[i], letter = c | 0x20;

        if (!(letter >= 'a' && letter <= 'z') && !(c >= '0' && c <= '9') && c != '.' && c != '_' &&
            c != '-')
            return false;
    }
    return id.n <= CONF_ID_BYTES_MAX;
}

static const char *
name_is_bad(struct slice name)
{
    if (name.n > NAME_OCTETS_MAX || text_graphemes(name) > CONF_NAME_CHARS_MAX)
        return "a name is too long";
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] < 0x20 || name.p[i] == 0x7f)
            return "a name has a control character";
    return NULL;
}

static const char *
phone_add(const struct import *import, struct slice text, bool selected, struct line_in *line)
{
    struct addr phone;

    if (!record_phone(import->command, import->account, text, &phone))
        return "that is not a phone number";
    for (uint32_t i = 0; i < line->phone_count; i++)
        if (addr_eq(&line->phones[i].number, &phone))
            return NULL; /* it is there */
    if (line->phone_count == CONF_CONTACT_PHONES_MAX)
        return "more phones than a contact can have";
    line->phones[line->phone_count++] =
        (struct contact_phone){.number = phone, .rec = {.selected = selected}};
    return NULL;
}

static const char *
phones_of(const struct import *import, struct slice cell, bool selected, struct line_in *line)
{
    while (cell.n > 0) {
        size_t n = 0;
        const char *why;

        while (n < cell.n && cell.p[n] != PHONES_BETWEEN)
            n++;
        if (skip_blanks(slice_of(cell.p, n), true).n > 0) {
            why = phone_add(import, slice_of(cell.p, n), selected, line);
            if (why)
                return why;
        }
        n += n < cell.n;
        cell = slice_of(cell.p + n, cell.n - n);
    }
    return NULL;
}

/* `tandem ctl` sends U+FFFD for what is none. */
static bool
is_text(struct slice cell)
{
    return text_utf8_valid(cell) && !text_holds(cell, SLICE_LIT("\xef\xbf\xbd"));
}

/* NULL: good. */
static const char *
line_read(const struct import *import, const struct csv_record *record, struct line_in *line)
{
    const char *why = NULL;

    *line = (struct line_in){.phone_count = 0};
    if (record->cells != import->columns)
        return record->cells < import->columns ? "fewer cells than columns"
                                               : "more cells than columns";
    for (uint32_t i = 0; i < record->cells; i++) {
        if (!is_text(record->cell[i]))
            return "not UTF-8";
        line->cell[import->column[i]] = csv_unguarded(record->cell[i]);
        line->has[import->column[i]] = true;
    }
    if (!is_id(line->cell[COLUMN_ID]))
        return "an id has letters, digits, ., _ and -, 32 at most";
    for (int i = COLUMN_FIRST; i <= COLUMN_COMPANY && !why; i++)
        why = name_is_bad(line->cell[i]);
    if (!why)
        why = phones_of(import, line->cell[COLUMN_PHONES], true, line);
    if (!why)
        why = phones_of(import, line->cell[COLUMN_OTHERS], false, line);
    if (!why && line->phone_count == 0 && line->cell[COLUMN_FIRST].n == 0 &&
        line->cell[COLUMN_LAST].n == 0 && line->cell[COLUMN_COMPANY].n == 0)
        why = "neither a name nor a phone";
    return why;
}

/* ---- whose it is */

static bool
same_names(const struct line_in *line, const struct rec_contact *rec)
{
    return (!line->has[COLUMN_FIRST] || slice_eq(line->cell[COLUMN_FIRST], rec->first)) &&
           (!line->has[COLUMN_LAST] || slice_eq(line->cell[COLUMN_LAST], rec->last)) &&
           (!line->has[COLUMN_COMPANY] || slice_eq(line->cell[COLUMN_COMPANY], rec->company));
}

/* By its id; one without is known by its first phone and its names, so that the same file, read
 * again, makes nobody twice. 0: a new one. */
static uint32_t
contact_meant(const struct import *import, const struct line_in *line, struct rec_contact *rec)
{
    uint32_t contacts[CONF_PHONE_CONTACTS_MAX], n, contact;
    struct step *s = import->command->step;

    *rec = (struct rec_contact){0};
    if (line->cell[COLUMN_ID].n > 0) {
        contact = contact_named(s, import->account, line->cell[COLUMN_ID]);
        return contact && contact_get(s, import->account, contact, rec) ? contact : 0;
    }
    n = line->phone_count > 0
            ? contacts_of_phone(s, import->account, &line->phones[0].number, contacts)
            : 0;
    for (uint32_t i = 0; i < n; i++)
        if (contact_get(s, import->account, contacts[i], rec) && same_names(line, rec))
            return contacts[i];
    return 0;
}

/* How many of the contact's phones the line has as they are. */
static uint32_t
phones_kept(const struct line_in *line, const struct contact_phone *phones, uint32_t n)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < line->phone_count; k++)
            kept += addr_eq(&phones[i].number, &line->phones[k].number) &&
                    phones[i].rec.selected == line->phones[k].rec.selected;
    return kept;
}

static bool
says_phones(const struct line_in *line)
{
    return line->has[COLUMN_PHONES] || line->has[COLUMN_OTHERS];
}

static bool
is_same(const struct import *import, const struct line_in *line, uint32_t contact,
        const struct rec_contact *rec)
{
    struct contact_phone phones[CONF_CONTACT_PHONES_MAX];
    uint32_t n;

    if (!contact || !same_names(line, rec))
        return false;
    n = contact_phones(import->command->step, import->account, contact, phones);
    return !says_phones(line) ||
           (n == line->phone_count && phones_kept(line, phones, n) == n);
}

/* What only the records can say. */
static const char *
line_fits(const struct import *import, const struct line_in *line, uint32_t contact,
          const struct rec_contact *rec)
{
    uint32_t contacts[CONF_PHONE_CONTACTS_MAX];
    struct step *s = import->command->step;

    if (contact && !rec->by_command)
        return "the directory file lists it, and not as it is here";
    for (uint32_t i = 0; i < line->phone_count; i++)
        if (contacts_of_phone(s, import->account, &line->phones[i].number, contacts) ==
                CONF_PHONE_CONTACTS_MAX &&
            !(contact && contact_has_phone(s, import->account, contact, &line->phones[i].number)))
            return contact_err_name(CONTACT_SHARED_TOO_OFTEN);
    return NULL;
}

/* ---- in: applying */

static void
phones_apply(const struct import *import, const struct line_in *line, uint32_t contact)
{
    struct contact_phone phones[CONF_CONTACT_PHONES_MAX];
    struct step *s = import->command->step;
    uint32_t n = contact_phones(s, import->account, contact, phones);

    for (uint32_t i = 0; i < n; i++) {
        bool wanted = false;

        for (uint32_t k = 0; k < line->phone_count; k++)
            wanted = wanted || addr_eq(&phones[i].number, &line->phones[k].number);
        if (!wanted)
            contact_phone_drop(s, import->account, contact, &phones[i].number);
    }
    /* It was looked at whether they fit. */
    for (uint32_t k = 0; k < line->phone_count; k++)
        (void)contact_phone_set(s, import->account, contact, &line->phones[k].number,
                                line->phones[k].rec.selected);
}

static void
line_apply(const struct import *import, const struct line_in *line, uint32_t contact,
           struct rec_contact *rec)
{
    uint64_t *number = import->command->progress->number;
    struct step *s = import->command->step;

    if (line->has[COLUMN_FIRST])
        rec->first = line->cell[COLUMN_FIRST];
    if (line->has[COLUMN_LAST])
        rec->last = line->cell[COLUMN_LAST];
    if (line->has[COLUMN_COMPANY])
        rec->company = line->cell[COLUMN_COMPANY];
    if (contact) {
        contact_put(s, import->account, contact, rec);
        number[AT_CHANGED]++;
    } else {
        rec->id = line->cell[COLUMN_ID];
        contact = contact_new(s, import->account, rec);
        number[AT_ADDED]++;
    }
    if (says_phones(line))
        phones_apply(import, line, contact);
}

static void
answer_bad(struct command *command, uint64_t line, const char *why)
{
    command->progress->number[AT_BAD]++;
    answer_open(command->answer);
    answer_number(command->answer, "line", line);
    answer_word(command->answer, "error", why);
    answer_close(command->answer);
}

/* A record that could be parted into cells. */
static void
take_record(const struct import *import, const struct csv_record *record)
{
    struct command *command = import->command;
    uint64_t *number = command->progress->number;
    struct rec_contact rec;
    struct line_in line;
    uint32_t contact = 0;
    const char *why = line_read(import, record, &line);
    bool same = false;

    if (!why) {
        contact = contact_meant(import, &line, &rec);
        same = is_same(import, &line, contact, &rec);
    }
    if (!why && !same)
        why = line_fits(import, &line, contact, &rec);
    if (why && (number[AT_PHASE] == PHASE_CHECK || command->args[ARG_SKIP].number))
        answer_bad(command, number[AT_LINE], why);
    else if (number[AT_PHASE] == PHASE_APPLY && same)
        number[AT_SAME]++;
    else if (number[AT_PHASE] == PHASE_APPLY && !why)
        line_apply(import, &line, contact, &rec);
}

/* ---- in: the file */

/* The names of the columns; false: said why. */
static bool
take_head(struct import *import, const struct csv_record *record)
{
    struct command_progress *progress = import->command->progress;
    bool seen[COLUMNS] = {false};

    for (uint32_t i = 0; i < record->cells; i++) {
        uint32_t column = 0;

        while (column < COLUMNS && !slice_eq(record->cell[i], slice_str(column_names[column])))
            column++;
        if (column == COLUMNS || seen[column]) {
            answer_why(import->command->answer,
                       "nothing was imported: the first line must have names of columns: id, "
                       "first, last, company, phones, other_phones, each once at most");
            return false;
        }
        seen[column] = true;
        progress->key[i] = (uint8_t)column;
    }
    progress->key_n = (uint16_t)record->cells;
    return true;
}

static enum command_result
end(struct command *command)
{
    uint64_t *number = command->progress->number;
    bool check = command->args[ARG_CHECK].number;

    if (number[AT_PHASE] == PHASE_CHECK && number[AT_BAD] > 0 && !check)
        return refuse(command, COMMAND_BAD_ARGUMENT,
                      "nothing was imported: the lines that are named are bad");
    if (number[AT_PHASE] == PHASE_CHECK && !check) {
        number[AT_PHASE] = PHASE_APPLY;
        number[AT_LINE] = 0;
        command->progress->file_at = 0;
        return COMMAND_MORE;
    }
    answer_open(command->answer);
    answer_number(command->answer, "added", number[AT_ADDED]);
    answer_number(command->answer, "changed", number[AT_CHANGED]);
    answer_number(command->answer, "same", number[AT_SAME]);
    answer_number(command->answer, "bad", number[AT_BAD]);
    answer_close(command->answer);
    return COMMAND_DONE;
}

/* What is left of the file cannot be read. */
static enum command_result
end_unreadable(struct command *command, const char *why)
{
    answer_bad(command, command->progress->number[AT_LINE] + 1, why);
    return refuse(command, COMMAND_BAD_ARGUMENT,
                  command->progress->number[AT_PHASE] == PHASE_CHECK
                      ? "nothing was imported: the lines that are named are bad"
                      : "the file cannot be read to its end");
}

static bool
is_mark(struct slice text)
{
    return text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0;
}

/* One record; *result is set when that was the last step of this call. */
static bool
step_record(struct import *import, struct slice *rest, bool last, enum command_result *result)
{
    struct command *command = import->command;
    uint64_t *number = command->progress->number;
    uint8_t *out = store_scratch(command->step->txn, rest->n + 1);
    struct csv_record record;
    enum csv_err err;

    if (command->progress->file_at == 0 && is_mark(*rest))
        *rest = slice_of(rest->p + 3, rest->n - 3);
    err = csv_next(rest, last, out, &record);
    *result = COMMAND_MORE;
    if (err == CSV_END) {
        *result = end(command);
        return false;
    }
    if (err == CSV_OPEN_QUOTE || (err == CSV_MORE && rest->n >= COMMAND_PIECE_BYTES)) {
        *result = end_unreadable(command, err == CSV_MORE ? "longer than a line can be"
                                                          : csv_err_name(err));
        return false;
    }
    if (err == CSV_MORE)
        return false; /* the next call has it whole */
    number[AT_LINE]++;
    if (err != CSV_OK && command->progress->key_n > 0) {
        answer_bad(command, number[AT_LINE], csv_err_name(err));
    } else if (command->progress->key_n == 0 || number[AT_LINE] == 1) {
        *result = COMMAND_BAD_ARGUMENT;
        if (!take_head(import, &record))
            return false;
        import->columns = command->progress->key_n;
        memcpy(import->column, command->progress->key, import->columns);
    } else if (!record.blank) {
        take_record(import, &record);
    }
    number[AT_LINE] += record.lines - 1;
    return true;
}

static enum command_result
import(struct command *command)
{
    struct command_progress *progress = command->progress;
    const struct command_value *file = &command->args[ARG_FILE_IN];
    struct import import = {.command = command, .account = record_account(command)};
    enum command_result result = COMMAND_MORE;
    struct slice rest = file->text;
    uint64_t base = progress->file_at;
    bool last = base + rest.n == file->number;

    if (import.account == 0)
        return COMMAND_NOT_FOUND;
    if (command->args[ARG_SKIP].number && !command->args[ARG_CHECK].number)
        progress->number[AT_PHASE] = PHASE_APPLY;
    import.columns = progress->key_n;
    memcpy(import.column, progress->key, import.columns);
    for (uint32_t records = 0; records < IMPORT_RECORDS_MAX && !turn_is_full(command->step);
         records++) {
        if (!step_record(&import, &rest, last, &result))
            break;
        progress->file_at = base + file->text.n - rest.n;
    }
    return result;
}

const struct command_def command_contact_import = {
    .name = "contact import",
    .help = "read contacts from a file: comma-separated, the first line has names of columns",
    .right = COMMAND_CHANGES,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = import,
    .args = {[ARG_ACCOUNT] = ARG_ACCOUNT_DEF,
             [ARG_FILE_IN] = {.name = "file", .kind = ARG_FILE, .required = true,
                              .max = COMMAND_IMPORT_BYTES_MAX,
                              .help = "with id, first, last, company, phones, other_phones, as "
                                      "contact export writes it"},
             [ARG_SKIP] = {.name = "skip-bad", .kind = ARG_FLAG, .option = true,
                           .help = "import the others when a line is bad"},
             [ARG_CHECK] = {.name = "check", .kind = ARG_FLAG, .option = true,
                            .help = "only say which lines are bad"}},
};

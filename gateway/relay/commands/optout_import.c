/*
 * optout_import.c: the command that opts out the phones of a file, as another system kept them
 * (R-stop-7). The file is read twice: first every line is checked, and unless --skip-bad is given
 * nobody is opted out when one is bad. Both times it goes piece by piece, so that no turn grows
 * with the file.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/core.h"
#include "gateway/relay/stop.h"

/* Phones that one call opts out: each may have conversations to tell. */
#define APPLY_PHONES_MAX 100u
/* No phone is longer however it is written; what is longer is cut when it is shown. */
#define PHONE_BYTES_MAX 80u

enum { ARG_ACCOUNT, ARG_PHONES, ARG_WHO, ARG_WHY, ARG_SKIP };

/* progress->number */
enum { AT_PHASE, AT_LINE, AT_CHANGED, AT_SAME, AT_BAD };
enum { PHASE_CHECK, PHASE_APPLY };

struct import {
    struct command *command;
    uint32_t account;
    struct slice rest; /* of this piece */
    bool last;         /* no piece is behind this one */
    uint32_t changes;  /* of this call */
};

static bool
is_between(uint8_t c)
{
    return c == '\n' || c == '\r' || c == '\t' || c == ',' || c == ';';
}

static void
skip_one(struct import *import)
{
    import->command->progress->number[AT_LINE] += *import->rest.p == '\n';
    import->command->progress->file_at++;
    import->rest = slice_of(import->rest.p + 1, import->rest.n - 1);
}

static bool
is_mark(struct slice text)
{
    return text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0;
}

/* The next phone: what stands between two separators. False: there is none that is whole. */
static bool
next_phone(struct import *import, struct slice *phone)
{
    size_t end = 0;

    if (import->command->progress->file_at == 0 && is_mark(import->rest))
        for (int i = 0; i < 3; i++)
            skip_one(import);
    while (import->rest.n > 0 && (is_between(*import->rest.p) || *import->rest.p == ' '))
        skip_one(import);
    while (end < import->rest.n && !is_between(import->rest.p[end]))
        end++;
    if (end == import->rest.n && !import->last && end < COMMAND_PIECE_BYTES)
        return false;
    *phone = slice_of(import->rest.p, end);
    while (phone->n > 0 && phone->p[phone->n - 1] == ' ')
        phone->n--;
    return phone->n > 0;
}

static void
phone_done(struct import *import, const struct slice *phone)
{
    import->command->progress->file_at += phone->n;
    import->rest = slice_of(import->rest.p + phone->n, import->rest.n - phone->n);
}

static void
bad_phone(struct command *command, struct slice phone)
{
    struct answer *answer = command->answer;

    command->progress->number[AT_BAD]++;
    answer_open(answer);
    answer_number(answer, "line", command->progress->number[AT_LINE] + 1);
    answer_text(answer, "text",
                slice_of(phone.p, phone.n < PHONE_BYTES_MAX ? phone.n : PHONE_BYTES_MAX));
    answer_word(answer, "error", "not a phone number");
    answer_close(answer);
}

static void
take_phone(struct import *import, struct slice phone)
{
    struct command *command = import->command;
    uint64_t *number = command->progress->number;
    struct stop_order order = {.account = import->account,
                               .out = true,
                               .by_kind = OPTOUT_BY_IMPORT,
                               .by = command->args[ARG_WHO].text,
                               .why = command->args[ARG_WHY].text};
    bool good = record_phone(command, import->account, phone, &order.phone);

    if (number[AT_PHASE] == PHASE_CHECK) {
        if (!good)
            bad_phone(command, phone);
        return;
    }
    if (!good) {
        bad_phone(command, phone); /* these may be skipped */
        return;
    }
    number[optout_by_hand(command, &order) ? AT_CHANGED : AT_SAME]++;
    import->changes++;
}

static enum command_result
end(struct command *command)
{
    uint64_t *number = command->progress->number;

    if (number[AT_PHASE] == PHASE_CHECK && number[AT_BAD] > 0)
        return refuse(command, COMMAND_BAD_ARGUMENT,
                      "nothing was imported: the lines that are named are bad");
    if (number[AT_PHASE] == PHASE_CHECK) {
        *command->progress = (struct command_progress){.number = {[AT_PHASE] = PHASE_APPLY}};
        return COMMAND_MORE;
    }
    answer_open(command->answer);
    answer_number(command->answer, "imported", number[AT_CHANGED]);
    answer_number(command->answer, "already", number[AT_SAME]);
    answer_number(command->answer, "skipped", number[AT_BAD]);
    answer_close(command->answer);
    command->answer->why[0] = '\0';
    return COMMAND_DONE;
}

static enum command_result
import(struct command *command)
{
    const struct command_value *file = &command->args[ARG_PHONES];
    struct command_progress *progress = command->progress;
    struct import import = {.command = command,
                            .account = record_account(command),
                            .rest = file->text,
                            .last = progress->file_at + file->text.n == file->number};
    struct slice phone;

    if (import.account == 0)
        return COMMAND_NOT_FOUND;
    if (command->args[ARG_WHO].text.n == 0)
        return refuse(command, COMMAND_BAD_ARGUMENT, "who must not be empty");
    if (command->args[ARG_SKIP].number)
        progress->number[AT_PHASE] = PHASE_APPLY;
    for (uint32_t phones = 0; phones < COMMAND_ROWS_MAX && import.changes < APPLY_PHONES_MAX &&
                              command->answer->rows < COMMAND_ANSWERS_MAX &&
                              !turn_is_full(command->step);
         phones++) {
        if (!next_phone(&import, &phone))
            return import.last ? end(command) : COMMAND_MORE;
        take_phone(&import, phone);
        phone_done(&import, &phone);
    }
    return COMMAND_MORE;
}

const struct command_def command_optout_import = {
    .name = "optout import",
    .help = "opt out the phones of a file: all, or with a bad one none",
    .right = COMMAND_CHANGES,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = import,
    .args = {[ARG_ACCOUNT] = ARG_ACCOUNT_DEF,
             [ARG_PHONES] = {.name = "file", .kind = ARG_FILE, .required = true,
                             .max = COMMAND_IMPORT_BYTES_MAX,
                             .help = "with line ends, commas or semicolons between the phones; - "
                                     "is stdin"},
             [ARG_WHO] = {.name = "who", .kind = ARG_TEXT, .required = true, .option = true,
                          .max = OPTOUT_WHO_BYTES_MAX, .help = "who wants it: kept"},
             [ARG_WHY] = {.name = "why", .kind = ARG_TEXT, .option = true,
                          .max = OPTOUT_WHY_BYTES_MAX, .help = "and why"},
             [ARG_SKIP] = {.name = "skip-bad", .kind = ARG_FLAG, .option = true,
                           .help = "import the others when something is no phone number"}},
};

/*
 * list.c: commands about distribution lists (R-list-1, R-list-2, R-list-7): list, show, make,
 * delete, upload numbers, and put single ones on or off.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/broadcast.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/list.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/stop.h"
#include "gateway/relay/txt.h"

#define LIMIT_DEFAULT 10000u
/* Lines of an upload that one call looks at, and rows that it changes: each is up to two puts. */
#define UPLOAD_LINES_MAX 500u
/* Of a bad line, so much is shown. */
#define BAD_LINE_BYTES 60u

#define ARG_LIST_DEF                                                                               \
    {.name = "list", .kind = ARG_TEXT, .required = true, .max = CONF_ID_BYTES_MAX,                 \
     .help = "its id"}
#define ARG_NAME_DEF                                                                               \
    {.name = "name", .kind = ARG_TEXT, .option = true, .max = 4 * CONF_NAME_CHARS_MAX,             \
     .help = "what people call it"}
#define ARG_PHONE_DEF                                                                              \
    {.name = "phone", .kind = ARG_TEXT, .required = true, .max = 40,                               \
     .help = "digits with country code"}

enum { ARG_ACCOUNT, ARG_LIST, ARG_THIRD };

/* ---- looking */

static void
show(struct answer *answer, const struct list *list)
{
    answer_open(answer);
    answer_text(answer, "id", list->rec.id);
    answer_text(answer, "name", list->rec.name);
    answer_number(answer, "numbers", list->rec.members);
    answer_word(answer, "from", list->rec.by_command ? "command" : "file");
    answer_time(answer, "created", list->rec.created_ms);
    answer_close(answer);
}

static void
show_row(struct command *command, uint32_t account, struct slice key)
{
    struct list list;
    uint32_t id;

    if (key_take_u32(&key, &id) && list_get(command->step, account, id, &list))
        show(command->answer, &list);
}

static enum command_result
list_all(struct command *command)
{
    uint32_t account = record_account(command);

    return account ? record_walk(command, TABLE_LIST, account, show_row) : COMMAND_NOT_FOUND;
}

const struct command_def command_list = {
    .name = "list",
    .help = "list the distribution lists of an account",
    .right = COMMAND_REVEALS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = list_all,
    .args = {ARG_ACCOUNT_DEF},
};

static enum command_result
find(struct command *command, struct list *list)
{
    uint32_t account = record_account(command);

    if (account == 0)
        return COMMAND_NOT_FOUND;
    if (!list_named(command->step, account, command->args[ARG_LIST].text, list))
        return refuse(command, COMMAND_NOT_FOUND, "there is no such list");
    return COMMAND_DONE;
}

/* Of this command: the walk's place is kept as the address's text. */
static void
cursor_get(const struct command_progress *progress, struct addr *cursor)
{
    struct slice rest = slice_of(progress->key, progress->key_n);

    if (progress->key_n == 0 || !key_take_addr(&rest, cursor))
        *cursor = (struct addr){0};
}

static void
cursor_put(struct command_progress *progress, const struct addr *cursor)
{
    struct key key;

    key_init(&key);
    key_addr(&key, cursor);
    memcpy(progress->key, key.b, key.n);
    progress->key_n = key.n;
}

enum { SHOW_AFTER = ARG_THIRD, SHOW_LIMIT };

static void
show_member(struct answer *answer, const struct addr *phone, const struct rec_list_member *member,
            bool out)
{
    answer_open(answer);
    answer_addr(answer, "phone", phone);
    answer_time(answer, "joined", member->at_ms);
    answer_word(answer, "by", list_by_name(member->by));
    answer_word(answer, "opted_out", out ? "yes" : "no");
    answer_close(answer);
}

/* progress: how many were shown; the key is the last phone. */
static enum command_result
list_show(struct command *command)
{
    const struct command_value *args = command->args;
    uint64_t limit = args[SHOW_LIMIT].given ? args[SHOW_LIMIT].number : LIMIT_DEFAULT;
    struct command_progress *progress = command->progress;
    uint32_t rows = COMMAND_ROWS_MAX;
    enum list_walk walk = LIST_WALK_ONE;
    struct rec_list_member member;
    struct list list;
    struct addr cursor;
    enum command_result result = find(command, &list);

    if (result != COMMAND_DONE)
        return result;
    cursor_get(progress, &cursor);
    if (progress->key_n == 0 && args[SHOW_AFTER].given &&
        !record_phone(command, list.account, args[SHOW_AFTER].text, &cursor))
        return COMMAND_BAD_ARGUMENT;
    while (walk == LIST_WALK_ONE && command->answer->rows < COMMAND_ANSWERS_MAX) {
        if (progress->number[0] >= limit)
            return COMMAND_DONE;
        walk = list_next(command->step, &list, &cursor, &rows, &member);
        if (walk == LIST_WALK_ONE) {
            show_member(command->answer, &cursor, &member,
                        stop_is_out(command->step, list.account, &cursor));
            progress->number[0]++;
        }
    }
    if (walk == LIST_WALK_END)
        return COMMAND_DONE;
    cursor_put(progress, &cursor);
    return COMMAND_MORE;
}

const struct command_def command_list_show = {
    .name = "list show",
    .help = "list the numbers on a distribution list",
    .right = COMMAND_REVEALS,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = list_show,
    .args = {ARG_ACCOUNT_DEF, ARG_LIST_DEF,
             [SHOW_AFTER] = {.name = "after", .kind = ARG_TEXT, .option = true, .max = 40,
                             .help = "only those behind this phone"},
             [SHOW_LIMIT] = {.name = "limit", .kind = ARG_NUMBER, .option = true, .max = 10000000,
                             .help = "so many at most (10000)"}},
};

/* ---- making and deleting */

static bool
id_allowed(struct slice id)
{
    for (size_t i = 0; i < id.n; i++) {
        uint8_t c = id.p[i];

        if (!((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '.' ||
              c == '_' || c == '-'))
            return false;
    }
    return id.n > 0;
}

static enum command_result
add(struct command *command)
{
    struct slice id = command->args[ARG_LIST].text;
    uint32_t account = record_account(command);
    struct list list;

    if (account == 0)
        return COMMAND_NOT_FOUND;
    if (!id_allowed(id))
        return refuse(command, COMMAND_BAD_ARGUMENT, "an id has letters, digits, . _ and -");
    if (list_named(command->step, account, id, &list))
        return refuse(command, COMMAND_WRONG_STATE, "there is a list of that id");
    list_add(command->step, account, id, command->args[ARG_THIRD].text, &list);
    return COMMAND_DONE;
}

const struct command_def command_list_add = {
    .name = "list add",
    .help = "make a distribution list",
    .right = COMMAND_CHANGES,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = add,
    .args = {ARG_ACCOUNT_DEF, ARG_LIST_DEF, ARG_NAME_DEF},
};

static enum command_result
edit(struct command *command)
{
    struct list list;
    enum command_result result = find(command, &list);

    if (result != COMMAND_DONE)
        return result;
    if (!list.rec.by_command)
        return refuse_listed(command);
    if (command->args[ARG_THIRD].given)
        list.rec.name = command->args[ARG_THIRD].text;
    list_put(command->step, &list);
    return COMMAND_DONE;
}

const struct command_def command_list_edit = {
    .name = "list edit",
    .help = "change what a distribution list is called",
    .right = COMMAND_CHANGES,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = edit,
    .args = {ARG_ACCOUNT_DEF, ARG_LIST_DEF, ARG_NAME_DEF},
};

/* progress: the list that was removed, while its rows go. */
static enum command_result
delete_one(struct command *command)
{
    uint64_t *id = &command->progress->number[0];
    struct list list;
    enum command_result result;

    if (*id == 0) {
        result = find(command, &list);
        if (result != COMMAND_DONE)
            return result;
        if (!list.rec.by_command)
            return refuse_listed(command);
        if (broadcast_uses(command->step, list.account, list.id))
            return refuse(command, COMMAND_WRONG_STATE,
                          "a broadcast goes to it: cancel that first");
        list_remove(command->step, &list);
        *id = list.id;
    } else if (!list_get_any(command->step, record_account(command), (uint32_t)*id, &list)) {
        return COMMAND_DONE;
    }
    if (!list_clear(command->step, &list, UPLOAD_LINES_MAX))
        return COMMAND_MORE;
    list_put(command->step, &list);
    return COMMAND_DONE;
}

const struct command_def command_list_delete = {
    .name = "list delete",
    .help = "delete a distribution list with its numbers",
    .right = COMMAND_CHANGES,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = delete_one,
    .args = {ARG_ACCOUNT_DEF, ARG_LIST_DEF},
};

/* ---- one number */

static enum command_result
one(struct command *command, bool join)
{
    enum list_change change;
    struct list list;
    struct addr phone;
    enum command_result result = find(command, &list);

    if (result != COMMAND_DONE)
        return result;
    if (!list_number(command->args[ARG_THIRD].text,
                     account_of(command->step->relay, list.account)->plan, &phone))
        return refuse(command, COMMAND_BAD_ARGUMENT, "a number is digits with country code");
    change = join ? list_join(command->step, &list, &phone, LIST_BY_PERSON)
                  : list_leave(command->step, &list, &phone, LIST_BY_PERSON);
    if (change == LIST_FULL)
        return refuse(command, COMMAND_WRONG_STATE, "the list is full: see lists.max_size");
    if (change == LIST_SAME)
        return refuse(command, COMMAND_WRONG_STATE,
                      join ? "the number is on the list already" : "the number is not on the list");
    list_put(command->step, &list);
    return COMMAND_DONE;
}

static enum command_result
join_one(struct command *command)
{
    return one(command, true);
}

static enum command_result
leave_one(struct command *command)
{
    return one(command, false);
}

const struct command_def command_list_join = {
    .name = "list join",
    .help = "put one number on a distribution list, also one that left",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = join_one,
    .args = {ARG_ACCOUNT_DEF, ARG_LIST_DEF, ARG_PHONE_DEF},
};

const struct command_def command_list_leave = {
    .name = "list leave",
    .help = "take one number off a distribution list; no upload brings it back",
    .right = COMMAND_CHANGES,
    .who = WHO_AGENT,
    .where = COMMAND_IN_RELAY,
    .run = leave_one,
    .args = {ARG_ACCOUNT_DEF, ARG_LIST_DEF, ARG_PHONE_DEF},
};

/* ---- many of them (R-list-2) */

/* progress->number. The file is looked through whole before the list changes: good numbers are
 * staged meanwhile, which nobody sees, and then join all at once, or go. */
enum { UP_STAGE, UP_SERIAL, UP_LINE, UP_BAD, UP_NEW, UP_SAME, UP_TWICE, UP_LEFT };
enum upload_stage { UPLOAD_BEGIN, UPLOAD_CLEAN, UPLOAD_LOOK, UPLOAD_JOIN, UPLOAD_UNDO };

static void
to_stage(struct command *command, enum upload_stage stage)
{
    command->progress->number[UP_STAGE] = stage;
    command->progress->key_n = 0;
}

static void
bad_line(struct command *command, struct slice text)
{
    struct answer *answer = command->answer;
    size_t n = text_prefix(text, BAD_LINE_BYTES);

    command->progress->number[UP_BAD]++;
    answer_open(answer);
    answer_number(answer, "line", command->progress->number[UP_LINE]);
    answer_text(answer, "text", slice_of(text.p, n));
    answer_word(answer, "why", "not digits with country code");
    answer_close(answer);
}

static void
take_number(struct command *command, struct list *list, struct slice text)
{
    uint64_t *number = command->progress->number;
    struct addr phone;
    bool twice;

    while (text.n > 0 && (text.p[text.n - 1] == ' ' || text.p[text.n - 1] == '\r' ||
                          text.p[text.n - 1] == '\t'))
        text.n--;
    text = skip_blanks(text, true);
    if (text.n == 0)
        return;
    if (!list_number(text, account_of(command->step->relay, list->account)->plan, &phone)) {
        bad_line(command, text);
        return;
    }
    switch (list_stage(command->step, list, &phone, &twice)) {
    case LIST_CHANGED:
        number[UP_NEW]++;
        break;
    case LIST_STAYS_OUT:
        number[UP_LEFT]++;
        break;
    case LIST_SAME:
    case LIST_FULL:
        number[twice ? UP_TWICE : UP_SAME]++;
        break;
    }
}

/* The next line of the piece; the last may lack its end. False: there is none that is whole. */
static bool
take_line(struct command *command, struct slice *piece, struct slice *line)
{
    struct command_progress *progress = command->progress;
    const uint8_t *end = piece->n > 0 ? memchr(piece->p, '\n', piece->n) : NULL;
    size_t n = end ? (size_t)(end - piece->p) : piece->n, used = n + (end != NULL);
    bool last = progress->file_at + piece->n == command->args[ARG_THIRD].number;

    if (piece->n == 0 || (!end && !last && piece->n < COMMAND_PIECE_BYTES))
        return false;
    *line = slice_of(piece->p, n);
    *piece = slice_of(piece->p + used, piece->n - used);
    progress->file_at += used;
    progress->number[UP_LINE]++;
    return true;
}

static void
look(struct command *command, struct list *list)
{
    struct slice piece = command->args[ARG_THIRD].text, line;
    uint64_t *number = command->progress->number;

    for (uint32_t n = 0; n < UPLOAD_LINES_MAX && command->answer->rows < COMMAND_ANSWERS_MAX &&
                         !turn_is_full(command->step) && take_line(command, &piece, &line);
         n++)
        take_number(command, list, line);
    if (command->progress->file_at < command->args[ARG_THIRD].number)
        return;
    to_stage(command, number[UP_BAD] > 0 ||
                              list->rec.members + number[UP_NEW] >
                                  command->step->relay->conf->list_max
                          ? UPLOAD_UNDO
                          : UPLOAD_JOIN);
}

static enum command_result
upload_undone(struct command *command)
{
    const uint64_t *number = command->progress->number;
    struct line why = {.n = 0};

    line_text(&why, "nothing was uploaded:");
    if (number[UP_BAD] > 0)
        line_number(&why, "bad_lines", number[UP_BAD]);
    else
        line_number(&why, "the list would hold more numbers than lists.max_size",
                    command->step->relay->conf->list_max);
    return refuse(command, number[UP_BAD] > 0 ? COMMAND_BAD_ARGUMENT : COMMAND_WRONG_STATE, why.p);
}

static enum command_result
upload_done(struct command *command, const struct list *list)
{
    const uint64_t *number = command->progress->number;
    struct answer *answer = command->answer;

    answer_open(answer);
    answer_number(answer, "joined", number[UP_NEW]);
    answer_number(answer, "already", number[UP_SAME]);
    answer_number(answer, "twice", number[UP_TWICE]);
    answer_number(answer, "left_before", number[UP_LEFT]);
    answer_number(answer, "numbers", list->rec.members);
    answer_close(answer);
    return COMMAND_DONE;
}

/* What is staged joins or goes; true when it is through. */
static bool
settle(struct command *command, struct list *list, bool keep)
{
    struct addr cursor;
    bool through;

    cursor_get(command->progress, &cursor);
    through = list_settle(command->step, list, &cursor, keep, UPLOAD_LINES_MAX);
    cursor_put(command->progress, &cursor);
    list_put(command->step, list);
    return through;
}

static enum command_result
upload(struct command *command)
{
    uint64_t *number = command->progress->number;
    struct list list;
    enum command_result result = find(command, &list);

    if (result != COMMAND_DONE)
        return result;
    if (command->step->relay->conf->list_max == 0)
        return refuse(command, COMMAND_WRONG_STATE, "lists.max_size is 0: there are no lists");
    if (number[UP_STAGE] != UPLOAD_BEGIN && number[UP_SERIAL] != list.rec.upload)
        return refuse(command, COMMAND_WRONG_STATE, "another upload of this list began meanwhile");
    switch ((enum upload_stage)number[UP_STAGE]) {
    case UPLOAD_BEGIN:
        list.rec.upload++;
        number[UP_SERIAL] = list.rec.upload;
        list_put(command->step, &list);
        to_stage(command, UPLOAD_CLEAN);
        break;
    case UPLOAD_CLEAN: /* one that was broken off */
        if (settle(command, &list, false))
            to_stage(command, UPLOAD_LOOK);
        break;
    case UPLOAD_LOOK:
        look(command, &list);
        break;
    case UPLOAD_JOIN:
        if (settle(command, &list, true))
            return upload_done(command, &list);
        break;
    case UPLOAD_UNDO:
        if (settle(command, &list, false))
            return upload_undone(command);
        break;
    }
    return COMMAND_MORE;
}

const struct command_def command_list_upload = {
    .name = "list upload",
    .help = "put the numbers of a file on a distribution list: all, or with a bad line none",
    .right = COMMAND_CHANGES,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = upload,
    .args = {ARG_ACCOUNT_DEF, ARG_LIST_DEF,
             {.name = "numbers", .kind = ARG_FILE, .required = true,
              .help = "file with one number a line: digits with country code; - is stdin"}},
};

/*
 * queue.c: how much waits, by link, class and account. Nothing counts that as messages come and go;
 * it is counted from the rows when somebody asks, a bounded number in each turn.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/core.h"
#include "gateway/relay/flight.h"
#include "gateway/relay/link.h"

/* progress: 0 the table, 1 the group (link and class) that is counted, 2 how many of it there are,
 * 3 its account; the key is the last row looked at. */
enum { AT_TABLE, AT_GROUP, AT_COUNT, AT_ACCOUNT };
enum { ARG_ACCOUNTS };

/* The tables in the order they are shown. What waits for a time is not kept by link. */
static const struct {
    enum store_table table;
    const char *where;
    bool by_link;
    bool by_class;
} tables[] = {
    {TABLE_QUEUE, "queue", true, true},
    {TABLE_INFLIGHT, "wire", true, false},
    {TABLE_RETRY, "retry", false, false},
    {TABLE_SCHEDULE, "schedule", false, false},
};
#define TABLES (sizeof(tables) / sizeof(tables[0]))

static void
show(struct command *command)
{
    uint64_t *number = command->progress->number;
    uint64_t table = number[AT_TABLE];
    const struct link *link = link_find(command->step->relay, (uint32_t)(number[AT_GROUP] >> 8));
    struct answer *answer = command->answer;

    if (number[AT_COUNT] == 0)
        return;
    answer_open(answer);
    answer_word(answer, "where", tables[table].where);
    if (tables[table].by_link)
        answer_word(answer, "link", link ? link->name : "?");
    else
        answer_none(answer, "link");
    if (tables[table].by_class)
        answer_word(answer, "class", msg_class_name((uint8_t)number[AT_GROUP]));
    else
        answer_none(answer, "class");
    if (command->args[ARG_ACCOUNTS].number)
        answer_account(command, (uint32_t)number[AT_ACCOUNT]);
    answer_number(answer, "messages", number[AT_COUNT]);
    answer_close(answer);
    number[AT_COUNT] = 0;
}

static uint64_t
group_of(const struct command *command, struct slice key, uint32_t *account)
{
    uint64_t table = command->progress->number[AT_TABLE];
    uint32_t link = 0;
    uint8_t class = 0;

    *account = 0;
    if (tables[table].by_link)
        (void)key_take_u32(&key, &link);
    if (tables[table].by_class)
        (void)key_take_u8(&key, &class);
    /* The account stands behind the class. */
    if (tables[table].by_class && command->args[ARG_ACCOUNTS].number)
        (void)key_take_u32(&key, account);
    return (uint64_t)link << 8 | class;
}

/* The row behind the last one; false at the end of the table. */
static bool
next_row(struct command *command, struct slice *key)
{
    struct command_progress *progress = command->progress;
    struct flight_place at;
    struct slice value, from;

    if (tables[progress->number[AT_TABLE]].table == TABLE_INFLIGHT) {
        if (!flight_next(command->step, slice_of(progress->key, progress->key_n), &at))
            return false;
        *key = at.place;
        memcpy(progress->key, key->p, key->n);
        progress->key_n = (uint16_t)key->n;
        return true;
    }
    /* The smallest key behind this one is this one with a zero octet. */
    if (progress->key_n > 0)
        progress->key[progress->key_n] = 0;
    from = slice_of(progress->key, progress->key_n > 0 ? progress->key_n + 1u : 0);
    if (!store_seek(command->step->txn, tables[progress->number[AT_TABLE]].table, from, SLICE_NONE,
                    key, &value) ||
        key->n >= sizeof(progress->key))
        return false;
    memcpy(progress->key, key->p, key->n);
    progress->key_n = (uint16_t)key->n;
    return true;
}

static enum command_result
count(struct command *command)
{
    struct command_progress *progress = command->progress;
    uint64_t *number = progress->number;
    struct slice key;

    for (uint32_t rows = 0; rows < COMMAND_ROWS_MAX; rows++) {
        uint32_t account;
        uint64_t group;

        if (!next_row(command, &key)) {
            show(command);
            progress->key_n = 0;
            if (++number[AT_TABLE] == TABLES)
                return COMMAND_DONE;
            continue;
        }
        group = group_of(command, key, &account);
        if (group != number[AT_GROUP] || account != number[AT_ACCOUNT])
            show(command);
        number[AT_GROUP] = group;
        number[AT_ACCOUNT] = account;
        number[AT_COUNT]++;
        if (command->answer->rows == COMMAND_ANSWERS_MAX)
            break;
    }
    return COMMAND_MORE;
}

const struct command_def command_queue = {
    .name = "queue",
    .help = "count what waits in the queue by link and class, what is on the wire, and what waits "
            "for a time",
    .right = COMMAND_LOOKS,
    .where = COMMAND_IN_RELAY,
    .run = count,
    .args = {[ARG_ACCOUNTS] = {.name = "accounts", .kind = ARG_FLAG, .option = true,
                               .help = "also by account, as far as rows say whose they are"}},
};

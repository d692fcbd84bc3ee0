/*
 * records.c: see records.h.
 */
#include "gateway/relay/commands/records.h"

enum command_result
refuse(struct command *command, enum command_result result, const char *why)
{
    answer_why(command->answer, why);
    return result;
}

enum command_result
refuse_listed(struct command *command)
{
    return refuse(command, COMMAND_WRONG_STATE,
                  "the directory file lists it: change it there and reload");
}

uint32_t
record_account(struct command *command)
{
    uint32_t account = account_named(command->step, command->args[0].text);

    if (account == 0 || account_of(command->step->relay, account)->removed) {
        answer_why(command->answer, "there is no such account");
        return 0;
    }
    return account;
}

bool
record_next(struct command *command, enum store_table table, uint32_t account, struct slice *key)
{
    struct command_progress *progress = command->progress;
    struct key prefix;
    struct slice from;

    key_init(&prefix);
    key_u32(&prefix, account);
    from = progress->key_n ? slice_of(progress->key, progress->key_n) : key_slice(&prefix);
    if (!store_seek(command->step->txn, table, from, key_slice(&prefix), key, NULL) ||
        key->n + 1 > sizeof(progress->key))
        return false;
    memcpy(progress->key, key->p, key->n);
    progress->key[key->n] = 0;
    progress->key_n = (uint16_t)(key->n + 1);
    *key = slice_of(key->p + prefix.n, key->n - prefix.n);
    return true;
}

enum command_result
record_walk(struct command *command, enum store_table table, uint32_t account,
            void (*show)(struct command *command, uint32_t account, struct slice key))
{
    struct slice key;

    for (uint32_t rows = 0;
         rows < COMMAND_ROWS_MAX && command->answer->rows < COMMAND_ANSWERS_MAX; rows++) {
        if (!record_next(command, table, account, &key))
            return COMMAND_DONE;
        show(command, account, key);
    }
    return COMMAND_MORE;
}

bool
record_phone(struct command *command, uint32_t account, struct slice text, struct addr *out)
{
    if (addr_from_text(text, account_of(command->step->relay, account)->plan, out) == ADDR_OK &&
        (out->kind == ADDR_E164 || out->kind == ADDR_SHORT))
        return true;
    answer_why(command->answer, "that is not a phone number");
    return false;
}

void
answer_addr(struct answer *answer, const char *name, const struct addr *addr)
{
    if (addr->kind == ADDR_NONE)
        answer_none(answer, name);
    else
        answer_text(answer, name, slice_of(addr->text, addr->n));
}

static uint8_t
lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
}

bool
text_holds(struct slice text, struct slice part)
{
    for (size_t at = 0; at + part.n <= text.n; at++) {
        size_t n = 0;

        while (n < part.n && lower(text.p[at + n]) == lower(part.p[n]))
            n++;
        if (n == part.n)
            return true;
    }
    return false;
}

void
answer_account(struct command *command, uint32_t account)
{
    struct rec_account rec;
    struct key key;

    key_init(&key);
    key_u32(&key, account);
    if (account && record_get(command->step->txn, TABLE_ACCOUNT, key_slice(&key), &rec_account_def,
                              &rec))
        answer_text(command->answer, "account", rec.id);
    else
        answer_none(command->answer, "account");
}

/*
 * conversation_export.c: what was said, as rows for other programs (R-conv-9): of one conversation,
 * of all with a phone (a thread), or of the account. Apart from the commands for people because
 * nothing is left out or cut here: a text that is longer than a row can be goes in several.
 */
#include "gateway/relay/commands/records.h"

#include "gateway/relay/agent.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "protocol/utf8.h"

/* Octets of a row that a text may take, escaped as JSON; the rest of the row is small. */
#define PIECE_BYTES_MAX 12000u
/* Octets of texts in one call: what one who reads slowly has to be kept. */
#define CALL_BYTES_MAX 65536u
/* An octet of a binary message, in hex. */
#define HEX_PIECE_OCTETS 4000u

enum { ARG_ACCOUNT, ARG_PHONE, ARG_CONV };

/* progress->number: the last conversation, its last entry, and if that was not shown whole the
 * octets of its text that were. */
enum { AT_CONV, AT_ENTRY, AT_OCTET, AT_STATE };
enum { STATE_NEXT_CONV, STATE_ENTRIES };

/* ---- which */

static void
thread_key(struct key *key, uint32_t account, const struct addr *phone)
{
    key_init(key);
    key_u32(key, account);
    key_addr(key, phone);
}

/* The next one behind AT_CONV: rows of both tables end with the conversation. */
static bool
next_conv(struct command *command, uint32_t account, const struct addr *phone)
{
    uint64_t *number = command->progress->number;
    const struct command_value *one = &command->args[ARG_CONV];
    struct key prefix, from;
    struct slice key;

    if (one->given) {
        if (number[AT_CONV] >= one->number)
            return false;
        number[AT_CONV] = one->number;
        return true;
    }
    key_init(&prefix);
    key_u32(&prefix, account);
    if (phone)
        thread_key(&prefix, account, phone);
    from = prefix;
    key_u64(&from, number[AT_CONV] + 1);
    if (!store_seek(command->step->txn, phone ? TABLE_THREAD : TABLE_CONV, key_slice(&from),
                    key_slice(&prefix), &key, NULL))
        return false;
    key = slice_of(key.p + prefix.n, key.n - prefix.n);
    return key_take_u64(&key, &number[AT_CONV]);
}

/* The next entry, or the one that is not through. False at the end. What retention took away is
 * passed over: *there says whether it is there. */
static bool
next_entry(struct command *command, const struct conv *conv, struct rec_entry *entry, bool *there)
{
    uint64_t *number = command->progress->number;

    if (number[AT_OCTET] == 0)
        number[AT_ENTRY]++;
    if (number[AT_ENTRY] > conv->rec.entries)
        return false;
    *there = conv_entry_get(command->step, conv, (uint32_t)number[AT_ENTRY], entry);
    return true;
}

/* ---- how */

/* What a row can hold of a text: whole characters. */
static struct slice
piece_of(struct slice text)
{
    size_t n = 0, escaped = 0;

    while (n < text.n) {
        size_t used;
        uint32_t c = utf8_decode(text.p + n, text.n - n, &used);
        size_t more = c < 0x20 || c == 0x7f ? 6 : c == UTF8_BAD ? 3 : used + 1;

        if (escaped + more > PIECE_BYTES_MAX)
            break;
        escaped += more;
        n += used;
    }
    return slice_of(text.p, n);
}

static struct slice
hex_of(struct step *s, struct slice octets)
{
    static const char digits[] = "0123456789abcdef";
    char *out = store_scratch(s->txn, 2 * octets.n + 1);

    for (size_t i = 0; i < octets.n; i++) {
        out[2 * i] = digits[octets.p[i] >> 4];
        out[2 * i + 1] = digits[octets.p[i] & 15];
    }
    return slice_of(out, 2 * octets.n);
}

/* NULL: nothing was said. */
static const char *
direction_of(uint8_t kind)
{
    if (kind == ENTRY_IN)
        return "in";
    return kind == ENTRY_OUT || kind == ENTRY_AUTO ? "out" : NULL;
}

static void
answer_who(struct command *command, const struct conv *conv, const struct rec_entry *entry)
{
    struct rec_agent agent;

    if (entry->by_kind == OWNER_AGENT && entry->by != 0 &&
        agent_get(command->step, conv->account, entry->by, &agent))
        answer_text(command->answer, "by", agent.id);
    else
        answer_none(command->answer, "by");
}

/* Returns the octets of text that the row has; those that are left begin at AT_OCTET then. */
static size_t
show(struct command *command, const struct conv *conv, const struct rec_entry *entry)
{
    uint64_t *number = command->progress->number;
    struct answer *answer = command->answer;
    bool binary = entry->alphabet == TEXT_BINARY;
    struct slice rest = slice_of(entry->text.p + number[AT_OCTET],
                                 entry->text.n - (size_t)number[AT_OCTET]);
    struct slice piece = piece_of(rest);

    if (binary)
        piece = slice_of(rest.p, rest.n < HEX_PIECE_OCTETS ? rest.n : HEX_PIECE_OCTETS);
    answer_open(answer);
    answer_number(answer, "conversation", conv->id);
    answer_number(answer, "entry", number[AT_ENTRY]);
    answer_number(answer, "octet", number[AT_OCTET]);
    answer_time(answer, "at", entry->at_ms);
    answer_word(answer, "kind", entry_kind_name(entry->kind));
    if (direction_of(entry->kind))
        answer_word(answer, "direction", direction_of(entry->kind));
    else
        answer_none(answer, "direction");
    answer_addr(answer, "number", &conv->rec.number);
    answer_addr(answer, "contact", &conv->rec.contact);
    answer_who(command, conv, entry);
    if (entry->state)
        answer_word(answer, "state", msg_state_name(entry->state));
    else
        answer_none(answer, "state");
    answer_flag(answer, "binary", binary);
    answer_text(answer, "text", binary ? hex_of(command->step, piece) : piece);
    answer_close(answer);
    number[AT_OCTET] = piece.n < rest.n ? number[AT_OCTET] + piece.n : 0;
    return piece.n;
}

static enum command_result
arguments(struct command *command, uint32_t *account, struct addr *phone)
{
    const struct command_value *args = command->args;
    struct conv conv;

    *account = record_account(command);
    if (*account == 0)
        return COMMAND_NOT_FOUND;
    if (args[ARG_PHONE].given && args[ARG_CONV].given)
        return refuse(command, COMMAND_BAD_ARGUMENT, "either a phone or one conversation");
    if (args[ARG_PHONE].given && !record_phone(command, *account, args[ARG_PHONE].text, phone))
        return COMMAND_BAD_ARGUMENT;
    if (args[ARG_CONV].given && !conv_get(command->step, *account, args[ARG_CONV].number, &conv))
        return refuse(command, COMMAND_NOT_FOUND, "there is no such conversation");
    return COMMAND_DONE;
}

static enum command_result
export(struct command *command)
{
    uint64_t *number = command->progress->number;
    struct addr phone = {0};
    size_t octets = 0;
    uint32_t account;
    enum command_result result = arguments(command, &account, &phone);

    if (result != COMMAND_DONE)
        return result;
    for (uint32_t rows = 0; rows < COMMAND_ROWS_MAX && octets < CALL_BYTES_MAX &&
                            command->answer->rows < COMMAND_ANSWERS_MAX;
         rows++) {
        struct rec_entry entry;
        struct conv conv;
        bool there;

        if (number[AT_STATE] == STATE_NEXT_CONV) {
            if (!next_conv(command, account, command->args[ARG_PHONE].given ? &phone : NULL))
                return COMMAND_DONE;
            number[AT_STATE] = STATE_ENTRIES;
            number[AT_ENTRY] = number[AT_OCTET] = 0;
        }
        if (!conv_get(command->step, account, number[AT_CONV], &conv) ||
            !next_entry(command, &conv, &entry, &there))
            number[AT_STATE] = STATE_NEXT_CONV;
        else if (there && number[AT_OCTET] <= entry.text.n)
            octets += show(command, &conv, &entry);
        else
            number[AT_OCTET] = 0; /* gone, or replaced by a shorter one meanwhile */
    }
    return COMMAND_MORE;
}

const struct command_def command_conversation_export = {
    .name = "conversation export",
    .help = "write out all that was said and done, whole and in order: with a phone, in one "
            "conversation, or in the account",
    .right = COMMAND_REVEALS,
    .who = WHO_ADMIN,
    .where = COMMAND_IN_RELAY,
    .run = export,
    .args = {[ARG_ACCOUNT] = ARG_ACCOUNT_DEF,
             [ARG_PHONE] = {.name = "phone", .kind = ARG_TEXT, .option = true, .max = 40,
                            .help = "only the thread with this phone"},
             [ARG_CONV] = {.name = "id", .kind = ARG_NUMBER, .option = true,
                           .help = "only this conversation"}},
};

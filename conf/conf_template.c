/*
 * conf_template.c: checks and expands the templates of texts to phones.
 *
 * One scanner cuts a template into pieces; checking and expanding both walk its pieces, so they
 * cannot disagree. It is apart from the rest of conf/ because the relay core links it.
 */
#include "conf/conf_template.h"

#include <assert.h>

enum piece_kind { PIECE_END, PIECE_TEXT, PIECE_NAME, PIECE_BAD };

struct piece {
    enum piece_kind kind;
    size_t at;
    struct slice text; /* what to write, or the name */
    enum template_err err;
};

/* {name} of lower-case letters and _ */
static struct piece
name_piece(const char *text, size_t at)
{
    const char *start = text + at + 1;
    size_t n = 0;

    while ((start[n] >= 'a' && start[n] <= 'z') || start[n] == '_')
        n++;
    if (n == 0 || start[n] != '}')
        return (struct piece){PIECE_BAD, at, SLICE_NONE, TEMPLATE_OPEN_BRACE};
    return (struct piece){PIECE_NAME, at, slice_of(start, n), TEMPLATE_OK};
}

/* The piece at *next, which moves behind it. */
static struct piece
next_piece(const char *text, size_t *next)
{
    size_t at = *next, n = strcspn(text + at, "{}");
    struct piece piece = {PIECE_TEXT, at, slice_of(text + at, n), TEMPLATE_OK};

    if (n > 0) {
        *next += n;
    } else if (text[at] == '\0') {
        piece.kind = PIECE_END;
    } else if (text[at + 1] == text[at]) {
        piece.text.n = 1;
        *next += 2;
    } else if (text[at] == '}') {
        piece.kind = PIECE_BAD;
        piece.err = TEMPLATE_CLOSE_BRACE;
    } else {
        piece = name_piece(text, at);
        *next += piece.text.n + 2;
    }
    return piece;
}

/* {from} is a full number with its country code and a plus; {id} 18 digits (R-txt-4). */
static const struct template_name forward_names[] = {
    {"id", 18, true}, {"from", 21, false}, {"text", 0, true}, {0}};
static const struct template_name limit_names[] = {{"limit", 4, false}, {0}};
static const struct template_name id_limit_names[] = {{"id", 18, false}, {"limit", 4, false}, {0}};
static const struct template_name id_names[] = {{"id", 18, false}, {0}};
/* Nine numbers with a digit and two characters in front and two behind. */
static const struct template_name choices_names[] = {
    {"id", 18, false}, {"choices", 225, true}, {0}};
static const struct template_name id_from_names[] = {
    {"id", 18, false}, {"from", 21, false}, {0}};
static const struct template_name account_names[] = {{"name", 64, false}, {0}};
static const struct template_name from_names[] = {{"from", 21, false}, {0}};
/* A number and a name behind it, in brackets. */
static const struct template_name contact_names[] = {{"contact", 88, true}, {0}};
static const struct template_name contact_text_names[] = {
    {"contact", 88, true}, {"text", 0, true}, {0}};
static const struct template_name no_names[] = {{0}};
static const struct template_name number_names[] = {
    {"number", 21, false}, {"name", 64, false}, {0}};
static const struct template_name part_names[] = {{"have", 3, false}, {"total", 3, false}, {0}};

const struct template_name conf_template_auto_names[] = {{"name", 64, false}, {0}};

const struct template_name *
conf_template_names(enum conf_message message)
{
    switch (message) {
    case MESSAGE_FORWARD:
        return forward_names;
    case MESSAGE_NOTICE:
        return limit_names;
    case MESSAGE_CUT:
        return id_limit_names;
    case MESSAGE_TOO_LONG:
        return id_limit_names;
    case MESSAGE_OPTED_OUT:
        return id_names;
    case MESSAGE_CHOOSE_NUMBER:
        return choices_names;
    case MESSAGE_NONE_SELECTED:
        return id_names;
    case MESSAGE_STOP_CONFIRMATION:
        return account_names;
    case MESSAGE_UNSTOP_CONFIRMATION:
        return account_names;
    case MESSAGE_CONTACT_OPTED_OUT:
    case MESSAGE_OPT_IN_WISH:
    case MESSAGE_NEARLY_STOP:
        return id_from_names;
    case MESSAGE_PART_MISSING:
        return part_names;
    case MESSAGE_UNASSIGNED:
        return from_names;
    case MESSAGE_PROXY_INTRO:
    case MESSAGE_PROXY_RECYCLED:
    case MESSAGE_PROXY_ENDED:
    case MESSAGE_PROXY_NO_NUMBER:
    case MESSAGE_PROXY_OPTED_OUT:
        return contact_names;
    case MESSAGE_PROXY_NO_NUMBER_IN:
        return contact_text_names;
    case MESSAGE_PROXY_USAGE:
        return no_names;
    case MESSAGE_PROXY_USER_NUMBER:
        return number_names;
    case CONF_MESSAGES:
        break;
    }
    assert(message < CONF_MESSAGES);
    return NULL;
}

const char *
conf_message_name(enum conf_message message)
{
    switch (message) {
    case MESSAGE_FORWARD:
        return "forward";
    case MESSAGE_NOTICE:
        return "notice";
    case MESSAGE_CUT:
        return "cut";
    case MESSAGE_TOO_LONG:
        return "too_long";
    case MESSAGE_OPTED_OUT:
        return "opted_out";
    case MESSAGE_CHOOSE_NUMBER:
        return "choose_number";
    case MESSAGE_NONE_SELECTED:
        return "none_selected";
    case MESSAGE_STOP_CONFIRMATION:
        return "stop_confirmation";
    case MESSAGE_UNSTOP_CONFIRMATION:
        return "unstop_confirmation";
    case MESSAGE_CONTACT_OPTED_OUT:
        return "contact_opted_out";
    case MESSAGE_OPT_IN_WISH:
        return "opt_in_wish";
    case MESSAGE_NEARLY_STOP:
        return "nearly_stop";
    case MESSAGE_PART_MISSING:
        return "part_missing";
    case MESSAGE_UNASSIGNED:
        return "unassigned";
    case MESSAGE_PROXY_INTRO:
        return "proxy_intro";
    case MESSAGE_PROXY_RECYCLED:
        return "proxy_recycled";
    case MESSAGE_PROXY_ENDED:
        return "proxy_ended";
    case MESSAGE_PROXY_NO_NUMBER:
        return "proxy_no_number";
    case MESSAGE_PROXY_NO_NUMBER_IN:
        return "proxy_no_number_in";
    case MESSAGE_PROXY_USAGE:
        return "proxy_usage";
    case MESSAGE_PROXY_USER_NUMBER:
        return "proxy_user_number";
    case MESSAGE_PROXY_OPTED_OUT:
        return "proxy_opted_out";
    case CONF_MESSAGES:
        break;
    }
    return "?";
}

static bool
known(const struct template_name *names, struct slice name)
{
    for (; names->name; names++)
        if (slice_eq(slice_str(names->name), name))
            return true;
    return false;
}

bool
conf_template_check(const char *text, const struct template_name *names,
                    struct template_fault *fault)
{
    size_t next = 0;

    for (;;) {
        struct piece piece = next_piece(text, &next);

        if (piece.kind == PIECE_END)
            return true;
        if (piece.kind == PIECE_NAME && !known(names, piece.text))
            piece.err = TEMPLATE_UNKNOWN_NAME;
        if (piece.err != TEMPLATE_OK) {
            *fault = (struct template_fault){piece.err, piece.at, piece.text};
            return false;
        }
    }
}

unsigned
conf_template_uses(const char *text, const char *name)
{
    unsigned uses = 0;
    size_t next = 0;

    for (;;) {
        struct piece piece = next_piece(text, &next);

        if (piece.kind == PIECE_END || piece.kind == PIECE_BAD)
            return uses;
        uses += piece.kind == PIECE_NAME && slice_eq(piece.text, slice_str(name));
    }
}

static struct slice
value_of(const struct template_value *values, size_t count, struct slice name)
{
    size_t i = 0;

    while (i < count && !slice_eq(slice_str(values[i].name), name))
        i++;
    assert(i < count);
    return values[i].value;
}

size_t
conf_template_expand(const char *text, const struct template_value *values, size_t count,
                     uint8_t *out, size_t cap)
{
    size_t next = 0, used = 0;

    for (;;) {
        struct piece piece = next_piece(text, &next);

        assert(piece.kind != PIECE_BAD);
        if (piece.kind == PIECE_END)
            return used;
        if (piece.kind == PIECE_NAME)
            piece.text = value_of(values, count, piece.text);
        if (piece.text.n > cap - used)
            return 0;
        if (piece.text.n > 0)
            memcpy(out + used, piece.text.p, piece.text.n);
        used += piece.text.n;
    }
}

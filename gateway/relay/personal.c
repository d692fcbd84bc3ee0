/*
 * personal.c: the fields of a broadcast's text and what they become for one contact (R-list-4):
 * {{First Name}}, {{Last Name}}, {{Company Name}}. Values are put in as they are and never searched
 * for fields (G24).
 */
#include "gateway/relay/personal.h"

#include "gateway/relay/core.h"

#define VALUE_CHARS_MAX 30u

static const struct field {
    const char *name;
    size_t offset;
} fields[] = {
    {"First Name", offsetof(struct rec_contact, first)},
    {"Last Name", offsetof(struct rec_contact, last)},
    {"Company Name", offsetof(struct rec_contact, company)},
};

static bool
starts_with(struct slice text, const char *what)
{
    size_t n = strlen(what);

    return text.n >= n && memcmp(text.p, what, n) == 0;
}

/* The field that the text begins with, and its length; NULL: it begins with none. */
static const struct field *
field_at(struct slice text, size_t *n)
{
    struct slice inside;

    if (!starts_with(text, "{{"))
        return NULL;
    inside = slice_of(text.p + 2, text.n - 2);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        size_t name = strlen(fields[i].name);

        if (!starts_with(inside, fields[i].name) ||
            !starts_with(slice_of(inside.p + name, inside.n - name), "}}"))
            continue;
        *n = name + 4;
        return &fields[i];
    }
    return NULL;
}

bool
personal_check(struct slice text, struct slice *bad)
{
    for (size_t at = 0, n; at < text.n; at += n) {
        struct slice rest = slice_of(text.p + at, text.n - at);

        n = 1;
        if (!starts_with(rest, "{{") || field_at(rest, &n))
            continue;
        for (n = 2; n < rest.n && n < 40 && rest.p[n - 1] != '}' && rest.p[n - 1] != '\n';)
            n++;
        n += n < rest.n && rest.p[n] == '}';
        *bad = slice_of(rest.p, n);
        return false;
    }
    return true;
}

static struct slice
value_of(const struct rec_contact *contact, const struct field *field)
{
    struct slice value;

    memcpy(&value, (const uint8_t *)contact + field->offset, sizeof(value));
    value.n = text_prefix(value, VALUE_CHARS_MAX);
    return value;
}

struct slice
personal_fill(struct step *s, struct slice text, const struct rec_contact *contact)
{
    size_t room = text.n, used = 0, n;
    uint8_t *out;

    for (size_t at = 0; at < text.n; at++) {
        const struct field *field = field_at(slice_of(text.p + at, text.n - at), &n);

        room += field ? value_of(contact, field).n : 0;
    }
    out = store_scratch(s->txn, room + 1);
    for (size_t at = 0; at < text.n; at += n) {
        const struct field *field = field_at(slice_of(text.p + at, text.n - at), &n);
        struct slice value = field ? value_of(contact, field) : slice_of(text.p + at, 1);

        if (!field)
            n = 1;
        if (value.n > 0)
            memcpy(out + used, value.p, value.n);
        used += value.n;
        /* Nothing stands here now: of the blanks around it one is enough. */
        if (field && value.n == 0 && (used == 0 || out[used - 1] == ' ') && at + n < text.n &&
            text.p[at + n] == ' ')
            n++;
    }
    return slice_of(out, used);
}

struct slice
personal_longest(struct step *s, struct slice text)
{
    static const char filler[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    struct slice value = slice_of(filler, VALUE_CHARS_MAX);

    return personal_fill(s, text,
                         &(struct rec_contact){.first = value, .last = value, .company = value});
}

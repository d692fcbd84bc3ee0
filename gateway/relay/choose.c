/*
 * choose.c: which of a contact's numbers does a text go to (R-multi)? A conversation names the
 * number that it is with, as long as that is selected for sending; otherwise its contact's one
 * selected number gets the text, in the conversation with that number. If there are several, an
 * agent who replies by phone is asked, and answers with a digit.
 *
 * A row of TABLE_CHOICE, (account, agent), waits for that digit: {conversation, entry of the
 * history that has the text, due time, the numbers as they were listed}. It stays for ten minutes,
 * whatever else the agent writes; a newer question replaces it.
 */
#include "gateway/relay/choose.h"

#include "gateway/relay/contact.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/message.h"
#include "gateway/relay/notice.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/text.h"
#include "gateway/relay/timer.h"
#include "gateway/relay/txt.h"

#define CHOICE_MS 600000u

enum contact_target
conv_target(struct step *s, const struct conv *conv, struct contact_choices *out)
{
    struct contact_choices none;
    const struct rec_conv *rec = &conv->rec;
    enum contact_target target;

    *out = (struct contact_choices){.count = 1, .number = {rec->contact}};
    if (rec->contact_id == 0 ||
        !contact_has_phone(s, conv->account, rec->contact_id, &rec->contact))
        return TARGET_ONE;
    target = contact_send_target(s, conv->account, rec->contact_id, &none);
    for (uint32_t i = 0; i < none.count; i++)
        if (addr_eq(&none.number[i], &rec->contact))
            return TARGET_ONE;
    *out = none;
    return target;
}

static void
choice_key(struct key *key, uint32_t account, uint32_t agent)
{
    key_init(key);
    key_u32(key, account);
    key_u32(key, agent);
}

/* "1 +12025550198, 2 +12025550199" */
static struct slice
choices_text(struct step *s, const struct contact_choices *choices)
{
    struct line line = {.n = 0};

    for (uint32_t i = 0; i < choices->count; i++) {
        struct slice number = addr_text(s, &choices->number[i]);
        char digit[2] = {(char)('1' + i), '\0'};

        line_text(&line, i ? ", " : "");
        line_text(&line, digit);
        line_text(&line, number.p[0] == '+' ? " +" : " ");
        line_text(&line, choices->number[i].text);
    }
    return scratch_copy(s->txn, slice_of(line.p, line.n));
}

static struct slice
choice_value(struct step *s, const struct conv *conv, uint64_t due,
             const struct contact_choices *choices)
{
    uint8_t *value = store_scratch(s->txn, (1u + choices->count) * sizeof(struct key));
    struct key part;
    size_t n = 0;

    key_init(&part);
    key_u64(&part, due);
    key_u64(&part, conv->id);
    key_u32(&part, conv->rec.entries);
    for (uint32_t i = 0;; i++) {
        memcpy(value + n, part.b, part.n);
        n += part.n;
        if (i == choices->count)
            return slice_of(value, n);
        key_init(&part);
        key_addr(&part, &choices->number[i]);
    }
}

void
choice_ask(struct step *s, const struct conv *conv, uint32_t agent, const struct addr *from,
           const struct contact_choices *choices)
{
    struct template_value values[2];
    struct slice old;
    struct key key;
    uint64_t due;
    char id[24];

    values[0] = (struct template_value){"id", message_id_text(conv->id, id)};
    values[1] = (struct template_value){"choices", choices_text(s, choices)};
    if (!notice_to_agent(s, conv->account, agent, from,
                         compose_template(s, MESSAGE_CHOOSE_NUMBER, values, 2)))
        return;
    choice_key(&key, conv->account, agent);
    if (store_get(s->txn, TABLE_CHOICE, key_slice(&key), &old) && key_take_u64(&old, &due))
        timer_cancel(s, due, TIMER_CHOICE, key_slice(&key));
    due = s->now_ms + CHOICE_MS;
    timer_set(s, due, TIMER_CHOICE, key_slice(&key));
    store_put(s->txn, TABLE_CHOICE, key_slice(&key), choice_value(s, conv, due, choices));
}

/* 1 to 9 if the text is just that digit, else 0. */
static uint32_t
digit_of(struct slice text)
{
    uint32_t digit;

    text = skip_blanks(text, true);
    if (text.n == 0 || text.p[0] < '1' || text.p[0] > '9')
        return 0;
    digit = (uint32_t)(text.p[0] - '0');
    return skip_blanks(slice_of(text.p + 1, text.n - 1), true).n == 0 ? digit : 0;
}

bool
choice_made(struct step *s, uint32_t account, uint32_t agent, struct slice text,
            struct choice *out)
{
    uint32_t digit = digit_of(text);
    struct slice value;
    struct key key;
    uint64_t due;

    choice_key(&key, account, agent);
    if (digit == 0 || !store_get(s->txn, TABLE_CHOICE, key_slice(&key), &value) ||
        !key_take_u64(&value, &due) || due <= s->now_ms || !key_take_u64(&value, &out->conv) ||
        !key_take_u32(&value, &out->entry))
        return false;
    for (; digit > 0; digit--)
        if (!key_take_addr(&value, &out->to))
            return false;
    (void)store_del(s->txn, TABLE_CHOICE, key_slice(&key));
    timer_cancel(s, due, TIMER_CHOICE, key_slice(&key));
    return true;
}

void
choice_expire(struct step *s, struct slice payload)
{
    (void)store_del(s->txn, TABLE_CHOICE, payload);
}

/*
 * stop.c: opt-outs (R-stop). STOP opts a phone out of everything its account sends, UNSTOP opts it
 * in again. The look-up belongs to the transaction that puts a message on the wire (shape.c), so
 * nothing leaves after a STOP was acknowledged.
 */
#include "gateway/relay/core.h"
#include "gateway/relay/planted.h"

/* Longest keyword, and what may stand around it: a longer text is no keyword and need not be looked
 * at. */
#define KEYWORD_BYTES_MAX 64u

const char *
stop_change_name(enum stop_change change)
{
    static const char *const names[] = {
        [STOP_NOTHING] = "nothing", [STOP_OUT] = "out", [STOP_IN] = "in"};

    return names[change];
}

static bool
is_ascii_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Octets of one blank or punctuation mark outside ASCII at p, as phones put them around a word:
 * no-break blank, zero-width marks, typographic quotes, byte order mark. 0 if there is none. */
static size_t
outer_mark(const uint8_t *p, size_t n)
{
    if (n >= 2 && p[0] == 0xC2 && (p[1] == 0xA0 || p[1] == 0xAB || p[1] == 0xBB))
        return 2;
    if (n >= 3 && p[0] == 0xE2 && p[1] == 0x80)
        return 3;
    if (n >= 3 && p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF)
        return 3;
    return 0;
}

static bool
is_outer_ascii(uint8_t c)
{
    return c < 0x80 && !is_ascii_letter(c) && !(c >= '0' && c <= '9');
}

/* G28: case, outer blanks and punctuation do not count; anything else makes it an ordinary text. */
static struct slice
keyword_trim(struct slice text)
{
    size_t mark;

    while (text.n && (is_outer_ascii(text.p[0]) || outer_mark(text.p, text.n))) {
        mark = outer_mark(text.p, text.n);
        text.p += mark ? mark : 1;
        text.n -= mark ? mark : 1;
    }
    for (;;) {
        if (text.n && is_outer_ascii(text.p[text.n - 1]))
            text.n -= 1;
        else if (text.n >= 2 && outer_mark(text.p + text.n - 2, 2) == 2)
            text.n -= 2;
        else if (text.n >= 3 && outer_mark(text.p + text.n - 3, 3) == 3)
            text.n -= 3;
        else
            return text;
    }
}

static bool
keyword_is(struct slice word, const char *keyword)
{
    if (word.n != strlen(keyword))
        return false;
    for (size_t i = 0; i < word.n; i++)
        if ((word.p[i] | 0x20) != (uint8_t)keyword[i])
            return false;
    return true;
}

static void
optout_key(struct key *key, uint32_t account, const struct addr *phone)
{
    key_init(key);
    key_u32(key, account);
    key_addr(key, phone);
}

bool
stop_is_out(struct step *s, uint32_t account, const struct addr *phone)
{
    struct rec_optout rec;
    struct key key;

    optout_key(&key, account, phone);
    return record_get(s->txn, TABLE_OPTOUT, key_slice(&key), &rec_optout_def, &rec) && rec.out;
}

/* R-stop-6: one text per change, from the number that was written to. */
static void
confirm(struct step *s, const struct inbound *in, enum stop_change change)
{
    struct rec_msg msg = {.op = OP_SUBMIT,
                          .class = CLASS_CHAT,
                          .account = in->owner.account,
                          .link = in->owner.carrier,
                          .source = in->number,
                          .dest = in->phone};
    struct template_value name = {"name", slice_str(account_of(s->relay, in->owner.account)->name)};
    struct slice text = compose_template(
        s, change == STOP_OUT ? MESSAGE_STOP_CONFIRMATION : MESSAGE_UNSTOP_CONFIRMATION, &name, 1);

    /* An answer from a relay number would confirm the number to a stranger (R-txt-11); so would one
     * from a contact number. */
    if (text.n == 0 || in->owner.role == ROLE_RELAY || in->owner.role == ROLE_CONTACT)
        return;
    if (change == STOP_OUT)
        msg.flags = MSGF_CONFIRMATION;
    (void)compose(s, &msg, text, true, NULL);
}

enum stop_change
stop_look(struct step *s, const struct inbound *in)
{
    struct slice word = keyword_trim(in->text);
    bool stop = keyword_is(word, "stop"), unstop = keyword_is(word, "unstop");
    struct rec_optout rec = {
        .out = stop, .at_ms = s->now_ms, .by_number = in->number, .text = in->text};
    struct rec_agent agent;
    struct key key;

    if (in->binary || in->text.n > KEYWORD_BYTES_MAX || (!stop && !unstop))
        return STOP_NOTHING;
    /* G21: on the relay number its agent is no contact. */
    if (in->owner.role == ROLE_RELAY && agent_get(s, in->owner.account, in->owner.agent, &agent) &&
        addr_eq(&agent.mobile, &in->phone))
        return STOP_NOTHING;
    if (proxy_is_agent(s, in))
        return STOP_NOTHING;
    if (PLANTED(STOP_ON_BUSINESS_ONLY) && in->owner.role != ROLE_BUSINESS)
        return STOP_NOTHING;
    if (stop_is_out(s, in->owner.account, &in->phone) == stop && !PLANTED(CONFIRM_EVERY_STOP))
        return STOP_NOTHING;
    optout_key(&key, in->owner.account, &in->phone);
    record_put(s->txn, TABLE_OPTOUT, key_slice(&key), &rec_optout_def, &rec);
    s->relay->count.optouts += stop;
    s->relay->count.optins += unstop;
    confirm(s, in, stop ? STOP_OUT : STOP_IN);
    return stop ? STOP_OUT : STOP_IN;
}

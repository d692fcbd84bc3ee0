/*
 * text.c: texts to phones (R-text): the alphabet that a link can carry, long texts as the account
 * wants them, templates.
 */
#include "gateway/relay/text.h"

#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/flow.h"
#include "gateway/relay/link.h"
#include "gateway/relay/message.h"
#include "gateway/relay/outbound.h"
#include "gateway/relay/queue.h"

/* The longest " n/m" behind independent messages. */
#define SPLIT_SUFFIX_BYTES 12u
/* More pieces than this are not "independent messages" any more, whatever max_parts says. */
#define SPLIT_PIECES_MAX 99u
/* References per phone come from so many counters: two phones that share one only use it up faster
 * (L6). */
#define REFERENCE_COUNTERS 1024u

struct slice
compose_template(struct step *s, enum conf_message message, const struct template_value *values,
                 size_t count)
{
    const char *text = s->relay->conf->messages[message];
    size_t room = strlen(text) + 64;
    uint8_t *out;

    for (size_t i = 0; i < count; i++)
        room += values[i].value.n *
                2; /* a value may stand twice in a template, not oftener (conf checks) */
    out = store_scratch(s->txn, room);
    return slice_of(out, conf_template_expand(text, values, count, out, room));
}

uint16_t
compose_reference(struct step *s, const struct addr *phone)
{
    uint32_t counter = (uint32_t)(hash_addr(0, phone) % REFERENCE_COUNTERS);

    /* A header of 8 bits takes the lower half. */
    return (uint16_t)store_counter_next(s->txn, "reference", counter);
}

struct slice
user_data_from(struct step *s, const struct link *link, uint8_t data_coding,
               struct slice user_data, size_t header_octets)
{
    struct slice packed = slice_of(user_data.p + header_octets, user_data.n - header_octets);
    size_t room = packed.n * 8 / 7 + 1;
    uint8_t *out;

    if (packed.n == 0 || !link_packed(link, data_coding))
        return user_data;
    out = store_scratch(s->txn, header_octets + room);
    if (header_octets > 0)
        memcpy(out, user_data.p, header_octets);
    return slice_of(out, header_octets + text_unpack_octets(packed, header_octets,
                                                            out + header_octets, room));
}

bool
header_is_senders(const struct udh *udh)
{
    uint8_t other[UINT8_MAX];

    return udh->header.n > 0 && udh_other_elements(udh->header, other) > 0;
}

static bool
try_alphabet(struct step *s, struct rec_msg *msg, enum text_alphabet alphabet, struct slice text)
{
    size_t room = text.n * 2 + 4;
    uint8_t *payload;

    if (!text_fits(alphabet, text))
        return false;
    payload = store_scratch(s->txn, room);
    msg->payload = slice_of(payload, text_from_utf8(alphabet, text, payload, room));
    msg->alphabet = (uint8_t)alphabet;
    msg->data_coding = text_data_coding(msg->data_coding, alphabet == TEXT_UCS2);
    return true;
}

/* R-text-2: the link's own alphabet if the text fits it, perhaps in plain typography; else UCS-2.
 */
void
compose_payload(struct step *s, struct rec_msg *msg, struct slice text)
{
    struct link *link = link_find(s->relay, msg->link);
    enum text_alphabet alphabet = link ? link_alphabet(link) : TEXT_GSM;

    if (try_alphabet(s, msg, alphabet, text))
        return;
    if (account_of(s->relay, msg->account)->transliterate) {
        uint8_t *plain = store_scratch(s->txn, text.n + 4);

        if (try_alphabet(s, msg, alphabet,
                         slice_of(plain, text_transliterate(text, plain, text.n + 4))))
            return;
    }
    (void)try_alphabet(s, msg, TEXT_UCS2, text);
}

static void
accept_first(struct step *s, struct rec_msg *msg, uint64_t *first)
{
    uint64_t message;

    if (msg->parts > 1)
        msg->reference = compose_reference(s, msg_phone(msg));
    message = queue_accept(s, msg);
    if (first && *first == 0)
        *first = message;
}

static size_t
suffix_make(char *suffix, uint32_t n, uint32_t m)
{
    char digits[24];
    size_t used = 0;

    suffix[used++] = ' ';
    memcpy(suffix + used, digits, message_id_text(n, digits).n);
    used += message_id_text(n, digits).n;
    suffix[used++] = '/';
    memcpy(suffix + used, digits, message_id_text(m, digits).n);
    return used + message_id_text(m, digits).n;
}

/* The longest beginning of text that, with a suffix for piece n of m, is one message. Returns its
 * length. */
static size_t
piece_make(struct step *s, struct rec_msg *msg, struct slice text, uint32_t n, uint32_t m)
{
    char suffix[2 * SPLIT_SUFFIX_BYTES + 32];
    size_t suffix_n = suffix_make(suffix, n, m);

    for (size_t graphemes = 160; graphemes > 0; graphemes--) {
        size_t length = text_prefix(text, graphemes);
        uint8_t *piece = store_scratch(s->txn, length + suffix_n);

        memcpy(piece, text.p, length);
        memcpy(piece + length, suffix, suffix_n);
        compose_payload(s, msg, slice_of(piece, length + suffix_n));
        if (outbound_cut(s, msg) == 1)
            return length;
    }
    return 0;
}

static uint32_t
pieces_count(struct step *s, struct rec_msg *msg, struct slice text, uint32_t m)
{
    uint32_t n = 0;

    while (text.n > 0 && n <= SPLIT_PIECES_MAX) {
        size_t length = piece_make(s, msg, text, ++n, m);

        if (length == 0)
            return SPLIT_PIECES_MAX + 1;
        text = slice_of(text.p + length, text.n - length);
    }
    return n;
}

/* R-text-1 split: independent messages that each end in n/m. */
static enum compose_err
compose_split(struct step *s, struct rec_msg *msg, struct slice text, uint64_t *first)
{
    uint32_t m = pieces_count(s, msg, text, SPLIT_PIECES_MAX);
    uint64_t head = 0;
    bool alone = msg->group == 0; /* not of a submit_multi, whose number is told */

    if (m <= SPLIT_PIECES_MAX)
        m = pieces_count(s, msg, text, m); /* a shorter suffix may save a piece */
    if (m > account_of(s->relay, msg->account)->max_parts || m > SPLIT_PIECES_MAX)
        return COMPOSE_TOO_LONG;
    /* L9: the app knows the first one's number, and gets one receipt when all have ended. */
    msg->flags |= MSGF_PIECE;
    msg->pieces = (uint16_t)m;
    msg->group_total = alone ? (uint16_t)m : 0;
    for (uint32_t n = 1; text.n > 0; n++) {
        size_t length = piece_make(s, msg, text, n, m);

        msg->parts = 1;
        accept_first(s, msg, &head);
        msg->piece_of = head;
        if (alone)
            msg->group = head;
        msg->pieces = msg->group_total = 0;
        text = slice_of(text.p + length, text.n - length);
    }
    if (first && *first == 0)
        *first = head;
    return COMPOSE_OK;
}

/* About the middle of text, between two characters as a person counts them; a single one that fills
 * it all (a letter under thousands of marks) is cut between two code points. */
static size_t
half_of(struct slice text)
{
    size_t half = text_prefix(text, text_graphemes(text) / 2);

    if (half > 0)
        return half;
    for (half = text.n / 2; half > 1 && (text.p[half] & 0xC0u) == 0x80; half--)
        ;
    return half;
}

/* More than 255 parts cannot be one message: two then (R-txt-3: never cut). */
static void
compose_halves(struct step *s, struct rec_msg *msg, struct slice text, uint64_t *first)
{
    size_t half = half_of(text);

    (void)compose(s, msg, slice_of(text.p, half), true, first);
    (void)compose(s, msg, slice_of(text.p + half, text.n - half), true, first);
}

void
accept_octets(struct step *s, struct rec_msg *msg, uint64_t *first)
{
    (void)outbound_cut(s, msg);
    accept_first(s, msg, first);
}

void
accept_for_app(struct step *s, struct rec_msg *msg)
{
    accept_octets(s, msg, NULL);
}

void
compose_for_app(struct step *s, struct rec_msg *msg, struct slice text)
{
    size_t half;

    compose_payload(s, msg, text);
    if (msg->payload.n <= TEXT_OCTETS_MAX) {
        accept_for_app(s, msg);
        return;
    }
    half = half_of(text);
    compose_for_app(s, msg, slice_of(text.p, half));
    compose_for_app(s, msg, slice_of(text.p + half, text.n - half));
}

enum compose_err
compose(struct step *s, struct rec_msg *msg, struct slice text, bool unlimited, uint64_t *first)
{
    const struct account *account = account_of(s->relay, msg->account);
    uint32_t parts;

    compose_payload(s, msg, text);
    parts = outbound_cut(s, msg);
    if (parts == 0 && unlimited) {
        compose_halves(s, msg, text, first);
        return COMPOSE_OK;
    }
    if (parts != 1 && !unlimited) {
        if (account->long_messages == LONG_REJECT)
            return COMPOSE_TOO_LONG;
        if (account->long_messages == LONG_SPLIT)
            return compose_split(s, msg, text, first);
        if (parts == 0 || parts > account->max_parts)
            return COMPOSE_TOO_LONG;
    }
    accept_first(s, msg, first);
    return COMPOSE_OK;
}

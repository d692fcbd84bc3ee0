/*
 * relay_phones.c: the peers of relay_world.h: what phones, carriers and apps send, and what comes
 * to them.
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/message.h"
#include "protocol/text.h"
#include "protocol/udh.h"
#include "tests/unit/check.h"

/* ---- what peers send */

static struct pdu_address
wire_addr(const char *digits)
{
    bool letters = digits[0] > '9';

    return (struct pdu_address){
        .ton = letters ? 5 : 1, .npi = letters ? 0 : 1, .digits = slice_str(digits)};
}

struct pdu
pdu_of_text(uint32_t command_id, const char *from, const char *to, const char *text)
{
    static uint8_t buffers[4][80000];
    static uint32_t next;
    uint8_t *octets = buffers[next++ % 4];
    struct slice utf8 = slice_str(text);
    bool gsm = text_fits(TEXT_GSM, utf8);
    enum text_alphabet alphabet = gsm ? TEXT_GSM : TEXT_UCS2;
    struct pdu pdu = {.command_id = command_id};

    pdu.body.sm.source = wire_addr(from);
    pdu.body.sm.dest = wire_addr(to);
    pdu.body.sm.data_coding = gsm ? 0 : 8;
    pdu.body.sm.short_message =
        slice_of(octets, text_from_utf8(alphabet, utf8, octets, sizeof(buffers[0])));
    return pdu;
}

struct pdu
pdu_of_part(const char *from, const char *to, uint8_t reference, uint8_t total, uint8_t index,
            const char *text)
{
    static uint8_t buffers[4][300];
    static uint32_t next;
    uint8_t *octets = buffers[next++ % 4];
    struct concat concat = {.reference = reference, .total = total, .index = index};
    struct pdu pdu = {.command_id = SMPP_DELIVER_SM};
    size_t n = udh_put_concat(&concat, octets);

    n += text_from_utf8(TEXT_GSM, slice_str(text), octets + n, 290 - n);
    pdu.body.sm.source = wire_addr(from);
    pdu.body.sm.dest = wire_addr(to);
    pdu.body.sm.esm_class = SMPP_ESM_UDHI;
    pdu.body.sm.short_message = slice_of(octets, n);
    return pdu;
}

static uint32_t
peer_requests(struct world *w, uint32_t slot, const struct pdu *pdu)
{
    struct event event = {.kind = EV_PDU, .session = session_of(w, slot)};
    struct pdu request = *pdu;
    uint32_t replies = w->replies;

    request.sequence_number = ++w->sequence;
    event.u.pdu = &request;
    if (w->txn) { /* the test has opened the turn; the answer comes at its end */
        world_step(w, &event);
        return 0;
    }
    world_event(w, &event);
    check_number(w->replies, replies + 1);
    return w->status;
}

uint32_t
carrier_delivers(struct world *w, uint32_t slot, const struct pdu *pdu)
{
    return peer_requests(w, slot, pdu);
}

uint32_t
app_submits(struct world *w, uint32_t slot, const struct pdu *pdu)
{
    return peer_requests(w, slot, pdu);
}

struct pdu_address
international(const char *digits)
{
    return (struct pdu_address){1, 1, slice_str(digits)};
}

const char *
message_id_of(uint64_t message)
{
    static char text[24];

    (void)message_id_text(message, text);
    return text;
}

struct pdu
app_asks(struct world *w, uint32_t slot, struct pdu *pdu)
{
    static uint8_t octets[16384];
    struct event event = {.kind = EV_PDU, .session = session_of(w, slot)};
    struct effect effect;
    struct pdu reply = {0};
    size_t at = 0;
    bool found = false;

    pdu->sequence_number = ++w->sequence;
    event.u.pdu = pdu;
    world_begin(w);
    world_step(w, &event);
    while (effects_next(&w->fx, &at, &effect))
        if (effect.kind == FX_REPLY) {
            check(effect.octets.n <= sizeof(octets));
            memcpy(octets, effect.octets.p, effect.octets.n);
            check_number(pdu_decode(slice_of(octets, effect.octets.n), PDU_LENIENT, &reply), 0);
            found = true;
        }
    world_end(w);
    check(found);
    check_number(reply.sequence_number, pdu->sequence_number);
    check_number(reply.command_id, pdu->command_id | 0x80000000u);
    return reply;
}

uint32_t
app_sends(struct world *w, uint32_t slot, const char *from, const char *to, const char *text)
{
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, from, to, text);
    uint8_t tlvs[70000];
    size_t used = 0;

    if (pdu.body.sm.short_message.n > SMPP_SHORT_MESSAGE_BYTES) {
        check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_PAYLOAD,
                      pdu.body.sm.short_message));
        pdu.tlvs = slice_of(tlvs, used);
        pdu.body.sm.short_message = SLICE_NONE;
    }
    return app_submits(w, slot, &pdu);
}

static void
phone_sends_part(struct world *w, const struct pdu *whole, enum text_alphabet alphabet,
                 struct concat concat)
{
    uint8_t octets[300];
    struct slice text =
        text_part(alphabet, whole->body.sm.short_message, TEXT_HEADER_8BIT, concat.index - 1u);
    struct pdu part = *whole;
    size_t n = udh_put_concat(&concat, octets);

    memcpy(octets + n, text.p, text.n);
    part.body.sm.short_message = slice_of(octets, n + text.n);
    part.body.sm.esm_class = SMPP_ESM_UDHI;
    check_number(carrier_delivers(w, 0, &part), SMPP_ROK);
}

void
phone_sends(struct world *w, const char *from, const char *to, const char *text)
{
    static uint8_t reference;
    struct pdu pdu = pdu_of_text(SMPP_DELIVER_SM, from, to, text);
    enum text_alphabet alphabet = pdu.body.sm.data_coding ? TEXT_UCS2 : TEXT_GSM;
    uint32_t parts = text_count_parts(alphabet, pdu.body.sm.short_message, TEXT_HEADER_8BIT).count;
    struct concat concat = {.reference = ++reference, .total = (uint8_t)parts, .index = 1};

    if (parts == 1) {
        check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
        return;
    }
    for (; concat.index <= parts; concat.index++)
        phone_sends_part(w, &pdu, alphabet, concat);
}

void
carrier_receipt(struct world *w, const char *id, const char *stat, const char *from, const char *to)
{
    char text[200];
    struct pdu pdu;

    snprintf(text, sizeof(text),
             "id:%s sub:001 dlvrd:001 submit date:2601010000 done date:2601010001 stat:%s err:000 "
             "text:x",
             id, stat);
    pdu = pdu_of_text(SMPP_DELIVER_SM, from, to, text);
    pdu.body.sm.esm_class = SMPP_ESM_RECEIPT;
    check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
}

/* ---- what the core sent */

uint32_t
sent_count(const struct world *w)
{
    uint32_t n = 0;

    for (const struct sent *sent = w->first; sent; sent = sent->next)
        n++;
    return n;
}

struct sent *
sent_first(struct world *w)
{
    check(w->first != NULL);
    return w->first;
}

struct sent *
sent_to(struct world *w, const char *to)
{
    for (struct sent *sent = w->first; sent; sent = sent->next)
        if (slice_eq(sent->pdu.body.sm.dest.digits, slice_str(to)))
            return sent;
    return NULL;
}

void
answer_how(struct world *w, struct sent *sent, enum result_how how, uint32_t status, const char *id)
{
    struct event event = {.kind = EV_RESULT, .session = sent->session};
    struct sent **at = &w->first;

    event.u.result.token = sent->token;
    event.u.result.how = how;
    event.u.result.status = status;
    event.u.result.message_id = id ? slice_str(id) : SLICE_NONE;
    event.u.result.tlvs = w->answer_tlvs;
    while (*at && *at != sent)
        at = &(*at)->next;
    check(*at == sent);
    *at = sent->next;
    if (w->last == &sent->next)
        w->last = at;
    free(sent->bytes);
    free(sent);
    if (w->txn)
        world_step(w, &event);
    else
        world_event(w, &event);
}

void
answer(struct world *w, struct sent *sent, uint32_t status, const char *id)
{
    answer_how(w, sent, RESULT_ANSWERED, status, id);
}

static void
answer_ok(struct world *w, struct sent *sent)
{
    char id[16];

    snprintf(id, sizeof(id), "c%u", ++w->carrier_ids);
    answer(w, sent, SMPP_ROK, id);
}

void
answer_all(struct world *w)
{
    while (w->first)
        answer_ok(w, w->first);
}

static void
slice_to(char *buf, size_t cap, struct slice text)
{
    check(text.n < cap);
    if (text.n)
        memcpy(buf, text.p, text.n);
    buf[text.n] = '\0';
}

const struct phone_text *
phone_gets(struct world *w, const char *to)
{
    static struct phone_text texts[2];
    static uint8_t octets[80000];
    static uint32_t next;
    struct phone_text *out = &texts[next++ % 2];
    struct sent *sent = sent_to(w, to);
    struct udh udh = {0};

    memset(out, 0, sizeof(*out));
    do {
        if (!sent)
            return NULL;
        check(udh_of_pdu(&sent->pdu, &udh) == UDH_OK);
        check_number(udh.concat.total ? udh.concat.index : 1, out->parts + 1);
        slice_to(out->from, sizeof(out->from), sent->pdu.body.sm.source.digits);
        slice_to(out->to, sizeof(out->to), sent->pdu.body.sm.dest.digits);
        out->data_coding = sent->pdu.body.sm.data_coding;
        memcpy(octets + out->octets, udh.text.p, udh.text.n);
        out->octets += (uint32_t)udh.text.n;
        out->parts++;
        answer_ok(w, sent);
        sent = sent_to(w, to);
    } while (out->parts < udh.concat.total);
    out->n =
        text_to_utf8(text_alphabet_of(out->data_coding, TEXT_GSM), slice_of(octets, out->octets),
                     (uint8_t *)out->text, sizeof(out->text) - 1);
    return out;
}

void
phone_shows(struct world *w, const char *from, const char *to, const char *text)
{
    const struct phone_text *got = phone_gets(w, to);

    if (!got)
        printf("    nothing on the way to %s, want: %s\n", to, text);
    check(got != NULL);
    check_text(slice_of(got->text, got->n), text);
    check_text(slice_str(got->from), from);
}

void
nothing_sent(struct world *w)
{
    if (w->first) {
        char line[4000];

        pdu_dump(&w->first->pdu, line, sizeof(line));
        printf("    sent: %s\n", line);
    }
    check(w->first == NULL);
}

uint64_t
leading_number(const char *text)
{
    return strtoull(text, NULL, 10);
}

uint64_t
conversation(struct world *w, const char *contact)
{
    const struct phone_text *got;

    phone_sends(w, contact, BIZ, "hello");
    got = phone_gets(w, ANN);
    check(got != NULL);
    return leading_number(got->text);
}

const char *
with_id(uint64_t id, const char *text)
{
    static char buffers[2][80000];
    static uint32_t next;
    char *buf = buffers[next++ % 2];

    check(snprintf(buf, sizeof(buffers[0]), "%llu %s", (unsigned long long)id, text) <
          (int)sizeof(buffers[0]));
    return buf;
}

const char *
repeat(const char *text, uint32_t n)
{
    static char buffers[4][80000];
    static uint32_t next;
    char *buf = buffers[next++ % 4];
    size_t one = strlen(text);

    check(one * n < sizeof(buffers[0]));
    for (uint32_t i = 0; i < n; i++)
        memcpy(buf + i * one, text, one);
    buf[one * n] = '\0';
    return buf;
}

/* ---- what several test files say */

struct world *
world_with_app(const struct world_options *options)
{
    struct world *w = world_new(options);

    world_bind(w, 1, LINK_APP, "crm", 10);
    return w;
}

uint64_t
app_submits_text(struct world *w, const char *text, uint8_t registered)
{
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, text);
    uint8_t tlvs[2000];
    size_t used = 0;

    if (pdu.body.sm.short_message.n > 254) {
        check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_PAYLOAD,
                      pdu.body.sm.short_message));
        pdu.tlvs = slice_of(tlvs, used);
        pdu.body.sm.short_message = SLICE_NONE;
    }
    pdu.body.sm.registered_delivery = registered;
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    return leading_number(w->message_id);
}

uint64_t
message_sent(struct world *w, uint8_t registered, const char *id)
{
    uint64_t message = app_submits_text(w, "hello", registered);

    answer(w, sent_to(w, CONTACT), SMPP_ROK, id);
    return message;
}

void
app_gets_receipt(struct world *w, uint64_t message, const char *stat)
{
    struct sent *sent = sent_to(w, APP_NUMBER);
    char want[64];
    struct tlv tlv;

    check(sent != NULL);
    check_number(sent->pdu.command_id, SMPP_DELIVER_SM);
    check_number(sent->pdu.body.sm.esm_class, SMPP_ESM_RECEIPT);
    check_text(sent->pdu.body.sm.source.digits, CONTACT); /* swapped (R2) */
    snprintf(want, sizeof(want), "id:%llu ", (unsigned long long)message);
    check(tlv_find(sent->pdu.tlvs, SMPP_TAG_RECEIPTED_MESSAGE_ID, &tlv));
    check_number(strtoull((const char *)tlv.value.p, NULL, 10), message);
    check(slice_eq(slice_of(sent->pdu.body.sm.short_message.p, strlen(want)), slice_str(want)));
    snprintf(want, sizeof(want), "stat:%s ", stat);
    check(strstr(phone_gets(w, APP_NUMBER)->text, want) != NULL);
    check(sent_to(w, APP_NUMBER) == NULL);
}

void
notice_and_nothing_else(struct world *w, const char *text)
{
    phone_sends(w, ANN, RELAY_ANN, text);
    if (!sent_to(w, ANN))
        printf("    no notice for: %s\n", text);
    phone_shows(w, RELAY_ANN, ANN, NOTICE);
    nothing_sent(w);
    world_pass(w, 60000); /* the next one is within the rate */
}

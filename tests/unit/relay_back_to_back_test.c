/*
 * relay_back_to_back_test.c: two gateways behind each other: what an app gives to one, any carrier
 * between them carries, and an app gets from the other is the same text, for every form of long
 * texts and every alphabet on each of the three links (conformance L1 to L6, E1 to E6).
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "protocol/text.h"
#include "protocol/udh.h"
#include "tests/unit/check.h"

#define ROUNDS 40
#define TEXTS 10
#define TEXT_BYTES 3000u
#define PARTS 60

static const char *const alphabets[] = {"gsm", "gsm-packed", "latin1", "ascii", "utf8", "ucs2"};
static const enum text_alphabet alphabet_of[] = {TEXT_GSM,   TEXT_GSM_PACKED, TEXT_LATIN1,
                                                 TEXT_ASCII, TEXT_UTF8,       TEXT_UCS2};
static const char *const forms[] = {"udh", "udh16", "sar", "payload"};

static uint64_t seed = 7;

/* splitmix64 */
static uint32_t
chance(uint32_t below)
{
    uint64_t z = seed += 0x9e3779b97f4a7c15u;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) % below);
}

/* A text, and the PDUs that it was between the gateways. */
static struct passed {
    char text[TEXT_BYTES + 20];
    struct pdu pdu[PARTS];
    uint8_t *octets[PARTS];
    uint32_t parts;
} passed[TEXTS];

static void
random_text(char *out)
{
    static const char *const bits[] = {"a", "@", "\xC3\xA9", "\xE2\x82\xAC", "{", "\r\n", "word ",
                                       "\xF0\x9F\x98\x80", "e\xCC\x81", "\xD0\x96"};
    uint32_t kinds = 2 + chance(9), most = 1 + chance(chance(4) ? 400 : TEXT_BYTES);
    size_t n = 0;

    while (n < most && n < TEXT_BYTES) {
        const char *bit = bits[chance(kinds)];

        memcpy(out + n, bit, strlen(bit));
        n += strlen(bit);
    }
    /* What ends in '@' and fills a message says not whether it has 159 septets or 160. */
    if (out[n - 1] == '@')
        out[n++] = '.';
    out[n] = '\0';
}

/* As the app writes it, in message_payload. */
static void
submit(struct world *w, enum text_alphabet alphabet, const char *text)
{
    static uint8_t octets[3 * TEXT_BYTES], packed[3 * TEXT_BYTES], tlvs[3 * TEXT_BYTES];
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, APP_NUMBER, CONTACT, "");
    bool own = text_fits(alphabet, slice_str(text));
    size_t used = 0, n = text_from_utf8(own ? alphabet : TEXT_UCS2, slice_str(text), octets,
                                        sizeof(octets));
    struct slice payload = slice_of(octets, n);

    if (own && alphabet == TEXT_GSM_PACKED)
        payload = slice_of(packed, text_pack_octets(payload, 0, packed, sizeof(packed)));
    pdu.body.sm.data_coding = own ? 0 : 8;
    check(tlv_put(tlvs, sizeof(tlvs), &used, SMPP_TAG_MESSAGE_PAYLOAD, payload));
    pdu.body.sm.short_message = SLICE_NONE;
    pdu.tlvs = slice_of(tlvs, used);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
}

/* Keeps what the first gateway sends to its carrier. */
static void
keep(struct world *w, struct passed *out)
{
    for (out->parts = 0; w->first; out->parts++) {
        struct pdu *pdu = &out->pdu[out->parts];
        static uint8_t raw[PDU_BYTES_MAX];
        size_t n = pdu_encode(&w->first->pdu, raw, sizeof(raw));

        check(out->parts < PARTS && n > 0);
        out->octets[out->parts] = malloc(n);
        memcpy(out->octets[out->parts], raw, n);
        check_number(pdu_decode(slice_of(out->octets[out->parts], n), PDU_STRICT, pdu), SMPP_ROK);
        answer(w, w->first, SMPP_ROK, "x");
    }
}

/* Gives them to the second one, in any order. */
static void
give(struct world *w, struct passed *in)
{
    for (uint32_t left = in->parts; left > 0; left--) {
        uint32_t pick = chance(left);
        struct pdu pdu = in->pdu[pick];
        struct pdu_address source = pdu.body.sm.source;

        pdu.command_id = SMPP_DELIVER_SM;
        pdu.body.sm.source = pdu.body.sm.dest;
        pdu.body.sm.dest = source;
        nothing_sent(w);
        check_number(carrier_delivers(w, 0, &pdu), SMPP_ROK);
        in->pdu[pick] = in->pdu[left - 1];
    }
    for (uint32_t i = 0; i < in->parts; i++)
        free(in->octets[i]);
}

/* What the second app reads. */
static void
read_all(struct world *w, enum text_alphabet alphabet, const char *form, const char *want)
{
    static uint8_t octets[3 * TEXT_BYTES], text[TEXT_UTF8_MAX(3 * TEXT_BYTES)];
    uint8_t data_coding = sent_first(w)->pdu.body.sm.data_coding;
    enum text_alphabet is = data_coding == 8 ? TEXT_UCS2 : alphabet;
    uint32_t total = 0;
    size_t n = 0;
    struct udh udh;

    for (uint32_t index = 1; w->first; index++) {
        const struct pdu *pdu = &w->first->pdu;
        size_t header = pdu_text(pdu).n;

        check(udh_of_pdu(pdu, &udh) == UDH_OK);
        header -= udh.text.n;
        if (total == 0)
            total = udh.concat.total ? udh.concat.total : 1;
        check_number(pdu->body.sm.data_coding, data_coding);
        check_number(udh.concat.total ? udh.concat.total : 1, total);
        check(total == 1 || udh.concat.index == index);
        if (total > 1)
            check_number(header, form[0] == 's' ? 0 : strcmp(form, "udh16") == 0 ? 7 : 6);
        check(total == 1 || pdu_text(pdu).n <= 160);
        if (is == TEXT_GSM_PACKED) {
            check(total == 1 || pdu_text(pdu).n <= 140);
            n += text_unpack_octets(udh.text, header, octets + n, sizeof(octets) - n);
        } else {
            memcpy(octets + n, udh.text.p, udh.text.n);
            n += udh.text.n;
        }
        check(index <= total);
        answer(w, w->first, SMPP_ROK, NULL);
    }
    check_slice(slice_of(text, text_to_utf8(is, slice_of(octets, n), text, sizeof(text))),
                slice_str(want));
}

static struct world *
world_between(uint32_t app, uint32_t carrier, const char *app_form, const char *carrier_form)
{
    char of_carrier[100], of_app[100];
    struct world_options options = {
        .carrier = of_carrier, .app = of_app, .account = "    max_parts: 255\n"};

    snprintf(of_carrier, sizeof(of_carrier), "    alphabet: %s\n    long_form: %s\n",
             alphabets[carrier], carrier_form);
    snprintf(of_app, sizeof(of_app), "        alphabet: %s\n        long_form: %s\n",
             alphabets[app], app_form);
    return world_with_app(&options);
}

static void
smpp_l1_l2_l3_l4_l5_l6_e4_e5_e6_back_to_back(void)
{
    for (uint32_t round = 0; round < ROUNDS; round++) {
        /* Every pair of carrier alphabet and form, and chance for the rest. */
        uint32_t carrier = round % 6, form = round / 6 % 4, from = chance(6), to = chance(6);
        const char *form_to = forms[chance(4)];
        struct world *w = world_between(from, carrier, "payload", forms[form]);

        for (uint32_t i = 0; i < TEXTS; i++) {
            random_text(passed[i].text);
            submit(w, alphabet_of[from], passed[i].text);
            keep(w, &passed[i]);
        }
        world_end_test(w);
        w = world_between(to, carrier, form_to, "udh");
        for (uint32_t i = 0; i < TEXTS; i++) {
            give(w, &passed[i]);
            read_all(w, alphabet_of[to], form_to, passed[i].text);
        }
        world_end_test(w);
    }
}

CHECK_MAIN({"smpp_l1_l2_l3_l4_l5_l6_e4_e5_e6_back_to_back",
            smpp_l1_l2_l3_l4_l5_l6_e4_e5_e6_back_to_back})

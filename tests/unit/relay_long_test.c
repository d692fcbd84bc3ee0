/*
 * relay_long_test.c: long texts as each link wants them (conformance L1 to L8), and data_sm.
 */
#include "tests/unit/relay_world.h"

#include <stdio.h>

#include "gateway/relay/core.h"
#include "protocol/udh.h"
#include "tests/unit/check.h"

#define SNOWMAN "\xE2\x98\x83"

/* The carrier's and the app's options; the app is bound in slot 1. */
static struct world *
world_of(const char *carrier, const char *app)
{
    struct world_options options = {
        .carrier = carrier, .app = app, .account = "    max_parts: 9\n"};

    return world_with_app(&options);
}

/* A carrier that takes no TLVs. */
static void
bind_33(struct world *w, uint32_t slot, enum link_kind kind, const char *name)
{
    if (w->up[slot])
        world_unbind(w, slot, 0);
    w->peer_version = 0x33;
    world_bind(w, slot, kind, name, 100);
    w->peer_version = SMPP_VERSION_34;
}

static uint32_t
number_of(const struct pdu *pdu, uint16_t tag)
{
    uint32_t value = UINT32_MAX;

    (void)tlv_number(pdu->tlvs, tag, &value);
    return value;
}

/* The first request on the wire is part index of total, in a header of n octets (0: sar_* TLVs),
 * and has so many octets of text. Returns the reference. */
static uint32_t
part_is(struct world *w, size_t header, uint32_t index, uint32_t total, size_t octets)
{
    const struct pdu *pdu = &sent_first(w)->pdu;
    struct udh udh;
    struct tlv tlv;

    check(udh_of_pdu(pdu, &udh) == UDH_OK);
    check_number(pdu->body.sm.esm_class, header ? SMPP_ESM_UDHI : 0);
    check_number(pdu_text(pdu).n - udh.text.n, header);
    check_number(udh.concat.index, index);
    check_number(udh.concat.total, total);
    check_number(udh.text.n, octets);
    check_number(tlv_find(pdu->tlvs, SMPP_TAG_SAR_MSG_REF_NUM, &tlv), header == 0);
    check(!tlv_find(pdu->tlvs, SMPP_TAG_MESSAGE_PAYLOAD, &tlv));
    return udh.concat.reference;
}

/* An app's text goes to CONTACT in such parts; each holds most octets, the last one last. */
static void
goes_in(struct world *w, size_t header, size_t most, const char *text, size_t last)
{
    size_t octets = text_fits(TEXT_GSM, slice_str(text)) ? strlen(text) : strlen(text) / 3 * 2;
    uint32_t total = (uint32_t)((octets - last) / most + 1), reference = 0;

    check_number(app_sends(w, 1, BIZ, CONTACT, text), SMPP_ROK);
    check_number(sent_count(w), total);
    for (uint32_t i = 1; i <= total; i++) {
        uint32_t found = part_is(w, header, i, total, i < total ? most : last);

        check(i == 1 || found == reference);
        reference = found;
        answer(w, sent_first(w), SMPP_ROK, "x");
    }
    nothing_sent(w);
}

static void
goes_whole(struct world *w, const char *text)
{
    check_number(app_sends(w, 1, BIZ, CONTACT, text), SMPP_ROK);
    check_number(sent_count(w), 1);
    check_number(sent_first(w)->pdu.body.sm.esm_class, 0);
    check_number(sent_first(w)->pdu.tlvs.n, 0);
    answer(w, sent_first(w), SMPP_ROK, "x");
}

static void
smpp_l1_l2_udh_to_a_carrier(void)
{
    struct world *w = world_of("    long_form: udh\n", NULL);

    goes_whole(w, repeat("x", 160));
    goes_in(w, 6, 153, repeat("x", 161), 8);
    goes_in(w, 6, 153, repeat("x", 306), 153);
    goes_in(w, 6, 153, repeat("x", 307), 1);
    goes_whole(w, repeat(SNOWMAN, 70));
    goes_in(w, 6, 134, repeat(SNOWMAN, 134), 134);
    goes_in(w, 6, 134, repeat(SNOWMAN, 135), 2);
    world_end_test(w);
}

static void
smpp_l1_l2_l3_udh16_to_a_carrier(void)
{
    struct world *w = world_of("    long_form: udh16\n", NULL);

    goes_whole(w, repeat("x", 160));
    goes_in(w, 7, 152, repeat("x", 161), 9);
    goes_in(w, 7, 152, repeat("x", 304), 152);
    goes_in(w, 7, 152, repeat("x", 305), 1);
    goes_whole(w, repeat(SNOWMAN, 70));
    goes_in(w, 7, 132, repeat(SNOWMAN, 132), 132);
    goes_in(w, 7, 132, repeat(SNOWMAN, 133), 2);
    /* max_parts counts the parts of this form. */
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 9 * 152)), SMPP_ROK);
    answer_all(w);
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 9 * 152 + 1)), SMPP_RINVMSGLEN);
    world_end_test(w);
}

static void
smpp_l1_l3_l4_sar_to_a_carrier(void)
{
    struct world *w = world_of("    long_form: sar\n", NULL);

    goes_whole(w, repeat("x", 160));
    goes_in(w, 0, 153, repeat("x", 161), 8);
    goes_in(w, 0, 153, repeat("x", 459), 153);
    goes_in(w, 0, 134, repeat(SNOWMAN, 71), 8);
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 9 * 153 + 1)), SMPP_RINVMSGLEN);
    world_end_test(w);
}

static void
payload_is(struct world *w, const char *text, bool in_payload)
{
    struct sent *sent = sent_first(w);
    uint8_t octets[4000];
    struct tlv tlv;

    check_number(sent_count(w), 1);
    check_number(sent->pdu.body.sm.esm_class, 0);
    check_number(tlv_find(sent->pdu.tlvs, SMPP_TAG_MESSAGE_PAYLOAD, &tlv), in_payload);
    check_number(number_of(&sent->pdu, SMPP_TAG_SAR_TOTAL_SEGMENTS), UINT32_MAX);
    check(!in_payload || sent->pdu.body.sm.short_message.n == 0);
    check_slice(slice_of(octets, text_to_utf8(sent->pdu.body.sm.data_coding ? TEXT_UCS2 : TEXT_GSM,
                                              pdu_text(&sent->pdu), octets, sizeof(octets))),
                slice_str(text));
    answer(w, sent, SMPP_ROK, "x");
    nothing_sent(w);
}

static void
smpp_l3_l5_payload_to_a_carrier(void)
{
    struct world *w = world_of("    long_form: payload\n", NULL);

    goes_whole(w, repeat("x", 160));
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 161)), SMPP_ROK);
    payload_is(w, repeat("x", 161), true);
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat(SNOWMAN, 71)), SMPP_ROK);
    payload_is(w, repeat(SNOWMAN, 71), true);
    /* What the carrier makes of it costs as many parts. */
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 9 * 153)), SMPP_ROK);
    payload_is(w, repeat("x", 9 * 153), true);
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 9 * 153 + 1)), SMPP_RINVMSGLEN);
    world_end_test(w);
}

/* However wide the window is: the loss of a bind writes all that was on it in one event. */
static void
smpp_s7_l5_r_rel_2_a_window_of_the_longest_texts_is_lost(void)
{
    struct world_options options = {.carrier = "    long_form: payload\n    window: 1000\n",
                                    .account = "    max_parts: 255\n"};
    struct world *w = world_with_app(&options);
    uint32_t count = 2 * STORE_EVENT_BYTES / TEXT_OCTETS_MAX, at_once;
    char phone[16];

    world_unbind(w, 0, 0);
    world_bind(w, 0, LINK_CARRIER, "sim", 1000);
    for (uint32_t i = 0; i < count; i++) {
        snprintf(phone, sizeof(phone), "4477009%05u", i);
        check_number(app_sends(w, 1, BIZ, phone, repeat("x", 255 * 153)), SMPP_ROK);
    }
    at_once = sent_count(w);
    check(at_once > 1 && at_once < count);
    check(at_once * 255 * 153 >= BIND_OCTETS_MAX);
    world_unbind(w, 0, 0);
    check(w->changeset_bytes[w->changeset_count - 1] > BIND_OCTETS_MAX);
    check(w->changeset_bytes[w->changeset_count - 1] <= STORE_EVENT_BYTES);
    /* Whatever is answered makes room for the next. */
    world_bind(w, 0, LINK_CARRIER, "sim", 1000);
    check_number(sent_count(w), at_once);
    for (uint32_t i = 0; i < count; i++)
        answer(w, sent_first(w), SMPP_ROK, message_id_of(i + 1));
    nothing_sent(w);
    world_end_test(w);
}

/* ---- whole texts to apps */

static void
app_gets_in(struct world *w, size_t header, size_t most, const char *text)
{
    uint32_t total = (uint32_t)((strlen(text) + most - 1) / most), reference = 0;

    phone_sends(w, CONTACT, APP_NUMBER, text);
    check_number(sent_count(w), total);
    for (uint32_t i = 1; i <= total; i++) {
        uint32_t found;

        check_number(sent_first(w)->pdu.command_id, SMPP_DELIVER_SM);
        found = part_is(w, header, i, total,
                        i < total ? most : strlen(text) - most * (total - 1));
        check(i == 1 || found == reference);
        reference = found;
        answer(w, sent_first(w), SMPP_ROK, NULL);
    }
    nothing_sent(w);
    check_number(message_record(w, last_message(w)).state, MSG_SENT);
}

static void
smpp_l3_udh_to_an_app(void)
{
    struct world *w = world_of(NULL, "        long_form: udh\n");

    phone_sends(w, CONTACT, APP_NUMBER, repeat("x", 160));
    payload_is(w, repeat("x", 160), false);
    app_gets_in(w, 6, 153, repeat("x", 161));
    app_gets_in(w, 6, 153, repeat("y", 459));
    world_end_test(w);
}

static void
smpp_l3_udh16_to_an_app(void)
{
    struct world *w = world_of(NULL, "        long_form: udh16\n");

    app_gets_in(w, 7, 152, repeat("x", 161));
    app_gets_in(w, 7, 152, repeat("y", 459));
    world_end_test(w);
}

static void
smpp_l3_l4_sar_to_an_app(void)
{
    struct world *w = world_of(NULL, "        long_form: sar\n");

    app_gets_in(w, 0, 153, repeat("x", 161));
    app_gets_in(w, 0, 153, repeat("y", 459));
    world_end_test(w);
}

static void
smpp_l3_l5_payload_to_an_app(void)
{
    struct world *w = world_of(NULL, NULL);

    phone_sends(w, CONTACT, APP_NUMBER, repeat("x", 254));
    payload_is(w, repeat("x", 254), false);
    phone_sends(w, CONTACT, APP_NUMBER, repeat("x", 255));
    payload_is(w, repeat("x", 255), true);
    world_end_test(w);
}

/* ---- B7: a peer of 3.3 gets no TLVs, whatever the form */

static void
smpp_b7_l3_carrier_of_33_gets_udh(void)
{
    static const char *const forms[] = {"    long_form: sar\n", "    long_form: payload\n"};

    for (int i = 0; i < 2; i++) {
        struct world *w = world_of(forms[i], NULL);

        bind_33(w, 0, LINK_CARRIER, "sim");
        goes_in(w, 6, 153, repeat("x", 310), 4);
        goes_whole(w, "short");
        world_end_test(w);
    }
}

static void
smpp_b7_l3_app_of_33_gets_udh(void)
{
    static const char *const forms[] = {NULL, "        long_form: sar\n"};

    for (int i = 0; i < 2; i++) {
        struct world *w = world_of(NULL, forms[i]);

        bind_33(w, 1, LINK_APP, "crm");
        app_gets_in(w, 6, 153, repeat("x", 310));
        world_end_test(w);
    }
}

/* The rest of a message that began with sar_* TLVs goes to a bind that takes none: the same
 * segments with the same reference. */
static void
smpp_l8_b7_rest_of_segments_to_a_bind_of_33(void)
{
    struct world *w = world_of("    long_form: sar\n", NULL);
    uint32_t reference;

    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 300)), SMPP_ROK);
    reference = part_is(w, 0, 1, 2, 153);
    answer(w, sent_first(w), SMPP_ROK, "a");
    bind_33(w, 0, LINK_CARRIER, "sim");
    check_number(sent_count(w), 1);
    check_number(part_is(w, 6, 2, 2, 147), reference & 0xFF);
    answer_all(w);
    check_number(message_record(w, last_message(w)).state, MSG_SENT);
    world_end_test(w);
}

/* ---- parts that an app made */

enum made { MADE_8, MADE_16, MADE_SAR };

static uint32_t
app_sends_part(struct world *w, enum made made, uint8_t index, const char *text)
{
    static const uint16_t reference = 0x0123;
    struct concat concat = {
        .reference = made == MADE_8 ? 0x23 : reference, .total = 2, .index = index,
        .wide = made != MADE_8};
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, BIZ, CONTACT, "");
    uint8_t octets[300], tlvs[30];
    size_t n = 0, used = 0;

    pdu.body.sm.registered_delivery = 1;
    if (made == MADE_SAR) {
        check(tlv_put(tlvs, 30, &used, SMPP_TAG_SAR_SEGMENT_SEQNUM, slice_of(&index, 1)));
        check(tlv_put(tlvs, 30, &used, SMPP_TAG_SAR_TOTAL_SEGMENTS, slice_of("\2", 1)));
        check(tlv_put(tlvs, 30, &used, SMPP_TAG_SAR_MSG_REF_NUM, slice_of("\x01\x23", 2)));
    } else {
        n = udh_put_concat(&concat, octets);
        pdu.body.sm.esm_class = SMPP_ESM_UDHI;
    }
    memcpy(octets + n, text, strlen(text));
    pdu.body.sm.short_message = slice_of(octets, n + strlen(text));
    pdu.tlvs = slice_of(tlvs, used);
    return app_submits(w, 1, &pdu);
}

static void
parts_become(enum made made, const char *form, size_t header, uint32_t reference)
{
    struct world *w = world_of(form, NULL);
    uint64_t first;

    check_number(app_sends_part(w, made, 1, repeat("a", 152)), SMPP_ROK);
    first = leading_number(w->message_id);
    check_number(part_is(w, header, 1, 2, 152), reference);
    answer(w, sent_first(w), SMPP_ROK, "one");
    check_number(app_sends_part(w, made, 2, "b"), SMPP_ROK);
    check(leading_number(w->message_id) != first);
    check_number(part_is(w, header, 2, 2, 1), reference);
    answer(w, sent_first(w), SMPP_ROK, "two");
    carrier_receipt(w, "one", "DELIVRD", CONTACT, BIZ);
    check_number(message_record(w, first).state, MSG_DELIVERED);
    check_number(message_record(w, first + 1).state, MSG_SENT);
    answer_all(w);
    world_end_test(w);
}

static void
smpp_l3_parts_of_an_app_to_a_udh_carrier(void)
{
    parts_become(MADE_8, NULL, 6, 0x23);
    parts_become(MADE_16, NULL, 6, 0x23);
    parts_become(MADE_SAR, NULL, 6, 0x23);
}

/* A header of 16 bits would not fit beside what was cut for one of 8. */
static void
smpp_l3_parts_of_an_app_to_a_udh16_carrier(void)
{
    parts_become(MADE_8, "    long_form: udh16\n", 6, 0x23);
    parts_become(MADE_16, "    long_form: udh16\n", 7, 0x0123);
    parts_become(MADE_SAR, "    long_form: udh16\n", 6, 0x23);
}

static void
smpp_l3_l4_parts_of_an_app_to_a_sar_carrier(void)
{
    parts_become(MADE_8, "    long_form: sar\n", 0, 0x23);
    parts_become(MADE_16, "    long_form: sar\n", 0, 0x0123);
    parts_become(MADE_SAR, "    long_form: sar\n", 0, 0x0123);
}

/* Each was accepted by itself: they stay what they are. */
static void
smpp_l3_parts_of_an_app_to_a_payload_carrier(void)
{
    parts_become(MADE_8, "    long_form: payload\n", 6, 0x23);
    parts_become(MADE_16, "    long_form: payload\n", 7, 0x0123);
    parts_become(MADE_SAR, "    long_form: payload\n", 0, 0x0123);
}

static void
smpp_l1_segment_too_long_for_a_header(void)
{
    struct world *w = world_of(NULL, NULL);

    check_number(app_sends_part(w, MADE_SAR, 1, repeat("a", 153)), SMPP_ROK);
    check_number(app_sends_part(w, MADE_SAR, 2, repeat("a", 154)), SMPP_RINVMSGLEN);
    world_end_test(w);
    w = world_of("    long_form: sar\n", NULL);
    check_number(app_sends_part(w, MADE_SAR, 1, repeat("a", 160)), SMPP_ROK);
    check_number(part_is(w, 0, 1, 2, 160), 0x0123);
    answer_all(w);
    world_end_test(w);
}

/* L4: two of the three TLVs say nothing. */
static void
smpp_l4_incomplete_sar_of_an_app(void)
{
    struct world *w = world_of(NULL, NULL);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, BIZ, CONTACT, "hello");

    pdu.tlvs = slice_of("\x02\x0C\0\2\0\5\x02\x0E\0\1\2", 11);
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    check_number(sent_first(w)->pdu.body.sm.esm_class, 0);
    check_number(sent_first(w)->pdu.tlvs.n, 0);
    phone_shows(w, BIZ, CONTACT, "hello");
    world_end_test(w);
}

/* The link decides when it is sent: the form has changed since it was accepted. */
static void
smpp_l3_form_changes_by_reload(void)
{
    static const struct world_options sar = {
        .carrier = "    long_form: sar\n", .account = "    max_parts: 9\n"};
    struct world *w = world_of("    long_form: payload\n", NULL);

    world_unbind(w, 0, 0);
    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 300)), SMPP_ROK);
    check_number(message_record(w, last_message(w)).parts, 1);
    world_reload(w, &sar);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    check_number(sent_count(w), 2);
    part_is(w, 0, 1, 2, 153);
    answer(w, sent_first(w), SMPP_ROK, "a");
    part_is(w, 0, 2, 2, 147);
    answer(w, sent_first(w), SMPP_ROK, "b");
    check_number(message_record(w, last_message(w)).state, MSG_SENT);
    world_end_test(w);
}

/* The parts of a text that are in doubt stay as they were cut: a late answer names one of them. */
static void
smpp_l3_u8_form_stays_while_a_part_is_in_doubt(void)
{
    static const struct world_options payload = {
        .carrier = "    long_form: payload\n", .account = "    max_parts: 9\n"};
    struct world *w = world_of(NULL, NULL);
    struct event late = {.kind = EV_RESULT};

    check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 300)), SMPP_ROK);
    check_number(sent_count(w), 2);
    late.session = sent_first(w)->next->session;
    late.u.result = (struct event_result){.token = sent_first(w)->next->token,
                                          .how = RESULT_LATE,
                                          .message_id = SLICE_LIT("late")};
    while (sent_count(w) > 0)
        answer_how(w, sent_first(w), RESULT_TIMEOUT, 0, NULL);
    world_reload(w, &payload);
    world_pass(w, 10000);
    world_event(w, &late);
    part_is(w, 6, 1, 2, 153);
    answer(w, sent_first(w), SMPP_RSYSERR, "");
    check_number(message_record(w, last_message(w)).state, MSG_INTENT);
    answer(w, sent_first(w), SMPP_RSYSERR, ""); /* of the second copy */
    check_number(message_record(w, last_message(w)).state, MSG_QUEUED);
    world_pass(w, 60000);
    part_is(w, 6, 1, 2, 153);
    answer(w, sent_first(w), SMPP_ROK, "a");
    check_number(message_record(w, last_message(w)).state, MSG_SENT);
    nothing_sent(w);
    world_end_test(w);
}

/* ---- L6 to L8 */

/* Of 16 bits where there is room, one after the other for one phone. */
static void
smpp_l6_references_count_up_per_phone(void)
{
    static const char *const forms[] = {NULL, "    long_form: udh16\n", "    long_form: sar\n"};

    for (int form = 0; form < 3; form++) {
        struct world *w = world_of(forms[form], NULL);
        uint32_t last = 0, wraps = 0;

        for (int i = 0; i < 300; i++) {
            struct udh udh;
            uint32_t want = form == 0 ? (last + 1) & 0xFF : last + 1;

            check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 161)), SMPP_ROK);
            check(udh_of_pdu(&sent_first(w)->pdu, &udh) == UDH_OK);
            check(i == 0 || udh.concat.reference == want);
            wraps += i > 0 && udh.concat.reference < last;
            last = udh.concat.reference;
            answer_all(w);
        }
        check_number(wraps, form == 0);
        check(form == 0 || last > 0xFF);
        world_end_test(w);
    }
}

/* A window of one, several senders, and a bind that could take others' messages: the parts of one
 * text still go out behind each other, on one bind. */
static void
smpp_l7_parts_are_contiguous(void)
{
    struct world *w = world_of(NULL, NULL);
    struct session_name session = {0, 0};
    uint32_t total = 0;

    world_unbind(w, 0, 0);
    for (int i = 0; i < 3; i++) {
        check_number(app_sends(w, 1, BIZ, i ? CONTACT_2 : CONTACT, repeat("x", 400)), SMPP_ROK);
        check_number(app_sends(w, 1, BIZ_GROUP, CONTACT_3, repeat("y", 400)), SMPP_ROK);
        check_number(app_sends(w, 1, BIZ_NOBODY, CONTACT_3, "short"), SMPP_ROK);
    }
    world_bind(w, 0, LINK_CARRIER, "sim", 1);
    world_bind(w, 2, LINK_CARRIER, "sim", 1);
    for (uint32_t next[BINDS_MAX] = {0}; w->first; total++) {
        struct sent *sent = sent_first(w);
        struct udh udh;
        uint32_t slot = sent->session.slot;

        check(udh_of_pdu(&sent->pdu, &udh) == UDH_OK);
        if (next[slot] > 1)
            check_number(udh.concat.index, next[slot]);
        else
            check(udh.concat.index <= 1);
        next[slot] = udh.concat.total > udh.concat.index ? udh.concat.index + 1u : 0;
        session = sent->session;
        answer(w, sent, SMPP_ROK, "x");
    }
    check(session.generation > 0);
    check_number(total, 6 * 3 + 3);
    world_end_test(w);
}

/* One part fails for now: it alone goes again, with its number and reference. */
static void
smpp_l8_only_the_failed_part_again(void)
{
    static const struct {
        const char *form;
        size_t header, most;
    } rows[] = {{NULL, 6, 153},
                {"    long_form: udh16\n", 7, 152},
                {"    long_form: sar\n", 0, 153}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct world *w = world_of(rows[i].form, NULL);
        uint32_t reference;

        check_number(app_sends(w, 1, BIZ, CONTACT, repeat("x", 400)), SMPP_ROK);
        reference = part_is(w, rows[i].header, 1, 3, rows[i].most);
        answer(w, sent_first(w), SMPP_ROK, "a");
        part_is(w, rows[i].header, 2, 3, rows[i].most);
        answer(w, sent_first(w), SMPP_RSYSERR, NULL);
        answer(w, sent_first(w), SMPP_ROK, "c");
        nothing_sent(w);
        world_pass(w, 600000);
        check_number(sent_count(w), 1);
        check_number(part_is(w, rows[i].header, 2, 3, rows[i].most), reference);
        answer(w, sent_first(w), SMPP_ROK, "b");
        nothing_sent(w);
        check_number(message_record(w, last_message(w)).state, MSG_SENT);
        world_end_test(w);
    }
}

/* L9: one receipt for what was split, in every form; the worst of its parts. */
static void
smpp_l9_one_receipt_for_all_parts(void)
{
    static const struct {
        const char *form;
        uint32_t parts;
    } rows[] = {{NULL, 2}, {"    long_form: udh16\n", 2}, {"    long_form: sar\n", 2},
                {"    long_form: payload\n", 1}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) * 2; i++) {
        struct world *w = world_of(rows[i / 2].form, NULL);
        const char *stat = i % 2 ? "UNDELIV" : "DELIVRD";
        uint64_t message = app_submits_text(w, repeat("x", 200), 1);

        check_number(sent_count(w), rows[i / 2].parts);
        answer_all(w); /* c1, and c2 */
        if (rows[i / 2].parts > 1) {
            carrier_receipt(w, "c1", "DELIVRD", CONTACT, APP_NUMBER);
            nothing_sent(w);
        }
        carrier_receipt(w, rows[i / 2].parts > 1 ? "c2" : "c1", stat, CONTACT, APP_NUMBER);
        app_gets_receipt(w, message, stat);
        world_end_test(w);
    }
}

/* ---- data_sm */

static void
smpp_op_data_sm_to_a_carrier(void)
{
    struct world *w = world_of("    send_with: data_sm\n", NULL);
    struct pdu pdu = pdu_of_text(SMPP_SUBMIT_SM, BIZ, CONTACT, "hello");
    const struct pdu *sent;

    pdu.body.sm.service_type = slice_str("CMT");
    pdu.body.sm.registered_delivery = 1;
    pdu.body.sm.priority_flag = 2;
    pdu.body.sm.validity_period = slice_str("000000010000000R");
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    sent = &sent_first(w)->pdu;
    check_number(sent->command_id, SMPP_DATA_SM);
    check_text(sent->body.sm.service_type, "CMT");
    check_text(sent->body.sm.dest.digits, CONTACT);
    check_number(sent->body.sm.registered_delivery, 1);
    check_number(number_of(sent, SMPP_TAG_QOS_TIME_TO_LIVE), 3600);
    check_text(pdu_text(sent), "hello");
    answer(w, sent_first(w), SMPP_ROK, "d1");
    carrier_receipt(w, "d1", "DELIVRD", CONTACT, BIZ);
    check_number(message_record(w, 1).state, MSG_DELIVERED);
    answer_all(w);
    /* Parts of a long text, and one that has waited. */
    world_unbind(w, 0, 0);
    pdu = pdu_of_text(SMPP_SUBMIT_SM, BIZ, CONTACT, repeat("x", 161));
    pdu.body.sm.validity_period = slice_str("000000010000000R");
    check_number(app_submits(w, 1, &pdu), SMPP_ROK);
    world_pass(w, 600000);
    world_bind(w, 0, LINK_CARRIER, "sim", 100);
    check_number(sent_count(w), 2);
    check_number(sent_first(w)->pdu.body.sm.esm_class, SMPP_ESM_UDHI);
    check_number(number_of(&sent_first(w)->pdu, SMPP_TAG_QOS_TIME_TO_LIVE), 3000);
    phone_shows(w, BIZ, CONTACT, repeat("x", 161));
    world_end_test(w);
}

static void
smpp_op_data_sm_to_an_app(void)
{
    struct world *w = world_of(NULL, "        send_with: data_sm\n");
    uint64_t message;

    phone_sends(w, CONTACT, APP_NUMBER, repeat("x", 300));
    check_number(sent_first(w)->pdu.command_id, SMPP_DATA_SM);
    phone_shows(w, CONTACT, APP_NUMBER, repeat("x", 300));
    message = app_submits_text(w, "hello", 1);
    answer(w, sent_first(w), SMPP_ROK, "r1");
    carrier_receipt(w, "r1", "DELIVRD", CONTACT, APP_NUMBER);
    check_number(sent_first(w)->pdu.command_id, SMPP_DATA_SM);
    check_number(sent_first(w)->pdu.body.sm.esm_class, SMPP_ESM_RECEIPT);
    check_number(message_record(w, message).state, MSG_DELIVERED);
    answer_all(w);
    world_end_test(w);
}

static void
smpp_b7_op_data_sm_never_to_33(void)
{
    struct world *w = world_of("    send_with: data_sm\n", "        send_with: data_sm\n");

    bind_33(w, 0, LINK_CARRIER, "sim");
    bind_33(w, 1, LINK_APP, "crm");
    check_number(app_sends(w, 1, BIZ, CONTACT, "hello"), SMPP_ROK);
    check_number(sent_first(w)->pdu.command_id, SMPP_SUBMIT_SM);
    answer_all(w);
    phone_sends(w, CONTACT, APP_NUMBER, "hello");
    check_number(sent_first(w)->pdu.command_id, SMPP_DELIVER_SM);
    answer_all(w);
    world_end_test(w);
}

CHECK_MAIN({"smpp_l1_l2_udh_to_a_carrier", smpp_l1_l2_udh_to_a_carrier},
           {"smpp_l1_l2_l3_udh16_to_a_carrier", smpp_l1_l2_l3_udh16_to_a_carrier},
           {"smpp_l1_l3_l4_sar_to_a_carrier", smpp_l1_l3_l4_sar_to_a_carrier},
           {"smpp_l3_l5_payload_to_a_carrier", smpp_l3_l5_payload_to_a_carrier},
           {"smpp_s7_l5_r_rel_2_a_window_of_the_longest_texts_is_lost",
            smpp_s7_l5_r_rel_2_a_window_of_the_longest_texts_is_lost},
           {"smpp_l3_udh_to_an_app", smpp_l3_udh_to_an_app},
           {"smpp_l3_udh16_to_an_app", smpp_l3_udh16_to_an_app},
           {"smpp_l3_l4_sar_to_an_app", smpp_l3_l4_sar_to_an_app},
           {"smpp_l3_l5_payload_to_an_app", smpp_l3_l5_payload_to_an_app},
           {"smpp_b7_l3_carrier_of_33_gets_udh", smpp_b7_l3_carrier_of_33_gets_udh},
           {"smpp_b7_l3_app_of_33_gets_udh", smpp_b7_l3_app_of_33_gets_udh},
           {"smpp_l8_b7_rest_of_segments_to_a_bind_of_33",
            smpp_l8_b7_rest_of_segments_to_a_bind_of_33},
           {"smpp_l3_parts_of_an_app_to_a_udh_carrier", smpp_l3_parts_of_an_app_to_a_udh_carrier},
           {"smpp_l3_parts_of_an_app_to_a_udh16_carrier",
            smpp_l3_parts_of_an_app_to_a_udh16_carrier},
           {"smpp_l3_l4_parts_of_an_app_to_a_sar_carrier",
            smpp_l3_l4_parts_of_an_app_to_a_sar_carrier},
           {"smpp_l3_parts_of_an_app_to_a_payload_carrier",
            smpp_l3_parts_of_an_app_to_a_payload_carrier},
           {"smpp_l1_segment_too_long_for_a_header", smpp_l1_segment_too_long_for_a_header},
           {"smpp_l4_incomplete_sar_of_an_app", smpp_l4_incomplete_sar_of_an_app},
           {"smpp_l3_form_changes_by_reload", smpp_l3_form_changes_by_reload},
           {"smpp_l3_u8_form_stays_while_a_part_is_in_doubt",
            smpp_l3_u8_form_stays_while_a_part_is_in_doubt},
           {"smpp_l6_references_count_up_per_phone", smpp_l6_references_count_up_per_phone},
           {"smpp_l7_parts_are_contiguous", smpp_l7_parts_are_contiguous},
           {"smpp_l8_only_the_failed_part_again", smpp_l8_only_the_failed_part_again},
           {"smpp_l9_one_receipt_for_all_parts", smpp_l9_one_receipt_for_all_parts},
           {"smpp_op_data_sm_to_a_carrier", smpp_op_data_sm_to_a_carrier},
           {"smpp_op_data_sm_to_an_app", smpp_op_data_sm_to_an_app},
           {"smpp_b7_op_data_sm_never_to_33", smpp_b7_op_data_sm_never_to_33})

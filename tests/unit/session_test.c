/*
 * session_test.c: the session machine: rows C01 to C19 and Q01 to Q06 of the bad-input list, timers
 * U1 to U9, window and numbers S1 to S8.
 */
#include "protocol/session.h"

#include <stdio.h>

#include "tests/unit/check.h"
#include "tests/unit/smpp_rows.h"

#define START_MS 1000u
#define WINDOW_MAX 32u

static uint8_t buf[SMPP_ROW_BYTES_MAX];
static struct session_slot slots[WINDOW_MAX * (1 + SESSION_LATE_WINDOWS)];
static struct session_out out;

static const struct session_conf conf = {
    .window = 10,
    .session_init_ms = 10000,
    .enquire_link_ms = 60000,
    .response_ms = 30000,
    .inactivity_ms = 0,
    .enquire_misses_max = 3,
    .protocol_errors_max = 100,
};

static struct session
session_of(enum session_role role, const struct session_conf *with)
{
    struct session s;

    session_init(&s, role, with, slots, sizeof(slots) / sizeof(slots[0]), START_MS);
    return s;
}

static struct session
mc_bound(uint32_t bind)
{
    struct session s = session_of(SESSION_MC, &conf);

    session_bound(&s, bind, SMPP_VERSION_34);
    return s;
}

static enum session_verdict
receive(struct session *s, uint32_t command_id, uint32_t status, uint32_t sequence, uint64_t now_ms)
{
    struct pdu pdu = {.command_id = command_id, .command_status = status,
                      .sequence_number = sequence};
    static uint8_t encoded[100];
    enum smpp_status decoded = SMPP_ROK;
    size_t n;

    if (command_id == SMPP_SUBMIT_MULTI) /* the only request that may not be all empty */
        pdu.body.sm.dests = (struct pdu_list){1, slice_of("\1\1\1" "447", 7)};
    n = pdu_encode(&pdu, encoded, sizeof(encoded));

    /* As it comes off the wire; what cannot be encoded is unknown. */
    if (n > 0)
        (void)pdu_decode(slice_of(encoded, n), PDU_LENIENT, &pdu);
    else
        decoded = SMPP_RINVCMDID;
    return session_receive(s, &pdu, decoded, now_ms, &out);
}

static struct session
esme_bound_with(const struct session_conf *with)
{
    struct session s = session_of(SESSION_ESME, with);
    uint32_t sequence = session_sequence(&s);

    check_number(sequence, 1);
    session_binding(&s, SMPP_BIND_TRANSCEIVER, sequence, START_MS);
    check_number(receive(&s, SMPP_BIND_TRANSCEIVER_RESP, 0, 1, START_MS), SESSION_BIND_RESULT);
    check_number(s.state, SESSION_BOUND_TRX);
    return s;
}

static struct session
esme_bound(void)
{
    return esme_bound_with(&conf);
}

static enum session_verdict
receive_row(struct session *s, const char *id)
{
    struct slice raw = smpp_row_get(id, buf, sizeof(buf));
    struct pdu pdu;
    enum smpp_status decoded =
        pdu_decode(raw, s->role == SESSION_MC ? PDU_STRICT : PDU_LENIENT, &pdu);

    return session_receive(s, &pdu, decoded, START_MS, &out);
}

/* Feeds all PDUs of a row but the first `skip`. */
static enum session_verdict
receive_row_pdu(struct session *s, const char *id, size_t skip)
{
    struct slice raw = smpp_row_get(id, buf, sizeof(buf));
    struct pdu pdu;

    while (skip-- > 0) {
        size_t n = (size_t)raw.p[2] << 8 | raw.p[3];

        raw = slice_of(raw.p + n, raw.n - n);
    }
    raw.n = (size_t)raw.p[2] << 8 | raw.p[3];
    return session_receive(s, &pdu, pdu_decode(raw, PDU_STRICT, &pdu), START_MS, &out);
}

static uint32_t
send_one(struct session *s, uint64_t id, uint64_t now_ms)
{
    uint32_t sequence = 0;

    check(session_send(s, s->role == SESSION_ESME ? SMPP_SUBMIT_SM : SMPP_DELIVER_SM,
                       (struct session_token){id, 0}, now_ms, &sequence));
    return sequence;
}

static void
check_reply(uint32_t command_id, uint32_t status, uint32_t sequence)
{
    check(out.has_reply);
    check_number(out.reply.command_id, command_id);
    check_number(out.reply.command_status, status);
    check_number(out.reply.sequence_number, sequence);
}

/* Rows whose answer is one PDU and nothing else, by the state in which they come. */
static void
rows_have_their_answer(void)
{
    static const struct {
        const char *id;
        uint32_t bind;              /* 0: not bound */
        enum session_verdict verdict;
        uint32_t command_id, status, sequence;
    } rows[] = {
        {"F16", SMPP_BIND_TRANSCEIVER, SESSION_ANSWER, SMPP_ENQUIRE_LINK_RESP, 0, 7},
        {"C01", SMPP_BIND_TRANSCEIVER, SESSION_ANSWER, SMPP_GENERIC_NACK, SMPP_RINVCMDID, 9},
        {"C02", SMPP_BIND_TRANSCEIVER, SESSION_ANSWER, SMPP_GENERIC_NACK, SMPP_RINVCMDID, 9},
        {"C05", SMPP_BIND_TRANSCEIVER, SESSION_ANSWER, SMPP_GENERIC_NACK, SMPP_RINVCMDID, 9},
        {"C06", 0, SESSION_ANSWER, SMPP_SUBMIT_SM_RESP, SMPP_RINVBNDSTS, 2},
        {"C07", 0, SESSION_ANSWER, SMPP_ENQUIRE_LINK_RESP, 0, 2},
        {"C08", SMPP_BIND_RECEIVER, SESSION_ANSWER, SMPP_SUBMIT_SM_RESP, SMPP_RINVBNDSTS, 2},
        {"C09", SMPP_BIND_TRANSCEIVER, SESSION_ANSWER, SMPP_DELIVER_SM_RESP, SMPP_RINVBNDSTS, 2},
        {"C10", SMPP_BIND_TRANSCEIVER, SESSION_ANSWER, SMPP_BIND_TRANSCEIVER_RESP, SMPP_RALYBND, 1},
        {"C12", 0, SESSION_CLOSE, SMPP_UNBIND_RESP, SMPP_RINVBNDSTS, 3},
        {"B05", 0, SESSION_ANSWER, SMPP_BIND_TRANSCEIVER_RESP, SMPP_RINVSYSID, 1},
        {"B06", 0, SESSION_ANSWER, SMPP_BIND_TRANSCEIVER_RESP, SMPP_RINVPASWD, 1},
        {"B07", 0, SESSION_ANSWER, SMPP_BIND_TRANSCEIVER_RESP, SMPP_RINVSYSTYP, 1},
        {"B08", 0, SESSION_ANSWER, SMPP_BIND_TRANSCEIVER_RESP, SMPP_RINVTLVLEN, 1},
        {"B09", 0, SESSION_ANSWER, SMPP_BIND_TRANSCEIVER_RESP, SMPP_RINVCMDLEN, 1},
        {"B17", 0, SESSION_ANSWER, SMPP_BIND_TRANSCEIVER_RESP, SMPP_RINVTLVSTREAM, 1},
        {"B18", 0, SESSION_ANSWER, SMPP_BIND_TRANSCEIVER_RESP, SMPP_RINVTLVSTREAM, 1},
        {"M02", SMPP_BIND_TRANSMITTER, SESSION_ANSWER, SMPP_SUBMIT_SM_RESP, SMPP_RINVCMDLEN, 1},
        {"M02", 0, SESSION_ANSWER, SMPP_SUBMIT_SM_RESP, SMPP_RINVBNDSTS, 1},
        {"M06", SMPP_BIND_TRANSCEIVER, SESSION_ANSWER, SMPP_SUBMIT_SM_RESP, SMPP_RINVSRCADR, 1},
        {"L04", SMPP_BIND_TRANSCEIVER, SESSION_ANSWER, SMPP_SUBMIT_SM_RESP, SMPP_RINVTLVSTREAM, 1},
        {"X01", SMPP_BIND_TRANSCEIVER, SESSION_ANSWER, SMPP_SUBMIT_MULTI_RESP, SMPP_RINVNUMDESTS,
         1},
        {"X02", SMPP_BIND_TRANSMITTER, SESSION_ANSWER, SMPP_SUBMIT_MULTI_RESP, SMPP_RINVDESTFLAG,
         1},
        {"X03", SMPP_BIND_TRANSCEIVER, SESSION_ANSWER, SMPP_DATA_SM_RESP, SMPP_RMISSINGTLV, 1},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct session s =
            rows[i].bind ? mc_bound(rows[i].bind) : session_of(SESSION_MC, &conf);
        enum session_state before = s.state;
        enum session_verdict verdict = receive_row(&s, rows[i].id);

        if (verdict != rows[i].verdict || out.reply.command_status != rows[i].status)
            printf("    row %s\n", rows[i].id);
        check_number(verdict, rows[i].verdict);
        check_reply(rows[i].command_id, rows[i].status, rows[i].sequence);
        check_number(s.state, verdict == SESSION_CLOSE ? SESSION_CLOSED : before);
    }
}

static void
rows_that_pass(void)
{
    static const char *const rows[] = {"M01", "C04", "C17", "Q01", "Q02", "Q03"};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct session s = mc_bound(SMPP_BIND_TRANSCEIVER);

        check_number(receive_row(&s, rows[i]), SESSION_PASS);
        check(!out.has_reply);
        check_number(s.protocol_errors, 0);
    }
}

static void
smpp_f7_c03_unknown_responses_are_counted_and_close_at_100(void)
{
    struct session s = mc_bound(SMPP_BIND_TRANSCEIVER);

    for (uint32_t i = 1; i < 100; i++) {
        check_number(receive_row(&s, "C03"), SESSION_DROP);
        check_number(s.protocol_errors, i);
    }
    check_number(receive_row(&s, "C03"), SESSION_CLOSE);
    check(!out.has_reply && out.why);
    check_number(s.state, SESSION_CLOSED);
    check_number(receive_row(&s, "F16"), SESSION_DROP);
}

static void
c01_the_100th_error_is_still_answered(void)
{
    struct session s = mc_bound(SMPP_BIND_TRANSCEIVER);

    for (uint32_t i = 1; i < 100; i++)
        check_number(receive_row(&s, "C01"), SESSION_ANSWER);
    check_number(receive_row(&s, "C01"), SESSION_CLOSE);
    check_reply(SMPP_GENERIC_NACK, SMPP_RINVCMDID, 9);
}

static void
c06_third_offence_before_the_bind_closes(void)
{
    struct session s = session_of(SESSION_MC, &conf);

    check_number(receive_row(&s, "C06"), SESSION_ANSWER);
    check_number(receive_row(&s, "C07"), SESSION_ANSWER);
    check_number(receive_row(&s, "B05"), SESSION_ANSWER);
    check_number(receive_row(&s, "C06"), SESSION_CLOSE);
    check_reply(SMPP_SUBMIT_SM_RESP, SMPP_RINVBNDSTS, 2);
}

static void
c07_enquire_link_does_not_stop_the_session_init_timer(void)
{
    struct session s = session_of(SESSION_MC, &conf);

    check_number(session_next_ms(&s), START_MS + 10000);
    check_number(receive(&s, SMPP_ENQUIRE_LINK, 0, 2, START_MS + 9000), SESSION_ANSWER);
    check_number(session_tick(&s, START_MS + 9999, &out), SESSION_TICK_NONE);
    check_number(session_tick(&s, START_MS + 10000, &out), SESSION_TICK_CLOSE);
    check(!out.has_reply);
    check_number(session_next_ms(&s), UINT64_MAX);
    check_number(session_tick(&s, UINT64_MAX, &out), SESSION_TICK_NONE);
}

static void
b2_a_bind_being_checked_does_not_stop_it_either(void)
{
    struct session s = session_of(SESSION_MC, &conf);

    check_number(receive_row(&s, "B01"), SESSION_BIND);
    check_number(s.state, SESSION_BINDING);
    check_number(session_tick(&s, START_MS + 10000, &out), SESSION_TICK_CLOSE);
}

static void
b1_nothing_passes_while_the_bind_is_being_checked(void)
{
    struct session s = session_of(SESSION_MC, &conf);

    check_number(receive_row(&s, "B11"), SESSION_BIND);
    check(!out.has_reply);
    check_number(receive_row(&s, "C06"), SESSION_ANSWER);
    check_reply(SMPP_SUBMIT_SM_RESP, SMPP_RINVBNDSTS, 2);
    check_number(receive_row(&s, "B11"), SESSION_ANSWER);
    check_reply(SMPP_BIND_TRANSCEIVER_RESP, SMPP_RALYBND, 1);
    session_bound(&s, SMPP_BIND_TRANSCEIVER, 0x50);
    check_number(s.state, SESSION_BOUND_TRX);
    check_number(s.peer_version, 0x50);
    check_number(receive_row(&s, "M01"), SESSION_PASS);
}

static void
smpp_size_password_b06_the_owner_may_accept_a_long_one(void)
{
    struct session s = session_of(SESSION_MC, &conf);
    struct pdu pdu;

    (void)pdu_decode(smpp_row_get("B06", buf, sizeof(buf)), PDU_STRICT, &pdu);
    check_number(session_receive(&s, &pdu, SMPP_ROK, START_MS, &out), SESSION_BIND);
}

static void
c11_what_follows_an_unbind_is_not_acknowledged(void)
{
    struct session s = mc_bound(SMPP_BIND_TRANSCEIVER);

    check_number(receive_row_pdu(&s, "C11", 0), SESSION_CLOSE);
    check_reply(SMPP_UNBIND_RESP, 0, 3);
    check_number(s.state, SESSION_UNBINDING);
    check_number(receive_row_pdu(&s, "C11", 1), SESSION_DROP);
    check(!out.has_reply);
}

static void
smpp_f8_s6_c13_c14_a_response_must_match_number_and_type(void)
{
    struct session s = mc_bound(SMPP_BIND_TRANSCEIVER);

    check_number(send_one(&s, 42, START_MS), 1);
    check_number(receive_row(&s, "C13"), SESSION_DROP);
    check_number(s.unmatched_responses, 1);
    check_number(receive_row(&s, "C14"), SESSION_DROP);
    check_number(s.unmatched_responses, 2);
    check_number(s.outstanding, 1);
    check_number(s.protocol_errors, 0);
    check_number(receive(&s, SMPP_DELIVER_SM_RESP, 0, 1, START_MS), SESSION_RESULT);
    check_number(out.token.id, 42);
    check_number(s.outstanding, 0);
}

static void
smpp_f9_c15_three_nacks_without_a_number_within_a_minute_close(void)
{
    struct session s = esme_bound();

    send_one(&s, 1, START_MS);
    check_number(receive_row(&s, "C15"), SESSION_DROP);
    check_number(s.outstanding, 1);
    check_number(receive(&s, SMPP_GENERIC_NACK, 3, 0, START_MS + 59999), SESSION_DROP);
    check_number(receive(&s, SMPP_GENERIC_NACK, 3, 0, START_MS + 60001), SESSION_DROP);
    check_number(receive(&s, SMPP_GENERIC_NACK, 3, 0, START_MS + 60002), SESSION_DROP);
    check_number(receive(&s, SMPP_GENERIC_NACK, 3, 0, START_MS + 60003), SESSION_CLOSE);
    check(!out.has_reply);
    check_number(s.outstanding, 1);
}

static void
smpp_f9_c16_a_nack_fails_the_request_it_names(void)
{
    struct session s = esme_bound();

    while (s.next_sequence <= 5)
        send_one(&s, s.next_sequence, START_MS);
    check_number(receive_row(&s, "C16"), SESSION_RESULT);
    check_number(out.token.id, 5);
    check_number(out.status, SMPP_RINVCMDLEN);
    check_number(receive(&s, SMPP_GENERIC_NACK, 0, 4, START_MS), SESSION_RESULT);
    check_number(out.token.id, 4);
    check(out.status != SMPP_ROK);
}

static void
smpp_op_alert_notification_c18_alert_notification_has_no_response(void)
{
    struct session s = esme_bound();

    check_number(receive_row(&s, "C18"), SESSION_PASS);
    check(!out.has_reply);
    check_number(s.protocol_errors, 0);
    s = mc_bound(SMPP_BIND_TRANSCEIVER);
    check_number(receive_row(&s, "C18"), SESSION_DROP);
    check_number(s.protocol_errors, 1);
}

static void
smpp_op_outbind_c19_passes_before_the_bind_only(void)
{
    struct session s = session_of(SESSION_MC, &conf);

    check_number(receive_row(&s, "C19"), SESSION_PASS);
    check(!out.has_reply);
    s = mc_bound(SMPP_BIND_TRANSCEIVER);
    check_number(receive_row(&s, "C19"), SESSION_DROP);
    check_number(s.protocol_errors, 1);
    s = session_of(SESSION_ESME, &conf);
    check_number(receive_row(&s, "C19"), SESSION_PASS);
    s = esme_bound();
    check_number(receive_row(&s, "C19"), SESSION_DROP);
    check_number(s.protocol_errors, 1);
}

static void
q04_the_peer_may_repeat_a_number(void)
{
    struct session s = mc_bound(SMPP_BIND_TRANSCEIVER);

    check_number(receive_row_pdu(&s, "Q04", 0), SESSION_PASS);
    check_number(receive_row_pdu(&s, "Q04", 1), SESSION_PASS);
}

static void
q05_the_first_of_two_responses_wins(void)
{
    struct session s = esme_bound();

    while (s.next_sequence <= 5)
        send_one(&s, s.next_sequence, START_MS);
    check_number(receive_row_pdu(&s, "Q05", 0), SESSION_RESULT);
    check_number(out.token.id, 5);
    check_number(receive_row_pdu(&s, "Q05", 1), SESSION_DROP);
    check_number(s.unmatched_responses, 1);
}

static void
smpp_s1_s2_q06_numbers_wrap_to_1_and_pass_over_those_in_flight(void)
{
    struct session s = esme_bound();

    s.next_sequence = 2;
    check_number(send_one(&s, 2, START_MS), 2);
    s.next_sequence = 0x7FFFFFFE;
    check_number(send_one(&s, 0, START_MS), 0x7FFFFFFE);
    check_number(send_one(&s, 0, START_MS), 0x7FFFFFFF);
    check_number(send_one(&s, 0, START_MS), 1);
    check_number(send_one(&s, 0, START_MS), 3);
    check_number(receive(&s, SMPP_SUBMIT_SM_RESP, 0, 2, START_MS), SESSION_RESULT);
    check_number(out.token.id, 2);
}

static void
smpp_s5_responses_come_in_any_order(void)
{
    struct session s = esme_bound();
    uint32_t sequence[10];

    for (uint32_t i = 0; i < 10; i++)
        sequence[i] = send_one(&s, 100 + i, START_MS);
    for (uint32_t i = 0; i < 10; i++) {
        uint32_t k = i * 7 % 10;

        check_number(receive(&s, SMPP_SUBMIT_SM_RESP, 0, sequence[k], START_MS), SESSION_RESULT);
        check_number(out.token.id, 100 + k);
        check(!out.late);
    }
    check_number(s.outstanding, 0);
}

static void
smpp_s4_each_direction_has_its_own_numbers(void)
{
    struct session s = esme_bound();
    uint32_t sequence = send_one(&s, 7, START_MS);

    check_number(receive(&s, SMPP_DELIVER_SM, 0, sequence, START_MS), SESSION_PASS);
    check_number(receive(&s, SMPP_SUBMIT_SM_RESP, 0, sequence, START_MS), SESSION_RESULT);
    check_number(out.token.id, 7);
}

static void
smpp_s7_the_window_counts_only_requests(void)
{
    struct session s = esme_bound();
    uint32_t sequence;

    for (uint32_t i = 0; i < 10; i++)
        send_one(&s, i, START_MS);
    check(!session_send(&s, SMPP_SUBMIT_SM, (struct session_token){0}, START_MS, &sequence));
    check_number(receive(&s, SMPP_ENQUIRE_LINK, 0, 5, START_MS), SESSION_ANSWER);
    check_number(receive(&s, SMPP_DELIVER_SM, 0, 6, START_MS), SESSION_PASS);
    check(session_sequence(&s) != 0);
    check_number(receive(&s, SMPP_SUBMIT_SM_RESP, 0, 2, START_MS), SESSION_RESULT);
    check(session_send(&s, SMPP_SUBMIT_SM, (struct session_token){0}, START_MS, &sequence));
}

static void
smpp_u8_a_late_response_still_settles_its_request(void)
{
    struct session s = esme_bound();
    uint32_t first = send_one(&s, 1, START_MS + 1);
    uint32_t second = send_one(&s, 2, START_MS + 2);

    check_number(session_next_ms(&s), START_MS + 30001);
    check_number(session_tick(&s, START_MS + 30000, &out), SESSION_TICK_NONE);
    check_number(session_tick(&s, START_MS + 30001, &out), SESSION_TICK_TIMEOUT);
    check_number(out.token.id, 1);
    check_number(s.outstanding, 1);
    check_number(session_tick(&s, START_MS + 30001, &out), SESSION_TICK_NONE);
    check_number(session_tick(&s, START_MS + 30002, &out), SESSION_TICK_TIMEOUT);
    check_number(out.token.id, 2);
    check_number(receive(&s, SMPP_SUBMIT_SM_RESP, 0, first, START_MS + 40000), SESSION_RESULT);
    check_number(out.token.id, 1);
    check(out.late);
    check_number(receive(&s, SMPP_SUBMIT_SM_RESP, 0, second, START_MS + 500000), SESSION_RESULT);
    check(out.late);
    check_number(s.late, 0);
}

static void
smpp_s8_three_requests_overdue_in_a_row_close(void)
{
    struct session s = esme_bound();
    uint32_t sequence = 0;

    for (uint32_t i = 0; i < 5; i++) {
        sequence = send_one(&s, i, START_MS);
        check_number(session_tick(&s, START_MS + 30000, &out), SESSION_TICK_TIMEOUT);
        if (i < 2 || i == 3)
            check_number(session_tick(&s, START_MS + 30000, &out), SESSION_TICK_NONE);
        if (i == 1)
            check_number(receive(&s, SMPP_SUBMIT_SM_RESP, 0, sequence, START_MS), SESSION_RESULT);
    }
    check_number(session_next_ms(&s), 0);
    check_number(session_tick(&s, START_MS + 30000, &out), SESSION_TICK_CLOSE);
    check(out.has_reply);
    check_number(out.reply.command_id, SMPP_UNBIND);
    check_number(s.state, SESSION_CLOSED);
}

static void
smpp_s8_late_requests_are_forgotten_oldest_first(void)
{
    struct session_conf small = conf;
    struct session s;
    uint32_t sequence[12];

    small.window = 1;
    s = esme_bound_with(&small);
    for (uint32_t i = 0; i < 12; i++) {
        sequence[i] = send_one(&s, i, START_MS);
        check_number(session_tick(&s, START_MS + 30000, &out), SESSION_TICK_TIMEOUT);
        s.timeouts_in_row = 0;
    }
    check_number(s.late, SESSION_LATE_WINDOWS);
    check_number(receive(&s, SMPP_SUBMIT_SM_RESP, 0, sequence[1], START_MS), SESSION_DROP);
    check_number(receive(&s, SMPP_SUBMIT_SM_RESP, 0, sequence[2], START_MS), SESSION_RESULT);
    check_number(out.token.id, 2);
}

static void
smpp_u3_what_is_in_doubt_can_be_taken(void)
{
    struct session s = esme_bound();
    struct session_token token;
    uint32_t second;

    send_one(&s, 1, START_MS);
    second = send_one(&s, 2, START_MS + 5000);
    send_one(&s, 3, START_MS + 5000);
    check_number(session_tick(&s, START_MS + 30000, &out), SESSION_TICK_TIMEOUT);
    check_number(receive(&s, SMPP_SUBMIT_SM_RESP, 0, second, START_MS + 30000), SESSION_RESULT);
    check(session_take_unanswered(&s, &token) && token.id == 3);
    check(session_take_unanswered(&s, &token) && token.id == 1);
    check(!session_take_unanswered(&s, &token));
    check_number(s.outstanding, 0);
}

static void
smpp_u1_u2_our_unbind_waits_for_its_response(void)
{
    struct session s = esme_bound();
    uint32_t request = send_one(&s, 9, START_MS);
    uint32_t unbind = session_sequence(&s);

    session_unbinding(&s, unbind, START_MS);
    check(!session_can_send_sm(&s));
    check_number(receive(&s, SMPP_DELIVER_SM, 0, 1, START_MS), SESSION_DROP);
    check_number(receive(&s, SMPP_ENQUIRE_LINK, 0, 2, START_MS), SESSION_ANSWER);
    check_number(receive(&s, SMPP_SUBMIT_SM_RESP, 0, request, START_MS), SESSION_RESULT);
    check_number(receive(&s, SMPP_UNBIND_RESP, 0, unbind + 1, START_MS), SESSION_DROP);
    check_number(receive(&s, SMPP_UNBIND_RESP, 0, unbind, START_MS), SESSION_CLOSE);
    check_number(s.state, SESSION_CLOSED);
}

static void
smpp_u2_an_unbind_without_response_ends_too(void)
{
    struct session s = esme_bound();

    session_unbinding(&s, session_sequence(&s), START_MS + 5);
    check_number(session_next_ms(&s), START_MS + 30005);
    check_number(session_tick(&s, START_MS + 30005, &out), SESSION_TICK_CLOSE);
    s = esme_bound();
    session_unbinding(&s, session_sequence(&s), START_MS);
    check_number(receive(&s, SMPP_UNBIND, 0, 3, START_MS), SESSION_CLOSE);
    check_reply(SMPP_UNBIND_RESP, 0, 3);
}

static void
smpp_u4_enquire_link_is_answered_in_any_state(void)
{
    struct session s = session_of(SESSION_ESME, &conf);

    check_number(receive(&s, SMPP_ENQUIRE_LINK, 0, 1, START_MS), SESSION_ANSWER);
    session_binding(&s, SMPP_BIND_RECEIVER, session_sequence(&s), START_MS);
    check_number(receive(&s, SMPP_ENQUIRE_LINK, 0, 0xFFFFFFFF, START_MS), SESSION_ANSWER);
    check_reply(SMPP_ENQUIRE_LINK_RESP, 0, 0xFFFFFFFF);
    s = mc_bound(SMPP_BIND_RECEIVER);
    check_number(receive(&s, SMPP_UNBIND, 0, 1, START_MS), SESSION_CLOSE);
    check_number(receive(&s, SMPP_ENQUIRE_LINK, 0, 2, START_MS), SESSION_ANSWER);
}

static void
smpp_u5_u6_silence_is_probed_and_three_misses_close(void)
{
    struct session s = esme_bound();
    uint64_t now = START_MS + 60000;

    check_number(session_next_ms(&s), now);
    check_number(session_tick(&s, now - 1, &out), SESSION_TICK_NONE);
    for (uint32_t i = 0; i < 3; i++) {
        check_number(session_tick(&s, now, &out), SESSION_TICK_ENQUIRE);
        check_reply(SMPP_ENQUIRE_LINK, 0, 2 + i);
        check_number(session_tick(&s, now, &out), SESSION_TICK_NONE);
        now += 30000;
        check_number(session_next_ms(&s), now);
        check_number(session_tick(&s, now - 1, &out), SESSION_TICK_NONE);
    }
    check_number(session_tick(&s, now, &out), SESSION_TICK_CLOSE);
    check(out.why != NULL);
}

static void
smpp_u5_any_pdu_proves_the_link(void)
{
    struct session s = esme_bound();
    uint32_t sequence;

    check_number(session_tick(&s, START_MS + 60000, &out), SESSION_TICK_ENQUIRE);
    sequence = out.reply.sequence_number;
    check_number(session_tick(&s, START_MS + 90000, &out), SESSION_TICK_ENQUIRE);
    check_number(receive(&s, SMPP_DELIVER_SM, 0, 1, START_MS + 95000), SESSION_PASS);
    check_number(s.enquire_misses, 0);
    check_number(session_next_ms(&s), START_MS + 155000);
    check_number(receive(&s, SMPP_ENQUIRE_LINK_RESP, 0, sequence + 1, START_MS + 96000),
                 SESSION_DROP);
    check_number(s.unmatched_responses, 0);
    check_number(session_next_ms(&s), START_MS + 156000);
}

static void
smpp_u7_inactivity_does_not_count_probes(void)
{
    struct session_conf idle = conf;
    struct session s;

    idle.inactivity_ms = 100000;
    s = esme_bound_with(&idle);
    check_number(receive(&s, SMPP_ENQUIRE_LINK, 0, 1, START_MS + 50000), SESSION_ANSWER);
    check_number(receive(&s, SMPP_DELIVER_SM, 0, 2, START_MS + 50000), SESSION_PASS);
    check_number(receive(&s, SMPP_ENQUIRE_LINK, 0, 1, START_MS + 100000), SESSION_ANSWER);
    check_number(receive(&s, SMPP_ENQUIRE_LINK, 0, 1, START_MS + 149999), SESSION_ANSWER);
    check_number(session_tick(&s, START_MS + 149999, &out), SESSION_TICK_NONE);
    check_number(session_tick(&s, START_MS + 150000, &out), SESSION_TICK_CLOSE);
    check_reply(SMPP_UNBIND, 0, out.reply.sequence_number);
}

static void
timers_that_are_off_never_run(void)
{
    static const struct session_conf off = {.window = 1};
    struct session s = session_of(SESSION_MC, &off);

    check_number(session_next_ms(&s), UINT64_MAX);
    session_bound(&s, SMPP_BIND_TRANSCEIVER, SMPP_VERSION_34);
    send_one(&s, 1, START_MS);
    check_number(session_next_ms(&s), UINT64_MAX);
    check_number(session_tick(&s, UINT64_MAX - 1, &out), SESSION_TICK_NONE);
}

static void
smpp_b11_b12_our_bind_may_be_refused_and_tried_again(void)
{
    struct session s = session_of(SESSION_ESME, &conf);
    uint32_t sequence = session_sequence(&s);

    session_binding(&s, SMPP_BIND_TRANSCEIVER, sequence, START_MS);
    check_number(receive(&s, SMPP_BIND_TRANSCEIVER_RESP, 0, sequence + 7, START_MS), SESSION_DROP);
    check_number(receive(&s, SMPP_GENERIC_NACK, SMPP_RINVCMDID, sequence, START_MS),
                 SESSION_BIND_RESULT);
    check_number(out.status, SMPP_RINVCMDID);
    check_number(s.state, SESSION_OPEN);
    sequence = session_sequence(&s);
    session_binding(&s, SMPP_BIND_RECEIVER, sequence, START_MS);
    check_number(receive(&s, SMPP_BIND_RECEIVER_RESP, SMPP_RBINDFAIL, sequence, START_MS),
                 SESSION_BIND_RESULT);
    check_number(out.status, SMPP_RBINDFAIL);
    check_number(s.state, SESSION_OPEN);
}

static void
smpp_b18_the_wrong_kind_of_bind_resp_binds_as_asked(void)
{
    struct session s = session_of(SESSION_ESME, &conf);
    uint32_t sequence = session_sequence(&s);

    session_binding(&s, SMPP_BIND_RECEIVER, sequence, START_MS);
    check_number(receive(&s, SMPP_BIND_TRANSMITTER_RESP, 0, sequence, START_MS),
                 SESSION_BIND_RESULT);
    check_number(s.state, SESSION_BOUND_RX);
    check(!session_can_send_sm(&s));
}

/* What is spoken after a bind_resp that says `version` (0: none) to a bind as ours; assumed: what a
 * carrier is taken for that does not say. */
static uint8_t
version_spoken(uint8_t ours, uint8_t assumed, uint8_t version)
{
    struct session s = session_of(SESSION_ESME, &conf);
    uint32_t sequence = session_sequence(&s);
    struct pdu pdu;
    size_t n = version ? check_hex("00000016 80000009 00000000 00000001 00 0210 0001 00", buf,
                                   sizeof(buf))
                       : check_hex("00000011 80000009 00000000 00000001 00", buf, sizeof(buf));

    if (version)
        buf[n - 1] = version;
    s.our_version = ours;
    s.peer_version = assumed;
    session_binding(&s, SMPP_BIND_TRANSCEIVER, sequence, START_MS);
    check_number(session_receive(&s, &pdu, pdu_decode(slice_of(buf, n), PDU_LENIENT, &pdu),
                                 START_MS, &out), SESSION_BIND_RESULT);
    check_number(s.version_said, version != 0);
    return s.peer_version;
}

static void
smpp_b10_the_version_of_the_carrier(void)
{
    static const struct {
        uint8_t ours, assumed, said, spoken;
    } rows[] = {
        {0x34, 0x34, 0, 0x34},    {0x34, 0x33, 0, 0x33},    {0x34, 0x33, 0x34, 0x34},
        {0x34, 0x34, 0x33, 0x33}, {0x34, 0x34, 0x50, 0x34}, {0x34, 0x50, 0, 0x34},
        {0x33, 0x34, 0, 0x33},    {0x33, 0x34, 0x34, 0x33}, {0x50, 0x34, 0, 0x34},
        {0x50, 0x34, 0x50, 0x50}, {0x50, 0x50, 0, 0x50},    {0x50, 0x50, 0x34, 0x34},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_number(version_spoken(rows[i].ours, rows[i].assumed, rows[i].said), rows[i].spoken);
    check_number(esme_bound().peer_version, SMPP_VERSION_34);
}

/* Two binds to one carrier: a response counts only where its request went. */
static void
smpp_s6_a_response_on_another_session_is_none(void)
{
    static struct session_slot other_slots[WINDOW_MAX * (1 + SESSION_LATE_WINDOWS)];
    struct session s = esme_bound(), other;

    session_init(&other, SESSION_ESME, &conf, other_slots,
                 sizeof(other_slots) / sizeof(other_slots[0]), START_MS);
    session_binding(&other, SMPP_BIND_TRANSCEIVER, session_sequence(&other), START_MS);
    check_number(receive(&other, SMPP_BIND_TRANSCEIVER_RESP, 0, 1, START_MS), SESSION_BIND_RESULT);
    check_number(send_one(&s, 42, START_MS), 2);
    check_number(receive(&other, SMPP_SUBMIT_SM_RESP, 0, 2, START_MS), SESSION_DROP);
    check_number(other.unmatched_responses, 1);
    check_number(s.outstanding, 1);
    check_number(receive(&s, SMPP_SUBMIT_SM_RESP, 0, 2, START_MS), SESSION_RESULT);
    check_number(out.token.id, 42);
}

/* Whatever number a carrier's request has, its answer has it too. */
static void
smpp_s3_numbers_of_the_peer_are_echoed(void)
{
    static const uint32_t numbers[] = {0, 1, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
    struct session s = esme_bound();

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        check_number(receive(&s, SMPP_ENQUIRE_LINK, 0, numbers[i], START_MS), SESSION_ANSWER);
        check_reply(SMPP_ENQUIRE_LINK_RESP, 0, numbers[i]);
        check_number(receive(&s, SMPP_SUBMIT_SM, 0, numbers[i], START_MS), SESSION_ANSWER);
        check_reply(SMPP_SUBMIT_SM_RESP, SMPP_RINVBNDSTS, numbers[i]);
    }
    check_number(receive(&s, SMPP_UNBIND, 0, 0x80000007, START_MS), SESSION_CLOSE);
    check_reply(SMPP_UNBIND_RESP, 0, 0x80000007);
}

/* F18, F19, F20: an error may come with a body or without, and a response without a message_id is
 * one. */
static void
smpp_f18_f19_f20_responses_of_any_length(void)
{
    static const struct {
        const char *hex;
        uint32_t status;
        const char *message_id;
    } rows[] = {
        {"00000010 80000004 00000058 00000002", 0x58, ""},
        {"00000011 80000004 00000058 00000002 00", 0x58, ""},
        {"00000013 80000004 00000058 00000002 616200", 0x58, "ab"},
        {"00000011 80000004 00000000 00000002 00", 0, ""},
        {"00000010 80000004 00000000 00000002", 0, ""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct session s = esme_bound();
        size_t n = check_hex(rows[i].hex, buf, sizeof(buf));
        struct pdu pdu;

        send_one(&s, 42, START_MS);
        check_number(session_receive(&s, &pdu, pdu_decode(slice_of(buf, n), PDU_LENIENT, &pdu),
                                     START_MS, &out), SESSION_RESULT);
        check_number(out.token.id, 42);
        check_number(out.status, rows[i].status);
        check_text(pdu.body.message_id, rows[i].message_id);
        check_number(s.protocol_errors, 0);
    }
}

static void
a_bind_that_is_not_answered_ends(void)
{
    struct session_conf slow = conf;
    struct session s;

    slow.session_init_ms = 0;
    s = session_of(SESSION_ESME, &slow);
    session_binding(&s, SMPP_BIND_TRANSMITTER, session_sequence(&s), START_MS + 1);
    check_number(session_next_ms(&s), START_MS + 30001);
    check_number(session_tick(&s, START_MS + 30001, &out), SESSION_TICK_CLOSE);
}

/* Every request in every state and direction: what is not legal is refused, never passed. */
static void
b15_every_request_in_every_state(void)
{
    static const uint32_t binds[] = {0, SMPP_BIND_TRANSMITTER, SMPP_BIND_RECEIVER,
                                     SMPP_BIND_TRANSCEIVER};
    static const struct {
        uint32_t command_id;
        const char *mc, *esme;      /* passes in: open, tx, rx, trx */
    } requests[] = {
        {SMPP_SUBMIT_SM, "nyny", "nnnn"},     {SMPP_SUBMIT_MULTI, "nyny", "nnnn"},
        {SMPP_QUERY_SM, "nyny", "nnnn"},      {SMPP_CANCEL_SM, "nyny", "nnnn"},
        {SMPP_REPLACE_SM, "nyny", "nnnn"},    {SMPP_DATA_SM, "nyny", "nnyy"},
        {SMPP_DELIVER_SM, "nnnn", "nnyy"},    {SMPP_BROADCAST_SM, "nnnn", "nnnn"},
        {SMPP_BIND_RECEIVER, "nnnn", "nnnn"}, {0x1234, "nnnn", "nnnn"},
    };

    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]) * 8; i++) {
        size_t which = i / 8, k = i % 4;
        bool mc = i % 8 < 4;
        struct session s = session_of(mc ? SESSION_MC : SESSION_ESME, &conf);
        bool pass = (mc ? requests[which].mc : requests[which].esme)[k] == 'y';
        enum session_verdict verdict;

        if (binds[k] && mc) {
            session_bound(&s, binds[k], SMPP_VERSION_34);
        } else if (binds[k]) {
            session_binding(&s, binds[k], session_sequence(&s), START_MS);
            check_number(receive(&s, binds[k] | SMPP_RESPONSE_BIT, 0, 1, START_MS),
                         SESSION_BIND_RESULT);
        }
        verdict = receive(&s, requests[which].command_id, 0, 77, START_MS);
        if (mc && k == 0 && smpp_is_bind(requests[which].command_id))
            check_number(verdict, SESSION_BIND);
        else
            check_number(verdict, pass ? SESSION_PASS : SESSION_ANSWER);
        check_number(session_can_send_sm(&s), k == 3 || k == (mc ? 2 : 1));
        check_number(session_is_bound(&s), k != 0);
    }
}

/* The window against a plain model, with responses in random order, losses and wrap-around. */
static void
smpp_s5_the_window_agrees_with_a_model(void)
{
    struct session_conf model_conf = conf;
    struct session s;
    uint32_t waiting[WINDOW_MAX], count = 0;
    uint64_t now = START_MS;
    uint32_t random = 12345;

    model_conf.window = WINDOW_MAX;
    model_conf.enquire_link_ms = 0;
    s = esme_bound_with(&model_conf);
    s.next_sequence = 0x7FFFFFFF - 1000;
    for (uint32_t i = 0; i < 50000; i++) {
        random = random * 1664525 + 1013904223;
        now += random >> 28;
        s.timeouts_in_row = 0;
        if (random >> 16 & 1) {
            uint32_t sequence;
            bool sent = session_send(&s, SMPP_SUBMIT_SM, (struct session_token){i, 0}, now,
                                     &sequence);

            check_number(sent, count < WINDOW_MAX);
            if (sent)
                waiting[count++] = sequence;
        } else if (count > 0 && (random >> 17 & 7) != 0) {
            uint32_t k = (random >> 20) % count;

            check_number(receive(&s, SMPP_SUBMIT_SM_RESP, 0, waiting[k], now), SESSION_RESULT);
            check(!out.late);
            memmove(waiting + k, waiting + k + 1, (count - k - 1) * sizeof(waiting[0]));
            count--;
        } else if (count == WINDOW_MAX) {
            now += 30000;
            while (count > 0) {
                check_number(session_tick(&s, now, &out), SESSION_TICK_TIMEOUT);
                s.timeouts_in_row = 0;
                count--;
            }
            check_number(session_tick(&s, now, &out), SESSION_TICK_NONE);
        }
        check_number(s.outstanding, count);
    }
}

static void
every_enum_has_names(void)
{
    for (int i = 0; i < SESSION_STATES; i++)
        check(session_state_name((enum session_state)i)[0] != '?');
    for (int i = 0; i <= SESSION_CLOSE; i++)
        check(session_verdict_name((enum session_verdict)i)[0] != '?');
    for (int i = 0; i <= SESSION_TICK_CLOSE; i++)
        check(session_tick_name((enum session_tick)i)[0] != '?');
    check_text(slice_str(session_state_name(SESSION_BOUND_TRX)), "bound_trx");
    check_text(slice_str(session_role_name(SESSION_MC)), "mc");
}

static void
smpp_op_broadcast_sm_on_50_is_denied(void)
{
    static const uint32_t commands[] = {SMPP_BROADCAST_SM, SMPP_QUERY_BROADCAST_SM,
                                        SMPP_CANCEL_BROADCAST_SM};

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        struct session s = mc_bound(SMPP_BIND_TRANSCEIVER);
        struct pdu pdu = {.command_id = commands[i], .sequence_number = 7};

        check_number(session_receive(&s, &pdu, SMPP_RINVCMDID, START_MS, &out), SESSION_ANSWER);
        check_number(out.reply.command_id, SMPP_GENERIC_NACK);
        s.peer_version = SMPP_VERSION_50;
        check_number(session_receive(&s, &pdu, SMPP_RINVCMDID, START_MS, &out), SESSION_ANSWER);
        check_number(out.reply.command_id, commands[i] | SMPP_RESPONSE_BIT);
        check_number(out.reply.command_status, SMPP_RPROHIBITED);
        check_number(out.reply.sequence_number, 7);
        s = mc_bound(SMPP_BIND_RECEIVER);
        s.peer_version = SMPP_VERSION_50;
        (void)session_receive(&s, &pdu, SMPP_RINVCMDID, START_MS, &out);
        check_number(out.reply.command_status, SMPP_RINVBNDSTS);
    }
}

CHECK_MAIN({"smpp_op_broadcast_sm_on_50_is_denied", smpp_op_broadcast_sm_on_50_is_denied},

    {"rows_have_their_answer", rows_have_their_answer},
    {"rows_that_pass", rows_that_pass},
    {"smpp_f7_c03_unknown_responses_are_counted_and_close_at_100",
     smpp_f7_c03_unknown_responses_are_counted_and_close_at_100},
    {"c01_the_100th_error_is_still_answered", c01_the_100th_error_is_still_answered},
    {"c06_third_offence_before_the_bind_closes", c06_third_offence_before_the_bind_closes},
    {"c07_enquire_link_does_not_stop_the_session_init_timer",
     c07_enquire_link_does_not_stop_the_session_init_timer},
    {"b2_a_bind_being_checked_does_not_stop_it_either",
     b2_a_bind_being_checked_does_not_stop_it_either},
    {"b1_nothing_passes_while_the_bind_is_being_checked",
     b1_nothing_passes_while_the_bind_is_being_checked},
    {"smpp_size_password_b06_the_owner_may_accept_a_long_one",
     smpp_size_password_b06_the_owner_may_accept_a_long_one},
    {"c11_what_follows_an_unbind_is_not_acknowledged",
     c11_what_follows_an_unbind_is_not_acknowledged},
    {"smpp_f8_s6_c13_c14_a_response_must_match_number_and_type",
     smpp_f8_s6_c13_c14_a_response_must_match_number_and_type},
    {"smpp_f9_c15_three_nacks_without_a_number_within_a_minute_close",
     smpp_f9_c15_three_nacks_without_a_number_within_a_minute_close},
    {"smpp_f9_c16_a_nack_fails_the_request_it_names",
     smpp_f9_c16_a_nack_fails_the_request_it_names},
    {"smpp_op_alert_notification_c18_alert_notification_has_no_response",
     smpp_op_alert_notification_c18_alert_notification_has_no_response},
    {"smpp_op_outbind_c19_passes_before_the_bind_only",
     smpp_op_outbind_c19_passes_before_the_bind_only},
    {"q04_the_peer_may_repeat_a_number", q04_the_peer_may_repeat_a_number},
    {"q05_the_first_of_two_responses_wins", q05_the_first_of_two_responses_wins},
    {"smpp_s1_s2_q06_numbers_wrap_to_1_and_pass_over_those_in_flight",
     smpp_s1_s2_q06_numbers_wrap_to_1_and_pass_over_those_in_flight},
    {"smpp_s5_responses_come_in_any_order", smpp_s5_responses_come_in_any_order},
    {"smpp_s4_each_direction_has_its_own_numbers", smpp_s4_each_direction_has_its_own_numbers},
    {"smpp_s7_the_window_counts_only_requests", smpp_s7_the_window_counts_only_requests},
    {"smpp_u8_a_late_response_still_settles_its_request",
     smpp_u8_a_late_response_still_settles_its_request},
    {"smpp_s8_three_requests_overdue_in_a_row_close",
     smpp_s8_three_requests_overdue_in_a_row_close},
    {"smpp_s8_late_requests_are_forgotten_oldest_first",
     smpp_s8_late_requests_are_forgotten_oldest_first},
    {"smpp_u3_what_is_in_doubt_can_be_taken", smpp_u3_what_is_in_doubt_can_be_taken},
    {"smpp_u1_u2_our_unbind_waits_for_its_response", smpp_u1_u2_our_unbind_waits_for_its_response},
    {"smpp_u2_an_unbind_without_response_ends_too", smpp_u2_an_unbind_without_response_ends_too},
    {"smpp_u4_enquire_link_is_answered_in_any_state",
     smpp_u4_enquire_link_is_answered_in_any_state},
    {"smpp_u5_u6_silence_is_probed_and_three_misses_close",
     smpp_u5_u6_silence_is_probed_and_three_misses_close},
    {"smpp_u5_any_pdu_proves_the_link", smpp_u5_any_pdu_proves_the_link},
    {"smpp_u7_inactivity_does_not_count_probes", smpp_u7_inactivity_does_not_count_probes},
    {"timers_that_are_off_never_run", timers_that_are_off_never_run},
    {"smpp_b11_b12_our_bind_may_be_refused_and_tried_again",
     smpp_b11_b12_our_bind_may_be_refused_and_tried_again},
    {"smpp_b18_the_wrong_kind_of_bind_resp_binds_as_asked",
     smpp_b18_the_wrong_kind_of_bind_resp_binds_as_asked},
    {"smpp_b10_the_version_of_the_carrier", smpp_b10_the_version_of_the_carrier},
    {"smpp_s6_a_response_on_another_session_is_none",
     smpp_s6_a_response_on_another_session_is_none},
    {"smpp_s3_numbers_of_the_peer_are_echoed", smpp_s3_numbers_of_the_peer_are_echoed},
    {"smpp_f18_f19_f20_responses_of_any_length", smpp_f18_f19_f20_responses_of_any_length},
    {"a_bind_that_is_not_answered_ends", a_bind_that_is_not_answered_ends},
    {"b15_every_request_in_every_state", b15_every_request_in_every_state},
    {"smpp_s5_the_window_agrees_with_a_model", smpp_s5_the_window_agrees_with_a_model},
    {"every_enum_has_names", every_enum_has_names})

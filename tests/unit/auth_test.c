/*
 * auth_test.c: who may bind (bad-input.md B01 to B16, conformance B4), and rates.
 */
#include "gateway/auth.h"

#include <netinet/in.h>
#include <stdio.h>

#include "tests/unit/check.h"

static const struct conf_net office[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 64}, 96 + 26},
    {{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 7}, 64},
};

enum { CRM, TX, CERTIFIED, HASHED, FENCED, LONG };
static const struct dir_app apps[] = {
    {.system_id = "crm", .password = "secret", .allow_transmitter = true, .allow_receiver = true,
     .allow_transceiver = true, .binds_max = 2, .window = 10},
    {.system_id = "tx", .password = "12345678", .allow_transmitter = true, .binds_max = 1},
    {.system_id = "certified", .password = "secret", .certificate = "cn:crm",
     .allow_transceiver = true, .binds_max = 1},
    {.system_id = "hashed", .password = "", .password_hash = "hash of secret",
     .allow_transceiver = true, .binds_max = 2},
    {.system_id = "fenced", .password = "", .password_hash = "hash of secret", .allow = office,
     .allow_count = 2, .allow_transceiver = true, .binds_max = 2},
    {.system_id = "long", .password = "123456789", .password_long = true,
     .allow_transceiver = true, .binds_max = 2},
};
static const struct dir_account account = {.id = "acme", .apps = apps, .app_count = 3};
static const struct conf conf = {.accounts = &account, .account_count = 1};
/* The same with apps that have hashes. */
static const struct dir_account hashes = {.id = "acme", .apps = apps, .app_count = 6};
static const struct conf hashed_conf = {.accounts = &hashes, .account_count = 1};

static struct auth auth;
static unsigned compared;               /* hashes, by try() */

static struct address
address(const char *text)
{
    struct address out;

    check(address_parse(text, 1234, &out));
    return out;
}

/* The hash of a password is "hash of PASSWORD" here. */
static enum hash_result
compare(const char *hash, struct slice password)
{
    compared++;
    return slice_eq(slice_str(hash + strlen("hash of ")), password) ? HASH_MATCH : HASH_MISMATCH;
}

static enum smpp_status
answered(struct auth_request *request)
{
    struct auth_answer answer = auth_bind(&auth, request);

    while (answer.verdict == AUTH_HASH)
        answer = auth_hashed(&auth, request, answer.hash,
                             compare(answer.hash, request->bind->body.bind.password));
    check((answer.verdict == AUTH_ACCEPT) == (answer.app != NULL));
    check(answer.verdict == AUTH_ACCEPT || (answer.why && answer.status != SMPP_ROK));
    return answer.verdict == AUTH_ACCEPT ? SMPP_ROK : answer.status;
}

static struct pdu
bind_of(const char *system_id, const char *password)
{
    struct pdu bind = {.command_id = SMPP_BIND_TRANSCEIVER};

    bind.body.bind.system_id = slice_str(system_id);
    bind.body.bind.password = slice_str(password);
    return bind;
}

static enum smpp_status
try(const char *from, const char *system_id, const char *password, uint64_t now_ms)
{
    struct address peer = address(from);
    struct pdu bind = bind_of(system_id, password);
    struct auth_request request = {.bind = &bind, .address = &peer, .now_ms = now_ms};

    return answered(&request);
}

static enum smpp_status
try_specific(const char *system_id, const char *password)
{
    struct address peer = address("192.0.2.1");
    struct pdu bind = bind_of(system_id, password);
    struct auth_request request = {.bind = &bind, .address = &peer, .now_ms = 1000,
                                   .errors = BIND_ERRORS_SPECIFIC};

    return answered(&request);
}

static void
setup(void)
{
    check(auth_init(&auth, &conf));
}

static void
setup_hashed(void)
{
    check(auth_init(&auth, &hashed_conf));
    compared = 0;
}

static void
a_good_bind_is_accepted(void)
{
    setup();
    check_number(try("192.0.2.1", "crm", "secret", 1000), SMPP_ROK);
    auth_release(&auth);
}

static void
smpp_b4_b01_b02_b03_b04_all_causes_look_the_same(void)
{
    setup();
    check_number(try("192.0.2.1", "crm", "wrong", 1000), SMPP_RBINDFAIL);
    check_number(try("192.0.2.2", "nobody", "secret", 1000), SMPP_RBINDFAIL);
    check_number(try("192.0.2.3", "", "secret", 1000), SMPP_RBINDFAIL);
    check_number(try("192.0.2.4", "crm", "", 1000), SMPP_RBINDFAIL);
    check_number(try("192.0.2.5", "crm", "secret1", 1000), SMPP_RBINDFAIL);
    check_number(try("192.0.2.6", "crm", "secre", 1000), SMPP_RBINDFAIL);
    check_number(try("192.0.2.7", "", "\x01nobody", 1000), SMPP_RBINDFAIL);
    auth_release(&auth);
}

static void
smpp_b4_specific_errors_only_where_asked_for(void)
{
    setup();
    check_number(try_specific("crm", "wrong"), SMPP_RINVPASWD);
    check_number(try_specific("nobody", "secret"), SMPP_RINVSYSID);
    auth_release(&auth);
}

static void
b13_a_kind_that_is_not_allowed(void)
{
    setup();
    check_number(try("192.0.2.1", "tx", "12345678", 1000), SMPP_RBINDFAIL);
    check(auth_allows(&apps[TX], SMPP_BIND_TRANSMITTER));
    check(!auth_allows(&apps[TX], SMPP_BIND_RECEIVER));
    auth_release(&auth);
}

static void
smpp_b14_one_session_too_many_is_no_guess(void)
{
    setup();
    auth_find(&auth, SLICE_LIT("crm"))->sessions = 2;
    for (int i = 0; i < 50; i++)
        check_number(try("192.0.2.1", "crm", "secret", 1000), SMPP_RBINDFAIL);
    auth_find(&auth, SLICE_LIT("crm"))->sessions = 1;
    check_number(try("192.0.2.1", "crm", "secret", 1000), SMPP_ROK);
    auth_release(&auth);
}

static void
smpp_x5_b4_the_sixth_failure_locks_the_address(void)
{
    setup();
    for (unsigned i = 0; i < BIND_FAILURES_MAX; i++)
        check_number(try("192.0.2.1", "crm", "guess", 1000 + i), SMPP_RBINDFAIL);
    check_number(try("192.0.2.1", "crm", "secret", 2000), SMPP_RTHROTTLED);
    check_number(try("192.0.2.1", "tx", "guess", 1000 + BIND_LOCKOUT_MS), SMPP_RTHROTTLED);
    /* The customer is not locked out: only the address is. */
    check_number(try("192.0.2.2", "crm", "secret", 2000), SMPP_ROK);
    check_number(try("192.0.2.1", "crm", "secret", 1005 + BIND_LOCKOUT_MS), SMPP_ROK);
    auth_release(&auth);
}

static void
b16_failures_are_forgotten_after_a_minute(void)
{
    uint64_t now = 1000;

    setup();
    for (unsigned i = 0; i < 20; i++) {
        check_number(try("192.0.2.1", "crm", "guess", now), SMPP_RBINDFAIL);
        now += BIND_FAILURES_MS / 4 + 1;
    }
    auth_release(&auth);
}

static void
smpp_x5_one_customer_of_ipv6_is_a_64(void)
{
    setup();
    for (unsigned i = 0; i < BIND_FAILURES_MAX; i++) {
        char from[40];

        snprintf(from, sizeof(from), "2001:db8::%x", i + 1);
        check_number(try(from, "crm", "guess", 1000), SMPP_RBINDFAIL);
    }
    check_number(try("2001:db8::ffff", "crm", "secret", 1000), SMPP_RTHROTTLED);
    check_number(try("2001:db8:0:1::1", "crm", "secret", 1000), SMPP_ROK);
    auth_release(&auth);
}

/* So many may begin to negotiate at once; then so many again in TLS_HANDSHAKES_AGAIN_S. */
static void
smpp_x5_handshakes_of_an_address(void)
{
    struct address flood = address("192.0.2.1"), other = address("192.0.2.2");
    uint64_t now = 1000000, again = TLS_HANDSHAKES_AGAIN_S * 1000u;

    setup();
    for (unsigned i = 0; i < 64; i++)
        check(auth_handshake(&auth, &flood, 64, now));
    check(!auth_handshake(&auth, &flood, 64, now));
    check(auth_handshake(&auth, &other, 64, now));
    check(!auth_handshake(&auth, &flood, 64, now + again / 64 - 1));
    now += again / 64 + TLS_HANDSHAKES_AGAIN_S; /* a step of its clock */
    check(auth_handshake(&auth, &flood, 64, now));
    check(!auth_handshake(&auth, &flood, 64, now + 1));
    now += again;
    for (unsigned i = 0; i < 64; i++)
        check(auth_handshake(&auth, &flood, 64, now));
    check(!auth_handshake(&auth, &flood, 64, now));
    auth_release(&auth);
}

/* Of a /64 the customer, as everywhere; and a reload forgets none of it. */
static void
smpp_x5_handshakes_through_a_reload(void)
{
    struct address one = address("2001:db8::1"), two = address("2001:db8::2");
    struct auth before;

    setup();
    check(auth_handshake(&auth, &one, 1, 1000000));
    check(!auth_handshake(&auth, &two, 1, 1000000));
    before = auth;
    setup();
    auth_inherit(&auth, &before);
    check(!auth_handshake(&auth, &two, 1, 1000000));
    auth_release(&before);
    auth_release(&auth);
}

static void
smpp_x3_op_outbind_where_carriers_call_from(void)
{
    static const struct conf_carrier carriers[] = {
        {.outbind = {.on = true, .allow = office, .allow_count = 2}},
        {.outbind = {.on = false}}, /* its networks, none, are not looked at */
    };
    static const struct conf_carrier open[] = {{.outbind = {.on = true}}};
    struct conf calls = {.carriers = carriers, .carrier_count = 2};
    struct address inside = address("192.0.2.65"), outside = address("192.0.2.1");

    check(auth_init(&auth, &calls));
    check(auth_admits(&auth, &inside));
    check(!auth_admits(&auth, &outside));
    auth_release(&auth);
    calls.carriers = open;
    calls.carrier_count = 1;
    check(auth_init(&auth, &calls));
    check(auth_admits(&auth, &outside));
    auth_release(&auth);
}

static void
b16_many_addresses_are_bounded_and_one_stays_locked(void)
{
    setup();
    for (unsigned i = 0; i < BIND_FAILURES_MAX; i++)
        (void)try("192.0.2.1", "crm", "guess", 500000);
    for (unsigned i = 0; i < 1000; i++) {
        char from[40];

        snprintf(from, sizeof(from), "10.1.%u.%u", i / 250, i % 250);
        check_number(try(from, "crm", "guess", 500001), SMPP_RBINDFAIL);
    }
    check_number(try("192.0.2.1", "crm", "secret", 500002), SMPP_RTHROTTLED);
    auth_release(&auth);
}

static void
a_reload_keeps_sessions_and_failures(void)
{
    struct auth before;

    setup();
    auth_find(&auth, SLICE_LIT("crm"))->sessions = 2;
    for (unsigned i = 0; i < BIND_FAILURES_MAX; i++)
        (void)try("192.0.2.1", "crm", "guess", 1000);
    before = auth;
    check(auth_init(&auth, &conf));
    auth_inherit(&auth, &before);
    auth_release(&before);
    check_number(auth_find(&auth, SLICE_LIT("crm"))->sessions, 2);
    check_number(try("192.0.2.1", "crm", "secret", 1001), SMPP_RTHROTTLED);
    auth_release(&auth);
}

static void
bucket_holds_its_rate(void)
{
    struct bucket bucket = {0};
    unsigned passed = 0;

    for (uint64_t ms = 1; ms <= 10000; ms++) {
        for (int i = 0; i < 5; i++)
            passed += bucket_take(&bucket, 100, ms);
    }
    /* A full second at once, and the rate after it. */
    check(passed >= 1090 && passed <= 1100);
    for (int i = 0; i < 100000; i++)
        check(bucket_take(&bucket, 0, 1));
    bucket = (struct bucket){0};
    check(bucket_take(&bucket, 1, 5));
    check(!bucket_take(&bucket, 1, 1004));
    check(bucket_take(&bucket, 1, 1005));
    check(bucket_take(&bucket, UINT32_MAX, UINT64_MAX / 2));
}

/* tls_test has the certificates that are good enough. */
static void
smpp_x2_row_33_a_password_alone_is_not_enough(void)
{
    struct transport plain = {.ops = &transport_plain};

    setup();
    check_number(try("192.0.2.1", "certified", "secret", 1000), SMPP_RBINDFAIL);
    check_number(try_specific("certified", "secret"), SMPP_RINVPASWD);
    check(!auth_certified(&apps[CERTIFIED], &plain));
    check(auth_certified(&apps[CRM], &plain) && auth_certified(&apps[CRM], NULL));
    /* It counts as a guess. */
    for (int i = 0; i < 5; i++)
        (void)try("192.0.2.9", "certified", "secret", 1000);
    check_number(try("192.0.2.9", "crm", "secret", 1001), SMPP_RTHROTTLED);
    auth_release(&auth);
}

/* As soon as one app has a hash: with the plain password of another the time would tell as well. */
static void
smpp_x4_b4_every_refusal_costs_one_comparison(void)
{
    static const struct {
        const char *from, *system_id, *password;
    } binds[] = {
        {"192.0.2.1", "hashed", "wrong"},      {"192.0.2.2", "nobody", "secret"},
        {"192.0.2.3", "", "secret"},           {"192.0.2.4", "hashed", ""},
        {"192.0.2.5", "crm", "wrong"},         {"192.0.2.6", "fenced", "secret"},
        {"192.0.2.7", "fenced", "wrong"},      {"192.0.2.8", "certified", "secret"},
        {"192.0.2.9", "tx", "12345678"},       {"192.0.2.10", "long", "12345678"},
    };

    setup_hashed();
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < sizeof(binds) / sizeof(binds[0]); i++) {
            compared = 0;
            check_number(try(binds[i].from, binds[i].system_id, binds[i].password, 1000),
                         SMPP_RBINDFAIL);
            check_number(compared, 1);
        }
    }
    check_number(try("192.0.2.11", "hashed", "secret", 1000), SMPP_ROK);
    auth_find(&auth, SLICE_LIT("hashed"))->sessions = 2;
    compared = 0;
    check_number(try("192.0.2.11", "hashed", "secret", 1000), SMPP_RBINDFAIL);
    check_number(compared, 1);
    auth_release(&auth);
}

/* An unknown name is no match, whoever's hash it was compared with. */
static void
smpp_x4_the_hash_for_nobody_opens_nothing(void)
{
    setup_hashed();
    check_number(try("192.0.2.1", "nobody", "secret", 1000), SMPP_RBINDFAIL);
    check_number(try("192.0.2.1", "crm", "secret", 1000), SMPP_ROK);
    check_number(try("192.0.2.1", "tx", "secret", 1000), SMPP_RBINDFAIL);
    auth_release(&auth);
}

static void
smpp_x4_a_thousand_reconnects_cost_one_comparison(void)
{
    setup_hashed();
    for (unsigned i = 0; i < 1000; i++)
        check_number(try("192.0.2.1", "hashed", "secret", 1000 + i), SMPP_ROK);
    check_number(compared, 1);
    /* What is remembered is good for that password and that name only. */
    check_number(try("192.0.2.2", "hashed", "secre", 1000), SMPP_RBINDFAIL);
    check_number(try("192.0.2.65", "fenced", "secret", 1000), SMPP_ROK);
    check_number(compared, 3);
    auth_release(&auth);
}

static void
smpp_x4_what_is_remembered_ends_with_its_hash(void)
{
    static const struct dir_app changed[] = {
        {.system_id = "hashed", .password = "", .password_hash = "hash of other",
         .allow_transceiver = true, .binds_max = 2},
    };
    static const struct dir_account other = {.id = "acme", .apps = changed, .app_count = 1};
    static const struct conf next = {.accounts = &other, .account_count = 1};
    struct auth before;

    setup_hashed();
    check_number(try("192.0.2.1", "hashed", "secret", 1000), SMPP_ROK);
    before = auth;
    check(auth_init(&auth, &next));
    auth_inherit(&auth, &before);
    check(!auth_same_credentials(&changed[0], &apps[HASHED]));
    check_number(try("192.0.2.1", "hashed", "secret", 1000), SMPP_RBINDFAIL);
    check_number(try("192.0.2.1", "hashed", "other", 1000), SMPP_ROK);
    auth_release(&auth);
    auth_release(&before);
}

/* A reload while the hash is compared: the result was about another password. */
static void
smpp_x4_a_result_for_an_old_hash_is_no_result(void)
{
    static const struct dir_app changed[] = {
        {.system_id = "hashed", .password = "", .password_hash = "hash of other",
         .allow_transceiver = true, .binds_max = 2},
    };
    static const struct dir_account other = {.id = "acme", .apps = changed, .app_count = 1};
    static const struct conf next = {.accounts = &other, .account_count = 1};
    struct address peer = address("192.0.2.1");
    struct pdu bind = bind_of("hashed", "secret");
    struct auth_request request = {.bind = &bind, .address = &peer, .now_ms = 1000};
    struct auth_answer answer;

    setup_hashed();
    answer = auth_bind(&auth, &request);
    check_number(answer.verdict, AUTH_HASH);
    auth_release(&auth);
    check(auth_init(&auth, &next));
    answer = auth_hashed(&auth, &request, "hash of secret", HASH_MATCH);
    check_number(answer.verdict, AUTH_HASH);
    check_text(slice_str(answer.hash), "hash of other");
    answer = auth_hashed(&auth, &request, answer.hash, HASH_MISMATCH);
    check_number(answer.status, SMPP_RBINDFAIL);
    auth_release(&auth);
    /* The app is gone, and no app has a hash any more. */
    check(auth_init(&auth, &conf));
    answer = auth_hashed(&auth, &request, "hash of secret", HASH_MATCH);
    check_number(answer.verdict, AUTH_REFUSE);
    auth_release(&auth);
}

static void
smpp_x4_what_cannot_be_compared_is_no_guess(void)
{
    struct address peer = address("192.0.2.1");
    struct pdu bind = bind_of("hashed", "secret");
    struct auth_request request = {.bind = &bind, .address = &peer, .now_ms = 1000};

    setup_hashed();
    for (unsigned i = 0; i < 20; i++)
        check_number(auth_hashed(&auth, &request, "hash of secret", HASH_FAILED).status,
                     SMPP_RSYSERR);
    check_number(auth_failures_left(&auth, &peer, 1000), BIND_FAILURES_MAX);
    auth_release(&auth);
}

static void
smpp_x5_no_comparison_while_locked_out(void)
{
    struct address peer = address("192.0.2.1");

    setup_hashed();
    for (unsigned i = 0; i < BIND_FAILURES_MAX; i++) {
        check_number(auth_failures_left(&auth, &peer, 1000), BIND_FAILURES_MAX - i);
        check_number(try("192.0.2.1", "hashed", "guess", 1000), SMPP_RBINDFAIL);
    }
    check_number(auth_failures_left(&auth, &peer, 1000), 0);
    compared = 0;
    check_number(try("192.0.2.1", "hashed", "secret", 1001), SMPP_RTHROTTLED);
    check_number(try("192.0.2.1", "nobody", "guess", 1001), SMPP_RTHROTTLED);
    check_number(compared, 0);
    check_number(auth_failures_left(&auth, &peer, 1000 + BIND_LOCKOUT_MS), BIND_FAILURES_MAX);
    auth_release(&auth);
}

static void
smpp_x3_allow_lists(void)
{
    static const struct {
        const char *from;
        bool allowed;
    } rows[] = {
        {"192.0.2.64", true},      {"192.0.2.127", true},       {"192.0.2.63", false},
        {"192.0.2.128", false},    {"::ffff:192.0.2.65", true}, {"::ffff:192.0.2.1", false},
        {"2001:db8:0:7::1", true}, {"2001:db8:0:7:ffff:ffff:ffff:ffff", true},
        {"2001:db8:0:8::1", false}, {"::192.0.2.65", false},    {"::1", false},
    };
    static const struct conf_net everything[] = {
        {{0}, 0}, {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}};
    static const struct conf_net one = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1},
                                        128};
    struct dir_app app = {.allow = everything, .allow_count = 2};
    struct address peer;

    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        peer = address(rows[i].from);
        check_number(auth_address_allowed(&apps[FENCED], &peer), rows[i].allowed);
        check(auth_address_allowed(&apps[CRM], &peer));
        check(auth_address_allowed(&app, &peer));
    }
    app.allow_count = 1; /* of IPv6 only */
    peer = address("2001:db8::1");
    check(auth_address_allowed(&app, &peer));
    peer = address("192.0.2.64");
    check(!auth_address_allowed(&app, &peer));
    app.allow = &everything[1]; /* of IPv4 only */
    check(auth_address_allowed(&app, &peer));
    peer = address("::1");
    check(!auth_address_allowed(&app, &peer));
    app.allow = &one;
    peer = address("10.0.0.1");
    check(auth_address_allowed(&app, &peer));
    peer = address("10.0.0.0");
    check(!auth_address_allowed(&app, &peer));
}

/* B15: the same answer as for a wrong password, also where causes are told apart, and it counts. */
static void
smpp_x3_b15_the_right_password_from_elsewhere(void)
{
    setup_hashed();
    check_number(try("192.0.2.65", "fenced", "secret", 1000), SMPP_ROK);
    check_number(try_specific("fenced", "secret"), SMPP_RINVPASWD);
    check_number(try_specific("fenced", "wrong"), SMPP_RINVPASWD);
    for (unsigned i = 0; i < 3; i++)
        check_number(try("192.0.2.1", "fenced", "secret", 1000), SMPP_RBINDFAIL);
    check_number(try("192.0.2.1", "fenced", "secret", 1000), SMPP_RTHROTTLED);
    auth_release(&auth);
}

static void
smpp_x3_who_may_connect_at_all(void)
{
    static const struct dir_account fenced = {.id = "a", .apps = &apps[FENCED], .app_count = 1};
    static const struct conf only = {.accounts = &fenced, .account_count = 1}, none = {0};
    struct address in = address("192.0.2.65"), out = address("192.0.2.1");

    check(auth_init(&auth, &only));
    check(auth_admits(&auth, &in) && !auth_admits(&auth, &out));
    auth_release(&auth);
    setup_hashed(); /* others have no list */
    check(auth_admits(&auth, &in) && auth_admits(&auth, &out));
    auth_release(&auth);
    check(auth_init(&auth, &none));
    check(!auth_admits(&auth, &in));
    auth_release(&auth);
}

static void
b06_a_long_password_only_where_the_app_says_so(void)
{
    setup_hashed();
    check(auth_password_long(&auth, SLICE_LIT("long")));
    check(!auth_password_long(&auth, SLICE_LIT("hashed")));
    check(!auth_password_long(&auth, SLICE_LIT("nobody")));
    check_number(try("192.0.2.1", "long", "123456789", 1000), SMPP_ROK);
    auth_release(&auth);
}

CHECK_MAIN(
    {"smpp_x2_row_33_a_password_alone_is_not_enough",
     smpp_x2_row_33_a_password_alone_is_not_enough},
    {"a_good_bind_is_accepted", a_good_bind_is_accepted},
    {"smpp_b4_b01_b02_b03_b04_all_causes_look_the_same",
     smpp_b4_b01_b02_b03_b04_all_causes_look_the_same},
    {"smpp_b4_specific_errors_only_where_asked_for", smpp_b4_specific_errors_only_where_asked_for},
    {"b13_a_kind_that_is_not_allowed", b13_a_kind_that_is_not_allowed},
    {"smpp_b14_one_session_too_many_is_no_guess", smpp_b14_one_session_too_many_is_no_guess},
    {"smpp_x5_b4_the_sixth_failure_locks_the_address",
     smpp_x5_b4_the_sixth_failure_locks_the_address},
    {"b16_failures_are_forgotten_after_a_minute", b16_failures_are_forgotten_after_a_minute},
    {"smpp_x5_one_customer_of_ipv6_is_a_64", smpp_x5_one_customer_of_ipv6_is_a_64},
    {"smpp_x5_handshakes_of_an_address", smpp_x5_handshakes_of_an_address},
    {"smpp_x5_handshakes_through_a_reload", smpp_x5_handshakes_through_a_reload},
    {"smpp_x3_op_outbind_where_carriers_call_from", smpp_x3_op_outbind_where_carriers_call_from},
    {"b16_many_addresses_are_bounded_and_one_stays_locked",
     b16_many_addresses_are_bounded_and_one_stays_locked},
    {"a_reload_keeps_sessions_and_failures", a_reload_keeps_sessions_and_failures},
    {"bucket_holds_its_rate", bucket_holds_its_rate},
    {"smpp_x4_b4_every_refusal_costs_one_comparison",
     smpp_x4_b4_every_refusal_costs_one_comparison},
    {"smpp_x4_the_hash_for_nobody_opens_nothing", smpp_x4_the_hash_for_nobody_opens_nothing},
    {"smpp_x4_a_thousand_reconnects_cost_one_comparison",
     smpp_x4_a_thousand_reconnects_cost_one_comparison},
    {"smpp_x4_what_is_remembered_ends_with_its_hash",
     smpp_x4_what_is_remembered_ends_with_its_hash},
    {"smpp_x4_a_result_for_an_old_hash_is_no_result",
     smpp_x4_a_result_for_an_old_hash_is_no_result},
    {"smpp_x4_what_cannot_be_compared_is_no_guess", smpp_x4_what_cannot_be_compared_is_no_guess},
    {"smpp_x5_no_comparison_while_locked_out", smpp_x5_no_comparison_while_locked_out},
    {"smpp_x3_allow_lists", smpp_x3_allow_lists},
    {"smpp_x3_b15_the_right_password_from_elsewhere",
     smpp_x3_b15_the_right_password_from_elsewhere},
    {"smpp_x3_who_may_connect_at_all", smpp_x3_who_may_connect_at_all},
    {"b06_a_long_password_only_where_the_app_says_so",
     b06_a_long_password_only_where_the_app_says_so})

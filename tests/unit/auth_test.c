/*
 * auth_test.c: who may bind (bad-input.md B01 to B16, conformance B4), and rates.
 */
#include "gateway/auth.h"

#include <netinet/in.h>
#include <stdio.h>

#include "tests/unit/check.h"

static const struct dir_app apps[] = {
    {.system_id = "crm", .password = "secret", .allow_transmitter = true, .allow_receiver = true,
     .allow_transceiver = true, .binds_max = 2, .window = 10},
    {.system_id = "tx", .password = "12345678", .allow_transmitter = true, .binds_max = 1},
    {.system_id = "certified", .password = "secret", .certificate = "cn:crm",
     .allow_transceiver = true, .binds_max = 1},
};
static const struct dir_account account = {.id = "acme", .apps = apps, .app_count = 3};
static const struct conf conf = {.accounts = &account, .account_count = 1};

static struct auth auth;

static struct address
address(const char *text)
{
    struct address out;

    check(address_parse(text, 1234, &out));
    return out;
}

static enum smpp_status
try(const char *from, const char *system_id, const char *password, uint64_t now_ms)
{
    struct address peer = address(from);
    struct pdu bind = {.command_id = SMPP_BIND_TRANSCEIVER};
    struct auth_request request = {.bind = &bind, .address = &peer, .now_ms = now_ms};
    struct app *app;

    bind.body.bind.system_id = slice_str(system_id);
    bind.body.bind.password = slice_str(password);
    return auth_bind(&auth, &request, &app);
}

static enum smpp_status
try_specific(const char *system_id, const char *password)
{
    struct address peer = address("192.0.2.1");
    struct pdu bind = {.command_id = SMPP_BIND_TRANSCEIVER};
    struct auth_request request = {.bind = &bind, .address = &peer, .now_ms = 1000,
                                   .errors = BIND_ERRORS_SPECIFIC};
    struct app *app;

    bind.body.bind.system_id = slice_str(system_id);
    bind.body.bind.password = slice_str(password);
    return auth_bind(&auth, &request, &app);
}

static void
setup(void)
{
    check(auth_init(&auth, &conf));
}

static void
a_good_bind_is_accepted(void)
{
    setup();
    check_number(try("192.0.2.1", "crm", "secret", 1000), SMPP_ROK);
    auth_release(&auth);
}

static void
b01_b02_b03_b04_all_causes_look_the_same(void)
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
b01_specific_errors_only_where_asked_for(void)
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
    check(auth_allows(&apps[1], SMPP_BIND_TRANSMITTER));
    check(!auth_allows(&apps[1], SMPP_BIND_RECEIVER));
    auth_release(&auth);
}

static void
b14_one_session_too_many_is_no_guess(void)
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
b16_the_sixth_failure_locks_the_address(void)
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
b16_one_customer_of_ipv6_is_a_64(void)
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
row_33_a_password_alone_is_not_enough(void)
{
    struct transport plain = {.ops = &transport_plain};

    setup();
    check_number(try("192.0.2.1", "certified", "secret", 1000), SMPP_RBINDFAIL);
    check_number(try_specific("certified", "secret"), SMPP_RINVPASWD);
    check(!auth_certified(&apps[2], &plain));
    check(auth_certified(&apps[0], &plain) && auth_certified(&apps[0], NULL));
    /* It counts as a guess. */
    for (int i = 0; i < 5; i++)
        (void)try("192.0.2.9", "certified", "secret", 1000);
    check_number(try("192.0.2.9", "crm", "secret", 1001), SMPP_RTHROTTLED);
    auth_release(&auth);
}

CHECK_MAIN({"row_33_a_password_alone_is_not_enough", row_33_a_password_alone_is_not_enough},
           {"a_good_bind_is_accepted", a_good_bind_is_accepted},
           {"b01_b02_b03_b04_all_causes_look_the_same", b01_b02_b03_b04_all_causes_look_the_same},
           {"b01_specific_errors_only_where_asked_for", b01_specific_errors_only_where_asked_for},
           {"b13_a_kind_that_is_not_allowed", b13_a_kind_that_is_not_allowed},
           {"b14_one_session_too_many_is_no_guess", b14_one_session_too_many_is_no_guess},
           {"b16_the_sixth_failure_locks_the_address", b16_the_sixth_failure_locks_the_address},
           {"b16_failures_are_forgotten_after_a_minute",
            b16_failures_are_forgotten_after_a_minute},
           {"b16_one_customer_of_ipv6_is_a_64", b16_one_customer_of_ipv6_is_a_64},
           {"b16_many_addresses_are_bounded_and_one_stays_locked",
            b16_many_addresses_are_bounded_and_one_stays_locked},
           {"a_reload_keeps_sessions_and_failures", a_reload_keeps_sessions_and_failures},
           {"bucket_holds_its_rate", bucket_holds_its_rate})

/*
 * conf_links_test.c: the options that say how carriers and apps differ, and the routes between
 * them: each at its limit, one past it, and in every wrong form with the place of the problem.
 */
#include "conf/conf_int.h"
#include "tests/unit/check.h"
#include "tests/unit/conf_load.h"

#define CARRIER(more) \
    STORE "carriers:\n- {id: c, host: h, port: 1, system_id: t, password: x, " more "}\n"
#define APP(more) ACCOUNT "  apps:\n  - {system_id: s, password: p, " more "}\n"
#define CARRIER_OK STORE "carriers: [{id: c, host: h, port: 1, system_id: t, password: x, "
#define HASH                                                 \
    "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$" \
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static char text[1 << 20];

/* --- carriers --- */

static void
addresses_of_a_carrier(void)
{
    size_t n;

    expect(CARRIER("backups: [{host: a, port: 2}, {host: H, port: 2}]"), NULL, "");
    check_number(conf->carriers[0].backup_count, 2);
    check_text(slice_str(conf->carriers[0].backups[0].host), "a");
    check_number(conf->carriers[0].backups[1].port, 2);
    expect(CARRIER("backups: []"), NULL, "");
    expect(CARRIER("backups: [{host: a, port: 2}, {host: A, port: 2}, {host: H, port: 1}]"), NULL,
           "tandem.yaml:3:93: carriers[0].backups[1].host: A port 2 is one of the carrier's "
           "addresses already\n"
           "tandem.yaml:3:113: carriers[0].backups[2].host: H port 1 is one of the carrier's "
           "addresses already\n");
    expect(CARRIER("backups: [{host: a}, {port: 2}, x]"), NULL,
           "tandem.yaml:3:66: carriers[0].backups[0].port: is required and not there\n"
           "tandem.yaml:3:77: carriers[0].backups[1].host: is required and not there\n"
           "tandem.yaml:3:88: carriers[0].backups[2]: must be a mapping, not a single value\n");
    for (uint32_t count = CONF_BACKUPS_MAX; count <= CONF_BACKUPS_MAX + 1; count++) {
        n = (size_t)snprintf(text, sizeof(text), "%sbackups: [", CARRIER_OK);
        for (uint32_t i = 0; i < count; i++)
            n += (size_t)snprintf(text + n, sizeof(text) - n, "{host: a, port: %u},", 10 + i);
        snprintf(text + n, sizeof(text) - n, "]}]\n");
        expect(text, NULL,
               count == CONF_BACKUPS_MAX
                   ? ""
                   : "tandem.yaml:2:74: carriers[0].backups: has 9 items, at most 8 are allowed\n");
    }
}

static void
statuses_of_a_carrier(void)
{
    const struct conf_status *s;

    expect(
        CARRIER("statuses: [{status: 0xFFFFFFFF, action: refuse-phone}, {status: esme_rthrottled, "
                "action: throttle}, {status: \"0x45\", action: retry, delay: 30s, tries: 4}, "
                "{status: RINVDCS, action: refuse}]"),
        NULL, "");
    check_number(conf->carriers[0].status_count, 4);
    s = conf->carriers[0].statuses;
    check_number(s[0].status, 0x45);
    check_number(s[0].action, STATUS_RETRY);
    check_number(s[0].delay_ms, 30000);
    check_number(s[0].tries, 4);
    check_number(s[1].status, SMPP_RTHROTTLED);
    check_number(s[1].action, STATUS_THROTTLE);
    check_number(s[2].status, SMPP_RINVDCS);
    check_number(s[2].action, STATUS_REFUSE);
    check_number(s[3].status, 0xFFFFFFFF);
    check_number(s[3].action, STATUS_REFUSE_PHONE);
    expect(CARRIER("statuses: []"), NULL, "");
    check_number(conf->carriers[0].status_count, 0);
}

static void
statuses_that_are_wrong(void)
{
    static const char *const bad[] = {"0x",   "0x123456789", "0xG",  "0x-1", "88",
                                      "NONE", "ESME_",       "\"\"", "0x 1", "RTHROTTLED2"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text), "%sstatuses: [{status: %s, action: refuse}]}]\n", CARRIER_OK,
                 bad[i]);
        expect_part(text, NULL, "tandem.yaml:2:85: carriers[0].statuses[0].status: `");
    }
    expect(CARRIER("statuses: [{status: 88, action: refuse}]"), NULL,
           "tandem.yaml:3:76: carriers[0].statuses[0].status: `88`: write the name of a status, as "
           "in RTHROTTLED, or 0x and up to 8 hex digits\n");
    expect(CARRIER("statuses: [{status: ROK, action: refuse}, {status: 0x0, action: retry}]"), NULL,
           "tandem.yaml:3:76: carriers[0].statuses[0].status: `ROK` is success, which needs no "
           "action\n"
           "tandem.yaml:3:107: carriers[0].statuses[1].status: `0x0` is success, which needs no "
           "action\n");
    expect(CARRIER("statuses: [{status: RTHROTTLED, action: refuse}, {status: 0x58, action: "
                   "retry}]"),
           NULL,
           "tandem.yaml:3:114: carriers[0].statuses[1].status: 0x00000058 stands here twice\n");
    expect(CARRIER("statuses: [{status: 0x58, action: throttle, delay: 1s}, {status: 0x59, action: "
                   "refuse, tries: 1}, {status: 0x5A, action: drop, tries: 1}, {action: retry}]"),
           NULL,
           "tandem.yaml:3:107: carriers[0].statuses[0].delay: is only for action retry\n"
           "tandem.yaml:3:150: carriers[0].statuses[1].tries: is only for action retry\n"
           "tandem.yaml:3:177: carriers[0].statuses[2].action: `drop` is not one of retry, "
           "throttle, refuse, refuse-phone\n"
           "tandem.yaml:3:194: carriers[0].statuses[3].status: is required and not there\n");
}

static void
statuses_up_to_a_limit(void)
{
    for (uint32_t count = CONF_STATUSES_MAX; count <= CONF_STATUSES_MAX + 1; count++) {
        size_t n = (size_t)snprintf(text, sizeof(text), "%sstatuses: [", CARRIER_OK);

        for (uint32_t i = 0; i < count; i++)
            n += (size_t)snprintf(text + n, sizeof(text) - n, "{status: 0x%x, action: refuse},",
                                  0x400 + count - i);
        snprintf(text + n, sizeof(text) - n, "]}]\n");
        expect(text, NULL,
               count == CONF_STATUSES_MAX
                   ? ""
                   : "tandem.yaml:2:75: carriers[0].statuses: has 65 items, at most 64 are "
                     "allowed\n");
        for (uint32_t i = 1; conf && i < count; i++)
            check(conf->carriers[0].statuses[i - 1].status < conf->carriers[0].statuses[i].status);
    }
}

static void
ways_of_a_carrier(void)
{
    const struct conf_carrier *c;

    expect(CARRIER("bind: pair"), NULL, "");
    c = &conf->carriers[0];
    check_number(c->assume_version, 0x34);
    check(c->pair_fallback && !c->reference_messages && !c->receipt_esm_0);
    check(!c->receipt_unswapped && !c->accepted_is_final);
    check_number(c->long_form, LONG_FORM_UDH);
    check_number(c->send_with, SEND_SM);
    check_number(c->short_code_ton, 3);
    check_number(c->receipt_zone_min, 0);
    expect(CARRIER("assume_version: 3.3, pair_fallback: false, long_form: sar, send_with: data_sm, "
                   "short_code_ton: 6, reference_messages: true, receipt_esm_0: true, "
                   "receipt_unswapped: true, accepted_is_final: true, receipt_zone: -03:30"),
           NULL, "");
    c = &conf->carriers[0];
    check_number(c->assume_version, 0x33);
    check(!c->pair_fallback && c->reference_messages && c->receipt_esm_0);
    check(c->receipt_unswapped && c->accepted_is_final);
    check_number(c->long_form, LONG_FORM_SAR);
    check_number(c->send_with, SEND_DATA_SM);
    check_number(c->short_code_ton, 6);
    check_number(c->receipt_zone_min, -210);
    expect(
        CARRIER("assume_version: 3.5, long_form: csms, send_with: deliver_sm, short_code_ton: 7"),
        NULL,
        "tandem.yaml:3:72: carriers[0].assume_version: `3.5` is not one of 3.3, 3.4, 5.0\n"
        "tandem.yaml:3:88: carriers[0].long_form: `csms` is not one of udh, udh16, sar, "
        "payload\n"
        "tandem.yaml:3:105: carriers[0].send_with: `deliver_sm` is not one of submit_sm, "
        "data_sm\n"
        "tandem.yaml:3:133: carriers[0].short_code_ton: `7` is not between 0 and 6\n");
}

static void
zones_of_receipts(void)
{
    static const struct {
        const char *zone;
        int minutes;
    } good[] = {{"+00:00", 0},   {"-00:00", 0},   {"+14:00", 840},   {"-12:00", -720},
                {"+05:45", 345}, {"-00:15", -15}, {"\"+01:00\"", 60}};
    static const char *const bad[] = {"00:00",  "+0:00",  "+00:00 x", "+00.00", "+00:10", "+14:15",
                                      "-12:15", "+00:60", "+01:75",   "UTC",    "+0000",  "\"\"",
                                      "+0a:00", "+24:00", "+99:45",   "Z",      "*00:00"};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        snprintf(text, sizeof(text), "%sreceipt_zone: %s}]\n", CARRIER_OK, good[i].zone);
        expect(text, NULL, "");
        check_number(conf->carriers[0].receipt_zone_min, good[i].minutes);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        bool alias = bad[i][0] == '*';

        snprintf(text, sizeof(text), "%sreceipt_zone: %s%s%s}]\n", CARRIER_OK, alias ? "\"" : "",
                 bad[i], alias ? "\"" : "");
        expect_part(text, NULL, "tandem.yaml:2:79: carriers[0].receipt_zone: `");
    }
    expect(GOOD, APP("receipt_zone: +5:30"),
           "directory.yaml:5:47: accounts[0].apps[0].receipt_zone: `+5:30`: write hours and "
           "minutes east of UTC in quarter hours, from -12:00 to +14:00, as in +05:30\n");
    expect(GOOD, APP("receipt_zone: +05:30"), "");
    check_number(account()->apps[0].receipt_zone_min, 330);
}

/* --- listeners --- */

static void
ways_of_a_listener(void)
{
    expect(STORE "listeners: [{id: a}, {id: b, port: 1, pdu: 1s, smpp5: true}]\n", NULL, "");
    check_number(conf->listeners[0].pdu_ms, 30000);
    check(!conf->listeners[0].smpp5);
    check_number(conf->listeners[1].pdu_ms, 1000);
    check(conf->listeners[1].smpp5);
    expect(STORE "listeners: [{id: a, pdu: 0s, smpp5: 1}]\n", NULL,
           "tandem.yaml:2:26: listeners[0].pdu: `0s` is not between 1s and 5m\n"
           "tandem.yaml:2:37: listeners[0].smpp5: `1`: write true or false\n");
}

/* --- apps --- */

static void
password_hashes(void)
{
    static const char *const bad[] = {
        "$argon2i$v=19$m=65536,t=2,p=1$",   "$argon2id$v=16$m=65536,t=2,p=1$",
        "$argon2id$v=19$m=7,t=2,p=1$",      "$argon2id$v=19$m=262145,t=2,p=1$",
        "$argon2id$v=19$m=65536,t=11,p=1$", "$argon2id$v=19$m=65536,t=0,p=1$",
        "$argon2id$v=19$m=65536,t=2,p=2$",  "$argon2id$v=19$m=065536,t=2,p=1$",
        "$argon2id$v=19$t=2,m=65536,p=1$",  "$argon2id$v=19$m=99999999999999,t=2,p=1$",
        "$argon2id$v=19$m=,t=2,p=1$",       "",
    };
    static const char octets[] = "AAAAAAAAAAAAAAAAAAAAAA$"
                                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    static const char params[] = "$argon2id$v=19$m=65536,t=2,p=1$";
    static const char wrong[] = "must be an argon2id hash as libsodium writes it, "
                                "$argon2id$v=19$m=65536,t=2,p=1$, with at most m=262144 and t=10\n";

    expect(GOOD, ACCOUNT "  apps: [{system_id: s, password_hash: \"" HASH "\"}]\n", "");
    check_text(slice_str(account()->apps[0].password_hash), HASH);
    check_text(slice_str(account()->apps[0].password), "");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text), ACCOUNT "  apps: [{system_id: s, password_hash: \"%s%s\"}]\n",
                 bad[i], octets);
        expect_part(GOOD, text, "directory.yaml:4:40: accounts[0].apps[0].password_hash: must be");
        check(strstr(said, wrong) != NULL && !strstr(said, "AAAA"));
    }
    /* Cut anywhere, or longer. */
    for (size_t n = 0; n < strlen(octets); n++) {
        snprintf(text, sizeof(text),
                 ACCOUNT "  apps: [{system_id: s, password_hash: \"%s%.*s\"}]\n", params, (int)n,
                 octets);
        expect_part(GOOD, text, wrong);
    }
    expect_part(GOOD, ACCOUNT "  apps: [{system_id: s, password_hash: \"" HASH "A\"}]\n", wrong);
    expect_part(GOOD, ACCOUNT "  apps: [{system_id: s, password_hash: \"" HASH HASH "\"}]\n",
                "password_hash: has 194 characters, at most 128 are allowed\n");
    expect_part(GOOD, ACCOUNT "  apps: [{system_id: s, password_hash: \"\"}]\n",
                "password_hash: must not be empty\n");
}

static void
one_of_four_passwords(void)
{
    expect(GOOD, ACCOUNT "  apps: [{system_id: s}]\n",
           "directory.yaml:4:10: accounts[0].apps[0]: needs one of password, password_hash, "
           "password_file and password_env\n");
    expect(GOOD, ACCOUNT "  apps: [{system_id: s, password: x, password_hash: \"" HASH "\"}]\n",
           "directory.yaml:4:10: accounts[0].apps[0]: needs only one of password, password_hash, "
           "password_file and password_env\n");
    expect(CARRIER("password_hash: x"), NULL,
           "tandem.yaml:3:56: carriers[0].password_hash: unknown key `password_hash`\n");
}

static void
smpp_size_password_of_apps_at_load(void)
{
    expect(GOOD, ACCOUNT "  apps: [{system_id: s, password: eightchr}]\n", "");
    expect(GOOD, ACCOUNT "  apps: [{system_id: s, password: ninechars, long_password: true}]\n",
           "");
    check(account()->apps[0].password_long);
    for (int n = CONF_PASSWORD_LONG_MAX; n <= (int)CONF_PASSWORD_LONG_MAX + 1; n++) {
        snprintf(text, sizeof(text),
                 ACCOUNT "  apps: [{system_id: s, password: %0*d, long_password: true}]\n", n, 0);
        expect(GOOD, text,
               n == CONF_PASSWORD_LONG_MAX
                   ? ""
                   : "directory.yaml:4:35: accounts[0].apps[0].password: the password: has 65 "
                     "characters, at most 64 are allowed\n");
    }
}

static void
check_net(const char *net, const char *hex, unsigned bits)
{
    uint8_t octets[16];

    snprintf(text, sizeof(text), APP("allow: [\"%s\"]"), net);
    expect(GOOD, text, "");
    check_number(account()->apps[0].allow_count, 1);
    check_number(account()->apps[0].allow[0].bits, bits);
    check_number(check_hex(hex, octets, sizeof(octets)), 16);
    check_slice(slice_of(account()->apps[0].allow[0].address, 16), slice_of(octets, 16));
}

static void
smpp_x3_networks_of_an_app(void)
{
    static const char *const bad[] = {
        "x",
        "256.0.0.1",
        "10.0.0.0/33",
        "10.0.0.0/",
        "10.0.0.0/8x",
        "10.0.0.0/08",
        "10.0.0/8",
        "::/129",
        "::1/",
        "/8",
        "10.0.0.0/-1",
        "10.0.0.0 /8",
        "010.0.0.1",
        "fe80::1%eth",
        "host.example",
        "10.0.0.0//8",
        "1.2.3.4:80",
        "",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

    check_net("192.0.2.1", "00000000000000000000ffffc0000201", 128);
    check_net("192.0.2.0/24", "00000000000000000000ffffc0000200", 120);
    check_net("0.0.0.0/0", "00000000000000000000ffff00000000", 96);
    check_net("10.128.0.0/9", "00000000000000000000ffff0a800000", 105);
    check_net("2001:db8::/32", "20010db8000000000000000000000000", 32);
    check_net("2001:db8::1", "20010db8000000000000000000000001", 128);
    check_net("::/0", "00000000000000000000000000000000", 0);
    check_net("::ffff:192.0.2.1", "00000000000000000000ffffc0000201", 128);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text), APP("allow: [\"%s\"]"), bad[i]);
        expect_part(GOOD, text, "directory.yaml:5:41: accounts[0].apps[0].allow[0]: `");
    }
    expect(GOOD, APP("allow: [10.0.0.5/8, 192.0.2.255/25, 2001:db8::1/64, x]"),
           "directory.yaml:5:41: accounts[0].apps[0].allow[0]: `10.0.0.5/8` is an address in a "
           "network; the network is 10.0.0.0/8\n"
           "directory.yaml:5:53: accounts[0].apps[0].allow[1]: `192.0.2.255/25` is an address in a "
           "network; the network is 192.0.2.128/25\n"
           "directory.yaml:5:69: accounts[0].apps[0].allow[2]: `2001:db8::1/64` is an address in a "
           "network; the network is 2001:db8::/64\n"
           "directory.yaml:5:85: accounts[0].apps[0].allow[3]: `x` is no IPv4 or IPv6 address or "
           "network, as in 192.0.2.1 or 192.0.2.0/24\n");
    expect(GOOD, APP("allow: [192.0.2.1, 192.0.2.1/32, \"::ffff:192.0.2.1\", [x]]"),
           "directory.yaml:5:52: accounts[0].apps[0].allow[1]: `192.0.2.1/32` stands here twice\n"
           "directory.yaml:5:66: accounts[0].apps[0].allow[2]: `::ffff:192.0.2.1` stands here "
           "twice\n"
           "directory.yaml:5:86: accounts[0].apps[0].allow[3]: must be a single value, not a "
           "list\n");
}

static void
smpp_x3_op_outbind_networks_of_a_carrier(void)
{
    static const char calls[] =
        STORE "carriers:\n  - {id: sim, host: h, port: 2776, system_id: t, password: x, outbind: "
              "{system_id: s, password: y, allow: [%s]}}\n";

    snprintf(text, sizeof(text), calls, "192.0.2.0/24, \"2001:db8::1\"");
    expect(text, NULL, "");
    check_number(conf->carriers[0].outbind.allow_count, 2);
    check_number(conf->carriers[0].outbind.allow[0].bits, 120);
    snprintf(text, sizeof(text), calls, "host.example");
    expect_part(text, NULL, "carriers[0].outbind.allow[0]: `host.example` is no IPv4 or IPv6");
    snprintf(text, sizeof(text), calls, "");
    expect_part(text, NULL, "carriers[0].outbind.allow: is empty: the carrier could never call");
}

static void
row_y25_empty_lists_of_an_app(void)
{
    expect(GOOD, APP("allow: []"),
           "directory.yaml:5:40: accounts[0].apps[0].allow: is empty: the app could never bind; "
           "without it the app may from everywhere\n");
    expect(
        GOOD, APP("sources: []"),
        "directory.yaml:5:42: accounts[0].apps[0].sources: is empty: the app could send nothing; "
        "without it the app may from all numbers of the account\n");
    for (uint32_t count = CONF_NETS_MAX; count <= CONF_NETS_MAX + 1; count++) {
        size_t n = (size_t)snprintf(text, sizeof(text), "%s",
                                    ACCOUNT "  apps: [{system_id: s, password: p, allow: [");

        for (uint32_t i = 0; i < count; i++)
            n += (size_t)snprintf(text + n, sizeof(text) - n, "192.0.2.%u,", i);
        snprintf(text + n, sizeof(text) - n, "]}]\n");
        expect(GOOD, text,
               count == CONF_NETS_MAX
                   ? ""
                   : "directory.yaml:4:45: accounts[0].apps[0].allow: has 65 items, at most 64 are "
                     "allowed\n");
    }
}

#define NUMBERS                                                        \
    "  numbers:\n"                                                     \
    "  - {number: +1 202 555 0150, role: app, carrier: sim, app: s}\n" \
    "  - {number: Acme, role: app, carrier: sim, app: s}\n"

static void
sources_of_an_app(void)
{
    expect(GOOD, APP("sources: [Acme, 12025550150]") NUMBERS, "");
    check_number(account()->apps[0].source_count, 2);
    check_number(account()->apps[0].sources[0].kind, ADDR_ALPHA);
    check_text(slice_str(account()->apps[0].sources[1].text), "12025550150");
    expect(GOOD,
           APP("sources: [acme, +12025550151, 1202555O150, +1 202 555 0150, 12025550150]") NUMBERS,
           "directory.yaml:5:42: accounts[0].apps[0].sources: acme is not among the numbers of the "
           "account\n"
           "directory.yaml:5:42: accounts[0].apps[0].sources: 12025550151 is not among the numbers "
           "of the account\n"
           "directory.yaml:5:42: accounts[0].apps[0].sources: 1202555O150 is not among the numbers "
           "of the account\n"
           "directory.yaml:5:93: accounts[0].apps[0].sources[4]: `12025550150` stands here "
           "twice\n");
    expect(GOOD,
           "accounts:\n"
           "- {id: a, name: A, numbers: [{number: Acme, role: app, carrier: sim, app: s}],\n"
           "   apps: [{system_id: s, password: p}]}\n"
           "- {id: b, name: B, apps: [{system_id: q, password: p, sources: [Acme]}]}\n",
           "directory.yaml:4:64: accounts[1].apps[0].sources: Acme is not among the numbers of the "
           "account\n");
    for (uint32_t count = CONF_SOURCES_MAX; count <= CONF_SOURCES_MAX + 1; count++) {
        size_t n = (size_t)snprintf(text, sizeof(text), "%s", ACCOUNT "  numbers:\n");

        for (uint32_t i = 0; i < count; i++)
            n += (size_t)snprintf(text + n, sizeof(text) - n,
                                  "  - {number: +1202555%04u, role: app, carrier: sim, app: s}\n",
                                  i);
        n += (size_t)snprintf(text + n, sizeof(text) - n,
                              "  apps: [{system_id: s, password: p, sources: [");
        for (uint32_t i = 0; i < count; i++)
            n += (size_t)snprintf(text + n, sizeof(text) - n, "1202555%04u,", i);
        snprintf(text + n, sizeof(text) - n, "]}]\n");
        load(slice_str(GOOD), slice_str(text));
        check((count == CONF_SOURCES_MAX) == (said[0] == '\0'));
        check(said[0] == '\0' || strstr(said, "sources: has 257 items, at most 256 are allowed\n"));
    }
}

static void
ways_of_an_app(void)
{
    const struct dir_app *app;

    expect(GOOD, APP("window: 10"), "");
    app = &account()->apps[0];
    check_text(slice_str(app->password_hash), "");
    check(!app->password_long && app->intermediate);
    check_number(app->allow_count + app->source_count, 0);
    check_number(app->long_form, LONG_FORM_PAYLOAD);
    check_number(app->send_with, SEND_SM);
    check_number(app->receipt_zone_min, 0);
    expect(GOOD, APP("long_form: udh16, send_with: data_sm, intermediate: false"), "");
    app = &account()->apps[0];
    check_number(app->long_form, LONG_FORM_UDH16);
    check_number(app->send_with, SEND_DATA_SM);
    check(!app->intermediate);
    expect(GOOD, APP("long_form: none, send_with: submit_sm, intermediate: no"),
           "directory.yaml:5:44: accounts[0].apps[0].long_form: `none` is not one of udh, udh16, "
           "sar, payload\n"
           "directory.yaml:5:61: accounts[0].apps[0].send_with: `submit_sm` is not one of "
           "deliver_sm, data_sm\n"
           "directory.yaml:5:86: accounts[0].apps[0].intermediate: `no`: write true or false\n");
}

/* --- numbers --- */

static void
expect_name(const char *name, const char *why)
{
    char lines[400];

    snprintf(text, sizeof(text),
             ACCOUNT "  apps: [{system_id: s, password: p}]\n"
                     "  numbers: [{number: %s, role: app, carrier: sim, app: s}]\n",
             name);
    snprintf(lines, sizeof(lines), "directory.yaml:5:22: accounts[0].numbers[0].number: %s\n", why);
    expect(GOOD, text, why[0] ? lines : "");
}

static void
smpp_a3_sender_names(void)
{
    static const char *const good[] = {"A",           "Acme",         "elevenchars", "\"7 Eleven\"",
                                       "\"a{b}c{d\"", "\"A&B_@$-!\"", "1st",         "3M"};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        expect_name(good[i], "");
        check_number(account()->numbers[0].number.kind, ADDR_ALPHA);
    }
    expect_name("twelve-chars", "`twelve-chars` is no sender name: at most 11 printable ASCII "
                                "characters that GSM has");
    /* Ten characters, thirteen septets. */
    expect_name("\"abcdefg{|}\"", "`abcdefg{|}` is no sender name: at most 11 printable ASCII "
                                  "characters that GSM has");
    expect_name("\"Ac`me\"", "`Ac`me` is no sender name: at most 11 printable ASCII characters "
                             "that GSM has");
    expect_name("Caf\xC3\xA9", "`Caf\xC3\xA9` is no sender name: at most 11 printable ASCII "
                               "characters that GSM has");
    expect_name("\"a\\tb\"", "`a\\x09b` is no sender name: at most 11 printable ASCII characters "
                             "that GSM has");
    expect_name("+1202555O150",
                "`+1202555O150` is not a phone number, and without a letter no sender name");
    expect_name("\"#1\"", "`#1` is not a phone number, and without a letter no sender name");
    expect_name("\"\"", "`` is not a phone number, and without a letter no sender name");
}

static void
smpp_a3_sender_names_only_send(void)
{
    expect(GOOD,
           ACCOUNT "  agents: [{id: x, mobile: +12025550111, relay_number: Acme}]\n"
                   "  numbers:\n"
                   "  - {number: Acme, role: relay, carrier: sim, agent: x}\n"
                   "  - {number: Bcme, role: business, carrier: sim}\n"
                   "  - {number: Acme, role: business, carrier: sim}\n",
           "directory.yaml:4:56: accounts[0].agents[0].relay_number: `Acme` is not a phone "
           "number\n"
           "directory.yaml:6:14: accounts[0].numbers[0].number: `Acme` is a sender name, which "
           "only a number of role app can be\n"
           "directory.yaml:6:54: accounts[0].numbers[0].agent: agent `x` in line 4 has none as "
           "relay_number\n"
           "directory.yaml:7:14: accounts[0].numbers[1].number: `Bcme` is a sender name, which "
           "only a number of role app can be\n"
           "directory.yaml:8:14: accounts[0].numbers[2].number: `Acme` is a sender name, which "
           "only a number of role app can be\n"
           "directory.yaml:8:14: accounts[0].numbers[2].number: Acme is listed already in line "
           "6\n");
}

/* --- routes --- */

#define TWO                                                                           \
    STORE "carriers:\n"                                                               \
          "- {id: a, host: h, port: 1, system_id: t, password: x}\n"                  \
          "- {id: b, host: h, port: 1, system_id: t, password: x}\n"                  \
          "- {id: rx, host: h, port: 1, system_id: t, password: x, bind: receiver}\n" \
          "routes:\n"
#define DIRECTORY                                                            \
    "accounts:\n"                                                            \
    "- {id: one, name: A, apps: [{system_id: s, password: p}],\n"            \
    "   numbers: [{number: +12025550150, role: app, carrier: a, app: s}]}\n" \
    "- {id: two, name: B, apps: [{system_id: q, password: p}],\n"            \
    "   numbers: [{number: Bcme, role: app, carrier: a, app: q}]}\n"

static void
routes_are_read(void)
{
    const struct conf_route *r;

    expect(TWO "- id: r1\n  account: one\n  app: s\n  sources: [+1 202 555 0150]\n"
               "  prefixes: [4, 47, \"358\", 123456789012345]\n"
               "  carriers: [{carrier: a, weight: 3}, {carrier: b}]\n"
               "- {id: r2, app: q, sources: [Bcme], carriers: [{carrier: a}], backups: [b]}\n"
               "- {id: r3, refuse: true}\n",
           DIRECTORY, "");
    check_number(conf->route_count, 3);
    r = conf->routes;
    check_text(slice_str(r->id), "r1");
    check_text(slice_str(r->account), "one");
    check_text(slice_str(r->app), "s");
    check_number(r->source_count, 1);
    check_text(slice_str(r->sources[0].text), "12025550150");
    check_number(r->prefix_count, 4);
    check_text(slice_str(r->prefixes[0]), "4");
    check_text(slice_str(r->prefixes[3]), "123456789012345");
    check_number(r->carrier_count, 2);
    check_text(slice_str(r->carriers[0].carrier), "a");
    check_number(r->carriers[0].weight, 3);
    check_number(r->carriers[1].weight, 1);
    check(!r->refuse && r->backup_count == 0);
    check_text(slice_str(r[1].account), "");
    check_number(r[1].sources[0].kind, ADDR_ALPHA);
    check_text(slice_str(r[1].backups[0]), "b");
    check(r[2].refuse && r[2].carrier_count == 0 && r[2].prefix_count == 0);
    expect(STORE, NULL, "");
    check_number(conf->route_count, 0);
}

static void
routes_one_by_one(void)
{
    expect(TWO "- {id: r, carriers: [{carrier: a}], refuse: true}\n"
               "- {id: r, app: s}\n"
               "- {id: s, refuse: true, backups: [a]}\n"
               "- {id: u, carriers: []}\n"
               "- {id: v, refuse: false, carriers: [{carrier: a, weight: 0}, {weight: 101}]}\n"
               "- {carriers: [{carrier: a}]}\n"
               "- r\n",
           DIRECTORY,
           "tandem.yaml:7:45: routes[0].refuse: only one of carriers and refuse is possible\n"
           "tandem.yaml:8:3: routes[1]: needs carriers, or refuse: true\n"
           "warning: tandem.yaml:8:3: routes[1]: is never used: the route in line 7 fits all that "
           "it does\n"
           "tandem.yaml:8:8: routes[1].id: `r` is the id of another one in line 7\n"
           "warning: tandem.yaml:9:3: routes[2]: is never used: the route in line 7 fits all that "
           "it does\n"
           "tandem.yaml:9:34: routes[2].backups: is only for a route with carriers\n"
           "warning: tandem.yaml:10:3: routes[3]: is never used: the route in line 7 fits all that "
           "it does\n"
           "tandem.yaml:10:21: routes[3].carriers: is empty; to send nothing write refuse: true\n"
           "warning: tandem.yaml:11:3: routes[4]: is never used: the route in line 7 fits all that "
           "it does\n"
           "tandem.yaml:11:58: routes[4].carriers[0].weight: `0` is not between 1 and 100\n"
           "tandem.yaml:11:62: routes[4].carriers[1].carrier: is required and not there\n"
           "tandem.yaml:11:71: routes[4].carriers[1].weight: `101` is not between 1 and 100\n"
           "tandem.yaml:12:3: routes[5].id: is required and not there\n"
           "warning: tandem.yaml:12:3: routes[5]: is never used: the route in line 7 fits all that "
           "it does\n"
           "tandem.yaml:13:3: routes[6]: must be a mapping, not a single value\n");
}

static void
row_y21_routes_name_what_there_is(void)
{
    expect(
        TWO
        "- {id: r1, account: none, carriers: [{carrier: x}, {carrier: a}], backups: [y, a, rx]}\n"
        "- {id: r2, app: none, carriers: [{carrier: b}, {carrier: b}, {carrier: rx}]}\n"
        "- {id: r3, account: one, app: q, sources: [+12025550150], refuse: true}\n"
        "- {id: r4, account: one, sources: [Bcme, +12025550151], refuse: true}\n"
        "- {id: r5, sources: [Bcme, Acme], refuse: true}\n",
        DIRECTORY,
        "tandem.yaml:7:21: routes[0].account: there is no `none`\n"
        "tandem.yaml:7:48: routes[0].carriers[0].carrier: there is no `x`\n"
        "tandem.yaml:7:77: routes[0].backups[0]: there is no `y`\n"
        "tandem.yaml:7:80: routes[0].backups[1]: `a` stands in carriers already\n"
        "tandem.yaml:7:83: routes[0].backups[2]: `rx` only receives (bind: receiver), nothing "
        "can go out by it\n"
        "tandem.yaml:8:17: routes[1].app: there is no `none`\n"
        "tandem.yaml:8:58: routes[1].carriers[1].carrier: `b` stands here twice\n"
        "tandem.yaml:8:72: routes[1].carriers[2].carrier: `rx` only receives (bind: receiver), "
        "nothing can go out by it\n"
        "tandem.yaml:9:31: routes[2].app: `q` is an app of account `two`\n"
        "tandem.yaml:9:43: routes[2].sources: 12025550150 is a number of another account\n"
        "tandem.yaml:10:35: routes[3].sources: Bcme is a number of another account\n"
        "tandem.yaml:10:35: routes[3].sources: 12025550151 is not among the numbers of the "
        "account\n"
        "tandem.yaml:11:21: routes[4].sources: Acme is not among the numbers\n");
    /* Without a directory there is nothing to name. */
    expect(TWO "- {id: r, account: one, sources: [+12025550150], refuse: true}\n", NULL,
           "tandem.yaml:7:20: routes[0].account: there is no `one`\n"
           "tandem.yaml:7:34: routes[0].sources: 12025550150 is not among the numbers\n");
    expect(TWO "- {id: r, refuse: true}\n", NULL, "");
}

static void
prefixes_of_a_route(void)
{
    static const char *const bad[] = {"\"\"", "+47", "4x", "1234567890123456", "\"4 7\"", "00x"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text), TWO "- {id: r, prefixes: [%s], refuse: true}\n", bad[i]);
        expect_part(text, NULL, "tandem.yaml:7:22: routes[0].prefixes[0]: `");
        check(strstr(said, "`: write 1 to 15 digits without a +\n") != NULL);
    }
    expect(TWO "- {id: r, prefixes: [47, 48, 47], refuse: true}\n"
               "- {id: s, prefixes: [], sources: [], refuse: true}\n",
           NULL,
           "tandem.yaml:7:30: routes[0].prefixes[2]: `47` stands here twice\n"
           "tandem.yaml:8:21: routes[1].prefixes: is empty and fits nothing; without it the route "
           "fits all\n"
           "tandem.yaml:8:34: routes[1].sources: is empty and fits nothing; without it the route "
           "fits all\n");
    for (uint32_t count = CONF_PREFIXES_MAX; count <= CONF_PREFIXES_MAX + 1; count++) {
        size_t n = (size_t)snprintf(text, sizeof(text), "%s", TWO "- {id: r, prefixes: [");

        for (uint32_t i = 0; i < count; i++)
            n += (size_t)snprintf(text + n, sizeof(text) - n, "%u,", 1000 + i);
        snprintf(text + n, sizeof(text) - n, "], refuse: true}\n");
        expect(text, NULL,
               count == CONF_PREFIXES_MAX
                   ? ""
                   : "tandem.yaml:7:21: routes[0].prefixes: has 1001 items, at most 1000 are "
                     "allowed\n");
    }
}

static void
routes_that_are_never_used(void)
{
    expect(TWO "- {id: r1, account: one, prefixes: [47], refuse: true}\n"
               "- {id: r2, account: one, carriers: [{carrier: a}]}\n"
               "- {id: r3, account: one, prefixes: [48], refuse: true}\n"
               "- {id: r4, app: s, refuse: true}\n"
               "- {id: r5, app: q, refuse: true}\n"
               "- {id: r6, account: two, app: q, prefixes: [4], refuse: true}\n"
               "- {id: r7, account: two, refuse: true}\n"
               "- {id: r8, sources: [Bcme], refuse: true}\n"
               "- {id: r9, refuse: true}\n"
               "- {id: r10, prefixes: [1], refuse: true}\n",
           DIRECTORY,
           "warning: tandem.yaml:9:3: routes[2]: is never used: the route in line 8 fits all that "
           "it does\n"
           "warning: tandem.yaml:10:3: routes[3]: is never used: the route in line 8 fits all that "
           "it does\n"
           "warning: tandem.yaml:12:3: routes[5]: is never used: the route in line 11 fits all "
           "that it does\n"
           "warning: tandem.yaml:16:3: routes[9]: is never used: the route in line 15 fits all "
           "that it does\n");
}

static void
routes_up_to_a_limit(void)
{
    for (uint32_t count = CONF_ROUTES_MAX; count <= CONF_ROUTES_MAX + 1; count++) {
        size_t n = (size_t)snprintf(text, sizeof(text), "%s", TWO);

        for (uint32_t i = 0; i < count; i++)
            n += (size_t)snprintf(text + n, sizeof(text) - n,
                                  "- {id: r%u, prefixes: [%u], refuse: true}\n", i, i);
        expect(text, NULL,
               count == CONF_ROUTES_MAX
                   ? ""
                   : "tandem.yaml:7:1: routes: has 10001 items, at most 10000 are allowed\n");
    }
}

/* --- sections --- */

static void
times_of_the_relay(void)
{
    expect(STORE, NULL, "");
    check_number(conf->relay.schedule_ms, 7LL * 24 * 3600 * 1000);
    check_number(conf->relay.receipt_ms, 48LL * 3600 * 1000);
    check_number(conf->relay.receipts_max, 25000);
    check_number(conf->relay.failover_ms, 30000);
    expect(STORE "relay: {schedule_max: 0s, receipt_keep: 1m, receipts_max: 1, failover: 0s}\n",
           NULL, "");
    check_number(conf->relay.schedule_ms, 0);
    check_number(conf->relay.receipt_ms, 60000);
    check_number(conf->relay.receipts_max, 1);
    check_number(conf->relay.failover_ms, 0);
}

static void
paths_of_control_and_trace(void)
{
    expect(STORE, NULL, "");
    check_text(slice_str(conf->control_path), "");
    check_text(slice_str(conf->trace_dir), "");
    check_number(conf->trace_bytes_max, 64LL << 20);
    expect(STORE "control: {path: x/control}\ntrace: {dir: /t, file_max: 1MiB}\n", NULL, "");
    check_text(slice_str(conf->control_path), "x/control");
    check_text(slice_str(conf->trace_dir), "/t");
    check_number(conf->trace_bytes_max, 1 << 20);
    expect(STORE "control:\ntrace:\n", NULL, "");
    for (int n = CONF_SOCKET_PATH_MAX; n <= (int)CONF_SOCKET_PATH_MAX + 1; n++) {
        snprintf(text, sizeof(text), STORE "control: {path: %0*d}\n", n, 0);
        expect(text, NULL,
               n == CONF_SOCKET_PATH_MAX
                   ? ""
                   : "tandem.yaml:2:17: control.path: has 108 characters with its directory, a "
                     "socket's path at most 107\n");
    }
}

#define CASE(name)  \
    {               \
#name, name \
    }
CHECK_MAIN(CASE(addresses_of_a_carrier), CASE(statuses_of_a_carrier), CASE(statuses_that_are_wrong),
           CASE(statuses_up_to_a_limit), CASE(ways_of_a_carrier), CASE(zones_of_receipts),
           CASE(ways_of_a_listener), CASE(password_hashes), CASE(one_of_four_passwords),
           CASE(smpp_size_password_of_apps_at_load), CASE(smpp_x3_networks_of_an_app),
           CASE(smpp_x3_op_outbind_networks_of_a_carrier), CASE(row_y25_empty_lists_of_an_app),
           CASE(sources_of_an_app), CASE(ways_of_an_app),
           CASE(smpp_a3_sender_names), CASE(smpp_a3_sender_names_only_send), CASE(routes_are_read),
           CASE(routes_one_by_one), CASE(row_y21_routes_name_what_there_is),
           CASE(prefixes_of_a_route), CASE(routes_that_are_never_used), CASE(routes_up_to_a_limit),
           CASE(times_of_the_relay), CASE(paths_of_control_and_trace))

/*
 * conf_test.c: the configuration against section 2 of the catalogue of bad inputs (rows Y01..Y28),
 * the rules between records, the option table itself, the templates, and the reference in the
 * manual.
 */
#include "conf/conf.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf/conf_int.h"
#include "conf/conf_template.h"
#include "tests/unit/check.h"
#include "tests/unit/conf_load.h"

/* --- files --- */

static char dir[64];
static char path[128];

static const char *
in_dir(const char *name)
{
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static void
make_dir(void)
{
    snprintf(dir, sizeof(dir), "/tmp/conf_test.XXXXXX");
    check(mkdtemp(dir) != NULL);
}

static void
write_file(const char *name, struct slice text, mode_t mode)
{
    FILE *file = fopen(in_dir(name), "w");

    check(file && fwrite(text.p, 1, text.n, file) == text.n && fclose(file) == 0);
    check(chmod(path, mode) == 0);
}

static void
remove_dir(void)
{
    static const char *const names[] = {"a.yaml",   "d.yaml",      "fifo",
                                        "password", "tandem.yaml", "directory.yaml"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(in_dir(names[i]));
    check(rmdir(dir) == 0);
}

static int
load_file(const char *name)
{
    struct conf_problems problems;
    int status;

    conf_free(conf);
    conf = conf_load(name, &problems);
    status = problems.exit_status;
    keep_problems(&problems);
    return status;
}

static void
row_y01_missing(void)
{
    check_number(load_file("/nonexistent/x.yaml"), 78);
    check_text(slice_str(said), "cannot open /nonexistent/x.yaml: No such file or directory\n");
}

static void
row_y01_missing_directory_file(void)
{
    make_dir();
    write_file("a.yaml", SLICE_LIT(STORE "directory: none.yaml\n"), 0600);
    check_number(load_file(in_dir("a.yaml")), 78);
    check(strstr(said, "a.yaml:2:12: directory: cannot open /tmp/conf_test.") ==
          said + strlen(dir) + 1);
    check(strstr(said, "/none.yaml: No such file or directory\n") != NULL);
    remove_dir();
}

/* Tools need the gateway's file alone: a directory that is broken or large is nothing to them. */
static void
tools_read_no_directory(void)
{
    struct conf_problems problems;

    make_dir();
    write_file("a.yaml", SLICE_LIT(STORE "directory: none.yaml\n"), 0600);
    conf_free(conf);
    conf = conf_load_gateway(in_dir("a.yaml"), &problems);
    keep_problems(&problems);
    check(conf && conf->store_dir[0] && conf->account_count == 0);
    write_file("a.yaml", SLICE_LIT(STORE "directory: [\n"), 0600);
    conf_free(conf);
    conf = conf_load_gateway(in_dir("a.yaml"), &problems);
    keep_problems(&problems);
    check(conf == NULL && said[0]);
    remove_dir();
}

static void
row_y02_no_permission(void)
{
    int status = 0;

    make_dir();
    write_file("a.yaml", SLICE_LIT(GOOD), 0);
    /* Root may read everything. */
    if (geteuid() == 0)
        check(chmod(dir, 0755) == 0 && seteuid(65534) == 0);
    status = load_file(in_dir("a.yaml"));
    if (getuid() == 0)
        check(seteuid(0) == 0);
    check_number(status, 77);
    check(strstr(said, ": Permission denied\n") != NULL);
    remove_dir();
}

static void
row_y03_not_a_regular_file(void)
{
    make_dir();
    check(mkfifo(in_dir("fifo"), 0600) == 0);
    check_number(load_file(path), 78);
    check(strstr(said, "/fifo: not a regular file\n") != NULL);
    check_number(load_file(dir), 78);
    check(strstr(said, ": not a regular file\n") != NULL);
    check_number(load_file("/dev/zero"), 78);
    check_text(slice_str(said), "/dev/zero: not a regular file\n");
    remove_dir();
}

static void
row_y04_modes(void)
{
    static const struct {
        const char *text;
        mode_t mode;
        const char *says;
    } rows[] = {
        {GOOD, 0600, ""},
        {GOOD, 0640, ""},
        {GOOD, 0400, ""},
        {GOOD, 0644, "mode 0644, want 0600 because it holds a password"},
        {GOOD, 0604, "mode 0604, want 0600 because it holds a password"},
        {GOOD, 0660, "mode 0660, want 0600 because others could change it"},
        {GOOD, 0666, "mode 0666, want 0600 because others could change it"},
        {STORE, 0644, ""},
        {STORE, 0664, "mode 0664, want 0644 because others could change it"},
        {STORE, 0602, "mode 0602, want 0644 because others could change it"},
        {STORE "carriers: [{id: s, host: h, port: 1, system_id: t, password: \"\"}]\n", 0644, ""},
    };

    make_dir();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_file("a.yaml", slice_str(rows[i].text), rows[i].mode);
        check_number(load_file(in_dir("a.yaml")), rows[i].says[0] ? 78 : 0);
        check(rows[i].says[0] ? strstr(said, rows[i].says) != NULL : said[0] == '\0');
    }
    remove_dir();
}

static void
row_y04_directory_mode(void)
{
    make_dir();
    write_file("a.yaml", SLICE_LIT(STORE "directory: d.yaml\n"), 0644);
    write_file("d.yaml",
               SLICE_LIT("accounts: [{id: a, name: A, apps: [{system_id: x, password: y}]}]\n"),
               0644);
    check_number(load_file(in_dir("a.yaml")), 78);
    check(strstr(said, "/d.yaml: mode 0644, want 0600 because it holds a password\n") != NULL);
    write_file("d.yaml", SLICE_LIT("accounts: []\n"), 0644);
    check_number(load_file(in_dir("a.yaml")), 0);
    remove_dir();
}

static void
row_y04_password_file(void)
{
    static const char text[] =
        STORE "carriers: [{id: s, host: h, port: 1, system_id: t, password_file: password}]\n";

    make_dir();
    write_file("a.yaml", SLICE_LIT(text), 0644);
    check_number(load_file(in_dir("a.yaml")), 78);
    check(strstr(said, "a.yaml:2:67: carriers[0].password_file: cannot open ") != NULL);
    write_file("password", SLICE_LIT("pass\r\n"), 0644);
    check_number(load_file(in_dir("a.yaml")), 78);
    check(strstr(said, "/password: mode 0644, want 0600 because it holds a password\n") != NULL);
    check(chmod(in_dir("password"), 0600) == 0);
    check_number(load_file(in_dir("a.yaml")), 0);
    check_text(slice_str(conf->carriers[0].password), "pass");
    write_file("password", SLICE_LIT("ninechars\n"), 0600);
    check_number(load_file(in_dir("a.yaml")), 78);
    check(strstr(said, "carriers[0].password: has 9 characters, SMPP allows 8") != NULL);
    check(strstr(said, "ninechars") == NULL);
    write_file("password", SLICE_LIT("pass\nword\n"), 0600);
    check_number(load_file(in_dir("a.yaml")), 78);
    check(strstr(said, "the password: character 5 is not allowed") != NULL);
    remove_dir();
}

static void
password_from_the_environment(void)
{
    static const char text[] =
        STORE "carriers: [{id: s, host: h, port: 1, system_id: t, password_env: TANDEM_TEST}]\n";

    unsetenv("TANDEM_TEST");
    expect(text, NULL,
           "tandem.yaml:2:66: carriers[0].password_env: the environment has no variable "
           "TANDEM_TEST\n");
    setenv("TANDEM_TEST", "pass", 1);
    expect(text, NULL, "");
    check_text(slice_str(conf->carriers[0].password), "pass");
}

static void
password_in_exactly_one_way(void)
{
    expect(
        STORE "carriers: [{id: s, host: h, port: 1, system_id: t}]\n", NULL,
        "tandem.yaml:2:12: carriers[0]: needs one of password, password_file and password_env\n");
    setenv("TANDEM_TEST", "pass", 1);
    expect(STORE "carriers: [{id: s, host: h, port: 1, system_id: t, password: a, password_env: "
                 "TANDEM_TEST}]\n",
           NULL,
           "tandem.yaml:2:12: carriers[0]: needs only one of password, password_file and "
           "password_env\n");
}

static void
smpp_size_password_is_checked_at_load(void)
{
    expect(STORE "carriers: [{id: s, host: h, port: 1, system_id: t, password: hidden-nine}]\n",
           NULL,
           "tandem.yaml:2:62: carriers[0].password: has 11 characters, SMPP allows 8; if the "
           "carrier really takes it, "
           "set long_password: true\n");
    expect(STORE "carriers: [{id: s, host: h, port: 1, system_id: t, password: hidden-nine, "
                 "long_password: true}]\n",
           NULL, "");
    expect(GOOD, "accounts: [{id: a, name: A, apps: [{system_id: x, password: ninechars}]}]\n",
           "directory.yaml:1:61: accounts[0].apps[0].password: has 9 characters, SMPP allows 8; if "
           "the app really sends it, set long_password: true\n");
    check(strstr(said, "ninechars") == NULL);
    expect_part(GOOD, "accounts: [{id: a, name: A, apps: [{system_id: x, password: \"\"}]}]\n",
                "apps[0].password: the password: must not be empty\n");
}

static void
row_y05_empty(void)
{
    expect("", NULL, "tandem.yaml:1:1: empty configuration\n");
    expect("# nothing\n\n", NULL, "tandem.yaml:1:1: empty configuration\n");
    expect("---\n", NULL, "tandem.yaml:1:1: empty configuration\n");
    expect("\xEF\xBB\xBF", NULL, "tandem.yaml:1:1: empty configuration\n");
    expect("just words\n", NULL, "tandem.yaml:1:1: the file must be a mapping of `key: value`\n");
    expect("- a\n", NULL, "tandem.yaml:1:1: the file must be a mapping of `key: value`\n");
    expect(GOOD, "", "directory.yaml:1:1: empty configuration\n");
}

static void
row_y06_too_large(void)
{
    char *text = malloc(CONF_FILE_BYTES_MAX + 1);

    check(text != NULL);
    make_dir();
    memset(text, '\n', CONF_FILE_BYTES_MAX + 1);
    memcpy(text, STORE, strlen(STORE));
    write_file("a.yaml", slice_of(text, CONF_FILE_BYTES_MAX + 1), 0600);
    check_number(load_file(in_dir("a.yaml")), 78);
    check(strstr(said, "/a.yaml: too large\n") != NULL);
    write_file("a.yaml", slice_of(text, CONF_FILE_BYTES_MAX), 0600);
    check_number(load_file(in_dir("a.yaml")), 0);
    free(text);
    remove_dir();
}

static void
row_y07_duplicate_key(void)
{
    expect(STORE "log: {level: info}\nstore: {dir: other}\n", NULL,
           "tandem.yaml:3:1: store: duplicate key `store`, first in line 1\n");
    expect("store:\n  dir: a\n  max: 1GiB\n  dir: b\n", NULL,
           "tandem.yaml:4:3: store.dir: duplicate key `dir`, first in line 2\n");
}

static void
row_y08_unknown_key(void)
{
    expect(
        STORE "carriers:\n  - {id: s, host: h, port: 1, system_id: t, pasword: hunter2}\n", NULL,
        "tandem.yaml:3:5: carriers[0]: needs one of password, password_file and password_env\n"
        "tandem.yaml:3:45: carriers[0].pasword: unknown key `pasword`, did you mean `password`?\n");
    expect(STORE "lisetners: []\n", NULL,
           "tandem.yaml:2:1: lisetners: unknown key `lisetners`, did you mean `listeners`?\n");
    expect(STORE "zebra: 1\n", NULL, "tandem.yaml:2:1: zebra: unknown key `zebra`\n");
    expect(STORE "\"a\\x1b[2J\\nb\": 1\n", NULL,
           "tandem.yaml:2:1: a\\x1b[2J\\x0ab: unknown key `a\\x1b[2J\\x0ab`\n");
}

static void
row_y09_wrong_type(void)
{
    expect(STORE "listeners:\n  - {id: a, port: yes}\n  - {id: b, port: 2775.5}\n  - {id: c, port: "
                 "\"2775\"}\n",
           NULL,
           "tandem.yaml:3:19: listeners[0].port: `yes`: write a whole number in decimal digits\n"
           "tandem.yaml:4:19: listeners[1].port: `2775.5`: write a whole number in decimal digits\n"
           "tandem.yaml:5:19: listeners[2].port: must not be in quotes\n");
}

static void
row_y09_wrong_shape(void)
{
    expect("store: data\n", NULL,
           "tandem.yaml:1:8: store: must be a mapping, not a single value\n");
    expect(STORE "listeners: {id: a}\n", NULL,
           "tandem.yaml:2:12: listeners: must be a list, not a mapping\n");
    expect(STORE "listeners: [a, [b]]\n", NULL,
           "tandem.yaml:2:13: listeners[0]: must be a mapping, not a single value\n"
           "tandem.yaml:2:16: listeners[1]: must be a mapping, not a list\n");
    expect("store: {dir: [a]}\n", NULL,
           "tandem.yaml:1:14: store.dir: must be a single value, not a list\n");
    expect("store:\n  dir:\n", NULL,
           "tandem.yaml:2:7: store.dir: has no value; an empty text is \"\"\n");
    expect("store:\n", NULL, "tandem.yaml:1:7: store.dir: is required and not there\n");
    expect(STORE "relay:\nlog:\n", NULL, "");
    expect("log: {level: loud}\n", NULL,
           "tandem.yaml:1:1: store: is required and not there\n"
           "tandem.yaml:1:14: log.level: `loud` is not one of error, warn, info, debug\n");
    expect("store: {dir: d, unsafe_fs: yes}\n", NULL,
           "tandem.yaml:1:28: store.unsafe_fs: `yes`: write true or false\n");
    expect("store: {dir: d, unsafe_fs: \"true\"}\n", NULL,
           "tandem.yaml:1:28: store.unsafe_fs: must not be in quotes\n");
}

static void
row_y10_numbers(void)
{
    static const char *const bad[][2] = {
        {"0", "`0` is not between 1 and 65535"},
        {"70000", "`70000` is not between 1 and 65535"},
        {"65536", "`65536` is not between 1 and 65535"},
        {"-1", "`-1`: write a whole number in decimal digits"},
        {"+1", "`+1`: write a whole number in decimal digits"},
        {"0x0AD7", "`0x0AD7`: write a whole number in decimal digits"},
        {"1e3", "`1e3`: write a whole number in decimal digits"},
        {"1_000", "`1_000`: write a whole number in decimal digits"},
        {"02775", "a number must not begin with 0: it could be meant as octal"},
        {"99999999999999999999", "`99999999999999999999` is not between 1 and 65535"},
        {"18446744073709551617", "`18446744073709551617` is not between 1 and 65535"},
    };
    char text[200], lines[300];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text), STORE "listeners: [{id: a, port: %s}]\n", bad[i][0]);
        snprintf(lines, sizeof(lines), "tandem.yaml:2:27: listeners[0].port: %s\n", bad[i][1]);
        expect(text, NULL, lines);
    }
    expect(STORE "listeners: [{id: a, port: 65535}, {id: b, port: 1}]\n", NULL, "");
    check_number(conf->listeners[0].port, 65535);
}

static void
row_y11_strings_stay_strings(void)
{
    expect(GOOD,
           "accounts: [{id: NO, name: 1e3, country: NO}, {id: 12, name: 12:30}, {id: null, name: "
           "true}]\n",
           "");
    check_text(slice_str(conf->accounts[0].id), "NO");
    check_text(slice_str(conf->accounts[0].name), "1e3");
    check_text(slice_str(conf->accounts[0].country), "NO");
    check_text(slice_str(conf->accounts[1].name), "12:30");
    check_text(slice_str(conf->accounts[2].id), "null");
    expect(STORE "carriers: [{id: s, host: h, port: 1, system_id: 1, password: 0123, "
                 "interface_version: 3.4}]\n",
           NULL, "");
    check_text(slice_str(conf->carriers[0].password), "0123");
    check_number(conf->carriers[0].interface_version, 0x34);
}

static void
row_y12_durations(void)
{
    static const char *const bad[] = {"5",
                                      "5 minutes",
                                      "-5s",
                                      "1e9h",
                                      "s",
                                      "5S",
                                      "5 s",
                                      "1h30m",
                                      "05s",
                                      "1.5s",
                                      "31d",
                                      "720h1s",
                                      "99999999999999999999s",
                                      "9999999999999999d",
                                      "\"\"",
                                      "59s"};
    static const struct {
        const char *text;
        uint64_t ms;
    } good[] = {{"60000ms", 60000},
                {"60s", 60000},
                {"1m", 60000},
                {"\"2h\"", 7200000},
                {"30d", 2592000000}};
    char text[200];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text), STORE "relay: {validity: %s}\n", bad[i]);
        expect_part(text, NULL, "tandem.yaml:2:19: relay.validity: ");
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        snprintf(text, sizeof(text), STORE "relay: {validity: %s}\n", good[i].text);
        expect(text, NULL, "");
        check_number(conf->relay.validity_ms, good[i].ms);
    }
    expect(STORE "relay: {validity: 5}\n", NULL,
           "tandem.yaml:2:19: relay.validity: `5`: write a whole number and a unit (ms, s, m, h, "
           "d) without a blank, as "
           "in 30s\n");
    expect(STORE "relay: {validity: 31d}\n", NULL,
           "tandem.yaml:2:19: relay.validity: `31d` is not between 1m and 30d\n");
}

static void
row_y12_sizes_and_percents(void)
{
    expect("store: {dir: d, max: 64, reserve: 64MB, refuse_at: 80}\n", NULL,
           "tandem.yaml:1:22: store.max: `64`: write a whole number and a unit (B, KiB, MiB, GiB, "
           "TiB) without a blank, "
           "as in 64MiB\n"
           "tandem.yaml:1:35: store.reserve: `64MB`: write a whole number and a unit (B, KiB, MiB, "
           "GiB, TiB) without a "
           "blank, as in 64MiB\n"
           "tandem.yaml:1:52: store.refuse_at: `80`: write a whole number and %, as in 80%\n");
    expect("store: {dir: d, max: 1TiB, reserve: 131072B, refuse_at: 90%}\n", NULL, "");
    check_number(conf->store_max_bytes, 1LL << 40);
    check_number(conf->store_reserve_bytes, 131072);
    check_number(conf->store_refuse_percent, 90);
    expect("store: {dir: d, max: 17TiB, refuse_at: 100%}\n", NULL,
           "tandem.yaml:1:22: store.max: `17TiB` is not between 1MiB and 16TiB\n"
           "tandem.yaml:1:40: store.refuse_at: `100%` is not between 10% and 99%\n");
    expect("store: {dir: d, max: 100MiB}\n", NULL,
           "tandem.yaml:1:8: store.reserve: is more than half of max\n");
}

static void
row_y13_anchors_and_aliases(void)
{
    static const char bomb[] =
        "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
        "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
        "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";

    expect(bomb, NULL, "tandem.yaml:1:4: anchors and aliases are not allowed\n");
    expect("a: &a [*a]\n", NULL, "tandem.yaml:1:4: anchors and aliases are not allowed\n");
    expect("a: *b\n", NULL, "tandem.yaml:1:4: anchors and aliases are not allowed\n");
    expect("a: &b c\n", NULL, "tandem.yaml:1:4: anchors and aliases are not allowed\n");
    expect("&k a: c\n", NULL, "tandem.yaml:1:1: anchors and aliases are not allowed\n");
    expect("a: &b {c: d}\n", NULL, "tandem.yaml:1:4: anchors and aliases are not allowed\n");
    expect("*a : b\n", NULL, "tandem.yaml:1:1: anchors and aliases are not allowed\n");
    expect("store:\n  <<: {dir: d}\n", NULL, "tandem.yaml:2:3: merge keys are not allowed\n");
    /* Quoted they are texts. */
    expect("store: {dir: \"&a *b !c\"}\n", NULL, "");
}

static void
row_y14_tags(void)
{
    expect("a: !!int 5\n", NULL, "tandem.yaml:1:4: tags are not allowed\n");
    expect("a: !python/object x\n", NULL, "tandem.yaml:1:4: tags are not allowed\n");
    expect("a: !!map {}\n", NULL, "tandem.yaml:1:4: tags are not allowed\n");
    expect("a: !x [b]\n", NULL, "tandem.yaml:1:4: tags are not allowed\n");
    expect("%TAG ! tag:x,2000:\n---\na: b\n", NULL,
           "tandem.yaml:1:1: directives are not allowed\n");
    expect("%YAML 1.1\n---\na: b\n", NULL, "tandem.yaml:1:1: directives are not allowed\n");
}

static void
row_y15_depth(void)
{
    static char deep[100001];

    expect(
        "a: [[[[[[[x]]]]]]]\n", NULL,
        "tandem.yaml:1:1: a: unknown key `a`\ntandem.yaml:1:1: store: is required and not there\n");
    expect("a: [[[[[[[[x]]]]]]]]\n", NULL, "tandem.yaml:1:11: nesting deeper than 8\n");
    memset(deep, '[', sizeof(deep) - 1);
    expect(deep, NULL, "tandem.yaml:1:9: nesting deeper than 8\n");
    memset(deep, '{', sizeof(deep) - 1);
    load(slice_of(deep, sizeof(deep) - 1), SLICE_NONE);
    check(conf == NULL);
    for (size_t i = 0; i + 1 < sizeof(deep); i += 2)
        memcpy(deep + i, "- ", 2);
    expect(deep, NULL, "tandem.yaml:1:17: nesting deeper than 8\n");
}

static void
row_y16_second_document(void)
{
    expect(STORE "---\nlog: {}\n", NULL, "tandem.yaml:2:1: a second document is not allowed\n");
    expect(STORE "...\n---\n", NULL, "tandem.yaml:3:1: a second document is not allowed\n");
    expect("---\n" STORE "...\n", NULL, "");
}

static void
row_y17_octets(void)
{
    expect("store:\n\tdir: d\n", NULL,
           "tandem.yaml:2:1: found character that cannot start any token, while scanning for the "
           "next token\n");
    expect(STORE "a: \"x\xFF\"\n", NULL, "tandem.yaml:2:6: invalid leading UTF-8 octet\n");
    expect(STORE "a: \xC0\xAF\n", NULL, "tandem.yaml:2:4: invalid length of a UTF-8 sequence\n");
    expect(STORE "a: \xED\xA0\x80\n", NULL, "tandem.yaml:2:4: invalid Unicode character\n");
    load(SLICE_LIT(STORE "a: x\0y\n"), SLICE_NONE);
    check_text(slice_str(said), "tandem.yaml:2:5: control characters are not allowed\n");
    load(SLICE_LIT(STORE "a: \"x\\0y\"\n"), SLICE_NONE);
    check_text(slice_str(said), "tandem.yaml:2:4: a NUL character is not allowed\n");
    expect("store: {dir: d}\rlog: {}\r", NULL,
           "tandem.yaml:1:16: a line ends with CR alone, write LF or CR LF\n");
    expect_part("store: {dir: d\n", NULL,
                "tandem.yaml:2:1: did not find expected ',' or '}', while parsing");
}

static void
row_y18_bom_and_crlf(void)
{
    expect("\xEF\xBB\xBFstore:\r\n  dir: d\r\n", NULL, "");
    check_text(slice_str(conf->store_dir), "d");
    expect("\xEF\xBB\xBFxyz: 1\r\n" STORE, NULL, "tandem.yaml:1:1: xyz: unknown key `xyz`\n");
}

static void
row_y19_utf16(void)
{
    load(SLICE_LIT("\xFF\xFEs\0t\0o\0r\0e\0:\0"), SLICE_NONE);
    check_text(slice_str(said), "tandem.yaml:1:1: UTF-16 is not allowed, write UTF-8\n");
    load(SLICE_LIT("\xFE\xFF\0s\0t"), SLICE_NONE);
    check_text(slice_str(said), "tandem.yaml:1:1: UTF-16 is not allowed, write UTF-8\n");
    load(SLICE_LIT("s\0t\0"), SLICE_NONE);
    check_text(slice_str(said), "tandem.yaml:1:2: control characters are not allowed\n");
}

static void
row_y20_duplicate_ids(void)
{
    expect(STORE "carriers:\n"
                 "  - {id: a, host: h, port: 1, system_id: t, password: x}\n"
                 "  - {id: a, host: h, port: 1, system_id: t, password: x}\n"
                 "listeners:\n  - {id: l}\n  - {id: l, port: 2776}\n  - {id: m, port: 2777}\n",
           NULL,
           "tandem.yaml:4:10: carriers[1].id: `a` is the id of another one in line 3\n"
           "tandem.yaml:7:10: listeners[1].id: `l` is the id of another one in line 6\n");
    expect(STORE "listeners:\n  - {id: l, port: 2776}\n  - {id: m, port: 2776}\n", NULL,
           "tandem.yaml:4:19: listeners[1].port: address and port are those of the listener in "
           "line 3\n");
    expect(GOOD,
           "accounts:\n"
           "  - id: a\n    name: A\n"
           "    groups: [{id: g}, {id: g}]\n"
           "    agents: [{id: x, mobile: +12025550111}, {id: x, mobile: +12025550112}]\n"
           "    apps: [{system_id: s, password: p}]\n"
           "    numbers: [{number: +12025550150, role: business, carrier: sim}]\n"
           "  - id: a\n    name: B\n"
           "    groups: [{id: g}]\n"
           "    apps: [{system_id: s, password: p}]\n"
           "    numbers: [{number: 12025550150, role: business, carrier: sim}]\n",
           "directory.yaml:4:28: accounts[0].groups[1].id: `g` is used already in line 4\n"
           "directory.yaml:5:50: accounts[0].agents[1].id: `x` is used already in line 5\n"
           "directory.yaml:8:9: accounts[1].id: `a` is used already in line 2\n"
           "directory.yaml:11:24: accounts[1].apps[0].system_id: `s` is used already in line 6\n"
           "directory.yaml:12:24: accounts[1].numbers[0].number: 12025550150 is listed already in "
           "line 7\n");
}

static void
row_y21_references(void)
{
    expect(GOOD,
           ACCOUNT "  agents: [{id: x, mobile: +12025550111, groups: [none]}]\n"
                   "  numbers:\n"
                   "  - {number: +12025550150, role: business, carrier: sin, assign_agent: y}\n"
                   "  - {number: +12025550151, role: business, carrier: sim, assign_group: z}\n"
                   "  - {number: +12025550152, role: relay, carrier: sim, agent: w}\n"
                   "  - {number: +12025550153, role: app, carrier: sim, app: v}\n",
           "directory.yaml:4:50: accounts[0].agents[0].groups: there is no `none`\n"
           "directory.yaml:6:53: accounts[0].numbers[0].carrier: there is no `sin`\n"
           "directory.yaml:6:72: accounts[0].numbers[0].assign_agent: there is no `y`\n"
           "directory.yaml:7:72: accounts[0].numbers[1].assign_group: there is no `z`\n"
           "directory.yaml:8:62: accounts[0].numbers[2].agent: there is no `w`\n"
           "directory.yaml:9:58: accounts[0].numbers[3].app: there is no `v`\n");
    /* Another account's are not there. */
    expect(
        GOOD,
        "accounts:\n- {id: a, name: A, apps: [{system_id: s, password: p}]}\n"
        "- {id: b, name: B, numbers: [{number: +12025550153, role: app, carrier: sim, app: s}]}\n",
        "directory.yaml:3:83: accounts[1].numbers[0].app: there is no `s`\n");
    expect(STORE
           "carriers: [{id: rx, host: h, port: 1, system_id: t, password: x, bind: receiver}]\n",
           ACCOUNT "  numbers: [{number: +12025550150, role: business, carrier: rx}]\n",
           "directory.yaml:4:61: accounts[0].numbers[0].carrier: `rx` only receives (bind: "
           "receiver), nothing can go out "
           "by it\n");
}

static void
numbers_and_their_roles(void)
{
    expect(
        GOOD,
        ACCOUNT "  groups: [{id: g}]\n  agents: [{id: x, mobile: +12025550111}]\n"
                "  apps: [{system_id: s, password: p}]\n"
                "  numbers:\n"
                "  - {number: +12025550150, role: business, carrier: sim, agent: x, app: s}\n"
                "  - {number: +12025550151, role: relay, carrier: sim}\n"
                "  - {number: +12025550152, role: app, carrier: sim, assign_group: g}\n"
                "  - {number: +12025550153, role: fax, carrier: sim}\n"
                "  - {number: +12025550154, role: business, carrier: sim, assign_group: g, "
                "assign_agent: x}\n",
        "directory.yaml:8:65: accounts[0].numbers[0].agent: is only for a number of role relay "
        "or user\n"
        "directory.yaml:8:73: accounts[0].numbers[0].app: is only for a number of role app, or "
        "with response: bot\n"
        "directory.yaml:9:5: accounts[0].numbers[1].agent: is required for a number of role relay\n"
        "directory.yaml:10:5: accounts[0].numbers[2].app: is required for a number of role app\n"
        "directory.yaml:10:67: accounts[0].numbers[2].assign_group: is only for a number of role "
        "business\n"
        "directory.yaml:11:34: accounts[0].numbers[3].role: `fax` is not one of business, "
        "relay, user, contact, app\n"
        "directory.yaml:12:72: accounts[0].numbers[4].assign_group: only one of assign_agent and "
        "assign_group is "
        "possible\n");
}

static void
relay_number_and_agent_agree(void)
{
    static const char good[] = ACCOUNT
        "  agents: [{id: x, mobile: +12025550111, relay_number: +12025550180, relay: true}]\n"
        "  numbers: [{number: +12025550180, role: relay, carrier: sim, agent: x}]\n";

    expect(GOOD, good, "");
    check_text(slice_str(account()->agents[0].relay_number.text), "12025550180");
    check(account()->agents[0].relay);
    expect(GOOD,
           ACCOUNT "  agents:\n  - {id: x, mobile: +12025550111}\n"
                   "  - {id: y, mobile: +12025550112, relay_number: +12025550180}\n"
                   "  - {id: z, mobile: +12025550113, relay_number: +12025550199}\n"
                   "  - {id: w, mobile: +12025550114, relay_number: +12025550150}\n"
                   "  numbers:\n  - {number: +12025550180, role: relay, carrier: sim, agent: x}\n"
                   "  - {number: +12025550150, role: business, carrier: sim}\n",
           "directory.yaml:6:49: accounts[0].agents[1].relay_number: 12025550180 is the number of "
           "agent `x` in line 10\n"
           "directory.yaml:7:49: accounts[0].agents[2].relay_number: 12025550199 is not among the "
           "numbers of the "
           "account\n"
           "directory.yaml:8:49: accounts[0].agents[3].relay_number: 12025550150 has another role "
           "in line 11 than "
           "relay\n"
           "directory.yaml:10:62: accounts[0].numbers[0].agent: agent `x` in line 5 has none as "
           "relay_number\n");
}

static void
r_proxy_1_user_number_and_agent_agree(void)
{
    expect(GOOD,
           ACCOUNT "  agents: [{id: x, mobile: +12025550111, user_number: +12025550140}]\n"
                   "  numbers:\n"
                   "  - {number: +12025550140, role: user, carrier: sim, agent: x}\n"
                   "  - {number: +12025550141, role: contact, carrier: sim}\n"
                   "  - {number: +12025550142, role: contact, carrier: sim, drain: true}\n",
           "");
    check_text(slice_str(account()->agents[0].user_number.text), "12025550140");
    check_number(account()->numbers[0].role, ROLE_USER);
    check(!account()->numbers[1].drain && account()->numbers[2].drain);
    expect(GOOD,
           ACCOUNT "  agents:\n  - {id: x, mobile: +12025550111}\n"
                   "  - {id: y, mobile: +12025550112, user_number: +12025550140}\n"
                   "  - {id: z, mobile: +12025550113, user_number: +12025550199}\n"
                   "  - {id: w, mobile: +12025550114, user_number: +12025550141}\n"
                   "  - {id: v, mobile: +12025550114, user_number: +12025550143}\n"
                   "  numbers:\n"
                   "  - {number: +12025550140, role: user, carrier: sim, agent: x}\n"
                   "  - {number: +12025550141, role: contact, carrier: sim, agent: x}\n"
                   "  - {number: +12025550142, role: user, carrier: sim}\n"
                   "  - {number: +12025550143, role: user, carrier: sim, agent: v, drain: true}\n",
           "directory.yaml:6:48: accounts[0].agents[1].user_number: 12025550140 is the number of "
           "agent `x` in line 11\n"
           "directory.yaml:7:48: accounts[0].agents[2].user_number: 12025550199 is not among the "
           "numbers of the account\n"
           "directory.yaml:8:48: accounts[0].agents[3].user_number: 12025550141 has another role "
           "in line 12 than user\n"
           "directory.yaml:9:21: accounts[0].agents[4].mobile: the agent in line 8 has the same "
           "mobile, and both have a user_number\n"
           "directory.yaml:11:61: accounts[0].numbers[0].agent: agent `x` in line 5 has none as "
           "user_number\n"
           "directory.yaml:12:64: accounts[0].numbers[1].agent: is only for a number of role relay "
           "or user\n"
           "directory.yaml:13:5: accounts[0].numbers[2].agent: is required for a number of role "
           "user\n"
           "directory.yaml:14:71: accounts[0].numbers[3].drain: is only for a number of role "
           "contact\n");
}

static void
r_proxy_5_11_15_settings_have_limits(void)
{
    expect(GOOD, ACCOUNT, "");
    check_number((long long)account()->proxy.min_idle_ms, 0);
    check_number(account()->proxy.pool_scope, POOL_OF_ACCOUNT);
    check_number((long long)account()->proxy.quarantine_ms, 24 * 3600 * 1000);
    expect(GOOD, ACCOUNT "  proxy: {min_idle: 30d, pool_scope: agent, quarantine: 0s}\n", "");
    check_number((long long)account()->proxy.min_idle_ms, 30ll * 24 * 3600 * 1000);
    check_number(account()->proxy.pool_scope, POOL_OF_AGENT);
    check_number((long long)account()->proxy.quarantine_ms, 0);
    expect_part(GOOD, ACCOUNT "  proxy: {min_idle: 31d}\n", "accounts[0].proxy.min_idle: ");
    expect_part(GOOD, ACCOUNT "  proxy: {quarantine: 31d}\n", "accounts[0].proxy.quarantine: ");
    expect_part(GOOD, ACCOUNT "  proxy: {pool_scope: gateway}\n",
                "accounts[0].proxy.pool_scope: `gateway` is not one of account, agent");
    expect_part(GOOD,
                ACCOUNT "  agents: [{id: x, mobile: +12025550111, user_number: +12025550140}]\n"
                        "  numbers: [{number: +12025550140, role: user, carrier: sim, agent: x}]\n",
                "user_number: nothing will reach the agent");
}

static void
agents_and_their_phones(void)
{
    expect(GOOD,
           ACCOUNT "  agents:\n"
                   "  - {id: x, mobile: +12025550150}\n"
                   "  - {id: y, mobile: +12025550111, relay_number: +12025550180}\n"
                   "  - {id: z, mobile: +12025550111, relay_number: +12025550180}\n"
                   "  - {id: v, mobile: 555}\n"
                   "  - {id: w, mobile: Acme}\n"
                   "  numbers:\n"
                   "  - {number: +12025550150, role: business, carrier: sim}\n"
                   "  - {number: +12025550180, role: relay, carrier: sim, agent: y}\n",
           "directory.yaml:5:21: accounts[0].agents[0].mobile: 12025550150 is a number of the "
           "gateway in line 11\n"
           "directory.yaml:7:21: accounts[0].agents[2].mobile: the agent in line 6 has the same "
           "mobile and relay "
           "number\n"
           "directory.yaml:7:49: accounts[0].agents[2].relay_number: 12025550180 is the number of "
           "agent `y` in line "
           "12\n"
           "directory.yaml:8:21: accounts[0].agents[3].mobile: needs the country code, or the "
           "account a country\n"
           "directory.yaml:9:21: accounts[0].agents[4].mobile: `Acme` is not a phone number\n");
}

static void
national_numbers_wherever_country_stands(void)
{
    expect_part(GOOD, ACCOUNT "  agents: [{id: x, mobile: (202) 555-0111}]\n  country: US\n",
                "warning: directory.yaml:5:12: accounts[0].country: US rules also count quit");
    check_text(slice_str(account()->agents[0].mobile.text), "12025550111");
}

static void
r_stop_3_warning_for_us_accounts(void)
{
    check_number(
        load(SLICE_LIT(GOOD),
             SLICE_LIT("accounts: [{id: a, name: A, country: US}, {id: b, name: B, country: "
                       "GB}]\n")),
        0);
    check(conf != NULL);
    check_text(
        slice_str(said),
        "warning: directory.yaml:1:38: accounts[0].country: US rules also count quit, end, revoke, "
        "opt out, optout, cancel, unsubscribe, stopall as an opt-out; opt_out: {presets: [us]} "
        "does so\n");
    expect(GOOD, "accounts: [{id: a, name: A, country: US, opt_out: {presets: [stop-only, us]}}]\n",
           "");
    expect(GOOD,
           "accounts: [{id: a, name: A, country: US, opt_out: {keywords: [quit, END, revoke], "
           "patterns: [\"opt ?out|(?-i)cancel|unsubscribe|stopall\"]}}]\n",
           "");
}

static void
warnings_are_no_errors(void)
{
    expect(STORE
           "listeners: [{id: a, address: 0.0.0.0}, {id: b, address: \"::1\"}, {id: c, address: "
           "192.168.1.1}]\n",
           NULL,
           "warning: tandem.yaml:2:30: listeners[0].address: passwords and texts cross a public "
           "network "
           "unencrypted\n");
    check(conf != NULL);
    expect(GOOD, ACCOUNT "  agents: [{id: x, mobile: +12025550111, relay: true}]\n",
           "warning: directory.yaml:4:49: accounts[0].agents[0].relay: nothing will be forwarded, "
           "because the agent has "
           "no relay_number\n");
}

static void
row_y23_templates(void)
{
    expect(STORE "messages:\n  notice: \"no {nam} here\"\n", NULL,
           "tandem.yaml:3:11: messages.notice: unknown placeholder {nam} at character 4; known "
           "are: {limit}\n");
    expect(STORE "messages: {cut: \"a { b\", too_long: \"a } b\", opted_out: \"{id\", forward: "
                 "\"{from}\"}\n",
           NULL,
           "tandem.yaml:2:17: messages.cut: `{` at character 3 begins no placeholder; a brace is "
           "written {{\n"
           "tandem.yaml:2:36: messages.too_long: `}` at character 3 ends no placeholder; a brace "
           "is written }}\n"
           "tandem.yaml:2:56: messages.opted_out: `{` at character 1 begins no placeholder; a "
           "brace is written {{\n"
           "tandem.yaml:2:72: messages.forward: must have the placeholder {id}\n"
           "tandem.yaml:2:72: messages.forward: must have the placeholder {text}\n");
    expect(STORE "messages: {notice: \"\", stop_confirmation: \"\", unstop_confirmation: \"\"}\n",
           NULL, "tandem.yaml:2:20: messages.notice: must not be empty\n");
    expect(STORE "messages: {notice: \"{{ok}} %s {limit}\\nline 2\"}\n", NULL, "");
    check_text(slice_str(conf->messages[MESSAGE_NOTICE]), "{{ok}} %s {limit}\nline 2");
    expect(STORE "messages: {forward: \"{id} {text} {id} {text}\"}\n", NULL, "");
    expect(STORE "messages: {forward: \"{id} {text} {text} {text}\"}\n", NULL,
           "tandem.yaml:2:21: messages.forward: has {text} 3 times, more than 2\n");
}

static void
row_y24_long_template(void)
{
    static char text[6000];

    snprintf(text, sizeof(text), STORE "messages: {notice: \"%0*d\"}\n", 459, 0);
    expect(text, NULL, "");
    snprintf(text, sizeof(text), STORE "messages: {notice: \"%0*d\"}\n", 460, 0);
    expect(text, NULL,
           "tandem.yaml:2:20: messages.notice: is too long: 460 characters with its values, 3 "
           "parts hold 459\n");
    snprintf(text, sizeof(text), STORE "messages: {notice: \"\xE2\x98\x83%0*d\"}\n", 200, 0);
    expect(text, NULL, "");
    snprintf(text, sizeof(text), STORE "messages: {notice: \"\xE2\x98\x83%0*d\"}\n", 201, 0);
    expect(text, NULL,
           "tandem.yaml:2:20: messages.notice: is too long: 202 characters with its values, 3 "
           "parts hold 201\n");
    snprintf(text, sizeof(text), STORE "messages: {notice: \"%0*d\"}\n", 5000, 0);
    expect_part(text, NULL, "messages.notice: has 5000 characters, at most 4096 are allowed\n");
    snprintf(text, sizeof(text), STORE "messages: {stop_confirmation: \"{name}%0*d\"}\n", 396, 0);
    expect_part(text, NULL, "is too long: 460 characters");
}

static void
row_y25_empty_binds(void)
{
    expect(GOOD, ACCOUNT "  apps: [{system_id: s, password: p, binds: []}]\n",
           "directory.yaml:4:45: accounts[0].apps[0].binds: is empty: the app could never bind\n");
    expect(GOOD,
           ACCOUNT "  apps: [{system_id: s, password: p, binds: [receiver, receiver, all]}]\n",
           "directory.yaml:4:56: accounts[0].apps[0].binds[1]: `receiver` stands here twice\n"
           "directory.yaml:4:66: accounts[0].apps[0].binds[2]: `all` is not one of transmitter, "
           "receiver, "
           "transceiver\n");
    expect(GOOD, ACCOUNT "  apps: [{system_id: s, password: p, binds: [receiver]}]\n", "");
    check(account()->apps[0].allow_receiver && !account()->apps[0].allow_transmitter);
    check(!account()->apps[0].allow_transceiver);
}

static void
row_y28_many_agents(void)
{
    enum { AGENTS = 100000, LINE = 256 };
    size_t cap = (size_t)AGENTS * 2 * LINE, n;
    char *text = malloc(cap);

    check(text != NULL);
    n = (size_t)snprintf(text, cap, ACCOUNT "  groups: [{id: g}]\n  agents:\n");
    for (uint32_t i = 0; i < AGENTS; i++)
        n += (size_t)snprintf(text + n, cap - n,
                              "  - {id: a%u, name: Agent %u, mobile: +1202%07u, groups: [g]}\n", i,
                              i, i);
    load(SLICE_LIT(GOOD), slice_of(text, n));
    check_text(slice_str(said), "");
    check_number(account()->agent_count, AGENTS);
    check_text(slice_str(account()->agents[AGENTS - 1].id), "a99999");
    free(text);
}

static void
every_problem_up_to_a_limit(void)
{
    static char text[20000];
    size_t n = (size_t)snprintf(text, sizeof(text), STORE "listeners:\n");

    for (uint32_t i = 0; i < 300; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "- {id: l%u, port: 0}\n", i);
    load(slice_of(text, n), SLICE_NONE);
    check(strstr(said, "tandem.yaml:3:18: listeners[0].port: ") == said);
    check(strstr(said, "more problems are not shown\n") != NULL);
    check(strstr(said, "listeners[150].port") != NULL);
}

static void
limits_of_texts(void)
{
    expect(STORE "gateway: {name: sixteencharacter}\n", NULL,
           "tandem.yaml:2:17: gateway.name: has 16 characters, at most 15 are allowed\n");
    expect(STORE "gateway: {name: fifteencharacte}\n", NULL, "");
    expect(
        STORE "carriers: [{id: s, host: h, port: 1, system_id: \"\", password: x, system_type: "
              "thirteenchars}]\n",
        NULL,
        "tandem.yaml:2:49: carriers[0].system_id: must not be empty\n"
        "tandem.yaml:2:79: carriers[0].system_type: has 13 characters, at most 12 are allowed\n");
    expect(STORE "carriers: [{id: a b, host: h, port: 1, system_id: t\xC3\xA9, password: x}]\n",
           NULL,
           "tandem.yaml:2:17: carriers[0].id: character 2 is not allowed: letters, digits, `.`, "
           "`_` and `-` only\n"
           "tandem.yaml:2:51: carriers[0].system_id: character 2 is not allowed: printable ASCII "
           "characters only\n");
    expect(GOOD, "accounts: [{id: a, name: \"a\\tb\", country: us}]\n",
           "directory.yaml:1:26: accounts[0].name: character 2 is not allowed: printable "
           "characters only\n"
           "directory.yaml:1:43: accounts[0].country: must be the two capital letters of ISO 3166, "
           "as in US\n");
}

static void
hosts_and_addresses(void)
{
    static const char *const good[] = {"smsc.example.com", "127.0.0.1", "::1",
                                       "2001:db8::1",      "a-b.c",     "x"};
    static const char *const bad[] = {"1.2.3", "256.1.1.1", "a:b:c:g", "-x",
                                      "a b",   "a/b",       "\"\"",    "127.0.0.1:2775"};
    char text[200];

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        snprintf(text, sizeof(text),
                 STORE "carriers: [{id: a, host: \"%s\", port: 1, system_id: t, password: x}]\n",
                 good[i]);
        expect(text, NULL, "");
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text),
                 STORE "carriers: [{id: a, host: %s, port: 1, system_id: t, password: x}]\n",
                 bad[i]);
        expect_part(text, NULL, "tandem.yaml:2:26: carriers[0].host: ");
    }
    expect_part(STORE "listeners: [{id: a, address: localhost}]\n", NULL,
                "tandem.yaml:2:30: listeners[0].address: must be an IPv4 or IPv6 address");
}

static void
waits_in_the_right_order(void)
{
    expect(STORE "carriers: [{id: a, host: h, port: 1, system_id: t, password: x, reconnect_min: "
                 "2m, refused_max: 1s}]\n"
                 "relay: {retry_max: 4s}\n",
           NULL,
           "tandem.yaml:2:12: carriers[0].reconnect_max: is shorter than reconnect_min\n"
           "tandem.yaml:2:97: carriers[0].refused_max: is shorter than refused_min\n"
           "tandem.yaml:3:20: relay.retry_max: is shorter than retry_min\n");
}

/* --- the option table --- */

static void
table_is_sound(void)
{
    const struct conf_section *s;

    for (size_t at = 0; (s = conf_section_at(at)) != NULL; at++) {
        for (size_t i = 0; i < s->option_count; i++) {
            const struct conf_option *o = &s->options[i];
            char why[CONF_WHY_BYTES];
            uint64_t number;

            check(o->name && o->text && o->text[0] && strlen(o->name) <= CONF_KEY_BYTES_MAX);
            check(!o->required || !o->fallback);
            check(s->option_count <= CONF_KEYS_MAX);
            if (o->type <= OPT_WORD) {
                check(o->required || o->fallback || o->type == OPT_DATE);
                check(!o->fallback || conf_number_parse(o, slice_str(o->fallback), &number, why));
                check(o->size >= 8 || o->max >> (8 * o->size) == 0);
            }
            if (o->type == OPT_DURATION)
                check(o->max <= CONF_DURATION_MAX);
            if (o->type >= OPT_ID && o->type <= OPT_MESSAGE && o->fallback)
                check(conf_text_allowed(o, slice_str(o->fallback), why));
            for (size_t j = 0; j < i; j++)
                check(strcmp(o->name, s->options[j].name) != 0);
        }
    }
}

/* Every number option at its ends and one past them. */
static void
table_limits_hold(void)
{
    const struct conf_section *s;

    for (size_t at = 0; (s = conf_section_at(at)) != NULL; at++) {
        for (size_t i = 0; i < s->option_count; i++) {
            const struct conf_option *o = &s->options[i];
            char why[CONF_WHY_BYTES], text[64];
            uint64_t number;

            if (o->type != OPT_COUNT && o->type != OPT_DURATION && o->type != OPT_SIZE &&
                o->type != OPT_PERCENT)
                continue;
            const char *unit = o->type == OPT_DURATION ? "ms" : o->type == OPT_SIZE ? "B" : "";
            if (o->type == OPT_PERCENT)
                unit = "%";
            for (uint64_t value = o->min - (o->min > 0); value <= o->min + 1; value++) {
                snprintf(text, sizeof(text), "%llu%s", (unsigned long long)value, unit);
                check(conf_number_parse(o, slice_str(text), &number, why) == (value >= o->min));
            }
            snprintf(text, sizeof(text), "%llu%s", (unsigned long long)o->max, unit);
            check(conf_number_parse(o, slice_str(text), &number, why) && number == o->max);
            check(
                conf_number_parse(o, slice_str(conf_number_format(o, o->max, text)), &number, why));
            check(number == o->max);
            snprintf(text, sizeof(text), "%llu%s", (unsigned long long)o->max + 1, unit);
            check(!conf_number_parse(o, slice_str(text), &number, why));
        }
    }
}

static void
defaults_are_the_tables(void)
{
    expect(
        STORE
        "carriers: [{id: a, host: h, port: 1, system_id: t, password: x}]\nlisteners: [{id: b}]\n",
        ACCOUNT
        "  apps: [{system_id: s, password: p}]\n  agents: [{id: x, mobile: +12025550111}]\n",
        "");
    check_text(slice_str(conf->name), "tandem");
    check_text(slice_str(conf->log_level), "info");
    check_number(conf->drain_ms, 10000);
    check_number(conf->store_max_bytes, 64LL << 30);
    check_number(conf->relay.reply_limit, 140);
    check_number(conf->relay.reply_overflow, OVERFLOW_DELIVER_PART);
    check_number(conf->relay.reply_scope, SCOPE_PARTICIPANTS);
    check_number(conf->relay.reassembly_ms, 300000);
    check_number(conf->carriers[0].refused_max_ms, 900000);
    check_number(conf->carriers[0].interface_version, 0x34);
    check_text(slice_str(conf->carriers[0].system_type), "");
    check_number(conf->listeners[0].port, 2775);
    check_text(slice_str(conf->listeners[0].address), "127.0.0.1");
    check_number(account()->max_parts, 3);
    check(account()->transliterate);
    check_number(account()->long_messages, LONG_CONCATENATE);
    check(account()->apps[0].allow_transmitter && account()->apps[0].allow_transceiver);
    check_number(account()->apps[0].class, CLASS_BULK);
    check_text(slice_str(account()->agents[0].name), "x");
    check_text(slice_str(conf->messages[MESSAGE_FORWARD]), "{id} {from}: {text}");
}

/* --- templates --- */

static size_t
expand(const char *text, uint8_t *out, size_t cap)
{
    static const struct template_value values[] = {{"id", {(const uint8_t *)"123456", 6}},
                                                   {"from", {(const uint8_t *)"+12025550123", 12}},
                                                   {"text", {(const uint8_t *)"{id} %s {{x}}", 13}},
                                                   {"limit", {(const uint8_t *)"140", 3}}};

    return conf_template_expand(text, values, 4, out, cap);
}

static void
template_expands_once(void)
{
    uint8_t out[64];
    size_t n = expand("{id} {from}: {text}", out, sizeof(out));

    check_text(slice_of(out, n), "123456 +12025550123: {id} %s {{x}}");
    for (size_t cap = 0; cap < n; cap++)
        check_number(expand("{id} {from}: {text}", out, cap), 0);
    check_number(expand("{id} {from}: {text}", out, n), (long long)n);
    n = expand("{{{limit}}} }}{{", out, sizeof(out));
    check_text(slice_of(out, n), "{140} }{");
    check_number(expand("", out, sizeof(out)), 0);
}

static void
r_txt_7_notice_fits_one_message(void)
{
    uint8_t out[400];
    size_t n;

    expect(STORE, NULL, "");
    n = expand(conf->messages[MESSAGE_NOTICE], out, sizeof(out));
    check(n > 0 && n <= 160 && text_fits(TEXT_GSM, slice_of(out, n)));
    n = expand(conf->messages[MESSAGE_CUT], out, sizeof(out));
    check(n > 0 && n <= 160);
}

static void
r_proxy_6_texts_fit_one_message(void)
{
    struct template_value values[] = {{"contact", SLICE_LIT("+123456789012345")},
                                      {"number", SLICE_LIT("+123456789012345")},
                                      {"name", SLICE_LIT("The Company")},
                                      {"text", SLICE_NONE}};
    uint8_t out[400];

    expect(STORE, NULL, "");
    for (int i = MESSAGE_PROXY_INTRO; i <= MESSAGE_PROXY_OPTED_OUT; i++) {
        size_t n = conf_template_expand(conf->messages[i], values, 4, out, sizeof(out));

        check(n > 0 && n <= 160 && text_fits(TEXT_GSM, slice_of(out, n)));
    }
}

static void
template_names_of_every_message(void)
{
    for (int i = 0; i < CONF_MESSAGES; i++) {
        size_t n = 0;

        for (const struct template_name *name = conf_template_names((enum conf_message)i);
             name->name; name++)
            n++;
        check((n > 0 || i == MESSAGE_PROXY_USAGE) && n <= TEMPLATE_NAMES_MAX);
        check(strcmp(conf_message_name((enum conf_message)i), "?") != 0);
    }
}

/* --- the examples and the manual --- */

static char *
read_whole(const char *name, size_t *n)
{
    FILE *file = fopen(name, "r");
    char *text = calloc(1, 1 << 20);

    if (!file)
        printf("    cannot open %s; run from the top of the tree\n", name);
    check(file && text);
    *n = fread(text, 1, (1 << 20) - 1, file);
    fclose(file);
    return text;
}

static void
examples_load(void)
{
    size_t gateway_n, directory_n;
    char *gateway = read_whole("conf/tandem.yaml", &gateway_n);
    char *directory = read_whole("conf/directory.yaml", &directory_n);
    char want[80];

    make_dir();
    write_file("tandem.yaml", slice_of(gateway, gateway_n), 0600);
    write_file("directory.yaml", slice_of(directory, directory_n), 0600);
    check_number(load_file(in_dir("tandem.yaml")), 0);
    snprintf(want, sizeof(want), "%s/../var/store", dir);
    check_text(slice_str(conf->store_dir), want);
    check_number(account()->agent_count, 2);
    check_number(account()->number_count, 7);
    /* Cut anywhere, they are a problem or not, and nothing worse. */
    for (size_t n = 0; n < gateway_n; n++)
        load(slice_of(gateway, n), SLICE_NONE);
    for (size_t n = 0; n < directory_n; n++)
        load(slice_of(gateway, gateway_n), slice_of(directory, n));
    free(gateway);
    free(directory);
    remove_dir();
}

/* Takes the "# " off every commented option, so that all of them stand there. */
static void
examples_show_every_default(void)
{
    size_t n;
    char *gateway = read_whole("conf/tandem.yaml", &n),
         *directory = read_whole("conf/directory.yaml", &n);

    const struct conf_section *s;

    for (size_t at = 0; (s = conf_section_at(at)) != NULL; at++) {
        for (size_t i = 0; i < s->option_count; i++) {
            const struct conf_option *o = &s->options[i];
            bool plain = o->fallback && o->type != OPT_MESSAGE && o->fallback[0];
            char line[200];

            snprintf(line, sizeof(line), " %s:%s%s", o->name, plain ? " " : "",
                     plain ? o->fallback : "");
            if (o->type == OPT_SECTION || o->type == OPT_LIST || strcmp(o->name, "directory") == 0)
                snprintf(line, sizeof(line), "%s:", o->name);
            /* The example says otherwise on these two, and names the default beside it. */
            if (strcmp(o->name, "relay") == 0)
                snprintf(line, sizeof(line), "relay:");
            if (!strstr(gateway, line) && !strstr(directory, line)) {
                printf("    the examples lack \"%s\" of %s\n", line, s->name);
                check(false);
            }
        }
    }
    free(gateway);
    free(directory);
}

static const char *manual;

static int
find_in_manual(void *context, const char *line)
{
    size_t n = strlen(line);

    (void)context;
    if (strncmp(line, "<!-- options of ", 16) == 0) {
        manual = strstr(manual, line);
        if (!manual)
            printf("    docs/configuration.md lacks, or has in another order: %s\n", line);
        check(manual != NULL);
    }
    if (strncmp(manual, line, n) != 0 || manual[n] != '\n')
        printf("    docs/configuration.md should say: %s\n", line);
    check(strncmp(manual, line, n) == 0 && manual[n] == '\n');
    manual += n + 1;
    return 0;
}

static void
manual_is_the_table(void)
{
    size_t n;
    char *text = read_whole("docs/configuration.md", &n);

    manual = text;
    conf_print_reference(find_in_manual, NULL);
    check(strstr(manual, "<!-- options of") == NULL);
    free(text);
}

static void
smpp_x4_check_tells_of_plain_passwords(void)
{
    static const char directory[] =
        ACCOUNT "  apps:\n  - {system_id: p, password: secret}\n  - {system_id: h, password_hash: "
                "\"$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
                "aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g\"}\n";
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);

    make_dir();
    write_file("a.yaml", SLICE_LIT(GOOD "directory: d.yaml\n"), 0600);
    write_file("d.yaml", SLICE_LIT(directory), 0600);
    check(out != NULL);
    check_number(conf_check(in_dir("a.yaml"), out), 0);
    fclose(out);
    check(strstr(text, "warning: apps whose password is kept in plain text: 1; ") == text);
    check(strstr(text, ", apps 2, ") != NULL);
    free(text);
    remove_dir();
}

static void
check_command(void)
{
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);

    make_dir();
    write_file("a.yaml", SLICE_LIT(GOOD), 0600);
    check(out != NULL);
    check_number(conf_check(in_dir("a.yaml"), out), 0);
    write_file("a.yaml", SLICE_LIT("x: 1\n"), 0600);
    check_number(conf_check(in_dir("a.yaml"), out), 78);
    fclose(out);
    check(
        strstr(
            text,
            "/a.yaml: good (listeners 0, carriers 1, accounts 0, agents 0, apps 0, numbers 0)\n") !=
        NULL);
    check(strstr(text, "/a.yaml:1:1: x: unknown key `x`\n") != NULL);
    check(strstr(text, "/a.yaml: refused\n") != NULL);
    free(text);
    remove_dir();
}

#define CASE(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
CHECK_MAIN(CASE(row_y01_missing), CASE(row_y01_missing_directory_file),
           CASE(tools_read_no_directory), CASE(row_y02_no_permission),
           CASE(row_y03_not_a_regular_file), CASE(row_y04_modes), CASE(row_y04_directory_mode),
           CASE(row_y04_password_file), CASE(password_from_the_environment),
           CASE(password_in_exactly_one_way), CASE(smpp_size_password_is_checked_at_load),
           CASE(row_y05_empty),
           CASE(row_y06_too_large), CASE(row_y07_duplicate_key), CASE(row_y08_unknown_key),
           CASE(row_y09_wrong_type), CASE(row_y09_wrong_shape), CASE(row_y10_numbers),
           CASE(row_y11_strings_stay_strings), CASE(row_y12_durations),
           CASE(row_y12_sizes_and_percents), CASE(row_y13_anchors_and_aliases), CASE(row_y14_tags),
           CASE(row_y15_depth), CASE(row_y16_second_document), CASE(row_y17_octets),
           CASE(row_y18_bom_and_crlf), CASE(row_y19_utf16), CASE(row_y20_duplicate_ids),
           CASE(row_y21_references), CASE(numbers_and_their_roles),
           CASE(r_proxy_1_user_number_and_agent_agree), CASE(r_proxy_5_11_15_settings_have_limits),
           CASE(relay_number_and_agent_agree), CASE(agents_and_their_phones),
           CASE(national_numbers_wherever_country_stands), CASE(r_stop_3_warning_for_us_accounts),
           CASE(warnings_are_no_errors), CASE(row_y23_templates), CASE(row_y24_long_template),
           CASE(row_y25_empty_binds), CASE(row_y28_many_agents), CASE(every_problem_up_to_a_limit),
           CASE(limits_of_texts), CASE(hosts_and_addresses), CASE(waits_in_the_right_order),
           CASE(table_is_sound), CASE(table_limits_hold), CASE(defaults_are_the_tables),
           CASE(template_expands_once), CASE(r_txt_7_notice_fits_one_message),
           CASE(r_proxy_6_texts_fit_one_message),
           CASE(template_names_of_every_message), CASE(examples_load),
           CASE(examples_show_every_default), CASE(manual_is_the_table),
           CASE(smpp_x4_check_tells_of_plain_passwords), CASE(check_command))

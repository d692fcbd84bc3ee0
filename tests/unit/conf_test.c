/*
 * conf_test.c: the configuration's files against section 2 of the catalogue of bad inputs (rows
 * Y01..Y19): what can be wrong with a file, and with one value in it.
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


/* --- the examples, and the command that checks --- */

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
           CASE(row_y05_empty), CASE(row_y06_too_large), CASE(row_y07_duplicate_key),
           CASE(row_y08_unknown_key), CASE(row_y09_wrong_type), CASE(row_y09_wrong_shape),
           CASE(row_y10_numbers), CASE(row_y11_strings_stay_strings), CASE(row_y12_durations),
           CASE(row_y12_sizes_and_percents), CASE(row_y13_anchors_and_aliases), CASE(row_y14_tags),
           CASE(row_y15_depth), CASE(row_y16_second_document), CASE(row_y17_octets),
           CASE(row_y18_bom_and_crlf), CASE(row_y19_utf16),
           CASE(examples_load), CASE(smpp_x4_check_tells_of_plain_passwords), CASE(check_command))

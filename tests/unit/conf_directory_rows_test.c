/*
 * conf_directory_rows_test.c: section 2 of the catalogue of bad inputs for the directory file, a
 * case or more for each row (conf_test.c has the same for the gateway's file).
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "conf/conf_limits.h"
#include "tests/unit/check.h"
#include "tests/unit/conf_load.h"

/* ---- files */

static char dir[64];
static char path[200];

static const char *
in_dir(const char *name)
{
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static void
write_file(const char *name, struct slice text, mode_t mode)
{
    FILE *file = fopen(in_dir(name), "w");

    check(file && fwrite(text.p, 1, text.n, file) == text.n && fclose(file) == 0);
    check(chmod(path, mode) == 0);
}

/* A gateway's file that names d.yaml. */
static void
make_dir(void)
{
    snprintf(dir, sizeof(dir), "/tmp/conf_directory.XXXXXX");
    check(mkdtemp(dir) != NULL);
    write_file("a.yaml", SLICE_LIT(GOOD "directory: d.yaml\n"), 0600);
}

static void
remove_dir(void)
{
    static const char *const names[] = {"a.yaml", "d.yaml", "e.yaml", "other"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        (void)unlink(in_dir(names[i]));
    check(rmdir(dir) == 0);
}

static int
load_file(void)
{
    struct conf_problems problems;
    int status;

    conf_free(conf);
    conf = conf_load(in_dir("a.yaml"), &problems);
    status = problems.exit_status;
    keep_problems(&problems);
    return status;
}

#define WITH_PASSWORD "accounts: [{id: a, name: A, apps: [{system_id: x, password: y}]}]\n"

static void
y01_y02_y03_files_that_cannot_be_read(void)
{
    make_dir();
    check_number(load_file(), 78);
    check(strstr(said, "directory: cannot open ") && strstr(said, "/d.yaml: No such file"));
    write_file("d.yaml", SLICE_LIT(ACCOUNT), 0);
    check(chown(in_dir("a.yaml"), geteuid() == 0 ? 65534 : geteuid(), (gid_t)-1) == 0);
    if (geteuid() == 0) /* root may read everything */
        check(chmod(dir, 0755) == 0 && seteuid(65534) == 0);
    check_number(load_file(), 77);
    if (getuid() == 0)
        check(seteuid(0) == 0);
    check(strstr(said, "/d.yaml: Permission denied\n") != NULL);
    check(unlink(in_dir("d.yaml")) == 0 && mkfifo(path, 0600) == 0);
    check_number(load_file(), 78);
    check(strstr(said, "/d.yaml: not a regular file\n") != NULL);
    check(unlink(in_dir("d.yaml")) == 0 && symlink("/dev/zero", path) == 0);
    check_number(load_file(), 78);
    check(strstr(said, "/d.yaml: not a regular file\n") != NULL);
    remove_dir();
}

static void
y04_modes(void)
{
    static const struct {
        const char *text;
        mode_t mode;
        const char *says;
    } rows[] = {
        {WITH_PASSWORD, 0600, ""},
        {WITH_PASSWORD, 0640, ""},
        {WITH_PASSWORD, 0644, "mode 0644, want 0600 because it holds a password"},
        {WITH_PASSWORD, 0660, "mode 0660, want 0600 because others could change it"},
        {ACCOUNT, 0644, ""},
        {ACCOUNT, 0646, "mode 0646, want 0644 because others could change it"},
    };

    make_dir();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_file("d.yaml", slice_str(rows[i].text), rows[i].mode);
        check_number(load_file(), rows[i].says[0] ? 78 : 0);
        check(rows[i].says[0] ? strstr(said, rows[i].says) != NULL : said[0] == '\0');
    }
    remove_dir();
}

/* Its limit is another one than the gateway's file has: 100,000 agents must fit. */
static void
y06_too_large(void)
{
    size_t n = CONF_DIRECTORY_BYTES_MAX + 1;
    char *text = malloc(n);

    check(text != NULL);
    make_dir();
    memset(text, '\n', n);
    memcpy(text, ACCOUNT, strlen(ACCOUNT));
    write_file("d.yaml", slice_of(text, n), 0600);
    check_number(load_file(), 78);
    check(strstr(said, "/d.yaml: too large\n") != NULL);
    write_file("d.yaml", slice_of(text, CONF_FILE_BYTES_MAX + 1), 0600);
    check_number(load_file(), 0);
    free(text);
    remove_dir();
}

static void
y26_nothing_is_included(void)
{
    make_dir();
    write_file("d.yaml", SLICE_LIT("accounts: !include e.yaml\n"), 0600);
    check_number(load_file(), 78);
    check(strstr(said, "tags are not allowed") != NULL);
    write_file("d.yaml", SLICE_LIT("include: e.yaml\n" ACCOUNT), 0600);
    check_number(load_file(), 78);
    check(strstr(said, "unknown key `include`") != NULL);
    check(unlink(in_dir("d.yaml")) == 0 && symlink("d.yaml", path) == 0);
    check_number(load_file(), 78);
    check(strstr(said, "symbolic links") != NULL);
    remove_dir();
}

/* Two files that are each right, and wrong if half of one is read and half of the other. */
static atomic_bool replacing;

static void *
replace_on_and_on(void *unused)
{
    static const char *const texts[] = {
        ACCOUNT "  groups: [{id: gg}]\n  agents: [{id: one, mobile: +12025550101, groups: [gg]}]\n",
        ACCOUNT "  groups: [{id: a-longer-name, name: And a name}]\n"
                "  agents: [{id: one, mobile: +12025550101, groups: [a-longer-name]}]\n"};
    char from[200], to[200];

    snprintf(from, sizeof(from), "%s/e.yaml", dir);
    snprintf(to, sizeof(to), "%s/d.yaml", dir);
    for (unsigned i = 0; atomic_load(&replacing); i++) {
        FILE *file = fopen(from, "w");

        check(file && fputs(texts[i % 2], file) >= 0 && fclose(file) == 0);
        check(chmod(from, 0600) == 0 && rename(from, to) == 0);
    }
    return unused;
}

static void
y27_replaced_while_it_is_read(void)
{
    pthread_t thread;

    make_dir();
    write_file("d.yaml", SLICE_LIT(ACCOUNT), 0600);
    atomic_store(&replacing, true);
    check(pthread_create(&thread, NULL, replace_on_and_on, NULL) == 0);
    for (unsigned i = 0; i < 300; i++) {
        check_number(load_file(), 0);
        check_text(slice_str(said), "");
    }
    atomic_store(&replacing, false);
    check(pthread_join(thread, NULL) == 0);
    /* What was read stays what it was. */
    write_file("d.yaml", SLICE_LIT(ACCOUNT "  groups: [{id: first}]\n"), 0600);
    check_number(load_file(), 0);
    write_file("d.yaml", SLICE_LIT(ACCOUNT "  groups: [{id: other}]\n"), 0600);
    check_text(slice_str(account()->groups[0].id), "first");
    remove_dir();
}

/* ---- texts */

static void
y05_empty(void)
{
    expect(GOOD, "", "directory.yaml:1:1: empty configuration\n");
    expect(GOOD, "# nobody yet\n", "directory.yaml:1:1: empty configuration\n");
    expect_part(GOOD, "- a\n", "directory.yaml:1:1: the file must be a mapping");
    expect(GOOD, "accounts: []\n", "");
}

static void
y07_duplicate_keys(void)
{
    expect(GOOD, ACCOUNT "  name: B\n",
           "directory.yaml:4:3: accounts[0].name: duplicate key `name`, first in line 3\n");
    expect_part(GOOD, ACCOUNT "accounts: []\n",
                "directory.yaml:4:1: accounts: duplicate key `accounts`, first in line 1\n");
}

static void
y08_unknown_keys(void)
{
    expect_part(GOOD, ACCOUNT "  apps: [{system_id: s, pasword: hunter2}]\n",
                "accounts[0].apps[0].pasword: unknown key `pasword`, did you mean `password`?\n");
    check(strstr(said, "hunter2") == NULL);
    expect_part(GOOD, ACCOUNT "  agents: [{id: a, mobil: +12025550101}]\n",
                "unknown key `mobil`, did you mean `mobile`?\n");
}

static void
y09_wrong_types(void)
{
    expect_part(GOOD, ACCOUNT "  max_parts: yes\n", "`yes`: write a whole number");
    expect_part(GOOD, ACCOUNT "  max_parts: 2.5\n", "`2.5`: write a whole number");
    expect_part(GOOD, ACCOUNT "  max_parts: \"3\"\n", "max_parts: must not be in quotes\n");
    expect_part(GOOD, ACCOUNT "  transliterate: 1\n", "transliterate: `1`: write true or false\n");
    expect_part(GOOD, ACCOUNT "  agents: {id: a}\n", "must be a list, not a mapping\n");
    expect_part(GOOD, ACCOUNT "  agents: [{id: a, groups: g, mobile: +12025550101}]\n",
                "agents[0].groups: must be a list, not a single value\n");
}

static void
y10_numbers(void)
{
    static const char *const bad[] = {"0", "256", "-1", "0x3", "03", "99999999999999999999"};
    char text[100];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text), ACCOUNT "  max_parts: %s\n", bad[i]);
        expect_part(GOOD, text, "directory.yaml:4:14: accounts[0].max_parts: ");
    }
    /* And numbers of phones. */
    expect_part(GOOD, ACCOUNT "  agents: [{id: a, mobile: 12a}]\n", "agents[0].mobile: ");
    expect_part(GOOD, ACCOUNT "  agents: [{id: a, mobile: +1202555010112345678}]\n",
                "agents[0].mobile: ");
}

static void
y11_strings_stay_strings(void)
{
    expect(GOOD,
           "accounts: [{id: NO, name: 1e3, country: NO, groups: [{id: 12, name: 12:30}, "
           "{id: null, name: ~x}]}]\n",
           "");
    check_text(slice_str(account()->id), "NO");
    check_text(slice_str(account()->name), "1e3");
    check_text(slice_str(account()->country), "NO");
    check_text(slice_str(account()->groups[0].name), "12:30");
    check_text(slice_str(account()->groups[1].id), "null");
}

static void
y12_durations(void)
{
    static const char *const bad[] = {"5", "5 minutes", "-5s", "1e9h", "31d"};
    char text[100];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text), ACCOUNT "  proxy: {quarantine: %s}\n", bad[i]);
        expect_part(GOOD, text, "directory.yaml:4:23: accounts[0].proxy.quarantine: ");
    }
    expect(GOOD, ACCOUNT "  proxy: {quarantine: 30d}\n", "");
}

static void
y13_y14_anchors_and_tags(void)
{
    expect(GOOD, "accounts: &a [*a]\n",
           "directory.yaml:1:11: anchors and aliases are not allowed\n");
    expect(GOOD, ACCOUNT "  groups: [{id: &g x}, *g]\n",
           "directory.yaml:4:17: anchors and aliases are not allowed\n");
    expect_part(GOOD, ACCOUNT "  <<: {name: B}\n", "merge keys are not allowed\n");
    expect(GOOD, "accounts: !!seq []\n", "directory.yaml:1:11: tags are not allowed\n");
    expect(GOOD, "accounts: !python/object []\n", "directory.yaml:1:11: tags are not allowed\n");
}

static void
y15_depth(void)
{
    static char deep[100001];
    clock_t begun = clock();

    memset(deep, '[', sizeof(deep) - 1);
    expect(GOOD, deep, "directory.yaml:1:9: nesting deeper than 8\n");
    check((clock() - begun) * 10 < CLOCKS_PER_SEC); /* what it costs others is half a minute */
}

static void
y16_a_second_document(void)
{
    expect(GOOD, ACCOUNT "---\naccounts: []\n",
           "directory.yaml:4:1: a second document is not allowed\n");
}

static void
y17_y18_y19_octets(void)
{
    expect_part(GOOD, "accounts:\n\t- {id: a}\n", "directory.yaml:2:1: ");
    expect_part(GOOD, ACCOUNT "  country: \"\xFF\"\n", "directory.yaml:4:13: invalid ");
    (void)load(SLICE_LIT(GOOD), SLICE_LIT(ACCOUNT "  country: U\0S\n"));
    check_text(slice_str(said), "directory.yaml:4:13: control characters are not allowed\n");
    expect_part(GOOD, "accounts: []\r# x\r", "a line ends with CR alone");
    expect(GOOD, "\xEF\xBB\xBF" "accounts:\r\n- id: a\r\n  name: A\r\n", "");
    check_text(slice_str(account()->name), "A");
    (void)load(SLICE_LIT(GOOD), SLICE_LIT("\xFF\xFE" "a\0c\0c\0:\0"));
    check_text(slice_str(said), "directory.yaml:1:1: UTF-16 is not allowed, write UTF-8\n");
}

/* ---- records */

static void
y20_the_same_twice(void)
{
    expect_part(GOOD, ACCOUNT "- id: a\n  name: B\n", "accounts[1].id: `a` ");
    check(strstr(said, "line 2") != NULL);
    expect_part(GOOD, ACCOUNT "  groups:\n  - {id: g}\n  - {id: g}\n",
                "accounts[0].groups[1].id: ");
    check(strstr(said, "line 5") != NULL);
    expect_part(GOOD,
                ACCOUNT "  agents:\n  - {id: x, mobile: +12025550101}\n"
                        "  - {id: x, mobile: +12025550102}\n",
                "accounts[0].agents[1].id: ");
    expect_part(GOOD,
                ACCOUNT "  numbers:\n  - {number: +12025550150, role: business, carrier: sim}\n"
                        "- id: b\n  name: B\n  country: US\n"
                        "  numbers: [{number: (202) 555-0150, role: business, carrier: sim}]\n",
                "is listed already in line 5\n");
    expect_part(GOOD,
                ACCOUNT "  apps:\n  - {system_id: s, password: p}\n"
                        "- {id: b, name: B, apps: [{system_id: s, password: p}]}\n",
                "apps[0].system_id: ");
}

static void
y21_what_is_not_there(void)
{
    expect_part(GOOD, ACCOUNT "  agents: [{id: a, mobile: +12025550101, groups: [none]}]\n",
                "accounts[0].agents[0].groups: there is no `none`\n");
    expect_part(GOOD, ACCOUNT "  numbers: [{number: +12025550150, role: business, carrier: no}]\n",
                "accounts[0].numbers[0].carrier: there is no `no`\n");
    expect_part(GOOD,
                ACCOUNT "  agents: [{id: a, mobile: +12025550101, relay_number: +12025550180}]\n",
                "is not among the numbers of the account\n");
}

static void
y21_zones_are_looked_up(void)
{
    expect_part(GOOD,
                ACCOUNT "  agents: [{id: a, mobile: +12025550101, time_zone: Europe/Londn}]\n",
                "agents[0].time_zone: `Europe/Londn` is no time zone");
    check(strstr(said, "did you mean `Europe/London`?") != NULL);
    expect_part(GOOD,
                ACCOUNT "  agents: [{id: a, mobile: +12025550101, time_zone: ../../etc/passwd}]\n",
                "agents[0].time_zone: `../../etc/passwd` is no name of a time zone");
    expect(GOOD,
           ACCOUNT "  agents: [{id: a, mobile: +12025550101, time_zone: America/Chicago}]\n", "");
    check_text(slice_str(account()->agents[0].time_zone), "America/Chicago");
}

static void
y22_what_certificates_hold(void)
{
    expect_part(GOOD, ACCOUNT "  apps: [{system_id: s, password: p, certificate: \"sha256:12\"}]\n",
                "accounts[0].apps[0].certificate: is none of cn:NAME");
    expect_part(GOOD, ACCOUNT "  apps: [{system_id: s, password: p, certificate: \"cn:s\"}]\n",
                "no listener asks for client_certificates: the app could never bind\n");
}

static void
y23_templates_and_patterns(void)
{
    expect_part(GOOD, ACCOUNT "  auto_replies: [{id: a, text: \"hi {nam}\", keywords: [k]}]\n",
                "unknown placeholder {nam} at character 4; known are: {name}\n");
    expect_part(GOOD, ACCOUNT "  auto_replies: [{id: a, text: hi, pattern: \"[a\"}]\n",
                "auto_replies[0].pattern: is no regular expression");
    expect_part(GOOD, ACCOUNT "  opt_out: {patterns: [\"*\"]}\n", "opt_out.patterns[0]");
}

static void
y24_an_auto_reply_of_5000_characters(void)
{
    static char text[6000], body[5001];

    memset(body, 'x', sizeof(body) - 1);
    snprintf(text, sizeof(text), ACCOUNT "  auto_replies: [{id: a, text: %s}]\n", body);
    expect_part(GOOD, text, "is too long: 5000 characters with its values, 3 parts hold 459\n");
}

static void
y25_empty_lists(void)
{
    expect_part(GOOD, ACCOUNT "  apps: [{system_id: s, password: p, allow: []}]\n",
                "apps[0].allow: is empty: the app could never bind");
    expect_part(GOOD, ACCOUNT "  apps: [{system_id: s, password: p, binds: []}]\n",
                "apps[0].binds: is empty: the app could never bind\n");
    expect_part(GOOD, ACCOUNT "  apps: [{system_id: s, password: p, sources: []}]\n",
                "apps[0].sources: is empty: the app could send nothing");
}

/* With all that an agent may have, so that every rule between records is looked at. */
static void
y28_many_agents(void)
{
    enum { AGENTS = 100000, LINE = 400 };
    size_t cap = (size_t)AGENTS * LINE, n;
    char *text = malloc(cap);

    check(text != NULL);
    n = (size_t)snprintf(text, cap, ACCOUNT "  groups: [{id: g}]\n  agents:\n");
    for (uint32_t i = 0; i < AGENTS; i++)
        n += (size_t)snprintf(text + n, cap - n,
                              "  - {id: a%u, name: Agent %u, mobile: +1202%07u, relay: true, "
                              "relay_number: +1303%07u, groups: [g], time_zone: Europe/Paris}\n",
                              i, i, i, i);
    n += (size_t)snprintf(text + n, cap - n, "  numbers:\n");
    for (uint32_t i = 0; i < AGENTS; i++)
        n += (size_t)snprintf(text + n, cap - n,
                              "  - {number: +1303%07u, role: relay, carrier: sim, agent: a%u}\n", i,
                              i);
    (void)load(SLICE_LIT(GOOD), slice_of(text, n));
    check_text(slice_str(said), "");
    check_number(account()->agent_count, AGENTS);
    check_number(account()->number_count, AGENTS);
    free(text);
}

#define CASE(name) {#name, name}
CHECK_MAIN(CASE(y01_y02_y03_files_that_cannot_be_read), CASE(y04_modes), CASE(y05_empty),
           CASE(y06_too_large), CASE(y07_duplicate_keys), CASE(y08_unknown_keys),
           CASE(y09_wrong_types), CASE(y10_numbers), CASE(y11_strings_stay_strings),
           CASE(y12_durations), CASE(y13_y14_anchors_and_tags), CASE(y15_depth),
           CASE(y16_a_second_document), CASE(y17_y18_y19_octets), CASE(y20_the_same_twice),
           CASE(y21_what_is_not_there), CASE(y21_zones_are_looked_up),
           CASE(y22_what_certificates_hold), CASE(y23_templates_and_patterns),
           CASE(y24_an_auto_reply_of_5000_characters), CASE(y25_empty_lists),
           CASE(y26_nothing_is_included), CASE(y27_replaced_while_it_is_read),
           CASE(y28_many_agents))

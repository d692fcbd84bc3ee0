/*
 * conf.c: loads a configuration: files, trees, structs, rules, in this order, and hands over either
 * all of it or nothing.
 *
 * The front of conf/; see conf_int.h for how the parts go together.
 */
#include "conf/conf.h"

#include <malloc.h>
#include <stdlib.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "conf/conf_int.h"

/* Files larger than this leave a heap that is worth tidying. */
#define HEAP_TRIM_BYTES (4u * CONF_MIB)

enum { ORDER_GATEWAY, ORDER_DIRECTORY };

struct loader {
    struct conf_arena *keep;
    struct conf_arena scratch;
    struct conf_report report;
    struct conf *conf;
    const struct conf_node *gateway, *directory; /* NULL: not there, or not readable */
    size_t bytes; /* of both files */
};

static void
loader_init(struct loader *l)
{
    struct conf_arena first = {0};

    memset(l, 0, sizeof(*l));
    l->report.arena = &l->scratch;
    /* The arena's own head lies in its first block. */
    l->keep = conf_alloc(&first, sizeof(*l->keep));
    *l->keep = first;
    l->conf = conf_alloc(l->keep, sizeof(*l->conf));
    l->conf->arena = l->keep;
}

void
conf_free(struct conf *conf)
{
    struct conf_arena arena;

    if (!conf)
        return;
    arena = *conf->arena;
    conf_arena_clear(&arena);
}

/* The rules between values, then the verdict. */
static struct conf *
loader_finish(struct loader *l, struct conf_problems *problems)
{
    struct conf *conf = l->conf;

    if (l->gateway)
        conf_check_gateway(conf, l->gateway, &l->report, &l->scratch);
    if (l->gateway && l->directory)
        conf_check_directory(conf, l->gateway, l->directory, &l->report, &l->scratch);
    if (l->directory)
        conf_check_records(conf, l->directory, &l->report, &l->scratch);
    /* Without a directory file a route can name nothing of it; with one that could not be read
     * nothing can be said. */
    if (l->gateway && (l->directory || conf->directory[0] == '\0'))
        conf_check_routes(conf, l->gateway, &l->report, &l->scratch);
    conf_report_finish(&l->report, problems);
    if (l->report.errors > 0) {
        conf_free(conf);
        conf = NULL;
    }
    conf_arena_clear(&l->scratch);
    /* The trees of a large directory are three times what is kept, in pieces that the heap would
     * not give back. */
    if (l->bytes > HEAP_TRIM_BYTES)
        (void)malloc_trim(0);
    return conf;
}

/* Each file's digest goes into that of the next. */
static void
add_digest(struct loader *l, struct slice bytes)
{
    XXH64_hash_t before = XXH3_64bits(l->conf->digest, sizeof(l->conf->digest));
    XXH128_canonical_t canonical;

    l->bytes += bytes.n;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_withSeed(bytes.p, bytes.n, before));
    memcpy(l->conf->digest, canonical.digest, sizeof(l->conf->digest));
}

/* One file's octets into the struct. Returns whether a password stands in it. */
static bool
read_document(struct loader *l, struct slice bytes, const char *name, int order)
{
    struct conf_reader reader = {.keep = l->keep, .report = &l->report, .base = ""};
    const struct conf_node *root =
        conf_yaml_parse(bytes, name, (uint32_t)order, &l->scratch, &l->report);
    const char *slash = strrchr(name, '/');

    add_digest(l, bytes);
    if (!root)
        return false;
    if (slash)
        reader.base = conf_copy(&l->scratch, slice_of(name, (size_t)(slash - name) + 1));
    if (order == ORDER_GATEWAY) {
        l->gateway = root;
        conf_read_section(&reader, &conf_gateway_file, root, l->conf);
    } else {
        l->directory = root;
        conf_read_section(&reader, &conf_directory_file, root, l->conf);
    }
    return reader.inline_secret;
}

static void
load_file(struct loader *l, struct conf_file *file, int order, const struct conf_place *place)
{
    const struct conf_place whole = {.order = (uint32_t)order};
    bool secret;

    if (!conf_file_read(file, &l->scratch, &l->report, place))
        return;
    secret = read_document(l, file->bytes, file->name, order);
    conf_file_check_mode(file, secret ? "a password" : NULL, &l->report, &whole);
}

struct conf *
conf_load(const char *path, struct conf_problems *problems)
{
    struct conf_file gateway = {.name = path, .bytes_max = CONF_FILE_BYTES_MAX};
    struct conf_file directory = {.bytes_max = CONF_DIRECTORY_BYTES_MAX};
    const struct conf_place nowhere = {0};
    struct loader l;

    loader_init(&l);
    load_file(&l, &gateway, ORDER_GATEWAY, &nowhere);
    directory.name = l.gateway ? l.conf->directory : "";
    if (directory.name[0] != '\0')
        load_file(&l, &directory, ORDER_DIRECTORY,
                  &(struct conf_place){.node = l.gateway, .child = "directory"});
    return loader_finish(&l, problems);
}

struct conf *
conf_load_gateway(const char *path, struct conf_problems *problems)
{
    struct conf_file gateway = {.name = path, .bytes_max = CONF_FILE_BYTES_MAX};
    const struct conf_place nowhere = {0};
    struct loader l;

    loader_init(&l);
    load_file(&l, &gateway, ORDER_GATEWAY, &nowhere);
    return loader_finish(&l, problems);
}

struct conf *
conf_parse(struct slice gateway, struct slice directory, struct conf_problems *problems)
{
    struct loader l;

    loader_init(&l);
    read_document(&l, gateway, "tandem.yaml", ORDER_GATEWAY);
    if (directory.p)
        read_document(&l, directory, "directory.yaml", ORDER_DIRECTORY);
    return loader_finish(&l, problems);
}

/* --- tandem check --- */

static void
print_summary(const struct conf *conf, const char *path, FILE *out)
{
    uint32_t agents = 0, apps = 0, numbers = 0;

    for (uint32_t i = 0; i < conf->account_count; i++) {
        agents += conf->accounts[i].agent_count;
        apps += conf->accounts[i].app_count;
        numbers += conf->accounts[i].number_count;
    }
    fprintf(out,
            "%s: good (listeners %u, carriers %u, accounts %u, agents %u, apps %u, numbers %u)\n",
            path, conf->listener_count, conf->carrier_count, conf->account_count, agents, apps,
            numbers);
}

/* Only here: who runs the daemon with such passwords has decided to. */
static void
warn_of_plain_passwords(const struct conf *conf, FILE *out)
{
    uint32_t plain = 0;

    for (uint32_t i = 0; i < conf->account_count; i++) {
        for (uint32_t k = 0; k < conf->accounts[i].app_count; k++)
            plain += conf->accounts[i].apps[k].password[0] != '\0';
    }
    if (plain > 0)
        fprintf(out,
                "warning: apps whose password is kept in plain text: %u; tandem hash-password "
                "makes a password_hash\n",
                plain);
}

int
conf_check(const char *path, FILE *out)
{
    struct conf_problems problems;
    struct conf *conf = conf_load(path, &problems);
    int status = problems.exit_status;

    for (size_t i = 0; i < problems.count; i++)
        fprintf(out, "%s\n", problems.lines[i]);
    if (conf) {
        warn_of_plain_passwords(conf, out);
        print_summary(conf, path, out);
    } else {
        fprintf(out, "%s: refused\n", path);
    }
    conf_problems_free(&problems);
    conf_free(conf);
    return status;
}

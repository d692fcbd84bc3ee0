/*
 * conf_int.h: what the files of conf/ share and nobody else includes.
 *
 * Loading goes: bytes of a file -> conf_yaml_parse() -> tree of nodes with positions ->
 * conf_read_section(), led by the option table -> structs of conf.h -> rules between values
 * (conf_rules.c, conf_directory.c). Each step adds problems to one report and goes on as far as it
 * makes sense, so that one run names all of them.
 *
 * Two arenas: `keep` belongs to the struct conf and lives until conf_free(); `scratch` holds tree,
 * problems and indexes and is gone when loading ends.
 */
#ifndef TANDEM_CONF_INT_H
#define TANDEM_CONF_INT_H

#include <stdarg.h>

#include "conf/conf.h"
#include "conf/conf_limits.h"

#ifndef must_check
#define must_check __attribute__((warn_unused_result))
#endif

/* Of ASCII, whatever the locale. */
static inline bool
conf_is_letter(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool
conf_is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* --- conf_arena.c: memory, and an index by octets --- */

struct conf_chunk;
struct conf_arena {
    struct conf_chunk *chunks;
};
/* Zeroed. Out of memory ends the process: before the start nothing is lost, and at a reload the
 * next turn would fail. */
void *conf_alloc(struct conf_arena *arena, size_t bytes);
char *conf_copy(struct conf_arena *arena, struct slice text);
void conf_arena_clear(struct conf_arena *arena);

struct conf_node;
struct conf_index_slot {
    struct slice key;
    const struct conf_node *node;
    const void *value;
};
struct conf_index {
    struct conf_index_slot *slots;
    size_t mask;
};
/* Room for count keys, which must stay where they are while the index is used. */
void conf_index_init(struct conf_index *index, struct conf_arena *arena, size_t count);
const struct conf_index_slot *conf_index_find(const struct conf_index *index, struct slice key);
/* Returns the one that is there already, which stays; NULL if there was none. */
const struct conf_index_slot *
conf_index_put(struct conf_index *index, const struct conf_index_slot *entry);

/* --- conf_yaml.c: YAML to a tree --- */

enum conf_node_kind { NODE_SCALAR, NODE_MAP, NODE_LIST };

struct conf_node {
    enum conf_node_kind kind;
    bool plain;            /* a scalar without quotes */
    uint32_t line, column; /* of the value, from 1 */
    uint32_t key_line, key_column;
    uint32_t index;    /* in its list; of a root: the order of its file */
    uint32_t count;    /* of children */
    struct slice key;  /* in its map; of a root: the name of its file */
    struct slice text; /* of a scalar */
    const struct conf_node *parent, *first, *next;
    struct conf_node *last;
};

struct conf_report;
/* The document as a map, or NULL and at least one problem. input and name must outlive the arena's
 * nodes. */
const struct conf_node *conf_yaml_parse(struct slice input, const char *name, uint32_t order,
                                        struct conf_arena *arena, struct conf_report *report);
/* The child of a map with this key, NULL if there is none. */
const struct conf_node *conf_node_find(const struct conf_node *map, const char *key);

/* --- conf_problem.c: the report --- */

struct conf_problem;
struct conf_report {
    struct conf_arena *arena;
    struct conf_problem *problems;
    size_t count, capacity;
    size_t errors; /* problems that are no warnings */
    size_t unshown;
    bool permission; /* one of them is "Permission denied" */
};

/* Where a problem is: at the value of a node, at its key, at a key that a map lacks, or in a file
 * as a whole. */
struct conf_place {
    const struct conf_node *node;
    const char *child; /* a key of node: at its value if it is there, else at node */
    bool key;          /* point at the key, not at the value */
    bool warning;
    const char *file; /* instead of a node: the file as a whole, or line and column in it */
    uint32_t order, line, column;
};
__attribute__((format(printf, 3, 4))) void
conf_report_at(struct conf_report *report, const struct conf_place *place, const char *format, ...);
#define conf_problem(report, at, ...)                                                              \
    conf_report_at((report), &(struct conf_place){.node = (at)}, __VA_ARGS__)
#define conf_problem_in(report, map, name, ...)                                                    \
    conf_report_at((report), &(struct conf_place){.node = (map), .child = (name)}, __VA_ARGS__)
#define conf_warning_in(report, map, name, ...)                                                    \
    conf_report_at((report),                                                                       \
                   &(struct conf_place){.node = (map), .child = (name), .warning = true},          \
                   __VA_ARGS__)

/* A value as a problem may show it: in one line, escaped, cut. */
struct conf_quote {
    char text[4 * CONF_QUOTE_BYTES_MAX + 8];
};
const char *conf_quoted(struct conf_quote *quote, struct slice text);

/* Sorts by position and hands the lines over. */
void conf_report_finish(struct conf_report *report, struct conf_problems *out);

/* --- conf_options.c: the option table --- */

enum conf_type {
    /* One number; words are enums. */
    OPT_COUNT,
    OPT_DURATION,
    OPT_SIZE,
    OPT_PERCENT,
    OPT_BOOL,
    OPT_STATUS, /* command_status: a name or 0x and hex digits */
    OPT_DATE,   /* milliseconds since 1970 */
    OPT_ZONE,   /* minutes east of UTC, signed: "+05:30" */
    OPT_CLOCK,  /* minutes of a day: "18:00" */
    OPT_WORD,
    /* A word that is kept as the text it is. */
    OPT_WORD_TEXT,
    /* Texts: what may stand in them differs. */
    OPT_ID,
    OPT_ASCII,
    OPT_NAME,
    OPT_HOST,
    OPT_IP,
    OPT_COUNTRY,
    OPT_PATH,
    OPT_MESSAGE,
    OPT_TEMPLATE, /* the same in the directory, checked with its account */
    /* Exactly one of these stands in a section that has them. */
    OPT_PASSWORD,
    OPT_PASSWORD_HASH,
    OPT_PASSWORD_FILE,
    OPT_PASSWORD_ENV,
    /* Addresses: struct addr. A sender may also be a name (A3). */
    OPT_PHONE,
    OPT_SENDER,
    /* Lists of words; none of their words may stand there twice. */
    OPT_IDS,
    OPT_SENDERS,
    OPT_NETS,
    OPT_PREFIXES,
    OPT_WORDS,
    OPT_KEYWORDS,
    OPT_TEXTS,
    OPT_APP_BINDS,
    /* A map, and a list of maps. */
    OPT_SECTION,
    OPT_LIST,
    CONF_TYPES
};
const char *conf_type_name(enum conf_type type);

struct conf_word {
    const char *word;
    uint32_t value;
};

struct conf_section;
struct conf_option {
    const char *name;
    enum conf_type type;
    uint16_t offset; /* in the section's struct */
    uint8_t size;    /* octets of a number there */
    bool required;
    bool restart;         /* a reload does not change it */
    uint64_t min, max;    /* of numbers in milliseconds, octets, percent; of texts their length */
    const char *unit;     /* of a count, for the reference */
    const char *fallback; /* the default as it would be written; NULL if there is none */
    const struct conf_word *words; /* ends with NULL */
    const struct conf_section *section;
    uint16_t count_offset; /* of lists: uint32_t */
    uint32_t items_max;    /* of lists; 0: as many as the file holds */
    const char *empty;     /* of lists: why an empty one is refused; NULL: it is not */
    const char *text;      /* what it does, one sentence for the reference */
};

struct conf_reader;
struct conf_section {
    const char *name; /* as the reference heads it */
    const struct conf_option *options;
    size_t option_count;
    size_t struct_bytes; /* of an item; 0 if it writes into the struct that contains it */
    bool has_country;    /* its `country` says how phone numbers in it are read */
    /* Called when all options are read: rules within one section. May be NULL. */
    void (*finish)(struct conf_reader *reader, const struct conf_node *map, void *base);
};
extern const struct conf_section conf_gateway_file, conf_directory_file;
/* Every section in the order of the reference; the last is followed by NULL. */
const struct conf_section *conf_section_at(size_t at);

/* --- conf_value.c: one scalar --- */

#define CONF_WHY_BYTES 256u
/* A number-like option from its text. False, and why says what is wrong. */
must_check bool conf_number_parse(const struct conf_option *option, struct slice text,
                                  uint64_t *out, char why[CONF_WHY_BYTES]);
/* "a.b.c.d", "a.b.c.d/n" and the same of IPv6. */
must_check bool conf_net_parse(struct slice text, struct conf_net *out, char why[CONF_WHY_BYTES]);
/* May this text stand for a text-like option? */
must_check bool
conf_text_allowed(const struct conf_option *option, struct slice text, char why[CONF_WHY_BYTES]);
/* A number as a person writes it: "30s", "64MiB", "80%". Returns buf. */
const char *conf_number_format(const struct conf_option *option, uint64_t number, char buf[32]);

/* --- conf_read.c: tree to structs by the table --- */

struct conf_zones;
struct conf_reader {
    struct conf_arena *keep;
    struct conf_report *report;
    const char *base; /* the directory that paths are relative to, "" or ending with a slash */
    const struct addr_plan *plan; /* of the account that is being read */
    bool inline_secret;           /* a password stands in the file itself */
    const struct conf_pattern *stop, *nearly_stop, *unstop; /* of accounts without keywords */
    struct conf_zones *zones;     /* that were read so far */
};
void conf_read_section(struct conf_reader *reader, const struct conf_section *section,
                       const struct conf_node *map, void *base);
/* For conf_lists.c: is the node of this kind? A problem if not. */
must_check bool conf_has_kind(struct conf_reader *reader, const struct conf_node *node,
                              enum conf_node_kind kind);
must_check bool conf_read_addr(struct conf_reader *reader, enum conf_type type,
                               const struct conf_node *node, struct addr *out);
void conf_put_list(void *base, const struct conf_option *option, const void *items, uint32_t count);
/* How many letters must be changed, added, left out or swapped with their neighbour. */
size_t conf_distance(struct slice a, struct slice b);
struct template_name;
/* Is the template good, and no longer than so many parts? A problem if not. */
bool conf_template_allowed(struct conf_reader *reader, const struct conf_node *node,
                           const struct template_name *names, uint32_t parts_max);

/* --- conf_lists.c: lists of words --- */

/* May the list have so many items? A problem if not. */
must_check bool conf_list_allowed(struct conf_reader *reader, const struct conf_option *option,
                                  const struct conf_node *node);
void conf_read_words(struct conf_reader *reader, const struct conf_option *option,
                     const struct conf_node *node, void *base);

/* --- conf_file.c: bytes of a file --- */

struct conf_file {
    const char *name;
    size_t bytes_max;
    struct slice bytes; /* in the arena */
    uint32_t mode;      /* permission bits */
};
/* Reads a regular file once (Y03, Y06, Y27). False, and a problem. */
must_check bool conf_file_read(struct conf_file *file, struct conf_arena *arena,
                               struct conf_report *report, const struct conf_place *place);
/* Y04: who may read and change it. secret says what nobody else may read in it, NULL: nothing. */
void conf_file_check_mode(const struct conf_file *file, const char *secret,
                          struct conf_report *report, const struct conf_place *place);

/* --- conf_rules.c, conf_directory.c, conf_routes.c: rules between values --- */

void conf_check_gateway(const struct conf *conf, const struct conf_node *root,
                        struct conf_report *report, struct conf_arena *scratch);
void conf_check_directory(const struct conf *conf, const struct conf_node *gateway,
                          const struct conf_node *directory, struct conf_report *report,
                          struct conf_arena *scratch);
void conf_check_routes(const struct conf *conf, const struct conf_node *gateway,
                       struct conf_report *report, struct conf_arena *scratch);
void conf_check_records(const struct conf *conf, const struct conf_node *directory,
                        struct conf_report *report, struct conf_arena *scratch);
void conf_finish_status(struct conf_reader *reader, const struct conf_node *map, void *base);
void conf_finish_control(struct conf_reader *reader, const struct conf_node *map, void *base);
void conf_finish_route(struct conf_reader *reader, const struct conf_node *map, void *base);
void conf_finish_carrier(struct conf_reader *reader, const struct conf_node *map, void *base);
void conf_finish_outbind(struct conf_reader *reader, const struct conf_node *map, void *base);
void conf_finish_store(struct conf_reader *reader, const struct conf_node *map, void *base);
void conf_finish_relay(struct conf_reader *reader, const struct conf_node *map, void *base);
void conf_finish_app(struct conf_reader *reader, const struct conf_node *map, void *base);
void conf_finish_group(struct conf_reader *reader, const struct conf_node *map, void *base);
void conf_finish_agent(struct conf_reader *reader, const struct conf_node *map, void *base);
void conf_finish_number(struct conf_reader *reader, const struct conf_node *map, void *base);
void conf_finish_account(struct conf_reader *reader, const struct conf_node *map, void *base);
void conf_finish_campaign(struct conf_reader *reader, const struct conf_node *map, void *base);
void conf_finish_list(struct conf_reader *reader, const struct conf_node *map, void *base);
void conf_finish_contact(struct conf_reader *reader, const struct conf_node *map, void *base);

/* --- conf_optout.c, conf_auto.c: keywords and automatic replies of an account --- */

/* Loads a zone once; NULL if there is none of this name, which has been said of the key. */
const struct zone *conf_zone(struct conf_reader *reader, const struct conf_node *map,
                             const char *key, const char *name);
void conf_finish_auto(struct conf_reader *reader, const struct conf_node *map, void *base);
void conf_finish_opt_out(struct conf_reader *reader, const struct conf_node *map,
                         struct dir_account *account);
/* What the opt-out and opt-in words of the account have in common with these; NULL: nothing. */
struct conf_pattern;
const char *conf_reserved_word(const struct dir_account *account,
                               const struct conf_pattern *pattern);
void conf_finish_auto_replies(struct conf_reader *reader, const struct conf_node *map,
                              struct dir_account *account);

/* --- conf_tls.c: certificates --- */

void conf_finish_listener_tls(struct conf_reader *reader, const struct conf_node *map, void *base);
void conf_finish_carrier_tls(struct conf_reader *reader, const struct conf_node *map, void *base);

#endif

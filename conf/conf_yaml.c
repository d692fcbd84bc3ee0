/*
 * conf_yaml.c: YAML to a tree of nodes that know where they stand.
 *
 * libyaml's own loader accepts what a configuration must not have: aliases (a bomb of 341 octets
 * costs minutes), tags, duplicate keys, several documents, any depth. So this reads libyaml's
 * events and refuses those at their position, in time that does not depend on what follows. Reading
 * stops at the first such problem: behind it the structure is guesswork. Nothing is interpreted
 * here; `yes`, 012 and 12:30 are the texts that stand there.
 */
#include <assert.h>
#include <yaml.h>

#include "conf/conf_int.h"

struct builder {
    struct conf_arena *arena;
    struct conf_report *report;
    const char *name;
    uint32_t order;
    struct conf_node *stack[CONF_DEPTH_MAX];
    size_t depth;
    struct conf_node *root;
    struct conf_node *pending; /* has a key and waits for its value */
    bool document, ended, failed;
};

__attribute__((format(printf, 3, 4))) static void
fail(struct builder *b, const yaml_mark_t *mark, const char *format, ...)
{
    struct conf_place place = {.file = b->name,
                               .order = b->order,
                               .line = (uint32_t)mark->line + 1,
                               .column = (uint32_t)mark->column + 1};
    char text[256];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    conf_report_at(b->report, &place, "%s", text);
    b->failed = true;
}

static struct conf_node *
top(const struct builder *b)
{
    return b->depth > 0 ? b->stack[b->depth - 1] : NULL;
}

const struct conf_node *
conf_node_find(const struct conf_node *map, const char *key)
{
    const struct conf_node *child = map->first;
    struct slice wanted = slice_str(key);

    while (child && !slice_eq(child->key, wanted))
        child = child->next;
    return child;
}

static void
link_child(struct conf_node *parent, struct conf_node *child)
{
    child->parent = parent;
    child->index = parent->count++;
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
}

/* The node that a value's event fills: the one whose key came before, a list's next item, or the
 * root. */
static struct conf_node *
place_value(struct builder *b, const yaml_mark_t *mark, enum conf_node_kind kind)
{
    struct conf_node *parent = top(b), *node = b->pending;

    if (!node) {
        node = conf_alloc(b->arena, sizeof(*node));
        if (parent)
            link_child(parent, node);
        else
            b->root = node;
    }
    b->pending = NULL;
    node->kind = kind;
    node->line = (uint32_t)mark->line + 1;
    node->column = (uint32_t)mark->column + 1;
    if (!parent) {
        node->key = slice_str(b->name);
        node->index = b->order;
    }
    return node;
}

static bool
wants_key(const struct builder *b)
{
    return top(b) && top(b)->kind == NODE_MAP && !b->pending;
}

static struct slice
scalar_text(struct builder *b, const yaml_event_t *event)
{
    struct slice text = slice_of(event->data.scalar.value, event->data.scalar.length);

    return slice_of(conf_copy(b->arena, text), text.n);
}

static void
take_key(struct builder *b, const yaml_event_t *event)
{
    struct conf_node *map = top(b), *node;
    struct slice key = slice_of(event->data.scalar.value, event->data.scalar.length);
    const yaml_mark_t *mark = &event->start_mark;
    struct conf_quote quote;

    if (slice_eq(key, SLICE_LIT("<<"))) {
        fail(b, mark, "merge keys are not allowed");
        return;
    }
    if (key.n == 0 || key.n > CONF_KEY_BYTES_MAX || memchr(key.p, 0, key.n)) {
        fail(b, mark, "a key must have 1 to %u characters", CONF_KEY_BYTES_MAX);
        return;
    }
    if (map->count >= CONF_KEYS_MAX) {
        fail(b, mark, "more than %u keys in one mapping", CONF_KEYS_MAX);
        return;
    }
    node = conf_alloc(b->arena, sizeof(*node));
    node->key = scalar_text(b, event);
    node->key_line = (uint32_t)mark->line + 1;
    node->key_column = (uint32_t)mark->column + 1;
    /* Not linked yet, so this finds an earlier one. The document is refused, but reading can go on.
     */
    const struct conf_node *twin = conf_node_find(map, (const char *)node->key.p);
    link_child(map, node);
    if (twin)
        conf_report_at(
            b->report, &(struct conf_place){.node = node, .key = true, .order = b->order},
            "duplicate key `%s`, first in line %u", conf_quoted(&quote, key), twin->key_line);
    b->pending = node;
}

static void
take_scalar(struct builder *b, const yaml_event_t *event)
{
    struct conf_node *node;

    if (wants_key(b)) {
        take_key(b, event);
        return;
    }
    node = place_value(b, &event->start_mark, NODE_SCALAR);
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    node->text = scalar_text(b, event);
    if (memchr(event->data.scalar.value, 0, event->data.scalar.length))
        fail(b, &event->start_mark, "a NUL character is not allowed");
}

static void
open_node(struct builder *b, const yaml_event_t *event, enum conf_node_kind kind)
{
    if (wants_key(b)) {
        fail(b, &event->start_mark, "a key must be a word");
        return;
    }
    if (b->depth == CONF_DEPTH_MAX) {
        fail(b, &event->start_mark, "nesting deeper than %u", CONF_DEPTH_MAX);
        return;
    }
    struct conf_node *node = place_value(b, &event->start_mark, kind);
    b->stack[b->depth++] = node;
}

static void
open_document(struct builder *b, const yaml_event_t *event)
{
    if (b->document)
        fail(b, &event->start_mark, "a second document is not allowed");
    else if (event->data.document_start.version_directive ||
             event->data.document_start.tag_directives.start !=
                 event->data.document_start.tag_directives.end)
        fail(b, &event->start_mark, "directives are not allowed");
    b->document = true;
}

/* Anchors and tags stand before the node that they belong to, so they are seen before it is. */
static bool
refuse_properties(struct builder *b, const yaml_event_t *event, const yaml_char_t *anchor,
                  const yaml_char_t *tag)
{
    if (anchor)
        fail(b, &event->start_mark, "anchors and aliases are not allowed");
    else if (tag)
        fail(b, &event->start_mark, "tags are not allowed");
    return anchor || tag;
}

static void
take(struct builder *b, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        open_document(b, event);
        break;
    case YAML_ALIAS_EVENT:
        fail(b, &event->start_mark, "anchors and aliases are not allowed");
        break;
    case YAML_SCALAR_EVENT:
        if (!refuse_properties(b, event, event->data.scalar.anchor, event->data.scalar.tag))
            take_scalar(b, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        if (!refuse_properties(b, event, event->data.sequence_start.anchor,
                               event->data.sequence_start.tag))
            open_node(b, event, NODE_LIST);
        break;
    case YAML_MAPPING_START_EVENT:
        if (!refuse_properties(b, event, event->data.mapping_start.anchor,
                               event->data.mapping_start.tag))
            open_node(b, event, NODE_MAP);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        assert(b->depth > 0);
        b->depth--;
        break;
    case YAML_STREAM_END_EVENT:
        b->ended = true;
        break;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        break;
    }
}

/* Line and column of an octet, for what libyaml reports by offset only. */
static yaml_mark_t
mark_of(struct slice input, size_t offset)
{
    yaml_mark_t mark = {0};

    for (size_t i = 0; i < offset && i < input.n; i++) {
        if (input.p[i] == '\n') {
            mark.line++;
            mark.column = 0;
        } else if ((input.p[i] & 0xC0) != 0x80) {
            mark.column++;
        }
    }
    return mark;
}

static void
fail_parser(struct builder *b, const yaml_parser_t *parser, struct slice input)
{
    const char *problem = parser->problem ? parser->problem : "not YAML";

    if (parser->error == YAML_READER_ERROR) {
        yaml_mark_t mark = mark_of(input, parser->problem_offset);

        fail(b, &mark, "%s", problem);
    } else if (parser->error == YAML_MEMORY_ERROR) {
        fail(b, &parser->mark, "out of memory");
    } else if (parser->context) {
        fail(b, &parser->problem_mark, "%s, %s", problem, parser->context);
    } else {
        fail(b, &parser->problem_mark, "%s", problem);
    }
}

static void
run(struct builder *b, struct slice input)
{
    yaml_parser_t parser;
    yaml_event_t event;

    if (!yaml_parser_initialize(&parser)) {
        fail(b, &(yaml_mark_t){0}, "out of memory");
        return;
    }
    /* Without this libyaml guesses, and takes UTF-16 (Y19). */
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, input.p, input.n);
    while (!b->failed && !b->ended) {
        if (!yaml_parser_parse(&parser, &event)) {
            fail_parser(b, &parser, input);
            break;
        }
        take(b, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
}

/* What libyaml would take and we do not: UTF-16, and a CR that ends a line by itself (Y17), which
 * editors and diff show as one line, so that the line numbers of problems would be of no use. */
static void
check_octets(struct builder *b, struct slice input)
{
    const uint8_t *p = input.p, *end = input.p + input.n;

    if (input.n >= 2 && ((p[0] == 0xFF && p[1] == 0xFE) || (p[0] == 0xFE && p[1] == 0xFF))) {
        fail(b, &(yaml_mark_t){0}, "UTF-16 is not allowed, write UTF-8");
        return;
    }
    while (p < end && (p = memchr(p, '\r', (size_t)(end - p)))) {
        if (p + 1 == end || p[1] != '\n') {
            yaml_mark_t mark = mark_of(input, (size_t)(p - input.p));

            fail(b, &mark, "a line ends with CR alone, write LF or CR LF");
            return;
        }
        p++;
    }
}

const struct conf_node *
conf_yaml_parse(struct slice input, const char *name, uint32_t order, struct conf_arena *arena,
                struct conf_report *report)
{
    struct builder b = {.arena = arena, .report = report, .name = name, .order = order};
    yaml_mark_t start = {0};

    if (input.n >= 3 && memcmp(input.p, "\xEF\xBB\xBF", 3) == 0)
        input = slice_of(input.p + 3, input.n - 3);
    if (input.n == 0)
        input = SLICE_LIT("");
    check_octets(&b, input);
    if (!b.failed)
        run(&b, input);
    if (b.failed)
        return NULL;
    if (!b.root || (b.root->kind == NODE_SCALAR && b.root->plain && b.root->text.n == 0)) {
        fail(&b, &start, "empty configuration");
        return NULL;
    }
    if (b.root->kind != NODE_MAP) {
        fail(&b, &(yaml_mark_t){.line = b.root->line - 1, .column = b.root->column - 1},
             "the file must be a mapping of `key: value`");
        return NULL;
    }
    return b.root;
}

/*
 * request.c: see request.h.
 */
#include "gateway/request.h"

#include <stdarg.h>
#include <stdio.h>

#include "conf/zone.h"

__attribute__((format(printf, 3, 4))) static enum command_result
refuse(struct request *request, enum command_result result, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(request->why, sizeof(request->why), format, args);
    va_end(args);
    return result;
}

/* The parser calls itself for every level, so levels are counted before it begins. */
static bool
too_deep(struct slice line)
{
    unsigned depth = 0;
    bool text = false;

    for (size_t i = 0; i < line.n; i++) {
        uint8_t c = line.p[i];

        if (text) {
            if (c == '\\')
                i++;
            else if (c == '"')
                text = false;
        } else if (c == '"') {
            text = true;
        } else if (c == '{' || c == '[') {
            if (++depth > ADMIN_DEPTH_MAX)
                return true;
        } else if (c == '}' || c == ']') {
            depth -= depth > 0;
        }
    }
    return false;
}

/* A number or a text that is not too long, kept as it will be written. */
static bool
take_id(struct request *request, const json_t *id)
{
    char text[ADMIN_ID_BYTES];
    size_t n;

    if (!id || json_is_null(id))
        return true;
    if (!json_is_integer(id) && !json_is_string(id))
        return false;
    n = json_dumpb(id, text, sizeof(text), JSON_ENCODE_ANY | JSON_ENSURE_ASCII);
    if (n == 0 || n >= sizeof(text))
        return false;
    memcpy(request->id, text, n);
    request->id[n] = '\0';
    return true;
}

static bool
take_number(const json_t *json, uint64_t *out)
{
    if (!json_is_integer(json) || json_integer_value(json) < 0)
        return false;
    *out = (uint64_t)json_integer_value(json);
    return true;
}

static struct slice
text_of(const json_t *json)
{
    return slice_of(json_string_value(json), json_string_length(json));
}

/* False: it is of another kind. */
static bool
take_value(const struct command_arg *arg, const json_t *json, struct command_value *value)
{
    switch (arg->kind) {
    case ARG_TEXT:
    case ARG_FILE:
        if (!json_is_string(json))
            return arg->kind == ARG_FILE && json_is_true(json);
        value->text = text_of(json);
        return true;
    case ARG_TIME_ZONE:
        if (!json_is_string(json))
            return false;
        value->text = text_of(json);
        return value->text.n == 0 || zone_exists(value->text);
    case ARG_NUMBER:
        return take_number(json, &value->number);
    case ARG_DURATION:
        return json_is_string(json) && command_duration(text_of(json), &value->number);
    case ARG_WORD:
        return json_is_string(json) && command_word(arg->words, text_of(json), &value->number);
    case ARG_FLAG:
        value->number = json_is_true(json);
        return json_is_boolean(json);
    }
    return false;
}

static enum command_result
take_arg(struct request *request, size_t i, const json_t *json)
{
    const struct command_arg *arg = &request->def->args[i];
    struct command_value *value = &request->args[i];

    if (!json || json_is_null(json)) {
        if (arg->required && !(request->as.n > 0 && command_arg_is_actors(arg)))
            return refuse(request, COMMAND_BAD_ARGUMENT, "%s is missing", arg->name);
        return COMMAND_DONE;
    }
    if (!take_value(arg, json, value)) {
        if (arg->kind == ARG_WORD)
            return refuse(request, COMMAND_BAD_ARGUMENT, "%s is not one of %s", arg->name,
                          arg->words);
        if (arg->kind == ARG_TIME_ZONE)
            return refuse(request, COMMAND_BAD_ARGUMENT,
                          "%s is no time zone of this machine, as in America/Chicago", arg->name);
        return refuse(request, COMMAND_BAD_ARGUMENT, "%s is no %s", arg->name,
                      command_arg_kind_name(arg->kind));
    }
    if (arg->max && (value->number > arg->max || value->text.n > arg->max))
        return refuse(request, COMMAND_BAD_ARGUMENT, "%s is over its limit of %llu", arg->name,
                      (unsigned long long)arg->max);
    if (arg->kind == ARG_FILE && !json_is_string(json))
        request->attached = value;
    else if (arg->kind == ARG_FILE && value->text.n > COMMAND_FILE_BYTES_MAX)
        return refuse(request, COMMAND_BAD_ARGUMENT, "%s has more than %u octets", arg->name,
                      COMMAND_FILE_BYTES_MAX);
    value->given = true;
    return COMMAND_DONE;
}

static enum command_result
take_args(struct request *request, json_t *args)
{
    size_t count = command_arg_count(request->def), known = 0, octets = 0;

    if (args && !json_is_object(args))
        return refuse(request, COMMAND_BAD_REQUEST, "args is no object");
    for (size_t i = 0; i < count; i++) {
        json_t *json = json_object_get(args, request->def->args[i].name);
        enum command_result result = take_arg(request, i, json);

        if (result != COMMAND_DONE)
            return result;
        known += json != NULL;
        if (request->def->args[i].kind != ARG_FILE)
            octets += request->args[i].text.n;
    }
    if (octets > ADMIN_TEXT_BYTES)
        return refuse(request, COMMAND_BAD_ARGUMENT, "all texts together are over %u octets",
                      ADMIN_TEXT_BYTES);
    if (args && known != json_object_size(args))
        return refuse(request, COMMAND_BAD_ARGUMENT, "%s has no such argument",
                      request->def->name);
    return COMMAND_DONE;
}

/* A misspelt key must not be taken for one that was left out. */
static bool
has_only_known_keys(const json_t *root)
{
    return json_object_size(root) == (size_t)(json_object_get(root, "id") != NULL) +
                                         (size_t)(json_object_get(root, "command") != NULL) +
                                         (size_t)(json_object_get(root, "args") != NULL) +
                                         (size_t)(json_object_get(root, "as") != NULL);
}

/* Whether there is such an agent only the core knows. */
static bool
take_as(struct request *request, const json_t *as)
{
    if (!as || json_is_null(as))
        return true;
    if (!json_is_string(as))
        return false;
    request->as = text_of(as);
    for (size_t i = 0; i < request->as.n; i++) {
        uint8_t c = request->as.p[i];

        if (c <= ' ' || c == '"' || c >= 0x7f)
            return false; /* no id has it, and it is logged */
    }
    return request->as.n > 0 && request->as.n <= COMMAND_AS_BYTES_MAX;
}

enum command_result
request_parse(struct request *request, struct slice line)
{
    const json_t *command;

    memset(request, 0, sizeof(*request));
    memcpy(request->id, "null", sizeof("null"));
    if (too_deep(line))
        return refuse(request, COMMAND_BAD_REQUEST, "nested too deep");
    request->root = json_loadb((const char *)line.p, line.n, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(request->root))
        return refuse(request, COMMAND_BAD_REQUEST, "not a JSON object in UTF-8");
    if (!take_id(request, json_object_get(request->root, "id")))
        return refuse(request, COMMAND_BAD_REQUEST, "id is no short text or whole number");
    command = json_object_get(request->root, "command");
    if (!json_is_string(command))
        return refuse(request, COMMAND_BAD_REQUEST, "command is no text");
    if (!has_only_known_keys(request->root))
        return refuse(request, COMMAND_BAD_REQUEST,
                      "besides command, args, id and as is something");
    if (!take_as(request, json_object_get(request->root, "as")))
        return refuse(request, COMMAND_BAD_REQUEST, "as is no ACCOUNT/AGENT");
    request->def = command_find(text_of(command));
    if (!request->def)
        return refuse(request, COMMAND_UNKNOWN, "there is no such command; try help");
    return take_args(request, json_object_get(request->root, "args"));
}

enum command_result
request_attach(struct request *request, struct slice octets)
{
    const struct command_arg *arg = &request->def->args[request->attached - request->args];
    uint64_t max = arg->max ? arg->max : COMMAND_FILE_BYTES_MAX;

    if (octets.n > max)
        return refuse(request, COMMAND_BAD_ARGUMENT, "%s has more than %llu octets", arg->name,
                      (unsigned long long)max);
    request->attached->text = octets;
    return COMMAND_DONE;
}

void
request_release(struct request *request)
{
    json_decref(request->root);
    request->root = NULL;
}

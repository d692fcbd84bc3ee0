/*
 * relay_ask.c: see relay_ask.h.
 */
#include "tests/unit/relay_ask.h"

#include <stdarg.h>
#include <stdlib.h>

#include "gateway/commands/commands.h"
#include "tests/unit/check.h"

struct asked got;
static const char *asking_as; /* of the next ask() */

static void
take_piece(const struct effect *effect, struct command_progress *progress, bool *more)
{
    size_t n = strlen(got.rows);

    check_number(effect->session.slot, 77);
    check_number(effect->token.id, 4242);
    switch ((enum answer_kind)effect->level) {
    case ANSWER_ROW:
        check(n + effect->octets.n + 2 < sizeof(got.rows));
        memcpy(got.rows + n, effect->octets.p, effect->octets.n);
        memcpy(got.rows + n + effect->octets.n, "\n", 2);
        got.count++;
        return;
    case ANSWER_MORE:
        check_number(effect->octets.n, sizeof(*progress));
        memcpy(progress, effect->octets.p, sizeof(*progress));
        *more = true;
        return;
    case ANSWER_DONE:
        got.result = COMMAND_DONE;
        return;
    case ANSWER_FAILED:
        got.result = (enum command_result)effect->octets.p[0];
        memcpy(got.why, effect->octets.p + 1, effect->octets.n - 1);
        return;
    }
}

void
ask(struct world *w, const struct command_def *def, const struct command_value *args)
{
    static uint8_t packed[COMMAND_PACKED_BYTES(32000)];
    struct command_progress progress = {0};
    bool more = true;

    memset(&got, 0, sizeof(got));
    got.result = COMMAND_MORE;
    while (more) {
        struct event event = {.kind = EV_COMMAND, .session = {77, 1}};
        struct effect effect;
        uint32_t before = got.count;
        size_t at = 0;

        event.u.command.def = def;
        event.u.command.token = (struct session_token){.id = 4242};
        event.u.command.packed =
            slice_of(packed, command_pack(def, args, &progress, packed, sizeof(packed)));
        event.u.command.as = asking_as ? slice_str(asking_as) : SLICE_NONE;
        more = false;
        world_begin(w);
        world_step(w, &event);
        while (effects_next(&w->fx, &at, &effect))
            if (effect.kind == FX_ANSWER)
                take_piece(&effect, &progress, &more);
        check(got.count - before <= COMMAND_ANSWERS_MAX);
        memset(packed, '?', sizeof(packed)); /* an event lives as long as its step, not the turn */
        world_end(w);
        got.turns++;
    }
}

static void
take_value(const struct command_def *def, struct command_value *args, const char *name,
           const char *text)
{
    size_t i = 0;

    while (i < command_arg_count(def) && strcmp(def->args[i].name, name) != 0)
        i++;
    check(i < command_arg_count(def));
    args[i].given = true;
    switch (def->args[i].kind) {
    case ARG_TEXT:
    case ARG_FILE:
    case ARG_TIME_ZONE:
        args[i].text = slice_str(text);
        break;
    case ARG_NUMBER:
        args[i].number = strtoull(text, NULL, 10);
        break;
    case ARG_DURATION:
        check(command_duration(slice_str(text), &args[i].number));
        break;
    case ARG_WORD:
        check(command_word(def->args[i].words, slice_str(text), &args[i].number));
        break;
    case ARG_FLAG:
        args[i].number = strcmp(text, "on") == 0;
        break;
    }
}

enum command_result
ask_as(struct world *w, const char *as, const struct command_def *def, ...)
{
    struct command_value args[COMMAND_ARGS_MAX] = {0};
    const char *name;
    va_list rest;

    va_start(rest, def);
    while ((name = va_arg(rest, const char *)) != NULL)
        take_value(def, args, name, va_arg(rest, const char *));
    va_end(rest);
    asking_as = as;
    ask(w, def, args);
    asking_as = NULL;
    return got.result;
}

bool
row_says(const char *text)
{
    return strstr(got.rows, text) != NULL;
}

/*
 * command.c: a command in the core: unpacked, carried out within the turn, its answer made an
 * effect.
 */
#include "gateway/relay/command.h"

#include <assert.h>

#include "gateway/relay/core.h"

const char *
command_arg_kind_name(enum command_arg_kind kind)
{
    static const char *const names[] = {"text", "number", "duration", "word", "flag"};

    return (unsigned)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "?";
}

const char *
command_right_name(enum command_right right)
{
    static const char *const names[COMMAND_RIGHTS] = {"looks", "reveals", "changes"};

    return (unsigned)right < COMMAND_RIGHTS ? names[right] : "?";
}

const char *
command_where_name(enum command_where where)
{
    static const char *const names[] = {"io", "relay"};

    return (unsigned)where < sizeof(names) / sizeof(names[0]) ? names[where] : "?";
}

const char *
command_result_name(enum command_result result)
{
    static const char *const names[COMMAND_RESULTS] = {
        "done",        "more",      "bad_request", "unknown_command", "bad_argument",
        "not_allowed", "not_found", "wrong_state", "failed",
    };

    return (unsigned)result < COMMAND_RESULTS ? names[result] : "?";
}

/* ---- on the way */

static size_t
put(uint8_t *out, size_t at, size_t cap, const void *octets, size_t n)
{
    assert(n <= cap - at);
    if (n > 0)
        memcpy(out + at, octets, n);
    return at + n;
}

size_t
command_pack(const struct command_def *def, const struct command_value *args,
             const struct command_progress *progress, uint8_t *out, size_t cap)
{
    size_t n = put(out, 0, cap, progress, sizeof(*progress));

    for (size_t i = 0; i < COMMAND_ARGS_MAX && def->args[i].name; i++) {
        uint8_t given = args[i].given;
        uint32_t text = (uint32_t)args[i].text.n;

        n = put(out, n, cap, &given, 1);
        n = put(out, n, cap, &args[i].number, 8);
        n = put(out, n, cap, &text, 4);
        n = put(out, n, cap, args[i].text.p, text);
    }
    return n;
}

static struct slice
take(struct slice *rest, void *out, size_t n)
{
    struct slice taken = slice_of(rest->p, n);

    assert(n <= rest->n);
    if (out)
        memcpy(out, rest->p, n);
    *rest = slice_of(rest->p + n, rest->n - n);
    return taken;
}

void
command_unpack(const struct command_def *def, struct slice packed, struct command_value *args,
               struct command_progress *progress)
{
    (void)take(&packed, progress, sizeof(*progress));
    for (size_t i = 0; i < COMMAND_ARGS_MAX && def->args[i].name; i++) {
        uint8_t given;
        uint32_t text;

        (void)take(&packed, &given, 1);
        (void)take(&packed, &args[i].number, 8);
        (void)take(&packed, &text, 4);
        args[i].given = given;
        args[i].text = take(&packed, NULL, text);
    }
    assert(packed.n == 0);
}

/* ---- in the turn */

struct asker {
    struct step *step;
    const struct event *event;
};

static void
row(void *context, struct slice json)
{
    struct asker *asker = context;

    effects_answer(asker->step->fx, asker->event->session, asker->event->u.command.token,
                   ANSWER_ROW, json);
}

static void
end(struct asker *asker, enum command_result result, const struct answer *answer,
    const struct command_progress *progress)
{
    uint8_t failed[1 + ANSWER_WHY_BYTES] = {(uint8_t)result};
    size_t n = strlen(answer->why);
    struct slice octets = SLICE_NONE;

    if (result == COMMAND_MORE) {
        octets = slice_of(progress, sizeof(*progress));
    } else if (result != COMMAND_DONE) {
        memcpy(failed + 1, answer->why, n);
        octets = slice_of(failed, 1 + n);
    }
    effects_answer(asker->step->fx, asker->event->session, asker->event->u.command.token,
                   result == COMMAND_DONE   ? ANSWER_DONE
                   : result == COMMAND_MORE ? ANSWER_MORE
                                            : ANSWER_FAILED,
                   octets);
}

void
command_step(struct step *s, const struct event *event)
{
    const struct command_def *def = event->u.command.def;
    struct command_value args[COMMAND_ARGS_MAX] = {0};
    struct asker asker = {s, event};
    struct command_progress progress;
    struct answer *answer = store_scratch(s->txn, sizeof(*answer));
    struct command command = {
        .args = args, .progress = &progress, .answer = answer, .step = s};

    assert(def->where == COMMAND_IN_RELAY);
    answer_init(answer, row, &asker);
    command_unpack(def, event->u.command.packed, args, &progress);
    end(&asker, def->run(&command), answer, &progress);
}

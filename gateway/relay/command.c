/*
 * command.c: a command in the core: unpacked, carried out within the turn, its answer made an
 * effect.
 */
#include "gateway/relay/command.h"

#include <assert.h>

#include "gateway/relay/agent.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"

const char *
command_arg_kind_name(enum command_arg_kind kind)
{
    static const char *const names[] = {"text", "number", "duration", "word",
                                        "flag", "file",   "time zone"};

    return (unsigned)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "?";
}

const char *
command_right_name(enum command_right right)
{
    static const char *const names[COMMAND_RIGHTS] = {"looks", "reveals", "changes"};

    return (unsigned)right < COMMAND_RIGHTS ? names[right] : "?";
}

const char *
command_who_name(enum command_who who)
{
    static const char *const names[COMMAND_WHOS] = {"operator", "admin", "agent"};

    return (unsigned)who < COMMAND_WHOS ? names[who] : "?";
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

bool
command_arg_is_actors(const struct command_arg *arg)
{
    return arg->kind == ARG_TEXT &&
           (strcmp(arg->name, "account") == 0 || strcmp(arg->name, "by") == 0 ||
            strcmp(arg->name, "who") == 0);
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

/* Of a file only what this call wants. */
static struct slice
text_of(const struct command_arg *arg, const struct command_value *value,
        const struct command_progress *progress)
{
    struct slice text = value->text;

    if (arg->kind != ARG_FILE)
        return text;
    assert(progress->file_at <= text.n);
    text = slice_of(text.p + progress->file_at, text.n - progress->file_at);
    if (text.n > COMMAND_PIECE_BYTES)
        text.n = COMMAND_PIECE_BYTES;
    return text;
}

size_t
command_pack(const struct command_def *def, const struct command_value *args,
             const struct command_progress *progress, uint8_t *out, size_t cap)
{
    size_t n = put(out, 0, cap, progress, sizeof(*progress));

    for (size_t i = 0; i < COMMAND_ARGS_MAX && def->args[i].name; i++) {
        uint8_t given = args[i].given;
        struct slice piece = text_of(&def->args[i], &args[i], progress);
        uint32_t text = (uint32_t)piece.n;
        uint64_t number = def->args[i].kind == ARG_FILE ? args[i].text.n : args[i].number;

        n = put(out, n, cap, &given, 1);
        n = put(out, n, cap, &number, 8);
        n = put(out, n, cap, &text, 4);
        n = put(out, n, cap, piece.p, text);
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

/* ---- who asks */

static enum command_result
refused(struct command *command, enum command_result result, const char *why)
{
    answer_why(command->answer, why);
    return result;
}

/* "ACCOUNT/AGENT", as they are now: whoever has left may do nothing any more. */
static bool
actor_find(struct step *s, struct slice as, struct actor *actor)
{
    const uint8_t *slash = memchr(as.p, '/', as.n);
    size_t n = slash ? (size_t)(slash - as.p) : 0;
    struct rec_agent rec;

    if (!slash)
        return false;
    actor->account = account_named(s, slice_of(as.p, n));
    actor->id = slice_of(slash + 1, as.n - n - 1);
    if (actor->account == 0 || account_of(s->relay, actor->account)->removed)
        return false;
    actor->agent = agent_named(s, actor->account, actor->id);
    if (actor->agent == 0 || !agent_get(s, actor->account, actor->agent, &rec))
        return false;
    actor->admin = rec.role == AGENT_ADMIN;
    return true;
}

/* The wall: a request of an agent names the agent's own account, or none, which is the same. What
 * other accounts there are is not to be learnt from the refusal. And who did it is not to be
 * forged. */
static enum command_result
keep_within(struct command *command, const struct command_def *def, struct slice as,
            struct command_value *args)
{
    for (size_t i = 0; i < COMMAND_ARGS_MAX && def->args[i].name; i++) {
        bool account = strcmp(def->args[i].name, "account") == 0;
        struct slice own =
            account ? slice_of(as.p, as.n - command->as.id.n - 1) : command->as.id;

        if (!command_arg_is_actors(&def->args[i]))
            continue;
        if (args[i].given && !slice_eq(args[i].text, own))
            return account ? refused(command, COMMAND_NOT_FOUND, "there is no such account")
                           : refused(command, COMMAND_NOT_ALLOWED, "that is another agent");
        args[i] = (struct command_value){.given = true, .text = own};
    }
    return COMMAND_DONE;
}

static enum command_result
admit(struct command *command, const struct command_def *def, struct slice as,
      struct command_value *args)
{
    if (as.n == 0)
        return COMMAND_DONE;
    if (!actor_find(command->step, as, &command->as))
        return refused(command, COMMAND_NOT_ALLOWED, "there is no such agent");
    if (def->who == WHO_OPERATOR)
        return refused(command, COMMAND_NOT_ALLOWED, "only the operator may do this");
    if (def->who == WHO_ADMIN && !command->as.admin)
        return refused(command, COMMAND_NOT_ALLOWED, "only an admin of the account may do this");
    return keep_within(command, def, as, args);
}

void
command_step(struct step *s, const struct event *event)
{
    const struct command_def *def = event->u.command.def;
    struct command_value args[COMMAND_ARGS_MAX] = {0};
    struct asker asker = {s, event};
    enum command_result result;
    struct command_progress progress;
    struct answer *answer = store_scratch(s->txn, sizeof(*answer));
    struct command command = {
        .args = args, .progress = &progress, .answer = answer, .step = s, .asker = event->session};

    assert(def->where == COMMAND_IN_RELAY);
    answer_init(answer, row, &asker);
    command_unpack(def, event->u.command.packed, args, &progress);
    result = admit(&command, def, event->u.command.as, args);
    end(&asker, result == COMMAND_DONE ? def->run(&command) : result, answer, &progress);
}

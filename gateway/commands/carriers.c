/*
 * carriers.c: the binds to carriers, those that stand and those that should; and a person's word
 * for one of them, which no reload changes.
 */
#include "gateway/carrier.h"
#include "gateway/commands/commands.h"

static void
show_session(struct answer *answer, const struct peer *p)
{
    if (!p) {
        answer_none(answer, "address");
        answer_none(answer, "version");
        answer_none(answer, "window");
        answer_none(answer, "used");
        return;
    }
    answer_word(answer, "address", p->conn.peer);
    session_version(answer, p);
    answer_number(answer, "window", p->session.conf.window);
    answer_number(answer, "used", p->session.outstanding);
}

static void
show(struct command *command, const struct carrier_bind *bind)
{
    struct answer *answer = command->answer;

    answer_open(answer);
    answer_word(answer, "link", bind->carrier);
    answer_word(answer, "bind", smpp_command_name(bind->command_id));
    answer_word(answer, "state",
                bind->retiring  ? "retiring"
                : bind->stopped ? "stopped"
                                : leg_state_name(bind->state));
    answer_word(answer, "host", bind->host);
    answer_number(answer, "port", bind->port);
    show_session(answer, bind->peer);
    answer_time(answer, "since", command_wall_ms(command->io, bind->since_ms));
    answer_word(answer, "error", bind->error);
    answer_time(answer, "error_time", command_wall_ms(command->io, bind->error_ms));
    answer_close(answer);
}

/* progress: carriers shown, and binds of the next one. */
static enum command_result
carriers(struct command *command)
{
    uint64_t *number = command->progress->number;
    struct carrier_at at = {(uint32_t)number[0], (uint32_t)number[1]};
    struct carrier_bind bind;

    while (command->answer->rows < COMMAND_ANSWERS_MAX) {
        if (!carriers_next(command->io->carriers, &at, &bind))
            return COMMAND_DONE;
        show(command, &bind);
    }
    number[0] = at.carrier;
    number[1] = at.leg;
    return COMMAND_MORE;
}

const struct command_def command_carriers = {
    .name = "carriers",
    .help = "list binds to carriers: state, address, window and what of it is in use, last error",
    .right = COMMAND_LOOKS,
    .where = COMMAND_IN_IO,
    .run = carriers,
};

static enum command_result
order(struct command *command, enum carrier_order order)
{
    struct io *io = command->io;
    struct slice link = command->args[0].text;

    switch (carriers_order(io->carriers, link, order, io->now_ms + io->conf->drain_ms)) {
    case CARRIER_OBEYS:
        return COMMAND_DONE;
    case CARRIER_UNKNOWN:
        answer_why(command->answer, "there is no such carrier");
        return COMMAND_NOT_FOUND;
    case CARRIER_IS_STOPPED:
        answer_why(command->answer, "it is stopped");
        return COMMAND_WRONG_STATE;
    case CARRIER_RUNS:
        answer_why(command->answer, "it is not stopped");
        return COMMAND_WRONG_STATE;
    case CARRIER_NO_MEMORY:
        break;
    }
    answer_why(command->answer, "no memory");
    return COMMAND_FAILED;
}

static enum command_result
stop(struct command *command)
{
    return order(command, CARRIER_STOP);
}

static enum command_result
start(struct command *command)
{
    return order(command, CARRIER_START);
}

static enum command_result
rebind(struct command *command)
{
    return order(command, CARRIER_REBIND);
}

#define CARRIER_ARG                                                                               \
    {.name = "link", .kind = ARG_TEXT, .required = true, .max = PEER_LINK_BYTES - 1,              \
     .help = "the carrier's id"}

const struct command_def command_carriers_stop = {
    .name = "carriers stop",
    .help = "drain and unbind a carrier, and leave it so until it is started or the daemon is",
    .right = COMMAND_CHANGES,
    .where = COMMAND_IN_IO,
    .run = stop,
    .args = {CARRIER_ARG},
};

const struct command_def command_carriers_start = {
    .name = "carriers start",
    .help = "bind a carrier again that was stopped",
    .right = COMMAND_CHANGES,
    .where = COMMAND_IN_IO,
    .run = start,
    .args = {CARRIER_ARG},
};

const struct command_def command_carriers_rebind = {
    .name = "carriers rebind",
    .help = "drain and unbind a carrier, then bind it anew, at its first address first",
    .right = COMMAND_CHANGES,
    .where = COMMAND_IN_IO,
    .run = rebind,
    .args = {CARRIER_ARG},
};

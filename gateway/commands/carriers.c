/*
 * carriers.c: the binds to carriers, those that stand and those that should.
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
    answer_word(answer, "state", bind->retiring ? "retiring" : leg_state_name(bind->state));
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

/*
 * sessions.c: connections of apps, bound or not yet.
 */
#include "gateway/commands/commands.h"
#include "gateway/listener.h"

/* "0x34" or "0x50". */
void
session_version(struct answer *answer, const struct peer *p)
{
    static const char hex[] = "0123456789abcdef";
    char text[] = "0x00";

    text[2] = hex[p->session.peer_version >> 4];
    text[3] = hex[p->session.peer_version & 15];
    answer_word(answer, "version", text);
}

static void
show(struct command *command, const struct peer *p)
{
    struct answer *answer = command->answer;

    answer_open(answer);
    answer_word(answer, "link", p->link[0] ? p->link : "-");
    answer_word(answer, "listener", peer_listener_id(p));
    answer_word(answer, "address", p->conn.peer);
    answer_word(answer, "state", session_state_name(p->session.state));
    session_version(answer, p);
    answer_number(answer, "window", p->session.conf.window);
    answer_number(answer, "used", p->session.outstanding);
    answer_number(answer, "unanswered", p->unanswered);
    answer_time(answer, "since", command_wall_ms(command->io, p->since_ms));
    answer_word(answer, "tls", p->conn.transport.tls ? tls_version(&p->conn.transport) : "no");
    answer_close(answer);
}

/* progress: slots that were shown. */
static enum command_result
sessions(struct command *command)
{
    const struct io *io = command->io;
    uint64_t *at = &command->progress->number[0];

    for (; *at < io->peers_used; ++*at) {
        if (command->answer->rows == COMMAND_ANSWERS_MAX)
            return COMMAND_MORE;
        if (io->peers[*at] && !io->peers[*at]->leg)
            show(command, io->peers[*at]);
    }
    return COMMAND_DONE;
}

const struct command_def command_sessions = {
    .name = "sessions",
    .help = "list connections of apps: state, address, window and what of it is in use",
    .right = COMMAND_LOOKS,
    .where = COMMAND_IN_IO,
    .run = sessions,
};

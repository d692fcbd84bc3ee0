/*
 * trace.c: switching the trace of a link, and listing what is on.
 */
#include "gateway/commands/commands.h"

#include <stdio.h>

#include "gateway/trace.h"

enum { ARG_LINK, ARG_STATE, ARG_PCAP, ARG_FOR };
enum { STATE_ON, STATE_OFF };
/* One that is forgotten would fill the log with texts and numbers. */
#define FOR_DEFAULT_MS 600000u
#define FOR_MAX_MS 86400000u

static void
list(struct command *command)
{
    struct trace_state state;
    uint32_t at = 0;

    while (traces_next(command->io->traces, &at, &state)) {
        answer_open(command->answer);
        answer_word(command->answer, "link", state.link);
        answer_number(command->answer, "seconds_left", state.left_ms / 1000);
        answer_number(command->answer, "pdus", state.pdus);
        if (state.file)
            answer_word(command->answer, "file", state.file);
        else
            answer_none(command->answer, "file");
        answer_number(command->answer, "octets", state.file_bytes);
        answer_close(command->answer);
    }
}

static enum command_result
start(struct command *command, const char *link)
{
    const struct command_value *span = &command->args[ARG_FOR];
    char why[ANSWER_WHY_BYTES] = "";

    switch (trace_start(command->io->traces, link, span->given ? span->number : FOR_DEFAULT_MS,
                        command->args[ARG_PCAP].number, why, sizeof(why))) {
    case TRACE_OK:
        list(command);
        return COMMAND_DONE;
    case TRACE_NO_LINK:
        answer_why(command->answer, "no carrier, app or listener has this name");
        return COMMAND_NOT_FOUND;
    case TRACE_TOO_MANY:
        answer_why(command->answer, "too many traces are on");
        return COMMAND_WRONG_STATE;
    case TRACE_NO_FOLDER:
        answer_why(command->answer, "a file needs the option trace.dir");
        return COMMAND_WRONG_STATE;
    case TRACE_NO_FILE:
        answer_why(command->answer, why);
        return COMMAND_FAILED;
    }
    return COMMAND_FAILED;
}

static enum command_result
trace(struct command *command)
{
    const struct command_value *args = command->args;
    char link[PEER_LINK_BYTES];

    if (args[ARG_LINK].given != args[ARG_STATE].given) {
        answer_why(command->answer, "it takes a link and on or off, or neither");
        return COMMAND_BAD_ARGUMENT;
    }
    if (!args[ARG_LINK].given) {
        list(command);
        return COMMAND_DONE;
    }
    snprintf(link, sizeof(link), "%.*s", (int)args[ARG_LINK].text.n,
             (const char *)args[ARG_LINK].text.p);
    if (args[ARG_STATE].number == STATE_ON)
        return start(command, link);
    if (trace_stop(command->io->traces, link))
        return COMMAND_DONE;
    answer_why(command->answer, "this link is not traced");
    return COMMAND_NOT_FOUND;
}

const struct command_def command_trace = {
    .name = "trace",
    .help = "write every PDU of a link into the log, with texts and whole numbers; alone: list "
            "what is on",
    .right = COMMAND_REVEALS,
    .where = COMMAND_IN_IO,
    .run = trace,
    .args = {[ARG_LINK] = {.name = "link", .kind = ARG_TEXT, .max = PEER_LINK_BYTES - 1,
                           .help = "a carrier, an app's system_id, or a listener: what is not "
                                   "bound yet"},
             [ARG_STATE] = {.name = "state", .kind = ARG_WORD, .words = "on|off",
                            .help = "which way to switch"},
             [ARG_PCAP] = {.name = "pcap", .kind = ARG_FLAG, .option = true,
                           .help = "also into a file for Wireshark, in trace.dir"},
             [ARG_FOR] = {.name = "for", .kind = ARG_DURATION, .option = true, .max = FOR_MAX_MS,
                          .help = "it ends by itself after this time (10m)"}},
};

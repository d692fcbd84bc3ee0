/*
 * status.c: the gateway at a glance, and all of its counters.
 */
#include <unistd.h>

#include "gateway/commands/commands.h"
#include "gateway/control.h"
#include "gateway/version.h"

static void
put_counters(struct answer *answer, const struct counter_def *defs, size_t count,
             const void *counters)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t value;

        memcpy(&value, (const char *)counters + defs[i].offset, sizeof(value));
        answer_number(answer, defs[i].name, value);
    }
}

static enum command_result
status(struct command *command)
{
    const struct io *io = command->io;
    struct answer *answer = command->answer;
    struct io_counters counters = io_counters_now(io);
    struct published relay;

    mailbox_published(io->box, &relay);
    answer_open(answer);
    answer_word(answer, "version", TANDEM_VERSION);
    answer_word(answer, "name", io->conf->name);
    answer_number(answer, "pid", (uint64_t)getpid());
    answer_word(answer, "stage", control_stage_name(control_stage_of(io->control)));
    answer_time(answer, "started", command_wall_ms(io, io->started_ms));
    answer_number(answer, "uptime", (io->now_ms - io->started_ms) / 1000);
    answer_word(answer, "store", io->stalled                    ? "stalled"
                                 : relay.driver.store_refusing ? "refusing"
                                                                : "ok");
    answer_number(answer, "outstanding", relay.outstanding);
    put_counters(answer, driver_counter_defs, driver_counter_def_count, &relay.driver);
    put_counters(answer, relay_counter_defs, relay_counter_def_count, &relay.relay);
    put_counters(answer, io_counter_defs, io_counter_def_count, &counters);
    answer_close(answer);
    return COMMAND_DONE;
}

const struct command_def command_status = {
    .name = "status",
    .help = "show version, uptime, room in the store, messages on the wire, and all counters",
    .right = COMMAND_LOOKS,
    .where = COMMAND_IN_IO,
    .one_row = true,
    .run = status,
};

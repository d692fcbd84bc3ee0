/*
 * control.h: what the operator asks of the running daemon by signals: stop, reload, metrics. Steps
 * of them are done in the loop's round, so nothing waits. I/O thread only.
 */
#ifndef TANDEM_CONTROL_H
#define TANDEM_CONTROL_H

#include "gateway/io.h"

enum control_stage {
    CONTROL_RUNNING,
    CONTROL_DRAINING,               /* nothing new; what is on the wire is settled */
    CONTROL_UNBINDING,
    CONTROL_DONE,
};
const char *control_stage_name(enum control_stage stage);

/* Loads a configuration and logs its problems, one line each. NULL: there are some, *status
 * says how to exit. */
struct conf *control_load(const char *conf_path, int *status);

/* conf_path is what a reload reads again. NULL: no memory. */
struct control *control_new(struct io *io, const char *conf_path);
void control_free(struct control *control);

/* The place in the loop's round. */
void control_work(struct control *control);
bool control_done(const struct control *control);
enum control_stage control_stage_of(const struct control *control);

#endif

/*
 * tools.h: the commands that look at a store beside the daemon: export, snapshot, verify.
 * Each returns an exit status; what is wrong goes to stderr.
 */
#ifndef TANDEM_TOOLS_H
#define TANDEM_TOOLS_H

#include "conf/conf.h"

/* Loads the configuration. NULL: its problems were printed; exit with *status. */
struct conf *tool_conf(const char *path, int *status);

/* Every row of every table as a line of JSON on stdout. */
int tool_export(const struct conf *conf);
int tool_snapshot(const struct conf *conf, const char *dir);
int tool_verify(const struct conf *conf);

#endif

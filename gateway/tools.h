/*
 * tools.h: the commands that look at a store beside the daemon: check, export, snapshot, verify.
 * Each returns an exit status; what is wrong goes to stderr.
 */
#ifndef TANDEM_TOOLS_H
#define TANDEM_TOOLS_H

#include "conf/conf.h"

/* Loads the configuration and prints its problems; warnings only if asked for. NULL: exit with
 * *status. */
struct conf *tool_conf(const char *path, bool warnings, int *status);

int tool_check(const char *conf_path);
/* Every row of every table as a line of JSON on stdout. */
int tool_export(const struct conf *conf);
int tool_snapshot(const struct conf *conf, const char *dir);
int tool_verify(const struct conf *conf);

#endif

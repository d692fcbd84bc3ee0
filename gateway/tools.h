/*
 * tools.h: the commands beside the daemon: those that look at its store (export, snapshot, verify)
 * and hash-password. Each returns an exit status; what is wrong goes to stderr.
 */
#ifndef TANDEM_TOOLS_H
#define TANDEM_TOOLS_H

#include "conf/conf.h"

/* Loads the configuration without the directory. NULL: its problems were printed; exit with
 * *status. */
struct conf *tool_conf(const char *path, int *status);

/* Every row of every table as a line of JSON on stdout. */
int tool_export(const struct conf *conf);
int tool_snapshot(const struct conf *conf, const char *dir);
int tool_verify(const struct conf *conf);

/* Reads a password from the terminal, twice and without showing it, or a line of stdin, and prints
 * its hash for password_hash in the directory file. */
int tool_hash_password(void);

#endif

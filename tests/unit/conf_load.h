/*
 * conf_load.h: what the tests of the configuration share: loading it from texts and comparing what
 * is said about it.
 */
#ifndef TANDEM_CONF_LOAD_H
#define TANDEM_CONF_LOAD_H

#include "conf/conf.h"

#define STORE "store: {dir: data}\n"
#define SIM "carriers:\n  - {id: sim, host: h, port: 2776, system_id: t, password: x}\n"
#define GOOD STORE SIM
#define ACCOUNT "accounts:\n- id: a\n  name: A\n"

extern char said[200000]; /* the problems of the last load, a line each */
extern struct conf *conf; /* what came out; NULL after an error */

/* Into said. Releases problems. */
void keep_problems(struct conf_problems *problems);
/* Returns the exit status. */
int load(struct slice gateway, struct slice directory);

/* Does exactly this come out? Lines end with \n. A directory of NULL is none. */
#define expect(gateway, directory, lines) expect_at(__LINE__, gateway, directory, lines)
void expect_at(int line, const char *gateway, const char *directory, const char *lines);
/* Is this among what comes out? */
#define expect_part(gateway, directory, part) expect_part_at(__LINE__, gateway, directory, part)
void expect_part_at(int line, const char *gateway, const char *directory, const char *part);

/* A whole file of the tree, which the caller frees. */
char *read_whole(const char *name, size_t *n);

/* The only one there is. */
const struct dir_account *account(void);

#endif

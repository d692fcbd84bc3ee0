/*
 * admin.h: the admin interface: a UNIX socket where `tandem ctl` and other programs ask for
 * commands, a JSON object per line both ways (conformance X7):
 *
 *     {"command": "held", "args": {"limit": 10}, "id": 1}
 *     {"id":1,"row":{...}}              any number of them
 *     {"id":1,"ok":true}                or {"id":1,"error":{"code":"...","message":"..."}}
 *
 * Answers of several commands of one connection may mix; id tells them apart. Nothing here may
 * delay the messages: lines, connections, commands in progress and output that waits are limited,
 * and a command that has much to say says it in steps, as fast as its reader reads. I/O thread
 * only.
 */
#ifndef TANDEM_ADMIN_H
#define TANDEM_ADMIN_H

#include "gateway/io.h"

/* Listens where io->conf says, if it says. NULL: it cannot, which is logged. */
struct admin *admin_new(struct io *io);
/* NULL is allowed. Whoever is connected is cut off, the socket's file removed. */
void admin_free(struct admin *admin);
/* After io->conf was replaced; connections stay. False: it cannot listen at the new place, which is
 * logged, and listens at the old one. */
must_check bool admin_reload(struct admin *admin);

/* A piece of an answer from the core. */
void admin_answer(struct admin *admin, const struct effect *effect);

/* The place in the loop's round. */
void admin_work(struct admin *admin);
/* There is something to do that no socket will tell of. */
bool admin_busy(const struct admin *admin);
/* What is due; returns when to come again. */
uint64_t admin_tick(struct admin *admin);

#endif

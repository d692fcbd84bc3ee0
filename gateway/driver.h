/*
 * driver.h: runs the core: mailbox -> transaction -> steps -> commit -> release.
 *
 * It owns the store and the core. driver_start() runs turns on a thread of their own; tests leave
 * that out and call driver_turn() themselves. A commit that does not come back durable ends the
 * process.
 */
#ifndef TANDEM_DRIVER_H
#define TANDEM_DRIVER_H

#include "gateway/mailbox.h"

struct driver;

/* Opens the store, recovers the core and writes the directory, in as many turns as that takes;
 * their effects lie in the mailbox. conf must outlive the next EV_CONF. NULL: the reason is in why
 * and *exit_status. */
struct driver *driver_new(const struct conf *conf, struct mailbox *box, int *exit_status, char *why,
                          size_t why_bytes);
void driver_free(struct driver *driver);

/* One turn with what lies in the mailbox and what is due. False if there was nothing to do. */
bool driver_turn(struct driver *driver);

/* Starts the relay thread; false if the system has none to give. It ends after mailbox_close(),
 * once every event handed over has had its turn; driver_join() waits for that. */
must_check bool driver_start(struct driver *driver);
void driver_join(struct driver *driver);

struct store_options store_options_of(const struct conf *conf);

#endif

/*
 * listener.h: the server side: sockets that apps connect to. I/O thread only.
 */
#ifndef TANDEM_LISTENER_H
#define TANDEM_LISTENER_H

#include "gateway/io.h"

/* Opens all listeners of io->conf. NULL: one cannot be opened, which is logged. */
struct listeners *listeners_new(struct io *io);
void listeners_free(struct listeners *listeners);

/* After io->conf and io->auth were replaced; before is the old io->auth. Listeners that are
 * unchanged stay open, the sessions of those that are gone, and of apps that may no longer bind
 * like that, are drained and unbound. False: a new one cannot be opened, which is logged; the
 * rest is done. */
must_check bool listeners_reload(struct listeners *listeners, const struct auth *before,
                                 uint64_t drain_until_ms);
/* Accepts nothing more. */
void listeners_stop(struct listeners *listeners);

/* How a refused bind is answered there; the listener may be gone (NULL). */
enum conf_bind_errors listener_bind_errors(const struct listener *listener);
/* The version that a bind which asks for this one is answered with; the same. */
uint8_t listener_version(const struct listener *listener, uint8_t asked);
/* Of the listener that the peer came by, "-" if it is gone. */
const char *peer_listener_id(const struct peer *p);

/* The place in the loop's round. */
void listeners_work(struct listeners *listeners);
/* What is due; returns when to come again. */
uint64_t listeners_tick(struct listeners *listeners);

#endif

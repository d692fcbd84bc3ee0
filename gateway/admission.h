/*
 * admission.h: the binds of apps, from the PDU to peer_accept() or peer_refuse(). Separate from
 * the listener because a bind can wait: auth.h decides, hasher.h compares, and this file keeps
 * those whose password is being compared.
 *
 * Such a peer reads nothing more until then, but its timers run. It can be gone when the result
 * comes (it is known by slot and generation), its app can have changed by a reload, or a stop can
 * have begun. I/O thread only.
 */
#ifndef TANDEM_ADMISSION_H
#define TANDEM_ADMISSION_H

#include "gateway/io.h"

struct admission *admission_new(struct io *io);
/* Before the peers are freed or after, but not after the loop. */
void admission_free(struct admission *admission);

/* A bind of an app to check: peer_owner.bind of a listener's peers. */
void admission_bind(struct peer *p, const struct pdu *bind);
/* The place in the loop's round: results that have come. */
void admission_work(struct admission *admission);

#endif

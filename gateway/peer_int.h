/*
 * peer_int.h: what the files of peer.h share. Nobody else includes it.
 */
#ifndef TANDEM_PEER_INT_H
#define TANDEM_PEER_INT_H

#include "gateway/peer.h"

/* The connection is over as it is. why is static text. */
void peer_dead(struct peer *p, const char *why);
/* The same before there was a session at all. */
void peer_handshake_failed(struct peer *p, const char *why);
void peer_write_pdu(struct peer *p, const struct pdu *pdu);
/* Writes the answer of the session machine, if it has one. */
void peer_session_reply(struct peer *p, const struct session_out *out);
/* The peer has unbound, and has all its responses or will not get them. */
void peer_farewell(struct peer *p);

#endif

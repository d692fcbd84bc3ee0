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
/* Does it still take PDUs? */
bool peer_listens(const struct peer *p);
/* More of it is not taken for now: too much of its is unanswered, unread or unjudged. */
bool peer_paused(const struct peer *p);
void peer_phase_set(struct peer *p, enum peer_phase phase);
/* Takes what is whole of the octets that came, and keeps the rest. */
void peer_take_octets(struct peer *p, struct slice octets);
/* Tells the core of the bind: the last thing done about it. */
void peer_bind_up(struct peer *p);
void peer_write_header(struct peer *p, uint32_t command_id, uint32_t status, uint32_t sequence);
/* The response to a request that the core does not see. */
void peer_answer(struct peer *p, const struct pdu *request, enum smpp_status status);
void peer_write_pdu(struct peer *p, const struct pdu *pdu);
/* Writes the answer of the session machine, if it has one. */
void peer_session_reply(struct peer *p, const struct session_out *out);
/* The peer has unbound, and has all its responses or will not get them. */
void peer_farewell(struct peer *p);

#endif

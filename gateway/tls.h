/*
 * tls.h: TLS as a transport of a connection, on both sides.
 *
 * A context is made of one `tls` section and can be replaced at any time: connections that were
 * opened with it go on. TLS 1.2 with forward secrecy and authenticated encryption, and 1.3;
 * sessions are neither resumed nor renegotiated. A client checks the server's certificate and
 * name unless it was told not to; there is no way back to plain text. I/O thread only.
 */
#ifndef TANDEM_TLS_H
#define TANDEM_TLS_H

#include "conf/conf.h"
#include "gateway/limits.h"
#include "gateway/transport.h"

struct tls_context;

/* For a listener, and for a carrier whose certificate must name host. NULL: why is logged, with
 * `owner` ("listener=apps") in front. */
struct tls_context *tls_server(const struct conf_tls *tls, const char *owner);
struct tls_context *tls_client(const struct conf_tls *tls, const char *host, const char *owner);
void tls_context_free(struct tls_context *context);

/* Puts TLS between a transport that has not been used yet and its socket. False: no memory, and
 * nothing has changed. */
must_check bool tls_wrap(struct transport *t, struct tls_context *context);

/* Of a connection whose handshake is done: "TLSv1.3", and its suite; "" without TLS. */
const char *tls_version(const struct transport *t);
const char *tls_cipher(const struct transport *t);

/* Has the peer shown a certificate that was checked and holds this (`certificate` of an app)? */
bool tls_peer_holds(const struct transport *t, const char *wanted);

#endif

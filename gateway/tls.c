/*
 * tls.c: see tls.h. OpenSSL reads and writes the socket itself; this file turns its answers into
 * those of a transport.
 *
 * Three things are easily lost here. OpenSSL reads ahead, so octets may lie in its buffers of which
 * the socket says nothing (`more`). A close_notify, or an error, may stand right behind the last
 * octets: those are handed over first, and the end is told by the next read. And a write that was
 * not finished is repeated by the connection with the same octets, from where it was.
 */
#include "gateway/tls.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf/conf_tls.h"
#include "gateway/log.h"

#define HOST_BYTES 254u
#define WHY_BYTES 160u
/* TLS 1.2: only suites with forward secrecy and authenticated encryption. Those of 1.3 all are. */
#define CIPHERS "ECDHE+AESGCM:ECDHE+CHACHA20"

struct tls_context {
    SSL_CTX *ssl;
    bool server;
    bool verify;
    char host[HOST_BYTES];          /* what the server's certificate must name; "": anything */
};

enum tls_end {
    TLS_OPEN,
    TLS_ENDED,                      /* close_notify came; we may still write */
    TLS_CUT,                        /* the socket ended without */
    TLS_BROKEN,
};

struct tls {
    SSL *ssl;
    BIO *socket;                    /* counts what goes through the socket; belongs to ssl */
    enum tls_end end;
    int err;                        /* BROKEN: errno, or 0 */
    char why[WHY_BYTES];
};

/* --- contexts --- */

static bool
context_options(SSL_CTX *ssl)
{
    /* Sessions last for days: resuming one saves nothing, and with client certificates it would
     * need care. A renegotiation could change who the peer is. */
    SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
    /* An idle session holds no buffers; a busy one takes several records with one system call. */
    SSL_CTX_set_mode(ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_read_ahead(ssl, 1);
    return SSL_CTX_set_num_tickets(ssl, 0) == 1 &&
           SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(ssl, CIPHERS) == 1;
}

static bool
context_trust(struct tls_context *context, const struct conf_tls *tls)
{
    X509_STORE *store = SSL_CTX_get_cert_store(context->ssl);
    int mode = SSL_VERIFY_NONE;

    if (context->server && tls->clients != CLIENTS_NONE)
        mode = SSL_VERIFY_PEER;
    if (context->server && tls->clients == CLIENTS_REQUIRED)
        mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    if (!context->server && tls->verify)
        mode = SSL_VERIFY_PEER;
    SSL_CTX_set_verify(context->ssl, mode, NULL);
    context->verify = mode != SSL_VERIFY_NONE;
    if (!context->server && !tls->ca[0] && SSL_CTX_set_default_verify_paths(context->ssl) != 1)
        return false;
    /* What the operator names as an authority is one, whether it signed itself or not. */
    return X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) == 1;
}

static struct tls_context *
context_new(const struct conf_tls *tls, const char *host, const char *owner)
{
    struct tls_context *context = calloc(1, sizeof(*context));
    struct conf_tls_fault fault = {.option = "OpenSSL", .why = "cannot be used"};
    bool ok = context != NULL;

    if (ok) {
        context->server = host == NULL;
        snprintf(context->host, sizeof(context->host), "%s", host ? host : "");
        context->ssl = SSL_CTX_new(host ? TLS_client_method() : TLS_server_method());
    }
    ok = ok && context->ssl && context_options(context->ssl) &&
         conf_tls_apply(tls, context->ssl, &fault) && context_trust(context, tls);
    ERR_clear_error();
    if (ok)
        return context;
    log_line(LOG_LEVEL_ERROR, "cannot use tls", "%s what=%s reason=\"%s\"", owner, fault.option,
             fault.why);
    tls_context_free(context);
    return NULL;
}

struct tls_context *
tls_server(const struct conf_tls *tls, const char *owner)
{
    return context_new(tls, NULL, owner);
}

struct tls_context *
tls_client(const struct conf_tls *tls, const char *host, const char *owner)
{
    return context_new(tls, tls->server_name[0] ? tls->server_name : host, owner);
}

void
tls_context_free(struct tls_context *context)
{
    if (!context)
        return;
    SSL_CTX_free(context->ssl);
    free(context);
}

/* --- how it ends --- */

static const char *
verify_reason(long result)
{
    switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return "the certificate has expired";
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "the certificate is not valid yet";
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        return "the certificate has another name";
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return "the certificate is of an unknown authority";
    case X509_V_ERR_CERT_REVOKED:
        return "the certificate was revoked";
    default:
        return "the certificate is not good";
    }
}

/* What OpenSSL's queue of errors has to say; only the first is the cause. */
static void
tell_why(struct tls *tls, const char *what)
{
    unsigned long err = ERR_peek_error();
    long result = SSL_get_verify_result(tls->ssl);
    const char *reason = ERR_reason_error_string(err);

    if (ERR_GET_REASON(err) == SSL_R_CERTIFICATE_VERIFY_FAILED && result != X509_V_OK)
        snprintf(tls->why, sizeof(tls->why), "%s (%s)", verify_reason(result),
                 X509_verify_cert_error_string(result));
    else
        snprintf(tls->why, sizeof(tls->why), "%s: %s", what, reason ? reason : "unknown");
}

/* A call of OpenSSL did not succeed. False: it is to be tried later. */
static bool
has_ended(struct transport *t, int result, const char *what)
{
    struct tls *tls = t->tls;
    int err = errno;

    switch (SSL_get_error(tls->ssl, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return false;
    case SSL_ERROR_ZERO_RETURN:
        tls->end = TLS_ENDED;
        break;
    case SSL_ERROR_SYSCALL:
        tls->end = err == 0 ? TLS_CUT : TLS_BROKEN;
        tls->err = err;
        break;
    default:
        /* SMPP is framed, so a close without close_notify hides nothing: it is just a close. */
        if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
            tls->end = TLS_CUT;
            break;
        }
        tls->end = TLS_BROKEN;
        tls->err = 0;
        /* With TLS 1.3 a server tells what it thinks of our certificate after the handshake. */
        t->refused |= !SSL_is_init_finished(tls->ssl) ||
                      ERR_GET_REASON(ERR_peek_error()) >= SSL_AD_REASON_OFFSET;
        tell_why(tls, what);
        t->why = tls->why;
    }
    ERR_clear_error();
    return true;
}

static void
count_written(struct transport *t)
{
    t->octets_written = BIO_number_written(t->tls->socket);
}

/* --- the transport --- */

static enum transport_step
tls_handshake(struct transport *t)
{
    struct tls *tls = t->tls;
    int result;

    ERR_clear_error();
    errno = 0;
    result = SSL_do_handshake(tls->ssl);
    if (result != 1 && !has_ended(t, result, "the handshake failed")) {
        t->wants_read = SSL_want_read(tls->ssl);
        t->wants_write = SSL_want_write(tls->ssl);
        return TRANSPORT_LATER;
    }
    t->wants_read = t->wants_write = false;
    count_written(t);
    if (result != 1) {
        if (!t->why)
            t->why = tls->err ? strerrordesc_np(tls->err) : "closed by the peer";
        return TRANSPORT_FAILED;
    }
    /* The first PDU may have come in the same segment as the end of the handshake. */
    t->more = true;
    return TRANSPORT_DONE;
}

/* What read() and write() return when nothing was read or written. */
static ssize_t
nothing_done(const struct tls *tls, bool reading)
{
    if (reading && (tls->end == TLS_ENDED || tls->end == TLS_CUT))
        return 0;
    if (tls->end == TLS_BROKEN)
        errno = tls->err ? tls->err : EPROTO;
    else
        errno = tls->end == TLS_CUT ? EPIPE : EAGAIN;
    return -1;
}

/* As much as fits: one record at a time would cost a round of the loop each. */
static ssize_t
tls_read(struct transport *t, void *buf, size_t n)
{
    struct tls *tls = t->tls;
    size_t have = 0;
    bool later = false;

    ERR_clear_error();
    while (have < n && tls->end == TLS_OPEN && !later) {
        size_t got = 0;
        int result;

        errno = 0;
        result = SSL_read_ex(tls->ssl, (uint8_t *)buf + have, n - have, &got);
        have += got;
        /* What OpenSSL does not hold, the socket will announce. */
        later = result == 1 ? !SSL_has_pending(tls->ssl) : !has_ended(t, result, "read failed");
    }
    t->wants_write = later && SSL_want_write(tls->ssl);
    t->more = have > 0 && !later;
    count_written(t);
    return have > 0 ? (ssize_t)have : nothing_done(tls, true);
}

static ssize_t
tls_write(struct transport *t, const void *buf, size_t n)
{
    struct tls *tls = t->tls;
    size_t done = 0;
    bool later = false;

    ERR_clear_error();
    while (done < n && tls->end <= TLS_ENDED && !later) {
        size_t put = 0;
        int result;

        errno = 0;
        result = SSL_write_ex(tls->ssl, (const uint8_t *)buf + done, n - done, &put);
        done += put;
        later = result != 1 && !has_ended(t, result, "write failed");
    }
    t->wants_read = later && SSL_want_read(tls->ssl);
    count_written(t);
    return done > 0 ? (ssize_t)done : nothing_done(tls, false);
}

static void
tls_shut(struct transport *t)
{
    struct tls *tls = t->tls;

    /* It is short, and nothing depends on it: if there is no room for it, so be it. */
    ERR_clear_error();
    if (tls->end <= TLS_ENDED && SSL_is_init_finished(tls->ssl))
        (void)SSL_shutdown(tls->ssl);
    ERR_clear_error();
    shutdown(t->fd, SHUT_WR);
}

static void
tls_close(struct transport *t)
{
    SSL_free(t->tls->ssl);
    free(t->tls);
    t->tls = NULL;
    t->why = NULL;
    close(t->fd);
    t->fd = -1;
}

static const struct transport_ops transport_tls = {
    .name = "tls",
    .handshake = tls_handshake,
    .read = tls_read,
    .write = tls_write,
    .shut = tls_shut,
    .close = tls_close,
    .wraps = true,
};

/* --- a connection --- */

static bool
is_address(const char *host)
{
    uint8_t octets[16];

    return inet_pton(AF_INET, host, octets) == 1 || inet_pton(AF_INET6, host, octets) == 1;
}

/* Whom we want to talk to: told to the server, and looked for in its certificate. */
static bool
expect_host(SSL *ssl, struct tls_context *context)
{
    if (is_address(context->host))
        return !context->verify ||
               X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), context->host) == 1;
    if (SSL_set_tlsext_host_name(ssl, context->host) != 1)
        return false;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return !context->verify || SSL_set1_host(ssl, context->host) == 1;
}

static bool
tls_prepare(struct tls *tls, struct tls_context *context, int fd)
{
    tls->ssl = SSL_new(context->ssl);
    tls->socket = tls->ssl ? BIO_new_socket(fd, BIO_NOCLOSE) : NULL;
    if (!tls->socket)
        return false;
    SSL_set_bio(tls->ssl, tls->socket, tls->socket);
    if (context->server) {
        SSL_set_accept_state(tls->ssl);
        return true;
    }
    SSL_set_connect_state(tls->ssl);
    return expect_host(tls->ssl, context);
}

bool
tls_wrap(struct transport *t, struct tls_context *context)
{
    struct tls *tls = calloc(1, sizeof(*tls));

    assert(!t->tls && t->octets_written == 0);
    if (tls && tls_prepare(tls, context, t->fd)) {
        t->tls = tls;
        t->ops = &transport_tls;
        return true;
    }
    ERR_clear_error();
    if (tls)
        SSL_free(tls->ssl);
    free(tls);
    return false;
}

const char *
tls_version(const struct transport *t)
{
    return t->tls ? SSL_get_version(t->tls->ssl) : "";
}

const char *
tls_cipher(const struct transport *t)
{
    return t->tls ? SSL_get_cipher_name(t->tls->ssl) : "";
}

/* --- the peer's certificate --- */

/* Compared with their lengths: a NUL inside does not make it shorter. */
static bool
same_text(const ASN1_STRING *have, const char *wanted, bool fold)
{
    const char *text = (const char *)ASN1_STRING_get0_data(have);
    size_t n = strlen(wanted);

    if (ASN1_STRING_length(have) < 0 || (size_t)ASN1_STRING_length(have) != n)
        return false;
    return fold ? strncasecmp(text, wanted, n) == 0 : memcmp(text, wanted, n) == 0;
}

static bool
has_common_name(const X509 *x509, const char *wanted)
{
    const X509_NAME *name = X509_get_subject_name(x509);
    bool found = false;

    for (int at = -1; !found;) {
        unsigned char *utf8 = NULL;
        int n;

        at = X509_NAME_get_index_by_NID(name, NID_commonName, at);
        if (at < 0)
            break;
        n = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
        found = n >= 0 && (size_t)n == strlen(wanted) && memcmp(utf8, wanted, (size_t)n) == 0;
        OPENSSL_free(utf8);
    }
    return found;
}

static bool
has_other_name(const X509 *x509, int type, const char *wanted)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    bool found = false;

    for (int i = 0; !found && i < sk_GENERAL_NAME_num(names); i++) {
        int have;
        const void *value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names, i), &have);

        /* Case means nothing in DNS, and may mean something in a URI. */
        found = have == type && same_text(value, wanted, type == GEN_DNS);
    }
    GENERAL_NAMES_free(names);
    return found;
}

static bool
has_fingerprint(const X509 *x509, const char *wanted)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE + 1] = "";
    unsigned n = 0;
    size_t at = 0;

    if (X509_digest(x509, EVP_sha256(), digest, &n) != 1)
        return false;
    for (unsigned i = 0; i < n; i++)
        snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    for (; *wanted; wanted++) {
        if (*wanted == ':')
            continue;
        if (at >= 2 * n || strncasecmp(wanted, hex + at, 1) != 0)
            return false;
        at++;
    }
    return at == 2 * n;
}

bool
tls_peer_holds(const struct transport *t, const char *wanted)
{
    const X509 *x509 = t->tls ? SSL_get0_peer_certificate(t->tls->ssl) : NULL;
    const char *value = strchr(wanted, ':');
    bool holds = false;

    if (!x509 || !value || SSL_get_verify_result(t->tls->ssl) != X509_V_OK ||
        SSL_get_verify_mode(t->tls->ssl) == SSL_VERIFY_NONE)
        return false;
    value++;
    if (strncmp(wanted, "cn:", 3) == 0)
        holds = has_common_name(x509, value);
    else if (strncmp(wanted, "dns:", 4) == 0)
        holds = has_other_name(x509, GEN_DNS, value);
    else if (strncmp(wanted, "uri:", 4) == 0)
        holds = has_other_name(x509, GEN_URI, value);
    else if (strncmp(wanted, "sha256:", 7) == 0)
        holds = has_fingerprint(x509, value);
    ERR_clear_error();
    return holds;
}

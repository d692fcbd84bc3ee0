/*
 * tls_test.c: TLS below a connection, against OpenSSL in the same process: nothing of a stream is
 * lost at its end (faults.md decision 11), who is let in on both sides (bad-input.md 5), and what
 * TCP has acknowledged (R-rel-3).
 */
#include "gateway/tls.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/connection.h"
#include "tests/unit/certs.h"
#include "tests/unit/check.h"

static struct connection_counters counters;
static struct connection here;
static SSL_CTX *there_context;
static SSL *there;
static int there_fd;
static struct cert ca, stranger, gateway, app;

/* --- both ends --- */

static struct conf_tls
section(const struct cert *own, const struct cert *authority)
{
    return (struct conf_tls){
        .on = true,
        .certificate = own ? "own.pem" : "",
        .key = own ? "own.key" : "",
        .ca = authority ? "ca.pem" : "",
        .certificate_pem = own ? slice_str(cert_pem(own)) : SLICE_NONE,
        .key_pem = own ? slice_str(cert_key_pem(own)) : SLICE_NONE,
        .ca_pem = authority ? slice_str(cert_pem(authority)) : SLICE_NONE,
        .verify = true,
        .server_name = "",
    };
}

static void
setup(void)
{
    signal(SIGPIPE, SIG_IGN);
    if (ca.x509)
        return;
    ca = cert_authority("Test CA");
    stranger = cert_authority("Another CA");
    gateway = cert_of(&ca, "gateway", "DNS:gw.example,DNS:*.wild.example,IP:192.0.2.7");
    app = cert_of(&ca, "crm", "DNS:crm.example,URI:spiffe://example/crm");
}

static void
there_prepare(const SSL_METHOD *method, const struct cert *own)
{
    there_context = SSL_CTX_new(method);
    check(there_context != NULL);
    SSL_CTX_set_security_level(there_context, 0);
    if (own)
        check(SSL_CTX_use_certificate(there_context, own->x509) == 1 &&
              SSL_CTX_use_PrivateKey(there_context, own->key) == 1);
}

static void
sockets_tcp(int fds[2])
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(sa);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    check(bind(fd, (struct sockaddr *)&sa, length) == 0 && listen(fd, 1) == 0);
    check(getsockname(fd, (struct sockaddr *)&sa, &length) == 0);
    fds[1] = socket(AF_INET, SOCK_STREAM, 0);
    check(connect(fds[1], (struct sockaddr *)&sa, length) == 0);
    fds[0] = accept4(fd, NULL, NULL, SOCK_NONBLOCK);
    check(fds[0] >= 0);
    close(fd);
}

/* `here` with our context, `there` with what there_prepare() made. */
static void
join(struct tls_context *context, bool tcp)
{
    static const struct address nowhere;
    int fds[2];

    if (tcp)
        sockets_tcp(fds);
    else
        check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0);
    check(context != NULL);
    connection_accepted(&here, fds[0], &nowhere);
    check(connection_secure(&here, context));
    check_number(here.state, CONN_HANDSHAKE);
    tls_context_free(context); /* a reload may do that at any time */
    there_fd = fds[1];
    there = SSL_new(there_context);
    check(there && SSL_set_fd(there, there_fd) == 1);
}

static void
leave(void)
{
    connection_close(&here);
    SSL_free(there);
    SSL_CTX_free(there_context);
    close(there_fd);
}

static void
nonblocking(int fd)
{
    check(fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) == 0);
}

/* Until both are done, or one has failed. Says how ours ended. */
static enum transport_step
shake(void)
{
    enum transport_step step = TRANSPORT_LATER;
    int result = 0;

    nonblocking(there_fd);
    for (int i = 0; i < 100 && (step == TRANSPORT_LATER || result != 1); i++) {
        if (result != 1)
            result = SSL_do_handshake(there);
        if (step == TRANSPORT_LATER)
            step = connection_handshake(&here);
        if (step == TRANSPORT_FAILED)
            break;
        if (result != 1 && SSL_get_error(there, result) == SSL_ERROR_SSL &&
            step != TRANSPORT_LATER)
            break;
    }
    ERR_clear_error();
    return step;
}

static void
serve(const struct conf_tls *tls)
{
    join(tls_server(tls, "listener=test"), false);
    SSL_set_connect_state(there);
}

static void
serve_plainly(void)
{
    struct conf_tls tls;

    setup();
    tls = section(&gateway, NULL);
    there_prepare(TLS_client_method(), NULL);
    serve(&tls);
    check_number(shake(), TRANSPORT_DONE);
    check_number(here.state, CONN_OPEN);
}

/* --- reading as a peer does: what is not announced must be known --- */

static bool
announced(void)
{
    struct pollfd p = {.fd = here.transport.fd, .events = POLLIN};

    return poll(&p, 1, 0) == 1;
}

/* Reads until there is nothing more, by the rules of the loop. Returns how much came; *ended. */
static size_t
read_all(uint8_t first, bool *ended)
{
    static size_t total;
    struct slice octets;

    if (first == 0)
        total = 0;
    *ended = false;
    while (connection_more(&here) || announced()) {
        switch (connection_read(&here, &counters, &octets)) {
        case READ_OCTETS_CAME:
            for (size_t i = 0; i < octets.n; i++)
                check(octets.p[i] == (uint8_t)(total + i));
            total += octets.n;
            break;
        case READ_NOTHING:
            break;
        case READ_END:
            *ended = true;
            return total;
        }
    }
    return total;
}

/* Writes n octets that count up, in records of this size, without ever waiting for `here`. */
static size_t
write_records(size_t from, size_t n, size_t record)
{
    uint8_t buf[16384];
    size_t done = 0;

    while (done < n) {
        size_t some = n - done < record ? n - done : record;

        for (size_t i = 0; i < some; i++)
            buf[i] = (uint8_t)(from + done + i);
        if (SSL_write(there, buf, (int)some) != (int)some)
            break;
        done += some;
    }
    return done;
}

static void
decision_11_nothing_is_lost_before_close_notify(void)
{
    static const size_t records[] = {1, 16, 70, 71, 1000, 4096, 16383, 16384};
    static const size_t streams[] = {1, 16, 69, 70, 71, 140, 1000, 4095, 16384, 16385, 50000};
    bool ended;

    for (size_t r = 0; r < sizeof(records) / sizeof(records[0]); r++) {
        for (size_t s = 0; s < sizeof(streams) / sizeof(streams[0]); s++) {
            size_t n = streams[s];

            if (n / records[r] > 400)
                continue;
            serve_plainly();
            check_number(read_all(0, &ended), 0);
            check_number(write_records(0, n, records[r]), n);
            check(SSL_shutdown(there) == 0);
            check_number(read_all(1, &ended), n);
            /* close_notify alone, the socket stands: that is an end too. */
            check(ended);
            check_text(slice_str(here.why), "closed by the peer");
            check(connection_read(&here, &counters, &(struct slice){0}) == READ_END);
            leave();
        }
    }
}

static void
decision_11_more_than_a_read_takes(void)
{
    size_t sent = 0, n = 3 * READ_OCTETS + 17;
    bool ended = false;

    serve_plainly();
    check_number(read_all(0, &ended), 0);
    while (!ended) {
        sent += write_records(sent, n - sent, 3000);
        ERR_clear_error();
        if (sent == n)
            SSL_shutdown(there);
        if (read_all(1, &ended) == n && ended)
            break;
    }
    check_number(sent, n);
    leave();
}

static void
a_close_without_close_notify_is_just_a_close(void)
{
    bool ended;

    serve_plainly();
    check_number(read_all(0, &ended), 0);
    check_number(write_records(0, 300, 70), 300);
    shutdown(there_fd, SHUT_RDWR);
    check_number(read_all(1, &ended), 300);
    check(ended && !here.transport.refused);
    check_text(slice_str(here.why), "closed by the peer");
    leave();
}

static void
what_comes_with_the_handshake_is_read(void)
{
    struct conf_tls tls;
    struct slice octets;

    setup();
    tls = section(&gateway, NULL);
    there_prepare(TLS_client_method(), NULL);
    serve(&tls);
    nonblocking(there_fd);
    check(SSL_do_handshake(there) != 1);
    check_number(connection_handshake(&here), TRANSPORT_LATER);
    check(here.transport.wants_read);
    check(SSL_do_handshake(there) == 1);
    check(SSL_write(there, "bind", 4) == 4);
    check_number(connection_handshake(&here), TRANSPORT_DONE);
    check(connection_more(&here));
    check(connection_read(&here, &counters, &octets) == READ_OCTETS_CAME);
    check_text(octets, "bind");
    check(connection_read(&here, &counters, &octets) == READ_NOTHING);
    check(!connection_more(&here));
    leave();
}

static void
half_a_record_is_waited_for(void)
{
    struct conf_tls tls;
    struct slice octets;
    BIO *in, *out;
    uint8_t raw[4096];
    int n;

    setup();
    tls = section(&gateway, NULL);
    there_prepare(TLS_client_method(), NULL);
    serve(&tls);
    check_number(shake(), TRANSPORT_DONE);
    (void)connection_read(&here, &counters, &octets);
    in = BIO_new(BIO_s_mem());
    out = BIO_new(BIO_s_mem());
    SSL_set_bio(there, in, out);
    check(SSL_write(there, "0123456789", 10) == 10);
    n = BIO_read(out, raw, sizeof(raw));
    check(n > 20);
    for (int i = 0; i < n; i++) {
        check(write(there_fd, raw + i, 1) == 1);
        if (i == n - 1)
            break;
        check(connection_read(&here, &counters, &octets) == READ_NOTHING);
        check(!connection_more(&here)); /* or the loop would spin */
    }
    check(connection_read(&here, &counters, &octets) == READ_OCTETS_CAME);
    check_text(octets, "0123456789");
    leave();
}

/* --- writing --- */

static void
put(const char *text)
{
    size_t n = strlen(text);
    uint8_t *to = connection_room(&here, n);

    check(to != NULL);
    memcpy(to, text, n);
    connection_wrote(&here, n);
}

static void
a_slow_reader_gets_every_octet(void)
{
    const size_t n = 1 << 20;
    uint8_t buf[5000], *to;
    size_t have = 0;

    serve_plainly();
    to = connection_room(&here, n);
    check(to != NULL);
    for (size_t i = 0; i < n; i++)
        to[i] = (uint8_t)(i * 7);
    connection_wrote(&here, n);
    for (uint64_t now = 1; have < n; now++) {
        int got;

        check(connection_flush(&here, &counters, now));
        check(connection_waiting(&here) == 0 || here.stuck_ms != 0);
        got = SSL_read(there, buf, sizeof(buf));
        for (int i = 0; i < got; i++)
            check(buf[i] == (uint8_t)((have + (size_t)i) * 7));
        have += got > 0 ? (size_t)got : 0;
        /* The buffer moves and grows while a write is unfinished. */
        if (now == 3) {
            put("tail");
        }
    }
    check(connection_flush(&here, &counters, 9));
    check(SSL_read(there, buf, sizeof(buf)) == 4 && memcmp(buf, "tail", 4) == 0);
    check(here.transport.octets_written > n);
    leave();
}

static void
last_words_come_with_close_notify(void)
{
    char buf[16];

    serve_plainly();
    check(SSL_write(there, "unread", 6) == 6);
    put("bye");
    check(connection_flush(&here, &counters, 1));
    connection_shut(&here, 1);
    check(SSL_read(there, buf, sizeof(buf)) == 3);
    check(SSL_get_error(there, SSL_read(there, buf, sizeof(buf))) == SSL_ERROR_ZERO_RETURN);
    check(connection_discard(&here));
    SSL_shutdown(there);
    check(!connection_discard(&here));
    leave();
}

static bool
confirmed(uint64_t inbound)
{
    for (int i = 0; i < 500 && here.confirmed != inbound; i++) {
        (void)connection_confirm(&here);
        usleep(1000);
    }
    return here.confirmed == inbound;
}

static void
r_rel_3_confirms_count_octets_of_the_socket(void)
{
    struct conf_tls tls;
    char buf[64];
    uint64_t before;

    setup();
    tls = section(&gateway, NULL);
    there_prepare(TLS_client_method(), NULL);
    join(tls_server(&tls, "listener=test"), true);
    SSL_set_connect_state(there);
    check_number(shake(), TRANSPORT_DONE);
    /* TCP has acknowledged more octets of the handshake than the response has. */
    put("response 1");
    connection_confirm_later(&here, 1);
    usleep(20000);
    check(!connection_confirm(&here));
    before = here.transport.octets_written;
    check(before > 500);
    check(connection_flush(&here, &counters, 1));
    check(here.transport.octets_written > before + 10);
    check(confirmed(1));
    put("response 2");
    connection_confirm_later(&here, 2);
    put("response 3");
    connection_confirm_later(&here, 3);
    (void)connection_confirm(&here);
    check_number(here.confirmed, 1);
    check(connection_flush(&here, &counters, 1));
    check(SSL_read(there, buf, sizeof(buf)) > 0);
    check(confirmed(3));
    check_number(here.confirm_count, 0);
    check_number(here.confirm_sent, 0);
    leave();
}

/* What is encrypted and not taken by the socket is not with the peer. */
static void
r_rel_3_what_the_socket_does_not_take_is_not_confirmed(void)
{
    struct conf_tls tls;
    uint8_t buf[16384], *to;
    size_t have = 0;

    setup();
    tls = section(&gateway, NULL);
    there_prepare(TLS_client_method(), NULL);
    join(tls_server(&tls, "listener=test"), true);
    SSL_set_connect_state(there);
    check_number(shake(), TRANSPORT_DONE);
    to = connection_room(&here, OUT_OCTETS_MAX - 100);
    check(to != NULL);
    memset(to, 'x', OUT_OCTETS_MAX - 100);
    connection_wrote(&here, OUT_OCTETS_MAX - 100);
    put("response");
    connection_confirm_later(&here, 5);
    check(connection_flush(&here, &counters, 1));
    check(connection_waiting(&here) > 0);
    usleep(20000);
    check(!connection_confirm(&here));
    while (connection_waiting(&here) > 0 || have < OUT_OCTETS_MAX - 92) {
        int got = SSL_read(there, buf, sizeof(buf));

        have += got > 0 ? (size_t)got : 0;
        check(connection_flush(&here, &counters, 2));
    }
    check(confirmed(5));
    leave();
}

/* --- what we speak --- */

static void
try_version(int version, const char *ciphers, enum transport_step want)
{
    struct conf_tls tls = section(&gateway, NULL);

    there_prepare(TLS_client_method(), NULL);
    check(SSL_CTX_set_min_proto_version(there_context, version) == 1);
    check(SSL_CTX_set_max_proto_version(there_context, version) == 1);
    if (ciphers)
        check(SSL_CTX_set_cipher_list(there_context, ciphers) == 1);
    serve(&tls);
    check_number(shake(), want);
    check((here.why != NULL) == (want == TRANSPORT_FAILED));
    check(here.transport.refused == (want == TRANSPORT_FAILED));
    leave();
}

static void
only_tls_1_2_with_aead_and_1_3(void)
{
    setup();
    try_version(TLS1_1_VERSION, "ALL:@SECLEVEL=0", TRANSPORT_FAILED);
    try_version(TLS1_2_VERSION, "ECDHE+AESGCM", TRANSPORT_DONE);
    try_version(TLS1_2_VERSION, "ECDHE+CHACHA20", TRANSPORT_DONE);
    try_version(TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA", TRANSPORT_FAILED);
    try_version(TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256", TRANSPORT_FAILED);
    try_version(TLS1_3_VERSION, NULL, TRANSPORT_DONE);
}

static void
no_renegotiation_and_no_resumption(void)
{
    struct conf_tls tls;
    char buf[16];
    bool ended;

    setup();
    tls = section(&gateway, NULL);
    there_prepare(TLS_client_method(), NULL);
    SSL_CTX_set_max_proto_version(there_context, TLS1_2_VERSION);
    serve(&tls);
    check_number(shake(), TRANSPORT_DONE);
    check_text(slice_str(tls_version(&here.transport)), "TLSv1.2");
    check(strstr(tls_cipher(&here.transport), "GCM") != NULL);
    check(SSL_SESSION_has_ticket(SSL_get0_session(there)) == 0);
    check(SSL_SESSION_is_resumable(SSL_get0_session(there)) == 0);
    (void)read_all(0, &ended);
    (void)(SSL_renegotiate(there) == 1 && SSL_do_handshake(there) == 1);
    (void)read_all(1, &ended);
    check(SSL_read(there, buf, sizeof(buf)) <= 0);
    check(!SSL_is_init_finished(there) || SSL_num_renegotiations(there) <= 1);
    leave();
    serve_plainly();
    check_text(slice_str(tls_version(&here.transport)), "TLSv1.3");
    put("x");
    check(connection_flush(&here, &counters, 1));
    check(SSL_read(there, buf, sizeof(buf)) == 1);
    check(SSL_SESSION_is_resumable(SSL_get0_session(there)) == 0);
    leave();
}

static void
who_speaks_no_tls_is_told_apart(void)
{
    struct conf_tls tls;

    setup();
    tls = section(&gateway, NULL);
    there_prepare(TLS_client_method(), NULL);
    serve(&tls);
    check(write(there_fd, "\0\0\0\x10\0\0\0\x15\0\0\0\0\0\0\0\1", 16) == 16);
    check_number(connection_handshake(&here), TRANSPORT_FAILED);
    check(here.transport.refused);
    check(strstr(here.why, "the handshake failed: ") != NULL);
    leave();
    there_prepare(TLS_client_method(), NULL);
    serve(&tls);
    shutdown(there_fd, SHUT_RDWR);
    check_number(connection_handshake(&here), TRANSPORT_FAILED);
    check(!here.transport.refused);
    check_text(slice_str(here.why), "closed by the peer");
    leave();
}

/* --- whom we trust as a client --- */

struct trust_row {
    const char *host;
    const struct cert *server;
    const struct cert *authority;
    const char *why;                /* NULL: it is trusted */
};

static void
try_trust(const struct trust_row *row)
{
    struct conf_tls tls = section(NULL, row->authority);

    there_prepare(TLS_server_method(), row->server);
    join(tls_client(&tls, row->host, "link=test"), false);
    SSL_set_accept_state(there);
    if (shake() != (row->why ? TRANSPORT_FAILED : TRANSPORT_DONE) ||
        (row->why && !strstr(here.why, row->why)))
        printf("    %s: %s\n", row->host, here.why ? here.why : "trusted");
    check((here.state == CONN_OPEN) == !row->why);
    check(!row->why || strstr(here.why, row->why));
    check(!row->why || here.transport.refused);
    leave();
}

static void
row_32_expired_wrong_name_unknown_authority(void)
{
    struct cert expired, early, self, partial;

    setup();
    expired = cert_make(&(struct cert_spec){.cn = "g", .names = "DNS:gw.example", .issuer = &ca,
                                            .from_days = -9, .to_days = -1});
    early = cert_make(&(struct cert_spec){.cn = "g", .names = "DNS:gw.example", .issuer = &ca,
                                          .from_days = 2, .to_days = 9});
    self = cert_make(&(struct cert_spec){.cn = "g", .names = "DNS:gw.example", .from_days = -1,
                                         .to_days = 9});
    partial = cert_of(&ca, "p", "DNS:sm*.example");
    const struct trust_row rows[] = {
        {"gw.example", &gateway, &ca, NULL},
        {"GW.example", &gateway, &ca, NULL},
        {"192.0.2.7", &gateway, &ca, NULL},
        {"a.wild.example", &gateway, &ca, NULL},
        {"gw.example", &self, &self, NULL},
        {"gw.example", &gateway, &gateway, NULL},
        {"other.example", &gateway, &ca, "another name"},
        {"gateway", &gateway, &ca, "another name"},
        {"a.b.wild.example", &gateway, &ca, "another name"},
        {"smsc.example", &partial, &ca, "another name"},
        {"192.0.2.8", &gateway, &ca, "another name"},
        {"gw.example", &gateway, &stranger, "unknown authority"},
        {"gw.example", &self, &ca, "unknown authority"},
        {"gw.example", &gateway, NULL, "unknown authority"},
        {"gw.example", &expired, &ca, "expired"},
        {"gw.example", &early, &ca, "not valid yet"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        try_trust(&rows[i]);
}

static int
note_name(SSL *ssl, int *alert, void *context)
{
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

    (void)alert;
    snprintf(context, 64, "%s", name ? name : "none");
    return SSL_TLSEXT_ERR_OK;
}

static void
try_name(const char *host, const char *server_name, bool verify, const char *want)
{
    struct conf_tls tls = section(NULL, &ca);
    char name[64] = "none";

    tls.server_name = server_name;
    tls.verify = verify;
    there_prepare(TLS_server_method(), &gateway);
    SSL_CTX_set_tlsext_servername_callback(there_context, note_name);
    SSL_CTX_set_tlsext_servername_arg(there_context, name);
    join(tls_client(&tls, host, "link=test"), false);
    SSL_set_accept_state(there);
    check_number(shake(), TRANSPORT_DONE);
    check_text(slice_str(name), want);
    leave();
}

static void
x2_server_name_is_told_and_wanted(void)
{
    setup();
    try_name("gw.example", "", true, "gw.example");
    try_name("198.51.100.1", "gw.example", true, "gw.example");
    try_name("smsc.internal", "192.0.2.7", true, "none");
    try_name("192.0.2.7", "", true, "none");
    try_name("anything.example", "", false, "anything.example");
    try_name("198.51.100.1", "", false, "none");
}

/* --- whom we trust as a server --- */

static enum transport_step
try_client(struct conf_tls *tls, const struct cert *own, int version)
{
    enum transport_step step;

    there_prepare(TLS_client_method(), own);
    SSL_CTX_set_max_proto_version(there_context, version);
    serve(tls);
    step = shake();
    return step;
}

static void
row_33_client_certificates(void)
{
    static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};
    struct conf_tls tls;
    struct cert bad, late;
    char both[8192];

    setup();
    bad = cert_of(&stranger, "crm", "DNS:crm.example");
    late = cert_make(&(struct cert_spec){.cn = "crm", .issuer = &ca, .from_days = -9,
                                         .to_days = -1});
    for (size_t i = 0; i < 2; i++) {
        tls = section(&gateway, &ca);
        tls.clients = CLIENTS_OPTIONAL;
        check_number(try_client(&tls, NULL, versions[i]), TRANSPORT_DONE);
        check(!tls_peer_holds(&here.transport, "cn:crm"));
        leave();
        check_number(try_client(&tls, &bad, versions[i]), TRANSPORT_FAILED);
        check(strstr(here.why, "unknown authority"));
        leave();
        check_number(try_client(&tls, &late, versions[i]), TRANSPORT_FAILED);
        check(strstr(here.why, "expired"));
        leave();
        tls.clients = CLIENTS_REQUIRED;
        check_number(try_client(&tls, NULL, versions[i]), TRANSPORT_FAILED);
        check(strstr(here.why, "did not return a certificate"));
        leave();
        check_number(try_client(&tls, &app, versions[i]), TRANSPORT_DONE);
        check(tls_peer_holds(&here.transport, "cn:crm"));
        leave();
        snprintf(both, sizeof(both), "%s%s", cert_pem(&ca), cert_crl_pem(&ca, &app));
        tls.ca_pem = slice_str(both);
        check_number(try_client(&tls, &app, versions[i]), TRANSPORT_FAILED);
        check(strstr(here.why, "revoked"));
        leave();
    }
}

static void
client_certificates_by_name_and_fingerprint(void)
{
    static const struct {
        const char *wanted;
        bool holds;
    } rows[] = {
        {"cn:crm", true}, {"cn:cr", false}, {"cn:crm.example", false}, {"cn:CRM", false},
        {"dns:crm.example", true}, {"dns:CRM.example", true}, {"dns:crm.exampl", false},
        {"dns:spiffe://example/crm", false}, {"uri:spiffe://example/crm", true},
        {"uri:spiffe://example/CRM", false}, {"uri:crm.example", false}, {"dns:crm", false},
        {"crm", false}, {"cn:", false}, {"sha256:", false}, {"sha256:00", false},
    };
    struct conf_tls tls;
    uint8_t digest[EVP_MAX_MD_SIZE];
    char text[200] = "sha256:";
    unsigned n = 0;

    setup();
    tls = section(&gateway, &ca);
    tls.clients = CLIENTS_REQUIRED;
    check_number(try_client(&tls, &app, TLS1_3_VERSION), TRANSPORT_DONE);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check(tls_peer_holds(&here.transport, rows[i].wanted) == rows[i].holds);
    check(X509_digest(app.x509, EVP_sha256(), digest, &n) == 1 && n == 32);
    for (unsigned i = 0; i < n; i++)
        snprintf(text + strlen(text), 4, i % 2 ? "%02X:" : "%02x", digest[i]);
    check(tls_peer_holds(&here.transport, text));
    text[strlen(text) - 2] ^= 1;
    check(!tls_peer_holds(&here.transport, text));
    leave();
    tls.clients = CLIENTS_NONE;
    check_number(try_client(&tls, &app, TLS1_3_VERSION), TRANSPORT_DONE);
    check(!tls_peer_holds(&here.transport, "cn:crm"));
    leave();
}

/* With TLS 1.3 a client is told after its handshake; until then it may have sent its bind. */
static void
a_refused_certificate_of_ours_is_told(void)
{
    struct conf_tls tls;
    struct slice octets;

    setup();
    tls = section(NULL, &ca);
    there_prepare(TLS_server_method(), &gateway);
    SSL_CTX_set_verify(there_context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    join(tls_client(&tls, "gw.example", "link=test"), false);
    SSL_set_accept_state(there);
    check_number(shake(), TRANSPORT_DONE);
    put("bind");
    check(connection_flush(&here, &counters, 1));
    check(SSL_do_handshake(there) != 1);
    check(connection_read(&here, &counters, &octets) == READ_END);
    check(strstr(here.why, "certificate required") && here.transport.refused);
    leave();
}

CHECK_MAIN({"decision_11_nothing_is_lost_before_close_notify",
            decision_11_nothing_is_lost_before_close_notify},
           {"decision_11_more_than_a_read_takes", decision_11_more_than_a_read_takes},
           {"a_close_without_close_notify_is_just_a_close",
            a_close_without_close_notify_is_just_a_close},
           {"what_comes_with_the_handshake_is_read", what_comes_with_the_handshake_is_read},
           {"half_a_record_is_waited_for", half_a_record_is_waited_for},
           {"a_slow_reader_gets_every_octet", a_slow_reader_gets_every_octet},
           {"last_words_come_with_close_notify", last_words_come_with_close_notify},
           {"r_rel_3_confirms_count_octets_of_the_socket",
            r_rel_3_confirms_count_octets_of_the_socket},
           {"r_rel_3_what_the_socket_does_not_take_is_not_confirmed",
            r_rel_3_what_the_socket_does_not_take_is_not_confirmed},
           {"only_tls_1_2_with_aead_and_1_3", only_tls_1_2_with_aead_and_1_3},
           {"no_renegotiation_and_no_resumption", no_renegotiation_and_no_resumption},
           {"who_speaks_no_tls_is_told_apart", who_speaks_no_tls_is_told_apart},
           {"row_32_expired_wrong_name_unknown_authority",
            row_32_expired_wrong_name_unknown_authority},
           {"x2_server_name_is_told_and_wanted", x2_server_name_is_told_and_wanted},
           {"row_33_client_certificates", row_33_client_certificates},
           {"client_certificates_by_name_and_fingerprint",
            client_certificates_by_name_and_fingerprint},
           {"a_refused_certificate_of_ours_is_told", a_refused_certificate_of_ours_is_told})

/*
 * bench_loop.c: sockets, buffers and the turn of the load tools.
 */
#include "tests/bench/bench_loop.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "protocol/wire.h"

#define IN_BYTES (256u * 1024u)
#define OUT_BYTES_FIRST (64u * 1024u)
#define EVENTS_MAX 128

_Noreturn void
bench_die(const char *what)
{
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

uint64_t
bench_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

double
bench_cpu_us(void)
{
    struct rusage use;

    getrusage(RUSAGE_SELF, &use);
    return 1e6 * (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
           (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec);
}

bool
bench_option(int *argc, char ***argv, const char **name, const char **value)
{
    if (*argc < 2)
        return false;
    if (*argc < 3 || strncmp((*argv)[1], "--", 2) != 0) {
        fprintf(stderr, "options are pairs of --name value: %s\n", (*argv)[1]);
        exit(2);
    }
    *name = (*argv)[1] + 2;
    *value = (*argv)[2];
    *argc -= 2;
    *argv += 2;
    return true;
}

uint64_t
bench_number(const char *name, const char *value)
{
    char *end;
    unsigned long long number;

    errno = 0;
    number = strtoull(value, &end, 10);
    if (errno != 0 || end == value || *end != '\0') {
        fprintf(stderr, "--%s: %s is not a number\n", name, value);
        exit(2);
    }
    return number;
}

/* Nobody's certificate is checked: it is what encryption costs that is measured. */
static SSL_CTX *
tls_new(const char *pem)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_method());

    if (!tls || SSL_CTX_use_certificate_chain_file(tls, pem) != 1 ||
        SSL_CTX_use_PrivateKey_file(tls, pem, SSL_FILETYPE_PEM) != 1)
        bench_die(pem);
    SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    return tls;
}

/* One after the other, while everybody else waits: before anything is measured. */
static SSL *
tls_begin(struct bench_loop *loop, int fd, bool accepted)
{
    SSL *ssl = SSL_new(loop->tls);
    int done;

    if (!ssl || SSL_set_fd(ssl, fd) != 1)
        bench_die("TLS");
    do /* a signal that asks for a report may come in between */
        done = accepted ? SSL_accept(ssl) : SSL_connect(ssl);
    while (done <= 0 && SSL_get_error(ssl, done) == SSL_ERROR_WANT_READ);
    if (done != 1)
        bench_die("TLS handshake");
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) != 0)
        bench_die("fcntl");
    return ssl;
}

/* As send() and recv(): -1 and EAGAIN when it would block. */
static ssize_t
tls_result(SSL *ssl, int n)
{
    int why = n > 0 ? 0 : SSL_get_error(ssl, n);

    if (n > 0)
        return n;
    if (why == SSL_ERROR_ZERO_RETURN)
        return 0;
    errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
    return -1;
}

static ssize_t
peer_send(struct bench_peer *peer)
{
    if (peer->ssl)
        return tls_result(peer->ssl, SSL_write(peer->ssl, peer->out, (int)peer->out_n));
    return send(peer->fd, peer->out, peer->out_n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static ssize_t
peer_recv(struct bench_peer *peer)
{
    size_t room = IN_BYTES - peer->in_n;

    if (peer->ssl)
        return tls_result(peer->ssl, SSL_read(peer->ssl, peer->in + peer->in_n, (int)room));
    return recv(peer->fd, peer->in + peer->in_n, room, MSG_DONTWAIT);
}

void
bench_loop_init(struct bench_loop *loop, const struct bench_handlers *handlers)
{
    memset(loop, 0, sizeof(*loop));
    loop->handlers = handlers;
    loop->listen_fd = -1;
    loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll_fd < 0)
        bench_die("epoll_create1");
    loop->now_ns = bench_now_ns();
    if (getenv("BENCH_TLS"))
        loop->tls = tls_new(getenv("BENCH_TLS"));
}

static void
watch(struct bench_loop *loop, int operation, int fd, uint32_t events, uint32_t index)
{
    struct epoll_event event = {.events = events, .data.u32 = index};

    if (epoll_ctl(loop->epoll_fd, operation, fd, &event) != 0)
        bench_die("epoll_ctl");
}

static struct bench_peer *
peer_new(struct bench_loop *loop, int fd, bool accepted)
{
    struct bench_peer *peer;
    int one = 1;

    if (loop->peers_n == BENCH_PEERS_MAX)
        bench_die("too many connections");
    peer = calloc(1, sizeof(*peer));
    if (!peer || !(peer->in = malloc(IN_BYTES)) || !(peer->out = malloc(OUT_BYTES_FIRST)))
        bench_die("memory");
    peer->fd = fd;
    peer->accepted = accepted;
    peer->out_cap = OUT_BYTES_FIRST;
    peer->index = loop->peers_n;
    loop->peers[loop->peers_n++] = peer;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (loop->tls)
        peer->ssl = tls_begin(loop, fd, accepted);
    watch(loop, EPOLL_CTL_ADD, fd, EPOLLIN, peer->index);
    if (loop->handlers->on_open)
        loop->handlers->on_open(loop, peer);
    return peer;
}

static struct sockaddr_in
loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

uint16_t
bench_listen(struct bench_loop *loop, uint16_t port)
{
    struct sockaddr_in address = loopback(port);
    socklen_t size = sizeof(address);
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        bench_die("socket");
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 1024) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        bench_die("listen");
    loop->listen_fd = fd;
    watch(loop, EPOLL_CTL_ADD, fd, EPOLLIN, BENCH_PEERS_MAX);
    return ntohs(address.sin_port);
}

struct bench_peer *
bench_connect(struct bench_loop *loop, uint16_t port)
{
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
        bench_die("connect");
    return peer_new(loop, fd, false);
}

void
bench_close(struct bench_loop *loop, struct bench_peer *peer)
{
    if (peer->fd < 0)
        return;
    close(peer->fd);
    SSL_free(peer->ssl);
    peer->ssl = NULL;
    peer->fd = -1;
    peer->bound = false;
    if (loop->handlers->on_close)
        loop->handlers->on_close(loop, peer);
}

uint8_t *
bench_put(struct bench_loop *loop, struct bench_peer *peer, size_t n)
{
    if (peer->out_n + n > peer->out_cap) {
        size_t cap = 2 * (peer->out_n + n);
        uint8_t *out = realloc(peer->out, cap);

        if (!out)
            bench_die("memory");
        peer->out = out;
        peer->out_cap = cap;
    }
    if (!peer->dirty) {
        peer->dirty = true;
        loop->dirty[loop->dirty_n++] = peer;
    }
    peer->out_n += n;
    return peer->out + peer->out_n - n;
}

static void
write_out(struct bench_loop *loop, struct bench_peer *peer)
{
    ssize_t n;

    if (peer->fd < 0) {
        peer->out_n = 0;
        return;
    }
    if (peer->blocked)
        return;
    n = peer->out_n > 0 ? peer_send(peer) : 0;
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        bench_close(loop, peer);
        return;
    }
    if (n > 0) {
        memmove(peer->out, peer->out + n, peer->out_n - (size_t)n);
        peer->out_n -= (size_t)n;
    }
    if (peer->out_n > 0) {
        peer->blocked = true;
        watch(loop, EPOLL_CTL_MOD, peer->fd, EPOLLIN | EPOLLOUT, peer->index);
    }
}

static void
take_pdus(struct bench_loop *loop, struct bench_peer *peer)
{
    size_t at = 0;

    while (peer->fd >= 0 && peer->in_n - at >= 16) {
        uint32_t n = wire_u32(peer->in + at);

        if (n < 16 || n > IN_BYTES / 2) {
            fprintf(stderr, "a PDU of %u octets\n", n);
            bench_close(loop, peer);
            return;
        }
        if (peer->in_n - at < n)
            break;
        loop->handlers->on_pdu(loop, peer, slice_of(peer->in + at, n));
        at += n;
    }
    memmove(peer->in, peer->in + at, peer->in_n - at);
    peer->in_n -= at;
}

static void
read_in(struct bench_loop *loop, struct bench_peer *peer)
{
    ssize_t n;

    /* What OpenSSL has read ahead is not announced by the socket. */
    do {
        n = peer_recv(peer);
        if (n > 0) {
            peer->in_n += (size_t)n;
            take_pdus(loop, peer);
        } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            bench_close(loop, peer);
        }
    } while (n > 0 && peer->ssl);
}

static void
accept_all(struct bench_loop *loop)
{
    int fd;

    while ((fd = accept4(loop->listen_fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
        peer_new(loop, fd, true);
}

static void
handle(struct bench_loop *loop, const struct epoll_event *event)
{
    struct bench_peer *peer;

    if (event->data.u32 == BENCH_PEERS_MAX) {
        accept_all(loop);
        return;
    }
    peer = loop->peers[event->data.u32];
    if (peer->fd >= 0 && event->events & EPOLLOUT) {
        peer->blocked = false;
        watch(loop, EPOLL_CTL_MOD, peer->fd, EPOLLIN, peer->index);
        bench_put(loop, peer, 0);
    }
    if (peer->fd >= 0 && event->events & (EPOLLIN | EPOLLHUP | EPOLLERR))
        read_in(loop, peer);
}

void
bench_turn(struct bench_loop *loop, uint64_t wait_ns)
{
    struct epoll_event events[EVENTS_MAX];
    struct timespec wait = {(time_t)(wait_ns / 1000000000u), (long)(wait_ns % 1000000000u)};
    int n = epoll_pwait2(loop->epoll_fd, events, EVENTS_MAX, &wait, NULL);

    if (n < 0 && errno != EINTR)
        bench_die("epoll_pwait2");
    loop->now_ns = bench_now_ns();
    for (int i = 0; i < n; i++)
        handle(loop, &events[i]);
    if (loop->handlers->before_write)
        loop->handlers->before_write(loop);
    for (uint32_t i = 0; i < loop->dirty_n; i++) {
        loop->dirty[i]->dirty = false;
        write_out(loop, loop->dirty[i]);
    }
    loop->dirty_n = 0;
}

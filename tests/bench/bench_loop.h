/*
 * bench_loop.h: the event loop of the load tools: epoll, whole PDUs in, one write per connection
 * and turn out. Built to cost less than what it measures: no timer per message, no allocation per
 * PDU.
 *
 * A turn reads every socket that has something, hands its PDUs to on_pdu, calls before_write once
 * and then writes what bench_put() has collected. A peer that is gone stays in memory, closed,
 * until the end: tools are short-lived, and an index never means two peers.
 */
#ifndef TANDEM_BENCH_LOOP_H
#define TANDEM_BENCH_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/slice.h"

#define BENCH_PEERS_MAX 4096u

struct bench_loop;

struct bench_peer {
    int fd;                         /* -1: closed */
    uint32_t index;
    bool accepted;                  /* they came to us */
    bool bound;
    bool dirty;                     /* has something to write in this turn */
    bool blocked;                   /* the socket is full; waiting for EPOLLOUT */
    uint32_t sequence;              /* of the last request that we sent */
    void *user;
    struct ssl_st *ssl;             /* NULL: plain */
    uint8_t *in;
    size_t in_n;
    uint8_t *out;
    size_t out_n, out_cap;
};

struct bench_handlers {
    void (*on_open)(struct bench_loop *loop, struct bench_peer *peer);
    void (*on_pdu)(struct bench_loop *loop, struct bench_peer *peer, struct slice pdu);
    void (*on_close)(struct bench_loop *loop, struct bench_peer *peer);
    void (*before_write)(struct bench_loop *loop);
};

struct bench_loop {
    const struct bench_handlers *handlers;
    int epoll_fd, listen_fd;
    uint64_t now_ns;                /* read once after each wait */
    uint32_t peers_n, dirty_n;
    struct bench_peer *peers[BENCH_PEERS_MAX];
    struct bench_peer *dirty[BENCH_PEERS_MAX];
    struct ssl_ctx_st *tls;         /* NULL: plain */
    void *user;
};

/* All of these end the process with a message when the system refuses. With BENCH_TLS in the
 * environment all connections are TLS: it names a PEM file with a certificate and its key. */
void bench_loop_init(struct bench_loop *loop, const struct bench_handlers *handlers);
/* Listens on 127.0.0.1; port 0 picks a free one. Returns the port. */
uint16_t bench_listen(struct bench_loop *loop, uint16_t port);
struct bench_peer *bench_connect(struct bench_loop *loop, uint16_t port);
/* One turn; waits at most wait_ns for something to do. */
void bench_turn(struct bench_loop *loop, uint64_t wait_ns);
/* Room for n octets at the end of what the peer is sent; valid until the next call for it. */
uint8_t *bench_put(struct bench_loop *loop, struct bench_peer *peer, size_t n);
void bench_close(struct bench_loop *loop, struct bench_peer *peer);

uint64_t bench_now_ns(void);
/* Microseconds of processor time that this process has used. */
double bench_cpu_us(void);
_Noreturn void bench_die(const char *what);

/* Command lines are pairs: --name value. False at the end; ends the process on anything else. */
bool bench_option(int *argc, char ***argv, const char **name, const char **value);
uint64_t bench_number(const char *name, const char *value);

#endif

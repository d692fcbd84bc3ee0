/*
 * metrics.h: the counters of the two threads, and the line that lists them.
 *
 * Counters are plain integers of one thread in a table {name, help, offset}. The relay thread
 * publishes a copy of its own after each commit (mailbox.h); the I/O thread logs all of them at
 * SIGUSR1.
 */
#ifndef TANDEM_METRICS_H
#define TANDEM_METRICS_H

#include "gateway/relay/relay.h"

struct driver_counters {
    uint64_t commits;               /* to disk */
    uint64_t turns;
    uint64_t turn_events;
    uint64_t turn_events_max;       /* in one turn */
    uint64_t turn_us;               /* spent in turns */
    uint64_t commit_us;             /* of these, waiting for the disk */
    uint64_t commit_us_max;
    uint64_t store_bytes;
    uint64_t store_refusing;        /* 1: no room for new work */
};

struct io_counters {
    uint64_t rounds;                /* of the loop */
    uint64_t connections;           /* open now */
    uint64_t sessions;              /* bound now */
    uint64_t accepted;
    uint64_t accept_errors;
    uint64_t refused_connections;   /* over a limit of connections */
    uint64_t connects_failed;
    uint64_t tls_handshakes;
    uint64_t tls_failed;
    uint64_t binds;
    uint64_t binds_refused;         /* by us and by carriers */
    uint64_t passwords_hashed;
    uint64_t pdus_in;
    uint64_t pdus_out;
    uint64_t octets_in;
    uint64_t octets_out;
    uint64_t reads;
    uint64_t writes;
    uint64_t answered_directly;     /* without the core: enquire_link, errors */
    uint64_t ignored;               /* responses to nothing */
    uint64_t framing_lost;
    uint64_t truncated_pdu;
    uint64_t over_rate;             /* over an app's rate or the window of unanswered requests */
    uint64_t effects_dropped;       /* for connections that are gone */
    uint64_t timeouts;              /* response timers that ran out */
    uint64_t starved;               /* times that no batch was free */
    uint64_t stalls;                /* times that the store stood still */
    uint64_t reloads;
    uint64_t reloads_refused;
    uint64_t resolve_errors;
    uint64_t outbinds;              /* taken */
    uint64_t outbinds_refused;
    uint64_t alerts;                /* alert_notification */
    uint64_t commands;              /* lines of the control socket */
    uint64_t commands_refused;
};

extern const struct counter_def driver_counter_defs[];
extern const size_t driver_counter_def_count;
extern const struct counter_def io_counter_defs[];
extern const size_t io_counter_def_count;

/* Appends " name=value" for each counter of a table; returns the new length. */
size_t metrics_append(char *line, size_t cap, size_t used, const struct counter_def *defs,
                      size_t count, const void *counters);

#endif

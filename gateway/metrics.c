/*
 * metrics.c: see metrics.h.
 */
#include "gateway/metrics.h"

#include <stddef.h>
#include <stdio.h>

#define COUNTER(type, field, text) {#field, text, offsetof(struct type, field)}

const struct counter_def driver_counter_defs[] = {
    COUNTER(driver_counters, commits, "commits to disk"),
    COUNTER(driver_counters, turns, "turns of the relay"),
    COUNTER(driver_counters, turn_events, "events in all turns"),
    COUNTER(driver_counters, turn_events_max, "most events in one turn"),
    COUNTER(driver_counters, turn_us, "microseconds spent in turns"),
    COUNTER(driver_counters, commit_us, "microseconds of these spent in commits"),
    COUNTER(driver_counters, commit_us_max, "longest commit in microseconds"),
    COUNTER(driver_counters, store_bytes, "octets of the store in use"),
    COUNTER(driver_counters, store_refusing, "1 while there is no room for new messages"),
};
const size_t driver_counter_def_count =
    sizeof(driver_counter_defs) / sizeof(driver_counter_defs[0]);

const struct counter_def io_counter_defs[] = {
    COUNTER(io_counters, rounds, "rounds of the I/O loop"),
    COUNTER(io_counters, connections, "connections open now"),
    COUNTER(io_counters, sessions, "sessions bound now"),
    COUNTER(io_counters, accepted, "connections accepted"),
    COUNTER(io_counters, accept_errors, "accept() calls that failed"),
    COUNTER(io_counters, refused_connections, "connections closed because of a limit"),
    COUNTER(io_counters, connects_failed, "connects to carriers that failed"),
    COUNTER(io_counters, tls_handshakes, "TLS handshakes that succeeded"),
    COUNTER(io_counters, tls_failed, "TLS handshakes that failed"),
    COUNTER(io_counters, binds, "binds that succeeded"),
    COUNTER(io_counters, binds_refused, "binds refused by us or by carriers"),
    COUNTER(io_counters, passwords_hashed, "passwords of apps compared with a hash"),
    COUNTER(io_counters, pdus_in, "PDUs received"),
    COUNTER(io_counters, pdus_out, "PDUs written"),
    COUNTER(io_counters, octets_in, "octets received"),
    COUNTER(io_counters, octets_out, "octets sent"),
    COUNTER(io_counters, reads, "recv() calls"),
    COUNTER(io_counters, writes, "send() calls"),
    COUNTER(io_counters, answered_directly, "PDUs answered without the core"),
    COUNTER(io_counters, ignored, "PDUs that needed no answer"),
    COUNTER(io_counters, framing_lost, "connections closed because of a bad command_length"),
    COUNTER(io_counters, truncated_pdu, "connections that ended within a PDU"),
    COUNTER(io_counters, over_rate, "requests over a rate, answered RTHROTTLED"),
    COUNTER(io_counters, effects_dropped, "PDUs for connections that were gone"),
    COUNTER(io_counters, timeouts, "requests whose response is overdue"),
    COUNTER(io_counters, starved, "times that reading stopped for want of a batch"),
    COUNTER(io_counters, stalls, "times that the store stood still"),
    COUNTER(io_counters, reloads, "configurations loaded"),
    COUNTER(io_counters, reloads_refused, "configurations refused at a reload"),
    COUNTER(io_counters, resolve_errors, "host names that could not be looked up"),
    COUNTER(io_counters, outbinds, "outbinds of carriers that led to a bind"),
    COUNTER(io_counters, outbinds_refused, "outbinds with wrong credentials, or not wanted"),
    COUNTER(io_counters, alerts, "alert_notification of carriers"),
    COUNTER(io_counters, commands, "requests on the control socket"),
    COUNTER(io_counters, commands_refused, "requests on the control socket that were refused"),
};
const size_t io_counter_def_count = sizeof(io_counter_defs) / sizeof(io_counter_defs[0]);

size_t
metrics_append(char *line, size_t cap, size_t used, const struct counter_def *defs, size_t count,
               const void *counters)
{
    for (size_t i = 0; i < count && used < cap; i++) {
        uint64_t value;
        int n;

        memcpy(&value, (const char *)counters + defs[i].offset, sizeof(value));
        n = snprintf(line + used, cap - used, " %s=%llu", defs[i].name, (unsigned long long)value);
        if (n < 0 || (size_t)n >= cap - used) {
            line[used] = '\0';
            break;
        }
        used += (size_t)n;
    }
    return used;
}

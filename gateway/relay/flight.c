/*
 * flight.c: the messages on the wire, as TABLE_INFLIGHT has them: after a crash their outcome is
 * unknown (R-rel-2).
 *
 * A row is one *flight*: the messages of a link that left in one turn, 8 octets each. It is written
 * at the end of the turn, written again at the end of each turn in which some of them were settled,
 * and deleted with the last. So a message costs a part of a row and not a row of its own, which
 * would be put and deleted again.
 */
#include "gateway/relay/flight.h"

#include <assert.h>
#include <stdlib.h>

#include "gateway/relay/core.h"
#include "protocol/wire.h"

/* More go into another one: a row that is written again for one message should not be long. */
#define FLIGHT_MESSAGES_MAX 128u
#define MESSAGE_BYTES 8u
/* Of a place in the table, for those who walk over it: link, flight, index. */
#define PLACE_BYTES (4u + 8u + 2u)

struct flight {
    struct link *link;
    uint64_t id;         /* from a counter */
    uint32_t count, cap; /* seats */
    uint32_t alive;      /* seats whose message is on the wire */
    bool dirty;          /* in relay->flights_dirty: the row is not what it says */
    bool stored;         /* there is a row */
    struct flight *dirty_next;
    struct flight *next, **at; /* in relay->flights */
    uint64_t *messages;        /* by seat; 0: settled */
};

static void
flight_key(struct key *key, uint32_t link, uint64_t id)
{
    key_init(key);
    key_u32(key, link);
    key_u64(key, id);
}

static struct flight *
flight_new(struct step *s, struct link *link)
{
    struct relay *relay = s->relay;
    struct flight *flight = core_alloc(sizeof(*flight));

    flight->link = link;
    flight->id = store_counter_next(s->txn, "flight", 0);
    flight->next = relay->flights;
    flight->at = &relay->flights;
    if (flight->next)
        flight->next->at = &flight->next;
    relay->flights = flight;
    link->flight = flight;
    return flight;
}

static void
flight_free(struct flight *flight)
{
    if (flight->link->flight == flight)
        flight->link->flight = NULL;
    *flight->at = flight->next;
    if (flight->next)
        flight->next->at = flight->at;
    free(flight->messages);
    free(flight);
}

static void
flight_changed(struct relay *relay, struct flight *flight)
{
    if (flight->dirty)
        return;
    flight->dirty = true;
    flight->dirty_next = relay->flights_dirty;
    relay->flights_dirty = flight;
}

void
flight_join(struct step *s, struct leg *leg)
{
    struct link *link = leg->bind->link;
    struct flight *flight = link->flight;

    if (!flight || flight->count == FLIGHT_MESSAGES_MAX)
        flight = flight_new(s, link);
    if (flight->count == flight->cap) {
        flight->cap = flight->cap ? 2 * flight->cap : 4;
        flight->messages = core_grow(flight->messages, flight->cap * sizeof(uint64_t));
    }
    leg->flight = flight;
    leg->seat = flight->count;
    flight->messages[flight->count++] = leg->message;
    flight->alive++;
    flight_changed(s->relay, flight);
}

void
flight_leave(struct step *s, struct leg *leg)
{
    struct flight *flight = leg->flight;

    assert(flight && flight->alive > 0 && flight->messages[leg->seat] == leg->message);
    flight->messages[leg->seat] = 0;
    flight->alive--;
    leg->flight = NULL;
    flight_changed(s->relay, flight);
}

static void
flight_put(struct step *s, struct flight *flight)
{
    uint8_t value[FLIGHT_MESSAGES_MAX * MESSAGE_BYTES];
    struct key key;
    size_t n = 0;

    for (uint32_t i = 0; i < flight->count; i++)
        if (flight->messages[i]) {
            wire_store(value + n, MESSAGE_BYTES, flight->messages[i]);
            n += MESSAGE_BYTES;
        }
    flight_key(&key, flight->link->id, flight->id);
    store_put(s->txn, TABLE_INFLIGHT, key_slice(&key), slice_of(value, n));
    flight->stored = true;
}

/* The rows are what the flights say. */
static void
flights_write(struct step *s)
{
    struct flight *flight;

    while ((flight = s->relay->flights_dirty)) {
        struct key key;

        s->relay->flights_dirty = flight->dirty_next;
        flight->dirty = false;
        if (flight->alive > 0) {
            flight_put(s, flight);
            continue;
        }
        flight_key(&key, flight->link->id, flight->id);
        if (flight->stored)
            store_del(s->txn, TABLE_INFLIGHT, key_slice(&key));
        flight_free(flight);
    }
}

void
flights_end_turn(struct step *s)
{
    /* Those of this turn are all among them. */
    for (struct flight *flight = s->relay->flights_dirty; flight; flight = flight->dirty_next)
        if (flight->link->flight == flight)
            flight->link->flight = NULL;
    flights_write(s);
}

/* The message at this index of a row, and its place; false if the row has no more. */
static bool
message_at(struct step *s, struct slice row, uint32_t index, struct slice value,
           struct flight_place *out)
{
    uint8_t *place = store_scratch(s->txn, PLACE_BYTES);
    size_t at = (size_t)index * MESSAGE_BYTES;

    /* A row of one octet was written before there were flights: its key names its message. */
    if (value.n == 1 && row.n + 2 == PLACE_BYTES)
        value = slice_of(row.p + 4, MESSAGE_BYTES);
    if (at + MESSAGE_BYTES > value.n || row.n + 2 != PLACE_BYTES)
        return false;
    memcpy(place, row.p, row.n);
    wire_store(place + row.n, 2, index);
    out->place = slice_of(place, PLACE_BYTES);
    out->message = wire_load(value.p + at, MESSAGE_BYTES);
    return true;
}

bool
flight_next(struct step *s, struct slice behind, struct flight_place *out)
{
    size_t row_bytes = PLACE_BYTES - 2;
    struct slice key, value;
    struct key from;

    flights_write(s);
    if (behind.n >= PLACE_BYTES) {
        key = slice_of(behind.p, row_bytes);
        if (store_get(s->txn, TABLE_INFLIGHT, key, &value) &&
            message_at(s, key, (uint32_t)wire_load(behind.p + row_bytes, 2) + 1, value, out))
            return true;
        behind = key;
    }
    key_init(&from);
    key_bytes(&from, behind);
    key_u8(&from, 0); /* the smallest key behind it */
    return store_seek(s->txn, TABLE_INFLIGHT, key_slice(&from), SLICE_NONE, &key, &value) &&
           message_at(s, key, 0, value, out);
}

void
flights_free(struct relay *relay)
{
    while (relay->flights)
        flight_free(relay->flights);
}

/*
 * core.h: the state that the files of the core share; what each of them does is in its own header.
 * Nobody outside gateway/relay/ includes it.
 *
 * In memory: links (a carrier or an app that messages go to), their binds, and *flows*: one per
 * link, class, account and number of ours that has something to send. A flow holds a cursor into
 * TABLE_QUEUE, not messages; the backlog is on disk. Besides flows there are *legs*, one per
 * message on the wire, and *lanes*, one per pair of our number and a phone that has a message on
 * the wire or waiting for a retry: while a lane is taken, later messages of that pair stay behind
 * (R-shape-6), and everything else in the flow goes past them.
 *
 * All of it can be rebuilt from the tables by relay_recover().
 */
#ifndef TANDEM_RELAY_CORE_H
#define TANDEM_RELAY_CORE_H

#include "conf/conf_limits.h"
#include "conf/conf_template.h"
#include "gateway/relay/fair.h"
#include "gateway/relay/hash.h"
#include "gateway/relay/limit.h"
#include "gateway/relay/relay.h"
#include "gateway/relay/tokens.h"
#include "protocol/receipt.h"
#include "protocol/udh.h"
#include "store/key.h"
#include "store/records.h"

/* Messages of one flow that may wait in memory behind taken lanes; beyond it the flow waits as a
 * whole. Bounds memory when thousands of messages to one phone stand in a row. */
#define FLOW_PARKED_MAX 64u
/* Texts and TLVs on the wire of one bind, however wide its window is: if it is lost, the records of
 * all of them are written by one event. The other half is for the rest of a thousand records. One
 * text is far less, so this never stops the message that would make room. */
#define BIND_OCTETS_MAX (STORE_EVENT_BYTES / 2)
/* Pauses after a peer said "slow down": short at first, never over the second that smpp.md section
 * 6 allows. */
#define THROTTLE_PAUSE_MIN_MS 100u
#define THROTTLE_PAUSE_MAX_MS 1000u
/* Pauses after a peer said that its queue is full: a queue does not empty in an instant. */
#define FULL_PAUSE_MIN_MS 1000u
#define FULL_PAUSE_MAX_MS 60000u
/* How often a throttled rate climbs, and by how much (faults.md row 21). */
#define RATE_CLIMB_MS 10000u
#define RATE_CLIMB_PERCENT 10u
/* How often heads of flows that cannot be sent are looked at for expiry, and final messages for
 * removal. */
#define SWEEP_MS 5000u
/* How often messages that ended long ago are removed. A pass over a large backlog that removes
 * nothing must not be followed by the next at once. */
#define PURGE_MS 60000u
/* Rows that one sweep touches in one turn, so that no turn grows long; the rest comes with the next
 * turn. */
#define SWEEP_ROWS_MAX 500u
/* Timer rows that one tick handles in one turn. */
#define TICK_ROWS_MAX 200u
/* Links and accounts are found by ID in an array, and counters give IDs one by one. A row beyond is
 * damaged: it must not make the array as long as its key says. */
#define ARRAY_ID_MAX (1u << 20)
/* Presences that are held at once (R-txt-2): more than there are agents, and their memory is
 * bounded. */
#define PRESENCES_MAX 100000u
/* A reply's ID has at most so many digits: 19 would not fit 63 bits (bad-input.md section 4). */
#define CONV_ID_DIGITS_MAX 18u
/* The answer to a submit for an opted-out number (R-stop-5): from the vendor range, so that an app
 * can tell it apart. */
#define STATUS_OPTED_OUT 0x00000401u
/* The longest text in octets of UTF-8: the longest that can arrive, when every septet takes two. No
 * record holds that much: conv_entry() cuts its copy, compose() makes several messages. */
#define TEXT_UTF8_BYTES_MAX (2u * TEXT_OCTETS_MAX)
/* Vendors' TLVs of one message that go on. */
#define VENDOR_TLVS_BYTES_MAX 1024u
/* The longest text that can arrive: 255 parts of 153 septets (conformance F4). */
#define TEXT_OCTETS_MAX 39015u

struct relay;
struct flow;
struct lane;
struct flight;
struct running;
struct broadcast_row;

/* What every function of the core that touches the world is given. */
struct step {
    struct relay *relay;
    struct store_txn *txn;
    uint64_t now_ms;
    struct effects *fx;
};

/* Design rule 7: what can wait for the next turn does. */
static inline bool
turn_is_full(const struct step *s)
{
    return relay_turn_bytes(s->relay, s->txn) >= STORE_TURN_BYTES;
}

struct bind {
    struct session_name name;
    bool up;
    bool can_send;
    uint8_t peer_version;
    struct link *link;
    uint64_t serial; /* names this bind in TABLE_INBOUND; from a counter */
    uint32_t window;
    uint32_t outstanding; /* PDUs without a durable outcome: never above window */
    uint32_t chat_outstanding; /* of those, of class chat */
    struct peak chat_peak;     /* of chat_outstanding */
    uint64_t paused_ms;   /* not before */
    uint32_t pause_ms;    /* length of the last pause; 0 after a success */
    struct tokens tokens; /* PDUs a second now */
    struct meter meter;
    uint64_t climbed_ms;
    uint64_t congestion_ms; /* when congestion last changed the rate */
    uint32_t octets;        /* of the texts and TLVs of its legs */
    uint32_t legs;    /* first leg on this bind, LEG_NONE if none */
    uint32_t partial; /* the leg whose parts are going out: it goes first (L7) */
};

/* What only 5.0 has (statuses, message states, TLVs) goes to nobody else. */
static inline bool
bind_speaks_50(const struct bind *bind)
{
    return bind->peer_version >= SMPP_VERSION_50;
}

struct link {
    uint32_t id;
    uint8_t kind; /* enum link_kind */
    uint32_t account;
    char name[64];
    const struct conf_carrier *carrier; /* NULL: not in the configuration at present */
    const struct dir_app *app;
    struct bind **binds; /* those that are up; owned by relay->binds */
    uint32_t bind_count;
    uint32_t bind_cap;
    uint32_t turn;                  /* which bind is next */
    struct fair fair[MSG_CLASSES];  /* what it has to send */
    uint64_t chat_ms;    /* when chat last went: places are kept for more of it */
    uint32_t owed;       /* to bulk (bulk_floor): hundredths of a segment */
    struct alarm alarm;  /* when a bind has room again, if time alone brings it */
    struct flight *flight; /* what leaves in this turn, NULL: nothing yet (flight.c) */
    uint64_t down_ms; /* carriers: without a bind since then; 0: it has one */
    bool dead;        /* for so long that it is passed over */
    bool listed;         /* in relay->busy */
    struct link *busy_next, *busy_prev;
    struct link *next; /* in relay->links */
};

/* A message waiting in memory: accepted in this turn (message set), or set aside behind a lane or
 * put back. */
struct waiting {
    uint64_t place; /* in its flow */
    uint64_t message;
    struct rec_msg *fresh; /* in the transaction's scratch: not on disk yet */
    struct waiting *next;
};

struct waiting_list {
    struct waiting *first;
    struct waiting *last;
};

struct flow_key {
    uint32_t link;
    uint8_t class;
    uint32_t account;
    struct addr number; /* ours: what the link's peer sees as sender, or the number it owns */
};

enum flow_where { FLOW_OUT, FLOW_IN_RING, FLOW_AT_GATE };
const char *flow_where_name(enum flow_where where);

struct flow {
    struct hash_node node; /* in relay->flows */
    struct flow_key key;
    struct link *link;
    uint64_t cursor; /* queue rows up to this place have been looked at */
    bool on_disk;    /* there may be queue rows behind the cursor */
    uint8_t where;   /* enum flow_where */
    bool limits_known;
    uint32_t owed;   /* turns that it lets pass, for what it has sent */
    struct claim *claim;
    struct gate *gate; /* of its number; NULL: no limit */
    struct flow *ring_next, *ring_prev; /* in its claim's ring, or at its gate */
    struct waiting_list
        ready; /* ordered by place: put back, or their lane got free; they have queue rows */
    struct waiting_list fresh; /* of this turn: in order, without rows */
    uint32_t parked;           /* messages of this flow that wait behind lanes */
    struct flow *dirty_next;   /* in relay->dirty: has fresh messages */
    bool dirty;
    bool moving;         /* its rows are looked through, nothing leaves from it (roam.c) */
    bool marked;         /* and it has a row that says so */
    bool again;          /* once more from the start afterwards */
    uint64_t move_order; /* of those that are moving: the first is looked through first */
    uint64_t move_place; /* rows up to here have been looked at */
    uint64_t stretch;    /* the stretch that the cursor is in ends here (stretch.c) */
    uint64_t move_own;   /* rows up to here were in it when that began */
    struct flow *move_next;
};

struct lane {
    struct hash_node node; /* in relay->lanes */
    struct flow_key
        flow; /* chat and bulk to one phone have lanes of their own: chat never waits for bulk */
    struct addr phone;
    uint64_t holder;            /* the message that has the lane */
    struct waiting_list parked; /* in order; they have queue rows */
};

#define LEG_NONE UINT32_MAX
/* token.part of an FX_SEND is leg << 8 | part, so that an answer finds its leg without a search. */
#define LEG_PART_BITS 8u
static inline uint32_t
leg_part_of(struct session_token token)
{
    return token.part & ((1u << LEG_PART_BITS) - 1);
}

struct leg {
    uint64_t message; /* 0: free */
    struct bind *bind;
    struct lane *lane;
    struct flight *flight; /* its row, and where it stands in it */
    uint32_t seat;
    uint8_t parts;
    uint8_t next_part; /* the next one to look at for sending */
    uint8_t outstanding;
    uint8_t class;   /* enum msg_class */
    uint8_t verdict; /* enum verdict of the worst answer so far */
    uint32_t status;
    uint32_t octets; /* of its text and TLVs */
    uint32_t next, prev; /* on the bind; next is the free list otherwise */
};

/* What an answer means for a message; worse ones are larger. */
enum verdict {
    VERDICT_OK,
    VERDICT_THROTTLED,
    VERDICT_TEMPORARY,
    VERDICT_UNKNOWN,
    VERDICT_PERMANENT
};
const char *verdict_name(enum verdict verdict);

struct verdict_rule { /* what a command_status of a peer means (section 6) */
    enum verdict verdict;
    uint32_t delay_ms; /* TEMPORARY: the first wait, then doubling; 0: relay.retry_min */
    uint32_t tries;    /* TEMPORARY: refused after so many; 0: goes on until it expires */
    bool phone;        /* PERMANENT: and for all that waits for the same phone */
};

struct suspect { /* an accepted deliver_sm whose response may not have arrived (R-rel-3) */
    struct hash_node node; /* in relay->suspects */
    uint8_t digest[16];
    uint32_t link;
    uint64_t serial;
    uint64_t n;
    uint64_t at_ms;
};

struct account { /* the account's record as plain values: read for every message */
    bool known;
    bool removed;
    uint8_t long_messages;
    uint8_t max_parts;
    bool transliterate;
    const struct addr_plan *plan;
    const struct dir_account *dir; /* NULL: not in the directory file any more */
    uint64_t last_dest;            /* pump.c: where its last message went, */
    uint32_t run;                  /* how many in a row went to numbers next to each other, */
    uint64_t run_told_ms;          /* and when that was last told */
    char name[128];
};

struct relay {
    const struct conf *conf;
    struct relay_counters count;
    enum store_room room;
    uint8_t fill; /* percent of the room for new work */
    bool stopping;
    bool recovered; /* relay_recover() is through */
    struct link *links;
    struct link **link_by_id;
    uint32_t link_cap;
    struct {
        struct link *first, *last;
    } busy; /* links that may have something to send and room for it, in turn */
    uint64_t listings; /* how often a link came into it */
    struct link *filler; /* it filled the last turn; NULL: none did */
    struct alarms alarms;
    struct hash claims, gates;
    struct gate *spenders; /* accounts whose day's count has changed in this turn */
    bool number_limits;    /* some number has one */
    uint64_t began_ms;     /* what was sent before is not known */
    size_t sweep_bucket;   /* of flows: where the next sweep goes on */
    struct bind **binds;     /* by slot */
    uint32_t bind_cap;
    struct hash flows, lanes, suspects;
    struct hash pairs;  /* auto.c: who wrote how often */
    struct hash presences; /* presence.c: by agent */
    struct presence *presence_list;
    uint32_t pair_count;
    uint64_t pairs_ms;  /* when the quiet ones were last forgotten */
    struct flow *dirty;
    /* Flows that are moving, in order (move.c). */
    struct flow *moving[MSG_CLASSES], *moving_last[MSG_CLASSES];
    uint64_t move_order; /* that was given last */
    struct routes *routes; /* NULL: the configuration has none */
    bool routes_new;       /* carriers came or went with them */
    bool links_new;        /* a carrier came or went */
    bool strays;           /* a message may wait where it would not go to now */
    bool away_any;         /* TABLE_AWAY has rows */
    uint64_t dead_ms;      /* when the next carrier is given up */
    struct leg *legs;
    uint32_t leg_cap, leg_free;
    struct flight *flights, *flights_dirty; /* flight.c */
    uint32_t outstanding;
    uint32_t partials; /* binds in the middle of a long message */
    struct account *accounts; /* by account */
    uint32_t account_cap;
    struct hash running;           /* broadcasts: see broadcast.c */
    struct running *hungry;
    struct broadcast_row *broadcast_rows; /* of this turn */
    struct directory_apply *apply; /* a directory that is being written, NULL otherwise */
    uint64_t timer_ms;             /* first row of TABLE_TIMER, UINT64_MAX if none */
    uint64_t waiting_moves_ms;      /* waiting.c: when the last step that is planned is due */
    uint64_t waiting_moved_ms;      /* and when the last one was made */
    uint64_t retry_ms;             /* first row of TABLE_RETRY */
    uint64_t schedule_ms;          /* first row of TABLE_SCHEDULE */
    uint64_t sweep_ms;
    uint64_t purge_ms; /* when the next pass begins, or this one goes on */
    uint64_t purge_cursor;
    uint64_t retention_ms; /* history.c: when the next piece is due */
    uint32_t retention_at; /* account of the configuration */
    uint64_t last_message; /* the number that was given last, 0: none since the start */
    uint32_t waiting_rows; /* that searches for what waits have looked at in this turn */
    size_t fresh_bytes; /* of messages that were accepted in this turn and have no row yet */
    uint32_t refusal_rows; /* that refuse.c has looked at in this turn */
    bool more;          /* the last turn left work that needs no event */
    uint64_t wake_ms;   /* when a pause or a rate lets something go: of alarms */
};

/* ---- core memory: relay.c. Out of memory ends the process: it is bounded by configured limits. */
void *core_alloc(size_t bytes);
void *core_grow(void *p, size_t bytes);

struct slice scratch_copy(struct store_txn *txn, struct slice bytes);

#endif

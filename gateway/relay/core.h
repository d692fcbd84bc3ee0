/*
 * core.h: what the files of the core share. Nobody outside gateway/relay/ includes it.
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
#include "gateway/relay/hash.h"
#include "gateway/relay/relay.h"
#include "gateway/relay/shape.h"
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

/* ---- link.c: links and binds */
struct link *link_find(struct relay *relay, uint32_t id);
struct link *link_named(struct relay *relay, enum link_kind kind, struct slice name);
struct link *link_ensure(struct step *s, enum link_kind kind, uint32_t account, const char *name);
void links_load(struct relay *relay, struct store_txn *txn);
void links_bind_conf(struct relay *relay, uint64_t now_ms);
/* What data_coding 0 is: the characters, GSM whether the link packs it or not. */
enum text_alphabet link_alphabet(const struct link *link);
/* Does the link pack a text of this data_coding on its wire (E1, E6)? */
bool link_packed(const struct link *link, uint8_t data_coding);
enum conf_long_form link_long_form(const struct link *link);
enum conf_operation link_send_with(const struct link *link);
/* The TON of short codes on its wire (A3). */
uint8_t link_short_ton(const struct link *link);
struct bind *bind_of(struct relay *relay, struct session_name name);
void bind_up(struct step *s, const struct event *event);
void bind_down(struct step *s, const struct event *event);
/* Nothing new goes out on it, and no more parts. */
void bind_hold(struct step *s, struct bind *bind);
void links_free(struct relay *relay);

/* ---- flow.c: flows and lanes */
struct waiting *waiting_new(uint64_t place, uint64_t message, struct rec_msg *fresh);
/* By place: a message that comes back stands where it stood. */
void waiting_insert(struct waiting_list *list, struct waiting *w);
void waiting_append(struct waiting_list *list, struct waiting *w);
struct waiting *waiting_pop(struct waiting_list *list);
/* By message; false if it is not there. */
bool waiting_remove(struct waiting_list *list, uint64_t message);
struct flow_key flow_key_of(const struct rec_msg *msg);
/* Of everything but the link. */
uint64_t flow_key_hash(const struct flow_key *key);
void flow_key_put(struct key *key, const struct flow_key *flow);
/* Takes it off the front of a row's key. */
bool flow_key_take(struct slice *key, struct flow_key *flow);
bool flow_key_same_number(const struct flow_key *a, const struct flow_key *b);
/* A message's place in its flow. */
uint64_t place_of(uint64_t message, const struct rec_msg *msg);
struct flow *flow_find(struct relay *relay, const struct flow_key *key);
/* Makes it if there is none. */
struct flow *flow_get(struct relay *relay, const struct flow_key *key);
void flow_ring(struct relay *relay, struct flow *flow);
void flow_unring(struct flow *flow);
/* Too many of its messages wait behind lanes. */
bool flow_blocked(const struct flow *flow);
/* Takes a flow out of its ring when nothing is left in it that may go, and frees it when nothing is
 * left at all. */
void flow_settle(struct relay *relay, struct flow *flow);
/* A message that has a row and whose lane is its own may go next. */
void flow_ready(struct relay *relay, struct flow *flow, uint64_t place, uint64_t message);
/* Of everything but the flow's link. */
uint64_t lane_hash(const struct flow_key *flow, const struct addr *phone);
struct lane *lane_of(struct relay *relay, const struct rec_msg *msg);
/* The lane, now held by this message; NULL if another one holds it, whose lane is then *taken. */
struct lane *lane_take(struct relay *relay, const struct rec_msg *msg, uint64_t message,
                       struct lane **taken);
/* Behind the others that wait for it. */
void lane_park(struct flow *flow, struct lane *lane, struct waiting *w);
/* The holder is done: the next parked message of the lane becomes ready. */
void lane_free(struct step *s, struct lane *lane);
/* A damaged record was set aside by the store, and with it the phone that would lead to its lane.
 * Looking through all of them is slow, but it must not block that phone for ever. */
void lane_orphaned(struct step *s, uint64_t message);
void flows_free(struct relay *relay);
/* The number of ours that a message belongs to: its source towards carriers, its destination
 * towards apps. */
const struct addr *msg_number(const struct rec_msg *msg);
/* Its other party; for receipts likewise. */
const struct addr *msg_phone(const struct rec_msg *msg);

/* ---- queue.c: the queue on disk, and what goes in and out */
/* Takes a message: gives it its number, its flow, and a place at the end. msg and its slices are
 * copied. */
uint64_t queue_accept(struct step *s, struct rec_msg *msg);
/* One that has its number already, and no row: it comes to the end of the flow that msg names. */
void queue_enter(struct step *s, uint64_t message, struct rec_msg *msg);
/* What queue_next() takes out of a flow; its lane is taken. */
struct picked {
    uint64_t message;
    struct rec_msg msg; /* slices in scratch */
    struct lane *lane;
    bool has_row; /* in TABLE_QUEUE: whoever moves the message on deletes it with queue_unrow() */
};
/* The next message of a flow that may go; false if there is none now. */
bool queue_next(struct step *s, struct flow *flow, struct picked *out);
void queue_unrow(struct step *s, const struct picked *picked);
/* Back to the front of its flow, unchanged. */
void queue_untake(struct step *s, const struct picked *picked);
/* A message that was taken and not sent goes back to its place; its lane stays taken. */
void queue_put_back(struct step *s, uint64_t message, const struct rec_msg *msg);
void queue_restore(struct step *s, uint64_t message, const struct rec_msg *msg);
/* A message that had left the queue, lane and all, comes back to its place. */
void queue_resume(struct step *s, uint64_t message, const struct rec_msg *msg);
/* It waits until msg->retry_ms; its lane stays taken. */
void queue_retry_later(struct step *s, uint64_t message, const struct rec_msg *msg);
/* A message in queue or retry ended: removes its row. */
void queue_remove(struct step *s, uint64_t message, const struct rec_msg *msg);
/* The same for one that may also wait behind a lane; the lane goes on without it. */
void queue_cancel(struct step *s, uint64_t message, const struct rec_msg *msg);
/* The next row behind *place of the flow that a message like this would be in. */
bool queue_row_after(struct step *s, const struct rec_msg *like, uint64_t *place,
                     uint64_t *message);
/* The next row of this flow behind *place. */
bool queue_flow_row(struct step *s, const struct flow *flow, uint64_t *place, uint64_t *message);
/* Its fresh messages get their rows now. */
void flow_flush(struct step *s, struct flow *flow);
/* End of turn: fresh messages that were not sent get their rows. */
void queue_flush(struct step *s);
void queue_load(struct step *s);
void queue_due(struct step *s);
void queue_sweep(struct step *s);

/* ---- stretch.c: finding what waits for a phone */
/* Before fresh messages of a flow get their rows. */
void stretches_put(struct step *s, struct flow *flow);
/* The cursor is behind flow->stretch: those without a row go. */
void stretches_passed(struct step *s, struct flow *flow);
struct search {
    const struct rec_msg *like; /* names the flow, and the phone */
    uint64_t place;             /* of the last row that was looked at, or passed over */
    uint64_t look_at;           /* rows up to here may be for the phone */
};
/* The next row that may be for the phone; *message is 0 if many others were passed over. False: no
 * more. */
bool search_next(struct step *s, struct search *search, uint64_t *message);

/* ---- route.c: which carriers may take a message */
#define ROUTE_CHOICES_MAX (2u * CONF_ROUTE_CARRIERS_MAX)
struct route_choices {
    uint32_t count; /* 0: there is no route */
    uint32_t links[ROUTE_CHOICES_MAX]; /* the best first */
};
void route_choices(const struct routes *routes, const struct rec_msg *msg, uint32_t home,
                   struct route_choices *out);
/* True if they are others than before. */
bool routes_compile(struct step *s);
void routes_free(struct relay *relay);

/* ---- pump.c: where an account may send to */
bool pump_allows(struct step *s, const struct rec_msg *msg);

/* ---- roam.c: which of them does */
/* For every message to a phone, before it is composed: sets msg->link, and what it must be known by
 * (op, class, account, origin, source, dest) is set. home: the number's own carrier. False: there
 * is no route, which has been said and counted; msg->link is 0 then. */
bool roam_route(struct step *s, struct rec_msg *msg, uint32_t home);
/* The same for one that was composed and has waited outside of the queue. */
void roam_again(struct step *s, struct rec_msg *msg);
/* A message that is in no row and would come back into its flow: true if that is at a dead carrier,
 * and it went elsewhere. */
bool roam_retry(struct step *s, uint64_t message, struct rec_msg *msg);
/* The same for one that has no lane any more; true if its conversation is elsewhere, and it went
 * to its end. */
bool roam_resume(struct step *s, uint64_t message, struct rec_msg *msg);
bool roam_is_up(struct relay *relay, uint32_t link);
struct roam_way {
    uint32_t from; /* the carrier where it waits; 0: it is new */
    bool own;      /* it did when its flow began to move, or that is not moving */
    bool no_bring; /* what has its conversation's lane stays where it is */
    bool joins;    /* it is on its way through flows that are moving */
    uint32_t home;
    uint32_t best; /* of its carriers */
    bool up;       /* that is up */
    uint32_t link; /* where it is to wait; 0: it has no route */
};
/* from, own and no_bring are the caller's. */
void roam_find(struct step *s, const struct rec_msg *msg, struct roam_way *way);
/* The flow of its number that began to move first after the one with this order, NULL if none. */
struct flow *roam_moving(struct relay *relay, const struct rec_msg *msg, uint64_t after);

/* ---- away.c: conversations that wait at another carrier than their home */
/* A message with `away` set waits in a queue, or does no more. */
void away_add(struct step *s, const struct rec_msg *msg);
void away_drop(struct step *s, const struct rec_msg *msg);
/* Its conversation, if it has a row, is at this carrier from now on. */
void away_point(struct step *s, const struct rec_msg *msg, uint32_t link);
/* Where its conversation waits; 0: it has no row. */
uint32_t away_link(struct step *s, const struct rec_msg *msg);
void away_load(struct step *s);

/* ---- move.c: flows whose messages may have to go elsewhere */
/* A message has joined this flow, or left it: a restart must know. */
void roam_mark(struct step *s, struct flow *flow);
/* The flow of msg's number at this carrier, which is dead while others are up. */
void roam_empty(struct step *s, const struct rec_msg *msg, uint32_t link);
/* The end of another flow becomes its place. False: it cannot be said at that carrier, and stays
 * where it is. */
bool roam_move(struct step *s, uint64_t message, struct rec_msg *msg, const struct roam_way *way);
/* Its text in the alphabet of msg->link, cut as that one wants it. */
bool roam_recode(struct step *s, struct rec_msg *msg);
/* Looks whether carriers died or came back. */
void roam_watch(struct step *s);
/* Looks at some of the rows of flows that are moving. */
void roam_some(struct step *s);
/* Routes changed. */
void roam_doubt(struct step *s);
/* To be called before a number's record is put. */
void roam_number(struct step *s, const struct addr *number, const struct rec_number *before,
                 const struct rec_number *after);
/* Does it wait at another carrier than its number's? */
bool roam_strays(struct step *s, const struct rec_msg *msg);
void roam_load(struct step *s);

/* ---- schedule.c: messages that are not due yet */
/* schedule_delivery_time: *due_ms is 0 if it names none, or one that is past. */
enum smpp_status schedule_parse(struct step *s, struct slice text, uint64_t *due_ms);
/* The end of a message's life as its sender wrote it; due_ms 0 is now. What is further off than
 * anybody waits is brought nearer (T5): the message would stay in the store for so long. */
#define VALIDITY_MS_MAX (30ull * 24 * 3600 * 1000)
enum smpp_status validity_parse(struct step *s, struct slice text, uint64_t due_ms,
                                uint64_t *expires_ms);
/* Waits until msg->due_ms. */
void schedule_put(struct step *s, uint64_t message, struct rec_msg *msg);
/* Before its due time or its validity changes, and when it ends; the record is the caller's. */
void schedule_remove(struct step *s, uint64_t message, const struct rec_msg *msg);
/* It goes now: to the end of its flow. */
void schedule_leave(struct step *s, uint64_t message, struct rec_msg *msg);
/* The next one behind *message with the account, source and destination of this one. */
bool schedule_after(struct step *s, const struct rec_msg *like, uint64_t *message);
void schedule_due(struct step *s);
void schedule_load(struct relay *relay, struct store_txn *txn);

/* ---- room.c: whether a bind has room */
/* Places of a window that a class leaves free, and until when if nothing else happens. */
enum kept_for { KEPT_FOR_CHAT, KEPT_FOR_ACCOUNTS };
struct kept {
    uint32_t places;
    uint64_t until_ms;
    uint8_t what; /* enum kept_for */
};
/* waking: for an account that sent lately and had nothing to send until now. */
struct kept room_kept(const struct step *s, const struct bind *bind, enum msg_class class,
                      bool waking);
/* When a bind has room for a message of this class: now, later, or when it has had an answer
 * (UINT64_MAX). */
uint64_t room_ms(struct step *s, struct bind *bind, enum msg_class class, bool waking);
/* For one more PDU of a message that has begun: what is kept is not kept from it. */
uint64_t room_of_part_ms(struct step *s, struct bind *bind);

/* ---- shape.c: what goes now */
void shape_pick(struct step *s);
/* May this bind take one more PDU now, of a message that has begun? Takes the credit if so. */
bool shape_take(struct step *s, struct bind *bind);
/* Ends a message that must not go any more: expired, or its phone opted out. True if it ended. */
bool shape_ended(struct step *s, const struct picked *picked);
/* It has something to send, or has room again: the next pick looks at it. */
void link_list(struct relay *relay, struct link *link);

/* ---- fair.c */
struct claim *claim_get(struct relay *relay, struct link *link, const struct flow_key *key);
void claims_free(struct relay *relay);

/* ---- limit.c: numbers and accounts at their limits */
/* May it go now? If not, it has left for its gate. */
bool limit_allows_claim(struct step *s, struct claim *claim);
bool limit_allows_flow(struct step *s, struct flow *flow);
/* Does a message of so many segments fit into the account's day? If not, the account has left. */
bool limit_fits(struct step *s, struct claim *claim, uint32_t segments);
void limit_took(struct step *s, const struct claim *claim, const struct flow *flow,
                uint32_t segments);
void limit_alarm(struct step *s, struct gate *gate);
/* When a gate opens; now if it is open. */
uint64_t limit_open_ms(struct step *s, struct gate *gate);
/* Out of the list of its gate. */
void gate_drop_flow(struct flow *flow);
void gate_drop_claim(struct claim *claim);
/* Segments a second that the carrier takes from such a number; 0: no limit. */
uint32_t limit_of_carrier(const struct conf_carrier *carrier, const struct addr *number);
/* The flow goes. */
void limit_forget(struct relay *relay, struct flow *flow);
/* Settings of accounts, carriers or numbers may have changed. */
void limits_follow(struct step *s);
/* A number that commands change has this rate now. */
void limit_number_changed(struct step *s, const struct addr *number, uint32_t account,
                          uint32_t throughput);
/* End of turn: writes down what accounts have had of their days. */
void limits_flush(struct step *s);
void limits_free(struct relay *relay);

/* ---- rate.c: how fast a bind may send */
/* When one more PDU may go, and leave room for so many behind it: now, or later. rate_took() says
 * that it does. */
uint64_t rate_next_ms(struct step *s, struct bind *bind, uint32_t leave);
void rate_took(struct step *s, struct bind *bind);
/* What answers say of the peer: it is too much for it, it was not, how full it is (5.0). */
void rate_throttled(struct step *s, struct bind *bind);
/* Its queue is full (0x14): a longer pause, at a carrier for all of its binds. */
void rate_full(struct step *s, struct bind *bind);
void rate_success(struct step *s, struct bind *bind);
void rate_congestion(struct step *s, struct bind *bind, struct slice tlvs);

/* ---- leg.c: a message on the wire, and how it ends */
/* picked->msg is as outbound_fit() made it. */
void leg_start(struct step *s, struct bind *bind, struct picked *picked);
/* The leg whose parts are going out on this bind: sends more of them while there is room. */
void leg_continue(struct step *s, struct bind *bind);
void leg_result(struct step *s, const struct event *event);
void legs_of_bind_lost(struct step *s, struct bind *bind);
/* A long message whose next part will not go before the stop is in no doubt: it is queued again. */
void legs_stopping(struct step *s);
void legs_of_bind_stopping(struct step *s, struct bind *bind);
/* In flight at the last crash: what now? */
void legs_recover(struct step *s);
void legs_free(struct relay *relay);

/* ---- flight.c: TABLE_INFLIGHT */
/* leg->message leaves on leg->bind; it is settled, or will not go. */
void flight_join(struct step *s, struct leg *leg);
void flight_leave(struct step *s, struct leg *leg);
/* End of turn: writes the rows. */
void flights_end_turn(struct step *s);
/* The next message on the wire behind a place, by link; behind SLICE_NONE the first. */
struct flight_place {
    struct slice place; /* begins with the link; in scratch */
    uint64_t message;
};
bool flight_next(struct step *s, struct slice behind, struct flight_place *out);
void flights_free(struct relay *relay);

/* ---- verdict.c: what an answer means */
struct verdict_rule verdict_rule_of(const struct link *link, uint32_t status);
enum verdict verdict_of(const struct link *link, const struct event_result *result);
/* A try failed for this cause (the status; 0: no answer): sets msg->retry_ms. False if this was the
 * last one. */
bool verdict_retry(const struct step *s, const struct verdict_rule *rule, uint32_t cause,
                   struct rec_msg *msg);

/* ---- refuse.c: a phone that its carrier takes nothing for (0x65) */
/* msg ended with a status that says so: ends all that waits for the same phone. */
void refuse_phone(struct step *s, const struct rec_msg *msg);
void refuse_continue(struct step *s, struct slice payload);

/* ---- outbound.c: what a message looks like on a link's wire */
/* Makes msg->parts and msg->form as the link that it goes to wants long texts. Returns how many
 * parts a phone gets, which is more than the PDUs where one carries the whole text. 0: more than
 * 255; it is one PDU then, whatever the link wants. */
uint32_t outbound_cut(const struct step *s, struct rec_msg *msg);
/* The same again when it is about to go out on this bind, which may take less (no TLVs), or be
 * another link's, or the configuration has changed. Once a part is accepted nothing changes. */
void outbound_fit(struct step *s, const struct bind *bind, struct rec_msg *msg);
/* Hands the part that token names to the bind; false if no PDU can hold it. */
bool outbound_send(struct step *s, struct bind *bind, struct session_token token,
                   const struct rec_msg *msg);
/* What is left of it, as carriers count: the parts that a phone gets. */
uint32_t outbound_segments(const struct link *link, const struct rec_msg *msg);

/* ---- message.c: records of messages and their ends */
bool message_get(struct step *s, uint64_t message, struct rec_msg *msg);
void message_put(struct step *s, uint64_t message, const struct rec_msg *msg);
/* Was it handed to its link at least once, or never will be? It was accepted at since_ms or
 * before. */
bool message_went_out(struct step *s, uint64_t message, uint64_t since_ms);
/* A message has ended or moved on (R-rel-1): records it, shows it in its conversation, tells the
 * app that asked. */
void message_end(struct step *s, uint64_t message, struct rec_msg *msg, enum msg_state state);
/* The same when there is more to say than the state does: what its carrier's receipt said. */
struct ending {
    enum msg_state state;
    enum receipt_state told; /* to its app; RECEIPT_STATES: nothing yet */
    uint64_t done_ms;
};
void message_end_as(struct step *s, uint64_t message, struct rec_msg *msg,
                    const struct ending *end);
bool message_final(uint8_t state);
/* It waits for a person's decision, or does so no more. */
void message_held(struct step *s, uint64_t message, bool is);
void messages_purge(struct step *s);
/* A number in decimal. */
struct slice message_id_text(uint64_t message, char buf[24]);
/* The message's number in the form that its app was given (B7). */
struct slice message_id_told(const struct rec_msg *msg, uint64_t message, char buf[24]);
/* Reads both forms; each has one way to be written. */
bool message_id_parse(struct slice text, uint64_t *message);

/* ---- receipts.c: receipts from carriers */
/* Not a message from a phone: a receipt, a notification, an acknowledgement (R1). */
bool receipt_is(const struct bind *bind, const struct pdu *pdu);
void receipt_in(struct step *s, struct bind *bind, const struct pdu *pdu);
/* A part was accepted under this ID: remembers it, joins a receipt that came before (R-rel-4). */
void receipt_expect(struct step *s, struct link *link, uint64_t message, struct rec_msg *msg,
                    struct slice carrier_id);
void receipt_orphan_expire(struct step *s, struct slice payload);
/* done_ms: what msg had before it was sent. */
void receipt_join(struct step *s, uint64_t message, struct rec_msg *msg, uint64_t done_ms);
void receipt_forget(struct step *s, uint64_t message, const struct rec_msg *msg);
/* The network_error_code's type of a number that a carrier wrote into the text: "MC specific". */
#define NETWORK_OF_CARRIER 8u

/* ---- tell.c: receipts to apps */
/* What a carrier is asked for (registered_delivery) when this app asked us for that. */
uint8_t tell_wanted(const struct link *app, uint8_t registered);
/* The message has ended: its app hears of it if it asked to. */
void tell_end(struct step *s, uint64_t message, struct rec_msg *msg, enum receipt_state state);
void tell_on_the_way(struct step *s, uint64_t message, const struct rec_msg *msg,
                     enum receipt_state state);
void tell_ack(struct step *s, uint64_t message, enum receipt_kind kind, const struct receipt *ack);
/* A receipt to an app has ended itself. */
void tell_ended(struct step *s, const struct rec_msg *receipt);

/* An agent, a group, or nobody. */
struct owner {
    uint8_t kind; /* enum owner_kind */
    uint32_t id;
};

/* What holds for a business number now: its own settings, or its campaign's. */
struct number_settings {
    uint32_t campaign; /* the active one, 0: none */
    uint8_t response;  /* enum response_type */
    uint32_t app;      /* link of the bot */
    struct slice inboxes;
    struct owner assign;
    bool round_robin;
};

/* ---- inbound.c: deliver_sm and data_sm from carriers */
struct inbound {        /* a whole message from a phone */
    struct link *link;  /* the carrier */
    struct addr number; /* ours */
    struct rec_number owner;
    struct addr phone;
    uint8_t data_coding;
    enum text_alphabet alphabet;
    struct slice octets; /* in alphabet; with the sender's header if udhi */
    bool udhi;
    struct slice text; /* UTF-8; empty if binary */
    bool binary;
    uint64_t first_ms;  /* when its first part came; 0: it came in one piece */
    uint8_t esm_class;  /* of its last part */
    struct slice tlvs;  /* of vendors, of its last part */
    uint8_t stop; /* enum stop_change: what this text changed */
    uint32_t contact;    /* match_sender(): whose it is, 0: nobody's */
    uint32_t candidates; /* contacts that have the sender's number */
    struct number_settings settings; /* number_in() */
};
void inbound_pdu(struct step *s, struct bind *bind, const struct pdu *pdu);
/* A message is whole: hands it to the number's role. */
void inbound_whole(struct step *s, struct inbound *in);
void inbound_confirmed(struct step *s, struct bind *bind, uint64_t n);
void inbound_lost(struct step *s, struct bind *bind, uint64_t confirmed);
void inbound_load(struct step *s);
void inbound_sweep(struct step *s);
void inbound_free(struct relay *relay);
bool number_get(struct step *s, const struct addr *addr, struct rec_number *out);
/* The message goes on to an app, octets unchanged where both sides agree on what they mean. */
void inbound_to_app(struct step *s, const struct inbound *in, uint32_t app);
/* Does it take messages: one of ours, or one that was and still stands for a contact? */
bool number_takes(struct step *s, const struct addr *addr, struct rec_number *out);
/* Also one that is out of the directory: what began on it goes on. */
bool number_get_any(struct step *s, const struct addr *addr, struct rec_number *out);

/* ---- join.c: R-text-4 */
/* False: the part was stored and the message is not whole yet. True: in->octets is the whole text,
 * or a part that is to be taken as a message of its own (U10). */
bool join_part(struct step *s, struct inbound *in, const struct concat *concat);
void join_expire(struct step *s, struct slice payload);

/* ---- view.c: which conversations a view shows (R-conv-8) */
enum view { VIEW_OPEN = 1, VIEW_INBOX, VIEW_WAITING, VIEW_FOLLOW_UP, VIEW_CLOSED };
const char *view_name(enum view view);
/* In VIEW_OPEN, instead of OWNER_NOBODY: the number's bot answers. */
#define HOLDER_BOT 3u
struct conv_place { /* what a conversation's rows say */
    uint8_t status; /* 0: it has none */
    uint8_t waiting, follow_up;
    struct owner holder;
    uint64_t closed_ms;
    struct slice inboxes;
};
struct conv;
void view_key(struct key *key, uint32_t account, enum view view);
void view_owner_key(struct key *key, uint32_t account, enum view view, struct owner owner);
struct conv_place view_place(const struct rec_conv *rec);
/* A conversation is put: its rows follow. */
void view_follow(struct step *s, struct conv *conv);

/* ---- conv.c: conversations (R-conv) */
struct conv {
    uint64_t id;
    uint32_t account;
    struct conv_place place; /* as it was read */
    struct rec_conv rec;
    uint64_t ahead; /* number in HISTORY that its next entry has already, 0: none */
};
/* in->settings is set. */
void conv_inbound(struct step *s, struct inbound *in);
struct conv_words { /* in a conversation */
    struct addr to; /* one of the contact's numbers */
    struct slice text;
    uint32_t by;    /* agent, 0: nobody in particular */
    bool unlimited; /* else as long as the account's long_messages allow */
};
struct conv_text { /* what somebody of ours says first, or goes on with */
    struct addr from; /* a business number */
    struct addr to;
    struct slice text;
    uint32_t contact;
    uint32_t by; /* agent, 0: nobody in particular */
};
/* Joins the open conversation or opens one, which is the agent's who writes. False: too long. */
bool conv_write(struct step *s, struct rec_number *number, const struct conv_text *text,
                struct conv *out);
/* The same in two steps, for one who composes the text: the conversation, which is this owner's if
 * it is new (nobody: as its number has it), and then what was said in it. */
void conv_begin(struct step *s, struct rec_number *number, const struct conv_text *text,
                struct owner owner, struct conv *out);
void conv_wrote(struct step *s, struct conv *conv, const struct conv_text *text, uint64_t message);
/* A reply in this conversation, or in the one with another number of the contact's, which it opens
 * then and leaves in *said. number is the record of the conversation's. */
enum compose_err conv_reply(struct step *s, struct conv *conv, const struct rec_number *number,
                            const struct conv_words *words, struct conv *said);
bool conv_get(struct step *s, uint32_t account, uint64_t id, struct conv *out);
bool conv_open_of(struct step *s, uint32_t account, const struct addr *number,
                  const struct addr *contact, struct conv *out);
void conv_put(struct step *s, struct conv *conv);
/* The pair's next message opens a new one. */
void conv_not_open(struct step *s, const struct conv *conv);
/* The open conversation of the pair; if there is none, a new one that this agent owns (0: nobody),
 * and true. */
bool conv_of_pair(struct step *s, uint32_t account, const struct addr *number,
                  const struct addr *contact, uint32_t agent, struct conv *out);
/* Puts what a contact said into the history, and what it changed (R-stop). The caller puts the
 * conversation. */
void conv_said(struct step *s, struct conv *conv, const struct inbound *in);
/* An entry with what came in. */
struct rec_entry conv_entry_of(const struct step *s, const struct inbound *in,
                               enum entry_kind kind);
/* Appends to the history; conv->rec.entries is the entry's number then. The caller puts the
 * conversation. */
void conv_entry(struct step *s, struct conv *conv, const struct rec_entry *entry);
/* The next entry will show this message, which is about to be accepted. */
void conv_entry_ahead(struct step *s, struct conv *conv, struct rec_msg *msg);
/* Numbers of entries in a row of TABLE_HISTORY_OF. */
#define ENTRIES_PER_ROW 16u
/* Entry n of its history, from 1. False if it is not there, or not any more. */
bool conv_entry_get(struct step *s, const struct conv *conv, uint32_t n, struct rec_entry *out);
/* Takes it out of the history; the others keep their numbers. */
void conv_entry_drop(struct step *s, const struct conv *conv, uint32_t n);
/* What has become of a message that an entry shows; nothing if it is in no conversation. */
void conv_entry_state(struct step *s, const struct rec_msg *msg, enum msg_state state);
/* Whose is the last text in it? */
static inline bool
conv_last_is_contacts(const struct rec_conv *rec)
{
    return rec->unanswered;
}
/* Its text is now another one (replace_sm); nothing if it is in no conversation. */
void conv_entry_text(struct step *s, const struct rec_msg *msg, struct slice text);
bool conv_was_forwarded(struct step *s, const struct conv *conv, uint32_t agent);
/* The caller puts the conversation. */
void conv_forwarded(struct step *s, struct conv *conv, uint32_t agent);
/* R-conv-2: check digits. */
uint64_t conv_id_make(uint64_t counter);
bool conv_id_valid(uint64_t id);

/* ---- conv_state.c: owners, flags, the end. The caller puts the conversation. */
/* Its name in the directory; empty: nobody's. */
struct slice owner_id(struct step *s, uint32_t account, struct owner owner);
/* It is this owner's now, and people answer it. */
void conv_transfer(struct step *s, struct conv *conv, struct owner to, struct owner by);
void conv_claim(struct step *s, struct conv *conv, struct owner by);
void conv_note(struct step *s, struct conv *conv, struct owner by, struct slice text);
void conv_follow_up(struct step *s, struct conv *conv, bool on, struct owner by);
void conv_close(struct step *s, struct conv *conv, struct owner by);

/* ---- waiting.c: does the contact wait (R-conv-7)? */
/* Its contact wrote. */
void conv_asked(struct step *s, struct conv *conv);
/* Somebody of ours wrote; agent may be 0. */
void conv_answered(struct step *s, struct conv *conv, uint32_t agent);
void conv_waiting_due(struct step *s, struct slice payload);
/* The account has another waiting_after from now on. */
void waiting_after_moved(struct step *s, uint32_t account);
void waiting_moves_continue(struct step *s, struct slice payload);

/* ---- history.c: letting it go (R-conv-9) */
/* Takes a conversation away with all that was said in it, so many entries of it; true: it is gone.
 */
bool history_drop(struct step *s, struct conv *conv, uint32_t *budget);
/* When the next pass begins; the configuration is new. */
void retention_plan(struct relay *relay, uint64_t now_ms);
void retention_some(struct step *s);
bool erasure_get(struct step *s, uint32_t account, uint64_t erasure, struct rec_erasure *out);
void erasure_put(struct step *s, uint32_t account, uint64_t erasure,
                 const struct rec_erasure *rec);
uint64_t erasure_new(struct step *s, uint32_t account, const struct rec_erasure *rec);

/* ---- erase.c: a person's data on request; both return the number of its record, of which `by` and
 * `why` are given */
uint64_t erase_phone(struct step *s, uint32_t account, const struct addr *phone,
                     struct rec_erasure *rec);
uint64_t erase_contact(struct step *s, uint32_t account, uint32_t contact,
                       struct rec_erasure *rec);
void erase_continue(struct step *s, struct slice payload);

/* ---- number.c: business numbers (R-num) */
void number_put(struct step *s, const struct addr *addr, const struct rec_number *rec);
/* *number may be a newer one afterwards: its campaign may have begun or ended just now. */
void number_settings(struct step *s, const struct addr *addr, struct rec_number *number,
                     struct number_settings *out);
uint32_t inbox_count(struct slice inboxes);
struct owner inbox_of(struct slice inboxes, uint32_t n);
/* The app that gets a conversation's next message, 0: people do. */
uint32_t number_bot(struct step *s, const struct conv *conv,
                    const struct number_settings *settings);
/* Of a new conversation (R-conv-3, R-conv-4, R-num-2). */
struct owner number_owner(struct step *s, const struct addr *addr, struct rec_number *number,
                          const struct number_settings *settings);
void number_in(struct step *s, struct inbound *in);
/* A message of this conversation: true if the bot got it. What was the bot's and falls to people
 * gets its owner. */
bool conv_to_bot(struct step *s, struct conv *conv, struct inbound *in);
/* Does this app answer the conversation? */
bool number_answers(struct step *s, const struct conv *conv, struct rec_number *number,
                    uint32_t app);
struct number_uses { /* why a number cannot be deleted */
    struct rec_campaign campaign; /* running or to run; state 0: none */
    uint64_t conv;                /* an open conversation, 0 if only many closed ones were seen */
    bool conv_open;
    bool lease;
};
void number_uses(struct step *s, const struct addr *addr, const struct rec_number *number,
                 struct number_uses *out);
/* R-num-4: may this agent start texts and campaigns from it? */
bool number_may_start(struct step *s, const struct rec_number *number, uint32_t agent);

/* ---- campaign.c: R-num-3, R-num-4 */
bool campaign_get(struct step *s, uint32_t account, uint32_t campaign, struct rec_campaign *out);
void campaign_put(struct step *s, uint32_t account, uint32_t campaign,
                  const struct rec_campaign *rec);
/* UINT64_MAX: it is open. */
uint64_t campaign_end_ms(const struct rec_campaign *rec);
/* The one with the first start of those that run or are to run on a number; 0: none. */
uint32_t campaign_first(struct step *s, const struct addr *number, uint32_t account,
                        struct rec_campaign *out);
/* One but `except` that overlaps with this one; 0: none. */
uint32_t campaign_clash(struct step *s, uint32_t account, const struct rec_campaign *rec,
                        uint32_t except);
/* Begins and ends what is due on a number. */
void campaign_turn(struct step *s, const struct addr *addr);
void campaign_due(struct step *s, struct slice payload);
/* A new one; it begins at once if its time has come. */
void campaign_schedule(struct step *s, uint32_t account, uint32_t campaign,
                       struct rec_campaign *rec);
/* One that there is gets these settings and times. */
void campaign_replace(struct step *s, uint32_t account, uint32_t campaign,
                      struct rec_campaign *rec);
void campaign_end(struct step *s, uint32_t account, uint32_t campaign);

/* ---- contact.c: people outside (R-multi) */
struct contact_phone {
    struct addr number;
    struct rec_contact_phone rec;
};
enum contact_err { CONTACT_OK, CONTACT_PHONES_FULL, CONTACT_SHARED_TOO_OFTEN };
const char *contact_err_name(enum contact_err err);
bool contact_get(struct step *s, uint32_t account, uint32_t contact, struct rec_contact *out);
void contact_put(struct step *s, uint32_t account, uint32_t contact,
                 const struct rec_contact *rec);
/* First and last name, or the company; empty if there is none. */
struct slice contact_name(struct step *s, uint32_t account, uint32_t contact);
/* By its name; 0: there is none. */
uint32_t contact_named(struct step *s, uint32_t account, struct slice id);
/* Gives it a number, and a name if it has none; its name is no other contact's. */
uint32_t contact_new(struct step *s, uint32_t account, struct rec_contact *rec);
/* Away with its record, names and all. */
void contact_erase(struct step *s, uint32_t account, uint32_t contact);
void contact_remove(struct step *s, uint32_t account, uint32_t contact);
uint32_t contacts_of_phone(struct step *s, uint32_t account, const struct addr *phone,
                           uint32_t out[CONF_PHONE_CONTACTS_MAX]);
uint32_t contact_phones(struct step *s, uint32_t account, uint32_t contact,
                        struct contact_phone out[CONF_CONTACT_PHONES_MAX]);
bool contact_has_phone(struct step *s, uint32_t account, uint32_t contact,
                       const struct addr *phone);
/* Adds it, or changes only whether it is selected. */
enum contact_err contact_phone_set(struct step *s, uint32_t account, uint32_t contact,
                                   const struct addr *number, bool selected);
void contact_phone_drop(struct step *s, uint32_t account, uint32_t contact,
                        const struct addr *number);
/* This conversation is the contact's last one at that phone. */
void contact_spoke(struct step *s, uint32_t account, uint32_t contact, const struct conv *conv);
/* When anything was last said to or by the contact; 0: never. */
uint64_t contact_spoke_ms(struct step *s, uint32_t account, uint32_t contact);
/* R-multi: where a message goes that names only the contact. */
enum contact_target { TARGET_ONE, TARGET_CHOICES, TARGET_NONE };
const char *contact_target_name(enum contact_target target);
struct contact_choices {
    uint32_t count;
    struct addr number[CONF_CONTACT_PHONES_MAX];
};
enum contact_target contact_send_target(struct step *s, uint32_t account, uint32_t contact,
                                        struct contact_choices *out);

/* ---- choose.c: which of a contact's numbers a text goes to (R-multi) */
/* *out are the numbers to choose from, or the one. */
enum contact_target conv_target(struct step *s, const struct conv *conv,
                                struct contact_choices *out);
/* Asks the agent, for the text that is the last entry of this conversation. */
void choice_ask(struct step *s, const struct conv *conv, uint32_t agent, const struct addr *from,
                const struct contact_choices *choices);
struct choice {
    uint64_t conv;
    uint32_t entry; /* whose text is meant */
    struct addr to;
};
/* Is this text the answer? */
bool choice_made(struct step *s, uint32_t account, uint32_t agent, struct slice text,
                 struct choice *out);
void choice_expire(struct step *s, struct slice payload);

/* ---- match.c: whose message is it (R-match) */
void match_sender(struct step *s, struct inbound *in);
/* Whose phone it is, 0: nobody's, or of several whom nobody spoke with. */
uint32_t match_phone(struct step *s, uint32_t account, const struct addr *phone);
/* The conversation becomes the contact's, or unassigned. */
void match_conv(struct step *s, const struct inbound *in, struct conv *conv, bool opened);
/* conv may be 0. Returns the admin who was told, 0: nobody. */
uint32_t unassigned_put(struct step *s, uint32_t account, const struct addr *phone, uint64_t conv);
enum contact_err unassigned_assign(struct step *s, uint32_t account, const struct addr *phone,
                                   uint32_t contact);

/* ---- auto.c: automatic replies (R-auto) */
/* To a contact's message, whose entry the history has; may change the conversation's owner. The
 * caller puts the conversation. */
void auto_reply(struct step *s, const struct inbound *in, struct conv *conv, bool opened);
/* It is closed: what was to happen once in it may happen again in the next. */
void auto_conv_closed(struct step *s, uint32_t account, uint64_t conv);
/* Is the rule on? By whom that was changed, if rec is wanted; all zero if nobody did. */
bool auto_is_on(struct step *s, uint32_t account, const struct dir_auto *rule,
                struct rec_auto *rec);
void auto_set(struct step *s, uint32_t account, const struct dir_auto *rule,
              const struct rec_auto *rec);
/* What it remembers of a phone. */
void auto_forget(struct step *s, uint32_t account, const struct addr *phone);
void auto_expire(struct step *s, struct slice payload);
void auto_free(struct relay *relay);

/* ---- agent.c: agents and groups */
bool agent_get(struct step *s, uint32_t account, uint32_t agent, struct rec_agent *out);
void agent_put(struct step *s, uint32_t account, uint32_t agent, const struct rec_agent *rec);
/* A number of this role (0: none) is the agent's from now on, which both records say. */
void number_give(struct step *s, uint32_t account, uint32_t agent, enum number_role role,
                 const struct addr *addr);
/* Relay in the agent's profile (R-txt-1), by hand; and what the file says of it. */
void agent_relay_set(struct step *s, uint32_t account, uint32_t agent, bool on);
void agent_relay_follow(struct rec_agent *rec, bool file);
bool group_get(struct step *s, uint32_t account, uint32_t group, struct rec_group *out);
void group_put(struct step *s, uint32_t account, uint32_t group, const struct rec_group *rec);
bool group_has(struct step *s, uint32_t account, uint32_t group, uint32_t agent);
/* Rows of TABLE_MEMBER that the directory file lists are its own. */
bool member_is_listed(struct step *s, struct slice key);
void member_list(struct step *s, struct slice key);
enum member_change { MEMBER_CHANGED, MEMBER_AS_BEFORE, MEMBER_LISTED };
const char *member_change_name(enum member_change change);
enum member_change
member_set(struct step *s, uint32_t account, uint32_t group, uint32_t agent, bool in);
/* The admin who is told what concerns the account (R-match-4); 0: there is none. */
uint32_t account_admin(struct step *s, uint32_t account, struct rec_agent *out);
/* rec is the agent's from now on. */
void admin_follow(struct step *s, uint32_t account, uint32_t agent, const struct rec_agent *rec);
/* ---- list.c: distribution lists (R-list) */
struct list {
    uint32_t account;
    uint32_t id;
    struct rec_list rec;
};
/* Functions that change list->rec leave it to the caller to put it. */
bool list_get(struct step *s, uint32_t account, uint32_t list, struct list *out);
bool list_get_any(struct step *s, uint32_t account, uint32_t list, struct list *out);
bool list_named(struct step *s, uint32_t account, struct slice id, struct list *out);
void list_put(struct step *s, const struct list *list);
/* By command; the id is free. */
void list_add(struct step *s, uint32_t account, struct slice id, struct slice name,
              struct list *out);
/* As the directory file has it. True if that changed something. */
bool list_follow(struct step *s, uint32_t account, struct slice id, struct slice name,
                 struct list *out);
/* Its name is free; its rows are the caller's to clear. */
void list_remove(struct step *s, struct list *list);
/* Deletes up to so many rows. True: there are no more. */
bool list_clear(struct step *s, struct list *list, uint32_t rows);
bool list_member(struct step *s, const struct list *list, const struct addr *phone,
                 struct rec_list_member *out);
void list_member_drop(struct step *s, struct list *list, const struct addr *phone);
enum list_change { LIST_CHANGED, LIST_SAME, LIST_FULL, LIST_STAYS_OUT };
const char *list_change_name(enum list_change change);
enum list_change list_join(struct step *s, struct list *list, const struct addr *phone,
                           enum list_by by);
enum list_change list_leave(struct step *s, struct list *list, const struct addr *phone,
                            enum list_by by);
/* Of an upload that is being looked through; *twice: it stood there before. */
enum list_change list_stage(struct step *s, struct list *list, const struct addr *phone,
                            bool *twice);
/* What is staged joins, or goes: up to so many rows from the cursor on. True: there are no more. */
bool list_settle(struct step *s, struct list *list, struct addr *cursor, bool keep, uint32_t rows);
/* The next phone on the list behind the cursor, which moves there; looks at *rows rows at most. */
enum list_walk { LIST_WALK_ONE, LIST_WALK_MORE, LIST_WALK_END };
enum list_walk list_next(struct step *s, const struct list *list, struct addr *cursor,
                         uint32_t *rows, struct rec_list_member *out);
/* R-list-2: digits with country code; a + in front may be. */
bool list_number(struct slice text, const struct addr_plan *plan, struct addr *out);
/* R-list-7: who wrote joins the one list and leaves the other, either may be empty. False: it is
 * not on the list that it asked for. */
bool list_keyword(struct step *s, const struct inbound *in, struct slice join, struct slice leave);

/* The phone is on none of the account's lists, and never was. */
void lists_forget(struct step *s, uint32_t account, const struct addr *phone);

/* ---- personal.c: fields of a broadcast's text (R-list-4) */
/* False, and where it begins: something in {{ }} is no field. */
bool personal_check(struct slice text, struct slice *bad);
struct slice personal_fill(struct step *s, struct slice text, const struct rec_contact *contact);
/* As long as it can get. */
struct slice personal_longest(struct step *s, struct slice text);

/* ---- broadcast.c: one text to a list (R-list) */
struct broadcast {
    uint32_t account;
    uint32_t id;
    struct rec_broadcast rec;
};
bool broadcast_get(struct step *s, uint32_t account, uint32_t id, struct broadcast *out);
/* Why it cannot start now; NULL: it can. */
const char *broadcast_refusal(struct step *s, const struct broadcast *b);
/* It gets its number, and starts or waits for its time. */
void broadcast_add(struct step *s, struct broadcast *b);
enum broadcast_change { BROADCAST_PAUSE, BROADCAST_RESUME, BROADCAST_CANCEL };
/* False: it stands where that cannot be. */
bool broadcast_change(struct step *s, uint32_t account, uint32_t id,
                      enum broadcast_change change);
/* Does one that has not ended go to this list? */
bool broadcast_uses(struct step *s, uint32_t account, uint32_t list);
void broadcast_due(struct step *s, struct slice payload);
/* End of turn: makes messages of those that can take more; puts what changed. */
void broadcasts_feed(struct step *s);
void broadcasts_flush(struct step *s);
/* A message of one has ended, or moved on after its end. */
void broadcast_ended(struct step *s, const struct rec_msg *msg, uint8_t before);
/* A message that was held goes again. */
void broadcast_resumed(struct step *s, const struct rec_msg *msg);
/* A message of one is about to leave. ENDS: it must not; msg may belong to none afterwards. */
enum broadcast_verdict { BROADCAST_GOES, BROADCAST_ENDS };
enum broadcast_verdict broadcast_looks(struct step *s, struct rec_msg *msg);
/* The broadcast that a text answers, once; 0: none. *owner is who gets the answers. */
uint32_t broadcast_reply(struct step *s, const struct inbound *in, struct owner *owner);
void broadcast_memo(struct step *s, struct conv *conv, uint32_t broadcast);
/* What is remembered of the phone. */
void broadcasts_forget(struct step *s, uint32_t account, const struct addr *phone);
void broadcasts_load(struct step *s);
void broadcasts_free(struct relay *relay);

/* ---- txt.c: TXT Relay (R-txt) */
/* A notice to the agent who owns the conversation and has relay switched on: {id}, {from}. */
void txt_tell_owner(struct step *s, const struct conv *conv, enum conf_message message);
void txt_forward(struct step *s, struct conv *conv, const struct inbound *in);
void txt_reply(struct step *s, const struct inbound *in);
/* An address as people read it: with a plus if it has a country code. */
struct slice addr_text(struct step *s, const struct addr *addr);
/* Behind blanks, and behind invisible marks (G13) if wanted. */
struct slice skip_blanks(struct slice text, bool and_invisible);

/* ---- presence.c: who is on the message-centre page (R-txt-2) */
/* Until the holder lets go or is gone. False: there are too many. */
bool presence_hold(struct step *s, uint32_t account, uint32_t agent, struct session_name holder);
void presence_release(struct step *s, uint32_t account, uint32_t agent,
                      struct session_name holder);
void presence_holder_gone(struct step *s, struct session_name holder);
struct presence_now {
    uint32_t holders;
    uint64_t since_ms; /* of the first of them */
};
/* False: the agent is not present. */
bool presence_get(const struct relay *relay, uint32_t account, uint32_t agent,
                  struct presence_now *out);
bool agent_is_online(struct step *s, uint32_t account, uint32_t agent);
void presence_free(struct relay *relay);

/* ---- lease.c: contact numbers, and whom they stand for (R-proxy) */
struct lease {
    uint64_t id; /* 0: none */
    uint32_t account;
    struct rec_lease rec;
};
static inline bool
lease_is_live(const struct lease *lease)
{
    return lease->id && lease->rec.cause == LEASE_LIVE;
}
bool lease_get(struct step *s, uint32_t account, uint64_t id, struct lease *out);
/* The pair's last lease, live or ended. */
bool lease_of_pair(struct step *s, uint32_t account, uint32_t agent, const struct addr *contact,
                   struct lease *out);
/* The live lease that names a contact when this agent texts this number. */
bool lease_at(struct step *s, uint32_t account, const struct addr *number, uint32_t agent,
              struct lease *out);
/* The agent's last lease there that ended. */
bool lease_former(struct step *s, const struct addr *number, uint32_t agent, struct lease *out);
/* Does the number stand for anybody? */
bool lease_holds(struct step *s, const struct addr *number);
/* The number of a lease, which may be out of the pool by now; false: it serves something else. */
bool lease_number(struct step *s, const struct lease *lease, struct rec_number *out);
/* For a pair without a live one. False: no number is free. If another pair lost its number for it,
 * that lease is in *recycled, and its agent is to be told. */
bool lease_start(struct step *s, uint32_t account, uint32_t agent, const struct addr *contact,
                 struct lease *out, struct lease *recycled);
/* Nothing of the pair is to leave before this message did (R-proxy-6). */
void lease_follow(struct step *s, struct lease *lease, uint64_t message);
/* That message, if it has not left yet; the caller touches the lease. */
uint64_t lease_follows(struct step *s, struct lease *lease);
/* A message went through it. */
void lease_touch(struct step *s, struct lease *lease);
void lease_end(struct step *s, struct lease *lease, enum lease_cause cause);
/* The account's next one, live or ended. */
bool lease_after(struct step *s, uint32_t account, uint64_t after, struct lease *out);
/* Whose it was is forgotten; a live one ends. */
void lease_forget(struct step *s, struct lease *lease);
/* To be called before a number's record is put: lets it join the pool or leave it, and sets
 * number->pool. */
void pool_follow(struct step *s, const struct addr *addr, struct rec_number *number);

/* An account's pool has this scope from now on. */
void pool_scope_follow(struct step *s, uint32_t account, enum conf_pool_scope scope);

/* ---- proxy.c: an agent's public number, and contact numbers on the agent's phone (R-proxy) */
void proxy_user_in(struct step *s, struct inbound *in);
void proxy_contact_in(struct step *s, struct inbound *in);
/* Is this a message of an agent to the own user number, or to a contact number? Such a one is no
 * contact (R-stop). */
bool proxy_is_agent(struct step *s, const struct inbound *in);
/* Tells the owner of a user number's conversation by its contact number; false: it is none. */
bool proxy_tell_owner(struct step *s, const struct conv *conv, enum conf_message message);
/* An agent and the own phone: who texts a contact number is known by it. */
void proxy_know_mobile(struct step *s, uint32_t account, uint32_t agent, const struct addr *mobile);
/* The agent with a user number who has this phone; 0: there is none. */
uint32_t proxy_agent_of_mobile(struct step *s, uint32_t account, const struct addr *mobile);
/* R-proxy-14; account is its name. */
void proxy_number_given(struct step *s, const struct addr *addr, const struct rec_number *number,
                        struct slice account);
/* R-proxy-4, by whoever asks for it. */
enum proxy_start {
    PROXY_STARTED,
    PROXY_GOING_ON, /* the pair has a lease: its number has said so again */
    PROXY_NO_NUMBER,
    PROXY_OPTED_OUT,
    PROXY_BAD_CONTACT, /* no phone outside, or the agent's own */
    PROXY_NO_USER_NUMBER,
    PROXY_STARTS
};
const char *proxy_start_name(enum proxy_start start);
enum proxy_start proxy_start(struct step *s, uint32_t account, uint32_t agent,
                             const struct addr *contact, struct lease *out);

/* ---- notice.c */
/* A text to an agent's phone from a number of ours that goes out by this carrier; nothing if it is
 * empty. */
void agent_text(struct step *s, uint32_t account, const struct rec_agent *agent,
                const struct addr *from, uint32_t carrier, struct slice text);
/* The same with what a contact said: the message is known by its conversation. */
struct agent_text {
    uint32_t account;
    const struct rec_agent *agent;
    struct addr from;
    uint32_t carrier;
    uint64_t conv;
    uint64_t after; /* a message that must leave before */
    struct slice text;
};
/* Returns the message's number, 0: it was empty. */
uint64_t agent_text_of(struct step *s, const struct agent_text *what);
/* An agent's phone wrote what is no use. False: it did so before, again and again, and is a machine
 * that answers our notices (G33). */
bool notice_answers(struct step *s, uint32_t account, uint32_t agent, struct slice words);
/* A text to the agent's phone from a number of ours, at most so many a minute
 * (relay.notices_per_minute). False: nothing went. */
bool notice_to_agent(struct step *s, uint32_t account, uint32_t agent, const struct addr *from,
                     struct slice text);

/* ---- stop.c: opt-outs (R-stop) */
enum stop_change {
    STOP_NOTHING, /* an ordinary text */
    STOP_OUT,
    STOP_IN,
    STOP_WISH,   /* wants in again, and somebody must lift the flag (R-stop-2 manual) */
    STOP_AGAIN,  /* a keyword that changed nothing */
    STOP_NEARLY, /* no keyword, but nearly one (R-stop-3) */
};
const char *stop_change_name(enum stop_change change);
/* Looks at a text from a phone: records STOP and UNSTOP, confirms. Says what it was. */
enum stop_change stop_look(struct step *s, const struct inbound *in);
/* Opts out or in, whoever wants it (R-stop-7). False: that changes nothing. */
struct stop_order {
    uint32_t account;
    struct addr phone;
    bool out;
    enum optout_by by_kind;
    struct slice by, why;
    struct addr number; /* that it was written to, ADDR_NONE: by hand. The conversation with it is
                           the caller's to tell */
    struct slice text;
};
bool stop_change(struct step *s, const struct stop_order *order);
void stop_tell_continue(struct step *s, struct slice payload);
/* R-stop-8: what the history of a conversation shows, which the caller puts, and what its owner is
 * told. */
void stop_entry(struct step *s, struct conv *conv, enum stop_change change);
void stop_notice(struct step *s, const struct conv *conv, enum stop_change change);
bool stop_get(struct step *s, uint32_t account, const struct addr *phone, struct rec_optout *rec);
/* Row n of its history, from 1. */
bool stop_history(struct step *s, uint32_t account, const struct addr *phone, uint32_t n,
                  struct rec_optout *rec);
bool stop_is_out(struct step *s, uint32_t account, const struct addr *phone);

/* ---- text.c: texts to phones (R-text) */
enum compose_err { COMPOSE_OK, COMPOSE_TOO_LONG };
/* Puts UTF-8 text into the alphabet of the link that msg goes to, split as the account says, and
 * accepts it. Fields of msg other than payload, alphabet, data_coding, parts are the caller's.
 * unlimited: R-txt-3, never cut, never refused. *first is the first message's number; it may be
 * NULL. */
enum compose_err
compose(struct step *s, struct rec_msg *msg, struct slice text, bool unlimited, uint64_t *first);
/* Only the alphabet: payload, alphabet and data_coding for the link that msg goes to. */
void compose_payload(struct step *s, struct rec_msg *msg, struct slice text);
/* Payload and alphabet as they are, in the link's form of long texts. */
void accept_octets(struct step *s, struct rec_msg *msg, uint64_t *first);
/* To an app, payload and alphabet as they are, in the app's form of long texts. */
void accept_for_app(struct step *s, struct rec_msg *msg);
/* The same for a text; in several messages only if no PDU can hold it. */
void compose_for_app(struct step *s, struct rec_msg *msg, struct slice text);
/* A template of the configuration with its values, in scratch. */
struct slice compose_template(struct step *s, enum conf_message message,
                              const struct template_value *values, size_t count);
uint16_t compose_reference(struct step *s, const struct addr *phone);
/* User data as it came over a link, header and all, with its text unpacked if the link packs. */
struct slice
user_data_from(struct step *s, const struct link *link, uint8_t data_coding,
               struct slice user_data, size_t header_octets);
/* Does the header have elements besides those of concatenation? It stays as it is then (E8). */
bool header_is_senders(const struct udh *udh);

/* ---- submit.c: submit_sm and data_sm from apps */
void submit_pdu(struct step *s, struct bind *bind, const struct pdu *pdu);
/* The number of ours that an app names in a PDU. An empty one is its default, the first of its
 * `sources` (A4, M17); false if it has none, or the address cannot be one. */
bool app_source(struct step *s, const struct bind *bind, const struct pdu_address *wire,
                struct addr *out);

/* ---- multi.c: submit_multi from apps */
void multi_pdu(struct step *s, struct bind *bind, const struct pdu *pdu);

/* ---- manage.c: query_sm and cancel_sm from apps */
void manage_pdu(struct step *s, struct bind *bind, const struct pdu *pdu);

/* ---- replace.c: replace_sm from apps */
void replace_pdu(struct step *s, struct bind *bind, const struct pdu *pdu);

/* ---- command.c: what a person asks; the commands are in commands/ */
void command_step(struct step *s, const struct event *event);

/* ---- applied.c: are the records what these files say? */
bool applied_is(struct step *s, const struct conf *conf);
void applied_note(struct step *s, const struct conf *conf);
/* Others are about to be applied. */
void applied_clear(struct step *s);

/* ---- directory.c: records from the directory file */
void directory_begin(struct step *s, const struct conf *conf);
void directory_continue(struct step *s);
void directory_free(struct relay *relay);
/* The link of an app that binds before its turn in a large directory has come; NULL if the
 * directory does not name it. */
struct link *directory_app(struct step *s, struct slice system_id);
void accounts_load(struct relay *relay, struct store_txn *txn);
/* 0: nobody has that name. */
uint32_t directory_account_id(struct step *s, const char *name);
const struct account *account_of(const struct relay *relay, uint32_t account);
/* By their names in the directory file; 0: there is none. */
uint32_t account_named(struct step *s, struct slice id);
uint32_t agent_named(struct step *s, uint32_t account, struct slice id);
uint32_t group_named(struct step *s, uint32_t account, struct slice id);
uint32_t campaign_named(struct step *s, uint32_t account, struct slice id);
uint32_t campaign_new(struct step *s, uint32_t account, struct slice id);
/* The one of this name, or a new one. */
uint32_t agent_new(struct step *s, uint32_t account, struct slice id);
uint32_t group_new(struct step *s, uint32_t account, struct slice id);

/* ---- timer.c: rows with a due time */
enum timer_kind { TIMER_PART_SET = 1, TIMER_ORPHAN, TIMER_REFUSAL, TIMER_CAMPAIGN, TIMER_OPTOUT,
                  TIMER_AUTO, TIMER_ERASE, TIMER_BROADCAST, TIMER_WAITING, TIMER_CHOICE,
                  TIMER_WAITING_MOVES };
const char *timer_kind_name(enum timer_kind kind);
void timer_set(struct step *s, uint64_t due_ms, enum timer_kind kind, struct slice payload);
void timer_cancel(struct step *s, uint64_t due_ms, enum timer_kind kind, struct slice payload);
void timers_due(struct step *s);
void timers_load(struct relay *relay, struct store_txn *txn);

/* ---- reply.c: answers to peers, and log lines */
/* The command_id and the sequence number are those of the request. */
void reply_pdu(struct step *s, struct bind *bind, const struct pdu *request, struct pdu *reply,
               uint64_t inbound);
void reply_status(struct step *s, struct bind *bind, const struct pdu *request, uint32_t status);
void reply_id(struct step *s, struct bind *bind, const struct pdu *request, struct slice message_id,
              uint64_t inbound);

struct line {
    char p[400];
    size_t n;
};
void line_text(struct line *line, const char *text);
void line_key(struct line *line, const char *key, const char *value);
void line_number(struct line *line, const char *key, uint64_t value);
void line_addr(struct line *line, const char *key, const struct addr *addr); /* masked */
void line_log(struct step *s, enum log_level level, const struct line *line);

/* ---- scratch.c-like helpers on the transaction's scratch */
struct slice scratch_copy(struct store_txn *txn, struct slice bytes);

#endif

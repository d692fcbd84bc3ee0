/*
 * sim.h: the simulator: the real core and the real store in one process, a virtual clock, and a
 * simulated world.
 *
 * A *world* is one run of one seed: a configuration made up by the seed, carriers, apps and phones
 * around the core, and a ledger that knows from the rules alone what must and must not happen.
 * Everything random comes from the world's own generator, so that a seed is a run. An invariant
 * that does not hold ends the run through sim_fail().
 *
 * world.c makes it, traffic.c lets people and apps act, peer.c is the network (binds, loss,
 * answers), turn.c runs turns and crashes, model.c says what the rules demand, ledger.c follows
 * every message that is to leave, classify.c says what it is, arrive.c what did, audit.c closes the
 * books. Of the rules pool.c and proxy.c have those about contact numbers; act.c is their traffic;
 * command.c is what people ask with `tandem ctl`,
 * robot.c what answers by itself, cast.c broadcasts, tend.c what becomes of conversations.
 */
#ifndef TANDEM_SIM_H
#define TANDEM_SIM_H

#include "gateway/relay/command.h"
#include "gateway/relay/relay.h"
#include "tests/sim/mutant.h"

#include <setjmp.h>

#define NONE UINT32_MAX
#define ACCOUNTS_MAX 2u
#define AGENTS_MAX 6u
#define NUMBERS_MAX 32u
#define PHONES_MAX 24u /* contacts first, the agents' mobiles, then others on lists */
#define LINKS_MAX 4u
#define BINDS_MAX 16u
#define WINDOW_MAX 10u
#define PARTS_MAX 12u
#define REPEATS_MAX 6u
#define SEEN_MAX 64u
#define OPT_TEXTS 6u
#define VARIANTS 2u
#define MINUTE_MS 60000u
#define HOUR_MS 3600000u
#define RESPONSE_MS 30000u
#define REASSEMBLY_MS 300000u
#define NOTICES_PER_MINUTE 6u
#define REPLY_LIMIT 140u

/* ---- the world's furniture, fixed for a run */

struct sim_agent {
    uint32_t account;
    uint32_t phone;
    uint32_t number; /* relay number, NONE if there is none */
    uint32_t user;   /* user number, NONE if there is none */
    bool grouped;    /* member of the account's group */
    bool relay[VARIANTS];
};

struct sim_number {
    char digits[16];
    uint32_t account;
    enum number_role role;
    uint32_t link;  /* carrier */
    bool crosses;   /* the other one in the second variant */
    uint32_t agent; /* RELAY, USER */
    uint32_t app;   /* APP, BUSINESS: link */
    bool bot[VARIANTS];
    enum owner_kind assign_kind[VARIANTS];
    uint32_t assign[VARIANTS]; /* agent */
    uint64_t joined;           /* CONTACT: its place in the pool; 0: it drains */
};

struct sim_pool {   /* an account's */
    bool of_agents; /* pool_scope */
    uint64_t min_idle_ms, quarantine_ms;
    uint64_t joined; /* places given */
    bool vague;      /* what a set of parts that was given up did to it, nobody knows */
};

enum lease_end { LEASED, ENDED_RECYCLED, ENDED_BY_HAND };
struct sim_lease {
    uint32_t account, agent, contact, number;
    uint8_t end; /* enum lease_end */
    uint64_t started_ms, last_ms, ended_ms;
    uint32_t ended_order; /* of all ends */
    uint32_t notice;      /* the note that says whose number this was until now, or NONE */
};

struct seen {
    uint64_t id;
    uint32_t conv;
};

struct sim_phone {
    char digits[16];
    uint32_t agent;             /* NONE: a contact */
    struct seen seen[SEEN_MAX]; /* conversation IDs that it showed */
    uint32_t seen_count;
};

struct sim_link {
    enum link_kind kind;
    char name[16];
    uint32_t account; /* apps */
    uint32_t window;
    bool hold; /* on_unknown_outcome */
    enum receipt_id_form resp_id, receipt_id;
    enum text_alphabet alphabet; /* what data_coding 0 is */
    uint32_t throughput;         /* carriers */
    bool bulk;                   /* apps */
    uint64_t next_id;
    bool away; /* an app that does not come back before the end; a carrier that is down for long */
};

/* ---- the network */

struct wire { /* octets of ours on their way to the peer, in order */
    bool reply;
    uint32_t ref;    /* flight, or request */
    uint32_t status; /* of a reply */
    uint64_t inbound;
};

struct unconfirmed {
    uint32_t req;
    uint64_t inbound;
};

struct sim_bind {
    uint32_t link;
    bool can_send;    /* we may send on it */
    bool can_receive; /* the peer may */
    bool up;          /* as the peer sees it */
    bool known;       /* as the core sees it: BIND_UP was committed, BIND_DOWN was not */
    uint32_t generation;
    uint32_t known_generation;
    uint32_t next_sequence;
    uint32_t delivering;   /* requests of the peer's without an answer */
    uint64_t last_inbound; /* last response that arrived */
    uint64_t wire_ms;      /* when the last octet on the wire arrives */
    struct wire *wire;
    uint32_t wire_count, wire_cap, wire_head;
    struct unconfirmed *unconfirmed;
    uint32_t unconfirmed_count, unconfirmed_cap;
    uint32_t flying[WINDOW_MAX + 1]; /* flights without a durable outcome */
    uint32_t flying_count;
};

enum req_kind { REQ_TEXT, REQ_OPT_OUT, REQ_OPT_IN, REQ_RECEIPT, REQ_STRAY };
enum req_state { REQ_WAITS, REQ_OUT, REQ_DONE };

struct req { /* a request of a peer: deliver_sm from a carrier, submit_sm from an app */
    uint8_t kind;
    uint8_t state;
    bool committed; /* accepted by a turn that is on disk */
    bool acked;     /* and the peer was told */
    bool confirmed; /* and we know that it was */
    bool sar;
    bool twin;    /* a part that the phone sent twice */
    bool payload; /* in message_payload */
    uint32_t link, item, phone, number;
    uint32_t bind, generation, sequence;
    uint64_t inbound;
    uint64_t first_ms;   /* when it was committed */
    uint8_t part, parts; /* from 1; parts 0: not one of several */
    uint8_t reference;
    uint8_t data_coding, esm_class, registered, ton;
    uint8_t validity_h; /* 0: none */
    uint32_t delay_s;   /* of a message that is scheduled */
    char when[17];      /* the same as SMPP writes it */
    uint32_t dests;     /* of a submit_multi: items from `item` on; 0: it is none */
    uint32_t failures;  /* of those, in the response */
    uint32_t tried;
    const uint8_t *octets;
    uint32_t n;
};

enum verdict_kind { ANSWER_OK, ANSWER_TEMPORARY, ANSWER_PERMANENT };

struct flight { /* one PDU that we handed to a bind */
    struct session_token token;
    uint32_t bind, generation;
    uint32_t msg, part;
    bool answered;
    bool timed_out;
    bool nack;
    bool registered; /* we asked for a receipt */
    uint8_t verdict; /* enum verdict_kind */
    uint32_t status;
    char id[24];     /* message_id as the response has it */
    uint64_t number; /* the same as a number */
};

enum sim_event_kind { SIM_WIRE, SIM_ANSWER, SIM_TIMEOUT, SIM_REQUEST, SIM_CONFIRM, SIM_BIND };
struct sim_event {
    uint64_t at_ms;
    uint32_t order;
    uint8_t kind;
    uint32_t bind, generation;
    uint32_t ref;
};

struct mail {     /* an event for the core, in the mailbox */
    uint8_t kind; /* enum event_kind */
    uint8_t how;
    uint32_t bind, generation;
    uint32_t ref;      /* request, flight or variant */
    uint32_t sequence; /* of a request: it may leave again elsewhere meanwhile */
    uint32_t status;   /* commit: what a request was answered */
    uint64_t inbound;
    bool replied;
};

/* ---- the ledger */

enum leg_state { LEG_IDLE, LEG_FLYING, LEG_UNKNOWN, LEG_TEMPORARY, LEG_SENT, LEG_REFUSED };
struct leg {
    uint8_t state;
    uint32_t flight;
    uint32_t unknown; /* how often its outcome was unknown */
    uint32_t copies;  /* that the peer took */
    bool settled;     /* a late answer said that it arrived */
    bool reported;    /* the carrier made a receipt that says DELIVRD */
    bool maybe_refused;
    const char *text; /* as it arrived */
};

enum out_kind {
    OUT_ITEM,
    OUT_NOTICE,
    OUT_CUT,
    OUT_LONG,
    OUT_OPTED_OUT,
    OUT_STOPPED,
    OUT_UNSTOPPED,
    OUT_RECEIPT,
    OUT_NOTE,
    OUT_KINDS
};
struct out_msg { /* a message that left, by the token's id */
    uint64_t id;
    uint8_t kind;
    uint8_t parts;
    bool started; /* a part of it arrived */
    bool whole;
    bool unordered; /* nobody can tell which of several alike it is */
    uint32_t item;
    uint32_t turn; /* which of the item's acceptances it is */
    uint32_t link, number, phone;
    uint32_t receipt_state;
    struct leg legs[PARTS_MAX];
};

struct sim_conv {
    uint32_t account, number, contact;
    enum owner_kind owner_kind;
    uint32_t owner;
    bool bot;           /* the last message went to one */
    uint32_t answered;  /* bit per automatic reply */
    bool vague;         /* a set that was given up may have opened it, who knows when */
    uint32_t forwarded; /* bit per agent */
    uint64_t id;        /* 0: not seen yet */
    bool closed, follow_up;
    uint32_t views; /* bit per view that shows it, at the end */
};

enum item_kind { ITEM_CONTACT, ITEM_REPLY, ITEM_SUBMIT, ITEM_NOTE, ITEM_CAST };
enum item_dest { TO_NOBODY, TO_PHONE, TO_APP };
struct item { /* one thing that somebody wrote, and what must become of it */
    uint8_t kind;
    uint8_t dest;
    bool forward; /* arrives with the ID and the number of who wrote */
    bool either;  /* the rules leave open where it goes inside its account (see model.c) */
    bool refused; /* a peer refused it for good */
    bool stopped; /* an opt-out came in between */
    bool held;    /* unknown outcome where the configuration says hold */
    bool partial; /* a part never came */
    bool receipts_given_up;
    bool opt;       /* STOP or UNSTOP: the text alone says which item it is */
    bool limited;   /* a note of which there are only so many a minute */
    bool optional;  /* and this may be one too many */
    bool unordered; /* its place in the conversation is nobody's business */
    bool command;   /* of an agent, to the own user number */
    bool bulk;
    bool confirms;  /* an opt-out: it may follow it */
    uint32_t account;
    uint32_t writer; /* phone, or app's link */
    uint32_t entry;  /* number that it was sent to, or from */
    uint32_t conv;
    uint32_t lease;   /* that it was written in */
    uint32_t contact; /* command: whom it names, NONE if it makes no sense */
    uint32_t out_number, out_phone, out_link;
    const char *text;                /* as written */
    const char *expect;              /* as it must arrive */
    uint64_t reply_id;               /* ITEM_REPLY: ID it begins with, 0 if none or unusable */
    uint32_t req;                    /* last request that carried it */
    uint32_t parts_want, parts_have; /* bits */
    uint64_t first_part_ms;
    uint32_t accepted, started;
    uint32_t order[REPEATS_MAX];
    uint64_t accepted_ms, expires_ms;
    uint64_t due_ms;        /* not before */
    uint32_t dest_phone;    /* of one in a submit_multi */
    uint32_t group;         /* its first item; NONE: it goes by itself */
    uint32_t cast;          /* broadcast, or NONE */
    uint32_t remade;        /* how often a pause may have taken it back */
    uint8_t registered;
    char message_id[24];  /* given to the app */
    uint32_t msg;         /* that carried it last */
    uint32_t receipts;    /* distinct ones that the app got */
    uint32_t bad_reports; /* of failure, that the carrier made */
    uint32_t copies;
};

enum lane { LANE_CHAT, LANE_BULK, LANE_APP, LANES };
struct pair {      /* one conversation to one phone, in one class */
    uint32_t next; /* order of the next accepted message */
    uint32_t last; /* highest order that arrived */
};

enum command_kind {
    CMD_OPT_OUT,
    CMD_OPT_IN,
    CMD_IMPORT,
    CMD_LEASE_START,
    CMD_LEASE_END,
    CMD_DRAIN,
    CMD_AUTO_ON,
    CMD_AUTO_OFF,
    CMD_CAMPAIGN_ADD,
    CMD_CAMPAIGN_START,
    CMD_CAMPAIGN_END,
    CMD_CAST_ADD,
    CMD_CAST_PAUSE,
    CMD_CAST_RESUME,
    CMD_CAST_CANCEL,
    CMD_CONV_CLAIM,
    CMD_CONV_TRANSFER,
    CMD_CONV_FLAG,
    CMD_CONV_CLOSE,
    CMD_KINDS
};
struct sim_command {
    uint8_t kind; /* enum command_kind */
    bool off;
    /* at: rule, campaign, broadcast, conversation */
    uint32_t account, agent, phone, other, number, lease, at;
    struct command_progress progress; /* it is asked again with this */
};

enum cast_state { CAST_NEW, CAST_RUNNING, CAST_PAUSED, CAST_CANCELLED };
#define CASTS_MAX 8u
struct sim_cast { /* a broadcast */
    enum cast_state state;
    uint32_t account, number, id;
    uint32_t first, count; /* items */
};

enum auto_kind { AUTO_TEXT, AUTO_TIME, AUTO_OPT_OUT, AUTO_KINDS };
#define AUTOS_MAX 3u /* of an account */
struct sim_auto {
    uint8_t kind; /* enum auto_kind */
    bool on, once;
    uint32_t account, number; /* NONE: all */
    uint32_t from_min, to_min;
    uint64_t sent_ms[PHONES_MAX][3];
    uint32_t seen[PHONES_MAX];
};
#define CHATTER_MAX 20u
struct sim_chatter { /* texts of one phone to one number */
    uint64_t at_ms[CHATTER_MAX], paused_ms;
    uint32_t texts;
};
struct sim_campaign {
    uint32_t account, number;
    uint64_t starts_ms, ends_ms; /* 0: at once, and never */
    bool bot, known, ended;
};

#define TRACE_LINES 48u
#define TRACE_BYTES 200u

/* What the routes of two carriers are: none; a home for each number and the other behind it; the
 * same the other way round; both share. */
enum sim_routes { ROUTES_NONE, ROUTES_HOME, ROUTES_CROSSED, ROUTES_SHARED, SIM_ROUTES };

struct profile { /* chances in 10,000, drawn per seed */
    uint32_t crash, drop, temporary, permanent, silent, late, lost, tight, conf, jump, stop,
        receipt_twice;
    uint32_t outage; /* of a carrier, when another can take over */
    uint32_t batch;
    uint32_t gap_ms;
    uint32_t crowd; /* requests of peers that may be on their way at once */
};

struct world {
    uint64_t seed, rng;
    jmp_buf failed;
    const char *broken; /* the invariant that did not hold */
    bool verbose;
    bool recording;
    bool healing;

    struct conf *conf[VARIANTS];
    struct store *store;
    struct store_txn *txn;
    struct relay *relay; /* NULL after a crash */
    struct effects fx;
    char dir[128];

    uint64_t now_ms, began_ms;
    uint32_t events, turns, crashes, events_wanted;
    struct profile profile;
    enum store_room room;
    bool stopping; /* EV_STOP was committed */
    bool stop_sent;
    uint64_t stop_ms;
    uint32_t variant; /* what the configuration file says */
    bool jumped;      /* time went by that no healthy world would see */
    uint64_t trace_hash;
    uint32_t release_flight; /* flight of the next FX_SEND to be released */

    struct sim_agent agents[AGENTS_MAX];
    struct sim_number numbers[NUMBERS_MAX];
    struct sim_phone phones[PHONES_MAX];
    struct sim_link links[LINKS_MAX];
    struct sim_bind binds[BINDS_MAX];
    uint32_t account_count, agent_count, number_count, phone_count, contact_count, link_count,
        bind_count;
    bool rich;    /* more than relay and apps */
    bool proxied; /* user numbers and contact numbers */
    bool commanded;
    bool robots; /* bots, campaigns, automatic replies */
    bool tended; /* conversations are claimed, transferred, closed */
    uint32_t view_account; /* whose views are being looked at */
    bool listed; /* distribution lists */
    bool listed_phones[ACCOUNTS_MAX][PHONES_MAX];
    bool planned; /* apps schedule messages, and send to several at a time */
    bool routed;  /* two carriers stand in for each other */
    enum sim_routes routes[VARIANTS];
    uint32_t failover_s;
    enum conf_reply_scope scope;
    enum conf_overflow overflow;
    uint64_t validity_ms;

    struct sim_event *heap;
    uint32_t heap_count, heap_cap, heap_order;
    struct mail *mail;
    uint32_t mail_count, mail_cap;
    uint32_t last_opt[PHONES_MAX][NUMBERS_MAX][OPT_TEXTS]; /* request that said so last, plus 1 */
    bool said_nothing[AGENTS_MAX];
    uint8_t next_reference;
    struct req *reqs;
    uint32_t req_count, req_cap;
    uint32_t *active; /* requests that are not done */
    uint32_t active_count, active_cap;
    struct flight *flights;
    uint32_t flight_count, flight_cap;
    struct sim_command *commands;
    uint32_t command_count, command_cap;

    /* the model: what is on disk according to the rules */
    uint32_t model_variant;
    bool out[ACCOUNTS_MAX][PHONES_MAX];
    uint32_t outs[ACCOUNTS_MAX][PHONES_MAX], ins[ACCOUNTS_MAX][PHONES_MAX];
    uint32_t outs_confirmed[ACCOUNTS_MAX][PHONES_MAX],
        ins_confirmed[ACCOUNTS_MAX][PHONES_MAX]; /* due */
    uint32_t out_texts[ACCOUNTS_MAX][PHONES_MAX], in_texts[ACCOUNTS_MAX][PHONES_MAX];
    struct sim_conv *convs;
    uint32_t conv_count, conv_cap;
    uint32_t notices_due[AGENTS_MAX][OUT_KINDS], notices_optional[AGENTS_MAX][OUT_KINDS];
    uint32_t notices_seen[AGENTS_MAX][OUT_KINDS];
    uint64_t notice_times[AGENTS_MAX][NOTICES_PER_MINUTE];
    uint32_t notice_next[AGENTS_MAX];
    uint32_t limited_seen[AGENTS_MAX]; /* texts of which there are only so many a minute */
    struct sim_pool pools[ACCOUNTS_MAX];
    struct sim_lease *leases;
    uint32_t lease_count, lease_cap, lease_ends;
    bool users_told; /* R-proxy-14 */
    struct sim_auto autos[ACCOUNTS_MAX * AUTOS_MAX];
    uint32_t auto_count;
    bool auto_vague[ACCOUNTS_MAX][PHONES_MAX];
    struct sim_chatter chatter[NUMBERS_MAX][PHONES_MAX];
    struct sim_campaign *campaigns;
    uint32_t campaign_count, campaign_cap;
    struct sim_cast casts[CASTS_MAX];
    uint32_t cast_count, cast_ids[ACCOUNTS_MAX];

    /* the ledger */
    uint32_t partials; /* messages with a mark where a part is missing */
    struct item *items;
    uint32_t item_count, item_cap;
    struct out_msg *msgs;
    uint32_t msg_count, msg_cap;
    uint32_t *msg_index; /* hash of id, power of two slots */
    uint32_t msg_slots;
    struct pair pairs[LANES][NUMBERS_MAX][PHONES_MAX];

    uint8_t **changesets;
    size_t *changeset_bytes;
    uint32_t changeset_count, changeset_cap;

    struct arena_chunk *arena;
    char (*trace)[TRACE_BYTES];
    uint32_t trace_next;
};

/* ---- tools.c */
uint64_t rnd64(struct world *w);
uint32_t rnd(struct world *w, uint32_t n); /* 0..n-1 */
bool chance(struct world *w, uint32_t ten_thousandths);
uint32_t between(struct world *w, uint32_t low, uint32_t high);
void *sim_alloc(struct world *w, size_t bytes); /* lives as long as the world */
const char *sim_copy(struct world *w, const void *text, size_t n);
void sim_release(struct world *w);
/* Grows a vector to hold one more element. */
void *sim_grow(void *p, uint32_t count, uint32_t *cap, size_t element);
uint64_t sim_hash(uint64_t seed, const void *p, size_t n);
const char *status_name(uint32_t status);
bool begins(const char *text, const char *with);
void trace(struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void sim_fail(struct world *w, const char *invariant, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void sim_print_trace(const struct world *w);

/* ---- world.c */
struct world *world_new(uint64_t seed, const char *dir, bool verbose);
void world_furnish(struct world *w);
void world_open_store(struct world *w);
void world_free(struct world *w);
void world_remove_store(const char *dir);
uint32_t number_by_digits(const struct world *w, struct slice digits);
uint32_t phone_by_digits(const struct world *w, struct slice digits);

/* ---- traffic.c */
void traffic_act(struct world *w);
uint32_t req_new(struct world *w);
uint32_t item_new(struct world *w, enum item_kind kind, uint32_t account);
/* A text that says again and again which item it is. */
const char *traffic_words(struct world *w, uint32_t item, bool may_be_long);
/* The item's writer sends it to the number. */
void
traffic_offer(struct world *w, uint32_t item, uint32_t number, const char *text, uint32_t delay_ms);
/* The item's app submits it for this phone. */
void traffic_submit(struct world *w, uint32_t item, uint32_t contact);
bool traffic_is_proxied(const struct world *w, const struct item *item);
uint32_t number_of_role(struct world *w, uint32_t account, enum number_role role);

/* ---- act.c */
void act(struct world *w);
/* The submit is not to leave at once. */
void act_schedule(struct world *w, struct req *req);
/* It goes to several phones. */
void act_multiply(struct world *w, uint32_t req);

/* ---- peer.c */
void peer_start(struct world *w);
void peer_advance(struct world *w, uint64_t until_ms);
void peer_release(struct world *w, const struct effect *effect);
void peer_crash(struct world *w, bool clean);
void peer_drop(struct world *w, uint32_t bind);
/* All binds of a carrier, for long enough to be passed over. */
void peer_outage(struct world *w, uint32_t link);
void peer_schedule(struct world *w, uint64_t at_ms, struct sim_event event);
void peer_offer(struct world *w, uint32_t req, uint32_t delay_ms);
void mail_put(struct world *w, struct mail mail);
bool peer_quiet(const struct world *w);
/* Makes a submit_multi of it. */
void request_dests(const struct world *w, const struct req *req, uint8_t *region, size_t cap,
                   struct pdu *pdu);
void request_pdu(const struct world *w, const struct mail *mail, uint8_t *tlvs, size_t cap,
                 struct pdu *pdu);

/* ---- command.c */
void command_make(struct world *w);
void command_put(struct world *w, const struct sim_command *c);
size_t command_event(const struct world *w, uint32_t ref, struct event *event, uint8_t *packed,
                     size_t cap);
/* A piece of an answer, in a turn that took these events. */
void command_answered(struct world *w, struct mail *mails, uint32_t count,
                      const struct effect *effect);
void command_committed(struct world *w, const struct mail *mail);

/* ---- turn.c */
void turn_run(struct world *w);
void turn_end_process(struct world *w);

/* ---- model.c */
void model_request(struct world *w, struct mail *mail);
bool model_may_answer(const struct world *w, uint32_t agent, const struct sim_conv *conv);
uint32_t conv_by_id(const struct world *w, uint32_t account, uint64_t id);
/* At most one text for one cause, and fewer if many fall into one minute: may this one be missing?
 */
bool model_notice_optional(struct world *w, uint32_t agent);
/* The item is to leave so, once more. */
void model_expect_phone(struct world *w, struct item *item, uint32_t number, uint32_t phone);
/* R-stop: false if that is how it is already. What was on its way to this phone may be cancelled
 * from now on. */
bool model_opt(struct world *w, uint32_t account, uint32_t phone, bool out, bool confirmed);
struct pair *model_pair(struct world *w, const struct item *item);
/* A text that the gateway writes itself. */
uint32_t model_note(struct world *w, uint32_t number, uint32_t phone, const char *text);
uint32_t model_note_as(struct world *w, uint32_t number, uint32_t phone, const char *text,
                       bool bulk);
/* Parts of it never came, or too late: what became of those that did, and when, nobody sees. */
bool model_was_given_up(const struct world *w, const struct item *item);

/* ---- pool.c; leases by their place in w->leases, NONE if there is none */
uint32_t pool_live(const struct world *w, uint32_t agent, uint32_t contact);
uint32_t pool_at(const struct world *w, uint32_t agent, uint32_t number);
uint32_t pool_former(const struct world *w, uint32_t agent, uint32_t number);
/* *recycled is the lease that ended for it. */
uint32_t pool_begin(struct world *w, uint32_t agent, uint32_t contact, uint32_t *recycled);
void pool_end(struct world *w, uint32_t lease, enum lease_end how);
void pool_join(struct world *w, uint32_t number);

/* ---- robot.c */
void robot_furnish(struct world *w, uint32_t account);
void robot_auto_yaml(const struct world *w, uint32_t rule, char *out, size_t cap);
/* Does a bot answer what comes to this number now? */
bool robot_answers(const struct world *w, uint32_t number);
/* Campaigns by their place in w->campaigns. False: refused. */
bool robot_campaign_added(struct world *w, uint32_t campaign);
bool robot_campaign_starts(struct world *w, uint32_t campaign);
bool robot_campaign_ends(struct world *w, uint32_t campaign);
/* A contact wrote this to people in this conversation. */
void robot_auto(struct world *w, uint32_t item, uint32_t conv);
/* The process is gone, and what it counted in memory. */
void robot_forget(struct world *w);
/* An automatic reply leaves: true if nobody can know whether it should. */
bool robot_count(struct world *w, const struct out_msg *msg, const char *text);

/* ---- cast.c; of the phones the last ones are strangers */
void cast_furnish(struct world *w, uint32_t strangers);
void cast_yaml(const struct world *w, uint32_t account, char *out, size_t cap);
/* Something about a broadcast; false: nothing just now. */
bool cast_command(struct world *w, struct sim_command *c);
/* Its outcome: may it be that? */
bool cast_committed(struct world *w, const struct sim_command *c, bool done);
void cast_check(struct world *w, const struct out_msg *msg);
void cast_again(struct world *w, const struct item *item);
void cast_heal(struct world *w);
bool cast_at_rest(struct world *w);

/* ---- tend.c */
/* False: nothing just now. */
bool tend_command(struct world *w, struct sim_command *c);
bool tend_committed(struct world *w, const struct sim_command *c);
void tend_audit(struct world *w);

/* ---- proxy.c */
/* The directory is applied for the first time. */
void proxy_begin(struct world *w);
/* Has an account's pool done something that nobody can know? */
bool proxy_is_vague(struct world *w, uint32_t account);
void proxy_to_user(struct world *w, uint32_t item);
void proxy_to_contact_number(struct world *w, uint32_t item);
enum proxy_outcome { PROXY_NEW, PROXY_AGAIN, PROXY_NONE_FREE, PROXY_IS_OUT };
/* Somebody starts a conversation. */
enum proxy_outcome proxy_convo(struct world *w, uint32_t agent, uint32_t contact);

/* ---- classify.c */
struct parsed {
    uint32_t number, phone;
    uint32_t part, parts; /* part from 0 */
    bool receipt;
    bool registered;
    const char *text;
};
const char *out_kind_name(uint8_t kind);
/* Notices that long replies of an agent may have made whose parts came too late for each other. */
uint32_t broken_replies(const struct world *w, uint32_t agent);
void classify_pdu(struct world *w, uint32_t bind, const struct pdu *pdu, struct parsed *out);
/* The message with this id; made if this is its first PDU. */
uint32_t classify_msg(struct world *w, uint64_t id, uint32_t bind, const struct pdu *pdu,
                      const struct parsed *p);

/* ---- ledger.c */
/* A turn is on disk: what it took in, then what it means to send. */
void ledger_commit(struct world *w, struct mail *mails, uint32_t count);
/* All binds are gone at once, with the core's memory. */
void ledger_crash(struct world *w, bool clean);
void ledger_bind_down(struct world *w, uint32_t bind);

/* ---- arrive.c */
/* The peer took this PDU: it is on the phone's screen, or the app has it. */
void ledger_arrived(struct world *w, struct flight *flight);
uint32_t ledger_flight(struct world *w, const struct effect *effect);

/* ---- audit.c */
/* Nothing is missing, and nothing on its way. */
bool audit_at_rest(struct world *w);
void audit_final(struct world *w);
void audit_replay(struct world *w);

#endif

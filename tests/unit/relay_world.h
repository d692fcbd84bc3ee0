/*
 * relay_world.h: the core with a real store around it and everything else played by the test:
 * carriers, phones, apps and the clock.
 *
 * world_new() reads a small directory (two accounts, the numbers below) and leaves a carrier bound.
 * Each event is a turn of its own unless world_begin() and world_end() put several into one. What
 * the core sends is collected, in order, until the test answers it. world_end_test() replays every
 * changeset into an empty store and compares all tables, so each test is also one of the recording.
 */
#ifndef TANDEM_RELAY_WORLD_H
#define TANDEM_RELAY_WORLD_H

#include "conf/conf.h"
#include "gateway/relay/relay.h"
#include "store/records.h"

/* Account acme (1). */
#define BIZ "12025550150"       /* business; Ann owns what comes in */
#define BIZ_GROUP "12025550151" /* business; group front (Ann and Ben) owns it */
#define BIZ_NOBODY "12025550152"
#define APP_NUMBER "12025550170" /* role app: crm */
#define RELAY_ANN "12025550180"
#define RELAY_BEN "12025550181"
#define ANN "12025550111"
#define BEN "12025550112"
#define DAN "12025550114" /* an agent of acme in no group; his relay number: */
#define RELAY_DAN "12025550183"
#define ROW_NUMBER "447700900001" /* business: the source in the rows of bad-input.md */
/* Account zeta (2); app zapp. */
#define BIZ_ZETA "12025550160"
#define RELAY_CID "12025550182"
#define CID "12025550113"
/* People outside. */
#define CONTACT "12025550101"
#define CONTACT_2 "12025550102"
#define CONTACT_3 "12025550103"

#define ACME 1u
#define ZETA 2u

/* YAML lines, indented as their place wants it; NULL is "". */
struct world_options {
    const char *relay;     /* under relay:, two blanks */
    const char *messages;  /* under messages:, two blanks */
    const char *carrier;   /* of carrier sim, four blanks; begins with window, unless NULL */
    const char *account;   /* of acme, four blanks */
    const char *app;       /* of crm, eight blanks */
    const char *directory; /* instead of the whole directory */
    const char *gateway;   /* more of the gateway file, no blanks */
};

#define SENT_BYTES_MAX 2048u
struct sent { /* a request of the core that has not been answered */
    struct session_name session;
    struct session_token token;
    struct pdu pdu; /* slices point into bytes */
    uint8_t *bytes;
    struct sent *next;
};

#define BINDS_MAX 8u
struct world {
    const char *dir;
    struct store *store;
    struct conf *conf;
    struct conf *old_conf[16]; /* until the end: records may not, but nobody should rely on it */
    uint32_t old_confs;
    struct relay *relay;
    struct effects fx;
    uint64_t now_ms;
    struct store_txn *txn;
    struct sent *first, **last;
    uint32_t generation[BINDS_MAX];
    bool up[BINDS_MAX];
    uint8_t peer_version;     /* of the next binds */
    struct slice answer_tlvs; /* of all answers; not copied */
    uint32_t sequence;
    uint32_t carrier_ids; /* the IDs that world_ok() gives */
    /* The last FX_REPLY */
    uint32_t replies;
    uint32_t status;
    char message_id[65];
    uint64_t inbound;
    char log[2000]; /* the last log line */
    uint32_t logs;
    uint8_t **changesets;
    size_t *changeset_bytes;
    uint32_t changeset_count;
};

/* One per case. The carrier "sim" is bound in slot 0 with a window of 100. */
struct world *world_new(const struct world_options *options);
void world_end_test(struct world *w);

void world_begin(struct world *w);
void world_step(struct world *w, const struct event *event);
void world_end(struct world *w);
void world_event(struct world *w, const struct event *event);
void world_stop(struct world *w);

/* Only reads the files. */
struct conf *world_conf(const struct world_options *options);
/* A new directory and gateway file: EV_CONF, and turns until it is applied. */
void world_reload(struct world *w, const struct world_options *options);
/* The clock goes on, with a tick whenever the core wants one. */
void world_pass(struct world *w, uint64_t ms);
/* The clock jumps, as after a suspended machine, and then the core gets its ticks. */
void world_jump(struct world *w, uint64_t ms);
/* The process dies between two turns and comes back on the same store, with no binds. What was sent
 * is forgotten. */
void world_crash(struct world *w);
/* And it starts with another configuration. */
void world_crash_into(struct world *w, const struct world_options *options);
/* The same in the middle of a turn that world_begin() began: it is lost. */
void world_crash_in_turn(struct world *w);

void
world_bind(struct world *w, uint32_t slot, enum link_kind kind, const char *name, uint32_t window);
/* inbound: what the peer's TCP has confirmed (world.inbound of a reply, or 0). What was sent there
 * and not answered is forgotten. */
void world_unbind(struct world *w, uint32_t slot, uint64_t inbound);

struct session_name session_of(const struct world *w, uint32_t slot);

/* ---- what peers send: relay_phones.c */

/* A phone's message by the carrier in slot 0: GSM if it fits, else UCS-2; in parts if it is long.
 * Checks the answer. */
void phone_sends(struct world *w, const char *from, const char *to, const char *text);
/* One deliver_sm; returns command_status. */
uint32_t carrier_delivers(struct world *w, uint32_t slot, const struct pdu *pdu);
/* A deliver_sm or submit_sm with this text in one PDU. */
struct pdu pdu_of_text(uint32_t command_id, const char *from, const char *to, const char *text);
/* One part of several, text in GSM; 8-bit reference. */
struct pdu pdu_of_part(const char *from, const char *to, uint8_t reference, uint8_t total,
                       uint8_t index, const char *text);
/* An app's submit_sm; returns command_status, message ID in w->message_id. */
uint32_t app_submits(struct world *w, uint32_t slot, const struct pdu *pdu);
/* Any request; returns the whole answer, whose slices live until the next one. */
struct pdu app_asks(struct world *w, uint32_t slot, struct pdu *pdu);
uint32_t
app_sends(struct world *w, uint32_t slot, const char *from, const char *to, const char *text);
/* TON 1, NPI 1. */
struct pdu_address international(const char *digits);
/* As apps name it; stays until the next call. */
const char *message_id_of(uint64_t message);
/* A receipt from the carrier in slot 0 for its ID. */
void carrier_receipt(struct world *w, const char *id, const char *stat, const char *from,
                     const char *to);

/* ---- what the core sent */

uint32_t sent_count(const struct world *w);
/* The first request that has not been taken; ends the case if there is none. Freed with the world,
 * or when answered. */
struct sent *sent_first(struct world *w);
/* The first to this phone; NULL if there is none. */
struct sent *sent_to(struct world *w, const char *to);
/* Answers it and forgets it. */
void answer(struct world *w, struct sent *sent, uint32_t status, const char *id);
void answer_how(struct world *w, struct sent *sent, enum result_how how, uint32_t status,
                const char *id);
/* Everything that is on the wire is accepted, with IDs c1, c2, ... */
void answer_all(struct world *w);

struct phone_text {
    char from[24];
    char to[24];
    char text[100000]; /* UTF-8, all parts */
    size_t n;
    uint32_t parts;
    uint32_t octets; /* of user data, without headers */
    uint8_t data_coding;
};
/* What the phone (or the app) shows next: takes all parts of its next message, accepting each. NULL
 * if nothing comes. */
const struct phone_text *phone_gets(struct world *w, const char *to);
/* Checks it. */
void phone_shows(struct world *w, const char *from, const char *to, const char *text);
/* Checks that nothing at all is on the wire. */
void nothing_sent(struct world *w);

/* A contact's text to BIZ reaches Ann; returns the conversation's ID. */
uint64_t conversation(struct world *w, const char *contact);
/* The number at the start of a text. */
uint64_t leading_number(const char *text);
/* "ID text", in a static buffer. */
const char *with_id(uint64_t id, const char *text);
/* n times this character sequence, in one of a few static buffers. */
const char *repeat(const char *text, uint32_t n);

/* ---- what the store says; records are read in a turn that is aborted, slices are copied to a
 * static buffer */

bool store_says(struct world *w, enum store_table table, const struct record_def *def,
                struct slice key, void *record);
struct rec_conv conv_record(struct world *w, uint32_t account, uint64_t id);
/* History entry n, from 1. */
struct rec_entry entry_record(struct world *w, uint32_t account, uint64_t id, uint32_t n);
struct rec_msg message_record(struct world *w, uint64_t message);
/* The newest message of the gateway's, whatever it is. */
uint64_t last_message(struct world *w);
void conv_close_directly(struct world *w, uint32_t account, uint64_t id);
uint32_t table_rows(struct world *w, enum store_table table);
/* Of one kind (enum timer_kind). */
uint32_t timer_rows(struct world *w, uint8_t kind);
bool opted_out(struct world *w, uint32_t account, const char *phone);
struct addr addr_of(const char *digits);
const struct relay_counters *counters(const struct world *w);

/* ---- what several test files say */

/* world_new() with the app crm bound in slot 1. */
struct world *world_with_app(const struct world_options *options);
/* crm submits to CONTACT and asks for receipts as registered_delivery says; returns the message. */
uint64_t app_submits_text(struct world *w, const char *text, uint8_t registered);
/* A message that the carrier has under this ID. */
uint64_t message_sent(struct world *w, uint8_t registered, const char *id);
/* crm gets a receipt for this message with this state, and nothing else. */
void app_gets_receipt(struct world *w, uint64_t message, const char *stat);

/* R-txt-7, as the default template has it. */
#define NOTICE                                                                                   \
    "Nothing was delivered. Begin each reply with the conversation ID and a blank. Replies are " \
    "limited to 140 characters; a longer one may arrive in part."
/* Ann sends this to her relay number; she gets the notice, and nobody anything else. */
void notice_and_nothing_else(struct world *w, const char *text);

#endif

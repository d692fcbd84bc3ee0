/*
 * records.h: every record of the store, one struct and one field table each.
 *
 * Identifiers come from counter rows. Addresses are canonical (protocol/addr.h). Slices belong to
 * whoever filled the struct; after record_decode() they point into the value.
 */
#ifndef TANDEM_RECORDS_H
#define TANDEM_RECORDS_H

#include "store/record.h"
#include "store/store.h"

/* What a TABLE_NAME row names. */
/* MOBILE: an agent with a user number, by the digits of the phone. ADMIN: an admin that a command
 * made, by rank. */
enum name_kind {
    NAME_LINK = 1, NAME_ACCOUNT, NAME_AGENT, NAME_GROUP, NAME_CONTACT, NAME_CAMPAIGN, NAME_MOBILE,
    NAME_ADMIN,
    NAME_LIST,
};
const char *name_kind_name(uint8_t kind);

struct rec_meta {                   /* key: "meta"; the store's own row (struct store_meta) */
    struct slice uuid;
    uint32_t shard;
    uint64_t epoch;
    uint64_t sequence;
    uint64_t turn_ms;
    struct slice changeset_hash;
    uint32_t schema;
};

enum link_kind { LINK_CARRIER = 1, LINK_APP };
const char *link_kind_name(uint8_t kind);

struct rec_link {                   /* key: link */
    uint8_t kind;                   /* enum link_kind */
    uint32_t account;               /* apps; 0 for carriers */
    struct slice name;              /* a carrier's id, an app's system_id */
};

enum long_messages { LONG_CONCATENATE, LONG_SPLIT, LONG_REJECT };
const char *long_messages_name(uint8_t value);

enum msg_class { CLASS_CHAT, CLASS_BULK, MSG_CLASSES };
const char *msg_class_name(uint8_t value);

struct rec_account {                /* key: account */
    struct slice id;                /* its name in the directory */
    struct slice name;
    struct slice country;           /* ISO 3166 letters, or empty */
    uint8_t long_messages;          /* R-text-1 */
    uint8_t max_parts;
    uint8_t transliterate;          /* R-text-2 */
    uint8_t removed;                /* no longer in the directory: takes no new work */
    uint64_t waiting_after_ms;      /* R-conv-7: what open conversations are looked after by */
};

enum number_role { ROLE_BUSINESS = 1, ROLE_RELAY, ROLE_USER, ROLE_CONTACT, ROLE_APP };
const char *number_role_name(uint8_t role);

enum owner_kind { OWNER_NOBODY, OWNER_AGENT, OWNER_GROUP };
const char *owner_kind_name(uint8_t kind);

/* Who answers what the world writes to a business number (R-num-1). */
enum response_type { RESPONSE_AGENT, RESPONSE_BOT };
const char *response_type_name(uint8_t value);

enum reuse_kind { REUSABLE, SINGLE_USE };
const char *reuse_kind_name(uint8_t value);

/* Unsolicited inboxes are a list of {owner kind u8, agent or group u32}. */
#define INBOX_BYTES 5u
#define INBOXES_MAX 16u             /* more than any office has; each is shown in a list */

struct rec_number {                 /* key: address */
    uint32_t account;
    uint8_t role;                   /* enum number_role */
    uint8_t removed;
    uint32_t carrier;               /* link that its messages go out by */
    uint32_t agent;                 /* RELAY, USER: whose */
    uint32_t app;                   /* APP: link */
    uint8_t assign_kind;            /* BUSINESS: enum owner_kind of a new conversation (R-conv-3) */
    uint32_t assign_id;
    struct slice name;
    struct slice description;
    uint32_t office;                /* BUSINESS: group whose members may start texts from it */
    uint32_t primary_agent;         /* for information only */
    uint8_t response;               /* BUSINESS: enum response_type; BOT: `app` gets its messages */
    struct slice inboxes;           /* BUSINESS: where unsolicited messages go (R-num-2) */
    uint8_t kind;                   /* enum reuse_kind */
    uint8_t round_robin;            /* assign_id is a group whose agents take turns (R-conv-4) */
    uint8_t by_command;             /* not of the directory file */
    uint8_t draining;               /* nothing new begins on it */
    uint32_t last_agent;            /* who had the last turn */
    uint32_t campaign;              /* the active one, 0: none */
    uint64_t turn_ms;               /* when the next campaign begins or this one ends; 0: never */
    uint64_t archived_ms;           /* when it left, with its campaign */
    uint64_t pool;                  /* CONTACT: its place in the pool, in the order in which
                                       numbers joined; 0: takes no new lease */
    uint8_t drain;                  /* CONTACT: the directory file says so */
    uint32_t throughput;            /* segments a second, 0: what its carrier says (R-shape-3) */
};

enum agent_role { AGENT_PLAIN, AGENT_ADMIN };
const char *agent_role_name(uint8_t value);

struct rec_agent {                  /* key: (account, agent) */
    struct slice id;
    struct slice name;              /* screen name */
    struct addr mobile;
    struct addr relay_number;       /* ADDR_NONE: has none */
    uint8_t relay;                  /* relay is switched on in the profile (R-txt-1) */
    uint8_t removed;
    uint64_t notice_ms;             /* start of the minute in which notices are counted */
    uint32_t notices;               /* notices sent in it */
    struct slice email;
    struct slice time_zone;         /* IANA name, or empty */
    uint8_t role;                   /* enum agent_role */
    uint8_t primary_admin;          /* R-match-4 */
    struct addr user_number;        /* ADDR_NONE: has none */
    uint8_t by_command;             /* not of the directory file */
    uint8_t relay_hand;             /* relay was switched by hand, when the file said */
    uint8_t relay_file;             /* this: what it says anew counts */
    uint64_t unusable;              /* hash of what the agent's phone wrote last that was no use, */
    uint64_t unusable_ms;           /* when that was, */
    uint32_t unusable_times;        /* and how many times in a row (G33) */
};

struct rec_group {                  /* key: (account, group) */
    struct slice id;
    struct slice name;
    uint8_t removed;
    uint8_t by_command;             /* not of the directory file */
};

enum conv_status { CONV_OPEN = 1, CONV_CLOSED };
const char *conv_status_name(uint8_t status);

/* Who gets a conversation's next message: as its number has it, or as it was decided for it. */
enum answerer { ANSWERER_NUMBER, ANSWERER_BOT, ANSWERER_AGENTS };
const char *answerer_name(uint8_t value);

struct rec_conv {                   /* key: (account, conversation ID) */
    struct addr number;             /* ours */
    struct addr contact;
    uint8_t status;
    uint8_t owner_kind;
    uint32_t owner;
    uint64_t opened_ms;
    uint64_t closed_ms;
    uint64_t last_in_ms;            /* the contact's last message */
    uint64_t last_out_ms;
    uint32_t entries;               /* history entries so far: the next one's number */
    uint32_t contact_id;            /* whose it is (R-match), 0: not assigned */
    uint8_t answerer;               /* enum answerer */
    uint8_t bot;                    /* its last message went to the number's bot */
    struct slice recent;            /* numbers in HISTORY of its last entries, 8 octets each, as
                                       far as no row of HISTORY_OF has them */
    uint8_t unanswered;             /* its last message is the contact's */
    uint8_t waiting;                /* and older than waiting_after (R-conv-7) */
    uint8_t follow_up;              /* flagged (R-conv-5) */
    uint64_t waits_ms;              /* when it is looked at for that; past: it was */
    uint32_t replied_by;            /* agent whose message was the last of ours, 0: nobody's */
    struct slice inboxes;           /* nobody owns it: who sees it, as rec_number has it */
    uint32_t forwarded;             /* the first agent to whom it was forwarded; others have rows in
                                       FORWARDED */
};

enum entry_kind {
    ENTRY_IN = 1, ENTRY_OUT, ENTRY_OPENED, ENTRY_CLOSED, ENTRY_OPTED_OUT, ENTRY_OPTED_IN,
    ENTRY_REFUSED, ENTRY_UNASSIGNED, ENTRY_CONTACT, ENTRY_TRANSFERRED,
    ENTRY_OPT_IN_WISH, ENTRY_NEARLY_STOP, ENTRY_AUTO, ENTRY_MEMO,
    ENTRY_CLAIMED, ENTRY_NOTE, ENTRY_FOLLOW_UP, ENTRY_FOLLOW_UP_OFF, ENTRY_WAITING,
    ENTRY_ELSEWHERE,
};
const char *entry_kind_name(uint8_t kind);

/* R-rel-1: where a message stands. SCHEDULED, QUEUED, INTENT are on the way; SENT waits for a
 * receipt or is done; the rest ends. */
enum msg_state {
    MSG_QUEUED = 1, MSG_INTENT, MSG_SENT, MSG_DELIVERED, MSG_UNDELIVERABLE, MSG_REFUSED,
    MSG_EXPIRED, MSG_SUPPRESSED, MSG_CANCELLED, MSG_HELD, MSG_SCHEDULED,
};
const char *msg_state_name(uint8_t state);

struct rec_entry {                  /* key: (account, number); R-conv-9 */
    uint8_t kind;
    uint8_t state;                  /* enum msg_state of an ENTRY_OUT; 0 otherwise */
    uint8_t by_kind;                /* enum owner_kind: AGENT wrote or did it */
    uint32_t by;
    uint64_t at_ms;
    uint64_t message;               /* the message that carries it, 0 if none */
    struct slice text;              /* UTF-8, at most 65535 octets: the writer cuts the rest */
    uint8_t alphabet;               /* of octets, when the message was not text (TEXT_BINARY) */
    uint64_t conv;
    uint32_t n;                     /* of the conversation's entries, from 1 */
};

enum optout_by { OPTOUT_BY_PHONE, OPTOUT_BY_PERSON, OPTOUT_BY_RULE, OPTOUT_BY_IMPORT };
const char *optout_by_name(uint8_t by);

struct rec_optout {                 /* key: (account, contact) */
    uint8_t out;                    /* 1 opted out, 0 opted back in */
    uint64_t at_ms;
    struct addr by_number;          /* the number it was sent to */
    struct slice text;              /* as written */
    uint8_t by_kind;                /* enum optout_by */
    struct slice by;                /* who it was, or the rule's id */
    struct slice why;
    uint64_t wish_ms;               /* opted out, and wants in again since (R-stop-2 manual) */
    uint32_t changes;               /* rows in TABLE_AUDIT: this record as each change left it */
};

/* Rows of TABLE_AUTO are what somebody changed by hand: the rules are in the directory file. */
struct rec_auto {                   /* key: (account, rule's id) */
    uint8_t on;
    uint8_t file_on;                /* what the file said then: what it says anew counts */
    uint64_t at_ms;
    struct slice by;
};

enum msg_op { OP_SUBMIT = 1, OP_DELIVER, OP_RECEIPT };
const char *msg_op_name(uint8_t op);

enum msg_flag {
    MSGF_POSSIBLE_DUPLICATE = 1,    /* was on the wire once with an unknown outcome (R-rel-2) */
    MSGF_CONFIRMATION = 2,          /* the one text that may follow a STOP (R-stop-6) */
    MSGF_TO_AGENT = 4,              /* a forward or a notice: the destination is an agent's phone */
    MSGF_VALIDITY = 8,              /* its sender gave a validity period: passed on */
    MSGF_OPTED_OUT = 32,            /* STOP came between two of its parts: the rest stays here */
    MSGF_SHORT_ID = 64,             /* its app was given the short form of its number (B7) */
    MSGF_PIECE = 128,               /* one of the messages of a text (R-text-1 split): the group has
                                       one receipt */
};

struct rec_msg {                    /* key: message */
    uint8_t state;
    uint8_t op;
    uint8_t class;
    uint8_t flags;                  /* enum msg_flag */
    uint32_t account;
    uint32_t link;                  /* where it goes */
    uint32_t origin;                /* app link that submitted it, 0 for the relay's own */
    struct addr source;
    struct addr dest;
    uint8_t esm_class;              /* without the type bits; UDHI: payload has a header */
    uint8_t protocol_id;
    uint8_t priority;
    uint8_t data_coding;
    uint8_t alphabet;               /* enum text_alphabet of the payload */
    uint8_t registered;             /* what the app asked for (registered_delivery) */
    uint8_t wants_receipt;          /* what we ask the carrier for */
    uint8_t parts;                  /* PDUs it goes out in, at least 1 */
    uint8_t parts_sent;             /* answered ROK */
    uint8_t parts_delivered;
    uint8_t early_parts;            /* receipts that came before their response and wait */
    uint8_t early_state;            /* enum receipt_state: what these say; at the end, what the app
                                       was told */
    uint8_t attempts;
    uint16_t reference;             /* concatenation reference, when parts > 1 */
    uint32_t status;                /* last command_status from the peer */
    uint64_t accepted_ms;
    uint64_t expires_ms;
    uint64_t retry_ms;              /* 0, or not before */
    uint64_t done_ms;
    uint64_t conv;                  /* conversation ID, 0 if none */
    uint32_t entry;                 /* history entry that shows its state */
    struct slice parts_done;        /* one bit per part that was answered, only when parts > 1 */
    struct slice service_type;
    struct slice payload;           /* whole text in its alphabet, or octets with own header */
    struct slice tlvs;              /* passed on */
    struct slice carrier_id;        /* message_ids at the carrier, one per part: {u8 n, octets} */
    uint64_t place;                 /* where it stands in its flow, when not at its own number: it
                                       was scheduled, or came over from another carrier */
    uint64_t due_ms;                /* SCHEDULED: not before */
    uint64_t group;                 /* the message whose number its app was given, 0: its own. The
                                       members have numbers in a row from there */
    uint16_t group_total;           /* of the first of a group: members, itself counted */
    uint16_t group_final;           /* of the first piece of a text: how many have ended */
    uint8_t group_state;            /* enum receipt_state: the worst end of a piece so far */
    uint8_t part_total;             /* it is one part that its sender made: with reference and */
    uint8_t part_index;             /* index from 1; its payload has no header for it */
    uint32_t network_error;         /* from its receipt: type << 16 | code (R3), 0: none */
    uint8_t form;                   /* enum conf_long_form that its parts were made for; of one part
                                       that its sender made: what the sender made */
    uint32_t tries_cause;           /* status that its last tries failed with; 0: no answer */
    uint16_t tries;                 /* how many in a row */
    uint64_t piece_of;              /* the first piece of its text, 0: it is that itself */
    uint16_t pieces;                /* of that: so many there are */
    uint64_t waits;                 /* a receipt: its row in TABLE_RECEIPT_WAIT, 0: none */
    uint8_t away;                   /* it goes by another carrier than the first of its route */
    uint8_t coding;                 /* data_coding as its app wrote it: replace_sm does not say */
    uint64_t history;               /* number of that entry in HISTORY, 0: none */
    uint32_t broadcast;             /* the broadcast that it is of, 0: none */
    uint64_t after;                 /* does not leave before this message (R-proxy-6) */
};

struct rec_part {                   /* key: (part set, index) */
    uint8_t data_coding;
    struct slice text;
};

struct rec_part_set {               /* key: (link, source, dest, reference, total) */
    uint64_t id;
    uint64_t first_ms;
    uint8_t total;
    uint8_t have;
};

struct rec_orphan {                 /* key: (link, carrier's message ID) */
    uint64_t at_ms;
    uint8_t state;                  /* enum receipt_state */
    struct slice error;
    uint64_t done_ms;               /* what it says of the time, 0: nothing */
    uint32_t network_error;         /* as rec_msg has it */
};

struct rec_inbound {                /* key: (link, n) */
    uint64_t at_ms;
    struct slice digest;            /* 16 octets over what makes two deliver_sm the same */
};

struct rec_contact {                /* key: (account, contact) */
    struct slice id;                /* its name in the directory, or the one it got */
    struct slice first;
    struct slice last;
    struct slice company;
    uint8_t removed;
    uint8_t by_command;             /* not of the directory file */
    uint64_t created_ms;
};

struct rec_contact_phone {          /* key: (account, contact, phone) */
    uint8_t selected;               /* for sending (R-multi) */
    uint64_t conv;                  /* the last conversation with this contact there, 0: none */
};

enum campaign_state { CAMPAIGN_SCHEDULED = 1, CAMPAIGN_ACTIVE, CAMPAIGN_ENDED };
const char *campaign_state_name(uint8_t state);

struct rec_campaign {               /* key: (account, campaign) */
    struct slice id;                /* its name in the directory, or the one it got */
    struct slice name;
    struct addr number;
    uint8_t state;
    uint8_t by_command;             /* not of the directory file */
    uint64_t starts_ms;
    uint64_t ends_ms;               /* 0: when somebody ends it */
    uint64_t archive_ms;            /* it has ended then in any case; 0: none */
    uint64_t ended_ms;
    uint8_t response;               /* enum response_type */
    uint32_t app;                   /* BOT: link; 0: the number's */
    struct slice inboxes;           /* AGENT; empty: the number's */
    uint32_t office;                /* group that runs it, 0: the number's */
};

struct rec_unassigned {             /* key: (account, phone); R-match-2 */
    uint64_t at_ms;                 /* its first message that is nobody's */
    uint64_t conv;                  /* the conversation, 0 if none */
    uint32_t candidates;            /* contacts that have the phone */
    uint32_t notified;              /* agent who was told, 0: nobody */
};

extern const struct record_def rec_contact_def, rec_contact_phone_def, rec_campaign_def,
    rec_unassigned_def;

enum lease_cause { LEASE_LIVE, LEASE_RECYCLED, LEASE_BY_HAND, LEASE_NO_NUMBER, LEASE_NO_AGENT };
const char *lease_cause_name(uint8_t cause);

struct rec_lease {                  /* key: (account, lease); R-proxy-1 */
    uint32_t agent;
    struct addr contact;            /* the contact's own number */
    struct addr number;             /* of the pool, that stands for it on the agent's phone */
    uint32_t scope;                 /* whose the number is meanwhile: 0 the account's, or this
                                       agent's (R-proxy-11) */
    uint8_t cause;                  /* enum lease_cause of its end */
    uint64_t started_ms;
    uint64_t last_ms;               /* last message in either direction; at first its start */
    uint64_t ended_ms;
    uint64_t after;                 /* the message that tells the agent from whom the number was
                                       taken, until it is known to have left; 0: none */
};

enum erasure_kind { ERASURE_REQUEST = 1, ERASURE_RETENTION };
const char *erasure_kind_name(uint8_t kind);

/* What was deleted for good, without saying what it was. */
struct rec_erasure {                /* key: (account, n) */
    uint8_t kind;                   /* enum erasure_kind */
    uint64_t asked_ms;              /* what came since then is not concerned */
    uint64_t done_ms;               /* 0: it goes on */
    uint64_t before_ms;             /* RETENTION: what was older went */
    struct slice by;                /* REQUEST: who wanted it, */
    struct slice why;               /* and why */
    uint32_t pending;               /* phones whose data still goes */
    uint32_t contacts;
    uint32_t conversations;
    uint64_t entries;               /* of the history */
    uint64_t messages;
    uint32_t leases;
};
extern const struct record_def rec_erasure_def;
/* Distribution lists (R-list). */
struct rec_list {                   /* key: (account, list) */
    struct slice id;                /* its name in the directory, or the one it got */
    struct slice name;
    uint8_t removed;
    uint8_t by_command;             /* not of the directory file */
    uint64_t created_ms;
    uint32_t members;
    uint64_t upload;                /* the last one that began: what is STAGED is its */
};

/* Who left stays out, whatever a file says. STAGED: of an upload that is not through. */
enum list_state { LIST_IN = 1, LIST_LEFT, LIST_STAGED };
const char *list_state_name(uint8_t state);
enum list_by { LIST_BY_FILE = 1, LIST_BY_UPLOAD, LIST_BY_PERSON, LIST_BY_KEYWORD };
const char *list_by_name(uint8_t by);

struct rec_list_member {            /* key: (account, list, phone) */
    uint8_t state;                  /* enum list_state */
    uint8_t by;                     /* enum list_by: what brought it there */
    uint64_t at_ms;
};

enum broadcast_state {
    BROADCAST_SCHEDULED = 1, BROADCAST_RUNNING, BROADCAST_PAUSED, BROADCAST_CANCELLED,
    BROADCAST_DONE,
};
const char *broadcast_state_name(uint8_t state);

struct rec_broadcast {              /* key: (account, broadcast) */
    uint32_t list;
    struct addr number;             /* ours, that it comes from */
    struct slice text;              /* with its {{fields}} */
    uint8_t state;
    uint8_t inbox;                  /* each text opens a conversation */
    uint8_t assign_kind;            /* enum owner_kind: who gets the replies */
    uint32_t assign_id;
    uint32_t by;                    /* agent who made it, 0: nobody in particular */
    uint64_t created_ms;
    uint64_t starts_ms;
    uint64_t started_ms;
    uint64_t ended_ms;
    struct addr cursor;             /* the last phone of the list that was looked at */
    uint8_t exhausted;              /* there are no more */
    uint32_t total;                 /* members of the list, when it started */
    uint32_t taken;                 /* of them have had their turn */
    uint32_t queued;                /* their messages have not ended */
    uint32_t sent;                  /* a carrier took them, whatever became of them then */
    uint32_t delivered;
    uint32_t failed;
    uint32_t skipped;               /* opted out */
    uint32_t cancelled;             /* with the broadcast */
    uint32_t held;                  /* a person decides about them */
    struct slice reason;            /* why the gateway cancelled it */
};

extern const struct record_def rec_list_def, rec_list_member_def, rec_broadcast_def;

extern const struct record_def rec_meta_def, rec_link_def, rec_account_def, rec_number_def,
    rec_agent_def, rec_group_def, rec_conv_def, rec_entry_def, rec_optout_def, rec_msg_def,
    rec_part_def, rec_part_set_def, rec_orphan_def, rec_inbound_def, rec_lease_def,
    rec_auto_def;
/* All of them, for tools and documentation; ends with NULL. */
extern const struct record_def *const records_all[];
/* The record that the rows of a table are; NULL where a row is only a key, or a few numbers. */
const struct record_def *record_of_table(enum store_table table);

/* The octets that a record is on disk. They stay until the next call or record_put(). */
struct slice record_octets(struct store_txn *txn, const struct record_def *def, const void *record);
/* Encodes and puts; asserts that the record fits (records.c has the
 * limits: 255 octets for names, 65535 for texts, 255 times 65 for carriers' IDs). */
void record_put(struct store_txn *txn, enum store_table table, struct slice key,
                const struct record_def *def, const void *record);
/* False if there is no such row. A damaged row is copied to TABLE_DAMAGED, reported once on stderr
 * and treated as absent; the caller overwrites or deletes it. Whenever the result is false, the
 * record is all zero. */
bool record_get(struct store_txn *txn, enum store_table table, struct slice key,
                const struct record_def *def, void *record);

#endif

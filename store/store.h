/*
 * store.h: the store of the gateway: one LMDB environment, named tables, one write transaction per
 * turn.
 *
 * Invariants
 *  - Every mutation of every table goes through store_put(), store_del() and store_clear(). Nothing
 *    writes around them: they are also what a changeset consists of, and a changeset is how another
 *    machine will be fed.
 *  - A committed turn is on disk (default LMDB durability: data, then meta page). A commit that
 *    fails means "unknown": the caller must end the process without answering anybody (faults.md,
 *    decision 3).
 *  - Values returned by store_get() and store_seek() are copies in the transaction's arena: they
 *    stay valid until store_commit() or store_abort(), whatever is put meanwhile.
 *  - What the environment does wrong in the middle of a turn (a full map, a full disk, memory) ends
 *    the process with one line on stderr and exit status 75: nothing of the turn has left, a
 *    restart recovers. Headroom is checked before. What shows that the store is damaged ends it
 *    with 78, so that no supervisor restarts it for ever.
 *  - A store belongs to one thread; only the store_reader_ functions and store_snapshot() may be
 *    called from others.
 *
 * Files in the data directory: db/data.mdb and db/lock.mdb (LMDB's), LOCK (ours, with the pid),
 * IDENTITY (uuid, schema). A new store is built in db.new/ and IDENTITY.new and renamed, so that a
 * power cut leaves a whole store or none. The process must ignore SIGXFSZ, so that a file size
 * limit is an error like a full disk.
 */
#ifndef TANDEM_STORE_H
#define TANDEM_STORE_H

#include "protocol/slice.h"

/* Table numbers are part of the changeset format: stable, never reused. */
enum store_table {
    TABLE_META = 0,
    TABLE_COUNTER = 1,
    TABLE_NAME = 2,          /* (kind, account, name) -> id */
    TABLE_LINK = 3,
    TABLE_ACCOUNT = 4,
    TABLE_NUMBER = 5,
    TABLE_AGENT = 6,
    TABLE_GROUP = 7,
    TABLE_MEMBER = 8,        /* (account, group, agent) */
    TABLE_CONV = 9,
    TABLE_CONV_OPEN = 10,    /* (account, number, contact) -> conversation ID */
    TABLE_THREAD = 11,       /* (account, contact, conversation ID) */
    TABLE_HISTORY = 12,      /* (account, n): entries of all conversations as they come */
    TABLE_FORWARDED = 13,    /* (account, conversation ID, agent): was forwarded to (R-txt-8), but
                                for the first, whom its record has */
    TABLE_OPTOUT = 14,
    TABLE_MESSAGE = 15,
    TABLE_QUEUE = 16,
    TABLE_INFLIGHT = 17,
    TABLE_RETRY = 18,
    TABLE_RECEIPT_ID = 19,   /* (link, carrier's message ID) -> message, final */
    TABLE_ORPHAN = 20,       /* receipts that came before their response */
    TABLE_PART = 21,         /* parts of concatenated messages that wait for the rest */
    TABLE_PART_SET = 22,
    TABLE_TIMER = 23,
    TABLE_INBOUND = 24,      /* accepted deliver_sm whose response may not have arrived (R-rel-3) */
    TABLE_DAMAGED = 25,
    TABLE_SCHEDULE = 26,     /* (due time, message): messages that are not due yet */
    TABLE_RECEIPT_WAIT = 27, /* (app link, n) -> message: receipts that wait for their app */
    TABLE_SCHEDULE_TO = 28,  /* (account, source, dest, message): the same by address */
    TABLE_ROAM = 29,         /* (link, class, account, number) -> order, place: a flow whose
                                messages may move to other carriers (gateway/relay/move.c) */
    TABLE_LEASE = 30,        /* (account, lease) */
    TABLE_LEASE_PAIR = 31,   /* (account, agent, contact) -> their last lease, live or ended */
    TABLE_LEASE_NUMBER = 32, /* (number, agent or 0) -> the live lease that it serves */
    TABLE_LEASE_IDLE = 33,   /* (account, agent or 0, last message, lease): live, idlest first */
    TABLE_LEASE_FORMER = 34, /* (number, agent) -> the last lease that ended there (R-proxy-7) */
    TABLE_POOL_FREE = 35,    /* (account, agent or 0, since, number): free again, longest first */
    TABLE_POOL_REST = 36,    /* (account, agent or 0, until, number): ended by hand (R-proxy-15) */
    TABLE_CAMPAIGN = 37,     /* (account, campaign) */
    TABLE_CAMPAIGN_OF = 38,  /* (number, start, campaign): those that run or are to run */
    TABLE_UNASSIGNED = 39,   /* (account, phone): writes to us and is nobody's contact */
    TABLE_AUTO = 40,         /* (account, rule): what somebody switched on or off */
    TABLE_AUTO_SENT = 41,    /* (account, kind, ...): what R-auto-3 must remember, see auto.c */
    TABLE_ZONE = 42,
    TABLE_VIEW = 43,         /* (account, view, ...): which conversations a view shows, see
                                view.c */
    TABLE_AUDIT = 44,        /* (account, contact, n): each change of an opt-out (R-stop-7) */
    TABLE_CONTACT_PHONE = 45,  /* (account, contact, phone) */
    TABLE_CONTACT_PHONES = 46, /* (account, phone) -> the contacts that have it, 4 octets each */
    TABLE_CONTACT = 47,      /* (account, contact) */
    TABLE_POOL = 48,         /* (account, place) -> number: the contact numbers that may be taken */
    TABLE_POOL_CURSOR = 49,  /* (account, agent or 0) -> place, round: up to here they were taken
                                once; agent UINT32_MAX -> scope, round */
    TABLE_HISTORY_OF = 50,   /* (account, conversation ID, first) -> numbers of that entry and those
                                behind it in HISTORY, 8 octets each */
    TABLE_ERASURE = 51,      /* (account, n): what was deleted, by retention or on request */
    TABLE_SPENT = 52,        /* account -> end of its day, segments that it has sent in it */
    TABLE_LIST = 53,         /* (account, list) */
    TABLE_LIST_MEMBER = 54,  /* (account, list, phone): who is on it, and who left */
    TABLE_BROADCAST = 55,    /* (account, broadcast) */
    TABLE_BROADCAST_WORK = 56, /* (kind, account, broadcast, ...): what broadcast.c has to do yet */
    TABLE_BROADCAST_TO = 57, /* (account, phone, number) -> the last broadcast (R-list-5) */
    TABLE_AWAY = 58,         /* (class, account, number, phone) -> link, count: a conversation that
                                waits at another carrier than its home (gateway/relay/away.c) */
    TABLE_APPLIED = 59,      /* "directory" -> digest of the files that were applied last, whole */
    TABLE_HELD = 60,         /* message: in doubt, and waits for a person */
    TABLE_CHOICE = 61,       /* (account, agent): asked which number a text goes to (R-multi-2) */
    TABLE_STRETCH = 62,      /* (link, class, account, number, last place) -> first place, hashes
                                of phones (gateway/relay/stretch.c) */
    STORE_TABLES = 63
};
const char *store_table_name(enum store_table table);

#define STORE_KEY_BYTES_MAX 511u        /* LMDB's limit */
#define STORE_VALUE_BYTES_MAX (80u * 1024u) /* a 64 KiB payload and its fields; larger is a bug */
#define STORE_SCHEMA 1u

enum store_err {
    STORE_OK,
    STORE_BUSY,    /* another daemon holds the directory; exit 1 */
    STORE_FOREIGN,           /* no store, IDENTITY without data, wrong uuid; exit 78 */
    STORE_DAMAGED,           /* exit 78 */
    STORE_NEWER,             /* written by a newer version; exit 78 */
    STORE_DENIED,            /* owner, mode, read-only; exit 77 */
    STORE_UNSAFE,            /* the file system is not a local one that honours fsync; exit 78 */
    STORE_IO,                /* anything else; exit 75 */
};
const char *store_err_name(enum store_err err);
int store_err_exit_status(enum store_err err);

struct store_options {
    const char *dir;
    uint64_t map_bytes;      /* address space for the map: the store's largest size (0: 16 GiB) */
    uint32_t refuse_percent; /* fill at which new work is refused (0: 80) */
    uint64_t reserve_bytes;  /* disk space that must stay free for state changes (0: 64 MiB) */
    bool unsafe_fs;          /* allow tmpfs, NFS and the like: for tests */
    bool read_only;          /* for tools: no lock of ours, no creation */
    bool no_readahead;       /* for a store larger than memory */
    bool no_probe;           /* no look at the pages in a child process first: for the simulator */
    const uint8_t *uuid;     /* 16 octets for a store that is created; NULL: drawn. For replicas */
};

struct store;
struct store_txn;

/* Opens or creates. On failure *out is NULL and why holds one line. */
enum store_err store_open(const struct store_options *options, struct store **out, char *why,
                          size_t why_bytes);
void store_close(struct store *store);

struct store_meta {
    uint8_t uuid[16];
    uint32_t shard;
    uint64_t epoch;
    uint64_t sequence;       /* turns applied */
    uint64_t turn_ms;        /* `now` of the last turn: time never goes back behind it */
    uint8_t changeset_hash[16];
    uint32_t schema;
};
void store_meta_get(struct store *store, struct store_meta *out);

/* Room for new work? Holds reserve_bytes of blocks behind the end of the file. TIGHT: refuse new
 * messages with "try later", go on with what is stored. Costs a statvfs at most once a second of
 * the caller's now_ms. */
enum store_room { STORE_ROOM, STORE_TIGHT };
enum store_room store_headroom(struct store *store, uint64_t now_ms);
/* How much of the room for new work is in use, in percent, as of the last store_headroom(): 100
 * when it is TIGHT. */
uint32_t store_fill(const struct store *store);

/* The one write transaction. One at a time, on one thread. */
struct store_txn *store_begin(struct store *store);

bool store_get(struct store_txn *txn, enum store_table table, struct slice key,
               struct slice *value);
/* The first row with key >= from whose key begins with prefix; false if there is none. Here and
 * below key and value may be NULL: not wanted, not copied. */
bool store_seek(struct store_txn *txn, enum store_table table, struct slice from,
                struct slice prefix, struct slice *key, struct slice *value);
/* The last row whose key begins with prefix. */
bool store_last(struct store_txn *txn, enum store_table table, struct slice prefix,
                struct slice *key, struct slice *value);
void store_put(struct store_txn *txn, enum store_table table, struct slice key, struct slice value);
/* True if it was there. */
bool store_del(struct store_txn *txn, enum store_table table, struct slice key);
void store_clear(struct store_txn *txn, enum store_table table);

/* The next value of a named counter, from 1 (design rule 5). Names have at most 32 characters. The
 * row, which the store writes once at the commit, is the value and a check sum. */
uint64_t store_counter_next(struct store_txn *txn, const char *name, uint32_t scope);

/* Ends the process (exit 78) because a row was written by a newer version; for record_get(). */
_Noreturn void store_newer(enum store_table table);

/* Writes one line and ends the process (exit 75): there is no memory, and a restart recovers. Also
 * for the core, which may not print. */
_Noreturn void store_no_memory(void);

/* Scratch memory that lives until the end of the transaction. Never fails. */
void *store_scratch(struct store_txn *txn, size_t bytes);

/* STORE_VALUE_BYTES_MAX octets to make a value in, the same ones at every call. */
uint8_t *store_value_room(struct store_txn *txn);

/* Octets of changeset so far (counters at their longest): a turn ends at STORE_TURN_BYTES, no event
 * makes more than STORE_EVENT_BYTES. */
#define STORE_TURN_BYTES (256u * 1024u)
#define STORE_EVENT_BYTES (900u * 1024u)
size_t store_changeset_bytes(const struct store_txn *txn);

/* DURABLE: on disk. FENCED: another node has taken over (not before there is one). UNKNOWN: a write
 * or sync failed; the caller exits 75 at once. A turn without mutations is DURABLE without touching
 * the disk. */
enum store_outcome { STORE_DURABLE, STORE_FENCED, STORE_UNKNOWN };
const char *store_outcome_name(enum store_outcome outcome);
enum store_outcome store_commit(struct store_txn *txn, uint64_t now_ms);
void store_abort(struct store_txn *txn);

/*
 * Changesets: the ordered mutations of one turn. With a recorder set, every committed turn's octets
 * are handed to it (before the commit, so that the same octets could be made durable elsewhere
 * first). Format: sequence u64, now u64, then ops {table u8, kind u8 (1 put, 2 del, 3 clear), key
 * length u16, value length u32, key, value}; all big-endian. The hash in the meta row is XXH3-128
 * over these octets.
 */
typedef void store_recorder(void *context, struct slice changeset);
void store_record(struct store *store, store_recorder *recorder, void *context);
/* Applies one recorded changeset as a turn of its own; false if it does not parse or its sequence
 * is not the next. */
bool store_apply(struct store *store, struct slice changeset);

/* Read transactions for tools and readers: at most 100 ms each, then renew (faults.md row 39).
 * Values point into the map and die with the reader. */
struct store_reader;
struct store_reader *store_reader_open(struct store *store); /* NULL: too many readers already */
/* Sees what was committed since; earlier values are dead. */
void store_reader_renew(struct store_reader *reader);
void store_reader_close(struct store_reader *reader);
bool store_reader_get(struct store_reader *reader, enum store_table table, struct slice key,
                      struct slice *value);
/* The first row with key >= from. */
bool store_reader_seek(struct store_reader *reader, enum store_table table, struct slice from,
                       struct slice *key, struct slice *value);

/* Frees the slots of readers that died (row 40): at every start, and to be called every minute.
 * Returns how many. */
uint32_t store_check_readers(struct store *store);

/* A hot copy of the environment and IDENTITY into an empty or new directory. May run in a thread of
 * its own; pages that the writer frees meanwhile are not used again until it ends. */
enum store_err store_snapshot(struct store *store, const char *dir, char *why, size_t why_bytes);

/* Walks every row of a store in a child process, checks every record. why holds one line in any
 * case. A daemon may be using it: then the walk is a long reader. For a tool: the process must have
 * no store open. */
enum store_err store_verify(const char *dir, char *why, size_t why_bytes);

struct store_stats {
    uint64_t commits;
    uint64_t reads;          /* rows that were looked for in write transactions */
    uint64_t map_bytes_used;
    uint64_t map_bytes;
    uint64_t disk_bytes_free; /* as of the last store_headroom() */
};
void store_stats_get(struct store *store, struct store_stats *out);

#endif

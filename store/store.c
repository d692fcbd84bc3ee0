/*
 * store.c: names and ends of the process: what the other files of the store share.
 */
#include <stdio.h>
#include <unistd.h>

#include "store/store_impl.h"

#define EXIT_BUSY 1
#define EXIT_TEMPFAIL 75 /* sysexits.h: what a restart may mend */
#define EXIT_NOPERM 77
#define EXIT_CONFIG 78 /* what no restart mends */

const char *
store_table_name(enum store_table table)
{
    /* Also the names of the tables in LMDB: they are as stable as the numbers. */
    static const char *const names[STORE_TABLES] = {
        [TABLE_META] = "meta",           [TABLE_COUNTER] = "counter",
        [TABLE_NAME] = "name",           [TABLE_LINK] = "link",
        [TABLE_ACCOUNT] = "account",     [TABLE_NUMBER] = "number",
        [TABLE_AGENT] = "agent",         [TABLE_GROUP] = "group",
        [TABLE_MEMBER] = "member",       [TABLE_CONV] = "conv",
        [TABLE_CONV_OPEN] = "conv_open", [TABLE_THREAD] = "thread",
        [TABLE_HISTORY] = "history",     [TABLE_FORWARDED] = "forwarded",
        [TABLE_OPTOUT] = "optout",       [TABLE_MESSAGE] = "message",
        [TABLE_QUEUE] = "queue",         [TABLE_INFLIGHT] = "inflight",
        [TABLE_RETRY] = "retry",         [TABLE_RECEIPT_ID] = "receipt_id",
        [TABLE_ORPHAN] = "orphan",       [TABLE_PART] = "part",
        [TABLE_PART_SET] = "part_set",   [TABLE_TIMER] = "timer",
        [TABLE_INBOUND] = "inbound",     [TABLE_DAMAGED] = "damaged",
        [TABLE_SCHEDULE] = "schedule",
        [TABLE_RECEIPT_WAIT] = "receipt_wait",
        [TABLE_SCHEDULE_TO] = "schedule_to",
        [TABLE_ROAM] = "roam",
        [TABLE_LEASE] = "lease",
        [TABLE_LEASE_PAIR] = "lease_pair",
        [TABLE_LEASE_NUMBER] = "lease_number",
        [TABLE_LEASE_IDLE] = "lease_idle",
        [TABLE_LEASE_FORMER] = "lease_former",
        [TABLE_POOL_FREE] = "pool_free",
        [TABLE_POOL_REST] = "pool_rest",
        [TABLE_CAMPAIGN] = "campaign",
        [TABLE_CAMPAIGN_OF] = "campaign_of",
        [TABLE_UNASSIGNED] = "unassigned",
        [TABLE_AUTO] = "auto",
        [TABLE_AUTO_SENT] = "auto_sent",
        [TABLE_ZONE] = "zone",
        [TABLE_VIEW] = "view",           [TABLE_CHOICE] = "choice",
        [TABLE_AUDIT] = "audit",
        [TABLE_CONTACT_PHONE] = "contact_phone",
        [TABLE_CONTACT_PHONES] = "contact_phones",
        [TABLE_CONTACT] = "contact",
        [TABLE_POOL] = "pool",
        [TABLE_POOL_CURSOR] = "pool_cursor",
        [TABLE_HISTORY_OF] = "history_of",
        [TABLE_ERASURE] = "erasure",
        [TABLE_SPENT] = "spent",
        [TABLE_LIST] = "list",
        [TABLE_LIST_MEMBER] = "list_member",
        [TABLE_BROADCAST] = "broadcast",
        [TABLE_BROADCAST_WORK] = "broadcast_work",
        [TABLE_BROADCAST_TO] = "broadcast_to",
        [TABLE_AWAY] = "away",
        [TABLE_APPLIED] = "applied",
        [TABLE_HELD] = "held",
        [TABLE_STRETCH] = "stretch",
    };

    return table < STORE_TABLES ? names[table] : "?";
}

struct err_row {
    const char *name;
    int exit_status;
};

static const struct err_row err_rows[] = {
    [STORE_OK] = {"ok", 0},
    [STORE_BUSY] = {"busy", EXIT_BUSY},
    [STORE_FOREIGN] = {"foreign", EXIT_CONFIG},
    [STORE_DAMAGED] = {"damaged", EXIT_CONFIG},
    [STORE_NEWER] = {"newer", EXIT_CONFIG},
    [STORE_DENIED] = {"denied", EXIT_NOPERM},
    [STORE_UNSAFE] = {"unsafe", EXIT_CONFIG},
    [STORE_IO] = {"io", EXIT_TEMPFAIL},
};

const char *
store_err_name(enum store_err err)
{
    return (size_t)err < sizeof(err_rows) / sizeof(err_rows[0]) ? err_rows[err].name : "?";
}

int
store_err_exit_status(enum store_err err)
{
    return (size_t)err < sizeof(err_rows) / sizeof(err_rows[0]) ? err_rows[err].exit_status
                                                                : EXIT_TEMPFAIL;
}

const char *
store_outcome_name(enum store_outcome outcome)
{
    switch (outcome) {
    case STORE_DURABLE:
        return "durable";
    case STORE_FENCED:
        return "fenced";
    case STORE_UNKNOWN:
        return "unknown";
    }
    return "?";
}

bool
store_rc_is_damage(int rc)
{
    return rc == MDB_CORRUPTED || rc == MDB_PAGE_NOTFOUND || rc == MDB_INVALID ||
           rc == MDB_VERSION_MISMATCH || rc == MDB_INCOMPATIBLE;
}

void
store_fatal(const char *what, enum store_table table, int rc)
{
    bool damage = store_rc_is_damage(rc);

    fprintf(stderr, "tandem: store: %s in table %s failed: %s\n", what, store_table_name(table),
            mdb_strerror(rc));
    _exit(damage ? EXIT_CONFIG : EXIT_TEMPFAIL);
}

void
store_no_memory(void)
{
    fputs("tandem: out of memory\n", stderr);
    _exit(EXIT_TEMPFAIL);
}

void
store_newer(enum store_table table)
{
    fprintf(stderr, "tandem: store: a row of table %s was written by a newer version\n",
            store_table_name(table));
    _exit(EXIT_CONFIG);
}

void
store_meta_get(struct store *store, struct store_meta *out)
{
    *out = store->meta;
}

uint32_t
store_check_readers(struct store *store)
{
    int dead = 0;

    if (mdb_reader_check(store->env, &dead) != 0)
        return 0;
    return (uint32_t)dead;
}

/*
 * store_meta.c: the META row, an ordinary record that the store writes itself at every commit.
 */
#include <assert.h>

#include "store/records.h"
#include "store/store_impl.h"

#define META_BYTES_MAX 256u

static struct slice
meta_key(void)
{
    return SLICE_LIT("meta");
}

int
meta_write(MDB_txn *txn, MDB_dbi dbi, const struct store_meta *meta)
{
    uint8_t buf[META_BYTES_MAX];
    struct rec_meta record = {
        .uuid = slice_of(meta->uuid, sizeof(meta->uuid)),
        .shard = meta->shard,
        .epoch = meta->epoch,
        .sequence = meta->sequence,
        .turn_ms = meta->turn_ms,
        .changeset_hash = slice_of(meta->changeset_hash, sizeof(meta->changeset_hash)),
        .schema = meta->schema,
    };
    size_t n = record_encode(&rec_meta_def, &record, buf, sizeof(buf));
    MDB_val key = val_of(meta_key()), value = val_of(slice_of(buf, n));

    assert(n > 0);
    return mdb_put(txn, dbi, &key, &value, 0);
}

enum store_err
meta_read(MDB_txn *txn, MDB_dbi dbi, struct store_meta *meta)
{
    MDB_val key = val_of(meta_key()), value;
    struct rec_meta record;
    enum record_err err;

    if (mdb_get(txn, dbi, &key, &value) != 0)
        return STORE_DAMAGED;
    err = record_decode(&rec_meta_def, slice_of_val(value), &record);
    if (err == RECORD_NEWER || (err == RECORD_OK && record.schema > STORE_SCHEMA))
        return STORE_NEWER;
    if (err != RECORD_OK || record.uuid.n != 16 || record.changeset_hash.n != 16 ||
        record.schema == 0)
        return STORE_DAMAGED;
    memcpy(meta->uuid, record.uuid.p, 16);
    meta->shard = record.shard;
    meta->epoch = record.epoch;
    meta->sequence = record.sequence;
    meta->turn_ms = record.turn_ms;
    memcpy(meta->changeset_hash, record.changeset_hash.p, 16);
    meta->schema = record.schema;
    return STORE_OK;
}

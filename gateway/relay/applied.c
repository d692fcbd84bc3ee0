/*
 * applied.c: which directory the records were last made of, so that a start or a reload with the
 * same files does not compare each record of them with its row. Apart from directory.c because
 * that knows of records only, and this of files.
 */
#include "gateway/relay/applied.h"

#include "gateway/relay/core.h"

/* To be raised when directory.c makes other records of what a file says, so that a new program
 * applies an old file again. */
#define DIRECTORY_FORMAT 1u
static const struct record_def *const defs[] = {
    &rec_account_def, &rec_group_def,    &rec_agent_def, &rec_number_def,
    &rec_contact_def, &rec_campaign_def, &rec_list_def,  &rec_list_member_def};
#define DEFS (sizeof(defs) / sizeof(defs[0]))
#define DIGEST_BYTES (1 + DEFS + CONF_DIGEST_BYTES)
#define APPLIED_KEY SLICE_LIT("directory")

/* Of the files, and of what is made of them. */
static void
digest_of(const struct conf *conf, uint8_t out[DIGEST_BYTES])
{
    out[0] = DIRECTORY_FORMAT;
    for (size_t i = 0; i < DEFS; i++)
        out[1 + i] = defs[i]->version;
    memcpy(out + 1 + DEFS, conf->digest, CONF_DIGEST_BYTES);
}

bool
applied_is(struct step *s, const struct conf *conf)
{
    uint8_t digest[DIGEST_BYTES];
    struct slice value;

    digest_of(conf, digest);
    return store_get(s->txn, TABLE_APPLIED, APPLIED_KEY, &value) &&
           slice_eq(value, slice_of(digest, sizeof(digest)));
}

void
applied_note(struct step *s, const struct conf *conf)
{
    uint8_t digest[DIGEST_BYTES];

    digest_of(conf, digest);
    store_put(s->txn, TABLE_APPLIED, APPLIED_KEY, slice_of(digest, sizeof(digest)));
}

void
applied_clear(struct step *s)
{
    (void)store_del(s->txn, TABLE_APPLIED, APPLIED_KEY);
}

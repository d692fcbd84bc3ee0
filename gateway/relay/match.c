/*
 * match.c: whose message is it (R-match): the contact that has the sender's number, of several the
 * one that was spoken with last, or nobody: then the message is unassigned and an admin hears of
 * it. Relay, opt-out and owners do not depend on it (R-match-6).
 */
#include "gateway/relay/match.h"

#include "gateway/relay/agent.h"
#include "gateway/relay/contact.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/notice.h"
#include "gateway/relay/text.h"
#include "gateway/relay/txt.h"

/* Conversations of one phone that become a contact's together with it. */
#define ASSIGN_CONVS_MAX 200u

/* ---- a message comes in */

/* R-match-3. 0: none was ever spoken with. */
static uint32_t
spoken_with_last(struct step *s, uint32_t account, const uint32_t *contacts, uint32_t n)
{
    uint64_t last = 0;
    uint32_t contact = 0;

    for (uint32_t i = 0; i < n; i++) {
        uint64_t at = contact_spoke_ms(s, account, contacts[i]);

        if (at <= last)
            continue;
        last = at;
        contact = contacts[i];
    }
    return contact;
}

uint32_t
match_phone(struct step *s, uint32_t account, const struct addr *phone)
{
    uint32_t contacts[CONF_PHONE_CONTACTS_MAX];
    uint32_t n = contacts_of_phone(s, account, phone, contacts);

    return n == 1 ? contacts[0] : spoken_with_last(s, account, contacts, n);
}

/* R-match-2: who wrote becomes a contact, if the account wants that. */
static uint32_t
create_unknown(struct step *s, const struct inbound *in)
{
    const struct account *account = account_of(s->relay, in->owner.account);
    struct rec_contact rec = {0};
    struct rec_number ours;
    uint32_t contact;

    if (!account->dir || !account->dir->create_unknown || number_get(s, &in->phone, &ours))
        return 0;
    contact = contact_new(s, in->owner.account, &rec);
    (void)contact_phone_set(s, in->owner.account, contact, &in->phone, true);
    return contact;
}

void
match_sender(struct step *s, struct inbound *in)
{
    uint32_t contacts[CONF_PHONE_CONTACTS_MAX];

    in->contact = 0;
    in->candidates = 0;
    if (in->octets.n == 0 || in->phone.kind == ADDR_ALPHA)
        return; /* G19; and letters are nobody's number */
    in->candidates = contacts_of_phone(s, in->owner.account, &in->phone, contacts);
    if (in->candidates == 1)
        in->contact = contacts[0];
    else if (in->candidates == 0)
        in->contact = create_unknown(s, in);
    else
        in->contact = spoken_with_last(s, in->owner.account, contacts, in->candidates);
}

/* ---- nobody's */

static void
unassigned_key(struct key *key, uint32_t account, const struct addr *phone)
{
    key_init(key);
    key_u32(key, account);
    key_addr(key, phone);
}

/* R-match-2, R-match-4: the admin hears of it by relay text, or finds it in the list. */
static uint32_t
tell_admin(struct step *s, uint32_t account, const struct addr *phone)
{
    struct template_value from = {"from", addr_text(s, phone)};
    struct rec_agent agent;
    uint32_t admin = account_admin(s, account, &agent);

    if (admin == 0)
        return 0;
    (void)notice_to_agent(s, account, admin, &agent.relay_number,
                          compose_template(s, MESSAGE_UNASSIGNED, &from, 1));
    return admin;
}

uint32_t
unassigned_put(struct step *s, uint32_t account, const struct addr *phone, uint64_t conv)
{
    uint32_t contacts[CONF_PHONE_CONTACTS_MAX];
    struct rec_unassigned rec;
    struct key key;

    unassigned_key(&key, account, phone);
    if (record_get(s->txn, TABLE_UNASSIGNED, key_slice(&key), &rec_unassigned_def, &rec) &&
        rec.conv == conv)
        return rec.notified;
    if (rec.at_ms == 0)
        rec.at_ms = s->now_ms;
    rec.conv = conv;
    rec.candidates = contacts_of_phone(s, account, phone, contacts);
    rec.notified = tell_admin(s, account, phone);
    record_put(s->txn, TABLE_UNASSIGNED, key_slice(&key), &rec_unassigned_def, &rec);
    s->relay->count.unassigned++;
    return rec.notified;
}

/* The conversation is this contact's from now on. */
static void
conv_becomes(struct step *s, struct conv *conv, uint32_t contact)
{
    struct rec_entry entry = {.kind = ENTRY_CONTACT, .at_ms = s->now_ms};
    struct rec_contact rec;

    conv->rec.contact_id = contact;
    if (contact_get(s, conv->account, contact, &rec)) {
        entry.text = rec.id;
        conv_entry(s, conv, &entry);
    }
    contact_spoke(s, conv->account, contact, conv);
}

void
match_conv(struct step *s, const struct inbound *in, struct conv *conv, bool opened)
{
    struct key key;

    if (in->contact != 0 && in->contact != conv->rec.contact_id) {
        conv_becomes(s, conv, in->contact);
        unassigned_key(&key, conv->account, &in->phone);
        (void)store_del(s->txn, TABLE_UNASSIGNED, key_slice(&key));
    } else if (in->contact != 0 && in->candidates > 1) {
        contact_spoke(s, conv->account, in->contact, conv);
    } else if (in->contact == 0 && (opened || conv->rec.contact_id != 0)) {
        struct rec_entry entry = {
            .kind = ENTRY_UNASSIGNED, .by_kind = OWNER_AGENT, .at_ms = s->now_ms};

        conv->rec.contact_id = 0;
        entry.by = unassigned_put(s, conv->account, &in->phone, conv->id);
        if (entry.by != 0)
            conv_entry(s, conv, &entry); /* who was told */
    }
}

/* ---- later (R-match-5) */

/* Those of the phone that are nobody's, closed ones too: they are one thread. */
static void
assign_thread(struct step *s, uint32_t account, const struct addr *phone, uint32_t contact)
{
    struct key prefix, from;
    struct slice key;

    unassigned_key(&prefix, account, phone);
    from = prefix;
    for (uint32_t rows = 0; rows < ASSIGN_CONVS_MAX; rows++) {
        struct slice rest;
        struct conv conv;
        uint64_t id;

        if (!store_seek(s->txn, TABLE_THREAD, key_slice(&from), key_slice(&prefix), &key, NULL))
            return;
        rest = slice_of(key.p + prefix.n, key.n - prefix.n);
        if (!key_take_u64(&rest, &id))
            return;
        if (conv_get(s, account, id, &conv) && conv.rec.contact_id == 0) {
            conv_becomes(s, &conv, contact);
            conv_put(s, &conv);
        }
        from = prefix;
        key_u64(&from, id + 1);
    }
}

enum contact_err
unassigned_assign(struct step *s, uint32_t account, const struct addr *phone, uint32_t contact)
{
    struct contact_choices choices;
    enum contact_err err = CONTACT_OK;
    struct key key;

    /* A number more must not turn a contact with one into one that has to be asked about. */
    if (!contact_has_phone(s, account, contact, phone))
        err = contact_phone_set(s, account, contact, phone,
                                contact_send_target(s, account, contact, &choices) == TARGET_NONE);
    if (err != CONTACT_OK)
        return err;
    assign_thread(s, account, phone, contact);
    unassigned_key(&key, account, phone);
    (void)store_del(s->txn, TABLE_UNASSIGNED, key_slice(&key));
    return CONTACT_OK;
}

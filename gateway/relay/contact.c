/*
 * contact.c: records of people outside, each with several phones of which some are selected for
 * sending (R-multi). An index from a phone to the contacts that have it answers with one look whose
 * message it is.
 */
#include "gateway/relay/contact.h"

#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/message.h"

const char *
contact_target_name(enum contact_target target)
{
    static const char *const names[] = {
        [TARGET_ONE] = "one", [TARGET_CHOICES] = "choices", [TARGET_NONE] = "none"};

    return names[target];
}

const char *
contact_err_name(enum contact_err err)
{
    static const char *const names[] = {
        [CONTACT_OK] = "ok",
        [CONTACT_PHONES_FULL] = "the contact has as many numbers as it can have",
        [CONTACT_SHARED_TOO_OFTEN] = "too many contacts have that number"};

    return names[err];
}

/* ---- rows */

static void
contact_key(struct key *key, uint32_t account, uint32_t contact)
{
    key_init(key);
    key_u32(key, account);
    key_u32(key, contact);
}

static void
phone_key(struct key *key, uint32_t account, uint32_t contact, const struct addr *phone)
{
    contact_key(key, account, contact);
    key_addr(key, phone);
}

static void
index_key(struct key *key, uint32_t account, const struct addr *phone)
{
    key_init(key);
    key_u32(key, account);
    key_addr(key, phone);
}

bool
contact_get(struct step *s, uint32_t account, uint32_t contact, struct rec_contact *out)
{
    struct key key;

    contact_key(&key, account, contact);
    return record_get(s->txn, TABLE_CONTACT, key_slice(&key), &rec_contact_def, out) &&
           !out->removed;
}

void
contact_put(struct step *s, uint32_t account, uint32_t contact, const struct rec_contact *rec)
{
    struct key key;

    contact_key(&key, account, contact);
    record_put(s->txn, TABLE_CONTACT, key_slice(&key), &rec_contact_def, rec);
}

static void
name_key(struct key *key, uint32_t account, struct slice id)
{
    key_init(key);
    key_u8(key, NAME_CONTACT);
    key_u32(key, account);
    key_bytes(key, id);
}

uint32_t
contact_named(struct step *s, uint32_t account, struct slice id)
{
    struct key key;
    struct slice value;
    uint32_t contact;

    if (id.n > CONF_ID_BYTES_MAX)
        return 0;
    name_key(&key, account, id);
    return store_get(s->txn, TABLE_NAME, key_slice(&key), &value) && key_take_u32(&value, &contact)
               ? contact
               : 0;
}

/* A name that nobody has; one of the directory file may look like one of ours. */
static uint32_t
name_new(struct step *s, uint32_t account, struct rec_contact *rec)
{
    char digits[24];
    uint8_t *id = store_scratch(s->txn, sizeof(digits) + 1);
    uint32_t contact;

    do {
        struct slice number;

        contact = (uint32_t)store_counter_next(s->txn, "contact", account);
        number = message_id_text(contact, digits);
        id[0] = 'c';
        memcpy(id + 1, number.p, number.n);
        rec->id = slice_of(id, number.n + 1);
    } while (contact_named(s, account, rec->id) != 0);
    return contact;
}

uint32_t
contact_new(struct step *s, uint32_t account, struct rec_contact *rec)
{
    uint32_t contact = rec->id.n > 0 ? contact_named(s, account, rec->id) : 0;
    struct key key, value;

    if (contact == 0) {
        contact = rec->id.n > 0 ? (uint32_t)store_counter_next(s->txn, "contact", account)
                                : name_new(s, account, rec);
        name_key(&key, account, rec->id);
        key_init(&value);
        key_u32(&value, contact);
        store_put(s->txn, TABLE_NAME, key_slice(&key), key_slice(&value));
    }
    rec->by_command = 1;
    rec->created_ms = s->now_ms;
    contact_put(s, account, contact, rec);
    return contact;
}

/* ---- phones */

uint32_t
contacts_of_phone(struct step *s, uint32_t account, const struct addr *phone,
                  uint32_t out[CONF_PHONE_CONTACTS_MAX])
{
    struct key key;
    struct slice value;
    uint32_t n = 0;

    index_key(&key, account, phone);
    if (!store_get(s->txn, TABLE_CONTACT_PHONES, key_slice(&key), &value))
        return 0;
    while (n < CONF_PHONE_CONTACTS_MAX && key_take_u32(&value, &out[n]))
        n++;
    return n;
}

static void
index_put(struct step *s, uint32_t account, const struct addr *phone, const uint32_t *contacts,
          uint32_t n)
{
    uint8_t value[4 * CONF_PHONE_CONTACTS_MAX];
    struct key key;

    index_key(&key, account, phone);
    if (n == 0) {
        (void)store_del(s->txn, TABLE_CONTACT_PHONES, key_slice(&key));
        return;
    }
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t octet = 0; octet < 4; octet++)
            value[4 * i + octet] = (uint8_t)(contacts[i] >> (24 - 8 * octet));
    store_put(s->txn, TABLE_CONTACT_PHONES, key_slice(&key), slice_of(value, 4 * n));
}

uint32_t
contact_phones(struct step *s, uint32_t account, uint32_t contact,
               struct contact_phone out[CONF_CONTACT_PHONES_MAX])
{
    struct key prefix, from;
    struct slice key;
    uint32_t n = 0;

    contact_key(&prefix, account, contact);
    from = prefix;
    while (n < CONF_CONTACT_PHONES_MAX &&
           store_seek(s->txn, TABLE_CONTACT_PHONE, key_slice(&from), key_slice(&prefix), &key,
                      NULL)) {
        struct slice rest = slice_of(key.p + prefix.n, key.n - prefix.n);

        if (key_take_addr(&rest, &out[n].number) &&
            record_get(s->txn, TABLE_CONTACT_PHONE, key, &rec_contact_phone_def, &out[n].rec))
            n++;
        key_init(&from);
        key_bytes(&from, key);
        key_u8(&from, 0);
    }
    return n;
}

static bool
phone_get(struct step *s, uint32_t account, uint32_t contact, const struct addr *phone,
          struct rec_contact_phone *out)
{
    struct key key;

    phone_key(&key, account, contact, phone);
    return record_get(s->txn, TABLE_CONTACT_PHONE, key_slice(&key), &rec_contact_phone_def, out);
}

bool
contact_has_phone(struct step *s, uint32_t account, uint32_t contact, const struct addr *phone)
{
    struct rec_contact_phone rec;

    return phone_get(s, account, contact, phone, &rec);
}

static void
phone_put(struct step *s, uint32_t account, uint32_t contact, const struct contact_phone *phone)
{
    struct key key;

    phone_key(&key, account, contact, &phone->number);
    record_put(s->txn, TABLE_CONTACT_PHONE, key_slice(&key), &rec_contact_phone_def, &phone->rec);
}

enum contact_err
contact_phone_set(struct step *s, uint32_t account, uint32_t contact, const struct addr *number,
                  bool selected)
{
    struct contact_phone phone = {.number = *number}, phones[CONF_CONTACT_PHONES_MAX];
    uint32_t contacts[CONF_PHONE_CONTACTS_MAX + 1], n;

    if (phone_get(s, account, contact, number, &phone.rec)) {
        if (phone.rec.selected == selected)
            return CONTACT_OK;
        phone.rec.selected = selected;
        phone_put(s, account, contact, &phone);
        return CONTACT_OK;
    }
    if (contact_phones(s, account, contact, phones) == CONF_CONTACT_PHONES_MAX)
        return CONTACT_PHONES_FULL;
    n = contacts_of_phone(s, account, number, contacts);
    if (n == CONF_PHONE_CONTACTS_MAX)
        return CONTACT_SHARED_TOO_OFTEN;
    contacts[n++] = contact;
    index_put(s, account, number, contacts, n);
    phone.rec.selected = selected;
    phone_put(s, account, contact, &phone);
    return CONTACT_OK;
}

void
contact_phone_drop(struct step *s, uint32_t account, uint32_t contact, const struct addr *number)
{
    uint32_t contacts[CONF_PHONE_CONTACTS_MAX], kept = 0;
    uint32_t n = contacts_of_phone(s, account, number, contacts);
    struct key key;

    phone_key(&key, account, contact, number);
    if (!store_del(s->txn, TABLE_CONTACT_PHONE, key_slice(&key)))
        return;
    for (uint32_t i = 0; i < n; i++)
        if (contacts[i] != contact)
            contacts[kept++] = contacts[i];
    index_put(s, account, number, contacts, kept);
}

void
contact_remove(struct step *s, uint32_t account, uint32_t contact)
{
    struct contact_phone phones[CONF_CONTACT_PHONES_MAX];
    struct rec_contact rec;
    uint32_t n = contact_phones(s, account, contact, phones);

    if (!contact_get(s, account, contact, &rec))
        return;
    for (uint32_t i = 0; i < n; i++)
        contact_phone_drop(s, account, contact, &phones[i].number);
    rec.removed = 1; /* conversations go on naming it */
    contact_put(s, account, contact, &rec);
}

void
contact_erase(struct step *s, uint32_t account, uint32_t contact)
{
    struct rec_contact rec;
    struct key key;

    contact_remove(s, account, contact);
    contact_key(&key, account, contact);
    if (!record_get(s->txn, TABLE_CONTACT, key_slice(&key), &rec_contact_def, &rec))
        return;
    store_del(s->txn, TABLE_CONTACT, key_slice(&key));
    name_key(&key, account, rec.id);
    (void)store_del(s->txn, TABLE_NAME, key_slice(&key));
}

/* ---- what was said with whom */

void
contact_spoke(struct step *s, uint32_t account, uint32_t contact, const struct conv *conv)
{
    struct contact_phone phone = {.number = conv->rec.contact};

    if (!phone_get(s, account, contact, &phone.number, &phone.rec) || phone.rec.conv == conv->id)
        return;
    phone.rec.conv = conv->id;
    phone_put(s, account, contact, &phone);
}

uint64_t
contact_spoke_ms(struct step *s, uint32_t account, uint32_t contact)
{
    struct contact_phone phones[CONF_CONTACT_PHONES_MAX];
    uint32_t n = contact_phones(s, account, contact, phones);
    uint64_t last = 0;

    for (uint32_t i = 0; i < n; i++) {
        struct conv conv;

        if (phones[i].rec.conv == 0 || !conv_get(s, account, phones[i].rec.conv, &conv) ||
            conv.rec.contact_id != contact)
            continue;
        if (conv.rec.last_in_ms > last)
            last = conv.rec.last_in_ms;
        if (conv.rec.last_out_ms > last)
            last = conv.rec.last_out_ms;
    }
    return last;
}

struct slice
contact_name(struct step *s, uint32_t account, uint32_t contact)
{
    struct rec_contact rec;
    struct slice name;
    uint8_t *text;

    if (contact == 0 || !contact_get(s, account, contact, &rec))
        return SLICE_NONE;
    if (rec.first.n + rec.last.n == 0)
        return rec.company;
    text = store_scratch(s->txn, rec.first.n + rec.last.n + 1);
    name = slice_of(text, 0);
    for (int i = 0; i < 2; i++) {
        struct slice part = i == 0 ? rec.first : rec.last;

        if (part.n > 0 && name.n > 0)
            text[name.n++] = ' ';
        if (part.n > 0)
            memcpy(text + name.n, part.p, part.n);
        name.n += part.n;
    }
    return name;
}

/* ---- R-multi */

enum contact_target
contact_send_target(struct step *s, uint32_t account, uint32_t contact, struct contact_choices *out)
{
    struct contact_phone phones[CONF_CONTACT_PHONES_MAX];
    uint32_t n = contact_phones(s, account, contact, phones);

    out->count = 0;
    for (uint32_t i = 0; i < n; i++)
        if (phones[i].rec.selected)
            out->number[out->count++] = phones[i].number;
    return out->count == 1 ? TARGET_ONE : out->count == 0 ? TARGET_NONE : TARGET_CHOICES;
}

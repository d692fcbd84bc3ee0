/*
 * erase.c: a person's data goes, because that person wants it so and the law agrees: what was said
 * with a phone, messages that wait, the leases' record of it, the contact. What stays is the
 * opt-out, so that nobody writes to the phone by mistake, and a record that somebody asked for
 * this, without the data (history.c).
 *
 * What is there when it is asked for goes; what comes afterwards is new. Much may be there, so each
 * phone's is a chain of small steps, one timer row after the other, and survives a crash.
 */
#include "gateway/relay/erase.h"

#include "gateway/relay/auto.h"
#include "gateway/relay/broadcast.h"
#include "gateway/relay/contact.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/history.h"
#include "gateway/relay/lease.h"
#include "gateway/relay/list.h"
#include "gateway/relay/message.h"
#include "gateway/relay/queue.h"
#include "gateway/relay/receipts.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/submit.h"
#include "gateway/relay/timer.h"

/* What one step looks at, and what it deletes of it. */
#define ERASE_LOOKS_MAX 2000u
#define ERASE_ROWS_MAX 200u
/* Between two steps. */
#define ERASE_PAUSE_MS 10u
/* What is on the wire cannot be called back; it is looked for again so much later. */
#define ERASE_AGAIN_MS 5000u

enum phase { PHASE_CONVS, PHASE_MESSAGES, PHASE_LEASES, PHASES };

struct job {
    uint32_t account;
    uint64_t erasure;
    uint32_t only;    /* what was said with this contact; 0: with anybody at the phone */
    uint8_t phase;    /* enum phase */
    uint64_t cursor;  /* conversation, message or lease: those up to it are done */
    uint64_t on_wire; /* the first message that could not go, 0: none */
    struct addr phone;
    struct rec_erasure rec;
    uint32_t budget; /* rows that this step may still delete */
};

static void
job_go_on(struct step *s, const struct job *job, uint64_t at_ms)
{
    struct key key;

    key_init(&key);
    key_u32(&key, job->account);
    key_u64(&key, job->erasure);
    key_u32(&key, job->only);
    key_u8(&key, job->phase);
    key_u64(&key, job->cursor);
    key_u64(&key, job->on_wire);
    key_addr(&key, &job->phone);
    timer_set(s, at_ms, TIMER_ERASE, key_slice(&key));
}

static bool
job_read(struct step *s, struct slice payload, struct job *job)
{
    *job = (struct job){.budget = ERASE_ROWS_MAX};
    return key_take_u32(&payload, &job->account) && key_take_u64(&payload, &job->erasure) &&
           key_take_u32(&payload, &job->only) && key_take_u8(&payload, &job->phase) &&
           key_take_u64(&payload, &job->cursor) && key_take_u64(&payload, &job->on_wire) &&
           key_take_addr(&payload, &job->phone) &&
           erasure_get(s, job->account, job->erasure, &job->rec);
}

/* ---- each returns true when it is through */

static bool
erase_convs(struct step *s, struct job *job)
{
    struct key prefix, from;
    struct slice row, rest;
    struct conv conv;
    uint64_t id;

    key_init(&prefix);
    key_u32(&prefix, job->account);
    key_addr(&prefix, &job->phone);
    for (;;) {
        from = prefix;
        key_u64(&from, job->cursor + 1);
        if (!store_seek(s->txn, TABLE_THREAD, key_slice(&from), key_slice(&prefix), &row, NULL))
            return true;
        rest = slice_of(row.p + prefix.n, row.n - prefix.n);
        if (!key_take_u64(&rest, &id))
            return true;
        if (job->budget == 0)
            return false;
        job->budget--;
        if (!conv_get(s, job->account, id, &conv)) {
            store_del(s->txn, TABLE_THREAD, row);
        } else if (conv.rec.opened_ms < job->rec.asked_ms &&
                   (job->only == 0 || conv.rec.contact_id == job->only)) {
            uint32_t entries = conv.rec.entries;

            if (!history_drop(s, &conv, &job->budget))
                return false;
            job->rec.conversations++;
            job->rec.entries += entries;
        }
        job->cursor = id;
    }
}

/* A notice or a forward to an agent names the phone, as a rule. */
static bool
names_phone(struct step *s, const struct job *job, const struct rec_msg *msg)
{
    size_t cap = TEXT_UTF8_MAX(msg->payload.n);
    uint8_t *text = store_scratch(s->txn, cap);
    size_t n = text_to_utf8((enum text_alphabet)msg->alphabet, msg->payload, text, cap);

    for (size_t at = 0; at + job->phone.n <= n; at++)
        if (memcmp(text + at, job->phone.text, job->phone.n) == 0)
            return true;
    return false;
}

/* Of an erased conversation, or from or to the phone. */
static bool
is_meant(struct step *s, const struct job *job, const struct rec_msg *msg)
{
    struct conv conv;

    if (msg->account != job->account || msg->accepted_ms >= job->rec.asked_ms)
        return false;
    if (job->only == 0 && (addr_eq(&msg->source, &job->phone) || addr_eq(&msg->dest, &job->phone)))
        return true;
    if (job->only == 0 && (msg->flags & MSGF_TO_AGENT) && names_phone(s, job, msg))
        return true;
    return msg->conv != 0 && !conv_get(s, job->account, msg->conv, &conv);
}

/* False: it is on the wire. */
static bool
erase_message(struct step *s, uint64_t message, struct rec_msg *msg)
{
    bool grouped = msg->group || msg->group_total > 1 || msg->piece_of || msg->pieces > 1;
    struct key key;

    if (msg->state == MSG_HELD)
        message_end(s, message, msg, MSG_CANCELLED);
    else if (!message_final(msg->state) && !manage_end_waiting(s, message, msg))
        return false;
    if (grouped) { /* the others are found and counted by it, until relay.keep_final is over */
        msg->payload = msg->tlvs = SLICE_NONE;
        message_put(s, message, msg);
        return true;
    }
    receipt_forget(s, message, msg);
    key_init(&key);
    key_u64(&key, message);
    store_del(s->txn, TABLE_MESSAGE, key_slice(&key));
    return true;
}

static bool
erase_messages(struct step *s, struct job *job)
{
    struct slice row;
    struct key from;

    queue_flush(s); /* what came in this very turn has its row then */
    for (uint32_t looks = 0; looks < ERASE_LOOKS_MAX && job->budget > 0 && !turn_is_full(s);
         looks++) {
        struct rec_msg msg;
        uint64_t message;

        key_init(&from);
        key_u64(&from, job->cursor + 1);
        if (!store_seek(s->txn, TABLE_MESSAGE, key_slice(&from), SLICE_NONE, &row, NULL) ||
            !key_take_u64(&row, &message))
            return true;
        job->cursor = message;
        if (!message_get(s, message, &msg) || !is_meant(s, job, &msg))
            continue;
        job->budget--;
        if (erase_message(s, message, &msg))
            job->rec.messages++;
        else if (job->on_wire == 0)
            job->on_wire = message;
    }
    return false;
}

static bool
erase_leases(struct step *s, struct job *job)
{
    struct lease lease;

    if (job->only != 0)
        return true; /* the phone is still another contact's */
    for (uint32_t looks = 0; looks < ERASE_LOOKS_MAX && job->budget > 0; looks++) {
        if (!lease_after(s, job->account, job->cursor, &lease))
            return true;
        job->cursor = lease.id;
        if (!addr_eq(&lease.rec.contact, &job->phone) ||
            lease.rec.started_ms >= job->rec.asked_ms)
            continue;
        lease_forget(s, &lease);
        job->rec.leases++;
        job->budget--;
    }
    return false;
}

static void
job_end(struct step *s, struct job *job)
{
    struct line line = {.n = 0};

    if (job->rec.pending > 0)
        job->rec.pending--;
    if (job->rec.pending > 0)
        return;
    job->rec.done_ms = s->now_ms;
    line_text(&line, "erasure done");
    line_number(&line, "account", job->account);
    line_number(&line, "erasure", job->erasure);
    line_number(&line, "conversations", job->rec.conversations);
    line_number(&line, "messages", job->rec.messages);
    line_log(s, LOG_LEVEL_INFO, &line);
}

void
erase_continue(struct step *s, struct slice payload)
{
    bool (*const phases[PHASES])(struct step *s, struct job *job) = {
        [PHASE_CONVS] = erase_convs,
        [PHASE_MESSAGES] = erase_messages,
        [PHASE_LEASES] = erase_leases};
    struct job job;

    if (!job_read(s, payload, &job) || job.phase >= PHASES)
        return;
    if (!phases[job.phase](s, &job)) {
        job_go_on(s, &job, s->now_ms + ERASE_PAUSE_MS);
    } else if (job.phase == PHASE_MESSAGES && job.on_wire != 0) {
        job.cursor = job.on_wire - 1;
        job.on_wire = 0;
        job_go_on(s, &job, s->now_ms + ERASE_AGAIN_MS);
    } else if (++job.phase < PHASES) {
        job.cursor = 0;
        job_go_on(s, &job, s->now_ms + ERASE_PAUSE_MS);
    } else {
        job_end(s, &job);
    }
    erasure_put(s, job.account, job.erasure, &job.rec);
}

/* ---- the beginning */

static void
phone_rows_drop(struct step *s, uint32_t account, const struct addr *phone)
{
    struct key key;

    key_init(&key);
    key_u32(&key, account);
    key_addr(&key, phone);
    (void)store_del(s->txn, TABLE_UNASSIGNED, key_slice(&key));
    auto_forget(s, account, phone);
    lists_forget(s, account, phone);
    broadcasts_forget(s, account, phone);
}

static void
job_begin(struct step *s, uint32_t account, uint64_t erasure, const struct addr *phone,
          uint32_t only)
{
    struct job job = {.account = account, .erasure = erasure, .only = only, .phone = *phone};

    if (only == 0)
        phone_rows_drop(s, account, phone);
    /* Not in this turn: what it brings has the same time. */
    job_go_on(s, &job, s->now_ms + 1);
}

/* A contact with none left but this phone has no other data than its own. */
static void
contacts_lose(struct step *s, uint32_t account, const struct addr *phone, struct rec_erasure *rec)
{
    uint32_t contacts[CONF_PHONE_CONTACTS_MAX];
    uint32_t n = contacts_of_phone(s, account, phone, contacts);
    struct contact_phone phones[CONF_CONTACT_PHONES_MAX];

    for (uint32_t i = 0; i < n; i++) {
        if (contact_phones(s, account, contacts[i], phones) > 1) {
            contact_phone_drop(s, account, contacts[i], phone);
            continue;
        }
        contact_erase(s, account, contacts[i]);
        rec->contacts++;
    }
}

uint64_t
erase_phone(struct step *s, uint32_t account, const struct addr *phone, struct rec_erasure *rec)
{
    uint64_t erasure;

    rec->kind = ERASURE_REQUEST;
    rec->asked_ms = s->now_ms + 1;
    rec->pending = 1;
    contacts_lose(s, account, phone, rec);
    erasure = erasure_new(s, account, rec);
    job_begin(s, account, erasure, phone, 0);
    return erasure;
}

uint64_t
erase_contact(struct step *s, uint32_t account, uint32_t contact, struct rec_erasure *rec)
{
    struct contact_phone phones[CONF_CONTACT_PHONES_MAX];
    uint32_t contacts[CONF_PHONE_CONTACTS_MAX];
    uint32_t n = contact_phones(s, account, contact, phones);
    uint64_t erasure;

    rec->kind = ERASURE_REQUEST;
    rec->asked_ms = s->now_ms + 1;
    rec->pending = n;
    rec->contacts = 1;
    if (n == 0)
        rec->done_ms = s->now_ms;
    erasure = erasure_new(s, account, rec);
    for (uint32_t i = 0; i < n; i++) {
        bool shared = contacts_of_phone(s, account, &phones[i].number, contacts) > 1;

        job_begin(s, account, erasure, &phones[i].number, shared ? contact : 0);
    }
    contact_erase(s, account, contact);
    return erasure;
}

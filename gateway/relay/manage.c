/*
 * manage.c: query_sm and cancel_sm from apps, answered from our own store (conformance section 12).
 * An app can see and change only what it submitted itself, under the message_id that it was given;
 * what has been handed to a carrier cannot be taken back. The one message_id of a submit_multi
 * stands for all its messages.
 */
#include "gateway/relay/submit.h"

#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/flow.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/message.h"
#include "gateway/relay/queue.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/schedule.h"
#include "gateway/relay/stretch.h"
#include "protocol/smpptime.h"

/* Rows, or stretches of hundreds of them, of each queue that a search for what waits for one
 * receiver looks at: no event may make a turn long. Of a longer queue the rest is not found; who
 * wanted it cancelled can ask again. Once a turn has looked at so many, further searches are for
 * later turns: hundreds of them, one after the other, would hold up everybody for seconds. */
#define WAITING_ROWS_MAX 10000u
/* What is done to those that are found may come to so many octets, for the same reason. */
#define WAITING_BYTES_MAX (STORE_EVENT_BYTES / 2)

bool
manage_own_message(struct step *s, const struct bind *bind, const struct own_message *named,
                   uint64_t *message, struct rec_msg *msg)
{
    struct addr addr;

    return message_id_parse(named->id, message) && message_get(s, *message, msg) &&
           msg->op == OP_SUBMIT && msg->origin == bind->link->id && msg->group == 0 &&
           app_source(s, bind, named->source, &addr) && addr_eq(&addr, &msg->source);
}

/* The next of the messages that `first` stands for, behind *message; the first is the first. */
static bool
group_next(struct step *s, uint64_t first, const struct rec_msg *head, uint64_t *message,
           struct rec_msg *msg)
{
    while (++*message < first + head->group_total) {
        /* Those that ended long ago are gone one by one. */
        if (message_get(s, *message, msg) && msg->group == first)
            return true;
    }
    return false;
}

/* ---- query_sm */

static enum receipt_state
state_told(const struct rec_msg *msg, bool to_50)
{
    switch ((enum msg_state)msg->state) {
    case MSG_SCHEDULED:
        return to_50 ? RECEIPT_SCHEDULED : RECEIPT_ENROUTE; /* 3.4 does not have it */
    case MSG_QUEUED:
    case MSG_INTENT:
    case MSG_HELD:
        return RECEIPT_ENROUTE;
    case MSG_SENT:
        /* With a receipt on its way it is not final; without one this is all we shall know. */
        return msg->wants_receipt & 1u ? RECEIPT_ENROUTE : RECEIPT_ACCEPTED;
    case MSG_DELIVERED:
    case MSG_UNDELIVERABLE:
    case MSG_REFUSED:
    case MSG_SUPPRESSED:
    case MSG_EXPIRED:
    case MSG_CANCELLED:
        return (enum receipt_state)msg->early_state;
    }
    return RECEIPT_UNKNOWN;
}

/* Of several messages under one message_id: one on its way keeps all from being final, and a
 * failure says more than a delivery. */
static unsigned
state_weight(enum receipt_state state)
{
    switch (state) {
    case RECEIPT_ENROUTE:
        return 4;
    case RECEIPT_SCHEDULED:
        return 3;
    case RECEIPT_EXPIRED:
    case RECEIPT_DELETED:
    case RECEIPT_UNDELIVERABLE:
    case RECEIPT_UNKNOWN:
    case RECEIPT_REJECTED:
    case RECEIPT_SKIPPED:
        return 2;
    case RECEIPT_ACCEPTED:
        return 1;
    case RECEIPT_DELIVERED:
    case RECEIPT_STATES:
        return 0;
    }
    return 0;
}

struct told {
    bool to_50;
    enum receipt_state state;
    uint8_t error;
    uint64_t done_ms;
};

static void
tell(struct told *told, const struct rec_msg *msg)
{
    enum receipt_state state = state_told(msg, told->to_50);

    if (msg->done_ms > told->done_ms)
        told->done_ms = msg->done_ms;
    if (told->state != RECEIPT_STATES && state_weight(state) <= state_weight(told->state))
        return;
    told->state = state;
    told->error = (uint8_t)(msg->status <= UINT8_MAX ? msg->status : UINT8_MAX);
}

static void
query(struct step *s, struct bind *bind, const struct pdu *pdu)
{
    struct own_message named = {pdu->body.query.message_id, &pdu->body.query.source};
    struct pdu reply = {.command_id = SMPP_QUERY_SM_RESP};
    struct pdu_query_result *result = &reply.body.query_result;
    struct told told = {bind_speaks_50(bind), RECEIPT_STATES, 0, 0};
    char final_date[SMPPTIME_BYTES], id[24];
    struct rec_msg head, msg;
    uint64_t first, message;

    if (!manage_own_message(s, bind, &named, &first, &head)) {
        reply_status(s, bind, pdu, SMPP_RQUERYFAIL);
        return;
    }
    tell(&told, &head);
    for (message = first; group_next(s, first, &head, &message, &msg);)
        tell(&told, &msg);
    result->message_id = message_id_told(&head, first, id);
    result->message_state = (uint8_t)told.state;
    result->error_code = told.error;
    if (state_weight(told.state) < state_weight(RECEIPT_SCHEDULED)) {
        smpptime_format(told.done_ms, final_date);
        result->final_date = slice_str(final_date);
    }
    reply_pdu(s, bind, pdu, &reply, 0);
}

/* ---- cancel_sm */

bool
manage_end_waiting(struct step *s, uint64_t message, struct rec_msg *msg)
{
    if (msg->state == MSG_SCHEDULED)
        schedule_remove(s, message, msg);
    else if (msg->state == MSG_QUEUED && msg->parts_sent == 0)
        queue_cancel(s, message, msg);
    else
        return false;
    message_end(s, message, msg, MSG_CANCELLED);
    return true;
}

static void
show_waiting(struct step *s, const struct rec_msg *like, struct waiting_visit *visit,
             uint64_t message)
{
    struct rec_msg msg;

    s->relay->waiting_rows++;
    if (message && message_get(s, message, &msg) && msg.origin == like->origin &&
        addr_eq(&msg.source, &like->source) && addr_eq(&msg.dest, &like->dest))
        visit->take(s, visit, message, &msg);
}

static bool
may_go_on(const struct step *s, const struct waiting_visit *visit, uint32_t rows)
{
    return rows < WAITING_ROWS_MAX && relay_turn_bytes(s->relay, s->txn) < visit->bytes_max;
}

/* At one carrier. */
static void
show_queued(struct step *s, const struct rec_msg *like, struct waiting_visit *visit)
{
    struct rec_msg flow = *like;

    for (flow.class = 0; flow.class < MSG_CLASSES; flow.class ++) {
        const struct lane *lane = lane_of(s->relay, &flow);
        struct search search = {.like = &flow};
        uint64_t message;

        if (lane) /* perhaps it waits for its retry */
            show_waiting(s, &flow, visit, lane->holder);
        for (uint32_t rows = 0; may_go_on(s, visit, rows) && search_next(s, &search, &message);
             rows++)
            show_waiting(s, &flow, visit, message);
    }
}

bool
manage_may_search(const struct step *s)
{
    return s->relay->waiting_rows < WAITING_ROWS_MAX;
}

void
manage_waiting(struct step *s, const struct rec_msg *like, struct waiting_visit *visit)
{
    struct rec_msg at = *like;
    uint64_t message = 0;

    queue_flush(s); /* what came in this very turn has its row then */
    visit->bytes_max = relay_turn_bytes(s->relay, s->txn) + WAITING_BYTES_MAX;
    for (const struct link *link = s->relay->links; link; link = link->next) {
        at.link = link->id;
        if (link->kind == LINK_CARRIER)
            show_queued(s, &at, visit);
    }
    for (uint32_t rows = 0; may_go_on(s, visit, rows) && schedule_after(s, like, &message); rows++)
        show_waiting(s, like, visit, message);
}

struct cancel {
    struct waiting_visit visit;
    struct slice service_type;
    uint32_t cancelled;
};

static void
cancel_if_meant(struct step *s, struct waiting_visit *visit, uint64_t message, struct rec_msg *msg)
{
    struct cancel *cancel = (struct cancel *)visit;

    if (cancel->service_type.n == 0 || slice_eq(msg->service_type, cancel->service_type))
        cancel->cancelled += manage_end_waiting(s, message, msg);
}

/* All that waits for this receiver. */
static uint32_t
cancel_waiting(struct step *s, struct bind *bind, const struct pdu_cancel *pdu)
{
    const struct account *account = account_of(s->relay, bind->link->account);
    struct cancel cancel = {.visit = {.take = cancel_if_meant}, .service_type = pdu->service_type};
    struct rec_msg like = {
        .op = OP_SUBMIT, .account = bind->link->account, .origin = bind->link->id};
    struct rec_number number;

    if (!app_source(s, bind, &pdu->source, &like.source) ||
        addr_from_wire(&pdu->dest, account->plan, &like.dest) != ADDR_OK ||
        !number_get(s, &like.source, &number) || number.account != bind->link->account)
        return 0;
    manage_waiting(s, &like, &cancel.visit);
    return cancel.cancelled;
}

static uint32_t
cancel_named(struct step *s, struct bind *bind, const struct pdu_cancel *pdu)
{
    struct own_message named = {pdu->message_id, &pdu->source};
    uint64_t first, message;
    struct rec_msg head, msg;
    uint32_t cancelled = 0;
    size_t bytes_max;

    if (!manage_own_message(s, bind, &named, &first, &head))
        return 0;
    bytes_max = relay_turn_bytes(s->relay, s->txn) + WAITING_BYTES_MAX;
    for (message = first; relay_turn_bytes(s->relay, s->txn) < bytes_max &&
                          group_next(s, first, &head, &message, &msg);)
        cancelled += manage_end_waiting(s, message, &msg);
    /* The ends of the others may have been counted in it. */
    if (message_get(s, first, &head))
        cancelled += manage_end_waiting(s, first, &head);
    return cancelled;
}

static void
cancel(struct step *s, struct bind *bind, const struct pdu *pdu)
{
    const struct pdu_cancel *body = &pdu->body.cancel;
    uint32_t cancelled;

    if (body->message_id.n == 0 && !manage_may_search(s)) {
        reply_status(s, bind, pdu, SMPP_RTHROTTLED);
        return;
    }
    cancelled = body->message_id.n ? cancel_named(s, bind, body) : cancel_waiting(s, bind, body);
    reply_status(s, bind, pdu, cancelled ? SMPP_ROK : SMPP_RCANCELFAIL);
}

void
manage_pdu(struct step *s, struct bind *bind, const struct pdu *pdu)
{
    if (pdu->command_id == SMPP_QUERY_SM)
        query(s, bind, pdu);
    else if (pdu->command_id == SMPP_CANCEL_SM)
        cancel(s, bind, pdu);
    else
        replace_pdu(s, bind, pdu);
}

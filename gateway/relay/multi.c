/*
 * multi.c: submit_multi from apps (conformance section 12): each number gets a message of its own,
 * the first one's number is the message_id of all. The response names those that got none, and why.
 *
 * All of it is one event, and an event has a largest size (design rule 7); the text stands in every
 * message. A long text to many numbers that could come to more is refused whole: in two requests it
 * goes.
 */
#include "gateway/relay/submit.h"

#include "gateway/relay/core.h"
#include "gateway/relay/message.h"
#include "gateway/relay/queue.h"
#include "gateway/relay/reply.h"

/* What a message comes to in the changeset beside its text: record, row, and its entry in a
 * conversation. */
#define DEST_BYTES 800u
/* Of a text that is split, the shortest piece: with a suffix, in UCS-2. */
#define PIECE_CHARACTERS_MIN 50u

struct multi {
    struct submit submit;
    uint64_t first; /* 0: none accepted yet */
    struct pdu_list failures;
    uint8_t *region;     /* of failures */
    struct addr *served; /* numbers that have their message */
    uint32_t served_count;
    bool only_lists; /* no number was tried */
};

/* The text may go out in UCS-2 and be kept in a history. */
static size_t
dest_bytes(struct step *s, const struct submit *submit)
{
    size_t text = submit_text(s, submit).n, octets = submit->msg.payload.n;
    size_t pieces = 1, tlvs = submit->pdu->tlvs.n;

    if (tlvs > VENDOR_TLVS_BYTES_MAX) /* message_payload is among them, but does not stay there */
        tlvs = VENDOR_TLVS_BYTES_MAX;
    if (submit->account->long_messages == LONG_SPLIT)
        pieces += text / PIECE_CHARACTERS_MIN;
    if (octets < 2 * text)
        octets = 2 * text;
    if (submit->number.role == ROLE_BUSINESS)
        octets += text;
    return octets + pieces * (DEST_BYTES + tlvs);
}

static bool
served_before(const struct multi *multi, const struct addr *addr)
{
    for (uint32_t i = 0; i < multi->served_count; i++)
        if (addr_eq(&multi->served[i], addr))
            return true;
    return false;
}

/* A number that stands in the list twice is one receiver: nobody wants the same text twice. */
static enum smpp_status
serve(struct step *s, struct multi *multi, const struct pdu_dest *dest)
{
    struct submit one = multi->submit;
    enum smpp_status status = pdu_dest_status(dest);
    struct addr addr;
    uint64_t message;

    if (status != SMPP_ROK)
        return status;
    if (addr_from_wire(&dest->address, one.account->plan, &addr) == ADDR_OK &&
        served_before(multi, &addr))
        return SMPP_ROK;
    one.msg.group = multi->first;
    status = submit_to(s, &one, &dest->address, &message);
    if (status != SMPP_ROK)
        return status;
    multi->served[multi->served_count++] = one.msg.dest;
    if (multi->first == 0)
        multi->first = message;
    return SMPP_ROK;
}

static void
failed(struct multi *multi, const struct pdu_dest *dest, uint32_t status)
{
    struct pdu_failure failure = {.address = dest->address, .status = status};

    if (dest->flag == PDU_DEST_LIST)
        failure.address = (struct pdu_address){.digits = dest->list_name};
    /* There is room for as many as there are destinations. */
    (void)pdu_failure_put(multi->region, SMPP_DESTS_50_MAX * PDU_FAILURE_BYTES_MAX,
                          &multi->failures, &failure);
}

static void
serve_all(struct step *s, struct multi *multi)
{
    struct slice rest = multi->submit.sm->dests.region;
    struct pdu_dest dest;

    while (pdu_dest_next(&rest, &dest)) {
        enum smpp_status status = SMPP_RINVDLNAME; /* nobody has a list yet */

        if (dest.flag == PDU_DEST_SME) {
            multi->only_lists = false;
            status = serve(s, multi, &dest);
        }
        if (status != SMPP_ROK)
            failed(multi, &dest, status);
    }
}

/* The first message has been accepted before anybody knew how many there would be; of a text that
 * is split, its other pieces before it had a number. */
static void
group_close(struct step *s, struct multi *multi)
{
    uint64_t last = s->relay->last_message;
    struct rec_msg msg;

    if (last == multi->first)
        return;
    queue_flush(s);
    for (uint64_t message = multi->first; message <= last; message++) {
        if (!message_get(s, message, &msg) || msg.group != 0)
            continue;
        if (message == multi->first)
            msg.group_total = (uint16_t)(last - multi->first + 1);
        else
            msg.group = multi->first;
        message_put(s, message, &msg);
    }
}

static enum smpp_status
multi_accept(struct step *s, struct multi *multi)
{
    uint32_t dests = multi->submit.sm->dests.count;

    if (dests * dest_bytes(s, &multi->submit) > STORE_EVENT_BYTES)
        return SMPP_RINVNUMDESTS;
    multi->region = store_scratch(s->txn, SMPP_DESTS_50_MAX * PDU_FAILURE_BYTES_MAX);
    multi->served = store_scratch(s->txn, dests * sizeof(*multi->served));
    multi->only_lists = true;
    serve_all(s, multi);
    if (multi->first == 0)
        return multi->only_lists ? SMPP_RINVDLNAME : SMPP_RSUBMITFAIL;
    group_close(s, multi);
    return SMPP_ROK;
}

void
multi_pdu(struct step *s, struct bind *bind, const struct pdu *pdu)
{
    struct pdu reply = {.command_status = SMPP_ROK};
    struct multi multi = {.first = 0};
    char id[24];
    enum smpp_status status = submit_begin(s, &multi.submit, bind, pdu);

    if (status == SMPP_ROK)
        status = multi_accept(s, &multi);
    if (status != SMPP_ROK) {
        reply_status(s, bind, pdu, status);
        return;
    }
    reply.body.multi_result.message_id = message_id_told(&multi.submit.msg, multi.first, id);
    reply.body.multi_result.failures = multi.failures;
    reply_pdu(s, bind, pdu, &reply, 0);
}

/*
 * reply.c: answers to peers and log lines of the core. Both are effects: they leave after the
 * commit.
 */
#include "gateway/relay/reply.h"

#include "gateway/relay/core.h"
#include "gateway/relay/message.h"

/* 3.4 section 5.3.2.33: which of the reasons that data_sm_resp can give is it? */
enum failure_reason { FAILURE_UNAVAILABLE, FAILURE_ADDRESS, FAILURE_PERMANENT, FAILURE_TEMPORARY };

static bool
failure_reason_of(uint32_t status, uint8_t *reason)
{
    switch (status) {
    case STATUS_OPTED_OUT:
        *reason = FAILURE_UNAVAILABLE;
        return true;
    case SMPP_RINVDSTADR:
        *reason = FAILURE_ADDRESS;
        return true;
    case SMPP_RSYSERR:
    case SMPP_RMSGQFUL:
    case SMPP_RTHROTTLED:
        *reason = FAILURE_TEMPORARY;
        return true;
    default:
        return false; /* what is wrong is in the request: no network had to do with it */
    }
}

/* The response to a data_sm says more: why it failed, and that no delivery pending flag was set,
 * which we do not keep. A peer of 5.0 is told of our load. */
static void
reply_tlvs(struct step *s, const struct bind *bind, const struct pdu *request, struct pdu *reply)
{
    uint8_t *tlvs = store_scratch(s->txn, 24), reason, dpf_result = 0;
    size_t used = 0;
    uint32_t set_dpf;

    if (!smpp_version_has_tlvs(bind->peer_version))
        return;
    if (request->command_id == SMPP_DATA_SM) {
        if (failure_reason_of(reply->command_status, &reason))
            (void)tlv_put(tlvs, 24, &used, SMPP_TAG_DELIVERY_FAILURE_REASON, slice_of(&reason, 1));
        else if (tlv_number(request->tlvs, SMPP_TAG_SET_DPF, &set_dpf) && set_dpf == 1)
            (void)tlv_put(tlvs, 24, &used, SMPP_TAG_DPF_RESULT, slice_of(&dpf_result, 1));
    }
    if (bind_speaks_50(bind) && bind->link->kind == LINK_APP && reply->command_status == SMPP_ROK)
        (void)tlv_put(tlvs, 24, &used, SMPP_TAG_CONGESTION_STATE, slice_of(&s->relay->fill, 1));
    reply->tlvs = slice_of(tlvs, used);
}

void
reply_pdu(struct step *s, struct bind *bind, const struct pdu *request, struct pdu *reply,
          uint64_t inbound)
{
    reply->command_id = request->command_id | 0x80000000u;
    reply->sequence_number = request->sequence_number;
    reply_tlvs(s, bind, request, reply);
    effects_reply(s->fx, bind->name, inbound, reply);
}

void
reply_status(struct step *s, struct bind *bind, const struct pdu *request, uint32_t status)
{
    struct pdu reply = {.command_status = status};

    if (status != SMPP_ROK)
        s->relay->count.refused_in++;
    reply_pdu(s, bind, request, &reply, 0);
}

void
reply_id(struct step *s, struct bind *bind, const struct pdu *request, struct slice message_id,
         uint64_t inbound)
{
    struct pdu reply = {.command_status = SMPP_ROK};

    reply.body.message_id = message_id;
    reply_pdu(s, bind, request, &reply, inbound);
}

static void
line_put(struct line *line, const char *text, size_t n)
{
    size_t room = sizeof(line->p) - 1 - line->n;

    if (n > room)
        n = room;
    memcpy(line->p + line->n, text, n);
    line->n += n;
    line->p[line->n] = '\0';
}

void
line_text(struct line *line, const char *text)
{
    line_put(line, text, strlen(text));
}

void
line_key(struct line *line, const char *key, const char *value)
{
    line_put(line, " ", 1);
    line_text(line, key);
    line_put(line, "=", 1);
    line_text(line, value);
}

void
line_number(struct line *line, const char *key, uint64_t value)
{
    char digits[24];

    (void)message_id_text(value, digits);
    line_key(line, key, digits);
}

void
line_addr(struct line *line, const char *key, const struct addr *addr)
{
    char masked[ADDR_MASKED_BYTES];

    line_key(line, key, addr_masked(addr, masked));
}

void
line_log(struct step *s, enum log_level level, const struct line *line)
{
    if (s->fx)
        effects_log(s->fx, level, line->p);
}

/*
 * effects.c: the flat list of effects: fixed heads, each followed by its octets, padded to eight.
 */
#include "gateway/relay/effects.h"

#include <assert.h>
#include <stdlib.h>

#include "gateway/relay/core.h"

struct effect_head {
    uint32_t bytes; /* head, octets and padding */
    uint32_t octets;
    uint8_t kind;
    uint8_t level;
    uint32_t command_id;
    struct session_name session;
    struct session_token token;
    uint64_t inbound;
};

/* The largest PDU, whatever a message holds (conformance F4). */
#define EFFECT_OCTETS_MAX PDU_BYTES_MAX
#define EFFECTS_BYTES_MIN (64u * 1024u)

void
effects_init(struct effects *fx)
{
    *fx = (struct effects){NULL, 0, 0};
}

void
effects_release(struct effects *fx)
{
    free(fx->p);
    effects_init(fx);
}

/* Room for a head and so many octets; the head is zeroed. */
static struct effect_head *
effects_room(struct effects *fx, size_t octets)
{
    size_t need = fx->n + sizeof(struct effect_head) + octets + 8;
    struct effect_head *head;

    if (need > fx->cap) {
        size_t cap = fx->cap ? fx->cap : EFFECTS_BYTES_MIN;

        while (cap < need)
            cap *= 2;
        fx->p = core_grow(fx->p, cap);
        fx->cap = cap;
    }
    head = (struct effect_head *)(void *)(fx->p + fx->n);
    memset(head, 0, sizeof(*head));
    return head;
}

static void
effects_done(struct effects *fx, struct effect_head *head, size_t octets)
{
    head->octets = (uint32_t)octets;
    head->bytes = (uint32_t)((sizeof(*head) + octets + 7) & ~(size_t)7);
    fx->n += head->bytes;
}

/* The most that this PDU can need, without encoding it: fixed fields and strings stay under 400
 * octets. */
static size_t
pdu_room(const struct pdu *pdu)
{
    size_t text = 0;

    if (pdu->command_id == SMPP_SUBMIT_SM || pdu->command_id == SMPP_DELIVER_SM)
        text = pdu->body.sm.short_message.n;
    else if (pdu->command_id == SMPP_SUBMIT_MULTI_RESP)
        text = pdu->body.multi_result.failures.region.n;
    return 400 + pdu->tlvs.n + text;
}

static bool
effects_pdu(struct effects *fx, struct effect_head **head, const struct pdu *pdu)
{
    size_t room = pdu_room(pdu), n;

    if (room > EFFECT_OCTETS_MAX)
        return false;
    *head = effects_room(fx, room);
    n = pdu_encode(pdu, (uint8_t *)(*head + 1), room);
    if (n == 0)
        return false;
    effects_done(fx, *head, n);
    return true;
}

void
effects_reply(struct effects *fx, struct session_name session, uint64_t inbound,
              const struct pdu *pdu)
{
    struct effect_head *head;
    bool encoded = effects_pdu(fx, &head, pdu);

    assert(encoded); /* responses are made by us: a status and a short ID */
    head->kind = FX_REPLY;
    head->session = session;
    head->inbound = inbound;
}

bool
effects_send(struct effects *fx, struct session_name session, struct session_token token,
             const struct pdu *pdu)
{
    struct effect_head *head;

    if (!effects_pdu(fx, &head, pdu))
        return false;
    head->kind = FX_SEND;
    head->session = session;
    head->token = token;
    head->command_id = pdu->command_id;
    return true;
}

void
effects_log(struct effects *fx, enum log_level level, const char *text)
{
    size_t n = strlen(text);
    struct effect_head *head = effects_room(fx, n);

    memcpy(head + 1, text, n);
    effects_done(fx, head, n);
    head->kind = FX_LOG;
    head->level = (uint8_t)level;
}

const char *
answer_kind_name(enum answer_kind kind)
{
    static const char *const names[] = {"row", "done", "more", "failed"};

    return (unsigned)kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "?";
}

void
effects_answer(struct effects *fx, struct session_name asker, struct session_token token,
               enum answer_kind kind, struct slice octets)
{
    struct effect_head *head = effects_room(fx, octets.n);

    if (octets.n > 0)
        memcpy(head + 1, octets.p, octets.n);
    effects_done(fx, head, octets.n);
    head->kind = FX_ANSWER;
    head->level = (uint8_t)kind;
    head->session = asker;
    head->token = token;
}

bool
effects_next(const struct effects *fx, size_t *at, struct effect *out)
{
    const struct effect_head *head = (const struct effect_head *)(const void *)(fx->p + *at);

    if (*at >= fx->n)
        return false;
    *out = (struct effect){
        .bytes = head->bytes,
        .kind = head->kind,
        .level = head->level,
        .command_id = head->command_id,
        .session = head->session,
        .token = head->token,
        .inbound = head->inbound,
        .octets = slice_of(head + 1, head->octets),
    };
    *at += head->bytes;
    return true;
}

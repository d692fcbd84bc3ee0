/*
 * effects.h: what a turn wants to happen in the world once it is on disk.
 *
 * A flat, append-only list of octets that one thread fills and another reads; PDUs lie in it
 * encoded, so that the reader only writes them to a socket. Nothing in it points anywhere else.
 * effects_clear() keeps the memory for the next turn.
 */
#ifndef TANDEM_EFFECTS_H
#define TANDEM_EFFECTS_H

#include "protocol/pdu.h"
#include "protocol/session.h"

/* A connection by value: slot of the I/O thread's table and the generation of its occupant. An
 * effect for a generation that is gone is dropped. */
struct session_name {
    uint32_t slot;
    uint32_t generation;
};

enum effect_kind {
    FX_REPLY, /* a response; the PDU has its sequence number */
    FX_SEND,  /* a request of ours; the session gives it a sequence number */
    FX_LOG,   /* one log line: level and text */
    FX_ANSWER, /* a piece of the answer to a command */
};

enum answer_kind {
    ANSWER_ROW,    /* a row as JSON */
    ANSWER_DONE,   /* that was all */
    ANSWER_MORE,   /* a struct command_progress: to be asked again with it */
    ANSWER_FAILED, /* an enum command_result in one octet, and a sentence */
};
const char *answer_kind_name(enum answer_kind kind);

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* One effect as the reader sees it; the slice points into the list. */
struct effect {
    uint32_t bytes;              /* of this effect in the list, with its octets */
    uint8_t kind;                /* enum effect_kind */
    uint8_t level;               /* LOG: enum log_level; ANSWER: enum answer_kind */
    uint32_t command_id;         /* SEND */
    struct session_name session; /* REPLY, SEND; ANSWER: who asked, as EV_COMMAND had it */
    struct session_token token;  /* SEND; ANSWER: as EV_COMMAND had it */
    uint64_t inbound;    /* REPLY: number of the accepted deliver_sm; 0: nothing to confirm */
    struct slice octets; /* the PDU, the text, or the answer */
};

struct effects {
    uint8_t *p; /* heap, grows; owned by whoever holds the struct */
    size_t n;
    size_t cap;
};

void effects_init(struct effects *fx);
void effects_release(struct effects *fx);
static inline void
effects_clear(struct effects *fx)
{
    fx->n = 0;
}

void effects_reply(struct effects *fx, struct session_name session, uint64_t inbound,
                   const struct pdu *pdu);
/* False if the PDU cannot be encoded: a field of the message is longer than SMPP allows. */
bool effects_send(struct effects *fx, struct session_name session, struct session_token token,
                  const struct pdu *pdu);
void effects_log(struct effects *fx, enum log_level level, const char *text);

void effects_answer(struct effects *fx, struct session_name asker, struct session_token token,
                    enum answer_kind kind, struct slice octets);

/* Walks the list: start with *at = 0; false at the end. */
bool effects_next(const struct effects *fx, size_t *at, struct effect *out);

#endif

/*
 * message.h: records of messages and their ends.
 */
#ifndef TANDEM_RELAY_MESSAGE_H
#define TANDEM_RELAY_MESSAGE_H

#include "gateway/relay/core.h"

bool message_get(struct step *s, uint64_t message, struct rec_msg *msg);
void message_put(struct step *s, uint64_t message, const struct rec_msg *msg);
/* Was it handed to its link at least once, or never will be? It was accepted at since_ms or
 * before. */
bool message_went_out(struct step *s, uint64_t message, uint64_t since_ms);
/* A message has ended or moved on (R-rel-1): records it, shows it in its conversation, tells the
 * app that asked. */
void message_end(struct step *s, uint64_t message, struct rec_msg *msg, enum msg_state state);

/* The same when there is more to say than the state does: what its carrier's receipt said. */
struct ending {
    enum msg_state state;
    enum receipt_state told; /* to its app; RECEIPT_STATES: nothing yet */
    uint64_t done_ms;
};
void message_end_as(struct step *s, uint64_t message, struct rec_msg *msg,
                    const struct ending *end);
bool message_final(uint8_t state);

/* It waits for a person's decision, or does so no more. */
void message_held(struct step *s, uint64_t message, bool is);
void messages_purge(struct step *s);
/* A number in decimal. */
struct slice message_id_text(uint64_t message, char buf[24]);
/* The message's number in the form that its app was given (B7). */
struct slice message_id_told(const struct rec_msg *msg, uint64_t message, char buf[24]);
/* Reads both forms; each has one way to be written. */
bool message_id_parse(struct slice text, uint64_t *message);

#endif

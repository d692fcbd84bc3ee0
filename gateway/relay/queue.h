/*
 * queue.h: the queue on disk, and what goes in and out.
 */
#ifndef TANDEM_RELAY_QUEUE_H
#define TANDEM_RELAY_QUEUE_H

#include "gateway/relay/core.h"

/* Takes a message: gives it its number, its flow, and a place at the end. msg and its slices are
 * copied. */
uint64_t queue_accept(struct step *s, struct rec_msg *msg);
/* One that has its number already, and no row: it comes to the end of the flow that msg names. */
void queue_enter(struct step *s, uint64_t message, struct rec_msg *msg);

/* What queue_next() takes out of a flow; its lane is taken. */
struct picked {
    uint64_t message;
    struct rec_msg msg; /* slices in scratch */
    struct lane *lane;
    bool has_row; /* in TABLE_QUEUE: whoever moves the message on deletes it with queue_unrow() */
};

/* The next message of a flow that may go; false if there is none now. */
bool queue_next(struct step *s, struct flow *flow, struct picked *out);
void queue_unrow(struct step *s, const struct picked *picked);
/* Back to the front of its flow, unchanged. */
void queue_untake(struct step *s, const struct picked *picked);
/* A message that was taken and not sent goes back to its place; its lane stays taken. */
void queue_put_back(struct step *s, uint64_t message, const struct rec_msg *msg);
void queue_restore(struct step *s, uint64_t message, const struct rec_msg *msg);
/* A message that had left the queue, lane and all, comes back to its place. */
void queue_resume(struct step *s, uint64_t message, const struct rec_msg *msg);
/* It waits until msg->retry_ms; its lane stays taken. */
void queue_retry_later(struct step *s, uint64_t message, const struct rec_msg *msg);
/* A message in queue or retry ended: removes its row. */
void queue_remove(struct step *s, uint64_t message, const struct rec_msg *msg);
/* The same for one that may also wait behind a lane; the lane goes on without it. */
void queue_cancel(struct step *s, uint64_t message, const struct rec_msg *msg);
/* The next row behind *place of the flow that a message like this would be in. */
bool queue_row_after(struct step *s, const struct rec_msg *like, uint64_t *place,
                     uint64_t *message);
/* The next row of this flow behind *place. */
bool queue_flow_row(struct step *s, const struct flow *flow, uint64_t *place, uint64_t *message);
/* Its fresh messages get their rows now. */
void flow_flush(struct step *s, struct flow *flow);
/* End of turn: fresh messages that were not sent get their rows. */
void queue_flush(struct step *s);
void queue_load(struct step *s);
void queue_due(struct step *s);
void queue_sweep(struct step *s);

#endif

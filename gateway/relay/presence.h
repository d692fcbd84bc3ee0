/*
 * presence.h: who is on the message-centre page (R-txt-2).
 */
#ifndef TANDEM_RELAY_PRESENCE_H
#define TANDEM_RELAY_PRESENCE_H

#include "gateway/relay/core.h"

/* Until the holder lets go or is gone. False: there are too many. */
bool presence_hold(struct step *s, uint32_t account, uint32_t agent, struct session_name holder);
void presence_release(struct step *s, uint32_t account, uint32_t agent,
                      struct session_name holder);
void presence_holder_gone(struct step *s, struct session_name holder);
struct presence_now {
    uint32_t holders;
    uint64_t since_ms; /* of the first of them */
};

/* False: the agent is not present. */
bool presence_get(const struct relay *relay, uint32_t account, uint32_t agent,
                  struct presence_now *out);
bool agent_is_online(struct step *s, uint32_t account, uint32_t agent);
void presence_free(struct relay *relay);

#endif

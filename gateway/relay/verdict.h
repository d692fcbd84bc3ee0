/*
 * verdict.h: what an answer of a peer means.
 */
#ifndef TANDEM_RELAY_VERDICT_H
#define TANDEM_RELAY_VERDICT_H

#include "gateway/relay/core.h"

struct verdict_rule verdict_rule_of(const struct link *link, uint32_t status);
enum verdict verdict_of(const struct link *link, const struct event_result *result);
/* A try failed for this cause (the status; 0: no answer): sets msg->retry_ms. False if this was the
 * last one. */
bool verdict_retry(const struct step *s, const struct verdict_rule *rule, uint32_t cause,
                   struct rec_msg *msg);

#endif

/*
 * pump.h: where an account may send to at all.
 */
#ifndef TANDEM_RELAY_PUMP_H
#define TANDEM_RELAY_PUMP_H

#include "gateway/relay/core.h"

bool pump_allows(struct step *s, const struct rec_msg *msg);

#endif

/*
 * route.h: which carriers may take a message.
 */
#ifndef TANDEM_RELAY_ROUTE_H
#define TANDEM_RELAY_ROUTE_H

#include "gateway/relay/core.h"

#define ROUTE_CHOICES_MAX (2u * CONF_ROUTE_CARRIERS_MAX)
struct route_choices {
    uint32_t count; /* 0: there is no route */
    uint32_t links[ROUTE_CHOICES_MAX]; /* the best first */
};
void route_choices(const struct routes *routes, const struct rec_msg *msg, uint32_t home,
                   struct route_choices *out);

/* True if they are others than before. */
bool routes_compile(struct step *s);
void routes_free(struct relay *relay);

#endif

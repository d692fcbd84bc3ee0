/*
 * erase.h: a person's data, deleted on request.
 */
#ifndef TANDEM_RELAY_ERASE_H
#define TANDEM_RELAY_ERASE_H

#include "gateway/relay/core.h"

uint64_t erase_phone(struct step *s, uint32_t account, const struct addr *phone,
                     struct rec_erasure *rec);
uint64_t erase_contact(struct step *s, uint32_t account, uint32_t contact,
                       struct rec_erasure *rec);
void erase_continue(struct step *s, struct slice payload);

#endif

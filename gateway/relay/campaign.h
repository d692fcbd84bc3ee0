/*
 * campaign.h: what overrides a number's settings, and when (R-num-3, R-num-4).
 */
#ifndef TANDEM_RELAY_CAMPAIGN_H
#define TANDEM_RELAY_CAMPAIGN_H

#include "gateway/relay/core.h"

bool campaign_get(struct step *s, uint32_t account, uint32_t campaign, struct rec_campaign *out);
void campaign_put(struct step *s, uint32_t account, uint32_t campaign,
                  const struct rec_campaign *rec);
/* UINT64_MAX: it is open. */
uint64_t campaign_end_ms(const struct rec_campaign *rec);
/* The one with the first start of those that run or are to run on a number; 0: none. */
uint32_t campaign_first(struct step *s, const struct addr *number, uint32_t account,
                        struct rec_campaign *out);
/* One but `except` that overlaps with this one; 0: none. */
uint32_t campaign_clash(struct step *s, uint32_t account, const struct rec_campaign *rec,
                        uint32_t except);
/* Begins and ends what is due on a number. */
void campaign_turn(struct step *s, const struct addr *addr);
void campaign_due(struct step *s, struct slice payload);
/* A new one; it begins at once if its time has come. */
void campaign_schedule(struct step *s, uint32_t account, uint32_t campaign,
                       struct rec_campaign *rec);
/* One that there is gets these settings and times. */
void campaign_replace(struct step *s, uint32_t account, uint32_t campaign,
                      struct rec_campaign *rec);
void campaign_end(struct step *s, uint32_t account, uint32_t campaign);

#endif

/*
 * tokens.h: a rate, what went lately, and the times at which something must be done (R-shape-3).
 */
#ifndef TANDEM_RELAY_TOKENS_H
#define TANDEM_RELAY_TOKENS_H

#include <stdbool.h>
#include <stdint.h>

/* Segments a second, in every window of a second and evenly inside of it. It refills with 98
 * hundredths of the rate and holds one segment and 20 ms of the rate: a turn may be so late and
 * nothing is lost, and no second ever sees more than the rate. Below 20 a second it refills with
 * the rate and holds one segment. */
struct tokens {
    uint32_t rate; /* 0: no limit */
    int64_t credit;
    uint64_t at_ms; /* of credit */
};

/* Empty at this time: what was sent before it is not known. */
void tokens_init(struct tokens *tokens, uint32_t rate, uint64_t at_ms);
/* What has been saved stays. */
void tokens_set_rate(struct tokens *tokens, uint32_t rate, uint64_t now_ms);
/* When the next segment may go: now, or later. */
uint64_t tokens_next_ms(struct tokens *tokens, uint64_t now_ms);
/* More than there is: it is paid for before the next one goes. */
void tokens_take(struct tokens *tokens, uint32_t segments);
/* The same, when so many segments must be left behind it: if it can save up that much and a
 * segment more, so that a turn may be late all the same. */
uint64_t tokens_next_leaving_ms(struct tokens *tokens, uint32_t leave, uint64_t now_ms);
/* When it has forgotten what was taken. */
uint64_t tokens_full_ms(const struct tokens *tokens);

/* What went in this second and in the one before. */
struct meter {
    uint64_t second_ms;
    uint32_t sent, before;
};
void meter_add(struct meter *meter, uint32_t segments, uint64_t now_ms);

/* A second: the more of the two. */
uint32_t meter_pace(const struct meter *meter, uint64_t now_ms);

/* The most that a number was in this minute and in the one before. */
#define PEAK_MS 60000u
struct peak {
    uint64_t since_ms;
    uint32_t most, before;
};
void peak_see(struct peak *peak, uint32_t number, uint64_t now_ms);

/* It falls at until_ms, if nothing more is seen. */
uint32_t peak_of(const struct peak *peak, uint64_t now_ms, uint64_t *until_ms);

enum alarm_kind { ALARM_GATE, ALARM_LINK };
struct alarm {
    uint64_t at_ms;
    uint32_t place; /* in the heap, from 1; 0: it is not set */
    uint8_t kind;   /* enum alarm_kind */
};
struct alarms {
    struct alarm **heap;
    uint32_t count, cap;
};
void alarm_set(struct alarms *alarms, struct alarm *alarm, uint64_t at_ms);
void alarm_clear(struct alarms *alarms, struct alarm *alarm);

/* The first that is due, which is then not set any more; NULL if there is none. */
struct alarm *alarm_due(struct alarms *alarms, uint64_t now_ms);
/* UINT64_MAX: none is set. */
uint64_t alarms_next_ms(const struct alarms *alarms);

#endif

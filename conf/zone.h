/*
 * zone.h: IANA time zones: what the clock on a wall shows at a moment (R-auto-1).
 *
 * A zone's file is read once, with the configuration, into a plain immutable table: the moments at
 * which the offset changes, and the rule that holds behind the last of them. Asking is pure, so the
 * relay core may do it.
 */
#ifndef TANDEM_ZONE_H
#define TANDEM_ZONE_H

#include "protocol/slice.h"

struct conf_arena;

#define ZONE_NAME_BYTES_MAX 64u   /* the longest that exists has 32 */
#define ZONE_FILE_BYTES_MAX 65536u /* the largest that exists has 4 KiB */

/* One of the two days on which clocks change, and when on that day, in seconds of local time, which
 * may lie in days around it. */
struct zone_change {
    enum zone_day {
        ZONE_MONTH_WEEK_DAY, /* day `day` (0: Sunday) of week `week` (5: the last) of `month` */
        ZONE_JULIAN,         /* day 1 to 365, 29 February is never counted */
        ZONE_DAY_OF_YEAR,    /* day 0 to 365 */
    } kind;
    uint8_t month, week;
    uint16_t day;
    int32_t at_s;
};

struct zone {
    const char *name;
    uint32_t changes;
    const int64_t *at_s;      /* Unix time, ascending */
    const int32_t *offset_s;  /* east of UTC from then on */
    int32_t first_s;          /* before the first change */
    bool rule;                /* behind the last change: the next three; else its offset stays */
    int32_t standard_s;
    int32_t summer_s;         /* the same as standard_s: never summer time */
    struct zone_change start, end; /* of summer time */
};

struct zone_time {
    uint8_t day;              /* of the week; 0: Monday */
    uint32_t second;          /* of the day: 0 to 86399 */
    int32_t offset_s;         /* east of UTC */
};
struct zone_time zone_local(const struct zone *zone, uint64_t unix_ms);

/* From the octets of a TZif file; NULL if they are none, and why says so. In the arena. */
const struct zone *zone_parse(struct conf_arena *arena, struct slice octets, const char **why);
/* By its name, from the machine's tables. */
const struct zone *zone_load(struct conf_arena *arena, const char *name, const char **why);
/* Does the machine have a table of this name? Looks at its first octets only. */
bool zone_exists(struct slice name);
/* The zone whose name is most like this one; false if none is. */
bool zone_suggest(const char *name, char out[ZONE_NAME_BYTES_MAX]);

#endif

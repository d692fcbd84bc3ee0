/*
 * zone_file.c: the machine's tables of time zones: TZif files (RFC 8536), and which names there
 * are. Apart from zone.c, which the relay core links.
 *
 * A file comes from the distribution, not from a peer; still every count in it is checked, so that
 * a damaged one is a problem of the configuration and nothing else.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/conf_int.h"
#include "conf/zone.h"

#define ZONE_DIR "/usr/share/zoneinfo"
#define ZONE_DEPTH_MAX 3u /* America/Argentina/Salta */
#define TZIF_HEADER_BYTES 44u
#define CHANGES_MAX 4000u
#define OFFSET_MAX_S (26 * 3600)

static uint64_t
big_endian(const uint8_t *p, size_t n)
{
    uint64_t value = 0;

    while (n-- > 0)
        value = value << 8 | *p++;
    return value;
}

/* --- the rule behind the last change: "CET-1CEST,M3.5.0,M10.5.0/3" --- */

struct cursor {
    const char *at;
    bool bad;
};

static bool
take(struct cursor *c, char wanted)
{
    if (*c->at != wanted)
        return false;
    c->at++;
    return true;
}

static int32_t
number(struct cursor *c, int32_t max)
{
    int32_t value = 0;
    size_t digits = 0;

    for (; *c->at >= '0' && *c->at <= '9' && digits < 4; digits++)
        value = value * 10 + (*c->at++ - '0');
    c->bad |= digits == 0 || value > max;
    return value;
}

/* hh[:mm[:ss]] with a sign. */
static int32_t
clock_time(struct cursor *c, int32_t hours_max)
{
    int32_t sign = take(c, '-') ? -1 : 1, value;

    if (sign > 0)
        (void)take(c, '+');
    value = number(c, hours_max) * 3600;
    if (take(c, ':'))
        value += number(c, 59) * 60;
    if (take(c, ':'))
        value += number(c, 59);
    return sign * value;
}

/* "CET" or "<+1030>". */
static void
zone_word(struct cursor *c)
{
    bool quoted = take(c, '<');
    size_t n = 0;

    for (; *c->at; n++, c->at++)
        if (quoted ? *c->at == '>'
                   : !((*c->at | 0x20) >= 'a' && (*c->at | 0x20) <= 'z'))
            break;
    c->bad |= n < 3 || (quoted && !take(c, '>'));
}

static void
change_day(struct cursor *c, struct zone_change *change)
{
    if (take(c, 'M')) {
        change->kind = ZONE_MONTH_WEEK_DAY;
        change->month = (uint8_t)number(c, 12);
        c->bad |= !take(c, '.');
        change->week = (uint8_t)number(c, 5);
        c->bad |= !take(c, '.') || change->month == 0 || change->week == 0;
        change->day = (uint16_t)number(c, 6);
    } else if (take(c, 'J')) {
        change->kind = ZONE_JULIAN;
        change->day = (uint16_t)number(c, 365);
        c->bad |= change->day == 0;
    } else {
        change->kind = ZONE_DAY_OF_YEAR;
        change->day = (uint16_t)number(c, 365);
    }
}

static void
change(struct cursor *c, struct zone_change *out)
{
    c->bad |= !take(c, ',');
    change_day(c, out);
    out->at_s = take(c, '/') ? clock_time(c, 167) : 2 * 3600;
}

static bool
rule_parse(const char *text, struct zone *zone)
{
    struct cursor c = {.at = text};

    zone_word(&c);
    zone->standard_s = zone->summer_s = -clock_time(&c, 24);
    if (!c.bad && *c.at) {
        zone_word(&c);
        zone->summer_s =
            *c.at != ',' ? -clock_time(&c, 24) : zone->standard_s + 3600;
        change(&c, &zone->start);
        change(&c, &zone->end);
    }
    zone->rule = true;
    return !c.bad && *c.at == '\0';
}

/* --- TZif --- */

struct counts {
    uint32_t is_ut, is_std, leaps, changes, types, chars;
};

static bool
header(struct slice octets, struct counts *out)
{
    const uint8_t *p = octets.p;

    if (octets.n < TZIF_HEADER_BYTES || memcmp(p, "TZif", 4) != 0)
        return false;
    *out = (struct counts){
        (uint32_t)big_endian(p + 20, 4), (uint32_t)big_endian(p + 24, 4),
        (uint32_t)big_endian(p + 28, 4), (uint32_t)big_endian(p + 32, 4),
        (uint32_t)big_endian(p + 36, 4), (uint32_t)big_endian(p + 40, 4),
    };
    return out->changes <= CHANGES_MAX && out->types >= 1 && out->types <= 256 &&
           out->chars <= 4096 && out->leaps <= CHANGES_MAX && out->is_ut <= 256 &&
           out->is_std <= 256;
}

/* Octets of a block's data, with times of so many octets. */
static size_t
data_bytes(const struct counts *n, size_t time)
{
    return n->changes * (time + 1) + n->types * 6u + n->chars + n->leaps * (time + 4) + n->is_std +
           n->is_ut;
}

static bool
changes_parse(struct conf_arena *arena, const uint8_t *data, const struct counts *n,
              struct zone *zone)
{
    const uint8_t *types = data + n->changes * 8, *infos = types + n->changes;
    int64_t *at = conf_alloc(arena, n->changes * sizeof(*at));
    int32_t *offset = conf_alloc(arena, n->changes * sizeof(*offset));

    zone->first_s = (int32_t)(uint32_t)big_endian(infos, 4);
    for (uint32_t i = 0; i < n->changes; i++) {
        at[i] = (int64_t)big_endian(data + i * 8, 8);
        if (types[i] >= n->types || (i > 0 && at[i] <= at[i - 1]))
            return false;
        offset[i] = (int32_t)(uint32_t)big_endian(infos + types[i] * 6u, 4);
        if (offset[i] > OFFSET_MAX_S || offset[i] < -OFFSET_MAX_S)
            return false;
    }
    zone->changes = n->changes;
    zone->at_s = at;
    zone->offset_s = offset;
    return zone->first_s <= OFFSET_MAX_S && zone->first_s >= -OFFSET_MAX_S;
}

/* Between two line ends at the end of the file; an empty one says nothing of what comes. */
static bool
footer_parse(struct slice rest, struct zone *zone)
{
    char text[128];

    if (rest.n < 2 || rest.n > sizeof(text) || rest.p[0] != '\n' || rest.p[rest.n - 1] != '\n')
        return false;
    memcpy(text, rest.p + 1, rest.n - 2);
    text[rest.n - 2] = '\0';
    return text[0] == '\0' || rule_parse(text, zone);
}

const struct zone *
zone_parse(struct conf_arena *arena, struct slice octets, const char **why)
{
    struct zone *zone = conf_alloc(arena, sizeof(*zone));
    struct counts n;
    size_t skip;

    *why = "is no table of a time zone";
    if (!header(octets, &n) || octets.p[4] < '2')
        return NULL;
    skip = TZIF_HEADER_BYTES + data_bytes(&n, 4);
    if (octets.n < skip)
        return NULL;
    octets = slice_of(octets.p + skip, octets.n - skip);
    *why = "is a damaged table of a time zone";
    if (!header(octets, &n) || octets.n < TZIF_HEADER_BYTES + data_bytes(&n, 8))
        return NULL;
    skip = TZIF_HEADER_BYTES + data_bytes(&n, 8);
    if (!changes_parse(arena, octets.p + TZIF_HEADER_BYTES, &n, zone) ||
        !footer_parse(slice_of(octets.p + skip, octets.n - skip), zone))
        return NULL;
    zone->name = "";
    return zone;
}

/* --- by name --- */

static bool
name_allowed(const char *name)
{
    size_t n = strlen(name);

    if (n == 0 || n >= ZONE_NAME_BYTES_MAX || name[0] == '/' || name[n - 1] == '/' ||
        strstr(name, "//") || strncmp(name, "right/", 6) == 0)
        return false; /* right/ counts leap seconds, which our clock does not */
    for (; *name; name++)
        if (!((*name | 0x20) >= 'a' && (*name | 0x20) <= 'z') && !(*name >= '0' && *name <= '9') &&
            !strchr("/_+-", *name))
            return false;
    return true;
}

static size_t
read_table(const char *name, uint8_t *out, size_t cap)
{
    char path[sizeof(ZONE_DIR) + ZONE_NAME_BYTES_MAX + 1];
    size_t n = 0;
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", ZONE_DIR, name);
    file = fopen(path, "rb");
    if (!file)
        return 0;
    n = fread(out, 1, cap, file);
    if (ferror(file))
        n = 0;
    fclose(file);
    return n;
}

bool
zone_exists(struct slice name)
{
    char text[ZONE_NAME_BYTES_MAX];
    uint8_t octets[5];

    if (name.n >= sizeof(text) || (name.n > 0 && memchr(name.p, 0, name.n)))
        return false;
    memcpy(text, name.p, name.n);
    text[name.n] = '\0';
    return name_allowed(text) && read_table(text, octets, sizeof(octets)) == sizeof(octets) &&
           memcmp(octets, "TZif", 4) == 0 && octets[4] >= '2';
}

const struct zone *
zone_load(struct conf_arena *arena, const char *name, const char **why)
{
    const struct zone *parsed = NULL;
    struct zone *zone = NULL;
    uint8_t *octets;
    size_t n;

    *why = "is no time zone";
    if (!name_allowed(name))
        return NULL;
    octets = malloc(ZONE_FILE_BYTES_MAX);
    n = octets ? read_table(name, octets, ZONE_FILE_BYTES_MAX) : 0;
    if (n > 0)
        parsed = zone_parse(arena, slice_of(octets, n), why);
    free(octets);
    if (!parsed)
        return NULL;
    zone = conf_alloc(arena, sizeof(*zone));
    *zone = *parsed;
    zone->name = conf_copy(arena, slice_str(name));
    return zone;
}

/* --- what was meant --- */

struct nearest {
    const char *name;
    char best[ZONE_NAME_BYTES_MAX];
    size_t distance;
};

static void
look_in(struct nearest *nearest, const char *folder, unsigned depth)
{
    char path[sizeof(ZONE_DIR) + ZONE_NAME_BYTES_MAX + 1], name[ZONE_NAME_BYTES_MAX];
    struct dirent *entry;
    DIR *dir;

    snprintf(path, sizeof(path), "%s/%s", ZONE_DIR, folder);
    dir = opendir(path);
    while (dir && (entry = readdir(dir))) {
        int n = snprintf(name, sizeof(name), "%s%s%s", folder, folder[0] ? "/" : "", entry->d_name);
        size_t distance;

        if (n < 0 || (size_t)n >= sizeof(name) || !name_allowed(name) ||
            strncmp(name, "posix", 5) == 0 || entry->d_name[0] < 'A' || entry->d_name[0] > 'Z')
            continue;
        if (entry->d_type == DT_DIR && depth < ZONE_DEPTH_MAX) {
            look_in(nearest, name, depth + 1);
            continue;
        }
        distance = conf_distance(slice_str(nearest->name), slice_str(name));
        if (distance > nearest->distance ||
            (distance == nearest->distance && strcmp(name, nearest->best) > 0))
            continue;
        nearest->distance = distance;
        memcpy(nearest->best, name, sizeof(name));
    }
    if (dir)
        closedir(dir);
}

bool
zone_suggest(const char *name, char out[ZONE_NAME_BYTES_MAX])
{
    /* More than three slips are another name. */
    struct nearest nearest = {.name = name, .best = "~", .distance = 3};

    look_in(&nearest, "", 1);
    memcpy(out, nearest.best, sizeof(nearest.best));
    return out[0] != '~';
}

/*
 * ctl_watch.c: see ctl_watch.h.
 */
#include "gateway/ctl_watch.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BAR_CELLS 30u
/* The rate is that of the last samples: long enough to be steady, short enough to follow a
 * carrier that slows down. */
#define SAMPLES 20u

struct ctl_watch {
    FILE *out;
    bool json, terminal;
    char *last;     /* the row that was shown */
    struct {
        uint64_t at_ms;
        uint64_t gone;
    } samples[SAMPLES];
    uint32_t count;
};

struct ctl_watch *
ctl_watch_new(FILE *out, bool json)
{
    struct ctl_watch *watch = calloc(1, sizeof(*watch));

    if (!watch)
        return NULL;
    watch->out = out;
    watch->json = json;
    watch->terminal = !json && isatty(fileno(out));
    return watch;
}

void
ctl_watch_free(struct ctl_watch *watch)
{
    if (!watch)
        return;
    if (watch->terminal && watch->last)
        fputc('\n', watch->out);
    free(watch->last);
    free(watch);
}

uint64_t
ctl_watch_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t
number_of(const json_t *row, const char *name)
{
    json_int_t value = json_integer_value(json_object_get(row, name));

    return value > 0 ? (uint64_t)value : 0;
}

/* Thousandths of a text a second, over the samples that are kept. */
static uint64_t
rate_of(struct ctl_watch *watch, uint64_t gone, uint64_t now_ms)
{
    uint32_t newest = watch->count % SAMPLES;
    uint32_t oldest = watch->count < SAMPLES ? 0 : (watch->count + 1) % SAMPLES;
    uint64_t ms;

    watch->samples[newest].at_ms = now_ms;
    watch->samples[newest].gone = gone;
    watch->count++;
    ms = now_ms - watch->samples[oldest].at_ms;
    if (ms == 0 || gone < watch->samples[oldest].gone)
        return 0;
    return (gone - watch->samples[oldest].gone) * 1000000u / ms;
}

static void
put_left(FILE *out, uint64_t seconds)
{
    if (seconds >= 3600)
        fprintf(out, " %lluh%02llum left", (unsigned long long)(seconds / 3600),
                (unsigned long long)(seconds / 60 % 60));
    else if (seconds >= 60)
        fprintf(out, " %llum%02llus left", (unsigned long long)(seconds / 60),
                (unsigned long long)(seconds % 60));
    else
        fprintf(out, " %llus left", (unsigned long long)seconds);
}

static void
put_bar(struct ctl_watch *watch, const json_t *row, uint64_t now_ms)
{
    const char *state = json_string_value(json_object_get(row, "state"));
    uint64_t waiting = number_of(row, "waiting") + number_of(row, "queued");
    uint64_t total = number_of(row, "numbers"), gone = total > waiting ? total - waiting : 0;
    uint64_t rate = rate_of(watch, gone, now_ms);
    uint64_t cells = total ? gone * BAR_CELLS / total : 0;
    FILE *out = watch->out;

    if (cells > BAR_CELLS)
        cells = BAR_CELLS;
    if (watch->terminal)
        fputs("\r\033[K", out);
    fputc('[', out);
    for (unsigned i = 0; i < BAR_CELLS; i++)
        fputc(i < cells ? '#' : '.', out);
    fprintf(out, "] %3llu%% %s: %llu of %llu", (unsigned long long)(total ? gone * 100 / total : 0),
            state ? state : "?", (unsigned long long)gone, (unsigned long long)total);
    fprintf(out, ", delivered %llu, failed %llu, opted out %llu",
            (unsigned long long)number_of(row, "delivered"),
            (unsigned long long)number_of(row, "failed"),
            (unsigned long long)number_of(row, "skipped"));
    if (rate > 0) {
        fprintf(out, ", %llu.%llu/s", (unsigned long long)(rate / 1000),
                (unsigned long long)(rate / 100 % 10));
        if (waiting > 0)
            put_left(out, (waiting * 1000 + rate - 1) / rate);
    }
    if (!watch->terminal)
        fputc('\n', out);
}

bool
ctl_watch_show(struct ctl_watch *watch, const json_t *row, uint64_t now_ms)
{
    const char *state = json_string_value(json_object_get(row, "state"));
    char *text = json_dumps(row, JSON_COMPACT);
    bool changed = !text || !watch->last || strcmp(text, watch->last) != 0;

    if (changed && watch->json && text)
        fprintf(watch->out, "%s\n", text);
    else if (!watch->json && (changed || watch->terminal))
        put_bar(watch, row, now_ms);
    fflush(watch->out);
    free(watch->last);
    watch->last = text;
    return state && strcmp(state, "done") != 0 && strcmp(state, "cancelled") != 0;
}

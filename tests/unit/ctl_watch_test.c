/*
 * ctl_watch_test.c: the bar of `tandem ctl broadcast watch`: how far it is, its rate and the time
 * that is left (R-list-3).
 */
#include "gateway/ctl_watch.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/check.h"

#define SECOND 1000u

struct shown {
    struct ctl_watch *watch;
    FILE *out;
    char *text;
    size_t n;
};

static void
begin(struct shown *s, bool json)
{
    s->out = open_memstream(&s->text, &s->n);
    check(s->out != NULL);
    s->watch = ctl_watch_new(s->out, json);
    check(s->watch != NULL);
}

/* A row of a broadcast to 1,000, of which so many have not left; returns whether more will come. */
static bool
show(struct shown *s, const char *state, int waiting, int queued, uint64_t at_ms)
{
    json_t *row = json_pack("{s:s, s:i, s:i, s:i, s:i, s:i, s:i}", "state", state, "numbers", 1000,
                            "waiting", waiting, "queued", queued, "delivered", 7, "failed", 2,
                            "skipped", 1);
    bool more = ctl_watch_show(s->watch, row, at_ms);

    json_decref(row);
    return more;
}

/* The line that was shown last, without the end of it. */
static const char *
last_line(struct shown *s)
{
    char *end;

    fflush(s->out);
    check(s->n > 1 && s->text[s->n - 1] == '\n');
    s->text[s->n - 1] = 0;
    end = strrchr(s->text, '\n');
    return end ? end + 1 : s->text;
}

static void
end(struct shown *s)
{
    ctl_watch_free(s->watch);
    fclose(s->out);
    free(s->text);
}

static void
r_list_3_watch_shows_rate_and_time_left(void)
{
    struct shown s = {0};

    begin(&s, false);
    check(show(&s, "running", 800, 200, 5 * SECOND));
    check_text(slice_str(last_line(&s)),
               "[..............................]   0% running: 0 of 1000, "
               "delivered 7, failed 2, opted out 1");
    end(&s);
    begin(&s, false);
    check(show(&s, "running", 800, 200, 5 * SECOND));
    check(show(&s, "running", 700, 200, 7 * SECOND)); /* 100 in 2 seconds, and 900 are left */
    check_text(slice_str(last_line(&s)),
               "[###...........................]  10% running: 100 of 1000, "
               "delivered 7, failed 2, opted out 1, 50.0/s 18s left");
    end(&s);
}

static void
r_list_3_watch_time_left_in_minutes_and_hours(void)
{
    struct shown s = {0};

    begin(&s, false);
    check(show(&s, "running", 1000, 0, 0));
    check(show(&s, "running", 990, 0, 2 * SECOND)); /* 5 a second */
    check(strstr(last_line(&s), "5.0/s 3m18s left") != NULL);
    end(&s);
    begin(&s, false);
    check(show(&s, "running", 1000, 0, 0));
    check(show(&s, "running", 999, 0, 10 * SECOND));
    check(strstr(last_line(&s), "0.1/s 2h46m left") != NULL);
    end(&s);
}

/* The rate follows what happened lately: after the samples of a fast beginning it is slow. */
static void
r_list_3_watch_rate_follows(void)
{
    struct shown s = {0};
    int waiting = 500;
    uint64_t at_ms = 0;

    begin(&s, false);
    check(show(&s, "running", 1000, 0, at_ms));
    for (int i = 0; i < 25; i++)
        check(show(&s, "running", waiting--, 0, at_ms += SECOND));
    check(strstr(last_line(&s), " 1.0/s ") != NULL);
    end(&s);
}

static void
r_list_3_watch_ends_with_the_broadcast(void)
{
    struct shown s = {0};

    begin(&s, false);
    check(show(&s, "paused", 100, 0, 0));
    check(!show(&s, "cancelled", 100, 0, SECOND));
    end(&s);
    begin(&s, false);
    check(show(&s, "running", 10, 0, 0));
    check(!show(&s, "done", 0, 0, SECOND));
    check(strstr(last_line(&s), "100% done: 1000 of 1000") != NULL);
    check(strstr(s.text, "left") == NULL);
    end(&s);
}

/* Rows for programs, each only when something has changed. */
static void
r_list_3_watch_as_json(void)
{
    struct shown s = {0};
    size_t n;

    begin(&s, true);
    check(show(&s, "running", 10, 0, 0));
    fflush(s.out);
    n = s.n;
    check(s.text[0] == '{' && s.text[n - 1] == '\n');
    check(show(&s, "running", 10, 0, SECOND));
    fflush(s.out);
    check(s.n == n);
    end(&s);
}

CHECK_MAIN({"r_list_3_watch_shows_rate_and_time_left", r_list_3_watch_shows_rate_and_time_left},
           {"r_list_3_watch_time_left_in_minutes_and_hours",
            r_list_3_watch_time_left_in_minutes_and_hours},
           {"r_list_3_watch_rate_follows", r_list_3_watch_rate_follows},
           {"r_list_3_watch_ends_with_the_broadcast", r_list_3_watch_ends_with_the_broadcast},
           {"r_list_3_watch_as_json", r_list_3_watch_as_json})

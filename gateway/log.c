/*
 * log.c: see log.h. Separate because both threads write here: its lock is held for one write to a
 * descriptor that was seen to be ready, and for nothing else.
 */
#include "gateway/log.h"

#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "gateway/clock.h"
#include "gateway/limits.h"

/* Lines about one thing: what was said last, and what was held back since. */
struct log_slot {
    uint64_t key;
    uint64_t line;                  /* hash of the last line that was written */
    uint64_t written_ms;
    uint64_t second;                /* for the burst */
    uint32_t in_second;
    uint32_t held;
    enum log_level level;
    char head[120];                 /* what and the first key=value */
};

static struct {
    pthread_mutex_t lock;
    atomic_int level;
    int fd;
    uint64_t lost;                  /* all, and since the last line that passed */
    uint64_t lost_now;
    struct log_slot slots[LOG_SLOTS];
} log_state = {.lock = PTHREAD_MUTEX_INITIALIZER, .level = LOG_LEVEL_INFO, .fd = STDERR_FILENO};

static const char *const level_names[] = {"error", "warn", "info", "debug"};

const char *
log_level_name(enum log_level level)
{
    return (unsigned)level < 4 ? level_names[level] : "?";
}

bool
log_level_by_name(const char *name, enum log_level *out)
{
    for (int i = 0; i < 4; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *out = (enum log_level)i;
            return true;
        }
    }
    return false;
}

void
log_open(enum log_level level, int fd)
{
    log_state.fd = fd;
    log_set_level(level);
}

void
log_set_level(enum log_level level)
{
    atomic_store_explicit(&log_state.level, (int)level, memory_order_relaxed);
}

bool
log_on(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&log_state.level, memory_order_relaxed);
}

uint64_t
log_lost(void)
{
    uint64_t lost;

    pthread_mutex_lock(&log_state.lock);
    lost = log_state.lost;
    pthread_mutex_unlock(&log_state.lock);
    return lost;
}

static uint64_t
hash(struct slice in)
{
    uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */

    for (size_t i = 0; i < in.n; i++)
        h = (h ^ in.p[i]) * 0x100000001b3u;
    return h ? h : 1;
}

/* Copies with everything outside printable ASCII escaped; returns the length. */
static size_t
escape(char *out, size_t cap, struct slice in)
{
    static const char digits[] = "0123456789abcdef";
    size_t n = 0;

    for (size_t i = 0; i < in.n && n + 5 < cap; i++) {
        uint8_t c = in.p[i];

        if (c >= 0x20 && c < 0x7f) {
            out[n++] = (char)c;
            continue;
        }
        out[n++] = '\\';
        out[n++] = 'x';
        out[n++] = digits[c >> 4];
        out[n++] = digits[c & 15];
    }
    out[n] = '\0';
    return n;
}

const char *
log_value(char buf[LOG_VALUE_BYTES], struct slice value)
{
    bool plain = value.n > 0;
    size_t n;

    for (size_t i = 0; i < value.n; i++)
        plain = plain && value.p[i] > ' ' && value.p[i] != '"' && value.p[i] != '=';
    if (plain) {
        escape(buf, LOG_VALUE_BYTES, value);
        return buf;
    }
    buf[0] = '"';
    n = escape(buf + 1, LOG_VALUE_BYTES - 2, value);
    for (size_t i = 1; i <= n; i++) {
        if (buf[i] == '"')
            buf[i] = '\'';
    }
    buf[n + 1] = '"';
    buf[n + 2] = '\0';
    return buf;
}

/* Never waits: a pipe that nobody empties or a full disk costs the line. */
static bool
put(const char *line, size_t n)
{
    struct pollfd ready = {.fd = log_state.fd, .events = POLLOUT};
    ssize_t done = -1;

    if (poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT))
        done = write(log_state.fd, line, n);
    if (done == (ssize_t)n)
        return true;
    log_state.lost++;
    log_state.lost_now++;
    return false;
}

/* With the lock held: time, level, text, and what was held back before it. */
static void
emit(enum log_level level, const char *text, uint32_t held)
{
    char line[LOG_LINE_BYTES + 160];
    uint64_t now = clock_wall_ms();
    time_t seconds = (time_t)(now / 1000);
    struct tm utc;
    char stamp[32], counts[64] = "";
    int n;

    gmtime_r(&seconds, &utc);
    strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &utc);
    if (held > 0)
        snprintf(counts, sizeof(counts), " repeated=%u", held);
    n = snprintf(line, sizeof(line), "%s.%03uZ %s %s%s", stamp, (unsigned)(now % 1000),
                 log_level_name(level), text, counts);
    if (log_state.lost_now > 0 && n > 0 && (size_t)n < sizeof(line)) {
        n += snprintf(line + n, sizeof(line) - (size_t)n, " log_lost=%llu",
                      (unsigned long long)log_state.lost_now);
    }
    if (n < 0)
        return;
    if ((size_t)n > sizeof(line) - 2)
        n = (int)sizeof(line) - 2;
    line[n] = '\n';
    if (put(line, (size_t)n + 1))
        log_state.lost_now = 0;
}

/* The length of `what` and the first key=value, or of all of a line without keys. */
static size_t
head_length(const char *text)
{
    const char *equals = strchr(text, '=');
    const char *blank = equals ? strchr(equals, ' ') : NULL;

    return blank ? (size_t)(blank - text) : strlen(text);
}

static void
slot_report(struct log_slot *slot)
{
    if (slot->held > 0)
        emit(slot->level, slot->head, slot->held);
    slot->held = 0;
}

static struct log_slot *
slot_of(enum log_level level, const char *text)
{
    size_t n = head_length(text);
    uint64_t key = hash(slice_of(text, n));
    struct log_slot *slot = &log_state.slots[key % LOG_SLOTS];

    if (slot->key == key)
        return slot;
    slot_report(slot);
    *slot = (struct log_slot){.key = key, .level = level};
    if (n >= sizeof(slot->head))
        n = sizeof(slot->head) - 1;
    memcpy(slot->head, text, n);
    return slot;
}

/* With the lock held. Errors end the process or need a person: they are never held back. */
static void
emit_limited(enum log_level level, const char *text)
{
    uint64_t now = clock_mono_ms(), line = hash(slice_str(text));
    struct log_slot *slot;

    if (level == LOG_LEVEL_DEBUG || level == LOG_LEVEL_ERROR) {
        emit(level, text, 0);
        return;
    }
    slot = slot_of(level, text);
    if (slot->second != now / 1000) {
        slot->second = now / 1000;
        slot->in_second = 0;
    }
    if ((slot->line == line && now - slot->written_ms < LOG_REPEAT_MS) ||
        slot->in_second >= LOG_BURST) {
        slot->held++;
        return;
    }
    emit(level, text, slot->held);
    slot->held = 0;
    slot->in_second++;
    slot->line = line;
    slot->written_ms = now;
}

static void
log_escaped(enum log_level level, struct slice text, bool every)
{
    char clean[LOG_LINE_BYTES];

    escape(clean, sizeof(clean), text);
    pthread_mutex_lock(&log_state.lock);
    if (every)
        emit(level, clean, 0);
    else
        emit_limited(level, clean);
    pthread_mutex_unlock(&log_state.lock);
}

__attribute__((format(printf, 2, 0))) static struct slice
line_of(char text[LOG_LINE_BYTES], const char *format, const char *what, va_list args)
{
    int n = snprintf(text, LOG_LINE_BYTES, "%s ", what), more;

    more = vsnprintf(text + n, LOG_LINE_BYTES - (size_t)n, format, args);
    n = more == 0 ? n - 1 : more < 0 ? n : n + more;
    if ((size_t)n > LOG_LINE_BYTES - 1)
        n = (int)LOG_LINE_BYTES - 1;
    return slice_of(text, (size_t)n);
}

void
log_line(enum log_level level, const char *what, const char *format, ...)
{
    char text[LOG_LINE_BYTES];
    va_list args;

    if (!log_on(level))
        return;
    va_start(args, format);
    log_escaped(level, line_of(text, format, what, args), false);
    va_end(args);
}

void
log_every(enum log_level level, const char *what, const char *format, ...)
{
    char text[LOG_LINE_BYTES];
    va_list args;

    va_start(args, format);
    log_escaped(level, line_of(text, format, what, args), true);
    va_end(args);
}

void
log_text(enum log_level level, struct slice text)
{
    if (log_on(level))
        log_escaped(level, text, false);
}

void
log_flush(void)
{
    uint64_t now = clock_mono_ms();

    pthread_mutex_lock(&log_state.lock);
    for (size_t i = 0; i < LOG_SLOTS; i++) {
        struct log_slot *slot = &log_state.slots[i];

        if (slot->held > 0 && now - slot->written_ms >= LOG_REPEAT_MS) {
            slot_report(slot);
            slot->written_ms = now;
        }
    }
    pthread_mutex_unlock(&log_state.lock);
}

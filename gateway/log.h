/*
 * log.h: one event, one line on stderr: time, level, what, then key=value with the id first.
 *
 *     log_line(LOG_LEVEL_WARN, "bind refused", "link=%s peer=%s status=%s", ...);
 *     2026-11-22T11:03:00.123Z warn bind refused link=sim peer=127.0.0.1:2776 status=RBINDFAIL
 *
 * Logging never holds up a message: a line that stderr does not take at once is dropped and
 * counted. The same line again within LOG_REPEAT_MS, and more than LOG_BURST lines a second about
 * the same thing (`what` and the first key=value), are counted, and the count is logged later.
 * Octets outside printable ASCII are escaped, so that no peer can forge a line. Any thread may
 * log.
 */
#ifndef TANDEM_LOG_H
#define TANDEM_LOG_H

#include <stdio.h>

#include "gateway/relay/effects.h"

/* Lines above this level are not written. The descriptor is the log's own copy from now on. */
void log_open(enum log_level level, int fd);
void log_set_level(enum log_level level);
bool log_level_by_name(const char *name, enum log_level *out);
const char *log_level_name(enum log_level level);

/* Worth formatting? Only debug lines need to ask. */
bool log_on(enum log_level level);

void log_line(enum log_level level, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, but whatever the level of the log, and without a limit: a trace that a person has asked
 * for is whole or worthless. */
void log_every(enum log_level level, const char *what, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A whole line from the core: what and keys together. */
void log_text(enum log_level level, struct slice text);

/* A value that came from outside, quoted if it holds blanks; returns buf. */
#define LOG_VALUE_BYTES 128u
const char *log_value(char buf[LOG_VALUE_BYTES], struct slice value);

/* Logs the counts of lines that were held back and have stopped; call it every second or so. */
void log_flush(void);

/* Lines that could not be written. */
uint64_t log_lost(void);

#endif

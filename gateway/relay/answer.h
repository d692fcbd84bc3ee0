/*
 * answer.h: the answer to a command: rows of named values, as JSON text.
 *
 * A command opens a row, puts values into it and closes it; each closed row goes to whoever made
 * the answer. Written by hand and without allocation, because commands of the core use it too.
 * Names of values are our own identifiers; texts may hold anything.
 */
#ifndef TANDEM_ANSWER_H
#define TANDEM_ANSWER_H

#include "protocol/addr.h"
#include "protocol/slice.h"

/* The longest row. A text that does not fit is cut, and the row then says "cut": true. */
#define ANSWER_ROW_BYTES (16u * 1024u)
#define ANSWER_WHY_BYTES 200u

struct answer {
    void (*row)(void *context, struct slice json);
    void *context;
    uint32_t rows;               /* closed so far */
    char why[ANSWER_WHY_BYTES];  /* of a command that failed: a sentence for a person */
    bool cut;                    /* the row that is open lost something */
    size_t n;
    char p[ANSWER_ROW_BYTES];
};

void answer_init(struct answer *answer, void (*row)(void *context, struct slice json),
                 void *context);

void answer_open(struct answer *answer);
void answer_close(struct answer *answer);

void answer_number(struct answer *answer, const char *name, uint64_t value);
void answer_flag(struct answer *answer, const char *name, bool value);
void answer_none(struct answer *answer, const char *name);
/* What is not UTF-8 becomes U+FFFD. */
void answer_text(struct answer *answer, const char *name, struct slice text);
void answer_word(struct answer *answer, const char *name, const char *text);
/* As in the log: "4477*****123". */
void answer_masked(struct answer *answer, const char *name, const struct addr *addr);
/* Wall time, "2026-11-22T14:00:00Z"; 0 is null. */
void answer_time(struct answer *answer, const char *name, uint64_t at_ms);

/* Sets why, cut to its size. */
void answer_why(struct answer *answer, const char *why);

#endif

/*
 * conf_rows.h: how a row of the option table is written, for the files that have rows; and the
 * words that both files of the configuration know.
 */
#ifndef TANDEM_CONF_ROWS_H
#define TANDEM_CONF_ROWS_H

#include <stddef.h>

#include "conf/conf_int.h"

#define AT(type, member)                                                                           \
    .offset = offsetof(struct type, member), .size = sizeof(((struct type *)0)->member)
#define OPTIONS(table) .options = (table), .option_count = sizeof(table) / sizeof((table)[0])
#define COUNT(low, high, what) .type = OPT_COUNT, .min = (low), .max = (high), .unit = (what)
#define DURATION(low, high) .type = OPT_DURATION, .min = (low), .max = (high)
#define SIZE(low, high) .type = OPT_SIZE, .min = (low), .max = (high)
#define WORD(list) .type = OPT_WORD, .words = (list)
#define TEXT(kind, low, high) .type = (kind), .min = (low), .max = (high)
#define ID TEXT(OPT_ID, 1, CONF_ID_BYTES_MAX)
#define LIST_OF(kind, section_of, member)                                                          \
    AT(kind, member##s), .type = OPT_LIST, .section = &(section_of),                               \
                         .count_offset = offsetof(struct kind, member##_count)

extern const struct conf_word conf_alphabet_words[], conf_long_form_words[];

/* Their sections in the order of the reference; ends with NULL. */
extern const struct conf_section *const conf_gateway_sections[], *const conf_directory_sections[];

#endif

/*
 * conf_template.h: the texts that Tandem writes to phones, with {name} placeholders.
 *
 * "{{" and "}}" stand for one brace. Templates are checked when they are loaded, so expanding one
 * cannot meet an unknown name. Values are put in as they are and never looked at again: a
 * {placeholder} that a person typed stays what it is (G24). Pure: nothing allocates, so the relay
 * core may use it.
 */
#ifndef TANDEM_CONF_TEMPLATE_H
#define TANDEM_CONF_TEMPLATE_H

#include "conf/conf.h"

enum template_err { TEMPLATE_OK, TEMPLATE_UNKNOWN_NAME, TEMPLATE_OPEN_BRACE, TEMPLATE_CLOSE_BRACE };

struct template_fault {
    enum template_err err;
    size_t at;         /* octet of the template */
    struct slice name; /* that is unknown */
};

struct template_value {
    const char *name;
    struct slice value;
};

#define TEMPLATE_NAMES_MAX 3u

/* What a message may contain, and the longest value of each in characters: {text} counts as 0, it
 * has its own limits. */
struct template_name {
    const char *name; /* NULL ends the list */
    uint32_t chars_max;
    bool required; /* without it the message would be of no use */
};
const struct template_name *conf_template_names(enum conf_message message);

/* The same of an automatic reply. */
extern const struct template_name conf_template_auto_names[];

/* False, and what is wrong first. */
bool conf_template_check(const char *text, const struct template_name *names,
                         struct template_fault *fault);
/* How often the placeholder stands in it. */
unsigned conf_template_uses(const char *text, const char *name);
/* At most so often, so that who expands a template knows how much room it takes at most. */
#define TEMPLATE_USES_MAX 2u

/* Writes the text with its values to out. Returns its length; 0 if it is empty or longer than cap,
 * and then out is unspecified. Every placeholder of the template must be among the values; there
 * may be more. */
size_t conf_template_expand(const char *text, const struct template_value *values, size_t count,
                            uint8_t *out, size_t cap);

#endif

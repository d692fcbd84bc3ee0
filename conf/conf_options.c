/*
 * conf_options.c: THE option table as a whole: every key of both files, where it goes, what it may
 * be, and what it does.
 *
 * The reader, the reference in the manual and the tests all walk it, so an option exists when it
 * has a row, in conf_gateway_options.c or conf_directory_options.c. Tables only; conf_value.c and
 * conf_read.c give them meaning.
 */
#include "conf/conf_rows.h"

const char *
conf_type_name(enum conf_type type)
{
    static const char *const names[CONF_TYPES] = {
        [OPT_COUNT] = "number",
        [OPT_DURATION] = "duration",
        [OPT_SIZE] = "size",
        [OPT_PERCENT] = "percent",
        [OPT_BOOL] = "true or false",
        [OPT_STATUS] = "status",
        [OPT_DATE] = "date",
        [OPT_ZONE] = "zone",
        [OPT_CLOCK] = "time of day",
        [OPT_WORD] = "word",
        [OPT_WORD_TEXT] = "word",
        [OPT_ID] = "id",
        [OPT_ASCII] = "ASCII text",
        [OPT_NAME] = "text",
        [OPT_HOST] = "host",
        [OPT_IP] = "IP address",
        [OPT_COUNTRY] = "country",
        [OPT_PATH] = "path",
        [OPT_MESSAGE] = "message",
        [OPT_TEMPLATE] = "message",
        [OPT_PASSWORD] = "ASCII text",
        [OPT_PASSWORD_HASH] = "hash",
        [OPT_PASSWORD_FILE] = "path",
        [OPT_PASSWORD_ENV] = "environment variable",
        [OPT_PHONE] = "phone number",
        [OPT_SENDER] = "phone number or sender name",
        [OPT_IDS] = "list of ids",
        [OPT_SENDERS] = "list of phone numbers and sender names",
        [OPT_NETS] = "list of networks",
        [OPT_PREFIXES] = "list of prefixes",
        [OPT_WORDS] = "list of words",
        [OPT_KEYWORDS] = "list of keywords",
        [OPT_TEXTS] = "list of texts",
        [OPT_APP_BINDS] = "list of transmitter, receiver, transceiver",
        [OPT_SECTION] = "section",
        [OPT_LIST] = "list",
    };

    return (unsigned)type < CONF_TYPES ? names[type] : "?";
}

const struct conf_section *
conf_section_at(size_t at)
{
    size_t gateway = 0;

    while (conf_gateway_sections[gateway])
        gateway++;
    return at < gateway ? conf_gateway_sections[at] : conf_directory_sections[at - gateway];
}

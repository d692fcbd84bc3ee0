/*
 * conf_value.c: one scalar of a configuration: numbers with their units, and what may stand in each
 * kind of text.
 *
 * Pure functions of an option and a text, apart from the walk over the tree so that tests can try
 * every spelling. Numbers are decimal and written in one way only; whatever another reader might
 * take for something else is refused.
 */
#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>

#include "conf/conf_int.h"
#include "protocol/smpptime.h"

struct unit {
    const char *name;
    uint64_t factor;
};

/* From large to small, which is the order in which a number looks for the unit to be written in. */
static const struct unit duration_units[] = {{"d", CONF_DAY},    {"h", CONF_HOUR},
                                             {"m", CONF_MINUTE}, {"s", CONF_SECOND},
                                             {"ms", CONF_MS},    {NULL, 0}};
static const struct unit size_units[] = {{"TiB", CONF_TIB}, {"GiB", CONF_GIB}, {"MiB", CONF_MIB},
                                         {"KiB", CONF_KIB}, {"B", 1},          {NULL, 0}};
static const struct unit percent_units[] = {{"%", 1}, {NULL, 0}};
static const struct unit no_units[] = {{"", 1}, {NULL, 0}};

static const struct unit *
units_of(enum conf_type type)
{
    if (type == OPT_DURATION)
        return duration_units;
    if (type == OPT_SIZE)
        return size_units;
    if (type == OPT_PERCENT)
        return percent_units;
    return no_units;
}

const char *
conf_number_format(const struct conf_option *option, uint64_t number, char buf[32])
{
    const struct unit *unit = units_of(option->type);

    while (unit[1].name && (number == 0 || number % unit->factor != 0))
        unit++;
    /* Zero is "0s", not "0ms". */
    if (number == 0 && option->type == OPT_DURATION)
        unit--;
    snprintf(buf, 32, "%llu%s", (unsigned long long)(number / unit->factor), unit->name);
    return buf;
}

static const char *
how_to_write(enum conf_type type)
{
    if (type == OPT_DURATION)
        return "write a whole number and a unit (ms, s, m, h, d) without a blank, as in 30s";
    if (type == OPT_SIZE)
        return "write a whole number and a unit (B, KiB, MiB, GiB, TiB) without a blank, as in "
               "64MiB";
    if (type == OPT_PERCENT)
        return "write a whole number and %, as in 80%";
    return "write a whole number in decimal digits";
}

static bool
out_of_range(const struct conf_option *option, struct slice text, char why[CONF_WHY_BYTES])
{
    char min[32], max[32];
    struct conf_quote quote;

    snprintf(why, CONF_WHY_BYTES, "`%s` is not between %s and %s", conf_quoted(&quote, text),
             conf_number_format(option, option->min, min),
             conf_number_format(option, option->max, max));
    return false;
}

static bool
badly_written(enum conf_type type, struct slice text, char why[CONF_WHY_BYTES])
{
    struct conf_quote quote;

    snprintf(why, CONF_WHY_BYTES, "`%s`: %s", conf_quoted(&quote, text), how_to_write(type));
    return false;
}

static bool
number_with_unit(const struct conf_option *option, struct slice text, uint64_t *out,
                 char why[CONF_WHY_BYTES])
{
    const struct unit *unit = units_of(option->type);
    uint64_t number = 0;
    bool overflow = false;
    size_t n = 0;

    for (; n < text.n && text.p[n] >= '0' && text.p[n] <= '9'; n++)
        overflow |= __builtin_mul_overflow(number, 10u, &number) ||
                    __builtin_add_overflow(number, (uint64_t)(text.p[n] - '0'), &number);
    while (unit->name && !slice_eq(slice_str(unit->name), slice_of(text.p + n, text.n - n)))
        unit++;
    if (n == 0 || !unit->name)
        return badly_written(option->type, text, why);
    if (n > 1 && text.p[0] == '0') {
        snprintf(why, CONF_WHY_BYTES, "a number must not begin with 0: it could be meant as octal");
        return false;
    }
    overflow |= __builtin_mul_overflow(number, unit->factor, &number);
    if (overflow || number < option->min || number > option->max)
        return out_of_range(option, text, why);
    *out = number;
    return true;
}

static bool
one_of_words(const struct conf_option *option, struct slice text, uint64_t *out,
             char why[CONF_WHY_BYTES])
{
    struct conf_quote quote;
    size_t used;

    for (const struct conf_word *word = option->words; word->word; word++) {
        if (slice_eq(slice_str(word->word), text)) {
            *out = word->value;
            return true;
        }
    }
    used = (size_t)snprintf(why, CONF_WHY_BYTES, "`%s` is not one of", conf_quoted(&quote, text));
    for (const struct conf_word *word = option->words; word->word && used < CONF_WHY_BYTES; word++)
        used += (size_t)snprintf(why + used, CONF_WHY_BYTES - used, "%s %s",
                                 word == option->words ? "" : ",", word->word);
    return false;
}

/* One to eight hex digits. */
static bool
hex_number(struct slice digits, uint32_t *out)
{
    uint32_t number = 0;

    for (size_t i = 0; i < digits.n; i++) {
        const uint8_t c = digits.p[i];
        const char *hex = "0123456789abcdef";
        const char *digit = c ? strchr(hex, c | 0x20) : NULL;

        /* The bit of lower case makes digits of some control characters. */
        if (!digit || (c < '0' || (c > '9' && c < 'A')))
            return false;
        number = number << 4 | (uint32_t)(digit - hex);
    }
    *out = number;
    return digits.n >= 1 && digits.n <= 8;
}

static bool
status_parse(struct slice text, uint64_t *out, char why[CONF_WHY_BYTES])
{
    uint32_t status = 0;
    struct conf_quote quote;
    bool hex = text.n > 2 && text.p[0] == '0' && (text.p[1] | 0x20) == 'x';

    if (hex ? hex_number(slice_of(text.p + 2, text.n - 2), &status)
            : smpp_status_by_name((const char *)text.p, &status)) {
        *out = status;
        if (status == SMPP_ROK)
            snprintf(why, CONF_WHY_BYTES, "`%s` is success, which needs no action",
                     conf_quoted(&quote, text));
        return status != SMPP_ROK;
    }
    snprintf(why, CONF_WHY_BYTES,
             "`%s`: write the name of a status, as in RTHROTTLED, or 0x and up to 8 hex digits",
             conf_quoted(&quote, text));
    return false;
}

/* Minutes as the octets of an int16_t. Zones lie in quarter hours. */
static bool
zone_parse(struct slice text, uint64_t *out, char why[CONF_WHY_BYTES])
{
    static const char form[] = "+00:00";
    struct conf_quote quote;
    bool good = text.n == sizeof(form) - 1 && (text.p[0] == '+' || text.p[0] == '-');
    int minutes;

    for (size_t i = 1; good && i < text.n; i++)
        good = form[i] == '0' ? text.p[i] >= '0' && text.p[i] <= '9' : text.p[i] == form[i];
    if (good) {
        minutes = ((text.p[1] - '0') * 10 + text.p[2] - '0') * 60;
        good = text.p[4] < '6';
        minutes += (text.p[4] - '0') * 10 + text.p[5] - '0';
        minutes = text.p[0] == '-' ? -minutes : minutes;
        *out = (uint64_t)(uint16_t)minutes;
        if (good && minutes % 15 == 0 && minutes >= CONF_ZONE_MIN && minutes <= CONF_ZONE_MAX)
            return true;
    }
    snprintf(why, CONF_WHY_BYTES,
             "`%s`: write hours and minutes east of UTC in quarter hours, from -12:00 to +14:00, "
             "as in +05:30",
             conf_quoted(&quote, text));
    return false;
}

static bool
date_parse(struct slice text, uint64_t *out, char why[CONF_WHY_BYTES])
{
    struct conf_quote quote;

    if (calendar_parse(text, out) && *out > 0)
        return true;
    snprintf(why, CONF_WHY_BYTES,
             "`%s`: write a date, or a date, a time and where that is, as in 2026-12-01 or "
             "2026-12-01T09:00:00+01:00",
             conf_quoted(&quote, text));
    return false;
}

/* Minutes of a day. 24:00 is its end. */
static bool
clock_parse(struct slice text, uint64_t *out, char why[CONF_WHY_BYTES])
{
    static const char form[] = "00:00";
    bool good = text.n == sizeof(form) - 1;
    struct conf_quote quote;

    for (size_t i = 0; good && i < text.n; i++)
        good = form[i] == '0' ? text.p[i] >= '0' && text.p[i] <= '9' : text.p[i] == form[i];
    if (good) {
        *out = ((uint64_t)(text.p[0] - '0') * 10 + (uint64_t)(text.p[1] - '0')) * 60 +
               (uint64_t)(text.p[3] - '0') * 10 + (uint64_t)(text.p[4] - '0');
        good = text.p[3] < '6' && *out <= 24 * 60;
    }
    if (!good)
        snprintf(why, CONF_WHY_BYTES, "`%s`: write hours and minutes from 00:00 to 24:00",
                 conf_quoted(&quote, text));
    return good;
}

bool
conf_number_parse(const struct conf_option *option, struct slice text, uint64_t *out,
                  char why[CONF_WHY_BYTES])
{
    bool yes = slice_eq(text, SLICE_LIT("true"));

    if (option->type == OPT_WORD)
        return one_of_words(option, text, out, why);
    if (option->type == OPT_STATUS)
        return status_parse(text, out, why);
    if (option->type == OPT_ZONE)
        return zone_parse(text, out, why);
    if (option->type == OPT_DATE)
        return date_parse(text, out, why);
    if (option->type == OPT_CLOCK)
        return clock_parse(text, out, why);
    if (option->type != OPT_BOOL)
        return number_with_unit(option, text, out, why);
    if (!yes && !slice_eq(text, SLICE_LIT("false"))) {
        struct conf_quote quote;

        snprintf(why, CONF_WHY_BYTES, "`%s`: write true or false", conf_quoted(&quote, text));
        return false;
    }
    *out = yes;
    return true;
}

/* May this octet stand in a text of this type? */
static bool
octet_allowed(enum conf_type type, uint8_t c)
{
    if (type == OPT_ID)
        return conf_is_letter(c) || conf_is_digit(c) || c == '.' || c == '_' || c == '-';
    if (type == OPT_PASSWORD_ENV)
        return conf_is_letter(c) || conf_is_digit(c) || c == '_';
    if (type == OPT_HOST)
        return conf_is_letter(c) || conf_is_digit(c) || c == '.' || c == '-' || c == ':';
    if (type == OPT_ASCII || type == OPT_PASSWORD || type == OPT_PASSWORD_HASH)
        return c >= 0x20 && c < 0x7F;
    return c >= 0x20 && c != 0x7F;
}

static const char *
octets_of(enum conf_type type)
{
    if (type == OPT_ID)
        return "letters, digits, `.`, `_` and `-`";
    if (type == OPT_PASSWORD_ENV)
        return "letters, digits and `_`";
    if (type == OPT_HOST)
        return "an address, or a host name of letters, digits, `.` and `-`";
    if (type == OPT_ASCII || type == OPT_PASSWORD || type == OPT_PASSWORD_HASH)
        return "printable ASCII characters";
    return "printable characters";
}

static size_t
count_chars(struct slice text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.n; i++)
        count += (text.p[i] & 0xC0) != 0x80;
    return count;
}

static bool
length_allowed(const struct conf_option *option, struct slice text, char why[CONF_WHY_BYTES])
{
    bool chars = option->type == OPT_NAME || option->type == OPT_KEYWORDS ||
                 option->type == OPT_TEXTS;
    size_t length = chars ? count_chars(text) : text.n;

    if (length >= option->min && length <= option->max)
        return true;
    if (length == 0)
        snprintf(why, CONF_WHY_BYTES, "must not be empty");
    else if (option->min == option->max)
        snprintf(why, CONF_WHY_BYTES, "has %zu characters, must have %llu", length,
                 (unsigned long long)option->max);
    else
        snprintf(why, CONF_WHY_BYTES, "has %zu characters, at most %llu are allowed", length,
                 (unsigned long long)option->max);
    return false;
}

/* A dotted or colon form that inet_pton() takes; names are not looked up here. */
static bool
is_address(struct slice text)
{
    char copy[INET6_ADDRSTRLEN] = "";
    uint8_t octets[16];

    if (text.n >= sizeof(copy))
        return false;
    memcpy(copy, text.p, text.n);
    return inet_pton(AF_INET, copy, octets) == 1 || inet_pton(AF_INET6, copy, octets) == 1;
}

/* Digits and dots alone are meant as an address, so they must be one; colons are in no name. */
static bool
is_host(struct slice text)
{
    bool name = false, colon = false;

    for (size_t i = 0; i < text.n; i++) {
        name |= conf_is_letter(text.p[i]) || text.p[i] == '-';
        colon |= text.p[i] == ':';
    }
    return is_address(text) || (name && !colon && text.p[0] != '-' && text.p[0] != '.');
}

static bool
is_country(struct slice text)
{
    return text.n == 0 || (text.n == 2 && text.p[0] >= 'A' && text.p[0] <= 'Z' &&
                           text.p[1] >= 'A' && text.p[1] <= 'Z');
}

/* --- argon2id as libsodium writes it --- */

/* "m=65536" of text, from *at on and up to `end`; 0 if it is not there or more than max. */
static uint32_t
hash_number(const char **at, const char *name, char end, uint32_t max)
{
    size_t n = strlen(name);
    uint32_t number = 0;

    if (strncmp(*at, name, n) != 0 || (*at)[n] == '0')
        return 0;
    for (*at += n; **at >= '0' && **at <= '9' && number <= max; ++*at)
        number = number * 10 + (uint32_t)(**at - '0');
    if (*(*at)++ != end || number > max)
        return 0;
    return number;
}

/* Octets in base64 without padding, up to `end`. */
static bool
hash_octets(const char **at, char end, size_t octets)
{
    size_t n = 0;

    while (conf_is_letter((uint8_t)(*at)[n]) || conf_is_digit((uint8_t)(*at)[n]) ||
           (*at)[n] == '+' || (*at)[n] == '/')
        n++;
    if ((*at)[n] != end || n != (octets * 4 + 2) / 3)
        return false;
    *at += n + (end != '\0');
    return true;
}

/* Every check of a password costs what its hash says, so more than CONF_HASH_... is refused. */
static bool
is_hash(struct slice text)
{
    static const char first[] = "$argon2id$v=19$";
    const char *at = (const char *)text.p;

    if (strncmp(at, first, sizeof(first) - 1) != 0)
        return false;
    at += sizeof(first) - 1;
    return hash_number(&at, "m=", ',', CONF_HASH_MEMORY_MAX_KIB) >= 8 &&
           hash_number(&at, "t=", ',', CONF_HASH_PASSES_MAX) && hash_number(&at, "p=", '$', 1) &&
           hash_octets(&at, '$', 16) && hash_octets(&at, '\0', 32);
}

/* --- networks --- */

/* The number behind the slash, or max without one; UINT32_MAX if there is anything else. */
static uint32_t
net_bits(const char *slash, uint32_t max)
{
    const char *at = slash;
    uint32_t bits;

    if (!slash)
        return max;
    if (strcmp(slash, "/0") == 0)
        return 0;
    bits = hash_number(&at, "/", '\0', max);
    return bits ? bits : UINT32_MAX;
}

/* Clears what is behind the network's bits. Was there anything? */
static bool
clear_host(struct conf_net *net)
{
    bool any = false;

    for (size_t i = 0; i < sizeof(net->address); i++) {
        size_t left = net->bits > 8 * i ? net->bits - 8 * i : 0;
        unsigned mask = left >= 8 ? 0xFFu : 0xFF00u >> left & 0xFFu;

        any |= (net->address[i] & ~mask) != 0;
        net->address[i] = (uint8_t)(net->address[i] & mask);
    }
    return any;
}

/* "10.0.0.0/8" from its mapped form. */
static void
net_format(const struct conf_net *net, bool v4, char out[CONF_NET_BYTES])
{
    char address[INET6_ADDRSTRLEN] = "";

    inet_ntop(v4 ? AF_INET : AF_INET6, net->address + (v4 ? 12 : 0), address, sizeof(address));
    snprintf(out, CONF_NET_BYTES, "%s/%u", address, net->bits - (v4 ? 96u : 0u));
}

bool
conf_net_parse(struct slice text, struct conf_net *out, char why[CONF_WHY_BYTES])
{
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    char copy[CONF_NET_BYTES] = "", right[CONF_NET_BYTES];
    struct conf_quote quote;
    uint32_t bits;
    char *slash;
    bool v4;

    memset(out, 0, sizeof(*out));
    if (text.n < sizeof(copy))
        memcpy(copy, text.p, text.n);
    slash = strchr(copy, '/');
    v4 = !strchr(copy, ':');
    bits = net_bits(slash, v4 ? 32 : 128);
    if (slash)
        *slash = '\0';
    if (v4)
        memcpy(out->address, mapped, sizeof(mapped));
    if (bits == UINT32_MAX ||
        inet_pton(v4 ? AF_INET : AF_INET6, copy, out->address + (v4 ? 12 : 0)) != 1) {
        snprintf(why, CONF_WHY_BYTES,
                 "`%s` is no IPv4 or IPv6 address or network, as in 192.0.2.1 or 192.0.2.0/24",
                 conf_quoted(&quote, text));
        return false;
    }
    out->bits = (uint8_t)(bits + (v4 ? 96 : 0));
    if (!clear_host(out))
        return true;
    net_format(out, v4, right);
    snprintf(why, CONF_WHY_BYTES, "`%s` is an address in a network; the network is %s",
             conf_quoted(&quote, text), right);
    return false;
}

/* Octets and length are right; is the whole? */
static const char *
wrong_form(enum conf_type type, struct slice text)
{
    if (type == OPT_IP && !is_address(text))
        return "must be an IPv4 or IPv6 address, as in 127.0.0.1 or ::1";
    if (type == OPT_HOST && !is_host(text))
        return "must be a host name or an IPv4 or IPv6 address";
    if (type == OPT_COUNTRY && !is_country(text))
        return "must be the two capital letters of ISO 3166, as in US";
    if (type == OPT_PASSWORD_HASH && !is_hash(text))
        return "must be an argon2id hash as libsodium writes it, $argon2id$v=19$m=65536,t=2,p=1$, "
               "with at most m=262144 and t=10";
    return NULL;
}

bool
conf_text_allowed(const struct conf_option *option, struct slice text, char why[CONF_WHY_BYTES])
{
    const char *wrong;

    for (size_t i = 0; i < text.n; i++) {
        bool c1 = text.p[i] == 0xC2 && i + 1 < text.n && text.p[i + 1] < 0xA0;

        if ((!octet_allowed(option->type, text.p[i]) || c1) &&
            !((option->type == OPT_MESSAGE || option->type == OPT_TEMPLATE) &&
              text.p[i] == '\n')) {
            snprintf(why, CONF_WHY_BYTES, "character %zu is not allowed: %s only",
                     count_chars(slice_of(text.p, i)) + 1, octets_of(option->type));
            return false;
        }
    }
    if (!length_allowed(option, text, why))
        return false;
    wrong = wrong_form(option->type, text);
    if (wrong)
        snprintf(why, CONF_WHY_BYTES, "%s", wrong);
    return !wrong;
}

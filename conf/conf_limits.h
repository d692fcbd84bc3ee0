/*
 * conf_limits.h: every limit of the configuration, with the reason for the number. The option
 * table, the reader and the tests take them from here.
 */
#ifndef TANDEM_CONF_LIMITS_H
#define TANDEM_CONF_LIMITS_H

#include "protocol/smpp.h"

#define CONF_MS 1u
#define CONF_SECOND 1000u
#define CONF_MINUTE (60u * CONF_SECOND)
#define CONF_HOUR (60u * CONF_MINUTE)
#define CONF_DAY (24u * CONF_HOUR)
#define CONF_KIB UINT64_C(1024)
#define CONF_MIB (1024u * CONF_KIB)
#define CONF_GIB (1024u * CONF_MIB)
#define CONF_TIB (1024u * CONF_GIB)

/* The files. */
#define CONF_FILE_BYTES_MAX CONF_MIB /* written by hand: a thousand carriers fit */
#define CONF_DIRECTORY_BYTES_MAX                                                                   \
    (64u * CONF_MIB) /* 100,000 agents with numbers need about 20 MiB */
#define CONF_DEPTH_MAX                                                                             \
    8u /* the deepest thing we read is six deep; each level costs the scanner time */
#define CONF_KEYS_MAX                                                                              \
    64u /* of one mapping: ours have up to 25; duplicates are looked for pairwise */
#define CONF_KEY_BYTES_MAX 64u
#define CONF_PROBLEMS_MAX                                                                          \
    200u /* shown; nobody reads more, and a wrong file can have one per line */
#define CONF_QUOTE_BYTES_MAX 40u        /* of a value that a problem quotes */
#define CONF_SECRET_FILE_BYTES_MAX 128u /* the longest password and a line end */
#define CONF_PEM_BYTES_MAX CONF_MIB     /* a bundle of all public authorities has 220 KiB */

#define CONF_HISTORY_DAYS_MAX 36500u /* a century: longer is for ever */

/* What is written into it. */
#define CONF_ID_BYTES_MAX 32u    /* fits a log line and a metric label */
#define CONF_NAME_CHARS_MAX 64u  /* a screen name must leave room in a text */
#define CONF_HOST_BYTES_MAX 253u /* DNS */
#define CONF_PATH_BYTES_MAX 1024u
#define CONF_ENV_BYTES_MAX 64u
#define CONF_CERTIFICATE_BYTES_MAX 300u /* a URI that names somebody in a certificate */
#define CONF_SYSTEM_ID_MAX (SMPP_SYSTEM_ID_BYTES - 1u)
#define CONF_SYSTEM_TYPE_MAX (SMPP_SYSTEM_TYPE_BYTES - 1u)
#define CONF_PASSWORD_MAX (SMPP_PASSWORD_BYTES - 1u)
#define CONF_PASSWORD_LONG_MAX (SMPP_PASSWORD_LONG_BYTES - 1u)
#define CONF_DURATION_MAX (30u * CONF_DAY) /* Y12: anything longer is a slip of the unit */
#define CONF_HASH_CHARS_MAX 128u  /* crypto_pwhash_STRBYTES of libsodium; it writes 97 */
#define CONF_HASH_MEMORY_MAX_KIB (256u * 1024u) /* of one check of a hash; several run at a time */
#define CONF_HASH_PASSES_MAX 10u  /* of it: with the most memory this takes seconds already */
#define CONF_AGENT_GROUPS_MAX 64u
#define CONF_DESCRIPTION_CHARS_MAX 250u /* store/records.c: 1000 octets */
#define CONF_EMAIL_CHARS_MAX 254u /* RFC 5321: what fits a path */
#define CONF_TIME_ZONE_CHARS_MAX 64u /* the longest name has 32 */
#define CONF_CONTACT_PHONES_MAX 9u /* one digit chooses among them (R-multi-2) */
#define CONF_PHONE_CONTACTS_MAX 64u /* that share a phone: all are looked at for its messages */
#define CONF_BACKUPS_MAX 8u       /* of a carrier: each failed one costs the time of a connect */
#define CONF_STATUSES_MAX 64u     /* of a carrier; duplicates are looked for pairwise */
#define CONF_STATUS_TRIES_MAX 1000u
#define CONF_NET_BYTES 64u        /* an IPv6 network as text has 49 */
#define CONF_ZONE_MIN (-12 * 60)  /* minutes: where people live */
#define CONF_ZONE_MAX (14 * 60)
#define CONF_NETS_MAX 64u         /* of an app: gone through at each bind */
#define CONF_SOURCES_MAX 256u     /* of an app or a route: may be gone through for a message */
#define CONF_ROUTES_MAX 10000u
#define CONF_PREFIXES_MAX 1000u   /* of a route: all of a country's networks are some hundred */
#define CONF_PREFIX_DIGITS_MAX 15u /* E.164 */
#define CONF_ROUTE_CARRIERS_MAX 64u /* and of its backups; duplicates are looked for pairwise */
#define CONF_WEIGHT_MAX 100u
#define CONF_SOCKET_PATH_MAX 107u /* sun_path with its NUL */
#define CONF_RECEIPTS_MAX 1000000u /* of one app that wait: 200 MiB of the store */
#define CONF_TRACE_MIN CONF_MIB   /* a smaller file would be full within a second */
#define CONF_SESSIONS_MAX 10000u           /* each has a descriptor and up to 320 KiB of buffers */
#define CONF_CONNECTIONS_MAX 10000u
#define CONF_BINDS_MAX 64u    /* carriers sell a handful; each is a connection with its window */
#define CONF_WINDOW_MAX 1000u /* a crash may repeat this many messages a bind (R-rel-2) */
#define CONF_THROUGHPUT_MAX 100000u /* PDUs a second: above what one machine commits */
#define CONF_DAILY_CAP_MAX 1000000000u /* what an account of any size sends in a day */
#define CONF_TIMER_MAX                                                                             \
    CONF_HOUR /* of enquire_link and response: a peer that is silent for longer is gone */
#define CONF_STORE_MIN CONF_MIB /* tests of a full store use this */
#define CONF_STORE_MAX (16u * CONF_TIB)
#define CONF_RESERVE_MIN (64u * CONF_KIB)
#define CONF_REPLY_LIMIT_MAX 1600u    /* ten parts and a bit: longer is mail */
#define CONF_NOTICES_MAX 60u          /* one a second is a loop already */
#define CONF_PART_SETS_MAX 64u        /* of one sender: each may hold 255 parts of 140 octets */
#define CONF_TEMPLATE_BYTES_MAX 4096u /* read; what fits CONF_TEMPLATE_PARTS_MAX is less */
#define CONF_KEYWORDS_MAX 64u         /* of an account or a rule */
#define CONF_KEYWORD_CHARS_MAX 32u
#define CONF_PATTERNS_MAX 16u         /* of an account: each is tried on every short text */
#define CONF_PATTERN_CHARS_MAX 256u
#define CONF_AUTOS_MAX 10000u         /* of an account */
#define CONF_AUTOS_NUMBER_MAX 64u     /* of one number: each may be looked at for a text */
#define CONF_AUTO_HOUR_MAX 60u        /* one a minute is a loop already */
#define CONF_AUTO_BYTES_MAX 39015u    /* the longest message: 255 parts of 153 septets */
#define CONF_LIST_MAX 10000u          /* R-list-1 */
#define CONF_LISTS_MAX 10000u         /* of an account in the file; commands can make more */
#define CONF_TEMPLATE_PARTS_MAX 3u    /* Y24: a template must fit the default max_parts */

#endif

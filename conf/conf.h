/*
 * conf.h: the configuration, read from YAML into one immutable struct.
 *
 * conf_load() reads the gateway's file and the directory file that it names, checks both whole,
 * and reports every problem as "file:line:column: key.path: reason". With any problem there is no
 * configuration. A struct conf and everything it points to lives in one block until conf_free();
 * it is never changed after loading, so threads may share it. A reload loads a second one and
 * swaps.
 *
 * Durations are milliseconds, sizes octets. Strings are NUL-terminated and never NULL.
 */
#ifndef TANDEM_CONF_H
#define TANDEM_CONF_H

#include <stdio.h>

#include "protocol/addr.h"
#include "protocol/receipt.h"
#include "protocol/text.h"
#include "store/records.h"

struct zone;

enum conf_bind { BIND_TRANSCEIVER, BIND_TRANSMITTER, BIND_RECEIVER, BIND_PAIR };
const char *conf_bind_name(enum conf_bind bind);
enum conf_unknown_outcome { UNKNOWN_RESEND, UNKNOWN_HOLD };
enum conf_overflow { OVERFLOW_DELIVER_PART, OVERFLOW_REJECT, OVERFLOW_SPLIT };
enum conf_reply_scope { SCOPE_OWNER, SCOPE_PARTICIPANTS, SCOPE_ACCOUNT };
enum conf_bind_errors { BIND_ERRORS_SAME, BIND_ERRORS_SPECIFIC }; /* B4 */
/* What a long text is on a link's wire (L3). Whole texts take this form; parts that an app made
 * itself are changed from one kind of header to the other, one by one. */
enum conf_long_form { LONG_FORM_UDH, LONG_FORM_UDH16, LONG_FORM_SAR, LONG_FORM_PAYLOAD };
/* SEND_SM: submit_sm to a carrier, deliver_sm to an app. */
enum conf_operation { SEND_SM, SEND_DATA_SM };
/* How a command_status of a carrier counts (section 6). DEFAULT: as protocol and good sense say. */
enum conf_status_action {
    STATUS_DEFAULT,
    STATUS_RETRY,                   /* this message again later: conf_status.delay_ms */
    STATUS_THROTTLE,                /* slow down, this message first again */
    STATUS_REFUSE,                  /* this message is refused for good */
    STATUS_REFUSE_PHONE,            /* and all that waits for the same phone (0x65) */
};
enum conf_client_certificates { CLIENTS_NONE, CLIENTS_OPTIONAL, CLIENTS_REQUIRED };

/* The octets of the files are those that were checked: they are read once (Y27). What they
 * become is in conf_tls.h. */
struct conf_tls {
    bool on;                        /* the section is there */
    const char *certificate;        /* paths; "" if not given */
    const char *key;
    const char *ca;
    struct slice certificate_pem, key_pem, ca_pem;
    int64_t expires_s;              /* the first of certificate_pem to do so; Unix time */
    enum conf_client_certificates clients; /* of a listener */
    bool verify;                    /* of a carrier, as the next */
    const char *server_name;        /* "": the host */
};

struct conf_address {               /* where a carrier can be reached besides its first address */
    const char *host;
    uint16_t port;
};


struct conf_status {
    uint32_t status;                /* command_status */
    enum conf_status_action action;
    uint32_t delay_ms;              /* RETRY: the first wait, doubling; 0: relay.retry_min */
    uint32_t tries;                 /* RETRY: refused after so many; 0: until it expires */
};

/* An IPv4 network is its mapped IPv6 form (::ffff:a.b.c.d, bits 96 and more). */
struct conf_net {
    uint8_t address[16];
    uint8_t bits;
};

struct conf_outbind {               /* a carrier that connects to us and asks for our bind */
    bool on;                        /* the section is there */
    const char *system_id;          /* what it must show */
    const char *password;
    bool only;                      /* we never connect by ourselves */
    const struct conf_net *allow;   /* where it may call from; none given: from everywhere */
    uint32_t allow_count;
};

struct conf_listener {
    const char *id;
    const char *address;
    uint16_t port;
    uint32_t sessions_max;
    uint32_t session_init_ms;
    uint32_t enquire_link_ms;
    uint32_t response_ms;
    uint32_t inactivity_ms;
    uint32_t pdu_ms;                /* a PDU that has begun is complete by then */
    bool smpp5;                     /* a bind with interface_version 0x50 is answered 0x50 (B8) */
    enum conf_bind_errors bind_errors;
    struct conf_tls tls;
};

struct conf_carrier {
    const char *id;
    const char *host;
    uint16_t port;
    const char *system_id;
    const char *password;
    const char *system_type;
    enum conf_bind bind;
    uint32_t binds;                 /* of this kind; a pair counts as one */
    uint8_t interface_version;
    uint32_t window;                /* per bind */
    uint32_t throughput;            /* PDUs a second per bind, 0 = unlimited */
    uint32_t long_code_throughput;  /* segments a second of each number of ours, 0 = unlimited */
    uint32_t toll_free_throughput;
    uint32_t short_code_throughput;
    uint32_t enquire_link_ms;
    uint32_t response_ms;
    uint32_t reconnect_min_ms;
    uint32_t reconnect_max_ms;
    uint32_t refused_min_ms;        /* after a refused bind (B12) */
    uint32_t refused_max_ms;
    enum text_alphabet alphabet;    /* what data_coding 0 is (E1) */
    enum receipt_id_form resp_id;   /* R4 */
    enum receipt_id_form receipt_id;
    enum conf_unknown_outcome on_unknown_outcome;
    bool password_long;             /* longer than 8 octets, and we know it */
    const struct conf_address *backups; /* tried in order after host:port */
    uint32_t backup_count;
    uint8_t assume_version;         /* of a carrier that does not say (B10): 0x33, 0x34, 0x50 */
    bool pair_fallback;             /* bind_transceiver unknown there: bind a pair (B11) */
    const struct conf_status *statuses; /* sorted by status */
    uint32_t status_count;
    enum conf_long_form long_form;
    enum conf_operation send_with;
    bool vendor_tlvs;               /* gets those that came with a message (F15) */
    uint8_t short_code_ton;         /* A3; NPI 0 */
    bool reference_messages;        /* user_message_reference in each submit_sm, the same when it is
                                       sent again, so that the carrier can recognise it (U3) */
    bool receipt_esm_0;             /* text that begins "id:" is a receipt whatever esm_class says
                                       (R1) */
    bool receipt_unswapped;         /* receipts keep source and destination of the message (R2) */
    bool accepted_is_final;         /* ACCEPTD ends a message (R8) */
    int16_t receipt_zone_min;       /* of dates in receipts: minutes east of UTC (T8) */
    struct conf_outbind outbind;
    struct conf_tls tls;
};

/* Which carrier takes what goes to phones: the first rule that fits, else the number's own. Empty
 * lists and "" fit everything. */
struct conf_route_share {
    const char *carrier;
    uint32_t weight;                /* at least 1 */
};

struct conf_route {
    const char *id;
    const char *account;
    const char *app;                /* system_id: only what this app submitted */
    const struct addr *sources;     /* numbers of ours */
    uint32_t source_count;
    const char *const *prefixes;    /* of the destination in E.164 digits, without "+" */
    uint32_t prefix_count;
    const struct conf_route_share *carriers; /* share the load by weight, a conversation stays */
    uint32_t carrier_count;
    const char *const *backups;     /* in order, when none of carriers is up */
    uint32_t backup_count;
    bool refuse;                    /* no route: 0x0B; then there are no carriers */
};

/* Templates of texts to phones; {name} placeholders are checked at load, {{ and }} are literal
 * braces. */
enum conf_message {
    MESSAGE_FORWARD,                /* {id} {from} {text} */
    MESSAGE_NOTICE,                 /* R-txt-7: {limit} */
    MESSAGE_CUT,                    /* R-txt-6 deliver-part: {id} {limit} */
    MESSAGE_TOO_LONG,               /* R-txt-6 reject: {id} {limit} */
    MESSAGE_OPTED_OUT,              /* R-stop-5: {id} */
    MESSAGE_CHOOSE_NUMBER,          /* R-multi-2: {id} {choices} */
    MESSAGE_NONE_SELECTED,          /* R-multi-3: {id} */
    MESSAGE_STOP_CONFIRMATION,      /* {name}: the account's */
    MESSAGE_UNSTOP_CONFIRMATION,    /* {name} */
    MESSAGE_CONTACT_OPTED_OUT,      /* R-stop-8: {id} {from} */
    MESSAGE_OPT_IN_WISH,            /* R-stop-2 manual: {id} {from} */
    MESSAGE_NEARLY_STOP,            /* R-stop-3: {id} {from} */
    MESSAGE_PART_MISSING,           /* R-text-4: mark for a part that never came: {have} {total} */
    MESSAGE_UNASSIGNED,             /* R-match-2: {from} */
    /* Proxying (R-proxy): {contact} is the number, with the name behind it if that is known. */
    MESSAGE_PROXY_INTRO,            /* first text from a contact number: {contact} */
    MESSAGE_PROXY_RECYCLED,         /* rules 6 and 7: {contact} */
    MESSAGE_PROXY_ENDED,            /* rule 7, ended by hand: {contact} */
    MESSAGE_PROXY_NO_NUMBER,        /* rule 5, the agent starts: {contact} */
    MESSAGE_PROXY_NO_NUMBER_IN,     /* rule 5, the contact wrote: {contact} {text} */
    MESSAGE_PROXY_USAGE,            /* rule 4 */
    MESSAGE_PROXY_USER_NUMBER,      /* rule 14: {number} {name}: the account's */
    MESSAGE_PROXY_OPTED_OUT,        /* R-stop-5: {contact} */
    CONF_MESSAGES
};
const char *conf_message_name(enum conf_message message);

struct conf_relay {
    uint32_t reply_limit;           /* R-txt-6: characters */
    enum conf_overflow reply_overflow;
    enum conf_reply_scope reply_scope;
    uint32_t notices_per_minute;    /* to one agent (bad-input.md 4) */
    uint64_t reassembly_ms;         /* R-text-4 */
    uint32_t part_sets_max;         /* per sender (U12) */
    uint64_t validity_ms;           /* of a message whose sender gave none */
    uint64_t retry_min_ms;          /* back-off of temporary errors */
    uint64_t retry_max_ms;
    uint64_t keep_final_ms;         /* how long a message is kept after its end */
    uint64_t orphan_ms;             /* receipts without a message (R01) */
    uint64_t schedule_ms;           /* how far ahead schedule_delivery_time may be (M31) */
    uint64_t receipt_ms;            /* how long a receipt waits for its app (R12) */
    uint32_t receipts_max;          /* of one app that wait; the oldest goes for a new one */
    uint64_t failover_ms;           /* a carrier without a bind for so long: its routes' others */
    uint64_t duplicate_ms;          /* R-rel-3: how long a repeated deliver_sm can be recognised */
};

struct conf_shaping {
    uint32_t bulk_floor;            /* percent of a rate that bulk gets in any case (R-shape-2) */
    uint32_t chat_places;           /* percent of a window that bulk leaves to chat */
    uint32_t account_places;        /* percent of a window that others leave to an account */
};

/* The directory: accounts and what belongs to them. Names are the file's; numbers refer to others
 * by name. */
struct dir_app {
    const char *system_id;
    const char *password;           /* "" if there is a hash */
    const char *password_hash;      /* argon2id as libsodium writes it, "" if there is none */
    bool password_long;             /* more than 8 octets are accepted from it (B06) */
    const struct conf_net *allow;   /* where it may bind from; none given: from everywhere */
    uint32_t allow_count;
    const struct addr *sources;     /* the numbers it may send from; none: all of its account */
    uint32_t source_count;
    const char *certificate;        /* what its client certificate must hold; "": none is needed */
    bool allow_transmitter, allow_receiver, allow_transceiver;
    uint32_t binds_max;
    uint32_t window;                /* deliver_sm outstanding per session */
    uint32_t throughput;            /* submit_sm a second, 0 = unlimited: beyond it 0x58 */
    enum msg_class class;
    enum text_alphabet alphabet;    /* what data_coding 0 is on its binds */
    enum conf_long_form long_form;  /* what it gets */
    enum conf_operation send_with;  /* data_sm instead of deliver_sm */
    bool vendor_tlvs;               /* gets those that came with a message (F15) */
    bool intermediate;              /* gets intermediate notifications if it asks for them */
    int16_t receipt_zone_min;       /* of dates in receipts to it: minutes east of UTC (T8) */
};

struct dir_group {
    const char *id;
    const char *name;
};

struct dir_agent {
    const char *id;
    const char *name;
    struct addr mobile;
    struct addr relay_number;       /* ADDR_NONE if none */
    struct addr user_number;        /* likewise */
    bool relay;
    const char *const *groups;      /* ids */
    uint32_t group_count;
    const char *email;
    const char *time_zone;          /* IANA name, "" if not given */
    enum agent_role role;
    bool primary_admin;             /* R-match-4 */
};

struct dir_number {
    struct addr number;
    enum number_role role;
    const char *carrier;            /* conf_carrier.id */
    const char *agent;              /* RELAY, USER: agent id; "" otherwise */
    const char *app;                /* APP: system_id */
    enum owner_kind assign_kind;
    const char *assign;             /* agent or group id */
    bool round_robin;               /* the agents of group `assign` take turns */
    const char *name;
    const char *description;
    const char *office;             /* group id */
    const char *primary_agent;      /* agent id */
    enum response_type response;
    enum reuse_kind kind;
    const char *const *inbox_agents; /* ids */
    uint32_t inbox_agent_count;
    const char *const *inbox_groups;
    uint32_t inbox_group_count;
    bool drain;                     /* CONTACT: takes no new lease (R-proxy-12) */
    uint32_t throughput;            /* segments a second, 0: what its carrier says */
};

enum conf_pool_scope { POOL_OF_ACCOUNT, POOL_OF_AGENT }; /* R-proxy-11 */
const char *conf_pool_scope_name(enum conf_pool_scope scope);

struct conf_proxy {
    uint64_t min_idle_ms;           /* R-proxy-5 */
    enum conf_pool_scope pool_scope;
    uint64_t quarantine_ms;         /* R-proxy-15 */
};

struct dir_campaign {
    const char *id;
    const char *name;
    struct addr number;
    uint64_t starts_ms;
    uint64_t ends_ms;               /* 0: open */
    uint64_t archive_ms;            /* 0: none */
    enum response_type response;
    const char *app;                /* system_id, "": the number's */
    const char *office;             /* group id, "": the number's */
    const char *const *inbox_agents;
    uint32_t inbox_agent_count;
    const char *const *inbox_groups;
    uint32_t inbox_group_count;
};

struct dir_contact_phone {
    struct addr number;
    bool selected;
};

struct dir_contact {
    const char *id;
    const char *first;
    const char *last;
    const char *company;
    const struct dir_contact_phone *phones;
    uint32_t phone_count;
};

/* R-stop-3: what opts a phone out, and in again. STOP and UNSTOP always do. */
enum conf_opt_in { OPT_IN_AUTOMATIC, OPT_IN_MANUAL };
struct conf_pattern;
struct dir_opt_out {
    const char *const *presets;     /* names of lists of keywords */
    uint32_t preset_count;
    const char *const *keywords;    /* and the account's own */
    uint32_t keyword_count;
    const char *const *patterns;
    uint32_t pattern_count;
    const struct conf_pattern *words; /* all keywords */
    const struct conf_pattern *nearly; /* texts that nearly are one */
    const struct conf_pattern *const *compiled; /* patterns */
};
struct dir_opt_in {
    enum conf_opt_in mode;
    const char *const *keywords;
    uint32_t keyword_count;
    const struct conf_pattern *words;
};

/* R-auto: time-based, or text-based if it has keywords or a pattern. */
struct dir_auto {
    const char *id;
    struct addr number;             /* ADDR_NONE: all of the account's that have no rule */
    const char *const *days;        /* on which its time begins; none: all */
    uint32_t day_count;
    uint8_t day_mask;               /* bit 0: Monday */
    uint16_t from_min, to_min;      /* of the local day; to 1440: its end. to <= from: the next */
    const char *time_zone;
    const struct zone *zone;        /* NULL: always, it names no time */
    bool once;                      /* per open conversation */
    bool on;
    const char *text;               /* a template: {name} */
    const char *const *keywords;
    uint32_t keyword_count;
    const char *pattern;
    const struct conf_pattern *words, *compiled; /* NULL if it has none */
    bool opt_out;                   /* who writes this is opted out */
    const char *join_list;          /* list id; who writes this joins it (R-list-7), "": none */
    const char *leave_list;         /* or leaves it */
    enum owner_kind assign_kind;    /* of the conversation */
    const char *assign;
};

/* R-list: a distribution list. Others may join it by keyword or command. */
struct dir_list {
    const char *id;
    const char *name;
    const struct addr *numbers;
    uint32_t number_count;
};

/* Where messages may go, by their first digits; the longest prefix that fits decides. */
struct dir_destinations {
    const char *const *allow;       /* none: everywhere */
    uint32_t allow_count;
    const char *const *deny;
    uint32_t deny_count;
};

struct dir_account {
    const char *id;
    const char *name;
    const char *country;
    enum long_messages long_messages;
    uint8_t max_parts;
    bool transliterate;
    enum msg_class class;           /* of what its apps send, where they do not say */
    uint32_t weight;                /* its share, against the other accounts' (R-shape-4) */
    uint32_t throughput;            /* segments a second to all carriers, 0 = unlimited */
    uint32_t daily_cap;             /* segments a day, 0 = unlimited */
    const char *daily_zone_name;    /* IANA: when its day begins; "": UTC */
    const struct zone *daily_zone;  /* NULL: UTC */
    struct conf_proxy proxy;
    const struct dir_group *groups;
    uint32_t group_count;
    const struct dir_agent *agents;
    uint32_t agent_count;
    const struct dir_app *apps;
    uint32_t app_count;
    const struct dir_number *numbers;
    uint32_t number_count;
    const struct dir_campaign *campaigns;
    uint32_t campaign_count;
    struct dir_destinations destinations;
    uint32_t keep_history_days;     /* R-conv-9; 0: for ever */
    uint64_t waiting_after_ms;      /* R-conv-7; 0: never */
    bool create_unknown;            /* R-match-2 */
    const struct dir_contact *contacts;
    uint32_t contact_count;
    const struct dir_list *lists;
    uint32_t list_count;
    const char *admin;              /* agent id: who is notified (R-match-4); "" if nobody is */
    struct dir_opt_out opt_out;
    struct dir_opt_in opt_in;
    const struct dir_auto *auto_replies; /* as in the file */
    uint32_t auto_reply_count;
    const struct dir_auto *const *autos; /* by number, those for all numbers first */
};

#define CONF_DIGEST_BYTES 16u
struct conf {
    const char *name;               /* our system_id in bind responses */
    const char *store_dir;
    uint64_t store_max_bytes;
    uint32_t store_refuse_percent;
    uint64_t store_reserve_bytes;
    bool store_unsafe_fs;
    const char *log_level;          /* error, warn, info, debug */
    uint32_t drain_ms;              /* how long a stop waits for outstanding responses */
    uint32_t stall_ms;              /* no commit for so long: no answer to enquire_link */
    uint32_t connections_per_address; /* B19 */
    struct conf_relay relay;
    struct conf_shaping shaping;
    uint32_t list_max;              /* R-list-1: numbers of a list; 0: no broadcasts */
    uint32_t auto_per_hour;         /* R-auto-3: texts of one rule to one phone */
    const char *messages[CONF_MESSAGES];
    const struct conf_listener *listeners;
    uint32_t listener_count;
    const struct conf_carrier *carriers;
    uint32_t carrier_count;
    const struct conf_route *routes; /* in the order of the file */
    uint32_t route_count;
    const char *control_path;       /* UNIX socket of `tandem ctl`; "" is none */
    const char *trace_dir;          /* where pcap files of traces go; "": no such files */
    uint64_t trace_bytes_max;       /* of one file */
    const struct dir_account *accounts;
    uint32_t account_count;
    const char *directory;          /* path of the directory file, "" if there is none */
    uint8_t digest[CONF_DIGEST_BYTES]; /* of the octets of both files */
    struct conf_arena *arena;       /* all of its memory; for conf_free() only */
};

/* What may be such: the core can look no further. An empty name of a zone is none, which may be. */
bool conf_is_email(struct slice text);
bool conf_is_zone_name(struct slice text);

struct conf_problems {
    char **lines;                   /* in the order of the files */
    size_t count;
    int exit_status;                /* 77 for permission, else 78; 0 if there are only warnings */
};

/* NULL if there is any problem; problems is filled either way (it may hold warnings, whose lines
 * begin with "warning: ") and is released by conf_problems_free(). */
struct conf *conf_load(const char *path, struct conf_problems *problems);
/* The gateway's file alone: for tools that only look for the store or the control socket, and must
 * work while somebody edits a directory of many thousand records. */
struct conf *conf_load_gateway(const char *path, struct conf_problems *problems);
/* The same from memory, for tests: the files are called tandem.yaml and directory.yaml in
 * problems, and the option `directory` is not followed. A directory of SLICE_NONE is none. */
struct conf *conf_parse(struct slice gateway, struct slice directory,
                        struct conf_problems *problems);
void conf_free(struct conf *conf);
void conf_problems_free(struct conf_problems *problems);

/* `tandem check`: loads the file, writes every problem and a last line with the verdict to out.
 * Returns the exit status: 0, 77 or 78. Warnings do not count. */
int conf_check(const char *path, FILE *out);

/* The option table as Markdown, line by line without line ends: per section a marker, a table, a
 * marker. docs/configuration.md holds the same blocks. Stops when put returns other than 0. */
void conf_print_reference(int (*put)(void *context, const char *line), void *context);

#endif

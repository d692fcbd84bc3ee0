/*
 * conf_options.c: THE option table: every key of both files, where it goes, what it may be, and
 * what it does.
 *
 * The reader, the reference in the manual and the tests all walk it, so an option exists when it
 * has a row here. Tables only; conf_value.c and conf_read.c give them meaning. Sections that others
 * contain come first.
 */
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

static const struct conf_word bind_words[] = {{"transceiver", BIND_TRANSCEIVER},
                                              {"transmitter", BIND_TRANSMITTER},
                                              {"receiver", BIND_RECEIVER},
                                              {"pair", BIND_PAIR},
                                              {NULL, 0}};
static const struct conf_word version_words[] = {
    {"3.3", 0x33}, {"3.4", 0x34}, {"5.0", 0x50}, {NULL, 0}};
static const struct conf_word alphabet_words[] = {{"gsm", TEXT_GSM},
                                                  {"gsm-packed", TEXT_GSM_PACKED},
                                                  {"latin1", TEXT_LATIN1},
                                                  {"ascii", TEXT_ASCII},
                                                  {"utf8", TEXT_UTF8},
                                                  {"ucs2", TEXT_UCS2},
                                                  {NULL, 0}};
static const struct conf_word id_form_words[] = {
    {"text", RECEIPT_ID_TEXT}, {"hex", RECEIPT_ID_HEX}, {"decimal", RECEIPT_ID_DECIMAL}, {NULL, 0}};
static const struct conf_word unknown_words[] = {
    {"resend", UNKNOWN_RESEND}, {"hold", UNKNOWN_HOLD}, {NULL, 0}};
static const struct conf_word bind_error_words[] = {
    {"same", BIND_ERRORS_SAME}, {"specific", BIND_ERRORS_SPECIFIC}, {NULL, 0}};
static const struct conf_word clients_words[] = {{"none", CLIENTS_NONE},
                                                 {"optional", CLIENTS_OPTIONAL},
                                                 {"required", CLIENTS_REQUIRED},
                                                 {NULL, 0}};
static const struct conf_word long_form_words[] = {{"udh", LONG_FORM_UDH},
                                                   {"udh16", LONG_FORM_UDH16},
                                                   {"sar", LONG_FORM_SAR},
                                                   {"payload", LONG_FORM_PAYLOAD},
                                                   {NULL, 0}};
static const struct conf_word to_carrier_words[] = {
    {"submit_sm", SEND_SM}, {"data_sm", SEND_DATA_SM}, {NULL, 0}};
static const struct conf_word to_app_words[] = {
    {"deliver_sm", SEND_SM}, {"data_sm", SEND_DATA_SM}, {NULL, 0}};
static const struct conf_word status_action_words[] = {{"retry", STATUS_RETRY},
                                                       {"throttle", STATUS_THROTTLE},
                                                       {"refuse", STATUS_REFUSE},
                                                       {"refuse-phone", STATUS_REFUSE_PHONE},
                                                       {NULL, 0}};
static const struct conf_word overflow_words[] = {{"deliver-part", OVERFLOW_DELIVER_PART},
                                                  {"reject", OVERFLOW_REJECT},
                                                  {"split", OVERFLOW_SPLIT},
                                                  {NULL, 0}};
static const struct conf_word scope_words[] = {{"owner", SCOPE_OWNER},
                                               {"participants", SCOPE_PARTICIPANTS},
                                               {"account", SCOPE_ACCOUNT},
                                               {NULL, 0}};
static const struct conf_word long_words[] = {
    {"concatenate", LONG_CONCATENATE}, {"split", LONG_SPLIT}, {"reject", LONG_REJECT}, {NULL, 0}};
static const struct conf_word class_words[] = {
    {"chat", CLASS_CHAT}, {"bulk", CLASS_BULK}, {NULL, 0}};
static const struct conf_word role_words[] = {
    {"business", ROLE_BUSINESS}, {"relay", ROLE_RELAY}, {"user", ROLE_USER},
    {"contact", ROLE_CONTACT},   {"app", ROLE_APP},     {NULL, 0}};
static const struct conf_word pool_scope_words[] = {
    {"account", POOL_OF_ACCOUNT}, {"agent", POOL_OF_AGENT}, {NULL, 0}};
static const struct conf_word agent_role_words[] = {
    {"agent", AGENT_PLAIN}, {"admin", AGENT_ADMIN}, {NULL, 0}};
static const struct conf_word response_words[] = {
    {"agent", RESPONSE_AGENT}, {"bot", RESPONSE_BOT}, {NULL, 0}};
static const struct conf_word kind_words[] = {
    {"reusable", REUSABLE}, {"single-use", SINGLE_USE}, {NULL, 0}};
static const struct conf_word preset_words[] = {{"stop-only", 0}, {"us", 1}, {"ca", 2},
                                                {"gb", 3},        {"fr", 4}, {"de", 5},
                                                {"es", 6},        {NULL, 0}};
static const struct conf_word opt_in_words[] = {
    {"automatic", OPT_IN_AUTOMATIC}, {"manual", OPT_IN_MANUAL}, {NULL, 0}};
static const struct conf_word day_words[] = {{"mon", 0}, {"tue", 1}, {"wed", 2}, {"thu", 3},
                                             {"fri", 4}, {"sat", 5}, {"sun", 6}, {NULL, 0}};
static const struct conf_word level_words[] = {
    {"error", 0}, {"warn", 1}, {"info", 2}, {"debug", 3}, {NULL, 0}};

const char *
conf_pool_scope_name(enum conf_pool_scope scope)
{
    return scope == POOL_OF_AGENT ? "agent" : "account";
}

const char *
conf_bind_name(enum conf_bind bind)
{
    for (const struct conf_word *word = bind_words; word->word; word++)
        if (word->value == (uint32_t)bind)
            return word->word;
    return "?";
}

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

/* --- the gateway's file --- */

static const struct conf_option gateway_options[] = {
    {"name", TEXT(OPT_ASCII, 1, CONF_SYSTEM_ID_MAX), AT(conf, name), .fallback = "tandem",
     .text = "Our system_id in bind responses to apps."},
    {"drain", DURATION(0, 5u * CONF_MINUTE), AT(conf, drain_ms), .fallback = "10s",
     .text = "How long a stop waits for outstanding responses before it closes the connections."},
    {"stall", DURATION(CONF_SECOND, 10u * CONF_MINUTE), AT(conf, stall_ms), .fallback = "10s",
     .text = "Without a commit for so long, enquire_link is no longer answered, so that peers turn "
             "elsewhere."},
    {"connections_per_address", COUNT(1, CONF_CONNECTIONS_MAX, "connections"),
     AT(conf, connections_per_address), .fallback = "64",
     .text = "Connections from one IP address; more are closed at once."},
};
static const struct conf_section gateway_section = {"gateway", OPTIONS(gateway_options),
                                                    .struct_bytes = 0};

static const struct conf_option log_options[] = {
    {"level", .type = OPT_WORD_TEXT, .words = level_words, AT(conf, log_level), .fallback = "info",
     .text = "The least important lines that are written. Only `debug` shows texts and full phone "
             "numbers."},
};
static const struct conf_section log_section = {"log", OPTIONS(log_options), .struct_bytes = 0};

static const struct conf_option store_options[] = {
    {"dir", TEXT(OPT_PATH, 1, CONF_PATH_BYTES_MAX), AT(conf, store_dir), .required = true,
     .restart = true, .text = "The data directory. One daemon at a time can use it."},
    {"max", SIZE(CONF_STORE_MIN, CONF_STORE_MAX), AT(conf, store_max_bytes), .restart = true,
     .fallback = "64GiB",
     .text = "How large the store may grow. The space is taken as it is needed."},
    {"refuse_at", .type = OPT_PERCENT, .min = 10, .max = 99, AT(conf, store_refuse_percent),
     .restart = true, .fallback = "80%",
     .text = "From this fill on, new messages are refused with \"try later\"; stored ones are "
             "still delivered."},
    {"reserve", SIZE(CONF_RESERVE_MIN, CONF_STORE_MAX), AT(conf, store_reserve_bytes),
     .restart = true, .fallback = "64MiB",
     .text = "Space that only changes of what is stored may use; at most half of `max`."},
    {"unsafe_fs", .type = OPT_BOOL, AT(conf, store_unsafe_fs), .restart = true, .fallback = "false",
     .text =
         "Start on a file system that is not known to keep what was synced, such as NFS or tmpfs."},
};
static const struct conf_section store_section = {"store", OPTIONS(store_options),
                                                  .struct_bytes = 0, .finish = conf_finish_store};

#define PATH TEXT(OPT_PATH, 1, CONF_PATH_BYTES_MAX)
static const struct conf_option listener_tls_options[] = {
    {"certificate", PATH, AT(conf_listener, tls.certificate), .required = true,
     .text = "A PEM file: our certificate, then those that signed it. Read again at a reload."},
    {"key", PATH, AT(conf_listener, tls.key), .required = true,
     .text = "A PEM file: its private key, without a passphrase. Mode 0600 or 0640."},
    {"ca", PATH, AT(conf_listener, tls.ca),
     .text = "A PEM file: who signs certificates of apps; CRLs in it are checked."},
    {"client_certificates", WORD(clients_words), AT(conf_listener, tls.clients),
     .fallback = "none",
     .text = "Whether apps are asked for a certificate. One that is given must be good; `required` "
             "refuses those without one."},
};
static const struct conf_section listener_tls_section = {
    "listeners[].tls", OPTIONS(listener_tls_options), .struct_bytes = 0,
    .finish = conf_finish_listener_tls};

static const struct conf_option carrier_tls_options[] = {
    {"ca", PATH, AT(conf_carrier, tls.ca),
     .text = "A PEM file: who signs the carrier's certificate; CRLs in it are checked. Without it "
             "the system's authorities do."},
    {"verify", .type = OPT_BOOL, AT(conf_carrier, tls.verify), .fallback = "true",
     .text = "Check the carrier's certificate and its name. Without it anybody on the way can read "
             "and change everything."},
    {"server_name", TEXT(OPT_HOST, 1, CONF_HOST_BYTES_MAX), AT(conf_carrier, tls.server_name),
     .text = "The name or address in the carrier's certificate; `host`, if there is none."},
    {"certificate", PATH, AT(conf_carrier, tls.certificate),
     .text = "A PEM file: our certificate, for carriers that ask for one."},
    {"key", PATH, AT(conf_carrier, tls.key),
     .text = "A PEM file: its private key, without a passphrase. Mode 0600 or 0640."},
};
static const struct conf_section carrier_tls_section = {
    "carriers[].tls", OPTIONS(carrier_tls_options), .struct_bytes = 0,
    .finish = conf_finish_carrier_tls};

static const struct conf_option outbind_options[] = {
    {"system_id", TEXT(OPT_ASCII, 1, CONF_SYSTEM_ID_MAX), AT(conf_carrier, outbind.system_id),
     .required = true, .text = "What the carrier shows in its outbind."},
    {"password", TEXT(OPT_PASSWORD, 1, CONF_PASSWORD_MAX), AT(conf_carrier, outbind.password),
     .text = "Its password there. Exactly one of the three ways must be given."},
    {"password_file", TEXT(OPT_PASSWORD_FILE, 1, CONF_PATH_BYTES_MAX),
     AT(conf_carrier, outbind.password),
     .text = "A file that holds the password; one line end after it does not count."},
    {"password_env", TEXT(OPT_PASSWORD_ENV, 1, CONF_ENV_BYTES_MAX),
     AT(conf_carrier, outbind.password),
     .text = "An environment variable that holds the password."},
    {"only", .type = OPT_BOOL, AT(conf_carrier, outbind.only), .fallback = "false",
     .text = "We never connect to `host` by ourselves."},
    {"allow", .type = OPT_NETS, AT(conf_carrier, outbind.allow),
     .count_offset = offsetof(struct conf_carrier, outbind.allow_count),
     .items_max = CONF_NETS_MAX,
     .empty = "is empty: the carrier could never call; without it it may from everywhere",
     .text = "The carrier may call from these addresses and networks only. At most 64."},
};
static const struct conf_section outbind_section = {
    "carriers[].outbind", OPTIONS(outbind_options), .struct_bytes = 0,
    .finish = conf_finish_outbind};

static const struct conf_option listener_options[] = {
    {"id", ID, AT(conf_listener, id), .required = true, .text = "Its name in logs."},
    {"address", TEXT(OPT_IP, 1, CONF_HOST_BYTES_MAX), AT(conf_listener, address),
     .fallback = "127.0.0.1", .text = "The address to listen on; `0.0.0.0` or `::` for all."},
    {"port", COUNT(1, 65535, ""), AT(conf_listener, port), .fallback = "2775",
     .text = "The TCP port."},
    {"sessions_max", COUNT(1, CONF_SESSIONS_MAX, "sessions"), AT(conf_listener, sessions_max),
     .fallback = "1000", .text = "Connections at a time; more are closed at once."},
    {"session_init", DURATION(CONF_SECOND, 5u * CONF_MINUTE), AT(conf_listener, session_init_ms),
     .fallback = "10s", .text = "A connection that is not bound by then is closed."},
    {"enquire_link", DURATION(0, CONF_TIMER_MAX), AT(conf_listener, enquire_link_ms),
     .fallback = "30s", .text = "After so much silence we send an enquire_link; `0s` is never."},
    {"response", DURATION(CONF_SECOND, CONF_TIMER_MAX), AT(conf_listener, response_ms),
     .fallback = "30s", .text = "How long we wait for the response to a request of ours."},
    {"inactivity", DURATION(0, CONF_DAY), AT(conf_listener, inactivity_ms), .fallback = "0s",
     .text =
         "A session without requests other than enquire_link is closed after this; `0s` is never."},
    {"pdu", DURATION(CONF_SECOND, 5u * CONF_MINUTE), AT(conf_listener, pdu_ms), .fallback = "30s",
     .text = "A connection whose PDU has begun and is not complete by then is closed."},
    {"smpp5", .type = OPT_BOOL, AT(conf_listener, smpp5), .fallback = "false",
     .text = "Speak SMPP 5.0 with apps that announce it; without it they are answered 3.4."},
    {"bind_errors", WORD(bind_error_words), AT(conf_listener, bind_errors), .fallback = "same",
     .text = "`same`: 0x0D for every refused bind; `specific`: 0x0E or 0x0F, which tells strangers "
             "which ids exist."},
    {"tls", .type = OPT_SECTION, .section = &listener_tls_section,
     .text = "Connections are encrypted, and others refused, if this is there."},
};
static const struct conf_section listener_section = {"listeners[]", OPTIONS(listener_options),
                                                     .struct_bytes = sizeof(struct conf_listener)};

static const struct conf_option backup_options[] = {
    {"host", TEXT(OPT_HOST, 1, CONF_HOST_BYTES_MAX), AT(conf_address, host), .required = true,
     .text = "Host name or address."},
    {"port", COUNT(1, 65535, ""), AT(conf_address, port), .required = true,
     .text = "Its TCP port."},
};
static const struct conf_section backup_section = {"carriers[].backups[]", OPTIONS(backup_options),
                                                   .struct_bytes = sizeof(struct conf_address)};

static const struct conf_option status_options[] = {
    {"status", .type = OPT_STATUS, AT(conf_status, status), .required = true,
     .text = "The command_status that this is about: not success."},
    {"action", WORD(status_action_words), AT(conf_status, action), .required = true,
     .text = "`retry`: this message again later; `throttle`: slow down, this message first again; "
             "`refuse`: this message has failed; `refuse-phone`: and so have all that wait for the "
             "same phone."},
    {"delay", DURATION(0, CONF_DAY), AT(conf_status, delay_ms), .fallback = "0s",
     .text = "Of `retry`: the first wait, which doubles with each; `0s`: `retry_min` of `relay`."},
    {"tries", COUNT(0, CONF_STATUS_TRIES_MAX, "tries"), AT(conf_status, tries), .fallback = "0",
     .text = "Of `retry`: after so many the message has failed; `0`: when its validity ends."},
};
static const struct conf_section status_section = {"carriers[].statuses[]", OPTIONS(status_options),
                                                   .struct_bytes = sizeof(struct conf_status),
                                                   .finish = conf_finish_status};

static const struct conf_option carrier_options[] = {
    {"id", ID, AT(conf_carrier, id), .required = true,
     .text = "Its name in logs and in the directory file."},
    {"host", TEXT(OPT_HOST, 1, CONF_HOST_BYTES_MAX), AT(conf_carrier, host), .required = true,
     .text = "Host name or address of the carrier's SMSC."},
    {"port", COUNT(1, 65535, ""), AT(conf_carrier, port), .required = true,
     .text = "Its TCP port."},
    {"backups", LIST_OF(conf_carrier, backup_section, backup), .items_max = CONF_BACKUPS_MAX,
     .text = "Other addresses of the same SMSC, tried in order when the one before fails. At most "
             "8."},
    {"system_id", TEXT(OPT_ASCII, 1, CONF_SYSTEM_ID_MAX), AT(conf_carrier, system_id),
     .required = true, .text = "What we bind as."},
    {"password", TEXT(OPT_PASSWORD, 0, CONF_PASSWORD_LONG_MAX), AT(conf_carrier, password),
     .text =
         "The password. Exactly one of the three ways must be given. At most 8 characters without "
         "`long_password`."},
    {"password_file", TEXT(OPT_PASSWORD_FILE, 1, CONF_PATH_BYTES_MAX), AT(conf_carrier, password),
     .text = "A file that holds the password; one line end after it does not count."},
    {"password_env", TEXT(OPT_PASSWORD_ENV, 1, CONF_ENV_BYTES_MAX), AT(conf_carrier, password),
     .text = "An environment variable that holds the password."},
    {"system_type", TEXT(OPT_ASCII, 0, CONF_SYSTEM_TYPE_MAX), AT(conf_carrier, system_type),
     .fallback = "", .text = "Some carriers ask for one."},
    {"bind", WORD(bind_words), AT(conf_carrier, bind), .fallback = "transceiver",
     .text = "The kind of bind. `pair`: a transmitter and a receiver that belong together."},
    {"binds", COUNT(1, CONF_BINDS_MAX, "binds"), AT(conf_carrier, binds), .fallback = "1",
     .text = "How many of them; a pair counts as one."},
    {"interface_version", WORD(version_words), AT(conf_carrier, interface_version),
     .fallback = "3.4", .text = "The SMPP version that we announce."},
    {"assume_version", WORD(version_words), AT(conf_carrier, assume_version), .fallback = "3.4",
     .text = "The version of a carrier that does not say which it has in its bind response; `3.3` "
             "sends it no TLVs."},
    {"pair_fallback", .type = OPT_BOOL, AT(conf_carrier, pair_fallback), .fallback = "true",
     .text = "Bind a transmitter and a receiver if the carrier does not know bind_transceiver."},
    {"window", COUNT(1, CONF_WINDOW_MAX, "requests"), AT(conf_carrier, window), .fallback = "10",
     .text = "Requests without a response, per bind. A crash can send so many again."},
    {"throughput", COUNT(0, CONF_THROUGHPUT_MAX, "requests a second"), AT(conf_carrier, throughput),
     .fallback = "0", .text = "The carrier's limit per bind; `0` is none."},
    {"long_code_throughput", COUNT(0, CONF_THROUGHPUT_MAX, "segments a second"),
     AT(conf_carrier, long_code_throughput), .fallback = "0",
     .text = "The carrier's limit for each number of ours; parts of long texts count one by one. "
             "`0` is none."},
    {"toll_free_throughput", COUNT(0, CONF_THROUGHPUT_MAX, "segments a second"),
     AT(conf_carrier, toll_free_throughput), .fallback = "0",
     .text = "The same for toll-free numbers of North America (+1 800, 833, 844, 855, 866, 877, "
             "888) and of the world (+800)."},
    {"short_code_throughput", COUNT(0, CONF_THROUGHPUT_MAX, "segments a second"),
     AT(conf_carrier, short_code_throughput), .fallback = "0",
     .text = "The same for short codes."},
    {"enquire_link", DURATION(0, CONF_TIMER_MAX), AT(conf_carrier, enquire_link_ms),
     .fallback = "30s", .text = "After so much silence we send an enquire_link; `0s` is never."},
    {"response", DURATION(CONF_SECOND, CONF_TIMER_MAX), AT(conf_carrier, response_ms),
     .fallback = "30s",
     .text = "How long we wait for a response before the outcome counts as unknown."},
    {"reconnect_min", DURATION(100, CONF_HOUR), AT(conf_carrier, reconnect_min_ms),
     .fallback = "1s",
     .text = "The first wait after a lost connection; it doubles with each failure."},
    {"reconnect_max", DURATION(100, CONF_DAY), AT(conf_carrier, reconnect_max_ms),
     .fallback = "60s", .text = "The longest wait."},
    {"refused_min", DURATION(100, CONF_HOUR), AT(conf_carrier, refused_min_ms), .fallback = "5s",
     .text =
         "The first wait after a refused bind: carriers lock accounts that try again too soon."},
    {"refused_max", DURATION(100, CONF_DAY), AT(conf_carrier, refused_max_ms), .fallback = "15m",
     .text = "The longest wait after a refused bind."},
    {"alphabet", WORD(alphabet_words), AT(conf_carrier, alphabet), .fallback = "gsm",
     .text = "What data_coding 0 means to the carrier. Must match, or accents arrive as other "
             "letters."},
    {"resp_id", WORD(id_form_words), AT(conf_carrier, resp_id), .fallback = "text",
     .text = "How the carrier writes message IDs in its responses."},
    {"receipt_id", WORD(id_form_words), AT(conf_carrier, receipt_id), .fallback = "text",
     .text = "How it writes them in receipts. Some answer in hex and report in decimal."},
    {"on_unknown_outcome", WORD(unknown_words), AT(conf_carrier, on_unknown_outcome),
     .fallback = "resend",
     .text = "A message that was sent and never answered: `resend` may deliver it twice, `hold` "
             "leaves it to a person."},
    {"long_password", .type = OPT_BOOL, AT(conf_carrier, password_long), .fallback = "false",
     .text = "Send a password of more than 8 characters, which SMPP does not allow but some "
             "carriers issue."},
    {"outbind", .type = OPT_SECTION, .section = &outbind_section,
     .text = "The carrier may connect to one of our listeners and ask for our bind there."},
    {"statuses", AT(conf_carrier, statuses), .type = OPT_LIST, .section = &status_section,
     .count_offset = offsetof(struct conf_carrier, status_count), .items_max = CONF_STATUSES_MAX,
     .text = "What to do about statuses that the carrier means otherwise than SMPP does, or that "
             "are its own. At most 64."},
    {"long_form", WORD(long_form_words), AT(conf_carrier, long_form), .fallback = "udh",
     .text = "How texts of several parts go out: with a user data header of an 8-bit or a 16-bit "
             "reference, with sar TLVs, or whole in message_payload."},
    {"send_with", WORD(to_carrier_words), AT(conf_carrier, send_with), .fallback = "submit_sm",
     .text = "The operation that messages are sent with."},
    {"vendor_tlvs", .type = OPT_BOOL, AT(conf_carrier, vendor_tlvs), .fallback = "false",
     .text = "Vendors' TLVs (tags 0x1400 to 0x3FFF) that an app sets go on to this carrier; else "
             "they end here. At most 1024 octets of a message."},
    {"short_code_ton", COUNT(0, 6, ""), AT(conf_carrier, short_code_ton), .fallback = "3",
     .text = "The TON of short codes; their NPI is 0."},
    {"reference_messages", .type = OPT_BOOL, AT(conf_carrier, reference_messages),
     .fallback = "false",
     .text = "Send user_message_reference, the same when a message is sent again, so that the "
             "carrier can recognise it."},
    {"receipt_esm_0", .type = OPT_BOOL, AT(conf_carrier, receipt_esm_0), .fallback = "false",
     .text = "A text that begins with `id:` is a receipt, whatever esm_class says."},
    {"receipt_unswapped", .type = OPT_BOOL, AT(conf_carrier, receipt_unswapped),
     .fallback = "false",
     .text = "Receipts have source and destination as the message had them, not swapped."},
    {"accepted_is_final", .type = OPT_BOOL, AT(conf_carrier, accepted_is_final),
     .fallback = "false", .text = "A receipt with ACCEPTD is the message's last."},
    {"receipt_zone", .type = OPT_ZONE, AT(conf_carrier, receipt_zone_min), .fallback = "+00:00",
     .text = "The zone of dates in the carrier's receipts, which do not say it."},
    {"tls", .type = OPT_SECTION, .section = &carrier_tls_section,
     .text = "Connections are encrypted if this is there; empty (`tls: {}`) will do. Never falls "
             "back to plain text."},
};
static const struct conf_section carrier_section = {"carriers[]", OPTIONS(carrier_options),
                                                    .struct_bytes = sizeof(struct conf_carrier),
                                                    .finish = conf_finish_carrier};

static const struct conf_option relay_options[] = {
    {"reply_limit", COUNT(1, CONF_REPLY_LIMIT_MAX, "characters"), AT(conf, relay.reply_limit),
     .fallback = "140", .text = "Characters of an agent's reply after the conversation ID."},
    {"reply_overflow", WORD(overflow_words), AT(conf, relay.reply_overflow),
     .fallback = "deliver-part",
     .text = "A longer reply: deliver the first part and tell the agent, deliver nothing and tell, "
             "or deliver all."},
    {"reply_scope", WORD(scope_words), AT(conf, relay.reply_scope), .fallback = "participants",
     .text = "Who may answer a conversation: its owner, also members of the owning group and "
             "whoever it was forwarded "
             "to, or every agent of the account."},
    {"notices_per_minute", COUNT(1, CONF_NOTICES_MAX, "notices"),
     AT(conf, relay.notices_per_minute), .fallback = "6",
     .text = "Notices to one agent; more are dropped and counted."},
    {"reassembly_timeout", DURATION(CONF_SECOND, CONF_DAY), AT(conf, relay.reassembly_ms),
     .fallback = "5m", .text = "How long parts of a long message wait for the missing ones."},
    {"part_sets_max", COUNT(1, CONF_PART_SETS_MAX, "messages"), AT(conf, relay.part_sets_max),
     .fallback = "8",
     .text = "Incomplete long messages of one sender; the oldest is given up for a new one."},
    {"validity", DURATION(CONF_MINUTE, CONF_DURATION_MAX), AT(conf, relay.validity_ms),
     .fallback = "48h", .text = "How long a message is tried whose sender did not say."},
    {"retry_min", DURATION(100, CONF_HOUR), AT(conf, relay.retry_min_ms), .fallback = "5s",
     .text = "The first wait after a temporary error of the carrier; it doubles with each."},
    {"retry_max", DURATION(100, CONF_DAY), AT(conf, relay.retry_max_ms), .fallback = "15m",
     .text = "The longest wait."},
    {"keep_final", DURATION(CONF_MINUTE, CONF_DURATION_MAX), AT(conf, relay.keep_final_ms),
     .fallback = "48h",
     .text =
         "How long a message is kept after its end, so that late receipts and queries find it."},
    {"orphan_receipts", DURATION(CONF_MINUTE, CONF_DURATION_MAX), AT(conf, relay.orphan_ms),
     .fallback = "48h", .text = "How long a receipt waits for its message."},
    {"schedule_max", DURATION(0, CONF_DURATION_MAX), AT(conf, relay.schedule_ms), .fallback = "7d",
     .text = "How far ahead an app may schedule a message; `0s` is not at all."},
    {"receipt_keep", DURATION(CONF_MINUTE, CONF_DURATION_MAX), AT(conf, relay.receipt_ms),
     .fallback = "48h", .text = "How long a receipt waits for an app that is not there."},
    {"receipts_max", COUNT(1, CONF_RECEIPTS_MAX, "receipts"), AT(conf, relay.receipts_max),
     .fallback = "25000",
     .text = "Receipts of one app that wait; the oldest is given up for a new one."},
    {"failover", DURATION(0, CONF_DAY), AT(conf, relay.failover_ms), .fallback = "30s",
     .text = "A carrier without a bind for so long counts as down: what is routed to it goes to "
             "the other carriers of the route."},
    {"duplicate_window", DURATION(0, CONF_DAY), AT(conf, relay.duplicate_ms), .fallback = "15m",
     .text = "How long a message that a carrier repeats is recognised and not relayed again; `0s` "
             "is never."},
};
static const struct conf_section relay_section = {"relay", OPTIONS(relay_options),
                                                  .struct_bytes = 0, .finish = conf_finish_relay};

static const struct conf_option share_options[] = {
    {"carrier", ID, AT(conf_route_share, carrier), .required = true, .text = "The carrier's id."},
    {"weight", COUNT(1, CONF_WEIGHT_MAX, ""), AT(conf_route_share, weight), .fallback = "1",
     .text = "Its share of new conversations, in proportion to the others'."},
};
static const struct conf_section share_section = {"routes[].carriers[]", OPTIONS(share_options),
                                                  .struct_bytes = sizeof(struct conf_route_share)};

#define LEFT_OUT "is empty and fits nothing; without it the route fits all"
static const struct conf_option route_options[] = {
    {"id", ID, AT(conf_route, id), .required = true, .text = "Its name in logs."},
    {"account", ID, AT(conf_route, account), .text = "Only messages of this account."},
    {"app", TEXT(OPT_ASCII, 1, CONF_SYSTEM_ID_MAX), AT(conf_route, app),
     .text = "Only messages that this app submitted."},
    {"sources", .type = OPT_SENDERS, AT(conf_route, sources), .empty = LEFT_OUT,
     .count_offset = offsetof(struct conf_route, source_count), .items_max = CONF_SOURCES_MAX,
     .text = "Only messages from these numbers of ours, which are written with country code. At "
             "most 256."},
    {"prefixes", .type = OPT_PREFIXES, AT(conf_route, prefixes), .empty = LEFT_OUT,
     .count_offset = offsetof(struct conf_route, prefix_count), .items_max = CONF_PREFIXES_MAX,
     .text = "Only messages to numbers that begin with one of these digits, country code first. "
             "At most 1000."},
    {"carriers", LIST_OF(conf_route, share_section, carrier),
     .items_max = CONF_ROUTE_CARRIERS_MAX, .empty = "is empty; to send nothing write refuse: true",
     .text = "Who takes these messages. At most 64."},
    {"backups", .type = OPT_IDS, AT(conf_route, backups), .min = 1, .max = CONF_ID_BYTES_MAX,
     .count_offset = offsetof(struct conf_route, backup_count),
     .items_max = CONF_ROUTE_CARRIERS_MAX,
     .text = "Carriers that take them when none of `carriers` is up, the first that is. At most "
             "64."},
    {"refuse", .type = OPT_BOOL, AT(conf_route, refuse), .fallback = "false",
     .text = "These messages are refused with 0x0B. Either this or `carriers`."},
};
static const struct conf_section route_section = {"routes[]", OPTIONS(route_options),
                                                  .struct_bytes = sizeof(struct conf_route),
                                                  .finish = conf_finish_route};

static const struct conf_option shaping_options[] = {
    {"bulk_floor", .type = OPT_PERCENT, .min = 0, .max = 50, AT(conf, shaping.bulk_floor),
     .fallback = "0%",
     .text = "The part of what a carrier takes that bulk messages get in any case. Chat goes "
             "first for the rest."},
    {"chat_places", .type = OPT_PERCENT, .min = 0, .max = 50, AT(conf, shaping.chat_places),
     .fallback = "10%",
     .text = "The part of a carrier's window, rounded up, that bulk leaves free for a minute after "
             "each chat message, so that the next one need not wait for an answer. As many as chat "
             "had on the wire at once, if that is more."},
    {"account_places", .type = OPT_PERCENT, .min = 0, .max = 50, AT(conf, shaping.account_places),
     .fallback = "10%",
     .text = "The part of a carrier's window, rounded up, that accounts with much to send leave "
             "free for those of the same class that sent in the last minute and have nothing to "
             "send just now, so that their next message need not wait for an answer."},
};
static const struct conf_section shaping_section = {"shaping", OPTIONS(shaping_options),
                                                    .struct_bytes = 0};

static const struct conf_option auto_options[] = {
    {"max_per_hour", COUNT(1, CONF_AUTO_HOUR_MAX, "texts"), AT(conf, auto_per_hour),
     .fallback = "3",
     .text = "Automatic replies of one rule to one phone within an hour; more are counted and not "
             "sent."},
};
static const struct conf_section auto_section = {"auto", OPTIONS(auto_options), .struct_bytes = 0};

static const struct conf_option lists_options[] = {
    {"max_size", COUNT(0, CONF_LIST_MAX, "numbers"), AT(conf, list_max), .fallback = "0",
     .text = "Numbers that a distribution list may hold. `0`: sending to lists is refused."},
};
static const struct conf_section lists_section = {"lists", OPTIONS(lists_options),
                                                  .struct_bytes = 0};

static const struct conf_option control_options[] = {
    {"path", PATH, AT(conf, control_path),
     .text = "A UNIX socket for `tandem ctl`, made at the start. At most 107 characters with the "
             "directory of this file. Without it there is none."},
};
static const struct conf_section control_section = {"control", OPTIONS(control_options),
                                                    .struct_bytes = 0,
                                                    .finish = conf_finish_control};

static const struct conf_option trace_options[] = {
    {"dir", PATH, AT(conf, trace_dir),
     .text = "Where traces write files for Wireshark (pcap). Without it they cannot."},
    {"file_max", SIZE(CONF_TRACE_MIN, CONF_TIB), AT(conf, trace_bytes_max), .fallback = "64MiB",
     .text = "A trace ends when its file is so large."},
};
static const struct conf_section trace_section = {"trace", OPTIONS(trace_options),
                                                  .struct_bytes = 0};

#define MESSAGE(which, low)                                                                        \
    TEXT(OPT_MESSAGE, low, CONF_TEMPLATE_BYTES_MAX), AT(conf, messages[which])
static const struct conf_option message_options[] = {
    {"forward", MESSAGE(MESSAGE_FORWARD, 1), .fallback = "{id} {from}: {text}",
     .text = "A contact's message on an agent's phone. Must have `{id}` and `{text}`; `{from}` is "
             "the contact's number."},
    {"notice", MESSAGE(MESSAGE_NOTICE, 1),
     .fallback = "Nothing was delivered. Begin each reply with the conversation ID and a blank. "
                 "Replies are limited to "
                 "{limit} characters; a longer one may arrive in part.",
     .text = "To an agent whose reply cannot be used; the same for every cause. `{limit}`."},
    {"cut", MESSAGE(MESSAGE_CUT, 1),
     .fallback = "{id}: your reply was longer than {limit} characters. Only the first {limit} were "
                 "delivered.",
     .text = "To an agent whose reply was delivered in part. `{id}`, `{limit}`."},
    {"too_long", MESSAGE(MESSAGE_TOO_LONG, 1),
     .fallback = "{id}: nothing was delivered. Your reply was longer than {limit} characters.",
     .text = "To an agent whose reply was refused for its length. `{id}`, `{limit}`."},
    {"opted_out", MESSAGE(MESSAGE_OPTED_OUT, 1),
     .fallback = "{id}: nothing was delivered. This contact has opted out of texts from us.",
     .text = "To an agent who replies to a contact that opted out. `{id}`."},
    {"choose_number", MESSAGE(MESSAGE_CHOOSE_NUMBER, 1),
     .fallback = "{id}: nothing was delivered yet. Which number? Reply with just the digit. "
                 "{choices}",
     .text = "To an agent whose reply could go to several of the contact's numbers (R-multi-2). "
             "Must have `{choices}`; `{id}`."},
    {"none_selected", MESSAGE(MESSAGE_NONE_SELECTED, 1),
     .fallback = "{id}: nothing was delivered. None of this contact's numbers is selected for "
                 "sending.",
     .text = "To an agent who replies to such a contact. `{id}`."},
    {"stop_confirmation", MESSAGE(MESSAGE_STOP_CONFIRMATION, 0),
     .fallback = "{name}: you have opted out and will get no more texts from us. Reply UNSTOP to "
                 "opt in again.",
     .text = "To a contact who sent STOP; empty sends none. `{name}` is the account's."},
    {"unstop_confirmation", MESSAGE(MESSAGE_UNSTOP_CONFIRMATION, 0),
     .fallback = "{name}: you have opted in to our texts again. Reply STOP to opt out.",
     .text = "To a contact who sent UNSTOP; empty sends none. `{name}`."},
    {"contact_opted_out", MESSAGE(MESSAGE_CONTACT_OPTED_OUT, 0),
     .fallback = "{id}: {from} has opted out of texts from us.",
     .text = "To the owner of an open conversation whose contact opted out; empty sends none. "
             "`{id}`, `{from}`."},
    {"opt_in_wish", MESSAGE(MESSAGE_OPT_IN_WISH, 0),
     .fallback = "{id}: {from} wants texts from us again. Somebody must lift the opt-out.",
     .text = "The same when the contact wants in again and `opt_in.mode` is manual. `{id}`, "
             "`{from}`."},
    {"nearly_stop", MESSAGE(MESSAGE_NEARLY_STOP, 0),
     .fallback = "{id}: {from} may want no more texts from us, but has not opted out.",
     .text = "The same when a text nearly is a keyword, as `stop please`. `{id}`, `{from}`."},
    {"part_missing", MESSAGE(MESSAGE_PART_MISSING, 1), .fallback = "[{have}/{total} only]",
     .text = "The mark in a long message of which parts never came. `{have}`, `{total}`."},
    {"unassigned", MESSAGE(MESSAGE_UNASSIGNED, 0),
     .fallback = "New message, not assigned: {from} is no contact, or several.",
     .text = "To the admin when somebody writes who matches no contact; empty sends none. "
             "`{from}`."},
    {"proxy_intro", MESSAGE(MESSAGE_PROXY_INTRO, 1),
     .fallback = "This number now stands for {contact}. What you text here goes there.",
     .text = "To an agent, the first text from a contact number. Must have `{contact}`: the "
             "contact's number, and the name if it is known."},
    {"proxy_recycled", MESSAGE(MESSAGE_PROXY_RECYCLED, 1),
     .fallback = "This number was idle and has been recycled: it no longer reaches "
                 "{contact}. To go on with them, text Convo and their number to your user number.",
     .text = "To an agent whose conversation lost its contact number. Must have `{contact}`."},
    {"proxy_ended", MESSAGE(MESSAGE_PROXY_ENDED, 1),
     .fallback = "Nothing was delivered. This number no longer stands for {contact}. To go on with "
                 "them, text Convo and their number to your user number.",
     .text = "To an agent who texts a contact number whose lease was ended by hand. Must have "
             "`{contact}`."},
    {"proxy_no_number", MESSAGE(MESSAGE_PROXY_NO_NUMBER, 1),
     .fallback = "No contact number is free for {contact}. Please try again later.",
     .text = "To an agent who starts a conversation. Must have `{contact}`."},
    {"proxy_no_number_in", MESSAGE(MESSAGE_PROXY_NO_NUMBER_IN, 1),
     .fallback = "No contact number is free for {contact}, so you cannot answer now. They wrote: "
                 "{text}",
     .text = "To an agent, when a contact writes. Must have `{contact}` and `{text}`."},
    {"proxy_usage", MESSAGE(MESSAGE_PROXY_USAGE, 1),
     .fallback = "Nothing was delivered. To start a conversation, text Convo and the number, for "
                 "example: Convo 202 555 0100",
     .text = "To an agent who texts the own user number without a command."},
    {"proxy_user_number", MESSAGE(MESSAGE_PROXY_USER_NUMBER, 1),
     .fallback = "{number} is now your number at {name}. To start a conversation, text Convo and "
                 "the contact's number to it.",
     .text = "To an agent who is given a user number. `{number}`, `{name}` of the account."},
    {"proxy_opted_out", MESSAGE(MESSAGE_PROXY_OPTED_OUT, 1),
     .fallback = "Nothing was delivered. {contact} has opted out of texts from us.",
     .text = "To an agent who texts a contact that opted out. Must have `{contact}`."},
};
static const struct conf_section messages_section = {"messages", OPTIONS(message_options),
                                                     .struct_bytes = 0};

static const struct conf_option gateway_file_options[] = {
    {"gateway", .type = OPT_SECTION, .section = &gateway_section, .text = "The daemon itself."},
    {"log", .type = OPT_SECTION, .section = &log_section, .text = "Logging."},
    {"store", .type = OPT_SECTION, .section = &store_section, .required = true,
     .text = "Where messages are kept."},
    {"directory", TEXT(OPT_PATH, 1, CONF_PATH_BYTES_MAX), AT(conf, directory),
     .text = "The directory file: accounts, agents, numbers."},
    {"listeners", LIST_OF(conf, listener_section, listener),
     .text = "Where apps bind to us."},
    {"carriers", LIST_OF(conf, carrier_section, carrier), .text = "Whom we bind to."},
    {"routes", LIST_OF(conf, route_section, route), .items_max = CONF_ROUTES_MAX,
     .text = "Which carrier takes what: the first route that fits, else the carrier of the number. "
             "At most 10000."},
    {"relay", .type = OPT_SECTION, .section = &relay_section,
     .text = "The relay: replies, retries, times."},
    {"shaping", .type = OPT_SECTION, .section = &shaping_section,
     .text = "What goes first, and how much."},
    {"auto", .type = OPT_SECTION, .section = &auto_section, .text = "Automatic replies."},
    {"lists", .type = OPT_SECTION, .section = &lists_section,
     .text = "Distribution lists and broadcasts."},
    {"messages", .type = OPT_SECTION, .section = &messages_section,
     .text = "Texts that Tandem itself writes."},
    {"control", .type = OPT_SECTION, .section = &control_section,
     .text = "How the daemon is asked and told things while it runs."},
    {"trace", .type = OPT_SECTION, .section = &trace_section, .text = "Traces of sessions."},
};
const struct conf_section conf_gateway_file = {"tandem.yaml", OPTIONS(gateway_file_options),
                                               .struct_bytes = sizeof(struct conf)};

/* --- the directory file --- */

static const struct conf_option group_options[] = {
    {"id", ID, AT(dir_group, id), .required = true, .text = "Unique in the account."},
    {"name", TEXT(OPT_NAME, 1, CONF_NAME_CHARS_MAX), AT(dir_group, name),
     .text = "The id, if there is none."},
};
static const struct conf_section group_section = {"accounts[].groups[]", OPTIONS(group_options),
                                                  .struct_bytes = sizeof(struct dir_group),
                                                  .finish = conf_finish_group};

static const struct conf_option agent_options[] = {
    {"id", ID, AT(dir_agent, id), .required = true, .text = "Unique in the account."},
    {"name", TEXT(OPT_NAME, 1, CONF_NAME_CHARS_MAX), AT(dir_agent, name),
     .text = "The id, if there is none."},
    {"mobile", .type = OPT_PHONE, AT(dir_agent, mobile), .required = true,
     .text = "The agent's own phone."},
    {"relay_number", .type = OPT_PHONE, AT(dir_agent, relay_number),
     .text = "The number of role `relay` by which the agent gets and answers messages."},
    {"user_number", .type = OPT_PHONE, AT(dir_agent, user_number),
     .text = "The number of role `user` that the world knows; its messages come to the phone from "
             "contact numbers."},
    {"relay", .type = OPT_BOOL, AT(dir_agent, relay), .fallback = "false",
     .text = "Forward the messages of this agent's conversations to the phone."},
    {"groups", .type = OPT_IDS, AT(dir_agent, groups), .min = 1, .max = CONF_ID_BYTES_MAX,
     .count_offset = offsetof(struct dir_agent, group_count), .items_max = CONF_AGENT_GROUPS_MAX,
     .text = "Ids of groups of the account."},
    {"email", TEXT(OPT_ASCII, 3, CONF_EMAIL_CHARS_MAX), AT(dir_agent, email),
     .text = "The agent's e-mail address."},
    {"time_zone", TEXT(OPT_ASCII, 1, CONF_TIME_ZONE_CHARS_MAX), AT(dir_agent, time_zone),
     .text = "The agent's time zone, as in `America/Chicago`."},
    {"role", WORD(agent_role_words), AT(dir_agent, role), .fallback = "agent",
     .text = "`admin`: is told of messages that match no contact."},
    {"primary_admin", .type = OPT_BOOL, AT(dir_agent, primary_admin), .fallback = "false",
     .text = "Of several admins the one who is told. Without one the first of the file is."},
};
static const struct conf_section agent_section = {"accounts[].agents[]", OPTIONS(agent_options),
                                                  .struct_bytes = sizeof(struct dir_agent),
                                                  .finish = conf_finish_agent};

static const struct conf_option app_options[] = {
    {"system_id", TEXT(OPT_ASCII, 1, CONF_SYSTEM_ID_MAX), AT(dir_app, system_id), .required = true,
     .text = "What the app binds as; unique in all accounts."},
    {"password", TEXT(OPT_PASSWORD, 1, CONF_PASSWORD_LONG_MAX), AT(dir_app, password),
     .text = "The password. Exactly one of the four ways must be given. At most 8 characters "
             "without `long_password`."},
    {"password_hash", TEXT(OPT_PASSWORD_HASH, 1, CONF_HASH_CHARS_MAX),
     AT(dir_app, password_hash),
     .text = "The password's argon2id hash, which begins with `$argon2id$`; the password itself "
             "is nowhere in the files."},
    {"password_file", TEXT(OPT_PASSWORD_FILE, 1, CONF_PATH_BYTES_MAX), AT(dir_app, password),
     .text = "A file that holds the password; one line end after it does not count."},
    {"password_env", TEXT(OPT_PASSWORD_ENV, 1, CONF_ENV_BYTES_MAX), AT(dir_app, password),
     .text = "An environment variable that holds the password."},
    {"long_password", .type = OPT_BOOL, AT(dir_app, password_long), .fallback = "false",
     .text = "Take a password of more than 8 characters from the app, which SMPP does not allow."},
    {"allow", .type = OPT_NETS, AT(dir_app, allow),
     .count_offset = offsetof(struct dir_app, allow_count), .items_max = CONF_NETS_MAX,
     .empty = "is empty: the app could never bind; without it the app may from everywhere",
     .text = "The app may bind from these addresses and networks only. At most 64."},
    {"sources", .type = OPT_SENDERS, AT(dir_app, sources),
     .count_offset = offsetof(struct dir_app, source_count), .items_max = CONF_SOURCES_MAX,
     .empty = "is empty: the app could send nothing; without it the app may from all numbers of "
              "the account",
     .text = "The app may send from these numbers of the account only; the first stands for an "
             "empty source. At most 256."},
    {"certificate", TEXT(OPT_ASCII, 1, CONF_CERTIFICATE_BYTES_MAX), AT(dir_app, certificate),
     .text = "The app may bind only over TLS with a client certificate that holds this: "
             "`cn:NAME`, `dns:NAME`, `uri:URI`, or `sha256:` and its fingerprint. The password is "
             "asked for as well."},
    {"binds", .type = OPT_APP_BINDS, .empty = "is empty: the app could never bind",
     .fallback = "[transmitter, receiver, transceiver]",
     .text = "How the app may bind."},
    {"binds_max", COUNT(1, CONF_BINDS_MAX, "sessions"), AT(dir_app, binds_max), .fallback = "8",
     .text = "Sessions at a time."},
    {"window", COUNT(1, CONF_WINDOW_MAX, "requests"), AT(dir_app, window), .fallback = "10",
     .text = "deliver_sm without a response, per session."},
    {"throughput", COUNT(0, CONF_THROUGHPUT_MAX, "requests a second"), AT(dir_app, throughput),
     .fallback = "0", .text = "submit_sm that are taken; more get 0x58. `0` is no limit."},
    {"class", WORD(class_words), AT(dir_app, class), .fallback = "bulk",
     .text = "`chat` messages go before all `bulk` ones."},
    {"alphabet", WORD(alphabet_words), AT(dir_app, alphabet), .fallback = "gsm",
     .text = "What data_coding 0 means on its sessions."},
    {"long_form", WORD(long_form_words), AT(dir_app, long_form), .fallback = "payload",
     .text = "How it gets texts that are too long for short_message: in parts with a user data "
             "header of an 8-bit or a 16-bit reference or with sar TLVs, or whole in "
             "message_payload."},
    {"vendor_tlvs", .type = OPT_BOOL, AT(dir_app, vendor_tlvs), .fallback = "false",
     .text = "Vendors' TLVs that a carrier sets go on to this app; of a joined text those of the "
             "part that came last."},
    {"send_with", WORD(to_app_words), AT(dir_app, send_with), .fallback = "deliver_sm",
     .text = "The operation that it gets messages and receipts with."},
    {"intermediate", .type = OPT_BOOL, AT(dir_app, intermediate), .fallback = "true",
     .text = "Intermediate notifications go to it if it asks for them."},
    {"receipt_zone", .type = OPT_ZONE, AT(dir_app, receipt_zone_min), .fallback = "+00:00",
     .text = "The zone of dates in receipts to it, which do not say it."},
};
static const struct conf_section app_section = {"accounts[].apps[]", OPTIONS(app_options),
                                                .struct_bytes = sizeof(struct dir_app),
                                                .finish = conf_finish_app};

static const struct conf_option number_options[] = {
    {"number", .type = OPT_SENDER, AT(dir_number, number), .required = true,
     .text = "Unique in all accounts. A sender name only with role `app`."},
    {"throughput", COUNT(0, CONF_THROUGHPUT_MAX, "segments a second"), AT(dir_number, throughput),
     .fallback = "0",
     .text = "What goes out from this number, parts of long texts counted one by one, whichever "
             "carrier it goes by. `0` is what its carrier says of such numbers."},
    {"role", WORD(role_words), AT(dir_number, role), .required = true,
     .text =
         "`business`: the world texts it, agents answer; `relay`: one agent's; `user`: an agent's "
         "public one; `contact`: of the pool, stands for a contact on an agent's phone; `app`: an "
         "app's."},
    {"carrier", ID, AT(dir_number, carrier), .required = true,
     .text = "The carrier that its messages go out by."},
    {"agent", ID, AT(dir_number, agent),
     .text = "Role `relay` or `user`, required: the agent, whose relay_number or user_number this "
             "is."},
    {"drain", .type = OPT_BOOL, AT(dir_number, drain), .fallback = "false",
     .text = "Role `contact`: no new conversation gets it, those that have it go on."},
    {"app", TEXT(OPT_ASCII, 1, CONF_SYSTEM_ID_MAX), AT(dir_number, app),
     .text = "The system_id of the app that gets its messages: role `app`, and role `business` "
             "with `response: bot`; required there."},
    {"assign_agent", ID, AT(dir_number, assign),
     .text = "Role `business`: the agent who owns a new conversation."},
    {"assign_group", ID, AT(dir_number, assign),
     .text = "Role `business`: the group that does; only one of the three."},
    {"assign_round_robin", ID, AT(dir_number, assign),
     .text = "Role `business`: the group whose agents take turns: those who are online."},
    {"name", TEXT(OPT_NAME, 1, CONF_NAME_CHARS_MAX), AT(dir_number, name),
     .text = "What people call the number."},
    {"description", TEXT(OPT_NAME, 1, CONF_DESCRIPTION_CHARS_MAX), AT(dir_number, description),
     .text = "What it is for."},
    {"office", ID, AT(dir_number, office),
     .text = "Role `business`: the group whose members may start texts and campaigns from it. "
             "Without one everybody in the account may."},
    {"primary_agent", ID, AT(dir_number, primary_agent),
     .text = "Role `business`: who looks after it. For information only."},
    {"response", WORD(response_words), AT(dir_number, response), .fallback = "agent",
     .text = "Role `business`: `agent`: people answer; `bot`: messages go to `app` and into the "
             "conversation."},
    {"inbox_agents", .type = OPT_IDS, AT(dir_number, inbox_agents), .min = 1,
     .max = CONF_ID_BYTES_MAX, .count_offset = offsetof(struct dir_number, inbox_agent_count),
     .items_max = INBOXES_MAX,
     .text = "Role `business`: agents who get what is unsolicited, if no `assign_` option says "
             "whose it is."},
    {"inbox_groups", .type = OPT_IDS, AT(dir_number, inbox_groups), .min = 1,
     .max = CONF_ID_BYTES_MAX, .count_offset = offsetof(struct dir_number, inbox_group_count),
     .items_max = INBOXES_MAX,
     .text = "And groups. A single inbox owns the conversation; of several nobody does. At most "
             "16 in both."},
    {"kind", WORD(kind_words), AT(dir_number, kind), .fallback = "reusable",
     .text = "Role `business`: a `single-use` number leaves with its campaign."},
};
static const struct conf_section number_section = {"accounts[].numbers[]", OPTIONS(number_options),
                                                   .struct_bytes = sizeof(struct dir_number),
                                                   .finish = conf_finish_number};

static const struct conf_option campaign_options[] = {
    {"id", ID, AT(dir_campaign, id), .required = true, .text = "Unique in the account."},
    {"name", TEXT(OPT_NAME, 1, CONF_NAME_CHARS_MAX), AT(dir_campaign, name),
     .text = "The id, if there is none."},
    {"number", .type = OPT_PHONE, AT(dir_campaign, number), .required = true,
     .text = "A number of role `business`. Campaigns on one number may not overlap."},
    {"starts", .type = OPT_DATE, AT(dir_campaign, starts_ms), .required = true,
     .text = "From then on its settings override the number's."},
    {"ends", .type = OPT_DATE, AT(dir_campaign, ends_ms),
     .text = "From then on the number has its own settings again. Without it the campaign goes on "
             "until it is archived or leaves the file."},
    {"archive", .type = OPT_DATE, AT(dir_campaign, archive_ms),
     .text = "When it is put away; it has ended then in any case."},
    {"response", WORD(response_words), AT(dir_campaign, response), .required = true,
     .text = "Who answers while it is active."},
    {"app", TEXT(OPT_ASCII, 1, CONF_SYSTEM_ID_MAX), AT(dir_campaign, app),
     .text = "With `response: bot`: the system_id of the app. The number's, if there is none."},
    {"office", ID, AT(dir_campaign, office),
     .text = "The group that runs it, which must be the number's."},
    {"inbox_agents", .type = OPT_IDS, AT(dir_campaign, inbox_agents), .min = 1,
     .max = CONF_ID_BYTES_MAX, .count_offset = offsetof(struct dir_campaign, inbox_agent_count),
     .items_max = INBOXES_MAX,
     .text = "With `response: agent`: agents who get its messages. The number's settings, if "
             "there are neither agents nor groups."},
    {"inbox_groups", .type = OPT_IDS, AT(dir_campaign, inbox_groups), .min = 1,
     .max = CONF_ID_BYTES_MAX, .count_offset = offsetof(struct dir_campaign, inbox_group_count),
     .items_max = INBOXES_MAX, .text = "And groups. At most 16 in both."},
};
static const struct conf_section campaign_section = {"accounts[].campaigns[]",
                                                     OPTIONS(campaign_options),
                                                     .struct_bytes = sizeof(struct dir_campaign),
                                                     .finish = conf_finish_campaign};

static const struct conf_option contact_phone_options[] = {
    {"number", .type = OPT_PHONE, AT(dir_contact_phone, number), .required = true,
     .text = "In any usual way to write it."},
    {"selected", .type = OPT_BOOL, AT(dir_contact_phone, selected), .fallback = "true",
     .text = "Messages to the contact may go there. With several such phones a message must say "
             "which."},
};
static const struct conf_section contact_phone_section = {
    "accounts[].contacts.list[].phones[]", OPTIONS(contact_phone_options),
    .struct_bytes = sizeof(struct dir_contact_phone)};

static const struct conf_option contact_options[] = {
    {"id", ID, AT(dir_contact, id), .required = true, .text = "Unique in the account."},
    {"first", TEXT(OPT_NAME, 1, CONF_NAME_CHARS_MAX), AT(dir_contact, first),
     .text = "First name."},
    {"last", TEXT(OPT_NAME, 1, CONF_NAME_CHARS_MAX), AT(dir_contact, last), .text = "Last name."},
    {"company", TEXT(OPT_NAME, 1, CONF_NAME_CHARS_MAX), AT(dir_contact, company),
     .text = "Company."},
    {"phones", LIST_OF(dir_contact, contact_phone_section, phone),
     .items_max = CONF_CONTACT_PHONES_MAX,
     .text = "Phone numbers. At most 9; at most 64 contacts share one."},
};
static const struct conf_section contact_section = {"accounts[].contacts.list[]",
                                                    OPTIONS(contact_options),
                                                    .struct_bytes = sizeof(struct dir_contact),
                                                    .finish = conf_finish_contact};

static const struct conf_option contacts_options[] = {
    {"create_unknown", .type = OPT_BOOL, AT(dir_account, create_unknown), .fallback = "false",
     .text = "Whoever writes and is no contact becomes one."},
    {"list", LIST_OF(dir_account, contact_section, contact),
     .text = "Contacts. More can be made by command."},
};
static const struct conf_section contacts_section = {"accounts[].contacts",
                                                     OPTIONS(contacts_options), .struct_bytes = 0};
#define WORDS_OF(kind, member, words_of, most)                                                     \
    .type = OPT_WORDS, .words = (words_of), AT(kind, member##s),                                   \
    .count_offset = offsetof(struct kind, member##_count), .items_max = (most)
#define KEYWORDS(kind, member)                                                                     \
    TEXT(OPT_KEYWORDS, 1, CONF_KEYWORD_CHARS_MAX), AT(kind, member##s),                            \
        .count_offset = offsetof(struct kind, member##_count), .items_max = CONF_KEYWORDS_MAX

static const struct conf_option opt_out_options[] = {
    {"presets", WORDS_OF(dir_account, opt_out.preset, preset_words, 8),
     .fallback = "[stop-only]",
     .text = "Lists of keywords that opt out besides STOP: see the manual. `us` is what US rules "
             "count."},
    {"keywords", KEYWORDS(dir_account, opt_out.keyword),
     .text = "Further keywords: a text that is just this, in any case, opts out. At most 64."},
    {"patterns", TEXT(OPT_TEXTS, 1, CONF_PATTERN_CHARS_MAX),
     AT(dir_account, opt_out.patterns),
     .count_offset = offsetof(struct dir_account, opt_out.pattern_count),
     .items_max = CONF_PATTERNS_MAX,
     .text = "Regular expressions (PCRE2) for such texts; the whole text must match. At most 16."},
};
static const struct conf_section opt_out_section = {"accounts[].opt_out", OPTIONS(opt_out_options),
                                                    .struct_bytes = 0};

static const struct conf_option opt_in_options[] = {
    {"mode", WORD(opt_in_words), AT(dir_account, opt_in.mode), .fallback = "automatic",
     .text = "UNSTOP lifts the opt-out, or is recorded as a wish and somebody must lift it."},
    {"keywords", KEYWORDS(dir_account, opt_in.keyword),
     .text = "Keywords that opt in besides UNSTOP. At most 64."},
};
static const struct conf_section opt_in_section = {"accounts[].opt_in", OPTIONS(opt_in_options),
                                                   .struct_bytes = 0};

static const struct conf_option auto_reply_options[] = {
    {"id", ID, AT(dir_auto, id), .required = true, .text = "Unique in the account."},
    {"number", .type = OPT_PHONE, AT(dir_auto, number),
     .text = "The number of role `business` whose messages it answers; without it those of all "
             "that have no such rule of their own."},
    {"text", TEXT(OPT_TEMPLATE, 1, CONF_AUTO_BYTES_MAX), AT(dir_auto, text), .required = true,
     .text = "The answer, no longer than the account's `max_parts`. `{name}` is the account's."},
    {"on", .type = OPT_BOOL, AT(dir_auto, on), .fallback = "true",
     .text = "Off: it does nothing, as if it were not there. `tandem ctl auto on` and `off` hold "
             "until this changes."},
    {"days", WORDS_OF(dir_auto, day, day_words, 7), .empty = "is empty: it would never answer",
     .text = "Time-based: the days on which its time begins; without it all."},
    {"from", .type = OPT_CLOCK, AT(dir_auto, from_min), .fallback = "00:00",
     .text = "Time-based: when it begins."},
    {"to", .type = OPT_CLOCK, AT(dir_auto, to_min), .fallback = "24:00",
     .text = "Time-based: when it ends; not after `from`: on the next day."},
    {"time_zone", TEXT(OPT_NAME, 1, 63), AT(dir_auto, time_zone),
     .text = "Time-based, required with `days`, `from` or `to`: an IANA name, as "
             "`Europe/London`."},
    {"once", .type = OPT_BOOL, AT(dir_auto, once), .fallback = "false",
     .text = "Time-based: once in each open conversation."},
    {"keywords", KEYWORDS(dir_auto, keyword),
     .text = "Text-based: texts that are just this, in any case. At most 64."},
    {"pattern", TEXT(OPT_NAME, 1, CONF_PATTERN_CHARS_MAX), AT(dir_auto, pattern),
     .text = "Text-based: a regular expression (PCRE2) that is found in the text."},
    {"opt_out", .type = OPT_BOOL, AT(dir_auto, opt_out), .fallback = "false",
     .text = "Text-based: whoever writes this is opted out, and `text` is the confirmation."},
    {"join_list", ID, AT(dir_auto, join_list),
     .text = "Text-based: who writes this joins the distribution list, which may also be one that "
             "a command makes."},
    {"leave_list", ID, AT(dir_auto, leave_list),
     .text = "Text-based: who writes this leaves it."},
    {"assign_agent", ID, AT(dir_auto, assign),
     .text = "Text-based: the agent who owns the conversation if it is new or nobody's."},
    {"assign_group", ID, AT(dir_auto, assign), .text = "Text-based: the group that does."},
};
static const struct conf_section auto_reply_section = {
    "accounts[].auto_replies[]", OPTIONS(auto_reply_options),
    .struct_bytes = sizeof(struct dir_auto), .finish = conf_finish_auto};

static const struct conf_option list_options[] = {
    {"id", ID, AT(dir_list, id), .required = true, .text = "Unique in the account."},
    {"name", TEXT(OPT_NAME, 1, CONF_NAME_CHARS_MAX), AT(dir_list, name),
     .text = "The id, if there is none."},
    {"numbers", .type = OPT_SENDERS, AT(dir_list, numbers),
     .count_offset = offsetof(struct dir_list, number_count), .items_max = CONF_LIST_MAX,
     .text = "Phone numbers, at most `lists.max_size`. Others can join by keyword or command; who "
             "left stays out."},
};
static const struct conf_section list_section = {"accounts[].lists[]", OPTIONS(list_options),
                                                 .struct_bytes = sizeof(struct dir_list),
                                                 .finish = conf_finish_list};

static const struct conf_option proxy_options[] = {
    {"min_idle", DURATION(0, CONF_DURATION_MAX), AT(dir_account, proxy.min_idle_ms),
     .fallback = "0s",
     .text = "A conversation that was quiet for less keeps its contact number; when all are, none "
             "is free."},
    {"pool_scope", WORD(pool_scope_words), AT(dir_account, proxy.pool_scope),
     .fallback = "account",
     .text = "`account`: a contact number serves one conversation of the account at a time; "
             "`agent`: one of each agent."},
    {"quarantine", DURATION(0, CONF_DURATION_MAX), AT(dir_account, proxy.quarantine_ms),
     .fallback = "24h",
     .text = "A contact number whose conversation was ended by hand rests for so long, unless "
             "another conversation would lose its number otherwise."},
};
static const struct conf_section proxy_section = {"accounts[].proxy", OPTIONS(proxy_options),
                                                  .struct_bytes = 0};

static const struct conf_option destination_options[] = {
    {"allow", .type = OPT_PREFIXES, AT(dir_account, destinations.allow),
     .count_offset = offsetof(struct dir_account, destinations.allow_count),
     .items_max = CONF_PREFIXES_MAX, .empty = "is empty; without it all are allowed",
     .text = "Only numbers that begin with one of these digits, country code first. At most 1000."},
    {"deny", .type = OPT_PREFIXES, AT(dir_account, destinations.deny),
     .count_offset = offsetof(struct dir_account, destinations.deny_count),
     .items_max = CONF_PREFIXES_MAX, .empty = "is empty; leave it out",
     .text = "No numbers that begin with one of these digits, unless a longer one is allowed. At "
             "most 1000."},
};
static const struct conf_section destination_section = {
    "accounts[].destinations", OPTIONS(destination_options), .struct_bytes = 0};

static const struct conf_option account_options[] = {
    {"id", ID, AT(dir_account, id), .required = true,
     .text = "Unique. Renaming it makes another account."},
    {"name", TEXT(OPT_NAME, 1, CONF_NAME_CHARS_MAX), AT(dir_account, name), .required = true,
     .text = "The company's name, as contacts see it."},
    {"country", TEXT(OPT_COUNTRY, 0, 2), AT(dir_account, country), .fallback = "",
     .text = "Numbers without a country code are read as this country's."},
    {"long_messages", WORD(long_words), AT(dir_account, long_messages), .fallback = "concatenate",
     .text = "A text too long for one message: one of several parts, several that end in n/m, or "
             "refused."},
    {"max_parts", COUNT(1, TEXT_PARTS_MAX, "parts"), AT(dir_account, max_parts), .fallback = "3",
     .text = "More parts are refused."},
    {"transliterate", .type = OPT_BOOL, AT(dir_account, transliterate), .fallback = "true",
     .text =
         "Write typographic quotes, dashes and blanks plainly where that alone makes a text GSM."},
    {"destinations", .type = OPT_SECTION, .section = &destination_section,
     .text = "Where its messages may go."},
    {"keep_history_days", COUNT(0, CONF_HISTORY_DAYS_MAX, "days"),
     AT(dir_account, keep_history_days), .fallback = "0",
     .text = "What was said is deleted after so many days, and closed conversations of which "
             "nothing is left; 0: never."},
    {"class", WORD(class_words), AT(dir_account, class), .fallback = "bulk",
     .text = "`chat`: all that its apps send goes before bulk messages, whatever they say."},
    {"weight", COUNT(1, CONF_WEIGHT_MAX, ""), AT(dir_account, weight), .fallback = "1",
     .text = "Its share of a carrier that several accounts want, in proportion to the others'."},
    {"throughput", COUNT(0, CONF_THROUGHPUT_MAX, "segments a second"), AT(dir_account, throughput),
     .fallback = "0", .text = "What goes out to all carriers together. `0` is no limit."},
    {"daily_cap", COUNT(0, CONF_DAILY_CAP_MAX, "segments a day"), AT(dir_account, daily_cap),
     .fallback = "0",
     .text = "What goes out in a day; the rest waits for the next one. `0` is no limit."},
    {"daily_zone", TEXT(OPT_NAME, 1, 63), AT(dir_account, daily_zone_name),
     .text = "Whose midnight begins that day: an IANA name, as `America/Los_Angeles`; without it "
             "UTC's."},
    {"waiting_after", DURATION(0, CONF_DURATION_MAX), AT(dir_account, waiting_after_ms),
     .fallback = "10m",
     .text = "An open conversation whose last message is the contact's counts as waiting after "
             "this; `0s` is never."},
    {"proxy", .type = OPT_SECTION, .section = &proxy_section,
     .text = "Contact numbers: when they are recycled."},
    {"groups", LIST_OF(dir_account, group_section, group), .text = "Groups of agents."},
    {"agents", LIST_OF(dir_account, agent_section, agent), .text = "People who answer."},
    {"apps", LIST_OF(dir_account, app_section, app), .text = "Programs that bind to us."},
    {"numbers", LIST_OF(dir_account, number_section, number), .text = "Numbers of the account."},
    {"campaigns", LIST_OF(dir_account, campaign_section, campaign),
     .text = "What overrides the settings of a number for a time."},
    {"contacts", .type = OPT_SECTION, .section = &contacts_section,
     .text = "People outside."},
    {"lists", LIST_OF(dir_account, list_section, list), .items_max = CONF_LISTS_MAX,
     .text = "Distribution lists. More can be made by command."},
    {"opt_out", .type = OPT_SECTION, .section = &opt_out_section, .text = "What opts out."},
    {"opt_in", .type = OPT_SECTION, .section = &opt_in_section, .text = "What opts in again."},
    {"auto_replies", .type = OPT_LIST, .section = &auto_reply_section,
     AT(dir_account, auto_replies), .items_max = CONF_AUTOS_MAX,
     .count_offset = offsetof(struct dir_account, auto_reply_count),
     .text = "Texts that are answered automatically. At most 10000, 64 of one number."},
};
static const struct conf_section account_section = {"accounts[]", OPTIONS(account_options),
                                                    .has_country = true,
                                                    .struct_bytes = sizeof(struct dir_account),
                                                    .finish = conf_finish_account};

static const struct conf_option directory_file_options[] = {
    {"accounts", LIST_OF(conf, account_section, account),
     .text = "Companies; a wall is between each two."},
};
const struct conf_section conf_directory_file = {"directory.yaml", OPTIONS(directory_file_options),
                                                 .struct_bytes = sizeof(struct conf)};

const struct conf_section *const conf_sections[] = {
    &conf_gateway_file,    &gateway_section, &log_section,         &store_section,
    &listener_section,     &listener_tls_section,
    &carrier_section,      &backup_section,  &status_section,      &outbind_section,
    &carrier_tls_section,
    &route_section,        &share_section,
    &relay_section,        &shaping_section, &auto_section,        &lists_section,
    &messages_section,     &control_section,
    &trace_section,
    &conf_directory_file,  &account_section, &destination_section, &proxy_section,
    &group_section,        &agent_section,
    &app_section,          &number_section,  &campaign_section,    &contacts_section,
    &contact_section,      &contact_phone_section, &list_section,
    &opt_out_section,      &opt_in_section,  &auto_reply_section,  NULL};

/*
 * conf_gateway_options.c: the rows of the option table for the gateway's own file (conf_rows.h).
 * Sections that others contain come first.
 */
#include "conf/conf_rows.h"

const struct conf_word conf_alphabet_words[] = {
    {"gsm", TEXT_GSM},
    {"gsm-packed", TEXT_GSM_PACKED},
    {"latin1", TEXT_LATIN1},
    {"ascii", TEXT_ASCII},
    {"utf8", TEXT_UTF8},
    {"ucs2", TEXT_UCS2},
    {NULL, 0}};
const struct conf_word conf_long_form_words[] = {
    {"udh", LONG_FORM_UDH},
    {"udh16", LONG_FORM_UDH16},
    {"sar", LONG_FORM_SAR},
    {"payload", LONG_FORM_PAYLOAD},
    {NULL, 0}};
static const struct conf_word bind_words[] = {{"transceiver", BIND_TRANSCEIVER},
                                              {"transmitter", BIND_TRANSMITTER},
                                              {"receiver", BIND_RECEIVER},
                                              {"pair", BIND_PAIR},
                                              {NULL, 0}};
static const struct conf_word version_words[] = {
    {"3.3", 0x33}, {"3.4", 0x34}, {"5.0", 0x50}, {NULL, 0}};
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
static const struct conf_word to_carrier_words[] = {
    {"submit_sm", SEND_SM}, {"data_sm", SEND_DATA_SM}, {NULL, 0}};
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
static const struct conf_word level_words[] = {
    {"error", 0}, {"warn", 1}, {"info", 2}, {"debug", 3}, {NULL, 0}};

const char *
conf_bind_name(enum conf_bind bind)
{
    for (const struct conf_word *word = bind_words; word->word; word++)
        if (word->value == (uint32_t)bind)
            return word->word;
    return "?";
}

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
    {"alphabet", WORD(conf_alphabet_words), AT(conf_carrier, alphabet), .fallback = "gsm",
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
    {"long_form", WORD(conf_long_form_words), AT(conf_carrier, long_form), .fallback = "udh",
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

const struct conf_section *const conf_gateway_sections[] = {
    &conf_gateway_file, &gateway_section, &log_section, &store_section, &listener_section,
    &listener_tls_section, &carrier_section, &backup_section, &status_section, &outbind_section,
    &carrier_tls_section, &route_section, &share_section, &relay_section, &shaping_section,
    &auto_section, &lists_section, &messages_section, &control_section, &trace_section, NULL};

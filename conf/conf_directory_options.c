/*
 * conf_directory_options.c: the rows of the option table for the directory file (conf_rows.h): what
 * an account has. Sections that others contain come first.
 */
#include "conf/conf_rows.h"

static const struct conf_word to_app_words[] = {
    {"deliver_sm", SEND_SM}, {"data_sm", SEND_DATA_SM}, {NULL, 0}};
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

const char *
conf_pool_scope_name(enum conf_pool_scope scope)
{
    return scope == POOL_OF_AGENT ? "agent" : "account";
}

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
    {"alphabet", WORD(conf_alphabet_words), AT(dir_app, alphabet), .fallback = "gsm",
     .text = "What data_coding 0 means on its sessions."},
    {"long_form", WORD(conf_long_form_words), AT(dir_app, long_form), .fallback = "payload",
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

const struct conf_section *const conf_directory_sections[] = {
    &conf_directory_file, &account_section, &destination_section, &proxy_section, &group_section,
    &agent_section, &app_section, &number_section, &campaign_section, &contacts_section,
    &contact_section, &contact_phone_section, &list_section, &opt_out_section, &opt_in_section,
    &auto_reply_section, NULL};

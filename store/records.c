/*
 * records.c: the field table and the name tables of every record, and record_put() and record_get()
 * on top of them. Type numbers and the order of fields are the format on disk: append, never
 * reorder, never reuse.
 */
#include "store/records.h"

#include <assert.h>
#include <stdio.h>

#include "protocol/receipt.h"
#include "protocol/text.h"
#include "store/key.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define NAME_BYTES_MAX 255u /* identifiers and screen names in the directory */
#define DESCRIPTION_BYTES_MAX 1000u
#define COUNTRY_BYTES_MAX 2u
#define SERVICE_TYPE_BYTES_MAX 5u /* SMPP 3.4, 5.2.11 */
#define CARRIER_IDS_BYTES_MAX (255u * 65u) /* a length and 64 octets (5.2.23) for each part */
#define ERROR_BYTES_MAX 16u       /* three digits by the standard, more in the field */
#define PARTS_DONE_BYTES_MAX 32u  /* 255 parts, a bit each */
#define DIGEST_BYTES 16u
#define OCTETS_MAX 65535u
#define REASON_BYTES_MAX 255u
#define RECENT_BYTES_MAX 512u     /* 16 entries by now */

/* A kind that does not fit the type of the member does not compile. */
#define KIND(rec, member, type, kind) _Generic(((struct rec *)0)->member, type: kind)
#define NUMBER_KIND(rec, member)                                                                   \
    _Generic(((struct rec *)0)->member, uint8_t: FIELD_U8, uint16_t: FIELD_U16,                    \
             uint32_t: FIELD_U32, uint64_t: FIELD_U64)

#define FIELD_SINCE(version, rec, member, kind, max, names, text)                                  \
    {#member, kind, offsetof(struct rec, member), version, max, names, text}
#define FIELD(rec, member, kind, max, names, text)                                                 \
    FIELD_SINCE(1, rec, member, kind, max, names, text)
#define NUMBER(rec, member, text) FIELD(rec, member, NUMBER_KIND(rec, member), 0, NULL, text)
#define NUMBER_SINCE(version, rec, member, text)                                                   \
    FIELD_SINCE(version, rec, member, NUMBER_KIND(rec, member), 0, NULL, text)
#define TEXT_SINCE(version, rec, member, max, text)                                                \
    FIELD_SINCE(version, rec, member, KIND(rec, member, struct slice, FIELD_TEXT), max, NULL, text)
#define BYTES_SINCE(version, rec, member, max, text)                                               \
    FIELD_SINCE(version, rec, member, KIND(rec, member, struct slice, FIELD_BYTES), max, NULL, text)
#define TIME_SINCE(version, rec, member, text)                                                     \
    FIELD_SINCE(version, rec, member, KIND(rec, member, uint64_t, FIELD_TIME), 0, NULL, text)
#define ENUM_SINCE(version, rec, member, names, text)                                              \
    FIELD_SINCE(version, rec, member, KIND(rec, member, uint8_t, FIELD_ENUM), 0, names, text)
#define TIME(rec, member, text)                                                                    \
    FIELD(rec, member, KIND(rec, member, uint64_t, FIELD_TIME), 0, NULL, text)
#define ENUM(rec, member, names, text)                                                             \
    FIELD(rec, member, KIND(rec, member, uint8_t, FIELD_ENUM), 0, names, text)
#define ADDR(rec, member, text)                                                                    \
    FIELD(rec, member, KIND(rec, member, struct addr, FIELD_ADDR), 0, NULL, text)
#define ADDR_SINCE(version, rec, member, text)                                                     \
    FIELD_SINCE(version, rec, member, KIND(rec, member, struct addr, FIELD_ADDR), 0, NULL, text)
#define BYTES(rec, member, max, text)                                                              \
    FIELD(rec, member, KIND(rec, member, struct slice, FIELD_BYTES), max, NULL, text)
#define TEXT(rec, member, max, text)                                                               \
    FIELD(rec, member, KIND(rec, member, struct slice, FIELD_TEXT), max, NULL, text)

#define RECORD(title, number, version_now)                                                         \
    const struct record_def rec_##title##_def = {                                                  \
        .name = #title,                                                                            \
        .type = number,                                                                            \
        .version = version_now,                                                                    \
        .struct_bytes = sizeof(struct rec_##title),                                                \
        .fields = title##_fields,                                                                  \
        .field_count = COUNT(title##_fields),                                                      \
    }

#define NAMED(table, value) \
    ((value) < COUNT(table) && (table)[value] != NULL ? (table)[value] : "?")

const char *
name_kind_name(uint8_t kind)
{
    static const char *const names[] = {NULL, "link", "account", "agent", "group",
                                        "contact", "campaign", "mobile",  "admin",
                                        "list"};

    return NAMED(names, kind);
}

const char *
erasure_kind_name(uint8_t kind)
{
    static const char *const names[] = {NULL, "request", "retention"};

    return NAMED(names, kind);
}

const char *
link_kind_name(uint8_t kind)
{
    static const char *const names[] = {NULL, "carrier", "app"};

    return NAMED(names, kind);
}

const char *
long_messages_name(uint8_t value)
{
    static const char *const names[] = {"concatenate", "split", "reject"};

    return NAMED(names, value);
}

const char *
msg_class_name(uint8_t value)
{
    static const char *const names[] = {"chat", "bulk"};

    return NAMED(names, value);
}

const char *
number_role_name(uint8_t role)
{
    static const char *const names[] = {NULL, "business", "relay", "user", "contact", "app"};

    return NAMED(names, role);
}

const char *
owner_kind_name(uint8_t kind)
{
    static const char *const names[] = {"nobody", "agent", "group"};

    return NAMED(names, kind);
}

const char *
conv_status_name(uint8_t status)
{
    static const char *const names[] = {NULL, "open", "closed"};

    return NAMED(names, status);
}

const char *
entry_kind_name(uint8_t kind)
{
    static const char *const names[] = {NULL,     "in",        "out",      "opened",
                                        "closed", "opted_out", "opted_in", "refused",
                                        "unassigned", "contact", "transferred", "opt_in_wish",
                                        "nearly_stop", "auto", "memo", "claimed", "note",
                                        "follow_up", "follow_up_off", "waiting", "elsewhere"};

    return NAMED(names, kind);
}

const char *
lease_cause_name(uint8_t cause)
{
    static const char *const names[] = {"live", "recycled", "by_hand", "no_number", "no_agent"};

    return NAMED(names, cause);
}

const char *
optout_by_name(uint8_t by)
{
    static const char *const names[] = {"phone", "person", "rule", "import"};

    return NAMED(names, by);
}

const char *
msg_state_name(uint8_t state)
{
    static const char *const names[] = {"none",       "queued",        "intent",  "sent",
                                        "delivered",  "undeliverable", "refused", "expired",
                                        "suppressed", "cancelled",     "held",    "scheduled"};

    return NAMED(names, state);
}

const char *
msg_op_name(uint8_t op)
{
    static const char *const names[] = {NULL, "submit", "deliver", "receipt"};

    return NAMED(names, op);
}

const char *
response_type_name(uint8_t value)
{
    static const char *const names[] = {"agent", "bot"};

    return NAMED(names, value);
}

const char *
reuse_kind_name(uint8_t value)
{
    static const char *const names[] = {"reusable", "single-use"};

    return NAMED(names, value);
}

const char *
agent_role_name(uint8_t value)
{
    static const char *const names[] = {"agent", "admin"};

    return NAMED(names, value);
}

const char *
answerer_name(uint8_t value)
{
    static const char *const names[] = {"number", "bot", "agents"};

    return NAMED(names, value);
}

const char *
campaign_state_name(uint8_t state)
{
    static const char *const names[] = {NULL, "scheduled", "active", "ended"};

    return NAMED(names, state);
}

const char *
list_state_name(uint8_t state)
{
    static const char *const names[] = {NULL, "in", "left", "staged"};

    return NAMED(names, state);
}

const char *
list_by_name(uint8_t by)
{
    static const char *const names[] = {NULL, "file", "upload", "person", "keyword"};

    return NAMED(names, by);
}

const char *
broadcast_state_name(uint8_t state)
{
    static const char *const names[] = {NULL,     "scheduled", "running",
                                        "paused", "cancelled", "done"};

    return NAMED(names, state);
}

static const char *
alphabet_name(uint8_t alphabet)
{
    return alphabet < TEXT_ALPHABETS ? text_alphabet_name((enum text_alphabet)alphabet) : "?";
}

static const char *
receipt_name(uint8_t state)
{
    return state < RECEIPT_STATES ? receipt_state_name((enum receipt_state)state) : "?";
}

static const struct record_field meta_fields[] = {
    BYTES(rec_meta, uuid, 16, "identity of the store; the same as in the file IDENTITY"),
    NUMBER(rec_meta, shard, "number of the shard, 0"),
    NUMBER(rec_meta, epoch, "counts take-overs"),
    NUMBER(rec_meta, sequence, "turns applied"),
    TIME(rec_meta, turn_ms, "time of the last turn"),
    BYTES(rec_meta, changeset_hash, 16, "XXH3-128 of the last turn's changeset"),
    NUMBER(rec_meta, schema, "version of the whole layout"),
};
RECORD(meta, 1, 1);

static const struct record_field link_fields[] = {
    ENUM(rec_link, kind, link_kind_name, "carrier or app"),
    NUMBER(rec_link, account, "account of an app, 0 for a carrier"),
    TEXT(rec_link, name, NAME_BYTES_MAX, "the carrier's id, the app's system_id"),
};
RECORD(link, 2, 1);

static const struct record_field account_fields[] = {
    TEXT(rec_account, id, NAME_BYTES_MAX, "its name in the directory"),
    TEXT(rec_account, name, NAME_BYTES_MAX, "display name"),
    TEXT(rec_account, country, COUNTRY_BYTES_MAX,
         "ISO 3166 letters: the dialling plan of national numbers"),
    ENUM(rec_account, long_messages, long_messages_name,
         "what happens to texts longer than one message"),
    NUMBER(rec_account, max_parts, "most parts a concatenated message may have"),
    NUMBER(rec_account, transliterate, "1: typographic characters go in their plain forms"),
    NUMBER(rec_account, removed, "1: no longer in the directory, takes no new work"),
    NUMBER_SINCE(2, rec_account, waiting_after_ms, "when a contact waits, in milliseconds"),
};
RECORD(account, 3, 2);

static const struct record_field number_fields[] = {
    NUMBER(rec_number, account, "account that has the number"),
    ENUM(rec_number, role, number_role_name, "what the number is for"),
    NUMBER(rec_number, removed, "1: no longer in the directory"),
    NUMBER(rec_number, carrier, "link that its messages go out by"),
    NUMBER(rec_number, agent, "agent whose relay or user number it is"),
    NUMBER(rec_number, app, "link of the app that has it"),
    ENUM(rec_number, assign_kind, owner_kind_name, "who gets a new conversation"),
    NUMBER(rec_number, assign_id, "agent or group that gets it"),
    TEXT_SINCE(2, rec_number, name, NAME_BYTES_MAX, "display name"),
    TEXT_SINCE(2, rec_number, description, DESCRIPTION_BYTES_MAX, "what it is for"),
    NUMBER_SINCE(2, rec_number, office, "group that has it"),
    NUMBER_SINCE(2, rec_number, primary_agent, "agent who looks after it"),
    ENUM_SINCE(2, rec_number, response, response_type_name, "who answers its messages"),
    BYTES_SINCE(2, rec_number, inboxes, INBOXES_MAX * INBOX_BYTES,
                "where unsolicited messages go: kind of owner, number in four octets"),
    ENUM_SINCE(2, rec_number, kind, reuse_kind_name, "whether it serves several campaigns"),
    NUMBER_SINCE(2, rec_number, round_robin, "1: the agents of the group take turns"),
    NUMBER_SINCE(2, rec_number, by_command, "1: it is not of the directory file"),
    NUMBER_SINCE(2, rec_number, draining, "1: nothing new begins on it"),
    NUMBER_SINCE(2, rec_number, last_agent, "agent who had the last turn"),
    NUMBER_SINCE(2, rec_number, campaign, "the active campaign"),
    TIME_SINCE(2, rec_number, turn_ms, "when the next campaign begins or this one ends"),
    TIME_SINCE(2, rec_number, archived_ms, "when it left with its campaign"),
    NUMBER_SINCE(2, rec_number, pool, "place in the pool of contact numbers, 0: not in it"),
    NUMBER_SINCE(2, rec_number, drain, "1: the directory file wants no new lease of it"),
    NUMBER_SINCE(2, rec_number, throughput, "segments a second"),
};
RECORD(number, 4, 2);

static const struct record_field agent_fields[] = {
    TEXT(rec_agent, id, NAME_BYTES_MAX, "its name in the directory"),
    TEXT(rec_agent, name, NAME_BYTES_MAX, "screen name"),
    ADDR(rec_agent, mobile, "the agent's own phone"),
    ADDR(rec_agent, relay_number, "number that forwards come from"),
    NUMBER(rec_agent, relay, "1: messages are forwarded to the phone"),
    NUMBER(rec_agent, removed, "1: no longer in the directory"),
    TIME(rec_agent, notice_ms, "start of the minute in which notices are counted"),
    NUMBER(rec_agent, notices, "notices sent in it"),
    TEXT_SINCE(2, rec_agent, email, NAME_BYTES_MAX, "e-mail address"),
    TEXT_SINCE(2, rec_agent, time_zone, NAME_BYTES_MAX, "IANA name of the time zone"),
    ENUM_SINCE(2, rec_agent, role, agent_role_name, "what the agent may do"),
    NUMBER_SINCE(2, rec_agent, primary_admin, "1: the admin who is notified"),
    ADDR_SINCE(2, rec_agent, user_number, "number that the world knows the agent by"),
    NUMBER_SINCE(2, rec_agent, by_command, "1: made by a command"),
    NUMBER_SINCE(2, rec_agent, relay_hand, "1: relay was switched by hand"),
    NUMBER_SINCE(2, rec_agent, relay_file, "what the file said of relay then"),
    NUMBER_SINCE(2, rec_agent, unusable, "hash of the last text that was no use"),
    TIME_SINCE(2, rec_agent, unusable_ms, "when it came"),
    NUMBER_SINCE(2, rec_agent, unusable_times, "how many times in a row"),
};
RECORD(agent, 5, 2);

static const struct record_field group_fields[] = {
    TEXT(rec_group, id, NAME_BYTES_MAX, "its name in the directory"),
    TEXT(rec_group, name, NAME_BYTES_MAX, "display name"),
    NUMBER(rec_group, removed, "1: no longer in the directory"),
    NUMBER_SINCE(2, rec_group, by_command, "1: made by a command"),
};
RECORD(group, 6, 2);

static const struct record_field conv_fields[] = {
    ADDR(rec_conv, number, "our number"),
    ADDR(rec_conv, contact, "the contact's number"),
    ENUM(rec_conv, status, conv_status_name, "open or closed"),
    ENUM(rec_conv, owner_kind, owner_kind_name, "kind of owner"),
    NUMBER(rec_conv, owner, "agent or group"),
    TIME(rec_conv, opened_ms, "when it was opened"),
    TIME(rec_conv, closed_ms, "when it was closed"),
    TIME(rec_conv, last_in_ms, "the contact's last message"),
    TIME(rec_conv, last_out_ms, "our last message"),
    NUMBER(rec_conv, entries, "history entries so far"),
    NUMBER_SINCE(2, rec_conv, contact_id, "contact whose it is, 0: not assigned"),
    ENUM_SINCE(2, rec_conv, answerer, answerer_name, "who gets its next message"),
    NUMBER_SINCE(2, rec_conv, bot, "1: its last message went to the number's bot"),
    BYTES_SINCE(2, rec_conv, recent, RECENT_BYTES_MAX, "numbers of its last entries, 8 octets"),
    NUMBER_SINCE(2, rec_conv, unanswered, "1: its last message is the contact's"),
    NUMBER_SINCE(2, rec_conv, waiting, "1: and for longer than waiting_after"),
    NUMBER_SINCE(2, rec_conv, follow_up, "1: flagged for follow-up"),
    TIME_SINCE(2, rec_conv, waits_ms, "when it is looked at for that"),
    NUMBER_SINCE(2, rec_conv, replied_by, "agent who wrote our last message"),
    BYTES_SINCE(2, rec_conv, inboxes, INBOXES_MAX * INBOX_BYTES,
                "who sees it while nobody owns it, as the number has it"),
    NUMBER_SINCE(2, rec_conv, forwarded, "first agent to whom it was forwarded"),
};
RECORD(conv, 7, 2);

static const struct record_field entry_fields[] = {
    ENUM(rec_entry, kind, entry_kind_name, "what happened"),
    ENUM(rec_entry, state, msg_state_name, "where an outgoing message stands"),
    ENUM(rec_entry, by_kind, owner_kind_name, "kind of who did it"),
    NUMBER(rec_entry, by, "agent who did it"),
    TIME(rec_entry, at_ms, "when"),
    NUMBER(rec_entry, message, "message that carries it"),
    TEXT(rec_entry, text, OCTETS_MAX, "the text"),
    ENUM(rec_entry, alphabet, alphabet_name, "alphabet of octets that are not text"),
    NUMBER_SINCE(2, rec_entry, conv, "conversation ID"),
    NUMBER_SINCE(2, rec_entry, n, "which of its entries, from 1"),
};
RECORD(entry, 8, 2);

static const struct record_field optout_fields[] = {
    NUMBER(rec_optout, out, "1 opted out, 0 opted back in"),
    TIME(rec_optout, at_ms, "when"),
    ADDR(rec_optout, by_number, "number that the keyword was sent to"),
    TEXT(rec_optout, text, OCTETS_MAX, "the keyword as written"),
    ENUM_SINCE(2, rec_optout, by_kind, optout_by_name, "what changed it"),
    TEXT_SINCE(2, rec_optout, by, NAME_BYTES_MAX, "who, or which rule"),
    TEXT_SINCE(2, rec_optout, why, REASON_BYTES_MAX, "why"),
    TIME_SINCE(2, rec_optout, wish_ms, "wants in again since"),
    NUMBER_SINCE(2, rec_optout, changes, "changes so far"),
};
RECORD(optout, 9, 2);

static const struct record_field msg_fields[] = {
    ENUM(rec_msg, state, msg_state_name, "where it stands"),
    ENUM(rec_msg, op, msg_op_name, "PDU that it goes out as"),
    ENUM(rec_msg, class, msg_class_name, "class of the shaper"),
    NUMBER(rec_msg, flags,
           "1 perhaps a duplicate, 2 confirms a STOP, 4 to an agent, 8 validity, "
           "32 opted out between parts, 64 short ID, 128 piece of a text"),
    NUMBER(rec_msg, account, "account that it belongs to"),
    NUMBER(rec_msg, link, "where it goes"),
    NUMBER(rec_msg, origin, "app that submitted it"),
    ADDR(rec_msg, source, "source address"),
    ADDR(rec_msg, dest, "destination address"),
    NUMBER(rec_msg, esm_class, "esm_class without the type bits"),
    NUMBER(rec_msg, protocol_id, "protocol_id"),
    NUMBER(rec_msg, priority, "priority_flag"),
    NUMBER(rec_msg, data_coding, "data_coding"),
    ENUM(rec_msg, alphabet, alphabet_name, "alphabet of the payload"),
    NUMBER(rec_msg, registered, "registered_delivery that the app asked for"),
    NUMBER(rec_msg, wants_receipt, "registered_delivery that the carrier is asked for"),
    NUMBER(rec_msg, parts, "PDUs that it goes out in"),
    NUMBER(rec_msg, parts_sent, "parts accepted by the peer"),
    NUMBER(rec_msg, parts_delivered, "parts with a final receipt"),
    NUMBER(rec_msg, early_parts, "receipts that came before their response"),
    ENUM(rec_msg, early_state, receipt_name, "what they said; at the end, what its app was told"),
    NUMBER(rec_msg, attempts, "times it was sent"),
    NUMBER(rec_msg, reference, "concatenation reference"),
    NUMBER(rec_msg, status, "last command_status of the peer"),
    TIME(rec_msg, accepted_ms, "when it was accepted"),
    TIME(rec_msg, expires_ms, "when it expires"),
    TIME(rec_msg, retry_ms, "not before"),
    TIME(rec_msg, done_ms, "when it ended"),
    NUMBER(rec_msg, conv, "conversation ID"),
    NUMBER(rec_msg, entry, "history entry that shows its state"),
    BYTES(rec_msg, parts_done, PARTS_DONE_BYTES_MAX, "one bit per part that was answered"),
    TEXT(rec_msg, service_type, SERVICE_TYPE_BYTES_MAX, "service_type"),
    BYTES(rec_msg, payload, OCTETS_MAX,
          "whole text in its alphabet, or octets with their own header"),
    BYTES(rec_msg, tlvs, OCTETS_MAX, "TLVs that are passed on"),
    BYTES(rec_msg, carrier_id, CARRIER_IDS_BYTES_MAX,
          "message_id of each part at the carrier, a length octet before each"),
    NUMBER_SINCE(2, rec_msg, place, "where it stands in its flow, 0: at its own number"),
    TIME_SINCE(2, rec_msg, due_ms, "scheduled: not before"),
    NUMBER_SINCE(2, rec_msg, group, "the message whose number its app was given, 0: its own"),
    NUMBER_SINCE(2, rec_msg, group_total, "members of the group that begins with it"),
    NUMBER_SINCE(2, rec_msg, group_final, "of the first piece of a text: pieces that have ended"),
    ENUM_SINCE(2, rec_msg, group_state, receipt_name, "the worst end of a piece so far"),
    NUMBER_SINCE(2, rec_msg, part_total, "parts that its sender made of the text, 0: whole"),
    NUMBER_SINCE(2, rec_msg, part_index, "which of these it is, from 1"),
    NUMBER_SINCE(2, rec_msg, network_error, "from its receipt: network type << 16 | code"),
    NUMBER_SINCE(2, rec_msg, form, "its parts: 0 UDH, 1 UDH of 16 bits, 2 sar TLVs, 3 payload"),
    NUMBER_SINCE(2, rec_msg, tries_cause, "command_status that the last tries failed with"),
    NUMBER_SINCE(2, rec_msg, tries, "how many tries in a row failed with it"),
    NUMBER_SINCE(2, rec_msg, piece_of, "the first piece of its text, 0: it is that itself"),
    NUMBER_SINCE(2, rec_msg, pieces, "of the first piece: how many there are"),
    NUMBER_SINCE(2, rec_msg, waits, "a receipt: its place among those that wait for its app"),
    NUMBER_SINCE(2, rec_msg, away, "1: not at the first carrier of its route"),
    NUMBER_SINCE(2, rec_msg, coding, "data_coding that its app submitted it with"),
    NUMBER_SINCE(2, rec_msg, history, "number of its history entry among the account's"),
    NUMBER_SINCE(2, rec_msg, broadcast, "broadcast that it is of, 0: none"),
    NUMBER_SINCE(2, rec_msg, after, "message that must leave before it, 0: none"),
};
RECORD(msg, 10, 2);

static const struct record_field part_fields[] = {
    NUMBER(rec_part, data_coding, "data_coding"),
    BYTES(rec_part, text, OCTETS_MAX, "octets of the part without the header"),
};
RECORD(part, 11, 1);

static const struct record_field part_set_fields[] = {
    NUMBER(rec_part_set, id, "number of the set"),
    TIME(rec_part_set, first_ms, "when its first part came"),
    NUMBER(rec_part_set, total, "parts that there will be"),
    NUMBER(rec_part_set, have, "parts that have come"),
};
RECORD(part_set, 12, 1);

static const struct record_field orphan_fields[] = {
    TIME(rec_orphan, at_ms, "when it came"),
    ENUM(rec_orphan, state, receipt_name, "what the receipt said"),
    TEXT(rec_orphan, error, ERROR_BYTES_MAX, "its error code"),
    TIME_SINCE(2, rec_orphan, done_ms, "done date that it gives"),
    NUMBER_SINCE(2, rec_orphan, network_error, "network type << 16 | code"),
};
RECORD(orphan, 13, 2);

static const struct record_field inbound_fields[] = {
    TIME(rec_inbound, at_ms, "when it was accepted"),
    BYTES(rec_inbound, digest, DIGEST_BYTES, "hash of what makes two deliver_sm the same"),
};
RECORD(inbound, 14, 1);

static const struct record_field contact_fields[] = {
    TEXT(rec_contact, id, NAME_BYTES_MAX, "its name in the directory"),
    TEXT(rec_contact, first, NAME_BYTES_MAX, "first name"),
    TEXT(rec_contact, last, NAME_BYTES_MAX, "last name"),
    TEXT(rec_contact, company, NAME_BYTES_MAX, "company name"),
    NUMBER(rec_contact, removed, "1: deleted, or no longer in the directory"),
    NUMBER(rec_contact, by_command, "1: it is not of the directory file"),
    TIME(rec_contact, created_ms, "when it was made"),
};
RECORD(contact, 15, 1);

static const struct record_field contact_phone_fields[] = {
    NUMBER(rec_contact_phone, selected, "1: selected for sending"),
    NUMBER(rec_contact_phone, conv, "last conversation with this contact there"),
};
RECORD(contact_phone, 16, 1);

static const struct record_field campaign_fields[] = {
    TEXT(rec_campaign, id, NAME_BYTES_MAX, "its name in the directory"),
    TEXT(rec_campaign, name, NAME_BYTES_MAX, "display name"),
    ADDR(rec_campaign, number, "number that it is on"),
    ENUM(rec_campaign, state, campaign_state_name, "where it stands"),
    NUMBER(rec_campaign, by_command, "1: it is not of the directory file"),
    TIME(rec_campaign, starts_ms, "when it starts"),
    TIME(rec_campaign, ends_ms, "when it ends"),
    TIME(rec_campaign, archive_ms, "when it is archived"),
    TIME(rec_campaign, ended_ms, "when it ended"),
    ENUM(rec_campaign, response, response_type_name, "who answers while it is active"),
    NUMBER(rec_campaign, app, "link of the app that does, 0: the number's"),
    BYTES(rec_campaign, inboxes, INBOXES_MAX * INBOX_BYTES,
          "where messages go, as the number has it"),
    NUMBER(rec_campaign, office, "group that runs it"),
};
RECORD(campaign, 18, 1);

static const struct record_field unassigned_fields[] = {
    TIME(rec_unassigned, at_ms, "when its first message came"),
    NUMBER(rec_unassigned, conv, "conversation ID"),
    NUMBER(rec_unassigned, candidates, "contacts that have the number"),
    NUMBER(rec_unassigned, notified, "agent who was told"),
};
RECORD(unassigned, 20, 1);

static const struct record_field lease_fields[] = {
    NUMBER(rec_lease, agent, "agent on whose phone the number stands for the contact"),
    ADDR(rec_lease, contact, "the contact's own number"),
    ADDR(rec_lease, number, "number of the pool"),
    NUMBER(rec_lease, scope, "whose the number is meanwhile: 0 the account's, or the agent's"),
    ENUM(rec_lease, cause, lease_cause_name, "why it ended"),
    TIME(rec_lease, started_ms, "when it began"),
    TIME(rec_lease, last_ms, "the last message in either direction"),
    TIME(rec_lease, ended_ms, "when it ended"),
    NUMBER_SINCE(2, rec_lease, after, "message that must leave before any of its own, 0: none"),
};
RECORD(lease, 17, 2);

static const struct record_field auto_fields[] = {
    NUMBER(rec_auto, on, "1 on, 0 off"),
    NUMBER(rec_auto, file_on, "what the file said then"),
    TIME(rec_auto, at_ms, "when"),
    TEXT(rec_auto, by, NAME_BYTES_MAX, "who"),
};
RECORD(auto, 19, 1);

static const struct record_field erasure_fields[] = {
    ENUM(rec_erasure, kind, erasure_kind_name, "why"),
    TIME(rec_erasure, asked_ms, "when it was asked for"),
    TIME(rec_erasure, done_ms, "when all was gone"),
    TIME(rec_erasure, before_ms, "what was older went"),
    TEXT(rec_erasure, by, NAME_BYTES_MAX, "who wanted it"),
    TEXT(rec_erasure, why, REASON_BYTES_MAX, "and why"),
    NUMBER(rec_erasure, pending, "phones whose data still goes"),
    NUMBER(rec_erasure, contacts, "contacts"),
    NUMBER(rec_erasure, conversations, "conversations"),
    NUMBER(rec_erasure, entries, "entries of the history"),
    NUMBER(rec_erasure, messages, "messages"),
    NUMBER(rec_erasure, leases, "leases"),
};
RECORD(erasure, 21, 1);
static const struct record_field list_fields[] = {
    TEXT(rec_list, id, NAME_BYTES_MAX, "its name in the directory"),
    TEXT(rec_list, name, NAME_BYTES_MAX, "display name"),
    NUMBER(rec_list, removed, "1: deleted, or no longer in the directory"),
    NUMBER(rec_list, by_command, "1: it is not of the directory file"),
    TIME(rec_list, created_ms, "when it was made"),
    NUMBER(rec_list, members, "phones that are on it"),
    NUMBER(rec_list, upload, "the last upload that began"),
};
RECORD(list, 22, 1);

static const struct record_field list_member_fields[] = {
    ENUM(rec_list_member, state, list_state_name, "whether it is on the list"),
    ENUM(rec_list_member, by, list_by_name, "what brought it there"),
    TIME(rec_list_member, at_ms, "when"),
};
RECORD(list_member, 23, 1);

static const struct record_field broadcast_fields[] = {
    NUMBER(rec_broadcast, list, "list that it goes to"),
    ADDR(rec_broadcast, number, "number that it comes from"),
    TEXT(rec_broadcast, text, OCTETS_MAX, "the text, with its fields"),
    ENUM(rec_broadcast, state, broadcast_state_name, "where it stands"),
    NUMBER(rec_broadcast, inbox, "1: each text opens a conversation"),
    ENUM(rec_broadcast, assign_kind, owner_kind_name, "who gets the replies"),
    NUMBER(rec_broadcast, assign_id, "agent or group that gets them"),
    NUMBER(rec_broadcast, by, "agent who made it"),
    TIME(rec_broadcast, created_ms, "when it was made"),
    TIME(rec_broadcast, starts_ms, "when it is to start"),
    TIME(rec_broadcast, started_ms, "when it started"),
    TIME(rec_broadcast, ended_ms, "when it was done or cancelled"),
    ADDR(rec_broadcast, cursor, "the last phone of the list that had its turn"),
    NUMBER(rec_broadcast, exhausted, "1: the list has no more"),
    NUMBER(rec_broadcast, total, "phones of the list when it started"),
    NUMBER(rec_broadcast, taken, "phones that have had their turn"),
    NUMBER(rec_broadcast, queued, "messages that have not ended"),
    NUMBER(rec_broadcast, sent, "messages that a carrier took"),
    NUMBER(rec_broadcast, delivered, "messages that were delivered"),
    NUMBER(rec_broadcast, failed, "messages that were refused, undeliverable or expired"),
    NUMBER(rec_broadcast, skipped, "phones that had opted out"),
    NUMBER(rec_broadcast, cancelled, "messages that were cancelled"),
    NUMBER(rec_broadcast, held, "messages that wait for a person"),
    TEXT(rec_broadcast, reason, REASON_BYTES_MAX, "why the gateway cancelled it"),
};
RECORD(broadcast, 24, 1);

const struct record_def *const records_all[] = {
    &rec_meta_def,  &rec_link_def,     &rec_account_def, &rec_number_def,  &rec_agent_def,
    &rec_group_def, &rec_conv_def,     &rec_entry_def,   &rec_optout_def,  &rec_msg_def,
    &rec_part_def,  &rec_part_set_def, &rec_orphan_def,  &rec_inbound_def,
    &rec_contact_def, &rec_contact_phone_def, &rec_campaign_def, &rec_unassigned_def,
    &rec_lease_def, &rec_auto_def,     &rec_erasure_def, &rec_list_def,
    &rec_list_member_def, &rec_broadcast_def, NULL,
};

const struct record_def *
record_of_table(enum store_table table)
{
    static const struct record_def *const defs[STORE_TABLES] = {
        [TABLE_META] = &rec_meta_def,         [TABLE_LINK] = &rec_link_def,
        [TABLE_ACCOUNT] = &rec_account_def,   [TABLE_NUMBER] = &rec_number_def,
        [TABLE_AGENT] = &rec_agent_def,       [TABLE_GROUP] = &rec_group_def,
        [TABLE_CONV] = &rec_conv_def,         [TABLE_HISTORY] = &rec_entry_def,
        [TABLE_AUTO] = &rec_auto_def,         [TABLE_AUDIT] = &rec_optout_def,
        [TABLE_OPTOUT] = &rec_optout_def,     [TABLE_MESSAGE] = &rec_msg_def,
        [TABLE_ORPHAN] = &rec_orphan_def,     [TABLE_PART] = &rec_part_def,
        [TABLE_PART_SET] = &rec_part_set_def, [TABLE_INBOUND] = &rec_inbound_def,
        [TABLE_CONTACT] = &rec_contact_def,   [TABLE_CONTACT_PHONE] = &rec_contact_phone_def,
        [TABLE_CAMPAIGN] = &rec_campaign_def, [TABLE_UNASSIGNED] = &rec_unassigned_def,
        [TABLE_LEASE] = &rec_lease_def,       [TABLE_ERASURE] = &rec_erasure_def,
        [TABLE_LIST] = &rec_list_def,
        [TABLE_LIST_MEMBER] = &rec_list_member_def,
        [TABLE_BROADCAST] = &rec_broadcast_def,
    };

    return table < STORE_TABLES ? defs[table] : NULL;
}

struct slice
record_octets(struct store_txn *txn, const struct record_def *def, const void *record)
{
    uint8_t *value = store_value_room(txn);
    size_t n = record_encode(def, record, value, STORE_VALUE_BYTES_MAX);

    assert(n > 0);
    return slice_of(value, n);
}

void
record_put(struct store_txn *txn, enum store_table table, struct slice key,
           const struct record_def *def, const void *record)
{
    store_put(txn, table, key, record_octets(txn, def, record));
}

/* Keeps the octets of a row that cannot be read, under (table, key). The row itself stays where it
 * is: whoever owns it overwrites or deletes it. */
static void
keep_damaged(struct store_txn *txn, enum store_table table, struct slice key, struct slice value)
{
    uint8_t *at = store_scratch(txn, STORE_KEY_BYTES_MAX);
    size_t n = key.n < STORE_KEY_BYTES_MAX - 1 ? key.n : STORE_KEY_BYTES_MAX - 1;
    struct slice kept;

    at[0] = (uint8_t)table;
    memcpy(at + 1, key.p, n);
    if (store_get(txn, TABLE_DAMAGED, slice_of(at, n + 1), &kept))
        return;
    store_put(txn, TABLE_DAMAGED, slice_of(at, n + 1), value);
    /* Keys hold phone numbers, so the line only counts octets; the row in the table "damaged" says
     * which. */
    fprintf(stderr,
            "tandem: store: a row of table %s is damaged (%zu octets); kept in table damaged, "
            "treated as absent\n",
            store_table_name(table), value.n);
}

bool
record_get(struct store_txn *txn, enum store_table table, struct slice key,
           const struct record_def *def, void *record)
{
    struct slice value;
    enum record_err err;

    if (!store_get(txn, table, key, &value)) {
        memset(record, 0, def->struct_bytes);
        return false;
    }
    err = record_decode(def, value, record);
    if (err == RECORD_NEWER)
        store_newer(table);
    if (err != RECORD_OK)
        keep_damaged(txn, table, key, value);
    return err == RECORD_OK;
}

/*
 * counters.c: the table of the core's counters, for metrics, logs and documentation.
 */
#include "gateway/relay/relay.h"

/* clang-format off */
#define COUNTER(member, help) {#member, help, offsetof(struct relay_counters, member)}
/* clang-format on */

const struct counter_def relay_counter_defs[] = {
    COUNTER(messages_in, "accepted from carriers and apps"),
    COUNTER(messages_out, "PDUs handed to binds"),
    COUNTER(messages_sent, "accepted by the next hop"),
    COUNTER(sent_without_id, "accepted by carriers without a message_id"),
    COUNTER(messages_refused, "refused by the next hop, for good"),
    COUNTER(messages_expired, "ended: validity ran out before they could be sent"),
    COUNTER(messages_suppressed, "ended: the receiver had opted out"),
    COUNTER(messages_held, "ended: outcome unknown, held for a person to decide"),
    COUNTER(refused_in, "answered with an error"),
    COUNTER(refused_full, "of these: no room"),
    COUNTER(refused_optout, "of these: the receiver had opted out"),
    COUNTER(refused_destination, "messages to where their account may not send (destinations)"),
    COUNTER(runs_of_numbers, "alarms: an account wrote to one number after the other"),
    COUNTER(duplicates_in, "recognised redeliveries (R-rel-3)"),
    COUNTER(possible_duplicates, "sent again after an unknown outcome"),
    COUNTER(throttled, "RTHROTTLED and RMSGQFUL from peers"),
    COUNTER(congested, "rates cut because a peer reported congestion"),
    COUNTER(retries, "temporary errors that will be tried again"),
    COUNTER(receipts_in, "delivery receipts from carriers"),
    COUNTER(receipts_out, "delivery receipts made for apps"),
    COUNTER(receipts_dropped, "receipts for apps given up: too many waited, or one too long"),
    COUNTER(receipts_orphan, "receipts that no message was known for"),
    COUNTER(receipts_bad, "receipts without a readable ID"),
    COUNTER(relay_forwards, "messages forwarded to agents' phones"),
    COUNTER(relay_replies, "replies from agents to contacts"),
    COUNTER(relay_notices, "notices to agents that a reply could not be used"),
    COUNTER(relay_notices_held, "notices not sent: over the agent's rate"),
    COUNTER(relay_strangers, "messages to relay numbers from strangers (R-txt-11)"),
    COUNTER(relay_unusable, "replies that could not be used (R-txt-7)"),
    COUNTER(proxy_forwards, "messages to agents' phones by contact numbers"),
    COUNTER(proxy_replies, "messages from agents to contacts by contact numbers"),
    COUNTER(proxy_refused, "agents' messages to contact numbers that reached nobody"),
    COUNTER(proxy_strangers, "messages to contact numbers from strangers (R-proxy-13)"),
    COUNTER(proxy_no_number, "times that no contact number was free (R-proxy-5)"),
    COUNTER(leases_started, "contact numbers given to a conversation"),
    COUNTER(leases_recycled, "of these: taken from another one"),
    COUNTER(auto_replies, "automatic replies"),
    COUNTER(auto_held, "automatic replies not sent: too many, to a machine, or opted out"),
    COUNTER(broadcast_texts, "texts of broadcasts that were made"),
    COUNTER(broadcast_replies, "texts from phones that answered a broadcast"),
    COUNTER(lists_full, "phones that wanted to join a distribution list that was full"),
    COUNTER(pairs_paused, "phones and numbers between which automatic replies were paused"),
    COUNTER(optouts, "opt-outs recorded"),
    COUNTER(optins, "opt-ins recorded"),
    COUNTER(parts_joined, "long messages joined from parts"),
    COUNTER(part_sets_incomplete, "long messages given up with parts missing"),
    COUNTER(unrouted, "messages to numbers that are not ours, or that no carrier takes"),
    COUNTER(rerouted, "messages that went over to another carrier"),
    COUNTER(conversations_opened, "conversations opened"),
    COUNTER(history_deleted, "entries of the history that were older than keep_history_days"),
    COUNTER(unassigned, "senders who match no contact, or several"),
    COUNTER(to_bots, "messages to business numbers that their bots answer"),
};
const size_t relay_counter_def_count = sizeof(relay_counter_defs) / sizeof(relay_counter_defs[0]);

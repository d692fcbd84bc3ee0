/*
 * txt.c: TXT Relay (R-txt): a contact's message goes to the agent's own phone with the
 * conversation's ID in front; the agent's answer begins with that ID and goes to the contact.
 */
#include "gateway/relay/txt.h"

#include "gateway/relay/agent.h"
#include "gateway/relay/choose.h"
#include "gateway/relay/contact.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/message.h"
#include "gateway/relay/notice.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/presence.h"
#include "gateway/relay/proxy.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/stop.h"
#include "gateway/relay/text.h"

/* ---- to the agent */

struct slice
addr_text(struct step *s, const struct addr *addr)
{
    uint8_t *text = store_scratch(s->txn, addr->n + 1u);
    size_t plus = addr->kind == ADDR_E164;

    text[0] = '+';
    memcpy(text + plus, addr->text, addr->n);
    return slice_of(text, addr->n + plus);
}

static struct slice
forward_text(struct step *s, const struct conv *conv, const struct inbound *in)
{
    char id[24], octets[24];
    struct template_value values[3];
    struct line line = {.n = 0};

    if (in->binary) {
        line_text(&line, "[binary message,");
        line_key(&line, "octets", (message_id_text(in->octets.n, octets), octets));
        line_text(&line, "]");
    }
    values[0] = (struct template_value){"id", message_id_text(conv->id, id)};
    values[1] = (struct template_value){"from", addr_text(s, &conv->rec.contact)};
    values[2] = (struct template_value){"text", in->binary ? slice_of(line.p, line.n) : in->text};
    return compose_template(s, MESSAGE_FORWARD, values, 3);
}

/* R-txt-1, but for presence: what is no contact's message (R-stop-8) is told in any case. */
static bool
reaches_owner(struct step *s, const struct conv *conv, struct rec_agent *agent,
              struct rec_number *relay_number)
{
    return conv->rec.owner_kind == OWNER_AGENT &&
           agent_get(s, conv->account, conv->rec.owner, agent) && agent->relay &&
           agent->relay_number.kind != ADDR_NONE &&
           number_get(s, &agent->relay_number, relay_number) &&
           relay_number->role == ROLE_RELAY && relay_number->account == conv->account;
}

void
txt_forward(struct step *s, struct conv *conv, const struct inbound *in)
{
    struct rec_agent agent;
    struct rec_number relay_number;

    if (!reaches_owner(s, conv, &agent, &relay_number) ||
        agent_is_online(s, conv->account, conv->rec.owner))
        return;
    conv_forwarded(s, conv, conv->rec.owner);
    (void)agent_text_of(s, &(struct agent_text){.account = conv->account,
                                          .agent = &agent,
                                          .from = agent.relay_number,
                                          .carrier = relay_number.carrier,
                                          .conv = conv->id,
                                          .text = forward_text(s, conv, in)});
    s->relay->count.relay_forwards++;
}

void
txt_tell_owner(struct step *s, const struct conv *conv, enum conf_message message)
{
    struct rec_agent agent;
    struct rec_number relay_number;
    struct template_value values[2];
    char id[24];

    if (proxy_tell_owner(s, conv, message) || !reaches_owner(s, conv, &agent, &relay_number))
        return;
    values[0] = (struct template_value){"id", message_id_text(conv->id, id)};
    values[1] = (struct template_value){"from", addr_text(s, &conv->rec.contact)};
    (void)notice_to_agent(s, conv->account, conv->rec.owner, &agent.relay_number,
                          compose_template(s, message, values, 2));
}

/* ---- from the agent */

/* Octets of one blank at the start of text: ASCII blanks, and the no-break blank. */
static size_t
blank_at(struct slice text)
{
    if (text.n == 0)
        return 0;
    if (text.p[0] == ' ' || (text.p[0] >= '\t' && text.p[0] <= '\r'))
        return 1;
    return text.n >= 2 && text.p[0] == 0xC2 && text.p[1] == 0xA0 ? 2 : 0;
}

/* Octets of one invisible mark (G13): zero-width and bidirectional characters, byte order mark. */
static size_t
invisible_at(struct slice text)
{
    if (text.n < 3)
        return 0;
    if (text.p[0] == 0xEF && text.p[1] == 0xBB && text.p[2] == 0xBF)
        return 3;
    if (text.p[0] != 0xE2)
        return 0;
    if (text.p[1] == 0x80 &&
        ((text.p[2] >= 0x8B && text.p[2] <= 0x8F) || (text.p[2] >= 0xAA && text.p[2] <= 0xAE)))
        return 3;
    return text.p[1] == 0x81 && ((text.p[2] >= 0xA0 && text.p[2] <= 0xA9) || text.p[2] == 0xAD) ? 3
                                                                                                : 0;
}

static struct slice
skip(struct slice text, size_t n)
{
    return slice_of(text.p + n, text.n - n);
}

struct slice
skip_blanks(struct slice text, bool and_invisible)
{
    size_t n;

    while ((n = blank_at(text)) || (and_invisible && (n = invisible_at(text))))
        text = skip(text, n);
    return text;
}

static bool
says_nothing(struct slice text)
{
    return skip_blanks(text, true).n == 0;
}

/* The grammar of R-txt-4 and bad-input.md section 4. False: no usable ID, or nothing behind it. */
static bool
reply_parse(struct slice text, uint64_t *id, struct slice *rest)
{
    size_t digits = 0;

    text = skip_blanks(text, true);
    *id = 0;
    while (digits < text.n && text.p[digits] >= '0' && text.p[digits] <= '9') {
        if (++digits > CONV_ID_DIGITS_MAX)
            return false;
        *id = *id * 10 + (uint64_t)(text.p[digits - 1] - '0');
    }
    /* G05: an ID has one way to be written. */
    if (digits == 0 || text.p[0] == '0' || blank_at(skip(text, digits)) == 0)
        return false;
    *rest = skip_blanks(skip(text, digits), false);
    return !says_nothing(*rest);
}

/* R-txt-8. */
static bool
may_reply(struct step *s, const struct conv *conv, uint32_t agent)
{
    bool owner = conv->rec.owner_kind == OWNER_AGENT && conv->rec.owner == agent;

    switch (PLANTED(ANYONE_ANSWERS) ? SCOPE_ACCOUNT : s->relay->conf->relay.reply_scope) {
    case SCOPE_OWNER:
        return owner;
    case SCOPE_PARTICIPANTS:
        return owner || conv_was_forwarded(s, conv, agent) ||
               (conv->rec.owner_kind == OWNER_GROUP &&
                group_has(s, conv->account, conv->rec.owner, agent));
    case SCOPE_ACCOUNT:
        return true;
    }
    return false;
}

/* What one reply is about. */
struct reply {
    const struct inbound *in;
    uint32_t agent_id;
    struct rec_agent agent;
    struct conv conv;
    struct rec_number number; /* the conversation's */
    struct addr to; /* the contact's number that gets it */
    struct slice text;
};

static struct slice
told(struct step *s, const struct reply *reply, enum conf_message message)
{
    char id[24], limit[24];
    struct template_value values[2];

    values[0] = (struct template_value){"id", message_id_text(reply->conv.id, id)};
    values[1] =
        (struct template_value){"limit", message_id_text(s->relay->conf->relay.reply_limit, limit)};
    return compose_template(s, message, values, 2);
}

static void
tell(struct step *s, const struct reply *reply, enum conf_message message)
{
    agent_text(s, reply->in->owner.account, &reply->agent, &reply->agent.relay_number,
               reply->in->owner.carrier, told(s, reply, message));
}

/* R-txt-7. */
static void
notice(struct step *s, const struct reply *reply)
{
    s->relay->count.relay_unusable++;
    if (notice_answers(s, reply->in->owner.account, reply->agent_id, reply->in->text))
        (void)notice_to_agent(s, reply->in->owner.account, reply->agent_id, &reply->in->number,
                              told(s, reply, MESSAGE_NOTICE));
}

/* R-txt-8. An agent who tries another's conversation is worth a line (G08), though not an answer.
 */
static bool
reply_allowed(struct step *s, const struct reply *reply)
{
    struct line line = {.n = 0};

    if (may_reply(s, &reply->conv, reply->agent_id))
        return true;
    line_text(&line, "relay reply refused");
    line_number(&line, "conversation", reply->conv.id);
    line_number(&line, "account", reply->conv.account);
    line_number(&line, "agent", reply->agent_id);
    line_key(&line, "reason", "reply_scope");
    line_log(s, LOG_LEVEL_WARN, &line);
    return false;
}

static bool
reply_goes(struct step *s, struct reply *reply)
{
    return (reply->conv.rec.status == CONV_OPEN || PLANTED(CLOSED_IS_ANSWERED)) &&
           reply_allowed(s, reply) &&
           number_get(s, &reply->conv.rec.number, &reply->number) &&
           reply->number.account == reply->conv.account;
}

/* R-txt-7's causes all look alike from outside. */
static bool
reply_usable(struct step *s, struct reply *reply)
{
    uint64_t id;

    return !reply->in->binary && reply_parse(reply->in->text, &id, &reply->text) &&
           conv_id_valid(id) &&
           (conv_get(s, reply->in->owner.account, id, &reply->conv) ||
            (PLANTED(ACCOUNT_LEAK) &&
             conv_get(s, 3 - reply->in->owner.account, id, &reply->conv))) &&
           reply_goes(s, reply);
}

/* It was not delivered: the history has it all the same. */
static void
reply_kept(struct step *s, struct reply *reply)
{
    struct rec_entry entry = {.kind = ENTRY_REFUSED,
                              .by_kind = OWNER_AGENT,
                              .by = reply->agent_id,
                              .at_ms = s->now_ms,
                              .text = reply->text};

    conv_entry(s, &reply->conv, &entry);
    conv_put(s, &reply->conv);
}

static void
reply_refused(struct step *s, struct reply *reply, enum conf_message message)
{
    reply_kept(s, reply);
    tell(s, reply, message);
}

/* R-txt-5: from the conversation's number, without a trace of the agent. What keeps to the limit of
 * R-txt-6 is delivered whole, even when emoji make more parts of it than the account's
 * long_messages would allow. */
static enum compose_err
reply_deliver(struct step *s, struct reply *reply, bool in_limit)
{
    struct conv_words words = {
        .to = reply->to, .text = reply->text, .by = reply->agent_id};
    struct conv said;
    enum compose_err err = conv_reply(s, &reply->conv, &reply->number, &words, &said);

    if (err == COMPOSE_TOO_LONG && in_limit) {
        words.unlimited = true;
        err = conv_reply(s, &reply->conv, &reply->number, &words, &said);
    }
    if (err == COMPOSE_OK)
        s->relay->count.relay_replies++;
    return err;
}

/* R-txt-6. */
static void
reply_limited(struct step *s, struct reply *reply)
{
    const struct conf_relay *conf = &s->relay->conf->relay;
    bool over = text_graphemes(reply->text) > conf->reply_limit;

    if (over && conf->reply_overflow == OVERFLOW_REJECT) {
        reply_refused(s, reply, MESSAGE_TOO_LONG);
        return;
    }
    if (over && conf->reply_overflow == OVERFLOW_DELIVER_PART)
        reply->text.n = text_prefix(reply->text, conf->reply_limit);
    if (reply_deliver(s, reply, !over || conf->reply_overflow == OVERFLOW_DELIVER_PART) !=
        COMPOSE_OK)
        reply_refused(s, reply, MESSAGE_TOO_LONG);
    else if (over && conf->reply_overflow == OVERFLOW_DELIVER_PART)
        tell(s, reply, MESSAGE_CUT);
}

static void
reply_go(struct step *s, struct reply *reply)
{
    if (stop_is_out(s, reply->conv.account, &reply->to))
        reply_refused(s, reply, MESSAGE_OPTED_OUT);
    else
        reply_limited(s, reply);
}

/* R-multi-2: the text stays in the history until the agent has said which number. */
static void
reply_ask(struct step *s, struct reply *reply, const struct contact_choices *choices)
{
    reply_kept(s, reply);
    choice_ask(s, &reply->conv, reply->agent_id, &reply->in->number, choices);
}

static void
reply_route(struct step *s, struct reply *reply)
{
    struct contact_choices choices;

    switch (conv_target(s, &reply->conv, &choices)) {
    case TARGET_ONE:
        reply->to = choices.number[0];
        reply_go(s, reply);
        break;
    case TARGET_CHOICES:
        reply_ask(s, reply, &choices);
        break;
    case TARGET_NONE: /* R-multi-3 */
        reply_refused(s, reply, MESSAGE_NONE_SELECTED);
        break;
    }
}

/* R-multi-2: the digit. Meanwhile anything may have changed. */
static void
reply_chosen(struct step *s, struct reply *reply, const struct choice *choice)
{
    struct rec_entry entry;

    reply->to = choice->to;
    if (!conv_get(s, reply->in->owner.account, choice->conv, &reply->conv) ||
        !reply_goes(s, reply) ||
        !contact_has_phone(s, reply->conv.account, reply->conv.rec.contact_id, &choice->to) ||
        !conv_entry_get(s, &reply->conv, choice->entry, &entry)) {
        notice(s, reply);
        return;
    }
    reply->text = entry.text;
    reply_go(s, reply);
}

void
txt_reply(struct step *s, const struct inbound *in)
{
    struct reply reply = {.in = in, .agent_id = in->owner.agent};
    struct choice choice;

    if (!agent_get(s, in->owner.account, in->owner.agent, &reply.agent) ||
        !addr_eq(&reply.agent.mobile, &in->phone)) {
        s->relay->count.relay_strangers++;
        return;
    }
    if (in->octets.n == 0)
        return; /* G19 */
    if (!in->binary && choice_made(s, in->owner.account, reply.agent_id, in->text, &choice))
        reply_chosen(s, &reply, &choice);
    else if (!reply_usable(s, &reply))
        notice(s, &reply);
    else
        reply_route(s, &reply);
}

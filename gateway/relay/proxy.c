/*
 * proxy.c: contact-number proxying (R-proxy): the world texts an agent's user number U, the agent
 * reads and answers on the own phone A, and there each contact C is a number K of the pool, so that
 * every conversation is a thread of its own. Which K is lease.c's business; here is what texts do.
 */
#include "gateway/relay/proxy.h"

#include "gateway/relay/agent.h"
#include "gateway/relay/contact.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/lease.h"
#include "gateway/relay/match.h"
#include "gateway/relay/message.h"
#include "gateway/relay/notice.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/roam.h"
#include "gateway/relay/stop.h"
#include "gateway/relay/text.h"
#include "gateway/relay/txt.h"
#include "gateway/relay/waiting.h"

/* As many characters of a contact's name as templates are checked with. */
#define NAME_CHARS_MAX 64u

/* One agent and one contact. */
struct pair {
    uint32_t account;
    uint32_t agent_id;
    struct rec_agent agent;
    struct addr user; /* U */
    uint32_t user_carrier;
    struct addr contact; /* C */
    uint64_t conv; /* in which it writes */
    struct lease lease;
    struct rec_number number; /* K's */
};

const char *
proxy_start_name(enum proxy_start start)
{
    static const char *const names[PROXY_STARTS] = {
        [PROXY_STARTED] = "started",
        [PROXY_GOING_ON] = "going on",
        [PROXY_NO_NUMBER] = "no contact number is free",
        [PROXY_OPTED_OUT] = "the contact has opted out",
        [PROXY_BAD_CONTACT] = "this is not the number of a phone outside",
        [PROXY_NO_USER_NUMBER] = "the agent has no user number",
    };

    return start < PROXY_STARTS ? names[start] : "?";
}

/* ---- who is who */

static void
mobile_key(struct key *key, uint32_t account, const struct addr *mobile)
{
    key_init(key);
    key_u8(key, NAME_MOBILE);
    key_u32(key, account);
    key_addr(key, mobile);
}

void
proxy_know_mobile(struct step *s, uint32_t account, uint32_t agent, const struct addr *mobile)
{
    struct key key, value;
    struct slice old;

    mobile_key(&key, account, mobile);
    key_init(&value);
    key_u32(&value, agent);
    if (!store_get(s->txn, TABLE_NAME, key_slice(&key), &old) || !slice_eq(old, key_slice(&value)))
        store_put(s->txn, TABLE_NAME, key_slice(&key), key_slice(&value));
}

/* The agent with this phone; 0: nobody. The row may be older than the agent's record. */
static uint32_t
agent_of_mobile(struct step *s, uint32_t account, const struct addr *mobile, struct rec_agent *out)
{
    struct key key;
    struct slice value;
    uint32_t agent;

    mobile_key(&key, account, mobile);
    return store_get(s->txn, TABLE_NAME, key_slice(&key), &value) && key_take_u32(&value, &agent) &&
                   agent_get(s, account, agent, out) && addr_eq(&out->mobile, mobile)
               ? agent
               : 0;
}

uint32_t
proxy_agent_of_mobile(struct step *s, uint32_t account, const struct addr *mobile)
{
    struct rec_agent rec;
    uint32_t agent = agent_of_mobile(s, account, mobile, &rec);

    return agent && rec.user_number.kind != ADDR_NONE ? agent : 0;
}

bool
proxy_is_agent(struct step *s, const struct inbound *in)
{
    uint32_t account = in->owner.account, agent_id;
    struct rec_agent agent;
    struct lease lease;

    if (in->owner.role == ROLE_USER)
        return agent_get(s, account, in->owner.agent, &agent) && addr_eq(&agent.mobile, &in->phone);
    if (in->owner.role != ROLE_CONTACT)
        return false;
    agent_id = agent_of_mobile(s, account, &in->phone, &agent);
    return agent_id && (lease_at(s, account, &in->number, agent_id, &lease) ||
                        lease_former(s, &in->number, agent_id, &lease));
}

/* The agent's public number, if it still is one. */
static bool
pair_user(struct step *s, struct pair *pair)
{
    struct rec_number number;

    pair->user = pair->agent.user_number;
    if (pair->user.kind == ADDR_NONE || !number_get(s, &pair->user, &number) ||
        number.role != ROLE_USER || number.account != pair->account ||
        number.agent != pair->agent_id)
        return false;
    pair->user_carrier = number.carrier;
    return true;
}

/* ---- texts to the agent */

/* The contact's name, if just one contact has the number. */
static struct slice
name_of_phone(struct step *s, uint32_t account, const struct addr *phone)
{
    uint32_t contacts[CONF_PHONE_CONTACTS_MAX];

    return contacts_of_phone(s, account, phone, contacts) == 1
               ? contact_name(s, account, contacts[0])
               : SLICE_NONE;
}

/* "+12025550101 (Carla Jones)" */
static struct slice
contact_text(struct step *s, uint32_t account, const struct addr *contact)
{
    struct slice number = addr_text(s, contact), name = name_of_phone(s, account, contact);
    uint8_t *text;

    if (name.n == 0)
        return number;
    name.n = text_prefix(name, NAME_CHARS_MAX);
    text = store_scratch(s->txn, number.n + name.n + 3);
    memcpy(text, number.p, number.n);
    memcpy(text + number.n, " (", 2);
    memcpy(text + number.n + 2, name.p, name.n);
    text[number.n + 2 + name.n] = ')';
    return slice_of(text, number.n + name.n + 3);
}

static struct slice
message_about(struct step *s, enum conf_message message, uint32_t account,
              const struct addr *contact)
{
    struct template_value value = {"contact", contact_text(s, account, contact)};

    return compose_template(s, message, &value, 1);
}

/* R-proxy-3: what a contact number says first. */
static void
introduce(struct step *s, const struct pair *pair)
{
    (void)agent_text_of(
        s, &(struct agent_text){.account = pair->account,
                                .agent = &pair->agent,
                                .from = pair->lease.rec.number,
                                .carrier = pair->number.carrier,
                                .after = pair->lease.rec.after,
                                .text = message_about(s, MESSAGE_PROXY_INTRO, pair->account,
                                                      &pair->contact)});
}

/* R-proxy-6. Returns the message, 0: there is nobody to tell. */
static uint64_t
tell_recycled(struct step *s, const struct lease *lease)
{
    struct rec_number number;
    struct rec_agent agent;

    s->relay->count.leases_recycled++;
    if (!agent_get(s, lease->account, lease->rec.agent, &agent) || !lease_number(s, lease, &number))
        return 0;
    return agent_text_of(
        s, &(struct agent_text){.account = lease->account,
                                .agent = &agent,
                                .from = lease->rec.number,
                                .carrier = number.carrier,
                                .text = message_about(s, MESSAGE_PROXY_RECYCLED, lease->account,
                                                      &lease->rec.contact)});
}

/* The number was another pair's, perhaps on another phone: its agent hears of it before the new
 * pair says anything. */
static void
recycled_for(struct step *s, struct lease *lease, const struct lease *recycled)
{
    uint64_t notice = tell_recycled(s, recycled);

    if (notice != 0)
        lease_follow(s, lease, notice);
}

bool
proxy_tell_owner(struct step *s, const struct conv *conv, enum conf_message message)
{
    struct template_value values[2];
    struct rec_number number;
    struct lease lease;
    char id[24];

    if (!number_get(s, &conv->rec.number, &number) || number.role != ROLE_USER)
        return false;
    if (conv->rec.owner_kind != OWNER_AGENT || conv->rec.owner != number.agent ||
        !lease_of_pair(s, conv->account, number.agent, &conv->rec.contact, &lease) ||
        !lease_is_live(&lease))
        return true;
    values[0] = (struct template_value){"id", message_id_text(conv->id, id)};
    values[1] = (struct template_value){"from", addr_text(s, &conv->rec.contact)};
    (void)notice_to_agent(s, conv->account, number.agent, &lease.rec.number,
                          compose_template(s, message, values, 2));
    return true;
}

/* ---- leases */

enum leased { LEASED_NOT, LEASED_NOW, LEASED_BEFORE };

/* The pair's lease; if it has none, a new one, whose number is not introduced yet. */
static enum leased
pair_lease(struct step *s, struct pair *pair)
{
    struct lease *lease = &pair->lease, recycled;

    if (lease_of_pair(s, pair->account, pair->agent_id, &pair->contact, lease) &&
        lease_is_live(lease)) {
        if (lease_number(s, lease, &pair->number))
            return LEASED_BEFORE;
        lease_end(s, lease, LEASE_NO_NUMBER);
    }
    if (!lease_start(s, pair->account, pair->agent_id, &pair->contact, lease, &recycled)) {
        s->relay->count.proxy_no_number++;
        return LEASED_NOT;
    }
    s->relay->count.leases_started++;
    if (recycled.id && !PLANTED(RECYCLE_UNTOLD))
        recycled_for(s, lease, &recycled);
    return lease_number(s, lease, &pair->number) ? LEASED_NOW : LEASED_NOT;
}

/* ---- texts from one side to the other */

/* R-proxy-2: unchanged (R-text-3). */
static void
pass_on(struct step *s, struct rec_msg *msg, const struct inbound *in, uint64_t *first)
{
    if (!in->binary && !in->udhi) {
        (void)compose(s, msg, in->text, true, first);
        return;
    }
    msg->data_coding = in->data_coding;
    msg->alphabet = (uint8_t)in->alphabet;
    msg->payload = in->octets;
    if (in->udhi)
        msg->esm_class = SMPP_ESM_UDHI;
    accept_octets(s, msg, first);
}

static void
to_agent(struct step *s, struct pair *pair, const struct inbound *in)
{
    struct rec_msg msg = {.op = OP_SUBMIT,
                          .class = CLASS_CHAT,
                          .flags = MSGF_TO_AGENT,
                          .account = pair->account,
                          .source = pair->lease.rec.number,
                          .dest = pair->agent.mobile,
                          .conv = pair->conv};

    lease_touch(s, &pair->lease);
    (void)roam_route(s, &msg, pair->number.carrier);
    pass_on(s, &msg, in, NULL);
    s->relay->count.proxy_forwards++;
}

/* R-proxy-5: the agent gets the message all the same, and knows why it cannot be answered. */
static void
to_agent_without(struct step *s, const struct pair *pair, const struct inbound *in)
{
    struct template_value values[2];
    struct line binary = {.n = 0};

    line_text(&binary, "[binary message]");
    values[0] =
        (struct template_value){"contact", contact_text(s, pair->account, &pair->contact)};
    values[1] =
        (struct template_value){"text", in->binary ? slice_of(binary.p, binary.n) : in->text};
    agent_text_of(s, &(struct agent_text){
                         .account = pair->account,
                         .agent = &pair->agent,
                         .from = pair->user,
                         .carrier = pair->user_carrier,
                         .conv = pair->conv,
                         .text = compose_template(s, MESSAGE_PROXY_NO_NUMBER_IN, values, 2)});
}

static void
to_contact(struct step *s, struct pair *pair, const struct inbound *in)
{
    struct rec_entry entry = conv_entry_of(s, in, ENTRY_OUT);
    struct conv conv;
    struct rec_msg msg = {.op = OP_SUBMIT,
                          .class = CLASS_CHAT,
                          .account = pair->account,
                          .source = pair->user,
                          .dest = pair->contact,
                          .wants_receipt = 1};

    (void)conv_of_pair(s, pair->account, &pair->user, &pair->contact, pair->agent_id, &conv);
    conv_entry_ahead(s, &conv, &msg);
    msg.after = lease_follows(s, &pair->lease);
    lease_touch(s, &pair->lease);
    (void)roam_route(s, &msg, pair->user_carrier);
    pass_on(s, &msg, in, &entry.message);
    entry.state = MSG_QUEUED;
    entry.by_kind = OWNER_AGENT;
    entry.by = pair->agent_id;
    conv_entry(s, &conv, &entry);
    conv_answered(s, &conv, pair->agent_id);
    conv_put(s, &conv);
    s->relay->count.proxy_replies++;
}

/* ---- to a user number */

/* Octets that a phone may put between digits and that are no part of a number: a no-break blank, an
 * invisible mark (a number copied from an address book has them around), a typographic dash. */
static size_t
filler_at(struct slice text)
{
    if (text.n >= 3 && text.p[0] == 0xE2 && text.p[1] == 0x80 && text.p[2] >= 0x90 &&
        text.p[2] <= 0x95)
        return 3;
    return text.n - skip_blanks(text, true).n;
}

/* The number behind the command, as people write them. */
static bool
contact_parse(struct step *s, uint32_t account, struct slice text, struct addr *out)
{
    uint8_t *plain = store_scratch(s->txn, text.n + 1);
    size_t n = 0;

    while (text.n > 0) {
        size_t filler = filler_at(text);

        plain[n++] = filler ? ' ' : text.p[0];
        filler += filler == 0;
        text = slice_of(text.p + filler, text.n - filler);
    }
    return addr_from_text(slice_of(plain, n), account_of(s->relay, account)->plan, out) ==
               ADDR_OK &&
           out->kind == ADDR_E164;
}

static bool
begins_with_word(struct slice text, const char *word, struct slice *rest)
{
    size_t n = strlen(word);

    if (text.n <= n)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((text.p[i] | 0x20) != (uint8_t)word[i])
            return false;
    text = slice_of(text.p + n, text.n - n);
    *rest = skip_blanks(text, true);
    return rest->n < text.n;
}

/* R-proxy-4. */
static bool
command_parse(struct step *s, const struct inbound *in, struct addr *contact)
{
    struct slice text = skip_blanks(in->text, true), rest;

    return !in->binary &&
           (begins_with_word(text, "convo", &rest) ||
            begins_with_word(text, "conversation", &rest)) &&
           contact_parse(s, in->owner.account, rest, contact);
}

/* A phone outside, not one that the gateway itself writes from. */
static bool
may_be_contact(struct step *s, const struct pair *pair)
{
    struct rec_number ours;

    if (addr_eq(&pair->contact, &pair->agent.mobile) || addr_eq(&pair->contact, &pair->user))
        return false;
    return !number_get_any(s, &pair->contact, &ours) ||
           (ours.role != ROLE_CONTACT && ours.role != ROLE_RELAY);
}

enum proxy_start
proxy_start(struct step *s, uint32_t account, uint32_t agent, const struct addr *contact,
            struct lease *out)
{
    struct pair pair = {.account = account, .agent_id = agent, .contact = *contact};

    *out = (struct lease){.id = 0};
    if (!agent_get(s, account, agent, &pair.agent) || !pair_user(s, &pair))
        return PROXY_NO_USER_NUMBER;
    if (!may_be_contact(s, &pair))
        return PROXY_BAD_CONTACT;
    if (stop_is_out(s, account, contact))
        return PROXY_OPTED_OUT;
    switch (pair_lease(s, &pair)) {
    case LEASED_NOT:
        return PROXY_NO_NUMBER;
    case LEASED_BEFORE:
        *out = pair.lease;
        (void)notice_to_agent(s, account, agent, &pair.lease.rec.number,
                              message_about(s, MESSAGE_PROXY_INTRO, account, contact));
        return PROXY_GOING_ON;
    case LEASED_NOW:
        break;
    }
    *out = pair.lease;
    introduce(s, &pair);
    return PROXY_STARTED;
}

static void
user_command(struct step *s, const struct inbound *in)
{
    uint32_t account = in->owner.account;
    enum proxy_start start = PROXY_BAD_CONTACT;
    struct slice text = SLICE_NONE;
    struct addr contact;
    struct lease lease;

    if (in->octets.n == 0)
        return; /* G19 */
    if (command_parse(s, in, &contact))
        start = proxy_start(s, account, in->owner.agent, &contact, &lease);
    switch (start) {
    case PROXY_STARTED:
    case PROXY_GOING_ON:
    case PROXY_STARTS:
        return;
    case PROXY_NO_NUMBER:
        text = message_about(s, MESSAGE_PROXY_NO_NUMBER, account, &contact);
        break;
    case PROXY_OPTED_OUT:
        text = message_about(s, MESSAGE_PROXY_OPTED_OUT, account, &contact);
        break;
    case PROXY_BAD_CONTACT:
    case PROXY_NO_USER_NUMBER:
        text = compose_template(s, MESSAGE_PROXY_USAGE, NULL, 0);
        break;
    }
    if (notice_answers(s, account, in->owner.agent, in->text))
        (void)notice_to_agent(s, account, in->owner.agent, &in->number, text);
}

/* A contact wrote. A STOP or UNSTOP alone is no reason to take a number from somebody. */
static void
user_message(struct step *s, struct pair *pair, struct inbound *in)
{
    enum leased leased = LEASED_BEFORE;
    struct conv conv;
    bool opened;

    match_sender(s, in);
    opened = conv_of_pair(s, pair->account, &pair->user, &pair->contact, pair->agent_id, &conv);
    match_conv(s, in, &conv, opened);
    conv_said(s, &conv, in);
    conv_put(s, &conv);
    pair->conv = conv.id;
    if (in->stop != STOP_NOTHING && in->stop != STOP_NEARLY &&
        !(lease_of_pair(s, pair->account, pair->agent_id, &pair->contact, &pair->lease) &&
          lease_is_live(&pair->lease)))
        return;
    leased = pair_lease(s, pair);
    if (leased == LEASED_NOT) {
        to_agent_without(s, pair, in);
        return;
    }
    if (leased == LEASED_NOW && !PLANTED(INTRODUCED_AFTERWARDS))
        introduce(s, pair);
    to_agent(s, pair, in);
    if (leased == LEASED_NOW && PLANTED(INTRODUCED_AFTERWARDS))
        introduce(s, pair);
}

void
proxy_user_in(struct step *s, struct inbound *in)
{
    struct pair pair = {.account = in->owner.account,
                        .agent_id = in->owner.agent,
                        .user = in->number,
                        .user_carrier = in->owner.carrier,
                        .contact = in->phone};

    if (!agent_get(s, pair.account, pair.agent_id, &pair.agent))
        s->relay->count.unrouted++; /* removed between two parts of the text */
    else if (addr_eq(&pair.agent.mobile, &in->phone))
        user_command(s, in);
    else if (in->octets.n > 0) /* G19 */
        user_message(s, &pair, in);
}

void
proxy_number_given(struct step *s, const struct addr *addr, const struct rec_number *number,
                   struct slice account)
{
    struct template_value values[2];
    struct rec_agent agent;

    if (!agent_get(s, number->account, number->agent, &agent))
        return;
    values[0] = (struct template_value){"number", addr_text(s, addr)};
    values[1] = (struct template_value){"name", account};
    agent_text(s, number->account, &agent, addr, number->carrier,
               compose_template(s, MESSAGE_PROXY_USER_NUMBER, values, 2));
}

/* ---- to a contact number */

/* R-proxy-13: to nobody's phone. It is unassigned (R-match), and the sender gets no answer. */
static void
from_stranger(struct step *s, struct inbound *in)
{
    struct conv conv;
    bool opened;

    s->relay->count.proxy_strangers++;
    if (in->octets.n == 0)
        return;
    match_sender(s, in);
    opened = conv_of_pair(s, in->owner.account, &in->number, &in->phone, 0, &conv);
    match_conv(s, in, &conv, opened);
    conv_said(s, &conv, in);
    conv_put(s, &conv);
}

/* What the agent wrote reaches nobody; the history keeps it, and the agent is told. */
static void
refuse(struct step *s, const struct pair *pair, const struct inbound *in, enum conf_message message)
{
    struct rec_entry entry = conv_entry_of(s, in, ENTRY_REFUSED);
    struct conv conv;

    s->relay->count.proxy_refused++;
    if (pair->user.kind != ADDR_NONE) {
        entry.by_kind = OWNER_AGENT;
        entry.by = pair->agent_id;
        (void)conv_of_pair(s, pair->account, &pair->user, &pair->contact, pair->agent_id, &conv);
        conv_entry(s, &conv, &entry);
        conv_put(s, &conv);
    }
    if (notice_answers(s, pair->account, pair->agent_id, in->text))
        (void)notice_to_agent(s, pair->account, pair->agent_id, &in->number,
                              message_about(s, message, pair->account, &pair->contact));
}

static void
from_agent(struct step *s, struct pair *pair, const struct inbound *in)
{
    bool public = pair_user(s, pair);

    pair->contact = pair->lease.rec.contact;
    if (in->octets.n == 0)
        return; /* G19 */
    if (pair->contact.kind == ADDR_NONE) { /* erased: nobody knows who it was */
        if (notice_answers(s, pair->account, pair->agent_id, in->text))
            (void)notice_to_agent(s, pair->account, pair->agent_id, &in->number,
                                  compose_template(s, MESSAGE_PROXY_USAGE, NULL, 0));
    } else if (!lease_is_live(&pair->lease) && !PLANTED(LATE_TEXT_DELIVERED)) {
        refuse(s, pair, in,
               pair->lease.rec.cause == LEASE_RECYCLED ? MESSAGE_PROXY_RECYCLED
                                                       : MESSAGE_PROXY_ENDED);
    } else if (!public) {
        lease_end(s, &pair->lease, LEASE_NO_AGENT);
        refuse(s, pair, in, MESSAGE_PROXY_ENDED);
    } else if (stop_is_out(s, pair->account, &pair->contact)) {
        refuse(s, pair, in, MESSAGE_PROXY_OPTED_OUT);
    } else {
        to_contact(s, pair, in);
    }
}

/* The lease that the agent wrote in. A long text whose first part came before the present lease
 * began was meant for whom the number stood for then. */
static bool
lease_written_in(struct step *s, const struct inbound *in, struct pair *pair)
{
    struct lease *lease = &pair->lease;

    if (lease_at(s, pair->account, &in->number, pair->agent_id, lease) &&
        (in->first_ms == 0 || lease->rec.started_ms <= in->first_ms ||
         PLANTED(PARTS_ACROSS_LEASES)))
        return true;
    return lease_former(s, &in->number, pair->agent_id, lease) && lease->account == pair->account;
}

void
proxy_contact_in(struct step *s, struct inbound *in)
{
    struct pair pair = {.account = in->owner.account};

    pair.agent_id = agent_of_mobile(s, pair.account, &in->phone, &pair.agent);
    /* R-proxy-7: the former contact gets nothing, whoever has the number now. */
    if (pair.agent_id && lease_written_in(s, in, &pair))
        from_agent(s, &pair, in);
    else
        from_stranger(s, in);
}

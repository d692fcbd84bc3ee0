/*
 * number.c: business numbers (R-num): who answers what the world writes to one, by its own settings
 * or by those of its active campaign; whose a new conversation is; and what uses a number.
 */
#include "gateway/relay/number.h"

#include "gateway/relay/agent.h"
#include "gateway/relay/campaign.h"
#include "gateway/relay/conv.h"
#include "gateway/relay/core.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/lease.h"
#include "gateway/relay/limit.h"
#include "gateway/relay/link.h"
#include "gateway/relay/move.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/presence.h"

/* Agents that one round looks at. In a larger group nobody online among so many is a group at
 * home. */
#define ROUND_AGENTS_MAX 256u
/* Conversations of a number that are looked at for an open one. */
#define USES_ROWS_MAX 2000u

void
number_put(struct step *s, const struct addr *addr, const struct rec_number *rec)
{
    struct rec_number put = *rec, before;
    struct key key;

    if (number_get_any(s, addr, &before))
        roam_number(s, addr, &before, rec);
    if (put.role == ROLE_CONTACT || put.pool)
        pool_follow(s, addr, &put);
    key_init(&key);
    key_addr(&key, addr);
    record_put(s->txn, TABLE_NUMBER, key_slice(&key), &rec_number_def, &put);
    limit_number_changed(s, addr, put.account, put.throughput);
}

/* ---- settings */

static struct owner
inbox_at(struct slice inboxes, uint32_t n)
{
    struct slice rest = slice_of(inboxes.p + (size_t)n * INBOX_BYTES, INBOX_BYTES);
    struct owner owner = {0};

    if ((size_t)(n + 1) * INBOX_BYTES > inboxes.n || !key_take_u8(&rest, &owner.kind) ||
        !key_take_u32(&rest, &owner.id))
        return (struct owner){0};
    return owner;
}

uint32_t
inbox_count(struct slice inboxes)
{
    return (uint32_t)(inboxes.n / INBOX_BYTES);
}

struct owner
inbox_of(struct slice inboxes, uint32_t n)
{
    return n < inbox_count(inboxes) ? inbox_at(inboxes, n) : (struct owner){0};
}

/* R-num-3: at the moment, also when the timer is a little late. */
static void
settings_of_campaign(struct step *s, const struct addr *addr, struct rec_number *number,
                     struct number_settings *out)
{
    struct rec_campaign campaign;

    if (number->turn_ms != 0 && number->turn_ms <= s->now_ms) {
        campaign_turn(s, addr);
        (void)number_get(s, addr, number);
    }
    if (number->campaign == 0 ||
        !campaign_get(s, number->account, number->campaign, &campaign))
        return;
    out->campaign = number->campaign;
    out->response = campaign.response;
    if (campaign.app != 0)
        out->app = campaign.app;
    if (campaign.inboxes.n > 0) {
        out->inboxes = campaign.inboxes;
        out->assign = (struct owner){0};
        out->round_robin = false;
    }
}

void
number_settings(struct step *s, const struct addr *addr, struct rec_number *number,
                struct number_settings *out)
{
    *out = (struct number_settings){
        .response = number->response,
        .app = number->app,
        .inboxes = number->inboxes,
        .assign = {number->assign_kind, number->assign_id},
        .round_robin = number->round_robin,
    };
    if (number->role == ROLE_BUSINESS && (number->campaign != 0 || number->turn_ms != 0) &&
        !PLANTED(BOT_GOES_ON))
        settings_of_campaign(s, addr, number, out);
}

uint32_t
number_bot(struct step *s, const struct conv *conv, const struct number_settings *settings)
{
    const struct link *app;

    switch ((enum answerer)conv->rec.answerer) {
    case ANSWERER_AGENTS:
        return 0;
    case ANSWERER_NUMBER:
        if (settings->response != RESPONSE_BOT)
            return 0;
        break;
    case ANSWERER_BOT:
        break;
    }
    /* An app that is in no configuration any more cannot take it: people see it then. */
    app = link_find(s->relay, settings->app);
    return app && app->app ? app->id : 0;
}

/* ---- whose a conversation is */

/* The first member of the group behind `after` who is online; 0: none among *rows. */
static uint32_t
next_online(struct step *s, uint32_t account, uint32_t group, uint32_t after, uint32_t *rows)
{
    struct key prefix, from;
    struct slice key;

    key_init(&prefix);
    key_u32(&prefix, account);
    key_u32(&prefix, group);
    for (; *rows > 0; --*rows) {
        struct slice rest;
        uint32_t agent;

        from = prefix;
        key_u32(&from, after + 1);
        if (after == UINT32_MAX ||
            !store_seek(s->txn, TABLE_MEMBER, key_slice(&from), key_slice(&prefix), &key, NULL))
            return 0;
        rest = slice_of(key.p + prefix.n, key.n - prefix.n);
        if (!key_take_u32(&rest, &agent))
            return 0;
        if (agent_is_online(s, account, agent))
            return agent;
        after = agent;
    }
    return 0;
}

/* R-conv-4: in the order of their numbers, each in turn; nobody online: the group. */
static struct owner
next_in_turn(struct step *s, const struct addr *addr, struct rec_number *number, uint32_t group)
{
    uint32_t rows = ROUND_AGENTS_MAX;
    uint32_t agent = next_online(s, number->account, group, number->last_agent, &rows);

    if (agent == 0)
        agent = next_online(s, number->account, group, 0, &rows);
    if (agent == 0)
        return (struct owner){OWNER_GROUP, group};
    if (agent != number->last_agent) {
        number->last_agent = agent;
        number_put(s, addr, number);
    }
    return (struct owner){OWNER_AGENT, agent};
}

struct owner
number_owner(struct step *s, const struct addr *addr, struct rec_number *number,
             const struct number_settings *settings)
{
    if (settings->assign.kind == OWNER_GROUP && settings->round_robin)
        return next_in_turn(s, addr, number, settings->assign.id);
    if (settings->assign.kind != OWNER_NOBODY)
        return settings->assign;
    /* R-num-2: of several inboxes nobody owns it until somebody claims it. */
    return inbox_count(settings->inboxes) == 1 ? inbox_at(settings->inboxes, 0) : (struct owner){0};
}

/* ---- a message comes in */

void
number_in(struct step *s, struct inbound *in)
{
    number_settings(s, &in->number, &in->owner, &in->settings);
    conv_inbound(s, in);
}

/* What was the bot's is now people's: the inbox gets it. */
static void
conv_falls_to_agents(struct step *s, struct conv *conv, struct inbound *in)
{
    struct owner owner;

    conv->rec.bot = 0;
    if (conv->rec.owner_kind != OWNER_NOBODY)
        return;
    owner = number_owner(s, &in->number, &in->owner, &in->settings);
    conv->rec.owner_kind = owner.kind;
    conv->rec.owner = owner.id;
    if (owner.kind == OWNER_NOBODY)
        conv->rec.inboxes = in->settings.inboxes;
}

bool
conv_to_bot(struct step *s, struct conv *conv, struct inbound *in)
{
    uint32_t app = number_bot(s, conv, &in->settings);

    if (app == 0) {
        if (conv->rec.bot)
            conv_falls_to_agents(s, conv, in);
        return false;
    }
    conv->rec.bot = 1;
    inbound_to_app(s, in, app);
    s->relay->count.to_bots++;
    return true;
}

bool
number_answers(struct step *s, const struct conv *conv, struct rec_number *number, uint32_t app)
{
    struct number_settings settings;

    number_settings(s, &conv->rec.number, number, &settings);
    return number_bot(s, conv, &settings) == app;
}

/* ---- what uses a number (R-num-5) */

static bool
open_conv_of(struct step *s, const struct rec_number *number, const struct addr *addr, uint64_t *id)
{
    struct key prefix, from;
    struct slice key, value;

    key_init(&prefix);
    key_u32(&prefix, number->account);
    key_addr(&prefix, addr);
    from = prefix;
    for (uint32_t rows = 0; rows < USES_ROWS_MAX; rows++) {
        struct conv conv;

        if (!store_seek(s->txn, TABLE_CONV_OPEN, key_slice(&from), key_slice(&prefix), &key,
                        &value))
            return false;
        if (key_take_u64(&value, id) && conv_get(s, number->account, *id, &conv) &&
            conv.rec.status == CONV_OPEN)
            return true;
        key_init(&from);
        key_bytes(&from, key);
        key_u8(&from, 0);
    }
    *id = 0;
    return true; /* so many closed ones: better asked again than deleted in use */
}

void
number_uses(struct step *s, const struct addr *addr, const struct rec_number *number,
            struct number_uses *out)
{
    struct key prefix;

    *out = (struct number_uses){0};
    (void)campaign_first(s, addr, number->account, &out->campaign);
    out->conv_open = open_conv_of(s, number, addr, &out->conv);
    key_init(&prefix);
    key_addr(&prefix, addr);
    out->lease = store_seek(s->txn, TABLE_LEASE_NUMBER, key_slice(&prefix), key_slice(&prefix),
                            NULL, NULL);
}

bool
number_may_start(struct step *s, const struct rec_number *number, uint32_t agent)
{
    struct rec_agent rec;

    return agent_get(s, number->account, agent, &rec) &&
           (number->office == 0 || group_has(s, number->account, number->office, agent));
}

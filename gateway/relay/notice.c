/*
 * notice.c: texts that the gateway itself writes to agents, at most so many a minute to each: an
 * agent's auto-responder, or a crowd of strangers, must not be able to run up a bill.
 */
#include "gateway/relay/notice.h"

#include "gateway/relay/agent.h"
#include "gateway/relay/core.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/planted.h"
#include "gateway/relay/roam.h"
#include "gateway/relay/text.h"

#define NOTICE_WINDOW_MS 60000u

/* Counts it if it may go. */
static bool
notice_allowed(struct step *s, uint32_t account, uint32_t agent_id, struct rec_agent *agent)
{
    struct key key;

    if (s->now_ms >= agent->notice_ms + NOTICE_WINDOW_MS) {
        agent->notice_ms = s->now_ms;
        agent->notices = 0;
    }
    if (agent->notices >= s->relay->conf->relay.notices_per_minute &&
        !PLANTED(NOTICES_UNLIMITED)) {
        s->relay->count.relay_notices_held++;
        return false;
    }
    agent->notices++;
    key_init(&key);
    key_u32(&key, account);
    key_u32(&key, agent_id);
    record_put(s->txn, TABLE_AGENT, key_slice(&key), &rec_agent_def, agent);
    s->relay->count.relay_notices++;
    return true;
}

uint64_t
agent_text_of(struct step *s, const struct agent_text *what)
{
    uint64_t first = 0;
    struct rec_msg msg = {.op = OP_SUBMIT,
                          .class = CLASS_CHAT,
                          .flags = MSGF_TO_AGENT,
                          .account = what->account,
                          .source = what->from,
                          .dest = what->agent->mobile,
                          .conv = what->conv,
                          .after = what->after};

    if (what->text.n == 0)
        return 0;
    (void)roam_route(s, &msg, what->carrier);
    (void)compose(s, &msg, what->text, true, &first);
    return first;
}

void
agent_text(struct step *s, uint32_t account, const struct rec_agent *agent,
           const struct addr *from, uint32_t carrier, struct slice text)
{
    (void)agent_text_of(s, &(struct agent_text){.account = account,
                                          .agent = agent,
                                          .from = *from,
                                          .carrier = carrier,
                                          .text = text});
}

/* A person who errs writes something else, or at least not this often. The silence lasts until an
 * hour has passed without it. */
#define SAME_WORDS_MAX 3u
#define SAME_WORDS_MS 3600000u

bool
notice_answers(struct step *s, uint32_t account, uint32_t agent_id, struct slice words)
{
    uint64_t hash = hash_bytes(1, words.p, words.n);
    struct rec_agent agent;
    struct key key;

    if (!agent_get(s, account, agent_id, &agent))
        return false;
    if (agent.unusable != hash || s->now_ms >= agent.unusable_ms + SAME_WORDS_MS)
        agent.unusable_times = 0;
    agent.unusable = hash;
    agent.unusable_ms = s->now_ms;
    if (agent.unusable_times <= SAME_WORDS_MAX)
        agent.unusable_times++;
    key_init(&key);
    key_u32(&key, account);
    key_u32(&key, agent_id);
    record_put(s->txn, TABLE_AGENT, key_slice(&key), &rec_agent_def, &agent);
    if (agent.unusable_times > SAME_WORDS_MAX)
        s->relay->count.relay_notices_held++;
    return agent.unusable_times <= SAME_WORDS_MAX;
}

bool
notice_to_agent(struct step *s, uint32_t account, uint32_t agent_id, const struct addr *from,
                struct slice text)
{
    struct rec_agent agent;
    struct rec_number number;

    if (text.n == 0 || !number_get_any(s, from, &number) || number.account != account ||
        !agent_get(s, account, agent_id, &agent) ||
        !notice_allowed(s, account, agent_id, &agent))
        return false;
    agent_text(s, account, &agent, from, number.carrier, text);
    return true;
}

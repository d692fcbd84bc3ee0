/*
 * model.c: what the rules of the relay demand, worked out again and independently of the core: who
 * gets what somebody wrote, in which order, and what must be refused. It sees each accepted request
 * once, in the order of the turns.
 *
 * Where the rules leave two outcomes open, or where the simulator cannot know (an ID that no phone
 * has shown yet), an item is marked `either`: it may arrive or not, but never outside its account.
 */
#include "tests/sim/sim.h"

struct pair *
model_pair(struct world *w, const struct item *item)
{
    enum lane lane = item->dest == TO_APP ? LANE_APP : item->bulk ? LANE_BULK : LANE_CHAT;

    return &w->pairs[lane][item->out_number][item->out_phone];
}

static void
expect(struct world *w, struct item *item)
{
    struct pair *pair = model_pair(w, item);

    trace(w, "expected: item %u from %s, %s %s '%.30s'", (uint32_t)(item - w->items),
          w->numbers[item->out_number].digits, item->dest == TO_APP ? "at its app, from" : "at",
          w->phones[item->out_phone].digits, item->expect);
    item->order[item->accepted % REPEATS_MAX] = ++pair->next;
    item->accepted++;
    item->accepted_ms = w->now_ms;
    if (item->expires_ms == 0)
        item->expires_ms = w->now_ms + w->validity_ms;
}

void
model_expect_phone(struct world *w, struct item *item, uint32_t number, uint32_t phone)
{
    item->dest = TO_PHONE;
    item->out_number = number;
    item->out_phone = phone;
    item->out_link = w->numbers[number].link;
    if (w->out[item->account][phone])
        item->stopped = true;
    expect(w, item);
}

uint32_t
model_note(struct world *w, uint32_t number, uint32_t phone, const char *text)
{
    return model_note_as(w, number, phone, text, false);
}

uint32_t
model_note_as(struct world *w, uint32_t number, uint32_t phone, const char *text, bool bulk)
{
    uint32_t at = item_new(w, ITEM_NOTE, w->numbers[number].account);
    struct item *item = &w->items[at];

    item->writer = phone;
    item->entry = number;
    item->bulk = bulk;
    item->text = item->expect = sim_copy(w, text, strlen(text));
    model_expect_phone(w, item, number, phone);
    return at;
}

bool
model_notice_optional(struct world *w, uint32_t agent)
{
    uint32_t next = w->notice_next[agent]++ % NOTICES_PER_MINUTE;
    uint64_t oldest = w->notice_times[agent][next];

    w->notice_times[agent][next] = w->now_ms;
    if (proxy_is_vague(w, w->agents[agent].account) || broken_replies(w, agent) > 0)
        return true;
    return oldest != 0 && w->now_ms < oldest + MINUTE_MS;
}

/* An agent is told something. */
static void
notice(struct world *w, uint32_t agent, enum out_kind kind)
{
    trace(w, "expected: agent %u is told, kind %d", agent, (int)kind);
    if (model_notice_optional(w, agent))
        w->notices_optional[agent][kind]++;
    else
        w->notices_due[agent][kind]++;
}

bool
model_was_given_up(const struct world *w, const struct item *item)
{
    return item->parts_have && (item->either || item->partial ||
                                (item->parts_have != item->parts_want &&
                                 w->now_ms + MINUTE_MS >= item->first_part_ms + REASSEMBLY_MS));
}

/* ---- conversations */

uint32_t
conv_by_id(const struct world *w, uint32_t account, uint64_t id)
{
    for (uint32_t i = 0; i < w->conv_count; i++)
        if (w->convs[i].account == account && w->convs[i].id == id)
            return i;
    return NONE;
}

/* A set of parts that was given up opens a conversation too, and the owner is that moment's. */
static bool
opened_unseen(const struct world *w, uint32_t number, uint32_t contact)
{
    for (uint32_t i = 0; i < w->item_count; i++) {
        const struct item *item = &w->items[i];

        if (item->entry == number && item->writer == contact && item->parts_have &&
            (item->either || (item->partial && w->tended) ||
             (item->parts_have != item->parts_want &&
              w->now_ms + MINUTE_MS >= item->first_part_ms + REASSEMBLY_MS)))
            return true;
    }
    return false;
}

static uint32_t
conv_of(struct world *w, uint32_t number, uint32_t contact)
{
    const struct sim_number *entry = &w->numbers[number];

    for (uint32_t i = 0; i < w->conv_count; i++)
        if (w->convs[i].number == number && w->convs[i].contact == contact && !w->convs[i].closed)
            return i;
    w->convs = sim_grow(w->convs, w->conv_count, &w->conv_cap, sizeof(*w->convs));
    w->convs[w->conv_count] = (struct sim_conv){.account = entry->account,
                                                .number = number,
                                                .contact = contact,
                                                .owner_kind = entry->assign_kind[w->model_variant],
                                                .owner = entry->assign[w->model_variant],
                                                .vague = opened_unseen(w, number, contact)};
    if (robot_answers(w, number)) /* nobody's, until somebody takes it */
        w->convs[w->conv_count].owner_kind = OWNER_NOBODY;
    trace(w, "conversation %u of %s with %s: owner kind %d, agent %u", w->conv_count, entry->digits,
          w->phones[contact].digits, (int)w->convs[w->conv_count].owner_kind,
          w->convs[w->conv_count].owner);
    return w->conv_count++;
}

/* R-txt-8 */
bool
model_may_answer(const struct world *w, uint32_t agent, const struct sim_conv *conv)
{
    bool owner = conv->owner_kind == OWNER_AGENT && conv->owner == agent;

    switch (w->scope) {
    case SCOPE_OWNER:
        return owner;
    case SCOPE_PARTICIPANTS:
        return owner || (conv->owner_kind == OWNER_GROUP && w->agents[agent].grouped) ||
               (conv->forwarded & 1u << agent);
    case SCOPE_ACCOUNT:
        return true;
    }
    return false;
}

/* ---- what somebody wrote */

static void
to_app(struct world *w, struct item *item)
{
    item->dest = TO_APP;
    item->out_number = item->entry;
    item->out_phone = item->writer;
    item->out_link = w->numbers[item->entry].app;
    item->expect = item->text;
    expect(w, item);
}

/* R-num-3: the bot's time is over. */
static void
falls_to_agents(struct world *w, struct sim_conv *conv)
{
    const struct sim_number *number = &w->numbers[conv->number];

    conv->bot = false;
    conv->vague |= opened_unseen(w, conv->number, conv->contact);
    if (conv->owner_kind != OWNER_NOBODY)
        return;
    conv->owner_kind = number->assign_kind[w->model_variant];
    conv->owner = number->assign[w->model_variant];
}

/* R-conv-1, R-txt-1 */
static void
to_business(struct world *w, struct item *item)
{
    uint32_t at = conv_of(w, item->entry, item->writer), index = (uint32_t)(item - w->items);
    struct sim_conv *conv = &w->convs[at];
    const struct sim_agent *agent;

    item->conv = at;
    if (robot_answers(w, item->entry)) {
        conv->bot = true;
        to_app(w, item);
        return;
    }
    if (conv->bot)
        falls_to_agents(w, conv);
    item->either |= conv->vague;
    robot_auto(w, index, at);
    item = &w->items[index]; /* there may be more of them now */
    agent = &w->agents[conv->owner];
    if (conv->vague || conv->owner_kind != OWNER_AGENT || agent->number == NONE ||
        !agent->relay[w->model_variant])
        return;
    item->forward = true;
    item->expect = item->text;
    conv->forwarded |= 1u << conv->owner;
    model_expect_phone(w, item, agent->number, agent->phone);
}

static size_t
characters(const char *text, size_t n, size_t limit, size_t *cut)
{
    size_t count = 0;

    *cut = n;
    for (size_t i = 0; i < n; i++) {
        if (((uint8_t)text[i] & 0xc0) == 0x80)
            continue;
        if (count == limit)
            *cut = i;
        count++;
    }
    return count;
}

/* R-txt-6 */
static void
deliver_reply(struct world *w, struct item *item, uint32_t agent, const struct sim_conv *conv)
{
    size_t n = strlen(item->text), cut;
    bool over = characters(item->text, n, REPLY_LIMIT, &cut) > REPLY_LIMIT;

    item->expect = item->text;
    if (over && w->overflow == OVERFLOW_REJECT) {
        notice(w, agent, OUT_LONG);
        return;
    }
    if (over && w->overflow == OVERFLOW_DELIVER_PART) {
        item->expect = sim_copy(w, item->text, cut);
        notice(w, agent, OUT_CUT);
    }
    model_expect_phone(w, item, conv->number, conv->contact);
}

/* R-txt-4 to 8, R-txt-11, R-stop-5 */
static void
to_relay(struct world *w, struct item *item)
{
    uint32_t agent = w->numbers[item->entry].agent, at;
    const struct sim_conv *conv;

    if (w->agents[agent].phone != item->writer)
        return; /* a stranger: nothing at all comes of it */
    if (item->either) {
        for (uint32_t kind = OUT_NOTICE; kind <= OUT_OPTED_OUT; kind++)
            w->notices_optional[agent][kind]++;
        (void)model_notice_optional(w, agent);
        return;
    }
    at = item->reply_id ? conv_by_id(w, item->account, item->reply_id) : NONE;
    conv = at == NONE ? NULL : &w->convs[at];
    item->conv = at;
    if (!conv || conv->closed || item->text[0] == '\0' || !model_may_answer(w, agent, conv)) {
        notice(w, agent, OUT_NOTICE);
        return;
    }
    if (w->out[item->account][conv->contact]) {
        notice(w, agent, OUT_OPTED_OUT);
        return;
    }
    deliver_reply(w, item, agent, conv);
}

/* A bot's answer in an open conversation is as much 1:1 as an agent's. */
static bool
is_bots(const struct world *w, struct item *item, uint32_t phone)
{
    if (w->numbers[item->entry].role != ROLE_BUSINESS || !robot_answers(w, item->entry))
        return false;
    item->unordered |= opened_unseen(w, item->entry, phone);
    for (uint32_t i = 0; i < w->conv_count; i++)
        if (w->convs[i].number == item->entry && w->convs[i].contact == phone)
            return true;
    return false;
}

static void
submitted(struct world *w, struct item *item, const struct req *req)
{
    item->expect = item->text;
    item->registered = req->registered;
    item->bulk = w->links[w->numbers[item->entry].app].bulk && !is_bots(w, item, req->phone);
    if (req->delay_s) {
        item->due_ms = w->now_ms + req->delay_s * 1000ull;
        item->unordered = true;
        item->expires_ms = item->due_ms + w->validity_ms;
    }
    model_expect_phone(w, item, req->number, item->group == NONE ? req->phone : item->dest_phone);
    if (req->validity_h)
        item->expires_ms = w->now_ms + req->validity_h * (uint64_t)HOUR_MS;
}

static void
accept(struct world *w, struct item *item, const struct req *req)
{
    if (item->kind == ITEM_SUBMIT) {
        for (uint32_t i = 0; i < (req->dests ? req->dests : 1); i++)
            if (!req->dests || !w->out[item->account][item[i].dest_phone])
                submitted(w, &item[i], req);
        return;
    }
    switch (w->numbers[item->entry].role) {
    case ROLE_BUSINESS:
        to_business(w, item);
        break;
    case ROLE_RELAY:
        to_relay(w, item);
        break;
    case ROLE_APP:
        to_app(w, item);
        break;
    case ROLE_USER:
        proxy_to_user(w, (uint32_t)(item - w->items));
        break;
    case ROLE_CONTACT:
        proxy_to_contact_number(w, (uint32_t)(item - w->items));
        break;
    }
}

bool
model_opt(struct world *w, uint32_t account, uint32_t phone, bool out, bool confirmed)
{
    if (w->out[account][phone] == out)
        return false;
    w->out[account][phone] = out;
    if (!out) {
        w->ins[account][phone]++;
        w->ins_confirmed[account][phone] += confirmed;
        return true;
    }
    w->outs[account][phone]++;
    w->outs_confirmed[account][phone] += confirmed;
    for (uint32_t i = 0; i < w->item_count; i++)
        if (w->items[i].account == account && w->items[i].dest == TO_PHONE &&
            w->items[i].out_phone == phone)
            w->items[i].stopped = true;
    return true;
}

/* R-stop-1, 2, 6. */
static void
opt(struct world *w, const struct req *req)
{
    const struct sim_number *number = &w->numbers[req->number];
    uint32_t account = number->account, phone = req->phone;
    bool out = req->kind == REQ_OPT_OUT;
    /* An answer from a relay number would tell a stranger that it is one (R-txt-11). */
    bool confirmed = number->role != ROLE_RELAY && number->role != ROLE_CONTACT;

    /* bad-input.md G21: on the relay number its agent is no contact. */
    if (number->role == ROLE_RELAY && w->agents[number->agent].phone == phone)
        return;
    (void)model_opt(w, account, phone, out, confirmed);
}

static void
part_accepted(struct world *w, struct item *item, const struct req *req)
{
    if (req->parts == 0) {
        accept(w, item, req);
        return;
    }
    if (!item->parts_have)
        item->first_part_ms = w->now_ms;
    /* One part more of a message that is whole begins a set that nothing completes. */
    if (item->parts_have == item->parts_want)
        item->partial = true;
    if (item->parts_have & 1u << req->part)
        return;
    item->parts_have |= 1u << req->part;
    if (item->parts_have == item->parts_want)
        accept(w, item, req);
}

/* ---- what each request must be answered */

/* Are all that it is for opted out? */
static bool
all_out(const struct world *w, const struct req *req)
{
    uint32_t account = w->numbers[req->number].account;

    if (!req->dests)
        return w->out[account][req->phone];
    for (uint32_t i = 0; i < req->dests; i++)
        if (!w->out[account][w->items[req->item + i].dest_phone])
            return false;
    return true;
}

/* R-stop-5, of a submit_multi. */
static void
check_failures(struct world *w, const struct req *req)
{
    uint32_t account = w->numbers[req->number].account, out = 0;

    for (uint32_t i = 0; i < req->dests; i++)
        out += w->out[account][w->items[req->item + i].dest_phone];
    if (req->dests && req->failures != out)
        sim_fail(w, "R-stop-5: an app's submit gets an error status",
                 "request %u: %u failures, %u have opted out", (uint32_t)(req - w->reqs),
                 req->failures, out);
}

static bool
may_refuse(const struct world *w, const struct req *req, uint32_t status)
{
    if (w->room == STORE_TIGHT && status == SMPP_RMSGQFUL)
        return true;
    if (req->kind == REQ_STRAY || w->stopping)
        return true;
    return req->kind == REQ_TEXT && w->items[req->item].kind == ITEM_SUBMIT && all_out(w, req);
}

static bool
must_refuse(const struct world *w, const struct req *req)
{
    return req->kind == REQ_STRAY ||
           (req->kind == REQ_TEXT && w->items[req->item].kind == ITEM_SUBMIT && all_out(w, req));
}

void
model_request(struct world *w, struct mail *mail)
{
    struct req *req = &w->reqs[mail->ref];

    trace(w, "committed: request %u kind %u item %d part %u/%u answered %s%s", mail->ref, req->kind,
          (int)req->item, req->part, req->parts, status_name(mail->status),
          req->committed ? " (again)" : "");
    if (mail->status != SMPP_ROK) {
        if (req->committed && !req->twin && req->kind != REQ_RECEIPT)
            sim_fail(w, "R-rel-3: a redelivery is acknowledged", "request %u got 0x%x", mail->ref,
                     mail->status);
        if (req->kind == REQ_RECEIPT ? w->room != STORE_TIGHT || mail->status != SMPP_RX_T_APPN
                                     : !may_refuse(w, req, mail->status))
            sim_fail(w, "a valid request is accepted", "request %u got 0x%x", mail->ref,
                     mail->status);
        return;
    }
    if (req->committed) {
        /* Its twin was taken for its redelivery, so this one counts as new, and begins a set that
         * nothing completes. */
        if (req->twin)
            w->items[req->item].partial = true;
        return;
    }
    if (must_refuse(w, req))
        sim_fail(w, "R-stop-5, R15: what cannot be handled is refused", "request %u got ROK",
                 mail->ref);
    check_failures(w, req);
    req->committed = true;
    req->first_ms = w->now_ms;
    switch ((enum req_kind)req->kind) {
    case REQ_OPT_OUT:
    case REQ_OPT_IN:
        opt(w, req);
        part_accepted(w, &w->items[req->item], req);
        break;
    case REQ_TEXT:
        part_accepted(w, &w->items[req->item], req);
        break;
    case REQ_RECEIPT:
    case REQ_STRAY:
        break;
    }
}

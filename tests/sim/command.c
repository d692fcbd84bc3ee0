/*
 * command.c: what people ask of the gateway with `tandem ctl`, as events in the core's mailbox like
 * any other: opt-outs by hand, leases that are begun and ended, numbers that drain. Here it is made
 * up, and here is what must come of it.
 */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define VALUE_BYTES 256u

static const struct command_def *const defs[CMD_KINDS] = {
    [CMD_OPT_OUT] = &command_optout_set,        [CMD_OPT_IN] = &command_optout_lift,
    [CMD_IMPORT] = &command_optout_import,      [CMD_LEASE_START] = &command_lease_start,
    [CMD_LEASE_END] = &command_lease_end,       [CMD_DRAIN] = &command_number_drain,
    [CMD_AUTO_ON] = &command_auto_on,           [CMD_AUTO_OFF] = &command_auto_off,
    [CMD_CAMPAIGN_ADD] = &command_campaign_add, [CMD_CAMPAIGN_START] = &command_campaign_start,
    [CMD_CAMPAIGN_END] = &command_campaign_end, [CMD_CAST_ADD] = &command_broadcast_add,
    [CMD_CAST_PAUSE] = &command_broadcast_pause, [CMD_CAST_RESUME] = &command_broadcast_resume,
    [CMD_CAST_CANCEL] = &command_broadcast_cancel,
    [CMD_CONV_CLAIM] = &command_conversation_claim,
    [CMD_CONV_TRANSFER] = &command_conversation_transfer,
    [CMD_CONV_FLAG] = &command_conversation_flag,
    [CMD_CONV_CLOSE] = &command_conversation_close,
};

/* ---- as an event */

/* The place of an option. */
static uint32_t
arg_named(const struct sim_command *c, const char *name)
{
    uint32_t at = 0;

    while (at + 1 < COMMAND_ARGS_MAX && strcmp(defs[c->kind]->args[at].name, name) != 0)
        at++;
    return at;
}

static void
date_text(uint64_t ms, char out[VALUE_BYTES])
{
    time_t seconds = (time_t)(ms / 1000);
    struct tm tm;

    if (ms == 0)
        return;
    gmtime_r(&seconds, &tm);
    strftime(out, VALUE_BYTES, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

static void
campaign_values(const struct world *w, const struct sim_command *c,
                char text[COMMAND_ARGS_MAX][VALUE_BYTES])
{
    const struct sim_campaign *campaign = &w->campaigns[c->at];
    const struct sim_number *number = &w->numbers[campaign->number];

    snprintf(text[0], VALUE_BYTES, "account%u", campaign->account);
    snprintf(text[1], VALUE_BYTES, "c%u", c->at);
    if (c->kind != CMD_CAMPAIGN_ADD)
        return;
    snprintf(text[2], VALUE_BYTES, "+%s", number->digits);
    date_text(campaign->starts_ms, text[arg_named(c, "starts")]);
    date_text(campaign->ends_ms, text[arg_named(c, "ends")]);
    if (campaign->bot)
        snprintf(text[arg_named(c, "app")], VALUE_BYTES, "%s", w->links[number->app].name);
}

static void
cast_values(const struct world *w, const struct sim_command *c, struct command_value *args,
            char text[COMMAND_ARGS_MAX][VALUE_BYTES])
{
    const struct sim_cast *cast = &w->casts[c->at];

    snprintf(text[0], VALUE_BYTES, "account%u", cast->account);
    if (c->kind == CMD_CAST_ADD) {
        snprintf(text[1], VALUE_BYTES, "list%u", cast->account);
        snprintf(text[2], VALUE_BYTES, "+%s", w->numbers[cast->number].digits);
        snprintf(text[3], VALUE_BYTES, "%s", w->items[cast->first].text);
    } else {
        args[1].given = true;
        args[1].number = cast->id;
    }
}

static void
conv_values(const struct world *w, const struct sim_command *c, struct command_value *args,
            char text[COMMAND_ARGS_MAX][VALUE_BYTES])
{
    const struct sim_conv *conv = &w->convs[c->at];

    snprintf(text[0], VALUE_BYTES, "account%u", conv->account);
    args[1].given = true;
    args[1].number = conv->id;
    if (c->kind == CMD_CONV_CLAIM)
        snprintf(text[2], VALUE_BYTES, "agent%u", c->agent);
    else if (c->kind == CMD_CONV_TRANSFER && c->off)
        snprintf(text[3], VALUE_BYTES, "group%u", conv->account);
    else if (c->kind == CMD_CONV_TRANSFER)
        snprintf(text[2], VALUE_BYTES, "agent%u", c->agent);
    else if (c->kind == CMD_CONV_FLAG)
        args[2] = (struct command_value){.given = true, .number = c->off};
}

/* The values of its arguments, in the order of the definition. */
static void
values_of(const struct world *w, const struct sim_command *c, struct command_value *args,
          char text[COMMAND_ARGS_MAX][VALUE_BYTES])
{
    const char *phone = c->phone == NONE ? "" : w->phones[c->phone].digits;

    switch ((enum command_kind)c->kind) {
    case CMD_OPT_OUT:
    case CMD_OPT_IN:
    case CMD_IMPORT:
        snprintf(text[0], VALUE_BYTES, "account%u", c->account);
        snprintf(text[1], VALUE_BYTES, "+%s", phone);
        if (c->kind == CMD_IMPORT)
            snprintf(text[1], VALUE_BYTES, "+%s, +%s", phone, w->phones[c->other].digits);
        args[1].number = strlen(text[1]);
        snprintf(text[2], VALUE_BYTES, "somebody");
        break;
    case CMD_LEASE_START:
        snprintf(text[0], VALUE_BYTES, "agent%u", c->agent);
        snprintf(text[1], VALUE_BYTES, "+%s", phone);
        break;
    case CMD_LEASE_END:
        args[0].given = true;
        args[0].number = c->lease + 1;
        break;
    case CMD_DRAIN:
        snprintf(text[0], VALUE_BYTES, "account%u", c->account);
        snprintf(text[1], VALUE_BYTES, "+%s", w->numbers[c->number].digits);
        args[2].given = c->off;
        args[2].number = c->off;
        break;
    case CMD_AUTO_ON:
    case CMD_AUTO_OFF:
        snprintf(text[0], VALUE_BYTES, "account%u", w->autos[c->at].account);
        snprintf(text[1], VALUE_BYTES, "r%u", c->at);
        break;
    case CMD_CAMPAIGN_ADD:
    case CMD_CAMPAIGN_START:
    case CMD_CAMPAIGN_END:
        campaign_values(w, c, text);
        break;
    case CMD_CAST_ADD:
    case CMD_CAST_PAUSE:
    case CMD_CAST_RESUME:
    case CMD_CAST_CANCEL:
        cast_values(w, c, args, text);
        break;
    case CMD_CONV_CLAIM:
    case CMD_CONV_TRANSFER:
    case CMD_CONV_FLAG:
    case CMD_CONV_CLOSE:
        conv_values(w, c, args, text);
        break;
    case CMD_KINDS:
        break;
    }
    for (uint32_t i = 0; i < COMMAND_ARGS_MAX; i++)
        if (text[i][0] != '\0') {
            args[i].given = true;
            args[i].text = slice_str(text[i]);
        }
    if (c->kind == CMD_IMPORT) /* the rest of its file */
        args[1].text = slice_str(text[1] + c->progress.file_at);
}

size_t
command_event(const struct world *w, uint32_t ref, struct event *event, uint8_t *packed, size_t cap)
{
    const struct sim_command *c = &w->commands[ref];
    struct command_value args[COMMAND_ARGS_MAX] = {0};
    char text[COMMAND_ARGS_MAX][VALUE_BYTES] = {{0}};
    size_t n;

    values_of(w, c, args, text);
    n = command_pack(defs[c->kind], args, &c->progress, packed, cap);
    event->u.command = (struct event_command){
        .def = defs[c->kind], .token = {.id = ref}, .packed = slice_of(packed, n)};
    return n;
}

void
command_answered(struct world *w, struct mail *mails, uint32_t count, const struct effect *effect)
{
    for (uint32_t i = 0; i < count; i++) {
        struct mail *mail = &mails[i];

        if (mail->kind != EV_COMMAND || mail->ref != effect->token.id || mail->replied)
            continue;
        if (effect->level == ANSWER_ROW)
            return;
        if (effect->level == ANSWER_MORE)
            memcpy(&w->commands[mail->ref].progress, effect->octets.p,
                   sizeof(w->commands[mail->ref].progress));
        mail->replied = true;
        mail->status = effect->level == ANSWER_DONE     ? COMMAND_DONE
                       : effect->level == ANSWER_FAILED ? effect->octets.p[0]
                                                        : COMMAND_MORE;
        return;
    }
    sim_fail(w, "one answer to each command", "one more for command %u",
             (uint32_t)effect->token.id);
}

/* ---- what must come of it */

static bool
any_vague(struct world *w)
{
    bool vague = false;

    for (uint32_t i = 0; i < w->account_count; i++)
        vague |= proxy_is_vague(w, i);
    return vague;
}

/* Nobody knows what it did. */
static void
all_vague(struct world *w)
{
    for (uint32_t i = 0; i < w->account_count; i++)
        w->pools[i].vague = true;
}

static bool
lease_starts(struct world *w, const struct sim_command *c, bool *known)
{
    enum proxy_outcome outcome;

    if (any_vague(w)) {
        *known = false;
        return false;
    }
    outcome = proxy_convo(w, c->agent, c->phone);
    return outcome == PROXY_NEW || outcome == PROXY_AGAIN;
}

/* IDs are counted over all accounts. */
static bool
lease_ends(struct world *w, const struct sim_command *c, bool *known)
{
    if (any_vague(w)) {
        all_vague(w);
        *known = false;
        return false;
    }
    if (w->leases[c->lease].end != LEASED)
        return false;
    pool_end(w, c->lease, ENDED_BY_HAND);
    return true;
}

static bool
drains(struct world *w, const struct sim_command *c)
{
    if (!c->off)
        w->numbers[c->number].joined = 0;
    else if (!w->numbers[c->number].joined)
        pool_join(w, c->number);
    return true;
}

/* It ends by itself about now: nobody can say whether it has. */
static bool
is_ending(const struct world *w, uint32_t campaign)
{
    uint64_t ends_ms = w->campaigns[campaign].ends_ms;

    return ends_ms && ends_ms <= w->now_ms;
}

void
command_committed(struct world *w, const struct mail *mail)
{
    const struct sim_command *c = &w->commands[mail->ref];
    bool known = true, good = false;

    trace(w, "committed: command %u %s: %s", mail->ref, defs[c->kind]->name,
          command_result_name((enum command_result)mail->status));
    if (!mail->replied)
        sim_fail(w, "one answer to each command", "none to command %u", mail->ref);
    if (mail->status == COMMAND_MORE) { /* nothing has come of it yet */
        mail_put(w, (struct mail){.kind = EV_COMMAND, .ref = mail->ref});
        return;
    }
    switch ((enum command_kind)c->kind) {
    case CMD_OPT_OUT:
        good = model_opt(w, c->account, c->phone, true, false);
        break;
    case CMD_OPT_IN:
        good = model_opt(w, c->account, c->phone, false, false);
        break;
    case CMD_IMPORT:
        (void)model_opt(w, c->account, c->phone, true, false);
        (void)model_opt(w, c->account, c->other, true, false);
        good = true;
        break;
    case CMD_LEASE_START:
        good = lease_starts(w, c, &known);
        break;
    case CMD_LEASE_END:
        good = lease_ends(w, c, &known);
        break;
    case CMD_DRAIN:
        good = drains(w, c);
        break;
    case CMD_AUTO_ON:
    case CMD_AUTO_OFF:
        w->autos[c->at].on = c->kind == CMD_AUTO_ON;
        good = true;
        break;
    case CMD_CAMPAIGN_ADD:
        good = robot_campaign_added(w, c->at);
        break;
    case CMD_CAMPAIGN_START:
        known = !is_ending(w, c->at);
        good = robot_campaign_starts(w, c->at);
        break;
    case CMD_CAMPAIGN_END:
        known = !is_ending(w, c->at);
        good = robot_campaign_ends(w, c->at);
        break;
    case CMD_CAST_ADD:
    case CMD_CAST_PAUSE:
    case CMD_CAST_RESUME:
    case CMD_CAST_CANCEL:
        good = cast_committed(w, c, mail->status == COMMAND_DONE);
        known = good || mail->status == COMMAND_DONE;
        break;
    case CMD_CONV_CLAIM:
    case CMD_CONV_TRANSFER:
    case CMD_CONV_FLAG:
    case CMD_CONV_CLOSE:
        good = tend_committed(w, c);
        break;
    case CMD_KINDS:
        break;
    }
    if (known && good != (mail->status == COMMAND_DONE))
        sim_fail(w, "a command does what it says", "%s: %s", defs[c->kind]->name,
                 command_result_name((enum command_result)mail->status));
}

/* ---- made up */

static bool
make_lease_command(struct world *w, struct sim_command *c)
{
    uint32_t kind = rnd(w, 10);

    if (kind < 4) {
        c->kind = CMD_LEASE_START;
        return w->agents[c->agent].user != NONE;
    }
    if (kind < 8) {
        c->kind = CMD_LEASE_END;
        c->lease = w->lease_count ? rnd(w, w->lease_count) : NONE;
        return c->lease != NONE && !any_vague(w);
    }
    c->kind = CMD_DRAIN;
    c->number = number_of_role(w, c->account, ROLE_CONTACT);
    c->off = chance(w, 6000);
    return c->number != NONE;
}

static bool
make_robot_command(struct world *w, struct sim_command *c)
{
    struct sim_campaign campaign = {.account = c->account, .bot = chance(w, 5000)};
    uint32_t kind = rnd(w, 10);
    uint64_t now = w->now_ms / 1000 * 1000;

    if (kind < 2) {
        c->kind = chance(w, 7000) ? CMD_AUTO_ON : CMD_AUTO_OFF;
        c->at = w->auto_count ? rnd(w, w->auto_count) : NONE;
        return c->at != NONE;
    }
    if (kind < 6 && w->campaign_count > 0) {
        c->kind = kind < 4 ? CMD_CAMPAIGN_START : CMD_CAMPAIGN_END;
        c->at = rnd(w, w->campaign_count);
        return true;
    }
    campaign.number = number_of_role(w, c->account, ROLE_BUSINESS);
    if (chance(w, 5000))
        campaign.starts_ms = now + between(w, 1, 120) * 1000u;
    if (chance(w, 7000))
        campaign.ends_ms = now + between(w, 1, 300) * 1000u;
    w->campaigns =
        sim_grow(w->campaigns, w->campaign_count, &w->campaign_cap, sizeof(*w->campaigns));
    w->campaigns[w->campaign_count] = campaign;
    c->kind = CMD_CAMPAIGN_ADD;
    c->at = w->campaign_count++;
    return true;
}

void
command_put(struct world *w, const struct sim_command *c)
{
    w->commands = sim_grow(w->commands, w->command_count, &w->command_cap, sizeof(*w->commands));
    w->commands[w->command_count] = *c;
    trace(w, "command %u: %s", w->command_count, defs[c->kind]->name);
    mail_put(w, (struct mail){.kind = EV_COMMAND, .ref = w->command_count++});
}

void
command_make(struct world *w)
{
    struct sim_command c = {.account = rnd(w, w->account_count),
                            .agent = rnd(w, w->agent_count),
                            .phone = rnd(w, w->contact_count),
                            .other = rnd(w, w->contact_count),
                            .number = NONE,
                            .lease = NONE};

    if (w->robots && chance(w, 5000)) {
        if (!make_robot_command(w, &c))
            return;
    } else if (w->proxied && chance(w, 6000)) {
        if (!make_lease_command(w, &c))
            return;
    } else {
        c.kind = chance(w, 7000) ? CMD_OPT_IN : chance(w, 7000) ? CMD_OPT_OUT : CMD_IMPORT;
        if (c.kind == CMD_OPT_IN && !w->out[c.account][c.phone] && chance(w, 8000))
            return;
    }
    command_put(w, &c);
}

/*
 * pump.c: against artificial traffic (bad-input.md section 5): an account sends only where it says
 * that it does, and somebody hears of it when its messages go to one number after the other, as
 * those of a thief do who is paid for each.
 *
 * Its agents, and the one confirmation of a STOP, are not concerned.
 */
#include "gateway/relay/pump.h"

#include "gateway/relay/core.h"
#include "gateway/relay/reply.h"

/* So many messages in a row, each to the number next to the one before, are nobody's list. */
#define RUN_MIN 20u
/* One line for each account in so long. */
#define RUN_QUIET_MS 3600000u

/* How long a prefix fits: 0, none does. */
static size_t
longest(const char *const *prefixes, uint32_t count, const struct addr *addr)
{
    size_t best = 0;

    for (uint32_t i = 0; i < count; i++) {
        size_t n = strlen(prefixes[i]);

        if (n > best && n <= addr->n && memcmp(addr->text, prefixes[i], n) == 0)
            best = n;
    }
    return best;
}

static bool
may_go(const struct dir_account *dir, const struct addr *addr)
{
    size_t allowed = longest(dir->destinations.allow, dir->destinations.allow_count, addr);
    size_t denied = longest(dir->destinations.deny, dir->destinations.deny_count, addr);

    if (dir->destinations.allow_count > 0 && allowed == 0)
        return false;
    return denied == 0 || allowed > denied;
}

static void
log_account(struct step *s, const char *what, const struct rec_msg *msg)
{
    struct line line = {.n = 0};

    line_text(&line, what);
    line_number(&line, "account", msg->account);
    line_addr(&line, "to", &msg->dest);
    line_log(s, LOG_LEVEL_WARN, &line);
}

static uint64_t
number_of(const struct addr *addr)
{
    uint64_t number = 0;

    for (size_t i = 0; i < addr->n; i++)
        number = number * 10 + (uint64_t)(addr->text[i] - '0');
    return number;
}

static void
look_at_run(struct step *s, struct account *account, const struct rec_msg *msg)
{
    uint64_t number = number_of(&msg->dest);
    bool next = number == account->last_dest + 1 || number + 1 == account->last_dest;

    if (number == account->last_dest)
        return;
    account->run = next ? account->run + 1 : 1;
    account->last_dest = number;
    if (account->run < RUN_MIN || s->now_ms < account->run_told_ms + RUN_QUIET_MS)
        return;
    account->run_told_ms = s->now_ms;
    s->relay->count.runs_of_numbers++;
    log_account(s, "messages to adjacent numbers", msg);
}

bool
pump_allows(struct step *s, const struct rec_msg *msg)
{
    struct account *account;

    if (msg->op != OP_SUBMIT || (msg->flags & (MSGF_TO_AGENT | MSGF_CONFIRMATION)) ||
        msg->dest.kind != ADDR_E164 || msg->account >= s->relay->account_cap)
        return true;
    account = &s->relay->accounts[msg->account];
    if (account->dir && !may_go(account->dir, &msg->dest)) {
        s->relay->count.refused_destination++;
        log_account(s, "destination is not allowed", msg);
        return false;
    }
    look_at_run(s, account, msg);
    return true;
}

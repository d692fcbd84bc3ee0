/*
 * verdict.c: what an answer means for a message (conformance section 6): good defaults by
 * command_status, and over them what the carrier's configuration says. Separate from leg.c, which
 * acts on it.
 */
#include "gateway/relay/verdict.h"

#include "gateway/relay/core.h"

/* "A few tries": with the default waits they span some twenty minutes, in which a carrier's
 * operator can mend what is broken. */
#define SYSTEM_ERROR_TRIES 8u

const char *
verdict_name(enum verdict verdict)
{
    static const char *const names[] = {
        [VERDICT_OK] = "ok",
        [VERDICT_THROTTLED] = "throttled",
        [VERDICT_UNKNOWN] = "unknown",
        [VERDICT_TEMPORARY] = "temporary",
        [VERDICT_PERMANENT] = "permanent",
    };

    return names[verdict];
}

/* An app's answer to a deliver_sm (R13): what is its own trouble passes, whatever the number of
 * tries; anything else it does not want. */
static struct verdict_rule
rule_of_app(uint32_t status)
{
    switch (status) {
    case SMPP_ROK:
        return (struct verdict_rule){.verdict = VERDICT_OK};
    case SMPP_RTHROTTLED:
    case SMPP_RMSGQFUL:
        return (struct verdict_rule){.verdict = VERDICT_THROTTLED};
    case SMPP_RX_T_APPN:
    case SMPP_RSYSERR:
        return (struct verdict_rule){.verdict = VERDICT_TEMPORARY};
    default:
        return (struct verdict_rule){.verdict = VERDICT_PERMANENT};
    }
}

static struct verdict_rule
rule_of_carrier(uint32_t status)
{
    switch (status) {
    case SMPP_RINVBNDSTS: /* its session is in a state of its own; another bind may be better */
        return (struct verdict_rule){.verdict = VERDICT_TEMPORARY};
    case SMPP_RSYSERR:
    case SMPP_RDELIVERYFAILURE:
    case SMPP_RUNKNOWNERR:
        return (struct verdict_rule){.verdict = VERDICT_TEMPORARY, .tries = SYSTEM_ERROR_TRIES};
    case SMPP_RX_P_APPN:
        return (struct verdict_rule){.verdict = VERDICT_PERMANENT, .phone = true};
    default:
        return rule_of_app(status);
    }
}

static struct verdict_rule
rule_of_conf(const struct conf_status *conf)
{
    switch (conf->action) {
    case STATUS_DEFAULT:
        break;
    case STATUS_RETRY:
        return (struct verdict_rule){
            .verdict = VERDICT_TEMPORARY, .delay_ms = conf->delay_ms, .tries = conf->tries};
    case STATUS_THROTTLE:
        return (struct verdict_rule){.verdict = VERDICT_THROTTLED};
    case STATUS_REFUSE:
        return (struct verdict_rule){.verdict = VERDICT_PERMANENT};
    case STATUS_REFUSE_PHONE:
        return (struct verdict_rule){.verdict = VERDICT_PERMANENT, .phone = true};
    }
    return rule_of_carrier(conf->status);
}

static const struct conf_status *
status_in_conf(const struct conf_carrier *carrier, uint32_t status)
{
    for (uint32_t i = 0; carrier && i < carrier->status_count; i++)
        if (carrier->statuses[i].status == status)
            return &carrier->statuses[i];
    return NULL;
}

struct verdict_rule
verdict_rule_of(const struct link *link, uint32_t status)
{
    const struct conf_status *conf = status_in_conf(link->carrier, status);

    if (conf && status != SMPP_ROK)
        return rule_of_conf(conf);
    return link->kind == LINK_CARRIER ? rule_of_carrier(status) : rule_of_app(status);
}

enum verdict
verdict_of(const struct link *link, const struct event_result *result)
{
    if (result->how == RESULT_TIMEOUT)
        return VERDICT_UNKNOWN;
    if (result->nack && result->status == SMPP_ROK)
        return VERDICT_PERMANENT; /* C16: whatever it says, it is no acceptance */
    return verdict_rule_of(link, result->status).verdict;
}

/* Doubles with each try that failed for the same cause; another cause begins at its own first wait
 * (Kannel-proof rule of section 6). */
bool
verdict_retry(const struct step *s, const struct verdict_rule *rule, uint32_t cause,
              struct rec_msg *msg)
{
    const struct conf_relay *relay = &s->relay->conf->relay;
    uint64_t delay = rule->delay_ms ? rule->delay_ms : relay->retry_min_ms;
    uint64_t most = delay > relay->retry_max_ms ? delay : relay->retry_max_ms;

    if (msg->tries_cause != cause)
        msg->tries = 0;
    msg->tries_cause = cause;
    if (msg->tries < UINT16_MAX)
        msg->tries++;
    if (rule->tries && msg->tries >= rule->tries)
        return false;
    for (uint32_t i = 1; i < msg->tries && delay < most; i++)
        delay *= 2;
    msg->retry_ms = s->now_ms + (delay < most ? delay : most);
    if (msg->retry_ms == s->now_ms)
        msg->retry_ms++;
    return true;
}

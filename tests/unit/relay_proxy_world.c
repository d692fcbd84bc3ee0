/*
 * relay_proxy_world.c: see relay_proxy_world.h.
 */
#include "tests/unit/relay_proxy_world.h"

#include <stdio.h>
#include <stdlib.h>

#include "gateway/relay/core.h"
#include "gateway/relay/lease.h"
#include "tests/unit/check.h"

const char *
pool_number(uint32_t n)
{
    static char buffers[8][16];
    static uint32_t next;
    char *text = buffers[next++ % 8];

    snprintf(text, sizeof(buffers[0]), "%llu", POOL_BASE + n);
    return text;
}

static struct world_options
options_of(const struct proxy_options *options)
{
    static char text[60000];
    size_t n = 0;

    n += (size_t)snprintf(
        text + n, sizeof(text) - n,
        "accounts:\n"
        "  - id: acme\n    name: Acme\n%s    proxy: {%s}\n"
        "    agents:\n"
        "      - {id: ann, name: Ann, mobile: +" ANN ", user_number: +" USER_ANN "}\n"
        "      - {id: ben, name: Ben, mobile: +" BEN "%s}\n"
        "    numbers:\n"
        "      - {number: +" BIZ ", role: business, carrier: sim}\n"
        "      - {number: +" USER_ANN ", role: user, carrier: sim, agent: ann}\n%s",
        options->country ? options->country : "    country: US\n",
        options->settings ? options->settings : "",
        options->no_ben ? "" : ", user_number: +" USER_BEN,
        options->no_ben ? ""
                        : "      - {number: +" USER_BEN
                          ", role: user, carrier: sim, agent: ben}\n");
    for (uint32_t i = 0; i < options->pool; i++) {
        uint32_t number = i + (options->first ? options->first : 1);

        n += (size_t)snprintf(text + n, sizeof(text) - n,
                              "      - {number: +%s, role: contact, carrier: sim%s}\n",
                              pool_number(number),
                              number == options->draining ? ", drain: true" : "");
    }
    n += (size_t)snprintf(
        text + n, sizeof(text) - n,
        "  - id: zeta\n    name: Zeta\n    country: US\n"
        "    agents:\n"
        "      - {id: cid, mobile: +" CID ", user_number: +" USER_CID "}\n"
        "    numbers:\n"
        "      - {number: +" USER_CID ", role: user, carrier: sim, agent: cid}\n"
        "      - {number: +" K_ZETA ", role: contact, carrier: sim}\n");
    check(n < sizeof(text));
    return (struct world_options){
        .directory = text,
        .messages = options->messages,
        .relay = options->relay,
        .gateway = options->gateway};
}

struct world *
proxy_world(const struct proxy_options *options)
{
    struct world_options made = options_of(options);
    struct world *w = world_new(&made);

    answer_all(w);
    return w;
}

void
proxy_reload(struct world *w, const struct proxy_options *options)
{
    struct world_options made = options_of(options);

    world_reload(w, &made);
}

static const char *
about(const char *before, const char *contact, const char *after)
{
    static char buffers[4][300];
    static uint32_t next;
    char *text = buffers[next++ % 4];

    snprintf(text, sizeof(buffers[0]), "%s+%s%s", before, contact, after);
    return text;
}

const char *
intro(const char *contact)
{
    return about("This number now stands for ", contact, ". What you text here goes there.");
}

const char *
recycled(const char *contact)
{
    return about("This number was idle and has been recycled: it no longer reaches ",
                 contact,
                 ". To go on with them, text Convo and their number to your user number.");
}

const char *
ended(const char *contact)
{
    return about("Nothing was delivered. This number no longer stands for ", contact,
                 ". To go on with them, text Convo and their number to your user number.");
}

const char *
opted(const char *contact)
{
    return about("Nothing was delivered. ", contact, " has opted out of texts from us.");
}

const char *
none_free(const char *contact)
{
    return about("No contact number is free for ", contact, ". Please try again later.");
}

static const char *
fresh_text(void)
{
    static char text[40];
    static uint32_t n;

    snprintf(text, sizeof(text), "text number %u", ++n);
    return text;
}

void
comes(struct world *w, const char *contact, const char *user, const char *number,
      const char *mobile)
{
    const char *text = fresh_text();

    phone_sends(w, contact, user, text);
    phone_shows(w, number, mobile, text);
    nothing_sent(w);
}

void
comes_first(struct world *w, const char *contact, const char *user, const char *number,
            const char *mobile)
{
    const char *text = fresh_text();

    phone_sends(w, contact, user, text);
    phone_shows(w, number, mobile, intro(contact));
    phone_shows(w, number, mobile, text);
    nothing_sent(w);
}

void
goes(struct world *w, const char *mobile, const char *number, const char *user,
     const char *contact)
{
    const char *text = fresh_text();

    phone_sends(w, mobile, number, text);
    phone_shows(w, user, contact, text);
    nothing_sent(w);
}

struct lease
lease_now(struct world *w, uint32_t agent, const char *contact)
{
    struct addr addr = addr_of(contact);
    struct lease lease;

    world_begin(w);
    {
        struct step s = {w->relay, w->txn, w->now_ms, &w->fx};

        if (!lease_of_pair(&s, ACME, agent, &addr, &lease) || !lease_is_live(&lease))
            lease = (struct lease){.id = 0};
    }
    world_end(w);
    return lease;
}

void
lease_end_by_hand(struct world *w, uint32_t agent, const char *contact)
{
    struct lease lease = lease_now(w, agent, contact);

    check(lease.id != 0);
    world_begin(w);
    {
        struct step s = {w->relay, w->txn, w->now_ms, &w->fx};

        lease_end(&s, &lease, LEASE_BY_HAND);
    }
    world_end(w);
}

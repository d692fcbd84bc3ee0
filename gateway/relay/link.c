/*
 * link.c: links (a carrier or an app that messages go to) and their binds.
 *
 * A link is a row that never goes away: queued messages name it by number, whether it is in the
 * configuration or not. Its settings are looked up in the configuration by name each time that
 * changes.
 */
#include "gateway/relay/link.h"

#include <assert.h>
#include <stdlib.h>

#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"
#include "gateway/relay/fair.h"
#include "gateway/relay/inbound.h"
#include "gateway/relay/leg.h"
#include "gateway/relay/reply.h"
#include "gateway/relay/shape.h"
#include "gateway/relay/tokens.h"

struct link *
link_find(struct relay *relay, uint32_t id)
{
    return id < relay->link_cap ? relay->link_by_id[id] : NULL;
}

struct link *
link_named(struct relay *relay, enum link_kind kind, struct slice name)
{
    for (struct link *link = relay->links; link; link = link->next)
        if (link->kind == kind && slice_eq(slice_str(link->name), name))
            return link;
    return NULL;
}

static struct link *
link_add(struct relay *relay, uint32_t id, const struct rec_link *rec)
{
    struct link *link = core_alloc(sizeof(*link));
    size_t n = rec->name.n < sizeof(link->name) - 1 ? rec->name.n : sizeof(link->name) - 1;

    assert(id <= ARRAY_ID_MAX);
    link->id = id;
    link->kind = rec->kind;
    link->account = rec->account;
    memcpy(link->name, rec->name.p, n);
    link->alarm.kind = ALARM_LINK;
    link->next = relay->links;
    relay->links = link;
    if (id >= relay->link_cap) {
        uint32_t cap = id * 2 + 16;

        relay->link_by_id = core_grow(relay->link_by_id, cap * sizeof(struct link *));
        memset(relay->link_by_id + relay->link_cap, 0,
               (cap - relay->link_cap) * sizeof(struct link *));
        relay->link_cap = cap;
    }
    relay->link_by_id[id] = link;
    return link;
}

void
links_load(struct relay *relay, struct store_txn *txn)
{
    struct key from;
    struct slice key, value;

    key_init(&from);
    while (store_seek(txn, TABLE_LINK, key_slice(&from), SLICE_NONE, &key, &value)) {
        struct slice rest = key;
        struct rec_link rec;
        uint32_t id;

        if (!key_take_u32(&rest, &id) || id > ARRAY_ID_MAX)
            break;
        if (record_get(txn, TABLE_LINK, key, &rec_link_def, &rec))
            link_add(relay, id, &rec);
        key_init(&from);
        key_u32(&from, id + 1);
    }
}

static const struct conf_carrier *
conf_carrier_named(const struct conf *conf, const char *name)
{
    for (uint32_t i = 0; i < conf->carrier_count; i++)
        if (strcmp(conf->carriers[i].id, name) == 0)
            return &conf->carriers[i];
    return NULL;
}

static const struct dir_app *
conf_app_named(const struct conf *conf, const char *name)
{
    for (uint32_t i = 0; i < conf->account_count; i++)
        for (uint32_t j = 0; j < conf->accounts[i].app_count; j++)
            if (strcmp(conf->accounts[i].apps[j].system_id, name) == 0)
                return &conf->accounts[i].apps[j];
    return NULL;
}

static uint32_t
link_throughput(const struct link *link)
{
    return link->carrier ? link->carrier->throughput : 0;
}

/* What the configuration says of it now. */
static void
link_bind_conf(struct relay *relay, struct link *link, uint64_t now_ms)
{
    bool carrier = link->kind == LINK_CARRIER;
    uint32_t before = link_throughput(link);

    link->carrier = carrier ? conf_carrier_named(relay->conf, link->name) : NULL;
    link->app = carrier ? NULL : conf_app_named(relay->conf, link->name);
    /* Sessions go on through a reload that changes only this; those of a carrier that is no
     * longer configured end at the rate they have. */
    if (!link->carrier || link->carrier->throughput == before)
        return;
    for (uint32_t i = 0; i < link->bind_count; i++)
        tokens_set_rate(&link->binds[i]->tokens, link->carrier->throughput, now_ms);
}

void
links_bind_conf(struct relay *relay, uint64_t now_ms)
{
    for (struct link *link = relay->links; link; link = link->next)
        link_bind_conf(relay, link, now_ms);
}

struct link *
link_ensure(struct step *s, enum link_kind kind, uint32_t account, const char *name)
{
    struct link *link = link_named(s->relay, kind, slice_str(name));
    struct rec_link rec = {.kind = (uint8_t)kind, .account = account, .name = slice_str(name)};
    struct key key;

    if (link && link->account == account)
        return link;
    if (!link)
        link = link_add(s->relay, (uint32_t)store_counter_next(s->txn, "link", 0), &rec);
    /* A system_id that moved to another account: what is queued for it stays with its old account's
     * flows. */
    link->account = account;
    link_bind_conf(s->relay, link, s->now_ms);
    key_init(&key);
    key_u32(&key, link->id);
    record_put(s->txn, TABLE_LINK, key_slice(&key), &rec_link_def, &rec);
    return link;
}

static enum text_alphabet
conf_alphabet(const struct link *link)
{
    if (link->carrier)
        return link->carrier->alphabet;
    return link->app ? link->app->alphabet : TEXT_GSM;
}

enum text_alphabet
link_alphabet(const struct link *link)
{
    enum text_alphabet alphabet = conf_alphabet(link);

    return alphabet == TEXT_GSM_PACKED ? TEXT_GSM : alphabet;
}

bool
link_packed(const struct link *link, uint8_t data_coding)
{
    return conf_alphabet(link) == TEXT_GSM_PACKED &&
           text_alphabet_of(data_coding, TEXT_GSM) == TEXT_GSM;
}

enum conf_long_form
link_long_form(const struct link *link)
{
    if (link->carrier)
        return link->carrier->long_form;
    if (link->app)
        return link->app->long_form;
    return link->kind == LINK_CARRIER ? LONG_FORM_UDH : LONG_FORM_PAYLOAD;
}

enum conf_operation
link_send_with(const struct link *link)
{
    if (link->carrier)
        return link->carrier->send_with;
    return link->app ? link->app->send_with : SEND_SM;
}

uint8_t
link_short_ton(const struct link *link)
{
    return link->carrier ? link->carrier->short_code_ton : ADDR_SHORT_TON;
}

struct bind *
bind_of(struct relay *relay, struct session_name name)
{
    struct bind *bind = name.slot < relay->bind_cap ? relay->binds[name.slot] : NULL;

    return bind && bind->up && bind->name.generation == name.generation ? bind : NULL;
}

static struct bind *
bind_slot(struct relay *relay, uint32_t slot)
{
    if (slot >= relay->bind_cap) {
        uint32_t cap = relay->bind_cap ? relay->bind_cap : 16;

        while (cap <= slot)
            cap *= 2;
        relay->binds = core_grow(relay->binds, cap * sizeof(struct bind *));
        memset(relay->binds + relay->bind_cap, 0, (cap - relay->bind_cap) * sizeof(struct bind *));
        relay->bind_cap = cap;
    }
    if (!relay->binds[slot])
        relay->binds[slot] = core_alloc(sizeof(struct bind));
    return relay->binds[slot];
}

static void
link_add_bind(struct link *link, struct bind *bind)
{
    if (link->bind_count == link->bind_cap) {
        link->bind_cap = link->bind_cap ? link->bind_cap * 2 : 4;
        link->binds = core_grow(link->binds, link->bind_cap * sizeof(struct bind *));
    }
    link->binds[link->bind_count++] = bind;
}

static void
log_bind(struct step *s, const struct bind *bind, const char *what)
{
    struct line line = {.n = 0};

    line_text(&line, what);
    line_key(&line, "link", bind->link->name);
    line_key(&line, "kind", link_kind_name(bind->link->kind));
    line_number(&line, "slot", bind->name.slot);
    line_number(&line, "outstanding", bind->outstanding);
    line_log(s, LOG_LEVEL_DEBUG, &line);
}

void
bind_up(struct step *s, const struct event *event)
{
    const struct event_up *up = &event->u.up;
    struct link *link = link_named(s->relay, up->link, up->name);
    struct bind *bind = bind_slot(s->relay, event->session.slot);

    assert(!bind->up); /* one BIND_DOWN for each BIND_UP */
    if (!link && up->link == LINK_APP)
        link = directory_app(s, up->name);
    if (!link)
        return; /* bound while its removal was on the way; the I/O thread unbinds it */
    *bind = (struct bind){
        .name = event->session,
        .up = true,
        .can_send = up->can_send,
        .peer_version = up->peer_version,
        .link = link,
        .window = up->window ? up->window : 1,
        .legs = LEG_NONE,
        .partial = LEG_NONE,
        .tokens = {.rate = link_throughput(link), .at_ms = s->now_ms},
        .climbed_ms = s->now_ms,
        .serial = store_counter_next(s->txn, "bind", 0),
    };
    link_add_bind(link, bind);
    link_list(s->relay, link);
    s->relay->links_new = true;
    log_bind(s, bind, "relay bind up");
}

void
bind_down(struct step *s, const struct event *event)
{
    struct bind *bind = bind_of(s->relay, event->session);
    struct link *link;

    if (!bind)
        return;
    log_bind(s, bind, "relay bind down");
    legs_of_bind_lost(s, bind);
    inbound_lost(s, bind, event->u.confirmed.inbound);
    link = bind->link;
    for (uint32_t i = 0; i < link->bind_count; i++)
        if (link->binds[i] == bind) {
            link->binds[i] = link->binds[--link->bind_count];
            break;
        }
    bind->up = false;
    s->relay->links_new = true;
}

void
bind_hold(struct step *s, struct bind *bind)
{
    bind->can_send = false;
    s->relay->links_new = true;
    legs_of_bind_stopping(s, bind);
    log_bind(s, bind, "relay bind held");
}

void
links_free(struct relay *relay)
{
    for (uint32_t i = 0; i < relay->bind_cap; i++)
        free(relay->binds[i]);
    free(relay->binds);
    free(relay->link_by_id);
    while (relay->links) {
        struct link *link = relay->links;

        relay->links = link->next;
        for (int class = 0; class < MSG_CLASSES; class ++)
            fair_free(&link->fair[class]);
        free(link->binds);
        free(link);
    }
}

/*
 * route.c: which carriers may take a message, the best one first. roam.c says which of them does.
 *
 * The first rule of the configuration that fits decides; without one it is the number's own
 * carrier. Rules are compiled when they change. What a rule asks of the sender is its *scope*: one
 * list of our numbers, one app, one account, or anybody. A hash table finds the first rule of a
 * scope and a prefix, so that a message costs a look-up for each of its scopes and each length of
 * prefix that is in use, however many rules there are.
 *
 * Among carriers that share the load, each pair of our number and a phone has its own order of
 * preference (weighted rendezvous hashing): a conversation stays at one carrier, and when that is
 * not up its conversations go to the others in proportion to their weights.
 */
#include "gateway/relay/route.h"

#include <assert.h>
#include <stdlib.h>

#include "gateway/relay/core.h"
#include "gateway/relay/directory.h"

#define NO_ENTRY UINT32_MAX
#define PREFIX_DIGITS_MAX 15u
/* The kind of a scope in its two upper bits; links, accounts and lists have smaller numbers. */
#define SCOPE_SHIFT 30u
enum { OF_ANYBODY, OF_APP, OF_ACCOUNT, OF_LIST };

static uint32_t
scope(uint32_t kind, uint32_t id)
{
    return kind << SCOPE_SHIFT | id;
}

struct rule {
    uint32_t account, app; /* 0: any */
    bool refuse;
    uint32_t shares, share_count; /* in routes->links */
    uint32_t backups, backup_count;
};

struct entry {
    uint64_t prefix; /* its digits behind a 1 */
    uint32_t scope;
    uint32_t rule;
    uint32_t next; /* in its bucket, the entries of earlier rules first */
};

struct sender { /* a number of ours that a list of sources names */
    struct hash_node node;
    struct addr number;
    uint32_t list;
};

struct share {
    uint32_t link;
    uint32_t weight;
};

struct routes {
    struct rule *rules;
    struct entry *entries;
    uint32_t *buckets;
    uint32_t mask;
    uint32_t entry_count;
    struct share *links; /* of all rules, backups too */
    uint32_t link_count;
    struct hash senders;
    struct sender *sender_block;
    uint16_t lengths; /* bit n: there is a prefix of n digits */
    uint64_t digest;  /* of all that decides */
};

/* ---- compiling */

/* Links by name: the configuration names thousands, and a list of them is walked. */
struct named {
    struct hash_node node;
    struct link *link;
};

struct compile {
    struct step *step;
    struct routes *routes;
    const struct conf *conf;
    struct hash names;
    struct named *named;
    uint64_t *lists; /* by rule: what its list of sources hashes to */
    uint32_t *list_of;
    uint32_t senders;
};

static uint64_t
name_hash(uint8_t kind, const char *name)
{
    return hash_bytes(kind, name, strlen(name));
}

static void
names_make(struct compile *c)
{
    uint32_t count = 0;

    for (struct link *link = c->step->relay->links; link; link = link->next)
        count++;
    c->named = core_alloc((count + 1) * sizeof(*c->named));
    for (struct link *link = c->step->relay->links; link; link = link->next) {
        c->named[--count].link = link;
        hash_insert(&c->names, &c->named[count].node, name_hash(link->kind, link->name));
    }
}

/* 0: there is none of that name. */
static uint32_t
link_id(const struct compile *c, enum link_kind kind, const char *name)
{
    uint64_t hash = name_hash((uint8_t)kind, name);

    for (struct hash_node *node = hash_chain(&c->names, hash); node; node = node->next) {
        const struct link *link = HASH_OBJECT(node, struct named, node)->link;

        if (node->hash == hash && link->kind == kind && strcmp(link->name, name) == 0)
            return link->id;
    }
    return 0;
}

static uint64_t
prefix_number(const char *digits, uint32_t n)
{
    uint64_t number = 1;

    for (uint32_t i = 0; i < n; i++)
        number = number * 10 + (uint64_t)(digits[i] - '0');
    return number;
}

static uint32_t
bucket_of(const struct routes *routes, uint32_t scope_id, uint64_t prefix)
{
    return (uint32_t)hash_mix(hash_mix(0, scope_id), prefix) & routes->mask;
}

static void
entry_add(struct routes *routes, uint32_t rule, uint32_t scope_id, uint64_t prefix)
{
    uint32_t bucket = bucket_of(routes, scope_id, prefix), index = routes->entry_count++;

    routes->digest = hash_mix(hash_mix(routes->digest, rule), hash_mix(scope_id, prefix));
    routes->entries[index] = (struct entry){
        .prefix = prefix, .scope = scope_id, .rule = rule, .next = routes->buckets[bucket]};
    routes->buckets[bucket] = index;
}

static uint64_t
sources_hash(const struct conf_route *conf)
{
    uint64_t hash = conf->source_count;

    for (uint32_t i = 0; i < conf->source_count; i++)
        hash = hash_addr(hash, &conf->sources[i]);
    return hash;
}

static bool
sources_same(const struct conf_route *a, const struct conf_route *b)
{
    if (a->source_count != b->source_count)
        return false;
    for (uint32_t i = 0; i < a->source_count; i++)
        if (!addr_eq(&a->sources[i], &b->sources[i]))
            return false;
    return true;
}

/* Rules with the same sources share a list, named by the first of them: a number that stands in
 * hundreds of rules, one for each country, then stands in one list. */
static uint32_t
list_of(struct compile *c, uint32_t rule)
{
    const struct conf_route *conf = &c->conf->routes[rule];

    c->lists[rule] = sources_hash(conf);
    for (uint32_t i = 0; i < rule; i++)
        if (c->lists[i] == c->lists[rule] && sources_same(&c->conf->routes[i], conf))
            return i;
    for (uint32_t i = 0; i < conf->source_count; i++) {
        struct sender *sender = &c->routes->sender_block[c->senders++];

        sender->number = conf->sources[i];
        sender->list = rule;
        hash_insert(&c->routes->senders, &sender->node, hash_addr(0, &sender->number));
    }
    return rule;
}

static uint32_t
scope_of(struct compile *c, uint32_t index)
{
    const struct rule *rule = &c->routes->rules[index];

    if (c->conf->routes[index].source_count > 0)
        return scope(OF_LIST, c->list_of[index]);
    if (rule->app)
        return scope(OF_APP, rule->app);
    if (rule->account)
        return scope(OF_ACCOUNT, rule->account);
    return scope(OF_ANYBODY, 0);
}

static void
add_carrier(struct routes *routes, uint32_t link, uint32_t weight)
{
    if (link == 0)
        return;
    routes->links[routes->link_count++] = (struct share){link, weight};
    routes->digest = hash_mix(routes->digest, (uint64_t)link << 32 | weight);
}

static void
add_carriers(struct compile *c, struct rule *rule, const struct conf_route *conf)
{
    struct routes *routes = c->routes;

    rule->shares = routes->link_count;
    for (uint32_t i = 0; i < conf->carrier_count; i++)
        add_carrier(routes, link_id(c, LINK_CARRIER, conf->carriers[i].carrier),
                    conf->carriers[i].weight ? conf->carriers[i].weight : 1);
    rule->share_count = routes->link_count - rule->shares;
    rule->backups = routes->link_count;
    for (uint32_t i = 0; i < conf->backup_count; i++)
        add_carrier(routes, link_id(c, LINK_CARRIER, conf->backups[i]), 0);
    rule->backup_count = routes->link_count - rule->backups;
}

/* False: its account or app does not exist, so that it fits nothing. */
static bool
rule_make(struct compile *c, uint32_t index)
{
    const struct conf_route *conf = &c->conf->routes[index];
    struct rule *rule = &c->routes->rules[index];

    rule->refuse = conf->refuse;
    c->routes->digest = hash_mix(c->routes->digest, conf->refuse);
    if (conf->account[0] && (rule->account = directory_account_id(c->step, conf->account)) == 0)
        return false;
    if (conf->app[0] && (rule->app = link_id(c, LINK_APP, conf->app)) == 0)
        return false;
    c->routes->digest = hash_mix(c->routes->digest, (uint64_t)rule->account << 32 | rule->app);
    c->routes->digest = hash_mix(c->routes->digest, sources_hash(conf));
    if (conf->source_count > 0)
        c->list_of[index] = list_of(c, index);
    add_carriers(c, rule, conf);
    return true;
}

/* Entries are added from the last rule to the first, so that each bucket begins with the first. */
static void
rule_enter(struct compile *c, uint32_t index)
{
    const struct conf_route *conf = &c->conf->routes[index];
    uint32_t scope_id = scope_of(c, index);

    if (conf->prefix_count == 0) {
        c->routes->lengths |= 1;
        entry_add(c->routes, index, scope_id, prefix_number("", 0));
    }
    for (uint32_t i = conf->prefix_count; i-- > 0;) {
        uint32_t n = (uint32_t)strlen(conf->prefixes[i]);

        if (n > PREFIX_DIGITS_MAX)
            continue; /* no number is so long */
        c->routes->lengths |= (uint16_t)(1u << n);
        entry_add(c->routes, index, scope_id, prefix_number(conf->prefixes[i], n));
    }
}

static void
routes_size(struct compile *c)
{
    struct routes *routes = c->routes;
    uint32_t entries = 1, links = 1, senders = 1, size = 16;

    for (uint32_t i = 0; i < c->conf->route_count; i++) {
        const struct conf_route *conf = &c->conf->routes[i];

        entries += conf->prefix_count ? conf->prefix_count : 1;
        links += conf->carrier_count + conf->backup_count;
        senders += conf->source_count;
    }
    while (size < entries)
        size *= 2;
    routes->rules = core_alloc(c->conf->route_count * sizeof(*routes->rules));
    routes->entries = core_alloc(entries * sizeof(*routes->entries));
    routes->buckets = core_alloc(size * sizeof(*routes->buckets));
    routes->mask = size - 1;
    for (uint32_t i = 0; i < size; i++)
        routes->buckets[i] = NO_ENTRY;
    routes->links = core_alloc(links * sizeof(*routes->links));
    routes->sender_block = core_alloc(senders * sizeof(*routes->sender_block));
}

static struct routes *
compile(struct step *s)
{
    const struct conf *conf = s->relay->conf;
    struct compile c = {.step = s, .conf = conf};

    if (conf->route_count == 0)
        return NULL;
    c.routes = core_alloc(sizeof(*c.routes));
    c.lists = core_alloc(conf->route_count * sizeof(*c.lists));
    c.list_of = core_alloc(conf->route_count * sizeof(*c.list_of));
    routes_size(&c);
    names_make(&c);
    for (uint32_t i = 0; i < conf->route_count; i++)
        if (!rule_make(&c, i))
            c.list_of[i] = NO_ENTRY;
    for (uint32_t i = conf->route_count; i-- > 0;)
        if (c.list_of[i] != NO_ENTRY)
            rule_enter(&c, i);
    hash_release(&c.names);
    free(c.named);
    free(c.lists);
    free(c.list_of);
    return c.routes;
}

static void
release(struct routes *routes)
{
    if (!routes)
        return;
    hash_release(&routes->senders);
    free(routes->sender_block);
    free(routes->rules);
    free(routes->entries);
    free(routes->buckets);
    free(routes->links);
    free(routes);
}

bool
routes_compile(struct step *s)
{
    struct relay *relay = s->relay;
    struct routes *now = compile(s);

    if ((now ? now->digest : 0) == (relay->routes ? relay->routes->digest : 0)) {
        release(relay->routes);
        relay->routes = now;
        return false;
    }
    release(relay->routes);
    relay->routes = now;
    return true;
}

void
routes_free(struct relay *relay)
{
    release(relay->routes);
}

/* ---- finding the rule */

static bool
rule_fits(const struct rule *rule, const struct rec_msg *msg)
{
    return (!rule->account || rule->account == msg->account) &&
           (!rule->app || rule->app == msg->origin);
}

/* The first rule of one scope, if it comes before `best`. */
static uint32_t
scope_find(const struct routes *routes, const struct rec_msg *msg, uint32_t scope_id, uint32_t best)
{
    uint32_t digits = msg->dest.kind == ADDR_E164 ? msg->dest.n : 0;

    for (uint32_t n = 0; n <= digits && n <= PREFIX_DIGITS_MAX; n++) {
        uint64_t prefix = prefix_number(msg->dest.text, n);

        if (!(routes->lengths >> n & 1u))
            continue;
        for (uint32_t i = routes->buckets[bucket_of(routes, scope_id, prefix)]; i != NO_ENTRY;
             i = routes->entries[i].next) {
            const struct entry *entry = &routes->entries[i];

            if (entry->rule >= best)
                break;
            if (entry->scope == scope_id && entry->prefix == prefix &&
                rule_fits(&routes->rules[entry->rule], msg))
                best = entry->rule;
        }
    }
    return best;
}

static const struct rule *
rule_find(const struct routes *routes, const struct rec_msg *msg)
{
    uint64_t hash = hash_addr(0, &msg->source);
    uint32_t best = scope_find(routes, msg, scope(OF_ANYBODY, 0), NO_ENTRY);

    best = scope_find(routes, msg, scope(OF_ACCOUNT, msg->account), best);
    if (msg->origin)
        best = scope_find(routes, msg, scope(OF_APP, msg->origin), best);
    for (struct hash_node *node = hash_chain(&routes->senders, hash); node; node = node->next) {
        const struct sender *sender = HASH_OBJECT(node, struct sender, node);

        if (node->hash == hash && addr_eq(&sender->number, &msg->source))
            best = scope_find(routes, msg, scope(OF_LIST, sender->list), best);
    }
    return best == NO_ENTRY ? NULL : &routes->rules[best];
}

/* ---- the order of its carriers */

/* -log2(x / 2^64) in 1/65536: without a library whose last digit could differ from machine to
 * machine. */
static uint32_t
minus_log2(uint64_t x)
{
    uint32_t whole = 63u - (uint32_t)__builtin_clzll(x | 1);
    uint64_t m = (x | 1) << (63u - whole) >> 32; /* 1 to 2, in 1/2^31 */
    uint32_t log = whole << 16;

    for (uint32_t bit = 1u << 15; bit; bit >>= 1) {
        m = m * m >> 31;
        if (m >> 32) {
            m >>= 1;
            log |= bit;
        }
    }
    return (64u << 16) - log;
}

struct candidate {
    uint32_t link;
    uint64_t weight;
    uint64_t distance;
};

static bool
is_better(const struct candidate *a, const struct candidate *b)
{
    return a->weight * b->distance > b->weight * a->distance;
}

static void
shares_in_order(const struct routes *routes, const struct rule *rule, const struct rec_msg *msg,
                struct route_choices *out)
{
    struct candidate list[CONF_ROUTE_CARRIERS_MAX];
    uint64_t seed = hash_addr(hash_addr(0, &msg->source), &msg->dest);

    for (uint32_t i = 0; i < rule->share_count; i++) {
        const struct share *share = &routes->links[rule->shares + i];
        struct candidate one = {share->link, share->weight, 0};
        uint32_t at = i;

        one.distance = minus_log2(hash_mix(hash_mix(seed, share->link), share->link));
        for (; at > 0 && is_better(&one, &list[at - 1]); at--)
            list[at] = list[at - 1];
        list[at] = one;
    }
    for (uint32_t i = 0; i < rule->share_count; i++)
        out->links[out->count++] = list[i].link;
}

void
route_choices(const struct routes *routes, const struct rec_msg *msg, uint32_t home,
              struct route_choices *out)
{
    const struct rule *rule = routes ? rule_find(routes, msg) : NULL;

    out->count = 0;
    if (!rule) {
        if (home)
            out->links[out->count++] = home;
        return;
    }
    if (rule->refuse)
        return;
    shares_in_order(routes, rule, msg, out);
    for (uint32_t i = 0; i < rule->backup_count; i++)
        out->links[out->count++] = routes->links[rule->backups + i].link;
}

/*
 * conf_routes.c: what routes name: carriers of the same file; accounts, apps and numbers of the
 * directory file; and whether a route can be reached at all.
 *
 * Apart from conf_rules.c because it needs both files, and from conf_directory.c because it looks
 * from the other side. Each problem is reported at the route, where a person would mend it (Y21).
 */
#include <stdio.h>

#include "conf/conf_int.h"

struct names {
    const struct conf *conf;
    struct conf_report *report;
    struct conf_arena *scratch;
    struct conf_index carriers; /* struct conf_carrier */
    struct conf_index accounts; /* struct dir_account, as the next two */
    struct conf_index apps;     /* whose it is; system_ids are unique in all accounts */
    struct conf_index numbers;
    struct conf_index open; /* routes that fit all of their account or app: (account, app) */
};

static struct slice
addr_key(const struct addr *addr)
{
    return slice_of(addr, sizeof(*addr));
}

/* Names that stand there twice have been reported: the first counts. */
static void
put(struct conf_index *index, struct slice key, const struct conf_node *node, const void *value)
{
    if (key.n > 0)
        (void)conf_index_put(index, &(struct conf_index_slot){key, node, value});
}

static void
index_names(struct names *n, const struct conf_node *root)
{
    size_t apps = 0, numbers = 0;

    for (uint32_t i = 0; i < n->conf->account_count; i++) {
        apps += n->conf->accounts[i].app_count;
        numbers += n->conf->accounts[i].number_count;
    }
    conf_index_init(&n->carriers, n->scratch, n->conf->carrier_count);
    conf_index_init(&n->accounts, n->scratch, n->conf->account_count);
    conf_index_init(&n->apps, n->scratch, apps);
    conf_index_init(&n->numbers, n->scratch, numbers);
    conf_index_init(&n->open, n->scratch, n->conf->route_count);
    for (uint32_t i = 0; i < n->conf->carrier_count; i++)
        put(&n->carriers, slice_str(n->conf->carriers[i].id), root, &n->conf->carriers[i]);
    for (uint32_t i = 0; i < n->conf->account_count; i++) {
        const struct dir_account *account = &n->conf->accounts[i];

        put(&n->accounts, slice_str(account->id), root, account);
        for (uint32_t k = 0; k < account->app_count; k++)
            put(&n->apps, slice_str(account->apps[k].system_id), root, account);
        for (uint32_t k = 0; k < account->number_count; k++)
            put(&n->numbers, addr_key(&account->numbers[k].number), root, account);
    }
}

static const void *
refer(struct names *n, const struct conf_index *index, const struct conf_node *node)
{
    const struct conf_index_slot *slot = conf_index_find(index, node->text);
    struct conf_quote quote;

    if (!slot)
        conf_problem(n->report, node, "there is no `%s`", conf_quoted(&quote, node->text));
    return slot ? slot->value : NULL;
}

/* --- carriers --- */

/* node: the carrier's id as it stands in the file. */
static void
check_carrier(struct names *n, const struct conf_node *node)
{
    const struct conf_carrier *carrier = refer(n, &n->carriers, node);

    if (carrier && carrier->bind == BIND_RECEIVER)
        conf_problem(n->report, node,
                     "`%s` only receives (bind: receiver), nothing can go out by it", carrier->id);
}

static const struct conf_node *
list_of(const struct conf_node *map, const char *key)
{
    const struct conf_node *list = map->kind == NODE_MAP ? conf_node_find(map, key) : NULL;

    return list && list->kind == NODE_LIST ? list : NULL;
}

/* The id in an item of `carriers`; NULL if there is none, which has been reported. */
static const struct conf_node *
id_in(const struct conf_node *item)
{
    const struct conf_node *node = item->kind == NODE_MAP ? conf_node_find(item, "carrier") : NULL;

    return node && node->kind == NODE_SCALAR && node->text.n > 0 ? node : NULL;
}

static void
check_carriers(struct names *n, const struct conf_route *route, const struct conf_node *map)
{
    const struct conf_node *carriers = list_of(map, "carriers"), *node;
    const struct conf_node *backups = list_of(map, "backups");
    const struct conf_index_slot *twin;
    struct conf_index used;
    struct conf_quote quote;

    conf_index_init(&used, n->scratch, route->carrier_count + route->backup_count);
    for (const struct conf_node *item = route->carrier_count > 0 ? carriers->first : NULL; item;
         item = item->next) {
        node = id_in(item);
        if (!node)
            continue;
        check_carrier(n, node);
        if (conf_index_put(&used, &(struct conf_index_slot){node->text, node, NULL}))
            conf_problem(n->report, node, "`%s` stands here twice",
                         conf_quoted(&quote, node->text));
    }
    for (const struct conf_node *item = route->backup_count > 0 ? backups->first : NULL; item;
         item = item->next) {
        if (item->kind != NODE_SCALAR || item->text.n == 0)
            continue;
        check_carrier(n, item);
        twin = conf_index_find(&used, item->text);
        if (twin)
            conf_problem(n->report, item, "`%s` stands in carriers already",
                         conf_quoted(&quote, item->text));
    }
}

/* --- what the route is about --- */

/* The account that the route is about, by its id or its app; NULL: any, or a problem. */
static const struct dir_account *
check_owner(struct names *n, const struct conf_route *route, const struct conf_node *map)
{
    const struct conf_node *account_node = conf_node_find(map, "account"),
                           *app_node = conf_node_find(map, "app");
    const struct dir_account *account = NULL, *owner = NULL;

    if (route->account[0])
        account = refer(n, &n->accounts, account_node);
    if (route->app[0])
        owner = refer(n, &n->apps, app_node);
    if (account && owner && account != owner)
        conf_problem(n->report, app_node, "`%s` is an app of account `%s`", route->app, owner->id);
    return owner ? owner : account;
}

static void
check_sources(struct names *n, const struct conf_route *route, const struct conf_node *map,
              const struct dir_account *account)
{
    for (uint32_t i = 0; i < route->source_count; i++) {
        const struct conf_index_slot *slot =
            conf_index_find(&n->numbers, addr_key(&route->sources[i]));

        if (!slot)
            conf_problem_in(n->report, map, "sources", "%s is not among the numbers%s",
                            route->sources[i].text, account ? " of the account" : "");
        else if (account && slot->value != account)
            conf_problem_in(n->report, map, "sources", "%s is a number of another account",
                            route->sources[i].text);
    }
}

/* --- routes that an earlier one hides --- */

static struct slice
scope_key(struct names *n, const char *account, const char *app)
{
    char key[CONF_ID_BYTES_MAX + CONF_SYSTEM_ID_MAX + 2];
    int length = snprintf(key, sizeof(key), "%s\n%s", account, app);

    return slice_of(conf_copy(n->scratch, slice_of(key, (size_t)length)), (size_t)length);
}

/* An app's account is known, so its route is about that account whether it says so or not. */
static void
check_reach(struct names *n, const struct conf_route *route, const struct conf_node *map,
            const struct dir_account *account)
{
    const char *id = account ? account->id : route->account;
    const struct slice scopes[] = {scope_key(n, "", ""), scope_key(n, id, ""),
                                   scope_key(n, id, route->app)};
    const struct conf_index_slot *earlier = NULL;

    for (size_t i = 0; !earlier && i < sizeof(scopes) / sizeof(scopes[0]); i++)
        earlier = conf_index_find(&n->open, scopes[i]);
    if (earlier)
        conf_report_at(n->report, &(struct conf_place){.node = map, .warning = true},
                       "is never used: the route in line %u fits all that it does",
                       earlier->node->line);
    else if (route->source_count == 0 && route->prefix_count == 0)
        put(&n->open, scopes[2], map, NULL);
}

void
conf_check_routes(const struct conf *conf, const struct conf_node *gateway,
                  struct conf_report *report, struct conf_arena *scratch)
{
    struct names n = {.conf = conf, .report = report, .scratch = scratch};
    const struct conf_node *map = conf->route_count > 0 ? list_of(gateway, "routes")->first : NULL;

    if (conf->route_count == 0)
        return;
    index_names(&n, gateway);
    for (uint32_t i = 0; i < conf->route_count; i++, map = map->next) {
        const struct conf_route *route = &conf->routes[i];
        const struct dir_account *account;

        if (map->kind != NODE_MAP)
            continue;
        account = check_owner(&n, route, map);
        check_carriers(&n, route, map);
        check_sources(&n, route, map, account);
        check_reach(&n, route, map, account);
    }
}

/*
 * conf_rules.c: rules between the values of the gateway's file: what each option allows by itself
 * is in the table.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "conf/conf_int.h"

/* Reports a pair of waits that are the wrong way round, at the longer one's key. */
static void
check_order(struct conf_reader *reader, const struct conf_node *map, const char *max_name,
            uint64_t min, uint64_t max)
{
    if (min > max)
        conf_problem_in(reader->report, map, max_name, "is shorter than %.*smin",
                        (int)(strlen(max_name) - 3), max_name);
}

void
conf_finish_status(struct conf_reader *reader, const struct conf_node *map, void *base)
{
    static const char *const of_retry[] = {"delay", "tries"};
    const struct conf_status *status = base;

    for (size_t i = 0; i < sizeof(of_retry) / sizeof(of_retry[0]); i++) {
        if (status->action && status->action != STATUS_RETRY && conf_node_find(map, of_retry[i]))
            conf_problem_in(reader->report, map, of_retry[i], "is only for action retry");
    }
}

static int
compare_statuses(const void *a, const void *b)
{
    const struct conf_status *x = a, *y = b;

    return x->status < y->status ? -1 : x->status > y->status;
}

/* A status that could not be read is 0, which is none. */
static void
sort_statuses(struct conf_reader *reader, const struct conf_node *map, struct conf_carrier *carrier)
{
    struct conf_status *sorted = conf_alloc(reader->keep, carrier->status_count * sizeof(*sorted));
    const struct conf_node *list = conf_node_find(map, "statuses");
    const struct conf_node *node = carrier->status_count > 0 ? list->first : NULL;

    for (uint32_t i = 0; i < carrier->status_count; i++, node = node->next) {
        sorted[i] = carrier->statuses[i];
        for (uint32_t j = 0; sorted[i].status != SMPP_ROK && j < i; j++) {
            if (sorted[j].status == sorted[i].status)
                conf_problem_in(reader->report, node, "status", "0x%08x stands here twice",
                                sorted[i].status);
        }
    }
    if (carrier->status_count > 0)
        qsort(sorted, carrier->status_count, sizeof(*sorted), compare_statuses);
    carrier->statuses = sorted;
}

/* The same address again would be tried in vain. */
static void
check_backups(struct conf_reader *reader, const struct conf_node *map,
              const struct conf_carrier *carrier)
{
    const struct conf_node *list = conf_node_find(map, "backups");
    const struct conf_node *node = carrier->backup_count > 0 ? list->first : NULL;

    for (uint32_t i = 0; i < carrier->backup_count; i++, node = node->next) {
        const struct conf_address *backup = &carrier->backups[i];
        bool twice = backup->port == carrier->port && strcasecmp(backup->host, carrier->host) == 0;

        for (uint32_t j = 0; j < i; j++)
            twice |= backup->port == carrier->backups[j].port &&
                     strcasecmp(backup->host, carrier->backups[j].host) == 0;
        if (twice && backup->host[0])
            conf_problem_in(reader->report, node, "host",
                            "%s port %u is one of the carrier's "
                            "addresses already",
                            backup->host, backup->port);
    }
}

void
conf_finish_carrier(struct conf_reader *reader, const struct conf_node *map, void *base)
{
    struct conf_carrier *carrier = base;
    size_t length = strlen(carrier->password);

    if (length > CONF_PASSWORD_MAX && !carrier->password_long)
        conf_problem_in(reader->report, map, "password",
                        "has %zu characters, SMPP allows %u; if the carrier really takes it, set "
                        "long_password: true",
                        length, CONF_PASSWORD_MAX);
    if (carrier->outbind.on && carrier->bind == BIND_TRANSMITTER)
        conf_problem_in(reader->report, map, "outbind",
                        "asks for a bind that receives, and `bind` is transmitter");
    check_order(reader, map, "reconnect_max", carrier->reconnect_min_ms, carrier->reconnect_max_ms);
    check_order(reader, map, "refused_max", carrier->refused_min_ms, carrier->refused_max_ms);
    check_backups(reader, map, carrier);
    sort_statuses(reader, map, carrier);
}

void
conf_finish_control(struct conf_reader *reader, const struct conf_node *map, void *base)
{
    const struct conf *conf = base;
    size_t length = strlen(conf->control_path);

    if (length > CONF_SOCKET_PATH_MAX)
        conf_problem_in(reader->report, map, "path",
                        "has %zu characters with its directory, a socket's path at most %u", length,
                        CONF_SOCKET_PATH_MAX);
}

/* What is wrong within one route; what it names is checked in conf_routes.c. */
void
conf_finish_route(struct conf_reader *reader, const struct conf_node *map, void *base)
{
    const struct conf_route *route = base;

    if (route->refuse && conf_node_find(map, "carriers"))
        conf_problem_in(reader->report, map, "refuse",
                        "only one of carriers and refuse is possible");
    else if (!route->refuse && !conf_node_find(map, "carriers"))
        conf_problem(reader->report, map, "needs carriers, or refuse: true");
    if (route->refuse && route->backup_count > 0)
        conf_problem_in(reader->report, map, "backups", "is only for a route with carriers");
}

void
conf_finish_outbind(struct conf_reader *reader, const struct conf_node *map, void *base)
{
    struct conf_carrier *carrier = base;

    (void)reader, (void)map;
    carrier->outbind.on = true;
}

void
conf_finish_store(struct conf_reader *reader, const struct conf_node *map, void *base)
{
    const struct conf *conf = base;

    if (conf->store_reserve_bytes > conf->store_max_bytes / 2)
        conf_problem_in(reader->report, map, "reserve", "is more than half of max");
}

void
conf_finish_relay(struct conf_reader *reader, const struct conf_node *map, void *base)
{
    const struct conf *conf = base;

    check_order(reader, map, "retry_max", conf->relay.retry_min_ms, conf->relay.retry_max_ms);
}

/* --- lists --- */

/* Unique ids: the second of two is reported and names the line of the first (Y20). */
static void
check_unique(struct conf_index *index, struct conf_report *report, const struct conf_node *node,
             const char *id)
{
    const struct conf_index_slot *twin;

    if (id[0] == '\0')
        return;
    twin = conf_index_put(index, &(struct conf_index_slot){slice_str(id), node, NULL});
    if (twin)
        conf_problem_in(report, node, "id", "`%s` is the id of another one in line %u", id,
                        twin->node->line);
}

/* An address that only this machine or a private network can reach. */
static bool
is_private(const char *address)
{
    struct in_addr v4;
    struct in6_addr v6;
    uint32_t a;

    if (inet_pton(AF_INET6, address, &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_LINKLOCAL(&v6) ||
               (v6.s6_addr[0] & 0xFE) == 0xFC;
    if (inet_pton(AF_INET, address, &v4) != 1)
        return true;
    a = ntohl(v4.s_addr);
    return a >> 24 == 127 || a >> 24 == 10 || a >> 20 == 0xAC1 || a >> 16 == 0xC0A8 ||
           a >> 16 == 0xA9FE;
}

/* Two listeners cannot have one socket. A port that was wrong stands as the default, so this waits
 * until the rest is right. */
static void
check_socket(struct conf_index *sockets, struct conf_report *report, struct conf_arena *scratch,
             const struct conf_node *node, const struct conf_listener *listener)
{
    const struct conf_index_slot *twin;
    char name[CONF_HOST_BYTES_MAX + 16];

    if (report->errors > 0)
        return;
    snprintf(name, sizeof(name), "%s %u", listener->address, listener->port);
    twin = conf_index_put(sockets, &(struct conf_index_slot){
                                       slice_str(conf_copy(scratch, slice_str(name))), node, NULL});
    if (twin)
        conf_problem_in(report, node, "port",
                        "address and port are those of the listener in line %u", twin->node->line);
}

static void
check_listeners(const struct conf *conf, const struct conf_node *list, struct conf_report *report,
                struct conf_arena *scratch)
{
    struct conf_index ids, sockets;
    const struct conf_node *node = list->first;

    conf_index_init(&ids, scratch, conf->listener_count);
    conf_index_init(&sockets, scratch, conf->listener_count);
    for (uint32_t i = 0; i < conf->listener_count; i++, node = node->next) {
        const struct conf_listener *listener = &conf->listeners[i];

        check_socket(&sockets, report, scratch, node, listener);
        check_unique(&ids, report, node, listener->id);
        if (!listener->tls.on && !is_private(listener->address))
            conf_warning_in(report, node, "address",
                            "passwords and texts cross a public network unencrypted");
    }
}

static void
check_carriers(const struct conf *conf, const struct conf_node *list, struct conf_report *report,
               struct conf_arena *scratch)
{
    struct conf_index ids;
    const struct conf_node *node = list->first;

    conf_index_init(&ids, scratch, conf->carrier_count);
    for (uint32_t i = 0; i < conf->carrier_count; i++, node = node->next)
        check_unique(&ids, report, node, conf->carriers[i].id);
}

static void
check_route_ids(const struct conf *conf, const struct conf_node *list, struct conf_report *report,
                struct conf_arena *scratch)
{
    struct conf_index ids;
    const struct conf_node *node = list->first;

    conf_index_init(&ids, scratch, conf->route_count);
    for (uint32_t i = 0; i < conf->route_count; i++, node = node->next)
        check_unique(&ids, report, node, conf->routes[i].id);
}

void
conf_check_gateway(const struct conf *conf, const struct conf_node *root,
                   struct conf_report *report, struct conf_arena *scratch)
{
    if (conf->listener_count > 0)
        check_listeners(conf, conf_node_find(root, "listeners"), report, scratch);
    if (conf->carrier_count > 0)
        check_carriers(conf, conf_node_find(root, "carriers"), report, scratch);
    if (conf->route_count > 0)
        check_route_ids(conf, conf_node_find(root, "routes"), report, scratch);
}

/*
 * world.c: makes up a world from its seed: accounts, agents, numbers, carriers, apps, written as
 * YAML and read by the real conf_parse(), so that the core gets its configuration as it does in the
 * daemon.
 */
#include "tests/sim/sim.h"

#include <assert.h>
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define YAML_BYTES 16384u
/* 2026-01-05: late enough for every SMPP date, far from a change of clocks. */
#define START_MS 1767600000000u
#define MAP_BYTES (64u << 20)

struct yaml {
    char p[YAML_BYTES];
    size_t n;
};

static void put(struct yaml *y, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
put(struct yaml *y, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(y->p + y->n, YAML_BYTES - y->n, format, args);
    va_end(args);
    assert(n >= 0 && (size_t)n < YAML_BYTES - y->n);
    y->n += (size_t)n;
}

/* ---- furniture */

static void
add_phone(struct world *w, uint32_t agent)
{
    struct sim_phone *phone = &w->phones[w->phone_count];

    assert(w->phone_count < PHONES_MAX);
    snprintf(phone->digits, sizeof(phone->digits),
             agent == NONE ? "4477009001%02u" : "120255501%02u", w->phone_count);
    phone->agent = agent;
    w->phone_count++;
}

static struct sim_number *
add_number(struct world *w, uint32_t account, enum number_role role)
{
    struct sim_number *number = &w->numbers[w->number_count];
    uint32_t carriers = 0;

    while (carriers < w->link_count && w->links[carriers].kind == LINK_CARRIER)
        carriers++;
    assert(w->number_count < NUMBERS_MAX);
    snprintf(number->digits, sizeof(number->digits), "1303555%02u%02u", account, w->number_count);
    number->account = account;
    number->role = role;
    number->link = rnd(w, carriers);
    number->crosses = chance(w, 3000);
    number->agent = number->app = NONE;
    w->number_count++;
    return number;
}

static void
furnish_agents(struct world *w, uint32_t account)
{
    uint32_t count = between(w, 2, 3);

    for (uint32_t i = 0; i < count; i++) {
        struct sim_agent *agent = &w->agents[w->agent_count];

        agent->account = account;
        agent->phone = w->phone_count;
        agent->grouped = chance(w, 6000);
        agent->number = agent->user = NONE;
        for (uint32_t v = 0; v < VARIANTS; v++)
            agent->relay[v] = chance(w, 9000);
        add_phone(w, w->agent_count);
        if (i == 0 || chance(w, 9000)) {
            agent->number = w->number_count;
            add_number(w, account, ROLE_RELAY)->agent = w->agent_count;
        }
        w->agent_count++;
    }
}

/* Often fewer numbers than contacts, so that they are recycled. */
static void
furnish_pool(struct world *w, uint32_t account)
{
    static const uint32_t quarantines[] = {0, 10, 600, 24 * 3600};
    struct sim_pool *pool = &w->pools[account];
    uint32_t numbers = between(w, 1, 4);

    pool->of_agents = chance(w, 4000);
    pool->min_idle_ms = chance(w, 7000) ? 0 : between(w, 1, 300) * 1000u;
    pool->quarantine_ms = quarantines[rnd(w, 4)] * 1000u;
    for (uint32_t i = 0; i < w->agent_count; i++)
        if (w->agents[i].account == account && chance(w, 8000)) {
            w->agents[i].user = w->number_count;
            add_number(w, account, ROLE_USER)->agent = i;
        }
    for (uint32_t i = 0; i < numbers; i++)
        add_number(w, account, ROLE_CONTACT);
}

static void
furnish_account(struct world *w, uint32_t account)
{
    uint32_t first = w->agent_count, businesses = between(w, 1, 3);

    furnish_agents(w, account);
    for (uint32_t i = 0; i < businesses; i++) {
        struct sim_number *number = add_number(w, account, ROLE_BUSINESS);

        for (uint32_t v = 0; v < VARIANTS; v++) {
            uint32_t kind = rnd(w, 10);

            number->assign_kind[v] = kind < 7 ? OWNER_AGENT : kind < 9 ? OWNER_GROUP : OWNER_NOBODY;
            number->assign[v] = first + rnd(w, w->agent_count - first);
        }
    }
    for (uint32_t i = 0; i < w->link_count; i++)
        if (w->links[i].kind == LINK_APP && w->links[i].account == account)
            add_number(w, account, ROLE_APP)->app = i;
    if (w->robots)
        robot_furnish(w, account);
    if (w->proxied)
        furnish_pool(w, account);
}

static void
add_bind(struct world *w, uint32_t link, bool can_send, bool can_receive)
{
    assert(w->bind_count < BINDS_MAX);
    w->binds[w->bind_count++] =
        (struct sim_bind){.link = link, .can_send = can_send, .can_receive = can_receive};
}

/* Carriers first: numbers pick theirs among them. */
static void
furnish_links(struct world *w)
{
    uint32_t carriers = between(w, 1, 2);

    for (uint32_t i = 0; i < carriers; i++) {
        struct sim_link *link = &w->links[w->link_count];
        uint32_t binds = between(w, 1, 3);
        bool pair = chance(w, 2500);

        snprintf(link->name, sizeof(link->name), "c%u", i);
        link->kind = LINK_CARRIER;
        link->window = between(w, 1, WINDOW_MAX);
        link->hold = chance(w, 800);
        link->resp_id = (enum receipt_id_form)rnd(w, RECEIPT_ID_FORMS);
        link->receipt_id = link->resp_id == RECEIPT_ID_TEXT
                               ? RECEIPT_ID_TEXT
                               : (enum receipt_id_form)between(w, 1, 2);
        link->next_id = 1000 + rnd(w, 100000);
        link->alphabet = chance(w, 2000) ? TEXT_LATIN1 : TEXT_GSM;
        link->throughput = chance(w, 2000) ? between(w, 2, 60) : 0;
        for (uint32_t b = 0; b < binds; b++) {
            add_bind(w, w->link_count, true, !pair);
            if (pair)
                add_bind(w, w->link_count, false, true);
        }
        w->link_count++;
    }
    for (uint32_t account = 0; account < w->account_count; account++) {
        struct sim_link *link = &w->links[w->link_count];

        snprintf(link->name, sizeof(link->name), "app%u", account);
        link->kind = LINK_APP;
        link->account = account;
        link->alphabet = chance(w, 2000) ? TEXT_LATIN1 : TEXT_GSM;
        link->bulk = chance(w, 5000);
        link->window = between(w, 1, WINDOW_MAX);
        if (chance(w, 3000)) {
            add_bind(w, w->link_count, true, false);
            add_bind(w, w->link_count, false, true);
        } else {
            add_bind(w, w->link_count, true, true);
        }
        w->link_count++;
    }
}

/* How rough this world is: some seeds are calm, so that plain logic is walked deeply; some are
 * nothing but faults. */
static void
furnish_profile(struct world *w)
{
    uint32_t rough = rnd(w, 4);
    struct profile *p = &w->profile;

    *p = (struct profile){.batch = between(w, 1, 24), .gap_ms = 1u << between(w, 3, 11)};
    p->crowd = 1u << between(w, 1, 7);
    p->conf = rnd(w, 60);
    p->jump = rnd(w, 60);
    p->stop = rnd(w, 100);
    p->receipt_twice = rnd(w, 3000);
    p->lost = rnd(w, 800);
    if (rough == 0)
        return;
    p->crash = rnd(w, rough == 3 ? 1500 : 300);
    p->drop = rnd(w, rough == 3 ? 600 : 150);
    p->temporary = rnd(w, rough == 3 ? 4000 : 1200);
    p->permanent = rnd(w, 400);
    p->silent = rnd(w, 500);
    p->late = rnd(w, 500);
    p->tight = rnd(w, 100);
}

/* Carriers so slow that messages pile up at both of them, so that what is looked through and moved
 * has something to say. */
static void
furnish_jam(struct world *w)
{
    for (uint32_t link = 0; link < 2; link++) {
        w->links[link].window = 1;
        w->links[link].throughput = between(w, 1, 3);
    }
    w->profile.gap_ms = 1u << between(w, 3, 7);
    w->profile.conf = rnd(w, 800);
    w->profile.outage = rnd(w, 300);
}

/* The carriers stand in for each other. They speak alike, so that a message stays what it is. */
static void
furnish_routes(struct world *w)
{
    if (w->links[1].kind != LINK_CARRIER || !chance(w, 6000))
        return;
    w->routed = true;
    for (uint32_t v = 0; v < VARIANTS; v++)
        w->routes[v] = (enum sim_routes)rnd(w, SIM_ROUTES);
    if (chance(w, 5000))
        w->routes[1] = w->routes[0];
    w->failover_s = rnd(w, 20);
    w->links[1].alphabet = w->links[0].alphabet;
    w->links[1].hold = w->links[0].hold;
    w->profile.outage = rnd(w, 150);
    w->profile.conf = rnd(w, 400);
    if (chance(w, 5000))
        furnish_jam(w);
}

static void
furnish_lists(struct world *w)
{
    uint32_t strangers = between(w, 4, 12);

    for (uint32_t i = 0; i < strangers; i++)
        add_phone(w, NONE);
    cast_furnish(w, strangers);
}

void
world_furnish(struct world *w)
{
    w->now_ms = w->began_ms = START_MS;
    /* One world of four has relay and apps only, and walks through them more deeply. */
    w->rich = w->seed % 8 != 2 && w->seed % 8 != 7;
    w->proxied = w->rich && chance(w, 7000);
    w->commanded = w->rich && chance(w, 7000);
    w->robots = w->rich && chance(w, 6000);
    w->planned = w->rich && chance(w, 5000);
    /* By the seed, so that other worlds stay what they were. */
    w->listed = w->rich && w->seed % 3 == 0;
    w->tended = w->rich && w->seed % 6 == 1;
    if (w->tended) /* which of their answers are whose is not worked out */
        w->robots = false;
    w->events_wanted = between(w, 400, 1500);
    w->account_count = ACCOUNTS_MAX;
    w->contact_count = between(w, 3, 6);
    w->scope = (enum conf_reply_scope)rnd(w, 3);
    w->overflow = (enum conf_overflow)rnd(w, 3);
    w->validity_ms = chance(w, 3000) ? HOUR_MS : 48 * HOUR_MS;
    furnish_links(w);
    for (uint32_t i = 0; i < w->contact_count; i++)
        add_phone(w, NONE);
    for (uint32_t i = 0; i < w->account_count; i++)
        furnish_account(w, i);
    if (w->listed)
        furnish_lists(w);
    furnish_profile(w);
    furnish_routes(w);
}

/* ---- the same as YAML */

static const char *
alphabet_name(enum text_alphabet alphabet)
{
    return alphabet == TEXT_LATIN1 ? "latin1" : "gsm";
}

static void
write_carriers(const struct world *w, struct yaml *y)
{
    static const char *const forms[] = {
        [RECEIPT_ID_TEXT] = "text", [RECEIPT_ID_HEX] = "hex", [RECEIPT_ID_DECIMAL] = "decimal"};

    put(y, "carriers:\n");
    for (uint32_t i = 0; i < w->link_count; i++) {
        const struct sim_link *link = &w->links[i];

        if (link->kind != LINK_CARRIER)
            continue;
        put(y,
            "  - {id: %s, host: 127.0.0.1, port: 2776, system_id: tandem, password: secret, "
            "bind: transceiver, window: %u, resp_id: %s, receipt_id: %s, on_unknown_outcome: %s, "
            "alphabet: %s, throughput: %u}\n",
            link->name, link->window, forms[link->resp_id], forms[link->receipt_id],
            link->hold ? "hold" : "resend", alphabet_name(link->alphabet), link->throughput);
    }
}

static void
write_routes(const struct world *w, struct yaml *y, uint32_t variant)
{
    enum sim_routes routes = w->routes[variant];

    if (!w->routed || routes == ROUTES_NONE)
        return;
    put(y, "routes:\n");
    for (uint32_t link = 0; link < 2 && routes != ROUTES_SHARED; link++) {
        uint32_t count = 0, home = routes == ROUTES_CROSSED ? 1 - link : link;

        for (uint32_t i = 0; i < w->number_count; i++)
            if (w->numbers[i].link == link)
                put(y, count++ ? ", \"+%s\"" : "  - {sources: [\"+%s\"", w->numbers[i].digits);
        if (count)
            put(y, "], id: home%u, carriers: [{carrier: c%u}], backups: [c%u]}\n", link, home,
                1 - home);
    }
    if (routes == ROUTES_SHARED)
        put(y, "  - {id: share, carriers: [{carrier: c0, weight: 2}, {carrier: c1}]}\n");
}

static void
write_gateway(const struct world *w, struct yaml *y, uint32_t variant)
{
    static const char *const scopes[] = {"owner", "participants", "account"};
    static const char *const overflows[] = {"deliver-part", "reject", "split"};

    put(y, "gateway: {name: tandem}\n");
    put(y, "directory: directory.yaml\n");
    put(y, "store: {dir: /nonexistent, unsafe_fs: true}\n");
    put(y, "listeners:\n  - {id: apps, address: 127.0.0.1, port: 2775}\n");
    write_carriers(w, y);
    write_routes(w, y, variant);
    put(y,
        "relay: {failover: %us, reply_limit: %u, reply_overflow: %s, reply_scope: %s, "
        "notices_per_minute: %u, "
        "part_sets_max: 64, reassembly_timeout: %us, validity: %us, retry_min: 1s, retry_max: "
        "60s}\n",
        w->failover_s, REPLY_LIMIT, overflows[w->overflow], scopes[w->scope], NOTICES_PER_MINUTE,
        REASSEMBLY_MS / 1000, (unsigned)(w->validity_ms / 1000));
    if (w->listed)
        put(y, "lists: {max_size: 100}\n");
    put(y, "messages:\n");
    put(y, "  forward: \"{id} {from}: {text}\"\n  notice: \"#NOTICE begin with the ID, limit "
           "{limit}\"\n");
    put(y, "  cut: \"#CUT {id} {limit}\"\n  too_long: \"#LONG {id} {limit}\"\n  opted_out: \"#OUT "
           "{id}\"\n");
    put(y,
        "  stop_confirmation: \"#STOPPED {name}\"\n  unstop_confirmation: \"#UNSTOPPED {name}\"\n");
    /* The model knows no notices about opt-outs. */
    put(y, "  contact_opted_out: \"\"\n  opt_in_wish: \"\"\n  nearly_stop: \"\"\n");
    put(y, "  proxy_intro: \"#PXINTRO {contact}\"\n  proxy_recycled: \"#PXRECYCLED {contact}\"\n"
           "  proxy_ended: \"#PXENDED {contact}\"\n  proxy_no_number: \"#PXNONE {contact}\"\n"
           "  proxy_no_number_in: \"#PXIN {contact}: {text}\"\n  proxy_usage: \"#PXUSAGE\"\n"
           "  proxy_user_number: \"#PXUSER {number}\"\n"
           "  proxy_opted_out: \"#PXOUT {contact}\"\n");
    put(y, "  part_missing: \"[{have}/{total} only]\"\n");
}

static void
write_agents(const struct world *w, struct yaml *y, uint32_t account, uint32_t variant)
{
    put(y, "    groups:\n      - {id: group%u, name: Everybody}\n    agents:\n", account);
    for (uint32_t i = 0; i < w->agent_count; i++) {
        const struct sim_agent *agent = &w->agents[i];

        if (agent->account != account)
            continue;
        put(y, "      - {id: agent%u, name: Agent %u, mobile: \"+%s\", relay: %s", i, i,
            w->phones[agent->phone].digits, agent->relay[variant] ? "true" : "false");
        if (agent->grouped)
            put(y, ", groups: [group%u]", account);
        if (agent->user != NONE)
            put(y, ", user_number: \"+%s\"", w->numbers[agent->user].digits);
        if (agent->number != NONE)
            put(y, ", relay_number: \"+%s\"", w->numbers[agent->number].digits);
        put(y, "}\n");
    }
}

static void
write_numbers(const struct world *w, struct yaml *y, uint32_t account, uint32_t variant)
{
    put(y, "    numbers:\n");
    for (uint32_t i = 0; i < w->number_count; i++) {
        const struct sim_number *number = &w->numbers[i];
        bool crosses = w->routed && number->crosses && variant == 1;

        if (number->account != account)
            continue;
        put(y, "      - {number: \"+%s\", role: %s, carrier: %s", number->digits,
            number_role_name((uint8_t)number->role),
            w->links[crosses ? 1 - number->link : number->link].name);
        if (number->role == ROLE_RELAY || number->role == ROLE_USER)
            put(y, ", agent: agent%u", number->agent);
        else if (number->role == ROLE_APP)
            put(y, ", app: %s", w->links[number->app].name);
        else if (number->role == ROLE_CONTACT)
            ;
        else if (number->assign_kind[variant] == OWNER_AGENT)
            put(y, ", assign_agent: agent%u", number->assign[variant]);
        else if (number->assign_kind[variant] == OWNER_GROUP)
            put(y, ", assign_group: group%u", account);
        if (number->role == ROLE_BUSINESS && number->bot[variant])
            put(y, ", response: bot, app: %s", w->links[number->app].name);
        put(y, "}\n");
    }
}

static void
write_autos(const struct world *w, struct yaml *y, uint32_t account)
{
    char rule[400];
    uint32_t count = 0;

    for (uint32_t i = 0; i < w->auto_count; i++)
        if (w->autos[i].account == account) {
            robot_auto_yaml(w, i, rule, sizeof(rule));
            put(y, "%s%s", count++ ? "" : "    auto_replies:\n", rule);
        }
}

static void
write_directory(const struct world *w, struct yaml *y, uint32_t variant)
{
    put(y, "accounts:\n");
    for (uint32_t account = 0; account < w->account_count; account++) {
        put(y, "  - id: account%u\n    name: Account %u\n    max_parts: 10\n", account, account);
        if (w->proxied)
            put(y, "    proxy: {min_idle: %us, pool_scope: %s, quarantine: %us}\n",
                (unsigned)(w->pools[account].min_idle_ms / 1000),
                w->pools[account].of_agents ? "agent" : "account",
                (unsigned)(w->pools[account].quarantine_ms / 1000));
        write_agents(w, y, account, variant);
        put(y, "    apps:\n");
        for (uint32_t i = 0; i < w->link_count; i++)
            if (w->links[i].kind == LINK_APP && w->links[i].account == account)
                put(y,
                    "      - {system_id: %s, password: secret, window: %u, class: %s, alphabet: "
                    "%s}\n",
                    w->links[i].name, w->links[i].window, w->links[i].bulk ? "bulk" : "chat",
                    alphabet_name(w->links[i].alphabet));
        write_numbers(w, y, account, variant);
        write_autos(w, y, account);
        if (w->listed) {
            char lists[600];

            cast_yaml(w, account, lists, sizeof(lists));
            put(y, "%s", lists);
        }
    }
}

static void
world_configure(struct world *w)
{
    static struct yaml gateway, directory;
    struct conf_problems problems;

    for (uint32_t v = 0; v < VARIANTS; v++) {
        gateway.n = directory.n = 0;
        write_gateway(w, &gateway, v);
        write_directory(w, &directory, v);
        w->conf[v] = conf_parse(slice_of(gateway.p, gateway.n), slice_of(directory.p, directory.n),
                                &problems);
        if (!w->conf[v]) {
            for (size_t i = 0; i < problems.count; i++)
                printf("%s\n", problems.lines[i]);
            printf("%s\n%s\n", gateway.p, directory.p);
            exit(2);
        }
        conf_problems_free(&problems);
    }
}

/* ---- making and ending */

void
world_open_store(struct world *w)
{
    struct store_options options = {.dir = w->dir,
                                    .map_bytes = MAP_BYTES,
                                    .refuse_percent = 80,
                                    .reserve_bytes = 1 << 20,
                                    .unsafe_fs = true};
    char why[256];
    enum store_err err = store_open(&options, &w->store, why, sizeof(why));

    if (err != STORE_OK) {
        printf("cannot open the store in %s: %s: %s\n", w->dir, store_err_name(err), why);
        exit(2);
    }
}

void
world_remove_store(const char *dir)
{
    DIR *open_dir = opendir(dir);
    struct dirent *entry;
    char path[512];

    if (!open_dir)
        return;
    while ((entry = readdir(open_dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(path, sizeof(path), "%s/%s", dir, entry->d_name);
        if (unlink(path) != 0)
            world_remove_store(path);
    }
    closedir(open_dir);
    rmdir(dir);
}

struct world *
world_new(uint64_t seed, const char *dir, bool verbose)
{
    struct world *w = calloc(1, sizeof(*w));

    if (!w)
        abort();
    w->seed = seed;
    w->rng = seed * 0x2545f4914f6cdd1du;
    w->verbose = verbose;
    w->trace = calloc(TRACE_LINES, TRACE_BYTES);
    if (!w->trace)
        abort();
    snprintf(w->dir, sizeof(w->dir), "%s", dir);
    world_remove_store(dir);
    effects_init(&w->fx);
    world_furnish(w);
    world_configure(w);
    world_open_store(w);
    return w;
}

void
world_free(struct world *w)
{
    if (w->txn)
        store_abort(w->txn);
    relay_free(w->relay);
    if (w->store)
        store_close(w->store);
    world_remove_store(w->dir);
    for (uint32_t v = 0; v < VARIANTS; v++)
        conf_free(w->conf[v]);
    effects_release(&w->fx);
    for (uint32_t i = 0; i < w->bind_count; i++) {
        free(w->binds[i].wire);
        free(w->binds[i].unconfirmed);
    }
    for (uint32_t i = 0; i < w->changeset_count; i++)
        free(w->changesets[i]);
    free(w->changesets);
    free(w->changeset_bytes);
    free(w->heap);
    free(w->mail);
    free(w->reqs);
    free(w->active);
    free(w->flights);
    free(w->convs);
    free(w->leases);
    free(w->campaigns);
    free(w->commands);
    free(w->items);
    free(w->msgs);
    free(w->msg_index);
    free(w->trace);
    sim_release(w);
    free(w);
}

uint32_t
number_by_digits(const struct world *w, struct slice digits)
{
    for (uint32_t i = 0; i < w->number_count; i++)
        if (slice_eq(digits, slice_str(w->numbers[i].digits)))
            return i;
    return NONE;
}

uint32_t
phone_by_digits(const struct world *w, struct slice digits)
{
    for (uint32_t i = 0; i < w->phone_count; i++)
        if (slice_eq(digits, slice_str(w->phones[i].digits)))
            return i;
    return NONE;
}

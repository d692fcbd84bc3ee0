/*
 * conf_directory.c: rules between the records of the directory file, and from there to the
 * carriers.
 *
 * Everything is found by index, so 100,000 agents take no longer than reading them does (Y28). Each
 * problem is reported once, where a person would mend it.
 */
#include "conf/conf_int.h"

/* --- within one record, when it is read --- */

void
conf_finish_group(struct conf_reader *reader, const struct conf_node *map, void *base)
{
    struct dir_group *group = base;

    (void)reader;
    (void)map;
    if (group->name[0] == '\0')
        group->name = group->id;
}

/* Whether mail arrives only sending it shows; this finds what was put into the wrong place. */
bool
conf_is_email(struct slice text)
{
    const uint8_t *at = NULL;

    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] <= ' ' || text.p[i] >= 0x7f)
            return false;
        if (text.p[i] == '@')
            at = text.p + i;
    }
    return at && at > text.p && at + 1 < text.p + text.n;
}

bool
conf_is_zone_name(struct slice text)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";

    for (size_t i = 0; i < text.n; i++) {
        if (!memchr(allowed, text.p[i], sizeof(allowed) - 1))
            return false;
    }
    return text.n == 0 || text.p[0] != '/';
}

static void
finish_agent_mail(struct conf_reader *reader, const struct conf_node *map,
                  const struct dir_agent *agent)
{
    if (agent->email[0] && !conf_is_email(slice_str(agent->email)))
        conf_problem_in(reader->report, map, "email", "`%s` is no e-mail address", agent->email);
    if (!conf_is_zone_name(slice_str(agent->time_zone)))
        conf_problem_in(reader->report, map, "time_zone",
                        "`%s` is no name of a time zone, as in America/Chicago", agent->time_zone);
    else if (agent->time_zone[0])
        (void)conf_zone(reader, map, "time_zone", agent->time_zone);
}

void
conf_finish_agent(struct conf_reader *reader, const struct conf_node *map, void *base)
{
    struct dir_agent *agent = base;

    if (agent->name[0] == '\0')
        agent->name = agent->id;
    if (agent->mobile.kind == ADDR_SHORT)
        conf_problem_in(reader->report, map, "mobile",
                        "needs the country code, or the account a country");
    finish_agent_mail(reader, map, agent);
    if (agent->primary_admin && agent->role != AGENT_ADMIN)
        conf_problem_in(reader->report, map, "primary_admin", "is only for role: admin");
    if (agent->relay && agent->relay_number.kind == ADDR_NONE &&
        !conf_node_find(map, "relay_number"))
        conf_warning_in(reader->report, map, "relay",
                        "nothing will be forwarded, because the agent has no relay_number");
}

/* What a client certificate can be known by, and how that is written. */
static bool
names_certificate(const char *text)
{
    static const char *const kinds[] = {"cn:", "dns:", "uri:"};
    unsigned digits = 0;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strncmp(text, kinds[i], strlen(kinds[i])) == 0)
            return text[strlen(kinds[i])] != '\0';
    }
    if (strncmp(text, "sha256:", 7) != 0)
        return false;
    for (text += 7; *text; text++) {
        if (strchr("0123456789abcdefABCDEF", *text))
            digits++;
        else if (*text != ':')
            return false;
    }
    return digits == 64;
}

void
conf_finish_app(struct conf_reader *reader, const struct conf_node *map, void *base)
{
    const struct dir_app *app = base;
    size_t length = strlen(app->password);

    if (length > CONF_PASSWORD_MAX && !app->password_long)
        conf_problem_in(reader->report, map, "password",
                        "has %zu characters, SMPP allows %u; if the app really sends it, set "
                        "long_password: true",
                        length, CONF_PASSWORD_MAX);
    if (app->certificate[0] && !names_certificate(app->certificate))
        conf_problem_in(reader->report, map, "certificate",
                        "is none of cn:NAME, dns:NAME, uri:URI, and sha256: with 64 hex digits");
}

/* Keys that mean something for one role only. */
static const struct role_key {
    const char *name;
    enum number_role role, other; /* or this one, if it is not 0 */
    bool required;
} role_keys[] = {
    {"agent", ROLE_RELAY, ROLE_USER, true},
    {"assign_agent", ROLE_BUSINESS, 0, false},
    {"assign_group", ROLE_BUSINESS, 0, false},
    {"assign_round_robin", ROLE_BUSINESS, 0, false},
    {"office", ROLE_BUSINESS, 0, false},
    {"primary_agent", ROLE_BUSINESS, 0, false},
    {"response", ROLE_BUSINESS, 0, false},
    {"inbox_agents", ROLE_BUSINESS, 0, false},
    {"inbox_groups", ROLE_BUSINESS, 0, false},
    {"kind", ROLE_BUSINESS, 0, false},
    {"drain", ROLE_CONTACT, 0, false},
};

/* A number's app gets its messages: all of them, or those that a bot answers. */
static void
finish_number_app(struct conf_reader *reader, const struct conf_node *map,
                  const struct dir_number *number)
{
    bool bot = number->role == ROLE_BUSINESS && number->response == RESPONSE_BOT;
    bool there = conf_node_find(map, "app");

    if (there && !bot && number->role != ROLE_APP)
        conf_problem_in(reader->report, map, "app",
                        "is only for a number of role app, or with response: bot");
    else if (!there && (bot || number->role == ROLE_APP))
        conf_problem_in(reader->report, map, "app", "is required for a number %s",
                        bot ? "with response: bot" : "of role app");
}

/* Who owns a new conversation: one of three options says it. */
static void
finish_number_assign(struct conf_reader *reader, const struct conf_node *map,
                     struct dir_number *number)
{
    bool agent = conf_node_find(map, "assign_agent"), group = conf_node_find(map, "assign_group");
    bool turns = conf_node_find(map, "assign_round_robin");

    number->assign_kind = agent ? OWNER_AGENT : group || turns ? OWNER_GROUP : OWNER_NOBODY;
    number->round_robin = turns;
    if (agent + group + turns > 1)
        number->assign_kind = OWNER_NOBODY; /* of which one is `assign`? */
    if (agent && group)
        conf_problem_in(reader->report, map, "assign_group",
                        "only one of assign_agent and assign_group is possible");
    if (turns && (agent || group))
        conf_problem_in(reader->report, map, "assign_round_robin",
                        "only one of assign_agent, assign_group and assign_round_robin is "
                        "possible");
}

void
conf_finish_number(struct conf_reader *reader, const struct conf_node *map, void *base)
{
    struct dir_number *number = base;

    if (number->number.kind == ADDR_ALPHA && number->role != ROLE_APP && number->role != 0)
        conf_problem_in(reader->report, map, "number",
                        "`%s` is a sender name, which only a number of role app can be",
                        number->number.text);
    finish_number_assign(reader, map, number);
    if (number->inbox_agent_count + number->inbox_group_count > INBOXES_MAX)
        conf_problem_in(reader->report, map, "inbox_groups",
                        "makes %u inboxes with inbox_agents, at most %u are allowed",
                        number->inbox_agent_count + number->inbox_group_count, INBOXES_MAX);
    if (number->role != 0)
        finish_number_app(reader, map, number);
    for (size_t i = 0; number->role != 0 && i < sizeof(role_keys) / sizeof(role_keys[0]); i++) {
        const struct role_key *key = &role_keys[i];
        bool there = conf_node_find(map, key->name);
        bool fits = number->role == key->role || number->role == key->other;

        if (there && !fits)
            conf_problem_in(reader->report, map, key->name, "is only for a number of role %s%s%s",
                            number_role_name((uint8_t)key->role), key->other ? " or " : "",
                            key->other ? number_role_name((uint8_t)key->other) : "");
        else if (!there && fits && key->required)
            conf_problem_in(reader->report, map, key->name, "is required for a number of role %s",
                            number_role_name((uint8_t)number->role));
    }
}

/* --- between records --- */

struct checker {
    const struct conf *conf;
    struct conf_report *report;
    struct conf_arena *scratch;
    struct conf_index carriers; /* of the gateway: struct conf_carrier */
    struct conf_index accounts;
    struct conf_index numbers;    /* of all accounts: struct dir_number */
    struct conf_index system_ids; /* of all accounts */
};

/* The account that is being checked. */
struct scope {
    const struct dir_account *account;
    const struct conf_node *agent_nodes, *app_nodes, *number_nodes, *group_nodes;
    struct conf_index groups, agents, apps, phones, mobiles;
    bool pool; /* there is a number of role contact */
};

static struct slice
addr_key(const struct addr *addr)
{
    /* Unused octets of an address are 0, so equal numbers are equal octets. */
    return slice_of(addr, sizeof(*addr));
}

static const struct conf_node *
items_of(const struct conf_node *map, const char *key)
{
    const struct conf_node *list = map->kind == NODE_MAP ? conf_node_find(map, key) : NULL;

    return list && list->kind == NODE_LIST ? list->first : NULL;
}

/* Puts one named record into an index; the second of two is reported (Y20). */
static void
name(struct checker *c, struct conf_index *index, const char *key,
     const struct conf_index_slot *entry)
{
    const struct conf_index_slot *twin;
    struct conf_quote quote;

    if (entry->key.n == 0)
        return;
    twin = conf_index_put(index, entry);
    if (twin)
        conf_problem_in(c->report, entry->node, key, "`%s` is used already in line %u",
                        conf_quoted(&quote, entry->key), twin->node->line);
}

static void
name_number(struct checker *c, const struct dir_number *number, const struct conf_node *node)
{
    const struct conf_index_slot *twin;

    if (number->number.kind == ADDR_NONE)
        return;
    twin = conf_index_put(&c->numbers,
                          &(struct conf_index_slot){addr_key(&number->number), node, number});
    if (twin)
        conf_problem_in(c->report, node, "number", "%s is listed already in line %u",
                        number->number.text, twin->node->line);
}

/* True if id is empty or named; a problem otherwise (Y21). */
static const struct conf_index_slot *
refer(struct checker *c, const struct conf_index *index, const struct conf_node *node,
      const char *key, const char *id)
{
    const struct conf_index_slot *found = id[0] ? conf_index_find(index, slice_str(id)) : NULL;

    if (id[0] && !found)
        conf_problem_in(c->report, node, key, "there is no `%s`", id);
    return found;
}

/* A number that an agent names must be of this role and name the agent. */
static void
check_agent_number(struct checker *c, const struct scope *s, const struct dir_agent *agent,
                   const struct conf_node *node, enum number_role role)
{
    const struct addr *addr = role == ROLE_USER ? &agent->user_number : &agent->relay_number;
    const char *key = role == ROLE_USER ? "user_number" : "relay_number";
    const struct conf_index_slot *slot;
    const struct dir_number *number;

    if (addr->kind == ADDR_NONE)
        return;
    slot = conf_index_find(&c->numbers, addr_key(addr));
    number = slot ? slot->value : NULL;
    if (!number || number < s->account->numbers ||
        number >= s->account->numbers + s->account->number_count)
        conf_problem_in(c->report, node, key, "%s is not among the numbers of the account",
                        addr->text);
    else if (number->role != role)
        conf_problem_in(c->report, node, key, "%s has another role in line %u than %s", addr->text,
                        slot->node->line, number_role_name((uint8_t)role));
    else if (strcmp(number->agent, agent->id) != 0 && number->agent[0] && agent->id[0])
        conf_problem_in(c->report, node, key, "%s is the number of agent `%s` in line %u",
                        addr->text, number->agent, slot->node->line);
}

/* What comes from an agent's phone to a contact number is known by the phone alone: only one agent
 * with a user number can have it. */
static void
check_user(struct checker *c, struct scope *s, const struct dir_agent *agent,
           const struct conf_node *node)
{
    const struct conf_index_slot *twin;

    if (agent->user_number.kind == ADDR_NONE)
        return;
    if (!s->pool)
        conf_warning_in(c->report, node, "user_number",
                        "nothing will reach the agent, because the account has no number of role "
                        "contact");
    if (agent->mobile.kind == ADDR_NONE)
        return;
    twin = conf_index_put(&s->mobiles,
                          &(struct conf_index_slot){addr_key(&agent->mobile), node, NULL});
    if (twin)
        conf_problem_in(c->report, node, "mobile",
                        "the agent in line %u has the same mobile, and both have a user_number",
                        twin->node->line);
}

/* A reply is known by (mobile, relay number): two agents with the same pair could not be told
 * apart. */
static void
check_phones(struct checker *c, struct scope *s, const struct dir_agent *agent,
             const struct conf_node *node)
{
    const struct conf_index_slot *ours = conf_index_find(&c->numbers, addr_key(&agent->mobile)),
                                 *twin;
    struct addr *pair;

    if (agent->mobile.kind == ADDR_NONE)
        return;
    if (ours)
        conf_problem_in(c->report, node, "mobile", "%s is a number of the gateway in line %u",
                        agent->mobile.text, ours->node->line);
    if (agent->relay_number.kind == ADDR_NONE)
        return;
    pair = conf_alloc(c->scratch, 2 * sizeof(*pair));
    pair[0] = agent->mobile;
    pair[1] = agent->relay_number;
    twin = conf_index_put(&s->phones,
                          &(struct conf_index_slot){slice_of(pair, 2 * sizeof(*pair)), node, NULL});
    if (twin)
        conf_problem_in(c->report, node, "mobile",
                        "the agent in line %u has the same mobile and relay number",
                        twin->node->line);
}

static void
check_agents(struct checker *c, struct scope *s)
{
    const struct conf_node *node = s->agent_nodes;

    for (uint32_t i = 0; i < s->account->agent_count; i++, node = node->next) {
        const struct dir_agent *agent = &s->account->agents[i];

        for (uint32_t g = 0; g < agent->group_count; g++)
            refer(c, &s->groups, node, "groups", agent->groups[g]);
        check_agent_number(c, s, agent, node, ROLE_RELAY);
        check_agent_number(c, s, agent, node, ROLE_USER);
        check_phones(c, s, agent, node);
        check_user(c, s, agent, node);
    }
}

static void
check_carrier(struct checker *c, const struct dir_number *number, const struct conf_node *node)
{
    const struct conf_index_slot *slot = refer(c, &c->carriers, node, "carrier", number->carrier);
    const struct conf_carrier *carrier = slot ? slot->value : NULL;

    if (carrier && carrier->bind == BIND_RECEIVER)
        conf_problem_in(c->report, node, "carrier",
                        "`%s` only receives (bind: receiver), nothing can go out by it",
                        carrier->id);
}

/* The agent that a number names must name the number. */
static void
check_number_agent(struct checker *c, const struct dir_number *number, const struct conf_node *node,
                   const struct dir_agent *agent, uint32_t line)
{
    bool user = number->role == ROLE_USER;
    const struct addr *addr = user ? &agent->user_number : &agent->relay_number;

    if ((user || number->role == ROLE_RELAY) && !addr_eq(addr, &number->number))
        conf_problem_in(c->report, node, "agent", "agent `%s` in line %u has %s as %s", agent->id,
                        line, addr->n ? addr->text : "none",
                        user ? "user_number" : "relay_number");
}

static void
check_numbers(struct checker *c, const struct scope *s)
{
    const struct conf_node *node = s->number_nodes;

    for (uint32_t i = 0; i < s->account->number_count; i++, node = node->next) {
        const struct dir_number *number = &s->account->numbers[i];
        const struct conf_index_slot *slot;
        const struct dir_agent *agent;

        check_carrier(c, number, node);
        refer(c, &s->apps, node, "app", number->app);
        if (number->assign_kind == OWNER_AGENT)
            refer(c, &s->agents, node, "assign_agent", number->assign);
        else if (number->assign_kind == OWNER_GROUP)
            refer(c, &s->groups, node,
                  number->round_robin ? "assign_round_robin" : "assign_group", number->assign);
        refer(c, &s->groups, node, "office", number->office);
        refer(c, &s->agents, node, "primary_agent", number->primary_agent);
        for (uint32_t k = 0; k < number->inbox_agent_count; k++)
            refer(c, &s->agents, node, "inbox_agents", number->inbox_agents[k]);
        for (uint32_t k = 0; k < number->inbox_group_count; k++)
            refer(c, &s->groups, node, "inbox_groups", number->inbox_groups[k]);
        slot = refer(c, &s->agents, node, "agent", number->agent);
        agent = slot ? slot->value : NULL;
        /* If the agent names another number, that is reported there or is right; here both lines
         * matter. */
        if (agent)
            check_number_agent(c, number, node, agent, slot->node->line);
    }
}

/* Pass 1: everything that others may refer to from any account. */
static void
name_global(struct checker *c, const struct dir_account *account, const struct conf_node *map)
{
    const struct conf_node *node = items_of(map, "numbers");

    name(c, &c->accounts, "id", &(struct conf_index_slot){slice_str(account->id), map, account});
    for (uint32_t i = 0; i < account->number_count; i++, node = node->next)
        name_number(c, &account->numbers[i], node);
    node = items_of(map, "apps");
    for (uint32_t i = 0; i < account->app_count; i++, node = node->next)
        name(c, &c->system_ids, "system_id",
             &(struct conf_index_slot){slice_str(account->apps[i].system_id), node,
                                       &account->apps[i]});
}

/* Pass 2: the account's own names. */
static void
name_local(struct checker *c, struct scope *s)
{
    const struct dir_account *account = s->account;
    const struct conf_node *node = s->group_nodes;

    conf_index_init(&s->groups, c->scratch, account->group_count);
    conf_index_init(&s->agents, c->scratch, account->agent_count);
    conf_index_init(&s->apps, c->scratch, account->app_count);
    conf_index_init(&s->phones, c->scratch, account->agent_count);
    conf_index_init(&s->mobiles, c->scratch, account->agent_count);
    for (uint32_t i = 0; i < account->number_count && !s->pool; i++)
        s->pool = account->numbers[i].role == ROLE_CONTACT && !account->numbers[i].drain;
    for (uint32_t i = 0; i < account->group_count; i++, node = node->next)
        name(c, &s->groups, "id",
             &(struct conf_index_slot){slice_str(account->groups[i].id), node, NULL});
    node = s->agent_nodes;
    for (uint32_t i = 0; i < account->agent_count; i++, node = node->next)
        name(
            c, &s->agents, "id",
            &(struct conf_index_slot){slice_str(account->agents[i].id), node, &account->agents[i]});
    node = s->app_nodes;
    for (uint32_t i = 0; i < account->app_count; i++, node = node->next)
        conf_index_put(
            &s->apps, &(struct conf_index_slot){slice_str(account->apps[i].system_id), node, NULL});
}

static bool
asks_for_certificates(const struct conf *conf)
{
    for (uint32_t i = 0; i < conf->listener_count; i++) {
        if (conf->listeners[i].tls.on && conf->listeners[i].tls.clients != CLIENTS_NONE)
            return true;
    }
    return false;
}

/* Is this one of the account's numbers? */
static bool
has_number(const struct checker *c, const struct dir_account *account, const struct addr *addr)
{
    const struct conf_index_slot *slot = conf_index_find(&c->numbers, addr_key(addr));
    const struct dir_number *number = slot ? slot->value : NULL;

    return number && number >= account->numbers &&
           number < account->numbers + account->number_count;
}

static void
check_sources(struct checker *c, const struct dir_account *account, const struct dir_app *app,
              const struct conf_node *node)
{
    for (uint32_t i = 0; i < app->source_count; i++) {
        if (!has_number(c, account, &app->sources[i]))
            conf_problem_in(c->report, node, "sources",
                            "%s is not among the numbers of the account", app->sources[i].text);
    }
}

static void
check_apps(struct checker *c, const struct scope *s)
{
    const struct conf_node *node = s->app_nodes;

    for (uint32_t i = 0; i < s->account->app_count; i++, node = node->next) {
        check_sources(c, s->account, &s->account->apps[i], node);
        if (s->account->apps[i].certificate[0] && !asks_for_certificates(c->conf))
            conf_problem_in(c->report, node, "certificate",
                            "no listener asks for client_certificates: the app could never bind");
    }
}

static void
check_auto_replies(struct checker *c, const struct scope *s, const struct conf_node *node)
{
    struct conf_index ids;

    conf_index_init(&ids, c->scratch, s->account->auto_reply_count);
    for (uint32_t i = 0; i < s->account->auto_reply_count; i++, node = node->next) {
        const struct dir_auto *rule = &s->account->auto_replies[i];
        const struct conf_index_slot *slot =
            conf_index_find(&c->numbers, addr_key(&rule->number));
        const struct dir_number *number = slot ? slot->value : NULL;

        name(c, &ids, "id", &(struct conf_index_slot){slice_str(rule->id), node, rule});
        if (rule->assign_kind == OWNER_AGENT)
            refer(c, &s->agents, node, "assign_agent", rule->assign);
        else if (rule->assign_kind == OWNER_GROUP)
            refer(c, &s->groups, node, "assign_group", rule->assign);
        if (rule->number.kind == ADDR_NONE)
            continue;
        if (!has_number(c, s->account, &rule->number))
            conf_problem_in(c->report, node, "number", "%s is not among the numbers of the account",
                            rule->number.text);
        else if (number->role != ROLE_BUSINESS)
            conf_problem_in(c->report, node, "number",
                            "%s has another role in line %u than business", rule->number.text,
                            slot->node->line);
    }
}

static void
check_account(struct checker *c, const struct dir_account *account, const struct conf_node *map)
{
    struct scope s = {.account = account};

    s.group_nodes = items_of(map, "groups");
    s.agent_nodes = items_of(map, "agents");
    s.app_nodes = items_of(map, "apps");
    s.number_nodes = items_of(map, "numbers");
    name_local(c, &s);
    check_agents(c, &s);
    check_apps(c, &s);
    check_numbers(c, &s);
    check_auto_replies(c, &s, items_of(map, "auto_replies"));
}

static void
index_carriers(struct checker *c, const struct conf_node *gateway)
{
    const struct conf_node *node = items_of(gateway, "carriers");

    conf_index_init(&c->carriers, c->scratch, c->conf->carrier_count);
    for (uint32_t i = 0; i < c->conf->carrier_count; i++, node = node->next)
        conf_index_put(&c->carriers, &(struct conf_index_slot){slice_str(c->conf->carriers[i].id),
                                                               node, &c->conf->carriers[i]});
}

void
conf_check_directory(const struct conf *conf, const struct conf_node *gateway,
                     const struct conf_node *directory, struct conf_report *report,
                     struct conf_arena *scratch)
{
    struct checker c = {.conf = conf, .report = report, .scratch = scratch};
    const struct conf_node *accounts = items_of(directory, "accounts"), *map = accounts;
    size_t numbers = 0, apps = 0;

    for (uint32_t i = 0; i < conf->account_count; i++) {
        numbers += conf->accounts[i].number_count;
        apps += conf->accounts[i].app_count;
    }
    conf_index_init(&c.accounts, scratch, conf->account_count);
    conf_index_init(&c.numbers, scratch, numbers);
    conf_index_init(&c.system_ids, scratch, apps);
    index_carriers(&c, gateway);
    for (uint32_t i = 0; i < conf->account_count; i++, map = map->next)
        name_global(&c, &conf->accounts[i], map);
    map = accounts;
    for (uint32_t i = 0; i < conf->account_count; i++, map = map->next)
        check_account(&c, &conf->accounts[i], map);
}

/*
 * conf_records.c: rules between those records of the directory file that commands can make too:
 * contacts, campaigns; and which admin is told. Apart from conf_directory.c because nothing of the
 * gateway's file refers to them.
 *
 * Everything is found by index or sorted, so that 100,000 contacts take no longer than reading them
 * does (Y28).
 */
#include <stdlib.h>

#include "conf/conf_int.h"

/* --- within one record, when it is read --- */

/* R-match-4: who is told of messages that match no contact. */
static void
finish_admins(struct conf_reader *reader, const struct conf_node *map, struct dir_account *account)
{
    const struct conf_node *list = conf_node_find(map, "agents");
    const struct conf_node *node = list && list->kind == NODE_LIST ? list->first : NULL;
    uint32_t admins = 0, primary = 0;

    account->admin = "";
    for (uint32_t i = 0; i < account->agent_count; i++, node = node->next) {
        const struct dir_agent *agent = &account->agents[i];

        admins += agent->role == AGENT_ADMIN;
        if (agent->primary_admin && ++primary > 1)
            conf_problem_in(reader->report, node, "primary_admin",
                            "agent `%s` is the primary admin already", account->admin);
        else if (agent->primary_admin || (agent->role == AGENT_ADMIN && !account->admin[0]))
            account->admin = agent->id;
    }
    if (admins > 1 && primary == 0)
        conf_warning_in(reader->report, map, "agents",
                        "none of the %u admins has primary_admin: `%s` will be told of messages "
                        "that match no contact",
                        admins, account->admin);
}

void
conf_finish_account(struct conf_reader *reader, const struct conf_node *map, void *base)
{
    struct dir_account *account = base;

    finish_admins(reader, map, base);
    if (account->daily_zone_name[0])
        account->daily_zone = conf_zone(reader, map, "daily_zone", account->daily_zone_name);
    conf_finish_opt_out(reader, map, base);
    conf_finish_auto_replies(reader, map, base);
}

void
conf_finish_campaign(struct conf_reader *reader, const struct conf_node *map, void *base)
{
    struct dir_campaign *campaign = base;
    uint32_t inboxes = campaign->inbox_agent_count + campaign->inbox_group_count;

    if (campaign->name[0] == '\0')
        campaign->name = campaign->id;
    if (campaign->ends_ms && campaign->ends_ms <= campaign->starts_ms)
        conf_problem_in(reader->report, map, "ends", "is not after starts");
    if (campaign->archive_ms && campaign->archive_ms <= campaign->starts_ms)
        conf_problem_in(reader->report, map, "archive", "is not after starts");
    if (campaign->app[0] && campaign->response != RESPONSE_BOT)
        conf_problem_in(reader->report, map, "app", "is only with response: bot");
    if (inboxes > 0 && campaign->response == RESPONSE_BOT)
        conf_problem_in(reader->report, map,
                        campaign->inbox_agent_count ? "inbox_agents" : "inbox_groups",
                        "is only with response: agent");
    if (inboxes > INBOXES_MAX)
        conf_problem_in(reader->report, map, "inbox_groups",
                        "makes %u inboxes with inbox_agents, at most %u are allowed", inboxes,
                        INBOXES_MAX);
}

void
conf_finish_list(struct conf_reader *reader, const struct conf_node *map, void *base)
{
    struct dir_list *list = base;
    const struct conf_node *numbers = conf_node_find(map, "numbers");
    const struct conf_node *node = numbers && numbers->kind == NODE_LIST ? numbers->first : NULL;
    struct conf_quote quote;

    if (list->name[0] == '\0')
        list->name = list->id;
    /* Nodes of what could not be read have no number: they have been reported. */
    for (uint32_t i = 0; i < list->number_count && node; node = node->next) {
        if (numbers->count != list->number_count)
            break;
        if (list->numbers[i++].kind != ADDR_E164)
            conf_problem(reader->report, node, "`%s` is no phone number with country code",
                         conf_quoted(&quote, node->text));
    }
}

void
conf_finish_contact(struct conf_reader *reader, const struct conf_node *map, void *base)
{
    const struct dir_contact *contact = base;
    const struct conf_node *list = conf_node_find(map, "phones");
    const struct conf_node *node = list && list->kind == NODE_LIST ? list->first : NULL;

    for (uint32_t i = 0; i < contact->phone_count; i++, node = node->next)
        for (uint32_t k = 0; k < i; k++) {
            if (contact->phones[i].number.kind != ADDR_NONE &&
                addr_eq(&contact->phones[i].number, &contact->phones[k].number)) {
                conf_problem_in(reader->report, node, "number", "%s stands here twice",
                                contact->phones[i].number.text);
                break;
            }
        }
}

/* --- between records --- */

struct records {
    struct conf_report *report;
    struct conf_arena *scratch;
    const struct dir_account *account;
    struct conf_index numbers, agents, groups, apps;
};

static struct slice
addr_key(const struct addr *addr)
{
    return slice_of(addr, sizeof(*addr));
}

static const struct conf_node *
items_of(const struct conf_node *map, const char *key)
{
    const struct conf_node *list = map && map->kind == NODE_MAP ? conf_node_find(map, key) : NULL;

    return list && list->kind == NODE_LIST ? list->first : NULL;
}

static void
put(struct conf_index *index, struct slice key, const struct conf_node *node, const void *value)
{
    if (key.n > 0)
        conf_index_put(index, &(struct conf_index_slot){key, node, value});
}

static void
index_account(struct records *r, const struct conf_node *map)
{
    const struct dir_account *account = r->account;

    conf_index_init(&r->numbers, r->scratch, account->number_count);
    conf_index_init(&r->agents, r->scratch, account->agent_count);
    conf_index_init(&r->groups, r->scratch, account->group_count);
    conf_index_init(&r->apps, r->scratch, account->app_count);
    for (uint32_t i = 0; i < account->number_count; i++)
        put(&r->numbers, addr_key(&account->numbers[i].number), map, &account->numbers[i]);
    for (uint32_t i = 0; i < account->agent_count; i++)
        put(&r->agents, slice_str(account->agents[i].id), map, NULL);
    for (uint32_t i = 0; i < account->group_count; i++)
        put(&r->groups, slice_str(account->groups[i].id), map, NULL);
    for (uint32_t i = 0; i < account->app_count; i++)
        put(&r->apps, slice_str(account->apps[i].system_id), map, NULL);
}

/* Y21. */
static void
refer(struct records *r, const struct conf_index *index, const struct conf_place *place,
      const char *id)
{
    if (id[0] && !conf_index_find(index, slice_str(id)))
        conf_report_at(r->report, place, "there is no `%s`", id);
}

/* Y20: ids of one kind. */
static void
name(struct records *r, struct conf_index *ids, const char *id, const struct conf_node *node)
{
    const struct conf_index_slot *twin;

    if (id[0] == '\0')
        return;
    twin = conf_index_put(ids, &(struct conf_index_slot){slice_str(id), node, NULL});
    if (twin)
        conf_problem_in(r->report, node, "id", "`%s` is used already in line %u", id,
                        twin->node->line);
}

/* --- campaigns --- */

struct planned {
    const struct dir_campaign *campaign;
    const struct conf_node *node;
};

static uint64_t
end_of(const struct dir_campaign *campaign)
{
    uint64_t end = campaign->ends_ms ? campaign->ends_ms : UINT64_MAX;

    return campaign->archive_ms && campaign->archive_ms < end ? campaign->archive_ms : end;
}

static int
by_number_and_start(const void *left, const void *right)
{
    const struct dir_campaign *a = ((const struct planned *)left)->campaign;
    const struct dir_campaign *b = ((const struct planned *)right)->campaign;
    int order = memcmp(&a->number, &b->number, sizeof(a->number));

    if (order != 0)
        return order;
    return a->starts_ms < b->starts_ms ? -1 : a->starts_ms > b->starts_ms;
}

/* R-num-4: never overlapping; and a number that leaves with its campaign has no second one. */
static void
check_overlaps(struct records *r, struct planned *planned, uint32_t count)
{
    const struct planned *longest = NULL;

    qsort(planned, count, sizeof(*planned), by_number_and_start);
    for (uint32_t i = 0; i < count; i++) {
        const struct planned *p = &planned[i];
        const struct conf_index_slot *slot;
        const struct dir_number *number;

        if (!longest || !addr_eq(&longest->campaign->number, &p->campaign->number)) {
            longest = p;
            continue;
        }
        slot = conf_index_find(&r->numbers, addr_key(&p->campaign->number));
        number = slot ? slot->value : NULL;
        if (number && number->kind == SINGLE_USE)
            conf_problem_in(r->report, p->node, "number",
                            "%s is single-use and leaves with campaign `%s` in line %u",
                            p->campaign->number.text, longest->campaign->id, longest->node->line);
        else if (end_of(longest->campaign) > p->campaign->starts_ms)
            conf_problem_in(r->report, p->node, "starts",
                            "campaign `%s` in line %u is on %s until later",
                            longest->campaign->id, longest->node->line, p->campaign->number.text);
        if (end_of(p->campaign) > end_of(longest->campaign))
            longest = p;
    }
}

static void
check_campaign(struct records *r, const struct dir_campaign *campaign,
               const struct conf_node *node)
{
    const struct conf_index_slot *slot = conf_index_find(&r->numbers, addr_key(&campaign->number));
    const struct dir_number *number = slot ? slot->value : NULL;

    refer(r, &r->apps, &(struct conf_place){.node = node, .child = "app"}, campaign->app);
    refer(r, &r->groups, &(struct conf_place){.node = node, .child = "office"}, campaign->office);
    for (uint32_t i = 0; i < campaign->inbox_agent_count; i++)
        refer(r, &r->agents, &(struct conf_place){.node = node, .child = "inbox_agents"},
              campaign->inbox_agents[i]);
    for (uint32_t i = 0; i < campaign->inbox_group_count; i++)
        refer(r, &r->groups, &(struct conf_place){.node = node, .child = "inbox_groups"},
              campaign->inbox_groups[i]);
    if (campaign->number.kind == ADDR_NONE)
        return;
    if (!number) {
        conf_problem_in(r->report, node, "number", "%s is not among the numbers of the account",
                        campaign->number.text);
        return;
    }
    if (number->role != ROLE_BUSINESS)
        conf_problem_in(r->report, node, "number", "%s is not of role business",
                        campaign->number.text);
    else if (campaign->response == RESPONSE_BOT && !campaign->app[0] && !number->app[0])
        conf_problem_in(r->report, node, "app", "is required: %s has none",
                        campaign->number.text);
    if (campaign->office[0] && strcmp(campaign->office, number->office) != 0)
        conf_problem_in(r->report, node, "office", "%s is %s%s", campaign->number.text,
                        number->office[0] ? "of office " : "of no office", number->office);
}

static void
check_campaigns(struct records *r, const struct conf_node *map)
{
    uint32_t count = r->account->campaign_count;
    struct planned *planned = conf_alloc(r->scratch, (count + 1) * sizeof(*planned));
    const struct conf_node *node = items_of(map, "campaigns");
    struct conf_index ids;
    uint32_t n = 0;

    conf_index_init(&ids, r->scratch, count);
    for (uint32_t i = 0; i < count; i++, node = node->next) {
        const struct dir_campaign *campaign = &r->account->campaigns[i];

        name(r, &ids, campaign->id, node);
        check_campaign(r, campaign, node);
        if (campaign->number.kind != ADDR_NONE && campaign->starts_ms > 0)
            planned[n++] = (struct planned){campaign, node};
    }
    check_overlaps(r, planned, n);
}

/* --- contacts --- */

static void
check_shared(struct records *r, struct conf_index *phones, const struct dir_contact_phone *phone,
             const struct conf_node *node)
{
    const struct conf_index_slot *slot;
    uint32_t *count = conf_alloc(r->scratch, sizeof(*count));
    uint32_t before;

    *count = 1;
    slot = conf_index_put(phones,
                          &(struct conf_index_slot){addr_key(&phone->number), node, count});
    if (!slot)
        return;
    memcpy(&before, slot->value, sizeof(before));
    if (before++ == CONF_PHONE_CONTACTS_MAX)
        conf_problem_in(r->report, node, "number", "%s has %u contacts already, more are not "
                        "possible",
                        phone->number.text, CONF_PHONE_CONTACTS_MAX);
    else
        memcpy((uint8_t *)(uintptr_t)slot->value, &before, sizeof(before));
}

static void
check_contacts(struct records *r, const struct conf_node *map)
{
    const struct dir_account *account = r->account;
    const struct conf_node *section =
        map->kind == NODE_MAP ? conf_node_find(map, "contacts") : NULL;
    const struct conf_node *node = items_of(section, "list");
    struct conf_index ids, phones;
    size_t numbers = 0;

    for (uint32_t i = 0; i < account->contact_count; i++)
        numbers += account->contacts[i].phone_count;
    conf_index_init(&ids, r->scratch, account->contact_count);
    conf_index_init(&phones, r->scratch, numbers);
    for (uint32_t i = 0; i < account->contact_count; i++, node = node->next) {
        const struct dir_contact *contact = &account->contacts[i];
        const struct conf_node *phone = items_of(node, "phones");

        name(r, &ids, contact->id, node);
        for (uint32_t k = 0; k < contact->phone_count; k++, phone = phone->next)
            if (contact->phones[k].number.kind != ADDR_NONE)
                check_shared(r, &phones, &contact->phones[k], phone);
    }
}

/* --- lists --- */

static void
check_lists(struct records *r, const struct conf *conf, const struct conf_node *map)
{
    const struct conf_node *node = items_of(map, "lists");
    struct conf_index ids;

    conf_index_init(&ids, r->scratch, r->account->list_count);
    for (uint32_t i = 0; i < r->account->list_count; i++, node = node->next) {
        const struct dir_list *list = &r->account->lists[i];

        name(r, &ids, list->id, node);
        if (list->number_count > conf->list_max)
            conf_problem_in(r->report, node, "numbers",
                            "has %u numbers, lists.max_size allows %u", list->number_count,
                            conf->list_max);
    }
    node = items_of(map, "auto_replies");
    for (uint32_t i = 0; i < r->account->auto_reply_count; i++, node = node->next) {
        const struct dir_auto *rule = &r->account->auto_replies[i];
        const char *const lists[] = {rule->join_list, rule->leave_list};
        static const char *const keys[] = {"join_list", "leave_list"};

        for (size_t k = 0; k < 2; k++)
            if (lists[k][0] && !conf_index_find(&ids, slice_str(lists[k])))
                conf_warning_in(r->report, node, keys[k],
                                "there is no list `%s` in this file: a command must make it",
                                lists[k]);
    }
}

void
conf_check_records(const struct conf *conf, const struct conf_node *directory,
                   struct conf_report *report, struct conf_arena *scratch)
{
    const struct conf_node *map = items_of(directory, "accounts");

    for (uint32_t i = 0; i < conf->account_count; i++, map = map->next) {
        struct records r = {.report = report, .scratch = scratch, .account = &conf->accounts[i]};

        if (r.account->campaign_count > 0) {
            index_account(&r, map);
            check_campaigns(&r, map);
        }
        if (r.account->contact_count > 0)
            check_contacts(&r, map);
        if (r.account->list_count + r.account->auto_reply_count > 0)
            check_lists(&r, conf, map);
    }
}

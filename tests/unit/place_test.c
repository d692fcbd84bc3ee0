/*
 * place_test.c: the places of a carrier: their order, what a reload keeps, which address comes
 * first.
 */
#include "gateway/place.h"

#include "tests/unit/check.h"

static const struct conf_address backups[] = {{"b.example", 2}, {"192.0.2.3", 3}};

static struct conf_carrier
carrier_of(uint32_t backup_count)
{
    return (struct conf_carrier){
        .id = "sim", .host = "a.example", .port = 1, .backups = backups,
        .backup_count = backup_count};
}

static struct resolved
answer_of(uint32_t count)
{
    struct resolved answer = {.count = count, .why = "nobody knows"};

    for (uint32_t i = 0; i < count; i++) {
        char text[] = "192.0.2.10";

        text[9] = (char)('0' + i);
        check(address_parse(text, 1, &answer.addresses[i]));
    }
    return answer;
}

static void
a_reload_keeps_what_is_known(void)
{
    struct places places = {.count = 0};
    struct conf_carrier conf = carrier_of(2);
    struct resolved answer = answer_of(3);
    uint32_t ticket = 0;

    check(places_update(&places, &conf, &ticket));
    check_number(places.count, 3);
    check_number(places_find(&places, "b.example", 2), 1);
    check_number(places_find(&places, "b.example", 1), UINT32_MAX);
    check_number(places.list[2].ticket, 3);
    place_answer(&places.list[1], &answer, 1000);
    conf.host = "c.example";
    conf.backup_count = 1;
    check(places_update(&places, &conf, &ticket));
    check_number(places.count, 2);
    check_number(places_find(&places, "a.example", 1), UINT32_MAX);
    check_number(places.list[0].count, 0);
    check_number(places.list[0].ticket, 4);
    check_number(places.list[1].ticket, 2);
    check_number(places.list[1].count, 3);
    places_release(&places);
}

/* faults.md rows 34 and 35. */
static void
row_34_row_35_addresses_of_a_name(void)
{
    struct places places = {.count = 0};
    struct conf_carrier conf = carrier_of(2);
    struct resolved answer = answer_of(3), none = answer_of(0);
    struct place *place;
    uint32_t ticket = 0;

    check(places_update(&places, &conf, &ticket));
    place = &places.list[0];
    place_answer(place, &none, 1000);
    check_number(place->count, 0);
    place_answer(place, &answer, 1000);
    check_number(place_look_up(place, NULL, 1000 + RESOLVE_AGAIN_MS - 1), PLACE_READY);
    place_good(place, &answer.addresses[1]);
    for (uint32_t n = 0; n < 3; n++)
        check(address_same(place_address(place, n), &answer.addresses[(n + 1) % 3]));
    /* The name has lost an address and the good one stands elsewhere. */
    answer.addresses[0] = answer.addresses[1];
    answer.count = 1;
    place_answer(place, &answer, 2000);
    check(address_same(place_address(place, 0), &answer.addresses[0]));
    place_answer(place, &none, 3000);
    check_number(place->count, 1);
    /* An address needs nobody to ask. */
    check_number(place_look_up(&places.list[2], NULL, 5), PLACE_READY);
    check_number(places.list[2].count, 1);
    places_release(&places);
}

CHECK_MAIN({"a_reload_keeps_what_is_known", a_reload_keeps_what_is_known},
           {"row_34_row_35_addresses_of_a_name", row_34_row_35_addresses_of_a_name})

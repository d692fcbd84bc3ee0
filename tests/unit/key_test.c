/*
 * key_test.c: order of keys, and reading them back.
 */
#include "store/key.h"

#include <signal.h>
#include <stdio.h>

#include "tests/unit/check.h"
#include "tests/unit/temp_store.h"

static struct addr
address(enum addr_kind kind, const char *text)
{
    struct addr addr = {.kind = (uint8_t)kind, .n = (uint8_t)strlen(text)};

    memcpy(addr.text, text, strlen(text));
    return addr;
}

static void
numbers_are_big_endian(void)
{
    static const uint8_t want[] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
                                   0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32};
    struct key k;

    key_init(&k);
    key_u8(&k, 0x01);
    key_u16(&k, 0x2345);
    key_u32(&k, 0x6789abcd);
    key_u64(&k, 0xeffedcba98765432);
    check_slice(key_slice(&k), slice_of(want, sizeof(want)));
}

static void
order_of_keys_is_order_of_numbers(void)
{
    static const uint64_t values[] = {
        0,       1,          0x7f,       0x80,       0xff,       0x100,          0xffff,
        0x10000, UINT32_MAX, 1ull << 32, 1ull << 40, 1ull << 63, UINT64_MAX - 1, UINT64_MAX};

    for (size_t i = 0; i + 1 < sizeof(values) / sizeof(values[0]); i++) {
        struct key a, b;

        key_init(&a);
        key_init(&b);
        key_u64(&a, values[i]);
        key_u64(&b, values[i + 1]);
        check(slice_cmp(key_slice(&a), key_slice(&b)) < 0);
    }
}

static void
address_is_kind_text_nul(void)
{
    static const uint8_t want[] = {ADDR_E164, '4', '4', '7', '7', 0};
    struct addr addr = address(ADDR_E164, "4477");
    struct key k;

    key_init(&k);
    key_addr(&k, &addr);
    check_slice(key_slice(&k), slice_of(want, sizeof(want)));
}

/* Otherwise a walk over one number's rows would meet those of a longer one. */
static void
no_address_is_the_beginning_of_another(void)
{
    static const char *const texts[] = {"", "1", "12", "123", "1234", "12345678901234567890"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        for (size_t j = 0; j < sizeof(texts) / sizeof(texts[0]); j++) {
            struct addr a = address(ADDR_SHORT, texts[i]), b = address(ADDR_SHORT, texts[j]);
            struct key ka, kb;

            key_init(&ka);
            key_init(&kb);
            key_addr(&ka, &a);
            key_addr(&kb, &b);
            check(i == j || kb.n < ka.n || memcmp(ka.b, kb.b, ka.n) != 0);
        }
    }
}

static void
kinds_of_address_never_meet(void)
{
    struct addr number = address(ADDR_SHORT, "12345"), name = address(ADDR_ALPHA, "12345");
    struct key a, b;

    key_init(&a);
    key_init(&b);
    key_addr(&a, &number);
    key_addr(&b, &name);
    check(!slice_eq(key_slice(&a), key_slice(&b)));
}

static void
make_all(struct key *k, const struct addr *addr)
{
    key_init(k);
    key_u8(k, 7);
    key_u16(k, 0x1234);
    key_u32(k, 0xdeadbeef);
    key_addr(k, addr);
    key_u64(k, 0x0123456789abcdef);
    key_bytes(k, SLICE_LIT("tail"));
}

static bool
take_all(struct slice rest, const struct addr *want)
{
    struct addr addr;
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    uint64_t u64;

    if (!key_take_u8(&rest, &u8) || !key_take_u16(&rest, &u16) || !key_take_u32(&rest, &u32) ||
        !key_take_addr(&rest, &addr) || !key_take_u64(&rest, &u64))
        return false;
    return u8 == 7 && u16 == 0x1234 && u32 == 0xdeadbeef && u64 == 0x0123456789abcdef &&
           memcmp(&addr, want, sizeof(addr)) == 0 && slice_eq(rest, SLICE_LIT("tail"));
}

static void
what_was_built_is_read_back(void)
{
    static const char *const texts[] = {"", "1", "447700900123", "12345678901234567890"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct addr addr = address(ADDR_E164, texts[i]);
        struct key k;

        make_all(&k, &addr);
        check(take_all(key_slice(&k), &addr));
    }
}

static void
a_key_cut_at_every_byte_is_refused(void)
{
    struct addr addr = address(ADDR_ALPHA, "Tandem");
    struct key k;

    make_all(&k, &addr);
    for (size_t n = 0; n < k.n; n++)
        check(!take_all(slice_of(k.b, n), &addr));
}

static void
a_bad_address_is_refused(void)
{
    static const struct {
        const char *name;
        struct slice octets;
    } rows[] = {
        {"empty", {NULL, 0}},
        {"only a kind", SLICE_LIT("\x01")},
        {"no NUL", SLICE_LIT("\x01"
                             "123")},
        {"unknown kind", SLICE_LIT("\x04"
                                   "123\0")},
        {"21 characters", SLICE_LIT("\x01"
                                    "123456789012345678901\0")},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct slice rest = rows[i].octets;
        struct addr addr;

        if (key_take_addr(&rest, &addr))
            printf("    %s\n", rows[i].name);
        rest = rows[i].octets;
        check(!key_take_addr(&rest, &addr));
        check_slice(rest, rows[i].octets);
    }
}

static void
grow_too_far(void *argument)
{
    struct key k;

    (void)argument;
    key_init(&k);
    for (size_t i = 0; i <= KEY_BYTES_MAX / 8; i++)
        key_u64(&k, i);
}

static void
address_with_nul(void *argument)
{
    struct addr addr = {.kind = ADDR_E164, .n = 3, .text = "1\0002"};
    struct key k;

    (void)argument;
    key_init(&k);
    key_addr(&k, &addr);
}

static void
a_key_that_does_not_fit_is_a_bug(void)
{
    struct key k;

    key_init(&k);
    for (size_t i = 0; i < KEY_BYTES_MAX / 8; i++)
        key_u64(&k, i);
    check_number(k.n, KEY_BYTES_MAX);
    check_number(run_apart(grow_too_far, NULL), 128 + SIGABRT);
    check_number(run_apart(address_with_nul, NULL), 128 + SIGABRT);
}

CHECK_MAIN({"numbers_are_big_endian", numbers_are_big_endian},
           {"order_of_keys_is_order_of_numbers", order_of_keys_is_order_of_numbers},
           {"address_is_kind_text_nul", address_is_kind_text_nul},
           {"no_address_is_the_beginning_of_another", no_address_is_the_beginning_of_another},
           {"kinds_of_address_never_meet", kinds_of_address_never_meet},
           {"what_was_built_is_read_back", what_was_built_is_read_back},
           {"a_key_cut_at_every_byte_is_refused", a_key_cut_at_every_byte_is_refused},
           {"a_bad_address_is_refused", a_bad_address_is_refused},
           {"a_key_that_does_not_fit_is_a_bug", a_key_that_does_not_fit_is_a_bug})

/*
 * hasher_test.c: passwords against real argon2id hashes, off the thread that asks.
 */
#include "gateway/hasher.h"

#include <poll.h>

#include "protocol/pdu.h"
#include "tests/unit/check.h"

/* Cheap ones: 8 KiB, one pass. */
#define CHEAP "$argon2id$v=19$m=8,t=1,p=1$"

static char hash_of_secret[PASSWORD_HASH_BYTES];

static enum hash_result
answer(struct hasher *h, uint64_t *ticket)
{
    struct pollfd pfd = {.fd = hasher_fd(h), .events = POLLIN};
    enum hash_result result;

    while (!hasher_answer(h, ticket, &result))
        check(poll(&pfd, 1, 30000) == 1);
    return result;
}

static enum hash_result
ask(struct hasher *h, const char *hash, struct slice password)
{
    enum hash_result result;
    uint64_t ticket = 0;

    check(hasher_ask(h, 7, hash, password));
    result = answer(h, &ticket);
    check_number(ticket, 7);
    return result;
}

static void
smpp_x4_a_password_belongs_to_its_hash(void)
{
    struct hasher *h = hasher_new();
    char other[PASSWORD_HASH_BYTES];

    check(h != NULL);
    check(password_hash(SLICE_LIT("secret"), hash_of_secret));
    check(password_hash(SLICE_LIT("secret"), other));
    check(strncmp(other, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0);
    check(strcmp(other, hash_of_secret) != 0); /* salted */
    check(strstr(other, "secret") == NULL);
    check_number(ask(h, hash_of_secret, SLICE_LIT("secret")), HASH_MATCH);
    check_number(ask(h, other, SLICE_LIT("secret")), HASH_MATCH);
    check_number(ask(h, other, SLICE_LIT("secre")), HASH_MISMATCH);
    check_number(ask(h, other, SLICE_LIT("secret1")), HASH_MISMATCH);
    check_number(ask(h, other, SLICE_NONE), HASH_MISMATCH);
    hasher_free(h);
}

static void
what_is_no_hash_is_no_answer(void)
{
    struct hasher *h = hasher_new();

    check_number(ask(h, "", SLICE_LIT("secret")), HASH_FAILED);
    check_number(ask(h, "secret", SLICE_LIT("secret")), HASH_FAILED);
    check_number(ask(h, CHEAP "c2FsdA$", SLICE_LIT("secret")), HASH_FAILED);
    hasher_free(h);
}

/* A password has 64 octets at most, a hash 127. */
static void
limits_of_a_question(void)
{
    struct hasher *h = hasher_new();
    char hash[PASSWORD_HASH_BYTES + 1], octets[SMPP_PASSWORD_LONG_BYTES + 1] = {0};

    memset(hash, 'a', sizeof(hash));
    hash[PASSWORD_HASH_BYTES] = '\0';
    check(!hasher_ask(h, 1, hash, SLICE_LIT("secret")));
    check(!hasher_ask(h, 1, "x", slice_of(octets, sizeof(octets))));
    check_number(ask(h, "x", slice_of(octets, sizeof(octets) - 1)), HASH_FAILED);
    hash[PASSWORD_HASH_BYTES - 1] = '\0';
    check_number(ask(h, hash, SLICE_LIT("secret")), HASH_FAILED);
    hasher_free(h);
}

/* HASH_JOBS_MAX wait, HASH_THREADS are at work, and each gets its answer. */
static void
smpp_x5_the_queue_is_bounded(void)
{
    bool seen[HASH_JOBS_MAX + HASH_THREADS + 1] = {false};
    struct hasher *h = hasher_new();
    uint64_t asked = 0, ticket;

    check(password_hash(SLICE_LIT("secret"), hash_of_secret));
    while (asked < HASH_JOBS_MAX + HASH_THREADS &&
           hasher_ask(h, asked + 1, hash_of_secret, SLICE_LIT("secret")))
        asked++;
    check(asked >= HASH_JOBS_MAX);
    /* Answers that nobody reads count as well, so the next is refused however fast it went. */
    while (asked < HASH_JOBS_MAX + HASH_THREADS)
        asked += hasher_ask(h, asked + 1, hash_of_secret, SLICE_LIT("secret"));
    check(!hasher_ask(h, asked + 1, hash_of_secret, SLICE_LIT("secret")));
    for (uint64_t i = 0; i < asked; i++) {
        check_number(answer(h, &ticket), HASH_MATCH);
        check(ticket >= 1 && ticket <= asked && !seen[ticket]);
        seen[ticket] = true;
    }
    hasher_free(h);
}

static void
it_can_end_with_questions_left(void)
{
    struct hasher *h = hasher_new();

    check(password_hash(SLICE_LIT("secret"), hash_of_secret));
    for (uint64_t i = 0; i < 10; i++)
        check(hasher_ask(h, i, hash_of_secret, SLICE_LIT("secret")));
    hasher_free(h);
    hasher_free(NULL);
}

static void
every_result_has_a_name(void)
{
    check_text(slice_str(hash_result_name(HASH_MATCH)), "match");
    check_text(slice_str(hash_result_name(HASH_MISMATCH)), "mismatch");
    check_text(slice_str(hash_result_name(HASH_FAILED)), "failed");
}

CHECK_MAIN(
    {"smpp_x4_a_password_belongs_to_its_hash", smpp_x4_a_password_belongs_to_its_hash},
    {"what_is_no_hash_is_no_answer", what_is_no_hash_is_no_answer},
    {"limits_of_a_question", limits_of_a_question},
    {"smpp_x5_the_queue_is_bounded", smpp_x5_the_queue_is_bounded},
    {"it_can_end_with_questions_left", it_can_end_with_questions_left},
    {"every_result_has_a_name", every_result_has_a_name})

/*
 * resolver_test.c: questions and answers across the resolver's thread. Only addresses are asked
 * for, so that no name server is needed.
 */
#include "gateway/resolver.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/check.h"

static void
next_answer(struct resolver *r, struct resolved *out)
{
    struct pollfd wait = {.fd = resolver_fd(r), .events = POLLIN};
    uint64_t count;

    while (!resolver_answer(r, out)) {
        check(poll(&wait, 1, 10000) == 1);
        check(read(wait.fd, &count, sizeof(count)) == sizeof(count));
    }
}

static void
row_34_every_question_gets_its_answer(void)
{
    struct resolver *r = resolver_new();
    struct resolved answer;
    unsigned seen = 0;

    check(r != NULL);
    for (uint32_t ticket = 1; ticket <= 20; ticket++)
        check(resolver_ask(r, ticket, ticket % 2 ? "127.0.0.1" : "::1", 2775));
    for (int i = 0; i < 20; i++) {
        next_answer(r, &answer);
        check(answer.ticket >= 1 && answer.ticket <= 20);
        check((seen & 1u << answer.ticket) == 0);
        seen |= 1u << answer.ticket;
        check(answer.ticket % 2 == 0 || answer.count == 1);
        check(answer.count > 0 || answer.why != NULL);
    }
    check(!resolver_answer(r, &answer));
    resolver_free(r);
}

static void
what_cannot_be_asked_is_refused(void)
{
    struct resolver *r = resolver_new();
    char host[300];

    check(r != NULL);
    memset(host, 'a', sizeof(host) - 1);
    host[sizeof(host) - 1] = '\0';
    check(!resolver_ask(r, 1, host, 2775));
    resolver_free(r);
}

static void
an_end_does_not_wait_for_questions(void)
{
    for (int round = 0; round < 20; round++) {
        struct resolver *r = resolver_new();

        check(r != NULL);
        for (uint32_t ticket = 0; ticket < RESOLVE_JOBS_MAX / 2; ticket++)
            check(resolver_ask(r, ticket, "127.0.0.1", 2775));
        resolver_free(r);
    }
}

CHECK_MAIN({"row_34_every_question_gets_its_answer", row_34_every_question_gets_its_answer},
           {"what_cannot_be_asked_is_refused", what_cannot_be_asked_is_refused},
           {"an_end_does_not_wait_for_questions", an_end_does_not_wait_for_questions})

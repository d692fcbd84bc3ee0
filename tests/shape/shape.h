/*
 * shape.h: worlds for the shaper: the real core and store, a virtual clock, carriers that take
 * their time, accounts with limits and more to send than fits.
 *
 * A world is one run of one seed. world.c makes it and lets time go by; judge.c has its own account
 * of who waits, who could have gone and who was due, made of the rules alone, and ends the run when
 * the core did otherwise. The simulator in tests/sim has the rest of the gateway's promises.
 */
#ifndef TANDEM_SHAPE_WORLD_H
#define TANDEM_SHAPE_WORLD_H

#include "gateway/relay/planted.h"
#include "gateway/relay/relay.h"

#include <setjmp.h>

#define LINKS_MAX 2u
#define BINDS_MAX 6u /* of carriers; apps have the slots behind them */
#define ACCOUNTS_MAX 4u
#define NUMBERS_MAX 8u
#define PHONES 40u
#define MESSAGES_MAX 400u
#define TIMES_MAX 1024u
#define KEEP_MS 60000u /* places are kept so long after the last of what they are kept for */
#define PAUSE_MS 100u /* no shorter after "slow down" */
#define START_MS 1700000000000ull

struct limit { /* a rate, and what was sent under it */
    uint32_t rate; /* 0: none */
    uint64_t since_ms; /* it began empty */
    uint64_t times[TIMES_MAX];
    uint32_t count;
};

struct carrier {
    uint32_t window, binds, latency_ms;
    uint64_t chat_ms; /* the last chat that was sent, 0: none */
    uint64_t sent_ms[2][ACCOUNTS_MAX]; /* the last of each class and account, 0: none */
    uint32_t shares[2][ACCOUNTS_MAX]; /* sent of each class since `wanting` changed */
    uint32_t wanting[2], wanted[2]; /* bit per account: has something that may go */
};

struct bind {
    uint32_t link;
    bool up, slow; /* it was told to slow down: what it takes now is its own */
    uint64_t quiet_ms; /* and until then it takes nothing */
    uint32_t generation, flying, chat_flying;
    uint32_t chat_most[2]; /* of chat_flying in this span of time and in the one before */
    uint64_t span_ms;
    struct limit rate;
};

struct account {
    uint32_t weight, cap;
    struct limit rate;
    uint64_t day;
    uint32_t today;
};

struct number {
    char digits[16];
    uint32_t account, link;
    struct limit rate;
};

enum message_state { WAITS, FLIES, FAILED, ENDED }; /* FAILED: it goes again after a while */
struct message {
    enum message_state state;
    uint32_t number, phone, class;
    uint32_t bind; /* FLIES */
    uint64_t answer_ms;
    struct session_token token;
    bool sent_now; /* in this turn */
    bool free;     /* nothing to the same phone is in front of it */
};

struct world {
    uint64_t seed, rng, now_ms;
    jmp_buf failed;
    const char *broken;
    char why[300];
    struct conf *conf;
    struct store *store;
    struct relay *relay;
    struct store_txn *txn;
    struct effects fx;
    char dir[64];
    uint32_t link_count, bind_count, account_count, number_count, message_count;
    struct carrier carriers[LINKS_MAX];
    struct bind binds[BINDS_MAX];
    struct account accounts[ACCOUNTS_MAX];
    struct number numbers[NUMBERS_MAX];
    struct message messages[MESSAGES_MAX];
    uint32_t floor_percent, keep_percent, account_percent;
    uint32_t crash, drop, slow, fail; /* chances in 10,000 */
    uint32_t turns;
    bool even; /* no limits but those of binds: shares are looked at */
};

uint32_t rnd(struct world *w, uint32_t n);
_Noreturn void broken(struct world *w, const char *rule, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* ---- judge.c */
void judge_limit_start(struct limit *limit, uint64_t now_ms);
/* Before the core picks: who may go. */
void judge_before(struct world *w);
/* A message left on this bind. */
void judge_sent(struct world *w, uint32_t message, uint32_t bind);
/* The turn is over, and the core wants no other at once. */
void judge_after(struct world *w);

#endif

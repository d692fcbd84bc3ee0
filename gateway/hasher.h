/*
 * hasher.h: compares passwords of apps with their argon2id hashes, on threads of its own: one
 * comparison takes tens of milliseconds by design, and the I/O thread has sessions to serve
 * (bad-input.md 5, "Passwords of upstream apps").
 */
#ifndef TANDEM_HASHER_H
#define TANDEM_HASHER_H

#include "gateway/limits.h"
#include "protocol/slice.h"

/* With the NUL; what libsodium writes has at most so many. */
#define PASSWORD_HASH_BYTES 128u

enum hash_result {
    HASH_MATCH,
    HASH_MISMATCH,
    HASH_FAILED,                    /* no memory, or not a hash: nothing is known */
};
const char *hash_result_name(enum hash_result result);

struct hasher;

/* The threads start with the first question. NULL: no memory or descriptor. */
struct hasher *hasher_new(void);
/* Waits for comparisons that run. */
void hasher_free(struct hasher *hasher);

/* Does the password belong to the hash? Both are copied. False if HASH_JOBS_MAX questions wait, or
 * no thread can be started; true: there will be an answer. */
must_check bool hasher_ask(struct hasher *hasher, uint64_t ticket, const char *hash,
                           struct slice password);
/* An eventfd that is written to for each answer. */
int hasher_fd(const struct hasher *hasher);
bool hasher_answer(struct hasher *hasher, uint64_t *ticket, enum hash_result *result);

/* A new hash of a password, at once, for the directory file. False: no memory. */
must_check bool password_hash(struct slice password, char hash[PASSWORD_HASH_BYTES]);

#endif

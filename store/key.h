/*
 * key.h: keys of rows. Big-endian numbers and NUL-terminated addresses, so that bytewise order is
 * the order we walk in.
 *
 * A key is built in a struct key on the stack, part by part; one that does not fit is a bug and
 * asserts:
 *     struct key k;
 *     key_init(&k);
 *     key_u32(&k, account); key_addr(&k, &number); ... key_slice(&k)
 */
#ifndef TANDEM_KEY_H
#define TANDEM_KEY_H

#include "protocol/addr.h"
#include "store/store.h"

#define KEY_BYTES_MAX 128u

struct key {
    uint8_t n;
    uint8_t b[KEY_BYTES_MAX];
};

static inline void key_init(struct key *k) { k->n = 0; }
void key_u8(struct key *k, uint8_t value);
void key_u16(struct key *k, uint16_t value);
void key_u32(struct key *k, uint32_t value);
void key_u64(struct key *k, uint64_t value);
void key_addr(struct key *k, const struct addr *addr);   /* kind, characters, NUL */
/* As they are: only as the last part, or of fixed length. */
void key_bytes(struct key *k, struct slice bytes);
static inline struct slice key_slice(const struct key *k) { return (struct slice){k->b, k->n}; }

/* Reads keys back: each takes its part off the front of *rest; false if it is not there. */
bool key_take_u8(struct slice *rest, uint8_t *out);
bool key_take_u16(struct slice *rest, uint16_t *out);
bool key_take_u32(struct slice *rest, uint32_t *out);
bool key_take_u64(struct slice *rest, uint64_t *out);
bool key_take_addr(struct slice *rest, struct addr *out);

#endif

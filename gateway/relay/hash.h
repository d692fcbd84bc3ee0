/*
 * hash.h: chained hash tables of nodes that live inside their objects. The table allocates only its
 * buckets.
 */
#ifndef TANDEM_HASH_H
#define TANDEM_HASH_H

#include "protocol/addr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash_node {
    struct hash_node *next;
    uint64_t hash;
};

struct hash {
    struct hash_node **buckets;
    size_t count;
    size_t mask; /* buckets - 1; 0 before the first insert */
};

#define HASH_OBJECT(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

/* First node of the chain for this hash; walk with node->next, comparing node->hash and then the
 * key. */
static inline struct hash_node *
hash_chain(const struct hash *h, uint64_t hash)
{
    return h->buckets ? h->buckets[hash & h->mask] : NULL;
}

void hash_insert(struct hash *h, struct hash_node *node, uint64_t hash);
void hash_remove(struct hash *h, struct hash_node *node);
void hash_release(struct hash *h);

/* Mixing: not against an attacker, who could at worst slow down his own numbers. */
static inline uint64_t
hash_mix(uint64_t seed, uint64_t value)
{
    uint64_t x = (seed ^ value) * 0x9E3779B97F4A7C15ull;

    x ^= x >> 32;
    x *= 0xD6E8FEB86659FD93ull;
    return x ^ (x >> 29);
}

uint64_t hash_bytes(uint64_t seed, const void *p, size_t n);

static inline uint64_t
hash_addr(uint64_t seed, const struct addr *addr)
{
    return hash_bytes(seed, addr, sizeof(*addr));
}

#endif

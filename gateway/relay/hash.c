/*
 * hash.c: the hash tables of the core: growth by doubling, nothing else.
 */
#include "gateway/relay/hash.h"

#include <assert.h>
#include <stdlib.h>

#include "gateway/relay/core.h"

#define HASH_BUCKETS_MIN 64u

static void
hash_grow(struct hash *h)
{
    size_t old = h->buckets ? h->mask + 1 : 0;
    size_t size = old ? old * 2 : HASH_BUCKETS_MIN;
    struct hash_node **buckets = core_alloc(size * sizeof(*buckets));

    for (size_t i = 0; i < old; i++) {
        struct hash_node *node = h->buckets[i];

        while (node) {
            struct hash_node *next = node->next;

            node->next = buckets[node->hash & (size - 1)];
            buckets[node->hash & (size - 1)] = node;
            node = next;
        }
    }
    free(h->buckets);
    h->buckets = buckets;
    h->mask = size - 1;
}

void
hash_insert(struct hash *h, struct hash_node *node, uint64_t hash)
{
    if (!h->buckets || h->count > h->mask)
        hash_grow(h);
    node->hash = hash;
    node->next = h->buckets[hash & h->mask];
    h->buckets[hash & h->mask] = node;
    h->count++;
}

void
hash_remove(struct hash *h, struct hash_node *node)
{
    struct hash_node **at = &h->buckets[node->hash & h->mask];

    while (*at != node) {
        assert(*at);
        at = &(*at)->next;
    }
    *at = node->next;
    node->next = NULL;
    h->count--;
}

void
hash_release(struct hash *h)
{
    free(h->buckets);
    *h = (struct hash){NULL, 0, 0};
}

uint64_t
hash_bytes(uint64_t seed, const void *p, size_t n)
{
    const uint8_t *at = p;
    uint64_t word;

    seed = hash_mix(seed, n);
    for (; n >= sizeof(word); at += sizeof(word), n -= sizeof(word)) {
        memcpy(&word, at, sizeof(word));
        seed = hash_mix(seed, word);
    }
    if (n) {
        word = 0;
        memcpy(&word, at, n);
        seed = hash_mix(seed, word);
    }
    return seed;
}

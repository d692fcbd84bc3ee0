/*
 * crc32c.c: CRC-32C (Castagnoli, RFC 3720 B.4), by the instruction of SSE 4.2 where there is one,
 * else by tables. Every record carries one, because LMDB checks nothing (faults.md, decision 10).
 */
#include "store/record.h"

#include <pthread.h>
#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

#define CRC32C_POLYNOMIAL 0x82f63b78u /* reflected */

static uint32_t slicing[8][256];
static pthread_once_t slicing_once = PTHREAD_ONCE_INIT;

static void
slicing_make(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t crc = i;

        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ CRC32C_POLYNOMIAL : crc >> 1;
        slicing[0][i] = crc;
    }
    for (uint32_t i = 0; i < 256; i++)
        for (int k = 1; k < 8; k++)
            slicing[k][i] = slicing[k - 1][i] >> 8 ^ slicing[0][slicing[k - 1][i] & 0xff];
}

uint32_t
crc32c_portable(uint32_t seed, const void *p, size_t n)
{
    const uint8_t *at = p;
    uint32_t crc = ~seed;

    pthread_once(&slicing_once, slicing_make);
    for (; n >= 8; at += 8, n -= 8) {
        crc ^= (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
               (uint32_t)at[3] << 24;
        crc = slicing[7][crc & 0xff] ^ slicing[6][crc >> 8 & 0xff] ^ slicing[5][crc >> 16 & 0xff] ^
              slicing[4][crc >> 24] ^ slicing[3][at[4]] ^ slicing[2][at[5]] ^ slicing[1][at[6]] ^
              slicing[0][at[7]];
    }
    for (; n > 0; at++, n--)
        crc = crc >> 8 ^ slicing[0][(crc ^ *at) & 0xff];
    return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t
crc32c_sse(uint32_t seed, const void *p, size_t n)
{
    const uint8_t *at = p;
    uint64_t crc = ~seed;

    for (; n >= 8; at += 8, n -= 8) {
        uint64_t word;

        memcpy(&word, at, sizeof(word));
        crc = _mm_crc32_u64(crc, word);
    }
    for (; n > 0; at++, n--)
        crc = _mm_crc32_u8((uint32_t)crc, *at);
    return ~(uint32_t)crc;
}
#endif

uint32_t
crc32c(uint32_t seed, const void *p, size_t n)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2"))
        return crc32c_sse(seed, p, n);
#endif
    return crc32c_portable(seed, p, n);
}

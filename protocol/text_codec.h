/*
 * text_codec.h: what the files behind text.h share: one pair of functions per alphabet that is more
 * than a cast. Inside protocol/ only.
 */
#ifndef TANDEM_TEXT_CODEC_H
#define TANDEM_TEXT_CODEC_H

#include "protocol/slice.h"
#include "protocol/utf8.h"

/* Octets that are being written; full once something did not fit, and from then on nothing more is
 * taken. */
struct text_out {
    uint8_t *p;
    size_t cap;
    size_t n;
    bool full;
};

static inline void
text_out_octet(struct text_out *out, uint8_t octet)
{
    if (out->full || out->n == out->cap)
        out->full = true;
    else
        out->p[out->n++] = octet;
}

/* A code point as UTF-8, whole or not at all. */
static inline void
text_out_utf8(struct text_out *out, uint32_t code_point)
{
    if (out->full || out->cap - out->n < utf8_length(code_point)) {
        out->full = true;
        return;
    }
    utf8_encode(code_point, out->p + out->n);
    out->n += utf8_length(code_point);
}

/* GSM 03.38, one septet an octet. */
#define GSM_ESCAPE 0x1bu
#define GSM_CR 0x0du
#define GSM_LF 0x0au
/* As the last of packed septets, of which bit 7 is left off: zeros are an '@', and a CR is what
 * they are filled with. */
static inline bool
gsm_like_spare_bits(uint8_t septet)
{
    return (septet & 0x7fu) == 0 || (septet & 0x7fu) == GSM_CR;
}

void gsm_to_utf8(struct slice in, struct text_out *out);
void gsm_from_utf8(struct slice utf8, struct text_out *out);
bool gsm_fits(struct slice utf8);

/* UTF-16, big-endian. */
void ucs2_to_utf8(struct slice in, struct text_out *out);
void ucs2_from_utf8(struct slice utf8, struct text_out *out);
/* The code point at p[0], n at least 1: U+FFFD for a lone surrogate and for a single last octet.
 * *used is 1, 2 or 4. */
uint32_t ucs2_decode(const uint8_t *p, size_t n, size_t *used);

#endif

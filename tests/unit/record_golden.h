/*
 * record_golden.h: octets of every released version of every record. The present ones are printed
 * by GOLDEN_PRINT=1 build/unit/record_test; what stands here is never changed, only added to.
 */
#ifndef TANDEM_RECORD_GOLDEN_H
#define TANDEM_RECORD_GOLDEN_H

static const struct {
    const char *name;
    const char *hex; /* its second octet is the version */
} record_golden[] = {
    {"meta", "01013d264b35017f00016f05060709010203040506070a010203040506070b010203040506070c00"
     "026f6f0506070e"},
};

#endif

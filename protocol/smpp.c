/*
 * smpp.c: names of SMPP's numbers. Kept apart from the codec so that configuration and logging can
 * use them without it.
 */
#include "protocol/smpp.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

const char *
smpp_command_name(uint32_t command_id)
{
    switch (command_id) {
#define SMPP_PAIR(symbol, number, name)                                                           \
    case SMPP_##symbol:                                                                           \
        return name;                                                                              \
    case SMPP_##symbol##_RESP:                                                                    \
        return name "_resp";
#define SMPP_SINGLE(symbol, number, name)                                                         \
    case SMPP_##symbol:                                                                           \
        return name;
        SMPP_COMMANDS(SMPP_PAIR, SMPP_SINGLE)
#undef SMPP_PAIR
#undef SMPP_SINGLE
    }
    return NULL;
}

const char *
smpp_status_name(uint32_t status)
{
    switch (status) {
#define SMPP_ONE(symbol, number, text)                                                            \
    case SMPP_##symbol:                                                                           \
        return #symbol;
        SMPP_STATUSES(SMPP_ONE)
#undef SMPP_ONE
    }
    return NULL;
}

const char *
smpp_status_text(uint32_t status)
{
    switch (status) {
#define SMPP_ONE(symbol, number, text)                                                            \
    case SMPP_##symbol:                                                                           \
        return text;
        SMPP_STATUSES(SMPP_ONE)
#undef SMPP_ONE
    }
    return NULL;
}

bool
smpp_status_by_name(const char *name, uint32_t *status)
{
    static const struct {
        const char *name;
        uint32_t status;
    } all[] = {
#define SMPP_ONE(symbol, number, text) {#symbol, number},
        SMPP_STATUSES(SMPP_ONE)
#undef SMPP_ONE
    };

    if (strncasecmp(name, "ESME_", 5) == 0)
        name += 5;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (strcasecmp(all[i].name, name) == 0) {
            *status = all[i].status;
            return true;
        }
    }
    return false;
}

const char *
smpp_ton_name(uint32_t ton)
{
    static const char *const names[SMPP_TONS] = {
        "unknown",    "international", "national",    "network",
        "subscriber", "alphanumeric",  "abbreviated",
    };

    return ton < SMPP_TONS ? names[ton] : NULL;
}

const char *
smpp_npi_name(uint32_t npi)
{
    switch (npi) {
#define SMPP_ONE(symbol, number, name)                                                            \
    case SMPP_NPI_##symbol:                                                                       \
        return name;
        SMPP_NPIS(SMPP_ONE)
#undef SMPP_ONE
    }
    return NULL;
}

/* A switch rather than a search: the decoder asks for every TLV of every message. */
const struct smpp_tag_info *
smpp_tag_info(uint16_t tag)
{
    switch (tag) {
#define SMPP_ONE(symbol, number, name, min, max, repeatable)                                      \
    case SMPP_TAG_##symbol: {                                                                     \
        static const struct smpp_tag_info info = {number, repeatable, min, max, name};            \
        return &info;                                                                             \
    }
        SMPP_TAGS(SMPP_ONE)
#undef SMPP_ONE
    }
    return NULL;
}

const char *
smpp_tag_name(uint16_t tag)
{
    const struct smpp_tag_info *info = smpp_tag_info(tag);

    return info ? info->name : NULL;
}

bool
smpp_is_response(uint32_t command_id)
{
    return (command_id & SMPP_RESPONSE_BIT) != 0;
}

bool
smpp_is_bind(uint32_t command_id)
{
    return command_id == SMPP_BIND_RECEIVER || command_id == SMPP_BIND_TRANSMITTER ||
           command_id == SMPP_BIND_TRANSCEIVER;
}

bool
smpp_version_has_tlvs(uint8_t interface_version)
{
    return interface_version >= SMPP_VERSION_34;
}

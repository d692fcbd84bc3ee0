/*
 * address.c: see address.h.
 */
#include "gateway/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static const struct sockaddr_in *
ipv4(const struct address *address)
{
    return (const struct sockaddr_in *)&address->sa;
}

static const struct sockaddr_in6 *
ipv6(const struct address *address)
{
    return (const struct sockaddr_in6 *)&address->sa;
}

bool
address_parse(const char *text, uint16_t port, struct address *out)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};

    memset(out, 0, sizeof(*out));
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) {
        memcpy(&out->sa, &v4, sizeof(v4));
        out->length = sizeof(v4);
        return true;
    }
    if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1) {
        memcpy(&out->sa, &v6, sizeof(v6));
        out->length = sizeof(v6);
        return true;
    }
    return false;
}

bool
address_same(const struct address *a, const struct address *b)
{
    return a->length == b->length && memcmp(&a->sa, &b->sa, a->length) == 0;
}

void
address_octets(const struct address *address, uint8_t octets[16])
{
    memset(octets, 0, 16);
    if (address->sa.ss_family == AF_INET) {
        octets[10] = octets[11] = 0xff;
        memcpy(octets + 12, &ipv4(address)->sin_addr, 4);
    } else {
        memcpy(octets, &ipv6(address)->sin6_addr, 16);
    }
}

struct address_key
address_key(const struct address *address)
{
    struct address_key key;

    address_octets(address, key.b);
    if (address->sa.ss_family != AF_INET && !IN6_IS_ADDR_V4MAPPED(&ipv6(address)->sin6_addr))
        memset(key.b + 8, 0, 8);
    return key;
}

void
address_text(const struct address *address, char buf[ADDRESS_TEXT_BYTES])
{
    char host[INET6_ADDRSTRLEN] = "?";

    if (address->sa.ss_family == AF_INET) {
        inet_ntop(AF_INET, &ipv4(address)->sin_addr, host, sizeof(host));
        snprintf(buf, ADDRESS_TEXT_BYTES, "%s:%u", host, ntohs(ipv4(address)->sin_port));
    } else {
        inet_ntop(AF_INET6, &ipv6(address)->sin6_addr, host, sizeof(host));
        snprintf(buf, ADDRESS_TEXT_BYTES, "[%s]:%u", host, ntohs(ipv6(address)->sin6_port));
    }
}

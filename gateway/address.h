/*
 * address.h: addresses of peers: literals, text for the log, and the key under which an address is
 * counted for limits.
 */
#ifndef TANDEM_ADDRESS_H
#define TANDEM_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define ADDRESS_TEXT_BYTES 72u

struct address {
    struct sockaddr_storage sa;
    socklen_t length;               /* 0: none */
};

/* IPv4 as mapped into IPv6, IPv6 by its /64: one customer has many addresses in it. */
struct address_key {
    uint8_t b[16];
};

/* "192.0.2.1" or "2001:db8::1"; false if text is a name. */
bool address_parse(const char *text, uint16_t port, struct address *out);
bool address_same(const struct address *a, const struct address *b);
struct address_key address_key(const struct address *address);
/* All of it; IPv4 as mapped into IPv6. */
void address_octets(const struct address *address, uint8_t octets[16]);
/* "192.0.2.1:2775", "[2001:db8::1]:2775" */
void address_text(const struct address *address, char buf[ADDRESS_TEXT_BYTES]);

#endif

/*
 * reply.h: answers to peers, and log lines.
 */
#ifndef TANDEM_RELAY_REPLY_H
#define TANDEM_RELAY_REPLY_H

#include "gateway/relay/core.h"

/* The command_id and the sequence number are those of the request. */
void reply_pdu(struct step *s, struct bind *bind, const struct pdu *request, struct pdu *reply,
               uint64_t inbound);
void reply_status(struct step *s, struct bind *bind, const struct pdu *request, uint32_t status);
void reply_id(struct step *s, struct bind *bind, const struct pdu *request, struct slice message_id,
              uint64_t inbound);

struct line {
    char p[400];
    size_t n;
};
void line_text(struct line *line, const char *text);
void line_key(struct line *line, const char *key, const char *value);
void line_number(struct line *line, const char *key, uint64_t value);
void line_addr(struct line *line, const char *key, const struct addr *addr); /* masked */
void line_log(struct step *s, enum log_level level, const struct line *line);

#endif

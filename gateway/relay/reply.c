/*
 * reply.c: answers to peers and log lines of the core. Both are effects: they leave after the
 * commit.
 */
#include "gateway/relay/core.h"

static void
reply_pdu(struct step *s, struct bind *bind, const struct pdu *request, struct pdu *reply,
          uint64_t inbound)
{
    reply->command_id = request->command_id | 0x80000000u;
    reply->sequence_number = request->sequence_number;
    effects_reply(s->fx, bind->name, inbound, reply);
}

void
reply_status(struct step *s, struct bind *bind, const struct pdu *request, uint32_t status)
{
    struct pdu reply = {.command_status = status};

    if (status != SMPP_ROK)
        s->relay->count.refused_in++;
    reply_pdu(s, bind, request, &reply, 0);
}

void
reply_id(struct step *s, struct bind *bind, const struct pdu *request, struct slice message_id,
         uint64_t inbound)
{
    struct pdu reply = {.command_status = SMPP_ROK};

    reply.body.message_id = message_id;
    reply_pdu(s, bind, request, &reply, inbound);
}

static void
line_put(struct line *line, const char *text, size_t n)
{
    size_t room = sizeof(line->p) - 1 - line->n;

    if (n > room)
        n = room;
    memcpy(line->p + line->n, text, n);
    line->n += n;
    line->p[line->n] = '\0';
}

void
line_text(struct line *line, const char *text)
{
    line_put(line, text, strlen(text));
}

void
line_key(struct line *line, const char *key, const char *value)
{
    line_put(line, " ", 1);
    line_text(line, key);
    line_put(line, "=", 1);
    line_text(line, value);
}

void
line_number(struct line *line, const char *key, uint64_t value)
{
    char digits[24];

    (void)message_id_text(value, digits);
    line_key(line, key, digits);
}

void
line_addr(struct line *line, const char *key, const struct addr *addr)
{
    char masked[ADDR_MASKED_BYTES];

    line_key(line, key, addr_masked(addr, masked));
}

void
line_log(struct step *s, enum log_level level, const struct line *line)
{
    if (s->fx)
        effects_log(s->fx, level, line->p);
}

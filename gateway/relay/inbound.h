/*
 * inbound.h: deliver_sm and data_sm from carriers.
 */
#ifndef TANDEM_RELAY_INBOUND_H
#define TANDEM_RELAY_INBOUND_H

#include "gateway/relay/core.h"
#include "gateway/relay/number.h"

struct inbound {        /* a whole message from a phone */
    struct link *link;  /* the carrier */
    struct addr number; /* ours */
    struct rec_number owner;
    struct addr phone;
    uint8_t data_coding;
    enum text_alphabet alphabet;
    struct slice octets; /* in alphabet; with the sender's header if udhi */
    bool udhi;
    struct slice text; /* UTF-8; empty if binary */
    bool binary;
    uint64_t first_ms;  /* when its first part came; 0: it came in one piece */
    uint8_t esm_class;  /* of its last part */
    struct slice tlvs;  /* of vendors, of its last part */
    uint8_t stop; /* enum stop_change: what this text changed */
    uint32_t contact;    /* match_sender(): whose it is, 0: nobody's */
    uint32_t candidates; /* contacts that have the sender's number */
    struct number_settings settings; /* number_in() */
};
void inbound_pdu(struct step *s, struct bind *bind, const struct pdu *pdu);

/* A message is whole: hands it to the number's role. */
void inbound_whole(struct step *s, struct inbound *in);
void inbound_confirmed(struct step *s, struct bind *bind, uint64_t n);
void inbound_lost(struct step *s, struct bind *bind, uint64_t confirmed);
void inbound_load(struct step *s);
void inbound_sweep(struct step *s);
void inbound_free(struct relay *relay);
bool number_get(struct step *s, const struct addr *addr, struct rec_number *out);
/* The message goes on to an app, octets unchanged where both sides agree on what they mean. */
void inbound_to_app(struct step *s, const struct inbound *in, uint32_t app);
/* Does it take messages: one of ours, or one that was and still stands for a contact? */
bool number_takes(struct step *s, const struct addr *addr, struct rec_number *out);
/* Also one that is out of the directory: what began on it goes on. */
bool number_get_any(struct step *s, const struct addr *addr, struct rec_number *out);

#endif

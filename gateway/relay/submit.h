/*
 * submit.h: a message that an app submits while it is looked at. submit.c checks and accepts it;
 * multi.c does so for each of many destinations, replace.c exchanges what still waits. Nobody else
 * includes it.
 */
#ifndef TANDEM_RELAY_SUBMIT_H
#define TANDEM_RELAY_SUBMIT_H

#include "gateway/relay/core.h"

struct submit {
    struct bind *bind;
    const struct pdu *pdu;
    const struct pdu_sm *sm;
    const struct account *account;
    struct link *carrier;
    struct rec_number number; /* of the source */
    struct rec_msg msg;
    bool udhi;
    bool pieces;                 /* goes out as several messages (LONG_SPLIT): submit_fit() */
    enum text_alphabet alphabet; /* of the app's octets */
};

/* Everything that is the same for all destinations. */
must_check enum smpp_status
submit_begin(struct step *s, struct submit *submit, struct bind *bind, const struct pdu *pdu);
/* One destination: checks it and accepts the message. *message is its number, or that of the first
 * of its pieces. submit->msg has been changed for this destination then. */
must_check enum smpp_status submit_to(struct step *s, struct submit *submit,
                                      const struct pdu_address *dest, uint64_t *message);
/* Payload, alphabet and parts of submit->msg for the link that it goes to, which is known. */
must_check enum smpp_status submit_fit(struct step *s, struct submit *submit);
/* What the app wrote, in UTF-8: what goes out may be in another alphabet, or the last of several
 * pieces. Empty if it is no text. */
struct slice submit_text(struct step *s, const struct submit *submit);

/* replace_if_present_flag: true if a message that waits for the same receiver, with the same
 * service_type, has become this one; *message is its number. */
must_check bool submit_replaces(struct step *s, struct submit *submit, uint64_t *message);

#endif

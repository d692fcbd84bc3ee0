/*
 * submit.h: what the files share that answer an app's requests about messages. submit.c checks and
 * accepts one; multi.c does so for each of many destinations; manage.c finds those that wait, and
 * replace.c exchanges them.
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
    bool udhi;                   /* with a header that stays */
    bool pieces;                 /* goes out as several messages (LONG_SPLIT): submit_fit() */
    enum text_alphabet alphabet; /* of the app's octets */
    struct slice octets;         /* its text, unpacked; with the header if udhi */
};

/* ---- submit.c
 *
 * Everything that is the same for all destinations. */
enum smpp_status
submit_begin(struct step *s, struct submit *submit, struct bind *bind, const struct pdu *pdu);
/* One destination: checks it and accepts the message. *message is its number, or that of the first
 * of its pieces. submit->msg has been changed for this destination then. */
enum smpp_status
submit_to(struct step *s, struct submit *submit, const struct pdu_address *dest, uint64_t *message);
/* Payload, alphabet and parts of submit->msg for the link that it goes to, which is known. */
enum smpp_status submit_fit(struct step *s, struct submit *submit);
/* What the app wrote, in UTF-8: what goes out may be in another alphabet, or the last of several
 * pieces. Empty if it is no text. */
struct slice submit_text(struct step *s, const struct submit *submit);

/* ---- replace.c
 *
 * replace_if_present_flag: true if a message that waits for the same receiver, with the same
 * service_type, has become this one; *message is its number. */
bool submit_replaces(struct step *s, struct submit *submit, uint64_t *message);

/* ---- manage.c
 *
 * What a query_sm, cancel_sm or replace_sm names: message_id and source must both match what this
 * app submitted. */
struct own_message {
    struct slice id;
    const struct pdu_address *source;
};
bool manage_own_message(struct step *s, const struct bind *bind, const struct own_message *named,
                        uint64_t *message, struct rec_msg *msg);
/* Shows every message that waits in the queue of like->link with account, origin, source and dest
 * of *like; one may be shown twice. take may end it. */
struct waiting_visit {
    void (*take)(struct step *s, struct waiting_visit *visit, uint64_t message,
                 struct rec_msg *msg);
    size_t bytes_max; /* manage_waiting()'s: where the changeset must not go beyond */
};
/* Cancels a message that waits; false if it has gone already. */
bool manage_end_waiting(struct step *s, uint64_t message, struct rec_msg *msg);
void manage_waiting(struct step *s, const struct rec_msg *like, struct waiting_visit *visit);
/* False: this turn has searched enough, RTHROTTLED is the answer. */
bool manage_may_search(const struct step *s);

/* ---- what relay.c calls */
void submit_pdu(struct step *s, struct bind *bind, const struct pdu *pdu);
/* The number of ours that an app names in a PDU. An empty one is its default, the first of its
 * `sources` (A4, M17); false if it has none, or the address cannot be one. */
bool app_source(struct step *s, const struct bind *bind, const struct pdu_address *wire,
                struct addr *out);
void multi_pdu(struct step *s, struct bind *bind, const struct pdu *pdu);
void manage_pdu(struct step *s, struct bind *bind, const struct pdu *pdu);
void replace_pdu(struct step *s, struct bind *bind, const struct pdu *pdu);

#endif

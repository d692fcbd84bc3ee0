/*
 * stop.h: opt-outs (R-stop).
 */
#ifndef TANDEM_RELAY_STOP_H
#define TANDEM_RELAY_STOP_H

#include "gateway/relay/core.h"

struct conv;
struct inbound;

enum stop_change {
    STOP_NOTHING, /* an ordinary text */
    STOP_OUT,
    STOP_IN,
    STOP_WISH,   /* wants in again, and somebody must lift the flag (R-stop-2 manual) */
    STOP_AGAIN,  /* a keyword that changed nothing */
    STOP_NEARLY, /* no keyword, but nearly one (R-stop-3) */
};
const char *stop_change_name(enum stop_change change);

/* Looks at a text from a phone: records STOP and UNSTOP, confirms. Says what it was. */
enum stop_change stop_look(struct step *s, const struct inbound *in);

/* Opts out or in, whoever wants it (R-stop-7). False: that changes nothing. */
struct stop_order {
    uint32_t account;
    struct addr phone;
    bool out;
    enum optout_by by_kind;
    struct slice by, why;
    struct addr number; /* that it was written to, ADDR_NONE: by hand. The conversation with it is
                           the caller's to tell */
    struct slice text;
};
bool stop_change(struct step *s, const struct stop_order *order);
void stop_tell_continue(struct step *s, struct slice payload);

/* R-stop-8: what the history of a conversation shows, which the caller puts, and what its owner is
 * told. */
void stop_entry(struct step *s, struct conv *conv, enum stop_change change);
void stop_notice(struct step *s, const struct conv *conv, enum stop_change change);
bool stop_get(struct step *s, uint32_t account, const struct addr *phone, struct rec_optout *rec);
/* Row n of its history, from 1. */
bool stop_history(struct step *s, uint32_t account, const struct addr *phone, uint32_t n,
                  struct rec_optout *rec);
bool stop_is_out(struct step *s, uint32_t account, const struct addr *phone);

#endif

/*
 * contact.h: people outside (R-multi).
 */
#ifndef TANDEM_RELAY_CONTACT_H
#define TANDEM_RELAY_CONTACT_H

#include "gateway/relay/core.h"

struct conv;

struct contact_phone {
    struct addr number;
    struct rec_contact_phone rec;
};
enum contact_err { CONTACT_OK, CONTACT_PHONES_FULL, CONTACT_SHARED_TOO_OFTEN };
const char *contact_err_name(enum contact_err err);
bool contact_get(struct step *s, uint32_t account, uint32_t contact, struct rec_contact *out);
void contact_put(struct step *s, uint32_t account, uint32_t contact,
                 const struct rec_contact *rec);

/* First and last name, or the company; empty if there is none. */
struct slice contact_name(struct step *s, uint32_t account, uint32_t contact);
/* By its name; 0: there is none. */
uint32_t contact_named(struct step *s, uint32_t account, struct slice id);
/* Gives it a number, and a name if it has none; its name is no other contact's. */
uint32_t contact_new(struct step *s, uint32_t account, struct rec_contact *rec);
/* Away with its record, names and all. */
void contact_erase(struct step *s, uint32_t account, uint32_t contact);
void contact_remove(struct step *s, uint32_t account, uint32_t contact);
uint32_t contacts_of_phone(struct step *s, uint32_t account, const struct addr *phone,
                           uint32_t out[CONF_PHONE_CONTACTS_MAX]);
uint32_t contact_phones(struct step *s, uint32_t account, uint32_t contact,
                        struct contact_phone out[CONF_CONTACT_PHONES_MAX]);
bool contact_has_phone(struct step *s, uint32_t account, uint32_t contact,
                       const struct addr *phone);
/* Adds it, or changes only whether it is selected. */
enum contact_err contact_phone_set(struct step *s, uint32_t account, uint32_t contact,
                                   const struct addr *number, bool selected);
void contact_phone_drop(struct step *s, uint32_t account, uint32_t contact,
                        const struct addr *number);
/* This conversation is the contact's last one at that phone. */
void contact_spoke(struct step *s, uint32_t account, uint32_t contact, const struct conv *conv);
/* When anything was last said to or by the contact; 0: never. */
uint64_t contact_spoke_ms(struct step *s, uint32_t account, uint32_t contact);

/* R-multi: where a message goes that names only the contact. */
enum contact_target { TARGET_ONE, TARGET_CHOICES, TARGET_NONE };
const char *contact_target_name(enum contact_target target);
struct contact_choices {
    uint32_t count;
    struct addr number[CONF_CONTACT_PHONES_MAX];
};
enum contact_target contact_send_target(struct step *s, uint32_t account, uint32_t contact,
                                        struct contact_choices *out);

#endif

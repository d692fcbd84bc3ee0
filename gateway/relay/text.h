/*
 * text.h: texts to phones (R-text).
 */
#ifndef TANDEM_RELAY_TEXT_H
#define TANDEM_RELAY_TEXT_H

#include "gateway/relay/core.h"

enum compose_err { COMPOSE_OK, COMPOSE_TOO_LONG };

/* Puts UTF-8 text into the alphabet of the link that msg goes to, split as the account says, and
 * accepts it. Fields of msg other than payload, alphabet, data_coding, parts are the caller's.
 * unlimited: R-txt-3, never cut, never refused. *first is the first message's number; it may be
 * NULL. */
enum compose_err
compose(struct step *s, struct rec_msg *msg, struct slice text, bool unlimited, uint64_t *first);
/* Only the alphabet: payload, alphabet and data_coding for the link that msg goes to. */
void compose_payload(struct step *s, struct rec_msg *msg, struct slice text);
/* Payload and alphabet as they are, in the link's form of long texts. */
void accept_octets(struct step *s, struct rec_msg *msg, uint64_t *first);
/* To an app, payload and alphabet as they are, in the app's form of long texts. */
void accept_for_app(struct step *s, struct rec_msg *msg);
/* The same for a text; in several messages only if no PDU can hold it. */
void compose_for_app(struct step *s, struct rec_msg *msg, struct slice text);
/* A template of the configuration with its values, in scratch. */
struct slice compose_template(struct step *s, enum conf_message message,
                              const struct template_value *values, size_t count);
uint16_t compose_reference(struct step *s, const struct addr *phone);
/* User data as it came over a link, header and all, with its text unpacked if the link packs. */
struct slice
user_data_from(struct step *s, const struct link *link, uint8_t data_coding,
               struct slice user_data, size_t header_octets);
/* Does the header have elements besides those of concatenation? It stays as it is then (E8). */
bool header_is_senders(const struct udh *udh);

#endif

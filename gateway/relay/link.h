/*
 * link.h: links and binds.
 */
#ifndef TANDEM_RELAY_LINK_H
#define TANDEM_RELAY_LINK_H

#include "gateway/relay/core.h"

struct link *link_find(struct relay *relay, uint32_t id);
struct link *link_named(struct relay *relay, enum link_kind kind, struct slice name);
struct link *link_ensure(struct step *s, enum link_kind kind, uint32_t account, const char *name);
void links_load(struct relay *relay, struct store_txn *txn);
void links_bind_conf(struct relay *relay, uint64_t now_ms);
/* What data_coding 0 is: the characters, GSM whether the link packs it or not. */
enum text_alphabet link_alphabet(const struct link *link);
/* Does the link pack a text of this data_coding on its wire (E1, E6)? */
bool link_packed(const struct link *link, uint8_t data_coding);
enum conf_long_form link_long_form(const struct link *link);
enum conf_operation link_send_with(const struct link *link);
/* The TON of short codes on its wire (A3). */
uint8_t link_short_ton(const struct link *link);
struct bind *bind_of(struct relay *relay, struct session_name name);
void bind_up(struct step *s, const struct event *event);
void bind_down(struct step *s, const struct event *event);
/* Nothing new goes out on it, and no more parts. */
void bind_hold(struct step *s, struct bind *bind);
void links_free(struct relay *relay);

#endif

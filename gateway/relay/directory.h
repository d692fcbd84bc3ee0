/*
 * directory.h: records from the directory file.
 */
#ifndef TANDEM_RELAY_DIRECTORY_H
#define TANDEM_RELAY_DIRECTORY_H

#include "gateway/relay/core.h"

void directory_begin(struct step *s, const struct conf *conf);
void directory_continue(struct step *s);
void directory_free(struct relay *relay);
/* The link of an app that binds before its turn in a large directory has come; NULL if the
 * directory does not name it. */
struct link *directory_app(struct step *s, struct slice system_id);
void accounts_load(struct relay *relay, struct store_txn *txn);
/* 0: nobody has that name. */
uint32_t directory_account_id(struct step *s, const char *name);
const struct account *account_of(const struct relay *relay, uint32_t account);
/* By their names in the directory file; 0: there is none. */
uint32_t account_named(struct step *s, struct slice id);
uint32_t agent_named(struct step *s, uint32_t account, struct slice id);
uint32_t group_named(struct step *s, uint32_t account, struct slice id);
uint32_t campaign_named(struct step *s, uint32_t account, struct slice id);
uint32_t campaign_new(struct step *s, uint32_t account, struct slice id);
/* The one of this name, or a new one. */
uint32_t agent_new(struct step *s, uint32_t account, struct slice id);
uint32_t group_new(struct step *s, uint32_t account, struct slice id);

#endif

/*
 * view.h: which conversations a view shows (R-conv-8).
 */
#ifndef TANDEM_RELAY_VIEW_H
#define TANDEM_RELAY_VIEW_H

#include "gateway/relay/core.h"
#include "gateway/relay/number.h"

struct conv;

enum view { VIEW_OPEN = 1, VIEW_INBOX, VIEW_WAITING, VIEW_FOLLOW_UP, VIEW_CLOSED };
const char *view_name(enum view view);

/* In VIEW_OPEN, instead of OWNER_NOBODY: the number's bot answers. */
#define HOLDER_BOT 3u
struct conv_place { /* what a conversation's rows say */
    uint8_t status; /* 0: it has none */
    uint8_t waiting, follow_up;
    struct owner holder;
    uint64_t closed_ms;
    struct slice inboxes;
};
void view_key(struct key *key, uint32_t account, enum view view);
void view_owner_key(struct key *key, uint32_t account, enum view view, struct owner owner);
struct conv_place view_place(const struct rec_conv *rec);

/* A conversation is put: its rows follow. */
void view_follow(struct step *s, struct conv *conv);

#endif

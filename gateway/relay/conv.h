/*
 * conv.h: conversations (R-conv).
 */
#ifndef TANDEM_RELAY_CONV_H
#define TANDEM_RELAY_CONV_H

#include "gateway/relay/core.h"
#include "gateway/relay/number.h"
#include "gateway/relay/text.h"
#include "gateway/relay/view.h"

struct inbound;

struct conv {
    uint64_t id;
    uint32_t account;
    struct conv_place place; /* as it was read */
    struct rec_conv rec;
    uint64_t ahead; /* number in HISTORY that its next entry has already, 0: none */
};

/* in->settings is set. */
void conv_inbound(struct step *s, struct inbound *in);
struct conv_words { /* in a conversation */
    struct addr to; /* one of the contact's numbers */
    struct slice text;
    uint32_t by;    /* agent, 0: nobody in particular */
    bool unlimited; /* else as long as the account's long_messages allow */
};
struct conv_text { /* what somebody of ours says first, or goes on with */
    struct addr from; /* a business number */
    struct addr to;
    struct slice text;
    uint32_t contact;
    uint32_t by; /* agent, 0: nobody in particular */
};

/* Joins the open conversation or opens one, which is the agent's who writes. False: too long. */
bool conv_write(struct step *s, struct rec_number *number, const struct conv_text *text,
                struct conv *out);
/* The same in two steps, for one who composes the text: the conversation, which is this owner's if
 * it is new (nobody: as its number has it), and then what was said in it. */
void conv_begin(struct step *s, struct rec_number *number, const struct conv_text *text,
                struct owner owner, struct conv *out);
void conv_wrote(struct step *s, struct conv *conv, const struct conv_text *text, uint64_t message);
/* A reply in this conversation, or in the one with another number of the contact's, which it opens
 * then and leaves in *said. number is the record of the conversation's. */
enum compose_err conv_reply(struct step *s, struct conv *conv, const struct rec_number *number,
                            const struct conv_words *words, struct conv *said);
bool conv_get(struct step *s, uint32_t account, uint64_t id, struct conv *out);
bool conv_open_of(struct step *s, uint32_t account, const struct addr *number,
                  const struct addr *contact, struct conv *out);
void conv_put(struct step *s, struct conv *conv);
/* The pair's next message opens a new one. */
void conv_not_open(struct step *s, const struct conv *conv);
/* The open conversation of the pair; if there is none, a new one that this agent owns (0: nobody),
 * and true. */
bool conv_of_pair(struct step *s, uint32_t account, const struct addr *number,
                  const struct addr *contact, uint32_t agent, struct conv *out);
/* Puts what a contact said into the history, and what it changed (R-stop). The caller puts the
 * conversation. */
void conv_said(struct step *s, struct conv *conv, const struct inbound *in);
/* An entry with what came in. */
struct rec_entry conv_entry_of(const struct step *s, const struct inbound *in,
                               enum entry_kind kind);
/* Appends to the history; conv->rec.entries is the entry's number then. The caller puts the
 * conversation. */
void conv_entry(struct step *s, struct conv *conv, const struct rec_entry *entry);
/* The next entry will show this message, which is about to be accepted. */
void conv_entry_ahead(struct step *s, struct conv *conv, struct rec_msg *msg);
/* Numbers of entries in a row of TABLE_HISTORY_OF. */
#define ENTRIES_PER_ROW 16u
/* Entry n of its history, from 1. False if it is not there, or not any more. */
bool conv_entry_get(struct step *s, const struct conv *conv, uint32_t n, struct rec_entry *out);
/* Takes it out of the history; the others keep their numbers. */
void conv_entry_drop(struct step *s, const struct conv *conv, uint32_t n);
/* What has become of a message that an entry shows; nothing if it is in no conversation. */
void conv_entry_state(struct step *s, const struct rec_msg *msg, enum msg_state state);

/* Whose is the last text in it? */
static inline bool
conv_last_is_contacts(const struct rec_conv *rec)
{
    return rec->unanswered;
}

/* Its text is now another one (replace_sm); nothing if it is in no conversation. */
void conv_entry_text(struct step *s, const struct rec_msg *msg, struct slice text);
bool conv_was_forwarded(struct step *s, const struct conv *conv, uint32_t agent);
/* The caller puts the conversation. */
void conv_forwarded(struct step *s, struct conv *conv, uint32_t agent);
/* R-conv-2: check digits. */
uint64_t conv_id_make(uint64_t counter);
bool conv_id_valid(uint64_t id);

#endif

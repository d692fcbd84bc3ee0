/*
 * list.h: distribution lists (R-list).
 */
#ifndef TANDEM_RELAY_LIST_H
#define TANDEM_RELAY_LIST_H

#include "gateway/relay/core.h"

struct inbound;

struct list {
    uint32_t account;
    uint32_t id;
    struct rec_list rec;
};

/* Functions that change list->rec leave it to the caller to put it. */
bool list_get(struct step *s, uint32_t account, uint32_t list, struct list *out);
bool list_get_any(struct step *s, uint32_t account, uint32_t list, struct list *out);
bool list_named(struct step *s, uint32_t account, struct slice id, struct list *out);
void list_put(struct step *s, const struct list *list);
/* By command; the id is free. */
void list_add(struct step *s, uint32_t account, struct slice id, struct slice name,
              struct list *out);
/* As the directory file has it. True if that changed something. */
bool list_follow(struct step *s, uint32_t account, struct slice id, struct slice name,
                 struct list *out);
/* Its name is free; its rows are the caller's to clear. */
void list_remove(struct step *s, struct list *list);

/* Deletes up to so many rows. True: there are no more. */
bool list_clear(struct step *s, struct list *list, uint32_t rows);
bool list_member(struct step *s, const struct list *list, const struct addr *phone,
                 struct rec_list_member *out);
void list_member_drop(struct step *s, struct list *list, const struct addr *phone);
enum list_change { LIST_CHANGED, LIST_SAME, LIST_FULL, LIST_STAYS_OUT };
const char *list_change_name(enum list_change change);
enum list_change list_join(struct step *s, struct list *list, const struct addr *phone,
                           enum list_by by);
enum list_change list_leave(struct step *s, struct list *list, const struct addr *phone,
                            enum list_by by);

/* Of an upload that is being looked through; *twice: it stood there before. */
enum list_change list_stage(struct step *s, struct list *list, const struct addr *phone,
                            bool *twice);
/* What is staged joins, or goes: up to so many rows from the cursor on. True: there are no more. */
bool list_settle(struct step *s, struct list *list, struct addr *cursor, bool keep, uint32_t rows);

/* The next phone on the list behind the cursor, which moves there; looks at *rows rows at most. */
enum list_walk { LIST_WALK_ONE, LIST_WALK_MORE, LIST_WALK_END };
enum list_walk list_next(struct step *s, const struct list *list, struct addr *cursor,
                         uint32_t *rows, struct rec_list_member *out);

/* R-list-2: digits with country code; a + in front may be. */
bool list_number(struct slice text, const struct addr_plan *plan, struct addr *out);
/* R-list-7: who wrote joins the one list and leaves the other, either may be empty. False: it is
 * not on the list that it asked for. */
bool list_keyword(struct step *s, const struct inbound *in, struct slice join, struct slice leave);
/* The phone is on none of the account's lists, and never was. */
void lists_forget(struct step *s, uint32_t account, const struct addr *phone);

#endif

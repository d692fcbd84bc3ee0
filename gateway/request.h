/*
 * request.h: one line of the admin socket, understood:
 *
 *     {"command": "held resend", "args": {"id": 17}, "id": 1, "as": "acme/ann"}
 *
 * A file may stand in the line as a text, or be `true`: then it comes along (gateway/attached.h).
 * The line comes from outside: it is measured before it is parsed, refused whole if anything in it
 * is not as the table of commands says, and the refusal names what. Pure, for tests and fuzzing.
 */
#ifndef TANDEM_REQUEST_H
#define TANDEM_REQUEST_H

#include <jansson.h>

#include "gateway/commands/commands.h"
#include "gateway/limits.h"

struct request {
    const struct command_def *def;  /* NULL if there is none of that name */
    struct command_value args[COMMAND_ARGS_MAX]; /* texts belong to root */
    struct slice as;                /* "ACCOUNT/AGENT", empty: the operator; belongs to root */
    struct command_value *attached; /* the file among args that comes along; NULL: none does */
    char id[ADMIN_ID_BYTES];        /* as JSON, "null" if the caller gave none */
    char why[ANSWER_WHY_BYTES];     /* it is refused: a sentence */
    json_t *root;
};

/* COMMAND_DONE, or why it is refused. The request must be released either way. */
enum command_result request_parse(struct request *request, struct slice line);
/* What came along is the file that `attached` waits for; the octets are the caller's. COMMAND_DONE,
 * or why it is refused. */
enum command_result request_attach(struct request *request, struct slice octets);
void request_release(struct request *request);

#endif

/*
 * command.h: what a person may ask of the running gateway: the shape of a command, its arguments,
 * and where it is carried out.
 *
 * A command is one const struct in a file of its own, listed in gateway/commands/table.c. Those of
 * COMMAND_IN_IO run at once on the I/O thread. Those of COMMAND_IN_RELAY go into the core's mailbox
 * as an EV_COMMAND, run within a turn's transaction like any other event, and their rows are
 * effects: nobody sees an answer that is not on disk.
 *
 * No command may hold up a turn. One that walks rows looks at COMMAND_ROWS_MAX of them, notes in
 * `progress` where it was and returns COMMAND_MORE; it is then called again in a later turn, once
 * whoever asked has taken what was answered so far. What changed meanwhile is seen or not.
 */
#ifndef TANDEM_COMMAND_H
#define TANDEM_COMMAND_H

#include "conf/conf_limits.h"
#include "gateway/relay/answer.h"
#include "gateway/relay/effects.h"

struct io;
struct step;

/* A number of the directory has so many settings. */
#define COMMAND_ARGS_MAX 20u
/* Rows of a table that one call may look at: a few milliseconds. */
#define COMMAND_ROWS_MAX 2000u
/* Rows that one call may answer, so that little waits for a reader who is slow. */
#define COMMAND_ANSWERS_MAX 100u

enum command_arg_kind {
    ARG_TEXT,
    ARG_NUMBER,                  /* a whole number, at least 0 */
    ARG_DURATION,                /* "90s", "10m", "2h": milliseconds */
    ARG_WORD,                    /* one of `words` */
    ARG_FLAG,
    ARG_FILE,                    /* a long text, which `tandem ctl` reads from a file */
    ARG_TIME_ZONE,                    /* the name of a time zone that this machine has; or "" */
};
const char *command_arg_kind_name(enum command_arg_kind kind);

struct command_arg {
    const char *name;            /* NULL: no more */
    enum command_arg_kind kind;
    bool required;
    bool option;                 /* --name in `tandem ctl`, else by its place; flags always */
    const char *words;           /* WORD: "on|off" */
    uint64_t max;                /* TEXT: octets; NUMBER and DURATION: value; 0: any; FILE: octets,
                                    0: COMMAND_FILE_BYTES_MAX */
    const char *help;
};

/* What it is about. */
enum command_right {
    COMMAND_LOOKS,               /* at counts, states and masked numbers */
    COMMAND_REVEALS,             /* texts and whole numbers */
    COMMAND_CHANGES,             /* what becomes of a message, or of the gateway: logged */
    COMMAND_RIGHTS
};
const char *command_right_name(enum command_right right);

/* Who may use it. Whoever can open the socket is the operator and may do all. A request that says
 * `as` is an agent's: it reaches only what this agent's account has, and of that only what agents,
 * or admins, may do. */
enum command_who {
    WHO_OPERATOR,                /* what concerns the gateway, or several accounts */
    WHO_ADMIN,                   /* agents whose role is admin, and the operator */
    WHO_AGENT,                   /* every agent of the account, and the above */
    COMMAND_WHOS
};
const char *command_who_name(enum command_who who);

/* The agent whose request it is; agent 0: the operator's. */
struct actor {
    uint32_t account;
    uint32_t agent;
    bool admin;
    struct slice id;             /* the agent's; of the operator: empty */
};
/* Arguments that a request of an agent need not give, and cannot give otherwise: `account`, and
 * `by` and `who` (the one who does it). */
struct command_arg;
bool command_arg_is_actors(const struct command_arg *arg);
/* "ACCOUNT/AGENT": ids have no slash. */
#define COMMAND_AS_BYTES_MAX (2u * CONF_ID_BYTES_MAX + 1u)

enum command_where { COMMAND_IN_IO, COMMAND_IN_RELAY };
const char *command_where_name(enum command_where where);

enum command_result {
    COMMAND_DONE,
    COMMAND_MORE,                /* call again with the same progress */
    /* Errors: answer->why has a sentence, or is empty. */
    COMMAND_BAD_REQUEST,         /* not a request at all */
    COMMAND_UNKNOWN,             /* no such command */
    COMMAND_BAD_ARGUMENT,
    COMMAND_NOT_ALLOWED,
    COMMAND_NOT_FOUND,           /* what it names is not there */
    COMMAND_WRONG_STATE,         /* it is there, but not for this */
    COMMAND_FAILED,              /* the system said no */
    COMMAND_RESULTS
};
/* "not_found": the code in an answer. */
const char *command_result_name(enum command_result result);

struct command_value {
    bool given;
    uint64_t number;             /* NUMBER; DURATION in ms; FLAG; WORD: its place in the list */
    struct slice text;           /* TEXT: UTF-8 without NUL. FILE: what begins at the progress's
                                    file_at, COMMAND_PIECE_BYTES at most; number: all its octets */
};

/* A file that a command takes: a list of as many numbers as one can hold, or a page of text. The
 * core gets it piece by piece, each with the call that wants it. */
#define COMMAND_FILE_BYTES_MAX (256u * 1024u)
/* And one of those that say so in `max`: some millions of lines. It comes with the request as a
 * descriptor (gateway/attached.h). */
#define COMMAND_IMPORT_BYTES_MAX (256u * 1024u * 1024u)
#define COMMAND_PIECE_BYTES (12u * 1024u)

/* Where a walk was: plain octets, whose meaning is the command's own. All zero at first. */
struct command_progress {
    uint64_t number[8];
    uint64_t file_at;            /* of the file, so much has been taken */
    uint16_t key_n;
    uint8_t key[510];
};

/* A command as its function is given it. */
struct command {
    const struct command_value *args; /* as the definition has them */
    struct command_progress *progress;
    struct answer *answer;
    struct step *step;           /* IN_RELAY */
    struct actor as;             /* IN_RELAY, as the next */
    struct session_name asker;   /* its connection, which may hold something (EV_ASKER_GONE) */
    struct io *io;               /* IN_IO */
};

struct command_def {
    const char *name;            /* "held", "held resend" */
    const char *help;            /* one sentence without a full stop */
    enum command_right right;
    enum command_who who;        /* if not only the operator's: its account is called `account` */
    enum command_where where;
    bool one_row;                /* shown as a list of values, not as a table */
    bool holds;                  /* what it does may last as long as the connection */
    bool watched;                /* asked again and again, until its state is done or cancelled */
    enum command_result (*run)(struct command *command);
    struct command_arg args[COMMAND_ARGS_MAX];
};

/* Arguments and progress on their way to the core: octets without pointers. The most it takes for
 * texts of so many octets; pack returns the length. */
#define COMMAND_PACKED_BYTES(text) \
    (sizeof(struct command_progress) + COMMAND_ARGS_MAX * 13u + (text))
size_t command_pack(const struct command_def *def, const struct command_value *args,
                    const struct command_progress *progress, uint8_t *out, size_t cap);
/* Texts point into packed. */
void command_unpack(const struct command_def *def, struct slice packed,
                    struct command_value *args, struct command_progress *progress);

/* The commands of the core. */
extern const struct command_def command_held, command_held_resend, command_held_drop, command_queue,
    command_lease, command_lease_start, command_lease_end;
extern const struct command_def command_account, command_account_show, command_agent,
    command_agent_show, command_agent_add, command_agent_edit, command_agent_delete,
    command_agent_relay, command_agent_presence, command_group, command_group_show,
    command_group_add, command_group_edit, command_group_delete, command_group_member;
extern const struct command_def command_contact, command_contact_show, command_contact_add,
    command_contact_edit, command_contact_phone, command_contact_delete, command_contact_send,
    command_unassigned, command_unassigned_assign, command_number, command_number_add,
    command_number_edit, command_number_delete, command_number_drain, command_campaign,
    command_campaign_add, command_campaign_edit, command_campaign_start, command_campaign_end;
extern const struct command_def command_list, command_list_show, command_list_add,
    command_list_edit, command_list_delete, command_list_upload, command_list_join,
    command_list_leave;
extern const struct command_def command_broadcast_list, command_broadcast_add,
    command_broadcast_show, command_broadcast_watch, command_broadcast_pause,
    command_broadcast_resume, command_broadcast_cancel;
extern const struct command_def command_conversation, command_conversation_show,
    command_conversation_claim, command_conversation_transfer, command_conversation_close,
    command_conversation_note, command_conversation_flag, command_conversation_send;
extern const struct command_def command_optout, command_optout_show, command_optout_set,
    command_optout_lift, command_optout_import, command_auto, command_auto_on, command_auto_off;
extern const struct command_def command_conversation_export, command_queue_list,
    command_queue_show, command_queue_why, command_queue_cancel, command_optout_export,
    command_contact_erase, command_erasure, command_contact_import, command_contact_export;

/* ---- command.c: for relay.c */
struct event;
void command_step(struct step *s, const struct event *event);

#endif

/*
 * admin.c: see admin.h.
 */
#include "gateway/admin.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/admin_socket.h"
#include "gateway/attached.h"
#include "gateway/log.h"
#include "gateway/request.h"

#define PACKED_BYTES_MAX COMMAND_PACKED_BYTES(ADMIN_TEXT_BYTES + COMMAND_PIECE_BYTES)
static_assert(PACKED_BYTES_MAX + COMMAND_AS_BYTES_MAX <= PDU_BYTES_MAX,
              "a batch with any room must have room for every command");

/* A command in progress. */
struct call {
    bool used;
    bool asked;                     /* the core has it: its answer will come */
    uint32_t serial;                /* so that an answer finds this one and no later one */
    struct request request;
    struct slice attached;          /* the file that came along with it */
    struct command_progress progress;
};

struct client {
    struct admin *admin;
    struct session_name name;       /* slot in the table, generation */
    int fd;
    int file;                       /* what came along and no request has taken yet; -1: nothing */
    uid_t uid;
    struct watch *watch;
    bool readable, writable;
    bool ended;                     /* it sends nothing more */
    bool dead;
    bool skipping;                  /* within a line that is too long */
    bool holds;                     /* the core may hold something for it: tell it the end */
    uint64_t active_ms;
    struct call calls[ADMIN_CALLS_MAX];
    struct octets out;
    size_t in;                      /* octets of line that are filled */
    size_t line_cap;
    char *line;
};

struct admin {
    struct io *io;
    struct admin_socket socket;
    struct watch *watch;
    bool ready;                     /* somebody connects */
    bool busy;
    struct client *clients[ADMIN_CONNECTIONS_MAX];
    uint32_t generation, serial;
};

/* --- output --- */

static size_t
waiting(const struct client *c)
{
    return c->out.to - c->out.from;
}

/* With too much in it the client is given up. */
static void
write_octets(struct client *c, const void *octets, size_t n)
{
    if (c->dead)
        return;
    if (n > c->out.cap - c->out.to) {
        size_t need = waiting(c) + n, cap = c->out.cap ? c->out.cap : 4096;
        uint8_t *p;

        while (cap < need)
            cap *= 2;
        p = need <= ADMIN_OUT_MAX ? malloc(cap) : NULL;
        if (!p) {
            c->dead = true;
            return;
        }
        if (c->out.p)
            memcpy(p, c->out.p + c->out.from, waiting(c));
        free(c->out.p);
        c->out = (struct octets){.p = p, .to = waiting(c), .cap = cap};
    }
    memcpy(c->out.p + c->out.to, octets, n);
    c->out.to += n;
}

static void
write_text(struct client *c, const char *text)
{
    write_octets(c, text, strlen(text));
}

static void
write_head(struct client *c, const struct call *call, const char *key)
{
    write_text(c, "{\"id\":");
    write_text(c, call->request.id);
    write_text(c, key);
}

/* The call that answer_init() was given is being carried out or answered. */
struct reply {
    struct client *client;
    struct call *call;
    const char *key;
};

static void
write_row(void *context, struct slice json)
{
    struct reply *reply = context;

    write_head(reply->client, reply->call, reply->key);
    write_octets(reply->client, json.p, json.n);
    write_text(reply->client, "}\n");
}

static void
write_error(struct client *c, struct call *call, enum command_result result, const char *why)
{
    struct reply reply = {c, call, ",\"error\":"};
    struct answer answer;

    answer_init(&answer, write_row, &reply);
    answer_open(&answer);
    answer_word(&answer, "code", command_result_name(result));
    answer_word(&answer, "message", why);
    answer_close(&answer);
}

/* --- commands --- */

static void
log_change(const struct client *c, const struct call *call, enum command_result result)
{
    const struct command_def *def = call->request.def;

    if (def && def->right == COMMAND_CHANGES)
        log_line(LOG_LEVEL_INFO, "command", "name=\"%s\" uid=%u as=\"%.*s\" result=%s", def->name,
                 (unsigned)c->uid, (int)call->request.as.n, (const char *)call->request.as.p,
                 command_result_name(result));
}

static void
call_release(struct call *call)
{
    request_release(&call->request);
    attached_unmap(&call->attached);
}

static void
call_ends(struct client *c, struct call *call, enum command_result result, const char *why)
{
    log_change(c, call, result);
    if (result == COMMAND_DONE) {
        write_head(c, call, ",\"ok\":true}\n");
    } else {
        c->admin->io->counters.commands_refused++;
        write_error(c, call, result, why);
    }
    call_release(call);
    call->used = false;
}

static void
run_here(struct client *c, struct call *call)
{
    struct reply reply = {c, call, ",\"row\":"};
    struct answer answer;
    struct command command = {.args = call->request.args,
                              .progress = &call->progress,
                              .answer = &answer,
                              .io = c->admin->io};
    enum command_result result;

    answer_init(&answer, write_row, &reply);
    if (call->request.as.n > 0 && call->request.def->who != WHO_AGENT) {
        call_ends(c, call, COMMAND_NOT_ALLOWED, "only the operator may do this");
        return;
    }
    result = call->request.def->run(&command);
    if (result != COMMAND_MORE)
        call_ends(c, call, result, answer.why);
}

/* Later, if no batch is free: the relay has enough to do. */
static void
ask_relay(struct client *c, struct call *call)
{
    const struct request *request = &call->request;
    struct io *io = c->admin->io;
    struct batch *batch = io_batch(io);
    uint8_t packed[PACKED_BYTES_MAX + COMMAND_AS_BYTES_MAX];
    size_t n, as = request->as.n;
    struct event *event;
    struct slice octets;

    if (!batch)
        return;
    if (as > 0)
        memcpy(packed, request->as.p, as);
    n = command_pack(request->def, request->args, &call->progress, packed + as,
                     sizeof(packed) - as);
    octets = batch_copy(batch, slice_of(packed, as + n));
    event = io_event(io, EV_COMMAND, c->name, octets.n);
    event->u.command = (struct event_command){
        .def = request->def,
        .token = {.id = call->serial, .part = (uint32_t)(call - c->calls)},
        .packed = slice_of(octets.p + as, n),
        .as = slice_of(octets.p, as),
    };
    call->asked = true;
    c->holds |= request->def->holds;
}

/* False: not yet, the relay has enough to do. */
static bool
tell_gone(struct client *c)
{
    struct io *io = c->admin->io;

    if (c->holds && !io_batch(io))
        return false;
    if (c->holds)
        (void)io_event(io, EV_ASKER_GONE, c->name, 0);
    c->holds = false;
    return true;
}

/* One step of each, unless there is enough to be read first. */
static void
run_calls(struct client *c)
{
    for (size_t i = 0; i < ADMIN_CALLS_MAX && !c->dead; i++) {
        struct call *call = &c->calls[i];

        if (!call->used || call->asked || waiting(c) >= ADMIN_OUT_HIGH)
            continue;
        if (call->request.def->where == COMMAND_IN_IO)
            run_here(c, call);
        else
            ask_relay(c, call);
        c->admin->busy |= call->used && !call->asked && waiting(c) < ADMIN_OUT_HIGH &&
                          call->request.def->where == COMMAND_IN_IO;
    }
}

void
admin_answer(struct admin *admin, const struct effect *effect)
{
    struct client *c = effect->session.slot < ADMIN_CONNECTIONS_MAX
                           ? admin->clients[effect->session.slot] : NULL;
    struct call *call = c && effect->token.part < ADMIN_CALLS_MAX ? &c->calls[effect->token.part]
                                                                  : NULL;
    struct reply reply = {c, call, ",\"row\":"};
    char why[ANSWER_WHY_BYTES] = "";

    if (!call || c->name.generation != effect->session.generation || !call->used ||
        call->serial != effect->token.id)
        return; /* whoever asked has gone */
    if (waiting(c) < ADMIN_OUT_HIGH)
        c->active_ms = c->admin->io->now_ms; /* a long command has not much to say */
    switch ((enum answer_kind)effect->level) {
    case ANSWER_ROW:
        write_row(&reply, effect->octets);
        return;
    case ANSWER_DONE:
        call_ends(c, call, COMMAND_DONE, "");
        return;
    case ANSWER_MORE:
        memcpy(&call->progress, effect->octets.p, sizeof(call->progress));
        call->asked = false;
        return;
    case ANSWER_FAILED:
        memcpy(why, effect->octets.p + 1, effect->octets.n - 1);
        call_ends(c, call, (enum command_result)effect->octets.p[0], why);
        return;
    }
}

/* --- input --- */

static struct call *
free_call(struct client *c)
{
    for (size_t i = 0; i < ADMIN_CALLS_MAX; i++) {
        if (!c->calls[i].used)
            return &c->calls[i];
    }
    return NULL;
}

/* The request says that its file came along. */
static enum command_result
take_attached(struct client *c, struct call *call)
{
    const char *why = c->file < 0 ? "no file came along" : attached_map(c->file, &call->attached);

    if (c->file >= 0)
        close(c->file);
    c->file = -1;
    if (!why)
        return request_attach(&call->request, call->attached);
    (void)snprintf(call->request.why, sizeof(call->request.why), "%s", why);
    return COMMAND_BAD_REQUEST;
}

static void
take_line(struct client *c, struct call *call, struct slice line)
{
    enum command_result result;

    *call = (struct call){.used = true, .serial = ++c->admin->serial};
    c->admin->io->counters.commands++;
    result = request_parse(&call->request, line);
    if (result == COMMAND_DONE && call->request.attached)
        result = take_attached(c, call);
    if (result != COMMAND_DONE)
        call_ends(c, call, result, call->request.why);
}

/* Nothing of it is kept, so that nothing of it is carried out. */
static void
line_too_long(struct client *c)
{
    struct call nobody = {.request.id = "null"};

    c->skipping = true;
    c->in = 0;
    c->admin->io->counters.commands_refused++;
    write_error(c, &nobody, COMMAND_BAD_REQUEST, "the line is too long");
}

/* Room for more of a line, up to the longest; what a long one took is given back. Without memory it
 * stays as it is: the line is then too long. */
static void
resize_line(struct client *c)
{
    size_t cap = c->line_cap;
    char *line;

    if (c->in == cap && cap < ADMIN_LINE_BYTES)
        cap *= 2;
    else if (c->in == 0 && cap > ADMIN_LINE_BYTES_MIN)
        cap = ADMIN_LINE_BYTES_MIN;
    else
        return;
    line = realloc(c->line, cap);
    if (!line)
        return;
    c->line = line;
    c->line_cap = cap;
}

static void
take_lines(struct client *c)
{
    struct slice rest = slice_of(c->line, c->in);
    struct call *call;

    while (rest.n > 0 && waiting(c) < ADMIN_OUT_HIGH && (call = free_call(c))) {
        const uint8_t *end = memchr(rest.p, '\n', rest.n);
        size_t n = end ? (size_t)(end - rest.p) : rest.n;

        if (!end)
            break;
        if (!c->skipping && n > 0)
            take_line(c, call, slice_of(rest.p, n));
        c->skipping = false;
        rest = slice_of(rest.p + n + 1, rest.n - n - 1);
    }
    memmove(c->line, rest.p, rest.n);
    c->in = rest.n;
    if (c->skipping && !memchr(c->line, '\n', c->in))
        c->in = 0;
    if (c->in == 0 || !memchr(c->line, '\n', c->in))
        resize_line(c);
    if (c->in == c->line_cap && !memchr(c->line, '\n', c->in))
        line_too_long(c);
}

/* What came along waits for the request that it belongs to; one at a time. */
static void
take_file(struct client *c, struct msghdr *message)
{
    struct cmsghdr *head = CMSG_FIRSTHDR(message);
    int fd;

    if (!head || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS ||
        head->cmsg_len < CMSG_LEN(sizeof(fd)))
        return;
    memcpy(&fd, CMSG_DATA(head), sizeof(fd));
    if (c->file >= 0)
        close(fd);
    else
        c->file = fd;
}

static void
read_some(struct client *c)
{
    union {
        struct cmsghdr head;
        char octets[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec io = {c->line + c->in, c->line_cap - c->in};
    struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1, .msg_control = &control,
                             .msg_controllen = CMSG_LEN(sizeof(int))};
    ssize_t n;

    c->readable = false;
    if (c->in == c->line_cap)
        return;
    n = recvmsg(c->fd, &message, MSG_CMSG_CLOEXEC);
    if (n >= 0)
        take_file(c, &message);
    if (n > 0) {
        c->in += (size_t)n;
        c->active_ms = c->admin->io->now_ms;
    } else if (n == 0) {
        c->ended = true;
    } else if (errno != EAGAIN && errno != EINTR) {
        c->dead = true;
    }
}

static void
flush(struct client *c)
{
    ssize_t n;

    c->writable = false;
    if (waiting(c) == 0 || c->dead)
        return;
    n = send(c->fd, c->out.p + c->out.from, waiting(c), MSG_NOSIGNAL);
    if (n > 0) {
        c->out.from += (size_t)n;
        c->active_ms = c->admin->io->now_ms;
    } else if (errno != EAGAIN && errno != EINTR) {
        c->dead = true;
    }
    if (waiting(c) == 0) {
        free(c->out.p);
        c->out = (struct octets){0};
    }
}

/* --- clients --- */

static void
on_ready(void *context, unsigned ready)
{
    struct client *c = context;

    c->readable |= (ready & LOOP_READ) != 0;
    c->writable |= (ready & LOOP_WRITE) != 0;
}

static void
client_free(struct client *c)
{
    for (size_t i = 0; i < ADMIN_CALLS_MAX; i++) {
        if (c->calls[i].used)
            call_release(&c->calls[i]);
    }
    watch_free(c->watch);
    close(c->fd);
    if (c->file >= 0)
        close(c->file);
    free(c->out.p);
    free(c->line);
    free(c);
}

static bool
has_calls(const struct client *c)
{
    for (size_t i = 0; i < ADMIN_CALLS_MAX; i++) {
        if (c->calls[i].used)
            return true;
    }
    return false;
}

static void
client_work(struct client *c)
{
    unsigned interest;
    bool held_up;

    if (c->readable)
        read_some(c);
    take_lines(c);
    run_calls(c);
    held_up = waiting(c) >= ADMIN_OUT_HIGH;
    flush(c);
    /* The socket may take all of it at once, and is then not waited for. */
    c->admin->busy |= held_up && !c->dead && waiting(c) < ADMIN_OUT_HIGH;
    /* What stood behind a call that has just been answered. */
    c->admin->busy |= !c->dead && waiting(c) < ADMIN_OUT_HIGH && free_call(c) &&
                      memchr(c->line, '\n', c->in);
    if (c->ended && !has_calls(c) && waiting(c) == 0 && !memchr(c->line, '\n', c->in))
        c->dead = true;
    if (c->dead && tell_gone(c)) {
        c->admin->clients[c->name.slot] = NULL;
        client_free(c);
        return;
    }
    if (c->dead) {
        watch_set(c->watch, LOOP_NONE);
        return;
    }
    interest = !c->ended && c->in < c->line_cap ? LOOP_READ : LOOP_NONE;
    watch_set(c->watch, interest | (waiting(c) > 0 ? LOOP_WRITE : LOOP_NONE));
}

static struct client *
client_new(struct admin *admin, uint32_t slot, int fd)
{
    struct client *c = calloc(1, sizeof(*c));
    struct ucred cred = {.uid = (uid_t)-1};
    socklen_t n = sizeof(cred);

    if (!c)
        return NULL;
    c->line_cap = ADMIN_LINE_BYTES_MIN;
    c->line = malloc(c->line_cap);
    c->watch = c->line ? loop_watch(admin->io->loop, fd, on_ready, c) : NULL;
    if (!c->watch) {
        free(c->line);
        free(c);
        return NULL;
    }
    (void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &n);
    c->admin = admin;
    c->name = (struct session_name){.slot = slot, .generation = ++admin->generation};
    c->fd = fd;
    c->file = -1;
    c->uid = cred.uid;
    c->active_ms = admin->io->now_ms;
    watch_set(c->watch, LOOP_READ);
    return c;
}

static void
welcome(struct admin *admin, int fd)
{
    uint32_t slot = 0;

    while (slot < ADMIN_CONNECTIONS_MAX && admin->clients[slot])
        slot++;
    if (slot < ADMIN_CONNECTIONS_MAX)
        admin->clients[slot] = client_new(admin, slot, fd);
    if (slot == ADMIN_CONNECTIONS_MAX || !admin->clients[slot]) {
        static const char full[] = "{\"id\":null,\"error\":{\"code\":\"failed\","
                                   "\"message\":\"too many connections\"}}\n";

        (void)send(fd, full, sizeof(full) - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
        close(fd);
    }
}

static void
accept_some(struct admin *admin)
{
    admin->ready = false;
    for (unsigned i = 0; i < ADMIN_CONNECTIONS_MAX; i++) {
        int fd = accept4(admin->socket.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd >= 0) {
            welcome(admin, fd);
            continue;
        }
        if (errno != EINTR && errno != ECONNABORTED)
            break;
    }
    /* Out of descriptors it would be ready for ever: the next tick looks again. */
    if (errno == EMFILE || errno == ENFILE)
        watch_set(admin->watch, LOOP_NONE);
}

/* --- the round --- */

void
admin_work(struct admin *admin)
{
    admin->busy = false;
    if (admin->ready)
        accept_some(admin);
    for (uint32_t i = 0; i < ADMIN_CONNECTIONS_MAX; i++) {
        if (admin->clients[i])
            client_work(admin->clients[i]);
    }
}

bool
admin_busy(const struct admin *admin)
{
    return admin->busy;
}

uint64_t
admin_tick(struct admin *admin)
{
    uint64_t now = admin->io->now_ms;

    for (uint32_t i = 0; i < ADMIN_CONNECTIONS_MAX; i++) {
        struct client *c = admin->clients[i];

        if (c && !c->holds && now - c->active_ms >= ADMIN_IDLE_MS)
            c->dead = true; /* freed in its place of the round */
    }
    if (admin->watch)
        watch_set(admin->watch, LOOP_READ);
    return UINT64_MAX;
}

/* --- opening and closing --- */

static void
on_connect(void *context, unsigned ready)
{
    struct admin *admin = context;

    (void)ready;
    admin->ready = true;
}

/* What was open before stays if this fails. */
static bool
admin_listen(struct admin *admin)
{
    const char *path = admin->io->conf->control_path;
    struct watch *watch = NULL;
    struct admin_socket fresh = {.fd = -1};
    char why[300] = "no memory";

    if (path && *path) {
        if (admin_socket_open(&fresh, path, why, sizeof(why)))
            watch = loop_watch(admin->io->loop, fresh.fd, on_connect, admin);
        if (!watch) {
            admin_socket_close(&fresh);
            log_line(LOG_LEVEL_ERROR, "no control socket", "path=%s reason=\"%s\"", path, why);
            return false;
        }
        watch_set(watch, LOOP_READ);
        log_line(LOG_LEVEL_INFO, "control socket", "path=%s", path);
    }
    watch_free(admin->watch);
    admin_socket_close(&admin->socket);
    admin->watch = watch;
    admin->socket = fresh;
    return true;
}

struct admin *
admin_new(struct io *io)
{
    struct admin *admin = calloc(1, sizeof(*admin));

    if (!admin)
        return NULL;
    admin->io = io;
    admin->socket.fd = -1;
    if (admin_listen(admin))
        return admin;
    admin_free(admin);
    return NULL;
}

bool
admin_reload(struct admin *admin)
{
    const char *path = admin->io->conf->control_path;

    if (strcmp(path ? path : "", admin->socket.path) == 0)
        return true;
    return admin_listen(admin);
}

void
admin_free(struct admin *admin)
{
    if (!admin)
        return;
    for (uint32_t i = 0; i < ADMIN_CONNECTIONS_MAX; i++) {
        if (admin->clients[i])
            client_free(admin->clients[i]);
    }
    watch_free(admin->watch);
    admin_socket_close(&admin->socket);
    free(admin);
}

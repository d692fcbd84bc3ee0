/*
 * ctl.c: see ctl.h. Command and arguments are checked against the same table that the daemon has,
 * so that most mistakes are told without asking it.
 */
#include "gateway/ctl.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "gateway/attached.h"
#include "gateway/commands/commands.h"
#include "gateway/ctl_complete.h"
#include "gateway/ctl_table.h"
#include "gateway/ctl_watch.h"
#include "gateway/tools.h"
#include "protocol/utf8.h"

enum { CTL_DONE = 0, CTL_REFUSED = 1, CTL_USAGE = 2 };

struct ctl {
    const char *socket;
    const char *conf;
    bool json;
    bool csv;
    const char *sort; /* a column, "-" in front: downwards */
    const char *as;   /* ACCOUNT/AGENT */
    int file;         /* a long one, which goes along with the request; -1: none does */
    const struct command_def *def;
    json_t *args;
};

static int
usage(FILE *out)
{
    fputs("usage: tandem ctl [--socket PATH | -c FILE] [--json | --csv]\n"
          "           [--sort [-]COLUMN] [--as ACCOUNT/AGENT] COMMAND [ARGUMENT...]\n"
          "       tandem ctl help [COMMAND]     what can be asked\n"
          "       tandem ctl completion         for bash: eval \"$(tandem ctl completion)\"\n"
          "\n"
          "PATH is the option control.path of the daemon's configuration FILE. Exit status: 0\n"
          "done, 1 refused by the gateway, 2 wrong usage or no daemon there.\n",
          out);
    return out == stdout ? CTL_DONE : CTL_USAGE;
}

__attribute__((format(printf, 1, 2))) static int
mistake(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fputs("tandem ctl: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    return CTL_USAGE;
}

/* --- help --- */

static void
help_one(const struct command_def *def)
{
    char text[COMMAND_USAGE_BYTES];

    printf("%s %s\n    %s\n", def->name, command_usage(def, text), def->help);
    for (size_t i = 0; i < command_arg_count(def); i++)
        printf("      %-10s %s\n", def->args[i].name, def->args[i].help);
    printf("      for: %s\n", def->who == WHO_OPERATOR ? "the operator"
                               : def->who == WHO_ADMIN ? "admins of the account"
                                                       : "agents of the account");
}

static int
help(int argc, char **argv)
{
    size_t shown = 0;

    if (argc == 0)
        usage(stdout);
    for (size_t i = 0; i < commands_count; i++) {
        size_t n = argc > 0 ? strlen(argv[0]) : 0;

        if (argc > 0 && (strncmp(commands[i]->name, argv[0], n) != 0 ||
                         (commands[i]->name[n] && commands[i]->name[n] != ' ')))
            continue;
        if (shown++ == 0 && argc == 0)
            fputc('\n', stdout);
        help_one(commands[i]);
    }
    return shown ? CTL_DONE : mistake("there is no command %s", argv[0]);
}

/* --- the command line --- */

/* The longest command that the words begin with; *used is how many they are. */
static const struct command_def *
find_command(int argc, char **argv, int *used)
{
    char name[100];

    for (*used = argc < 2 ? argc : 2; *used > 0; --*used) {
        const struct command_def *def;

        snprintf(name, sizeof(name), "%s%s%s", argv[0], *used > 1 ? " " : "",
                 *used > 1 ? argv[1] : "");
        def = command_find(slice_str(name));
        if (def)
            return def;
    }
    return NULL;
}

/* What is no UTF-8, or NUL, becomes U+FFFD, so that the gateway can say in which line it stands. */
static json_t *
text_of(const char *octets, size_t n)
{
    char *text = malloc(3 * n + 1);
    size_t at = 0;
    json_t *json;

    for (size_t used; text && n > 0; octets += used, n -= used) {
        uint32_t c = utf8_decode((const uint8_t *)octets, n, &used);
        bool bad = c == UTF8_BAD || c == 0;

        memcpy(text + at, bad ? "\xef\xbf\xbd" : octets, bad ? 3 : used);
        at += bad ? 3 : used;
    }
    json = text ? json_stringn(text, at) : NULL;
    free(text);
    return json;
}

/* Up to n octets; fewer at the end of the file only. -1: errno says why. */
static ssize_t
read_up_to(int fd, char *out, size_t n)
{
    size_t at = 0;

    while (at < n) {
        ssize_t got = read(fd, out + at, n - at);

        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            return -1;
        at += got > 0 ? (size_t)got : 0;
    }
    return (ssize_t)at;
}

/* A short file stands in the request, a long one goes along with it. NULL: said why. */
static json_t *
open_file_of(struct ctl *ctl, const struct command_arg *arg, const char *path, int fd, char *octets)
{
    ssize_t n = read_up_to(fd, octets, COMMAND_FILE_BYTES_MAX + 1);
    uint64_t max = arg->max ? arg->max : COMMAND_FILE_BYTES_MAX;

    if (n >= 0 && n <= (ssize_t)COMMAND_FILE_BYTES_MAX)
        return text_of(octets, (size_t)n);
    if (n > (ssize_t)max)
        errno = EFBIG;
    else if (n > 0)
        ctl->file = attached_make(slice_of(octets, (size_t)n), fd, max);
    if (ctl->file >= 0)
        return json_true();
    if (errno == EFBIG)
        mistake("%s has more than %llu octets", path, (unsigned long long)max);
    else
        mistake("cannot read %s: %s", path, strerrordesc_np(errno));
    return NULL;
}

/* "-" is stdin. */
static json_t *
file_of(struct ctl *ctl, const struct command_arg *arg, const char *path)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    char *octets = malloc(COMMAND_FILE_BYTES_MAX + 1);
    json_t *json = NULL;

    if (fd < 0 || !octets)
        mistake("cannot read %s: %s", path, strerrordesc_np(errno));
    else
        json = open_file_of(ctl, arg, path, fd, octets);
    free(octets);
    if (fd >= 0 && !is_stdin)
        close(fd);
    return json;
}

static bool
value_of(struct ctl *ctl, const struct command_arg *arg, const char *word, json_t **out)
{
    char *end;
    uint64_t unused;
    long long number;

    switch (arg->kind) {
    case ARG_NUMBER:
        number = strtoll(word, &end, 10);
        if (word[0] < '0' || word[0] > '9' || *end)
            return false;
        *out = json_integer(number);
        return true;
    case ARG_DURATION:
        if (!command_duration(slice_str(word), &unused))
            return false;
        break;
    case ARG_WORD:
        if (!command_word(arg->words, slice_str(word), &unused))
            return false;
        break;
    case ARG_FLAG:
        *out = json_true();
        return true;
    case ARG_FILE:
        *out = file_of(ctl, arg, word);
        return *out != NULL;
    case ARG_TEXT:
    case ARG_TIME_ZONE: /* the gateway's machine knows them */
        break;
    }
    *out = json_string(word);
    return *out != NULL; /* NULL: it is no UTF-8 */
}

static int
take(struct ctl *ctl, const struct command_arg *arg, const char *word)
{
    json_t *value;

    if (!value_of(ctl, arg, word, &value))
        return arg->kind == ARG_FILE ? CTL_USAGE : mistake("%s is no %s for %s", word,
                       arg->kind == ARG_WORD ? arg->words : command_arg_kind_name(arg->kind),
                       arg->name);
    json_object_set_new(ctl->args, arg->name, value);
    return CTL_DONE;
}

static const struct command_arg *
option_named(const struct command_def *def, const char *name)
{
    for (size_t i = 0; i < command_arg_count(def); i++) {
        if (def->args[i].option && strcmp(def->args[i].name, name) == 0)
            return &def->args[i];
    }
    return NULL;
}

/* The next one that is given by its place. */
static const struct command_arg *
next_place(const struct command_def *def, size_t *at)
{
    while (*at < command_arg_count(def)) {
        const struct command_arg *arg = &def->args[(*at)++];

        if (!arg->option)
            return arg;
    }
    return NULL;
}

static int
take_words(struct ctl *ctl, int argc, char **argv)
{
    size_t place = 0;

    for (int i = 0; i < argc; i++) {
        bool option = strncmp(argv[i], "--", 2) == 0;
        const struct command_arg *arg = option ? option_named(ctl->def, argv[i] + 2)
                                               : next_place(ctl->def, &place);
        int status;

        if (!arg)
            return mistake("%s has no argument for %s", ctl->def->name, argv[i]);
        if (option && arg->kind != ARG_FLAG && ++i == argc)
            return mistake("--%s wants a value", arg->name);
        status = take(ctl, arg, argv[i]);
        if (status != CTL_DONE)
            return status;
    }
    for (size_t i = 0; i < command_arg_count(ctl->def); i++) {
        const struct command_arg *arg = &ctl->def->args[i];

        if (arg->required && !json_object_get(ctl->args, arg->name) &&
            !(ctl->as && command_arg_is_actors(arg)))
            return mistake("%s is missing; see tandem ctl help %s", arg->name, ctl->def->name);
    }
    return CTL_DONE;
}

/* --- the daemon --- */

/* From --socket, or the configuration that -c names; false: said why. */
static bool
socket_address(const struct ctl *ctl, struct sockaddr_un *address)
{
    const char *path = ctl->socket;
    struct conf *conf = NULL;
    bool fits;
    int status;

    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (!path && !ctl->conf)
        return mistake("which daemon? give --socket PATH or -c FILE") == CTL_DONE;
    if (!path) {
        conf = tool_conf(ctl->conf, &status);
        if (!conf)
            return false;
        path = conf->control_path ? conf->control_path : "";
    }
    fits = *path && (size_t)snprintf(address->sun_path, sizeof(address->sun_path), "%s", path) <
                        sizeof(address->sun_path);
    if (!fits)
        mistake(*path ? "the path of the socket is too long" : "%s has no control socket",
                ctl->conf);
    conf_free(conf);
    return fits;
}

static int
connect_to(const struct ctl *ctl)
{
    struct sockaddr_un address;
    int fd;

    if (!socket_address(ctl, &address))
        return -1;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    mistake("no daemon at %s: %s", address.sun_path, strerrordesc_np(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

/* The octets, and with the first of them the file. */
static bool
send_text(int fd, const char *text, size_t n, int file)
{
    union {
        struct cmsghdr head;
        char octets[CMSG_SPACE(sizeof(int))];
    } control = {.head = {.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET,
                          .cmsg_type = SCM_RIGHTS}};
    struct iovec io = {(void *)(uintptr_t)text, n};
    struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1};

    memcpy(CMSG_DATA(&control.head), &file, sizeof(file));
    if (file >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof(control.octets);
    }
    while (io.iov_len > 0) {
        ssize_t done = sendmsg(fd, &message, MSG_NOSIGNAL);

        if (done < 0 && errno != EINTR)
            return false;
        if (done > 0) {
            io = (struct iovec){(char *)io.iov_base + done, io.iov_len - (size_t)done};
            message.msg_control = NULL;
            message.msg_controllen = 0;
        }
    }
    return true;
}

/* A daemon that has too many connections says so and closes: what it said is still to be read. */
static bool
send_request(const struct ctl *ctl, int fd)
{
    json_t *request = json_pack("{s:s, s:O, s:i, s:s*}", "command", ctl->def->name, "args",
                                ctl->args, "id", 1, "as", ctl->as);
    char *text = request ? json_dumps(request, JSON_COMPACT) : NULL;
    bool ok = text && ((send_text(fd, text, strlen(text), ctl->file) &&
                        send_text(fd, "\n", 1, -1)) || errno == EPIPE);

    free(text);
    json_decref(request);
    return ok;
}

/* An export may be as long as it likes: only its first row is kept. */
static void
stream_csv(json_t *row, json_t *rows)
{
    if (json_array_size(rows) == 0) {
        json_array_append(rows, row);
        ctl_csv_head(row, stdout);
    }
    ctl_csv_row(json_array_get(rows, 0), row, stdout);
}

/* One line of the answer. True: it was the last, and *status is how it went. */
static bool
take_answer(const struct ctl *ctl, json_t *answer, json_t *rows, int *status)
{
    json_t *row = json_object_get(answer, "row"), *error = json_object_get(answer, "error");
    const char *why = json_string_value(json_object_get(error, "message"));

    if (row && ctl->json && !ctl->def->watched) {
        json_dumpf(row, stdout, JSON_COMPACT);
        fputc('\n', stdout);
    } else if (row && ctl->csv && !ctl->sort) {
        stream_csv(row, rows);
    } else if (row) {
        json_array_append(rows, row);
    }
    if (error) {
        *status = CTL_REFUSED;
        mistake("%s: %s", json_string_value(json_object_get(error, "code")), why ? why : "");
    } else if (json_is_true(json_object_get(answer, "ok"))) {
        *status = CTL_DONE;
    }
    return !row;
}

/* All rows of the answer, but those that have been shown already. */
static int
read_rows(const struct ctl *ctl, FILE *in, json_t *rows)
{
    int status = CTL_REFUSED;
    bool last = false;
    char *line = NULL;
    size_t cap = 0;

    while (!last && getline(&line, &cap, in) > 0) {
        json_t *answer = json_loads(line, 0, NULL);

        last = !answer || take_answer(ctl, answer, rows, &status);
        json_decref(answer);
    }
    if (!last)
        mistake("the connection ended before the answer");
    free(line);
    return status;
}

/* What is held ends with the connection: when somebody ends us, or the daemon does. */
static int
hold(FILE *in)
{
    char *line = NULL;
    size_t cap = 0;

    while (getline(&line, &cap, in) > 0)
        continue;
    free(line);
    return mistake("the daemon has ended the connection");
}

static int
read_answer(const struct ctl *ctl, FILE *in)
{
    json_t *rows = json_array();
    int status = read_rows(ctl, in, rows);
    bool holds = status == CTL_DONE && json_is_true(json_object_get(ctl->args, "hold"));

    if (ctl->sort && !ctl_sort(rows, ctl->sort) && json_array_size(rows) > 0)
        status = mistake("there is no column %s", ctl->sort);
    if (ctl->csv && !ctl->sort)
        json_array_clear(rows); /* they are out */
    if (ctl->csv)
        ctl_csv(rows, stdout);
    else if (ctl->def->one_row && json_array_size(rows) > 0)
        ctl_list(json_array_get(rows, 0), stdout);
    else
        ctl_table(rows, stdout);
    json_decref(rows);
    status = fflush(stdout) == 0 ? status : CTL_REFUSED;
    return holds ? hold(in) : status;
}

/* Sends the request: where the answer comes from; NULL: said why. */
static FILE *
asked(const struct ctl *ctl)
{
    int fd = connect_to(ctl);
    FILE *in = fd >= 0 ? fdopen(fd, "r") : NULL;

    if (!in) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    if (send_request(ctl, fd))
        return in;
    mistake("cannot send: %s", strerrordesc_np(errno));
    fclose(in);
    return NULL;
}

static int
ask(const struct ctl *ctl)
{
    FILE *in = asked(ctl);
    int status = in ? read_answer(ctl, in) : CTL_USAGE;

    if (in)
        fclose(in);
    return status;
}

/* Its one row, the caller's; NULL if there is none. */
static int
ask_row(const struct ctl *ctl, json_t **row)
{
    json_t *rows = json_array();
    FILE *in = asked(ctl);
    int status = in ? read_rows(ctl, in, rows) : CTL_USAGE;

    *row = json_incref(json_array_get(rows, 0));
    if (in)
        fclose(in);
    json_decref(rows);
    return status;
}

/* Asks until what is watched has ended. */
static int
watch(const struct ctl *ctl)
{
    struct ctl_watch *shown = ctl_watch_new(stdout, ctl->json);
    bool more = shown != NULL;
    int status = CTL_REFUSED;

    while (more) {
        json_t *row = NULL;

        status = ask_row(ctl, &row);
        more = status == CTL_DONE && ctl_watch_show(shown, row, ctl_watch_now_ms());
        json_decref(row);
        if (more)
            usleep(CTL_WATCH_MS * 1000u);
    }
    ctl_watch_free(shown);
    return status;
}

static int
command_line(struct ctl *ctl, int argc, char **argv)
{
    int used, status;

    ctl->def = find_command(argc, argv, &used);
    if (!ctl->def)
        return mistake("there is no command %s; see tandem ctl help", argv[0]);
    status = take_words(ctl, argc - used, argv + used);
    if (status != CTL_DONE)
        return status;
    return ctl->def->watched ? watch(ctl) : ask(ctl);
}

int
ctl_main(int argc, char **argv)
{
    struct ctl ctl = {.file = -1};
    int i = 1, status;

    signal(SIGPIPE, SIG_IGN); /* send_request() */
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--json") == 0)
            ctl.json = true;
        else if (strcmp(argv[i], "--csv") == 0)
            ctl.csv = true;
        else if (strcmp(argv[i], "--sort") == 0 && i + 1 < argc)
            ctl.sort = argv[++i];
        else if (strcmp(argv[i], "--as") == 0 && i + 1 < argc)
            ctl.as = argv[++i];
        else if (strcmp(argv[i], "--socket") == 0 && i + 1 < argc)
            ctl.socket = argv[++i];
        else if ((strcmp(argv[i], "-c") == 0 || strcmp(argv[i], "--config") == 0) && i + 1 < argc)
            ctl.conf = argv[++i];
        else
            return usage(strcmp(argv[i], "--help") == 0 ? stdout : stderr);
    }
    if (i == argc)
        return usage(stderr);
    if (strcmp(argv[i], "help") == 0)
        return help(argc - i - 1, argv + i + 1);
    if (strcmp(argv[i], "completion") == 0)
        return ctl_complete(stdout) ? CTL_DONE : CTL_REFUSED;
    ctl.args = json_object();
    status = command_line(&ctl, argc - i, argv + i);
    json_decref(ctl.args);
    if (ctl.file >= 0)
        close(ctl.file);
    return status;
}

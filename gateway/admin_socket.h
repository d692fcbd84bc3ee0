/*
 * admin_socket.h: the UNIX socket of the admin interface as a file (conformance X7): who may open
 * it is a matter of the file system, so its folder must be ours alone, and an old one is replaced
 * only when nobody listens there.
 */
#ifndef TANDEM_ADMIN_SOCKET_H
#define TANDEM_ADMIN_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "gateway/limits.h"

struct admin_socket {
    int fd;                         /* -1: there is none */
    char path[108];
    dev_t dev;                      /* of the file that is ours */
    ino_t ino;
};

/* Listens with mode 0600, non-blocking. False: why has a sentence, and fd is -1. */
must_check bool admin_socket_open(struct admin_socket *s, const char *path, char *why,
                                  size_t why_bytes);
/* Closes it, and removes the file if it is still this one. */
void admin_socket_close(struct admin_socket *s);

#endif

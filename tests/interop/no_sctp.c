/*
 * no_sctp.c: loaded in front of osmo-msc, which ends where it cannot have an SCTP socket, though
 * nothing of what is tested here needs one: it gets TCP instead.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/socket.h>

int
socket(int domain, int type, int protocol)
{
    int (*real)(int, int, int) = (int (*)(int, int, int))dlsym(RTLD_NEXT, "socket");

    return protocol == IPPROTO_SCTP ? real(domain, SOCK_STREAM, IPPROTO_TCP)
                                    : real(domain, type, protocol);
}

int
setsockopt(int fd, int level, int option, const void *value, socklen_t length)
{
    int (*real)(int, int, int, const void *, socklen_t) =
        (int (*)(int, int, int, const void *, socklen_t))dlsym(RTLD_NEXT, "setsockopt");

    return level == IPPROTO_SCTP ? 0 : real(fd, level, option, value, length);
}

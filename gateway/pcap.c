/*
 * pcap.c: see pcap.h.
 */
#include "gateway/pcap.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "gateway/clock.h"
#include "protocol/pdu.h"

#define LINKTYPE_WIRESHARK_UPPER_PDU 252u
#define PCAP_MAGIC 0xa1b2c3d4u      /* microseconds, in the order of this machine */
#define BUFFER_BYTES (64u * 1024u)
#define PATH_BYTES 1024u
#define NAMES_MAX 100u              /* files of one link in one second */

/* Tags of an exported PDU: big-endian number and length, then octets up to a multiple of four. */
enum tag {
    TAG_END = 0,
    TAG_DISSECTOR = 12,
    TAG_IPV4_SOURCE = 20,
    TAG_IPV4_DEST = 21,
    TAG_IPV6_SOURCE = 22,
    TAG_IPV6_DEST = 23,
    TAG_PORT_TYPE = 24,
    TAG_SOURCE_PORT = 25,
    TAG_DEST_PORT = 26,
};
#define PORT_TYPE_TCP 2u
#define HEAD_BYTES_MAX 128u

struct file_header {
    uint32_t magic;
    uint16_t major, minor;
    int32_t zone;
    uint32_t figures, octets_max, link_type;
};

struct packet_header {
    uint32_t seconds, micros, octets, octets_of_all;
};

struct pcap {
    FILE *file;
    uint64_t bytes, bytes_max;
    char path[PATH_BYTES];
};

const char *
pcap_result_name(enum pcap_result result)
{
    static const char *const names[] = {"ok", "full", "failed"};

    return (unsigned)result < sizeof(names) / sizeof(names[0]) ? names[result] : "?";
}

/* --- the file --- */

static bool
write_octets(struct pcap *pcap, const void *octets, size_t n)
{
    if (fwrite(octets, 1, n, pcap->file) != n)
        return false;
    pcap->bytes += n;
    return true;
}

static bool
write_header(struct pcap *pcap)
{
    struct file_header header = {.magic = PCAP_MAGIC,
                                 .major = 2,
                                 .minor = 4,
                                 .octets_max = PDU_BYTES_MAX + HEAD_BYTES_MAX,
                                 .link_type = LINKTYPE_WIRESHARK_UPPER_PDU};

    return write_octets(pcap, &header, sizeof(header)) && fflush(pcap->file) == 0;
}

static bool
path_make(char path[PATH_BYTES], const char *dir, const char *name, unsigned number)
{
    time_t now = (time_t)(clock_wall_ms() / 1000);
    char stamp[24], clean[72], again[16] = "";
    struct tm utc;
    size_t n = 0;

    for (; name[n] && n + 1 < sizeof(clean); n++) {
        bool good = (name[n] >= 'a' && name[n] <= 'z') || (name[n] >= 'A' && name[n] <= 'Z') ||
                    (name[n] >= '0' && name[n] <= '9') || name[n] == '-';

        clean[n] = good ? name[n] : '_';
    }
    clean[n] = '\0';
    gmtime_r(&now, &utc);
    strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &utc);
    if (number > 0)
        snprintf(again, sizeof(again), "-%u", number);
    return (size_t)snprintf(path, PATH_BYTES, "%s/%s-%s%s.pcap", dir, clean, stamp, again) <
           PATH_BYTES;
}

static int
file_open(char path[PATH_BYTES], const char *dir, const char *name)
{
    int fd = -1;

    errno = ENAMETOOLONG;
    for (unsigned i = 0; fd < 0 && i < NAMES_MAX && path_make(path, dir, name, i); i++) {
        fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    return fd;
}

struct pcap *
pcap_open(const char *dir, const char *name, uint64_t bytes_max, char *why, size_t why_bytes)
{
    struct pcap *pcap = calloc(1, sizeof(*pcap));
    int fd;

    snprintf(why, why_bytes, "no memory");
    if (!pcap)
        return NULL;
    (void)mkdir(dir, 0700);
    pcap->bytes_max = bytes_max;
    fd = file_open(pcap->path, dir, name);
    pcap->file = fd >= 0 ? fdopen(fd, "wb") : NULL;
    if (pcap->file && setvbuf(pcap->file, NULL, _IOFBF, BUFFER_BYTES) == 0 && write_header(pcap))
        return pcap;
    snprintf(why, why_bytes, "%s: %s", pcap->path, strerrordesc_np(errno));
    if (pcap->file)
        fclose(pcap->file);
    else if (fd >= 0)
        close(fd);
    free(pcap);
    return NULL;
}

bool
pcap_close(struct pcap *pcap)
{
    bool ok;

    if (!pcap)
        return true;
    ok = fclose(pcap->file) == 0;
    free(pcap);
    return ok;
}

enum pcap_result
pcap_flush(struct pcap *pcap)
{
    return fflush(pcap->file) == 0 ? PCAP_OK : PCAP_FAILED;
}

const char *
pcap_path(const struct pcap *pcap)
{
    return pcap->path;
}

uint64_t
pcap_bytes(const struct pcap *pcap)
{
    return pcap->bytes;
}

/* --- packets --- */

struct head {
    uint8_t b[HEAD_BYTES_MAX];
    size_t n;
};

static void
put_tag(struct head *head, enum tag tag, const void *value, size_t n)
{
    size_t padded = (n + 3) & ~(size_t)3;
    uint8_t *to = head->b + head->n;

    to[0] = 0;
    to[1] = (uint8_t)tag;
    to[2] = (uint8_t)(padded >> 8);
    to[3] = (uint8_t)padded;
    memset(to + 4, 0, padded);
    if (n > 0)
        memcpy(to + 4, value, n);
    head->n += 4 + padded;
}

static void
put_number(struct head *head, enum tag tag, uint32_t value)
{
    uint32_t big = htonl(value);

    put_tag(head, tag, &big, sizeof(big));
}

static void
put_address(struct head *head, const struct address *address, bool source)
{
    enum tag port = source ? TAG_SOURCE_PORT : TAG_DEST_PORT;
    struct sockaddr_in in4;
    struct sockaddr_in6 in6;

    if (address->sa.ss_family == AF_INET) {
        memcpy(&in4, &address->sa, sizeof(in4));
        put_tag(head, source ? TAG_IPV4_SOURCE : TAG_IPV4_DEST, &in4.sin_addr, 4);
        put_number(head, port, ntohs(in4.sin_port));
    } else if (address->sa.ss_family == AF_INET6) {
        memcpy(&in6, &address->sa, sizeof(in6));
        put_tag(head, source ? TAG_IPV6_SOURCE : TAG_IPV6_DEST, &in6.sin6_addr, 16);
        put_number(head, port, ntohs(in6.sin6_port));
    }
}

static void
head_make(struct head *head, const struct address *from, const struct address *to)
{
    head->n = 0;
    put_tag(head, TAG_DISSECTOR, "smpp", 4);
    put_number(head, TAG_PORT_TYPE, PORT_TYPE_TCP);
    put_address(head, from, true);
    put_address(head, to, false);
    put_tag(head, TAG_END, NULL, 0);
}

enum pcap_result
pcap_write(struct pcap *pcap, const struct address *from, const struct address *to,
           struct slice pdu)
{
    struct packet_header packet;
    struct timespec now;
    struct head head;

    head_make(&head, from, to);
    if (pcap->bytes + sizeof(packet) + head.n + pdu.n > pcap->bytes_max)
        return PCAP_FULL;
    clock_gettime(CLOCK_REALTIME, &now);
    packet = (struct packet_header){.seconds = (uint32_t)now.tv_sec,
                                    .micros = (uint32_t)(now.tv_nsec / 1000),
                                    .octets = (uint32_t)(head.n + pdu.n),
                                    .octets_of_all = (uint32_t)(head.n + pdu.n)};
    return write_octets(pcap, &packet, sizeof(packet)) && write_octets(pcap, head.b, head.n) &&
                   write_octets(pcap, pdu.p, pdu.n)
               ? PCAP_OK : PCAP_FAILED;
}

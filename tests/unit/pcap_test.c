/*
 * pcap_test.c: files of PDUs: what they hold, how large they may be, and what happens when the disk
 * takes no more. That Wireshark can read them is shown by the stories smpp_x7_trace_...
 */
#include "gateway/pcap.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/pdu.h"
#include "tests/unit/check.h"
#include "tests/unit/temp_store.h"

static const uint8_t unbind[] = {0, 0, 0, 16, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 1};

static struct pcap *
open_in(const char *dir, const char *name, uint64_t bytes_max)
{
    char why[200];
    struct pcap *pcap = pcap_open(dir, name, bytes_max, why, sizeof(why));

    if (!pcap)
        puts(why);
    return pcap;
}

static enum pcap_result
write_one(struct pcap *pcap)
{
    struct address from, to;

    check(address_parse("192.0.2.1", 2775, &from));
    check(address_parse("2001:db8::1", 40000, &to));
    return pcap_write(pcap, &from, &to, slice_of(unbind, sizeof(unbind)));
}

static size_t
file_read(const char *path, uint8_t *out, size_t cap)
{
    FILE *file = fopen(path, "rb");
    size_t n;

    check(file != NULL);
    n = fread(out, 1, cap, file);
    fclose(file);
    return n;
}

static void
pcap_holds_pdus_with_addresses(void)
{
    struct pcap *pcap = open_in(temp_dir(), "sim", 100000);
    uint8_t file[400];
    char path[400];
    struct stat st;
    size_t n;

    check(pcap != NULL);
    snprintf(path, sizeof(path), "%s", pcap_path(pcap));
    check_number(write_one(pcap), PCAP_OK);
    check_number(pcap_flush(pcap), PCAP_OK);
    n = file_read(path, file, sizeof(file));
    check_number(n, pcap_bytes(pcap));
    check_number(file[0], 0xd4);
    check_number(file[20], 252);
    /* Tag, length, "smpp". */
    check_slice(slice_of(file + 40, 8), slice_of("\0\x0c\0\x04smpp", 8));
    check(memmem(file, n, "\0\x14\0\x04\xc0\0\x02\x01", 8) != NULL);
    check(memmem(file, n, "\0\x19\0\x04\0\0\x0a\xd7", 8) != NULL);
    check(memmem(file, n, "\0\x17\0\x10\x20\x01\x0d\xb8", 8) != NULL);
    check_slice(slice_of(file + n - 16, 16), slice_of(unbind, 16));
    check_number(stat(path, &st), 0);
    check_number(st.st_mode & 0777, 0600);
    check(pcap_close(pcap));
}

static void
pcap_never_grows_over_its_limit(void)
{
    struct pcap *pcap = open_in(temp_dir(), "sim", 1000);
    unsigned written = 0;
    uint64_t bytes;

    check(pcap != NULL);
    while (write_one(pcap) == PCAP_OK)
        written++;
    check(written > 5);
    bytes = pcap_bytes(pcap);
    check(bytes <= 1000);
    check_number(write_one(pcap), PCAP_FULL);
    check_number(pcap_bytes(pcap), bytes);
    check(pcap_close(pcap));
}

static void
pcap_makes_a_new_file_each_time(void)
{
    const char *dir = temp_dir();
    unsigned files = 0;
    struct dirent *entry;
    DIR *list;

    for (unsigned i = 0; i < 5; i++) {
        struct pcap *pcap = open_in(dir, "../../etc/passwd \n", 1000);

        check(pcap != NULL);
        check(!strchr(pcap_path(pcap) + strlen(dir) + 1, '/'));
        check(strstr(pcap_path(pcap), "/______etc_passwd__-2") != NULL);
        check(pcap_close(pcap));
    }
    list = opendir(dir);
    while ((entry = readdir(list)))
        files += strstr(entry->d_name, ".pcap") != NULL;
    closedir(list);
    check_number(files, 5);
}

/* A file size limit is the same answer as a full disk. */
static void
pcap_says_when_the_disk_is_full(void)
{
    struct pcap *pcap = open_in(temp_dir(), "sim", 100000000);
    struct rlimit small = {4096, 4096};
    enum pcap_result result = PCAP_OK;

    check(pcap != NULL);
    signal(SIGXFSZ, SIG_IGN);
    check_number(setrlimit(RLIMIT_FSIZE, &small), 0);
    for (unsigned i = 0; result == PCAP_OK && i < 10000; i++)
        result = write_one(pcap);
    check_number(result, PCAP_FAILED);
    check_number(errno, EFBIG);
    if (!pcap_close(pcap))
        check_number(errno, EFBIG);
}

static void
pcap_says_why_it_cannot_begin(void)
{
    char why[200] = "";

    check(pcap_open("/proc/none", "sim", 1000, why, sizeof(why)) == NULL);
    check(strstr(why, "/proc/none/sim-") != NULL);
}

/* ---- passwords */

static size_t
bind_with(const char *password, uint8_t *out, size_t cap)
{
    struct pdu pdu = {.command_id = SMPP_BIND_TRANSMITTER, .sequence_number = 1};

    pdu.body.bind.system_id = slice_str("crm");
    pdu.body.bind.password = slice_str(password);
    pdu.body.bind.interface_version = 0x34;
    return pdu_encode(&pdu, out, cap);
}

static void
smpp_x7_passwords_are_hidden(void)
{
    uint8_t octets[200], before[200];
    size_t n = bind_with("secret", octets, sizeof(octets));
    struct pdu pdu;

    memcpy(before, octets, n);
    pdu_hide_secrets(octets, n);
    check_number(pdu_decode(slice_of(octets, n), PDU_STRICT, &pdu), SMPP_ROK);
    check_text(pdu.body.bind.system_id, "crm");
    check_text(pdu.body.bind.password, "******");
    check_number(pdu.body.bind.interface_version, 0x34);
    /* An outbind has one too. */
    pdu = (struct pdu){.command_id = SMPP_OUTBIND, .sequence_number = 1};
    pdu.body.bind.system_id = slice_str("crm");
    pdu.body.bind.password = slice_str("secret");
    n = pdu_encode(&pdu, octets, sizeof(octets));
    check(n > 0);
    pdu_hide_secrets(octets, n);
    check(memmem(octets, n, "secret", 6) == NULL);
}

/* Cut anywhere, and with any octet from the password on another one: what was the password is not
 * there. (With another system_id in front the peer itself says that it is something else.) */
static void
smpp_x7_passwords_of_broken_binds_are_hidden(void)
{
    uint8_t whole[200], octets[200];
    size_t n = bind_with("secret", whole, sizeof(whole));

    for (size_t cut = 0; cut <= n; cut++) {
        memcpy(octets, whole, n);
        pdu_hide_secrets(octets, cut);
        if (cut >= 26)
            check(memmem(octets, cut, "secret", 6) == NULL);
    }
    for (size_t at = 20; at < n; at++) {
        memcpy(octets, whole, n);
        octets[at] = octets[at] ? 0 : 'x';
        pdu_hide_secrets(octets, n);
        check(memmem(octets, n, "secret", 6) == NULL);
    }
}

static void
pdus_without_secrets_stay_as_they_are(void)
{
    uint8_t octets[sizeof(unbind)];

    memcpy(octets, unbind, sizeof(octets));
    pdu_hide_secrets(octets, sizeof(octets));
    check_slice(slice_of(octets, sizeof(octets)), slice_of(unbind, sizeof(unbind)));
}

CHECK_MAIN({"pcap_holds_pdus_with_addresses", pcap_holds_pdus_with_addresses},
           {"pcap_never_grows_over_its_limit", pcap_never_grows_over_its_limit},
           {"pcap_makes_a_new_file_each_time", pcap_makes_a_new_file_each_time},
           {"pcap_says_when_the_disk_is_full", pcap_says_when_the_disk_is_full},
           {"pcap_says_why_it_cannot_begin", pcap_says_why_it_cannot_begin},
           {"smpp_x7_passwords_are_hidden", smpp_x7_passwords_are_hidden},
           {"smpp_x7_passwords_of_broken_binds_are_hidden",
            smpp_x7_passwords_of_broken_binds_are_hidden},
           {"pdus_without_secrets_stay_as_they_are", pdus_without_secrets_stay_as_they_are})

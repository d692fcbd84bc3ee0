/*
 * pcap.h: a file of PDUs that Wireshark and tshark read as SMPP.
 *
 * Link type 252 (WIRESHARK_UPPER_PDU): each packet is one PDU behind a few tags that name the
 * dissector and both addresses, so that ports other than 2775 and sessions over TLS need no
 * settings there. Written through a buffer, which is handed to the kernel when it is full and at
 * pcap_flush(): a local file's page cache takes it at once. A write that fails is an answer, not
 * an end of the process.
 */
#ifndef TANDEM_PCAP_H
#define TANDEM_PCAP_H

#include "gateway/address.h"
#include "gateway/limits.h"
#include "protocol/slice.h"

struct pcap;

/* A new file dir/NAME-YYYYMMDDThhmmssZ.pcap, mode 0600; characters of name that do not belong into
 * a file's name become "_", and a number is put behind the time if there is such a file already.
 * dir is made if it is not there. NULL: why has a sentence. */
struct pcap *pcap_open(const char *dir, const char *name, uint64_t bytes_max, char *why,
                       size_t why_bytes);
/* NULL is allowed. False: its last octets could not be written; errno says why. */
must_check bool pcap_close(struct pcap *pcap);

enum pcap_result {
    PCAP_OK,
    PCAP_FULL,                      /* bytes_max would be passed: it was not written */
    PCAP_FAILED,                    /* errno says why */
};
const char *pcap_result_name(enum pcap_result result);

/* One PDU, now. Addresses other than IPv4 and IPv6 are left out. */
enum pcap_result pcap_write(struct pcap *pcap, const struct address *from,
                            const struct address *to, struct slice pdu);
enum pcap_result pcap_flush(struct pcap *pcap);

const char *pcap_path(const struct pcap *pcap);
uint64_t pcap_bytes(const struct pcap *pcap);

#endif

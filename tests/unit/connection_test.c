/*
 * connection_test.c: buffers, what is kept of a read, and what the peer's TCP has acknowledged,
 * over real sockets on loopback.
 */
#include "gateway/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/check.h"

static struct connection_counters counters;
static struct connection here;
static int there;

static void
wait_for(int fd, short what)
{
    struct pollfd p = {.fd = fd, .events = what};

    check(poll(&p, 1, 5000) == 1);
}

static int
listen_somewhere(struct address *address)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    check(address_parse("127.0.0.1", 0, address));
    check(bind(fd, (struct sockaddr *)&address->sa, address->length) == 0 && listen(fd, 4) == 0);
    check(getsockname(fd, (struct sockaddr *)&address->sa, &address->length) == 0);
    return fd;
}

/* `here` connects, `there` is accepted. */
static void
connect_out(void)
{
    struct address address;
    int fd = listen_somewhere(&address);

    check(connection_connect(&here, &address));
    check(here.state == CONN_CONNECTING);
    wait_for(here.transport.fd, POLLOUT);
    check(connection_established(&here));
    there = accept(fd, NULL, NULL);
    check(there >= 0);
    close(fd);
}

/* `here` is accepted, `there` connects. */
static void
accept_in(void)
{
    struct address address;
    int fd = listen_somewhere(&address), accepted;

    there = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(connect(there, (struct sockaddr *)&address.sa, address.length) == 0);
    accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    check(accepted >= 0);
    connection_accepted(&here, accepted, &address);
    close(fd);
}

static void
write_text(const char *text)
{
    size_t n = strlen(text);
    uint8_t *to = connection_room(&here, n);

    check(to != NULL);
    memcpy(to, text, n);
    connection_wrote(&here, n);
}

static void
expect(const char *text)
{
    char buf[256];
    size_t have = 0, n = strlen(text);

    while (have < n) {
        ssize_t got = read(there, buf + have, n - have);

        check(got > 0);
        have += (size_t)got;
    }
    check_slice(slice_of(buf, have), slice_str(text));
}

static void
output_is_collected_and_sent_at_once(void)
{
    connect_out();
    write_text("one ");
    write_text("two");
    check_number(connection_waiting(&here), 7);
    check(connection_flush(&here, &counters, 1));
    check_number(connection_waiting(&here), 0);
    check_number(counters.writes, 1);
    expect("one two");
    check(connection_flush(&here, &counters, 1));
    check_number(counters.writes, 1);
    connection_close(&here);
    close(there);
}

static void
what_is_kept_comes_again_in_front(void)
{
    struct slice octets;

    accept_in();
    check(write(there, "abcdef", 6) == 6);
    wait_for(here.transport.fd, POLLIN);
    check(connection_read(&here, &counters, &octets) == READ_OCTETS_CAME);
    check_text(octets, "abcdef");
    check(connection_keep(&here, slice_of(octets.p + 4, 2), true, 10));
    check_number(here.partial_ms, 10);
    check(connection_read(&here, &counters, &octets) == READ_NOTHING);
    check(write(there, "gh", 2) == 2);
    wait_for(here.transport.fd, POLLIN);
    check(connection_read(&here, &counters, &octets) == READ_OCTETS_CAME);
    check_text(octets, "efgh");
    /* Nothing of it was used: the clock of the PDU goes on. */
    check(connection_keep(&here, octets, false, 20));
    check_number(here.partial_ms, 10);
    octets = connection_kept(&here);
    check_text(octets, "efgh");
    check(connection_keep(&here, slice_of(octets.p + octets.n, 0), true, 30));
    check_number(here.partial_ms, 0);
    close(there);
    wait_for(here.transport.fd, POLLIN);
    check(connection_read(&here, &counters, &octets) == READ_END);
    check(here.why != NULL);
    connection_close(&here);
}

static void
row_16_a_peer_that_does_not_read_is_noticed(void)
{
    static uint8_t block[65536];
    uint8_t *to;

    accept_in();
    for (unsigned i = 0; i < 200; i++) {
        to = connection_room(&here, sizeof(block));
        if (!to)
            break;
        connection_wrote(&here, sizeof(block));
        check(connection_flush(&here, &counters, 100 + i));
        if (here.stuck_ms != 0 && i > 150)
            break;
    }
    check(here.stuck_ms >= 100);
    while (connection_waiting(&here) > 0) {
        check(read(there, block, sizeof(block)) > 0);
        check(connection_flush(&here, &counters, 500));
    }
    check_number(here.stuck_ms, 0);
    connection_close(&here);
    close(there);
}

static void
output_has_a_limit(void)
{
    accept_in();
    check(!connection_room(&here, OUT_OCTETS_MAX + 1));
    check(connection_room(&here, 1000) != NULL);
    connection_wrote(&here, 1000);
    check(!connection_room(&here, OUT_OCTETS_MAX - 999));
    connection_close(&here);
    close(there);
}

/* Asks until TCP has it: an acknowledgement takes its time even on loopback. */
static bool
confirmed(uint64_t inbound)
{
    for (int i = 0; i < 1000 && here.confirmed != inbound; i++) {
        (void)connection_confirm(&here);
        usleep(1000);
    }
    return here.confirmed == inbound;
}

static void
check_confirms(void)
{
    write_text("response 1");
    connection_confirm_later(&here, 1);
    write_text("response 2");
    connection_confirm_later(&here, 2);
    check(!connection_confirm(&here));  /* not even sent */
    check(connection_flush(&here, &counters, 1));
    expect("response 1response 2");
    check(confirmed(2));
    check_number(here.confirm_count, 0);
    write_text("response 3");
    connection_confirm_later(&here, 3);
    (void)connection_confirm(&here);
    check_number(here.confirmed, 2);
}

static void
r_rel_3_confirms_where_we_connected(void)
{
    connect_out();
    check_confirms();
    connection_close(&here);
    close(there);
}

static void
r_rel_3_confirms_where_we_accepted(void)
{
    accept_in();
    check_confirms();
    connection_close(&here);
    close(there);
}

static void
r_rel_3_what_arrived_is_known_after_a_reset(void)
{
    struct linger hard = {.l_onoff = 1, .l_linger = 0};
    struct slice octets;

    connect_out();
    write_text("first");
    connection_confirm_later(&here, 7);
    check(connection_flush(&here, &counters, 1));
    expect("first");
    check(setsockopt(there, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)) == 0);
    close(there);
    wait_for(here.transport.fd, POLLIN);
    check(connection_read(&here, &counters, &octets) == READ_END);
    check(confirmed(7));
    connection_close(&here);
}

static void
r_rel_3_too_many_confirms_share_an_entry(void)
{
    connect_out();
    for (uint64_t i = 1; i <= 3 * CONFIRMS_MAX; i++) {
        write_text("r");
        connection_confirm_later(&here, i);
    }
    check_number(here.confirm_count, CONFIRMS_MAX);
    check(connection_flush(&here, &counters, 1));
    check(confirmed(3 * CONFIRMS_MAX));
    connection_close(&here);
    close(there);
}

static void
last_words_arrive_before_the_end(void)
{
    char buf[8];

    accept_in();
    check(write(there, "unread", 6) == 6);
    wait_for(here.transport.fd, POLLIN);
    write_text("bye");
    check(connection_flush(&here, &counters, 1));
    connection_shut(&here, 5);
    check(here.state == CONN_SHUT);
    expect("bye");
    check(read(there, buf, sizeof(buf)) == 0);
    check(connection_discard(&here));
    close(there);
    wait_for(here.transport.fd, POLLIN);
    check(!connection_discard(&here));
    connection_close(&here);
}

static void
addresses(void)
{
    struct address a, b;
    char text[ADDRESS_TEXT_BYTES];
    struct address_key x, y;

    check(address_parse("192.0.2.1", 2775, &a));
    address_text(&a, text);
    check_text(slice_str(text), "192.0.2.1:2775");
    check(address_parse("::ffff:192.0.2.1", 1, &b));
    x = address_key(&a);
    y = address_key(&b);
    check(memcmp(&x, &y, sizeof(x)) == 0);
    check(address_parse("2001:db8::1", 2775, &b));
    address_text(&b, text);
    check_text(slice_str(text), "[2001:db8::1]:2775");
    check(!address_same(&a, &b));
    check(!address_parse("smsc.example.net", 1, &a));
    check(!address_parse("", 1, &a));
    check(!address_parse("1.2.3", 1, &a));
}

/* U9: half-open connections end by themselves, whoever connected. */
static void
check_options(const struct connection *c)
{
    static const struct {
        int level, name, value;
    } wanted[] = {
        {SOL_SOCKET, SO_KEEPALIVE, 1},
        {IPPROTO_TCP, TCP_KEEPIDLE, TCP_KEEPIDLE_S},
        {IPPROTO_TCP, TCP_KEEPINTVL, TCP_KEEPINTVL_S},
        {IPPROTO_TCP, TCP_KEEPCNT, TCP_KEEPALIVES},
        {IPPROTO_TCP, TCP_USER_TIMEOUT, TCP_USER_TIMEOUT_MS},
    };

    for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
        int value = 0;
        socklen_t n = sizeof(value);

        check(getsockopt(c->transport.fd, wanted[i].level, wanted[i].name, &value, &n) == 0);
        check_number(value, wanted[i].value);
    }
}

static void
smpp_u9_keepalive_and_user_timeout_are_set(void)
{
    connect_out();
    check_options(&here);
    connection_close(&here);
    close(there);
    accept_in();
    check_options(&here);
}

CHECK_MAIN({"output_is_collected_and_sent_at_once", output_is_collected_and_sent_at_once},
           {"what_is_kept_comes_again_in_front", what_is_kept_comes_again_in_front},
           {"row_16_a_peer_that_does_not_read_is_noticed",
            row_16_a_peer_that_does_not_read_is_noticed},
           {"output_has_a_limit", output_has_a_limit},
           {"r_rel_3_confirms_where_we_connected", r_rel_3_confirms_where_we_connected},
           {"r_rel_3_confirms_where_we_accepted", r_rel_3_confirms_where_we_accepted},
           {"r_rel_3_what_arrived_is_known_after_a_reset",
            r_rel_3_what_arrived_is_known_after_a_reset},
           {"r_rel_3_too_many_confirms_share_an_entry", r_rel_3_too_many_confirms_share_an_entry},
           {"last_words_arrive_before_the_end", last_words_arrive_before_the_end},
           {"smpp_u9_keepalive_and_user_timeout_are_set",
            smpp_u9_keepalive_and_user_timeout_are_set},
           {"addresses", addresses})

/*
 * limits.h: every limit of the shell in one place, with the reason for the number. Limits that an
 * operator may want to move are in the configuration instead.
 */
#ifndef TANDEM_LIMITS_H
#define TANDEM_LIMITS_H

#ifndef must_check
#define must_check __attribute__((warn_unused_result))
#endif

/* --- mailboxes --- */

/* One batch holds what a busy turn can use; the slack of one longest PDU means that a batch
 * with any room at all has room for the next PDU, whatever it is. */
#define BATCH_OCTETS (256u * 1024u)
#define BATCH_EVENTS_MAX 1024u
/* 16 batches are 16,000 events: a disk that stalls for seconds does not stop the reading of
 * windows that are in use, and memory stays under 10 MiB. */
#define BATCHES_MAX 16u
/* The I/O thread goes on filling the newest batch that waits once the relay thread is this far
 * behind; before that a fresh one costs nothing and the relay thread never finds the box empty. */
#define BATCHES_REFILL 3u
/* Answers for which nobody waits may lie so long for something that must have a turn anyway: a
 * carrier's answers and its app's next messages come some microseconds apart, and a commit for the
 * first would keep the second waiting. No longer, since a crash meanwhile sends them again. */
#define ANSWERS_WAIT_MS 5u
/* What a release brings back, the app's next requests and the carrier's answers, comes within so
 * long. A turn that began with the first of it would make the rest wait for a whole commit, which
 * takes several times as long, and window and commit would stay out of step from then on. A turn
 * that has so many events is worth its commit anyway. */
#define GATHER_US 150u
#define GATHER_EVENTS 64u
/* The relay thread may be this many commits ahead of the sockets. */
#define EFFECT_BLOCKS_MAX 8u
/* A block that one large turn blew up gives its memory back. */
#define EFFECT_BLOCK_KEEP (4u * 1024u * 1024u)
/* More events in a turn would not share the commit any better (at 1,000 it is 0.35 us an
 * event), but would let the first wait for the last. */
#define TURN_EVENTS_MAX 1024u
/* What events may add to a turn's changeset. The other half is the shaper's: with all of it taken
 * by what comes in, a flood would keep everything that is stored from going out. */
#define TURN_EVENT_OCTETS (STORE_TURN_BYTES / 2)

/* --- sockets --- */

/* What one recv() takes: several windows of ordinary texts. With what was left of the last PDU in
 * front of it the longest PDU fits. */
#define READ_OCTETS (64u * 1024u)
/* PDUs of one session in one round of the loop (faults.md row 54): a flood shares the thread
 * with the others, and two windows of 100 still pass at once. */
#define READ_PDUS_MAX 256u
/* Requests of one peer that wait for our response (faults.md row 54); beyond it RTHROTTLED to an
 * app, and no more reading from a carrier. */
#define UNANSWERED_MAX 1000u
/* Octets of these (S9): what a busy window of ordinary texts needs ten times over, and a few of the
 * batches at most. Beyond it no more is read. */
#define AHEAD_OCTETS_MAX (1024u * 1024u)
/* Output that waits in a connection before we stop reading from its peer (faults.md row 16), and
 * before the connection is given up: windows and UNANSWERED_MAX keep it far below that. */
#define OUT_OCTETS_HIGH (256u * 1024u)
#define OUT_OCTETS_MAX (16u * 1024u * 1024u)
/* Buffers start small, for a thousand idle binds, and larger ones are not kept once empty. */
#define BUFFER_OCTETS_MIN 512u
#define BUFFER_OCTETS_KEEP (16u * 1024u)
/* bad-input.md 5: whoever needs longer for the handshake holds a connection for nothing. */
#define TLS_HANDSHAKE_MS 10000u
/* A handshake of an app costs one to five milliseconds, most of it for our signature, and all
 * sessions wait for it: so many steps of handshakes in one round of the loop. */
#define TLS_HANDSHAKES_PER_ROUND 4u
/* An address may begin connections_per_address of them at once, which is a customer's whole return
 * after a cut, and so many again in this time: of a flood eight a second. */
#define TLS_HANDSHAKES_AGAIN_S 8u
/* Without progress for so long the peer does not read any more (faults.md row 16). */
#define OUT_STUCK_MS 30000u
/* Of a carrier: a PDU is complete so long after its first octet (faults.md row 17). For apps it is
 * an option of the listener. */
#define PARTIAL_PDU_MS 30000u
/* After our FIN the peer may read our last words; closing at once could make its kernel drop
 * them. */
#define LINGER_MS 1000u
#define LINGER_OCTETS_MAX (1024u * 1024u)
/* Half-open connections (faults.md row 15). */
#define TCP_USER_TIMEOUT_MS 20000
#define TCP_KEEPIDLE_S 30
#define TCP_KEEPINTVL_S 5
#define TCP_KEEPALIVES 3             /* without an answer; not named as the option is */
/* Responses whose delivery by TCP is still open, per session (R-rel-3). When more are, the
 * newest share an entry, and are then confirmed later than they could be. */
#define CONFIRMS_MAX 256u
/* How often it is asked for. What was acknowledged later than this before a crash stays
 * suspect: the same words, written again by a person, would be taken for a repeat. Short,
 * because asking is cheap (one getsockopt, and a turn that is due anyway when messages flow). */
#define CONFIRM_MS 50u
/* From telling the core to stop sending on a session until nothing more can be on its way from
 * it. */
#define HOLD_MS 200u
/* Slots of the table of connections: more file descriptors than that are not ours to use. */
#define PEERS_MAX 20000u

/* --- sessions --- */

/* bad-input.md, general rules, and conformance U6. */
#define PROTOCOL_ERRORS_MAX 100u
#define ENQUIRE_MISSES_MAX 2u
/* How long a peer that unbinds, with responses of ours still in progress, waits for them (U1). */
#define FAREWELL_MS 2000u
/* How long we wait for an unbind_resp (U2). */
#define UNBIND_MS 3000u
/* Timers are looked at this often; response timers and keepalives are counted in seconds. */
#define SWEEP_MS 1000u
#define SWEEP_MIN_MS 20u

/* How often the ends of certificates are looked at (faults.md row 31). */
#define EXPIRY_CHECK_MS (24u * 60u * 60u * 1000u)

/* --- listeners --- */

#define LISTEN_BACKLOG 512
#define ACCEPTS_PER_ROUND 64u
/* Decision 13: accept() that fails for want of descriptors would fail again at once. */
#define ACCEPT_PAUSE_MS 200u
/* B01: the answer to a failed bind is followed by this pause before the close. */
#define BIND_PENALTY_MS 1000u
/* B16: so many failed binds of one address within the window lock it out. */
#define BIND_FAILURES_MAX 5u
#define BIND_FAILURES_MS 60000u
#define BIND_LOCKOUT_MS 300000u
/* Addresses whose failures are remembered; the one that was quiet for longest makes room. */
#define BIND_ADDRESSES_MAX 4096u

/* bad-input.md 5: two comparisons of passwords at a time leave the other threads their processors;
 * 64 that wait are more than a second, and whoever comes then is told to come again. */
#define HASH_THREADS 2u
#define HASH_JOBS_MAX 64u
#define HASH_NICE 10                /* of their threads: binds can wait, messages should not */
/* What a new hash costs (OWASP's least for argon2id): about 20 ms. Passwords of eight characters do
 * not get strong by more; what protects them are limits, allow-lists and certificates. */
#define HASH_PASSES 2u
#define HASH_OCTETS (19u * 1024u * 1024u)

/* --- carriers --- */

#define CONNECT_MS 5000u            /* faults.md row 35 */
#define ADDRESSES_MAX 20u           /* of one host name (row 35) */
#define REFUSALS_ALARM 3u           /* so many refused binds in a row are an error in the log */
#define RESOLVE_AGAIN_MS 60000u     /* a name is not looked up more often */
#define RESOLVE_JOBS_MAX 256u
#define JITTER_PERCENT 20u          /* faults.md row 12 */

/* --- tandem ctl --- */

/* Few people look at once; scripts that forget to close must not use up descriptors. */
#define ADMIN_CONNECTIONS_MAX 16u
/* A request is a few words; a text that is to be sent fits too. */
#define ADMIN_TEXT_BYTES (16u * 1024u)
/* One with a file: line ends are two characters in JSON, and some texts take more. */
#define ADMIN_LINE_BYTES (2u * COMMAND_FILE_BYTES_MAX)
/* A line's buffer at first, and when a long one is through. */
#define ADMIN_LINE_BYTES_MIN (16u * 1024u)
#define ADMIN_DEPTH_MAX 4u          /* {"args": {...}} has two */
#define ADMIN_ID_BYTES 80u          /* a caller's name for its request, as JSON */
/* Commands of one connection that are not answered yet; further lines are not read. */
#define ADMIN_CALLS_MAX 4u
/* Output that waits before nothing more is asked for it, and before the connection is given up:
 * a step of each command is answered meanwhile. */
#define ADMIN_OUT_HIGH (64u * 1024u)
#define ADMIN_OUT_MAX (8u * 1024u * 1024u)
/* Nothing happens on it for so long. */
#define ADMIN_IDLE_MS 300000u

/* Links that are traced at once: a person looks at one or two. */
#define TRACES_MAX 16u

/* --- log --- */

#define LOG_LINE_BYTES 3072u        /* a metrics line; under PIPE_BUF, so that lines stay whole */
#define LOG_SLOTS 128u
#define LOG_BURST 10u               /* lines a second about one thing (bad-input.md, rules) */
#define LOG_REPEAT_MS 30000u        /* the same line again within this time is counted */

/* --- memory --- */

#define MALLOC_ARENAS 2             /* one for each thread that allocates while it works */
#define MALLOC_TRIM_OCTETS (8 * 1024 * 1024) /* below that giving back costs more than it frees */

/* --- clock and tools --- */

#define CLOCK_JUMP_MS 300000u       /* faults.md row 24 */
/* A clock that jumped forward is believed after so long (row 24): a person has seen the line in the
 * log by then, and a time server has corrected its mistake. */
#define CLOCK_PAUSE_MS 600000u
#define CLOCK_HOLD_MS 1000u         /* a wall clock this little behind is waited for */
#define READER_RENEW_MS 50u         /* faults.md row 39 allows 100 */
#define READER_CHECK_MS 60000u      /* row 40 */

#endif

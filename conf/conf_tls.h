/*
 * conf_tls.h: certificates and keys of a configuration, as OpenSSL takes them.
 *
 * One implementation for the check of the files and for the use of them, so that what was accepted
 * can be used. OpenSSL itself stays in conf_tls.c and gateway/tls.c.
 */
#ifndef TANDEM_CONF_TLS_H
#define TANDEM_CONF_TLS_H

#include "conf/conf.h"

struct ssl_ctx_st;                  /* OpenSSL's SSL_CTX */

struct conf_tls_fault {
    const char *option;             /* the key whose file is to blame */
    char why[160];
};

/* Puts certificate, key and authorities into a context, as far as there are any. False: fault. */
__attribute__((warn_unused_result)) bool
conf_tls_apply(const struct conf_tls *tls, struct ssl_ctx_st *context,
               struct conf_tls_fault *fault);

/* How near the end of a certificate is. */
enum conf_expiry { EXPIRY_FAR, EXPIRY_30_DAYS, EXPIRY_14_DAYS, EXPIRY_7_DAYS, EXPIRY_1_DAY,
                   EXPIRY_PAST };
const char *conf_expiry_name(enum conf_expiry expiry);
/* Both in Unix time; expires_s 0 is no certificate. */
enum conf_expiry conf_expiry_of(int64_t expires_s, int64_t now_s);

#endif

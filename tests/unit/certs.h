/*
 * certs.h: certificates for tests, made when they are needed, so that none in the tree expires.
 */
#ifndef TANDEM_CERTS_H
#define TANDEM_CERTS_H

#include <openssl/x509.h>

#include "protocol/slice.h"

struct cert {
    X509 *x509;
    EVP_PKEY *key;
};

struct cert_spec {
    const char *cn;
    const char *names;              /* subject's other names as OpenSSL writes them; NULL: none */
    const struct cert *issuer;      /* NULL: it signs itself */
    bool authority;
    int from_days, to_days;         /* from now */
};

/* All that these return lives as long as the test. */
struct cert cert_make(const struct cert_spec *spec);
/* An authority, good for ten years. */
struct cert cert_authority(const char *cn);
/* Signed by issuer, good for a year. */
struct cert cert_of(const struct cert *issuer, const char *cn, const char *names);

/* PEM, which ends with NUL. */
char *cert_pem(const struct cert *cert);
char *cert_key_pem(const struct cert *cert);
/* A list of one revoked certificate. */
char *cert_crl_pem(const struct cert *issuer, const struct cert *revoked);

#endif

/*
 * certs.c: see certs.h.
 */
#include "tests/unit/certs.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "tests/unit/check.h"

#define DAY_S (24L * 60 * 60)

/* So that leak checkers find it. */
static void
keep(void *object)
{
    static void *kept[4096];
    static size_t count;

    check(count < sizeof(kept) / sizeof(kept[0]));
    kept[count++] = object;
}

static void
extend(X509 *x509, int nid, const char *value)
{
    X509V3_CTX context;
    X509_EXTENSION *extension;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, x509, x509, NULL, NULL, 0);
    extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    check(extension && X509_add_ext(x509, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

struct cert
cert_make(const struct cert_spec *spec)
{
    static long serial = 1;
    struct cert cert = {.x509 = X509_new(), .key = EVP_EC_gen("P-256")};
    const struct cert *issuer = spec->issuer ? spec->issuer : &cert;
    X509_NAME *name = X509_get_subject_name(cert.x509);

    check(cert.x509 && cert.key);
    keep(cert.x509);
    keep(cert.key);
    check(X509_set_version(cert.x509, 2) == 1);
    ASN1_INTEGER_set(X509_get_serialNumber(cert.x509), serial++);
    X509_gmtime_adj(X509_getm_notBefore(cert.x509), spec->from_days * DAY_S);
    X509_gmtime_adj(X509_getm_notAfter(cert.x509), spec->to_days * DAY_S);
    X509_set_pubkey(cert.x509, cert.key);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)spec->cn, -1, -1,
                               0);
    X509_set_issuer_name(cert.x509, X509_get_subject_name(issuer->x509));
    extend(cert.x509, NID_basic_constraints, spec->authority ? "critical,CA:TRUE" : "CA:FALSE");
    if (spec->names)
        extend(cert.x509, NID_subject_alt_name, spec->names);
    check(X509_sign(cert.x509, issuer->key, EVP_sha256()) > 0);
    return cert;
}

struct cert
cert_authority(const char *cn)
{
    return cert_make(
        &(struct cert_spec){.cn = cn, .authority = true, .from_days = -1, .to_days = 3650});
}

struct cert
cert_of(const struct cert *issuer, const char *cn, const char *names)
{
    return cert_make(&(struct cert_spec){
        .cn = cn, .names = names, .issuer = issuer, .from_days = -1, .to_days = 365});
}

/* Takes what was written to a memory BIO. */
static char *
text_of(BIO *bio)
{
    char *data, *text;
    long n = BIO_get_mem_data(bio, &data);

    check(n > 0);
    text = calloc(1, (size_t)n + 1);
    check(text != NULL);
    memcpy(text, data, (size_t)n);
    keep(text);
    BIO_free(bio);
    return text;
}

char *
cert_pem(const struct cert *cert)
{
    BIO *bio = BIO_new(BIO_s_mem());

    check(PEM_write_bio_X509(bio, cert->x509) == 1);
    return text_of(bio);
}

char *
cert_key_pem(const struct cert *cert)
{
    BIO *bio = BIO_new(BIO_s_mem());

    check(PEM_write_bio_PrivateKey(bio, cert->key, NULL, NULL, 0, NULL, NULL) == 1);
    return text_of(bio);
}

char *
cert_crl_pem(const struct cert *issuer, const struct cert *revoked)
{
    BIO *bio = BIO_new(BIO_s_mem());
    X509_CRL *crl = X509_CRL_new();
    X509_REVOKED *row = X509_REVOKED_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, -DAY_S), *next = X509_gmtime_adj(NULL, 30 * DAY_S);

    X509_CRL_set_version(crl, 1);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x509));
    X509_CRL_set1_lastUpdate(crl, now);
    X509_CRL_set1_nextUpdate(crl, next);
    X509_REVOKED_set_serialNumber(row, X509_get_serialNumber(revoked->x509));
    X509_REVOKED_set_revocationDate(row, now);
    X509_CRL_add0_revoked(crl, row);
    check(X509_CRL_sign(crl, issuer->key, EVP_sha256()) > 0);
    check(PEM_write_bio_X509_CRL(bio, crl) == 1);
    X509_CRL_free(crl);
    ASN1_TIME_free(now);
    ASN1_TIME_free(next);
    return text_of(bio);
}

/*
 * conf_tls.c: see conf_tls.h; and the rules for the `tls` sections (Y22). The only file of conf/
 * that knows OpenSSL: whether a certificate and a key belong together is for it to say.
 */
#include "conf/conf_tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <time.h>

#include "conf/conf_int.h"

#define DAY_S (24 * 60 * 60)

/* --- how long it still lasts --- */

const char *
conf_expiry_name(enum conf_expiry expiry)
{
    static const char *const names[] = {"far",    "30_days", "14_days",
                                        "7_days", "1_day",   "expired"};

    return (unsigned)expiry < sizeof(names) / sizeof(names[0]) ? names[expiry] : "?";
}

enum conf_expiry
conf_expiry_of(int64_t expires_s, int64_t now_s)
{
    int64_t left = expires_s - now_s;

    if (expires_s == 0 || left > 30 * DAY_S)
        return EXPIRY_FAR;
    if (left > 14 * DAY_S)
        return EXPIRY_30_DAYS;
    if (left > 7 * DAY_S)
        return EXPIRY_14_DAYS;
    if (left > DAY_S)
        return EXPIRY_7_DAYS;
    return left > 0 ? EXPIRY_1_DAY : EXPIRY_PAST;
}

static int64_t
end_of(const X509 *certificate)
{
    struct tm tm = {0};

    return ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm) == 1 ? (int64_t)timegm(&tm) : 0;
}

/* --- octets to OpenSSL --- */

static bool
fault_at(struct conf_tls_fault *fault, const char *option, const char *why)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());

    fault->option = option;
    snprintf(fault->why, sizeof(fault->why), "%s%s%s%s", why, reason ? " (" : "",
             reason ? reason : "", reason ? ")" : "");
    ERR_clear_error();
    return false;
}

/* Without this OpenSSL would ask on the terminal. */
static int
no_passphrase(char *buf, int size, int writing, void *context)
{
    (void)buf, (void)size, (void)writing, (void)context;
    return -1;
}

static BIO *
bio_of(struct slice pem)
{
    /* CONF_PEM_BYTES_MAX is far below INT_MAX. */
    return BIO_new_mem_buf(pem.n ? pem.p : (const void *)"", (int)pem.n);
}

static X509 *
next_certificate(BIO *bio)
{
    return PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
}

/* At the end of the file there is only "no start line". */
static bool
ended_well(void)
{
    unsigned long err = ERR_peek_last_error();
    bool well = ERR_GET_LIB(err) == ERR_LIB_PEM && ERR_GET_REASON(err) == PEM_R_NO_START_LINE;

    if (well)
        ERR_clear_error();
    return well;
}

static bool
apply_certificate(struct slice pem, SSL_CTX *context, struct conf_tls_fault *fault)
{
    BIO *bio = bio_of(pem);
    X509 *own = bio ? next_certificate(bio) : NULL, *other;
    bool ok = own && SSL_CTX_use_certificate(context, own) == 1;

    while (ok && (other = next_certificate(bio)) != NULL) {
        ok = SSL_CTX_add0_chain_cert(context, other) == 1;
        if (!ok)
            X509_free(other);
    }
    if (!own)
        fault_at(fault, "certificate", "holds no PEM certificate");
    else if (!ok)
        fault_at(fault, "certificate", "cannot be used");
    else if (!ended_well())
        ok = fault_at(fault, "certificate", "is damaged");
    X509_free(own);
    BIO_free(bio);
    return ok;
}

static bool
apply_key(struct slice pem, SSL_CTX *context, struct conf_tls_fault *fault)
{
    BIO *bio = bio_of(pem);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
    bool ok = key && SSL_CTX_use_PrivateKey(context, key) == 1 &&
              SSL_CTX_check_private_key(context) == 1;

    if (!key && pem.n > 0 && memmem(pem.p, pem.n, "ENCRYPTED", 9))
        fault_at(fault, "key", "is encrypted, and nobody is there to type a passphrase");
    else if (!key)
        fault_at(fault, "key", "holds no PEM private key");
    else if (!ok)
        fault_at(fault, "key", "does not belong to the certificate");
    EVP_PKEY_free(key);
    BIO_free(bio);
    return ok;
}

/* A certificate of a file of authorities, the CRL behind it, or both. A CRL makes the issuer of
 * every certificate that is shown need one. */
static bool
apply_info(const X509_INFO *info, SSL_CTX *context, unsigned *certificates)
{
    X509_STORE *store = SSL_CTX_get_cert_store(context);

    *certificates += info->x509 != NULL;
    if (info->x509 && (X509_STORE_add_cert(store, info->x509) != 1 ||
                       SSL_CTX_add_client_CA(context, info->x509) != 1))
        return false;
    return !info->crl || (X509_STORE_add_crl(store, info->crl) == 1 &&
                          X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK) == 1);
}

static bool
apply_ca(struct slice pem, SSL_CTX *context, struct conf_tls_fault *fault)
{
    BIO *bio = bio_of(pem);
    STACK_OF(X509_INFO) *all = bio ? PEM_X509_INFO_read_bio(bio, NULL, no_passphrase, NULL) : NULL;
    unsigned certificates = 0;
    bool ok = all != NULL;

    for (int i = 0; ok && i < sk_X509_INFO_num(all); i++)
        ok = apply_info(sk_X509_INFO_value(all, i), context, &certificates);
    if (!ok)
        fault_at(fault, "ca", "is damaged");
    else if (certificates == 0)
        ok = fault_at(fault, "ca", "holds no PEM certificate");
    sk_X509_INFO_pop_free(all, X509_INFO_free);
    BIO_free(bio);
    return ok;
}

bool
conf_tls_apply(const struct conf_tls *tls, struct ssl_ctx_st *context,
               struct conf_tls_fault *fault)
{
    ERR_clear_error();
    if (tls->certificate[0] && !apply_certificate(tls->certificate_pem, context, fault))
        return false;
    if (tls->key[0] && !apply_key(tls->key_pem, context, fault))
        return false;
    return !tls->ca[0] || apply_ca(tls->ca_pem, context, fault);
}

/* --- rules of the section --- */

/* False if there is a problem. Who could change an authority or a certificate could be anybody. */
static bool
read_pem(struct conf_reader *reader, const struct conf_place *place, const char *path,
         struct slice *out)
{
    struct conf_file file = {.name = path, .bytes_max = CONF_PEM_BYTES_MAX};
    bool key = strcmp(place->child, "key") == 0;

    if (path[0] == '\0')
        return true;
    if (!conf_file_read(&file, reader->keep, reader->report, place))
        return false;
    conf_file_check_mode(&file, key ? "a private key" : NULL, reader->report, place);
    *out = file.bytes;
    return true;
}

static int64_t
first_to_expire(struct slice pem)
{
    BIO *bio = bio_of(pem);
    int64_t first = 0;
    X509 *certificate;

    while (bio && (certificate = next_certificate(bio)) != NULL) {
        int64_t end = end_of(certificate);

        first = first == 0 || end < first ? end : first;
        X509_free(certificate);
    }
    BIO_free(bio);
    ERR_clear_error();
    return first;
}

/* Expired is a warning: what serves now goes on serving (faults.md row 31). */
static void
warn_of_expiry(struct conf_reader *reader, const struct conf_node *map, const struct conf_tls *tls)
{
    int64_t now = (int64_t)time(NULL);
    enum conf_expiry expiry = conf_expiry_of(tls->expires_s, now);

    if (expiry == EXPIRY_PAST)
        conf_warning_in(reader->report, map, "certificate", "%s has expired", tls->certificate);
    else if (expiry != EXPIRY_FAR)
        conf_warning_in(reader->report, map, "certificate", "%s expires in %lld days",
                        tls->certificate, (long long)((tls->expires_s - now) / DAY_S));
}

static void
check_parts(struct conf_reader *reader, const struct conf_node *map, struct conf_tls *tls)
{
    SSL_CTX *context = SSL_CTX_new(TLS_method());
    struct conf_tls_fault fault;

    if (!context) {
        conf_problem(reader->report, map, "OpenSSL cannot be used");
        ERR_clear_error();
        return;
    }
    if (!conf_tls_apply(tls, context, &fault)) {
        const char *path = strcmp(fault.option, "key") == 0  ? tls->key
                           : strcmp(fault.option, "ca") == 0 ? tls->ca
                                                             : tls->certificate;

        conf_problem_in(reader->report, map, fault.option, "%s %s", path, fault.why);
    }
    SSL_CTX_free(context);
    tls->expires_s = first_to_expire(tls->certificate_pem);
    warn_of_expiry(reader, map, tls);
}

static void
finish_tls(struct conf_reader *reader, const struct conf_node *map, struct conf_tls *tls)
{
    const struct conf_place certificate = {.node = map, .child = "certificate"},
                            key = {.node = map, .child = "key"}, ca = {.node = map, .child = "ca"};
    bool ok = read_pem(reader, &certificate, tls->certificate, &tls->certificate_pem);

    tls->on = true;
    ok = read_pem(reader, &key, tls->key, &tls->key_pem) && ok;
    ok = read_pem(reader, &ca, tls->ca, &tls->ca_pem) && ok;
    if (ok && !tls->certificate[0] == !tls->key[0])
        check_parts(reader, map, tls);
}

void
conf_finish_listener_tls(struct conf_reader *reader, const struct conf_node *map, void *base)
{
    struct conf_listener *listener = base;
    struct conf_tls *tls = &listener->tls;

    /* What is missing has been reported. */
    if (tls->clients != CLIENTS_NONE && !tls->ca[0])
        conf_problem_in(reader->report, map, "ca",
                        "is required, or nobody could tell whose certificates are good");
    finish_tls(reader, map, tls);
}

void
conf_finish_carrier_tls(struct conf_reader *reader, const struct conf_node *map, void *base)
{
    struct conf_carrier *carrier = base;
    struct conf_tls *tls = &carrier->tls;

    if (!tls->certificate[0] != !tls->key[0])
        conf_problem_in(reader->report, map, tls->key[0] ? "certificate" : "key",
                        "is required: certificate and key belong together");
    finish_tls(reader, map, tls);
    if (!tls->verify)
        conf_warning_in(reader->report, map, "verify",
                        "whoever is on the way to the carrier can read and change everything");
}

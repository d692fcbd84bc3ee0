/*
 * conf_tls_test.c: the `tls` sections and the files that they name (bad-input.md Y22), and when a
 * certificate's end is told of (faults.md row 31).
 */
#include "conf/conf_tls.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/certs.h"
#include "tests/unit/check.h"

static char dir[64];
static char said[8192];
static int status;

static const char *
in_dir(const char *name)
{
    static char path[128];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return path;
}

static void
put(const char *name, const char *text, mode_t mode)
{
    FILE *file = fopen(in_dir(name), "w");

    check(file && fputs(text, file) >= 0 && fclose(file) == 0);
    check(chmod(in_dir(name), mode) == 0);
}

static void
put_cert(const char *name, const struct cert *cert)
{
    put(name, cert_pem(cert), 0644);
}

static void
put_key(const char *name, const struct cert *cert, mode_t mode)
{
    put(name, cert_key_pem(cert), mode);
}

static struct cert ca, ours;

/* A good set of files: ca.pem, our.pem, our.key. */
static void
setup(void)
{
    snprintf(dir, sizeof(dir), "/tmp/conf_tls_test.XXXXXX");
    check(mkdtemp(dir) != NULL);
    ca = cert_authority("Test CA");
    ours = cert_of(&ca, "gateway", "DNS:gw.example");
    put_cert("ca.pem", &ca);
    put_cert("our.pem", &ours);
    put_key("our.key", &ours, 0600);
}

static void
remove_dir(void)
{
    static const char *const names[] = {"ca.pem", "our.pem", "our.key", "t.yaml", "d.yaml", "x"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(in_dir(names[i]));
    check(rmdir(dir) == 0);
}

static struct conf *
load(const char *gateway, const char *directory)
{
    char text[2048];
    struct conf_problems problems;
    struct conf *conf;
    size_t used = 0;

    snprintf(text, sizeof(text), "store: {dir: s}\n%s%s", directory ? "directory: d.yaml\n" : "",
             gateway);
    put("t.yaml", text, 0600);
    if (directory)
        put("d.yaml", directory, 0600);
    conf = conf_load(in_dir("t.yaml"), &problems);
    status = problems.exit_status;
    said[0] = '\0';
    for (size_t i = 0; i < problems.count; i++)
        used += (size_t)snprintf(said + used, sizeof(said) - used, "%s\n", problems.lines[i]);
    conf_problems_free(&problems);
    return conf;
}

static void
expect(const char *gateway, const char *directory, const char *part)
{
    struct conf *conf = load(gateway, directory);

    if (!strstr(said, part) || (part[0] == '\0' && said[0] != '\0'))
        printf("    said: %s    want: %s\n", said, part);
    check(strstr(said, part) && (part[0] != '\0' || said[0] == '\0'));
    check(!conf == (status != 0));
    conf_free(conf);
}

#define LISTENER(tls) "listeners: [{id: a, tls: {" tls "}}]\n"
#define CARRIER(tls)                                                                               \
    "carriers: [{id: c, host: h, port: 1, system_id: s, password: p, tls: {" tls "}}]\n"
#define OURS "certificate: our.pem, key: our.key"

static void
a_good_section_is_taken(void)
{
    struct conf *conf;
    const struct conf_tls *tls;

    setup();
    conf = load(LISTENER(OURS ", ca: ca.pem, client_certificates: optional")
                    CARRIER("ca: ca.pem, server_name: smsc.example"), NULL);
    check_text(slice_str(said), "");
    check(conf != NULL);
    tls = &conf->listeners[0].tls;
    check(tls->on && tls->clients == CLIENTS_OPTIONAL && tls->certificate_pem.n > 100);
    check(tls->key_pem.n > 100 && tls->ca_pem.n > 100 && tls->expires_s > 0);
    tls = &conf->carriers[0].tls;
    check(tls->on && tls->verify && tls->key_pem.n == 0);
    check_text(slice_str(tls->server_name), "smsc.example");
    conf_free(conf);
    conf = load("listeners: [{id: a}]\n" CARRIER(""), NULL);
    check(conf && !conf->listeners[0].tls.on);
    check(conf->carriers[0].tls.on && conf->carriers[0].tls.verify);
    conf_free(conf);
    remove_dir();
}

static void
row_y22_unreadable(void)
{
    setup();
    expect(LISTENER("certificate: no.pem, key: our.key"), NULL,
           "t.yaml:2:40: listeners[0].tls.certificate: cannot open");
    expect(LISTENER("certificate: our.pem, key: no.key"), NULL, "tls.key: cannot open");
    expect(CARRIER("ca: no.pem"), NULL, "carriers[0].tls.ca: cannot open");
    expect(LISTENER("certificate: ., key: our.key"), NULL, "not a regular file");
    check_number(status, 78);
    put("x", "", 0644);
    expect(LISTENER("certificate: x, key: our.key"), NULL, "x holds no PEM certificate");
    expect(LISTENER("certificate: our.key, key: our.key"), NULL, "holds no PEM certificate");
    expect(LISTENER("certificate: our.pem, key: our.pem"), NULL, "holds no PEM private key");
    expect(CARRIER("ca: x"), NULL, "holds no PEM certificate");
    expect(CARRIER("ca: our.key"), NULL, "holds no PEM certificate");
    put_key("our.key", &ours, 0644);
    expect(LISTENER(OURS), NULL,
           "our.key: mode 0644, want 0600 because it holds a private key");
    put_key("our.key", &ours, 0640);
    expect(LISTENER(OURS), NULL, "");
    put_cert("our.pem", &ours);
    check(chmod(in_dir("our.pem"), 0666) == 0);
    expect(LISTENER(OURS), NULL, "because others could change it");
    remove_dir();
}

static void
row_y22_damaged(void)
{
    char *pem, text[8192];

    setup();
    pem = cert_pem(&ours);
    pem[strlen(pem) / 2] = '?';
    put("x", pem, 0644);
    expect(LISTENER("certificate: x, key: our.key"), NULL, "holds no PEM certificate");
    expect(CARRIER("ca: x"), NULL, "tls.ca");
    /* The first is whole, the second is not. */
    snprintf(text, sizeof(text), "%s-----BEGIN CERTIFICATE-----\nAAAA\n", cert_pem(&ours));
    put("x", text, 0644);
    expect(LISTENER("certificate: x, key: our.key"), NULL, "x is damaged");
    remove_dir();
}

static void
row_y22_mismatch(void)
{
    struct cert other;
    EVP_PKEY *rsa;
    BIO *bio;
    char *data;

    setup();
    other = cert_of(&ca, "other", NULL);
    put_key("our.key", &other, 0600);
    expect(LISTENER(OURS), NULL,
           "listeners[0].tls.key: ");
    check(strstr(said, "does not belong to the certificate"));
    check_number(status, 78);
    rsa = other.key = EVP_RSA_gen(2048);
    put_key("our.key", &other, 0600);
    EVP_PKEY_free(rsa);
    expect(LISTENER(OURS), NULL, "does not belong to the certificate");
    bio = BIO_new(BIO_s_mem());
    check(PEM_write_bio_PKCS8PrivateKey(bio, ours.key, EVP_aes_128_cbc(), "pw", 2, NULL, NULL));
    check(BIO_write(bio, "", 1) == 1);
    BIO_get_mem_data(bio, &data);
    put("our.key", data, 0600);
    BIO_free(bio);
    expect(LISTENER(OURS), NULL, "is encrypted");
    remove_dir();
}

static void
row_y22_expired_warns(void)
{
    struct cert late;

    setup();
    late = cert_make(&(struct cert_spec){
        .cn = "g", .issuer = &ca, .from_days = -20, .to_days = -1});
    put_cert("our.pem", &late);
    put_key("our.key", &late, 0600);
    expect(LISTENER(OURS), NULL, "warning: ");
    check_number(status, 0);
    check(strstr(said, "our.pem has expired"));
    late = cert_make(&(struct cert_spec){
        .cn = "g", .issuer = &ca, .from_days = -20, .to_days = 6});
    put_cert("our.pem", &late);
    put_key("our.key", &late, 0600);
    expect(CARRIER(OURS), NULL, "our.pem expires in ");
    check_number(status, 0);
    remove_dir();
}

static void
what_belongs_together(void)
{
    setup();
    expect(LISTENER("certificate: our.pem"), NULL, "tls.key: is required and not there");
    expect(LISTENER(""), NULL, "tls.certificate: is required and not there");
    expect(LISTENER(OURS ", client_certificates: required"), NULL, "tls.ca: is required");
    expect(CARRIER("certificate: our.pem"), NULL, "carriers[0].tls.key: is required");
    expect(CARRIER("key: our.key"), NULL, "carriers[0].tls.certificate: is required");
    expect(CARRIER("verify: false"), NULL, "can read and change everything");
    check_number(status, 0);
    expect("listeners: [{id: a, address: 192.0.2.1, tls: {" OURS "}}]\n", NULL, "");
    remove_dir();
}

static void
certificates_of_apps(void)
{
    static const char *const good[] = {
        "cn:crm", "dns:crm.example", "\"uri:spiffe://example/crm\"",
        "\"sha256:00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF\"",
        "\"sha256:00:112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF\""};
    static const char *const bad[] = {"crm", "\"cn:\"", "CN:crm", "\"sha256:00\"",
                                      "\"sha256:zz112233445566778899\"", "\"sha256:\""};
    char text[400];
    const char *asks = LISTENER(OURS ", ca: ca.pem, client_certificates: optional");

    setup();
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        snprintf(text, sizeof(text), "accounts: [{id: a, name: A, apps: [{system_id: s, "
                 "password: p, certificate: %s}]}]\n", good[i]);
        expect(asks, text, "");
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(text, sizeof(text), "accounts: [{id: a, name: A, apps: [{system_id: s, "
                 "password: p, certificate: %s}]}]\n", bad[i]);
        expect(asks, text, "accounts[0].apps[0].certificate: is none of cn:NAME");
    }
    expect(LISTENER(OURS), "accounts: [{id: a, name: A, apps: [{system_id: s, password: p, "
           "certificate: cn:x}]}]\n", "no listener asks for client_certificates");
    remove_dir();
}

static void
row_31_told_at_30_14_7_and_1_days(void)
{
    static const struct {
        int64_t left_s;
        enum conf_expiry expiry;
    } rows[] = {{31 * 86400, EXPIRY_FAR},        {30 * 86400 + 1, EXPIRY_FAR},
                {30 * 86400, EXPIRY_30_DAYS},    {14 * 86400 + 1, EXPIRY_30_DAYS},
                {14 * 86400, EXPIRY_14_DAYS},    {7 * 86400 + 1, EXPIRY_14_DAYS},
                {7 * 86400, EXPIRY_7_DAYS},      {86400 + 1, EXPIRY_7_DAYS},
                {86400, EXPIRY_1_DAY},           {1, EXPIRY_1_DAY},
                {0, EXPIRY_PAST},                {-86400 * 400, EXPIRY_PAST}};
    const int64_t now = 1800000000;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_number(conf_expiry_of(now + rows[i].left_s, now), rows[i].expiry);
    check_number(conf_expiry_of(0, now), EXPIRY_FAR);
    for (int i = EXPIRY_FAR; i <= EXPIRY_PAST; i++)
        check(conf_expiry_name((enum conf_expiry)i)[0] != '?');
}

CHECK_MAIN({"a_good_section_is_taken", a_good_section_is_taken},
           {"row_y22_unreadable", row_y22_unreadable}, {"row_y22_damaged", row_y22_damaged},
           {"row_y22_mismatch", row_y22_mismatch},
           {"row_y22_expired_warns", row_y22_expired_warns},
           {"what_belongs_together", what_belongs_together},
           {"certificates_of_apps", certificates_of_apps},
           {"row_31_told_at_30_14_7_and_1_days", row_31_told_at_30_14_7_and_1_days})

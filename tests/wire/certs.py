"""Certificates for stories, made with openssl in the story's directory when they are needed."""

import os
import ssl
import subprocess

CONFIG = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = %(cn)s
[ext]
basicConstraints = %(basic)s
%(names)s
"""


class Certs:
    """certs/NAME.pem and certs/NAME.key; NAME-ca is an authority of its own."""

    def __init__(self, directory):
        self.folder = os.path.join(directory, "certs")
        self.serial = 0

    def path(self, name):
        return os.path.join(self.folder, name)

    def _openssl(self, *words):
        subprocess.run(["openssl", *words], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def make(self, name, cn=None, issuer="ca", names="", days=30):
        """A certificate, signed by issuer (itself if it is that); days < 0: it has expired."""
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        config = self.path(name + ".cnf")
        with open(config, "w", encoding="utf-8") as out:
            out.write(CONFIG % {"cn": cn or name,
                                "basic": "critical,CA:TRUE" if name == issuer else "CA:FALSE",
                                "names": "subjectAltName = " + names if names else ""})
        key, request, pem = (self.path(name + end) for end in (".key", ".csr", ".pem"))
        self._openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
        os.chmod(key, 0o600)
        self._openssl("req", "-new", "-config", config, "-key", key, "-out", request)
        self.serial += 1
        signer = ["-signkey", key] if name == issuer else \
            ["-CA", self.path(issuer + ".pem"), "-CAkey", self.path(issuer + ".key")]
        self._openssl("x509", "-req", "-in", request, *signer, "-set_serial", str(self.serial),
                      "-days", str(days), "-extfile", config, "-extensions", "ext", "-sha256",
                      "-out", pem + ".new")
        os.rename(pem + ".new", pem)

    def server_context(self, name, ca=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path(name + ".pem"), self.path(name + ".key"))
        if ca:
            context.load_verify_locations(self.path(ca + ".pem"))
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def client_context(self, ca, name=None):
        context = ssl.create_default_context(cafile=self.path(ca + ".pem"))
        if name:
            context.load_cert_chain(self.path(name + ".pem"), self.path(name + ".key"))
        return context

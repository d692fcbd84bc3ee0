"""osmo-msc as the SMSC: a mobile switching centre whose SMPP port the gateway binds to. It has no
phones, so what it accepts stays in its database, where the test reads it."""

import os
import sqlite3
import subprocess

from child import Child, find
from gateway import free_port, write_private

HERE = os.path.dirname(os.path.abspath(__file__))
CONF = """log stderr
 logging color 0
 logging timestamp 0
 logging level set-all notice
 logging level smpp debug
line vty
 no login
 bind {address}
ctrl
 bind {address}
sgs
 local-ip 127.0.0.1
 local-port {sgs}
cs7 instance 0
 point-code 0.0.1
network
 network country code 001
 mobile network code 01
msc
 mncc internal
 assign-tmsi
hlr
 remote-ip 127.0.0.1
 remote-port {hlr}
smpp
 local-tcp-ip 127.0.0.1 {smpp}
 system-id osmo
 policy closed
 esme tandem
  password {password}
"""


class OsmoMsc:
    def __init__(self, directory, bell):
        self.directory = directory
        self.child = Child("osmo-msc", directory, bell)
        self.port = free_port()
        self.database = os.path.join(directory, "sms.db")

    async def start(self, password="secret"):
        conf = os.path.join(self.directory, "osmo-msc.cfg")
        shim = os.path.join(self.directory, "no_sctp.so")
        # Its other ports are fixed; an address of its own keeps two of them apart.
        address = "127.%d.%d.1" % (self.port >> 8, self.port & 0xFF)
        write_private(conf, CONF.format(smpp=self.port, address=address, sgs=free_port(),
                                        hlr=free_port(), password=password))
        subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, os.path.join(HERE, "no_sctp.c")],
                       check=True, timeout=60)
        await self.child.start("env", "LD_PRELOAD=" + shim, find("osmo-msc", "osmo-msc"), "-c",
                               conf, cwd=self.directory)  # where it makes sms.db
        await self.child.line("SMPP at 127.0.0.1 %d" % self.port)

    def stored(self):
        """[(source, destination, data_coding, octets, header)] as they were accepted; to be asked
        when it has ended, for it locks its database."""
        database = sqlite3.connect(self.database)
        try:
            return database.execute("SELECT src_addr, dest_addr, data_coding_scheme, user_data, "
                                    "ud_hdr_ind FROM SMS ORDER BY id").fetchall()
        finally:
            database.close()

    async def close(self):
        await self.child.end()

"""Kannel as an app: bearerbox bound to the gateway, smsbox with its HTTP interface, and the web
server that both call with receipts and texts."""

import asyncio
import os
import urllib.parse

from bell import Failure
from child import Child, find
from gateway import free_port, write_private

CORE = """group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = secret
smsbox-port = {smsbox}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
dlr-storage = internal
sms-resend-freq = 1
log-file = {directory}/bearerbox.log
log-level = 0

group = smsc
smsc = smpp
smsc-id = tandem
host = 127.0.0.1
port = {gateway}
transceiver-mode = true
smsc-username = crm
smsc-password = secret
system-type = kannel
enquire-link-interval = 1
reconnect-delay = 1

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
log-file = {directory}/smsbox.log
log-level = 0

group = sendsms-user
username = tester
password = secret
max-messages = 5
concatenation = true

group = sms-service
keyword = default
catch-all = true
get-url = "http://127.0.0.1:{web}/text?from=%p&to=%P&charset=%C&text=%b"
max-messages = 0
concatenation = true
"""

DELIVERED, FAILED, BUFFERED, ACCEPTED, REFUSED = 1, 2, 4, 8, 16     # Kannel's kinds of reports


class Web:
    """A web server that answers every GET with nothing and keeps what was asked."""

    def __init__(self, bell):
        self.bell, self.asked, self.port, self.server = bell, [], 0, None

    async def listen(self):
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            path, _, query = head.split(b" ")[1].decode("ascii").partition("?")
            pairs = [one.partition("=") for one in query.split("&")]
            self.asked.append((path, {name: urllib.parse.unquote_to_bytes(value.replace("+", " "))
                                      for name, _, value in pairs}))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n"
                         b"Connection: close\r\n\r\n")
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            self.bell.ring()


async def http_get(port, path, **query):
    """(status, body) of one GET."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        where = path + "?" + urllib.parse.urlencode(query) if query else path
        writer.write(("GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n" % where).encode("ascii"))
        answer = await asyncio.wait_for(reader.read(), 10.0)
    finally:
        writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    return int((head.split(b" ") + [b"0", b"0"])[1]), body.decode("utf-8", "replace")


class Kannel:
    def __init__(self, directory, bell):
        self.directory, self.bell = directory, bell
        self.web = Web(bell)
        self.bearerbox = Child("bearerbox.out", directory, bell)
        self.smsbox = Child("smsbox.out", directory, bell)
        self.ports = {}

    async def start(self, gateway_port):
        await self.web.listen()
        self.ports = {name: free_port() for name in ("admin", "smsbox", "sendsms")}
        conf = os.path.join(self.directory, "kannel.conf")
        write_private(conf, CORE.format(directory=self.directory, gateway=gateway_port,
                                        web=self.web.port, **self.ports))
        await self.bearerbox.start(find("bearerbox", "kannel"), conf)
        await self.until_status("tandem", "(online", self.bearerbox)
        await self.smsbox.start(find("smsbox", "kannel"), conf)
        await self.until_status("smsbox:(none)", "on-line", self.bearerbox, self.smsbox)

    async def until_status(self, who, what, *children, deadline=20.0):
        """Wait until Kannel's status page says so: nothing rings for it, so it is asked again."""
        loop = asyncio.get_running_loop()
        end, page = loop.time() + deadline, ""
        while loop.time() < end:
            for child in children:
                child.must_run()
            try:
                page = (await http_get(self.ports["admin"], "/status.txt", password="secret"))[1]
            except (OSError, asyncio.TimeoutError):
                pass
            if any(who in line and what in line for line in page.split("\n")):
                return
            await asyncio.sleep(0.05)
        raise Failure("Kannel never says that %s is %s:\n%s" % (who, what, page))

    async def submit(self, source, destination, text, mark, **more):
        """Hand a text to smsbox; its reports come under the mark."""
        report = "http://127.0.0.1:%d/report?mark=%s&kind=%%d&id=%%F&reply=%%A" % (
            self.web.port, mark)
        status, body = await http_get(
            self.ports["sendsms"], "/cgi-bin/sendsms", username="tester", password="secret",
            to=destination, text=text.encode("utf-8"), charset="UTF-8",
            **{"from": source, "dlr-mask": 31, "dlr-url": report, **more})
        if status != 202:
            raise Failure("smsbox answered %d %s" % (status, body))

    def reports(self, mark):
        return [about for path, about in self.web.asked
                if path == "/report" and about["mark"].decode() == mark]

    async def report(self, mark, kind, count=1, deadline=10.0):
        """Wait for so many reports of a kind."""
        def found():
            return [one for one in self.reports(mark) if int(one["kind"]) == kind]
        return await self.bell.until(
            lambda: found() if len(found()) >= count else None, deadline,
            lambda: "%d reports of kind %d for %s, there are %s" % (
                count, kind, mark, self.reports(mark)))

    async def text(self, source, destination, text, deadline=10.0):
        """Wait until the web server was called with this text."""
        def found():
            for path, about in self.web.asked:
                if path != "/text" or about["from"].decode() != source:
                    continue
                charset = about["charset"].decode() or "UTF-8"
                if about["text"].decode(charset, "replace") == text:
                    return about
            return None
        about = await self.bell.until(found, deadline, lambda: "Kannel to get %r, got %s" % (
            text, [one for one in self.web.asked if one[0] == "/text"]))
        if about["to"].decode() != destination:
            raise Failure("Kannel got the text for %s, not %s" % (about["to"], destination))

    async def stop(self):
        """An orderly end: smsbox first, then bearerbox, which unbinds."""
        await self.smsbox.end()
        await self.bearerbox.end()

    async def close(self):
        await self.stop()
        if self.web.server:
            self.web.server.close()

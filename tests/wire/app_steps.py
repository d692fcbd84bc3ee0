"""Steps of a story about an app: `app NAME ...`."""

import asyncio

import coding
import smpp
from bell import Failure


class AppSteps:
    async def do_app(self, words):
        app = self.world.app(words[0])
        method = getattr(self, "app_" + words[1].replace("-", "_"), None)
        if method is None:
            raise Failure("no step app %s" % words[1])
        await method(app, words[2:])

    async def app_binds(self, app, words):
        """app NAME binds KIND [fails STATUS] [password P] [as ID] [version V] [speaks V]"""
        kind, rest = words[0], dict(zip(words[1::2], words[2::2]))
        session, answer = await app.bind(self.world.gateway.port, kind, rest.get("password"),
                                         rest.get("as"),
                                         int(rest.get("version", "0x34"), 0))
        wanted = int(rest.get("fails", "0"), 0)
        if answer.status != wanted:
            raise Failure("bind was answered with 0x%x, not 0x%x" % (answer.status, wanted))
        if wanted:
            await self.until(lambda: session.closed, "the gateway to close after a failed bind")
            return
        asked = int(rest.get("version", "0x34"), 0)
        speaks = int(rest.get("speaks", "0x34" if asked >= 0x34 else "0x33"), 0)
        want = [(smpp.TAG_SC_VERSION, bytes([speaks]))] if speaks >= 0x34 else []
        if answer.tlvs != want or not answer.system_id:
            raise Failure("bind was answered with %r, not %r" % (answer, want))
        session.version = speaks

    async def app_tls(self, app, words):
        """app NAME tls CA [CERT]: connects with TLS, trusts CA, shows CERT; app NAME tls off"""
        app.tls = None if words == ["off"] else self.world.certs.client_context(*words)

    async def app_packs(self, app, words):
        """app NAME packs: its data_coding 0 is GSM 03.38 in packed septets"""
        app.packs = True

    async def app_parts(self, app, words):
        """app NAME parts by udh|udh16|sar: how it marks the parts that it makes"""
        app.parts_by = words[1]

    async def app_fails_to_bind(self, app, words):
        """app NAME fails-to-bind KIND: the connection ends without an answer"""
        try:
            answer = (await app.bind(self.world.gateway.port, words[0]))[1]
        except OSError:
            return
        raise Failure("bind was answered by %r" % answer)

    async def app_shown(self, app, words):
        """app NAME shown CN [TLSv1.N]: the certificate of the gateway on the last session"""
        tls = app.sessions[-1].writer.get_extra_info("ssl_object")
        subject = dict(pair[0] for pair in tls.getpeercert()["subject"])
        if subject["commonName"] != words[0] or tls.version() not in words[1:] + ["TLSv1.3"]:
            raise Failure("the gateway shows %s over %s" % (subject, tls.version()))

    async def app_connects(self, app, words):
        await app.connect(self.world.gateway.port)

    async def app_rebinds(self, app, words):
        """app NAME rebinds KIND fails STATUS: a second bind on the session that stands"""
        answer = await app.bind_on(app.sessions[-1], words[0])
        if answer.status != int(words[2], 0):
            raise Failure("the second bind was answered with 0x%x" % answer.status)

    async def app_submits(self, app, words):
        """app NAME submits FROM TO "text" [-> VARIABLE] [refused STATUS] [receipt N]
        [FIELD=VALUE...]"""
        source, destination = self.number(words[0]), self.number(words[1])
        text = self.fill(words[2])
        rest, variable, wanted, fields = list(words[3:]), None, 0, {}
        while rest:
            word = rest.pop(0)
            if word == "->":
                variable = rest.pop(0)
            elif word == "refused":
                wanted = int(rest.pop(0), 0)
            elif word == "receipt":
                fields["receipt"] = int(rest.pop(0))
            else:
                name, value = word.split("=")
                fields[name] = int(value, 0) if value[:1].isdigit() and len(value) < 16 else value
        answer = await app.submit(source, destination, text, timeout=self.deadline, **fields)
        if answer.command != smpp.SUBMIT_SM | smpp.RESP or answer.status != wanted:
            raise Failure("submit_sm was answered with %r, not 0x%x" % (answer, wanted))
        if wanted == 0 and not answer.message_id:
            raise Failure("submit_sm_resp without message_id")
        if variable:
            self.variables[variable] = answer.message_id

    async def app_submits_payload(self, app, words):
        """app NAME submits-payload FROM TO "text" accepted|refused [STATUS] [-> VARIABLE]: text in
        message_payload"""
        text = self.fill(words[2])
        answer = await app.submit_payload(self.number(words[0]), self.number(words[1]), text)
        accepted = answer.status == 0
        if answer.command != smpp.SUBMIT_SM | smpp.RESP or accepted != (words[3] == "accepted"):
            raise Failure("submit_sm was answered with %r, not %s" % (answer, words[3]))
        if words[3] == "refused" and len(words) > 4 and answer.status != int(words[4], 0):
            raise Failure("submit_sm was refused with 0x%x, not %s" % (answer.status, words[4]))
        if "->" in words:
            self.variables[words[-1]] = answer.message_id

    async def app_submits_multi(self, app, words):
        """app NAME submits-multi FROM TO,TO "text" [-> VARIABLE] [refused STATUS] [fails TO STATUS]
        [receipt N]: no others fail"""
        rest, variable, wanted, failing, receipt = list(words[3:]), None, 0, [], 0
        while rest:
            word = rest.pop(0)
            if word == "->":
                variable = rest.pop(0)
            elif word == "refused":
                wanted = int(rest.pop(0), 0)
            elif word == "fails":
                one = rest.pop(0)
                failing.append((self.number(one).lstrip("+"), int(rest.pop(0), 0)))
            elif word == "receipt":
                receipt = int(rest.pop(0))
            else:
                raise Failure("submits-multi knows no %s" % word)
        numbers = [self.number(one).lstrip("+") for one in self.fill(words[1]).split(",")]
        body = smpp.multi_body(self.number(words[0]).lstrip("+"), numbers,
                               self.fill(words[2]).encode("ascii"), receipt)
        answer = await app.sender().ask(smpp.Pdu(smpp.SUBMIT_MULTI, body=body), self.deadline)
        if answer.command != smpp.SUBMIT_MULTI | smpp.RESP or answer.status != wanted:
            raise Failure("submit_multi was answered with %r, not 0x%x" % (answer, wanted))
        if wanted:
            return
        message_id, failed, _ = smpp.multi_result(answer.body)
        if failed != failing:
            raise Failure("submit_multi failed for %r, not %r" % (failed, failing))
        if variable:
            self.variables[variable] = message_id

    async def app_submits_data(self, app, words):
        """app NAME submits-data FROM TO "text" [-> VARIABLE] [refused STATUS [REASON]]"""
        fields = {"source_addr": self.number(words[0]), "destination_addr": self.number(words[1]),
                  "source_addr_ton": 1, "source_addr_npi": 1, "dest_addr_ton": 1,
                  "dest_addr_npi": 1, "registered_delivery": 1}
        pdu = smpp.Pdu(smpp.DATA_SM, fields=fields,
                       tlvs=[(smpp.TAG_PAYLOAD, self.fill(words[2]).encode("ascii"))])
        answer = await app.sender().ask(pdu, self.deadline)
        wanted = int(words[4], 0) if words[3:4] == ["refused"] else 0
        if answer.command != smpp.DATA_SM | smpp.RESP or answer.status != wanted:
            raise Failure("data_sm was answered with %r, not 0x%x" % (answer, wanted))
        if words[5:] and answer.tlv(smpp.TAG_FAILURE_REASON) != bytes([int(words[5], 0)]):
            raise Failure("no delivery_failure_reason %s in %r" % (words[5], answer))
        if words[3:4] == ["->"]:
            self.variables[words[4]] = answer.message_id

    async def app_floods(self, app, words):
        """app NAME floods N FROM TO "text {n} {token}": submits all without waiting for answers"""
        jobs = []
        for at in range(1, int(words[0]) + 1):
            self.variables["n"] = at
            jobs.append(app.submit(self.number(words[1]), self.number(words[2]),
                                   self.fill(words[3]),
                                   timeout=self.deadline, receipt=0))
        self.variables.pop("n")
        for answer in await asyncio.gather(*jobs):
            if answer.status != 0:
                raise Failure("submit_sm was answered with 0x%x" % answer.status)

    async def app_gets(self, app, words):
        """app NAME gets receipt ID STATE | gets notice ID STATE | gets text FROM TO "pattern" |
        gets nothing"""
        if words[0] == "nothing":
            await self.world.quiet(self.deadline)
            if app.unread_receipts or app.notices or app.inbox.unseen_count():
                raise Failure("app %s got %s %s %s" % (app.name, list(app.unread_receipts),
                                                       list(app.notices), app.inbox.unseen))
        elif words[0] == "notice":
            wanted = (self.fill(words[1]), words[2])
            await self.until(lambda: wanted in app.notices,
                             lambda: "notification %s, got %s" % (wanted, list(app.notices)))
            app.notices.remove(wanted)
        elif words[0] == "receipt":
            await self._gets_receipt(app, self.fill(words[1]), words[2])
        else:
            key = (self.number(words[1]), self.number(words[2]))
            line = await self.until(lambda: app.inbox.unseen.get(key),
                                    lambda: "app %s to get a text of %s, has %s\n%s" % (
                app.name, key, app.inbox.screen, self.world.gateway.tail(8)))
            bubble = line.popleft()
            if not self.match(words[3], bubble.text):
                raise Failure("app %s got %r, not %r" % (app.name, bubble.text, str(words[3])))
            self._check_shape(bubble, words[4:])

    async def app_forgets(self, app, words):
        """Whatever came to this app needs no look."""
        app.inbox.unseen.clear()
        app.unread_receipts.clear()
        app.notices.clear()

    async def _gets_receipt(self, app, message_id, state):
        def arrived():
            return [one for one in app.unread_receipts if one[0] == message_id]
        found = (await self.until(arrived, lambda: "receipt for %s, got %s\n%s" % (
            message_id, list(app.unread_receipts), self.world.gateway.tail(8))))[0]
        app.unread_receipts.remove(found)
        if found[1] != state:
            raise Failure("the receipt of %s says %s, not %s" % (message_id, found[1], state))

    async def app_cancels(self, app, words):
        """app NAME cancels ID FROM TO [fails STATUS]; ID "": all that waits from there to there"""
        body = self.fill(words[0]).encode() + b"\0"
        for number in words[1:3]:
            body += b"\x01\x01" + coding.normal(self.number(number)).encode() + b"\0"
        answer = await app.sessions[-1].ask(smpp.Pdu(0x08, body=b"\0" + body), self.deadline)
        wanted = int(words[4], 0) if words[3:] else 0
        if answer.status != wanted:
            raise Failure("cancel_sm was answered with 0x%x, not 0x%x" % (answer.status,
                                                                          wanted))

    async def app_sends(self, app, words):
        """app NAME sends COMMAND [BODY] answered COMMAND STATUS: any PDU on the last session"""
        at = words.index("answered")
        body = bytes.fromhex(self.fill(words[1])) if at > 1 else b""
        answer = await app.sessions[-1].ask(smpp.Pdu(int(words[0], 0), body=body), self.deadline)
        if (answer.command, answer.status) != (int(words[at + 1], 0), int(words[at + 2], 0)):
            raise Failure("it was answered by %r" % answer)

    async def app_sends_raw(self, app, words):
        """app NAME sends-raw HEX: octets as they are"""
        app.sessions[-1].send_raw(bytes.fromhex(words[0]))

    async def app_nacked(self, app, words):
        """app NAME nacked STATUS: a generic_nack came for what was no request"""
        await self.until(lambda: app.nacks, "a generic_nack for app %s" % app.name)
        status = app.nacks.popleft()
        if status != int(words[0], 0):
            raise Failure("generic_nack 0x%x, not %s" % (status, words[0]))

    async def app_enquires(self, app, words):
        for session in app.sessions:
            answer = await session.ask(smpp.Pdu(smpp.ENQUIRE_LINK), self.deadline)
            if answer.status != 0:
                raise Failure("enquire_link was answered with 0x%x" % answer.status)

    async def app_enquired(self, app, words):
        await self.until(lambda: app.sessions and all(session.enquired for session in app.sessions),
                         "enquire_link from the gateway")

    async def app_answers(self, app, words):
        """app NAME answers N STATUS|mute|swallow: to the next N deliver_sm"""
        fate = words[1] if words[1] in ("mute", "swallow") else int(words[1], 0)
        app.plan.extend([fate] * int(words[0]))

    async def app_unbinds(self, app, words):
        for session in list(app.sessions):
            await session.unbind(self.deadline)

    async def app_drops(self, app, words):
        for session in list(app.sessions):
            session.close(reset=True)

    async def app_session(self, app, words):
        """app NAME session K swallows | mutes | reads nothing | drops | got N: of its sessions, in
        the order of their binds; they keep their numbers. swallows: takes no deliver_sm; mutes:
        answers no enquire_link; got: N deliver_sm by now"""
        session, what = app.all_sessions[int(words[0]) - 1], words[1]
        if what == "swallows":
            session.swallows = True
        elif what == "mutes":
            session.answers_enquiries = False
        elif what == "reads":
            session.reading.clear()
            session.reader._transport.pause_reading()   # pylint: disable=protected-access
        elif what == "drops":
            session.close(reset=True)
        elif what == "closed":
            await self.until(lambda: session.closed, "the gateway to close session %s" % words[0])
        elif what == "got":
            await self.until(lambda: session.counters.get("deliver_sm", 0) >= int(words[2]),
                             lambda: "%s deliver_sm on session %s, got %r" % (
                                 words[2], words[0], session.counters))
        else:
            raise Failure("no step app NAME session K %s" % what)

    async def app_is_closed(self, app, words):
        """app NAME is-closed [unbound]: the gateway ended all its sessions [with unbind]"""
        await self.until(lambda: not app.sessions,
                         "the gateway to close the sessions of app %s" % app.name)
        if words == ["unbound"] and not app.closes[-1]:
            raise Failure("the gateway closed the session without unbind")

"""Steps of a story about a carrier: `carrier [NAME] ...`."""

import coding
import smpp
from bell import Failure


class CarrierSteps:
    async def do_carrier(self, words):
        name = "sim"
        if words[0] in self.world.carriers or words[0] == "new":
            name = words.pop(0)
        if words[0] == "spare":
            await self.world.carrier(words[1])
            return
        if name == "new":
            await self._new_carrier(words[0])
            return
        carrier = await self.world.carrier(name)
        method = getattr(self, "carrier_" + words[0].replace("-", "_"), None)
        if method is None:
            raise Failure("no step carrier %s" % words[0])
        await method(carrier, words[1:])

    async def _new_carrier(self, name):
        await self.world.carrier()
        entry = dict(self.world.conf["carriers"][0], id=name)
        self.world.conf["carriers"].append(entry)
        await self.world.carrier(name)

    # --- binds and connections

    async def carrier_refuses(self, carrier, words):
        """carrier refuses binds N [STATUS]"""
        status = int(words[2], 0) if len(words) > 2 else smpp.RBINDFAIL
        carrier.refuse_binds.extend([status] * int(words[1]))

    async def carrier_refused(self, carrier, words):
        """carrier refused N: so many binds were refused by now"""
        await self.until(lambda: sum(status != 0 for _,
                                     status in carrier.binds_seen) >= int(words[0]),
                         lambda: "refused binds, so far %s" % carrier.binds_seen)

    async def carrier_transceiver(self, carrier, words):
        """carrier transceiver known | status | nack: how bind_transceiver is answered: as any bind,
        with 0x03, with a generic_nack"""
        carrier.knows_transceiver = True if words[0] == "known" else words[0]

    async def carrier_version(self, carrier, words):
        """carrier version none | 0x33: the sc_interface_version of the next bind_resps"""
        carrier.version = None if words[0] == "none" else int(words[0], 0)

    async def carrier_congestion(self, carrier, words):
        """carrier congestion N | none: congestion_state in each submit_sm_resp"""
        carrier.congestion = None if words[0] == "none" else int(words[0])

    async def carrier_calls(self, carrier, words):
        """carrier calls SYSTEM_ID PASSWORD [refused]: it connects to the gateway and sends an
        outbind; the gateway binds, or closes without a word"""
        session = await carrier.call(self.world.gateway.port, words[0], words[1])
        refused = words[2:] == ["refused"]
        await self.until(lambda: session.closed if refused else session.kind,
                         lambda: "the answer to an outbind\n" + self.world.gateway.tail(8))
        if refused and (session.counters or session.kind):
            raise Failure("the outbind was answered: %s" % session.counters)

    async def carrier_alerts(self, carrier, words):
        """carrier alerts [AVAILABILITY]: an alert_notification on each receiving bind"""
        tlv = bytes.fromhex("04220001%02x" % int(words[0])) if words else b""
        for session in carrier.queue.sessions():
            session.send(smpp.Pdu(smpp.ALERT_NOTIFICATION, seq=session.next_seq, body=(
                b"\1\1" + b"12025550199\0" + b"\1\1" + b"12025550150\0" + tlv)))
            session.next_seq += 1

    async def carrier_tried(self, carrier, words):
        """carrier tried N: so many connections were made to it since the start, or more"""
        await self.until(lambda: carrier.session_count >= int(words[0]),
                         lambda: "connections, so far %d" % carrier.session_count)

    async def carrier_bound(self, carrier, words):
        """carrier bound N [KIND] [N KIND]...: exactly these binds stand; carrier bound 0"""
        wanted = [(words[at + 1] if at + 1 < len(words) else None, int(words[at]))
                  for at in range(0, len(words), 2)]

        def right():
            return all(len(carrier.bound(kind)) == count for kind, count in wanted)
        await self.until(right, lambda: "binds %s, there are %s\n%s" % (
            words, [session.kind for session in carrier.bound()], self.world.gateway.tail(8)))

    async def carrier_password(self, carrier, words):
        carrier.password = self.fill(words[0])

    async def carrier_tls(self, carrier, words):
        """carrier tls CERT [CA]: from now on with TLS, shows CERT, wants a certificate by CA"""
        carrier.tls = None if words == ["off"] else self.world.certs.server_context(*words)
        carrier.deaf()
        await carrier.listen()

    async def carrier_packs(self, carrier, words):
        """carrier packs: its data_coding 0 is GSM 03.38 in packed septets"""
        carrier.packs = True

    async def carrier_deaf(self, carrier, words):
        carrier.deaf()

    async def carrier_listens(self, carrier, words):
        await carrier.listen()

    async def carrier_drops(self, carrier, words):
        """carrier drops [after N]: cut all connections with RST, now or after N more submits"""
        if words:
            carrier.drop_after = int(words[1])
            return
        for session in list(carrier.sessions):
            session.close(reset=True)

    async def carrier_unbinds(self, carrier, words):
        for session in carrier.bound():
            await session.unbind()

    async def carrier_enquires(self, carrier, words):
        """The gateway answers an enquire_link on every bind."""
        for session in carrier.bound():
            answer = await session.ask(smpp.Pdu(smpp.ENQUIRE_LINK), self.deadline)
            if (answer.command, answer.status) != (smpp.ENQUIRE_LINK | smpp.RESP, 0):
                raise Failure("enquire_link was answered by %r" % answer)

    async def carrier_enquired(self, carrier, words):
        """carrier enquired [N]: the gateway sends enquire_link on each bind."""
        count = int(words[0]) if words else 1
        await self.until(lambda: carrier.bound() and all(one.enquired >= count
                                                         for one in carrier.bound()),
                         "enquire_link from the gateway")

    async def carrier_dead(self, carrier, words):
        """Connections stand, and nothing is ever answered or read to its end."""
        for session in carrier.sessions:
            session.answers_enquiries = False
        carrier.answers = "mute"

    async def carrier_reads(self, carrier, words):
        """carrier reads nothing | on: a slow reader"""
        for session in carrier.sessions:
            (session.reading.clear if words[0] == "nothing" else session.reading.set)()

    # --- answers to submits

    async def carrier_throttles(self, carrier, words):
        """carrier throttles every N [STATUS]; carrier throttles never"""
        carrier.every = None if words[0] == "never" else (
            int(words[1]), int(words[2], 0) if len(words) > 2 else smpp.RTHROTTLED)

    async def carrier_fails(self, carrier, words):
        """carrier fails N STATUS: the next N submits get this status"""
        carrier.plan.extend([int(words[1], 0)] * int(words[0]))

    async def carrier_swallows(self, carrier, words):
        """carrier swallows N: the next N submits reach no phone and get no answer"""
        carrier.plan.extend(["swallow"] * int(words[0]))

    async def carrier_mutes(self, carrier, words):
        """carrier mutes N: the next N submits reach their phone and get no answer"""
        carrier.plan.extend(["mute"] * int(words[0]))

    async def carrier_answers(self, carrier, words):
        """carrier answers now | twice | late SECONDS | hold"""
        carrier.answers = float(words[1].rstrip("s")) if words[0] == "late" else words[0]

    async def carrier_holding(self, carrier, words):
        """carrier holding N: exactly N answers are held (and after a quiet moment still N)"""
        count = int(words[0])
        await self.until(lambda: len(carrier.held) >= count,
                         lambda: "held answers, there are %d" % len(carrier.held))
        if len(carrier.held) != count:
            raise Failure("%d submits are outstanding, not %d" % (len(carrier.held), count))

    async def carrier_releases(self, carrier, words):
        """carrier releases [backwards | receipts]"""
        if words == ["receipts"]:
            carrier.release_receipts()
        else:
            carrier.release(backwards="backwards" in words)

    async def carrier_got(self, carrier, words):
        """carrier got N submits: so many submit_sm came since the start, answered or not"""
        await self.until(lambda: len(carrier.submits) >= int(words[0]),
                         lambda: "submits, so far %d" % len(carrier.submits))
        if len(carrier.submits) != int(words[0]):
            raise Failure("the carrier got %d submits, not %s" % (len(carrier.submits), words[0]))

    async def carrier_sender(self, carrier, words):
        """carrier sender TON NPI ADDRESS: of the last submit"""
        pdu = carrier.submits[-1][1]
        found = [str(pdu.source_addr_ton), str(pdu.source_addr_npi), pdu.source_addr]
        if found != [str(word) for word in words]:
            raise Failure("the last submit came from %s, not %s" % (found, list(words)))

    async def carrier_allows(self, carrier, words):
        """carrier allows N: it takes so many submits that it has not answered, whatever the
        gateway's window is: those that the gateway gave up are among them"""
        carrier.window = int(words[0])

    async def carrier_paced(self, carrier, words):
        """carrier paced N: the submits so far came at N a second or slower, after a burst of one
        second's worth at most"""
        rate, times = int(words[0]), carrier.submit_times
        took = times[-1] - times[0]
        if took < (len(times) - rate) / rate * 0.9:
            raise Failure("%d submits in %.2f s are over %d a second" % (len(times), took, rate))

    async def carrier_last(self, carrier, words):
        """carrier last FIELD VALUE: a field of the last submit_sm"""
        have = getattr(carrier.submits[-1][1], words[0])
        if str(have) != self.fill(words[1]) and have != (int(words[1], 0)
                                                         if words[1][:1].isdigit() else None):
            raise Failure("%s is %r, not %s" % (words[0], have, words[1]))

    # --- receipts and deliveries

    async def carrier_receipts(self, carrier, words):
        """carrier receipts before | after | hold | off | state STATE | bare | late SECONDS |
        esm ESM_CLASS | notify STATE: that state first, in an intermediate notification"""
        if words[0] == "state":
            carrier.receipt_state = words[1]
        elif words[0] == "esm":
            carrier.receipt_esm = int(words[1], 0)
        elif words[0] == "notify":
            carrier.receipt_notice = words[1]
        elif words[0] == "bare":
            carrier.receipt_tlvs = False
        elif words[0] == "late":
            carrier.receipt_delay = float(words[1].rstrip("s"))
        else:
            carrier.receipts = words[0]

    async def carrier_ids(self, carrier, words):
        """carrier ids RESPONSE RECEIPT: text, hex, HEX, decimal, padded, paddedhex"""
        carrier.id_forms = (words[0], words[1])

    async def carrier_loses(self, carrier, words):
        """carrier loses N answers: the next N deliver_sm are sent, the connection is closed, and
        they come again"""
        carrier.queue.lose_acks += int(words[0])

    async def carrier_waits(self, carrier, words):
        """carrier waits SECONDS for answers to deliver_sm before it sends them again"""
        carrier.response_timer = float(words[0].rstrip("s"))

    async def carrier_emptied(self, carrier, words):
        """The gateway has answered everything the carrier had for it."""
        await self.until(lambda: carrier.queue.left() == 0,
                         lambda: "%d deliver_sm" % carrier.queue.left())

    async def carrier_delivers(self, carrier, words):
        """carrier delivers FROM TO HEX [data_coding [esm_class]] answered STATUS: raw short_message
        octets"""
        fields = {"source_addr": self.number(words[0]), "destination_addr": self.number(words[1]),
                  "source_addr_ton": 1, "source_addr_npi": 1, "dest_addr_ton": 1,
                  "dest_addr_npi": 1,
                  "short_message": bytes.fromhex(words[2])}
        rest = words[3:]
        wanted = None
        if "answered" in rest:
            wanted = int(rest[rest.index("answered") + 1], 0)
            rest = rest[:rest.index("answered")]
        for name, word in zip(("data_coding", "esm_class"), rest):
            fields[name] = int(word, 0)
        session = carrier.queue.sessions()[0]
        answer = await session.ask(smpp.Pdu(smpp.DELIVER_SM, fields=fields), self.deadline)
        if wanted is not None and answer.status != wanted:
            raise Failure("deliver_sm was answered with 0x%x, not 0x%x" % (answer.status, wanted))

    async def carrier_delivers_data(self, carrier, words):
        """carrier delivers-data FROM TO "text" [esm_class] [answered STATUS]: a data_sm; without
        text no message_payload"""
        fields = {"source_addr": self.number(words[0]), "destination_addr": self.number(words[1]),
                  "source_addr_ton": 1, "source_addr_npi": 1, "dest_addr_ton": 1,
                  "dest_addr_npi": 1}
        text, rest, wanted = self.fill(words[2]).encode("ascii"), words[3:], 0
        if "answered" in rest:
            wanted = int(rest[rest.index("answered") + 1], 0)
            rest = rest[:rest.index("answered")]
        if rest:
            fields["esm_class"] = int(rest[0], 0)
        session = carrier.queue.sessions()[0]
        answer = await session.ask(
            smpp.Pdu(smpp.DATA_SM, fields=fields,
                     tlvs=[(smpp.TAG_PAYLOAD, text)] if text else []), self.deadline)
        if (answer.command, answer.status) != (smpp.DATA_SM | smpp.RESP, wanted):
            raise Failure("data_sm was answered with %r, not 0x%x" % (answer, wanted))

    async def carrier_screen(self, carrier, words):
        """For debugging a story: what a phone shows."""
        print("\n".join(map(repr, carrier.phone(coding.normal(self.number(words[0]))).screen)))

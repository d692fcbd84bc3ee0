"""What a PDU holds of a text: its octets, how it says that it is one of several parts, and in which
form it came. Separate because simulated carriers and apps read it alike.
"""

import coding
import smpp


class UserData:
    """octets without a header and unpacked; concat is (ref, total, number) or None; form is short,
    udh, udh16, sar or payload; header is the length of the header."""

    def __init__(self, pdu, packed=False):
        self.octets, self.payload = pdu.fields.get("short_message", b""), False
        self.operation = smpp.command_name(pdu.command)
        whole = pdu.tlv(smpp.TAG_PAYLOAD)
        if whole is not None:
            if self.octets:
                raise coding.CodingError("short_message and message_payload both filled")
            self.octets, self.payload = whole, True
        self.concat, self.header = None, 0
        self.form = "payload" if self.payload else "short"
        self._numbers(pdu)
        if packed and coding.is_default(pdu.data_coding):
            self.octets = coding.gsm_unpack(self.octets, self.header)

    def _numbers(self, pdu):
        sar = [pdu.tlv(tag) for tag in (smpp.TAG_SAR_REF, smpp.TAG_SAR_TOTAL, smpp.TAG_SAR_SEQ)]
        if pdu.esm_class & 0x40:
            octets = self.octets
            self.concat, self.octets = coding.udh_split(octets)
            self.header = len(octets) - len(self.octets)
            if self.concat:
                self.form = "udh16" if octets[1] == 8 else "udh"
        elif all(sar):
            self.concat, self.form = tuple(int.from_bytes(one, "big") for one in sar), "sar"

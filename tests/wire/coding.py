"""Text as phones and SMSCs code it: GSM 03.38, UCS-2, concatenation headers, and delivery receipts.

Used by the simulated peers only; see smpp.py for why it stands alone.
"""

import re
import time

GSM = ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
       "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")
GSM_EXTENSION = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~",
                 0x3E: "]",
                 0x40: "|", 0x65: "€"}
GSM_CODE = {char: bytes([code]) for code, char in enumerate(GSM) if code != 0x1B}
GSM_CODE.update({char: bytes([0x1B, code]) for code, char in GSM_EXTENSION.items()})


class CodingError(Exception):
    """The octets are no text of their alphabet."""


def is_gsm(text):
    return all(char in GSM_CODE for char in text)


def gsm_encode(text):
    return b"".join(GSM_CODE[char] for char in text)


def gsm_decode(octets):
    out, at = [], 0
    while at < len(octets):
        code = octets[at]
        if code == 0x1B:
            at += 1
            if at == len(octets) or octets[at] not in GSM_EXTENSION:
                raise CodingError("escape without its character at octet %d" % at)
            out.append(GSM_EXTENSION[octets[at]])
        elif code > 0x7F:
            raise CodingError("octet 0x%02x is not GSM 03.38" % code)
        else:
            out.append(GSM[code])
        at += 1
    return "".join(out)


def _fill_bits(header):
    return -header * 8 % 7


def gsm_pack(septets, header=0):
    """Packed septets behind a header of so many octets; a CR fills seven spare bits."""
    fill = _fill_bits(header)
    if (fill + 7 * len(septets)) % 8 == 1:
        septets += b"\r"
    number = sum(code << fill + 7 * at for at, code in enumerate(septets))
    return number.to_bytes((fill + 7 * len(septets) + 7) // 8, "little")


def gsm_unpack(octets, header=0):
    fill = _fill_bits(header)
    number, count = int.from_bytes(octets, "little") >> fill, (8 * len(octets) - fill) // 7
    septets = bytes(number >> 7 * at & 0x7F for at in range(count))
    full = (8 * len(octets) - fill) % 7 == 0
    return septets[:-1] if full and septets[-1:] in (b"\0", b"\r") else septets


def is_default(data_coding):
    """Does it mean the link's own alphabet?"""
    return data_coding in (0x00, 0x10, 0x11, 0x12, 0x13, 0xF0, 0xF1, 0xF2, 0xF3)


def ucs2_decode(octets):
    try:
        return octets.decode("utf-16-be")
    except UnicodeDecodeError as error:
        raise CodingError("UCS-2: %s" % error) from None


def decode_text(octets, data_coding):
    if is_default(data_coding):
        return gsm_decode(octets)
    if data_coding == 1:
        return octets.decode("ascii")
    if data_coding == 3:
        return octets.decode("latin-1")
    if data_coding in (0x08, 0x18, 0x19, 0x1A, 0x1B):
        return ucs2_decode(octets)
    raise CodingError("data_coding 0x%02x" % data_coding)


def cut_gsm(text, limit):
    """Pieces of at most limit septets; an escape and its character stay together."""
    pieces, piece = [], b""
    for char in text:
        code = GSM_CODE[char]
        if len(piece) + len(code) > limit:
            pieces.append(piece)
            piece = b""
        piece += code
    return pieces + [piece]


def cut_ucs2(text, limit):
    pieces, piece = [], b""
    for char in text:
        code = char.encode("utf-16-be")
        if len(piece) + len(code) > 2 * limit:
            pieces.append(piece)
            piece = b""
        piece += code
    return pieces + [piece]


def phone_parts(text, wide=None):
    """(data_coding, list of octets) as a phone sends text: one piece if it fits, else pieces that
    leave room for a header with an 8- or 16-bit reference."""
    if wide is None:
        wide = not is_gsm(text)
    if wide:
        units = len(text.encode("utf-16-be")) // 2
        return 8, ([text.encode("utf-16-be")] if units <= 70 else cut_ucs2(text, 66))
    coded = gsm_encode(text)
    return 0, ([coded] if len(coded) <= 160 else cut_gsm(text, 152))


def udh_concat(ref, total, number, wide_ref=False):
    if wide_ref:
        return bytes([6, 8, 4, ref >> 8 & 0xFF, ref & 0xFF, total, number])
    return bytes([5, 0, 3, ref & 0xFF, total, number])


def udh_split(octets):
    """(ref, total, number) or None, and the octets after the header."""
    if not octets or octets[0] + 1 > len(octets):
        raise CodingError("user data header longer than the message")
    header, rest, concat = octets[1:octets[0] + 1], octets[octets[0] + 1:], None
    at = 0
    while at < len(header):
        if at + 2 > len(header) or at + 2 + header[at + 1] > len(header):
            raise CodingError("information element runs past the header")
        kind, value = header[at], header[at + 2:at + 2 + header[at + 1]]
        if kind == 0 and len(value) == 3:
            concat = (value[0], value[1], value[2])
        elif kind == 8 and len(value) == 4:
            concat = (value[0] << 8 | value[1], value[2], value[3])
        at += 2 + header[at + 1]
    if concat and not 1 <= concat[2] <= concat[1]:
        raise CodingError("part %d of %d" % (concat[2], concat[1]))
    return concat, rest


STATES = {"ENROUTE": 1, "DELIVRD": 2, "EXPIRED": 3, "DELETED": 4, "UNDELIV": 5, "ACCEPTD": 6,
          "UNKNOWN": 7,
          "REJECTD": 8}


def receipt_text(message_id, state, when=None, error="000"):
    stamp = time.strftime("%y%m%d%H%M", time.gmtime(when))
    good = "001" if state == "DELIVRD" else "000"
    return "id:%s sub:001 dlvrd:%s submit date:%s done date:%s stat:%s err:%s text:" % (
        message_id, good, stamp, stamp, state, error)


RECEIPT = re.compile(r"id:(?P<id>\S+) .*?submit date:(?P<submit>\d{10,12}) "
                     r"done date:(?P<done>\d{10,12}) stat:(?P<stat>[A-Z]{1,7}) "
                     r"err:(?P<err>\w{3})", re.S)


def receipt_parse(text):
    found = RECEIPT.match(text)
    return found.groupdict() if found else None


def normal(number):
    """The digits of a number however it is written; names stay as they are."""
    bare = re.sub(r"[\s().\-]", "", number)
    return bare[1:] if re.fullmatch(r"\+\d+", bare) else bare if bare.isdigit() else number


def pretty(number):
    digits = normal(number)
    if len(digits) == 11 and digits.startswith("1"):
        return "+1 %s %s %s" % (digits[1:4], digits[4:7], digits[7:])
    return "+" + digits if digits.isdigit() and len(digits) > 6 else number

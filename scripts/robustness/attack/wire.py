"""The messages of Tributary that the attacks need, as Sources/Wire/Wire.docc/ByteLayout.md has
them, with a CRC32C without packages."""

import struct

HELLO, WELCOME, REFUSAL, READY, HEARTBEAT, FAREWELL = 1, 2, 3, 4, 7, 9


def _table():
    rows = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        rows.append(value)
    return rows


TABLE = _table()


def crc32c(data):
    value = 0xFFFFFFFF
    for byte in data:
        value = TABLE[(value ^ byte) & 0xFF] ^ value >> 8
    return value ^ 0xFFFFFFFF


def text(string):
    return struct.pack("<I", len(string.encode())) + string.encode()


def message(kind, number, body=b"", acknowledged=None, version=2):
    """The first frame of a message; `acknowledged` is absent from a hello."""
    start = struct.pack("<HBBII", version, kind, 0, 0, number)
    start += b"" if acknowledged is None else struct.pack("<I", acknowledged)
    return b"TRIB" + struct.pack("<I", crc32c(start + body)) + start + body


def hello(name, incarnation, dataset):
    body = struct.pack("<HH", 2, 2) + text(name) + struct.pack("<Q", incarnation)
    return message(HELLO, 1, body + text(dataset) + text("") + bytes(8))


def kind_and_number(frame):
    """The type and the number of a received message; (0, 0) if the frame is not a first one."""
    if len(frame) < 20 or frame[:4] != b"TRIB":
        return 0, 0
    return frame[10], struct.unpack_from("<I", frame, 16)[0]


def refusal(frame):
    """The reason and the detail of a refusal."""
    reason, size = struct.unpack_from("<BI", frame, 20)
    return reason, frame[25:25 + size].decode(errors="replace")

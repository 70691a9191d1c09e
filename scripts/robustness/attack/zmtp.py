"""The bytes of ZMTP 3.1, the protocol of ZeroMQ connections (rfc.zeromq.org/spec/37)."""

import os
import struct

MORE, LONG, COMMAND = 1, 2, 4
GREETING_BYTES = 64
# A frame of the server is at most a piece of a tensor; this is far beyond.
LONGEST = 1 << 26


def greeting(mechanism=b"NULL"):
    """The first 64 bytes of a connection: signature, version, mechanism, no server."""
    signature = b"\xff" + bytes(7) + b"\x01\x7f"
    return signature + b"\x03\x01" + mechanism.ljust(20, b"\0") + bytes(32)


def mechanism(received):
    """The mechanism in the greeting of the other side; empty before version 3."""
    return received[12:32].rstrip(b"\0") if received[10] >= 3 else b""


def frame(body, flags=0):
    """A frame, short if its body permits it."""
    if len(body) < 256:
        return bytes([flags, len(body)]) + body
    return announced(len(body), flags) + body


def announced(size, flags=0):
    """The header of a long frame, whose body may never follow."""
    return bytes([flags | LONG]) + struct.pack(">Q", size)


def message(*frames):
    """The frames of one message."""
    more = b"".join(frame(body, MORE) for body in frames[:-1])
    return more + frame(frames[-1])


def command(name, body=b""):
    return frame(bytes([len(name)]) + name + body, COMMAND)


def properties(**values):
    """The properties of a READY command; `_` in a name stands for `-`."""
    return b"".join(
        bytes([len(name)]) + name.replace("_", "-").encode() + struct.pack(">I", len(value)) + value
        for name, value in values.items())


def ready(identity=b"", kind=b"DEALER"):
    """The command that ends the NULL handshake, with an identity of the peer's choice."""
    return command(b"READY", properties(Socket_Type=kind, Identity=identity))


def first_version(identity):
    """What a peer of ZMTP 1.0 sends first: its identity as a frame, without a greeting."""
    return bytes([len(identity) + 1, 0]) + identity


def curve_hello():
    """A HELLO of CURVE with valid lengths; without the server's key its box cannot be valid."""
    return command(b"HELLO", b"\x01\x00" + bytes(72) + os.urandom(32) + bytes(8) + os.urandom(80))


class Frames:
    """The frames in the bytes that arrive on a connection after the greeting."""

    def __init__(self):
        self.buffer = bytearray()

    def feed(self, received):
        """Returns the complete frames as pairs of flags and body."""
        self.buffer += received
        found, place = [], 0
        while len(self.buffer) - place >= 2:
            flags, size = self.buffer[place], self.buffer[place + 1]
            start = place + 2
            if flags & LONG:
                if len(self.buffer) - place < 9:
                    break
                size, start = struct.unpack_from(">Q", self.buffer, place + 1)[0], place + 9
            if size > LONGEST:
                raise ValueError(f"a frame of {size} bytes")
            if len(self.buffer) - start < size:
                break
            found.append((flags, bytes(self.buffer[start:start + size])))
            place = start + size
        del self.buffer[:place]
        return found


def parsed(body):
    """Splits the body of a command into its name and the rest."""
    size = body[0] if body else 0
    return body[1:1 + size], body[1 + size:]

"""Sessions of a worker that sends what it likes; needs the packages of the worker in Python, whose
encoding it uses."""

import pathlib
import random
import struct
import sys
import time

import zmq
from zmq.utils.monitor import recv_monitor_message

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parents[2] / "foreign-worker"))

import worker as protocol
from samples import Data, cover

VERDICTS = {1: "applied", 2: "duplicate", 3: "stale", 4: "rejected"}


class Ended(Exception):
    """The session has ended, or did not begin; the reason in words."""


def fingerprint(folder):
    """The fingerprint of the dataset in a folder."""
    try:
        return Data(folder).fingerprint
    except OSError as error:
        raise SystemExit(f"{folder}: no dataset ({error.strerror}); use --data FOLDER") from error


class Session:
    """One session, on a connection of its own."""

    def __init__(self, entry, fingerprint, name="malicious"):
        self.entry, self.fingerprint, self.name = entry, fingerprint, name
        self.sent = self.received = 0
        self.leases, self.verdicts, self.welcomed = [], [], False
        context = zmq.Context.instance()
        self.socket = context.socket(zmq.DEALER)
        entry.protect(self.socket)
        self.monitor = self.socket.get_monitor_socket(
            zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_FAILED_AUTH
            | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL)
        self.socket.connect(entry.endpoint)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.disable_monitor()
        self.monitor.close(linger=0)
        self.socket.close(linger=0)

    # Sending

    def number(self):
        self.sent += 1
        return self.sent

    def hello(self):
        body = struct.pack("<HH", 2, 2) + protocol.text(self.name) + random.randbytes(8)
        body += protocol.text(self.fingerprint) + protocol.text("") + bytes(8)
        start = struct.pack("<HBBII", 2, protocol.HELLO, 0, 0, self.number())
        self.socket.send(
            b"TRIB" + struct.pack("<I", protocol.crc32c(start + body)) + start + body)

    def message(self, kind, body=b""):
        """Sends a valid message without a tensor."""
        self.socket.send(self.encoded(kind, body))

    def encoded(self, kind, body=b"", tensors=0):
        start = struct.pack("<HBBIII", 2, kind, 0, tensors, self.number(), self.received) + body
        return b"TRIB" + struct.pack("<I", protocol.crc32c(start)) + start

    # Receiving

    def receive(self, seconds):
        """Handles one message, or returns False after a time without; raises Ended."""
        poller = zmq.Poller()
        poller.register(self.socket, zmq.POLLIN)
        poller.register(self.monitor, zmq.POLLIN)
        ready = dict(poller.poll(1000 * max(0, seconds)))
        if self.socket in ready:
            self.handle(self.socket.recv_multipart())
        elif self.monitor in ready:
            event = recv_monitor_message(self.monitor)["event"]
            raise Ended(
                "disconnected" if event == zmq.EVENT_DISCONNECTED else "handshake denied")
        return bool(ready)

    def handle(self, frames):
        fields = protocol.Fields(frames[0], b"TRIB")
        _, kind, _, _, number = fields.take("HBBII")
        if kind != protocol.REFUSAL:
            self.received, _ = number, fields.take("I")
        if kind == protocol.WELCOME:
            self.welcome(fields)
        elif kind == protocol.GRANT:
            self.grant(fields)
        elif kind == protocol.REFUSAL:
            raise Ended("refusal {}: {}".format(fields.take("B"), fields.text()))
        elif kind in (protocol.DRAIN, protocol.FAREWELL):
            raise Ended(f"end: {fields.text()}")

    def welcome(self, fields):
        _, self.incarnation = fields.take("HQ")
        settings = dict(fields.list(lambda: (fields.text(), fields.text())))
        fields.text()
        shapes = fields.list(
            lambda: (fields.text(), fields.list(lambda: fields.take("I")), fields.take("?"))[1])
        self.count = sum(product(shape) for shape in shapes)
        self.elements, self.window = fields.take("5I")[3:]
        self.batch_size, self.slices = int(settings["batch-size"]), int(settings["slices"])
        self.welcomed = True

    def grant(self, fields):
        if fields.take("?"):
            lease, verdict = fields.take("QQ"), fields.take("B")
            reason = f": {fields.text()}" if verdict == 4 else ""
            self.verdicts.append(VERDICTS.get(verdict, f"verdict {verdict}") + reason)
        self.leases += fields.list(lambda: (
            lease := fields.take("QQQB"), fields.take("QII" if lease[3] == 1 else "BQQ")))

    def join(self, seconds=10.0):
        """Begins the session and waits for a lease to train; raises Ended."""
        end = time.monotonic() + seconds
        self.hello()
        while not self.welcomed:
            self.until(end)
        self.message(protocol.READY)
        while not (found := [lease for lease in self.leases if lease[0][3] == 1]):
            self.until(end)
        self.lease, (self.batch, self.first, self.last) = found[-1]

    def until(self, end):
        if not self.receive(end - time.monotonic()):
            raise Ended("no lease in time" if self.welcomed else "no answer to the hello")

    def outcome(self, seconds):
        """What the server does next: a verdict, a refusal, a disconnection, or nothing."""
        end = time.monotonic() + seconds
        try:
            while not self.verdicts and (left := end - time.monotonic()) > 0:
                self.receive(left)
        except Ended as reason:
            return str(reason)
        return self.verdicts.pop(0) if self.verdicts else "nothing"

    # The result of the lease

    def sums(self):
        """Plausible sums of each slice of the lease."""
        edges = [self.batch_size * edge // self.slices
                 for edge in range(self.first, self.last + 1)]
        return [(2.3 * (b - a), 0, b - a) for a, b in zip(edges, edges[1:])]

    def nodes(self):
        """The ranges of slices of the contributions."""
        return cover(self.first, self.last, 0, self.slices)

    def piece_sizes(self):
        """The numbers of elements of the pieces of one vector."""
        return [min(self.elements, self.count - start)
                for start in range(0, self.count, self.elements)]


def product(shape):
    result = 1
    for size in shape:
        result *= size
    return result

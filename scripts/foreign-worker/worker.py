#!/usr/bin/env python3
"""A worker in Python for `tributary server`, written from the pages in Sources/Wire/Wire.docc.

Usage: worker.py --join INVITATION | --connect ENDPOINT [--data FOLDER] [--name NAME] [--hook FILE]
                 [--wait SECONDS]

--join names the file `invitation` of the server's run, or - for standard input; the environment
variable TRIBUTARY_INVITATION may contain its text instead. --connect is for a server that was
started with --insecure, or whose ipc endpoint is in a private folder.

It needs the packages in requirements.txt. The model is the function `gradient` in the file --hook
(by default lstm.py, which describes it). Its sums differ in their last bits from those of
`tributary worker`: in mode sync they are applied, but the model is not the same to the bit."""

import argparse, base64, collections, itertools, json, os, pathlib, random, runpy, signal, struct
import sys, time

if __name__ == "__main__" and {"-h", "--help"} & set(sys.argv[1:]):
    sys.exit(print(__doc__))  # also where the packages are missing
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # more do not help with small matrices
from google_crc32c import value as crc32c
import numpy as np
import zmq

from samples import Data, cover, permutation

MASK, SUPPORTED = 0xFFFFFFFF, {"layers": "1", "normalization": "none", "augmentation": "none"}
(HELLO, WELCOME, REFUSAL, READY, GRANT, PUSH, HEARTBEAT, DRAIN, FAREWELL, PIECE,
 ACKNOWLEDGEMENT) = range(1, 12)


class Fields:
    """The fields of a frame, in order."""

    def __init__(self, frame, magic):
        self.frame, self.place = frame, 8
        if frame[:8] != magic + struct.pack("<I", crc32c(frame[8:])):
            sys.exit("the server sent a frame that is damaged or not of this protocol")

    def take(self, form):
        values = struct.unpack_from("<" + form, self.frame, self.place)
        self.place += struct.calcsize("<" + form)
        return values[0] if len(values) == 1 else values

    def text(self):
        return self.take(f"{self.take('I')}s").decode()

    def list(self, read):
        return [read() for _ in range(self.take("I"))]


def text(string):
    return struct.pack("<I", len(string.encode())) + string.encode()


def invited(source):
    """Returns the endpoints of an invitation, and the socket options with its keys."""
    try:
        text = os.environ["TRIBUTARY_INVITATION"] if source is None else (
            sys.stdin.readline() if source == "-" else pathlib.Path(source).read_text())
        kind, _, content = text.strip().partition(".")
        content = json.loads(base64.urlsafe_b64decode(content + "==="))
        keys = {f"curve_{option}": content[field].encode() for option, field in (
            ("serverkey", "server"), ("publickey", "public"), ("secretkey", "secret"))}
        if kind == "tributary-invitation-1" and content["role"] == "worker":
            return content["endpoints"], keys
    except (KeyError, OSError, TypeError, ValueError):
        pass  # the text is not in the message: it is a secret
    sys.exit("there is no invitation for a worker; use the file `invitation` of the server's run")


class Lost(Exception):
    """The session has ended; the worker begins another one."""


class Worker:
    def __init__(self, choices):
        self.choices, self.data, self.patience = choices, Data(choices.data), choices.wait
        self.endpoints, self.keys = (
            ([choices.connect], {}) if choices.connect else invited(choices.join))
        self.gradient = runpy.run_path(choices.hook)["gradient"]
        self.steps, self.epochs, self.kinds, self.applied = 0, {}, {}, collections.Counter()
        self.hello = struct.pack("<HH", 2, 2) + text(choices.name) + random.randbytes(8)
        self.hello += text(self.data.fingerprint) + text("") + bytes(8)

    def run(self):
        """Begins sessions, one after the other, until the run ends or no server answers."""
        context, since = zmq.Context(), time.monotonic()
        while time.monotonic() - since < self.patience:
            self.socket = context.socket(zmq.DEALER)
            for option, key in self.keys.items():
                setattr(self.socket, option, key)
            self.socket.connect(self.endpoints[0])
            try:
                self.serve()
            except Lost as reason:
                print(f"{self.choices.name}: {reason}", file=sys.stderr)
                self.socket.close(linger=0)
                since = time.monotonic() if self.received else since
                if not self.received:  # the next session is tried at the next endpoint
                    self.endpoints.append(self.endpoints.pop(0))
                time.sleep(1)
        sys.exit(f"no server answered at {', '.join(self.endpoints)}" + (
            ", or it does not admit the key" if self.keys else ", or it requires --join"))

    def serve(self):
        """Runs one session; raises Lost, or SystemExit when the worker must end."""
        self.sent = self.received = self.unreported = self.transfers = 0
        self.unacknowledged = collections.deque()  # (number, bytes of a piece's elements)
        self.outgoing = collections.deque()  # (transfer, index, elements)
        self.waiting = collections.deque()  # (leases, pieces of their weights, elements in all)
        self.last_received = self.beat = time.monotonic()
        self.silence, self.heartbeat, self.window = 2, 1e9, 1 << 22
        self.send(HELLO, self.hello)
        while True:
            self.socket.poll(50)
            while self.socket.poll(0):
                self.receive()
                self.flow()
            self.compute()
            self.progress(0)
            if time.monotonic() - self.last_received > self.silence:
                raise Lost("the server is silent")

    def progress(self, steps=1):
        """Counts time steps, and sends a heartbeat if it is due."""
        self.steps += steps
        if time.monotonic() - self.beat > self.heartbeat:
            self.beat = time.monotonic()
            if sum(size == 0 for _, size in self.unacknowledged) < 100:
                self.send(HEARTBEAT, struct.pack("<Q", self.steps))

    def send(self, kind, body=b"", values=None):
        self.sent, self.unreported = self.sent % MASK + 1, 0
        start = struct.pack("<HBBII", 2, kind, 0, values is not None, self.sent)
        start += b"" if kind == HELLO else struct.pack("<I", self.received)
        frames = [b"TRIB" + struct.pack("<I", crc32c(start + body)) + start + body]
        if values is not None:
            rest = struct.pack("<HBBIQ8IQ", 1, 1, 1, 0, len(values), len(values), *[0] * 8)
            rest += values.tobytes()
            frames.append(b"TRIT" + struct.pack("<I", crc32c(rest)) + rest)
        self.socket.send_multipart(frames)
        self.unacknowledged.append((self.sent, 0 if values is None else values.nbytes))

    def flow(self):
        """Sends the pieces that fit into the window, and an acknowledgement if one is due."""
        while self.outgoing:
            transfer, index, values = self.outgoing[0]
            under_way = sum(size for _, size in self.unacknowledged)
            if under_way and under_way + values.nbytes > self.window:
                break
            self.outgoing.popleft()
            self.send(PIECE, struct.pack("<II", transfer, index), values)
        if self.unreported and self.unreported >= self.window // 8:
            self.send(ACKNOWLEDGEMENT)

    def receive(self):
        frames = self.socket.recv_multipart()
        fields, self.last_received = Fields(frames[0], b"TRIB"), time.monotonic()
        _, kind, _, _, number = fields.take("HBBII")
        if number:  # a refusal has none
            if number != self.received % MASK + 1:
                raise Lost("messages were lost")
            self.received, acknowledged = number, fields.take("I")
            while self.unacknowledged and (
                    (acknowledged - self.unacknowledged[0][0]) & MASK < 1 << 31):
                self.unacknowledged.popleft()
        if kind == WELCOME:
            self.welcome(fields)
        elif kind == GRANT:
            if fields.take("?"):
                self.judge(fields.take("QQ"), fields.take("B"), fields)
            leases = fields.list(lambda: (
                lease := fields.take("QQQB"), fields.take("QII" if lease[3] == 1 else "BQQ")))
            self.waiting.append((leases, [], fields.take("Q?")[1] * sum(self.sizes)))
        if kind == PIECE or kind == GRANT and len(frames) > 1:
            values = np.frombuffer(Fields(frames[1], b"TRIT").frame, "<f4", offset=64)
            self.unreported += values.nbytes
            next(parts for _, parts, size in self.waiting
                 if sum(map(len, parts)) < size).append(values)
        if kind == REFUSAL:
            reason, detail = fields.take("B"), fields.text()
            if reason == 8:
                raise Lost(detail)
            done = reason == 7 and self.steps  # the run ended while the worker was away
            sys.exit(0 if done else f"the server refused this worker: {detail}")
        elif kind in (DRAIN, FAREWELL):
            self.send(FAREWELL, text("done"))
            sys.exit(print(fields.text(), dict(self.applied)))

    def welcome(self, fields):
        fields.take("HQ")
        settings = dict(fields.list(lambda: (fields.text(), fields.text())))
        fields.text()
        self.layout = fields.list(
            lambda: (fields.text(), fields.list(lambda: fields.take("I")), fields.take("?")))
        self.sizes = [int(np.prod(shape)) for _, shape, _ in self.layout]
        beat, silence, patience, self.elements, self.window = fields.take("5I")
        self.heartbeat, self.silence, self.patience = beat / 1e3, silence / 1e3, patience / 1e3
        if any(settings.get(key, value) != value for key, value in SUPPORTED.items()):
            self.send(FAREWELL, text("the recipe is not supported"))
            sys.exit(f"the recipe is not supported; use {SUPPORTED}")
        self.scan, self.seed = settings["scan"], int(settings["seed"])
        self.batch_size, self.slices = int(settings["batch-size"]), int(settings["slices"])
        self.count, (unit, number) = len(self.data.splits[0][0]), settings["length"].split(":")
        self.positions = int(number) * (self.count if unit == "epochs" else self.batch_size)
        self.send(READY)

    def judge(self, lease, verdict, fields):
        self.applied[self.kinds.pop(lease, None)] += verdict == 1
        if verdict != 1:
            print("a result was", ("duplicate", "stale", "rejected")[verdict - 2],
                  fields.text() if verdict == 4 else "")

    def compute(self):
        """Computes the leases whose weights are complete, and queues their results."""
        while self.waiting and sum(map(len, self.waiting[0][1])) == self.waiting[0][2]:
            leases, parts, _ = self.waiting.popleft()
            if parts:
                parts = np.split(np.concatenate(parts), np.cumsum(self.sizes)[:-1])
                self.weights = {name: part.reshape(shape)
                                for (name, shape, _), part in zip(self.layout, parts)}
            for lease, work in leases:
                began = time.monotonic()
                sums, parts = (self.train if lease[3] == 1 else self.evaluate)(*work)
                took = int(1e6 * (time.monotonic() - began))
                self.kinds[lease[:2]] = "gradients" if parts else "evaluations"
                body = struct.pack("<4QI", *lease[:3], took, len(sums))
                body += b"".join(struct.pack("<dQQ", *row) for row in sums)
                body += struct.pack("<I", len(parts))
                self.send(PUSH, body + b"".join(struct.pack("<II", *run) for run, _ in parts))
                for _, values in parts:
                    self.transfers += 1
                    for index, start in enumerate(range(0, len(values), self.elements)):
                        self.outgoing.append(
                            (self.transfers, index, values[start:start + self.elements]))
                self.flow()

    def evaluate(self, split, first, end):
        samples = self.data.samples(split, slice(first, end), self.scan)
        _, losses, hits = self.gradient(self.weights, *samples, False, self.progress)
        return [(losses.sum(dtype=float), hits.sum(), end - first)], []

    def train(self, batch, first, end):
        """Returns sums for each slice, and for each node its slices and its flat vector."""
        start = batch * self.batch_size
        size = min(self.batch_size, self.positions - start)
        slices, sums, parts = min(self.slices, size), [], []
        for low, high in cover(first, end, 0, slices):
            edges = [start + size * edge // slices for edge in range(low, high + 1)]
            indices = [self.index(position) for position in range(edges[0], edges[-1])]
            samples = self.data.samples(0, indices, self.scan)
            found, losses, hits = self.gradient(self.weights, *samples, True, self.progress)
            for a, b in itertools.pairwise(edge - edges[0] for edge in edges):
                sums.append((losses[a:b].sum(dtype=float), hits[a:b].sum(), b - a))
            flat = [np.broadcast_to(found.get(name, 0), shape).ravel()
                    for name, shape, _ in self.layout]
            parts.append(((low, high), (np.concatenate(flat) / size).astype("<f4")))
        return sums, parts

    def index(self, position):
        """Returns the training sample at a position."""
        epoch, place = divmod(position, self.count)
        if epoch not in self.epochs:
            self.epochs = dict(list(self.epochs.items())[-1:])  # two of them at a time
            self.epochs[epoch] = permutation(self.count, self.seed, epoch)
        return self.epochs[epoch][place]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    server = parser.add_mutually_exclusive_group(required="TRIBUTARY_INVITATION" not in os.environ)
    server.add_argument("--join")
    server.add_argument("--connect")
    parser.add_argument("--data", default=os.environ.get("MNIST_DIR", "data/mnist"))
    parser.add_argument("--name", default=f"python-{os.getpid()}")
    parser.add_argument("--hook", default=pathlib.Path(__file__).with_name("lstm.py"))
    parser.add_argument("--wait", type=float, default=30.0)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    Worker(parser.parse_args()).run()

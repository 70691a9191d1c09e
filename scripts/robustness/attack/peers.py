"""Connections of an attacker: plain sockets that send any bytes, counted in one tally."""

import asyncio
import collections
import contextlib
import itertools
import resource
import socket
import time

import wire
import zmtp

CHUNK = 1 << 18
# Linux: the port of a bound source address is chosen when the socket connects.
IP_BIND_ADDRESS_NO_PORT = 24


class Closed(Exception):
    """The connection has ended, or could not be opened."""


class Pace:
    """A limit on an amount per second; none if the rate is 0."""

    def __init__(self, rate):
        self.rate, self.due = rate, 0.0

    async def take(self, amount):
        if not self.rate:
            return
        now = time.monotonic()
        self.due = max(self.due, now - 0.05) + amount / self.rate
        if self.due > now:
            await asyncio.sleep(self.due - now)


class Tally:
    """The counts of an attack."""

    def __init__(self):
        self.counts = collections.Counter()
        self.reasons = collections.Counter()
        self.began = time.monotonic()

    def note(self, reason):
        """Counts a reason in words; at most 20 different ones."""
        if reason not in self.reasons and len(self.reasons) >= 20:
            reason = "other"
        self.reasons[reason] += 1

    def summary(self):
        seconds = time.monotonic() - self.began
        usage = resource.getrusage(resource.RUSAGE_SELF)
        return {
            "seconds": round(seconds, 2), "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 2),
            **{name: self.counts[name] for name in COUNTS}, "reasons": dict(self.reasons)}


COUNTS = [
    "connections", "not_connected", "handshakes", "closed_by_server", "open_at_most", "bytes_sent",
    "bytes_received", "messages_sent", "messages_received", "refusals", "welcomes"]


class Site:
    """The attacked endpoint, with the limits of the attacker."""

    def __init__(self, endpoint, rate=0, connection_rate=0, limit=0, pause=1.0):
        host, _, port = endpoint.removeprefix("tcp://").rpartition(":")
        self.address = (socket.gethostbyname(host), int(port))
        self.tally, self.limit, self.pause = Tally(), limit, pause
        self.bytes, self.connections = Pace(rate), Pace(connection_rate)
        self.mechanism = None  # of the server, after the first greeting
        self.open, self.begun = 0, asyncio.Event()  # begun: a connection was tried
        # More than the 28,000 ports of one address, if the server is on this host.
        local = self.address[0].startswith("127.")
        self.sources = itertools.cycle(
            [f"127.0.0.{number}" for number in range(2, 42)] if local else [None])

    def exhausted(self):
        return self.limit and self.tally.counts["bytes_sent"] >= self.limit


class Peer:
    """One connection."""

    def __init__(self, site):
        self.site, self.counts, self.socket = site, site.tally.counts, None
        self.frames, self.isOpen, self.isLost, self.number = zmtp.Frames(), False, False, 0
        self.sending = asyncio.Lock()  # answers to PING go between two parts of other data

    async def open(self):
        await self.site.connections.take(1)
        try:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self.socket.setblocking(False)
            # A connection that is closed leaves nothing behind.
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            if source := next(self.site.sources):
                self.socket.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
                self.socket.bind((source, 0))
            await asyncio.get_running_loop().sock_connect(self.socket, self.site.address)
        except OSError as error:
            self.site.begun.set()
            self.counts["not_connected"] += 1
            self.site.tally.note(f"connect: {error.strerror}")
            await asyncio.sleep(0.1)
            raise Closed from error
        self.isOpen = True
        self.site.begun.set()
        self.counts["connections"] += 1
        self.site.open += 1
        self.counts["open_at_most"] = max(self.counts["open_at_most"], self.site.open)

    def close(self):
        if self.isOpen:
            self.site.open -= 1
        self.isOpen = False
        if self.socket:
            self.socket.close()

    async def send(self, data):
        loop = asyncio.get_running_loop()
        for start in range(0, len(data), CHUNK):
            part = data[start:start + CHUNK]
            await self.site.bytes.take(len(part))
            if self.site.exhausted():
                await asyncio.Event().wait()  # the end of the attack cancels it
            try:
                async with self.sending:
                    await loop.sock_sendall(self.socket, part)
            except OSError as error:
                raise self.lost(error.strerror) from error
            self.counts["bytes_sent"] += len(part)
            await asyncio.sleep(0)  # what succeeds at once does not yield

    async def receive(self, size=1 << 16):
        """Receives at least one byte."""
        try:
            data = await asyncio.get_running_loop().sock_recv(self.socket, size)
        except OSError as error:
            raise self.lost(error.strerror) from error
        if not data:
            raise self.lost("end of the connection")
        self.counts["bytes_received"] += len(data)
        return data

    def lost(self, reason):
        self.counts["closed_by_server"] += not self.isLost
        self.isLost = True
        return Closed(reason)

    async def greet(self):
        """Exchanges greetings, and chooses the server's mechanism. The server sends it after the
        version of the peer, and closes a connection whose mechanism is another."""
        await self.send(zmtp.greeting()[:12])
        received = b""
        while len(received) < zmtp.GREETING_BYTES:
            received += await self.receive(zmtp.GREETING_BYTES - len(received))
        self.site.mechanism = zmtp.mechanism(received)
        await self.send(zmtp.greeting(self.site.mechanism)[12:])

    async def shake(self, identity=b""):
        """Completes a handshake without a key. Where the server requires CURVE, this ends with a
        HELLO that cannot be valid, and the caller continues as if it were."""
        await self.greet()
        if self.site.mechanism == b"CURVE":
            await self.send(zmtp.curve_hello())
            return
        await self.send(zmtp.ready(identity))
        while True:
            for flags, body in await self.arrived():
                if flags & zmtp.COMMAND and zmtp.parsed(body)[0] == b"READY":
                    self.counts["handshakes"] += 1
                    return

    async def arrived(self):
        """Waits for bytes, answers PING, counts answers of the server, returns the frames."""
        try:
            frames = self.frames.feed(await self.receive())
        except ValueError as error:
            raise self.lost(str(error)) from error
        for flags, body in frames:
            if flags & zmtp.COMMAND:
                name, rest = zmtp.parsed(body)
                if name == b"PING":
                    await self.send(zmtp.command(b"PONG", rest[2:]))
                elif name == b"ERROR":
                    self.site.tally.note("ERROR " + rest[1:].decode(errors="replace"))
            else:
                self.count(body)
        return frames

    def count(self, body):
        kind, number = wire.kind_and_number(body)
        self.counts["messages_received"] += kind > 0
        self.number = number or self.number
        if kind == wire.WELCOME:
            self.counts["welcomes"] += 1
        elif kind == wire.REFUSAL:
            self.counts["refusals"] += 1
            self.site.tally.note("refusal {}: {}".format(*wire.refusal(body)))

    async def stay(self):
        """Reads until the connection ends."""
        while True:
            await self.arrived()

    @contextlib.asynccontextmanager
    async def reading(self):
        """Reads beside other work; the task is done once the connection has ended."""
        reader = asyncio.ensure_future(self.stay())
        try:
            yield reader
        finally:
            reader.cancel()
            await asyncio.gather(reader, return_exceptions=True)


async def crowd(site, count, behave):
    """Keeps a number of peers. Each opens a connection and behaves; after the end of the
    connection it pauses and begins again."""

    async def one(number):
        while True:
            peer = Peer(site)
            try:
                await peer.open()
                await behave(peer, number)
            except Closed:
                pass
            finally:
                peer.close()
            await asyncio.sleep(site.pause)

    await asyncio.gather(*(one(number) for number in range(count)))

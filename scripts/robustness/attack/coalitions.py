"""Cases of malicious-worker.py that need several sessions or sockets."""

import contextlib
import math
import time

import lies
import worker as protocol
import zmq

from sessions import Ended, Session


def coalition(session):
    """Workers that support one another."""
    yield "four workers with the same NaN", same_nan


def same_nan(session, count=4, seconds=3.0):
    """Every worker answers each of its leases with NaN; none of the results is unique."""
    with contextlib.ExitStack() as stack:
        others = [stack.enter_context(Session(session.entry, session.fingerprint, session.name))
                  for _ in range(count - 1)]
        members = [session]
        for other in others:
            with contextlib.suppress(Ended):
                other.join(2)
                members.append(other)
        end = time.monotonic() + seconds
        for member in members:
            member.transfers, member.answered = 0, set()
        while time.monotonic() < end and members:
            for member in list(members):
                try:
                    answer(member)
                    while member.receive(0.01):
                        pass
                except Ended:
                    if member is session:
                        raise
                    members.remove(member)
    return []


def answer(member):
    """Sends a result of NaN for each new lease to train."""
    for lease, work in member.leases:
        if lease[3] == 1 and lease[:2] not in member.answered:
            member.answered.add(lease[:2])
            member.lease, (member.batch, member.first, member.last) = lease, work
            member.socket.send(lies.push(member).encoded())
            for frames in lies.vector(member, math.nan, member.transfers):
                member.socket.send_multipart(frames)
            member.transfers += len(member.nodes())


def floods(session):
    """Amounts that fill the queue of the server's socket."""
    yield "a message of 256 frames of 1 MiB", lambda s: [
        [lies.push(s, tensors=255).encoded()] + [bytes(1 << 20)] * 255]
    yield "50,000 heartbeats", lambda s: [
        [s.encoded(protocol.HEARTBEAT, bytes(8))] for _ in range(50_000)]
    yield "50,000 messages, then a reset", flood_and_reset


def flood_and_reset(session):
    """Fills the server's queue on another connection, and resets that while it is full: the
    unread answers of the server turn the end of the connection into a reset."""
    socket = zmq.Context.instance().socket(zmq.DEALER)
    session.entry.protect(socket)
    socket.rcvhwm, socket.rcvbuf, socket.heartbeat_ivl, socket.sndtimeo = 1, 4096, 50, 1000
    socket.connect(session.entry.endpoint)
    with contextlib.suppress(zmq.Again):
        for _ in range(50_000):
            socket.send(b"x")
    socket.close(linger=0)
    return []

"""A tcp proxy between workers and a server that injects network faults drawn from a seed: it cuts,
truncates, delays, stalls and duplicates, and limits the rate.

By hand: faults.py PORT --rate 40000 prints an endpoint for workers of the server at PORT, with
40 KB per second in each direction. --faults also injects the faults of a seed."""

import argparse
import random
import socket
import threading
import time

KINDS = ("cut", "truncate", "delay", "stall", "stall-cut", "duplicate")


class Repeater:
    """Parses one direction of a ZMTP 3 connection and duplicates one message when armed.

    A greeting of 64 bytes is followed by frames: flags, the body's length in one byte or, if
    flags & 2, in eight, and the body. flags & 1: more frames of the message follow; flags & 4: a
    command, which belongs to no message."""

    def __init__(self):
        self.armed = False
        self._left = 64
        self._greeted = False
        self._header = b""
        self._frame = bytearray()
        self._message = bytearray()

    def take(self, data):
        """Returns the bytes to forward for the received bytes."""
        passed = bytearray()
        place = 0
        while place < len(data):
            part = data[place:place + max(self._left, 1)]
            place += len(part)
            passed += part
            self._frame += part
            if self._left:
                self._left -= len(part)
            else:
                self._header += part
                if self._has_header():
                    self._left = int.from_bytes(self._header[1:], "big")
            if not self._left and (not self._greeted or self._has_header()):
                passed += self._end_frame()
        return bytes(passed)

    def _has_header(self):
        return bool(self._header) and len(self._header) == (9 if self._header[0] & 2 else 2)

    def _end_frame(self):
        flags = self._header[0] if self._header else 4
        frame, self._frame, self._header, self._greeted = self._frame, bytearray(), b"", True
        if flags & 4:
            return b""
        self._message += frame
        if flags & 1:
            return b""
        message, self._message = self._message, bytearray()
        again, self.armed = self.armed, False
        return message if again else b""


class Rate:
    """A limit in bytes per second that the connections of one direction share; 0 is no limit."""

    def __init__(self, limit):
        self.limit = limit
        # What is read at once takes 20 ms, and no more is buffered beside the sockets.
        self.chunk = min(max(limit // 50, 512), 1 << 18) if limit else 1 << 18
        self._lock = threading.Lock()
        self._free = 0.0

    def wait(self, count):
        """Waits until `count` bytes have passed."""
        if not self.limit:
            return
        with self._lock:
            self._free = max(self._free, time.monotonic()) + count / self.limit
            until = self._free
        time.sleep(max(0.0, until - time.monotonic()))


class Link:
    """A worker's connection and the corresponding connection to the server."""

    def __init__(self, worker, server, plan, note, down, up):
        self.worker, self.server, self.plan, self.note = worker, server, plan, note
        self._down, self._up = down, up
        self._open = threading.Event()  # cleared while the link stalls
        self._open.set()
        self._cut = False
        for target in (self._from_server, self._from_worker):
            threading.Thread(target=target, daemon=True).start()

    def cut(self):
        self._cut = True
        for end in (self.worker, self.server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self._open.set()

    def _from_server(self):
        while data := self._receive(self.server, self._down.chunk):
            self._down.wait(len(data))
            if not self._forward(data, self.worker):
                break
        self._end(self.worker)

    def _from_worker(self):
        seen, repeater = 0, Repeater()
        while not self._cut:
            half = False
            while self.plan and self.plan[0][0] <= seen:
                half = self._begin(self.plan.pop(0)[1], repeater) or half
            most = self.plan[0][0] - seen if self.plan else self._up.chunk
            data = self._receive(self.worker, min(most, self._up.chunk))
            seen += len(data)
            self._up.wait(len(data))
            if half:
                self._forward(data[:len(data) // 2], self.server)
                self.cut()
                return
            if not self._forward(repeater.take(data), self.server):
                break
        self._end(self.server)

    def _begin(self, fault, repeater):
        """Starts a fault; returns True if only half of the next bytes are forwarded."""
        kind, seconds = fault
        self.note(kind)
        if kind == "cut":
            self.cut()
        elif kind == "delay":
            time.sleep(seconds)
        elif kind == "duplicate":
            repeater.armed = True
        elif kind != "truncate":
            self._open.clear()
            after = self.cut if kind == "stall-cut" else self._open.set
            threading.Timer(seconds, after).start()
        return kind == "truncate"

    @staticmethod
    def _receive(end, most):
        try:
            return end.recv(most)
        except OSError:
            return b""

    def _forward(self, data, end):
        self._open.wait()
        if not data or self._cut:
            return False
        try:
            end.sendall(data)
            return True
        except OSError:
            return False

    @staticmethod
    def _end(end):
        try:
            end.shutdown(socket.SHUT_WR)
        except OSError:
            pass


class Proxy:
    """Listens at `endpoint` and forwards to the server at a port, with at most `rate` bytes per
    second in each direction, all connections together."""

    def __init__(self, port, seed, connections=9, spread=60 << 20, longest=4.0, rate=0):
        self.faults = []
        self._port, self._seed = port, seed
        self._connections, self._spread, self._longest = connections, spread, longest
        self._links = []
        self._down, self._up = Rate(rate), Rate(rate)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._limit_buffers(self._listener)  # its connections inherit them
        self.endpoint = f"tcp://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        for link in self._links:
            link.cut()

    def _limit_buffers(self, end):
        """Keeps the buffers of a slow connection short, so that its peer waits."""
        if self._down.limit:
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 13)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 13)

    def _plan(self, number):
        """Draws the faults of a connection: (bytes from the worker before it, (kind, seconds))."""
        chance = random.Random(f"{self._seed}/{number}")
        if number >= self._connections:
            return []
        return sorted(
            (chance.randrange(self._spread),
             (chance.choice(KINDS), chance.uniform(0.01, self._longest)))
            for _ in range(chance.randint(1, 4)))

    def _accept(self):
        while True:
            try:
                worker, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket()
            self._limit_buffers(server)  # before the connection chooses its window
            try:
                server.connect(("127.0.0.1", self._port))
            except OSError:  # the server is not running
                server.close()
                worker.close()
                continue
            for end in (worker, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._links.append(
                Link(worker, server, self._plan(len(self._links)), self.faults.append,
                     self._down, self._up))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int, help="port of the server on this host")
    parser.add_argument("--rate", type=int, default=0, help="bytes per second; 0 is no limit")
    parser.add_argument("--faults", type=int, metavar="SEED", help="inject the faults of a seed")
    arguments = parser.parse_args()
    connections = 0 if arguments.faults is None else 9
    proxy = Proxy(arguments.port, arguments.faults, connections=connections, rate=arguments.rate)
    print(proxy.endpoint, flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        proxy.close()


if __name__ == "__main__":
    main()

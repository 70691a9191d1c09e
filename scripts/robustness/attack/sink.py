"""A listener that costs as little as possible: it greets like a server of ZeroMQ without CURVE and
drops what it receives. `attacks --measure` compares with it, to find the share of the attacker.

Usage: sink.py SECONDS   closes each connection after this time; 0: never"""

import collections
import resource
import select
import socket
import sys
import time

import zmtp

MSG_TRUNC = 0x20  # Linux, TCP: drops the bytes instead of copying them


class Sink:
    def __init__(self, lifetime):
        self.lifetime, self.poll = lifetime, select.epoll()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.listener.setblocking(False)
        self.poll.register(self.listener, select.EPOLLIN)
        self.connections, self.ends = {}, collections.deque()
        self.start = zmtp.greeting() + zmtp.ready(kind=b"ROUTER")
        self.buffer = bytearray(1 << 20)

    def serve(self):
        while True:
            pause = max(0, self.ends[0][0] - time.monotonic()) if self.ends else -1
            for descriptor, _ in self.poll.poll(pause):
                if descriptor == self.listener.fileno():
                    self.accept()
                else:
                    self.drop(descriptor)
            while self.ends and self.ends[0][0] <= time.monotonic():
                self.close(self.ends.popleft()[1])

    def accept(self):
        for _ in range(100):
            try:
                connection, _ = self.listener.accept()
                connection.setblocking(False)
                connection.send(self.start)
            except BlockingIOError:
                return
            except OSError:
                continue
            self.connections[connection.fileno()] = connection
            self.poll.register(connection, select.EPOLLIN)
            if self.lifetime:
                self.ends.append((time.monotonic() + self.lifetime, connection))

    def drop(self, descriptor):
        connection = self.connections.get(descriptor)
        try:
            if connection and connection.recv_into(self.buffer, 0, MSG_TRUNC) == 0:
                self.close(connection)
        except BlockingIOError:
            pass
        except OSError:
            self.close(connection)

    def close(self, connection):
        if connection.fileno() >= 0:
            del self.connections[connection.fileno()]
            connection.close()


def main():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    sink = Sink(float(sys.argv[1]))
    print(sink.listener.getsockname()[1], flush=True)
    sink.serve()


if __name__ == "__main__":
    main()

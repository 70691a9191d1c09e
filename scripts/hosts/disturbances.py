"""Faults of hosts and processes, drawn from a seed, at a steady rate."""

import collections
import heapq
import random
import signal
import time

from training import Failure, pause

# Kinds of faults, as often as they are here. Those of workers last for seconds, since the others
# compute their share; those of the server are short, since nothing can be computed meanwhile.
KINDS = [
    *(3 * ["kill worker", "stop worker", "cut worker"]),
    "kill server", "stop server", "cut server"]
WORKER_SECONDS = (2, 15)
SERVER_SECONDS = (0.2, 0.8)
RESTART_SECONDS = 1  # from a worker's end to its restart


class Disturbances:
    """Disturbs a training until it ends."""

    def __init__(self, training, seed, interval):
        self.training, self.interval = training, interval
        self.chance = random.Random(seed)
        self.kinds = []  # left of the present round of all kinds
        self.agenda = []  # (time, number, action)
        self.number = 0
        self.done = collections.Counter()
        self.busy = set()  # numbers of the workers under a fault; 0 is the server
        self.killed = set()

    def run(self, limit):
        """Injects faults until the server ends; raises Failure after `limit` seconds."""
        begin = time.monotonic()
        self.at(self.interval / 2, self.inject)
        while self.training.server.poll() is None:
            if time.monotonic() > begin + limit:
                raise Failure(f"it does not end within {limit:g} s")
            while self.agenda and self.agenda[0][0] <= time.monotonic():
                heapq.heappop(self.agenda)[2]()
            self.check_workers()
            pause(0.02)
        for _, _, action in self.agenda:  # what the last faults need to end
            if action != self.inject:
                action()

    def at(self, seconds, action):
        self.number += 1
        heapq.heappush(self.agenda, (time.monotonic() + seconds, self.number, action))

    def check_workers(self):
        """No worker ends by itself while the server runs."""
        for number, worker in self.training.workers.items():
            code = worker.poll()
            if code is not None and number not in self.killed and code != 0:
                raise Failure(f"worker {number} ended with code {code}")

    def inject(self):
        """Begins a fault, and plans its end and the next one."""
        self.at(self.interval, self.inject)
        if not self.kinds:
            self.kinds = self.chance.sample(KINDS, len(KINDS))
        kind = self.kinds.pop()
        verb, victim = kind.split()
        free = [number for number in self.training.workers if number not in self.busy]
        number = 0 if victim == "server" else self.chance.choice(free)
        seconds = self.chance.uniform(*(WORKER_SECONDS if number else SERVER_SECONDS))
        if not number and self.busy & {0}:
            raise Failure("the server is still under a fault; use a lower rate")
        self.busy.add(number)
        self.done[kind] += 1
        print(f"  {kind} {number or ''} at step {self.training.steps()}", flush=True)
        getattr(self, verb)(number, seconds)

    def process(self, number):
        return self.training.workers[number] if number else self.training.server

    def kill(self, number, _):
        process = self.process(number)
        process.kill()
        process.wait()
        if number:
            self.killed.add(number)
            self.at(RESTART_SECONDS, lambda: self.restart(number))
        else:
            self.restart(0)

    def restart(self, number):
        if number:
            if self.training.server.poll() is None:
                self.training.start_worker(number)
                self.killed.discard(number)
        else:
            self.training.start_server()
        self.busy.discard(number)

    def stop(self, number, seconds):
        process = self.process(number)
        process.send_signal(signal.SIGSTOP)
        self.at(seconds, lambda: self.end(number, lambda: process.send_signal(signal.SIGCONT)))

    def cut(self, number, seconds):
        self.training.network.cut(number)
        self.at(seconds, lambda: self.end(number, lambda: self.training.network.heal(number)))

    def end(self, number, action):
        action()
        self.busy.discard(number)

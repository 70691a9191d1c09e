"""The cases of `test-hosts`: links, and faults that the hosts have while they train."""

import dataclasses
import re
import time

from namespaces import Link
from training import Failure, pause

WORKERS = 4
SILENCE = 10  # seconds of a cut
NAME = "trainer.example"
SERVER = "10.77.0.1"
UNUSED, UNUSED_IPV6 = "10.77.0.99", "fd77::99"


@dataclasses.dataclass
class Scenario:
    """One training with four workers. `disturb` acts on the hosts while it runs, and checks the
    effects; the delay of the links gives it time, since a step takes at least a round trip."""

    name: str
    links: list
    steps: int = 40
    disturb: object = None  # a function of the training
    units: int = 32
    congestion: str = "cubic"
    is_ipv6: bool = False
    addresses: tuple = ()  # of NAME, for the workers
    advertised: tuple = ()  # places of the server in the invitation
    routed: int = 0  # the worker behind a router, from 1
    lost: int = 0  # the worker that does not see the end, from 1

    def possible(self, size):
        """The shortest time of a step on the slowest link, in seconds: a round trip, and weights
        and gradient of `size` bytes one after the other."""
        return max(
            link.rtt / 1000 + sum(8 * size / rate for rate in (link.down, link.up) if rate)
            for link in self.links)


def alike(**properties):
    return [Link(**properties) for _ in range(WORKERS)]


def events(training, text, number):
    """The lines of the server's log with a text about a worker; its key's name may precede its own
    name."""
    return [
        line for line in training.log("server").splitlines()
        if line.startswith(text) and re.search(rf"worker\.name=(.*/)?worker-{number}$", line)]


def joins(training, number):
    """How often a worker has joined."""
    return len(events(training, "worker joined ", number))


def evictions(training, number):
    """How often a worker has left before the end."""
    return sum(
        "reason=the run is complete" not in line
        for line in events(training, "worker left ", number))


def wait_for_step(training, step):
    training.wait_for(f"step {step}", lambda: training.steps() >= step)


def wait_for_all(training):
    for number in training.workers:
        training.wait_for(f"worker {number}", lambda: joins(training, number) > 0)


def cut_a_worker(training):
    """Cuts off worker 1; the others train meanwhile, and it joins again."""
    wait_for_all(training)
    wait_for_step(training, 20)
    training.network.cut(1)
    begin = time.monotonic()
    training.wait_for("the eviction of worker 1", lambda: evictions(training, 1) > 0)
    wait_for_step(training, training.steps() + 20)
    pause(max(0, begin + SILENCE - time.monotonic()))
    training.network.heal(1)
    training.wait_for("the return of worker 1", lambda: joins(training, 1) > 1)


def cut_the_server(training):
    """Cuts off the server; no step is made until it is back."""
    wait_for_all(training)
    wait_for_step(training, 20)
    training.network.cut(0)
    pause(1)
    before = training.steps()
    pause(SILENCE - 1)
    if training.steps() != before:
        raise Failure("steps were made while the server was cut off")
    training.network.heal(0)


def pull_a_worker(training):
    """Removes the cable of worker 1; the others finish."""
    wait_for_all(training)
    wait_for_step(training, 20)
    training.network.pull(1)
    training.wait_for("the eviction of worker 1", lambda: evictions(training, 1) > 0)


def judge_the_slow_one(training):
    """Waits until the server has found that worker 1 is slow."""
    training.wait_for(
        "the judgement of worker 1",
        lambda: events(training, "worker is slow", 1))


def drop_the_mapping(training):
    """Drops the mapping of the router before worker 4; the worker joins by another one."""
    wait_for_all(training)
    wait_for_step(training, 20)
    before = training.router.mappings()
    if not before:
        raise Failure("the router has no mapping")
    training.router.drop_mappings()
    training.wait_for("the return of worker 4", lambda: joins(training, 4) > 1)
    training.wait_for("another mapping", lambda: training.router.mappings() - before)


def move_the_server(training):
    """Kills the server and starts it on the host of worker 4, where it waits for all workers, so
    that the run cannot end before the last one has found it."""
    wait_for_all(training)
    wait_for_step(training, 20)
    training.server.kill()
    training.server.wait()
    training.host = training.network.workers[3]
    training.more["server"] += ["--start-with", len(training.workers)]
    before = [joins(training, number) for number in training.workers]
    training.start_server()
    for number, count in zip(training.workers, before):
        training.wait_for(f"worker {number}", lambda: joins(training, number) > count)


def short():
    """The cases that run by default."""
    slow = [Link(rtt=50, down=1e6, up=1e6), *alike(rtt=50, down=1e8, up=1e8)[1:]]
    # Those that take longest first.
    return [
        Scenario("worker-cut-10s", alike(rtt=100), 450, cut_a_worker),
        Scenario("nat-mapping-dropped", alike(rtt=50), 450, drop_the_mapping, routed=4),
        Scenario("server-cut-10s", alike(rtt=50), 200, cut_the_server),
        Scenario("worker-pulled", alike(rtt=50), 200, pull_a_worker, lost=1),
        Scenario("server-moves", alike(rtt=50), 200, move_the_server),
        Scenario("100-times-slower-link", slow, 200, judge_the_slow_one),
        *(Scenario(f"rtt-{rtt}ms", alike(rtt=rtt)) for rtt in (1, 10, 50, 100)),
        *(Scenario(f"rtt-10ms-loss-{loss}%", alike(rtt=10, loss=loss)) for loss in (1, 5)),
        *(Scenario(f"{rate}-Mbit", alike(down=rate * 1e6, up=rate * 1e6))
          for rate in (2, 10, 100, 1000)),
        Scenario("ipv6", alike(rtt=1), is_ipv6=True),
        Scenario("server-by-name", alike(rtt=1), addresses=(SERVER,), advertised=(NAME,)),
        Scenario("name-with-unused-address", alike(rtt=1), addresses=(UNUSED_IPV6, SERVER),
                 advertised=(NAME,)),
        Scenario("first-address-unused", alike(rtt=1), advertised=(UNUSED, SERVER)),
    ]


def full():
    """The cases of the table, with the model of recipe v1."""
    def named(name, steps, congestion="cubic", **properties):
        return Scenario(name, alike(**properties), steps, units=128, congestion=congestion)

    def rate(text, bits, steps):
        return named(text, steps, down=bits, up=bits)

    return [
        rate("1 Gbit/s", 1e9, 800), rate("100 Mbit/s", 1e8, 300), rate("10 Mbit/s", 1e7, 40),
        rate("2 Mbit/s", 2e6, 10),
        *(named(f"round trip {rtt} ms", steps, rtt=rtt)
          for rtt, steps in ((1, 800), (10, 600), (50, 300), (100, 150))),
        *(named(f"round trip {rtt} ms, loss {loss} %, {control}", steps, control,
                rtt=rtt, loss=loss)
          for control, counts in (("cubic", (100, 40, 30, 10)), ("bbr", (200, 150, 100, 60)))
          for (rtt, loss), steps in zip(((10, 1), (10, 5), (50, 1), (50, 5)), counts)),
    ]

"""The named cases of `links`."""

import dataclasses

from namespaces import Link, bits_per_second

FAST = 100e6


@dataclasses.dataclass
class Case:
    """One training over links."""

    name: str
    links: list
    units: int = 128
    steps: int = 20
    mode: str = "sync"
    limit: float = 120  # seconds
    recipe: str = "v1"
    cuts: list = dataclasses.field(default_factory=list)  # (begin, length) in seconds
    batch: int = 50

    def __str__(self):
        links = list(dict.fromkeys(map(str, self.links)))
        cuts = "".join(f", cut at {begin:g} s for {length:g} s" for begin, length in self.cuts)
        return (
            f"{len(self.links)} workers, {self.mode}, {self.units} units, {self.steps} steps; "
            f"{'; '.join(links)}{cuts}")

    def possible(self, size):
        """Steps per second if each one moves `size` bytes down and as many up on each link in use;
        0 if a link has no rate. In `sync` the slowest link counts, except those below a tenth of
        the fastest, which cannot take part; otherwise the sum of all."""
        if any(not link.down or not link.up for link in self.links):
            return 0
        rates = [1 / (8 * size / link.down + 8 * size / link.up) for link in self.links]
        if self.mode != "sync":
            return sum(rates)
        return min(rate for rate in rates if rate >= max(rates) / 10)


def repeated(count, **properties):
    return [Link(**properties) for _ in range(count)]


def fast(count):
    return repeated(count, rtt=1, down=FAST, up=FAST)


def slow():
    return [Link(rtt=1, down=1e6, up=1e6)]


NAMED = {
    "wan-512": [Case("wan-512", repeated(2, rtt=50, loss=1), units=512)],
    "thin-1024": [
        Case("thin-1024", repeated(2, rtt=1, down=10e6, up=10e6), units=1024, steps=4, limit=240)],
    "v1-100ms-5%": [Case("v1-100ms-5%", repeated(2, rtt=100, loss=5), steps=60)],
    "four-workers-100Mbit": [
        Case(f"{count}-workers-100Mbit", fast(count), steps=200) for count in (1, 2, 3, 4)],
    "one-slow-link": [
        case for mode in ("sync", "async", "bounded") for case in (
            Case(f"three-links-{mode}", fast(3), steps=400, mode=mode, limit=60),
            Case(f"one-slow-link-{mode}", fast(3) + slow(), steps=400, mode=mode, limit=60))],
    "out-of-reach-40s": [
        Case("out-of-reach-40s", fast(2), steps=300, limit=150, cuts=[(5, 40)])],
    "mtu-hole": [Case("mtu-hole", repeated(2, rtt=1, largest=1400), limit=40)],
    "lan": [Case("lan", repeated(2, rtt=1, down=1e9, up=1e9), steps=200)],
}


def listing():
    """The named cases, for the help."""
    lines = []
    for name, found in NAMED.items():
        lines += [f"  {name}", *(f"      {case}" for case in found)]
    return "\n".join(lines)


def selected(arguments):
    """The cases that the command line selects."""
    names = arguments.case or []
    found = [case for name in names for case in (
        sum(NAMED.values(), []) if name == "all" else NAMED[name])] or [described(arguments)]
    return [changed(case, arguments) for case in found]


def changed(case, arguments):
    return dataclasses.replace(
        case, steps=arguments.steps or case.steps, limit=arguments.limit or case.limit)


def described(arguments):
    """The case that the options describe."""
    down, _, up = arguments.rate.partition("/")
    down, up = bits_per_second(down), bits_per_second(up or down)
    links = repeated(
        arguments.workers, rtt=arguments.rtt, loss=arguments.loss, down=down, up=up,
        largest=arguments.mtu_hole)
    if arguments.slow_worker:
        links[-1].down = links[-1].up = bits_per_second(arguments.slow_worker)
    cuts = [tuple(map(float, cut.split("+"))) for cut in arguments.cut]
    return Case(
        "links", links, units=arguments.units, mode=arguments.mode, recipe=arguments.recipe,
        cuts=cuts)

"""Links between network namespaces: a server and workers with one emulated link each."""

import dataclasses
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
UNITS = {"": 1, "bit": 1, "kbit": 1e3, "mbit": 1e6, "gbit": 1e9}


class Unsupported(Exception):
    """The reason for which this host cannot emulate links."""


def bits_per_second(text):
    """Parses a rate such as 10Mbit; 0 is unlimited."""
    found = re.fullmatch(r"([\d.]+)([kmg]?bit)?", text.lower())
    if not found:
        raise ValueError(f"'{text}' is not a rate; use a number with kbit, Mbit or Gbit")
    return float(found[1]) * UNITS[found[2] or ""]


@dataclasses.dataclass
class Link:
    """The properties of a worker's link. A rate, delay or loss applies to each direction."""

    rtt: float = 0  # milliseconds
    loss: float = 0  # percent
    down: float = 0  # bits per second, to the worker; 0 is unlimited
    up: float = 0
    largest: int = 0  # bytes; larger packets vanish; 0 is unlimited

    def arguments(self):
        """Arguments of the forwarder, from the server's end to the worker's and back."""
        delay, loss = int(self.rtt * 500), self.loss / 100
        return [delay, loss, self.down / 8, delay, loss, self.up / 8, self.largest]

    def __str__(self):
        parts = []
        if self.rtt:
            parts.append(f"{self.rtt:g} ms")
        if self.loss:
            parts.append(f"{self.loss:g} %")
        rates = [f"{rate / 1e6:g}" for rate in (self.down, self.up) if rate]
        if rates:
            parts.append("/".join(dict.fromkeys(rates)) + " Mbit/s")
        if self.largest:
            parts.append(f"packets up to {self.largest}")
        return ", ".join(parts) or "no limit"


def ip(*arguments):
    subprocess.run(["ip", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL)


def require():
    """Raises Unsupported unless this host can create namespaces, TUN devices and the forwarder."""
    if os.geteuid() != 0:
        raise Unsupported("network namespaces require root")
    for tool in ("ip", "cc"):
        if not shutil.which(tool):
            raise Unsupported(f"{tool} is not installed")
    if not os.path.exists("/dev/net/tun"):
        raise Unsupported("the kernel has no TUN devices")
    name = f"tributary-{os.getpid()}-trial"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    if made.returncode != 0:
        raise Unsupported(f"no network namespace can be created: {made.stderr.strip()}")
    ip("netns", "delete", name)


class Network:
    """A server's namespace and one for each worker, joined by the forwarder; a context manager."""

    def __init__(self, links, seed=1, queue=0, congestion="cubic"):
        self.links, self.congestion = links, congestion
        prefix = f"tributary-{os.getpid()}"
        self.server = f"{prefix}-server"
        self.workers = [f"{prefix}-worker-{number}" for number in range(1, len(links) + 1)]
        self._folder = tempfile.TemporaryDirectory(prefix="tributary-links-")
        self._arguments = [seed, queue]
        for number, link in enumerate(links, 1):
            ends = [self.server, f"link{number}", self.workers[number - 1], "server"]
            self._arguments += [*ends, *link.arguments()]
        self._forwarder = None

    def __enter__(self):
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _build(self):
        program = pathlib.Path(self._folder.name) / "forwarder"
        subprocess.run(["cc", "-O2", "-o", program, HERE / "forwarder.c"], check=True)
        for name in [self.server, *self.workers]:
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
            self.run(name, "sysctl", "-q", "-w", "net.ipv6.conf.all.disable_ipv6=1").wait()
        self._forwarder = subprocess.Popen(
            [program, *map(str, self._arguments)], text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self._forwarder.stdout.readline() != "ready\n":
            raise Unsupported("the forwarder cannot create TUN devices")
        for number, name in enumerate(self.workers, 1):
            self._configure(self.server, f"link{number}", f"10.77.{number}.1", f"10.77.{number}.2")
            self._configure(name, "server", f"10.77.{number}.2", f"10.77.{number}.1")

    def _configure(self, namespace, device, local, peer):
        ip("-n", namespace, "address", "add", local, "peer", peer, "dev", device)
        ip("-n", namespace, "link", "set", device, "mtu", 1500, "up")
        # By route: a namespace may not choose a default that the host restricts.
        ip("-n", namespace, "route", "replace", peer, "dev", device, "src", local,
           "congctl", self.congestion)

    def __exit__(self, *_):
        if self._forwarder:
            self._forwarder.stdin.close()
            self._forwarder.wait()
        for name in [self.server, *self.workers]:
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)
        self._folder.cleanup()

    def address(self, number):
        """The server's address for worker `number`, from 1."""
        return f"10.77.{number}.1"

    def run(self, namespace, *command, **options):
        """Starts a command in a namespace."""
        return subprocess.Popen(
            ["ip", "netns", "exec", namespace, *map(str, command)], **options)

    def set_down(self, is_down, number=0):
        """Cuts or restores a link; 0 is all of them."""
        self._forwarder.stdin.write(f"{'down' if is_down else 'up'} {number}\n")

    def counters(self):
        """Returns (bytes, packets lost, packets beyond the queue) to the workers and from them."""
        self._forwarder.stdin.write("counters\n")
        totals = {0: [0, 0, 0], 1: [0, 0, 0]}
        while (line := self._forwarder.stdout.readline()) not in ("end\n", ""):
            _, direction, _, *values = map(int, line.split())
            totals[direction] = [a + b for a, b in zip(totals[direction], values)]
        return totals[0], totals[1]


def end_on_signals():
    """Makes SIGTERM and SIGHUP end the script in order, so that the namespaces are removed."""
    def stop(number, _):
        raise SystemExit(128 + number)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)

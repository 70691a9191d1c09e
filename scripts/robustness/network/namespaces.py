"""Hosts in network namespaces, joined by a bridge: a server and workers, each with a cable that has
a delay, loss and rate of its own."""

import contextlib
import dataclasses
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
UNITS = {"": 1, "bit": 1, "kbit": 1e3, "mbit": 1e6, "gbit": 1e9}
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]
DEVICE = "eth0"  # of each host


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

    def is_emulated(self):
        """Whether it needs the forwarder; a rate alone does not."""
        return bool(self.rtt or self.loss or self.largest)

    def arguments(self):
        """Arguments of the forwarder, from the bridge's end to the host's and back."""
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
    """Raises Unsupported unless this host can create namespaces, TAP devices and the forwarder."""
    if os.geteuid() != 0:
        raise Unsupported("network namespaces require root")
    for tool in ("ip", "bridge", "tc", "cc"):
        if not shutil.which(tool):
            raise Unsupported(f"{tool} is not installed")
    if not os.path.exists("/dev/net/tun"):
        raise Unsupported("the kernel has no TAP devices")
    name = f"tributary-{os.getpid()}-trial"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    if made.returncode != 0:
        raise Unsupported(f"no network namespace can be created: {made.stderr.strip()}")
    bridge = subprocess.run(
        ["ip", "-n", name, "link", "add", "name", "bridge", "type", "bridge"],
        capture_output=True, text=True)
    ip("netns", "delete", name)
    if bridge.returncode != 0:
        raise Unsupported(f"no bridge can be created: {bridge.stderr.strip()}")


class Network:
    """A server's namespace and one for each worker, joined by a bridge; a context manager.

    A cable without delay and loss is a pair of veth devices, whose rate a token bucket filter of
    the kernel limits; the others pass through the forwarder. The server's cable has no limits."""

    _numbers = itertools.count(1)

    def __init__(self, links, seed=1, queue=0, congestion="cubic", is_ipv6=False):
        prefix = f"tributary-{os.getpid()}-{next(self._numbers)}"
        self.links, self.seed, self.queue = links, seed, queue
        self.congestion, self.is_ipv6 = congestion, is_ipv6
        self.switch, self.server = f"{prefix}-switch", f"{prefix}-server"
        self.workers = [f"{prefix}-worker-{number}" for number in range(1, len(links) + 1)]
        self._namespaces = []
        self._folder = tempfile.TemporaryDirectory(prefix="tributary-links-")
        self._forwarder = None

    def __enter__(self):
        try:
            self._build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _build(self):
        for name in (self.switch, self.server, *self.workers):
            self.add_namespace(name)
        ip("-n", self.switch, "link", "add", "name", "bridge", "type", "bridge")
        ip("-n", self.switch, "link", "set", "bridge", "up")
        cables = list(enumerate(zip((self.server, *self.workers), (Link(), *self.links))))
        emulated = [cable for cable in cables if cable[1][1].is_emulated()]
        if emulated:
            self._start_forwarder(emulated)
        for number, (name, link) in cables:
            if not link.is_emulated():
                self._add_veth(number, name, link)
            ip("-n", self.switch, "link", "set", f"port{number}", "master", "bridge", "up")
            self._configure(name, number)

    def add_namespace(self, name):
        """Adds a namespace, which is deleted with the network."""
        ip("netns", "add", name)
        self._namespaces.append(name)
        ip("-n", name, "link", "set", "lo", "up")
        off = 0 if self.is_ipv6 and name != self.switch else 1
        self.run(name, "sysctl", "-q", "-w", f"net.ipv6.conf.all.disable_ipv6={off}").wait()

    def _start_forwarder(self, cables):
        program = pathlib.Path(self._folder.name) / "forwarder"
        subprocess.run(
            ["cc", "-std=c11", "-O2", *WARNINGS, "-o", program, HERE / "forwarder.c"], check=True)
        arguments = [self.seed, self.queue]
        for number, (name, link) in cables:
            arguments += [self.switch, f"port{number}", name, DEVICE, *link.arguments()]
        self._forwarder = subprocess.Popen(
            [program, *map(str, arguments)], text=True, bufsize=1, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE)
        if self._forwarder.stdout.readline() != "ready\n":
            raise Unsupported("the forwarder cannot create TAP devices")

    def _add_veth(self, number, name, link):
        port = f"port{number}"
        ip("-n", self.switch, "link", "add", "name", port, "type", "veth",
           "peer", "name", DEVICE, "netns", name)
        for place, device, rate in ((self.switch, port, link.down), (name, DEVICE, link.up)):
            if rate:
                queue = self.queue or max(65536, int(rate / 80))
                # A large bucket, filled while a host computes, would pass for a higher rate.
                bucket = max(2000, int(rate / 16000))
                subprocess.run(
                    ["tc", "-n", place, "qdisc", "add", "dev", device, "root", "tbf",
                     "rate", f"{rate:.0f}bit", "burst", str(bucket), "limit", str(queue)],
                    check=True)

    def _configure(self, namespace, number):
        ip("-n", namespace, "link", "set", DEVICE, "mtu", 1500, "up")
        net = "fd77::/64" if self.is_ipv6 else "10.77.0.0/24"
        address = f"{self.address(number)}/{net.partition('/')[2]}"
        # Without a route of its own and, in IPv6, without the detection of duplicates.
        flags = ["noprefixroute", *(["nodad"] if self.is_ipv6 else [])]
        ip("-n", namespace, "address", "add", address, "dev", DEVICE, *flags)
        # By route: a namespace may not choose a default that the host restricts.
        ip("-n", namespace, "route", "add", net, "dev", DEVICE, "congctl", self.congestion)

    def __exit__(self, *_):
        if self._forwarder:
            self._forwarder.stdin.close()
            self._forwarder.wait()
        for name in self._namespaces:
            subprocess.run(["ip", "netns", "delete", name], capture_output=True)
            shutil.rmtree(f"/etc/netns/{name}", ignore_errors=True)
        with contextlib.suppress(OSError):
            os.rmdir("/etc/netns")  # unless there are files of others
        self._folder.cleanup()

    def address(self, number=0):
        """The address of worker `number`, from 1, or of the server."""
        return f"fd77::{number + 1:x}" if self.is_ipv6 else f"10.77.0.{number + 1}"

    def add_name(self, name, addresses):
        """Lets the workers' hosts resolve a name."""
        for namespace in self.workers:
            folder = pathlib.Path("/etc/netns") / namespace  # `ip netns exec` mounts its files
            folder.mkdir(parents=True)
            (folder / "hosts").write_text(
                "".join(f"{address} {name}\n" for address in addresses))

    def run(self, namespace, *command, **options):
        """Starts a command in a namespace."""
        return subprocess.Popen(
            ["ip", "netns", "exec", namespace, *map(str, command)], **options)

    def cut(self, number):
        """Discards all packets of a host, without a sign to it; 0 is the server."""
        self._set_state(number, 0)

    def heal(self, number):
        """Ends a cut."""
        self._set_state(number, 3)

    def _set_state(self, number, state):
        subprocess.run(
            ["bridge", "-n", self.switch, "link", "set", "dev", f"port{number}",
             "state", str(state)], check=True)

    def pull(self, number):
        """Removes a host's cable from the bridge, for good."""
        ip("-n", self.switch, "link", "set", f"port{number}", "nomaster", "down")

    def counters(self):
        """Returns the bytes that the server has sent and received, packets lost, and packets
        beyond a queue, as two numbers each: to the workers and from them."""
        text = subprocess.run(
            ["ip", "-n", self.server, "-s", "-j", "link", "show", "dev", DEVICE],
            check=True, capture_output=True, text=True).stdout
        numbers = json.loads(text)[0]["stats64"]
        sizes = [numbers["tx"]["bytes"], numbers["rx"]["bytes"]]
        lost, overflowed = [0, 0], [0, 0]
        if self._forwarder:
            self._forwarder.stdin.write("counters\n")
            while (line := self._forwarder.stdout.readline()) not in ("end\n", ""):
                _, direction, _, _, *values = map(int, line.split())
                lost[direction] += values[0]
                overflowed[direction] += values[1]
        return sizes, lost, overflowed


def end_on_signals():
    """Makes SIGTERM and SIGHUP end the script in order, so that the namespaces are removed."""
    def stop(number, _):
        raise SystemExit(128 + number)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)

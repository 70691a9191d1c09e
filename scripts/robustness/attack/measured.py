"""Trainings undisturbed, under an attack, and beside the same attack on another listener."""

import collections
import hashlib
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

import named
import runs

HERE = pathlib.Path(__file__).resolve().parent
# The beginnings of the reasons of workers that left at the end.
PLANNED = ("the run is complete", "the server", "the worker received")


def memory(process, key):
    """A figure of /proc/PID/status in MB; 0 after the end of the process."""
    try:
        text = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(rf"{key}:\s+(\d+) kB", text)
    return int(found[1]) / 1024 if found else 0


class Training:
    """One training with a server and its workers, and what it left."""

    def __init__(self, arguments, folder):
        self.arguments, self.folder, self.run = arguments, folder, folder / "run"
        runs.clear(folder)
        folder.mkdir(parents=True)
        self.counts, self.peak, self.note = None, 0, ""

    def __call__(self, assault=None):
        """Trains; `assault` is called with the endpoint after the first updates and returns the
        attacking processes, the attack last."""
        self.processes, attackers = [], []
        try:
            self.start()
            self.begun = self.wait(lambda: len(self.steps()) >= 10)
            self.first = len(self.steps())
            if self.begun and assault:
                attackers = assault(self.endpoint)
            self.finished = self.begun and self.wait(lambda: False)
        finally:
            for process in reversed(attackers):
                self.counts = self.end(process) or self.counts
            server, *workers = self.processes
            self.end(server)
            time.sleep(0.5)  # for workers that are leaving
            for worker in workers:
                worker.kill() if worker.poll() is None else None
                worker.wait()
        self.code = server.returncode
        return self

    def program(self, log, *words):
        with (self.folder / log).open("wb") as errors:
            process = subprocess.Popen(
                [self.arguments.program, *map(str, words)], stdout=subprocess.DEVNULL,
                stderr=errors, stdin=subprocess.DEVNULL)
        if self.arguments.attack_cpu is not None:
            os.sched_setaffinity(
                process.pid, os.sched_getaffinity(0) - {self.arguments.attack_cpu})
        self.processes.append(process)

    def start(self):
        self.program(
            "server.log", "server", "--recipe", "v1", "--mode", "sync", "--steps",
            self.arguments.steps, "--listen", "tcp://127.0.0.1:0", "--run", self.run,
            *self.arguments.server)
        self.wait(lambda: (self.run / "endpoint").exists())
        if not (self.run / "endpoint").exists():
            raise SystemExit(f"the server did not start: {self.log()[-500:]}")
        self.endpoint = (self.run / "endpoint").read_text().split()[0]
        invitation = self.run / "invitation"
        entry = ["--join", invitation] if invitation.exists() else ["--connect", self.endpoint]
        for number in range(1, self.arguments.workers + 1):
            self.program(f"worker-{number}.log", "worker", "--name", f"honest-{number}", *entry)

    def wait(self, isDone):
        """Waits for a condition and returns whether it held before the end of the server, or a
        limit."""
        server, end = self.processes[0], time.monotonic() + self.arguments.limit
        while not isDone():
            self.peak = max(self.peak, memory(server, "VmHWM"))
            if server.poll() is not None:
                return False
            if memory(server, "VmRSS") > self.arguments.memory_limit:
                self.note = f"stopped at {memory(server, 'VmRSS'):,.0f} MB"
                server.kill()
                server.wait()
                return False
            if time.monotonic() > end:
                self.note = f"stopped after {self.arguments.limit:.0f} s"
                return False
            time.sleep(0.03)
        return True

    def end(self, process):
        """Ends a process, and returns the JSON that it printed, if any."""
        process.terminate()
        try:
            output = process.communicate(timeout=30)[0]
        except subprocess.TimeoutExpired:
            process.kill()
            output = process.communicate()[0]
        lines = (output or b"").split(b"\n")
        return json.loads(lines[0]) if lines[0].startswith(b"{") else None

    def steps(self):
        """The times of the updates in seconds since the start of the server."""
        try:
            lines = (self.run / "metrics.jsonl").read_text().splitlines()
        except OSError:
            return []
        return [json.loads(line)["seconds"] for line in lines
                if line.startswith('{"kind":"step"') and line.endswith("}")]

    def log(self):
        return (self.folder / "server.log").read_text(errors="replace")

    def rate(self):
        """Updates per second after the beginning of the attack; None if there are too few."""
        times = self.steps()[self.first:]
        return (len(times) - 1) / (times[-1] - times[0]) if len(times) > 10 else None

    def state(self):
        """Whether the server lived, in words."""
        if self.note:
            return self.note
        if self.code == 0 and runs.finished(self.run):
            return "yes"
        return f"ended with {self.code}"

    def digest(self):
        """The SHA-256 of the model of a completed run; a run that was stopped has a model, too."""
        if not runs.finished(self.run):
            return None
        try:
            return hashlib.sha256((self.run / "model.safetensors").read_bytes()).hexdigest()
        except OSError:
            return None

    def evictions(self):
        """The honest workers that the server lost before the end."""
        left = re.findall(r"worker left  reason=(.*?)  .*worker\.name=honest", self.log())
        return len([reason for reason in left if not reason.startswith(PLANNED)])


def helper(arguments, script, *words):
    """Starts a Python program at the attacker's priority and core."""
    process = subprocess.Popen(
        ["nice", "-n", str(getattr(arguments, "nice", 0)), sys.executable, "-B", script,
         *map(str, words)], stdout=subprocess.PIPE)
    if arguments.attack_cpu is not None:
        os.sched_setaffinity(process.pid, {arguments.attack_cpu})
    return process


class Measurement:
    """The runs of one attack: undisturbed, attacked and control, in turn."""

    def __init__(self, name, arguments, place):
        self.name, self.arguments, self.place = name, arguments, place
        self.results = collections.defaultdict(list)

    def __call__(self):
        for number in range(1, self.arguments.runs + 1):
            for kind, assault in (
                    ("undisturbed", None), ("attacked", self.attack), ("control", self.control)):
                training = Training(self.arguments, self.place / f"{kind}-{number}")
                self.results[kind].append(training(assault))
                rate = training.rate()
                print(f"  {number} {kind}: {training.state()}, "
                      f"{f'{rate:.1f} updates/s' if rate else 'no rate'}, peak "
                      f"{training.peak:.0f} MB, log {len(training.log()):,} bytes", flush=True)
                if training.counts:
                    print(f"    {described(training.counts)}", flush=True)

    def attack(self, endpoint, rate=0, connection_rate=0):
        options = ["--rate", rate, "--connection-rate", connection_rate]
        if self.arguments.connections:
            options += ["--connections", self.arguments.connections]
        return [helper(
            self.arguments, HERE.parent / "attacks", self.name, endpoint, "--json", "--seconds",
            self.arguments.limit + 60, *options)]

    def control(self, _):
        """The same attack, at the same rate, on a listener that closes connections as quickly."""
        counts = self.results["attacked"][-1].counts or collections.Counter(seconds=1)
        closed, seconds = counts["closed_by_server"], max(0.1, counts["seconds"])
        lifetime = counts["open_at_most"] * seconds / closed if closed else 0
        sink = helper(self.arguments, HERE / "sink.py", lifetime)
        port = int(sink.stdout.readline())
        return [sink, *self.attack(
            f"tcp://127.0.0.1:{port}", max(1, counts["bytes_sent"] / seconds),
            max(1, counts["connections"] / seconds))]

    def ratio(self, kind):
        """The median of the rates under attack relative to those of another kind."""
        pairs = zip(self.results["attacked"], self.results[kind])
        found = [a.rate() / b.rate() for a, b in pairs if a.rate() and b.rate()]
        return f"{statistics.median(found):.2f}" if found else "-"

    def row(self):
        attacked, calm = self.results["attacked"], self.results["undisturbed"]
        growth = [a.peak - b.peak for a, b in zip(attacked, calm)]
        equal = [a.digest() == b.digest() for a, b in zip(attacked, calm) if b.digest()]
        states = collections.Counter(training.state() for training in attacked)
        return [
            self.name, "; ".join(states), f"{statistics.median(growth):+,.0f}",
            f"{statistics.median(len(a.log()) for a in attacked) / 1000:,.1f}",
            self.ratio("undisturbed"), self.ratio("control"),
            sum(a.evictions() for a in attacked),
            "equal" if equal and all(equal) else "no model" if not any(
                a.digest() for a in attacked) else "DIFFERENT"]

    def passed(self):
        return self.row()[1] == "yes" and self.row()[-1] == "equal"


HEADER = [
    "attack", "alive", "memory MB", "log kB", "speed of undisturbed", "speed of control",
    "honest workers evicted", "model"]


def described(counts):
    """The counts of an attack in one line."""
    seconds = max(0.1, counts["seconds"])
    return (
        f"{counts['connections'] / seconds:,.0f} connections/s, {counts['open_at_most']:,} open, "
        f"{counts['bytes_sent'] / seconds / 1e6:,.2f} MB/s, {counts['refusals']:,} refusals, "
        f"{counts['closed_by_server']:,} closed by the server, "
        f"{100 * counts['cpu_seconds'] / seconds:.0f} % of a core for the attacker")


def main(arguments):
    if not arguments.program:
        runs.build()
    arguments.program = os.path.abspath(arguments.program or runs.PROGRAM)
    place = runs.ROOT / "runs" / "attacks"
    measurements = []
    for name in arguments.names:
        print(f"{name}: {named.NAMED[name].purpose}", flush=True)
        measurements.append(Measurement(name, arguments, place / name))
        measurements[-1]()
    print(f"{runs.processor()}, medians of {arguments.runs} runs of {arguments.steps} updates")
    print(runs.table(HEADER, [measurement.row() for measurement in measurements]), end="")
    return 0 if all(measurement.passed() for measurement in measurements) else 1

"""A training with its server and workers on the hosts of a network."""

import hashlib
import json
import re
import signal
import subprocess
import threading
import time

import runs

PORT = 5600
LIMIT = 300  # seconds until a program counts as hanging
INTERRUPTED = threading.Event()  # ends all waiting


class Failure(Exception):
    """A violated property of a run."""


def pause(seconds):
    """Waits; raises Failure once the script is to end."""
    if INTERRUPTED.wait(seconds):
        raise Failure("it was interrupted")


def digest(folder):
    """The SHA-256 of the model of a run, or None."""
    try:
        return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    except OSError:
        return None


def reference(program, place, options):
    """The SHA-256 of the model of a training on one host with the same settings."""
    name = hashlib.sha256(" ".join(map(str, options)).encode()).hexdigest()[:16]
    folder = place / f"undisturbed-{name}"
    if not runs.finished(folder):
        runs.clear(folder)
        log = place / f"{folder.name}.log"
        with log.open("wb") as errors:
            trained = subprocess.Popen(
                [program, "train", "--run", folder, "--workers", "2", "--final-evaluation",
                 "none", *map(str, options)], stdout=subprocess.DEVNULL, stderr=errors)
        try:
            while trained.poll() is None:
                pause(0.05)
        finally:
            trained.terminate()  # no effect if it has ended
            trained.wait()
        if trained.returncode != 0:
            raise Failure(f"the undisturbed training ended with code {trained.returncode}: "
                          f"{log.read_text(errors='replace')[-500:]}")
    return digest(folder)


class Training:
    """A server on the network's first host and a worker on each of the others, with keys. Its
    files are in a folder of its own: the run, and a log of each process."""

    def __init__(self, network, program, folder, options, batch, server=(), worker=()):
        self.network, self.program, self.folder, self.options = network, program, folder, options
        self.batch, self.more = batch, {"server": list(server), "worker": list(worker)}
        self.host = network.server  # of the server
        self.server = None
        self.workers = {}  # by number, from 1
        runs.clear(folder)
        folder.mkdir(parents=True)
        self.run = folder / "run"

    def _start(self, namespace, log, *words):
        with (self.folder / log).open("ab") as errors:
            return self.network.run(
                namespace, self.program, *words, stdout=subprocess.DEVNULL, stderr=errors)

    def start_server(self):
        """Starts or restarts the server; the first time, waits until it listens."""
        self.server = self._start(
            self.host, "server.log", "server", "--run", self.run, "--continue",
            "--listen", f"tcp://*:{PORT}", "--verbose", "--final-evaluation", "none",
            *self.options, *self.more["server"])
        self.wait_for("the file endpoint", (self.run / "endpoint").exists)

    def start_worker(self, number):
        """Starts or restarts a worker."""
        name = f"worker-{number}"
        self.workers[number] = self._start(
            self.network.workers[number - 1], f"{name}.log", "worker", "--name", name,
            "--join", self.run, *self.more["worker"])

    def start(self):
        """Starts the server and all workers."""
        self.start_server()
        for number in range(1, len(self.network.workers) + 1):
            self.start_worker(number)

    def log(self, name):
        """The log of the server or of `worker-N`."""
        try:
            return (self.folder / f"{name}.log").read_text(errors="replace")
        except OSError:
            return ""

    def wait_for(self, what, condition, limit=LIMIT):
        """Waits for a condition while the training runs."""
        end = time.monotonic() + limit
        while not condition():
            if self.server.poll() is not None:
                raise Failure(f"the server ended with code {self.server.returncode} before {what}: "
                              f"{self.log('server')[-300:]}")
            if time.monotonic() > end:
                raise Failure(f"no sign of {what} in {limit} s")
            pause(0.05)

    def steps(self):
        """The last update in the server's log, which has every tenth one."""
        found = re.findall(r"\((\d+) / \d+\)    Minibatch loss=", self.log("server"))
        return int(found[-1]) // self.batch if found else 0

    def wait_for_end(self, limit=LIMIT):
        """Waits until the server ends; returns whether it did before the limit."""
        end = time.monotonic() + limit
        while self.server.poll() is None:
            if time.monotonic() > end:
                return False
            pause(0.05)
        return True

    def stop(self):
        """Stops all processes that run."""
        processes = [p for p in [self.server, *self.workers.values()] if p]
        for process in processes:
            process.send_signal(signal.SIGCONT)
            process.terminate()  # no effect on those that have ended
        for process in processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def updates(self):
        """The lines about updates in metrics.jsonl."""
        try:
            lines = (self.run / "metrics.jsonl").read_text().splitlines()
        except OSError:
            return []
        return [line for line in map(json.loads, lines) if line["kind"] == "step"]

    def report(self):
        """The final report; empty without one."""
        try:
            return json.loads((self.run / "report.json").read_text())
        except OSError:
            return {}

    def judge(self, expected, steps):
        """Raises Failure unless the run is complete, applied each sample exactly once, and has the
        expected model."""
        if self.server.returncode != 0:
            raise Failure(f"the server ended with code {self.server.returncode}: "
                          f"{self.log('server')[-500:]}")
        report = self.report()
        for key, value in (
                ("outcome", "completed"), ("protection", "keys"), ("ledger_balanced", True),
                ("steps", steps), ("samples_applied", steps * self.batch)):
            if report.get(key) != value:
                raise Failure(f"{key} is {report.get(key)}, not {value}")
        done = report["epochs_complete"] * report["epoch_size"] + report["open_epoch_samples"]
        if done != steps * self.batch:
            raise Failure(f"the epochs have {done} samples, not {steps * self.batch}")
        if digest(self.run) != expected:
            raise Failure(f"the model is {digest(self.run)}, not {expected}")
        return report

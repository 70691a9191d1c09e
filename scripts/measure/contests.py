"""The contests of scripts/measure/bench and the commands that measure each contestant."""

import dataclasses
import json
import os
import pathlib
import subprocess
import tempfile
import typing

import runs

PEERS = runs.ROOT / "scripts" / "measure" / "peers"
PATIENCE = 900
ALLOCATORS = ["libtcmalloc_minimal.so.4", "libjemalloc.so.2"]
LIBRARIES = pathlib.Path("/usr/lib/x86_64-linux-gnu")


class Failed(Exception):
    """A contestant ended without a figure."""


@dataclasses.dataclass
class Peer:
    """A script in scripts/measure/peers and its arguments."""

    name: str
    script: str
    arguments: tuple = ()
    threads: int = 1
    needs: tuple = ("torch",)
    figure: str = "samples_per_second"
    environment: dict = dataclasses.field(default_factory=dict)

    def call(self, python, *arguments):
        """The script's figures."""
        environment = {
            **os.environ, "OMP_NUM_THREADS": str(self.threads),
            "MKL_NUM_THREADS": str(self.threads),
            # Memory for large batches is kept, not given back and faulted in again.
            "MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
            **self.environment}
        allocator = next((LIBRARIES / name for name in ALLOCATORS
                          if (LIBRARIES / name).exists()), None)
        if allocator:
            environment["LD_PRELOAD"] = str(allocator)
        return last_line(
            [python, PEERS / self.script, *self.arguments, *arguments], environment)

    def choose(self, python):
        """Whether threads that wait had better spin or sleep: what is faster here."""
        if self.threads < 2 or self.script != "pytorch_single.py":
            return
        rates = {}
        for policy in ("active", "passive"):
            self.environment = {"OMP_WAIT_POLICY": policy}
            rates[policy] = self.call(python)[self.figure]
        self.environment = {"OMP_WAIT_POLICY": max(rates, key=rates.get)}


@dataclasses.dataclass
class Contest:
    """Ours and the peers at one task; of every figure the greater is the better."""

    key: str
    title: str
    ours: typing.Callable[[], dict]
    peers: list
    unit: str = "samples/s"


def last_line(command, environment=None):
    """The object in the last line that a program prints."""
    try:
        done = subprocess.run(
            list(map(str, command)), env=environment, capture_output=True, text=True,
            timeout=PATIENCE)
    except subprocess.TimeoutExpired as error:
        raise Failed(f"no answer in {PATIENCE} s") from error
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or ["no output"]
        raise Failed(f"code {done.returncode}: {lines[-1]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def program(*arguments):
    """What our program prints as JSON."""
    try:
        done = subprocess.run(
            [str(runs.PROGRAM), *map(str, arguments)], capture_output=True, text=True,
            timeout=PATIENCE)
    except subprocess.TimeoutExpired as error:
        raise Failed(f"no answer in {PATIENCE} s") from error
    if done.returncode != 0:
        raise Failed(f"code {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


# Whole systems

def systems(batch, steps, precision="f32"):
    """Our system with two workers in both modes, and two threads without any system."""
    def measure():
        figures = program(
            "bench", "train", "--rounds", 1, "--batch-sizes", batch, "--workers", 2,
            "--steps", steps, "--precision", precision, "--json")
        return {figure["system"]: figure["samples_per_second"] for figure in figures}
    return measure


def torch_peers(batch, precision="f32", systems=True):
    """The peers that train on batches of this size."""
    options = ("--batch", batch, "--precision", precision)
    peers = [
        Peer(f"PyTorch, {threads} thread{'s' * (threads > 1)}", "pytorch_single.py",
             (*options, "--threads", threads), threads=threads)
        for threads in (1, 2)]
    if systems:
        peers += [
            Peer("PyTorch DDP, gloo, 2 processes", "pytorch_ddp.py", options),
            Peer("parameter server, PyTorch RPC, 1 + 2", "pytorch_rpc.py", options),
            Peer("parameter server, pyzmq, 1 + 2", "pyzmq_server.py", options,
                 needs=("torch", "zmq"))]
    return peers


def training(batch, steps):
    return Contest(
        f"batch-{batch}", f"Training with batches of {batch}, float32",
        systems(batch, steps), torch_peers(batch))


def mixed(batch, steps):
    return Contest(
        f"bf16-{batch}", f"Training with batches of {batch}, bfloat16",
        systems(batch, steps, "bf16"), torch_peers(batch, "bf16"))


# Trainings that evaluate

def timed(mode, steps, every):
    """Samples per second over `steps` steps with their evaluations, from the metrics of a run."""
    with tempfile.TemporaryDirectory() as folder:
        program(
            "train", "--recipe", "v1", "--mode", mode, "--workers", 2, "--steps", steps + 10,
            "--evaluate-every", every, "--run", folder + "/run", "--json")
        moments = {}
        with open(folder + "/run/metrics.jsonl", encoding="utf-8") as lines:
            for line in lines:
                entry = json.loads(line)
                if entry["kind"] == "step":
                    moments[entry["step"]] = entry["seconds"]
    # From after the first update to after the first one behind the last evaluation.
    return 50 * steps / (moments[steps + 1] - moments[1])


def evaluated(key, title, steps, every, tensorflow):
    options = ("--batch", 50, "--steps", steps, "--evaluate-every", every)
    peers = [
        Peer(f"PyTorch, {threads} thread{'s' * (threads > 1)}", "pytorch_single.py",
             (*options, "--threads", threads), threads=threads)
        for threads in (1, 2)]
    if tensorflow:
        peers.append(Peer("TensorFlow's graph, 2 threads", "tensorflow_v1.py",
                          (*options, "--threads", 2), threads=2, needs=("tensorflow",)))
    return Contest(
        key, title, lambda: {mode: timed(mode, steps, every) for mode in ("sync", "async")},
        peers)


# The server alone

def server(count):
    def measure():
        rates = program("bench", "server", "--connections", count, "--transport", "ipc", "--json")
        return {"server": rates["rates"][0]["round_trips_per_second"]}
    peer = dict(script="pyzmq_roundtrips.py", figure="round_trips_per_second")
    return Contest(
        f"server-{count}", f"Server and {count} stand-in worker{'s' * (count > 1)}", measure,
        [Peer(f"pyzmq, {name}", arguments=("--workers", count, "--adam", kind), needs=needs,
              **peer)
         for name, kind, needs in [
             ("Adam in numpy", "numpy", ("zmq",)),
             ("PyTorch's fused Adam", "torch", ("zmq", "torch")),
             ("nothing applied or checked", "none", ("zmq",))]],
        unit="round trips/s")


CONTESTS = [
    training(100, 1500), training(50, 2500), training(256, 800), training(512, 400),
    evaluated("epoch", "An epoch of v1, evaluation of 5,000 included", 1100, 1100, False),
    evaluated("notebook", "v1 with 5,000 images evaluated every 10 steps", 200, 10, True),
    server(1), server(4), mixed(100, 1500), mixed(256, 800), mixed(512, 400)]

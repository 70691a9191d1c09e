"""The training that every case makes, and its results."""

import contextlib
import hashlib
import json
import os
import signal
import subprocess
import threading

import cases
import processes

STEPS = 300
SETTINGS = [
    "--recipe", "tutorial", "--units", "16", "--batch-size", "20", "--steps", str(STEPS),
    "--evaluate-every", "0", "--final-evaluation", "none", "--checkpoint-every", "20"]
# The workers sleep most of the time: a run is long enough to act in it, and leaves the processor
# to the other cases.
VARIABLES = {"TRIBUTARY_DATA": "generated:2000", "TRIBUTARY_SLOW_DOWN": "5"}


def digest(run):
    """The SHA-256 of a run's model."""
    return hashlib.sha256((run / "model.safetensors").read_bytes()).hexdigest()


class Reference:
    """The models of `tributary train`, by the seed, each trained when it is first used."""

    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        self.models, self.lock = {}, threading.Lock()

    def model(self, seed):
        """The SHA-256 of the model with a seed."""
        with self.lock:
            if seed not in self.models:
                self.models[seed] = self._train(seed)
                if len(set(self.models.values())) != len(self.models):
                    raise cases.Failure("models of different seeds are equal")
            return self.models[seed]

    def _train(self, seed):
        run = self.folder / f"reference-{seed}"
        environment = {**os.environ, "TRIBUTARY_DATA": VARIABLES["TRIBUTARY_DATA"]}
        done = subprocess.run(
            [self.program, "train", "--run", run, "--workers", "2", "--seed", str(seed),
             *SETTINGS], env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise cases.Failure(f"tributary train ended with {done.returncode}: {done.stderr}")
        return digest(run)


class Run:
    """The folder of a run that a case makes."""

    def __init__(self, folder):
        self.folder = folder

    def outcome(self):
        """The outcome in the report, or None."""
        with contextlib.suppress(OSError, ValueError):
            return json.loads((self.folder / "report.json").read_text()).get("outcome")
        return None

    def updates(self):
        """The recorded updates."""
        try:
            lines = (self.folder / "metrics.jsonl").read_text().split("\n")[:-1]
        except OSError:
            return []
        return [line for line in map(json.loads, lines) if line["kind"] == "step"]

    def step(self):
        return max((update["step"] for update in self.updates()), default=0)

    def checkpoint(self):
        """The step of the last checkpoint, or -1."""
        found = (self.folder / "checkpoints").glob("step-*.safetensors")
        return max((int(path.stem.removeprefix("step-")) for path in found), default=-1)

    def server(self):
        """The id of the process that holds the lock of the folder."""
        return int((self.folder / "lock").read_text())

    @contextlib.contextmanager
    def held(self, step, is_running=lambda: True):
        """Suspends the server from a step on, so that the run cannot end before an action. The
        value is a function that waits until the server has got SIGTERM."""
        cases.until(f"step {step}", lambda: self.step() >= step or not is_running())
        if self.step() < step:
            raise cases.Failure(f"the training ended before step {step}")
        server = self.server()
        os.kill(server, signal.SIGSTOP)
        try:
            if self.outcome() == "completed":
                raise cases.Failure(f"the run ended before it was suspended after step {step}")
            yield lambda: cases.until(
                "the server gets SIGTERM",
                lambda: processes.is_pending(server, signal.SIGTERM)
                or not processes.is_suspended(server))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(server, signal.SIGCONT)

    def check_complete(self, reference, seed=10):
        """Checks that the run is complete, with the model of the reference."""
        cases.check("outcome", self.outcome(), "completed")
        cases.check("last step", self.step(), STEPS)
        cases.check("model's SHA-256", digest(self.folder), reference.model(seed))

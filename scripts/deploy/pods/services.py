"""Actions of the tests on a training in containers."""

import contextlib
import os
import pathlib
import signal

import cases
import training

# The settings of the tests of all engines, as variables.
SETTINGS = {
    "TRIBUTARY_" + name.removeprefix("--").replace("-", "_").upper(): value
    for name, value in zip(training.SETTINGS[::2], training.SETTINGS[1::2])}
STEP = 40  # the step after which the cases act; there is a checkpoint every 20 steps


@contextlib.contextmanager
def held(podman, server, run, step):
    """Suspends the server, a container, from a step on, so that the run cannot end before an
    action. Yields its process."""
    def started():
        done = podman.run("podman", "inspect", "--format", "{{.State.Pid}}", server)
        return int(done.stdout) if done.returncode == 0 else 0

    def reached():
        is_running = pathlib.Path(f"/proc/{process}/cmdline").exists()
        step_now = run.step()
        if step_now < step and not is_running:
            raise cases.Failure(f"{server} ended with {podman.state(server)[1]}")
        return step_now >= step

    process = cases.until(f"{server} runs", started)
    cases.until(f"step {step}", reached)
    os.kill(process, signal.SIGSTOP)
    try:
        cases.check("is complete", run.outcome() == "completed", False)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)


def is_pending(process, number):
    """Whether a signal waits for a suspended process."""
    for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("ShdPnd:"):
            return bool(int(line.split()[1], 16) >> (number - 1) & 1)
    return False


def has_option(podman, image, command, option):
    """Whether a command of the program in an image has an option."""
    return option in podman("run", "--rm", "--network=none", image, command, "--help")

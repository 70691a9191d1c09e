"""Cases of a deployment test: run, time, report. The exit codes are those of all such tests."""

import argparse
import concurrent.futures
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "measure"))

import processes
import runs

PASSED, FAILED, SKIPPED, INTERRUPTED = 0, 1, 77, 130
LIMIT = 300  # seconds until a condition counts as never met
FOREIGN = ("TRIBUTARY_", "SLURM", "SBATCH_", "SRUN_", "OMPI_", "PMIX_", "MPI_")
LINES = 25  # of the end of a log

stopping = threading.Event()


class Failure(Exception):
    """A property that does not hold."""


class Skipped(Exception):
    """The reason for which this host cannot run a test."""


def check(what, found, expected):
    if found != expected:
        raise Failure(f"{what}: {found}, not {expected}")


def until(what, condition, limit=LIMIT):
    """Waits until a condition holds, and returns its value."""
    deadline = time.monotonic() + limit
    while not (value := condition()):
        if stopping.is_set():
            raise Failure("interrupted")
        if time.monotonic() > deadline:
            raise Failure(f"not within {limit} s: {what}")
        time.sleep(0.05)
    return value


def require(commands):
    """Installs the Debian packages of missing commands, a dictionary; raises Skipped if it cannot.
    """
    path = os.environ["PATH"] = os.environ["PATH"] + ":/usr/sbin:/sbin"
    missing = {package for name, package in commands.items() if not shutil.which(name, path=path)}
    if not missing:
        return
    done = subprocess.run(
        [runs.ROOT / "scripts" / "support" / "debian-packages", *sorted(missing)],
        stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Skipped(done.stderr.strip())


def program(arguments):
    """The path of the program under test; builds the default one if it is missing."""
    path = pathlib.Path(arguments.program or runs.PROGRAM).absolute()
    if not arguments.program and not path.exists():
        runs.build()
    if not os.access(path, os.X_OK):
        raise SystemExit(f"{path} is not a program; name one with --program")
    return path


def ending(logs):
    """The ends of the logs that match patterns in a folder."""
    text = ""
    for log in sorted(path for path in logs if path.is_file()):
        lines = log.read_text(errors="replace").splitlines()[-LINES:]
        text += "".join(f"    {line}\n" for line in [f"{log.name}:", *lines])
    return text


class Engine:
    """A test of an engine: a context in which cases run, each as a function of a folder."""

    def __init__(self, name, description, commands):
        self.name, self.commands = name, commands
        parser = argparse.ArgumentParser(
            prog=f"scripts/deploy/{name}", description=description,
            formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("--program", metavar="FILE",
                            help="a built tributary (default: .build/release/tributary, which is "
                            "built if it is missing)")
        parser.add_argument("--case", action="append", metavar="NAME",
                            help="a case to run, of those in the output (default: all)")
        parser.add_argument("--parallel", type=int, default=4, metavar="N",
                            help="cases at a time (default: 4)")
        self.arguments = parser.parse_args()

    def main(self, context, cases):
        """Runs the cases, a dictionary, in a context that is made from the program and a folder,
        and returns the exit code."""
        processes.end_on_signals()
        processes.adopt()
        for name in list(os.environ):
            if name.startswith(FOREIGN):  # options of the program and of the engines
                del os.environ[name]
        begin = time.monotonic()
        unknown = set(self.arguments.case or []) - set(cases)
        if unknown:
            print(f"{self.name}: no case {unknown.pop()!r}; use one of {', '.join(cases)}",
                  file=sys.stderr)
            return 64
        try:
            require(self.commands)
            failed = self._run(context, cases)
        except Skipped as reason:
            print(f"{self.name}: skipped: {reason}")
            return SKIPPED
        except Failure as reason:
            print(f"{self.name}: failed: {reason}")
            return FAILED
        except KeyboardInterrupt:
            print(f"{self.name}: interrupted", file=sys.stderr)
            return INTERRUPTED
        result = f"failed: {', '.join(failed)}" if failed else "passed"
        print(f"{self.name}: {result}  {time.monotonic() - begin:.1f} s")
        return FAILED if failed else PASSED

    def _run(self, context, cases):
        built = program(self.arguments)
        with tempfile.TemporaryDirectory(prefix=f"tributary-{self.name}-") as folder:
            place = pathlib.Path(folder)
            (place / "tmp").mkdir()
            os.environ["TMPDIR"] = str(place / "tmp")
            try:
                with context(built, place) as made:
                    return self._all(made, place, cases)
            finally:
                processes.end_all()

    def _all(self, made, place, cases):
        chosen = {name: case for name, case in cases.items()
                  if name in (self.arguments.case or cases)}
        failed = []
        with concurrent.futures.ThreadPoolExecutor(self.arguments.parallel) as pool:
            waiting = [
                pool.submit(self._one, made, place / f"case-{number}", name, case)
                for number, (name, case) in enumerate(chosen.items())]
            try:
                for future in concurrent.futures.as_completed(waiting):
                    name, text, is_failed = future.result()
                    print(text, flush=True)
                    failed += [name] * is_failed
            except BaseException:
                stopping.set()
                pool.shutdown(cancel_futures=True)
                raise
        return failed

    def _one(self, made, folder, name, case):
        folder.mkdir()
        begin = time.monotonic()
        error = None
        try:
            case(made, folder)
        except Exception as found:  # any error is a failure of this case only
            error = found if isinstance(found, Failure) else f"{type(found).__name__}: {found}"
        text = f"{self.name}  {'passed' if error is None else 'FAILED'}  " \
            f"{time.monotonic() - begin:5.1f} s  {name}"
        if error is not None:
            with contextlib.suppress(OSError):
                text += f": {error}\n{ending(folder.glob('*.log'))}".rstrip("\n")
        return name, text, error is not None

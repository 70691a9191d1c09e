"""The processes that a test starts, with all that descends from them."""

import contextlib
import ctypes
import os
import pathlib
import signal
import time

SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER


def adopt():
    """Makes this process the parent of descendants whose parents end, so that it finds them."""
    if ctypes.CDLL(None, use_errno=True).prctl(SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def end_on_signals():
    """Makes SIGTERM and SIGHUP end the script in order, so that processes and files are removed."""
    def stop(number, _):
        raise SystemExit(128 + number)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def _parents():
    """The parent and the state of every process."""
    found = {}
    for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, parent = entry.read_text(errors="replace").rsplit(")", 1)[1].split()[:2]
            found[int(entry.parent.name)] = int(parent), state
    return found


def descendants(root=None):
    """The processes that descend from one (default: this one) and have not ended."""
    parents, family = _parents(), [root or os.getpid()]
    for process in family:
        family += [child for child, (parent, _) in parents.items() if parent == process]
    return [process for process in family[1:] if parents[process][1] != "Z"]


def parent(process):
    return _parents().get(process, (0, ""))[0]


def variable(process, name):
    """A variable in the environment with which a process was started, or None."""
    with contextlib.suppress(OSError):
        for entry in pathlib.Path(f"/proc/{process}/environ").read_bytes().split(b"\0"):
            if entry.startswith(name.encode() + b"="):
                return entry.split(b"=", 1)[1].decode()
    return None


def command(process):
    """The command line of a process, with spaces between the words."""
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ").decode(
            errors="replace")
    return ""


def status(process):
    """The fields of a process's status; empty if it has ended."""
    with contextlib.suppress(OSError):
        text = pathlib.Path(f"/proc/{process}/status").read_text(errors="replace")
        return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)
    return {}


def is_suspended(process):
    return status(process).get("State", "?")[0] in "Tt"


def is_pending(process, number):
    """Whether a process has got a signal that it has not handled yet."""
    return bool(int(status(process).get("ShdPnd", "0"), 16) >> number - 1 & 1)


def kill(found, number=signal.SIGKILL):
    for process in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)


def end_all(limit=30):
    """Kills all descendants. Raises TimeoutError if some remain."""
    deadline = time.monotonic() + limit
    while found := descendants():
        if time.monotonic() > deadline:
            raise TimeoutError(f"processes remain: {[command(process) for process in found]}")
        kill(found)
        time.sleep(0.02)
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass

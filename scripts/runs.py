"""What the scripts that compare runs share: building, training, resuming, and Markdown tables."""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAM = ROOT / ".build" / "release" / "tributary"


def build():
    """Installs what is missing and builds the release."""
    subprocess.run([ROOT / "scripts" / "install-packages"], check=True)
    subprocess.run(
        ["swift", "build", "--package-path", ROOT, "--configuration", "release",
         "--product", "tributary"], check=True)


def finished(folder):
    """The report of a run that was completed in `folder`, or None."""
    try:
        report = json.loads((folder / "report.json").read_text())
    except (OSError, ValueError):
        return None
    return report if report.get("outcome") == "completed" else None


def clear(folder):
    """Removes a run that was begun in `folder` and not completed."""
    shutil.rmtree(folder, ignore_errors=True)


def train(folder, *arguments):
    """The report of a training in `folder`: of the one that is there, or of a new one."""
    report = finished(folder)
    if report is None:
        clear(folder)
        print(f"training {folder.name}", file=sys.stderr, flush=True)
        subprocess.run(
            [PROGRAM, "train", "--run", folder, *map(str, arguments)],
            check=True, stdout=subprocess.DEVNULL)
        report = finished(folder)
    return report


def processor():
    """The processor's name and the number of cores that this process may use."""
    name = "unknown processor"
    for line in open("/proc/cpuinfo", encoding="utf-8"):
        if line.startswith("model name"):
            name = line.split(":", 1)[1].strip()
            break
    return f"{name}, {len(os.sched_getaffinity(0))} cores"


def percent(values):
    """The mean of shares as a percentage, with the spread where there are several."""
    mean = f"{100 * statistics.mean(values):.2f}"
    if len(values) < 2:
        return mean
    return f"{mean} ({100 * min(values):.2f} to {100 * max(values):.2f})"


def table(header, rows):
    """A Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def publish(folder, text):
    """Prints the text and leaves it in `folder`/table.md."""
    (folder / "table.md").write_text(text)
    print(text, end="")

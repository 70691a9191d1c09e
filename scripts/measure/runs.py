"""Functions shared by the scripts that compare runs: building, training, and Markdown tables."""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / ".build" / "release" / "tributary"


def build():
    """Installs missing system packages and builds the release configuration."""
    subprocess.run([ROOT / "scripts" / "support" / "install-packages"], check=True)
    subprocess.run(
        ["swift", "build", "--package-path", ROOT, "--configuration", "release",
         "--product", "tributary"], check=True)


def finished(folder):
    """Returns the report of a completed run in `folder`, or None."""
    try:
        report = json.loads((folder / "report.json").read_text())
    except (OSError, ValueError):
        return None
    return report if report.get("outcome") == "completed" else None


def clear(folder):
    """Removes an incomplete run from `folder`."""
    shutil.rmtree(folder, ignore_errors=True)


def train(folder, *arguments):
    """Returns the report of the completed run in `folder`, training it first if there is none."""
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
    """Returns the processor's name and the number of cores available to this process."""
    name = "unknown processor"
    for line in open("/proc/cpuinfo", encoding="utf-8"):
        if line.startswith("model name"):
            name = line.split(":", 1)[1].strip()
            break
    return f"{name}, {len(os.sched_getaffinity(0))} cores"


def percent(values):
    """Formats the mean of fractions as a percentage, with the range if there are several."""
    mean = f"{100 * statistics.mean(values):.2f}"
    if len(values) < 2:
        return mean
    return f"{mean} ({100 * min(values):.2f} to {100 * max(values):.2f})"


def table(header, rows):
    """Formats a Markdown table."""
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(map(str, row)) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def publish(folder, text):
    """Prints the text and writes it to `folder`/table.md."""
    (folder / "table.md").write_text(text)
    print(text, end="")

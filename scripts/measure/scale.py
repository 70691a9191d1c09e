"""Throughput and memory by model size and sequence length, for scripts/measure/bench."""

import json
import os
import statistics
import subprocess
import sys
import tempfile

import contests
import runs

# Layers, units, scan, steps of Tributary's run, seconds of PyTorch's run.
SIZES = [(1, 128, "rows", 1000, 3), (2, 128, "rows", 500, 4), (1, 512, "rows", 100, 5),
         (1, 1024, "rows", 30, 8), (1, 128, "pixels", 40, 8)]


def operations(layers, units, scan):
    """Returns the floating-point operations of a sample's matrix products, forward and backward."""
    steps, features = (28, 28) if scan == "rows" else (784, 1)
    rows = 2 * steps * (features + units) + (steps - 1) * units
    # A layer above the first hands a gradient down to the one below it.
    rows += (layers - 1) * (2 * steps * 2 * units + (steps - 1) * units + steps * units)
    return 2 * 4 * units * rows


def ours(layers, units, scan, steps):
    """Returns samples per second of two `sync` workers and the largest process in megabytes."""
    with tempfile.TemporaryDirectory() as folder:
        # Few images, so that the final evaluation does not dominate.
        process = subprocess.Popen(
            [runs.PROGRAM, "train", "--recipe", "v1", "--batch-size", "100", "--units", str(units),
             "--layers", str(layers), "--scan", scan, "--steps", str(steps),
             "--evaluate-every", "0", "--workers", "2", "--data", "generated:1000",
             "--run", folder + "/run", "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        text = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        process.stdout.close()
    if process.returncode != 0:
        raise contests.Failed(f"tributary ended with code {process.returncode}")
    return json.loads(text)["samples_per_second"], usage.ru_maxrss / 1024


def measure(python, found, times):
    """Measures every size `times` times and returns all figures."""
    sizes = []
    for layers, units, scan, steps, seconds in SIZES:
        peer = contests.Peer(
            "PyTorch", "pytorch_single.py",
            ("--layers", layers, "--units", units, "--scan", scan, "--threads", 2,
             "--seconds", seconds), threads=2)
        size = {"layers": layers, "units": units, "scan": scan,
                "operations": operations(layers, units, scan),
                "rates": [], "megabytes": [], "peer_rates": []}
        for number in range(1, times + 1):
            print(f"scale: {layers} x {units}, {scan}, run {number}", file=sys.stderr, flush=True)
            try:
                rate, megabytes = ours(layers, units, scan, steps)
                size["rates"].append(rate)
                size["megabytes"].append(megabytes)
                if "torch" in found:
                    size["peer_rates"].append(peer.call(python)["samples_per_second"])
            except contests.Failed as error:
                print(f"scale: {error}", file=sys.stderr, flush=True)
        sizes.append(size)
    return sizes


def table(sizes):
    rows = []
    for size in sizes:
        if not size["rates"]:
            rows.append([size["layers"], size["units"], size["scan"], "failed"] + [""] * 5)
            continue
        rate = statistics.median(size["rates"])
        theirs = statistics.median(size["peer_rates"]) if size["peer_rates"] else None
        rows.append([
            size["layers"], size["units"], size["scan"],
            f"{size['operations'] / 1e6:,.1f}", f"{rate:,.0f}",
            f"{rate * size['operations'] / 1e9:,.0f}",
            f"{statistics.median(size['megabytes']):,.0f}",
            f"{theirs:,.0f}" if theirs else "", f"{rate / theirs:.2f}" if theirs else ""])
    header = ["layers", "units", "scan", "MFLOP a sample", "samples/s", "GFLOP/s",
              "MB, largest process",
              "PyTorch, 2 threads: samples/s", "times as much"]
    return ("### Growth: batch 100, `sync`, two workers, medians\n\n" + runs.table(header, rows))

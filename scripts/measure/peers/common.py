"""Options, data and report line that all peers share."""

import argparse
import gzip
import json
import os
import pathlib
import resource
import sys
import time

import numpy as np

SIDE, CLASSES = 28, 10
VALIDATION = 5000
LEARNING_RATE = 1e-3


def options(description, **extra):
    """Parses the options of a peer; `extra` are its own options with their defaults."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--batch", type=int, default=100, help="samples of an update")
    parser.add_argument("--units", type=int, default=128)
    parser.add_argument("--layers", type=int, default=1)
    parser.add_argument("--scan", choices=["rows", "pixels"], default="rows")
    parser.add_argument("--precision", choices=["f32", "bf16"], default="f32")
    parser.add_argument("--seconds", type=float, default=4, help="time to measure")
    parser.add_argument("--data", default=os.environ.get("MNIST_DIR", "data/mnist"))
    for name, default in extra.items():
        parser.add_argument("--" + name.replace("_", "-"), type=type(default), default=default)
    return parser.parse_args()


def report(**figures):
    """Prints the peer's result as one JSON line."""
    print(json.dumps(figures), flush=True)


def peak_megabytes():
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def idx(folder, name):
    """Returns the bytes of an IDX file, compressed or not, without its header; None if missing."""
    for path, opener in ((folder / name, open), (folder / f"{name}.gz", gzip.open)):
        if path.exists():
            with opener(path, "rb") as file:
                content = file.read()
            return np.frombuffer(content, np.uint8, offset=4 + 4 * content[3])
    return None


def mnist(folder):
    """Returns images [60000, 784] of bytes and labels [60000]; random ones, which take the same
    time, if MNIST is missing."""
    folder = pathlib.Path(folder)
    images, labels = idx(folder, "train-images-idx3-ubyte"), idx(folder, "train-labels-idx1-ubyte")
    if images is None or labels is None:
        print(f"no MNIST in {folder}: measuring on random images", file=sys.stderr)
        random = np.random.default_rng(1)
        images = random.integers(0, 256, 60000 * SIDE * SIDE, np.uint8)
        labels = random.integers(0, CLASSES, 60000, np.uint8)
    return images.reshape(-1, SIDE * SIDE), labels


def rate(step, seconds):
    """Returns steps per second over `seconds`."""
    start, count = time.perf_counter(), 0
    while True:
        step()
        count += 1
        elapsed = time.perf_counter() - start
        if elapsed >= seconds:
            return count / elapsed

#!/usr/bin/env python3
"""Round trips of the server of pyzmq_server.py with `--workers` workers that compute nothing: a
push and a pull of `--elements` floats each. `--adam none` omits the update as well.

Common options: --batch --units --layers --scan --precision --seconds --data."""

import usage  # first: the packages below may be missing

import os
import tempfile

import numpy as np

import common
import serving
import workers


def work(endpoint, elements, pace):
    socket = serving.connect(endpoint)
    gradient = np.full(elements, 1e-3, np.float32)
    weights = np.zeros(elements, np.float32)

    def step():
        socket.send(gradient, copy=False)
        weights[:] = np.frombuffer(socket.recv(copy=False).buffer, np.float32)

    for _ in range(20):
        step()
    pace.run(step)
    socket.send(serving.STOP)
    socket.close()


def main():
    choices = common.options(
        __doc__, workers=1, elements=81674, adam="fastest", transport="ipc")
    kind = {"none": serving.NoAdam, "torch": serving.TorchAdam,
            "numpy": serving.NumpyAdam, "fastest": None}[choices.adam]
    kind = kind or serving.fastest(choices.elements)
    pace = workers.Pace(choices.workers, choices.seconds)
    start = np.zeros(choices.elements, np.float32)
    with tempfile.TemporaryDirectory() as folder:
        endpoint = "ipc://" + os.path.join(folder, "server")
        processes = workers.start(
            [(serving.serve, (endpoint, start, choices.workers, kind))]
            + [(work, (endpoint, choices.elements, pace))] * choices.workers)
        rate = sum(result["rate"] for result in pace.collect(processes))
        workers.join(processes)
    common.report(
        round_trips_per_second=rate, way=kind.__name__,
        megabytes_per_second=rate * 2 * 4 * choices.elements / 1e6)


if __name__ == "__main__":
    main()

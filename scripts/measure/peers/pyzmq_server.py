#!/usr/bin/env python3
"""An asynchronous parameter server in pyzmq: a ROUTER that applies every gradient on arrival and
replies with the weights, and `--workers` DEALERs. Plain buffers, no pickle, and the faster of
numpy's and PyTorch's Adam.

Common options: --batch --units --layers --scan --precision --seconds --data."""

import usage  # first: the packages below may be missing

import os
import tempfile

import numpy as np

import common
import serving
import training
import workers


def work(choices, endpoint, pace):
    trainer, weights, gradients = training.tuned(choices)
    socket = serving.connect(endpoint)
    outgoing, incoming = gradients.numpy(), weights.numpy()

    def pull():
        incoming[:] = np.frombuffer(socket.recv(copy=False).buffer, np.float32)

    def step():
        gradients.zero_()
        trainer.gradient()
        socket.send(outgoing, copy=False)  # unchanged until the reply arrives
        pull()

    socket.send(serving.PULL)
    pull()
    for _ in range(10):
        step()
    pace.run(step, lambda: training.facts(trainer))
    socket.send(serving.STOP)
    socket.close()


def main():
    choices = common.options(__doc__, workers=2)
    start = training.Trainer(choices, threads=1).flatten()[0].numpy()
    pace = workers.Pace(choices.workers, choices.seconds)
    with tempfile.TemporaryDirectory() as folder:
        endpoint = "ipc://" + os.path.join(folder, "server")
        processes = workers.start(
            [(serving.serve, (endpoint, start, choices.workers))]
            + [(work, (choices, endpoint, pace))] * choices.workers)
        found = pace.collect(processes)
        workers.join(processes)
    common.report(
        samples_per_second=choices.batch * sum(result["rate"] for result in found),
        **{key: found[0][key] for key in ("loss", "way", "megabytes")})


if __name__ == "__main__":
    main()

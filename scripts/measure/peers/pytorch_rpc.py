#!/usr/bin/env python3
"""An asynchronous parameter server over PyTorch's RPC: `--workers` workers push one flat gradient
and receive the weights in reply.

Common options: --batch --units --layers --scan --precision --seconds --data."""

import usage  # first: the packages below may be missing

import os
import tempfile
import threading

import torch
import torch.distributed.rpc as rpc

import common
import training
import workers


class Server:
    """Weights with a fused Adam; RPC threads deliver the requests."""

    def __init__(self, weights):
        self.lock = threading.Lock()
        self.parameter = torch.nn.Parameter(weights)
        self.optimizer = torch.optim.Adam([self.parameter], lr=common.LEARNING_RATE, fused=True)

    def exchange(self, gradient):
        with self.lock:
            if gradient is not None:
                self.parameter.grad = gradient
                self.optimizer.step()
            return self.parameter.detach().clone()


SERVER = None


def exchange(gradient):
    """The function that workers call on the server."""
    return SERVER.exchange(gradient)


def join(name, rank, choices, store):
    torch.set_num_threads(1)
    rpc.init_rpc(
        name, rank=rank, world_size=choices.workers + 1,
        rpc_backend_options=rpc.TensorPipeRpcBackendOptions(
            num_worker_threads=max(2, choices.workers), init_method=f"file://{store}"))


def serve(choices, store):
    global SERVER
    SERVER = Server(training.Trainer(choices, threads=1).flatten()[0])
    join("server", 0, choices, store)
    rpc.shutdown()


def work(rank, choices, store, pace):
    trainer, weights, gradients = training.tuned(choices)
    join(f"worker{rank}", rank, choices, store)
    weights.copy_(rpc.rpc_sync("server", exchange, (None,)))

    def step():
        gradients.zero_()
        trainer.gradient()
        weights.copy_(rpc.rpc_sync("server", exchange, (gradients,)))

    for _ in range(10):
        step()
    pace.run(step, lambda: training.facts(trainer))
    rpc.shutdown()


def main():
    choices = common.options(__doc__, workers=2)
    os.environ.setdefault("TP_SOCKET_IFNAME", "lo")
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    pace = workers.Pace(choices.workers, choices.seconds)
    with tempfile.TemporaryDirectory() as folder:
        store = os.path.join(folder, "store")
        processes = workers.start(
            [(serve, (choices, store))]
            + [(work, (rank + 1, choices, store, pace)) for rank in range(choices.workers)])
        found = pace.collect(processes)
        workers.join(processes)
    common.report(
        samples_per_second=choices.batch * sum(result["rate"] for result in found),
        **{key: found[0][key] for key in ("loss", "way", "megabytes")})


if __name__ == "__main__":
    main()

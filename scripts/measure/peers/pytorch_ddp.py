#!/usr/bin/env python3
"""Trains with DistributedDataParallel over gloo: `--processes` processes of one thread each share
the batch.

Common options: --batch --units --layers --scan --precision --seconds --data."""

import usage  # first: the packages below may be missing

import os
import tempfile
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as multiprocessing
from torch.nn.parallel import DistributedDataParallel

import common
import training


def train(rank, choices, store):
    dist.init_process_group(
        "gloo", init_method=f"file://{store}", rank=rank, world_size=choices.processes)
    trainer = training.Trainer(choices, threads=1, rows=choices.batch // choices.processes)
    trainer.tune()  # each on its own, while the other does the same
    way = [trainer.model.way]
    dist.broadcast_object_list(way)
    trainer.model.way = way[0]
    trainer.parallel = DistributedDataParallel(
        trainer.model, gradient_as_bucket_view=True, static_graph=True)
    for _ in range(20):
        trainer.step()
    steps = torch.zeros(1, dtype=torch.int64)
    start = time.perf_counter()
    for _ in range(20):
        trainer.step()
    steps[0] = max(20, int(choices.seconds * 20 / (time.perf_counter() - start)))
    dist.broadcast(steps, 0)
    dist.barrier()
    start = time.perf_counter()
    for _ in range(int(steps)):
        trainer.step()
    dist.barrier()
    seconds = time.perf_counter() - start
    if rank == 0:
        common.report(
            samples_per_second=int(steps) * trainer.rows * choices.processes / seconds,
            seconds=seconds, loss=float(trainer.loss), accuracy=trainer.evaluate(),
            way=trainer.model.way, megabytes=common.peak_megabytes())
    dist.barrier()
    dist.destroy_process_group()


def main():
    choices = common.options(__doc__, processes=2)
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    with tempfile.TemporaryDirectory() as folder:
        multiprocessing.spawn(
            train, (choices, os.path.join(folder, "store")), nprocs=choices.processes)


if __name__ == "__main__":
    main()

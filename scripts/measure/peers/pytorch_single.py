#!/usr/bin/env python3
"""Trains in one process with `--threads` threads.

With `--steps`, times that many steps together with an evaluation of the validation set after every
`--evaluate-every` of them.

Common options: --batch --units --layers --scan --precision --seconds --data."""

import usage  # first: the packages below may be missing

import time

import common
import training


def main():
    choices = common.options(__doc__, threads=1, steps=0, evaluate_every=0)
    trainer = training.Trainer(choices, choices.threads)
    trainer.tune()
    if choices.steps:
        trainer.evaluate()
        start = time.perf_counter()
        for step in range(1, choices.steps + 1):
            trainer.step()
            if choices.evaluate_every and step % choices.evaluate_every == 0:
                trainer.evaluate()
        seconds = time.perf_counter() - start
        rate = choices.steps * choices.batch / seconds
    else:
        rate = choices.batch * common.rate(trainer.step, choices.seconds)
        seconds = choices.seconds
    common.report(
        samples_per_second=rate, seconds=seconds, loss=float(trainer.loss),
        accuracy=trainer.evaluate(), way=trainer.model.way, megabytes=common.peak_megabytes())


if __name__ == "__main__":
    main()

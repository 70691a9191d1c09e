"""The processes of an asynchronous parameter server: workers that start together and are timed."""

import multiprocessing
import queue
import time


class Pace:
    """Synchronizes the start of the workers and times each for the same duration."""

    def __init__(self, workers, seconds):
        context = multiprocessing.get_context("spawn")
        self.barrier = context.Barrier(workers)
        self.results = context.Queue()
        self.workers, self.seconds = workers, seconds

    def run(self, step, facts=dict):
        """Repeats `step` and sends the rate and the facts to the parent."""
        self.barrier.wait(timeout=120)
        start, count = time.perf_counter(), 0
        while time.perf_counter() - start < self.seconds:
            step()
            count += 1
        self.results.put({"rate": count / (time.perf_counter() - start), **facts()})

    def collect(self, processes):
        """Returns the results of all workers; exits if one of them ended without a result."""
        found = []
        while len(found) < self.workers:
            try:
                found.append(self.results.get(timeout=1))
            except queue.Empty:
                if any(process.exitcode for process in processes):
                    raise SystemExit("a process failed; see its message above")
        return found


def start(targets):
    """Starts one process for each (function, arguments) pair."""
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=target, args=arguments) for target, arguments in targets]
    for process in processes:
        process.start()
    return processes


def join(processes):
    for process in processes:
        process.join(30)
        if process.exitcode is None:
            process.kill()

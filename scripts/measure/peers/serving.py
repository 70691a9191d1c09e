"""A parameter server in pyzmq; PyTorch is imported only where its Adam is used."""

import numpy as np
import zmq

import common

STOP, PULL = b"stop", b"pull"


class TorchAdam:
    """PyTorch's fused Adam on one flat vector."""

    def __init__(self, weights):
        import torch
        torch.set_num_threads(1)
        self.from_numpy = torch.from_numpy
        self.parameter = torch.nn.Parameter(torch.from_numpy(weights))
        self.optimizer = torch.optim.Adam([self.parameter], lr=common.LEARNING_RATE, fused=True)

    def apply(self, gradient):
        self.parameter.grad = self.from_numpy(gradient)
        self.optimizer.step()


class NumpyAdam:
    """Adam in numpy, without temporary arrays."""

    def __init__(self, weights):
        self.weights, self.step = weights, 0
        self.m, self.v, self.scratch, self.change = (np.zeros_like(weights) for _ in range(4))

    def apply(self, gradient):
        self.step += 1
        alpha = common.LEARNING_RATE * (1 - 0.999**self.step) ** 0.5 / (1 - 0.9**self.step)
        m, v, scratch, change = self.m, self.v, self.scratch, self.change
        np.multiply(m, 0.9, out=m)
        np.multiply(gradient, 0.1, out=scratch)
        np.add(m, scratch, out=m)
        np.multiply(v, 0.999, out=v)
        np.multiply(gradient, gradient, out=scratch)
        np.multiply(scratch, 0.001, out=scratch)
        np.add(v, scratch, out=v)
        np.sqrt(v, out=scratch)
        np.add(scratch, 1e-8, out=scratch)
        np.multiply(m, alpha, out=change)
        np.divide(change, scratch, out=change)
        np.subtract(self.weights, change, out=self.weights)


class NoAdam:
    """No update: measures the cost of the messages alone."""

    def __init__(self, weights):
        pass

    def apply(self, gradient):
        pass


def fastest(count):
    """Returns the class with the fastest update of `count` weights."""
    gradient = np.full(count, 1e-3, np.float32)
    rates = {}
    for kind in (TorchAdam, NumpyAdam):
        adam = kind(np.zeros(count, np.float32))
        adam.apply(gradient)
        rates[kind] = common.rate(lambda: adam.apply(gradient), 0.2)
    return max(rates, key=rates.get)


def serve(endpoint, weights, worker_count, kind=None):
    """Serves until every worker has sent STOP."""
    weights = weights.copy()
    adam = (kind or fastest(len(weights)))(weights)
    socket = zmq.Context().socket(zmq.ROUTER)
    socket.bind(endpoint)
    at_work = worker_count
    while at_work:
        peer, message = socket.recv_multipart(copy=False)
        if len(message) == len(STOP):
            if message.bytes == STOP:
                at_work -= 1
                continue
        else:
            adam.apply(np.frombuffer(message.buffer, np.float32))
        socket.send_multipart([peer, weights])
    socket.close()


def connect(endpoint):
    socket = zmq.Context().socket(zmq.DEALER)
    socket.connect(endpoint)
    return socket

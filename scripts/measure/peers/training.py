"""The model of recipe v1 in PyTorch with its data, training and timing."""

import contextlib
import math
import warnings

import numpy as np
import torch
from torch import nn

import common

warnings.filterwarnings("ignore", message=".*TF32 acceleration.*")
warnings.filterwarnings("ignore", message=".*not writable.*")
warnings.filterwarnings("ignore", message=".*as a ProcessGroup.*")  # of PyTorch's own call
EVALUATION_ROWS = 1000


class Samples:
    """The training and the validation set, time first: [time steps, samples, features]."""

    def __init__(self, folder, scan):
        images, labels = common.mnist(folder)
        side = common.SIDE
        shape = (-1, side, side) if scan == "rows" else (-1, side * side, 1)
        images = torch.from_numpy(np.float32(images) / np.float32(255)).reshape(shape)
        labels = torch.from_numpy(labels.astype(np.int64))
        self.features = shape[2]
        first = common.VALIDATION
        self.validation = images[:first].transpose(0, 1).contiguous(), labels[:first]
        self.images, self.labels = images[first:].transpose(0, 1).contiguous(), labels[first:]
        self.order, self.place = torch.randperm(len(self.labels)), 0

    def batch(self, count):
        """Returns the next samples of the epoch, or the first of a new one if too few are left."""
        if self.place + count > len(self.order):
            self.order, self.place = torch.randperm(len(self.labels)), 0
        chosen = self.order[self.place:self.place + count]
        self.place += count
        return self.images.index_select(1, chosen), self.labels.index_select(0, chosen)


class Classifier(nn.Module):
    """Recipe v1, computed by one of `WAYS`."""

    def __init__(self, units, features, layers):
        super().__init__()
        self.lstm = nn.LSTM(features, units, layers)
        self.dense = nn.Linear(units, common.CLASSES)
        self.way = WAYS["f32"][0]
        with torch.no_grad():
            limit = math.sqrt(6 / (features + 5 * units))
            for name, parameter in self.lstm.named_parameters():
                if name.startswith("weight"):
                    parameter.uniform_(-limit, limit)
                else:
                    parameter.zero_()
            for layer in range(layers):
                getattr(self.lstm, f"bias_ih_l{layer}")[units:2 * units] = 1
            for parameter in self.dense.parameters():
                parameter.normal_()

    def forward(self, x):
        """[time steps, rows, features] -> logits [rows, classes]"""
        weights = list(self.lstm.parameters())
        if self.way == "bf16 weights":  # copies for the products; Adam keeps those of 32 bits
            x, weights = x.bfloat16(), [weight.bfloat16() for weight in weights]
        layers = self.lstm.num_layers
        start = x.new_zeros(layers, x.shape[1], self.lstm.hidden_size)
        onednn = torch.backends.mkldnn.flags(enabled=self.way != "native")
        mixed = torch.autocast("cpu", torch.bfloat16, enabled=self.way == "autocast")
        precision("bf16" if self.way == "bf16 products" else "ieee")
        with onednn, mixed:
            output = torch.lstm(
                x, (start, start), weights, True, layers, 0.0, self.training, False, False)[0]
            return self.dense(output[-1].float()).float()


WAYS = {"f32": ["onednn", "native"], "bf16": ["bf16 weights", "bf16 products", "autocast"]}


def precision(name):
    """The precision to which oneDNN may round the operands of products."""
    for part in ("matmul", "rnn"):
        with contextlib.suppress(AttributeError):
            setting = getattr(torch.backends.mkldnn, part)
            if setting.fp32_precision != name:
                setting.fp32_precision = name


class Trainer:
    """A model with its data and a fused Adam; uses the fastest implementation available."""

    def __init__(self, choices, threads, rows=None):
        torch.set_num_threads(threads)
        torch.set_flush_denormal(True)
        torch.seed()  # each process is to draw other batches
        self.rows = rows or choices.batch
        self.samples = Samples(choices.data, choices.scan)
        self.model = self.parallel = Classifier(
            choices.units, self.samples.features, choices.layers)
        self.ways = WAYS[choices.precision]
        self.optimizer = torch.optim.Adam(
            self.model.parameters(), lr=common.LEARNING_RATE, fused=True)
        self.loss = 0.0

    def gradient(self):
        """Runs the forward and backward pass; accumulates gradients."""
        images, labels = self.samples.batch(self.rows)
        loss = nn.functional.cross_entropy(self.parallel(images), labels)
        loss.backward()
        self.loss = loss.detach()

    def step(self):
        self.optimizer.zero_grad(set_to_none=True)
        self.gradient()
        self.optimizer.step()

    def tune(self, step=None, seconds=0.5):
        """Warms up and selects the implementation with the highest throughput."""
        step = step or self.step
        rates = {}
        for way in self.ways:
            self.model.way = way
            for _ in range(3):
                step()
            rates[way] = common.rate(step, seconds)
        self.model.way = max(rates, key=rates.get)

    @torch.no_grad()
    def evaluate(self):
        """Returns the accuracy on the validation set."""
        images, labels = self.samples.validation
        correct = 0
        for start in range(0, len(labels), EVALUATION_ROWS):
            rows = slice(start, start + EVALUATION_ROWS)
            logits = self.model(images[:, rows])
            correct += (logits.argmax(1) == labels[rows]).sum().item()
        return correct / len(labels)

    def flatten(self):
        """Moves all weights and all gradients into one vector each and returns both."""
        parameters = list(self.model.parameters())
        weights = torch.cat([parameter.detach().flatten() for parameter in parameters])
        gradients, start = torch.zeros_like(weights), 0
        for parameter in parameters:
            end = start + parameter.numel()
            parameter.data = weights[start:end].view_as(parameter)
            parameter.grad = gradients[start:end].view_as(parameter)
            start = end
        return weights, gradients


def facts(trainer):
    """Returns the facts that a worker reports at its end."""
    return {
        "loss": float(trainer.loss), "way": trainer.model.way,
        "megabytes": common.peak_megabytes()}


def tuned(choices):
    """Returns a single-threaded trainer and its weights and gradients as flat vectors."""
    trainer = Trainer(choices, threads=1)
    trainer.tune()
    return (trainer, *trainer.flatten())

"""Test accuracy, in PyTorch, of a model that tributary trained.

    python evaluate.py runs/NAME/model.safetensors data/mnist

Needs torch, numpy and safetensors. It is also an example reader of such a file: `lstm` maps
the gates.
"""

import argparse
import gzip
import pathlib
import sys

if {"-h", "--help"} & set(sys.argv[1:]):  # before importing packages that may be missing
    print(__doc__)
    sys.exit()

import numpy as np
import torch
from safetensors import safe_open
from torch import nn

BATCH_NORMALIZATION = ("gamma", "beta", "moving_mean", "moving_variance")


def lstm(layers):
    """torch.nn.LSTM with TensorFlow's weights.

    Of each layer kernel [features + units, 4 * units] and bias [4 * units], gates i, j, f, o;
    PyTorch wants [4 * units, features] and [4 * units, units], gates i, f, g, o, where g is j.
    TensorFlow adds 1 to the forget gate as it runs; here it becomes a part of the bias. The
    features of a layer above the first are the units of the one below.
    """
    kernel, bias = layers[0]
    units = bias.numel() // 4
    recurrent = nn.LSTM(kernel.shape[0] - units, units, len(layers), batch_first=True)
    for (kernel, bias), target in zip(layers, recurrent.all_weights):
        weight_ih, weight_hh, bias_ih, bias_hh = target
        i, j, f, o = kernel.T.split(units)
        weight = torch.cat([i, f, j, o])
        i, j, f, o = bias.split(units)
        weight_ih.copy_(weight[:, :-units])
        weight_hh.copy_(weight[:, -units:])
        bias_ih.copy_(torch.cat([i, f + 1, j, o]))
        bias_hh.zero_()
    return recurrent


def batch_normalization(gamma, beta, moving_mean, moving_variance):
    """torch.nn.BatchNorm1d for evaluation. (PyTorch's momentum would be 1 - 0.99.)"""
    layer = nn.BatchNorm1d(gamma.numel(), eps=1e-3, momentum=0.01).eval()
    layer.weight.copy_(gamma)
    layer.bias.copy_(beta)
    layer.running_mean.copy_(moving_mean)
    layer.running_var.copy_(moving_variance)
    return layer


def dense(kernel, bias):
    """torch.nn.Linear; kernel [units, classes]."""
    layer = nn.Linear(*kernel.shape)
    layer.weight.copy_(kernel.T)
    layer.bias.copy_(bias)
    return layer


@torch.no_grad()
def load(path):
    """The recurrent layer, what stands behind it, and the way an image is read."""
    with safe_open(path, framework="pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        metadata = file.metadata()
    count = int(metadata.get("layers", "1"))
    layers = ["lstm"] + [f"lstm_{layer}" for layer in range(2, count + 1)]
    recurrent = lstm([(tensors.pop(f"{n}/kernel"), tensors.pop(f"{n}/bias")) for n in layers])
    head = nn.Sequential(dense(tensors.pop("dense/kernel"), tensors.pop("dense/bias")))
    names = ["batch_normalization/" + name for name in BATCH_NORMALIZATION]
    if names[0] in tensors:
        head.insert(0, batch_normalization(*(tensors.pop(name) for name in names)))
    if tensors:
        raise SystemExit(f"{path}: this example does not know the tensors {sorted(tensors)}")
    return recurrent, head, metadata["scan"]


def idx(folder, name):
    """The elements of an IDX file of bytes, compressed or not."""
    path = folder / name
    content = path.read_bytes() if path.exists() else gzip.open(f"{path}.gz").read()
    rank = content[3]
    shape = np.frombuffer(content, ">i4", rank, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


def sequences(images, scan):
    """[samples, time steps, features] of images [samples, height, width]."""
    pixels = images * np.float32(1 / 255)
    if scan == "columns":
        pixels = pixels.transpose(0, 2, 1)
    if scan == "pixels":
        pixels = pixels.reshape(len(pixels), -1, 1)
    return torch.from_numpy(np.ascontiguousarray(pixels))


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path, help="model.safetensors")
    parser.add_argument("data", type=pathlib.Path, help="folder with the IDX files")
    arguments = parser.parse_args()
    recurrent, head, scan = load(arguments.model)
    images = sequences(idx(arguments.data, "t10k-images-idx3-ubyte"), scan)
    labels = torch.from_numpy(idx(arguments.data, "t10k-labels-idx1-ubyte").astype(np.int64))
    correct, loss = 0, 0.0
    for x, y in zip(images.split(500), labels.split(500)):
        logits = head(recurrent(x)[0][:, -1])
        correct += int((logits.argmax(1) == y).sum())
        loss += float(nn.functional.cross_entropy(logits, y, reduction="sum"))
    count = len(labels)
    print(
        f"accuracy {100 * correct / count:.2f} % ({correct} of {count}), loss {loss / count:.4f}"
    )


if __name__ == "__main__":
    main()

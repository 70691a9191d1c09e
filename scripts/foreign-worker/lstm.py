"""The default model of worker.py: recipes with one LSTM layer and no normalization, in numpy."""

import numpy as np


def sigmoid(x):
    return np.float32(0.5) * np.tanh(np.float32(0.5) * x) + np.float32(0.5)


def gradient(weights, images, labels, training, progress):
    """Computes samples: images [n, time steps, features] in 0...1, labels [n].

    Returns the gradients of the summed loss by name (without training, any), the losses [n] in
    nats, and whether each sample is classified correctly [n]. `weights` are arrays by name.
    `progress` is called at least once a second; it also sends heartbeats."""
    kernel, rows, features = weights["lstm/kernel"], np.arange(len(labels)), images.shape[2]
    h = c = np.zeros((len(labels), len(weights["dense/kernel"])), np.float32)
    trace, steps = [], []
    for x in images.transpose(1, 0, 2):
        progress()
        inputs, before = np.concatenate([x, h], 1), c
        i, j, f, o = np.split(inputs @ kernel + weights["lstm/bias"], 4, 1)
        i, j, f, o = sigmoid(i), np.tanh(j), sigmoid(f + 1), sigmoid(o)
        c = before * f + i * j
        t = np.tanh(c)
        h = o * t
        trace.append((inputs, before, i, j, f, o, t) if training else None)
    logits = h @ weights["dense/kernel"] + weights["dense/bias"]
    odds = np.exp(logits - logits.max(1, keepdims=True))
    losses = np.log(odds.sum(1)) + logits.max(1) - logits[rows, labels]
    hits = logits.argmax(1) == labels
    if not training:
        return {}, losses, hits
    d = odds / odds.sum(1, keepdims=True)
    d[rows, labels] -= 1
    dh, dc = d @ weights["dense/kernel"].T, np.float32(0)
    for inputs, before, i, j, f, o, t in reversed(trace):
        progress()
        dc = dc + dh * o * (1 - t * t)
        dz = np.concatenate([dc * j * i * (1 - i), dc * i * (1 - j * j),
                             dc * before * f * (1 - f), dh * t * o * (1 - o)], 1)
        steps.append((inputs, dz))
        dh, dc = dz @ kernel[features:].T, dc * f
    inputs, dz = (np.concatenate(parts) for parts in zip(*steps))
    return {"lstm/kernel": inputs.T @ dz, "lstm/bias": dz.sum(0), "dense/kernel": h.T @ d,
            "dense/bias": d.sum(0)}, losses, hits

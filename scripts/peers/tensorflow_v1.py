#!/usr/bin/env python3
"""Recipe v1 as the notebook has it: a graph of TensorFlow 1, batches fed from numpy, and the
validation set every `--evaluate-every` of `--steps` steps."""

import os
import time
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow.compat.v1 as tf

import common

tf.logging.set_verbosity(tf.logging.ERROR)
tf.disable_v2_behavior()
warnings.filterwarnings("ignore")


def graph(units):
    """Placeholders for images and labels, the update, loss and accuracy."""
    x = tf.placeholder(tf.float32, [None, common.SIDE, common.SIDE])
    labels = tf.placeholder(tf.int32, [None])
    cell = tf.nn.rnn_cell.BasicLSTMCell(units)
    output = tf.nn.static_rnn(cell, tf.unstack(x, axis=1), dtype=tf.float32)[0][-1]
    weights = tf.Variable(tf.random_normal([units, common.CLASSES]))
    biases = tf.Variable(tf.random_normal([common.CLASSES]))
    logits = output @ weights + biases
    loss = tf.reduce_mean(
        tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))
    hits = tf.equal(tf.argmax(logits, 1, output_type=tf.int32), labels)
    accuracy = tf.reduce_mean(tf.cast(hits, tf.float32))
    return x, labels, tf.train.AdamOptimizer(common.LEARNING_RATE).minimize(loss), loss, accuracy


def main():
    choices = common.options(__doc__, threads=2, steps=200, evaluate_every=10)
    images, labels = common.mnist(choices.data)
    images = (np.float32(images) / np.float32(255)).reshape(-1, common.SIDE, common.SIDE)
    labels = labels.astype(np.int32)
    validation = images[:common.VALIDATION], labels[:common.VALIDATION]
    images, labels = images[common.VALIDATION:], labels[common.VALIDATION:]
    x, y, update, loss, accuracy = graph(choices.units)
    random = np.random.default_rng(1)
    order = random.permutation(len(labels))
    config = tf.ConfigProto(
        intra_op_parallelism_threads=choices.threads, inter_op_parallelism_threads=choices.threads)
    with tf.Session(config=config) as session:
        session.run(tf.global_variables_initializer())

        def step(number):
            start = number * choices.batch % (len(order) - choices.batch)
            chosen = order[start:start + choices.batch]
            session.run(update, {x: images[chosen], y: labels[chosen]})

        def evaluate():
            return session.run([loss, accuracy], {x: validation[0], y: validation[1]})

        for number in range(20):
            step(number)
        evaluate()
        start = time.perf_counter()
        for number in range(1, choices.steps + 1):
            step(number)
            if choices.evaluate_every and number % choices.evaluate_every == 0:
                evaluate()
        seconds = time.perf_counter() - start
        found = evaluate()
    common.report(
        samples_per_second=choices.steps * choices.batch / seconds, seconds=seconds,
        loss=float(found[0]), accuracy=float(found[1]), megabytes=common.peak_megabytes())


if __name__ == "__main__":
    main()

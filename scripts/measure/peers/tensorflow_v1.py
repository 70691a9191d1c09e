#!/usr/bin/env python3
"""Recipe v1 as in the notebook: a TensorFlow 1 graph fed from numpy, with loss and accuracy of the
minibatch and of the validation set every `--evaluate-every` of `--steps` steps.

Common options: --batch --units --layers --scan --precision --seconds --data."""

import usage  # first: the packages below may be missing

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


def last_output(rows, units):
    """The operations of static_rnn with a BasicLSTMCell, which newer versions lack."""
    kernel = tf.get_variable("kernel", [common.SIDE + units, 4 * units])
    bias = tf.get_variable("bias", [4 * units], initializer=tf.zeros_initializer())
    c = h = tf.zeros([tf.shape(rows[0])[0], units])
    for row in rows:
        gates = tf.nn.bias_add(tf.matmul(tf.concat([row, h], 1), kernel), bias)
        i, j, f, o = tf.split(gates, 4, axis=1)
        c = c * tf.sigmoid(f + 1.0) + tf.sigmoid(i) * tf.tanh(j)
        h = tf.tanh(c) * tf.sigmoid(o)
    return h


def graph(units):
    """Placeholders for images and labels, the update, loss and accuracy."""
    x = tf.placeholder(tf.float32, [None, common.SIDE, common.SIDE])
    labels = tf.placeholder(tf.int32, [None])
    output = last_output(tf.unstack(x, axis=1), units)
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
            batch = {x: images[chosen], y: labels[chosen]}
            session.run(update, batch)
            return batch

        def evaluate(batch):
            session.run([loss, accuracy], batch)
            return session.run([loss, accuracy], {x: validation[0], y: validation[1]})

        for number in range(20):
            batch = step(number)
        evaluate(batch)
        start = time.perf_counter()
        for number in range(1, choices.steps + 1):
            batch = step(number)
            if choices.evaluate_every and number % choices.evaluate_every == 0:
                evaluate(batch)
        seconds = time.perf_counter() - start
        found = evaluate(batch)
    common.report(
        samples_per_second=choices.steps * choices.batch / seconds, seconds=seconds,
        loss=float(found[0]), accuracy=float(found[1]), megabytes=common.peak_megabytes())


if __name__ == "__main__":
    main()

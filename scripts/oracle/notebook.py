"""The notebooks' model and its training, by TensorFlow 1's own operations and in float64.

Nothing of the mathematics is written here: the cell, batch normalization, the loss, gradients,
clipping and Adam are TensorFlow's (BasicLSTMCell, tf.layers, AdamOptimizer). Only the moving
averages of a batch in several slices are put together from its operations, because TensorFlow has
no such thing: one update toward the mean of the slices' moments.
"""

from dataclasses import dataclass
import os
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow.compat.v1 as tf

tf.logging.set_verbosity(tf.logging.ERROR)
tf.disable_v2_behavior()
warnings.filterwarnings("ignore", message=".*BasicLSTMCell.*deprecated")


def single(number):
    """The number as float32 holds it, which is what TensorFlow 1 computed with."""
    return float(np.float32(number))


def adam(learning_rate):
    """TensorFlow's Adam with its defaults, in float64 but from their float32 values."""
    return tf.train.AdamOptimizer(
        single(learning_rate), beta1=single(0.9), beta2=single(0.999), epsilon=single(1e-8)
    )


def clipped(gradients, kind, bound):
    """The gradients as they go to Adam; kind is none, value or norm."""
    if kind == "value":
        return [tf.clip_by_value(gradient, -bound, bound) for gradient in gradients]
    if kind == "norm":
        return tf.clip_by_global_norm(gradients, bound)[0]
    return gradients


@dataclass(frozen=True)
class Case:
    """A model and how it is trained."""

    units: int
    time_steps: int
    features: int
    classes: int
    batch_size: int
    normalization: str  # none, batch or frozen
    slices: int
    clip: str  # none, value or norm
    bound: float
    learning_rate: float
    layers: int = 1


def lstm_names(case):
    """The layers' names, from the bottom."""
    return ["lstm"] + [f"lstm_{layer}" for layer in range(2, case.layers + 1)]


class Notebook:
    """The graph of a case; names are those of tributary's tensors."""

    def __init__(self, case):
        self.case = case
        self.x = tf.placeholder(tf.float64, [None, case.time_steps, case.features])
        self.labels = tf.placeholder(tf.int32, [None])
        cells = [tf.nn.rnn_cell.BasicLSTMCell(case.units) for _ in range(case.layers)]
        cell = tf.nn.rnn_cell.MultiRNNCell(cells) if case.layers > 1 else cells[0]
        steps = tf.unstack(self.x, axis=1)
        self.output = output = tf.nn.static_rnn(cell, steps, dtype=tf.float64)[0][-1]
        dense = tf.layers.Dense(case.classes)
        self.variables = {}
        if case.normalization == "none":
            self.logits = self.evaluation = dense(output)
            updates = []
        else:
            self.logits, self.evaluation, updates = self._normalized(output, dense)
        for name, cell in zip(lstm_names(case), cells):
            self.variables[name + "/kernel"], self.variables[name + "/bias"] = cell.variables
        self.variables["dense/kernel"], self.variables["dense/bias"] = dense.variables
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=self.labels, logits=self.logits
        )
        self.loss = tf.reduce_mean(losses)
        self._train(updates)

    def block_output(self):
        """[samples, units] the last output by LSTMBlockCell's operation, in float32.

        The third version's notebook has that cell in place of BasicLSTMCell."""
        units = self.case.units
        steps = tf.unstack(tf.cast(self.x, tf.float32), axis=1)
        for name in lstm_names(self.case):
            kernel = tf.cast(self.variables[name + "/kernel"], tf.float32)
            bias = tf.cast(self.variables[name + "/bias"], tf.float32)
            cell = output = tf.zeros([tf.shape(self.x)[0], units])
            outputs = []
            for step in steps:
                result = tf.raw_ops.LSTMBlockCell(
                    x=step, cs_prev=cell, h_prev=output, w=kernel, b=bias, forget_bias=1.0,
                    cell_clip=-1.0, wci=tf.zeros(units), wcf=tf.zeros(units), wco=tf.zeros(units),
                )
                cell, output = result.cs, result.h
                outputs.append(output)
            steps = outputs
        return output

    def _normalized(self, output, dense):
        """Logits in training and in evaluation, and the updates of the moving averages."""
        layer = tf.layers.BatchNormalization()
        learns = self.case.normalization == "batch"
        slices = self._slices(output)
        normalized = tf.concat([layer(part, training=learns) for part in slices], axis=0)
        updates = layer.updates if learns else []
        if len(slices) > 1 and learns:
            updates = self._average(layer, slices)
        names = ["gamma", "beta", "moving_mean", "moving_variance"]
        for name in names:
            self.variables["batch_normalization/" + name] = getattr(layer, name)
        return dense(normalized), dense(layer(output, training=False)), updates

    def _slices(self, output):
        """Slice s has the rows floor(size * s / slices) and on."""
        size, count = self.case.batch_size, self.case.slices
        bounds = [size * index // count for index in range(count + 1)]
        return [output[start:end] for start, end in zip(bounds, bounds[1:])]

    @staticmethod
    def _average(layer, slices):
        """One update of the moving averages toward the mean of the slices' moments."""
        moments = [tf.nn.moments(part, axes=[0]) for part in slices]
        targets = [tf.add_n(list(values)) / len(slices) for values in zip(*moments)]
        averages = [layer.moving_mean, layer.moving_variance]
        return [
            tf.assign_sub(average, (average - target) * (1 - layer.momentum))
            for average, target in zip(averages, targets)
        ]

    def _train(self, updates):
        """Gradients, their norm, and one step of training."""
        trained = {v.ref(): name for name, v in self.variables.items()}
        variables = tf.trainable_variables()
        gradients = tf.gradients(self.loss, variables)
        self.gradients = {trained[v.ref()]: g for v, g in zip(variables, gradients)}
        self.norm = tf.global_norm(gradients)
        used = clipped(gradients, self.case.clip, self.case.bound)
        # The averages follow the statistics that the step was computed with.
        with tf.control_dependencies(used + [self.loss] + list(updates)):
            optimizer = adam(self.case.learning_rate)
            self.step = optimizer.apply_gradients(list(zip(used, variables)))

    def start(self, session, weights):
        """Begins with these weights."""
        session.run(tf.global_variables_initializer())
        for name, variable in self.variables.items():
            variable.load(weights[name], session)

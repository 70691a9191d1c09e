"""Writes fixtures for OracleTests: the notebooks' models computed by TensorFlow.

    python fixtures.py small Tests/OracleTests/Fixtures    the files in the repository
    python fixtures.py full .build-oracle/full             128 units, 28 steps, batches of 50

Weights and samples are drawn here, by numpy from a fixed seed; all is computed in float64 and
rounded to float32 in the end. A file of a model has the tensors

    pixels [samples, time steps, features], labels [samples]
    start/NAME                 the weights training begins with
    logits, logits/evaluation  of the first batch, at the start: as in training, as in evaluation
    gradient/NAME              of the first batch's mean loss, at the start, before clipping
    loss, norm [100]           of each step's batch: the mean loss, the gradient's norm
    after1/NAME, after10/NAME, after100/NAME    the weights after so many steps

Step t trains on the t-th batch, and after the last one on the first again. The case is described
in the metadata. `small` also writes adam.safetensors (gradients of all magnitudes, and the weights
AdamOptimizer makes of them) and initializers.safetensors (quantiles of TensorFlow's draws).
"""

import argparse
import dataclasses
import json
import pathlib
import sys

if {"-h", "--help"} & set(sys.argv[1:]):  # before importing packages that may be missing
    print(__doc__)
    sys.exit()

import numpy as np
from safetensors.numpy import save_file

from notebook import Case, Notebook, adam, clipped, lstm_names, tf

STEPS = 100
CLIPS = {"none": 0.0, "value": 0.01, "norm": 0.1}
SMALL = Case(8, 5, 4, 3, 6, "none", 1, "none", 0.0, 0.01)
FULL = Case(128, 28, 28, 10, 50, "none", 1, "none", 0.0, 0.001)


def cases(size):
    """Every normalization with every clip, batch normalization in slices, and several layers."""
    for normalization in ["none", "batch", "frozen"]:
        for clip, bound in CLIPS.items():
            change = {"normalization": normalization, "clip": clip, "bound": bound}
            yield f"{normalization}-{clip}", dataclasses.replace(size, **change)
    change = {"normalization": "batch", "slices": 2}
    yield "batch-slices", dataclasses.replace(size, **change)
    yield "layers-2", dataclasses.replace(size, layers=2)
    change = {"normalization": "batch", "clip": "norm", "bound": CLIPS["norm"], "layers": 3}
    yield "layers-3", dataclasses.replace(size, **change)


def samples(case, random):
    """Sequences of 0...1, mostly 0 like an image's, that differ by class; ten batches."""
    count = 10 * case.batch_size
    shape = (case.time_steps, case.features)
    labels = random.integers(case.classes, size=count)
    likely = random.uniform(0.1, 0.6, size=(case.classes,) + shape)
    on = random.uniform(size=(count,) + shape) < likely[labels]
    return np.float32(on * random.uniform(0.2, 1, size=on.shape)), labels


def weights(case, random):
    """Weights of which none is 0 or 1, so that each one shows in the result."""
    inputs, units, classes = case.features, case.units, case.classes
    drawn = {}
    for name in lstm_names(case):
        rows = inputs + units
        drawn[name + "/kernel"] = random.normal(0, 1.5 / np.sqrt(rows), (rows, 4 * units))
        drawn[name + "/bias"] = random.normal(0, 0.3, 4 * units)
        inputs = units
    drawn["dense/kernel"] = random.normal(0, 1.5 / np.sqrt(units), (units, classes))
    drawn["dense/bias"] = random.normal(0, 0.3, classes)
    if case.normalization != "none":
        drawn["batch_normalization/gamma"] = random.uniform(0.5, 1.5, units)
        drawn["batch_normalization/beta"] = random.normal(0, 0.3, units)
        seen = case.normalization == "batch"
        mean, variance = random.normal(0, 0.3, units), random.uniform(0.05, 0.5, units)
        drawn["batch_normalization/moving_mean"] = mean if seen else np.zeros(units)
        drawn["batch_normalization/moving_variance"] = variance if seen else np.ones(units)
    return {name: np.float32(values) for name, values in drawn.items()}


def trained(case):
    """The tensors of a model's file."""
    random = np.random.default_rng(1997)
    pixels, labels = samples(case, random)
    start = weights(case, random)
    tensors = {"pixels": pixels, "labels": labels}
    tensors |= {"start/" + name: values for name, values in start.items()}
    with tf.Graph().as_default(), tf.Session() as session:
        model = Notebook(case)
        model.start(session, start)

        def feed(step):
            rows = np.arange(case.batch_size) + step % 10 * case.batch_size
            return {model.x: pixels[rows], model.labels: labels[rows]}

        first = {"logits": model.logits, "logits/evaluation": model.evaluation}
        first |= {"gradient/" + name: value for name, value in model.gradients.items()}
        tensors |= session.run(first, feed(0))
        outputs = session.run([model.output, model.block_output()], feed(0))
        np.testing.assert_allclose(*outputs, rtol=1e-4, atol=1e-6)
        curve = []
        for step in range(STEPS):
            curve.append(session.run([model.loss, model.norm, model.step], feed(step))[:2])
            if step + 1 in (1, 10, 100):
                values = session.run(model.variables)
                tensors |= {f"after{step + 1}/{name}": v for name, v in values.items()}
    tensors["loss"], tensors["norm"] = np.transpose(curve)
    return tensors


def optimized():
    """Weights from 0, as AdamOptimizer makes them of gradients from 1e-11 to 1e2."""
    random = np.random.default_rng(2015)
    magnitudes = np.float32(10.0 ** np.arange(-11, 3))
    drawn = random.normal(0.5, 1, (STEPS, len(magnitudes)))
    gradients = np.float32(drawn * magnitudes)
    tensors = {"gradients": gradients}
    for kind, bound in {"none": 0, "value": 0.001, "norm": 1.0, "wide": 10_000.0}.items():
        with tf.Graph().as_default(), tf.Session() as session:
            variable = tf.Variable(np.zeros(len(magnitudes)))
            gradient = tf.placeholder(tf.float64, magnitudes.shape)
            used = clipped([gradient], "norm" if kind == "wide" else kind, bound)
            step = adam(0.001).apply_gradients(zip(used, [variable]))
            session.run(tf.global_variables_initializer())
            for index in range(STEPS):
                session.run(step, {gradient: gradients[index]})
                if index + 1 in (1, 10, 100):
                    tensors[f"{kind}/after{index + 1}"] = session.run(variable)
    return tensors


def drawn():
    """[101] quantiles, from the least to the greatest, of about 4 million draws each."""
    initializers = {
        "variance-scaling": tf.variance_scaling_initializer(),
        "glorot-uniform": tf.glorot_uniform_initializer(),
        "normal": tf.random_normal_initializer(),
    }
    shapes = {"lstm": [156, 512], "dense": [128, 10]}
    tensors = {}
    for name, initializer in initializers.items():
        for place, shape in shapes.items():
            with tf.Graph().as_default(), tf.Session() as session:
                tf.set_random_seed(10)
                draw = initializer(shape)
                times = 4_000_000 // np.prod(shape)
                values = np.concatenate([session.run(draw).ravel() for _ in range(times)])
            tensors[f"{name}/{place}"] = np.quantile(values, np.linspace(0, 1, 101))
    return tensors


def save(tensors, path, case=None):
    """Writes float32; every file has the versions that made it."""
    arrays = {
        name: np.asarray(values, dtype=np.float32, order="C") for name, values in tensors.items()
    }
    about = {"tensorflow": tf.VERSION, "numpy": np.__version__}
    about |= dataclasses.asdict(case) if case else {}
    if about.get("layers") == 1:
        del about["layers"]  # as in the files from before there could be more
    save_file(arrays, path, metadata={"case": json.dumps(about, sort_keys=True)})
    print(path)


def main():
    parser = argparse.ArgumentParser(description="Writes the fixtures of OracleTests.")
    parser.add_argument("size", choices=["small", "full"])
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name, case in cases(SMALL if arguments.size == "small" else FULL):
        save(trained(case), arguments.folder / f"{name}.safetensors", case)
    if arguments.size == "small":
        save(optimized(), arguments.folder / "adam.safetensors")
        save(drawn(), arguments.folder / "initializers.safetensors")


if __name__ == "__main__":
    main()

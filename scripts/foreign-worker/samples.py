"""The dataset, the order of its samples, and the tree over the slices of a batch."""

import gzip, pathlib, struct

from google_crc32c import value as crc32c
import numpy as np

MASK = 0xFFFFFFFF


def permutation(count, seed, epoch):
    """Returns the order of the samples in an epoch: a shuffle with the words of Philox4x32-10."""
    counter = np.arange(count // 4 + 100, dtype=np.uint64)  # a few more, as some are rejected
    x = [counter, counter * 0, counter * 0 + (epoch & MASK), counter * 0 + (2 << 24 | epoch >> 32)]
    key = [seed & MASK, seed >> 32]
    for _ in range(10):
        first, second = x[0] * 0xD2511F53, x[2] * 0xCD9E8D57
        x = [second >> 32 ^ x[1] ^ key[0], second & MASK, first >> 32 ^ x[3] ^ key[1], first & MASK]
        key = [key[0] + 0x9E3779B9 & MASK, key[1] + 0xBB67AE85 & MASK]
    words, order = iter(np.stack(x, 1).ravel().tolist()), list(range(count))
    for n in range(count, 1, -1):
        while (product := next(words) * n) & MASK < (1 << 32) % n:
            pass
        place = product >> 32
        order[n - 1], order[place] = order[place], order[n - 1]
    return order


def cover(first, end, low, high):
    """Returns the largest nodes of the tree over slices low..<high that make up first..<end."""
    if first >= high or end <= low:
        return []
    if first <= low and high <= end:
        return [(low, high)]
    middle = low + (high - low + 1) // 2
    return cover(first, end, low, middle) + cover(first, end, middle, high)


class Data:
    """The splits train, validation and test, and the fingerprint of all of them."""

    def __init__(self, folder):
        names = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
        files = [self.read(pathlib.Path(folder, f"{name}-ubyte")) for name in names]
        images, labels, test_images, test_labels = files
        self.fingerprint = "{}+{} images of {}x{} in {} classes, crc32c {}".format(
            len(images), len(test_images), *images.shape[1:], labels.max() + 1,
            " ".join(f"{crc32c(file.tobytes()):08x}" for file in files))
        held = min(5000, max(1, len(images) // 12))
        self.splits = [(images[held:], labels[held:]), (images[:held], labels[:held]),
                       (test_images, test_labels)]

    def read(self, path):
        content = path.read_bytes() if path.exists() else gzip.open(f"{path}.gz").read()
        shape = struct.unpack_from(f">{content[3]}I", content, 4)
        return np.frombuffer(content, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)

    def samples(self, split, indices, scan):
        images, labels = (array[indices] for array in self.splits[split])
        pixels = images.astype(np.float32) * np.float32(1 / 255)
        pixels = pixels.transpose(0, 2, 1) if scan == "columns" else pixels
        return pixels.reshape(len(pixels), -1, 1) if scan == "pixels" else pixels, labels

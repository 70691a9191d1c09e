"""Malicious results: the cases of malicious-worker.py."""

import math
import random
import struct

import worker as protocol

EDGES = [0, 1, 2, 255, 256, 65535, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 63) - 1,
         1 << 63, (1 << 64) - 1]
KINDS = range(256)


class Frame:
    """A frame as a list of named fields, whose checksum is computed unless it is given."""

    def __init__(self, *fields, payload=b""):
        self.fields, self.payload = list(fields), payload

    def encoded(self, **lies):
        lies = {name.replace("_", " "): value for name, value in lies.items()}
        values = {name: lies.get(name, value) for name, _, value in self.fields}
        rest = b"".join(struct.pack("<" + form, values[name])
                        for name, form, _ in self.fields[2:]) + self.payload
        checksum = values["checksum"]
        checksum = protocol.crc32c(rest) if checksum is None else checksum
        return struct.pack("<4sI", values["magic"], checksum) + rest

    def lies(self, skipped=()):
        """For each field of integers, its name and values that it can have and has not."""
        for name, form, value in self.fields:
            if form in "BHIQ" and name not in skipped:
                most = (1 << 8 * struct.calcsize(form)) - 1
                for lie in EDGES:
                    if lie <= most and lie != value:
                        yield name, lie


def head(session, kind, tensors=0):
    return [
        ("magic", "4s", b"TRIB"), ("checksum", "I", None), ("version", "H", 2), ("type", "B", kind),
        ("reserved", "B", 0), ("tensors", "I", tensors), ("number", "I", session.number()),
        ("acknowledged", "I", session.received)]


def push(session, **options):
    """The announcement of the result of the session's lease."""
    lease, sums, nodes = session.lease, session.sums(), session.nodes()
    fields = head(session, protocol.PUSH, **options)
    fields += [
        ("lease incarnation", "Q", lease[0]), ("lease counter", "Q", lease[1]),
        ("weights version", "Q", lease[2]), ("duration", "Q", 1000), ("sums", "I", len(sums))]
    for index, row in enumerate(sums):
        names = (f"loss {index}", f"correct {index}", f"samples {index}")
        fields += zip(names, "dQQ", row)
    fields.append(("contributions", "I", len(nodes)))
    for index, node in enumerate(nodes):
        fields += zip((f"begin {index}", f"end {index}"), "II", node)
    return Frame(*fields)


def piece(session, transfer=1, index=0):
    """The first frame of a piece."""
    return Frame(
        *head(session, protocol.PIECE, tensors=1), ("transfer", "I", transfer),
        ("index", "I", index))


def tensor(payload):
    count = len(payload) // 4
    dimensions = [(f"dimension {index}", "I", 0) for index in range(1, 8)]
    return Frame(
        ("magic", "4s", b"TRIT"), ("checksum", "I", None), ("version", "H", 1), ("dtype", "B", 1),
        ("rank", "B", 1), ("reserved", "I", 0), ("count", "Q", count), ("dimension 0", "I", count),
        *dimensions, ("reserved 2", "Q", 0), payload=payload)


def vector(session, value, before=0):
    """The complete vectors of a result, all elements with one value, after earlier transfers."""
    return [
        [piece(session, before + transfer, index).encoded(),
         tensor(struct.pack("<f", value) * size).encoded()]
        for transfer in range(1, len(session.nodes()) + 1)
        for index, size in enumerate(session.piece_sizes())]


# A result with more samples classified correctly than there are is rejected whatever else it has,
# so that a lie that the server need not notice does not change the model.
def refused(session):
    return {"correct_0": session.sums()[0][2] + 1}


def begun(session):
    """The announcement of a result that one more piece does not complete, or that is rejected."""
    isLong = len(session.nodes()) * len(session.piece_sizes()) > 1
    return [push(session).encoded(**{} if isLong else refused(session))]


def header_lies(session):
    """The fields of a push, one lie each."""
    for name, lie in list(push(session).lies(skipped=["samples 0", "correct 0"])):
        if name[-1] in "1234567":
            continue  # as in the first slice
        yield f"push: {name} = {lie}", lambda s, name=name, lie=lie: [
            [push(s).encoded(**refused(s), **{name.replace(" ", "_"): lie})]]
    for name in ("samples 0", "correct 0"):
        for lie in EDGES[1:]:
            yield f"push: {name} = {lie}", lambda s, name=name, lie=lie: [
                [push(s).encoded(**{name.replace(" ", "_"): lie, "loss_0": -1.0})]]
    for kind in KINDS:
        yield f"push: type = {kind}", lambda s, kind=kind: [
            [push(s).encoded(**refused(s), type=kind)]]
    for magic in (b"TRIT", b"HTTP", bytes(4)):
        yield f"push: magic = {magic}", lambda s, magic=magic: [[push(s).encoded(magic=magic)]]


def tensor_lies(session):
    """The fields of a piece and of its tensor; the vector never becomes complete."""

    def sent(s, piece_lies={}, lies={}, size=None):
        payload = bytes(4 * (s.piece_sizes()[0] if size is None else size))
        return [begun(s), [piece(s).encoded(**piece_lies), tensor(payload).encoded(**lies)]]

    for name, lie in list(piece(session).lies()):
        key = {name.replace(" ", "_"): lie}
        yield f"piece: {name} = {lie}", lambda s, key=key: sent(s, piece_lies=key)
    for name, lie in list(tensor(bytes(4)).lies(skipped=["rank"])):
        key = {name.replace(" ", "_"): lie}
        yield f"tensor: {name} = {lie}", lambda s, key=key: sent(s, lies=key)
    for rank in range(256):
        if rank != 1:
            yield f"tensor: rank = {rank}", lambda s, rank=rank: sent(s, lies={"rank": rank})
            yield f"tensor: rank = {rank}, dimensions of 1", lambda s, rank=rank: sent(
                s, lies={"rank": rank, **{f"dimension_{i}": 1 for i in range(1, min(rank, 8))}})
    for size in (0, 1, 2, 1 << 18, (1 << 19) - 16):
        yield f"tensor: {size} elements", lambda s, size=size: sent(s, size=size)
    # The product of the dimensions overflows to the number of elements.
    yield "tensor: dimensions 2^16, 2^16, 2^16, 2^16", lambda s: sent(
        s, lies={"rank": 4, "count": 0, **{f"dimension_{i}": 1 << 16 for i in range(4)}}, size=0)


def values(session):
    """Complete results with values that may not reach the weights, and losses that no model has."""
    for value in (math.nan, math.inf, -math.inf, 3e38):
        yield f"gradient of {value}", lambda s, value=value: [
            [push(s).encoded()], *vector(s, value)]
    for loss in (math.nan, math.inf, -math.inf):
        yield f"loss of {loss}", lambda s, loss=loss: [
            [push(s).encoded(loss_0=loss)], *vector(s, math.nan)]
    for loss in (-1.0, 1e308):
        yield f"loss of {loss}", lambda s, loss=loss: [[push(s).encoded(loss_0=loss)]]


def lengths(session):
    """A push cut or filled to every length up to 300, with a valid checksum."""
    for size in range(301):
        def sent(s, size=size):
            content = push(s).encoded(**refused(s)).ljust(size, b"\0")[8:size]
            start = b"TRIB" + struct.pack("<I", protocol.crc32c(content))
            return [[(start + content)[:size]]]
        yield f"a frame of {size} bytes", sent


def amounts(session):
    """Too many frames, lists and transfers."""
    yield "10,000 frames in one message", lambda s: [
        [push(s, tensors=9999).encoded()] + [b"TRIT"] * 9999]
    yield "100 tensors with a piece", lambda s: [
        begun(s), [piece(s).encoded(tensors=100)] + [tensor(bytes(4)).encoded()] * 100]
    yield "65,536 contributions", lambda s: [[many(s, 65_536)]]
    yield "10,000 announcements", lambda s: [[push(s).encoded()] for _ in range(10_000)]
    yield "a frame of 2 MiB", lambda s: [[random.randbytes(2 << 20)]]
    yield "a frame of 3 MiB", lambda s: [[bytes(3 << 20)]]


def many(s, count):
    body = struct.pack("<4QI", *s.lease[:3], 1, 0) + struct.pack("<I", count)
    return s.encoded(protocol.PUSH, body + struct.pack("<II", 0, 1) * count)


def orders(session):
    """Valid messages at the wrong time, unknown leases, and repetitions."""
    payload = lambda s, index=0: tensor(bytes(4 * s.piece_sizes()[index])).encoded()
    yield "a piece without a push", lambda s: [[piece(s).encoded(), payload(s)]]
    yield "the second piece first", lambda s: [
        begun(s), [piece(s, 1, 1).encoded(), payload(s)]]
    yield "the first piece twice", lambda s: [
        begun(s), [piece(s).encoded(), payload(s)], [piece(s).encoded(), payload(s)]]
    yield "the second transfer first", lambda s: [
        begun(s), [piece(s, 2).encoded(), payload(s)]]
    yield "ready again", lambda s: [[s.encoded(protocol.READY)] for _ in range(100)]
    yield "the same number again", lambda s: [[push(s).encoded(number=1)]]
    yield "a number left out", lambda s: [[push(s).encoded(number=s.sent + 7)]]
    yield "farewell, then a push", lambda s: [
        [s.encoded(protocol.FAREWELL, protocol.text("done"))], [push(s).encoded(**refused(s))]]
    for name, lies in (
            ("counter 0", {"lease_counter": 0}),
            ("a counter beyond all", {"lease_counter": (1 << 64) - 1}),
            ("another incarnation", {"lease_incarnation": 1})):
        yield f"unknown lease: {name}", lambda s, lies=lies: [[push(s).encoded(**lies)]]
        yield f"unknown lease, with gradients: {name}", lambda s, lies=lies: [
            [push(s).encoded(**lies)], *vector(s, 1.0)]
    yield "a rejected result again", lambda s: [
        [push(s).encoded(**refused(s))], [push(s).encoded(**refused(s))]]
    yield "ten rejected results", lambda s: [
        [push(s).encoded(**refused(s), lease_counter=number)] for number in range(10)]


GROUPS = {
    "header": header_lies, "tensor": tensor_lies, "values": values, "lengths": lengths,
    "amounts": amounts, "orders": orders}

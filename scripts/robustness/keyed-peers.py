#!/usr/bin/env python3
"""Peers with wrong keys at a server that requires CURVE: without a key, with a key that the server
has not made, with another server's key, with a revoked key, with a worker's key of another run, and
with an observer's key that pushes results.

  keyed-peers.py INVITATION [--revoked FILE] [--observer FILE] [--other FILE]
  keyed-peers.py --measure

The first form attacks a running server; INVITATION is one of its invitations (file or text), of
which the peers use the endpoint and the server's key. The second starts a server with two honest
workers, makes the keys with `tributary keys`, and requires the model of an undisturbed run, by
SHA-256, and each refusal in report.json under its reason. Needs the packages in
../foreign-worker/requirements.txt."""

import argparse
import collections
import dataclasses
import json
import os
import pathlib
import struct
import subprocess
import sys
import time

if __name__ == "__main__" and {"-h", "--help"} & set(sys.argv[1:]):
    sys.argv[1:] = ["--help"]  # also where the packages are missing
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "attack"), str(HERE.parent / "measure")]
sys.dont_write_bytecode = True

import keys


def parsed():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="%(prog)s INVITATION | --measure [options]")
    add = parser.add_argument
    add("invitation", nargs="?", help="an invitation of the server")
    add("--revoked", help="an invitation whose key was revoked")
    add("--observer", help="an invitation of an observer")
    add("--other", help="an invitation of another run")
    add("--repeat", type=int, default=5, help="attempts of each peer (default: 5)")
    add("--wait", type=float, default=2, metavar="SECONDS",
        help="for the server's answer to an attempt (default: 2)")
    add("--data", default=os.environ.get("MNIST_DIR", "data/mnist"), help="the server's dataset")
    add("--json", action="store_true", help="prints one line of JSON")
    add("--measure", action="store_true", help="trains with honest workers beside these peers")
    add("--steps", type=int, default=4000, help="updates in each training (default: 4000)")
    add("--program", help="a built tributary (default: builds this checkout)")
    add("--limit", type=float, default=600, metavar="SECONDS",
        help="ends a training that takes longer (default: 600)")
    arguments = parser.parse_args()
    if not arguments.measure and not arguments.invitation:
        parser.error("name an invitation, or use --measure")
    return arguments


@dataclasses.dataclass
class Case:
    """A peer: its name, its keys, and the kind of its refusal in report.json."""

    name: str
    entry: keys.Entry
    kind: str


def cases(arguments):
    """The peers for which there are keys."""
    import zmq
    own = keys.entry(arguments.invitation)
    if not own.server:
        raise SystemExit("an endpoint alone has no keys; name an invitation")
    public, secret = (key.decode() for key in zmq.curve_keypair())
    yield Case("without a key", keys.Entry(own.endpoint), "handshake")
    fresh = dataclasses.replace(own, public=public, secret=secret)
    yield Case("a key of its own", fresh, "unknownKey")
    yield Case("a key for another server", dataclasses.replace(own, server=public), "handshake")
    for word, name, kind in (
            ("revoked", "a revoked key", "revokedKey"), ("observer", "an observer", "role"),
            ("other", "a key of another run", "unknownKey")):
        if found := getattr(arguments, word):
            found = keys.entry(found)
            yield Case(name, dataclasses.replace(
                found, endpoint=own.endpoint, server=own.server), kind)
            if word == "other":
                yield Case("an invitation to another run", dataclasses.replace(
                    found, endpoint=own.endpoint), "handshake")


def attempt(case, fingerprint, wait):
    """Joins if the server permits it, and pushes a result; returns what the server did."""
    import sessions
    import worker as protocol
    try:
        with sessions.Session(case.entry, fingerprint, case.entry.name or "stranger") as session:
            session.hello()
            end = time.monotonic() + wait
            while not session.welcomed:
                if not session.receive(end - time.monotonic()):
                    return "no answer"
            if case.kind != "role":
                return "ADMITTED"
            body = struct.pack("<4QI", session.incarnation, 1, 0, 1000, 1)
            body += struct.pack("<dQQI", 1.0, 1, 6, 0)
            session.message(protocol.PUSH, body)
            outcome = session.outcome(wait)
            return f"welcome, then {outcome}"
    except sessions.Ended as reason:
        return str(reason)


def attack(arguments):
    import sessions
    fingerprint = sessions.fingerprint(arguments.data)
    attempts, found = collections.Counter(), {}
    for case in cases(arguments):
        outcomes = collections.Counter(
            attempt(case, fingerprint, arguments.wait) for _ in range(arguments.repeat))
        attempts[case.kind] += arguments.repeat
        found[case.name] = dict(outcomes)
        if not arguments.json:
            print(f"{case.name}: " + "; ".join(
                f"{count} times {outcome}" for outcome, count in outcomes.items()), flush=True)
    admitted = [name for name, outcomes in found.items() if any(
        "ADMITTED" in outcome or "applied" in outcome for outcome in outcomes)]
    if arguments.json:
        print(json.dumps({"attempts": attempts, "outcomes": found, "admitted": admitted}))
    return 1 if admitted else 0


class Keys:
    """The keys of a run, made with `tributary keys`."""

    def __init__(self, program, run):
        self.program, self.run = program, run

    def __call__(self, *words):
        return subprocess.run(
            [self.program, "keys", *words, "--run", self.run], check=True, text=True,
            stdout=subprocess.PIPE).stdout.strip()


def invitation_of_another_run(program, folder):
    """Starts a server, takes its invitation, and ends it."""
    import runs
    runs.clear(folder)
    server = subprocess.Popen(
        [program, "server", "--steps", "1", "--listen", "tcp://127.0.0.1:0", "--run", folder],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (folder / "endpoint").exists() and server.poll() is None:
        time.sleep(0.02)
    server.terminate()
    server.wait()
    return folder / "invitation"


def measure(arguments):
    """Compares a training beside these peers with an undisturbed one."""
    import measured
    import runs
    if not arguments.program:
        runs.build()
    arguments.program = os.path.abspath(arguments.program or runs.PROGRAM)
    arguments.attack_cpu, arguments.memory_limit, arguments.server = None, 4000, []
    arguments.workers = 2
    place = runs.ROOT / "runs" / "keyed-peers"
    calm = measured.Training(arguments, place / "undisturbed")()
    if not (calm.run / "invitation").exists():
        raise SystemExit("this server makes no invitation, so it does not require keys")
    other = invitation_of_another_run(arguments.program, place / "other")
    training = measured.Training(arguments, place / "attacked")

    def start(_):
        made = Keys(arguments.program, training.run)
        revoked = made("invite", "revoked")
        made("revoke", "revoked")
        words = [training.run / "invitation", "--json", "--revoked", revoked, "--other", other,
                 "--observer", made("invite", "observer", "--role", "observer"),
                 "--data", arguments.data, "--wait", arguments.wait, "--repeat", arguments.repeat]
        time.sleep(2)  # the server reads a changed list within a second
        return [measured.helper(arguments, __file__, *words)]

    return judged(training(start), calm)


def judged(training, calm):
    """Prints the refusals and the result; returns the exit code."""
    counts = training.counts or {"attempts": {"peers": 1}, "outcomes": {}, "admitted": []}
    print(json.dumps(counts["outcomes"], indent=2))
    report = json.loads((training.run / "report.json").read_text())
    refusals = report.get("refusals", {})
    missing = {kind: count for kind, count in counts["attempts"].items()
               if refusals.get(kind, 0) < count}
    print(f"refusals in report.json: {refusals}; attempts without one: {missing or 'none'}")
    equal = training.digest() is not None and training.digest() == calm.digest()
    print(f"alive: {training.state()}; model: {'equal' if equal else 'DIFFERENT'}; admitted: "
          f"{counts['admitted'] or 'none'}; memory {training.peak - calm.peak:+,.0f} MB")
    passed = equal and not missing and not counts["admitted"] and training.state() == "yes"
    return 0 if passed else 1


if __name__ == "__main__":
    arguments = parsed()
    sys.exit(measure(arguments) if arguments.measure else attack(arguments))

#!/usr/bin/env python3
"""An authorised worker that sends malicious results: every field of a push, a piece and a tensor
with false values, one at a time and with valid checksums; lengths from 0 to 300; sizes near 2^31,
2^32 and 2^63; NaN and infinity; too many frames, lists and announcements; messages in the wrong
order, unknown leases, repetitions. Each case has a session of its own, which joins properly and
waits for a lease. Prints what the server did in each case, and a summary.

  malicious-worker.py SERVER [CASES]    SERVER: an invitation (file or text), or tcp://HOST:PORT
  malicious-worker.py --measure         trains with two honest workers under all cases

No case is applied by a correct server: no verdict but rejected, duplicate or stale, or a refusal,
or a disconnection, or nothing. --measure also requires the model of an undisturbed run, by SHA-256,
and bounded memory of the server. Needs the packages in ../foreign-worker/requirements.txt."""

import argparse
import collections
import json
import os
import pathlib
import sys
import time

if __name__ == "__main__" and {"-h", "--help"} & set(sys.argv[1:]):
    sys.argv[1:] = ["--help"]  # also where the packages are missing
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "attack"), str(HERE.parent / "measure")]
sys.dont_write_bytecode = True

GROUPS = ["header", "tensor", "values", "lengths", "amounts", "orders", "floods", "coalition"]


def parsed():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="%(prog)s SERVER | --measure [options]")
    add = parser.add_argument
    add("server", nargs="?", help="an invitation, or the endpoint of a server without keys")
    add("--only", choices=GROUPS, action="append", help="a group of cases (default: all)")
    add("--every", type=int, default=1, metavar="N", help="each N-th case of a group (default: 1)")
    add("--data", default=os.environ.get("MNIST_DIR", "data/mnist"), help="the server's dataset")
    add("--wait", type=float, default=0.5, metavar="SECONDS",
        help="for the server's answer to a case (default: 0.5)")
    add("--quiet", action="store_true", help="prints the summary alone")
    add("--json", action="store_true", help="prints the summary as one line of JSON")
    add("--measure", action="store_true", help="trains with honest workers under all cases")
    add("--steps", type=int, default=4000, help="updates in each training (default: 4000)")
    add("--program", help="a built tributary (default: builds this checkout)")
    add("--server-option", dest="options", action="append", default=[], metavar="OPTION",
        help="an option for the server that is measured")
    add("--limit", type=float, default=600, metavar="SECONDS",
        help="ends a training that takes longer (default: 600)")
    arguments = parser.parse_args()
    if not arguments.measure and not arguments.server:
        parser.error("name an invitation or an endpoint, or use --measure")
    return arguments


class Attack:
    """All cases on one server."""

    def __init__(self, arguments, fingerprint):
        import keys
        self.arguments, self.fingerprint = arguments, fingerprint
        self.entry = keys.entry(arguments.server)
        self.outcomes, self.applied, self.done = collections.Counter(), [], 0
        self.unjoined = collections.Counter()

    def session(self):
        import sessions
        return sessions.Session(self.entry, self.fingerprint, self.entry.name or "malicious")

    def run(self):
        """Runs the cases until all are done, or the server has ended the run."""
        import coalitions
        import lies
        import sessions
        known = {**lies.GROUPS, "floods": coalitions.floods, "coalition": coalitions.coalition}
        for group in self.arguments.only or GROUPS:
            try:
                with self.session() as session:
                    session.join()
                    cases = list(known[group](session))
            except sessions.Ended as reason:
                self.unjoined[str(reason)] += 1
                if self.isOver(reason):
                    return
                continue
            for name, case in cases[::self.arguments.every]:
                if not self.attempt(name, case):
                    return

    def attempt(self, name, case):
        """Runs one case in a session of its own; returns False at the end of the run."""
        import sessions
        for _ in range(3):  # a lease may be of an evaluation
            try:
                with self.session() as session:
                    session.join()
                    for frames in case(session):
                        session.socket.send_multipart(frames)
                    self.note(name, session.outcome(self.arguments.wait))
                return True
            except sessions.Ended as reason:
                self.unjoined[str(reason)] += 1
                if self.isOver(reason):
                    return False
                time.sleep(0.1)
        return True

    @staticmethod
    def isOver(reason):
        text = str(reason)
        return text.startswith(("end:", "refusal 7", "no answer", "refusal 9", "handshake"))

    def note(self, name, outcome):
        self.done += 1
        self.outcomes[outcome.split(":")[0]] += 1
        if outcome.startswith("applied"):
            self.applied.append(name)
        if not self.arguments.quiet and not self.arguments.json:
            print(f"{name}: {outcome}", flush=True)

    def summary(self):
        return {
            "cases": self.done, "applied": self.applied, "outcomes": dict(self.outcomes),
            "not joined": dict(self.unjoined)}


def attack(arguments):
    import sessions
    found = Attack(arguments, sessions.fingerprint(arguments.data))
    try:
        found.run()
    except KeyboardInterrupt:
        pass
    summary = found.summary()
    if arguments.json:
        print(json.dumps(summary), flush=True)
    else:
        for key, value in summary.items():
            print(f"{key}: {value}")
    return 1 if found.applied else 0


def measure(arguments):
    """Compares a training under all cases with an undisturbed one."""
    import measured
    import runs
    if not arguments.program:
        runs.build()
    arguments.program = os.path.abspath(arguments.program or runs.PROGRAM)
    arguments.attack_cpu, arguments.memory_limit, arguments.workers = None, 4000, 2
    arguments.server, place = arguments.options, runs.ROOT / "runs" / "malicious"
    calm = measured.Training(arguments, place / "undisturbed")()
    held = {}

    def start(endpoint):
        invitation = held["training"].run / "invitation"
        words = [str(invitation) if invitation.exists() else endpoint, "--json"]
        words += ["--data", arguments.data, "--every", arguments.every, "--wait", arguments.wait]
        for group in arguments.only or []:
            words += ["--only", group]
        return [measured.helper(arguments, __file__, *words)]

    held["training"] = measured.Training(arguments, place / "attacked")
    attacked = held["training"](start)
    counts = attacked.counts or {"cases": 0, "applied": []}
    print(json.dumps(counts, indent=2))
    equal = attacked.digest() is not None and attacked.digest() == calm.digest()
    print(runs.table(
        ["alive", "cases", "applied", "memory MB", "log kB", "honest workers evicted", "model"],
        [[attacked.state(), counts["cases"], len(counts["applied"]),
          f"{attacked.peak - calm.peak:+,.0f}", f"{len(attacked.log()) / 1000:,.1f}",
          attacked.evictions(), "equal" if equal else "DIFFERENT"]]), end="")
    return 0 if equal and attacked.state() == "yes" and counts["cases"] else 1


def main():
    arguments = parsed()
    return measure(arguments) if arguments.measure else attack(arguments)


if __name__ == "__main__":
    sys.exit(main())

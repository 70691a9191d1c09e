"""What the scripts that train on hosts do before the first training."""

import os
import sys

import namespaces
import packages
import runs

WRONG_ARGUMENTS = 64


def parse(parser):
    """Parses the arguments; ends with WRONG_ARGUMENTS if they are wrong."""
    parser.add_argument("--program", help="a built tributary (default: builds this checkout)")
    try:
        return parser.parse_args()
    except SystemExit as end:
        sys.exit(WRONG_ARGUMENTS if end.code else 0)


def prepare(arguments, *tools):
    """Installs missing tools and builds the program, unless there is one; raises Unsupported where
    networks cannot be emulated."""
    packages.install("ip", "bridge", "tc", "cc", *tools)
    namespaces.require()
    namespaces.end_on_signals()
    if not arguments.program:
        runs.build()
    arguments.program = os.path.abspath(arguments.program or runs.PROGRAM)

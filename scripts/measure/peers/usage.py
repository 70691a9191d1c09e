"""Answers --help: imported before packages that may be missing."""

import sys

if {"-h", "--help"} & set(sys.argv[1:]):
    print(sys.modules["__main__"].__doc__)
    sys.exit()

"""Installation of the system packages that a script needs (Debian, Ubuntu)."""

import pathlib
import shutil
import subprocess

from namespaces import Unsupported

INSTALL = pathlib.Path(__file__).resolve().parents[2] / "support" / "debian-packages"
PACKAGES = {
    "ip": ["iproute2"], "bridge": ["iproute2"], "tc": ["iproute2"], "cc": ["gcc", "libc6-dev"],
    "nft": ["nftables"], "conntrack": ["conntrack"]}


def install(*tools):
    """Installs the packages of missing tools; raises Unsupported where that is impossible."""
    missing = [tool for tool in tools if not shutil.which(tool)]
    if not missing:
        return
    names = sorted({package for tool in missing for package in PACKAGES[tool]})
    done = subprocess.run([INSTALL, *names], stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Unsupported(done.stderr.strip())

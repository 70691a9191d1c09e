"""Installation of the system packages that a script needs (Debian, Ubuntu)."""

import os
import shutil
import subprocess

from namespaces import Unsupported

PACKAGES = {
    "ip": ["iproute2"], "bridge": ["iproute2"], "tc": ["iproute2"], "cc": ["gcc", "libc6-dev"],
    "nft": ["nftables"], "conntrack": ["conntrack"]}


def install(*tools):
    """Installs the packages of missing tools; raises Unsupported where that is impossible."""
    missing = [tool for tool in tools if not shutil.which(tool)]
    if not missing:
        return
    names = sorted({package for tool in missing for package in PACKAGES[tool]})
    if os.geteuid() != 0:
        raise Unsupported(f"{', '.join(missing)} not installed, and only root can install packages")
    if not shutil.which("apt-get"):
        raise Unsupported(f"{', '.join(missing)} not installed, and there is no apt-get")
    print(f"Installing {' '.join(names)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=300"]
    for command in (
            [*apt, "update"], [*apt, "install", "-y", "--no-install-recommends", *names]):
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        if done.returncode != 0:
            raise Unsupported(f"{' '.join(command)} failed: {done.stderr.strip()[-300:]}")

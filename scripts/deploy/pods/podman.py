"""Podman and buildah with a storage and networks of their own, in a folder that is removed."""

import contextlib
import ctypes
import os
import pathlib
import subprocess

import cases

# The programs that tests with containers need, with their Debian packages.
COMMANDS = {
    "podman": "podman", "buildah": "buildah", "runc": "runc", "conmon": "conmon",
    "netavark": "netavark", "aardvark-dns": "aardvark-dns", "catatonit": "catatonit",
    "iptables": "iptables", "ip": "iproute2"}
# Some of them are outside of PATH.
FOLDERS = ("/usr/lib/podman", "/usr/libexec/podman")
LIMIT = 600  # seconds for one command
ULIMIT = 16384  # of descriptors and processes; hosts may not permit more

NEW_MOUNTS, NEW_NETWORK = 0x20000, 0x40000000  # CLONE_NEWNS, CLONE_NEWNET
# State outside of the storage that podman shares between all of its users.
SHARED = ("/run/containers", "/run/netns")

os.environ["PATH"] += "".join(f":{folder}" for folder in FOLDERS)


def isolate():
    """Moves this thread, and those that it starts, to a network and mounts of their own: bridges,
    filters and names of the test are not those of the host, and end with its processes."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_MOUNTS | NEW_NETWORK) != 0:
        raise cases.Skipped(f"no network namespace: {os.strerror(ctypes.get_errno())}")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    for folder in SHARED:
        os.makedirs(folder, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)


class Podman:
    """A context manager in which containers of this test only exist. There is no network but that
    of the containers from its start on."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.environment = {
            **os.environ, "CONTAINERS_STORAGE_CONF": str(self.folder / "storage.conf"),
            "CONTAINERS_CONF": str(self.folder / "containers.conf")}

    def __enter__(self):
        if os.geteuid() != 0:
            raise cases.Skipped("containers with networks and memory limits require root")
        isolate()
        for name in ("root", "run", "networks", "tmp"):
            (self.folder / name).mkdir(parents=True)
        # runc runs with both versions of control groups.
        (self.folder / "containers.conf").write_text(
            '[containers]\n'
            f'default_ulimits = ["nofile={ULIMIT}:{ULIMIT}", "nproc={ULIMIT}:{ULIMIT}"]\n'
            '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n'
            f'tmp_dir = "{self.folder}/tmp"\n'
            f'[network]\nnetwork_backend = "netavark"\n'
            f'network_config_dir = "{self.folder}/networks"\n')
        (self.folder / "storage.conf").write_text(
            f'[storage]\ndriver = "{self._driver()}"\ngraphroot = "{self.folder}/root"\n'
            f'runroot = "{self.folder}/run"\n')
        try:
            self("info")
        except cases.Failure as reason:
            raise cases.Skipped(f"podman does not work on this host: {reason}") from None
        return self

    def _driver(self):
        """The driver `overlay` if the kernel can mount one here, which `vfs` replaces."""
        folders = [self.folder / "overlay" / name for name in ("lower", "upper", "work", "all")]
        for folder in folders:
            folder.mkdir(parents=True)
        lower, upper, work, mounted = folders
        done = subprocess.run(
            ["mount", "-t", "overlay", "overlay", "-o",
             f"lowerdir={lower},upperdir={upper},workdir={work}", mounted], capture_output=True)
        if done.returncode != 0:
            return "vfs"
        subprocess.run(["umount", mounted], check=True)
        return "overlay"

    def __exit__(self, *_):
        for words in (["pod", "rm"], ["rm"]):
            self.run("podman", *words, "--all", "--force", "--time", "0")
        self.run("podman", "system", "reset", "--force")

    def run(self, *words, limit=LIMIT, **options):
        """Runs a command with this storage; returns what it left."""
        return subprocess.run(
            list(map(str, words)), env=self.environment, capture_output=True, text=True,
            timeout=limit, **options)

    def checked(self, *words, **options):
        """The output of a command that must end with 0."""
        done = self.run(*words, **options)
        if done.returncode != 0:
            raise cases.Failure(
                f"{' '.join(map(str, words[:3]))} ended with {done.returncode}: "
                f"{done.stderr.strip()[-600:]}")
        return done.stdout.strip()

    def __call__(self, *words, **options):
        """The output of a command of podman."""
        return self.checked("podman", *words, **options)

    @contextlib.contextmanager
    def mounted(self, image):
        """The tree of an image, mounted."""
        path = self("image", "mount", image)
        try:
            yield pathlib.Path(path)
        finally:
            self("image", "unmount", image)

    def inspect(self, name, field):
        return self("inspect", "--format", "{{" + field + "}}", name)

    def state(self, name):
        """The state of a container, such as running, and its exit code."""
        status, code = self.inspect(name, ".State.Status}} {{.State.ExitCode").split()
        return status, int(code)

    def process(self, name):
        """The id of a container's process on this host; 0 if there is none."""
        return int(self.inspect(name, ".State.Pid"))

    def ended(self, name, limit=cases.LIMIT):
        """The exit code of a container, once it has ended."""
        cases.until(f"{name} ends", lambda: self.state(name)[0] in ("exited", "stopped"), limit)
        return self.state(name)[1]

    def volume(self, name):
        """The folder of a volume on this host."""
        return pathlib.Path(self("volume", "inspect", "--format", "{{.Mountpoint}}", name))

    def save_log(self, name, file):
        """Saves what a container printed, for the report of a failure."""
        done = self.run("podman", "logs", name)
        pathlib.Path(file).write_text(done.stdout + done.stderr)

"""The image of deploy/container, built from a program that is compiled already."""

import subprocess

import cases
import runs

FOLDER = runs.ROOT / "deploy" / "container"
NAME = "localhost/tributary:latest"
USER = 65532


def static(program):
    """A program with static Swift libraries: the one given, or the one of scripts/install."""
    needed = subprocess.run(["ldd", program], capture_output=True, text=True).stdout
    if "libswift" not in needed:
        return program
    print(f"{program} needs the libraries of Swift; building one that contains them", flush=True)
    words = [
        "swift", "build", "--package-path", runs.ROOT, "--scratch-path",
        runs.ROOT / ".build-install", "-c", "release", "--static-swift-stdlib", "--product",
        "tributary"]
    try:
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    except FileNotFoundError:
        raise cases.Skipped("swift is not installed; give a static program by --program") from None
    path = subprocess.run(
        [*words, "--show-bin-path"], check=True, capture_output=True, text=True).stdout.strip()
    return f"{path}/tributary"


def build(podman, program, folder):
    """Builds the image with a program in place of the stage that compiles."""
    print("image: a compiled program replaces the stage of the Containerfile that compiles",
          flush=True)
    podman.checked(FOLDER / "closure", static(program), folder / "image")
    podman.checked(
        "buildah", "build", "--isolation", "chroot", "--build-context", f"build={folder}",
        "--tag", NAME, "--file", FOLDER / "Containerfile", FOLDER)
    return NAME

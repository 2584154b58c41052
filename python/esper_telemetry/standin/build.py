"""The stand-in's library, compiled on first use for the PyTorch at hand and kept in a cache.

A build is a folder: ``lib/`` has the library under its own name and, as links, under the names of every NVIDIA library that
PyTorch loads; ``bin/nvidia-smi`` reads the same ledger. It is keyed by these sources, the C compiler and the PyTorch build.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import List, Optional, Tuple

from .elf import Library
from .installed_torch import InstalledTorch, find_torch
from .stubs import FAMILY, LIBRARY, stubs
from .unavailable import Unavailable

SOURCES = Path(__file__).resolve().parent / "csrc"
_NAME = "libesperstandin.so"
#: What is not named by PyTorch's libraries but opened by name at run time.
_OPENED = ("libcuda.so.1", "libcuda.so", "libnvidia-ml.so.1", "libnvidia-ml.so")
_PROGRAMS = {"nvidia_smi.c": "nvidia-smi"}


@dataclass(frozen=True)
class Build:
    folder: Path
    torch: InstalledTorch

    @property
    def library(self) -> Path:
        """To be preloaded."""
        return self.folder / "lib" / _NAME

    @property
    def names(self) -> Path:
        """Where NVIDIA's libraries are to be found by name."""
        return self.folder / "lib"

    @property
    def programs(self) -> Path:
        return self.folder / "bin"


def build(torch_folder: Optional[Path] = None, *, flags: Optional[List[str]] = None) -> Build:
    """The library for this Python's PyTorch (or that in ``torch_folder``), compiled if it is not in the cache yet.

    ``flags``: more for the compiler (sanitizers). Raises Unavailable with one sentence where it cannot be.
    """
    torch, compiler = requirements(torch_folder)
    folder = _cache() / _key(torch, compiler, flags or [])
    if not (folder / "lib" / _NAME).exists():
        _compile(folder, torch, compiler, flags or [])
    return Build(folder, torch)


def requirements(torch_folder: Optional[Path] = None, *, platform: str = sys.platform) -> Tuple[InstalledTorch, List[str]]:
    """PyTorch and the command of the C compiler. Raises Unavailable with the first that is missing; compiles nothing."""
    if platform != "linux" or sys.maxsize < 2**32 or sys.byteorder != "little":
        raise Unavailable(f"the stand-in device needs 64-bit Linux: this is {platform}")
    return find_torch(torch_folder), _compiler()


def _cache() -> Path:
    """``$ESPER_CACHE``, else ``$XDG_CACHE_HOME/esper``, else ``~/.cache/esper``."""
    chosen = os.environ.get("ESPER_CACHE")
    if chosen:
        return Path(chosen) / "standin"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "esper" / "standin"


def _compiler() -> List[str]:
    chosen = os.environ.get("CC", "").split()
    for command in [chosen] if chosen else [["cc"], ["gcc"], ["clang"]]:
        if shutil.which(command[0]):
            return command
    raise Unavailable(
        f"there is no C compiler ({chosen[0] if chosen else 'cc'} is not on PATH): install gcc or clang, e.g. apt install gcc libc6-dev"
    )


def _key(torch: InstalledTorch, compiler: List[str], flags: List[str]) -> str:
    digest = hashlib.sha256()
    for source in sorted([*SOURCES.iterdir(), *Path(__file__).parent.glob("*.py")]):
        if source.suffix in (".c", ".h") or source.name in ("build.py", "stubs.py", "elf.py"):
            digest.update(source.name.encode() + b"\0" + source.read_bytes())
    digest.update((torch.folder / "version.py").read_bytes())
    for library in torch.libraries:
        digest.update(f"{library.name} {library.stat().st_size}\n".encode())
    digest.update(repr((shutil.which(compiler[0]), compiler, flags)).encode())
    return f"torch-{torch.version}-{digest.hexdigest()[:16]}"


def _compile(folder: Path, torch: InstalledTorch, compiler: List[str], flags: List[str]) -> None:
    """Into a folder of its own that then takes its place: a reader sees a whole build or none."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".building-", dir=folder.parent))
    except OSError as error:
        raise Unavailable(
            f"the cache {folder.parent} cannot be written ({error.strerror}): $ESPER_CACHE chooses another"
        ) from None
    try:
        (scratch / "lib").mkdir()
        (scratch / "bin").mkdir()
        sources = [path for path in sorted(SOURCES.glob("*.c")) if path.name not in _PROGRAMS]
        libraries = [Library(path) for path in torch.libraries]
        wanted = {name for library in libraries for name in library.undefined if FAMILY.match(name)}
        generated = scratch / "stubs.c"
        generated.write_text(stubs(wanted, torch.built_with(), torch.cuda), encoding="ascii")

        options = [
            "-std=gnu11",
            "-O2",
            "-g",
            f"-I{SOURCES}",
            f"-DSTANDIN_CUDA={torch.cuda[0] * 1000 + torch.cuda[1] * 10}",
            *flags,
        ]
        library = scratch / "lib" / _NAME
        _run(
            [*compiler, *options, "-shared", "-fPIC", "-fvisibility=hidden", "-o", str(library), f"-Wl,-soname,{_NAME}"]
            + [str(path) for path in [*sources, generated]]
            + ["-lpthread", "-ldl"]
        )
        for source, program in _PROGRAMS.items():
            _run(
                [*compiler, *options, "-o", str(scratch / "bin" / program), str(SOURCES / source), str(library)]
                + ["-Wl,-rpath,$ORIGIN/../lib", "-lpthread"]
            )
        present = {path.name for path in torch.libraries}
        for name in {
            *_OPENED,
            *(name for library in libraries for name in library.needed if LIBRARY.match(name)),
        } - present:
            (scratch / "lib" / name).symlink_to(_NAME)
        try:
            scratch.rename(folder)
        except OSError:
            if not (folder / "lib" / _NAME).exists():  # else another process was first
                raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _run(command: List[str]) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        lines = (
            [line for line in done.stdout.splitlines() if "error" in line] or done.stdout.splitlines() or ["no message"]
        )
        raise Unavailable(f"the C compiler {command[0]} could not build the stand-in device: {lines[0].strip()}")

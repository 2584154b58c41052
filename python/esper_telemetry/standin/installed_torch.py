"""The PyTorch that a program would import, read from its files: it is not imported."""

from __future__ import annotations

import importlib.util
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Optional, Tuple

from .unavailable import Unavailable


@dataclass(frozen=True)
class InstalledTorch:
    folder: Path
    version: str
    #: The CUDA it was built with: (13, 2)
    cuda: Tuple[int, int]

    @property
    def libraries(self) -> List[Path]:
        return sorted(path for path in (self.folder / "lib").glob("*.so*") if path.is_file())

    def built_with(self) -> Dict[str, Tuple[int, ...]]:
        """Versions of NVIDIA's libraries that the wheel asks for: ``{"cudnn": (9, 26, 0, 51), "nccl": …}``."""
        found: Dict[str, Tuple[int, ...]] = {}
        for metadata in self.folder.parent.glob("torch-*.dist-info/METADATA"):
            for line in metadata.read_text(encoding="utf-8", errors="replace").splitlines():
                match = re.match(r"Requires-Dist: nvidia-(\w+?)(?:-cu\d+)? *\(?==([\d.]+)", line)
                if match:
                    found[match.group(1)] = tuple(int(part) for part in match.group(2).split("."))
        return found


def find_torch(folder: Optional[Path] = None) -> InstalledTorch:
    """That of this Python, or the one in ``folder`` (…/site-packages/torch). Raises Unavailable with what is missing."""
    if folder is None:
        spec = importlib.util.find_spec("torch")
        if spec is None or not spec.submodule_search_locations:
            raise Unavailable(
                "this Python has no PyTorch: pip install torch (with --no-deps no NVIDIA library is installed)"
            )
        folder = Path(list(spec.submodule_search_locations)[0])
    try:
        text = (folder / "version.py").read_text(encoding="utf-8")
    except OSError:
        raise Unavailable(f"{folder} is no installed PyTorch") from None
    version = re.search(r"^__version__\s*(?::.*?)?=\s*['\"](.+?)['\"]", text, re.M)
    cuda = re.search(r"^cuda\s*(?::.*?)?=\s*['\"](\d+)\.(\d+)", text, re.M)
    name = version.group(1) if version else "of unknown version"
    if cuda is None or not (folder / "lib" / "libtorch_cuda.so").exists():
        raise Unavailable(
            f"PyTorch {name} is built without CUDA: the stand-in device needs a CUDA build, as PyPI's for Linux is"
        )
    return InstalledTorch(folder, name, (int(cuda.group(1)), int(cuda.group(2))))

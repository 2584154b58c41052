"""What a shared library asks of others: its undefined symbols and the libraries it names. 64-bit little-endian ELF."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path
from typing import Dict, List, Tuple

_DYNSYM, _DYNAMIC = 11, 6
_NEEDED = 1


class Library:
    """Read once; a library of a gigabyte is mapped, not loaded. Raises ValueError where the file is no such library."""

    def __init__(self, path: Path):
        with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            if data[:6] != b"\x7fELF\x02\x01":
                raise ValueError(f"{path} is no 64-bit little-endian ELF file")
            self.undefined, self.needed = _read(data)


def _read(data: mmap.mmap) -> Tuple[List[str], List[str]]:
    (offset,) = struct.unpack_from("<Q", data, 0x28)
    size, count = struct.unpack_from("<HH", data, 0x3A)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, offset + i * size) for i in range(count)]
    strings: Dict[int, bytes] = {}

    def text(table: int, at: int) -> str:
        if table not in strings:
            _, _, _, _, start, length, *_ = sections[table]
            strings[table] = data[start : start + length]
        return strings[table][at : strings[table].index(b"\0", at)].decode("ascii", "replace")

    undefined: List[str] = []
    needed: List[str] = []
    for _, kind, _, _, start, length, link, _, _, entry in sections:
        if kind == _DYNSYM:
            for at in range(start + entry, start + length, entry):
                name, _, _, section = struct.unpack_from("<IBBH", data, at)
                if section == 0 and name:
                    undefined.append(text(link, name))
        elif kind == _DYNAMIC:
            for at in range(start, start + length, 16):
                tag, value = struct.unpack_from("<QQ", data, at)
                if tag == _NEEDED:
                    needed.append(text(link, value))
    return undefined, needed

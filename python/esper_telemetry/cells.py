"""Code that has no file: a notebook's cells, which are numbered as their pages show them, and what was typed or piped in."""

from __future__ import annotations

import re
import sys
from typing import Optional

#: What IPython's prompt names a cell's code, and what a notebook's kernel does.
_PROMPT = re.compile(r"<ipython-input-(\d{1,9})-\w{1,64}>$")
_KERNEL = re.compile(r"[/\\]ipykernel_\d{1,9}[/\\]\d{1,20}\.py$")


def cell_of(path: str) -> Optional[str]:
    """``In[3]`` of the code of a cell; None of anything else, and where this process knows no such cell."""
    prompt = _PROMPT.match(path)
    if prompt is not None:
        return f"In[{prompt.group(1)}]"
    if _KERNEL.search(path) is None:
        return None
    try:
        named = sys.modules["IPython"].get_ipython().compile.format_code_name(path)
        return str(named[1]) if named else None
    except Exception:  # an IPython before 8
        return None


def is_typed(path: str) -> bool:
    """Whether code without a file is the program itself: a prompt's, ``python -c``'s, or what was piped in."""
    if _PROMPT.match(path) is not None or path == "<stdin>":
        return True
    return path == "<string>" and sys.argv[:1] == ["-c"]

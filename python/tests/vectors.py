"""The project's test vectors (``schema/shared``), which the TypeScript tests read too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List

FOLDER = Path(__file__).parents[2] / "schema" / "shared"


def vectors(topic: str) -> Dict[str, Any]:
    """The whole file: ``about``, ``cases`` and what else it has."""
    return json.loads((FOLDER / f"{topic}.json").read_text(encoding="utf-8"))


def cases(topic: str) -> List[Dict[str, Any]]:
    """Each with ``name``, ``given`` and ``expected``."""
    return vectors(topic)["cases"]

"""Tokens, keys and passwords are never recorded: a run's command, its configuration and its texts are cleared of them.

A value is a secret where it is named so (``--hub-token X``, ``api_key=X``), or where it looks like one whatever its
name (``hf_…``, ``sk-…``, ``AKIA…``, a JSON web token, the password of a URL). ``schema/shared/secrets.json`` has the cases,
which the TypeScript side reads too.
"""

from __future__ import annotations

import re
from typing import Any, List, Sequence

#: What stands in the place of a secret.
HIDDEN = "[hidden]"

_NAME = re.compile(
    r"(?:^|[-_. ])(?:token|secret|secrets|password|passwd|passphrase|pwd|pass|credential|credentials|authorization|cookie|dsn|apikey|authkey|(?:api|access|private|secret|auth|account|encryption|signing|license)[-_. ]?key)$"
)
#: A number, a special token such as <pad>, a switch: no secret, whatever the name.
_HARMLESS = re.compile(r"(?:[-+]?[\d.,_]+(?:e[-+]?\d+)?|<[^<>]*>|\[[A-Z_]*\]|true|false|none|null|yes|no|on|off|)", re.I)
_SHAPES = re.compile(
    r"\b(?:hf_[A-Za-z0-9]{16,200}|sk-[A-Za-z0-9_-]{16,200}|gh[pousr]_[A-Za-z0-9]{20,200}|github_pat_[A-Za-z0-9_]{20,200}|glpat-[A-Za-z0-9_-]{16,200}|xox[abeprs]-[A-Za-z0-9-]{10,200}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{30,100}|wandb_v1_[A-Za-z0-9_]{16,200}|nvapi-[A-Za-z0-9_-]{16,200}|eyJ[A-Za-z0-9_-]{8,2000}\.eyJ[A-Za-z0-9_-]{8,2000}(?:\.[A-Za-z0-9_-]{0,2000})?)"
)
_URL = re.compile(r"(://[^\s/:@]{0,200}:)[^\s/@]{1,500}(?=@)")
_QUERY = re.compile(r"([?&](?:[A-Za-z-]{0,30}(?:token|key|secret|signature|password|sig))=)[^&\s\"']{1,2000}", re.I)
_BEARER = re.compile(r"\b(bearer |basic )[A-Za-z0-9+/=._~-]{8,2000}", re.I)
#: Of a text that holds pairs, as JSON or a header: "hub_token": "X".
_PAIR = re.compile(r"([A-Za-z][A-Za-z0-9_.-]{0,60})([\"']?\s{0,4}[:=]\s{0,4}[\"']?)([^\s\"',;{}\[\]]{1,2000})")


def is_secret_name(name: str) -> bool:
    """Whether a value of this name is a secret: ``hub_token``, ``WANDB_API_KEY``, ``dbPassword``; not ``max_tokens``."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip("-"))
    return _NAME.search(parted.lower()) is not None


def clear_text(text: str) -> str:
    """The text without the secrets that can be recognised in it."""
    text = _SHAPES.sub(HIDDEN, text)
    text = _URL.sub(lambda found: found.group(1) + HIDDEN, text)
    text = _BEARER.sub(lambda found: found.group(1) + HIDDEN, text)
    text = _QUERY.sub(lambda found: found.group(1) + HIDDEN, text)
    return _PAIR.sub(lambda found: found.group(1) + found.group(2) + _value(found.group(1), found.group(3)), text)


def _value(name: str, value: str) -> str:
    return HIDDEN if is_secret_name(name) and not _HARMLESS.fullmatch(value) else value


def clear_command(words: Sequence[str]) -> List[str]:
    """A command's words, with ``--token X`` and ``token=X`` cleared."""
    cleared: List[str] = []
    named = ""
    for word in words:
        if named and not word.startswith("-"):
            cleared.append(_value(named, clear_text(word)))
            named = ""
            continue
        name, equals, value = word.partition("=")
        if equals and re.fullmatch(r"[-+]*[\w.-]+", name):
            cleared.append(f"{name}={_value(name, clear_text(value))}")
            named = ""
        else:
            cleared.append(clear_text(word))
            named = word if word.startswith("-") else ""
    return cleared


def clear_config(value: Any) -> Any:
    """Plain JSON, its secrets hidden by their keys and by how they look."""
    if isinstance(value, dict):
        return {key: _of_key(key, item) for key, item in value.items()}
    if isinstance(value, list):
        return [clear_config(item) for item in value]
    return clear_text(value) if isinstance(value, str) else value


def _of_key(key: str, value: Any) -> Any:
    return _value(key, clear_text(value)) if isinstance(value, str) else clear_config(value)

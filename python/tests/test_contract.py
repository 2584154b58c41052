"""What the client writes, against the committed JSON Schema of the events; with the schema at hand (a checkout)."""

from __future__ import annotations

import json
import re
import unittest
from typing import Any, Dict, Iterator, List, Set

import golden
from scratch import PACKAGE

SCHEMA = PACKAGE.parent / "schema" / "telemetry-event.json"
GOLDEN = PACKAGE.parent / "test" / "golden" / "python-events.jsonl"

_TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "number": (int, float), "integer": int}


def problems(schema: Dict[str, Any], value: Any, at: str = "") -> Iterator[str]:
    """Where ``value`` departs from ``schema``: as much of JSON Schema as the events use."""
    if "anyOf" in schema:
        tried = [list(problems(choice, value, at)) for choice in schema["anyOf"]]
        if all(tried):
            yield min(tried, key=len)[0]
        return
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r} is not {schema['const']!r}"
    kind = schema.get("type")
    if kind and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind in ("number", "integer"))):
        yield f"{at}: {value!r} is no {kind}"
        return
    if "minimum" in schema and value < schema["minimum"]:
        yield f"{at}: {value} is below {schema['minimum']}"
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at}: {value!r} does not match"
    if isinstance(value, dict):
        for name in schema.get("required", []):
            if name not in value:
                yield f"{at}.{name}: missing"
        for name, inner in schema.get("properties", {}).items():
            if name in value:
                yield from problems(inner, value[name], f"{at}.{name}")
        for inner in schema.get("patternProperties", {}).values():
            for name, item in value.items():
                yield from problems(inner, item, f"{at}.{name}")
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from problems(schema.get("items", {}), item, f"{at}[{index}]")


def fields(schema: Dict[str, Any], at: str = "") -> Set[str]:
    """The paths of all fields that a schema names."""
    found: Set[str] = set()
    for choice in schema.get("anyOf", []):
        found |= fields(choice, at)
    for name, inner in schema.get("properties", {}).items():
        found |= {f"{at}.{name}"} | fields(inner, f"{at}.{name}")
    if isinstance(schema.get("items"), dict):
        found |= fields(schema["items"], f"{at}[]")
    return found


def paths(value: Any, at: str = "") -> Set[str]:
    found: Set[str] = set()
    if isinstance(value, dict):
        for name, inner in value.items():
            found |= {f"{at}.{name}"} | paths(inner, f"{at}.{name}")
    if isinstance(value, list):
        for item in value:
            found |= paths(item, f"{at}[]")
    return found


#: What is not in the client's log: what only a watcher of a trainer writes (how it was ended, how far a bar came, a refusal in its log), and
#: figures that only some texts of out-of-memory errors have, which the shared vectors hold.
OTHERS = re.compile(
    r"\.data\.(why$|reached$|(ending|refused|shown)\b|outOfMemory\.(activeBytes|cachedBytes|allowedBytes|impossible|otherProcesses)\b|memory\[\]\.resolutionBytes$)"
)


@unittest.skipUnless(SCHEMA.exists(), "the schema is not at hand")
class Contract(unittest.TestCase):
    def setUp(self) -> None:
        schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        self.schemas: Dict[str, Dict[str, Any]] = {s["properties"]["type"]["const"]: s for s in schema["anyOf"]}
        self.events: List[Dict[str, Any]] = [json.loads(line) for line in golden.lines()]

    def test_every_type_of_event_is_written_and_fits(self) -> None:
        self.assertEqual({e["type"] for e in self.events}, set(self.schemas))
        for event in self.events:
            self.assertEqual(list(problems(self.schemas[event["type"]], event, event["type"])), [])

    def test_field_by_field(self) -> None:
        """The client writes all that the contract names, and nothing that it does not."""
        free = re.compile(r"^\.data\.(extra|config|versions|figures)\b.")
        for kind, schema in self.schemas.items():
            written: Set[str] = set()
            for event in self.events:
                if event["type"] == kind:
                    written |= {path for path in paths(event) if not free.match(path)}
            due = fields(schema)
            self.assertEqual({path for path in due - written if not OTHERS.match(path)}, set(), f"{kind}: not written")
            self.assertEqual(written - due, set(), f"{kind}: not in the contract")

    def test_the_golden_log_is_what_the_client_writes_now(self) -> None:
        self.assertEqual(GOLDEN.read_text(encoding="utf-8").splitlines(), golden.lines())

    def test_the_check_itself_sees_what_is_wrong(self) -> None:
        update = next(e for e in self.events if e["type"] == "PPO_UPDATE_COMPLETED")
        schema = self.schemas["PPO_UPDATE_COMPLETED"]
        for path, wrong in (("batch", -1), ("batch", 1.5), ("policy", {"clipFraction": "NaN"}), ("memory", [{"device": None}]), ("loss", {"policy": "nan"})):
            self.assertTrue(list(problems(schema, {**update, "data": {**update["data"], path: wrong}})), (path, wrong))


if __name__ == "__main__":
    unittest.main()

"""A library older than its callback has been run with: one sentence."""

from __future__ import annotations

import unittest
import warnings
from unittest.mock import patch

import scratch  # noqa: F401

from esper_telemetry.integrations import _versions


class Oldest(unittest.TestCase):
    def warned(self, installed: "str | None") -> "list[str]":
        with patch.object(_versions, "installed_version", lambda package: installed), warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            _versions.oldest("lightning", "2.10")
        return [str(warning.message) for warning in caught]

    def test_an_older_one_is_warned_of_in_one_sentence(self) -> None:
        self.assertEqual(self.warned("2.9.1"), ["esper_telemetry has been run with lightning 2.10 and newer; 2.9.1 is installed"])
        for version in ("2.10", "2.10.0rc1", "3", "11.0+cpu", None):
            self.assertEqual(self.warned(version), [], version)

    def test_one_that_cannot_work_is_refused_in_one_sentence(self) -> None:
        with patch.object(_versions, "installed_version", lambda package: "1.0.0"), self.assertRaises(ImportError) as refused:
            _versions.oldest("skrl", "2.0", has_all=False)
        self.assertEqual(str(refused.exception), "esper_telemetry works with skrl 2.0 and newer; 1.0.0 is installed")


if __name__ == "__main__":
    unittest.main()

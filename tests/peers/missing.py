"""A peer that cannot be had: a failure where everything must be there, else a skip
that is named in the last line of the run."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

NAMES: set[str] = set()


def missing(name: str, why: str) -> NoReturn:
    NAMES.add(name)
    if os.environ.get("CI") == "true":
        pytest.fail(f"{name} is needed and cannot be had: {why}", pytrace=False)
    pytest.skip(f"{name}: {why}")

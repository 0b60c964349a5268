"""``python -m policies.screening``: JSON lines in, JSON lines out.

Each line of standard input is ``{"id": …, "text": "…"}``; each line of standard
output is ``{"id", "languages", "hits"}`` in the same order. A line that is no such
object gives ``{"id", "error"}`` in its place, and exit code 1 at the end. With
``--time``, microseconds per text go to standard error, one line per text.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import TextIO

from policies.screening import Ruleset, screen


def main(arguments: list[str] | None = None) -> int:
    """Screen standard input line by line; 0 if every line could be read."""
    parser = argparse.ArgumentParser(
        prog="python -m policies.screening",
        description="Screen comments given as JSON lines with id and text.",
    )
    parser.add_argument(
        "--time",
        action="store_true",
        help="write microseconds per text to standard error",
    )
    parser.add_argument(
        "--direction",
        choices=("incoming", "outgoing"),
        default="incoming",
        help="which way the texts go (default: incoming)",
    )
    options = parser.parse_args(arguments)
    ruleset = Ruleset.default()
    with (
        open(0, encoding="utf-8", errors="surrogateescape", closefd=False) as source,
        open(1, "w", encoding="utf-8", errors="replace", closefd=False) as sink,
    ):
        return _run(source, sink, ruleset, options.direction, timed=options.time)


def _run(
    source: TextIO, sink: TextIO, ruleset: Ruleset, direction: str, *, timed: bool
) -> int:
    failed = False
    screen("", ruleset=ruleset)
    for line in source:
        if not line.strip():
            continue
        name, text, error = read(line)
        if text is None:
            failed = True
            answer: dict[str, object] = {"id": name, "error": error}
        else:
            began = time.perf_counter_ns()
            screening = screen(text, ruleset=ruleset, direction=direction)
            spent = (time.perf_counter_ns() - began) / 1000
            if timed:
                print(f"{json.dumps(name)}\t{spent:.1f}", file=sys.stderr)
            answer = {
                "id": name,
                "languages": list(screening.languages),
                "hits": [hit.as_dict() for hit in screening.hits],
            }
        sink.write(_as_line(answer))
        sink.flush()
    return 1 if failed else 0


def read(line: str) -> tuple[object, str | None, str]:
    """The id and text of an input line, or the id (if any), None and what is wrong."""
    try:
        given = json.loads(line)
    except (ValueError, RecursionError) as problem:
        return None, None, f"not JSON: {problem}"
    if not isinstance(given, dict):
        return None, None, "not a JSON object"
    name = given.get("id")
    text = given.get("text")
    if not isinstance(text, str):
        return name, None, "text is missing or no string"
    return name, text, ""


def _as_line(answer: dict[str, object]) -> str:
    """One line of JSON; lone surrogates, which UTF-8 cannot carry, as escapes."""
    line = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        line = json.dumps(answer, separators=(",", ":"))
    return line + "\n"


if __name__ == "__main__":
    sys.exit(main())

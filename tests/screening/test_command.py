"""``python -m policies.screening`` reads and writes JSON lines."""

from __future__ import annotations

import json
import subprocess
import sys


def run(lines: str | bytes, *options: str) -> tuple[list[dict[str, object]], int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "policies.screening", *options],
        input=lines.encode() if isinstance(lines, str) else lines,
        capture_output=True,
        check=False,
        timeout=60,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return answers, done.returncode, done.stderr.decode()


def test_a_text_gives_its_hits_with_all_that_is_known_of_them() -> None:
    (answer,), code, _ = run('{"id": 7, "text": "Vilken skitkommun!"}\n')
    assert code == 0
    assert answer["id"] == 7
    assert answer["languages"]
    (hit,) = answer["hits"]  # type: ignore[misc]
    assert hit["matched"] == "skitkommun"
    assert (hit["start"], hit["end"]) == (7, 17)
    assert hit["rule"] == "K-20.6"
    assert set(hit["explanation"]) == {"sv", "nb", "nn", "en"}
    assert set(hit) == {
        "rule", "start", "end", "matched", "entry", "kind", "confidence",
        "language", "explanation", "engine",
    }  # fmt: skip


def test_a_bad_line_gives_an_error_and_the_rest_goes_on() -> None:
    lines = (
        '{"id": 1, "text": "hej"}\nnot json\n[1]\n{"id": 4}\n{"id": 5, "text": "då"}\n'
    )
    answers, code, _ = run(lines)
    assert code == 1
    assert [answer["id"] for answer in answers] == [1, None, None, 4, 5]
    assert ["error" in answer for answer in answers] == [False, True, True, True, False]


def test_odd_text_comes_back_whole() -> None:
    lines = json.dumps({"id": "\ud800", "text": "fan\ud800 \x00 jävla"}) + "\n"
    (answer,), code, _ = run(lines)
    assert code == 0
    assert answer["id"] == "\ud800"
    assert run(b'{"id": 1, "text": "\xff\xfe"}\n')[1] == 0


def test_time_goes_to_standard_error() -> None:
    answers, code, errors = run(
        '{"id": 1, "text": "hej"}\n{"id": 2, "text": "å"}\n', "--time"
    )
    assert code == 0
    assert len(answers) == 2
    spent = [float(line.split("\t")[1]) for line in errors.splitlines()]
    assert len(spent) == 2
    assert all(value > 0 for value in spent)


def test_it_needs_neither_django_nor_a_database() -> None:
    """It starts in well under half a second, with none of the heavy libraries."""
    code = (
        "import sys; import policies.screening as s; s.screen('hej');"
        "heavy = ('django', 'numpy', 'sklearn', 'psycopg');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, text=True
    )
    assert done.stdout.strip() == "[]"

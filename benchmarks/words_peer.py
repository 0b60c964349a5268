"""Runs one other screen of words, in an environment of its own.

``python words_peer.py NAME`` reads a JSON list of sets of texts and writes a line of
JSON for each set: how long each text took in microseconds, whether it was marked, and
the spans, or null where the peer tells none.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable

Answer = tuple[bool, list[tuple[int, int]] | None]


def glin() -> Callable[[str], Answer]:
    from glin_profanity import Filter

    screen = Filter(
        {
            "languages": ["swedish", "norwegian", "english", "finnish"],
            "detect_leetspeak": True,
            "normalize_unicode": True,
        }
    )

    def look(text: str) -> Answer:
        found = screen.check_profanity(text)
        spans = [
            (match["index"], match["index"] + len(match["word"]))
            for match in found.get("matches", ())
        ]
        return bool(found["contains_profanity"]), spans

    return look


def better() -> Callable[[str], Answer]:
    from better_profanity import profanity

    profanity.load_censor_words()
    return lambda text: (profanity.contains_profanity(text), None)


def alt() -> Callable[[str], Answer]:
    from profanity_check import predict

    return lambda text: (bool(predict([text])[0]), None)


def presidio() -> Callable[[str], Answer]:
    from presidio_analyzer import predefined_recognizers as known

    kinds = [
        known.EmailRecognizer(),
        known.IbanRecognizer(),
        known.PhoneRecognizer(supported_regions=("SE", "NO", "FI")),
        known.UrlRecognizer(),
    ]
    for name in ("SePersonnummerRecognizer", "FiPersonalIdentityCodeRecognizer"):
        if hasattr(known, name):
            kinds.append(getattr(known, name)())

    def look(text: str) -> Answer:
        spans = [
            (found.start, found.end)
            for kind in kinds
            for found in kind.analyze(text, kind.supported_entities, None) or ()
        ]
        return bool(spans), spans

    return look


PEERS = {
    "glin-profanity": glin,
    "better-profanity": better,
    "alt-profanity-check": alt,
    "presidio (patterns)": presidio,
}


def main() -> None:
    look = PEERS[sys.argv[1]]()
    sets = json.load(sys.stdin)
    look(sets[0][0])
    for texts in sets:
        answers = []
        for text in texts:
            began = time.perf_counter_ns()
            marked, spans = look(text)
            spent = (time.perf_counter_ns() - began) / 1000
            answers.append([spent, marked, spans])
        print(json.dumps(answers), flush=True)


if __name__ == "__main__":
    main()

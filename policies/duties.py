"""What kind of message this is, and what it owes: proposals a person confirms (K-13).

Pure and explained: every kind rests on signals, and every signal on a span of the text
(`text[start:end] == matched`) or on the message's place in the thread (an empty span).
The word lists are data, one file per language in `packs/duties/`.

The guidelines give the duties (M-R2a to M-R7, K-14, K-17):

    praise               thank
    neutral_addressed    answer
    neutral_unaddressed  none, when it is plain that somebody else is spoken to
    negative             answer
    states_facts         correct
    needs_case_handling  refer, document
    documentation_value  document
    political            refer
    a direct message     register, besides the above

Whoever is unsure answers: no reply is proposed away without evidence for it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from policies.duty_signals import Evidence, read
from policies.duty_words import lists_version

KINDS = (
    "praise",
    "neutral_addressed",
    "neutral_unaddressed",
    "negative",
    "states_facts",
    "needs_case_handling",
    "documentation_value",
    "political",
)
DUTIES = ("thank", "answer", "correct", "refer", "document", "register")

# How far one occurrence of a signal speaks for something. Several add up as
# independent witnesses do: 1 - (1 - a)(1 - b).
WEIGHTS: dict[str, dict[str, float]] = {
    "addressed": {
        "direct_message": 0.9,
        "own_mention": 0.8,
        "address": 0.55,
        "reply_to_us": 0.5,
        "question_mark": 0.5,
        "question_form": 0.45,
        "request": 0.5,
        "municipality": 0.45,
        "ask_readers": 0.3,
        "topic": 0.25,
        "want": 0.3,
    },
    "unaddressed": {
        "other_mention": 0.75,
        "name_tag": 0.7,
        "chatter": 0.45,
        "singular_you": 0.4,
        "first_name": 0.4,
        "laughter": 0.35,
    },
    "praise": {"thanks": 0.6, "praise": 0.6, "happy_emoji": 0.4},
    "negative": {
        "sarcasm": 0.85,
        "severe": 0.75,
        "negative": 0.55,
        "negated_praise": 0.6,
        "accusation": 0.55,
        "reproach": 0.35,
        "angry_emoji": 0.5,
    },
    "states_facts": {
        "fact_claim": 0.75,
        "correction": 0.6,
        "figure": 0.35,
        "has_done": 0.35,
        "municipality": 0.15,
        "topic": 0.1,
    },
    "needs_case_handling": {
        "formal_request": 0.75,
        "own_case": 0.6,
        "case_topic": 0.4,
        "want": 0.3,
        "may_i": 0.4,
        "case_number": 0.4,
    },
    "documentation_value": {
        "record": 0.7,
        "promise": 0.65,
        "injury": 0.6,
        "damage": 0.5,
        "case_number": 0.3,
        "date": 0.2,
        "person_cared_for": 0.3,
        "care_place": 0.3,
    },
    "political": {
        "party": 0.75,
        "politics": 0.6,
        "body": 0.35,
    },
}
VERSION = "1"  # of the weights and of how they are combined
SHOWN_FROM = 0.5
PLAIN_FROM = 0.6
UNSURE = Evidence("unsure", 0, 0, "")


@dataclass(frozen=True, slots=True)
class Kind:
    kind: str
    confidence: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """Kinds, the likeliest first and never none, and the duties that follow."""

    kinds: tuple[Kind, ...]
    duties: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "kinds": [
                {
                    "kind": kind.kind,
                    "confidence": kind.confidence,
                    "evidence": [sign.as_dict() for sign in kind.evidence],
                }
                for kind in self.kinds
            ],
            "duties": list(self.duties),
        }


def classify(
    text: str,
    *,
    direct: bool = False,
    parent_is_ours: bool = False,
    language: str | None = None,
) -> Proposal:
    """Propose the kinds and duties of one message.

    `direct`: a direct message, which is always addressed and always registered (K-17).
    `parent_is_ours`: it answers a post or comment of the municipality. `language`
    (sv, nb, nn, en, fi) limits the word lists; when left out the text decides.
    Confidence is 0 to 1. Any Unicode text is accepted; time grows with its length.
    """
    signs = read(text, language=language)
    if direct:
        signs.append(Evidence("direct_message", 0, 0, ""))
    if parent_is_ours:
        signs.append(Evidence("reply_to_us", 0, 0, ""))
    found = {sign.signal for sign in signs}
    score = {what: _strength(signs, what) for what in WEIGHTS}
    _weigh(score, found, direct=direct, parent_is_ours=parent_is_ours)

    kinds = [
        _kind(what, score[what], signs)
        for what in (
            "states_facts",
            "needs_case_handling",
            "documentation_value",
            "political",
        )
        if score[what] >= SHOWN_FROM
    ]
    special = max((kind.confidence for kind in kinds), default=0.0)
    kinds += _tone(score, found, signs, special)
    kinds.sort(key=lambda kind: -kind.confidence)
    return Proposal(tuple(kinds), _duties(kinds, direct=direct))


def _strength(signs: Sequence[Evidence], what: str) -> float:
    weights = WEIGHTS[what]
    doubt = 1.0
    counted: dict[str, int] = {}
    for sign in signs:
        # A third "tack" proves no more than the second did.
        counted[sign.signal] = counted.get(sign.signal, 0) + 1
        if counted[sign.signal] <= 2:
            doubt *= 1 - weights.get(sign.signal, 0.0)
    return 1 - doubt


def _weigh(
    score: dict[str, float], found: set[str], *, direct: bool, parent_is_ours: bool
) -> None:
    """Let the signals that only mean something together speak together."""
    asks = bool(found & {"question_mark", "question_form"})
    if direct:
        score["unaddressed"] = 0.0
    elif parent_is_ours:
        score["unaddressed"] *= 0.6
    if "sarcasm" in found:
        score["praise"] = 0.0
    # "When do you open? Thanks!" thanks for nothing yet.
    if asks and "praise" not in found and "happy_emoji" not in found:
        score["praise"] *= 0.5
    # A figure, a name of the municipality or a topic is no claim by itself.
    if not found & {"fact_claim", "correction"}:
        if "has_done" in found and found & {"municipality", "address"}:
            score["states_facts"] += 0.3 * (1 - score["states_facts"])
        elif "figure" not in found or not found & {
            "has_done",
            "municipality",
            "topic",
        }:
            score["states_facts"] = 0.0
    if asks and "fact_claim" not in found:
        score["states_facts"] *= 0.6
    # Wanting something is no case, and a permit in passing is none either.
    if not found & {"formal_request", "own_case", "case_topic"}:
        score["needs_case_handling"] = 0.0
    elif found & {"case_topic", "own_case"} and (asks or direct):
        score["needs_case_handling"] += 0.4 * (1 - score["needs_case_handling"])
    cared_for = {"person_cared_for", "care_place"} <= found and "want" not in found
    if not found & {"record", "promise", "injury", "damage"} and not cared_for:
        score["documentation_value"] = 0.0
    elif asks and not found & {"record", "promise", "injury"}:
        score["documentation_value"] *= 0.7
    if score["praise"] >= SHOWN_FROM > score["negative"] and not asks:
        for what in ("needs_case_handling", "documentation_value", "states_facts"):
            score[what] *= 0.6


def _tone(
    score: dict[str, float],
    found: set[str],
    signs: Sequence[Evidence],
    special: float,
) -> list[Kind]:
    """Praise, negative or neutral: one of them, or praise with a question."""
    praise, negative = score["praise"], score["negative"]
    to_us = bool(found & {"address", "municipality", "own_mention", "direct_message"})
    apart = score["unaddressed"]
    if negative >= SHOWN_FROM:
        kinds = [_kind("negative", negative, signs)]
        if praise >= PLAIN_FROM and "negated_praise" not in found:
            kinds.append(_kind("praise", min(praise, negative - 0.05), signs))
        return kinds
    if apart >= PLAIN_FROM and not to_us:
        return [_kind("neutral_unaddressed", _below(apart, special), signs)]
    if praise >= 0.4:
        kinds = [_kind("praise", praise, signs)]
        asks = bool(found & {"question_mark", "question_form"})
        if asks or "request" in found:
            also = (
                score["addressed"] if asks else min(score["addressed"], praise - 0.05)
            )
            kinds.append(_kind("neutral_addressed", also, signs))
        return kinds
    addressed = score["addressed"]
    if addressed >= 0.4 and addressed >= apart:
        return [_kind("neutral_addressed", _below(addressed, special), signs)]
    if special:
        # What it is about settles what it owes; whom it speaks to is unclear.
        apart = max(apart, 0.3)
        return [_kind("neutral_unaddressed", _below(apart, special), signs)]
    if apart >= 0.4:
        # Perhaps between citizens, perhaps to us: both are said, so it is answered.
        second = max(0.3, min(addressed, apart - 0.05))
        return [
            _kind("neutral_unaddressed", apart, signs),
            _kind("neutral_addressed", second, signs),
        ]
    return [
        _kind("neutral_unaddressed", 0.4, []),
        _kind("neutral_addressed", 0.35, []),
    ]


def _below(confidence: float, special: float) -> float:
    """A neutral tone is never said before what the message is about."""
    return min(confidence, special - 0.05) if special else confidence


def _kind(name: str, confidence: float, signs: Sequence[Evidence]) -> Kind:
    weights = WEIGHTS[
        {
            "neutral_addressed": "addressed",
            "neutral_unaddressed": "unaddressed",
        }.get(name, name)
    ]
    evidence = tuple(s for s in signs if s.signal in weights) or (UNSURE,)
    return Kind(name, round(max(0.05, min(confidence, 0.99)), 2), evidence)


def duties_of(names: Collection[str], *, direct: bool = False) -> tuple[str, ...]:
    """What kinds that are certain call for, as when a person has said them."""
    owed = set()
    if "praise" in names:
        owed.add("thank")
    if "negative" in names:
        owed.add("answer")
    if "states_facts" in names:
        owed.add("correct")
    if "needs_case_handling" in names:
        # M-R5 puts case handling beside documentation value.
        owed |= {"refer", "document"}
    if "documentation_value" in names:
        owed.add("document")
    if "political" in names:
        owed.add("refer")
    # A correction and the two notices are answers in themselves.
    if "neutral_addressed" in names and not {
        "states_facts",
        "needs_case_handling",
        "documentation_value",
    } & set(names):
        owed.add("answer")
    if direct:
        owed.add("register")
    return tuple(duty for duty in DUTIES if duty in owed)


def engine() -> str:
    """What made a proposal, to be kept with it: weights and word lists."""
    return f"duties-{VERSION}+{lists_version()}"


def _duties(kinds: Sequence[Kind], *, direct: bool) -> tuple[str, ...]:
    owed = set(duties_of({kind.kind for kind in kinds}))
    if not owed and not _plainly_to_others(kinds):
        owed.add("answer")
    if direct:
        owed.add("register")
    return tuple(duty for duty in DUTIES if duty in owed)


def _plainly_to_others(kinds: Sequence[Kind]) -> bool:
    return kinds[0].kind == "neutral_unaddressed" and kinds[0].confidence >= PLAIN_FROM


def _answers(lines: Iterable[str]) -> Iterable[str]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
            proposal = classify(
                item["text"],
                direct=bool(item.get("direct", False)),
                parent_is_ours=bool(item.get("parent_is_ours", False)),
            )
            answer = {"id": item.get("id"), **proposal.as_dict()}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise ValueError(
                f"Line {number} is not an object with a text: "
                '{"id": …, "text": …, "direct": …, "parent_is_ours": …}'
            ) from None
        yield json.dumps(answer, ensure_ascii=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m policies.duties`: JSON lines in, proposals out, one line each."""
    argparse.ArgumentParser(
        prog="python -m policies.duties",
        description="Read messages as JSON lines, write the proposed kinds and duties.",
    ).parse_args(arguments)
    lines = (line.decode("utf-8", "replace") for line in sys.stdin.buffer)
    try:
        for answer in _answers(lines):
            print(answer)
    except ValueError as fault:
        print(fault, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

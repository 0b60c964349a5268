"""The signals of `policies.duties`: words, questions, figures, emoji, mentions.

One pass over the words of a text, whatever the size of the lists (`duty_words.py`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from policies.duty_words import Lexicon, Step, lexicon, words_of

LANGUAGES = ("sv", "nb", "nn", "en", "fi")

TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|[@#]?\w+(?:['’-]\w+)*")
ENDS = re.compile(r"[.!?…\n\r;]")
LINK = re.compile(r"(?:https?://|www\.)\S+")
HAPPY = re.compile(
    "[❤♥💙💚💛💜🧡🖤🤍💕💖💗💯👍👏🙌🤗😍🥰🤩😊🙂😀😃😄😁☺⭐🌟✨🎉🥳💐🌷🌹🏆🥇💪🙏😘]|:-?\\)|<3"
)
ANGRY = re.compile("[😡🤬😠👎💩🤮🤢😤🙄🤡😞😟🙁☹😢😭😔🤦]|:-?\\(")
LAUGHTER = re.compile("[😂🤣😆😅😜😝😉]")
CASE_NUMBER = re.compile(r"(?:19|20)\d\d/\d{2,6}$")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A signal and where it stands; signals from outside the text have no span."""

    signal: str
    start: int
    end: int
    matched: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "signal": self.signal,
            "start": self.start,
            "end": self.end,
            "matched": self.matched,
        }


@dataclass(frozen=True, slots=True)
class Token:
    word: str
    start: int
    end: int
    first: bool  # of its sentence
    asked: bool  # its sentence ends with a question mark


def read(text: str, *, language: str | None = None) -> list[Evidence]:
    """The signals of a text, in its order."""
    tokens = list(_tokens(text))
    words = [token.word for token in tokens]
    languages = [language] if language in LANGUAGES else guess(words)
    found: list[Evidence] = []
    for name in languages:
        # "er" is Swedish for you and Norwegian for is: unsure, it is not read.
        unclear = words_of(name, "shared") if len(languages) > 1 else frozenset()
        found += [
            sign
            for sign in _phrases(text, tokens, lexicon(name))
            if sign.matched.lower() not in unclear
        ]
    # "per person" speaks to nobody called Per.
    names = _phrases(text, tokens, lexicon("names"))
    found += [sign for sign in names if sign.matched[0].isupper()]
    found = _without_overlap(found)
    found = _negated(found, tokens, languages)
    found += _reproaches(text, tokens, found, languages)
    found += _figures(text, tokens)
    found += _mentions(text, tokens, found)
    found += _emoji(text)
    found += _question_marks(text)
    return sorted(found, key=lambda sign: (sign.start, sign.end, sign.signal))


def guess(words: Iterable[str]) -> list[str]:
    """The languages a text may be in: all that share the most telling words."""
    words = set(words)
    letters = set().union(*words)
    possible = [
        name
        for name in LANGUAGES
        if not (letters & set("øæ") and name in ("sv", "fi", "en"))
        and not (letters & set("äö") and name in ("nb", "nn", "en"))
    ] or list(LANGUAGES)
    votes = {name: len(words & words_of(name, "telling")) for name in possible}
    best = max(votes.values())
    if best < 2:
        return [name for name in possible if votes[name] == best]
    likely = [name for name in possible if votes[name] >= best - 1]
    # Finnish shares short words with its neighbours by chance alone.
    return [name for name in likely if name != "fi" or votes[name] == best]


def _tokens(text: str) -> Iterator[Token]:
    folded, places = _composed(text)
    folded = LINK.sub(lambda link: " " * len(link[0]), folded)
    spans = [(m[0], m.start(), m.end()) for m in TOKEN.finditer(folded)]
    first = True
    sentence: list[tuple[str, int, int, bool]] = []
    for index, (word, start, end) in enumerate(spans):
        sentence.append((word.lower(), places[start], places[end], first))
        following = spans[index + 1][1] if index + 1 < len(spans) else len(folded)
        gap = folded[end:following]
        first = bool(ENDS.search(gap))
        if first or index + 1 == len(spans):
            asked = "?" in gap
            for piece in sentence:
                yield Token(*piece, asked)
            sentence = []


def _composed(text: str) -> tuple[str, list[int]]:
    """The text with combining marks joined, and each character's place in the text."""
    if unicodedata.is_normalized("NFC", text):
        return text, list(range(len(text) + 1))
    folded: list[str] = []
    places: list[int] = []
    for index, char in enumerate(text):
        if folded and unicodedata.combining(char):
            joined = unicodedata.normalize("NFC", folded[-1] + char)
            if len(joined) == 1:
                folded[-1] = joined
                continue
        folded.append(char)
        places.append(index)
    return "".join(folded), [*places, len(text)]


def _phrases(text: str, tokens: list[Token], lexicon: Lexicon) -> list[Evidence]:
    found = []
    openings = lexicon.openings
    for index, token in enumerate(tokens):
        for signal, opening, later in openings(token.word):
            if opening and not token.first:
                continue
            last = _match(tokens, index + 1, later) if later else index
            if last is not None:
                end = tokens[last].end
                found.append(
                    Evidence(signal, token.start, end, text[token.start : end])
                )
    return found


def _match(tokens: list[Token], at: int, steps: tuple[Step, ...]) -> int | None:
    """The index of the last word of a match, or None. Never leaves the sentence."""
    slack = 0
    for kind, choices in steps:
        if kind == "gap":
            slack = 3
            continue
        while True:
            if at >= len(tokens) or tokens[at].first:
                return None
            if _fits(tokens[at].word, kind, choices):
                break
            if not slack:
                return None
            slack -= 1
            at += 1
        slack = 0
        at += 1
    return at - 1


def _fits(word: str, kind: str, choices: tuple[str, ...]) -> bool:
    if kind == "word":
        return word in choices
    if kind == "begin":
        return word.startswith(choices)
    if kind == "end":
        return word.endswith(choices)
    return word[0].isdigit()


# A longer match says what its words mean together, so it silences the shorter ones
# inside it: "takk for ingenting" is no thanks, "vad bra" is no question.
COMMENTS_ON = {
    "sarcasm": {"thanks", "praise", "question_form"},
    "praise": {"question_form", "praise", "negative", "singular_you"},
    "negative": {"praise", "negative", "question_form", "thanks"},
    "severe": {"negative", "praise", "question_form"},
    "chatter": {"praise", "thanks", "question_form", "singular_you"},
    "fact_claim": {"negative", "praise"},
    "harmless": {
        "negative", "severe", "party", "politics", "damage", "injury", "praise",
        "case_topic", "formal_request", "thanks", "fact_claim",
        "question_form", "own_case", "has_done", "chatter", "correction",
    },
    "formal_request": {"case_topic", "want", "negative"},
    "record": {"negative", "want"},
}  # fmt: skip


def _without_overlap(found: list[Evidence]) -> list[Evidence]:
    kept = []
    around: list[Evidence] = []
    for sign in sorted(
        set(found), key=lambda s: (s.start, -s.end, s.signal != "harmless", s.signal)
    ):
        # Matches are a few words long, so few can stand around any one of them.
        around = [other for other in around if other.end > sign.start]
        if not any(
            sign.signal in COMMENTS_ON.get(other.signal, ())
            and sign.end <= other.end
            and (other.matched != sign.matched or other.signal == "harmless")
            for other in around
        ):
            kept.append(sign)
        around.append(sign)
    return [sign for sign in kept if sign.signal != "harmless"]


def _negated(
    found: list[Evidence], tokens: list[Token], languages: list[str]
) -> list[Evidence]:
    """ "Not good" is no praise, and "not bad" no complaint."""
    negators = frozenset().union(*(words_of(name, "negators") for name in languages))
    at = {token.start: index for index, token in enumerate(tokens)}
    result = []
    for sign in found:
        if sign.signal in ("praise", "negative", "severe"):
            index = at[sign.start]
            before = tokens[max(0, index - 3) : index]
            if any(token.word in negators for token in before if not token.first) or (
                before and before[0].first and before[0].word in negators
            ):
                if sign.signal == "praise":
                    result.append(
                        Evidence("negated_praise", sign.start, sign.end, sign.matched)
                    )
                continue
        result.append(sign)
    return result


def _reproaches(
    text: str, tokens: list[Token], found: list[Evidence], languages: list[str]
) -> Iterator[Evidence]:
    """ "You never …", "the municipality does not …": said of us, in one sentence."""
    never = frozenset().union(*(words_of(name, "never") for name in languages))
    negators = frozenset().union(*(words_of(name, "negators") for name in languages))
    ours = {s.start for s in found if s.signal in ("address", "municipality")}
    sentence: list[Token] = []
    for index, token in enumerate(tokens):
        sentence.append(token)
        if index + 1 < len(tokens) and not tokens[index + 1].first:
            continue
        if any(word.start in ours for word in sentence):
            for word in sentence:
                if word.word in never:
                    signal = "accusation"
                elif word.word in negators and not word.asked:
                    signal = "reproach"
                else:
                    continue
                yield Evidence(
                    signal, word.start, word.end, text[word.start : word.end]
                )
        sentence = []


def _figures(text: str, tokens: list[Token]) -> Iterator[Evidence]:
    """Figures that claim something, and dates; not in a question."""
    months, units = words_of("figures", "months"), words_of("figures", "units")
    for index, token in enumerate(tokens):
        if not token.word[0].isdigit():
            continue
        if CASE_NUMBER.match(token.word):
            yield Evidence(
                "case_number", token.start, token.end, text[token.start : token.end]
            )
            continue
        following = tokens[index + 1].word if index + 1 < len(tokens) else ""
        before = tokens[index - 1].word if index else ""
        if following in months or before in months:
            last = tokens[index + 1] if following in months else token
            yield Evidence("date", token.start, last.end, text[token.start : last.end])
        elif not token.asked and (
            following in units
            or text[token.end : token.end + 2].lstrip().startswith("%")
            or re.fullmatch(r"(?:18|19|20)\d\d|\d{1,2}[.:]\d\d", token.word)
            or before in ("kl", "klockan", "klokka", "kl.", "klo", "den", "at")
        ):
            yield Evidence(
                "figure", token.start, token.end, text[token.start : token.end]
            )


def _mentions(
    text: str, tokens: list[Token], found: list[Evidence]
) -> Iterator[Evidence]:
    for token in tokens:
        if token.word.startswith("@"):
            ours = any(
                part in token.word
                for part in ("kommun", "kunta", "municip", "council", "stad")
            )
            yield Evidence(
                "own_mention" if ours else "other_mention",
                token.start,
                token.end,
                text[token.start : token.end],
            )
    # Nothing but a name, or a name and a surname first: somebody is being tagged.
    names = {sign.start for sign in found if sign.signal == "first_name"}
    lead = []
    for token in tokens[:3]:
        if not text[token.start : token.start + 1].isupper():
            break
        lead.append(token)
    if lead and lead[0].start in names and (len(lead) > 1 or len(tokens) == 1):
        start, end = lead[0].start, lead[-1].end
        yield Evidence("name_tag", start, end, text[start:end])


def _emoji(text: str) -> Iterator[Evidence]:
    for signal, faces in (
        ("happy_emoji", HAPPY),
        ("angry_emoji", ANGRY),
        ("laughter", LAUGHTER),
    ):
        for face in faces.finditer(text):
            yield Evidence(signal, face.start(), face.end(), face[0])


def _question_marks(text: str) -> Iterator[Evidence]:
    clean = LINK.sub(lambda link: " " * len(link[0]), text)
    for mark in re.finditer(r"\?+", clean):
        yield Evidence("question_mark", mark.start(), mark.end(), mark[0])

"""Words written to slip past a list are found all the same."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable

import pytest

from policies.screening import Ruleset
from tests.screening.test_words import recall

WORDS = {
    "sv": [
        "fitta", "kuk", "hora", "jävla", "jävlar", "helvete", "knulla", "skitstövel",
        "kärring", "rövhål", "neger", "svartskalle", "luder", "slampa", "runkare",
        "blatte", "djävla", "kuksugare", "fittor", "jäveln", "knullare", "kåtbock",
    ],
    "nb": [
        "fitte", "kuk", "hore", "jævla", "jævlig", "helvete", "knulle", "drittsekk",
        "kjerring", "rasshøl", "neger", "pakkis", "ludder", "faen", "runke", "rævhøl",
        "horeunge", "kukhue", "svarting", "føkking",
    ],
    "en": [
        "fuck", "shit", "cunt", "bitch", "asshole", "whore", "nigger", "faggot",
        "motherfucker", "wanker", "dickhead", "bastard", "pussy", "retard",
    ],
}  # fmt: skip
LEET = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7"}
GLYPHS = dict(
    zip("aeopcxyi", "\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456", strict=True)
)
PLAIN = str.maketrans("åäöæø", "aaoao")

Disguise = Callable[[str, random.Random], str]


def leet(word: str, chance: random.Random) -> str:
    return "".join(chance.choice(LEET.get(letter, letter)) for letter in word)


def mask(word: str, chance: random.Random, sign: str) -> str:
    vowels = [i for i, letter in enumerate(word) if i and letter in "aeiouyåäöæø"]
    at = chance.choice(vowels)
    return word[:at] + sign + word[at + 1 :]


def stretch(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word))
    return word[:at] + word[at] * chance.randint(3, 6) + word[at + 1 :]


def full_width(word: str, _: random.Random) -> str:
    return "".join(
        chr(ord(letter) + 0xFEE0) if letter.isascii() else letter for letter in word
    )


DISGUISES: dict[str, Disguise] = {
    "leet": leet,
    "spaced": lambda word, _: " ".join(word),
    "dotted": lambda word, _: ".".join(word),
    "masked with stars": lambda word, chance: mask(word, chance, "*"),
    "masked with hashes": lambda word, chance: mask(word, chance, "#"),
    "stretched": stretch,
    "look-alikes": lambda word, _: "".join(GLYPHS.get(c, c) for c in word),
    "zero-width": lambda word, chance: chance.choice("\u200b\u200c\u2060\ufeff").join(
        word
    ),
    "full width": full_width,
    "decomposed": lambda word, _: unicodedata.normalize("NFD", word),
    "without diacritics": lambda word, _: word.translate(PLAIN),
    "mixed case": lambda word, _: "".join(
        c.upper() if i % 2 else c for i, c in enumerate(word)
    ),
}


@pytest.mark.parametrize("name", sorted(DISGUISES))
def test_each_kind_of_evasion_is_seen_through(name: str) -> None:
    chance = random.Random(name)
    shares = []
    lost: list[str] = []
    for language, words in WORDS.items():
        hidden = [DISGUISES[name](word, chance) for word in words]
        found, exact, missed = recall(hidden, language)
        shares += [found] * len(words)
        lost += missed
        assert exact >= 0.97, (language, exact)
    assert sum(shares) / len(shares) >= 0.97, lost


def test_a_disguise_is_told_in_the_explanation() -> None:
    from policies.screening import screen

    (hit,) = screen("Vilken f*tta till chef, sa hon aldrig.").hits
    assert hit.matched == "f*tta"
    assert "förklädd" in hit.sentence("sv")
    assert "disguised" in hit.sentence("en")


@pytest.mark.parametrize(
    "text",
    [
        "Se punkt 5.1.2 och bilaga A*B*C",
        "Betala 1 000 kr före 2026-12-01 till konto 123-4567",
        "Vi ses kl. 10.00 i sal C#3",
        "a b c d e f g h i j k l m n o p q r s t u v x y z å ä ö",
        "*OBS* mötet är flyttat*",
        "E-post: info@kalix.example",
        "Hurraaaa för Kalix!!!",
    ],
)
def test_signs_and_digits_of_everyday_text_are_no_disguise(text: str) -> None:
    from policies.screening import screen

    kinds = {entry.kind for entry in Ruleset.default().entries}
    assert not [hit.matched for hit in screen(text).hits if hit.kind in kinds]

"""What people of an invented town write: the texts of records to be searched."""

from __future__ import annotations

import itertools
import random
from functools import cache

# Words of a town, put together as Swedish does.
STEMS = """
    kommun skol bad väg gat buss lärar barn äldre omsorg park bibliotek snö plog avgift
    hus bygg lov tomt skog sjö hamn torg bil cykel trafik ljus lampor träd el vatten
    avlopp sop miljö kost mat elev rektor politik val møte nämnd beslut pengar skatt
    tid fråga svar problem fel hjälp tack bra dålig ny gammal stor liten
"""
ENDS = """
    en et er erna ar arna s ens ning ningen het lig liga plan planen chef chefen huset
    gården verket stad by
"""
COMMON = """
    och i att det som en på är av för med till den har de inte om ett men var jag vi ni
    kommunen
"""
QUERIES = (
    "skola",
    "badhuset",
    "kommunen",
    "avgift",
    "Namn123 Efternamn123",
    "snöplogning",
    "tack bra",
    "lärare problem",
    '"vatten avlopp"',
    "bibliotek",
    "politikerna",
    "huset",
    "bygglov -tomt",
    "rektor",
    "finnsinte",
    "och",
    "skolplanen",
    "kommun",
    "planen",
    "problem OR hjälp",
    "äldreomsorg",
    "hjälpte mig",
)


def text(chance: random.Random) -> str:
    """Some 26 words, a few of them in nearly every text and most of them rare."""
    words, weights = _words()
    common = chance.choices(COMMON.split(), k=10)
    return " ".join(common + chance.choices(words, cum_weights=weights, k=16))


@cache
def _words() -> tuple[list[str], list[float]]:
    stems, ends = STEMS.split(), ["", *ENDS.split()]
    words = ["".join(parts) for parts in itertools.product(stems, ["", *stems], ends)]
    random.Random(7).shuffle(words)
    weights = itertools.accumulate(1 / (n + 10) for n in range(len(words)))
    return words, list(weights)

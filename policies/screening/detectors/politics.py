"""Party and election words: political messages (rule K-22.2), a weak signal.

Naming a party is no message. A call to vote is; a party beside somebody's own
opinion may be, with a confidence that says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from policies.screening.detectors.explanations import SENTENCES
from policies.screening.detectors.making import POLITICAL, hit
from policies.screening.detectors.words import Found, Words, listed
from policies.screening.model import Hit
from policies.screening.normalise import Normalised

_WORDS: Final = Words(
    {
        "party": """
            socialdemokraterna, socialdemokrater, sossarna, sossar, moderaterna,
            sverigedemokraterna, centerpartiet, vänsterpartiet, miljöpartiet,
            liberalerna, kristdemokraterna, folkpartiet, medborgerlig samling,
            alternativ för sverige, feministiskt initiativ, nyans, sjukvårdspartiet,
            norrbottens sjukvårdsparti, arbeiderpartiet, arbeidarpartiet, senterpartiet,
            fremskrittspartiet, framstegspartiet, sosialistisk venstreparti, kristelig
            folkeparti, miljøpartiet de grønne, miljøpartiet, pensjonistpartiet,
            industri- og næringspartiet, norgesdemokratene,
            """,
        "vote": """
            rösta på, rösta för, rösta fram, rösta bort, rösta emot, rösta nej, rösta
            ja, rösta rätt, rösta blankt, röstar du på, stem på, stem for, stem mot,
            stem ja, stem nei, stem rett, stem fram, stem ut, røyst på, røyst for, røyst
            mot, røyst ja, røyst nei, godt valg, godt val, din röst på, di røyst,
            stemmen din til, lägg din röst, gi din stemme, gje di stemme, kryssa, kryss
            meg, vote for, vote against, vote no, vote yes
            """,
        "election": """
            valet, valvinst, valfläsk, vallöfte, vallöften, valrörelse*, valkampanj*,
            valarbetare, valstuga*, valaffisch*, kommunalvalet, riksdagsvalet,
            kommunevalg*, kommuneval*, stortingsvalg*, stortingsval*, fylkestingsvalg*,
            valgkamp*, valkamp*, valgflesk, valgløfte*, valgbod*, valgplakat*,
            valgprogram*, partiprogram*, valmanifest*, listekandidat, toppkandidat*
            """,
        "initials": """
            sd, kd, mp, afs, sv, inp, ap, sp, frp, krf, mdg, (s), (m), (c), (v), (l),
            (h), (r), (kd), (mp), (sd), høyre, høgre, venstre, rødt, raudt
            """,
    }
)
_OPINIONS: Final = Words(
    {
        "opinion": """
            jag, vi, ni, du, dere, dokker, jeg, eg, me, de borde, borde, burde, måste,
            skäms, skam, skandal, svikare, löftesbrott, avgå, heia, heja, leve, bra
            jobbat, äntligen, endelig, aldri mer, aldrig mer, håller med, enig med,
            tycker, synes, syns, mener, anser, stödjer, støtter
            """,
    }
)
_INITIALS: Final = listed(
    "SD KD MP AfS SV INP AP Ap SP Sp FRP FrP Frp KRF KrF Krf MDG (S) (M) (C) (V) (L) "
    "(H) (R) (KD) (MP) (SD)"
)
_REACH: Final = 60


def detect_politics(text: str, normalised: Normalised) -> Iterable[Hit]:
    """Hits on calls to vote, and on parties beside an opinion."""
    found = list(_WORDS.find(normalised.folded))
    if not found:
        return ()
    parties = [word for word in found if _is_party(normalised, word)]
    election = any(word.tag == "election" for word in found)
    vote = next((word for word in found if word.tag == "vote"), None)
    if vote is not None:
        near = any(0 <= party.start - vote.end <= _REACH for party in parties)
        if near or election or _is_request(normalised, vote):
            return [_hit(normalised, vote, "politics.vote", 0.7 if near else 0.5)]
        return ()
    if not parties:
        return ()
    opinions = len(list(_OPINIONS.find(normalised.folded)))
    if not opinions or not ("!" in normalised.folded or election or opinions > 1):
        return ()
    return [_hit(normalised, parties[0], "politics.party", 0.3 + 0.1 * election)]


def _hit(normalised: Normalised, word: Found, entry: str, confidence: float) -> Hit:
    return hit(
        normalised,
        word.start,
        word.end,
        rule=POLITICAL,
        entry=entry,
        kind="politics",
        confidence=confidence,
        explanation=SENTENCES[entry],
    )


def _is_party(normalised: Normalised, word: Found) -> bool:
    """Whether the word names a party; short names only in their own capitals."""
    if word.tag != "initials":
        return word.tag == "party"
    start, end = normalised.span(word.start, word.end)
    written = normalised.text[start:end]
    if len(written) > 4 and written[0] != "(":
        # Høyre and Venstre are also right and left: not where a sentence opens.
        before = normalised.text[max(0, start - 2) : start].rstrip()
        return written.istitle() and bool(before) and before[-1] not in ".!?:"
    return written in _INITIALS


def _is_request(normalised: Normalised, word: Found) -> bool:
    """Whether a call to vote opens a sentence or ends in an exclamation mark."""
    before = normalised.folded[max(0, word.start - 2) : word.start].strip()
    after = normalised.folded[word.end : word.end + _REACH]
    opens = not before or before[-1] in ".!?:\n-\u2013"
    return opens and "!" in after.split(".")[0].split("?")[0]

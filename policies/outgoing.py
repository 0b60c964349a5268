"""What an answer should not say about single cases (M-R7): case numbers, and what was
or will be decided. Pointing to the chief executive's proposal is allowed.

Pure: text in, places out. It warns and never stops: a person sends it all the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBERS = re.compile(
    r"""
    \b(?:dnr|diarienr|diarienummer|ärendenr|ärendenummer|diaarinumero|asianumero
       |saksnr|saksnummer|arkivsak|arkivsaksnr|case\s+(?:no|number))
       \b[.:]?\s*(?-i:[A-ZÅÄÖÆØ]{1,5}\s)?[\w./-]*\d[\w./-]*
    | \b(?-i:[A-ZÅÄÖÆØ]{1,5})[ -]?(?:19|20)\d\d[-/:]\d{1,6}\b
    | \b(?:19|20)\d\d/\d{2,6}\b
    | \b(?:[Ss]ak|(?-i:PS|FS|KS))\s\d{1,4}/\d{2,5}\b
    | §\s?\d+
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DECISIONS = re.compile(
    r"""
    # Swedish
    \b(?:ditt|ert|hans|hennes|deras)\s+(?:ärende|bygglov|överklagande|beslut|bidrag)\b
    | \b(?:din|er|hans|hennes|deras)\s+(?:ansökan|anmälan|begäran)\b
    | \b(?:avslag(?:it|its)?|avslås|avslogs|bevilja(?:t|ts|s|des)|bifallit|bifölls)\b
    | \b(?:\w*nämnden|fullmäktige|kommunstyrelsen|utskottet|vi)\s+(?:har\s+)?
      beslut(?:at|ade)\b
    # Norwegian, both forms
    | \b(?:saken|søknaden|klagen|byggesaken|vedtaket)\s
      (?:din|deres|dykkar|hans|hennes|hennar)\b
    | \b(?:din|deres|dykkar)\s+(?:sak|søknad|klage|byggesak)\b
    | \b(?:avslått|avslås|innvilg(?:et|es|a|ast)|vedtatt|vedtok|vedteke|vedtek)\b
    # English, Finnish
    | \byour\s+(?:case|application|appeal|permit)\b
    | \b(?:has\s+been|was|is)\s+(?:granted|refused|rejected|turned\s+down)\b
    | \bhakemukse(?:si|nne)\b | \basia(?:si|nne)\b
    | \b(?:hylätty|myönnetty)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PROPOSAL = re.compile(
    r"""
    \bkommun(?:chefens|direktörens)\s+(?:förslag|tjänsteskrivelse|bedömning)
    | \bförslag(?:et)?\s+till\s+beslut\b
    | \b(?:kommunedirektørens|rådmannens)\s+(?:innstilling|forslag|tilråding)
    | \b(?:kommunedirektøren|rådmannen)\s+si(?:n|tt|)\s+(?:innstilling|tilråding)
    | \bchief\s+executive['’]s\s+(?:proposal|recommendation)
    | \bkunnanjohtajan\s+(?:ehdotu\w+|esity\w+)
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CaseReference:
    """`kind` is "number" or "decision"; `text[start:end] == matched`."""

    kind: str
    start: int
    end: int
    matched: str


def case_references(text: str) -> list[CaseReference]:
    """The places where a text goes into a single case, in its order. A case's number
    may stand where the text points to the chief executive's proposal."""
    found = [_reference("decision", match) for match in _DECISIONS.finditer(text)]
    if not _PROPOSAL.search(text):
        found += [_reference("number", match) for match in _NUMBERS.finditer(text)]
    return sorted(found, key=lambda one: (one.start, one.end))


def _reference(kind: str, match: re.Match[str]) -> CaseReference:
    return CaseReference(kind, match.start(), match.end(), match[0])

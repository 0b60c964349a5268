"""The sentences that say why a place in a text was marked."""

from __future__ import annotations

from typing import Final

from policies.screening.model import SHOWN_MASKED, Entry, Explanation, masked

KINDS: Final[dict[str, Explanation]] = {
    "swear": Explanation("svordomen", "banneordet", "banneordet", "the swear word"),
    "obscene": Explanation(
        "det obscena ordet",
        "det obskøne ordet",
        "det obskøne ordet",
        "the obscene word",
    ),
    "porn": Explanation(
        "det pornografiska ordet",
        "det pornografiske ordet",
        "det pornografiske ordet",
        "the pornographic word",
    ),
    "sexist": Explanation(
        "det sexistiska ordet",
        "det sexistiske ordet",
        "det sexistiske ordet",
        "the sexist word",
    ),
    "slur": Explanation(
        "det nedsättande gruppordet",
        "det nedsettende gruppeordet",
        "det nedsetjande gruppeordet",
        "the slur",
    ),
    "insult": Explanation(
        "skällsordet", "skjellsordet", "skjellsordet", "the insulting word"
    ),
    "threat": Explanation(
        "det hotfulla ordet", "det truende ordet", "det trugande ordet", "the threat"
    ),
}

WAYS: Final[dict[str, Explanation]] = {
    "word": Explanation(
        "”{matched}” är {kind} ”{term}” ({rule}).",
        "«{matched}» er {kind} «{term}» ({rule}).",
        "«{matched}» er {kind} «{term}» ({rule}).",
        "“{matched}” is {kind} “{term}” ({rule}).",
    ),
    "form": Explanation(
        "”{matched}” är en form av {kind} ”{term}” ({rule}).",
        "«{matched}» er en form av {kind} «{term}» ({rule}).",
        "«{matched}» er ei form av {kind} «{term}» ({rule}).",
        "“{matched}” is a form of {kind} “{term}” ({rule}).",
    ),
    "compound": Explanation(
        "”{matched}” är sammansatt med {kind} ”{term}” ({rule}).",
        "«{matched}» er sammensatt med {kind} «{term}» ({rule}).",
        "«{matched}» er samansett med {kind} «{term}» ({rule}).",
        "“{matched}” is a compound with {kind} “{term}” ({rule}).",
    ),
    "plain": Explanation(
        "”{matched}” är troligen {kind} ”{term}” utan prickar och ringar ({rule}).",
        "«{matched}» er trolig {kind} «{term}» uten æ, ø og å ({rule}).",
        "«{matched}» er truleg {kind} «{term}» utan æ, ø og å ({rule}).",
        "“{matched}” is probably {kind} “{term}” without its diacritics ({rule}).",
    ),
    "disguised": Explanation(
        "”{matched}” ser ut att vara {kind} ”{term}” i förklädd stavning ({rule}).",
        "«{matched}» ser ut til å være {kind} «{term}» i forkledd skrivemåte ({rule}).",
        "«{matched}» ser ut til å vere {kind} «{term}» i forkledd skrivemåte ({rule}).",
        "“{matched}” looks like {kind} “{term}” in disguised spelling ({rule}).",
    ),
}

PHRASES: Final[dict[str, Explanation]] = {
    "threat": Explanation(
        "”{matched}” kan vara ett hot mot någon ({rule}).",
        "«{matched}» kan være en trussel mot noen ({rule}).",
        "«{matched}» kan vere ein trussel mot nokon ({rule}).",
        "“{matched}” may be a threat to somebody ({rule}).",
    ),
    "incitement": Explanation(
        "”{matched}” kan vara en uppmaning till brott ({rule}).",
        "«{matched}» kan være en oppfordring til lovbrudd ({rule}).",
        "«{matched}» kan vere ei oppmoding til lovbrot ({rule}).",
        "“{matched}” may be incitement to crime ({rule}).",
    ),
    "insult": Explanation(
        "”{matched}” kan vara ett angrepp på en person ({rule}).",
        "«{matched}» kan være et angrep på en person ({rule}).",
        "«{matched}» kan vere eit angrep på ein person ({rule}).",
        "“{matched}” may be an attack on a person ({rule}).",
    ),
    "accusation": Explanation(
        "”{matched}” kan vara en beskyllning för brott ({rule}).",
        "«{matched}» kan være en beskyldning om lovbrudd ({rule}).",
        "«{matched}» kan vere ei skulding om lovbrot ({rule}).",
        "“{matched}” may accuse somebody of a crime ({rule}).",
    ),
    "group_incitement": Explanation(
        "”{matched}” kan vara hets mot en folkgrupp ({rule}).",
        "«{matched}» kan være hets mot en folkegruppe ({rule}).",
        "«{matched}» kan vere hets mot ei folkegruppe ({rule}).",
        "“{matched}” may be agitation against a group ({rule}).",
    ),
    "obscene": Explanation(
        "”{matched}” är ett obscent uttryck ({rule}).",
        "«{matched}» er et obskønt uttrykk ({rule}).",
        "«{matched}» er eit obskønt uttrykk ({rule}).",
        "“{matched}” is an obscene expression ({rule}).",
    ),
    "sexism": Explanation(
        "”{matched}” kan vara ett sexistiskt yttrande ({rule}).",
        "«{matched}» kan være en sexistisk ytring ({rule}).",
        "«{matched}» kan vere ei sexistisk ytring ({rule}).",
        "“{matched}” may be a sexist remark ({rule}).",
    ),
}


def of_word(matched: str, entry: Entry, how: str) -> Explanation:
    """Why a word or a compound was marked; slurs are quoted masked."""
    hide = entry.kind in SHOWN_MASKED
    kind = KINDS[entry.kind]
    shown = masked(matched) if hide else matched
    term = entry.term.rstrip("*")
    term = masked(term) if hide else term
    way = WAYS["form" if how == "ending" else how]
    return Explanation(
        *(
            sentence.format(matched=shown, kind=name, term=term, rule=entry.rule)
            for sentence, name in zip(
                (way.sv, way.nb, way.nn, way.en),
                (kind.sv, kind.nb, kind.nn, kind.en),
                strict=True,
            )
        )
    )


def of_phrase(matched: str, kind: str, rule: str) -> Explanation:
    """Why a wording was marked."""
    return PHRASES[kind].filled(matched=" ".join(matched.split()), rule=rule)

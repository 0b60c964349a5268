"""What the words beside a number say it is."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from policies.screening.detectors.words import listed

# How far back a label may begin, in characters.
_REACH: Final = 48
_WORDS: Final = re.compile(r"[^\W\d_]+(?:[.\-'’/][^\W\d_]+)*")

# Words that stand between a label and its number and say nothing themselves.
_EMPTY: Final = listed(
    "nr no num nummer nummeret numret number är er is on om ved på med till til for "
    "för min mitt mine hans hennes hennar sitt sin din ditt your my the lyder ovan "
    "är: se som heter vår vårt vårat deres deras jeres nro numero"
)


class Label(Enum):
    """What kind of number the text announces."""

    NONE = ""
    PERSON = "person"
    CASE = "case"
    ACCOUNT = "account"
    GIRO = "giro"
    PHONE = "phone"
    DENMARK = "dk"
    ICELAND = "is"
    DUF = "duf"
    CARD = "card"
    MONEY = "money"


# Beginnings of words, so that inflected forms and compounds follow their head.
_BEGINNINGS: Final = {
    Label.PERSON: (
        "personnum person-num personnr person-nr person.nr pers.nr persnr pers-nr "
        "persnum pnr p-nr p.nr samordningsn samordn.nr födelsenum födelsenr "
        "födelsedat fødselsnum fødselsnr fødselsn fødselsdat fodselsn foedselsn "
        "fødsels fnr f.nr født fødd född föds personbeteckning personsiff "
        "d-num d-nr dnummer h-num h-nr hnummer hjelpenum fødenum henkilötun "
        "henkilotun hetu sotu hlötun syntymä social identitetsnum id-num id-nr "
        "idnum identity ssn personal national personident personopplys syntymaa "
        "folkereg folkbokf fdato birth born"
    ),
    Label.DUF: "duf",
    Label.DENMARK: "cpr",
    Label.ICELAND: "kennit kt",
    Label.CASE: (
        "dnr diarie diari d.nr ärende arende ärendenr sak saksn sakn sak- saken målnr "
        "mål-nr målnum mål journaln journalnr jnr arkivn arkivsak ref refe ref.nr "
        "ocr kid kid- faktura fakt invoice rechnung order ordre bestilling beställ "
        "bestnr kundn kund-n kundenr kundenum medlemsn kvitten kvitter bokning "
        "booking bestillingsnr ticket biljett billettnr billettnum case asia asianu "
        "viite lasku tilausn artikel artnr art.nr varenr varenum serie serial "
        "isbn issn ean doi version imei chassi fastighet gnr bnr gårdsn org.nr "
        "orgnr org-nr organisation organisasjon foretaksn företagsn y-tunnus ytunnus "
        "mva vat moms sendung sporing sporings kolli paket pakke försändelse "
        "sändningsn avtaln avtale kontrakt policynr polisen lån lånenr protokoll "
        "paragraf § beslut vedtak vedtakn meddelande dok.nr doknr dokument "
        "handling uuid transaktion transaksjon betaln betalingsref meldingsid "
        "felanm anmälan anmälningsn k-nr b-nr løpenr løpenum registreringsn regnr "
        "skadenum skadenr abonnem abonnent mätarn målern anläggningsid anleggs måler"
    ),
    Label.GIRO: "bg bankgiro pg plusgiro postgiro bg/pg",
    Label.ACCOUNT: (
        "konto kontot kontoen kontoet konton kontonr kontonum bankkonto bankkto kto "
        "clearing clearingn account iban "
        "swedbank nordea handelsbanken seb dnb sparebank sparbanken lönekonto "
        "lønnskonto tilinro tilinum tili"
    ),
    Label.PHONE: (
        "tel tlf tfn telefon telef phone mobil mob mobile ring ringa ringe call "
        "puh puhelin puhnro gsm sms swish swisha vipps vippse whatsapp nås "
        "nåast nås kontakta kontakt soita signal messenger telegram fax faks text:a "
        "smsa slå slag tekst samtal"
    ),
    Label.CARD: "kort kortn bankkort kreditkort visa mastercard kortti card",
}
_BY_FIRST: Final[dict[str, list[tuple[str, Label]]]] = {}
"""The beginnings by their first two letters, the longest first."""
for _label, _starts in _BEGINNINGS.items():
    for _start in _starts.split():
        _BY_FIRST.setdefault(_start[:2], []).append((_start, _label))
for _starts_of in _BY_FIRST.values():
    _starts_of.sort(key=lambda pair: -len(pair[0]))

# Short words that mean a label only when they stand alone.
_WHOLE: Final = listed(
    "kontot kontoen kontoet "
    "kt bg pg kid sak mål tel mob ref sms ring ringe konto kort visa tili kto lån "
    "pnr fnr seb dnb cpr duf born tfn tlf puh case order call vat mva moms slå slag "
    "asia text account paket pakke polisen handling ean doi anm beslut vedtak "
    "policy samtal kontakt person social tekst card national personal"
)

_MONEY_AFTER: Final = re.compile(
    r"\s?(?:(?:kr|kronor|kroner|kronar|sek|nok|dkk|eur|euro|usd|gbp|mkr|tkr|msek|mnok|"
    r"mnkr|tnok|tsek|öre|øre|procent|prosent|miljoner|millioner|million|miljon|"
    r"miljard|miljarder|milliarder|tusen|st|stk|styck|kvm|kvadratmeter|km|mil|meter|"
    r"m|m2|m3|ha|hektar|ton|tonn|kg|gram|liter|kwh|mwh|gwh|kw|mw|personer|invånare|"
    r"innbyggere|innbyggjarar|besökare|röster|stemmer|visningar|visninger|år|sidor|"
    r"timmar|timer)(?![^\W\d_])|[€$£%‰²³]|m²|:-|,-|\.-)"
)
_MONEY_BEFORE: Final = re.compile(
    r"(?:[€$£]|(?<![^\W_])(?:kr|sek|nok|eur|usd|kroner|kronor))\.?:?\s?-?$"
)


def is_amount(folded: str, start: int, end: int) -> bool:
    """Whether a currency or a unit stands right beside the number."""
    return (
        _MONEY_AFTER.match(folded, end) is not None
        or _MONEY_BEFORE.search(folded[max(0, start - 10) : start]) is not None
    )


def label_before(text: str, folded: str, start: int) -> Label:
    """What the nearest telling word before ``folded[start]`` calls the number.

    ``text`` is the original where positions are the same, else the folded text: a
    short word in capitals right before, such as KS or SBN, is a register's code.
    """
    begin = max(0, start - _REACH)
    tail = folded[begin:start]
    newline = max(tail.rfind("\n"), tail.rfind("!"), tail.rfind("?"), tail.rfind(";"))
    if newline >= 0:
        begin, tail = begin + newline + 1, tail[newline + 1 :]
    words = list(_WORDS.finditer(tail))
    if not words:
        return Label.NONE
    told = 0
    for word in reversed(words[-5:]):
        if word.end() + 20 < len(tail) and told == 0:
            return Label.NONE
        found = label_of(word[0])
        if found is not Label.NONE:
            return found
        if told == 0:
            original = text[begin + word.start() : begin + word.end()]
            beside = tail[word.end() :].strip(" -/:") == ""
            if beside and 2 <= len(original) <= 5 and original.isupper():
                return Label.CASE
        if word[0] not in _EMPTY:
            told += 1
            if told == 2:
                return Label.NONE
    return Label.NONE


def label_of(word: str) -> Label:
    """What a number is when ``word``, folded, names it."""
    for beginning, label in _BY_FIRST.get(word[:2], ()):
        if word.startswith(beginning) and (
            beginning not in _WHOLE or len(word) == len(beginning)
        ):
            return label
    return Label.NONE

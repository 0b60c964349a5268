"""Links that sell or collect: advertising (rules K-20.7 and K-22.5).

A link is nothing by itself, and neither is a price. Together, or with words that
tell people to buy, they are advertising; a collection or a call to join falls under
the addition on advertising for associations.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from policies.screening.detectors.explanations import SENTENCES
from policies.screening.detectors.making import ADVERTISING, COMMERCIAL, hit
from policies.screening.detectors.words import Words, listed
from policies.screening.model import Hit
from policies.screening.normalise import Normalised

_TOPS: Final = listed(
    "se no nu fi dk is eu com net org info biz io co me ly gl app dev shop store "
    "online xyz site club top vip live link page tv uk de gg cc ru pl to ai pro "
    "sale win bet casino today world news blog web gift deals market money loan bio "
    "fund life"
)
_OFFICIAL: Final = (
    *("kommune.no", "fylkeskommune.no", "regjeringen.no", "nav.no", "helsenorge.no"),
    *("altinn.no", "politiet.no", "skatteetaten.no", "1177.se", "krisinformation.se"),
    *("skatteverket.se", "forsakringskassan.se", "polisen.se", "regeringen.se"),
    *("lantmateriet.se", "trafikverket.se", "vegvesen.no", "ud.se", "kommun.se"),
    *("smhi.se", "yr.no", "kalix.se", "stortinget.no", "riksdagen.se"),
)
_COLLECTING: Final = ("gofundme.com", "spleis.no", "kickstarter.com", "betternow.org")
_SIGNS: Final = frozenset(".-_")
_TRAILING: Final = ".,;:!?'\"»”“’…*_"
_LONGEST: Final = 2000

_PRICE: Final = re.compile(
    r"(?<![\w.,])[0-9]{1,3}(?:[ .]?[0-9]{3}){0,3}(?:[,.][0-9]{2})?\s?"
    r"(?:kr(?:onor|oner)?(?![^\W\d_])|:-|,-|sek(?![^\W\d_])|nok(?![^\W\d_])|€|\$)"
    r"|[€$£]\s?[0-9]|(?<![\w.,])[0-9]{1,2}\s?%\s?(?:rabatt|rabat|avslag|off|billig)"
    r"|(?<![^\W_])kr\.? [0-9]{2,}"
)
_WORDS: Final = Words(
    {
        "call": """
            beställ, beställ nu, beställ här, köp, köp nu, köp här, köp min*, kjøp, kjøp
            nå, kjøp her, bestill, bestill nå, bestill her, bestill i dag, klicka här,
            klicka på länken, klikk her, klikk på lenken, trykk her, trykk på lenken,
            tryck här, besök vår*, besök oss, besøk vår*, besøk oss, följ länken, følg
            lenken, shoppa, handla hos, handla nu, handle hos, kolla in, sjekk ut, sjekk
            vår*, missa inte, gå ikke glipp av, ikke gå glipp, ikkje gå glipp, buy now,
            order now, shop now, click here, check out our, visit our, sign up now,
            skynda, skynd deg, skynd dig, swipe, länk i bio, link i bio, link in bio,
            boka nu, boka din*, book nå, book nu, bestill time, begränsat antal,
            begrenset antall, först till kvarn, førstemann til mølla, få den idag, prøv
            gratis, prova gratis, hör av dig, dm för*, skicka pm, send pm, pm for pris,
            pm för pris, vi hjälper dig, kontakta oss för, ta kontakt for
            """,
        "offer": """
            tilbud på, godt tilbud, tilbudspris*, kampanjtilbud*, rabatt*, rabattkod*,
            rabattkode*, rea, reapris*, fri frakt, gratis frakt, erbjudande*,
            kampanjpris*, kampanjepris*, lagersalg, utförsäljning*, utsalg, halva
            priset, halv pris, bästa pris*, beste pris*, lågt pris, lav pris, lave
            priser, låga priser, billigt, sale, discount, free shipping, best price,
            special offer, limited offer, black friday, provision, affiliate, sponsrad*,
            sponset, nyöppnat, nyåpnet
            """,
        "sell": """
            jag säljer, jeg selger, vi säljer, vi selger, eg sel, säljer min*, selger
            min*, säljes, selges, seljast, till salu, til salgs, til sals, uthyres, til
            leie, for sale, vår butik, vår webshop, vår webbutik, vår nettbutikk,
            nettbutikken vår, vår produkt*, våra produkter, våre produkter, vårt
            sortiment, finns nu hos oss, fåes kjøpt, fås kjøpt, min butik, vår hemsida,
            vårt företag, vårt firma, firmaet vårt
            """,
        "lure": """
            tjäna pengar, tjen penger, tjäna extra, passiv inkomst, passiv inntekt,
            jobba hemifrån, jobb hjemmefra, bitcoin*, krypto*, crypto*, casino*,
            kasino*, betting, freespins, gratisspinn, free spins, bonus utan, utan uc,
            lån utan*, lån uten*, snabblån*, smslån*, forbrukslån*, forex, viagra,
            slankepille*, gå ner i vikt, gå ned i vekt, sugar daddy, onlyfans, earn
            money, make money, work from home, weight loss
            """,
        "gift": """
            köp lott, köp en lott, kjøp lodd, støtt lotteriet, insamling*, innsamling*,
            skänk en*, skänk pengar, skänk till, donera*, doner, donér, støtt oss, støtt
            arbeidet*, stöd oss, stöd vår*, stöd vårt, støtt vår*, bli medlem, bli
            medlem*, bli månadsgivare, bli fast giver, bli fadder, ge en gåva, gi en
            gave, gje ei gåve, swisha, swisha till, swisha valfri*, vipps oss, vipps
            til, vipps en*, loppis, loppmarknad*, loppemarked*, loppemarknad*, basar,
            bössinsamling*, välgörenhet*, veldedig*, köp en köp lotter, kjøp årer,
            crowdfund*, donate, become a member, fundraiser
            """,
    }
)


def detect_advertising(text: str, normalised: Normalised) -> Iterable[Hit]:
    """Hits on links beside a price or a call, and on plain offers for sale."""
    folded = normalised.folded
    links = _links(folded)
    found = list(_WORDS.find(folded))
    if not links and not found:
        return ()
    tags = {word.tag for word in found}
    price = _PRICE.search(folded)
    if links:
        return _linked(normalised, links, tags, priced=price is not None)
    first = found[0]
    if "gift" in tags and (price is not None or "swish" in folded or "vipps" in folded):
        # Naming a lottery is talk; naming how to pay is a request.
        asked = next(word for word in found if word.tag == "gift")
        return [_fundraising(normalised, asked.start, asked.end, 0.55)]
    offer = next((word for word in found if word.tag == "sell"), None)
    opens = offer is not None and folded[: offer.start].rstrip()[-1:] in ("", *".!?:")
    selling = offer is not None and ("call" in tags or (opens and price is not None))
    if not selling and not ({"call", "offer"} <= tags and price is not None):
        return ()
    first = next((word for word in found if word.tag == "sell"), first)
    return [
        hit(
            normalised,
            first.start,
            first.end,
            rule=COMMERCIAL,
            entry="advertising.nolink",
            kind="advertising",
            confidence=0.55 + 0.1 * (len(tags) > 1 and price is not None),
            explanation=SENTENCES["advertising.nolink"],
        )
    ]


def _linked(
    normalised: Normalised,
    links: list[tuple[int, int, str]],
    tags: set[str],
    *,
    priced: bool,
) -> list[Hit]:
    selling = tags - {"gift"}
    hits = []
    for start, end, host in links:
        if host.endswith(_COLLECTING):
            hits.append(_fundraising(normalised, start, end, 0.8))
            continue
        signs = len(selling) + priced
        if "lure" in tags:
            signs += 1
        if "gift" in tags:
            hits.append(
                _fundraising(normalised, start, end, min(0.6 + 0.1 * signs, 0.9))
            )
            continue
        if not signs:
            continue
        confidence = min(0.5 + 0.15 * signs, 0.95)
        if host.endswith(_OFFICIAL):
            # Fees and opening hours of authorities come with prices and calls.
            if not selling - {"call"}:
                continue
            confidence = 0.3
        hits.append(
            hit(
                normalised,
                start,
                end,
                rule=COMMERCIAL,
                entry="advertising",
                kind="advertising",
                confidence=confidence,
                explanation=SENTENCES["advertising"],
            )
        )
    return hits


def _fundraising(
    normalised: Normalised, start: int, end: int, confidence: float
) -> Hit:
    return hit(
        normalised,
        start,
        end,
        rule=ADVERTISING,
        entry="fundraising",
        kind="advertising",
        confidence=confidence,
        explanation=SENTENCES["fundraising"],
    )


def _links(folded: str) -> list[tuple[int, int, str]]:
    """Spans of web addresses with their host; bare domains of known endings too."""
    links: list[tuple[int, int, str]] = []
    done = 0
    dot = folded.find(".")
    while dot >= 0:
        if dot and folded[dot + 1 : dot + 2].isalnum():
            start, done, host = _link(folded, dot, done)
            if host:
                links.append((start, done, host))
        dot = folded.find(".", max(dot + 1, done))
    return links


def _link(folded: str, dot: int, floor: int) -> tuple[int, int, str]:
    """Span and host of the web address that holds the given dot.

    The host is empty where the run of letters round the dot is no address. Nothing
    before ``floor`` is read again.
    """
    start = dot
    while start > floor and dot - start < 64:
        sign = folded[start - 1]
        if not sign.isalnum() and sign not in _SIGNS:
            break
        start -= 1
    while start < dot and not folded[start].isalnum():
        start += 1
    end = dot
    while end < len(folded) and end - dot < 253:
        if not folded[end].isalnum() and folded[end] not in _SIGNS:
            break
        end += 1
    while not folded[end - 1].isalnum():
        end -= 1
    host = folded[start:end]
    top = host.rpartition(".")[2]
    schemed = folded.startswith("://", start - 3) and start >= 3
    if start == dot or (not schemed and (top not in _TOPS or ".." in host)):
        return start, end, ""
    if not any(sign.isalpha() for sign in host) or len(top) < 2:
        return start, end, ""
    if "@" in (folded[start - 1 : start], folded[end : end + 1]):
        return start, end, ""
    if schemed:
        start -= 3
        while start and folded[start - 1].isalpha() and end - start < 300:
            start -= 1
    if folded[end : end + 1] in ("/", "?", "#", ":") and end < len(folded):
        furthest = min(len(folded), end + _LONGEST)
        while end < furthest and not folded[end].isspace() and folded[end] not in "<>":
            end += 1
        while folded[end - 1] in _TRAILING:
            end -= 1
        while folded[end - 1] == ")" and "(" not in folded[start:end]:
            end -= 1
    return start, end, host

"""Health or care of a person, and protected personal data (rule K-22.1).

Sweden: offentlighets- och sekretesslagen (2009:400) chapters 21, 22, 25 and 26.
Norway: forvaltningsloven § 13, helsepersonelloven § 21, barnevernsloven § 13-1.
A diagnosis alone is a topic; with a person it may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from policies.screening.detectors.explanations import SENTENCES
from policies.screening.detectors.making import CONFIDENTIAL, hit
from policies.screening.detectors.words import Found, Words, listed
from policies.screening.model import Hit
from policies.screening.normalise import Normalised

_CONDITIONS: Final = Words(
    {
        "sv": """
            cancer, bröstcancer, prostatacancer, lungcancer, leukemi, adhd, autism,
            autistisk*, asperger*, depression, depressionen, deprimerad*,
            utmattningsdepression*, demens, demenssjuk*, dement, alzheimers, alzheimer,
            diabetes, diabetiker, epilepsi, epileptiker, hiv, hivpositiv*, aids,
            schizofren*, psykos, psykosen, psykotisk*, bipolär*, borderline, anorexi*,
            bulimi*, ätstörning*, självskadebeteende, självmordsförsök*, missbruk,
            missbrukare, missbruket, alkoholist, alkoholism*, narkoman,
            alkoholmissbruk*, drogmissbruk*, sjukskriven, sjukskrivning*, sjukskriva*,
            utbränd, utvecklingsstörd*, utvecklingsstörning*, förståndshandikapp*,
            cp-skada*, parkinson*, stroke, hjärtinfarkt, hepatit*, könssjukdom*,
            klamydia, abort, missfall, psyksjuk, psykiskt sjuk*, inlagd på psyk*,
            tvångsvård*, lvu, lvm, lpt, orosanmäl*, omhändertagen*, omhändertagna,
            placerad i familjehem*, fosterhem*, familjehemsplacer*, försörjningsstöd,
            socialbidrag, på soc, hemtjänst*, assistansersättning*, lss,
            sjukersättning*, förtidspension*, patientjournal*, diagnos, diagnosen,
            diagnosticer*, benzo, metadon, subutex, antidepressiv*, cellgift*,
            cellgifter
            """,
        "no": """
            kreft, brystkreft, prostatakreft, lungekreft, leukemi, adhd, autist,
            autisme, autistisk*, depresjon, depresjonen, deprimert*, demens, dement*,
            diabetiker, epilepsi, hiv-positiv, hivpositiv, schizofren*, psykose*,
            psykotisk*, bipolar*, spiseforstyrr*, selvmordsforsøk*, sjølvmordsforsøk*,
            selvskad*, rusmisbruk*, rusavhengig*, misbruker, rusmisbruker, narkoman,
            alkoholiker*, alkoholisme, sykmeldt, sykemeldt, sjukmeldt, utbrent, psykisk
            utviklingshemm*, psykisk syk*, psykisk sjuk*, tvangsinnlagt, tvangsinnlegg*,
            innlagt på psyk*, innlagt på dps, hjerneslag, hjerteinfarkt, hjarteinfarkt,
            hepatitt, kjønnssykdom*, klamydia, abort, abortert, spontanabort*,
            barnevernet, barnevern, barnevernssak*, bekymringsmelding*, fosterhjem*,
            fosterheim*, beredskapshjem*, omsorgsovertak*, sosialhjelp, sosialstønad,
            økonomisk sosialhjelp, uføretrygd*, uføretrygda, hjemmesykepleie*,
            pasientjournal*, diagnose, diagnosen, diagnostisert*, cellegift*,
            antidepressiv*, lar-pasient, metadon
            """,
        "en": """
            cancer, leukemia, hiv positive, schizophreni*, bipolar disorder, depression,
            dementia, diabetic, epilepsy, on sick leave, rehab, overdose*, suicide
            attempt*, miscarriage, abortion, medical record*, diagnosed with
            """,
    }
)
_PROTECTED: Final = Words(
    {
        "sv": """
            skyddad identitet, skyddade identiteter, skyddade personuppgifter, skyddad
            id, skyddat id, skyddad folkbokföring, sekretessmarker*, sekretesskyddad*,
            sekretesskyddade uppgifter, kvarskrivning, kvarskriven, kvarskrivna, skyddat
            boende, skyddad adress, hemlig adress, hemligt boende, skyddad person,
            skyddat namn, skyddsbehov och identitet, fingerade personuppgifter, fingerad
            identitet, spärrmarker*, identitetsskydd*, personskydd*, lever gömd, lever
            gömda, lever under skydd*
            """,
        "no": """
            kode 6, kode 7, kode seks, kode sju, kode 6-sak*, kode 7-sak*, strengt
            fortrolig adresse, strengt fortrolig, strengt fortruleg adresse, strengt
            fortruleg, fortrolig adresse, fortruleg adresse, hemmelig adresse, hemmeleg
            adresse, skjult adresse, gradert adresse, skjermet adresse, skjerma adresse,
            skjermet identitet, skjerma identitet, skjermet person*, skjerma person*,
            skjermet bolig, skjermet bosted, skjermingssak*, adressesperre*,
            adressesperret, sperret adresse, sperra adresse, adressegrader*,
            adressebeskytt*, adressebeskyttelse, fiktiv identitet, skjermet telefon,
            lever i skjul
            """,
        "fi": """
            turvakielto, turvakiellon, turvakiellossa, turvakiellossa oleva
            """,
        "en": """
            protected identity, protected address, secret address, confidential address,
            shielded address, protective identity, witness protection
            """,
    }
)
_SCREENED: Final = Words({"no": "skjermet, skjerma, er gradert"})

# The person, in the same sentence and not far before the condition (or after it).
_OTHERS: Final = listed(
    "han hon hen hun ho honom henne ham henom hans hennes hennar hens deras deres "
    "he she him her his"
)
_ROLES: Final = listed(
    "mamma pappa mor far son sonen sønn sønnen dotter dottern dottera datter "
    "datteren datra bror broren brodern syster søster søsteren mormor farmor morfar "
    "farfar bestemor bestefar besta fru frun fruen make man mannen maken makan kona "
    "kone konen mann ektemann sambo sambon samboeren samboer granne grannen "
    "grannens nabo naboen naboens kompis kompisen kamerat vän vännen venn vennen "
    "venninna kollega kollegan kollegaen patient patienten pasient pasienten "
    "brukare brukaren bruker brukeren brukarar elev eleven klient klienten "
    "vårdtagaren vårdtagare beboer beboeren rektor rektorn rektoren läraren "
    "lärarinna lærer læreren lærar läkaren chefen sjefen handläggaren "
    "saksbehandleren ordföranden ordfører ordføreren kommunalrådet husband wife "
    "mother father daughter brother sister neighbour neighbor teacher barnebarn "
    "barnbarn barnbarnet ungen pojken flickan gutten jenta kusin svärmor svigermor "
    "svigerfar svärfar ex exet eksen eksmannen eksmann"
)
_NOT_CLOSE: Final = listed(
    "granne grannen nabo naboen kompis kompisen kamerat kollega kollegan kollegaen "
    "patienten pasienten brukaren brukeren eleven klienten rektor rektorn rektoren "
    "läraren læreren läkaren chefen sjefen handläggaren saksbehandleren teacher "
    "neighbour neighbor"
)
_OWN: Final = listed("jag eg jeg æ i min mitt mina mi mine vår vårt my mig meg")
_LINKS: Final = listed(
    "har hade hadde fick fått fikk fekk får lider led är er var vore blev ble blei "
    "blir blivit blitt vart varit vært ligger ligg sitter sit går gick tar äter "
    "drabbades rammet ramma has had have is was got äger dog døde døydde av med för "
    "for sin sitt sine sina i under pga grunnet gjort gjorde tog tok tatt tagit "
    "bruker brukar s visste berättade fortalte åt"
)
_WORD: Final = re.compile(r"[^\W\d_]+(?:[-:'][^\W\d_]+)*")
_BREAKS: Final = re.compile(r"[.!?;\n]")
_REACH: Final = 70
# How many words before the condition a person may stand, and a mere pronoun.
_NEAR: Final = 5
_NEAR_PRONOUN: Final = 3


def detect_health(text: str, normalised: Normalised) -> Iterable[Hit]:
    """Hits on a condition or a care measure said of a person."""
    found = list(_CONDITIONS.find(normalised.folded))
    if not found:
        return ()
    return list(_health(normalised, found))


def _health(normalised: Normalised, found: list[Found]) -> Iterator[Hit]:
    done = -1
    for word in found:
        if word.start < done:
            continue
        confidence, own = _person(normalised, word)
        if confidence:
            entry = "health.own" if own else "health"
            yield hit(
                normalised,
                word.start,
                word.end,
                rule=CONFIDENTIAL,
                entry=entry,
                kind="health",
                confidence=confidence,
                explanation=SENTENCES[entry],
                language="nb" if word.tag == "no" else word.tag,
            )
            done = word.end + _REACH


def _person(normalised: Normalised, word: Found) -> tuple[float, bool]:
    """How surely the condition is said of somebody, and whether of the writer's own.

    Looks back within the sentence for a name, a role or a pronoun, with a verb such
    as "has" or a possessive between.
    """
    folded = normalised.folded
    begin = max(0, word.start - _REACH)
    sentence = folded[begin : word.start]
    for stop in _BREAKS.finditer(sentence):
        begin = max(begin, word.start - len(sentence) + stop.end())
    start, end = normalised.span(begin, word.start)
    before = list(_WORD.finditer(normalised.text, start, end))[-_NEAR:]
    words = [match[0] for match in before]
    small = [one.lower() for one in words]
    linked = any(one in _LINKS for one in small)
    for place in range(len(words) - 1, -1, -1):
        last = place == len(words) - 1
        name = words[place]
        if not (linked or last):
            continue
        if small[place] in _ROLES or small[place].removesuffix("s") in _ROLES:
            beside = small[max(0, place - 1) : place + 2]
            close = small[place].removesuffix("s") not in _NOT_CLOSE
            return (0.6, close and any(one in _OWN for one in beside))
        if small[place] in _OTHERS and len(words) - place <= _NEAR_PRONOUN:
            return (0.5, False)
        full_name = (
            place > 0
            and name[0].isupper()
            and words[place - 1][0].isupper()
            and before[place].start() == before[place - 1].end() + 1
            and small[place - 1] not in _LINKS
        )
        if full_name and not name.isupper():
            return (0.75, False)
        if small[place] in ("jag", "jeg", "eg", "i'm"):
            return (0.35, True) if linked else (0.0, False)
    return (0.0, False)


def detect_protected(text: str, normalised: Normalised) -> Iterable[Hit]:
    """Hits on words for a protected identity or a confidential address."""
    folded = normalised.folded
    found = list(_PROTECTED.find(folded))
    if not found and "skjerm" in folded:
        found = [
            word
            for word in _SCREENED.find(folded)
            if _person(normalised, word)[0] >= 0.5
        ]
    return [
        hit(
            normalised,
            word.start,
            word.end,
            rule=CONFIDENTIAL,
            entry="protected_identity",
            kind="protected_identity",
            confidence=0.85 if _person(normalised, word)[0] >= 0.5 else 0.65,
            explanation=SENTENCES["protected"],
            language="nb" if word.tag == "no" else word.tag,
        )
        for word in found
    ]

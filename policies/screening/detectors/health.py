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
from policies.screening.names import Placed, named_places
from policies.screening.normalise import Normalised
from policies.screening.vocabulary import first_names

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
            cellgifter, downs syndrom, downs, tourette*, psyket, psykavdelning*,
            psykiatrisk*, psykiatrin, antipsykotisk*, psykofarmaka, ångestsyndrom,
            panikångest*, ångest, spelmissbruk*, spelberoende, alkoholproblem*,
            alkoholiserad*, narkotikaproblem*, drogproblem*, drogberoende*,
            avgiftning*,
            behandlingshem*, hvb-hem*, hvb hem*, nervsammanbrott, självmord,
            självmordet,
            tog livet av sig, tagit livet av sig, skär sig, dialys, multipel skleros,
            hiv-smittad*, hivsmittad*, gravid, gravida, särskola*, särskolan, bup,
            kontaktfamilj*, familjehem*, fosterbarn, vårdnadstvist*, gruppboende*,
            kronofogden, betalningsanmärkning*, under förvaltare, god man, super upp*,
            lever på bidrag, läkarintyg*, blodsmitta*, syfilis, impoten*, inkontinen*,
            kejsarsnitt*, stomi, hjärntumör*, tumör*, ms-sjuk*, utvecklingsförsen*
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
            antidepressiv*, lar-pasient, metadon, downs syndrom, downs, tourettes*,
            psykiatrisk*, psykiatrien, på psyk*, antipsykotisk*, angst,
            angstlidelse*, panikkangst, spilleavhengig*, alkoholproblem*, rusproblem*,
            avrusning*, avvenning*, rusinstitusjon*, behandlingsinstitusjon*,
            tok livet sitt, tok livet av seg, tatt livet av seg, sjølvmord*, selvmord*,
            dialyse, multippel sklerose, ms, hiv-smitt*, gravid, gravide, bup, ppt,
            sosialen, uføretrygdet, arbeidsavklaringspenger, gjeldsproblem*,
            inkasso*, namsmannen, verge, barnefordeling*, besøkshjem*, hjernesvulst*,
            svulst, legeerklæring*, keisersnitt*, utlagt tarm, inkontinen*, syfilis,
            schizofreni, autisme, adhd-medisin*, alzheimer*, parkinson*, epileptisk*
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
    "svigerfar svärfar ex exet eksen eksmannen eksmann pojke flicka tjej kille guten "
    "gut gutt jente lillebror lillasyster storebror storasyster moster faster tante "
    "onkel farbror morbror tanten onkelen sonson dotterdotter systerson systerdotter "
    "hyresgästen hyresgäst leieboeren kusinen fetter fetteren kusine niese nevø "
    "dottersonen barnebarnet tvillingarna tvillingene hustru hustrun bonusson"
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
    "intagen intaget intagna inlagd inlagda innlagt innlagd lagt lagd utredd utredet "
    "behandlas behandles drikker dricker super drikk "
    "bruker brukar s visste berättade fortalte åt"
)
_WORD: Final = re.compile(r"[^\W\d_]+(?:[-:'][^\W\d_]+)*")
_BREAKS: Final = re.compile(r"[.!?;\n]")
_REACH: Final = 90
# How many words before the condition a person may stand, and a mere pronoun; and how
# many after it.
_NEAR: Final = 10
_NEAR_PRONOUN: Final = 3
_NEAR_AFTER: Final = 5


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
    as "has" or a possessive between; then a little ahead for a name with such a verb.
    """
    folded = normalised.folded
    begin = max(0, word.start - _REACH)
    for stop in _BREAKS.finditer(folded, begin, word.start):
        begin = stop.end()
    before = _placed(folded, begin, word.start)[-_NEAR:]
    names = frozenset(named_places(normalised, before))
    small = [one for one, _, _ in before]
    linked = any(one in _LINKS for one in small)
    for place in range(len(small) - 1, -1, -1):
        if not linked and place < len(small) - 1:
            continue
        found = _who(small, names, place)
        if found is not None:
            return found
        if small[place] in ("jag", "jeg", "eg", "i'm"):
            return (0.35, True) if linked else (0.0, False)
    return _person_after(normalised, word)


def _who(
    small: list[str], names: frozenset[int], place: int
) -> tuple[float, bool] | None:
    """Who stands at a place, if it is somebody else than the writer."""
    word = (
        small[place].removesuffix("s") if small[place] not in _ROLES else small[place]
    )
    if word in _ROLES:
        beside = small[max(0, place - 1) : place + 2]
        close = word not in _NOT_CLOSE
        own = close and any(one in _OWN for one in beside)
        return (0.75 if names else 0.6, own)
    if small[place] in _OTHERS and len(small) - place <= _NEAR_PRONOUN:
        return (0.5, False)
    if place in names and small[place] not in _LINKS:
        first = small[place] in first_names() or word in first_names()
        if place - 1 in names and small[place - 1] not in _LINKS:
            return (0.75, False)
        if first:
            return (0.65, False)
    return None


def _person_after(normalised: Normalised, word: Found) -> tuple[float, bool]:
    """ "Cancer har Lisa Ek": a name soon after, with a verb that links it."""
    folded = normalised.folded
    end = min(len(folded), word.end + _REACH)
    stop = _BREAKS.search(folded, word.end, end)
    after = _placed(folded, word.end, stop.start() if stop else end)[:_NEAR_AFTER]
    if not any(one in _HAS for one, _, _ in after):
        return (0.0, False)
    # The word before keeps the first of these from being taken for an opening.
    names = [place - 1 for place in named_places(normalised, [_OPENING, *after])]
    if any(after[place][0] in first_names() for place in names if place >= 0):
        return (0.5, False)
    return (0.0, False)


_HAS: Final = listed("har lider led fick fått fikk hade hadde has had")
_OPENING: Final = ("", 0, 0)


def _placed(folded: str, start: int, end: int) -> list[Placed]:
    return [
        (match[0], match.start(), match.end())
        for match in _WORD.finditer(folded, start, end)
    ]


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

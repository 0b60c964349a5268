"""Why a detector marked something: one sentence per kind and language.

No sentence repeats what it found: a finding is kept longer than the text, and must
not carry somebody's number on.
"""

from __future__ import annotations

from typing import Final

from policies.screening.model import Explanation


def _identity(
    sv: str, nb: str, nn: str, en: str
) -> tuple[Explanation, Explanation, Explanation]:
    """Sentences for a number that checks, one that does not, one in a case."""
    return (
        Explanation(
            sv=f"Det här är {sv}; datum och kontrollsiffra stämmer.",
            nb=f"Dette er {nb}; dato og kontrollsiffer stemmer.",
            nn=f"Dette er {nn}; dato og kontrollsiffer stemmer.",
            en=f"This is {en}; date and check digit are right.",
        ),
        Explanation(
            sv=f"Texten kallar det här {sv}, men kontrollsiffran stämmer inte.",
            nb=f"Teksten kaller dette {nb}, men kontrollsifferet stemmer ikke.",
            nn=f"Teksten kallar dette {nn}, men kontrollsifferet stemmer ikkje.",
            en=f"The text calls this {en}, but the check digit is wrong.",
        ),
        Explanation(
            sv=f"Det här kan vara {sv}, men orden intill tyder på ett annat nummer "
            "eller så är datumet så nytt att det kan höra till ett ärende.",
            nb=f"Dette kan være {nb}, men ordene ved siden av tyder på et annet "
            "nummer, eller datoen er så ny at den kan høre til en sak.",
            nn=f"Dette kan vere {nn}, men orda ved sida av tyder på eit anna nummer, "
            "eller datoen er så ny at han kan høyre til ei sak.",
            en=f"This may be {en}, but the words beside it point to another number, "
            "or the date is so recent that it may belong to a case.",
        ),
    )


IDENTITY: Final = {
    "se.personnummer": _identity(
        "ett svenskt personnummer",
        "et svensk personnummer",
        "eit svensk personnummer",
        "a Swedish personal identity number",
    ),
    "se.samordningsnummer": _identity(
        "ett svenskt samordningsnummer",
        "et svensk samordningsnummer",
        "eit svensk samordningsnummer",
        "a Swedish coordination number",
    ),
    "no.fodselsnummer": _identity(
        "ett norskt födelsenummer",
        "et norsk fødselsnummer",
        "eit norsk fødselsnummer",
        "a Norwegian national identity number",
    ),
    "no.d-nummer": _identity(
        "ett norskt D-nummer",
        "et norsk D-nummer",
        "eit norsk D-nummer",
        "a Norwegian D number",
    ),
    "no.h-nummer": _identity(
        "ett norskt hjälpnummer",
        "et norsk hjelpenummer",
        "eit norsk hjelpenummer",
        "a Norwegian help number",
    ),
    "no.fh-nummer": _identity(
        "ett norskt gemensamt hjälpnummer",
        "et norsk felles hjelpenummer",
        "eit norsk felles hjelpenummer",
        "a Norwegian shared help number",
    ),
    "no.syntetisk": _identity(
        "ett norskt syntetiskt födelsenummer",
        "et norsk syntetisk fødselsnummer",
        "eit norsk syntetisk fødselsnummer",
        "a Norwegian synthetic identity number",
    ),
    "no.duf": _identity(
        "ett norskt DUF-nummer",
        "et norsk DUF-nummer",
        "eit norsk DUF-nummer",
        "a Norwegian immigration (DUF) number",
    ),
    "fi.henkilotunnus": _identity(
        "en finländsk personbeteckning",
        "et finsk personnummer",
        "eit finsk personnummer",
        "a Finnish personal identity code",
    ),
    "dk.cpr": _identity(
        "ett danskt CPR-nummer",
        "et dansk CPR-nummer",
        "eit dansk CPR-nummer",
        "a Danish CPR number",
    ),
    "is.kennitala": _identity(
        "en isländsk kennitala",
        "et islandsk kennitala",
        "eit islandsk kennitala",
        "an Icelandic kennitala",
    ),
}

SENTENCES: Final = {
    "iban": Explanation(
        sv="Det här är ett kontonummer (IBAN) med rätt kontrollsiffror.",
        nb="Dette er et kontonummer (IBAN) med riktige kontrollsifre.",
        nn="Dette er eit kontonummer (IBAN) med rette kontrollsiffer.",
        en="This is a bank account number (IBAN) with the right check digits.",
    ),
    "account": Explanation(
        sv="Det här ser ut som ett bankkontonummer.",
        nb="Dette ser ut som et bankkontonummer.",
        nn="Dette ser ut som eit bankkontonummer.",
        en="This looks like a bank account number.",
    ),
    "giro": Explanation(
        sv="Det här är ett bankgiro- eller plusgironummer.",
        nb="Dette er et svensk gironummer (bankgiro eller plusgiro).",
        nn="Dette er eit svensk gironummer (bankgiro eller plusgiro).",
        en="This is a Swedish giro number (bankgiro or plusgiro).",
    ),
    "card": Explanation(
        sv="Det här ser ut som ett betalkortsnummer.",
        nb="Dette ser ut som et betalingskortnummer.",
        nn="Dette ser ut som eit betalingskortnummer.",
        en="This looks like a payment card number.",
    ),
    "phone": Explanation(
        sv="Det här ser ut som ett telefonnummer till någon.",
        nb="Dette ser ut som et telefonnummer til noen.",
        nn="Dette ser ut som eit telefonnummer til nokon.",
        en="This looks like somebody's telephone number.",
    ),
    "email": Explanation(
        sv="Det här är en e-postadress.",
        nb="Dette er en e-postadresse.",
        nn="Dette er ei e-postadresse.",
        en="This is an e-mail address.",
    ),
    "email.role": Explanation(
        sv="Det här är en e-postadress, troligen till en funktion och inte en person.",
        nb="Dette er en e-postadresse, trolig til en funksjon og ikke en person.",
        nn="Dette er ei e-postadresse, truleg til ein funksjon og ikkje ein person.",
        en="This is an e-mail address, probably of an office and not of a person.",
    ),
    "address": Explanation(
        sv="Det här ser ut som en gatuadress.",
        nb="Dette ser ut som en gateadresse.",
        nn="Dette ser ut som ei gateadresse.",
        en="This looks like a street address.",
    ),
    "address.home": Explanation(
        sv="Det här ser ut som någons hemadress.",
        nb="Dette ser ut som noens hjemmeadresse.",
        nn="Dette ser ut som heimeadressa til nokon.",
        en="This looks like somebody's home address.",
    ),
    "postcode": Explanation(
        sv="Det här ser ut som ett postnummer med postort.",
        nb="Dette ser ut som et postnummer med poststed.",
        nn="Dette ser ut som eit postnummer med poststad.",
        en="This looks like a postcode with its town.",
    ),
    "health": Explanation(
        sv="Texten säger något om en persons hälsa eller omsorg.",
        nb="Teksten sier noe om en persons helse eller omsorg.",
        nn="Teksten seier noko om helsa til ein person eller omsorga om han.",
        en="The text says something about a person's health or care.",
    ),
    "health.own": Explanation(
        sv="Den som skriver berättar något om sin egen eller en närståendes hälsa.",
        nb="Den som skriver forteller noe om egen eller en nærståendes helse.",
        nn="Den som skriv, fortel noko om helsa si eller til ein nærståande.",
        en="The writer tells something about their own or a close person's health.",
    ),
    "protected": Explanation(
        sv="Texten nämner skyddade personuppgifter, till exempel skyddad identitet "
        "eller sekretessmarkering.",
        nb="Teksten nevner skjermede personopplysninger, for eksempel strengt "
        "fortrolig adresse (kode 6) eller fortrolig adresse (kode 7).",
        nn="Teksten nemner skjerma personopplysningar, til dømes strengt fortruleg "
        "adresse (kode 6) eller fortruleg adresse (kode 7).",
        en="The text mentions protected personal data, such as a protected identity "
        "or a confidential address.",
    ),
    "advertising": Explanation(
        sv="En länk står tillsammans med ett pris eller en köpuppmaning.",
        nb="En lenke står sammen med en pris eller en oppfordring til å kjøpe.",
        nn="Ei lenkje står saman med ein pris eller ei oppmoding om å kjøpe.",
        en="A link stands beside a price or a call to buy.",
    ),
    "advertising.nolink": Explanation(
        sv="Texten bjuder ut något till salu med pris eller köpuppmaning.",
        nb="Teksten byr fram noe til salgs med pris eller oppfordring til å kjøpe.",
        nn="Teksten byr fram noko til sals med pris eller oppmoding om å kjøpe.",
        en="The text offers something for sale with a price or a call to buy.",
    ),
    "fundraising": Explanation(
        sv="Texten ber om pengar, medlemmar eller deltagare för en förening eller "
        "insamling.",
        nb="Teksten ber om penger, medlemmer eller deltakere til en forening eller "
        "innsamling.",
        nn="Teksten ber om pengar, medlemmer eller deltakarar til ei foreining eller "
        "innsamling.",
        en="The text asks for money, members or participants for an association or "
        "a collection.",
    ),
    "politics.vote": Explanation(
        sv="Texten uppmanar till att rösta på ett visst sätt.",
        nb="Teksten oppfordrer til å stemme på en bestemt måte.",
        nn="Teksten oppmodar til å røyste på ein bestemt måte.",
        en="The text calls on people to vote in a certain way.",
    ),
    "politics.party": Explanation(
        sv="Texten tar ställning om ett parti. Det är en svag signal: avgör själv om "
        "det är ett politiskt budskap.",
        nb="Teksten tar stilling om et parti. Det er et svakt tegn: avgjør selv om "
        "det er et politisk budskap.",
        nn="Teksten tek stilling om eit parti. Det er eit svakt teikn: avgjer sjølv "
        "om det er ein politisk bodskap.",
        en="The text takes sides about a party. This is a weak sign: judge for "
        "yourself whether it is a political message.",
    ),
}

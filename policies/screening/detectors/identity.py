"""Personal identity numbers of the Nordic countries, and organisation numbers.

Pure checks on strings of digits; finding them in a text is `numbers`. Sources:
Sweden, folkbokföringslagen (1991:481) § 18 and SKV 704/707; Norway,
folkeregisterforskriften §§ 2-2-1 to 2-2-4 and Skatteetaten's test data rules;
Finland, valtioneuvoston asetus 128/2010 with the century signs of 2023; Denmark,
CPR-loven; Iceland, Þjóðskrá.
"""

from __future__ import annotations

from typing import Final

_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_FINNISH_SIGNS: Final = "0123456789abcdefhjklmnprstuvwxy"
_FINNISH_CENTURIES: Final = {"+": 1800} | dict.fromkeys("-yxwvu", 1900)
_FINNISH_CENTURIES.update(dict.fromkeys("abcdef", 2000))
_LUHN_DOUBLED: Final = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)

# Both check digits of a Norwegian number, last digit weighing 1.
_NORWEGIAN_FIRST: Final = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1)
_NORWEGIAN_SECOND: Final = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
_ICELANDIC: Final = (3, 2, 7, 6, 5, 4, 3, 2, 1)
_DUF: Final = (4, 6, 3, 2, 4, 6, 3, 2, 7, 5)


def luhn(digits: str) -> bool:
    """Whether the last digit is the Luhn check digit of the rest (ISO/IEC 7812-1)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        total += _LUHN_DOUBLED[int(digit)] if place % 2 else int(digit)
    return total % 10 == 0


def weighted(digits: str, weights: tuple[int, ...]) -> int:
    """Sum of digits times weights."""
    return sum(int(d) * w for d, w in zip(digits, weights, strict=False))


def is_date(year: int, month: int, day: int) -> bool:
    """Whether the Gregorian calendar has the day; any year of two or four digits."""
    if not 1 <= month <= 12 or not 1 <= day <= _DAYS[month - 1]:
        return False
    if month == 2 and day == 29:
        return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0 or year < 100)
    return True


def swedish(digits: str) -> str:
    """What 10 or 12 digits are: a kind of Swedish number, or "".

    "personnummer", "samordningsnummer" (day + 60), or "organisationsnummer" (third
    digit 2 or more, first never 0). The check digit counts, a century before it does
    not.
    """
    century = 0
    if len(digits) == 12:
        century = int(digits[:2]) * 100
        digits = digits[2:]
    if not luhn(digits):
        return ""
    if digits[2] >= "2" and digits[0] != "0" and century in (0, 1600):
        return "organisationsnummer"
    return swedish_shape(digits, century=century)


def swedish_shape(digits: str, *, century: int = 0) -> str:
    """As `swedish` for persons, without looking at the check digit."""
    if century and century not in (1800, 1900, 2000):
        return ""
    year, month, day = century + int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    if century == 2000 and year >= 2040:
        return ""
    if not century and not year:
        year = 2000
    if is_date(year, month, day):
        return "personnummer"
    # Day 60 stands for a birthday nobody knows.
    if day >= 60 and is_date(year, month, max(day - 60, 1)):
        return "samordningsnummer"
    return ""


def norwegian(digits: str) -> str:
    """What 11 digits are: a kind of Norwegian person number, or "".

    Day + 40 is a D-number; month + 40 an H-number (or a synthetic one of NAV's),
    month + 80 Skatteetaten's synthetic persons, month + 65 NAV's newer ones. A first
    digit 8 or 9 is the health service's shared help number, which holds no date.
    """
    if weighted(digits, _NORWEGIAN_SECOND) % 11:
        return ""
    # From 2032 on the first check digit may leave a remainder of 0, 1, 2 or 3.
    remainder = weighted(digits, _NORWEGIAN_FIRST) % 11
    if remainder and (remainder > 3 or digits[0] in "89"):
        return ""
    kind = "fh-nummer" if digits[0] in "89" else norwegian_shape(digits)
    return kind if not remainder or kind == "fodselsnummer" else ""


def norwegian_shape(digits: str) -> str:
    """As `norwegian` for numbers that hold a date, without the check digits."""
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    moved_day = day > 40
    day -= 40 * moved_day
    for offset in (0, 40, 65, 80):
        # The year's century is not known here, so 29 February counts in year 00.
        if is_date(year, month - offset, day):
            if offset in (65, 80):
                return "syntetisk"
            if offset:
                return "h-nummer"
            return "d-nummer" if moved_day else "fodselsnummer"
    return ""


def norwegian_organisation(digits: str) -> bool:
    """Whether 9 digits are an organisasjonsnummer (first digit 8 or 9, mod 11)."""
    return digits[0] in "89" and weighted(digits, (3, 2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def finnish(day_month_year: str, sign: str, rest: str) -> bool:
    """Whether the parts, in lower case, are a henkilötunnus (ddmmyy, sign, nnnC)."""
    century = _FINNISH_CENTURIES.get(sign)
    if century is None or rest[:3] < "002":
        return False
    day, month = int(day_month_year[:2]), int(day_month_year[2:4])
    if not is_date(century + int(day_month_year[4:]), month, day):
        return False
    return _FINNISH_SIGNS[int(day_month_year + rest[:3]) % 31] == rest[3]


def danish(digits: str) -> bool:
    """Whether 10 digits hold a CPR number's date; its check digit ended in 2007."""
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[4:6])
    return is_date(year, month, day) or is_date(year, month, day - 60)


def icelandic(digits: str) -> bool:
    """Whether 10 digits are a person's kennitala (date, mod 11, century digit)."""
    return (
        digits[9] in "890"
        and is_date(int(digits[4:6]), int(digits[2:4]), int(digits[:2]))
        and weighted(digits, _ICELANDIC) % 11 == 0
    )


def duf(digits: str) -> bool:
    """Whether 12 digits are an immigrant's DUF number (UDI), which starts in a year."""
    return digits[:2] in ("19", "20") and weighted(digits, _DUF) % 11 == int(
        digits[10:]
    )

"""Numbers that prove themselves: payment cards (issuer, length, Luhn), IBANs (length, modulus), US social security."""

from __future__ import annotations

import re

# Beginnings and lengths by ISO/IEC 7812 as the networks publish them; Maestro's lengths are 12 to 19.
_ISSUERS = (
    (re.compile(r"4"), (13, 16, 19)),
    (re.compile(r"5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"30[0-59]|36|3[89]"), (14, 16, 19)),
    (re.compile(r"35"), (16, 17, 18, 19)),
    (re.compile(r"2131|1800"), (15,)),
    (re.compile(r"220[0-4]"), (16, 17, 18, 19)),
    (re.compile(r"50|5[6-8]|6|0604"), tuple(range(12, 20))),
)
# Characters of an IBAN by country, from the SWIFT registry.
_IBAN_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO", 16: "BE", 18: "DK FI FK FO GL NL SD", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV", 22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG", 25: "LY PT ST", 26: "IS TR",
        27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HU LB NI PL SV", 29: "BR EG PS QA UA",
        30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
    }.items()
    for country in countries.split()
}  # fmt: skip


def digits_of(text: str) -> str:
    """Return the digits in ASCII; digits of other scripts count too."""
    return "".join(str(int(character)) for character in text if character.isdecimal())


def is_card(text: str) -> bool:
    """Say whether the digits are a card's: a known issuer, its length, and Luhn's check digit."""
    digits = digits_of(text)
    known = any(len(digits) in lengths and beginning.match(digits) for beginning, lengths in _ISSUERS)
    return known and _passes_luhn(digits)


def _passes_luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[-1::-2]) + sum(doubled)) % 10 == 0


def is_iban(text: str, start: int) -> int:
    """Return where the IBAN that starts here ends, or 0: the country's length, and a remainder of 1 by 97."""
    length = _IBAN_LENGTHS.get(text[start : start + 2].upper(), 0)
    characters: list[str] = []
    for place in range(start, len(text)):
        if len(characters) == length:
            break
        character = text[place]
        if character.isascii() and character.isalnum():
            characters.append(character.upper())
        elif character not in " \u00a0-":
            return 0
    else:
        place = len(text)
    if not length or len(characters) < length or (place < len(text) and text[place].isalnum()):
        return 0
    rotated = "".join((*characters[4:], *characters[:4]))
    return place if int("".join(str(int(character, 36)) for character in rotated)) % 97 == 1 else 0


def is_ssn(text: str) -> bool:
    """Say whether the nine digits may be a social security number: no part is zeros, the area is one in use."""
    digits = digits_of(text)
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"

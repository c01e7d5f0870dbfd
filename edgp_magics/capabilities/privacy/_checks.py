"""Validators: check digits and structure of identifiers, each a function from text to bool.

Every function takes a value as a cell holds it and ignores blanks, dots and dashes. ``std`` borrows a validator of
python-stdnum, imported when first used.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import importlib
import ipaddress
import json
import math
import re
from collections import Counter
from collections.abc import Callable

from ._words import words

Check = Callable[[str], bool]

_SEPARATORS = str.maketrans("", "", " -./\u00a0")


def compact(value: str) -> str:
    """The value without blanks, dots, dashes and slashes, in capitals.

    >>> compact("de89 3704-0044")
    'DE8937040044'
    """
    return value.translate(_SEPARATORS).upper()


def std(module: str) -> Check:
    """``is_valid`` of ``stdnum.<module>``."""

    def check(value: str) -> bool:
        return bool(_stdnum(module)(value))

    check.__name__ = module.replace(".", "_")
    return check


@functools.cache
def _stdnum(module: str) -> Callable[[str], bool]:
    found: Callable[[str], bool] = importlib.import_module(f"stdnum.{module}").is_valid
    return found


# -- check digits ------------------------------------------------------------------------------------------------
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def luhn(value: str) -> bool:
    """Luhn's sum over the digits.

    >>> luhn("4111 1111 1111 1111"), luhn("4111 1111 1111 1112")
    (True, False)
    """
    return sum(map(str.isdecimal, value)) > 1 and luhn_sum(value) % 10 == 0


def luhn_sum(value: str) -> int:
    """The digits added up from the right, every second one doubled."""
    digits = [int(c) for c in value if c.isdecimal()]
    digits.reverse()
    return sum(digits[::2]) + sum(_DOUBLED[d] for d in digits[1::2])


_D5 = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_PERMUTE = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


@functools.cache
def _power(step: int, digit: int) -> int:
    for _ in range(step):
        digit = _PERMUTE[digit]
    return digit


def verhoeff(value: str) -> bool:
    """Verhoeff's check over the digits.

    >>> verhoeff("2363"), verhoeff("2364")
    (True, False)
    """
    state = 0
    for i, char in enumerate(reversed(compact(value))):
        state = _D5[state][_power(i % 8, int(char))]
    return state == 0


def aadhaar(value: str) -> bool:
    """An Indian Aadhaar number: 12 digits, not starting with 0 or 1, Verhoeff."""
    digits = compact(value)
    return len(digits) == 12 and digits.isdecimal() and digits[0] not in "01" and verhoeff(digits)


def card(value: str) -> bool:
    """A payment card number: issuer prefix, its length and Luhn."""
    digits = compact(value)
    return digits.isdecimal() and card_brand(digits) is not None and luhn(digits)


_BRANDS: tuple[tuple[str, str, frozenset[int]], ...] = (
    ("amex", r"3[47]", frozenset({15})),
    ("diners", r"3(?:0[0-59]|[689])", frozenset({14, 16, 17, 18, 19})),
    ("jcb", r"35(?:2[89]|[3-8][0-9])", frozenset({16, 17, 18, 19})),
    ("jcb", r"2131|1800", frozenset({15})),
    ("visa", r"4", frozenset({13, 16, 19})),
    ("mastercard", r"5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)", frozenset({16})),
    ("discover", r"6(?:011|4[4-9]|5)", frozenset({16, 17, 18, 19})),
    ("unionpay", r"62|81", frozenset({16, 17, 18, 19})),
    ("maestro", r"5(?:0|[6-8])|6(?:304|759|76[1-3]|39|0)", frozenset(range(12, 20))),
    ("rupay", r"6(?:0|521)|508[5-9]|353|356", frozenset({16})),
    ("mir", r"220[0-4]", frozenset({16, 17, 18, 19})),
)
_PREFIXES = tuple((name, re.compile(prefix), lengths) for name, prefix, lengths in _BRANDS)


def card_brand(digits: str) -> str | None:
    """The card scheme that issues numbers of this prefix and length.

    >>> card_brand("4111111111111111"), card_brand("9111111111111111")
    ('visa', None)
    """
    return next((name for name, prefix, lengths in _PREFIXES if len(digits) in lengths and prefix.match(digits)), None)


_TEST_CARDS = words(
    "4111111111111111 4012888888881881 4222222222222 4242424242424242 4000056655665556 5555555555554444 5105105105105100 "
    "5200828282828210 2223003122003222 378282246310005 371449635398431 378734493671000 6011111111111117 6011000990139424 "
    "30569309025904 38520000023237 3056930009020004 3530111333300000 3566002020360505 6200000000000005"
)


def test_card(value: str) -> bool:
    """Whether the number is one that payment firms publish for testing."""
    return compact(value) in _TEST_CARDS


_IBAN_LENGTHS = dict(
    part.split(":")
    for part in words(
        "AD:24 AE:23 AL:28 AT:20 AZ:28 BA:20 BE:16 BG:22 BH:22 BR:29 BY:28 CH:21 CR:22 CY:28 CZ:24 DE:22 DK:18 DO:28 EE:20 "
        "EG:29 ES:24 FI:18 "
        "FO:18 FR:27 GB:22 GE:22 GI:23 GL:18 GR:27 GT:28 HR:21 HU:28 IE:22 IL:23 IQ:23 IS:26 IT:27 JO:30 KW:30 KZ:20 LB:28 "
        "LC:32 LI:21 LT:20 "
        "LU:20 LV:21 LY:25 MC:27 MD:24 ME:22 MK:19 MR:27 MT:31 MU:30 NL:18 NO:15 PK:24 PL:28 PS:29 PT:25 QA:29 RO:24 RS:22 "
        "SA:24 SC:31 SD:18 "
        "SE:24 SI:19 SK:24 SM:27 ST:25 SV:28 TL:23 TN:24 TR:26 UA:29 VA:22 VG:24 XK:20"
    )
)


def iban(value: str) -> bool:
    """An IBAN of a known country: length and mod 97.

    >>> iban("DE89 3704 0044 0532 0130 00"), iban("DE88 3704 0044 0532 0130 00")
    (True, False)
    """
    text = compact(value)
    if len(text) == 26 and text.isdecimal():
        text = "PL" + text  # within Poland accounts are written without the country
    if not text.isalnum() or not text.isascii() or str(len(text)) != _IBAN_LENGTHS.get(text[:2], ""):
        return False
    return int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 == 1


_ALPHA2 = words(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES "
    "ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN "
    "IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA "
    "MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE "
    "PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR "
    "SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
)


_ALPHA3 = words(
    "AFG ALB DZA AND AGO ARG ARM AUS AUT AZE BHS BHR BGD BRB BLR BEL BLZ BEN BTN BOL BIH BWA BRA BRN BGR BFA BDI CPV KHM CMR CAN CAF TCD "
    "CHL CHN COL COM COG COD CRI CIV HRV CUB CYP CZE DNK DJI DMA DOM ECU EGY SLV GNQ ERI EST SWZ ETH FJI FIN FRA GAB GMB GEO DEU GHA GRC "
    "GRD GTM GIN GNB GUY HTI HND HKG HUN ISL IND IDN IRN IRQ IRL ISR ITA JAM JPN JOR KAZ KEN KIR PRK KOR KWT KGZ LAO LVA LBN LSO LBR LBY "
    "LIE LTU LUX MAC MDG MWI MYS MDV MLI MLT MRT MUS MEX MDA MCO MNG MNE MAR MOZ MMR NAM NPL NLD NZL NIC NER NGA MKD NOR OMN PAK PAN PNG "
    "PRY PER PHL POL PRT PRI QAT ROU RUS RWA SAU SEN SRB SYC SLE SGP SVK SVN SOM ZAF SSD ESP LKA SDN SUR SWE CHE SYR TWN TJK TZA THA TLS "
    "TGO TTO TUN TUR TKM UGA UKR ARE GBR USA URY UZB VUT VEN VNM YEM ZMB ZWE"
)
COUNTRY_CODES = _ALPHA2 | _ALPHA3
"""The codes of countries, two and three letters."""


def bic(value: str) -> bool:
    """A bank identifier code whose letters five and six are a country."""
    return value[4:6] in _ALPHA2


def aba(value: str) -> bool:
    """A US bank routing number: Federal Reserve prefix and 3-7-1 sum."""
    digits = compact(value).zfill(9)
    if len(digits) != 9 or not digits.isdecimal():
        return False
    head = int(digits[:2])
    if not (head <= 12 or 21 <= head <= 32 or 61 <= head <= 72 or head == 80) or digits == "0" * 9:
        return False
    return sum(int(d) * w for d, w in zip(digits, (3, 7, 1) * 3, strict=True)) % 10 == 0


def weighted(weights: tuple[int, ...], modulus: int, accept: Callable[[int, int], bool]) -> Check:
    """A check over digits: weighted sum of all but the last modulo ``modulus``, accepted against the last."""

    def check(value: str) -> bool:
        digits = compact(value)
        if len(digits) != len(weights) + 1 or not digits.isdecimal():
            return False
        return accept(sum(int(d) * w for d, w in zip(digits, weights, strict=False)) % modulus, int(digits[-1]))

    return check


nhs = weighted((10, 9, 8, 7, 6, 5, 4, 3, 2), 11, lambda rest, last: (11 - rest) % 11 == last)
imei_body = re.compile(r"(?:01|35|86|98|99)[0-9]{13}")


def imei(value: str) -> bool:
    """A 15-digit IMEI: reporting body prefix and Luhn."""
    digits = compact(value)
    return bool(imei_body.fullmatch(digits)) and luhn(digits)


def npi(value: str) -> bool:
    """A US National Provider Identifier: 10 digits starting with 1 or 2, Luhn with prefix 80840."""
    digits = compact(value)
    return len(digits) == 10 and digits.isdecimal() and digits[0] in "12" and luhn("80840" + digits)


def dea(value: str) -> bool:
    """A US DEA registration: two letters, six digits, check digit.

    >>> dea("AB1234563"), dea("AB1234564")
    (True, False)
    """
    text = compact(value)
    if not re.fullmatch(r"[ABCDEFGHJKLMPRSTUX][A-Z9][0-9]{7}", text):
        return False
    d = [int(c) for c in text[2:]]
    return (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6]


_VIN_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def vin(value: str) -> bool:
    """A vehicle identification number with a right check digit (North America, China)."""
    text = value.strip().upper()
    if not re.fullmatch(r"[A-HJ-NPR-Z0-9]{17}", text):
        return False
    total = sum((int(c) if c.isdecimal() else _VIN_VALUES[c]) * w for c, w in zip(text, _VIN_WEIGHTS, strict=True))
    return "0123456789X"[total % 11] == text[8]


_NRIC_LETTERS = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "KLJNPQRTUWX"}
_NRIC_OFFSET = {"S": 0, "T": 4, "F": 0, "G": 4, "M": 3}


def nric(value: str) -> bool:
    """A Singapore NRIC or FIN with a right check letter.

    >>> nric("S1234567D"), nric("S1234567A")
    (True, False)
    """
    text = compact(value)
    if not re.fullmatch(r"[STFGM][0-9]{7}[A-Z]", text):
        return False
    total = _NRIC_OFFSET[text[0]] + sum(int(d) * w for d, w in zip(text[1:8], (2, 7, 6, 5, 4, 3, 2), strict=True))
    return _NRIC_LETTERS[text[0]][total % 11] == text[8]


def nino(value: str) -> bool:
    """A UK National Insurance number: allowed prefix letters and suffix."""
    text = compact(value)
    return bool(re.fullmatch(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][0-9]{6}[A-D]", text)) and text[:2] not in (
        "BG",
        "GB",
        "KN",
        "NK",
        "NT",
        "TN",
        "ZZ",
    )


_MBI = re.compile(r"[1-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y][0-9AC-HJKMNP-RT-Y][0-9][AC-HJKMNP-RT-Y]{2}[0-9]{2}")


def mbi(value: str) -> bool:
    """A Medicare beneficiary identifier: letters that are in use (no S, L, O, I, B, Z) in their places."""
    return _MBI.fullmatch(compact(value)) is not None


def ssn(value: str) -> bool:
    """A US social security number that can have been issued."""
    d = compact(value).zfill(9)
    return len(d) == 9 and d.isdecimal() and d[:3] not in ("000", "666") and d[0] != "9" and d[3:5] != "00" and d[5:] != "0000"


def itin(value: str) -> bool:
    """A US individual taxpayer number: 9xx with a group that is in use."""
    d = compact(value)
    return bool(re.fullmatch(r"9[0-9]{2}(?:5[0-9]|6[0-5]|7[0-9]|8[0-8]|9[0-24-9])[0-9]{4}", d))


def frnir(value: str) -> bool:
    """A French NIR with its key (15 digits; 2A and 2B for Corsica)."""
    text = compact(value).replace("2A", "19", 1) if "A" in value.upper() else compact(value).replace("2B", "18", 1)
    if not re.fullmatch(r"[1-478][0-9]{14}", text) or not (1 <= int(text[3:5]) <= 12 or 20 <= int(text[3:5]) <= 42 or int(text[3:5]) >= 50):
        return False
    return 97 - int(text[:13]) % 97 == int(text[13:])


def _possible_date(day: int, month: int) -> bool:
    """Whether day and month can be a date."""
    return 1 <= day <= 31 and 1 <= month <= 12


def cn_resident(value: str) -> bool:
    """A Chinese resident identity number: birth date and check character (ISO 7064 mod 11-2).

    >>> cn_resident("11010519491231002X"), cn_resident("110105194912310021")
    (True, False)
    """
    text = compact(value)
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", text) or not _possible_date(int(text[12:14]), int(text[10:12])):
        return False
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(d) * w for d, w in zip(text, weights, strict=False)) % 11] == text[17]


def rfc(value: str) -> bool:
    """A Mexican RFC: letters, then a date that exists.

    >>> rfc("GODE561231GR8"), rfc("GODE561331GR8")
    (True, False)
    """
    digits = compact(value)[-9:-3]
    return digits.isdecimal() and _possible_date(int(digits[4:]), int(digits[2:4]))


def es_nif(value: str) -> bool:
    """A Spanish NIF or NIE of a person with its check letter."""
    text = compact(value)
    if not re.fullmatch(r"(?:[0-9]{8}|[XYZKLM][0-9]{7})[A-Z]", text):
        return False
    digits = text[:8].translate(str.maketrans("XYZKLM", "012000"))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[int(digits) % 23] == text[8]


def za_id(value: str) -> bool:
    """A South African identity number: birth date, citizenship digit, Luhn."""
    d = compact(value)
    return len(d) == 13 and d.isdecimal() and _possible_date(int(d[4:6]), int(d[2:4])) and d[10] in "012" and luhn(d)


def my_nric(value: str) -> bool:
    """A Malaysian MyKad number: birth date and a place code that is in use."""
    d = compact(value)
    return (
        len(d) == 12
        and d.isdecimal()
        and _possible_date(int(d[4:6]), int(d[2:4]))
        and d[6:8] not in ("00", "17", "18", "19", "20", "69", "70", "73", "80", "81", "94", "95", "96", "97")
    )


def tw_id(value: str) -> bool:
    """A Taiwanese identity number: the letter of the place counts as two digits, then a weighted sum.

    >>> tw_id("A123456789"), tw_id("A123456788")
    (True, False)
    """
    text = compact(value)
    if not re.fullmatch(r"[A-Z][1289][0-9]{8}", text):
        return False
    tens, ones = divmod("ABCDEFGHJKLMNPQRSTUVXYWZIO".index(text[0]) + 10, 10)
    return (tens + 9 * ones + sum(int(d) * w for d, w in zip(text[1:], (8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True))) % 10 == 0


def kr_rrn(value: str) -> bool:
    """A Korean resident registration number: birth date, and the check digit where it is written without its dash.

    Numbers given since October 2020 have no check digit any more, so the grouped form is taken by its date.
    """
    d = compact(value)
    if len(d) != 13 or not d.isdecimal() or not _possible_date(int(d[4:6]), int(d[2:4])):
        return False
    return "-" in value or std("kr.rrn")(d)


def nik(value: str) -> bool:
    """An Indonesian NIK: province, then birth date with 40 added to a woman's day."""
    d = compact(value)
    return len(d) == 16 and d.isdecimal() and 11 <= int(d[:2]) <= 96 and _possible_date(int(d[6:8]) % 40, int(d[8:10]))


def hkid(value: str) -> bool:
    """A Hong Kong identity card number with its check character."""
    found = re.fullmatch(r"([A-Z]{1,2})([0-9]{6})([0-9A])", compact(value).replace("(", "").replace(")", ""))
    if not found:
        return False
    letters, digits, last = found.groups()
    head = [36] * (2 - len(letters)) + [ord(c) - 55 for c in letters]
    total = sum(v * w for v, w in zip([*head, *map(int, digits)], (9, 8, 7, 6, 5, 4, 3, 2), strict=True))
    return (total + (10 if last == "A" else int(last))) % 11 == 0


# -- network, crypto, secrets ----------------------------------------------------------------------------------------
def ip(value: str) -> bool:
    """An IPv4 or IPv6 address (with an optional prefix length) that is not all zero."""
    text = value.strip().partition("/")[0]
    try:
        return not ipaddress.ip_address(text).is_unspecified and not text.startswith("0.")
    except ValueError:
        return False


_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58check(value: str) -> bool:
    """A Bitcoin-style address whose double SHA-256 checksum is right."""
    number = 0
    for char in value:
        place = _BASE58.find(char)
        if place < 0:
            return False
        number = number * 58 + place
    raw = number.to_bytes(25, "big") if number < 1 << 200 else b""
    return len(raw) == 25 and hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4] == raw[21:]


_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def bech32(value: str) -> bool:
    """A segwit address (bc1, tb1, ltc1) whose bech32 or bech32m checksum is right."""
    text = value.lower()
    head, _, data = text.rpartition("1")
    if not head or any(c not in _BECH32 for c in data):
        return False
    values = [ord(c) >> 5 for c in head] + [0] + [ord(c) & 31 for c in head] + [_BECH32.index(c) for c in data]
    state = 1
    for v in values:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ v
        for i, g in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            state ^= g if top >> i & 1 else 0
    return state in (1, 0x2BC830A3)


def wallet(value: str) -> bool:
    """A crypto wallet address: base58check, bech32, or an Ethereum address."""
    text = value.strip()
    if re.fullmatch(r"0x[0-9a-fA-F]{40}", text):
        return True
    return bech32(text) if text[:3].lower() in ("bc1", "tb1", "ltc") else base58check(text)


def jwt(value: str) -> bool:
    """A JSON web token: its header decodes to an object with ``alg``."""
    head = value.strip().partition(".")[0]
    try:
        found = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, binascii.Error):
        return False
    return isinstance(found, dict) and "alg" in found


def entropy(value: str) -> float:
    """Bits per character.

    >>> entropy("aaaa"), entropy("abcd")
    (0.0, 2.0)
    """
    total = len(value)
    return abs(sum(n / total * math.log2(n / total) for n in Counter(value).values())) if total else 0.0


SECRET_PREFIXES = (
    r"(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{16}",
    r"gh[pousr]_[0-9A-Za-z]{36,251}",
    r"github_pat_[0-9A-Za-z_]{40,93}",
    r"glpat-[0-9A-Za-z_-]{20,64}",
    r"xox[abposre]-[0-9A-Za-z-]{10,200}",
    r"xapp-[0-9A-Za-z-]{10,200}",
    r"(?:sk|pk|rk)_(?:live|test)_[0-9A-Za-z]{10,120}",
    r"sk-(?:proj-|ant-|or-|svcacct-)?[0-9A-Za-z_-]{20,200}",
    r"AIza[0-9A-Za-z_-]{35}",
    r"ya29\.[0-9A-Za-z_-]{20,200}",
    r"SG\.[0-9A-Za-z_-]{22}\.[0-9A-Za-z_-]{43}",
    r"hf_[0-9A-Za-z]{30,40}",
    r"npm_[0-9A-Za-z]{36}",
    r"pypi-[0-9A-Za-z_-]{50,250}",
    r"dop_v1_[0-9a-f]{64}",
    r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    r"key-[0-9a-f]{32}",
    r"AC[0-9a-f]{32}",
    r"EAA[0-9A-Za-z]{30,250}",
    r"dapi[0-9a-f]{32}",
    r"hvs\.[0-9A-Za-z_-]{20,120}",
    r"eyJ[0-9A-Za-z_-]{8,2000}\.eyJ[0-9A-Za-z_-]{4,4000}\.[0-9A-Za-z_-]{8,1000}",
    r"-----BEGIN (?:[A-Z]{2,12} )?PRIVATE KEY-----[0-9A-Za-z+/=\s-]{0,5000}",
    r"[a-z][a-z0-9+]{2,12}://[^\s:/@]{1,64}:[^\s:/@]{3,64}@[^\s/]{3,200}",
)
SECRET = "|".join(SECRET_PREFIXES)


def secret(value: str) -> bool:
    """A credential by its issuer's prefix; a JWT must decode."""
    return jwt(value) if value.startswith("eyJ") else True

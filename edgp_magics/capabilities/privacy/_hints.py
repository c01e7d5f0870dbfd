"""The first look at a text: which kinds of personal data it can hold at all.

One pass tells what is there of some sixty hints; what reads a text more closely is asked only where its hint is. A hint may be there
in vain, but is never missing where the closer look would find something.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from ._forms import Forms
from ._lexicon import BOX, COMPASS, GERMANIC, ROMANCE, STREET, STREETS_APART

CUE_WORDS = {
    "CREDIT_CARD": r"card|cc|visa|mastercard|amex|kreditkarte|karte|carte|tarjeta|carta|kaart|pan|卡号|信用卡",
    "PHONE": (
        r"phone|call|callback|contact|tel|telephone|mobile|cell|fax|number|reach|dial|ring|answering at|whatsapp|sms|text|"
        r"telefon|handy|téléphone|telefono|teléfono|móvil|电话|手机|联系|電話|携帯|連絡先?|折り返し|전화|휴대폰|연락처"
    ),
    "US_SSN": r"ssn|social security|soc sec",
    "US_ITIN": r"itin|taxpayer|tax id",
    "UK_NHS": r"nhs|identity|patient|health service",
    "BANK_ACCOUNT": r"account|acct|a/c|konto|kontonummer|compte|cuenta|conto|账号|账户",
    "US_ABA_ROUTING": r"routing|aba|identity|rtn",
    "US_NPI": r"npi|provider|identity",
    "PASSPORT": r"passport|reisepass|passeport|pasaporte|passaporto|paspoort|护照",
    "DRIVER_LICENSE": r"licen[cs]e|driver|führerschein|permis",
    "POSTAL_CODE": r"zip|zip ?code|post ?code|postal code|plz|zip code is",
    "MRN": r"mrn|medical record|patient id",
    "IBAN": r"iban",
    "DATE_OF_BIRTH": (
        r"dob|d\.o\.b\.?|born|birth|birthday|birthdate|date of birth|geboren|geb\.?|né[e]? le|nacid[oa]|nacimiento|nat[oa] il|"
        r"出生|生日|née? (?:le|en)|née? à|nar\.|nat[oa]|nascid[oa]|nascita|nascimento|geboorte|urodz|ur\."
    ),
    "AGE": r"aged?|turned|turning|years old",
    "NATIONAL_ID": r"identity|id|identified|verified|national id|identification|ausweis|ahv|avs|身份证",
}
"""Words that say of the value behind them what it is."""
HINTS = {
    "EMAIL": "@",
    "SECRET": (
        r"gh[pousr]_|_pat_|[spr]k_|hf_|npm_|_v1_|shp(?:at|ca|pa|ss)_|eyJ|AKIA|ASIA|ARO|AIDA|sk-|AIza|ya29|SG\.|BEGIN|"
        r"://[^\s/@]{4,}@|glpat|xox|xapp|pypi|key-|EAA|dapi|hvs|AC[0-9a-f]"
    ),
    "CARD_TRACK": r"[0-9][=^]",
    "MAC_ADDRESS": r"(?:[0-9a-fA-F]{2}[:-]){4}|(?:[0-9a-fA-F]{4}\.){2}",
    "IBAN": r"[A-Z]{2}[0-9]{2}(?: ?[A-Za-z0-9]){11}",
    "link": r"://|www\.",
    "network": r"(?:[0-9]{1,3}\.){3}[0-9]|::|[0-9a-fA-F]:[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}:",
    "US_MBI": r"(?i)[0-9][A-Z][0-9A-Z][0-9]-?[A-Z]",
    "UK_NINO": r"(?i)[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Z]",
    "MX_CURP": r"(?i)[A-Z][0-9]{6}[HMX]",
    "FI_HETU": r"[0-9]{6}[-+ABCDEFUVWXY][0-9]{3}",
    "IN_PAN": r"[A-Z]{2}[0-9]{4}[A-Z]",
    "SG_NRIC_FIN": r"(?i)[STFGM][0-9]{7}[A-Z]",
    "ES_NIF": r"(?i)[0-9]{7}[- ]?[A-Z]",
    "US_DEA": r"[ABCDEFGHJKLMPRSTUX][A-Z9][0-9]{7}",
    "CL_RUT": r"[0-9]{3}\.?[0-9]{3}-[0-9Kk]",
    "CN_RESIDENT_ID": r"[0-9]{17}[0-9Xx]",
    "IT_FISCAL_CODE": r"(?i)[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z]",
}
"""What a text has where a value of the type stands: something short of it, as long forms make the automaton large."""
CVV_WORDS = (
    "cvv2?|cvc2?|csc|card verification (?:code|value|number)|security code|pr[üu]f(?:nummer|ziffer)|cryptogramme(?: visuel)?|"
    "c[óo]digo de seguran[çc]a|c[óo]digo de seguridad|codice di sicurezza"
)
"""Words before the code on the back of a card."""
LOGIN_WORDS = (
    "pass(?:word|wd|phrase|code)|passwor[td]|kennwort|pwd|mot de passe|mdp|contrase[ñn]a|clave de acceso|senha|palavra-passe|wachtwoord|"
    "has[łl]o|parola d['’]ordine|密码|パスワード|비밀번호|كلمة المرور"
)
"""Words before a password."""
_RUNS = {"CRYPTO": r"[0-9a-zA-Z]{26}", "compact": r"[0-9](?:[0-9]|[ ().-]{1,2}){6}"}
"""What counts far: beside other forms each of its steps would be a state with each of theirs."""
MONTH = (
    "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mai|okt|dez|fév|avr|jui|aoû|déc|ene|abr|ago|dic|gen|mag|giu|lug|set|ott|fev|out|"
    "mär|maa|mei|sty|lut|kwi|maj|cze|lip|sie|wrz|paź|lis|gru)[a-zäçéńöśûź]*"
)
"""The months of nine languages, by how they begin."""
PERSON_WORDS = (
    "patient|patiente|patientin|homme|femme|client|cliente|salariée?|garçon|fille|paciente|hombre|mujer|varón|niñ[oa]|chic[oa]|paziente|uomo|"
    "donna|bambin[oa]|ragazz[oa]|homem|mulher|idos[oa]|menin[oa]|man|vrouw|jongen|meisje|patiënte?|pacjentk?a?|mężczyzna|kobieta|mann|frau|"
    "kundin|kunde|bewerberin|bewerber"
)
"""Words for people of whom an age is told."""
NO_PHONE_WORDS = (
    "order|invoice|batch|code|ticket|ref|reference|case|serial|sku|part|model|total|amount|version|checksum|id|isbn|tracking|rechnung|"
    "bestellung|commande|facture|pedido|item|lot|shipment|card|account|订单|发票"
)
"""Words before numbers at which nobody is called."""
_TOLD = {
    "digit": "[0-9]",
    "group": r"[0-9](?:[0-9]|[ ().\u2010-\u2015/-]{1,3}){4}",
    "said password": f"(?i){LOGIN_WORDS}",
    "date": r"[0-9][-/.][0-9]{1,2}[-/.][0-9]{2}",
    "date in words": rf"(?i){MONTH}[., ]{{1,2}}(?:[0-9]{{1,2}}(?:st|nd|rd|th)?,? |de |of )?(?:19|20)[0-9]{{2}}",
    "age": (
        r"(?i)[0-9](?:[ -]?(?:years?|yrs?)[ -]?old|[ -]?y/?o| jahre| ans| años| anni| anos| jaar| lata?)|"
        r"(?:aged?|turned|turning|i'm|am|is|was)(?: just)? [0-9]|[a-z][ -]years?[ -]old"
    ),
    "postal": r"(?i)(?:zip|post|postal)[ -]?(?:code)?(?: is|:)? [0-9A-Z]",
}
_SAID = {"said code": rf"(?i)(?:{CVV_WORDS})[^0-9]{{0,12}}[0-9]{{3}}", "no phone": f"(?i){NO_PHONE_WORDS}"}
"""What words say of the numbers behind them."""
_GAP = r"[\s,;:()\"]"


def _alone(words: str) -> str:
    """One of these words between blanks and marks."""
    return rf"(?i:(?:^|{_GAP})(?:{words})\.{{0,3}}(?:{_GAP}|$))"


def _any(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words)))


_PLACES = {
    "street": "|".join(
        (
            _alone(STREET),
            _alone(_any(ROMANCE | STREETS_APART)),
            rf"(?:^|{_GAP})(?:[A-Z][^\s,;:()\"]*)?(?i:{_any(GERMANIC)})(?:{_GAP}|$)",
            rf"[0-9][a-zA-Z]?,?{_GAP}{{1,4}}(?i:{_any(COMPASS)}){_GAP}",
            rf"(?i:{BOX.pattern})",
        )
    ),
    "house number": r"[0-9][a-zA-Z]?(?:[-/][0-9]{1,4})?,? +(?:[0-9]{1,5} +)?(?:[A-Z]|[^\x00-\x7f])",
    "way to an address": (
        r"[Aa]ddress|\b(?:Apt|Suite|Unit|Ste)\b|(?:ship|deliver|send|sent|lives?|located|live|arrived|moved|mail|residing|is|taxi|one) "
        r"(?:to|at|on|in)\b|wohnt|nschrift|dresse|habite|domicili|indirizzo|corner of|following|same"
    ),
}


@functools.cache
def _for_codes() -> Forms:
    return Forms(HINTS, _RUNS)


@functools.cache
def _for_prose() -> Forms:
    return Forms(HINTS, _RUNS, _TOLD)


@functools.cache
def _cues() -> Forms:
    return Forms({f"word for {entity}": f"(?i){words}" for entity, words in CUE_WORDS.items()} | _SAID)


@functools.cache
def _places() -> Forms:
    return Forms(_PLACES)


def look(text: str) -> frozenset[str]:
    """The hints that a text holds; words and streets are looked for where there is a digit, as they say something of numbers.

    >>> sorted(look("Call me, a.tan@example.org")), "street" in look("12 High Street"), "street" in look("12 high spirits")
    (['EMAIL'], True, False)
    """
    seen = _for_prose().of(text)
    return _both(_both(seen, _cues().of(text)), _places().of(text)) if "digit" in seen else seen


def look_at_code(text: str) -> frozenset[str]:
    """The hints of what proves itself by its form, and the words around numbers.

    >>> sorted(look_at_code("12 High Street")), sorted(look_at_code("tel 030-901820"))
    ([], ['compact', 'word for PHONE'])
    """
    seen = _for_codes().of(text)
    return _both(seen, _cues().of(text)) if "compact" in seen or "IBAN" in seen else seen


@functools.lru_cache(maxsize=4_096)
def _both(some: frozenset[str], more: frozenset[str]) -> frozenset[str]:
    return some | more

"""Countries as people write them: codes, and names in the common languages."""

from __future__ import annotations

import functools
import unicodedata

from ..privacy._words import words

_NAMES = """
AD and|andorra|andorre
AE are|united arab emirates|uae|vereinigte arabische emirate|emirats arabes unis|emiratos arabes unidos|emirados arabes unidos
AR arg|argentina|argentinien|argentine
AT aut|austria|osterreich|oesterreich|autriche|oostenrijk|republik osterreich
AU aus|australia|australien|australie
BD bgd|bangladesh|bangladesch
BE bel|belgium|belgien|belgique|belgica|belgie|belgio
BG bgr|bulgaria|bulgarien|bulgarie
BH bhr|bahrain
BR bra|brazil|brasil|brasilien|bresil|brasile|brazilie
CA can|canada|kanada
CH che|switzerland|schweiz|suisse|svizzera|suiza|suica|zwitserland|swiss confederation
CL chl|chile|chili
CN chn|china|prc|peoples republic of china|chine|cina|中国|中國
CO col|colombia|kolumbien|colombie
CR cri|costa rica
CY cyp|cyprus|zypern|chypre|chipre|cipro
CZ cze|czechia|czech republic|tschechien|tcheque|republique tcheque|chequia|cesko|repubblica ceca|tchequie
DE deu|ger|germany|deutschland|allemagne|alemania|alemanha|germania|duitsland|federal republic of germany|bundesrepublik deutschland|brd
DK dnk|denmark|danemark|dinamarca|danmark|danimarca|denemarken
EC ecu|ecuador|equateur
EE est|estonia|estland|estonie|eesti
EG egy|egypt|agypten|egypte|egipto|egitto
ES esp|spain|spanien|espagne|espana|espanha|spagna|spanje
FI fin|finland|finnland|finlande|finlandia|suomi
FO fro|faroe islands|faroer|iles feroe|foroyar
FR fra|france|frankreich|francia|franca|frankrijk|republique francaise
GB gbr|uk|united kingdom|great britain|britain|england|scotland|wales|northern ireland
GB vereinigtes konigreich|grossbritannien|royaume uni|reino unido|regno unito|verenigd koninkrijk
GG ggy|guernsey
GI gib|gibraltar
GR grc|el|greece|griechenland|grece|grecia|hellas|ellada|ελλαδα|griekenland
HK hkg|hong kong|hongkong|香港
HR hrv|croatia|kroatien|croatie|croacia|hrvatska|croazia
HU hun|hungary|ungarn|hongrie|hungria|magyarorszag|ungheria|hongarije
ID idn|indonesia|indonesien|indonesie
IE irl|ireland|irland|irlande|irlanda|eire|ierland|republic of ireland
IL isr|israel
IM imn|isle of man
IN ind|india|indien|inde|भारत|bharat
IS isl|iceland|island|islande|islandia|islanda|ijsland
IT ita|italy|italien|italie|italia
JE jey|jersey
JP jpn|japan|japon|japao|giappone|日本|nippon
KE ken|kenya|kenia
KR kor|south korea|korea|republic of korea|sudkorea|coree du sud|corea del sur|coreia do sul|대한민국|한국
LI lie|liechtenstein
LT ltu|lithuania|litauen|lituanie|lituania|lietuva
LU lux|luxembourg|luxemburg|luxemburgo|lussemburgo
LV lva|latvia|lettland|lettonie|letonia|latvija|lettonia
MA mar|morocco|marokko|maroc|marruecos|marrocos
MC mco|monaco
MT mlt|malta|malte
MX mex|mexico|mexiko|mexique|messico
MY mys|malaysia|malaisie|malasia
NG nga|nigeria
NL nld|netherlands|the netherlands|holland|niederlande|pays bas|paises bajos|paises baixos|nederland|paesi bassi
NO nor|norway|norwegen|norvege|noruega|norge|norvegia|noorwegen
NZ nzl|new zealand|neuseeland|nouvelle zelande|nueva zelanda|nova zelandia|aotearoa
PE per|peru|perou
PH phl|philippines|philippinen|filipinas
PK pak|pakistan
PL pol|poland|polen|pologne|polonia|polska
PT prt|portugal|portogallo
QA qat|qatar|katar
RO rou|romania|rumanien|roumanie|rumania|romenia
RS srb|serbia|serbien|serbie
RU rus|russia|russian federation|russland|russie|rusia|россия
SA sau|saudi arabia|saudi arabien|arabie saoudite|arabia saudita
SE swe|sweden|schweden|suede|suecia|sverige|svezia|zweden
SG sgp|singapore|singapur|singapour|singapura|singapura|新加坡
SI svn|slovenia|slowenien|slovenie|eslovenia|slovenija
SK svk|slovakia|slowakei|slovaquie|eslovaquia|slovensko|slovacchia
TH tha|thailand|thailande|tailandia
TR tur|turkey|turkiye|turkei|turquie|turquia|turchia
TW twn|taiwan|台湾|台灣
UA ukr|ukraine|ucrania|ucraina|україна
US usa|united states|united states of america|america
US vereinigte staaten|vereinigte staaten von amerika|etats unis|estados unidos|stati uniti|verenigde staten|eeuu
UY ury|uruguay
VN vnm|vietnam|viet nam
ZA zaf|south africa|sudafrika|afrique du sud|sudafrica|africa do sul
EU eea|european union|europaische union|union europeenne|union europea|uniao europeia|unione europea|ewr|european economic area|eu eea
"""
_CODES = words(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH "
    "CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN "
    "GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI "
    "LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM "
    "PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD "
    "TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW EU "
)


def country(value: object) -> str:
    """A country as its two-letter code; a name that is not known stays as it is, in capitals.

    >>> country("Deutschland"), country("sg"), country("États-Unis"), country("Atlantis")
    ('DE', 'SG', 'US', 'ATLANTIS')
    """
    text = _folded(str(value))
    return _table().get(text, text.upper())


def is_country(code: str) -> bool:
    """Whether this is the two-letter code of a country (or of the EU)."""
    return code in _CODES


@functools.cache
def _table() -> dict[str, str]:
    """Names by their folded spelling."""
    lines = [line.partition(" ") for line in _NAMES.strip().splitlines()]
    return {_folded(name): code for code, _, names in lines for name in names.split("|")}


def _folded(text: str) -> str:
    """Without accents, case, dots and dashes."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("Ø", "O").replace("ø", "o"))
    kept = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c) and c not in ".'’")
    return " ".join(kept.casefold().split())

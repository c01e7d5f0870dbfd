"""The recognizers: one table, one entry per entity type, each with examples and counter-examples that are tested.

Adding a type is adding one entry. ``pattern`` must match a whole cell; ``check`` decides among matches and ``chance`` is the
share of random values of that pattern which pass it, so that a pass rate is read against what luck gives. ``weight`` is
the evidence (in log-odds) of a column full of matches before the check is asked: under 2 the pattern is weak and names no
column alone. ``headers`` are phrases by which columns of the type are called (English, German, French, Spanish, Italian,
Portuguese, Dutch, Chinese); a phrase after ``~`` is ambiguous and only supports other evidence.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Literal

from ...values import Severity
from . import _checks as ck
from ._lexicon import fold

Group = Literal["direct", "national", "financial", "health", "special", "secret", "device", "location", "quasi"]


@dataclass(frozen=True, kw_only=True)
class Recognizer:
    """One entity type: how its values look, how they are checked, how its columns are called."""

    entity: str
    group: Group
    headers: str = ""
    pattern: str = ""
    check: ck.Check | None = None
    chance: float = 1.0
    pass_rate: float = 0.97
    weight: float = 0.0
    grouped: float = 0.0
    pad: int = 0
    lengths: tuple[int, int] = (1, 64)
    digits: tuple[int, int] = (0, 64)
    vocabulary: str = ""
    siblings: tuple[str, ...] = ()
    severity: Severity = Severity.HIGH
    span: float = 0.0
    matches: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()

    @functools.cached_property
    def regex(self) -> re.Pattern[str]:
        """The compiled pattern."""
        return re.compile(self.pattern)

    @functools.cached_property
    def words(self) -> frozenset[str]:
        """The vocabulary as folded words."""
        return frozenset(fold(w.strip()) for w in self.vocabulary.split("|") if w.strip())

    def accepts(self, value: str) -> bool:
        """Whether the value has the pattern and passes the check, or is in the vocabulary."""
        text = value.strip()
        if self.pattern and self.regex.fullmatch(text):
            return self.check is None or self.check(text)
        return bool(self.words) and fold(text) in self.words


def _direct(entity: str, headers: str, **rest: object) -> Recognizer:
    return Recognizer(entity=entity, group="direct", headers=headers, **rest)  # type: ignore[arg-type]


def _national(entity: str, headers: str, **rest: object) -> Recognizer:
    defaults: dict[str, object] = {"weight": 1.0, "chance": 0.1, "severity": Severity.CRITICAL}
    return Recognizer(entity=entity, group="national", headers=headers, **(defaults | rest))  # type: ignore[arg-type]


D = r"[0-9]"
SEP = r"[ .-]?"

DIRECT = (
    _direct(
        "PERSON_NAME",
        "first name|last name|full name|given name|given names|family name|surname|forename|maiden name|middle name|person "
        "name|customer name|policyholder|policy holder|policyholder name|policy holder name|"
        "client name|patient name|employee name|contact name|contact person|contact|owner name|applicant name|candidate name|cardholder|"
        "cardholder name|card holder|account holder|beneficiary name|student name|teacher name|driver name|guest name|member "
        "name|user full name|"
        "person in charge|primary contact|manager name|doctor name|physician name|author name|recipient name|insured name|next of kin|"
        "legal name|known as|preferred name|fname|lname|mname|first nm|last nm|first|last|~name|~names|~middle|~nm|~contact|~owner|~author|"
        "~manager|~customer|~employee|~patient|~recipient|~signatory|~applicant|~principal|~agent|sur name|fore name|~payer|~payee|"
        "~beneficiary|~tenant|~attendee|~insured|~resident|~registrant|~presenter|~councillor|~alderman|~sponsor|~investigator|"
        "~grantor|~grantee|~taxpayer|~licensee|~reviewer|~spouse|~driver|~witness|~lobbyist|~performer|~instructor|"
        "~recorded by|~collected by|~identified by|~reviewed by|~approved by|~inspected by|~signed by|~reported by|~performed by|"
        "vorname|nachname|familienname|zuname|geburtsname|rufname|ansprechpartner|kontoinhaber|karteninhaber|kundenname|"
        "prenom|nom de famille|nom complet|nom du client|nom patient|nom usage|~nom|titulaire|"
        "nombre completo|apellido|apellidos|primer apellido|segundo apellido|nombre de pila|~nombre|titular|"
        "cognome|nome completo|~nome|nominativo|intestatario|sobrenome|nome do cliente|nome da mae|nome do pai|apelido|"
        "voornaam|achternaam|familienaam|tussenvoegsel|volledige naam|~naam|contactpersoon|"
        "xingming|姓名|名字|姓氏|客户姓名|客户名|联系人姓名|联系人|患者姓名|~姓|~名|氏名|이름|성명",
        siblings=("PERSON_NAME", "EMAIL", "PHONE", "DATE_OF_BIRTH", "ADDRESS", "GENDER"),
        matches=("Maria Garcia", "Okafor, Chidi", "Dr. Anna Müller"),
        rejects=("Acme Holdings Ltd", "4711"),
    ),
    _direct(
        "EMAIL",
        "email|e mail|mail|email address|e mail address|emailaddr|mail address|contact email|courriel|adresse mail|adresse email|correo|"
        "correo electronico|posta elettronica|indirizzo email|emailadres|mailadresse|e mailadresse|endereco email|youxiang|"
        "邮箱|电子邮件|电子邮箱|邮件|メール|이메일",
        pattern=r"(?:mailto:)?[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}",
        weight=7.5,
        lengths=(6, 254),
        span=0.98,
        matches=("a.tan@example.org", "x+tag@mail.example.co.uk"),
        rejects=("example.org", "a@b", "@handle"),
    ),
    _direct(
        "PHONE",
        "phone|telephone|phone number|telephone number|tel|tel no|mobile|mobile number|mobile phone|cell|cell phone|cellphone|"
        "cellular|fax|fax number|"
        "home phone|work phone|business phone|msisdn|phone no|mobile no|contact number|callback number|call in number|whatsapp|"
        "ph no|~contact|landline|"
        "telefon|telefonnummer|handy|handynummer|mobilnummer|rufnummer|festnetz|faxnummer|telephone fixe|telephone portable|portable|"
        "numero de telephone|telefono|telefono movil|movil|celular|numero de telefono|cellulare|recapito telefonico|telefone|telemovel|"
        "telefoonnummer|telefoon|mobiel|mobiele nummer|shouji|shoujihao|dianhua|"
        "手机|手机号|手机号码|电话|电话号码|联系电话|固定电话|電話番号|전화번호|휴대폰",
        pattern=(
            r"(?:(?:tel|phone|ph|fax|mobile|t|m)[.:]? ?)?\+?[(]?[0-9][0-9 ()./\u2010-\u2015-]{5,22}[0-9](?: ?(?:x|"
            r"ext\.?|#) ?[0-9]{1,6})?"
        ),
        weight=0.3,
        lengths=(7, 32),
        digits=(7, 21),
        siblings=("PERSON_NAME", "EMAIL", "ADDRESS"),
        matches=("+49 30 901820", "(415) 555-2671", "0151 23456789"),
        rejects=("12.5.2020 x", "phone", "12"),
    ),
    _direct(
        "ADDRESS",
        "address|street address|address line|address line 1|address line 2|addr|addr line|addr line 1|addr1|address1|home "
        "address|mailing address|"
        "postal address|billing address|shipping address|delivery address|residential address|full address|street|street "
        "name|residence|house address|"
        "property address|business address|physical address|po box|~location|~localizacion|~ubicacion|~ubicazione|~locatie|~localisation|"
        "adresse|anschrift|strasse|strasse und hausnummer|wohnanschrift|lieferadresse|rechnungsadresse|adresse postale|"
        "adresse complete|rue|"
        "direccion|domicilio|calle|indirizzo|residenza|endereco|morada|logradouro|adres|straat|straatnaam|woonadres|"
        "dizhi|zhuzhi|地址|住址|家庭住址|通讯地址|详细地址|收货地址|住所|주소",
        lengths=(4, 200),
        siblings=("CITY", "POSTAL_CODE", "PERSON_NAME", "PHONE", "EMAIL"),
        matches=("12 High Street", "Lindenstraße 7, 10969 Berlin", "北京市海淀区中关村大街27号"),
        rejects=("billing", "4711"),
    ),
    _direct(
        "DATE_OF_BIRTH",
        "date of birth|birth date|birthdate|birthday|dob|dob date|dob year|d o b|"
        "born|born on|date birth|birth dt|year of birth|birth year|yob|geburtsdatum|"
        "geburtstag|geb datum|geboren am|geburtsjahr|date de naissance|date naissance|ne le|annee de naissance|fecha de "
        "nacimiento|fecha nacimiento|"
        "nacimiento|fec nac|data di nascita|data nascita|data de nascimento|data nascimento|nascimento|geboortedatum|geboortejaar|"
        "chushengriqi|shengri|出生日期|出生年月|生日|生年月日|생년월일",
        lengths=(4, 30),
        digits=(2, 17),
        siblings=("PERSON_NAME",),
        matches=("1980-04-12", "12/04/1980"),
        rejects=("soon", "1.2.3.4.5"),
    ),
    _direct(
        "USERNAME",
        "username|user name|login|login name|login id|user id txt|user login|logon|screen name|nickname|nick|user handle|twitter handle|"
        "~account name|benutzername|anmeldename|benutzerkennung|nutzername|nom utilisateur|nom d utilisateur|identifiant connexion|pseudo|"
        "usuario|nombre de usuario|nome utente|nome de usuario|utilizador|gebruikersnaam|yonghuming|用户名|账号|登录名|昵称",
        pattern=r"@?[\w.-]*[^\W\d][\w.-]+|@?[\w.-]+[^\W\d]",  # a letter at least: a date under "last login" names nobody
        weight=0.3,
        lengths=(2, 40),
        severity=Severity.MEDIUM,
        matches=("ftran", "jane.doe_99"),
        rejects=("Jane Doe", "x"),
    ),
    _direct(
        "SOCIAL_HANDLE",
        (
            "instagram|twitter|facebook|linkedin|tiktok|social handle|social media handle|skype|telegram|wechat|wechat id|linkedin "
            "url|facebook url|微信|微信号"
        ),
        pattern=(
            r"@[A-Za-z0-9_.]{2,30}|(?:https?://)?(?:www\.)?(?:linkedin\.com/in|facebook\.com|twitter\.com|"
            r"x\.com|instagram\.com)/[\w.-]{2,60}/?"
        ),
        weight=4.0,
        lengths=(3, 120),
        severity=Severity.MEDIUM,
        matches=("@jane_doe", "https://www.linkedin.com/in/jane-doe"),
        rejects=("jane@doe.org", "https://example.org/x"),
    ),
    _direct(
        "EMPLOYEE_ID",
        "employee id|employee number|emp id|emp no|employee no|staff id|staff number|personnel number|payroll number|badge "
        "number|personalnummer|"
        "mitarbeiternummer|matricule|numero empleado|numero de empleado|matricola|personeelsnummer|工号|员工编号",
        pattern=r"[A-Za-z]{0,4}[-_]?[0-9]{2,12}",
        weight=0.3,
        severity=Severity.MEDIUM,
        matches=("E-10442", "100233"),
        rejects=("Alice", "-"),
    ),
    _direct(
        "STUDENT_ID",
        "student id|student number|student no|matriculation number|matrikelnummer|numero etudiant|numero de estudiante|studentnummer|学号",
        pattern=r"[A-Za-z]{0,4}[-_]?[0-9]{3,12}",
        weight=0.3,
        severity=Severity.MEDIUM,
        matches=("S1204412",),
        rejects=("Bob", "x-y"),
    ),
    _direct(  # customers may be firms: the name alone says nothing, only persons described beside it do
        "CUSTOMER_ID",
        "~customer no|~client no|~member no|~membership no|~subscriber no|~patron no|~kundennummer|~kunden nr|~mitgliedsnummer|"
        "~numero client|~numero de client|~numero adherent|~numero de cliente|~numero cliente|~codice cliente|~numero socio|~klantnummer|"
        "~lidnummer|~客户编号|~会员号|~顧客番号|~会員番号|~고객번호|~회원번호",
        pattern=r"[A-Za-z]{0,4}[-_]?[0-9]{3,12}",
        weight=0.3,
        siblings=("PERSON_NAME", "DATE_OF_BIRTH", "GENDER"),
        severity=Severity.MEDIUM,
        matches=("C-10442", "100233"),
        rejects=("Acme Ltd", "7"),
    ),
)

NATIONAL = (
    _national(
        "US_SSN",
        "ssn|social security number|social security no|social security|ss number|soc sec no|ss no|ssn number|ssnum",
        pattern=r"[0-9]{3}-[0-9]{2}-[0-9]{4}|[0-9]{3} [0-9]{2} [0-9]{4}|[0-9]{9}",
        check=ck.ssn,
        chance=0.88,
        pass_rate=0.995,
        grouped=3.5,
        weight=0.5,
        pad=9,
        lengths=(9, 11),
        digits=(9, 9),
        matches=("536-22-1234", "219 09 9998"),
        rejects=("000-12-3456", "666-12-3456", "900-12-3456"),
    ),
    _national(
        "US_ITIN",
        "itin|individual taxpayer identification number|taxpayer id|taxpayer identification number|tax ident|us tin|~tin|~tax id",
        pattern=r"9[0-9]{2}[- ]?[0-9]{2}[- ]?[0-9]{4}",
        check=ck.itin,
        chance=0.4,
        grouped=1.2,
        lengths=(9, 11),
        digits=(9, 9),
        weight=2.0,
        matches=("912-70-1234", "955813004"),
        rejects=("912-10-1234", "812-70-1234"),
    ),
    _national(
        "US_EIN",
        "ein|employer identification number|federal tax id|fein",
        pattern=r"[0-9]{2}-[0-9]{7}",
        check=ck.std("us.ein"),
        chance=0.8,
        lengths=(9, 10),
        severity=Severity.MEDIUM,
        weight=0.5,
        matches=("12-3456789",),
        rejects=("07-1234567", "1-23"),
    ),
    _national(
        "US_MBI",
        "mbi|medicare beneficiary identifier|medicare beneficiary id|medicare number|medicare id|medicare no",
        pattern=r"(?i)[0-9][A-Z][0-9A-Z][0-9]-?[A-Z][0-9A-Z][0-9]-?[A-Z]{2}[0-9]{2}",
        check=ck.mbi,
        weight=4.0,
        chance=0.25,
        lengths=(11, 13),
        span=0.9,
        matches=("1EG4-TE5-MK73",),
        rejects=("1SG4-TE5-MK73", "0EG4-TE5-MK73"),
    ),
    _national(
        "UK_NINO",
        "nino|national insurance number|national insurance no|ni number|ni no|nat ins no|uk nino",
        pattern=r"(?i)[A-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Z]",
        check=ck.nino,
        weight=1.5,
        chance=0.09,
        lengths=(9, 13),
        span=0.9,
        matches=("AB 12 34 56 C", "JG103759A"),
        rejects=("BG123456A", "AB123456E"),
    ),
    _national(
        "UK_NHS",
        "nhs|nhs number|nhs no|nhs id",
        pattern=r"[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}",
        check=ck.nhs,
        chance=0.09,
        grouped=1.2,
        lengths=(10, 12),
        digits=(10, 10),
        weight=1.2,
        matches=("943 476 5919",),
        rejects=("943 476 5918",),
    ),
    _national(
        "UK_UTR",
        "utr|unique taxpayer reference",
        pattern=r"[0-9]{10}K?",
        check=ck.std("gb.utr"),
        chance=0.1,
        lengths=(10, 11),
        weight=0.3,
        matches=("1955839661",),
        rejects=("2955839661",),
    ),
    _national(
        "DE_TAX_ID",
        (
            "steuer id|steuerid|steueridentifikationsnummer|steuer identifikationsnummer|idnr|steuerliche identifikationsnummer|"
            "tax id de|german tax id"
        ),
        pattern=r"[1-9][0-9] ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}",
        check=ck.std("de.idnr"),
        chance=0.02,
        grouped=1.2,
        lengths=(11, 14),
        digits=(11, 11),
        weight=1.5,
        matches=("36 574 261 809",),
        rejects=("36 574 261 808",),
    ),
    _national(
        "DE_SOCIAL_SECURITY",
        "sozialversicherungsnummer|rentenversicherungsnummer|sv nummer|rvnr|svnr",
        pattern=r"[0-9]{2} ?[0-9]{6} ?[A-Z] ?[0-9]{3}",
        weight=3.5,
        lengths=(12, 15),
        matches=("15 070649 C 103",),
        rejects=("15070649103",),
    ),
    _national(
        "DE_ID_CARD",
        "personalausweisnummer|ausweisnummer|personalausweis|perso nr",
        pattern=r"(?i)[LMNPRTVWXY][0-9CFGHJKLMNPRTVWXYZ]{8}[0-9]?",
        weight=0.5,
        lengths=(9, 10),
        matches=("L01X00T471",),
        rejects=("A01X00T47",),
    ),
    _national(
        "FR_NIR",
        "nir|numero securite sociale|numero de securite sociale|securite sociale|num secu|n secu|insee number|nss|numero ss",
        pattern=r"[1-478] ?[0-9]{2} ?[0-9]{2} ?(?:[0-9]{2}|2A|2B) ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}",
        check=ck.frnir,
        chance=0.006,
        grouped=1.2,
        lengths=(15, 21),
        digits=(14, 15),
        weight=1.0,
        matches=("2 84 05 88 234 567 63",),
        rejects=("2 84 05 88 234 567 00",),
    ),
    _national(
        "IT_FISCAL_CODE",
        "codice fiscale|fiscal code|cod fisc|codfisc|cf",
        pattern=r"(?i)[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]",
        check=ck.std("it.codicefiscale"),
        chance=0.04,
        lengths=(16, 16),
        weight=4.5,
        span=0.95,
        matches=("RCCMNL83S18D969H",),
        rejects=("RCCMNL83S18D969A",),
    ),
    _national(
        "ES_NIF",
        "nif|dni|numero de identificacion fiscal|documento nacional de identidad|nif nie|dni nie|documento de identidad|nie",
        pattern=r"(?i)(?:[0-9]{8}|[XYZKLM][- ]?[0-9]{7})[- ]?[A-Z]",
        check=ck.es_nif,
        chance=0.04,
        lengths=(9, 11),
        weight=2.0,
        span=0.9,
        matches=("54362315K", "X5253868R"),
        rejects=("54362315A",),
    ),
    _national(
        "PT_NIF",
        "numero de contribuinte|contribuinte|nif|nif pt|numero de identificacao fiscal",
        pattern=r"[1-35689][0-9]{2} ?[0-9]{3} ?[0-9]{3}",
        check=ck.std("pt.nif"),
        chance=0.1,
        lengths=(9, 11),
        digits=(9, 9),
        weight=0.3,
        matches=("501442600",),
        rejects=("501442601",),
    ),
    _national(
        "NL_BSN",
        "bsn|burgerservicenummer|sofinummer|sofi nummer",
        pattern=r"[0-9]{4}[. ]?[0-9]{2}[. ]?[0-9]{3}|[0-9]{8}",
        check=ck.std("nl.bsn"),
        chance=0.09,
        lengths=(8, 11),
        digits=(8, 9),
        pad=9,
        weight=0.5,
        matches=("111222333",),
        rejects=("111252333",),
    ),
    _national(
        "BE_NATIONAL_NUMBER",
        "rijksregisternummer|insz|niss|numero national|numero de registre national|nrn",
        pattern=r"[0-9]{2}\.?[0-9]{2}\.?[0-9]{2}-?[0-9]{3}\.?[0-9]{2}",
        check=ck.std("be.nn"),
        chance=0.01,
        grouped=1.2,
        lengths=(11, 15),
        digits=(11, 11),
        matches=("85.07.30-033.28",),
        rejects=("85.07.30-033.29",),
    ),
    _national(
        "CH_AHV",
        "ahv|ahv nummer|ahvnr|avs|numero avs|ssn ch|navs",
        pattern=r"756\.?[0-9]{4}\.?[0-9]{4}\.?[0-9]{2}",
        check=ck.std("ch.ssn"),
        chance=0.1,
        lengths=(13, 16),
        weight=4.0,
        span=0.9,
        matches=("756.9217.0769.85",),
        rejects=("756.9217.0769.84",),
    ),
    _national(
        "AT_SVNR",
        "svnr at|versicherungsnummer|sv nr|sozialversicherung nr",
        pattern=r"[1-9][0-9]{3} ?[0-9]{6}",
        check=ck.std("at.vnr"),
        chance=0.03,
        lengths=(10, 11),
        digits=(10, 10),
        matches=("1237 010180",),
        rejects=("2237 010180",),
    ),
    _national(
        "PL_PESEL",
        "pesel|numer pesel|nr pesel",
        pattern=r"[0-9]{11}",
        check=ck.std("pl.pesel"),
        chance=0.02,
        lengths=(11, 11),
        digits=(11, 11),
        matches=("44051401359",),
        rejects=("44051401358",),
    ),
    _national(
        "SE_PERSONNUMMER",
        "personnummer|personnr|pers nr|samordningsnummer",
        pattern=r"(?:[0-9]{2})?[0-9]{6}[-+]?[0-9]{4}",
        check=ck.std("se.personnummer"),
        chance=0.03,
        grouped=1.2,
        lengths=(10, 13),
        digits=(10, 12),
        matches=("880320-0016",),
        rejects=("880320-0018",),
    ),
    _national(
        "NO_FODSELSNUMMER",
        "fodselsnummer|fodselsnr|fnr|personnummer no",
        pattern=r"[0-9]{6} ?[0-9]{5}",
        check=ck.std("no.fodselsnummer"),
        chance=0.003,
        lengths=(11, 12),
        digits=(11, 11),
        matches=("15108695088",),
        rejects=("15108695077",),
    ),
    _national(
        "DK_CPR",
        "cpr|cpr nummer|cpr nr|personnummer dk",
        pattern=r"[0-3][0-9][01][0-9]{3}-?[0-9]{4}",
        check=ck.std("dk.cpr"),
        chance=0.6,
        grouped=1.2,
        lengths=(10, 11),
        digits=(10, 10),
        weight=1.2,
        matches=("211062-5629",),
        rejects=("511062-5629",),
    ),
    _national(
        "FI_HETU",
        "hetu|henkilotunnus|sotu",
        pattern=r"[0-3][0-9][01][0-9]{3}[-+ABCDEFUVWXY][0-9]{3}[0-9A-FHJ-NPR-Y]",
        check=ck.std("fi.hetu"),
        chance=0.03,
        lengths=(11, 11),
        weight=4.0,
        span=0.95,
        matches=("131052-308T",),
        rejects=("131052-308U",),
    ),
    _national(
        "IE_PPS",
        "pps|ppsn|pps number|pps no",
        pattern=r"[0-9]{7}[A-W][A-IW]?",
        check=ck.std("ie.pps"),
        chance=0.04,
        lengths=(8, 9),
        digits=(7, 7),
        weight=1.5,
        matches=("6433435F",),
        rejects=("6433435E",),
    ),
    _national(
        "CZ_RODNE_CISLO",
        "rodne cislo|rc cislo|birth number",
        pattern=r"[0-9]{4}[0-3][0-9](?:/[0-9]{3}|/?[0-9]{4})",
        check=ck.std("cz.rc"),
        chance=0.05,
        grouped=1.2,
        lengths=(9, 11),
        digits=(9, 10),
        matches=("710319/2745",),
        rejects=("710319/2746",),
    ),
    _national(
        "RO_CNP",
        "cnp|cod numeric personal",
        pattern=r"[1-9][0-9]{12}",
        check=ck.std("ro.cnp"),
        chance=0.003,
        lengths=(13, 13),
        digits=(13, 13),
        matches=("1630615123457",),
        rejects=("1630615123458",),
    ),
    _national(
        "BG_EGN",
        "egn|edinen grazhdanski nomer",
        pattern=r"[0-9]{10}",
        check=ck.std("bg.egn"),
        chance=0.03,
        lengths=(10, 10),
        digits=(10, 10),
        matches=("7523169263",),
        rejects=("7523169264",),
    ),
    _national(
        "HR_OIB",
        "oib|osobni identifikacijski broj",
        pattern=r"(?:HR)?[0-9]{11}",
        check=ck.std("hr.oib"),
        chance=0.1,
        lengths=(11, 13),
        digits=(11, 11),
        weight=0.5,
        matches=("33392005961",),
        rejects=("33392005962",),
    ),
    _national(
        "EE_ISIKUKOOD",
        "isikukood|estonian id|asmens kodas",
        pattern=r"[1-6][0-9]{10}",
        check=ck.std("ee.ik"),
        chance=0.01,
        lengths=(11, 11),
        digits=(11, 11),
        matches=("36805280109",),
        rejects=("36805280108",),
    ),
    _national(
        "GR_AMKA",
        "amka",
        pattern=r"[0-3][0-9][01][0-9]{8}",
        check=ck.std("gr.amka"),
        chance=0.09,
        lengths=(11, 11),
        digits=(11, 11),
        matches=("01013099997",),
        rejects=("01013099999",),
    ),
    _national(
        "TR_TCKN",
        "tckn|tc kimlik no|tc kimlik|kimlik no|tc no",
        pattern=r"[1-9][0-9]{10}",
        check=ck.std("tr.tckimlik"),
        chance=0.01,
        lengths=(11, 11),
        digits=(11, 11),
        matches=("17291716060",),
        rejects=("17291716050",),
    ),
    _national(
        "IL_ID",
        "teudat zehut|israeli id|mispar zehut|תעודת זהות|מספר זהות|מספר תעודת זהות",
        pattern=r"[0-9]{9}",
        check=ck.std("il.idnr"),
        chance=0.1,
        lengths=(9, 9),
        digits=(9, 9),
        weight=0.5,
        matches=("039337423",),
        rejects=("039337422",),
    ),
    _national(
        "ZA_ID",
        "sa id|sa id number|south african id|rsa id|za id|id number za",
        pattern=r"[0-9]{6} ?[0-9]{4} ?[01][89] ?[0-9]",
        check=ck.za_id,
        chance=0.04,
        lengths=(13, 16),
        digits=(13, 13),
        weight=2.0,
        matches=("7503305044089",),
        rejects=("7503305044088",),
    ),
    _national(
        "SG_NRIC_FIN",
        "nric|fin|nric fin|nric no|nric number|fin no|sg nric|ic number|~ic no",
        pattern=r"(?i)[STFGM][0-9]{7}[A-Z]",
        check=ck.nric,
        chance=0.04,
        lengths=(9, 9),
        weight=2.5,
        span=0.95,
        matches=("S1234567D", "G1234567X"),
        rejects=("S1234567A",),
    ),
    _national(
        "MY_NRIC",
        "mykad|my kad|kad pengenalan|no kad pengenalan|malaysian ic",
        pattern=r"[0-9]{6}-[0-9]{2}-[0-9]{4}|[0-9]{12}",
        check=ck.my_nric,
        chance=0.03,
        grouped=1.2,
        lengths=(12, 14),
        digits=(12, 12),
        matches=("770305-02-1234",),
        rejects=("771305-02-1234",),
    ),
    _national(
        "TH_ID",
        "thai id|thai national id|citizen id th|เลขบัตรประชาชน|เลขประจำตัวประชาชน",
        pattern=r"[1-8]-?[0-9]{4}-?[0-9]{5}-?[0-9]{2}-?[0-9]",
        check=ck.std("th.pin"),
        chance=0.1,
        grouped=1.2,
        lengths=(13, 17),
        digits=(13, 13),
        matches=("1-2345-45678-78-1",),
        rejects=("1-2345-45678-78-9",),
    ),
    _national(
        "CN_RESIDENT_ID",
        "shenfenzheng|shenfenzhenghao|resident id|chinese id|identity card number|sfz|身份证|身份证号|身份证号码|证件号码|公民身份号码",
        pattern=r"[1-9][0-9]{16}[0-9Xx]",
        check=ck.cn_resident,
        chance=0.002,
        lengths=(18, 18),
        digits=(17, 18),
        weight=1.5,
        matches=("11010519491231002X",),
        rejects=("110105194912310021",),
    ),
    _national(
        "KR_RRN",
        "rrn|resident registration number|jumin|주민등록번호|주민번호",
        pattern=r"[0-9]{2}[01][0-9][0-3][0-9]-?[0-9]{7}",
        check=ck.kr_rrn,
        chance=0.2,
        grouped=2.5,
        lengths=(13, 14),
        digits=(13, 13),
        weight=1.5,
        matches=("971013-9019902", "210315-3456789"),
        rejects=("9710139019903", "971313-1019902"),
    ),
    _national(
        "JP_MY_NUMBER",
        "my number|mynumber|kojin bango|個人番号|マイナンバー",
        pattern=r"[0-9]{4} ?[0-9]{4} ?[0-9]{4}",
        check=ck.weighted((6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2), 11, lambda rest, last: (0 if rest <= 1 else 11 - rest) == last),
        chance=0.1,
        lengths=(12, 14),
        digits=(12, 12),
        weight=0.3,
        matches=("123456789018",),
        rejects=("123456789012",),
    ),
    _national(
        "TW_ID",
        "taiwan id|身分證字號|身分證|統一證號",
        pattern=r"(?i)[A-Z][1289][0-9]{8}",
        check=ck.tw_id,
        chance=0.1,
        lengths=(10, 10),
        digits=(9, 9),
        weight=1.5,
        matches=("A123456789",),
        rejects=("A323456789", "A123456788"),
    ),
    _national(
        "HK_ID",
        "hkid|hkid no|hong kong id|hong kong identity card|香港身份证",
        pattern=r"(?i)[A-Z]{1,2}[0-9]{6}\(?[0-9A]\)?",
        check=ck.hkid,
        chance=0.09,
        lengths=(8, 11),
        weight=1.5,
        matches=("G123456(A)", "A123456(3)"),
        rejects=("A123456(4)",),
    ),
    _national(
        "IN_AADHAAR",
        "aadhaar|aadhar|aadhaar no|aadhaar number|adhaar|uid number|uidai|uidai no",
        pattern=r"[2-9][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]{4}",
        check=ck.aadhaar,
        chance=0.1,
        grouped=1.2,
        lengths=(12, 14),
        digits=(12, 12),
        weight=1.5,
        matches=("2341 2341 2346",),
        rejects=("2341 2341 2341",),
    ),
    _national(
        "IN_PAN",
        "pan card|pan no|pan number|permanent account number|income tax pan|~pan",
        pattern=r"[A-Z]{3}[ABCFGHLJPTKR][A-Z][0-9]{4}[A-Z]|[A-Z]{5}[0-9]{4}[A-Z]",
        weight=4.0,
        lengths=(10, 10),
        digits=(4, 4),
        span=0.8,
        chance=1.0,
        matches=("ABCPE1234F",),
        rejects=("ABC1E1234F",),
    ),
    _national(
        "ID_NIK",
        "nik|nomor induk kependudukan|no ktp|ktp",
        pattern=r"[0-9]{16}",
        check=ck.nik,
        chance=0.07,
        lengths=(16, 16),
        digits=(16, 16),
        weight=0.3,
        matches=("3171011708450001",),
        rejects=("3171011799450001",),
    ),
    _national(
        "AU_TFN",
        "tfn|tax file number|tax file no",
        pattern=r"[0-9]{3} ?[0-9]{3} ?[0-9]{2,3}",
        check=ck.std("au.tfn"),
        chance=0.09,
        lengths=(8, 11),
        digits=(8, 9),
        weight=0.5,
        matches=("123 456 782",),
        rejects=("123 456 783",),
    ),
    _national(
        "NZ_IRD",
        "ird|ird number|ird no",
        pattern=r"[0-9]{2,3}[- ]?[0-9]{3}[- ]?[0-9]{3}",
        check=ck.std("nz.ird"),
        chance=0.09,
        lengths=(8, 11),
        digits=(8, 9),
        weight=0.3,
        matches=("49-091-850",),
        rejects=("49-091-851",),
    ),
    _national(
        "CA_SIN",
        "sin|social insurance number|social insurance no|sin number|nas|numero assurance sociale",
        pattern=r"[1-9][0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{3}",
        check=ck.luhn,
        chance=0.1,
        grouped=1.2,
        lengths=(9, 11),
        digits=(9, 9),
        weight=0.8,
        matches=("123-456-782",),
        rejects=("123-456-783",),
    ),
    _national(
        "BR_CPF",
        "cpf|numero cpf|cpf cliente|cadastro de pessoa fisica",
        pattern=r"[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}",
        check=ck.std("br.cpf"),
        chance=0.01,
        grouped=1.2,
        lengths=(11, 14),
        digits=(11, 11),
        pad=11,
        weight=1.5,
        span=0.95,
        matches=("390.533.447-05",),
        rejects=("231.002.999-00",),
    ),
    _national(
        "AR_CUIT",
        "cuit|cuil|cuit cuil",
        pattern=r"(?:20|2[347]|30|3[34])-?[0-9]{8}-?[0-9]",
        check=ck.std("ar.cuit"),
        chance=0.1,
        lengths=(11, 13),
        digits=(11, 11),
        weight=1.5,
        matches=("20-05536168-2",),
        rejects=("20-05536168-3",),
    ),
    _national(
        "CL_RUT",
        "rut|run|rut cliente|rol unico tributario",
        pattern=r"[0-9]{1,2}\.?[0-9]{3}\.?[0-9]{3}-[0-9Kk]",
        check=ck.std("cl.rut"),
        chance=0.09,
        lengths=(9, 12),
        weight=2.0,
        span=0.85,
        matches=("12.531.909-2",),
        rejects=("12.531.909-3",),
    ),
    _national(
        "MX_CURP",
        "curp|clave unica de registro de poblacion",
        pattern=r"(?i)[A-Z][AEIOUX][A-Z]{2}[0-9]{6}[HMX][A-Z]{2}[B-DF-HJ-NP-TV-Z]{3}[0-9A-Z][0-9]",
        check=ck.std("mx.curp"),
        chance=0.05,
        lengths=(18, 18),
        weight=6.0,
        span=0.95,
        matches=("BOXW310820HNERXN09",),
        rejects=("BOXW310820HNERXN08",),
    ),
    _national(
        "MX_RFC",
        "rfc|registro federal de contribuyentes",
        pattern=r"(?i)[A-ZÑ&]{3,4}[0-9]{6}[0-9A-Z]{3}",
        check=ck.rfc,
        weight=1.5,
        lengths=(12, 13),
        chance=0.04,
        matches=("GODE561231GR8",),
        rejects=("GO561231GR8", "REF990045123"),
    ),
    _national(
        "PASSPORT",
        "passport|passport no|passport number|passport nr|passport id|reisepass|reisepassnummer|passnummer|passeport|numero "
        "passeport|numero de passeport|"
        "pasaporte|numero de pasaporte|passaporto|numero passaporto|passaporte|paspoort|paspoortnummer|huzhao|"
        "护照|护照号|护照号码|パスポート番号|여권번호",
        pattern=r"(?i)[A-Z]{0,3}[0-9]{5,9}[A-Z]{0,2}|[A-Z][0-9]{2}[A-Z0-9]{5,7}",
        weight=0.3,
        chance=1.0,
        lengths=(6, 12),
        matches=("P8855247", "C01X00T47"),
        rejects=("passport", "12"),
    ),
    _national(
        "DRIVER_LICENSE",
        "driver license|drivers license|driver licence|driving licence|driver license number|dl number|dl no|license number "
        "driver|driver s license|"
        "fuhrerschein|fuhrerscheinnummer|fuehrerschein|permis de conduire|permis conduire|licencia de conducir|carnet de conducir|patente|"
        "patente di guida|carta de conducao|cnh|rijbewijs|rijbewijsnummer|jiazhao|驾照|驾驶证|驾驶证号|運転免許",
        pattern=r"(?i)[A-Z0-9][A-Z0-9 -]{3,18}[A-Z0-9]",
        weight=0.3,
        chance=1.0,
        lengths=(5, 20),
        digits=(3, 20),
        matches=("S12672737", "MORGA657054SM9IJ"),
        rejects=("yes", "B"),
    ),
    _national(
        "VOTER_ID",
        "voter id|voter registration number|voter reg num|voter number|epic no|wahlernummer|clave de elector",
        pattern=r"[A-Z0-9-]{5,20}",
        weight=0.3,
        chance=1.0,
        lengths=(5, 20),
        matches=("ABC1234567",),
        rejects=("no",),
    ),
    _national(
        "NATIONAL_ID",
        "national id|national identification number|national id number|identity number|identity card|id card number|id "
        "card no|government id|"
        "citizen id|~tax id|~tax number|ausweis|numero identidad|cedula|cedula de identidad|carta identita|documento identita|"
        "bilhete de identidade|"
        "identiteitskaart|证件号",
        pattern=r"[A-Za-z0-9][A-Za-z0-9 ./-]{4,22}",
        weight=0.2,
        chance=1.0,
        lengths=(5, 24),
        digits=(4, 20),
        matches=("AB-1234567",),
        rejects=("none",),
    ),
)

FINANCIAL = (
    Recognizer(
        entity="CREDIT_CARD",
        group="financial",
        severity=Severity.CRITICAL,
        headers="credit card|credit card number|card number|card no|cc number|cc no|cc num|ccn|payment card|debit card|card num|"
        "kreditkarte|"
        "kreditkartennummer|kartennummer|carte bancaire|numero de carte|numero carte|tarjeta|tarjeta de credito|numero "
        "de tarjeta|carta di credito|"
        "numero carta|cartao|cartao de credito|numero do cartao|creditcard|creditcardnummer|kaartnummer|yinhangka|"
        "银行卡|银行卡号|信用卡|信用卡号|卡号|"
        "primary account number|pan|~card",
        pattern=r"(?:[0-9][ -]?){11,18}[0-9]",
        check=ck.card,
        chance=0.06,
        lengths=(12, 24),
        digits=(12, 19),
        weight=1.5,
        siblings=("CVV",),
        matches=("4111 1111 1111 1111", "371449635398431"),
        rejects=("4111 1111 1111 1112", "9111111111111111"),
    ),
    Recognizer(
        entity="CVV",
        group="financial",
        severity=Severity.CRITICAL,
        headers="cvv|cvv2|cvc|cvc2|cid code|card security code|card sec code|card verification value|card verification code|security "
        "code card|"
        "kartenprufnummer|prufziffer|cryptogramme|cryptogramme visuel|codigo de seguridad|codice di sicurezza|codigo de "
        "seguranca|csc|安全码|~security code",
        pattern=r"[0-9]{3,4}",
        pad=3,
        lengths=(1, 4),
        digits=(1, 4),
        weight=0.3,
        siblings=("CREDIT_CARD",),
        matches=("594", "0211"),
        rejects=("59", "x12"),
    ),
    Recognizer(
        entity="CARD_TRACK",
        group="financial",
        severity=Severity.CRITICAL,
        headers="track data|track 1|track 2|track1|track2|magstripe|magnetic stripe|card track",
        pattern=r"%B[0-9]{12,19}\^[^^]{2,26}\^[0-9]{7,60}\??|;?[0-9]{12,19}=[0-9]{7,40}\??",
        lengths=(20, 120),
        weight=7.0,
        span=0.98,
        matches=(";4111111111111111=25121010000012300000?", "%B4111111111111111^DOE/JANE^251210100000?"),
        rejects=("4111111111111111",),
    ),
    Recognizer(
        entity="CARD_PIN",
        group="financial",
        severity=Severity.CRITICAL,
        headers="pin block|card pin|atm pin|pin code card|~pin",
        pattern=r"[0-9]{4,6}|[0-9A-F]{16}",
        lengths=(4, 16),
        weight=0.2,
        siblings=("CREDIT_CARD", "CVV"),
        matches=("1234",),
        rejects=("12",),
    ),
    Recognizer(
        entity="CARD_EXPIRY",
        group="financial",
        severity=Severity.MEDIUM,
        headers=(
            "card expiry|card expiration|expiry date card|exp date card|card exp|cc exp|cc expiry|card exp date|ablaufdatum "
            "karte|~expiry|~exp date"
        ),
        pattern=r"(?:0[1-9]|1[0-2])[/-](?:20)?[2-4][0-9]",
        lengths=(5, 7),
        weight=0.5,
        siblings=("CREDIT_CARD", "CVV"),
        matches=("09/28", "12/2027"),
        rejects=("13/28",),
    ),
    Recognizer(
        entity="IBAN",
        group="financial",
        headers="iban|acct iban|iban number|iban code|bank iban|iban nummer|iban nr",
        pattern=r"(?i)[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]){11,30}|[0-9]{2}(?:[ -]?[0-9]{4}){6}",
        check=ck.iban,
        chance=0.0102,
        lengths=(15, 42),
        weight=2.0,
        span=0.98,
        matches=("DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "61 1090 1014 0000 0712 1981 2874"),
        rejects=("DE88 3704 0044 0532 0130 00",),
    ),
    Recognizer(
        entity="SWIFT_BIC",
        group="financial",
        severity=Severity.LOW,
        headers="bic|swift|swift code|bic code|swift bic|bank identifier code",
        pattern=r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?",
        check=ck.bic,
        chance=0.37,
        lengths=(8, 11),
        weight=1.6,
        siblings=("IBAN", "BANK_ACCOUNT"),
        matches=("DEUTDEFF", "DBSSSGSGXXX"),
        rejects=("DEUTXQFF", "DEUT"),
    ),
    Recognizer(
        entity="BANK_ACCOUNT",
        group="financial",
        headers="bank a c no|bank a c|a c no|"
        "bank account|bank account number|bank account no|account number|acct number|acct no|account no|acc no|bank acc|bank acct|"
        "kontonummer|bankkonto|konto nr|numero de compte|compte bancaire|rib|numero de cuenta|cuenta bancaria|cuenta|clabe|"
        "cbu|numero conto|conto corrente|"
        "numero da conta|conta bancaria|conta|rekeningnummer|bankrekening|yinhangzhanghao|银行账号|银行账户|账户号码|口座番号|계좌번호",
        pattern=r"[0-9][0-9 -]{4,32}[0-9]|[A-Z]{2}[0-9]{2}[A-Z0-9 ]{10,34}",
        lengths=(6, 34),
        digits=(6, 34),
        weight=0.3,
        siblings=("SWIFT_BIC", "US_ABA_ROUTING", "UK_SORT_CODE"),
        matches=("43208479877", "12-345678-90"),
        rejects=("acct", "12"),
    ),
    Recognizer(
        entity="US_ABA_ROUTING",
        group="financial",
        severity=Severity.LOW,
        headers="routing number|aba|aba routing|aba number|routing no|rtn|bank routing number|routing transit number|aba no|routing",
        pattern=r"[0-9]{9}",
        check=ck.aba,
        chance=0.037,
        pad=9,
        lengths=(8, 9),
        digits=(8, 9),
        weight=0.8,
        siblings=("BANK_ACCOUNT",),
        matches=("021000021",),
        rejects=("021000022", "991000021"),
    ),
    Recognizer(
        entity="UK_SORT_CODE",
        group="financial",
        severity=Severity.LOW,
        headers="sort code|bank sort code|sortcode|sort cd",
        pattern=r"[0-9]{2}-[0-9]{2}-[0-9]{2}|[0-9]{6}",
        pad=6,
        lengths=(5, 8),
        weight=0.3,
        siblings=("BANK_ACCOUNT",),
        matches=("20-00-00",),
        rejects=("2000",),
    ),
    Recognizer(
        entity="SALARY",
        group="quasi",
        severity=Severity.MEDIUM,
        headers="salary|annual salary|base salary|wage|wages|income|annual income|gross pay|net pay|compensation|remuneration|base "
        "pay|hourly rate pay|"
        "gehalt|jahresgehalt|einkommen|lohn|bruttogehalt|salaire|revenu|salario|sueldo|ingresos|stipendio|reddito|retribuzione|"
        "renda|rendimento|salaris|"
        "inkomen|gongzi|xinzi|工资|薪资|年薪|收入|年収|급여",
        pattern=r"(?:[$€£¥₹]|USD|EUR|GBP|INR|CNY)? ?[0-9]{1,3}(?:[ ,.']?[0-9]{3}){0,3}(?:[.,][0-9]{1,2})?(?:[kK]| ?(?:USD|EUR|GBP|€|£))?",
        lengths=(1, 20),
        weight=0.2,
        matches=("155254", "$64,385.50"),
        rejects=("high",),
    ),
)

HEALTH = (
    Recognizer(
        entity="HEALTH",
        group="health",
        severity=Severity.CRITICAL,
        headers="diagnosis|diagnoses|diag|diag code|diag cd|icd|icd10|icd 10|icd code|icd9|medical condition|condition medical|"
        "health condition|health note|health notes|health remark|health remarks|medical note|medical notes|disease|"
        "illness|medication|medications|medicine|drug name|drug prescribed|prescription|rx|rx name|~treatment|allergy|allergies|"
        "symptom|symptoms|comorbidity|comorbidities|"
        "chronic condition|disability|disabilities|pregnant|pregnancy status|hiv status|hiv|mental health|medical history|"
        "vaccination status|smoker|"
        "diagnose|krankheit|erkrankung|medikament|behinderung|schwerbehinderung|diagnostic|maladie|traitement|handicap|"
        "diagnostico|enfermedad|medicamento|"
        "discapacidad|diagnosi|malattia|farmaco|patologia|doenca|deficiencia|ziekte|medicatie|aandoening|zhenduan|jibing|"
        "诊断|疾病|病史|病情|药品|药物|過敏|診断",
        siblings=("MRN", "US_NPI", "PERSON_NAME"),
        lengths=(2, 120),
        matches=("type 2 diabetes", "asthma"),
        rejects=("Finance", "4711"),
    ),
    Recognizer(
        entity="MRN",
        group="health",
        severity=Severity.HIGH,
        headers="mrn|medical record number|medical record no|medical record|patient id|patient number|patient no|hospital number|"
        "chart number|patientennummer|"
        "patienten id|fallnummer|numero patient|ipp|numero de historia clinica|historia clinica|cartella clinica|numero "
        "prontuario|prontuario|"
        "patientnummer|bingli|binglihao|病历号|住院号|门诊号|カルテ番号",
        pattern=r"(?:MRN[-# :]{0,2})?[A-Z]{0,3}-?[0-9]{4,12}",
        lengths=(4, 20),
        weight=0.3,
        matches=("MRN94415801", "69420437"),
        rejects=("unknown",),
    ),
    Recognizer(
        entity="US_NPI",
        group="health",
        severity=Severity.MEDIUM,
        headers="npi|npi number|npi no|national provider identifier|provider npi",
        pattern=r"[12][0-9]{9}",
        check=ck.npi,
        chance=0.1,
        lengths=(10, 10),
        digits=(10, 10),
        weight=1.0,
        matches=("1234567893",),
        rejects=("1234567890",),
    ),
    Recognizer(
        entity="US_DEA",
        group="health",
        severity=Severity.MEDIUM,
        headers="dea|dea number|dea no|dea registration|dea reg no",
        pattern=r"[ABCDEFGHJKLMPRSTUX][A-Z9][0-9]{7}",
        check=ck.dea,
        chance=0.1,
        lengths=(9, 9),
        digits=(7, 8),
        weight=1.5,
        matches=("AB1234563",),
        rejects=("AB1234564",),
    ),
    Recognizer(
        entity="HEALTH_INSURANCE_ID",
        group="health",
        headers="health insurance number|health plan id|health plan number|insurance member id|insurance id|policy holder id|member "
        "id insurance|medicaid id|"
        "krankenversichertennummer|krankenkassennummer|versichertennummer|kvnr|numero mutuelle|tarjeta sanitaria|tessera "
        "sanitaria|cartao sus|"
        "zorgverzekeringsnummer|医保号|社保号|医保卡号",
        pattern=r"[A-Za-z]{0,4}[0-9][0-9A-Za-z-]{4,18}",
        lengths=(6, 22),
        weight=0.3,
        matches=("A123456780",),
        rejects=("none",),
    ),
    Recognizer(
        entity="BLOOD_TYPE",
        group="health",
        headers="blood type|blood group|blutgruppe|groupe sanguin|grupo sanguineo|gruppo sanguigno|tipo sanguineo|bloedgroep|血型",
        pattern=r"(?i)(?:A|B|AB|O|0) ?(?:\+|-|−|pos(?:itive)?|neg(?:ative)?|rh ?[+-])",
        lengths=(2, 12),
        weight=5.0,
        matches=("AB+", "O neg"),
        rejects=("C+", "AB"),
    ),
)

_FAITH = (
    "christian|christianity|catholic|roman catholic|protestant|evangelical|orthodox|greek orthodox|baptist|methodist|"
    "lutheran|presbyterian|anglican|"
    "church of england|pentecostal|mormon|lds|jehovah's witness|jehovah witness|quaker|muslim|islam|islamic|sunni|shia|"
    "ismaili|jewish|judaism|hindu|hinduism|"
    "buddhist|buddhism|sikh|sikhism|jain|jainism|taoist|daoist|shinto|zoroastrian|bahai|baha'i|pagan|wiccan|atheist|"
    "agnostic|none declared|no religion|"
    "katholisch|romisch-katholisch|evangelisch|muslimisch|judisch|konfessionslos|orthodox|catholique|protestant|musulman|"
    "juif|juive|hindou|bouddhiste|athee|"
    "catolico|catolica|evangelico|musulmana|judio|judia|budista|ateo|ateu|cattolico|cattolica|protestante|musulmano|"
    "ebreo|katholiek|protestants|moslim|joods|"
    "佛教|基督教|天主教|伊斯兰教|道教|无宗教|仏教|神道|개신교|천주교|불교|"
    "rzymskokatolickie|katolickie|prawosławne|ewangelickie|katolik|müslüman|hristiyan|musevi|alevi|kristen|kristen protestan|katholik|"
    "buddha|khonghucu|islamisk|kristendom|luterilainen|ortodoksi|ortodoks|hindú|phật giáo|công giáo|православие|православный|ислам|"
    "мусульманин|католицизм|иудаизм|буддизм|مسلم|مسيحي|الإسلام|इस्लाम|हिन्दू|"
    "evangelica|atea|judaica|espirita|umbanda|candomble|sin religion|sem religiao|ebraica|ortodossa|ortodoxa|buddista|induista|islamica|"
    "musulmane|musulman|athee|ateist|ateista|ateizm|swiadkowie jehowy|swiadek jehowy|bezwyznaniowy|svenska kyrkan|folkekirken|"
    "den norske kirke|evankelisluterilainen|uskonnoton|musevi|katolikus|romai katolikus|reformatus|evangelikus|rimskokatolicka|"
    "bez vyznani|rimokatolik|rimokatolicka|pravoslavac|pravoslavna|ortodoxe|греко-католик|православ'я|католик|атеизм|атеист|"
    "ορθοδοξος|χριστιανος ορθοδοξος|μουσουλμανος|καθολικος|יהודי|יהודייה|מוסלמי|נוצרי|דרוזי|พุทธ|อิสลาม|คริสต์|"
    "キリスト教|イスラム教|無宗教|무교|기독교|이슬람교|phat giao|thien chua giao|tin lanh|cao dai|hoa hao"
)
SPECIAL = (
    Recognizer(
        entity="RACE_ETHNICITY",
        group="special",
        severity=Severity.CRITICAL,
        headers="race|ethnicity|population group|pop group|tribe|"
        "ethnic|ethnic group|ethnic origin|ethnic code|ethnic background|racial group|race ethnicity|race "
        "code|ethnie|"
        "ethnische herkunft|origine ethnique|raza|etnia|grupo etnico|origen etnico|raca|razza|etniciteit|minzu|民族|种族",
        vocabulary="white|black|asian|hispanic|latino|latina|latinx|hispanic or latino|not hispanic|non-hispanic|not hispanic or latino|"
        "caucasian|african american|african-american|"
        "black or african american|american indian|american indian or alaska native|alaska native|native american|native hawaiian|"
        "native hawaiian or other pacific islander|pacific islander|mixed|mixed race|multiracial|two or more races|biracial|"
        "other race|white british|white irish|"
        "black british|black african|black caribbean|asian british|asian indian|south asian|east asian|indian|pakistani|"
        "bangladeshi|chinese|malay|eurasian|arab|"
        "middle eastern|roma|romani|gypsy|first nations|metis|inuit|aboriginal|torres strait islander|maori|pasifika|han|"
        "hui|uyghur|zhuang|manchu|tibetan|"
        "weiss|schwarz|asiatisch|blanc|noir|asiatique|blanco|negro|mestizo|mulato|indigena|branca|preta|parda|amarela|bianco|"
        "nero|汉族|回族|壮族|满族|维吾尔族|藏族|蒙古族|general|obc|sc|st|ews|scheduled caste|scheduled tribe|other backward class|"
        "bumiputera|melayu|cina|jawa|sunda|batak|african|black african|coloured|cape coloured",
        lengths=(1, 60),
        matches=("African American", "Asian"),
        rejects=("blue", "12"),
    ),
    Recognizer(
        entity="RELIGION",
        group="special",
        severity=Severity.CRITICAL,
        headers="religion|religious affiliation|religious belief|faith|denomination|creed|konfession|religionszugehorigkeit|"
        "kirchenzugehorigkeit|"
        "religione|religiao|"
        "religieuse|culte|godsdienst|geloof|zongjiao|宗教|宗教信仰",
        vocabulary=_FAITH,
        lengths=(2, 40),
        matches=("Catholic", "Hindu"),
        rejects=("Finance",),
    ),
    Recognizer(
        entity="POLITICAL",
        group="special",
        severity=Severity.CRITICAL,
        headers="political affiliation|political aff|political party|party affiliation|political view|political views|political "
        "opinion|~party|party reg|party registration|voter party|"
        "partei|parteizugehorigkeit|politische meinung|parti politique|affiliation politique|opinion politique|partido|"
        "partido politico|afiliacion politica|"
        "partito|partito politico|politieke partij|zhengzhimianmao|政治面貌|党派",
        vocabulary="dem|rep|democrat|democratic|republican|independent|libertarian|green|green party|labour|conservative|tory|"
        "liberal democrat|"
        "lib dem|ukip|reform uk|snp|plaid cymru|"
        "sinn fein|dup|cdu|csu|spd|fdp|afd|die linke|die grunen|grune|rassemblement national|les republicains|parti socialiste|"
        "la france insoumise|renaissance|"
        "psoe|partido popular|vox|podemos|sumar|partito democratico|forza italia|lega|fratelli d'italia|movimento 5 stelle|"
        "vvd|pvda|pvv|d66|cda|bjp|congress|inc|"
        "aam aadmi party|pap|workers' party|unaffiliated|nonpartisan|socialist|communist|liberal|ndp|bloc quebecois|"
        "中共党员|共青团员|群众|民主党派|國民黨|民進黨|民眾黨|自民党|自由民主党|立憲民主党|公明党|共産党|日本維新の会|더불어민주당|국민의힘|정의당|"
        "greens|the greens|labor|national|nationals|liberal national|act|one nation|parti quebecois|quebec solidaire|fianna fail|fine gael|"
        "social democrats|partido socialista|ciudadanos|erc|junts|pnv|bildu|morena|pri|prd|pan|psdb|mdb|psol|"
        "pis|prawo i sprawiedliwosc|platforma obywatelska|lewica|konfederacja|psl|polska 2050|spo|ovp|fpo|neos|die grunen|ano|ods|stan|"
        "fidesz|jobbik|dk|momentum|psd|pnl|usr|udmr|syriza|pasok|nea dimokratia|kke|"
        "socialdemokraterna|moderaterna|sverigedemokraterna|centerpartiet|vansterpartiet|liberalerna|miljopartiet|kristdemokraterna|"
        "arbeiderpartiet|hoyre|fremskrittspartiet|venstre|senterpartiet|socialdemokratiet|dansk folkeparti|radikale venstre|"
        "kokoomus|perussuomalaiset|keskusta|sdp|vihreat|vasemmistoliitto|chp|akp|mhp|iyi parti|hdp|saadet|"
        "единая россия|кпрф|лдпр|яблоко|слуга народу|golkar|pdip|gerindra|pks|likud|yesh atid|shas|meretz|הליכוד|יש עתיד|"
        "pvda|cd&v|open vld|n-va|vlaams belang|groen|vooruit|ecolo",
        lengths=(2, 40),
        matches=("Democrat", "Labour"),
        rejects=("Finance",),
    ),
    Recognizer(
        entity="SEXUAL_ORIENTATION",
        group="special",
        severity=Severity.CRITICAL,
        headers="sexual orientation|sexuality|orientation sexual|sexuelle orientierung|orientation sexuelle|orientacion sexual|"
        "orientamento sessuale|"
        "orientacao sexual|seksuele geaardheid|sex life|性取向",
        vocabulary="heterosexual|straight|homosexual|gay|lesbian|bisexual|pansexual|asexual|queer|questioning|gay or lesbian|gay man|"
        "gay woman|lgbtq|lgbt|demisexual|"
        "heterosexuell|homosexuell|bisexuell|heterosexuel|homosexuel|heterosexuelle|homosexuelle|bisexuelle|lesbienne|lesbiana|"
        "bisexuale|eterosessuale|omosessuale|bissexual|异性恋|同性恋|双性恋",
        lengths=(3, 30),
        matches=("bisexual", "straight"),
        rejects=("left",),
    ),
    Recognizer(
        entity="TRADE_UNION",
        group="special",
        severity=Severity.CRITICAL,
        headers="trade union|union member|union membership|trade union membership|labor union|labour union|union name|gewerkschaft|"
        "gewerkschaftsmitglied|syndicat|"
        "affiliation syndicale|sindicato|afiliacion sindical|sindacato|vakbond|vakbondslid|工会",
        vocabulary=(
            "unison|unite|gmb|usdaw|verdi|ver.di|ig metall|ig bce|gew|cgt|cfdt|ugt|ccoo|cgil|cisl|uil|fnv|cnv|teamsters|seiu|"
            "afl-cio|uaw|afscme"
        ),
        lengths=(1, 40),
        matches=("IG Metall", "UNISON"),
        rejects=("blue",),
    ),
    Recognizer(
        entity="BIOMETRIC",
        group="special",
        severity=Severity.CRITICAL,
        headers="fingerprint template|fingerprint data|fingerprint minutiae|biometric|biometric template|biometric data|face embedding|"
        "face template|facial template|iris scan|iris template|retina scan|"
        "voice print|voiceprint|palm print|faceid|fingerabdruck|empreinte digitale|huella dactilar|impronta digitale|impressao "
        "digital|vingerafdruk|指纹|人脸特征",
        pattern=r"[0-9A-Za-z+/=_ \[\],.:-]{4,}",
        lengths=(4, 100_000),
        weight=0.2,
        matches=("Rk1SACAyMAAA",),
        rejects=("no",),
    ),
    Recognizer(
        entity="GENETIC",
        group="special",
        severity=Severity.CRITICAL,
        headers=(
            "genotype|genetic marker|genetic test|genetic data|dna sequence|dna profile|snp id|brca|brca status|genetische "
            "daten|donnees genetiques|datos geneticos|基因"
        ),
        pattern=r"rs[0-9]{3,12}(?:\([ACGT];[ACGT]\))?|[ACGT]{12,}|[ACGT]{2}|BRCA[12].{0,20}",
        lengths=(2, 100_000),
        weight=0.5,
        matches=("rs1801133", "ACGTACGTACGTAA"),
        rejects=("rsvp",),
    ),
    Recognizer(
        entity="CRIMINAL_RECORD",
        group="special",
        severity=Severity.CRITICAL,
        headers="criminal record|criminal history|conviction|convictions|criminal conviction|felony|arrest "
        "record|vorstrafen|fuhrungszeugnis|"
        "casier judiciaire|condamnation|"
        "antecedentes penales|condena|precedenti penali|antecedentes criminais|strafblad|犯罪记录",
        pattern=r".{1,200}",
        lengths=(1, 200),
        weight=0.2,
        matches=("theft 2011",),
        rejects=("",),
    ),
    Recognizer(
        entity="GENDER",
        group="quasi",
        severity=Severity.MEDIUM,
        headers="gender|sex|gender code|gender identity|geschlecht|genre|sexe|genero|sexo|genere|sesso|geslacht|xingbie|性别|性別|성별",
        vocabulary="m|f|male|female|man|woman|men|women|non-binary|nonbinary|non binary|genderqueer|transgender|trans|trans man|trans "
        "woman|x|d|w|divers|diverse|mannlich|weiblich|"
        "mann|frau|homme|femme|masculin|feminin|hombre|mujer|masculino|femenino|feminino|maschio|femmina|uomo|donna|homem|"
        "mulher|man|vrouw|mannelijk|vrouwelijk|"
        "чоловік|жінка|чоловіча|жіноча|זכר|נקבה|ανδρας|γυναικα|αρρεν|θηλυ|"
        "男|女|男性|女性|남|여|남성|여성|mr|mrs|ms|other|unknown|u|not specified|prefer not to say|"
        "k|kobieta|mężczyzna|žena|muž|nő|férfi|femeie|bărbat|muško|žensko|kvinna|kvinde|kvinne|mand|nainen|mies|kadın|erkek|bay|bayan|"
        "perempuan|laki-laki|wanita|pria|lelaki|nam|nữ|ชาย|หญิง|purush|mahila|ذكر|أنثى|м|ж|"
        "мужской|женский|муж|жен|муж.|жен.|мужчина|женщина",
        lengths=(1, 20),
        matches=("Female", "m"),
        rejects=("blue",),
    ),
    Recognizer(
        entity="MARITAL_STATUS",
        group="quasi",
        severity=Severity.MEDIUM,
        headers="marital status|civil status|marital|relationship status|familienstand|situation familiale|etat civil|situation "
        "matrimoniale|estado civil|stato civile|"
        "burgerlijke staat|hunyin|婚姻|婚姻状况",
        vocabulary="single|married|divorced|widowed|widow|widower|separated|civil partnership|domestic partnership|cohabiting|engaged|"
        "never married|unmarried|"
        "ledig|verheiratet|geschieden|verwitwet|getrennt|celibataire|marie|mariee|divorce|divorcee|veuf|veuve|pacse|pacsee|"
        "separe|soltero|soltera|casado|casada|divorciado|"
        "divorciada|viudo|viuda|celibe|nubile|coniugato|coniugata|sposato|sposata|divorziato|divorziata|vedovo|vedova|solteiro|"
        "solteira|viuvo|viuva|"
        "ongehuwd|gehuwd|gescheiden|weduwe|未婚|已婚|离异|丧偶|離婚|離異|喪偶|死別|離別|独身|單身|单身|既婚|미혼|기혼|이혼|사별|"
        "neozenjen|ozenjen|udana|neudana|razveden|razvedena|udovac|udovica|одружений|одружена|неодружений|заміжня|незаміжня|розлучений|розлучена|вдівець|"
        "αγαμος|αγαμη|εγγαμος|διαζευγμενος|διαζευγμενη|χηρος|χηρα|רווק|רווקה|נשוי|נשואה|גרוש|גרושה|אלמן|אלמנה|โสด|สมรส|หย่า|หม้าย|"
        "أرمل|أرملة|مطلقة|عزباء|"
        "żonaty|mężatka|kawaler|panna|rozwiedziony|rozwiedziona|wdowa|wdowiec|zamężna|svobodný|svobodná|ženatý|vdaná|rozvedený|"
        "rozvedená|nős|férjezett|hajadon|nőtlen|elvált|özvegy|căsătorit|căsătorită|necăsătorit|divorțat|văduv|gift|ogift|ugift|skild|"
        "skilt|änka|enke|sambo|naimisissa|naimaton|eronnut|leski|avoliitossa|evli|bekar|boşanmış|dul|kawin|belum kawin|cerai|menikah|"
        "bujang|berkahwin|độc thân|đã kết hôn|ly hôn|أعزب|متزوج|متزوجة|مطلق|"
        "женат|замужем|холост|не замужем|разведен|разведена|вдова|вдовец",
        lengths=(2, 30),
        matches=("Married", "ledig"),
        rejects=("open",),
    ),
    Recognizer(
        entity="NATIONALITY",
        group="quasi",
        severity=Severity.MEDIUM,
        headers="nationality|citizenship|country of citizenship|nationalitat|staatsangehorigkeit|nationalite|nacionalidad|nazionalita|"
        "cittadinanza|nacionalidade|"
        "nationaliteit|guoji|国籍|국적",
        lengths=(2, 40),
        matches=("Spanish", "Brazilian"),
        rejects=("blue",),
    ),
    Recognizer(
        entity="AGE",
        group="quasi",
        severity=Severity.LOW,
        headers="age|age years|age yrs|age in years|patient age|customer age|person age|age at arrest|age at diagnosis|alter|lebensalter|"
        "edad|eta|idade|leeftijd|"
        "nianling|年龄|年齢|나이",
        pattern=(
            r"[\[(][0-9]{1,3}(?:\.0)? ?[-–,;] ?[0-9]{1,3}(?:\.0)?[\])]|"
            r"(?:1[0-2]|[1-9])?[0-9](?: ?(?:years?|yrs?|y\.?o\.?|[Jj]ahre|ans|an[io]s|años|anni|lat|let|jaar|år|歳|[岁歲]|세))?|"
            r"[0-9]{2,3}\+|"
            r"(?:[Dd][ea] |[Vv]on |[Ee]ntre )?[0-9]{1,2} ?(?:-|–|to|[aàyei]|bis|do|tot|até|~|〜) ?[0-9]{1,3}"
            r"(?: ?(?:years?|[Jj]ahre|ans|an[io]s|años|anni|lat|let|jaar|år|歳|[岁歲]|세))?|"
            r"(?:<|>|≥|under|over|[Mm][áa]i?s de|[Pp]lus de|[Mm]oins de|[Mm]enos de|[üÜ]ber|[Uu]nter|[Oo]ltre|[Pp]onad|[öÖ]ver) ?[0-9]{1,2}"
            r"(?: ?(?:years?|[Jj]ahre|ans|an[io]s|años|anni|lat|let|jaar|år))?|(?:1[0-2]|[1-9])?[0-9] ?y? ?/ ?[MFmf]"
        ),
        lengths=(1, 30),
        weight=0.3,
        matches=("46", "25-34", "90+", "De 25 a 29 años", "Más de 74 años", "65 ans", "(30, 40]"),
        rejects=("460", "old", "2 a"),
    ),
)

SECRETS = (
    Recognizer(
        entity="PASSWORD",
        group="secret",
        severity=Severity.CRITICAL,
        headers="password|passwd|pwd|pass plain|passphrase|pass word|user password|login password|passcode|kennwort|passwort|mot "
        "de passe|mdp|contrasena|clave de acceso|"
        "senha|palavra passe|wachtwoord|mima|密码|口令|パスワード|비밀번호",
        pattern=r"\S{4,64}",
        lengths=(4, 64),
        weight=0.3,
        siblings=("USERNAME",),
        matches=("b+p9XxOrE(mdX",),
        rejects=("a b", "x"),
    ),
    Recognizer(
        entity="SECRET",
        group="secret",
        severity=Severity.CRITICAL,
        headers="api key|apikey|secret|secret key|access token|auth token|access key|private key|client secret|bearer token|refresh "
        "token|jwt|session jwt|session token|token|"
        "credential|credentials|ssh key|api secret|api token|webhook secret|encryption key|schlussel geheim|cle api|cle "
        "secrete|clave secreta|chiave segreta|密钥",
        pattern=ck.SECRET,
        check=ck.secret,
        chance=1.0,
        lengths=(12, 8000),
        weight=7.5,
        span=0.99,
        matches=("ghp_Vb1wqZTcgaeXFgiYy3bUZ2E1wRHBmCuAzVaW", "AKIAIOSFODNN7EXAMPLE"),
        rejects=("hello world", "ghp_short"),
    ),
    Recognizer(
        entity="CRYPTO",
        group="financial",
        headers=(
            "wallet|wallet address|crypto wallet|bitcoin address|btc address|eth address|ethereum address|crypto address|blockchain address"
        ),
        pattern=r"[13][1-9A-HJ-NP-Za-km-z]{25,34}|(?:bc1|tb1|ltc1)[02-9ac-hj-np-zA-Z]{11,87}|0x[0-9a-fA-F]{40}",
        check=ck.wallet,
        chance=0.001,
        lengths=(26, 90),
        weight=3.0,
        span=0.98,
        matches=("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
        rejects=("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",),
    ),
)

DEVICES = (
    Recognizer(
        entity="IP_ADDRESS",
        group="device",
        severity=Severity.MEDIUM,
        headers=(
            "ip|ip address|ip addr|ipv4|ipv6|client ip|source ip|remote addr|remote address|ip adresse|adresse ip|direccion "
            "ip|indirizzo ip|endereco ip|ip adres|login ip|src ip|dst ip|host ip|IP地址"
        ),
        pattern=r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?:/[0-9]{1,2})?|(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?:/[0-9]{1,3})?",
        check=ck.ip,
        chance=0.3,
        pass_rate=0.995,
        lengths=(3, 45),
        weight=3.0,
        span=0.9,
        matches=("192.168.10.4", "2001:db8::1"),
        rejects=("10.300.1.1", "0.15.9.26"),
    ),
    Recognizer(
        entity="MAC_ADDRESS",
        group="device",
        severity=Severity.MEDIUM,
        headers="mac|mac address|mac addr|wifi mac|device mac|bssid|ethernet address|hardware address|mac adresse|adresse mac|MAC地址",
        pattern=r"(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}|(?:[0-9a-fA-F]{4}\.){2}[0-9a-fA-F]{4}",
        lengths=(14, 17),
        weight=7.0,
        span=0.95,
        matches=("7c:9e:ad:aa:aa:b4", "001b.6384.45e6"),
        rejects=("7c:9e:ad:aa:aa",),
    ),
    Recognizer(
        entity="IMEI",
        group="device",
        headers="imei|imei number|handset id|imei no|device imei|imeisv",
        pattern=r"[0-9]{2}[- ]?[0-9]{6}[- ]?[0-9]{6}[- ]?[0-9]",
        check=ck.imei,
        chance=0.006,
        lengths=(15, 18),
        digits=(15, 15),
        weight=1.2,
        matches=("352099001761481",),
        rejects=("352099001761482",),
    ),
    Recognizer(
        entity="IMSI",
        group="device",
        headers="imsi|subscriber identity|imsi number",
        pattern=r"[2-7][0-9]{14}",
        lengths=(15, 15),
        digits=(15, 15),
        weight=0.3,
        matches=("310150123456789",),
        rejects=("110150123456789",),
    ),
    Recognizer(
        entity="ICCID",
        group="device",
        headers="iccid|sim number|sim card number|sim id",
        pattern=r"89[0-9]{17,18}",
        check=ck.luhn,
        chance=0.1,
        lengths=(19, 20),
        digits=(19, 20),
        weight=2.0,
        matches=("8991101200003204514",),
        rejects=("8991101200003204515",),
    ),
    Recognizer(
        entity="ADVERTISING_ID",
        group="device",
        severity=Severity.MEDIUM,
        headers=(
            "advertising id|ad id|idfa|gaid|aaid|idfv|device id|device identifier|android id|cookie id|visitor id|device fingerprint|"
            "browser fingerprint|geratekennung"
        ),
        pattern=r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}|[0-9a-fA-F]{16,40}|[A-Za-z0-9._-]{8,64}",
        lengths=(8, 64),
        weight=0.2,
        matches=("cdda802e-fb9c-47ad-9866-0794d394c912",),
        rejects=("pixel",),
    ),
    Recognizer(
        entity="VIN",
        group="device",
        severity=Severity.MEDIUM,
        headers=(
            "vin|vin number|vehicle identification number|chassis number|vin no|fahrgestellnummer|fin fahrzeug|numero de chassis|"
            "numero de serie vehicule|bastidor|telaio|chassi|chassisnummer|车架号"
        ),
        pattern=r"(?i)[A-HJ-NPR-Z0-9]{17}",
        lengths=(17, 17),
        digits=(3, 16),
        weight=0.6,
        siblings=("LICENSE_PLATE",),
        matches=("1M8GDM9AXKP042788",),
        rejects=("1M8GDM9AXKP04278O", "1M8GDM9AXKP04278"),
    ),
    Recognizer(
        entity="LICENSE_PLATE",
        group="device",
        severity=Severity.MEDIUM,
        headers="license plate|licence plate|number plate|plate number|registration plate|reg plate|vehicle registration|vehicle "
        "reg|vrm|registration mark|plate no|car plate|kennzeichen|kfz kennzeichen|"
        "nummernschild|plaque d immatriculation|immatriculation|matricula|matricula vehiculo|placa|patente vehiculo|targa|"
        "placa do veiculo|kenteken|chepai|chepaihao|车牌|车牌号|ナンバープレート|~plate",
        pattern=r"(?=[^0-9・]*[0-9・])[A-Z\u0410-\u042f\u0391-\u03a9\u0e01-\u0e2e\u0621-\u064a\u4e00-\u9fffÄÖÜ]"
        r"[A-Z0-9\u0410-\u042f\u0391-\u03a9\u0e01-\u0e2e\u0621-\u064a\u3041-\u3093\u4e00-\u9fffÄÖÜ·•・ -]{2,17}|"
        r"[0-9]{1,4}[ -]?[A-Z\u0410-\u042f\u0e01-\u0e2e\u0621-\u064a\uac00-\ud7a3]"
        r"[A-Z0-9\u0410-\u042f\u0e01-\u0e2e\u0621-\u064a\uac00-\ud7a3 -]{1,9}|[0-9]{2,3}-[0-9]{2,3}-[0-9]{2,3}",
        lengths=(3, 18),
        weight=0.3,
        matches=("IPX 2001", "B-MW 1234", "京A·12345", "大阪 300 る 46-49", "79주2349", "6874КН 38", "1กก 1234"),
        rejects=("lower case", "AB"),
    ),
)

LOCATIONS = (
    Recognizer(
        entity="CITY",
        group="location",
        severity=Severity.LOW,
        headers="city|town|city name|municipality|village|suburb|place of residence|place of birth|birthplace|hometown|home city|"
        "mailing city|stadt|ort|wohnort|gemeinde|"
        "geburtsort|ville|commune|localite|lieu de naissance|ciudad|localidad|municipio|poblacion|lugar de nacimiento|citta|"
        "comune|luogo di nascita|cidade|localidade|"
        "stad|plaats|woonplaats|gemeente|geboorteplaats|chengshi|城市|市|居住地|籍贯|市区町村|도시|~place|~locality",
        lengths=(2, 40),
        siblings=("ADDRESS", "POSTAL_CODE"),
        matches=("Singapore", "Hamburg"),
        rejects=("Finance", "12"),
    ),
    Recognizer(
        entity="POSTAL_CODE",
        group="location",
        severity=Severity.LOW,
        headers="zip|zip code|zipcode|postal code|postcode|post code|zip cd|zip5|zip4|eircode|post cde|"
        "pcode|pin code|pincode|postal|plz|postleitzahl|"
        "code postal|cp|codigo postal|cap|"
        "codice postale|cep|codigo postal pt|youbian|youzhengbianma|邮编|邮政编码|郵便番号|우편번호",
        pattern=r"[0-9]{5}(?:-[0-9]{4})?|[0-9]{9}|[0-9]{3,4}|[0-9]{6}|(?i:[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2})|"
        r"(?i:[ABCEGHJ-NPRSTVXY][0-9][A-Z] ?[0-9][A-Z][0-9])|"
        r"[0-9]{4} ?[A-Z]{2}|[0-9]{2}-[0-9]{3}|[0-9]{4,5}-[0-9]{3}|[0-9]{3}[ -][0-9]{2,4}|[A-Z]{1,2}[0-9]{1,2}[A-Z]? ?[0-9][A-Z]{2}|"
        r"[A-Z]{1,2}-[0-9]{4,5}|[A-Z]{2}[0-9]{4,5}|[0-9]{3} [0-9]{3}|[0-9]{7}|"
        r"(?:[AC-FHKNPRTV-Y][0-9]{2}|D6W) ?[0-9AC-FHKNPRTV-Y]{4}|[A-Z][0-9]{4}[A-Z]{3}",
        pad=5,
        lengths=(3, 10),
        weight=0.3,
        siblings=("ADDRESS", "CITY"),
        matches=("10969", "SW1A 1AA", "94105-1420", "1164-150", "H-4816", "7722363", "V94 T2XR", "C1420ABC"),
        rejects=("zip", "12"),
    ),
    Recognizer(
        entity="GEO",
        group="location",
        severity=Severity.MEDIUM,
        headers="latitude|longitude|lat|lon|lng|lat lon|lat long|latlong|latlng|gps|gps coordinates|coordinates|geo|home geo|geolocation|"
        "geo point|geo location|gps location|"
        "point x|point y|breitengrad|langengrad|koordinaten|coordonnees|latitud|longitud|coordenadas|latitudine|longitudine|"
        "coordinate|breedtegraad|lengtegraad|"
        "jingdu|weidu|经度|纬度|经纬度|坐标|~location|~long",
        pattern=r"[(\[{]?\s?[-+]?[0-9]{1,3}\.[0-9]{3,16}\s?[,;]\s?[-+]?[0-9]{1,3}\.[0-9]{3,16}\s?[)\]}]?|"
        r"POINT ?\( ?-?[0-9]{1,3}\.[0-9]+ -?[0-9]{1,3}\.[0-9]+ ?\)|"
        r"-?[0-9]{1,3}°[0-9 .'′\"″°NSEW,-]{1,40}|\{?['\"]?(?:type|latitude|coordinates|human_address)['\"]?:.{0,400}(?:latitude|"
        r"longitude|coordinates).{0,400}",
        lengths=(8, 900),
        weight=5.5,
        matches=("36.130492, -76.845363", "POINT (103.8198 1.3521)"),
        rejects=("36.13", "1,2"),
    ),
)

RECOGNIZERS: tuple[Recognizer, ...] = DIRECT + NATIONAL + FINANCIAL + HEALTH + SPECIAL + SECRETS + DEVICES + LOCATIONS
"""Every entity type that can be found, in order of the table."""

BY_ENTITY: dict[str, Recognizer] = {r.entity: r for r in RECOGNIZERS}

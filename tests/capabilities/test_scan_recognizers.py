"""Every entry of the recognizer table is tested by its own examples."""

import itertools
import random
import re
import time

import pyarrow as pa
import pytest

from edgp_magics.capabilities.privacy import BY_ENTITY, RECOGNIZERS, facts_of, judge_columns
from edgp_magics.capabilities.privacy._checks import luhn
from edgp_magics.capabilities.privacy._header_words import FURTHER
from edgp_magics.capabilities.privacy._headers import foreign, header_hits, words_of
from edgp_magics.capabilities.privacy._judges import JUDGES
from edgp_magics.capabilities.privacy._lexicon import address_score, address_spans, city_score, health_score, name_shape, token_name
from edgp_magics.frames import as_frame

OWN = [r for r in RECOGNIZERS if r.pattern or r.words]


def test_the_table_is_large_and_its_names_are_unique():
    assert len(RECOGNIZERS) >= 60 and len(BY_ENTITY) == len(RECOGNIZERS)
    assert sum(r.group == "national" for r in RECOGNIZERS) >= 20


@pytest.mark.parametrize("r", RECOGNIZERS, ids=lambda r: r.entity)
def test_every_entry_is_complete(r):
    assert r.headers and r.matches and r.rejects
    assert r.pattern or r.words or r.entity in JUDGES
    assert 0 < r.chance <= 1 and r.lengths[0] <= r.lengths[1]


@pytest.mark.parametrize(("r", "value"), [(r, v) for r in OWN for v in r.matches], ids=lambda x: getattr(x, "entity", x))
def test_examples_match(r, value):
    assert r.accepts(value)
    assert r.words or r.lengths[0] <= len(value) <= r.lengths[1]


@pytest.mark.parametrize(("r", "value"), [(r, v) for r in OWN for v in r.rejects], ids=lambda x: getattr(x, "entity", x))
def test_counter_examples_do_not(r, value):
    assert not r.accepts(value)


@pytest.mark.parametrize("r", [r for r in RECOGNIZERS if r.pattern], ids=lambda r: r.entity)
def test_patterns_are_linear(r):
    for text in ("1" * 4000, "a" * 4000, "1 " * 2000, "a." * 2000, "A1" * 2000, "::" * 2000, "-" * 4000, "1,1 " * 1000):
        start = time.process_time()
        re.compile(r.pattern).fullmatch(text + "\x00")
        assert time.process_time() - start < 0.2


@pytest.mark.parametrize("r", RECOGNIZERS, ids=lambda r: r.entity)
def test_own_headers_are_understood(r):
    phrases = [p for p in f"{r.headers}|{FURTHER.get(r.entity, '')}".split("|") if p and not p.startswith("~")]
    assert all(header_hits(p)[r.entity].level > 0 for p in phrases)


@pytest.mark.parametrize(
    ("header", "entity"),
    [
        ("customer_email", "EMAIL"),
        ("EMAIL_ADDR", "EMAIL"),
        ("adminlastname", "PERSON_NAME"),
        ("Telefonnummer", "PHONE"),
        ("n° de téléphone", "PHONE"),
        ("fechaNacimiento", "DATE_OF_BIRTH"),
        ("Straße", "ADDRESS"),
        ("código postal", "POSTAL_CODE"),
        ("身份证号", "CN_RESIDENT_ID"),
        ("acctNumber", "BANK_ACCOUNT"),
        ("NombreCliente", "PERSON_NAME"),
        ("naam_klant", "PERSON_NAME"),
        ("nome do titular", "PERSON_NAME"),
        ("hospital_no", "MRN"),
        ("prawo jazdy", "DRIVER_LICENSE"),
        ("lösenord", "PASSWORD"),
        ("номер карты", "CREDIT_CARD"),
        ("郵遞區號", "POSTAL_CODE"),
        ("聯絡電話", "PHONE"),
        ("経度", "GEO"),
        ("rango_edad", "AGE"),
        ("REMUNERACAO_BRUTA", "SALARY"),
        ("Bürgerort", "CITY"),
        ("SurName", "PERSON_NAME"),
        ("Policyholder", "PERSON_NAME"),
        ("KodPoczt", "POSTAL_CODE"),
        ("COD_POS", "POSTAL_CODE"),
        ("tglLhr", "DATE_OF_BIRTH"),
        ("DTNAIS", "DATE_OF_BIRTH"),
        ("dob_year", "DATE_OF_BIRTH"),
        ("mobNo", "PHONE"),
        ("手機號", "PHONE"),
        ("acc_holder", "PERSON_NAME"),
        ("jnsKlmn", "GENDER"),
        ("VRM", "LICENSE_PLATE"),
        ("PostNr", "POSTAL_CODE"),
        ("reg nr", "LICENSE_PLATE"),
        ("Bank A/c No", "BANK_ACCOUNT"),
        ("客户名", "PERSON_NAME"),
    ],
)
def test_headers(header, entity):
    assert header_hits(header)[entity].level > 0.5


@pytest.mark.parametrize("header", ["doc_id", "num_pc", "dt_no", "details", "order_dt", "cat_nm", "id_doc", "ref_num"])
def test_headers_that_only_look_like_abbreviations(header):
    assert all(h.level <= 0.35 for h in header_hits(header).values())


@pytest.mark.parametrize(
    "header",
    ["gender_known", "email_verified", "phone_type", "address_type", "ssn_on_file", "email_hash", "name_match_score", "latitude_of_error"],
)
def test_headers_about_something_else(header):
    assert all(h.level <= 0 for h in header_hits(header).values() if h.phrase in header.replace("_", " "))


@pytest.mark.parametrize(
    ("header", "entity"),
    [
        ("cuenta_contable", "BANK_ACCOUNT"),
        ("gl_account_number", "BANK_ACCOUNT"),
        ("GEBURTSJAHR_HUND", "DATE_OF_BIRTH"),
        ("sensor_lat_err", "GEO"),
    ],
)
def test_headers_that_speak_against_the_type(header, entity):
    assert header_hits(header)[entity].level < 0


@pytest.mark.parametrize("header", ["Bezirk", "distrito", "DogName", "NOM_PARC", "Short_Name", "LocalArea"])
def test_headers_of_places_and_things_are_foreign_to_persons_and_towns(header):
    assert foreign(words_of(header), "PERSON_NAME") and foreign(words_of(header), "CITY")


@pytest.mark.parametrize(
    "name",
    [
        "Maria Garcia",
        "O'Brien, Sean",
        "Dr. Anna Müller",
        "李小明",
        "山田 太郎",
        "김민수",
        "Jean-Pierre Dubois",
        "Иван Петров",
        "NGUYEN VAN ANH",
        "Dąbrowski Grzegorz",
        "Koivunen Emma",
        "A. Matela",
        "Уварова Лукия Геннадьевна",
        "أحمد الخطيب",
        "משה כהן",
        "นาย สมชาย ใจดี",
        "陽子 福田",
        "الأستاذ سمير الألجاوي",
        "г-н Медведев",
        "Nguyen D",
        "Kowalczyk, M.",
        "Ms Xolqua Vrentick",
        "राहुल शर्मा",
        "श्रीमती उर्वशी ताम्बे",
        "নন্দিতা বসু",
        "ნუგზარ ბაკურაძე",
        "Ռուբեն Աթարբեկյան",
        "Младлена Габровлиева",
        "佐々木健一",
        "Nonhlanhla Zulu",
        "Ineta Kazlauskienė",
    ],
)
def test_names(name):
    assert name_shape(name).score >= 0.6


@pytest.mark.parametrize(
    "text",
    [
        "Finance",
        "Acme Ltd",
        "Georgia mug",
        "12 High Street",
        "OPEN",
        "Monday",
        "中国银行股份有限公司",
        "foo@example.org",
        "Parque Miguel Hidalgo",
        "Liceo Galileo Galilei",
        "인제군",
        "안산시 단원구",
        "Vitamin C",
        "АО «Котова Блинова»",
        "लाल साड़ी १२",
        "Corporación Becerra y Asociados",
        "Section B",
        "The Laurels",
        "บริษัท ไทย จำกัด",
    ],
)
def test_not_names(text):
    assert name_shape(text).score < 0.3


@pytest.mark.parametrize(
    "text",
    [
        "12 High Street",
        "Lindenstraße 7, 10969 Berlin",
        "48, rue Dijoux, 90539 Lyon",
        "Calle Mayor 5",
        "PO Box 1234",
        "北京市海淀区中关村大街27号",
        "Via Roma 12",
        "Storgatan 3",
        "1600 N Main St Apt 4",
        "Aleea Manole Nr. 37",
        "CALL. SERRANO, 27",
        "12 Đường Lê Lợi",
        "565 Ngõ 42 Đường 30 Tháng 4",
        "провулок Садовий, буд. 52",
        "札幌市緑ケ丘1-16-5",
        "포항시 중앙로 29",
        "Cra 7 # 45-10",
        "Calle 10A Sur # 22B-15",
    ],
)
def test_addresses(text):
    assert address_score(text) >= 0.7


@pytest.mark.parametrize(
    "text",
    [
        "billing",
        "840-299-2735 mm",
        "5 units",
        "a@b.org",
        "2024-01-01",
        "Finance",
        "25 meses",
        "18 September 2020",
        "06 BROOKLYN",
        "10 BROOKLYN",
        "4659-1712 QUEBEC INC.",
    ],
)
def test_not_addresses(text):
    assert address_score(text) < 0.5


@pytest.mark.parametrize("text", ["rue Fleury", "Sonnenallee", "Danziger Straße", "WESTERN AVE", "LAWRENCE AVE E", "AV INSURGENTES SUR"])
def test_streets_without_numbers_are_likelier_than_not(text):
    assert 0.5 < address_score(text) < 0.7


@pytest.mark.parametrize("town", ["г. Ирбит", "Челябинск", "豐原區", "서천군"])
def test_towns_in_other_scripts(town):
    assert city_score(town) >= 0.6


@pytest.mark.parametrize(
    "text", ["migrena", "cukrzyca typu 2", "diabète de type 2", "высокое давление, гипертония", "憂鬱症", "داء السكري"]
)
def test_diagnoses_in_further_languages(text):
    assert health_score(text) == 1.0


@pytest.mark.parametrize("text", ["migration", "hypothesis", "Herzog", "leuk", "depreciation", "hypotenuse"])
def test_words_that_only_begin_like_diagnoses(text):
    assert health_score(text) == 0.0


def test_towns_and_diagnoses():
    assert city_score("Singapore") < 0.1 or city_score("Hamburg") == 1.0
    assert city_score("Monday") < 0.2 and token_name("Monday") < 0.2
    assert health_score("chronic kidney disease") == 1.0 and health_score("Supply Chain") == 0.0


def verdict(values, name="c7"):
    column = as_frame(pa.table({name: list(values)})).column(name)
    return [d.entity_type for d in judge_columns([facts_of(column, 1000)])[0].asserted]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["Labour", "Greens", "Conservative"], ["POLITICAL"]),
        (["green", "independent", "other"], []),
        (["kobieta", "mężczyzna"], ["GENDER"]),
        (["муж", "жен"], ["GENDER"]),
        (["既婚", "死別", "未婚", "離婚"], ["MARITAL_STATUS"]),
        (["católica", "musulmana", "atea", "judía"], ["RELIGION"]),
    ],
)
def test_a_handful_of_words_without_a_header(values, found):
    assert verdict(values * 8) == found


@pytest.mark.parametrize(
    ("name", "values", "found"),
    [
        ("political_party", ["PiS", "Lewica", "Razem", "Trzecia Droga"], ["POLITICAL"]),
        ("political_party", ["12", "13", "4711", "99"], []),
        ("party", ["office", "billing", "shipping", "home"], []),
        ("rango_edad", ["De 25 a 29 años", "Más de 74 años", "De 30 a 34 años"], ["AGE"]),
        ("plate_no", ["大阪 300 る 46-49", "札幌 37 つ 81-50", "福岡 65 は 11-06"], ["LICENSE_PLATE"]),
        ("vehicle_registration", ["037누0446", "79주2349", "40소1358"], ["LICENSE_PLATE"]),
        ("postnr", ["H-4816", "H-3937", "H-7471"], ["POSTAL_CODE"]),
        ("cep", ["9485-742", "1164-150", "2438-911"], ["POSTAL_CODE"]),
        ("eircode", ["V94 T2XR", "D02 AF30", "T12 X8PK"], ["POSTAL_CODE"]),
        ("ethnicity", ["Kalenjin", "Luhya", "Kikuyu"], ["RACE_ETHNICITY"]),
        ("ethnicity", ["office", "billing", "home"], []),
        ("location_name", ["Alice House", "Bruno Lodge", "Maria Court"], []),
        ("vrm", ["RL07 LHO", "SV46 BLY", "AB12 CDE"], ["LICENSE_PLATE"]),
        ("alder", ["23", "59", "41"], ["AGE"]),
        ("nif", ["224867385", "165177411", "154311170"], ["PT_NIF"]),
        ("nif", ["54362315K", "X5253868R"], ["ES_NIF"]),
        ("תעודת זהות", ["039337423", "124106378", "212643225"], ["IL_ID"]),
        ("city", ["بيت لحم", "رام الله", "أريحا"], ["CITY"]),
    ],
)
def test_header_and_values_together(name, values, found):
    assert verdict(values * 4, name) == found


@pytest.mark.parametrize("name", ["customer_no", "CustNumber", "Kundennummer", "member_no"])
@pytest.mark.parametrize(
    ("beside", "values", "found"),
    [
        ("customer_name", ["Anna Kowalski", "Peter Smith"], ["CUSTOMER_ID"]),
        ("gender", ["f", "m"], ["CUSTOMER_ID"]),
        ("company", ["Acme Holdings Ltd", "Beta GmbH"], []),
        ("email", ["sales@acme.example.org", "office@beta.example.org"], []),
        ("qty", ["3", "17"], []),
    ],
)
def test_numbers_of_customers_are_personal_only_beside_persons(name, beside, values, found):
    table = as_frame(pa.table({name: [f"C-{10_000 + 37 * i}" for i in range(60)], beside: values * 30}))
    first = judge_columns([facts_of(table.column(c), 1000) for c in (name, beside)])[0]
    assert [d.entity_type for d in first.asserted] == found


def test_random_whole_numbers_of_ten_digits_are_no_telephones_though_most_fit_some_country():
    dice = random.Random(3)
    assert verdict([str(dice.randint(10**9, 10**10 - 1)) for _ in range(200)]) == []


def test_numbers_of_handsets_are_not_taken_for_cards():
    dice = random.Random(4)
    bodies = (f"35{dice.randint(10**11, 10**12 - 1)}" for _ in range(60))
    assert verdict([next(b + d for d in "0123456789" if luhn(b + d)) for b in bodies]) == ["IMEI"]


def test_network_addresses_under_a_header_for_versions():
    dice = random.Random(5)
    assert verdict([".".join(str(dice.randint(1, 223)) for _ in range(4)) for _ in range(60)], "version") == ["IP_ADDRESS"]
    assert verdict([f"{dice.randint(1, 12)}.{dice.randint(0, 9)}.0.{dice.randint(100, 250)}" for _ in range(60)], "version") == []


def test_a_header_that_only_counts_says_nothing_against_its_values():
    values = ["QiQ(s42q*4TM", ")KS$diex)4f", "G&3M1YCoFHF", "7B5+9X@bd#8v", "_mk9tzHhC", "%8eI0sZswc)B4"]
    assert verdict(values, "item_4") == ["PASSWORD"] and verdict(values, "item_code_text") == []


def test_things_that_are_named_like_persons_end_in_the_same_few_words():
    names = ["Victor", "Diana", "Oscar", "Nora", "Bruno", "Ella", "Hugo", "Stella", "Carmen", "Olaf"]
    assert verdict([f"{n} {w}" for n in names for w in ("Lampe", "Stiefel", "Stuhl", "Teppich")]) == []
    assert verdict([f"{n} {w}" for n in names for w in ("Tan", "Lim", "Ng", "Goh")]) == ["PERSON_NAME"]
    families = ["Baker", "Carpenter", "Stuhl", "Meyer", "Rossi", "Okafor", "Dijkstra", "Nowak", "Silva", "Kaya"]
    assert verdict([f"{n} {w}" for i, n in enumerate(names) for w in (families[i], families[i - 3])]) == ["PERSON_NAME"]


def test_given_names_behind_a_comma_and_single_letters_are_no_things():
    given = ["Osvaldo", "Nélida", "Lautaro", "Rocío", "Hugo"]
    families = ["Giménez", "Peralta", "Sosa", "Quiroga", "Ferreyra", "Bianchi", "Zabaleta"]
    assert verdict([f"{f}, {g}" for f in families for g in given]) == ["PERSON_NAME"]
    assert verdict([f"{f} {g}" for f in families for g in "ABDLR"]) == ["PERSON_NAME"]
    assert verdict([f"{w} {g}" for w in ("Lampe", "Table", "Fauteuil", "Chaise") for g in ["Juliette", "Victor", "Colette", *given]]) == []


def test_words_in_the_scripts_of_india_are_names_and_addresses_where_a_header_says_so():
    words = [f"{a} {b}" for a in ("मंगली", "सगुन", "उम्मेद", "लाली") for b in ("ताम्बे", "छेत्री", "कदमी", "सुवालकी", "रावजी")]
    assert verdict(words) == [] and verdict(words, "full_name") == ["PERSON_NAME"] and verdict(words, "address") == ["ADDRESS"]


def test_family_names_of_one_syllable():
    assert verdict(["이", "류", "김", "전", "박"] * 6, "last_name") == ["PERSON_NAME"]


def test_streets_in_few_towns_are_addresses_in_korean_too():
    assert verdict([f"{t} {s} {n}" for t in ("포항시", "원주시") for s in ("중앙로", "테헤란로") for n in range(3, 30)]) == ["ADDRESS"]


def test_streets_in_small_letters_are_addresses_and_no_sentences():
    streets = ["вулиця Троїцька", "провулок Садовий", "проспект Миру", "площа Ринок", "шосе Ушинського"]
    assert verdict([f"{s}, буд. {i} кв. {i + 7}" for i, s in enumerate(streets * 5)]) == ["ADDRESS"]


def looked_at(values, name="c7"):
    """The verdict on a column, as asserted types and, by type, all evidence."""
    column = as_frame(pa.table({name: list(values)})).column(name)
    found = judge_columns([facts_of(column, 1000)])[0]
    notes = {d.entity_type: " | ".join(e.note for e in d.evidence) for d in (*found.asserted, *found.runners_up)}
    return [d.entity_type for d in found.asserted], notes


def ending_in_luhn(bodies):
    return [next(b + d for d in "0123456789" if luhn(b + d)) for b in bodies]


def test_a_scheme_that_cannot_give_a_tenth_of_the_values_is_not_theirs():
    dice = random.Random(6)
    israeli = ending_in_luhn(f"{dice.randint(0, 10**8 - 1):08}" for _ in range(90))
    canadian = ending_in_luhn(str(dice.randint(10**7, 10**8 - 1)) for _ in range(90))
    assert verdict(israeli) == ["IL_ID"] and verdict(canadian) == ["CA_SIN"]
    assert verdict([*canadian, "012345678"]) == ["CA_SIN"]


@pytest.mark.parametrize("form", ["{}-{}-{:04}", "{}.{}.{:04}"])
def test_groups_as_of_american_telephones_are_parcels_where_a_third_has_no_possible_area(form):
    dice = random.Random(7)

    def of(least):
        return [form.format(f"{dice.randint(least, 999):03}", f"{dice.randint(least, 999):03}", dice.randint(0, 9999)) for _ in range(80)]

    assert verdict(of(0)) == [] and verdict(of(200)) == ["PHONE"]


def test_serials_of_one_series_are_no_telephones_though_their_country_takes_them_all():
    dice = random.Random(8)
    assert verdict([str(dice.randint(3_000_000_000, 3_399_999_999)) for _ in range(90)], "bbl") == []
    assert verdict([str(dice.randint(3_000_000_000, 3_999_999_999)) for _ in range(90)], "bbl") == []


@pytest.mark.parametrize(
    "form",
    [
        "BP {a}/{b}",
        "HR {b} BP {a}/{b} T 36.6",
        "seen 20{b} by Dr.",
        "{b} tab daily",
        "{a} Bed B",
        "Called {b}/{a}, no answer",
        "Patient Anna Tan called about order {a}, card 4111{b}",
        "Table {b} row {a}",
        "Grade {b} pass",
    ],
)
def test_the_same_words_around_other_numbers_are_no_addresses(form):
    assert verdict([form.format(a=100 + i, b=10 + i) for i in range(40)]) == []


def test_numbers_behind_ordinary_words_are_no_house_numbers():
    who = ["Anna Tan", "Bob Lee", "Carla Diaz", "Dan Okafor", "Eve Novak", "Finn Olsen", "Gita Rao", "Hugo Roth", "Ines Silva", "Jan Kowal"]
    notes = [f"Patient {a} called {b} about order {i}, card 4111" for i, (a, b) in enumerate(itertools.permutations(who, 2))]
    assert "ADDRESS" not in verdict(notes, "note")
    assert verdict([f"{w.split()[1]} {i}" for i, w in enumerate(who * 2, start=20)], "street") == ["ADDRESS"]


def test_few_streets_with_many_numbers_are_addresses():
    assert verdict([f"{10 + i} {('Maple Ave', 'Oak St', 'Church Lane')[i % 3]}" for i in range(60)]) == ["ADDRESS"]


@pytest.mark.parametrize("text", ["seen 2023 by Dr.", "BP 120/80", "Sample 3 of 12 from St. Louis"])
def test_doctors_saints_and_blood_pressure_are_no_streets(text):
    assert not address_spans(text)


@pytest.mark.parametrize(
    ("header", "entity"), [("lat_scaled", "GEO"), ("age_zscore", "AGE"), ("salary_normalized", "SALARY"), ("longitude_delta", "GEO")]
)
def test_headers_of_measures_made_from_a_value(header, entity):
    assert header_hits(header)[entity].level < 0


@pytest.mark.parametrize("header", ["storm_name", "committee_nm", "album_name", "hotel_name", "device_name"])
def test_headers_of_further_things_that_bear_names(header):
    assert foreign(words_of(header), "PERSON_NAME")


@pytest.mark.parametrize("firm", ["Trần và Mai Công ty TNHH", "Dương và Phạm Tập Đoàn", "Trần Doanh nghiệp tư nhân"])
def test_vietnamese_firms_are_no_persons(firm):
    assert name_shape(firm).organisation


MASKED, PSEUDONYM = "what is left is not the value", "Art. 4(5)"


@pytest.mark.parametrize(
    ("name", "entity", "form", "why"),
    [
        ("address", "ADDRESS", "[ADDRESS]", MASKED),
        ("full_name", "PERSON_NAME", "<PERSON_{0}>", MASKED),
        ("diagnosis", "HEALTH", "[HEALTH]", MASKED),
        ("email", "EMAIL", "***", MASKED),
        ("email", "EMAIL", "a***@***.com", MASKED),
        ("email", "EMAIL", "[redacted]", MASKED),
        ("credit_card", "CREDIT_CARD", "411111******{0}", MASKED),
        ("credit_card", "CREDIT_CARD", "•••• {0}", MASKED),
        ("ssn", "US_SSN", "XXX-XX-{0}", MASKED),
        ("ip", "IP_ADDRESS", "10.0.x.x", MASKED),
        ("username", "USERNAME", "{0:064x}", PSEUDONYM),
        ("email", "EMAIL", "tok_{0}f9a1", PSEUDONYM),
        ("username", "USERNAME", "MFRGGZDFMZTW{0}", PSEUDONYM),
    ],
)
def test_what_stands_in_for_a_value_is_not_of_its_type_and_says_why(name, entity, form, why):
    asserted, notes = looked_at([form.format(2222 + 1111 * (i % 6)) for i in range(40)], name)
    assert asserted == [] and why in notes[entity]


def test_what_a_mask_has_missed_is_found():
    left = [f"tan{i}@example.org" for i in range(3)]
    asserted, notes = looked_at([f"{c}***@***.com" for c in "abcdefghijklmnopqrstuvwxyz"] + left, "email")
    assert asserted == ["EMAIL"] and "26 of 29" in notes["EMAIL"]
    assert verdict(["***"] * 50 + left, "c7") == ["EMAIL"]


def test_what_is_random_by_nature_is_no_pseudonym():
    assert verdict([f"{i:064x}" for i in range(1 << 250, (1 << 250) + 40)], "password") == ["PASSWORD"]


def test_bands_of_ages_are_ages_still():
    assert verdict(["(30, 40]", "(40, 50]", "(50, 60]"] * 9, "age") == ["AGE"] == verdict(["[30-39]", "[40-49]"] * 9, "age")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("lang", ["English", "French", "German", "Spanish"]),
        ("cidr", ["10.126.187.0/24", "172.16.0.0/12", "81.3.20.0/22"]),
        ("vernacularName", ["Robin", "Jay", "Martin", "Rosemary", "Basil"]),
        ("name", ["Alpha", "Beta", "Gamma", "Delta"]),
        ("name", ["Lincoln Playlot", "Joe DiMaggio Playground", "Martin Luther King Jr. Recreation Center", "Alice Marble Tennis Courts"]),
        ("phase", ["Phase 1 South Loop", "Phase 2 South Loop", "Phase 1 North Loop"]),
    ],
)
def test_words_numbers_and_networks_of_things(name, values):
    assert verdict(values * 12, name) == []


def test_peoples_that_are_no_languages_are_nationalities_and_a_host_may_say_its_network():
    assert verdict(["English", "French", "American", "Brazilian"] * 12) == ["NATIONALITY"]
    assert verdict([f"81.3.{i}.7/32" for i in range(120, 160)]) == ["IP_ADDRESS"]


def test_who_did_something_is_a_person_where_the_values_are_names():
    assert verdict(["J. Smith", "T. Nguyen", "R. Fitter", "A. Kowalska"] * 20, "recordedBy") == ["PERSON_NAME"]
    assert verdict(["system", "batch", "import"] * 20, "approved_by") == []
    assert verdict(["Dr. Byrne", "Dr. Cartwright", "Dr. Patel", "Dr. Kowalczyk"] * 30, "clinician") == ["PERSON_NAME"]


def test_models_named_like_persons_under_a_header_that_says_so():
    names = ["Diana", "Hugo", "Olaf", "Bianca", "Victor", "Nora", "Ella", "Bruno"]
    assert verdict([f"{n} {w}" for n in names for w in ("Stiefel", "Stuhl", "Meyer")], "MODEL_NAME") == []

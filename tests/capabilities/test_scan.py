"""privacy_scan as a capability: columns, texts, findings, data in and out."""

import datetime as dt
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pytest

import edgp_magics as edgp
from edgp_magics.capabilities._scan import ScanResult, scan_privacy
from edgp_magics.capabilities.privacy import facts_of
from edgp_magics.capabilities.privacy._spans import find_spans
from edgp_magics.errors import BadOption, ColumnNotFound, Interrupted, UnknownName
from edgp_magics.frames import Column, as_frame
from edgp_magics.values import Context, Progress, Result, Severity, Status

NAMES = [
    "Maria Garcia",
    "John Smith",
    "Anna Müller",
    "Pierre Dubois",
    "Wei Chen",
    "Sofia Rossi",
    "James Brown",
    "Laura Martin",
    "David Jones",
    "Emma Wilson",
]
CARDS = ["4111 1111 1111 1111", "5555 5555 5555 4444", "3782 822463 10005", "6011 1111 1111 1117", "4012 8888 8888 1881"]
CANARY = "Zorblax Quuxley"


def scan(df, **options) -> ScanResult:
    return scan_privacy(as_frame(df, name="t"), Context(), **options)


def types(df, **options):
    return {name: [d.entity_type for d in found] for name, found in scan(df, **options).columns.items()}


def people(rows=40):
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "name": [NAMES[i % 10] for i in range(rows)],
            "c1": [f"user{i}@example.org" for i in range(rows)],
            "card": [CARDS[i % 5] for i in range(rows)],
            "birth_date": [f"{1950 + i % 50}-0{1 + i % 9}-1{i % 9}" for i in range(rows)],
            "zip": [f"{10000 + 37 * (i % 7):05d}" for i in range(rows)],
            "gender": ["f", "m"] * (rows // 2),
            "diagnosis": [["asthma", "type 2 diabetes", "hypertension"][i % 3] for i in range(rows)],
            "qty": rng.integers(0, 100, rows),
        }
    )


def test_finds_what_is_personal_and_leaves_the_rest():
    found = types(people())
    assert found["name"] == ["PERSON_NAME"]
    assert found["c1"] == ["EMAIL"]
    assert found["card"] == ["CREDIT_CARD"]
    assert found["birth_date"] == ["DATE_OF_BIRTH"]
    assert found["zip"] == ["POSTAL_CODE"]
    assert found["gender"] == ["GENDER"]
    assert found["diagnosis"] == ["HEALTH"]
    assert found["qty"] == []


@pytest.mark.parametrize(
    ("header", "values", "expected"),
    [
        ("x1", [f"{a}.{b}@mail.example.com" for a in "abcdef" for b in "uvwxyz"], "EMAIL"),
        ("x1", ["DE89 3704 0044 0532 0130 00", "GB82 WEST 1234 5698 7654 32", "FR14 2004 1010 0505 0001 3M02 606"], "IBAN"),
        ("x1", ["S1234567D", "G1234567X", "F1234567N", "T0123456G"], "SG_NRIC_FIN"),
        ("x1", ["7c:9e:ad:aa:aa:b4", "7c:9e:ad:aa:aa:b5", "7c:9e:ad:aa:aa:b6"], "MAC_ADDRESS"),
        ("x1", ["male", "female", "female", "male"], "GENDER"),
        ("x1", ["巢湖路15号", "北京市海淀区中关村大街27号", "彭路4号", "何路22号"], "ADDRESS"),
        ("kundenname", NAMES, "PERSON_NAME"),
        ("apellidos", ["Garcia", "Lopez", "Fernandez", "Martinez"], "PERSON_NAME"),
        ("adminFirstName", ["Maria", "John", "Anna"], "PERSON_NAME"),
        ("date_naissance", ["12/05/1980", "01/02/1975", "30/11/1999"], "DATE_OF_BIRTH"),
        ("手机号", ["13945113193", "13846514602", "15005653013"], "PHONE"),
        ("passport_no", ["P8855247", "UL5790384", "BR1190678"], "PASSPORT"),
        ("api_key", ["ghp_Vb1wqZTcgaeXFgiYy3bUZ2E1wRHBmCuAzVaW", "ghp_aZ63BR6A3WwtBBqsJlexIVuwwxkvEa7VKe50"], "SECRET"),
        ("lat", [52.520008, 48.856613, 40.712776], "GEO"),
    ],
)
def test_one_column(header, values, expected):
    assert types(pd.DataFrame({header: values}))[header][:1] == [expected]


@pytest.mark.parametrize(
    ("header", "values", "expected"),
    [
        ("data_urodzenia", ["12.05.1980", "01.02.1975", "30.11.1999"], "DATE_OF_BIRTH"),
        ("płeć", ["K", "M", "K"], "GENDER"),
        ("kod_pocztowy", ["00-950", "31-042", "80-001"], "POSTAL_CODE"),
        ("nr_konta", ["61 1090 1014 0000 0712 1981 2874", "27 1140 2004 0000 3002 0135 5387"], "IBAN"),
        ("x1", ["61109010140000071219812874", "27114020040000300201355387", "61 1090 1014 0000 0712 1981 2874"], "IBAN"),
        ("stan_cywilny", ["żonaty", "kawaler", "wdowa"], "MARITAL_STATUS"),
        ("wynagrodzenie_brutto", [4300.5, 12000.0, 8750.25], "SALARY"),
        ("doğum_tarihi", ["1980-05-12", "1991-01-30"], "DATE_OF_BIRTH"),
        ("cinsiyet", ["Kadın", "Erkek"], "GENDER"),
        ("din", ["İslam", "Hristiyan", "Musevi"], "RELIGION"),
        ("adres", [f"Atatürk Bulvarı No:{i} D:8 Kadıköy/İstanbul" for i in range(1, 20)], "ADDRESS"),
        ("förnamn", ["Åsa", "Björn", "Gunilla"], "PERSON_NAME"),
        ("postnr", ["114 55", "211 20"], "POSTAL_CODE"),
        ("regnr", ["ABC 123", "XYZ 98K", "MNO 456"], "LICENSE_PLATE"),
        ("fødselsdato", ["12.05.1980", "01.02.1975"], "DATE_OF_BIRTH"),
        ("puhelinnumero", ["040 1234567", "050 7654321"], "PHONE"),
        ("rodné_příjmení", ["Nováková", "Svoboda"], "PERSON_NAME"),
        ("születési dátum", ["1980.05.12", "1991.01.30"], "DATE_OF_BIRTH"),
        ("nama_lengkap", ["Budi Santoso", "Siti Rahayu", "Agus Wijaya"], "PERSON_NAME"),
        ("jenis_kelamin", ["Laki-laki", "Perempuan"], "GENDER"),
        ("số điện thoại", ["0912345678", "0987654321"], "PHONE"),
        ("フリガナ", ["サトウ ハナコ", "スズキ ケンタ", "タカハシ ユイ"], "PERSON_NAME"),
        ("顧客氏名", ["佐藤花子", "鈴木健太", "高橋結衣"], "PERSON_NAME"),
        ("생년월일", ["1980-05-12", "1991-01-30"], "DATE_OF_BIRTH"),
        ("пол", ["М", "Ж"], "GENDER"),
        ("дата рождения", ["12.05.1980", "01.02.1975"], "DATE_OF_BIRTH"),
        ("رقم الهاتف", ["+966 50 123 4567", "+966 55 765 4321"], "PHONE"),
        ("age_sex", ["34/F", "7/M", "61/F"], "AGE"),
        ("caste_category", ["General", "OBC", "SC", "ST"], "RACE_ETHNICITY"),
        ("provisional_dx", ["Dengue fever", "Typhoid", "Type 2 DM", "URTI"], "HEALTH"),
        ("abha", ["91-1234-5678-9012", "91-4321-8765-2109"], "HEALTH_INSURANCE_ID"),
    ],
)
def test_headers_of_further_languages(header, values, expected):
    assert types(pd.DataFrame({header: values}))[header][:1] == [expected]


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("email_verified", ["yes", "no", "yes"]),
        ("phone_model", ["iPhone 13", "Pixel 7a", "Galaxy S21"]),
        ("order_id", [4111111111111112 + 10 * i for i in range(40)]),
        ("x1", ["Monday", "Tuesday", "Friday", "Sunday"]),
        ("x1", ["April", "May", "June", "August"]),
        ("x1", ["Georgia mug", "Jack plug adapter", "Madison sofa", "Olivia dress"]),
        ("x1", ["Acme Ltd", "Müller GmbH", "Dupont SARL", "Smith & Sons"]),
        ("x1", ["red", "blue", "white", "black", "green"]),
        ("version", ["6.4.0.265", "7.7.8.349", "9.26.7.4", "3.10.1.309"]),
        ("x1", [f"DE{i:020d}" for i in range(100, 140)]),
        ("x1", [f"000-{i:02d}-0000" for i in range(10, 50)]),
        ("x1", [20.5, 21.25, 19.125]),
        ("x1", [1688866709227.0 + i * 86400000 for i in range(30)]),
        ("x1", ["2024-10-22", "2023-06-30", "2021-09-30"]),
        ("x1", [f"/var/data/in/{c}_4889.parquet" for c in "abcdefgh"]),
        ("age_days", list(range(5, 80))),
        ("shelf_age", list(range(1, 60))),
        ("q_age_friendly", [1, 2, 3, 4, 5]),
        ("safety_city", ["Safe", "Unsafe"] * 9),
        ("cell_load", [i / 97 for i in range(1, 60)]),
        ("account_name", ["Revenue", "Cost of sales", "Rent", "Travel", "Bank charges"]),
        ("status", ["OPEN", "CLOSED", "PENDING"]),
        ("county", ["Davidson", "Wilson", "Maury", "Dickson"]),
        ("md5", ["454fb50c113b2748eb40906dff8e80cb", "62a537a278524a04cfb1e0e25491a8fb", "a98171a9e66e47baa1c523b10812a75d"]),
    ],
)
def test_not_personal(header, values):
    assert types(pd.DataFrame({header: values}))[header] == []


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("gender", ["blue", "red", "oak"]),
        ("gender", ["Men", "Women", "Unisex", "Kids"]),
        ("nationality", ["QX", "ZZ", "foo"]),
        ("treatment", ["control", "test"]),
        ("race", ["5K", "10K"]),
        ("marital_status", ["open", "closed"]),
        ("religion", ["red", "green"]),
        ("party", ["Buyer", "Seller"]),
        ("city", ["blue", "red", "oak"]),
        ("diagnosis", [f"K7QF{i:012d}" for i in range(40)]),
        ("income", [-3.5, 2.25, -0.125, 4.5]),
        ("matricula", ["12345", "4711", "99812"]),
        ("lat_ms", [12.1234, 48.2345, 3.3456]),
        ("ref", [f"REF{i * 7919191 % 10**9:09d}" for i in range(1, 200)]),
        ("counter", [200_000_000 + i * 2_718_281 for i in range(200)]),
        ("software_version", [f"{1 + i % 9}.{i % 20}.{i % 99}.{i % 255}" for i in range(200)]),
        ("x1", [f"{1 + i % 9}.{i % 20}.{i % 99}.{i % 255}" for i in range(200)]),
        ("batch", [f"9{i % 10}{1 + i % 12:02d}{1 + i % 28:02d}{i * 37 % 10000:04d}" for i in range(200)]),
    ],
)
def test_values_that_contradict_the_name(header, values):
    assert types(pd.DataFrame({header: values}))[header] == []


@pytest.mark.parametrize(
    ("values", "count"),
    [([f"u{i}@x.org" for i in range(1000)], 1000), ([f"u{i}@x.org" if i % 4 else f"desk {i}" for i in range(4000)], 3000)],
)
def test_the_count_is_of_rows(values, count):
    result = scan(pd.DataFrame({"contact": values}))
    found = result.columns["contact"][0]
    assert abs(found.matches - count) <= 0.05 * count and found.of == len(values) and not found.exact
    assert result.findings[0].count == found.matches and "scaled up" in result.findings[0].computation
    assert any("2.3 %" in n for n in result.notes)


def test_dtypes_do_not_matter():
    cards = [4111111111111111, 5555555555554444, 6011111111111117, 4012888888881881, 3530111333300000]
    aba = [21000021, 26009593, 11401533, 91000019, 121000358]
    df = pd.DataFrame(
        {
            "card_number": pd.Series([*map(float, cards), None]),
            "routing_number": pd.Series([*aba, 122105155], dtype="int64"),
            "geschlecht": pd.Categorical(["m", "w", "d", "m", "w", "m"]),
            "dob": [dt.date(1980, 1, i + 1) for i in range(6)],
            "has_email": [True, False, True, True, False, None],
        }
    )
    found = types(df)
    assert found["card_number"] == ["CREDIT_CARD"]
    assert found["routing_number"] == ["US_ABA_ROUTING"]
    assert found["geschlecht"] == ["GENDER"]
    assert found["dob"] == ["DATE_OF_BIRTH"]
    assert found["has_email"] == []


def test_bad_values_at_the_head_do_not_hide_the_rest():
    bad, good = [f"DE05{i:018d}" for i in range(30)], ["DE89 3704 0044 0532 0130 00", "GB82 WEST 1234 5698 7654 32"]
    good += [f"DE{98 - int(f'{i:018d}131400') % 97:02d}{i:018d}" for i in range(10**16, 10**16 + 200)]
    assert types(pd.DataFrame({"iban": bad + good}))["iban"] == ["IBAN"]


def test_a_mixed_column_has_both_types():
    mixed = [f"user{i}@example.org" if i % 2 else f"+49 30 9018{i:04d}" for i in range(60)]
    assert set(types(pd.DataFrame({"contact": mixed}))["contact"]) == {"EMAIL", "PHONE"}


def test_a_contradiction_beats_a_good_name():
    result = scan(pd.DataFrame({"email": [f"{i:032x}" for i in range(10**30, 10**30 + 50)]}))
    assert result.columns["email"] == ()
    assert result.runners_up["email"][0].entity_type == "EMAIL"


def test_sparse_personal_data_is_found():
    notes = ["nothing to report here at all today"] * 97 + ["please write to jane.doe@example.org about the matter"] * 3
    result = scan(pd.DataFrame({"note": [f"{n} {i}" for i, n in enumerate(notes)], "code": ["A1"] * 97 + ["joe@example.org"] * 3}))
    assert [d.entity_type for d in result.columns["note"]] == ["EMAIL"]
    assert [s["row"] for s in result.spans if s["column"] == "note"] == [97, 98, 99]


PAN, SSN, CPF = "4111111111111111", "536-22-1234", "390.533.447-05"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (f'{{"pan":"{PAN}","amt":%d}}', {"CREDIT_CARD": PAN}),
        (f"pan={PAN};amt=%d;ok", {"CREDIT_CARD": PAN}),
        (f"/pay?card={PAN}&x=%d", {"CREDIT_CARD": PAN}),
        (f"PAN:{PAN}/%d", {"CREDIT_CARD": PAN}),
        (f"%d,{PAN},USD", {"CREDIT_CARD": PAN}),
        (f"#{PAN} %d", {"CREDIT_CARD": PAN}),
        (f'{{"ssn":"{SSN}","n":%d}}', {"US_SSN": SSN}),
        (f'{{"cpf":"{CPF}","n":%d}}', {"BR_CPF": CPF}),
        (f"cpf={CPF} ok %d", {"BR_CPF": CPF}),
        ('{"tel":"+65 9123 4567","n":%d}', {"PHONE": "+65 9123 4567"}),
        ('{"born": "1980-01-02", "n": %d}', {"DATE_OF_BIRTH": "1980-01-02"}),
        ("id=S1234567D|%d", {"SG_NRIC_FIN": "S1234567D"}),
        ("客户要求退款，手机13812345678，请尽快联系%d", {"PHONE": "13812345678"}),
        ("已核实客户身份证号11010519491231002X，资料齐全%d", {"CN_RESIDENT_ID": "11010519491231002X"}),
        ("折り返し090-1234-5678までお願いします。問題なし%d", {"PHONE": "090-1234-5678"}),
        ("고객 010-1234-5678 연락 요망 확인 바랍니다 %d", {"PHONE": "010-1234-5678"}),
    ],
)
def test_compact_cells_are_read(cell, expected):
    cells = [cell % i for i in range(20)]
    result = scan(pd.DataFrame({"payload": cells}))
    assert {d.entity_type for d in result.columns["payload"]} == set(expected)
    assert {s["entity_type"]: cells[s["row"]][s["start"] : s["end"]] for s in result.spans} == expected
    assert len({s["row"] for s in result.spans}) == 20


def test_cells_that_are_objects_are_read():
    result = scan(pd.DataFrame({"payload": [{"pan": PAN, "amt": i, "name": NAMES[i % 10]} for i in range(20)]}))
    assert {d.entity_type for d in result.columns["payload"]} == {"CREDIT_CARD", "PERSON_NAME"}


@pytest.mark.parametrize("value", [PAN, SSN, CPF, "+65 9123 4{:03d}", "S1234567D", "11010519491231002X", "AB123456C"])
def test_what_proves_itself_is_found_among_codes(value):
    result = scan(pd.DataFrame({"ref": [value.format(i) if i % 40 == 0 else f"REF{i * 7919:09d}" for i in range(1000)]}))
    assert len(result.columns["ref"]) == 1 and {s["row"] for s in result.spans} == set(range(0, 1000, 40))


@pytest.mark.parametrize(
    "values",
    [
        [f"A-{4 * 10**15 + i * 7919**2}" for i in range(400)],
        [f"{a}{b}{i:06d}{c}" for i, (a, b, c) in enumerate(zip("ABCEGH" * 50, "ABCEGH" * 50, "ABCDEFGHJK" * 30, strict=True))],
        [f"{i + 100}-{i % 900 + 100}-{i + 1000} mm" for i in range(300)],
        [f"https://example.org/files/{4 * 10**15 + i * 7919**2}" for i in range(100)],
        ["call 1-800-767-1689", "call 1-888-300-2025", "office"] * 20,
    ],
    ids=["card numbers by luck", "letters by luck", "sizes", "paths", "toll-free"],
)
def test_luck_is_no_evidence_in_codes(values):
    assert scan(pd.DataFrame({"x": values})).columns["x"] == ()


def test_long_texts_are_read_and_what_is_not_is_said():
    near, far = "lorem ipsum dolor sit amet " * 1000 + PAN, "lorem ipsum dolor sit amet " * 4000 + PAN
    result = scan(pd.DataFrame({"note": [near, far]}))
    assert [s["row"] for s in result.spans if s["entity_type"] == "CREDIT_CARD"] == [0]
    assert any("100,000 characters" in n for n in result.notes)


@pytest.mark.parametrize("text", ["Patient HWRTBUPCBBGJOI54 called us", "from FIQIEKT2FGDOHNT5 today", "comments for IRR401 here"])
def test_pieces_of_codes_are_no_names(text):
    assert [s for s in find_spans(text) if s.entity_type == "PERSON_NAME"] == []


def test_spans_are_character_offsets():
    text = "Customer Maria Garcia 😀 paid with 4111 1111 1111 1111, mail maria@example.org."
    result = scan(pd.DataFrame({"memo": [None, text]}))
    shown = {s["entity_type"]: text[s["start"] : s["end"]] for s in result.spans}
    assert shown == {"PERSON_NAME": "Maria Garcia", "CREDIT_CARD": "4111 1111 1111 1111", "EMAIL": "maria@example.org"}
    assert {s["row"] for s in result.spans} == {1}


def test_findings_say_how_bad_it_is():
    result = scan(people())
    severity = {f.columns[0]: f.severity for f in result.findings if f.rule.startswith("holds_")}
    assert severity["card"] == Severity.CRITICAL
    assert severity["diagnosis"] == Severity.CRITICAL
    assert severity["zip"] == Severity.LOW
    assert result.status == Status.ISSUES
    found = next(f for f in result.findings if f.columns == ("card",))
    assert found.count == 40 and "pass the check" in result.explain(found.id).finding.computation


def test_same_input_same_result_in_every_library():
    df = people()
    frames = [df, pl.from_pandas(df), df.convert_dtypes()]
    dicts = [json.dumps({k: v for k, v in scan(f).to_dict().items() if k != "dataset"}, sort_keys=True) for f in frames]
    assert dicts[0] == dicts[1] == dicts[2]


def test_round_trip():
    result = scan(people())
    assert Result.from_dict(json.loads(json.dumps(result.to_dict()))).to_dict() == result.to_dict()


def test_no_raw_value_leaves():
    df = people()
    df.loc[3, "name"] = CANARY
    df["note"] = [f"Customer {CANARY} called, card 4111 1111 1111 1111 and canary.mail@example.org today {i}" for i in range(len(df))]
    result = scan(df)
    text = json.dumps(result.to_dict(), ensure_ascii=False) + result.to_markdown() + result.to_html() + repr(result)
    for raw in ("Zorblax", "4111 1111", "canary.mail", "user7@example"):
        assert raw not in text


def test_bytes_are_read_as_text_or_said_to_be_unread():
    mails = [f"u{i}@example.org".encode() for i in range(30)]
    df = pd.DataFrame({"x1": [*mails, None], "x2": [b"\xff\xd8\xff" + bytes([i]) for i in range(31)]})
    result = scan_privacy(as_frame(df, name="t"), Context())
    assert result.types == {"x1": "EMAIL"} and result.columns["x1"][0].matches == 30
    notes = [n for n in result.notes if "bytes" in n]
    assert "30 of 30 cells are UTF-8" in notes[0] and "31 cells could not be read" in notes[1]
    done = result.deidentify(df, preset="hipaa_safe_harbor").apply(df, approve="all").frame
    assert done["x1"].isna().all()


@pytest.mark.parametrize(
    "df",
    [
        pd.DataFrame(),
        pd.DataFrame({"email": pd.Series([], dtype=str)}),
        pd.DataFrame({"email": [None, None]}),
        pd.DataFrame({"a": ["x@example.org"]}),
        pd.DataFrame([[1, "a", 2.0]], columns=["x", "x", 3]),
        pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")])),
        pd.DataFrame({"mixed": [1, "a", None, 2.5, dt.date(2020, 1, 1), b"x"]}),
        pd.DataFrame({"huge": [10**17, -(10**18)], "inf": [float("inf"), 1.0]}),
        pd.DataFrame({"t": ["<script>alert(1)</script>", '=HYPERLINK("x")', "مرحبا بالعالم", "👨‍👩‍👧"]}),
        pd.DataFrame({"n": [{"a": 1}, {"a": 2}], "l": [[1, 2], [3]]}),
    ],
    ids=["none", "no rows", "all null", "one row", "duplicate names", "multiindex", "mixed", "huge", "hostile", "nested"],
)
def test_odd_frames(df):
    result = scan(df)
    assert isinstance(result, ScanResult) and result.to_dict() and result.to_html()


def test_a_long_string_is_read_in_time():
    blobs = ["a" * 1_000_000, "1 " * 500_000, "a@" * 400_000, "Aa " * 300_000, "-1" * 500_000, "x.y" * 300_000]
    result = scan(pd.DataFrame({"blob": blobs}))
    assert result.metrics["columns"] == 1


def test_options():
    df = people()
    assert set(scan(df, columns=("card", "qty")).columns) == {"card", "qty"}
    assert not scan(df, risk=False).risk.assessed
    assert scan(df, quasi_identifiers=("gender", "zip")).risk.quasi_identifiers == ("gender", "zip")
    assert len(scan(pd.DataFrame({"note": ["write to a.b@example.org as soon as you can"]}), free_text=False).spans) == 0
    assert all(d.confidence >= 0.95 for found in scan(df, min_confidence=0.95).columns.values() for d in found)
    with pytest.raises(ColumnNotFound):
        scan(df, columns=("nope",))
    with pytest.raises(BadOption):
        scan(df, quasi_identifiers=("zip", "gender"), sensitive=("zip",))


def test_a_sample_states_what_it_can_miss():
    df = pd.DataFrame({"mail": [f"u{i}@example.org" for i in range(5000)]})
    result = scan(df, sample=200)
    assert result.types == {"mail": "EMAIL"} and any("missed with a probability" in n for n in result.notes)


def test_a_recognizer_of_the_user():
    def ner(text):
        start = text.find("Quuxley")
        return [(start, start + 7, "PERSON_NAME", 0.99)] if start >= 0 else []

    df = pd.DataFrame({"note": ["we talked with quuxley about it", "then Quuxley came in and sat down"]})
    assert not len(scan(df).spans)
    assert [s["row"] for s in scan(df, ner=ner).spans] == [1]


@pytest.mark.parametrize(
    "made",
    [
        lambda a, b: (a, b, "PERSON", 0.9),
        lambda a, b: type("RecognizerResult", (), {"entity_type": "PERSON", "start": a, "end": b, "score": 0.9})(),
    ],
    ids=["rows", "Presidio"],
)
def test_recognizers_speak_in_their_own_words(made):
    df = pd.DataFrame({"note": [f"the customer zorblatt wants to have a refund now {i}" for i in range(30)]})
    analyzer = type("Analyzer", (), {"analyze": lambda self, text, language: [made(13, 21)]})()
    for ner in (lambda text: [made(13, 21)], analyzer):
        result = scan(df, ner=ner)
        assert result.types == {"note": "PERSON_NAME"} and len(result.spans) == 30


def crashing(text):
    raise RuntimeError("model crashed")


@pytest.mark.parametrize("ner", ["x", crashing, lambda text: [(1, 2)]])
def test_a_wrong_recognizer_is_named(ner):
    with pytest.raises(BadOption, match="ner"):
        scan(pd.DataFrame({"note": ["we talked with them about it today"] * 3}), ner=ner)


@pytest.mark.parametrize(
    "df",
    [
        pd.DataFrame({"k": range(30)}, index=pd.Index([f"u{i}@example.org" for i in range(30)], name="email")),
        pd.DataFrame({"k": range(30)}, index=pd.MultiIndex.from_tuples([(f"u{i}@example.org", i) for i in range(30)])),
    ],
    ids=["named", "levels"],
)
def test_the_index_is_looked_at(df):
    result = scan(df)
    found = [f for f in result.findings if f.rule == "index_holds_email"]
    assert len(found) == 1 and found[0].count == 30 and "The index holds email" in result.summary
    assert result.status == Status.ISSUES and "u7@" not in str(result.to_dict())


def test_columns_that_single_out_rows_together_are_shown():
    rng = np.random.default_rng(3)
    df = pd.DataFrame(
        {
            "name": [NAMES[i % 10] for i in range(200)],
            "dept": rng.choice(list("abc"), 200),
            "joined": pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 300, 200), "D"),
            "age": rng.integers(20, 60, 200),
        }
    )
    result = scan(df)
    assert {"joined", "age"} <= set(result.risk.sets[0].columns) and result.risk.sets[0].unique_share > 0.9
    assert "single out rows together" in result.to_markdown() and "together single out" in result.summary


def test_columns_without_values_are_not_assessed():
    assert scan(pd.DataFrame({"email": [None, None]})).status == Status.NOT_ASSESSED


def test_explain_takes_a_column():
    assert "pass the check" in scan(people()).explain("card").finding.computation


def test_explain_answers_for_a_column_that_is_not_personal_and_corrects_a_name():
    result = scan(people().assign(colour=["red", "blue"] * (len(people()) // 2)))
    assert "not recognised as personal" in result.explain("colour").finding.message
    assert result.explain("colour").finding.id not in {f.id for f in result.findings}
    with pytest.raises(UnknownName, match=r"no column or finding `crd`. Did you mean `card`\?"):
        result.explain("crd")


def test_the_gravest_is_named_first():
    frame = pd.DataFrame({"city": ["Berlin", "Hamburg", "Munich", "Cologne"] * 10, "iban": ["DE89370400440532013000"] * 40})
    notes = ["all fine"] * 37 + ["mail a.tan@example.org", "card 4111 1111 1111 1111", "key AKIAQ7ZP3MVX2LWKD5RT"]
    result = scan(frame.assign(notes=notes, card=(CARDS * 8)))
    said = result.summary.split(": ")[1]
    assert said.index("credit card") < said.index("IBAN") < said.index("city")
    shown = result.body()[0].rows
    assert [row[0].text for row in shown] == ["notes", "card", "iban", "city"]
    assert shown[0][1].word.endswith("+ 2 more") and shown[0][1].severity == Severity.CRITICAL and "EMAIL" in shown[0][-1]


def test_pieces_of_texts_are_shown_masked():
    notes = ["all fine"] * 30 + ["mail a.tan@example.org", "key AKIAQ7ZP3MVX2LWKD5RT", None]
    result = scan(pd.DataFrame({"notes": notes}))
    shown = {f.rule: f.evidence for f in result.findings}
    assert [(e.row, e.shown) for e in shown["text_holds_email"]] == [(30, "a.xxx@xxxxxxx.xxx")]
    assert [(e.row, e.shown) for e in shown["text_holds_secret"]] == [(31, "XXXXX9XX9XXX9XXXX9XX")]


def test_what_to_do_next_is_said():
    assert ".deidentify(" in scan(people()).to_markdown() and "not legal advice" in scan(people()).to_markdown()
    assert ".deidentify(" not in scan(pd.DataFrame({"qty": [1, 2, 3]})).to_markdown()


def test_it_can_be_stopped():
    progress = Progress()
    progress.cancel()
    with pytest.raises(Interrupted):
        scan_privacy(as_frame(people(), name="t"), Context(progress=progress))


def test_needs_no_model_and_no_framework():
    code = (
        "import sys, pandas as pd\n"
        "from edgp_magics.capabilities._scan import scan_privacy\n"
        "from edgp_magics.frames import as_frame\n"
        "from edgp_magics.values import Context\n"
        "scan_privacy(as_frame(pd.DataFrame({'a': ['x@example.org'] * 3}), name='t'), Context())\n"
        "print([m for m in ('torch', 'spacy', 'langchain', 'sklearn', 'transformers') if m in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"


def test_facts_keep_the_way_to_a_column_and_not_the_column():
    frame = as_frame(pl.DataFrame({"mail": ["a@example.org", None]}), name="t")
    asked = []
    facts = facts_of(frame.column(0), 100, lambda: asked.append(1) or frame.column(0))
    assert (facts.name, facts.rows, facts.cells, facts.dtype) == ("mail", 2, 1, "String")
    assert not any(isinstance(v, Column) for v in vars(facts).values()) and not asked
    assert len(facts.column) == 2 and asked


def test_a_plan_to_de_identify_takes_the_day_and_the_depth_of_the_scan(monkeypatch):
    given = {}
    monkeypatch.setattr(sys.modules[scan_privacy.__module__], "deidentify", lambda *a, **k: given.update(k))
    table = pd.DataFrame({"mail": ["a.tan@example.org", "b.lim@example.org"]})
    result = edgp.run("scan", table, text_rows=7)
    result.deidentify(table)
    assert given["texts_read"] == 7 and given["as_of"] == dt.date.fromisoformat(result.run.started[:10])
    result.deidentify(table, as_of=dt.date(2020, 1, 1))
    assert given["as_of"] == dt.date(2020, 1, 1)


def read(text):
    """The spans of a text as a reader sees them."""
    return {text[s.start : s.end]: s.entity_type for s in find_spans(text) if s.entity_type not in ("URL", "DATE_TIME")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hans Müller und Petra kommen morgen nicht ins Büro.", {"Hans Müller": "PERSON_NAME", "Petra": "PERSON_NAME"}),
        ("Mitarbeiterin Annika Thiessen ist seit Mai in Elternzeit.", {"Annika Thiessen": "PERSON_NAME"}),
        ("Please change the holder to Ivan King today", {"Ivan King": "PERSON_NAME"}),
        ("For the rest ask Mrs. Baker about it", {"Baker": "PERSON_NAME"}),
        ("Name: Åsa Laine, room 4", {"Åsa Laine": "PERSON_NAME"}),
        ("everyone calls me Antti", {"Antti": "PERSON_NAME"}),
        ("We heard June Miller speak", {"June Miller": "PERSON_NAME"}),
        ("hi its sarah again, still no refund", {"sarah": "PERSON_NAME"}),
        ("the caller lena andersson hung up", {"lena andersson": "PERSON_NAME"}),
        ("This is Delvis J. Carvajal", {"Delvis J. Carvajal": "PERSON_NAME"}),
        ("Is it true that Kowalczyk, Piotr resigned?", {"Kowalczyk, Piotr": "PERSON_NAME"}),
        ("seine AHV-Nr. ist 7569217076985", {"7569217076985": "CH_AHV"}),
        ("Il paziente abita a Napoli.", {"Napoli": "LOCATION"}),
        ("De klant komt uit Utrecht.", {"Utrecht": "LOCATION"}),
        ("A customer in San Antonio complains about it", {"San Antonio": "LOCATION"}),
        ("La signora abita in Via Garibaldi 12, 20121 Milano.", {"Via Garibaldi 12, 20121 Milano": "ADDRESS"}),
        ("send it to 48 Wexford Close, Reading RG2 8QT and call", {"48 Wexford Close, Reading RG2 8QT": "ADDRESS"}),
        ("12 High Street\n\nEstonia 62488", {"12 High Street": "ADDRESS", "Estonia": "LOCATION", "62488": "POSTAL_CODE"}),
        ("these shows on Marina Fort Street were loud", {"Marina Fort Street": "LOCATION"}),
        ("Paziente di 63 anni con tosse", {"63": "AGE"}),
        ("Pacjentka, 49 lat, z kaszlem", {"49": "AGE"}),
        ("She is thirty-four years old", {"thirty-four": "AGE"}),
        ("Urodzony 12 marca 1985", {"12 marca 1985": "DATE_OF_BIRTH"}),
        ("Nascido em 19/08/1968", {"19/08/1968": "DATE_OF_BIRTH"}),
        ("Née le 23 avril 1990", {"23 avril 1990": "DATE_OF_BIRTH"}),
        ("er ist am 07.11.1988 geboren", {"07.11.1988": "DATE_OF_BIRTH"}),
        ("né à Lyon le 3 mars 1971", {"Lyon": "LOCATION", "3 mars 1971": "DATE_OF_BIRTH"}),
        ("Bitte rufen Sie Herrn Quastenberg zurück", {"Quastenberg": "PERSON_NAME"}),
        ("Frau Droge ist umgezogen", {"Droge": "PERSON_NAME"}),
        ("it was sold by Sinead O'Shaughnessy", {"Sinead O'Shaughnessy": "PERSON_NAME"}),
        ("we shipped it to Zorvan Papadopoulos by mistake", {"Zorvan Papadopoulos": "PERSON_NAME"}),
        ("your Cape Town branch was closed", {"Cape Town": "LOCATION"}),
        ("mail it to 77 County Rd 12, Tupelo MS 38801.", {"77 County Rd 12, Tupelo MS 38801": "ADDRESS"}),
        ("it is at 52 The Crescent now", {"52 The Crescent": "ADDRESS"}),
        ("お客様の佐々木健一様より連絡", {"佐々木健一": "PERSON_NAME"}),
        ("고객 김민준님 환불 요청", {"김민준": "PERSON_NAME"}),
        ("李先生来电要求退款", {"李": "PERSON_NAME"}),
        ("NHS number 943 476 5919 was seen", {"943 476 5919": "UK_NHS"}),
        ("her tax file number is 123 456 782", {"123 456 782": "AU_TFN"}),
        ("NIF 224867385 na fatura", {"224867385": "PT_NIF"}),
        ("CUIT 20-05536168-2 en la factura", {"20-05536168-2": "AR_CUIT"}),
        ("passport no. P8855247 was lost", {"P8855247": "PASSPORT"}),
    ],
)
def test_personal_data_in_prose(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Season with Pepper, serve with Basil and Rosemary.",
        "Die Lieferung kam pünktlich, aber der Deckel war zerkratzt.",
        "Mehl und Zucker mischen, Butter schmelzen, Teig ruhen lassen.",
        "Mélangez la Farine et le Beurre, puis laissez reposer.",
        "Bought this in March and the zipper failed in April.",
        "The Marathon starts at 9 and the roads reopen at 15:00.",
        "Pursuant to Article 50 of the Treaty on the Union",
        "Candidates are fluent in English and good with Java, Ruby or Scala.",
        "I work for Citigroup as an analyst",
        "Baker, Hoffman and Willis Orchestra was founded long ago",
        "The EU AI Act and the GDPR Arts apply here",
        "the barcode 7569217076985 is on the box",
        "We take Vitamin C Serum and Plan B Carter for it",
        "June 2015: Bay Area Housing, Family Planning and Health",
        "BP 120/80, pulse 72, no fever",
        "The file was seen 2023 by Dr. somebody",
        "Goldman Sachs and Morgan Stanley both raised their targets",
        "The Kalman filter and a Chanel bag",
        "Ask about the model Carmen and Hurricane Katrina",
        "Dr Pepper and Tom Ford Noir are sold out",
        "It reads 44 N at most",
        "Parkinson's law says that work expands",
        "St. John's wort may interact with it",
        "Serial numbers 8800341 to 8800379 were recalled",
        "see PC 029 475 73 A9945 in the file",
        "hợp đồng với Trần Doanh nghiệp tư nhân đã ký xong",
        "女士们先生们，晚上好，欢迎光临",
        "La garantie de 2 ans ne couvre pas la casse, et 30 años de experiencia",
    ],
)
def test_prose_without_people_holds_none(text):
    assert read(text) == {}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Paid with 4111 1111 1111 1111 exp 09/28 cvv 731", [("4111 1111 1111 1111", "CREDIT_CARD"), ("731", "CVV")]),
        ("the security code is 4321.", [("4321", "CVV")]),
        ("Prüfziffer: 123, bitte löschen", [("123", "CVV")]),
        ("password is Tr0ub4dor&Zebra99", [("Tr0ub4dor&Zebra99", "PASSWORD")]),
        ("Passwort: Geheim123! danke", [("Geheim123!", "PASSWORD")]),
        ("the security code must be entered in 120 seconds", []),
        ("her password is required, the password policy v2.1 applies", []),
        ("password=***** and pwd=<hidden>", []),
        ("mot de passe oublié, wachtwoord vergeten", []),
    ],
)
def test_secrets_are_found_by_the_word_before_them(text, found):
    spans = [s for s in find_spans(text) if s.entity_type in ("CVV", "PASSWORD", "CREDIT_CARD")]
    assert [(text[s.start : s.end], s.entity_type) for s in spans] == found


def test_a_code_in_a_note_is_no_pass_for_cards():
    notes = pd.DataFrame(
        {"note": ["paid with 4111 1111 1111 1111 exp 09/28 cvv 731 yesterday", *["the parcel came late but whole, thank you"] * 20]}
    )
    check = edgp.run("check", notes, regulations=["pci"])
    assert check.clause("PCI-3.3.1.2").status.value == "FAIL"
    safe = edgp.run("scan", notes).deidentify(notes, preset="pci").apply(notes, "all").frame
    assert "731" not in safe["note"][0] and edgp.run("scan", safe).columns["note"] == ()


@pytest.mark.parametrize(
    ("column", "values", "kind"),
    [("health_note", ["called about the ramp", "was told so", "nothing new since"], "HEALTH"), ("union_member", ["y", "n"], "TRADE_UNION")],
)
def test_what_a_name_tells_of_few_words_is_found_without_neighbours(column, values, kind):
    found = scan_privacy(as_frame(pd.DataFrame({column: values * 20}), name="staff"), Context())
    assert found.types == {column: kind}


def test_pieces_are_found_in_notes_of_which_most_are_short():
    notes = [f"case {i} done" for i in range(20)] + [f"Herr Müller wohnt in Köln, Hauptstr. {i}" for i in range(1, 10)]
    found = scan_privacy(as_frame(pd.DataFrame({"note": notes}), name="notes"), Context())
    assert {"PERSON_NAME", "ADDRESS"} <= set(found.spans["entity_type"])

"""Clean tables of many shapes, and errors of many kinds put into them with known truth.

All values are made up here from small lists and seeded numbers; nothing is read from a file.
"""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd


def _words(text: str) -> list[str]:
    return text.split()


FIRST = _words(
    """
    John Joan Jon Jean Maria Marie Mario Mark Marc Anna Anne Hanna Hannah Eric Erik Erika Lena Lina Nina Tina Tim Tom Thomas
    Sara Sarah Clara Carla Karl Carl Peter Petra Pedro Paul Paula Laura Lara Jan Jana Ian Iain Alan Allan Allen Ellen Helen
    Helena Julia Julie Juliet Omar Umar Amir Emir Wei Mei Li Lin Ling Ravi Rani Priya Yuki Yuri Ivan Ivana Igor Olga Oleg
    Aisha Fatima Kofi Ama Chidi Ngozi
    """
)
LAST = _words(
    """
    Smith Smyth Schmidt Schmitt Meyer Meier Mayer Maier Miller Muller Moller Jones Johnson Johnston Jansen Jensen Hansen
    Hanson Brown Braun Tan Lim Lee Li Ong Ng Wong Wang Chan Chen Chang Zhang Garcia Gracia Lopez Perez Martin Martinez
    Martins Silva Santos Souza Rossi Russo Kumar Kaur Singh Sinha Shah Khan Kahn Ali Hasan Hassan Hussain Okafor Mensah
    Diallo Novak Novakova Horvat Kowalski Ivanov Ivanova
    """
)
CITIES = _words(
    """
    Ashford Bellmont Carrington Dunhaven Eastbrook Fairhope Glenwood Hartfield Inverlea Jasperton Kingsmere Lakeport
    Millstone Northgate Oakridge Pinecrest Queensbury Rosedale Silverton Thornbury Underhill Valleyview Westmoor Yarrowdale
    Springfield Portland Franklin Clifton Marlow Bristow Newhaven Redwater Stonebridge Wolverton Highbury Lowestoft
    Granville Burlington Camden Dover
    """
)
STATES = _words(
    """
    AB BC DE FG HI KL MN OP QR ST UV WX
    """
)
STREETS = _words(
    """
    Main Park Oak Church High Mill Station Victoria Bridge Garden River Hill
    """
)
GOODS = _words(
    """
    lamp chair table desk shelf sofa stool bench mirror carpet curtain pillow blanket clock vase frame basket drawer cabinet
    wardrobe
    """
)
COLOURS = _words(
    """
    red green blue black white grey brown yellow
    """
)
TOPICS = _words(
    """
    surgery cardiology nutrition economics genetics robotics climate language history chemistry energy marine forest soil
    public mental child urban rural applied clinical theoretical comparative experimental
    """
)
WORDS = _words(
    """
    the of a with and from under between during study analysis effects models patients growth response survey treatment
    design change risk evidence market local global early late long short review trial control data learning structure
    function role impact
    """
)


@dataclass(frozen=True)
class Dirty:
    """A dirty table, the clean one it came from, and which kind of error is in which cell."""

    name: str
    dirty: pd.DataFrame
    clean: pd.DataFrame
    kinds: dict[tuple[int, int], str]


# -- clean tables ----------------------------------------------------------------------------------------------------
def facilities(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """Entities with a 1:1 block of attributes, repeated once per measure."""
    n = max(5, rows // 15)
    measures = [
        (f"{a}-{i}", f"{t} {w} rate of {a}")
        for a in ("EN", "WA", "GA", "TR")
        for i, (t, w) in enumerate(zip(TOPICS[:5], WORDS[13:18], strict=True), 1)
    ]
    sites = [
        (
            str(40_000 + 37 * i),
            f"{CITIES[i % len(CITIES)]} {rng.choice(TOPICS)} {rng.choice(['centre', 'institute', 'works'])}",
            f"{rng.integers(1, 999)} {rng.choice(STREETS)} street",
            CITIES[i % 30],
            STATES[i % 30 % len(STATES)],
            str(10_000 + 211 * (i % 30)),
            "".join(map(str, rng.integers(0, 10, 9))),
            rng.choice(["public", "private", "charity"], p=[0.6, 0.3, 0.1]),
        )
        for i in range(n)
    ]
    out = []
    for i in range(rows):
        site, (code, label) = sites[i * n // rows], measures[i % len(measures)]
        out.append((*site, code, label, f"{rng.integers(40, 101)}%", f"{site[4]}-{code}"))
    return pd.DataFrame(
        out,
        columns=[
            "site_id",
            "site",
            "street",
            "town",
            "region",
            "postcode",
            "tel",
            "ownership",
            "measure",
            "measure_label",
            "value",
            "region_measure",
        ],
    )


def orders(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """Orders with customers and products; dates, quantities, prices."""
    customers = [
        (f"C{1000 + i}", f"{rng.choice(FIRST)} {rng.choice(LAST)}", CITIES[int(rng.integers(len(CITIES)))])
        for i in range(max(4, rows // 8))
    ]
    products = [
        (f"{g[:2].upper()}-{rng.integers(100, 999)}", f"{c} {g}", f"{rng.integers(5, 400)}.{rng.integers(10, 99)}")
        for g in GOODS
        for c in COLOURS[:3]
    ]
    out = []
    for i in range(rows):
        c, p = customers[int(rng.integers(len(customers)))], products[int(rng.integers(len(products)))]
        day = pd.Timestamp("2024-01-01") + pd.Timedelta(days=int(rng.integers(0, 700)))
        out.append(
            (
                str(500_000 + i),
                day.strftime("%Y-%m-%d"),
                *c,
                *p,
                str(rng.integers(1, 20)),
                rng.choice(["open", "shipped", "returned", "cancelled"], p=[0.2, 0.6, 0.1, 0.1]),
            )
        )
    return pd.DataFrame(out, columns=["order", "day", "customer", "customer_name", "ship_city", "sku", "item", "price", "qty", "state"])


def payroll(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """People: names that look alike, a place that depends on its postcode, two-column dependencies, salaries."""
    places = [(str(10_000 + 83 * i), CITIES[i % len(CITIES)], STATES[i % len(STATES)], str(200 + i % len(STATES) * 7)) for i in range(90)]
    genders = {name: "MF"[len(name) % 2] for name in FIRST}
    out = []
    for _i in range(rows):
        z = places[int(rng.integers(len(places)))]
        first = rng.choice(FIRST)
        salary = int(rng.integers(4, 40)) * 2500
        married = rng.choice(["S", "M"])
        allowance = str((STATES.index(z[2]) * 100 + 500) * (2 if married == "M" else 1))
        out.append(
            (
                first,
                rng.choice(LAST),
                genders[first],
                z[3],
                f"{rng.integers(100, 999)}-{rng.integers(1000, 9999)}",
                z[1],
                z[2],
                z[0],
                married,
                rng.choice(["Y", "N"]),
                str(salary),
                f"{STATES.index(z[2]) % 5 + 2 + salary // 25_000}.{STATES.index(z[2]) % 7 + 1}",
                allowance,
            )
        )
    return pd.DataFrame(
        out, columns=["fname", "lname", "sex", "area", "phone", "town", "province", "zip", "status", "child", "pay", "levy", "allowance"]
    )


def papers(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """Bibliographic rows: free titles, lists of authors, journals with abbreviation and number, pages, dates."""
    journals = []
    for _ in range(25):
        a, b = rng.choice(TOPICS, 2, replace=False)
        journals.append(
            (
                f"Journal of {a.title()} and {b.title()}",
                f"J. {a[:4].title()}. {b[:3].title()}.",
                f"{rng.integers(1000, 9999)}-{rng.integers(1000, 9999)}",
            )
        )
    out = []
    for i in range(rows):
        j = journals[int(rng.zipf(1.5)) % len(journals)]
        start = int(rng.integers(1, 900))
        day = pd.Timestamp("2001-01-01") + pd.Timedelta(days=int(rng.integers(0, 5000)))
        title = " ".join(rng.choice(WORDS, int(rng.integers(5, 12)))).capitalize()
        authors = ", ".join(f"{rng.choice(list(string.ascii_uppercase))}. {rng.choice(LAST)}" for _ in range(int(rng.integers(1, 5))))
        out.append(
            (
                str(i + 1),
                title,
                rng.choice(["eng", "eng", "eng", "fre", "ger"]),
                *j,
                str(rng.integers(1, 60)),
                str(rng.integers(1, 12)),
                f"{start}-{start + int(rng.integers(2, 20))}",
                authors,
                f"{day.month}/{day.day}/{day:%y}",
            )
        )
    return pd.DataFrame(out, columns=["id", "title", "lang", "journal", "abbr", "issn", "vol", "no", "pages", "authors", "created"])


def feeds(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """Many sources that report the same things (times and a gate): the clean table has them agree."""
    things = max(4, rows // 20)
    sources = [f"{w}{s}" for w in ("alpha", "beta", "gamma", "delta", "eps") for s in (".net", ".org", "-air", "hub")]
    facts = []
    for i in range(things):
        m = int(rng.integers(300, 1300))
        clock = lambda t: f"{t // 60 % 12 or 12}:{t % 60:02d} {'pm' if t >= 720 else 'am'}"  # noqa: E731
        facts.append(
            (
                f"TR-{100 + 7 * i}-{CITIES[i % 30][:3].upper()}",
                clock(m),
                clock(m + int(rng.integers(-5, 30))),
                f"{rng.choice(list('ABCD'))}{rng.integers(1, 30)}",
            )
        )
    out = [(s, *f) for f in facts for s in sources]
    return (
        pd.DataFrame(out, columns=["feed", "train", "planned", "actual", "platform"])
        .sample(frac=1, random_state=int(rng.integers(1 << 30)))
        .reset_index(drop=True)
    )


def catalogue(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """Products: brands with a country, weights and sizes with units, prices, unique codes."""
    brands = [
        (f"{CITIES[i]} {rng.choice(['Co', 'Ltd', 'Works', 'Sons'])}", STATES[i % len(STATES)], CITIES[(i * 7) % len(CITIES)])
        for i in range(35)
    ]
    out = []
    for i in range(rows):
        b = brands[int(rng.integers(len(brands)))]
        out.append(
            (
                str(i),
                f"{rng.choice(COLOURS)} {rng.choice(GOODS)} {rng.integers(1, 99)}".title(),
                rng.choice(GOODS),
                f"{rng.integers(1, 40)}.{rng.integers(1, 9)} kg",
                f"{rng.integers(1, 9)}{rng.integers(100, 999)}",
                f"0.{rng.integers(10, 99)}",
                *b,
            )
        )
    return pd.DataFrame(out, columns=["no", "label", "kind", "weight", "stock", "discount", "brand", "region", "base"])


def notes(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """What must be left alone: free text, look-alike names, single-letter codes, numbers close together, correlations."""
    out = []
    for _i in range(rows):
        grade = rng.choice(list("ABCDEF"))
        out.append(
            (
                f"{rng.choice(FIRST)} {rng.choice(LAST)}",
                " ".join(rng.choice(WORDS, int(rng.integers(8, 25)))),
                grade,
                str(rng.integers(100, 130)),
                f"{rng.choice(list('ABC'))}{rng.integers(1, 5)}",
                rng.choice(["yes", "no"]),
                f"0{rng.integers(1000, 9999)}",
                str(round(float(rng.lognormal(3, 1)), 2)),
                rng.choice(["pass", "fail"], p=[0.9, 0.1]) if grade != "F" else rng.choice(["pass", "fail"], p=[0.2, 0.8]),
            )
        )
    return pd.DataFrame(out, columns=["who", "note", "grade", "room", "desk", "member", "pin", "amount", "outcome"])


def panel(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """The same persons month after month: what changes over time is no conflict."""
    months = _words("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec")
    out = []
    for person in range(rows // 12):
        town, firm, pay = rng.choice(CITIES), rng.choice(LAST), int(rng.integers(20, 90)) * 1000
        for month in months:
            town = rng.choice(CITIES) if rng.random() < 0.04 else town
            firm = rng.choice(LAST) if rng.random() < 0.06 else firm
            pay += 500 * int(rng.random() < 0.1)
            out.append((f"P{person:03d}", month, town, f"{firm} Ltd", str(pay)))
    return pd.DataFrame(out, columns=["person", "month", "town", "employer", "salary"])


def shops(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """Prices that differ between shops for a reason."""
    out = []
    for thing in range(rows // 12):
        base = int(rng.integers(100, 900))
        for shop in CITIES[:12]:
            price = base if rng.random() < 0.7 else base + int(rng.integers(-10, 10))
            out.append((f"sku-{thing}", shop, f"{price / 100:.2f}", str(rng.integers(0, 50))))
    return pd.DataFrame(out, columns=["sku", "store", "price", "stock"])


def habits(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """Customers with habits: nearly always the same payment, channel and branch."""
    ways, channels = ["card", "cash", "transfer", "wallet"], ["web", "shop", "app"]
    usual = [(rng.choice(ways), rng.choice(channels), rng.choice(CITIES[:15])) for _ in range(rows // 10)]
    out = []
    for _ in range(rows):
        who = int(rng.integers(len(usual)))
        pays, channel, branch = usual[who]
        out.append(
            (
                f"C{who}",
                pays if rng.random() < 0.88 else rng.choice(ways),
                channel if rng.random() < 0.9 else rng.choice(channels),
                branch if rng.random() < 0.93 else rng.choice(CITIES[:15]),
            )
        )
    return pd.DataFrame(out, columns=["customer", "payment", "channel", "branch"])


def wards(rng: np.random.Generator, rows: int) -> pd.DataFrame:
    """Codes, doses, blood groups and pressures of several lengths; a usual drug for each diagnosis."""
    drugs = ["aspirin", "heparin", "warfarin", "statin", "insulin"]
    out = []
    for _ in range(rows):
        code = int(rng.integers(40))
        drug = drugs[code % 5] if rng.random() < 0.9 else rng.choice(drugs)
        blood = rng.choice(["AB+", "AB-", "A+", "A-", "B+", "B-", "0+", "0-"])
        dose, pressure = f"{rng.integers(10, 90)} mg", f"{rng.integers(90, 180)}/{rng.integers(50, 110)}"
        out.append((f"D{code:02d}.{code % 7}", drug, rng.choice(["ward A", "ward B"]), dose, blood, pressure))
    return pd.DataFrame(out, columns=["icd", "drug", "ward", "dose", "blood", "pressure"])


LAWFUL = {f.__name__: f for f in (panel, shops, habits, wards, notes)}
"""Tables in which nothing is wrong, though much looks like it."""

SHAPES: dict[str, Callable[[np.random.Generator, int], pd.DataFrame]] = {
    f.__name__: f for f in (facilities, orders, payroll, papers, feeds, catalogue, notes)
}


# -- errors ----------------------------------------------------------------------------------------------------------
def slip(rng: np.random.Generator, text: str) -> str:
    """One typing slip."""
    if len(text) < 2:
        return text + rng.choice(list("xqz"))
    i = int(rng.integers(0, len(text)))
    other = str(rng.choice(list(string.ascii_lowercase)))
    kind = rng.integers(0, 4)
    if kind == 0:
        return text[:i] + other + text[i + 1 :]
    if kind == 1:
        return text[:i] + text[i + 1 :]
    if kind == 2:
        return text[:i] + other + text[i:]
    i = min(i, len(text) - 2)
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


def smear(rng: np.random.Generator, text: str) -> str:
    """One or two characters replaced by the same wrong one."""
    signs = list(text)
    for i in rng.choice(len(signs), min(len(signs), int(rng.integers(1, 3))), replace=False):
        signs[i] = "x"
    return "".join(signs)


def put(
    table: pd.DataFrame,
    kind: str,
    column: str,
    share: float,
    change: Callable[[np.random.Generator, str], str],
    rng: np.random.Generator,
    kinds: dict[tuple[int, int], str],
) -> None:
    """Change a share of the column's cells in place and note where."""
    j = table.columns.get_loc(column)
    assert isinstance(j, int)
    for i in rng.choice(len(table), max(1, int(share * len(table))), replace=False):
        old = table.iat[i, j]
        new = change(rng, old)
        if (int(i), j) not in kinds and new != old:
            table.iat[i, j] = new
            kinds[int(i), j] = kind


def other_value(table: pd.DataFrame, column: str) -> Callable[[np.random.Generator, str], str]:
    """Another value of the same column."""
    pool = table[column].unique()
    return lambda rng, old: str(rng.choice(pool))


def make(shape: str, *, rows: int = 600, seed: int = 0, share: float = 0.03) -> Dirty:
    """A dirty table of a shape, with the errors that suit its columns; ``share`` of the cells of each such column."""
    rng = np.random.default_rng([seed, *map(ord, shape)])
    clean = SHAPES[shape](rng, rows)
    dirty = clean.copy()
    kinds: dict[tuple[int, int], str] = {}
    for kind, columns, change in RECIPES[shape]:
        for column in columns:
            fault = other_value(clean, column) if change is None else change
            put(dirty, kind, column, share, fault, rng, kinds)
    for kind, source, target in SPILLS.get(shape, ()):
        a, b = dirty.columns.get_loc(source), dirty.columns.get_loc(target)
        for i in rng.choice(len(dirty), max(4, int(share * len(dirty))), replace=False):
            if (int(i), a) in kinds or (int(i), b) in kinds or not dirty.iat[i, b]:
                continue
            left, right = dirty.iat[i, a], dirty.iat[i, b]
            dirty.iat[i, a], dirty.iat[i, b] = (f"{left} {right}", "") if kind == "spill" else (right, left)
            kinds[int(i), a] = kinds[int(i), b] = kind
    if shape == "feeds":
        _disagree(dirty, clean, rng, kinds)
    return Dirty(shape, dirty, clean, kinds)


def _disagree(dirty: pd.DataFrame, clean: pd.DataFrame, rng: np.random.Generator, kinds: dict[tuple[int, int], str]) -> None:
    """Sources of very different quality: some right nine times in ten, some once in three."""
    quality = {s: rng.choice([0.95, 0.8, 0.55, 0.35], p=[0.3, 0.3, 0.2, 0.2]) for s in sorted(clean["feed"].unique())}
    for column in ("planned", "actual", "platform"):
        j = dirty.columns.get_loc(column)
        pool = clean[column].unique()
        for i in range(len(dirty)):
            if rng.random() > quality[clean["feed"].iat[i]]:
                new = "" if rng.random() < 0.3 else str(rng.choice(pool))
                if new != dirty.iat[i, j]:
                    dirty.iat[i, j] = new
                    kinds[i, j] = "source"


Fault = Callable[[np.random.Generator, str], str] | None


def _dated(old: str, form: str) -> str:
    return pd.Timestamp(old).strftime(form)


RECIPES: dict[str, tuple[tuple[str, tuple[str, ...], Fault], ...]] = {
    "facilities": (
        (
            "smear",
            ("site_id", "site", "street", "town", "postcode", "tel", "ownership", "measure", "measure_label", "value", "region_measure"),
            smear,
        ),
        ("slip", ("town", "site"), slip),
    ),
    "orders": (
        ("slip", ("ship_city", "item", "state"), slip),
        ("other", ("customer_name",), None),
        ("gone", ("price",), lambda rng, old: str(rng.choice(["N/A", "", "null", "-"]))),
        ("date", ("day",), lambda rng, old: _dated(old, str(rng.choice(["%d %b %Y", "%Y/%m/%d"])))),
        ("number", ("qty",), lambda rng, old: f"{old} pcs"),
        ("blank", ("sku",), lambda rng, old: str(rng.choice([f" {old}", f"{old} ", old.replace("-", "")]))),
        ("case", ("state",), lambda rng, old: old.upper()),
    ),
    "payroll": (
        ("slip", ("town", "province"), slip),
        ("other", ("province", "levy", "allowance", "sex"), None),
        ("gone", ("area",), lambda rng, old: ""),
        ("shape", ("zip", "phone"), smear),
    ),
    "papers": (
        ("slip", ("journal",), slip),
        ("other", ("abbr",), None),
        ("gone", ("issn", "lang"), lambda rng, old: str(rng.choice(["", "NULL"]))),
        ("shape", ("issn",), lambda rng, old: old.replace("-", "")),
        ("date", ("created",), lambda rng, old: _dated(old, "%Y-%m-%d")),
    ),
    "feeds": (("time", ("planned",), lambda rng, old: f"12/02/2011 {old}"),),
    "catalogue": (
        ("unit", ("weight",), lambda rng, old: f"{float(old[:-3]) * 1000:.0f} g"),
        ("number", ("stock",), lambda rng, old: f"{int(old):,}"),
        ("percent", ("discount",), lambda rng, old: f"{old}%"),
        ("slip", ("kind", "brand"), slip),
    ),
    "notes": (),
}
SPILLS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "payroll": (("spill", "town", "province"),),
    "catalogue": (("swap", "brand", "region"), ("spill", "base", "region")),
}

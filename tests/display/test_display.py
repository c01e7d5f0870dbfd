"""What a reader sees: hostile strings stay harmless, without styles it can still be read, the bytes are the same every time."""

from __future__ import annotations

import re
import subprocess
import sys
from html.parser import HTMLParser

import pytest

from edgp_magics.display import to_bundle, to_html, to_markdown, to_page, to_text
from edgp_magics.values import Badge, Bar, Cell, Code, Document, Drawing, Facts, Fold, Grid, Heading, Items, Listing, Marked, Severity, Text

HOSTILE = [
    "<script>x()</script>",
    "<img src=x onerror=x()>",
    '" onload="x()',
    "|pipe|",
    "**bold**",
    "`tick",
    "\u202eright",
    "\x07bell",
    "a\nb",
    "&amp;",
]


def document(text: str) -> Document:
    return Document(
        text,
        (
            Heading(text),
            Text(text, tone="strong"),
            Facts(((text, Code(text)), ("n", 3))),
            Items((text,)),
            Listing(text),
            Grid(
                text,
                (text, "n"),
                ((Code(text), 1.5), (Badge(text, Severity.HIGH), None), (Bar(0.4, text), 2), (Marked(text, ((0, 2),)), 1)),
            ),
            Fold(text, (Text(text),)),
        ),
        footer=text,
    )


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, attrs))
        if tag not in ("meta", "br", "rect", "line"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_harmless(text: str) -> None:
    html = to_html(document(text))
    tags = Tags()
    tags.feed(html)
    assert not tags.open
    assert not {t for t, _ in tags.seen} & {"script", "img", "iframe", "a", "link", "object"}
    assert not [name for _, attrs in tags.seen for name, _ in attrs if name.startswith("on") or name in ("href", "src", "id")]
    for rendered in (html, to_markdown(document(text)), to_text(document(text))):
        assert "\u202e" not in rendered
        assert "\x07" not in rendered
    outside_code = re.sub(r"```.*?```|``.*?``|`[^`]*`", "", to_markdown(document(text)), flags=re.S)
    assert "<script" not in outside_code.lower()


def test_a_grid_row_stays_one_line_in_markdown() -> None:
    lines = to_markdown(Document("t", (Grid("", ("a", "b"), (("x\ny|z", Code("p|q\nr")),)),))).splitlines()
    rows = [line for line in lines if line.startswith("| x")]
    assert len(rows) == 1
    assert len(re.findall(r"(?<!\\)\|", rows[0])) == 3


def test_without_styles_everything_is_still_said() -> None:
    html = re.sub(r"<style>.*?</style>", "", to_html(document("word")), flags=re.S)
    bare = re.sub(r'\s(class|style)="[^"]*"', "", html)
    words = re.sub(r"<[^>]+>", " ", bare)
    for said in ("word", "◕ word", "████", "1.5"):
        assert said in words
    assert "<caption>" in bare
    assert 'scope="col"' in bare


LONG = "supply `lawful_basis`, or remove the columns that nobody may hold; then scan the table again and see what is left of it"


@pytest.mark.parametrize(
    "row",
    [
        ("short", LONG, LONG),
        (Code("a_name_that_is_kept_whole"), LONG, 1_234_567.0),
        (Badge("critical", Severity.CRITICAL), LONG, Bar(0.5, "> 99.9 %")),
        ("x" * 300, LONG, None),
        ("資料治理" * 30, LONG, ""),
    ],
)
def test_a_grid_of_text_keeps_to_the_width_and_cuts_nothing(row: tuple[Cell, ...]) -> None:
    lines = to_text(Document("t", (Grid("", ("a", "what to do", "c"), (row, ("1", "2", "3"))),))).splitlines()[2:]
    assert max(map(len, lines)) <= 120
    said = "".join(lines)
    assert "…" not in said
    assert all(word in said for word in LONG.split())
    assert "> 99.9 %" in said or not isinstance(row[2], Bar)
    assert lines[-1].split() == ["1", "2", "3"]


def test_a_grid_that_fits_has_one_line_a_row() -> None:
    grid = Grid("", ("name", "n"), (("a long name with several words in it", 1), ("b", 22)))
    assert to_text(Document("t", (grid,))).splitlines()[-2:] == [f"{'a long name with several words in it':36}   1", f"{'b':36}  22"]


@pytest.mark.parametrize(
    ("name", "html"),
    [
        ("GDPR-5.1.e", "GDPR-5.1.e"),
        ("first_name", "first_name"),
        ("a", "a"),
        ("1a", "<bdi>1a</bdi>"),
        ("name_", "<bdi>name_</bdi>"),
        ("a<b", "a&lt;b"),
        ("שם", "<bdi>שם</bdi>"),
        ("naïve", "<bdi>naïve</bdi>"),
        ("a\nb", "<bdi>a\nb</bdi>"),
    ],
)
def test_only_a_name_that_may_turn_is_set_apart(name: str, html: str) -> None:
    assert f"<code>{html}</code>" in to_html(Document("t", (Text(f"see `{name}`"),)))
    assert f">{html}</code></td>" in to_html(Document("t", (Grid("g", ("c",), ((Code(name),),)),)))


def test_an_empty_cell_has_no_style() -> None:
    assert "<td></td>" in to_html(Document("t", (Grid("g", ("c", "d"), ((None, "x"),)),)))


def test_a_short_caption_stays_on_one_line_over_a_narrow_table() -> None:
    assert '<caption class="edgp-w"' in to_html(Document("t", (Grid("Personal data inside texts (33 spans)", ("a",), (("b",),)),)))
    assert '<caption class="edgp-w"' not in to_html(Document("t", (Grid("word " * 30, ("a",), (("b",),)),)))


def test_a_page_is_whole_and_links_nowhere() -> None:
    page = to_page(document("t"))
    assert page.startswith("<!doctype html>")
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")


def test_a_huge_document_stays_under_256_kb() -> None:
    rows = tuple((f"row {i}", Code("x" * 200)) for i in range(500))
    big = Document("big", tuple(Grid(str(i), ("a", "b"), rows) for i in range(20)))
    html = to_html(big)
    assert len(html.encode()) < 256_000
    assert "are not shown here" in html


def test_drawings_have_words() -> None:
    drawing = Document("d", (Drawing("<svg></svg>", "Title\nrow 1"),))
    assert "row 1" in to_text(drawing)
    assert "row 1" in to_html(drawing)
    assert "row 1" in to_markdown(drawing)


def test_the_bundle_has_three_forms() -> None:
    assert list(to_bundle(document("t"))) == ["text/plain", "text/markdown", "text/html"]


def test_bundles_are_the_same_bytes_in_every_process() -> None:
    code = (
        "import pandas as pd, edgp_magics as e, hashlib, json\n"
        "from edgp_magics.testing import planted_customers\n"
        "r = e.run('profile', planted_customers(120, each=2).frame, name='t')\n"
        "print(hashlib.sha256(json.dumps(r._repr_mimebundle_()).encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**__import__("os").environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(seen) == 1

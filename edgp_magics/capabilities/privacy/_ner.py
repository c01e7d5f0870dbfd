"""A recognizer of the user's: a function, or an analyzer as Presidio's, read into spans with our names for the types."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ...errors import BadOption
from ._spans import Span

OURS = {
    "PERSON": "PERSON_NAME",
    "PER": "PERSON_NAME",
    "NAME": "PERSON_NAME",
    "LOC": "LOCATION",
    "GPE": "LOCATION",
    "NRP": "NATIONALITY",
    "NORP": "NATIONALITY",
    "PHONE_NUMBER": "PHONE",
    "EMAIL_ADDRESS": "EMAIL",
    "IBAN_CODE": "IBAN",
    "US_DRIVER_LICENSE": "DRIVER_LICENSE",
    "US_PASSPORT": "PASSPORT",
    "US_BANK_NUMBER": "BANK_ACCOUNT",
    "MEDICAL_LICENSE": "US_DEA",
    "DATE": "DATE_TIME",
    "TIME": "DATE_TIME",
    "STREET_ADDRESS": "ADDRESS",
}
"""What other recognizers call our types."""
IGNORED = frozenset({"ORG", "ORGANIZATION", "MISC", "O", "CARDINAL", "ORDINAL", "QUANTITY", "MONEY", "PERCENT"})
_HINT = (
    "Give a function from text to rows of (start, end, type, confidence) or to Presidio's RecognizerResult objects, or an object with "
    "`analyze(text, language)`."
)

Reader = Callable[[str], list[Span]]


def reader_of(ner: Any) -> Reader | None:
    """The recognizer as a function from text to spans; None where none was given.

    >>> reader_of(lambda text: [(0, 5, "PERSON", 0.9)])("Maria")
    [Span(start=0, end=5, entity_type='PERSON_NAME', confidence=0.9)]
    """
    if ner is None:
        return None
    call = ner if callable(ner) else _analyzer(ner)

    def read(text: str) -> list[Span]:
        try:
            rows: Iterable[Any] = call(text) or ()
            spans = [_span(row) for row in rows]
        except (BadOption, KeyboardInterrupt):
            raise
        except Exception as e:  # whatever the user's code raises is theirs; say where it came from
            raise BadOption(f"the recognizer given as `ner` failed: {type(e).__name__}: {e}", hint=_HINT) from e
        return [s for s in spans if s.entity_type not in IGNORED]

    return read


def _analyzer(ner: Any) -> Callable[[str], Iterable[Any]]:
    analyze = getattr(ner, "analyze", None)
    if not callable(analyze):
        raise BadOption(f"`ner` is a {type(ner).__name__}: it cannot be asked.", hint=_HINT)
    return lambda text: analyze(text=text, language="en")


def _span(row: Any) -> Span:
    if hasattr(row, "entity_type"):
        start, end, kind, sure = row.start, row.end, row.entity_type, row.score
    else:
        start, end, kind, sure = row
    name = str(kind).upper().removeprefix("B-").removeprefix("I-")
    return Span(int(start), int(end), OURS.get(name, name), float(sure))

"""One column to its profile: the parts put together, and what kind of column it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from ...frames import Column
from ...values import Progress
from ._missing import masked_codes
from ._model import ColumnProfile, TopValue, visible
from ._numbers import number_fields, temporal_fields
from ._semantic import Meaning, id_named, meaning_of, sample_texts, text_form
from ._texts import text_fields

_ID_SHARE = 0.95
_FEW = 50
_NAMES = frozenset({"person_name", "address"})


def profile_column(column: Column, progress: Progress, *, as_of: dt.date | None = None) -> ColumnProfile:
    """Everything about one column that needs no other column."""
    meaning = meaning_of(column, progress)
    fields = _fields(column, progress, meaning, as_of)
    fields["top"] = tuple(_shown(t, column, meaning) for t in fields.get("top", ()))
    coded = fields.get("coded", ())
    fields["coded"] = masked_codes(coded) if meaning.personal else coded
    fields["coded_missing"] = sum(c.count for c in coded)
    base = ColumnProfile(
        name=column.name,
        position=column.position,
        kind=column.kind,
        dtype=column.dtype,
        logical_type=column.kind,
        rows=len(column),
        nulls=column.null_count,
        semantic_type=meaning.type,
        semantic_share=meaning.share,
        personal=meaning.personal,
        mixed=dict(column.mixed),
        **{"distinct": 0} | fields,
    )
    form = text_form(sample_texts(column)) if column.kind == "string" and base.count else ""
    identifier = form in ("", "integer") and _is_identifier(base)
    return replace(base, logical_type=_logical(base, form, identifier=identifier), identifier=identifier)


def _fields(column: Column, progress: Progress, meaning: Meaning, as_of: dt.date | None) -> dict[str, Any]:
    if column.null_count == len(column):
        return {}
    if column.kind in ("integer", "float", "decimal"):
        return number_fields(column, progress)
    if column.kind in ("date", "datetime", "time", "duration"):
        return temporal_fields(column, as_of)
    if column.kind == "boolean":
        return _flags(column)
    return text_fields(column, progress, names=meaning.type in _NAMES, personal=meaning.personal)


def _flags(column: Column) -> dict[str, Any]:
    counts = column.counts
    total = int(counts["count"].sum())
    true = int(counts.filter(counts["value"])["count"].sum())
    return {
        "distinct": counts.height,
        "singletons": int((counts["count"] == 1).sum()),
        "min": true == total,
        "max": true > 0,
        "mean": true / total,
        "top": tuple(TopValue(value=v, shown="", count=n, share=n / len(column)) for v, n in counts.iter_rows()),
        "buckets": (total - true, true),
    }


def _shown(top: TopValue, column: Column, meaning: Meaning) -> TopValue:
    if column.kind == "boolean":
        return replace(top, shown=str(top.value).lower())
    return replace(top, shown=visible(top.value, top.count, len(column), personal=meaning.personal))


def _is_identifier(profile: ColumnProfile) -> bool:
    """Values that name rows instead of measuring them: (nearly) unique integers or short texts."""
    if profile.kind not in ("integer", "string") or profile.count < 2 or profile.distinct < _ID_SHARE * profile.count:
        return False
    if profile.semantic_type in ("uuid", "email", "iban", "credit_card", "phone_e164", "phone"):
        return True
    if profile.kind == "integer":
        dense = profile.count >= 20 and profile.max - profile.min < 2 * profile.distinct
        return id_named(profile.name) or dense
    short = profile.lengths is not None and profile.lengths.max <= 40
    digits = any(any(c.isdigit() for c in s.pattern) for s in profile.shapes[:1])
    return short and (id_named(profile.name) or (digits and profile.count >= 20))


def _logical(profile: ColumnProfile, form: str, *, identifier: bool) -> str:
    if not profile.count:
        return "empty"
    if profile.kind == "datetime" and profile.dates is not None and profile.dates.midnight_share == 1.0:
        return "date"
    if profile.kind != "string":
        return profile.kind
    if identifier:
        return "identifier"
    if profile.semantic_type in ("iso_date", "date_slash"):
        return "date in text"
    if profile.semantic_type == "iso_datetime":
        return "datetime in text"
    if form:
        return "json" if form == "json" else f"{'number' if form == 'integer' else form} in text"
    return _text_type(profile)


def _text_type(profile: ColumnProfile) -> str:
    if (profile.distinct <= _FEW and profile.distinct * 2 <= profile.count) or (
        profile.distinct <= 0.02 * profile.count and profile.distinct <= 1000
    ):
        return "categorical"
    long = profile.lengths is not None and profile.lengths.mean > 50
    return "free_text" if long else "text"

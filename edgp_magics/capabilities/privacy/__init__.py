"""The parts of the privacy scan: recognizers, evidence, spans, risk, attacks, de-identification."""

from ._attacks import Attack, attack_tests, numbers_between
from ._deidentify import PRESETS, Transform, deidentify
from ._facts import DISTINCT_SEEN, Facts, facts_of
from ._recognizers import BY_ENTITY, RECOGNIZERS, Recognizer
from ._risk import QuasiSet, Risk, assess_risk, search_quasi_sets
from ._spans import Span, find_spans
from ._verdict import ColumnVerdict, Detection, Evidence, confidence, judge_columns

__all__ = [
    "BY_ENTITY",
    "DISTINCT_SEEN",
    "PRESETS",
    "RECOGNIZERS",
    "Attack",
    "ColumnVerdict",
    "Detection",
    "Evidence",
    "Facts",
    "QuasiSet",
    "Recognizer",
    "Risk",
    "Span",
    "Transform",
    "assess_risk",
    "attack_tests",
    "confidence",
    "deidentify",
    "facts_of",
    "find_spans",
    "judge_columns",
    "numbers_between",
    "search_quasi_sets",
]

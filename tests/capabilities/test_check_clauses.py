"""Every clause, one line a case: data, what the scan found in it, metadata, the verdict and how many rows break it."""

# ruff: noqa: C408  (a table: one case a line)
from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from stdnum import luhn

from edgp_magics.capabilities._check import check_compliance
from edgp_magics.capabilities.privacy import numbers_between
from edgp_magics.capabilities.regulations import catalogue
from edgp_magics.frames import as_frame
from edgp_magics.values import Context

F, P, W, NA, NO, ATT = "FAIL", "PASS", "WARN", "NOT_APPLICABLE", "NOT_ASSESSED", "NEEDS_ATTESTATION"


def scan(types: Mapping[str, str], columns: Any, spans: Any = ()) -> SimpleNamespace:
    """What a privacy scan gives, made by hand."""
    seen = {c: tuple(SimpleNamespace(entity_type=t, confidence=0.9, evidence=()) for t in types.get(c, "").split()) for c in columns}
    return SimpleNamespace(columns=seen, spans=list(spans), notes=(), attacks=())


def verdict(
    clause: str, data: Mapping[str, Any], types: Mapping[str, str], metadata: Mapping[str, Any], *, spans: Any = (), frames: Any = None
) -> Any:
    frame = as_frame(pd.DataFrame(data), name="t")
    context = Context(results={"privacy_scan": scan(types, frame.columns, spans)}, frames=frames or {})
    return check_compliance(frame, context, clauses=(clause,), metadata={"as_of": "2025-06-30", **metadata}).clause(clause)


PAN = ["4539578763621486", "5425233430109903", "374245455400126"]
MASKED = ["453957******1486", "542523******9903", "374245*****0126"]
MAIL = {"id": [1, 2, 3], "mail": ["a@example.org", "b@example.org", "c@example.org"], "n": [5, 6, 7]}
T_MAIL = {"mail": "EMAIL"}
DX = {"pid": ["A1", "B2", "C3"], "dx": ["E11.9", "I10", "F32.1"]}
T_DX = {"dx": "HEALTH"}
CARD = {"pan": PAN, "when": ["2020-01-01", "2025-06-01", "2025-06-02"]}
T_CARD = {"pan": "CREDIT_CARD"}
FAITH = {"who": ["x", "y", "z"], "faith": ["Sikh", "Hindu", None]}
T_FAITH = {"faith": "RELIGION"}
NAMED = {"name": ["Ann Lee", "Bo Ray", None], "ssn": ["521-78-6961", None, "623-40-2246"]}
T_NAMED = {"name": "PERSON_NAME", "ssn": "US_SSN"}
CVV = {"holder": ["Ann Lee", "Bo Ray", "Cy Orr"], "pan": PAN, "cvv": ["123", "456", "7890"]}
T_CVV = {"holder": "PERSON_NAME", "pan": "CREDIT_CARD", "cvv": "CVV"}
KIDS = {"age": [12, 15, 17, 40], "ok": ["yes", "no", "no", "no"], "by": ["consumer", "consumer", "", ""]}
T_AGE = {"age": "AGE"}
NRIC = {"id": ["S1234567D", "F4860153R", "S1234567A"]}
T_NRIC = {"id": "SG_NRIC_FIN"}
QI = {"age": [30] * 6 + [31], "sex": ["F"] * 7}
T_QI = {"age": "AGE", "sex": "GENDER"}
SHA = {"mrn": ["MRN001", "MRN002", "MRN003"], "code": [hashlib.md5(f"MRN00{i}".encode()).hexdigest() for i in (1, 2, 3)]}
LEDGER = {
    "je": ["A", "A", "B", "B"],
    "debit": [10.0, 0, 5, 0],
    "credit": [0, 10.0, 0, 4],
    "by": ["u1", "u1", "u2", "u2"],
    "ok": ["u9", "u9", "U2 ", "u2"],
    "day": ["2025-06-01", "2025-06-01", "2025-07-01", "2025-07-01"],
    "period": ["2025-06"] * 4,
    "doc": ["D1", "D2", None, "D4"],
}
JOURNAL = {"journal_key": "je", "debit_column": "debit", "credit_column": "credit"}
TRAIN = {
    "sex": ["F"] * 40 + ["M"] * 40,
    "y": [1] * 10 + [0] * 30 + [1] * 30 + [0] * 10,
    "split": ["train", "test"] * 40,
    "land": ["DE"] * 80,
    "x": range(80),
}
BOTH = {"aware_on": "2025-06-20", "notified_on": "2025-06-25", "individuals_notified_on": "2025-06-25"}
NONE: dict[str, str] = {}

CASES: list[tuple[str, Any, Any, Any, str, int | None]] = [
    # -- GDPR
    ("GDPR-5.1.a", MAIL, T_MAIL, {}, F, 0),
    ("GDPR-5.1.a", MAIL, T_MAIL, {"lawful_basis": "contract"}, F, 0),
    ("GDPR-5.1.a", MAIL, T_MAIL, {"lawful_basis": "contract", "purpose": "crm"}, P, 0),
    ("GDPR-5.1.a", MAIL, NONE, {}, NA, 0),
    ("GDPR-5.1.b", MAIL, T_MAIL, {"purpose": "marketing", "collection_purposes": ["billing"]}, F, 0),
    ("GDPR-5.1.b", MAIL, T_MAIL, {"purpose": "marketing", "collection_purposes": ["billing"], "compatibility_assessment": "C-1"}, W, 0),
    ("GDPR-5.1.b", MAIL, T_MAIL, {"purpose": "Billing", "collection_purposes": ["billing", "crm"]}, P, 0),
    ("GDPR-5.1.b", MAIL, T_MAIL, {"purpose": "billing"}, NO, 0),
    ("GDPR-5.1.c", MAIL, T_MAIL, {"required_columns": ["n"], "purpose": "x"}, F, 3),
    ("GDPR-5.1.c", MAIL, T_MAIL, {"required_columns": ["mail"], "purpose": "x"}, P, 0),
    ("GDPR-5.1.c", {"mail": ["a@b.org"] * 3}, T_MAIL, {"required_columns": ["mail"], "purpose": "x"}, W, None),
    ("GDPR-5.1.c", MAIL, T_MAIL, {"required_columns": ["mail"]}, NO, 0),
    ("GDPR-5.1.d", {"mail": ["a@b.org", "bad", "c@d.org"]}, T_MAIL, {}, F, 1),
    ("GDPR-5.1.d", {"mail": [f"a{i}@b.org" for i in range(99)] + ["bad"]}, T_MAIL, {}, W, 1),
    ("GDPR-5.1.d", {"dob": ["1980-01-01", "2030-01-01", "1801-01-01", "31/31/1990"]}, {"dob": "DATE_OF_BIRTH"}, {}, F, 3),
    ("GDPR-5.1.d", {"k": [1, 1, 2], "dob": ["1980-01-01", "1980-01-02", "1990-01-01"]}, {"dob": "DATE_OF_BIRTH"}, {"subject_key": "k"}, F, 2),
    ("GDPR-5.1.d", MAIL, T_MAIL, {"last_verified": "2020-01-01", "verification_days": 365}, F, 0),
    ("GDPR-5.1.d", MAIL, T_MAIL, {}, P, 0),
    ("GDPR-5.1.d", {"name": ["Ann Lee", "Bo Ray"]}, {"name": "PERSON_NAME"}, {}, NO, 0),
    ("GDPR-5.1.e", {**MAIL, "d": ["2020-01-01", "2024-01-01", None]}, T_MAIL, {"retention_days": 730, "retention_date_column": "d"}, F, 1),
    ("GDPR-5.1.e", {**MAIL, "d": ["2023-06-30", "2023-07-01", "2025-01-01"]}, T_MAIL, {"retention_days": 731, "retention_date_column": "d"}, P, 0),
    ("GDPR-5.1.e", {**MAIL, "d": ["2023-06-30", "2023-07-01", None]}, T_MAIL, {"retention_days": 731, "retention_date_column": "d"}, W, 1),
    ("GDPR-5.1.e", {**MAIL, "d": ["2023-06-30", "2023-07-01", None]}, T_MAIL, {"retention_days": 731, "retention_date_column": "d", "retention_blank_means_open": "yes"}, P, 0),
    ("GDPR-5.1.e", {**MAIL, "d": ["2025-01-01", "soon", None]}, T_MAIL, {"retention_days": "2 years", "retention_date_column": "d"}, W, 2),
    ("GDPR-5.1.e", {**MAIL, "d": [None] * 3}, T_MAIL, {"retention_days": 731, "retention_date_column": "d"}, NO, 0),
    ("GDPR-5.1.e", {**MAIL, "d": ["2001-01-01"] * 3}, T_MAIL, {"retention_days": 30, "retention_date_column": "d", "as_of": "30/06/2025"}, NO, 0),
    ("GDPR-5.1.e", {**MAIL, "d": ["2020-01-01"] * 3, "h": [1, 0, 0]}, T_MAIL, {"retention_days": 1, "retention_date_column": "d", "legal_hold_column": "h"}, F, 2),
    ("GDPR-5.1.e", MAIL, T_MAIL, {"retention_days": 730, "retention_date_column": "nope"}, NO, 0),
    ("GDPR-5.1.e", MAIL, T_MAIL, {"retention_days": "for ever", "retention_date_column": "n"}, NO, 0),
    ("GDPR-5.1.f", MAIL, T_MAIL, {"classification": "confidential", "encryption_at_rest": False}, F, 3),
    ("GDPR-5.1.f", MAIL, T_MAIL, {"classification": "confidential", "encryption_at_rest": "AES-256"}, P, 0),
    ("GDPR-5.1.f", MAIL, T_MAIL, {"classification": "public", "encryption_at_rest": True}, W, 3),
    ("GDPR-5.1.f", MAIL, T_MAIL, {"encryption_at_rest": False}, NO, 0),
    ("GDPR-5.2", MAIL, T_MAIL, {"owner": "dpo"}, F, 0),
    ("GDPR-5.2", MAIL, T_MAIL, {"owner": "dpo", "record_id": "R-1"}, P, 0),
    ("GDPR-6.1", MAIL, T_MAIL, {"lawful_basis": "because"}, F, 0),
    ("GDPR-6.1", MAIL, T_MAIL, {"lawful_basis": "Legitimate interests"}, P, 0),
    ("GDPR-6.1", MAIL, T_MAIL, {}, F, 0),
    ("GDPR-7.1", {**MAIL, "c": ["yes", "no", None]}, T_MAIL, {"lawful_basis": "consent", "consent_column": "c"}, F, 2),
    ("GDPR-7.1", {**MAIL, "c": ["yes", "Y", True]}, T_MAIL, {"lawful_basis": "consent", "consent_column": "c"}, P, 0),
    ("GDPR-7.1", {**MAIL, "c": ["2025-01-01", "2026-01-01", None]}, T_MAIL, {"lawful_basis": "consent", "consent_date_column": "c"}, F, 2),
    ("GDPR-7.1", MAIL, T_MAIL, {"lawful_basis": "contract"}, NA, 0),
    ("GDPR-7.1", MAIL, T_MAIL, {"lawful_basis": "consent"}, NO, 0),
    ("GDPR-7.1", MAIL, T_MAIL, {"lawful_basis": "consent", "consent_column": "nope"}, NO, 0),
    ("GDPR-7.3", {**MAIL, "w": ["2025-06-30", "2025-07-01", None]}, T_MAIL, {"consent_withdrawn_column": "w"}, F, 1),
    ("GDPR-7.3", {**MAIL, "w": ["yes", "no", None]}, T_MAIL, {"consent_withdrawn_column": "w"}, F, 1),
    ("GDPR-7.3", {**MAIL, "w": ["2025-07-01", None, None]}, T_MAIL, {"consent_withdrawn_column": "w"}, P, 0),
    ("GDPR-7.3", {**MAIL, "w": ["2025-01-01", None, None]}, T_MAIL, {"consent_withdrawn_column": "w", "lawful_basis": "contract"}, NA, 0),
    ("GDPR-7.3", MAIL, T_MAIL, {}, NO, 0),
    ("GDPR-8.1", KIDS, T_AGE, {"lawful_basis": "consent", "parental_consent_column": "ok"}, F, 1),
    ("GDPR-8.1", {**KIDS, "c": ["GB", "SE", "DE", "DE"]}, T_AGE, {"lawful_basis": "consent", "parental_consent_column": "ok", "country_column": "c"}, P, 0),
    ("GDPR-8.1", {"dob": ["2009-07-01", "2009-06-30"], "ok": ["no", "no"]}, {"dob": "DATE_OF_BIRTH"}, {"lawful_basis": "consent", "parental_consent_column": "ok"}, F, 1),
    ("GDPR-8.1", KIDS, T_AGE, {"lawful_basis": "contract"}, NA, 0),
    ("GDPR-8.1", KIDS, T_AGE, {"lawful_basis": "consent"}, NO, 0),
    ("GDPR-8.1", {"age": [40, 50]}, T_AGE, {"lawful_basis": "consent"}, NA, 0),
    ("GDPR-9.1", FAITH, T_FAITH, {}, F, 2),
    ("GDPR-9.1", FAITH, T_FAITH, {"art9_condition": "explicit_consent"}, P, 0),
    ("GDPR-9.1", FAITH, T_FAITH, {"art9_condition": "9(2)(h)"}, P, 0),
    ("GDPR-9.1", FAITH, T_FAITH, {"art9_condition": "we like it"}, W, 0),
    ("GDPR-9.1", MAIL, T_MAIL, {}, NA, 0),
    ("GDPR-10", {"c": ["theft", "fraud"]}, {"c": "CRIMINAL_RECORD"}, {}, F, 2),
    ("GDPR-10", {"c": ["theft", "fraud"]}, {"c": "CRIMINAL_RECORD"}, {"art10_authority": "police act"}, P, 0),
    ("GDPR-13.2.a", MAIL, T_MAIL, {}, F, 0),
    ("GDPR-13.2.a", MAIL, T_MAIL, {"retention_criteria": "end of contract"}, P, 0),
    ("GDPR-15", {**MAIL, "k": ["a", None, "c"]}, T_MAIL, {"subject_key": "k"}, F, 1),
    ("GDPR-15", MAIL, T_MAIL, {"subject_key": "id"}, P, 0),
    ("GDPR-15", MAIL, T_MAIL, {}, NO, 0),
    ("GDPR-16", MAIL, T_MAIL, {"subject_key": "id", "rectification_log": [{"request_id": "r", "subject": 2, "column": "mail", "value": "new@example.org"}]}, F, 1),
    ("GDPR-16", MAIL, T_MAIL, {"subject_key": "id", "rectification_log": [{"request_id": "r", "subject": 2, "column": "mail", "value": "b@example.org"}]}, P, 0),
    ("GDPR-16", MAIL, T_MAIL, {"subject_key": "id", "rectification_log": [{"request_id": "r", "subject": 2}]}, NO, 0),
    ("GDPR-16", MAIL, T_MAIL, {"subject_key": "id", "rectification_log": []}, P, 0),
    ("GDPR-17", {**MAIL, "txt": ["ok", "see c@example.org", "ok"]}, T_MAIL, {"subject_key": "id", "erasure_list": ["c@example.org"]}, F, 2),
    ("GDPR-17", MAIL, T_MAIL, {"subject_key": "id", "erasure_list": [2, 99]}, F, 1),
    ("GDPR-17", MAIL, T_MAIL, {"subject_key": "id", "erasure_list": [99]}, P, 0),
    ("GDPR-17", MAIL, T_MAIL, {"erasure_list": [99]}, NO, 0),
    ("GDPR-17", MAIL, T_MAIL, {}, NO, 0),
    ("GDPR-18", {**MAIL, "r": ["restricted", "", None]}, T_MAIL, {"restriction_column": "r"}, F, 1),
    ("GDPR-18", {**MAIL, "r": [0, 0, 0]}, T_MAIL, {"restriction_column": "r"}, P, 0),
    ("GDPR-18", MAIL, T_MAIL, {}, NO, 0),
    ("GDPR-20", {**MAIL, "x": [[1], [2], [3]]}, T_MAIL, {"subject_key": "id", "lawful_basis": "contract"}, F, 1),
    ("GDPR-20", MAIL, T_MAIL, {"subject_key": "id", "lawful_basis": "consent"}, P, 0),
    ("GDPR-22.1", MAIL, T_MAIL, {"automated_decision": True, "human_review": False}, F, 0),
    ("GDPR-22.1", {**MAIL, "r": ["yes", "no", "no"]}, T_MAIL, {"automated_decision": "n", "human_review": "r"}, F, 2),
    ("GDPR-22.1", MAIL, T_MAIL, {"automated_decision": True, "human_review": True}, P, 0),
    ("GDPR-22.1", {**MAIL, "faith": ["Sikh"] * 3}, T_MAIL | T_FAITH, {"automated_decision": True, "human_review": True}, F, 0),
    ("GDPR-22.1", MAIL, T_MAIL, {"automated_decision": False}, NA, 0),
    ("GDPR-22.1", MAIL, T_MAIL, {}, NO, 0),
    ("GDPR-25.1", MAIL, T_MAIL, {}, F, 3),
    ("GDPR-25.1", {"mail": MAIL["mail"]}, T_MAIL, {}, P, 0),
    ("GDPR-25.1", {"mail": MAIL["mail"], "age": [30, 31, 32]}, T_MAIL | T_AGE, {}, F, 3),
    ("GDPR-25.1", MAIL, T_MAIL, {"pseudonymised_columns": ["mail"]}, W, 3),
    ("GDPR-25.2", MAIL, T_MAIL, {"required_columns": ["mail"], "access_scope": "public"}, F, 0),
    ("GDPR-25.2", MAIL, T_MAIL, {"required_columns": ["mail"], "access_scope": "crm team"}, P, 0),
    ("GDPR-25.2", MAIL, T_MAIL, {"required_columns": ["mail"]}, NO, 0),
    ("GDPR-28.3", MAIL, T_MAIL, {}, F, 0),
    ("GDPR-28.3", MAIL, T_MAIL, {"processors": [{"name": "x"}, {"name": "y", "contract_id": "1"}]}, F, 1),
    ("GDPR-28.3", MAIL, T_MAIL, {"processors": [{"name": "y", "contract_id": "1"}]}, P, 0),
    ("GDPR-28.3", MAIL, T_MAIL, {"processors": []}, NA, 0),
    ("GDPR-30.1", MAIL, T_MAIL, {"controller": "x"}, F, 0),
    ("GDPR-30.1", MAIL, T_MAIL, dict(controller="x", purpose="y", subject_categories="z", recipients=[], transfers=[], retention_days=1, security_measures="s"), P, 0),
    ("GDPR-32.1.a", MAIL, T_MAIL, {}, F, 3),
    ("GDPR-32.1.a", SHA, {}, {}, F, 3),
    ("GDPR-32.1.a", {"n": [1, 2]}, NONE, {}, NA, 0),
    ("GDPR-32.1.b", {"c": ["x", "hunter2"]}, {"c": "PASSWORD"}, {}, F, 2),
    ("GDPR-32.1.b", {"n": [1, 2]}, NONE, {}, P, 0),
    ("GDPR-33", MAIL, T_MAIL, {"subject_key": "id"}, P, 0),
    ("GDPR-33", MAIL, T_MAIL, {}, W, 0),
    ("GDPR-35.3", FAITH, T_FAITH, {"subject_count": 9000}, F, 0),
    ("GDPR-35.3", FAITH, T_FAITH, {"subject_count": 9000, "dpia_id": "D"}, P, 0),
    ("GDPR-35.3", FAITH, T_FAITH, {"subject_count": 9, "profiling": False}, P, 0),
    ("GDPR-35.3", FAITH, T_FAITH, {}, NO, 0),
    ("GDPR-35.3", MAIL, T_MAIL, {"profiling": True, "subject_count": 3}, NO, 0),
    ("GDPR-35.3", MAIL, T_MAIL, {}, NA, 0),
    ("GDPR-44", MAIL, T_MAIL, {"storage_country": "US"}, F, 0),
    ("GDPR-44", MAIL, T_MAIL, {"storage_country": "US", "transfer_mechanism": "SCC 2021"}, P, 0),
    ("GDPR-44", MAIL, T_MAIL, {"storage_country": "Germany"}, P, 0),
    ("GDPR-44", MAIL, T_MAIL, {"storage_country": "JP"}, P, 0),
    ("GDPR-44", MAIL, T_MAIL, {"storage_country": "DE", "recipients": [{"name": "x", "country": "IN"}]}, F, 0),
    ("GDPR-44", MAIL, T_MAIL, {}, F, 0),
    ("GDPR-87", NAMED, T_NAMED, {}, F, 2),
    ("GDPR-87", NAMED, T_NAMED, {"national_id_condition": "law 1"}, P, 0),
    ("GDPR-87", MAIL, T_MAIL, {}, NA, 0),
    ("GDPR-R26", QI, T_QI, {"declared_anonymous": True, "quasi_identifiers": ["age", "sex"]}, F, 1),
    ("GDPR-R26", {"age": [30] * 6, "sex": ["F"] * 6}, T_QI, {"declared_anonymous": True, "quasi_identifiers": ["age", "sex"]}, P, 0),
    ("GDPR-R26", {"age": [30] * 6, "sex": ["F"] * 6}, T_QI, {"declared_anonymous": True}, NO, 0),
    ("GDPR-R26", MAIL, T_MAIL, {"declared_anonymous": True, "quasi_identifiers": ["n"]}, F, 3),
    ("GDPR-R26", MAIL, T_MAIL, {"declared_anonymous": False}, NA, 0),
    ("GDPR-R26", MAIL, T_MAIL, {}, NO, 0),
    # -- CCPA
    ("CCPA-100.a3", MAIL, T_MAIL, {}, F, 0),
    ("CCPA-100.a3", MAIL, T_MAIL, {"retention_days": 30}, NO, 0),
    ("CCPA-100.a3", {**MAIL, "d": ["2020-01-01", "2025-06-01", None]}, T_MAIL, {"retention_days": 60, "retention_date_column": "d"}, F, 1),
    ("CCPA-100.c", MAIL, T_MAIL, {"required_columns": [], "purpose": "x"}, F, 3),
    ("CCPA-100.e", NAMED, T_NAMED, {}, F, 1),
    ("CCPA-100.e", {"name": ["Ann Lee"]}, T_NAMED, {}, P, 0),
    ("CCPA-100.e", {"n": [1]}, NONE, {}, NA, 0),
    ("CCPA-105", MAIL, T_MAIL, {"subject_key": "id", "erasure_list": [1]}, F, 1),
    ("CCPA-106", MAIL, T_MAIL, {}, NO, 0),
    ("CCPA-106", MAIL, T_MAIL, {"subject_key": "id", "rectification_log": [{"request_id": "r", "subject": 1, "column": "n", "old_value": 5}]}, F, 1),
    ("CCPA-110", MAIL, T_MAIL, {"declared_categories": ["biometric"]}, F, 1),
    ("CCPA-110", MAIL, T_MAIL, {"declared_categories": ["A", "F"]}, P, 0),
    ("CCPA-110", MAIL, T_MAIL, {}, NO, 0),
    ("CCPA-120", {**MAIL, "o": ["Y", "N", None]}, T_MAIL, {"export_purpose": "sale", "opt_out_column": "o"}, F, 1),
    ("CCPA-120", {**MAIL, "o": ["N", "N", "Y"], "g": [1, 0, 0]}, T_MAIL, {"export_purpose": "share", "opt_out_column": "o", "gpc_column": "g"}, F, 2),
    ("CCPA-120", {**MAIL, "o": ["Y", "N", None]}, T_MAIL, {"export_purpose": "internal", "opt_out_column": "o"}, NA, 0),
    ("CCPA-120", {**MAIL, "o": ["N"] * 3}, T_MAIL, {"export_purpose": "sale", "opt_out_column": "o"}, P, 0),
    ("CCPA-120", MAIL, T_MAIL, {"export_purpose": "sale"}, NO, 0),
    ("CCPA-120.c", KIDS, T_AGE, {"export_purpose": "sale", "opt_in_column": "ok"}, F, 1),
    ("CCPA-120.c", KIDS, T_AGE, {"export_purpose": "sale", "opt_in_column": "ok", "opt_in_by_column": "by"}, F, 2),
    ("CCPA-120.c", KIDS, T_AGE, {}, NO, 0),
    ("CCPA-121", {**FAITH, "l": ["yes", "no", "yes"]}, T_FAITH, {"limit_use_column": "l"}, F, 1),
    ("CCPA-121", {**FAITH, "l": ["no", "no", "yes"]}, T_FAITH, {"limit_use_column": "l"}, P, 0),
    ("CCPA-121", FAITH, T_FAITH, {}, NO, 0),
    ("CCPA-140.ae", FAITH, T_FAITH, {}, W, 2),
    ("CCPA-140.ae", FAITH, T_FAITH, {"classification": "sensitive"}, P, 0),
    ("CCPA-140.ae", {"g": ["1.23,4.56", "7.10,8.12"]}, {"g": "GEO"}, {}, NA, 0),
    ("CCPA-140.ae", {"g": ["1.2345,4.5678", "7.1,8.1"]}, {"g": "GEO"}, {}, W, None),
    ("CCPA-140.m", QI, T_QI, {"declared_deidentified": True, "quasi_identifiers": ["age"]}, F, 7),
    ("CCPA-140.m", {"age": [30] * 12}, T_AGE, {"declared_deidentified": True, "quasi_identifiers": ["age"]}, F, 0),
    ("CCPA-140.m", {"age": [30] * 12}, T_AGE, {"declared_deidentified": True, "quasi_identifiers": ["age"], "reid_commitment": "web"}, P, 0),
    ("CCPA-150", CVV, T_CVV, {}, F, 3),
    ("CCPA-150", {"holder": CVV["holder"], "pan": PAN}, T_CVV, {}, W, 0),
    ("CCPA-150", {"mail": ["a@b.org"], "pw": ["hunter2!"]}, {"mail": "EMAIL", "pw": "PASSWORD"}, {}, F, 1),
    # -- HIPAA
    *[(f"HIPAA-164.514.b2i-{k}", {"x": ["v1", "v2", None]}, {"x": t}, {"declared_deidentified": "safe_harbor"}, F, None)
      for k, t in dict(A="PERSON_NAME", D="PHONE", F="EMAIL", G="US_SSN", H="MRN", I="HEALTH_INSURANCE_ID", J="BANK_ACCOUNT", K="DRIVER_LICENSE", L="LICENSE_PLATE", M="MAC_ADDRESS", P="BIOMETRIC").items()
      if k not in "FGDM"],
    ("HIPAA-164.514.b2i-D", {"tel": ["+1 212 555 0101", None]}, {"tel": "PHONE"}, {"declared_deidentified": True}, F, 1),
    ("HIPAA-164.514.b2i-F", MAIL, T_MAIL, {"declared_deidentified": "safe_harbor"}, F, 3),
    ("HIPAA-164.514.b2i-G", NAMED, T_NAMED, {"declared_deidentified": "safe_harbor"}, F, 2),
    ("HIPAA-164.514.b2i-G", DX, T_DX, {}, P, 0),
    ("HIPAA-164.514.b2i-A", MAIL, T_MAIL, {}, NA, 0),
    ("HIPAA-164.514.b2i-A", DX, T_DX, {"declared_limited_data_set": True}, NA, 0),
    ("HIPAA-164.514.b2i-B", {"zip3": [100, 36, 878]}, NONE, {"declared_deidentified": "safe_harbor"}, F, 2),
    ("HIPAA-164.514.b2i-B", {"zip": ["94585", "100", "000", None]}, NONE, {"declared_deidentified": "safe_harbor"}, F, 1),
    ("HIPAA-164.514.b2i-B", {"zip": ["941**", "100", "000"]}, NONE, {"declared_deidentified": "safe_harbor"}, P, 0),
    ("HIPAA-164.514.b2i-B", {"county": ["Kent", None]}, NONE, {"declared_deidentified": "safe_harbor"}, F, 1),
    ("HIPAA-164.514.b2i-C", {"admit": ["2020-01-02", "2020-03-04", None]}, NONE, {"declared_deidentified": "safe_harbor"}, F, 2),
    ("HIPAA-164.514.b2i-C", {"birth_year": [1990, 1991], "age": ["90+", "44"]}, T_AGE, {"declared_deidentified": "safe_harbor"}, P, 0),
    ("HIPAA-164.514.b2i-C", {"age": [90, 89, 102]}, T_AGE, {"declared_deidentified": "safe_harbor"}, F, 2),
    ("HIPAA-164.514.b2i-C", {"note": ["seen 2020-01-02 by staff", "fine", "ok"]}, NONE, {"declared_deidentified": "safe_harbor"}, F, 1),
    ("HIPAA-164.514.b2i-E", {"fax": ["212-555-0101"], "tel": ["212-555-0102"]}, {"tel": "PHONE", "fax": "PHONE"}, {"declared_deidentified": True}, F, 1),
    ("HIPAA-164.514.b2i-E", {"tel": ["212-555-0102"]}, {"tel": "PHONE"}, {"declared_deidentified": True}, P, 0),
    ("HIPAA-164.514.b2i-M", {"device_serial": ["A1", "B2"]}, NONE, {"declared_deidentified": True}, F, 2),
    ("HIPAA-164.514.b2i-N", {"homepage": ["https://x.org/a", None]}, NONE, {"declared_deidentified": True}, F, 1),
    ("HIPAA-164.514.b2i-O", {"ip": ["192.0.2.7", "198.51.100.9"]}, {"ip": "IP_ADDRESS"}, {"declared_deidentified": True}, F, 2),
    ("HIPAA-164.514.b2i-Q", {"photo": ["a.jpg", "b.png"]}, NONE, {"declared_deidentified": True}, F, 2),
    ("HIPAA-164.514.b2i-Q", {"x": ["data:image/png;base64,AA", "b"]}, NONE, {"declared_deidentified": True}, F, 1),
    ("HIPAA-164.514.b2i-R", {"rid": range(1000, 1020)}, NONE, {"declared_deidentified": True}, F, 20),
    ("HIPAA-164.514.b2i-R", {"rid": range(1000, 1020)}, NONE, {"declared_deidentified": True, "reid_code_column": "rid"}, P, 0),
    ("HIPAA-164.514.b2i-R", {"yr": range(20)}, NONE, {"declared_deidentified": True}, P, 0),
    ("HIPAA-164.514.b2ii", QI, T_QI, {"declared_deidentified": True, "quasi_identifiers": ["age", "sex"]}, F, 1),
    ("HIPAA-164.514.b2ii", QI, T_QI, {"declared_deidentified": True, "quasi_identifiers": ["sex"]}, P, 0),
    ("HIPAA-164.514.b2ii", {"sex": ["F"] * 3}, {"sex": "GENDER"}, {"declared_deidentified": True}, NO, 0),
    ("HIPAA-164.514.b2ii", QI, T_QI, {}, NA, 0),
    ("HIPAA-164.514.b1", {**QI, "dx": ["I10"] * 7}, T_QI | T_DX, {"declared_deidentified": "expert_determination", "quasi_identifiers": ["age"], "expert_report_id": "E"}, W, 1),
    ("HIPAA-164.514.b1", {"age": [30] * 40}, T_AGE, {"declared_deidentified": "expert_determination", "quasi_identifiers": ["age"]}, F, 0),
    ("HIPAA-164.514.b1", {"age": [30] * 40}, T_AGE, {"declared_deidentified": "expert_determination", "quasi_identifiers": ["age"], "expert_report_id": "E"}, P, 0),
    ("HIPAA-164.514.b1", DX, T_DX, {"declared_deidentified": "safe_harbor"}, NA, 0),
    ("HIPAA-164.514.b1", DX, T_DX, {}, NO, 0),
    ("HIPAA-164.514.c", SHA, {"mrn": "MRN"}, {"reid_code_column": "code"}, F, 3),
    *[("HIPAA-164.514.c", SHA, {"mrn": "MRN"}, m, s, n) for m, s, n in (({}, W, 3), ({"declared_deidentified": "no"}, NA, 0), ({"declared_deidentified": True}, F, 3))],
    ("HIPAA-164.514.c", {"dx": ["I10"] * 3, "code": ["k9", "z3", "p1"]}, T_DX, {"reid_code_column": "code"}, P, 0),
    ("HIPAA-164.514.c", DX, T_DX, {}, NA, 0),
    ("HIPAA-164.514.e", {**DX, **MAIL}, T_DX | T_MAIL, {"declared_limited_data_set": True, "dua_id": "D"}, F, 3),
    ("HIPAA-164.514.e", DX, T_DX, {"declared_limited_data_set": True}, F, 0),
    ("HIPAA-164.514.e", {**DX, "zip": ["94585"] * 3}, T_DX | {"zip": "POSTAL_CODE"}, {"declared_limited_data_set": True, "dua_id": "D"}, P, 0),
    ("HIPAA-164.514.e", DX, T_DX, {}, NO, 0),
    ("HIPAA-164.502.b", {**DX, **MAIL}, T_DX | T_MAIL, {"required_columns": ["dx"]}, F, 3),
    ("HIPAA-164.502.b", DX, T_DX, {}, NO, 0),
    ("HIPAA-164.312.a2iv", DX, T_DX, {"encryption_at_rest": True, "encryption_in_transit": False}, F, 3),
    ("HIPAA-164.312.a2iv", DX, T_DX, {"encryption_at_rest": True, "encryption_in_transit": "TLS 1.3"}, P, 0),
    ("HIPAA-164.312.a2iv", DX, T_DX, {"encryption_at_rest": False, "encryption_in_transit": False, "encryption_alternative": "vault"}, W, 3),
    ("HIPAA-164.312.a2iv", DX, T_DX, {"encryption_at_rest": True}, NO, 0),
    ("HIPAA-164.312.c1", DX, T_DX, {"baseline_hash": "0" * 64}, F, 0),
    ("HIPAA-164.312.c1", DX, T_DX, {"baseline_hash": "0" * 64, "change_record": "CR-1"}, W, 0),
    ("HIPAA-164.312.c1", DX, T_DX, {"baseline_hash": as_frame(pd.DataFrame(DX), name="t").fingerprint}, P, 0),
    ("HIPAA-164.312.c1", DX, T_DX, {"baseline_hash": "v1"}, NO, 0),
    ("HIPAA-164.312.c1", DX, T_DX, {}, NO, 0),
    ("HIPAA-164.312.b", DX, T_DX, {}, F, 0),
    ("HIPAA-164.312.b", DX, T_DX, {"audit_log_ref": "siem"}, P, 0),
    ("HIPAA-164.528", DX, T_DX, {"disclosure_log": [{"date": "2019-01-01", "recipient": "x"}]}, F, 1),
    ("HIPAA-164.528", DX, T_DX, {"disclosure_log": [dict(date="2019-01-01", recipient="x", description="d", purpose="p")]}, P, 0),
    ("HIPAA-164.528", DX, T_DX, {"disclosure_log": [dict(date="2024-01-01", recipient="x", description="d", purpose="p")]}, F, 0),
    ("HIPAA-164.528", DX, T_DX, {}, NO, 0),
    ("HIPAA-164.316.b2i", DX, T_DX, {"audit_record_retention_days": 365}, F, 0),
    ("HIPAA-164.316.b2i", DX, T_DX, {"audit_record_retention_days": "7 years"}, P, 0),
    ("HIPAA-164.316.b2i", DX, T_DX, {}, F, 0),
    ("HIPAA-164.316.b2i", MAIL, T_MAIL, {}, NA, 0),
    # -- PCI DSS
    ("PCI-3.2.1", CARD, T_CARD, {}, F, 0),
    ("PCI-3.2.1", CARD, T_CARD, {"retention_days": 90, "retention_date_column": "when", "business_justification": "b"}, F, 1),
    ("PCI-3.2.1", CARD, T_CARD, {"retention_days": 9000, "retention_date_column": "when", "business_justification": "b"}, P, 0),
    ("PCI-3.2.1", CARD, T_CARD, {"retention_days": 9000, "retention_date_column": "when", "business_justification": "b", "retention_verified_on": "2025-01-01"}, F, 0),
    ("PCI-3.3.1", CVV, T_CVV, {}, F, 3),
    ("PCI-3.3.1", CVV, T_CVV, {"post_authorization": False}, NA, 0),
    ("PCI-3.3.1", CARD, T_CARD, {}, P, 0),
    ("PCI-3.3.1.1", {"m": ["x %B4539578763621486^LEE/ANN^2712101?", "ok", ";5425233430109903=27121010000000?"]}, NONE, {}, F, 2),
    ("PCI-3.3.1.1", {"m": ["x %B4539578763621487^LEE/ANN^2712101?", "ok"]}, NONE, {}, P, 0),
    ("PCI-3.3.1.2", CVV, T_CVV, {}, F, 3),
    ("PCI-3.3.1.3", {"pin": ["1234", "9876"]}, {"pin": "CARD_PIN"}, {}, F, 2),
    ("PCI-3.3.1.3", CARD, T_CARD, {}, P, 0),
    ("PCI-3.3.2", CVV, T_CVV, {"post_authorization": False}, F, 3),
    ("PCI-3.3.2", CVV, T_CVV, {"post_authorization": True}, NA, 0),
    ("PCI-3.3.2", CVV, T_CVV, {}, NO, 0),
    ("PCI-3.4.1", {"pan": MASKED}, NONE, {"is_display_layer": True}, P, 0),
    ("PCI-3.4.1", {"pan": [*MASKED, "4539578763*21486", PAN[0]]}, NONE, {"is_display_layer": True}, F, 2),
    ("PCI-3.4.1", CARD, T_CARD, {"is_display_layer": False}, NA, 0),
    ("PCI-3.4.1", MAIL, T_MAIL, {}, NA, 0),
    ("PCI-3.4.2", CARD, T_CARD, {}, F, 0),
    ("PCI-3.4.2", CARD, T_CARD, {"export_allowed": True}, F, 0),
    ("PCI-3.4.2", CARD, T_CARD, {"export_allowed": False}, P, 0),
    ("PCI-3.5.1", {"x": [*PAN, "n/a", None]}, NONE, {}, F, 3),
    ("PCI-3.5.1", {"x": [float(PAN[0]), None, float(PAN[1]), float(PAN[2])]}, NONE, {}, F, 3),
    ("PCI-3.5.1", {"pan": MASKED}, NONE, {}, P, 0),
    ("PCI-3.5.1", {"order": [9046882970122170 + i for i in range(50)]}, NONE, {}, P, 0),
    ("PCI-3.5.1-corr", {"pan_hash": [hashlib.sha256(p.encode()).hexdigest() for p in PAN], "pan": MASKED}, NONE, {}, F, 3),
    ("PCI-3.5.1-corr", CARD, T_CARD, {}, P, 0),
    ("PCI-3.5.1.1", {"pan_hash": [hashlib.sha256(p.encode()).hexdigest() for p in PAN], "pan": PAN}, T_CARD, {"hash_method": "hmac"}, F, 3),
    ("PCI-3.5.1.1", {"pan_hash": [hashlib.sha256(b"k" + p.encode()).hexdigest() for p in PAN]}, NONE, {"hash_method": "sha256"}, F, 3),
    ("PCI-3.5.1.1", {"pan_hash": [hashlib.sha256(b"k" + p.encode()).hexdigest() for p in PAN]}, NONE, {"hash_method": "hmac-sha256"}, W, 0),
    ("PCI-3.5.1.1", {"pan_hash": [hashlib.sha256(b"k" + p.encode()).hexdigest() for p in PAN]}, NONE, {"hash_method": "hmac", "key_management": "HSM"}, P, 0),
    ("PCI-3.5.1.1", {"pan_hash": [hashlib.sha256(b"k" + p.encode()).hexdigest() for p in PAN]}, NONE, {}, NO, 0),
    ("PCI-3.5.1.2", CARD, T_CARD, {"encryption_level": "disk"}, F, 0),
    ("PCI-3.5.1.2", CARD, T_CARD, {"encryption_level": "column"}, P, 0),
    ("PCI-3.5.1.2", CARD, T_CARD, {}, F, 0),
    ("PCI-4.2.1", CARD, T_CARD, {"encryption_in_transit": "TLS 1.3"}, P, 0),
    ("PCI-4.2.1", CARD, T_CARD, {"encryption_in_transit": "TLS 1.0"}, F, 0),
    ("PCI-4.2.1", CARD, T_CARD, {"encryption_in_transit": "sftp"}, P, 0),
    ("PCI-4.2.1", CARD, T_CARD, {"encryption_in_transit": "ftp"}, F, 0),
    ("PCI-4.2.1", CARD, T_CARD, {}, F, 0),
    ("PCI-6.5.5", {"x": [*PAN, "4111111111111111"]}, T_CARD, {"environment": "dev"}, F, 3),
    ("PCI-6.5.5", {"x": ["4111111111111111", "5555555555554444", "378282246310005"]}, NONE, {"environment": "test"}, P, 0),
    ("PCI-6.5.5", CARD, T_CARD, {"environment": "prod"}, NA, 0),
    ("PCI-6.5.5", CARD, T_CARD, {}, NO, 0),
    ("PCI-6.5.6", {"x": [*PAN, "4111 1111 1111 1111"]}, T_CARD, {"environment": "production"}, F, 1),
    ("PCI-6.5.6", CARD, T_CARD, {"environment": "production"}, P, 0),
    ("PCI-6.5.6", CARD, T_CARD, {}, NO, 0),
    ("PCI-12.5.2", CARD, T_CARD, {"pci_scope_inventory": ["payments"]}, F, 0),
    ("PCI-12.5.2", CARD, T_CARD, {"pci_scope_inventory": ["t"]}, NO, 0),
    ("PCI-12.5.2", CARD, T_CARD, {"pci_scope_inventory": ["t"], "pci_scope_confirmed_on": "2025-01-15"}, P, 0),
    ("PCI-12.5.2", CARD, T_CARD, {"pci_scope_inventory": ["t"], "pci_scope_confirmed_on": "2023-01-15"}, F, 0),
    ("PCI-6.5.5", {"x": PAN}, T_CARD, {"environment": "dev", "pci_scope_inventory": ["t"]}, W, 3),
    ("PCI-12.5.2", CARD, T_CARD, {}, NO, 0),
    # -- SOX
    ("SOX-302", LEDGER, NONE, {"control_owner": "cfo"}, F, 0),
    ("SOX-302", LEDGER, NONE, {"control_owner": "cfo", "certification_date": "2025-05-01", "reporting_period": "2025Q2"}, P, 0),
    ("SOX-404-COMP", {"n": [1, 2, 5]}, NONE, {"sequence_column": "n"}, F, 2),
    ("SOX-404-COMP", {"n": ["INV-001", "INV-002", "CR-7"]}, NONE, {"sequence_column": "n"}, P, 0),
    ("SOX-404-COMP", {"n": [2, 3]}, NONE, {"sequence_column": "n", "sequence_start": 1, "sequence_end": 4}, F, 2),
    ("SOX-404-COMP", {"p": ["2025-01", "2025-03"]}, NONE, {"period_column": "p"}, F, 1),
    ("SOX-404-COMP", {"a": [1.0, 2.0]}, NONE, {"control_totals": {"a": 3.0, "row_count": 3}}, F, 1),
    ("SOX-404-COMP", {"a": [1.0, 2.0]}, NONE, {"control_totals": {"a": 3.0, "row_count": 2}}, P, 0),
    ("SOX-404-COMP", LEDGER, NONE, {}, NO, 0),
    ("SOX-404-ACC", LEDGER, NONE, JOURNAL, F, 1),
    ("SOX-404-ACC", {k: v[:2] for k, v in LEDGER.items()}, NONE, JOURNAL, P, 0),
    ("SOX-404-ACC", {"q": [2, 3], "p": [1.5, 2.0], "t": [3.0, 7.0]}, NONE, {"financial_reporting": True, "calculated_columns": {"t": "q * p"}}, F, 1),
    ("SOX-404-OCC", LEDGER, NONE, {"document_ref_column": "doc"}, F, 1),
    ("SOX-404-OCC", {"doc": ["a", "b"], "vendor": ["X", "x"], "amount": [9, 9], "date": ["2025-01-01"] * 2}, NONE, {"document_ref_column": "doc"}, F, 2),
    ("SOX-404-OCC", {"doc": ["a", "b"], "vendor": ["X", "x"], "amount": [9, 8], "date": ["2025-01-01"] * 2}, NONE, {"document_ref_column": "doc"}, P, 0),
    ("SOX-404-OCC", {"doc": ["INV-1", "inv 1", "INV-2"], "amount": [9, 9, 9]}, NONE, {"document_ref_column": "doc"}, F, 2),
    ("SOX-404-CUT", LEDGER, NONE, {"effective_date_column": "day", "period_column": "period"}, F, 2),
    ("SOX-404-CUT", LEDGER, NONE, {"effective_date_column": "day", "period_column": "period", "journal_key": "je"}, F, 1),
    ("SOX-404-SOD", LEDGER, NONE, {"preparer_column": "by", "approver_column": "ok"}, F, 2),
    ("SOX-404-SOD", LEDGER, NONE, {"preparer_column": "by", "approver_column": "je"}, P, 0),
    ("SOX-404-CHG", {"c": ["2025-07-02", "2025-06-01", None], "t": ["T1", None, None]}, NONE, {"changed_at_column": "c", "change_ticket_column": "t", "period_close_date": "2025-07-01"}, F, 2),
    ("SOX-404-CHG", {"c": ["2025-06-02"], "t": ["T1"]}, NONE, {"changed_at_column": "c", "change_ticket_column": "t"}, NO, 0),
    ("SOX-409", {"u": ["2025-06-28"]}, NONE, {"financial_reporting": True, "freshness_sla_hours": 24, "updated_at_column": "u"}, F, 0),
    ("SOX-409", {"u": ["2025-06-30"]}, NONE, {"financial_reporting": True, "freshness_sla_hours": 24, "updated_at_column": "u"}, P, 0),
    ("SOX-409", {"u": ["2025-06-30"]}, NONE, {"financial_reporting": True}, F, 0),
    ("SOX-802", LEDGER, NONE, {"audit_record_retention_days": 100}, F, 0),
    ("SOX-802", LEDGER, NONE, {"audit_record_retention_days": 2600}, NO, 0),
    ("SOX-802", LEDGER, NONE, {"audit_record_retention_days": 2600, "baseline_hash": "f" * 32}, F, 0),
    # -- LGPD
    ("LGPD-6", MAIL, T_MAIL, {}, F, 0),
    ("LGPD-6", MAIL, T_MAIL, {"purpose": "x", "security_measures": "s", "required_columns": ["mail"]}, P, 0),
    ("LGPD-6", MAIL, T_MAIL, {"purpose": "x", "security_measures": "s", "required_columns": []}, F, 3),
    ("LGPD-7", MAIL, T_MAIL, {"lawful_basis": "credit_protection"}, P, 0),
    ("LGPD-7", MAIL, T_MAIL, {"lawful_basis": "habit"}, F, 0),
    ("LGPD-11", FAITH, T_FAITH, {}, F, 2),
    ("LGPD-12", {"cpf": ["16274761055"]}, {"cpf": "BR_CPF"}, {"declared_anonymous": True, "quasi_identifiers": ["cpf"]}, F, 1),
    ("LGPD-13", {**DX, **MAIL}, T_DX | T_MAIL, {"purpose": "public health research"}, F, 3),
    ("LGPD-13", DX, T_DX, {"purpose": "research"}, P, 0),
    ("LGPD-13", DX, T_DX, {"purpose": "billing"}, NA, 0),
    ("LGPD-13", DX, T_DX, {}, NO, 0),
    ("LGPD-14", KIDS, T_AGE, {"parental_consent_column": "ok"}, F, 2),
    ("LGPD-14", KIDS, T_AGE, {}, NO, 0),
    ("LGPD-16", {**MAIL, "d": ["2020-01-01"] * 3, "x": ["tax law", None, None]}, T_MAIL, {"retention_days": 1, "retention_date_column": "d", "retention_exception_column": "x"}, F, 2),
    ("LGPD-18", MAIL, T_MAIL, {"subject_key": "id", "erasure_list": [1, 3]}, F, 2),
    ("LGPD-33", MAIL, T_MAIL, {"storage_country": "US"}, F, 0),
    ("LGPD-33", MAIL, T_MAIL, {"storage_country": "Brasil"}, P, 0),
    ("LGPD-37", MAIL, T_MAIL, {}, F, 0),
    ("LGPD-46", {"v": [16274761055, 82963499140]}, {"v": "BR_CPF"}, {}, F, 2),
    ("LGPD-46", MAIL, T_MAIL, {}, P, 0),
    # -- PDPA
    ("PDPA-13", {**MAIL, "c": ["yes", "no", None]}, T_MAIL, {"consent_column": "c"}, F, 2),
    ("PDPA-13", MAIL, T_MAIL, {}, NO, 0),
    ("PDPA-16", {**MAIL, "w": ["2025-01-01", None, None]}, T_MAIL, {"consent_withdrawn_column": "w"}, F, 1),
    ("PDPA-18", MAIL, T_MAIL, {"purpose": "x", "required_columns": ["mail"]}, P, 0),
    ("PDPA-21", MAIL, T_MAIL, {"subject_key": "id", "disclosure_log": [{"date": "2025-01-01"}]}, F, 1),
    ("PDPA-21", MAIL, T_MAIL, {"subject_key": "id"}, NO, 0),
    ("PDPA-22", MAIL, T_MAIL, {"subject_key": "id", "rectification_log": [{"request_id": "r", "status": "closed"}]}, F, 1),
    ("PDPA-22", MAIL, T_MAIL, {"subject_key": "id", "rectification_log": [{"request_id": "r", "status": "closed", "recipients_notified": True}]}, P, 0),
    ("PDPA-23", {**NRIC, "tel": ["91234567", "+65 81234567", "21234567"]}, T_NRIC | {"tel": "PHONE"}, {}, F, 1),
    ("PDPA-23", {"id": ["S1234567D", "F4860153R"]}, T_NRIC, {}, P, 0),
    ("PDPA-24", MAIL, T_MAIL, {"encryption_at_rest": False}, F, 3),
    ("PDPA-24", MAIL, T_MAIL, {}, NO, 0),
    ("PDPA-25", MAIL, T_MAIL, {}, NO, 0),
    ("PDPA-26", MAIL, T_MAIL, {"storage_country": "MY"}, F, 0),
    ("PDPA-26", MAIL, T_MAIL, {"storage_country": "Singapore"}, P, 0),
    ("PDPA-26D", MAIL, T_MAIL, {}, P, 0),
    ("PDPA-26D", {**MAIL, "mail2": MAIL["mail"]}, T_MAIL | {"id": "SG_NRIC_FIN", "n": "SALARY"}, {}, W, 0),
    ("PDPA-NRIC", NRIC, T_NRIC, {}, F, 2),
    ("PDPA-NRIC", NRIC, T_NRIC, {"nric_ground": "Employment Act"}, P, 0),
    ("PDPA-NRIC", {"last4": [f"{i:03d}{c}" for i, c in zip(range(100, 120), "ABCDEFGHIJKLMNOPQRST", strict=True)]}, NONE, {}, P, 0),
    ("PDPA-NRIC", MAIL, T_MAIL, {}, NA, 0),
    ("PDPA-48F", QI, T_QI, {"declared_anonymous": True, "quasi_identifiers": ["age"]}, NO, 0),
    # -- AI Act
    ("AIA-10.2.b", TRAIN, NONE, {"ai_training": True}, F, 0),
    ("AIA-10.2.b", TRAIN, NONE, {"ai_training": True, "source": "survey", "collection_purposes": ["x"]}, P, 0),
    ("AIA-10.2.c", TRAIN, NONE, {"label_column": "y"}, F, 0),
    ("AIA-10.2.f", TRAIN, NONE, {"label_column": "y", "protected_columns": ["sex"]}, F, 0),
    ("AIA-10.2.f", {**TRAIN, "y": [0, 1] * 40}, NONE, {"label_column": "y", "protected_columns": ["sex"]}, P, 0),
    ("AIA-10.2.f", {"sex": ["F", "M"], "y": [0, 1]}, NONE, {"label_column": "y", "protected_columns": ["sex"]}, W, 0),
    ("AIA-10.2.f", TRAIN, NONE, {"label_column": "y"}, NO, 0),
    ("AIA-10.2.h", {"a": [1, None, 3]}, NONE, {"ai_training": True}, F, 1),
    ("AIA-10.2.h", {"a": [1, 2, 3]}, NONE, {"ai_training": True}, P, 0),
    ("AIA-10.3", {"a": [1, 1, 2], "s": ["train", "test", "test"]}, NONE, {"split_column": "s", "target_population": {"a": {"1": 0.67, "2": 0.33}}}, F, 2),
    ("AIA-10.3", TRAIN, NONE, {"split_column": "split", "target_population": {"sex": {"F": 0.5, "M": 0.5}}}, P, 0),
    ("AIA-10.3", TRAIN, NONE, {"split_column": "split", "target_population": {"sex": {"F": 0.9, "M": 0.1}}}, F, 0),
    ("AIA-10.3", TRAIN, NONE, {"split_column": "split"}, NO, 0),
    ("AIA-10.4", TRAIN, NONE, {"deployment_countries": ["DE", "FR"], "country_column": "land"}, F, 1),
    ("AIA-10.4", TRAIN, NONE, {"deployment_countries": ["Germany"], "country_column": "land"}, P, 0),
    ("AIA-10.5", FAITH, T_FAITH, {"ai_training": True}, F, 0),
    ("AIA-10.5", FAITH, T_FAITH, {"ai_training": True, "art10_5_conditions": ["necessity"]}, F, 2),
    ("AIA-10.5", FAITH, T_FAITH, {"ai_training": True, "art10_5_conditions": ["necessity", "protection", "access_control", "no_transfer", "deletion", "reasons_recorded"]}, P, 0),
    ("AIA-12", TRAIN, NONE, {"log_retention_days": 90}, F, 0),
    ("AIA-12", TRAIN, NONE, {"log_retention_days": 200}, P, 0),
    ("AIA-12", TRAIN, NONE, {}, F, 0),
    ("AIA-12", TRAIN, NONE, {"ai_training": False}, NA, 0),
    # -- BCBS 239
    ("BCBS-2", MAIL, NONE, {"risk_data": True, "glossary": {"id": "x"}, "owner": "cro"}, F, 2),
    ("BCBS-2", MAIL, NONE, {"risk_data": True, "glossary": {"id": "x", "mail": "y", "n": "z"}, "owner": "cro"}, P, 0),
    ("BCBS-3", MAIL, NONE, {"control_totals": {"n": 19}}, F, 1),
    ("BCBS-3", MAIL, NONE, {"control_totals": {"n": 18}}, P, 0),
    ("BCBS-3", MAIL, NONE, {"risk_data": True}, NO, 0),
    ("BCBS-4", {"desk": ["FX", None]}, NONE, {"required_dimensions": ["desk", "region"]}, F, 1),
    ("BCBS-4", {"desk": ["FX", "IR"]}, NONE, {"required_dimensions": {"desk": ["FX", "IR"]}}, P, 0),
    ("BCBS-4", {"desk": ["FX", "IR"]}, NONE, {"required_dimensions": {"desk": ["FX", "EQ"]}}, F, 1),
    ("BCBS-5", {"u": ["2025-06-29"]}, NONE, {"risk_data": True, "freshness_sla_hours": 4, "updated_at_column": "u"}, F, 0),
    ("BCBS-5", {"as_of_date": ["2025-06-29"]}, NONE, {"risk_data": True, "freshness_sla_hours": 4}, F, 0),
    ("BCBS-5", {"as_of_date": ["2025-06-30"]}, NONE, {"risk_data": True, "freshness_sla_hours": 4}, P, 0),
    ("BCBS-5", {"n": [1]}, NONE, {"risk_data": True, "freshness_sla_hours": 4}, NO, 0),
    ("BCBS-6", MAIL, NONE, {"risk_data": True}, ATT, 0),
    ("BCBS-6", MAIL, NONE, {"risk_data": True, "attestations": {"BCBS-6": {"by": "CRO", "on": "2025-06-01", "expires": "2025-12-31"}}}, P, 0),
    ("BCBS-6", MAIL, NONE, {"risk_data": True, "attestations": {"BCBS-6": {"by": "CRO", "on": "2024-06-01", "expires": "2024-12-31"}}}, ATT, 0),
    ("BCBS-7", MAIL, NONE, {"report_totals": {"n": 18.001}}, P, 0),
    ("BCBS-7", MAIL, NONE, {"report_totals": {"n": 20}}, F, 1),
    # -- time: requests, breaches, reviews, information
    *[(c, MAIL | DX, T_MAIL | T_DX, {"request_log": [{"request_id": "r1", "received": "2025-01-31", "answered": d}]}, s, n) for c, d, s, n in (
        ("GDPR-12.3", "2025-02-28", P, 0), ("GDPR-12.3", "2025-03-01", F, 1), ("CCPA-130.a2", "2025-03-17", P, 0), ("CCPA-130.a2", "2025-03-18", F, 1),
        ("HIPAA-164.524.b2", "2025-03-02", P, 0), ("HIPAA-164.524.b2", "2025-03-03", F, 1), ("LGPD-19", "2025-02-15", P, 0), ("LGPD-19", "2025-02-16", F, 1),
        ("PDPA-21.30", "2025-03-02", P, 0), ("PDPA-21.30", "2025-03-03", F, 1))],
    ("GDPR-12.3", MAIL, T_MAIL, {"request_log": [{"received": "2025-03-01", "extended": True, "answered": "2025-05-30"}]}, P, 0),
    ("GDPR-12.3", MAIL, T_MAIL, {"request_log": [{"received": "2025-03-01"}, {"received": "2025-06-20"}]}, F, 1),
    ("GDPR-12.3", MAIL, T_MAIL, {"request_log": [{"received": "soon"}, "r2"]}, NO, 0),
    ("GDPR-12.3", MAIL, T_MAIL, {"request_log": []}, P, 0),
    ("GDPR-12.3", MAIL, T_MAIL, {}, NO, 0),
    *[(c, MAIL | DX, T_MAIL | T_DX, {"breach_log": [entry]}, s, n) for c, entry, s, n in (
        ("GDPR-33.1", {"aware_at": "2025-05-01 08:00", "notified_at": "2025-05-04 07:59"}, P, 0), ("GDPR-33.1", {"aware_at": "2025-05-01 08:00", "notified_at": "2025-05-04 08:01"}, F, 1),
        ("GDPR-33.1", {"aware_at": "2025-05-01"}, F, 1), ("GDPR-33.1", {"aware_at": "2025-05-01", "notifiable": "no"}, P, 0), ("GDPR-33.1", {"aware_at": "soon"}, NO, 0),
        ("LGPD-48", {"aware_on": "2025-06-20", "notified_on": "2025-06-25"}, NO, 0), ("LGPD-48", {"aware_on": "2025-06-20", "notified_on": "2025-06-26"}, F, 1),
        ("PDPA-26D.1", {"assessed_on": "2025-06-20", "notified_on": "2025-06-23"}, P, 0), ("PDPA-26D.1", {"assessed_on": "2025-06-20", "notified_on": "2025-06-24"}, F, 1),
        ("HIPAA-164.404", {"discovered_on": "2025-01-01", "individuals_notified_on": "2025-03-02"}, P, 0),
        ("HIPAA-164.404", {"discovered_on": "2025-01-01", "individuals_notified_on": "2025-03-03"}, F, 1))],
    ("GDPR-33.1", MAIL, T_MAIL, {"breach_log": []}, P, 0),
    ("GDPR-33.1", MAIL, T_MAIL, {}, NO, 0),
    ("CCPA-130.a5", MAIL, T_MAIL, {"notice_updated_on": "2025-01-01"}, P, 0),
    ("CCPA-130.a5", MAIL, T_MAIL, {"notice_updated_on": "2024-01-01"}, F, 0),
    ("CCPA-130.a5", MAIL, T_MAIL, {"notice_updated_on": "2026-01-01"}, NO, 0),
    ("CCPA-130.a5", MAIL, T_MAIL, {}, NO, 0),
    ("PCI-7.2.4", CARD, T_CARD, {"access_reviewed_on": "2025-01-15"}, P, 0),
    ("PCI-7.2.4", CARD, T_CARD, {"access_reviewed_on": "2024-12-15"}, F, 0),
    ("PCI-8.4.2", CARD, T_CARD, {"mfa": True}, P, 0),
    ("PCI-8.4.2", CARD, T_CARD, {"mfa": "no"}, F, 0),
    ("PCI-8.4.2", CARD, T_CARD, {"mfa": "planned"}, NO, 0),
    ("PCI-8.4.2", MAIL, T_MAIL, {"mfa": "no"}, NA, 0),
    ("PCI-10.5.1", CARD, T_CARD, {"audit_record_retention_days": 90}, F, 0),
    ("PCI-10.5.1", CARD, T_CARD, {"audit_record_retention_days": "1 year"}, P, 0),
    ("GDPR-14.3", {**MAIL, "c": ["2025-01-10"] * 3, "i": ["2025-02-10", "2025-02-11", None]}, T_MAIL, {"obtained_from": "data broker", "collected_on_column": "c", "informed_on_column": "i"}, F, 2),
    ("GDPR-14.3", {**MAIL, "c": ["2025-01-10", "2025-06-20", None], "i": ["2025-02-10", None, None]}, T_MAIL, {"obtained_from": "data broker", "collected_on_column": "c", "informed_on_column": "i"}, W, 1),
    ("GDPR-14.3", {**MAIL, "c": ["2025-01-10", "2025-06-20", "2025-06-20"], "i": ["2025-02-10", None, None]}, T_MAIL, {"obtained_from": "data broker", "collected_on_column": "c", "informed_on_column": "i"}, P, 0),
    ("GDPR-14.3", MAIL, T_MAIL, {"obtained_from": "data broker"}, NO, 0),
    ("GDPR-21.3", {**MAIL, "o": ["yes", "no", None]}, T_MAIL, {"purpose": "newsletter", "objection_column": "o"}, F, 1),
    ("GDPR-21.3", {**MAIL, "o": ["no", "no", None]}, T_MAIL, {"purpose": "direct marketing", "objection_column": "o"}, P, 0),
    ("GDPR-21.3", {**MAIL, "o": ["yes", "no", None]}, T_MAIL, {"purpose": "billing", "objection_column": "o"}, NA, 0),
    ("GDPR-21.3", MAIL, T_MAIL, {"purpose": "newsletter"}, NO, 0),
    ("GDPR-13.1", MAIL, T_MAIL, {"privacy_notice": "N-3 of 2025-01"}, P, 0),
    ("GDPR-13.1", MAIL, T_MAIL, {"privacy_notice": "tbd"}, NO, 0),
    *[("GDPR-37.1", FAITH, T_FAITH, {"subject_count": 9000, "public_authority": False, **m}, s, 0) for m, s in (
        ({"core_activity": "yes"}, F), ({"core_activity": "yes", "dpo": "dpo@example.org"}, P), ({"core_activity": "no"}, P), ({}, NO))],
    *[("GDPR-37.1", MAIL, T_MAIL, m, s, 0) for m, s in (
        ({"public_authority": "yes"}, F), ({"public_authority": True, "dpo": "Kim"}, P), ({"public_authority": True, "dpo": "none"}, F),
        ({"public_authority": "no"}, NA), ({"public_authority": "no", "core_activity": "no"}, P))],
    *[(c, MAIL, T_MAIL, {"dpo": v}, s, 0) for c in ("LGPD-41", "PDPA-11.3") for v, s in (("Kim, dpo@example.org", P), ("none", NO), (None, NO))],
    *[(c, MAIL | DX, T_MAIL | T_DX, {"processors": v}, s, n) for c in ("CCPA-100.d", "HIPAA-164.504.e")
      for v, s, n in (([{"name": "x"}], F, 1), ([{"name": "x", "contract_id": "7"}], P, 0), ([], NA, 0), (None, NO, 0))],
    # -- approval limits, high-risk systems
    ("SOX-404-APR", {"a": [10.0, -200, 5], "by": ["Ann", "ann ", "Bo"]}, NONE, {"financial_reporting": True, "amount_column": "a", "approver_column": "by", "approval_limits": {"ann": 100, "default": 50}}, F, 1),
    ("SOX-404-APR", {"a": [10.0, 20], "by": ["Ann", "Bo"]}, NONE, {"financial_reporting": True, "amount_column": "a", "approver_column": "by", "approval_limits": {"ann": 100}}, W, 1),
    ("SOX-404-APR", {"a": [10.0, 20], "by": ["Ann", "Bo"]}, NONE, {"financial_reporting": True, "amount_column": "a", "approver_column": "by", "approval_limits": {"ann": 100, "bo": 20}}, P, 0),
    ("SOX-404-APR", {"a": [10.0], "by": ["Ann"]}, NONE, {"financial_reporting": True, "amount_column": "a", "approver_column": "by"}, NO, 0),
    ("AIA-6.3", TRAIN, NONE, {"ai_training": True}, NO, 0),
    ("AIA-6.3", TRAIN, NONE, {"high_risk_system": True}, P, 0),
    ("AIA-6.3", TRAIN, NONE, {"high_risk_system": False}, NO, 0),
    ("AIA-6.3", TRAIN, NONE, {"high_risk_system": False, "annex_iii_area": "no"}, P, 0),
    ("AIA-6.3", TRAIN, NONE, {"high_risk_system": False, "annex_iii_area": "employment", "profiling": True}, F, 0),
    ("AIA-6.3", TRAIN, NONE, {"high_risk_system": False, "annex_iii_area": "employment"}, NO, 0),
    ("AIA-6.3", TRAIN, NONE, {"high_risk_system": False, "annex_iii_area": "employment", "profiling": False}, F, 0),
    ("AIA-6.3", TRAIN, NONE, {"high_risk_system": False, "annex_iii_area": "employment", "profiling": False, "derogation_assessment": "D-1"}, P, 0),
    ("AIA-10.2.d", TRAIN, NONE, {"ai_training": True}, F, 0),
    ("AIA-10.2.d", TRAIN, NONE, {"ai_training": True, "assumptions": "y is a decision of 2024"}, P, 0),
    ("AIA-10.2.e", TRAIN, NONE, {"ai_training": True}, F, 0),
    ("AIA-10.2.e", TRAIN, NONE, {"ai_training": True, "data_suitability": "S-4"}, P, 0),
    ("AIA-10.2.e", TRAIN, NONE, {"ai_training": True, "high_risk_system": False}, NA, 0),
    ("AIA-10.2.e", TRAIN, NONE, {"ai_training": True, "high_risk_system": False, "annex_iii_area": "employment", "profiling": True}, F, 0),
    ("GDPR-30.1", MAIL, T_MAIL, dict(controller="x", purpose="y", subject_categories="z", recipients=[], transfers=[], retention_criteria="end of contract", security_measures="s"), P, 0),
    ("SOX-802", LEDGER, NONE, {"audit_record_retention_days": "7 years", "baseline_hash": "f" * 32, "change_record": "C-1"}, W, 0),
    # -- what is written but says nothing: placeholders, plans, blanks, columns that are not there or hold nothing
    *[("GDPR-5.1.a", MAIL, T_MAIL, {"lawful_basis": v, "purpose": "crm"}, F, 0) for v in ("TBD", "unknown", "n/a", "To be defined", "none", "?", [], ["tbd"], {}, False)],
    *[("GDPR-5.2", MAIL, T_MAIL, {"owner": "dpo", "record_id": v}, F, 0) for v in ("n/a", "tbd", "-", "None", 0)],
    *[("GDPR-6.1", MAIL, T_MAIL, {"lawful_basis": v}, F, 0) for v in ([], "TBD", ["unknown"])],
    *[("GDPR-5.1.f", MAIL, T_MAIL, {"classification": "confidential", "encryption_at_rest": v}, s, 3)
      for v, s in {"planned for Q3": F, "in progress": F, "disabled": F, "vault": W, "no": F}.items()],
    ("GDPR-5.1.f", MAIL, T_MAIL, {"classification": "confidential", "encryption_at_rest": "TBD"}, NO, 0),
    ("GDPR-28.3", MAIL, T_MAIL, {"processors": [{"name": "y", "contract_id": "n/a"}]}, F, 1),
    ("GDPR-30.1", MAIL, T_MAIL, dict(controller="x", purpose="y", subject_categories="z", recipients=["tbd"], transfers=[], retention_days=1, security_measures="s"), F, 0),
    ("PCI-4.2.1", CARD, T_CARD, {"encryption_in_transit": "planned"}, F, 0),
    ("PCI-4.2.1", CARD, T_CARD, {"encryption_in_transit": "our way"}, W, 0),
    ("PCI-3.4.2", CARD, T_CARD, {"export_allowed": "maybe"}, NO, 0),
    ("GDPR-5.1.d", MAIL, T_MAIL, {"last_verified": "last spring", "verification_days": 30}, NO, 0),
    ("GDPR-R26", {"age": [30] * 6}, T_AGE, {"declared_anonymous": True, "quasi_identifiers": ["age", "sexx"]}, NO, 0),
    ("GDPR-7.3", {**MAIL, "w": [None] * 3}, T_MAIL, {"consent_withdrawn_column": "w"}, NO, 0),
    ("GDPR-18", {**MAIL, "r": ["", " ", None]}, T_MAIL, {"restriction_column": "r"}, NO, 0),
    ("SOX-404-CUT", {"day": [None, None], "period": ["2025-06"] * 2}, NONE, {"effective_date_column": "day", "period_column": "period"}, NO, 0),
    ("SOX-404-CUT", {"day": ["2025-06-02", None], "period": ["2025-06"] * 2}, NONE, {"effective_date_column": "day", "period_column": "period"}, W, 1),
    ("SOX-404-CUT", {"day": ["2025-06-02", "2025-06-03"], "period": ["2025-06", "then"]}, NONE, {"effective_date_column": "day", "period_column": "period"}, W, 1),
    ("SOX-404-CHG", {"c": [None, None], "t": ["T1", "T2"]}, NONE, {"changed_at_column": "c", "change_ticket_column": "t", "period_close_date": "2025-07-01"}, NO, 0),
    ("SOX-404-CHG", {"c": ["2025-06-02", None], "t": ["T1", None]}, NONE, {"changed_at_column": "c", "change_ticket_column": "t", "period_close_date": "2025-07-01"}, P, 0),
    ("SOX-404-CHG", {"c": ["2025-06-02", None], "t": ["T1", None]}, NONE, {"changed_at_column": "c", "change_ticket_column": "t", "period_close_date": "end of June"}, NO, 0),
    ("SOX-404-SOD", {**LEDGER, "by": ["u1", "u1", None, "u2"]}, NONE, {"preparer_column": "by", "approver_column": "je"}, W, 1),
    ("SOX-409", {"u": ["2025-06-30"]}, NONE, {"financial_reporting": True, "freshness_sla_hours": "soon", "updated_at_column": "u"}, NO, 0),
    ("SOX-409", {"u": ["2025-06-30"]}, NONE, {"financial_reporting": True, "freshness_sla_hours": "24 h", "updated_at_column": "u"}, P, 0),
    # -- cards wherever they stand in a cell, and numbers that only look like one
    *[("PCI-3.5.1", {"x": [form.format(p) for p in PAN] + ["fine"]}, NONE, {}, F, 3) for form in (
        '{{"pan":"{}","amt":3}}', "pan={};ok", "7,{},USD", "/pay?card={}&x=1", "card%3D{}", "PAN:{}", "{} / 09-28", "'{}'", "#{}", "PAN{}", '{{"n":{}.0}}')],
    ("PCI-3.5.1", {"x": [{"card": {"number": p}} for p in PAN]}, NONE, {}, F, 3),
    ("PCI-3.5.1", {"x": [[p] for p in PAN]}, NONE, {}, F, 3),
    ("PCI-3.5.1", {"x": [f"card {p}".encode() for p in PAN]}, NONE, {}, F, 3),
    ("PCI-3.5.1", {"x": ["word " * 30_000 + f"card {PAN[0]}", "ok"]}, NONE, {}, F, 1),
    ("PCI-3.5.1", {"x": ["paid by visa 4539-5787-6362-1486 today", "ok"]}, NONE, {}, F, 1),
    ("PCI-3.5.1", {"x": ["ref 4539578763621486 today", "ok"]}, NONE, {}, W, 1),
    ("PCI-3.5.1", {"x": [f"ref={4539578763621400 + i}" for i in range(400)]}, NONE, {}, P, 0),
    ("PCI-3.5.1", {"x": ["0.4539578763621486", "a4539578763621486b", "94539578763621486000001", "4539578763621487"]}, NONE, {}, P, 0),
    ("PCI-6.5.5", {"x": [f"pan={p}" for p in (*PAN, "4111111111111111")]}, NONE, {"environment": "test"}, F, 3),
    ("PCI-6.5.6", {"x": ["pan=4111111111111111", "ok"]}, NONE, {"environment": "production"}, F, 1),
    # -- what nobody has read is not clean
    ("GDPR-32.1.b", {"x": ["word " * 30_000, "ok"]}, NONE, {}, NO, 0),
    ("GDPR-32.1.b", {"x": [b"\x00\x01", None]}, NONE, {}, NO, 0),
    ("GDPR-5.1.a", {"x": [b"\x00\x01", None]}, NONE, {}, NO, 0),
    ("PCI-3.3.1", {"x": [b"\x00\x01", None]}, NONE, {}, NO, 0),
    ("PCI-3.5.1", {"x": [b"\x00\x01", None]}, NONE, {}, P, 0),
    # -- web addresses and dates within text
    *[("HIPAA-164.514.b2i-N", {"x": [text, "fine"]}, NONE, {"declared_deidentified": "safe_harbor"}, F, 1)
      for text in ("https://example.org/a", "see www.example.org", "see example.com/u/12 now", '{"home": "http://example.org"}')],
    ("HIPAA-164.514.b2i-N", {"x": [{"u": "https://example.org/a"}, {"u": ""}]}, NONE, {"declared_deidentified": "safe_harbor"}, F, 1),
    ("HIPAA-164.514.b2i-N", {"x": ["mail a@example.org", "and/or", "e.g. this"]}, NONE, {"declared_deidentified": "safe_harbor"}, P, 0),
    *[("HIPAA-164.514.b2i-C", {"x": [f"was seen {text} for a check of the knee", "was seen for a check of the knee"]}, NONE, {"declared_deidentified": "safe_harbor"}, F, 1)
      for text in ("March 14, 2021", "on 14 March 2021", "in Mar 2021", "14.03.2021", "2021/03/14", "14-Mar-2021", "am 3. Oktober 2020", "le 14 août 2021", "el 14 de marzo de 2021", "on April 3rd")],
    ("HIPAA-164.514.b2i-C", {"x": ["in 2021 may help with 12 of them", "march on, room 14"]}, NONE, {"declared_deidentified": "safe_harbor"}, P, 0),
    # -- what is named and not there, or says nothing, shows nothing
    ("GDPR-17", MAIL, T_MAIL, {"subject_key": "id", "erasure_list": {"customer": [2]}}, NO, 0),
    ("GDPR-17", MAIL, T_MAIL, {"subject_key": "id", "erasure_list": "requests"}, NO, 0),
    *[("GDPR-17", MAIL | {"id": ids}, T_MAIL, {"subject_key": "id", "erasure_list": given}, s, n)
      for ids in ([1, 2, 3], [1.0, 2.0, None], ["1", "2", "3"])
      for given, s, n in (([{"subject": 2}], F, 1), ([{"id": "2", "asked": "2025-01-01"}, {"subject_id": 1}], F, 2), ([{"subject": 9}], P, 0),
                          ([{"who": 2}], NO, 0), ([{"who": 9}, {"subject": 2}], F, 1), ([{"subject": None}], NO, 0), ([2, {"key": 1}], F, 2))],
    *[("GDPR-17", MAIL | {"id": [1.0, 2.0, None]}, T_MAIL, {"subject_key": "id", "erasure_list": given}, F, 1) for given in (["2.0"], [2.0], "2.0, 9.0")],
    # -- what singles people out in a table that is called anonymous, though nobody declared it
    *[(c, {"age": [30] * 12, **more}, T_AGE | types, {"declared_anonymous": True, "quasi_identifiers": ["age"]}, s, n) for c in ("GDPR-R26", "LGPD-12")
      for more, types, s, n in (
        ({}, NONE, P, 0), ({"lat": [52.52013 + i / 1000 for i in range(12)]}, {"lat": "GEO"}, W, 12), ({"zip": ["10115"] * 9 + ["80331"] * 3}, {"zip": "POSTAL_CODE"}, W, 3),
        ({"zip": ["10115"] * 7 + ["80331"] * 5}, {"zip": "POSTAL_CODE"}, P, 0), ({"pid": [f"a{i}" for i in range(12)]}, NONE, W, 12),
        ({"pid": ["a"] * 12}, NONE, P, 0), ({"amount": [i / 7 for i in range(12)]}, NONE, P, 0))],
    # -- recipients whose country stands behind their name
    *[("GDPR-44", MAIL, T_MAIL, {"storage_country": "DE", "transfers": [], "recipients": r}, s, 0)
      for r, s in ((["bank (US)"], F), ("bank (India), auditors", F), (["bank (DE)"], P), (["staff (internal)"], P), ([{"name": "x", "country": "n/a"}], P))],
    # -- columns that are declared to hold tokens, and hold what can be read
    *[(c, data, types, {"pseudonymised_columns": names}, s, n) for c in ("GDPR-32.1.a", "GDPR-25.1")
      for data, types, names, s, n in ((MAIL, T_MAIL, ["mail"], W, 3), (MAIL | {"mail": ["a9", "b7", "c5"]}, T_MAIL, ["mail"], P, 0), (MAIL, T_MAIL, [], F, 3))],
    ("GDPR-17", MAIL, T_MAIL, {"subject_key": "mail", "erasure_list": "b@example.org"}, F, 1),
    ("GDPR-17", MAIL | {"u": ["ann", "bo", "cy"]}, T_MAIL, {"subject_key": "u", "erasure_list": "bo"}, F, 1),
    ("GDPR-17", MAIL, T_MAIL, {"subject_key": "id", "erasure_list": "none"}, P, 0),
    ("GDPR-16", MAIL, T_MAIL, {"subject_key": "id", "rectification_log": ["r1"]}, NO, 0),
    ("GDPR-16", MAIL, T_MAIL, {"subject_key": "id", "rectification_log": "none"}, P, 0),
    ("GDPR-12.3", MAIL, T_MAIL, {"request_log": "none"}, P, 0),
    ("GDPR-12.3", MAIL, T_MAIL, {"request_log": [{"received": "2025-03-01", "answered": "2025-02-01"}]}, NO, 0),
    ("GDPR-33.1", MAIL, T_MAIL, {"breach_log": [{"aware_at": "2025-03-02", "notified_at": "2025-03-01"}]}, NO, 0),
    ("HIPAA-164.528", DX, T_DX, {"disclosure_log": ["d1"], "disclosure_log_since": "2015-01-01"}, F, 1),
    *[("GDPR-44", MAIL, T_MAIL, {"storage_country": "DE", "transfers": v, **more}, s, 0) for v, more, s in (
        (["US"], {}, F), ("US", {}, F), ([{"country": "India"}], {}, F), (["US"], {"transfer_mechanism": "SCC"}, P), ([], {}, P), ("none", {}, P),
        (False, {}, P), (["DE", "France"], {}, P), ("yes", {}, NO), ([{"name": "x"}], {}, P))],
    # -- flags in words: set, not set, neither
    *[("GDPR-18", {**MAIL, "r": [v, "", None]}, T_MAIL, {"restriction_column": "r"}, s, 1 if s != P else 0) for v, s in (
        ("gesperrt", F), ("x", F), ("✓", F), ("Do not contact", F), ("opt-in", P), ("unrestricted", P), ("active", W), ("maybe", W), ("2025-06-30", F), ("2025-07-01", P))],
    ("CCPA-120", {**MAIL, "s": ["opt-in", "opt-out", "opted in"]}, T_MAIL, {"export_purpose": "sale", "opt_out_column": "s"}, F, 1),
    # -- consent by its day, ages that nobody knows
    ("GDPR-7.1", {**MAIL, "c": ["2025-01-01", "2026-01-01", None]}, T_MAIL, {"lawful_basis": "consent", "consent_column": "c"}, F, 2),
    ("GDPR-7.1", {**MAIL, "c": pd.to_datetime(["2025-01-01", "2026-01-01", None])}, T_MAIL, {"lawful_basis": "consent", "consent_column": "c"}, F, 2),
    ("GDPR-8.1", {"age": [12, None, 40], "ok": ["yes", "no", "no"]}, T_AGE, {"lawful_basis": "consent", "parental_consent_column": "ok"}, W, 1),
    ("GDPR-8.1", {"age": [12, -1, 999], "ok": ["yes", "yes", "no"]}, T_AGE, {"lawful_basis": "consent", "parental_consent_column": "ok"}, W, 1),
    ("GDPR-8.1", {"age": [40, None]}, T_AGE, {"lawful_basis": "consent"}, NO, 0),
    # -- numbers and periods as they are written elsewhere, or not at all
    *[("SOX-404-ACC", {"je": ["A", "A"], "debit": [a, None], "credit": [None, b]}, NONE, JOURNAL, s, n) for a, b, s, n in (
        ("1.234,56", "1234,56", P, 0), ("1.234,56", "1.234,65", F, 1), ("10,50", "10,5", P, 0), ("1'234.50", "1,234.50", P, 0), ("1,234", "1234.00", P, 0),
        ("(5.00)", "5.00-", F, 1), ("€ 7,00", "7,00 €", P, 0))],
    ("SOX-404-COMP", {"d": ["A-B", "C-D"]}, NONE, {"sequence_column": "d"}, NO, 2),
    ("SOX-404-COMP", {"d": ["R1", "R2", None]}, NONE, {"sequence_column": "d"}, W, 1),
    ("SOX-404-COMP", {"p": ["P1", "P2"]}, NONE, {"financial_reporting": True, "period_column": "p"}, NO, 2),
    ("SOX-404-COMP", {"p": ["2025-01", "2025-02", "later"]}, NONE, {"financial_reporting": True, "period_column": "p"}, W, 1),
    ("SOX-404-COMP", {"p": ["2024Q4", "2025Q2"]}, NONE, {"financial_reporting": True, "period_column": "p"}, F, 1),
    ("SOX-404-COMP", {"p": ["2022", "2025"]}, NONE, {"financial_reporting": True, "period_column": "p"}, F, 2),
    ("SOX-404-COMP", {"p": ["2024-12", "2025-02"]}, NONE, {"financial_reporting": True, "period_column": "p"}, F, 1),
    ("SOX-404-COMP", {"p": ["2024Q4", "2025Q1"]}, NONE, {"financial_reporting": True, "period_column": "p", "periods": ["2024Q4", "2025Q1"]}, P, 0),
    *[(c, {"u": ["2025-06-30", "2099-01-01"]}, NONE, {"financial_reporting": True, "risk_data": True, "freshness_sla_hours": 24, "updated_at_column": "u"}, W, 1)
      for c in ("SOX-409", "BCBS-5")],
    ("BCBS-5", {"u": ["2025-06-01", "2099-01-01"]}, NONE, {"risk_data": True, "freshness_sla_hours": 24, "updated_at_column": "u"}, F, 0),
    ("BCBS-5", {"u": ["2099-01-01"]}, NONE, {"risk_data": True, "freshness_sla_hours": 24, "updated_at_column": "u"}, NO, 0),
    ("BCBS-5", {"n": [1]}, NONE, {"risk_data": True, "freshness_sla_hours": 24, "updated_at": "2099-01-01"}, NO, 0),
    ("SOX-404-COMP", {"n": [1]}, NONE, {"financial_reporting": True, "control_totals": "none"}, NO, 0),
    *[(c, CARD, T_CARD, {"environment": v}, s, n) for c, v, s, n in (
        ("PCI-6.5.5", "blue", NO, 0), ("PCI-6.5.6", "none", NO, 0), ("PCI-6.5.5", "EU-Production", NA, 0), ("PCI-6.5.6", "live", P, 0),
        ("PCI-6.5.5", "pre-live", F, 3), ("PCI-6.5.6", "QA cluster", NA, 0))],
    *[("PCI-3.5.1.2", CARD, T_CARD, {"encryption_level": v}, F, 0) for v in ("no", "none", False)],
    ("GDPR-28.3", MAIL, T_MAIL, {"processors": "no"}, NA, 0),
    # -- ZIPs that end in zeros are whole ones unless all do
    ("HIPAA-164.514.b2i-B", {"zip": ["94500", "94501", "10000"]}, NONE, {"declared_deidentified": "safe_harbor"}, F, 3),
    ("HIPAA-164.514.b2i-B", {"zip": [94500, 2139, 601]}, NONE, {"declared_deidentified": "safe_harbor"}, F, 3),
    ("HIPAA-164.514.b2i-B", {"zip": ["94500", "10000"]}, NONE, {"declared_deidentified": "safe_harbor"}, P, 0),
    ("HIPAA-164.514.b2i-B", {"zip": [94500, 3600]}, NONE, {"declared_deidentified": "safe_harbor"}, F, 1),
    # -- terms in days run to the end of their last day, in the zone they are written in; LGPD notices go to both, twice as long for small agents
    *[(c, MAIL | DX, T_MAIL | T_DX, {"breach_log": [entry]} | more, s, n) for c, entry, more, s, n in (
        ("PDPA-26D.1", {"assessed_at": "2025-06-20 08:00", "notified_at": "2025-06-23 23:30"}, {}, P, 0),
        ("PDPA-26D.1", {"assessed_at": "2025-06-20 08:00", "notified_at": "2025-06-24 00:10"}, {}, F, 1),
        ("PDPA-26D.1", {"assessed_at": "2025-06-20T01:00+08:00", "notified_at": "2025-06-23T23:30+08:00"}, {}, P, 0),
        ("PDPA-26D.1", {"assessed_at": "2025-06-20T01:00+08:00", "notified_at": "2025-06-23T16:30+00:00"}, {}, F, 1),
        ("PDPA-26D.1", {"assessed_at": "2025-06-20T01:00+08:00", "notified_on": "2025-06-23"}, {}, P, 0),
        ("PDPA-26D.1", {"assessed_at": "0001-01-01 00:00:00", "notified_at": "2025-06-23T23:30+08:00"}, {}, NO, 0),
        ("PDPA-26D.1", {"assessed_at": dt.datetime(1, 1, 1), "notified_at": "2025-06-23T23:30+08:00"}, {}, NO, 0),
        ("PDPA-26D.1", {"assessed_on": "2025-06-27"}, {}, P, 0), ("PDPA-26D.1", {"assessed_on": "2025-06-26"}, {}, F, 1),
        ("HIPAA-164.404", {"discovered_at": "2025-01-01T09:00", "individuals_notified_at": "2025-03-02T18:00"}, {}, P, 0),
        ("HIPAA-164.404", {"discovered_at": "2025-01-01T09:00", "individuals_notified_at": "2025-03-03T08:00"}, {}, F, 1),
        ("GDPR-33.1", {"aware_at": "2025-05-01T08:00+02:00", "notified_at": "2025-05-04T07:30"}, {}, P, 0),
        ("LGPD-48", BOTH, {}, P, 0), ("LGPD-48", BOTH | {"individuals_notified_on": "2025-06-26"}, {}, F, 1),
        ("LGPD-48", BOTH | {"individuals_notified_on": None}, {}, F, 1), ("LGPD-48", {"aware_on": "2025-06-20"}, {}, F, 1),
        ("LGPD-48", BOTH | {"notified_on": "2025-06-30"}, {"small_processing_agent": "yes"}, P, 0),
        ("LGPD-48", BOTH | {"notified_on": "2025-06-30"}, {"small_processing_agent": "no"}, F, 1),
        ("LGPD-48", BOTH | {"notified_on": "2025-06-30", "double_term": "no"}, {"small_processing_agent": "yes"}, F, 1))],
    *[("LGPD-19", MAIL, T_MAIL, {"request_log": [{"received": "2025-01-31", "answered": d}], "small_processing_agent": small}, s, n)
      for small, d, s, n in (("yes", "2025-03-02", P, 0), ("yes", "2025-03-03", F, 1), ("no", "2025-03-02", F, 1))],
    # -- what calls for an impact assessment or an officer: all facts of the article, declared
    *[(c, MAIL, T_MAIL, m, s, 0) for c, m, s in (
        ("GDPR-35.3", {"profiling": True, "significant_effects": "yes"}, F), ("GDPR-35.3", {"profiling": True, "significant_effects": "no"}, NA),
        ("GDPR-35.3", {"profiling": True, "significant_effects": "no", "subject_count": 3}, P), ("GDPR-35.3", {"profiling": True, "automated_decision": True}, F),
        ("GDPR-35.3", {"profiling": True, "automated_decision": "n"}, F), ("GDPR-35.3", {"profiling": True, "automated_decision": False}, NO),
        ("GDPR-35.3", {"significant_effects": "yes"}, NO), ("GDPR-35.3", {"public_monitoring": True}, NO), ("GDPR-35.3", {"public_monitoring": True, "subject_count": 9}, NA),
        ("GDPR-35.3", {"public_monitoring": True, "large_scale": True}, F), ("GDPR-37.1", {"profiling": True}, NO), ("GDPR-37.1", {"profiling": True, "subject_count": 3}, NA),
        ("GDPR-37.1", {"profiling": True, "subject_count": 9000}, NO), ("GDPR-37.1", {"profiling": True, "subject_count": 9000, "core_activity": True}, F),
        ("GDPR-37.1", {"profiling": True, "subject_count": 9000, "large_scale": "no", "public_authority": "no"}, P),
        ("GDPR-37.1", {"public_monitoring": True, "large_scale": "yes", "core_activity": "yes"}, F), ("GDPR-37.1", {"profiling": False, "large_scale": "yes"}, NO),
        ("GDPR-37.1", {}, NA))],
    *[("GDPR-37.1", {"p": [i // 2 for i in range(9999)], "faith": ["Sikh"] * 9999}, T_FAITH, {"public_authority": "no", **m}, s, 0) for m, s in (
        ({}, NO), ({"subject_key": "p"}, NO), ({"subject_key": "p", "core_activity": True}, F), ({"subject_count": 4999}, P))],
    # -- portability is owed on consent and contract alone
    *[("GDPR-20", {**MAIL, "x": [[1], [2], [3]]}, T_MAIL, {"subject_key": "id", **m}, s, n) for m, s, n in (
        ({}, NO, 0), ({"lawful_basis": "6(1)(f)"}, NA, 0), ({"lawful_basis": "Art. 6(1)(b)"}, F, 1), ({"lawful_basis": "Art. 6(1)(a)"}, F, 1),
        ({"lawful_basis": ["legal_obligation", "contract"]}, F, 1), ({"lawful_basis": "public_task", "art9_condition": "explicit_consent"}, F, 1))],
    # -- an account beside what opens it, without a name
    *[(c, data, types, {}, s, n) for data, types, found in (
        ({"login": ["ann1", "bo22"], "pw": ["hunter2!", None]}, {"login": "USERNAME", "pw": "PASSWORD"}, True),
        ({"mail": ["a@b.org", "c@d.org"], "secretAnswer": ["Rex", None]}, T_MAIL, True),
        ({"mail": ["a@b.org", "c@d.org"], "mothers_maiden_name": [None, "Orr"]}, T_MAIL, True),
        ({"mail": ["a@b.org", "c@d.org"], "answer": ["yes", "no"]}, T_MAIL, False))
      for c, s, n in (("PDPA-26D", W if found else P, 0), ("CCPA-150", F if found else P, int(found)), ("CCPA-100.e", F if found else P, int(found)))],
    ("PDPA-26D", {"mail": MAIL["mail"], "pan": PAN, "cvv": CVV["cvv"]}, T_MAIL | T_CVV, {}, W, 0),
    ("PDPA-26D", {"mail": MAIL["mail"], "pan": PAN}, T_MAIL | T_CVV, {}, P, 0),
    # -- coordinates in whatever form they stand
    *[(c, {"mail": MAIL["mail"], **g}, T_MAIL | dict.fromkeys(g, "GEO"), m, s, n)
      for g, fine in (({"lat": [52.52013, 52.40521, None], "lon": [13.40495, 13.06312, None]}, True), ({"g": ["POINT (13.4049 52.5201)", "POINT (13.1 52.4)", None]}, True),
                      ({"east": [389812, 389813.25, None]}, True), ({"lat": [52.5, 52.4, None], "lon": [13.4, 13.06, None]}, False))
      for c, m, s, n in (("CCPA-140.ae", {}, W if fine else NA, 2 if fine else 0), ("HIPAA-164.514.b2i-B", {"declared_deidentified": "safe_harbor"}, F, 2), ("GDPR-5.1.d", {}, P, 0))],
    # -- everything about people known to be under 16 is sensitive in California, which the inventory of categories has to name
    *[("CCPA-110", {"mail": MAIL["mail"], **data}, T_MAIL | types, {"declared_categories": said, **m}, s, n) for data, types, m, said, s, n in (
        ({"age": [15, 40, 41]}, T_AGE, {}, "A, C", F, 1), ({"age": [15, 40, 41]}, T_AGE, {}, "A, C, L", P, 0), ({"age": [16, 40, 41]}, T_AGE, {}, "A, C", P, 0),
        ({"dob": ["2009-07-01"] * 3}, {"dob": "DATE_OF_BIRTH"}, {}, "A, C", F, 1), ({"dob": ["2009-06-30"] * 3}, {"dob": "DATE_OF_BIRTH"}, {}, "A, C", P, 0),
        ({"dob": ["2009-07-01"] * 3}, {"dob": "DATE_OF_BIRTH"}, {"as_of": None}, "A, C", NO, 0),
        ({"dob": ["2009-07-01"] * 3}, {"dob": "DATE_OF_BIRTH"}, {"as_of": None}, "A, C, L", P, 0),
        ({"g": ["52.5", "52.4", "48.1"]}, {"g": "GEO"}, {}, "A, G", P, 0),
        ({"g": ["52.5201", "52.4052", "48.1371"]}, {"g": "GEO"}, {}, "A, G", F, 1),
        ({"pan": PAN}, {"pan": "CREDIT_CARD"}, {}, "A, B", P, 0),
        ({"pan": PAN, "cvv": CVV["cvv"]}, {"pan": "CREDIT_CARD", "cvv": "CVV"}, {}, "A, B", F, 1))],
    *[(c, {**KIDS, "dob": ["2009-07-01", "2009-06-30", "1990-01-01", None], "l": ["yes"] * 4}, types, {"limit_use_column": "l", **m}, s, n) for c, types, m, s, n in (
        ("CCPA-140.ae", T_AGE, {}, W, 2), ("CCPA-140.ae", T_AGE, {"classification": "sensitive"}, P, 0), ("CCPA-140.ae", {"dob": "DATE_OF_BIRTH"}, {}, W, 1),
        ("CCPA-121", T_AGE, {}, F, 2), ("CCPA-121", {"dob": "DATE_OF_BIRTH"}, {}, F, 1))],
    *[(c, {"age": [16, 40], "dob": ["2009-06-30", "1990-01-01"]}, types, m, s, 0) for c in ("CCPA-140.ae", "CCPA-121") for types, m, s in (
        (T_AGE, {}, NA), ({"dob": "DATE_OF_BIRTH"}, {}, NA), ({"dob": "DATE_OF_BIRTH"}, {"as_of": "n/a"}, NO))],
]  # fmt: skip


@pytest.mark.parametrize(
    ("clause", "data", "types", "metadata", "status", "rows"), CASES, ids=[f"{i}-{c[0]}-{c[4]}" for i, c in enumerate(CASES)]
)
def test_clause(clause: str, data: Any, types: Any, metadata: Any, status: str, rows: int | None) -> None:
    found = verdict(clause, data, types, metadata)
    assert (found.status.value, found.message) == (status, found.message)
    assert rows is None or found.violating_rows == rows, found.message
    if status == NO or (status == F and found.missing):
        assert found.missing or "named in" in found.message or found.message, found


def test_every_clause_has_a_case() -> None:
    assert {c.id for c in catalogue().clauses} == {c[0] for c in CASES}


SH = {"declared_deidentified": "safe_harbor"}
OLD = {**MAIL, "d": ["2020-01-01", "2025-01-01", "2025-01-01"]}
KEPT = {"retention_days": 365, "retention_date_column": "d"}
YES = {**MAIL, "c": ["yes"] * 3, "w": ["no"] * 3}
NUMBERS = {"n": [1, 2, 3]}
REACHED: list[tuple[str, Any, Any, Any, str, int]] = [
    ("GDPR-32.1.a", MAIL | {"mail": ["a9", "b7", "c5"]}, T_MAIL, {"pseudonymised_columns": ["mail"]}, P, 0),
    *[(c, OLD, T_MAIL, {**KEPT, "retention_days": d}, s, n) for c in ("CCPA-100.a3", "LGPD-16", "PDPA-25") for d, s, n in ((365, F, 1), (3_000, P, 0))],
    *[(c, MAIL, T_MAIL, {"purpose": "x", "required_columns": r}, s, n) for c in ("CCPA-100.c", "PDPA-18") for r, s, n in ((["mail"], P, 0), (["id"], F, 3))],
    ("HIPAA-164.502.b", DX, T_DX, {"required_columns": ["dx"]}, P, 0),
    *[(c, MAIL, T_MAIL, {"subject_key": "id", "erasure_list": e}, s, n) for c in ("CCPA-105", "LGPD-18") for e, s, n in (([9], P, 0), ([1], F, 1))],
    *[(c, MAIL, T_MAIL, {"subject_key": "id", "rectification_log": []}, P, 0) for c in ("CCPA-106", "PDPA-22")],
    ("CCPA-120.c", KIDS, T_AGE, {"export_purpose": "sale", "opt_in_column": "ok"}, F, 1),
    ("CCPA-120.c", {**KIDS, "ok": ["yes"] * 4}, T_AGE, {"export_purpose": "sale", "opt_in_column": "ok"}, P, 0),
    ("CCPA-150", {"name": ["Ann Lee", "Bo Ray"]}, {"name": "PERSON_NAME"}, {}, P, 0),
    *[(f"HIPAA-164.514.b2i-{x}", NUMBERS, NONE, SH, P, 0) for x in "ABCDEFGHIJKLMNOPQ"],
    ("PCI-3.3.1.2", NUMBERS, NONE, {}, P, 0),
    ("PCI-3.3.2", CVV, {}, {"post_authorization": False}, P, 0),
    ("SOX-404-CUT", {"day": ["2025-06-02"], "period": ["2025-06"]}, NONE, {"effective_date_column": "day", "period_column": "period"}, P, 0),
    ("SOX-802", NUMBERS, NONE, {"financial_reporting": True, "audit_record_retention_days": 2_555, "baseline_hash": as_frame(pd.DataFrame(NUMBERS)).fingerprint}, P, 0),
    ("LGPD-11", FAITH, T_FAITH, {"sensitive_basis": "consent"}, P, 0),
    ("LGPD-12", {"age": [30] * 6}, T_AGE, {"declared_anonymous": True, "quasi_identifiers": ["age"]}, P, 0),
    ("LGPD-14", {"age": [11, 30], "ok": ["yes", "no"]}, T_AGE, {"parental_consent_column": "ok"}, P, 0),
    ("LGPD-37", MAIL, T_MAIL, {"record_id": "R-1"}, P, 0),
    ("PDPA-13", YES, T_MAIL, {"consent_column": "c", "lawful_basis": "consent"}, P, 0),
    ("PDPA-16", YES, T_MAIL, {"consent_withdrawn_column": "w", "lawful_basis": "consent"}, P, 0),
    ("PDPA-21", MAIL, T_MAIL, {"subject_key": "id", "disclosure_log": [{"date": "2025-01-01", "recipient": "bank"}]}, P, 0),
    ("PDPA-24", MAIL, T_MAIL, {"encryption_at_rest": "AES-256"}, P, 0),
    ("AIA-10.2.c", TRAIN, NONE, {"ai_training": True, "lineage": "cleaned, joined"}, P, 0),
]  # fmt: skip
"""What the cases above leave out, so that every clause is seen to pass, and every one that can be broken to break."""
SLASHED = ["01/02/2020", "03/04/2025", "05/06/2025"]


@pytest.mark.parametrize(
    ("dates", "said"),
    [
        (SLASHED, True),
        ([*SLASHED[:2], "05/13/2025"], False),
        (["01.02.2020"] * 3, False),
        (["2020-02-01"] * 3, False),
        (["02/02/2020"] * 3, False),
    ],
)
def test_dates_that_could_be_read_either_way_are_said(dates: list[str], said: bool) -> None:
    data = {**MAIL, "d": dates}
    for clause in ("GDPR-5.1.e", "PDPA-25"):
        found = verdict(clause, data, T_MAIL, KEPT)
        assert found.status.value == F and ("Dates of `d` are read day first" in found.message) is said
    assert "day first" not in verdict("GDPR-32.1.a", data, T_MAIL, KEPT).message


@pytest.mark.parametrize("day", ["January 2, 2020", "2 January 2020", "Jan 2, 2020", "02-Jan-2020", "2020-01-02T10:00:00+02:00"])
def test_dates_in_words(day: str) -> None:
    assert verdict("GDPR-5.1.e", {**MAIL, "d": [day, "x", None]}, T_MAIL, KEPT).violating_rows == 1


def test_a_doubled_term_is_asked_for_where_it_would_change_the_verdict() -> None:
    late = verdict("LGPD-48", MAIL, T_MAIL, {"breach_log": [BOTH | {"notified_on": "2025-06-30"}]})
    assert late.message.endswith("1 of them within twice the time, which small processing agents have: declare `small_processing_agent`.")
    assert "twice" not in verdict("LGPD-48", MAIL, T_MAIL, {"breach_log": [{"aware_on": "2025-01-01"}]}).message


@pytest.mark.parametrize(
    ("clause", "metadata", "missing"),
    [
        ("GDPR-35.3", {"profiling": True}, ("significant_effects",)),
        ("GDPR-35.3", {"public_monitoring": True}, ("subject_count|large_scale",)),
        ("GDPR-37.1", {"profiling": False, "large_scale": "yes"}, ("core_activity", "public_monitoring")),
        ("GDPR-37.1", {"profiling": True, "subject_count": 9000}, ("core_activity",)),
    ],
)
def test_an_undecided_trigger_asks_for_the_facts_that_are_not_declared(clause: str, metadata: Any, missing: tuple[str, ...]) -> None:
    assert verdict(clause, MAIL, T_MAIL, metadata).missing == missing


@pytest.mark.parametrize(
    ("declared", "regulations", "status", "missing"),
    [
        ({}, (), NO, ("covered_entity|business_associate", "declared_deidentified")),
        ({"covered_entity": "no"}, (), NO, ("business_associate", "declared_deidentified")),
        ({"declared_limited_data_set": "no"}, (), NO, ("covered_entity|business_associate", "declared_deidentified")),
        ({"covered_entity": "no", "business_associate": "no"}, (), NA, ()),
        ({"covered_entity": "no", "business_associate": "no"}, ("hipaa",), NA, ()),
        *[
            ({**binds, **claim}, asked, status, ("declared_deidentified",) if status == W else ())
            for binds, asked in (
                ({"business_associate": "yes"}, ()),
                ({"covered_entity": True}, ()),
                ({"regulations": ["hipaa"]}, ()),
                ({}, ("hipaa",)),
            )
            for claim, status in (
                ({}, W),
                ({"declared_deidentified": "no"}, NA),
                ({"declared_deidentified": False}, NA),
                ({"declared_deidentified": "tbd"}, W),
                ({"declared_deidentified": "yes"}, F),
            )
        ],
        ({"declared_deidentified": "safe_harbor"}, (), F, ()),
    ],
)
def test_hipaa_is_broken_only_by_those_it_binds(declared: Any, regulations: tuple[str, ...], status: str, missing: tuple[str, ...]) -> None:
    frame = as_frame(pd.DataFrame(DX | MAIL), name="t")
    context = Context(results={"privacy_scan": scan(T_DX | T_MAIL, frame.columns)})
    result = check_compliance(frame, context, regulations=regulations, metadata=declared)
    found = result.clause("HIPAA-164.514.b2i-F")
    assert (found.status.value, found.missing, found.columns) == (status, missing, () if status == NA else ("mail",))
    assert found.status.value != NO or (not found.attestable and "If it is: 3 rows with email addresses in mail." in found.message)
    assert found.violating_rows == (3 if status in (F, W) else 0)
    assert result.clause("HIPAA-164.514.b2i-G").status.value == (NA if status == NA else P)


ONLY_ASKED = {"GDPR-13.1", "LGPD-41", "PDPA-11.3", "BCBS-6"}
"""Clauses of which only a person knows: they pass or wait."""


@pytest.mark.parametrize(
    ("clause", "data", "types", "metadata", "status", "rows"), REACHED, ids=[f"{i}-{c[0]}" for i, c in enumerate(REACHED)]
)
def test_verdicts_that_can_be_reached(clause: str, data: Any, types: Any, metadata: Any, status: str, rows: int) -> None:
    found = verdict(clause, data, types, metadata)
    assert (found.status.value, found.violating_rows) == (status, rows), found.message


def test_every_clause_can_pass_and_can_fail() -> None:
    elsewhere = {("PDPA-48F", P), ("PDPA-48F", F)}  # test_join_singles_people_out
    seen = {(c[0], c[4]) for c in (*CASES, *REACHED)} | elsewhere
    for clause in catalogue().clauses:
        assert (clause.id, P) in seen, clause.id
        assert clause.id in ONLY_ASKED or {(clause.id, F), (clause.id, W)} & seen, clause.id
    assert {s for _, s in seen} == {F, P, W, NA, NO, ATT}


@pytest.mark.parametrize(
    ("columns", "key", "status"),
    [
        ({"id": [2, 9]}, "id", F),
        ({"customer": [2, 9]}, "id", F),  # the only column of the list
        ({"nr": [1, 2], "id": [9, 3]}, "id", F),
        ({"nr": [7, 8], "customer": [2, 9]}, "id", NO),  # neither is called as the key: that 7 and 8 are not there says nothing
        ({"nr": [7, 8], "id": [98, 99]}, "id", P),
        ({"nr": [], "customer": []}, "id", NO),
    ],
)
def test_the_keys_of_a_table_of_requests(columns: Any, key: str, status: str) -> None:
    frames = {"requests": as_frame(pd.DataFrame(columns), name="requests")}
    found = verdict("GDPR-17", MAIL, T_MAIL, {"subject_key": key, "erasure_list": "requests"}, frames=frames)
    assert found.status.value == status, found.message


def test_join_singles_people_out() -> None:
    other = as_frame(pd.DataFrame({"age": [30, 31, 32], "name": ["a", "b", "c"]}), name="voters")
    metadata = {"declared_anonymous": True, "quasi_identifiers": ["age"]}
    found = verdict("PDPA-48F", QI, T_QI, metadata, frames={"voters": other})
    assert (found.status.value, found.violating_rows) == (F, 1)
    assert verdict("PDPA-48F", {"age": [30] * 6}, T_AGE, metadata, frames={"voters": other}).status.value == P


def test_hash_and_truncated_card_in_two_tables() -> None:
    other = as_frame(
        pd.DataFrame({"customer_id": [1, 2, 3], "card_hash": [hashlib.sha256(b"k" + p.encode()).hexdigest() for p in PAN]}), name="tokens"
    )
    data = {"customer_id": [1, 2, 3], "pan": MASKED}
    assert verdict("PCI-3.5.1-corr", data, NONE, {}, frames={"tokens": other}).violating_rows == 3
    assert verdict("PCI-3.5.1-corr", {"pan": MASKED}, NONE, {}, frames={"tokens": other}).status.value == P


DAYS = [f"19{i + 10}-03-04" for i in range(40)]
BROKEN = [
    ("GDPR-32.1.a", "md5", DAYS, {}, {"hash_method": "hmac-sha256"}, F, 40),
    ("PCI-3.5.1-corr", "sha256", PAN[:2], {"first": ["453957", "542523"], "last": ["1486", "9903"]}, {}, F, 2),
    ("PCI-3.5.1.1", "sha256", PAN[:2], {"first": ["453957", "542523"], "last": ["1486", "9903"]}, {"hash_method": "hmac-sha256"}, F, 2),
    ("PCI-3.5.1-corr", "sha256", PAN, {"pan": MASKED}, {}, F, 3),
    ("PCI-3.5.1-corr", "sha256", ["a", "b"], {"first": ["453957", "542523"], "last": ["1486", "9903"]}, {}, P, 0),
]
"""What the privacy scan itself has broken, whatever is declared: dates, and cards whose ends stand in one or two columns."""


@pytest.mark.parametrize(("clause", "algorithm", "inputs", "beside", "metadata", "status", "rows"), BROKEN)
def test_hashes_that_the_scan_has_broken(
    clause: str, algorithm: str, inputs: list[str], beside: dict[str, Any], metadata: dict[str, Any], status: str, rows: int
) -> None:
    digests = [hashlib.new(algorithm, v.encode()).hexdigest() for v in inputs]
    frame = as_frame(pd.DataFrame({"ref": digests, **beside}, dtype=str), name="t")
    found = check_compliance(frame, Context(), clauses=(clause,), metadata=metadata).clause(clause)
    assert (found.status.value, found.violating_rows) == (status, rows), found.message


@pytest.mark.parametrize(
    ("head", "hidden", "tail"), [("453957", 4, "863621"), ("453957876362", 1, "486"), ("3742454554001", 2, ""), ("4", 3, "6")]
)
def test_numbers_between_two_ends_are_all_of_the_right_sum(head: str, hidden: int, tail: str) -> None:
    every = [f"{head}{n:0{hidden}d}{tail}" for n in range(10**hidden)]
    assert list(numbers_between(head, hidden, tail)) == [n for n in every if luhn.is_valid(n)]


def test_spans_in_text_count_by_row() -> None:
    spans = [{"column": "note", "row": 1, "entity_type": "US_SSN"}, {"column": "note", "row": 1, "entity_type": "PERSON_NAME"}]
    data = {"note": ["fine", "Ann Lee 521-78-6961", "fine"]}
    for clause in ("HIPAA-164.514.b2i-G", "HIPAA-164.514.b2i-A"):
        found = verdict(clause, data, NONE, {"declared_deidentified": "safe_harbor"}, spans=spans)
        assert (found.status.value, found.violating_rows, found.rows) == (F, 1, (1,))

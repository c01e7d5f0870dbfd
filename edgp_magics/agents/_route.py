"""From a request in plain words to capabilities, without a model: weighted cues, so that the choice can be explained."""

from __future__ import annotations

import functools
import re

from ..capabilities import CAPABILITIES
from ..values import AgentCapability as Cap

_CUES: dict[Cap, tuple[tuple[float, str], ...]] = {
    Cap.DATA_QUALITY_ASSESSMENT: (
        (3, r"\bquality (score|scorecard|assessment|check|rating|dimension)|\bdata quality\b"),
        (3, r"\bfit (for|to) (use|purpose)\b|\b(rate|score|assess)\b.*\b(dimension|quality|completeness|validity)"),
        (2, r"\bscorecard\b|\bhow (good|bad|clean|reliable|trustworthy|healthy) (is|are)\b|\bassess\w*\b"),
        (
            3,
            r"\bwhat('s| is| are) wrong\b|\bmistakes?\b|\bwrong (values?|cells?|rows?|entries)"
            r"|\b(rules?|checks?|constraints?)\b.*\b(fail\w*|broken|violated)\b",
        ),
        (
            2,
            r"\b(trust|rel(y|ied) on|usable)\b|\b(negative|below zero|less than zero|impossible|invalid|malformed|incomplete|inconsistent|broken)\b"
            r"|\bmissing\b|\b(empty|blank) (cells?|values?|fields?|rows?)|\bfit to\b|\bwrong\b",
        ),
        (1.5, r"\bquality\b|\bare there (duplicates|missing|errors|problems)|\bchecks? (pass|fail)|\brun (these |the |my )?checks\b"),
        (1, r"\bduplicates?\b|\bcompleteness|\bvalidity|\buniqueness|\btimeliness|\bconsisten\w+|\baccura\w+|\bproblems?\b|\bfailing\b"),
    ),
    Cap.ANOMALY_DETECTION: (
        (4, r"\banomal\w*|\boutl(ier|ying)\w*|\bspik(e|es|y)\b"),
        (3, r"\b(weird|suspicious|strange|odd|unusual|abnormal|surprising|fraud\w*)\b|\bdeviat\w+|\bstand(s)? out\b"),
        (
            3,
            r"\bfreak\w*|\bimplausibl\w+|\bout of (the ordinary|line)\b|\bsudden\w*|\bjumps?\b|\b(do|does)(n't| not) (fit|belong)\b|\bunlike the (rest|others)\b|\bsticks? out\b",
        ),
        (1, r"\bunexpected\b|\bextreme\b|\brare\b|\boff\b"),
    ),
    Cap.DATA_PROFILING: (
        (4, r"\bprofil(e|es|ing)\b"),
        (
            3,
            r"\bwhat does .* look like\b|\b(describe|summari[sz]e|overview|explore|inspect)\b.*\b(column|table|schema|data|df|frame|dataset|field)",
        ),
        (
            2.5,
            r"\bdistributions?\b|\bcardinalit\w+|\bbasic stat\w*|\bdescriptive|\bdistinct (count|value)s?|\bdata types?\b|\bcandidate keys?\b",
        ),
        (
            3,
            r"\bdrift\w*\b|\bcompar(e|ed|ison)\b.*\b(with|to|against)\b|\b(changed?|differ\w*|shift(ed)?|moved)\b.*\b(since|from|than|between|versus|vs)\b"
            r"|\bdistributions?\b.*\bshift\w*|\bshift\w*\b.*\bdistributions?\b",
        ),
        (
            2.5,
            r"\b(what|which) (columns|fields) (do|does|are there|exist|could|are unique)\b|\b(quick|first|closer) look\b|\b(primary|unique) keys?\b"
            r"|\b(tell me|what do we know) about (this|the|my|our) (table|data\w*|columns?|frame)\b",
        ),
        (1.5, r"\bcolumn types?\b|\bwhat is in\b|\bschema\b|\bstatistics\b|\bstats\b|\btypes\b|\bcorrelat\w+"),
        (1, r"\bsummari[sz]e\b|\bdescribe\b|\boverview\b"),
    ),
    Cap.COMPLIANCE_CHECK: (
        (4, r"\bcompl(y|ies|iant|iance)\b"),
        (3, r"\bviolat\w+ (any|the|our|of)?\b.*\b({regimes}|regulation|law|requirement|clause)|\b(allowed|lawful|legal|permitted) to\b"),
        (
            3,
            r"\bbreak(s|ing)?\b.*\b(laws?|articles?|clauses?|obligations?)\b|\b(articles?|clauses?|obligations?)\b.*\b(break|broken|breach\w*|met)\b"
            r"|\b(illegal|unlawful|against the law)\b|\bdata protection officer\b|\bbreach(es|ing)?\b.*\b(laws?|act|{regimes})\b",
        ),
        (2, r"\b({regimes})\b|\bregulations?\b|\blawful\w*|\blegal(ly)?\b|\bclauses?\b|\bregulatory\b"),
    ),
    Cap.PRIVACY_SCAN: (
        (
            4,
            r"\bpii\b|\bphi\b|\bpersonal (data|information|identifiers?|details)|\bpersonally identif\w+|\bsensitive\b|\bk-?anonym\w+|\breidentif\w+|\bre-identif\w+",
        ),
        (
            3,
            r"\bprivacy\b|\b(e-?mails?|phone numbers?|ssns?|passports?|credit cards?|ibans?|social security|national ids?|names and addresses|api keys?|secrets?)\b",
        ),
        (
            3,
            r"\b(people|person|individuals?|any(one|body)|some(one|body)|customers?|patients?|employees?)\b.*\b(recogni[sz]ed|traced|singled out|identified)\b"
            r"|\b(home|postal) addresses\b|\bbirthdays?\b|\bdates? of birth\b|\b(health|medical) (data|details|records|information)\b",
        ),
        (1.5, r"\bpeople\b|\bpersonal\b|\bidentif(y|iable|ier)\w*\b|\bcontain\b|\bconfidential"),
    ),
    Cap.REGULATORY_AUDIT: (
        (5, r"\baudit\w*\b"),
        (
            2.5,
            r"\bsupervis\w+ authorit\w+|\bregulators?\b|\bevidence pack|\brecords? of processing|\bropa\b|\bcontrols? matrix|\b(examiners?|inspectors?)\b|\barticle by article",
        ),
        (2.5, r"\bevidence (for|of|that)\b"),
        (1, r"\bevidence\b|\bcontrols\b|\binspection\b"),
    ),
    Cap.POLICY_GENERATION: (
        (5, r"\b(write|draft|generate|create|produce|prepare|make|compose|author|need)\b.*\bpolic(y|ies)\b"),
        (3, r"\b(write|draft|draw up|create|produce|prepare|compose)\b.*\b(rulebook|guidelines?|code of conduct|charter)\b"),
        (2.5, r"\bpolic(y|ies)\b"),
        (1.5, r"\bretention schedule|\bdata contract|\bstandard operating"),
    ),
    Cap.RULE_SUGGESTION: (
        (
            4,
            r"\b(propose|suggest|infer|recommend|derive|learn|generate|mine|what)\b.*\b(rules?|constraints?|checks?|expectations?|validations?|tests)\b",
        ),
        (3, r"\bwhich (rules|constraints|dependencies)\b"),
        (2.5, r"\b(validation|quality|business) rules?\b|\bconstraints?\b|\bexpectations?\b"),
        (1, r"\brules?\b|\bregex\b|\bodcs\b|\bpandera\b|\bdbt\b|\bsoda\b|\bgreat expectations\b"),
    ),
    Cap.GOVERNANCE_ADVICE: (
        (
            4,
            r"\b(advise|advice|guidance)\b|\bbest (way|practices?)\b|\bhow (should|do|can|must) (we|i|one|you) (set up|organi[sz]e|structure|establish|handle|govern|manage|store|define|assign|share)",
        ),
        (
            3,
            r"\bsteward\w*|\bdata (council|ownership|owners?|mesh|catalog\w*|strategy|culture|domains?)\b|\bwho (is|should be) (accountable|responsible)\b|\bgovernance (practices?|framework|program\w*|model|maturity|roadmap)|\bhow long (may|can|must|should|do) (we|i)",
        ),
        (
            1.5,
            r"\bshould (we|i)\b|\bmay (we|i)\b|\badopt\b|\bresponsib\w+|\bmaturity\b|\bexplain\b|\bwhat (is|are|does)\b.*\b(mean|require|says?)",
        ),
    ),
    Cap.DATA_CLEANING: (
        (4, r"\bclean(s|ed|ing|se|up)?\b|\btrim\b|\bstandardi[sz]e\b|\bnormali[sz]e\b|\bimput\w+|\bde-?dup\w*"),
        (
            3,
            r"\b(fix|correct|repair|remove|drop|fill|convert|replace|merge|unify|harmoni[sz]e)\b.*\b(dates?|whitespace|duplicates?|typos?|formats?|values?|rows?|case|encodings?|missing|nulls?|spelling\w*|countries|names|units?)\b",
        ),
        (3, r"\bmis-?spel\w+|\b(spell?ed|spelt|written) wrong\w*|\bwrong(ly)? spel\w+|\btypos?\b"),
        (4, r"\b(apply|make|do)\b.*\b(fixes|repairs|corrections)\b"),
        (
            3,
            r"\b(get rid of|delete|merge|combine|collapse)\b.*\b(duplicat\w+|repeat\w*|doubles?|twice|same|blanks?|empty)\b"
            r"|\b(make|bring)\b.*\b(uniform|consistent|into line|one format)\b|\b(fill|close)\b.*\bgaps?\b|\b(fix|repair|correct|mend) (it|them|every\w*|all)\b",
        ),
        (1, r"\bfix\b|\brepair\b|\bmessy\b|\bdirty\b|\btidy\b"),
    ),
    Cap.ISSUE_RESOLUTION: (
        (
            4,
            r"\b(resolve|close out|work through|address|remediate|settle|handle|deal with)\b.*\b(issues?|violations?|problems?|findings?|incidents?|failures?|tickets?)\b|\b(issues?|violations?|problems?|findings?)\b.*\b(resolve\w*|fix(ed)?|repair(ed)?|closed?)\b",
        ),
        (4, r"\bfix\b.*\b(failing|failed|broken|violat\w+)\b|\bhow (do|can|should) (i|we) (fix|resolve|remediate)\b"),
        (1.5, r"\bissues?\b|\bresolv\w+|\bremediat\w+|\bflagged\b|\bfindings?\b|\bviolations?\b"),
    ),
    Cap.QUALITY_IMPROVEMENT: (
        (
            6,
            r"\b(improve|raise|increase|lift|boost|better|get better|grow)\b.*\b(quality|score|data|completeness|accuracy|validity|consistency|source)\b|\bimprovement\b",
        ),
        (
            3.5,
            r"\bprevent\w*\b|\brecur\w*\b|\broot causes?\b|\bover time\b.*\bquality|\bquality\b.*\bover time|\bwhat[- ]if\b|\bnext quarter\b",
        ),
        (1.5, r"\bimprove\w*|\bsource system\b|\bbetter\b|\blong[- ]term\b|\bprocess\b"),
    ),
    Cap.REPORT_GENERATION: (
        (
            4,
            r"\b(produce|write|make|generate|create|export|prepare|give|build|send|compile|put together|draw up)\b.*\b(report|summary|document|write-?up|brief\w*|memo)\b",
        ),
        (3, r"\bexecutive summary|\bwrite up\b|\bstatus report|\bpdf\b|\bpresentation\b|\bsteering committee\b"),
        (2, r"\b(for|to) (my |our |the )?(boss|directors?|executives?|ceo|managers?)\b|\b(boss|directors|executives) can read\b"),
        (1.5, r"\breports?\b|\bmanagement\b|\bboard\b|\bstakeholders?\b"),
    ),
    Cap.VISUALIZATION: (
        (
            4.5,
            r"\bplot\w*|\bcharts?\b|\bvisuali[sz]\w+|\bgraphs?\b|\bdraw\b(?! up)|\bhistograms?\b|\bheat ?maps?\b|\bscatter\b|\bsketch\b|\bdiagrams?\b",
        ),
        (3, r"\bpictures?\b|\bdashboards?\b"),
        (0.5, r"\bshow me\b|\btrend\b|\bover time\b"),
    ),
    Cap.METRICS_CALCULATION: (
        (
            4,
            r"\b(compute|calculate|work out|count|measure|determine|quantify)\b.*\b(rates?|ratios?|kpis?|metrics?|percentages?|shares?|values?)\b|\bkpis?\b|\bmetrics?\b",
        ),
        (3.5, r"\bpercentage\b|\bhow many\b|\b(share|proportion|fraction|percent) of\b"),
        (3, r"\b(null|error|duplicate|failure|fill) (rate|ratio|share)s?\b"),
        (1, r"\bcalculate\b|\bcompute\b|\bper (source|region|system|month|day|table|team)\b|\bby (source|region|system|month|day)\b"),
    ),
}
_REGIMES = r"gdpr|ccpa|cpra|hipaa|pci(?:[- ]?dss)?|sox|sarbanes\W?oxley|lgpd|pdpa|eu ai act|ai act|bcbs ?239|article \d+|data protection (?:act|law)"

_BEYOND = re.compile(
    r"\b(?P<figure>average|median|sums?|totals?|maximum|minimum|highest|lowest|largest|top \d+|mean (of|value))\b"
    r"|\b(sort(?! out)|pivot|join|forecast|predict|translate|train)\b"
)
"""Analysis of what the data is about, and changes of its shape: no capability does these, whatever else is said in passing."""
_PLAIN = 2.5
"""The weight from which a request plainly means a capability, in spite of words of :data:`_BEYOND`."""
_HINT = 1.0
"""A request whose best capability weighs less has said nothing that could be acted on."""
_USUAL = (Cap.DATA_QUALITY_ASSESSMENT, Cap.DATA_PROFILING, Cap.ANOMALY_DETECTION)


@functools.cache
def _compiled() -> tuple[tuple[Cap, float, re.Pattern[str]], ...]:
    return tuple((cap, weight, re.compile(cue.replace("{regimes}", _REGIMES))) for cap, cues in _CUES.items() for weight, cue in cues)


def route(text: str) -> list[tuple[Cap, float]]:
    """Capabilities for a request in plain words with a confidence 0..1, best first; empty when nothing fits.

    >>> [c.value for c, _ in route("which columns hold PII?")][0]
    'privacy_scan'
    >>> route("book me a flight")
    []
    """
    flat = " ".join(text.lower().split())
    ranked = _weighed(flat)
    if not ranked or ranked[0][1] < (_PLAIN if _BEYOND.search(flat) else _HINT):
        return []
    total = sum(s**2 for _, s in ranked)
    return [(cap, round(score**2 / total, 3)) for cap, score in ranked]


def nearest(text: str, count: int = 3) -> tuple[Cap, ...]:
    """The capabilities to name when :func:`route` refuses a request: those with a word in common with it, then the usual ones.

    >>> nearest("average amount by country")[0].value
    'metrics_calculation'
    """
    flat = " ".join(text.lower().split())
    said = _stems(flat)
    beyond = _BEYOND.search(flat)
    figures = (Cap.METRICS_CALCULATION,) if beyond and beyond["figure"] else ()
    common = {spec.capability: len(said & _stems(f"{spec.summary} {spec.example}")) for spec in CAPABILITIES.values()}
    alike = sorted((c for c, n in common.items() if n), key=lambda c: -common[c])
    return tuple(dict.fromkeys((*figures, *(c for c, _ in _weighed(flat)), *alike, *_USUAL)))[:count]


def _weighed(flat: str) -> list[tuple[Cap, float]]:
    """Capabilities by the weight of the cues found, heaviest first."""
    scores: dict[Cap, float] = {}
    for cap, weight, cue in _compiled():
        if cue.search(flat):
            scores[cap] = scores.get(cap, 0.0) + weight
    return sorted(scores.items(), key=lambda kv: (-kv[1], list(Cap).index(kv[0])))


def _stems(text: str) -> set[str]:
    return {word[:5] for word in re.findall(r"[a-z]{4,}", text.lower())} - {
        "what",
        "that",
        "this",
        "with",
        "from",
        "gover",
        "order",
        "custo",
    }


def matched(text: str, capability: Cap) -> tuple[str, ...]:
    """The words of a request that spoke for a capability."""
    flat = " ".join(text.lower().split())
    return tuple(dict.fromkeys(_words(cue.search(flat)) for cap, _, cue in _compiled() if cap is capability and cue.search(flat)))


def _words(match: re.Match[str] | None) -> str:
    return match.group().strip() if match else ""


__all__ = ["matched", "nearest", "route"]

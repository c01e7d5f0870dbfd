"""A twin of the model that proposes repairs: it answers by a script and keeps what it was asked."""

from __future__ import annotations

from collections.abc import Mapping

from ..capabilities.cleaning import Proposal, Question


class ScriptedProposer:
    """Proposes one value for every doubtful cell of a column; ``@2`` means the candidate at that place.

    >>> asked = ScriptedProposer({"town": "Graz"})
    >>> import edgp_magics as edgp, pandas as pd
    >>> result = edgp.run("clean", pd.DataFrame({"town": ["Graz", "Linz"]}), propose=asked)
    >>> asked.questions
    []
    """

    def __init__(self, answers: Mapping[str, str]) -> None:
        self._answers = dict(answers)
        self.questions: list[Question] = []

    def __call__(self, question: Question) -> list[Proposal]:
        """The scripted proposals for the cells of one column."""
        self.questions.append(question)
        answer = self._answers.get(question.column)
        if answer is None:
            return []
        if answer.startswith("@"):
            chosen = question.candidates[int(answer[1:])].id
            return [Proposal(cell=d.id, candidate=chosen) for d in question.doubts]
        return [Proposal(cell=d.id, value=answer) for d in question.doubts]

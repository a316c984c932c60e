"""The model synthesizer: a model proposes drafts and rates them; what is shown of its words, the rules decide."""

from __future__ import annotations

from dataclasses import dataclass, field

from kairo.stages.opportunities.contracts import Generator, OpportunityDraftDTO
from kairo.stages.opportunities.llm_calls import (
    SCORING,
    SYNTHESIS,
    enough_valid,
    rates_each_once,
    scoring_question,
    synthesis_question,
)
from kairo.stages.opportunities.operations.asking import Asker, UnableToAsk
from kairo.stages.opportunities.ports import BoardMaterial, Synthesis
from kairo.stages.opportunities.rules.proposals import (
    Assignment,
    Judged,
    assignment_of,
    judge,
    rated,
    wording_of,
)

TOO_FEW = "too_few_valid_drafts"
WITHOUT_RATINGS = "scoring_unavailable"
RATED_BY_NONE = "No model rated the drafts: their scores are what was measured."


class NothingToAsk(Exception):
    """Nothing of the evidence reaches the brand: there is nothing that a model could be given."""


@dataclass
class ModelSynthesizer:
    """Synthesizes with models. After `synthesize`, or after it failed, its fields tell how that went."""

    asker: Asker
    reason: str | None = None
    synthesis_ms: int | None = None
    scoring_ms: int | None = None
    refused: list[OpportunityDraftDTO] = field(default_factory=list)

    generator = Generator.MODEL

    def synthesize(self, material: BoardMaterial) -> Synthesis:
        """Return the model's drafts that stand up to every check, rated; outside any transaction.

        Raises:
            NothingToAsk: nothing reaches the brand.
            UnableToAsk: no model gave a usable answer, or too few of its drafts are valid.
        """
        assignment = assignment_of(material)
        if assignment is None:
            raise NothingToAsk
        judged, notes = self._proposed(assignment, material)
        drafts, more = self._rated(assignment, judged.kept)
        drafts.sort(key=lambda draft: (-draft.score, draft.proposed_title))
        return Synthesis(drafts, judged.dropped, len(assignment.desk.field.candidates), [*notes, *more])

    def _proposed(self, assignment: Assignment, material: BoardMaterial) -> tuple[Judged, list[str]]:
        question = synthesis_question(assignment, rising=[trend.topic for trend in material.signals.trends])
        try:
            told = self.asker.ask(
                SYNTHESIS, question, check=enough_valid(assignment, self._note), blame=self._too_few_were_valid
            )
        except UnableToAsk as error:
            self.synthesis_ms = error.took_ms
            raise
        self.synthesis_ms = told.took_ms
        judged = judge(assignment, told.output.drafts)
        note = (
            f"{told.model} was given {len(assignment.given)} of {len(material.evidence)} posts; of its"
            f" {len(told.output.drafts)} drafts {len(judged.kept)} stood up to every check."
        )
        return judged, [note, *told.warnings]

    def _rated(
        self, assignment: Assignment, drafts: list[OpportunityDraftDTO]
    ) -> tuple[list[OpportunityDraftDTO], list[str]]:
        """Put the model's ratings into the scores; without them the measured parts stand alone."""
        question = scoring_question(assignment.brand, drafts)
        try:
            told = self.asker.ask(SCORING, question, check=rates_each_once(len(drafts)), blame=lambda: None)
        except UnableToAsk as error:
            self.scoring_ms, self.reason = error.took_ms, WITHOUT_RATINGS
            return list(drafts), [RATED_BY_NONE]
        self.scoring_ms = told.took_ms
        by_id = {rating.draft_id: rating for rating in told.output.ratings}
        return [
            rated(draft, by_id[f"d{number}"], wording_of(assignment, draft))
            for number, draft in enumerate(drafts, start=1)
        ], list(told.warnings)

    def _note(self, judged: Judged) -> None:
        self.refused = [] if judged.suffices else judged.dropped

    def _too_few_were_valid(self) -> str | None:
        return TOO_FEW if self.refused else None

"""What a run of the hero loop is worth: its quality, its health, and what is wrong with each thing it made.

Nothing here believes what a generator says of itself: ids are looked up and quotes searched in the stored items.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from kairo.stages.content.contracts import (
    ClaimDTO,
    ClaimStatus,
    ContentPackageDTO,
    PackageBand,
    VariantBand,
    VariantDTO,
)
from kairo.stages.content.rules.channels import LIMITS, length_on, published_text, violations
from kairo.stages.content.rules.evaluating_report import EvalBoard, Expected, ObsHealth, QualityBand
from kairo.stages.evidence.contracts import EvidenceItemDTO
from kairo.stages.opportunities.contracts import BoardState, OpportunityDTO

FEWEST_NOT_BAD = 3
FEWEST_GOOD = 5
MOST_REDUNDANT = 0.5
LEAST_NOT_BAD = 0.5
LEAST_GOOD = 0.8
SAME_WORDS = 0.75
SAME_MEANING = 0.92
SHARED_WORDS = 0.34
"""Titles of one meaning share words as well: the static embedder finds Russian titles alike by their letters."""
FEWEST_TITLE_WORDS = 3
FEWEST_ANGLE_WORDS = 5
WITHOUT = ("the board was made without them.", "the board was scored without it.")
"""So a board's notes end that say what of its signals and its learning could not be read."""

Items = Mapping[UUID, EvidenceItemDTO]
TaboosSaid = Callable[[str], Sequence[str]]

_WORD = re.compile(r"[\u3400-\u9fff]|[^\W_]+")
_QUOTED = re.compile(r"“([^“”]+)”|«([^«»]+)»|「([^「」]+)」")


@dataclass(frozen=True)
class RunCounts:
    """What the quality of a run is decided by; `redundancy` is a share, 0–1."""

    opportunities_valid: int
    packages: int
    packages_valid: int
    variants: int
    variants_valid: int
    uncited_claims: int = 0
    taboo_violations: int = 0
    redundancy: float = 0.0
    degraded: bool = False


def share(part: int, whole: int) -> float:
    """Return a part of a whole, 0–1; of nothing it is 0."""
    return part / whole if whole else 0.0


def quality(run: RunCounts) -> tuple[QualityBand, list[str]]:
    """Return the band of a run, and every reason why it is not in a better one."""
    packages = share(run.packages_valid, run.packages)
    variants = share(run.variants_valid, run.variants)
    bands = (
        (
            QualityBand.INVALID,
            [
                (run.opportunities_valid == 0, "no valid opportunity"),
                (run.uncited_claims > 0, f"{run.uncited_claims} stored claims without evidence"),
                (run.taboo_violations > 0, f"{run.taboo_violations} taboos in what was written"),
            ],
        ),
        (
            QualityBand.BAD,
            [
                (run.opportunities_valid < FEWEST_NOT_BAD, f"{run.opportunities_valid} valid opportunities"),
                (run.redundancy > MOST_REDUNDANT, f"redundancy {run.redundancy:.2f}"),
                (packages < LEAST_NOT_BAD, f"{run.packages_valid} of {run.packages} packages valid"),
                (variants < LEAST_NOT_BAD, f"{run.variants_valid} of {run.variants} variants valid"),
            ],
        ),
        (
            QualityBand.PARTIAL,
            [
                (run.opportunities_valid < FEWEST_GOOD, f"{run.opportunities_valid} valid opportunities"),
                (packages < LEAST_GOOD, f"{run.packages_valid} of {run.packages} packages valid"),
                (variants < LEAST_GOOD, f"{run.variants_valid} of {run.variants} variants valid"),
                (run.degraded, "the run was degraded"),
            ],
        ),
    )
    for band, rules in bands:
        reasons = [reason for applies, reason in rules if applies]
        if reasons:
            return band, reasons
    return QualityBand.GOOD, []


@dataclass(frozen=True)
class RunSigns:
    """What the health of a run is decided by; each tuple holds what to tell a person."""

    failures: tuple[str, ...] = ()
    fallbacks: tuple[str, ...] = ()
    budget_cuts: tuple[str, ...] = ()
    missing_signals: tuple[str, ...] = ()
    late_agents: tuple[str, ...] = ()


def obs_health(signs: RunSigns) -> tuple[ObsHealth, list[str]]:
    """Return how a run went for whoever operates it, and why."""
    if signs.failures:
        return ObsHealth.FAILED, list(signs.failures)
    weaker = [*signs.fallbacks, *signs.budget_cuts, *signs.missing_signals, *signs.late_agents]
    return (ObsHealth.DEGRADED, weaker) if weaker else (ObsHealth.OK, [])


def missing_signals(board: EvalBoard) -> tuple[str, ...]:
    """List the notes of a board that say what it was made without."""
    return tuple(note for note in board.notes if note.endswith(WITHOUT))


def missed(expected: Expected | None, *, state: BoardState, band: QualityBand) -> list[str]:
    """List where a run is not what its fixture says that it must be."""
    if expected is None:
        return []
    found = []
    if expected.state is not None and state is not expected.state:
        found.append(f"the board is {state}, not {expected.state}")
    if expected.quality and band not in expected.quality:
        found.append(f"the quality is {band}, not {' or '.join(expected.quality)}")
    return found


def opportunity_problems(opportunity: OpportunityDTO, items: Items, taboos_said: TaboosSaid) -> list[str]:
    """List what makes an opportunity invalid: it says nothing, cites nothing that is there, misquotes, or is taboo."""
    texts = {"title": opportunity.title, "angle": opportunity.angle, "why_now": opportunity.why_now}
    texts |= {f"quote {place}": cited.quote for place, cited in enumerate(opportunity.evidence, start=1)}
    problems = []
    if len(_words(opportunity.title)) < FEWEST_TITLE_WORDS:
        problems.append("title: says nothing")
    if len(_words(opportunity.angle)) < FEWEST_ANGLE_WORDS:
        problems.append("angle: says nothing")
    if not opportunity.why_now.strip():
        problems.append("why_now: empty")
    if not opportunity.evidence_ids:
        problems.append("no_evidence: nothing is cited")
    if not opportunity.evidence:
        problems.append("no_quote: nothing is quoted")
    problems += [f"unknown_evidence: {item_id}" for item_id in opportunity.evidence_ids if item_id not in items]
    problems += [
        f"quote_not_found: “{cited.quote[:60]}”"
        for cited in opportunity.evidence
        if not is_quote_of(cited.quote, items.get(cited.id))
    ]
    return problems + taboo_problems(texts, taboos_said)


def is_uncited(opportunity: OpportunityDTO, items: Items) -> bool:
    """Say whether an opportunity stands on nothing: none of its ids leads to an item, or a quote is made up."""
    resolved = [item_id for item_id in opportunity.evidence_ids if item_id in items]
    return not resolved or any(not is_quote_of(cited.quote, items.get(cited.id)) for cited in opportunity.evidence)


def package_problems(package: ContentPackageDTO, taboos_said: TaboosSaid) -> list[str]:
    """List what makes a stored package invalid."""
    texts = {"title": package.title, "thesis": package.thesis, "summary": package.summary, "cta": package.cta}
    problems = ["quality: in the band invalid"] if package.quality_band is PackageBand.INVALID else []
    if not package.evidence_ids:
        problems.append("no_evidence: nothing is cited")
    return problems + taboo_problems(texts, taboos_said)


def variant_problems(
    variant: VariantDTO, items: Items, taboos_said: TaboosSaid, *, citable: Collection[UUID]
) -> list[str]:
    """List what makes a stored variant invalid; `citable` are the items that its opportunity stands on."""
    texts = {"title": variant.title, "body": variant.body, "call_to_action": variant.call_to_action}
    broken = violations(variant.channel, body=variant.body, call_to_action=variant.call_to_action, title=variant.title)
    problems = ["quality: in the band invalid"] if variant.quality_band is VariantBand.INVALID else []
    problems += [f"limit: {one.field}: {one}" for one in broken]
    for claim in variant.claims:
        problems += [f"foreign_evidence: {item_id}" for item_id in claim.evidence_ids if item_id not in citable]
        if is_unsupported(claim, items):
            problems.append(f"uncited_claim: “{claim.text[:60]}”")
        problems += [f"quote_not_found: “{quote[:60]}”" for quote in misquoted(claim, items)]
    return problems + taboo_problems(texts, taboos_said)


def fit(variant: VariantDTO) -> float:
    """Return how well a text fits its channel, 0–1: 0 past a limit, 1 within the ideal length, less the farther off."""
    whole = published_text(variant.body, variant.call_to_action)
    if violations(variant.channel, body=variant.body, call_to_action=variant.call_to_action, title=variant.title):
        return 0.0
    least, most = LIMITS[variant.channel].ideal
    length = length_on(variant.channel, whole)
    return min(1.0, length / least, most / length)


def is_unsupported(claim: ClaimDTO, items: Items) -> bool:
    """Say whether a claim that passes for cited stands on nothing; one that is marked to be checked says so itself."""
    if claim.status is not ClaimStatus.CITED:
        return False
    return not claim.knowledge and not any(item_id in items for item_id in claim.evidence_ids)


def quotes_in(claim: ClaimDTO) -> list[str]:
    """List the spans that a claim with evidence puts between quotation marks."""
    if not claim.evidence_ids:
        return []
    found = [next(filter(None, match.groups())) for match in _QUOTED.finditer(claim.text)]
    return [span for quote in found if (span := quote.rstrip("… ").strip())]


def misquoted(claim: ClaimDTO, items: Items) -> list[str]:
    """List the spans of a claim that none of its items holds letter by letter."""
    cited = [items.get(item_id) for item_id in claim.evidence_ids]
    return [quote for quote in quotes_in(claim) if not any(is_quote_of(quote, item) for item in cited)]


def is_quote_of(quote: str, item: EvidenceItemDTO | None) -> bool:
    """Say whether a stored item holds a quote letter by letter, in its text or in its transcript."""
    if item is None or not quote.strip():
        return False
    return quote in item.text or quote in (item.transcript or "")


def taboo_problems(texts: Mapping[str, str | None], taboos_said: TaboosSaid) -> list[str]:
    """List the taboos in texts, by their names."""
    return [f"taboo: “{term}” in {name}" for name, text in texts.items() if text for term in taboos_said(text)]


def count_taboos(problems: Sequence[str]) -> int:
    """Count those of the problems that are taboos."""
    return sum(problem.startswith("taboo: ") for problem in problems)


def overlap(one: str, other: str) -> float:
    """Return the Jaccard similarity of two texts' words, 0–1."""
    first, second = set(_words(one)), set(_words(other))
    union = first | second
    return len(first & second) / len(union) if union else 1.0


def repeats(
    opportunities: Sequence[OpportunityDTO], meaning: Callable[[int, int], float] = lambda one, other: 0.0
) -> list[bool]:
    """Say of each opportunity whether it repeats an earlier one: in its words, in its meaning, or from the same posts.

    `meaning` is the cosine of two titles, by their places.
    """
    return [
        any(_is_same(opportunities[place], opportunities[earlier], meaning(place, earlier)) for earlier in range(place))
        for place in range(len(opportunities))
    ]


def mean_overlap(opportunities: Sequence[OpportunityDTO]) -> float | None:
    """Return how close, on average, an opportunity's words come to those of its nearest neighbour, 0–1."""
    texts = [f"{one.title} {one.angle}" for one in opportunities]
    if len(texts) < 2:
        return None
    nearest = [
        max(overlap(text, other) for there, other in enumerate(texts) if there != here)
        for here, text in enumerate(texts)
    ]
    return sum(nearest) / len(nearest)


def _is_same(one: OpportunityDTO, other: OpportunityDTO, meaning: float) -> bool:
    if overlap(f"{one.title} {one.angle}", f"{other.title} {other.angle}") >= SAME_WORDS:
        return True
    if set(one.evidence_ids) == set(other.evidence_ids):
        return True
    return meaning >= SAME_MEANING and overlap(one.title, other.title) >= SHARED_WORDS


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())

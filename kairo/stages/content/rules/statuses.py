"""How packages and variants move: the two tables, and which decision asks for which move."""

from __future__ import annotations

from kairo.stages.content.contracts import MoveNotAllowed, PackageStatus, VariantStatus
from kairo.stages.opportunities.contracts import DecisionNotApplicable, DecisionType

PACKAGE_MOVES: dict[PackageStatus, frozenset[PackageStatus]] = {
    PackageStatus.DRAFT: frozenset({PackageStatus.IN_REVIEW}),
    PackageStatus.IN_REVIEW: frozenset({PackageStatus.APPROVED, PackageStatus.DRAFT}),
    PackageStatus.APPROVED: frozenset({PackageStatus.SCHEDULED, PackageStatus.DRAFT}),
    PackageStatus.SCHEDULED: frozenset({PackageStatus.PUBLISHED}),
    PackageStatus.PUBLISHED: frozenset({PackageStatus.ARCHIVED}),
    PackageStatus.ARCHIVED: frozenset(),
}
VARIANT_MOVES: dict[VariantStatus, frozenset[VariantStatus]] = {
    VariantStatus.DRAFT: frozenset({VariantStatus.APPROVED, VariantStatus.REJECTED, VariantStatus.ARCHIVED}),
    VariantStatus.APPROVED: frozenset({VariantStatus.SCHEDULED, VariantStatus.ARCHIVED}),
    VariantStatus.REJECTED: frozenset({VariantStatus.DRAFT, VariantStatus.ARCHIVED}),
    VariantStatus.SCHEDULED: frozenset({VariantStatus.PUBLISHED, VariantStatus.MISSED, VariantStatus.ARCHIVED}),
    VariantStatus.MISSED: frozenset({VariantStatus.SCHEDULED, VariantStatus.ARCHIVED}),
    VariantStatus.PUBLISHED: frozenset({VariantStatus.ARCHIVED}),
    VariantStatus.ARCHIVED: frozenset(),
}
EDITABLE = frozenset({VariantStatus.DRAFT, VariantStatus.REJECTED, VariantStatus.APPROVED, VariantStatus.MISSED})
"""What is planned goes out as it was planned, and what is out stays as it was."""

_PACKAGE_DECISIONS = {
    DecisionType.APPROVE: PackageStatus.APPROVED,
    DecisionType.REJECT: PackageStatus.DRAFT,
    DecisionType.RESTORE: PackageStatus.DRAFT,
    DecisionType.SCHEDULE: PackageStatus.SCHEDULED,
    DecisionType.PUBLISH: PackageStatus.PUBLISHED,
    DecisionType.ARCHIVE: PackageStatus.ARCHIVED,
}
_VARIANT_DECISIONS = {
    DecisionType.APPROVE: VariantStatus.APPROVED,
    DecisionType.REJECT: VariantStatus.REJECTED,
    DecisionType.RESTORE: VariantStatus.DRAFT,
    DecisionType.SCHEDULE: VariantStatus.SCHEDULED,
    DecisionType.PUBLISH: VariantStatus.PUBLISHED,
    DecisionType.ARCHIVE: VariantStatus.ARCHIVED,
}
_SHORTCUTS = {status: decision for decision, status in _VARIANT_DECISIONS.items()}


def package_path(status: PackageStatus, wanted: PackageStatus) -> list[PackageStatus]:
    """List the steps by which a package gets from one status to the wanted one, none where it is there already.

    One decision may take two steps where the one between is only a waiting room: a draft that is approved at once
    passes the review.

    Raises:
        MoveNotAllowed: the table has no such way.
    """
    if wanted == status:
        return []
    if wanted in PACKAGE_MOVES[status]:
        return [wanted]
    if _leads_on(status, wanted):
        return [PackageStatus.IN_REVIEW, wanted]
    raise MoveNotAllowed(f"A package that is {status} cannot become {wanted}. {_ways(PACKAGE_MOVES[status])}")


def require_variant_move(status: VariantStatus, wanted: VariantStatus) -> None:
    """Refuse a move that the table does not have.

    Raises:
        MoveNotAllowed: there is no such way.
    """
    if wanted not in VARIANT_MOVES[status]:
        raise MoveNotAllowed(f"A variant that is {status} cannot become {wanted}. {_ways(VARIANT_MOVES[status])}")


def package_status_for(decision: DecisionType) -> PackageStatus:
    """Return the status that a decision on a package asks for.

    Raises:
        DecisionNotApplicable: packages are not decided on like that.
    """
    if decision not in _PACKAGE_DECISIONS:
        raise DecisionNotApplicable(_takes("A package", decision, [*_PACKAGE_DECISIONS, DecisionType.EDIT]))
    return _PACKAGE_DECISIONS[decision]


def variant_status_for(decision: DecisionType) -> VariantStatus:
    """Return the status that a decision on a variant asks for.

    Raises:
        DecisionNotApplicable: variants are not decided on like that.
    """
    if decision not in _VARIANT_DECISIONS:
        raise DecisionNotApplicable(_takes("A variant", decision, [*_VARIANT_DECISIONS, DecisionType.EDIT]))
    return _VARIANT_DECISIONS[decision]


def decision_for(status: VariantStatus) -> DecisionType:
    """Return the decision that `status` in a change of a variant stands for.

    Raises:
        MoveNotAllowed: nobody decides that a variant was missed.
    """
    if status not in _SHORTCUTS:
        raise MoveNotAllowed(f"Nobody sets a variant to {status}: it becomes so when its time has passed.")
    return _SHORTCUTS[status]


def decisions_on_variant(status: VariantStatus) -> list[DecisionType]:
    """List the decisions that a variant's status leads on by; a planned one may be planned for another time."""
    again = [DecisionType.SCHEDULE] if status is VariantStatus.SCHEDULED else []
    return again + [decision for decision, wanted in _VARIANT_DECISIONS.items() if wanted in VARIANT_MOVES[status]]


def decisions_on_package(status: PackageStatus) -> list[DecisionType]:
    """List the decisions that a package's status leads on by, each with the way that it takes."""
    return [decision for decision in _PACKAGE_DECISIONS if _leads_on(status, _PACKAGE_DECISIONS[decision])]


def _leads_on(status: PackageStatus, wanted: PackageStatus) -> bool:
    through_review = status is PackageStatus.DRAFT and wanted in PACKAGE_MOVES[PackageStatus.IN_REVIEW]
    return wanted != status and (wanted in PACKAGE_MOVES[status] or through_review)


def _ways(moves: frozenset[PackageStatus] | frozenset[VariantStatus]) -> str:
    return f"From there it can become: {', '.join(sorted(moves))}." if moves else "It stays so."


def _takes(thing: str, decision: DecisionType, listed: list[DecisionType]) -> str:
    return f"{thing} cannot be decided on with {decision}. It takes: {', '.join(sorted(listed))}."

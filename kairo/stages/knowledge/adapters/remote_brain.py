"""A brain behind HTTP, by the very paths that Kairo serves itself; its answers are read as types or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NoReturn, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from kairo.errors import FieldError, KairoError
from kairo.platform.outbound.client import Client
from kairo.stages.brands.contracts import BrandNotFound
from kairo.stages.knowledge.adapters.operator_services import (
    OPERATORS_CLIENT,
    OperatorService,
    ServiceAnswer,
    ServiceAway,
)
from kairo.stages.knowledge.contracts.departments import DepartmentNotFound
from kairo.stages.knowledge.contracts.graph import (
    BrainRefused,
    BrainUnavailable,
    CoverageReport,
    CoverageRequest,
    DepartmentContext,
    DuplicateNode,
    Duplicates,
    DuplicateSearch,
    EdgeDraft,
    InvalidNodes,
    NodeBatch,
    NodeDraft,
    NodesStored,
)
from kairo.stages.knowledge.rules.graph import require_batch

TIMEOUT_S = 10.0
_AnswerT = TypeVar("_AnswerT", bound=BaseModel)
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
_KNOWN: dict[str, type[KairoError]] = {kind.code: kind for kind in (InvalidNodes, BrandNotFound, DepartmentNotFound)}
"""What a Kairo on the other side refuses is refused here by the same name."""


class RemoteBrain:
    """A brain at an address. Each call is one request; none is repeated by itself: a stored key changes nothing."""

    def __init__(
        self, base_url: str, *, key: str | None, client: Client = OPERATORS_CLIENT, timeout_s: float = TIMEOUT_S
    ) -> None:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self._service = OperatorService(base_url, headers, timeout_s, client)

    def store(self, *, project_id: UUID, nodes: Sequence[NodeDraft], edges: Sequence[EdgeDraft]) -> NodesStored:
        """Store nodes and edges, all or nothing; a repeated client key changes nothing.

        Raises:
            BrainUnavailable: it cannot be reached, or refuses us.
            BrandNotFound: it has no such project.
            InvalidNodes: the batch is too large, a source leads nowhere there, or an edge names a key that nobody has.
        """
        require_batch(nodes, edges)
        batch = NodeBatch(project_id=project_id, nodes=list(nodes), edges=list(edges))
        stored = self._post("/api/v1/nodes/batch", batch, NodesStored)
        if {node.client_key for node in nodes} - stored.ids.keys():
            raise BrainUnavailable("The remote brain did not answer an id for each node that it was sent.")
        return stored

    def duplicates(self, *, project_id: UUID, content: str, threshold: float) -> tuple[DuplicateNode, ...]:
        """Return nodes that say the same as `content`, most similar first.

        Raises:
            BrainUnavailable, BrandNotFound: see `store`.
        """
        asked = DuplicateSearch(content=content, project_id=project_id, threshold=threshold)
        found = self._post("/api/v1/search/duplicates", asked, Duplicates).duplicates
        return tuple(one for one in found if one.similarity >= threshold)

    def context(
        self, *, project_id: UUID, department: str, previous: Sequence[str] | None, max_tokens: int
    ) -> DepartmentContext:
        """Return what the `previous` departments established that bears on `department`; None: all earlier ones.

        Raises:
            BrainUnavailable, BrandNotFound: see `store`.
            DepartmentNotFound: it has no such department.
        """
        query = [("project_id", str(project_id)), ("department", department), ("max_tokens", str(max_tokens))]
        if previous is not None:
            query.append(("previous_depts", ",".join(previous)))
        return self._read(
            self._asked(lambda: self._service.get("/api/v1/context/department", query)), DepartmentContext
        )

    def coverage(self, *, project_id: UUID, department: str) -> CoverageReport:
        """Return which aspects of the department are covered, by which nodes.

        Raises:
            BrainUnavailable, BrandNotFound, DepartmentNotFound: see `context`.
        """
        asked = CoverageRequest(project_id=project_id, department=department)
        return self._post("/api/v1/analyze/coverage", asked, CoverageReport)

    def _post(self, path: str, body: BaseModel, shape: type[_AnswerT]) -> _AnswerT:
        return self._read(self._asked(lambda: self._service.post(path, body.model_dump(mode="json"))), shape)

    def _asked(self, ask: Callable[[], ServiceAnswer]) -> ServiceAnswer:
        try:
            answer = ask()
        except ServiceAway as error:
            raise BrainUnavailable(f"The remote brain cannot be reached: {error}") from error
        if not answer.succeeded:
            self._refuse(answer)
        return answer

    def _read(self, answer: ServiceAnswer, shape: type[_AnswerT]) -> _AnswerT:
        try:
            return shape.model_validate(answer.document)
        except ValidationError as error:
            raise BrainUnavailable(
                "The remote brain answered something of another shape than was asked for."
            ) from error

    def _refuse(self, answer: ServiceAnswer) -> NoReturn:
        problem = answer.document if isinstance(answer.document, dict) else {}
        detail = self._service.without_key(str(problem.get("detail") or "it gives no reason."))
        if answer.status in _TRANSIENT:
            raise BrainUnavailable(f"The remote brain answered {answer.status}: {detail}")
        kind = _KNOWN.get(str(problem.get("code")))
        if kind is not None:
            raise kind(detail, errors=_fields(problem.get("errors")))
        raise BrainRefused(f"The remote brain refused the call ({answer.status}): {detail}")


def _fields(listed: object) -> tuple[FieldError, ...]:
    entries = listed if isinstance(listed, list) else []
    return tuple(
        FieldError(str(entry.get("field")), str(entry.get("message"))) for entry in entries if isinstance(entry, dict)
    )

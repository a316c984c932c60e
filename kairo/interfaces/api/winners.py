"""The winner index over HTTP: ads that won, found by what they say."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router, Status

from kairo.interfaces.api.auth import may_read
from kairo.interfaces.api.errors import PROBLEMS
from kairo.platform.database.clock import now
from kairo.stages.learning import operations
from kairo.stages.learning.contracts.winners import SimilarWinners, WinnerDraft, WinnerDTO, WinnersAsked

router = Router(tags=["ads"])


@router.post("/ml/rag/add-winner", response={200: WinnerDTO, 201: WinnerDTO, **PROBLEMS})
def add_winner(request: HttpRequest, body: WinnerDraft) -> Status[WinnerDTO]:
    """Put an ad into the index of winners, or what is new of it; its text is embedded unless an embedding comes.

    An embedding of another dimension than the index's is refused, and the message says the dimension.
    """
    winner, is_new = operations.add_winner(draft=body, at=now())
    return Status(201 if is_new else 200, winner)


@router.post("/ml/rag/find-similar", auth=may_read, response={200: SimilarWinners, **PROBLEMS})
def find_similar(request: HttpRequest, body: WinnersAsked) -> SimilarWinners:
    """Return the k winners nearest to a text or an embedding, with their outcome and why each is held to have won.

    Every winner that passes the filters is compared: the answer is exact.
    """
    return operations.find_similar(asked=body)

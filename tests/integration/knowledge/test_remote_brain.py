"""A remote brain that is away, slow, wrong or hostile: each is a `BrainUnavailable`, and no message tells the key."""

from __future__ import annotations

from uuid import uuid4

import pytest

from kairo.stages.knowledge.adapters.remote_brain import RemoteBrain
from kairo.stages.knowledge.contracts.graph import BrainRefused, BrainUnavailable
from tests.factories.knowledge import node
from tests.fakes.model_servers import JSON, silence
from tests.integration.outbound.servers import Answer, Site, page

KEY = "a-very-secret-key"


def asked(site: Site, *, timeout_s: float = 2.0) -> None:
    brain = RemoteBrain(site.url("/brain/"), key=KEY, timeout_s=timeout_s)
    brain.store(project_id=uuid4(), nodes=[node("a")], edges=[])


@pytest.mark.parametrize(
    "answer",
    [
        page(b"Bad gateway", status=502),
        page(b'{"detail": "The database is away", "code": "unavailable"}', status=503, headers=JSON),
        page(b"<html>Sign in</html>", headers={"content-type": "text/html"}),
        page(b'{"created": 1, "unch', headers=JSON),
        page(b"[" * 100_000, headers=JSON),
        page(b'{"created": "many"}', headers=JSON),
        page(b'{"created": 1, "unchanged": 0, "ids": {}}', headers=JSON),
        b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{",
    ],
)
def test_no_usable_answer_is_a_brain_that_is_away(answer: bytes) -> None:
    with Site(answer) as site, pytest.raises(BrainUnavailable) as told:
        asked(site)

    assert told.value.retryable
    assert KEY not in told.value.message


def test_a_silent_brain_is_given_up_in_time() -> None:
    with Site(silence) as site, pytest.raises(BrainUnavailable):
        asked(site, timeout_s=0.3)


def test_nobody_there_is_a_brain_that_is_away() -> None:
    with Site(page()) as site:
        address = site.url()

    with pytest.raises(BrainUnavailable, match="cannot be reached"):
        RemoteBrain(address, key=KEY, timeout_s=1.0).coverage(project_id=uuid4(), department="voice")


@pytest.mark.parametrize("status", [401, 403, 404, 422])
def test_a_refusal_is_not_worth_repeating_and_hides_the_key(status: int) -> None:
    answer = page(b'{"detail": "The key a-very-secret-key is unknown", "code": "other"}', status=status, headers=JSON)

    with Site(answer) as site, pytest.raises(BrainRefused, match="hidden") as told:
        asked(site)

    assert not told.value.retryable
    assert KEY not in told.value.message


def test_the_key_goes_as_a_bearer_token_and_redirects_are_not_followed() -> None:
    moved = page(b"", status=307, headers={"location": "http://127.0.0.1:1/"})

    with Site(moved) as site, pytest.raises(BrainUnavailable):
        asked(site)

    [request] = site.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.path == "/brain/api/v1/nodes/batch"


def test_a_duplicate_below_the_threshold_is_not_believed() -> None:
    told: Answer | bytes = page(
        b'{"duplicates": [{"node_id": "%s", "similarity": 0.4, "summary": "x"}]}' % str(uuid4()).encode(), headers=JSON
    )

    with Site(told) as site:
        found = RemoteBrain(site.url(), key=None).duplicates(project_id=uuid4(), content="x", threshold=0.9)

    assert found == ()

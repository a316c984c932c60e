"""Questions about the posts, and the answers, on their pages."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from kairo.interfaces.web.insights import QUESTIONS_PER_PAGE
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.models import Job
from kairo.platform.tenancy.contracts import Role
from kairo.stages.insights.contracts.answers import AnalysisMode, AnalysisState
from kairo.stages.insights.models import Analysis, AnalysisCitation
from tests.factories.analyses import answered, ask, make_analysis
from tests.factories.boards import make_brand, make_item
from tests.factories.posts import import_posts, posts
from tests.integration.web.conftest import at_most, sign_in

PAGE = "/b/northwind/insights"
HOSTILE = "<script>document.title='owned'</script>"


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return make_brand(tenant).id


@pytest.fixture
def analysis_id(tenant: UUID, brand_id: UUID) -> UUID:
    item_id = make_item(tenant, brand_id=brand_id, text="A machine")
    return make_analysis(tenant, brand_id=brand_id, item_id=item_id, at=timezone.now())


def _only(tenant: UUID) -> Analysis:
    with tenant_transaction(tenant):
        return Analysis.objects.get()


def test_a_question_leads_to_its_page_and_is_answered_there(
    client: Client, tenant: UUID, brand_id: UUID, tmp_path: Path
) -> None:
    at = timezone.now()
    import_posts(posts(12, at=at), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=at)

    asked = client.post(PAGE, {"mode": "keywords", "query": " ", "window": "1m", "platform": "", "lang": "auto"})
    row = _only(tenant)
    waiting = client.get(f"{PAGE}/{row.id}").content.decode()
    done = answered(tenant_id=tenant, brand_id=brand_id, at=row.as_of, window="1m")
    with at_most(10):
        answer = client.get(f"{PAGE}/{row.id}").content.decode()

    assert asked["Location"] == f"{PAGE}/{row.id}"
    assert "Waiting for a worker" in waiting
    assert f'hx-get="{PAGE}/{row.id}/progress"' in waiting
    assert done.response is not None
    assert done.response.header in answer
    for number, entry in enumerate(done.response.evidence, start=1):
        assert f'id="evidence-{number}"' in answer
        assert f'href="/b/northwind/evidence/{entry.id}?quote=' in answer
    assert 'href="#evidence-1"' in answer


def test_the_progress_hands_over_the_answer_when_the_work_has_ended(
    client: Client, tenant: UUID, brand_id: UUID, analysis_id: UUID
) -> None:
    waiting = ask(tenant_id=tenant, brand_id=brand_id, at=timezone.now())

    live = client.get(f"{PAGE}/{waiting.id}/progress", headers={"HX-Request": "true"})
    ended = client.get(f"{PAGE}/{analysis_id}/progress", headers={"HX-Request": "true"})

    assert f'data-run="{waiting.run_id}"' in live.content.decode()
    assert ended["HX-Retarget"] == "#answer"
    assert 'data-announce="The answer is here."' in ended.content.decode()


def test_what_was_asked_before_is_listed_newest_first(
    client: Client, tenant: UUID, brand_id: UUID, analysis_id: UUID
) -> None:
    for number in range(QUESTIONS_PER_PAGE):
        ask(tenant_id=tenant, brand_id=brand_id, at=timezone.now(), query=f"word {number}")

    with at_most(10):
        first = client.get(PAGE).content.decode()
    older = client.get(PAGE, {"before": _oldest_on(first)}).content.decode()

    assert first.index(f"word {QUESTIONS_PER_PAGE - 1}<") < first.index("word 0<")
    assert str(analysis_id) not in first
    assert str(analysis_id) in older
    assert client.get(PAGE, {"before": "x"}).status_code == 404


def _oldest_on(page: str) -> str:
    return page.partition("?before=")[2].partition('"')[0]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"mode": "gossip"}, "Choose what you want to know."),
        ({"query": "x" * 201}, "A question holds at most 200 characters: shorten it."),
        ({"window": "1y"}, "Choose how far back to look."),
        ({"lang": "tlh"}, "Choose a language of the answer."),
    ],
)
def test_a_question_that_cannot_be_asked_is_told_beside_the_form(
    client: Client, tenant: UUID, brand_id: UUID, changed: dict[str, str], words: str
) -> None:
    refused = client.post(PAGE, {"mode": "topics", "query": "scale", "window": "1w", **changed})

    assert refused.status_code == 422
    assert words in refused.content.decode()
    with tenant_transaction(tenant):
        assert not Analysis.objects.exists()


def test_the_work_on_an_answer_is_stopped(client: Client, tenant: UUID, brand_id: UUID, analysis_id: UUID) -> None:
    waiting = ask(tenant_id=tenant, brand_id=brand_id, at=timezone.now())

    stopped = client.post(f"{PAGE}/{waiting.id}/cancel", headers={"HX-Request": "true"}).content.decode()
    again = client.post(f"{PAGE}/{waiting.id}/cancel")
    answered_one = client.post(f"{PAGE}/{analysis_id}/cancel", headers={"HX-Request": "true"}).content.decode()

    assert 'data-announce="The work was stopped before there was an answer."' in stopped
    assert "or ask again." in stopped
    assert again["Location"] == f"{PAGE}/{waiting.id}"
    assert 'data-announce="The work had ended already."' in answered_one


def test_a_judgement_is_kept_and_can_be_changed(client: Client, tenant: UUID, analysis_id: UUID) -> None:
    address = f"{PAGE}/{analysis_id}/feedback"

    first = client.post(address, {"helpful": "yes"}, headers={"HX-Request": "true"}).content.decode()
    then = client.post(address, {"helpful": "no"})

    assert 'value="yes" aria-pressed="true"' in first
    assert "helpful to 1 person" in first
    assert then["Location"] == f"{PAGE}/{analysis_id}"
    assert list(_only(tenant).feedback.values()) == [False]


def test_an_answer_of_hostile_posts_is_text(client: Client, tenant: UUID, brand_id: UUID, analysis_id: UUID) -> None:
    with tenant_transaction(tenant):
        row = Analysis.objects.get()
        assert row.response_json is not None
        row.response_json["evidence"][0] |= {"snippet": HOSTILE, "title": HOSTILE, "url": "javascript:alert(1)"}
        row.response_json |= {"header": HOSTILE, "tldr": HOSTILE}
        row.response_json["meta"] |= {"warnings": [HOSTILE], "degraded": ["sentiment", HOSTILE]}
        row.request_json |= {"query": HOSTILE}
        row.save()

    page = client.get(f"{PAGE}/{analysis_id}").content.decode() + client.get(PAGE).content.decode()

    assert "<script>document" not in page
    assert "javascript:" not in page
    assert "Left out this time: sentiment" in page


def test_a_conflict_is_shown_as_one(client: Client, tenant: UUID, analysis_id: UUID) -> None:
    with tenant_transaction(tenant):
        row = Analysis.objects.get()
        assert row.response_json is not None
        row.response_json["insights"][0]["type"] = "conflict"
        row.save()

    assert 'class="insight insight-conflict"' in client.get(f"{PAGE}/{analysis_id}").content.decode()


def test_every_other_end_of_a_question_says_what_to_do(
    client: Client, tenant: UUID, brand_id: UUID, analysis_id: UUID
) -> None:
    nothing = answered(tenant_id=tenant, brand_id=brand_id, at=timezone.now(), mode=AnalysisMode.TOPICS)
    stopped = ask(tenant_id=tenant, brand_id=brand_id, at=timezone.now() - timedelta(days=1))
    assert stopped.job_id is not None
    with tenant_transaction(tenant):
        Job.objects.filter(id=stopped.job_id).update(state=JobState.CANCELLED)
        AnalysisCitation.objects.all().delete()
        Analysis.objects.filter(id=analysis_id).update(state=AnalysisState.WITHDRAWN, response_json=None)

    assert nothing.error is not None
    assert "NO_DATA" in client.get(f"{PAGE}/{nothing.id}").content.decode()
    assert "ask again" in client.get(f"{PAGE}/{stopped.id}").content.decode()
    assert "This answer was withdrawn" in client.get(f"{PAGE}/{analysis_id}").content.decode()


def test_a_question_of_another_account_or_brand_is_not_found(
    client: Client, tenant: UUID, stranger: UUID, analysis_id: UUID
) -> None:
    make_brand(tenant, slug="other", name="Other")
    make_brand(stranger)
    outsider = sign_in(stranger, email="eve@example.com")

    for path in (f"{PAGE}/{analysis_id}", f"{PAGE}/{analysis_id}/progress", f"{PAGE}/{uuid4()}"):
        assert outsider.get(path).status_code == 404
    assert client.get(f"/b/other/insights/{analysis_id}").status_code == 404
    assert outsider.post(f"{PAGE}/{analysis_id}/cancel").status_code == 404
    assert outsider.post(f"{PAGE}/{analysis_id}/feedback", {"helpful": "yes"}).status_code == 404
    assert client.post(f"/b/other/insights/{analysis_id}/feedback", {"helpful": "yes"}).status_code == 404
    assert _only(tenant).feedback == {}


def test_a_viewer_reads_and_cannot_ask(tenant: UUID, analysis_id: UUID) -> None:
    viewer = sign_in(tenant, email="vic@example.com", role=Role.VIEWER)

    assert "Ask an owner for the role editor" in viewer.get(PAGE).content.decode()
    assert viewer.get(f"{PAGE}/{analysis_id}").status_code == 200
    assert viewer.post(PAGE, {"mode": "topics"}).status_code == 403
    assert viewer.post(f"{PAGE}/{analysis_id}/cancel").status_code == 403
    assert viewer.post(f"{PAGE}/{analysis_id}/feedback", {"helpful": "yes"}).status_code == 403

"""Each of the ten gates fails on its own fixture, over the API, and nothing that a caller sends skips one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from django.utils import timezone

from tests.factories.board_jobs import run
from tests.factories.brands import stored_brand
from tests.factories.callers import caller
from tests.factories.posts import import_posts, post, posts

Lines = list[dict[str, object]]
SAME = "Our new toner is here, calm skin in one week, tell us what you think of it below"


def too_few(now: datetime) -> Lines:
    return posts(5, at=now)


def without_text(now: datetime) -> Lines:
    return posts(5, at=now) + [
        post(n, at=now, text="", transcript=f"spoken words number {n}", media_type="video") for n in range(5, 12)
    ]


def elsewhere(now: datetime) -> Lines:
    return posts(12, at=now, platform="reddit")


def videos_without_transcripts(now: datetime) -> Lines:
    return posts(12, at=now, media_type="video")


def stale(now: datetime) -> Lines:
    return posts(12, at=now - timedelta(days=8))


def short(now: datetime) -> Lines:
    words = ["red", "stings", "calm", "oily", "dry", "bumps", "glow", "patch", "toner", "serum", "clay", "mist"]
    return [post(n, at=now, text=f"{word} again, sadly") for n, word in enumerate(words)]


def one_author(now: datetime) -> Lines:
    return posts(12, at=now, author="loud")


def one_page(now: datetime) -> Lines:
    return posts(12, at=now, url="https://www.instagram.com/p/only/")


def copied(now: datetime) -> Lines:
    return posts(8, at=now) + [post(n, at=now, text=SAME + "!" * n) for n in range(8, 14)]


def hashtags_only(now: datetime) -> Lines:
    return posts(6, at=now) + [post(n, at=now, text=f"#skin{n} #glow{n} #care{n}") for n in range(6, 14)]


GATES: dict[str, Callable[[datetime], Lines]] = {
    "insufficient_items": too_few,
    "insufficient_text": without_text,
    "missing_platforms": elsewhere,
    "low_transcript_coverage": videos_without_transcripts,
    "stale_evidence": stale,
    "thin_text": short,
    "few_authors": one_author,
    "few_urls": one_page,
    "too_many_duplicates": copied,
    "low_content_ratio": hashtags_only,
}
QUALITY = list(GATES)[:5]


@pytest.mark.parametrize("code", GATES)
def test_the_gate_fails_with_its_shortfall_and_its_remediation(code: str, tenant: UUID, tmp_path: Path) -> None:
    now = timezone.now()
    brand_id = stored_brand(tenant, brand__platforms=None, pillars=[{"name": "Skin", "keywords": ["skin"]}]).id
    import_posts(GATES[code](now), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)
    client = caller(tenant)

    accepted = client.post(f"/api/brands/{brand_id}/today/regenerate?force=true&skip_gates=true&can_proceed=true")
    job = run(tenant_id=tenant, job_id=UUID(accepted.json()["job_id"]))
    board = client.get(f"/api/brands/{brand_id}/today").json()
    report = client.get(f"/api/brands/{brand_id}/gates").json()

    assert job.state == "insufficient_evidence"
    assert board["meta"]["state"] == "insufficient_evidence"
    assert board["opportunities"] == []
    shortfall = board["meta"]["evidence_shortfall"]
    assert any(failure.startswith(f"{code}: ") for failure in shortfall["failures"]), shortfall["failures"]
    verdicts = {gate["code"]: gate for gate in shortfall["gates"]}
    assert len(verdicts) == 10
    assert verdicts[code]["verdict"] == "failed"
    assert verdicts[code]["measured"] != verdicts[code]["threshold"] or code == "missing_platforms"
    assert board["meta"]["remediation"]
    failed_quality = any(verdicts[quality]["verdict"] == "failed" for quality in QUALITY)
    assert board["meta"]["reason"] == ("quality_gate_failed" if failed_quality else "usability_gate_failed")
    assert report["can_proceed"] is False
    assert report["shortfall"]["failures"] == shortfall["failures"]


def test_a_format_without_authors_is_judged_not_applicable_and_empty_authors_are_not(
    tenant: UUID, tmp_path: Path
) -> None:
    now = timezone.now()
    brand_id = stored_brand(tenant).id
    import_posts(posts(12, at=now, author=""), tenant_id=tenant, brand_id=brand_id, folder=tmp_path, at=now)

    report = caller(tenant).get(f"/api/brands/{brand_id}/gates").json()

    verdicts = {gate["code"]: gate["verdict"] for gate in report["shortfall"]["gates"]}
    assert verdicts["few_authors"] == "failed"

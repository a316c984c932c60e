"""Clusters, links and buckets: the same rows however and whenever items come in, and none of what is erased."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.database.sql import rows
from kairo.platform.tenancy.operations import create_tenant
from kairo.stages.evidence import operations as evidence
from kairo.stages.evidence import queries as evidence_queries
from kairo.stages.evidence.contracts import AuthorNotFound
from kairo.stages.insights import operations, queries
from kairo.stages.insights.contracts.trends import ClusterKeyType, LinkRole
from kairo.stages.insights.models import ArtifactClusterLink, Cluster, ClusterBucket, TrendCandidate
from kairo.stages.insights.operations.counting import count_new
from tests.factories.brands import stored_brand
from tests.factories.posts import import_posts
from tests.factories.trending import burst, quiet_posts, trend_post
from tests.integration.insights.cluster_rows import stored_rows

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)


@pytest.fixture
def brand(tenant: UUID) -> UUID:
    return stored_brand(tenant).id


def take_in(tenant: UUID, brand: UUID, folder: Path, posts: Sequence[dict[str, object]]) -> None:
    name = f"posts-{len(list(folder.iterdir()))}"
    import_posts(posts, tenant_id=tenant, brand_id=brand, folder=folder, at=NOW, name=name)
    operations.aggregate(tenant_id=tenant)


def tagged(number: int, text: str, *, hours_ago: float = 1, **changes: object) -> dict[str, object]:
    at = NOW - timedelta(hours=hours_ago)
    return trend_post(number, text=text, at=at, name="tagged", **changes)


def test_an_item_lies_in_clusters_of_every_kind_and_one_is_primary(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    take_in(tenant, brand, tmp_path, [tagged(1, "My greenhouse thermostat broke", hashtags=["Glasshouse"])])

    with tenant_transaction(tenant):
        links = ArtifactClusterLink.objects.all()
        kinds = {link.key_type for link in links}
        primary = [link.key_type for link in links if link.role == LinkRole.PRIMARY]
    assert kinds == {ClusterKeyType.HASHTAG, ClusterKeyType.KEYPHRASE, ClusterKeyType.SEMANTIC}
    assert primary == [ClusterKeyType.SEMANTIC]


def test_items_of_one_meaning_share_a_semantic_cluster(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    alike = "How often do you water a monstera plant in winter"
    posts = [tagged(1, f"{alike}?"), tagged(2, f"{alike} months?"), tagged(3, "The espresso grinder arrived broken")]

    take_in(tenant, brand, tmp_path, posts)

    with tenant_transaction(tenant):
        sizes = Cluster.objects.filter(cluster_key_type=ClusterKeyType.SEMANTIC).values_list("size", flat=True)
        assert sorted(sizes) == [1, 2]


def test_a_new_item_touches_only_the_buckets_it_falls_into(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    take_in(tenant, brand, tmp_path, [*quiet_posts(until=NOW, days=6), *burst("glasshouse", at=NOW, count=12)])
    before = {row[:3]: row for row in stored_rows(tenant)["buckets"]}

    take_in(tenant, brand, tmp_path, [tagged(1, "One more word of it", hours_ago=6.5, hashtags=["glasshouse"])])

    after = {row[:3]: row for row in stored_rows(tenant)["buckets"]}
    touched = {key for key, row in after.items() if before.get(key) != row}
    with tenant_transaction(tenant):
        item = evidence_queries.arrived_items([found[0] for found in rows(_NEWEST)])[0]
        named = {row[0] for row in rows(_KEYS, [item.id])}
    moment = NOW - timedelta(hours=6.5)
    starts = {("hour", moment.replace(minute=0)), ("day", moment.replace(hour=0, minute=0))}
    assert set(before) <= set(after)
    assert {key[0] for key in touched} == named
    assert {key[1:] for key in touched} == starts
    assert len(touched) == 2 * len(named)


_NEWEST = "SELECT item_id FROM normalized_evidence_item ORDER BY id DESC LIMIT 1"
_KEYS = """
SELECT cluster_key FROM artifact_cluster_link JOIN cluster ON cluster.id = cluster_id WHERE item_id = %s
"""


def test_who_spoke_in_an_hour_before_is_no_new_author_of_it(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    take_in(
        tenant,
        brand,
        tmp_path,
        [
            tagged(1, "A first word", author="anna", hashtags=["shared"]),
            tagged(2, "A second", author="boris", hashtags=["shared"]),
        ],
    )

    take_in(
        tenant,
        brand,
        tmp_path,
        [
            tagged(3, "A third one", author="anna", hashtags=["shared"]),
            tagged(4, "Her fourth", author="carla", hashtags=["shared"]),
        ],
    )

    hours = [row for row in stored_rows(tenant)["buckets"] if row[:2] == ("shared", "hour")]
    assert [(row[3], row[4]) for row in hours] == [(4, 3)]


def test_a_bucket_too_large_to_add_to_is_counted_anew(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    take_in(tenant, brand, tmp_path, list(burst("glasshouse", at=NOW, count=12)))
    before = stored_rows(tenant)
    with tenant_transaction(tenant):
        stored = [row[0] for row in rows("SELECT id FROM evidence_item")]

        count_new(stored, added_to=0)

    assert stored_rows(tenant) == before


def test_a_rebuild_gives_the_same_rows(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    take_in(tenant, brand, tmp_path, [*quiet_posts(until=NOW, days=6)])
    take_in(tenant, brand, tmp_path, [*burst("glasshouse", at=NOW, count=12)])
    operations.score(tenant_id=tenant, at=NOW)
    before = stored_rows(tenant)

    operations.rebuild(tenant_id=tenant)

    assert stored_rows(tenant) == before


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 39), max_size=4), ago=st.lists(st.floats(0, 200), min_size=40, max_size=40))
def test_the_rows_depend_on_the_items_not_on_how_they_are_cut(
    database: str, tmp_path: Path, cuts: list[int], ago: list[float]
) -> None:
    tenant = create_tenant(slug=f"cut-{len(list(tmp_path.iterdir()))}").id
    brand = stored_brand(tenant).id
    posts = [
        tagged(number, f"{post['text']} #greenhouse", hours_ago=hours, hashtags=["greenhouse"])
        for number, (post, hours) in enumerate(zip(quiet_posts(until=NOW, days=4, a_day=10), ago, strict=True))
    ]

    for first, end in zip([0, *sorted(set(cuts))], [*sorted(set(cuts)), 40], strict=True):
        take_in(tenant, brand, tmp_path, posts[first:end])
    in_parts = stored_rows(tenant)
    operations.rebuild(tenant_id=tenant)

    assert stored_rows(tenant) == in_parts
    counted = [row for row in in_parts["buckets"] if row[:2] == ("greenhouse", "day")]
    assert sum(int(str(row[3])) for row in counted) == 40


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_batches_in_any_order_with_copies_ties_and_erasures_are_what_a_rebuild_makes(
    database: str, tmp_path: Path, data: st.DataObject
) -> None:
    tenant = create_tenant(slug=f"any-{len(list(tmp_path.iterdir()))}").id
    brand = stored_brand(tenant).id
    waiting = data.draw(st.permutations(_mixed_posts(data.draw(st.integers(0, 5)))))
    leavers = data.draw(st.lists(st.sampled_from(("leaver-0", "leaver-1", "leaver-2")), unique=True))

    while waiting:
        size = data.draw(st.integers(min(5, len(waiting)), len(waiting)))
        take_in(tenant, brand, tmp_path, waiting[:size])
        waiting = waiting[size:]
        if data.draw(st.booleans()) and leavers:
            _erase(tenant, leavers.pop())
    for leaver in leavers:
        _erase(tenant, leaver)
    in_parts = stored_rows(tenant)
    operations.rebuild(tenant_id=tenant)

    assert stored_rows(tenant) == in_parts


def test_who_named_and_opened_clusters_leaves_what_a_rebuild_makes(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    first = tagged(1, "Repotting greenhouse ferns went badly", author="leaver-0", platform="instagram")
    others = [
        tagged(2, "I repotted my greenhouse ferns, badly", platform="tiktok"),
        tagged(3, "Repotted greenhouse ferns went badly too", platform="tiktok"),
        tagged(4, "Greenhouse ferns", platform="tiktok"),
    ]
    take_in(tenant, brand, tmp_path, [first])
    take_in(tenant, brand, tmp_path, others[:2])
    _erase(tenant, "leaver-0")
    take_in(tenant, brand, tmp_path, others[2:])
    kept = stored_rows(tenant)

    operations.rebuild(tenant_id=tenant)

    assert stored_rows(tenant) == kept
    assert not any("instagram" in str(row[3]) or "repotting" in str(row[2]) for row in kept["clusters"])


def _mixed_posts(ties: int) -> list[dict[str, object]]:
    """Return posts of many authors, the first of which leave later: copies older than what they repeat, equal moments,
    forms of one word, and texts of one meaning.
    """
    said = (
        "How often do you water a monstera plant in winter",
        "How often do you water a monstera plant in winter months",
        "Repotting the greenhouse ferns went badly again",
        "I repotted the greenhouse fern and it went well",
        "The espresso grinder arrived broken on a Tuesday",
        "The espresso grinder arrived broken on a Tuesday!! 🔥",
    )
    posts = []
    for number in range(18):
        at = NOW - timedelta(hours=5 if number < ties else 9 * (number * 7 % 18) + number / 10)
        changes = {"author": f"leaver-{number}"} if number < 3 else {}
        tags = ["greenhouse"] if number % 3 else ["Greenhouse", "ferns"]
        platform = ("instagram", "tiktok")[number % 5 == 3]
        post = trend_post(
            number, at=at, name="mixed", text=said[number % 6], hashtags=tags, platform=platform, **changes
        )
        posts.append(post)
    return posts


def _erase(tenant: UUID, author_key: str) -> None:
    with tenant_transaction(tenant), suppress(AuthorNotFound):
        author = evidence_queries.author("instagram", author_key)
        evidence.request_erasure(author=author, tenant_id=tenant, at=NOW)


def test_aggregating_again_changes_nothing(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    take_in(tenant, brand, tmp_path, [*burst("glasshouse", at=NOW, count=6)])
    before = stored_rows(tenant)

    aggregated = operations.aggregate(tenant_id=tenant)

    assert aggregated.report.items == 0
    assert stored_rows(tenant) == before


def test_nothing_of_an_erased_author_stays(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    others = [*quiet_posts(until=NOW - timedelta(hours=2), days=14), *burst("glasshouse", at=NOW, count=8)]
    gone = tagged(1, "Zanzibarish glasshouse secret", hashtags=["glasshouse", "onlymine"], author="leaver")
    take_in(tenant, brand, tmp_path, [*others, gone])
    operations.score(tenant_id=tenant, at=NOW)

    with tenant_transaction(tenant):
        author = evidence_queries.author("instagram", "leaver")
        evidence.request_erasure(author=author, tenant_id=tenant, at=NOW)

    with tenant_transaction(tenant):
        assert not Cluster.objects.filter(cluster_key__in=["onlymine", "zanzibarish"]).exists()
        assert not Cluster.objects.filter(display_name__contains="zanzibarish").exists()
        shared = Cluster.objects.get(cluster_key="glasshouse", cluster_key_type=ClusterKeyType.HASHTAG)
        assert shared.size == 8
        days = ClusterBucket.objects.filter(cluster=shared, granularity="day").values_list("count", flat=True)
        assert sum(days) == 8
    kept = stored_rows(tenant)
    operations.rebuild(tenant_id=tenant)
    assert {name: stored_rows(tenant)[name] for name in ("links", "buckets")} == {
        name: kept[name] for name in ("links", "buckets")
    }


def test_a_candidate_goes_with_the_posts_that_made_it_one(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    quiet = quiet_posts(until=NOW - timedelta(hours=2), days=14)
    take_in(tenant, brand, tmp_path, [*quiet, *burst("glasshouse", at=NOW, count=6)])
    operations.score(tenant_id=tenant, at=NOW)

    with tenant_transaction(tenant):
        for number in range(3):
            author = evidence_queries.author("instagram", f"burst-author-{number}")
            evidence.request_erasure(author=author, tenant_id=tenant, at=NOW)

    with tenant_transaction(tenant):
        assert not TrendCandidate.objects.filter(cluster__cluster_key="glasshouse").exists()


def test_a_cluster_is_told_with_its_life(tenant: UUID, brand: UUID, tmp_path: Path) -> None:
    quiet = quiet_posts(until=NOW - timedelta(hours=2), days=14)
    take_in(tenant, brand, tmp_path, [*quiet, *burst("glasshouse", at=NOW, count=10)])
    operations.score(tenant_id=tenant, at=NOW)

    with tenant_transaction(tenant):
        found = Cluster.objects.get(cluster_key="glasshouse", cluster_key_type=ClusterKeyType.HASHTAG)
        told = queries.cluster(found.id)

    assert told.label == "#glasshouse"
    assert told.items == len(told.item_ids) == 10
    assert sum(bucket.count for bucket in told.hours) == 10
    assert [candidate.cluster_id for candidate in told.candidates] == [found.id]

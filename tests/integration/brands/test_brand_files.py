"""Brands in and out as files."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.brands import operations, queries
from kairo.stages.brands.contracts import AmbiguousBrand, BrandNotFound, InvalidBrandFile
from tests.factories.brands import NOON, brand_file, stored_brand

PILLARS = [
    {"name": "Routine", "priority_rank": 2, "keywords": ["cleanser"]},
    {"name": "Sun care", "priority_rank": 1, "keywords": ["spf"]},
]


def test_a_file_comes_back_as_it_went_in(tenant: UUID) -> None:
    file = brand_file(
        tenant="acme",
        brand__taboos=["miracle"],
        personas=[{"name": "Ana", "role": "student", "pains": ["stinging"]}],
        pillars=PILLARS,
        patterns=[{"name": "Myth and fact", "category": "education", "beats": ["myth", "fact"]}],
    )

    with tenant_transaction(tenant):
        brand, created, _ = operations.import_brand(file=file, at=NOON)
        exported = queries.brand_file(brand.id, tenant_slug="acme")

    assert created
    assert exported.brand == file.brand
    assert exported.personas == file.personas
    assert [pillar.name for pillar in exported.pillars] == ["Sun care", "Routine"]
    assert exported.patterns == file.patterns


def test_the_same_file_again_changes_nothing(tenant: UUID) -> None:
    first = stored_brand(tenant, pillars=PILLARS)

    with tenant_transaction(tenant):
        second, created, changed = operations.import_brand(
            file=brand_file(pillars=PILLARS), at=NOON + timedelta(days=1)
        )

    assert (created, changed) == (False, False)
    assert second == first


def test_a_pillar_that_the_file_leaves_out_is_archived_and_comes_back(tenant: UUID) -> None:
    brand = stored_brand(tenant, pillars=PILLARS)

    with tenant_transaction(tenant):
        operations.import_brand(file=brand_file(pillars=PILLARS[:1]), at=NOON)
        without = [pillar.name for pillar in queries.pillars(brand.id)]
        operations.import_brand(file=brand_file(pillars=PILLARS), at=NOON)
        back = [pillar.name for pillar in queries.pillars(brand.id)]

    assert without == ["Routine"]
    assert back == ["Sun care", "Routine"]


def test_platforms_left_out_mean_instagram_or_tiktok_and_an_empty_list_means_any(tenant: UUID) -> None:
    left_out = stored_brand(tenant, brand__slug="a", brand__platforms=None)
    any_platform = stored_brand(tenant, brand__slug="b", brand__platforms=[])

    assert left_out.platforms == ["instagram", "tiktok"]
    assert any_platform.platforms == []


def test_an_unchanged_brand_keeps_its_snapshot_and_a_changed_one_gets_another(tenant: UUID) -> None:
    brand = stored_brand(tenant, pillars=PILLARS)

    with tenant_transaction(tenant):
        first = operations.take_snapshot(brand_id=brand.id, at=NOON)
        again = operations.take_snapshot(brand_id=brand.id, at=NOON + timedelta(days=1))
        operations.import_brand(file=brand_file(brand__positioning="Calm", pillars=PILLARS), at=NOON)
        changed = operations.take_snapshot(brand_id=brand.id, at=NOON)

    assert again == first
    assert changed.id != first.id
    assert (changed.positioning, first.positioning) == ("Calm", None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "mapping with `brand:`"),
        ("- just\n- a list", "mapping with `brand:`"),
        ("brand: {slug: glow", "not YAML"),
        ("brand: {slug: 'No Slug', name: Glow}", "brand.slug"),
        ("brand: {slug: glow}", "brand.name"),
        ("brand: {slug: glow, name: Glow, mood: calm}", "brand.mood"),
        ("brand: {slug: glow, name: Glow}\npatterns: [{name: A, category: fun}]", "patterns.0.category"),
        ("brand: {slug: glow, name: Glow}\npillars: [{name: A}, {name: A}]", "each name once"),
        ("brand: &a {slug: glow, name: *a}", "no references"),
        ("[" * 100_000, "at most 20 levels"),
        ("x" * 200_001, "at most 200,000 characters"),
    ],
)
def test_a_file_with_a_mistake_is_refused_with_the_place_of_it(text: str, says: str) -> None:
    with pytest.raises(InvalidBrandFile, match=says):
        operations.parse_brand_file(text)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00\x01")

    with pytest.raises(InvalidBrandFile, match="cannot be read"):
        operations.read_brand_file(tmp_path / "binary.yaml")
    with pytest.raises(InvalidBrandFile, match="cannot be read"):
        operations.read_brand_file(tmp_path / "missing.yaml")


def test_a_slug_that_two_tenants_have_needs_the_tenant(tenant: UUID, stranger: UUID) -> None:
    ours, theirs = stored_brand(tenant), stored_brand(stranger)

    with pytest.raises(AmbiguousBrand, match="acme, stranger"):
        queries.locate_brand("glow")
    assert queries.locate_brand("glow", tenant_slug="acme") == (tenant, ours.id)
    assert queries.locate_brand("glow", tenant_slug="stranger") == (stranger, theirs.id)


def test_another_tenant_does_not_find_the_brand(tenant: UUID, stranger: UUID) -> None:
    brand = stored_brand(tenant)

    with tenant_transaction(stranger):
        assert queries.brands() == []
        with pytest.raises(BrandNotFound):
            queries.brand(brand.id)

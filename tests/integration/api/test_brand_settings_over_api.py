"""What a brand sets for itself: typed, bounded, its own, and read by whatever it is for."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.contracts import Role
from kairo.stages.brands.contracts import BrandSettings
from kairo.stages.brands.models import Brand
from kairo.stages.evidence import queries as evidence
from kairo.stages.evidence.contracts import GateThresholds
from kairo.stages.evidence.operations.live_capture import DAILY_LIMIT_USD
from kairo.stages.evidence.queries import EvidenceWindow
from tests.factories.brands import stored_brand
from tests.factories.callers import caller

JSON = "application/json"
NOW: datetime = timezone.now()


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return stored_brand(tenant).id


@pytest.fixture
def client(tenant: UUID) -> Client:
    return caller(tenant)


def stored(tenant: UUID) -> dict[str, object]:
    with tenant_transaction(tenant):
        return dict(Brand.objects.values_list("settings", flat=True).get())


def test_the_defaults_are_those_of_whoever_reads_them() -> None:
    defaults = BrandSettings()

    assert defaults.gates.model_dump() == GateThresholds().model_dump(exclude={"platforms"})
    window = EvidenceWindow(as_of=NOW)
    assert (defaults.evidence_days, defaults.evidence_max_items) == (window.days, window.max_items)
    assert defaults.capture_daily_usd == DAILY_LIMIT_USD


def test_what_is_given_changes_and_the_rest_stays(client: Client, tenant: UUID, brand_id: UUID) -> None:
    path = f"/api/settings/brands/{brand_id}"

    client.patch(path, {"gates": {"min_items": 12}, "agents": "auto"}, content_type=JSON)
    changed = client.patch(path, {"gates": {"min_urls": 9}, "evidence_days": 14}, content_type=JSON)
    read = client.get(path).json()

    assert changed.status_code == 200
    assert changed.json() == read
    assert read["changed"] == ["agents", "evidence_days", "gates.min_items", "gates.min_urls"]
    assert (read["settings"]["gates"]["min_items"], read["defaults"]["gates"]["min_items"]) == (12, 8)
    assert stored(tenant) == {"gates": {"min_items": 12, "min_urls": 9}, "agents": "auto", "evidence_days": 14}
    with tenant_transaction(tenant):
        thresholds = evidence.gate_thresholds(brand_id)
        window = evidence.evidence_window(brand_id, as_of=NOW)
    assert (thresholds.min_items, thresholds.min_urls, window.days) == (12, 9, 14)


def test_a_default_takes_a_change_back(client: Client, tenant: UUID, brand_id: UUID) -> None:
    path = f"/api/settings/brands/{brand_id}"
    client.patch(path, {"gates": {"min_items": 12}, "denied_domains": ["example.com"]}, content_type=JSON)

    back = client.patch(path, {"gates": {"min_items": 8}, "denied_domains": []}, content_type=JSON)

    assert back.json()["changed"] == []
    assert stored(tenant) == {}


def test_what_others_keep_among_the_settings_is_left_alone(client: Client, tenant: UUID, brand_id: UUID) -> None:
    with tenant_transaction(tenant):
        Brand.objects.update(settings={"of_another_stage": {"depth": 3}})

    client.patch(f"/api/settings/brands/{brand_id}", {"evidence_days": 7}, content_type=JSON)

    assert stored(tenant) == {"of_another_stage": {"depth": 3}, "evidence_days": 7}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"gates": {"skip": True}}, "gates.skip"),
        ({"gates": {"min_items": 0}}, "gates.min_items"),
        ({"gates": {"min_content_share": 0}}, "gates.min_content_share"),
        ({"gates": {"max_duplicate_share": 0.9}}, "gates.max_duplicate_share"),
        ({"capture_daily_usd": -1}, "capture_daily_usd"),
        ({"evidence_days": "a while"}, "evidence_days"),
        ({"agents": "humans"}, "agents"),
    ],
)
def test_what_cannot_be_set_is_refused_by_name(
    client: Client, tenant: UUID, brand_id: UUID, change: dict[str, object], field: str
) -> None:
    refused = client.patch(f"/api/settings/brands/{brand_id}", change, content_type=JSON)

    assert refused.status_code == 422
    assert field in [error["field"].removeprefix("body.") for error in refused.json()["errors"]]
    assert stored(tenant) == {}


def test_a_gate_that_nothing_could_pass_is_refused(client: Client, brand_id: UUID) -> None:
    path = f"/api/settings/brands/{brand_id}"
    client.patch(path, {"evidence_max_items": 50}, content_type=JSON)

    refused = client.patch(path, {"gates": {"min_items": 60}}, content_type=JSON)

    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_brand_settings")
    assert "asks for 60 items, and only the newest 50" in refused.json()["detail"]


def test_a_domain_must_be_one(client: Client, tenant: UUID, brand_id: UUID) -> None:
    refused = client.patch(f"/api/settings/brands/{brand_id}", {"denied_domains": ["co.uk"]}, content_type=JSON)

    assert (refused.status_code, refused.json()["code"]) == (422, "unusable_domain_rule")
    assert stored(tenant) == {}


def test_a_viewer_reads_and_a_stranger_finds_nothing(tenant: UUID, stranger: UUID, brand_id: UUID) -> None:
    path = f"/api/settings/brands/{brand_id}"
    viewer, outsider = caller(tenant, role=Role.VIEWER), caller(stranger)

    assert viewer.get(path).status_code == 200
    assert viewer.patch(path, {"evidence_days": 7}, content_type=JSON).status_code == 403
    assert outsider.get(path).status_code == 404
    assert outsider.patch(path, {"evidence_days": 7}, content_type=JSON).status_code == 404
    assert stored(tenant) == {}

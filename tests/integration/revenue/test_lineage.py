"""The chain from a post to a deal: both ways, from anything of it, with the money that flowed, in few queries."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from urllib.parse import quote
from uuid import UUID

import pytest

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.ads import operations as ads
from kairo.stages.ads.contracts import AdDraft
from kairo.stages.ads.models import Ad
from kairo.stages.revenue import operations
from kairo.stages.revenue.contracts.deals import AmbiguousDeal
from kairo.stages.revenue.contracts.lineage import ChainDTO, ChainKind, LineageNotFound
from tests.factories.boards import make_brand
from tests.factories.callers import caller
from tests.factories.packages import NOON
from tests.factories.sales import Sale, make_sale
from tests.factories.stories import Story, story
from tests.factories.tracking import attributed, conversion_record, tracked
from tests.integration.revenue.deal_records import deal, ingest
from tests.integration.web.conftest import at_most

HOUR = timedelta(hours=1)
WHOLE = [
    "evidence", "evidence", "opportunity", "package", "variant", "engagement", "ad", "click", "click", "conversion",
    "conversion", "deal",
]  # fmt: skip
AFTER_TEXTS = {"variant", "ad", "click", "conversion"}
OUTSIDE = [ChainKind.AD, ChainKind.CLICK, ChainKind.CONVERSION, ChainKind.DEAL]


def follow(
    tenant: UUID, kind: ChainKind, object_id: object, *, brand_id: UUID | None = None, source: str | None = None
) -> ChainDTO:
    with tenant_transaction(tenant), at_most(7):
        return operations.follow(kind=kind, object_id=str(object_id), at=NOON, brand_id=brand_id, source=source)


def kinds(found: ChainDTO) -> list[str]:
    return [str(node.kind) for node in found.nodes]


def named(told: Story, sale: Sale, kind: ChainKind) -> object:
    """Return the id by which a thing of the story is followed."""
    outside = {"ad": sale.ad, "click": sale.lead_click, "conversion": sale.lead, "deal": sale.deal}
    return outside[kind] if kind in outside else told.item if kind is ChainKind.EVIDENCE else getattr(told, kind)


@pytest.fixture
def told(tenant: UUID) -> Story:
    return story(tenant)


@pytest.fixture
def sale(tenant: UUID, told: Story) -> Sale:
    return make_sale(tenant, variant_id=told.variant, at=NOON)


@pytest.mark.parametrize("kind", [ChainKind.OPPORTUNITY, ChainKind.PACKAGE, ChainKind.VARIANT, ChainKind.AD])
def test_a_text_leads_to_its_deals_and_back_to_its_posts(
    tenant: UUID, told: Story, sale: Sale, kind: ChainKind
) -> None:
    found = follow(tenant, kind, named(told, sale, kind))

    assert kinds(found) == WHOLE
    assert [
        (edge.source, edge.relation.value, edge.target)
        for edge in found.edges
        if edge.source.partition(":")[0] in AFTER_TEXTS
    ] == [
        (f"variant:{told.variant}", "brought", f"engagement:{told.variant}:view"),
        (f"variant:{told.variant}", "advertised_by", f"ad:{sale.ad}"),
        (f"ad:{sale.ad}", "clicked", f"click:{sale.lead_click}"),
        (f"ad:{sale.ad}", "clicked", f"click:{sale.order_click}"),
        (f"click:{sale.lead_click}", "led_to", f"conversion:{sale.lead}"),
        (f"click:{sale.order_click}", "led_to", f"conversion:{sale.order}"),
        (f"conversion:{sale.lead}", "became", f"deal:crm:{sale.deal}"),
    ]


def test_a_post_leads_to_the_money_that_came_of_it(tenant: UUID, told: Story, sale: Sale) -> None:
    found = follow(tenant, ChainKind.EVIDENCE, told.item)

    assert found.revenue is not None
    [flow] = found.revenue.flows
    assert (flow.currency, flow.conversion_cash, flow.deal_cash) == ("EUR", Decimal(55), Decimal(900))
    assert (flow.cash, flow.synthetic_revenue, flow.told_by_deals) == (Decimal(955), Decimal(900), Decimal(10))
    assert (found.revenue.conversions, found.revenue.deals, found.truncated) == (2, 1, False)


@pytest.mark.parametrize("kind", [ChainKind.CLICK, ChainKind.CONVERSION, ChainKind.DEAL])
def test_from_the_end_only_what_led_there_is_shown(tenant: UUID, told: Story, sale: Sale, kind: ChainKind) -> None:
    found = follow(tenant, kind, named(told, sale, kind))

    assert kinds(found) == [*WHOLE[:6], "ad", "click", "conversion", "deal"]
    assert found.start in {node.id for node in found.nodes}
    assert found.revenue is not None
    assert [(flow.cash, flow.told_by_deals) for flow in found.revenue.flows] == [(Decimal(900), Decimal(10))]


def test_a_deal_that_is_the_conversion_by_its_id_counts_once(tenant: UUID) -> None:
    tracked(tenant, NOON - 2 * HOUR, click_id="kc")
    attributed(tenant, NOON - HOUR, conversion_id="same", click_id="kc", value="80", currency="USD")
    ingest(tenant, deal("same", stage="won", outcome="won", amount=100, currency="USD", ad_id="ad-1"))

    for kind, object_id in ((ChainKind.AD, "ad-1"), (ChainKind.CONVERSION, "same"), (ChainKind.DEAL, "same")):
        found = follow(tenant, kind, object_id)
        assert found.revenue is not None
        assert [(flow.cash, flow.told_by_deals) for flow in found.revenue.flows] == [(Decimal(100), Decimal(80))]


def test_an_ad_that_nobody_recorded_is_followed_by_its_clicks(tenant: UUID) -> None:
    tracked(tenant, NOON - HOUR, ad_id="nobody's", click_id="kc")

    from_ad, from_click = follow(tenant, ChainKind.AD, "nobody's"), follow(tenant, ChainKind.CLICK, "kc")

    assert kinds(from_ad) == kinds(from_click) == ["ad", "click"]
    assert from_ad.revenue is not None
    assert from_ad.revenue.flows == []


def test_an_unattributed_conversion_is_a_chain_of_one_without_cash(tenant: UUID) -> None:
    attributed(tenant, NOON, conversion_id="lonely", value="10")

    found = follow(tenant, ChainKind.CONVERSION, "lonely")

    assert (kinds(found), found.edges) == (["conversion"], [])
    assert found.revenue is not None
    assert found.revenue.flows == []


def test_of_very_many_the_newest_are_shown_and_all_are_counted(tenant: UUID, told: Story) -> None:
    make_sale(tenant, variant_id=told.variant, at=NOON)
    tracked(tenant, NOON - 3 * HOUR, ad_id=Sale.ad, click_id="kc-many")
    many = [
        conversion_record(NOON, conversion_id=f"many-{number}", click_id="kc-many", value="1", currency="EUR")
        for number in range(51)
    ]
    with tenant_transaction(tenant):
        operations.attribute_conversions(records=many, at=NOON)

    found = follow(tenant, ChainKind.VARIANT, told.variant)

    assert (kinds(found).count("conversion"), found.truncated) == (50, True)
    assert found.revenue is not None
    assert found.revenue.conversions == 53
    assert [flow.conversion_cash for flow in found.revenue.flows] == [Decimal(106)]


@pytest.mark.parametrize("kind", OUTSIDE)
def test_nothing_of_another_account_or_brand_is_followed(
    tenant: UUID, stranger: UUID, told: Story, sale: Sale, kind: ChainKind
) -> None:
    second = make_brand(tenant, slug="second").id

    for owner, object_id, brand_id in (
        (stranger, named(told, sale, kind), None), (tenant, "nothing", None), (tenant, "\0", None),
        (tenant, named(told, sale, kind), second),
    ):  # fmt: skip
        with pytest.raises(LineageNotFound), tenant_transaction(owner):
            operations.follow(kind=kind, object_id=str(object_id), at=NOON, brand_id=brand_id)


def test_an_ad_whose_text_is_gone_begins_the_chain(tenant: UUID, told: Story) -> None:
    with tenant_transaction(tenant):
        ads.save_ad(draft=AdDraft(ad_id="ad-1", variant_id=told.variant), at=NOON)
        Ad.objects.update(variant_id=new_id())

    assert kinds(follow(tenant, ChainKind.AD, "ad-1")) == ["ad"]
    with tenant_transaction(tenant):
        found = operations.follow(kind=ChainKind.AD, object_id="ad-1", at=NOON, brand_id=told.brand)
    assert kinds(found) == ["ad"]


def test_deals_of_two_crms_are_told_apart_by_their_source(tenant: UUID) -> None:
    for source in ("one", "other"):
        ingest(tenant, deal("d1", ad_id="ad-1"), source=source)

    with pytest.raises(AmbiguousDeal, match="other"), tenant_transaction(tenant):
        operations.follow(kind=ChainKind.DEAL, object_id="d1", at=NOON)
    assert follow(tenant, ChainKind.DEAL, "d1", source="other").start == "deal:other:d1"


def test_the_api_tells_the_chain_with_its_revenue(tenant: UUID, sale: Sale) -> None:
    api = caller(tenant)

    answer = api.get(f"/api/lineage/ad/{quote(sale.ad)}").json()
    of_deal = api.get(f"/api/lineage/deal/{sale.deal}?source=crm")

    assert answer["start"] == f"ad:{sale.ad}"
    assert answer["revenue"]["flows"][0]["cash"] == 955
    assert of_deal.status_code == 200
    assert api.get("/api/lineage/deal/nothing").json()["code"] == "lineage_not_found"

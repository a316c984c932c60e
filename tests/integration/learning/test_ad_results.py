"""What ads did and brought moves what the next board thinks of pillars, channels and platforms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.ads.models import AdStat
from kairo.stages.content.models import ContentPackage
from kairo.stages.learning import operations, queries
from kairo.stages.learning.contracts import LearningSignalType
from kairo.stages.learning.models import LearningEvent
from kairo.stages.opportunities.contracts import Channel
from tests.factories.advertising import make_ad
from tests.factories.boards import NOON, make_brand, make_item, make_opportunity
from tests.factories.packages import make_package, make_variant

QUOTE = "How do I descale my machine?"


def advertised(tenant: UUID) -> UUID:
    """Make a brand with two texts of one opportunity, one of which sells well as an ad and one badly."""
    brand_id = make_brand(tenant).id
    item_id = make_item(tenant, brand_id=brand_id, text=QUOTE)
    opportunity_id = make_opportunity(tenant, brand_id=brand_id, cites=[(item_id, QUOTE)])
    package_id = make_package(tenant, brand_id=brand_id, item_id=item_id)
    with tenant_transaction(tenant):
        ContentPackage.objects.filter(id=package_id).update(origin_opportunity_id=opportunity_id)
    for ad_id, channel, sold in (("good", Channel.META_ADS, 60), ("bad", Channel.TIKTOK, 10)):
        variant_id = make_variant(
            tenant, brand_id=brand_id, package_id=package_id, item_id=item_id, channel=channel, body=f"Text {ad_id}"
        )
        make_ad(tenant, ad_id, variant_id=variant_id, conversions=sold, revenue=30.0 * sold, clicks=sold, at=NOON)
    make_ad(tenant, "unlinked", at=NOON)
    return brand_id


def test_results_and_revenue_of_ads_move_the_effects_of_what_they_were_made_of(tenant: UUID) -> None:
    brand_id = advertised(tenant)
    with tenant_transaction(tenant):
        learned = operations.note_ad_results(at=NOON)
        operations.update_effects(brand_id=brand_id, at=NOON)
        summary = queries.learning_summary(brand_id, at=NOON)
        kinds = [event.signal_type for event in queries.learning_events(brand_id)]
    effects: dict[Any, Any] = {entry["channel"]: entry["effect"] for entry in summary.top_performing_channels}
    assert learned == [brand_id]
    assert sorted(kinds) == [LearningSignalType.AD_RESULT] * 2 + [LearningSignalType.REVENUE] * 2
    assert effects["meta_ads"] > 0 > effects["tiktok"]
    assert "the results of 2 ads" in summary.notes[0]


def test_only_what_is_new_is_taken_in(tenant: UUID) -> None:
    advertised(tenant)
    with tenant_transaction(tenant):
        operations.note_ad_results(at=NOON)
        unchanged = operations.note_ad_results(at=NOON + timedelta(days=1))
        AdStat.objects.filter(ad_id="good").update(conversions=70, cash_revenue=2_100)
        changed = operations.note_ad_results(at=NOON + timedelta(days=2))
        count = LearningEvent.objects.count()
    assert (unchanged, len(changed), count) == ([], 1, 4)

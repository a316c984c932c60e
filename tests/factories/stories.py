"""A post that was carried through to a text that somebody saw."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from kairo.platform.database.sessions import tenant_transaction
from kairo.stages.content.models import ContentPackage
from tests.factories.boards import make_brand, make_item, make_opportunity
from tests.factories.packages import make_event, make_package, make_variant

QUOTE = "How do I descale my machine?"


@dataclass(frozen=True)
class Story:
    """A post that became an opportunity, a package and a text that somebody saw; and a post that stands beside it."""

    brand: UUID
    item: UUID
    other_item: UUID
    opportunity: UUID
    package: UUID
    variant: UUID


def story(tenant: UUID, *, slug: str = "northwind") -> Story:
    brand = make_brand(tenant, slug=slug).id
    item = make_item(tenant, brand_id=brand, text=QUOTE)
    other = make_item(tenant, brand_id=brand, text="Descaling is not so hard.")
    opportunity = make_opportunity(tenant, brand_id=brand, cites=[(item, QUOTE), (other, "not so hard")])
    package = make_package(tenant, brand_id=brand, item_id=item)
    with tenant_transaction(tenant):
        ContentPackage.objects.filter(id=package).update(origin_opportunity_id=opportunity)
    variant = make_variant(tenant, brand_id=brand, package_id=package, item_id=item)
    make_event(tenant, variant_id=variant)
    return Story(brand, item, other, opportunity, package, variant)

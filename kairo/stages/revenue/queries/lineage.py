"""The chain from a post to the money that came of it, whatever thing of it is asked for; seven queries at most."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from kairo.platform.database.sessions import current_tenant
from kairo.platform.database.sql import rows
from kairo.stages.content import queries as content
from kairo.stages.content.contracts import MOST_OF_A_KIND, LineageKind, TextChain
from kairo.stages.revenue.contracts.deals import AmbiguousDeal
from kairo.stages.revenue.contracts.lineage import (
    OUTSIDE,
    ChainDTO,
    ChainKind,
    ClicksBefore,
    ClickSearchDTO,
    LineageNotFound,
)
from kairo.stages.revenue.rules.lineage import (
    AdFound,
    ClickFound,
    ConversionFound,
    ConversionSum,
    DealFound,
    DealSum,
    Downstream,
    joined,
)

MOST_CLICKS_LOOKED_AT = 50_000
"""Among so many clicks of the account those of an ad that led to nothing are looked for at a time, the newest first.

No index finds clicks by their ad: each one is written with every click. To read so many took 20 to 33 ms where a
million were stored.
"""
_NONE = "There is no such thing to follow."
_CONVERSION = (
    "conversion_id, conversion_type, value, currency, occurred_at, confidence, ad_id, attributed_click_id, clicked_at,"
    " attributed"
)
_DEAL = (
    "deal_key, source, outcome, stage, ad_id, click_id, synthetic_value, synthetic_currency, created_at,"
    " (merged_into IS NULL AND NOT is_deleted) AS counts"
)
_FOUND_CLICK = "click_id, ad_id, clicked_at, true AS is_found, false AS is_last, false AS led_on"
_NO_CLICKS = f"SELECT {_FOUND_CLICK} FROM click_tracking WHERE false"  # noqa: S608
_OF_TENANT = "tenant_id = %(tenant)s::uuid"
_OF_ADS = f"""
known AS (
  SELECT ad_id, name, platform, status, variant_id, package_id FROM ad
  WHERE {_OF_TENANT} AND (ad_id = %(ad)s OR variant_id = ANY(%(variants)s::uuid[])
    OR (variant_id IS NULL AND package_id = ANY(%(packages)s::uuid[])))
),
wanted AS (SELECT ad_id FROM known UNION SELECT %(ad)s::text WHERE %(ad)s::text IS NOT NULL),
sold AS (
  SELECT {_CONVERSION} FROM conversion_tracking
  WHERE {_OF_TENANT} AND attributed AND ad_id IN (SELECT ad_id FROM wanted)
),
dealt AS (
  SELECT {_DEAL} FROM deal
  WHERE {_OF_TENANT} AND ad_id IN (SELECT ad_id FROM wanted) AND merged_into IS NULL AND NOT is_deleted
),
clicked AS (
  SELECT click_id, ad_id, clicked_at, is_found, place = {MOST_CLICKS_LOOKED_AT} AS is_last,
         click_id IN (SELECT click_id FROM dealt WHERE click_id IS NOT NULL) AS led_on
  FROM (
    SELECT *, ad_id IN (SELECT ad_id FROM wanted)
           AND click_id NOT IN (SELECT attributed_click_id FROM sold WHERE attributed_click_id IS NOT NULL) AS is_found
    FROM (
      SELECT click_id, ad_id, clicked_at, row_number() OVER (ORDER BY clicked_at DESC, click_id DESC) AS place
      FROM click_tracking WHERE {_OF_TENANT} AND EXISTS (SELECT 1 FROM wanted) {{earlier}}
      ORDER BY clicked_at DESC, click_id DESC LIMIT {MOST_CLICKS_LOOKED_AT}
    ) read
  ) looked_at
  WHERE is_found OR place = {MOST_CLICKS_LOOKED_AT}
  ORDER BY clicked_at DESC, click_id DESC LIMIT %(most)s
)"""  # noqa: S608
# The first condition leaves out parts of the table, the second those of the same moment that were looked at.
_EARLIER = """
AND clicked_at <= %(before)s::timestamptz AND (clicked_at, click_id) < (%(before)s::timestamptz, %(before_id)s::text)
"""
_KNOWN = f"""
known AS (
  SELECT ad_id, name, platform, status, variant_id, package_id FROM ad WHERE {_OF_TENANT} AND ad_id IN (
    SELECT ad_id FROM sold UNION SELECT ad_id FROM dealt UNION SELECT ad_id FROM clicked)
)"""  # noqa: S608
_OF_CLICK = f"""
clicked AS (
  SELECT {_FOUND_CLICK} FROM click_tracking
  WHERE {_OF_TENANT} AND click_key = %(key)s AND click_id = %(id)s ORDER BY clicked_at DESC LIMIT 1
),
sold AS (
  SELECT {_CONVERSION} FROM conversion_tracking
  WHERE {_OF_TENANT} AND attributed AND attributed_key = %(key)s AND attributed_click_id = %(id)s
),
dealt AS (
  SELECT {_DEAL} FROM deal
  WHERE {_OF_TENANT} AND (click_id = %(id)s OR deal_key IN (SELECT conversion_id FROM sold))
),{_KNOWN}"""  # noqa: S608
_OF_CONVERSION = f"""
clicked AS ({_NO_CLICKS}),
sold AS (SELECT {_CONVERSION} FROM conversion_tracking WHERE {_OF_TENANT} AND conversion_id = %(id)s),
dealt AS (
  SELECT {_DEAL} FROM deal WHERE {_OF_TENANT}
    AND (deal_key = %(id)s OR click_id = (SELECT attributed_click_id FROM sold WHERE attributed))
),{_KNOWN}"""  # noqa: S608
_OF_DEAL = f"""
clicked AS ({_NO_CLICKS}),
dealt AS (
  SELECT {_DEAL} FROM deal
  WHERE {_OF_TENANT} AND deal_key = %(id)s AND (%(source)s::text IS NULL OR source = %(source)s)
),
sold AS (
  SELECT {_CONVERSION} FROM conversion_tracking WHERE {_OF_TENANT} AND attributed
    AND (conversion_id IN (SELECT deal_key FROM dealt) OR (
      ad_id IN (SELECT ad_id FROM dealt) AND attributed_click_id IN (SELECT click_id FROM dealt)))
),{_KNOWN}"""  # noqa: S608
# A sale that a deal tells of as well is that deal's: known by its id, or by its click.
_FOUND = f"""
WITH {{found}}
SELECT
  (SELECT jsonb_agg(to_jsonb(one)) FROM (SELECT * FROM known ORDER BY ad_id LIMIT %(most)s) one),
  (SELECT jsonb_agg(to_jsonb(one)) FROM (SELECT * FROM clicked ORDER BY clicked_at DESC, click_id DESC) one),
  (SELECT jsonb_agg(to_jsonb(one)) FROM (
    SELECT conversion_id, conversion_type, value::text, currency, occurred_at, confidence, ad_id,
           attributed_click_id, clicked_at
    FROM sold ORDER BY occurred_at DESC, conversion_id LIMIT %(most)s) one),
  (SELECT jsonb_agg(to_jsonb(one)) FROM (
    SELECT deal_key, source, outcome, stage, ad_id, click_id, synthetic_value::text, synthetic_currency, created_at
    FROM dealt ORDER BY created_at DESC NULLS LAST, source, deal_key LIMIT %(most)s) one),
  (SELECT jsonb_agg(to_jsonb(one)) FROM (
    SELECT currency, count(*), coalesce(sum(value) FILTER (WHERE NOT told), 0)::text AS value,
           coalesce(sum(value) FILTER (WHERE told), 0)::text AS told
    FROM (
      SELECT currency, value, EXISTS (
          SELECT 1 FROM deal WHERE {_OF_TENANT} AND deal_key = sold.conversion_id AND merged_into IS NULL
            AND NOT is_deleted
        ) OR EXISTS (
          SELECT 1 FROM deal WHERE {_OF_TENANT} AND click_id = sold.attributed_click_id AND merged_into IS NULL
            AND NOT is_deleted
        ) AS told
      FROM sold WHERE attributed
    ) sale GROUP BY currency) one),
  (SELECT jsonb_agg(to_jsonb(one)) FROM (
    SELECT synthetic_currency AS currency, count(*), coalesce(sum(synthetic_value), 0)::text AS value,
           coalesce(sum(synthetic_value) FILTER (WHERE outcome = 'won'), 0)::text AS cash
    FROM dealt WHERE counts GROUP BY synthetic_currency) one)
"""  # noqa: S608
_BRANCHES: Mapping[ChainKind, str] = {
    ChainKind.CLICK: _OF_CLICK,
    ChainKind.CONVERSION: _OF_CONVERSION,
    ChainKind.DEAL: _OF_DEAL,
}


def lineage(
    kind: ChainKind,
    object_id: str,
    *,
    at: datetime,
    brand_id: UUID | None = None,
    click_key: int | None = None,
    source: str | None = None,
    clicks_before: ClicksBefore | None = None,
) -> ChainDTO:
    """Return the chain through a thing, from the posts behind it to the deals that it became; of one brand if named.

    A click is looked up by its `click_key`; `source` names the CRM of a deal. Clicks of ads that led to nothing are
    looked for from `clicks_before` on back, at most among 50,000 of the account.

    Raises:
        LineageNotFound: the thing is not there, another brand's, or somebody else's.
        AmbiguousDeal: several CRMs have a deal of this id, and none is named.
    """
    if "\0" in object_id:
        raise LineageNotFound(_NONE)
    if kind not in OUTSIDE:
        texts = content.lineage(LineageKind(kind.value), _uuid(object_id), at=at, brand_id=brand_id)
        found = _of_texts(texts, is_one_text=kind is ChainKind.VARIANT, before=clicks_before)
        return joined(kind, object_id, texts=texts, found=found)
    if kind is ChainKind.AD:
        found = _of_ad(object_id, before=clicks_before)
    else:
        found = _of_outside(kind, object_id, click_key=click_key, source=source)
    named = {(ad.variant_id, ad.package_id): None for ad in found.ads}
    texts_of_ad = _upstream(next(iter(named), (None, None)), at=at, brand_id=brand_id)
    return joined(kind, object_id, texts=texts_of_ad, found=found)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise LineageNotFound(_NONE) from error


def _of_texts(texts: TextChain, *, is_one_text: bool, before: ClicksBefore | None) -> Downstream:
    variants = [variant.id for variant in texts.variants[:MOST_OF_A_KIND]]
    # An ad of the whole package is none of one text's.
    packages = [] if is_one_text else [package.id for package in texts.packages[:MOST_OF_A_KIND]]
    if not variants and not packages:
        return Downstream()
    return _of_ads({"ad": None, "variants": variants, "packages": packages}, before=before)


def _of_ad(ad_id: str, *, before: ClicksBefore | None) -> Downstream:
    found = _of_ads({"ad": ad_id, "variants": [], "packages": []}, before=before)
    # As long as there are clicks that were not looked at, nobody can say that there is no such ad.
    if found.is_empty and before is None and (found.search is None or found.search.older is None):
        raise LineageNotFound(_NONE)
    return found


def _of_ads(asked: Mapping[str, Any], *, before: ClicksBefore | None) -> Downstream:
    if before is None:
        return _found(_OF_ADS.format(earlier=""), asked, search=ClickSearchDTO())
    bounds = {"before": before.at, "before_id": before.click_id}
    return _found(_OF_ADS.format(earlier=_EARLIER), {**asked, **bounds}, search=ClickSearchDTO(until=before.at))


def _of_outside(kind: ChainKind, object_id: str, *, click_key: int | None, source: str | None) -> Downstream:
    found = _found(_BRANCHES[kind], {"id": object_id, "key": click_key, "source": source})
    if found.is_empty or (kind is ChainKind.DEAL and not found.deals):
        raise LineageNotFound(_NONE)
    if kind is ChainKind.DEAL and len(found.deals) > 1:
        sources = ", ".join(sorted(deal.source for deal in found.deals))
        raise AmbiguousDeal(f"Several CRMs have a deal {object_id}: name the `source`, one of {sources}.")
    return found


def _upstream(text: tuple[UUID | None, UUID | None], *, at: datetime, brand_id: UUID | None) -> TextChain | None:
    """Return what an ad's text came from; None where the ad names no text, or one that is gone."""
    variant_id, package_id = text
    kind, object_id = (LineageKind.VARIANT, variant_id) if variant_id else (LineageKind.PACKAGE, package_id)
    if object_id is None:
        return None
    try:
        return content.lineage(kind, object_id, at=at, brand_id=brand_id)
    except LineageNotFound:
        if brand_id is None:
            return None
    if _upstream(text, at=at, brand_id=None) is not None:
        raise LineageNotFound(_NONE)
    return None


def _found(branch: str, asked: Mapping[str, Any], *, search: ClickSearchDTO | None = None) -> Downstream:
    parameters = {"tenant": current_tenant(), "most": MOST_OF_A_KIND + 1, **asked}
    [told] = rows(_FOUND.format(found=branch), parameters)
    ads, clicks, conversions, deals, conversion_sums, deal_sums = (json.loads(part or "[]") for part in told)
    return Downstream(
        ads=[AdFound(**{**ad, "variant_id": _id(ad["variant_id"]), "package_id": _id(ad["package_id"])}) for ad in ads],
        clicks=[_click(one) for one in clicks if one["is_found"]][:MOST_OF_A_KIND],
        conversions=_conversions(conversions),
        deals=_deals(deals),
        conversion_sums=[
            ConversionSum(one["currency"], one["count"], Decimal(one["value"]), Decimal(one["told"]))
            for one in conversion_sums
        ],
        deal_sums=[
            DealSum(one["currency"], one["count"], Decimal(one["value"]), Decimal(one["cash"])) for one in deal_sums
        ],
        search=search and _searched(search, clicks),
    )


def _searched(search: ClickSearchDTO, clicks: Sequence[Mapping[str, Any]]) -> ClickSearchDTO:
    """Say how far clicks were looked at: to the last that is shown, to the last that was read, or to the first."""
    found = [one for one in clicks if one["is_found"]]
    ends = found[MOST_OF_A_KIND - 1 :] if len(found) > MOST_OF_A_KIND else [one for one in clicks if one["is_last"]]
    last = next(iter(ends), None)
    if last is None:
        return search
    since = datetime.fromisoformat(last["clicked_at"])
    return search.model_copy(update={"since": since, "older": str(ClicksBefore(since, last["click_id"]))})


def _click(one: Mapping[str, Any]) -> ClickFound:
    return ClickFound(
        click_id=one["click_id"],
        ad_id=one["ad_id"],
        at=datetime.fromisoformat(one["clicked_at"]),
        led_on=one["led_on"],
    )


def _conversions(found: Sequence[Mapping[str, Any]]) -> list[ConversionFound]:
    return [
        ConversionFound(
            conversion_id=one["conversion_id"],
            conversion_type=one["conversion_type"],
            value=Decimal(one["value"]),
            currency=one["currency"],
            at=datetime.fromisoformat(one["occurred_at"]),
            confidence=one["confidence"],
            ad_id=one["ad_id"],
            click_id=one["attributed_click_id"],
            clicked_at=_moment(one["clicked_at"]),
        )
        for one in found
    ]


def _deals(found: Sequence[Mapping[str, Any]]) -> list[DealFound]:
    return [
        DealFound(
            deal_id=one["deal_key"],
            source=one["source"],
            outcome=one["outcome"],
            stage=one["stage"],
            ad_id=one["ad_id"],
            click_id=one["click_id"],
            value=None if one["synthetic_value"] is None else Decimal(one["synthetic_value"]),
            currency=one["synthetic_currency"],
            at=_moment(one["created_at"]),
        )
        for one in found
    ]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None

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
from kairo.stages.content.contracts import LineageDTO, LineageKind
from kairo.stages.revenue.contracts.deals import AmbiguousDeal
from kairo.stages.revenue.contracts.lineage import OUTSIDE, ChainDTO, ChainKind, LineageNotFound
from kairo.stages.revenue.rules.lineage import (
    MOST_OF_A_KIND,
    AdFound,
    ClickFound,
    ConversionFound,
    ConversionSum,
    DealFound,
    DealSum,
    Downstream,
    joined,
)

MOST_NEWEST_CLICKS = 5_000
"""Among so many newest clicks of the account those of an ad are looked for that led to nothing yet."""
_NONE = "There is no such thing to follow."
_CONVERSION = (
    "conversion_id, conversion_type, value, currency, occurred_at, confidence, ad_id, attributed_click_id, clicked_at,"
    " attributed"
)
_DEAL = (
    "deal_key, source, outcome, stage, ad_id, click_id, synthetic_value, synthetic_currency, created_at,"
    " (merged_into IS NULL AND NOT is_deleted) AS counts"
)
_NO_CLICKS = "SELECT NULL::text AS click_id, NULL::text AS ad_id, NULL::timestamptz AS clicked_at WHERE false"
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
  SELECT click_id, ad_id, clicked_at FROM (
    SELECT click_id, ad_id, clicked_at FROM click_tracking WHERE {_OF_TENANT} AND EXISTS (SELECT 1 FROM wanted)
    ORDER BY clicked_at DESC LIMIT {MOST_NEWEST_CLICKS}
  ) newest WHERE ad_id IN (SELECT ad_id FROM wanted)
)"""  # noqa: S608
_KNOWN = f"""
known AS (
  SELECT ad_id, name, platform, status, variant_id, package_id FROM ad WHERE {_OF_TENANT} AND ad_id IN (
    SELECT ad_id FROM sold UNION SELECT ad_id FROM dealt UNION SELECT ad_id FROM clicked)
)"""  # noqa: S608
_OF_CLICK = f"""
clicked AS (
  SELECT click_id, ad_id, clicked_at FROM click_tracking
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
  (SELECT jsonb_agg(to_jsonb(one)) FROM (SELECT * FROM clicked ORDER BY clicked_at DESC LIMIT %(most)s) one),
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
) -> ChainDTO:
    """Return the chain through a thing, from the posts behind it to the deals that it became; of one brand if named.

    A click is looked up by its `click_key`; `source` names the CRM of a deal. Of an ad, clicks that led to nothing are
    shown as far as they are among the account's newest 5,000.

    Raises:
        LineageNotFound: the thing is not there, another brand's, or somebody else's.
        AmbiguousDeal: several CRMs have a deal of this id, and none is named.
    """
    if "\0" in object_id:
        raise LineageNotFound(_NONE)
    if kind not in OUTSIDE:
        upstream = content.lineage(LineageKind(kind.value), _uuid(object_id), at=at, brand_id=brand_id)
        return joined(kind, object_id, content=upstream, found=_of_texts(upstream))
    found = _of_outside(kind, object_id, click_key=click_key, source=source)
    texts = {(ad.variant_id, ad.package_id): None for ad in found.ads}
    upstream_of_ad = _upstream(next(iter(texts), (None, None)), at=at, brand_id=brand_id)
    return joined(kind, object_id, content=upstream_of_ad, found=found)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise LineageNotFound(_NONE) from error


def _of_texts(upstream: LineageDTO) -> Downstream:
    by_kind = {kind: [node.object_id for node in upstream.nodes if node.kind == kind] for kind in LineageKind}
    variants, packages = by_kind[LineageKind.VARIANT], by_kind[LineageKind.PACKAGE]
    if upstream.start.startswith(f"{LineageKind.VARIANT}:"):
        # An ad of the whole package is none of this text's.
        packages = []
    if not variants and not packages:
        return Downstream()
    return _found(_OF_ADS, {"ad": None, "variants": variants, "packages": packages})


def _of_outside(kind: ChainKind, object_id: str, *, click_key: int | None, source: str | None) -> Downstream:
    if kind is ChainKind.AD:
        found = _found(_OF_ADS, {"ad": object_id, "variants": [], "packages": []})
    else:
        found = _found(_BRANCHES[kind], {"id": object_id, "key": click_key, "source": source})
    if found.is_empty or (kind is ChainKind.DEAL and not found.deals):
        raise LineageNotFound(_NONE)
    if kind is ChainKind.DEAL and len(found.deals) > 1:
        sources = ", ".join(sorted(deal.source for deal in found.deals))
        raise AmbiguousDeal(f"Several CRMs have a deal {object_id}: name the `source`, one of {sources}.")
    return found


def _upstream(text: tuple[UUID | None, UUID | None], *, at: datetime, brand_id: UUID | None) -> LineageDTO | None:
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


def _found(branch: str, asked: Mapping[str, Any]) -> Downstream:
    parameters = {"tenant": current_tenant(), "most": MOST_OF_A_KIND + 1, **asked}
    [told] = rows(_FOUND.format(found=branch), parameters)
    ads, clicks, conversions, deals, conversion_sums, deal_sums = (json.loads(part or "[]") for part in told)
    return Downstream(
        ads=[AdFound(**{**ad, "variant_id": _id(ad["variant_id"]), "package_id": _id(ad["package_id"])}) for ad in ads],
        clicks=[ClickFound(one["click_id"], one["ad_id"], _moment(one["clicked_at"])) for one in clicks],
        conversions=_conversions(conversions),
        deals=_deals(deals),
        conversion_sums=[
            ConversionSum(one["currency"], one["count"], Decimal(one["value"]), Decimal(one["told"]))
            for one in conversion_sums
        ],
        deal_sums=[
            DealSum(one["currency"], one["count"], Decimal(one["value"]), Decimal(one["cash"])) for one in deal_sums
        ],
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

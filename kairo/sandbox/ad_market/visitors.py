"""Who clicks and who becomes a lead, and which traces they leave; names and addresses are of nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from kairo.sandbox.ad_market.params import Audience, Params

_PHONES = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_{v} like Mac OS X) AppleWebKit/605.1 Version/19.{v} Mobile/15E Safari/604",
    "Mozilla/5.0 (Linux; Android 16; Pixel {v}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/14{v}.0 Mobile",
)  # fmt: skip
_DESKTOPS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/14{v}.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1 (KHTML, like Gecko) Version/19.{v} Safari/605.1",
)  # fmt: skip
_PHONE_SCREENS = ("390x844", "412x915", "393x852", "430x932")
_DESKTOP_SCREENS = ("1920x1080", "2560x1440", "1536x864", "1440x900")
_ZONES = ("America/New_York", "America/Chicago", "America/Los_Angeles")
Visit = Mapping[str, str | bool]


@dataclass(frozen=True)
class Click:
    """A click and what arrives of it: `visit` is what Kairo is sent, None where no trace is left."""

    click_id: str
    ad_id: str
    campaign_id: str
    at: datetime
    visit: Visit | None
    device: Visit = field(repr=False)
    email: str = field(repr=False)
    keeps_cookie: bool = True


@dataclass(frozen=True)
class Lead:
    """A lead: the deal of the same number follows. `ad_id` is the truth; None: no ad led to it."""

    deal_id: int
    at: datetime
    ad_id: str | None
    clicked_at: datetime | None
    visit: Visit


def click_of(
    rng: np.random.Generator, *, click_id: str, ad_id: str, campaign_id: str, at: datetime, audience: Audience,
    params: Params,
) -> Click:  # fmt: skip
    """Draw who clicked."""
    device = device_of(rng, phone_share=audience.phone_share)
    email = f"buyer.{click_id}@example.com"
    unseen, unscripted, lost, refuses, knows = rng.random(5)
    visit: dict[str, str | bool] | None = {"click_id": click_id, "fbclid": f"fb.{click_id}", "consent": True}
    assert visit is not None
    if unseen < params.unseen_clicks:
        visit = None
    elif refuses < params.no_consent:
        visit["consent"] = False
    else:
        visit.update({name: device[name] for name in ("ip", "user_agent")})
        if unscripted >= params.unscripted_clicks:
            visit.update(device)
        if knows < params.email_at_click:
            visit["email"] = email
    keeps = unscripted >= params.unscripted_clicks and lost >= params.lost_cookies
    return Click(click_id, ad_id, campaign_id, at, visit, device, email, keeps_cookie=keeps)


def lead_of(rng: np.random.Generator, click: Click, *, deal_id: int, at: datetime, params: Params) -> Lead:
    """Draw what is known of a lead that came from a click."""
    visit: dict[str, str | bool] = {}
    if click.visit is not None and click.visit.get("consent") is False:
        visit["consent"] = False
    else:
        visit = {"consent": True, **click.device}
        if rng.random() < params.email_at_lead:
            visit["email"] = click.email
    if click.keeps_cookie and click.visit is not None:
        visit["click_id"] = click.click_id
    return Lead(deal_id, at, click.ad_id, click.at, visit)


def organic_lead(rng: np.random.Generator, *, deal_id: int, at: datetime, params: Params) -> Lead:
    """Draw a lead that no ad led to."""
    visit: dict[str, str | bool] = {"consent": True, **device_of(rng, phone_share=0.5)}
    if rng.random() < params.email_at_lead:
        visit["email"] = f"organic.{deal_id}@example.com"
    return Lead(deal_id, at, None, None, visit)


def device_of(rng: np.random.Generator, *, phone_share: float) -> Visit:
    """Draw a device; a phone may share its address with many others."""
    is_phone = rng.random() < phone_share
    agents, screens = (_PHONES, _PHONE_SCREENS) if is_phone else (_DESKTOPS, _DESKTOP_SCREENS)
    carrier = is_phone and rng.random() < 0.7
    octets = (100, 64, 0, int(rng.integers(1, 200))) if carrier else (73, *(int(x) for x in rng.integers(1, 255, 3)))
    return {
        "ip": ".".join(map(str, octets)),
        "user_agent": agents[int(rng.integers(len(agents)))].format(v=int(rng.integers(5, 9))),
        "screen": screens[int(rng.integers(len(screens)))],
        "timezone": _ZONES[int(rng.integers(len(_ZONES)))],
        "language": "en-US",
    }

"""Which click a conversion is credited to: the layers, their limits, and what may never happen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.stages.revenue.rules.deciding import Limits, Method, Reason, decide, degree
from kairo.stages.revenue.rules.posterior import posteriors
from kairo.stages.revenue.rules.sightings import Candidate, Sighting
from kairo.stages.revenue.rules.weights import DEFAULTS

HOUR, DAY = 3_600.0, 86_400.0
NOW = 1_780_000_000.0
LIMITS = Limits()
LAPTOP = Sighting(
    at=NOW, ip_key=7, browser="firefox", version=136, system="linux", screen="1920x1080", timezone="Europe/Berlin",
    language="de-DE", consent=True,
)  # fmt: skip
PHONE = LAPTOP._replace(browser="safari", version=1804, system="ios", screen="390x844")


def click(seen: Sighting, *, hours_before: float, click_id: str = "kc", ad_id: str = "ad") -> Candidate:
    return Candidate(click_id, ad_id, None, seen._replace(at=NOW - hours_before * HOUR))


def test_an_own_click_id_is_certain() -> None:
    seen = Sighting(at=NOW, click_key=1, consent=False)
    found = decide(seen, [click(seen, hours_before=2)], DEFAULTS, LIMITS)
    assert (found.method, found.confidence) == (Method.CLICK_ID, 1.0)


@given(st.floats(min_value=0.001, max_value=1_000))
def test_a_click_after_its_conversion_never_matches(hours: float) -> None:
    seen = LAPTOP._replace(click_key=1, email_key=2)
    found = decide(seen, [click(seen, hours_before=-hours)], DEFAULTS, LIMITS)
    assert found.click is None


def test_a_click_before_the_window_is_too_old_and_says_so() -> None:
    seen = Sighting(at=NOW, click_key=1)
    found = decide(seen, [click(seen, hours_before=24 * 7 + 1)], DEFAULTS, LIMITS)
    assert (found.click, found.reason) == (None, Reason.OUTSIDE_WINDOW)


def test_refused_consent_allows_the_first_layer_alone() -> None:
    seen = LAPTOP._replace(consent=False, email_key=2)
    found = decide(seen, [click(seen, hours_before=1)], DEFAULTS, LIMITS)
    assert (found.click, found.layers_tried, found.reason) == (None, (1,), Reason.NO_CONSENT)


def test_consent_that_was_never_asked_for_is_not_enough_for_devices() -> None:
    seen = LAPTOP._replace(consent=None)
    found = decide(seen, [click(seen, hours_before=1)], DEFAULTS, LIMITS)
    assert (found.click, found.layers_tried) == (None, (1, 2))


def test_a_stale_cookie_gives_way_to_the_persons_last_click() -> None:
    conversion = Sighting(at=NOW, click_key=1, email_key=2, consent=True)
    older = click(Sighting(at=0, click_key=1), hours_before=50, click_id="older", ad_id="a")
    later = click(Sighting(at=0, click_key=9, email_key=2), hours_before=3, click_id="later", ad_id="b")
    found = decide(conversion, [older, later], DEFAULTS, LIMITS)
    assert (found.click, found.method, found.confidence) == (later, Method.EMAIL, 0.95)


def test_a_cookie_gives_way_to_a_later_click_of_its_device_that_kept_no_id() -> None:
    conversion = LAPTOP._replace(click_key=1)
    older = click(LAPTOP._replace(click_key=1, ip_key=99), hours_before=50, click_id="older", ad_id="a")
    without_script = LAPTOP._replace(click_key=9, screen=None, timezone=None)
    later = click(without_script, hours_before=0.4, click_id="later", ad_id="b")
    found = decide(conversion, [older, later], DEFAULTS, LIMITS)
    assert (found.click, found.method) == (later, Method.FINGERPRINT)


def test_a_mailbox_that_many_share_links_nobody() -> None:
    conversion = Sighting(at=NOW, email_key=2, consent=True)
    clicks = [
        click(PHONE._replace(ip_key=n, email_key=2, screen=f"{n}x{n}"), hours_before=n, click_id=f"kc{n}")
        for n in range(1, 6)
    ]
    found = decide(conversion, clicks, DEFAULTS, LIMITS)
    assert (found.click, found.reason) == (None, Reason.SHARED_IDENTITY)


def test_the_persons_other_phone_numbers_tell_that_an_address_is_shared() -> None:
    sightings = [Sighting(at=NOW, email_key=1, phone_key=number) for number in range(4)]
    assert degree(sightings) == 4


def test_the_same_rare_device_on_the_same_line_is_a_full_fingerprint() -> None:
    found = decide(LAPTOP, [click(LAPTOP, hours_before=0.4)], DEFAULTS, LIMITS)
    assert (found.method, found.confidence) == (Method.FINGERPRINT, 0.90)


def test_a_phone_in_the_household_days_later_is_no_buyer() -> None:
    found = decide(PHONE, [click(LAPTOP, hours_before=100)], DEFAULTS, LIMITS)
    assert (found.click, found.reason) == (None, Reason.BELOW_THRESHOLD)


def test_two_that_are_alike_are_ambiguous() -> None:
    unseen = PHONE._replace(browser=None, system=None)
    clicks = [
        click(unseen, hours_before=0.3, click_id="kc1", ad_id="a"),
        click(unseen._replace(screen=None), hours_before=0.3, click_id="kc2", ad_id="b"),
    ]
    found = decide(PHONE, clicks, DEFAULTS, LIMITS)
    assert (found.click, found.reason) == (None, Reason.AMBIGUOUS)


def test_another_persons_address_at_the_click_speaks_against_it() -> None:
    known = LAPTOP._replace(email_key=5)
    with_conflict = posteriors(LAPTOP._replace(email_key=6), [click(known, hours_before=0.5)], DEFAULTS)
    without = posteriors(LAPTOP._replace(email_key=6), [click(LAPTOP, hours_before=0.5)], DEFAULTS)
    assert with_conflict[0].probability < without[0].probability - 0.05


def test_a_busy_carriers_address_says_less_than_a_rare_one() -> None:
    wanted = click(PHONE, hours_before=1)
    crowd = [
        click(PHONE._replace(screen=f"{n}x1", version=n), hours_before=n / 10 + 0.1, click_id=f"kc{n}")
        for n in range(40)
    ]
    alone = posteriors(PHONE, [wanted], DEFAULTS)[0].probability
    among_many = posteriors(PHONE, [wanted, *crowd], DEFAULTS)[0].probability
    assert among_many < alone


@given(
    st.lists(
        st.builds(
            click,
            st.sampled_from([LAPTOP, PHONE, LAPTOP._replace(browser=None), PHONE._replace(email_key=3)]),
            hours_before=st.floats(min_value=0, max_value=168),
            click_id=st.uuids().map(str),
            ad_id=st.sampled_from(["a", "b"]),
        ),
        max_size=8,
    )
)
def test_probabilities_never_add_up_to_more_than_one(candidates: list[Candidate]) -> None:
    total = sum(one.probability for one in posteriors(LAPTOP, candidates, DEFAULTS))
    assert 0 <= total <= 1 + 1e-9


@pytest.mark.parametrize("threshold", [0.7, 0.95, 1.0])
def test_nothing_is_credited_below_the_threshold(threshold: float) -> None:
    found = decide(LAPTOP, [click(PHONE, hours_before=3)], DEFAULTS, replace(LIMITS, threshold=threshold))
    assert found.click is None or found.confidence >= threshold

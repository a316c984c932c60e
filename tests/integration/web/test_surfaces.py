"""The places that a brand listens to, on their pages."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.test import Client

from kairo.interfaces.web.surfaces import SURFACES_PER_PAGE
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.contracts import Role
from kairo.stages.evidence.contracts import CaptureStatus, SurfaceType
from kairo.stages.evidence.models import CaptureRun, Surface
from tests.factories.boards import NOON, make_brand
from tests.integration.web.conftest import at_most, sign_in

LIST = "/b/northwind/evidence/surfaces"
GIVEN = {
    "platform": "instagram",
    "surface_type": "hashtag",
    "surface_key": "skincare",
    "role": "market",
    "cadence_minutes": "180",
    "is_active": "on",
}


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return make_brand(tenant).id


def _only(client: Client, tenant: UUID) -> Surface:
    with tenant_transaction(tenant):
        return Surface.objects.get()


def test_a_surface_is_added_changed_and_switched_off(client: Client, tenant: UUID, brand_id: UUID) -> None:
    added = client.post(f"{LIST}/new", GIVEN)
    surface = _only(client, tenant)
    with at_most(10):
        listed = client.get(LIST).content.decode()
    form = client.get(f"{LIST}/{surface.id}").content.decode()
    changed = client.post(f"{LIST}/{surface.id}", {"role": "own", "cadence_minutes": "1440"})

    assert added["Location"] == changed["Location"] == LIST
    assert "skincare" in listed
    assert "Hashtag · Instagram" in listed
    assert "Read every 3 hours" in listed
    assert "Never read yet" in listed
    assert '<option value="180" selected>' in form
    again = _only(client, tenant)
    assert (again.role, again.cadence_minutes, again.is_active) == ("own", 1440, False)
    assert "Switched off" in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"platform": ""}, "Choose a platform."),
        ({"surface_type": "rumour"}, "Choose what kind of place it is."),
        ({"surface_type": "import"}, "made by importing a file"),
        ({"surface_key": " \0 "}, "Say which place"),
        ({"role": "spy"}, "Choose whose voice it carries."),
        ({"cadence_minutes": "4"}, "from five minutes to thirty days"),
        ({"cadence_minutes": "often"}, "from five minutes to thirty days"),
        ({"cadence_minutes": "9" * 5000}, "from five minutes to thirty days"),
    ],
)
def test_what_is_wrong_with_a_surface_is_said_above_the_form(
    client: Client, brand_id: UUID, change: dict[str, str], words: str
) -> None:
    response = client.post(f"{LIST}/new", GIVEN | change)

    assert response.status_code == 422
    assert words in response.content.decode()
    assert 'name="surface_key"' in response.content.decode()


def test_a_surface_that_is_there_already_is_a_conflict(client: Client, brand_id: UUID) -> None:
    client.post(f"{LIST}/new", GIVEN)

    again = client.post(f"{LIST}/new", GIVEN)

    assert again.status_code == 409
    assert "listens to this place already" in again.content.decode()


def test_a_change_that_cannot_be_is_refused(client: Client, tenant: UUID, brand_id: UUID) -> None:
    client.post(f"{LIST}/new", GIVEN)

    response = client.post(f"{LIST}/{_only(client, tenant).id}", {"role": "", "cadence_minutes": "60"})

    assert response.status_code == 422
    assert "Choose whose voice it carries." in response.content.decode()


def test_the_list_tells_the_last_error_and_is_paged(client: Client, tenant: UUID, brand_id: UUID) -> None:
    with tenant_transaction(tenant):
        rows = [
            Surface.objects.create(
                brand_id=brand_id, platform="rss", surface_type=SurfaceType.FEED, surface_key=f"https://f{n}.example"
            )
            for n in range(SURFACES_PER_PAGE + 1)
        ]
        CaptureRun.objects.create(
            surface=rows[-1],
            status=CaptureStatus.FAILED,
            started_at=NOON,
            ended_at=NOON + timedelta(seconds=2),
            error="The <server> answered 503",
        )

    with at_most(10):
        first = client.get(LIST).content.decode()
    second = client.get(LIST, {"before": str(rows[1].id)}).content.decode()

    assert "The &lt;server&gt; answered 503." in first
    assert first.count('class="place"') == SURFACES_PER_PAGE
    assert f"?before={rows[1].id}" in first
    assert "https://f0.example" in second
    assert client.get(LIST, {"before": "x"}).status_code == 404


def test_an_empty_list_says_what_a_surface_is(client: Client, brand_id: UUID) -> None:
    assert "No surfaces yet" in client.get(LIST).content.decode()


def test_a_surface_of_another_is_not_there(client: Client, tenant: UUID, stranger: UUID, brand_id: UUID) -> None:
    client.post(f"{LIST}/new", GIVEN)
    path = f"{LIST}/{_only(client, tenant).id}"
    make_brand(stranger)
    make_brand(tenant, slug="southwind")
    theirs = sign_in(stranger, email="mallory@example.com")
    change = {"role": "own", "cadence_minutes": "60"}

    assert theirs.get(path).status_code == theirs.post(path, change).status_code == 404
    assert theirs.post(f"{path}/capture").status_code == 404
    assert client.get(path.replace("northwind", "southwind")).status_code == 404
    assert client.get(f"{LIST}/{uuid4()}").status_code == 404
    assert _only(client, tenant).role == "market"


def test_a_viewer_reads_and_changes_nothing(client: Client, tenant: UUID, brand_id: UUID) -> None:
    client.post(f"{LIST}/new", GIVEN)
    path = f"{LIST}/{_only(client, tenant).id}"
    viewer = sign_in(tenant, email="vera@example.com", role=Role.VIEWER)

    assert "Add a surface" not in viewer.get(LIST).content.decode()
    assert viewer.get(path).status_code == 200
    assert viewer.post(path, {"role": "own", "cadence_minutes": "60"}).status_code == 403
    assert viewer.post(f"{LIST}/new", GIVEN).status_code == 403
    assert viewer.post(f"{path}/capture").status_code == 403


def test_a_live_surface_is_read_on_request(client: Client, tenant: UUID, brand_id: UUID) -> None:
    client.post(f"{LIST}/new", {**GIVEN, "platform": "rss", "surface_type": "feed", "surface_key": "https://a.example"})
    path = f"{LIST}/{_only(client, tenant).id}"

    asked = client.post(f"{path}/capture")
    jobs = client.get("/b/northwind/jobs").content.decode()

    assert asked["Location"] == "/b/northwind/jobs"
    assert "Capture of a surface" in jobs

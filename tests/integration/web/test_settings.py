"""Telegram chats under the settings of a brand."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from kairo.interfaces.web.settings import settings_form
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.tenancy.chats import chats_of_tenant, link_chat
from kairo.platform.tenancy.contracts import ChatLinkDTO, Role
from kairo.platform.tenancy.models import ChatLink
from kairo.stages.brands import queries
from tests.factories.boards import make_brand
from tests.integration.web.conftest import at_most, sign_in

PAGE = "/b/northwind/settings"


@pytest.fixture
def brand_id(tenant: UUID) -> UUID:
    return make_brand(tenant).id


def _linked(tenant: UUID, brand_id: UUID) -> UUID:
    with tenant_transaction(tenant):
        row = ChatLink.objects.create(
            transport="telegram", chat_id=-1_001_234, brand_id=brand_id, role=Role.EDITOR, linked_at=timezone.now()
        )
    return row.id


def _chats(tenant: UUID) -> list[ChatLinkDTO]:
    with tenant_transaction(tenant):
        return chats_of_tenant()


def test_a_code_is_shown_once_and_links_a_chat(client: Client, tenant: UUID, brand_id: UUID) -> None:
    made = client.post(f"{PAGE}/chat-codes").content.decode()
    code = re.search(r"/link (\S+?)<", made)
    assert code
    with tenant_transaction(tenant):
        link_chat(code[1], transport="telegram", chat_id=77, at=timezone.now())

    with at_most(10):
        page = client.get(PAGE).content.decode()

    assert code[1] not in page
    assert "Chat 77" in page
    assert [(chat.chat_id, chat.brand_id, chat.role) for chat in _chats(tenant)] == [(77, brand_id, Role.OWNER)]


def test_htmx_gets_the_code_alone(client: Client, brand_id: UUID) -> None:
    made = client.post(f"{PAGE}/chat-codes", headers={"HX-Request": "true"}).content.decode()

    assert made.startswith('<div id="chat-code"')
    assert "/link " in made


def test_a_chat_is_unlinked_after_being_asked(client: Client, tenant: UUID, brand_id: UUID) -> None:
    link_id = _linked(tenant, brand_id)
    address = f"{PAGE}/chats/{link_id}/unlink"

    asked = client.get(address).content.decode()
    assert "Unlink chat -1001234?" in asked
    assert len(_chats(tenant)) == 1

    done = client.post(address)

    assert done["Location"] == PAGE
    assert _chats(tenant) == []
    assert "No chat is linked yet" in client.get(PAGE).content.decode()
    assert client.post(address).status_code == 404


def test_a_chat_of_another_account_is_not_found(tenant: UUID, stranger: UUID, brand_id: UUID) -> None:
    link_id = _linked(tenant, brand_id)
    make_brand(stranger)
    outsider = sign_in(stranger, email="eve@example.com")

    assert outsider.get(f"{PAGE}/chats/{link_id}/unlink").status_code == 404
    assert outsider.post(f"{PAGE}/chats/{link_id}/unlink").status_code == 404
    assert "1001234" not in outsider.get(PAGE).content.decode()
    assert outsider.get(f"{PAGE}/chats/{uuid4()}/unlink").status_code == 404
    assert len(_chats(tenant)) == 1


def test_a_viewer_reads_and_changes_nothing(tenant: UUID, brand_id: UUID) -> None:
    link_id = _linked(tenant, brand_id)
    viewer = sign_in(tenant, email="vic@example.com", role=Role.VIEWER)

    assert "Make a code" not in viewer.get(PAGE).content.decode().replace("Make a code above", "")
    assert viewer.post(f"{PAGE}/chat-codes").status_code == 403
    assert viewer.post(f"{PAGE}/chats/{link_id}/unlink").status_code == 403
    assert len(_chats(tenant)) == 1


def test_the_brands_thresholds_are_shown_with_their_defaults_and_saved(
    client: Client, tenant: UUID, brand_id: UUID
) -> None:
    with tenant_transaction(tenant):
        sent = settings_form(queries.settings_of(brand_id).settings)

    saved = client.post(f"{PAGE}/brand", sent | {"gates.min_items": "12", "denied_domains": "a.com\nb.com"})
    page = client.get(PAGE).content.decode()

    assert saved["Location"] == PAGE
    assert re.search(r'name="gates.min_items" value="12"', page)
    assert "Default: 8" in page
    with tenant_transaction(tenant):
        found = queries.settings_of(brand_id)
    assert found.settings.denied_domains == ["a.com", "b.com"]
    assert found.changed == ["denied_domains", "gates.min_items"]


def test_a_threshold_out_of_its_bounds_is_marked_and_nothing_is_saved(
    client: Client, tenant: UUID, brand_id: UUID
) -> None:
    with tenant_transaction(tenant):
        sent = settings_form(queries.settings_of(brand_id).settings)

    refused = client.post(f"{PAGE}/brand", sent | {"gates.min_items": "0", "evidence_days": "7"})

    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Some of these values cannot be used" in page
    [wrong] = re.findall(r'name="([^"]+)"[^>]*aria-invalid="true"', page)
    assert wrong == "gates.min_items"
    with tenant_transaction(tenant):
        assert queries.settings_of(brand_id).changed == []


def test_a_viewer_sees_the_thresholds_and_cannot_save_them(tenant: UUID, brand_id: UUID) -> None:
    viewer = sign_in(tenant, email="vic@example.com", role=Role.VIEWER)

    assert 'name="gates.min_items"' in viewer.get(PAGE).content.decode()
    assert viewer.post(f"{PAGE}/brand", {"evidence_days": "7"}).status_code == 403

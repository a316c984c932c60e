"""The shapes of access: roles, principals, what is shown of a token once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from kairo.errors import Conflict, NotFound, Unauthenticated
from kairo.shapes import Frozen


class TenantNotFound(NotFound):
    code = "tenant_not_found"


class TenantExists(Conflict):
    code = "tenant_exists"


class SignInLinkExpired(Unauthenticated):
    code = "sign_in_link_expired"


class Role(StrEnum):
    """What a member or a token may do; each may do what the ones after it may."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"

    def includes(self, other: Role) -> bool:
        """Tell whether this role may do everything that `other` may."""
        order = list(Role)
        return order.index(self) <= order.index(other)


class Principal(Frozen):
    """Who acts, for which tenant, in which role."""

    tenant_id: UUID
    tenant_slug: str
    role: Role
    user_id: UUID | None = None
    token_id: UUID | None = None


class TenantDTO(Frozen):
    id: UUID
    slug: str
    name: str


class IssuedToken(Frozen):
    """A new token; its text is shown this once and stored nowhere."""

    id: UUID
    token: str
    prefix: str
    role: Role
    expires_at: datetime | None = None


class ChatCodeUnknown(NotFound):
    code = "chat_code_unknown"


class ChatCode(Frozen):
    """A new code that ties a chat to a brand; its text is shown this once and stored nowhere."""

    code: str
    expires_at: datetime


class ChatLinkDTO(Frozen):
    """A chat that speaks for a brand."""

    id: UUID
    transport: str
    chat_id: int
    brand_id: UUID
    role: Role
    linked_at: datetime


class LinkedChat(Frozen):
    """For whom a chat speaks."""

    principal: Principal
    brand_id: UUID


class ChatTurn(StrEnum):
    """How what a chat sent is to be taken."""

    ANSWER = "answer"
    KNOWN = "known"
    SLOW_DOWN = "slow_down"
    IGNORE = "ignore"

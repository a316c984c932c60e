"""Tables of access, and the base of every table that belongs to a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Now

from kairo.platform.database.ids import new_id
from kairo.platform.database.sessions import current_tenant
from kairo.platform.tenancy.contracts import Role, TenantDTO

RowT = TypeVar("RowT", bound=models.Model, covariant=True)


class TenantManager(models.Manager[RowT]):
    """Sees the rows of the running transaction's tenant, and fails where there is none."""

    def get_queryset(self) -> models.QuerySet[RowT]:
        return super().get_queryset().filter(tenant_id=current_tenant())


class Tenant(models.Model):
    """An account; owns everything."""

    id = models.UUIDField(primary_key=True, default=new_id)
    slug = models.TextField(unique=True)
    name = models.TextField()
    settings = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "tenant"

    def to_contract(self) -> TenantDTO:
        return TenantDTO(id=self.id, slug=self.slug, name=self.name)


class TenantRow(models.Model):
    """The base of every table that belongs to a tenant; its migration adds `rls.isolate(table)`."""

    id = models.UUIDField(primary_key=True, default=new_id)
    # The constraint that counts is the composite one that `rls.isolate` adds; a plain one would be checked twice.
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", db_index=False, default=current_tenant)

    objects = TenantManager()

    if TYPE_CHECKING:
        from uuid import UUID

        tenant_id: UUID

    class Meta:
        abstract = True
        base_manager_name = "objects"


class User(AbstractBaseUser):
    """A person; belongs to tenants through memberships."""

    id = models.UUIDField(primary_key=True, default=new_id)
    email = models.EmailField(unique=True)
    created_at = models.DateTimeField(db_default=Now())

    USERNAME_FIELD = "email"
    objects = BaseUserManager()

    class Meta:
        db_table = "app_user"


class Membership(TenantRow):
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    role = models.TextField(choices=[(role.value, role.value) for role in Role])
    created_at = models.DateTimeField(db_default=Now())

    class Meta(TenantRow.Meta):
        db_table = "membership"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "user"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=list(Role)), name="membership_role_known"),
        ]


class ApiToken(TenantRow):
    """A program's way in: only the hash is kept, the prefix tells tokens apart in a list."""

    name = models.TextField()
    prefix = models.TextField()
    token_sha256 = models.TextField(unique=True)
    role = models.TextField(choices=[(role.value, role.value) for role in Role])
    scopes = models.JSONField(default=list)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta(TenantRow.Meta):
        db_table = "api_token"
        constraints = [models.CheckConstraint(condition=models.Q(role__in=list(Role)), name="api_token_role_known")]


class SignInLink(TenantRow):
    """A link that signs a member in once."""

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    token_sha256 = models.TextField(unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta(TenantRow.Meta):
        db_table = "sign_in_link"


class ChatLinkCode(TenantRow):
    """A short code that ties a chat to a brand once; who types it in the chat speaks for the member who made it."""

    brand_id = models.UUIDField()
    role = models.TextField(choices=[(role.value, role.value) for role in Role])
    code_sha256 = models.TextField(unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta(TenantRow.Meta):
        db_table = "chat_link_code"


class ChatLink(TenantRow):
    """A chat that was tied to a brand; a chat belongs to one account at a time."""

    transport = models.TextField()
    chat_id = models.BigIntegerField()
    brand_id = models.UUIDField()
    role = models.TextField(choices=[(role.value, role.value) for role in Role])
    linked_at = models.DateTimeField()

    class Meta(TenantRow.Meta):
        db_table = "chat_link"
        constraints = [
            models.UniqueConstraint(fields=["transport", "chat_id"], name="chat_link_once"),
            models.CheckConstraint(condition=models.Q(role__in=list(Role)), name="chat_link_role_known"),
        ]


class ChatUpdate(models.Model):
    """What a chat sent, by its number alone: known so that nothing is answered twice and nobody floods us."""

    pk = models.CompositePrimaryKey("transport", "update_id")
    transport = models.TextField()
    update_id = models.BigIntegerField()
    chat_id = models.BigIntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "chat_update"
        indexes = [models.Index(fields=["transport", "chat_id", "-seen_at"], name="chat_update_of_chat")]

"""Tasks by which other producers ask for work under a name and with arguments of their own.

A message becomes a job in the transaction that keeps the message's id: doubled or delivered once more, it is answered
with the job that it became.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, JsonValue

from kairo.errors import Invalid
from kairo.platform.database.sessions import tenant_transaction
from kairo.platform.database.sql import rows
from kairo.platform.jobs.contracts import JobDTO
from kairo.platform.jobs.models import TaskMessage
from kairo.platform.tenancy.contracts import TenantDTO, TenantNotFound
from kairo.platform.tenancy.lookups import tenants


class UnclearMessage(Invalid):
    """A producer's message does not say what is wanted, or for whom."""

    code = "unclear_message"


TakenT = TypeVar("TakenT", bound=BaseModel)


@dataclass(frozen=True)
class NamedTask(Generic[TakenT]):
    """A task's name, what its producer calls the argument, the shape of what it brings, and who makes a job of it.

    `is_whole`: the argument is all that the message brings; otherwise it is the field of that name. Without an
    argument the task takes fields by their names. `ask` runs in the tenant's transaction.
    """

    name: str
    takes: type[TakenT]
    ask: Callable[[TakenT], JobDTO]
    argument: str | None = None
    is_whole: bool = True


# Each brings another shape, which is validated before `ask` sees it.
_NAMED: dict[str, NamedTask[Any]] = {}


def take_messages(task: NamedTask[Any]) -> None:
    """Have messages of this name become jobs."""
    if _NAMED.setdefault(task.name, task) != task:
        raise ValueError(f"{task.name!r} is taken in two ways.")


def named_tasks() -> list[NamedTask[Any]]:
    """List the names under which messages are taken."""
    return list(_NAMED.values())


def ask_by_message(
    task: NamedTask[Any], *, message_id: str, args: Sequence[JsonValue], kwargs: Mapping[str, JsonValue]
) -> UUID:
    """Make the job that a message asks for, and return it; the same message again gets the same job.

    Raises:
        UnclearMessage: the tenant or the argument is missing or unknown.
        pydantic.ValidationError: what it brings does not fit.
    """
    given, slug = _read(task, args, kwargs)
    taken = task.takes.model_validate(given)
    tenant = _tenant(slug)
    key = f"{task.name}:{message_id}"
    with tenant_transaction(tenant.id):
        # Two that come at the same moment: the second waits here until the first has said which job it is.
        rows("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{tenant.id}:{key}"])
        known = TaskMessage.objects.filter(key=key).first()
        if known is not None:
            return known.job_id
        job = task.ask(taken)
        TaskMessage.objects.create(key=key, job_id=job.id)
    return job.id


def _read(
    task: NamedTask[Any], args: Sequence[JsonValue], kwargs: Mapping[str, JsonValue]
) -> tuple[Mapping[str, JsonValue], str | None]:
    """Return what the message brings, and the tenant's slug or id where the message names it."""
    names = [task.argument, "tenant"] if task.argument is not None else ["tenant"]
    if len(args) > len(names):
        raise UnclearMessage(f"{task.name} takes {' and '.join(map(str, names))}, and got {len(args)} arguments.")
    given = {**kwargs, **{str(name): value for name, value in zip(names, args, strict=False)}}
    slug = given.pop("tenant", None)
    if task.argument is not None and task.is_whole:
        fields = given.get(task.argument)
        if not isinstance(fields, Mapping):
            raise UnclearMessage(f"{task.name} takes {task.argument}, an object, and the tenant.")
        given = dict(fields)
        slug = slug or given.pop("tenant", None)
    elif task.argument is not None and task.argument not in given:
        raise UnclearMessage(f"{task.name} takes {task.argument} and the tenant.")
    return given, None if slug is None else str(slug)


def _tenant(named: str | None) -> TenantDTO:
    found = [tenant for tenant in tenants() if named is None or named in (tenant.slug, str(tenant.id))]
    if named is None and len(found) != 1:
        raise UnclearMessage("The message names no tenant: its slug or id goes with it, as `tenant`.")
    if not found:
        raise TenantNotFound(f"There is no tenant {named!r}.")
    return found[0]

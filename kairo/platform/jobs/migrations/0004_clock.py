"""What becomes due becomes so by the one clock; leases and heartbeats stay with real time."""

from importlib import import_module

from django.db import migrations, models

from kairo.platform.database.clock import ClockNow

_first = import_module("kairo.platform.jobs.migrations.0001_initial")
_second = import_module("kairo.platform.jobs.migrations.0002_crons")

FIRE_ARGUMENTS = "kinds text[], queues text[], minutes integer[], payloads jsonb[], time_limits integer[], tries integer[]"
# A function that is replaced loses what was set for it.
PLAN = f"""
ALTER FUNCTION job_claim({_first.CLAIM_SIGNATURE}) SET enable_seqscan = off;
ALTER FUNCTION job_claim({_first.CLAIM_SIGNATURE}) SET enable_hashjoin = off;
ALTER FUNCTION job_claim({_first.CLAIM_SIGNATURE}) SET enable_mergejoin = off;
ALTER FUNCTION job_claim({_first.CLAIM_SIGNATURE}) SET plan_cache_mode = force_generic_plan;
"""


def functions(due_now: str) -> str:
    """Return the three functions that ask what is due, with their own text but for the clock."""
    due = {f"{name} <= now()": f"{name} <= {due_now}" for name in ("available_at", "first_at")}
    binned = {"mins => every_min), now()": f"mins => every_min), {due_now}"}
    return "".join(
        (
            _replaced("job_claim", _first.CLAIM_ARGUMENTS, _first.CLAIMED, _first.CLAIM, due),
            PLAN,
            _replaced("job_claim_one", "wanted uuid, worker text", _first.CLAIMED, _first.CLAIM_ONE, due),
            _replaced("job_fire_due_crons", FIRE_ARGUMENTS, "TABLE (queue text)", _second.FIRE, binned, language="sql"),
        )
    )


def _replaced(name: str, arguments: str, returns: str, body: str, words: dict[str, str], language: str = "plpgsql") -> str:
    for before, after in words.items():
        body = body.replace(before, after)
    return f"""
    CREATE OR REPLACE FUNCTION {name}({arguments}) RETURNS {returns} LANGUAGE {language}
    SECURITY DEFINER SET search_path = public, pg_temp AS $body${body}$body$;
    """


class Migration(migrations.Migration):
    dependencies = [("database", "0002_clock"), ("jobs", "0003_archive")]

    operations = [
        migrations.AlterField("job", "available_at", models.DateTimeField(db_default=ClockNow())),
        migrations.AlterField("archivedjob", "available_at", models.DateTimeField(db_default=ClockNow())),
        migrations.RunSQL(functions("kairo_now()"), functions("now()")),
    ]

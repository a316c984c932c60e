"""Clicks accepted and conversions attributed a second, with many clicks stored.

    python -m bench.attribution_speed          BENCH_SCALE=.01: 100,000 stored clicks, .1: 1,000,000, 1: 10,000,000

Beside the batch endpoint's operation stand a COPY of the same rows into a table without an index, which nothing durable
can beat, a COPY into one with the same columns and indexes, and single INSERTs; all in turn in one run. The redirect is
asked through Django's handler, its transaction included.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from bench.table import SCALE, Line, at_share, durable_server, report

STORED = max(20_000, round(10_000_000 * SCALE))
START = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = 30
BATCH = 1_000
WARM_UP_BATCHES, MEASURED_BATCHES = 100, 100
"""The first batches after a filling and a checkpoint write whole pages: what comes after them goes on as it is."""
CONVERSION_BATCHES = 10
SINGLES = 200
AGENTS = [
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{v}.0.0.0 Safari/537.36"
    for v in range(110, 138)
]


def main() -> None:
    """Store, measure and print a table."""
    with durable_server():
        from kairo.platform.tenancy.operations import create_tenant, issue_token

        tenant_id = create_tenant(slug="bench").id
        token = issue_token(tenant_id=tenant_id, name="bench").token
        took_s = fill(tenant_id)
        print(f"{STORED:,} clicks stored at {STORED / took_s:,.0f} a second")
        lines = [*clicks_a_second(tenant_id), *conversions_a_second(tenant_id)]
        lines += [redirects(tenant_id), one_at_a_time(token)]
    report("attribution_speed", lines)


def click(dice: random.Random, number: int, *, at: datetime | None = None) -> dict[str, Any]:
    """Make a click: a third with an address, a fifth behind a carrier's shared addresses."""
    shared = dice.random() < 0.2
    moment = at or START + timedelta(seconds=dice.random() * DAYS * 86_400)
    record = {
        "ad_id": f"ad_{dice.randrange(500)}",
        "campaign_id": f"cmp_{number % 50}",
        "click_id": f"kc_{number:012x}",
        "fbclid": f"IwAR{dice.getrandbits(128):032x}",
        "ip": f"172.56.{dice.randrange(2)}.{dice.randrange(200)}" if shared else ip(dice),
        "user_agent": dice.choice(AGENTS),
        "screen": dice.choice(["1920x1080", "1536x864", "2560x1440", "1366x768"]),
        "timezone": "America/New_York",
        "language": "en-US",
        "consent": True,
        "clicked_at": moment.isoformat(),
    }
    if dice.random() < 0.3:
        record["email_sha256"] = f"{dice.getrandbits(256):064x}"
    return record


def ip(dice: random.Random) -> str:
    return f"{dice.randrange(24, 100)}.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"


def batches(dice: random.Random, first: int, count: int) -> Iterator[list[dict[str, Any]]]:
    for start in range(first, first + count, BATCH):
        yield [click(dice, number) for number in range(start, min(start + BATCH, first + count))]


def fill(tenant_id: UUID) -> float:
    """Store the clicks by the operation that the endpoint calls, and return the seconds that it took."""
    dice, took_s = random.Random(1), 0.0
    for batch in batches(dice, 0, STORED):
        took_s += stored(tenant_id, batch)
    # As the server does by itself within minutes: who reads new rows first would pay for it otherwise.
    with psycopg.connect(owner_url(), autocommit=True) as server:
        server.execute("VACUUM (ANALYZE) click_tracking")
    return took_s


def stored(tenant_id: UUID, batch: list[dict[str, Any]]) -> float:
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.stages.revenue import operations

    started = time.perf_counter()
    with tenant_transaction(tenant_id):
        operations.track_clicks(records=batch, at=START)
    return time.perf_counter() - started


def owner_url() -> str:
    return os.environ["KAIRO_OWNER_DATABASE_URL"]


def clicks_a_second(tenant_id: UUID) -> list[Line]:
    """Store the same number of clicks in turn by each way."""
    dice = random.Random(2)
    ours_s = copy_s = indexed_s = single_s = 0.0
    singles = 0
    rows: list[tuple[Any, ...]] = []
    for batch in batches(dice, STORED, WARM_UP_BATCHES * BATCH):
        stored(tenant_id, batch)
    with psycopg.connect(owner_url()) as server:
        names = [name for (name,) in server.execute(_NAMES)]
        for table in ("raw_copy", "single_insert"):
            server.execute(f"CREATE TABLE {table} (LIKE click_tracking)")
        server.execute("CREATE TABLE indexed_copy (LIKE click_tracking INCLUDING INDEXES)")
        server.commit()
        for number, batch in enumerate(batches(dice, STORED + WARM_UP_BATCHES * BATCH, MEASURED_BATCHES * BATCH)):
            ours_s += stored(tenant_id, batch)
            rows = rows or newest(server, names)
            copy_s += copied(server, "raw_copy", names, rows)
            indexed_s += copied(server, "indexed_copy", names, renamed(rows, names, number))
            for row in rows[:10]:
                started = time.perf_counter()
                places = ", ".join(["%s"] * len(names))
                server.execute(f"INSERT INTO single_insert ({', '.join(names)}) VALUES ({places})", adapted(row))
                server.commit()
                single_s += time.perf_counter() - started
                singles += 1
    total = MEASURED_BATCHES * BATCH
    ours = total / ours_s
    return [
        Line("clicks accepted, batches", ours, "COPY, no index", total / copy_s, "clicks/s", ">= 0.3"),
        Line("clicks accepted, batches", ours, "COPY, the same indexes", total / indexed_s, "clicks/s"),
        Line("clicks accepted, batches", ours, "single INSERT", singles / single_s, "clicks/s"),
    ]


def newest(server: psycopg.Connection, names: list[str]) -> list[tuple[Any, ...]]:
    """Return a batch of stored rows, as COPY takes them."""
    return server.execute(f"SELECT {', '.join(names)} FROM click_tracking LIMIT {BATCH}").fetchall()


_NAMES = """
SELECT attname FROM pg_attribute WHERE attrelid = 'click_tracking'::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
"""


def renamed(rows: list[tuple[Any, ...]], names: list[str], number: int) -> list[tuple[Any, ...]]:
    """Give rows keys that are not there yet."""
    key = names.index("click_key")
    return [(*row[:key], row[key] ^ (number << 40), *row[key + 1 :]) for row in rows]


def adapted(row: tuple[Any, ...]) -> list[Any]:
    from psycopg.types.json import Jsonb

    return [Jsonb(value) if isinstance(value, dict) else value for value in row]


def copied(server: psycopg.Connection, table: str, names: list[str], rows: list[tuple[Any, ...]]) -> float:
    started = time.perf_counter()
    with server.cursor().copy(f"COPY {table} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(adapted(row))
    server.commit()
    return time.perf_counter() - started


def conversion(dice: random.Random, number: int) -> dict[str, Any]:
    """Make a conversion: two thirds with the id of a stored click, the others with a line and an address."""
    record = {
        **{name: value for name, value in click(dice, 0).items() if name in ("ip", "user_agent", "screen", "timezone")},
        "conversion_id": f"cv_{number}",
        "conversion_type": "purchase",
        "value": "55.00",
        "currency": "USD",
        "language": "en-US",
        "email_sha256": f"{dice.getrandbits(256):064x}",
        "consent": True,
        "occurred_at": (START + timedelta(days=8 + dice.random() * (DAYS - 8))).isoformat(),
    }
    if dice.random() < 0.66:
        record["click_id"] = f"kc_{dice.randrange(STORED):012x}"
    return record


def conversions_a_second(tenant_id: UUID) -> list[Line]:
    """Attribute batches, and single conversions, by the operation that the endpoint calls."""
    from kairo.platform.database.sessions import tenant_transaction
    from kairo.stages.revenue import operations

    dice, took_s = random.Random(3), []
    with tenant_transaction(tenant_id):
        operations.learn_weights(until=START + timedelta(days=DAYS), at=START)
    for number in range(CONVERSION_BATCHES + SINGLES):
        size = BATCH if number < CONVERSION_BATCHES else 1
        records = [conversion(dice, number * BATCH + place) for place in range(size)]
        started = time.perf_counter()
        with tenant_transaction(tenant_id):
            operations.attribute_conversions(records=records, at=START)
        took_s.append((size, time.perf_counter() - started))
    whole = [seconds for size, seconds in took_s[1:] if size == BATCH]
    single = [seconds * 1000 for size, seconds in took_s if size == 1]
    return [
        Line("conversions attributed, batches", len(whole) * BATCH / sum(whole), "–", None, "a second", ">= 2,000"),
        Line("one conversion, p95", at_share(single, 0.95), "–", None, "ms", "<= 20"),
    ]


def redirects(tenant_id: UUID) -> Line:
    """Follow a short link many times."""
    from django.test import Client

    from kairo.platform.database.sessions import tenant_transaction
    from kairo.stages.revenue import operations
    from kairo.stages.revenue.contracts.tracking import LinkDraft

    with tenant_transaction(tenant_id):
        link = operations.make_link(draft=LinkDraft(ad_id="ad_1", target_url="https://shop.example/"), at=START)
    client, took_ms = Client(SERVER_NAME="localhost", headers={"User-Agent": AGENTS[0]}), []
    for _ in range(SINGLES):
        started = time.perf_counter()
        answer = client.get(link.path)
        took_ms.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 302, answer.status_code
    return Line("redirect of a short link, p95", at_share(took_ms, 0.95), "–", None, "ms", "<= 15")


def one_at_a_time(token: str) -> Line:
    """Attribute single conversions through the endpoint."""
    from django.test import Client

    client, dice, took_ms = (
        Client(SERVER_NAME="localhost", headers={"Authorization": f"Bearer {token}"}),
        random.Random(4),
        [],
    )
    for number in range(SINGLES):
        body = conversion(dice, 10_000_000 + number)
        started = time.perf_counter()
        answer = client.post("/api/ml/attribution/attribute-conversion", body, content_type="application/json")
        took_ms.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200, answer.content
    return Line("one conversion by its endpoint, p95", at_share(took_ms, 0.95), "–", None, "ms", "<= 20")


if __name__ == "__main__":
    main()

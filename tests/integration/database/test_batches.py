"""Statements for whole batches: what they carry, and what they leave behind."""

from __future__ import annotations

from uuid import UUID

from django.db import connection
from pgvector import HalfVector
from pgvector.psycopg.halfvec import HalfVectorBinaryDumper

from kairo.platform.database.batches import batch_rows
from kairo.platform.database.sessions import tenant_transaction

VECTORS = [HalfVector([1, 0.5]), None, HalfVector([-2, 0])]


def test_vectors_travel_there_and_back(tenant: UUID) -> None:
    with tenant_transaction(tenant):
        [[vectors]] = batch_rows("SELECT %(vectors)b::halfvec[]", {"vectors": VECTORS})
        echoed = batch_rows("SELECT unnest(%(vectors)b::halfvec[])", {"vectors": VECTORS})

    assert vectors == VECTORS
    assert [vector for (vector,) in echoed] == VECTORS


def test_many_statements_leave_nothing_behind(tenant: UUID) -> None:
    with tenant_transaction(tenant):
        batch_rows("SELECT %(vectors)b::halfvec[]", {"vectors": VECTORS})
        known = len(HalfVectorBinaryDumper.__subclasses__())
        for _ in range(5):
            batch_rows("SELECT %(vectors)b::halfvec[]", {"vectors": VECTORS})

        assert len(HalfVectorBinaryDumper.__subclasses__()) == known


def test_the_connection_goes_on_reading_vectors_as_it_did(tenant: UUID) -> None:
    with tenant_transaction(tenant), connection.cursor() as cursor:
        cursor.execute("SELECT '[1,2]'::halfvec")
        before = cursor.fetchone()
        batch_rows("SELECT %(vectors)b::halfvec[]", {"vectors": VECTORS})
        cursor.execute("SELECT '[1,2]'::halfvec")

        assert cursor.fetchone() == before

"""The control of the storm: a database in which every claim that ever was still passes the fence.

The three columns that the fence compares become domains with an equality of their own. Only the product's own
statements see it; the functions that claim, beat and release keep to the schema `public`.
"""

from __future__ import annotations

from importlib import import_module

import psycopg
from psycopg import sql

OPEN = """
CREATE SCHEMA fence_open;
GRANT USAGE ON SCHEMA fence_open TO PUBLIC;
CREATE DOMAIN fence_open.any_token AS bigint;
CREATE DOMAIN fence_open.any_worker AS text;
CREATE DOMAIN fence_open.any_state AS text;
CREATE FUNCTION fence_open.passes(fence_open.any_token, integer) RETURNS boolean LANGUAGE sql IMMUTABLE
    AS 'SELECT true';
CREATE FUNCTION fence_open.passes(fence_open.any_token, bigint) RETURNS boolean LANGUAGE sql IMMUTABLE
    AS 'SELECT true';
CREATE FUNCTION fence_open.passes(fence_open.any_worker, fence_open.any_worker) RETURNS boolean LANGUAGE sql IMMUTABLE
    AS 'SELECT true';
CREATE FUNCTION fence_open.passes(fence_open.any_state, fence_open.any_state) RETURNS boolean LANGUAGE sql IMMUTABLE
    AS $$ SELECT $1::text = $2::text OR $2::text = 'running' $$;
CREATE OPERATOR fence_open.= (
    FUNCTION = fence_open.passes, LEFTARG = fence_open.any_token, RIGHTARG = integer);
CREATE OPERATOR fence_open.= (
    FUNCTION = fence_open.passes, LEFTARG = fence_open.any_token, RIGHTARG = bigint);
CREATE OPERATOR fence_open.= (
    FUNCTION = fence_open.passes, LEFTARG = fence_open.any_worker, RIGHTARG = fence_open.any_worker);
CREATE OPERATOR fence_open.= (
    FUNCTION = fence_open.passes, LEFTARG = fence_open.any_state, RIGHTARG = fence_open.any_state);
DROP VIEW v_job_queue_health, v_failed_jobs;
ALTER TABLE job ALTER lock_token TYPE fence_open.any_token, ALTER locked_by TYPE fence_open.any_worker,
    ALTER state TYPE fence_open.any_state;
"""
CLOSE = """
ALTER TABLE job ALTER lock_token TYPE bigint, ALTER locked_by TYPE text, ALTER state TYPE text;
DROP SCHEMA fence_open CASCADE;
"""


def open_fence(url: str) -> None:
    """Let every claim pass, for connections that are opened from here on."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(OPEN)
        # A function's columns must be of the very types that it promises.
        _redefine_claim(server, "job.lock_token,", "job.lock_token::bigint,")
        server.execute(_alter(server, "SET search_path = fence_open, public"))


def close_fence(url: str) -> None:
    """Put the fence back."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(_alter(server, "RESET search_path"))
        server.execute("SET search_path = public")
        _redefine_claim(server, "job.lock_token::bigint,", "job.lock_token,")
        server.execute(CLOSE)
        # Views hold the types of the columns that they read: they were let go of, and come back.
        server.execute(import_module("kairo.platform.jobs.migrations.0007_views").VIEWS)


def _redefine_claim(server: psycopg.Connection, text: str, replacement: str) -> None:
    found = server.execute("SELECT pg_get_functiondef(oid) FROM pg_proc WHERE proname = 'job_claim'").fetchone()
    assert found is not None
    assert text in found[0]
    server.execute(found[0].replace(text, replacement))


def _alter(server: psycopg.Connection, change: str) -> sql.Composed:
    return sql.SQL("ALTER DATABASE {} ").format(sql.Identifier(server.info.dbname)) + sql.SQL(change)

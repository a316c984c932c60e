"""Runs: one traced execution each, with its events, logs and files. Knows tenants as plain ids only."""

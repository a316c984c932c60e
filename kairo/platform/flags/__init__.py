"""Switches of a tenant, read through a small cache: features by percentage, and how far the product is degraded."""

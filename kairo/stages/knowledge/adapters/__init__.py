"""Adapters of knowledge: a brain and a CMS behind HTTP, and what reads documents."""

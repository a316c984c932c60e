"""Kairo turns market evidence into content and ads, and their revenue into what to do next."""

__version__ = "0.1.0"

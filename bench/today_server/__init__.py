"""Kairo's own application with one more path, which returns a constant."""

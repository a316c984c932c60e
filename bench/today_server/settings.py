"""Kairo's settings, unchanged, with the benchmark's paths."""

from kairo.config.settings import *  # noqa: F403

ROOT_URLCONF = "bench.today_server.urls"

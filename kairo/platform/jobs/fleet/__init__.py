"""Celery as transport: messages carry ids of jobs, the table stays the truth; lost or doubled they change nothing."""

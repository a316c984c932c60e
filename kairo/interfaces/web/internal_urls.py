"""The paths of internal pages, under /hero/internal/."""

from __future__ import annotations

from django.urls import path

from kairo.interfaces.web import internal_accounts, internal_evals, internal_runs

app_name = "internal"
urlpatterns = [
    path("runs/", internal_runs.listed, name="runs"),
    path("runs/<uuid:run_id>/", internal_runs.run, name="run"),
    path("runs/<uuid:run_id>.json", internal_runs.run_json, name="run_json"),
    path("brands/", internal_accounts.brands, name="brands"),
    path("brands/<uuid:brand_id>/", internal_accounts.brand, name="brand"),
    path("jobs/", internal_accounts.listed_jobs, name="jobs"),
    path("jobs/<uuid:job_id>/retry", internal_accounts.retry_job, name="retry_job"),
    path("evals/", internal_evals.evals, name="evals"),
    path("evals/<str:filename>", internal_evals.report, name="report"),
]

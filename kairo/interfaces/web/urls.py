"""Every page's path."""

from __future__ import annotations

from django.urls import path

from kairo.interfaces.web import access, brands, evidence, evidence_list, gates, jobs, opportunities

app_name = "web"
urlpatterns = [
    path("", brands.home, name="home"),
    path("sign-in", access.sign_in, name="sign_in"),
    path("sign-out", access.sign_out, name="sign_out"),
    path("b/<str:brand_slug>/today", opportunities.today, name="today"),
    path("b/<str:brand_slug>/today/regenerate", opportunities.regenerate, name="regenerate"),
    path("b/<str:brand_slug>/today/cancel", opportunities.cancel, name="cancel"),
    path("b/<str:brand_slug>/today/progress", opportunities.progress, name="progress"),
    path("b/<str:brand_slug>/boards", opportunities.boards, name="boards"),
    path("b/<str:brand_slug>/boards/<uuid:board_id>", opportunities.board, name="board"),
    path("b/<str:brand_slug>/evidence", evidence_list.items, name="evidence"),
    path("b/<str:brand_slug>/evidence/<uuid:item_id>", evidence.item, name="evidence_item"),
    path("b/<str:brand_slug>/evidence/<uuid:item_id>/drawer", evidence.drawer, name="evidence_drawer"),
    path("b/<str:brand_slug>/gates", gates.gates, name="gates"),
    path("b/<str:brand_slug>/jobs", jobs.jobs, name="jobs"),
    path("b/<str:brand_slug>/jobs/<uuid:job_id>/cancel", jobs.cancel, name="cancel_job"),
    path("b/<str:brand_slug>/jobs/<uuid:job_id>/retry", jobs.retry, name="retry_job"),
]

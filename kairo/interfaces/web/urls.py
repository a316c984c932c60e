"""Every page's path."""

from __future__ import annotations

from django.urls import path

from kairo.interfaces.web import (
    access,
    brands,
    evidence,
    evidence_list,
    gates,
    imports,
    insights,
    job_pages,
    language,
    lineage,
    opportunities,
    package_variants,
    packages,
    settings,
    surfaces,
    trends,
)

app_name = "web"
urlpatterns = [
    path("", brands.home, name="home"),
    path("sign-in", access.sign_in, name="sign_in"),
    path("sign-out", access.sign_out, name="sign_out"),
    path("language", language.choose, name="language"),
    path("b/<str:brand_slug>/today", opportunities.today, name="today"),
    path("b/<str:brand_slug>/today/regenerate", opportunities.regenerate, name="regenerate"),
    path("b/<str:brand_slug>/today/cancel", opportunities.cancel, name="cancel"),
    path("b/<str:brand_slug>/today/progress", opportunities.progress, name="progress"),
    path("b/<str:brand_slug>/boards", opportunities.boards, name="boards"),
    path("b/<str:brand_slug>/boards/<uuid:board_id>", opportunities.board, name="board"),
    path("b/<str:brand_slug>/evidence", evidence_list.items, name="evidence"),
    path("b/<str:brand_slug>/evidence/import", imports.send_file, name="send_file"),
    path("b/<str:brand_slug>/evidence/uploads/<uuid:import_job_id>", imports.upload, name="upload"),
    path(
        "b/<str:brand_slug>/evidence/uploads/<uuid:import_job_id>/cancel", imports.cancel_upload, name="cancel_upload"
    ),
    path("b/<str:brand_slug>/evidence/uploads/<uuid:import_job_id>/retry", imports.retry_upload, name="retry_upload"),
    path("b/<str:brand_slug>/evidence/imports/<uuid:capture_run_id>", imports.report, name="import"),
    path("b/<str:brand_slug>/evidence/surfaces", surfaces.surfaces, name="surfaces"),
    path("b/<str:brand_slug>/evidence/surfaces/new", surfaces.add, name="add_surface"),
    path("b/<str:brand_slug>/evidence/surfaces/<uuid:surface_id>", surfaces.surface, name="surface"),
    path("b/<str:brand_slug>/evidence/surfaces/<uuid:surface_id>/capture", surfaces.capture, name="capture_surface"),
    path("b/<str:brand_slug>/evidence/<uuid:item_id>", evidence.item, name="evidence_item"),
    path("b/<str:brand_slug>/evidence/<uuid:item_id>/drawer", evidence.drawer, name="evidence_drawer"),
    path("b/<str:brand_slug>/trends", trends.trends, name="trends"),
    path("b/<str:brand_slug>/trends/<uuid:cluster_id>", trends.cluster, name="cluster"),
    path("b/<str:brand_slug>/insights", insights.insights, name="insights"),
    path("b/<str:brand_slug>/insights/<uuid:analysis_id>", insights.analysis, name="analysis"),
    path("b/<str:brand_slug>/insights/<uuid:analysis_id>/progress", insights.progress, name="analysis_progress"),
    path("b/<str:brand_slug>/insights/<uuid:analysis_id>/cancel", insights.cancel, name="cancel_analysis"),
    path("b/<str:brand_slug>/insights/<uuid:analysis_id>/feedback", insights.feedback, name="analysis_feedback"),
    path(
        "b/<str:brand_slug>/opportunities/<uuid:opportunity_id>/decide",
        opportunities.decide,
        name="decide_on_opportunity",
    ),
    path(
        "b/<str:brand_slug>/opportunities/<uuid:opportunity_id>/package",
        packages.of_opportunity,
        name="opportunity_package",
    ),
    path("b/<str:brand_slug>/packages", packages.packages, name="packages"),
    path("b/<str:brand_slug>/packages/<uuid:package_id>", packages.package, name="package"),
    path("b/<str:brand_slug>/packages/<uuid:package_id>/decide", packages.decide, name="decide_on_package"),
    path("b/<str:brand_slug>/packages/<uuid:package_id>/export", packages.export, name="export_package"),
    path("b/<str:brand_slug>/packages/<uuid:package_id>/variants", packages.variants, name="variants"),
    path(
        "b/<str:brand_slug>/packages/<uuid:package_id>/variants/<uuid:variant_id>",
        package_variants.variant,
        name="variant",
    ),
    path(
        "b/<str:brand_slug>/packages/<uuid:package_id>/variants/<uuid:variant_id>/versions",
        package_variants.versions,
        name="variant_versions",
    ),
    path("b/<str:brand_slug>/lineage/<str:node_kind>/<uuid:node_id>", lineage.lineage, name="lineage"),
    path("b/<str:brand_slug>/gates", gates.gates, name="gates"),
    path("b/<str:brand_slug>/jobs", job_pages.jobs, name="jobs"),
    path("b/<str:brand_slug>/jobs/<uuid:job_id>/cancel", job_pages.cancel, name="cancel_job"),
    path("b/<str:brand_slug>/jobs/<uuid:job_id>/retry", job_pages.retry, name="retry_job"),
    path("b/<str:brand_slug>/settings", settings.settings, name="settings"),
    path("b/<str:brand_slug>/settings/brand", settings.change_settings, name="change_settings"),
    path("b/<str:brand_slug>/settings/chat-codes", settings.make_chat_code, name="make_chat_code"),
    path("b/<str:brand_slug>/settings/chats/<uuid:link_id>/unlink", settings.unlink_chat, name="unlink_chat"),
]

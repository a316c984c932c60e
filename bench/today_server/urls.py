"""Kairo's paths, and the constant that they are measured against: behind the same server and the same middleware."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from kairo.config import urls

CONSTANT = b'{"state":"ready"}'


def say_constant(request: HttpRequest) -> HttpResponse:
    return HttpResponse(CONSTANT, content_type="application/json; charset=utf-8")


urlpatterns = [path("bench/constant", say_constant), *urls.urlpatterns]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500

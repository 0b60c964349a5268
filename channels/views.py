"""The public's pages on the municipality's channels; no login, no script needed."""

from __future__ import annotations

import csv
import io
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from channels import directory
from channels.models import AccessibilityStatement, Channel, Municipality

Response = TypeVar("Response", bound=HttpResponse)

# The main site may fetch the list every few minutes and show it as its own (K-1).
FRESH_S = 300


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "public/home.html",
        {"walls": Channel.objects.active().filter(platform="practice")},
    )


@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """Every channel in use, in one place (K-1)."""
    return render(request, "public/channels.html", {"channels": directory.listed()})


@require_safe
def channel(request: HttpRequest, slug: str) -> HttpResponse:
    one = get_object_or_404(
        Channel.objects.active().select_related("department", "owner"), slug=slug
    )
    return render(
        request,
        "public/channel.html",
        {
            "channel": one,
            "address": directory.address_of(one),
            "contact": directory.contact_of(one, Municipality.objects.first()),
        },
    )


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """What the law asks every public body to say of its pages."""
    here = Municipality.objects.first()
    statement = AccessibilityStatement.objects.first() or AccessibilityStatement()
    changed = statement.history.first() if statement.pk else None
    return render(
        request,
        "public/accessibility.html",
        {
            "statement": statement,
            "law": here.country if here else Municipality.Country.SWEDEN,
            "email": statement.contact_email or (here.contact_email if here else ""),
            "updated_at": changed.history_date if changed else None,
        },
    )


@require_safe
def channels_json(request: HttpRequest) -> JsonResponse:
    municipality = Municipality.objects.first()
    return _for_other_sites(
        JsonResponse(
            {
                "municipality": municipality.name if municipality else "",
                "contact": municipality.contact_email if municipality else "",
                "channels": directory.rows(directory.listed(), municipality),
            },
            json_dumps_params={"ensure_ascii": False},
        )
    )


@require_safe
def channels_csv(request: HttpRequest) -> HttpResponse:
    """The same list for table programs: UTF-8 with the mark that Excel looks for."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(directory.COLUMNS)
    for row in directory.rows(directory.listed(), Municipality.objects.first()):
        table.writerow(directory.cell(row[column]) for column in directory.COLUMNS)
    response = HttpResponse(
        text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=_("channels") + ".csv"
    )
    return _for_other_sites(response)


def _for_other_sites(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={FRESH_S}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response

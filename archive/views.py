"""The log for everybody: checkpoint, key and tiles where C2SP tlog-tiles looks."""

from __future__ import annotations

import re

from django.http import FileResponse, Http404, HttpRequest
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from archive import publication

_NAMES = re.compile(
    r"checkpoint|log-keys?\.txt|tile/\d{1,2}/(x\d{3}/)*\d{3}(\.p/\d{1,3})?"
)


@require_safe
def log_file(request: HttpRequest, name: str) -> FileResponse:
    """A published file. Nothing in it names a person, so anyone may copy it."""
    if not _NAMES.fullmatch(name):
        raise Http404(_("There is no such file in the log."))
    try:
        file = (publication.folder() / name).open("rb")
    except OSError as error:
        raise Http404(_("There is no such file in the log.")) from error
    tile = name.startswith("tile/")
    response = FileResponse(
        file,
        content_type="application/octet-stream"
        if tile
        else "text/plain; charset=utf-8",
    )
    # A tile never changes; a checkpoint is asked for because it may have.
    response["Cache-Control"] = (
        "public, max-age=31536000, immutable" if tile else "no-cache"
    )
    response["Access-Control-Allow-Origin"] = "*"
    return response

"""Logs are JSON, carry the request's id, and quote nobody."""

import json
import logging
import logging.config
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from django.db import IntegrityError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from config import logs
from config.middleware import request_log

# The page for "not found" names the municipality.
pytestmark = pytest.mark.django_db

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def written() -> Iterator[Lines]:
    """What the process's own handler writes, line by line."""
    stream = StringIO()
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    before = handler.setStream(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    if before is not None:
        handler.setStream(before)


@pytest.fixture(autouse=True)
def _our_logging() -> None:
    logs.configure("INFO")


def test_a_request_is_one_line_with_its_id_and_without_its_address(
    written: Lines, client: Client
) -> None:
    answer = client.get(
        "/no-such-page/ABC123/?name=Åsa", headers={"X-Request-ID": "proxy-0001"}
    )
    assert answer["X-Request-ID"] == "proxy-0001"
    requests = [line for line in written() if line["event"] == "request"]
    assert len(requests) == 1
    assert requests[0]["request_id"] == "proxy-0001"
    assert (requests[0]["method"], requests[0]["status"]) == ("GET", 404)
    text = json.dumps(written(), ensure_ascii=False)
    assert "ABC123" not in text
    assert "Åsa" not in text


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "new\nline00", "a b c d e f"])
def test_an_unfit_request_id_is_replaced(client: Client, given: str) -> None:
    answer = client.get("/no-such-page/", headers={"X-Request-ID": given})
    assert len(answer["X-Request-ID"]) == 32


def test_every_line_written_during_a_request_carries_its_id(written: Lines) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        logging.getLogger("somewhere.deep").warning("noticed")
        structlog.get_logger("kanalvakt.x").info("said")
        return HttpResponse()

    answer = request_log(view)(RequestFactory().get("/"))
    lines = written()
    assert [line["event"] for line in lines] == ["noticed", "said", "request"]
    assert {line["request_id"] for line in lines} == {answer["X-Request-ID"]}


def test_a_failure_tells_kind_and_place_but_not_what_it_quotes(written: Lines) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("create temporary table t (mail text constraint one unique)")
            cursor.execute("insert into t values ('asa@example.org')")
            cursor.execute("insert into t values ('asa@example.org')")
    except IntegrityError:
        logging.getLogger("somewhere").exception("Saving %s failed", "asa@example.org")
    (line,) = written()
    assert "asa@example.org" not in json.dumps(line)
    assert line["event"] == "Saving %s failed"
    assert line["error"][0] == "django.db.utils.IntegrityError"
    assert line["error"][1] == "psycopg.errors.UniqueViolation"
    assert line["constraint_name"] == "one"
    assert any("test_logs.py" in place for place in line["where"])


def test_a_failing_view_is_logged_without_its_message(written: Lines) -> None:
    try:
        raise ValueError("personnummer 19121212-1212")
    except ValueError:
        logging.getLogger("django.request").exception(
            "%s: %s",
            "Internal Server Error",
            "/receipt/ABC123/",
            extra={"status_code": 500},
        )
    (line,) = written()
    assert line["event"] == "Internal Server Error"
    assert line["status"] == 500
    assert line["error"] == ["builtins.ValueError"]
    assert "ABC123" not in json.dumps(line)
    assert "19121212" not in json.dumps(line)


def test_a_failing_task_is_logged_without_its_message(written: Lines) -> None:
    logging.getLogger("celery.app.trace").error(
        "Task %(name)s[%(id)s] %(description)s: %(exc)s",
        {
            "name": "channels.tasks.deliver_due",
            "id": "42",
            "description": "raised unexpected",
            "exc": "'Åsa skrev …'",
        },
    )
    (line,) = written()
    assert line["event"] == "task raised unexpected"
    assert (line["task"], line["task_id"]) == ("channels.tasks.deliver_due", "42")
    assert "Åsa" not in json.dumps(line, ensure_ascii=False)


def test_a_forged_host_is_not_repeated(written: Lines) -> None:
    logging.getLogger("django.security.DisallowedHost").error(
        "Invalid HTTP_HOST header: 'asa.example.org'. You may need to add it."
    )
    (line,) = written()
    assert line["event"] == "Invalid HTTP_HOST header"

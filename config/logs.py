"""JSON logs: one object a line on standard error, with the id of the request.

No personal data: no query strings, no addresses of single cases, no names, and of an
exception its kind and its place in the code but not its message, because a database
quotes the offending row and a platform the offending comment.
"""

import logging
import logging.config
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

EventDict = MutableMapping[str, Any]

_CELERY_TRACE = "celery.app.trace"
_QUOTED = re.compile(r"[:'\"“]")
_DJANGO_REQUEST = ("django.request", "django.security", "django.server")


def configure(level: str, stream: TextIO | None = None) -> None:
    """Send every logger of the process through the same JSON formatter, to standard
    error unless a stream is given."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    ]
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": [*shared, without_quotes],
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        failure_as_fields,
                        structlog.processors.JSONRenderer(ensure_ascii=False),
                    ],
                    "pass_foreign_args": True,
                }
            },
            "handlers": {
                "json": {
                    "class": "logging.StreamHandler",
                    "formatter": "json",
                    "stream": stream or sys.stderr,
                }
            },
            "root": {"handlers": ["json"], "level": level},
            "loggers": {
                # Each would write the address of every call, query string included.
                "httpx": {"level": "WARNING"},
                "httpcore": {"level": "WARNING"},
                "django.server": {"level": "CRITICAL"},
                # Broken templates are errors of ours; a missing variable is not news.
                "django.template": {"level": "INFO"},
                # Tasks come every few seconds; only what went wrong is told.
                "celery.worker.strategy": {"level": "WARNING"},
                "celery.app.trace": {"level": "WARNING"},
                "celery.beat": {"level": "WARNING"},
            },
        }
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def without_quotes(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Rewrite what libraries say so that nothing of a person is quoted."""
    record, values = event["_record"], event.pop("positional_args", ())
    if record.name.startswith(_DJANGO_REQUEST):
        # "Not Found: /receipt/ABC123" → "Not Found"; a bare text may quote a host.
        if isinstance(values, tuple) and values:
            event["event"] = str(values[0])
        else:
            event["event"] = _QUOTED.split(str(record.msg))[0].strip()
        status = getattr(record, "status_code", None)
        if status is not None:
            event["status"] = status
    elif record.name == _CELERY_TRACE and isinstance(values, Mapping):
        event["event"] = f"task {values.get('description', 'finished')}"
        event["task"] = values.get("name")
        event["task_id"] = values.get("id")
    elif record.exc_info:
        # The text of an error is often filled into the words of the line.
        event["event"] = str(record.msg)
    return event


def failure_as_fields(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """`exc_info` → kind, places in the code, and what a database names without data."""
    info = event.pop("exc_info", None)
    if not info:
        return event
    if info is True:
        error = sys.exception()
    else:
        error = info[1] if isinstance(info, tuple) else info
    if error is None:
        return event
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or link.__context__
    event["error"] = [f"{type(e).__module__}.{type(e).__qualname__}" for e in chain]
    # The way to the failure, then where each of its causes began.
    frames = list(traceback.extract_tb(error.__traceback__))
    for cause in chain[1:]:
        frames += traceback.extract_tb(cause.__traceback__)[-2:]
    event["where"] = [f"{f.filename}:{f.lineno} {f.name}" for f in frames]
    for e in chain:
        diagnosis = getattr(e, "diag", None)
        for name in ("sqlstate", "constraint_name", "table_name", "column_name"):
            value = getattr(diagnosis, name, None)
            if value:
                event[name] = value
    return event

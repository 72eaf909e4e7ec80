"""Counting and logging: constant event names, data as fields, never content."""

import json
import logging
import sys
from datetime import UTC, datetime


class JsonLines(logging.Formatter):
    """One JSON object a line; `extra={"data": {...}}` becomes fields. Newlines in values stay escaped (ASVS 16.4.1)."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
        }
        data = getattr(record, "data", None)
        if isinstance(data, dict):
            line.update(data)
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line, ensure_ascii=False, default=str)


def set_up_logging(level: str = "WARNING") -> None:
    """Log to stderr as JSON lines; only our own loggers go below WARNING, so no library can log what it handles."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("nightlight").setLevel(level.upper())


def log(event: str, level: int = logging.INFO, **data: object) -> None:
    """Log one event by its constant name; data holds ids, counts and lengths only."""
    logging.getLogger("nightlight").log(level, event, extra={"data": data})

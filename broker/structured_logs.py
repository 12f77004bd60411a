"""The log: one JSON line an event, to standard error, without anything that opens a door or names a person.

Owns: the form of a line and what is taken out of it. Every string passes `without_secrets`, whoever wrote it, so that a number, a
token or a code in the text of an exception goes no further (threats OP3, TL1). Does not own what happened: that is audit/.
"""

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

from broker.settings import Settings

_HIDDEN = "…"
_SECRETS = (
    re.compile(r"(?<=/link/)[^\s/?#\"']{20,}"),  # one-time and tracking links
    re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"),  # signed tokens
    re.compile(r"(?<=[?&])[\w.-]+=[^\s&\"']+"),  # query strings: codes, states, tokens
    re.compile(r"(?i)(?<=bearer )[\w.~+/-]+=*"),
    re.compile(r"(?i)(?<=basic )[\w+/]+=*"),
    re.compile(r"(?<!\d)\d{2}[ .]?\d{2}[ .]?\d{2}[ .-]?\d{3}[ .-]?\d{2}(?!\d)"),  # rijksregisternummer, however written
    re.compile(r"(?<=://)[^\s/@]+(?=@)"),  # user and password in an address
)
# What we made ourselves is looked up by it: among so many random digits some look like a rijksregisternummer.
_OUR_REQUEST_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def without_secrets(text: str) -> str:
    """`text` with every number, token, code and query value replaced by …"""
    for pattern in _SECRETS:
        text = pattern.sub(_HIDDEN, text)
    return text


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, Mapping):
        return {key: _cleaned(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(each) for each in value]
    return value


def _clean_line(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    cleaned = {key: _cleaned(value) for key, value in line.items()}
    made = line.get("request_id")
    if isinstance(made, str) and _OUR_REQUEST_ID.fullmatch(made):
        cleaned["request_id"] = made
    return cleaned


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    _clean_line,
]


class _StandardError(logging.StreamHandler[TextIO]):
    """Whatever standard error is at the moment of writing: a test, or a daemon, may have put another in its place."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # read-only here: nobody sets it
        return sys.stderr


def init_logs(settings: Settings) -> None:
    """Send every line, of the broker and of its libraries, through the same form."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _StandardError()
    handler.set_name("poortwachter")
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *_SHARED],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    for former in [each for each in root.handlers if each.get_name() == "poortwachter"]:
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(settings.log_level.upper())
    logging.getLogger("alembic.runtime").setLevel(logging.WARNING)  # readiness asks it at every turn
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # its access log knows nothing of what must stay out

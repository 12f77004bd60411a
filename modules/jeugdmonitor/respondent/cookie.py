"""The one cookie of a survey: a random value for who is answering, or the word that says it was sent.

Owns: its name, its path (that survey only), how long it lives (until the survey is over), and the token that a form carries
with it, so that no other site can send one (CSRF). Does not own what is kept under it (partial.py).
"""

import hmac
import re
import secrets
from datetime import datetime, time, timedelta

from flask import Response, request, url_for

from look.language import BRUSSELS
from modules.jeugdmonitor.model import Round
from modules.jeugdmonitor.respondent.isolation import COOKIE
from modules.jeugdmonitor.respondent.survey_secret import survey_key
from modules.kit.state import kit

SENT = "verzonden"
TOKEN = "teken"  # noqa: S105  the name of a field
_VALUE = re.compile(r"[A-Za-z0-9_-]{32}")


def own_value(round_: Round) -> str | None:
    """The random value of this browser for this survey, or None."""
    value = request.cookies.get(_name(round_), "")
    return value if _VALUE.fullmatch(value) else None


def was_sent(round_: Round) -> bool:
    """Whether this browser sent its answers already."""
    return request.cookies.get(_name(round_)) == SENT


def new_value() -> str:
    """A value for a browser that comes for the first time."""
    return secrets.token_urlsafe(24)


def set_value(response: Response, round_: Round, value: str) -> Response:
    """Let the browser keep it until the day after the last one."""
    end = datetime.combine(round_.last_day + timedelta(days=1), time.min, BRUSSELS)
    response.set_cookie(
        _name(round_),
        value,
        max_age=max(int((end - datetime.now(BRUSSELS)).total_seconds()), 0),
        path=url_for("survey.begin", link_key=round_.link_key),
        secure=kit().settings.tls,
        httponly=True,
        samesite="Lax",
    )
    return response


def form_token(value: str) -> str:
    """What a form carries: only we can make it, and only for this browser."""
    return hmac.digest(survey_key(), b"form:" + value.encode(), "sha256").hex()


def form_is_ours(value: str | None) -> bool:
    """Whether the posted form came from a page of ours in this browser."""
    sent = request.form.get(TOKEN, "")
    return value is not None and hmac.compare_digest(sent.encode(), form_token(value).encode())


def _name(round_: Round) -> str:
    return f"{'__Secure-' if kit().settings.tls else ''}{COOKIE}{round_.link_key}"

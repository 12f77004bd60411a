"""What somebody typed is not lost when the sign-in runs out under it.

Owns: keeping one posted form a browser, sealed, for an hour, and giving it back on the page it came from, to the same person
for the same organisation. It is never sent again by itself: the person looks and presses the button. Does not own the page.
"""

import secrets
from datetime import UTC, datetime, timedelta

import flask
from flask import request
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from modules.kit.database import database
from modules.kit.sealing import fingerprint, seal, unseal
from modules.kit.session import Found, signed_in
from modules.kit.session_tables import kept_forms
from modules.kit.state import kit

PURPOSE = "form"
KEPT_FOR = timedelta(hours=1)


def keep_form(found: Found) -> None:
    """Keep the form of this request for whoever the ended session belonged to. Its CSRF token was right already."""
    browser_value = secrets.token_urlsafe(32)
    typed = {name: request.form.getlist(name) for name in request.form if name != "csrf_token"}
    row: dict[str, object] = {
        "key_hash": fingerprint(browser_value),
        "sub": found.sub,
        "organisation_code": found.organisation_code,
        "path": request.path,
        "sealed_form": seal(kit().settings.secret, browser_value, PURPOSE, typed),
        "created_at": datetime.now(UTC),
    }
    database().perform(_replace, flask.session.get("kept"), row)
    flask.session["kept"] = browser_value


def keeps_a_form() -> bool:
    """Whether this browser has one on hold."""
    return isinstance(flask.session.get("kept"), str)


def kept_form() -> MultiDict[str, str] | None:
    """What was typed on this page before the sign-in ran out, or None."""
    browser_value = flask.session.get("kept")
    person = signed_in()
    if not isinstance(browser_value, str) or person is None:
        return None
    sealed = (
        database()
        .reading()
        .scalar(
            select(kept_forms.c.sealed_form).where(
                kept_forms.c.key_hash == fingerprint(browser_value),
                kept_forms.c.sub == person.sub,
                kept_forms.c.organisation_code == person.organisation_code,
                kept_forms.c.path == request.path,
                kept_forms.c.created_at > datetime.now(UTC) - KEPT_FOR,
            )
        )
    )
    typed = unseal(kit().settings.secret, browser_value, PURPOSE, sealed) if sealed else None
    return MultiDict(typed) if typed is not None else None


def drop_kept_form() -> None:
    """Forget it: it has been sent."""
    browser_value = flask.session.pop("kept", None)
    if isinstance(browser_value, str):
        database().perform(_replace, browser_value, None)


def _replace(session: Session, before: str | None, row: dict[str, object] | None) -> None:
    session.execute(delete(kept_forms).where(kept_forms.c.created_at < datetime.now(UTC) - KEPT_FOR))
    if before is not None:
        session.execute(delete(kept_forms).where(kept_forms.c.key_hash == fingerprint(before)))
    if row is not None:
        session.execute(insert(kept_forms).values(**row))

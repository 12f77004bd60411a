"""/toepassingsbeheer/<code>/mededeling: the owner of an application writes to everybody who uses it (seed-sentences M8).

A form, a page that shows what will be sent and to how many people, a copy to oneself, and sending. Owns the pages and their words;
the operations are `send_test_copy` and `send_announcement`. The draft goes along in the pages: nothing is kept before it is sent.
"""

from dataclasses import asdict

from flask import Blueprint, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from broker.access.announcement import BODY_LENGTH, SUBJECT_LENGTH
from broker.access.send_announcement import (
    Draft,
    cleaned_draft,
    count_recipients,
    owned_application,
    send_announcement,
    send_test_copy,
)
from broker.catalogue import Application
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, ForbiddenError, InvalidError, TooManyError
from broker.installation import installation
from broker.text import Text
from broker.web.actor import actor
from broker.web.errors import status_of
from broker.web.field_errors import field_errors
from broker.web.owner import PATH
from broker.web.task_view import say
from broker.web.tell import tell
from broker.web.who import require_sign_in
from look.language import gettext as _

blueprint = Blueprint("announcements", __name__)

_FIELDS = ("subject_nl", "body_nl", "subject_en", "body_en", "right_code", "target_group")


@blueprint.get(f"{PATH}/<code>/mededeling")
@require_sign_in
def write(code: str) -> Response:
    """An empty form."""
    return _form(_application(code), Draft(code, "", ""), {}, 200)


@blueprint.post(f"{PATH}/<code>/mededeling")
@require_sign_in
def go_on(code: str) -> Response:
    """From the form to the page to check, and from there: change something, a copy for oneself, or send."""
    application = _application(code)
    typed = Draft(code, **{name: request.form.get(name, "")[: 2 * BODY_LENGTH] for name in _FIELDS})
    press = request.form.get("doe", "nakijken")
    if press == "wijzig":
        return _form(application, typed, {}, 200)
    try:
        if press == "proef":
            perform(send_test_copy, installation(), actor(), typed)
            tell("ok", _("De proef is onderweg naar uw eigen adres."), _("Nog niemand anders kreeg iets."))
        elif press == "verstuur":
            perform(send_announcement, installation(), actor(), typed)
            tell("ok", _("Uw bericht vertrekt."), _("Iedereen krijgt een eigen mail, in de eigen taal."))
            return redirect(f"{PATH}/{code}", code=303)
        return _check(application, cleaned_draft(application, typed))
    except InvalidError as error:
        return _form(application, typed, error.fields, status_of(error))
    except (ConflictError, TooManyError, ForbiddenError, BusyError) as error:
        tell("fail", say(error.text))
        return _form(application, typed, {}, status_of(error))


def _application(code: str) -> Application:
    return owned_application(db.session(), installation(), actor(), code)[0]


def _check(application: Application, draft: Draft) -> Response:
    page = render_template(
        "owner/check_announcement.html",
        application=say(application.name),
        draft=draft,
        fields=[(name, value) for name, value in asdict(draft).items() if name in _FIELDS],
        people=count_recipients(db.session(), draft),
        for_whom=_for_whom(application, draft),
        code=application.code,
    )
    return make_response(page)


def _for_whom(application: Application, draft: Draft) -> str:
    right = say(application.rights[draft.right_code].name) if draft.right_code else ""
    group = _group(draft.target_group) if draft.target_group else ""
    return ", ".join(each for each in (right, group) if each) or _("iedereen met een recht dat loopt")


def _group(code: str) -> str:
    found = installation().catalogue.target_groups.get(code)
    return say(found.name) if found else code


def _form(application: Application, typed: Draft, wrong: dict[str, Text], status: int) -> Response:
    groups = sorted({each.target_group for each in application.entitlement_codes.values()})
    page = render_template(
        "owner/announcement.html",
        application=say(application.name),
        code=application.code,
        typed=typed,
        rights=[("", _("Alle")), *((each.code, say(each.name)) for each in application.rights.values())],
        groups=[("", _("Alle")), *((group, _group(group)) for group in groups)],
        **field_errors(wrong),
        longest={"subject": SUBJECT_LENGTH, "body": BODY_LENGTH},
    )
    return make_response(page, status)

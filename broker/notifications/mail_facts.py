"""Which mails exist, and which facts each of them needs. A mail with a fact missing or too many is refused when it is put.

Owns the table of mails. Does not own their words (`templates/mail/`) nor who gets them (the operations).

A fact is a JSON value: a code that becomes a name at delivery, an id, a date in ISO form, or words that somebody
vouched for. What an applicant typed is no fact of any mail before somebody decided on it (threats SR1, SR7).
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broker.text import Text

LONGEST = 2_000


def both(text: Text) -> dict[str, str]:
    """A sentence in both languages, as the fact of a mail."""
    return {"nl": text.nl, "en": text.en}


@dataclass(frozen=True, slots=True)
class Fact:
    """One kind of fact: what it is called in an error, and whether a value is one."""

    what: str
    holds: Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != "" and len(value) <= LONGEST


def _is_code(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 100 and value.replace("_", "a").replace("-", "a").isalnum()


def _is_sentence(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"nl", "en"} and all(_is_text(each) for each in value.values())


def _is_moment(value: Any) -> bool:
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True


def _are_moments(value: Any) -> bool:
    return isinstance(value, list) and all(_is_moment(each) for each in value)


def _is_id(value: Any) -> bool:
    try:
        uuid.UUID(value)
    except (AttributeError, TypeError, ValueError):
        return False
    return True


def _one_of(*choices: str) -> Fact:
    return Fact("one of " + ", ".join(choices), lambda value: value in choices)


WORDS = Fact("text of at most 2000 characters", _is_text)
CODE = Fact("a code", _is_code)
SENTENCE = Fact("a sentence in nl and en", _is_sentence)
MOMENT = Fact("a date or an instant in ISO form", _is_moment)
MOMENTS = Fact("dates or instants in ISO form", _are_moments)
ID = Fact("an id", _is_id)
YES = Fact("yes or no", lambda value: isinstance(value, bool))
COUNT = Fact("a number", lambda value: isinstance(value, int) and not isinstance(value, bool))
MANDATE = _one_of("head_local_admin", "local_admin", "target_group_officer", "application_owner", "helpdesk")
DECIDED_BY = _one_of("administrator", "officer")


@dataclass(frozen=True, slots=True)
class MailTemplate:
    """The facts of one mail.

    `link`: the kind of one-time link that goes with it, `link_required`: it makes no sense without.
    """

    needed: Mapping[str, Fact]
    optional: Mapping[str, Fact]
    link: str | None = None
    link_required: bool = False


def _mail(
    needed: Mapping[str, Fact],
    optional: Mapping[str, Fact] | None = None,
    *,
    link: str | None = None,
    link_required: bool = False,
) -> MailTemplate:
    return MailTemplate(needed, optional or {}, link, link_required)


_APPLICATION = {"application_code": CODE}
_RIGHT = {**_APPLICATION, "right_code": CODE}
_GRANT = {**_RIGHT, "organisation_name": WORDS}
_REQUEST = {**_RIGHT, "request_number": WORDS}
_NAMED = {"given_name": WORDS}
# To whoever a local account belongs to: by whose application they were invited, as its team answers questions (seed-sentences M5).
_OF_HOLDER = {**_NAMED, **_APPLICATION}
# What happens to a right, as whoever reads along is told of it.
_CHANGES = (
    "given",
    "waiting_for_label",
    "started",
    "changed_role",
    "shortened",
    "extended",
    "suspended",
    "resumed",
    "ended",
)
_DETAILS = {"context_code": CODE, **_NAMED}
_UNDECIDED = {**_DETAILS, "organisation_name": WORDS}
_CAMPAIGN = {
    **_APPLICATION,
    "organisation_name": WORDS,
    "campaign_id": ID,
    "task_count": COUNT,
    "unconfirmed": _one_of("end", "keep"),
}
_SCOPE = {"organisation_name": WORDS, "target_group": CODE, "organisation_type": CODE, "application_code": CODE}

MAILS: Mapping[str, MailTemplate] = {
    "confirm_email": _mail(_APPLICATION, link="confirm_email", link_required=True),
    "request_sent": _mail(
        {**_REQUEST, "since": MOMENT, "who_is_up": SENTENCE},
        {**_UNDECIDED, "again": YES},
        link="tracking",
        link_required=True,
    ),
    "request_in_your_name": _mail({**_APPLICATION, "since": MOMENT}, _NAMED),
    "number_changed": _mail({"since": MOMENT}, _NAMED),
    "added_at_work": _mail({"organisation_name": WORDS, "since": MOMENT}, _NAMED, link="invitation"),
    "link_to_ask": _mail({**_GRANT, "organisation_code": CODE, "entitlement_code": CODE}, {"context_code": CODE}),
    "look_ups_missed": _mail(
        {"organisation_name": WORDS, "person_name": WORDS, "task_count": COUNT, "since": MOMENT}, _NAMED
    ),
    "facts_asked": _mail(
        {"organisation_name": WORDS}, {**_APPLICATION, **_NAMED}, link="ask_number", link_required=True
    ),
    "facts_answered": _mail({"organisation_name": WORDS, "facts_id": ID, "refused": YES}, {**_NAMED, "task_id": ID}),
    "sign_in_stopped": _mail({**_APPLICATION, "since": MOMENT}, _NAMED),
    "account_invited": _mail(
        {"user_name": WORDS},
        {**_APPLICATION, **_NAMED, "organisation_name": WORDS},
        link="set_password",
        link_required=True,
    ),
    "account_ready": _mail({"person_name": WORDS}, {**_APPLICATION, **_NAMED}),
    "password_link": _mail({"user_name": WORDS}, _OF_HOLDER, link="set_password", link_required=True),
    "password_changed": _mail({"since": MOMENT}, {**_OF_HOLDER, "passkeys": MOMENTS, "app": YES}),
    "name_changed": _mail({"since": MOMENT}, _OF_HOLDER),
    "name_told": _mail(
        {"organisation_name": WORDS, "person_name": WORDS, "affiliation_id": ID, "since": MOMENT}, _NAMED
    ),
    "phone_changed": _mail({"since": MOMENT}, _OF_HOLDER),
    "phone_change_asked": _mail(
        {"organisation_name": WORDS, "reason": WORDS, "takes_effect_at": MOMENT},
        _OF_HOLDER,
        link="stop_number",
        link_required=True,
    ),
    "phone_change_withdrawn": _mail({"organisation_name": WORDS, "since": MOMENT}, _OF_HOLDER),
    "phone_change_refused": _mail({"organisation_name": WORDS, "person_name": WORDS, "since": MOMENT}, _NAMED),
    "phone_corrected": _mail({"organisation_name": WORDS, "since": MOMENT}, _OF_HOLDER),
    "email_change_asked": _mail({}, _APPLICATION, link="prove_email", link_required=True),
    "email_changed": _mail({"since": MOMENT, "new_address": WORDS}, {**_OF_HOLDER, "organisation_name": WORDS}),
    "wrong_codes": _mail({"since": MOMENT}, _OF_HOLDER),
    "devices_ended": _mail({"since": MOMENT}, _OF_HOLDER),
    "account_ended": _mail({"organisation_name": WORDS, "user_name": WORDS, "since": MOMENT}, _OF_HOLDER),
    "app_added": _mail({"since": MOMENT}, _OF_HOLDER),
    "app_ended": _mail({"since": MOMENT}, _OF_HOLDER),
    "recovery_code_used": _mail({"since": MOMENT, "left": COUNT}, _OF_HOLDER),
    "passkey_added": _mail({"since": MOMENT}, _OF_HOLDER),
    "passkey_ended": _mail({"since": MOMENT}, _OF_HOLDER),
    "passkey_copied": _mail({"since": MOMENT}, _OF_HOLDER),
    "task_waiting": _mail(
        {**_APPLICATION, "task_id": ID, "task_kind": _one_of("request", "label", "admission"), "since": MOMENT},
        {
            **_UNDECIDED,
            "right_code": CODE,
            "label_code": CODE,
            "target_group": CODE,
            "organisation_type": CODE,
            "applicant_name": WORDS,
            "in_place": YES,
        },
    ),
    "task_reminder": _mail(
        {**_APPLICATION, "task_id": ID, "task_kind": _one_of("request", "label", "admission"), "since": MOMENT},
        {**_UNDECIDED, "right_code": CODE, "label_code": CODE, "applicant_name": WORDS, "decide_before": MOMENT},
    ),
    "task_escalated": _mail(
        {**_APPLICATION, "task_id": ID, "task_kind": _one_of("request"), "since": MOMENT},
        {**_UNDECIDED, "right_code": CODE, "applicant_name": WORDS, "decide_before": MOMENT},
    ),
    "task_digest": _mail(
        {"task_count": COUNT}, {"organisation_name": WORDS, **_APPLICATION, **_NAMED, "reminder": YES}
    ),
    "no_administrator": _mail(
        {**_APPLICATION, "task_id": ID, "organisation_name": WORDS, "since": MOMENT}, {**_DETAILS, "right_code": CODE}
    ),
    "task_decided_by_colleague": _mail(
        {
            **_APPLICATION,
            "task_id": ID,
            "decision": _one_of("approved", "rejected"),
            "decided_by_name": WORDS,
            "since": MOMENT,
        },
        {**_UNDECIDED, "right_code": CODE},
    ),
    "granted": _mail(
        {**_GRANT, "decided_by": DECIDED_BY},
        {
            **_DETAILS,
            "centre": WORDS,
            "since": MOMENT,
            "valid_until": MOMENT,
            "request_number": WORDS,
            "replaces_right_code": CODE,
            "unlinked": YES,
            "invited": YES,
            "direct": YES,
        },
        link="tracking",
    ),
    "label_waiting": _mail(
        {**_GRANT, "label_code": CODE, "who_is_up": SENTENCE, "since": MOMENT},
        {
            **_DETAILS,
            "centre": WORDS,
            "request_number": WORDS,
            "decided_by": DECIDED_BY,
            "direct": YES,
            "unlinked": YES,
        },
        link="tracking",
    ),
    "grant_started": _mail(_GRANT, {**_DETAILS, "centre": WORDS, "valid_until": MOMENT, "label_code": CODE}),
    "grant_ended": _mail({**_GRANT, "since": MOMENT}, {**_DETAILS, "cause": SENTENCE, "reason": WORDS}),
    "last_day_changed": _mail(
        {**_GRANT, "change": _one_of("shortened", "extended"), "valid_until": MOMENT, "decided_by": DECIDED_BY},
        {**_DETAILS, "reason": WORDS},
    ),
    "work_address_changed": _mail({"organisation_name": WORDS, "since": MOMENT}, _NAMED),
    "right_suspended": _mail(
        {**_GRANT, "since": MOMENT, "decided_by": DECIDED_BY, "reason": WORDS},
        {**_DETAILS, "suspended_until": MOMENT, "stands_in_name": WORDS},
    ),
    "right_resumed": _mail({**_GRANT, "since": MOMENT}, {**_DETAILS, "reason": WORDS}),
    "right_ending": _mail({**_GRANT, "valid_until": MOMENT, "days": COUNT}, {**_DETAILS, "in_place": YES}),
    "rights_ending": _mail(
        {"organisation_name": WORDS, "task_count": COUNT, "days": COUNT}, {**_NAMED, "grant_id": ID}
    ),
    "refused": _mail(
        {**_REQUEST, "reason": WORDS}, {**_UNDECIDED, "decided_by": DECIDED_BY, "since": MOMENT}, link="tracking"
    ),
    "label_rejected": _mail(
        {**_GRANT, "label_code": CODE, "reason": WORDS}, {**_DETAILS, "request_number": WORDS}, link="tracking"
    ),
    "affiliated": _mail({**_REQUEST, "organisation_name": WORDS, "decided_by": DECIDED_BY}, _DETAILS, link="tracking"),
    "withdrawn": _mail(_REQUEST, {**_UNDECIDED, "since": MOMENT}, link="tracking"),
    "expired": _mail(_REQUEST, _UNDECIDED, link="tracking"),
    "cancelled": _mail({**_REQUEST, "cause": SENTENCE}, _UNDECIDED, link="tracking"),
    "organisation_admitted": _mail(
        {**_REQUEST, "organisation_name": WORDS, "who_is_up": SENTENCE}, _DETAILS, link="tracking"
    ),
    "admission_refused": _mail(
        {**_APPLICATION, "request_number": WORDS, "reason": WORDS}, {**_DETAILS, "right_code": CODE}, link="tracking"
    ),
    "owner_told": _mail(
        {
            **_GRANT,
            "person_name": WORDS,
            "change": _one_of(*_CHANGES, "requested"),
            "since": MOMENT,
        },
        {"context_code": CODE, "email": WORDS},
    ),
    "service_told": _mail(
        {
            **_GRANT,
            "person_name": WORDS,
            "change": _one_of(*_CHANGES),
            "since": MOMENT,
        },
        {"context_code": CODE},
    ),
    "mandate_appointed": _mail({"mandate_kind": MANDATE, "since": MOMENT}, {**_SCOPE, **_NAMED, "valid_until": MOMENT}),
    "mandate_told": _mail(
        {
            "mandate_kind": MANDATE,
            "person_name": WORDS,
            "change": _one_of("appointed", "dismissed", "resigned"),
            "since": MOMENT,
        },
        {**_SCOPE, **_NAMED},
    ),
    "mandate_ended": _mail({"mandate_kind": MANDATE, "since": MOMENT}, {**_SCOPE, **_NAMED}),
    "deputy_named": _mail(
        {"organisation_name": WORDS, "person_name": WORDS, "since": MOMENT, "valid_until": MOMENT}, _NAMED
    ),
    "deputy_ended": _mail({"organisation_name": WORDS, "person_name": WORDS, "since": MOMENT}, _NAMED),
    "deputy_told": _mail(
        {
            "organisation_name": WORDS,
            "person_name": WORDS,
            "holder_name": WORDS,
            "change": _one_of("named", "ended"),
            "since": MOMENT,
        },
        {**_NAMED, "valid_until": MOMENT},
    ),
    "desk_task": _mail(
        {
            "task_id": ID,
            "task_kind": _one_of("report", "doubt", "vacancy", "nomination"),
            "organisation_name": WORDS,
            "since": MOMENT,
        },
        {**_NAMED, "reminder": YES, "request_number": WORDS},
    ),
    "nomination_settled": _mail(
        {
            **_APPLICATION,
            "organisation_name": WORDS,
            "person_name": WORDS,
            "outcome": _one_of("added", "present", "declined", "lapsed"),
            "since": MOMENT,
        },
        {**_NAMED, "reason": WORDS},
    ),
    "right_left": _mail(
        {**_APPLICATION, "right_code": CODE, "organisation_name": WORDS, "person_name": WORDS, "since": MOMENT},
        {**_DETAILS},
    ),
    "rights_to_confirm": _mail(
        {**_CAMPAIGN, "due": MOMENT},
        {**_NAMED, "in_place": YES, "reminder": YES, "merged": YES},
    ),
    "campaign_closed": _mail(_CAMPAIGN, {**_NAMED, "in_place": YES}),
    "upload_done": _mail(
        {"organisation_name": WORDS, "upload_id": ID, "given_count": COUNT, "refused_count": COUNT}, _NAMED
    ),
    "right_moved": _mail({**_GRANT, "from_name": WORDS, "valid_until": MOMENT}, _DETAILS),
    "reciprocal_told": _mail(
        {"task_count": COUNT, "since": MOMENT, "due": MOMENT},
        {**_APPLICATION, **_NAMED, "target_group": CODE, "organisation_type": CODE},
    ),
    "announcement": _mail({**_APPLICATION, "announced_subject": SENTENCE, "announced_words": SENTENCE}, {"test": YES}),
    "audit_checkpoint": _mail({"checkpoint": WORDS, "since": MOMENT}),
    "operator_told": _mail({"sentence": SENTENCE}, {"task_id": ID}),
}


def checked_facts(template: str, facts: Mapping[str, Any], link: Mapping[str, str] | None) -> dict[str, Any]:
    """The facts of one mail, without those that are empty.

    Raises:
        ValueError: no such mail, a fact is missing, unknown or of another kind, or the link is not the one of this
        mail.
    """
    mail = MAILS.get(template)
    if mail is None:
        raise ValueError(f"there is no mail {template!r}")
    given = {name: value for name, value in facts.items() if value is not None and value != ""}
    missing = [name for name in mail.needed if name not in given]
    if missing:
        raise ValueError(f"the mail {template} lacks {', '.join(missing)}")
    kinds = {**mail.optional, **mail.needed}
    for name, value in given.items():
        if name not in kinds:
            raise ValueError(f"the mail {template} has no fact {name}")
        if not kinds[name].holds(value):
            raise ValueError(f"{name} of the mail {template} must be {kinds[name].what}")
    if link is None and mail.link_required:
        raise ValueError(f"the mail {template} needs a {mail.link} link")
    if link is not None and (link.get("kind") != mail.link or not {"id", "nonce"} <= link.keys()):
        raise ValueError(f"the mail {template} cannot carry this link")
    return given

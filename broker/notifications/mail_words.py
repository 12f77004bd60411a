"""mail_words: from the facts of a mail, which are codes and ids, to the names and addresses its template writes.

Owns the resolution, at delivery and in the language of the recipient. Addresses are built from the settings only, never
from a request (threats OA12).
"""

import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from broker.catalogue import Application, Catalogue
from broker.installation import Installation
from broker.notifications.mail_facts import MAILS
from broker.notifications.outbox_message import OutboxMessage
from broker.text import Text

_MANDATES = {
    "head_local_admin": Text("hoofd lokale beheerder", "head local administrator"),
    "local_admin": Text("lokale beheerder", "local administrator"),
    "target_group_officer": Text("doelgroepverantwoordelijke", "target group officer"),
    "application_owner": Text("toepassingsverantwoordelijke", "application owner"),
    "helpdesk": Text("medewerker van de helpdesk", "member of the helpdesk"),
}


def mail_words(installation: Installation, message: OutboxMessage) -> dict[str, Any]:
    """What the template of `message` may write.

    Raises:
        LookupError: the policies no longer know the application of this mail, and it makes no sense without.
    """
    catalogue, origin, language = installation.catalogue, installation.settings.origin, message.language
    facts: Mapping[str, Any] = message.facts or {}
    mail = MAILS[message.template]
    application = catalogue.applications.get(facts.get("application_code", ""))
    if application is None and "application_code" in mail.needed:
        raise LookupError(facts["application_code"])
    words: dict[str, Any] = dict.fromkeys((*mail.needed, *mail.optional))
    words |= {name: _written(value, language) for name, value in facts.items()}
    words |= {
        "application": _application_words(application, language) if application else None,
        "right": _right_name(application, facts.get("right_code"), language),
        "context": _context_name(application, facts, language),
        "replaces_right": _right_name(application, facts.get("replaces_right_code"), language),
        "label": _label_name(application, facts.get("label_code"), language),
        "mandate": _MANDATES[facts["mandate_kind"]].in_language(language) if "mandate_kind" in facts else None,
        "organisations": _organisation_type(catalogue, facts, language),
        "since": _day(facts.get("since")),
        "valid_until": _day(facts.get("valid_until")),
        "suspended_until": _day(facts.get("suspended_until")),
        "decide_before": _day(facts.get("decide_before")),
        "due": _day(facts.get("due")),
        "passkeys": [_day(each) for each in facts.get("passkeys", ())],
        "takes_effect_at": _day(facts.get("takes_effect_at")),
        "campaign_address": f"{origin}/nazicht/{facts['campaign_id']}" if "campaign_id" in facts else None,
        "upload_address": f"{origin}/lijsten/bestand/{facts['upload_id']}" if "upload_id" in facts else None,
        "reciprocal_address": f"{origin}/nazicht/wederzijds",
        "helpdesk": {
            "phone": catalogue.helpdesk.phone,
            "hours": catalogue.helpdesk.hours.in_language(language),
            "page": catalogue.helpdesk.page,
        },
        "sign_in_within": catalogue.retention["never_linked"],
        "origin": origin,
        "tasks_address": f"{origin}/taken",
        "ending_address": f"{origin}/rechten/{facts['grant_id']}"
        if "grant_id" in facts
        else f"{origin}/rechten?stopt=binnenkort",
        "links_address": f"{origin}/toepassingen/{application.code}" if application else origin,
        "task_address": f"{origin}/taken/{facts['task_id']}" if "task_id" in facts else None,
        "facts_address": f"{origin}/gevraagd/{facts['facts_id']}" if "facts_id" in facts else None,
        "ask_address": _ask_address(installation, facts),
        "forgotten_address": f"{origin}/aanmelden/account/vergeten",
        "account_address": f"{origin}/mijn-profiel#account",
        "people_address": f"{origin}/mensen",
        "link_address": _link_address(installation, message),
    }
    return words


def _application_words(application: Application, language: str) -> dict[str, str]:
    starts = [client.start_uri for client in application.clients.values() if client.start_uri]
    contact = application.contact
    return {
        "name": application.name.in_language(language),
        "short_name": application.short_name.in_language(language),
        "called": application.called.in_language(language),
        "technical_name": application.technical_name,
        "address": starts[0] if starts else application.page,
        "team": contact.team.in_language(language),
        "email": contact.email,
        "phone": contact.phone,
        "hours": contact.hours.in_language(language),
        "page": contact.page,
    }


def _right_name(application: Application | None, code: str | None, language: str) -> str | None:
    if application is None or code is None:
        return None
    right = application.rights.get(code)
    return right.name.in_language(language) if right else code


def _context_name(application: Application | None, facts: Mapping[str, Any], language: str) -> str | None:
    code: str | None = facts.get("context_code")
    right = application.rights.get(facts.get("right_code", "")) if application else None
    context = right.contexts.get(code) if right and code else None
    return context.name.in_language(language) if context else code


def _label_name(application: Application | None, code: str | None, language: str) -> str | None:
    label = application.labels.get(code) if application and code else None
    return label.name.in_language(language) if label else code


def _organisation_type(catalogue: Catalogue, facts: Mapping[str, Any], language: str) -> str | None:
    kind = catalogue.organisation_type(facts.get("target_group", ""), facts.get("organisation_type", ""))
    return kind.plural.in_language(language) if kind else facts.get("organisation_type")


def _ask_address(installation: Installation, facts: Mapping[str, Any]) -> str | None:
    """The self-registration link of a right with the organisation filled in; public, so it may stand in a fact."""
    code = installation.catalogue.entitlement_codes.get(facts.get("entitlement_code", ""))
    return f"{installation.settings.origin}{code.link}&oc={facts['organisation_code']}" if code else None


def _link_address(installation: Installation, message: OutboxMessage) -> str | None:
    if not message.link:
        return None
    token = installation.keys.link_token(message.link["kind"], message.link["id"], message.link["nonce"])
    return f"{installation.settings.origin}/link/{token}"


def _day(value: str | None) -> date | None:
    """The day or the instant that was written in ISO form; an instant counts as its day in Brussels."""
    if value is None:
        return None
    return date.fromisoformat(value) if len(value) == len("2026-11-22") else datetime.fromisoformat(value)


def _written(value: Any, language: str) -> Any:
    """A fact as it may be written: the sentence of its language, and no sign that could turn the text around or end a line."""
    if isinstance(value, dict):
        return _written(value["en" if language == "en" else "nl"], language)
    if isinstance(value, str):
        return "".join(sign for sign in value if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cf"))
    return value

"""The form behind a self-registration link: from what was typed to a Submission, and the sealed draft between two pages.

Owns parsing of every field kind of forms/. Does not own the pages (`registration`) nor what happens with a submission (access/).
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from broker.access.submit_request import CHOOSE_FROM_LIST, ProposedOrganisation, Submission
from broker.authentication.session import SignedIn
from broker.catalogue import Form
from broker.installation import Installation
from broker.people.find_organisations import organisation_by_code
from broker.people.organisation import Organisation
from broker.text import Text
from broker.web.draft import open_typed, seal_typed
from broker.web.fields import (
    Answer,
    email_answer,
    kbo_answer,
    line_answer,
    number_answer,
    optional_email_answer,
    parse,
    phone_answer,
    text_answer,
)
from broker.web.registration_link import RegistrationLink
from broker.web.replaced import REPLACES, replaced_line, replaced_unclear

OTHER_CENTRE = "-"
UNLISTED = "unlisted"


@dataclass(frozen=True, slots=True)
class Filled:
    """What was typed, what it means, and what is wrong with it, by field id in the order of the page."""

    typed: dict[str, str]
    wrong: dict[str, Text] = field(default_factory=dict)
    organisation: Organisation | None = None
    submission: Submission | None = None


def read_form(
    session: Session,
    installation: Installation,
    link: RegistrationLink,
    form: Form,
    typed: Mapping[str, str],
    who: SignedIn | None,
    source: str | None,
    language: str,
) -> Filled:
    """Check every answer; with nothing wrong, `submission` is what the applicant would send."""
    raw = {name: value[:2000] for name, value in typed.items()}
    unlisted = raw.get(UNLISTED) == "1" and unlisted_allowed(installation, link)
    organisation = link.organisation or organisation_by_code(session, raw.get("organisation", "")[:20])
    if organisation is not None and not _fits(link, organisation):
        organisation = None
    values, wrong = parse(
        _answers(installation, form, who, unlisted), raw | _centre(raw) | {REPLACES: replaced_line(raw)}
    )
    if REPLACES in {each.code for each in form.fields} and (unclear := replaced_unclear(raw)) is not None:
        wrong[REPLACES] = unclear
    if organisation is None and not unlisted:
        wrong["organisation"] = CHOOSE_FROM_LIST
    wrong = {name: wrong[name] for name in _order(form, wrong)}
    if wrong:
        return Filled(raw, wrong, organisation)
    return Filled(
        raw, {}, organisation, _submission(link, form, values, raw, who, organisation, unlisted, source, language)
    )


def unlisted_allowed(installation: Installation, link: RegistrationLink) -> bool:
    """Whether this kind of organisation may be one that we do not know yet (seed-sentences M1)."""
    kind = installation.catalogue.organisation_type(link.code.target_group, link.code.organisation_type)
    return kind is not None and kind.unlisted and link.organisation is None


def _fits(link: RegistrationLink, organisation: Organisation) -> bool:
    return (organisation.target_group, organisation.organisation_type) == (
        link.code.target_group,
        link.code.organisation_type,
    )


def _answers(installation: Installation, form: Form, who: SignedIn | None, unlisted: bool) -> dict[str, Answer]:
    answers: dict[str, Answer] = {}
    if who is None:
        answers["given_name"] = line_answer(100, MISSING_GIVEN_NAME)
        answers["family_name"] = line_answer(100, MISSING_FAMILY_NAME)
        answers["number"] = number_answer(MISSING_NUMBER)
    for each in form.fields:
        lacking = _missing(each.label) if each.required else None
        if each.kind == "email":
            answers[each.code] = email_answer(test_domains=installation.settings.development)
        elif each.kind == "phone":
            answers[each.code] = phone_answer(lacking)
        elif each.kind == "text":
            answers[each.code] = text_answer(each.longest, lacking)
        elif each.kind == "general_email":
            answers[each.code] = optional_email_answer(test_domains=installation.settings.development)
        elif each.kind == "replaces":
            answers[each.code] = line_answer(each.longest, None)
        elif each.kind in ("line", "centre"):
            answers[each.code] = line_answer(each.longest, lacking if each.kind == "line" else MISSING_CENTRE)
    if unlisted:
        answers["proposal_kbo"] = kbo_answer(MISSING_KBO)
        answers["proposal_name"] = line_answer(150, MISSING_NAME)
        answers["proposal_address"] = line_answer(200, MISSING_ADDRESS)
        answers["proposal_representative"] = line_answer(150, MISSING_REPRESENTATIVE)
    return answers


def _missing(label: Text) -> Text:
    return Text(f"Vul in: {label.nl}", f"Fill in: {label.en}")


def _centre(raw: Mapping[str, str]) -> dict[str, str]:
    chosen = raw.get("known_centre", "")
    return {"centre": chosen} if chosen and chosen != OTHER_CENTRE else {}


def _order(form: Form, wrong: Mapping[str, Text]) -> list[str]:
    proposal = ["proposal_kbo", "proposal_name", "proposal_address", "proposal_representative"]
    order = ["given_name", "family_name", "number"]
    for each in form.fields:
        order += [each.code, *(proposal if each.kind == "organisation" else [])]
    return [name for name in order if name in wrong]


def _submission(
    link: RegistrationLink,
    form: Form,
    values: dict[str, Any],
    raw: Mapping[str, str],
    who: SignedIn | None,
    organisation: Organisation | None,
    unlisted: bool,
    source: str | None,
    language: str,
) -> Submission:
    own = {each.code for each in form.fields if each.kind not in ("email", "phone", "organisation")}
    proposal = None
    if unlisted:
        proposal = ProposedOrganisation(
            values["proposal_kbo"],
            values["proposal_name"],
            values["proposal_address"],
            values["proposal_representative"],
        )
    return Submission(
        submission_id=submission_id(raw),
        entitlement_code=link.code.code,
        given_name=who.given_name if who else values["given_name"],
        family_name=who.family_name if who else values["family_name"],
        person_id=who.person_id if who else None,
        number=who.number if who else values["number"],
        email=values["email"],
        phone=values.get("phone"),
        organisation_id=organisation.id if organisation and not unlisted else None,
        proposal=proposal,
        answers={code: values[code] for code in sorted(own) if values.get(code)},
        language=language,
        change_of_role=raw.get("change_of_role") == "1",
        source=source,
    )


def submission_id(raw: Mapping[str, str]) -> uuid.UUID:
    """The random id that came with the form; a new one where it is missing or not one."""
    try:
        return uuid.UUID(raw.get("submission_id", ""))
    except ValueError:
        return uuid.uuid4()


def seal_draft(installation: Installation, browser: str, link: RegistrationLink, typed: Mapping[str, str]) -> str:
    """What was typed, sealed for this browser and this link, to travel from the form to the page that confirms it."""
    return seal_typed(installation, _place(browser, link), typed)


def open_draft(installation: Installation, browser: str, link: RegistrationLink, sealed: str) -> dict[str, str] | None:
    """The opposite of `seal_draft`; None for a draft of another browser or link, a touched one, or one of hours ago."""
    return open_typed(installation, _place(browser, link), sealed)


def _place(browser: str, link: RegistrationLink) -> str:
    return f"draft:{browser}:{link.code.code}"


MISSING_GIVEN_NAME = Text("Vul uw voornaam in", "Fill in your first name")
MISSING_FAMILY_NAME = Text("Vul uw familienaam in", "Fill in your surname")
MISSING_NUMBER = Text("Vul uw rijksregisternummer in", "Fill in your national register number")
MISSING_CENTRE = Text("Vul de naam van het centrum in", "Fill in the name of the centre")
MISSING_KBO = Text("Vul het KBO-nummer van uw organisatie in", "Fill in the KBO number of your organisation")
MISSING_NAME = Text("Vul de naam van uw organisatie in", "Fill in the name of your organisation")
MISSING_ADDRESS = Text("Vul het adres van uw organisatie in", "Fill in the address of your organisation")
MISSING_REPRESENTATIVE = Text(
    "Vul in wie uw organisatie mag vertegenwoordigen", "Fill in who may represent your organisation"
)

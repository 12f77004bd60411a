"""Reads a file of policies/applications/: everything the broker knows of one application."""

import re
from collections.abc import Callable, Mapping
from itertools import pairwise

from broker.catalogue.client_block import client_of, scope_of
from broker.catalogue.form_file import FORM
from broker.catalogue.formats import address, both_languages, choice, code, duration, email, line, phone, truth, whole
from broker.catalogue.found import Entries, Found, list_of, map_of, show
from broker.catalogue.identity_providers_file import HIGHEST_LEVEL
from broker.catalogue.local_account_block import local_account_fits, read_local_account
from broker.catalogue.model import (
    AFFILIATION,
    LOCAL_ACCOUNT,
    RIGHT,
    Application,
    AskAdministrator,
    Charter,
    Contact,
    Context,
    EntitlementCode,
    LabelPolicy,
    Lifetimes,
    Recertification,
    Right,
)
from broker.catalogue.target_groups_file import TARGET_GROUP, type_of

ENTITLEMENT_CODE = "an entitlement code"
SCOPE = "a scope"
CLAIM = "a rights claim"
_TAKEN_SCOPES = frozenset({"openid", "profile", "vo", "rrn", "email", "phone", "address", "offline_access"})
_TAKEN_CLAIMS = re.compile(
    "iss|sub|aud|exp|nbf|iat|jti|azp|nonce|acr|amr|auth_time|at_hash|c_hash|sid|scope|client_id|cnf|events|act"
    "|given_name|family_name|name|email|email_verified|phone_number|rrn|vo_[a-z]+"
)
_MINUTE, _HOUR, _DAY = 60, 3600, 24 * 3600


def read_application(name: str, found: Found) -> Application:
    """One application; `name` is that of its file, which is its code."""
    entries = Entries(found)
    gives = entries.optional("gives", choice(RIGHT, AFFILIATION), RIGHT)
    contexts = entries.optional("contexts", map_of(code(60), _context_of(name)), {})
    rights = entries.required("rights", map_of(code(60), _right_of(name, contexts or {})))
    if entries.sound("rights"):
        _claim_parts_differ(entries, rights)
    application = Application(
        code=name,
        gives=gives,
        name=entries.required("name", both_languages(120)),
        short_name=(short_name := entries.required("short_name", both_languages(60))),
        called=entries.optional("called", both_languages(60), short_name),
        technical_name=entries.required("technical_name", line(60)),
        page=entries.required("page", address),
        rights=rights,
        entitlement_codes=entries.required(
            "entitlement_codes", map_of(code(100), _entitlement_code_of(name, rights or {}))
        ),
        labels=entries.optional("labels", map_of(code(60), _label), {}),
        one_role_per=entries.optional("one_role_per", choice("person", "person_and_organisation"), None),
        grant_months=entries.required("grant_months", whole(1, 120)),
        decide_within_days=entries.required("decide_within_days", whole(1, 60)),
        remind_after=entries.optional("remind_after", list_of(whole(1, 60), most=5), (3, 7)),
        escalate_after=entries.optional("escalate_after", whole(1, 60), 14),
        notify_grants=notify[0] if (notify := entries.optional("notify", _notify, None)) else (),
        notify_requests=notify is not None and notify[1],
        ask_administrator=entries.optional("ask_administrator", _ask_administrator, None),
        charter=entries.optional("charter", _charter, None),
        recertification=entries.optional("recertification", _recertification, None),
        contact=entries.required("contact", _contact),
        scope=_only_with_rights(entries, gives, "scope", _scope_for(name)),
        claim=_only_with_rights(entries, gives, "claim", _claim),
        sign_in=entries.required("sign_in", list_of(code(40), least=1)),
        minimum_level=entries.required("minimum_level", whole(1, HIGHEST_LEVEL)),
        local_account=entries.optional(LOCAL_ACCOUNT, read_local_account, None),
        lifetimes=entries.optional("lifetimes", _lifetimes, Lifetimes()),
        form=entries.required("form", _form),
        clients={
            client.client_id: client
            for client in entries.optional("clients", list_of(client_of(name), most=50), ()) or ()
        },
    )
    if entries.sound("labels"):
        _one_label_a_kind(entries, application.labels)
    if entries.sound("gives") and gives == AFFILIATION:
        _no_rights_in_use(entries)
    if entries.sound("remind_after", "escalate_after", "decide_within_days"):
        _waiting_fits(entries, application)
    if entries.sound("sign_in", "minimum_level", LOCAL_ACCOUNT):
        local_account_fits(entries, application)
    entries.close()
    return application


def _only_with_rights(entries: Entries, gives: str, key: str, read: Callable[[Found], str]) -> str:
    """A key of every application but one that gives affiliations: those stand in no token."""
    return entries.optional(key, read, "") if gives == AFFILIATION else entries.required(key, read)


def _no_rights_in_use(entries: Entries) -> None:
    for key in ("scope", "claim", "clients", "labels", "one_role_per"):
        if entries.given(key):
            entries.mistake(key, "a key of rights", "nothing (an affiliation stands in no token)")


def kinds_within(application: str) -> tuple[str, ...]:
    """What the names inside one application's file are registered as."""
    return scope_of(application), _a_right(application), _a_context(application)


def _context_of(application: str) -> Callable[[str, Found], Context]:
    def read(name: str, found: Found) -> Context:
        found.reading.define(_a_context(application), name, found)
        entries = Entries(found)
        title = entries.required("name", both_languages(80))
        entries.close()
        return Context(code=name, name=title)

    return read


def _right_of(application: str, contexts: Mapping[str, Context]) -> Callable[[str, Found], Right]:
    def one(found: Found) -> str:
        context = code(60)(found)
        found.reading.refer(_a_context(application), context, found)
        return context

    def read(name: str, found: Found) -> Right:
        found.reading.define(_a_right(application), name, found)
        entries = Entries(found)
        title = entries.required("name", both_languages(80))
        claim = entries.required("claim", code(60))
        action = entries.required("action", both_languages(120))
        question = entries.required("question", both_languages(200, facts=("person", "organisation")))
        listed = entries.optional("contexts", list_of(one), ())
        entries.close()
        known = {each: contexts[each] for each in listed if each in contexts}
        return Right(code=name, name=title, claim=claim, action=action, question=question, contexts=known)

    return read


def _entitlement_code_of(application: str, rights: Mapping[str, Right]) -> Callable[[str, Found], EntitlementCode]:
    def right_of(found: Found) -> str:
        right = code(60)(found)
        found.reading.refer(_a_right(application), right, found)
        return right

    def context_of(found: Found) -> str:
        context = code(60)(found)
        found.reading.refer(_a_context(application), context, found)
        return context

    def read(name: str, found: Found) -> EntitlementCode:
        found.reading.define(ENTITLEMENT_CODE, name, found)
        entries = Entries(found)
        right = entries.required("right", right_of)
        context = entries.optional("context", context_of, "")
        if entries.sound("right", "context") and right in rights:
            _context_fits(entries, rights[right], context)
        target_group, organisation_type = _kind(entries)
        entries.close()
        return EntitlementCode(
            code=name,
            application_code=application,
            right_code=right,
            context_code=context,
            target_group=target_group,
            organisation_type=organisation_type,
        )

    return read


def _context_fits(entries: Entries, right: Right, context: str) -> None:
    if right.contexts and not context:
        entries.mistake("context", "nothing", "one of " + ", ".join(right.contexts))
    elif context and not right.contexts:
        entries.mistake("context", show(context), f"no context (the right {right.code} has none)")
    elif context not in right.contexts and context:
        entries.mistake("context", show(context), f"a context of {right.code}: " + ", ".join(right.contexts))


def _kind(entries: Entries) -> tuple[str, str]:
    """The target group and organisation type at the keys of those names."""
    target_group = entries.required("target_group", code(10))
    organisation_type = entries.required("organisation_type", code(40))
    if entries.sound("target_group"):
        reading = entries.found.reading
        reading.refer(TARGET_GROUP, target_group, entries.at("target_group"))
        if entries.sound("organisation_type"):
            owner = (TARGET_GROUP, target_group)
            reading.refer(type_of(target_group), organisation_type, entries.at("organisation_type"), owner)
    return target_group, organisation_type


def _label(name: str, found: Found) -> LabelPolicy:
    entries = Entries(found)
    title = entries.required("name", both_languages(80))
    needed_by = entries.required("needed_by", list_of(_needed_by, least=1))
    entries.close()
    return LabelPolicy(code=name, name=title, needed_by=frozenset(needed_by))


def _needed_by(found: Found) -> tuple[str, str]:
    entries = Entries(found)
    kind = _kind(entries)
    entries.close()
    return kind


def _notify(found: Found) -> tuple[tuple[str, ...], bool]:
    """Who is told of grants, changes and ends; and whether of requests too."""
    entries = Entries(found)
    grants = entries.required("grants", list_of(email, most=10))
    request = entries.optional("request", truth, False)
    entries.close()
    return grants, request


def _ask_administrator(found: Found) -> AskAdministrator:
    entries = Entries(found)
    who = entries.required("who", both_languages(200))
    paragraph = both_languages(600, facts=("right", "organisation", "page"))
    message = entries.required("message", list_of(paragraph, least=1, most=10))
    entries.close()
    return AskAdministrator(who, message)


def _charter(found: Found) -> Charter:
    entries = Entries(found)
    version = entries.required("version", line(20))
    title = entries.required("title", both_languages(120))
    text = entries.optional("text", list_of(both_languages(2000), least=1, most=50), ())
    page = entries.optional("page", address, "")
    if entries.sound("text", "page") and bool(text) == bool(page):
        entries.mistake("text", "both text and page" if text else "neither text nor page", "one of text and page")
    entries.close()
    return Charter(version, title, text, page)


def _recertification(found: Found) -> Recertification:
    entries = Entries(found)
    recertification = Recertification(
        month=entries.required("month", whole(1, 12)),
        days=entries.optional("days", whole(10, 90), 30),
        unconfirmed=entries.required("unconfirmed", choice("end", "keep")),
    )
    entries.close()
    return recertification


def _contact(found: Found) -> Contact:
    entries = Entries(found)
    contact = Contact(
        team=entries.required("team", both_languages(80)),
        email=entries.required("email", email),
        phone=entries.required("phone", phone),
        hours=entries.required("hours", both_languages(120)),
        page=entries.required("page", address),
    )
    entries.close()
    return contact


def _scope_for(application: str) -> Callable[[Found], str]:
    def read(found: Found) -> str:
        scope = code(100)(found)
        if scope in _TAKEN_SCOPES:
            raise found.bad("a scope of its own")
        found.reading.define(SCOPE, scope, found)
        found.reading.define(scope_of(application), scope, found)
        return scope

    return read


def _claim(found: Found) -> str:
    claim = code(100)(found)
    if _TAKEN_CLAIMS.fullmatch(claim):
        raise found.bad("a claim of its own")
    found.reading.define(CLAIM, claim, found)
    return claim


def _form(found: Found) -> str:
    form = code(40)(found)
    found.reading.refer(FORM, form, found)
    return form


def _lifetimes(found: Found) -> Lifetimes:
    usual = Lifetimes()
    entries = Entries(found)
    lifetimes = Lifetimes(
        code=entries.optional("code", duration(10, _MINUTE), usual.code),
        access_token=entries.optional("access_token", duration(_MINUTE, _HOUR), usual.access_token),
        id_token=entries.optional("id_token", duration(_MINUTE, _HOUR), usual.id_token),
        session=entries.optional("session", duration(5 * _MINUTE, 24 * _HOUR), usual.session),
        refresh=entries.optional("refresh", duration(10 * _MINUTE, 7 * _DAY), usual.refresh),
        refresh_absolute=entries.optional("refresh_absolute", duration(_HOUR, 30 * _DAY), usual.refresh_absolute),
        offline=entries.optional("offline", duration(_DAY, 400 * _DAY), usual.offline),
        pushed_request=entries.optional("pushed_request", duration(10, 10 * _MINUTE), usual.pushed_request),
    )
    if entries.sound("refresh", "refresh_absolute") and lifetimes.refresh > lifetimes.refresh_absolute:
        entries.mistake("refresh", "longer than refresh_absolute", "at most refresh_absolute")
    entries.close()
    return lifetimes


def _waiting_fits(entries: Entries, application: Application) -> None:
    """First the reminders, one after another, then the officer, then the end."""
    steps = (*application.remind_after, application.escalate_after, application.decide_within_days)
    if any(later <= earlier for earlier, later in pairwise(steps)):
        key = next(key for key in ("escalate_after", "remind_after", "decide_within_days") if entries.given(key))
        entries.mistake(
            key,
            f"days {', '.join(str(each) for each in steps)}",
            "remind_after, then escalate_after, then decide_within_days, each later than the one before",
        )


def _claim_parts_differ(entries: Entries, rights: Mapping[str, Right]) -> None:
    taken: dict[str, str] = {}
    for right in rights.values():
        first = taken.setdefault(right.claim.lower(), right.code)
        if first != right.code:
            place = Entries(entries.at("rights"))
            Entries(place.at(right.code)).mistake(
                "claim", f"{show(right.claim)}, the claim of {first}", "another claim"
            )
            entries.spoil("rights")


def _one_label_a_kind(entries: Entries, labels: Mapping[str, LabelPolicy]) -> None:
    taken: dict[tuple[str, str], str] = {}
    for label in labels.values():
        for kind in sorted(label.needed_by):
            first = taken.setdefault(kind, label.code)
            if first != label.code:
                place = Entries(entries.at("labels"))
                expected = "one label for a kind of organisation"
                Entries(place.at(label.code)).mistake("needed_by", f"{'/'.join(kind)}, which needs {first}", expected)
                entries.spoil("labels")


def _a_right(application: str) -> str:
    return f"a right of {application}"


def _a_context(application: str) -> str:
    return f"a context of {application}"

"""The pages on the way into an application: who, which organisation, no right yet, consent, and a request that cannot be
trusted."""

from collections.abc import Callable
from urllib.parse import urlencode

from flask import render_template

from broker.access.standing import Standing, standing
from broker.audit import current_acting
from broker.authentication.capacity import Capacity
from broker.authentication.entry_options import last_entered, living_affiliations
from broker.authentication.refuse_entry import refuse_entry
from broker.authentication.session import SignedIn
from broker.catalogue import LOCAL_ACCOUNT, Catalogue, Client
from broker.database import db, perform
from broker.installation import installation
from broker.oidc.authorize.answer import only_leads_to
from broker.oidc.authorize.arrival import marked
from broker.oidc.authorize.authorization_request import AuthorizationRequest
from broker.oidc.claims import OF_SCOPE
from broker.people.identifiers import written_kbo
from look.language import current_language, short_date, written_time
from look.language import gettext as _

AUTHORIZE_PATH = "/op/v1/auth"
SEARCH = "zoek"
_MOST_DOORS = 6


def account_page(asked: AuthorizationRequest, who: SignedIn, way_to_sign_in: str) -> str:
    """prompt=select_account: go on as who is signed in, or as somebody else, or by another digital key."""
    only_leads_to(asked.way_back.redirect_uri)
    return render_template(
        "oidc/account.html",
        application=asked.application.called.in_language(current_language()),
        who=who,
        signed_in=_signed_in_with(installation().catalogue, who),
        query=_query(asked),
        language_url=_languages(asked),
        way_to_sign_in=way_to_sign_in,
    )


def capacity_page(asked: AuthorizationRequest, who: SignedIn, options: tuple[Capacity, ...]) -> str:
    """One door for each organisation; those without a right are shown as well, and offer to ask (LOOK 7).

    More than six become a list with a search.
    """
    only_leads_to(asked.way_back.redirect_uri)
    language = current_language()
    catalogue = installation().catalogue
    last = last_entered(db.session(), who.person_id, asked.client.client_id)
    entered = {option.organisation_id for option in options}
    works_for = living_affiliations(db.session(), who.person_id)
    closed = [each for each in works_for if each.organisation_id not in entered]
    last_first = sorted(options, key=lambda each: each.organisation_id != last)
    words = asked.given.get(SEARCH, "").strip()
    many = len(options) > _MOST_DOORS
    shown = [each for each in last_first if not many or _fits(each, words)]
    carried = marked(asked.given, installation().keys)
    return render_template(
        "oidc/capacity.html",
        asked=asked,
        carried=carried,
        who=who,
        words=words,
        many=many,
        query=urlencode(carried),
        language_url=_languages(asked),
        application=asked.application.called.in_language(language),
        doors=[_door(catalogue, asked, each, last=each.organisation_id == last) for each in shown],
        closed=[_door(catalogue, asked, each) for each in closed] if asked.client.access == "right" else [],
        organisations=len(entered | {each.organisation_id for each in works_for}),
    )


def no_right_page(asked: AuthorizationRequest, who: SignedIn) -> str:
    """LOOK 6: what is in order, what lacks, who must act, and what the person can do now. The refusal is audited."""
    language = current_language()
    installed = installation()
    catalogue = installed.catalogue
    reasons = standing(db.session(), catalogue, who.person_id, asked.application.code)
    works_for = living_affiliations(db.session(), who.person_id)
    code = perform(refuse_entry, installed, who, asked.client, reasons[0].kind if reasons else "never_asked")
    application = asked.application.called.in_language(language)
    first = next((each for each in reasons if each.request_number and each.kind in _ON_THE_WAY), None)
    contact = asked.application.contact
    return render_template(
        "oidc/no_right.html",
        application=application,
        application_code=asked.application.code,
        lead=_lead(reasons[0] if reasons else None, application),
        up=_up(reasons[0] if reasons else None),
        who=who,
        organisation=reasons[0].organisation_name if reasons else (works_for[0].organisation_name if works_for else ""),
        rules=[
            {"state": "ok", "title": _("U bent aangemeld"), "text": _signed_in_with(catalogue, who)},
            *(
                {"state": "ok", "title": _("U werkt voor %(name)s", name=each.organisation_name), "text": ""}
                for each in works_for[:3]
            ),
            *(_reason(catalogue, asked, each) for each in reasons[:3]),
            *([] if reasons else [_never_asked(application)]),
            {
                "state": "ahead",
                "title": _("Het recht gaat in"),
                "text": _("Zodra alles hierboven in orde is. U krijgt een mail."),
            },
        ],
        request_number=first.request_number if first else None,
        code=code,
        contact=contact,
        contact_team=contact.team.in_language(language),
        language_url=_languages(asked),
    )


def charter_page(asked: AuthorizationRequest, who: SignedIn) -> str:
    """The charter of the application; a yes and a no of the same size (seed 000, step 4)."""
    only_leads_to(asked.way_back.redirect_uri)
    language = current_language()
    charter = asked.application.charter
    assert charter is not None
    return render_template(
        "oidc/charter.html",
        application=asked.application.called.in_language(language),
        title=charter.title.in_language(language),
        version=charter.version,
        paragraphs=[each.in_language(language) for each in charter.text],
        page=charter.page,
        who=who,
        query=_query(asked),
        language_url=_languages(asked),
    )


def consent_page(asked: AuthorizationRequest, who: SignedIn, capacity: Capacity | None) -> str:
    """What the application will learn; a yes and a no of the same size."""
    only_leads_to(asked.way_back.redirect_uri)
    return render_template(
        "oidc/consent.html",
        application=asked.application.called.in_language(current_language()),
        client=asked.client.name.in_language(current_language()),
        who=who,
        capacity=capacity,
        learns=learned(to_agree(asked), asked.application.lifetimes.offline // 86_400),
        once="consent" not in asked.prompts,
        query=_query(asked),
        language_url=_languages(asked),
    )


def refused_page(client: Client | None) -> str:
    """The request cannot be trusted, so nobody is sent anywhere. Nothing of it is shown: the application by the name that
    its policy gives, its own start page, and whom to call."""
    language = current_language()
    installed = installation()
    helpdesk = installed.catalogue.helpdesk
    application = installed.catalogue.applications[client.application_code] if client else None
    return render_template(
        "oidc/request_refused.html",
        language_url=lambda code: (
            f"{AUTHORIZE_PATH}?{urlencode({'client_id': client.client_id} if client else {})}&taal={code}"
        ),
        code=current_acting().request_id,
        application=application.called.in_language(language) if application else "",
        start=(client.start_uri if client else "") or (application.entrance if application else ""),
        helpdesk=helpdesk,
        helpdesk_hours=helpdesk.hours.in_language(language),
        contact=application.contact if application else None,
        contact_team=application.contact.team.in_language(language) if application else "",
    )


def to_agree(asked: AuthorizationRequest) -> frozenset[str]:
    """What the person is asked to agree to: the scopes, and those to which the single claims asked for belong."""
    claims = asked.requested_claims
    if not claims:
        return asked.scopes
    names = {name for each in claims.values() for name in each}
    of_claims = {scope for scope, held in OF_SCOPE.items() if names & set(held)}
    if asked.application.claim in names:
        of_claims.add(asked.application.scope)
    return asked.scopes | (of_claims & set(asked.client.scopes))


def learned(scopes: frozenset[str], offline_days: int) -> list[str]:
    """What `scopes` tell an application, as sentences; what somebody should think about twice stands last."""
    sentences = {
        "openid": _("een vaste code die alleen zegt dat u het bent"),
        "profile": _("uw voornaam en uw naam"),
        "vo": _("uw organisatie, en uw e-mailadres als u dat bevestigde"),
        "email": _("uw e-mailadres, als u dat bevestigde"),
        "phone": _("uw telefoonnummer, als u dat bevestigde"),
        "rights": _("uw rechten in deze toepassing"),
        "rrn": _("uw rijksregisternummer"),
        "offline_access": _(
            "dit alles ook wanneer u niet meer aangemeld bent, hoogstens %(days)s dagen en nooit langer dan uw recht",
            days=offline_days,
        ),
    }
    told = {scope if scope in sentences else "rights" for scope in scopes}
    if "vo" in told:
        told.discard("email")  # said already
    return [sentence for kind, sentence in sentences.items() if kind in told]


def _query(asked: AuthorizationRequest) -> str:
    return urlencode(marked(asked.given, installation().keys))


def _languages(asked: AuthorizationRequest) -> Callable[[str], str]:
    """Where this request goes on in another language: a page that answered a form has no address of its own."""
    query = _query(asked)
    return lambda code: f"{AUTHORIZE_PATH}?{query}&taal={code}"


def _door(
    catalogue: Catalogue, asked: AuthorizationRequest, capacity: Capacity, *, last: bool = False
) -> dict[str, object]:
    language = current_language()
    kind = catalogue.organisation_type(capacity.target_group, capacity.organisation_type)
    held = [
        asked.application.rights[right.right_code].name.in_language(language)
        for right in capacity.rights
        if right.right_code in asked.application.rights
    ]
    return {
        "name": capacity.organisation_name,
        "code": capacity.organisation_code,
        "lines": [*([kind.name.in_language(language)] if kind else []), _written_code(capacity.organisation_code)],
        "rights": ", ".join(held),
        "last": last,
    }


def _fits(capacity: Capacity, words: str) -> bool:
    return words.casefold() in f"{capacity.organisation_name} {capacity.organisation_code}".casefold()


def _written_code(code: str) -> str:
    """KBO 0207.451.227, NIS 21001; an OVO code says itself what it is."""
    if code.isdigit():
        return f"KBO {written_kbo(code)}" if len(code) == 10 else f"NIS {code}"
    return code


_ON_THE_WAY = ("unproved", "open_request", "waiting_for_label", "waiting_for_identity", "planned")


def _signed_in_with(catalogue: Catalogue, who: SignedIn) -> str:
    key = catalogue.identity_providers.get(who.provider_code)
    own = _("uw gebruikersnaam en wachtwoord") if who.provider_code == LOCAL_ACCOUNT else _("uw digitale sleutel")
    return _(
        "Met %(key)s, op %(day)s om %(hour)s.",
        key=key.name.in_language(current_language()) if key else own,
        day=short_date(who.auth_time),
        hour=written_time(who.auth_time),
    )


def _lead(reason: Standing | None, application: str) -> str:
    if reason is None:
        return _(
            "Aanmelden is gelukt. U vroeg nog geen recht voor %(application)s. Dat kunt u hieronder doen.",
            application=application,
        )
    if reason.kind in ("open_request", "waiting_for_label"):
        return _(
            "Aanmelden is gelukt. Er ontbreekt nog één stap, en die ligt niet bij u. Aan zet is %(who)s.",
            who=_up(reason),
        )
    if reason.kind in ("unproved", "waiting_for_identity"):
        return _("Aanmelden is gelukt. Er ontbreekt nog één stap, en die ligt bij u.")
    if reason.kind == "planned":
        return _("Aanmelden is gelukt. Uw recht gaat later in. U hoeft zelf niets te doen.")
    return _("Aanmelden is gelukt. Het recht dat u had, loopt niet meer. U kunt het opnieuw vragen.")


def _up(reason: Standing | None) -> str:
    if reason is None or reason.kind in ("unproved", "waiting_for_identity", "ended", "expired"):
        return _("u")
    return reason.who_is_up.in_language(current_language())


def _never_asked(application: str) -> dict[str, str]:
    return {
        "state": "attention",
        "title": _("U vroeg nog geen recht"),
        "text": _(
            "Vraag het recht voor %(application)s. Uw vraag gaat naar de juiste persoon.", application=application
        ),
        "word": _("Nog geen recht"),
    }


def _reason(catalogue: Catalogue, asked: AuthorizationRequest, reason: Standing) -> dict[str, str]:
    found = asked.application.rights.get(reason.right_code)
    name = found.name.in_language(current_language()) if found else reason.right_code
    facts = {"day": short_date(reason.since), "right": name, "organisation": reason.organisation_name}
    who = _up(reason)
    waiting = {
        "unproved": (
            _("U moet uw e-mailadres nog bevestigen"),
            _("U vroeg op %(day)s ‘%(right)s’. Open de mail die u toen kreeg.", **facts),
        ),
        "open_request": (
            _("Iemand moet uw vraag goedkeuren"),
            _("U vroeg op %(day)s ‘%(right)s’. Aan zet is %(who)s.", who=who, **facts),
        ),
        "waiting_for_label": (
            _("%(organisation)s heeft nog één label nodig", **facts),
            _("Uw beheerder keurde ‘%(right)s’ goed. Aan zet is %(who)s.", who=who, **facts),
        ),
        "waiting_for_identity": (
            _("Er moet nog zeker zijn dat u het bent"),
            _("U kreeg ‘%(right)s’. Meld u aan met de digitale sleutel die bij uw rijksregisternummer hoort.", **facts),
        ),
        "planned": (_("Uw recht gaat later in"), _("U kreeg ‘%(right)s’ voor %(organisation)s.", **facts)),
    }
    if reason.kind in waiting:
        title, text = waiting[reason.kind]
        return {"state": "waiting", "title": title, "text": text}
    gone = {
        "expired": _("‘%(right)s’ voor %(organisation)s liep af op %(day)s.", **facts),
        "ended": _("‘%(right)s’ voor %(organisation)s eindigde op %(day)s.", **facts),
        "organisation_ended": _("%(organisation)s bestaat niet meer.", **facts),
        "affiliation_ended": _("U werkt niet meer voor %(organisation)s.", **facts),
        "not_offered": _("‘%(right)s’ wordt niet meer aangeboden.", **facts),
    }
    text = gone.get(reason.kind, gone["ended"])
    return {"state": "missing", "title": _("Uw recht loopt niet meer"), "text": text, "word": _("Beëindigd")}

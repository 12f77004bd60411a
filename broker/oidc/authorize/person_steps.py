"""The steps between a sound request and a code, in the order in which they are taken.

Owns everything that depends on who is at the door. STEPS is the list. A step that is content answers None; one that
needs something of the person answers with the page (or the way to the sign-in page), which is made only when it is called
for; with prompt=none, and where no
page can help, it raises the error that the client hears (OpenID Connect Core, 3.1.2.6). Each step judges afresh:
nothing that a page posted is evidence, only a wish.
"""

import hmac
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import AccessDeniedError
from authlib.oidc.core.errors import (
    AccountSelectionRequiredError,
    ConsentRequiredError,
    InteractionRequiredError,
    LoginRequiredError,
)
from flask import Response, make_response, redirect
from sqlalchemy import Connection

from broker.access.charter_acceptance import charter_accepted
from broker.authentication.capacity import Capacity, NeedsChoice, choose_capacity, read_login_hint
from broker.authentication.consent import has_consented
from broker.authentication.entry_options import entry_options, last_entered
from broker.authentication.session import SignedIn
from broker.authentication.terms_acceptance import terms_are_accepted
from broker.authentication.touch_session import note_presence
from broker.catalogue import LOCAL_ACCOUNT
from broker.installation import Installation
from broker.keys import Keys
from broker.oidc.authorize import pages
from broker.oidc.authorize.arrival import MARK, STAYED, marked
from broker.oidc.authorize.authorization_request import AuthorizationRequest
from broker.oidc.authorize.id_token_hint import is_named
from broker.oidc.authorize.levels_asked import UnmetAuthenticationRequirementsError
from broker.oidc.authorize.parameters import Parameters


@dataclass
class Visit:
    """One request of one person. `chosen` is the organisation code posted on the capacity page, `agreed` a posted
    yes; `reads` is where the steps ask the database."""

    installed: Installation
    asked: AuthorizationRequest
    who: SignedIn | None
    chosen: str | None = None
    agreed: bool = False
    capacity: Capacity | None = None
    reads: Connection | None = None

    @property
    def person(self) -> SignedIn:
        """Who is at the door, after the first step."""
        assert self.who is not None
        return self.who

    @property
    def database(self) -> Connection:
        """While the steps are taken."""
        assert self.reads is not None
        return self.reads

    @property
    def organisation_id(self) -> uuid.UUID | None:
        """The organisation of the capacity."""
        return self.capacity.organisation_id if self.capacity else None


Page = Callable[[], Response]
Step = Callable[[Visit], Page | None]


def signed_in(visit: Visit) -> Page | None:
    """Somebody is signed in, and anew where prompt=login asks it."""
    anew = "login" in visit.asked.prompts
    if visit.who is None:
        return to_sign_in(visit, fresh=anew or visit.asked.max_age == 0)
    if anew and not _since_asked(visit):
        return to_sign_in(visit, fresh=True)
    return None


def right_person(visit: Visit) -> Page | None:
    """It is whom the id_token_hint or the claims parameter names: another one signs in as that person, or the client
    hears that they did not (OpenID Connect Core, 3.1.2.2)."""
    asked, sub = visit.asked, visit.person.sub
    named = asked.named is None or is_named(visit.installed.keys, asked.client, sub, asked.named)
    if named and (not asked.subjects or sub in asked.subjects):
        return None
    if _since_asked(visit):
        raise LoginRequiredError
    return to_sign_in(visit, fresh=True)


def fresh_enough(visit: Visit) -> Page | None:
    """The sign-in is not older than max_age."""
    if visit.person.satisfies(0, visit.asked.max_age) or _since_asked(visit):
        return None
    return to_sign_in(visit, fresh=True)


def own_key(visit: Visit) -> Page | None:
    """The digital key is one that this application's policy allows."""
    if visit.person.provider_code in visit.asked.application.sign_in:
        return None
    if visit.asked.quiet:
        raise AccountSelectionRequiredError
    return to_sign_in(visit)


def own_terms(visit: Visit) -> Page | None:
    """Who came with a local account agreed to the terms of this very application, in the version of now."""
    application, person = visit.asked.application, visit.person
    if person.provider_code != LOCAL_ACCOUNT or terms_are_accepted(visit.database, person.person_id, application):
        return None
    return to_sign_in(visit, fresh=True)


def strong_enough(visit: Visit) -> Page | None:
    """The level of the sign-in is at least what the policy and the request ask (threats UP7)."""
    if visit.person.satisfies(visit.asked.level):
        return None
    if _since_asked(visit):
        raise UnmetAuthenticationRequirementsError
    return to_sign_in(visit)


def account(visit: Visit) -> Page | None:
    """With prompt=select_account the person says who goes on, and by which digital key; signing in says so too."""
    asked = visit.asked
    if "select_account" not in asked.prompts or _since_asked(visit):
        return None
    given = asked.given.get(STAYED)
    if given is not None and asked.arrived_at is not None:
        proof = stayed_proof(asked.given, visit.person.session_id, visit.installed.keys)
        if hmac.compare_digest(given.encode(), proof.encode()):
            return None
    return lambda: make_response(pages.account_page(asked, visit.person, _way_to_sign_in(visit, fresh=True)))


def capacity(visit: Visit) -> Page | None:
    """For which organisation: chosen by the person, hinted by the client, or the only one (threats CC1-CC3)."""
    asked = visit.asked
    options = entry_options(visit.database, visit.installed.catalogue, visit.person.person_id, asked.client)
    if not options:
        return None
    hint = None if "select_account" in asked.prompts else asked.login_hint
    outcome = choose_capacity(options, hint, visit.chosen)
    if isinstance(outcome, NeedsChoice) and asked.quiet:
        outcome = _as_before(visit, options)
    if isinstance(outcome, NeedsChoice):
        choices = outcome.options
        return lambda: make_response(pages.capacity_page(asked, visit.person, choices))
    visit.capacity = outcome
    return None


def right(visit: Visit) -> Page | None:
    """A right that counts now, where the policy asks one."""
    if visit.asked.client.access != "right" or visit.capacity is not None:
        return None
    if visit.asked.quiet:
        raise AccessDeniedError
    return lambda: make_response(pages.no_right_page(visit.asked, visit.person))


def charter(visit: Visit) -> Page | None:
    """The person agreed to the charter of the application, in the version of now: without it there is no token."""
    asked = visit.asked
    if charter_accepted(visit.database, visit.person.person_id, asked.application):
        return None
    if asked.quiet:
        raise InteractionRequiredError
    return lambda: make_response(pages.charter_page(asked, visit.person))


def consent(visit: Visit) -> Page | None:
    """The person's yes, where the policy or the client asks it."""
    asked = visit.asked
    if visit.agreed or (asked.client.consent == "none" and "consent" not in asked.prompts):
        return None
    if "consent" not in asked.prompts and has_consented(
        visit.database, visit.person.person_id, asked.client.client_id, pages.to_agree(asked)
    ):
        return None
    if asked.quiet:
        raise ConsentRequiredError
    return lambda: make_response(pages.consent_page(asked, visit.person, visit.capacity))


STEPS: tuple[Step, ...] = (
    signed_in,
    right_person,
    fresh_enough,
    own_key,
    own_terms,
    strong_enough,
    account,
    capacity,
    right,
    charter,
    consent,
)


def first_page(visit: Visit, connection: Connection) -> Page | None:
    """What the person must see first; None where a code may be given. Only reads, on `connection`.

    Raises:
        OAuth2Error: what the client hears instead.
    """
    visit.reads = connection
    return next((page for step in STEPS if (page := step(visit)) is not None), None)


def note_visit(visit: Visit) -> None:
    """Somebody comes in; a quiet request is a program's."""
    if visit.who is not None and not visit.asked.quiet:
        note_presence(visit.installed, visit.who.session_id, visit.who.last_seen)


def to_sign_in(visit: Visit, *, fresh: bool = False) -> Page:
    """The way to the sign-in page, which brings the person back to this request.

    Raises:
        LoginRequiredError: prompt=none.
    """
    if visit.asked.quiet:
        raise LoginRequiredError
    return lambda: make_response(redirect(_way_to_sign_in(visit, fresh=fresh), 303))


def stayed_proof(given: Parameters, session_id: uuid.UUID, keys: Keys) -> str:
    """What says that the person of this session chose, for this request, to go on as themselves."""
    return keys.private_hash(f"{given.get(MARK, '')}\n{session_id}", "account chosen")


def _way_to_sign_in(visit: Visit, *, fresh: bool) -> str:
    asked = visit.asked
    back = marked(asked.given, visit.installed.keys)
    locales = asked.parameters.get("ui_locales")
    if locales and "ui_locales" not in asked.given:  # pushed or signed: the sign-in page knows the way back only
        back.append(("ui_locales", locales))
    wish = {
        "verder": f"{pages.AUTHORIZE_PATH}?{urlencode(back)}",
        "toepassing": asked.application.code,
        "niveau": str(asked.level),
    }
    if fresh:
        wish["vers"] = "1"
    return f"/aanmelden?{urlencode(wish)}"


def _since_asked(visit: Visit) -> bool:
    """The person signed in after this very request came in: what it demands of a sign-in was done for it."""
    arrived = visit.asked.arrived_at
    return arrived is not None and visit.person.auth_time >= arrived


def _as_before(visit: Visit, options: tuple[Capacity, ...]) -> Capacity:
    """CC3: what this client's living session in this browser has, and may still have; and fits ACM's hint, if there
    is one."""
    asked, person = visit.asked, visit.person
    before = last_entered(visit.database, person.person_id, asked.client.client_id, person.session_id)
    hint = read_login_hint(asked.login_hint or "")
    for option in options:
        if option.organisation_id == before and (hint is None or hint.fits(option)):
            return option
    raise InteractionRequiredError

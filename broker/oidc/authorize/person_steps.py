"""The steps between a sound request and a code, in the order in which they are taken.

Owns everything that depends on who is at the door. STEPS is the list. A step that is content answers None; one that
needs something of the person answers with the page (or the way to the sign-in page); with prompt=none, and where no
page can help, it raises the error that the client hears (OpenID Connect Core, 3.1.2.6). Each step judges afresh:
nothing that a page posted is evidence, only a wish.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import AccessDeniedError
from authlib.oidc.core.errors import ConsentRequiredError, InteractionRequiredError, LoginRequiredError
from flask import Response, make_response, redirect

from broker.authentication.capacity import Capacity, NeedsChoice, choose_capacity
from broker.authentication.consent import has_consented
from broker.authentication.entry_options import entry_options, last_entered
from broker.authentication.session import SignedIn
from broker.database import db
from broker.installation import Installation
from broker.oidc.authorize import pages
from broker.oidc.authorize.authorization_request import AuthorizationRequest, UnmetAuthenticationRequirementsError
from broker.oidc.authorize.freshness import PARAMETER, mark_of, signed_in_since


@dataclass
class Visit:
    """One request of one person. `chosen` is the organisation code posted on the capacity page, `agreed` a posted
    yes."""

    installed: Installation
    asked: AuthorizationRequest
    who: SignedIn | None
    chosen: str | None = None
    agreed: bool = False
    capacity: Capacity | None = None

    @property
    def person(self) -> SignedIn:
        """Who is at the door, after the first step."""
        assert self.who is not None
        return self.who

    @property
    def organisation_id(self) -> uuid.UUID | None:
        """The organisation of the capacity."""
        return self.capacity.organisation_id if self.capacity else None


Step = Callable[[Visit], Response | None]


def signed_in(visit: Visit) -> Response | None:
    """Somebody is signed in, and anew where prompt=login asks it."""
    if visit.who is None:
        return _to_sign_in(visit)
    if "login" in visit.asked.prompts and not _since_asked(visit):
        return _to_sign_in(visit, fresh=True)
    return None


def fresh_enough(visit: Visit) -> Response | None:
    """The sign-in is not older than max_age."""
    if visit.person.satisfies(0, visit.asked.max_age) or _since_asked(visit):
        return None
    return _to_sign_in(visit, fresh=True)


def own_key(visit: Visit) -> Response | None:
    """The digital key is one that this application's policy allows."""
    if visit.person.provider_code in visit.asked.application.sign_in:
        return None
    return _to_sign_in(visit)


def strong_enough(visit: Visit) -> Response | None:
    """The level of the sign-in is at least what the policy and acr_values ask (threats UP7)."""
    if visit.person.satisfies(visit.asked.level):
        return None
    if _since_asked(visit):
        raise UnmetAuthenticationRequirementsError
    return _to_sign_in(visit)


def capacity(visit: Visit) -> Response | None:
    """For which organisation: chosen by the person, hinted by the client, or the only one (threats CC1-CC3)."""
    asked = visit.asked
    options = entry_options(db.session(), visit.installed.catalogue, visit.person.person_id, asked.client)
    if not options:
        return None
    outcome = choose_capacity(options, asked.login_hint, visit.chosen)
    if isinstance(outcome, NeedsChoice) and asked.quiet:
        outcome = _as_before(visit, options)
    if isinstance(outcome, NeedsChoice):
        return make_response(pages.capacity_page(asked, visit.person, outcome.options))
    visit.capacity = outcome
    return None


def right(visit: Visit) -> Response | None:
    """A right that counts now, where the policy asks one."""
    if visit.asked.client.access != "right" or visit.capacity is not None:
        return None
    if visit.asked.quiet:
        raise AccessDeniedError
    return make_response(pages.no_right_page(visit.asked, visit.person))


def consent(visit: Visit) -> Response | None:
    """The person's yes, where the policy or the client asks it."""
    asked = visit.asked
    if visit.agreed or (asked.client.consent == "none" and "consent" not in asked.prompts):
        return None
    known = has_consented(db.session(), visit.person.person_id, asked.client.client_id, asked.scopes)
    if known and "consent" not in asked.prompts:
        return None
    if asked.quiet:
        raise ConsentRequiredError
    return make_response(pages.consent_page(asked, visit.person, visit.capacity))


STEPS: tuple[Step, ...] = (signed_in, fresh_enough, own_key, strong_enough, capacity, right, consent)


def _since_asked(visit: Visit) -> bool:
    return signed_in_since(visit.asked, visit.installed.keys, visit.person.auth_time)


def _as_before(visit: Visit, options: tuple[Capacity, ...]) -> Capacity:
    """CC3: what this client's living session in this browser has, and may still have; and fits the hint, if there
    is one."""
    asked, person = visit.asked, visit.person
    before = last_entered(db.session(), person.person_id, asked.client.client_id, person.session_id)
    for option in options:
        if option.organisation_id == before and not asked.login_hint:
            return option
    raise InteractionRequiredError


def _to_sign_in(visit: Visit, *, fresh: bool = False) -> Response:
    asked = visit.asked
    if asked.quiet:
        raise LoginRequiredError
    back = {**asked.parameters.to_dict(), PARAMETER: mark_of(asked, visit.installed.keys)}
    wish = {
        "verder": f"{pages.AUTHORIZE_PATH}?{urlencode(back)}",
        "toepassing": asked.application.code,
        "niveau": str(asked.level),
    }
    if fresh:
        wish["vers"] = "1"
    return make_response(redirect(f"/aanmelden?{urlencode(wish)}", 303))

"""What somebody comes to sign in for, and how they are let in: shared by the pages of digital keys and of local accounts.

Owns `Wish`, how it stands in an address or a form, and the session's cookie when somebody comes in.
"""

from dataclasses import dataclass

from flask import redirect, request, session
from werkzeug.wrappers import Response

from broker.authentication.levels import reachable_level
from broker.authentication.session import SignedIn, cookie_name
from broker.catalogue import LOCAL_ACCOUNT, Application, IdentityProvider
from broker.catalogue.local_levels import HIGHEST_LOCAL_LEVEL
from broker.installation import installation
from broker.web.return_path import return_path
from look.language import current_language

ACCOUNT_PATH = "/aanmelden/account"
PASSKEY_PATH = f"{ACCOUNT_PATH}/toegangssleutel"
CONFIRM_PATH = f"{ACCOUNT_PATH}/bevestigen"
BY_KEY = "sleutel"  # in the address of the sign-in page: the digital keys, also where they do not come first
_HIGHEST = 99
_INTO_APPLICATION = "/op/v1/auth"


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody comes for: where to go on, for which application, how strongly and freshly proved."""

    path: str
    application: Application | None
    level: int
    fresh: bool

    @property
    def least(self) -> int:
        """The level that is enough."""
        return max(self.level, self.application.minimum_level if self.application else 0)

    def keys(self, present: SignedIn | None) -> list[IdentityProvider]:
        """The digital keys that can fulfil it, in the order of the policy."""
        known = installation().catalogue.identity_providers
        allowed = (
            [known[code] for code in self.application.sign_in if code in known]
            if self.application
            else list(known.values())
        )
        return [provider for provider in allowed if reachable_level(provider) >= self._floor(present)]

    def takes_local_account(self, present: SignedIn | None) -> bool:
        """Whether a user name and password, with what follows, can fulfil it."""
        return bool(self.of_local_account) and self._floor(present) <= HIGHEST_LOCAL_LEVEL

    def begins_with_local_account(self, present: SignedIn | None) -> bool:
        """Whether user name and password come first: somebody not signed in is on their way into an application whose policy names
        them first. Who asks for a right has no account yet, and needs a digital key."""
        return (
            present is None
            and self.application is not None
            and self.application.sign_in[0] == LOCAL_ACCOUNT
            and self.path.startswith(_INTO_APPLICATION)
            and self.takes_local_account(present)
        )

    def asks_another_way(self, present: SignedIn | None) -> bool:
        """Whether the application does not take the way in which this person is signed in, however strong it is."""
        return (
            present is not None
            and self.application is not None
            and present.provider_code not in self.application.sign_in
        )

    def _floor(self, present: SignedIn | None) -> int:
        """The lowest level to offer: a step-up never leads down (threats UP7). Where an application asks who comes in, or takes
        only other ways in, that may be somebody else at the same computer, with a weaker key that is enough."""
        if present is None or self.asks_another_way(present) or (self.fresh and self.application is not None):
            return self.least
        return max(self.least, present.level)

    @property
    def of_local_account(self) -> tuple[Application, ...]:
        """The applications whose terms stand at the box: the one somebody comes for, else all that take local accounts."""
        if self.application is None:
            return installation().catalogue.with_local_accounts()
        return (self.application,) if self.application.local_account is not None else ()

    @property
    def terms_shown(self) -> str:
        """Which versions the box speaks of, for the form to bring back: a yes is a yes to what stood there."""
        return " ".join(
            f"{application.code}/{terms.code}/{terms.version}"
            for application in self.of_local_account
            if application.local_account is not None
            for terms in application.local_account.terms
        )

    def fulfilled_by(self, present: SignedIn | None) -> bool:
        """Whether nothing needs to be asked any more."""
        if present is None or self.fresh or not present.satisfies(self.least):
            return False
        return self.application is None or present.provider_code in self.application.sign_in

    @property
    def query(self) -> dict[str, str]:
        """The wish as query or hidden fields."""
        fields = {"verder": self.path}
        if self.application:
            fields["toepassing"] = self.application.code
        if self.level:
            fields["niveau"] = str(self.level)
        if self.fresh:
            fields["vers"] = "1"
        return fields


def asked_wish() -> Wish:
    """What this request says."""
    asked = request.values
    level = asked.get("niveau", "")
    return Wish(
        path=return_path(asked.get("verder")),
        application=application_of(asked.get("toepassing")),
        level=min(int(level), _HIGHEST) if level.isascii() and level.isdigit() and len(level) < 5 else 0,
        fresh=asked.get("vers") == "1",
    )


def application_of(code: str | None) -> Application | None:
    """The application of that code; one we do not have is as none at all, the sign-in itself needs none."""
    return installation().catalogue.applications.get(code or "")


def words_of(wish: Wish) -> dict[str, str]:
    """The application by its names: known to the public, and short."""
    if wish.application is None:
        return {"application_name": "", "application_short_name": "", "application_called": ""}
    language = current_language()
    return {
        "application_name": wish.application.name.in_language(language),
        "application_short_name": wish.application.short_name.in_language(language),
        "application_called": wish.application.called.in_language(language),
    }


def let_in(path: str, token: str, *forgotten: str) -> Response:
    """On to `path` with the session's cookie. What was kept before belonged to somebody not signed in (fixation)."""
    for name in (*forgotten, "csrf_token"):
        session.pop(name, None)
    response = redirect(path, code=303)
    settings = installation().settings
    response.set_cookie(cookie_name(settings), token, path="/", secure=settings.secure, httponly=True, samesite="Lax")
    return response

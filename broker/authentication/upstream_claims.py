"""From what a provider said of somebody to what we believe: its claims, by the names and within the bounds of its policy.

Owns: where a name and a rijksregisternummer are looked for, and what a wrong one means. Does not own how the claims were
had or checked (`upstream`), nor to whom they belong (`people.link_identity`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from broker import clock
from broker.authentication.take_sign_in import TakenSignIn
from broker.authentication.upstream_errors import ProviderAnswerError
from broker.catalogue.model import IdentityProvider
from broker.keys.jose import CLOCK_SKEW
from broker.people.identifiers import IdentifierError, clean_line, national_number
from broker.people.link_identity import ASSERTS_NAME, ASSERTS_NUMBER, UpstreamIdentity


@dataclass(frozen=True, slots=True)
class Told:
    """What the provider said: in its ID token, and at userinfo where that was asked. The signed token goes first."""

    id_token: Mapping[str, Any] = field(repr=False)
    userinfo: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def text(self, path: tuple[str, ...]) -> str | None:
        """The text of a claim, or of a claim within a claim; None where there is none."""
        return _at(self.id_token, path) or _at(self.userinfo, path)


def lacking(provider: IdentityProvider, told: Told) -> bool:
    """Whether something that this provider asserts has not been said yet."""
    wanted: list[tuple[str, ...]] = []
    if ASSERTS_NAME in provider.asserts:
        wanted += [provider.given_name_claim, provider.family_name_claim]
    if ASSERTS_NUMBER in provider.asserts:
        wanted.append(provider.number_claim)
    return any(told.text(path) is None for path in wanted)


def identity_of(provider: IdentityProvider, told: Told, level: int, language: str) -> UpstreamIdentity:
    """Who that is.

    Raises:
        ProviderAnswerError: no name where the provider asserts one, or a name or number that cannot be one.
    """
    family_name = _name(provider, told, provider.family_name_claim)
    if ASSERTS_NAME in provider.asserts and not family_name:
        raise ProviderAnswerError(provider.code, "name_missing")
    return UpstreamIdentity(
        provider_code=provider.code,
        issuer=provider.issuer,
        subject=str(told.id_token["sub"]),
        given_name=_name(provider, told, provider.given_name_claim),
        family_name=family_name,
        number=_number(provider, told),
        level=level,
        language=language,
    )


def proved_at(provider: IdentityProvider, told: Told, taken: TakenSignIn) -> datetime:
    """When the person proved it. A moment to come is refused; so is an older or unnamed one where a fresh proof was asked."""
    now = clock.now()
    skew = timedelta(seconds=CLOCK_SKEW)
    said = told.id_token.get("auth_time")
    if said is None:
        if taken.fresh:
            raise ProviderAnswerError(provider.code, "auth_time_missing")
        return now
    try:
        moment = datetime.fromtimestamp(said, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ProviderAnswerError(provider.code, "auth_time_wrong") from error
    if moment > now + skew:
        raise ProviderAnswerError(provider.code, "auth_time_in_future")
    if taken.fresh and moment < taken.started_at - skew:
        raise ProviderAnswerError(provider.code, "not_fresh")
    # Proved after we asked, though a clock that is a little behind says earlier: whoever asked would ask for ever.
    return min(max(moment, taken.started_at) if taken.fresh else moment, now)


def _at(claims: Mapping[str, Any], path: tuple[str, ...]) -> str | None:
    value: Any = claims if path else None
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) and value else None


def _name(provider: IdentityProvider, told: Told, path: tuple[str, ...]) -> str:
    try:
        return clean_line(told.text(path) or "")
    except IdentifierError as error:
        raise ProviderAnswerError(provider.code, "name_unreadable") from error


def _number(provider: IdentityProvider, told: Told) -> str | None:
    """The rijksregisternummer, where this provider may assert one; a wrong one is refused rather than left out."""
    given = told.text(provider.number_claim) if ASSERTS_NUMBER in provider.asserts else None
    if given is None:
        return None
    try:
        return national_number(given)
    except IdentifierError as error:
        raise ProviderAnswerError(provider.code, "number_wrong") from error

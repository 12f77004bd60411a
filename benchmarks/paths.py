"""The paths that are measured: what a visitor asks on each, and what must come back.

Owns the requests and their checks, for every contestant alike. A path may need something first (a signed-in session, a token, a
store of codes); that is got by hand or by an unmeasured visit, right before it is measured.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote, urlencode

from benchmarks.by_hand import (
    FORM,
    VERIFIER,
    UnsoundAnswerError,
    ask,
    authorize_path,
    checked_claims,
    code_of,
    keys_of,
    own_token_more,
    tokens_of,
)
from benchmarks.door import REDIRECT_URI, Door
from benchmarks.wrk import VISITORS, Step, Take, Visit, pay

# Lua patterns.
_JWT = r"([%w_-]+%.[%w_-]+%.[%w_-]+)"
_ANY = r'([^"]+)'


@dataclass(frozen=True, slots=True)
class Path:
    """One row of the table. `prepare` makes the visit for a door; it may ask the door for what the visit starts from."""

    name: str
    title: str
    prepare: Callable[["Asked"], Visit]
    verify: Callable[["Asked", dict[str, str]], None]
    method: str = "POST"


@dataclass
class Asked:
    """A door that is asked for `seconds` from a core, and the sessions that its visitors have there."""

    door: Door
    client_core: int
    seconds: float

    @cached_property
    def cookies(self) -> list[str]:
        """The Cookie header of each visitor."""
        return [self.door.begin_session(number) for number in range(1, VISITORS + 1)]

    @cached_property
    def redirect_status(self) -> int:
        """302 or 303: both are right (RFC 9700, 4.12), and a contestant always sends the same one."""
        return code_of(self.door, self.cookies[0])[1]


def _field(name: str, value: str) -> str:
    """A Lua pattern for one member of a JSON object, whatever its white space."""
    return rf'"{name}"%s*:%s*"{value}"'


def _own_token(algorithm: str) -> Callable[[Asked], Visit]:
    def prepare(asked: Asked) -> Visit:
        door = asked.door
        return Visit(
            steps=(
                Step(
                    method="POST",
                    path=door.token_address_of.get(algorithm, door.addresses.token),
                    status=200,
                    headers=_posted(door.machine_clients[algorithm].authorization),
                    body="grant_type=client_credentials" + own_token_more(door, algorithm),
                    wanted=(r'"token_type"%s*:%s*"[Bb]earer"',),
                    taken=(Take("access_token", _field("access_token", _JWT), new=True),),
                ),
            )
        )

    return prepare


def _verify_own_token(algorithm: str) -> Callable[[Asked, dict[str, str]], None]:
    def verify(asked: Asked, last: dict[str, str]) -> None:
        door = asked.door
        claims = checked_claims(door, last["access_token"], algorithm, keys_of(door, algorithm))
        client = door.machine_clients[algorithm].client_id
        if client not in (claims.get("client_id"), claims.get("sub")):
            raise UnsoundAnswerError(f"a token for somebody else: {claims}")

    return verify


def _refresh(asked: Asked) -> Visit:
    door = asked.door
    tokens = [tokens_of(door, cookie) for cookie in asked.cookies]
    return Visit(
        visitors=tuple({"refresh_token": each["refresh_token"]} for each in tokens),
        steps=(
            Step(
                method="POST",
                path=door.addresses.token,
                status=200,
                headers=_posted(door.code_client.authorization),
                body="grant_type=refresh_token&refresh_token={refresh_token}",
                taken=(
                    Take("access_token", _field("access_token", _ANY), new=True),
                    Take("refresh_token", _field("refresh_token", _ANY), new=True),
                ),
            ),
        ),
    )


def _verify_refresh(asked: Asked, _last: dict[str, str]) -> None:
    """By hand: the answer to the last refresh of a visit may still have been on its way when the visit ended."""
    door = asked.door
    tokens = tokens_of(door, asked.cookies[0])
    answer = ask(
        door.base,
        door.addresses.token,
        form={"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]},
        authorization=door.code_client.authorization,
    )
    _require_userinfo(door, answer.json["access_token"])


def _redeem_step(door: Door) -> Step:
    fixed = urlencode({"redirect_uri": REDIRECT_URI, "code_verifier": VERIFIER})
    return Step(
        method="POST",
        path=door.addresses.token,
        status=200,
        headers=_posted(door.code_client.authorization),
        body=f"grant_type=authorization_code&code={{code}}&{fixed}",
        taken=(
            Take("access_token", _field("access_token", _ANY), new=True),
            Take("id_token", _field("id_token", _JWT), new=True),
        ),
    )


def _authorize_step(asked: Asked) -> Step:
    door = asked.door
    return Step(
        method="GET",
        path=authorize_path(door, "{serial}"),
        status=asked.redirect_status,
        headers={"Cookie": "{cookie}"},
        taken=(
            Take("back", "^([^?]+)%?", header="location", equals=REDIRECT_URI),
            Take("state", "[?&]state=([^&]+)", header="location", equals="{serial}"),
            Take("code", "[?&]code=([^&]+)", header="location", new=True),
        ),
    )


def _sign_in(asked: Asked) -> Visit:
    return Visit(
        visitors=tuple({"cookie": cookie} for cookie in asked.cookies),
        steps=(_authorize_step(asked), _redeem_step(asked.door)),
    )


def _code(asked: Asked) -> Visit:
    """Codes are collected first, by a visit that is not measured; then each is redeemed once."""
    collecting = Visit(
        visitors=tuple({"cookie": cookie} for cookie in asked.cookies),
        steps=(_authorize_step(asked),),
        collect="code",
        at_most=asked.door.codes_at_once // VISITORS,
    )
    store = pay(collecting, asked.door.base, core=asked.client_core, seconds=asked.seconds)
    return Visit(steps=(_redeem_step(asked.door),), supplied="code", supply=store.collected)


def _verify_id_token(asked: Asked, last: dict[str, str]) -> None:
    door = asked.door
    algorithm = door.id_token_algorithm
    claims = checked_claims(door, last["id_token"], algorithm, keys_of(door), door.code_client.client_id)
    if claims.get("nonce") != last["done"]:
        raise UnsoundAnswerError(f"an ID token that answers another request: {claims}")
    _require_userinfo(door, last["access_token"])


def _verify_code(asked: Asked, last: dict[str, str]) -> None:
    door = asked.door
    _require_userinfo(door, last["access_token"])


def _with_tokens(asked: Asked) -> tuple[dict[str, str], ...]:
    """An access token for each visitor, and whose it is by the ID token that came with it."""
    door = asked.door
    keys = keys_of(door)
    found = []
    for cookie in asked.cookies:
        tokens = tokens_of(door, cookie)
        claims = checked_claims(door, tokens["id_token"], door.id_token_algorithm, keys, door.code_client.client_id)
        found.append({"token": tokens["access_token"], "sub": _pattern(claims["sub"])})
    return tuple(found)


def _introspection(asked: Asked) -> Visit:
    door = asked.door
    return Visit(
        visitors=_with_tokens(asked),
        steps=(
            Step(
                method="POST",
                path=door.addresses.introspect,
                status=200,
                headers=_posted(door.code_client.authorization),
                body="token={token}",
                wanted=(r'"active"%s*:%s*true', *_OF_WHOM.get(door.program.name, (_field("sub", "{sub}"),))),
            ),
        ),
    )


# django-oauth-toolkit tells a username only.
_OF_WHOM = {"django-oauth-toolkit": (_field("username", "person%-%d+"),)}


def _verify_introspection(asked: Asked, last: dict[str, str]) -> None:
    door = asked.door
    spoilt = last["token"][:-6] + ("AAAAAA" if not last["token"].endswith("AAAAAA") else "BBBBBB")
    answer = ask(
        door.base,
        door.addresses.introspect,
        form={"token": spoilt},
        authorization=door.code_client.authorization,
    )
    if answer.status == 200 and answer.json.get("active") is not False:
        raise UnsoundAnswerError(f"a spoilt token is active: {answer.body}")


def _userinfo(asked: Asked) -> Visit:
    door = asked.door
    return Visit(
        visitors=_with_tokens(asked),
        steps=(
            Step(
                method="GET",
                path=door.addresses.userinfo,
                status=200,
                headers={"Authorization": "Bearer {token}"},
                wanted=(_field("sub", "{sub}"),),
            ),
        ),
    )


def _verify_userinfo(asked: Asked, last: dict[str, str]) -> None:
    door = asked.door
    spoilt = last["token"][:-6] + ("AAAAAA" if not last["token"].endswith("AAAAAA") else "BBBBBB")
    answer = ask(door.base, door.addresses.userinfo, authorization=f"Bearer {spoilt}")
    if answer.status not in (401, 403):
        raise UnsoundAnswerError(f"a spoilt token is taken: {answer.status} {answer.body[:300]}")


def _require_userinfo(door: Door, access_token: str) -> None:
    answer = ask(door.base, door.addresses.userinfo, authorization=f"Bearer {access_token}")
    if answer.status != 200 or not answer.json.get("sub"):
        raise UnsoundAnswerError(f"an access token that opens nothing: {answer.status} {answer.body[:300]}")


def _document(address: str, check: Callable[[Door, dict[str, Any]], bool]) -> Callable[[Asked], Visit]:
    def prepare(asked: Asked) -> Visit:
        path = getattr(asked.door.addresses, address)
        answer = ask(asked.door.base, path)
        if answer.status != 200 or not check(asked.door, answer.json):
            raise UnsoundAnswerError(f"{path} is unsound: {answer.status} {answer.body[:600]}")
        return Visit(steps=(Step(method="GET", path=path, status=200, equals=answer.body),))

    return prepare


def _describes(door: Door, document: dict[str, Any]) -> bool:
    return (
        document.get("issuer") == door.issuer
        and document.get("token_endpoint") == door.base + door.addresses.token
        and document.get("jwks_uri") == door.base + door.addresses.jwks
    )


def _has_public_keys(_door: Door, document: dict[str, Any]) -> bool:
    keys = document.get("keys", [])
    return bool(keys) and not any("d" in key or "k" in key for key in keys)


def _nothing_more(_asked: Asked, _last: dict[str, str]) -> None:
    """The check of every answer says it all."""


def _posted(authorization: str) -> dict[str, str]:
    return {"Content-Type": FORM, "Authorization": authorization}


def _pattern(text: str) -> str:
    """`text` as a Lua pattern that matches itself."""
    return "".join(sign if sign.isalnum() else f"%{sign}" for sign in text)


PATHS: tuple[Path, ...] = (
    Path("token-es256", "token, client_credentials, ES256", _own_token("ES256"), _verify_own_token("ES256")),
    Path("token-rs256", "token, client_credentials, RS256", _own_token("RS256"), _verify_own_token("RS256")),
    Path("refresh", "token, refresh with rotation", _refresh, _verify_refresh),
    Path("code", "token, code with PKCE", _code, _verify_code),
    Path("introspection", "introspection", _introspection, _verify_introspection),
    Path("userinfo", "userinfo", _userinfo, _verify_userinfo, "GET"),
    Path("discovery", "discovery", _document("discovery", _describes), _nothing_more, "GET"),
    Path("jwks", "JWKS", _document("jwks", _has_public_keys), _nothing_more, "GET"),
    Path("sign-in", "sign-in with a session", _sign_in, _verify_id_token),
)


def bare_visit(path: Path) -> Visit:
    """What a bare view is asked, next to `path`: the same method, a form of the same size."""
    if path.method == "GET":
        return Visit(steps=(Step(method="GET", path="/bare", status=200, wanted=("filler",)),))
    body = f"grant_type=client_credentials&filler={quote('x' * 60)}"
    return Visit(
        steps=(
            Step(
                method="POST", path="/bare", status=200, headers={"Content-Type": FORM}, body=body, wanted=("filler",)
            ),
        )
    )

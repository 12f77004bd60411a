"""What an authenticator is asked and what its answer proves (WebAuthn Level 2, 7.1 and 7.2), by py_webauthn. Touches no row.

Who asks is the broker's own address, and no header of a request. Whatever a stranger sends is either an answer to the challenge or
None: the library's parsers raise all kinds of errors on what is none.
"""

import json
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from broker.authentication.passkey import LONGEST_CREDENTIAL_ID, LONGEST_PUBLIC_KEY, Passkey
from broker.settings import Settings

LONGEST_ANSWER = 16 * 1024  # characters
_NAME = "Poortwachter"
_PATIENCE_MS = 120_000
_CREDENTIAL_ID = re.compile(r"[A-Za-z0-9_-]{1,1364}", re.ASCII)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that an authenticator made; both in base64url."""

    credential_id: str
    public_key: str = field(repr=False)
    sign_count: int
    verified: bool


@dataclass(frozen=True, slots=True)
class Signed:
    """A right answer. `verified`: the authenticator asked for a PIN, finger or face; `holder`: whose key it says that it is."""

    sign_count: int
    verified: bool
    holder: bytes | None = field(repr=False)


def ask_for_new(settings: Settings, challenge: str, account_id: uuid.UUID, user_name: str, known: Sequence[str]) -> str:
    """What the browser asks an authenticator to make, in JSON; one that holds a key of `known` makes none."""
    from webauthn import base64url_to_bytes, generate_registration_options, options_to_json
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialDescriptor,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = generate_registration_options(
        rp_id=_own_id(settings),
        rp_name=_NAME,
        user_id=account_id.bytes,
        user_name=user_name,
        challenge=base64url_to_bytes(challenge),
        timeout=_PATIENCE_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in known],
    )
    return options_to_json(options)


def ask_to_sign(settings: Settings, challenge: str, known: Sequence[str] = ()) -> str:
    """What the browser asks an authenticator to sign, in JSON. Without `known` whoever holds a key of ours says which, after a PIN,
    finger or face; with them one of these will do, also one that asks for none."""
    from webauthn import base64url_to_bytes, generate_authentication_options, options_to_json
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

    options = generate_authentication_options(
        rp_id=_own_id(settings),
        challenge=base64url_to_bytes(challenge),
        timeout=_PATIENCE_MS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in known],
        user_verification=UserVerificationRequirement.PREFERRED if known else UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def key_made(settings: Settings, challenge: str, answer: str) -> NewKey | None:
    """The key in `answer`, made for us and for this challenge; who made the authenticator is not asked (attestation "none")."""
    from webauthn import base64url_to_bytes, verify_registration_response
    from webauthn.helpers import bytes_to_base64url

    read = _read(answer)
    if read is None or _from_elsewhere(read):
        return None
    try:
        made = verify_registration_response(
            credential=read,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_own_id(settings),
            expected_origin=settings.origin,
        )
    except Exception:  # noqa: BLE001  parsers on what a stranger sent: whatever they raise, it is no answer
        return None
    if len(made.credential_id) > LONGEST_CREDENTIAL_ID or len(made.credential_public_key) > LONGEST_PUBLIC_KEY:
        return None
    return NewKey(
        bytes_to_base64url(made.credential_id),
        bytes_to_base64url(made.credential_public_key),
        made.sign_count,
        made.user_verified,
    )


def credential_named(answer: str) -> str:
    """The credential that `answer` says it is of; "" where it says none. Proves nothing."""
    read = _read(answer)
    named = read.get("id") if read is not None else None
    return named if isinstance(named, str) and _CREDENTIAL_ID.fullmatch(named) else ""


def signed_by(settings: Settings, challenge: str, answer: str, passkey: Passkey) -> Signed | None:
    """What `answer` proves where `passkey` signed it, for us and for this challenge. Its count is not judged here."""
    from webauthn import base64url_to_bytes, verify_authentication_response
    from webauthn.helpers import parse_authentication_credential_json

    read = _read(answer)
    if read is None or _from_elsewhere(read):
        return None
    try:
        credential = parse_authentication_credential_json(read)
        found = verify_authentication_response(
            credential=credential,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_own_id(settings),
            expected_origin=settings.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=0,  # whoever asks judges it, as the person hears of a copy
        )
    except Exception:  # noqa: BLE001  as above
        return None
    return Signed(found.new_sign_count, found.user_verified, credential.response.user_handle)


def _own_id(settings: Settings) -> str:
    """The relying party id: the host of our own address."""
    return urlsplit(settings.origin).hostname or ""


def _read(answer: str) -> dict[str, Any] | None:
    if len(answer) > LONGEST_ANSWER:
        return None
    try:
        read = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


def _from_elsewhere(read: dict[str, Any]) -> bool:
    """Whether the page that asked stood in a frame of another site, or does not say what it was; the library does not look."""
    from webauthn import base64url_to_bytes

    try:
        said = json.loads(base64url_to_bytes(read["response"]["clientDataJSON"]))
        return bool(said.get("crossOrigin", False)) or "topOrigin" in said
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return True

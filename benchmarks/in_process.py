"""What needs no server: signing by cryptography alone, and checking tokens by the kit and by other libraries.

`python -m benchmarks.in_process <what> <seconds>` does one thing for so long on whatever core it was started on and prints how
often it was done and how much processor time that took. Every token is made here and every answer looked at.
"""

import base64
import itertools
import json
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import jwt as pyjwt
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from jose import jwk as jose_jwk
from jose import jwt as jose_jwt
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import ECKey

from modules.kit.tokens import TokenVerifier, read_key

ISSUER = "http://127.0.0.1:8000/op"
AUDIENCE = "cultuurmonitor"
CLIENT = "bench-code"
KID = "bench-1"
# More than any cache holds, so that each is a stranger when it comes back.
_STRANGERS = 4096
_FRIENDS = 64
_AT_ONCE = 50
_CLAIMS = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "client_id": CLIENT,
    "scope": "openid profile vo cjm_cultuurmonitor",
    "acr": "urn:be:vlaanderen:authmech:itsme",
    "amr": ["pop", "sc"],
    "vo_id": "6d6f1f3e-6f5f-4a3c-9a54-0c9f0e4f2f11",
    "vo_orgcode": "0999000134",
    "cjm_cultuurmonitor_rol_3d": ["CultuurmonitorInvoerder-cultuurcentra:0999000134"],
}

Once = Callable[[], None]


def sign_es256() -> Once:
    """An ES256 signature in the form of a JWS, over a token of the usual size."""
    key = ec.generate_private_key(ec.SECP256R1())
    algorithm = ec.ECDSA(SHA256())
    message = _signed_part("ES256", {})

    def once() -> None:
        r, s = decode_dss_signature(key.sign(message, algorithm))
        r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return once


def sign_rs256() -> Once:
    """An RS256 signature."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    message = _signed_part("RS256", {})
    scheme, digest = padding.PKCS1v15(), SHA256()

    def once() -> None:
        key.sign(message, scheme, digest)

    return once


def verify_raw() -> Once:
    """The ES256 signature of a token and nothing else of it."""
    tokens, public, _ = _tokens(_STRANGERS)
    parts = []
    for token in tokens:
        message, _, signature = token.rpartition(".")
        raw = base64.urlsafe_b64decode(signature + "==")
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        parts.append((der, message.encode()))
    algorithm = ec.ECDSA(SHA256())
    turn = itertools.cycle(parts)

    def once() -> None:
        signature, message = next(turn)
        public.verify(signature, message, algorithm)

    return once


def verify_kit() -> Once:
    """The kit of our applications, a token that it has not seen."""
    return _kit(_STRANGERS)


def verify_kit_cached() -> Once:
    """The kit, tokens that it verified a moment ago."""
    return _kit(_FRIENDS)


def verify_pyjwt() -> Once:
    """PyJWT with a key object, and the checks that it offers."""
    tokens, public, _ = _tokens(_STRANGERS)
    turn = itertools.cycle(tokens)
    options: Any = {"require": ["exp", "iat", "iss", "aud", "sub"]}

    def once() -> None:
        claims = pyjwt.decode(
            next(turn), public, algorithms=["ES256"], audience=AUDIENCE, issuer=ISSUER, options=options
        )
        _look_at(claims)

    return once


def verify_joserfc() -> Once:
    """joserfc with a key object and its registry of claims."""
    tokens, _, public_jwk = _tokens(_STRANGERS)
    turn = itertools.cycle(tokens)
    key = ECKey.import_key(public_jwk)
    registry = joserfc_jwt.JWTClaimsRegistry(
        iss={"essential": True, "value": ISSUER},
        aud={"essential": True, "value": AUDIENCE},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )

    def once() -> None:
        read = joserfc_jwt.decode(next(turn), key, algorithms=["ES256"])
        registry.validate(read.claims)
        _look_at(read.claims)

    return once


def verify_python_jose() -> Once:
    """python-jose alone, with a key object."""
    tokens, _, public_jwk = _tokens(_STRANGERS)
    turn = itertools.cycle(tokens)
    key = jose_jwk.construct(public_jwk, algorithm="ES256")
    options = {"require_exp": True, "require_iat": True, "require_iss": True, "require_aud": True, "require_sub": True}

    def once() -> None:
        claims = jose_jwt.decode(
            next(turn), key, algorithms=["ES256"], audience=AUDIENCE, issuer=ISSUER, options=options
        )
        _look_at(claims)

    return once


WHAT: dict[str, Callable[[], Once]] = {
    "sign-es256": sign_es256,
    "sign-rs256": sign_rs256,
    "verify-raw": verify_raw,
    "verify-kit": verify_kit,
    "verify-kit-cached": verify_kit_cached,
    "verify-pyjwt": verify_pyjwt,
    "verify-joserfc": verify_joserfc,
    "verify-python-jose": verify_python_jose,
}


def count(once: Once, seconds: float) -> tuple[int, float, float]:
    """How often `once` was done in `seconds`: (times, seconds that passed, seconds of processor time)."""
    for _ in range(_AT_ONCE):
        once()
    times = 0
    began, began_cpu = time.perf_counter(), time.process_time()
    while (passed := time.perf_counter() - began) < seconds:
        for _ in range(_AT_ONCE):
            once()
        times += _AT_ONCE
    return times, passed, time.process_time() - began_cpu


def main() -> None:
    """One line of JSON."""
    what, seconds = sys.argv[1], float(sys.argv[2])
    times, passed, cpu = count(WHAT[what](), seconds)
    print(json.dumps({"visits": times, "seconds": passed, "cpu": cpu}))


def _kit(how_many: int) -> Once:
    tokens, _, public_jwk = _tokens(how_many)
    turn = itertools.cycle(tokens)
    read = read_key(public_jwk)
    assert read is not None
    keys = dict([read])
    verifier = TokenVerifier(issuer=ISSUER, client_id=CLIENT, audience=AUDIENCE, find_key=keys.get)

    def once() -> None:
        _look_at(verifier.access_token(next(turn)))

    return once


def _tokens(how_many: int) -> tuple[list[str], ec.EllipticCurvePublicKey, dict[str, Any]]:
    """Access tokens of the broker's form, and the key that verifies them, as an object and as a JWK."""
    private = ec.generate_private_key(ec.SECP256R1())
    algorithm = ec.ECDSA(SHA256())
    tokens = []
    for _ in range(how_many):
        message = _signed_part("ES256", {"jti": str(uuid.uuid4()), "sub": str(uuid.uuid4())})
        r, s = decode_dss_signature(private.sign(message, algorithm))
        tokens.append(f"{message.decode()}.{_encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}")
    public = private.public_key()
    numbers = public.public_numbers()
    public_jwk = {
        "kty": "EC",
        "crv": "P-256",
        "alg": "ES256",
        "use": "sig",
        "kid": KID,
        "x": _encoded(numbers.x.to_bytes(32, "big")),
        "y": _encoded(numbers.y.to_bytes(32, "big")),
    }
    return tokens, public, public_jwk


def _signed_part(algorithm: str, more: dict[str, str]) -> bytes:
    now = int(time.time())
    header = {"alg": algorithm, "typ": "at+jwt", "kid": KID}
    claims = {**_CLAIMS, "iat": now, "exp": now + 900, **more}
    return ".".join(_encoded(json.dumps(each, separators=(",", ":")).encode()) for each in (header, claims)).encode()


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _look_at(claims: Mapping[str, Any]) -> None:
    if claims["client_id"] != CLIENT:
        raise AssertionError("another token than was given")


if __name__ == "__main__":
    main()

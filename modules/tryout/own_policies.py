"""The policies of one try-out: the clients of its applications and the three digital keys, at the ports of this house.

They lie in DATA/policies, beside those of the repository, as those of any installation would. Secrets are named here
and stand in the environment.
"""

import json
import os
from pathlib import Path
from typing import Any

import yaml

from modules.tryout.demo_secrets import DIGITAL_KEYS
from modules.tryout.house import House

_ACR = "urn:be:vlaanderen:authmech:"

# What each digital key says of how well it looked, and what that is worth here (domain-facts §1.5); and how the broker and
# it speak: itsme tells a number to who asks for it by name, in a signed userinfo; eID knows us by our key, takes a request
# ahead and encrypts; the token does none of that.
_KEYS: dict[str, dict[str, Any]] = {
    "itsme": {
        "name": {"nl": "itsme", "en": "itsme"},
        "hint": {"nl": "Met de app op uw gsm.", "en": "With the app on your phone."},
        "number_claim": "http://itsme.services/v2/claim/BENationalNumber",
        "levels": {
            "http://itsme.services/v2/claim/acr_advanced": {"acr": f"{_ACR}itsme", "level": 27},
            "http://itsme.services/v2/claim/acr_basic": {"acr": f"{_ACR}csamsms", "level": 25},
        },
        "ceiling": 27,
        "authentication": "client_secret_basic",
        "secret_env": "BROKER_CLIENT_ITSME",
        "requested_claims": {"userinfo": {"http://itsme.services/v2/claim/BENationalNumber": "essential"}},
        "userinfo": "signed",
    },
    "eid": {
        "name": {"nl": "eID en kaartlezer", "en": "eID and card reader"},
        "hint": {"nl": "Met uw identiteitskaart en pincode.", "en": "With your identity card and PIN."},
        "number_claim": "rrn",
        "levels": {
            "urn:be:fedict:iam:fas:Level500": {"acr": f"{_ACR}eid", "level": 35},
            "urn:be:fedict:iam:fas:Level400": {"acr": f"{_ACR}csamtotp", "level": 26},
        },
        "ceiling": 35,
        "authentication": "private_key_jwt",
        "private_key_env": "BROKER_CLIENT_EID_SIGNING",
        "private_key_algorithm": "ES256",
        "par": "required",
        "encryption": {"alg": "RSA-OAEP-256", "enc": "A256GCM", "key_env": "BROKER_CLIENT_EID_OPENING"},
    },
    "token": {
        "name": {"nl": "Token", "en": "Token"},
        "hint": {"nl": "Met een code van uw beveiligingssleutel.", "en": "With a code of your security key."},
        "number_claim": "egov_nrn",
        "levels": {
            "urn:be:fedict:iam:fas:Level400": {"acr": f"{_ACR}csamtotp", "level": 26},
            "urn:be:fedict:iam:fas:Level200": {"acr": f"{_ACR}csampassword", "level": 5},
        },
        "ceiling": 26,
        "authentication": "client_secret_post",
        "secret_env": "BROKER_CLIENT_TOKEN",
    },
}


def write_policies(house: House) -> None:
    """Write the policy files anew: the ports may be others than last time."""
    clients = house.policies / "clients"
    clients.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_yaml(house.policies / "identity_providers.yaml", {"identity_providers": _identity_providers(house)})
    applications = {
        "cultuurmonitor": house.cultuurmonitor,
        "jeugdmonitor": house.jeugdmonitor,
        "plusminmee": house.plusminmee,
    }
    for code, origin in applications.items():
        _write_yaml(clients / f"{code}.yaml", {"application": code, "clients": [_client(code, origin)]})


def write_clients_of_digital_keys(house: House, secrets: dict[str, str]) -> None:
    """Tell the digital keys who may ask them: the broker alone, at each key with its own proof and address."""
    house.keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    proofs: dict[str, dict[str, Any]] = {
        "itsme": {"client_secret": secrets["BROKER_CLIENT_ITSME"], "userinfo_signed_response_alg": "RS256"},
        "eid": {
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks_uri": f"{house.broker}/aanmelden/eid/sleutels",
            "require_pushed_authorization_requests": True,
            "id_token_encrypted_response_alg": "RSA-OAEP-256",
            "id_token_encrypted_response_enc": "A256GCM",
        },
        "token": {"client_secret": secrets["BROKER_CLIENT_TOKEN"]},
    }
    clients = {
        code: [
            {"client_id": "poortwachter", "redirect_uris": [f"{house.broker}/aanmelden/{code}/terug"], **proofs[code]}
        ]
        for code in DIGITAL_KEYS
    }
    file = os.open(house.keys / "clients.json", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "w") as opened:
        json.dump(clients, opened, indent=2)


def _identity_providers(house: House) -> list[dict[str, Any]]:
    return [
        {
            "code": code,
            **_KEYS[code],
            "issuer": f"{house.digital_keys}/{code}",
            "client_id": "poortwachter",
            "scope": "openid profile",
            "asserts": ["name", "national_number"],
            "signing_algorithm": "RS256",
        }
        for code in DIGITAL_KEYS
    ]


_SCOPES = {
    "cultuurmonitor": ("cjm_cultuurmonitor",),
    "jeugdmonitor": ("dcjm_jeugdmonitor",),
    "plusminmee": ("phone", "pmm"),
}
_EVENTS = {"plusminmee"}
"""Those that want to hear at once whose rights changed, also of who is not signed in (decisions 2)."""


def _client(code: str, origin: str) -> dict[str, Any]:
    """An application that is put together with the kit, at `origin`."""
    return {
        "client_id": code,
        "name": {"nl": code.capitalize(), "en": code.capitalize()},
        "redirect_uris": [f"{origin}/{code}/aanmelden/terug"],
        "post_logout_redirect_uris": [f"{origin}/{code}/"],
        "start_uri": f"{origin}/{code}",
        "authentication": "client_secret_basic",
        "secret_env": f"BROKER_CLIENT_{code.upper()}",
        "scopes": ["openid", "profile", "vo", *_SCOPES[code]],
        "signing_algorithm": "ES256",
        "grant_types": ["authorization_code", "refresh_token"],
        "refresh_is_activity": True,  # the kit renews for a page that a person asks, and for nothing else
        "backchannel_logout_uri": f"{origin}/{code}/afmelden/melding",
        **({"events": _events(code, origin)} if code in _EVENTS else {}),
    }


def _events(code: str, origin: str) -> dict[str, Any]:
    return {
        "endpoint": f"{origin}/{code}/meldingen",
        "requested": ["session-revoked", "token-claims-change"],
        "secret_env": f"BROKER_CLIENT_{code.upper()}_EVENTS",
    }


def _write_yaml(path: Path, value: dict[str, Any]) -> None:
    path.write_text(
        "# Written anew at every start of the try-out.\n" + yaml.safe_dump(value, allow_unicode=True, sort_keys=False)
    )

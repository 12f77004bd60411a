"""What discovery says of an authorization request (RFC 8414, OpenID Connect Discovery, RFC 9101, 9126 and 9207)."""

from typing import TYPE_CHECKING, Any

from broker.oidc.authorize.authorization_request import DISPLAYS, PROMPTS, RESPONSE_MODES
from broker.oidc.authorize.levels_asked import known_levels
from broker.oidc.request_object import REQUEST_OBJECT_ALGORITHMS
from look.language import LANGUAGES

if TYPE_CHECKING:
    from broker.oidc.provider import Provider


def metadata(provider: "Provider") -> dict[str, Any]:
    """What may be asked, and how. Of addresses in a request only those that we gave out ourselves are looked up."""
    return {
        "authorization_endpoint": provider.address("auth"),
        "pushed_authorization_request_endpoint": provider.address("par"),
        "require_pushed_authorization_requests": False,
        "response_types_supported": ["code"],
        "response_modes_supported": list(RESPONSE_MODES),
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": list(PROMPTS),
        "display_values_supported": list(DISPLAYS),
        "ui_locales_supported": list(LANGUAGES),
        "acr_values_supported": sorted(known_levels(provider.installed.catalogue)),
        "claims_parameter_supported": True,
        "request_parameter_supported": True,
        "request_object_signing_alg_values_supported": list(REQUEST_OBJECT_ALGORITHMS),
        "require_signed_request_object": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
    }

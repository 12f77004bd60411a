"""What a policy may say of an OpenID client, and what follows where it says nothing."""

from broker.catalogue.model import EventStream
from tests.catalogue.folders import SECRET, Folders

FULL = """\
application: cultuurmonitor
clients:
  - client_id: cijfers
    name: {nl: Cijfers, en: Figures}
    grant_types: [authorization_code, refresh_token, client_credentials, token_exchange]
    redirect_uris: [https://cijfers.example.org/terug]
    start_uri: https://cijfers.example.org/
    authentication: private_key_jwt
    jwks_uri: https://cijfers.example.org/keys
    private_network: true
    scopes: [openid, profile, email, phone, vo, offline_access, cjm_cultuurmonitor]
    signing_algorithm: ES256
    userinfo_signing_algorithm: ES256
    introspection_signing_algorithm: RS256
    require_par: true
    require_dpop: true
    require_signed_request: true
    backchannel_logout_uri: https://cijfers.example.org/afgemeld
    events:
      endpoint: https://cijfers.example.org/gebeurd
      requested: [session-revoked, token-claims-change]
      secret_env: BROKER_CLIENT_TEST
    may_call: [cultuurmonitor]
    refresh_is_activity: true
  - client_id: nachtwerk
    name: {nl: Nachtwerk, en: Night work}
    grant_types: [client_credentials]
    authentication: client_secret_basic
    secret_env: BROKER_CLIENT_TEST
    may_call: [cultuurmonitor]
"""


def test_everything_that_a_client_may_be(folders: Folders) -> None:
    folders.write("policies/clients/here.yaml", FULL)
    client = folders.read().clients["cijfers"]
    assert client.grant_types == ("authorization_code", "refresh_token", "client_credentials", "token_exchange")
    assert client.jwks_uri == "https://cijfers.example.org/keys"
    assert client.events == EventStream(
        "https://cijfers.example.org/gebeurd", ("session-revoked", "token-claims-change"), SECRET
    )
    assert SECRET not in repr(client)
    assert all((client.require_par, client.require_dpop, client.require_signed_request, client.refresh_is_activity))


def test_a_client_without_people_has_no_addresses(folders: Folders) -> None:
    folders.write("policies/clients/here.yaml", FULL)
    catalogue = folders.read()
    assert catalogue.clients["nachtwerk"].redirect_uris == ()
    assert catalogue.applications["cultuurmonitor"].entrance == "https://cijfers.example.org/"


def test_what_is_left_out_is_the_careful_choice(folders: Folders) -> None:
    client = folders.read().clients["cultuurmonitor"]
    assert client.grant_types == ("authorization_code",)
    assert client.pkce == "required"
    assert client.may_call == ()
    assert client.events is None

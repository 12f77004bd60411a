"""PF3: a secret comes as a hash or from a variable named BROKER_CLIENT_…, and is never shown."""

import dataclasses
import hashlib

import pytest

from tests.catalogue.folders import SECRET, Folders

CLIENTS = "policies/clients/here.yaml"
PROVIDERS = "policies/identity_providers.yaml"
# The public half of the key in RFC 7515, appendix A.3.
PUBLIC = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}


@pytest.mark.parametrize(
    "name", ["BROKER_SECRET_KEYS", "HOME", "BROKER_CLIENT_", "broker_client_test", "XBROKER_CLIENT_X"]
)
@pytest.mark.parametrize(("file", "own"), [(CLIENTS, "BROKER_CLIENT_TEST"), (PROVIDERS, "BROKER_CLIENT_ITSME")])
def test_no_other_variable_can_be_named(folders: Folders, file: str, own: str, name: str) -> None:
    """PF3: the secret keys of the broker cannot leave as the secret of a client."""
    folders.environment[name] = SECRET
    folders.change(file, f"secret_env: {own}", f"secret_env: {name}")
    [mistake] = folders.mistakes()
    assert mistake.key.endswith("secret_env")
    assert mistake.expected == "the name of a variable that begins with BROKER_CLIENT_"
    assert SECRET not in str(mistake)


def test_a_variable_that_is_not_set_is_named(folders: Folders) -> None:
    del folders.environment["BROKER_CLIENT_TEST"]
    [mistake] = folders.mistakes()
    assert mistake.expected == "the variable BROKER_CLIENT_TEST to be set"


def test_a_short_secret_is_refused_without_being_shown(folders: Folders) -> None:
    folders.environment["BROKER_CLIENT_TEST"] = "kort-geheim"
    [mistake] = folders.mistakes()
    assert mistake.found == "a secret of 11 signs"


def test_the_variable_is_kept_as_a_digest_only(folders: Folders) -> None:
    client = folders.read().clients["cultuurmonitor"]
    assert client.secret_sha256 == (hashlib.sha256(SECRET.encode()).hexdigest(),)
    assert SECRET not in str(dataclasses.asdict(client))


def test_two_digests_may_be_valid_at_a_time(folders: Folders) -> None:
    """Decision 19: a secret is changed by pasting the line with the old and the new digest."""
    digests = [hashlib.sha256(word.encode()).hexdigest() for word in ("old", "new")]
    folders.change(CLIENTS, "secret_env: BROKER_CLIENT_TEST", f"secret_sha256: [{', '.join(digests)}]")
    assert folders.read().clients["cultuurmonitor"].secret_sha256 == tuple(digests)


def _with_key(folders: Folders, **members: str) -> None:
    written = "".join(f", {name}: {value}" for name, value in members.items())
    folders.change(CLIENTS, "authentication: client_secret_basic", "authentication: private_key_jwt")
    folders.change(CLIENTS, "secret_env: BROKER_CLIENT_TEST", f"jwks: {{keys: [{{kid: one{written}}}]}}")


def test_a_public_key_is_enough_for_private_key_jwt(folders: Folders) -> None:
    _with_key(folders, alg="ES256", **PUBLIC)
    client = folders.read().clients["cultuurmonitor"]
    assert client.secret_sha256 == ()
    assert client.jwks == {"keys": [{"kid": "one", "use": "sig", "alg": "ES256", **PUBLIC}]}


@pytest.mark.parametrize("member", ["d", "p", "k"])
def test_a_private_member_of_a_key_is_refused_and_not_shown(folders: Folders, member: str) -> None:
    """PF3: only the public half may stand in a policy."""
    _with_key(folders, alg="ES256", **PUBLIC, **{member: "verysecretnumber"})
    [mistake] = folders.mistakes()
    assert mistake.key == f"clients[0].jwks.keys[0].{member}"
    assert "verysecretnumber" not in str(mistake)


def test_a_weak_or_wrong_key_is_refused(folders: Folders) -> None:
    _with_key(folders, alg="RS256", kty="RSA", n="f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", e="AQAB")
    [mistake] = folders.mistakes()
    assert mistake.found == "a key of 255 bits"

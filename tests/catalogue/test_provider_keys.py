"""PF3: the private keys with which the broker proves itself to a digital key, or opens what that encrypts: from a variable
named BROKER_CLIENT_…, of the right kind, for one provider and one use, and never shown.
"""

import json
import re
import textwrap

import pytest
from click.testing import CliRunner
from joserfc.jwk import ECKey, RSAKey

from broker.catalogue.model import IdentityProvider
from broker.cli import main
from broker.keys.jose import new_private_key
from tests.catalogue.folders import ROOT, Folders

PROVIDERS = "policies/identity_providers.yaml"
RSA, OTHER_RSA, EC = new_private_key("RS256"), new_private_key("RS256"), new_private_key("ES256")
SECRET = "    secret_env: BROKER_CLIENT_ITSME\n"


def with_keys(folders: Folders, written: str, **variables: str) -> None:
    """The provider proves itself, and opens, as `written` says."""
    folders.environment.update(variables)
    folders.change(PROVIDERS, SECRET, f"    authentication: private_key_jwt\n    {written}\n")


def itsme(folders: Folders) -> IdentityProvider:
    """What was read."""
    return folders.read().identity_providers["itsme"]


@pytest.mark.parametrize(("key", "algorithm"), [(RSA, "RS256"), (RSA, "PS256"), (EC, "ES256")])
def test_a_key_signs_with_the_algorithm_that_was_chosen(folders: Folders, key: str, algorithm: str) -> None:
    with_keys(
        folders,
        f"private_key_env: BROKER_CLIENT_KEY\n    private_key_algorithm: {algorithm}",
        BROKER_CLIENT_KEY=key,
    )
    (own,) = itsme(folders).signing_keys
    assert own.algorithm == algorithm
    assert len(own.kid) == 43


@pytest.mark.parametrize("written", [RSA, RSA.replace("\n", "\\n"), f"\n{RSA}\n"])
def test_a_pem_may_stand_on_one_line(folders: Folders, written: str) -> None:
    with_keys(folders, "private_key_env: BROKER_CLIENT_KEY", BROKER_CLIENT_KEY=written)
    assert itsme(folders).signing_keys[0].algorithm == "RS256"


def test_a_jwk_keeps_its_own_id_and_any_other_key_goes_by_its_thumbprint(folders: Folders) -> None:
    """RFC 7638."""
    named = RSAKey.generate_key(2048, {"kid": "sleutel-2026"})
    nameless = ECKey.generate_key("P-256")
    with_keys(folders, "private_key_env: BROKER_CLIENT_KEY", BROKER_CLIENT_KEY=json.dumps(named.as_dict(private=True)))
    assert itsme(folders).signing_keys[0].kid == "sleutel-2026"
    folders.environment["BROKER_CLIENT_KEY"] = json.dumps(nameless.as_dict(private=True))
    folders.change(PROVIDERS, "BROKER_CLIENT_KEY\n", "BROKER_CLIENT_KEY\n    private_key_algorithm: ES256\n")
    assert itsme(folders).signing_keys[0].kid == nameless.thumbprint()


def test_the_next_key_is_published_before_it_signs(folders: Folders) -> None:
    """The first one signs; all are published, and all open."""
    with_keys(
        folders,
        "private_key_env: [BROKER_CLIENT_ONE, BROKER_CLIENT_TWO]\n"
        "    encryption: {alg: RSA-OAEP, enc: A128CBC-HS256, key_env: [BROKER_CLIENT_THREE]}",
        BROKER_CLIENT_ONE=RSA,
        BROKER_CLIENT_TWO=OTHER_RSA,
        BROKER_CLIENT_THREE=new_private_key("RS256"),
    )
    provider = itsme(folders)
    published = provider.own_public_keys()
    assert [key["use"] for key in published] == ["sig", "sig", "enc"]
    assert published[0]["kid"] == provider.signing_keys[0].kid
    assert published[2]["alg"] == "RSA-OAEP"


@pytest.mark.parametrize(
    ("key", "algorithm", "expected"),
    [(EC, "RS256", "an RSA key"), (EC, "PS256", "an RSA key"), (RSA, "ES256", "a P-256 key")],
)
def test_a_key_of_another_kind_is_refused(folders: Folders, key: str, algorithm: str, expected: str) -> None:
    with_keys(
        folders,
        f"private_key_env: BROKER_CLIENT_KEY\n    private_key_algorithm: {algorithm}",
        BROKER_CLIENT_KEY=key,
    )
    [mistake] = folders.mistakes()
    assert mistake.key == "identity_providers[0].private_key_env"
    assert mistake.expected == f"{expected}, for private_key_algorithm {algorithm}"


def test_only_an_rsa_key_opens(folders: Folders) -> None:
    folders.environment["BROKER_CLIENT_KEY"] = EC
    folders.change(
        PROVIDERS,
        SECRET,
        SECRET + "    encryption: {alg: RSA-OAEP, enc: A256GCM, key_env: BROKER_CLIENT_KEY}\n",
    )
    [mistake] = folders.mistakes()
    assert (mistake.found, mistake.expected) == ("a key of another kind", "a variable with an RSA key")


@pytest.mark.parametrize(
    "value",
    [
        "not a key at all",
        "{}",
        '{"kty": "RSA", "n": "AA", "e": "AQAB", "d": "verysecretnumber"}',
        "-----BEGIN PRIVATE KEY-----\nverysecretnumber\n-----END PRIVATE KEY-----",
        json.dumps(RSAKey.generate_key(2048).as_dict(private=False)),
        json.dumps(ECKey.generate_key("P-384").as_dict(private=True)),
    ],
)
def test_what_is_no_private_key_is_refused_and_not_shown(folders: Folders, value: str) -> None:
    """PF3."""
    with_keys(folders, "private_key_env: BROKER_CLIENT_KEY", BROKER_CLIENT_KEY=value)
    [mistake] = folders.mistakes()
    assert mistake.found == "a variable with something else"
    assert "verysecretnumber" not in str(mistake)


def test_a_key_that_is_too_weak_is_refused(folders: Folders) -> None:
    with pytest.warns(match="2048"):
        weak = RSAKey.generate_key(1024)
    with_keys(folders, "private_key_env: BROKER_CLIENT_KEY", BROKER_CLIENT_KEY=weak.as_pem(private=True).decode())
    [mistake] = folders.mistakes()
    assert "at least 2048 bits" in mistake.expected


@pytest.mark.parametrize("name", ["BROKER_SECRET_KEYS", "HOME", "broker_client_key"])
@pytest.mark.parametrize("place", ["private_key_env: {}", "encryption: {{alg: RSA-OAEP, enc: A256GCM, key_env: {}}}"])
def test_no_other_variable_can_be_named(folders: Folders, name: str, place: str) -> None:
    """PF3."""
    folders.environment |= {name: RSA, "BROKER_CLIENT_KEY": OTHER_RSA}
    beside = "" if place.startswith("private") else "private_key_env: BROKER_CLIENT_KEY\n    "
    with_keys(folders, beside + place.format(name))
    [mistake] = folders.mistakes()
    assert mistake.expected == "the name of a variable that begins with BROKER_CLIENT_"


def test_a_key_is_for_one_use(folders: Folders) -> None:
    """What opens never signs."""
    with_keys(
        folders,
        "private_key_env: BROKER_CLIENT_KEY\n    encryption: {alg: RSA-OAEP, enc: A256GCM, key_env: BROKER_CLIENT_KEY}",
        BROKER_CLIENT_KEY=RSA,
    )
    [mistake] = folders.mistakes()
    assert mistake.found == "one private key twice, at itsme and at itsme"


def test_a_key_is_for_one_provider(folders: Folders) -> None:
    """UP1: what is signed for one proves nothing to another."""
    with_keys(folders, "private_key_env: BROKER_CLIENT_KEY", BROKER_CLIENT_KEY=RSA)
    text = folders.path(PROVIDERS).read_text()
    first = text.index("  - code: itsme")
    other = text[first:].replace("code: itsme", "code: eid").replace("/itsme", "/eid")
    folders.write(PROVIDERS, text + other.replace("BROKER_CLIENT_KEY", "BROKER_CLIENT_SAME"))
    folders.environment["BROKER_CLIENT_SAME"] = RSA.replace("\n", "\\n")
    [mistake] = folders.mistakes()
    assert mistake.found == "one private key twice, at itsme and at eid"


def test_no_private_key_is_ever_shown(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    """PF3: neither by `catalogue show`, nor where somebody prints what was read."""
    with_keys(
        folders,
        "private_key_env: BROKER_CLIENT_KEY\n    encryption: {alg: RSA-OAEP, enc: A256GCM, key_env: BROKER_CLIENT_OPEN}",
        BROKER_CLIENT_KEY=RSA,
        BROKER_CLIENT_OPEN=OTHER_RSA,
    )
    for name, value in folders.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("BROKER_POLICIES", str(folders.policies))
    monkeypatch.setenv("BROKER_FORMS", str(folders.forms))
    shown = CliRunner().invoke(main, ["catalogue", "show", "--json"])
    assert shown.exit_code == 0, shown.output
    told = json.loads(shown.output)["identity_providers"]["itsme"]
    provider = itsme(folders)
    assert told["signing_keys"] == [{"kid": provider.signing_keys[0].kid, "algorithm": "RS256"}]
    for said in (shown.output, repr(provider)):
        assert "PRIVATE" not in said
        assert "RSAPrivateKey" not in said


def test_the_same_keys_are_no_change(folders: Folders) -> None:
    """`catalogue plan` compares what was read twice."""
    with_keys(folders, "private_key_env: BROKER_CLIENT_KEY", BROKER_CLIENT_KEY=RSA)
    assert itsme(folders) == itsme(folders)


def test_the_examples_in_the_documentation_are_good(folders: Folders) -> None:
    """docs/policies.md: the shortest there is, one as for itsme and one as for ACM."""
    written = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    part = written[written.index("## identity_providers.yaml") : written.index("## forms: ")]
    blocks = re.findall(r"(?:^ {4}.*\n)+", part, flags=re.MULTILINE)
    first, like_itsme, like_acm = (textwrap.dedent(block) for block in blocks)
    folders.environment |= {
        "BROKER_CLIENT_ITSME_SIGNING": RSA,
        "BROKER_CLIENT_ITSME_OPENING": OTHER_RSA,
        "BROKER_CLIENT_ACM": new_private_key("RS256"),
    }
    folders.write(PROVIDERS, first)
    assert itsme(folders).authentication == "client_secret_basic"
    folders.write(PROVIDERS, "identity_providers:\n" + like_itsme + like_acm)
    folders.change("policies/applications/cultuurmonitor.yaml", "sign_in: [itsme, eid, token]", "sign_in: [itsme, acm]")
    providers = folders.read().identity_providers
    assert (providers["itsme"].userinfo, providers["acm"].ceiling) == ("encrypted", 35)


@pytest.mark.parametrize(("kind", "algorithm"), [("rsa", "RS256"), ("ec", "ES256")])
def test_the_broker_makes_a_key_on_one_line(folders: Folders, kind: str, algorithm: str) -> None:
    made = CliRunner().invoke(main, ["keys", "new-private", "--kind", kind])
    assert made.exit_code == 0
    (line,) = made.output.splitlines()
    with_keys(
        folders,
        f"private_key_env: BROKER_CLIENT_KEY\n    private_key_algorithm: {algorithm}",
        BROKER_CLIENT_KEY=line,
    )
    assert itsme(folders).signing_keys[0].algorithm == algorithm

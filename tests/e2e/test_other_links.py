"""The other six links of the seed, by HTTP: each through to a signed token with the role that it is for."""

import pytest

from tests.e2e.cast import newcomer
from tests.e2e.http_visitor import give_right
from tests.e2e.links import (
    AGB_INVOERDER,
    AGB_RAADPLEGER,
    BRUSSELS_RAADPLEGER,
    EA_INVOERDER,
    EA_RAADPLEGER,
    LB_RAADPLEGER,
    Link,
)
from tests.e2e.relying_client import claims_of
from tests.worlds.browser import Live


@pytest.mark.parametrize(
    "link",
    [LB_RAADPLEGER, BRUSSELS_RAADPLEGER, AGB_INVOERDER, AGB_RAADPLEGER, EA_INVOERDER, EA_RAADPLEGER],
    ids=lambda link: link.code,
)
def test_a_link_leads_to_a_token_with_its_role(live: Live, link: Link) -> None:
    """Economische actoren and Brusselse gemeenten on the way over the label, where the organisation has none yet."""
    applicant = give_right(live, newcomer("Lore"), link)
    id_claims, access_claims = claims_of(applicant)
    role = f"{link.role}-cultuurcentra:{id_claims['vo_orgcode']}"
    assert id_claims["vo_orgnaam"] == link.organisation
    assert id_claims["vo_doelgroepcode"] == link.target_group
    assert (id_claims["given_name"], id_claims["family_name"]) == ("Lore", applicant.who.family_name)
    assert id_claims["cjm_cultuurmonitor_rol_3d"] == [role]
    assert access_claims["cjm_cultuurmonitor_rol_3d"] == [role]
    assert access_claims["sub"] == id_claims["sub"]
    for claims in (id_claims, access_claims):
        assert applicant.who.number not in str(claims)
    until_label = ["goedgekeurd en wacht", "loopt vanaf nu"] if applicant.waited_for_label else ["U hebt toegang"]
    expected = ["Bevestig dat dit e-mailadres", "Uw aanvraag is bezorgd", *until_label]
    mails = live.mails_to(applicant.who.email, at_least=len(expected))
    assert all(words in mail.subject for words, mail in zip(expected, mails, strict=True)), [
        mail.subject for mail in mails
    ]

"""What the repository's own policies and forms say, held beside seed 002."""

from pathlib import Path

import pytest

from broker.catalogue import Catalogue, read_catalogue

ROOT = Path(__file__).resolve().parents[2]

# The seed's table: kind of organising body, role, and the part of its link after the address of the site.
SEED_LINKS = [
    ("gemeente", "invoerder", "/user/aanvraag?dg=LB&ec=CJM_Cultuurmonitor_LB_CompEnt_Invoerder"),
    ("gemeente", "raadpleger", "/user/aanvraag?dg=LB&ec=CJM_Cultuurmonitor_LB_CompEnt_Raadpleger"),
    ("brusselse_gemeente", "invoerder", "/user/aanvraag?dg=EA&ec=CJM_Cultuurmonitor_EA_CompEnt_Invoerder_Gemeente"),
    ("brusselse_gemeente", "raadpleger", "/user/aanvraag?dg=EA&ec=CJM_Cultuurmonitor_EA_CompEnt_Raadpleger_Gemeente"),
    ("agb", "invoerder", "/user/aanvraag?dg=LB&ec=CJM_Cultuurmonitor_LB_CompEnt_Invoerder_AGB"),
    ("agb", "raadpleger", "/user/aanvraag?dg=LB&ec=CJM_Cultuurmonitor_LB_CompEnt_Raadpleger_AGB"),
    ("economische_actor", "invoerder", "/user/aanvraag?dg=EA&ec=CJM_Cultuurmonitor_EA_CompEnt_Invoerder"),
    ("economische_actor", "raadpleger", "/user/aanvraag?dg=EA&ec=CJM_Cultuurmonitor_EA_CompEnt_Raadpleger"),
]


@pytest.fixture(scope="module")
def own() -> Catalogue:
    """The repository's folders alone, as a production installation reads them before it adds its own."""
    return read_catalogue([ROOT / "policies"], [ROOT / "forms"], {}, development=False)


def test_the_eight_links_of_the_seed_are_there_letter_by_letter_and_no_other(own: Catalogue) -> None:
    application = own.applications["cultuurmonitor"]
    made = [
        (row.organisation_type.code, right, code.link)
        for row in own.kind_links(application)
        for right, codes in row.codes.items()
        for code in codes
    ]
    assert made == SEED_LINKS


def test_every_link_leads_to_a_right_a_context_and_a_kind_of_organisation_that_exist(own: Catalogue) -> None:
    for code in own.entitlement_codes.values():
        application = own.applications[code.application_code]
        contexts = application.rights[code.right_code].contexts
        assert code.context_code in contexts if contexts else code.context_code == ""
        assert own.organisation_type(code.target_group, code.organisation_type) is not None


def test_the_cultuurmonitor_has_both_its_names_and_one_module(own: Catalogue) -> None:
    application = own.applications["cultuurmonitor"]
    assert application.name.nl == "CCinC – Cultuur- en gemeenschapscentra in Cijfers"
    assert application.technical_name == "Cultuurmonitor"
    assert {context.name.nl for right in application.rights.values() for context in right.contexts.values()} == {
        "Cultuurcentra"
    }


def test_the_rights_make_the_claims_that_acm_clients_know(own: Catalogue) -> None:
    application = own.applications["cultuurmonitor"]
    assert application.claim == "cjm_cultuurmonitor_rol_3d"
    assert [right.claim for right in application.rights.values()] == [
        "CultuurmonitorInvoerder",
        "CultuurmonitorRaadpleger",
    ]
    assert [right.name.nl for right in application.rights.values()] == [
        "Cultuurmonitor Invoerder",
        "Cultuurmonitor Raadpleger",
    ]


def test_brussels_and_independent_centres_need_the_label_and_others_do_not(own: Catalogue) -> None:
    application = own.applications["cultuurmonitor"]
    needing = [
        row.organisation_type.code for row in own.kind_links(application) if _label(own, row.organisation_type.code)
    ]
    assert needing == ["brusselse_gemeente", "economische_actor"]
    assert application.labels["cultuurmonitor_afnemer"].name.nl == "Cultuurmonitor Afnemer"


def _label(own: Catalogue, kind: str) -> bool:
    return any(own.applications["cultuurmonitor"].label_needed(group, kind) for group in own.target_groups)


def test_a_user_has_one_role_and_the_department_is_told(own: Catalogue) -> None:
    application = own.applications["cultuurmonitor"]
    assert application.one_role_per == "person"
    assert application.notify_grants == ("ccinc@vlaanderen.be",)
    assert (application.contact.phone, application.contact.email) == ("02 553 42 26", "ccinc@vlaanderen.be")
    assert own.helpdesk.phone == "1700"


def test_every_kind_of_organisation_of_the_flemish_lists_exists(own: Catalogue) -> None:
    assert set(own.target_groups) == {"LB", "EA", "NL", "GID", "OV", "BUR", "VER"}
    assert {"gemeente", "agb", "ocmw", "provincie", "apb", "vgc"} <= set(own.target_groups["LB"].types)
    assert own.target_groups["EA"].types["economische_actor"].unlisted
    assert not own.target_groups["EA"].types["brusselse_gemeente"].unlisted


def test_the_form_asks_what_the_seed_asks(own: Catalogue) -> None:
    form = own.forms[own.applications["cultuurmonitor"].form]
    assert form.identity == ("digital_key", "typed")
    assert [(each.kind, each.required) for each in form.fields] == [
        ("email", True),
        ("phone", False),
        ("organisation", True),
        ("centre", True),
        ("text", False),
        ("replaces", False),
    ]


def test_it_loads_without_digital_keys_and_clients_for_those_come_with_the_installation(own: Catalogue) -> None:
    assert not own.identity_providers
    assert not own.clients


def test_the_jeugdmonitor_has_the_right_and_the_context_of_its_seed(own: Catalogue) -> None:
    """Seed 000: 'DCJM Jeugdmonitor met context Projectcoördinator', for every Flemish municipality and the VGC."""
    application = own.applications["jeugdmonitor"]
    (right,) = application.rights.values()
    assert (right.name.nl, right.claim, application.claim) == (
        "DCJM Jeugdmonitor",
        "DCJMJeugdmonitor",
        "dcjm_jeugdmonitor_rol_3d",
    )
    assert {code: context.name.nl for code, context in right.contexts.items()} == {
        "Projectcoordinator": "Projectcoördinator"
    }
    assert [row.organisation_type.code for row in own.kind_links(application)] == ["gemeente", "vgc"]


def test_the_jeugdmonitor_takes_itsme_and_eid_alone_and_its_team_is_told_of_requests_too(own: Catalogue) -> None:
    """W7 and W14."""
    application = own.applications["jeugdmonitor"]
    assert (application.sign_in, application.minimum_level) == (("itsme", "eid"), 27)
    assert (application.notify_grants, application.notify_requests) == (("jeugdmonitor@vlaanderen.be",), True)
    assert application.charter is not None
    assert application.charter.version
    assert not own.applications["cultuurmonitor"].notify_requests


def test_no_form_of_the_jeugdmonitor_asks_anybody_to_type_a_number(own: Catalogue) -> None:
    """NR1: the number never travels with a request; a digital key says it, or the secure link asks it."""
    assert "typed" not in own.forms["jeugdmonitor"].identity


def test_the_words_that_are_guessed_first_in_dutch_are_known(own: Catalogue) -> None:
    assert {"welkom", "wachtwoord", "zomer", "december"} <= set(own.passwords.known_words)

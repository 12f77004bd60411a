"""A corpus of bad files: each mistake is reported with its file, line and key, and with what was found and expected.

The corpus is mistakes.yaml beside this file.
"""

from pathlib import Path

import pytest
import yaml

from broker.catalogue import CatalogueError, Mistake, read_catalogue
from tests.catalogue.folders import CLIENT, Folders

APPLICATION = "policies/applications/cultuurmonitor.yaml"
GROUPS = "policies/target_groups.yaml"
CLIENTS = "policies/clients/here.yaml"
PROVIDERS = "policies/identity_providers.yaml"
FORM = "forms/cultuurmonitor.yaml"
HELPDESK = "policies/helpdesk.yaml"
RETENTION = "policies/retention.yaml"

CASES = yaml.safe_load((Path(__file__).parent / "mistakes.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[f"{case['key']}: {case['found']}" for case in CASES])
def test_a_mistake_is_reported_where_it_stands(folders: Folders, case: dict[str, str]) -> None:
    """PF1 and OA5: each piece of a file has one format, and a slip says what was expected."""
    folders.change(case["file"], case["old"], case["new"])
    place = (str(folders.path(case["file"])), folders.line_of(case["file"], case["at"]), case["key"])
    reported = [each for each in folders.mistakes() if (each.file, each.line, each.key) == place]
    assert len(reported) == 1, "\n".join(str(each) for each in folders.mistakes())
    assert case["found"] in reported[0].found
    assert case["expected"] in reported[0].expected


def test_good_folders_have_no_mistakes(folders: Folders) -> None:
    assert set(folders.read().clients) == {"cultuurmonitor"}


def test_every_mistake_of_every_file_comes_at_once(folders: Folders) -> None:
    folders.change(APPLICATION, "grant_months: 24", "grant_months: many")
    folders.change(APPLICATION, "form: cultuurmonitor", "form: other")
    folders.change(
        APPLICATION,
        "target_group: LB, organisation_type: gemeente}\n  CJM_Cultuurmonitor_LB_CompEnt_R",
        "target_group: LB, organisation_type: dorp}\n  CJM_Cultuurmonitor_LB_CompEnt_R",
    )
    folders.change(GROUPS, "    name: {nl: Burgers, en: Citizens}", "    nam: {nl: Burgers, en: Citizens}")
    folders.change(CLIENTS, "secret_env: BROKER_CLIENT_TEST", "secret_env: BROKER_SECRET_KEYS")
    folders.change(CLIENTS, "scopes: [openid,", "scopes: [")
    folders.change(PROVIDERS, "    ceiling: 27", "    ceiling: high")
    folders.write(HELPDESK, "phone: [1700\n")
    folders.write("forms/broken.yaml", "identity: [typed]\nfields: &all []\n")
    told = {(Path(each.file).name, each.key) for each in folders.mistakes()}
    assert told == {
        ("cultuurmonitor.yaml", "grant_months"),
        ("cultuurmonitor.yaml", "form"),
        ("cultuurmonitor.yaml", "entitlement_codes.CJM_Cultuurmonitor_LB_CompEnt_Invoerder.organisation_type"),
        ("target_groups.yaml", "target_groups.BUR.name"),
        ("target_groups.yaml", "target_groups.BUR.nam"),
        ("here.yaml", "clients[0].secret_env"),
        ("here.yaml", "clients[0].scopes"),
        ("identity_providers.yaml", "identity_providers[0].ceiling"),
        ("helpdesk.yaml", ""),
        ("broken.yaml", "fields"),
    }  # fmt: skip


def test_a_missing_file_is_a_mistake_and_does_not_make_others_of_it(folders: Folders) -> None:
    folders.path(GROUPS).unlink()
    assert [(each.file, each.found) for each in folders.mistakes()] == [(GROUPS, "no such file")]


def test_a_file_that_belongs_nowhere_is_a_mistake(folders: Folders) -> None:
    folders.write("policies/target_group.yaml", "x: 1\n")
    folders.write("policies/applications/jeugdmonitor.yml", "x: 1\n")
    folders.write("policies/.hidden/x.yaml", "x: [\n")
    folders.write("policies/README.md", "Notes.\n")
    assert [Path(each.file).name for each in folders.mistakes()] == ["jeugdmonitor.yml", "target_group.yaml"]


def test_an_application_is_named_by_its_file(folders: Folders) -> None:
    """OA5: the code of an application stands in links and claims too."""
    folders.path(APPLICATION).rename(folders.path("policies/applications/cultuur-monitor.yaml"))
    told = {(each.key, each.found) for each in folders.mistakes()}
    assert ("", "'cultuur-monitor'") in told


def test_another_application_with_its_own_clients_is_a_new_file_and_no_line_of_python(folders: Folders) -> None:
    text = folders.path(APPLICATION).read_text(encoding="utf-8")
    for old, new in (("CJM_Cultuurmonitor", "CJM_Ander"), ("scope: cjm_cultuurmonitor", "scope: cjm_ander")):
        text = text.replace(old, new)
    text = text.replace("claim: cjm_cultuurmonitor_rol_3d", "claim: cjm_ander_rol_3d")
    clients = CLIENT.replace("application: cultuurmonitor\n", "").replace(
        "client_id: cultuurmonitor", "client_id: ander"
    )
    clients = clients.replace(", cjm_cultuurmonitor]", ", cjm_ander]")
    folders.write("policies/applications/ander.yaml", text + clients)
    catalogue = folders.read()
    assert list(catalogue.applications) == ["ander", "cultuurmonitor", "jeugdmonitor", "plusminmee", "werkrelatie"]
    assert catalogue.clients["ander"].application_code == "ander"
    assert len(catalogue.entitlement_codes) == 32


def test_what_development_allows_production_refuses(folders: Folders) -> None:
    folders.change(CLIENTS, "[https://cijfers.example.org/terug]", "[http://localhost:8001/terug]")
    folders.change(PROVIDERS, "secret_env: BROKER_CLIENT_ITSME", "client_secret: written-here")
    assert [each.key for each in folders.mistakes()] == [
        "clients[0].redirect_uris[0]",
        "identity_providers[0].client_secret",
    ]
    folders.development = True
    catalogue = folders.read()
    assert catalogue.clients["cultuurmonitor"].redirect_uris == ("http://localhost:8001/terug",)
    assert catalogue.identity_providers["itsme"].client_secret == "written-here"


def test_the_error_reads_as_one_line_a_mistake() -> None:
    error = CatalogueError(
        [Mistake("b.yaml", 3, "x.y", "'1'", "text"), Mistake("a.yaml", 9, "", "broken YAML", "valid YAML")]
    )
    assert str(error) == "a.yaml:9: found broken YAML, expected valid YAML\nb.yaml:3: x.y: found '1', expected text"


def test_folders_that_hold_nothing_say_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError) as caught:
        read_catalogue([tmp_path], [tmp_path], {}, development=False)
    assert [each.file for each in caught.value.mistakes] == [HELPDESK, PROVIDERS, RETENTION, GROUPS]

"""`poortwachter catalogue`: what it prints and its exit status."""

import json

import pytest
from click.testing import CliRunner, Result

from broker.cli.catalogue import catalogue
from tests.catalogue.folders import PROVIDER, ROOT, SECRET, Folders


def _run(folders: Folders, *words: str) -> Result:
    policies = ":".join(str(folder) for folder in [folders.policies, *folders.extra])
    environment = {"BROKER_POLICIES": policies, "BROKER_FORMS": str(folders.forms), **folders.environment}
    return CliRunner().invoke(catalogue, words, env=environment)


def test_good_folders_give_status_0_and_a_fingerprint(folders: Folders) -> None:
    result = _run(folders, "check")
    assert result.exit_code == 0
    assert f"14 files, no mistakes. Fingerprint {folders.read().fingerprint}." in result.output


def test_the_folders_of_the_repository_are_good(folders: Folders) -> None:
    result = _run(folders, "check", "--policies", str(ROOT / "policies"), "--forms", str(ROOT / "forms"))
    assert result.exit_code == 0
    assert "No identity provider is configured: nobody can sign in yet." in result.output


def test_every_mistake_is_a_line_and_the_status_is_1(folders: Folders) -> None:
    folders.change("policies/helpdesk.yaml", 'phone: "1700"', "phone: nobody")
    folders.change("forms/cultuurmonitor.yaml", "kind: centre", "kind: center")
    result = _run(folders, "check")
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert lines[0].startswith(f"{folders.forms / 'cultuurmonitor.yaml'}:")
    assert lines[1] == f"{folders.policies / 'helpdesk.yaml'}:2: phone: found 'nobody', expected a telephone number"
    assert lines[2] == "2 mistakes in 2 files."


def test_the_same_as_json(folders: Folders) -> None:
    folders.change("policies/helpdesk.yaml", 'phone: "1700"', "phone: nobody")
    result = _run(folders, "check", "--json")
    assert result.exit_code == 1
    [mistake] = json.loads(result.output)["mistakes"]
    assert (mistake["line"], mistake["key"], mistake["found"]) == (2, "phone", "'nobody'")


def test_what_an_overlay_replaces_is_said(folders: Folders, tmp_path_factory: pytest.TempPathFactory) -> None:
    """PF2: which file stands in for which, and the keys that differ."""
    overlay = tmp_path_factory.mktemp("overlay")
    (overlay / "identity_providers.yaml").write_text(PROVIDER.replace("ceiling: 27", "ceiling: 26"))
    folders.extra.append(overlay)
    result = _run(folders, "check")
    said = f"{overlay}/identity_providers.yaml replaces {folders.policies}/identity_providers.yaml"
    assert f"{said}; what differs: identity_providers[0].ceiling" in result.output


def test_a_folder_that_is_not_there_is_wrong_use(folders: Folders) -> None:
    assert _run(folders, "check", "--policies", "/nowhere/at/all").exit_code == 2


def test_show_lists_the_links_and_hides_every_secret(folders: Folders) -> None:
    lines = _run(folders, "show").output
    assert "/user/aanvraag?dg=EA&ec=CJM_Cultuurmonitor_EA_CompEnt_Invoerder_Gemeente" in lines
    result = _run(folders, "show", "--json")
    shown = json.loads(result.output)
    assert shown["applications"]["cultuurmonitor"]["one_role_per"] == "person"
    digest = folders.read().clients["cultuurmonitor"].secret_sha256[0]
    assert SECRET not in result.output
    assert digest not in result.output


def test_show_on_bad_folders_sends_to_check(folders: Folders) -> None:
    folders.change("policies/helpdesk.yaml", 'phone: "1700"', "phone: nobody")
    result = _run(folders, "show")
    assert result.exit_code == 1
    assert "1 mistake; `poortwachter catalogue check` lists them." in result.output

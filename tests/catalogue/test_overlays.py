"""PF2: several folders; a file is replaced only by its namesake, and never unseen."""

from pathlib import Path

import pytest

from broker.catalogue import CatalogueError, read_catalogue
from tests.catalogue.folders import CLIENT, PROVIDER, ROOT, Folders


@pytest.fixture
def overlay(folders: Folders, tmp_path: Path) -> Path:
    """An empty policy folder of an installation, after the first."""
    folder = tmp_path / "overlay"
    (folder / "applications").mkdir(parents=True)
    (folder / "clients").mkdir()
    folders.extra.append(folder)
    return folder


def test_a_later_folder_adds_clients_to_an_application_of_an_earlier_one(folders: Folders, overlay: Path) -> None:
    (overlay / "clients" / "more.yaml").write_text(CLIENT.replace("client_id: cultuurmonitor", "client_id: second"))
    catalogue = folders.read()
    assert set(catalogue.applications["cultuurmonitor"].clients) == {"cultuurmonitor", "second"}
    assert "policies/clients/more.yaml" in catalogue.files
    assert catalogue.replaced == ()


def test_a_namesake_replaces_and_the_keys_that_differ_are_named(folders: Folders, overlay: Path) -> None:
    """PF2: the replaced file and keys are told."""
    name = "applications/cultuurmonitor.yaml"
    text = (folders.policies / name).read_text(encoding="utf-8")
    changed = text.replace("one_role_per: person", "one_role_per: person_and_organisation").replace("  code: 30s\n", "")
    (overlay / name).write_text(changed, encoding="utf-8")
    catalogue = folders.read()
    assert catalogue.applications["cultuurmonitor"].one_role_per == "person_and_organisation"
    [replacement] = catalogue.replaced
    assert (replacement.file, replacement.replaced) == (str(overlay / name), str(folders.policies / name))
    assert replacement.keys == ("one_role_per", "lifetimes.code")


def test_replacing_is_told_even_when_there_are_mistakes(folders: Folders, overlay: Path) -> None:
    """PF2: a mistake does not hide what was replaced."""
    (overlay / "identity_providers.yaml").write_text(PROVIDER.replace("ceiling: 27", "ceiling: 99"))
    with pytest.raises(CatalogueError) as caught:
        folders.read()
    assert [each.keys for each in caught.value.replaced] == [("identity_providers[0].ceiling",)]


def test_the_same_client_id_twice_names_both_files(folders: Folders, overlay: Path) -> None:
    """PF2: a shadowed client id."""
    path = overlay / "clients" / "other.yaml"
    path.write_text(CLIENT)
    [mistake] = folders.mistakes()
    assert (mistake.file, mistake.line, mistake.key) == (str(path), 3, "clients[0].client_id")
    assert f"{folders.policies / 'clients' / 'here.yaml'}:3" in mistake.found


def test_the_same_scope_claim_and_codes_in_two_applications_are_collisions(folders: Folders, overlay: Path) -> None:
    """PF2: a shadowed scope, claim or entitlement code."""
    path = overlay / "applications" / "shadow.yaml"
    path.write_bytes((folders.policies / "applications" / "cultuurmonitor.yaml").read_bytes())
    keys = {each.key for each in folders.mistakes() if each.file == str(path)}
    assert {"scope", "claim", "entitlement_codes.CJM_Cultuurmonitor_LB_CompEnt_Invoerder"} == {
        key for key in keys if not key.startswith("entitlement_codes") or key.endswith("LB_CompEnt_Invoerder")
    }
    assert len(keys) == 10


def test_the_fingerprint_changes_with_any_byte_and_not_with_the_place_of_the_folder(
    folders: Folders, tmp_path: Path
) -> None:
    """PF2 and PF4: the fingerprint is of names and contents."""
    before = read_catalogue([ROOT / "policies"], [ROOT / "forms"], {}, development=False).fingerprint
    folders.path("policies/clients/here.yaml").unlink()
    folders.write("policies/identity_providers.yaml", (ROOT / "policies" / "identity_providers.yaml").read_bytes())
    assert folders.read().fingerprint == before
    folders.change("policies/helpdesk.yaml", "9 tot 19", "9 tot 18")
    assert folders.read().fingerprint != before

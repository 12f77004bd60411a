"""Folders to spoil: copies of the repository's own, with one client and one digital key beside them."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.catalogue.folders import CLIENT, PROVIDER, ROOT, SECRET, Folders


@pytest.fixture
def environment() -> Mapping[str, str]:
    """The variables that the files name."""
    return {"BROKER_CLIENT_TEST": SECRET, "BROKER_CLIENT_ITSME": SECRET}


@pytest.fixture
def folders(tmp_path: Path, environment: Mapping[str, str]) -> Folders:
    """Folders without a mistake."""
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    shutil.copytree(ROOT / "forms", tmp_path / "forms")
    made = Folders(tmp_path / "policies", tmp_path / "forms", dict(environment))
    made.write("policies/clients/here.yaml", CLIENT)
    made.write("policies/identity_providers.yaml", PROVIDER)
    return made

"""Loads the app beside this file. Owns nothing else: what is shared by all tests stands in tests/conftest.py."""

import importlib.util
import logging
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def components() -> ModuleType:
    """The module components.py; loaded by its path, because the test folders are no packages."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    spec = importlib.util.spec_from_file_location("look_components", Path(__file__).parent / "components.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["look_components"] = module
    spec.loader.exec_module(module)
    return module

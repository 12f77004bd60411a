"""The same applications, keys and people as the tests of the door (tests/oidc)."""

from tests.oidc.conftest import amina, app, catalogue, client_key, kaai, nele, relying

__all__ = ["amina", "app", "catalogue", "client_key", "kaai", "nele", "relying"]

"""A page of the broker for people, to link to from a page of the application.

Owns: at which origin. Which page it is, the application says: the broker's discovery document names none of them.
"""

from urllib.parse import urlsplit

from modules.kit.state import kit


def broker_page(path: str) -> str:
    """The address of the page at `path` ("/…") of the broker that this application trusts."""
    issuer = urlsplit(kit().broker.issuer)
    return f"{issuer.scheme}://{issuer.netloc}{path}"

"""django-oauth-toolkit as a WSGI application, with its tables, clients and people in place before the first request."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "provider_settings")
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 - only after the setup
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connections, transaction  # noqa: E402
from oauth2_provider.models import Application  # noqa: E402
from provider_settings import SETUP  # noqa: E402


def fill() -> None:
    """The tables, the clients and the people of the setup."""
    call_command("migrate", verbosity=0)
    if Application.objects.exists():
        return
    code = SETUP["code_client"]
    with transaction.atomic():
        Application.objects.create(
            client_id=code["client_id"],
            client_secret=code["client_secret"],
            hash_client_secret=False,
            client_type=Application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
            redirect_uris=code["redirect_uri"],
            algorithm=Application.RS256_ALGORITHM,
            skip_authorization=True,
        )
        for own in SETUP["machine_clients"].values():
            Application.objects.create(
                client_id=own["client_id"],
                client_secret=own["client_secret"],
                hash_client_secret=False,
                client_type=Application.CLIENT_CONFIDENTIAL,
                authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
            )
        person = get_user_model()
        person.objects.bulk_create(
            person(
                pk=each["id"],
                username=each["sub"],
                first_name=each["given_name"],
                last_name=each["family_name"],
                email=each["email"],
                password="!",
            )
            for each in SETUP["people"]
        )


fill()
connections.close_all()  # the workers that are forked from here open their own
app = get_wsgi_application()

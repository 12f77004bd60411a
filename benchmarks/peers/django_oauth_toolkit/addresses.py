"""Its addresses, and one that begins a session without a password: it stands in for whatever asks one."""

from django.contrib.auth import get_user_model, login
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def sign_in(request: HttpRequest, number: int) -> HttpResponse:
    """Begin the session of one person."""
    login(request, get_user_model().objects.get(pk=number), backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponse("signed in")


urlpatterns = [
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    path("login/<int:number>", sign_in),
]

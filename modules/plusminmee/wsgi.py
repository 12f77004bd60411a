"""`gunicorn modules.plusminmee.wsgi:app`: the application, with its settings from the environment."""

from modules.kit import serve
from modules.plusminmee import create_app

app = serve(create_app)

"""`gunicorn modules.cultuurmonitor.wsgi:app`: the application, with its settings from the environment."""

from modules.cultuurmonitor import create_app
from modules.kit import serve

app = serve(create_app)

"""`gunicorn modules.jeugdmonitor.wsgi:app`: the application, with its settings from the environment."""

from modules.jeugdmonitor import create_app
from modules.kit import serve

app = serve(create_app)

"""How gunicorn serves the broker. Everything that differs between installations comes from the environment (GUNICORN_CMD_ARGS)."""

import gc
import os

# Nothing that is loaded here goes away again: looking for what did would take a fifth of the start. Every worker looks again.
gc.disable()

# Loaded once, before any worker: a start that is refused is refused at once, and policies are read once.
preload_app = True
bind = os.environ.get("GUNICORN_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# gunicorn's threaded worker, that answers short requests without a thread (docs/decisions/0023). `threads` may wait at one time.
worker_class = "serving.worker.AtOnceWorker"
threads = 8
timeout = 30
graceful_timeout = 20
keepalive = 5
# The broker writes its own line for every request, without what must stay out of it.
accesslog = None
# A socket in the home folder of whoever starts it is one door too many.
control_socket_disable = True
limit_request_line = 8190
# What a header says of scheme, path or name never counts: the settings of the broker decide those, and how many proxies may say
# where a request came from. With nothing to believe, nobody has to be looked up as one to be believed, for every request anew.
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
forwarded_allow_ips = "*"


def when_ready(_server: object) -> None:
    """All that was loaded stays: no collection need look at it again, and no worker copies it for that."""
    gc.collect()
    gc.freeze()


def post_fork(_server: object, _worker: object) -> None:
    """What a worker makes must be cleaned up behind it."""
    gc.enable()


def child_exit(_server: object, worker: object) -> None:
    """Let the figures of several workers forget one that is gone."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)

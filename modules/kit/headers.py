"""What every answer of an application carries.

Owns: the security headers. Does not own cookies (init_module.py).
"""

from urllib.parse import urlsplit

from flask import Flask, Response


def set_headers(app: Flask, *, broker_issuer: str, tls: bool) -> None:
    """Add the headers to every answer. Pages are never kept by a cache; a file may set its own Cache-Control or policy."""
    issuer = urlsplit(broker_issuer)
    policy = "; ".join(
        (
            "default-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
            # A form whose sign-in has run out, and signing out, go on to the broker: browsers follow form-action there.
            f"form-action 'self' {issuer.scheme}://{issuer.netloc}",
        )
    )

    def add(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["X-Frame-Options"] = "DENY"
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        response.headers.setdefault("Cache-Control", "no-store")
        if tls:
            response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
        return response

    app.after_request(add)

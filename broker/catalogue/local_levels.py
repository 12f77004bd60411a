"""How strongly a sign-in with a local account proves who somebody is: our acr, level and amr (RFC 8176) by what followed the
password (domain-facts §1.5).

A remembered device proves nothing more than the password that was typed (acr and amr stay true): an application that lets one
in asks for no higher level.
"""

PASSWORD_ALONE = ("urn:be:vlaanderen:authmech:password", 10)
WITH_SMS = ("urn:be:vlaanderen:authmech:sms", 25)
WITH_TOTP = ("urn:be:vlaanderen:authmech:totp", 26)

BY_METHOD: dict[str, tuple[str, int]] = {
    "device": PASSWORD_ALONE,
    "sms": WITH_SMS,
    "totp": WITH_TOTP,
    "recovery": WITH_TOTP,
}
AMR: dict[str, tuple[str, ...]] = {
    "device": ("pwd",),
    "sms": ("pwd", "sms", "mfa"),
    "totp": ("pwd", "otp", "mfa"),
    "recovery": ("pwd", "otp", "mfa"),
}
HIGHEST_LOCAL_LEVEL = max(level for _, level in BY_METHOD.values())

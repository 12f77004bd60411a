"""How strongly a sign-in with a local account proves who somebody is: our acr, level and amr (RFC 8176) by what followed the
password (domain-facts §1.5).

A passkey that its authenticator let nobody use without a PIN, finger or face proves as much by itself ("passkey_alone") as after a
password. Nobody vouches for the authenticator, so amr says that a key signed with the person present, not that it is of hardware.
Level 26 is the highest: whose key it is stands on an invitation, and not on an identity document as with a digital key.

A remembered device proves nothing more than the password that was typed (acr and amr stay true): an application that lets one
in asks for no higher level.
"""

PASSWORD_ALONE = ("urn:be:vlaanderen:authmech:password", 10)
WITH_SMS = ("urn:be:vlaanderen:authmech:sms", 25)
WITH_TOTP = ("urn:be:vlaanderen:authmech:totp", 26)
WITH_PASSKEY = ("urn:be:vlaanderen:authmech:passkey", 26)

BY_METHOD: dict[str, tuple[str, int]] = {
    "device": PASSWORD_ALONE,
    "sms": WITH_SMS,
    "totp": WITH_TOTP,
    "recovery": WITH_TOTP,
    "passkey": WITH_PASSKEY,
    "passkey_alone": WITH_PASSKEY,
}
AMR: dict[str, tuple[str, ...]] = {
    "device": ("pwd",),
    "sms": ("pwd", "sms", "mfa"),
    "totp": ("pwd", "otp", "mfa"),
    "recovery": ("pwd", "otp", "mfa"),
    "passkey": ("pwd", "swk", "user", "mfa"),
    "passkey_alone": ("swk", "user", "mfa"),
}
HIGHEST_LOCAL_LEVEL = max(level for _, level in BY_METHOD.values())

"""How a telephone number is written for people. Owns that alone: the broker proved it."""

import phonenumbers


def written_number(number: str) -> str:
    """`+31612345678` as `+31 6 12345678`."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)

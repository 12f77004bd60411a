"""The numbers that people and organisations are known by: checking, normalising, masking.

Owns: rijksregisternummer and BIS number, KBO, OVO, NIS, e-mail addresses, telephone numbers, and names (NFC, no control or
bidirectional characters). Wraps python-stdnum, phonenumbers and email-validator. Stores nothing.
"""

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from broker.text import Text

NAME_LENGTH = 100

_OVO = re.compile(r"OVO\d{6}", re.ASCII)
_NIS = re.compile(r"\d{5}", re.ASCII)
_DUTCH = re.compile(r"GM[0-9]{4}|NL[0-9A-Z]{1,18}", re.ASCII)
_BIDI_OR_CONTROL = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


class IdentifierError(ValueError):
    """What was given is not such a number, address or name; `text` tells a person why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def national_number(typed: str) -> str:
    """The 11 digits of a rijksregisternummer or BIS number, however it was written.

    Raises:
        IdentifierError: with the number of digits, or that the check digits do not fit.
    """
    from stdnum.be import ssn  # brings pydoc along
    from stdnum.exceptions import ValidationError

    digits = re.sub(r"[\s.\-/]", "", typed)
    if not digits.isdigit() or not digits.isascii():
        raise IdentifierError(
            Text("Een rijksregisternummer heeft alleen cijfers.", "A national register number holds digits only.")
        )
    if len(digits) != 11:
        raise IdentifierError(
            Text(
                f"Dit nummer heeft {len(digits)} cijfers. Het moeten er 11 zijn.",
                f"This number has {len(digits)} digits. It must have 11.",
            )
        )
    try:
        return str(ssn.validate(digits))
    except ValidationError as error:
        raise IdentifierError(
            Text(
                "Dit nummer klopt niet. Kijk de cijfers nog eens na.",
                "This number is not right. Please check the digits.",
            )
        ) from error


def masked_national_number(number: str) -> str:
    """The number with only its last two digits, as in ••.••.••-•••.41."""
    return f"••.••.••-•••.{number[-2:]}"


def kbo_number(typed: str) -> str:
    """The 10 digits of a KBO number.

    Raises:
        IdentifierError: wrong length, wrong check digits, or a vestigingsnummer.
    """
    from stdnum.be import vat
    from stdnum.exceptions import ValidationError

    try:
        number = str(vat.validate(typed))
    except ValidationError as error:
        raise IdentifierError(
            Text(
                "Dit is geen geldig KBO-nummer, bijvoorbeeld 0207.451.227.",
                "This is not a valid KBO number, for example 0207.451.227.",
            )
        ) from error
    if number[0] not in "01":
        raise IdentifierError(
            Text("Dit is een vestigingsnummer, geen KBO-nummer.", "This is an establishment number, not a KBO number.")
        )
    return number


def written_kbo(number: str) -> str:
    """A KBO number as people write it: 0207.451.227."""
    return f"{number[:4]}.{number[4:7]}.{number[7:]}"


def ovo_code(typed: str) -> str:
    """An OVO code, as OVO001995.

    Raises:
        IdentifierError: another form.
    """
    if not _OVO.fullmatch(typed):
        raise IdentifierError(Text("Een OVO-code is OVO en zes cijfers.", "An OVO code is OVO and six digits."))
    return typed


def nis_code(typed: str) -> str:
    """A NIS code of five digits.

    Raises:
        IdentifierError: another form.
    """
    if not _NIS.fullmatch(typed):
        raise IdentifierError(Text("Een NIS-code heeft vijf cijfers.", "A NIS code has five digits."))
    return typed


def dutch_code(typed: str) -> str:
    """The code of an organisation in the Netherlands (decisions 17): the code of a municipality at the CBS ("GM0363"), or NL and
    capitals and digits of one's own choosing.

    Raises:
        IdentifierError: another form.
    """
    if not _DUTCH.fullmatch(typed):
        raise IdentifierError(
            Text(
                "Een code in Nederland is GM en vier cijfers (CBS), of NL met 1 tot 18 hoofdletters en cijfers.",
                "A code in the Netherlands is GM and four digits (CBS), or NL with 1 to 18 capitals and digits.",
            )
        )
    return typed


def email_address(typed: str, *, test_domains: bool = False) -> str:
    """A full e-mail address, its domain in lower case; `test_domains` also takes .test and .localhost (development).

    Raises:
        IdentifierError: not an address mail can be sent to.
    """
    try:
        return validate_email(
            typed.strip(), check_deliverability=False, test_environment=test_domains, allow_smtputf8=False
        ).normalized
    except EmailNotValidError as error:
        raise IdentifierError(
            Text(
                "Vul een volledig e-mailadres in, bijvoorbeeld naam@gemeente.be",
                "Fill in a full email address, for example name@gemeente.be",
            )
        ) from error


def email_for_limits(address: str) -> str:
    """One spelling for all addresses that arrive in the same mailbox: folded, without +tag (threats EP3)."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0].casefold()}@{domain.casefold()}"


def masked_email(address: str) -> str:
    """An address that its owner recognises and nobody else learns: n•••@gemeente.be."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def phone_number(typed: str) -> str:
    """A telephone number in E.164, Belgian unless it says otherwise.

    Raises:
        IdentifierError: not a number that can be called.
    """
    import phonenumbers  # large, and seldom needed

    try:
        number = phonenumbers.parse(typed, "BE")
    except phonenumbers.NumberParseException as error:
        raise IdentifierError(_NOT_A_PHONE) from error
    if not phonenumbers.is_valid_number(number):
        raise IdentifierError(_NOT_A_PHONE)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


_NOT_A_PHONE = Text(
    "Vul een volledig telefoonnummer in, bijvoorbeeld 0470 12 34 56.",
    "Fill in a full telephone number, for example 0470 12 34 56.",
)


def clean_line(typed: str, longest: int = NAME_LENGTH) -> str:
    """One line of text in NFC, white space folded (threats SR7).

    Raises:
        IdentifierError: control or bidirectional characters, or longer than `longest` characters.
    """
    line = " ".join(unicodedata.normalize("NFC", typed).split())
    _refuse_deceptive(line, longest)
    return line


def clean_text(typed: str, longest: int) -> str:
    """Text of several lines in NFC, line ends as newlines (threats SR7).

    Raises:
        IdentifierError: control or bidirectional characters, or longer than `longest` characters.
    """
    text = unicodedata.normalize("NFC", typed).replace("\r\n", "\n").replace("\r", "\n").strip()
    _refuse_deceptive(text.replace("\n", " ").replace("\t", " "), longest)
    return text


def _refuse_deceptive(text: str, longest: int) -> None:
    if any(unicodedata.category(sign) in _BIDI_OR_CONTROL for sign in text):
        raise IdentifierError(
            Text("Hier staan tekens in die wij niet kunnen tonen.", "This holds characters that we cannot show.")
        )
    if len(text) > longest:
        raise IdentifierError(
            Text(f"Dit is te lang: hoogstens {longest} tekens.", f"This is too long: at most {longest} characters.")
        )


def mixes_scripts(text: str) -> bool:
    """Letters of more than one alphabet in one text, as homographs do; the inbox marks it."""
    scripts = {unicodedata.name(sign, "?").split()[0] for sign in text if sign.isalpha()}
    return len(scripts) > 1


def folded(text: str) -> str:
    """Text for searching: casefolded, without accents, words separated by one space."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[a-z0-9]+", plain))


def same_name(one: str, other: str) -> bool:
    """The same person's name, written slightly differently: the same words in any order, folded (threats DG6)."""
    words = sorted(folded(one).split())
    return bool(words) and words == sorted(folded(other).split())

"""A mail says the same in both parts."""

from look.language import use_language
from look.mail import Mail

MAIL = Mail(
    headline="U hebt toegang",
    given_name="Nele <b>",
    paragraphs=["U kunt meteen aan de slag."],
    facts=[("Recht", "Cultuurmonitor Invoerder")],
    button=("Naar de Cultuurmonitor", "https://cultuurmonitor.example/?a=1&b=2"),
    after=["Schrijf naar ccinc@example.be."],
    why="U vroeg toegang.",
)


def test_the_text_part_holds_every_word_and_the_bare_link() -> None:
    text = MAIL.text()
    for words in ("U hebt toegang", "Dag Nele <b>", "Recht: Cultuurmonitor Invoerder", "U vroeg toegang."):
        assert words in text
    assert "\nhttps://cultuurmonitor.example/?a=1&b=2\n" in text
    assert "nooit per mail" in text


def test_the_html_part_escapes_and_loads_nothing_from_elsewhere() -> None:
    html = MAIL.html()
    assert "Dag Nele &lt;b&gt;" in html
    assert 'href="https://cultuurmonitor.example/?a=1&amp;b=2"' in html
    assert "src=" not in html
    assert "url(" not in html


def test_a_mail_is_written_in_the_language_of_who_gets_it() -> None:
    with use_language("en"):
        assert "Hello Nele" in MAIL.text()
        assert '<html lang="en">' in MAIL.html()

"""Keys: one spelling each, however they are written, and nothing guessed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crowd import profile_id
from overture.people import Key, NewLead, keys_in
from overture.people.keys import (
    company_domain,
    company_name_key,
    domain,
    domain_and_parents,
    email,
    linkedin_key,
    mailbox,
    sales_navigator_key,
)

MIRA = "ACoAADWk6QEBEoqhx_o-vtQuucEehcVnIZdLsn8"
SALES = "ACwAADWk6QEBEoqhx_o-vtQuucEehcVnIZdLsn8"


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("https://www.linkedin.com/in/Ada-L%C3%B6w/?trk=x", Key("linkedin", "ada-löw")),
        ("linkedin.com/in/ada-l", Key("linkedin", "ada-l")),
        ("http://de.linkedin.com/in/ada-l/de", Key("linkedin", "ada-l")),
        ("https://www.linkedin.com/mwlite/in/ada-l", Key("linkedin", "ada-l")),
        ("/in/ada-l/", Key("linkedin", "ada-l")),
        ("ada-l", Key("linkedin", "ada-l")),
        (f"https://www.linkedin.com/in/{MIRA}", Key("linkedin_profile_id", MIRA)),
        (f"urn:li:fsd_profile:{MIRA}", Key("linkedin_profile_id", MIRA)),
        ("urn:li:member:900000001", Key("linkedin_member_id", "900000001")),
        (f"https://www.linkedin.com/sales/lead/{SALES},NAME_SEARCH,a1b2", Key("sales_navigator", SALES)),
        (f"urn:li:fs_salesProfile:({SALES},NAME_SEARCH,a1b2)", Key("sales_navigator", SALES)),
        (f"https://www.linkedin.com/in/{SALES}", Key("sales_navigator", SALES)),
        ("https://www.linkedin.com/company/acme", None),
        ("https://example.com/in/ada-l", None),
        ("https://linkedin.com.example.org/in/ada-l", None),
        ("me", None),
        ("ada@example.com", None),
        ("", None),
    ],
)
def test_a_linkedin_key_is_known_however_it_is_written(written: str, key: Key | None) -> None:
    assert linkedin_key(written) == key


@pytest.mark.parametrize("word", ["none", "n/a", "-", "yes", "unknown", "www.example.com"])
def test_a_bare_word_is_no_profile_address(word: str) -> None:
    assert keys_in(NewLead(linkedin_url=word)) == []


def test_a_profile_id_tells_the_member_number() -> None:
    assert keys_in(NewLead(linkedin_profile_id=MIRA)) == [
        Key("linkedin_profile_id", MIRA),
        Key("linkedin_member_id", "900000001"),
    ]


@given(st.integers(1, 2**33))
def test_every_profile_id_tells_its_member_number(number: int) -> None:
    keys = keys_in(NewLead(linkedin_url=f"https://www.linkedin.com/in/{profile_id(number)}/"))

    assert Key("linkedin_member_id", str(number)) in keys


def test_a_sales_navigator_id_that_is_the_profile_id_is_that() -> None:
    assert sales_navigator_key(MIRA) == Key("linkedin_profile_id", MIRA)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Ada Lovelace <ADA@Example.COM>", "ada@example.com"),
        (" mailto:ada@example.com?subject=hi ", "ada@example.com"),
        ("ada@exämple.com", "ada@xn--exmple-cua.com"),
        ("ada@example.com.", "ada@example.com"),
        ("\uff41da@example.com", "ada@example.com"),
        ("ada@localhost", None),
        ("ada at example.com", None),
        ("ada@@example.com", None),
        ("a@b.c, d@e.f", None),
        ("", None),
    ],
)
def test_an_address_is_known_however_it_is_written(written: str, plain: str | None) -> None:
    assert email(written) == plain


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("https://www.Acme.com/about?x=1", "acme.com"),
        ("acme.com:8080", "acme.com"),
        ("ada@mail.acme.co.uk", "mail.acme.co.uk"),
        ("10.0.0.1", None),
        ("acme", None),
        ("http://[", None),
    ],
)
def test_a_domain_is_known_however_it_is_written(written: str, plain: str | None) -> None:
    assert domain(written) == plain


def test_everybodys_domains_tell_nothing_of_an_employer() -> None:
    assert company_domain("https://www.linkedin.com/company/acme") is None
    assert company_domain("ada@gmail.com") is None
    assert company_domain("acme.com") == "acme.com"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme, Inc.", "ACME"),
        ("Smith & Co. KG", "smith"),
        ("Müller GmbH & Co. KG", "MULLER"),
        ("S.A.S. Institute", "SAS Institute Inc"),
        ("L'Oréal S.A.", "loreal"),
    ],
)
def test_a_company_is_known_however_its_name_is_written(one: str, other: str) -> None:
    assert company_name_key(one) == company_name_key(other)


def test_a_name_of_nothing_but_a_legal_form_stays() -> None:
    assert company_name_key("AG") == "ag"
    assert company_name_key("日本電気株式会社") == "日本電気株式会社"
    assert company_name_key(" - ") is None


def test_parents_of_a_domain_end_before_the_top() -> None:
    assert domain_and_parents("a.b.acme.com") == ["a.b.acme.com", "b.acme.com", "acme.com"]


TEXT = st.text(max_size=60)


@given(TEXT)
def test_what_was_spelled_once_is_spelled_so_again(text: str) -> None:
    for spell in (email, domain, company_name_key):
        once = spell(text)
        assert once is None or spell(once) == once
    key = linkedin_key(text)
    assert key is None or linkedin_key(key.value) == key


@given(st.from_regex(r"[a-z0-9]{1,20}(\+[a-z]{0,9})?@[a-z]{2,9}\.(com|de)", fullmatch=True))
def test_a_tag_is_no_other_mailbox(address: str) -> None:
    assert "+" not in mailbox(address)
    assert mailbox(mailbox(address)) == mailbox(address)


def test_several_addresses_and_links_are_each_a_key_once() -> None:
    new = NewLead(
        email="ada@example.com",
        more_emails=("Ada@Example.com", "ada@home.net"),
        linkedin_url="https://linkedin.com/in/ada-l",
        linkedin_slug="Ada-L",
        external_id=" 77 ",
    )

    assert keys_in(new) == [
        Key("linkedin", "ada-l"),
        Key("email", "ada@example.com"),
        Key("email", "ada@home.net"),
        Key("external", "77"),
    ]


USUAL_LETTERS = st.text("abcXYZ019-._+", max_size=12)


@given(USUAL_LETTERS, st.sampled_from(["", "WWW.", "x."]), USUAL_LETTERS, st.sampled_from([".de", ".1", "."]))
def test_an_address_is_the_same_whether_or_not_it_has_to_be_unwrapped(
    local: str, before: str, host: str, top: str
) -> None:
    written = f"{local}@{before}{host}{top}"

    assert email(written) == email(f"Somebody <{written}>")


@given(st.one_of(st.text("abzAB09-", max_size=101), st.sampled_from(["unavailable", "me", MIRA, SALES])))
def test_a_slug_is_the_same_whether_or_not_it_is_quoted(slug: str) -> None:
    quoted = "".join(f"%{ord(letter):02X}" for letter in slug)

    assert linkedin_key(f"linkedin.com/in/{slug}") == linkedin_key(f"linkedin.com/in/{quoted}")


def test_whoever_only_a_form_reaches_has_a_key_of_name_and_site() -> None:
    ada = NewLead(first_name="Adà", last_name="Löw-Lace", website="https://www.Engines.example/team")

    assert keys_in(ada) == [Key("external", "site:engines.example/ada low lace")]
    assert keys_in(replace(ada, email="no address")) == []
    assert keys_in(NewLead(website="engines.example")) == []
    assert keys_in(NewLead(full_name="Ada", website="https://github.com/ada")) == []

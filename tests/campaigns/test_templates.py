"""Texts: filled in exactly or not at all; I21 over random templates and leads."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overture.campaigns.sequence import Step, sequence_of
from overture.campaigns.templates import (
    Context,
    Rendered,
    Unrenderable,
    check,
    least_length,
    render,
    variables_of,
)
from overture.campaigns.templates_liquid import FILTERS, LIQUID, LONGEST_OUTPUT
from overture.campaigns.templates_spintax import SpintaxError, spin
from overture.core.rng import Rng

ADA = {
    "first_name": "Ada",
    "company": "Northbeam & Søns",
    "title": "",
    "headline": None,
    "lead": {"first_name": "Ada", "custom": {"size": 40}},
    "profile": {"positions": [{"title": "CTO"}, {"title": None}], "skills": ["a", "b"]},
    "sender": {"first_name": "Mira"},
    "custom": {"size": 40, "void": "  "},
}
CONTEXT = Context(ADA, target={"public_identifier": "ada"})


def a_step(channel: str = "linkedin", **changes: Any) -> Step:
    step = {"id": "hello", "channel": channel, **changes}
    return sequence_of({"name": "x", "steps": [step]}).steps[0]


def message(text: str, context: Context = CONTEXT, **changes: Any) -> Rendered | Unrenderable:
    step = a_step(touchpoint={"type": "message", "message": text}, **changes)
    done = render(step, 0, None, context)
    assert isinstance(done, Rendered | Unrenderable)
    return done


def text_of(template: str, context: Context = CONTEXT, **changes: Any) -> str:
    done = message(template, context, **changes)
    assert isinstance(done, Rendered), done
    return done.text


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Hi {{ first_name }}!", "Hi Ada!"),
        ("Hi {{first_name}} of {{company}}", "Hi Ada of Northbeam & Søns"),
        ("{{ profile.positions[0].title }} {{ lead.first_name }} {{ sender.first_name }}", "CTO Ada Mira"),
        ("{{ custom.size }} {{ lead.custom.size }}", "40 40"),
        ("{{ title | default: 'friend' }}", "friend"),
        ("{{ nickname | default: first_name | upcase }}", "ADA"),
        ("{% if title %}t{% elsif company %}c{% endif %}", "c"),
        ("{% if headline == nil %}none{% endif %}", "none"),
        ("{% unless custom.void %}no{% endunless %}", "no"),
        ("{% for skill in profile.skills %}{{ skill }},{% endfor %}", "a,b,"),
        ("  two\r\n\r\nlines\rand\tmore \u00a0\n ", "  two\r\n\r\nlines\rand\tmore \u00a0\n "),
        ("{% capture x %}a\r\nb{% endcapture %}{{ x }}", "a\r\nb"),
        ("{% if company %}\r\n{% endif %}x", "\r\nx"),
        (
            "e\u0301 \U0001f469\u200d\U0001f4bb {not spun|here}",
            "e\u0301 \U0001f469\u200d\U0001f4bb {not spun|here}",
        ),
    ],
)
def test_a_template_is_filled_in_byte_for_byte(template: str, expected: str) -> None:
    assert text_of(template) == expected


@pytest.mark.parametrize(
    "template",
    [
        *(
            "{{ nickname }}",
            "{{ title }}",
            "{{ headline }}",
            "{{ custom.void }}",
            "{{ profile.positions[1].title }}",
        ),
        *("{{ nickname | upcase }}", "{{ title | append: '' }}", "{{ first_name | remove: 'Ada' }}"),
        *(
            "{{ sender.nope }}",
            "{% assign x = nickname %}{{ x }}",
            "{% for a in nickname %}{{ a }}{% endfor %}",
        ),
        "{{ first_name }} {{ company | slice: 0, 0 }}",
    ],
)
def test_i21_what_is_unknown_or_empty_is_never_sent(template: str) -> None:
    done = message(f"Hello {template}")

    assert isinstance(done, Unrenderable)
    assert done.reason == "missing_variable"


@pytest.mark.parametrize(
    "template",
    [
        *(
            "{{ first_name",
            "{% if company %}",
            "{% include 'x' %}",
            "{% render 'x' %}",
            "{{ first_name | shout }}",
        ),
        *("{% for i in (1..100000) %}x{% endfor %}", "{{ 1 | divided_by: 0 }}", "{% nothing %}"),
        "{% assign x = 'ab' %}" + "{% capture x %}{{ x }}{{ x }}{% endcapture %}" * 30 + "{{ x }}",
    ],
)
def test_what_is_no_template_or_breaks_a_limit_is_said(template: str) -> None:
    done = message(template)

    assert isinstance(done, Unrenderable)
    assert done.reason == "template_invalid"
    assert "\n" not in done.detail


@pytest.mark.parametrize("kind", ["at the limit", "over it"])
@pytest.mark.parametrize(
    ("touchpoint", "field", "limit"),
    [
        ({"type": "connect"}, "note", 300),
        ({"type": "message"}, "message", 8000),
        ({"type": "inmail", "body": "b"}, "subject", 200),
        ({"type": "inmail"}, "body", 1900),
        ({"type": "comment", "post_url": "urn:li:activity:7400000000000000001"}, "text", 3000),
    ],
)
def test_i21_a_text_over_the_limit_is_never_sent(
    touchpoint: dict[str, str], field: str, limit: int, kind: str
) -> None:
    step = a_step(touchpoint={**touchpoint, field: "{{ long }}"})
    length = limit if kind == "at the limit" else limit + 1

    done = render(step, 0, None, Context({"long": "x" * length}))

    assert isinstance(done, Rendered if length == limit else Unrenderable)
    assert isinstance(done, Rendered) or (done.reason == "template_invalid" and field in done.detail)


PIECES = st.sampled_from(
    (
        *(
            "{{ first_name }}",
            "{{ company }}",
            "{{ custom.a }}",
            "{{ custom.a | default: 'x' }}",
            "\r\n",
            " ",
        ),
        *(
            "Hello",
            "{% if custom.a %}{{ custom.a }}{% endif %}",
            "{{ company | upcase }}",
            "ß 👩‍💻 ",
            "}",
            "{",
        ),
    )
)
VALUES = st.one_of(
    st.none(), st.sampled_from(("", " ", "Ada", "{{ first_name }}", "{a|b}", "x" * 290)), st.text()
)


@given(pieces=st.lists(PIECES, max_size=6), first=VALUES, company=VALUES, custom=VALUES)
@settings(max_examples=300, deadline=None)
def test_i21_nothing_goes_out_unresolved_empty_or_too_long(
    pieces: list[str], first: Any, company: Any, custom: Any
) -> None:
    template = "".join(pieces)
    values = {"first_name": first, "company": company, "custom": {"a": custom}}
    step = a_step(touchpoint={"type": "connect", "note": template})

    done = render(step, 0, None, Context(values))

    if isinstance(done, Rendered):
        assert 0 < len(done.text) <= 300
        assert done.text.strip()
        for name, value in (("first_name", first), ("company", company), ("custom.a", custom)):
            if re.search(rf"\{{\{{ {name} \}}\}}", re.sub(r"\{% if.*?endif %\}", "", template)):
                assert value is not None
                assert value.strip()
                assert value in done.text
    else:
        assert isinstance(done, Unrenderable)
        assert done.reason in ("missing_variable", "template_invalid")


def test_the_booking_link_is_below_the_message_once() -> None:
    link = "https://book.example/me"
    linked = Context({**ADA, "booking_link": link}, booking_link=link)

    assert text_of("Hi", linked) == f"Hi\n\n{link}"
    assert text_of("Book here: {{ booking_link }} ok?", linked) == f"Book here: {link} ok?"
    assert text_of("Hi", linked, booking_link=False) == "Hi"
    note = render(a_step(touchpoint={"type": "connect", "note": "Hi"}), 0, None, linked)
    assert isinstance(note, Rendered)
    assert note.text == "Hi"


def test_a_subject_that_is_needed_and_not_there_is_said() -> None:
    step = a_step("email", touchpoint={"type": "email", "body": "b"})

    done = render(step, 0, None, Context(ADA))

    assert done == Unrenderable("missing_subject", "the text has no subject")


def test_what_a_lead_wrote_is_no_template_and_no_choice() -> None:
    evil = Context({"first_name": "{{ company }} {a|b} {% if x %}"})

    assert text_of("Hi {{ first_name }}", evil, spintax=True) == "Hi {{ company }} {a|b} {% if x %}"


def test_choices_are_made_by_enrollment_and_stay() -> None:
    template = "{Hi|Hello|{Good|Fine} day} {{ first_name }}, {as it is}"
    keys = [Context(ADA, key=f"enr{number}", rng=Rng(b"seed")) for number in range(60)]
    texts = [text_of(template, one, spintax=True) for one in keys]

    assert texts == [text_of(template, one, spintax=True) for one in keys]
    assert set(texts) == {f"{word} Ada, {{as it is}}" for word in ("Hi", "Hello", "Good day", "Fine day")}
    assert text_of("{Hi|Hello}") == "{Hi|Hello}"  # only for a step that asks for it


@pytest.mark.parametrize("wrong", ["{a|b", "a|b}", "{" * 20 + "}" * 20])
def test_choices_that_do_not_close_are_refused(wrong: str) -> None:
    with pytest.raises(SpintaxError):
        spin(wrong, lambda choices: choices[0])
    assert [one.code for one in check(wrong, frozenset(), spintax=True)] == ["template_invalid"]


def test_a_variant_changes_the_fields_it_has() -> None:
    texts = [{"id": "a", "touchpoint": {}}, {"id": "b", "touchpoint": {"message": "B {{ first_name }}"}}]
    fallback = {"channel": "linkedin", "delay": "1h", "touchpoint": {"type": "message", "message": "F"}}
    step = a_step(touchpoint={"type": "message", "message": "A"}, variants=texts, fallback=[fallback])

    done = [render(step, way, one, CONTEXT) for way, one in ((0, "a"), (0, "b"), (0, None), (1, "b"))]

    assert [one.text for one in done if isinstance(one, Rendered)] == ["A", "B Ada", "A", "F"]


def test_whom_it_is_about_goes_into_touchpoints_that_are_about_somebody() -> None:
    post = "urn:li:activity:7400000000000000001"
    react = a_step(touchpoint={"type": "react", "post_url": "{{ custom.post }}", "reaction": "LIKE"})

    done = render(react, 0, None, Context({"custom": {"post": post}}, target={"public_identifier": "ada"}))
    written = message("Hi")

    assert isinstance(done, Rendered)
    assert done.touchpoint == {"type": "react", "post_url": post, "reaction": "LIKE"}
    assert isinstance(written, Rendered)
    assert written.touchpoint == {"type": "message", "message": "Hi", "public_identifier": "ada"}


def test_what_a_template_uses_is_known_without_a_lead() -> None:
    step = a_step(
        touchpoint={
            "type": "message",
            "message": "{{ first_name }} {% if custom.size %}{{ lead.custom.size }}{% endif %}",
        }
    )

    assert variables_of(step) == ["custom.size", "first_name", "lead.custom.size"]
    assert least_length("abc {{ first_name }} de") == 7
    assert least_length("{aaa|b} {{ first_name }}", spintax=True) == 2


@pytest.mark.parametrize(
    ("template", "codes"),
    [
        ("{{ first_name }} {{ profile.anything[0].at_all }} {{ sender.handle }} {{ booking_link }}", []),
        ("{{ custom.size }} {{ lead.custom.size }} {{ lead.company }}", []),
        ("{{ custom.other }}", ["unknown_variable"]),
        ("{{ frist_name }} {{ sender.shoe_size }}", ["unknown_variable", "unknown_variable"]),
        ("{% assign x = first_name %}{{ x }}", []),
        ("{{ first_name | date: '%Y' }}", ["unknown_filter"]),
        ("{{ first_name ", ["template_invalid"]),
        ("{% if company == blank %}x{% endif %}", ["compares_blank"]),
        ("{{ custom['Pain point'] }} {{ custom['Painpoint'] }}", ["unknown_variable"]),
    ],
)
def test_a_template_is_checked_without_a_lead(template: str, codes: list[str]) -> None:
    known = frozenset({"custom.size", "custom.Pain point"})

    assert [one.code for one in check(template, known)] == codes


def test_only_the_listed_filters_are_there_and_none_knows_the_time() -> None:
    assert set(LIQUID.filters) == set(FILTERS)
    assert "date" not in LIQUID.filters
    assert not {"include", "render", "echo", "liquid", "tablerow", "increment"} & set(LIQUID.tags)
    assert LONGEST_OUTPUT <= 1_000_000

"""The simulation's campaigns, as an operator would write them, and what their texts must come out as."""

# ruff: noqa: E501 - texts stand here as they are sent
from typing import Final

from .society import Person

OUTREACH: Final = """
name: Outreach
steps:
  - id: invite
    channel: linkedin
    condition: not_connected
    touchpoint: {type: connect}
    retry_count: 2
    retry_delay: 6h
    fallback:
      - channel: linkedin
        delay: 2 days
        touchpoint:
          type: inmail
          subject: "A question for {{ first_name }}"
          body: "Dear {{ first_name }},\\n\\nno invitation reaches you, so I ask here about {{ company }}. 🙂  "
    on_failure: end
  - id: how
    branch:
      if:
        - {if: {or: [invited, connected]}, then: accepted}
      else: end
  - id: accepted
    wait_for: {condition: connected, timeout: 16 days, on_timeout: end, then: hello}
  - id: hello
    channel: linkedin
    delay: 2h
    retry_count: 2
    retry_delay: 6h
    touchpoint: {type: message, message: "Hi {{ first_name }}, how does {{ company }} find suppliers?\\n\\n– A."}
  - id: second
    channel: linkedin
    delay: 2 days
    retry_count: 2
    retry_delay: 6h
    touchpoint: {type: message, message: "One more thought for {{ company }}, {{ first_name }} …  \\n(Zoë 👩‍🚀)"}
"""
NEWS: Final = """
name: News
steps:
  - id: invite
    channel: linkedin
    condition: not_connected
    touchpoint: {type: connect}
    retry_count: 1
    retry_delay: 6h
    on_failure: end
  - id: accepted
    wait_for: {condition: connected, timeout: 16 days, on_timeout: end, then: hello}
  - id: hello
    channel: linkedin
    delay: 1 days
    touchpoint: {type: message, message: "hi {{ first_name }}, how does {{ company }} find suppliers? – A."}
    next: offer
  - id: offer
    channel: linkedin
    delay: 1 days
    touchpoint: {type: message, message: "{{ first_name }}, our news for {{ company }} is out."}
"""
"""Its first text is that of the other campaign in another spelling: nobody may get both."""

THOUGHT: Final = "One more thought for"
OFFER: Final = "our news for {{ company }} is out."
REWRITTEN: Final = {
    "Outreach": OUTREACH.replace(THOUGHT, "A last thought for"),
    "News": NEWS.replace(OFFER, "read our news for {{ company }}."),
}
"""The campaigns as they read after they were edited in flight: the last text of each is another."""

WAITED_FOR_DAYS: Final = 16
HELLO_AFTER_H: Final = 2.0
SECOND_AFTER_H: Final = 48.0
INMAIL_AFTER_H: Final = 48.0


def expected(person: Person) -> dict[str, tuple[str, str]]:
    """Every text the campaigns may send this person: to kind and name."""
    first, company = person.first_name, person.company
    return {
        "": ("invite", "invite"),
        f"Dear {first},\n\nno invitation reaches you, so I ask here about {company}. 🙂  ": (
            "inmail",
            "inmail",
        ),
        f"Hi {first}, how does {company} find suppliers?\n\n– A.": ("message", "hello"),
        f"One more thought for {company}, {first} …  \n(Zoë 👩‍🚀)": ("message", "second"),
        f"hi {first}, how does {company} find suppliers? – A.": ("message", "hello"),
        f"{first}, our news for {company} is out.": ("message", "offer"),
        f"A last thought for {company}, {first} …  \n(Zoë 👩‍🚀)": ("message", "second"),
        f"{first}, read our news for {company}.": ("message", "offer"),
    }


def is_outdated(text: str) -> bool:
    """Whether this is a text that the edited campaigns do not have any more."""
    return text.startswith(THOUGHT) or ", our news for" in text

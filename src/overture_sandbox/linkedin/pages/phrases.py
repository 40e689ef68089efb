"""The words the site puts on its controls, in the language of the account that looks at them."""

from overture_sandbox.linkedin.pages.words_acts import CONTROLS, INVITING
from overture_sandbox.linkedin.pages.words_pages import MESSAGING, PAGES
from overture_sandbox.linkedin.pages.words_popups import POPUPS
from overture_sandbox.linkedin.pages.words_posts import POSTS

LANGUAGES = ("en", "de", "fr", "da")
_TABLE = POPUPS | POSTS | CONTROLS | INVITING | MESSAGING | PAGES


def language_of(locale: str) -> str:
    """The language part of `de_DE`, or English where the site has no words of its own here."""
    language = locale.split("_", maxsplit=1)[0].lower()
    return language if language in LANGUAGES else "en"


def phrases(language: str) -> dict[str, str]:
    """Every phrase in one language."""
    column = LANGUAGES.index(language)
    return {key: words[column] for key, words in _TABLE.items()}


def say(words: dict[str, str], key: str, **values: object) -> str:
    """One phrase with its blanks filled in."""
    text = words[key]
    for name, value in values.items():
        text = text.replace("{" + name + "}", str(value))
    return text

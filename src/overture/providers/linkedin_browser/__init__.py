"""LinkedIn by browser: reads its JSON from inside the page, writes by its own controls."""

from overture.providers.linkedin_browser.provider import LinkedInBrowser

__all__ = ["LinkedInBrowser"]

"""LinkedIn by browser: reads its JSON from inside the page, writes by its own controls."""

from overture.providers.linkedin_browser.profile_sight import ProfileSight
from overture.providers.linkedin_browser.provider import LinkedInBrowser
from overture.providers.linkedin_browser.saved_page import open_saved_pages

__all__ = ["LinkedInBrowser", "ProfileSight", "open_saved_pages"]

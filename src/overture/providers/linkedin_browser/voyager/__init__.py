"""Voyager: LinkedIn's own JSON, read into the product's types."""

from overture.providers.linkedin_browser.voyager.normalized import ProfileUnavailable, UnknownShape
from overture.providers.linkedin_browser.voyager.profile import parse_profile, parse_profile_json

__all__ = ["ProfileUnavailable", "UnknownShape", "parse_profile", "parse_profile_json"]

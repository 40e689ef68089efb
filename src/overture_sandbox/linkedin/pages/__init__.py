"""The site's pages: login, feed, profiles, invitations and messages, in the two markups the site serves."""

from overture_sandbox.linkedin.pages.site import routes

__all__ = ["routes"]

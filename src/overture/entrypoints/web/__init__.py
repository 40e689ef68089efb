"""The pages: server-rendered, on the API's port, for the person who runs the installation."""

from overture.entrypoints.web.build import create_pages
from overture.entrypoints.web.front import with_pages
from overture.entrypoints.web.sessions import sign_in_link

__all__ = ["create_pages", "sign_in_link", "with_pages"]

"""A service that is spoken to as Unipile is, over the same world as the site: one person, one invitation."""

from overture_sandbox.unipile.app import routes
from overture_sandbox.unipile.delivery import office_of
from overture_sandbox.unipile.tenant import tenant_of

__all__ = ["office_of", "routes", "tenant_of"]

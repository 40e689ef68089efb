"""People: leads, their keys and companies, what accounts are to them, imports, and whom never to contact."""

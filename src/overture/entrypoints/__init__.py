"""The doors: composition root, API, command line, worker, demo. Everything is put together here."""

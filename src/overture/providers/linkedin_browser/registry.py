"""The handlers of this provider, each in a module of its own."""

from typing import Final

from overture.providers.handlers import Handlers
from overture.providers.linkedin_browser.desk import Desk

HANDLERS: Final = Handlers[Desk]("LinkedIn's browser")
READERS: Final = HANDLERS.readers
WRITERS: Final = HANDLERS.writers
reader_of = HANDLERS.reader
writer_of = HANDLERS.writer
reads = HANDLERS.reads
writes = HANDLERS.writes

"""A language model that is none: the interface everybody speaks (`/chat/completions`), with known answers."""

from overture_sandbox.llm.app import routes

__all__ = ["routes"]

"""What an answer means: the inbox reads it; campaigns go by the same words."""

from overture.inbox import Meaning, meaning_of

__all__ = ["Meaning", "meaning_of"]

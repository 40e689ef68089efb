"""The few words controls are told by, in the languages accounts use.

Sources: public captures (English, German, French, Danish, Italian, Spanish, Portuguese, Dutch).
A language that is missing here still works wherever an address or the structure identifies the control.
"""

import re
from typing import Final

CONNECT: Final = (
    "Connect", "Vernetzen", "Se connecter", "Opret forbindelse", "Collegati", "Conectar", "Connectie maken",
)  # fmt: skip
MESSAGE: Final = ("Message", "Nachricht", "Besked", "Messaggio", "Mensaje", "Mensagem", "Bericht")
ADD_NOTE: Final = (
    "Add a note",
    "Notiz hinzufügen",
    "Ajouter une note",
    "Tilføj en note",
    "Aggiungi una nota",
)
SEND_WITHOUT_NOTE: Final = (
    "Send without a note", "Ohne Notiz senden", "Envoyer sans note", "Send uden en note", "Invia senza nota",
)  # fmt: skip
SEND_INVITATION: Final = ("Send invitation", "Einladung senden", "Envoyer l’invitation", "Send now", "Send")
OTHER: Final = ("Other", "Sonstiges", "Autre", "Andet", "Altro", "Otro", "Outro", "Anders")
DISMISS: Final = ("Dismiss", "Verwerfen", "Ignorer", "Luk", "Chiudi", "Descartar", "Dispensar", "Sluiten")


def exactly(words: tuple[str, ...]) -> re.Pattern[str]:
    """Matches a control whose whole text or name is one of these."""
    return re.compile(rf"^\s*(?:{'|'.join(re.escape(word) for word in words)})\s*$")

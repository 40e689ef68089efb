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
PENDING: Final = (
    "Pending", "Ausstehend", "En attente", "Afventer", "In attesa", "Pendiente", "Pendente", "In behandeling",
)  # fmt: skip
ACCEPT: Final = ("Accept", "Annehmen", "Accepter", "Accetta", "Aceptar", "Aceitar", "Accepteren")
WITHDRAW: Final = ("Withdraw", "Zurückziehen", "Retirer", "Træk tilbage", "Ritira", "Retirar", "Intrekken")
GOT_IT: Final = ("Got it", "OK", "J’ai compris", "Forstået", "Ho capito", "Entendido", "Begrepen")
GROWING_NETWORK: Final = (
    "You’re growing your network", "You're growing your network", "Ihr Netzwerk wächst",
    "Votre réseau s’agrandit", "Dit netværk vokser",
)  # fmt: skip
FREE_MESSAGE: Final = (
    "Free message", "Kostenlose Nachricht", "Message gratuit", "Gratis besked", "Messaggio gratuito",
    "Mensaje gratuito", "Mensagem gratuita", "Gratis bericht",
)  # fmt: skip
MORE: Final = ("More", "Mehr", "Plus", "Mere", "Altro", "Más", "Mais", "Meer")
IGNORE: Final = ("Ignore", "Ignorieren", "Ignorer")
DISMISS: Final = ("Dismiss", "Verwerfen", "Ignorer", "Luk", "Chiudi", "Descartar", "Dispensar", "Sluiten")

REACTIONS: Final = {
    "LIKE": ("Like", "Gefällt mir", "J’aime", "Synes godt om"),
    "CELEBRATE": ("Celebrate", "Applaus", "Bravo", "Fejr"),
    "SUPPORT": ("Support", "Unterstützung", "Soutien", "Støt"),
    "LOVE": ("Love", "Wunderbar", "J’adore", "Elsker"),
    "INSIGHTFUL": ("Insightful", "Inspirierend", "Instructif", "Indsigtsfuld"),
    "FUNNY": ("Funny", "Lustig", "Drôle", "Sjov"),
}
REACT_WITH: Final = ("React {}", "Mit „{}“ reagieren", "Réagir avec {}", "Reager med {}")
UNREACT: Final = (
    "Unreact {}", "Reaktion „{}“ entfernen", "Retirer la réaction {}", "Fjern reaktionen {}",
)  # fmt: skip
NO_REACTION: Final = ("no reaction", "keine Reaktion", "aucune réaction", "ingen reaktion")
REACTION_STATE: Final = (
    "Reaction button state:", "Status der Reaktionsschaltfläche:", "État du bouton de réaction :",
    "Status for reaktionsknap:",
)  # fmt: skip
REACTIONS_MENU: Final = (
    "Open reactions menu", "Reaktionsmenü öffnen", "Ouvrir le menu des réactions", "Åbn reaktionsmenuen",
)  # fmt: skip
COMMENT: Final = ("Comment", "Kommentieren", "Commenter", "Kommentér", "Post", "Posten", "Publier")
COMMENTS_CONNECTIONS_ONLY: Final = (
    "Only connections can comment", "Nur Kontakte können diesen Beitrag kommentieren",
    "Seules les relations peuvent commenter", "Kun forbindelser kan kommentere",
)  # fmt: skip
POST_GONE: Final = (
    "This post cannot be displayed", "Dieser Beitrag kann nicht angezeigt werden",
    "Ce post ne peut pas être affiché", "Dette opslag kan ikke vises",
)  # fmt: skip
FOLLOW: Final = ("Follow", "Folgen", "Suivre", "Følg")
FOLLOWING: Final = ("Following", "Folge ich", "Abonné", "Følger")

NO_CREDITS_LEFT: Final = (
    "no InMail credits left", "kein InMail-Guthaben mehr", "plus de crédits InMail",
    "ikke flere InMail-kreditter",
)  # fmt: skip
CREDITS_REMAIN: Final = (
    "{} InMail credits left", "Noch {} InMail-Guthaben", "{} crédits InMail restants",
    "{} InMail-kreditter tilbage",
)  # fmt: skip
NO_RESULTS: Final = ("No results found", "Keine Ergebnisse", "Aucun résultat", "Ingen resultater")
SEARCH_LIMIT: Final = (
    "reached the monthly limit", "monatliche Limit", "limite mensuelle", "månedlige grænse",
)  # fmt: skip
OTHER_PEOPLE: Final = (
    "More profiles for you", "Weitere Profile für Sie", "Plus de profils pour vous", "Flere profiler til dig",
    "People you may know", "Personen, die Sie kennen könnten", "Personnes que vous pourriez connaître",
    "Personer, du måske kender", "People also viewed", "Andere sahen sich auch an",
    "Autres profils consultés", "Andre så også", "Explore premium profiles", "Others named",
)  # fmt: skip

LANGUAGES: Final = frozenset({"en", "de", "fr", "da"})
"""The languages in which every word here is known: a page in one of them that bears none has changed."""


def exactly(words: tuple[str, ...]) -> re.Pattern[str]:
    """Matches a control whose whole text or name is one of these."""
    return re.compile(rf"^\s*(?:{'|'.join(re.escape(word) for word in words)})\s*$")

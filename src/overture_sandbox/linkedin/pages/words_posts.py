"""What is written on posts: the tray of reactions, counters, comments."""

Words = dict[str, tuple[str, str, str, str]]  # English, German, French, Danish

POSTS: Words = {
    "reaction_LIKE": ("Like", "Gefällt mir", "J’aime", "Synes godt om"),
    "reaction_PRAISE": ("Celebrate", "Applaus", "Bravo", "Fejr"),
    "reaction_APPRECIATION": ("Support", "Unterstützung", "Soutien", "Støt"),
    "reaction_EMPATHY": ("Love", "Wunderbar", "J’adore", "Elsker"),
    "reaction_INTEREST": ("Insightful", "Inspirierend", "Instructif", "Indsigtsfuld"),
    "reaction_ENTERTAINMENT": ("Funny", "Lustig", "Drôle", "Sjov"),
    "react": (
        "React {reaction}",
        "Mit „{reaction}“ reagieren",
        "Réagir avec {reaction}",
        "Reager med {reaction}",
    ),
    "unreact": (
        "Unreact {reaction}",
        "Reaktion „{reaction}“ entfernen",
        "Retirer la réaction {reaction}",
        "Fjern reaktionen {reaction}",
    ),
    "react_to_comment": (
        "React Like to {name}’s comment",
        "Auf den Kommentar von {name} mit „Gefällt mir“ reagieren",
        "Réagir avec J’aime au commentaire de {name}",
        "Reager med Synes godt om på {name}s kommentar",
    ),
    "reaction_state": (
        "Reaction button state: {state}",
        "Status der Reaktionsschaltfläche: {state}",
        "État du bouton de réaction : {state}",
        "Status for reaktionsknap: {state}",
    ),
    "no_reaction": ("no reaction", "keine Reaktion", "aucune réaction", "ingen reaktion"),
    "reactions_menu": (
        "Open reactions menu",
        "Reaktionsmenü öffnen",
        "Ouvrir le menu des réactions",
        "Åbn reaktionsmenuen",
    ),
    "control_menu": (
        "Open control menu for post by {name}",
        "Steuerungsmenü für Beitrag von {name} öffnen",
        "Ouvrir le menu de contrôle du post de {name}",
        "Åbn kontrolmenuen for opslag af {name}",
    ),
    "likes_count": (
        "{count} likes",
        "{count} „Gefällt mir“-Angaben",
        "{count} j’aime",
        "{count} synes godt om",
    ),
    "comments_count": (
        "{count} comments",
        "{count} Kommentare",
        "{count} commentaires",
        "{count} kommentarer",
    ),
    "comment": ("Comment", "Kommentieren", "Commenter", "Kommentér"),
    "repost": ("Repost", "Reposten", "Republier", "Del igen"),
    "reply": ("Reply", "Antworten", "Répondre", "Svar"),
    "add_comment": (
        "Add a comment…",
        "Kommentar hinzufügen …",
        "Ajouter un commentaire…",
        "Tilføj en kommentar…",
    ),
    "editor_a": (
        "Text editor for creating content",
        "Texteditor zum Erstellen von Inhalten",
        "Éditeur de texte pour créer du contenu",
        "Teksteditor til oprettelse af indhold",
    ),
    "editor_b": (
        "Text editor for creating comment",
        "Texteditor zum Erstellen von Kommentaren",
        "Éditeur de texte pour créer un commentaire",
        "Teksteditor til oprettelse af kommentar",
    ),
    "comments_off": (
        "The author has turned off comments on this post.",
        "Der Autor hat Kommentare zu diesem Beitrag deaktiviert.",
        "L’auteur a désactivé les commentaires sur ce post.",
        "Forfatteren har slået kommentarer fra for dette opslag.",
    ),
    "comments_connections_only": (
        "Only connections can comment on this post. You can still react or share it.",
        "Nur Kontakte können diesen Beitrag kommentieren. Sie können weiterhin reagieren oder ihn teilen.",
        "Seules les relations peuvent commenter ce post. Vous pouvez toujours y réagir ou le partager.",
        "Kun forbindelser kan kommentere dette opslag. Du kan stadig reagere på det eller dele det.",
    ),
    "comment_menu": (
        "View more options for {name}’s comment.",
        "Weitere Optionen für den Kommentar von {name} anzeigen.",
        "Voir plus d’options pour le commentaire de {name}.",
        "Vis flere muligheder for {name}s kommentar.",
    ),
    "post_gone": (
        "This post cannot be displayed",
        "Dieser Beitrag kann nicht angezeigt werden",
        "Ce post ne peut pas être affiché",
        "Dette opslag kan ikke vises",
    ),
}

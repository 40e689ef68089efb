"""What is written on the windows the site interrupts people with."""

Words = dict[str, tuple[str, str, str, str]]  # English, German, French, Danish

POPUPS: Words = {
    "popup_cookies": (
        "LinkedIn respects your privacy",
        "LinkedIn respektiert Ihre Privatsphäre",
        "LinkedIn respecte votre vie privée",
        "LinkedIn respekterer dit privatliv",
    ),
    "popup_cookies_yes": ("Accept", "Akzeptieren", "Accepter", "Acceptér"),
    "popup_cookies_no": ("Reject", "Ablehnen", "Refuser", "Afvis"),
    "popup_coachmark": (
        "Your new profile tools",
        "Ihre neuen Profil-Tools",
        "Vos nouveaux outils de profil",
        "Dine nye profilværktøjer",
    ),
    "popup_coachmark_yes": ("Show me", "Zeigen", "Montrer", "Vis mig"),
    "popup_coachmark_no": ("Got it", "OK", "J’ai compris", "Forstået"),
    "popup_app_download": (
        "Get the LinkedIn app",
        "Holen Sie sich die LinkedIn App",
        "Téléchargez l’application LinkedIn",
        "Hent LinkedIn-appen",
    ),
    "popup_app_download_yes": ("Download", "Herunterladen", "Télécharger", "Hent"),
    "popup_app_download_no": ("Not now", "Jetzt nicht", "Pas maintenant", "Ikke nu"),
    "popup_notifications": (
        "Turn on notifications",
        "Benachrichtigungen aktivieren",
        "Activer les notifications",
        "Slå notifikationer til",
    ),
    "popup_notifications_yes": ("Turn on", "Aktivieren", "Activer", "Slå til"),
    "popup_notifications_no": ("Not now", "Jetzt nicht", "Pas maintenant", "Ikke nu"),
    "popup_premium": (
        "Try Premium for free",
        "Premium kostenlos testen",
        "Essayez Premium gratuitement",
        "Prøv Premium gratis",
    ),
    "popup_premium_yes": ("Start free trial", "Gratis testen", "Commencer l’essai", "Start prøveperiode"),
    "popup_premium_no": ("No thanks", "Nein danke", "Non merci", "Nej tak"),
    "popup_unknown": (
        "Confirm your workplace",
        "Arbeitsplatz bestätigen",
        "Confirmez votre lieu de travail",
        "Bekræft din arbejdsplads",
    ),
    "popup_unknown_yes": ("Confirm", "Bestätigen", "Confirmer", "Bekræft"),
    "popup_unknown_no": ("Change", "Ändern", "Modifier", "Skift"),
}

"""The words a profile's controls carry, in the languages of the service; only where structure does not tell.

Sources: public captures and tables of open-source tools; the language is the account's, not the browser's.
"""

import re
from typing import Final


def starts(*words: str) -> re.Pattern[str]:
    """Matches a text that begins with one of these words."""
    return re.compile(rf"(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)


def whole(*words: str) -> re.Pattern[str]:
    """Matches a text that is one of these."""
    return re.compile(rf"\+?\s*(?:{'|'.join(map(re.escape, words))})\s*\Z", re.IGNORECASE)


PENDING: Final = starts(
    "Pending",
    "Ausstehend",
    "En attente",
    "Afventer",
    "In attesa",
    "Pendiente",
    "Pendente",
    "In behandeling",
    "W toku",
    "Oczekuj",
    "Väntar",
    "Avventer",
    "Venter",
    "Odottaa",
    "Beklemede",
    "Bekliyor",
    "Čeká",
    "În așteptare",
    "Függőben",
    "В ожидании",
    "На рассмотрении",
    "Ожидает",
    "保留中",
    "承認待ち",
    "待处理",
    "待確認",
    "대기 중",
    "Menunggu",
    "رهن الانتظار",
    "معلق",
    "लंबित",
)
CONNECT: Final = whole(
    "Connect",
    "Vernetzen",
    "Se connecter",
    "Opret forbindelse",
    "Collegati",
    "Conectar",
    "Connectie maken",
    "Nawiąż kontakt",
    "Połącz",
    "Установить контакт",
    "Knyt kontakt",
    "Knytt kontakt",
    "Ta kontakt",
    "Bağlantı kur",
    "Navázat spojení",
    "Spojit",
    "Conectează-te",
    "つながりを申請",
    "つながる",
    "加为好友",
    "建立關係",
    "1촌 맺기",
    "Hubungkan",
    "Terhubung",
    "تواصل",
    "कनेक्ट करें",
    "Verbinden",
    "Luo yhteys",
)
INVITE: Final = starts(
    "Invite",
    "Einladen",
    "Laden Sie",
    "Inviter",
    "Invitez",
    "Inviter",
    "Invita",
    "Invitar a",
    "Convidar",
    "Convide",
    "Uitnodigen",
    "Nodig",
    "Zaproś",
    "Пригласить",
    "Пригласите",
    "Bjud in",
    "Davet et",
    "Pozvat",
)
FOLLOW: Final = starts(
    "Follow",
    "Folgen",
    "Suivre",
    "Følg",
    "Segui",
    "Seguir",
    "Volgen",
    "Obserwuj",
    "Подписаться",
    "Отслеживать",
    "Följ",
    "Seuraa",
    "Takip et",
    "Sledovat",
    "Urmărește",
    "Követés",
    "フォロー",
    "关注",
    "關注",
    "追蹤",
    "팔로우",
    "Ikuti",
    "متابعة",
    "फ़ॉलो करें",
)
FOLLOWING: Final = starts(
    "Following",
    "Unfollow",
    "Nicht mehr folgen",
    "Gefolgt",
    "Abonné",
    "Ne plus suivre",
    "Følger",
    "Siguiendo",
    "Dejar de seguir",
    "Seguindo",
    "Deixar de seguir",
    "Smetti di seguire",
    "Già segui",
    "Ontvolgen",
    "Volgend",
    "Obserwujesz",
    "Przestań",
    "Отписаться",
)
ACCEPT: Final = starts(
    "Accept",
    "Annehmen",
    "Accepter",
    "Acceptér",
    "Accetta",
    "Aceptar",
    "Aceitar",
    "Accepteren",
    "Zaakceptuj",
    "Akceptuj",
    "Принять",
    "Acceptera",
    "Godta",
    "Hyväksy",
    "Kabul et",
    "Přijmout",
    "Acceptă",
    "Elfogadás",
    "承認",
    "接受",
    "수락",
    "Terima",
    "قبول",
    "स्वीकार",
)
IGNORE: Final = starts(
    "Ignore",
    "Ignorieren",
    "Ignorer",
    "Ignorér",
    "Ignora",
    "Ignorar",
    "Negeren",
    "Zignoruj",
    "Ignoruj",
    "Игнорировать",
    "Ignorera",
    "Ohita",
    "Yok say",
    "Ignorovat",
    "Ignoră",
    "無視",
    "忽略",
    "무시",
    "Abaikan",
    "تجاهل",
)
REMOVE: Final = re.compile(
    r"remove (?:your )?connection|kontakt entfernen|entfernen aus .*kontakt|supprimer la relation|"
    r"retirer .*relation|fjern forbindelse|rimuovi (?:il )?collegamento|eliminar contacto|quitar .*contacto|"
    r"remover conexão|connectie verwijderen|usuń kontakt|удалить контакт|ta bort kontakt",
    re.IGNORECASE,
)
ORDINAL: Final = re.compile(
    r"""[·•‧∙・\s]*                      # a dot before it
        (?P<degree>[123])\s?
        (?:st|nd|rd|er|ère|re|e|ème|º|°|ª|\.º|\.ª|\.|-й|-я|-ий|-ej|:a|de|te|次|度|촌)?
        \s?\+?(?P<rest>\s*[·•]?\s*\D{0,40})\Z""",
    re.VERBOSE | re.IGNORECASE,
)
DEGREE_WORD: Final = re.compile(
    r"\A\W*(?:degree|grad|grades|niveau|kontakt|contact|connection|relation|grado|grau|graads|stopnia|уров|"
    r"круг|forbindelse|collegamento|contacto|conexão|次|度|촌)",
    re.IGNORECASE,
)

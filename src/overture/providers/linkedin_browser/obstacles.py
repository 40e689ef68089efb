"""What lies above a control: a known popup is put away by its one harmless button, nothing else is touched.

A popup is known by the exact words of its title *and* of the button; a modal that is not known is never
pressed, because what its buttons do is not known either.
"""

from dataclasses import dataclass
from typing import Final

from playwright.async_api import Locator, Page
from playwright.async_api import TimeoutError as WaitedTooLong

from overture.core.errors import PageChanged
from overture.providers.linkedin_browser.phrases import exactly

GONE_MS: Final = 2000.0  # how long a popup may take to go
HOLDERS: Final = '[role="dialog"], [role="alertdialog"], [role="alert"], [role="region"], dialog[open]'


@dataclass(frozen=True)
class Popup:
    """One interruption the site is known to make, and the button that only makes it go away."""

    name: str
    titles: tuple[str, ...]
    buttons: tuple[str, ...]


NOT_NOW: Final = ("Not now", "Jetzt nicht", "Pas maintenant", "Ikke nu")

KNOWN: Final = (
    Popup(
        "cookies",
        (
            "LinkedIn respects your privacy",
            "LinkedIn respektiert Ihre Privatsphäre",
            "LinkedIn respecte votre vie privée",
            "LinkedIn respekterer dit privatliv",
        ),
        ("Reject", "Ablehnen", "Refuser", "Afvis"),
    ),
    Popup(
        "coachmark",
        (
            "Your new profile tools",
            "Ihre neuen Profil-Tools",
            "Vos nouveaux outils de profil",
            "Dine nye profilværktøjer",
        ),
        ("Got it", "OK", "J’ai compris", "Forstået"),
    ),
    Popup(
        "app_download",
        (
            "Get the LinkedIn app",
            "Holen Sie sich die LinkedIn App",
            "Téléchargez l’application LinkedIn",
            "Hent LinkedIn-appen",
        ),
        NOT_NOW,
    ),
    Popup(
        "notifications",
        (
            "Turn on notifications",
            "Benachrichtigungen aktivieren",
            "Activer les notifications",
            "Slå notifikationer til",
        ),
        NOT_NOW,
    ),
    Popup(
        "premium",
        (
            "Try Premium for free",
            "Premium kostenlos testen",
            "Essayez Premium gratuitement",
            "Prøv Premium gratis",
        ),
        ("No thanks", "Nein danke", "Non merci", "Nej tak"),
    ),
)

COVERS: Final = """(control) => {
  const dialogs = '[role="dialog"], [role="alertdialog"], dialog[open], [aria-modal="true"]';
  control.scrollIntoView({ block: 'center', inline: 'center' });
  const spot = control.getBoundingClientRect();
  const [x, y] = [spot.left + spot.width / 2, spot.top + spot.height / 2];
  let hit = document.elementFromPoint(x, y);
  while (hit && hit.shadowRoot) {
    const deeper = hit.shadowRoot.elementFromPoint(x, y);
    if (!deeper || deeper === hit) break;
    hit = deeper;
  }
  if (!hit || control.contains(hit)) return null;
  const up = (node) => node.parentElement ?? node.getRootNode().host ?? null;
  const owns = (node) => {
    for (let at = control; at; at = up(at)) if (at === node) return true;
    return false;
  };
  const all = (root) => (root ? [...root.querySelectorAll(dialogs)] : []);
  const within = (node) => [...all(node), ...all(node.shadowRoot)];
  const drawn = (node) => node.checkVisibility() && node.getClientRects().length > 0;
  let modal = null;
  for (let at = hit, steps = 0; at && at !== document.body && !modal && steps < 40; at = up(at), steps += 1) {
    if (at.matches(dialogs)) modal = at;
    // A backdrop lies beside its dialog or around it.
    else if (steps < 2) modal = within(at).find((one) => drawn(one) && !owns(one)) ?? null;
  }
  if (modal && owns(modal)) modal = null;
  const titled = modal && (modal.getAttribute('aria-label')
    || modal.getRootNode().getElementById?.(modal.getAttribute('aria-labelledby') ?? '')?.textContent
    || modal.querySelector('h1, h2, h3')?.textContent || '');
  return { modal: modal !== null, title: (titled ?? '').trim().slice(0, 120) };
}"""
"""Run on a control: null when nothing lies above its middle, else whether that is a dialog, and its title."""


async def clear_the_way(page: Page, control: Locator, what: str) -> str | None:
    """Put a known popup away and say which it was; raise when an unknown dialog covers the control."""
    for popup in KNOWN:
        if await _dismissed(page, popup):
            return popup.name
    covering = await _covering(control)
    if covering is not None and covering.get("modal") is True:
        title = str(covering.get("title") or "")
        raise PageChanged(f"{what} under a window that is not known", code="unknown_modal", title=title)
    return None


async def _dismissed(page: Page, popup: Popup) -> bool:
    """Whether this popup was there and is gone by its own button."""
    title = page.get_by_text(exactly(popup.titles))
    holder = page.locator(HOLDERS).filter(has=title).filter(visible=True)
    button = holder.get_by_role("button", name=exactly(popup.buttons), exact=True).filter(visible=True)
    if await button.count() != 1:
        return False
    try:
        await button.click(timeout=GONE_MS)
        await button.wait_for(state="hidden", timeout=GONE_MS)
    except WaitedTooLong:
        return False
    return True


async def _covering(control: Locator) -> dict[str, object] | None:
    if await control.count() != 1:
        return None
    found: dict[str, object] | None = await control.evaluate(COVERS)
    return found

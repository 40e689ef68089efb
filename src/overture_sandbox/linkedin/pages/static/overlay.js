// Where Ember draws modals, toasts and message bubbles: the page itself, or a shadow root on flagship-web.
import { escapeText, fault, fragment, label, page } from "./page.js";

function shadowHost() {
  const outlet = document.querySelector("#interop-outlet");
  if (fault("overlay_intercept")) outlet.style.pointerEvents = "auto";
  const root = outlet.attachShadow({ mode: "open" });
  root.append(fragment(`<link rel="stylesheet" href="${page.emberCss}">`));
  return root;
}

const root = document.querySelector("#interop-outlet") ? shadowHost() : document.body;

const place = (markup) => root.appendChild(fragment(markup));

const modals = place(`<div id="artdeco-modal-outlet"></div>`);
const toasts = place(`<div id="artdeco-toasts__wormhole"><section class="artdeco-toasts"><h2 class="visually-hidden">
  ${escapeText(label("notifications_none"))}</h2><ul class="artdeco-toasts__toasts"></ul></section></div>`);
export const messaging = place(`<aside id="msg-overlay" class="msg-overlay-container-reskin"></aside>`);

export function openModal(markup) {
  const overlay = fragment(`<div class="artdeco-modal-overlay artdeco-modal-overlay--layer-default">${markup}</div>`);
  const close = () => { overlay.remove(); document.removeEventListener("keydown", onKey, true); };
  const onKey = (event) => { if (event.key === "Escape") close(); };
  document.addEventListener("keydown", onKey, true);
  modals.append(overlay);
  const dialog = overlay.firstElementChild;
  dialog.querySelector(".artdeco-modal__dismiss")?.addEventListener("click", close);
  dialog.focus();
  return { dialog, close };
}

const TOAST_STAYS_MS = 8000;

export function toast(kind, text) {
  const list = toasts.querySelector("ul");
  const entry = document.createElement("li");
  const shown = fragment(`<div class="artdeco-toast-item artdeco-toast-item--visible" role="alert"
    data-test-artdeco-toast-item-type="${kind}"><p class="artdeco-toast-item__message"><span>${escapeText(text)}</span></p>
    <button type="button" class="artdeco-toast-item__dismiss artdeco-button artdeco-button--circle"
      aria-label="${escapeText(label("dismiss"))}"><span aria-hidden="true">✕</span></button></div>`);
  entry.append(shown);
  list.append(entry);
  shown.querySelector("button").addEventListener("click", () => entry.remove());
  setTimeout(() => entry.remove(), TOAST_STAYS_MS);
}

export function sduiToast(text) {
  const region = document.querySelector('[data-testid="toasts-title"]')?.parentElement;
  if (!region) { toast("error", text); return; }
  const entry = fragment(`<div role="alert"><p>${escapeText(text)}</p></div>`);
  region.append(entry);
  setTimeout(() => entry.remove(), TOAST_STAYS_MS);
}

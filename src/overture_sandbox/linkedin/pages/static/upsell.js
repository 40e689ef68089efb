// The Premium advertisements that stand in the way of notes and of messages to strangers.
import { escapeText, label } from "./page.js";
import { openModal } from "./overlay.js";

export function premiumUpsell(kind) {
  return openModal(`<div class="artdeco-modal artdeco-modal--layer-default modal-upsell" role="dialog" tabindex="-1"
    aria-labelledby="modal-upsell__title"><button type="button" aria-label="${escapeText(label("dismiss"))}"
      class="artdeco-modal__dismiss artdeco-button artdeco-button--circle artdeco-button--muted">
      <span aria-hidden="true">✕</span></button>
    <div class="artdeco-modal__content"><h2 id="modal-upsell__title" class="t-24">${escapeText(label(`${kind}_title`))}</h2>
    <p class="t-14">${escapeText(label(`${kind}_text`))}</p></div>
    <div class="artdeco-modal__actionbar"><a class="artdeco-button artdeco-button--premium artdeco-button--primary"
      href="/premium/products/?upsellOrderOrigin=premium_${kind}&amp;referenceId=${crypto.randomUUID()}">
      <span class="artdeco-button__text">${escapeText(label("premium_try"))}</span></a></div></div>`);
}

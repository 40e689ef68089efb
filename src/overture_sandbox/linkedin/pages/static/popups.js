// Windows the site interrupts people with: known ones and new ones, over everything else on the page.
import { after, emberId, escapeText, fault, fragment, label, page } from "./page.js";

const COVER = "position:fixed;inset:0;z-index:100000;background:rgba(0,0,0,.45);display:flex;"
  + "align-items:center;justify-content:center";
const BOX = "background:#fff;padding:24px;border-radius:8px;max-width:420px";

async function interrupt(popup) {
  if (popup.after_s) await after(popup.after_s);
  const kind = popup.which ?? "unknown";
  const title = emberId();
  const word = (key) => escapeText(label(`popup_${kind}${key}`));
  const cover = fragment(`<div style="${COVER}"><div role="dialog" aria-modal="true" aria-labelledby="${title}" style="${BOX}">
    <h2 id="${title}">${word("")}</h2><div><button type="button">${word("_yes")}</button>
    <button type="button">${word("_no")}</button></div></div></div>`);
  const [yes, no] = cover.querySelectorAll("button");
  for (const button of [yes, no]) button.addEventListener("click", () => cover.remove());
  document.body.append(cover);
}

const popup = fault("popup");
if (popup && [popup.on ?? "profile"].flat().includes(page.kind)) interrupt(popup);

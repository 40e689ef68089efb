// The dialog between Connect and a sent invitation: gate, optional note, e-mail proof, "how do you know".
import { after, emberId, escapeText, fault, label, page } from "./page.js";
import { openModal } from "./overlay.js";
import { sendInvite } from "./invite_send.js";
import { premiumUpsell } from "./upsell.js";

const t = (key, values) => escapeText(label(key, values));

const button = (key, kind, extra = "") => `<button type="button" id="${emberId()}" aria-label="${t(key)}" ${extra}
  class="artdeco-button artdeco-button--2 artdeco-button--${kind} ml1"><span class="artdeco-button__text">
  ${t(`${key}_text`) === `${key}_text` ? t(key) : t(`${key}_text`)}</span></button>`;

export async function openInvite(asked) {
  if (fault("dialog_never")) return;
  if (fault("no_dialog")) { sendInvite(asked, null, null); return; }
  const person = fault("dialog_names_other") ? stranger(asked) : asked;
  const late = fault("dialog_late");
  if (late) await after(late.after_s ?? 6);
  const role = late?.role ?? "dialog";
  const modal = openModal(`<div class="artdeco-modal artdeco-modal--layer-default send-invite" size="medium"
    role="${role}" aria-modal="true" aria-labelledby="send-invite-modal" tabindex="-1" data-test-modal=""></div>`);
  if (late) await after(late.buttons_after_s ?? 2);
  if (fault("how_do_you_know")) howDoYouKnow(modal, person);
  else gate(modal, person);
}

const stranger = (asked) => Object.values(page.people).find((p) => p.memberId !== asked.memberId) ?? asked;

function draw(modal, title, content, actions) {
  modal.dialog.innerHTML = `<button type="button" aria-label="${t("dismiss")}" id="${emberId()}"
      class="artdeco-modal__dismiss artdeco-button artdeco-button--circle artdeco-button--muted artdeco-button--2">
      <svg role="none" aria-hidden="true" width="24" height="24" viewBox="0 0 24 24"><path d="M13.4 12 20 18.6 18.6 20 12
      13.4 5.4 20 4 18.6 10.6 12 4 5.4 5.4 4 12 10.6 18.6 4 20 5.4z"/></svg></button>
    <div class="artdeco-modal__header"><h2 id="send-invite-modal">${title}</h2></div>
    <div class="artdeco-modal__content">${content}</div><div class="artdeco-modal__actionbar">${actions}</div>`;
  modal.dialog.querySelector(".artdeco-modal__dismiss").addEventListener("click", modal.close);
}

const press = (modal, key, act) =>
  modal.dialog.querySelector(`.artdeco-modal__actionbar button[aria-label="${CSS.escape(label(key))}"]`)
    .addEventListener("click", act);

function howDoYouKnow(modal, person) {
  const choices = ["know_colleague", "know_classmate", "know_conference", "know_other", "know_stranger"];
  const pills = choices.map((key) => button(key, "secondary", 'aria-pressed="false"')).join("");
  draw(modal, t("know_title", { name: person.firstName }), `<p>${t("know_text", { name: person.name })}</p>
    <div class="artdeco-pill-choice-group">${pills}</div>`, button("connect", "primary", "disabled"));
  let chosen = null;
  modal.dialog.querySelectorAll(".artdeco-pill-choice-group button").forEach((pill, index) =>
    pill.addEventListener("click", () => {
      chosen = choices[index];
      pill.setAttribute("aria-pressed", "true");
      modal.dialog.querySelector(".artdeco-modal__actionbar button").disabled = false;
    }));
  press(modal, "connect", () => (chosen === "know_stranger" ? modal.close() : gate(modal, person)));
}

function gate(modal, person) {
  const isNoop = fault("email_noop") !== null;
  const needsEmail = person.emailRequired || isNoop;
  const proof = needsEmail ? `<label for="email">${t("email_gate", { name: person.name })}</label>
    <input type="email" id="email" name="email" class="mb4 input" required>` : "";
  draw(modal, t("add_note_title"), `<p class="flex-1">${t("gate_text_before")} <strong>${escapeText(person.name)}</strong>
    ${t("gate_text_after")}</p>${proof}`, button("add_note", "secondary") + button("send_without_note", "primary"));
  const email = modal.dialog.querySelector("#email");
  const send = modal.dialog.querySelector(".artdeco-modal__actionbar .artdeco-button--primary");
  if (needsEmail && !isNoop) {
    send.disabled = true;
    email.addEventListener("input", () => { send.disabled = !email.value || !email.validity.valid; });
  }
  press(modal, "add_note", () => {
    if (page.invite.notesRemaining === 0) { modal.close(); premiumUpsell("note_upsell"); } else noteStep(modal, person, email?.value);
  });
  press(modal, "send_without_note", () => {
    modal.close();
    if (!isNoop) sendInvite(person, null, email?.value || null);
  });
}

function noteStep(modal, person, email) {
  const limit = page.invite.noteLimit;
  const left = page.invite.notesRemaining;
  const remaining = left === null ? "" : `<p class="t-12 mt2">${t("notes_left", { count: left })}</p>`;
  draw(modal, t("add_note_title"), `<label for="custom-message" class="t-14">${t("note_intro", { name: person.name })}</label>
    <div class="relative"><textarea id="custom-message" name="message" minlength="1" rows="6"
      class="ember-text-area ember-view connect-button-send-invite__custom-message mb3"
      placeholder="${t("note_placeholder")}"></textarea>
    <span class="connect-button-send-invite__count t-12">0/${limit}</span></div>
    <div class="artdeco-inline-feedback artdeco-inline-feedback--error" role="alert" hidden>
      <span class="artdeco-inline-feedback__message">${t("note_too_long", { limit: page.invite.noteTextLimit })}</span></div>
    ${remaining}`, button("cancel_note", "secondary") + button("send_invitation", "primary", "disabled"));
  const area = modal.dialog.querySelector("textarea");
  const send = modal.dialog.querySelector(".artdeco-modal__actionbar .artdeco-button--primary");
  area.addEventListener("input", () => {
    const isTooLong = area.value.length > limit;
    modal.dialog.querySelector(".connect-button-send-invite__count").textContent = `${area.value.length}/${limit}`;
    modal.dialog.querySelector(".artdeco-inline-feedback").hidden = !isTooLong;
    send.disabled = isTooLong || area.value.trim() === "" || (person.emailRequired && !email);
  });
  area.focus();
  press(modal, "cancel_note", () => gate(modal, person));
  press(modal, "send_invitation", () => { modal.close(); sendInvite(person, area.value, email || null); });
}

// InMail: a message box with a subject and a line that says what it costs, or the reason why there is none.
import { after, escapeText, fault, fragment, label } from "./page.js";
import { Composer } from "./composer.js";

const BODY_LIMIT = 1900;
const t = (key, values) => escapeText(label(key, values));

export const isInMail = (who) => !who.mayMessage && who.inmail.kind !== "upsell";

const notice = (text) => fragment(`<div class="msg-form__unavailable t-14" role="alert"><p>${text}</p></div>`);

export const closedThread = (who) => notice(t("request_declined", { name: who.firstName }));

const LINES = {
  free: () => `<p class="t-12">${t("inmail_free")} <button type="button" class="link-without-visited-state">?</button></p>`,
  paid: (terms) => `<p class="t-12">${t("inmail_use", terms)}</p>`,
  none_left: () => `<p class="t-12 msg-inmail-credits-display__error">${t("inmail_none")}</p>`,
  awaiting: (terms) => `<p class="t-12">${t("inmail_left", terms)}</p>`,
  loading: () => `<div class="artdeco-loader" role="status" aria-label="${t("inmail_loading")}"></div>`,
};

const credits = (kind, terms) => fragment(`<section class="msg-inmail-credits-display" aria-busy="${kind === "loading"}">
  ${LINES[kind](terms)}</section>`);

const subjectField = (terms) => fragment(`<div class="msg-form__subject"><input type="text" name="subject" autocomplete="off"
  maxlength="${terms.subject_limit}" placeholder="${t("inmail_subject")}"></div>`);

// Fills the place; the composer, when there is one.
export function inmailBox(place, who, thread) {
  const terms = who.inmail;
  if (terms.kind === "restricted") { place.append(notice(t("inmail_restricted", { name: who.firstName }))); return null; }
  if (terms.kind === "awaiting") { waiting(place, who); return null; }
  const composer = new Composer(who.id, (text, box) => thread.say(text, box));
  const subject = subjectField(terms);
  composer.limit = BODY_LIMIT;
  composer.form.prepend(subject);
  thread.dress = (message) => {
    const said = subject.querySelector("input").value;
    return { ...message, subtype: "INMAIL", ...(said === "" ? {} : { subject: said }) };
  };
  place.append(composer.form);
  composer.showPlaceholder();
  showCost(composer, terms);
  const before = thread.onDelivered;
  thread.onDelivered = (value) => { spend(place, who, composer); before?.(value); };
  return composer;
}

// Nothing can be sent before it is known what it costs.
async function showCost(composer, terms) {
  const footer = composer.form.querySelector("footer");
  const late = fault("inmail_credits_late");
  composer.hold(true);
  let shown = credits(late ? "loading" : terms.kind, terms);
  footer.before(shown);
  if (late) {
    await after(late.after_s ?? 5);
    const known = credits(terms.kind, terms);
    shown.replaceWith(known);
    shown = known;
  }
  composer.hold(terms.kind === "none_left");
}

function spend(place, who, composer) {
  who.inmail = { ...who.inmail, kind: "awaiting", left: who.inmail.left - who.inmail.cost };
  composer.form.remove();
  waiting(place, who);
}

function waiting(place, who) {
  place.append(notice(t("inmail_awaiting", { name: who.firstName })), credits("awaiting", who.inmail));
}

// Message bubbles: small conversation windows at the bottom of any page.
import { emberId, escapeText, fragment, label, page, shownName } from "./page.js";
import { messaging } from "./overlay.js";
import { Composer } from "./composer.js";
import { Thread } from "./thread.js";
import { premiumUpsell } from "./upsell.js";
import { inmailBox, isInMail } from "./inmail.js";
import { greets, sayHello } from "./hello.js";

const bubbles = new Map();
const t = (key, values) => escapeText(label(key, values));

export function openBubble(meant) {
  const who = page.conversations[meant.id] ? meant : page.wrongRecipient ?? meant;
  if (!who.mayMessage && who.inmail.kind === "upsell") { premiumUpsell("message_upsell"); return; }
  const before = bubbles.get(who.id);
  if (before?.isConnected) { minimize(before, false); return; }
  const bubble = draw(who);
  bubbles.set(who.id, bubble);
  messaging.prepend(bubble);
  bubble.querySelector("[contenteditable]")?.focus();
}

const iconButton = (key, name, icon) => `<button type="button" id="${emberId()}"
  class="msg-overlay-bubble-header__control artdeco-button artdeco-button--circle artdeco-button--muted artdeco-button--1">
  <span aria-hidden="true">${icon}</span><span class="artdeco-button__text visually-hidden">${t(key, { name })}</span></button>`;

const knownTitle = (who) => `<h2 class="msg-overlay-bubble-header__title truncate">
  <a class="app-aware-link" href="/in/${who.id}/">${escapeText(shownName(who))}</a></h2>`;

const newTitle = () => `<h2 class="msg-overlay-bubble-header__title truncate">${t("new_message")}</h2>`;

const recipientRow = (who) => `<div class="msg-connections-typeahead__top-fixed-section"><div
  class="artdeco-pill artdeco-pill--slate"><span class="artdeco-pill__text">${escapeText(shownName(who))}</span>
  <button type="button" aria-label="${t("remove", { name: shownName(who) })}"><span aria-hidden="true">✕</span></button></div>
  <input class="msg-connections-typeahead__search-field" role="combobox" aria-expanded="false" type="text" autocomplete="off"
  aria-label="${t("enter_recipients")}"></div><div class="msg-s-profile-card"><a href="/in/${who.slug}/"
  class="profile-card-one-to-one__profile-link"><span class="t-bold">${escapeText(shownName(who))}</span></a>
  <span class="t-12">${isInMail(who) ? "" : t("first_degree")}</span><p class="t-12">${escapeText(who.headline)}</p></div>`;

function header(who, isNew) {
  const close = isNew ? "close_draft" : "close_conversation";
  return `<header class="msg-overlay-bubble-header"><div class="msg-overlay-bubble-header__details">
    ${isNew ? newTitle() : knownTitle(who)}</div><div class="msg-overlay-bubble-header__controls">
    ${isNew ? "" : iconButton("bubble_options", who.name, "⋯")}${iconButton("minimize_conversation", who.name, "–")}
    ${iconButton(close, who.name, "✕")}</div></header>`;
}

function draw(who) {
  const conversation = page.conversations[who.id] ?? null;
  const bubble = fragment(`<div role="dialog" aria-label="${t("messaging")}" tabindex="-1" id="${emberId()}"
    class="msg-overlay-conversation-bubble msg-overlay-conversation-bubble--is-active
      msg-overlay-conversation-bubble--${isInMail(who) ? "inmail" : "default-inactive"}"
    data-view-name="message-overlay-conversation-bubble-item" data-msg-overlay-conversation-bubble-is-minimized="false">
    ${header(who, conversation === null)}<div class="msg-overlay-conversation-bubble__content-wrapper">
    ${conversation ? "" : recipientRow(who)}<div class="msg-convo-wrapper"></div></div></div>`);
  const thread = new Thread(who, conversation);
  const place = bubble.querySelector(".msg-convo-wrapper");
  place.append(thread.node);
  thread.onDelivered = () => settle(bubble, who, composer);
  const composer = fill(place, who, thread);
  wire(bubble, composer);
  thread.refresh();
  return bubble;
}

// The message box, the box of an InMail, or a greeting card; the composer in it, if there is one.
function fill(place, who, thread) {
  if (isInMail(who)) return inmailBox(place, who, thread);
  if (!thread.conversationUrn && greets("bubble")) { place.append(sayHello(who)); return null; }
  const composer = new Composer(who.id, (text, box) => thread.say(text, box));
  place.append(composer.form);
  composer.showPlaceholder();
  return composer;
}

// A first message turns the draft window into an ordinary conversation window.
function settle(bubble, who, composer) {
  if (!bubble.querySelector(".msg-connections-typeahead__top-fixed-section")) return;
  bubble.querySelector(".msg-connections-typeahead__top-fixed-section").remove();
  bubble.querySelector("header").replaceWith(fragment(header(who, false)));
  wire(bubble, composer);
}

function minimize(bubble, isMinimized) {
  bubble.dataset.msgOverlayConversationBubbleIsMinimized = String(isMinimized);
  bubble.querySelector(".msg-overlay-conversation-bubble__content-wrapper").hidden = isMinimized;
}

function wire(bubble, composer) {
  const [close, shrink] = [...bubble.querySelectorAll(".msg-overlay-bubble-header__control")].reverse();
  close.addEventListener("click", () => { composer?.saveDraft(); bubble.remove(); });
  shrink.addEventListener("click", () =>
    minimize(bubble, bubble.dataset.msgOverlayConversationBubbleIsMinimized !== "true"));
}

// One conversation: its messages, the optimistic new one, and the failed one with Retry.
import { escapeText, fault, fragment, label, page } from "./page.js";
import { errorCode, succeeded, voyagerGet, voyagerPost } from "./net.js";

const MESSAGES_QUERY = "messengerMessages.5846eeb71c981f11e0134cb6626cc314";
const t = (key, values) => escapeText(label(key, values));

const token = (length) => Array.from(crypto.getRandomValues(new Uint8Array(length)),
  (byte) => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[byte & 63]).join("");

const clock = (ms) => new Intl.DateTimeFormat(page.lang, { hour: "numeric", minute: "2-digit" }).format(new Date(ms));

export class Thread {
  constructor(who, conversation) {
    this.who = who;
    this.conversationUrn = conversation?.urn ?? null;
    this.lastSender = null;
    this.dress = (message) => message;
    this.node = fragment(`<div class="msg-s-message-list msg-s-message-list--scroll-buffers full-width">
      <ul class="msg-s-message-list-content list-style-none full-width mh-auto"></ul></div>`);
    this.list = this.node.querySelector("ul");
    for (const message of conversation?.messages ?? []) this.append(message);
  }

  append(message) {
    const isOwn = message.senderId === page.me.id;
    const name = isOwn ? page.me : this.who;
    const meta = this.lastSender === message.senderId ? "" : `<div class="msg-s-message-group__meta">
      <a class="msg-s-message-group__profile-link" href="/in/${name.id}/"><span
        class="msg-s-message-group__name t-14 t-black t-bold">${escapeText(name.name)}</span></a>
      <time class="msg-s-message-group__timestamp t-12">${clock(message.at)}</time></div>`;
    const urn = message.urn ? `data-event-urn="${escapeText(message.urn)}"` : "";
    const item = fragment(`<li class="msg-s-message-list__event clearfix" ${urn}>
      <div class="msg-s-event-listitem ${isOwn ? "" : "msg-s-event-listitem--other"}" ${urn} tabindex="0">${meta}
      <div class="msg-s-event__content"><p class="msg-s-event-listitem__body t-14 t-black--light t-normal"></p></div>
      </div></li>`);
    item.querySelector(".msg-s-event-listitem__body").textContent = message.text;
    this.lastSender = message.senderId;
    this.list.append(item);
    this.node.scrollTop = this.node.scrollHeight;
    return item;
  }

  // What arrived since the page was drawn; the page's own copy stays if the service does not answer.
  async refresh() {
    if (!this.conversationUrn) return;
    const urn = encodeURIComponent(this.conversationUrn).replace(/[()]/g, (c) => (c === "(" ? "%28" : "%29"));
    const answer = await voyagerGet(
      `/voyagerMessagingGraphQL/graphql?queryId=${MESSAGES_QUERY}&variables=(conversationUrn:${urn})`,
      { accept: "application/graphql" });
    const found = answer.json?.data?.messengerMessagesBySyncToken?.elements ?? [];
    for (const message of [...found].sort((a, b) => a.deliveredAt - b.deliveredAt)) {
      if (this.list.querySelector(`[data-event-urn="${CSS.escape(message.entityUrn)}"]`)) continue;
      const senderId = message.sender.entityUrn.split(":").pop();
      this.append({ urn: message.entityUrn, senderId, text: message.body.text, at: message.deliveredAt });
    }
  }

  async say(text, composer) {
    const isSlow = fault("slow_ack") !== null;
    if (!isSlow) composer.clear();
    const originToken = crypto.randomUUID();
    const item = this.append({ senderId: page.me.id, text, at: Date.now() });
    await this.deliver(item, text, originToken);
    if (isSlow) composer.clear();
    composer.editor.focus();
  }

  async deliver(item, text, originToken) {
    const message = this.dress({ body: { attributes: [], text }, renderContentUnions: [], originToken });
    const body = {
      message: this.conversationUrn ? { ...message, conversationUrn: this.conversationUrn } : message,
      mailboxUrn: `urn:li:fsd_profile:${page.me.id}`,
      trackingId: token(16),
      dedupeByClientGeneratedToken: false,
    };
    if (!this.conversationUrn) body.hostRecipientUrns = [`urn:li:fsd_profile:${this.who.id}`];
    item.classList.add("msg-s-message-list__event--sending");
    const answer = await voyagerPost("/voyagerMessagingDashMessengerMessages?action=createMessage", body,
      { accept: "application/json", "content-type": "text/plain;charset=UTF-8" });
    item.classList.remove("msg-s-message-list__event--sending");
    const value = answer.json?.value ?? answer.json?.data?.value;
    if (succeeded(answer) && value) this.delivered(item, value);
    else this.failed(item, text, originToken, errorCode(answer));
  }

  delivered(item, value) {
    this.conversationUrn ??= value.conversationUrn;
    for (const node of [item, item.firstElementChild]) node.setAttribute("data-event-urn", value.entityUrn);
    item.querySelector(".msg-s-event__content").append(fragment(`<span role="img" aria-hidden="true"
      class="msg-s-event-with-indicator__sending-indicator msg-s-event-with-indicator__sending-indicator--sent"
      title="${t("sent_at", { time: clock(value.deliveredAt) })}"></span>`));
    this.onDelivered?.(value);
  }

  failed(item, text, originToken, code) {
    const reason = code?.startsWith("NOT_ALLOWED") ? "message_not_allowed" : "message_failed";
    const marker = fragment(`<div class="msg-s-event-listitem__failed msg-s-event-with-indicator__failed" role="alert">
      <span>${t(reason)}</span> <button type="button" class="artdeco-button artdeco-button--tertiary artdeco-button--1">
      <span class="artdeco-button__text">${t("retry")}</span></button></div>`);
    marker.querySelector("button").addEventListener("click", () => {
      marker.remove();
      this.deliver(item, text, originToken);
    });
    item.append(marker);
  }
}

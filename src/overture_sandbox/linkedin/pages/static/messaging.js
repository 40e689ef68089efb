// The messaging page: the chosen conversation, or a new one to a recipient from the address.
import { escapeText, fragment, label, page } from "./page.js";
import { Composer } from "./composer.js";
import { Thread } from "./thread.js";
import { premiumUpsell } from "./upsell.js";

export function drawMessaging() {
  for (const row of document.querySelectorAll(".msg-conversation-listitem__link")) {
    row.addEventListener("click", () => location.assign(page.threads[row.id]));
  }
  const place = document.querySelector(".msg-convo-wrapper");
  if (!page.recipient) return;
  if (!page.recipient.mayMessage) { premiumUpsell("message_upsell"); return; }
  if (!page.conversation) announceRecipient();
  if (page.faults.say_hello) { place.append(sayHello()); return; }
  const thread = new Thread(page.recipient, page.conversation);
  const composer = new Composer(page.recipient.id, (text, box) => thread.say(text, box));
  thread.onDelivered = (value) => {
    const id = value.conversationUrn.split(",").pop().replace(/\)$/, "");
    if (location.pathname !== `/messaging/thread/${id}/`) history.replaceState(null, "", `/messaging/thread/${id}/`);
  };
  place.append(thread.node, composer.form);
  composer.showPlaceholder();
  thread.refresh();
}

// The address names the resolved recipient, as after choosing from the typeahead.
function announceRecipient() {
  const urn = encodeURIComponent(`urn:li:fsd_profile:${page.recipient.id}`);
  history.replaceState(null, "", `/messaging/thread/new/?isTYAHFlow=true&recipients=List(${urn})`);
}

const sayHello = () => fragment(`<div class="msg-connection-suggestion"><p>${escapeText(label("say_hello",
  { name: page.recipient.firstName }))}</p><button type="button" class="artdeco-button artdeco-button--secondary">👋</button></div>`);

// The messaging page: the chosen conversation, or a new one to a recipient from the address.
import { page } from "./page.js";
import { Composer } from "./composer.js";
import { Thread } from "./thread.js";
import { premiumUpsell } from "./upsell.js";
import { closedThread, inmailBox, isInMail } from "./inmail.js";
import { greets, sayHello } from "./hello.js";

export function drawMessaging() {
  for (const row of document.querySelectorAll(".msg-conversation-listitem__link")) {
    row.addEventListener("click", () => location.assign(page.threads[row.id]));
  }
  const place = document.querySelector(".msg-convo-wrapper");
  if (!page.recipient) return;
  const who = page.recipient;
  const isUpsell = !who.mayMessage && who.inmail.kind === "upsell";
  if (isUpsell && !page.conversation) { premiumUpsell("message_upsell"); return; }
  if (!page.conversation) announceRecipient(isInMail(who) ? "&composeOptionType=PREMIUM_INMAIL" : "");
  if (!page.conversation && greets("page")) { place.append(sayHello(who)); return; }
  const thread = new Thread(who, page.conversation);
  thread.onDelivered = (value) => {
    const id = value.conversationUrn.split(",").pop().replace(/\)$/, "");
    if (location.pathname !== `/messaging/thread/${id}/`) history.replaceState(null, "", `/messaging/thread/${id}/`);
  };
  place.append(thread.node);
  thread.refresh();
  if (isInMail(who)) inmailBox(place, who, thread);
  else if (isUpsell) place.append(closedThread(who));
  else {
    const composer = new Composer(who.id, (text, box) => thread.say(text, box));
    place.append(composer.form);
    composer.showPlaceholder();
  }
}

// The address names the resolved recipient, as after choosing from the typeahead.
function announceRecipient(option) {
  const urn = encodeURIComponent(`urn:li:fsd_profile:${page.recipient.id}`);
  history.replaceState(null, "", `/messaging/thread/new/?isTYAHFlow=true&recipients=List(${urn})${option}`);
}

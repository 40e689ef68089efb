// The greeting card that stands where the first message to a new connection would be written.
import { escapeText, fault, fragment, label } from "./page.js";

export function greets(place) {
  const hello = fault("say_hello");
  return hello !== null && ["both", place].includes(hello.where ?? "page");
}

export const sayHello = (who) => fragment(`<div class="msg-connection-suggestion"><p>${escapeText(label("say_hello",
  { name: who.firstName }))}</p><button type="button" class="artdeco-button artdeco-button--secondary">👋</button></div>`);

// What the server told this page, and the client state its controls are drawn from.
const payload = document.querySelector("script#rehydrate-data, script[id^='datalet-bpr-guid-']");

export const page = JSON.parse(payload.textContent);

export const fault = (kind) => page.faults[kind] ?? null;

export const label = (key, values = {}) =>
  (page.labels[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

export const person = (memberId) => page.people[memberId];

// Names of people far away are cut in message windows.
export const shownName = (who) =>
  (fault("truncated_name") && who.id !== page.me.id ? `${who.firstName} ${who.lastName.slice(0, 1)}.` : who.name);

export const after = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

export const escapeText = (text) =>
  text.replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);

export function fragment(markup) {
  const holder = document.createElement("template");
  holder.innerHTML = markup.trim();
  return holder.content.firstElementChild;
}

let emberCount = 400 + Math.floor(Math.random() * 400);
export const emberId = () => `ember${(emberCount += 1 + Math.floor(Math.random() * 3))}`;

// state:invitation:urn:li:member:<n> -> "Connect" | "Pending"
const invitations = new Map();
const watchers = [];

export const watchInvitations = (watcher) => watchers.push(watcher);
export const invitationState = (memberId) => invitations.get(String(memberId)) ?? null;

export function setInvitation(memberId, value) {
  invitations.set(String(memberId), value);
  for (const watcher of watchers) watcher(String(memberId), value);
}

// The newer pages come drawn; whatever is pressed before their scripts have taken over is lost.
const drawnFirst = page.variant === "B" && fault("rehydrates_late");
if (drawnFirst) await after(drawnFirst.after_s ?? 1.5);

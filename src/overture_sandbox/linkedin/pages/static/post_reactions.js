// The reaction button: a click toggles, hovering opens the tray; both show the new state before the answer.
import { after, escapeText, fault, fragment, label, page } from "./page.js";
import { serverRequest, succeeded, voyagerPost } from "./net.js";
import { sduiToast, toast } from "./overlay.js";

const DWELL_S = { A: 0.5, B: 0.9 };
const LINGER_S = 0.6;
const name = (kind) => label(`reaction_${kind}`);
const t = (text) => escapeText(text);

const thread = (post) => ({ threadUrnActivityThreadUrn: { activityUrn: { activityId: post.number } } });

const create = (post, kind) => (page.variant === "A"
  ? voyagerPost(`/voyagerSocialDashReactions?threadUrn=${encodeURIComponent(post.urn)}`, { reactionType: kind })
  : serverRequest("com.linkedin.sdui.reactions.create", {
    threadUrn: thread(post), reactionType: `ReactionType_${kind}`, reactionSource: "Update",
  }));

const remove = (post, kind) => serverRequest("com.linkedin.sdui.reactions.delete", {
  threadUrn: thread(post), reactionType: `ReactionType_${kind}`, reactionSource: "Update",
});

export class Reactions {
  constructor(post) {
    this.post = post;
    this.mine = post.mine;
    this.triggers = [];
    this.tray = null;
  }

  adopt(trigger, menu) {
    this.triggers.push(trigger);
    trigger.addEventListener("click", () => this.set(this.mine ? null : "LIKE"));
    trigger.addEventListener("mouseenter", () => this.dwell(trigger));
    trigger.addEventListener("mouseleave", () => this.leave());
    menu?.addEventListener("click", () => this.open(trigger));
  }

  async dwell(trigger) {
    this.over = trigger;
    await after(DWELL_S[page.variant]);
    if (this.over === trigger) this.open(trigger);
  }

  async leave() {
    this.over = null;
    await after(LINGER_S);
    if (this.over === null) this.close();
  }

  async open(trigger) {
    if (this.tray || fault("tray_missing")) return;
    const late = fault("tray_late");
    if (late) await after(late.after_s ?? 2);
    if (this.tray) return;
    this.tray = page.variant === "A" ? this.beside(trigger) : this.portal(trigger);
    this.tray.addEventListener("mouseenter", () => { this.over = this.tray; });
    this.tray.addEventListener("mouseleave", () => this.leave());
  }

  close() {
    this.tray?.remove();
    this.tray = null;
  }

  beside(trigger) {
    const options = this.post.kinds.map((kind) => `<button type="button" class="reactions-menu__reaction-index artdeco-button"
      aria-label="${t(label("react", { reaction: name(kind) }))}"><span aria-hidden="true">${t(name(kind))}</span></button>`);
    const tray = fragment(`<span class="reactions-menu reactions-menu--active reactions-menu--humor-enabled"
      style="position:absolute;bottom:100%;left:0;z-index:60;display:flex;background:#fff;box-shadow:0 0 4px #0006">${options.join("")}</span>`);
    this.wire(tray);
    trigger.parentElement.append(tray);
    return tray;
  }

  portal(trigger) {
    const options = this.post.kinds.map((kind) => `<button type="button" aria-label="${t(name(kind))}"
      style="padding:8px"><span aria-hidden="true">●</span></button>`);
    const node = fragment(`<div data-floating-ui-portal=""><div popover="manual" tabindex="-1"
      style="position:absolute;margin:0;border:0;padding:0;display:flex">${options.join("")}</div></div>`);
    this.wire(node);
    document.body.append(node);
    const box = node.querySelector("[popover]");
    const spot = trigger.getBoundingClientRect();
    box.showPopover();
    box.style.inset = `${Math.max(0, spot.top - 44)}px auto auto ${spot.left}px`;
    return node;
  }

  wire(tray) {
    [...tray.querySelectorAll("button")].forEach((option, index) => {
      option.addEventListener("click", () => { this.close(); this.set(this.post.kinds[index]); });
    });
  }

  async set(kind) {
    const before = this.mine;
    if (kind === before) return;
    this.show(kind);
    const answer = kind ? await create(this.post, kind) : await remove(this.post, before);
    if (succeeded(answer)) return;
    this.show(before);
    if (page.variant === "A") toast("error", label("toast_problem"));
    else sduiToast(label("toast_problem"));
  }

  show(kind) {
    this.mine = kind;
    if (fault("reaction_ui_stale")) return;
    for (const trigger of this.triggers) {
      const text = kind ? name(kind) : name("LIKE");
      trigger.querySelector("span").textContent = text;
      trigger.setAttribute("aria-label", page.variant === "A"
        ? label(kind ? "unreact" : "react", { reaction: text })
        : label("reaction_state", { state: kind ? text : label("no_reaction") }));
      if (page.variant === "A") trigger.setAttribute("aria-pressed", String(kind !== null));
    }
  }
}

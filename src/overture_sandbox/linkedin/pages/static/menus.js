// The More menu: a portal built at body level on flagship-web, a dropdown beside the button on Ember pages.
import { fragment, invitationState, page } from "./page.js";

let open = null;
let portals = 9;

export function closeMenu(clicked) {
  if (!open || open.contains(clicked)) return;
  open.shut();
  open = null;
}

export function toggleMenu(control) {
  const wasOpen = open?.control === control;
  closeMenu(document.body);
  if (wasOpen) return;
  open = page.variant === "B" ? portal(control) : dropdown(control);
}

function portal(control) {
  const state = invitationState(page.target.memberId) ?? page.target.invitation;
  portals += 1;
  const node = fragment(`<div data-floating-ui-portal="" id=":r${portals.toString(36)}:"><span aria-hidden="true"
    tabindex="0" style="position:fixed;opacity:0"></span><div popover="manual" tabindex="-1"
    style="position:absolute;margin:0;border:0;padding:0">${page.menu[state === "Pending" ? "pending" : "connect"]}</div></div>`);
  const spot = control.getBoundingClientRect();
  document.body.append(node);
  const box = node.querySelector("[popover]");
  box.showPopover();
  box.style.inset = `${spot.bottom + 4}px auto auto ${spot.left}px`;
  control.setAttribute("aria-expanded", "true");
  return {
    control,
    contains: (other) => node.contains(other) && other !== document.body,
    shut: () => { node.remove(); control.setAttribute("aria-expanded", "false"); },
  };
}

function dropdown(control) {
  const content = control.parentElement.querySelector(".artdeco-dropdown__content");
  const show = (isOpen) => {
    content.classList.toggle("artdeco-dropdown__content--is-open", isOpen);
    content.setAttribute("aria-hidden", String(!isOpen));
    control.setAttribute("aria-expanded", String(isOpen));
  };
  show(true);
  return { control, contains: (other) => content.contains(other), shut: () => show(false) };
}

document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeMenu(document.body); });

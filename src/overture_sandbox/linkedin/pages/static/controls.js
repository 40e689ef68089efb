// Which person and which act each control of the page stands for, and how the controls follow the state.
import { label, page, person, watchInvitations } from "./page.js";
import { openInvite } from "./invite_modal.js";
import { sendAtOnce } from "./invite_send.js";
import { serverRequest, succeeded, voyagerPost } from "./net.js";
import { openBubble } from "./bubble.js";
import { answerInvitation, askToWithdraw } from "./relations.js";
import { closeMenu, toggleMenu } from "./menus.js";

// The act bound to the nearest control at or above the clicked node: [act, memberId, control].
function boundAct(start) {
  for (let node = start; node && node.nodeType === Node.ELEMENT_NODE; node = node.parentElement) {
    const bound = page.acts[node.getAttribute("componentkey") ?? node.id];
    if (bound) return [...bound, node];
  }
  return null;
}

const acts = {
  connect: (who) => openInvite(who),
  direct: (who) => sendAtOnce(who),
  withdraw: (who) => askToWithdraw(who),
  accept: (who) => answerInvitation(who, "accept"),
  ignore: (who) => answerInvitation(who, "ignore"),
  message: (who) => openBubble(who),
  follow: (who, control) => follow(who, control),
  more: (who, control) => toggleMenu(control),
};

document.addEventListener("click", (event) => {
  const found = boundAct(event.target);
  if (!found) { closeMenu(event.target); return; }
  const [act, memberId, control] = found;
  // An untrusted click on the Message anchor is left to the browser: it navigates to the compose page.
  if (act === "message" && !event.isTrusted) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (act !== "more") closeMenu(document.body);
  acts[act](person(memberId), control);
});

const setFollowing = (who, isOn) => (page.variant === "A"
  ? voyagerPost(`/feed/dash/followingStates/${encodeURIComponent(`urn:li:fsd_followingState:urn:li:fsd_profile:${who.id}`)}`,
    { patch: { $set: { following: isOn } } })
  : serverRequest("com.linkedin.sdui.requests.mynetwork.addaUpdateFollowState", {
    followStateType: isOn ? "FollowStateType_FOLLOW_ACTIVE" : "FollowStateType_INACTIVE",
    memberUrn: { memberId: String(who.memberId) },
  }));

async function follow(who, control) {
  const text = control.querySelector("span, p") ?? control;
  const before = [text.textContent, control.getAttribute("aria-label")];
  const isActive = page.followed[who.memberId] ?? who.isFollowed;
  text.textContent = label(isActive ? "follow" : "following");
  control.setAttribute("aria-label", label(isActive ? "follow_label" : "following_label", { name: who.name }));
  const answer = await setFollowing(who, !isActive);
  if (succeeded(answer)) {
    page.followed[who.memberId] = !isActive;
    return;
  }
  text.textContent = before[0];
  control.setAttribute("aria-label", before[1]);
}

// Every place that draws a relationship has both drawings ready; the state picks one.
watchInvitations((memberId, value) => {
  closeMenu(document.body);
  for (const spot of page.spots) {
    if (String(spot.memberId) !== memberId) continue;
    const place = document.querySelector(spot.at);
    if (place) place.innerHTML = value === "Pending" ? spot.pending : spot.connect;
  }
});

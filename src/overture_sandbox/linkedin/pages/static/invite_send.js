// Sends one invitation the way the site does: the control says Pending first, the answer comes later.
import { after, escapeText, fault, label, page, setInvitation } from "./page.js";
import { errorCode, serverRequest, succeeded, voyagerPost } from "./net.js";
import { openModal, sduiToast, toast } from "./overlay.js";
import { premiumUpsell } from "./upsell.js";

const REVERT_AFTER_S = 2;
const INVITE = "/voyagerRelationshipsDashMemberRelationships?action=verifyQuotaAndCreateV2"
  + "&decorationId=com.linkedin.voyager.dash.deco.relationships.InvitationCreationResultWithInvitee-2";

export async function sendInvite(person, note, email) {
  if (fault("limit_unasked")) { limitDialog("fuse_title", "fuse_text", true); return; }
  setInvitation(person.memberId, "Pending");
  const union = email ? { email: { email } } : {};
  const body = { invitee: { inviteeUnion: { memberProfile: `urn:li:fsd_profile:${person.id}`, ...union } } };
  if (note) body.customMessage = note;
  const answer = await voyagerPost(INVITE, body);
  const made = answer.json?.data?.value ?? answer.json?.value;
  if (succeeded(answer) && made) {
    person.invitationUrn = made.invitationUrn;
    sent(person);
  } else await refused(person, errorCode(answer));
}

function sent(person) {
  toast("success", label("toast_sent", { name: person.name }));
  if (fault("toast_duplicates")) {
    toast("success", label("toast_sent", { name: person.name }));
    toast("success", label("toast_sent", { name: fault("toast_duplicates").old_name ?? page.me.name }));
  }
  if (fault("close_to_limit")) limitDialog("close_to_limit_title", "close_to_limit_text", false);
  if (fault("growing_network")) promo();
}

async function refused(person, code) {
  const rule = fault("optimistic_revert");
  if (code === "FUSE_LIMIT_EXCEEDED" && !rule) {
    setInvitation(person.memberId, "Connect");
    limitDialog("fuse_title", "fuse_text", true);
    return;
  }
  if (code === "PERSONALIZED_INVITATION_QUOTA_EXCEEDED") {
    setInvitation(person.memberId, "Connect");
    premiumUpsell("note_upsell");
    return;
  }
  const wait = rule ? rule.revert_after_s : REVERT_AFTER_S;
  if (wait === null) return;
  await after(wait ?? REVERT_AFTER_S);
  setInvitation(person.memberId, "Connect");
  toast("error", label("toast_not_sent"));
}

function limitDialog(title, text, isWarning) {
  const { dialog, close } = openModal(`<div class="artdeco-modal ip-fuse-limit-alert" role="dialog" tabindex="-1"
    aria-labelledby="ip-fuse-limit-alert__header"><div class="artdeco-modal__header">
    <h2 id="ip-fuse-limit-alert__header">${escapeText(label(title))}</h2></div>
    <div class="artdeco-modal__content">${isWarning ? '<div class="ip-fuse-limit-alert__warning"></div>' : ""}
    <p class="t-14">${escapeText(label(text))}</p></div><div class="artdeco-modal__actionbar">
    <button type="button" class="artdeco-button artdeco-button--primary ip-fuse-limit-alert__primary-action"
      aria-label="${escapeText(label("got_it"))}"><span class="artdeco-button__text">${escapeText(label("got_it"))}</span>
    </button></div></div>`);
  dialog.querySelector("button").addEventListener("click", close);
}

function promo() {
  const { dialog, close } = openModal(`<div class="artdeco-modal" role="dialog" tabindex="-1" aria-labelledby="promo-title">
    <button type="button" class="artdeco-modal__dismiss artdeco-button artdeco-button--circle"
      aria-label="${escapeText(label("dismiss"))}"><span aria-hidden="true">✕</span></button>
    <div class="artdeco-modal__header"><h2 id="promo-title">${escapeText(label("growing_title"))}</h2></div>
    <div class="artdeco-modal__actionbar"><button type="button" aria-label="${escapeText(label("got_it"))}"
      class="artdeco-button artdeco-button--primary"><span>${escapeText(label("got_it"))}</span></button></div></div>`);
  dialog.querySelector(".artdeco-button--primary").addEventListener("click", close);
}

// Sidebar and "people you may know" cards: no dialog, one SDUI request.
export async function sendAtOnce(person) {
  setInvitation(person.memberId, "Pending");
  const answer = await serverRequest("com.linkedin.sdui.requests.mynetwork.addaAddConnection", {
    inviteeUrn: { memberId: String(person.memberId) },
    nonIterableProfileId: person.id,
    renderMode: "IconAndText",
    firstName: person.firstName,
    lastName: person.lastName,
    origin: "InvitationOrigin_PROFILE_BROWSE_MAP",
  });
  if (succeeded(answer)) { person.invitationUrn = answer.json.value?.invitationUrn; return; }
  const rule = fault("optimistic_revert");
  if (rule?.revert_after_s === null) return;
  await after(rule?.revert_after_s ?? REVERT_AFTER_S);
  setInvitation(person.memberId, "Connect");
  sduiToast(label("toast_not_sent"));
}

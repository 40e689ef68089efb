// Answers to invitations of others, and taking back one's own.
import { escapeText, fault, fragment, label, page, setInvitation } from "./page.js";
import { openModal, toast } from "./overlay.js";
import { serverRequest, succeeded, voyagerPost } from "./net.js";

const act = (who, action) => voyagerPost(
  `/voyagerRelationshipsDashInvitations/${encodeURIComponent(who.invitationUrn)}?action=${action}`,
  { invitationType: "CONNECTION", sharedSecret: who.sharedSecret ?? null },
);

const sduiAnswer = (who, action) => serverRequest("com.linkedin.sdui.requests.mynetwork.addaInvitationAction", {
  inviteeActionType: `InviteeActionType_${action.toUpperCase()}`,
  invitationType: "GenericInvitationType_CONNECTION",
  invitationUrn: { invitationId: who.invitationUrn.split(":").pop() },
});

export async function answerInvitation(who, action) {
  const answer = await (page.variant === "B" ? sduiAnswer(who, action) : act(who, action));
  if (succeeded(answer)) location.reload();
  else toast("error", label("toast_problem"));
}

export function askToWithdraw(who) {
  if (page.variant === "B") lightConfirm(who);
  else artdecoConfirm(who);
}

async function withdraw(who) {
  const answer = await act(who, "withdraw");
  if (!succeeded(answer)) { toast("error", label("toast_problem")); return; }
  setInvitation(who.memberId, "Connect");
  toast("success", label("toast_withdrawn"));
}

// The SDUI confirmation is in the page itself and carries no dialog role.
function lightConfirm(who) {
  const box = fragment(`<div data-sdui-screen="com.linkedin.sdui.flagshipnav.mynetwork.invitations.WithdrawConfirmationDialog"
    style="position:fixed;inset:20% 30% auto;z-index:600;background:#fff;padding:24px;border-radius:8px;box-shadow:0 4px 24px #0005">
    <h2>${escapeText(label("withdraw_title"))}</h2><p>${escapeText(label("withdraw_text"))}</p>
    <button type="button"><span>${escapeText(label("cancel"))}</span></button>
    <button type="button" aria-label="${escapeText(label("withdraw_label", { name: who.name }))}">
    <span>${escapeText(label("withdraw"))}</span></button></div>`);
  const [cancel, confirm] = box.querySelectorAll("button");
  cancel.addEventListener("click", () => box.remove());
  confirm.addEventListener("click", () => { box.remove(); withdraw(who); });
  if (fault("withdraw_confirm_missing")) confirm.remove();
  document.body.append(box);
}

function artdecoConfirm(who) {
  const { dialog, close } = openModal(`<div class="artdeco-modal artdeco-modal--layer-confirmation" role="alertdialog"
    tabindex="-1" aria-labelledby="withdraw-title"><div class="artdeco-modal__header"><h2 id="withdraw-title">
    ${escapeText(label("withdraw_title"))}</h2></div><div class="artdeco-modal__content">
    <p>${escapeText(label("withdraw_text"))}</p></div><div class="artdeco-modal__actionbar">
    <button type="button" class="artdeco-button artdeco-button--secondary"><span>${escapeText(label("cancel"))}</span></button>
    <button type="button" class="artdeco-button artdeco-button--primary"><span class="artdeco-button__text">
    ${escapeText(label("withdraw"))}</span></button></div></div>`);
  const [cancel, confirm] = dialog.querySelectorAll(".artdeco-modal__actionbar button");
  cancel.addEventListener("click", close);
  confirm.addEventListener("click", () => { close(); withdraw(who); });
  if (fault("withdraw_confirm_missing")) confirm.remove();
}

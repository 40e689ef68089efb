// The box comments are written in: mounted on demand, its button there only while there is text.
import { after, emberId, escapeText, fault, fragment, label, page } from "./page.js";
import { serverRequest, succeeded, voyagerPost } from "./net.js";
import { sduiToast, toast } from "./overlay.js";
import { readText } from "./composer.js";

const MOUNT_S = 0.3;
const COMMIT_S = 0.15; // the editors tell the page what was typed a moment later
const EMPTY = "<p><br></p>";
const t = (key, values) => escapeText(label(key, values));

const BOX_A = () => `<form id="${emberId()}" class="comments-comment-box__form"><div class="comments-comment-texteditor">
  <div class="editor-container"><div class="comments-comment-box-comment__text-editor"><div class="ql-container">
  <div class="ql-editor" contenteditable="true" role="textbox" aria-multiline="true" style="outline:1px solid #0006;min-height:40px"
    aria-placeholder="${t("add_comment")}" data-placeholder="${t("add_comment")}" aria-label="${t("editor_a")}">${EMPTY}</div>
  </div></div></div></div><div class="comments-comment-box__controls"></div></form>`;

const BOX_B = () => `<div><div data-testid="ui-core-tiptap-text-editor-wrapper"><div class="tiptap ProseMirror"
  contenteditable="true" role="textbox" aria-multiline="true" style="outline:1px solid #0006;min-height:40px"
  maxlength="3000" translate="no" aria-label="${t("editor_b")}">${EMPTY}</div></div><div></div></div>`;

const SUBMIT_A = () => `<button type="submit" class="comments-comment-box__submit-button--cr artdeco-button
  artdeco-button--1 artdeco-button--primary"><span class="artdeco-button__text">${t("comment")}</span></button>`;
const SUBMIT_B = () => `<button type="button"><span>${t("comment")}</span></button>`;

const write = (post, text) => (page.variant === "A"
  ? voyagerPost(
    "/voyagerSocialDashNormComments?decorationId=com.linkedin.voyager.dash.deco.social.NormComment-43",
    {
      commentary: { text, attributesV2: [], $type: "com.linkedin.voyager.dash.common.text.TextViewModel" },
      threadUrn: post.urn,
    },
  )
  : serverRequest("com.linkedin.sdui.comments.createComment", {
    threadUrn: { threadUrnActivityThreadUrn: { activityUrn: { activityId: post.number } } },
    commentary: { text, attributes: [] },
    renderState: { pageInstance: page.pageInstance, trackingId: page.trackingId },
  }));

export class CommentBox {
  constructor(post, place, list) {
    this.post = post;
    this.place = place;
    this.list = list;
    this.draftKey = `comment-draft:${page.me.id}:${post.number}`;
  }

  async mount() {
    if (this.isMounting) return;
    this.isMounting = true;
    await after(MOUNT_S);
    this.box = this.place.appendChild(fragment(page.variant === "A" ? BOX_A() : BOX_B()));
    this.editor = this.box.querySelector("[contenteditable]");
    this.controls = this.box.lastElementChild;
    this.editor.addEventListener("focus", () => document.execCommand("defaultParagraphSeparator", false, "p"));
    this.editor.addEventListener("input", (event) => this.onInput(event));
    this.box.addEventListener("submit", (event) => event.preventDefault());
    const draft = localStorage.getItem(this.draftKey);
    if (draft) {
      this.editor.innerHTML = draft.split("\n").map((line) => `<p>${escapeText(line) || "<br>"}</p>`).join("");
      this.commit();
    }
    this.editor.focus();
  }

  async onInput(event) {
    if (this.editor.innerHTML === "" || this.editor.innerHTML === "<br>") {
      this.editor.innerHTML = EMPTY;
      getSelection().collapse(this.editor.firstChild, 0);
    }
    if (!event.isTrusted) return;
    const text = readText(this.editor);
    if (text.trim() === "") localStorage.removeItem(this.draftKey);
    else localStorage.setItem(this.draftKey, text);
    await after(fault("comment_noticed_late")?.after_s ?? COMMIT_S);
    this.commit();
  }

  commit() {
    const text = readText(this.editor);
    const button = this.controls.querySelector("button");
    if (text.trim() === "") { button?.remove(); return; }
    if (button) return;
    const made = this.controls.appendChild(fragment(page.variant === "A" ? SUBMIT_A() : SUBMIT_B()));
    made.addEventListener("click", () => this.submit());
    if (fault("comment_submit_never")) made.disabled = true;
    const late = fault("comment_submit_late");
    if (!late) return;
    made.disabled = true;
    after(late.after_s ?? 2).then(() => { made.disabled = false; });
  }

  // The comment is in the list before the site has answered; an answer of status 200 is believed.
  async submit() {
    const text = readText(this.editor);
    this.editor.innerHTML = EMPTY;
    this.controls.replaceChildren();
    localStorage.removeItem(this.draftKey);
    const shown = this.list.appendChild(this.drawn(text));
    const answer = await write(this.post, text);
    if (answer.status === 200 || succeeded(answer)) return;
    shown.remove();
    if (page.variant === "A") toast("error", label("toast_problem"));
    else sduiToast(label("toast_problem"));
  }

  drawn(text) {
    const body = `<p>${escapeText(page.me.name)}</p><span style="white-space:pre-wrap">${escapeText(text)}</span>`;
    return fragment(page.variant === "A"
      ? `<article class="comments-comment-entity" data-id="urn:li:comment:(activity:${this.post.number},optimistic)">${body}</article>`
      : `<div componentkey="replaceableComment_urn:li:comment:(${this.post.urn},optimistic)">${body}</div>`);
  }
}

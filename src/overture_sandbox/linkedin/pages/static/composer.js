// The message box: a contenteditable whose Send wakes up only for input the browser itself made.
import { emberId, escapeText, fault, fragment, label, page } from "./page.js";

const EMPTY = "<p><br></p>";
const t = (key, values) => escapeText(label(key, values));

function inlineText(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data;
  if (node.nodeName === "BR") return "\n";
  return [...node.childNodes].map(inlineText).join("");
}

// One line per block; the browser's placeholder <br> at the end of a block is no line of its own.
function blockText(block) {
  const text = inlineText(block);
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}

export function readText(root) {
  const lines = [];
  let isLoose = false;
  for (const node of root.childNodes) {
    const isBlock = node.nodeName === "P" || node.nodeName === "DIV";
    if (isBlock) lines.push(blockText(node));
    else if (isLoose) lines[lines.length - 1] += inlineText(node);
    else lines.push(inlineText(node));
    isLoose = !isBlock;
  }
  return lines.join("\n");
}

const editorMarkup = () => `<div class="msg-form__contenteditable t-14 t-black--light t-normal flex-grow-1 full-height notranslate"
  contenteditable="true" role="textbox" aria-multiline="true" aria-label="${t("write_message")}">${EMPTY}</div>`;

const sendMarkup = () => (page.composerMode === "click"
  ? `<button type="submit" disabled class="msg-form__send-button artdeco-button artdeco-button--1">${t("send")}</button>`
  : `<button type="submit" disabled class="msg-form__send-btn artdeco-button artdeco-button--circle">${t("send")}</button>`);

const MARKUP = () => `<form id="msg-form-${emberId()}" class="msg-form msg-form--thread-footer-feature">
  <div class="msg-form__error" role="alert" hidden></div>
  <div class="msg-form__msg-content-container"><div class="msg-form__message-texteditor relative flex-grow-1 display-flex">
  ${editorMarkup()}<div class="msg-form__placeholder t-14" aria-hidden="true" data-placeholder="${t("write_message")}"></div>
  </div></div><footer class="msg-form__footer flex-shrink-zero"><div class="msg-form__left-actions">
  <button type="button" class="msg-form__footer-action artdeco-button artdeco-button--circle" aria-label="${t("attach_image")}">
  <span aria-hidden="true">▣</span></button></div><div class="msg-form__right-actions">${sendMarkup()}
  <button type="button" class="msg-form__send-toggle artdeco-button artdeco-button--circle" aria-haspopup="true"
    aria-label="${t("send_options")}"><span aria-hidden="true">⋯</span></button></div></footer></form>`;

export class Composer {
  constructor(draftKey, onSend) {
    this.draftKey = `voyager-msg-draft:${page.me.id}:${draftKey}`;
    this.onSend = onSend;
    this.form = fragment(MARKUP());
    this.send = this.form.querySelector("[type=submit]");
    this.isAwake = false;
    this.isHeld = false;
    this.limit = Infinity;
    this.lossesLeft = fault("composer_loses_text")?.losses ?? (fault("composer_loses_text") ? 1 : 0);
    this.adopt(this.form.querySelector("[contenteditable]"));
    this.restoreDraft();
    this.form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.form.querySelector(".msg-form__placeholder").addEventListener("click", () => this.editor.focus());
  }

  adopt(editor) {
    this.editor = editor;
    editor.addEventListener("focus", () => document.execCommand("defaultParagraphSeparator", false, "p"));
    editor.addEventListener("input", (event) => this.onInput(event));
    editor.addEventListener("keydown", (event) => this.onKey(event));
    editor.addEventListener("paste", (event) => {
      event.preventDefault();
      document.execCommand("insertText", false, event.clipboardData.getData("text/plain"));
    });
  }

  onInput(event) {
    if (this.editor.innerHTML === "" || this.editor.innerHTML === "<br>") this.reset();
    this.showPlaceholder();
    if (!event.isTrusted || page.composerBroken) return;
    this.isAwake = readText(this.editor).trim() !== "";
    this.settleSend();
    this.saveDraft();
    this.perhapsRemount();
  }

  // Send is awake when there is text the browser itself brought in, not too long, and nothing holds it.
  settleSend() {
    const isLong = readText(this.editor).length > this.limit;
    const error = this.form.querySelector(".msg-form__error");
    error.hidden = !isLong;
    error.textContent = isLong ? label("body_too_long") : "";
    this.send.disabled = !this.isAwake || this.isHeld || isLong;
  }

  hold(isHeld) {
    this.isHeld = isHeld;
    this.settleSend();
  }

  // A slow subtree re-render throws the half-typed text away.
  perhapsRemount() {
    const limit = fault("composer_loses_text")?.after_chars ?? 40;
    if (this.lossesLeft < 1 || readText(this.editor).length < limit) return;
    this.lossesLeft -= 1;
    const fresh = fragment(editorMarkup());
    this.editor.replaceWith(fresh);
    this.adopt(fresh);
    this.isAwake = false;
    this.settleSend();
    this.forgetDraft();
  }

  onKey(event) {
    if (event.key !== "Enter" || event.isComposing) return;
    const isCommand = event.ctrlKey || event.metaKey;
    const isSend = page.composerMode === "enter" ? !event.shiftKey && !isCommand : isCommand;
    if (!isSend) return;
    event.preventDefault();
    if (!this.send.disabled) this.submit();
  }

  submit() {
    if (this.send.disabled) return;
    this.onSend(readText(this.editor), this);
  }

  reset() {
    const hadFocus = this.editor.matches(":focus");
    this.editor.innerHTML = EMPTY;
    if (hadFocus) getSelection().collapse(this.editor.firstChild, 0);
  }

  clear() {
    this.reset();
    this.isAwake = false;
    this.settleSend();
    this.forgetDraft();
    this.showPlaceholder();
  }

  showPlaceholder() {
    this.form.querySelector(".msg-form__placeholder").hidden = readText(this.editor) !== "";
  }

  saveDraft() {
    const text = readText(this.editor);
    if (text.trim() === "") this.forgetDraft();
    else localStorage.setItem(this.draftKey, text);
  }

  // Remembered as empty, so that a draft from some other day does not come back.
  forgetDraft() {
    localStorage.setItem(this.draftKey, "");
  }

  restoreDraft() {
    const text = localStorage.getItem(this.draftKey) ?? fault("old_draft")?.text;
    if (!text) return;
    this.editor.innerHTML = text.split("\n").map((line) => `<p>${escapeText(line) || "<br>"}</p>`).join("");
    this.isAwake = !page.composerBroken;
    this.settleSend();
    this.showPlaceholder();
  }
}

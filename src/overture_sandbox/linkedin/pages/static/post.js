// A post's own page: its reaction button and its comment box, in every copy the page draws.
import { page } from "./page.js";
import { CommentBox } from "./post_comment_box.js";
import { Reactions } from "./post_reactions.js";

const byKey = (key) => document.getElementById(key) ?? document.querySelector(`[componentkey="${key}"]`);

const reactions = new Reactions(page.post);

for (const keys of page.post.copies) {
  reactions.adopt(byKey(keys.trigger), byKey(keys.menu));
  const opener = byKey(keys.opener);
  if (!opener) continue;
  const box = new CommentBox(page.post, byKey(keys.box), byKey(keys.comments));
  opener.addEventListener("click", () => box.mount());
}

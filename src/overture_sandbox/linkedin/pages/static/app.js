// Everything a signed-in page runs.
import "./controls.js";
import { page } from "./page.js";
import { openBubble } from "./bubble.js";
import { openInvite } from "./invite_modal.js";
import { drawMessaging } from "./messaging.js";
import "./popups.js";
import { watchScroll } from "./scroll.js";

watchScroll();
if (page.kind === "messaging") drawMessaging();
if (page.kind === "custom-invite") openInvite(page.target);
// A conversation left open from before, as the site restores them.
if (page.openBubble) openBubble(page.openBubble);
if (page.variant === "B") document.body.setAttribute("data-rehydrated", "true");

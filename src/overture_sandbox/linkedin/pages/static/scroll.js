// Cards below the fold are drawn, and the sticky header shown, when the scroller moves.
import { page } from "./page.js";

const STICKY_FROM_PX = 260;

export function watchScroll() {
  const scroller = document.querySelector("main#workspace") ?? document;
  const sticky = page.sticky ? document.querySelector(page.sticky) : null;
  const top = () => (scroller === document ? window.scrollY : scroller.scrollTop);
  const box = scroller === document ? document.documentElement : scroller;
  if (box.scrollHeight <= box.clientHeight) drawLazyCards(); // everything is in view, nothing will ever scroll
  scroller.addEventListener("scroll", () => {
    if (top() > 0) drawLazyCards();
    if (sticky) sticky.style.visibility = top() > STICKY_FROM_PX ? "visible" : "hidden";
  }, { passive: true });
}

function drawLazyCards() {
  while (page.lazy.length) {
    const { at, html } = page.lazy.shift();
    const place = document.querySelector(at);
    if (place) place.outerHTML = html;
  }
}

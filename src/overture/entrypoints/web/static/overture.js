// The pages' one script: colours, shortcuts, copying, live updates, relative times and the chart.
(() => {
  "use strict";
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // Colours: what was chosen, else what the system says; before the first paint.
  const chosen = () => localStorage.getItem("theme") || "auto";
  const paint = () => {
    const theme = chosen();
    root.dataset.bsTheme = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
    drawCharts(true);
  };
  dark.addEventListener("change", paint);

  // Relative times, brought up to date without asking the server.
  const units = [["second", 60], ["minute", 60], ["hour", 24], ["day", 30], ["month", 12], ["year", Infinity]];
  const ago = (at) => {
    const seconds = (at - Date.now()) / 1000;
    let amount = Math.abs(seconds);
    for (const [unit, size] of units) {
      if (amount < size) {
        const whole = Math.floor(amount);
        if (unit === "second" && whole < 10) return seconds <= 0 ? "just now" : "in a moment";
        const told = `${whole} ${unit}${whole === 1 ? "" : "s"}`;
        return seconds > 0 ? `in ${told}` : `${told} ago`;
      }
      amount /= size;
    }
    return "";
  };
  const local = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });
  const tellTimes = () => {
    for (const one of document.querySelectorAll("time[data-ago]")) {
      const at = new Date(one.dateTime);
      const text = ago(at.getTime());
      if (one.textContent !== text) one.textContent = text;
      const title = `${local.format(at)} (${at.toISOString().slice(0, 19).replace("T", " ")} UTC)`;
      if (one.title !== title) one.title = title;
    }
  };

  // Charts, drawn anew when their numbers or the colours change.
  const drawn = new WeakMap();
  function drawCharts(again) {
    if (!window.uPlot) return;
    for (const place of document.querySelectorAll(".chart")) {
      const before = drawn.get(place);
      if (before && before.text === place.dataset.chart && before.width === place.clientWidth && !again) continue;
      if (before) before.plot.destroy();
      const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
      const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line") } };
      const names = JSON.parse(place.dataset.names);
      const bars = uPlot.paths.bars({ size: [0.6, 40] });
      const [days, proved, unknown] = JSON.parse(place.dataset.chart);
      const told = [proved, unknown];
      // The whole is drawn behind its proved part, so that the two stand one upon the other.
      const whole = days.map((_, at) => proved[at] + unknown[at] || null);
      const series = (at, name) => ({ label: names[at], stroke: colour(name), fill: colour(name), paths: bars, points: { show: false }, value: (_, __, ___, day) => (day == null ? "" : told[at][day]) });
      const plot = new uPlot({
        width: place.clientWidth, height: 200, tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC"),
        axes: [{ ...axis, space: 60, values: [[86400, "{MMM} {D}", null, null, null, null, null, null, 1]], incrs: [86400, 2 * 86400, 7 * 86400] },
          { ...axis, size: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] }],
        scales: { x: { range: (_, low, high) => [low - 43200, high + 43200] }, y: { range: (_, low, high) => [0, Math.max(4, high * 1.1)] } },
        series: [{ label: "Day", value: "{YYYY}-{MM}-{DD}" }, series(1, "--bar-flight"), series(0, "--bar-used")],
        cursor: { drag: { x: false, y: false } },
      }, [days, whole, proved.map((one) => one || null)], place);
      drawn.set(place, { plot, text: place.dataset.chart, width: place.clientWidth });
    }
  }

  // Live updates: hints come on one stream; while paused they are kept, and told when it goes on.
  // `hearing` is what the page says of itself: yes once the server has said so, no after a failure, else not yet.
  const missed = new Set();
  const words = { yes: "Live", no: "Not live", "not yet": "Connecting" };
  let paused = false;
  let hearing = "not yet";
  let opened = false;
  let tries = 0;
  const tellLive = () => {
    const button = document.getElementById("pause");
    if (!button) return;
    button.setAttribute("aria-pressed", String(paused));
    const word = paused ? (missed.size ? "Paused, news" : "Paused") : words[hearing];
    const place = document.getElementById("pause-word");
    if (place.textContent !== word) place.textContent = word;
    button.toggleAttribute("data-lost", hearing !== "yes");
    button.title = paused ? "Live updates are paused: press to go on"
      : hearing === "yes" ? "Updates come by themselves: press to pause" : "No updates come yet; it is tried again by itself";
  };
  const togglePause = () => {
    paused = !paused;
    if (!paused) {
      for (const name of missed) htmx.trigger(document.body, name);
      missed.clear();
    }
    tellLive();
  };
  const hears = (now) => {
    hearing = now;
    if (now === "yes") document.body.dataset.listening = "yes";
    else delete document.body.dataset.listening;
    tellLive();
  };
  // A stream that breaks is opened again by the extension; one that never opened is not.
  const again = (event) => {
    if (event.target.id !== "live" || opened) return;
    hears("no");
    setTimeout(() => htmx.trigger(event.target, "again"), Math.min(60000, 500 * 2 ** tries++));
  };

  // Shortcuts: `g` and a letter, `p`, `?`; never while something is being typed.
  const rooms = { h: "/", r: "/runs", s: "/schedules", a: "/accounts", i: "/inbox", c: "/campaigns", l: "/leads", q: "/approvals", n: "/suppressions" };
  let afterG = 0;
  const onKey = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("[data-draft]")) event.target.form.requestSubmit();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") document.querySelectorAll("details.drawer[open], details.act[open]").forEach((one) => { one.open = false; one.querySelector("summary").focus(); });
    if (event.target.closest("input, select, textarea, dialog[open]")) return;
    const sheet = document.getElementById("sheet");
    if (!sheet) return;
    if (event.key === "?") sheet.showModal();
    else if (event.key === "p") togglePause();
    else if (event.key === "g") { afterG = Date.now(); return; }
    else if (Date.now() - afterG < 1500 && rooms[event.key]) location.assign(rooms[event.key]);
    else if ((event.key === "j" || event.key === "k") && step(event.key === "j" ? 1 : -1)) event.preventDefault();
    else { const mark = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`); if (mark) { event.preventDefault(); press(mark); } }
    afterG = 0;
  };

  // What a key stands for: a button is pressed; what opens is entered.
  const press = (mark) => {
    mark.click();
    if (mark.tagName === "SUMMARY" && mark.parentElement.open) mark.parentElement.querySelector("form :is(button, select, input:not([type=hidden]))").focus();
  };

  // The inbox: `j` and `k` go through the conversations; beside an open one they open the next.
  const step = (by) => {
    const all = [...document.querySelectorAll("a[data-thread]")];
    const open = all.findIndex((one) => one.hasAttribute("aria-current"));
    const isOpen = document.getElementById("thread") !== null;
    const here = isOpen ? open : all.indexOf(document.activeElement);
    const next = all[here < 0 ? (by > 0 ? 0 : all.length - 1) : here + by];
    if (!next) return all.length > 0;
    if (isOpen) location.assign(next.href);
    else next.focus();
    return true;
  };
  // What somebody has before their eyes is read, up to the newest message that is on the page.
  let seen = "";
  const markSeen = () => {
    const mark = document.querySelector("[data-seen]");
    if (!mark || document.visibilityState !== "visible" || seen === mark.dataset.until) return;
    seen = mark.dataset.until;
    const form = new URLSearchParams({ [mark.dataset.name]: mark.dataset.token, until: mark.dataset.until });
    fetch(mark.dataset.seen, { method: "POST", body: form })
      .then((answer) => { if (answer.ok) htmx.trigger(document.body, "changed-inbox"); }, () => { seen = ""; });
  };
  // A snooze ends by the clock, which no event tells of.
  let waking = 0;
  const wakeLater = () => {
    clearTimeout(waking);
    const times = [...document.querySelectorAll("[data-next]")].map((one) => Date.parse(one.dataset.next));
    if (!times.length) return;
    const wait = Math.min(2 ** 31 - 1, Math.max(5000, Math.min(...times) - Date.now() + 500));
    waking = setTimeout(() => { if (paused) { missed.add("changed-inbox"); tellLive(); } else htmx.trigger(document.body, "changed-inbox"); }, wait);
  };
  // A thread stands at its end, unless somebody has scrolled up to read.
  let atEnd = true;
  const toEnd = () => {
    const thread = document.getElementById("thread");
    if (thread && atEnd) thread.scrollTop = thread.scrollHeight;
  };
  const draftOf = (one) => `draft ${one.dataset.draft}`;
  const takeUpDrafts = () => document.querySelectorAll("[data-draft]").forEach((one) => { if (!one.value) one.value = sessionStorage.getItem(draftOf(one)) || ""; });
  root.addEventListener("input", (event) => { if (event.target.matches("[data-draft]")) sessionStorage.setItem(draftOf(event.target), event.target.value); });
  document.addEventListener("scroll", (event) => {
    if (event.target.id === "thread") atEnd = event.target.scrollHeight - event.target.scrollTop - event.target.clientHeight < 40;
  }, true);
  document.addEventListener("visibilitychange", markSeen);

  const onClick = async (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.id === "keys") document.getElementById("sheet").showModal();
    if (button.id === "pause") togglePause();
    const answer = document.querySelector("[data-draft]");
    if (button.dataset.fill !== undefined && answer) {
      answer.value = button.dataset.fill;
      answer.dispatchEvent(new Event("input", { bubbles: true }));
      answer.focus();
    }
    if (button.dataset.copy !== undefined) {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.classList.add("copied");
      button.setAttribute("aria-label", "Copied");
    }
  };

  root.addEventListener("keydown", onKey);
  root.addEventListener("click", onClick);
  root.addEventListener("change", (event) => {
    if (event.target.id === "theme") { localStorage.setItem("theme", event.target.value); paint(); }
  });
  root.addEventListener("submit", (event) => {
    // What was left empty is no condition, and need not stand in the address.
    for (const one of event.target.querySelectorAll("[data-draft]")) sessionStorage.removeItem(draftOf(one));
    if (event.target.matches("[data-lean]")) for (const one of event.target.elements) one.disabled = !one.value && one.tagName !== "BUTTON";
  });
  addEventListener("pageshow", () => document.querySelectorAll("[data-lean] :disabled").forEach((one) => { one.disabled = false; }));
  addEventListener("resize", () => drawCharts(false));
  document.addEventListener("htmx:sse:before:message", (event) => {
    const name = event.detail.message.event;
    if (!paused || !name || !name.startsWith("changed-")) return;
    missed.add(name);
    event.preventDefault();
    tellLive();
  });
  document.addEventListener("htmx:sse:before:connection", () => { if (hearing === "yes") hears("not yet"); });
  document.addEventListener("htmx:sse:after:connection", () => { opened = true; });
  document.addEventListener("listening", () => hears("yes"));
  document.addEventListener("htmx:sse:error", () => hears("no"));
  document.addEventListener("htmx:finally:request", again);
  document.addEventListener("htmx:after:swap", () => { tellTimes(); drawCharts(false); toEnd(); markSeen(); wakeLater(); });
  paint();
  document.addEventListener("DOMContentLoaded", () => {
    const theme = document.getElementById("theme");
    if (theme) theme.value = chosen();
    tellTimes();
    drawCharts(false);
    takeUpDrafts();
    toEnd();
    markSeen();
    wakeLater();
    setInterval(tellTimes, 15000);
    tellLive();
  });
})();

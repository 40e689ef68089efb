/* Looks at a profile page without touching it: the top card's own controls, its degree marks, and an open menu.
   Evaluated in the page; `slug` is whose page it is, if that is known. Returns plain facts (profile_sight.py). */
(slug) => {
  const MOST = 60;
  const text = (node) => (node.textContent || '').replace(/\s+/g, ' ').trim();
  const own = (node) => [...node.childNodes].filter((one) => one.nodeType === Node.TEXT_NODE)
    .map((one) => one.data).join(' ').replace(/\s+/g, ' ').trim();
  const roots = [document];
  for (let at = 0; at < roots.length; at += 1) {
    for (const node of roots[at].querySelectorAll('*')) if (node.shadowRoot) roots.push(node.shadowRoot);
  }
  const all = (selector) => roots.flatMap((root) => [...root.querySelectorAll(selector)]);
  // Saved pages come without their stylesheets: what is hidden is told by attributes as well as by layout.
  const hidden = (node) => {
    for (let at = node; at && at.nodeType === Node.ELEMENT_NODE; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (at.hidden || style.display === 'none' || style.visibility === 'hidden') return true;
      if (at.tagName === 'DIALOG' && !at.open) return true;
    }
    return false;
  };
  const path = (link) => {
    const given = link && link.getAttribute && link.getAttribute('href');
    if (!given) return '';
    try {
      const url = new URL(given, 'https://www.linkedin.com/');
      return decodeURIComponent(url.pathname) + url.search;
    } catch { return given; }
  };
  const main = document.querySelector('main, [role="main"]');
  const titled = document.title.replace(/^\(\d+\+?\)\s*/, '').split(/\s[|–-]\s/)[0].trim();
  const isName = (node) => titled !== '' && text(node) === titled;

  const findCard = () => {
    const keyed = all('[componentkey]').filter((one) => /topcard$/i.test(one.getAttribute('componentkey')));
    if (keyed.length) return [keyed.find((one) => one.querySelector('h1, h2, a, button')) || keyed[0], 1];
    const classed = all('section.artdeco-card, section').find((one) =>
      one.querySelector(':scope > .pv-top-card, .pv-top-card, .pv-text-details__left-panel, '
        + '.top-card-layout__card') || /(^|[\s-])(pv-)?top-card/.test(one.className));
    if (classed) return [classed, 2];
    const headings = [...(main || document.body).querySelectorAll('h1, h2')].filter((one) => !hidden(one));
    const name = headings.find((one) => one.tagName === 'H1') || headings.find(isName) || headings[0];
    const section = name && name.closest('section');
    if (section && section.querySelector('button, a[href]')) return [section, 3];
    return [main || document.body, 4];
  };
  const [card, rung] = findCard();
  const heading = [...card.querySelectorAll('h1, h2')].find((one) => isName(one) && !hidden(one))
    || [...card.querySelectorAll('h1, h2')].find((one) => text(one) && !hidden(one));
  const inMenu = (node) => node.closest('[role="menu"], .artdeco-dropdown__content');
  const openMenus = all('[role="menu"], .artdeco-dropdown__content').filter((one) => {
    const isOpen = one.closest('[data-floating-ui-portal], [popover], .artdeco-dropdown__content--is-open, '
      + '.artdeco-dropdown--is-open') || one.getAttribute('aria-hidden') === 'false';
    return !one.closest('header, nav, .video-js, [class*="vjs-"]') && (card.contains(one) || isOpen);
  });

  // The action row: the smallest part of the card that holds the More button and the way to write.
  const expanders = [...card.querySelectorAll('button[aria-expanded], [id$="-profile-overflow-action"], '
    + '.artdeco-dropdown__trigger')].filter((one) => !hidden(one) && !inMenu(one));
  const writers = [...card.querySelectorAll('a[href*="/messaging/compose/"], a[href*="/messaging/thread/"]')]
    .filter((one) => !hidden(one) && !inMenu(one));
  const common = (one, other) => {
    let at = one;
    while (at && !at.contains(other)) at = at.parentElement;
    return at;
  };
  const more = expanders[expanders.length - 1];
  const writer = writers[0];
  const row = more && writer ? common(writer, more) : null;

  const control = (node) => {
    const menu = inMenu(node);
    const key = [node, node.closest('[componentkey]')].filter((one) => one && card.contains(one) && one !== card)
      .map((one) => one.getAttribute('componentkey') || '').join(' ');
    return {
      tag: node.tagName.toLowerCase(),
      role: node.getAttribute('role') || '',
      label: node.getAttribute('aria-label') || '',
      inner_label: [...node.querySelectorAll('[aria-label]')].map((one) => one.getAttribute('aria-label')).join(' '),
      text: text(node).slice(0, 120),
      path: path(node),
      key: key || (node.getAttribute('componentkey') || ''),
      expands: node.hasAttribute('aria-expanded'),
      disabled: node.disabled === true || node.getAttribute('aria-disabled') === 'true',
      in_menu: menu !== null,
      in_row: row !== null && row !== card && row.contains(node),
      hidden: hidden(node),
    };
  };
  const CLICKABLE = 'button, a[href], [role="button"], [role="menuitem"], .artdeco-dropdown__item';
  const controls = [...card.querySelectorAll(CLICKABLE)].slice(0, MOST).map(control);
  const items = openMenus.filter((one) => !card.contains(one))
    .flatMap((one) => [...one.querySelectorAll(CLICKABLE)]).slice(0, MOST).map(control);

  // Degree marks: short texts of their own below the name; a twin inside a display-contents wrapper is not shown.
  const marks = [];
  const walker = document.createTreeWalker(card, NodeFilter.SHOW_ELEMENT);
  let isAfterName = !heading;
  for (let node = card; node && marks.length < 40; node = walker.nextNode()) {
    if (node === heading) isAfterName = true;
    const label = own(node);
    if (!label || label.length > 60 || !/[123]/.test(label)) continue;
    if (node.closest('button, [role="menu"], .artdeco-dropdown__content')) continue;
    marks.push({
      text: label,
      whole: text(node.parentElement || node).slice(0, 80),
      twin: node.parentElement ? node.parentElement.closest('[data-display-contents]') !== null
        && card.contains(node.parentElement.closest('[data-display-contents]')) : false,
      hidden: hidden(node),
      after_name: isAfterName,
      named: /dist-value|distance-badge/.test(node.className + ' ' + (node.parentElement || node).className),
    });
  }

  const slugOf = (given) => (/\/in\/([^/?#]+)/.exec(given || '') || [])[1] || '';
  const links = [...card.querySelectorAll('a[href*="/in/"]')].map(path);
  const canonical = document.querySelector('link[rel="canonical"], meta[property="og:url"]');
  const comment = [...document.childNodes].filter((one) => one.nodeType === Node.COMMENT_NODE)
    .map((one) => one.data).join(' ');
  return {
    lang: document.documentElement.lang || '',
    name: heading ? text(heading).slice(0, 120) : titled,
    rung,
    slugs: [
      ...links.filter((one) => /\/in\/[^/]+\/(overlay|details|recent-activity)\//.test(one)).map(slugOf),
      slugOf(comment), slugOf(canonical && (canonical.href || canonical.content)),
      ...links.map(slugOf), slug || '',
    ].filter(Boolean),
    has_main: main !== null,
    controls, items, marks,
    menu_is_open: items.length > 0,
    data: all('code[id^="bpr-guid"], code[id^="datalet"], script[type="application/json"]')
      .map((one) => one.textContent.trim()).filter((one) => /memberRelationship|MemberRelationship/.test(one))
      .slice(0, 20),
  };
}

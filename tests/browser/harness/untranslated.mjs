// Texts of the plugin's catalogue that show in another language than the page's.

/**
 * What finds texts of `from` that are other ones in `to`, two catalogues by room and key: a
 * list of regular expressions, for [`untranslated`].
 */
export function wordings(from, to) {
  const forms = (message) => (typeof message === 'string' ? [message] : Object.values(message));
  const all = (catalogue) => Object.values(catalogue).flatMap((room) => Object.values(room)).flatMap(forms);
  const same = new Set(all(to));
  const numbers = ['count', 'shown', 'total', 'length', 'limit', 'size', 'page', 'last', 'line', 'column', 'status', 'seconds'];
  const value = (name) => (numbers.includes(name) ? '[\\d.,]+' : '.+?');
  const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/\s+/g, '\\s+');
  // Of what is split, every second part is the name of a placeholder.
  const pattern = (text) =>
    text.trim().split(/\{([a-z_]+)\}/).map((part, index) => (index % 2 ? value(part) : literal(part))).join('');
  // Of “{length} / {limit}” nobody can say in which language it is.
  const isTold = (text) => /\p{L}{2}/u.test(text.replace(/\{[a-z_]+\}/g, ''));
  return [...new Set(all(from))].filter((text) => !same.has(text) && isTold(text)).map(pattern);
}

/** What people of the tests' cluster call something, and the catalogue too. */
const THEIRS = ['default'];

/**
 * The texts of the plugin that these expressions find, in its elements and in what is said of
 * them; what people write is not looked at.
 */
export function untranslated(page, wordings) {
  return page.evaluate(([wordings, theirs]) => {
    const all = new RegExp(`^(?:${wordings.join('|')})$`, 's');
    const { shadowRoot } = document.querySelector('pai-plugin');
    const texts = [];
    const isOurs = (element) => !element.closest('.markdown, pre, .source, textarea, style');
    const walker = document.createTreeWalker(shadowRoot, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      if (isOurs(walker.currentNode.parentElement)) texts.push(walker.currentNode.data);
    }
    for (const element of shadowRoot.querySelectorAll('[aria-label], [title], [placeholder], [alt]')) {
      for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
        if (element.hasAttribute(name)) texts.push(element.getAttribute(name));
      }
    }
    const found = texts.map((text) => text.trim()).filter((text) => all.test(text) && !theirs.includes(text));
    return [...new Set(found)];
  }, [wordings, THEIRS]);
}

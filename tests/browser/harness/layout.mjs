// What is wrong with how a page lies on the screen.

/**
 * Sentences about what is wrong with the plugin at the page's present size: too wide, cut
 * off, too small to hit or to type in, one over the other.
 */
export function layout(page) {
  return page.evaluate(() => {
    const { shadowRoot } = document.querySelector('pai-plugin');
    const dialog = shadowRoot.querySelector('dialog[open]');
    const scope = dialog ?? shadowRoot;
    const all = [...scope.querySelectorAll('*')];
    const found = [];
    const named = (one) => {
      const says = one.getAttribute('aria-label') ?? one.textContent.trim().replace(/\s+/g, ' ');
      return `${one.localName}.${[...one.classList].join('.')} “${says.slice(0, 40)}”`;
    };
    // For screen readers alone.
    const isClipped = (one) => getComputedStyle(one).clipPath === 'inset(50%)';
    const isSeen = (one) => one.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true }) && !one.closest('.sr, .skip') && !isClipped(one);
    const scrolls = (one) => ['auto', 'scroll'].includes(getComputedStyle(one).overflowX);
    const inFrame = (one) => {
      for (let at = one.parentElement; at; at = at.parentElement) if (scrolls(at) && at.localName !== 'dialog') return true;
      return false;
    };

    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth + 1) found.push(`the page scrolls sideways: ${root.scrollWidth} of ${root.clientWidth} px`);
    const seen = all.filter(isSeen);
    for (const one of seen) {
      const box = one.getBoundingClientRect();
      if (!box.width || !box.height) continue;
      if ((box.right > innerWidth + 1 || box.left < -1) && !inFrame(one)) found.push(`out of the window: ${named(one)}`);
      // Two lines of a card, and a long tag, end with an ellipsis.
      const style = getComputedStyle(one);
      const isCut = ['hidden', 'clip'].includes(style.overflowX) && !one.matches('input') && one.scrollWidth > one.clientWidth + 1;
      if (isCut && style.textOverflow !== 'ellipsis' && style.webkitLineClamp === 'none') found.push(`cut off: ${named(one)}`);
    }

    const isInline = (one) => {
      let block = one;
      while (getComputedStyle(block).display === 'inline') block = block.parentElement;
      return block !== one && block.textContent.trim() !== one.textContent.trim();
    };
    const isEnabled = (one) => one.matches('a[href], button, input, select, textarea, summary') && !one.matches(':disabled');
    const targets = seen.filter(isEnabled);
    const boxes = [];
    for (const one of targets) {
      const label = one.closest('label');
      const isBox = one.matches('[type=checkbox], [type=radio]');
      const box = (isBox && label ? label : one).getBoundingClientRect();
      // In a text a line is as high as it is, and between lines of code too.
      const isInText = isInline(one) || !!one.closest('pre, .source');
      // All of a card is its link.
      const isCard = one.matches('.card h3 a');
      if (!isInText && !isCard && (box.width < 23.5 || box.height < 23.5)) {
        found.push(`too small to hit: ${named(one)}: ${Math.round(box.width)} × ${Math.round(box.height)}`);
      }
      if (innerWidth < 560 && one.matches('input:not([type=checkbox], [type=radio]), select, textarea') && parseFloat(getComputedStyle(one).fontSize) < 16) {
        found.push(`phones zoom in on it: ${named(one)}`);
      }
      if (!isInText && !inFrame(one)) boxes.push([one, box]);
    }
    for (const one of seen.filter((one) => one.matches('.copy'))) {
      const [box, code] = [one, one.nextElementSibling].map((part) => part.getBoundingClientRect());
      const isBeside = box.bottom <= code.top + 1 || box.left >= code.right - 1 || box.right <= code.left + 1;
      if (!isBeside) found.push(`over the code: ${named(one)}`);
    }
    const floats = (one) => {
      for (let at = one; at; at = at.parentElement) if (['fixed', 'sticky'].includes(getComputedStyle(at).position)) return at;
      return null;
    };
    boxes.forEach(([one, box], index) => {
      for (const [other, its] of boxes.slice(index + 1)) {
        if (one.contains(other) || other.contains(one) || floats(one) !== floats(other)) continue;
        if (one.closest('label') && one.closest('label') === other.closest('label')) continue;
        const across = Math.min(box.right, its.right) - Math.max(box.left, its.left);
        const down = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
        if (across > 1 && down > 1) found.push(`one over the other: ${named(one)} and ${named(other)}`);
      }
    });
    return [...new Set(found)];
  });
}

/** Sentences about what would move although the user does not want that. */
export function motion(page) {
  return page.evaluate(() => {
    const { shadowRoot } = document.querySelector('pai-plugin');
    const found = shadowRoot.getAnimations().map((one) => `moves: ${one.effect.target.outerHTML.slice(0, 80)}`);
    for (const one of shadowRoot.querySelectorAll('*')) {
      for (const part of [undefined, '::before', '::after']) {
        const style = getComputedStyle(one, part);
        const isStill = style.animationName === 'none' && style.transitionDuration.split(', ').every((time) => parseFloat(time) === 0);
        if (!isStill || style.scrollBehavior === 'smooth') found.push(`would move: ${one.localName}.${one.className} ${part ?? ''}`);
      }
    }
    return [...new Set(found)];
  });
}

/** Where there is no room for it the portal's own menu slides away: at once in these tests. */
export const stopPortal = (page) =>
  page.addInitScript(() => {
    addEventListener('DOMContentLoaded', () => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('* { transition: none !important }');
      document.adoptedStyleSheets = [sheet];
    });
  });

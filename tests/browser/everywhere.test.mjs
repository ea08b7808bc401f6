// The pages in their states, for everybody: on small and large screens, zoomed in, from
// right to left, in other colours, without motion, and read out.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axe, shoot, useWorld } from './harness.mjs';
import { layout, motion, stopPortal } from './harness/layout.mjs';
import { catalogue, furnish, statesOf, visit } from './states.mjs';

const world = useWorld();
const text = catalogue('en');

// The last is also what 1280 px are at 400 %.
const SIZES = [[1920, 1080], [1440, 900], [1024, 768], [768, 1024], [390, 844], [320, 256]];
const IMPACTS = ['minor', 'moderate', 'serious', 'critical'];
/** So far down the first card begins on a phone, at the latest. */
const FIRST_CARD = 400;

let ids;
test('there is something of everything', async () => {
  ids = await furnish(world);
});

for (const [user, part] of [['alice', 'pages'], ['alice', 'form'], ['admin', 'pages']]) {
  test(`every state of ${user}'s ${part}`, { timeout: 600_000 }, async () => {
    const page = await world.page({ user });
    await stopPortal(page);
    const found = new Map();
    await visit(page, statesOf(world, ids, user, part), text, async ({ name }) => {
      const note = (where, findings) =>
        findings.forEach((finding) => found.set(finding, [...(found.get(finding) ?? []), `${name} ${where}`]));
      for (const [width, height] of SIZES) {
        await page.setViewportSize({ width, height });
        note(`${width} px`, await layout(page));
        if (name === 'list' && width < 560 && height > 400) {
          const top = await page.locator('article').first().evaluate((card) => card.getBoundingClientRect().top + scrollY);
          if (top > FIRST_CARD) note(`${width} px`, [`the first card is ${top} px down`]);
        }
      }
      await page.locator('pai-plugin').evaluate((plugin) => plugin.setAttribute('dir', 'rtl'));
      for (const [width, height] of [[390, 844], [1440, 900]]) {
        await page.setViewportSize({ width, height });
        note(`right to left, ${width} px`, await layout(page));
      }
      note('right to left', await notMirrored(page));
      await page.locator('pai-plugin').evaluate((plugin) => plugin.removeAttribute('dir'));
      // Before forced colours: Chromium leaves some lines as they were in those.
      await shoot(page, name);
      await page.emulateMedia({ reducedMotion: 'reduce' });
      note('without motion', await motion(page));
      for (const [colours, rules] of [
        [{ colorScheme: 'light', forcedColors: 'none' }, undefined],
        // Nothing but the colours is different.
        [{ colorScheme: 'dark', forcedColors: 'none' }, ['color-contrast']],
        [{ colorScheme: 'light', forcedColors: 'active' }, ['color-contrast']],
      ]) {
        await page.emulateMedia(colours);
        await axe(page, 'pai-plugin', IMPACTS, rules).catch((error) => note(JSON.stringify(colours), error.actual ?? [`${error}`]));
      }
      await page.emulateMedia({ colorScheme: null, forcedColors: null, reducedMotion: null });
    });
    // A line for each: what assert makes of long differences leaves most of it out.
    if (found.size) assert.fail([...found].map(([finding, places]) => `${finding}: ${places.join(', ')}`).join('\n'));
  });
}

/** What begins where it began before. */
const notMirrored = (page) =>
  page.evaluate(() => {
    const { shadowRoot } = document.querySelector('pai-plugin');
    const [brand, main] = [shadowRoot.querySelector('.brand'), shadowRoot.querySelector('main')].map((one) => one.getBoundingClientRect());
    const heading = shadowRoot.querySelector('h1');
    const found = [];
    if (Math.abs(brand.right - main.right) > 1) found.push('the name of the product is not on the right');
    if (heading && getComputedStyle(heading).direction !== 'rtl' && heading.dir !== 'auto') found.push('headings begin on the left');
    return found;
  });

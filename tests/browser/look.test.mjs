// The styles of a part come with the part, and stay: none of them may change how another
// part looks.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until, useWorld } from './harness.mjs';
import { stopPortal } from './harness/layout.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

const DESCRIPTION = '# Set up\n\n> Quoted.\n\n```sh\necho hello\n```\n\n| a |\n|---|\n| 1 |\n';
const PROPERTIES = [
  'display', 'color', 'backgroundColor', 'fontSize', 'fontWeight', 'lineHeight', 'padding', 'margin', 'gap',
  'borderTopWidth', 'borderTopColor', 'borderRadius', 'minHeight', 'whiteSpace',
];

/** How everything in the page looks, in order: what it is, and what counts of its style. */
const look = (page) =>
  page.evaluate((properties) => {
    const main = document.querySelector('pai-plugin').shadowRoot.querySelector('main');
    return [...main.querySelectorAll('*')].map((one) => {
      const style = getComputedStyle(one);
      return `${one.localName}.${[...one.classList].join('.')}: ${properties.map((name) => `${name} ${style[name]}`).join(', ')}`;
    });
  }, PROPERTIES);

test('a page looks the same, whichever pages were there before', { timeout: 300_000 }, async () => {
  const { id } = await world.call('alice', 'POST', '/items', {
    name: 'looked-at', author: 'alice', protocol: protocol('looked-at'), description: DESCRIPTION, tags: ['a'],
  });
  await world.call('admin', 'PUT', `/items/${id}`, { status: 'pending' });
  const detail = `#/market_detail?itemId=${id}`;
  const places = [
    ['#/?keyword=looked-at', (page) => page.locator('.corner button.star')],
    [detail, (page) => page.getByRole('tabpanel').locator('.code')],
    [`${detail}&tab=detail`, (page) => page.getByRole('tabpanel').locator('.total')],
    [`${detail}&tab=protocol`, (page) => page.getByRole('tabpanel').locator('.source')],
    ['#/create_item', (page) => page.locator('#field-protocol')],
    [`#/edit_item?itemId=${id}`, (page) => page.locator('.markdown .code')],
    [`#/use?itemId=${id}`, (page) => page.locator('#use-submit')],
    ['#/drafts', (page) => page.getByRole('heading', { name: 'No drafts' })],
    ['#/admin', (page) => page.getByRole('row').nth(1)],
    ['#/admin?part=tags', (page) => page.getByRole('row').nth(1)],
    ['#/admin?part=audit', (page) => page.getByRole('row').nth(1)],
    ['#/nowhere', (page) => page.getByRole('heading', { name: 'Page not found' })],
  ];
  const page = await world.page({ user: 'admin' });
  await stopPortal(page);
  const go = async ([hash, shown]) => {
    await world.openMarketplace(page, hash);
    await page.waitForFunction((hash) => location.hash === hash, hash);
    await shown(page).first().waitFor();
    await page.evaluate(() => document.querySelector('pai-plugin').shadowRoot.activeElement?.blur());
  };
  const alone = new Map();
  for (const place of places) {
    await page.goto('about:blank');
    await go(place);
    alone.set(place, await settled(page));
  }
  await page.goto('about:blank');
  for (const place of places) await go(place);
  const changed = [];
  for (const place of places) {
    await go(place);
    let now;
    // Parts of it may still be on their way.
    await until(async () => (now = await settled(page)).length === alone.get(place).length);
    const others = alone.get(place).filter((line, index) => line !== now[index]);
    if (others.length) changed.push(`${place[0]}: ${others.length} look different, first ${others[0]}\n  now ${now[alone.get(place).indexOf(others[0])]}`);
  }
  assert.ok(!changed.length, changed.join('\n'));
});

/** How the page looks once it looks the same for a while. */
async function settled(page) {
  let before;
  let now = await look(page);
  let same = 0;
  await until(async () => {
    before = now;
    now = await look(page);
    same = now.join() === before.join() ? same + 1 : 0;
    return same >= 3;
  });
  return now;
}

// What a page makes goes away with it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { useWorld } from './harness.mjs';

const world = useWorld();

/** Rounds of list → item → form → list; three page changes each. */
const ROUNDS = 34;
/** The first rounds fill caches that stay. */
const WARM_UP = 5;

test('a hundred page changes leave no nodes and no listeners behind', async (t) => {
  const page = await world.page({ user: 'alice' });
  const browser = await page.context().newCDPSession(page);
  await world.openMarketplace(page);
  await page.getByRole('article').nth(11).waitFor();
  const [{ id }] = await world.call('alice', 'GET', '/items?category=official%20example&limit=1');

  const go = (hash, shown) =>
    page.evaluate(
      ([hash, shown]) =>
        new Promise((resolve) => {
          const root = document.querySelector('pai-plugin').shadowRoot;
          location.hash = hash;
          const look = () => (root.querySelector(shown) ? resolve() : requestAnimationFrame(look));
          look();
        }),
      [hash, shown],
    );
  const round = async () => {
    await go(`#/market_detail?itemId=${id}`, '.markdown');
    await go('#/create_item', '#field-protocol');
    await go('#/', '.results article');
  };
  const counts = async () => {
    await browser.send('HeapProfiler.collectGarbage');
    const { metrics } = await browser.send('Performance.getMetrics');
    const value = (name) => metrics.find((metric) => metric.name === name).value;
    return { nodes: value('Nodes'), listeners: value('JSEventListeners') };
  };

  await browser.send('Performance.enable');
  for (let i = 0; i < WARM_UP; i++) await round();
  const before = await counts();
  for (let i = 0; i < ROUNDS; i++) await round();
  const after = await counts();
  t.diagnostic(`before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`);
  // A page has hundreds of nodes and tens of listeners: one that stays shows.
  assert.ok(after.nodes - before.nodes < 2 * ROUNDS, `${after.nodes - before.nodes} nodes were left`);
  assert.ok(after.listeners - before.listeners < ROUNDS, `${after.listeners - before.listeners} listeners were left`);
});

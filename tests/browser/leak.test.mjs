// What a page makes goes away with it, and what the plugin makes with its element.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { useWorld } from './harness.mjs';

const world = useWorld();

/** Rounds of list → item → form → list; three page changes each. */
const ROUNDS = 34;
/** So often the element is taken out and put back. */
const REMOVALS = 50;
/** The first rounds fill caches that stay. */
const WARM_UP = 5;

/** Counts what is in the page after everything has gone that can. */
async function counter(page) {
  const browser = await page.context().newCDPSession(page);
  await browser.send('Performance.enable');
  return async () => {
    await browser.send('HeapProfiler.collectGarbage');
    const { metrics } = await browser.send('Performance.getMetrics');
    const value = (name) => metrics.find((metric) => metric.name === name).value;
    return { nodes: value('Nodes'), listeners: value('JSEventListeners'), heap: value('JSHeapUsedSize') };
  };
}

/**
 * What is left once all has gone that goes by itself: the browser clears up late, and a page
 * that was left is held for some seconds by what it had still to do.
 */
async function settled(counts, isLittle) {
  const deadline = Date.now() + 15_000;
  let left = await counts();
  while (!isLittle(left) && Date.now() < deadline) left = await counts();
  return left;
}

test('a hundred page changes leave no nodes and no listeners behind', async (t) => {
  const page = await world.page({ user: 'alice' });
  const counts = await counter(page);
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

  for (let i = 0; i < WARM_UP; i++) await round();
  await world.wholeList(page);
  const before = await counts();
  for (let i = 0; i < ROUNDS; i++) await round();
  await world.wholeList(page);
  const after = await settled(counts, (left) => left.nodes - before.nodes < 2 * ROUNDS && left.listeners - before.listeners < ROUNDS);
  t.diagnostic(`before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`);
  // A page has hundreds of nodes and tens of listeners: one that stays shows.
  assert.ok(after.nodes - before.nodes < 2 * ROUNDS, `${after.nodes - before.nodes} nodes were left`);
  assert.ok(after.listeners - before.listeners < ROUNDS, `${after.listeners - before.listeners} listeners were left`);
});

test('fifty removals of the element leave nothing behind', async (t) => {
  const page = await world.page({ user: 'alice' });
  const counts = await counter(page);
  await world.openMarketplace(page);
  await page.getByRole('article').nth(11).waitFor();
  // On other pages, and in the middle of loading too, as a portal would.
  const places = ['#/', '#/create_item', '#/?keyword=pytorch'];
  const round = (number) =>
    page.evaluate(
      async ([hash, isPatient]) => {
        const wrapper = document.querySelector('#content-wrapper');
        const element = document.querySelector('pai-plugin');
        element.remove();
        location.hash = hash;
        wrapper.append(element);
        const shows = () => !isPatient || element.shadowRoot.querySelector('article, textarea');
        while (!shows()) await new Promise(requestAnimationFrame);
      },
      [places[number % places.length], number % 4 > 0],
    );
  for (let i = 0; i < WARM_UP; i++) await round(i);
  const before = await counts();
  for (let i = 0; i < REMOVALS; i++) await round(i);
  await page.evaluate(() => (location.hash = '#/'));
  await page.getByRole('article').nth(11).waitFor();
  await page.evaluate(() => document.querySelector('pai-plugin').remove());
  const after = await settled(
    counts,
    (left) => left.nodes < before.nodes + REMOVALS && left.listeners < before.listeners + REMOVALS / 2,
  );
  t.diagnostic(`before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`);
  // The last one is gone as well: there is less than before.
  assert.ok(after.nodes < before.nodes + REMOVALS, `${after.nodes - before.nodes} nodes were left`);
  assert.ok(after.listeners < before.listeners + REMOVALS / 2, `${after.listeners - before.listeners} listeners were left`);
});

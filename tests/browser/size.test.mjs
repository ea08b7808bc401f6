// What somebody downloads before the catalogue shows, and what all pages need.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';

import { useWorld } from './harness.mjs';
import { given } from './harness/server.mjs';

const LIST_BUDGET = 150_000;
// 420 000 are wanted (docs/decisions/0005-wasm-chunks.md): until then, no more than there are.
const BUDGET = 676_000;

const APP = /^(plugin\.js|marketplace-glue-[0-9a-f]{16}\.js|marketplace-[0-9a-f]{16}\.wasm)$/;
const TEXTS = /^marketplace-[a-z]{2}(-[A-Z]{2})?-[0-9a-f]{16}\.json$/;
const CHUNK = /\/marketplace-[a-z-]+-[0-9a-f]{16}\.wasm$/;

const world = useWorld();

test('what the list needs, and what all pages need, fit their budgets', async (t) => {
  const folder = given('PLUGIN_DIR');
  const sizes = new Map();
  for (const name of await readdir(folder)) {
    if (!/\.(js|json|wasm)$/.test(name)) continue;
    sizes.set(name, brotliCompressSync(await readFile(join(folder, name))).length);
  }
  // All else comes later: the list shows without.
  const page = await world.page({ user: 'alice' });
  let letThemCome;
  const held = new Promise((resolve) => {
    letThemCome = resolve;
  });
  await page.route(CHUNK, async (route) => {
    await held;
    await route.continue();
  });
  await world.openMarketplace(page);
  await page.getByRole('article').nth(11).waitFor();
  letThemCome();
  const before = [...sizes.keys()].filter((name) => APP.test(name));
  assert.equal(before.length, 3, `plugin.js, the app and its glue, not ${before.join(', ')}`);

  const biggestFirst = [...sizes].sort(([, a], [, b]) => b - a);
  for (const [name, size] of biggestFirst) t.diagnostic(`${name}: ${size} bytes`);
  const total = (names) => names.reduce((sum, name) => sum + sizes.get(name), 0);
  const list = total(before);
  const all = total([...sizes.keys()].filter((name) => !name.endsWith('.json')));
  t.diagnostic(`the list: ${list} bytes of ${LIST_BUDGET}, all pages: ${all} of ${BUDGET}, brotli`);
  assert.ok(list <= LIST_BUDGET, `${list} bytes until the list shows are over the budget of ${LIST_BUDGET}`);
  const texts = [...sizes.keys()].filter((name) => TEXTS.test(name));
  assert.ok(texts.length > 0, 'there is another language');
  for (const name of texts) {
    const size = list + sizes.get(name);
    t.diagnostic(`the list with ${name}: ${size} bytes of ${LIST_BUDGET}, brotli`);
    assert.ok(size <= LIST_BUDGET, `${size} bytes until the list shows with ${name} are over the budget of ${LIST_BUDGET}`);
  }
  assert.ok(all <= BUDGET, `${all} bytes of all pages are over the budget of ${BUDGET}`);
});

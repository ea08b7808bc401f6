// The list is asked for while the app is still on its way.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { useWorld } from './harness.mjs';

const world = useWorld();
const APP = /\/marketplace-[0-9a-f]{16}\.wasm$/;
/** What the page without filters begins with. */
const LIST = /\/items\?.*official=true/;

const asksForList = (page) => {
  const asked = [];
  page.on('request', (request) => {
    if (request.method() === 'GET' && LIST.test(request.url())) asked.push(request.url());
  });
  return asked;
};

test('the list does not wait for the app, and is asked for once', async () => {
  const page = await world.page({ user: 'alice' });
  const asked = asksForList(page);
  const list = page.waitForResponse((response) => LIST.test(response.url()) && response.ok());
  await page.route(APP, async (route) => {
    await list;
    await route.continue();
  });
  await world.openMarketplace(page);
  await page.getByRole('article').nth(11).waitFor();
  assert.equal(asked.length, 1);
});

test('a list with filters is asked for by the app alone', async () => {
  const page = await world.page({ user: 'alice' });
  const asked = asksForList(page);
  const list = page.waitForRequest(/\/items\?.*keyword=pytorch/);
  await world.openMarketplace(page, '#/?keyword=pytorch');
  await list;
  await page.getByRole('article').first().waitFor();
  assert.deepEqual(asked, []);
});

test('where that fails, the app asks again', async () => {
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource/);
  let failures = 1;
  await page.route(LIST, (route) => (failures-- > 0 ? route.abort() : route.continue()));
  await world.openMarketplace(page);
  await page.getByRole('article').nth(11).waitFor();
  assert.equal(failures, -1);
});

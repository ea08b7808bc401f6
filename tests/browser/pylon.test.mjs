// The marketplace where it mostly is: behind pylon, of one origin with the portal.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { create, opened, step, useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld({ pylon: true });

test('the catalogue, an item and its use work through pylon', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page);
  await page.getByRole('article').nth(11).waitFor();
  const { id } = await world.call('alice', 'POST', '/items', {
    name: 'through pylon',
    author: 'alice',
    protocol: protocol('through-pylon'),
  });
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  await page.getByRole('heading', { level: 1, name: 'through pylon' }).waitFor();
});

test('an odd id is reached through pylon', async () => {
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource.*404/);
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.status() === 404),
    world.openMarketplace(page, `#/market_detail?itemId=${encodeURIComponent('chosen id/1?%#')}`),
  ]);
  await page.getByRole('heading', { name: 'No such item' }).waitFor();
  // There is none here: the API says which one it was asked for.
  assert.equal((await answer.json()).detail, 'There is no item with the id `chosen id/1?%#`.');
});

test('what pylon does not let through is told, and kept', async () => {
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource.*413/);
  await world.openMarketplace(page, '#/create_item');
  await page.getByRole('textbox', { name: 'Protocol text' }).fill(protocol('too-long'));
  await page.getByText('The protocol is valid.').waitFor();
  // As long as it may be; each quote is two bytes of JSON.
  await step(page, 'Description');
  await page.locator('#field-description').fill('"'.repeat(512 * 1024));
  await create(page);
  const alert = page.getByRole('alert').getByText(/answered 413/);
  await alert.waitFor();
  assert.match(await alert.textContent(), /1,02\d KiB were sent.*Shorten.*admin/);
  await step(page, 'Description');
  await page.locator('#field-description').fill('short');
  await create(page);
  await opened(page, 'too-long');
});

test('requests can be tried in the description of the API', async () => {
  const page = await world.page({ user: 'alice' });
  await page.goto(`${world.portal}/marketplace/api/docs/`);
  assert.equal(new URL(page.url()).pathname, '/marketplace/api/docs');
  await page.getByText('Whether the process lives').click();
  await page.getByRole('button', { name: 'Try it out' }).click();
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith('/healthz')),
    page.getByRole('button', { name: 'Execute' }).click(),
  ]);
  assert.equal(answer.url(), `${world.portal}/marketplace/api/healthz`);
  assert.equal(answer.status(), 200);
});

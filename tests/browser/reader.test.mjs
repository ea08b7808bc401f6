// The chunk of wasm that reads protocols and markdown: when it comes,
// and what people see when it does not.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();
const READER = /\/marketplace-reader-[0-9a-f]{16}\.wasm$/;

test('the list shows without it, and then has it ready for the next page', async () => {
  const page = await world.page({ user: 'alice' });
  let asked = 0;
  let letItCome;
  const held = new Promise((resolve) => {
    letItCome = resolve;
  });
  await page.route(READER, async (route) => {
    asked += 1;
    await held;
    await route.continue();
  });
  const requested = page.waitForRequest(READER);
  await world.openMarketplace(page);
  await page.getByRole('article').nth(11).waitFor();
  await requested;

  await page.getByRole('article').first().getByRole('link').first().click();
  await page.getByRole('tabpanel').getByText('Loading').waitFor();
  letItCome();
  await page.getByRole('tabpanel').locator('.markdown').waitFor();
  await page.getByRole('tab', { name: 'Detail' }).click();
  await page.getByRole('heading', { name: /^Task role/ }).first().waitFor();
  assert.equal(asked, 1, 'it is loaded once');
});

test('where it does not come, pages say so, and it can be retried', async () => {
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource|wasm/i);
  await page.route(READER, (route) => route.abort());
  await world.openMarketplace(page);
  await page.getByRole('article').first().getByRole('link').first().click();
  const panel = page.getByRole('tabpanel');
  await panel.getByRole('alert').getByText('could not be loaded').waitFor();

  await page.goto(`${page.url().split('#')[0]}#/create_item`);
  await page.getByRole('textbox', { name: 'Protocol text' }).fill(protocol('unchecked'));
  await page.getByText(/^Not checked\. .* could not be loaded/).waitFor();

  await page.goBack();
  await page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
  await panel.getByRole('alert').waitFor();
  await page.unroute(READER);
  await panel.getByRole('button', { name: 'Retry' }).click();
  await panel.locator('.markdown').waitFor();
});

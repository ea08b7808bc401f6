// The story in Firefox: found, judged, starred, used, made, changed and deleted.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { create, opened, step, useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld({ browser: 'firefox' });

test('Firefox finds a template, and makes a job of it', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page);
  await page.getByRole('region', { name: /^Official/ }).getByRole('article').nth(11).waitFor();
  await page.getByRole('searchbox', { name: 'Search' }).fill('smoke test');
  await page.waitForFunction(() => location.hash.startsWith('#/?keyword=smoke'));
  await page.getByRole('heading', { level: 2, name: /^\d+ items?$/ }).waitFor();
  await page.getByRole('button', { name: 'Star “CPU smoke test”' }).click();
  await page.getByRole('button', { name: 'Star “CPU smoke test”', pressed: true }).waitFor();
  await page.getByRole('link', { name: 'CPU smoke test' }).click();
  await page.getByRole('heading', { level: 1, name: 'CPU smoke test' }).waitFor();
  await page.getByRole('tab', { name: 'Protocol' }).click();
  await page.getByRole('tabpanel').getByText('protocolVersion').first().waitFor();

  await page.getByRole('link', { name: 'Use', exact: true }).click();
  await page.getByLabel('Virtual cluster').waitFor();
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await page.getByText('The job waits for the cluster to have room.').waitFor();
});

test('Firefox makes a template, changes it, and takes its deletion back', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, '#/create_item');
  await page.getByRole('textbox', { name: 'Protocol text' }).fill(protocol('from-firefox').replace('commands:', 'comands:'));
  await page.getByText('did you mean `commands`').first().waitFor();
  await page.getByRole('textbox', { name: 'Protocol text' }).fill(protocol('from-firefox'));
  await page.getByText('The protocol is valid.').waitFor();
  await create(page);
  await opened(page, 'from-firefox');
  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByRole('textbox', { name: 'Summary' }).fill('made in another browser');
  await page.keyboard.press('ControlOrMeta+s');
  await page.getByText('“from-firefox” is saved.').waitFor();
  const [item] = await world.call('alice', 'GET', '/items?author=alice&name=from-firefox');
  assert.equal(item.summary, 'made in another browser');

  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('“from-firefox” is deleted.').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('link', { name: 'My things' }).click();
  await page.getByRole('article').getByRole('link', { name: 'from-firefox' }).waitFor();
});

test('Firefox asks before what is not saved is left, and keeps the focus in the question', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, '#/create_item');
  await step(page, 'Basics');
  await page.getByLabel('Name', { exact: true }).fill('half a name');
  const link = page.getByRole('link', { name: 'My things' });
  await link.focus();
  await page.keyboard.press('Enter');
  const question = page.getByRole('dialog', { name: 'Leave without saving?' });
  await question.waitFor();
  await page.keyboard.press('Escape');
  await question.waitFor({ state: 'hidden' });
  await page.waitForFunction(() => document.querySelector('pai-plugin').shadowRoot.activeElement?.textContent === 'My things');
});

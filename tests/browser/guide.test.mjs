// What the users' guide (docs/user) tells, done as it tells it, and its
// pictures. They go beside the other screenshots, and into the guide with
//
//   SCREENSHOTS=docs cargo xtask test --only browser -- guide

import assert from 'node:assert/strict';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { create, opened, step, useWorld } from './harness.mjs';
import { given } from './harness/server.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

/** Larger ones make the clone large, and every change of the guide larger. */
const MAX_BYTES = 150_000;

const reader = (user) => world.page({ user, viewport: { width: 1200, height: 760 }, colorScheme: 'light' });

/** Takes a picture of what is on the screen, or of one part of the page. */
async function picture(page, name, part) {
  const folder = given('GUIDE_PICTURES');
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${name}.png`);
  await (part ?? page).screenshot({ path, animations: 'disabled' });
  const { size } = await stat(path);
  assert.ok(size <= MAX_BYTES, `${name}.png has ${size} bytes`);
}

test('find: the catalogue, a keyword, a tag', async () => {
  const page = await reader('alice');
  await page.getByRole('link', { name: 'Marketplace' }).first().click();
  const cards = page.getByRole('region', { name: /^Official/ }).getByRole('article');
  await cards.nth(11).waitFor();
  await picture(page, 'list');

  await page.getByRole('searchbox', { name: 'Search' }).fill('pytroch gpu');
  await page.waitForFunction(() => location.hash.startsWith('#/?keyword=pytroch'));
  await page.getByRole('link', { name: 'PyTorch on one GPU' }).waitFor();
  await page.getByRole('list', { name: 'Active filters' }).waitFor();
  await page.waitForFunction(
    () => !document.querySelector('pai-plugin').shadowRoot.querySelector('.results[aria-busy=true]'),
  );
  await picture(page, 'search');
  await page.getByRole('link', { name: 'Clear filters' }).first().click();
  await cards.nth(11).waitFor();
});

test('judge and use: description, job, protocol', async () => {
  const page = await reader('alice');
  await world.openMarketplace(page);
  await page.getByRole('link', { name: 'PyTorch on one GPU' }).click();
  await page.getByRole('heading', { name: 'What you need' }).waitFor();
  await picture(page, 'description');
  await page.getByRole('tab', { name: 'Detail' }).click();
  await page.getByRole('tabpanel').getByText(/^pytorch\/pytorch:/).first().waitFor();
  await picture(page, 'job');
  await page.getByRole('tab', { name: 'Protocol' }).click();
  await page.getByRole('tabpanel').getByText('protocolVersion').first().waitFor();
  await page.getByRole('link', { name: 'Use', exact: true }).click();
  await page.getByLabel('Virtual cluster').waitFor();
  await page.getByRole('button', { name: 'Open the submit page' }).click();
  await page.waitForURL(`${world.portal}/submit.html`);
});

test('share: a mistake is pointed out, groups are chosen, the item is changed', async () => {
  const page = await reader('alice');
  await world.openMarketplace(page, '#/create_item');
  const text = page.getByRole('textbox', { name: 'Protocol text' });
  const job = protocol('count-cells')
    .replace('Says hello and goes.', 'Counts cells in a folder of microscope pictures.')
    .replace('echo hello', 'python3 count.py /data/pictures');
  await text.fill(job.replace('commands:', 'comands:'));
  await page.getByText('did you mean `commands`').first().waitFor();
  await picture(page, 'mistake', page.getByRole('group', { name: 'Protocol' }));
  await text.fill((await text.inputValue()).replace('comands:', 'commands:'));
  await page.getByText('The protocol is valid.').waitFor();
  await step(page, 'Basics');
  await page.getByLabel('Summary').fill('Counts cells in microscope pictures');
  await step(page, 'Sharing');
  await page.getByRole('radio', { name: /^Some groups/ }).check();
  await page.getByRole('checkbox', { name: 'vision' }).check();
  await picture(page, 'share', page.getByRole('group', { name: 'Who may see it' }));
  await create(page);
  await opened(page, 'count-cells');
  await page.getByRole('link', { name: 'Edit' }).waitFor();
  await picture(page, 'own');
  await page.getByRole('link', { name: 'My things' }).click();
  await page.getByRole('article').getByRole('link', { name: 'count-cells' }).waitFor();
});

test('data: found by its type, with its place', async () => {
  const page = await reader('alice');
  await world.openMarketplace(page, '#/?type=data');
  await page.getByRole('article').nth(2).waitFor();
  await picture(page, 'data');
  await world.openMarketplace(page, '#/create_item');
  await step(page, 'Basics');
  await page.getByLabel('Type').selectOption('Data');
  await page.getByLabel('Where the data lies').selectOption('Azure Blob storage');
});

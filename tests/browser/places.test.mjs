// The plugin's own addresses: links that people have saved keep working.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { shoot, useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

test('a saved link with filters shows what it showed', async () => {
  await world.call('admin', 'POST', '/categories', { name: 'vision' });
  for (const [name, type] of [['wanted', 'data'], ['other', 'template']]) {
    await world.call('alice', 'POST', '/items', {
      name, type, author: 'alice', protocol: protocol(name), categories: ['vision'], summary: 'an x in it',
    });
  }
  const page = await world.page({ user: 'bob' });
  await world.openMarketplace(page, '#/?type=data&author=alice&keyword=x&category=vision');
  await page.getByRole('article').getByRole('link', { name: 'wanted' }).waitFor();
  assert.equal(await page.getByRole('article').count(), 1);
  assert.equal(await page.getByRole('searchbox', { name: 'Search' }).inputValue(), 'x');
  for (const name of [/^Data/, /^vision/, /^alice/]) {
    assert.equal(await page.getByRole('checkbox', { name }).isChecked(), true, `${name}`);
  }
  await shoot(page, 'filtered');

  await page.getByRole('link', { name: 'Clear filters' }).first().click();
  await page.getByRole('article').getByRole('link', { name: 'other' }).waitFor();
  assert.equal(new URL(page.url()).search, '?index=0', "the portal's own query is left alone");
});

test('nothing found is said, with a way out', async () => {
  const page = await world.page({ user: 'bob' });
  await world.openMarketplace(page, '#/?keyword=no-such-thing');
  await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
  await shoot(page, 'nothing-matches');
});

test('an item is reached by its saved link, and opens in a tab of its own', async () => {
  const { id } = await world.call('alice', 'POST', '/items', {
    name: 'linked', author: 'alice', protocol: protocol('linked'),
  });
  const page = await world.page({ user: 'bob' });
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  await page.getByRole('heading', { level: 1, name: 'linked' }).waitFor();

  await world.openMarketplace(page, '#/?keyword=linked');
  const link = page.getByRole('article').getByRole('link', { name: 'linked' });
  const [tab] = await Promise.all([
    page.context().waitForEvent('page'),
    link.click({ modifiers: ['ControlOrMeta'] }),
  ]);
  await tab.getByRole('heading', { level: 1, name: 'linked' }).waitFor();
});

test('links that lead nowhere say so', async () => {
  const page = await world.page({ user: 'bob' });
  world.tolerate(page, /Failed to load resource.*404/);
  await world.openMarketplace(page, '#/market_detail?itemId=no%20such%2Fid');
  await page.getByRole('heading', { name: 'No such item' }).waitFor();
  await world.openMarketplace(page, '#/somewhere_else');
  await page.getByRole('heading', { name: 'Page not found' }).waitFor();
  await shoot(page, 'not-found');
});

test('somebody who is not signed in goes to the login page and comes back', async () => {
  const page = await world.page();
  await page.goto(`${world.portal}/plugin.html?index=0#/create_item`);
  await page.waitForURL(/login\.html/);
  await page.fill('input[name=username]', 'alice');
  await page.fill('input[name=password]', 'alice');
  await page.press('input[name=password]', 'Enter');
  await page.getByRole('textbox', { name: 'Protocol text' }).waitFor();
});

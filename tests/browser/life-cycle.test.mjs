// What becomes of items after they were shared: deprecated, withdrawn, in quarantine; and
// who is told of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axe, shoot, until, useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

const make = async (user, name, more = {}) =>
  (await world.call(user, 'POST', '/items', { name, author: user, protocol: protocol(name), ...more })).id;

const change = (user, id, command, versionNote) =>
  world.call(user, 'PUT', `/items/${id}`, {
    protocol: protocol('changed').replace('echo hello', command),
    versionNote,
  });

const open = async (user, id, more = {}) => {
  const page = await world.page({ user, ...more });
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  await page.getByRole('tab').first().waitFor();
  return page;
};

test('an author deprecates an item for another one, and takes it back', async () => {
  const id = await make('alice', 'old-net');
  const successor = await make('alice', 'new-net');
  const alice = await open('alice', id);
  await alice.getByRole('button', { name: 'Deprecate …' }).click();
  const dialog = alice.getByRole('dialog', { name: 'Deprecate “old-net”?' });
  await dialog.getByRole('button', { name: 'Deprecate' }).click();
  await dialog.getByText('Give a reason: the author reads it.').waitFor();
  await dialog.getByLabel('Why should it not be used any more?').fill('It is <b>slow</b>.');
  await dialog.getByLabel(/What to use in its place/).fill('new-net');
  await dialog.getByRole('button', { name: 'Deprecate' }).click();
  await dialog.getByText('That is no link to an item').waitFor();
  await axe(alice);
  await shoot(alice, 'deprecate');
  const link = `${world.portal}/plugin.html?index=0#/market_detail?itemId=${successor}`;
  await dialog.getByLabel(/What to use in its place/).fill(link);
  await dialog.getByRole('button', { name: 'Deprecate' }).click();
  await alice.getByText('It is <b>slow</b>.', { exact: true }).waitFor();
  await until(async () => (await world.call('bob', 'GET', `/items/${id}`)).deprecation?.successor?.name === 'new-net');

  const bob = await open('bob', id);
  await bob.getByRole('heading', { name: 'Deprecated' }).waitFor();
  await axe(bob);
  await shoot(bob, 'deprecated');
  await bob.getByRole('link', { name: 'Use', exact: true }).click();
  await bob.getByText('It is <b>slow</b>.', { exact: true }).waitFor();
  await bob.getByRole('heading', { level: 1, name: /old-net/ }).waitFor();
  assert.equal(await bob.getByRole('button', { name: 'Deprecate …' }).count(), 0, 'it is not his');
  await bob.getByRole('link', { name: 'new-net' }).click();
  await bob.getByRole('heading', { level: 1, name: 'new-net' }).waitFor();
  await bob.evaluate(() => (location.hash = '#/?keyword=old-net'));
  await bob.locator('.card', { hasText: 'old-net' }).getByText('Deprecated').waitFor();

  await alice.getByRole('button', { name: 'No longer deprecated' }).click();
  await alice.getByRole('button', { name: 'Deprecate …' }).waitFor();
  assert.equal((await world.call('bob', 'GET', `/items/${id}`)).deprecation, undefined);
});

test('a version is withdrawn, and whoever has used it is told', async () => {
  const id = await make('alice', 'leaky');
  await world.call('bob', 'POST', `/items/${id}/use`);
  await change('alice', id, 'echo two', 'Mended');
  const alice = await world.page({ user: 'alice' });
  await world.openMarketplace(alice, `#/versions?itemId=${id}`);
  const first = alice.locator('.versions > li').nth(1);
  await first.getByRole('button', { name: 'Withdraw …' }).click();
  const dialog = alice.getByRole('dialog', { name: 'Withdraw version 1?' });
  await dialog.getByLabel('Why should it not be used any more?').fill('It loses data.');
  await dialog.getByRole('button', { name: 'Withdraw' }).click();
  await first.getByText('It loses data.').waitFor();
  await axe(alice);
  await shoot(alice, 'withdrawn-version');

  // The bell comes by itself.
  const bob = await world.page({ user: 'bob' });
  await world.openMarketplace(bob);
  const bell = bob.getByRole('navigation', { name: 'Marketplace' }).getByRole('link', { name: /^News/ });
  await bell.getByText('1 unread').waitFor();
  await shoot(bob, 'bell');
  await bell.click();
  const entry = bob.locator('ol.news > li');
  await entry.first().waitFor();
  assert.match(
    await entry.innerText(),
    /leaky\s*: version 1 is withdrawn\s*New[\s\S]*It loses data\.[\s\S]*You have used it in the last 90 days\./i,
  );
  await axe(bob);
  await shoot(bob, 'news');
  await until(async () => (await bell.getByText('1 unread').count()) === 0);
  assert.equal((await world.call('bob', 'GET', '/me/news')).unread, 0);
  await entry.getByRole('link', { name: 'leaky' }).click();
  await bob.getByRole('heading', { level: 1, name: 'Versions of “leaky”' }).waitFor();
  assert.equal(await bob.getByRole('button', { name: 'Withdraw …' }).count(), 0, 'it is not his');

  await first.getByRole('button', { name: 'Take withdrawal back' }).click();
  await first.getByRole('button', { name: 'Withdraw …' }).waitFor();
  // Of the newest one the item's own page and Use warn.
  await world.call('alice', 'PUT', `/items/${id}/versions/2/withdrawal`, { reason: 'This too.' });
  for (const hash of [`#/market_detail?itemId=${id}`, `#/use?itemId=${id}`]) {
    const page = await world.page({ user: 'carol' });
    await world.openMarketplace(page, hash);
    await page.getByText('This too.', { exact: true }).waitFor();
    await page.getByRole('heading', { name: 'This version is withdrawn' }).waitFor();
  }
});

test('who follows an item is told of its new versions, also by a feed', async () => {
  const id = await make('alice', 'followed');
  const bob = await open('bob', id, { locale: 'zh-CN' });
  const follow = bob.getByRole('button', { name: /关注/ });
  assert.equal(await follow.getAttribute('aria-pressed'), 'false');
  await follow.click();
  await until(async () => (await world.call('bob', 'GET', `/items/${id}`)).followed);
  await bob.getByRole('button', { name: '已关注' }).waitFor();
  await change('alice', id, 'echo two', 'Twice as fast');
  await bob.evaluate(() => (location.hash = '#/news'));
  await bob.getByText('Twice as fast').waitFor();
  assert.match(await bob.locator('ol.news > li').first().innerText(), /followed\s*: 版本 2/);
  await bob.getByText('订阅源', { exact: true }).click();
  const address = await bob.getByLabel('订阅源地址').inputValue();
  await axe(bob);
  await shoot(bob, 'news-zh');
  const token = await world.token('bob');
  const answer = await fetch(address, { headers: { authorization: `Basic ${btoa(`bob:${token}`)}` } });
  assert.equal(answer.status, 200);
  const feed = await answer.text();
  assert.match(feed, /<title>followed: version 2<\/title>/);
  const [, target] = feed.match(/<link href="([^"]+)"/);
  await bob.goto(target.replaceAll('&amp;', '&'));
  await bob.getByRole('heading', { level: 1, name: 'followed' }).waitFor();
  await bob.getByRole('button', { name: '已关注' }).click();
  await until(async () => !(await world.call('bob', 'GET', `/items/${id}`)).followed);
});

test('an admin puts an item into quarantine and lets it out', async () => {
  const id = await make('alice', 'miner');
  await world.call('bob', 'POST', `/items/${id}/use`);
  const admin = await open('admin', id);
  await admin.getByRole('button', { name: 'Quarantine …' }).click();
  const dialog = admin.getByRole('dialog', { name: 'Put “miner” into quarantine?' });
  await dialog.getByLabel('Reason: what harm does it do?').fill('It mines coins.');
  await shoot(admin, 'quarantine-ask');
  await dialog.getByRole('button', { name: 'Put into quarantine' }).click();
  await admin.getByRole('region', { name: 'In quarantine' }).getByText('It mines coins.').waitFor();

  const alice = await open('alice', id);
  await alice.getByText('An admin has taken this item out of use.').waitFor();
  await axe(alice);
  await shoot(alice, 'quarantined');
  assert.equal(await alice.getByRole('link', { name: 'Use', exact: true }).count(), 0);
  const bob = await world.page({ user: 'bob' });
  await world.openMarketplace(bob, '#/news');
  const entry = bob.locator('ol.news > li', { hasText: 'miner' });
  await entry.getByText('It mines coins.').waitFor();
  assert.equal(await entry.getByRole('link').count(), 0, 'he may not see it any more');

  await admin.getByRole('button', { name: 'Let it out' }).click();
  await until(async () => (await world.call('alice', 'GET', `/items/${id}`)).status === 'approved');
  await world.call('bob', 'GET', `/items/${id}`);
});

test('with nothing new the page says how one comes to be told', async () => {
  const page = await world.page({ user: 'carol' });
  await world.openMarketplace(page, '#/news');
  await page.getByRole('heading', { name: 'Nothing new' }).waitFor();
  await axe(page);
  await shoot(page, 'news-empty');
});

test('who reviews an item is led to what has changed since others saw it', async () => {
  const id = await make('alice', 'reviewed');
  await change('alice', id, 'echo two');
  await world.call('admin', 'PUT', `/items/${id}`, { status: 'pending' });
  await change('alice', id, 'echo three');
  const admin = await open('admin', id);
  await admin.getByRole('link', { name: 'What changed since version 2' }).click();
  await admin.locator('.changes').first().getByText('echo three').waitFor();
  assert.match(admin.url(), /from=2&to=3$/);
});

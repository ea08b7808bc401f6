// What a protocol was before it was changed, what has changed, and how a copy takes it over.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axe, shoot, until, useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

/** A protocol with a comment, so many GPUs and a command. */
const job = (gpus, command, comment = 'as it was') =>
  `# ${comment}\n${protocol('history').replace('gpu: 1', `gpu: ${gpus}`).replace('echo hello', command)}`;

/** Gives an item another protocol. */
const change = (author, id, text, versionNote) =>
  world.call(author, 'PUT', `/items/${id}`, { protocol: text, versionNote });

/** An item of `author` with these protocols, one after the other. */
async function item(author, name, [first, ...others], fields = {}) {
  const { id } = await world.call(author, 'POST', '/items', { name, author, protocol: first, ...fields });
  for (const [index, text] of others.entries()) await change(author, id, text, `Change ${index + 1}`);
  return id;
}

const versions = (page) => page.locator('.versions > li');
const changes = (page) => page.locator('.changes').first();

test('the history tells who changed what, and one version is made the newest again', async () => {
  const id = await item('alice', 'history', [job(1, 'echo one'), job(4, 'echo one'), job(4, 'echo "<b>two</b>"', 'new')]);
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  await page.getByRole('link', { name: '3, all versions' }).click();
  await page.getByRole('heading', { level: 1, name: 'Versions of “history”' }).waitFor();
  await until(async () => (await versions(page).count()) === 3);
  assert.match(await versions(page).first().innerText(), /Version 3\s*Newest[\s\S]*alice[\s\S]*Change 2/i);

  // What the newest has changed shows first.
  await changes(page).getByText('Command 1').waitFor();
  assert.match(await changes(page).innerText(), /Changed\s*Command 1\s*main\s*echo one\s*→\s*echo "<b>two<\/b>"/i);
  const lines = page.locator('.lines');
  assert.match(await lines.innerText(), /- # as it was\s*\+ # new/);
  assert.equal(await page.locator('.compare b b, .lines b').count(), 0, 'texts are texts');
  await axe(page);
  await shoot(page, 'versions');

  // The address says what is compared: by a link, by the fields, and when it is opened.
  await versions(page).nth(1).getByRole('link', { name: 'What changed' }).click();
  await changes(page).getByText('GPUs').waitFor();
  assert.match(page.url(), /from=1&to=2$/);
  await page.getByLabel('To version').selectOption('3');
  await changes(page).getByText('Command 1').waitFor();
  assert.equal(await changes(page).locator('li').count(), 2);
  const other = await world.page({ user: 'bob' });
  await world.openMarketplace(other, new URL(page.url()).hash);
  await until(async () => (await changes(other).locator('li').count()) === 2);
  assert.equal(await other.getByRole('button', { name: 'Restore' }).count(), 0, 'it is not his');

  await versions(page).nth(2).getByRole('button', { name: 'Restore' }).click();
  await page.getByText('Version 1 is the newest again.').waitFor();
  await until(async () => (await versions(page).count()) === 4);
  assert.match(await versions(page).first().innerText(), /version 1 again/);
  const now = await world.call('alice', 'GET', `/items/${id}`);
  assert.deepEqual([now.version, now.protocol], [4, job(1, 'echo one')]);
});

test('a version that was restored meanwhile is not overwritten', async () => {
  const id = await item('alice', 'busy', [job(1, 'echo one'), job(2, 'echo two')]);
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, `#/versions?itemId=${id}`);
  await until(async () => (await versions(page).count()) === 2);
  await change('alice', id, job(3, 'echo three'));
  world.tolerate(page, /412/);
  await versions(page).nth(1).getByRole('button', { name: 'Restore' }).click();
  await page.getByText('Somebody has changed it meanwhile.').waitFor();
  await until(async () => (await versions(page).count()) === 3);
  assert.equal((await world.call('alice', 'GET', `/items/${id}`)).protocol, job(3, 'echo three'));
});

test('what cannot be shown is said', async () => {
  const page = await world.page({ user: 'bob' });
  world.tolerate(page, /40[34]/);
  await world.openMarketplace(page, '#/versions?itemId=nowhere');
  await page.getByRole('heading', { name: 'No such item' }).waitFor();
  const id = await item('alice', 'one', [job(1, 'echo one')]);
  await world.openMarketplace(page, `#/versions?itemId=${id}&to=7`);
  await page.getByText('no version 7').waitFor();
  await page.getByLabel('To version').selectOption('1');
  // There is nothing before the first: it shows as it is.
  await page.locator('.source-view').waitFor();
  await world.openMarketplace(page, `#/update?itemId=${id}`);
  await page.getByText('This item is no copy').waitFor();
});

test('a copy takes over what its original has changed, and keeps its own', async () => {
  const origin = await item('alice', 'original', [job(1, 'echo one')]);
  const copy = await item('bob', 'mine', [job(1, 'echo one')], { copiedFrom: { id: origin } });
  await change('bob', copy, job(1, 'echo mine', 'my comment'));
  await change('alice', origin, job(4, 'echo one'));
  const page = await world.page({ user: 'bob' });
  await world.openMarketplace(page, `#/market_detail?itemId=${copy}`);
  await page.getByRole('link', { name: 'The original has 1 newer version' }).click();
  await page.getByRole('heading', { level: 1, name: 'Changes of “original”' }).waitFor();
  assert.match(await changes(page).innerText(), /GPUs[\s\S]*1\s*→\s*4/);
  await axe(page);
  await shoot(page, 'versions-update');
  await page.getByRole('button', { name: 'Take over', exact: true }).click();
  await page.getByText('Your copy has version 2 of the original now.').waitFor();
  const now = await world.call('bob', 'GET', `/items/${copy}`);
  assert.deepEqual(
    [now.protocol, now.copiedFrom.version, now.version],
    [job(4, 'echo mine', 'my comment'), 2, 3],
  );
  await page.getByRole('heading', { level: 1, name: 'mine' }).waitFor();
  assert.equal(await page.getByText('newer version').count(), 0);
});

test('where both have changed the same, one chooses', async () => {
  const origin = await item('alice', 'original', [job(1, 'echo one')]);
  const copy = await item('bob', 'mine', [job(1, 'echo one')], { copiedFrom: { id: origin } });
  await change('bob', copy, job(2, 'echo mine'));
  await change('alice', origin, job(4, 'echo one'));
  const page = await world.page({ user: 'bob' });
  await world.openMarketplace(page, `#/update?itemId=${copy}`);
  const row = page.getByRole('row', { name: /resourcePerInstance\.gpu/ });
  await row.waitFor();
  assert.match(await row.innerText(), /1\s+2\s+4/);
  await axe(page);
  await shoot(page, 'versions-conflict');
  await page.getByRole('button', { name: 'Take over, take the original’s there' }).click();
  await page.getByText('Your copy has version 2 of the original now.').waitFor();
  assert.equal((await world.call('bob', 'GET', `/items/${copy}`)).protocol, job(4, 'echo mine'));
});

// What admins alone see and do.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axe, shoot, until, useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

const make = async (user, name, more = {}) =>
  (await world.call(user, 'POST', '/items', { name, author: user, protocol: protocol(name), ...more })).id;

const open = async (part) => {
  const page = await world.page({ user: 'admin' });
  await world.openMarketplace(page, `#/admin${part ? `?part=${part}` : ''}`);
  await page.getByRole('heading', { level: 1, name: 'Admin' }).waitFor();
  return page;
};

const focused = (page) =>
  page.evaluate(() => document.querySelector('pai-plugin').shadowRoot.activeElement?.ariaLabel);
const row = (page, name) => page.getByRole('row', { name });

test('who is no admin is neither led there nor let in', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, '#/admin');
  await page.getByRole('heading', { name: 'For admins only' }).waitFor();
  assert.equal(await page.getByRole('link', { name: /^Admin/ }).count(), 0);
  await axe(page);
  await shoot(page, 'admin-not-allowed');
});

test('what waits for review is counted in the navigation and listed, until it is judged', async () => {
  const page = await open('');
  await page.getByRole('heading', { name: 'Nothing waits for review' }).waitFor();
  await shoot(page, 'admin-queue-empty');
  const id = await make('alice', 'waits');
  await world.call('admin', 'PUT', `/items/${id}`, { status: 'pending' });
  await page.reload();
  await page.getByRole('link', { name: 'Admin 1 waits for review' }).waitFor();
  await row(page, /^waits/).waitFor();
  await axe(page);
  await shoot(page, 'admin-queue');
  await page.getByRole('link', { name: 'waits', exact: true }).click();
  await page.getByRole('button', { name: 'Approve' }).click();
  await page.getByText('“waits” is approved.').waitFor();
  // On this page already.
  await page.getByRole('link', { name: 'Admin', exact: true }).waitFor();
  await page.getByRole('link', { name: /^Admin/ }).click();
  await page.getByRole('heading', { name: 'Nothing waits for review' }).waitFor();
  await page.getByRole('link', { name: 'Admin', exact: true }).waitFor();
});

test('tags are renamed and deleted, categories made', async () => {
  const id = await make('alice', 'tagged', { tags: ['wrong word', 'superfluous'] });
  const page = await open('tags');
  await row(page, /^wrong word/).waitFor();
  await page.getByLabel('Narrow down').fill('WRONG');
  await row(page, /^superfluous/).waitFor({ state: 'hidden' });
  await axe(page);
  await shoot(page, 'admin-tags');
  await page.getByRole('button', { name: 'Rename: wrong word' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('right word');
  await axe(page);
  await shoot(page, 'admin-rename');
  await dialog.getByRole('button', { name: 'Rename' }).click();
  await page.getByText('“wrong word” is now “right word”.').waitFor();
  await until(async () => (await focused(page)) === 'Tags');
  await page.getByLabel('Narrow down').fill('');
  await page.getByRole('button', { name: 'Delete: superfluous' }).click();
  await page.getByRole('dialog', { name: 'Delete “superfluous”?' }).getByRole('button', { name: 'Delete' }).click();
  await page.getByText('“superfluous” is deleted.').waitFor();
  assert.deepEqual((await world.call('alice', 'GET', `/items/${id}`)).tags, ['right word']);

  await page.getByRole('link', { name: 'Categories' }).click();
  await row(page, /^official example/).getByText('Marks official templates').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Delete: official example' }).count(), 0);
  await page.getByLabel('New', { exact: true }).fill('speech');
  await page.getByRole('button', { name: 'Make', exact: true }).click();
  await row(page, /^speech/).waitFor();
  await shoot(page, 'admin-categories');
});

test('what people wrote in two ways becomes one, and a deletion says of how many items', async () => {
  const id = await make('alice', 'two-ways', { tags: ['micro-scopy'] });
  await make('bob', 'right-way', { tags: ['microscopy'] });
  const page = await open('tags');
  await page.getByRole('button', { name: 'Merge: micro-scopy' }).click();
  const dialog = page.getByRole('dialog', { name: 'Merge “micro-scopy” into another one' });
  await dialog.getByLabel('Into').selectOption('microscopy');
  await dialog.getByRole('button', { name: 'Merge' }).click();
  await page.getByText('“micro-scopy” is merged.').waitFor();
  await row(page, /^micro-scopy/).waitFor({ state: 'detached' });
  await row(page, /^microscopy 2/).waitFor();
  assert.deepEqual((await world.call('alice', 'GET', `/items/${id}`)).tags, ['microscopy']);
  await page.getByRole('button', { name: 'Delete: microscopy' }).click();
  await page.getByRole('dialog').getByText('It is taken from 2 items, which stay.').waitFor();
});

test('storages are kept without showing their secrets', async () => {
  const page = await open('storages');
  await page.getByText('No storage is known.').waitFor();
  await page.getByRole('button', { name: 'Add a storage' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a storage' });
  await dialog.getByLabel('Account').fill('acct');
  await dialog.getByLabel('Container').fill('pictures');
  await dialog.getByLabel('Connection strings').fill('AccountName=acct;AccountKey=aHVzaA==');
  await axe(page);
  await shoot(page, 'admin-storage-new');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await row(page, /^acct/).getByText('1 connection string').waitFor();
  await axe(page);
  await shoot(page, 'admin-storages');
  assert.equal((await page.locator('pai-plugin').evaluate((plugin) => plugin.shadowRoot.innerHTML)).includes('aHVzaA'), false);

  await page.getByRole('button', { name: 'Change: acct' }).click();
  const change = page.getByRole('dialog', { name: 'Change “acct”' });
  assert.equal(await change.getByLabel('Connection strings').inputValue(), '');
  await change.getByLabel(/^Users/).fill('alice, bob');
  await change.getByRole('button', { name: 'Save' }).click();
  await row(page, /^acct/).getByText('alice and bob').waitFor();
  const [storage] = await world.call('admin', 'GET', '/storages/blobs');
  assert.deepEqual(storage.connectionStrings, ['AccountName=acct;AccountKey=aHVzaA==']);
  await page.getByRole('button', { name: 'Forget: acct' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click();
  await page.getByText('No storage is known.').waitFor();
});

test('the audit is filtered by the hash', async () => {
  const id = await make('bob', 'watched', { isPrivate: true });
  await world.call('bob', 'PUT', `/items/${id}`, { summary: 'changed' });
  const page = await open('audit');
  await row(page, /bob changed Item watched summary/).waitFor();
  await page.getByLabel('Who').fill('bob');
  await page.getByRole('combobox', { name: /^What/ }).selectOption('create');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.waitForFunction(() => location.hash === '#/admin?part=audit&user=bob&action=create');
  await row(page, /bob created Item watched/).waitFor();
  await row(page, /bob changed/).waitFor({ state: 'hidden' });
  await axe(page);
  await shoot(page, 'admin-audit');
  await page.reload();
  await row(page, /bob created Item watched/).waitFor();
  assert.equal(await page.getByLabel('Who').inputValue(), 'bob');
  await page.getByRole('textbox', { name: 'From' }).fill('2001-01-01');
  await page.getByRole('textbox', { name: 'To', exact: true }).fill('2001-01-02');
  await page.getByRole('button', { name: 'Filter' }).click();
  await page.getByText('Nothing was done that fits these filters.').waitFor();
  await page.getByRole('link', { name: 'Clear filters' }).click();
  await row(page, /bob changed Item watched/).waitFor();
});

test('what an admin has not looked at is not made official', async () => {
  const id = await make('alice', 'nearly');
  const page = await world.page({ user: 'admin' });
  world.tolerate(page, /Failed to load resource.*412/);
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  await page.getByRole('button', { name: 'Make official' }).waitFor();
  await world.call('alice', 'PUT', `/items/${id}`, { summary: 'Not what it was' });
  await page.getByRole('button', { name: 'Make official' }).click();
  await page.getByText('Somebody has changed it meanwhile').waitFor();
  await page.getByText('Not what it was').waitFor();
  assert.deepEqual((await world.call('bob', 'GET', `/items/${id}`)).categories, []);
});

test('an admin makes an item official, and takes that back', async () => {
  const id = await make('admin', 'exemplary');
  const page = await world.page({ user: 'admin' });
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  await page.getByRole('button', { name: 'Make official' }).click();
  await page.getByText('“exemplary” is official now.').waitFor();
  assert.deepEqual((await world.call('bob', 'GET', `/items/${id}`)).categories, ['official example']);
  await page.getByRole('button', { name: 'No longer official' }).click();
  await page.getByText('“exemplary” is no longer official.').waitFor();
  assert.deepEqual((await world.call('bob', 'GET', `/items/${id}`)).categories, []);
});

// The page of one item: what it tells, and what can be done there by whom.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { axe, shoot, until, useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

const PROTOCOL = `protocolVersion: 2
name: two-roles
type: job
parameters:
  rate: 0.01
prerequisites:
  - name: torch
    type: dockerimage
    uri: pytorch/pytorch:2.4.0
taskRoles:
  main: # the one that learns
    instances: 2
    dockerImage: torch
    resourcePerInstance: { cpu: 8, memoryMB: 16384, gpu: 2 }
    commands:
${Array.from({ length: 14 }, (_, index) => `      - echo step ${index} <% $parameters.rate %>`).join('\n')}
`;

const make = async (user, name, more = {}) =>
  (await world.call(user, 'POST', '/items', { name, author: user, protocol: protocol(name), ...more })).id;

const open = async (user, id, tab = '') => {
  const page = await world.page({ user });
  await world.openMarketplace(page, `#/market_detail?itemId=${id}${tab}`);
  await page.getByRole('tab', { name: 'Protocol' }).waitFor();
  return page;
};

const notice = (page, title) => page.getByRole('region', { name: title });

test('the header tells what it is, and everybody may star it', async () => {
  const id = await make('alice', 'starred', { summary: 'To find again', tags: ['one'] });
  const page = await open('bob', id);
  for (const text of ['To find again', 'alice', 'Updated', 'Created', 'Uses']) {
    await page.getByText(text, { exact: true }).first().waitFor();
  }
  const star = page.getByRole('button', { name: /^Star/ });
  assert.equal(await star.getAttribute('aria-pressed'), 'false');
  await star.click();
  await until(async () => (await world.call('bob', 'GET', `/items/${id}`)).starred);
  await until(async () => (await star.getAttribute('aria-pressed')) === 'true');
  await page.getByText('1 star', { exact: true }).waitFor();
  await page.reload();
  await page.getByText('1 star', { exact: true }).waitFor();
  await star.click();
  await until(async () => !(await world.call('bob', 'GET', `/items/${id}`)).starred);
});

test('a star that the marketplace does not take goes out again', async () => {
  const id = await make('alice', 'unstarred');
  const page = await open('bob', id);
  world.tolerate(page, /Failed to load resource/);
  await page.route(`${world.api}/items/${id}/star`, (route) =>
    route.fulfill({ status: 503, headers: { 'access-control-allow-origin': '*' }, body: '' }),
  );
  await page.getByRole('button', { name: /^Star/ }).click();
  await page.getByText('The marketplace answered 503').waitFor();
  assert.equal(await page.getByRole('button', { name: /^Star/ }).getAttribute('aria-pressed'), 'false');
});

test('only who may is offered to change', async () => {
  const id = await make('alice', 'shared');
  const bob = await open('bob', id);
  await bob.getByRole('button', { name: /^Star/ }).waitFor();
  for (const name of ['Delete', 'Approve', 'Reject …']) {
    assert.equal(await bob.getByRole('button', { name }).count(), 0, name);
  }
  assert.equal(await bob.getByRole('link', { name: 'Edit' }).count(), 0);
  await bob.getByRole('button', { name: 'Share' }).click();
  const dialog = bob.getByRole('dialog', { name: 'Share “shared”' });
  await dialog.getByText('Everybody on this cluster').waitFor();
  assert.match(await dialog.getByLabel('Link').inputValue(), new RegExp(`itemId=${id}$`));
  assert.equal(await dialog.getByRole('link').count(), 0);
  await axe(bob);
  await shoot(bob, 'detail-share');
  await bob.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });

  const alice = await open('alice', id);
  await alice.getByRole('link', { name: 'Edit' }).waitFor();
  await alice.getByRole('button', { name: 'Share' }).click();
  await alice.getByRole('dialog').getByRole('link', { name: 'Change who may see it' }).click();
  await alice.getByLabel('Summary').waitFor();
});

test('the job is told in all first, and long scripts are folded', async () => {
  const id = await make('alice', 'asks', { protocol: PROTOCOL });
  const page = await open('bob', id, '&tab=detail');
  const total = page.getByRole('region', { name: 'What it asks for in all' });
  await total.getByText('32 GiB').waitFor();
  assert.match((await total.textContent()).replace(/\s+/g, ' '), /Tasks2GPUs4CPU cores16Memory32 GiB/);
  const script = page.getByLabel('Commands', { exact: true });
  assert.equal(await script.isVisible(), false);
  await page.getByText('14 lines').click();
  await script.waitFor();
  const name = script.getByRole('button', { name: '<% $parameters.rate %>' }).first();
  await name.hover();
  await page.getByRole('tooltip', { name: '' }).getByText('0.01').waitFor();
  await shoot(page, 'detail-tip');
  await page.keyboard.press('Escape');
  await page.mouse.move(0, 0);
  await page.getByRole('tooltip').waitFor({ state: 'hidden' });
  await name.focus();
  await page.getByRole('tooltip').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('tooltip').waitFor({ state: 'hidden' });
  await axe(page);
});

test('the protocol has numbers, folds by mouse and keys, and is saved as it is', async () => {
  const id = await make('alice', 'folds', { protocol: PROTOCOL });
  const page = await open('bob', id, '&tab=protocol');
  const line = (text) => page.locator('.line', { hasText: text });
  await line('taskRoles:').waitFor();
  assert.equal(await page.locator('.line').count(), PROTOCOL.trimEnd().split('\n').length);
  assert.equal(await line('taskRoles:').getAttribute('data-line'), '10');
  await line('dockerImage: torch').getByRole('button', { name: 'torch' }).hover();
  await page.getByRole('tooltip').getByText('pytorch/pytorch:2.4.0').waitFor();
  await axe(page);
  await shoot(page, 'detail-source');

  await line('main:').click({ position: { x: 4, y: 4 } });
  await line('instances: 2').waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Unfold all' }).click();
  await line('instances: 2').waitFor();
  await page.getByRole('button', { name: 'Fold all', exact: true }).click();
  await line('main:').waitFor({ state: 'hidden' });
  // By keys: the first block is reached by Tab behind “Unfold all”, arrows lead on.
  await page.getByRole('button', { name: 'Unfold all' }).focus();
  await page.keyboard.press('Tab');
  const focused = () =>
    page.evaluate(() => document.querySelector('pai-plugin').shadowRoot.activeElement?.textContent);
  assert.equal(await focused(), 'prerequisites:');
  await page.keyboard.press('ArrowDown');
  assert.equal(await focused(), 'taskRoles:');
  await page.keyboard.press('ArrowRight');
  await line('main:').waitFor();
  await page.keyboard.press('ArrowLeft');
  await line('main:').waitFor({ state: 'hidden' });

  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save as file' }).click(),
  ]);
  assert.equal(saved.suggestedFilename(), 'folds.yaml');
  assert.equal(await readFile(await saved.path(), 'utf8'), PROTOCOL);
});

test('a deletion can be taken back, and is final after some seconds or when the page is left', async () => {
  const gone = async (id) => (await world.call('bob', 'GET', '/items?author=bob')).every((item) => item.id !== id);
  const first = await make('bob', 'goes-in-time', { isPrivate: true });
  const page = await open('bob', first);
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('“goes-in-time” is deleted.').waitFor();
  assert.equal(await gone(first), false);
  // On the list it is gone already.
  await page.getByRole('article').first().waitFor();
  assert.equal(await page.getByRole('link', { name: 'goes-in-time' }).count(), 0);
  // Whoever comes back to it meanwhile can still change their mind.
  await page.evaluate((id) => (location.hash = `#/market_detail?itemId=${id}`), first);
  await page.getByRole('heading', { name: 'This item is being deleted' }).waitFor();
  await axe(page);
  await shoot(page, 'detail-being-deleted');
  await page.locator('.state').getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('heading', { level: 1, name: 'goes-in-time' }).waitFor();
  await page.getByRole('button', { name: 'Delete' }).click();
  await until(() => gone(first));

  const second = await make('bob', 'goes-on-leaving', { isPrivate: true });
  await world.openMarketplace(page, `#/market_detail?itemId=${second}`);
  await page.getByRole('heading', { level: 1, name: 'goes-on-leaving' }).waitFor();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('“goes-on-leaving” is deleted.').waitFor();
  const left = Date.now();
  await page.goto('about:blank');
  await until(() => gone(second));
  assert.ok(Date.now() - left < 9_000, 'before its time');

  const third = await make('bob', 'goes-with-the-element', { isPrivate: true });
  await world.openMarketplace(page, `#/market_detail?itemId=${third}`);
  await page.getByRole('heading', { level: 1, name: 'goes-with-the-element' }).waitFor();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('“goes-with-the-element” is deleted.').waitFor();
  await page.evaluate(() => document.querySelector('pai-plugin').remove());
  await until(() => gone(third));
});

test('an admin rejects with a reason, the author reads it, mends and hands in again', async () => {
  const id = await make('alice', 'judged');
  const admin = await open('admin', id);
  await admin.getByRole('button', { name: 'Reject …' }).click();
  const dialog = admin.getByRole('dialog', { name: 'Reject “judged”?' });
  await dialog.getByRole('button', { name: 'Reject' }).click();
  await dialog.getByText('Give a reason: the author reads it.').waitFor();
  await axe(admin);
  await shoot(admin, 'review-reject');
  await dialog.getByRole('textbox').fill('Say what the job <b>needs</b>.');
  await dialog.getByRole('button', { name: 'Reject' }).click();
  await notice(admin, 'Rejected').waitFor();
  await admin.getByText('“judged” is rejected.').waitFor();
  const focused = () => admin.evaluate(() => document.querySelector('pai-plugin').shadowRoot.activeElement?.textContent);
  await until(async () => (await focused()) === 'Use');

  const bob = await world.page({ user: 'bob' });
  world.tolerate(bob, /Failed to load resource.*403/);
  await world.openMarketplace(bob, `#/market_detail?itemId=${id}`);
  await bob.getByRole('heading', { name: 'Not shared with you' }).waitFor();

  const alice = await open('alice', id);
  await notice(alice, 'Rejected').getByText('Say what the job <b>needs</b>.').waitFor();
  await axe(alice);
  await shoot(alice, 'review-rejected');
  assert.equal(await alice.getByRole('button', { name: 'Approve' }).count(), 0);
  await notice(alice, 'Rejected').getByText('with other tags, categories or sharing alone, it stays rejected').waitFor();
  await alice.getByRole('link', { name: 'Mend and hand in again' }).click();
  await alice.getByLabel('Summary').fill('It needs one core');
  await alice.getByRole('button', { name: 'Save' }).click();
  const waits = notice(alice, 'Waits for review');
  await waits.getByText('only you and admins see this item').waitFor();
  await waits.getByText('Say what the job <b>needs</b>.').waitFor();
  await shoot(alice, 'review-pending-author');

  await admin.reload();
  await notice(admin, 'Waits for review').waitFor();
  await axe(admin);
  await shoot(admin, 'review-pending-admin');
  // What the admin has not seen is not approved.
  world.tolerate(admin, /Failed to load resource.*412/);
  await world.call('alice', 'PUT', `/items/${id}`, { summary: 'It needs two cores' });
  await admin.getByRole('button', { name: 'Approve' }).click();
  await admin.getByText('Somebody has changed it meanwhile').waitFor();
  await admin.getByText('It needs two cores').waitFor();
  await admin.getByRole('button', { name: 'Approve' }).click();
  await admin.getByText('“judged” is approved.').waitFor();
  await notice(admin, 'Waits for review').waitFor({ state: 'hidden' });
  assert.equal((await world.call('bob', 'GET', `/items/${id}`)).status, 'approved');
});

test('a copy is private, and changed at once', async () => {
  const id = await make('alice', 'original', { tags: ['kept'], summary: 'Kept too', protocol: PROTOCOL });
  const page = await open('bob', id);
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await page.getByText('“original (copy)” is a private copy of yours').waitFor();
  assert.equal(await page.getByLabel('Name').inputValue(), 'original (copy)');
  const [copy] = await world.call('bob', 'GET', '/items?author=bob&name=original%20(copy)');
  assert.deepEqual([copy.tags, copy.summary, copy.protocol, copy.isPrivate], [['kept'], 'Kept too', PROTOCOL, true]);
});

test('a copy tells what it was copied from, to those who may see that', async () => {
  const first = await make('alice', 'the origin', { protocol: PROTOCOL });
  const page = await open('bob', first);
  await page.getByRole('button', { name: 'Copy', exact: true }).click();
  await page.getByRole('radio', { name: /^Everybody/ }).check();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const origin = page.getByRole('link', { name: 'the origin', exact: true });
  await origin.waitFor();
  assert.match(await page.locator('.facts').textContent(), /Copied from\s*the origin/);
  await axe(page);
  await shoot(page, 'detail-copy');
  await origin.click();
  await page.getByRole('heading', { level: 1, name: 'the origin', exact: true }).waitFor();
  assert.ok(!(await page.locator('.facts').textContent()).includes('Copied from'));

  const [copy] = await world.call('bob', 'GET', '/items?author=bob&name=the%20origin%20(copy)');
  await world.call('alice', 'PUT', `/items/${first}`, { isPrivate: true });
  const other = await open('carol', copy.id);
  await other.locator('.facts').waitFor();
  assert.ok(!(await other.locator('.item').textContent()).includes('Copied from'));
  await world.call('alice', 'DELETE', `/items/${first}`);
  await other.reload();
  await other.getByText('an item that is gone').waitFor();
});

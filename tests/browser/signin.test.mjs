// What people can do about a sign-in that has ended, rights that could not be
// found out, and a browser that does not let pages copy.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axe, shoot, step, useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

async function make(name, more = {}) {
  const item = { name, author: 'alice', protocol: protocol(name), isPrivate: true, ...more };
  return (await world.call('alice', 'POST', '/items', item)).id;
}

/** From now on, what would change something is refused as with an expired token. */
async function endSignIn(page) {
  world.tolerate(page, /Failed to load resource.*401/);
  await page.route(`${world.api}/**`, (route) => {
    if (['GET', 'OPTIONS'].includes(route.request().method())) return route.continue();
    return route.fulfill({ status: 401, headers: { 'access-control-allow-origin': '*' }, body: 'The token has expired.' });
  });
}

async function signInAgain(page) {
  await page.unroute(`${world.api}/**`);
  await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/login\.html/);
  await page.fill('input[name=username]', 'alice');
  await page.fill('input[name=password]', 'alice');
  await page.press('input[name=password]', 'Enter');
}

const ended = (page) => page.getByRole('dialog', { name: 'Your sign-in has ended' });

test('Save with an ended sign-in says so in view, keeps the draft and comes back', async () => {
  const id = await make('expired');
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, `#/edit_item?itemId=${id}`);
  await page.getByText('The protocol is valid.').waitFor();
  await endSignIn(page);
  await page.getByRole('textbox', { name: 'Summary' }).fill('typed while signed out');
  await page.getByRole('button', { name: 'Save' }).click();
  await ended(page).waitFor();
  await axe(page);
  await shoot(page, 'sign-in-ended');
  await page.keyboard.press('Escape');
  await ended(page).waitFor({ state: 'hidden' });
  await page.getByRole('button', { name: 'Save' }).click();
  // Nobody is asked about what is kept anyway.
  page.on('dialog', (dialog) => assert.fail(dialog.type()));
  await signInAgain(page);
  await page.getByText('Restored: this is what you had filled in here before.').waitFor();
  assert.equal(new URL(page.url()).hash, `#/edit_item?itemId=${id}`);
  assert.equal(await page.getByRole('textbox', { name: 'Summary' }).inputValue(), 'typed while signed out');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('“expired” is saved.').waitFor();
});

test('Use with an ended sign-in offers to sign in', async () => {
  const id = await make('expired-use');
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, `#/use?itemId=${id}`);
  await page.getByLabel('Virtual cluster').waitFor();
  await endSignIn(page);
  await page.getByRole('button', { name: 'Open the submit page' }).click();
  await ended(page).getByRole('button', { name: 'Not now' }).click();
});

test('Delete with an ended sign-in offers to sign in', async () => {
  const id = await make('expired-delete');
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  await page.getByRole('button', { name: 'Delete' }).waitFor();
  await endSignIn(page);
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Undo' }).waitFor();
  await ended(page).waitFor();
  await signInAgain(page);
  await page.getByRole('article').first().waitFor();
  assert.equal((await world.call('alice', 'GET', `/items/${id}`)).name, 'expired-delete');
});

test('whatever else is pressed with an ended sign-in offers to sign in', async () => {
  const id = await make('expired-actions', { tags: ['of long ago'] });
  await world.call('admin', 'PUT', `/items/${id}`, { status: 'pending' });
  const page = await world.page({ user: 'admin' });
  const button = (name) => page.getByRole('button', { name, exact: true });
  const isOffered = async () => {
    await ended(page).waitFor();
    await page.keyboard.press('Escape');
    await ended(page).waitFor({ state: 'hidden' });
  };
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  await button('Approve').waitFor();
  await endSignIn(page);
  for (const name of ['Approve', 'Copy', 'Make official', /^Star/]) {
    await page.getByRole('button', { name, exact: true }).click();
    await isOffered();
  }
  await button('Reject …').click();
  await page.getByRole('dialog').getByLabel(/^Reason/).fill('No.');
  await button('Reject').click();
  await isOffered();

  await world.openMarketplace(page, '#/?keyword=expired-actions');
  await page.getByRole('button', { name: /^Star “expired-actions”/ }).click();
  await isOffered();
  await button('Select').click();
  await page.getByRole('checkbox', { name: 'Select “expired-actions”' }).check();
  await button('Add tag …').click();
  await page.getByLabel('Tag', { exact: true }).fill('new');
  await button('Add tag').click();
  await isOffered();

  await world.openMarketplace(page, '#/admin?part=tags');
  await button('Rename: of long ago').click();
  await page.getByRole('dialog').getByLabel('Name').fill('renamed');
  await button('Rename').click();
  await isOffered();
  await page.getByLabel('New', { exact: true }).fill('made');
  await button('Make').click();
  await isOffered();
});

test('an item that somebody has changed meanwhile is not deleted', async () => {
  const id = await make('changed');
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource.*412/);
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  await page.getByRole('button', { name: 'Delete' }).waitFor();
  await world.call('admin', 'PUT', `/items/${id}`, { summary: 'changed' });
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Somebody else has changed this item in the meantime').waitFor();
  assert.equal((await world.call('alice', 'GET', `/items/${id}`)).summary, 'changed');
});

test('rights that could not be found out are not taken away in silence', async () => {
  const id = await make('owned');
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource.*503/);
  await page.route(`${world.api}/me`, (route) =>
    route.fulfill({ status: 503, headers: { 'access-control-allow-origin': '*' }, body: '' }),
  );
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  const told = page.getByRole('alert').filter({ hasText: 'Whether you may change this item could not be found out.' });
  await told.waitFor();
  await axe(page);
  await shoot(page, 'rights-unknown');

  await page.getByRole('link', { name: 'Create' }).click();
  await step(page, 'Sharing');
  await page.getByRole('radio', { name: /^Some groups/ }).check();
  await page.getByText('Your groups could not be found out.').waitFor();
  await page.unroute(`${world.api}/me`);
  await page.getByRole('button', { name: 'Retry' }).click();
  await page.getByRole('checkbox', { name: 'vision' }).waitFor();
  await page.getByRole('link', { name: 'Cancel' }).click();
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  await page.getByRole('link', { name: 'Edit' }).waitFor();
  assert.equal(await told.count(), 0);
});

/** A page as over plain HTTP, where browsers have no clipboard for it. */
async function plainHttp(user, execCommand) {
  const page = await world.page({ user });
  await page.addInitScript((works) => {
    Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined });
    if (!works) document.execCommand = () => false;
  }, execCommand);
  return page;
}

async function pasted(page) {
  await page.getByRole('link', { name: 'Browse' }).click();
  await page.getByRole('searchbox', { name: 'Search' }).press('ControlOrMeta+v');
  return page.getByRole('searchbox', { name: 'Search' }).inputValue();
}

test('Copy works over plain HTTP', async () => {
  const id = await make('copied');
  const page = await plainHttp('alice', true);
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByRole('button', { name: 'Copy link' }).click();
  await page.getByText('Link copied.').waitFor();
  assert.equal(await page.getByRole('dialog').count(), 0);
  assert.equal(await pasted(page), `${world.portal}/plugin.html?index=0#/market_detail?itemId=${id}`);
});

test('where nothing copies by itself, the text is ready to be copied', async () => {
  const id = await make('by-hand');
  const page = await plainHttp('alice', false);
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByRole('button', { name: 'Copy link' }).click();
  const dialog = page.getByRole('dialog', { name: 'Press Ctrl+C to copy' });
  await dialog.waitFor();
  await axe(page);
  await shoot(page, 'copy-by-hand');
  await page.keyboard.press('ControlOrMeta+c');
  await dialog.getByRole('button', { name: 'Close' }).click();
  await dialog.waitFor({ state: 'hidden' });
  assert.equal(await pasted(page), `${world.portal}/plugin.html?index=0#/market_detail?itemId=${id}`);
});

// What people see when something that the plugin needs does not work.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axe, create, opened, shoot, step, until, useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

const faults = (method, body) =>
  fetch(`${world.portal}/__faults`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });

test('an OpenPAI that is down is told, and Retry works once it is back', async () => {
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource.*503/);
  await faults('PUT', { path: '/api/v2', status: 500 });
  await world.openMarketplace(page);
  await page.getByRole('status').filter({ hasText: 'The marketplace cannot reach OpenPAI' }).waitFor();
  await page.getByRole('alert').getByText(/out of reach/).first().waitFor();
  await axe(page);
  await shoot(page, 'openpai-down');
  // Its filters have failed as well; one button is for all of it. It is held before OpenPAI is
  // back, because the page notices that by itself before long, and the button goes.
  const retry = await page.getByRole('button', { name: 'Retry' }).elementHandle();
  await faults('DELETE');
  await retry.evaluate((button) => button.click());
  await page.getByRole('article').nth(11).waitFor();
  await page.getByRole('checkbox', { name: /^Data/ }).waitFor();
});

test('an OpenPAI that is back is told by itself', async () => {
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource.*503/);
  await page.clock.install();
  await faults('PUT', { path: '/api/v2', status: 500 });
  await world.openMarketplace(page);
  await page.getByRole('status').filter({ hasText: 'The marketplace cannot reach OpenPAI' }).waitFor();
  await faults('DELETE');
  const again = page.getByRole('status').filter({ hasText: 'The marketplace answers again.' });
  await until(async () => {
    await page.clock.runFor(5_000);
    return again.isVisible();
  });
  await page.getByRole('article').nth(11).waitFor();
});

test('an API that is away is told above all pages, and comes back by itself', async () => {
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource/);
  await page.clock.install();
  await world.openMarketplace(page);
  await page.getByRole('article').nth(11).waitFor();
  const away = (route) => route.abort('connectionrefused');
  await page.route(`${world.api}/**`, away);
  await page.evaluate(() => (location.hash = '#/?keyword=pytorch'));
  const banner = page.getByRole('status').filter({ hasText: 'The marketplace does not answer.' });
  await banner.waitFor();
  await axe(page);
  await shoot(page, 'api-away');
  const refused = page.waitForEvent('requestfailed');
  await banner.getByRole('button', { name: 'Ask now' }).click();
  await refused;
  await banner.waitFor();
  await page.unroute(`${world.api}/**`, away);
  // Nobody presses anything. The pause begins when the page hears of the failure, which may be after this.
  const again = page.getByRole('status').filter({ hasText: 'The marketplace answers again.' });
  await until(async () => {
    await page.clock.runFor(5_000);
    return again.isVisible();
  });
  await page.getByRole('article').getByRole('link', { name: 'PyTorch on one GPU' }).waitFor();
  await page.clock.runFor(11_000);
  await page.getByText('The marketplace answers again.').waitFor({ state: 'detached' });
});

test('a sign-in that has ended leads to the login page and back', async () => {
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource.*401/);
  await page.context().addCookies([{ name: 'token', value: 'stale', url: world.portal }]);
  await world.openMarketplace(page, '#/?keyword=pytorch');
  await page.getByRole('heading', { name: 'Your sign-in has ended' }).waitFor();
  await shoot(page, 'signed-out');
  await page.getByRole('status').getByRole('link', { name: 'Sign in again' }).waitFor();
  await page.getByRole('link', { name: 'Sign in', exact: true }).last().click();
  await page.waitForURL(/login\.html/);
  await page.fill('input[name=username]', 'alice');
  await page.fill('input[name=password]', 'alice');
  await page.press('input[name=password]', 'Enter');
  await page.getByRole('article').getByRole('link', { name: 'PyTorch on one GPU' }).waitFor();
  assert.equal(new URL(page.url()).hash, '#/?keyword=pytorch');
});

test('a plugin whose wasm does not come says so, and can be retried', async () => {
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource|wasm/i);
  await page.route('**/*.wasm', (route) => route.abort());
  await page.goto(`${world.portal}/plugin.html?index=0`);
  await page.getByText('The marketplace could not be loaded').waitFor();
  await page.unroute('**/*.wasm');
  await page.getByRole('button', { name: 'Retry' }).click();
  await page.getByRole('article').nth(11).waitFor();
});

test('an item that is refused stays in the form', async () => {
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource.*503/);
  await world.openMarketplace(page, '#/create_item');
  await page.getByRole('textbox', { name: 'Protocol text' }).fill(protocol('stays'));
  await page.getByText('The protocol is valid.').waitFor();
  await page.route(`${world.api}/items`, (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      headers: { 'access-control-allow-origin': '*' },
      body: JSON.stringify({
        type: 'about:blank',
        title: 'Service Unavailable',
        status: 503,
        detail: 'The database is out of reach at the moment.',
      }),
    }),
  );
  await create(page);
  await page.getByRole('alert').getByText('The database is out of reach').waitFor();
  await step(page, 'Source');
  assert.match(await page.getByRole('textbox', { name: 'Protocol text' }).inputValue(), /name: stays/);
  await page.unroute(`${world.api}/items`);
  await create(page);
  await opened(page, 'stays');
});

test('an item that OpenPAI would refuse is not handed to the submit page', async () => {
  const [item] = await world.call('alice', 'GET', '/items?category=official%20example&limit=1');
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource.*409/);
  await page.route(`${world.api}/items/${item.id}/use*`, (route) =>
    route.fulfill({
      status: 409,
      contentType: 'application/problem+json',
      headers: { 'access-control-allow-origin': '*' },
      body: JSON.stringify({ type: 'about:blank', title: 'Conflict', status: 409, detail: 'The protocol is invalid.' }),
    }),
  );
  await world.openMarketplace(page, `#/market_detail?itemId=${item.id}`);
  await page.getByRole('link', { name: 'Use', exact: true }).click();
  // The form grows by what OpenPAI says, and would move the button away from a click.
  await page.getByLabel('Virtual cluster').waitFor();
  const handOver = page.getByRole('button', { name: 'Open the submit page' });
  await handOver.click();
  await page.getByText('The protocol is invalid.').waitFor();
  assert.equal(await handOver.isEnabled(), true);
  assert.match(page.url(), /plugin\.html/);
});

// The stand-in portal on its own: what the other tests take as given.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { shoot, useWorld } from './harness.mjs';

const world = useWorld({ marketplace: false });

test('alice signs in and has the cookies of a portal', async () => {
  const page = await world.page({ user: 'alice' });
  const cookies = await page.context().cookies();
  const value = (name) => cookies.find((cookie) => cookie.name === name)?.value;
  assert.equal(value('user'), 'alice');
  assert.equal(value('admin'), 'false');
  assert.match(value('token'), /^[\w-]+\.[\w-]+\.[\w-]+$/);
  await shoot(page, 'portal-home');
});

test('admin is known as one', async () => {
  const page = await world.page({ user: 'admin' });
  const cookies = await page.context().cookies();
  assert.equal(cookies.find(({ name }) => name === 'admin')?.value, 'true');
});

test('a wrong password is told on the page, and nobody is signed in', async () => {
  const page = await world.page();
  // Chromium itself writes a line about an answer of 400 or 401.
  world.tolerate(page, /Failed to load resource.*40[01]/);
  await page.goto(`${world.portal}/login.html`);
  await page.fill('input[name=username]', 'alice');
  await page.fill('input[name=password]', 'not her password');
  await page.press('input[name=password]', 'Enter');
  await page.getByRole('alert').filter({ hasText: /\w/ }).waitFor();
  const cookies = await page.context().cookies();
  assert.ok(!cookies.some(({ name }) => name === 'token'));
});

// Names of tags and categories may hold commas.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

const make = (name, more) =>
  world.call('alice', 'POST', '/items', { name, author: 'alice', protocol: protocol(name), ...more });

test('a tag with a comma is asked for as it is, others as before', async () => {
  const { id } = await make('with-comma', { tags: ['vision, text', 'plain'] });
  const page = await world.page({ user: 'bob' });
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  const asked = async (name) => {
    const list = page.waitForRequest((request) => request.url().includes('/items?'));
    await page.getByRole('link', { name, exact: true }).first().click();
    const tags = new URL((await list).url()).searchParams.getAll('tag');
    await page.getByRole('list', { name: 'Active filters' }).getByText(`Tag: ${name}`).waitFor();
    return tags;
  };
  assert.deepEqual(await asked('vision, text'), ['vision, text', 'vision, text']);
  await page.goBack();
  await page.getByRole('heading', { level: 1, name: 'with-comma' }).waitFor();
  assert.deepEqual(await asked('plain'), ['plain']);
});

test('a tag and a category with a comma find their items, and only these', async () => {
  await world.call('admin', 'POST', '/categories', { name: 'sound, speech' });
  await make('comma-tag', { tags: ['a, b'] });
  await make('comma-category', { categories: ['sound, speech'] });
  await make('two-tags', { tags: ['a', 'b'] });
  const names = async (hash) => {
    // A page of its own, on which no other list has been.
    const page = await world.page({ user: 'bob' });
    await world.openMarketplace(page, hash);
    await page.getByRole('article').first().waitFor();
    return page.getByRole('article').getByRole('heading').allTextContents();
  };
  assert.deepEqual(await names('#/?tag=a%2C+b'), ['comma-tag']);
  assert.deepEqual(await names('#/?category=sound%2C+speech'), ['comma-category']);
});

test('a tag with a comma survives an edit of the tags', async () => {
  const { id } = await make('kept-comma', { tags: ['x, y', 'z'] });
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, `#/edit_item?itemId=${id}`);
  const tags = page.getByRole('combobox', { name: 'Tags' });
  const before = await tags.inputValue();
  assert.match(before, /"x, y"/);
  await tags.fill(`${before}, new`);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('“kept-comma” is saved.').waitFor();
  assert.deepEqual((await world.call('alice', 'GET', `/items/${id}`)).tags.sort(), ['new', 'x, y', 'z']);
});

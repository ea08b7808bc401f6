// Something is done with several items at once.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { axe, shoot, until, useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

const make = (user, name, more) =>
  world.call(user, 'POST', '/items', { name, author: user, protocol: protocol(name), ...more });
const link = (page, name) => page.getByRole('article').getByRole('link', { name, exact: true });
const named = async (user, name) => (await world.call(user, 'GET', `/items?name=${name}`))[0];
const dock = (page) => page.getByRole('region', { name: 'Selected items' });

/** Opens a list and selects items of it. */
async function select(page, hash, names) {
  await world.openMarketplace(page, hash);
  await page.getByRole('button', { name: 'Select', exact: true }).click();
  for (const name of names) await page.getByRole('checkbox', { name: `Select “${name}”` }).check();
  await dock(page).getByText(`${names.length} selected`).waitFor();
}

test('items get a tag, and each says what came of it', async () => {
  await make('alice', 'tag-one', { tags: ['first'] });
  const { id } = await make('alice', 'tag-two');
  await make('alice', 'tag-three');
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource/);
  await select(page, '#/?keyword=tag', ['tag-one', 'tag-two', 'tag-three']);
  await world.call('alice', 'DELETE', `/items/${id}`);
  await dock(page).getByRole('button', { name: 'Add tag …' }).click();
  await dock(page).getByLabel('Tag', { exact: true }).fill('second');
  await axe(page);
  await shoot(page, 'several-tag');
  await dock(page).getByRole('button', { name: 'Add tag', exact: true }).click();
  await dock(page).getByText('2 done, 1 failed.').waitFor();
  await dock(page).getByRole('listitem').filter({ hasText: 'tag-one' }).getByText('done').waitFor();
  await dock(page).getByRole('listitem').filter({ hasText: 'tag-two' }).getByText(/no item/).waitFor();
  await axe(page);
  await shoot(page, 'several-outcome');
  assert.deepEqual((await named('alice', 'tag-one')).tags.sort(), ['first', 'second']);
  assert.deepEqual((await named('alice', 'tag-three')).tags, ['second']);
});

test('what was begun comes to its end when the page is left', async () => {
  const names = ['goes-on-one', 'goes-on-two'];
  for (const name of names) await make('alice', name);
  const page = await world.page({ user: 'alice' });
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  await page.route(/\/items\//, async (route) => {
    if (route.request().method() === 'PUT') await held;
    await route.continue();
  });
  await select(page, '#/?keyword=goes-on', names);
  await dock(page).getByRole('button', { name: 'Add tag …' }).click();
  await dock(page).getByLabel('Tag', { exact: true }).fill('tagged');
  const begun = page.waitForRequest((request) => request.method() === 'PUT');
  await dock(page).getByRole('button', { name: 'Add tag', exact: true }).click();
  await begun;
  assert.ok(await dock(page).getByRole('button', { name: 'Done', exact: true }).isDisabled(), 'it would stop half-way');
  await page.getByLabel('Marketplace').getByRole('link', { name: 'Create' }).click();
  await page.getByRole('textbox', { name: 'Protocol text' }).waitFor();
  letGo();
  const deadline = Date.now() + 10_000;
  for (const name of names) {
    while (!(await named('alice', name)).tags.includes('tagged')) assert.ok(Date.now() < deadline, name);
  }
});

test('items are shared, with a group and with everybody', async () => {
  await make('alice', 'share-one', { isPrivate: true });
  await make('alice', 'share-two', { isPrivate: true });
  const page = await world.page({ user: 'alice' });
  await select(page, '#/?keyword=share', ['share-one', 'share-two']);
  const share = async (whom) => {
    await dock(page).getByRole('button', { name: 'Share …' }).click();
    await dock(page).getByLabel('Who may see them').selectOption(whom);
    await dock(page).getByRole('button', { name: 'Share', exact: true }).click();
    await dock(page).getByText('2 done, 0 failed.').waitFor();
  };
  await share('Group “vision”');
  assert.deepEqual((await named('carol', 'share-one')).groupList, ['vision']);
  assert.equal(await named('bob', 'share-one'), undefined);
  await dock(page).getByRole('button', { name: 'Close' }).click();
  await share('Everybody');
  assert.equal((await named('bob', 'share-two')).isPublic, true);
});

test('what is not yours can only be exported', async () => {
  await make('bob', 'zeppelin-theirs');
  await make('alice', 'zeppelin-mine');
  const page = await world.page({ user: 'alice' });
  await select(page, '#/?keyword=zeppelin', ['zeppelin-theirs']);
  for (const name of ['Add tag …', 'Share …', 'Delete']) {
    assert.equal(await dock(page).getByRole('button', { name }).isDisabled(), true, name);
  }
  await dock(page).getByText('1 of them is not yours').waitFor();
  const exported = async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dock(page).getByRole('button', { name: 'Export' }).click(),
    ]);
    return [download.suggestedFilename(), await readFile(await download.path())];
  };
  const [name, text] = await exported();
  assert.equal(name, 'zeppelin-theirs.yaml');
  assert.equal(text.toString(), protocol('zeppelin-theirs'));

  await dock(page).getByRole('button', { name: 'Select all shown' }).click();
  await dock(page).getByText('2 selected').waitFor();
  await dock(page).getByText('1 done').waitFor();
  const [archive, bytes] = await exported();
  assert.equal(archive, 'protocols.zip');
  assert.deepEqual(unzip(bytes), {
    'zeppelin-mine.yaml': protocol('zeppelin-mine'),
    'zeppelin-theirs.yaml': protocol('zeppelin-theirs'),
  });
});

const focused = (page) =>
  page.evaluate(() => document.querySelector('pai-plugin').shadowRoot.activeElement?.textContent ?? null);

test('a message stays while somebody is on it, and hands the focus back', async () => {
  await make('bob', 'waited-for');
  const page = await world.page({ user: 'bob' });
  await page.clock.install();
  await select(page, '#/?keyword=waited-for', ['waited-for']);
  const press = async (button) => {
    await button.focus();
    await page.keyboard.press('Enter');
  };
  const undo = page.getByRole('button', { name: 'Undo' });
  await press(dock(page).getByRole('button', { name: 'Delete' }));
  await until(async () => (await focused(page)) === 'Select');
  await undo.focus();
  await page.clock.fastForward(60_000);
  await press(undo);
  await link(page, 'waited-for').waitFor();
  await until(async () => (await focused(page)) === 'Select');
  await undo.waitFor({ state: 'detached' });

  await select(page, '#/?keyword=waited-for', ['waited-for']);
  await press(dock(page).getByRole('button', { name: 'Delete' }));
  await undo.hover();
  const { x, y } = await undo.boundingBox();
  for (let step = 1; step < 10; step++) {
    await page.mouse.move(x + step, y + 5);
    await page.clock.fastForward(4_000);
  }
  await undo.waitFor();
  assert.ok(await named('bob', 'waited-for'), 'as long as it can be taken back');
  // A pointer that rests there is left behind.
  await page.clock.fastForward(11_000);
  await undo.waitFor({ state: 'detached' });
  await until(async () => !(await named('bob', 'waited-for')));
});

test('what somebody has changed since the list was loaded is not deleted', async () => {
  const { id } = await make('bob', 'changed-since');
  const page = await world.page({ user: 'bob' });
  await select(page, '#/?keyword=changed-since', ['changed-since']);
  await world.call('bob', 'PUT', `/items/${id}`, { summary: 'Of great worth' });
  await dock(page).getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Somebody has changed it since the list was loaded.').waitFor();
  assert.equal((await named('bob', 'changed-since')).summary, 'Of great worth');
});

test('deleting several items can be undone for a while', async () => {
  await make('bob', 'doomed-one');
  await make('bob', 'doomed-two');
  await make('alice', 'doomed-not-mine');
  const page = await world.page({ user: 'bob' });
  await select(page, '#/?keyword=doomed', ['doomed-one', 'doomed-two', 'doomed-not-mine']);
  await dock(page).getByRole('button', { name: 'Delete' }).click();
  await page.getByText('2 items are deleted.').waitFor();
  await link(page, 'doomed-one').waitFor({ state: 'hidden' });
  await shoot(page, 'several-deleted');
  await page.getByRole('button', { name: 'Undo' }).click();
  await link(page, 'doomed-one').waitFor();
  assert.ok(await named('bob', 'doomed-two'), 'nothing was deleted');

  await select(page, '#/?keyword=doomed', ['doomed-one', 'doomed-two']);
  await dock(page).getByRole('button', { name: 'Delete' }).click();
  await page.getByText('2 items are deleted.').waitFor();
  let deleted = 0;
  const both = page.waitForResponse(
    (response) => response.request().method() === 'DELETE' && response.ok() && ++deleted === 2,
    { timeout: 20_000 },
  );
  // Another page changes nothing about it.
  await page.getByRole('link', { name: 'Browse', exact: true }).click();
  await both;
  assert.equal(await named('bob', 'doomed-one'), undefined);
  assert.equal(await named('bob', 'doomed-two'), undefined);
  assert.ok(await named('bob', 'doomed-not-mine'));
});

test('who leaves the document has deleted', async () => {
  await make('bob', 'leaving-one');
  await make('bob', 'leaving-two');
  const page = await world.page({ user: 'bob' });
  await select(page, '#/?keyword=leaving', ['leaving-one', 'leaving-two']);
  await dock(page).getByRole('button', { name: 'Delete' }).click();
  await page.getByText('2 items are deleted.').waitFor();
  await page.goto(`${world.portal}/jobs.html`);
  const deadline = Date.now() + 10_000;
  while ((await named('bob', 'leaving-one')) || (await named('bob', 'leaving-two'))) {
    assert.ok(Date.now() < deadline, 'they are still there');
  }
});

/** The files of an archive without compression, by name, as its directory lists them. */
function unzip(bytes) {
  const end = bytes.length - 22;
  assert.equal(bytes.readUInt32LE(end), 0x06054b50);
  const files = {};
  let at = bytes.readUInt32LE(end + 16);
  for (let number = bytes.readUInt16LE(end + 10); number > 0; number--) {
    assert.equal(bytes.readUInt32LE(at), 0x02014b50);
    const [size, nameLength, start] = [bytes.readUInt32LE(at + 20), bytes.readUInt16LE(at + 28), bytes.readUInt32LE(at + 42)];
    const name = bytes.toString('utf8', at + 46, at + 46 + nameLength);
    assert.equal(bytes.readUInt32LE(start), 0x04034b50);
    const content = start + 30 + bytes.readUInt16LE(start + 26) + bytes.readUInt16LE(start + 28);
    files[name] = bytes.toString('utf8', content, content + size);
    at += 46 + nameLength;
  }
  return files;
}

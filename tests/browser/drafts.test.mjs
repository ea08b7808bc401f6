// The form for an item loses nothing: not what was typed, not what somebody
// else has saved meanwhile.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axe, create, opened, shoot, step, until, useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

/** An item of alice's; its id. */
async function make(name, more = {}) {
  const item = { name, author: 'alice', protocol: protocol(name), isPrivate: true, summary: 'old', ...more };
  return (await world.call('alice', 'POST', '/items', item)).id;
}

const read = (id) => world.call('alice', 'GET', `/items/${id}`);
const detail = (id) => `#/market_detail?itemId=${id}`;
const editor = (id) => `#/edit_item?itemId=${id}`;
const summary = (page) => page.getByRole('textbox', { name: 'Summary' });
const restored = (page) => page.getByText('Restored: this is what you had filled in here before.');
const question = (page) => page.getByRole('dialog', { name: 'Leave without saving?' });
const valid = (page) => page.getByText('The protocol is valid.').waitFor();

async function edit(user, id) {
  const page = await world.page({ user });
  await world.openMarketplace(page, editor(id));
  await valid(page);
  return page;
}

/** The answers of the API to these requests, as they come. */
function answers(page, method, pattern) {
  const all = [];
  page.on('request', (request) => {
    if (request.method() === method && pattern.test(request.url())) all.push(request);
  });
  return all;
}

test('Cancel discards the draft', async () => {
  const id = await make('cancelled');
  const page = await edit('alice', id);
  await summary(page).fill('never mind');
  await page.waitForFunction(() => Object.values(sessionStorage).some((text) => text.includes('never mind')));
  await page.getByRole('link', { name: 'Cancel' }).click();
  await page.getByRole('heading', { level: 1, name: 'cancelled', exact: true }).waitFor();
  await page.getByRole('link', { name: 'Edit' }).click();
  await valid(page);
  assert.equal(await summary(page).inputValue(), 'old');
  assert.equal(await restored(page).count(), 0);
});

test('what was typed for data is kept while another way to begin is looked at', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, '#/create_item');
  const way = (name) => page.getByRole('radio', { name });
  await way('Data at an address').check();
  await page.getByRole('textbox', { name: 'Title' }).fill('Pictures of cells');
  await page.getByRole('textbox', { name: 'Address' }).fill('https://data.example/cells');
  await way('A file or text').check();
  await page.getByRole('button', { name: 'Begin with an example' }).waitFor();
  await way('Data at an address').check();
  assert.equal(await page.getByRole('textbox', { name: 'Title' }).inputValue(), 'Pictures of cells');
  assert.equal(await page.getByRole('textbox', { name: 'Address' }).inputValue(), 'https://data.example/cells');
});

test('a draft that comes back says so, and can be discarded', async () => {
  const page = await edit('alice', await make('restored'));
  await summary(page).fill('half a sent');
  await page.reload();
  await restored(page).waitFor();
  assert.equal(await summary(page).inputValue(), 'half a sent');
  await axe(page);
  await shoot(page, 'draft-restored');
  await page.getByRole('button', { name: 'Discard' }).click();
  assert.equal(await summary(page).inputValue(), 'old');
  await page.getByRole('button', { name: 'Undo' }).click();
  assert.equal(await summary(page).inputValue(), 'half a sent');
  await page.reload();
  await page.getByRole('button', { name: 'Discard' }).click();
  await page.reload();
  await valid(page);
  assert.equal(await summary(page).inputValue(), 'old');
  assert.equal(await restored(page).count(), 0);
});

test('what was typed just before leaving is kept, however that happens', async () => {
  const page = await edit('alice', await make('flushed'));
  // All in one task of the page: no timer has a chance.
  const typeAnd = (text, leave) =>
    page.evaluate(
      ([text, leave]) => {
        const element = document.querySelector('pai-plugin');
        const input = element.shadowRoot.querySelector('#field-summary');
        input.value = text;
        input.dispatchEvent(new Event('input', { bubbles: true }));
        if (leave === 'document') location.reload();
        if (leave === 'element') {
          globalThis.kept = element;
          element.remove();
        }
        if (leave === 'hash') location.hash = '#/';
      },
      [text, leave],
    );
  const comesBack = async (text) => {
    await restored(page).waitFor();
    assert.equal(await summary(page).inputValue(), text);
  };
  await Promise.all([page.waitForEvent('load'), typeAnd('by a reload', 'document')]);
  await comesBack('by a reload');
  await typeAnd('taken out', 'element');
  await page.evaluate(() => document.querySelector('#content-wrapper').append(globalThis.kept));
  await comesBack('taken out');
  await typeAnd('by the hash', 'hash');
  await question(page).getByRole('button', { name: 'Leave' }).click();
  await page.goBack();
  await comesBack('by the hash');
});

test('leaving an unsaved form asks, leaving one without changes does not', async () => {
  const id = await make('asked');
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, detail(id));
  await page.getByRole('link', { name: 'Edit' }).click();
  await valid(page);
  await page.getByRole('link', { name: 'My things' }).click();
  await page.getByRole('article').getByRole('link', { name: 'asked' }).waitFor();
  await page.goBack();
  await valid(page);

  await summary(page).fill('unsaved');
  await page.getByRole('link', { name: 'My things' }).click();
  await question(page).waitFor();
  await axe(page);
  await shoot(page, 'leave-unsaved');
  await page.keyboard.press('Escape');
  await question(page).waitFor({ state: 'hidden' });
  assert.equal(new URL(page.url()).hash, editor(id));

  // The browser's own Back, refused and then granted.
  await page.evaluate(() => history.back());
  await question(page).getByRole('button', { name: 'Stay' }).click();
  assert.equal(new URL(page.url()).hash, editor(id));
  assert.equal(await summary(page).inputValue(), 'unsaved');
  await page.evaluate(() => history.back());
  await question(page).getByRole('button', { name: 'Leave' }).click();
  await page.getByRole('heading', { level: 1, name: 'asked', exact: true }).waitFor();
  assert.equal(new URL(page.url()).hash, detail(id));
  await page.getByRole('link', { name: 'Edit' }).click();
  await restored(page).waitFor();

  const asked = page.waitForEvent('dialog');
  await page.close({ runBeforeUnload: true });
  const dialog = await asked;
  assert.equal(dialog.type(), 'beforeunload');
  await dialog.dismiss();

  await page.getByRole('button', { name: 'Discard' }).click();
  await page.getByRole('link', { name: 'Browse' }).click();
  await page.getByRole('article').first().waitFor();
});

test('an untouched item is not changed by Save, and Save sends what was changed', async () => {
  const id = await make('untouched', { description: null });
  const before = await read(id);
  assert.equal(before.description, null);
  const page = await edit('alice', id);
  const sent = answers(page, 'PUT', /\/items\//);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('There was nothing to save.').waitFor();
  assert.equal(sent.length, 0);
  assert.deepEqual(await read(id), before);

  await page.getByRole('link', { name: 'Edit' }).click();
  await valid(page);
  await summary(page).fill('new');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('“untouched” is saved.').waitFor();
  assert.deepEqual(sent[0].postDataJSON(), { summary: 'new' });
  assert.match(sent[0].headers()['if-match'], /^"/);
  assert.equal((await read(id)).description, null);
});

test('name and description that were emptied stay empty', async () => {
  const id = await make('emptied', { description: 'to go' });
  const page = await edit('alice', id);
  const description = page.locator('#field-description');
  const name = page.getByRole('textbox', { name: 'Name' });
  await description.fill('');
  await name.fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('alert').getByText('Give the item a name.').waitFor();
  assert.equal(await name.inputValue(), '');
  await name.fill('emptied');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('“emptied” is saved.').waitFor();
  assert.equal((await read(id)).description, null);

  await world.openMarketplace(page, '#/create_item');
  await page.getByRole('textbox', { name: 'Protocol text' }).fill(protocol('filled-in'));
  await valid(page);
  await step(page, 'Basics');
  await until(async () => (await name.inputValue()) === 'filled-in');
  await until(async () => (await description.inputValue()) === 'Says hello and goes.');
  await step(page, 'Description');
  await description.fill('');
  await step(page, 'Basics');
  await name.fill('');
  await create(page);
  await page.getByRole('alert').getByText('Give the item a name.').waitFor();
  assert.equal(await name.inputValue(), '');
  assert.equal(await description.inputValue(), '');
});

test('two tabs: the second one to save sees what has changed, and may keep its own', async () => {
  const id = await make('two-tabs', { description: 'one\ntwo\nthree\nfour\nfive' });
  const [first, second] = [await edit('alice', id), await edit('admin', id)];
  world.tolerate(second, /Failed to load resource.*412/);
  await summary(first).fill('of the first');
  await first.locator('#field-description').fill('one\ntwo\nTHREE\nfour\nfive');
  await first.getByRole('button', { name: 'Save' }).click();
  await first.getByText('“two-tabs” is saved.').waitFor();

  await summary(second).fill('of the second');
  await second.getByLabel('Tags').fill('second');
  await second.getByRole('button', { name: 'Save' }).click();
  const conflict = second.getByRole('region', { name: 'Somebody else has changed this item' });
  await conflict.waitFor();
  await second.waitForFunction(() => document.querySelector('pai-plugin').shadowRoot.activeElement?.id === 'conflict');
  assert.equal(await conflict.getByLabel('Summary: Mine').textContent(), 'of the second');
  assert.equal(await conflict.getByLabel('Summary: Theirs').textContent(), 'of the first');
  assert.equal(await conflict.getByLabel('Description: Theirs').textContent(), '…\ntwo\nTHREE\nfour\n…');
  assert.equal(await conflict.getByLabel(/^Tags/).count(), 0, 'nobody else has changed the tags');
  assert.equal((await read(id)).summary, 'of the first', 'nothing is overwritten yet');
  await axe(second);
  await shoot(second, 'conflict');
  await conflict.getByRole('button', { name: 'Save as chosen' }).click();
  await second.getByText('“two-tabs” is saved.').waitFor();
  const saved = await read(id);
  assert.equal(saved.summary, 'of the second');
  assert.equal(saved.description, 'one\ntwo\nTHREE\nfour\nfive', 'what only the first has changed stays');
  assert.deepEqual(saved.tags, ['second']);
});

test('two tabs: the second one may take what the first has saved', async () => {
  const id = await make('their-tab');
  const [first, second] = [await edit('alice', id), await edit('alice', id)];
  world.tolerate(second, /Failed to load resource.*412/);
  for (const [page, text] of [[first, 'of the first'], [second, 'of the second']]) {
    await summary(page).fill(text);
    await page.getByRole('button', { name: 'Save' }).click();
    if (page === first) await page.getByText('“their-tab” is saved.').waitFor();
  }
  await second.getByRole('button', { name: 'Take all of theirs' }).click();
  assert.equal(await summary(second).inputValue(), 'of the first');
  await second.getByRole('button', { name: 'Bring my changes back' }).click();
  assert.equal(await summary(second).inputValue(), 'of the second');
  await second.getByRole('button', { name: 'Save' }).click();
  await second.getByText('“their-tab” is saved.').waitFor();
  assert.equal((await read(id)).summary, 'of the second');
});

test('of what both have changed, each field is chosen by itself', async () => {
  const id = await make('by-field');
  const [first, second] = [await edit('alice', id), await edit('admin', id)];
  world.tolerate(second, /Failed to load resource.*412/);
  for (const [page, text] of [[first, 'first'], [second, 'second']]) {
    await summary(page).fill(`summary of the ${text}`);
    await page.locator('#field-description').fill(`description of the ${text}`);
    await page.getByRole('button', { name: 'Save' }).click();
    if (page === first) await page.getByText('“by-field” is saved.').waitFor();
  }
  const conflict = second.getByRole('region', { name: 'Somebody else has changed this item' });
  await conflict.getByRole('radiogroup', { name: 'Summary' }).getByRole('radio', { name: 'Take theirs' }).check();
  await axe(second);
  await conflict.getByRole('button', { name: 'Save as chosen' }).click();
  await second.getByText('“by-field” is saved.').waitFor();
  const saved = await read(id);
  assert.deepEqual([saved.summary, saved.description], ['summary of the first', 'description of the second']);
});

test('what somebody else changed that the form does not show is no conflict', async () => {
  const id = await make('beside');
  const page = await edit('alice', id);
  world.tolerate(page, /Failed to load resource.*412/);
  await world.call('admin', 'PUT', `/items/${id}`, { source: 'pai' });
  await summary(page).fill('mine');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('“beside” is saved.').waitFor();
  const saved = await read(id);
  assert.deepEqual([saved.summary, saved.source], ['mine', 'pai']);
});

test('a draft of an older version is not put over a newer one', async () => {
  const id = await make('stale-draft');
  const page = await edit('alice', id);
  await summary(page).fill('draft');
  await page.waitForFunction(() => Object.values(sessionStorage).some((text) => text.includes('draft')));
  await world.call('alice', 'PUT', `/items/${id}`, { summary: 'newer' });
  await page.reload();
  const conflict = page.getByRole('region', { name: 'Somebody else has changed this item' });
  await conflict.waitFor();
  assert.equal(await conflict.getByLabel('Summary: Mine').textContent(), 'draft');
  assert.equal(await conflict.getByLabel('Summary: Theirs').textContent(), 'newer');
  await page.reload();
  await conflict.getByRole('button', { name: 'Go on editing' }).click();
  assert.equal(await summary(page).inputValue(), 'draft');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('“stale-draft” is saved.').waitFor();
  assert.equal((await read(id)).summary, 'draft');
});

test('leaving during a save does not break it off, and its outcome is told', async () => {
  const id = await make('slow');
  const page = await edit('alice', id);
  let letItGo;
  const held = new Promise((resolve) => (letItGo = resolve));
  await page.route(`${world.api}/items/${id}`, async (route) => {
    if (route.request().method() === 'PUT') await held;
    await route.continue();
  });
  const put = page.waitForRequest((request) => request.method() === 'PUT');
  await summary(page).fill('slowly saved');
  await page.getByRole('button', { name: 'Save' }).click();
  await put;
  const asked = page.waitForEvent('dialog');
  await page.close({ runBeforeUnload: true });
  await (await asked).dismiss();
  await page.getByRole('link', { name: 'Browse' }).click();
  await page.getByRole('article').first().waitFor();
  // Whoever comes back meanwhile waits for it.
  await page.goBack();
  await page.getByText('Still saving …').waitFor();
  letItGo();
  await page.getByText('“slow” is saved.').waitFor();
  await valid(page);
  assert.equal(await summary(page).inputValue(), 'slowly saved');
  assert.equal(await restored(page).count(), 0);
  assert.equal((await read(id)).summary, 'slowly saved');
});

test('a save comes to its end when the portal takes the plugin out', async () => {
  const id = await make('taken-out');
  const page = await edit('alice', id);
  let letItGo;
  const held = new Promise((resolve) => (letItGo = resolve));
  await page.route(`${world.api}/items/${id}`, async (route) => {
    if (route.request().method() === 'PUT') await held;
    await route.continue();
  });
  const put = page.waitForRequest((request) => request.method() === 'PUT');
  await summary(page).fill('saved all the same');
  await page.getByRole('button', { name: 'Save' }).click();
  const request = await put;
  await page.evaluate(() => document.querySelector('pai-plugin').remove());
  letItGo();
  assert.equal((await request.response()).status(), 200);
  assert.equal((await read(id)).summary, 'saved all the same');
  await page.waitForFunction(() => !Object.values(sessionStorage).some((text) => text.includes('saved all the same')));
});

test('a save that fails after its page was left says so and keeps the draft', async () => {
  const id = await make('slow-failure');
  const page = await edit('alice', id);
  world.tolerate(page, /Failed to load resource/);
  let letItFail;
  const held = new Promise((resolve) => (letItFail = resolve));
  await page.route(`${world.api}/items/${id}`, async (route) => {
    if (route.request().method() !== 'PUT') return route.continue();
    await held;
    await route.fulfill({ status: 503, headers: { 'access-control-allow-origin': '*' }, body: '' });
  });
  await summary(page).fill('not saved');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Sending …').waitFor();
  await page.waitForFunction(() => Object.values(sessionStorage).some((text) => text.includes('not saved')));
  await page.getByRole('link', { name: 'Browse' }).click();
  await page.getByRole('article').first().waitFor();
  letItFail();
  await page.getByText(/“slow-failure” is not saved\. .* kept as a draft/).waitFor();
  await page.goBack();
  await restored(page).waitFor();
  assert.equal(await summary(page).inputValue(), 'not saved');
});

test('a file that took the place of typed text can be taken back', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, '#/create_item');
  const text = page.getByRole('textbox', { name: 'Protocol text' });
  const choose = (name) =>
    page.locator('input[type=file]').setInputFiles({ name: 'job.yaml', mimeType: 'text/yaml', buffer: Buffer.from(protocol(name)) });
  await choose('first');
  await valid(page);
  assert.equal(await page.getByRole('button', { name: 'Undo' }).count(), 0, 'nothing was lost');
  await text.fill(protocol('typed'));
  await choose('second');
  await page.getByText('The file has taken the place of what was here.').waitFor();
  assert.match(await text.inputValue(), /name: second/);
  await step(page, 'Basics');
  await summary(page).fill('typed since');
  await step(page, 'Source');
  await axe(page);
  await shoot(page, 'file-undo');
  await page.getByRole('button', { name: 'Undo' }).click();
  assert.match(await text.inputValue(), /name: typed/);
  await step(page, 'Basics');
  assert.equal(await summary(page).inputValue(), 'typed since');
});

/** Lets requests for a new item reach the API, and loses so many of its answers. */
async function loseAnswers(page, count) {
  const requests = [];
  await page.route(`${world.api}/items`, async (route) => {
    const request = route.request();
    if (request.method() !== 'POST') return route.continue();
    requests.push(request);
    if (requests.length > count) return route.continue();
    await route.fetch();
    await route.abort('connectionreset');
  });
  return requests;
}

const keys = (requests) => requests.map((request) => request.headers()['idempotency-key']);
const mine = (name) => world.call('alice', 'GET', `/items?author=alice&name=${name}`);

test('an answer that got lost is asked for again, under the same key', async () => {
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource/);
  const requests = await loseAnswers(page, 1);
  await world.openMarketplace(page, '#/create_item');
  await page.getByRole('textbox', { name: 'Protocol text' }).fill(protocol('lost-once'));
  await valid(page);
  await create(page);
  await opened(page, 'lost-once');
  const [first, second] = keys(requests);
  assert.match(first, /^[\x21-\x7e]{1,255}$/);
  assert.equal(second, first);
  assert.equal(requests[0].postData(), requests[1].postData());

  await world.openMarketplace(page, '#/create_item');
  await page.getByRole('textbox', { name: 'Protocol text' }).fill(protocol('another'));
  await valid(page);
  await create(page);
  await opened(page, 'another');
  assert.notEqual(keys(requests)[2], first, 'another item has a key of its own');
});

test('an unknown outcome is said, and the next try settles it, whatever was changed since', async () => {
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource/);
  const requests = await loseAnswers(page, 2);
  await world.openMarketplace(page, '#/create_item');
  await page.getByRole('textbox', { name: 'Protocol text' }).fill(protocol('unknown'));
  await valid(page);
  await create(page);
  await page.getByRole('alert').getByText('It is not known whether that was saved').waitFor();
  await page.waitForFunction(() => document.querySelector('pai-plugin').shadowRoot.activeElement?.id === 'refusal');
  await axe(page);
  await shoot(page, 'unknown-outcome');
  // The key outlives a reload.
  await page.reload();
  await restored(page).waitFor();
  await step(page, 'Basics');
  await summary(page).fill('changed since');
  await create(page);
  await opened(page, 'unknown');
  assert.equal(new Set(keys(requests)).size, 1);
  assert.equal(requests[2].postData(), requests[0].postData(), 'the same item is asked for');
  const id = new URLSearchParams(new URL(page.url()).hash.split('?')[1]).get('itemId');
  assert.equal((await read(id)).summary, 'changed since');
});

test('an item that was refused is sent under a new key once it is changed', async () => {
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource.*400/);
  const requests = answers(page, 'POST', /\/items$/);
  let refusals = 1;
  await page.route(`${world.api}/items`, (route) =>
    refusals-- > 0
      ? route.fulfill({ status: 400, headers: { 'access-control-allow-origin': '*' }, body: '{}' })
      : route.continue(),
  );
  await world.openMarketplace(page, '#/create_item');
  await page.getByRole('textbox', { name: 'Protocol text' }).fill(protocol('refused'));
  await valid(page);
  await create(page);
  await page.getByRole('alert').getByText('The marketplace did not take it').waitFor();
  await step(page, 'Basics');
  await summary(page).fill('better');
  await create(page);
  await opened(page, 'refused');
  assert.equal(new Set(keys(requests)).size, 2);
});

test('answers that got lost make no second item', async () => {
  for (const lost of [1, 2]) {
    const name = `only-one-${lost}`;
    const page = await world.page({ user: 'alice' });
    world.tolerate(page, /Failed to load resource/);
    await loseAnswers(page, lost);
    await world.openMarketplace(page, '#/create_item');
    await page.getByRole('textbox', { name: 'Protocol text' }).fill(protocol(name));
    await valid(page);
    await create(page);
    if (lost === 2) {
      await page.getByRole('alert').getByText('It is not known whether that was saved').waitFor();
      await create(page);
    }
    await opened(page, name);
    assert.equal((await mine(name)).length, 1);
  }
});

test('a change whose answer got lost is recognised', async () => {
  const id = await make('lost-change');
  const page = await edit('alice', id);
  world.tolerate(page, /Failed to load resource/);
  let lose = true;
  await page.route(`${world.api}/items/${id}`, async (route) => {
    if (route.request().method() !== 'PUT' || !lose) return route.continue();
    lose = false;
    await route.fetch();
    await route.abort('connectionreset');
  });
  await summary(page).fill('arrived');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('“lost-change” is saved.').waitFor();
  assert.equal((await read(id)).summary, 'arrived');
});

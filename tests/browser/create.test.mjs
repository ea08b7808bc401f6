// Where new items come from: text, a job that has ended, data at an address.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axe, create, nextStep, opened, shoot, step, useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

async function open(user) {
  const page = await world.page({ user });
  await world.openMarketplace(page, '#/create_item');
  await page.getByRole('radio', { name: 'A file or text' }).waitFor();
  return page;
}

const protocolOf = (page) => page.getByRole('textbox', { name: 'Protocol text' }).inputValue();
const valid = (page) => page.getByText('The protocol is valid.').waitFor();
const jobs = (page) => page.locator('.jobs li');

test('one of my jobs becomes a template', async () => {
  const page = await open('alice');
  await page.getByRole('radio', { name: 'One of my jobs' }).check();
  await page.getByText('6 jobs. Page 1 of 1.').waitFor();
  assert.equal(await page.getByLabel('Everybody').count(), 1, 'only among those who may see the item');
  for (const text of await jobs(page).allTextContents()) assert.match(text, /alice · vision · (succeeded|failed|stopped)/);
  assert.match(await jobs(page).first().textContent(), /^image-training_lr001/);
  await page.getByLabel('Order').selectOption('Name');
  await jobs(page).first().getByText('batch-inference_holdout').waitFor();
  await axe(page);
  await shoot(page, 'create-from-job');

  await page.getByLabel('Search jobs').fill('monday');
  await page.getByText('1 job. Page 1 of 1.').waitFor();
  await page.getByRole('button', { name: 'notebook_monday' }).click();
  await page.waitForFunction(() =>
    document.querySelector('pai-plugin').shadowRoot.querySelector('#field-protocol').value.includes('notebook_monday'),
  );
  // OpenPAI hides the secrets' values, their names are in the commands.
  assert.match(await protocolOf(page), /^secrets:\n {2}notebookToken: ""$/m);
  await valid(page);
  await page.waitForFunction(() =>
    document.querySelector('pai-plugin').shadowRoot.querySelector('#field-name').value === 'notebook_monday',
  );

  await page.getByLabel('Search jobs').fill('nothing of the kind');
  await page.getByText('No job that has ended matches.').waitFor();
  await page.getByLabel('Search jobs').fill('resize');
  await page.getByRole('button', { name: 'preprocessing_resize' }).click();
  await page.getByText("The job's protocol has taken the place of what was here.").waitFor();
  assert.match(await protocolOf(page), /preprocessing_resize/);
  await page.getByRole('button', { name: 'Undo' }).click();
  assert.match(await protocolOf(page), /notebook_monday/);
});

test('an admin may begin with anybody’s job, page by page', async () => {
  const page = await open('admin');
  await page.getByRole('radio', { name: 'One of my jobs' }).check();
  await page.getByText('3 jobs. Page 1 of 1.').waitFor();
  await page.getByLabel("Everybody's jobs").check();
  await page.getByText('20 jobs. Page 1 of 2.').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Previous' }).isDisabled(), true);
  const first = await jobs(page).allTextContents();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByText('20 jobs. Page 2 of 2.').waitFor();
  assert.equal((await jobs(page).allTextContents()).filter((text) => first.includes(text)).length, 0);
  assert.equal(await page.getByRole('button', { name: 'Next' }).isDisabled(), true);
});

test('jobs that cannot be listed are asked for again', async () => {
  const page = await open('bob');
  world.tolerate(page, /Failed to load resource.*429/);
  await world.control('limits', { listsPerMinute: 0 });
  await page.getByRole('radio', { name: 'One of my jobs' }).check();
  await page.getByText('Your jobs could not be found out. OpenPAI takes no more requests').waitFor();
  await world.control('limits', {});
  await page.getByRole('button', { name: 'Retry' }).click();
  await jobs(page).first().waitFor();
});

test('a title and an address become data, private at first', async () => {
  const page = await open('alice');
  await page.getByRole('radio', { name: 'Data at an address' }).check();
  const make = page.getByRole('button', { name: 'Make the job that fetches it' });
  await make.click();
  await page.getByText('Give the data a title.').waitFor();
  await page.getByLabel('Title').fill('Pictures of cells');
  for (const [address, complaint] of [
    ['/mnt/data', 'begins with https://'],
    ['https://acct.blob.core.windows.net/c/x?sv=1&sig=abc', 'holds a password or a key'],
    ['https://example.com/a b', 'written as %20'],
  ]) {
    await page.getByLabel('Address', { exact: true }).fill(address);
    await make.click();
    await page.getByRole('alert').getByText(complaint).waitFor();
  }
  await axe(page);
  await page.getByLabel('Address', { exact: true }).fill('https://github.com/someone/cells/tree/v2');
  await make.click();
  await valid(page);
  assert.match(await protocolOf(page), /git clone --depth 1 --branch \\?"v2/);
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Pictures of cells');
  assert.equal(await page.getByLabel('Type').inputValue(), 'data');
  assert.equal(await page.getByLabel('Where the data lies').inputValue(), 'github');
  assert.equal(await page.getByLabel('Address of the data').inputValue(), 'https://github.com/someone/cells');
  await step(page, 'Basics');
  const license = page.getByLabel('Licence');
  await license.fill('x'.repeat(256));
  await page.getByText('256 / 255').waitFor();
  await license.fill('CC-BY-4.0');
  await shoot(page, 'create-from-data');
  await step(page, 'Sharing');
  assert.equal(await page.getByRole('radio', { name: /^Only me/ }).isChecked(), true);
  await create(page);
  await opened(page, 'Pictures of cells');
  const [item] = await world.call('alice', 'GET', '/items?author=alice&name=Pictures%20of%20cells');
  assert.deepEqual(
    [item.type, item.dataType, item.dataUrl, item.license, item.isPrivate, item.isPublic],
    ['data', 'github', 'https://github.com/someone/cells', 'CC-BY-4.0', true, false],
  );
  await page.getByText('CC-BY-4.0', { exact: true }).waitFor();
  await axe(page);
  await shoot(page, 'detail-license');

  // Both sides of what two people have changed at once, and none at all in the end.
  world.tolerate(page, /Failed to load resource.*412/);
  await page.getByRole('link', { name: 'Edit', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Edit “Pictures of cells”' }).waitFor();
  await license.fill('MIT');
  await world.call('alice', 'PUT', `/items/${item.id}`, { license: 'ODbL-1.0' });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('heading', { level: 3, name: 'Licence' }).waitFor();
  await page.getByText('ODbL-1.0', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Go on editing' }).click();
  await license.fill(' ');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Pictures of cells', exact: true }).waitFor();
  assert.equal(await page.getByText('Licence', { exact: true }).count(), 0);
  assert.ok(!('license' in (await world.call('alice', 'GET', `/items/${item.id}`))));
});

test('an example to begin with, and sections for the description', async () => {
  const page = await open('carol');
  const offered = await page.getByLabel('Type').locator('option').allTextContents();
  assert.ok(offered.length === 2 && !offered.some((name) => /old/i.test(name)), offered.join());
  await page.getByRole('button', { name: 'Begin with an example' }).click();
  await valid(page);
  await page.getByRole('textbox', { name: 'Protocol text' }).fill('name: mine');
  await page.getByRole('button', { name: 'Begin with an example' }).click();
  await page.getByRole('button', { name: 'Undo' }).click();
  assert.equal(await protocolOf(page), 'name: mine');
  await step(page, 'Description');
  const description = page.getByLabel('Description', { exact: true }).and(page.locator('textarea'));
  await description.fill('');
  await page.getByRole('button', { name: 'Begin with sections' }).click();
  assert.match(await description.inputValue(), /## What you need/);
  assert.equal(await page.getByRole('button', { name: 'Begin with sections' }).count(), 0);
  await axe(page);
  await shoot(page, 'create-start');
});

test('a new item is made in steps, to and fro, and shown before it is sent', async () => {
  await world.call('admin', 'POST', '/categories', { name: 'imaging' });
  const page = await open('alice');
  await page.getByRole('button', { name: 'Begin with an example' }).click();
  await valid(page);
  const shown = (name) => page.getByRole('group', { name, exact: true }).first().waitFor();
  await nextStep(page);
  await shown('Basics');
  assert.equal(await page.getByLabel('Protocol text').isVisible(), false);
  await page.getByLabel('Name', { exact: true }).fill('in steps');
  await page.getByLabel('Summary').fill('One after the other');
  await page.getByLabel('Use the cluster’s Azure Blob storage').check();
  await axe(page);
  await shoot(page, 'create-basics');
  await nextStep(page);
  await page.locator('#field-description').fill('# Heading\n\nSome *text*.');
  await shoot(page, 'create-description');
  await nextStep(page);
  const categories = page.getByRole('group', { name: 'Categories', exact: true });
  await categories.getByLabel('imaging').check();
  assert.equal(await categories.getByLabel('official example').count(), 0, 'admins alone put items there');
  await page.getByLabel('Tags', { exact: true }).fill('cells, "a, b"');
  await axe(page);
  await shoot(page, 'create-sharing');
  // Enter goes on, as the button does.
  await page.getByLabel('Tags', { exact: true }).press('Enter');
  const review = page.getByRole('region', { name: 'This will be made' });
  for (const text of ['in steps', 'Template', 'One after the other', 'imaging', 'cells, "a, b"', 'Only me', 'Yes', 'The protocol is valid.']) {
    await review.getByText(text, { exact: true }).first().waitFor();
  }
  assert.equal(await review.getByText('Licence').count(), 0, 'templates are not asked for one');
  await review.getByRole('heading', { name: 'Heading' }).waitFor();
  await review.getByText('protocolVersion').first().waitFor();
  await axe(page);
  await shoot(page, 'create-review');

  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  assert.equal(await page.locator('#field-description').inputValue(), '# Heading\n\nSome *text*.');
  await step(page, 'Basics');
  assert.equal(await page.getByLabel('Summary').inputValue(), 'One after the other');
  const [request] = await Promise.all([
    page.waitForRequest((request) => request.method() === 'POST' && request.url() === `${world.api}/items`),
    create(page),
  ]);
  const sent = request.postDataJSON();
  assert.deepEqual(
    [sent.name, sent.summary, sent.useBlob, sent.categories, sent.tags, sent.isPrivate, sent.isPublic],
    ['in steps', 'One after the other', true, ['imaging'], ['cells', 'a, b'], true, false],
  );

  const done = page.getByRole('region', { name: '“in steps” is in the marketplace.' });
  await done.waitFor();
  await done.getByText(/^Private/).waitFor();
  await page.waitForFunction(() => document.querySelector('pai-plugin').shadowRoot.activeElement?.id === 'done');
  await axe(page);
  await shoot(page, 'create-done');
  await done.getByRole('button', { name: 'Create another' }).click();
  await page.getByLabel('Protocol text').waitFor();
  assert.equal(await protocolOf(page), '');
  assert.equal(await page.getByRole('alert').count(), 0);
  // Nothing is left that could be lost.
  await page.getByRole('link', { name: 'Browse' }).click();
  await page.getByRole('article').first().waitFor();
});

test('what is missing is said in the review, and leads to its step', async () => {
  const page = await open('alice');
  await create(page);
  await page.getByRole('button', { name: 'Give the item a name.' }).click();
  await page.waitForFunction(() => document.querySelector('pai-plugin').shadowRoot.activeElement?.id === 'field-name');
  await page.keyboard.press('ControlOrMeta+s');
  await page.getByRole('region', { name: 'This will be made' }).waitFor();
  await shoot(page, 'create-review-refused');
});

test('categories and tags that cannot be loaded are said, and asked for again', async () => {
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource.*503/);
  const lists = new RegExp(`^${world.api}/(tags|categories)$`);
  const fail = (route) =>
    route.fulfill({ status: 503, headers: { 'access-control-allow-origin': '*' }, body: 'The database is out of reach.' });
  await page.route(lists, fail);
  await world.openMarketplace(page, '#/create_item');
  await page.getByLabel('Protocol text').waitFor();
  // The page asks this from time to time whether the marketplace is there again.
  await page.route(`${world.api}/me`, fail);
  await step(page, 'Sharing');
  await page.getByText(/^The categories could not be loaded\./).waitFor();
  await page.getByText(/^The tags that there are could not be loaded/).waitFor();
  await axe(page);
  await shoot(page, 'create-labels-failed');
  const notice = (text) => page.getByRole('alert').filter({ hasText: text });
  await page.unroute(lists);
  await notice(/^The categories could not/).getByRole('button', { name: 'Retry' }).click();
  await notice(/^The categories could not/).waitFor({ state: 'detached' });
  // The marketplace is there again: what has failed is asked for by itself.
  await notice(/^The tags that there are/).waitFor({ state: 'detached' });
});

test('a secret is moved to where it belongs, and not shared before', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, '#/create_item');
  const token = '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';
  const text = protocol('leaky').replace('echo hello', `export HF_TOKEN=${token}`);
  await page.getByLabel('Protocol text').fill(text);
  const move = page.getByRole('button', { name: 'Move to secrets' });
  await move.waitFor();
  await step(page, 'Sharing');
  await page.getByRole('radio', { name: 'Everybody' }).check();
  world.tolerate(page, /400/);
  await create(page);
  await page.getByText('The protocol would show others a secret').first().waitFor();
  await step(page, 'Source');
  await move.click();
  await page.getByText('The secret is under “secrets” now').waitFor();
  const mended = await page.getByLabel('Protocol text').inputValue();
  assert.match(mended, /export HF_TOKEN=<% \$secrets\.(\w+) %>/);
  assert.match(mended, new RegExp(`^secrets:\\n  hf_token: "${token}"$`, 'm'));
  // The item's text is read as it is: who uses it is asked for the value.
  await page.getByLabel('Protocol text').fill(mended.replace(token, ''));
  await create(page);
  await opened(page, 'leaky');
});

// What the product is for: find a template, judge it, use it, share one.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axe, create, nextStep, opened, shoot, useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

const cards = (page, section) => page.getByRole('region', { name: section }).getByRole('article');

/** Drops a file onto the page's protocol field, as a person does with the mouse. */
async function drop(page, name, text) {
  const data = await page.evaluateHandle(
    ([name, text]) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([text], name, { type: 'text/yaml' }));
      return transfer;
    },
    [name, text],
  );
  await page.getByRole('group', { name: 'Protocol' }).dispatchEvent('drop', { dataTransfer: data });
}

test('alice finds a template, judges it and uses it', async () => {
  const page = await world.page({ user: 'alice' });
  await page.getByRole('link', { name: 'Marketplace' }).first().click();
  await cards(page, /^Official/).nth(11).waitFor();
  await axe(page);
  await shoot(page, 'list');

  const before = await cards(page, /^Official/).count();
  await page.getByRole('searchbox', { name: 'Search' }).fill('pytorch');
  await page.waitForFunction(() => location.hash === '#/?keyword=pytorch');
  await page.waitForFunction(
    (before) => {
      const found = document.querySelector('pai-plugin').shadowRoot.querySelectorAll('article').length;
      return found > 0 && found < before;
    },
    before,
  );
  await page.getByRole('link', { name: 'PyTorch on one GPU' }).click();
  await page.getByRole('heading', { level: 1, name: 'PyTorch on one GPU' }).waitFor();
  await axe(page);
  await shoot(page, 'detail-description');

  await page.getByRole('tab', { name: 'Detail' }).click();
  const panel = page.getByRole('tabpanel');
  await panel.getByText(/^pytorch\/pytorch:/).first().waitFor();
  await axe(page);
  await shoot(page, 'detail-job');
  await page.keyboard.press('ArrowRight');
  await panel.getByText('protocolVersion').first().waitFor();
  await axe(page);
  await shoot(page, 'detail-protocol');
  await page.reload();
  await panel.getByText('protocolVersion').first().waitFor();

  await page.getByRole('link', { name: 'Use', exact: true }).click();
  // The form grows by what OpenPAI says, and would move the button away from a click.
  await page.getByLabel('Virtual cluster').waitFor();
  await page.getByRole('button', { name: 'Open the submit page' }).click();
  await page.waitForURL(`${world.portal}/submit.html`);
  const job = JSON.parse(await page.locator('#protocol', { hasText: '{' }).textContent());
  assert.match(job.name, /^pytorch-single-gpu/);
  assert.equal(job.prerequisites[0].type, 'dockerimage');
  assert.equal(await page.evaluate(() => localStorage.getItem('marketItem')), null);
  const [used] = await world.call('alice', 'GET', '/items?name=PyTorch%20on%20one%20GPU');
  assert.equal(used.useNumber, 1);
  await shoot(page, 'submit');
});

test('Back leads to the list as it was', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, '#/?type=data');
  await page.getByRole('article').first().getByRole('link').first().click();
  await page.getByRole('tab', { name: 'Protocol' }).waitFor();
  await page.goBack();
  await page.getByRole('article').nth(2).waitFor();
  assert.equal(await page.getByRole('checkbox', { name: /^Data/ }).isChecked(), true);
  assert.equal(await page.getByRole('article').count(), 3);
});

test('alice shares a template with a group by dropping a file', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, '#/create_item');
  await drop(page, 'job.yaml', protocol('shared-with-vision').replace('commands:', 'comands:'));
  await page.getByText('did you mean `commands`').first().waitFor();
  await page.getByText('1 error to mend.').waitFor();
  await shoot(page, 'create-with-a-mistake');

  const text = page.getByRole('textbox', { name: 'Protocol text' });
  await text.fill((await text.inputValue()).replace('comands:', 'commands:'));
  await page.getByText('The protocol is valid.').waitFor();
  await nextStep(page);
  assert.equal(await page.getByLabel('Name').inputValue(), 'shared-with-vision');
  await page.getByLabel('Summary').fill('For people who look at pictures');
  await nextStep(page);
  await nextStep(page);
  await page.getByLabel('Tags').fill('vision, hello');
  await page.getByRole('radio', { name: /^Some groups/ }).check();
  await page.getByRole('checkbox', { name: 'vision' }).check();
  await axe(page);
  await shoot(page, 'create');
  await create(page);
  await opened(page, 'shared-with-vision');

  await page.getByRole('link', { name: 'My things' }).click();
  await page.getByRole('article').getByRole('link', { name: 'shared-with-vision' }).waitFor();
  await shoot(page, 'my-templates');
});

test('members of the group find it, others do not', async () => {
  const [{ id }] = await world.call('alice', 'GET', '/items?author=alice&name=shared-with-vision');
  const carol = await world.page({ user: 'carol' });
  await world.openMarketplace(carol);
  await cards(carol, /^Shared with groups/).getByRole('link', { name: 'shared-with-vision' }).click();
  await carol.getByRole('tab', { name: 'Protocol' }).waitFor();
  assert.equal(await carol.getByRole('button', { name: 'Delete' }).count(), 0);
  assert.equal(await carol.getByRole('link', { name: 'Edit' }).count(), 0);

  const bob = await world.page({ user: 'bob' });
  world.tolerate(bob, /Failed to load resource.*403/);
  await world.openMarketplace(bob);
  await cards(bob, /^Official/).first().waitFor();
  assert.equal(await bob.getByText('shared-with-vision').count(), 0);
  await world.openMarketplace(bob, `#/market_detail?itemId=${id}`);
  await bob.getByRole('heading', { name: 'Not shared with you' }).waitFor();
  await shoot(bob, 'not-shared');
});

test('an author changes their template, and takes its deletion back', async () => {
  const { id } = await world.call('bob', 'POST', '/items', {
    name: 'short-lived', author: 'bob', protocol: protocol('short-lived'), isPrivate: true,
  });
  const page = await world.page({ user: 'bob' });
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  await page.getByRole('link', { name: 'Edit' }).click();
  await page.getByLabel('Summary').fill('Changed');
  await axe(page);
  await page.getByRole('button', { name: /^Save/ }).click();
  await page.getByText('Changed').first().waitFor();
  assert.equal((await world.call('bob', 'GET', `/items/${id}`)).summary, 'Changed');

  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByText('“short-lived” is deleted.').waitFor();
  await axe(page);
  await shoot(page, 'delete');
  await page.getByRole('button', { name: 'Undo' }).click();
  assert.equal((await world.call('bob', 'GET', '/items?author=bob&name=short-lived')).length, 1);
});

test('an admin sees what is private, and may change what is official', async () => {
  await world.call('alice', 'POST', '/items', {
    name: 'only-alice', author: 'alice', protocol: protocol('only-alice'), isPrivate: true,
  });
  const admin = await world.page({ user: 'admin' });
  await world.openMarketplace(admin);
  await cards(admin, /^Private/).getByRole('link', { name: 'only-alice' }).waitFor();
  await cards(admin, /^Official/).first().getByRole('link').first().click();
  await admin.getByRole('link', { name: 'Edit' }).waitFor();

  const bob = await world.page({ user: 'bob' });
  await world.openMarketplace(bob);
  await cards(bob, /^Official/).first().getByRole('link').first().click();
  await bob.getByRole('tab', { name: 'Protocol' }).waitFor();
  assert.equal(await bob.getByText('only-alice').count(), 0);
  assert.equal(await bob.getByRole('link', { name: 'Edit' }).count(), 0);
});

test('a form tells what is missing, and keeps what was typed over a reload', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, '#/create_item');
  await create(page);
  await page.getByRole('alert').getByText(/to mend/).waitFor();
  await shoot(page, 'create-refused');
  await page.getByRole('textbox', { name: 'Protocol text' }).fill(protocol('kept'));
  await page.getByText('The protocol is valid.').waitFor();
  await page.waitForFunction(() =>
    Object.values(sessionStorage).some((value) => value.includes('kept')),
  );
  await page.reload();
  await page.waitForFunction(() =>
    document.querySelector('pai-plugin')?.shadowRoot.querySelector('textarea')?.value.includes('name: kept'),
  );
});

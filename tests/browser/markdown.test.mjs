// Descriptions as people read them.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axe, shoot, useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

const DESCRIPTION = `<!-- for the next editor -->
Contents: [Set up](#set-up), [Run](#run), [nowhere](#nowhere)

Source: https://example.com/repository. More (https://example.com/a_b?c=d&e=f#g), please.

- [x] fetch the data
- [ ] train

# Set up

${'Text.\n\n'.repeat(60)}
## Run

The end.
`;

test('comments are gone, addresses and headings are links, tasks have names', async () => {
  const { id } = await world.call('alice', 'POST', '/items', {
    name: 'described', author: 'alice', protocol: protocol('described'), description: DESCRIPTION,
  });
  const page = await world.page({ user: 'bob' });
  const here = `#/market_detail?itemId=${id}`;
  await world.openMarketplace(page, here);
  const panel = page.getByRole('tabpanel');
  await panel.getByText('The end.').waitFor();
  assert.equal(await panel.getByText('next editor').count(), 0);
  for (const address of ['https://example.com/repository', 'https://example.com/a_b?c=d&e=f#g']) {
    assert.equal(await panel.getByRole('link', { name: address, exact: true }).getAttribute('href'), address);
  }
  assert.equal(await panel.getByRole('checkbox', { name: 'fetch the data' }).isChecked(), true);
  assert.equal(await panel.getByRole('checkbox', { name: 'train' }).isChecked(), false);
  assert.equal(await panel.getByRole('link', { name: 'nowhere' }).count(), 0);
  await axe(page);
  await shoot(page, 'markdown');

  const heading = panel.getByRole('heading', { name: 'Run' });
  const inView = () =>
    heading.evaluate((element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    });
  assert.equal(await inView(), false);
  await panel.getByRole('link', { name: 'Run' }).press('Enter');
  assert.equal(await inView(), true);
  assert.equal(await page.evaluate(() => document.querySelector('pai-plugin').shadowRoot.activeElement?.id), 'md-run');
  assert.equal(new URL(page.url()).hash, here);

  const ids = await page.evaluate(() =>
    [...document.querySelector('pai-plugin').shadowRoot.querySelectorAll('[id]')].map(({ id }) => id),
  );
  assert.equal(new Set(ids).size, ids.length, 'every id once');
  // In a tab of its own the link leads to the item.
  const href = await panel.getByRole('link', { name: 'Run' }).getAttribute('href');
  await world.openMarketplace(page, href);
  await page.getByRole('heading', { level: 1, name: 'described' }).waitFor();
});

const RICH = `## Set up[^first]

> [!WARNING]
> Mind the *gap*.

![a dot](data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7) ![far away](https://example.com/p.png)

\`\`\`python
def main():  # entry
    print("hi", 42)
\`\`\`

| what | how much |
|------|---------:|
| GPU  | 4 |

${'Text.\n\n'.repeat(400)}
## Train

## Judge

## Clean up

[^first]: Once only.
`;

test('tables, alerts, footnotes, code and pictures', async () => {
  const { id } = await world.call('alice', 'POST', '/items', {
    name: 'rich', author: 'alice', protocol: protocol('rich'), description: RICH,
  });
  const page = await world.page({ user: 'bob' });
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  const panel = page.getByRole('tabpanel');
  const contents = panel.getByRole('navigation', { name: 'Contents' });
  await contents.getByRole('link', { name: 'Clean up' }).waitFor();
  assert.equal(await contents.getByRole('link').count(), 4);
  await panel.getByText('Warning', { exact: true }).waitFor();
  await panel.getByRole('img', { name: 'a dot' }).waitFor();
  await panel.getByRole('link', { name: 'far away' }).waitFor();
  assert.equal(await panel.getByRole('img').count(), 1);
  await panel.getByRole('button', { name: 'Copy' }).click();
  await page.getByText('Code copied.').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, 'def main():  # entry\n    print("hi", 42)\n');
  await axe(page);
  await shoot(page, 'markdown-rich');
  await panel.getByRole('link', { name: 'Footnote 1' }).click();
  const focused = () => page.evaluate(() => document.querySelector('pai-plugin').shadowRoot.activeElement?.textContent);
  assert.match(await focused(), /^\s*Once only\./);
  await panel.getByRole('link', { name: 'Back to the text' }).click();
  assert.equal(await focused(), '1');
});

test('the sources that official descriptions name can be visited', async () => {
  const items = await world.call('alice', 'GET', '/items?category=official%20example');
  const page = await world.page({ user: 'alice' });
  let named = 0;
  for (const { id, name, description } of items) {
    const addresses = (description ?? '').match(/https?:\/\/[^\s),;]*[^\s),;.]/g) ?? [];
    if (addresses.length === 0) continue;
    named += 1;
    await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
    await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
    const panel = page.getByRole('tabpanel');
    await panel.locator('.markdown').waitFor();
    const hrefs = await panel.getByRole('link').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    for (const address of addresses) assert.ok(hrefs.includes(address), `${name}: ${address} of ${hrefs.join(' ')}`);
  }
  assert.ok(named >= 14, `${named} name a source`);
});

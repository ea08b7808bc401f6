// The strictest content security policy under which a portal can have the plugin is
// enough: no inline script, no inline style, nothing from elsewhere. Behind pylon,
// where all is of one origin.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';
import { catalogue, furnish, statesOf, visit } from './states.mjs';

const world = useWorld({ pylon: true });
// The portal's own style sheets name fonts of Microsoft's.
const POLICY = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; font-src 'self' https://static2.sharepointonline.com; base-uri 'none'; form-action 'none'; object-src 'none'";

const DESCRIPTION = `# Set up

[Run](#run), https://example.com/, ![a picture](https://example.com/p.png)

| left | middle | right |
|:-----|:------:|------:|
| 1    | 2      | 3     |

- [x] done
- [ ] not yet

\`\`\`python
print("hello")
\`\`\`

## Run

The end.
`;

/** A page of the portal's under the policy, which notes what breaks it. */
async function strictly(user) {
  const page = await world.page({ user });
  await page.addInitScript(() => {
    globalThis.violations = [];
    document.addEventListener('securitypolicyviolation', (event) => {
      const { violatedDirective, blockedURI, sourceFile, lineNumber, sample } = event;
      globalThis.violations.push([violatedDirective, blockedURI, sourceFile, lineNumber, sample].join(' '));
    });
  });
  await page.route(/\/plugin\.html/, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, headers: { ...answer.headers(), 'content-security-policy': POLICY } });
  });
  return page;
}

const violations = (page) => page.evaluate(() => globalThis.violations);

test('the policy is in force', async () => {
  const page = await strictly('alice');
  world.tolerate(page, /Content Security Policy/);
  await world.openMarketplace(page);
  await page.evaluate(() => {
    const style = document.createElement('style');
    style.textContent = 'p { color: red }';
    document.body.append(style);
  });
  assert.match((await violations(page)).join('\n'), /style-src/);
});

test('no page breaks a policy without inline scripts and styles', async () => {
  const { id } = await world.call('alice', 'POST', '/items', {
    name: 'strict', author: 'alice', protocol: protocol('strict'), description: DESCRIPTION, tags: ['a'],
  });
  const page = await strictly('alice');
  world.tolerate(page, /Failed to load resource.*404/);
  await world.openMarketplace(page);
  await page.getByRole('article').nth(11).waitFor();
  await page.getByRole('searchbox', { name: 'Search' }).fill('strict');
  await page.getByRole('article').getByRole('link', { name: 'strict' }).click();
  await page.getByRole('tabpanel').getByText('The end.').waitFor();
  await world.everyTab(page);
  await page.getByRole('button', { name: /^Share/ }).click();
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');

  await page.getByRole('link', { name: 'Edit' }).click();
  // The tab of the page that is being left has the same name.
  const text = page.getByRole('textbox', { name: 'Protocol text' });
  await text.fill((await text.inputValue()).replace('commands:', 'comands:'));
  await page.getByText('did you mean `commands`').first().waitFor();
  await page.locator('.markdown').getByText('The end.').waitFor();
  await page.getByRole('link', { name: 'Cancel' }).click();
  await page.getByRole('heading', { level: 1, name: 'strict', exact: true }).waitFor();

  for (const hash of ['#/create_item', '#/nowhere', '#/?keyword=nothing+like+that', '#/market_detail?itemId=none']) {
    await page.evaluate((hash) => (location.hash = hash), hash);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
  }
  assert.equal(await page.locator('pai-plugin style, pai-plugin [style*="url"]').count(), 0);
  assert.deepEqual(await violations(page), []);
  assert.ok(id);
});

test('no page in any state breaks it', { timeout: 600_000 }, async () => {
  const ids = await furnish(world);
  const found = [];
  for (const [user, part] of [['alice', 'pages'], ['alice', 'form'], ['admin', 'pages']]) {
    // Those in which the tests stand in for the API, at an address that pylon hides.
    const states = statesOf(world, ids, user, part).filter(({ name }) => !['api-away', 'signed-out', 'edit-refused'].includes(name));
    const page = await strictly(user);
    await visit(page, states, catalogue('en'), async ({ name }) => {
      for (const violation of await violations(page)) found.push(`${name}: ${violation}`);
    });
  }
  assert.deepEqual(found, []);
});

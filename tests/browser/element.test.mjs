// The custom element as a guest in the portal's page: it comes and goes
// without a trace, and neither side's styles reach the other.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until, useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

/** Counts the listeners that anybody adds to the window and the document. */
function countListeners() {
  const counts = { added: 0 };
  globalThis.listenerCounts = counts;
  for (const target of [window, document]) {
    const { addEventListener, removeEventListener } = target;
    target.addEventListener = function (...rest) {
      counts.added += 1;
      return addEventListener.apply(this, rest);
    };
    target.removeEventListener = function (...rest) {
      counts.added -= 1;
      return removeEventListener.apply(this, rest);
    };
  }
}

test('it can be taken out and put back, and leaves nothing behind', async () => {
  const page = await world.page({ user: 'alice' });
  await page.addInitScript(countListeners);
  await world.openMarketplace(page);
  await world.wholeList(page);

  const state = () =>
    page.evaluate(() => ({
      listeners: globalThis.listenerCounts.added,
      styles: document.querySelectorAll('style, link[rel=stylesheet]').length,
      adopted: document.adoptedStyleSheets.length,
      body: document.body.children.length,
    }));
  const first = await state();
  const remove = () =>
    page.evaluate(() => {
      globalThis.kept = document.querySelector('pai-plugin');
      globalThis.kept.remove();
    });
  await remove();
  const without = await state();
  for (let round = 0; round < 5; round++) {
    await page.evaluate(() => document.querySelector('#content-wrapper').append(globalThis.kept));
    await world.wholeList(page);
    assert.deepEqual(await state(), first, `round ${round}`);
    await remove();
    assert.deepEqual(await state(), without, `round ${round}`);
  }
});

test('two elements on one page live side by side', async () => {
  const page = await world.page({ user: 'alice' });
  await page.addInitScript(countListeners);
  await world.openMarketplace(page);
  await world.wholeList(page);
  const listeners = () => page.evaluate(() => globalThis.listenerCounts.added);
  const alone = await listeners();
  await page.evaluate(() => {
    const first = document.querySelector('pai-plugin');
    first.id = 'first';
    const second = first.cloneNode();
    second.id = 'second';
    first.after(second);
  });
  const first = page.locator('#first');
  const second = page.locator('#second');
  await world.wholeList(second);
  // Both follow the one address there is.
  await second.getByRole('article').first().getByRole('link').first().click();
  for (const element of [first, second]) await element.getByRole('tabpanel').locator('.markdown').waitFor();
  await page.goBack();
  for (const element of [first, second]) await world.wholeList(element);
  await page.evaluate(() => document.querySelector('#first').remove());
  // What the first one has started has ended.
  await until(async () => (await listeners()) === alone);
  await second.getByRole('searchbox', { name: 'Search' }).fill('pytorch');
  await page.waitForFunction(() => location.hash === '#/?keyword=pytorch');
  await second.getByRole('link', { name: 'PyTorch on one GPU' }).waitFor();
  await page.evaluate(() => document.querySelector('#second').remove());
  assert.ok((await listeners()) < alone);
});

test('requests of a page that was left are given up', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page);
  await world.wholeList(page);
  let release;
  const released = new Promise((resolve) => (release = resolve));
  await page.route(`${world.api}/items?**`, async (route) => {
    await released;
    await route.abort().catch(() => {});
  });
  const asked = page.waitForRequest((request) => request.url().includes('keyword=late'));
  await page.evaluate(() => (location.hash = '#/?keyword=late'));
  const request = await asked;
  const ended = page.waitForEvent('requestfailed', (failed) => failed === request);
  await page.evaluate(() => document.querySelector('pai-plugin').remove());
  assert.equal((await ended).failure().errorText, 'net::ERR_ABORTED');
  release();
});

test('the portal looks the same with the plugin in it', async () => {
  const page = await world.page({ user: 'alice' });
  const look = () =>
    page.evaluate(() => {
      const probe = document.createElement('div');
      probe.innerHTML = '<h1>x</h1><a href="#">x</a><button class="btn btn-primary">x</button><table><td>x</table><code>x</code>';
      document.body.append(probe);
      const looks = [...probe.querySelectorAll('*'), document.body, document.documentElement].map((element) => {
        const style = getComputedStyle(element);
        return [element.localName, style.font, style.color, style.backgroundColor, style.padding, style.margin].join(' | ');
      });
      probe.remove();
      return looks;
    });
  await page.goto(`${world.portal}/plugin.html?index=0`);
  await page.waitForFunction(() => document.querySelector('pai-plugin'));
  await page.evaluate(() => document.querySelector('pai-plugin').remove());
  const without = await look();
  await world.openMarketplace(page);
  await world.wholeList(page);
  assert.deepEqual(await look(), without);
});

test("the portal's styles do not reach the plugin", async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page);
  await world.wholeList(page);
  const look = () =>
    page.evaluate(() =>
      [...document.querySelector('pai-plugin').shadowRoot.querySelectorAll('h1, h2, h3, a, p, label, input, select, li')].map(
        (element) => {
          const style = getComputedStyle(element);
          return [element.localName, style.font, style.color, style.letterSpacing, style.textDecoration].join(' | ');
        },
      ),
    );
  const before = await look();
  await page.addStyleTag({
    content: `* { color: red; font: italic 40px serif; letter-spacing: 5px } html { font-size: 31px } a, h1, p { text-decoration: line-through !important; color: lime !important }`,
  });
  assert.deepEqual(await look(), before);
});

test("the portal's own links are the portal's", async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page);
  await world.wholeList(page);
  await page.evaluate(() => {
    const link = document.createElement('a');
    link.href = '/jobs.html#somewhere';
    link.textContent = 'of the portal';
    document.body.prepend(link);
  });
  await page.getByRole('link', { name: 'of the portal' }).click();
  await page.waitForURL(/jobs\.html#somewhere/);
});

test('the token stays out of addresses, the page and the log', async () => {
  const page = await world.page({ user: 'alice' });
  const heard = [];
  page.on('request', (request) => heard.push(request.url()));
  page.on('console', (message) => heard.push(message.text()));
  await world.openMarketplace(page);
  await world.wholeList(page);
  const { value } = (await page.context().cookies()).find(({ name }) => name === 'token');
  const inside = await page.evaluate(() => document.querySelector('pai-plugin').shadowRoot.innerHTML);
  const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  for (const text of [...heard, inside, stored]) assert.ok(!text.includes(value), text.slice(0, 200));
});

test('what people write stays text', async () => {
  const { id } = await world.call('alice', 'POST', '/items', {
    name: '<img src=x onerror="globalThis.pwned=1">',
    author: 'alice',
    protocol: protocol('safe'),
    summary: '<b>bold</b>',
    description:
      '<script>globalThis.pwned=1</script>\n\n<img src=x onerror="globalThis.pwned=1">\n\n' +
      '[bad](javascript:globalThis.pwned=1) [data](data:text/html,x) [good](https://example.com) ![p](https://example.com/p.png)',
    tags: ['<i>'],
  });
  const page = await world.page({ user: 'bob' });
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  const panel = page.getByRole('tabpanel');
  await panel.getByRole('link', { name: 'good' }).waitFor();
  const links = await panel.getByRole('link').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
  assert.ok(links.every((href) => /^(https?:|mailto:)/.test(href)), links.join(' '));
  assert.equal(await panel.locator('script, img, b').count(), 0);
  assert.equal(await page.evaluate(() => globalThis.pwned), undefined);
});

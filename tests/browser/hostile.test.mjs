// Whatever people write, or a server answers, is text: nothing of it runs.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { step, useWorld } from './harness.mjs';
import { HTML, MARKDOWN } from './hostile.mjs';

const world = useWorld();

/** A job that says these things wherever a job may say anything. */
const job = (text) =>
  JSON.stringify({
    protocolVersion: 2,
    name: 'hostile',
    type: 'job',
    contributor: text,
    description: text,
    prerequisites: [
      { name: 'image', type: 'dockerimage', uri: text },
      { name: 'data', type: 'data', uri: [text, 'https://example.com/'] },
    ],
    parameters: { [text.replace(/[^\w]/g, '_').slice(0, 40) || 'x']: text },
    taskRoles: {
      main: {
        instances: 1,
        dockerImage: 'image',
        data: 'data',
        resourcePerInstance: { cpu: 1, memoryMB: 1024, gpu: 0 },
        // What mustache and OpenPAI read is broken, so that they take it.
        commands: [`echo ${text.replace(/\{\{|<%/g, '( ')}`, text.replace(/\{\{|<%/g, '( ')],
      },
    },
  });

/** Notes what runs. */
async function guarded(user) {
  const page = await world.page({ user });
  page.on('dialog', (dialog) => assert.fail(`a dialog of the kind ${dialog.type()} came up`));
  await page.addInitScript(() => {
    globalThis.pwned = 0;
    globalThis.pwn = () => (globalThis.pwned += 1);
  });
  return page;
}

/** What must not be in the page, as a browser sees it. */
async function strange(page) {
  return page.evaluate(() => {
    const found = [];
    if (globalThis.pwned) found.push(`pwn() ran ${globalThis.pwned} times`);
    const root = document.querySelector('pai-plugin').shadowRoot;
    const banned = 'script, iframe, object, embed, base, meta, link, style, svg script, svg use, math, img, picture, video, audio, marquee, template, form[action], [ping], [srcdoc], [autofocus], x';
    for (const element of root.querySelectorAll(banned)) found.push(element.outerHTML);
    for (const element of root.querySelectorAll('*')) {
      for (const { name, value } of element.attributes) {
        const runs = name.startsWith('on') || (/^(href|src|action|formaction|data|to|xlink:href)$/.test(name) && !/^(#|https?:|mailto:|\/login\.html\?)/i.test(value));
        if (runs) found.push(`${element.localName} ${name}=${value}`);
      }
    }
    return found;
  });
}

/** Goes to a place of the plugin's, and waits until `shown` is there. */
const go = (page, hash, shown) =>
  page.evaluate(
    ([hash, shown]) =>
      new Promise((resolve) => {
        const { shadowRoot } = document.querySelector('pai-plugin');
        // What shows now is not what is waited for.
        for (const old of shadowRoot.querySelectorAll(shown)) old.dataset.old = '';
        const look = () =>
          shadowRoot.querySelector(`:is(${shown}):not([data-old])`) ? resolve() : requestAnimationFrame(look);
        location.hash = hash;
        look();
      }),
    [hash, shown],
  );

test('at least eighty cases', () => assert.ok(HTML.length >= 70 && MARKDOWN.length >= 40));

test('every case of markdown shows in the preview as text', async () => {
  const page = await guarded('alice');
  await world.openMarketplace(page, '#/create_item');
  const all = [...HTML, ...MARKDOWN].join('\n\n');
  await step(page, 'Description');
  await page.locator('#field-description').fill(`${all}\n\nthe end`);
  await page.locator('.markdown').getByText('the end').waitFor();
  assert.deepEqual(await strange(page), []);
  // What can be pressed leads elsewhere, not to a script.
  for (const link of await page.locator('.markdown a').all()) await link.dispatchEvent('mouseover');
  assert.deepEqual(await strange(page), []);
});

/** What has a meaning for the plugin, and stays as it is. */
const MEANT = new Set([
  'id', 'type', 'source', 'status', 'dataType', 'createdAt', 'updatedAt', 'state', 'subState', 'severity', 'code',
  'submissionTime', 'launchedTime', 'completedTime', 'token', 'operation', 'action', 'sort', 'next', 'cursor',
]);

const poisoned = (value, text, key) => {
  if (Array.isArray(value)) return value.map((one) => poisoned(one, text, key));
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, poisoned(one, text, name)]));
  }
  return typeof value === 'string' && !MEANT.has(key) ? text : value;
};

test('what servers answer is text: authors, groups, categories, names of users', async () => {
  const { id } = await world.call('alice', 'POST', '/items', {
    name: 'poisoned', author: 'alice', protocol: job('x'), description: 'x', tags: ['x'], isPublic: false,
  });
  for (const text of [HTML[5], HTML[15], HTML[33], HTML[45], HTML[56], MARKDOWN[0], MARKDOWN[28]]) {
    const page = await guarded('alice');
    // No virtual cluster is called so.
    world.tolerate(page, /404 .*sku-types/);
    for (const server of [world.api, world.portal]) {
      await page.route(
        (url) => url.origin === server && (server === world.api || url.pathname.startsWith('/api/v2/')),
        async (route) => {
          const answer = await route.fetch();
          const type = answer.headers()['content-type'] ?? '';
          if (!type.includes('json')) return route.fulfill({ response: answer });
          return route.fulfill({ response: answer, body: JSON.stringify(poisoned(await answer.json(), text)) });
        },
      );
    }
    await world.openMarketplace(page, '#/');
    await page.getByRole('article').first().waitFor();
    assert.deepEqual(await strange(page), [], `list: ${text}`);
    await go(page, `#/market_detail?itemId=${id}`, '.markdown');
    await world.everyTab(page, async (tab) => {
      assert.deepEqual(await strange(page), [], `${await tab.textContent()}: ${text}`);
    });
    await go(page, '#/create_item', 'textarea');
    await step(page, 'Sharing');
    await page.getByRole('radio', { name: /^Some groups/ }).check();
    await page.getByRole('checkbox', { name: text }).nth(1).waitFor();
    assert.deepEqual(await strange(page), [], `form: ${text}`);
    await world.closePage(page);
  }
});

test('what servers refuse with is text', async () => {
  for (const text of HTML.slice(0, 12)) {
    const page = await guarded('alice');
    world.tolerate(page, /Failed to load resource/);
    await page.route(`${world.api}/**`, (route) =>
      route.request().method() === 'OPTIONS'
        ? route.continue()
        : route.fulfill({
            status: 500,
            contentType: 'application/problem+json',
            headers: { 'access-control-allow-origin': '*' },
            body: JSON.stringify({ type: 'about:blank', title: text, status: 500, detail: text }),
          }),
    );
    await world.openMarketplace(page, '#/');
    await page.getByRole('alert').filter({ hasText: text }).first().waitFor();
    assert.deepEqual(await strange(page), [], text);
    await world.closePage(page);
  }
});

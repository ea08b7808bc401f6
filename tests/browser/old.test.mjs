// What browsers show that cannot run the app: a sentence, and not an empty page.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parse } from 'acorn';

import { axe, shoot, useWorld } from './harness.mjs';

const world = useWorld();
const GLUE = /\/marketplace-glue-[0-9a-f]{16}\.js$/;
const SENTENCE = /does not work in this browser: it is too old/;

test('the script that the portal loads is JavaScript of 2009', async () => {
  const text = await (await fetch(`${world.webportal}/plugin.js`)).text();
  parse(text, { ecmaVersion: 5, sourceType: 'script' });
});

/** What a browser of the time lacks, each enough for the sentence. */
const MISSING = {
  'custom elements': () => Object.defineProperty(window, 'customElements', { value: undefined }),
  WebAssembly: () => Object.defineProperty(window, 'WebAssembly', { value: undefined }),
  'features of WebAssembly': () => {
    WebAssembly.validate = () => false;
  },
  'style sheets made by scripts': () => {
    delete CSSStyleSheet.prototype.replaceSync;
  },
  'style sheets of shadow roots': () => {
    delete ShadowRoot.prototype.adoptedStyleSheets;
    delete Document.prototype.adoptedStyleSheets;
  },
  'requests that can be given up': () => {
    delete window.AbortController;
  },
};

for (const [name, remove] of Object.entries(MISSING)) {
  test(`a browser without ${name} is told, and downloads nothing`, async () => {
    const page = await world.page({ user: 'alice' });
    await page.addInitScript(remove);
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${world.portal}/plugin.html?index=0`);
    const alert = page.getByRole('alert').filter({ hasText: SENTENCE });
    await alert.waitFor();
    assert.equal(await alert.count(), 1);
    assert.deepEqual(asked.filter((url) => /\/marketplace-/.test(url) || url.startsWith(world.api)), []);
    // The portal puts the element in once more.
    await page.evaluate(() => {
      const wrapper = document.querySelector('#content-wrapper');
      wrapper.replaceChildren(document.createElement('pai-plugin'));
    });
    await alert.waitFor();
  });
}

test('a browser that cannot read the rest of the JavaScript is told', async () => {
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /^uncaught: /);
  await page.route(GLUE, (route) =>
    route.fulfill({ contentType: 'text/javascript', body: 'a syntax of the future' }),
  );
  await page.goto(`${world.portal}/plugin.html?index=0`);
  await page.getByRole('alert').filter({ hasText: SENTENCE }).waitFor();
  await axe(page);
  await shoot(page, 'old-browser');
});

test('where the rest of the JavaScript does not come, it can be tried again', async () => {
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource/);
  await page.route(GLUE, (route) => route.abort());
  await page.goto(`${world.portal}/plugin.html?index=0`);
  await page.getByText('The marketplace could not be loaded').waitFor();
  await page.unroute(GLUE);
  await page.getByRole('button', { name: 'Retry' }).click();
  await page.getByRole('article').nth(11).waitFor();
  assert.deepEqual(
    await page.evaluate(() => [...document.head.querySelectorAll('script')].filter(({ src }) => /marketplace/.test(src)).length),
    0,
    'no script is left in the page',
  );
});

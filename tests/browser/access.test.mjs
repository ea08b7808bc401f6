// Everybody can use it: without a mouse, with a screen reader, with other colours.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axe, shoot, useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

/** What has the focus inside the plugin. */
const focused = (page) =>
  page.evaluate(() => {
    const element = document.querySelector('pai-plugin').shadowRoot.activeElement;
    return element && (element.id || element.textContent.trim() || element.localName);
  });

const item = async (name, more = {}) =>
  (await world.call('alice', 'POST', '/items', { name, author: 'alice', protocol: protocol('job'), isPrivate: true, ...more })).id;

test('the first Tab leads past the navigation', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page);
  await page.getByRole('article').nth(11).waitFor();
  const skip = page.getByRole('button', { name: 'Skip to the content' });
  // From what comes before the plugin in the portal's page.
  await page.evaluate(() => {
    const before = document.createElement('button');
    document.querySelector('pai-plugin').before(before);
    before.focus();
  });
  await page.keyboard.press('Tab');
  assert.equal(await focused(page), 'Skip to the content');
  const { width, height } = await skip.boundingBox();
  assert.ok(width >= 24 && height >= 24, 'it shows when it has the focus');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.querySelector('pai-plugin').shadowRoot.activeElement.localName), 'main');
  await page.keyboard.press('Tab');
  assert.notEqual(await focused(page), 'Marketplace');
});

test('what has the focus shows it', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page);
  await page.getByRole('article').nth(11).waitFor();
  await page.getByRole('button', { name: 'Skip to the content' }).focus();
  const seen = new Set();
  for (let step = 0; step < 30; step++) {
    await page.keyboard.press('Tab');
    const look = await page.evaluate(() => {
      const element = document.querySelector('pai-plugin').shadowRoot.activeElement;
      if (!element) return undefined;
      const drawn = [element, element.nextElementSibling].filter(Boolean).flatMap((one) => [getComputedStyle(one), getComputedStyle(one, '::after')]);
      return {
        name: element.outerHTML.slice(0, 120),
        isShown: drawn.some((style) => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2),
      };
    });
    if (!look) break;
    seen.add(look.name);
    assert.ok(look.isShown, look.name);
  }
  assert.ok(seen.size > 10, `${seen.size} stops`);
});

test('Ctrl+S saves, wherever one is in the form', async () => {
  const id = await item('by-key');
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, `#/edit_item?itemId=${id}`);
  await page.getByText('The protocol is valid.').waitFor();
  await page.getByRole('textbox', { name: 'Summary' }).fill('saved by a key');
  await page.keyboard.press('ControlOrMeta+s');
  await page.getByText('“by-key” is saved.').waitFor();
  assert.equal((await world.call('alice', 'GET', `/items/${id}`)).summary, 'saved by a key');
});

test('Tab indents in the editor, and Escape leads out of it', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, '#/create_item');
  const text = page.getByRole('textbox', { name: 'Protocol text' });
  await text.focus();
  await page.keyboard.type('a:');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await page.keyboard.type('b: 1');
  assert.equal(await text.inputValue(), 'a:\n  b: 1');
  await page.keyboard.press('Shift+Tab');
  assert.equal(await text.inputValue(), 'a:\nb: 1');
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('Tab');
  assert.equal(await text.inputValue(), '  a:\n  b: 1');
  await page.keyboard.press('ControlOrMeta+z');
  assert.equal(await text.inputValue(), 'a:\nb: 1', 'it can be undone');
  await page.keyboard.press('Escape');
  assert.equal(await focused(page), await page.locator('#editor-verdict').getAttribute('id'));
  await page.keyboard.press('Tab');
  assert.notEqual(await focused(page), 'field-protocol');
});

test('a dialog keeps the focus, and gives it back', async () => {
  const id = await item('asked');
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, `#/edit_item?itemId=${id}`);
  await page.getByText('The protocol is valid.').waitFor();
  await page.getByRole('textbox', { name: 'Summary' }).fill('typed');
  const link = page.getByRole('link', { name: 'My things' });
  await link.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Leave without saving?' });
  await dialog.waitFor();
  for (let step = 0; step < 6; step++) {
    await page.keyboard.press('Tab');
    const outside = await page.evaluate(() => {
      const inner = document.querySelector('pai-plugin').shadowRoot.activeElement;
      // The browser's own controls may have it between the dialog's last and first.
      return inner ? !inner.closest('dialog') : document.activeElement !== document.body;
    });
    assert.equal(outside, false);
  }
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  assert.equal(await focused(page), 'My things');
});

/** Whether the focus is in an open dialog, or where the browser's own controls have it. */
const isKept = (page) =>
  page.evaluate(() => {
    const inner = document.querySelector('pai-plugin').shadowRoot.activeElement;
    return inner ? !!inner.closest('dialog[open]') : document.activeElement === document.body;
  });

test('every dialog keeps the focus, is left by Escape, and gives the focus back', async () => {
  const id = await item('in-dialogs', { tags: ['of dialogs', 'another'], isPrivate: false });
  await world.call('admin', 'PUT', `/items/${id}`, { status: 'pending' });
  await world.call('admin', 'POST', '/storages/blobs', {
    storageAccount: 'acct', containerName: 'pictures', connectionStrings: ['AccountName=acct;AccountKey=aHVzaA=='],
  });
  const page = await world.page({ user: 'admin' });
  for (const [hash, openers] of [
    [`#/market_detail?itemId=${id}`, ['Share', 'Reject …']],
    ['#/admin?part=tags', ['Rename: of dialogs', 'Merge: of dialogs', 'Delete: of dialogs']],
    ['#/admin?part=storages', ['Add a storage', 'Change: acct', 'Forget: acct']],
  ]) {
    await world.openMarketplace(page, hash);
    for (const name of openers) {
      const opener = page.getByRole('button', { name, exact: true });
      await opener.focus();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog');
      await dialog.waitFor();
      const stops = await dialog.locator('button, input, select, textarea, a').count();
      for (let step = 0; step < 2 * stops + 2; step++) {
        await page.keyboard.press(step < stops ? 'Tab' : 'Shift+Tab');
        assert.ok(await isKept(page), `${name}, after ${step + 1} steps`);
      }
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'hidden' });
      await page.waitForFunction((name) => {
        const { activeElement } = document.querySelector('pai-plugin').shadowRoot;
        return [activeElement?.getAttribute('aria-label'), activeElement?.textContent.trim()].includes(name);
      }, name);
    }
  }
});

test('arrows lead along the tabs of an item, and its choices', async () => {
  const id = await item('by-arrows');
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  await page.getByRole('tab', { name: 'Description' }).focus();
  const ways = { forth: 'ArrowRight', back: 'ArrowLeft', Home: 'Home', End: 'End' };
  const mirrored = { ...ways, forth: 'ArrowLeft', back: 'ArrowRight' };
  for (const [dir, keys] of [['ltr', ways], ['rtl', mirrored]]) {
    await page.locator('pai-plugin').evaluate((plugin, dir) => plugin.setAttribute('dir', dir), dir);
    for (const [way, name] of [
      ['Home', 'Description'], ['forth', 'Detail'], ['forth', 'Protocol'], ['forth', 'Runs'], ['forth', 'Description'],
      ['back', 'Runs'], ['Home', 'Description'], ['End', 'Runs'],
    ]) {
      await page.keyboard.press(keys[way]);
      assert.equal(await focused(page), `tab-${name.toLowerCase()}`, `${dir}: ${keys[way]}`);
      await page.getByRole('tab', { name, selected: true }).waitFor();
      await page.getByRole('tabpanel', { name }).waitFor();
    }
  }
  await world.openMarketplace(page, '#/create_item');
  const sources = page.getByRole('group', { name: 'Where it comes from' });
  await sources.getByRole('radio', { name: 'A file or text' }).focus();
  for (const name of ['One of my jobs', 'Data at an address', 'A file or text']) {
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction((name) => {
      const { activeElement } = document.querySelector('pai-plugin').shadowRoot;
      return activeElement?.checked && activeElement.closest('label').textContent.trim() === name;
    }, name);
  }
});

test('one main, named as the page, and a title of the document', async () => {
  const id = await item('titled');
  const page = await world.page({ user: 'alice' });
  await page.goto(`${world.portal}/plugin.html?index=0`);
  const portals = /^Marketplace · OpenPAI stand-in$/;
  const is = async (title) => {
    await page.waitForFunction((title) => document.title.startsWith(`${title} · `), title);
    assert.equal(await page.getByRole('main').count(), 1);
    await page.getByRole('main', { name: title }).waitFor();
  };
  await is('Browse');
  await page.getByRole('link', { name: 'My things' }).click();
  await is('My things');
  await page.getByRole('link', { name: 'Browse' }).click();
  await is('Browse');
  await world.openMarketplace(page, '#/drafts');
  await is('Drafts');
  await world.openMarketplace(page, `#/use?itemId=${id}`);
  await is('Use “titled”');
  await world.openMarketplace(page, '#/create_item');
  await is('Create');
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  await is('titled');
  await world.openMarketplace(page, `#/edit_item?itemId=${id}`);
  await is('Edit “titled”');
  await world.openMarketplace(page, '#/nowhere');
  await is('Page not found');
  await page.evaluate(() => document.querySelector('pai-plugin').remove());
  assert.match(await page.title(), portals, 'the portal has its own title back');
});

test('the navigation marks where one is, whatever is filtered there', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page);
  const marked = page.locator('.top nav a[aria-current=page]');
  for (const [hash, name] of [
    ['#/?type=data', 'Browse'],
    ['#/?author=bob', 'Browse'],
    ['#/?author=alice', 'My things'],
    ['#/?author=alice&type=data&sort=name', 'My things'],
    ['#/?starred=true', 'My things'],
    ['#/?used=true', 'My things'],
    ['#/drafts', 'My things'],
    ['#/check_jobs', 'My things'],
    ['#/create_item', 'Create'],
    ['#/', 'Browse'],
  ]) {
    await page.evaluate((hash) => (location.hash = hash), hash);
    await marked.filter({ hasText: name }).waitFor().catch(() => assert.fail(`${hash} is not marked as ${name}`));
    assert.equal(await marked.count(), 1, hash);
  }
  await page.evaluate(() => (location.hash = '#/nowhere'));
  await marked.waitFor({ state: 'detached' });
});

test('places where news appear are there from the beginning', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, '#/create_item');
  await page.getByRole('textbox', { name: 'Protocol text' }).waitFor();
  // Until the part about fit has come, a region of its own says so.
  await page.locator('.where .fit').waitFor({ state: 'attached' });
  const regions = () =>
    page.evaluate(() => {
      const all = document.querySelector('pai-plugin').shadowRoot.querySelectorAll('[role=status], [aria-live=polite]');
      globalThis.regions ??= [...all];
      return globalThis.regions.filter((region) => region.isConnected).length;
    });
  const before = await regions();
  await page.getByRole('textbox', { name: 'Protocol text' }).fill(protocol('live'));
  await page.getByText('The protocol is valid.').waitFor();
  assert.equal(await regions(), before);
});

const PAGES = async () => {
  const id = await item('looked-at', { description: '# A\n\n| a |\n|---|\n| 1 |\n\n- [x] done\n', tags: ['a'] });
  return {
    list: '#/',
    nothing: '#/?keyword=nothing+like+that',
    detail: `#/market_detail?itemId=${id}`,
    form: '#/create_item',
    edit: `#/edit_item?itemId=${id}`,
    lost: '#/nowhere',
  };
};

/** What shows when a page is there. */
const ready = (page) =>
  page.waitForFunction(() => {
    const { shadowRoot } = document.querySelector('pai-plugin');
    return shadowRoot.querySelector('h1, .state') && !shadowRoot.querySelector('.skeleton, [aria-busy=true]');
  });

test('axe finds nothing, in light, dark and forced colours', async () => {
  const places = await PAGES();
  for (const media of [{ colorScheme: 'light' }, { colorScheme: 'dark' }, { forcedColors: 'active' }]) {
    for (const [name, hash] of Object.entries(places)) {
      const page = await world.page({ user: 'alice', ...media });
      await world.openMarketplace(page, hash);
      await ready(page);
      await axe(page, 'pai-plugin', ['minor', 'moderate', 'serious', 'critical']);
      if (media.forcedColors) await shoot(page, `forced-${name}`);
      await page.context().close();
    }
  }
});

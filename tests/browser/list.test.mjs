// The list: found, narrowed down, sorted, looked through, and starred.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axe, shoot, useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

const PAGE = 48;
const MANY = 110;

const make = (user, name, more) =>
  world.call(user, 'POST', '/items', { name, author: user, protocol: protocol('job'), ...more });
const card = (page, name) => page.getByRole('article').filter({ has: page.getByRole('link', { name, exact: true }) });
const shownNames = (page) => page.getByRole('article').getByRole('heading').allTextContents();
const section = (page, name) => page.getByRole('region', { name });
const waitForHash = (page, hash) => page.waitForFunction((hash) => location.hash === hash, hash);
/** The text of what has the focus, in the plugin. */
const focused = (page) =>
  page.evaluate(() => {
    const element = document.querySelector('pai-plugin').shadowRoot.activeElement;
    return element?.id || element?.getAttribute('aria-label') || element?.textContent.trim() || null;
  });
const waitForFocus = (page, text) =>
  page.waitForFunction((text) => {
    const element = document.querySelector('pai-plugin').shadowRoot.activeElement;
    return [element?.id, element?.getAttribute('aria-label'), element?.textContent.trim()].includes(text);
  }, text);

test('there is a catalogue of several pages', async () => {
  await world.call('admin', 'POST', '/categories', { name: 'vision' });
  await world.call('admin', 'POST', '/categories', { name: 'speech' });
  for (let number = 0; number < MANY; number++) {
    await make('bob', `whale ${String(number).padStart(3, '0')}`, {
      summary: number === 77 ? 'the only narwhal' : 'swims',
      type: number % 10 === 0 ? 'data' : 'template',
      tags: ['sea', ...(number % 2 ? ['odd'] : [])],
      categories: number < 5 ? ['vision'] : [],
    });
  }
  await make('alice', 'for my group', { groupList: ['vision'], isPublic: false });
  await make('alice', 'only mine', { isPrivate: true });
});

test('without filters there are sections, with filters one list, and the number is said', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page);
  for (const [name, item] of [
    [/^Official/, 'PyTorch on one GPU'],
    [/^Public/, 'whale 109'],
    [/^Private/, 'only mine'],
  ]) {
    await section(page, name).getByRole('link', { name: item, exact: true }).waitFor();
  }
  const publicOnes = section(page, /^Public/);
  assert.equal(await publicOnes.getByRole('article').count(), 24);
  await publicOnes.getByRole('heading', { name: `Public ${MANY}` }).waitFor();
  await axe(page);
  await shoot(page, 'list-sections');

  await publicOnes.getByRole('link', { name: `Show all ${MANY}: Public` }).click();
  await waitForHash(page, '#/?visibility=public&official=false');
  await page.getByRole('heading', { level: 2, name: `${MANY} items` }).waitFor();
  assert.equal(await page.getByRole('article').count(), PAGE);
  await page.getByRole('status').filter({ hasText: `${MANY} items` }).waitFor({ state: 'attached' });
});

test('a section is there for those who see it alone', async () => {
  const carol = await world.page({ user: 'carol' });
  await world.openMarketplace(carol);
  await section(carol, /^Shared with groups/).getByRole('link', { name: 'for my group' }).waitFor();
  assert.equal(await carol.getByText('only mine').count(), 0);
  const admin = await world.page({ user: 'admin' });
  await world.openMarketplace(admin);
  await section(admin, /^Private/).getByRole('link', { name: 'only mine' }).waitFor();
});

test('the search is in the address, and what fits best comes first', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page);
  await world.wholeList(page);
  const asked = [];
  page.on('request', (request) => request.url().includes('keyword=') && asked.push(request.url()));
  const search = page.getByRole('searchbox', { name: 'Search' });
  await search.focus();
  // In one go: a busy machine would pause between keys.
  await search.evaluate((field) => {
    for (const letter of 'narwhal') {
      field.value += letter;
      field.dispatchEvent(new InputEvent('input', { data: letter, inputType: 'insertText', bubbles: true, composed: true }));
    }
  });
  await waitForHash(page, '#/?keyword=narwhal');
  await page.getByRole('heading', { level: 2, name: '1 item' }).waitFor();
  assert.deepEqual(await shownNames(page), ['whale 077']);
  assert.equal(await focused(page), 'search');
  const lists = asked.filter((address) => address.includes('/items?'));
  assert.equal(lists.length, 1, `one request for seven keys, not ${lists}`);
  assert.equal(await page.getByRole('combobox', { name: 'Sort by' }).locator('option').first().textContent(), 'Best match');
  await page.reload();
  await card(page, 'whale 077').waitFor();
  assert.equal(await page.getByRole('searchbox').inputValue(), 'narwhal');
});

test('the / key leads to the search, unless somebody types', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page);
  await page.getByRole('combobox', { name: 'Sort by' }).waitFor();
  await page.keyboard.press('/');
  await waitForFocus(page, 'search');
  assert.equal(await page.getByRole('searchbox').inputValue(), '');
  await page.keyboard.type('a/b');
  assert.equal(await page.getByRole('searchbox').inputValue(), 'a/b');

  await page.evaluate(() => {
    const field = document.body.appendChild(document.createElement('input'));
    field.id = 'of-the-portal';
    field.focus();
  });
  // What the list does meanwhile, with what was typed first, leaves the focus where it is.
  await page.waitForFunction(() => location.hash.includes('keyword'));
  await page.getByText('Nothing matches').first().waitFor();
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.keyboard.type('c/d');
  assert.equal(await page.locator('#of-the-portal').inputValue(), 'c/d');
  assert.equal(await page.getByRole('searchbox').inputValue(), 'a/b');
});

test('facets tell how much each leaves, and several values of one go together', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, '#/?tag=sea');
  const facets = page.getByRole('form', { name: 'Filters' });
  const choice = (group, name) => facets.getByRole('group', { name: group }).getByRole('checkbox', { name });
  await choice('Type', /^Data 11$/).check();
  await page.getByRole('heading', { level: 2, name: '11 items' }).waitFor();
  await waitForHash(page, '#/?type=data&tag=sea');
  const focusedBox = await page.evaluate(
    () => document.querySelector('pai-plugin').shadowRoot.activeElement?.closest('label')?.textContent,
  );
  assert.match(focusedBox ?? 'none', /^Data/, 'the box keeps the focus');
  await choice('Type', /^Template 99$/).check();
  await page.getByRole('heading', { level: 2, name: `${MANY} items` }).waitFor();
  await waitForHash(page, '#/?type=data&type=template&tag=sea');
  await choice('Tag', /^odd/).check();
  await page.getByRole('heading', { level: 2, name: '55 items' }).waitFor();
  await choice('Category', /^vision 2$/).check();
  await page.getByRole('heading', { level: 2, name: '2 items' }).waitFor();
  await axe(page);
  await shoot(page, 'list-filtered');

  const chips = page.getByRole('list', { name: 'Active filters' });
  await chips.getByRole('link', { name: 'Remove filter Category: vision' }).press('Enter');
  await page.getByRole('heading', { level: 2, name: '55 items' }).waitFor();
  await waitForFocus(page, 'Remove filter Type: Data');
  await chips.getByRole('link', { name: 'Clear filters' }).click();
  await section(page, /^Official/).waitFor();

  await choice('Show only', 'Mine').check();
  await page.getByRole('heading', { level: 1, name: 'My things' }).waitFor();
  await waitForHash(page, '#/?author=alice');
  await card(page, 'only mine').waitFor();
});

test('the order is chosen, and stays in the address', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, '#/?tag=sea');
  await card(page, 'whale 109').waitFor();
  await page.getByRole('combobox', { name: 'Sort by' }).selectOption('Name');
  await waitForHash(page, '#/?tag=sea&sort=name');
  await card(page, 'whale 000').waitFor();
  assert.equal((await shownNames(page))[0], 'whale 000');
  await page.goBack();
  await card(page, 'whale 109').waitFor();
  assert.equal((await shownNames(page))[0], 'whale 109');
  assert.equal(await page.getByRole('combobox', { name: 'Sort by' }).inputValue(), '');
});

test('more of the list comes page by page, and keeps its place on Back and in a copied link', async () => {
  const page = await world.page({ user: 'alice' });
  const asked = [];
  page.on('request', (request) => /\/items\?.*limit=/.test(request.url()) && asked.push(new URL(request.url())));
  await world.openMarketplace(page, '#/?tag=sea&sort=name');
  await card(page, 'whale 000').waitFor();
  await page.getByText(`${PAGE} of ${MANY}`).waitFor();
  await shoot(page, 'list-more');
  await page.getByRole('button', { name: 'Show more' }).click();
  await card(page, 'whale 095').waitFor();
  await waitForHash(page, '#/?tag=sea&sort=name&shown=96');
  await waitForFocus(page, 'whale 048');
  assert.deepEqual(
    asked.map((url) => [url.searchParams.get('offset'), url.searchParams.get('limit')]),
    [['0', '48'], ['48', '48']],
  );

  await card(page, 'whale 090').getByRole('link', { name: 'whale 090' }).click();
  await page.getByRole('heading', { level: 1, name: 'whale 090' }).waitFor();
  // A star changes nothing about where the list was left.
  const starred = page.waitForResponse((response) => response.request().method() === 'PUT' && response.url().includes('/star'));
  await page.getByRole('button', { name: /^Star/ }).click();
  assert.ok((await starred).ok());
  await page.goBack();
  await card(page, 'whale 095').waitFor();
  await waitForFocus(page, 'whale 090');
  const isSeen = await card(page, 'whale 090').evaluate((card) => {
    const { top, bottom } = card.getBoundingClientRect();
    return top < innerHeight && bottom > 0;
  });
  assert.ok(isSeen, 'the list is where it was left');

  const copy = await world.page({ user: 'carol' });
  await world.openMarketplace(copy, '#/?tag=sea&sort=name&shown=96');
  await card(copy, 'whale 095').waitFor();
  assert.equal(await copy.getByRole('article').count(), 96);
  await copy.getByRole('button', { name: 'Show more' }).click();
  await card(copy, 'whale 109').waitFor();
  assert.equal(await copy.getByRole('article').count(), MANY);
  assert.equal(await copy.getByRole('button', { name: 'Show more' }).count(), 0);
});

test('what was deleted meanwhile makes the next page skip nothing', async () => {
  const name = (number) => `shrimp ${String(number).padStart(2, '0')}`;
  for (let number = 0; number < PAGE + 4; number++) await make('bob', name(number), { tags: ['shrimp'], isPrivate: true });
  const page = await world.page({ user: 'bob' });
  await world.openMarketplace(page, '#/?tag=shrimp&sort=name');
  await card(page, name(PAGE - 1)).waitFor();
  await page.getByRole('button', { name: 'Select', exact: true }).click();
  for (const number of [0, 1]) await page.getByRole('checkbox', { name: `Select “${name(number)}”` }).check();
  let deleted = 0;
  const both = page.waitForResponse(
    (response) => response.request().method() === 'DELETE' && response.ok() && ++deleted === 2,
    { timeout: 20_000 },
  );
  await page.getByRole('region', { name: 'Selected items' }).getByRole('button', { name: 'Delete' }).click();
  await both;
  await page.getByRole('button', { name: 'Show more' }).click();
  await card(page, name(PAGE + 3)).waitFor();
  for (const number of [PAGE, PAGE + 1, PAGE + 2]) assert.ok(await card(page, name(number)).isVisible(), name(number));
});

test('a page that does not come is said, and asked for again', async () => {
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource/);
  await world.openMarketplace(page, '#/?tag=sea&sort=name');
  await card(page, 'whale 047').waitFor();
  let failures = 1;
  await page.route(/offset=48/, (route) => (failures-- > 0 ? route.abort() : route.continue()));
  await page.getByRole('button', { name: 'Show more' }).click();
  await page.getByText('cannot be reached').waitFor();
  assert.equal(await page.getByRole('article').count(), PAGE);
  await page.getByRole('button', { name: 'Show more' }).click();
  await card(page, 'whale 095').waitFor();
});

test('an item is starred on its card, and found among the starred ones', async () => {
  const page = await world.page({ user: 'carol' });
  await world.openMarketplace(page, '#/?keyword=whale+042');
  const star = card(page, 'whale 042').getByRole('button', { name: 'Star “whale 042”' });
  assert.equal(await star.getAttribute('aria-pressed'), 'false');
  const answered = page.waitForResponse((response) => response.url().includes('/star'));
  await star.click();
  await page.waitForFunction(() =>
    document.querySelector('pai-plugin').shadowRoot.querySelector('.star[aria-pressed=true]')?.textContent.includes('1'),
  );
  await answered;
  await page.getByRole('link', { name: 'My things' }).click();
  await page.getByRole('heading', { name: 'You have not created anything yet' }).waitFor();
  await page.getByRole('navigation', { name: 'My things' }).getByRole('link', { name: 'Starred' }).click();
  await card(page, 'whale 042').waitFor();
  assert.equal(await page.getByRole('article').count(), 1);
  const [found] = await world.call('carol', 'GET', '/items?name=whale%20042');
  assert.equal(found.starred, true);
});

test('a star that is refused is taken back', async () => {
  const page = await world.page({ user: 'carol' });
  world.tolerate(page, /Failed to load resource/);
  let answer;
  const held = new Promise((resolve) => {
    answer = resolve;
  });
  await page.route(/\/star$/, async (route) => {
    await held;
    await route.abort();
  });
  await world.openMarketplace(page, '#/?keyword=whale+043');
  const star = card(page, 'whale 043').getByRole('button', { name: /^Star/ });
  await star.click();
  await page.locator('.star[aria-pressed=true]').waitFor();
  answer();
  await page.locator('.star[aria-pressed=false]').waitFor();
  assert.match(await star.textContent(), /0/);
  await page.getByText('cannot be reached').waitFor();
});

test('each reason for an empty list is told, with a way on', async () => {
  const page = await world.page({ user: 'carol' });
  for (const [hash, title, way] of [
    ['#/?author=carol', 'You have not created anything yet', 'Create a template'],
    ['#/?used=true', 'You have not used anything yet', 'Browse all'],
    ['#/?keyword=no-such-thing&type=data', 'Nothing matches', 'Without Type: Data'],
  ]) {
    await world.openMarketplace(page, hash);
    const state = page.locator('.state');
    await state.getByRole('heading', { name: title }).waitFor();
    await state.getByRole('link', { name: way }).waitFor();
    await axe(page);
    await shoot(page, `list-empty-${title.toLowerCase().replaceAll(' ', '-')}`);
  }
  await page.getByRole('link', { name: 'Without Type: Data' }).click();
  await waitForHash(page, '#/?keyword=no-such-thing');
});

test('until the list is there its outline shows, and a failure offers to try again', async () => {
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource/);
  let answer;
  const held = new Promise((resolve) => {
    answer = resolve;
  });
  await page.route(/\/items\?/, async (route) => {
    await held;
    await route.abort();
  });
  await world.openMarketplace(page, '#/?tag=sea');
  await page.locator('.skeleton').nth(3).waitFor({ state: 'attached' });
  assert.equal(await page.locator('.results').getAttribute('aria-busy'), 'true');
  await shoot(page, 'list-loading');
  answer();
  await page.getByRole('alert').getByText('cannot be reached').waitFor();
  await shoot(page, 'list-failed');
  await page.unroute(/\/items\?/);
  await page.getByRole('button', { name: 'Retry' }).click();
  await card(page, 'whale 109').waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);
});

test('what was used lately comes last one first', async () => {
  for (const name of ['whale 001', 'whale 002', 'whale 001']) {
    const [{ id }] = await world.call('alice', 'GET', `/items?name=${encodeURIComponent(name)}`);
    await world.call('alice', 'POST', `/items/${id}/use`);
  }
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, '#/?used=true');
  await card(page, 'whale 002').waitFor();
  assert.deepEqual(await shownNames(page), ['whale 001', 'whale 002']);
  await shoot(page, 'list-used');
});

test('drafts are found, gone on with, discarded and taken back', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, '#/drafts');
  await page.getByRole('heading', { name: 'No drafts' }).waitFor();
  await shoot(page, 'drafts-none');
  await world.openMarketplace(page, '#/create_item');
  await page.getByRole('textbox', { name: 'Protocol text' }).fill(protocol('half-done'));
  await page.waitForFunction(() => Object.values(sessionStorage).some((value) => /"half-done"/.test(value)));
  await world.openMarketplace(page, '#/drafts');
  await page.getByRole('dialog').getByRole('button', { name: 'Leave' }).click();
  const link = page.getByRole('link', { name: 'half-done' });
  await link.waitFor();
  await axe(page);
  await shoot(page, 'drafts');
  await page.getByRole('button', { name: 'Discard the draft “half-done”' }).click();
  await page.getByRole('heading', { name: 'No drafts' }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await link.click();
  await page.waitForFunction(() =>
    document.querySelector('pai-plugin')?.shadowRoot.querySelector('textarea')?.value.includes('name: half-done'),
  );
});

for (const [width, height] of [[320, 640], [390, 844], [1024, 768], [1920, 1080]]) {
  test(`at ${width} px nothing is cut off, and the first card is near the top`, async () => {
    const page = await world.page({ user: 'alice', viewport: { width, height } });
    await world.openMarketplace(page);
    await page.getByRole('combobox', { name: 'Sort by' }).waitFor();
    const first = page.getByRole('article').first();
    await first.getByRole('button', { name: /^Star/ }).waitFor();
    const { y } = await first.boundingBox();
    assert.ok(y <= 400, `the first card begins at ${y} px`);
    const found = await page.evaluate(() => {
      const root = document.querySelector('pai-plugin').shadowRoot;
      const isSmall = (element) => {
        const { width, height } = element.getBoundingClientRect();
        return width > 0 && (height < 24 || width < 24);
      };
      const targets = [...root.querySelectorAll('main button, main input, main select, main label')];
      const fields = [...root.querySelectorAll('main input:not([type=checkbox]), main select')];
      return {
        wide: document.documentElement.scrollWidth - innerWidth,
        small: targets.filter((element) => isSmall(element.closest('label') ?? element)).map((element) => element.outerHTML),
        tiny: fields.filter((field) => parseFloat(getComputedStyle(field).fontSize) < 16).map((field) => field.outerHTML),
      };
    });
    assert.ok(found.wide <= 0, `${found.wide} px too wide`);
    assert.deepEqual(found.small, []);
    assert.deepEqual(found.tiny, []);
    if (width < 900) {
      const open = page.getByRole('button', { name: 'Filters' });
      assert.equal(await page.getByRole('form', { name: 'Filters' }).isVisible(), false);
      await open.click();
      await page.getByRole('form', { name: 'Filters' }).waitFor();
      assert.equal(await open.getAttribute('aria-expanded'), 'true');
      await page.screenshot({ path: `${process.env.SCREENSHOTS}/list-filters-open-${width}.png`, fullPage: true });
    }
  });
}

test('a card has one stop of the Tab key for its link and one for its star', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, '#/?keyword=whale+01');
  const first = page.getByRole('article').first();
  await first.getByRole('button', { name: /^Star/ }).waitFor();
  const stops = await first.evaluate((card) =>
    [...card.querySelectorAll('a, button, input')].filter((element) => element.tabIndex >= 0).map((element) => element.localName),
  );
  assert.deepEqual(stops, ['a', 'button']);
});

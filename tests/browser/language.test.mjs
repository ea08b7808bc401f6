// The plugin in the user's language: by the browser, or as the admin says in the
// plugin's address.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axe, shoot, useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

/** Opens the plugin's page with a query for `plugin.js`, as the portal's `config` makes one. */
async function withQuery(page, query) {
  await page.route(/\/plugins\.json$/, async (route) => {
    const answer = await route.fetch();
    const plugins = await answer.json();
    await route.fulfill({ response: answer, json: plugins.map((plugin) => ({ ...plugin, config: query })) });
  });
}

test('Simplified Chinese for browsers that ask for Chinese', async () => {
  const { id } = await world.call('alice', 'POST', '/items', {
    name: '训练示例', author: 'alice', protocol: protocol('training'), isPublic: false, groupList: ['vision'],
  });
  const page = await world.page({ user: 'alice', locale: 'zh-CN' });
  await world.openMarketplace(page);
  await page.getByRole('link', { name: '我的内容' }).waitFor();
  await page.getByRole('article').first().waitFor();
  assert.equal(await page.evaluate(() => document.querySelector('pai-plugin').shadowRoot.querySelector('.app').lang), 'zh-CN');
  await axe(page);
  await shoot(page, 'list-zh');

  await world.openMarketplace(page, `#/edit_item?itemId=${id}`);
  await page.getByText('协议有效。').waitFor();
  await page.getByRole('textbox', { name: '名称' }).fill('');
  await page.getByRole('button', { name: '保存' }).click();
  await page.getByRole('alert').getByText('请填写名称。').waitFor();
  await axe(page);
  await shoot(page, 'form-zh');
});

test('a new item is made in Chinese, from its source to its link', async () => {
  const page = await world.page({ user: 'alice', locale: 'zh-CN' });
  await world.openMarketplace(page, '#/create_item');
  await page.getByRole('button', { name: '从示例开始' }).click();
  await page.getByText('协议有效。').waitFor();
  await shoot(page, 'create-source-zh');
  const step = (name) => page.getByRole('navigation', { name: '步骤' }).getByRole('button', { name }).click();
  await step('分类与共享');
  await shoot(page, 'create-sharing-zh');
  await step('检查');
  const review = page.getByRole('region', { name: '将要创建的内容' });
  await review.getByText('仅自己').waitFor();
  await review.getByText('protocolVersion').first().waitFor();
  await axe(page);
  await shoot(page, 'create-review-zh');
  await page.getByRole('button', { name: '创建', exact: true }).click();
  await page.getByRole('button', { name: '再创建一个' }).waitFor();
  await axe(page);
  await shoot(page, 'create-done-zh');
});

test('the address of the plugin may say the language, whatever the browser speaks', async () => {
  const page = await world.page({ user: 'alice', locale: 'de-DE' });
  await withQuery(page, { lang: 'zh-CN' });
  await world.openMarketplace(page);
  await page.getByRole('link', { name: '我的内容' }).waitFor();
});

test('a language that there is none of is English', async () => {
  const page = await world.page({ user: 'alice', locale: 'de-DE' });
  await world.openMarketplace(page);
  await page.getByRole('link', { name: 'My things' }).waitFor();
});

test('where the Chinese texts do not come, the plugin works in English', async () => {
  const page = await world.page({ user: 'alice', locale: 'zh-CN' });
  world.tolerate(page, /Failed to load resource/);
  await page.route(/\/marketplace-zh-CN-[0-9a-f]{16}\.json$/, (route) => route.abort());
  await world.openMarketplace(page);
  await page.getByRole('link', { name: 'My things' }).waitFor();
});

test('what chunks say in Chinese comes with the first of them, and is asked for again', async () => {
  const page = await world.page({ user: 'alice', locale: 'zh-CN' });
  world.tolerate(page, /Failed to load resource/);
  const more = /\/marketplace-zh-CN-more-[0-9a-f]{16}\.json$/;
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.route(/\/marketplace-[a-z-]+-[0-9a-f]{16}\.wasm$/, (route) => route.abort());
  await page.route(more, (route) => route.abort());
  await world.openMarketplace(page);
  await page.getByRole('article').nth(11).waitFor();
  await page.evaluate(() => (location.hash = '#/create_item'));
  const retry = page.getByRole('alert').getByRole('button', { name: '重试' });
  await retry.waitFor();
  assert.ok(asked.some((url) => more.test(url)), asked.join('\n'));
  await page.unroute(more);
  let letThemCome;
  const held = new Promise((resolve) => {
    letThemCome = resolve;
  });
  await page.route(more, async (route) => {
    await held;
    await route.continue();
  });
  await page.unroute(/\/marketplace-[a-z-]+-[0-9a-f]{16}\.wasm$/);
  const [form] = await Promise.all([page.waitForResponse(/\/marketplace-form-/), retry.click()]);
  await form.finished();
  assert.equal(await page.getByRole('button', { name: 'Begin with an example' }).count(), 0);
  letThemCome();
  await page.getByRole('button', { name: '从示例开始' }).waitFor();
});

test('what comes before the app is in the language too', async () => {
  const page = await world.page({ user: 'alice', locale: 'zh-CN' });
  world.tolerate(page, /Failed to load resource|wasm/i);
  await page.route('**/*.wasm', (route) => route.abort());
  await page.goto(`${world.portal}/plugin.html?index=0`);
  await page.getByText('市场未能加载').waitFor();
  await page.getByRole('button', { name: '重试' }).waitFor();
});

test('lists and amounts are written as the reader writes them', async () => {
  const text = `${protocol('large').replace('instances: 2', 'instances: 1200').replace('memoryMB: 2048', 'memoryMB: 1500000').replace('ports: {web: 1}', 'ports: {web: 1, ssh: 2}')}extras:
  com.microsoft.pai.runtimeplugin: [{plugin: teamwise_storage, parameters: {storageConfigNames: [data, home]}}]
secrets: {one: "", two: ""}
`;
  const { id } = await world.call('alice', 'POST', '/items', { name: 'large', author: 'alice', protocol: text, groupList: ['vision', 'default'], isPublic: false });
  await world.call('alice', 'PUT', `/items/${id}`, { name: 'larger', summary: 'much' });
  await world.call('admin', 'POST', '/storages/blobs', {
    storageAccount: 'acct', containerName: 'pictures', connectionStrings: ['AccountName=acct;AccountKey=aHVzaA=='], users: ['alice', 'bob'],
  });
  for (const [locale, list, amount, decimal] of [
    ['en-GB', (a, b) => `${a} and ${b}`, '1,200', '1,464.8'],
    ['en-IN', (a, b) => `${a} and ${b}`, '1,200', '1,464.8'],
    ['zh-CN', (a, b) => `${a}和${b}`, '1,200', '1,464.8'],
    ['de-DE', (a, b) => `${a} and ${b}`, '1.200', '1.464,8'],
  ]) {
    const page = await world.page({ user: 'alice', locale });
    await world.openMarketplace(page, `#/market_detail?itemId=${id}&tab=detail`);
    const panel = page.getByRole('tabpanel');
    await panel.locator('.total').waitFor();
    const seen = await panel.innerText();
    for (const wanted of [amount, `${decimal} GiB`, list('web × 1', 'ssh × 2'), list('data', 'home'), list('one', 'two')]) {
      assert.ok(seen.includes(wanted), `${locale}: ${wanted} is not in ${seen}`);
    }
    const badge = await page.locator('.badge.groups').innerText();
    assert.ok(badge.includes(list('default', 'vision')) || badge.includes(list('vision', 'default')), `${locale}: ${badge}`);
    await world.openMarketplace(page, `#/use?itemId=${id}`);
    const needs = page.getByRole('table').first();
    await needs.waitFor();
    const table = await needs.innerText();
    for (const wanted of [amount, `${decimal} GiB`]) assert.ok(table.includes(wanted), `${locale}: ${wanted} is not in ${table}`);
    await world.closePage(page);

    const admin = await world.page({ user: 'admin', locale });
    await world.openMarketplace(admin, `#/admin?part=audit&item=${id}`);
    const changed = locale === 'zh-CN' ? list('名称', '摘要') : list('name', 'summary');
    await admin.getByRole('cell', { name: changed, exact: true }).waitFor({ timeout: 10_000 }).catch(() => assert.fail(`${locale}: the audit does not say “${changed}”`));
    await admin.evaluate(() => (location.hash = '#/admin?part=storages'));
    await admin.getByRole('cell', { name: list('alice', 'bob'), exact: true }).first().waitFor({ timeout: 10_000 }).catch(() => assert.fail(`${locale}: storages`));
    await world.closePage(admin);
  }
});

test('times follow the browser, and a wrong clock does not look into the future', async () => {
  const { id } = await world.call('alice', 'POST', '/items', {
    name: 'of just now', author: 'alice', protocol: protocol('of-just-now'),
  });
  const times = async (locale, hours) => {
    const page = await world.page({ user: 'alice', locale, timezoneId: 'UTC' });
    await page.clock.install({ time: Date.now() + hours * 3_600_000 });
    await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
    const time = page.locator('pai-plugin time').first();
    await time.waitFor();
    return [await time.textContent(), await time.getAttribute('title')];
  };
  assert.equal((await times('en-GB', -2))[0], 'now');
  assert.equal((await times('en-GB', 49))[0], '2 days ago');
  assert.match((await times('en-GB', 49))[1], /^\d+ [A-Z][a-z]+ \d{4}/, 'a British date');
  assert.match((await times('en-US', 49))[1], /^[A-Z][a-z]{2} \d+, \d{4}/, 'an American date');
  assert.equal((await times('zh-CN', 49))[0], '前天');
});

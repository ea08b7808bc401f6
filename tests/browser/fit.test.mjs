// Whether a job runs here: on its page, where it is used and written, and in the list.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axe, shoot, until, useWorld } from './harness.mjs';

const world = useWorld();
const plain = useWorld({ scheduler: 'default' });

/** So many instances with a GPU each, of a SKU if one is named. */
const protocol = (instances, sku, virtualCluster = 'default') => `protocolVersion: 2
name: train
type: job
prerequisites:
  - {name: image, type: dockerimage, uri: ubuntu}
taskRoles:
  worker:
    instances: ${instances}
    dockerImage: image
    resourcePerInstance: {cpu: 1, memoryMB: 1024, gpu: 1}
    commands: [train]
defaults: {virtualCluster: ${virtualCluster}}
${sku ? `extras: {hivedScheduler: {taskRoles: {worker: {skuType: ${sku}}}}}\n` : ''}`;

const share = async (world, name, text) =>
  (await world.call('alice', 'POST', '/items', { name, author: 'alice', protocol: text, isPublic: true })).id;

/** The lines, each without its reasons. */
const lines = async (region) => {
  await region.locator('li .outcome').first().waitFor();
  const all = await region.locator(':scope > div > ul > li').all();
  return Promise.all(all.map(async (line) => {
    const head = line.locator('summary, .one').first();
    return (await head.innerText()).replace(/\s+/g, ' ').trim();
  }));
};
const where = (page) => page.getByRole('region', { name: 'Where it runs' });

async function open(world, hash, user = 'alice', options = {}) {
  const page = await world.page({ user, ...options });
  await world.openMarketplace(page, hash);
  return page;
}

/** Has OpenPAI take a job of bob's, which waits. */
async function submit(name, text) {
  const answer = await fetch(`${world.portal}/api/v2/jobs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await world.token('bob')}`, 'content-type': 'text/yaml' },
    body: text.replace('name: train', `name: ${name}`),
  });
  assert.equal(answer.status, 202, await answer.text());
}

test('an item says where it runs, for whoever looks', async () => {
  await submit('waits', protocol(3));
  const id = await share(world, 'Eight', protocol(8, 'V100'));
  const page = await open(world, `#/market_detail?itemId=${id}`);
  assert.deepEqual(await lines(where(page)), ['◷ default When there is room likely', '✕ vision Never certain']);
  await where(page).getByText('When there is room').click();
  await where(page).getByText('It needs 8 cells of V100. Free at the moment: 6 cells of V100.').waitFor();
  await where(page).getByText(/jobs? waits? there already, for \d+ GPUs?\./).waitFor();
  await axe(page);
  await shoot(page, 'fit-detail');
  const bob = await open(world, `#/market_detail?itemId=${id}`, 'bob');
  assert.deepEqual(await lines(where(bob)), ['◷ default When there is room likely', '✕ nlp Never certain']);
  await where(bob).getByText('Never').click();
  await where(bob).getByText('“worker” asks for the SKU “V100”, which this virtual cluster does not have.').waitFor();

  for (const [instances, line] of [
    [1, '✓ default Now likely'],
    [16, '! default When broken machines are back likely'],
    [17, '✕ default Never certain'],
  ]) {
    const other = await share(world, `Of ${instances}`, protocol(instances, 'V100'));
    await world.openMarketplace(page, `#/market_detail?itemId=${other}`);
    assert.ok((await lines(where(page))).includes(line), `${instances}: ${await lines(where(page))}`);
  }
});

test('a virtual cluster that the job names and one may not use shows too', async () => {
  const id = await share(world, 'For nlp', protocol(1, '', 'nlp'));
  const page = await open(world, `#/market_detail?itemId=${id}`);
  assert.equal((await lines(where(page))).at(-1), '– nlp Not allowed certain');
});

test('OpenPAI is asked once a minute, and only what is wanted', async () => {
  const id = await share(world, 'Asked', protocol(1));
  const page = await world.page({ user: 'alice' });
  const asked = [];
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    if (/\/(virtual-clusters|sku-types|storages|jobs)$/.test(pathname)) asked.push(pathname + search);
  });
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  await lines(where(page));
  assert.equal(asked.length, 7, `five, and one for each of two virtual clusters: ${asked}`);
  await page.getByRole('link', { name: 'Use', exact: true }).click();
  await page.locator('.fit[aria-live] summary').waitFor();
  const nodes = asked.filter((one) => one.endsWith('?nodes'));
  assert.equal(nodes.length, 1, `${asked}`);
});

test('the page works while OpenPAI is away, and asks again when told to', async () => {
  const id = await share(world, 'Away', protocol(1));
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource.*500/);
  await world.control('faults', { path: '/api/v2/virtual-clusters', status: 500 });
  await world.openMarketplace(page, `#/market_detail?itemId=${id}`);
  const notice = where(page).getByRole('alert');
  await notice.getByText('It is not known where it runs.').waitFor();
  await page.getByRole('heading', { level: 1, name: 'Away' }).waitFor();
  await axe(page);
  await shoot(page, 'fit-away');
  await world.control('faults');
  await notice.getByRole('button').click();
  assert.equal((await lines(where(page)))[0], '✓ default Now likely');
});

test('where a job is put together, what is chosen counts', async () => {
  const id = await share(world, 'Chosen', protocol(2));
  const page = await open(world, `#/use?itemId=${id}`);
  const line = page.locator('.fit[aria-live] summary');
  const says = (text) => line.filter({ hasText: text }).waitFor();
  await says(/default\s+Now/);
  // The others stand below it, each with its reasons.
  const others = page.getByRole('group', { name: 'Where it runs' });
  assert.deepEqual(await others.locator('bdi').allTextContents(), ['vision']);
  await page.getByLabel('Virtual cluster').selectOption('vision');
  await says(/vision\s+Now|vision\s+When there is room/);
  await page.getByLabel('SKU of “worker”').selectOption('A100');
  await says(/vision\s+When there is room.*It needs 2 cells of A100\. Free at the moment: 1 cell of A100\./s);
  assert.deepEqual(await others.locator('bdi').allTextContents(), ['default']);
  await others.getByText('Never').click();
  await others.getByText('“worker” asks for the SKU “A100”, which this virtual cluster does not have.').waitFor();
  await line.click();
  await page.getByText('Only admins see the CPUs and memory of single machines').waitFor();
  await axe(page);
  await shoot(page, 'fit-use');
});

test('the editor says so while one types, and does not stand in the way', async () => {
  const id = await share(world, 'Written', protocol(1));
  const page = await open(world, `#/edit_item?itemId=${id}`);
  const line = page.locator('.fit[aria-live] summary');
  await line.filter({ hasText: /default\s+Now/ }).waitFor();
  await page.getByRole('textbox', { name: 'Protocol text' }).fill(protocol(17));
  await line.filter({ hasText: /default\s+Never.*It needs 17 cells\. The virtual cluster has 16 cells, broken ones included\./s }).waitFor();
  await axe(page);
  await shoot(page, 'fit-editor');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Written' }).waitFor();
  assert.ok((await lines(where(page))).includes('✕ default Never certain'));
});

test('the list is narrowed down to what runs', async () => {
  await share(world, 'of A100', protocol(4, 'A100'));
  await share(world, 'Too many', protocol(17));
  const article = (page, name) => page.getByRole('article').filter({ has: page.getByRole('link', { name, exact: true }) });
  const filters = (page) => page.getByRole('form', { name: 'Filters' });
  const toggle = (page) => filters(page).getByRole('checkbox', { name: /^Runs here/ });
  const count = (page) => filters(page).locator('label').filter({ hasText: 'Runs here' }).locator('.count');
  for (const [user, runs] of [['alice', false], ['bob', true]]) {
    const page = await open(world, '#/?author=alice', user);
    await article(page, 'of A100').waitFor();
    await until(async () => /\d/.test(await count(page).innerText()));
    const number = Number(await count(page).innerText());
    await toggle(page).check();
    await page.waitForFunction(() => location.hash === '#/?author=alice&runsHere=true');
    await article(page, 'Too many').waitFor({ state: 'detached' });
    assert.equal(await page.getByRole('article').count(), number, user);
    assert.equal(await article(page, 'of A100').count(), runs ? 1 : 0, user);
    await page.getByRole('link', { name: 'Remove filter Runs here' }).waitFor();
    await axe(page);
    await shoot(page, `fit-list-${user}`);
    await page.reload();
    await toggle(page).and(page.locator(':checked')).waitFor();
    await page.getByRole('link', { name: 'Remove filter Runs here' }).click();
    await article(page, 'Too many').waitFor();
  }
});

test('the default scheduler has one virtual cluster', async () => {
  const id = await share(plain, 'Plain', protocol(31));
  const page = await open(plain, `#/market_detail?itemId=${id}`);
  assert.deepEqual(await lines(where(page)), ['✕ default Never certain']);
  await where(page).getByText('Never').click();
  await where(page).getByText('It needs 31 GPUs. In all, there are only 30 GPUs.').waitFor();
});

test('in Chinese', async () => {
  const id = await share(world, 'Chinese', protocol(8, 'V100'));
  const page = await open(world, `#/market_detail?itemId=${id}`, 'alice', { locale: 'zh-CN' });
  const region = page.getByRole('region', { name: '可以在哪里运行' });
  assert.deepEqual(await lines(region), ['◷ default 有空闲时 很可能', '✕ vision 无法运行 确定']);
  await region.getByText('有空闲时').click();
  await region.getByText('需要 8 个 V100 单元，目前空闲 6 个 V100 单元。').waitFor();
  await axe(page);
  await shoot(page, 'fit-detail-zh');
});

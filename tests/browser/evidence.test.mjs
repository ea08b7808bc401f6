// What the runs of an item say about it: on its page, in the list, and what its author says of
// their exit codes.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axe, shoot, until, useWorld } from './harness.mjs';
import { end, known, run, submit, unnoticed } from './harness/runs.mjs';
import { protocol } from './protocols.mjs';

const first = useWorld();
// The marketplace looks after the jobs of a user once a minute: here all have run before.
const world = useWorld();

const share = async (world, name) =>
  (await world.call('alice', 'POST', '/items', { name, author: 'alice', protocol: protocol(name), isPublic: true })).id;

const open = async (world, user, hash, options = {}) => {
  const page = await world.page({ user, ...options });
  await world.openMarketplace(page, hash);
  return page;
};

/** Answers what the API answers when something is wrong with it. */
const fails = (route) => {
  if (route.request().method() === 'OPTIONS') return route.continue();
  return route.fulfill({ status: 500, headers: { 'access-control-allow-origin': '*' }, body: '' });
};

const runs = (id) => `#/market_detail?itemId=${id}&tab=runs`;
const panel = (page) => page.getByRole('tabpanel');
const code = (page, number) => panel(page).getByRole('listitem').filter({ hasText: `Exit code ${number}` });

/** Rows of the table whose first column is called `name`, as texts. */
const table = async (page, name) => {
  const found = panel(page).getByRole('table').filter({ has: page.getByRole('columnheader', { name, exact: true }) });
  const rows = await found.locator('tbody tr').all();
  return Promise.all(rows.map(async (row) => (await row.locator('th, td').allInnerTexts()).join(' | ')));
};

/** The stamp of a job, as OpenPAI has it. */
const stamp = async (user, job) => {
  const headers = { authorization: `Bearer ${await first.token(user)}` };
  const answer = await fetch(`${first.portal}/api/v2/jobs/${user}~${job}/config`, { headers });
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  const value = (key) => text.match(new RegExp(`["\\s]${key}["]?: ?["']?([^"'\\n,}]+)`))?.[1];
  assert.match(text, /marketplace["]?:/, text);
  return Object.fromEntries(['item', 'version', 'digest', 'use'].map((key) => [key, value(key)]));
};

test('two people use an item, and everybody sees how it went', async () => {
  const id = await share(first, 'runs-well');
  const jobs = [];
  for (const user of ['alice', 'bob']) {
    const page = await first.page({ user });
    await unnoticed(first, page, user);
    await first.openMarketplace(page, `#/use?itemId=${id}`);
    await page.getByRole('button', { name: 'Submit', exact: true }).waitFor();
    const job = await page.getByLabel('Job name').inputValue();
    await page.getByRole('button', { name: 'Submit', exact: true }).click();
    await page.getByText('The job waits for the cluster to have room.').waitFor();
    jobs.push([user, job]);
    await first.closePage(page);
  }
  // The other way: the portal's submit page keeps the stamp as well.
  const page = await first.page({ user: 'alice' });
  await unnoticed(first, page, 'alice');
  await first.openMarketplace(page, `#/use?itemId=${id}`);
  await page.getByRole('button', { name: 'Open the submit page' }).click();
  await page.waitForURL(/submit\.html/);
  await page.locator('#job').waitFor();
  await page.getByRole('button', { name: 'Submit' }).click();
  await page.waitForURL(/job-detail\.html/);
  jobs.push(['alice', new URL(page.url()).searchParams.get('jobName')]);
  await first.closePage(page);
  const stamps = await Promise.all(jobs.map(([user, job]) => stamp(user, job)));
  for (const one of stamps) {
    assert.equal(one.item, id);
    assert.equal(one.version, '1');
    assert.match(one.digest, /^sha256:[0-9a-f]{64}$/);
  }
  assert.equal(new Set(stamps.map((one) => one.use)).size, 3, 'each use is one of its own');

  for (const [user, job] of jobs) await end(first, user, job, 'SUCCEEDED');
  await end(first, 'bob', await submit(first, 'bob', id), 'FAILED', 254);
  await end(first, 'bob', await submit(first, 'bob', id), 'FAILED', 137);
  await end(first, 'bob', await submit(first, 'bob', id), 'STOPPED');
  await known(first, ['alice', 'bob'], id, 6);

  const carol = await open(first, 'carol', `#/market_detail?itemId=${id}`);
  await carol.locator('h1').waitFor();
  await carol.getByText('works: ≥ 30 % (4 runs)').waitFor();
  await carol.getByRole('tab', { name: 'Runs' }).click();
  await panel(carol).getByText('3 of 4 runs succeeded', { exact: true }).waitFor();
  await panel(carol).getByText('With 95 % certainty, at least 30 % of runs like these succeed.').waitFor();
  assert.deepEqual(await table(carol, 'Virtual cluster'), ['default | 4 | 3 | 30 %']);
  assert.deepEqual(await table(carol, 'Version'), ['1 | 4 | 3 | 30 %']);
  const times = await table(carol, 'Time');
  assert.match(times.join('\n'), /^Waiting \| \d+ secs?.*\nRunning \| \d+ secs?/);
  await code(carol, 254).getByText('The image could not be pulled').waitFor();
  await code(carol, 254).getByText('1 run', { exact: true }).waitFor();
  assert.equal(await code(carol, 137).count(), 0, 'the cluster did that');
  await panel(carol).getByText('has ended within the last 90 days').waitFor();
  await panel(carol).getByText('Not counted: 1 failed by the cluster and 1 stopped by somebody.').waitFor();
  assert.equal(await carol.getByRole('button', { name: 'Answer …' }).count(), 0, 'it is not hers');
  for (const name of ['alice', 'bob']) assert.ok(!(await panel(carol).innerText()).includes(name), name);
  await axe(carol);
  await shoot(carol, 'evidence');
  await carol.reload();
  await carol.getByRole('tab', { name: 'Runs', selected: true }).waitFor();

  // Before one uses it, too.
  await carol.getByRole('link', { name: 'Use', exact: true }).click();
  await carol.getByRole('heading', { level: 1, name: 'Use “runs-well”' }).waitFor();
  await carol.getByText('works: ≥ 30 % (4 runs)').waitFor();
});

let often, rare;
test('there is something to show', async () => {
  [often, rare] = [await share(world, 'often-fails'), await share(world, 'hardly-run')];
  await run(world, {
    [await share(world, 'works-best')]: { admin: ['SUCCEEDED', 'SUCCEEDED'], carol: ['SUCCEEDED'] },
    [await share(world, 'works-worst')]: { admin: [1], carol: [1, 'SUCCEEDED'] },
    [often]: { admin: [1], bob: [226], carol: [1] },
  });
});

test('the list shows it, and is sorted by it', async () => {
  const page = await open(world, 'bob', '#/?author=alice');
  const names = () => page.getByRole('article').getByRole('heading').allInnerTexts();
  await page.getByLabel('Sort by').selectOption('Works here');
  await page.waitForFunction(() => location.hash === '#/?author=alice&sort=-success');
  await until(async () => (await names())[0] === 'works-best');
  const mine = ['works-best', 'works-worst', 'often-fails', 'hardly-run'];
  assert.deepEqual((await names()).filter((name) => mine.includes(name)), mine);
  const card = (name) => page.getByRole('article').filter({ has: page.getByRole('link', { name, exact: true }) });
  await card('works-best').getByText('works: ≥ 43 % (3 runs)').waitFor();
  await card('works-worst').getByText('works: ≥ 6 % (3 runs)').waitFor();
  assert.equal(await card('hardly-run').getByText('works:').count(), 0);
  await axe(page);
  await shoot(page, 'evidence-list');
});

test('an author answers an exit code, and everybody reads it', async () => {
  const alice = await open(world, 'alice', runs(often));
  await code(alice, 1).getByText('The job’s own program ended with this code.').waitFor();
  await code(alice, 1).getByText('2 runs', { exact: true }).waitFor();
  await code(alice, 1).getByRole('button', { name: 'Answer …' }).click();
  const dialog = alice.getByRole('dialog', { name: 'Answer exit code 1' });
  const field = dialog.getByLabel('What helps against it, or what does it mean here?');
  const save = dialog.getByRole('button', { name: 'Save' });
  await save.click();
  await dialog.getByText('Write an answer first.').waitFor();
  await field.fill('x'.repeat(1001));
  await dialog.getByText('It has 1,001 characters, 1,000 are the limit.').waitFor();
  await axe(alice);
  await shoot(alice, 'evidence-answer');
  await field.fill('Set <b>data</b> first.');
  await save.click();
  await code(alice, 1).getByText('Set <b>data</b> first.', { exact: true }).waitFor();
  const answer = async () =>
    (await world.call('bob', 'GET', `/items/${often}/evidence`)).figures.exitCodes.find((one) => one.code === 1).answer;
  await until(async () => (await answer()) === 'Set <b>data</b> first.');
  await axe(alice);
  await shoot(alice, 'evidence-answered');

  const bob = await open(world, 'bob', runs(often));
  await code(bob, 1).getByText('Set <b>data</b> first.', { exact: true }).waitFor();
  assert.equal(await bob.getByRole('button', { name: 'Answer …' }).count(), 0, 'it is not his');

  // An admin may, too; what is there is what one begins with.
  const admin = await open(world, 'admin', runs(often));
  await code(admin, 1).getByRole('button', { name: 'Answer …' }).click();
  const theirs = admin.getByRole('dialog', { name: 'Answer exit code 1' });
  assert.equal(await theirs.getByRole('textbox').inputValue(), 'Set <b>data</b> first.');
  await theirs.getByRole('textbox').fill('It wants data.');
  await theirs.getByRole('button', { name: 'Save' }).click();
  await code(admin, 1).getByText('It wants data.', { exact: true }).waitFor();
  await until(async () => (await answer()) === 'It wants data.');
  await code(admin, 1).getByRole('button', { name: 'Remove answer' }).click();
  await code(admin, 1).getByText('It wants data.', { exact: true }).waitFor({ state: 'detached' });
  await until(async () => (await answer()) === undefined);
});

test('an answer that the marketplace does not take is not shown', async () => {
  const alice = await open(world, 'alice', runs(often));
  world.tolerate(alice, /Failed to load resource.*500/);
  await alice.route(`${world.api}/items/*/evidence/**`, fails);
  await code(alice, 226).getByRole('button', { name: 'Answer …' }).click();
  const dialog = alice.getByRole('dialog', { name: 'Answer exit code 226' });
  await dialog.getByRole('textbox').fill('Smaller batches.');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await alice.locator('.toast').getByText('500').waitFor();
  assert.equal(await alice.getByText('The author says:').count(), 0);
});

test('with too few runs nothing is told, and the page says so', async () => {
  const page = await open(world, 'bob', runs(rare));
  await panel(page).getByRole('heading', { name: 'Too few runs yet' }).waitFor();
  await panel(page).getByText('three runs by at least two people').waitFor();
  assert.equal(await page.getByText('works:').count(), 0);
  await axe(page);
  await shoot(page, 'evidence-too-few');
});

test('figures that do not come can be asked for again', async () => {
  const page = await world.page({ user: 'bob' });
  world.tolerate(page, /Failed to load resource.*500/);
  const address = `${world.api}/items/*/evidence`;
  await page.route(address, fails);
  await world.openMarketplace(page, runs(rare));
  const retry = panel(page).getByRole('button', { name: 'Retry' });
  await retry.waitFor();
  await axe(page);
  await page.unroute(address);
  await retry.click();
  await panel(page).getByRole('heading', { name: 'Too few runs yet' }).waitFor();
});

test('in Chinese', async () => {
  const page = await open(world, 'alice', runs(often), { locale: 'zh-CN' });
  await page.getByText('成功率 ≥ 0%（3 次运行）').waitFor();
  await panel(page).getByText('3 次运行中有 0 次成功', { exact: true }).waitFor();
  await panel(page).getByText('GPU 显存不足').waitFor();
  await panel(page).getByRole('button', { name: '答复…' }).first().waitFor();
  await axe(page);
  await shoot(page, 'evidence-zh');
});

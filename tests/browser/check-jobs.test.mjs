// One's own jobs looked through for secrets: in the browser alone, and of nobody else.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axe, shoot, until, useWorld } from './harness.mjs';
import { layout, stopPortal } from './harness/layout.mjs';
import { untranslated, wordings } from './harness/untranslated.mjs';
import { catalogue } from './states.mjs';
import { protocol } from './protocols.mjs';

const world = useWorld();

/** Put together here, so that nobody takes this file for a leak. */
const TOKEN = `ghp_${'q7ZtR2mX9vLp4KsD8wNf3bHc6JyTgA1uEe5V'}`;
const KEY = 'x8Kd02LmQz71Vb';
const HIDDEN = 'Zk93jfQpL02mVx';

/** Submits a job of `user`'s with these commands. */
async function submit(user, name, commands, { secrets = '', json = false } = {}) {
  const text = protocol(name).replace('- echo hello', commands.map((command) => `- ${JSON.stringify(command)}`).join('\n      ')) + secrets;
  const job = {
    protocolVersion: 2, name, type: 'job', secrets: { api: KEY },
    prerequisites: [{ name: 'image', type: 'dockerimage', uri: 'ubuntu:22.04' }],
    taskRoles: { main: { instances: 1, dockerImage: 'image', resourcePerInstance: { cpu: 1, memoryMB: 1024, gpu: 0 }, commands } },
  };
  const answer = await fetch(`${world.portal}/api/v2/jobs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await world.token(user)}`, 'content-type': 'text/yaml' },
    body: json ? JSON.stringify(job) : text,
  });
  assert.equal(answer.status, 202, await answer.text());
}

/** Opens the page, and notes what it asks for from then on. */
async function open(user, options = {}) {
  const page = await world.page({ user, ...options });
  await stopPortal(page);
  // The last that a page asks the marketplace when it opens; a slow machine takes a pause before it.
  const news = page.waitForResponse((answer) => answer.url() === `${world.api}/me/news` && answer.request().method() === 'GET');
  await world.openMarketplace(page, '#/check_jobs');
  await page.locator('.check button').waitFor();
  await news;
  await page.waitForLoadState('networkidle');
  const asked = [];
  page.on('request', (request) => request.method() !== 'OPTIONS' && asked.push(request));
  const paths = () => asked.map((request) => request.url()).filter((url) => url.includes('/api/v2/')).map((url) => url.slice(url.indexOf('/jobs')));
  return { page, asked, paths };
}

const button = (page, name) => page.locator('.check').getByRole('button', { name, exact: true });
const status = (page) => page.locator('.check > [role=status]');
const found = (page) => page.getByRole('list', { name: 'Jobs that show secrets' }).locator(':scope > li');

test('jobs that show a secret are told, with nothing sent and nothing kept', async () => {
  await submit('alice', 'clones', ['echo hello', `git clone https://me:${TOKEN}@github.com/me/private`], {
    secrets: `secrets:\n  api: ${HIDDEN}\n`,
  });
  await submit('alice', 'as-json', ['echo hello'], { json: true });
  await submit('alice', 'clean', ['train --token "<% $secrets.api %>"'], { secrets: `secrets:\n  api: ${HIDDEN}\n` });
  await submit('bob', 'of-bob', [`export GITHUB_TOKEN=${TOKEN}`]);

  const { page, asked, paths } = await open('alice');
  assert.deepEqual(paths(), [], 'nothing is asked before somebody wants it');
  const before = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  await button(page, 'Check my newest jobs').click();
  await button(page, 'Check again').waitFor();
  const [list, ...configs] = paths();
  assert.match(list, /^\/jobs\?username=alice&.*limit=50&offset=0&order=submissionTime,DESC$/);
  const { totalCount, data } = await (await fetch(`${world.portal}/api/v2/jobs?username=alice&withTotalCount=true`, {
    headers: { authorization: `Bearer ${await world.token('alice')}` },
  })).json();
  assert.deepEqual(configs.sort(), data.map(({ name }) => `/jobs/alice~${name}/config`).sort());
  assert.equal(await status(page).textContent(), `${totalCount} jobs are checked. 2 of them show secrets.`);

  await until(async () => (await found(page).count()) === 2);
  const text = await page.locator('.check').innerText();
  const clones = found(page).filter({ hasText: 'clones' });
  assert.match(await clones.innerText(), /A token or key of a service\s+taskRoles\.main\.commands\[1\], line \d+\s+ghp_…/);
  assert.equal(await clones.getByRole('link').getAttribute('href'), '/job-detail.html?username=alice&jobName=clones');
  const json = found(page).filter({ hasText: 'as-json' });
  assert.match(await json.innerText(), /A value under “secrets” that OpenPAI has not hidden\s+secrets\.api/);
  assert.doesNotMatch(text, /of-bob|clean/);
  const html = await page.locator('pai-plugin').evaluate((plugin) => plugin.shadowRoot.innerHTML);
  for (const secret of [TOKEN, KEY, HIDDEN]) assert.ok(!html.includes(secret.slice(0, 5)), 'four characters at most');

  assert.deepEqual(asked.map((request) => request.url()).filter((url) => url.startsWith(world.api)), [], 'the marketplace learns nothing');
  const after = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  assert.equal(after, before);
  for (const width of [1440, 768, 390, 320]) {
    await page.setViewportSize({ width, height: 800 });
    assert.deepEqual(await layout(page), [], `${width} px`);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await axe(page, 'pai-plugin', ['minor', 'moderate', 'serious', 'critical']);
  await shoot(page, 'check-jobs-found');
});

test('the same in Chinese', async () => {
  const text = catalogue('zh-CN');
  const { page } = await open('alice', { locale: 'zh-CN' });
  await button(page, text.jobs.check).click();
  await button(page, text.jobs.again).waitFor();
  await page.locator('.leaking > li').nth(1).waitFor();
  assert.deepEqual(await untranslated(page, wordings(catalogue('en'), text)), []);
  await shoot(page, 'zh-check-jobs-found');
});

test('two are asked at once, and leaving the page ends it', async () => {
  const { page, paths } = await open('carol');
  const held = [];
  await page.route('**/api/v2/jobs/**/config', (route) => held.push(route));
  await button(page, 'Check my newest jobs').click();
  await until(() => held.length === 2);
  await page.getByRole('progressbar', { name: 'Jobs that are checked' }).waitFor();
  await held.shift().continue();
  await until(() => held.length === 2);
  const gone = [];
  page.on('requestfailed', (request) => gone.push(request.url()));
  await page.getByRole('link', { name: 'Browse' }).click();
  await page.getByRole('article').nth(11).waitFor();
  await until(() => gone.filter((url) => url.endsWith('/config')).length === 2);
  await Promise.all(held.map((route) => route.continue().catch(() => {})));
  await page.waitForLoadState('networkidle');
  assert.equal(paths().filter((path) => path.endsWith('/config')).length, 3);
});

test('it can be stopped and goes on where it was, and for more than the newest', async () => {
  await world.control('limits', { submissionsPerHour: 1000, requestsPerMinute: 1_000_000 });
  for (let number = 0; number < 50; number++) await submit('bob', `job-${number}`, ['echo hello']);
  const { page, paths } = await open('bob');
  let release;
  const stopped = new Promise((resolve) => (release = resolve));
  let calls = 0;
  await page.route('**/api/v2/jobs/**/config', async (route) => {
    calls += 1;
    if (calls > 20) await stopped;
    await route.continue().catch(() => {});
  });
  await button(page, 'Check my newest jobs').click();
  await until(() => calls === 22);
  assert.match(await status(page).textContent(), /^20 jobs are checked\./);
  const focused = () => page.evaluate(() => document.querySelector('pai-plugin').shadowRoot.activeElement?.textContent);
  await button(page, 'Stop').click();
  await button(page, 'Go on').waitFor();
  assert.equal(await focused(), 'Go on', 'the focus stays on the button');
  release();
  await button(page, 'Go on').click();
  await button(page, 'Check 10 more').waitFor();
  await status(page).getByText('50 jobs are checked.').waitFor();
  await button(page, 'Check 10 more').click();
  await button(page, 'Check again').waitFor();
  await status(page).getByText('60 jobs are checked. 1 of them shows a secret.').waitFor();
  const lists = paths().filter((path) => path.startsWith('/jobs?'));
  assert.deepEqual(lists.map((path) => /offset=(\d+)/.exec(path)[1]), ['0', '50']);
  assert.equal(new Set(paths().filter((path) => path.endsWith('/config'))).size, 60);
});

test('an OpenPAI that takes no more requests is waited for', async () => {
  const { page, paths } = await open('carol');
  world.tolerate(page, /429/);
  await page.clock.install();
  await world.control('faults', { path: '/api/v2/jobs/', status: 429 });
  await button(page, 'Check my newest jobs').click();
  await status(page).getByText('OpenPAI takes no more requests from you for now. This goes on by itself in 20 seconds.').waitFor();
  await axe(page);
  await shoot(page, 'check-jobs-pauses');
  const asked = paths().length;
  await page.clock.runFor(10_000);
  assert.equal(paths().length, asked);
  await world.control('faults');
  await page.clock.runFor(10_000);
  await button(page, 'Check again').waitFor();
  assert.match(await status(page).textContent(), /^\d jobs are checked\. No secret was found\./);
});

test('who has no jobs, and an OpenPAI that fails, are told', async () => {
  const { page } = await open('admin');
  world.tolerate(page, /500|401/);
  await page.route('**/api/v2/jobs?*', (route) => route.fulfill({ json: { totalCount: 0, data: [] }, headers: { 'access-control-allow-origin': '*' } }));
  await button(page, 'Check my newest jobs').click();
  await status(page).getByText('OpenPAI knows no job of yours').waitFor();
  await shoot(page, 'check-jobs-none');
  await page.unroute('**/api/v2/jobs?*');

  await world.control('faults', { path: '/api/v2/jobs', status: 500 });
  await button(page, 'Check again').click();
  await page.getByRole('alert').getByText('That did not work').waitFor();
  await axe(page);
  await world.control('faults');
  await page.getByRole('alert').getByRole('button', { name: 'Retry' }).click();
  await status(page).getByText('4 jobs are checked.').waitFor();

  await world.control('faults', { path: '/api/v2/jobs', status: 401 });
  await button(page, 'Check again').click();
  await page.getByRole('alert').getByRole('link', { name: 'Sign in' }).waitFor();
  await world.control('faults');
});

test('it is reached from one’s things and from a finding in the editor', async () => {
  const page = await world.page({ user: 'alice' });
  await world.openMarketplace(page, '#/drafts');
  await page.getByRole('navigation', { name: 'My things' }).getByRole('link', { name: 'Check my jobs' }).click();
  await page.getByRole('heading', { level: 2, name: 'Check my jobs' }).waitFor();
  await world.openMarketplace(page, '#/create_item');
  await page.getByRole('textbox', { name: 'Protocol text' }).fill(protocol('leaks').replace('echo hello', `echo ${TOKEN}`));
  const link = page.locator('.hint', { hasText: 'Jobs that ran with a secret in them' }).getByRole('link', { name: 'Check my jobs' });
  await link.waitFor();
  assert.equal(await link.getAttribute('href'), '#/check_jobs');
});

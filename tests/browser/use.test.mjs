// From a template to a job, without the portal's submit page and by way of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { axe, shoot, useWorld } from './harness.mjs';

const world = useWorld();
const plain = useWorld({ scheduler: 'default' });

const SECRET = 'open sesame & <co>';

const protocol = `protocolVersion: 2
name: train
type: job
prerequisites:
  - {name: image, type: dockerimage, uri: "registry.example/train:1", auth: {username: me, password: "<% $secrets.registry %>", registryuri: registry.example}}
parameters:
  epochs: 3
  amp: true
  layers: [64, 32]
  label: first
secrets:
  token: ""
  seed: of the template
taskRoles:
  worker:
    instances: 2
    dockerImage: image
    resourcePerInstance: {cpu: 4, memoryMB: 8192, gpu: 1}
    commands:
      - train --epochs <% $parameters.epochs %> --label "<% $parameters.label %>" --token <% $secrets.token %>
defaults: {virtualCluster: vision}
`;

async function share(world, name, text = protocol) {
  const body = { name, author: 'alice', protocol: text, isPublic: true };
  const { id } = await world.call('alice', 'POST', '/items', body);
  return id;
}

async function open(world, id, user = 'alice') {
  const page = await world.page({ user });
  await world.openMarketplace(page, `#/use?itemId=${id}`);
  await page.getByLabel('Virtual cluster').waitFor();
  return page;
}

async function fillSecrets(page) {
  await page.getByLabel('registry').fill(SECRET);
  await page.getByLabel('token').fill(SECRET);
}

/** What OpenPAI answers to alice. */
async function openpai(world, path) {
  const headers = { authorization: `Bearer ${await world.token('alice')}` };
  const answer = await fetch(`${world.portal}/api/v2/${path}`, { headers });
  assert.equal(answer.status, 200, path);
  return answer;
}

const uses = async (world, id) => (await world.call('alice', 'GET', `/items/${id}`)).useNumber;

test('alice submits a job from a template, and sees what becomes of it', async () => {
  const id = await share(world, 'Train a model');
  const page = await open(world, id);
  await page.getByText('2 GPU, 8 CPU and 16 GiB of memory in all').waitFor();
  await page.getByText('registry, seed and token').waitFor();
  await page.getByText('Your virtual clusters').waitFor({ state: 'detached' });
  assert.deepEqual(await page.getByLabel('Virtual cluster').locator('option').allTextContents(), ['default', 'vision']);
  assert.equal(await page.getByLabel('Virtual cluster').inputValue(), 'vision');
  await page.getByLabel('SKU of “worker”').selectOption('V100');
  await page.getByLabel('epochs').fill('9');
  await page.getByLabel('amp').selectOption('false');
  await page.getByLabel('layers').fill('[128]');
  await page.getByText('What will really run').click();
  await page.getByText('train --epochs 9 --label "first" --token <% $secrets.token %>').waitFor();
  await page.getByText('The submit page would lose: the secrets, the credentials for a private registry, the virtual cluster').waitFor();
  assert.equal(await page.getByLabel('token').getAttribute('type'), 'password');
  await fillSecrets(page);
  await axe(page);
  await shoot(page, 'use');
  assert.equal(await uses(world, id), 0);

  const name = await page.getByLabel('Job name').inputValue();
  assert.match(name, /^Train-a-model_[0-9a-f]{6}$/);
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await page.getByText('The job waits for the cluster to have room.').waitFor();
  assert.equal(await uses(world, id), 1);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  assert.ok(!kept.includes('sesame'));

  const config = await (await openpai(world, `jobs/alice~${name}/config`)).text();
  assert.ok(!config.includes('sesame') && !config.includes('of the template'), config);
  for (const part of ['secrets: "******"', 'virtualCluster: vision', 'skuType: V100', 'submitFrom: marketplace', 'epochs: 9', 'amp: false', '- 128']) {
    assert.ok(config.includes(part), `${part}: ${config}`);
  }

  const job = `jobs/alice~${name}`;
  await world.control(job, { warning: { reason: 'FailedScheduling', message: '0/10 nodes are available' } });
  await page.getByText('FailedScheduling: 0/10 nodes are available').waitFor();
  await axe(page);
  await shoot(page, 'use-waiting');
  await world.control(job, { state: 'RUNNING' });
  await page.getByText('The job is running.').waitFor();
  assert.equal(await page.getByText('FailedScheduling').count(), 0);
  await world.control(job, { state: 'FAILED', exitCode: 254 });
  await page.getByText('The job failed with exit code 254.').waitFor();
  await page.getByText('The docker image could not be pulled.').waitFor();
  await shoot(page, 'use-failed');
  await page.getByRole('link', { name: 'Open the job’s page' }).or(page.getByRole('link', { name: "Open the job's page" })).click();
  await page.waitForURL(/job-detail\.html\?username=alice/);
  await page.getByRole('link', { name: 'Clone' }).waitFor();
});

test('what is wrong is said where it is to be mended, and a use is counted once', async () => {
  const id = await share(world, 'Refused');
  const page = await open(world, id);
  world.tolerate(page, /Failed to load resource.*(400|403|409|429)/);
  const submit = page.getByRole('button', { name: 'Submit', exact: true });
  const focused = (label) => page.waitForFunction((label) => {
    const root = document.querySelector('pai-plugin').shadowRoot;
    return root.activeElement?.labels?.[0]?.textContent === label;
  }, label);

  await page.getByLabel('epochs').fill('many');
  await page.getByLabel('Job name').fill('a b');
  await submit.click();
  await page.getByText("A job's name has 1 to 255").waitFor();
  await focused('Job name');
  await page.getByText('What is wanted: A whole number.').waitFor();
  assert.equal(await page.getByText('so it needs a value').count(), 2);
  await axe(page);
  await shoot(page, 'use-wrong');

  await page.getByLabel('epochs').fill('1');
  await fillSecrets(page);
  await page.getByLabel('Job name').fill('notebook_explore');
  await submit.click();
  await page.getByText('You have a job “notebook_explore” already.').waitFor();
  await focused('Job name');
  await page.getByLabel('Job name').fill('of_my_own');

  await world.control('faults', { path: '/api/v2/jobs', status: 403 });
  await submit.click();
  await page.getByText('You may not submit jobs to “vision”.').waitFor();
  await focused('Virtual cluster');
  await world.control('faults');

  await world.control('limits', { submissionsPerHour: 0 });
  await submit.click();
  await page.getByRole('alert').getByText('too many in a short time').waitFor();
  await world.control('limits', {});

  await world.control('faults', { path: '/api/v2/jobs', status: 401 });
  world.tolerate(page, /401/);
  await submit.click();
  await page.getByRole('dialog').getByText('Your sign-in has ended').waitFor();
  await page.getByRole('button', { name: 'Not now' }).click();
  await world.control('faults');

  assert.equal(await page.getByLabel('token').inputValue(), SECRET, 'what was typed stays');
  await submit.click();
  await page.getByText('“of_my_own” is submitted').waitFor();
  assert.equal(await uses(world, id), 1);
});

test('what was filled in outlives signing in again, but for secrets', async () => {
  const id = await share(world, 'Expires');
  const page = await open(world, id);
  const restored = page.getByText('Restored: this is what you had filled in here before. Secrets have to be typed again.');
  await page.getByLabel('SKU of “worker”').selectOption('V100');
  await page.getByLabel('epochs').fill('9');
  await page.getByLabel('Job name').fill('outlives');
  await fillSecrets(page);
  world.tolerate(page, /Failed to load resource.*401/);
  await page.route(`${world.api}/items/*/use*`, (route) =>
    route.fulfill({ status: 401, headers: { 'access-control-allow-origin': '*' }, body: 'The token has expired.' }),
  );
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await page.getByRole('dialog').getByText('what you have filled in is kept, except for secrets').waitFor();
  await page.unroute(`${world.api}/items/*/use*`);
  await page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/login\.html/);
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  assert.ok(kept.includes('outlives') && !kept.includes('sesame'), kept);
  await page.fill('input[name=username]', 'alice');
  await page.fill('input[name=password]', 'alice');
  await page.press('input[name=password]', 'Enter');
  await restored.waitFor();
  await shoot(page, 'use-restored');
  await page.getByLabel('SKU of “worker”').waitFor();
  assert.equal(await page.getByLabel('SKU of “worker”').inputValue(), 'V100');
  assert.equal(await page.getByLabel('epochs').inputValue(), '9');
  assert.equal(await page.getByLabel('label').inputValue(), 'first');
  assert.equal(await page.getByLabel('Job name').inputValue(), 'outlives');
  assert.equal(await page.getByLabel('token').inputValue(), '');
  await fillSecrets(page);
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await page.getByText('“outlives” is submitted').waitFor();
  await page.reload();
  await page.getByLabel('epochs').waitFor();
  assert.equal(await page.getByLabel('epochs').inputValue(), '3', 'the next job is another one');
  assert.equal(await restored.count(), 0);
});

test('a version that nobody has looked at is not submitted', async () => {
  const id = await share(world, 'Moves on');
  const page = await open(world, id);
  world.tolerate(page, /Failed to load resource.*412/);
  await page.getByLabel('epochs').fill('9');
  await fillSecrets(page);
  await world.call('alice', 'PUT', `/items/${id}`, { protocol: protocol.replace('train --epochs', 'train --fast --epochs') });
  const notice = page.getByRole('alert').filter({ hasText: 'The item has changed' });
  await page.getByRole('button', { name: 'Open the submit page' }).click();
  await notice.waitFor();
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await notice.getByText('nothing was submitted').waitFor();
  await axe(page);
  await shoot(page, 'use-outdated');
  assert.equal(await uses(world, id), 0);
  await notice.getByRole('button', { name: 'Load the new one' }).click();
  await page.getByText('What will really run').click();
  await page.getByText('train --fast --epochs 9').waitFor();
  assert.equal(await page.getByLabel('token').inputValue(), '');
  await fillSecrets(page);
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await page.getByText('The job waits for the cluster to have room.').waitFor();
  assert.equal(await uses(world, id), 1);
});

test('hived’s refusal stands at the SKU', async () => {
  const id = await share(world, 'Too much', protocol.replace('instances: 2', 'instances: 9'));
  const page = await open(world, id);
  world.tolerate(page, /Failed to load resource.*400/);
  await fillSecrets(page);
  await page.getByLabel('SKU of “worker”').waitFor();
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await page.getByText(/OpenPAI does not take this: .*9 SKUs/).waitFor();
  await page.getByLabel('Virtual cluster').selectOption('default');
  await page.getByLabel('SKU of “worker”').locator('option', { hasText: 'V100' }).waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await page.getByText('The job waits for the cluster to have room.').waitFor();
});

test('what OpenPAI says late moves no button away', async () => {
  const id = await share(world, 'Still');
  const page = await world.page({ user: 'alice' });
  let held;
  let letGo;
  const hold = () => (held = new Promise((resolve) => (letGo = resolve)));
  hold();
  await page.route(/\/sku-types/, async (route) => {
    await held;
    await route.continue();
  });
  await world.openMarketplace(page, `#/use?itemId=${id}`);
  await page.getByLabel('Virtual cluster').waitFor();
  const submit = page.getByRole('button', { name: 'Submit', exact: true });
  assert.equal(await submit.isVisible(), false, 'it would move');
  letGo();
  await submit.waitFor();
  // It has a line of its own, of as many rows as it takes.
  await page.locator('.fit[aria-live] summary').waitFor();
  const place = () => submit.evaluate((button) => Math.round(button.getBoundingClientRect().top + scrollY));
  const before = await place();
  hold();
  const asked = page.waitForRequest(/\/sku-types\?vc=default/);
  const first = page.waitForRequest(/\/sku-types$/);
  await page.getByLabel('Virtual cluster').selectOption('default');
  await first;
  assert.equal(await place(), before, 'while it is asked');
  letGo();
  const answer = (await asked).response();
  await (await answer).finished();
  await page.getByLabel('SKU of “worker”').waitFor();
  assert.equal(await place(), before, 'when it has answered');
});

test('the submit page takes what it can take', async () => {
  const id = await share(world, 'Handed over');
  const page = await open(world, id);
  await page.getByLabel('label').fill('second');
  await fillSecrets(page);
  // As a browser does with a page that it keeps for whoever comes back.
  await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true })));
  assert.equal(await page.getByLabel('token').inputValue(), '', 'secrets are not kept');
  await page.getByRole('button', { name: 'Open the submit page' }).click();
  await page.waitForURL(`${world.portal}/submit.html`);
  const job = JSON.parse(await page.locator('#protocol', { hasText: '{' }).textContent());
  assert.equal(job.parameters.label, 'second');
  assert.equal(job.parameters.epochs, 3);
  assert.ok(!JSON.stringify(job).includes('sesame'));
  assert.equal(await uses(world, id), 1);
});

test('nobody asks about a job whose page is left', async () => {
  const id = await share(world, 'Left alone');
  const page = await world.page({ user: 'alice' });
  await page.clock.install();
  await world.openMarketplace(page, `#/use?itemId=${id}`);
  await page.getByLabel('Virtual cluster').waitFor();
  await fillSecrets(page);
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await page.getByText('The job waits for the cluster to have room.').waitFor();
  const asked = page.waitForRequest(/\/api\/v2\/jobs\/alice~Left-alone/);
  await page.clock.fastForward(3_000);
  await asked;
  await page.getByRole('link', { name: 'Browse' }).click();
  await page.getByRole('article').first().waitFor();
  let calls = 0;
  page.on('request', (request) => {
    if (request.url().includes('/api/v2/jobs/')) calls += 1;
  });
  await page.clock.fastForward(120_000);
  await page.getByRole('searchbox').fill('pytorch');
  await page.clock.fastForward(1_000);
  await page.waitForFunction(() => location.hash.includes('pytorch'));
  assert.equal(calls, 0);
});

test('the default scheduler has no SKUs to choose from', async () => {
  const id = await share(plain, 'Plain');
  const page = await open(plain, id, 'bob');
  assert.deepEqual(await page.getByLabel('Virtual cluster').locator('option').allTextContents(), ['default']);
  assert.equal(await page.getByLabel(/^SKU of/).count(), 0);
  await fillSecrets(page);

  // There is no control to mend it at, so it is said above the button.
  plain.tolerate(page, /Failed to load resource.*400/);
  const message = 'Task role worker asks for a cell that there is not.';
  await page.route('**/api/v2/jobs', (route) =>
    route.fulfill({ status: 400, contentType: 'application/json', body: JSON.stringify({ code: 'InvalidProtocolError', message }) }),
  );
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await page.getByRole('alert').getByText(message).waitFor();
  await page.unroute('**/api/v2/jobs');

  // OpenPAI before 1.3 has no events.
  plain.tolerate(page, /Failed to load resource.*404/);
  await page.route(/\/events\?/, (route) => route.fulfill({ status: 404, contentType: 'application/json', body: '{}' }));
  await page.getByRole('button', { name: 'Submit', exact: true }).click();
  await page.getByText('The job waits for the cluster to have room.').waitFor();
});

test('OpenPAI away, and a protocol that is none', async () => {
  const id = await share(world, 'Away');
  const page = await world.page({ user: 'alice' });
  world.tolerate(page, /Failed to load resource.*(500|404)/);
  // In the browser alone: the API asks OpenPAI who alice is.
  const users = `${world.portal}/api/v2/users/alice`;
  await page.route(users, (route) => route.fulfill({ status: 500, json: { code: 'UnknownError', message: 'No.' } }));
  await world.openMarketplace(page, `#/use?itemId=${id}`);
  await page.getByText('Your virtual clusters could not be found out.').waitFor();
  await axe(page);
  await shoot(page, 'use-away');
  await page.unroute(users);
  const notice = page.getByRole('alert').filter({ hasText: 'Your virtual clusters' });
  await notice.getByRole('button', { name: 'Retry' }).click();
  await page.getByLabel('Virtual cluster').waitFor();

  await world.openMarketplace(page, '#/use?itemId=nothing');
  await page.getByRole('heading', { name: 'No such item' }).waitFor();
});

test('data is downloaded from where it lies', async () => {
  const dataUrl = `${world.portal}/static/favicon.svg`;
  const body = { name: 'Some data', author: 'alice', protocol, isPublic: true, type: 'data', dataUrl };
  const { id } = await world.call('alice', 'POST', '/items', body);
  const page = await open(world, id);
  const link = page.getByRole('link', { name: 'Download the data' });
  await shoot(page, 'use-data');
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  assert.equal(download.suggestedFilename(), 'favicon.svg');
});

test('in Chinese', async () => {
  const id = await share(world, 'Chinese');
  const page = await world.page({ user: 'alice', locale: 'zh-CN' });
  await world.openMarketplace(page, `#/use?itemId=${id}`);
  await page.getByLabel('虚拟集群').waitFor();
  await page.getByText('共需 2 个 GPU').waitFor();
  await shoot(page, 'use-zh');
});

// What the portal's submit page makes of a template: it loses what the real one loses.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { useWorld } from './harness.mjs';

const world = useWorld({ marketplace: false });

const template = {
  protocolVersion: 2,
  name: 'lossy',
  type: 'job',
  version: '1.0',
  description: 'kept',
  secrets: { key: 'of a sesame' },
  prerequisites: [
    { name: 'image', type: 'dockerimage', uri: 'ubuntu', auth: { username: 'u', password: '<% $secrets.key %>' } },
  ],
  taskRoles: {
    main: { dockerImage: 'image', resourcePerInstance: { cpu: 1, memoryMB: 1024, gpu: 1 }, commands: ['echo'] },
  },
  defaults: { virtualCluster: 'vision' },
  extras: {
    submitFrom: 'marketplace',
    marketplace: { item: 'x' },
    hivedScheduler: { jobPriorityClass: 'prod', taskRoles: { main: { skuType: 'V100', skuNum: 1 } } },
  },
};

/** What the submit page shows of a template. */
async function shown(page, template) {
  await page.evaluate((text) => localStorage.setItem('marketItem', text), JSON.stringify(template));
  await page.goto(`${world.portal}/submit.html`);
  await page.locator('#job').waitFor();
  return JSON.parse(await page.locator('#protocol', { hasText: '{' }).textContent());
}

test('the submit page keeps only what it understands', async () => {
  const page = await world.page({ user: 'alice' });
  const { name, ...job } = await shown(page, template);
  assert.match(name, /^lossy_[0-9a-f]{8}$/);
  const { secrets, version, name: _, ...rest } = structuredClone(template);
  delete rest.prerequisites[0].auth;
  delete rest.extras.submitFrom;
  delete rest.extras.hivedScheduler.taskRoles.main.skuType;
  rest.defaults.virtualCluster = 'default';
  assert.deepEqual(job, rest);
  assert.equal(await page.evaluate(() => localStorage.getItem('marketItem')), null);

  // A name of its own making is made anew, not longer.
  const again = await shown(page, { ...template, name });
  assert.match(again.name, /^lossy_[0-9a-f]{8}$/);
  const stranger = await shown(page, { ...template, name: 'lossy_0123abcd' });
  assert.match(stranger.name, /^lossy_0123abcd_[0-9a-f]{8}$/);
});

test('a submitted job has a page of its own, and Clone knows its plugin', async () => {
  const page = await world.page({ user: 'alice' });
  await shown(page, template);
  await page.getByRole('button', { name: 'Submit' }).click();
  await page.waitForURL(/job-detail\.html/);
  await page.getByText('WAITING').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Clone' }).count(), 0);

  const answer = await fetch(`${world.portal}/api/v2/jobs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await world.token('alice')}`, 'content-type': 'text/yaml' },
    body: JSON.stringify({ ...template, name: 'direct' }),
  });
  assert.equal(answer.status, 202);
  await page.goto(`${world.portal}/job-detail.html?username=alice&jobName=direct`);
  const clone = page.getByRole('link', { name: 'Clone' });
  await clone.waitFor();
  assert.equal(
    await clone.getAttribute('href'),
    '/plugin.html?op=resubmit&type=job&user=alice&jobname=direct&index=0',
  );
});

// Jobs that are made of items, run and come to their ends.

import assert from 'node:assert/strict';

import { until } from './checks.mjs';

let number = 0;

/** Uses an item as `user`, as a program would, and submits the job; brings its name. */
export async function submit(world, user, id) {
  number += 1;
  const job = { ...(await world.call(user, 'POST', `/items/${id}/use`)), name: `run_${number}` };
  const answer = await fetch(`${world.portal}/api/v2/jobs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await world.token(user)}`, 'content-type': 'text/yaml' },
    body: JSON.stringify(job),
  });
  assert.equal(answer.status, 202, await answer.text());
  return job.name;
}

/** Lets a job run and come to its end. */
export async function end(world, user, job, state, exitCode) {
  const path = `jobs/${user}~${job}`;
  await world.control(path, { state: 'RUNNING' });
  await world.control(path, { state, ...(exitCode !== undefined && { exitCode }) });
}

/**
 * Has items run by users, each as often as there are ends, and waits until the marketplace
 * knows: `{[id]: {alice: ['SUCCEEDED', 254]}}`, where a number is the exit code of a failure. The
 * marketplace looks at five jobs of a user when they come by, once a minute at most: more than
 * that is not for one call, nor a second call for the same users.
 */
export async function run(world, items) {
  const users = new Set();
  for (const [id, ends] of Object.entries(items)) {
    for (const [user, all] of Object.entries(ends)) {
      users.add(user);
      for (const one of all) {
        const job = await submit(world, user, id);
        await (typeof one === 'number' ? end(world, user, job, 'FAILED', one) : end(world, user, job, one));
      }
    }
  }
  for (const [id, ends] of Object.entries(items)) await known(world, users, id, Object.values(ends).flat().length);
}

/** Waits, while these users come by, until the marketplace knows the ends of so many runs. */
export async function known(world, users, id, number) {
  await until(async () => {
    // One look at a time: whoever comes by during another one's is an occasion later.
    for (const user of users) await world.call(user, 'GET', '/me');
    const { figures } = await world.call('admin', 'GET', `/items/${id}/evidence`);
    return figures && Object.values(figures.notCounted).reduce((sum, one) => sum + one, figures.runs) === number;
  });
}

/** Keeps a page from letting the marketplace look after its user's jobs. */
export async function unnoticed(world, page, username) {
  await page.route(`${world.api}/me`, (route) => {
    if (route.request().method() === 'OPTIONS') return route.continue();
    return route.fulfill({
      json: { username, admin: false, groups: [] },
      headers: { 'access-control-allow-origin': '*' },
    });
  });
}

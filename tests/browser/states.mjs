// The pages of the plugin in their states, in any language: where the tests of widths,
// colours and languages look.

import { readFileSync, readdirSync } from 'node:fs';

import { arrived } from './harness/form.mjs';
import { run } from './harness/runs.mjs';
import { protocol } from './protocols.mjs';

const MESSAGES = new URL('../../plugin/messages/', import.meta.url);

/** The catalogue of a language, by room and key. */
export function catalogue(language) {
  const folder = new URL(`${language}/`, MESSAGES);
  const rooms = readdirSync(folder).map((file) => [
    file.replace('.json', ''),
    JSON.parse(readFileSync(new URL(file, folder), 'utf8')),
  ]);
  return Object.fromEntries(rooms);
}

const LONG = `# What it does

Trains a classifier on pictures of cells. See [the notes](#notes) and https://example.org/paper.

> [!TIP]
> Change \`epochs\` first.

| Parameter | Meaning |
|---|---|
| epochs | rounds over the data, of which one takes about forty minutes on a V100 |
| rate | how fast it learns |

- [x] tested on one node
- [ ] tested on several

## How to use it

\`\`\`sh
python3 train.py --epochs 3 --output /mnt/data/a/very/long/path/that/does/not/fit/on/a/phone/at/all/checkpoint.pt
\`\`\`

## Notes

It needs a GPU.[^1]

[^1]: Any of the cluster's.
`;

const TRAIN = `protocolVersion: 2
name: train-cells
type: job
prerequisites:
  - {name: image, type: dockerimage, uri: "registry.example/train:1", auth: {username: me, password: "<% $secrets.registry %>", registryuri: registry.example}}
  - {name: cells, type: data, uri: ["https://example.org/a/very/long/address/of/data/that/does/not/fit/on/a/phone.tar.gz"]}
parameters: {epochs: 3, amp: true, layers: [64, 32], label: first}
secrets: {token: ""}
taskRoles:
  worker:
    instances: 2
    dockerImage: image
    data: cells
    resourcePerInstance: {cpu: 4, memoryMB: 8192, gpu: 1}
    commands:
${Array.from({ length: 12 }, (_, index) => `      - train --step ${index} --epochs <% $parameters.epochs %> --token <% $secrets.token %>`).join('\n')}
defaults: {virtualCluster: vision}
`;

/** Submits a job of alice's that shows a token, which is put together here lest it looks like a leak. */
async function leak(world) {
  const token = `ghp_${'q7ZtR2mX9vLp4KsD8wNf3bHc6JyTgA1uEe5V'}`;
  const answer = await fetch(`${world.portal}/api/v2/jobs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await world.token('alice')}`, 'content-type': 'text/yaml' },
    body: protocol('a-job-of-somebody-who-likes-long-names-and-short-cuts').replace('echo hello', `git clone https://me:${token}@github.com/me/private`),
  });
  if (answer.status !== 202) throw new Error(await answer.text());
}

/** What the states show; call it once. */
export async function furnish(world) {
  const make = async (user, name, more = {}) =>
    (await world.call(user, 'POST', '/items', { name, author: user, protocol: protocol('greets'), ...more })).id;
  await world.call('admin', 'POST', '/categories', { name: 'speech' });
  const about = {
    summary: 'Finds cells in microscope pictures, and says how sure it is of each of them',
    tags: ['microscopy', 'image classification'],
    categories: ['speech'],
    protocol: TRAIN,
  };
  const ids = {
    own: await make('alice', 'train-cells', { ...about, description: LONG }),
    bare: await make('alice', 'greets', { isPrivate: true }),
    group: await make('alice', 'the-unbroken-name-of-somebody-who-likes-names-without-any-spaces-in-them-at-all', {
      groupList: ['vision'],
      isPublic: false,
    }),
    rejected: await make('alice', 'train-cells', about),
    waits: await make('alice', 'train-cells', about),
    data: await make('alice', 'greets', { type: 'data', dataUrl: 'https://example.org/cells.tar.gz' }),
    theirs: await make('bob', 'greets', { isPrivate: true }),
  };
  ids.edited = await make('alice', 'train-cells', { ...about, isPrivate: true, description: LONG });
  ids.changed = await make('alice', 'train-cells', { ...about, isPrivate: true, description: LONG });
  await leak(world);
  // One with a history, of which a copy differs and another one is in conflict.
  ids.versions = await make('alice', 'train-cells', { ...about, isPrivate: true });
  ids.copy = await make('alice', 'train-cells', { ...about, isPrivate: true, copiedFrom: { id: ids.versions } });
  ids.torn = await make('alice', 'train-cells', { ...about, isPrivate: true, copiedFrom: { id: ids.versions } });
  const change = (id, from, to) =>
    world.call('alice', 'PUT', `/items/${id}`, { protocol: TRAIN.replace(from, to), versionNote: 'It runs on more of them now.' });
  await change(ids.copy, 'memoryMB: 8192', 'memoryMB: 16384');
  await change(ids.torn, 'gpu: 1', 'gpu: 2');
  await change(ids.versions, 'gpu: 1', 'gpu: 4');
  // One that has run, with an answer of its author's to one of its exit codes.
  ids.ran = await make('alice', 'greets', { isPublic: true });
  await run(world, { [ids.ran]: { admin: ['SUCCEEDED', -1200, 137], carol: ['SUCCEEDED', 254] } });
  await world.call('alice', 'PUT', `/items/${ids.ran}/evidence/exit-codes/254`, {
    answer: 'The image is in another registry since May: take the address from the description, or ask me for access to it.',
  });
  // Some that should not be used any more, which their author has used.
  ids.ended = await make('alice', 'train-cells', { ...about, isPrivate: true });
  ids.harm = await make('alice', 'train-cells', { ...about, isPrivate: true });
  for (const id of [ids.ended, ids.harm]) await world.call('alice', 'POST', `/items/${id}/use`);
  const reason = 'It loses every tenth picture, and nobody has found out why yet.';
  await world.call('alice', 'PUT', `/items/${ids.ended}`, { deprecation: { reason, successor: { id: ids.own } } });
  await world.call('alice', 'PUT', `/items/${ids.ended}/versions/1/withdrawal`, { reason });
  await world.call('admin', 'POST', `/items/${ids.harm}/quarantine`, { reason });
  await world.call('admin', 'POST', `/items/${ids.rejected}/reject`, { reason: 'Say what the job needs.' });
  await world.call('admin', 'PUT', `/items/${ids.waits}`, { status: 'pending' });
  await world.call('admin', 'POST', '/storages/blobs', {
    storageAccount: 'acct', containerName: 'pictures', connectionStrings: ['AccountName=acct;AccountKey=aHVzaA=='],
  });
  return ids;
}

/**
 * The states that `user` can be in: alice in those of the list and of items, or in those of
 * the `form`, admin in those of what admins do. Each has a name and a function that leads
 * there. It takes the page, and the texts of its language.
 */
export function statesOf(world, ids, user, part = 'pages') {
  const states = [];
  const state = (name, go, more = {}) => states.push({ name, go, ...more });
  const settled = (page) =>
    page.waitForFunction(() => {
      const { shadowRoot } = document.querySelector('pai-plugin');
      const isThere = shadowRoot.querySelector('h1, .state, .reader, form');
      return isThere && !shadowRoot.querySelector('.skeleton, .outline, [aria-busy=true]');
    });
  const at = async (page, hash) => {
    await world.openMarketplace(page, hash);
    await page.waitForFunction((hash) => location.hash === hash, hash);
    await settled(page);
  };
  const listed = async (page, hash, text) => {
    await at(page, hash);
    await page.getByRole('button', { name: text.list.select, exact: true }).waitFor();
    await page.getByRole('checkbox').first().waitFor({ state: 'attached' });
    await page.waitForFunction(() => {
      const { shadowRoot } = document.querySelector('pai-plugin');
      const cards = shadowRoot.querySelectorAll('article');
      return [...cards].every((card) => card.querySelector('.corner button')) && !shadowRoot.querySelector('[aria-busy=true]');
    });
  };
  const button = (page, name) => page.getByRole('button', { name, exact: true });
  const press = (page, name) => button(page, name).first().click();
  const dialog = (page) => page.locator('dialog[open]');
  const detail = async (page, id, tab = '') => {
    await at(page, `#/market_detail?itemId=${id}${tab && `&tab=${tab}`}`);
    await page.waitForFunction(() => {
      const panel = document.querySelector('pai-plugin').shadowRoot.querySelector('[role=tabpanel]');
      return panel?.innerText.trim() && !panel.querySelector('[role=status]');
    });
  };

  if (part === 'form') {
    formStates({ world, ids, state, at, press, button, dialog });
    return states;
  }

  if (user === 'alice') {
    state('list', (page, text) => listed(page, '#/', text));
    state('list-filtered', (page, text) => listed(page, '#/?keyword=cells&type=template&tag=microscopy', text));
    state('list-nothing', async (page, text) => {
      await at(page, '#/?keyword=no+such+thing&type=data');
      await page.getByText(text.list.no_match_title).waitFor();
    });
    state('list-filters', async (page, text) => {
      await listed(page, '#/?type=template', text);
      const open = page.locator('.button.narrow');
      await open.evaluate((button) => button.click());
      await page.waitForFunction(() => document.querySelector('pai-plugin').shadowRoot.querySelector('.facets.open'));
    });
    state('list-selecting', async (page, text) => {
      await listed(page, '#/?author=alice', text);
      await press(page, text.list.select);
      await page.locator('article input[type=checkbox]').first().check();
      await page.locator('.several').waitFor();
      await press(page, text.list.several_tag);
      await page.locator('.several form').waitFor();
    });
    state('mine-none-starred', async (page, text) => {
      await at(page, '#/?starred=true');
      await page.getByText(text.list.none_starred_title).waitFor();
    });
    state('drafts-none', async (page, text) => {
      await at(page, '#/drafts');
      await page.getByText(text.list.no_drafts_title).waitFor();
    });
    state('detail-ended', async (page, text) => {
      await detail(page, ids.ended);
      await page.getByRole('heading', { name: text.detail.withdrawn }).waitFor();
    });
    state('detail-quarantined', async (page, text) => {
      await detail(page, ids.harm);
      await page.getByText(text.detail.quarantined_author).waitFor();
    });
    state('detail-deprecate', async (page, text) => {
      await detail(page, ids.own);
      await press(page, text.detail.deprecate_ask);
      await dialog(page).waitFor();
      await dialog(page).getByRole('button', { name: text.detail.deprecate, exact: true }).click();
      await dialog(page).getByText(text.detail.reason_missing).waitFor();
    });
    state('versions-withdraw', async (page, text) => {
      await at(page, `#/versions?itemId=${ids.versions}`);
      await press(page, text.versions.withdraw_ask);
      await dialog(page).waitFor();
    });
    state('use-ended', async (page, text) => {
      await at(page, `#/use?itemId=${ids.ended}`);
      await page.getByRole('heading', { name: text.detail.deprecated }).waitFor();
    });
    state('news', async (page) => {
      await at(page, '#/news');
      await page.locator('ol.news > li').nth(2).waitFor();
      await page.locator('details.box > summary').click();
    });
    state('versions', async (page) => {
      await at(page, `#/versions?itemId=${ids.versions}`);
      await page.locator('.versions > li').nth(1).waitFor();
      await page.locator('.compare .changes').waitFor();
      await page.locator('.compare summary:not(.line)').click();
      await page.locator('.compare details[open] .source').first().waitFor();
    });
    state('versions-first', async (page) => {
      await at(page, `#/versions?itemId=${ids.versions}&to=1`);
      await page.locator('.compare .source').first().waitFor();
    });
    state('versions-missing', async (page) => {
      world.tolerate(page, /404/);
      await at(page, `#/versions?itemId=${ids.versions}&to=7`);
      await page.locator('.compare [role=alert]').waitFor();
    });
    state('update', async (page) => {
      await at(page, `#/update?itemId=${ids.copy}`);
      await page.locator('.changes').first().waitFor();
    });
    state('update-conflict', async (page, text) => {
      await at(page, `#/update?itemId=${ids.torn}`);
      await page.getByRole('heading', { name: text.versions.conflicts }).waitFor();
      await page.getByRole('row').nth(1).waitFor();
    });
    state('update-none', async (page, text) => {
      await at(page, `#/update?itemId=${ids.own}`);
      await page.getByText(text.versions.no_origin).waitFor();
    });
    state('check-jobs', async (page, text) => {
      await at(page, '#/check_jobs');
      await button(page, text.jobs.check).waitFor();
    });
    state('check-jobs-found', async (page, text) => {
      await press(page, text.jobs.check);
      await button(page, text.jobs.again).waitFor();
      await page.locator('.leaking > li').first().waitFor();
    }, { stays: true });
    state('detail', (page) => detail(page, ids.own));
    state('detail-job', (page) => detail(page, ids.own, 'detail'));
    state('detail-protocol', (page) => detail(page, ids.own, 'protocol'));
    state('detail-runs', async (page, text) => {
      await detail(page, ids.ran, 'runs');
      await button(page, text.runs.answer_remove).waitFor();
    });
    state('detail-runs-answer', async (page, text) => {
      await press(page, text.runs.answer_ask);
      await dialog(page).waitFor();
      await dialog(page).locator('button[type=submit]').click();
      await dialog(page).locator('.complaint:not(:empty)').waitFor();
    }, { stays: true });
    state('detail-runs-too-few', async (page, text) => {
      await detail(page, ids.own, 'runs');
      await page.getByText(text.runs.too_few).waitFor();
    });
    state('detail-bare', (page) => detail(page, ids.group));
    state('detail-rejected', async (page, text) => {
      await detail(page, ids.rejected);
      await page.getByText(text.detail.rejected_author).waitFor();
    });
    state('detail-share', async (page, text) => {
      await detail(page, ids.own);
      await press(page, text.detail.share);
      await dialog(page).waitFor();
    });
    state('detail-missing', async (page, text) => {
      world.tolerate(page, /404/);
      await at(page, '#/market_detail?itemId=nothing');
      await page.getByText(text.detail.no_such_item).first().waitFor();
    });
    state('detail-not-shared', async (page, text) => {
      world.tolerate(page, /403/);
      await at(page, `#/market_detail?itemId=${ids.theirs}`);
      await page.getByText(text.detail.not_shared).first().waitFor();
    });
    state('edit-forbidden', async (page, text) => {
      const [official] = await world.call('alice', 'GET', '/items?official=true&limit=1');
      await at(page, `#/edit_item?itemId=${official.id}`);
      await page.getByText(text.edit.forbidden_title).waitFor();
    });
    state('use', async (page) => {
      await at(page, `#/use?itemId=${ids.own}`);
      await page.locator('input[type=password]').first().waitFor();
      await page.locator('summary').first().click();
      await page.locator('details[open]').waitFor();
    }, { fresh: true });
    state('use-wrong', async (page, text) => {
      await page.locator('input[type=text]').first().fill('a b');
      await press(page, text.use_item.submit);
      await page.locator('[aria-invalid=true]').first().waitFor();
    }, { stays: true });
    state('use-data', async (page, text) => {
      await at(page, `#/use?itemId=${ids.data}`);
      await page.getByText(text.use_item.download, { exact: true }).waitFor();
    }, { fresh: true });
    state('use-waiting', async (page, text) => {
      await at(page, `#/use?itemId=${ids.bare}`);
      await page.locator('select').first().waitFor();
      await press(page, text.use_item.submit);
      await page.getByText(text.use_item.waiting).waitFor();
    }, { fresh: true });
    state('not-allowed', async (page, text) => {
      await at(page, '#/admin');
      await page.getByText(text.admin.admins_only, { exact: true }).waitFor();
    }, { fresh: true });
    state('lost', async (page, text) => {
      await at(page, '#/nowhere');
      await page.getByText(text.app.lost_title).waitFor();
    });
    state('deleting', async (page, text) => {
      const { id } = await world.call('alice', 'POST', '/items', {
        name: 'greets', author: 'alice', protocol: protocol('greets'), isPrivate: true,
      });
      await detail(page, id);
      await press(page, text.detail.delete);
      await page.locator('.toast').waitFor();
      await at(page, `#/market_detail?itemId=${id}`);
      await page.getByText(text.detail.being_deleted, { exact: true }).waitFor();
    });
    state('api-away', async (page, text) => {
      world.tolerate(page, /Failed to load resource/);
      await at(page, '#/drafts');
      await page.route(`${world.api}/**`, (route) => route.abort('connectionrefused'));
      await page.evaluate(() => (location.hash = '#/?keyword=away'));
      await page.getByText(text.banner.unreachable).waitFor();
      await page.getByText(text.common.failed).first().waitFor();
    }, { undo: (page) => page.unroute(`${world.api}/**`) });
    state('signed-out', async (page, text) => {
      world.tolerate(page, /401/);
      await page.route(`${world.api}/**`, (route) => {
        if (route.request().method() === 'OPTIONS') return route.continue();
        return route.fulfill({ status: 401, headers: { 'access-control-allow-origin': '*' }, body: '' });
      });
      await at(page, '#/?keyword=signed');
      await page.getByText(text.common.signed_out_title).first().waitFor();
    }, { fresh: true, undo: (page) => page.unroute(`${world.api}/**`) });
  }

  if (user === 'admin') {
    const part = (name, ready) => state(`admin-${name}`, async (page, text) => {
      await at(page, `#/admin?part=${name}`);
      await ready(page, text);
    });
    state('admin-queue', async (page) => {
      await at(page, '#/admin');
      await page.getByRole('row').nth(1).waitFor();
    });
    part('tags', (page) => page.getByRole('row').nth(1).waitFor());
    part('categories', (page) => page.getByRole('row').nth(1).waitFor());
    state('admin-rename', async (page, text) => {
      await page.getByRole('button', { name: text.admin.rename }).first().click();
      await dialog(page).waitFor();
    }, { stays: true });
    part('storages', (page) => page.getByRole('row').nth(1).waitFor());
    state('admin-storage', async (page, text) => {
      await press(page, text.admin.storage_new);
      await dialog(page).waitFor();
    }, { stays: true });
    part('audit', (page) => page.getByRole('row').nth(1).waitFor());
    state('review', async (page, text) => {
      await detail(page, ids.waits);
      await button(page, text.detail.approve).waitFor();
    });
    state('review-reject', async (page, text) => {
      await press(page, text.detail.reject_ask);
      await dialog(page).waitFor();
      await dialog(page).locator('button[type=submit]').click();
      await dialog(page).locator('.complaint:not(:empty)').waitFor();
    }, { stays: true });
  }
  return states;
}

/** The states of the form: a new item in its steps and from each source, and a change. */
function formStates({ world, ids, state, at, press, button, dialog }) {
  const area = (page) => page.locator('#field-protocol');
  /** Waits until the protocol was judged. */
  const checked = (page, text) =>
    page.waitForFunction((before) => {
      const verdict = document.querySelector('pai-plugin').shadowRoot.querySelector('#editor-verdict')?.textContent.trim();
      return verdict && !before.includes(verdict);
    }, [text.editor.checking, text.editor.empty]);
  const filled = (page, id) =>
    page.waitForFunction((id) => document.querySelector('pai-plugin').shadowRoot.querySelector(id)?.value, id);
  /** Goes to a step by what it is called. */
  const step = async (page, text, name) => {
    await page.getByRole('navigation', { name: text.create.steps }).getByRole('button', { name: text.create[`step_${name}`] }).click();
    await arrived(page);
  };
  /** Opens a form in which nothing is kept of the state before. */
  const anew = async (page, hash) => {
    const blank = `${world.portal}/blank`;
    await page.route(blank, (route) => route.fulfill({ contentType: 'text/html', body: '' }));
    await page.goto(blank);
    await page.evaluate(() => sessionStorage.clear());
    await at(page, hash);
    await area(page).waitFor();
  };
  const begin = (page) => anew(page, '#/create_item');
  const edit = async (page, text, id) => {
    await anew(page, `#/edit_item?itemId=${id}`);
    await filled(page, '#field-name');
    await checked(page, text);
    await page.locator('.markdown').first().waitFor({ state: 'attached' });
  };
  /** Takes one of the ways to begin. */
  const from = async (page, text, way) => {
    await begin(page);
    await page.getByRole('radio', { name: text.create[`from_${way}`], exact: true }).check();
  };

  state('create-text', (page) => begin(page));
  state('create-mistakes', async (page, text) => {
    await begin(page);
    await area(page).fill(TRAIN.replace('commands:', 'comands:').replace('cpu: 4', 'cpu: many'));
    await page.locator('.diagnostics li').nth(1).waitFor();
    await press(page, text.create.go_on);
    await arrived(page);
    await step(page, text, 'source');
  });
  state('create-file', async (page, text) => {
    await begin(page);
    await area(page).fill('name: typed');
    const file = { name: 'job.yaml', mimeType: 'application/yaml', buffer: Buffer.from(TRAIN) };
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByText(text.form.file_replaced).waitFor();
    await checked(page, text);
    await filled(page, '#field-name');
  });
  state('create-file-refused', async (page) => {
    await begin(page);
    const file = { name: 'job.yaml', mimeType: 'application/yaml', buffer: Buffer.alloc(200_000, 'a') };
    await page.locator('input[type=file]').setInputFiles(file);
    await page.locator('.drop .complaint').first().waitFor();
  });
  state('create-from-job', async (page, text) => {
    await from(page, text, 'job');
    await page.locator('.jobs li').nth(2).waitFor();
  });
  state('create-from-job-none', async (page, text) => {
    await page.locator('#job-search').fill('nothing of the kind');
    await page.getByText(text.create.no_jobs).waitFor();
  }, { stays: true });
  state('create-from-data', async (page, text) => {
    await from(page, text, 'data');
    await press(page, text.create.make);
    await page.locator('#data-complaint:not(:empty)').waitFor();
  });
  state('create-data-taken', async (page, text) => {
    await page.locator('#data-title').fill('Pictures of cells');
    await page.locator('#data-address').fill('https://github.com/someone/cells/tree/v2');
    await press(page, text.create.make);
    await filled(page, '#field-protocol');
    await checked(page, text);
  }, { stays: true });
  state('create-basics-data', async (page, text) => {
    await step(page, text, 'basics');
    await page.locator('#field-license').fill('x'.repeat(256));
  }, { stays: true });
  state('create-basics', async (page, text) => {
    await begin(page);
    await press(page, text.create.starter);
    await checked(page, text);
    await filled(page, '#field-name');
    await step(page, text, 'basics');
  });
  state('create-description', async (page, text) => {
    await step(page, text, 'description');
    await page.locator('#field-description').fill(LONG);
    await page.locator('.markdown table').waitFor({ state: 'attached' });
  }, { stays: true });
  state('create-sharing', async (page, text) => {
    await step(page, text, 'sharing');
    await page.getByRole('radio', { name: text.form.some_groups }).check();
    await page.locator('#field-groups').getByRole('checkbox').first().waitFor();
    await page.locator('#field-categories').getByRole('checkbox').first().waitFor();
    await page.locator('#field-tags').fill('microscopy, "a, b"');
  }, { stays: true });
  state('create-review-refused', async (page, text) => {
    await step(page, text, 'review');
    await page.locator('.review .source').waitFor();
    await page.getByRole('alert').getByText(text.form.groups_missing).waitFor();
  }, { stays: true });
  state('create-review', async (page, text) => {
    await step(page, text, 'sharing');
    await page.locator('#field-groups').getByRole('checkbox').first().check();
    await step(page, text, 'review');
    await page.locator('.review .source').waitFor();
  }, { stays: true });
  state('create-done', async (page, text) => {
    await button(page, text.create.create).click();
    await page.locator('#done .badges').waitFor();
  }, { stays: true });

  state('edit', (page, text) => edit(page, text, ids.edited));
  state('edit-wrong', async (page, text) => {
    await page.locator('#field-name').fill('');
    await page.locator('#field-summary').fill('x'.repeat(300));
    await press(page, text.edit.save);
    await page.getByRole('alert').getByText(text.form.name_missing).waitFor();
  }, { stays: true });
  state('edit-leaving', async (page, text) => {
    await page.getByRole('link', { name: text.app.my_things }).click();
    await dialog(page).waitFor();
  }, { stays: true });
  state('edit-restored', async (page, text) => {
    await edit(page, text, ids.edited);
    await page.locator('#field-summary').fill('half a sent');
    await page.waitForFunction(() => Object.values(sessionStorage).some((kept) => kept.includes('half a sent')));
    await page.reload();
    await page.getByText(text.form.restored).waitFor();
    await checked(page, text);
  });
  state('drafts', async (page, text) => {
    await page.goto('about:blank');
    await at(page, '#/drafts');
    await page.locator('.draft').first().waitFor();
    await page.getByText(text.list.drafts_where).waitFor();
  }, { stays: true });
  state('edit-conflict', async (page, text) => {
    world.tolerate(page, /412/);
    await edit(page, text, ids.changed);
    // Each time something else, for the others have been here in another language.
    const now = Date.now();
    await page.locator('#field-summary').fill(`mine ${now}`);
    await world.call('alice', 'PUT', `/items/${ids.changed}`, { summary: `theirs ${now}`, tags: [`theirs ${now}`] });
    await press(page, text.edit.save);
    await page.locator('#conflict').waitFor();
  });
  state('edit-taken', async (page, text) => {
    await press(page, text.conflict.take);
    await page.getByText(text.conflict.taken).waitFor();
  }, { stays: true });
  state('edit-refused', async (page, text) => {
    await edit(page, text, ids.edited);
    world.tolerate(page, /503/);
    await page.route(`${world.api}/items/${ids.edited}`, (route) => {
      if (route.request().method() !== 'PUT') return route.continue();
      return route.fulfill({ status: 503, headers: { 'access-control-allow-origin': '*' }, body: 'The database is out of reach.' });
    });
    await page.locator('#field-summary').fill('not taken');
    await press(page, text.edit.save);
    await page.locator('#refusal').waitFor();
  }, { undo: (page) => page.unroute(`${world.api}/items/${ids.edited}`) });
}

/** Leads to each state, one after the other, and lets `look` look at it. */
export async function visit(page, states, text, look) {
  for (const state of states) {
    if (state.fresh) await page.goto('about:blank');
    try {
      await state.go(page, text);
    } catch (error) {
      throw new Error(`on the way to ${state.name}`, { cause: error });
    }
    await look(state);
    await state.undo?.(page);
    const open = page.locator('dialog[open]');
    while (await open.count()) {
      await page.keyboard.press('Escape');
      await open.first().waitFor({ state: 'hidden' });
    }
  }
}

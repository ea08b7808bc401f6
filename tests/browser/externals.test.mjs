// Whether the images and data of an item are there, as a registry says.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { axe, shoot, useWorld } from './harness.mjs';
import { protocol } from './protocols.mjs';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

const asked = [];
const settings = { CHECKED_HOSTS_MAY_BE_PRIVATE: '1' };

/** A registry with one image. */
const registry = createServer((request, answer) => {
  asked.push(`${request.method} ${request.url}`);
  const [status, headers] = {
    '/v2/team/there/manifests/1': [200, { 'docker-content-digest': DIGEST }],
    '/v2/team/private/manifests/1': [403, {}],
  }[request.url] ?? [404, {}];
  answer.writeHead(status, headers).end();
});

let host;
before(async () => {
  await new Promise((ready) => registry.listen(0, '127.0.0.1', ready));
  host = `127.0.0.1:${registry.address().port}`;
  settings.CHECKED_HOSTS = `http://${host}`;
});
const world = useWorld({ settings });
after(() => registry.close());

const share = async (name, image, dataUrl) => {
  const text = protocol(name).replace(/uri: .*/, `uri: ${image}`);
  assert.match(text, new RegExp(image));
  const item = { name, author: 'alice', protocol: text, isPublic: true, dataUrl };
  return (await world.call('alice', 'POST', '/items', item)).id;
};

const open = async (id, options = {}) => {
  const page = await world.page({ user: 'bob', ...options });
  await world.openMarketplace(page, `#/market_detail?itemId=${id}&tab=runs`);
  return page;
};

test('what is missing is marked, and an image has its digest', async () => {
  const there = await share('there', `${host}/team/there:1`, `http://${host}/data.tar`);
  const page = await open(there);
  const panel = page.getByRole('tabpanel');
  await panel.getByRole('heading', { name: 'Images and data' }).waitFor();
  const row = (text) => panel.getByRole('listitem').filter({ hasText: text });
  await row('team/there:1').getByText('is there.').waitFor();
  await row('team/there:1').getByText(DIGEST).waitFor();
  await row('data.tar').getByText('is missing').waitFor();
  await axe(page);
  await shoot(page, 'externals');
  const gone = await open(await share('gone', `${host}/team/gone:1`));
  await gone.getByRole('listitem').filter({ hasText: 'team/gone:1' }).getByText('Jobs with it fail.').waitFor();
  assert.deepEqual(asked.sort(), [
    'HEAD /data.tar',
    'HEAD /v2/team/gone/manifests/1',
    'HEAD /v2/team/there/manifests/1',
  ]);
});

test('what strangers may not see is not called missing', async () => {
  const page = await open(await share('private', `${host}/team/private:1`));
  await page.getByRole('listitem').filter({ hasText: 'team/private:1' }).getByText('private, or not there').waitFor();
});

test('where no host may be asked, nothing is said', async () => {
  const page = await open(await share('elsewhere', 'registry.example/team/image:1'));
  await page.getByText('Too few runs yet').waitFor();
  assert.equal(await page.getByRole('heading', { name: 'Images and data' }).count(), 0);
});

test('in Chinese', async () => {
  const page = await open(await share('chinese', `${host}/team/nothing:1`), { locale: 'zh-CN' });
  await page.getByText('使用它的任务会失败').waitFor();
});

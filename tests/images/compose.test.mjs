// deploy/compose.yaml with deploy/compose.https.yaml, started by docker-compose.

import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { MASTER, ROOT, certificate, command, docker, logs, podman, protocol, ready, request, until, useCluster } from './harness.mjs';

const SECRETS = { DB_PASSWORD: 'p$ss w#rd', SECRET_KEY: '0123456789abcdef0123456789abcdef' };
const HTTP = `http://${MASTER}`;
const HTTPS = `https://${MASTER}`;

let folder;

const compose = (...args) =>
  command('docker-compose', ['--file', 'compose.yaml', '--file', 'compose.https.yaml', '--project-name', 'marketplace', ...args], { cwd: folder });

/** The example with values in it, as an admin makes it. */
function environment(values) {
  const example = readFileSync(join(ROOT, 'deploy/.env.example'), 'utf8');
  return Object.entries(values).reduce((text, [name, value]) => {
    const line = new RegExp(`^#?${name}=.*$`, 'm');
    assert.match(text, line, `.env.example does not know ${name}`);
    return text.replace(line, () => `${name}='${value}'`);
  }, example);
}

const cluster = useCluster(async (cluster) => {
  folder = join(cluster.folder, 'deploy');
  cpSync(join(ROOT, 'deploy'), folder, { recursive: true });
  const { crt, key } = await certificate(cluster.folder);
  const values = {
    ...SECRETS,
    IDP_URL: cluster.restServer,
    OPENPAI_URL: `http://${MASTER}:9286`,
    PYLON_CERTIFICATE: crt,
    PYLON_CERTIFICATE_KEY: key,
  };
  writeFileSync(join(folder, '.env'), environment(values));
});

const id = async (service) => (await compose('ps', '--quiet', service)).split('\n')[0];

test('everything starts, in any order, and becomes healthy', async () => {
  await compose('up', '--detach', '--no-build');
  await ready(`${HTTP}/marketplace/api/readyz`);
  await ready(`${HTTPS}/marketplace/plugin.js`);
  for (const service of ['database', 'restserver', 'webportal', 'pylon']) {
    const name = await id(service);
    // Podman does not run them by itself.
    await until(`health of ${service}`, async () => (await podman('healthcheck', 'run', name)) === '');
    const [{ HostConfig: host }] = JSON.parse(await docker('inspect', name));
    assert.equal(host.ReadonlyRootfs, true, service);
    assert.ok(host.Memory > 0, `${service} has no bound of memory`);
    assert.ok(host.PidsLimit > 0, `${service} has no bound of processes`);
    assert.equal(host.RestartPolicy.Name, 'unless-stopped', service);
  }
});

test('nothing but nginx can be reached', async () => {
  for (const service of ['database', 'restserver', 'webportal']) {
    assert.equal(await docker('port', await id(service)), '', service);
  }
});

test('the plugin works on http and on https', async () => {
  await cluster.usePlugin(HTTP, 'images-compose-http');
  await cluster.usePlugin(HTTPS, 'images-compose-https');
});

test('secrets are in no log', async () => {
  for (const service of ['database', 'restserver', 'webportal', 'pylon']) {
    const text = await logs(await id(service));
    for (const secret of Object.values(SECRETS)) assert.ok(!text.includes(secret), service);
  }
});

test('a new API takes the place of the old one, and the catalogue stays', async () => {
  const api = `${HTTP}/marketplace/api`;
  const { id: item } = await cluster.call(api, 'alice', 'POST', '/items', { name: 'kept', author: 'alice', protocol: protocol('kept') });
  // With an address of its own, which nginx has to find out.
  await compose('up', '--detach', '--no-build', '--no-deps', '--force-recreate', 'restserver');
  await ready(`${api}/readyz`);
  assert.equal((await cluster.call(api, 'alice', 'GET', `/items/${item}`)).name, 'kept');
});

test('a restart of the database is survived', async () => {
  const api = `${HTTP}/marketplace/api`;
  await compose('restart', 'database');
  // A request may be the first one to notice that its connection was cut: it is told 503.
  await until('the item', async () => (await cluster.call(api, 'bob', 'GET', '/items?name=kept'))[0].name === 'kept');
});

test('what is missing in .env is named', async () => {
  const env = join(folder, '.env');
  const whole = readFileSync(env, 'utf8');
  writeFileSync(env, whole.replace(/^DB_PASSWORD=.*$/m, 'DB_PASSWORD='));
  await assert.rejects(compose('config'), /DB_PASSWORD/);
  writeFileSync(env, whole);
});

test('down takes all of it down, and only --volumes the catalogue', async () => {
  await compose('down', '--timeout', '30');
  assert.equal(await docker('ps', '--all', '--quiet'), '');
  assert.match(await docker('volume', 'ls', '--quiet'), /marketplace_database/);
  await compose('down', '--volumes');
  assert.doesNotMatch(await docker('volume', 'ls', '--quiet'), /marketplace_database/);
  assert.equal((await request(`${HTTP}/`).catch((error) => error.code)), 'ECONNREFUSED');
});

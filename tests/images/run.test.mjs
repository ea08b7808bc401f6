// The images by themselves, and the lines of deploy/README.md.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  MASTER, RESTSERVER, VERSION, WEBPORTAL,
  commandsOf, docker, logs, podman, protocol, ready, request, shell, until, useCluster,
} from './harness.mjs';

const cluster = useCluster();

const API = `http://${MASTER}:9292`;
const PLUGIN = `http://${MASTER}:9293`;

const inspect = async (what) => JSON.parse(await docker('inspect', what))[0];

test('an image is small, has no root, no shell, and says what is in it', async () => {
  for (const [image, name, port] of [
    [RESTSERVER, 'restserver', '9292/tcp'],
    [WEBPORTAL, 'webportal', '9293/tcp'],
  ]) {
    const { Config: config } = await inspect(image);
    assert.equal(config.User, '65532:65532');
    assert.deepEqual(config.Entrypoint, ['/usr/bin/marketplace']);
    assert.deepEqual(Object.keys(config.ExposedPorts), [port]);
    const label = (key) => config.Labels[`org.opencontainers.image.${key}`];
    assert.equal(label('title'), `marketplace-${name}`);
    assert.equal(label('version'), VERSION);
    assert.equal(label('licenses'), 'MIT');
    const files = (await shell(`id=$(docker create ${image}); docker export "$id" | tar --list --verbose; docker rm "$id" >&2`)).split('\n');
    const paths = files.map((line) => line.split(/\s+/)[5]);
    for (const wanted of [
      'usr/bin/marketplace',
      'etc/ssl/certs/ca-certificates.crt',
      `usr/share/marketplace/${name}.cdx.json`,
      'usr/share/marketplace/THIRD-PARTY-LICENSES.txt',
      'usr/share/marketplace/RUST-LIBRARY-LICENSES.html',
      'usr/share/marketplace/LICENSE',
      'usr/share/doc/libc6/copyright',
      'var/lib/dpkg/status.d/libc6',
    ]) assert.ok(paths.includes(wanted), `${image} has no ${wanted}`);
    assert.equal(paths.includes('usr/share/marketplace/plugin/plugin.js'), name === 'webportal');
    assert.deepEqual(paths.filter((path) => /bin\/./.test(path)), ['usr/bin/marketplace']);
    const rest = files
      .map((line) => line.split(/\s+/))
      .filter((words) => words[5] !== 'usr/bin/marketplace' && words[0].startsWith('-'))
      .reduce((sum, words) => sum + Number(words[2]), 0);
    assert.ok(rest < 12 << 20, `${image} has ${rest} bytes beside the program`);
    await assert.rejects(docker('run', '--rm', '--entrypoint', '/bin/sh', image, '-c', 'true'));
  }
});

test('the guide’s lines start the marketplace', async () => {
  const [db, api, plugin] = commandsOf('deploy/README.md', 'By docker run');
  await shell(db);
  await shell(api);
  await shell(plugin);
  await ready(`${API}/readyz`);
  await ready(`${PLUGIN}/plugin.js`);

  const items = await cluster.call(API, 'alice', 'GET', '/items');
  assert.ok(items.length >= 12, `${items.length} items`);
  const made = await cluster.call(API, 'alice', 'POST', '/items', { name: 'from-docker', author: 'alice', protocol: protocol('from-docker') });
  const found = await docker(
    ...['exec', '-e', 'PGPASSWORD=postgre', 'marketplace-db', 'psql', '-h', '127.0.0.1', '-U', 'user', '-Atc'],
    ...["select name from items where name = 'from-docker'", 'marketplace'],
  );
  assert.equal(found, 'from-docker', JSON.stringify(made));
  const blobs = await cluster.call(API, 'admin', 'GET', '/storages/blobs');
  assert.match(JSON.stringify(blobs), /mystorage/);

  const script = await request(`${PLUGIN}/plugin.js`);
  assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8');
  assert.equal(script.headers['access-control-allow-origin'], '*');
  assert.ok(script.text.includes(`"${API}"`));
  const wasm = /marketplace-[0-9a-f]{16}\.wasm/.exec(script.text)[0];
  const module = await request(`${PLUGIN}/${wasm}`);
  assert.equal(module.headers['content-type'], 'application/wasm');
  assert.equal(module.bytes.subarray(0, 4).toString('latin1'), '\0asm');
});

test('the plugin works without pylon, from another origin', async () => {
  await cluster.usePlugin(cluster.restServer, 'images-without-pylon');
});

test('health checks say how a server is', async () => {
  for (const [name, server] of [
    ['marketplace-restserver', 'api'],
    ['marketplace-webportal', 'webportal'],
  ]) {
    const { Config: config } = await inspect(name);
    assert.deepEqual(config.Healthcheck.Test, ['CMD', '/usr/bin/marketplace', 'health', server]);
    assert.equal(await podman('healthcheck', 'run', name), '');
  }
  const ask = (port) => docker('exec', '-e', `PORT=${port}`, 'marketplace-restserver', '/usr/bin/marketplace', 'health', 'api');
  assert.match(await ask(9292), /200/);
  await assert.rejects(ask(9999));
});

test('logs tell how it went, and no secret', async () => {
  const api = await logs('marketplace-restserver');
  assert.match(api, /the API is ready/);
  assert.match(api, /POST.*\/items/);
  assert.ok(!/postgre\b|bXlzdG9yYWdla2V5/.test(api), api);
  assert.match(await logs('marketplace-webportal'), /the plugin is ready/);
});

test('docker stop lets a server end by itself', async () => {
  for (const name of ['marketplace-restserver', 'marketplace-webportal']) {
    await docker('stop', '--time', '60', name);
    const { State: state } = await inspect(name);
    assert.equal(state.ExitCode, 0, await logs(name));
    assert.match((await logs(name)).split('\n').at(-1), /stopped/);
  }
});

test('what is written outlives its container, with a read-only root', async () => {
  const [, , , trial] = commandsOf('deploy/README.md', 'By docker run');
  const base = `http://${MASTER}:9392`;
  const start = async () => {
    await shell(trial);
    await ready(`${base}/readyz`);
  };
  await start();
  const { HostConfig: host } = await inspect('marketplace-trial');
  assert.equal(host.ReadonlyRootfs, true);
  const { id } = await cluster.call(base, 'alice', 'POST', '/items', { name: 'kept', author: 'alice', protocol: protocol('kept') });
  await docker('stop', 'marketplace-trial');
  await docker('rm', 'marketplace-trial');
  await start();
  assert.equal((await cluster.call(base, 'alice', 'GET', `/items/${id}`)).name, 'kept');
  await docker('rm', '--force', 'marketplace-trial');
});

test('the plugin is served with a read-only root and without any right', async () => {
  const strict = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--user', '12345:12345'];
  await docker('run', '--detach', '--name', 'strict', '-p', '9393:9293', ...strict, WEBPORTAL);
  await ready(`http://${MASTER}:9393/plugin.js`);
  await docker('rm', '--force', 'strict');
});

test('a folder that the server may not write is told', async () => {
  await docker('volume', 'create', 'foreign');
  const args = ['-e', `IDP_URL=${cluster.restServer}`, '--user', '12345:12345', '-v', 'foreign:/data'];
  await docker('run', '--detach', '--name', 'refused', ...args, RESTSERVER);
  const { State: state } = await until('the end of the server', async () => {
    const found = await inspect('refused');
    return found.State.Status === 'exited' && found;
  });
  assert.equal(state.ExitCode, 2);
  assert.match(await logs('refused'), /data/);
});

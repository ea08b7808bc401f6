// Inside OpenPAI: pods as its templates make them, in the master node's own network,
// with pylon's place taken by deploy/pylon.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import {
  MASTER, RESTSERVER, ROOT, VERSION, WEBPORTAL,
  certificate, commandsOf, docker, logs, podman, protocol, ready, request, shell, until, useCluster,
} from './harness.mjs';

const API = `http://${MASTER}:9292`;
const HTTP = `http://${MASTER}`;
const HTTPS = `https://${MASTER}`;
const NGINX = 'nginx:1.28.0-bookworm';

const POSTGRES = ['-e', 'POSTGRES_USER=user', '-e', 'POSTGRES_PASSWORD=passwd', '-e', 'POSTGRES_DB=marketplace'];

/** What the templates fill in, on a cluster that configured as little as it could. */
const DATABASE = { DB_HOST: MASTER, DB_PORT: '9291', DB_USERNAME: 'user', DB_PASSWORD: 'passwd', DATABASE: 'marketplace' };
const API_OF = {
  'v1.4': {
    ...DATABASE,
    NODE_ENV: 'production',
    PORT: '9292',
    AZURE_STORAGE: '{"type": "blob", "storage_account": "<storage_account>", "connection_strings": ["<connection_string>"]}',
  },
  'v1.6': {
    ...DATABASE,
    IDP_URL: `http://${MASTER}:9186`,
    NODE_ENV: 'production',
    PORT: '9292',
    AZURE_STORAGE: '{"type": "blob", "storage_account": "", "connection_strings": []}',
  },
};
const webportal = (url) => ({ MARKETPLACE_API_URL: url, SERVER_PORT: '9293', NPM_INSTALL_TOKEN: 'token' });

/** A pod as a DaemonSet of a template has it: one container, no command, no probes. */
function pod(name, image, environment) {
  const file = join(cluster.folder, `${name}.yaml`);
  const lines = Object.entries(environment).map(([key, value]) => `    - name: ${key}\n      value: ${JSON.stringify(value)}\n`);
  writeFileSync(
    file,
    `apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  labels:
    app: ${name}
spec:
  hostNetwork: true
  containers:
  - name: ${name}
    image: docker.io/${image}
    imagePullPolicy: Never
    env:
${lines.join('')}`,
  );
  return file;
}

async function play(name, image, environment) {
  await podman('play', 'kube', '--replace', pod(name, image, environment));
}

const cluster = useCluster(async ({ folder }) => {
  await docker('run', '--detach', '--name', 'marketplace-db', '-p', '9291:5432', ...POSTGRES, 'postgres:15.14-bookworm');

  const { crt, key } = await certificate(folder);
  const settings = {
    MARKETPLACE_API: `${MASTER}:9292`,
    MARKETPLACE_WEBPORTAL: `${MASTER}:9293`,
    OPENPAI_URL: `http://${MASTER}:9286`,
    PYLON_HTTP_PORT: '80',
    PYLON_HTTPS_PORT: '443',
    PYLON_CERTIFICATE: '/run/tls.crt',
    PYLON_CERTIFICATE_KEY: '/run/tls.key',
    NGINX_LOCAL_RESOLVERS: '127.0.0.1',
    NGINX_ENVSUBST_OUTPUT_DIR: '/tmp',
  };
  const files = {
    [join(ROOT, 'deploy/pylon/nginx.conf')]: '/etc/nginx/nginx.conf',
    [crt]: '/run/tls.crt',
    [key]: '/run/tls.key',
    ...Object.fromEntries(
      ['templates/marketplace.conf', 'templates/marketplace.locations', 'templates/http.conf', 'https/https.conf'].map((file) => [
        join(ROOT, `deploy/pylon/${file}.template`),
        `/etc/nginx/templates/${file.split('/').at(-1)}.template`,
      ]),
    ),
  };
  await docker(
    ...['run', '--detach', '--name', 'pylon', '--network', 'host', '--user', '0:0'],
    ...Object.entries(settings).flatMap(([name, value]) => ['-e', `${name}=${value}`]),
    ...Object.entries(files).flatMap(([from, to]) => ['-v', `${from}:${to}:ro`]),
    NGINX,
  );
  await until('nginx', async () => (await request(`${HTTP}/login.html`)).status === 200, 20_000).catch(async (error) => {
    throw new Error(`${error.message}\n${await logs('pylon')}`);
  });
});

test('v1.6 and later: both pods start with what the templates pass', async () => {
  await play('marketplace-restserver', RESTSERVER, API_OF['v1.6']);
  await play('marketplace-webportal', WEBPORTAL, webportal(`${HTTP}/marketplace/api`));
  await ready(`${API}/readyz`);
  await ready(`${HTTP}/marketplace/api/readyz`);
  await ready(`${HTTP}/marketplace/plugin.js`);
  assert.deepEqual(await cluster.call(API, 'admin', 'GET', '/storages/blobs'), []);
});

test('the plugin works through pylon on http', async () => {
  await cluster.usePlugin(HTTP, 'images-pylon-http');
});

test('the plugin works through pylon on https', async () => {
  await play('marketplace-webportal', WEBPORTAL, webportal(`${HTTPS}/marketplace/api`));
  await ready(`${HTTPS}/marketplace/plugin.js`);
  await cluster.usePlugin(HTTPS, 'images-pylon-https');
});

test('pylon passes on what the servers say', async () => {
  const script = await request(`${HTTP}/marketplace/plugin.js?version=1`);
  assert.equal(script.status, 200);
  const etag = script.headers.etag;
  const again = await request(`${HTTP}/marketplace/plugin.js`, { headers: { 'if-none-match': etag } });
  assert.equal(again.status, 304);
  const wasm = /marketplace-[0-9a-f]{16}\.wasm/.exec(script.text)[0];
  const packed = await until('the brotli form', async () => {
    const answer = await request(`${HTTPS}/marketplace/${wasm}`, { headers: { 'accept-encoding': 'gzip, deflate, br' } });
    return answer.headers['content-encoding'] === 'br' && answer;
  });
  assert.match(packed.headers['cache-control'], /immutable/);
  const headers = { authorization: `Bearer ${await cluster.token('alice')}`, 'accept-encoding': 'gzip' };
  const items = await request(`${HTTP}/marketplace/api/items`, { headers });
  assert.equal(items.headers['content-encoding'], 'gzip');

  for (const [from, to] of [
    ['/marketplace', '/marketplace/'],
    ['/marketplace/api', '/marketplace/api/'],
    ['/marketplace/api?type=data', '/marketplace/api/?type=data'],
  ]) {
    const answer = await request(`${HTTP}${from}`);
    assert.deepEqual([answer.status, answer.headers.location], [301, to]);
  }
  // What becomes an address of the marketplace by decoding only.
  for (const odd of ['/x/../marketplace/api/items', '/%6Darketplace/plugin.js', '/x/%2e%2e/marketplace/plugin.js']) {
    assert.equal((await request(`${HTTP}${odd}`)).status, 400, odd);
  }
});

test('an nginx of one’s own is set up as deploy/pylon says', async () => {
  const [commands] = commandsOf('deploy/pylon/README.md', 'By hand');
  const port = 8080;
  const script = `nginx\n${commands.replace('PYLON_HTTP_PORT=80 ', `PYLON_HTTP_PORT=${port} `)}\nsleep infinity`;
  await docker(
    ...['run', '--detach', '--name', 'own-nginx', '--network', 'host', '--entrypoint', 'sh'],
    ...['-v', `${join(ROOT, 'deploy/pylon')}:/pylon:ro`, '-w', '/pylon', NGINX, '-euc', script],
  );
  const base = `http://${MASTER}:${port}`;
  await ready(`${base}/marketplace/plugin.js`);
  await ready(`${base}/marketplace/api/readyz`);
  assert.equal((await request(`${base}/login.html`)).status, 200);
});

test('an item whose id has odd characters is reached through pylon as without it', async () => {
  const query = (text) =>
    docker('exec', '-e', 'PGPASSWORD=passwd', 'marketplace-db', 'psql', '-h', '127.0.0.1', '-U', 'user', '-Atc', text, 'marketplace');
  for (const odd of ['chosen id/1', 'a?b', 'a#b', '100%', '%2F', 'ä+b']) {
    const { id } = await cluster.call(API, 'alice', 'POST', '/items', { name: 'odd', author: 'alice', protocol: protocol('odd') });
    // As old catalogues have them; nobody can choose an id any more.
    await query(`update items set id = '${odd}' where id = '${id}'`);
    const path = `/items/${encodeURIComponent(odd)}`;
    for (const [index, base] of [API, `${HTTP}/marketplace/api`, `${HTTPS}/marketplace/api`].entries()) {
      assert.equal((await cluster.call(base, 'bob', 'GET', path)).id, odd, `${base}${path}`);
      await cluster.call(base, 'alice', 'PUT', path, { summary: `change ${index}` });
      assert.equal((await cluster.call(base, 'bob', 'GET', `${path}?x=1`)).summary, `change ${index}`);
      await cluster.call(base, 'bob', 'PUT', `${path}/star`);
    }
    await cluster.call(`${HTTPS}/marketplace/api`, 'alice', 'DELETE', path);
    await assert.rejects(cluster.call(API, 'bob', 'GET', path), /404/);
  }
});

test('a long body gets past nginx, and a too long one is refused by the API', async () => {
  const description = 'long '.repeat(100_000);
  for (const base of [`${HTTP}/marketplace/api`, `${HTTPS}/marketplace/api`]) {
    const item = { name: 'long', author: 'alice', protocol: protocol('long'), description };
    await cluster.call(base, 'alice', 'POST', '/items', item);
    const answer = await request(`${base}/items`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await cluster.token('alice')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...item, description: description.repeat(3) }),
    });
    assert.equal(answer.status, 413);
    assert.equal(answer.headers['access-control-allow-origin'], '*');
  }
});

test('no secret is in the pods’ logs', async () => {
  const text = (await logs('marketplace-restserver-marketplace-restserver')) + (await logs('marketplace-webportal-marketplace-webportal'));
  assert.match(text, /ready/);
  assert.ok(!text.includes('passwd'), text);
});

test('v1.4 and v1.5: the API finds OpenPAI without IDP_URL, at its old address too', async () => {
  await play('marketplace-restserver', RESTSERVER, API_OF['v1.4']);
  await play('marketplace-webportal', WEBPORTAL, webportal(`${API}/api`));
  await ready(`${API}/readyz`);
  await ready(`http://${MASTER}:9293/plugin.js`);
  assert.deepEqual(await cluster.call(`${API}/api`, 'admin', 'GET', '/storages/blobs'), []);
  // Without pylon, as the portal's list of plugins has it there.
  await cluster.usePlugin(cluster.restServer, 'images-old-address');
});

test('v1.4 and v1.5: with a database elsewhere the API says what is missing, and works with the line for it', async () => {
  await docker('run', '--detach', '--name', 'elsewhere', '-p', '5432:5432', ...POSTGRES, 'postgres:15.14-bookworm');
  const elsewhere = { ...API_OF['v1.4'], DB_PORT: '5432' };
  await play('marketplace-restserver', RESTSERVER, elsewhere);
  for (const path of ['/readyz', '/items']) {
    const answer = await until('a word about IDP_URL', async () => {
      const answer = await request(`${API}${path}`, { headers: { authorization: 'Bearer x' } });
      return answer.text.includes('IDP_URL') && answer;
    });
    assert.equal(answer.status, 503);
  }

  const guide = readFileSync(join(ROOT, 'deploy/openpai/README.md'), 'utf8');
  const [, added] = /name: IDP_URL\n\s+value: (.*)/.exec(guide);
  const filledIn = { "{{ cluster_cfg['rest-server']['uri'] }}": `http://${MASTER}:9186` }[added];
  await play('marketplace-restserver', RESTSERVER, { ...elsewhere, IDP_URL: filledIn });
  await ready(`${API}/readyz`);
  assert.ok((await cluster.call(API, 'alice', 'GET', '/items')).length >= 12);
});

test('the images’ names are changed, and changed back', async () => {
  const source = join(cluster.folder, 'pai');
  const template = (service) => join(source, `src/marketplace-${service}/deploy/marketplace-${service}.yaml.template`);
  const before = {
    restserver: '      - name: marketplace-restserver\n        image: openpai/pai-marketplace-restserver:v1.7.0\n        imagePullPolicy: Always\n',
    webportal: '      - name: x\n        image: {{ cluster_cfg["cluster"]["docker-registry"]["prefix"] }}marketplace-webportal:{{ tag }}\n',
  };
  for (const [service, text] of Object.entries(before)) {
    mkdirSync(dirname(template(service)), { recursive: true });
    writeFileSync(template(service), text);
  }
  const [there] = commandsOf('deploy/openpai/README.md', 'The images\' names');
  const [back] = commandsOf('deploy/openpai/README.md', 'Switching back');
  await shell(there, { cwd: source });
  for (const [service, text] of Object.entries(before)) {
    const wanted = text.replace(/image: .*/, `image: ${MASTER}:5000/openpai/pai-marketplace-${service}:v${VERSION}`);
    assert.equal(readFileSync(template(service), 'utf8'), wanted);
  }
  await shell(back, { cwd: source });
  for (const [service, text] of Object.entries(before)) assert.equal(readFileSync(template(service), 'utf8'), text);
});

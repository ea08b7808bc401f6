// A cluster for tests of the images: a master node with OpenPAI's stand-in, a docker
// command, and Chromium. `inside.sh` has made the machine that all of it is on.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { Complaints, shoot } from '../browser/harness/checks.mjs';
import { launch } from '../browser/harness/browsers.mjs';
import { create, opened, step } from '../browser/harness/form.mjs';
import { given, scratchFolder, start } from '../browser/harness/server.mjs';

/** The master node, for containers and browsers alike. */
export const MASTER = '192.0.2.10';
/** How the guides call it. */
const MASTER_IN_GUIDES = '10.0.0.1';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const VERSION = given('VERSION');
export const RESTSERVER = `openpai/pai-marketplace-restserver:v${VERSION}`;
export const WEBPORTAL = `openpai/pai-marketplace-webportal:v${VERSION}`;

const run = promisify(execFile);
const COMMAND_LIMIT = 120_000;
const WAIT_LIMIT = 90_000;

/** Runs a program; what it prints on its standard output. */
export async function command(program, args, options = {}) {
  try {
    const { stdout } = await run(program, args, { timeout: COMMAND_LIMIT, maxBuffer: 1 << 26, ...options });
    return stdout.trim();
  } catch (error) {
    throw new Error([error.message, error.stdout].join('\n'), { cause: error.code });
  }
}

export const docker = (...args) => command('docker', args);

/** What podman knows beyond docker's commands. */
export const podman = (...args) => command('podman', args);

/** A shell's script, as people paste it. */
export const shell = (script, options) => command('sh', ['-euc', script], options);

/** What a container has logged, on both streams. */
export const logs = (name) => shell(`docker logs ${name} 2>&1`);

/** Waits until `check` answers something true. */
export async function until(what, check, limit = WAIT_LIMIT) {
  const deadline = Date.now() + limit;
  for (;;) {
    let last;
    try {
      const answer = await check();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`${what} did not come about: ${last?.message ?? 'no'}`);
    await pause(100);
  }
}

/**
 * One request, its path as it stands and its certificate unseen, with the body as
 * bytes and as text.
 */
export function request(url, { method = 'GET', headers = {}, body } = {}) {
  const [, protocol, host, port, path] = /^(https?):\/\/([^/:]+)(?::(\d+))?(\/.*)$/.exec(url);
  const { request: open } = protocol === 'https' ? https : http;
  return new Promise((resolve, reject) => {
    const asked = open({ host, port, path, method, headers, rejectUnauthorized: false, agent: false }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const bytes = Buffer.concat(parts);
        resolve({ status: answer.statusCode, headers: answer.headers, bytes, text: bytes.toString() });
      });
    });
    asked.setTimeout(30_000, () => asked.destroy(new Error(`${method} ${url} took too long`)));
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Waits until a GET is answered with 200. */
export const ready = (url) => until(`200 from ${url}`, async () => (await request(url)).status === 200);

/**
 * The commands of the section `title` in a guide, for this master node: its blocks of
 * shell commands, in order.
 */
export function commandsOf(file, title) {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${title}\n`));
  assert.ok(section, `${file} has no section “${title}”`);
  const blocks = [...section.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block);
  assert.ok(blocks.length, `${file} has no commands in “${title}”`);
  return blocks.map((block) => block.replaceAll(MASTER_IN_GUIDES, MASTER));
}

/**
 * Gives a test file the cluster for as long as it runs. `prepare` is called with it
 * before the first test.
 */
export function useCluster(prepare = () => {}) {
  const cluster = new Cluster();
  // One hook: Node.js does not let several wait for each other.
  before(async () => {
    await cluster.start();
    await prepare(cluster);
  });
  after(() => cluster.stop());
  return cluster;
}

class Cluster {
  /** OpenPAI's REST server, which is a portal without pylon, too. */
  restServer = `http://${MASTER}:9186`;
  /** A scratch folder. */
  folder = scratchFolder();

  #servers = [];
  #browser;

  async start() {
    await until('the engine behind the docker command', () => docker('version'));
    // What a run that was killed has left.
    await takeDown();
    const key = join(this.folder, 'portal.key');
    // The second one is the portal behind a pylon; they know each other's tokens.
    for (const [port, plugin] of [
      [9186, `http://${MASTER}:9293/plugin.js`],
      [9286, '/marketplace/plugin.js'],
    ]) {
      const args = ['--listen', `${MASTER}:${port}`, '--plugin-uri', plugin, '--key-file', key];
      const ready = `http://${MASTER}:${port}/login.html`;
      this.#servers.push(await start(given('BIN_FAKE_OPENPAI'), args, { cwd: this.folder, ready }));
    }
    this.#browser = await launch('chromium', this.folder);
  }

  async stop() {
    await this.#browser?.close();
    await takeDown();
    await Promise.all(this.#servers.map((server) => server.stop()));
  }

  async token(user) {
    const answer = await request(`${this.restServer}/api/v2/authn/basic/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: `username=${user}&password=${user}`,
    });
    assert.equal(answer.status, 200, answer.text);
    return JSON.parse(answer.text).token;
  }

  /** Calls the API at `base` as `user`. */
  async call(base, user, method, path, body) {
    const answer = await request(`${base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await this.token(user)}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
    });
    assert.ok(answer.status < 300, `${method} ${base}${path}: ${answer.status} ${answer.text}`);
    return answer.headers['content-type']?.includes('json') ? JSON.parse(answer.text) : answer.text;
  }

  /** Does what people do in the portal at `portal`: find a template, look at it, use it, share one. */
  async usePlugin(portal, name) {
    const context = await this.#browser.newContext({ ignoreHTTPSErrors: true, locale: 'en-GB' });
    const page = await context.newPage();
    const complaints = new Complaints(page, MASTER);
    await page.goto(`${portal}/login.html`);
    await page.fill('input[name=username]', 'alice');
    await page.fill('input[name=password]', 'alice');
    await Promise.all([
      page.waitForURL((url) => url.pathname !== '/login.html'),
      page.press('input[name=password]', 'Enter'),
    ]);
    await page.getByRole('link', { name: 'Marketplace' }).first().click();
    await page.getByRole('article').nth(11).waitFor();
    await shoot(page, name);
    await page.getByRole('link', { name: 'PyTorch on one GPU' }).click();
    await page.getByRole('heading', { level: 1, name: 'PyTorch on one GPU' }).waitFor();
    await page.getByRole('tab', { name: 'Protocol' }).click();
    await page.getByRole('tabpanel').getByText('protocolVersion').first().waitFor();
    await page.getByRole('link', { name: 'Use', exact: true }).click();
    // The form grows by what OpenPAI says, and would move the button away from a click.
    await page.getByLabel('Virtual cluster').waitFor();
    await page.getByRole('button', { name: 'Open the submit page' }).click();
    await page.waitForURL(`${portal}/submit.html`);
    const job = JSON.parse(await page.locator('#protocol', { hasText: '{' }).textContent());
    assert.match(job.name, /^pytorch-single-gpu/);

    await page.goto(`${portal}/plugin.html?index=0#/create_item`);
    await page.getByRole('textbox', { name: 'Protocol text' }).fill(protocol(name));
    await page.getByText('The protocol is valid.').waitFor();
    await step(page, 'Basics');
    await page.getByLabel('Summary').fill('made in the browser');
    await create(page);
    await opened(page, name);
    await context.close();
    complaints.assertNone();
  }
}

export const protocol = (name) => `protocolVersion: 2
name: ${name}
type: job
prerequisites:
  - name: image
    type: dockerimage
    uri: ubuntu:22.04
taskRoles:
  main:
    dockerImage: image
    resourcePerInstance: {cpu: 1, memoryMB: 1024, gpu: 0}
    commands: [ls]
`;

/** Removes all containers, networks and volumes: they are all of these tests. */
export async function takeDown() {
  // Again, when one of them ends while it is looked at.
  const all = (...args) => until(`podman ${args.join(' ')}`, async () => podman(...args).then(() => true));
  await all('pod', 'rm', '--all', '--force', '--time', '0');
  await all('rm', '--all', '--force', '--volumes', '--time', '0');
  await all('volume', 'rm', '--all', '--force');
  await all('network', 'prune', '--force');
}

/** A self-signed certificate for the master node, for anybody to read. */
export async function certificate(folder) {
  const [crt, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')];
  await command('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${MASTER}`, '-addext', `subjectAltName=IP:${MASTER}`, '-keyout', key, '-out', crt],
  ]);
  await command('chmod', ['644', key]);
  return { crt, key };
}

// Servers of a test file: real processes on free ports of the loopback
// interface, ready before the first test and gone after the last.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const START_LIMIT = 60_000;
const STOP_LIMIT = 10_000;
const LOG_LINES = 60;

const running = new Set();
const folders = [];

// A test file leaves nothing behind, even when it ends early.
process.on('exit', () => {
  running.forEach((child) => child.kill('SIGKILL'));
  folders.forEach((folder) => rmSync(folder, { recursive: true, force: true }));
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

/** The value of an environment variable that `cargo xtask test` sets. */
export function given(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: start the browser tests with cargo xtask test`);
  return value;
}

/** A new folder that is there as long as this process. */
export function scratchFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'marketplace-browser-'));
  folders.push(folder);
  return folder;
}

/** A port that nobody listens on. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Starts a program and waits until `ready`, a URL, answers with a 2xx status.
 * Its environment is this process's `PATH` and what `env` holds, so that a
 * developer's own settings do not reach it; a server ends at once.
 */
export async function start(program, args, { cwd, env = {}, ready }) {
  const child = spawn(program, args, {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, DRAIN_TIME: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const log = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => log.push(...text.split('\n').filter(Boolean)));
  }
  const server = { log, stop: () => stop(child) };
  await once(child, 'spawn');
  const deadline = Date.now() + START_LIMIT;
  while (!(await answers(ready))) {
    const ended = child.exitCode ?? child.signalCode;
    if (ended === null && Date.now() < deadline) {
      await pause(50);
      continue;
    }
    await server.stop();
    const what = ended === null ? 'does not answer' : `ended (${ended})`;
    throw new Error([`${program} ${args.join(' ')} ${what}:`, ...log.slice(-LOG_LINES)].join('\n'));
  }
  return server;
}

async function answers(url) {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}

async function stop(child) {
  running.delete(child);
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  const killer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT);
  child.kill('SIGTERM');
  const [code, signal] = await ended;
  clearTimeout(killer);
  if (signal === 'SIGKILL') throw new Error(`${child.spawnfile} did not stop on SIGTERM (${code})`);
}

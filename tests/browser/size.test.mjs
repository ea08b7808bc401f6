// What somebody downloads before the catalogue shows.

import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';

import { given } from './harness/server.mjs';

const BUDGET = 200_000;

test('plugin.js and its wasm fit the budget', async (t) => {
  const folder = given('PLUGIN_DIR');
  const files = (await readdir(folder)).filter((name) => name === 'plugin.js' || name.endsWith('.wasm'));
  assert.equal(files.length, 2, `plugin.js and one wasm file, not ${files.join(', ')}`);
  let total = 0;
  for (const file of files) {
    const size = brotliCompressSync(await readFile(join(folder, file))).length;
    t.diagnostic(`${file}: ${size} bytes`);
    total += size;
  }
  t.diagnostic(`together: ${total} bytes of ${BUDGET}, brotli`);
  assert.ok(total <= BUDGET, `${total} bytes are over the budget of ${BUDGET}`);
});

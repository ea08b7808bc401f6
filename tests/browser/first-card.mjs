// Measures how long a visitor waits for the first card, in the catalogue that `DATABASE_URL`
// names, and prints the medians: `{"cold": ms, "warm": ms}`. Part of `cargo xtask bench`.

import { World } from './harness.mjs';
import { firstCard } from './harness/first-card.mjs';
import { given } from './harness/server.mjs';

const ROUNDS = 9;

const world = new World();
await world.start({ settings: { DATABASE_URL: given('DATABASE_URL') } });
try {
  const times = await firstCard(world, ROUNDS);
  const medians = Object.entries(times).map(([visit, all]) => [visit, all.sort((a, b) => a - b)[ROUNDS >> 1]]);
  console.log(JSON.stringify(Object.fromEntries(medians)));
} finally {
  await world.stop();
}

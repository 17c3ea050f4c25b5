import { describe, expect, it } from 'vitest';
import { builtServer } from '../bench/program.js';
import { runFuzz } from './run.js';

const seeds = ['1', String(Math.floor(Math.random() * 1_000_000_000))];
const seconds = 3;

describe('the server under attack', () => {
  it(`keeps its promises to other clients, and pays for nothing (seeds ${seeds.join(' and ')}; npm run fuzz is the long version)`, {
    timeout: 180_000,
  }, async () => {
    const { phases, violations } = await runFuzz({ seeds, seconds, workers: 1, server: builtServer });
    const found = phases.flatMap(({ name, violations }) =>
      violations.map(({ bytes, ...rest }) => ({ phase: name, ...rest, bytes: bytes?.toString('base64') })),
    );
    expect([...found, ...violations]).toEqual([]);
    expect(phases.filter(({ requests }) => requests === 0)).toEqual([]);
  });
});

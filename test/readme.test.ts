import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { startTestServer } from './harness.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

function firstBlock(language: string): string {
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1] ?? '';
}

describe('README', () => {
  it('shows a query and the answer that the sandbox really gives, for the calls it says', async () => {
    const server = await startTestServer();
    expect(await server.ask(firstBlock('graphql'))).toEqual(JSON.parse(firstBlock('json')));
    expect(server.calls).toHaveLength(6);
  });
});

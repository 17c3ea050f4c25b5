import { endpointNames } from '../../upstream/endpoints/table.js';
import type { SandboxBody } from './body.js';

type Module = Readonly<Record<string, SandboxBody | undefined>>;

/** Loads each endpoint's body, by the endpoint's name: its file and its export have that name, too. */
export async function loadBodies(): Promise<ReadonlyMap<string, SandboxBody>> {
  const bodies = new Map<string, SandboxBody>();
  for (const name of endpointNames) {
    const module: Module = await import(/* @vite-ignore */ `./${name}.js`);
    const body = module[name];
    if (!body) throw new Error(`Expected sandbox/bodies/${name}.ts to export ${name}.`);
    bodies.set(name, body);
  }
  return bodies;
}

import { endpointNames } from '../../upstream/endpoints/table.js';
import type { SandboxBody } from './body.js';
import { unmodelled } from './unmodelled.js';

type Module = Readonly<Record<string, SandboxBody | undefined>>;

/**
 * Loads each endpoint's body, by the endpoint's name. A modelled endpoint's file and its export have that name, too. The
 * bodies of the others share a file.
 */
export async function loadBodies(): Promise<ReadonlyMap<string, SandboxBody>> {
  const bodies = new Map<string, SandboxBody>();
  for (const name of endpointNames) bodies.set(name, unmodelled[name] ?? (await load(name)));
  return bodies;
}

async function load(name: string): Promise<SandboxBody> {
  const module: Module = await import(/* @vite-ignore */ `./${name}.js`);
  const body = module[name];
  if (!body) throw new Error(`Expected sandbox/bodies/${name}.ts to export ${name}.`);
  return body;
}

import { createHash } from 'node:crypto';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readPersistedDocuments } from '../src/persistedDocuments.js';
import { documentFolder, temporaryFolder } from './fixtures.js';

const hash = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const one = '{ __typename }';
const other = '{ upstream { callsToday } }';

/** The lines of the error, without their common start. */
async function faultsOf(folder: string): Promise<string[]> {
  const error = await readPersistedDocuments(folder).catch((error: unknown) => error);
  const [headline, ...faults] = String(error).split('\n');
  expect(headline).toBe("ConfigError: The configuration can't be used:");
  return faults.map((fault) => fault.replace('  - PERSISTED_DOCUMENTS: ', '').replaceAll(folder, 'FOLDER'));
}

it('reads every manifest of the folder, and no other file', async () => {
  const folder = await documentFolder({
    'web.json': { [hash(one)]: one, '7': other },
    'app.json': { 'x-app:list': other },
    'empty.json': {},
    'graphql.ts': 'export {};',
  });
  await mkdir(join(folder, 'older'));
  const web = join(folder, 'web.json');
  expect(Object.fromEntries(await readPersistedDocuments(folder))).toEqual({
    [hash(one).replace('sha256:', '')]: { text: one, file: web, id: hash(one) },
    7: { text: other, file: web, id: '7' },
    'x-app:list': { text: other, file: join(folder, 'app.json'), id: 'x-app:list' },
  });
});

it('reads manifests that are symbolic links, as Kubernetes mounts them', async () => {
  const folder = await temporaryFolder();
  await symlink(join(await documentFolder({ 'real.json': { 1: one } }), 'real.json'), join(folder, 'a.json'));
  expect((await readPersistedDocuments(folder)).get('1')?.text).toBe(one);
});

it('accepts the same document in several manifests', async () => {
  const folder = await documentFolder({ 'a.json': { [hash(one)]: one }, 'b.json': { [hash(one)]: one } });
  expect((await readPersistedDocuments(folder)).size).toBe(1);
});

it('has no documents without a folder', async () => {
  expect((await readPersistedDocuments(null)).size).toBe(0);
});

it('names every fault, by file and id', async () => {
  const folder = await documentFolder({
    '1.json': { same: one },
    '2.json': { same: other, [hash(one)]: other, fine: other },
    '3.json': [one],
    '4.json': { nested: { query: one } },
    '5.json': '{"half": ',
  });
  await mkdir(join(folder, '6.json'));
  const noManifest = "expected a JSON object of documents by id, as codegen's client preset writes it";
  expect(await faultsOf(folder)).toEqual([
    'FOLDER/2.json: same has another document in FOLDER/1.json; remove one of them',
    `FOLDER/2.json: ${hash(one)} is not the SHA-256 of its document; generate the manifest again`,
    `FOLDER/3.json: ${noManifest}`,
    `FOLDER/4.json: ${noManifest}`,
    `FOLDER/5.json: ${noManifest}`,
    expect.stringMatching(/^FOLDER\/6\.json: can't be read \(EISDIR/),
  ]);
});

it('takes an id with and without sha256: as the same', async () => {
  const bare = hash(one).replace('sha256:', '');
  const folder = await documentFolder({ 'a.json': { [hash(one)]: one }, 'b.json': { [bare]: other } });
  expect(await faultsOf(folder)).toEqual([
    `FOLDER/b.json: ${bare} has another document in FOLDER/a.json; remove one of them`,
  ]);
});

it('refuses a folder that does not exist or has no manifest', async () => {
  expect(await faultsOf('/nowhere/documents')).toEqual([
    expect.stringMatching(/^the folder FOLDER can't be read \(ENOENT/),
  ]);
  expect(await faultsOf(await documentFolder({ 'a.graphql': one }))).toEqual([
    "the folder FOLDER has no *.json; codegen's client preset writes one for a client",
  ]);
});

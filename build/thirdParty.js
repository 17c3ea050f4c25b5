import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

// What of other authors the program is shipped with: the packages inside the bundles, and those that are installed beside.

/**
 * @typedef {object} Package
 * @property {string} name
 * @property {string} version
 * @property {string} license An SPDX expression.
 * @property {string} text The texts of its licence files.
 */

/** Licences that ask for no more than to be named. */
const permissive = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Python-2.0',
  'Unlicense',
  'Zlib',
]);

/** Whether an SPDX expression lets the program be shipped with no more than the licence's text. */
export function isPermissive(/** @type {string} */ expression) {
  return expression
    .replaceAll(/[()]/g, '')
    .split(/ OR /i)
    .some((choice) => choice.split(/ AND /i).every((license) => permissive.has(license.trim())));
}

export class ThirdParty {
  /** @type {Set<string>} */
  #folders = new Set();

  /** A plugin for Rolldown and Vite that notes the packages in a bundle. */
  plugin() {
    return {
      name: 'third-party',
      generateBundle: (/** @type {unknown} */ _, /** @type {Record<string, any>} */ bundle) => {
        const modules = Object.values(bundle).flatMap(({ modules = {} }) => Object.keys(modules));
        for (const module of modules) {
          const [folder] =
            /^.*[/\\]node_modules[/\\](@[^/\\]+[/\\])?[^/\\]+/.exec(module.replace(/^\0/, '')) ?? [];
          if (folder) this.#folders.add(folder);
        }
      },
    };
  }

  /**
   * Writes the licences and the bill of materials (CycloneDX) of all that was noted, and of all that is installed beside.
   * Throws if a licence is not permissive.
   * @param {string} root
   */
  async write(root) {
    const bundled = await Promise.all([...this.#folders].map(readPackage));
    const packages = new Map(
      [...bundled, ...(await installedBeside(root))].map((each) => [`${each.name}@${each.version}`, each]),
    );
    const sorted = [...packages].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
    const others = sorted.filter(({ license }) => !isPermissive(license));
    if (others.length > 0) {
      const named = others.map(({ name, version, license }) => `${name}@${version} (${license})`);
      throw new Error(`Expected permissive licences, but these packages have others: ${named.join(', ')}.`);
    }
    const dist = join(root, 'dist');
    await writeFile(join(dist, 'third-party-licenses.txt'), sorted.map(licenseText).join('\n'));
    await writeFile(join(dist, 'sbom.cdx.json'), `${JSON.stringify(billOfMaterials(sorted), null, 2)}\n`);
  }
}

/** @returns {Promise<Package>} */
async function readPackage(/** @type {string} */ folder) {
  const { name, version, license, licenses } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  );
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|copying|notice)\b/i.test(file));
  const texts = await Promise.all(files.sort().map((file) => readFile(join(folder, file), 'utf8')));
  const [first] = licenses ?? [];
  return {
    name,
    version,
    license: license?.type ?? license ?? first?.type ?? 'none',
    text: texts.join('\n'),
  };
}

/**
 * What `npm ci --omit=dev` installs, on any platform.
 * @param {string} root
 * @returns {Promise<Package[]>}
 */
async function installedBeside(root) {
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'));
  const found = Object.entries(packages).filter(([path, { dev }]) => path !== '' && !dev);
  return found.map(([path, { version, license = 'none' }]) => ({
    name: path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
    version,
    license,
    text: '',
  }));
}

function licenseText(/** @type {Package} */ { name, version, license, text }) {
  const heading = `${name} ${version} (${license})`;
  return `${heading}\n${'-'.repeat(heading.length)}\n\n${text.trim() || 'The package has no text of its licence.'}\n`;
}

/** https://cyclonedx.org/docs/1.6/json/ */
function billOfMaterials(/** @type {Package[]} */ packages) {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    components: packages.map(({ name, version, license }) => ({
      type: 'library',
      name,
      version,
      purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
      licenses: [{ expression: license }],
    })),
  };
}

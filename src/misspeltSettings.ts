import { editsBetween } from './editDistance.js';

/** Names that no other program uses, so an unknown one is a mistake: JUSTONEAPI_TOKN would start the sandbox. */
const ownName = /^(JUSTONEAPI_|API_KEYS_|CACHE_TTL_\w+_SECONDS$|(DAILY|QUERY)_(MAX|CALLS?|LIMIT)(_|$))/;

/** Variables that Kubernetes sets for services, which may be called `upstream`, `api-keys` or `justoneapi`. */
const kubernetesVariable =
  /^[^=]*_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)=|^[^=]*_PORT=\w+:\/\//;

/** Other programs use similar names, such as API_KEY. docs/operations.md names them. */
export const commonNames: ReadonlySet<string> = new Set(['API_KEYS', 'HOST', 'LOG_LEVEL', 'PORT', 'WORKERS']);

/**
 * Finds names that look like a setting but are not one, and returns a fault with the nearest setting for each. A misspelt
 * limit on spending would otherwise be silently off. Names of the machine and of other programs are no fault.
 */
export function misspeltIn(
  env: Readonly<Record<string, string | undefined>>,
  settings: readonly string[],
): string[] {
  const candidates = settings.flatMap((name) => [name, `${name}_FILE`]);
  const known = new Set(candidates);
  const spellings = candidates.map(spellingOf);
  return Object.entries(env).flatMap(([name, value]) => {
    if (known.has(name) || value === undefined || kubernetesVariable.test(`${name}=${value}`)) return [];
    // On Windows names are case-insensitive.
    if (known.has(name.toUpperCase()) && env[name.toUpperCase()] === value) return [];
    const isOwn = ownName.test(name);
    const nearest = nearestTo(name, spellings, isOwn);
    if (nearest === undefined || (!isOwn && commonNames.has(nearest.replace(/_FILE$/, '')))) return [];
    return [`${name}: no setting has this name; the nearest is ${nearest}`];
  });
}

/** A name as it is compared: without case and separators. */
interface Spelling {
  readonly name: string;
  readonly joined: string;
  /** With its words in alphabetical order: MAX_DAILY_CALLS is as good as DAILY_MAX_CALLS. */
  readonly sorted: string;
  /** How often it has each letter and digit. */
  readonly counts: Uint8Array;
}

function spellingOf(name: string): Spelling {
  const words = name
    .slice(0, 100)
    .toUpperCase()
    .split(/[^A-Z\d]+/);
  const joined = words.join('');
  const counts = new Uint8Array(36);
  for (const letter of joined) {
    const at = Number.parseInt(letter, 36);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return { name, joined, sorted: words.sort().join(''), counts };
}

/** As many edits are needed at least, whatever the order of the letters. */
function leastEdits(one: Spelling, other: Spelling): number {
  let more = 0;
  let less = 0;
  for (let at = 0; at < one.counts.length; at += 1) {
    const difference = (one.counts[at] ?? 0) - (other.counts[at] ?? 0);
    if (difference > 0) more += difference;
    else less -= difference;
  }
  return Math.max(more, less);
}

/** The setting with the most similar name, if it is close. For a name of ours: however far, with the same first word. */
function nearestTo(name: string, settings: readonly Spelling[], isOwn: boolean): string | undefined {
  const spelling = spellingOf(name);
  let nearest: string | undefined;
  let nearestDistance = Number.POSITIVE_INFINITY;
  for (const setting of settings) {
    if (isOwn && firstWord(name) !== firstWord(setting.name)) continue;
    const maxDistance = isOwn ? Number.POSITIVE_INFINITY : Math.floor(setting.name.length / 5);
    const bound = Math.min(maxDistance, nearestDistance - 1);
    // Counting letters first keeps the start fast: forty variables would take a tenth of it.
    if (leastEdits(spelling, setting) > bound) continue;
    const distance = Math.min(
      editsBetween(spelling.joined, setting.joined),
      editsBetween(spelling.sorted, setting.sorted),
    );
    if (distance > bound) continue;
    nearest = setting.name;
    nearestDistance = distance;
  }
  return nearest;
}

function firstWord(name: string): string | undefined {
  return name.split('_')[0];
}

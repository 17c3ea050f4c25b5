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
  return Object.entries(env).flatMap(([name, value]) => {
    if (known.has(name) || value === undefined || kubernetesVariable.test(`${name}=${value}`)) return [];
    // On Windows names are case-insensitive.
    if (known.has(name.toUpperCase()) && env[name.toUpperCase()] === value) return [];
    const isOwn = ownName.test(name);
    const nearest = nearestTo(name, candidates, isOwn);
    if (nearest === undefined || (!isOwn && commonNames.has(nearest.replace(/_FILE$/, '')))) return [];
    return [`${name}: no setting has this name; the nearest is ${nearest}`];
  });
}

/** The setting with the most similar name, if it is close. For a name of ours: however far, with the same first word. */
function nearestTo(name: string, settings: readonly string[], isOwn: boolean): string | undefined {
  let nearest: string | undefined;
  let nearestDistance = Number.POSITIVE_INFINITY;
  for (const setting of settings) {
    const maxDistance = isOwn ? Number.POSITIVE_INFINITY : Math.floor(setting.length / 5);
    if (isOwn && firstWord(name) !== firstWord(setting)) continue;
    // Comparing lengths first keeps the start fast with thousands of variables.
    if (!isOwn && Math.abs(name.length - setting.length) > maxDistance + 3) continue;
    const distance = distanceBetween(name, setting);
    if (distance > maxDistance || distance >= nearestDistance) continue;
    nearest = setting;
    nearestDistance = distance;
  }
  return nearest;
}

function firstWord(name: string): string | undefined {
  return name.split('_')[0];
}

/** Ignores case, separators and the order of words: MAX_DAILY_CALLS is as good as DAILY_MAX_CALLS. */
function distanceBetween(name: string, setting: string): number {
  const [words, others] = [name, setting].map((text) =>
    text
      .slice(0, 100)
      .toUpperCase()
      .split(/[^A-Z\d]+/),
  );
  if (!words || !others) return Number.POSITIVE_INFINITY;
  return Math.min(
    editsBetween(words.join(''), others.join('')),
    editsBetween([...words].sort().join(''), [...others].sort().join('')),
  );
}

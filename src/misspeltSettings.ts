/** Names that are nobody else's, so that an unknown one is a slip: JUSTONEAPI_TOKN would start the sandbox. */
const ownName = /^(JUSTONEAPI_|API_KEYS_|CACHE_TTL_\w+_SECONDS$|(DAILY|QUERY)_(MAX|CALLS?|LIMIT)(_|$))/;

/** What Kubernetes sets for a service called `upstream`, `api-keys` or `justoneapi`, beside `…_PORT=tcp://…`. */
const ofKubernetes =
  /^[^=]*_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)=|^[^=]*_PORT=\w+:\/\//;

/** Other programs have names that are close to these, such as API_KEY. */
const common: ReadonlySet<string> = new Set(['WORKERS', 'LOG_LEVEL', 'API_KEYS']);

/**
 * Finds names that look like a setting and are none, and says which setting is the nearest: a limit on what may be
 * spent, misspelt, would be silently off. What belongs to the machine or to another program is left alone.
 */
export function misspeltIn(
  env: Readonly<Record<string, string | undefined>>,
  settings: readonly string[],
): string[] {
  const known = new Set(settings.flatMap((name) => [name, `${name}_FILE`]));
  return Object.entries(env).flatMap(([name, value]) => {
    if (known.has(name) || value === undefined || ofKubernetes.test(`${name}=${value}`)) return [];
    // On Windows a name is the same whatever its case.
    if (known.has(name.toUpperCase()) && env[name.toUpperCase()] === value) return [];
    const [, base = '', suffix = ''] = /^(.*?)(_FILE)?$/s.exec(name) ?? [];
    const isOwn = ownName.test(name);
    const nearest = nearestTo(base, settings, isOwn);
    if (nearest === undefined || (!isOwn && common.has(nearest))) return [];
    return [`${name}: no setting has this name; the nearest is ${nearest}${suffix}`];
  });
}

/** The setting whose name is the most like it, if that is close. A name of ours has the nearest of its own family. */
function nearestTo(name: string, settings: readonly string[], isOwn: boolean): string | undefined {
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const setting of settings) {
    const most = isOwn ? Number.POSITIVE_INFINITY : Math.floor(setting.length / 5);
    if (isOwn && firstWord(name) !== firstWord(setting)) continue;
    // Most names are told by their length alone, which keeps the start quick among thousands.
    if (!isOwn && Math.abs(name.length - setting.length) > most + 3) continue;
    const distance = distanceBetween(name, setting);
    if (distance > most || distance >= least) continue;
    nearest = setting;
    least = distance;
  }
  return nearest;
}

function firstWord(name: string): string | undefined {
  return name.split('_')[0];
}

/** Whatever the case, what is between the words, and their order: MAX_DAILY_CALLS is DAILY_MAX_CALLS. */
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

/** How many letters to add, leave out, change, or swap with the next make one text the other (Damerau-Levenshtein). */
function editsBetween(one: string, other: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let row = 1; row <= one.length; row += 1) {
    const current = [row];
    for (let at = 1; at <= other.length; at += 1) {
      const isSame = one[row - 1] === other[at - 1];
      const isSwapped = one[row - 1] === other[at - 2] && one[row - 2] === other[at - 1];
      current.push(
        Math.min(
          (last[at] ?? 0) + 1,
          (current[at - 1] ?? 0) + 1,
          (last[at - 1] ?? 0) + (isSame ? 0 : 1),
          isSwapped ? (beforeLast[at - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    beforeLast = last;
    last = current;
  }
  return last[other.length] ?? 0;
}

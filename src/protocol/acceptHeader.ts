/** What an answer can be sent as. */
export const wholeTypes = ['application/graphql-response+json', 'application/json'] as const;
export const partTypes = ['multipart/mixed', 'text/event-stream'] as const;

/** Whether an asker takes an answer as one of `types`, by the same reading of `Accept` as Yoga's own, which chooses later. */
export function accepts({ headers }: Request, types: readonly string[]): boolean {
  const ranges = (headers.get('accept') || '*/*').replace(/\s/g, '').toLowerCase().split(',');
  return ranges.some((text) => {
    const [range = '', ...parameters] = text.split(';');
    const charset = parameters.find((parameter) => parameter.includes('charset='));
    if (charset !== undefined && charset !== 'charset=utf-8') return false;
    const [kind, subkind] = range.split('/');
    return types.some((type) => {
      const [typeKind, typeSubkind] = type.split('/');
      return (kind === '*' || kind === typeKind) && (subkind === '*' || subkind === typeSubkind);
    });
  });
}

/** The media types of a response that holds one result. */
export const singleResultTypes = ['application/graphql-response+json', 'application/json'] as const;

/** The media types of incremental delivery. */
export const incrementalTypes = ['multipart/mixed', 'text/event-stream'] as const;

/** Whether a request's `Accept` allows one of `types`. Reads the header as Yoga does, which chooses the type later. */
export function acceptsAnyOf({ headers }: Request, types: readonly string[]): boolean {
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

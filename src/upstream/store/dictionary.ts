import json from './dictionary.json' with { type: 'json' };

/**
 * Text that answers are compressed against: upstream's keys, which make up most of them. What is kept can't be read
 * without this very text, so changing it takes a new `format`.
 */
export const dictionary = Buffer.from(json.text);

/** In bytes. A key and a number are not worth it. */
export const compressFrom = 100;

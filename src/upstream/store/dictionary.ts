import json from './dictionary.json' with { type: 'json' };

/**
 * The preset dictionary for compression: upstream's keys, which are most of the text of answers. Stored answers can't be
 * read with another dictionary, so a change needs a new `format`.
 */
export const dictionary = Buffer.from(json.text);

/** Shorter values are not compressed. In bytes, in Redis in characters. */
export const minCompressedLength = 100;

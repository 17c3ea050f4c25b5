const { PROPERTY_SEED } = process.env;

/**
 * What property tests draw their values from: the same ones in each run. PROPERTY_SEED=random draws others, and
 * PROPERTY_SEED=NUMBER those of a failure, which fast-check reports with its seed.
 */
export const seed = PROPERTY_SEED === 'random' ? Date.now() % 2 ** 31 : Number(PROPERTY_SEED ?? 1);

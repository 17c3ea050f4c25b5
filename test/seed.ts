/**
 * The seed of every random test, which is the same in each run: a run fails because of a change, and never by chance.
 * `SEED=random` draws another one, and `SEED=123` repeats a run. Titles and failures show it.
 */
export const seed = seedFrom(process.env['SEED']);

function seedFrom(given: string | undefined): number {
  if (given === undefined) return 1;
  if (given === 'random') return Math.floor(Math.random() * 1_000_000_000);
  if (/^\d{1,9}$/.test(given)) return Number(given);
  throw new Error(`Expected SEED to be random or a number of at most nine digits, but got ${given}.`);
}

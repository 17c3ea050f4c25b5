import { type Benchmark, takeTurns } from './benchmark.js';
import { setUpWith } from './setUp.js';
import { median } from './statistics.js';

const slowMs = 5_000;
const rounds = { warmUp: 10, measured: 60 };

/** They are all still waited for when the last round begins. */
const slowAtOnce = rounds.warmUp + rounds.measured;

const profile = 'profile { name followerCount province tags { name children } mcn { name } }';
const alone = `query Alone($id: ID!) { creator(id: $id) { id ${profile} } }`;
const deferring = (section: string) =>
  `query Deferring($id: ID!) { creator(id: $id) { id ${profile} ... @defer { ${section} } } }`;

/** How much longer a quick section takes when a slow one is deferred beside it. */
export const defer: Benchmark = {
  name: 'defer',
  async run() {
    const { ask, askInParts, freshIds, close } = await setUpWith(`prices:${slowMs}`, 2 * slowAtOnce);
    const id = () => ({ id: freshIds(1)[0] });
    for (let batch = 0; batch < 15; batch += 1) {
      await Promise.all(
        freshIds(25).flatMap((some) => [
          ask(alone, { id: some }),
          askInParts(deferring('cpMetrics { viralRate }'), id()).then(({ rest }) => rest),
        ]),
      );
    }
    const rests: Promise<void>[] = [];
    const whole = await takeTurns(rounds, {
      alone: () => ask(alone, id()),
      first: async () => {
        const { rest } = await askInParts(deferring('prices { industryTags { name } }'), id());
        rests.push(rest);
      },
    });
    await Promise.all(rests);
    await close();
    const base = median(whole.alone);
    const ordinary = { name: 'profile alone, one answer', values: whole.alone, base };
    return {
      unit: 'ms',
      series: [
        { name: `profile, prices of ${slowMs / 1000} s deferred: first part`, values: whole.first, base },
        ordinary,
      ],
      bare: [ordinary],
      bounds: [{ what: 'median to that of profile alone', value: median(whole.first) / base, most: 1.1 }],
    };
  },
};

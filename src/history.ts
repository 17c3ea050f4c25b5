import type { GraphQLResolveInfo } from 'graphql';
import { maxEarlierAnswers, tooManyEarlierAnswersError } from './responseSize/earlierAnswers.js';
import type { SectionSelectionSize } from './responseSize/selectionSize.js';
import type { Section, SectionFacts } from './upstream/section.js';

/** How many series an operation reads at once. */
const maxReads = 16;

export interface HistoryLoader {
  /** The last answers from before a section, the newest first. `info`: what is selected of them. */
  load(
    section: SectionFacts,
    last: number,
    info: GraphQLResolveInfo,
  ): readonly SectionFacts[] | Promise<readonly SectionFacts[]>;
}

/** Where the history of an operation comes from. */
export interface HistorySource {
  earlier(section: SectionFacts, most: number): AsyncIterable<Section>;
  /** Throws when the operation should load nothing more. */
  throwIfOver(section: SectionFacts): void;
  selectionOf(info: GraphQLResolveInfo): SectionSelectionSize;
  /** Called once for each answer that was loaded. */
  use(section: Section): Section;
  /** Returns the answer when resolvers may have it. */
  add(section: Section, selection: SectionSelectionSize): Section | Promise<Section>;
}

/** Loads the earlier answers of one operation, a few series at a time, so that few of them are in memory uncounted. */
export function createHistoryLoader(source: HistorySource): HistoryLoader {
  const { earlier, throwIfOver, selectionOf, use, add } = source;
  /** The last read of each queue. */
  const queues: Promise<unknown>[] = Array.from({ length: maxReads }, () => Promise.resolve());
  let nextQueue = 0;
  let count = 0;

  const countOne = () => {
    if (count >= maxEarlierAnswers) throw tooManyEarlierAnswersError();
    count += 1;
  };

  async function read(section: SectionFacts, last: number): Promise<readonly Section[]> {
    throwIfOver(section);
    const found: Section[] = [];
    for await (const one of earlier(section, last)) {
      throwIfOver(section);
      countOne();
      found.push(use(one));
    }
    // Or nested fields with empty lists would cause any number of reads.
    if (found.length === 0) countOne();
    return found;
  }

  return {
    async load(section, last, info) {
      const selection = selectionOf(info);
      const at = nextQueue % maxReads;
      nextQueue += 1;
      const reading = (queues[at] ?? Promise.resolve()).then(() => read(section, last));
      queues[at] = reading.catch(() => {});
      const ready: Section[] = [];
      // One after another, because a large response gets each in a turn.
      for (const one of await reading) ready.push(await add(one, selection));
      return ready;
    },
  };
}

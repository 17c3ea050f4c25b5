import {
  Environment,
  type FetchFunction,
  type MissingFieldHandler,
  Network,
  RecordSource,
  Store,
} from 'relay-runtime';
import type { Cost } from './cost.js';

/** A creator that any query has brought is found by the id. */
const redirects: MissingFieldHandler[] = [
  {
    kind: 'linked',
    handle: ({ name }, record, args) =>
      record?.getType() === '__Root' && name === 'creator' ? dataId(args['id']) : undefined,
  },
  {
    kind: 'pluralLinked',
    handle: ({ name }, record, args) =>
      record?.getType() === '__Root' && name === 'creators' ? args['ids'].map(dataId) : undefined,
  },
];

function dataId(creatorId: string): string {
  return `Creator:${creatorId}`;
}

/** `onCost` gets `extensions.cost` of each response that has it. */
export function relayEnvironment(url: string, onCost: (cost: Cost) => void = () => {}): Environment {
  const send: FetchFunction = async ({ name, text }, variables) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ operationName: name, query: text, variables }),
    });
    const answer = await response.json();
    if (answer.extensions?.cost) onCost(answer.extensions.cost);
    return answer;
  };
  return new Environment({
    network: Network.create(send),
    store: new Store(new RecordSource()),
    missingFieldHandlers: redirects,
    // One video has other figures in an earlier answer, and fewer in a search: each place keeps its own. Of other
    // objects the id is unique within the type only.
    getDataID: ({ id }, typeName) =>
      id === undefined || typeName === 'Video' ? undefined : `${typeName}:${id}`,
  });
}

import { BadUserInputError } from '../errors.js';
import type { Spend as SpendValue } from '../upstream/call/spend.js';
import { builder } from './builder.js';
import { EndpointName, Upstream } from './upstream.js';

/** As many as the ledger has. */
const maxDays = 400;

const Spend = builder.objectRef<SpendValue>('Spend').implement({
  description:
    'The calls of one day that one API key paid for, to one endpoint, for operations of one name. Operations pay only for the calls that they start.',
  fields: (t) => ({
    day: t.expose('day', {
      type: 'Date',
      nullable: false,
      description: "China's calendar day on which the calls began.",
    }),
    payer: t.exposeString('payer', {
      description: "The API key's name in `API_KEYS`, never the key itself. Null: the server had no keys.",
    }),
    endpoint: t.expose('endpoint', {
      type: EndpointName,
      nullable: false,
      description: 'The endpoint that was called.',
    }),
    operationName: t.exposeString('operationName', {
      description:
        "The name that the operations have in their documents, up to 100 characters. Null: they had none, or the API key's operations had more than 500 names on this day; the further ones are counted here.",
    }),
    calls: t.expose('calls', {
      type: 'SafeInt',
      nullable: false,
      description:
        'The number of calls that upstream billed, or may have billed: those that a timeout or a lost connection left uncertain are included. Calls in flight are not, until they end. Renewals are. The sandbox counts calls, too, and bills none.',
    }),
  }),
});

builder.objectField(Upstream, 'spend', (t) =>
  t.field({
    type: [Spend],
    nullable: false,
    description:
      "Who paid for what, by all servers that share the store and the token: the newest day first, then the most calls first. A day without calls has no row. With API keys: the spend of this key, or, for an admin's key, of all. Makes no call. More than 5,000 rows fail with BAD_USER_INPUT: ask for fewer days.",
    args: {
      days: t.arg.int({
        required: true,
        defaultValue: 7,
        description: "How many of China's calendar days, with today: 1 to 400.",
      }),
    },
    resolve: (_status, { days }, { spend }, info) => {
      if (days < 1 || days > maxDays) {
        throw new BadUserInputError(`Expected days to be a number from 1 to ${maxDays}, but got ${days}.`);
      }
      return spend(days, info);
    },
  }),
);

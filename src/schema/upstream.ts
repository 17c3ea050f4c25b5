import type { Stop as StopValue } from '../upstream/call/circuit/status.js';
import type { EndpointStatus, UpstreamStatus } from '../upstream/client.js';
import { endpointNames } from '../upstream/endpoints/table.js';
import { builder } from './builder.js';

const EndpointName = builder.enumType('EndpointName', {
  description: "Upstream's endpoints, by the field of `Creator` that asks them.",
  values: Object.fromEntries(
    endpointNames.map((value) => [enumName(value), { value, description: `\`Creator.${value}\`.` }]),
  ),
});

/** `cpMetrics` → `CP_METRICS` */
function enumName(name: string): string {
  return name.replaceAll(/[A-Z]/g, '_$&').toUpperCase();
}

const Health = builder.enumType('Health', {
  description: "How an endpoint did over the last 15 minutes, in the vendor's own words.",
  values: {
    HEALTHY: { description: 'At least 95 % of the attempts succeeded.' },
    AVAILABLE: { description: 'At least 80 %.' },
    LIMITED: { description: 'At least 30 %.' },
    MOSTLY_UNAVAILABLE: { description: 'Less than 30 %.' },
    NO_DATA: { description: 'Nothing was asked of it.' },
  } as const,
});

const Circuit = builder.enumType('Circuit', {
  description:
    'Whether calls to an endpoint are let through. They are held up by a stop, after upstream said that every call is in vain (token, permission, quota, balance), or by trouble: at least 20 attempts within a minute, half or more of which ended UPSTREAM_UNAVAILABLE or UPSTREAM_TIMEOUT. Older answers serve meanwhile.',
  values: {
    CLOSED: { description: 'They are.' },
    OPEN: {
      description:
        'They fail at once, with the code that opened it; one call a minute is sent to find out (after the quota: at midnight in China).',
    },
    PROBING: { description: 'That one is under way; the others still fail at once.' },
  } as const,
});

const Endpoint = builder.objectRef<EndpointStatus>('Endpoint').implement({
  description: 'What this server saw of one endpoint over the last 15 minutes.',
  fields: (t) => ({
    name: t.expose('name', { type: EndpointName, nullable: false, description: 'Which endpoint.' }),
    health: t.expose('health', { type: Health, nullable: false, description: 'The state in a word.' }),
    attempts: t.expose('attempts', {
      type: 'SafeInt',
      nullable: false,
      description: 'HTTP requests sent, the last 1,000 at most.',
    }),
    successRate: t.exposeFloat('successRate', {
      description: 'The share that was answered, “no data” included, a fraction. Null: no attempts.',
    }),
    p50Ms: t.exposeFloat('p50Ms', { description: 'Median duration in milliseconds. Null: no attempts.' }),
    p95Ms: t.exposeFloat('p95Ms', {
      description: 'The duration in milliseconds that 95 % stayed within. Null: no attempts.',
    }),
    circuit: t.expose('circuit', {
      type: Circuit,
      nullable: false,
      description: 'Whether calls are let through.',
    }),
    circuitSince: t.expose('circuitSince', {
      type: 'DateTime',
      description: 'Since when the circuit is not closed. Null: it is.',
    }),
    drift: t.exposeStringList('drift', {
      nullable: false,
      description:
        "How its bodies differ from the known shape, since this server started, by name and never by value: `price_info[].new_key: unknown since 2026-03-01T04:00:00Z`. Unknown: a key that nobody knows. Missing: one that the last 20 bodies for SHORT_VIDEO lacked, told until it is there again. Unreadable: rows that could not be read. Another creator's: answers about another creator. The oldest first, 100 at most.",
    }),
  }),
});

const Stop = builder.objectRef<StopValue>('Stop').implement({
  description:
    'Why every call fails at once. It holds until a call gets through again or the operator lifts it.',
  fields: (t) => ({
    code: t.exposeString('code', { nullable: false, description: 'The error code that calls fail with.' }),
    upstreamCode: t.exposeInt('upstreamCode', { description: "Upstream's own code. Null: none came." }),
    since: t.expose('since', { type: 'DateTime', nullable: false, description: 'Since when.' }),
    nextProbeAt: t.expose('nextProbeAt', {
      type: 'DateTime',
      description: 'When one call will try again. Null: one is under way.',
    }),
  }),
});

const Upstream = builder.objectRef<UpstreamStatus>('Upstream').implement({
  description: 'The state and the cost of the upstream API, as this server knows them.',
  fields: (t) => ({
    isSandbox: t.exposeBoolean('isSandbox', {
      nullable: false,
      description: 'True: answers are made up by a stand-in, and nothing is paid.',
    }),
    environment: t.exposeString('environment', {
      nullable: false,
      description:
        "Where calls go now: prod-global, prod-cn, custom (a base URL of the operator's own) or sandbox.",
    }),
    endpoints: t.expose('endpoints', {
      type: [Endpoint],
      nullable: false,
      description: 'Every endpoint.',
    }),
    stop: t.expose('stop', {
      type: Stop,
      description: 'What stops every call. Null: nothing does.',
    }),
    callsToday: t.expose('callsToday', {
      type: 'SafeInt',
      nullable: false,
      description:
        "Calls that upstream bills since midnight in China, of all servers that share the store and the token; those under way and those that may have been billed count, too. Where there are API keys: those of the key that asks; an admin's shows everybody's. The sandbox counts them and bills nothing.",
    }),
    callsTotal: t.expose('callsTotal', {
      type: 'SafeInt',
      nullable: false,
      description:
        "Calls that upstream bills, since this server started. Where there are API keys: those of the key that asks; an admin's shows everybody's.",
    }),
    dailyLimit: t.expose('dailyLimit', {
      type: 'SafeInt',
      description:
        "Calls that may be paid on one of China's calendar days, by all servers that share the store. Where there are API keys: by the key that asks; an admin's shows the server's. Null: any number, as far as that goes.",
    }),
  }),
});

builder.queryField('upstream', (t) =>
  t.field({
    type: Upstream,
    nullable: false,
    description: 'Health, circuits and spend. Calls nothing.',
    resolve: (_parent, _args, { upstreamStatus }) => upstreamStatus(),
  }),
);

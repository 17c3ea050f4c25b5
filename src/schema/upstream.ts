import type { Stop as StopValue } from '../upstream/call/circuit/status.js';
import type { EndpointStatus, UpstreamStatus } from '../upstream/client.js';
import {
  endpointNames,
  isUnmodelledOfCreator,
  isUnmodelledOfVideo,
  type EndpointName as Name,
} from '../upstream/endpoints/table.js';
import { builder } from './builder.js';
import { enumName } from './enumName.js';

export const EndpointName = builder.enumType('EndpointName', {
  description: 'An endpoint of upstream, named after the field or the argument that asks for it.',
  values: Object.fromEntries(
    endpointNames.map((value) => [
      enumName(value),
      { value, description: `The endpoint of \`${fieldOf(value)}\`.` },
    ]),
  ),
});

function fieldOf(name: Name): string {
  if (isUnmodelledOfCreator(name)) return `Creator.unmodelled(endpoint: ${enumName(name)})`;
  if (isUnmodelledOfVideo(name)) return `Query.unmodelled(endpoint: ${enumName(name)})`;
  return name === 'searchCreators' ? 'Query.searchCreators' : `Creator.${name}`;
}

const Health = builder.enumType('Health', {
  description:
    "How many attempts at an endpoint succeeded in the last 15 minutes. The words are the vendor's.",
  values: {
    HEALTHY: { description: 'At least 95 % of the attempts succeeded.' },
    AVAILABLE: { description: 'At least 80 % of the attempts succeeded, but less than 95 %.' },
    LIMITED: { description: 'At least 30 % of the attempts succeeded, but less than 80 %.' },
    MOSTLY_UNAVAILABLE: { description: 'Less than 30 % of the attempts succeeded.' },
    NO_DATA: { description: 'There was no attempt.' },
  } as const,
});

const Circuit = builder.enumType('Circuit', {
  description:
    'Whether the server makes calls to an endpoint. A stop opens the circuit: upstream said that no call can succeed (token, permission, quota, balance). Failures open it, too: at least 20 attempts within a minute, of which half or more ended with UPSTREAM_UNAVAILABLE or UPSTREAM_TIMEOUT. Stored answers are still served.',
  values: {
    CLOSED: { description: 'Calls are made.' },
    OPEN: {
      description:
        'Calls fail at once, with the code that opened the circuit. Once a minute one call is let through, a probe, which shows whether calls work again. When the quota is used up, the probe is at midnight in China.',
    },
    PROBING: { description: 'The probe is in flight. Other calls still fail at once.' },
  } as const,
});

const Endpoint = builder.objectRef<EndpointStatus>('Endpoint').implement({
  description: 'What this server knows about one endpoint.',
  fields: (t) => ({
    name: t.expose('name', { type: EndpointName, nullable: false, description: 'The endpoint.' }),
    health: t.expose('health', {
      type: Health,
      nullable: false,
      description: 'How many attempts succeeded in the last 15 minutes, in one word.',
    }),
    attempts: t.expose('attempts', {
      type: 'SafeInt',
      nullable: false,
      description:
        'The number of attempts (HTTP requests) in the last 15 minutes. At most the last 1,000 are counted.',
    }),
    successRate: t.exposeFloat('successRate', {
      description:
        'The share of these attempts that succeeded, a fraction: 0.95 is 95 %. “No data” is a success, and so is a refused id. Null: there was no attempt.',
    }),
    p50Ms: t.exposeFloat('p50Ms', {
      description: 'The median duration of these attempts, in milliseconds. Null: there was no attempt.',
    }),
    p95Ms: t.exposeFloat('p95Ms', {
      description: 'The 95th percentile of their durations, in milliseconds. Null: there was no attempt.',
    }),
    circuit: t.expose('circuit', {
      type: Circuit,
      nullable: false,
      description: 'Whether the server makes calls to the endpoint.',
    }),
    circuitSince: t.expose('circuitSince', {
      type: 'DateTime',
      description: 'When the circuit opened. Null: it is closed.',
    }),
    drift: t.exposeStringList('drift', {
      nullable: false,
      description:
        "How the endpoint's bodies have differed from the known shape since this server started: names of keys, never values. Example: `price_info[].new_key: unknown since 2026-03-01T04:00:00Z`. `unknown`: a key that is not known here. `missing`: a key that the last 20 bodies for SHORT_VIDEO, or more, did not have; it is listed until it appears again. `unreadable`: a value or a row that could not be read. `another creator's`: a body about another creator. The oldest entry is first. At most 100 entries.",
    }),
  }),
});

const Stop = builder.objectRef<StopValue>('Stop').implement({
  description:
    'Why every call fails at once: upstream said that no call can succeed. A stop ends when a probe succeeds, or when the operator lifts it.',
  fields: (t) => ({
    code: t.exposeString('code', { nullable: false, description: 'The error code that calls fail with.' }),
    upstreamCode: t.exposeInt('upstreamCode', {
      description: "Upstream's own code. Null: upstream sent none.",
    }),
    since: t.expose('since', { type: 'DateTime', nullable: false, description: 'When the stop began.' }),
    nextProbeAt: t.expose('nextProbeAt', {
      type: 'DateTime',
      description: 'When one call may be sent as a probe. Null: the probe is in flight.',
    }),
  }),
});

export const Upstream = builder.objectRef<UpstreamStatus>('Upstream').implement({
  description: 'The state of the upstream API, and what was spent there, as this server knows them.',
  fields: (t) => ({
    isSandbox: t.exposeBoolean('isSandbox', {
      nullable: false,
      description: 'True: a sandbox stands in for upstream and makes its answers up. Nothing is paid.',
    }),
    environment: t.exposeString('environment', {
      nullable: false,
      description:
        "Where calls go now: `prod-global`, `prod-cn`, `custom` (the operator's own base URL) or `sandbox`.",
    }),
    endpoints: t.expose('endpoints', {
      type: [Endpoint],
      nullable: false,
      description: 'Every endpoint.',
    }),
    stop: t.expose('stop', {
      type: Stop,
      description: 'The stop of all calls. Null: there is none.',
    }),
    callsToday: t.expose('callsToday', {
      type: 'SafeInt',
      nullable: false,
      description:
        "The number of calls that upstream bills, since midnight in China, by all servers that share the store and the token. Calls in flight and calls that may have been billed are included. With API keys: the calls of this key, or, for an admin's key, all calls. The sandbox counts calls, too, and bills none.",
    }),
    callsTotal: t.expose('callsTotal', {
      type: 'SafeInt',
      nullable: false,
      description:
        "The number of calls that upstream bills, since this server started. With API keys: the calls of this key, or, for an admin's key, all calls.",
    }),
    dailyLimit: t.expose('dailyLimit', {
      type: 'SafeInt',
      description:
        "How many calls may be paid for on one calendar day in China, by all servers that share the store and the token. With API keys: the limit of this key, or, for an admin's key, the server's limit. Null: this limit is not set. The server's limit also holds for a key that has none.",
    }),
  }),
});

builder.queryField('upstream', (t) =>
  t.field({
    type: Upstream,
    nullable: false,
    description: 'Health, circuits and spend. Makes no call.',
    resolve: (_parent, _args, { upstreamStatus }) => upstreamStatus(),
  }),
);

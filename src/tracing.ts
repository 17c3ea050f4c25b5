import {
  type Attributes,
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

/** Does nothing until the operator loads an SDK of OpenTelemetry. */
const tracer = trace.getTracer('xingtu-graphql');

/** Where a span hangs in its trace. Null: nobody records it, so it has no children. */
export type TraceParent = Context | null;

/** A span of this server. */
export interface TracedSpan {
  readonly parent: TraceParent;
  /** Null: nobody records it. */
  readonly traceId: string | null;
  set(attributes: Attributes): void;
  /** Another span did the work. */
  link(other: TraceParent): void;
  /** `errorCode`: null if it succeeded. */
  end(errorCode: string | null): void;
}

const unrecorded: TracedSpan = { parent: null, traceId: null, set() {}, link() {}, end() {} };

function recorded(span: Span, parent: Context): TracedSpan {
  if (!span.isRecording()) return unrecorded;
  return {
    parent: trace.setSpan(parent, span),
    traceId: span.spanContext().traceId,
    set: (attributes) => void span.setAttributes(attributes),
    link: (other) => {
      const linked = other && trace.getSpanContext(other);
      if (linked) span.addLink({ context: linked });
    },
    end: (errorCode) => {
      if (errorCode !== null) {
        span.setAttribute('error.type', errorCode);
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
    },
  };
}

/** An operation, under the span of its HTTP request, or under the span that its headers name. */
export function startOperationSpan(headers: object): TracedSpan {
  const active = context.active();
  const parent = trace.getSpan(active) ? active : propagation.extract(active, headers);
  return recorded(tracer.startSpan('GraphQL operation', { kind: SpanKind.INTERNAL }, parent), parent);
}

/** A look-up of a section that is not in memory. */
export function startSectionSpan(parent: TraceParent, endpoint: string): TracedSpan {
  if (!parent) return unrecorded;
  return recorded(
    tracer.startSpan(`section ${endpoint}`, { attributes: { 'xingtu.endpoint': endpoint } }, parent),
    parent,
  );
}

/** One HTTP request to upstream. `path`: without the query, which has the token. `retries`: attempts before it. */
export function startAttemptSpan(parent: TraceParent, path: string, retries: number): TracedSpan {
  if (!parent) return unrecorded;
  const attributes = {
    'http.request.method': 'GET',
    'url.template': path,
    ...(retries > 0 && { 'http.request.resend_count': retries }),
  };
  return recorded(tracer.startSpan(`GET ${path}`, { kind: SpanKind.CLIENT, attributes }, parent), parent);
}

import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from 'react';
import { execute, RequestError } from '../api/client.js';
import { apiKey, useStored } from '../browser/settings.js';
import { UpstreamDocument, type UpstreamQuery } from '../generated/graphql.js';

interface UpstreamStatus {
  readonly upstream: UpstreamQuery['upstream'] | null;
  /** Why the server did not say. */
  readonly problem: RequestError | null;
  /** To be called when calls may have been paid. */
  readonly refresh: () => Promise<void>;
}

const StatusContext = createContext<UpstreamStatus>({
  upstream: null,
  problem: null,
  refresh: async () => {},
});

export function useUpstream(): UpstreamStatus {
  return useContext(StatusContext);
}

export function UpstreamProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const key = useStored(apiKey);
  const [state, setState] = useState<Omit<UpstreamStatus, 'refresh'>>({ upstream: null, problem: null });
  const refresh = useCallback(async () => {
    try {
      const { data } = await execute({ document: UpstreamDocument, variables: {} });
      setState({ upstream: data?.upstream ?? null, problem: null });
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      setState({ upstream: null, problem: error });
    }
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another key may see something else
  useEffect(() => void refresh(), [refresh, key]);
  return <StatusContext value={{ ...state, refresh }}>{children}</StatusContext>;
}

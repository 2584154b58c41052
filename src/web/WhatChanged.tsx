/** @jsxRuntime automatic */
/** @jsxImportSource preact */
/** What changed from one run to another, or between groups: the answer of `esper compare`, in its words. */
import { useEffect, useState } from 'preact/hooks';
import { comparisonDocument, groupsDocument } from '../report/index.ts';
import type { CompareResponse } from '../serve/index.ts';
import { DocumentView } from './DocumentView.tsx';
import { fetchJson } from './fetch-json.ts';

export function WhatChanged({
  groups,
  by = null,
  ignore = [],
}: {
  /** A pattern, a name, an id, or conditions of the list, each. */
  groups: readonly string[];
  by?: string | null;
  ignore?: readonly string[];
}) {
  const [answer, set] = useState<{ compared: CompareResponse | null; error: string | null } | null>(null);
  const query = new URLSearchParams([
    ...groups.map(group => ['group', group]),
    ...ignore.map(key => ['ignore', key]),
    ...(by === null ? [] : [['by', by]]),
  ]).toString();
  useEffect(() => {
    const stop = new AbortController();
    set(null);
    fetchJson<CompareResponse>(`/api/compare?${query}`, stop.signal).then(
      compared => set({ compared, error: null }),
      (error: Error) => stop.signal.aborted || set({ compared: null, error: error.message }),
    );
    return () => stop.abort();
  }, [query]);
  if (answer === null)
    return (
      <p class="loading" role="status">
        Reading the runs…
      </p>
    );
  const { compared, error } = answer;
  if (compared === null)
    return (
      <p class="notice warning" role="alert">
        {error}
      </p>
    );
  const context = { nowMs: Date.now(), timeZone: null, version: '' };
  return (
    <DocumentView
      document={
        compared.kind === 'groups'
          ? groupsDocument(compared.comparison, context)
          : comparisonDocument(compared.comparison, context)
      }
    />
  );
}

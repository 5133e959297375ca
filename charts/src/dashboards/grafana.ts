/** The parts of a dashboard's JSON that the rules look at; anything may be missing there. */
export type GrafanaDashboard = {
  readonly uid?: string;
  readonly title?: string;
  readonly tags?: readonly string[];
  readonly templating?: { readonly list?: readonly GrafanaVariable[] };
  readonly links?: readonly GrafanaLink[];
  readonly panels?: readonly GrafanaPanel[];
};

export type GrafanaVariable = {
  readonly name: string;
  readonly type: string;
  readonly label?: string;
  readonly query?: string | { readonly query: string };
  readonly datasource?: { readonly uid?: string };
  readonly multi?: boolean;
  readonly includeAll?: boolean;
  readonly allValue?: string;
};

export type GrafanaLink = { readonly type?: string; readonly url?: string };

export type GrafanaPanel = {
  readonly id?: number;
  readonly type: string;
  readonly title?: string;
  readonly description?: string;
  readonly datasource?: { readonly type?: string; readonly uid?: string };
  readonly gridPos?: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly links?: readonly GrafanaLink[];
  readonly fieldConfig?: {
    readonly defaults?: {
      readonly unit?: string;
      readonly thresholds?: { readonly steps?: readonly { readonly value: number | null }[] };
    };
  };
  readonly targets?: readonly GrafanaTarget[];
};

export type GrafanaTarget = {
  readonly refId?: string;
  readonly expr?: string;
  readonly legendFormat?: string;
  readonly datasource?: { readonly uid?: string };
};

export const queryOf = ({ query }: GrafanaVariable): string =>
  (typeof query === 'string' ? query : query?.query) ?? '';

/** Panels that draw something; rows only part them. */
export const drawn = (dashboard: GrafanaDashboard): readonly GrafanaPanel[] =>
  (dashboard.panels ?? []).filter(({ type }) => type !== 'row');

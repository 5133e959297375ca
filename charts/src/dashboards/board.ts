/** What a dashboard is made of, as data: files.ts turns it into Grafana's JSON, docs.ts into its page. */
export type Board = {
  /** Stable for ever: links, bookmarks and provisioning find the board by it. */
  readonly uid: string;
  readonly title: string;
  /** The chart that brings the board. */
  readonly chart: 'gridlease-operator' | 'gridlease-provider-agent';
  /** Selects the targets that the variables `cluster`, `job` and `instance` offer. */
  readonly program: string;
  /** The question that the board answers. */
  readonly answers: string;
  /** Further variables, whose values are those of a metric's label. */
  readonly filters: readonly Filter[];
  /** In the order in which somebody on call asks. */
  readonly rows: readonly Row[];
};

export type Filter = { readonly label: string; readonly metric: string };

export type Row = { readonly title: string; readonly panels: readonly PanelSpec[] };

export type PanelSpec = {
  /** Unique on its board. */
  readonly title: string;
  readonly kind: 'stat' | 'timeseries' | 'table' | 'statetimeline';
  /** A unit of Grafana's, or `suffix:text`. */
  readonly unit: string;
  /** What is drawn, in words. */
  readonly shows: string;
  /** What it looks like while all is well. */
  readonly normal: string;
  /** Names of the alerts that watch the same; empty where none does. */
  readonly alerts: readonly string[];
  readonly queries: readonly Query[];
  readonly thresholds?: Thresholds;
  /** Series are parts of one whole. Default false. */
  readonly stacked?: boolean;
  /** What 0, 1, … mean. */
  readonly words?: readonly string[];
  /** Said where there is no series. */
  readonly noValue?: string;
  /** Of 24 columns; default 4 for a stat, 12 for the others. */
  readonly width?: number;
  /** uid of the board of the same chart where the next question is answered. */
  readonly leadsTo?: string;
  /** Why a lint rule does not hold here, by its name. */
  readonly exempt?: Readonly<Record<string, string>>;
};

export type Query = {
  readonly expr: string;
  /** Legend of a series, with `{{label}}`. */
  readonly legend: string;
};

/** The figures at which the panel's alerts fire; `below` says that less is worse. */
export type Thresholds = {
  readonly warning?: number;
  readonly critical?: number;
  readonly below?: boolean;
};

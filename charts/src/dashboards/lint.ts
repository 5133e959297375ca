import { boardRules } from './boardRules.ts';
import type { GrafanaDashboard } from './grafana.ts';
import { drawn } from './grafana.ts';
import { panelRules } from './panelRules.ts';

export type Finding = { readonly rule: string; readonly panel?: string; readonly text: string };

/** Why a rule does not hold for a panel, or undefined where it must. */
export type Exemptions = (panel: string, rule: string) => string | undefined;

/**
 * What is wrong with a dashboard's JSON. The first eleven rules are those of Grafana's
 * dashboard-linter, which can't be installed everywhere; the others are this project's.
 */
export function lintDashboard(
  dashboard: GrafanaDashboard,
  exempt: Exemptions = () => undefined,
): readonly Finding[] {
  const ofBoard = boardRules.flatMap(({ name, check }) =>
    check(dashboard).map((text) => ({ rule: name, text })),
  );
  const ofPanels = drawn(dashboard).flatMap((panel) =>
    panelRules
      .filter(({ name }) => exempt(panel.title ?? '', name) === undefined)
      .flatMap(({ name, check }) =>
        check(panel).map((text) => ({ rule: name, panel: panel.title ?? '', text })),
      ),
  );
  return [...ofBoard, ...ofPanels];
}

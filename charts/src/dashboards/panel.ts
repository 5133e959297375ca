import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimeline } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import type { PanelSpec, Query } from './board.ts';
import { boardLink } from './links.ts';

/** Whatever Prometheus the board's variable names. */
export const datasource = { type: 'prometheus', uid: '$datasource' };

/** Grafana's panel for this one, at a place of the grid of 24 columns. */
export function panel(
  spec: PanelSpec,
  place: { readonly id: number; readonly x: number; readonly y: number; readonly h: number },
): Builder<dashboard.Panel> {
  const { id, ...gridPos } = { ...place, w: widthOf(spec) };
  const built = drawing(spec)
    .id(id)
    .gridPos(gridPos)
    .title(spec.title)
    .description(describe(spec))
    .datasource(datasource)
    .unit(spec.unit)
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps(spec)));
  if (spec.noValue !== undefined) built.noValue(spec.noValue);
  if (spec.words !== undefined) built.mappings([wordMapping(spec.words)]);
  if (spec.leadsTo !== undefined) built.links([boardLink('Look closer', spec.leadsTo)]);
  spec.queries.forEach((query, index) => {
    built.withTarget(target(spec, query, String.fromCharCode(65 + index)));
  });
  return built;
}

export const widthOf = ({ kind, width }: PanelSpec): number => width ?? (kind === 'stat' ? 4 : 12);

/** What a panel shows, what is normal, and which alert watches the same. */
export const describe = ({ shows, normal, alerts }: PanelSpec): string =>
  [
    shows,
    `Normal: ${normal}`,
    alerts.length === 0 ? 'Alert: none.' : `Alert: ${alerts.join(', ')}.`,
  ].join('\n\n');

function drawing(spec: PanelSpec): Stat | StateTimeline | Table | TimeSeries {
  if (spec.kind === 'stat') {
    return new Stat()
      .colorMode(BigValueColorMode.Value)
      .graphMode(BigValueGraphMode.Area)
      .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']));
  }
  if (spec.kind === 'table') {
    // The labels are what there is to read; time and value say nothing more.
    const excludeByName = { Time: true, Value: true };
    return new Table().withTransformation({ id: 'organize', options: { excludeByName } });
  }
  const legend = new VizLegendOptionsBuilder().placement(LegendPlacement.Bottom).showLegend(true);
  if (spec.kind === 'statetimeline') {
    return new StateTimeline()
      .legend(legend.displayMode(LegendDisplayMode.List))
      .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds));
  }
  const style = spec.thresholds ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off;
  return new TimeSeries()
    .axisSoftMin(0)
    .fillOpacity(spec.stacked ? 30 : 0)
    .stacking(
      new StackingConfigBuilder().mode(spec.stacked ? StackingMode.Normal : StackingMode.None),
    )
    .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(style))
    .legend(
      legend
        .displayMode(LegendDisplayMode.Table)
        .calcs(['lastNotNull', 'max'])
        .sortBy('Max')
        .sortDesc(true),
    )
    .tooltip(
      new VizTooltipOptionsBuilder()
        .mode(TooltipDisplayMode.Multi)
        .sort(SortOrder.Descending)
        .hideZeros(spec.stacked ?? false),
    );
}

function target({ kind }: PanelSpec, query: Query, refId: string): DataqueryBuilder {
  const built = new DataqueryBuilder()
    .datasource(datasource)
    .refId(refId)
    .expr(query.expr)
    .legendFormat(query.legend);
  return kind === 'table' ? built.instant().format(PromQueryFormat.Table) : built.range();
}

/** A colour that judges only where an alert does. */
function steps({ thresholds }: PanelSpec): dashboard.Threshold[] {
  if (thresholds === undefined) return [{ value: null, color: 'blue' }];
  const { warning, critical, below } = thresholds;
  if (below) {
    // From the bottom: worst, less bad, good.
    const worst = { value: null, color: critical === undefined ? 'orange' : 'red' };
    if (critical === undefined) return [worst, { value: warning!, color: 'green' }];
    if (warning === undefined) return [worst, { value: critical, color: 'green' }];
    return [worst, { value: critical, color: 'orange' }, { value: warning, color: 'green' }];
  }
  const upwards: dashboard.Threshold[] = [{ value: null, color: 'green' }];
  if (warning !== undefined) upwards.push({ value: warning, color: 'orange' });
  if (critical !== undefined) upwards.push({ value: critical, color: 'red' });
  return upwards;
}

function wordMapping(words: readonly string[]): dashboard.ValueMap {
  const options = Object.fromEntries(
    words.map((text, index) => [String(index), { text, index }] as const),
  );
  return { type: MappingType.ValueToText, options };
}

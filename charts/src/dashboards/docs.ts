import type { Board, PanelSpec } from './board.ts';

/** docs/dashboards.md: how to get the boards into Grafana, and what each panel is. */
export const dashboardsPage = (boards: readonly Board[]): string =>
  `${[heading, ...boards.map(section)].join('\n\n')}\n`;

const heading = `<!-- Written by npm run charts from charts/src/dashboards; change it there. -->
# Dashboards

Five boards for Grafana come with the charts. Each has its rows in the order of the questions on call: is anything wrong, who is hurt, where, why.
Their queries run in the tests against a Prometheus that scrapes a live federation: each gives figures, and each panel moves when what it is about happens.
The JSON is made with Grafana's foundation SDK and checked by rules of its own. **It was not rendered in Grafana**: how panels look is not tested, what they ask for is.

## Import

The files are in \`charts/gridlease-operator/files/dashboards\` and \`charts/gridlease-provider-agent/files/dashboards\`. Any one of three ways brings them into Grafana:

- **Sidecar.** The charts write one ConfigMap for each board, with the label \`grafana_dashboard: "1"\`, which the sidecar of Grafana's chart and of kube-prometheus-stack looks for. The sidecar must watch the namespace of the release.
- **Provisioning.** Put the files into a folder that a dashboard provider of Grafana's names (\`provisioning/dashboards/*.yaml\`, \`type: file\`).
- **Upload.** Dashboards, New, Import, and the file. Choose the Prometheus at the top of the board.

The uids never change, so links and bookmarks outlive an upgrade.

## Variables

- \`datasource\`: the Prometheus to ask.
- \`cluster\`: the label that a Prometheus of several clusters adds; where it is missing leave it at All.
- \`job\` and \`instance\`: the scrape job and the replicas. Replicas that do not lead serve no figures of the federation, so nothing is counted twice.
- \`namespace\`, \`provider\`, \`controller\`: on the boards where they narrow something.

The operator's metrics have a \`namespace\` of their own, the tenant's. The chart's monitors keep it with \`honorLabels: true\`; a scrape configuration of your own must set \`honor_labels: true\`.`;

const section = ({ title, uid, chart, answers, rows }: Board): string =>
  [
    `## ${title.replace('Gridlease / ', '')}`,
    `${answers} uid \`${uid}\`, in the chart \`${chart}\`.`,
    '| Panel | Unit | Shows | Normal | Alert |\n|---|---|---|---|---|\n' +
      rows.flatMap((row) => [`| **${row.title}** | | | | |`, ...row.panels.map(line)]).join('\n'),
  ].join('\n\n');

const line = ({ title, unit, shows, normal, alerts }: PanelSpec): string =>
  `| ${[title, unit.replace('suffix:', ''), shows, normal, alerts.join(', ') || 'none']
    .map((cell) => cell.replaceAll('|', '\\|'))
    .join(' | ')} |`;

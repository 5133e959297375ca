import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { silentProgress } from '../cluster/progress.ts';
import { ensurePrometheus, prometheusObstacle } from '../cluster/prometheusAsset.ts';
import { waitFor } from '../cluster/waitFor.ts';
import { figureNow } from './alertScene.ts';
import { acts } from './boardActs.ts';
import { type BoardEvent, boardEvents, furthest, type Move, moved, movesOf } from './boardMoves.ts';
import {
  boardQueries,
  type Figures,
  figuresOf,
  nameOf,
  type PanelQuery,
  shippedBoards,
} from './boardQueries.ts';
import { type BoardScene, startBoardScene } from './boardScene.ts';
import { scrapeTargets } from './scrapeTargets.ts';

/** The operator compares channels once a minute: this one begins with the first. */
const slowEvent: BoardEvent = 'escrow is bound behind the back of the hub';
/** Window of rates: several scrapes, and short enough that an event stands out. */
const window = '10s';
const boards = shippedBoards();
const panelNames = boards.flatMap((board) =>
  (board.panels ?? [])
    .filter(({ type }) => type !== 'row')
    .map(({ title = '' }) => nameOf({ board: board.uid ?? '', panel: title })),
);

test('every panel moves under one of the events, and no other is named', () => {
  expect(boardEvents.flatMap((event) => [...movesOf(event).keys()]).toSorted()).toEqual(
    expect.arrayContaining(panelNames.toSorted()),
  );
  expect(panelNames).toEqual(
    expect.arrayContaining(boardEvents.flatMap((event) => [...movesOf(event).keys()])),
  );
});

const obstacle = prometheusObstacle();
if (obstacle) process.stderr.write(`skipped, for there is no Prometheus: ${obstacle}\n`);

(obstacle ? describe.skip : describe)('the boards over a live federation', () => {
  let scene: BoardScene;
  const queries = new Map<string, PanelQuery[]>();
  let slow: Promise<void>;

  beforeAll(async () => {
    scene = await startBoardScene(await ensurePrometheus({ progress: silentProgress }));
    const seen = 'count(last_over_time(gridlease_build_info[5m]))';
    await waitFor(
      async () => (await figureNow(scene, seen)) >= scrapeTargets(scene.federation).length,
      { what: 'a look at every program', timeoutMilliseconds: 60_000 },
    );
    const all = await waitFor(
      async () =>
        (
          await Promise.all(boards.map((board) => boardQueries(scene.prometheus, board, window)))
        ).flat(),
      { what: 'values for all variables', timeoutMilliseconds: 60_000 },
    );
    for (const query of all) {
      queries.set(nameOf(query), [...(queries.get(nameOf(query)) ?? []), query]);
    }
    // A figure that is not there yet can't be seen to fall.
    const inventories = 'count(gridlease_inventory_timestamp_seconds > 0)';
    await waitFor(
      async () => (await figureNow(scene, inventories)) >= scene.federation.providers.length,
      { what: 'the inventory of each provider', timeoutMilliseconds: 60_000 },
    );
    slow = happens(slowEvent);
    // Whoever awaits it sees how it ended.
    slow.catch(() => undefined);
  }, 300_000);
  afterAll(async () => {
    await scene?.[Symbol.asyncDispose]();
  }, 60_000);

  const look = (panel: string): Promise<Figures> =>
    figuresOf(scene.prometheus, queries.get(panel) ?? []);

  async function untilMoved(
    panels: ReadonlyMap<string, Move>,
    figures: ReadonlyMap<string, Figures>,
  ) {
    const before = new Map(figures);
    const left = new Map(panels);
    const seen = new Map<string, Figures>();
    await waitFor(
      async () => {
        await Promise.all(
          [...left].map(async ([panel, move]) => {
            const now = await look(panel);
            seen.set(panel, now);
            if (moved(before.get(panel)!, now, move)) left.delete(panel);
            before.set(panel, furthest(before.get(panel)!, now, move));
          }),
        );
        return left.size === 0;
      },
      { what: 'all panels moved', timeoutMilliseconds: 90_000, intervalMilliseconds: 500 },
    ).catch((cause: unknown) => {
      const lines = [...left].map(([panel, move]) => {
        const text = (figures?: Figures) => JSON.stringify([...(figures ?? [])].slice(0, 12));
        return `${panel}, ${JSON.stringify(move)}\n  before ${text(before.get(panel))}\n  now    ${text(seen.get(panel))}`;
      });
      throw new Error(`did not move:\n${lines.join('\n')}`, { cause });
    });
  }

  async function happens(event: BoardEvent): Promise<void> {
    const panels = movesOf(event);
    // What is to fall must be above zero first.
    const falling = [...panels].filter(([, move]) => typeof move === 'object' && 'down' in move);
    await waitFor(
      async () =>
        (await Promise.all(falling.map(([panel]) => look(panel)))).every((figures) =>
          [...figures.values()].some((value) => value > 0),
        ),
      // After the hub was cut off somebody has to lead again.
      { what: `figures before: ${event}`, timeoutMilliseconds: 120_000 },
    );
    const before = new Map(
      await Promise.all(
        [...panels.keys()].map(async (panel) => [panel, await look(panel)] as const),
      ),
    );
    await acts[event](scene, () => untilMoved(panels, before));
  }

  test.each(boardEvents.slice(0, 4))(
    '%s',
    (event) => (event === slowEvent ? slow : happens(event)),
    360_000,
  );

  test('no query of any panel is empty, and each figure is finite', async () => {
    const all = [...queries.values()].flat().map((query) => ({
      ...query,
      // Long enough that what happened last is in it, as on a board that somebody opens.
      expr: query.expr.replaceAll(`[${window}]`, '[10m]'),
    }));
    const bad = new Map(
      all.map((query) => [`${nameOf(query)} ${query.refId}: ${query.expr}`, query] as const),
    );
    await waitFor(
      async () => {
        for (const [name, query] of bad) {
          const figures = [...(await figuresOf(scene.prometheus, [query])).values()];
          if (figures.length > 0 && figures.every(Number.isFinite)) bad.delete(name);
        }
        return bad.size === 0;
      },
      { what: 'figures everywhere', timeoutMilliseconds: 30_000 },
    ).catch(() => undefined);
    expect([...bad.keys()]).toEqual([]);
  }, 60_000);

  test.each(boardEvents.slice(4))(
    '%s',
    (event) => (event === slowEvent ? slow : happens(event)),
    360_000,
  );
});

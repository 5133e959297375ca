import type { Board } from './board.ts';
import { controllers } from './controllers.ts';
import { federation } from './federation.ts';
import { jobs } from './jobs.ts';
import { money } from './money.ts';
import { provider } from './provider.ts';

/** All dashboards, in the order of the docs. */
export const boards: readonly Board[] = [federation, jobs, money, provider, controllers];

import { GridleaseError } from './errors.ts';

/** A chain did not answer, or not in time. Nothing may be concluded from it but to try again. */
export class ChainUnavailableError extends GridleaseError {}

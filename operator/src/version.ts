import manifest from '../package.json' with { type: 'json' };

/** Of this program, as its package says; a bundle has it written in when it is made. */
export const version: string = manifest.version;

type Thrown = { readonly what: string };

/** Ends with a stack trace of which a test looks for this file and the line of the `throw`. */
function fail({ what }: Thrown): never {
  throw new Error(what);
}

fail({ what: 'thrown on purpose' });

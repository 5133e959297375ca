/** A whole number from the environment, or a message that says what to write. */
export function wholeNumber(name, fallback) {
  const text = process.env[name];
  if (text === undefined || text === '') return fallback;
  if (!/^\d{1,9}$/.test(text))
    fail(`${name} is "${text}": write a whole number, such as ${fallback}`);
  return Number(text);
}

/** Ends the program with a sentence on standard error. */
export function fail(message, code = 1) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(code);
}

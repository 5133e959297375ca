/**
 * One check that the API server makes at apply. The message must name the field, and the expression
 * adds the value that was written, so that the person reads what to change without opening the docs.
 */
export type Rule = {
  /** Names the rule in the table of examples; not written to the manifest. Unique within its kind. */
  readonly name: string;
  /** CEL, bound to the field that carries the rule; true is accepted. */
  readonly rule: string;
  /** Said when `messageExpression` is absent or can't be evaluated; ends with the remedy. */
  readonly message: string;
  /** CEL that gives the message with the refused value in it. */
  readonly messageExpression?: string;
  /** Where the error is shown, relative to the field that carries the rule. */
  readonly fieldPath?: string;
};

/** The key under which Kubernetes reads CEL rules from a schema. */
export const VALIDATIONS = 'x-kubernetes-validations';

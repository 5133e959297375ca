import { objectName, struct, uid } from './fields.ts';

/** Reference to an object of another namespace. The UID keeps a namesake created later apart. */
export function objectReference(kind: string) {
  return struct(
    `The ${kind}.`,
    {
      namespace: objectName(`Namespace of the ${kind}.`),
      name: objectName(`Name of the ${kind}.`),
      uid: uid(`UID of the ${kind}: a namesake created later is another one.`),
    },
    { atomic: true },
  );
}

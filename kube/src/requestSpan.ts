import type { CallDescription } from './tracing.ts';

type Request = { readonly method: string; readonly path: string; readonly query?: unknown };

/**
 * How a request to an API server is told: by its verb and kind, which are few; the object's name is an
 * attribute. Neither query nor body is in it.
 */
export function describeRequest({ method, path }: Request, server: URL): CallDescription {
  const { resource, namespace, name } = partsOf(path);
  return {
    name: `${method} ${resource}`,
    attributes: {
      'http.request.method': method,
      'server.address': server.hostname,
      'server.port': Number(server.port) || (server.protocol === 'http:' ? 80 : 443),
      'url.path': path,
      'k8s.namespace.name': namespace,
      'gridlease.object.name': name,
    },
  };
}

/** `/apis/GROUP/VERSION/namespaces/NS/KIND/NAME/SUB`, or `/api/VERSION/…`; anything else is its path's first word. */
function partsOf(path: string) {
  const [first = '', ...rest] = path
    .split('?')[0]!
    .split('/')
    .filter((part) => part !== '');
  const below = first === 'apis' ? rest.slice(2) : first === 'api' ? rest.slice(1) : undefined;
  if (below === undefined) return { resource: first, namespace: undefined, name: undefined };
  const isInNamespace = below[0] === 'namespaces' && below.length > 2;
  const namespace = isInNamespace ? below[1] : undefined;
  const [kind = first, name, subresource] = isInNamespace ? below.slice(2) : below;
  const resource = subresource === undefined ? kind : `${kind}/${subresource}`;
  return { resource, namespace, name };
}

/** What a request asks of an API server, in the words of its own audit log. */
export type Verb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection'
  | 'other';

export type RequestInfo = {
  readonly verb: Verb;
  /** The group, empty for the core. */
  readonly group: string;
  /** Plural; empty for what is no resource: /version, /readyz. */
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly userAgent: string;
  /** A watch that begins with a list. */
  readonly streamsList: boolean;
};

type RawRequest = {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly userAgent?: string | undefined;
};

/** Reads an HTTP request the way kube-apiserver's request info resolver does. */
export const requestInfoOf = ({ method, url, userAgent = '' }: RawRequest): RequestInfo => {
  const { pathname, searchParams } = new URL(url, 'https://apiserver');
  const place = placeOf(pathname.split('/').filter((part) => part !== ''));
  const watches = ['true', '1'].includes(searchParams.get('watch') ?? '');
  return {
    ...place,
    verb: place.resource === '' ? 'other' : verbOf(method, place.name !== '', watches),
    userAgent,
    streamsList: watches && searchParams.get('sendInitialEvents') === 'true',
  };
};

type Place = Pick<RequestInfo, 'group' | 'resource' | 'subresource' | 'namespace' | 'name'>;

const nowhere: Place = { group: '', resource: '', subresource: '', namespace: '', name: '' };

const placeOf = (parts: readonly string[]): Place => {
  const [root, ...rest] = parts;
  const group = root === 'apis' ? (rest[0] ?? '') : '';
  const path = root === 'api' ? rest.slice(1) : root === 'apis' ? rest.slice(2) : [];
  if (path.length === 0) return nowhere;
  // /namespaces/a/pods lies in a namespace; /namespaces/a and /namespaces/a/status are one.
  const isInNamespace =
    path[0] === 'namespaces' && path.length > 2 && !['status', 'finalize'].includes(path[2]!);
  const [resource = '', name = '', subresource = ''] = isInNamespace ? path.slice(2) : path;
  return { group, resource, subresource, namespace: isInNamespace ? path[1]! : '', name };
};

const verbOf = (method: string, isNamed: boolean, watches: boolean): Verb => {
  switch (method) {
    case 'GET':
      if (watches) return 'watch';
      return isNamed ? 'get' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return isNamed ? 'delete' : 'deletecollection';
    default:
      return 'other';
  }
};

import type { App } from './context.js';

/**
 * Remembers the routes that are made after it, Bull Board's too, so that a wrong method can be told from a wrong path.
 * @returns the methods that a URL takes; none where there is no such path.
 */
export function rememberRoutes(app: App): (url: string) => readonly string[] {
  const routes: { readonly methods: readonly string[]; readonly route: string }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    routes.push({ methods: [method].flat(), route: url });
  });
  return (url) => {
    const [path = ''] = url.split('?');
    const found = routes.filter(({ route }) => takes(route, path)).flatMap(({ methods }) => methods);
    return [...new Set(found)].sort();
  };
}

/** Whether a path is one of a route's: `:id` takes one step that isn't empty, and `*` at the end whatever follows. */
export function takes(route: string, path: string): boolean {
  const wanted = route.split('/');
  const steps = path.split('/');
  for (const [n, part] of wanted.entries()) {
    const step = steps[n];
    if (step === undefined) return false;
    if (part.endsWith('*')) return step.startsWith(part.slice(0, -1));
    if (part.startsWith(':') ? step === '' : step !== part) return false;
  }
  return steps.length === wanted.length;
}

import type { App } from './context.js';

/**
 * Remembers the routes that are made after it, Bull Board's too, so that a wrong method can be told from a wrong path.
 * @returns the methods that a URL takes; none where there is no such path.
 */
export function rememberRoutes(app: App): (url: string) => readonly string[] {
  const routes: { readonly methods: readonly string[]; readonly pattern: RegExp }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    routes.push({ methods: [method].flat(), pattern: patternOf(url) });
  });
  return (url) => {
    const [path = ''] = url.split('?');
    const found = routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods);
    return [...new Set(found)].sort();
  };
}

/** `/users/:id` takes one segment for a name behind a colon, and anything for `*`. */
function patternOf(url: string): RegExp {
  const parts = url.split(/(:[^/]+|\*)/).map((part) => {
    if (part === '*') return '.*';
    return part.startsWith(':') ? '[^/]+' : part.replace(/[.?+^$()[\]{}|\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}

import { expect, test } from '@jest/globals';
import { withoutScripts } from './withoutScripts.js';

test.each([
  ['<p>a</p>', '<p>a</p>'],
  ['a<script>x</script>b', 'ab'],
  ['a<SCRIPT src="x">\n<script></Script >y</scRipt>b</script>', 'ab</script>'],
  ['<script>1</script>mid<script>2</script>', 'mid'],
  ['<scripts>a</scripts></script>', '<scripts>a</scripts></script>'],
  ['</script>a<script>b', '</script>a<script>b'],
  ['<script>a</script><script>b', '<script>b'],
])('%j becomes %j', (html, clean) => {
  expect(withoutScripts(html)).toBe(clean);
});

test('takes time linear to the length of what is opened and never closed', () => {
  const began = performance.now();
  withoutScripts('<script>'.repeat(500_000));
  expect(performance.now() - began).toBeLessThan(5_000);
});

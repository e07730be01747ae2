import { expect, test } from '@jest/globals';
import { connect } from './connect.js';

const faultOf = (url: string): Promise<Error> =>
  connect(url, { connectTimeoutMs: 100, appName: 'test' }).then(
    () => {
      throw new Error('it connected');
    },
    (error: Error) => error,
  );

test.each([
  'mongodb://ada:hunter2@h:1/a?hunter2=1',
  'mongodb://ada:hunter2@x@h:hunter2/a',
  'http://ada:hunter2@h',
  'hunter2',
  'mongodb://h/?hunter2=1',
])('a fault of the URL %s repeats nothing secret of it', async (url) => {
  const { message } = await faultOf(url);
  expect(message).toMatch(/^MONGODB_URL can't be used: ./);
  expect(message).not.toContain('hunter2');
});

test('a fault of a URL is told where it repeats no piece of it', async () => {
  expect((await faultOf('mongodb://ada:hunter2@h/?tls=true&tlsInsecure=true&tls=false')).message).toMatch(
    /^MONGODB_URL can't be used: (?!it must read)/,
  );
});

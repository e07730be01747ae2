import { describe, expect, test } from '@jest/globals';
import { failuresOf, failuresOfChange, isApiError, type Refuse, serverRefusal } from './apiError.js';

const findUser = (refuse: Refuse<'no_such_user'>) => refuse('no_such_user', 'there is none');

describe('the failures of a route', () => {
  test('are made for its own codes, each with its status', () => {
    const { refuse } = failuresOfChange('no_such_user', 'being_removed');
    expect(findUser(refuse)).toMatchObject({
      statusCode: 404,
      error: 'no_such_user',
      message: 'there is none',
    });
    expect(refuse('being_removed', 'wait')).toMatchObject({ statusCode: 409 });
    expect(isApiError(refuse('being_removed', 'wait'))).toBe(true);
  });

  test('are no others: the compiler refuses a code that is not in the schema', () => {
    const { response, refuse } = failuresOf('not_failed');
    // @ts-expect-error no_such_turn is not listed
    refuse('no_such_turn', 'there is none');
    // @ts-expect-error findUser sends a code that is not listed
    findUser(refuse);
    // @ts-expect-error no status of 422 is listed
    expect(response[422]).toBeUndefined();
    // @ts-expect-error the server knows no user
    serverRefusal('no_such_user', 'there is none');
    // @ts-expect-error no such status of this code
    serverRefusal('bad_request', 'too long', 404);
    expect(serverRefusal('bad_request', 'too long', 414).statusCode).toBe(414);
  });

  test('stand in its schema under their statuses', () => {
    expect(Object.keys(failuresOf().response)).toEqual(['400', '401', '403', '414', '500', '503']);
    const { response } = failuresOfChange('invalid_request', 'no_such_user');
    expect(Object.keys(response)).toEqual([
      '400',
      '401',
      '403',
      '404',
      '413',
      '414',
      '415',
      '422',
      '500',
      '503',
    ]);
    const answer = (error: string) => ({ error, message: 'why' });
    expect(response[404].safeParse(answer('no_such_user')).success).toBe(true);
    expect(response[404].safeParse(answer('no_such_turn')).success).toBe(false);
    expect(response[400].safeParse(answer('bad_request')).success).toBe(true);
    expect(response[403].safeParse(answer('cross_site')).success).toBe(true);
  });
});

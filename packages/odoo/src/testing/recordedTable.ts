import type { ErrorKind } from '@odoo-sync/core';

/** What a recording comes to. */
export type Expected =
  /** The call gives what stands in the recording. */
  | { readonly type: 'value' }
  /** The login's answer is a user's number, and the call that follows is made for it. */
  | { readonly type: 'login' }
  | { readonly type: 'fault'; readonly kind: ErrorKind; readonly exception: string | null }
  | { readonly type: 'version'; readonly text: string; readonly major: number }
  /** A page, decoded in full. */
  | { readonly type: 'page' }
  /** `fields_get` of the four models, in a file without request or answer. */
  | { readonly type: 'fieldLists' }
  | { readonly type: 'notOurs'; readonly why: string };

const value: Expected = { type: 'value' };
const login: Expected = { type: 'login' };
const page: Expected = { type: 'page' };
const fieldLists: Expected = { type: 'fieldLists' };
const fault = (kind: ErrorKind, exception: string): Expected => ({ type: 'fault', kind, exception });
/** An answer whose status alone says what it is. */
const status = (kind: ErrorKind): Expected => ({ type: 'fault', kind, exception: null });
const notOurs = (why: string): Expected => ({ type: 'notOurs', why });

const denied = fault('credentials', 'odoo.exceptions.AccessDenied');
const noDatabase = fault('transient', 'psycopg2.OperationalError');
const refused = fault('access', 'odoo.exceptions.AccessError');
const missing = fault('odoo', 'odoo.exceptions.MissingError');
const python = (name: string) => fault('odoo', `builtins.${name}`);

/** What each recording must come to; its name is matched as `<version>/<name>`, by exactly one line. */
export const TABLE: readonly (readonly [RegExp, Expected])[] = [
  [/^(14|19)\/fields_get_4_models$/, fieldLists],
  [/^(14|19)\/page200_/, page],
  [/^19\/version_http$/, { type: 'version', text: '19.0', major: 19 }],
  [/^19\/dbdown_web_version$/, { type: 'version', text: '19.0', major: 19 }],
  [/^14\/jsonrpc_common_version$/, { type: 'version', text: '14.0', major: 14 }],
  [/^19\/jsonrpc_common_version$/, { type: 'version', text: '19.0', major: 19 }],
  [/^14\/version_info$/, notOurs('asking for it leaves a session file')],

  [/^(14|19)\/jsonrpc_authenticate_ok$/, login],
  [/^19\/apikey_jsonrpc_authenticate$/, login],
  [/^19\/cooldown_not_applied_to_jsonrpc_authenticate$/, login],
  [/^(14|19)\/jsonrpc_authenticate_bad_(password|login)$/, status('credentials')],
  [/^19\/user_archived_authenticate$/, status('credentials')],
  [/^(14|19)\/jsonrpc_authenticate_bad_db$/, noDatabase],
  [/^19\/dbdown_jsonrpc_authenticate$/, noDatabase],

  [/^(14|19)\/jsonrpc_execute_bad_password$/, denied],
  [/^19\/(pwchange_old_password_after_change|user_archived)$/, denied],
  // Of a user whose login passes; where it doesn't, see below.
  [/^(14|19)\/jsonrpc_execute_bad_uid$/, missing],
  [/^19\/(jsonrpc_execute_bad_db|dbdown_jsonrpc)$/, noDatabase],
  [
    /^19\/json2_(bad_key|no_key|password_as_bearer)$/,
    fault('credentials', 'werkzeug.exceptions.Unauthorized'),
  ],
  [/^19\/(dbdown_json2|dbdown_json2_dbheader|json2_bad_db_header)$/, status('transient')],

  [/^(14|19)\/access_limited_(account\.move|sale\.order|partner_credit)$/, refused],
  [/^14\/access_limited_hr_private$/, refused],
  [/^19\/access_limited_(hr_private_field|write)$/, refused],
  [/^19\/access_hrofficer_(account\.move|sale\.order)$/, refused],
  [/^19\/access_portalu_hr\.employee$/, refused],
  [/^19\/access_salesu_read_rule_hidden$/, refused],
  [/^19\/multicompany_(forbidden_company|hidden_read)$/, refused],
  [/^19\/json2_limited_(account_move|hr_private_field|partner_credit_limit|sale_order|write)$/, refused],
  [/^(14|19)\/(jsonrpc|json2)_private_method$/, refused],
  [/^(14|19)\/access_limited_(hr\.employee|res\.partner)$/, value],
  [/^19\/access_limited_hr_(no_fields|public)$/, value],
  [/^19\/access_(auditor|billing)_/, value],
  [/^19\/access_salesu_(account\.move|hr\.employee|res\.partner|sale\.order)$/, value],
  [/^19\/access_hrofficer_(hr\.employee|res\.partner)$/, value],
  [/^19\/access_portalu_(account\.move|res\.partner|sale\.order)$/, value],

  [/^(14|19)\/jsonrpc_(bad_order|unknown_field|unknown_field_in_domain)$/, python('ValueError')],
  [/^19\/jsonrpc_bad_date_in_domain$/, python('ValueError')],
  [/^19\/json2_unknown_field(_in_domain)?$/, python('ValueError')],
  [/^19\/(json2_unknown_kwarg|jsonrpc_missing_params)$/, python('TypeError')],
  [/^(14|19)\/jsonrpc_unknown_method$/, python('AttributeError')],
  [/^19\/jsonrpc_unknown_service$/, python('KeyError')],
  [/^(14|19)\/jsonrpc_unknown_model$/, fault('odoo', 'odoo.exceptions.UserError')],
  [/^19\/json2_(unknown_model|unknown_method|bad_path)$/, fault('bug', 'werkzeug.exceptions.NotFound')],
  [/^19\/json2_ids_on_model_method$/, fault('bug', 'werkzeug.exceptions.UnprocessableEntity')],
  [/^19\/json2_(create_validation_error|unlink_refused)$/, fault('odoo', 'odoo.exceptions.ValidationError')],
  [/^19\/json2_malformed_json$/, fault('bug', 'werkzeug.exceptions.BadRequest')],
  [/^19\/json2_(limited_)?write_missing$/, missing],
  [/^14\/jsonrpc_read_missing_only_id$/, missing],

  [/^19\/json2_wrong_content_type$/, status('bug')],
  [/^19\/jsonrpc_(wrong_content_type|no_content_type|json_array|malformed_json)$/, status('bug')],
  [/^14\/jsonrpc_(malformed|text_plain)$/, status('bug')],
  [/^14\/jsonrpc_array$/, status('transient')],
  // What 14 says on a path of 19: JSON, but in another shape than JSON-2's.
  [/^14\/json2$/, status('transient')],

  [/^(14|19)\/(jsonrpc|json2)_method_returning_none$/, value],
  [/^(14|19)\/(types_|archived_active_test_false$|read_deleted_id$)/, value],
  [/^14\/jsonrpc_read_missing$/, value],
  [/^19\/jsonrpc_(search|search_count|search_read|search_read_empty|fields_get)$/, value],
  [/^19\/jsonrpc_read_(missing_id|missing_id_only_id|mixed_missing_id)$/, value],
  [
    /^19\/json2_(context_get|create|fields_get|json_array|search_count|search_read|search_read_db_header)$/,
    value,
  ],
  [/^19\/json2_(read_missing|read_missing_limited|unlink|web_search_read|with_context)$/, value],
  [
    /^19\/(apikey_jsonrpc_execute_kw|cooldown_not_applied_to_execute_kw|pwchange_before|pwchange_new_password)$/,
    value,
  ],

  [/^(14|19)\/(dbdown_)?xmlrpc/, notOurs('XML-RPC is not spoken')],
  [/^(14|19)\/session_/, notOurs('no session is opened: every request carries its credential')],
  [/^19\/(apikey|cooldown|dbdown)_session_authenticate$/, notOurs('no session is opened')],
  [/^19\/apikey_[1-4]_/, notOurs('keys are made by the user, over a session')],
  [/^19\/(dbdown_)?web_health(_db)?$/, notOurs('no call of a model; see databaseCheck')],
  [/^19\/version_http_json$/, notOurs('the same answer is read from /web/version')],
  [/^(14|19)\/jsonrpc_common_about$/, notOurs('the version is enough')],
  [
    /^19\/(workers2_version_headers|jsonrpc_login_ok|jsonrpc_db_list)$/,
    notOurs('a service that is not called'),
  ],
  [/^19\/(json2|jsonrpc)_get$/, notOurs('calls are never made by GET')],
  [/^19\/load_10000_/, notOurs('a summary of a load, no answer')],
];

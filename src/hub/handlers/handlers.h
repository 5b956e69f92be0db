/* SPDX-License-Identifier: Apache-2.0 */
/* handlers - what runs a cmdlet, one function each, one file per noun. */
#ifndef HUB_HANDLERS_HANDLERS_H
#define HUB_HANDLERS_HANDLERS_H

#include "hub/call.h"

call_fn receive_connector_get, receive_connector_new, receive_connector_set,
    receive_connector_remove, receive_connector_test, receive_connector_explain;
call_fn certificate_get, certificate_new, certificate_import, certificate_export,
    certificate_enable, certificate_disable, certificate_remove;
call_fn accepted_domain_get, accepted_domain_new, accepted_domain_set, accepted_domain_remove;
call_fn mailbox_get, mailbox_new, mailbox_set, mailbox_remove;
call_fn permission_get, permission_add, permission_remove;
call_fn submission_test;
call_fn queue_get, queue_digest_get, message_get;
call_fn queue_suspend, queue_resume, queue_retry;
call_fn message_suspend, message_resume, message_retry, message_remove, message_redirect,
    message_export;
call_fn message_tracking_log_get;
call_fn smtp_session_get, smtp_session_stop, smtp_session_logging_get, smtp_session_logging_set;
call_fn transport_service_get, transport_service_set;
call_fn frontend_transport_service_get;
call_fn component_state_get, component_state_set;
call_fn smtp_connectivity_test;
call_fn diagnostic_info_get;
call_fn transport_config_get, transport_config_set;
call_fn configuration_revision_get, configuration_undo;
call_fn admin_audit_log_search;
call_fn configuration_export, configuration_import;
call_fn role_group_get, role_group_member_get, role_group_member_add, role_group_member_remove;
call_fn management_token_get, management_token_new, management_token_remove;
call_fn send_connector_get, send_connector_new, send_connector_set, send_connector_remove;
call_fn mail_route_test, send_connector_test;
call_fn dkim_signing_config_get, dkim_signing_config_new, dkim_signing_config_set,
    dkim_signing_config_rotate, dkim_signing_config_remove, dkim_signing_config_test;
call_fn distribution_group_get, distribution_group_new, distribution_group_set;
call_fn distribution_group_remove, distribution_group_member_get, distribution_group_member_add;
call_fn distribution_group_member_remove, distribution_group_member_update;

#endif

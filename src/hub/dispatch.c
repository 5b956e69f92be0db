/* SPDX-License-Identifier: Apache-2.0 */
/* From the name of a cmdlet to its handler. */
#include "hub/handlers/handlers.h"
#include "hub/handlers/parameters.h"
#include "operations/access.h"
#include "operations/command.h"

#include <stdio.h>

/* clang-format off */
static call_fn *const handlers[OPERATION_COUNT] = {
    [OPERATION_GET_RECEIVE_CONNECTOR]              = receive_connector_get,
    [OPERATION_NEW_RECEIVE_CONNECTOR]              = receive_connector_new,
    [OPERATION_SET_RECEIVE_CONNECTOR]              = receive_connector_set,
    [OPERATION_REMOVE_RECEIVE_CONNECTOR]           = receive_connector_remove,
    [OPERATION_TEST_RECEIVE_CONNECTOR]             = receive_connector_test,
    [OPERATION_TEST_RECEIVE_CONNECTOR_CERTIFICATE] = receive_connector_explain,
    [OPERATION_GET_CERTIFICATE]                    = certificate_get,
    [OPERATION_NEW_CERTIFICATE]                    = certificate_new,
    [OPERATION_IMPORT_CERTIFICATE]                 = certificate_import,
    [OPERATION_EXPORT_CERTIFICATE]                 = certificate_export,
    [OPERATION_ENABLE_CERTIFICATE]                 = certificate_enable,
    [OPERATION_DISABLE_CERTIFICATE]                = certificate_disable,
    [OPERATION_REMOVE_CERTIFICATE]                 = certificate_remove,
    [OPERATION_GET_ACCEPTED_DOMAIN]                = accepted_domain_get,
    [OPERATION_NEW_ACCEPTED_DOMAIN]                = accepted_domain_new,
    [OPERATION_SET_ACCEPTED_DOMAIN]                = accepted_domain_set,
    [OPERATION_REMOVE_ACCEPTED_DOMAIN]             = accepted_domain_remove,
    [OPERATION_GET_MAILBOX]                        = mailbox_get,
    [OPERATION_NEW_MAILBOX]                        = mailbox_new,
    [OPERATION_SET_MAILBOX]                        = mailbox_set,
    [OPERATION_REMOVE_MAILBOX]                     = mailbox_remove,
    [OPERATION_GET_PERMISSION]                     = permission_get,
    [OPERATION_ADD_PERMISSION]                     = permission_add,
    [OPERATION_REMOVE_PERMISSION]                  = permission_remove,
    [OPERATION_TEST_SUBMISSION]                    = submission_test,
    [OPERATION_GET_QUEUE]                          = queue_get,
    [OPERATION_GET_MESSAGE]                        = message_get,
    [OPERATION_GET_QUEUE_DIGEST]                   = queue_digest_get,
    [OPERATION_SUSPEND_QUEUE]                      = queue_suspend,
    [OPERATION_RESUME_QUEUE]                       = queue_resume,
    [OPERATION_RETRY_QUEUE]                        = queue_retry,
    [OPERATION_SUSPEND_MESSAGE]                    = message_suspend,
    [OPERATION_RESUME_MESSAGE]                     = message_resume,
    [OPERATION_RETRY_MESSAGE]                      = message_retry,
    [OPERATION_REMOVE_MESSAGE]                     = message_remove,
    [OPERATION_REDIRECT_MESSAGE]                   = message_redirect,
    [OPERATION_EXPORT_MESSAGE]                     = message_export,
    [OPERATION_GET_MESSAGE_TRACKING_LOG]           = message_tracking_log_get,
    [OPERATION_GET_SMTP_SESSION]                   = smtp_session_get,
    [OPERATION_STOP_SMTP_SESSION]                  = smtp_session_stop,
    [OPERATION_GET_SMTP_SESSION_LOGGING]           = smtp_session_logging_get,
    [OPERATION_SET_SMTP_SESSION_LOGGING]           = smtp_session_logging_set,
    [OPERATION_GET_TRANSPORT_SERVICE]              = transport_service_get,
    [OPERATION_SET_TRANSPORT_SERVICE]              = transport_service_set,
    [OPERATION_GET_FRONTEND_TRANSPORT_SERVICE]     = frontend_transport_service_get,
    [OPERATION_SET_FRONTEND_TRANSPORT_SERVICE]     = transport_service_set,
    [OPERATION_GET_SERVER_COMPONENT_STATE]         = component_state_get,
    [OPERATION_SET_SERVER_COMPONENT_STATE]         = component_state_set,
    [OPERATION_TEST_SMTP_CONNECTIVITY]             = smtp_connectivity_test,
    [OPERATION_GET_DIAGNOSTIC_INFO]                = diagnostic_info_get,
    [OPERATION_GET_TRANSPORT_CONFIG]               = transport_config_get,
    [OPERATION_SET_TRANSPORT_CONFIG]               = transport_config_set,
    [OPERATION_GET_CONFIGURATION_REVISION]         = configuration_revision_get,
    [OPERATION_UNDO_CONFIGURATION]                 = configuration_undo,
    [OPERATION_SEARCH_ADMIN_AUDIT_LOG]             = admin_audit_log_search,
    [OPERATION_EXPORT_CONFIGURATION]               = configuration_export,
    [OPERATION_IMPORT_CONFIGURATION]               = configuration_import,
    [OPERATION_GET_ROLE_GROUP]                     = role_group_get,
    [OPERATION_GET_ROLE_GROUP_MEMBER]              = role_group_member_get,
    [OPERATION_ADD_ROLE_GROUP_MEMBER]              = role_group_member_add,
    [OPERATION_REMOVE_ROLE_GROUP_MEMBER]           = role_group_member_remove,
    [OPERATION_GET_MANAGEMENT_TOKEN]               = management_token_get,
    [OPERATION_NEW_MANAGEMENT_TOKEN]               = management_token_new,
    [OPERATION_REMOVE_MANAGEMENT_TOKEN]            = management_token_remove,
    [OPERATION_GET_SEND_CONNECTOR]                 = send_connector_get,
    [OPERATION_NEW_SEND_CONNECTOR]                 = send_connector_new,
    [OPERATION_SET_SEND_CONNECTOR]                 = send_connector_set,
    [OPERATION_REMOVE_SEND_CONNECTOR]              = send_connector_remove,
    [OPERATION_TEST_MAIL_ROUTE]                    = mail_route_test,
    [OPERATION_TEST_SEND_CONNECTOR]                = send_connector_test,
    [OPERATION_GET_DKIM_SIGNING_CONFIG]            = dkim_signing_config_get,
    [OPERATION_NEW_DKIM_SIGNING_CONFIG]            = dkim_signing_config_new,
    [OPERATION_SET_DKIM_SIGNING_CONFIG]            = dkim_signing_config_set,
    [OPERATION_ROTATE_DKIM_SIGNING_CONFIG]         = dkim_signing_config_rotate,
    [OPERATION_REMOVE_DKIM_SIGNING_CONFIG]         = dkim_signing_config_remove,
    [OPERATION_TEST_DKIM_SIGNING_CONFIG]           = dkim_signing_config_test,
    [OPERATION_GET_DISTRIBUTION_GROUP]             = distribution_group_get,
    [OPERATION_NEW_DISTRIBUTION_GROUP]             = distribution_group_new,
    [OPERATION_SET_DISTRIBUTION_GROUP]             = distribution_group_set,
    [OPERATION_REMOVE_DISTRIBUTION_GROUP]          = distribution_group_remove,
    [OPERATION_GET_DISTRIBUTION_GROUP_MEMBER]      = distribution_group_member_get,
    [OPERATION_ADD_DISTRIBUTION_GROUP_MEMBER]      = distribution_group_member_add,
    [OPERATION_REMOVE_DISTRIBUTION_GROUP_MEMBER]   = distribution_group_member_remove,
    [OPERATION_UPDATE_DISTRIBUTION_GROUP_MEMBER]   = distribution_group_member_update,
};
/* clang-format on */

bool call_may(struct call *call, enum operation_right right, struct slice what)
{
    char storage[1024], fix[256];
    struct text why = text_over(storage, sizeof(storage));
    const struct caller *who = call->who;
    if (access_allowed(who->role_groups, right))
        return true;
    access_append_refusal(&why, what, right, who->role_groups, call->actor);
    snprintf(fix, sizeof(fix), "Add-RoleGroupMember \"%s\" -Member \"%s\"",
             role_group_name(access_needed(right)), who->member);
    call->fix = fix;
    call_fail(call, OPERATION_DENIED, "%.*s. An administrator may give it the role",
              SLICE_ARG(text_slice(&why)));
    return false;
}

void call_dispatch(struct call *call, struct slice cmdlet)
{
    char storage[512], written[96];
    struct text error = text_over(storage, sizeof(storage));
    call->operation = operation_find(cmdlet, &error);
    if (!call->operation) {
        call_fail(call, OPERATION_USAGE, "%.*s", SLICE_ARG(text_slice(&error)));
        return;
    }
    struct text name = text_over(written, sizeof(written));
    operation_append_name(&name, call->operation);
    if (!call_may(call, call->operation->right, text_slice(&name)))
        return;
    call->noun = call->operation->noun;
    if (!call_check_parameters(call))
        return;
    if (call->operation->changes)
        operation_append_command(&call->command_text, call->operation, call->parameters);
    handlers[operation_id_of(call->operation)](call);
}

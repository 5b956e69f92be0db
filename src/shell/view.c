/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/view.h"

#include "base/attributes.h"

/* clang-format off */
static const struct view views[] = {
    {"ReceiveConnector", VIEW_TABLE, {
        {"Identity", "Identity", 28, false}, {"Bindings", "Bindings", 29, false}, {"Enabled", "Enabled", 0, true}}, NULL},
    {"ExchangeCertificate", VIEW_TABLE, {
        {"Thumbprint", "Thumbprint", 0, true}, {"Services", "ServicesMask", 9, true}, {"Subject", "Subject", 0, false}}, "ServicesMask"},
    {"ReceiveConnectorView", VIEW_TABLE, {
        {"Identity", "Identity", 28, false}, {"Endpoint", "Endpoint", 0, true}, {"TlsVersion", "TlsVersion", 0, true}, {"Keys", "Keys", 0, true},
        {"ServerName", "ServerName", 0, false}, {"Seen", "Seen", 0, true}, {"Verdict", "Verdict", 0, true}}, NULL},
    {"ReceiveConnectorCertificate", VIEW_EXPLANATION, {
        {"Identity", "Identity", 0, false}, {"Thumbprint", "Presents.Thumbprint", 0, true}, {"Subject", "Presents.Subject", 0, false},
        {"Rule", "Rule", 0, false}, {"DaysLeft", "Presents.DaysLeft", 0, true}}, NULL},
    {"CertificateFile", VIEW_TEXT, {{"Text", "Text", 0, true}}, "Text"},
    {"Configuration", VIEW_TEXT, {{"Text", "Text", 0, true}}, "Text"},
    {"ConfigurationChange", VIEW_TABLE, {
        {"Change", "Change", 6, true}, {"Kind", "Kind", 0, true}, {"Name", "Name", 24, false}, {"Setting", "Setting", 0, true}, {"Before", "Before", 0, false}, {"After", "After", 0, false}}, NULL},
    {"AcceptedDomain", VIEW_TABLE, {
        {"Name", "Name", 24, false}, {"DomainName", "DomainName", 24, false}, {"DomainType", "DomainType", 0, true}, {"Default", "Default", 0, true}}, NULL},
    {"Mailbox", VIEW_TABLE, {
        {"Name", "Name", 20, false}, {"PrimarySmtpAddress", "PrimarySmtpAddress", 30, false}, {"Enabled", "Enabled", 0, true}, {"HasPassword", "HasPassword", 0, true}}, NULL},
    {"DistributionGroup", VIEW_TABLE, {
        {"Name", "Name", 20, false}, {"PrimarySmtpAddress", "PrimarySmtpAddress", 30, false}, {"RequireSenderAuthenticationEnabled", "RequireSenderAuthenticationEnabled", 0, true}}, NULL},
    {"DistributionGroupMember", VIEW_TABLE, {
        {"Name", "Name", 20, false}, {"RecipientType", "RecipientType", 0, true}, {"PrimarySmtpAddress", "PrimarySmtpAddress", 0, false}}, NULL},
    {"ADPermission", VIEW_TABLE, {
        {"Identity", "Identity", 28, false}, {"User", "User", 32, false}, {"Deny", "Deny", 0, true}, {"Effective", "Effective", 0, true},
        {"ExtendedRights", "ExtendedRights", 0, false}}, NULL},
    {"SmtpSubmission", VIEW_TABLE, {
        {"Step", "Step", 0, true}, {"Address", "Address", 24, false}, {"Allowed", "Allowed", 0, true}, {"Reply", "Reply", 24, false}, {"Reason", "Reason", 0, false}}, NULL},
    {"Queue", VIEW_TABLE, {
        {"Identity", "Identity", 20, false}, {"DeliveryType", "DeliveryType", 21, true}, {"Status", "Status", 9, true},
        {"MessageCount", "MessageCount", 0, true}, {"NextHopDomain", "NextHopDomain", 0, false}, {"LastError", "LastError", 0, false}}, NULL},
    {"QueueDigest", VIEW_TABLE, {
        {"GroupByValue", "GroupByValue", 20, false}, {"MessageCount", "MessageCount", 0, true}, {"DeferredMessageCount", "DeferredMessageCount", 0, true},
        {"QueueCount", "QueueCount", 0, true}, {"Details", "Details", 0, false}}, NULL},
    {"Message", VIEW_TABLE, {
        {"Identity", "Identity", 0, true}, {"FromAddress", "FromAddress", 0, false}, {"Status", "Status", 9, true}, {"Size", "Size", 0, true},
        {"Recipients", "Recipients", 0, false}, {"LastError", "LastError", 0, false}}, NULL},
    {"MessageTrackingLog", VIEW_TABLE, {
        {"EventId", "EventId", 8, true}, {"Source", "Source", 11, true}, {"Sender", "Sender", 0, false}, {"Recipients", "Recipients", 0, false},
        {"MessageSubject", "MessageSubject", 0, false}}, NULL},
    {"SmtpSession", VIEW_TABLE, {
        {"Identity", "Identity", 16, true}, {"ReceiveConnector", "ReceiveConnector", 0, false}, {"RemoteEndpoint", "RemoteEndpoint", 0, true},
        {"User", "User", 0, false}, {"TlsVersion", "TlsVersion", 0, true}, {"State", "State", 0, true}, {"MessageCount", "MessageCount", 0, true}}, NULL},
    {"SmtpSessionLogging", VIEW_TABLE, {
        {"RemoteIPAddress", "RemoteIPAddress", 20, true}, {"Until", "Until", 24, true}}, NULL},
    {"TransportService", VIEW_LIST, {
        {"Name", "Name", 0, true}, {"Fqdn", "Fqdn", 0, false}, {"Version", "Version", 0, true}, {"Revision", "Revision", 0, true}, {"BackPressure", "BackPressure", 0, true}}, NULL},
    {"ExchangeDiagnosticInfo", VIEW_TEXT, {{"Result", "Result", 0, true}}, NULL},
    {"FrontendTransportService", VIEW_TABLE, {{"Name", "Name", 20, true}}, NULL},
    {"ServerComponentState", VIEW_TABLE, {
        {"Server", "Server", 20, false}, {"Component", "Component", 20, true}, {"State", "State", 0, true}}, NULL},
    {"SmtpConnectivity", VIEW_TABLE, {
        {"Server", "Server", 0, false}, {"ReceiveConnector", "ReceiveConnector", 24, false}, {"Binding", "Binding", 0, true}, {"EndPoint", "EndPoint", 0, true},
        {"StatusCode", "StatusCode", 0, true}, {"Details", "Details", 0, false}}, NULL},
    {"TransportConfig", VIEW_LIST, {
        {"TLSReceiveDomainSecureList", "TLSReceiveDomainSecureList", 0, false}, {"TLSSendDomainSecureList", "TLSSendDomainSecureList", 0, false}}, NULL},
    {"ConfigurationRevision", VIEW_TABLE, {
        {"Identity", "Identity", 0, true}, {"WhenChanged", "WhenChanged", 24, true}, {"Author", "Author", 0, false},
        {"Objects", "Objects", 40, false}, {"Cmdlet", "Cmdlet", 0, false}}, NULL},
    {"AdminAuditLog", VIEW_TABLE, {
        {"RunDate", "RunDate", 24, true}, {"Caller", "Caller", 0, false}, {"Succeeded", "Succeeded", 0, true},
        {"CmdletName", "CmdletName", 0, false}, {"ObjectModified", "ObjectModified", 0, false}}, NULL},
    {"RoleGroup", VIEW_TABLE, {
        {"Name", "Name", 33, false}, {"Members", "Members", 0, false}, {"Description", "Description", 0, false}}, NULL},
    {"RoleGroupMember", VIEW_TABLE, {
        {"RoleGroup", "RoleGroup", 33, false}, {"Member", "Member", 14, true}, {"Label", "Label", 0, false}, {"RecipientType", "RecipientType", 0, true}}, NULL},
    {"ManagementToken", VIEW_TABLE, {
        {"Name", "Name", 20, false}, {"RoleGroups", "RoleGroups", 0, false}, {"ExpirationDate", "ExpirationDate", 24, true}, {"Status", "Status", 0, true}}, NULL},
    {"ManagementTokenText", VIEW_TEXT, {{"Token", "Token", 0, true}}, NULL},
    {"SendConnector", VIEW_TABLE, {
        {"Identity", "Identity", 28, false}, {"AddressSpaces", "AddressSpaces", 29, false}, {"Enabled", "Enabled", 0, true}}, NULL},
    {"DkimSigningConfig", VIEW_TABLE, {
        {"DomainName", "DomainName", 28, false}, {"Enabled", "Enabled", 0, true}, {"SelectorInUse", "SelectorInUse", 0, true}, {"RotateOnDate", "RotateOnDate", 24, true}}, NULL},
    {"DkimSigningConfigTest", VIEW_TABLE, {
        {"Selector", "Selector", 18, true}, {"InUse", "InUse", 0, true}, {"Result", "Result", 0, true}, {"Details", "Details", 0, false}}, NULL},
    {"MailRoute", VIEW_TABLE, {
        {"Recipient", "Recipient", 24, false}, {"DeliveryType", "DeliveryType", 26, true}, {"NextHopDomain", "NextHopDomain", 0, false},
        {"SendConnector", "SendConnector", 0, false}, {"Reason", "Reason", 0, false}}, NULL},
    {"SendConnectorView", VIEW_TABLE, {
        {"Host", "Host", 24, false}, {"EndPoint", "EndPoint", 0, true}, {"Result", "Result", 0, true}, {"TlsVersion", "TlsVersion", 0, true},
        {"Verdict", "Verdict", 0, false}}, NULL},
};

static const struct view wide_views[] = {
    {"SmtpSession", VIEW_TABLE, {
        {"Identity", "Identity", 16, true}, {"ReceiveConnector", "ReceiveConnector", 0, false}, {"RemoteEndpoint", "RemoteEndpoint", 0, true},
        {"User", "User", 0, false}, {"State", "State", 0, true}, {"TlsCipher", "TlsCipher", 0, false}, {"Thumbprint", "CertificateThumbprint", 0, true},
        {"Rule", "CertificateRule", 0, true}}, NULL},
    {"MessageTrackingLog", VIEW_TABLE, {
        {"Timestamp", "Timestamp", 24, true}, {"EventId", "EventId", 8, true}, {"Sender", "Sender", 0, false}, {"Recipients", "Recipients", 0, false},
        {"RecipientStatus", "RecipientStatus", 0, false}, {"MessageId", "MessageId", 0, false}}, NULL},
    {"ReceiveConnector", VIEW_TABLE, {
        {"Identity", "Identity", 28, false}, {"Bindings", "Bindings", 20, false}, {"State", "State", 0, true}, {"TlsMode", "TlsMode", 0, true},
        {"Presents", "PresentsSubject", 0, false}, {"DaysLeft", "DaysLeft", 0, true}, {"Health", "Health", 0, true},
        {"Thumbprint", "PresentsThumbprint", 0, true}}, NULL},
    {"ExchangeCertificate", VIEW_TABLE, {
        {"Thumbprint", "Thumbprint", 0, true}, {"Services", "ServicesMask", 9, true}, {"DaysLeft", "DaysLeft", 0, true}, {"Health", "Health", 0, true},
        {"Subject", "Subject", 0, false}}, "ServicesMask"},
};
/* clang-format on */

const struct view *view_wide_of(struct slice noun)
{
    for (size_t i = 0; i < COUNT_OF(wide_views); i++)
        if (slice_equal_nocase(slice_of(wide_views[i].noun), noun))
            return &wide_views[i];
    return view_of(noun);
}

const struct view *view_of(struct slice noun)
{
    for (size_t i = 0; i < COUNT_OF(views); i++)
        if (slice_equal_nocase(slice_of(views[i].noun), noun))
            return &views[i];
    return NULL;
}

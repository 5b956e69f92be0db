/* SPDX-License-Identifier: Apache-2.0 */
/* The rows themselves. */
#include "operations/operation.h"

/* clang-format off */
#define IDENTITY(sentence) {.name = "Identity", .kind = PARAMETER_IDENTITY, .positional = true, .required = true, .help = sentence}
#define IDENTITY_OPTIONAL(sentence) {.name = "Identity", .kind = PARAMETER_IDENTITY, .positional = true, .help = sentence}
#define THUMBPRINT {.name = "Thumbprint", .kind = PARAMETER_IDENTITY, .positional = true, .required = true, \
                    .help = "The certificate: 40 hexadecimal digits; blanks and colons do not matter."}
#define FILTER(sentence) {.name = "Filter", .kind = PARAMETER_FILTER, .help = sentence}
#define PASSWORD(sentence) {.name = "Password", .kind = PARAMETER_PASSWORD, .help = sentence}

static const struct operation_parameter get_connector[] = {
    IDENTITY_OPTIONAL("A name, SERVER\\name, or a pattern with * and ?. Without it: all."),
    {.name = "Server", .kind = PARAMETER_TEXT, .help = "Only the connectors of this server; a name or a pattern."},
    {0},
};
static const struct operation_parameter new_connector[] = {
    {.name = "Usage",    .kind = PARAMETER_TEXT, .help = "Client, Custom (the default), Internal, Internet or Partner: what AuthMechanism, PermissionGroups, Bindings and RemoteIPRanges begin as."},
    {.name = "Client",   .kind = PARAMETER_SWITCH, .help = "The same as -Usage Client."},
    {.name = "Custom",   .kind = PARAMETER_SWITCH, .help = "The same as -Usage Custom."},
    {.name = "Internal", .kind = PARAMETER_SWITCH, .help = "The same as -Usage Internal."},
    {.name = "Internet", .kind = PARAMETER_SWITCH, .help = "The same as -Usage Internet."},
    {.name = "Partner",  .kind = PARAMETER_SWITCH, .help = "The same as -Usage Partner."},
    {.name = "Server",   .kind = PARAMETER_TEXT, .help = "The server it belongs to; this one is the only one."},
    {0},
};
static const struct operation_parameter set_connector[] = {
    IDENTITY("The connector: its name or SERVER\\name."),
    {0},
};
static const struct operation_parameter remove_connector[] = {
    IDENTITY("The connector: its name or SERVER\\name."),
    {0},
};
static const struct operation_parameter test_connector[] = {
    IDENTITY_OPTIONAL("A name, SERVER\\name, or a pattern with * and ?. Without it: all."),
    {0},
};
static const struct operation_parameter explain[] = {
    IDENTITY_OPTIONAL("The connector. Without it, RemoteIPAddress and LocalEndpoint find it."),
    {.name = "RemoteIPAddress", .kind = PARAMETER_TEXT, .help = "The client's address."},
    {.name = "LocalEndpoint",   .kind = PARAMETER_TEXT, .help = "The address and port it connects to: 192.0.2.1:587 or [2001:db8::1]:587."},
    {.name = "ServerName",      .kind = PARAMETER_TEXT, .help = "The host the client asks for in its TLS hello (SNI); matters with TlsSni."},
    {.name = "ClientKeys",      .kind = PARAMETER_LIST, .help = "The kinds of keys the client can verify: RSA, RSA_PSS, ECDSA, Ed25519. Without it: all."},
    {.name = "At",              .kind = PARAMETER_TEXT, .help = "The moment to judge: now, 2027-02-01 or 2027-02-01T10:00:00Z."},
    {.name = "WithFile",        .kind = PARAMETER_FILE_AT, .help = "A certificate file: answers as if it were imported and enabled for SMTP. Nothing is stored."},
    PASSWORD("Of that file; - asks for it."),
    {0},
};
static const struct operation_parameter get_certificate[] = {
    {.name = "Thumbprint", .kind = PARAMETER_IDENTITY, .positional = true, .help = "One certificate; without it: all."},
    {.name = "Identity",   .kind = PARAMETER_IDENTITY, .help = "The same, also as SERVER\\thumbprint."},
    {.name = "Server",     .kind = PARAMETER_TEXT, .help = "Only the certificates of this server; a name or a pattern."},
    {.name = "DomainName", .kind = PARAMETER_TEXT, .help = "Only those that hold this host name; the first one is the one a connector of that name presents."},
    {.name = "ExpiresWithin", .kind = PARAMETER_TEXT, .help = "Only those that end within this time (30d, 12h) or have ended; exit 1 when there is one, for monitoring."},
    {0},
};
static const struct operation_parameter new_certificate[] = {
    {.name = "Thumbprint",   .kind = PARAMETER_IDENTITY, .positional = true, .help = "Renews this certificate: subject, names, services, kind of key and friendly name are taken over where nothing else is said."},
    {.name = "GenerateRequest", .kind = PARAMETER_SWITCH, .help = "Makes a request (PKCS#10) for an authority; importing the answer completes it. `postern` writes it with -FileName PATH."},
    {.name = "BinaryEncoded", .kind = PARAMETER_SWITCH, .help = "The request in the file is DER, not PEM."},
    {.name = "SubjectName",  .kind = PARAMETER_TEXT, .help = "A whole name with a CN: CN=mail.contoso.com, O=\"Contoso, Ltd.\", C=US. Without it the first DomainName, or the server's name."},
    {.name = "DomainName",   .kind = PARAMETER_LIST, .help = "Host names and addresses it is good for; the CN is added. Without it the server's name."},
    {.name = "IncludeServerFQDN", .kind = PARAMETER_SWITCH, .help = "Adds the full name of the server."},
    {.name = "IncludeServerNetBIOSName", .kind = PARAMETER_SWITCH, .help = "Adds the short name of the server."},
    {.name = "IncludeAcceptedDomains", .kind = PARAMETER_SWITCH, .help = "Adds every accepted domain."},
    {.name = "FriendlyName", .kind = PARAMETER_TEXT, .help = "What to call it; at most 64 bytes."},
    {.name = "Services",     .kind = PARAMETER_LIST, .help = "Services that may present it; IMAP, POP, SMTP when nothing is said, none for a request."},
    {.name = "KeyAlgorithm", .kind = PARAMETER_TEXT, .help = "ECDSA_P256 (the default), ECDSA_P384 or RSA."},
    {.name = "KeySize",      .kind = PARAMETER_INTEGER, .help = "Bits of an RSA key: 2048, 3072 or 4096."},
    {.name = "ValidDays",    .kind = PARAMETER_INTEGER, .help = "Days until a self-signed one expires; 365 when nothing is said."},
    {.name = "PrivateKeyExportable", .kind = PARAMETER_TEXT, .help = "Whether the key may be exported: $true or $false (the default). It cannot be changed later."},
    {0},
};
static const struct operation_parameter export_certificate[] = {
    THUMBPRINT,
    PASSWORD("Protects a PKCS#12 file with the private key; - asks for it. Without it the certificate and its chain are written alone, in PEM."),
    {.name = "BinaryEncoded", .kind = PARAMETER_SWITCH, .help = "The file is DER, not PEM: the certificate without its chain, or the request. A PKCS#12 file is binary in any case."},
    {.name = "Force", .kind = PARAMETER_SWITCH, .help = "Replaces the file of -FileName if it is there."},
    {0},
};
static const struct operation_parameter import_certificate[] = {
    {.name = "FileData",     .kind = PARAMETER_FILE, .required = true, .help = "The file: PKCS#12, PKCS#7, DER, or PEM in any order; `postern` reads it with -FileName PATH. It may also complete a request, or a chain that lacks an issuer, or be an OCSP response about a certificate that is here."},
    PASSWORD("Of the file; - asks for it."),
    {.name = "FriendlyName", .kind = PARAMETER_TEXT, .help = "What to call it; without it the name in the file."},
    {.name = "PrivateKeyExportable", .kind = PARAMETER_TEXT, .help = "Whether the key may be exported again: $true or $false (the default)."},
    {.name = "Services", .kind = PARAMETER_LIST, .in_files_only = true, .help = "In a file for postern apply: the services that may present it. Else: Enable-ExchangeCertificate."},
    {.name = "CertificateRequest", .kind = PARAMETER_TEXT, .in_files_only = true, .help = "In a file for postern apply: the request that waits for its certificate, base64."},
    {.name = "OcspResponse", .kind = PARAMETER_TEXT, .in_files_only = true, .help = "In a file for postern apply: the OCSP response that is stapled, base64."},
    {.name = "SealedKey", .kind = PARAMETER_TEXT, .in_files_only = true, .help = "In a file for postern apply: the private key as Export-Configuration writes it, sealed by this server."},
    {.name = "Replace", .kind = PARAMETER_SWITCH, .help = "It renews: it takes over the services of the certificates whose host names it all holds, and connectors bound to them by name follow."},
    {0},
};
static const struct operation_parameter enable_certificate[] = {
    THUMBPRINT,
    {.name = "Services", .kind = PARAMETER_LIST, .required = true, .help = "IMAP, POP, UM, IIS, SMTP, Federation, UMCallRouter: added to what it has. None takes all away."},
    {0},
};
static const struct operation_parameter disable_certificate[] = {
    THUMBPRINT,
    {.name = "Services", .kind = PARAMETER_LIST, .required = true, .help = "The services to take away."},
    {0},
};
static const struct operation_parameter remove_certificate[] = {
    THUMBPRINT,
    {0},
};
static const struct operation_parameter get_domain[] = {
    IDENTITY_OPTIONAL("Its name or the domain. Without it: all."),
    {0},
};
static const struct operation_parameter set_domain[] = {
    IDENTITY("Its name or the domain."),
    {.name = "MakeDefault", .kind = PARAMETER_TEXT, .help = "$true makes it the default one in the place of the other."},
    {0},
};
static const struct operation_parameter remove_domain[] = {
    IDENTITY("Its name or the domain."),
    {0},
};
static const struct operation_parameter get_mailbox[] = {
    IDENTITY_OPTIONAL("A name or address, or a pattern. Without it: all."),
    {.name = "ResultSize", .kind = PARAMETER_INTEGER, .help = "At most so many, or Unlimited, which is so when nothing is said."},
    {0},
};
static const struct operation_parameter new_mailbox[] = {
    PASSWORD("What its owner logs in with; - asks for it. Without it nobody can log in."),
    {.name = "SealedPassword", .kind = PARAMETER_TEXT, .in_files_only = true, .help = "In a file for postern apply: the password's verifier as Export-Configuration writes it, sealed by this server."},
    {0},
};
static const struct operation_parameter set_mailbox[] = {
    IDENTITY("Its name or one of its addresses."),
    PASSWORD("The new password; - asks for it."),
    {0},
};
static const struct operation_parameter get_group[] = {
    IDENTITY_OPTIONAL("A name or address, or a pattern. Without it: all."),
    {.name = "ResultSize", .kind = PARAMETER_INTEGER, .help = "At most so many, or Unlimited, which is so when nothing is said."},
    {0},
};
static const struct operation_parameter the_group[] = {
    IDENTITY("Its name or one of its addresses."),
    {0},
};
#define GROUP_MEMBER {.name = "Member", .kind = PARAMETER_TEXT, .positional = true, .required = true, \
                      .help = "An address, or the name of a mailbox or of another group."}
static const struct operation_parameter get_group_member[] = {
    IDENTITY("The group: its name or one of its addresses."),
    {.name = "ResultSize", .kind = PARAMETER_INTEGER, .help = "At most so many, or Unlimited, which is so when nothing is said."},
    {0},
};
static const struct operation_parameter change_group_member[] = {
    IDENTITY("The group: its name or one of its addresses."),
    GROUP_MEMBER,
    {0},
};
static const struct operation_parameter update_group_member[] = {
    IDENTITY("The group: its name or one of its addresses."),
    {.name = "Members", .kind = PARAMETER_LIST, .required = true, .help = "Addresses, or names of mailboxes and groups: all the members it has from now on. $null: none."},
    {0},
};
static const struct operation_parameter remove_mailbox[] = {
    IDENTITY("Its name or one of its addresses."),
    {0},
};
#define PERMISSION_USER {.name = "User", .kind = PARAMETER_TEXT, .required = true, \
                         .help = "Who: a mailbox, NT AUTHORITY\\ANONYMOUS LOGON (S-1-5-7), NT AUTHORITY\\Authenticated Users (S-1-5-11), or SELF."}
#define PERMISSION_RIGHTS {.name = "ExtendedRights", .kind = PARAMETER_LIST, .required = true, \
                           .help = "Rights such as ms-Exch-SMTP-Accept-Any-Recipient on a connector, or \"Send As\" on a mailbox."}
static const struct operation_parameter get_permission[] = {
    {.name = "Identity", .kind = PARAMETER_IDENTITY, .positional = true, .required = true, .help = "A receive connector or a mailbox, or a pattern."},
    {.name = "User", .kind = PARAMETER_TEXT, .help = "Only what this one has: a mailbox, a well-known name or its SID."},
    {0},
};
static const struct operation_parameter add_permission[] = {
    IDENTITY("The receive connector; of Send As the mailbox."),
    PERMISSION_USER,
    PERMISSION_RIGHTS,
    {.name = "Deny", .kind = PARAMETER_SWITCH, .help = "Deny the rights instead; a denial wins over every grant."},
    {0},
};
static const struct operation_parameter remove_permission[] = {
    IDENTITY("The receive connector; of Send As the mailbox."),
    PERMISSION_USER,
    PERMISSION_RIGHTS,
    {.name = "Deny", .kind = PARAMETER_SWITCH, .help = "Take a denial away instead of a grant."},
    {0},
};
static const struct operation_parameter test_submission[] = {
    {.name = "ReceiveConnector", .kind = PARAMETER_IDENTITY, .positional = true, .required = true, .help = "The connector the client would use."},
    {.name = "User",             .kind = PARAMETER_TEXT, .help = "The mailbox that logs in; without it nobody does."},
    {.name = "From",             .kind = PARAMETER_TEXT, .required = true, .help = "The sender's address, in MAIL FROM and in the From field."},
    {.name = "To",               .kind = PARAMETER_LIST, .help = "Recipients to ask about."},
    {.name = "RemoteIPAddress",  .kind = PARAMETER_TEXT, .help = "The client's address: whether the connector takes it."},
    {0},
};
static const struct operation_parameter get_queue[] = {
    IDENTITY_OPTIONAL("SERVER\\queue or a pattern. Without it: all."),
    FILTER("Only queues of which this is true: \"Status -eq 'Retry' -and MessageCount -gt 5\"."),
    {.name = "Include",    .kind = PARAMETER_LIST, .help = "Only queues of these sorts: Internal, External, Empty, or a DeliveryType."},
    {.name = "Exclude",    .kind = PARAMETER_LIST, .help = "No queues of these sorts."},
    {.name = "Server",     .kind = PARAMETER_TEXT, .help = "The server; this one is the only one."},
    {.name = "ResultSize", .kind = PARAMETER_INTEGER, .help = "At most so many, or Unlimited; 1000 when nothing is said."},
    {0},
};
static const struct operation_parameter get_message[] = {
    IDENTITY_OPTIONAL("SERVER\\queue\\number, or the number. Without it: all."),
    {.name = "Queue",      .kind = PARAMETER_TEXT, .help = "Only the messages of this queue."},
    FILTER("Only messages of which this is true: \"FromAddress -like '*@contoso.com'\"."),
    {.name = "Server",     .kind = PARAMETER_TEXT, .help = "The server; this one is the only one."},
    {.name = "ResultSize", .kind = PARAMETER_INTEGER, .help = "At most so many, or Unlimited; 1000 when nothing is said."},
    {.name = "SortOrder",  .kind = PARAMETER_TEXT, .help = "In which order: '+FromAddress,-Size', with + (or nothing) from the smallest, with - from the largest. Without it: as they were received."},
    {.name = "BookmarkObject", .kind = PARAMETER_TEXT, .help = "The page begins at this message, said by its Identity."},
    {.name = "BookmarkIndex", .kind = PARAMETER_INTEGER, .help = "The page begins at the message of this number in the result, from 1."},
    {.name = "IncludeBookmark", .kind = PARAMETER_TEXT, .help = "$false: the message of the bookmark is not on the page. $true when nothing is said."},
    {.name = "SearchForward", .kind = PARAMETER_TEXT, .help = "$false: the page ends at the bookmark, or at the last message. $true when nothing is said."},
    {.name = "ReturnPageInfo", .kind = PARAMETER_TEXT, .help = "$true: says where the page is in the result, and how long that is. It costs a look at all that waits."},
    {0},
};
static const struct operation_parameter get_digest[] = {
    {.name = "Server",  .kind = PARAMETER_TEXT, .help = "The server; this one is the only one."},
    {.name = "GroupBy", .kind = PARAMETER_TEXT, .help = "NextHopDomain (when nothing is said), NextHopCategory, DeliveryType, Status, LastError or ServerName."},
    FILTER("Only queues of which this is true, as Get-Queue takes it."),
    {0},
};
static const struct operation_parameter order_queue[] = {
    IDENTITY("The queue: SERVER\\queue or its name."),
    {0},
};
static const struct operation_parameter order_message[] = {
    IDENTITY_OPTIONAL("The message: SERVER\\queue\\number, or the number."),
    FILTER("All messages of which this is true, as Get-Message takes it."),
    {0},
};
static const struct operation_parameter remove_message[] = {
    IDENTITY_OPTIONAL("The message: SERVER\\queue\\number, or the number."),
    FILTER("All messages of which this is true, as Get-Message takes it."),
    {.name = "WithNDR", .kind = PARAMETER_TEXT, .help = "$true (the default): its sender is told, as of every failure. $false: nobody is."},
    {0},
};
static const struct operation_parameter redirect_message[] = {
    IDENTITY("The message: SERVER\\queue\\number, or the number. It has to be suspended."),
    {.name = "Recipient", .kind = PARAMETER_LIST, .required = true, .help = "Who gets it in the place of those it waits for: addresses, groups among them."},
    {0},
};
static const struct operation_parameter export_message[] = {
    IDENTITY("The message: SERVER\\queue\\number, or the number. It has to be suspended."),
    {.name = "Force", .kind = PARAMETER_SWITCH, .help = "Replaces the file of -FileName if it is there."},
    {.name = "IncludeActive", .kind = PARAMETER_SWITCH, .help = "Also of a message that is not suspended and may leave meanwhile."},
    {0},
};
static const struct operation_parameter get_tracking[] = {
    {.name = "Start",      .kind = PARAMETER_TEXT, .help = "The first moment: 2027-02-01, 2027-02-01T10:00:00Z or now. Without it: everything that is kept."},
    {.name = "End",        .kind = PARAMETER_TEXT, .help = "The last moment, written likewise."},
    {.name = "Sender",     .kind = PARAMETER_TEXT, .help = "Only messages of this sender; <> is the null sender."},
    {.name = "Recipients", .kind = PARAMETER_LIST, .help = "Only rows that name one of these recipients."},
    {.name = "MessageId",  .kind = PARAMETER_TEXT, .help = "Only the message with this Message-ID, with or without <>."},
    {.name = "EventId",    .kind = PARAMETER_TEXT, .help = "RECEIVE: stored. DELIVER: in the mailbox. DEFER: tried again later. FAIL: removed."},
    {.name = "Source",     .kind = PARAMETER_TEXT, .help = "SMTP: what came in. STOREDRIVER: what became of it."},
    {.name = "MessageSubject", .kind = PARAMETER_TEXT, .help = "Only messages whose subject holds this text."},
    {.name = "InternalMessageId", .kind = PARAMETER_TEXT, .help = "Only the message with this number, as the log and Get-Message show it."},
    {.name = "ConnectorId", .kind = PARAMETER_TEXT, .help = "Only what came in by this receive connector: its name or SERVER\\name."},
    {.name = "Reference",  .kind = PARAMETER_TEXT, .help = "Only rows with this reference."},
    {.name = "Server",     .kind = PARAMETER_TEXT, .help = "The server whose log is read; this one is the only one."},
    {.name = "ResultSize", .kind = PARAMETER_INTEGER, .help = "At most so many rows, or Unlimited; 1000 when nothing is said."},
    {0},
};
static const struct operation_parameter get_session[] = {
    IDENTITY_OPTIONAL("One session: 16 hexadecimal digits. Without it: all."),
    {.name = "ReceiveConnector", .kind = PARAMETER_TEXT, .help = "Only sessions of this connector."},
    {.name = "RemoteIPAddress",  .kind = PARAMETER_TEXT, .help = "Only sessions of the client at this address."},
    {.name = "ResultSize",       .kind = PARAMETER_INTEGER, .help = "At most so many of each process, or Unlimited; 1000 when nothing is said."},
    {0},
};
static const struct operation_parameter stop_session[] = {
    IDENTITY("The session: 16 hexadecimal digits, as Get-SmtpSession and the protocol log show them."),
    {0},
};
static const struct operation_parameter set_session_logging[] = {
    {.name = "RemoteIPAddress", .kind = PARAMETER_TEXT, .positional = true, .required = true, .help = "The address of the client."},
    {.name = "Duration",        .kind = PARAMETER_TEXT, .help = "How long: 00:30:00 or 30m; at most a day, 10 minutes when nothing is said. 0s ends it."},
    {0},
};
static const struct operation_parameter of_this_server[] = {
    IDENTITY_OPTIONAL("The server; this one is the only one."),
    {0},
};
static const struct operation_parameter get_component[] = {
    IDENTITY_OPTIONAL("The server; this one is the only one."),
    {.name = "Component", .kind = PARAMETER_TEXT, .help = "Only this one: ServerWideOffline, FrontendTransport or HubTransport."},
    {0},
};
static const struct operation_parameter set_component[] = {
    IDENTITY("The server; this one is the only one."),
    {.name = "Component", .kind = PARAMETER_TEXT, .required = true, .help = "FrontendTransport: connectors of that TransportRole. HubTransport: all connectors, and delivery. ServerWideOffline: everything."},
    {.name = "State",     .kind = PARAMETER_TEXT, .required = true, .help = "Inactive: out of service. Draining: takes nothing new, finishes what it has. Active: in service, unless another requester objects."},
    {.name = "Requester", .kind = PARAMETER_TEXT, .required = true, .help = "Who asks: Maintenance, Functional, HealthAPI, Sidelined or Deployment. Each has a say of its own, and the worst state wins."},
    {0},
};
static const struct operation_parameter get_diagnostic[] = {
    {.name = "Server",    .kind = PARAMETER_TEXT, .help = "The server; this one is the only one."},
    {.name = "Process",   .kind = PARAMETER_TEXT, .required = true, .help = "EdgeTransport, MSExchangeTransport or MSExchangeFrontendTransport: one and the same here."},
    {.name = "Component", .kind = PARAMETER_TEXT, .required = true, .help = "ResourceThrottling."},
    {0},
};
static const struct operation_parameter get_revision[] = {
    IDENTITY_OPTIONAL("One revision by its number, with every setting before and after. Without it: all, the newest first."),
    {.name = "StartDate",  .kind = PARAMETER_TEXT, .help = "The first moment: 2027-02-01, 2027-02-01T10:00:00Z or now. Without it: everything that is kept."},
    {.name = "EndDate",    .kind = PARAMETER_TEXT, .help = "The last moment, written likewise."},
    {.name = "ResultSize", .kind = PARAMETER_INTEGER, .help = "At most so many, or Unlimited; 1000 when nothing is said."},
    {0},
};
static const struct operation_parameter undo[] = {
    {.name = "Revision", .kind = PARAMETER_INTEGER, .positional = true, .help = "What this revision changed is taken back; what later ones changed elsewhere stays."},
    {.name = "To",       .kind = PARAMETER_INTEGER, .help = "Everything becomes as it was when this revision was in force."},
    {0},
};
static const struct operation_parameter search_audit[] = {
    {.name = "Cmdlets",    .kind = PARAMETER_LIST, .help = "Only runs of these cmdlets."},
    {.name = "ObjectIds",  .kind = PARAMETER_LIST, .help = "Only runs on these objects; names or patterns."},
    {.name = "UserIds",    .kind = PARAMETER_LIST, .help = "Only what these callers ran: \"uid 0\"."},
    {.name = "Parameters", .kind = PARAMETER_LIST, .help = "Only runs with one of these parameters."},
    {.name = "StartDate",  .kind = PARAMETER_TEXT, .help = "The first moment: 2027-02-01, 2027-02-01T10:00:00Z or now. Without it: everything that is kept."},
    {.name = "EndDate",    .kind = PARAMETER_TEXT, .help = "The last moment, written likewise."},
    {.name = "IsSuccess",  .kind = PARAMETER_TEXT, .help = "$true: only what succeeded. $false: only what was refused or failed."},
    {.name = "ResultSize", .kind = PARAMETER_INTEGER, .help = "At most so many, the newest, or Unlimited; 1000 when nothing is said."},
    {0},
};
static const struct operation_parameter export_configuration[] = {
    {.name = "Format", .kind = PARAMETER_TEXT, .help = "Script, cmdlets that make it (the default), or Json."},
    {.name = "WithoutSecrets", .kind = PARAMETER_SWITCH, .help = "Leaves out the sealed keys and passwords."},
    {.name = "Force", .kind = PARAMETER_SWITCH, .help = "Replaces the file of -FileName if it is there."},
    {0},
};
static const struct operation_parameter import_configuration[] = {
    {.name = "FileData", .kind = PARAMETER_FILE, .required = true, .help = "The file in the form of -Format Json; `postern` reads it with -FileName PATH, and postern apply FILE reads scripts, too."},
    {.name = "WithoutSecrets", .kind = PARAMETER_SWITCH, .help = "Takes no sealed keys and passwords from the file: those that are here stay."},
    {.name = "Revision", .kind = PARAMETER_INTEGER, .help = "Refused when another revision is in force: nothing has changed since you looked."},
    {0},
};
#define ROLE_MEMBER {.name = "Member", .kind = PARAMETER_MEMBER, .required = true, \
                     .help = "A user of this machine (alice, uid:1000), a group (group:mailops, gid:1001) or a token (token:NAME)."}
static const struct operation_parameter get_role_group[] = {
    IDENTITY_OPTIONAL("A role group or a pattern. Without it: all."),
    {0},
};
static const struct operation_parameter get_role_member[] = {
    IDENTITY_OPTIONAL("A role group or a pattern. Without it: the members of all."),
    {0},
};
static const struct operation_parameter add_role_member[] = {
    IDENTITY("The role group: \"Organization Management\", \"Certificate Management\", \"Recipient Management\", \"Queue Management\" or \"View-Only Organization Management\"."),
    ROLE_MEMBER,
    {.name = "Label", .kind = PARAMETER_TEXT, .help = "What the number is called in lists; `postern` fills in the local name. It decides nothing."},
    {0},
};
static const struct operation_parameter remove_role_member[] = {
    IDENTITY("The role group."),
    ROLE_MEMBER,
    {0},
};
static const struct operation_parameter get_token[] = {
    IDENTITY_OPTIONAL("Its name or a pattern. Without it: all."),
    {0},
};
static const struct operation_parameter remove_token[] = {
    IDENTITY("Its name."),
    {0},
};
#define CREDENTIAL {.name = "AuthenticationCredential", .kind = PARAMETER_CREDENTIAL, \
                    .help = "Who logs in at the smart hosts: (Get-Credential), or the user's name, whose password is asked for. $null: nobody."}
static const struct operation_parameter get_send_connector[] = {
    IDENTITY_OPTIONAL("A name or a pattern with * and ?. Without it: all."),
    {0},
};
static const struct operation_parameter new_send_connector[] = {
    CREDENTIAL,
    {.name = "Usage",    .kind = PARAMETER_TEXT, .help = "Custom (the default), Internal, Internet or Partner. Internal begins without a limit of size; the others are labels."},
    {.name = "Custom",   .kind = PARAMETER_SWITCH, .help = "The same as -Usage Custom."},
    {.name = "Internal", .kind = PARAMETER_SWITCH, .help = "The same as -Usage Internal."},
    {.name = "Internet", .kind = PARAMETER_SWITCH, .help = "The same as -Usage Internet."},
    {.name = "Partner",  .kind = PARAMETER_SWITCH, .help = "The same as -Usage Partner."},
    {.name = "CredentialUser", .kind = PARAMETER_TEXT, .in_files_only = true, .help = "In a file for postern apply: who logs in at the smart hosts. Else: -AuthenticationCredential."},
    {.name = "SealedCredential", .kind = PARAMETER_TEXT, .in_files_only = true, .help = "In a file for postern apply: his password as Export-Configuration writes it, sealed by this server."},
    {0},
};
static const struct operation_parameter set_send_connector[] = {
    IDENTITY("The connector: its name."),
    CREDENTIAL,
    {0},
};
static const struct operation_parameter remove_send_connector[] = {
    IDENTITY("The connector: its name."),
    {0},
};
static const struct operation_parameter test_mail_route[] = {
    {.name = "Recipient", .kind = PARAMETER_LIST, .positional = true, .required = true, .help = "Addresses to ask about."},
    {.name = "Size", .kind = PARAMETER_TEXT, .help = "Of the message, such as 10MB; without it no connector is too small."},
    {0},
};
static const struct operation_parameter test_send_connector[] = {
    {.name = "Recipient", .kind = PARAMETER_TEXT, .positional = true, .required = true, .help = "An address, or a domain."},
    {.name = "Identity", .kind = PARAMETER_IDENTITY, .help = "The send connector to try in the place of the one its mail takes."},
    {.name = "AskForRecipient", .kind = PARAMETER_SWITCH, .help = "Ask the host for the address, too (MAIL FROM:<> and RCPT TO, and no message)."},
    {0},
};
static const struct operation_parameter no_parameters[] = {{0}};

static const struct operation_parameter get_dkim[] = {
    IDENTITY_OPTIONAL("The domain, or a pattern. Without it: all."),
    {0},
};
static const struct operation_parameter new_dkim[] = {
    {.name = "SealedKeys", .kind = PARAMETER_TEXT, .in_files_only = true, .help = "In a file for postern apply: the private keys as Export-Configuration writes them, sealed by this server."},
    {0},
};
static const struct operation_parameter set_dkim[] = {
    IDENTITY("The domain."),
    {0},
};
static const struct operation_parameter rotate_dkim[] = {
    IDENTITY("The domain."),
    {.name = "RotateOnDate", .kind = PARAMETER_TEXT, .help = "From when on the new keys sign: 2027-02-01 or 2027-02-01T10:00:00Z. Without it: in four days."},
    {.name = "KeyAlgorithm", .kind = PARAMETER_TEXT, .help = "RSA, Ed25519 or Both. Without it: as before."},
    {.name = "KeySize",      .kind = PARAMETER_INTEGER, .help = "Bits of an RSA key, 1024 to 4096. Without it: as before."},
    {0},
};

const struct operation operations[OPERATION_COUNT] = {
    [OPERATION_GET_RECEIVE_CONNECTOR] = {
        "Get", "ReceiveConnector", OPERATION_VIEW, .parameters = get_connector,
        .help = "Shows receive connectors and the certificate each presents.",
        .example = "Get-ReceiveConnector \"Client Frontend*\" -o list"},
    [OPERATION_NEW_RECEIVE_CONNECTOR] = {
        "New", "ReceiveConnector", OPERATION_ADMINISTER, .changes = true,
        .settings = OPERATION_SETTINGS_OF_NEW, .kind = MODEL_RECEIVE_CONNECTOR, .parameters = new_connector,
        .help = "Adds a receive connector; nothing is restarted.",
        .example = "New-ReceiveConnector -Name Printers -Bindings 0.0.0.0:25 -RemoteIPRanges 192.168.7.0/24 -PermissionGroups AnonymousUsers"},
    [OPERATION_SET_RECEIVE_CONNECTOR] = {
        "Set", "ReceiveConnector", OPERATION_ADMINISTER, .changes = true, .for_many = true,
        .settings = OPERATION_SETTINGS_OF_SET, .kind = MODEL_RECEIVE_CONNECTOR, .parameters = set_connector,
        .help = "Changes a receive connector; sessions in flight finish as they began.",
        .example = "Set-ReceiveConnector \"Client Frontend MX1\" -TlsCertificateName \"<I>CN=Our CA<S>CN=mail.contoso.com\""},
    [OPERATION_REMOVE_RECEIVE_CONNECTOR] = {
        "Remove", "ReceiveConnector", OPERATION_ADMINISTER, .changes = true, .for_many = true, .asks_first = true, .parameters = remove_connector,
        .help = "Removes a receive connector and closes its listeners.",
        .example = "Remove-ReceiveConnector Printers -WhatIf"},
    [OPERATION_TEST_RECEIVE_CONNECTOR] = {
        "Test", "ReceiveConnector", OPERATION_VIEW, .parameters = test_connector,
        .help = "Connects to the listeners from outside and compares what is seen with what the rules say; exit 1 when they differ.",
        .example = "Test-ReceiveConnector \"Client Frontend MX1\" -o list"},
    [OPERATION_TEST_RECEIVE_CONNECTOR_CERTIFICATE] = {
        "Test", "ReceiveConnectorCertificate", OPERATION_VIEW, .parameters = explain,
        .help = "Explains which connector takes a client, which certificate it is shown, why no other, and when that changes.",
        .example = "Test-ReceiveConnectorCertificate -RemoteIPAddress 198.51.100.7 -LocalEndpoint 192.0.2.1:587 -At 2027-02-01"},
    [OPERATION_GET_CERTIFICATE] = {
        "Get", "ExchangeCertificate", OPERATION_VIEW, .parameters = get_certificate,
        .help = "Shows certificates, their services and which connectors use them.",
        .example = "Get-ExchangeCertificate -DomainName mail.contoso.com"},
    [OPERATION_NEW_CERTIFICATE] = {
        "New", "ExchangeCertificate", OPERATION_CERTIFICATES, .changes = true, .parameters = new_certificate,
        .writes_file = true,
        .help = "Makes a self-signed certificate, or a request for an authority, with a new key; renews an old one.",
        .example = "New-ExchangeCertificate -GenerateRequest -SubjectName \"CN=mail.contoso.com, O=Contoso, C=US\" -FileName mail.req"},
    [OPERATION_IMPORT_CERTIFICATE] = {
        "Import", "ExchangeCertificate", OPERATION_CERTIFICATES, .changes = true, .parameters = import_certificate,
        .help = "Takes in a certificate with its key and chain; nothing presents it before it is enabled.",
        .example = "Import-ExchangeCertificate -FileName mail.pfx -Password -"},
    [OPERATION_EXPORT_CERTIFICATE] = {
        "Export", "ExchangeCertificate", OPERATION_CERTIFICATES, .writes_file = true, .parameters = export_certificate,
        .help = "Gives out a certificate with its key (if that may leave), a certificate alone, or a pending request.",
        .example = "Export-ExchangeCertificate 2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319 -Password - -FileName mail.pfx"},
    [OPERATION_ENABLE_CERTIFICATE] = {
        "Enable", "ExchangeCertificate", OPERATION_CERTIFICATES, .changes = true, .asks_first = true, .parameters = enable_certificate,
        .help = "Lets services present a certificate, and says which connectors change.",
        .example = "Enable-ExchangeCertificate -Thumbprint 2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319 -Services SMTP"},
    [OPERATION_DISABLE_CERTIFICATE] = {
        "Disable", "ExchangeCertificate", OPERATION_CERTIFICATES, .changes = true, .asks_first = true, .parameters = disable_certificate,
        .help = "Takes services off a certificate, and says which connectors change.",
        .example = "Disable-ExchangeCertificate -Thumbprint 2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319 -Services SMTP"},
    [OPERATION_REMOVE_CERTIFICATE] = {
        "Remove", "ExchangeCertificate", OPERATION_CERTIFICATES, .changes = true, .asks_first = true, .parameters = remove_certificate,
        .help = "Removes a certificate and its key; refused when a connector has no other match, unless -Force is given.",
        .example = "Remove-ExchangeCertificate 2CBC3F4B055AB910B6BF6BCEF9AEC5C12A3F9319 -WhatIf"},
    [OPERATION_GET_ACCEPTED_DOMAIN] = {
        "Get", "AcceptedDomain", OPERATION_VIEW, .parameters = get_domain,
        .help = "Shows the domains whose mail is taken in.",
        .example = "Get-AcceptedDomain"},
    [OPERATION_NEW_ACCEPTED_DOMAIN] = {
        "New", "AcceptedDomain", OPERATION_ADMINISTER, .changes = true,
        .settings = OPERATION_SETTINGS_OF_NEW, .kind = MODEL_ACCEPTED_DOMAIN, .parameters = no_parameters,
        .help = "Adds a domain whose mail is taken in.",
        .example = "New-AcceptedDomain -Name Contoso -DomainName contoso.com"},
    [OPERATION_SET_ACCEPTED_DOMAIN] = {
        "Set", "AcceptedDomain", OPERATION_ADMINISTER, .changes = true, .for_many = true,
        .settings = OPERATION_SETTINGS_OF_SET, .kind = MODEL_ACCEPTED_DOMAIN, .parameters = set_domain,
        .help = "Changes an accepted domain, or makes it the default one.",
        .example = "Set-AcceptedDomain Contoso -MakeDefault $true"},
    [OPERATION_REMOVE_ACCEPTED_DOMAIN] = {
        "Remove", "AcceptedDomain", OPERATION_ADMINISTER, .changes = true, .for_many = true, .asks_first = true, .parameters = remove_domain,
        .help = "Removes an accepted domain that no mailbox lives in.",
        .example = "Remove-AcceptedDomain Contoso"},
    [OPERATION_GET_MAILBOX] = {
        "Get", "Mailbox", OPERATION_VIEW, .parameters = get_mailbox,
        .help = "Shows mailboxes.",
        .example = "Get-Mailbox demo -o list"},
    [OPERATION_NEW_MAILBOX] = {
        "New", "Mailbox", OPERATION_RECIPIENTS, .changes = true,
        .settings = OPERATION_SETTINGS_OF_NEW, .kind = MODEL_MAILBOX, .parameters = new_mailbox,
        .help = "Adds a mailbox: a folder for its mail, and a login when a password is given.",
        .example = "New-Mailbox -Name alice -PrimarySmtpAddress alice@contoso.com -Password -"},
    [OPERATION_SET_MAILBOX] = {
        "Set", "Mailbox", OPERATION_RECIPIENTS, .changes = true,
        .settings = OPERATION_SETTINGS_OF_SET, .kind = MODEL_MAILBOX, .parameters = set_mailbox,
        .help = "Changes a mailbox or its password.",
        .example = "Set-Mailbox alice -EmailAddresses \"@{Add=info@contoso.com}\""},
    [OPERATION_REMOVE_MAILBOX] = {
        "Remove", "Mailbox", OPERATION_RECIPIENTS, .changes = true, .asks_first = true, .parameters = remove_mailbox,
        .help = "Removes a mailbox and its login; the mail in its folder stays.",
        .example = "Remove-Mailbox alice"},
    [OPERATION_GET_PERMISSION] = {
        "Get", "ADPermission", OPERATION_VIEW, .parameters = get_permission,
        .help = "Shows who has which rights on a connector or a mailbox, whether each takes effect, and who may relay.",
        .example = "Get-ADPermission \"Default Frontend MX1\" -User S-1-5-7"},
    [OPERATION_ADD_PERMISSION] = {
        "Add", "ADPermission", OPERATION_ADMINISTER, .changes = true, .for_many = true, .parameters = add_permission,
        .help = "Gives or denies rights on a connector, or lets somebody write as a mailbox (Send As).",
        .example = "Add-ADPermission info@contoso.com -User alice -ExtendedRights \"Send As\""},
    [OPERATION_REMOVE_PERMISSION] = {
        "Remove", "ADPermission", OPERATION_ADMINISTER, .changes = true, .for_many = true, .asks_first = true, .parameters = remove_permission,
        .help = "Takes rights away; one that a permission group gives is denied.",
        .example = "Remove-ADPermission Printers -User S-1-5-7 -ExtendedRights ms-Exch-SMTP-Accept-Authoritative-Domain-Sender"},
    [OPERATION_TEST_SUBMISSION] = {
        "Test", "SmtpSubmission", OPERATION_VIEW, .parameters = test_submission,
        .help = "Says what a client may send: log in, submit, use this sender, write this From, reach each recipient; with the reason and the cure.",
        .example = "Test-SmtpSubmission \"Client Frontend MX1\" -User alice -From info@contoso.com -To bob@contoso.com,x@fabrikam.com"},
    [OPERATION_GET_QUEUE] = {
        "Get", "Queue", OPERATION_VIEW, .parameters = get_queue,
        .help = "Shows where mail waits, how much of it, and why.",
        .example = "Get-Queue"},
    [OPERATION_GET_MESSAGE] = {
        "Get", "Message", OPERATION_VIEW, .parameters = get_message,
        .help = "Shows the messages that wait.",
        .example = "Get-Message -Queue Mailbox"},
    [OPERATION_GET_QUEUE_DIGEST] = {
        "Get", "QueueDigest", OPERATION_VIEW, .parameters = get_digest,
        .help = "Sums up the queues, by what they have in common; the longest first.",
        .example = "Get-QueueDigest -GroupBy Status"},
    [OPERATION_SUSPEND_QUEUE] = {
        "Suspend", "Queue", OPERATION_QUEUE, .changes = true, .parameters = order_queue,
        .help = "Holds a queue: mail is taken in and waits; what is being delivered is finished. It lasts over restarts.",
        .example = "Suspend-Queue MX1\\Mailbox"},
    [OPERATION_RESUME_QUEUE] = {
        "Resume", "Queue", OPERATION_QUEUE, .changes = true, .parameters = order_queue,
        .help = "Lets a suspended queue go on.",
        .example = "Resume-Queue MX1\\Mailbox"},
    [OPERATION_RETRY_QUEUE] = {
        "Retry", "Queue", OPERATION_QUEUE, .changes = true, .parameters = order_queue,
        .help = "Tries what was put off at once.",
        .example = "Retry-Queue MX1\\Mailbox"},
    [OPERATION_SUSPEND_MESSAGE] = {
        "Suspend", "Message", OPERATION_QUEUE, .changes = true, .parameters = order_message,
        .help = "Holds a message, or all that a filter takes, for all recipients.",
        .example = "Suspend-Message MX1\\Mailbox\\42"},
    [OPERATION_RESUME_MESSAGE] = {
        "Resume", "Message", OPERATION_QUEUE, .changes = true, .parameters = order_message,
        .help = "Lets suspended messages go on.",
        .example = "Resume-Message MX1\\Mailbox\\42"},
    [OPERATION_RETRY_MESSAGE] = {
        "Retry", "Message", OPERATION_QUEUE, .changes = true, .parameters = order_message,
        .help = "Looks for the way of a message anew and tries it at once, or all that a filter takes; what is suspended stays so.",
        .example = "Retry-Message MX1\\Unreachable\\42"},
    [OPERATION_REMOVE_MESSAGE] = {
        "Remove", "Message", OPERATION_QUEUE, .changes = true, .asks_first = true, .parameters = remove_message,
        .help = "Removes a message from the queue, or all that a filter takes, for all recipients; they cannot be brought back.",
        .example = "Remove-Message MX1\\Mailbox\\42 -WithNDR $false"},
    [OPERATION_REDIRECT_MESSAGE] = {
        "Redirect", "Message", OPERATION_QUEUE, .changes = true, .asks_first = true, .parameters = redirect_message,
        .help = "Sends a suspended message to others than it waits for; its sender stays who it was.",
        .example = "Redirect-Message MX1\\Unreachable\\42 -Recipient postmaster@contoso.com"},
    [OPERATION_EXPORT_MESSAGE] = {
        "Export", "Message", OPERATION_QUEUE, .writes_file = true, .file_follows = true, .parameters = export_message,
        .help = "Gives the bytes of a suspended message; `postern` writes them with -FileName PATH, in the shell AssembleMessage does. The message stays in the queue.",
        .example = "Export-Message MX1\\Unreachable\\42 -FileName 42.eml"},
    [OPERATION_GET_MESSAGE_TRACKING_LOG] = {
        "Get", "MessageTrackingLog", OPERATION_VIEW, .parameters = get_tracking,
        .help = "Shows what became of messages, oldest first.",
        .example = "Get-MessageTrackingLog -Start 2027-02-01 -Recipients alice@contoso.com"},
    [OPERATION_GET_SMTP_SESSION] = {
        "Get", "SmtpSession", OPERATION_VIEW, .parameters = get_session,
        .help = "Shows the sessions of this moment: who, on which connector, with which certificate and user.",
        .example = "Get-SmtpSession -ReceiveConnector \"Client Frontend MX1\" -o wide"},
    [OPERATION_STOP_SMTP_SESSION] = {
        "Stop", "SmtpSession", OPERATION_QUEUE, .changes = true, .parameters = stop_session,
        .help = "Ends a session with 421 4.3.2; a message that is being stored is answered first.",
        .example = "Stop-SmtpSession 195AF8A13E000001"},
    [OPERATION_GET_SMTP_SESSION_LOGGING] = {
        "Get", "SmtpSessionLogging", OPERATION_VIEW, .parameters = no_parameters,
        .help = "Shows the clients whose sessions are logged for a while.",
        .example = "Get-SmtpSessionLogging"},
    [OPERATION_SET_SMTP_SESSION_LOGGING] = {
        "Set", "SmtpSessionLogging", OPERATION_QUEUE, .changes = true, .parameters = set_session_logging,
        .help = "Writes the sessions of one client into the protocol log for a while, whatever its connector says; ends by itself.",
        .example = "Set-SmtpSessionLogging 192.0.2.7 -Duration 00:30:00"},
    [OPERATION_GET_TRANSPORT_SERVICE] = {
        "Get", "TransportService", OPERATION_VIEW, .parameters = of_this_server,
        .help = "Shows the server: the revision in force, its processes, its listeners, what is kept of its logs.",
        .example = "Get-TransportService -o list"},
    [OPERATION_SET_TRANSPORT_SERVICE] = {
        "Set", "TransportService", OPERATION_ADMINISTER, .changes = true, .settings = OPERATION_SETTINGS_OF_SET, .kind = MODEL_TRANSPORT_SERVICE,
        .parameters = of_this_server,
        .help = "Changes what is written into the logs and how much of them is kept; nothing is restarted.",
        .example = "Set-TransportService MX1 -MessageTrackingLogMaxAge 90.00:00:00 -MessageTrackingLogMaxDirectorySize 5GB"},
    [OPERATION_GET_FRONTEND_TRANSPORT_SERVICE] = {
        "Get", "FrontendTransportService", OPERATION_VIEW, .parameters = of_this_server,
        .help = "Shows what is kept of the protocol logs; both services are one here and write the same ones.",
        .example = "Get-FrontendTransportService -o list"},
    [OPERATION_SET_FRONTEND_TRANSPORT_SERVICE] = {
        "Set", "FrontendTransportService", OPERATION_ADMINISTER, .changes = true, .settings = OPERATION_SETTINGS_OF_SET, .kind = MODEL_TRANSPORT_SERVICE,
        .settings_prefix = "ReceiveProtocolLog", .parameters = of_this_server,
        .help = "Changes how much of the protocol logs is kept; the same as Set-TransportService does.",
        .example = "Set-FrontendTransportService MX1 -ReceiveProtocolLogMaxAge 60.00:00:00"},
    [OPERATION_GET_SERVER_COMPONENT_STATE] = {
        "Get", "ServerComponentState", OPERATION_VIEW, .parameters = get_component,
        .help = "Shows which parts of the server are in service, and who wants otherwise.",
        .example = "Get-ServerComponentState MX1 -Component HubTransport -o list"},
    [OPERATION_SET_SERVER_COMPONENT_STATE] = {
        "Set", "ServerComponentState", OPERATION_ADMINISTER, .changes = true, .parameters = set_component,
        .help = "Takes a part of the server out of service, or back; it lasts over restarts.",
        .example = "Set-ServerComponentState MX1 -Component HubTransport -State Draining -Requester Maintenance"},
    [OPERATION_GET_DIAGNOSTIC_INFO] = {
        "Get", "ExchangeDiagnosticInfo", OPERATION_VIEW, .parameters = get_diagnostic,
        .help = "Shows how near the server is to refusing mail: each measure of back pressure, its limits and its level.",
        .example = "Get-ExchangeDiagnosticInfo -Server MX1 -Process EdgeTransport -Component ResourceThrottling"},
    [OPERATION_TEST_SMTP_CONNECTIVITY] = {
        "Test", "SmtpConnectivity", OPERATION_VIEW, .parameters = of_this_server,
        .help = "Connects to every binding of every receive connector and says how it is answered; exit 1 when one does not answer.",
        .example = "Test-SmtpConnectivity MX1"},
    [OPERATION_GET_TRANSPORT_CONFIG] = {
        "Get", "TransportConfig", OPERATION_VIEW, .parameters = no_parameters,
        .help = "Shows what holds for the whole organization.",
        .example = "Get-TransportConfig"},
    [OPERATION_SET_TRANSPORT_CONFIG] = {
        "Set", "TransportConfig", OPERATION_ADMINISTER, .changes = true, .settings = OPERATION_SETTINGS_OF_SET, .kind = MODEL_TRANSPORT_CONFIG,
        .parameters = no_parameters,
        .help = "Changes what holds for the whole organization.",
        .example = "Set-TransportConfig -TLSReceiveDomainSecureList @{Add='contoso.com'}"},
    [OPERATION_GET_CONFIGURATION_REVISION] = {
        "Get", "ConfigurationRevision", OPERATION_VIEW, .parameters = get_revision,
        .help = "Shows what was changed, when and by whom; of one revision every setting before and after.",
        .example = "Get-ConfigurationRevision 17 -o list"},
    [OPERATION_UNDO_CONFIGURATION] = {
        "Undo", "Configuration", OPERATION_ADMINISTER, .changes = true, .asks_first = true, .parameters = undo,
        .help = "Takes back what one revision changed, or everything since one; a removed certificate or mailbox comes back with its key or password.",
        .example = "Undo-Configuration 17 -WhatIf"},
    [OPERATION_SEARCH_ADMIN_AUDIT_LOG] = {
        "Search", "AdminAuditLog", OPERATION_VIEW, .parameters = search_audit,
        .help = "Shows every run of a cmdlet that changes something, those that were refused too, the newest first.",
        .example = "Search-AdminAuditLog -Cmdlets Remove-Mailbox -StartDate 2027-02-01"},
    [OPERATION_EXPORT_CONFIGURATION] = {
        "Export", "Configuration", OPERATION_VIEW, .writes_file = true, .parameters = export_configuration,
        .help = "Gives out the whole configuration as a script of cmdlets, or as JSON; keys and passwords only sealed, and only to administrators.",
        .example = "Export-Configuration -FileName mx1.ps1"},
    [OPERATION_IMPORT_CONFIGURATION] = {
        "Import", "Configuration", OPERATION_ADMINISTER, .changes = true, .parameters = import_configuration,
        .help = "Makes the configuration what the file says, as one change: what it does not name goes, which -Confirm:$false has to allow.",
        .example = "Import-Configuration -FileName mx1.json -WhatIf"},
    [OPERATION_GET_ROLE_GROUP] = {
        "Get", "RoleGroup", OPERATION_VIEW, .parameters = get_role_group,
        .help = "Shows the role groups, what their members may do, and who they are.",
        .example = "Get-RoleGroup"},
    [OPERATION_GET_ROLE_GROUP_MEMBER] = {
        "Get", "RoleGroupMember", OPERATION_VIEW, .parameters = get_role_member,
        .help = "Shows who may manage the server.",
        .example = "Get-RoleGroupMember \"Organization Management\""},
    [OPERATION_ADD_ROLE_GROUP_MEMBER] = {
        "Add", "RoleGroupMember", OPERATION_ADMINISTER, .changes = true, .parameters = add_role_member,
        .help = "Lets a user, a group or a token manage the server, as far as the role group may.",
        .example = "Add-RoleGroupMember \"Certificate Management\" -Member alice"},
    [OPERATION_REMOVE_ROLE_GROUP_MEMBER] = {
        "Remove", "RoleGroupMember", OPERATION_ADMINISTER, .changes = true, .asks_first = true, .parameters = remove_role_member,
        .help = "Takes a user, a group or a token out of a role group; root and the user of the server stay.",
        .example = "Remove-RoleGroupMember \"Certificate Management\" -Member alice"},
    [OPERATION_GET_MANAGEMENT_TOKEN] = {
        "Get", "ManagementToken", OPERATION_VIEW, .parameters = get_token,
        .help = "Shows the tokens, what each may do and when it ends; never the secret.",
        .example = "Get-ManagementToken -o list"},
    [OPERATION_NEW_MANAGEMENT_TOKEN] = {
        "New", "ManagementToken", OPERATION_ADMINISTER, .changes = true,
        .settings = OPERATION_SETTINGS_OF_NEW, .kind = MODEL_MANAGEMENT_TOKEN, .parameters = no_parameters,
        .help = "Makes a token for a program and prints it, this once.",
        .example = "New-ManagementToken -Name monitoring -ExpirationDate 2028-01-01 -RoleGroups \"View-Only Organization Management\""},
    [OPERATION_REMOVE_MANAGEMENT_TOKEN] = {
        "Remove", "ManagementToken", OPERATION_ADMINISTER, .changes = true, .asks_first = true, .parameters = remove_token,
        .help = "Removes a token; whoever uses it is refused at once.",
        .example = "Remove-ManagementToken monitoring"},
    [OPERATION_GET_SEND_CONNECTOR] = {
        "Get", "SendConnector", OPERATION_VIEW, .parameters = get_send_connector,
        .help = "Shows send connectors: where mail for other servers leaves.",
        .example = "Get-SendConnector | fl"},
    [OPERATION_NEW_SEND_CONNECTOR] = {
        "New", "SendConnector", OPERATION_ADMINISTER, .changes = true,
        .settings = OPERATION_SETTINGS_OF_NEW, .kind = MODEL_SEND_CONNECTOR, .parameters = new_send_connector,
        .help = "Adds a send connector; mail that waits for one leaves at once.",
        .example = "New-SendConnector -Internet -Name Internet -AddressSpaces \"*\""},
    [OPERATION_SET_SEND_CONNECTOR] = {
        "Set", "SendConnector", OPERATION_ADMINISTER, .changes = true,
        .settings = OPERATION_SETTINGS_OF_SET, .kind = MODEL_SEND_CONNECTOR, .parameters = set_send_connector,
        .help = "Changes a send connector.",
        .example = "Set-SendConnector Internet -DNSRoutingEnabled $false -SmartHosts relay.contoso.com"},
    [OPERATION_REMOVE_SEND_CONNECTOR] = {
        "Remove", "SendConnector", OPERATION_ADMINISTER, .changes = true, .asks_first = true, .parameters = remove_send_connector,
        .help = "Removes a send connector; its mail takes another one, or waits.",
        .example = "Remove-SendConnector Internet -WhatIf"},
    [OPERATION_TEST_MAIL_ROUTE] = {
        "Test", "MailRoute", OPERATION_VIEW, .parameters = test_mail_route,
        .help = "Says where mail for a recipient goes next, why, and why through no other send connector; exit 1 when it goes nowhere.",
        .example = "Test-MailRoute anna@fabrikam.com -Size 10MB -o list"},
    [OPERATION_TEST_SEND_CONNECTOR] = {
        "Test", "SendConnector", OPERATION_QUEUE, .parameters = test_send_connector,
        .help = "Goes the way of mail for a recipient up to the message: which hosts, what each says, its certificate, and whether that is enough; exit 1 when none takes mail.",
        .example = "Test-SendConnector anna@fabrikam.com -AskForRecipient -o list"},
    [OPERATION_GET_DKIM_SIGNING_CONFIG] = {
        "Get", "DkimSigningConfig", OPERATION_VIEW, .parameters = get_dkim,
        .help = "Shows the domains whose mail is signed, which keys sign, and what is to be published in DNS.",
        .example = "Get-DkimSigningConfig contoso.com -o list"},
    [OPERATION_NEW_DKIM_SIGNING_CONFIG] = {
        "New", "DkimSigningConfig", OPERATION_ADMINISTER, .changes = true,
        .settings = OPERATION_SETTINGS_OF_NEW, .kind = MODEL_DKIM_SIGNING_CONFIG, .parameters = new_dkim,
        .help = "Makes keys to sign mail of a domain with; it is signed once Enabled is set.",
        .example = "New-DkimSigningConfig -DomainName contoso.com -KeyAlgorithm Both"},
    [OPERATION_SET_DKIM_SIGNING_CONFIG] = {
        "Set", "DkimSigningConfig", OPERATION_ADMINISTER, .changes = true, .for_many = true,
        .settings = OPERATION_SETTINGS_OF_SET, .kind = MODEL_DKIM_SIGNING_CONFIG, .parameters = set_dkim,
        .help = "Begins or ends to sign mail of a domain, or changes how.",
        .example = "Set-DkimSigningConfig contoso.com -Enabled $true"},
    [OPERATION_ROTATE_DKIM_SIGNING_CONFIG] = {
        "Rotate", "DkimSigningConfig", OPERATION_ADMINISTER, .changes = true, .parameters = rotate_dkim,
        .help = "Makes the next keys, under the selector that rests; they are used from a date on.",
        .example = "Rotate-DkimSigningConfig contoso.com -KeySize 2048"},
    [OPERATION_REMOVE_DKIM_SIGNING_CONFIG] = {
        "Remove", "DkimSigningConfig", OPERATION_ADMINISTER, .changes = true, .for_many = true, .asks_first = true, .parameters = set_dkim,
        .help = "Removes the keys of a domain; its mail is no longer signed.",
        .example = "Remove-DkimSigningConfig contoso.com"},
    [OPERATION_TEST_DKIM_SIGNING_CONFIG] = {
        "Test", "DkimSigningConfig", OPERATION_VIEW, .parameters = set_dkim,
        .help = "Looks up the records of a domain's keys and says of each whether it is the one to be published; exit 1 when one is not.",
        .example = "Test-DkimSigningConfig contoso.com"},
    [OPERATION_GET_DISTRIBUTION_GROUP] = {
        "Get", "DistributionGroup", OPERATION_VIEW, .parameters = get_group,
        .help = "Shows distribution groups: addresses that stand for many.",
        .example = "Get-DistributionGroup | fl"},
    [OPERATION_NEW_DISTRIBUTION_GROUP] = {
        "New", "DistributionGroup", OPERATION_RECIPIENTS, .changes = true,
        .settings = OPERATION_SETTINGS_OF_NEW, .kind = MODEL_DISTRIBUTION_GROUP, .parameters = no_parameters,
        .help = "Adds a distribution group. Strangers may not write to it unless that is said.",
        .example = "New-DistributionGroup -Name Sales -PrimarySmtpAddress sales@contoso.com -Members anna@contoso.com,bob@contoso.com"},
    [OPERATION_SET_DISTRIBUTION_GROUP] = {
        "Set", "DistributionGroup", OPERATION_RECIPIENTS, .changes = true, .for_many = true,
        .settings = OPERATION_SETTINGS_OF_SET, .kind = MODEL_DISTRIBUTION_GROUP, .parameters = the_group,
        .help = "Changes a distribution group.",
        .example = "Set-DistributionGroup Sales -RequireSenderAuthenticationEnabled $false"},
    [OPERATION_REMOVE_DISTRIBUTION_GROUP] = {
        "Remove", "DistributionGroup", OPERATION_RECIPIENTS, .changes = true, .for_many = true, .asks_first = true, .parameters = the_group,
        .help = "Removes a distribution group; its members stay what they are.",
        .example = "Remove-DistributionGroup Sales"},
    [OPERATION_GET_DISTRIBUTION_GROUP_MEMBER] = {
        "Get", "DistributionGroupMember", OPERATION_VIEW, .parameters = get_group_member,
        .help = "Shows who is in a distribution group.",
        .example = "Get-DistributionGroupMember Sales"},
    [OPERATION_ADD_DISTRIBUTION_GROUP_MEMBER] = {
        "Add", "DistributionGroupMember", OPERATION_RECIPIENTS, .changes = true, .for_many = true, .parameters = change_group_member,
        .help = "Adds a member to a distribution group.",
        .example = "Add-DistributionGroupMember Sales -Member carol@fabrikam.com"},
    [OPERATION_REMOVE_DISTRIBUTION_GROUP_MEMBER] = {
        "Remove", "DistributionGroupMember", OPERATION_RECIPIENTS, .changes = true, .for_many = true, .asks_first = true, .parameters = change_group_member,
        .help = "Takes a member out of a distribution group.",
        .example = "Remove-DistributionGroupMember Sales -Member carol@fabrikam.com"},
    [OPERATION_UPDATE_DISTRIBUTION_GROUP_MEMBER] = {
        "Update", "DistributionGroupMember", OPERATION_RECIPIENTS, .changes = true, .for_many = true, .asks_first = true, .parameters = update_group_member,
        .help = "Says anew who is in a distribution group.",
        .example = "Update-DistributionGroupMember Sales -Members anna,bob@contoso.com"},
};
/* clang-format on */

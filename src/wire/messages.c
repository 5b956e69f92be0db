/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/messages.h"

#include "base/attributes.h"

#define FROM(role) (1u << ROLE_##role)
#define NUMBER(message, member, greatest)                                                          \
    {                                                                                              \
#member, WIRE_NUMBER, offsetof(struct wire_##message, member), greatest                    \
    }
#define BYTES(message, member, longest)                                                            \
    {                                                                                              \
#member, WIRE_BYTES, offsetof(struct wire_##message, member), longest                      \
    }
#define ADDRESS(message, member)                                                                   \
    {                                                                                              \
#member, WIRE_ADDRESS, offsetof(struct wire_##message, member), 16                         \
    }
#define ANY_NUMBER UINT64_MAX

const char *const wire_role_names[ROLE_COUNT] = {
    [ROLE_SUPERVISOR] = "supervisor", [ROLE_EDGE] = "edge", [ROLE_SIGNER] = "vault-signer",
    [ROLE_CHECKER] = "vault-checker", [ROLE_HUB] = "hub",   [ROLE_COURIER] = "courier",
    [ROLE_CONSOLE] = "console",
};

/* clang-format off */
enum { EVERY_CHILD = FROM(EDGE) | FROM(SIGNER) | FROM(CHECKER) | FROM(HUB) | FROM(COURIER) | FROM(CONSOLE) };

const struct wire_row wire_rows[WIRE_TYPE_COUNT] = {
    [WIRE_PEER]           = {"PEER",           FROM(SUPERVISOR), true,  {NUMBER(peer, role, ROLE_COUNT - 1), NUMBER(peer, index, 1023)}},
    [WIRE_LISTENER]       = {"LISTENER",       FROM(SUPERVISOR), true,  {NUMBER(listener, listener, ANY_NUMBER), ADDRESS(listener, address), NUMBER(listener, port, 65535)}},
    [WIRE_LISTENER_GONE]  = {"LISTENER_GONE",  FROM(SUPERVISOR), false, {NUMBER(listener_gone, listener, ANY_NUMBER)}},
    [WIRE_CONTROL]        = {"CONTROL",        FROM(SUPERVISOR), true,  {{0}}},
    [WIRE_DRAIN]          = {"DRAIN",          FROM(SUPERVISOR), false, {{0}}},
    [WIRE_READY]          = {"READY",          EVERY_CHILD,      false, {{0}}},
    [WIRE_STATUS]         = {"STATUS",         FROM(HUB),        false, {BYTES(status, text, 1024)}},
    [WIRE_BINDINGS]       = {"BINDINGS",       FROM(HUB),        false, {BYTES(bindings, endpoints, 18 * WIRE_ENDPOINTS_MAX)}},
    [WIRE_BINDING_STATE]  = {"BINDING_STATE",  FROM(SUPERVISOR), false, {ADDRESS(binding_state, address), NUMBER(binding_state, port, 65535), NUMBER(binding_state, error, 4095)}},

    [WIRE_END_PEER]       = {"END_PEER",       FROM(HUB),        false, {NUMBER(peer, role, ROLE_COUNT - 1), NUMBER(peer, index, 1023)}},
    [WIRE_START_PEER]     = {"START_PEER",     FROM(HUB),        false, {NUMBER(peer, role, ROLE_COUNT - 1), NUMBER(peer, index, 1023)}},
    [WIRE_PEER_ENDED]     = {"PEER_ENDED",     FROM(SUPERVISOR), false, {NUMBER(peer_ended, role, ROLE_COUNT - 1), NUMBER(peer_ended, index, 1023), NUMBER(peer_ended, from_outside, 1)}},

    [WIRE_TALLY]          = {"TALLY",          FROM(SUPERVISOR), true,  {NUMBER(tally, edge, 1023)}},

    [WIRE_SNAPSHOT]           = {"SNAPSHOT",           FROM(HUB),  true,  {NUMBER(snapshot, revision, ANY_NUMBER)}},
    [WIRE_SNAPSHOT_IN_FORCE]  = {"SNAPSHOT_IN_FORCE",  FROM(EDGE), false, {NUMBER(snapshot_in_force, revision, ANY_NUMBER), NUMBER(snapshot_in_force, sessions_older, 1 << 24)}},
    [WIRE_RECIPIENT_QUESTION] = {"RECIPIENT_QUESTION", FROM(EDGE), false, {NUMBER(recipient_question, session, ANY_NUMBER), BYTES(recipient_question, address, WIRE_ADDRESS_MAX), NUMBER(recipient_question, must_exist, 1), NUMBER(recipient_question, stranger, 1)}},
    [WIRE_RECIPIENT_ANSWER]   = {"RECIPIENT_ANSWER",   FROM(HUB),  false, {NUMBER(recipient_answer, session, ANY_NUMBER), NUMBER(recipient_answer, outcome, WIRE_RECIPIENT_OUTCOMES - 1)}},
    [WIRE_MESSAGE_BEGIN]      = {"MESSAGE_BEGIN",      FROM(EDGE), false, {
        NUMBER(message_begin, session, ANY_NUMBER), ADDRESS(message_begin, client), BYTES(message_begin, connector, WIRE_NAME_MAX), BYTES(message_begin, sender, WIRE_ADDRESS_MAX),
        BYTES(message_begin, account, WIRE_NAME_MAX), BYTES(message_begin, envid, WIRE_NAME_MAX), BYTES(message_begin, auth, WIRE_NAME_MAX),
        NUMBER(message_begin, size_hint_bytes, INT64_MAX), NUMBER(message_begin, ret, 127), NUMBER(message_begin, smtp_utf8, 1), NUMBER(message_begin, require_tls, 1), NUMBER(message_begin, body_kind, 2),
        NUMBER(message_begin, session_id, ANY_NUMBER), BYTES(message_begin, client_domain, WIRE_DOMAIN_MAX), ADDRESS(message_begin, server), NUMBER(message_begin, trusted, 1)}},
    [WIRE_MESSAGE_RECIPIENT]  = {"MESSAGE_RECIPIENT",  FROM(EDGE), false, {
        NUMBER(message_recipient, session, ANY_NUMBER), BYTES(message_recipient, address, WIRE_ADDRESS_MAX), NUMBER(message_recipient, notify, 15), BYTES(message_recipient, orcpt, WIRE_ADDRESS_MAX)}},
    [WIRE_MESSAGE_BODY]       = {"MESSAGE_BODY",       FROM(EDGE), false, {NUMBER(message_body, session, ANY_NUMBER), BYTES(message_body, bytes, WIRE_BODY_MAX)}},
    [WIRE_MESSAGE_HEADER]     = {"MESSAGE_HEADER",     FROM(EDGE), false, {NUMBER(message_header, session, ANY_NUMBER), BYTES(message_header, bytes, WIRE_BODY_MAX)}},
    [WIRE_MESSAGE_REPLACEMENT] = {"MESSAGE_REPLACEMENT", FROM(EDGE), false, {
        NUMBER(message_replacement, session, ANY_NUMBER), NUMBER(message_replacement, begins, 1), BYTES(message_replacement, bytes, WIRE_BODY_MAX)}},
    [WIRE_MESSAGE_SENDER]     = {"MESSAGE_SENDER",     FROM(EDGE), false, {NUMBER(message_sender, session, ANY_NUMBER), BYTES(message_sender, sender, WIRE_ADDRESS_MAX)}},
    [WIRE_MESSAGE_RECIPIENT_GONE] = {"MESSAGE_RECIPIENT_GONE", FROM(EDGE), false, {
        NUMBER(message_recipient_gone, session, ANY_NUMBER), BYTES(message_recipient_gone, address, WIRE_ADDRESS_MAX)}},
    [WIRE_MESSAGE_PIECE_QUESTION] = {"MESSAGE_PIECE_QUESTION", FROM(EDGE), false, {
        NUMBER(message_piece_question, session, ANY_NUMBER), NUMBER(message_piece_question, request, ANY_NUMBER), NUMBER(message_piece_question, offset, INT64_MAX)}},
    [WIRE_MESSAGE_PIECE]      = {"MESSAGE_PIECE",      FROM(HUB),  false, {
        NUMBER(message_piece, session, ANY_NUMBER), NUMBER(message_piece, request, ANY_NUMBER), BYTES(message_piece, bytes, WIRE_BODY_MAX)}},
    [WIRE_MESSAGE_END]        = {"MESSAGE_END",        FROM(EDGE), false, {
        NUMBER(message_end, session, ANY_NUMBER), BYTES(message_end, message_id, WIRE_NAME_MAX), BYTES(message_end, subject, WIRE_NAME_MAX),
        NUMBER(message_end, keep_from, INT64_MAX), BYTES(message_end, quarantine, WIRE_NAME_MAX), NUMBER(message_end, tls_optional, 1),
        BYTES(message_end, discarded_by, WIRE_NAME_MAX)}},
    [WIRE_MESSAGE_ABANDON]    = {"MESSAGE_ABANDON",    FROM(EDGE), false, {NUMBER(session, session, ANY_NUMBER)}},
    [WIRE_MESSAGE_ANSWER]     = {"MESSAGE_ANSWER",     FROM(HUB),  false, {NUMBER(message_answer, session, ANY_NUMBER), NUMBER(message_answer, outcome, WIRE_MESSAGE_OUTCOMES - 1), NUMBER(message_answer, message, ANY_NUMBER)}},
    [WIRE_EVENT]              = {"EVENT",              FROM(EDGE) | FROM(CHECKER) | FROM(SIGNER) | FROM(COURIER) | FROM(SUPERVISOR), false,
        {NUMBER(event, level, WIRE_LEVELS - 1), NUMBER(event, id, 65535), BYTES(event, text, 2048)}},

    [WIRE_PROTOCOL_ROW]       = {"PROTOCOL_ROW",       FROM(EDGE) | FROM(COURIER), false, {
        NUMBER(protocol_row, session_id, ANY_NUMBER), NUMBER(protocol_row, sequence, ANY_NUMBER), NUMBER(protocol_row, lost, ANY_NUMBER), BYTES(protocol_row, connector, WIRE_NAME_MAX),
        ADDRESS(protocol_row, local_address), NUMBER(protocol_row, local_port, 65535), ADDRESS(protocol_row, remote_address), NUMBER(protocol_row, remote_port, 65535),
        NUMBER(protocol_row, event, 127), BYTES(protocol_row, data, WIRE_LOG_DATA_MAX), BYTES(protocol_row, context, WIRE_LOG_CONTEXT_MAX)}},
    [WIRE_CONNECTIVITY_ROW]   = {"CONNECTIVITY_ROW",   FROM(COURIER), false, {
        NUMBER(connectivity_row, session_id, ANY_NUMBER), NUMBER(connectivity_row, lost, ANY_NUMBER), BYTES(connectivity_row, destination, WIRE_LOG_CONTEXT_MAX),
        NUMBER(connectivity_row, direction, 127), BYTES(connectivity_row, description, WIRE_LOG_CONTEXT_MAX)}},
    [WIRE_SESSIONS_QUESTION]  = {"SESSIONS_QUESTION",  FROM(HUB),  false, {
        NUMBER(sessions_question, request, ANY_NUMBER), NUMBER(sessions_question, session_id, ANY_NUMBER), BYTES(sessions_question, connector, WIRE_NAME_MAX), ADDRESS(sessions_question, address),
        NUMBER(sessions_question, stop, 1), NUMBER(sessions_question, max, WIRE_SESSIONS_MAX)}},
    [WIRE_SESSION_STATE]      = {"SESSION_STATE",      FROM(EDGE), false, {
        NUMBER(session_state, request, ANY_NUMBER), NUMBER(session_state, session_id, ANY_NUMBER), BYTES(session_state, connector, WIRE_NAME_MAX),
        ADDRESS(session_state, local_address), NUMBER(session_state, local_port, 65535), ADDRESS(session_state, remote_address), NUMBER(session_state, remote_port, 65535),
        BYTES(session_state, client_domain, WIRE_DOMAIN_MAX), BYTES(session_state, tls_version, 16), BYTES(session_state, tls_cipher, 64), BYTES(session_state, thumbprint, 20),
        NUMBER(session_state, rule, 15), BYTES(session_state, account, WIRE_NAME_MAX), NUMBER(session_state, state, WIRE_SESSION_PHASES - 1), NUMBER(session_state, messages, UINT32_MAX),
        NUMBER(session_state, age_ms, INT64_MAX), NUMBER(session_state, revision, INT64_MAX), BYTES(session_state, client_thumbprint, 20),
        BYTES(session_state, client_subject, WIRE_NAME_MAX), NUMBER(session_state, client_verdict, UINT16_MAX)}},
    [WIRE_SESSIONS_ANSWERED]  = {"SESSIONS_ANSWERED",  FROM(EDGE), false, {NUMBER(sessions_answered, request, ANY_NUMBER), NUMBER(sessions_answered, more, 1)}},
    [WIRE_PRESSURE]           = {"PRESSURE",           FROM(HUB),  false, {NUMBER(pressure, level, WIRE_PRESSURE_LEVELS - 1), BYTES(pressure, cause, WIRE_PRESSURE_CAUSE_MAX)}},
    [WIRE_SESSION_LOGGING]    = {"SESSION_LOGGING",    FROM(HUB),  false, {ADDRESS(session_logging, address), NUMBER(session_logging, for_ms, 86400000)}},

    [WIRE_FILTER_QUESTION]    = {"FILTER_QUESTION",    FROM(EDGE),    false, {
        NUMBER(filter_question, session, ANY_NUMBER), NUMBER(filter_question, session_id, ANY_NUMBER), NUMBER(filter_question, number, 1023),
        BYTES(filter_question, endpoint, WIRE_NAME_MAX), NUMBER(filter_question, within_ms, 1 << 20)}},
    [WIRE_FILTER_CONNECT]     = {"FILTER_CONNECT",     FROM(HUB),     false, {
        NUMBER(filter_connect, edge, 1023), NUMBER(filter_connect, session, ANY_NUMBER), NUMBER(filter_connect, session_id, ANY_NUMBER), NUMBER(filter_connect, number, 1023),
        BYTES(filter_connect, endpoint, WIRE_NAME_MAX), NUMBER(filter_connect, within_ms, 1 << 20)}},
    [WIRE_FILTER_CONNECTED]   = {"FILTER_CONNECTED",   FROM(HUB) | FROM(COURIER), true, {
        NUMBER(filter_connected, edge, 1023), NUMBER(filter_connected, session, ANY_NUMBER), NUMBER(filter_connected, session_id, ANY_NUMBER), NUMBER(filter_connected, number, 1023)}},
    [WIRE_FILTER_UNREACHABLE] = {"FILTER_UNREACHABLE", FROM(HUB) | FROM(COURIER), false, {
        NUMBER(filter_unreachable, edge, 1023), NUMBER(filter_unreachable, session, ANY_NUMBER), NUMBER(filter_unreachable, session_id, ANY_NUMBER), NUMBER(filter_unreachable, number, 1023),
        BYTES(filter_unreachable, text, WIRE_NAME_MAX)}},

    [WIRE_SASL]           = {"SASL",           FROM(EDGE),    false, {NUMBER(sasl, session, ANY_NUMBER), BYTES(sasl, mechanism, 32), BYTES(sasl, message, WIRE_SASL_MAX), NUMBER(sasl, has_message, 1), BYTES(sasl, binding, 64)}},
    [WIRE_SASL_ABANDON]   = {"SASL_ABANDON",   FROM(EDGE),    false, {NUMBER(session, session, ANY_NUMBER)}},
    [WIRE_SASL_ANSWER]    = {"SASL_ANSWER",    FROM(CHECKER), false, {
        NUMBER(sasl_answer, session, ANY_NUMBER), NUMBER(sasl_answer, outcome, WIRE_SASL_OUTCOMES - 1), BYTES(sasl_answer, bytes, WIRE_SASL_MAX), BYTES(sasl_answer, id, 16), BYTES(sasl_answer, account, WIRE_NAME_MAX),
        BYTES(sasl_answer, addresses, WIRE_BODY_MAX)}},
    [WIRE_TICKET_KEYS]    = {"TICKET_KEYS",    FROM(CHECKER), false, {BYTES(ticket_keys, keys, WIRE_TICKET_KEYS_MAX)}},

    [WIRE_ACCOUNT_QUESTION]   = {"ACCOUNT_QUESTION",   FROM(CHECKER), false, {NUMBER(account_question, request, ANY_NUMBER), BYTES(account_question, name, WIRE_NAME_MAX)}},
    [WIRE_ACCOUNT_ANSWER]     = {"ACCOUNT_ANSWER",     FROM(HUB),     false, {
        NUMBER(account_answer, request, ANY_NUMBER), NUMBER(account_answer, found, 1), BYTES(account_answer, id, 16), BYTES(account_answer, name, WIRE_NAME_MAX),
        BYTES(account_answer, addresses, WIRE_BODY_MAX), BYTES(account_answer, sealed_verifier, WIRE_SECRET_MAX)}},
    [WIRE_VERIFIER_MAKE]      = {"VERIFIER_MAKE",      FROM(HUB),     false, {NUMBER(verifier_make, request, ANY_NUMBER), NUMBER(verifier_make, recoverable, 1), BYTES(verifier_make, id, 16), BYTES(verifier_make, password, 1024)}},
    [WIRE_VERIFIER_MADE]      = {"VERIFIER_MADE",      FROM(CHECKER), false, {NUMBER(verifier_made, request, ANY_NUMBER), NUMBER(verifier_made, outcome, 255), BYTES(verifier_made, sealed, WIRE_SECRET_MAX)}},
    [WIRE_CREDENTIAL_OPEN]    = {"CREDENTIAL_OPEN",    FROM(HUB),     false, {NUMBER(credential_open, request, ANY_NUMBER), BYTES(credential_open, id, 16), BYTES(credential_open, sealed, WIRE_SECRET_MAX)}},
    [WIRE_CREDENTIAL_OPENED]  = {"CREDENTIAL_OPENED",  FROM(CHECKER), false, {NUMBER(credential_opened, request, ANY_NUMBER), NUMBER(credential_opened, outcome, 1), BYTES(credential_opened, password, 1024)}},
    [WIRE_CERTIFICATE_IMPORT] = {"CERTIFICATE_IMPORT", FROM(HUB),     false, {
        NUMBER(certificate_import, request, ANY_NUMBER), BYTES(certificate_import, id, 16), BYTES(certificate_import, file, WIRE_FILE_MAX), BYTES(certificate_import, password, 1024),
        BYTES(certificate_import, known, WIRE_CHAIN_MAX), NUMBER(certificate_import, exportable, 1)}},
    [WIRE_CERTIFICATE_MAKE]   = {"CERTIFICATE_MAKE",   FROM(HUB),     false, {
        NUMBER(certificate_make, request, ANY_NUMBER), BYTES(certificate_make, id, 16), NUMBER(certificate_make, kind, WIRE_CERTIFICATE_KINDS - 1), BYTES(certificate_make, subject, WIRE_SUBJECT_MAX),
        BYTES(certificate_make, common_name, WIRE_NAME_MAX),
        BYTES(certificate_make, names, WIRE_BODY_MAX), NUMBER(certificate_make, days, 36500), NUMBER(certificate_make, key_kind, WIRE_KEY_KINDS - 1),
        BYTES(certificate_make, friendly_name, WIRE_NAME_MAX), NUMBER(certificate_make, exportable, 1), BYTES(certificate_make, issuer_id, 16), BYTES(certificate_make, issuer_certificate, WIRE_CHAIN_MAX), BYTES(certificate_make, issuer_sealed_key, WIRE_SECRET_MAX)}},
    [WIRE_CERTIFICATE_READ]   = {"CERTIFICATE_READ",   FROM(CHECKER), false, {
        NUMBER(certificate_read, request, ANY_NUMBER), NUMBER(certificate_read, outcome, 255), BYTES(certificate_read, error, 1024), BYTES(certificate_read, certificate, WIRE_CHAIN_MAX)}},
    [WIRE_CERTIFICATE_EXPORT] = {"CERTIFICATE_EXPORT", FROM(HUB),     false, {
        NUMBER(certificate_export, request, ANY_NUMBER), BYTES(certificate_export, id, 16), BYTES(certificate_export, certificate, WIRE_CHAIN_MAX),
        BYTES(certificate_export, sealed_key, WIRE_SECRET_MAX), BYTES(certificate_export, chain, WIRE_CHAIN_MAX), BYTES(certificate_export, friendly_name, WIRE_NAME_MAX),
        BYTES(certificate_export, password, 1024)}},
    [WIRE_CERTIFICATE_EXPORTED] = {"CERTIFICATE_EXPORTED", FROM(CHECKER), false, {
        NUMBER(certificate_exported, request, ANY_NUMBER), NUMBER(certificate_exported, outcome, WIRE_EXPORT_OUTCOMES - 1), BYTES(certificate_exported, file, WIRE_FILE_MAX)}},
    [WIRE_SECRET_CHECK]       = {"SECRET_CHECK",       FROM(HUB),     false, {
        NUMBER(secret_check, request, ANY_NUMBER), NUMBER(secret_check, kind, WIRE_SECRET_KINDS - 1), BYTES(secret_check, id, 16), BYTES(secret_check, sealed, WIRE_SECRET_MAX)}},
    [WIRE_SECRET_CHECKED]     = {"SECRET_CHECKED",     FROM(CHECKER), false, {
        NUMBER(secret_checked, request, ANY_NUMBER), NUMBER(secret_checked, opens, 1), NUMBER(secret_checked, exportable, 1), BYTES(secret_checked, key_sha256, 32), BYTES(secret_checked, public_key, 1024)}},
    [WIRE_DKIM_MAKE]          = {"DKIM_MAKE",          FROM(HUB),     false, {NUMBER(dkim_make, request, ANY_NUMBER), BYTES(dkim_make, id, 16), NUMBER(dkim_make, rsa_bits, 4096), NUMBER(dkim_make, ed25519, 1)}},
    [WIRE_DKIM_MADE]          = {"DKIM_MADE",          FROM(CHECKER), false, {
        NUMBER(dkim_made, request, ANY_NUMBER), NUMBER(dkim_made, outcome, 1), BYTES(dkim_made, rsa_sealed, WIRE_SECRET_MAX), BYTES(dkim_made, rsa_public, 1024),
        BYTES(dkim_made, ed25519_sealed, WIRE_SECRET_MAX), BYTES(dkim_made, ed25519_public, 1024)}},
    [WIRE_DKIM_SIGN]          = {"DKIM_SIGN",          FROM(HUB),     false, {
        NUMBER(dkim_sign, request, ANY_NUMBER), BYTES(dkim_sign, id, 16), BYTES(dkim_sign, rsa_sealed, WIRE_SECRET_MAX), BYTES(dkim_sign, rsa_digest, WIRE_DIGEST_MAX),
        BYTES(dkim_sign, ed25519_sealed, WIRE_SECRET_MAX), BYTES(dkim_sign, ed25519_digest, WIRE_DIGEST_MAX)}},
    [WIRE_DKIM_SIGNED]        = {"DKIM_SIGNED",        FROM(CHECKER), false, {
        NUMBER(dkim_signed, request, ANY_NUMBER), NUMBER(dkim_signed, outcome, 1), BYTES(dkim_signed, rsa, WIRE_SIGNATURE_MAX), BYTES(dkim_signed, ed25519, WIRE_SIGNATURE_MAX)}},
    [WIRE_KEY_LOAD]           = {"KEY_LOAD",           FROM(HUB),     false, {NUMBER(key_load, handle, ANY_NUMBER), BYTES(key_load, id, 16), BYTES(key_load, sealed_key, WIRE_SECRET_MAX)}},
    [WIRE_KEY_DROP]           = {"KEY_DROP",           FROM(HUB),     false, {NUMBER(key_drop, handle, ANY_NUMBER)}},
    [WIRE_KEY_STATE]          = {"KEY_STATE",          FROM(SIGNER),  false, {NUMBER(key_state, handle, ANY_NUMBER), NUMBER(key_state, usable, 1)}},

    [WIRE_DELIVER]        = {"DELIVER",        FROM(HUB),     true,  {
        NUMBER(deliver, delivery, ANY_NUMBER), NUMBER(deliver, message, INT64_MAX), NUMBER(deliver, number, 1 << 24), NUMBER(deliver, repeat, 1), NUMBER(deliver, offset, INT64_MAX), NUMBER(deliver, length, INT64_MAX),
        NUMBER(deliver, received_at_ms, INT64_MAX), BYTES(deliver, mailbox, 255), BYTES(deliver, sender, WIRE_ADDRESS_MAX), BYTES(deliver, recipient, WIRE_ADDRESS_MAX)}},
    [WIRE_DELIVERED]      = {"DELIVERED",      FROM(COURIER), false, {NUMBER(delivered, delivery, ANY_NUMBER), NUMBER(delivered, outcome, WIRE_DELIVERY_OUTCOMES - 1), BYTES(delivered, text, 1024)}},

    [WIRE_PROBE]          = {"PROBE",          FROM(HUB),     false, {
        NUMBER(probe, probe, ANY_NUMBER), ADDRESS(probe, address), NUMBER(probe, port, 65535), NUMBER(probe, implicit_tls, 1), NUMBER(probe, proxy, 1), NUMBER(probe, version, UINT16_MAX),
        NUMBER(probe, verifies, 15), BYTES(probe, server_name, WIRE_DOMAIN_MAX), BYTES(probe, client_domain, WIRE_DOMAIN_MAX)}},
    [WIRE_PROBED]         = {"PROBED",         FROM(COURIER), false, {
        NUMBER(probed, probe, ANY_NUMBER), NUMBER(probed, outcome, WIRE_PROBE_OUTCOMES - 1), BYTES(probed, thumbprint, 20), BYTES(probed, text, 512)}},

    [WIRE_RELAY]          = {"RELAY",          FROM(HUB),     false, {
        NUMBER(relay, relay, ANY_NUMBER), BYTES(relay, connector, WIRE_NAME_MAX), BYTES(relay, hello_name, WIRE_DOMAIN_MAX), BYTES(relay, domain, WIRE_DOMAIN_MAX), BYTES(relay, smart_hosts, WIRE_SMART_HOSTS_MAX),
        NUMBER(relay, port, 65535), ADDRESS(relay, source), NUMBER(relay, tls, 2), NUMBER(relay, tls_level, 3), NUMBER(relay, sender_tls, 2), BYTES(relay, tls_domain, WIRE_DOMAIN_MAX), NUMBER(relay, force_helo, 1),
        NUMBER(relay, inactivity_ms, 1 << 27), NUMBER(relay, messages_max, UINT32_MAX), NUMBER(relay, login_needs_tls, 1), NUMBER(relay, verbose, 1), BYTES(relay, user, WIRE_NAME_MAX), BYTES(relay, password, 1024), BYTES(relay, own_addresses, 16 * WIRE_OWN_ADDRESSES_MAX),
        BYTES(relay, certificate, WIRE_CHAIN_MAX), NUMBER(relay, key_handle, ANY_NUMBER), NUMBER(relay, inspects, 1), NUMBER(relay, cloud_services_mail, 1),
        NUMBER(relay, lmtp, 1)}},
    [WIRE_RELAY_RECIPIENT] = {"RELAY_RECIPIENT", FROM(HUB),   false, {
        NUMBER(relay_recipient, relay, ANY_NUMBER), NUMBER(relay_recipient, number, 1 << 24), BYTES(relay_recipient, address, WIRE_ADDRESS_MAX), NUMBER(relay_recipient, notify, 15),
        BYTES(relay_recipient, orcpt, WIRE_NAME_MAX)}},
    [WIRE_RELAY_MESSAGE]  = {"RELAY_MESSAGE",  FROM(HUB),     true,  {
        NUMBER(relay_message, relay, ANY_NUMBER), NUMBER(relay_message, message, INT64_MAX), NUMBER(relay_message, offset, INT64_MAX), NUMBER(relay_message, length, INT64_MAX),
        BYTES(relay_message, sender, WIRE_ADDRESS_MAX), BYTES(relay_message, envid, WIRE_NAME_MAX), NUMBER(relay_message, ret, 'H'), NUMBER(relay_message, body_kind, 2), NUMBER(relay_message, smtp_utf8, 1), NUMBER(relay_message, require_tls, 1), NUMBER(relay_message, signs, 1)}},
    [WIRE_RELAY_FINISH]   = {"RELAY_FINISH",   FROM(HUB),     false, {NUMBER(relay_number, relay, ANY_NUMBER)}},
    [WIRE_RELAY_WANTS]    = {"RELAY_WANTS",    FROM(COURIER), false, {NUMBER(relay_number, relay, ANY_NUMBER)}},
    [WIRE_RELAY_OUTCOME]  = {"RELAY_OUTCOME",  FROM(COURIER), false, {
        NUMBER(relay_outcome, relay, ANY_NUMBER), NUMBER(relay_outcome, message, INT64_MAX), NUMBER(relay_outcome, number, 1 << 24), NUMBER(relay_outcome, fate, WIRE_RELAY_FATES - 1),
        NUMBER(relay_outcome, dsn_not_passed, 1), NUMBER(relay_outcome, ours, 1), BYTES(relay_outcome, text, WIRE_REPLY_MAX), BYTES(relay_outcome, remote_name, WIRE_DOMAIN_MAX), ADDRESS(relay_outcome, remote_address),
        ADDRESS(relay_outcome, local_address), BYTES(relay_outcome, tls_version, 16)}},
    [WIRE_RELAY_ENDED]    = {"RELAY_ENDED",    FROM(COURIER), false, {
        NUMBER(relay_ended, relay, ANY_NUMBER), NUMBER(relay_ended, reached, 1), NUMBER(relay_ended, permanent, 1), NUMBER(relay_ended, unfit, 1), NUMBER(relay_ended, no_room, 1), NUMBER(relay_ended, ours, 1), BYTES(relay_ended, text, WIRE_REPLY_MAX), BYTES(relay_ended, remote_name, WIRE_DOMAIN_MAX), ADDRESS(relay_ended, remote_address)}},
    [WIRE_RELAY_SEEN]     = {"RELAY_SEEN",     FROM(COURIER), false, {
        NUMBER(relay_seen, relay, ANY_NUMBER), NUMBER(relay_seen, sight, WIRE_SIGHTS - 1), BYTES(relay_seen, name, WIRE_DOMAIN_MAX), ADDRESS(relay_seen, address), NUMBER(relay_seen, port, 65535),
        BYTES(relay_seen, reply, WIRE_REPLY_MAX), BYTES(relay_seen, greeting, WIRE_SEEN_MAX), BYTES(relay_seen, offers, WIRE_SEEN_MAX), BYTES(relay_seen, tls_version, 32), BYTES(relay_seen, tls_cipher, 64),
        BYTES(relay_seen, tls_group, 32), BYTES(relay_seen, subject, WIRE_SUBJECT_MAX), BYTES(relay_seen, issuer, WIRE_SUBJECT_MAX), BYTES(relay_seen, names, WIRE_SEEN_MAX), BYTES(relay_seen, thumbprint, 20),
        NUMBER(relay_seen, not_after_ms, INT64_MAX), BYTES(relay_seen, judged_name, WIRE_DOMAIN_MAX), BYTES(relay_seen, findings, 512), NUMBER(relay_seen, asks_for_certificate, 1),
        NUMBER(relay_seen, demanded_by_dane, 1), NUMBER(relay_seen, demanded_by_policy, 1)}},
    [WIRE_TLS_RESULT]     = {"TLS_RESULT",     FROM(COURIER), false, {
        BYTES(tls_result, domain, WIRE_DOMAIN_MAX), BYTES(tls_result, report_to, WIRE_REPORT_TO_MAX), NUMBER(tls_result, policy, 2), BYTES(tls_result, policy_text, WIRE_POLICY_MAX),
        BYTES(tls_result, policy_hosts, WIRE_POLICY_MAX), NUMBER(tls_result, result, 9), BYTES(tls_result, host, WIRE_DOMAIN_MAX), ADDRESS(tls_result, address)}},
    [WIRE_RELAY_AUTHOR]   = {"RELAY_AUTHOR",   FROM(COURIER), false, {NUMBER(relay_author, relay, ANY_NUMBER), NUMBER(relay_author, message, INT64_MAX), BYTES(relay_author, domain, WIRE_DOMAIN_MAX)}},
    [WIRE_RELAY_SIGNER]   = {"RELAY_SIGNER",   FROM(HUB),     false, {
        NUMBER(relay_signer, relay, ANY_NUMBER), NUMBER(relay_signer, message, INT64_MAX), BYTES(relay_signer, domain, WIRE_DOMAIN_MAX), BYTES(relay_signer, rsa_selector, WIRE_SELECTOR_MAX),
        BYTES(relay_signer, ed25519_selector, WIRE_SELECTOR_MAX), NUMBER(relay_signer, simple_header, 1), NUMBER(relay_signer, simple_body, 1)}},
    [WIRE_RELAY_DIGESTS]  = {"RELAY_DIGESTS",  FROM(COURIER), false, {
        NUMBER(relay_digests, relay, ANY_NUMBER), NUMBER(relay_digests, message, INT64_MAX), BYTES(relay_digests, rsa, WIRE_DIGEST_MAX), BYTES(relay_digests, ed25519, WIRE_DIGEST_MAX)}},
    [WIRE_RELAY_SIGNATURES] = {"RELAY_SIGNATURES", FROM(HUB), false, {
        NUMBER(relay_signatures, relay, ANY_NUMBER), NUMBER(relay_signatures, message, INT64_MAX), NUMBER(relay_signatures, outcome, 1), BYTES(relay_signatures, rsa, WIRE_SIGNATURE_MAX),
        BYTES(relay_signatures, ed25519, WIRE_SIGNATURE_MAX)}},
    [WIRE_TXT_QUESTION]   = {"TXT_QUESTION",   FROM(HUB),     false, {NUMBER(txt_question, request, ANY_NUMBER), BYTES(txt_question, name, WIRE_DOMAIN_MAX)}},
    [WIRE_TXT_ANSWER]     = {"TXT_ANSWER",     FROM(COURIER), false, {
        NUMBER(txt_answer, request, ANY_NUMBER), NUMBER(txt_answer, outcome, WIRE_TXT_OUTCOMES - 1), BYTES(txt_answer, records, 8192), BYTES(txt_answer, why, 512)}},
    [WIRE_OCSP_QUESTION]  = {"OCSP_QUESTION",  FROM(HUB),     false, {
        NUMBER(ocsp_question, request, ANY_NUMBER), NUMBER(ocsp_question, public_only, 1), BYTES(ocsp_question, responder, WIRE_OCSP_URL_MAX),
        BYTES(ocsp_question, certificate, WIRE_OCSP_CERTIFICATE_MAX), BYTES(ocsp_question, issuer, WIRE_OCSP_CERTIFICATE_MAX)}},
    [WIRE_OCSP_ANSWER]    = {"OCSP_ANSWER",    FROM(COURIER), false, {
        NUMBER(ocsp_answer, request, ANY_NUMBER), BYTES(ocsp_answer, response, WIRE_OCSP_RESPONSE_MAX), BYTES(ocsp_answer, why, WIRE_OCSP_WHY_MAX)}},
    [WIRE_REPORT_POST]    = {"REPORT_POST",    FROM(HUB),     false, {BYTES(report_post, host, WIRE_DOMAIN_MAX), BYTES(report_post, path, WIRE_REPORT_TO_MAX), BYTES(report_post, json, WIRE_FILE_MAX)}},
};
/* clang-format on */

/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/certificate.h"

#include "base/base64.h"
#include "base/number.h"
#include "os/descriptor.h"
#include "programs/postern/certificate_bundle.h"
#include "programs/postern/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

enum { FILE_MAX_BYTES = 1 << 20, EVERY_S_DEFAULT = 5, EVERY_S_MAX = 3600 };

const char certificate_usage[] =
    "usage: postern certificate deploy FILE...\n"
    "       postern certificate watch DIR [--every SECONDS]\n"
    "\n"
    "deploy imports a certificate, its key and its chain from PEM files in any order (or one\n"
    "PKCS#12 file without a password); of several keys each with the certificate that fits. A\n"
    "certificate that is in use under these names hands on "
    "its\n"
    "services, and connectors bound to it by name follow: new sessions are shown the renewed one "
    "at\n"
    "once. The first time, enable it: Enable-ExchangeCertificate THUMBPRINT -Services SMTP.\n"
    "\n"
    "A file NAME.ocsp or NAME.ocsp.der is the OCSP response of a certificate, to be stapled. It\n"
    "may also be deployed alone, as often as the authority renews it.\n"
    "\n"
    "watch does so with the *.pem, *.crt, *.cer, *.key and *.ocsp files of a folder, at the start "
    "and\n"
    "whenever they have changed and then stayed the same for SECONDS (default: 5). What does not "
    "fit\n"
    "together is refused, said, and tried again when it changes; the certificate in place stays.\n"
    "\n"
    "Exit of deploy: 0 deployed or there already; 2, 3, 4 refused; 69 no server.\n";

static void wipe(struct text *text)
{
    if (text->at)
        explicit_bzero(text->at, text->capacity);
    text_deinit(text);
}

static json_t *parameters_of(struct slice bytes)
{
    struct text encoded = text_with_ceiling(2 * (size_t)FILE_MAX_BYTES);
    json_t *parameters = json_object();
    base64_append(&encoded, bytes);
    json_object_set_new(parameters, "FileData", json_stringn(encoded.at, encoded.len));
    json_object_set_new(parameters, "Replace", json_true());
    wipe(&encoded);
    return parameters;
}

static int import_one(const struct place *place, struct text *bytes)
{
    int exit_code;
    json_t *parameters = parameters_of(text_slice(bytes));
    wipe(bytes);
    json_t *reply = command_ask(place, OPERATION_IMPORT_CERTIFICATE, parameters, &exit_code);
    if (reply)
        command_show(reply, &operations[OPERATION_IMPORT_CERTIFICATE], FORMAT_DEFAULT, exit_code);
    json_decref(reply);
    json_decref(parameters);
    return exit_code;
}

/* One that is refused is no reason to keep the others back; its exit code is that of all. */
static int import_each(const struct place *place, struct slice files, size_t keys)
{
    int exit_code = OPERATION_OK;
    for (size_t i = 0; i < keys && exit_code != OPERATION_UNREACHABLE; i++) {
        struct text one = text_with_ceiling(FILE_MAX_BYTES);
        certificate_bundle_append(files, i, &one);
        int result = import_one(place, &one);
        exit_code = result == OPERATION_OK ? exit_code : result;
    }
    return exit_code;
}

int certificate_import_bytes(const struct place *place, struct text *bytes)
{
    size_t keys = certificate_bundle_keys(text_slice(bytes));
    if (keys < 2)
        return import_one(place, bytes);
    int exit_code = import_each(place, text_slice(bytes), keys);
    wipe(bytes);
    return exit_code;
}

/* --- deploy --- */

/* With a line between them: not every file ends with one. */
static bool append_file(struct text *bytes, const char *path)
{
    int result = file_read(AT_FDCWD, path, bytes);
    if (result == 0 && text_append_byte(bytes, '\n'))
        return true;
    fprintf(stderr, "postern: %s: %s\n", path, strerror(result ? -result : EFBIG));
    return false;
}

bool certificate_is_response(const char *name)
{
    return slice_ends_nocase(slice_of(name), SLICE(".ocsp")) ||
           slice_ends_nocase(slice_of(name), SLICE(".ocsp.der"));
}

static int deploy_response(const struct place *place, const char *path)
{
    struct text bytes = text_with_ceiling(FILE_MAX_BYTES);
    int result = file_read(AT_FDCWD, path, &bytes);
    if (result == 0)
        return certificate_import_bytes(place, &bytes);
    fprintf(stderr, "postern: %s: %s\n", path, strerror(-result));
    text_deinit(&bytes);
    return OPERATION_USAGE;
}

/* Responses go behind the certificate they speak of. */
static int deploy_responses(const struct place *place, const char *const *files, size_t count)
{
    int exit_code = OPERATION_OK;
    for (size_t i = 0; i < count && exit_code == OPERATION_OK; i++)
        if (certificate_is_response(files[i]))
            exit_code = deploy_response(place, files[i]);
    return exit_code;
}

static int deploy(const struct place *place, const char *const *files, size_t count)
{
    struct text bytes = text_with_ceiling(FILE_MAX_BYTES);
    int exit_code = OPERATION_OK;
    bool good = true;
    for (size_t i = 0; good && i < count; i++)
        good = certificate_is_response(files[i]) || append_file(&bytes, files[i]);
    if (!good)
        exit_code = OPERATION_USAGE;
    else if (bytes.len > 0)
        exit_code = certificate_import_bytes(place, &bytes);
    wipe(&bytes);
    return exit_code == OPERATION_OK ? deploy_responses(place, files, count) : exit_code;
}

/* --- the words --- */

static int say_usage(void)
{
    fputs(certificate_usage, stderr);
    return OPERATION_USAGE;
}

static int watch(const struct place *place, const char *const *words, size_t count)
{
    uint64_t every_s = EVERY_S_DEFAULT;
    bool timed = count == 3 && strcmp(words[1], "--every") == 0 &&
                 number_parse_u64(slice_of(words[2]), EVERY_S_MAX, &every_s) && every_s > 0;
    if (count != 1 && !timed)
        return say_usage();
    return certificate_watch(place, words[0], (unsigned)every_s);
}

int certificate_run(const struct place *place, const char *const *words, size_t count)
{
    if (count >= 2 && strcmp(words[0], "deploy") == 0)
        return deploy(place, words + 1, count - 1);
    if (count >= 2 && strcmp(words[0], "watch") == 0)
        return watch(place, words + 1, count - 1);
    return say_usage();
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "vault/vault.h"

#include "os/descriptor.h"
#include "os/process.h"
#include "tls/import.h"
#include "tls/library.h"
#include "vault/checker.h"
#include "vault/signing_role.h"
#include "vault/zygote.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static int say(const char *what, int result)
{
    if (result < 0)
        fprintf(stderr, "vault: %s: %s\n", what, strerror(-result));
    return result;
}

static int start_library(void)
{
    return tls_library_wipe_freed() ? tls_library_start() : -EIO;
}

/* --- a signer --- */

static void on_signer_peer(void *context, enum wire_role peer, unsigned index, int fd)
{
    signing_role_attach(context, peer, index, fd);
}

static int serve_signer(const struct role_start *start, const struct kek *kek)
{
    static struct signing_role signing; /* too large for a stack */
    struct role role;
    const struct role_handlers handlers = {.peer = on_signer_peer, .context = &signing};
    int result = role_begin(&role, start, &handlers);
    if (result < 0)
        return say("the wire to the supervisor", result);
    signing_role_begin(&signing, role.loop, kek);
    result = role_confine(&role, NULL, 0);
    if (result == 0) {
        role_ready(&role);
        result = role_run(&role);
    }
    signing_role_end(&signing);
    loop_free(role.loop);
    return result;
}

int vault_run_signer(const struct role_start *start)
{
    struct kek *kek;
    int result = say("OpenSSL", start_library());
    if (result == 0)
        result = say("the key-encryption key", kek_open(start->data, &kek));
    if (result < 0)
        return result;
    result = serve_signer(start, kek);
    kek_close(kek);
    return result;
}

/* --- the checker --- */

static void on_checker_peer(void *context, enum wire_role peer, unsigned index, int fd)
{
    checker_attach(context, peer, index, fd);
}

static int run_checker(struct role *role, struct checker *checker)
{
    int result = role_confine(role, NULL, 0);
    if (result < 0)
        return result;
    role_ready(role);
    result = role_run(role);
    return result == 0 && checker->broken ? -EIO : result;
}

static int serve_checker(const struct role_start *start, const struct kek *kek, int zygote_fd)
{
    static struct checker checker; /* too large for a stack */
    struct role role;
    const struct role_handlers handlers = {.peer = on_checker_peer, .context = &checker};
    int result = role_begin(&role, start, &handlers);
    if (result < 0) {
        close_fd(&zygote_fd);
        return say("the wire to the supervisor", result);
    }
    result =
        say("the workers", checker_begin(&checker, role.loop, kek, process_cores(), zygote_fd));
    if (result == 0) {
        result = run_checker(&role, &checker);
        checker_end(&checker);
    }
    loop_free(role.loop);
    return result;
}

/* The zygote is forked before there is a key, a thread or a wire it could inherit. */
int vault_run_checker(const struct role_start *start)
{
    int zygote_fd;
    struct kek *kek;
    tzset(); /* libc reads the zone at the first date: now, for the zygote and its children */
    int result = say("OpenSSL", start_library());
    if (result == 0 && import_start() < 0)
        fprintf(stderr, "vault: OpenSSL's legacy provider is missing: old PKCS#12 files cannot be "
                        "imported\n");
    if (result == 0)
        result = say("the import process", zygote_start(start, &zygote_fd));
    if (result < 0)
        return result;
    result = say("the key-encryption key", kek_open(start->data, &kek));
    if (result < 0) {
        close_fd(&zygote_fd);
        return result;
    }
    result = serve_checker(start, kek, zygote_fd);
    kek_close(kek);
    import_stop();
    return result;
}

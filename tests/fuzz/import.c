/* SPDX-License-Identifier: Apache-2.0 */
/* The input as a file an administrator imports, as a certificate whose facts are read, and as what
 * the limited child makes of it: a judged record. */
#include "tls/import.h"
#include "fuzz.h"
#include "tls/certificate_facts.h"
#include "tls/library.h"
#include "tls/verify.h"
#include "vault/import_result.h"

enum { ARENA_MAX = 8 * 1024 * 1024, ITERATIONS_MAX = 4096 };

static struct trust_store trust;

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    require(tls_library_start() == 0);
    (void)!import_start();
    import_limit_iterations(ITERATIONS_MAX);
    require(trust_store_open(NULL, &trust) == 0);
    return 0;
}

static void read_facts(struct slice leaf, const struct slice *chain, size_t count)
{
    CLEANUP(arena_deinit) struct arena arena = arena_with_ceiling(ARENA_MAX);
    struct certificate_facts facts;
    struct verdict verdict;
    if (certificate_facts_read(leaf, chain, count, &arena, &facts) == CERTIFICATE_OK)
        require(facts.spki.len && facts.subject_canonical.len && facts.version >= 1);
    verify_chain(&leaf, 1, NULL, SLICE("mail.example.org"), 0, &verdict);
    require(!verdict_ok(&verdict));
}

static void judge(struct slice input)
{
    CLEANUP(text_deinit) struct text bytes = text_with_ceiling(IMPORT_RESULT_MAX);
    struct import_result result;
    const struct import_request request = {
        .file = input, .password = SLICE("secret"), .known = input};
    require(import_result_of_file(&request, &trust, 0, &bytes));
    require(import_result_take(text_slice(&bytes), &result));
    require((result.outcome == IMPORT_OK) == (result.record.len != 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_deinit) struct arena arena = arena_with_ceiling(ARENA_MAX);
    CLEANUP(text_deinit) struct text error = text_with_ceiling(256);
    struct imported imported;
    struct slice input = slice_bytes(data, size);
    enum import_outcome outcome =
        import_certificates(input, SLICE("secret"), &arena, &imported, &error);
    require((outcome == IMPORT_OK) == (error.len == 0));
    if (outcome == IMPORT_OK || outcome == IMPORT_NO_PRIVATE_KEY) {
        require(imported.leaf.len && (outcome == IMPORT_OK) == (imported.private_key.len != 0));
        read_facts(imported.leaf, imported.chain, imported.chain_count);
        imported_wipe(&imported);
    }
    read_facts(input, NULL, 0);
    judge(input);
    return 0;
}

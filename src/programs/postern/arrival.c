/* SPDX-License-Identifier: Apache-2.0 */
#include "programs/postern/arrival.h"

#include "os/clock.h"
#include "os/descriptor.h"
#include "programs/postern/target.h"
#include "shell/value.h"

#include <dirent.h>
#include <stdio.h>
#include <time.h>

enum { WITHIN_MS = 10000, LOOK_EVERY_MS = 10, HEAD_MAX = 65536, PATH_BYTES = PLACE_PATH_MAX + 512 };

enum sight { SIGHT_THERE, SIGHT_NOT_YET, SIGHT_NONE /* the folder may not be read */ };

static bool holds(int folder_fd, const char *name, struct slice token)
{
    struct text head = text_with_ceiling(HEAD_MAX);
    bool found = file_read(folder_fd, name, &head) == 0 && slice_contains(text_slice(&head), token);
    text_deinit(&head);
    return found;
}

/* A Maildir is made with its first message: one that is missing below a folder that may be read is
 * just not there yet. */
static enum sight look(const char *maildir, struct slice token)
{
    char path[PATH_BYTES];
    enum sight sight = SIGHT_NOT_YET;
    int len = *maildir ? snprintf(path, sizeof(path), "%s/new", maildir) : 0;
    DIR *listing = len > 0 && len < PATH_BYTES ? opendir(path) : NULL;
    if (!listing)
        return SIGHT_NONE;
    const struct dirent *entry;
    while (sight == SIGHT_NOT_YET && (entry = readdir(listing)))
        if (entry->d_name[0] != '.' && holds(dirfd(listing), entry->d_name, token))
            sight = SIGHT_THERE;
    closedir(listing);
    return sight;
}

static void rest_a_little(void)
{
    struct timespec pause = {.tv_nsec = LOOK_EVERY_MS * 1000000L};
    nanosleep(&pause, NULL);
}

/* The folder first; when it cannot be read the queue must do. */
static bool wait_for_mailbox(const struct arrival_question *question, const char *maildir)
{
    uint64_t until_ms = clock_monotonic_ms() + WITHIN_MS;
    do {
        enum sight sight = look(maildir, question->token);
        if (sight == SIGHT_THERE)
            return true;
        if (sight == SIGHT_NONE && question->number.len > 0 &&
            !target_still_queued(question->place, question->number))
            return true;
        rest_a_little();
    } while (clock_monotonic_ms() < until_ms);
    return false;
}

/* The folder to look into; empty: there is none to see. */
static void find_folder(const struct arrival_question *question, struct slice name,
                        struct slice server, char out[PATH_BYTES])
{
    out[0] = '\0';
    if (question->maildir)
        snprintf(out, PATH_BYTES, "%s", question->maildir);
    else if (!server.len)
        snprintf(out, PATH_BYTES, "%s/mail/%.*s", question->place->data, SLICE_ARG(name));
}

bool arrival_wait(const struct arrival_question *question, struct text *outcome)
{
    char path[PATH_BYTES];
    json_t *mailbox = target_mailbox(question->place, question->to);
    json_t *service = question->maildir ? NULL : target_transport_service(question->place);
    struct slice name = value_text(mailbox, "MaildirName");
    struct slice server = value_text(service, "MailboxTransport");
    bool local = question->maildir || name.len > 0;
    find_folder(question, name, server, path);
    bool good = !local || wait_for_mailbox(question, path);
    struct slice where = server.len ? server : name.len ? name : slice_of(question->maildir);
    text_append_c(outcome, "queued");
    if (local)
        text_append_format(outcome, ", %s to %s%.*s%s", good ? "delivered" : "NOT delivered",
                           server.len ? "" : "Maildir ", SLICE_ARG(where), good ? "" : " in 10 s");
    json_decref(mailbox);
    json_decref(service);
    return good;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* retry - when a recipient that was not delivered is tried again, when its sender hears of the
 * delay, and when it is given up. Pure: the moment and the chance are handed in.
 *
 * Two moments are never slept over: that of the notice of delay, and that of the expiry. An attempt
 * is due at each of them exactly, unless one is under way then; so which one it was can be told
 * from when it was due and when it ended, and nothing else has to be kept. All times are
 * milliseconds since 1970.
 */
#ifndef MODEL_RETRY_H
#define MODEL_RETRY_H

#include <stdbool.h>
#include <stdint.h>

struct retry {
    int64_t received_at_ms, expires_at_ms;
    int64_t due_at_ms; /* of the attempt that has just been made; 0: it was the first */
    uint32_t attempts; /* before it */
};

enum { RETRY_NOTICE_AFTER_MS = 4 * 3600 * 1000 }; /* DelayNotificationTimeout */

/* The next attempt after one that failed for the time being: one minute, then twice as long each
 * time, at most an hour, a fifth more or less by `chance` (any number). */
int64_t retry_next_ms(const struct retry *retry, int64_t now_ms, uint64_t chance);
/* Where the whole next hop is tried again at `hop_ms`. */
int64_t retry_at_hop_ms(const struct retry *retry, int64_t now_ms, int64_t hop_ms);
/* When a next hop is tried again that could not be reached, `failures` times in a row before: four
 * times after a minute, six times after five, then every ten; a fifth more or less. */
int64_t retry_hop_ms(uint32_t failures, int64_t now_ms, uint64_t chance);
/* For what has no way out at all until somebody makes one: no sooner than the next of the two
 * moments. */
int64_t retry_wait_ms(const struct retry *retry, int64_t now_ms);
/* The attempt that was due at `due_at_ms` and is over now is the one for the notice of delay. */
bool retry_tells_delay(const struct retry *retry, int64_t now_ms);
bool retry_is_over(const struct retry *retry, int64_t now_ms);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* cmdlets - the parts of the table of cmdlets; each ends with {0}. */
#ifndef SHELL_CMDLETS_H
#define SHELL_CMDLETS_H

#include "shell/cmdlet.h"

extern const struct cmdlet filter_cmdlets[], arrange_cmdlets[], output_cmdlets[], file_cmdlets[],
    json_cmdlets[], ask_cmdlets[], help_cmdlets[], service_cmdlets[], new_cmdlets[],
    clixml_cmdlets[];

#endif

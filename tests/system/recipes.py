# SPDX-License-Identifier: Apache-2.0
"""Recipes as people paste them: each file of recipes/ is run by `postern shell`, one after another on one server.

NAME.ps1   the recipe, and behind a line "#---- result" a script that shows what it changed. {{MAIL}} is the thumbprint
           of a certificate for mail.contoso.com ({{SPACED}} as a dialog shows it), {{PORT}} {{PORT2}} free ports, {{FOLDER}} a folder.
NAME.out   exit code, output, errors, result. POSTERN_RECORD=1 writes these files anew, to be read before they are kept.
"""
import csv
import glob
import json
import os
import re
import subprocess

from authority import Authority
from harness import BUILD, ROOT, SERVER, Server, check, equal, run, test

FOLDER = os.path.join(ROOT, "tests", "system", "recipes")
server = Server()
authority = Authority(server.folder)
server.options = ["--trust", authority.path("Root")] # a verdict that does not hang on the roots of this machine
known = {}


def prepare():
    authority.leaf("new", "Root", ["mail.contoso.com"])
    authority.openssl("pkcs12", "-export", "-in", "new.pem", "-inkey", "new.key", "-certfile", "Root.pem", "-out",
                      "new.pfx", "-passout", "pass:secret")
    server.postern("New-ExchangeCertificate", "-SubjectName", "CN=mail.contoso.com", "-DomainName", "mail.contoso.com",
                   "-Services", "SMTP")
    found = [one for one in server.get("Get-ExchangeCertificate") if "contoso" in one["Subject"]]
    known.update(MAIL=found[0]["Thumbprint"], PORT=str(server.port(25) + 1), PORT2=str(server.port(25) + 2),
                 FOLDER=server.folder, OFFSET=str(server.offset))
    known["SPACED"] = " ".join(known["MAIL"][at:at + 2].lower() for at in range(0, 40, 2))


def filled(text):
    return re.sub(r"\{\{(\w+)\}\}", lambda match: known[match[1]], text)


def steady(text):
    """Without what differs from run to run: thumbprints, folders, ports, revisions, times."""
    text = text.replace(known["MAIL"], "{{MAIL}}").replace(server.folder, "{{FOLDER}}")
    text = re.sub(r"\b[0-9A-F]{40}\b", lambda match: match[0] if set(match[0]) == {"0"} else "{{THUMBPRINT}}", text)
    text = re.sub(r"\b[0-9A-F]{8}\.\.\.[0-9A-F]{4}\b", "{{SHORT}}", text)
    text = re.sub(r"127\.0\.0\.1:(\d+)", "127.0.0.1:{{PORT}}", text)
    text = re.sub(r"(\{127\.0\.0\.1:\{\{PORT\}\}\}) +", r"\1  ", text)
    text = re.sub(r"revision \d+, in force since [0-9:]+", "revision {{N}}, in force since {{TIME}}", text)
    return re.sub(r"\d{4}-\d\d-\d\d(T[0-9:.]+Z)?", "{{DATE}}", text)


def shell(*words, input=None):
    return server.postern("shell", *words, input=input, good=False, timeout_s=60)


def play(path):
    with open(path, encoding="utf-8") as file:
        recipe, _, result = filled(file.read()).partition("#---- result\n")
    script = os.path.join(server.folder, "recipe.ps1")
    with open(script, "w", encoding="utf-8") as file:
        file.write(recipe)
    done = shell(script)
    text = f"exit {done.returncode}\n{done.stdout}--- errors\n{done.stderr}"
    if result:
        shown = shell("-c", result)
        equal((shown.returncode, shown.stderr), (0, ""), f"the result of {os.path.basename(path)}")
        text += f"--- result\n{shown.stdout}"
    return steady(text)


@test
def every_recipe_does_what_its_author_meant(_):
    prepare()
    failed = []
    for path in sorted(glob.glob(os.path.join(FOLDER, "*.ps1"))):
        expected, seen = path[:-4] + ".out", play(path)
        if os.environ.get("POSTERN_RECORD") == "1":
            with open(expected, "w", encoding="utf-8") as file:
                file.write(seen)
        with open(expected, encoding="utf-8") as file:
            wanted = file.read()
        if seen != wanted:
            failed.append(f"{os.path.basename(path)}:\n{seen}\n--- instead of\n{wanted}")
    check(not failed, "\n".join(failed))


@test
def a_script_comes_in_four_ways_and_exits_with_its_last_error(_):
    for words, input in ((("-c", "1 + 1"), None), ((), "1 + 1"), (("-",), "1 + 1\n")):
        done = shell(*words, input=input)
        equal((done.returncode, done.stdout), (0, "2\n"), f"shell {words}")
    equal(shell("-c", "Get-ReceiveConnector nowhere; 'on'").returncode, 3, "not found")
    equal(shell("-c", "'open").returncode, 2, "no script")
    equal(shell("-c", "exit 9").returncode, 9, "exit")
    equal(shell(os.path.join(server.folder, "none.ps1")).returncode, 3, "no file")
    gone = subprocess.run([os.path.join(BUILD, "postern"), "--data", "/nonexistent", "shell", "-c", "Get-Queue"],
                          capture_output=True, text=True, timeout=30, env=server.environment())
    equal(gone.returncode, 69, "no server")
    check("ServerNotReached" in gone.stderr, gone.stderr)


@test
def a_script_takes_arguments(_):
    path = os.path.join(server.folder, "arguments.ps1")
    with open(path, "w", encoding="utf-8") as file:
        file.write("param([Parameter(Mandatory=$true)][string]$Name, [int]$Times = 1, [switch]$Loud)\n"
                   "1..$Times | % { if ($Loud) { $Name.ToUpper() } else { $Name } }")
    equal(shell(path, "-Name", "a", "-Times:2", "-Loud").stdout, "A\nA\n", "named")
    equal(shell(path, "b", "3").stdout, "b\nb\nb\n", "in their order")
    for words, says in (((), "-Name is missing"), (("-Nmae", "x"), "no parameter -Nmae"), (("a", "b"), "cannot become [int]")):
        done = shell(path, *words)
        equal((done.returncode, done.stdout), (2, ""), f"refused {words}")
        check(says in done.stderr, done.stderr)


@test
def what_a_script_gives_can_be_for_programs(_):
    script = "Write-Host 'hello'; 'text'; Get-ReceiveConnector 'Default F*' | Select-Object Name, Bindings, MaxMessageSize; " \
             "Get-ReceiveConnector nowhere; 1..2"
    done = shell("-o", "json", "-c", script)
    equal(done.returncode, 3, "exit code")
    rows = json.loads(done.stdout)
    equal((rows[0], rows[1]["Name"], rows[1]["MaxMessageSize"], rows[2:]), ("text", f"Default Frontend {SERVER}", 36 << 20, [1, 2]), "rows")
    check("hello" in done.stderr and "nowhere" in done.stderr, f"what is no row: {done.stderr}")
    lines = [json.loads(line) for line in shell("-o", "jsonl", "-c", script).stdout.splitlines()]
    equal(lines, rows, "JSON Lines")
    table = list(csv.reader(shell("-o", "csv", "-c", "Get-ReceiveConnector | select Name, Enabled, Bindings").stdout.splitlines()))
    equal(table[0], ["Name", "Enabled", "Bindings"], "headings")
    equal([row[0] for row in table[1:]], [one["Name"] for one in server.get("Get-ReceiveConnector")], "a line each")
    equal(shell("-o", "json", "-c", "$x = 1").stdout, "[]\n", "nothing")
    check(" : " in shell("-o", "list", "-c", "Get-ReceiveConnector").stdout, "a list")
    whatif = shell("-o", "json", "-c", "Get-ReceiveConnector 'Default*' | Set-ReceiveConnector -Comment x -WhatIf")
    check("WhatIf" in whatif.stderr and whatif.stdout == "[]\n", "information is no row")
    equal(shell("-o", "xml", "-c", "1").returncode, 2, "no such form")
    equal([json.loads(line)["Name"] for line in server.postern("Get-ReceiveConnector", "Default F*", "-o", "jsonl").stdout.splitlines()],
          [f"Default Frontend {SERVER}"], "a cmdlet")


@test
def the_reference_names_every_cmdlet_of_the_language(_):
    with open(os.path.join(ROOT, "docs", "reference", "shell.md"), encoding="utf-8") as file:
        page = file.read()
    listed = shell("-c", "Get-Help").stdout.partition("The server:")[0]
    names = re.findall(r"^  (\w+-\w+)", listed, re.M)
    check(len(names) > 30, f"the list is short: {names}")
    equal([name for name in names if f"`{name}`" not in page], [], "cmdlets that the page does not name")
    for name in names:
        example = re.search(r"Example:\n  (.*)", shell("-c", f"Get-Help {name} -Examples").stdout)
        check(example, f"{name} has no example")


@test
def files_of_a_script_are_for_their_owner(_):
    path = os.path.join(server.folder, "list.txt")
    shell("-c", f"(Get-ReceiveConnector).Name | Out-File {path}")
    equal(os.stat(path).st_mode & 0o777, 0o600, "mode")
    with open(path, encoding="utf-8") as file:
        check(f"Default Frontend {SERVER}\n" in file.read(), "the names of the connectors")


authority.issuer("Root")
run(300, server)
